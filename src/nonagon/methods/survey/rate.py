"""How sure can we be of a rate: intervals for counts per unit, and for the difference of two rates.

Question: how many complaints per thousand trips, how far may the truth lie off, and did it change?
Used by: steps 7 and 8.
Source: F. Garwood, "Fiducial Limits for the Poisson Distribution", Biometrika 28 (1936), 437-442; the
difference: G. Y. Zou and A. Donner, "Construction of confidence limits about effect measures",
Statistics in Medicine 27 (2008), 1693-1702 (method of variance estimates recovery, MOVER).
Checked against: the Poisson distribution function at the limits (tests/methods/survey/test_rate.py).
"""

from dataclasses import dataclass

from scipy import special

from nonagon.basics.errors import NotEnoughData
from nonagon.methods.checks import at_least, fraction


@dataclass(frozen=True, slots=True)
class Rate:
    """count events in `units` of exposure; rate = count / units; low and high enclose the true rate."""

    count: float
    units: float
    rate: float
    low: float
    high: float
    confidence: float

    def describe(self) -> str:
        """One sentence with the interval and its caveat."""
        return (
            f"{self.count:g} in {self.units:g} units ({self.rate:.4g} a unit); with {self.confidence:.0%} "
            "confidence "
            f"the rate lies between {self.low:.4g} and {self.high:.4g}, if events come one by one and "
            "independently."
        )


@dataclass(frozen=True, slots=True)
class RateDifference:
    """The first rate minus the other, with the interval by MOVER from both exact intervals."""

    first: Rate
    other: Rate
    difference: float
    low: float
    high: float
    confidence: float

    def describe(self) -> str:
        """One sentence with the interval and its caveat."""
        shown = self.low > 0 or self.high < 0
        found = "differs beyond chance" if shown else "is not shown to differ"
        return (
            f"The rate {found}: {self.difference:+.4g} a unit ({self.low:+.4g} to {self.high:+.4g}), "
            "if events come one by one and independently."
        )


def rate(*, count: float, units: float, confidence: float = 0.95) -> Rate:
    """Events per unit with Garwood's exact interval.

    count: events, a number of at least 0. units: exposure (trips, days, customers), more than 0.
    confidence: a fraction between 0 and 1. Assumes Poisson counts; not for events that come in clusters,
    whose interval is wider. Covers at least `confidence` (it is exact, so it covers more for small counts).
    Raises NotEnoughData where units is 0, ArgumentError for a value out of range.

    >>> result = rate(count=10, units=4)
    >>> result.rate, round(result.low, 4), round(result.high, 4)
    (2.5, 1.1988, 4.5976)
    """
    if units == 0:
        raise NotEnoughData("units is 0: a rate needs some exposure; give the units inspected")
    units = at_least("units", units, 0)
    count = at_least("count", count, 0)
    confidence = fraction("confidence", confidence)
    tail = (1 - confidence) / 2
    low = 0.0 if count == 0 else float(special.gammaincinv(count, tail))
    high = float(special.gammaincinv(count + 1, 1 - tail))
    return Rate(
        count=count, units=units, rate=count / units, low=low / units, high=high / units, confidence=confidence
    )


def rate_difference(
    *, count: float, units: float, other_count: float, other_units: float, confidence: float = 0.95
) -> RateDifference:
    """First rate minus the other one.

    Arguments as in `rate`, for two independent counts. The interval recovers each side's variance from the
    exact interval of each rate, so it is asymmetric where the counts are small.

    >>> result = rate_difference(count=30, units=10, other_count=10, other_units=10)
    >>> result.difference, result.low > 0
    (2.0, True)
    """
    first = rate(count=count, units=units, confidence=confidence)
    other = rate(count=other_count, units=other_units, confidence=confidence)
    difference = first.rate - other.rate
    below = ((first.rate - first.low) ** 2 + (other.high - other.rate) ** 2) ** 0.5
    above = ((first.high - first.rate) ** 2 + (other.rate - other.low) ** 2) ** 0.5
    return RateDifference(
        first=first,
        other=other,
        difference=difference,
        low=difference - below,
        high=difference + above,
        confidence=confidence,
    )
