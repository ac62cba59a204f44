"""Between which places may each group's true rank lie: confidence sets for ranks.

Question: is the group that looks first (or last) truly there?
Used by: step 5, through `rank_confidence`.
Source: M. Mogstad, J. P. Romano, A. M. Shaikh, D. Wilhelm, Review of Economic Studies 91 (2024), 476-518
(marginal and simultaneous sets with stepdown); M. Klein, T. Wright, J. Wieczorek, Journal of the Royal
Statistical Society A 183 (2020), 589-606 (joint region from joint intervals).
Checked against: R's csranks and Klein's arithmetic (tests/reference); coverage by simulation.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, fraction, one_of, real_array, same_length
from nonagon.methods.ranks.pairwise import (
    Pairs,
    largest_difference_quantile,
    largest_listed_quantile,
    largest_of_one,
    marginal_critical_values,
    marginal_critical_values_of_many,
)

Ranks = NDArray[np.int64]
# Above so many groups, stepping down costs more than it gains: thousands of pairs a draw.
MOST_GROUPS_STEPPED = 50


@dataclass(frozen=True, slots=True)
class RankSets:
    """Rank sets of k groups.

    estimate, se: the input. rank: rank 1 is the largest estimate (or the smallest, as `first` says); equal
    estimates share the better rank. lower, upper: the set for each group. simultaneous: True where all sets
    hold together with `coverage`, False where each does by itself. stepdown: whether groups told apart
    sharpened the rest. apart[i, j]: group i is shown to lie above (truly larger than) group j.
    """

    estimate: Floats
    se: Floats
    rank: Ranks
    lower: Ranks
    upper: Ranks
    apart: Pairs
    coverage: float
    simultaneous: bool
    stepdown: bool
    first: Literal["largest", "smallest"]

    def describe(self) -> str:
        """One sentence with the caveat."""
        sure = int(np.sum(self.lower == self.upper))
        together = "all together" if self.simultaneous else "each by itself"
        return (
            f"Of {len(self.rank)} groups, {sure} have a certain rank with {self.coverage:.0%} confidence "
            f"({together}); the widest set spans {int(np.max(self.upper - self.lower)) + 1} places, if the "
            "estimates "
            f"are independent and their errors roughly normal."
        )


def rank_confidence_set(
    *,
    estimate: ArrayLike,
    se: ArrayLike,
    coverage: float = 0.95,
    simultaneous: bool = True,
    stepdown: bool | None = None,
    first: Literal["largest", "smallest"] = "largest",
    draws: int = 20_000,
    seed: int = 0,
) -> RankSets:
    """Confidence sets for the ranks of k groups by pairwise comparisons.

    estimate, se: k estimates and their standard errors (at least 0, not all 0); k of at least 2. coverage:
    fraction of one. simultaneous: one statement about all groups (True), or one about each group by itself
    (False). stepdown: drop comparisons already decided and compare again, which can only sharpen; None takes
    it up to 50 groups. first: which end has rank 1. draws, seed: of the normal errors for simultaneous sets;
    marginal sets are integrated.
    Assumes independent estimates with normal errors. For items rated by the same people use
    `rank_confidence` with their covariance.
    Raises NotEnoughData for fewer than 2 groups, ArgumentError for other values.

    >>> sets = rank_confidence_set(estimate=[8.1, 7.6, 7.5, 6.9, 5.2], se=[0.1, 0.12, 0.15, 0.1, 0.2])
    >>> sets.lower.tolist(), sets.upper.tolist()
    ([1, 2, 2, 4, 5], [1, 3, 3, 4, 5])
    """
    values, errors = check_estimates(estimate, se)
    fraction("coverage", coverage)
    one_of("first", first, ("largest", "smallest"))
    stepping = len(values) <= MOST_GROUPS_STEPPED if stepdown is None else stepdown
    signed = values if first == "largest" else -values
    if simultaneous:
        noise = (
            np.random.default_rng(seed).standard_normal((_affordable(draws, len(values)), len(values))) * errors
        )
        apart = _told_apart_together(signed, errors**2, noise, coverage, stepping)
        above, under = apart.sum(axis=0), apart.sum(axis=1)
    else:
        above, under, apart = _told_apart_each(signed, errors**2, coverage, stepping)
    return RankSets(
        estimate=values,
        se=errors,
        rank=ranks(signed),
        lower=1 + above.astype(np.int64),
        upper=len(values) - under.astype(np.int64),
        apart=apart if first == "largest" else apart.T.copy(),
        coverage=coverage,
        simultaneous=simultaneous,
        stepdown=stepping,
        first=first,
    )


def rank_confidence_set_correlated(
    *,
    estimate: ArrayLike,
    covariance: ArrayLike,
    coverage: float = 0.95,
    simultaneous: bool = True,
    first: Literal["largest", "smallest"] = "largest",
    draws: int = 20_000,
    seed: int = 0,
) -> RankSets:
    """The same sets for estimates with correlated errors, such as items rated by the same people.

    covariance: k x k covariance of the estimates' errors (that of the answers divided by n). Steps down up to
    50 groups in simultaneous sets, not in marginal ones. Meant for up to a few hundred groups.

    >>> shared = [[0.02, 0.015], [0.015, 0.02]]
    >>> rank_confidence_set_correlated(estimate=[7.0, 6.7], covariance=shared).upper.tolist()
    [1, 2]
    """
    matrix = real_array("covariance", covariance, ndim=2)
    values, errors = check_estimates(estimate, np.sqrt(np.maximum(np.diag(matrix), 0)))
    k = len(values)
    if matrix.shape != (k, k) or not np.allclose(matrix, matrix.T):
        raise ArgumentError(f"covariance must be symmetric, {k} x {k}; got shape {matrix.shape}")
    fraction("coverage", coverage)
    one_of("first", first, ("largest", "smallest"))
    signed = values if first == "largest" else -values
    eigenvalues, axes = np.linalg.eigh(matrix)
    noise = np.random.default_rng(seed).standard_normal((_affordable(draws, k * 8), k))
    noise = noise * np.sqrt(np.maximum(eigenvalues, 0)) @ axes.T
    of_pair = np.diag(matrix)[:, None] + np.diag(matrix)[None, :] - 2 * matrix
    difference = signed[:, None] - signed[None, :]
    # A pair whose errors are the same is told apart by any difference.
    fixed = of_pair <= 1e-12 * np.max(np.diag(matrix))
    sd = np.sqrt(np.where(fixed, 1.0, of_pair))
    pairs: Pairs = ~fixed & ~np.eye(k, dtype=bool)
    if simultaneous:
        apart = fixed & (difference > 0)
        while (pairs & ~apart).any():
            critical = largest_listed_quantile(noise, sd, coverage, pairs & ~apart)
            more: Pairs = apart | (pairs & (difference > critical * sd))
            settled = np.array_equal(more, apart) or k > MOST_GROUPS_STEPPED
            apart = more
            if settled:
                break
    else:
        each = np.array([largest_of_one(noise, sd, coverage, pairs, i) for i in range(k)])[:, None]
        apart = np.where(fixed, difference > 0, difference > each * sd)
        under_each = np.where(fixed, difference < 0, -difference > each * sd)
    above = apart.sum(axis=0) if simultaneous else under_each.sum(axis=1)
    return RankSets(
        estimate=values,
        se=errors,
        rank=ranks(signed),
        lower=1 + above.astype(np.int64),
        upper=k - apart.sum(axis=1).astype(np.int64),
        apart=apart if first == "largest" else apart.T.copy(),
        coverage=coverage,
        simultaneous=simultaneous,
        stepdown=simultaneous and k <= MOST_GROUPS_STEPPED,
        first=first,
    )


def rank_joint_region(
    *,
    estimate: ArrayLike,
    se: ArrayLike,
    coverage: float = 0.95,
    first: Literal["largest", "smallest"] = "largest",
    adjustment: Literal["independent", "bonferroni"] = "independent",
) -> RankSets:
    """Joint confidence region for all ranks from joint intervals that overlap or not (Klein, Wright, Wieczorek).

    estimate, se, coverage, first: as in `rank_confidence_set`. adjustment: "independent" takes coverage to
    the power 1 / k for each interval, "bonferroni" divides what is left of one, which also holds for
    dependent estimates. Wider than the pairwise sets, and simple to draw: two groups are told apart when
    their intervals do not overlap.

    >>> region = rank_joint_region(estimate=[8.1, 7.6, 7.5, 6.9, 5.2], se=[0.1, 0.12, 0.15, 0.1, 0.2])
    >>> region.lower.tolist(), region.upper.tolist()
    ([1, 1, 1, 3, 5], [3, 3, 4, 4, 5])
    """
    values, errors = check_estimates(estimate, se)
    fraction("coverage", coverage)
    one_of("first", first, ("largest", "smallest"))
    one_of("adjustment", adjustment, ("independent", "bonferroni"))
    k = len(values)
    miss = -np.expm1(np.log(coverage) / k) if adjustment == "independent" else (1 - coverage) / k
    half = -special.ndtri(miss / 2) * errors
    low, high = values - half, values + half
    # Group i lies above all groups whose interval ends before its own begins.
    ends, begins = np.sort(high), np.sort(low)
    larger_than = np.searchsorted(ends, low, side="left")
    smaller_than = k - np.searchsorted(begins, high, side="right")
    apart = low[:, None] > high[None, :]
    lower, upper = 1 + smaller_than, k - larger_than
    if first == "smallest":
        lower, upper = 1 + larger_than, k - smaller_than
    return RankSets(
        estimate=values,
        se=errors,
        rank=ranks(values if first == "largest" else -values),
        lower=lower.astype(np.int64),
        upper=upper.astype(np.int64),
        apart=apart,
        coverage=coverage,
        simultaneous=True,
        stepdown=False,
        first=first,
    )


def check_estimates(estimate: ArrayLike, se: ArrayLike) -> tuple[Floats, Floats]:
    """Estimates and standard errors that can be ranked."""
    values = real_array("estimate", estimate, ndim=1)
    errors = real_array("se", se, ndim=1)
    if same_length(estimate=values, se=errors) < 2:
        raise NotEnoughData(f"estimate must hold at least 2 groups to rank; got {len(values)}")
    if np.any(errors < 0):
        raise ArgumentError(f"se must be at least 0; got {errors.min():g}")
    if np.sum(errors == 0) > 1:
        raise ArgumentError("se must be above 0 for all groups but one at most; got several of 0")
    return values, errors


def ranks(values: Floats) -> Ranks:
    """Ranks from 1 for the largest; equal values share the better rank.

    >>> ranks(np.array([4.0, 9.0, 4.0])).tolist()
    [2, 1, 2]
    """
    ordered = np.sort(values)
    return 1 + len(values) - np.searchsorted(ordered, values, side="right")


def _affordable(draws: int, k: int) -> int:
    """Draws asked for, fewer where groups are so many that memory would be short."""
    if draws < 100:
        raise ArgumentError(f"draws must be at least 100 for a quantile; got {draws}")
    return max(2000, min(draws, 8_000_000 // k)) if draws > 2000 else draws


def _told_apart_together(
    values: Floats, variance: Floats, noise: Floats, coverage: float, stepdown: bool
) -> Pairs:
    """apart[i, j]: i is shown to be larger than j, for all pairs at once."""
    difference = values[:, None] - values[None, :]
    sd = np.sqrt(variance[:, None] + variance[None, :])
    critical = largest_difference_quantile(noise, variance, coverage)
    np.fill_diagonal(sd, 1.0)
    apart: Pairs = difference > critical * sd
    while stepdown:
        open_pairs = ~apart
        np.fill_diagonal(open_pairs, False)
        if not open_pairs.any():
            break
        critical = largest_difference_quantile(noise, variance, coverage, open_pairs)
        more: Pairs = apart | (open_pairs & (difference > critical * sd))
        if np.array_equal(more, apart):
            break
        apart = more
    return apart


def _told_apart_each(
    values: Floats, variance: Floats, coverage: float, stepdown: bool
) -> tuple[Ranks, Ranks, Pairs]:
    """For each group by itself: how many lie above it, how many below, and which it is shown to exceed."""
    difference = values[:, None] - values[None, :]
    sd = np.sqrt(variance[:, None] + variance[None, :])
    everyone: Pairs = ~np.eye(len(values), dtype=bool)
    np.fill_diagonal(sd, 1.0)
    over = np.zeros_like(everyone)
    under = np.zeros_like(everyone)
    while True:
        if stepdown:
            critical = marginal_critical_values(variance, everyone & ~over, everyone & ~under, coverage)[:, None]
        else:
            critical = marginal_critical_values_of_many(variance, coverage)[:, None]
        more_over: Pairs = over | (everyone & (difference > critical * sd))
        more_under: Pairs = under | (everyone & (-difference > critical * sd))
        settled = np.array_equal(more_over, over) and np.array_equal(more_under, under)
        over, under = more_over, more_under
        if settled or not stepdown:
            return under.sum(axis=1), over.sum(axis=1), over
