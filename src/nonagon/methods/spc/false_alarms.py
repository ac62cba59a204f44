"""Which of many charts really signal: false discoveries held down across charts.

Question: with hundreds of charts some points lie beyond their limits by chance; which signals can be trusted?
Used by: step 7 (many charts at once).
Source: see survey.multiplicity (Benjamini and Hochberg, Benjamini and Yekutieli); Z. Šidák, JASA 62 (1967),
626-633 (the farthest of many points).
Checked against: simulation of stable and shifted charts (tests/methods/spc).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from nonagon.basics.errors import ArgumentError
from nonagon.methods.checks import Floats, at_least, at_points, fraction, one_of, real_array
from nonagon.methods.spc.phases import Ints
from nonagon.methods.survey.multiplicity import multiplicity

Adjustment = Literal["BH", "BY"]
ADJUSTMENTS: tuple[Adjustment, ...] = ("BH", "BY")


BLOCK = 1 << 20
"""Points that are worked on at a time; keeps the memory for many charts bounded."""


@dataclass(frozen=True, slots=True, eq=False)
class FalseAlarms:
    """One entry a chart: see the fields.

    p_value: the chance that a stable chart shows a point as far out as this one's farthest. adjusted: the
    smallest rate of false discoveries at which the chart would be called; called: adjusted at most `rate`.
    farthest: position (from 0) of that point; distance: how many standard errors it lies off, at most 1e9.
    expected_by_chance: how many charts would show a point beyond 3 standard errors if all were stable;
    beyond_three: how many do.
    """

    p_value: Floats
    adjusted: Floats
    called: NDArray[np.bool_]
    farthest: Ints
    distance: Floats
    rate: float
    adjustment: Adjustment
    freedom: float | None
    expected_by_chance: float
    beyond_three: int

    def describe(self) -> str:
        """One sentence with the calls and their caveat."""
        called = int(self.called.sum())
        return (
            f"{self.beyond_three} of {self.p_value.size} charts have a point beyond 3 standard errors, where "
            f"{self.expected_by_chance:.1f} would by chance alone; {called} stand out, with at most "
            f"{self.rate:.0%} of the calls expected to be false, if stable points are independent and normal."
        )


def false_alarms(
    *,
    x: ArrayLike,
    center: ArrayLike,
    standard_error: ArrayLike,
    rate: float = 0.05,
    adjustment: Adjustment = "BH",
    freedom: float | None = None,
) -> FalseAlarms:
    """Charts whose farthest point is more than chance makes over all charts together.

    x: (charts, points); center, standard_error: numbers, one a chart or one a point, as a ControlChart holds
    them. rate: the share of false calls among all calls that is accepted on average, between 0 and 1.
    adjustment: "BH" for charts that are independent or move together in the same direction, "BY" for any
    dependence (fewer calls). freedom: degrees of freedom of the standard
    errors, when limits were estimated from few points; None takes them as known.
    In-control assumption: points of a stable chart are independent and normal about the given centre. For
    limits estimated from the same points, p-values are somewhat too large for the charts that signal. Not for
    counts near 0 or values that depend on the ones before.
    Raises ArgumentError for values out of range.

    >>> result = false_alarms(x=[[0.1, 0.2, -0.4], [0.3, 6.0, 0.1]], center=0, standard_error=1)
    >>> result.called.tolist(), int(result.farthest[1])
    ([False, True], 1)
    """
    values = real_array("x", x, ndim=2)
    rate = fraction("rate", rate)
    one_of("adjustment", adjustment, ADJUSTMENTS)
    if freedom is not None:
        freedom = at_least("freedom", freedom, 1)
    level, error = at_points("center", center, values), at_points("standard_error", standard_error, values)
    if np.any(error <= 0):
        raise ArgumentError(
            f"standard_error must be more than 0; got {error.min():g}: leave charts without variation out"
        )
    farthest, worst = _farthest_point(values, level, error)
    points = values.shape[1]
    p_value = _of_the_farthest(_two_sided(worst, freedom), points)
    tests = multiplicity(p=p_value, adjustment=adjustment, level=rate)
    by_chance = _of_the_farthest(_two_sided(np.array([3.0]), freedom), points)[0]
    return FalseAlarms(
        p_value=p_value,
        adjusted=tests.adjusted,
        called=tests.rejected,
        farthest=farthest,
        distance=np.minimum(worst, 1e9),
        rate=rate,
        adjustment=adjustment,
        freedom=freedom,
        expected_by_chance=float(by_chance * values.shape[0]),
        beyond_three=int(np.count_nonzero(worst > 3)),
    )


def _farthest_point(values: Floats, level: Floats, error: Floats) -> tuple[Ints, Floats]:
    charts, points = values.shape
    farthest, worst = np.empty(charts, dtype=np.int64), np.empty(charts)
    step = max(1, BLOCK // points)
    for start in range(0, charts, step):
        block = np.s_[start : start + step]
        distance = np.abs(values[block] - level[block]) / error[block]
        farthest[block] = np.argmax(distance, axis=1)
        worst[block] = np.max(distance, axis=1)
    return farthest, worst


def _two_sided(distance: Floats, freedom: float | None) -> Floats:
    if freedom is None:
        return np.asarray(2 * special.ndtr(-distance))
    return np.asarray(2 * special.stdtr(freedom, -distance))


def _of_the_farthest(p_value: Floats, points: int) -> Floats:
    """1 - (1 - p)^points, exact for small p (Šidák)."""
    return np.asarray(-np.expm1(points * np.log1p(-np.minimum(p_value, 1 - 1e-16))))
