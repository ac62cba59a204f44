"""Spread: how far the highest and the lowest group lie apart, and whether that narrowed.

Question: the highest and lowest of many scores lie apart partly by luck: how large is the true gap, and did
it shrink?
Used by: steps 5 and 9 (gap narrowing over waves).
Source: the hierarchical model of `shrinkage` (corrects for picking extremes); simultaneous intervals of all
differences as in `rank_confidence_set` (guaranteed, wider).
Checked against: coverage by simulation in the tests.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from nonagon.methods.checks import Floats, fraction, one_of
from nonagon.methods.ranks.pairwise import largest_difference_quantile, largest_listed_quantile
from nonagon.methods.ranks.rank_confidence import errors_of
from nonagon.methods.ranks.shrinkage import posterior

Correction = Literal["shrinkage", "simultaneous"]


@dataclass(frozen=True, slots=True)
class Spread:
    """Highest minus lowest of k groups.

    observed: highest minus lowest estimate (too large on average); value: corrected for picking extremes;
    low, high: interval with `confidence`; highest, lowest: indexes of those estimates; correction: how it was
    corrected.
    """

    observed: float
    value: float
    low: float
    high: float
    highest: int
    lowest: int
    groups: int
    confidence: float
    correction: Correction

    def describe(self) -> str:
        """One sentence with the interval and its caveat."""
        return (
            f"The highest of {self.groups} groups lies {self.observed:.2f} above the lowest as observed; "
            "corrected for "
            f"picking the extremes about {self.value:.2f} ({self.low:.2f} to {self.high:.2f} with "
            f"{self.confidence:.0%} confidence), if errors are roughly normal."
        )


def spread(
    *,
    estimate: ArrayLike,
    se: ArrayLike | None = None,
    covariance: ArrayLike | None = None,
    confidence: float = 0.95,
    correction: Correction = "shrinkage",
    draws: int = 10_000,
    seed: int = 0,
) -> Spread:
    """Highest minus lowest with an interval, corrected for picking extremes.

    estimate: k scores, k of at least 2. se: their standard errors (groups of different people), or
    covariance: k x k (items rated by the same people). confidence: fraction of one. correction: "shrinkage"
    takes the groups as members of one family and gives the median and the ends of what their true spread may
    be (from 0 where Cochran's test finds no difference at all); "simultaneous" makes no such assumption and
    is guaranteed, but wide (its value is the middle of the interval). draws, seed: of the simulation.
    Raises NotEnoughData for fewer than 2 groups, ArgumentError for other values.

    >>> result = spread(estimate=[7.1, 6.9, 7.0, 7.3], se=[0.2, 0.2, 0.2, 0.2])
    >>> round(result.observed, 2), bool(result.value < result.observed)
    (0.4, True)
    """
    values, errors, shared = errors_of(estimate, se, covariance)
    fraction("confidence", confidence)
    one_of("correction", correction, ("shrinkage", "simultaneous"))
    if correction == "shrinkage":
        drawn = _ranges(values, errors, shared, draws, seed)
        low, value, high = np.quantile(drawn, [(1 - confidence) / 2, 0.5, (1 + confidence) / 2])
        if _may_be_equal(values, errors, shared, confidence):
            low = 0.0
    else:
        low, high = _simultaneous(values, errors, shared, confidence, draws, seed)
        value = (low + high) / 2
    return Spread(
        observed=float(np.ptp(values)),
        value=float(value),
        low=float(low),
        high=float(high),
        highest=int(np.argmax(values)),
        lowest=int(np.argmin(values)),
        groups=len(values),
        confidence=confidence,
        correction=correction,
    )


@dataclass(frozen=True, slots=True)
class SpreadChange:
    """How the spread changed from one wave to the next.

    before, after: the two spreads; change: after minus before, corrected (below 0: it narrowed); low, high:
    its interval; chance_narrowed: chance that the true spread shrank.
    """

    before: Spread
    after: Spread
    change: float
    low: float
    high: float
    chance_narrowed: float
    confidence: float

    def describe(self) -> str:
        """One sentence with the interval and its caveat."""
        if self.high < 0:
            said = "narrowed"
        elif self.low > 0:
            said = "widened"
        else:
            said = "is not shown to have changed"
        return (
            f"The gap between highest and lowest {said}: by {self.change:+.2f} ({self.low:+.2f} to "
            f"{self.high:+.2f} "
            f"with {self.confidence:.0%} confidence; chance that it narrowed {self.chance_narrowed:.0%}), if "
            "the waves "
            f"asked different people."
        )


def spread_change(
    *,
    before: ArrayLike,
    before_se: ArrayLike,
    after: ArrayLike,
    after_se: ArrayLike,
    confidence: float = 0.95,
    draws: int = 10_000,
    seed: int = 0,
) -> SpreadChange:
    """Whether the spread narrowed between two waves of different people.

    before, after: scores of the groups in each wave (the groups need not be the same); before_se, after_se:
    standard errors. Both spreads are corrected by shrinkage.

    >>> change = spread_change(before=[5, 7, 9], before_se=[0.1] * 3, after=[6.5, 7, 7.5], after_se=[0.1] * 3)
    >>> round(change.chance_narrowed, 2)
    1.0
    """
    fraction("confidence", confidence)
    first = spread(estimate=before, se=before_se, confidence=confidence, draws=draws, seed=seed)
    second = spread(estimate=after, se=after_se, confidence=confidence, draws=draws, seed=seed + 1)
    was = _ranges(*errors_of(before, before_se, None), draws, seed)
    became = _ranges(*errors_of(after, after_se, None), draws, seed + 1)
    difference = became - was
    low, middle, high = np.quantile(difference, [(1 - confidence) / 2, 0.5, (1 + confidence) / 2])
    return SpreadChange(
        before=first,
        after=second,
        change=float(middle),
        low=float(low),
        high=float(high),
        chance_narrowed=float(np.mean(difference < 0)),
        confidence=confidence,
    )


def _ranges(values: Floats, errors: Floats, shared: Floats | None, draws: int, seed: int) -> Floats:
    """Draws of the true highest minus lowest."""
    variance, axes = errors**2, None
    if shared is not None:
        variance, axes = np.linalg.eigh(shared)
    found = posterior(
        estimate=values,
        variance=variance,
        axes=axes,
        draws=max(1000, min(draws, 4_000_000 // len(values))),
        seed=seed,
    )
    return np.asarray(np.ptp(found.draws, axis=1))


def _may_be_equal(values: Floats, errors: Floats, shared: Floats | None, confidence: float) -> bool:
    """Cochran's test: whether the estimates scatter no more than their errors would make equal groups scatter."""
    matrix = np.diag(errors**2) if shared is None else shared
    weight = np.linalg.pinv(matrix, rcond=1e-12, hermitian=True)
    total = float(weight.sum())
    if total <= 0 or np.linalg.matrix_rank(matrix, hermitian=True) < len(values):
        return False
    centred = values - float((weight @ values).sum()) / total
    return bool(centred @ weight @ centred <= special.chdtri(len(values) - 1, 1 - confidence))


def _simultaneous(
    values: Floats, errors: Floats, shared: Floats | None, confidence: float, draws: int, seed: int
) -> tuple[float, float]:
    """Ends of the largest difference when all differences lie within their simultaneous intervals."""
    k = len(values)
    noise = np.random.default_rng(seed).standard_normal((draws, k))
    if shared is None:
        sd = np.sqrt(errors[:, None] ** 2 + errors[None, :] ** 2)
        critical = largest_difference_quantile(noise * errors, errors**2, confidence)
    else:
        spectrum, axes = np.linalg.eigh(shared)
        noise = noise * np.sqrt(np.maximum(spectrum, 0)) @ axes.T
        of_pair = np.diag(shared)[:, None] + np.diag(shared)[None, :] - 2 * shared
        differ = of_pair > 1e-12 * float(np.max(np.diag(shared)))
        sd = np.sqrt(np.where(differ, of_pair, 0.0))
        critical = (
            largest_listed_quantile(noise, np.where(differ, sd, 1.0), confidence, differ) if differ.any() else 0.0
        )
    difference = values[:, None] - values[None, :]
    low = float(np.max(difference - critical * sd))
    high = float(np.max(difference + critical * sd))
    return max(0.0, low), high
