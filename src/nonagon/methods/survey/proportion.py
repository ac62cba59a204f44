"""How sure can we be of a share: intervals for a proportion.

Question: what share of customers does this, and how far may the true share lie from it?
Used by: steps 2, 3, 8 and 9.
Source: L. D. Brown, T. T. Cai, A. DasGupta, "Interval Estimation for a Binomial Proportion",
Statistical Science 16 (2001), 101-133; E. B. Wilson, JASA 22 (1927), 209-212.
Checked against: R's binom.test and prop.test, and the package binom (tests/reference).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from nonagon.basics.errors import NotEnoughData
from nonagon.methods.checks import at_least, fraction, one_of

Interval = Literal["wilson", "clopper_pearson", "agresti_coull", "jeffreys", "wald"]
INTERVALS: tuple[Interval, ...] = ("wilson", "clopper_pearson", "agresti_coull", "jeffreys", "wald")


@dataclass(frozen=True, slots=True)
class Proportion:
    """A share with its interval.

    x of n had the property; p = x / n; low and high enclose the true share with `confidence`,
    by the named `interval`.
    """

    x: float
    n: float
    p: float
    low: float
    high: float
    confidence: float
    interval: Interval

    def describe(self) -> str:
        """One sentence with the interval and its caveat."""
        return (
            f"{self.x:g} of {self.n:g} ({self.p:.1%}); with {self.confidence:.0%} confidence the share lies "
            f"between {self.low:.1%} and {self.high:.1%}, if the answers are a random sample."
        )


def proportion(
    *, x: float, n: float, confidence: float = 0.95, interval: Interval = "wilson", cap: bool = True
) -> Proportion:
    """Share x / n with a confidence interval.

    x: how many had the property, 0 <= x <= n. n: how many were asked, more than 0; both may be effective
    (weighted) numbers. confidence: a fraction between 0 and 1. interval: the variant; Wilson's score
    interval by default, since the Wald interval covers too little near 0 and 1. cap: whether the ends are held
    within 0 and 1, and Jeffreys's end is 0 or 1 where x is 0 or n; False gives the formulas' plain values.
    Assumes independent answers from a random sample. Not for answers clustered in few groups: use
    `survey_mean` there.
    Raises ArgumentError for a value outside its range, NotEnoughData where n is 0.

    >>> result = proportion(x=45, n=60)
    >>> round(result.low, 4), round(result.high, 4)
    (0.6277, 0.8422)
    """
    if n == 0:
        raise NotEnoughData("n is 0: a share of nobody does not exist; ask at least one customer")
    n = at_least("n", n, 0)
    x = at_least("x", x, 0)
    if x > n:
        at_least("n (how many were asked)", n, x)
    confidence = fraction("confidence", confidence)
    one_of("interval", interval, INTERVALS)
    low, high = _bounds(x, n, confidence, interval)
    if cap:
        # For Jeffreys's ends at x of 0 and n: Brown, Cai and DasGupta, section 3.1.3.
        modified = interval == "jeffreys"
        low = 0.0 if modified and x == 0 else max(0.0, low)
        high = 1.0 if modified and x == n else min(1.0, high)
    return Proportion(x=x, n=n, p=x / n, low=low, high=high, confidence=confidence, interval=interval)


def _bounds(x: float, n: float, confidence: float, interval: Interval) -> tuple[float, float]:
    p = x / n
    z = float(special.ndtri((1 + confidence) / 2))
    tail = (1 - confidence) / 2
    if interval == "clopper_pearson":
        low = 0.0 if x == 0 else float(special.betaincinv(x, n - x + 1, tail))
        high = 1.0 if x == n else float(special.betaincinv(x + 1, n - x, 1 - tail))
        return low, high
    if interval == "jeffreys":
        low, high = special.betaincinv(x + 0.5, n - x + 0.5, [tail, 1 - tail])
        return float(low), float(high)
    if interval == "wald":
        half = z * np.sqrt(p * (1 - p) / n)
        return p - half, p + half
    centre = (x + z * z / 2) / (n + z * z)
    if interval == "agresti_coull":
        half = z * np.sqrt(centre * (1 - centre) / (n + z * z))
    else:
        half = z / (n + z * z) * np.sqrt(x * (n - x) / n + z * z / 4)
    return float(centre - half), float(centre + half)
