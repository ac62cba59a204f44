"""How many customers must answer: sample size before a survey.

Question: how many answers give the margin that we want, or show a difference of the size that matters?
Used by: steps 3 and 9, before any customer is asked.
Source: W. G. Cochran, Sampling Techniques, 3rd edition (1977), sections 4.4 (margin, finite population);
comparison of two
shares: J. L. Fleiss, Statistical Methods for Rates and Proportions, 2nd edition (1981), chapter 3, without
continuity correction.
Checked against: R's base arithmetic and power.prop.test (tests/reference), power by simulation.
"""

from dataclasses import dataclass
from math import ceil, sqrt

from scipy import special

from nonagon.basics.errors import ArgumentError
from nonagon.methods.checks import at_least, fraction


@dataclass(frozen=True, slots=True)
class SampleSize:
    """Answers needed for a margin. n0: of an endless population; n: of this one; n_ceiling: n rounded up."""

    margin: float
    p: float
    confidence: float
    population: float | None
    n0: float
    n: float
    n_ceiling: int

    def describe(self) -> str:
        """One sentence with the caveat."""
        return (
            f"{self.n_ceiling} answers give a margin of {100 * self.margin:.3g} percentage points at "
            f"{self.confidence:.0%} "
            f"confidence where the share is near {self.p:.0%}, if they are a random sample: invite more by the "
            "response rate."
        )


@dataclass(frozen=True, slots=True)
class SampleSizeDifference:
    """Answers needed in each of two groups to show a difference of shares. n_ceiling: n_per_group rounded up."""

    p1: float
    p2: float
    power: float
    alpha: float
    n_per_group: float
    n_ceiling: int

    def describe(self) -> str:
        """One sentence with the caveat."""
        return (
            f"{self.n_ceiling} answers in each group show a change from {self.p1:.1%} to {self.p2:.1%} with a "
            "chance of "
            f"{self.power:.0%} (two-sided level {self.alpha:.0%}), if both groups are independent random "
            "samples."
        )


def sample_size(
    *, margin: float, p: float = 0.5, confidence: float = 0.95, population: float | None = None
) -> SampleSize:
    """Answers needed so that a share's margin of error is at most `margin`.

    margin: half the interval's width, a fraction of one (0.05 for 5 percentage points). p: the share expected,
    0.5 being the most careful guess. confidence: a fraction between 0 and 1. population: how many customers
    there are, at least 1; None for so many that it does not matter.
    Assumes a simple random sample; multiply by the design effect for clustered or weighted ones.
    Raises ArgumentError for a value outside its range.

    >>> sample_size(margin=0.05).n_ceiling
    385
    >>> sample_size(margin=0.05, population=1000).n_ceiling
    278
    """
    margin, p = fraction("margin", margin), fraction("p", p)
    confidence = fraction("confidence", confidence)
    z = float(special.ndtri((1 + confidence) / 2))
    n0 = z**2 * p * (1 - p) / margin**2
    n = n0
    if population is not None:
        population = at_least("population", population, 1)
        n = n0 / (1 + (n0 - 1) / population)
    return SampleSize(
        margin=margin,
        p=p,
        confidence=confidence,
        population=population,
        n0=n0,
        n=n,
        n_ceiling=_round_up(n),
    )


def sample_size_difference(
    *, p1: float, p2: float, power: float = 0.8, alpha: float = 0.05
) -> SampleSizeDifference:
    """Answers needed in each of two equally large groups to show that share p1 differs from share p2.

    p1, p2: the two shares, between 0 and 1 and different. power: the chance to show the difference, above alpha
    / 2.
    alpha: the two-sided level of the test.
    Assumes two independent simple random samples and the normal approximation.
    Raises ArgumentError for a value outside its range.

    >>> sample_size_difference(p1=0.5, p2=0.6).n_ceiling
    388
    """
    p1, p2 = fraction("p1", p1), fraction("p2", p2)
    power, alpha = fraction("power", power), fraction("alpha", alpha)
    if p1 == p2:
        raise ArgumentError(f"p1 and p2 must differ; got {p1!r} twice: no sample shows a difference of nothing")
    if power <= alpha / 2:
        raise ArgumentError(
            f"power must be above alpha / 2 ({alpha / 2:g}), the chance without data; got {power!r}"
        )
    middle = (p1 + p2) / 2
    under_none = float(special.ndtri(1 - alpha / 2)) * sqrt(2 * middle * (1 - middle))
    under_difference = float(special.ndtri(power)) * sqrt(p1 * (1 - p1) + p2 * (1 - p2))
    n = ((under_none + under_difference) / (p1 - p2)) ** 2
    return SampleSizeDifference(p1=p1, p2=p2, power=power, alpha=alpha, n_per_group=n, n_ceiling=_round_up(n))


def _round_up(number: float) -> int:
    # A whole number that rounding lifted by a hair stays what it is.
    return max(1, ceil(number - 1e-9))
