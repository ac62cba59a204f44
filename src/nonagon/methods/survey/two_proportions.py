"""Do two groups differ in a share: the difference of two proportions.

Question: is the share of satisfied customers higher here than there, and by how much?
Used by: steps 2, 3, 8 and 9.
Source: R. G. Newcombe, "Interval estimation for the difference between independent proportions",
Statistics in Medicine 17 (1998), 873-890, method 10 (Wilson's limits combined).
Checked against: Newcombe's own example and R's prop.test (tests/reference), coverage by simulation.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from nonagon.methods.checks import one_of
from nonagon.methods.survey.proportion import Proportion, proportion

DifferenceInterval = Literal["newcombe", "wald"]
DIFFERENCE_INTERVALS: tuple[DifferenceInterval, ...] = ("newcombe", "wald")


@dataclass(frozen=True, slots=True)
class TwoProportions:
    """Share one minus share two, as fractions of one, with the interval and the pooled z test.

    z and p (two-sided) are None where all or none in both groups had the property: the test says nothing
    then.
    """

    one: Proportion
    two: Proportion
    difference: float
    z: float | None
    p: float | None
    low: float
    high: float
    confidence: float
    interval: DifferenceInterval

    def describe(self) -> str:
        """One sentence with the interval and its caveat."""
        verdict = "a difference was shown" if self.low > 0 or self.high < 0 else "no difference was shown"
        return (
            f"The shares differ by {100 * self.difference:+.1f} percentage points ({self.confidence:.0%} "
            "interval "
            f"{100 * self.low:+.1f} to {100 * self.high:+.1f}): {verdict}, if both are independent random "
            "samples."
        )


def two_proportions(
    *,
    x1: float,
    n1: float,
    x2: float,
    n2: float,
    confidence: float = 0.95,
    interval: DifferenceInterval = "newcombe",
) -> TwoProportions:
    """Difference x1 / n1 - x2 / n2 with its interval.

    x1, x2: how many had the property, 0 <= x <= n; n1, n2: how many were asked, more than 0 (effective
    numbers are allowed).
    interval: "newcombe" (default, from Wilson's limits) or "wald". The z test pools both groups.
    Assumes two independent random samples; not for the same people asked twice.
    Raises ArgumentError for a value outside its range, NotEnoughData where n1 or n2 is 0.

    >>> result = two_proportions(x1=56, n1=70, x2=48, n2=80)
    >>> round(result.difference, 3), round(result.low, 4), round(result.high, 4)
    (0.2, 0.0524, 0.3339)
    """
    one_of("interval", interval, DIFFERENCE_INTERVALS)
    one = proportion(x=x1, n=n1, confidence=confidence)
    two = proportion(x=x2, n=n2, confidence=confidence)
    difference = one.p - two.p
    low, high = _bounds(one, two, interval)
    z = _pooled_z(one, two)
    return TwoProportions(
        one=one,
        two=two,
        difference=difference,
        z=z,
        p=None if z is None else float(2 * special.ndtr(-abs(z))),
        low=max(-1.0, low),
        high=min(1.0, high),
        confidence=one.confidence,
        interval=interval,
    )


def _bounds(one: Proportion, two: Proportion, interval: DifferenceInterval) -> tuple[float, float]:
    difference = one.p - two.p
    if interval == "wald":
        z = special.ndtri((1 + one.confidence) / 2)
        half = float(z * np.sqrt(one.p * (1 - one.p) / one.n + two.p * (1 - two.p) / two.n))
        return difference - half, difference + half
    below = float(np.hypot(one.p - one.low, two.high - two.p))
    above = float(np.hypot(one.high - one.p, two.p - two.low))
    return difference - below, difference + above


def _pooled_z(one: Proportion, two: Proportion) -> float | None:
    pooled = (one.x + two.x) / (one.n + two.n)
    variance = pooled * (1 - pooled) * (1 / one.n + 1 / two.n)
    return float((one.p - two.p) / np.sqrt(variance)) if variance > 0 else None
