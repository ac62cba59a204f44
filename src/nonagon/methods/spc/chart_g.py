"""Are rare events becoming more or less frequent: the chart of cases between events.

Question: is the number of good cases (days, deliveries) between two failures stable?
Used by: step 7, step 8 (severe complaints, accidents).
Source: F. C. Kaminsky, J. C. Benneyan, R. D. Davis, R. J. Burke, "Statistical Control Charts Based on a
Geometric Distribution", Journal of Quality Technology 24 (1992), 63-69; J. C. Benneyan, Health Care
Management Science 4 (2001), 305-318.
Checked against: the formulas as in R's qcc 2.7 and qicharts2; probability limits against the geometric
distribution summed directly (tests/methods/spc).
"""

from collections.abc import Hashable, Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, one_of
from nonagon.methods.spc.chart_p import read_counts
from nonagon.methods.spc.control_chart import ControlChart, Estimated, assemble
from nonagon.methods.spc.phases import Phase, plan_phases

Counting = Literal["between", "including"]


def chart_g(
    *,
    x: ArrayLike,
    counting: Counting = "between",
    limits: str = "sigma",
    phases: Sequence[Hashable] | None = None,
    baseline: Hashable | Mapping[Hashable, Hashable] | None = None,
    width: float = 3.0,
) -> ControlChart:
    """Chart of numbers of cases between events.

    x: (points,) or (charts, points), integers of at least 0. counting: "between" counts the cases between two
    events, so 0 can occur and the standard deviation is sqrt(m (m + 1)) with mean m; "including" counts the
    event's own case too: sqrt(m (m - 1)). (R's qcc uses the second form for any data, qicharts2 the first.)
    limits: "sigma" puts them at `width` standard deviations, the lower one cut at 0; "probability" at the
    quantiles of the geometric distribution that leave out the same share as `width` normal standard
    deviations, which suits its skewness. phases, baseline: see plan_phases.
    A point above the limit means rarer events; a point below can hardly occur: use run rules for worsening.
    Raises ArgumentError for numbers out of range, NotEnoughData where the mean leaves no variation.

    >>> chart = chart_g(x=[5, 12, 3, 8, 60])
    >>> float(chart.center[0]), round(float(chart.ucl[0]), 1), chart.above.tolist()
    (17.6, 71.9, [False, False, False, False, False])
    """
    one_of("counting", counting, ("between", "including"))
    one_of("limits", limits, ("sigma", "probability"))
    least = 0 if counting == "between" else 1
    counts, _ = read_counts("x", x, 1.0, at_most_size=False)
    if np.any(counts != np.floor(counts)):
        raise ArgumentError(f"x must hold integers; got {counts[counts != np.floor(counts)].flat[0]:g}")

    def estimate(phase: Phase) -> Estimated:
        mean = counts[..., phase.start : phase.stop].mean(axis=-1)
        variance = mean * (mean + 1 - 2 * least)
        if np.any(variance <= 0):
            raise NotEnoughData(
                f"in phase {phase.label!r} the mean is {float(np.min(mean)):g}, which leaves no variation to set "
                "limits by; wait for more points"
            )
        return Estimated(np.asarray(mean), np.sqrt(variance))

    def quantiles(center: Floats, _error: Floats) -> tuple[Floats, Floats]:
        good = center - least
        # P(X > k) = (1 - p)^(k + 1) for the number k of good cases before an event, 1 - p = m / (m + 1).
        steps = [np.log(tail) / np.log(good / (good + 1)) for tail in special.ndtr([width, -width])]
        lcl, ucl = (np.maximum(np.ceil(step - 1), 0) + least for step in steps)
        return lcl, ucl

    return assemble(
        kind="g",
        statistic=counts,
        plan=plan_phases(points=counts.shape[-1], phases=phases, baseline=baseline),
        estimate=estimate,
        bounds=(0.0, np.inf),
        limits=None if limits == "sigma" else quantiles,
        width=width,
        variants={"counting": counting, "limits": limits},
    )
