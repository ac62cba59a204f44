"""The standard error behind an interval: back from low and high to what a simulation needs.

Question: how widely does an estimate scatter, where only its confidence interval was handed on?
Used by: steps 4 and 5, which take scores and importances with their intervals from step 3.
Source: the width of an interval of Student's t (or of the normal distribution) solved for its standard error.
Checked against: `mean`, whose intervals it must undo exactly (tests).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from nonagon.basics.errors import ArgumentError
from nonagon.methods.checks import Floats, at_least, fraction, real_array, same_length


def standard_error(
    *, low: ArrayLike, high: ArrayLike, confidence: float = 0.95, n: ArrayLike | None = None
) -> Floats:
    """Standard errors of estimates from their intervals, half the width over the quantile.

    low, high: ends of each interval, low <= high, one-dimensional. confidence: of every interval, a fraction
    between 0 and 1. n: answers behind each estimate; with it the quantile is Student's with n - 1 degrees of
    freedom (n of 1 or less counts as not known), without it the normal distribution's.
    An approximation for intervals that are not symmetric around their estimate, such as those of shares.
    Raises ArgumentError where an interval ends before it begins.

    >>> standard_error(low=[3.804], high=[4.196]).round(4).tolist()
    [0.1]
    """
    lower, upper = real_array("low", low, ndim=1), real_array("high", high, ndim=1)
    same_length(low=lower, high=upper)
    if (upper < lower).any():
        wrong = int(np.flatnonzero(upper < lower)[0])
        raise ArgumentError(f"high must not be below low; got {lower[wrong]:g} to {upper[wrong]:g}")
    tail = (1 + fraction("confidence", confidence)) / 2
    quantile = np.full(lower.size, special.ndtri(tail))
    if n is not None:
        answers = real_array("n", n, ndim=1)
        same_length(low=lower, n=answers)
        known = answers > 1
        quantile[known] = special.stdtrit(answers[known] - 1, tail)
    errors: Floats = (upper - lower) / 2 / quantile
    return errors


@dataclass(frozen=True, slots=True)
class EstimateDifference:
    """Second minus first, one value a pair; p: two-sided; low, high: normal intervals with `confidence`."""

    difference: Floats
    se: Floats
    low: Floats
    high: Floats
    p: Floats
    confidence: float

    def describe(self) -> str:
        """One sentence with the caveat."""
        shown = int(((self.low > 0) | (self.high < 0)).sum())
        return (
            f"{shown} of {self.difference.size} differences are beyond chance at {self.confidence:.0%} confidence "
            "each, if both estimates come from different people; among many pairs adjust with `multiplicity`."
        )


def difference_of_estimates(
    *, first: ArrayLike, first_se: ArrayLike, second: ArrayLike, second_se: ArrayLike, confidence: float = 0.95
) -> EstimateDifference:
    """Differences of independent estimates, second minus first, from their standard errors.

    first, second: one estimate a pair; first_se, second_se: their standard errors, 0 or more. confidence: of
    each interval by itself. Where both standard errors are 0 the difference counts as certain.
    Not for two waves of the same people: their errors go together, and the interval is then too wide.
    Raises ArgumentError for unequal lengths or negative standard errors.

    >>> result = difference_of_estimates(first=[3.0], first_se=[0.1], second=[3.5], second_se=[0.1])
    >>> result.low.round(2).tolist(), result.high.round(2).tolist()
    ([0.22], [0.78])
    """
    values = [
        real_array(name, one, ndim=1)
        for name, one in (
            ("first", first),
            ("first_se", first_se),
            ("second", second),
            ("second_se", second_se),
        )
    ]
    same_length(first=values[0], first_se=values[1], second=values[2], second_se=values[3])
    at_least("first_se and second_se", float(min(values[1].min(), values[3].min())), 0)
    difference = values[2] - values[0]
    se = np.hypot(values[1], values[3])
    certain = np.where(difference == 0, 0.0, np.sign(difference) * 40.0)
    z = np.divide(difference, se, out=certain, where=se > 0)
    half = special.ndtri((1 + fraction("confidence", confidence)) / 2) * se
    return EstimateDifference(
        difference=difference,
        se=se,
        low=difference - half,
        high=difference + half,
        p=2 * special.ndtr(-np.abs(z)),
        confidence=confidence,
    )
