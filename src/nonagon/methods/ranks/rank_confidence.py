"""Rank confidence: is the lowest truly the lowest, who can't be told apart, and how many more answers would tell.

Question: how sure is it that the group (or need) with the lowest score is the one to start with?
Used by: step 5 (lowest score first), step 2 (competitors).
Source: M. Mogstad, J. P. Romano, A. M. Shaikh, D. Wilhelm (2024) for the sets (see `rank_confidence_set`); H.
Goldstein and D. J. Spiegelhalter, Journal of the Royal Statistical Society A 159 (1996), 385-443 (chances of
ranks); B. Efron and C. Morris, JASA 70 (1975), 311-319 (shrinking estimates towards their mean).
Checked against: simulation: among groups given a chance of being lowest of p, a share p was lowest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from nonagon.basics.errors import ArgumentError
from nonagon.methods.checks import Floats, fraction, one_of, real_array, same_length
from nonagon.methods.ranks.pairwise import Pairs
from nonagon.methods.ranks.rank_confidence_set import (
    Ranks,
    RankSets,
    check_estimates,
    rank_confidence_set,
    rank_confidence_set_correlated,
    ranks,
)
from nonagon.methods.ranks.shrinkage import Posterior, posterior

Prior = Literal["exchangeable", "flat"]
# The most further answers that are worth a figure.
MOST_MORE_ANSWERS = 1_000_000


@dataclass(frozen=True, slots=True)
class RankConfidence:
    """Rank confidence of k groups, in the order given.

    names, estimate, se: the input. shrunk, shrunk_se: estimates drawn towards their mean by `prior` (equal to
    the input where flat). place: 1 for the lowest estimate. chance_lowest: chance that the group is truly the
    lowest (sums to 1); chance_in_bottom: that it is among the lowest `bottom`. lower, upper: places between
    which each group's true place lies, all together with `coverage`; lower_alone, upper_alone: each by
    itself. ties: runs of groups (as indexes, lowest first) within which no two can be told apart; a group may
    stand in several. told_apart[i, j]: group i is shown to lie below group j. more_answers: for each group
    how many more answers of every group would tell it apart from the lowest one with power `power`; 0 where
    that is so already, None for the lowest itself, where n is not known, where the estimates are equal, or
    where it would take more than a million.
    """

    names: tuple[str, ...]
    estimate: Floats
    se: Floats
    shrunk: Floats
    shrunk_se: Floats
    place: Ranks
    chance_lowest: Floats
    chance_in_bottom: Floats
    bottom: int
    lower: Ranks
    upper: Ranks
    lower_alone: Ranks
    upper_alone: Ranks
    ties: tuple[tuple[int, ...], ...]
    told_apart: Pairs
    more_answers: tuple[int | None, ...]
    coverage: float
    power: float
    prior: Prior

    @property
    def lowest(self) -> int:
        """Index of the lowest estimate."""
        return int(np.argmin(self.estimate))

    @property
    def may_be_lowest(self) -> tuple[int, ...]:
        """Indexes of the groups that may be the lowest, by the simultaneous sets; lowest estimate first."""
        return tuple(int(i) for i in np.argsort(self.estimate, kind="stable") if self.lower[i] == 1)

    def describe(self) -> str:
        """One sentence with the caveat."""
        low = self.lowest
        rivals = [self.names[i] for i in self.may_be_lowest if i != low]
        text = f"{self.names[low]} is the lowest with a chance of {self.chance_lowest[low]:.0%}"
        if rivals:
            shown = ", ".join(rivals[:3]) + (f" and {len(rivals) - 3} more" if len(rivals) > 3 else "")
            text += f"; it can't be told apart from {shown}"
            needed = [more for i in self.may_be_lowest if (more := self.more_answers[i]) is not None and i != low]
            if needed:
                text += f" (the nearest to tell takes about {min(needed):,} more answers a group)"
        else:
            text += f", and all others lie above it with {self.coverage:.0%} confidence"
        return text + "; it assumes roughly normal errors of the scores."


def rank_confidence(
    *,
    estimate: ArrayLike,
    se: ArrayLike | None = None,
    covariance: ArrayLike | None = None,
    names: Sequence[str] | None = None,
    n: ArrayLike | None = None,
    coverage: float = 0.95,
    bottom: int = 3,
    power: float = 0.8,
    prior: Prior = "exchangeable",
    scatter: float | None = None,
    draws: int = 10_000,
    seed: int = 0,
) -> RankConfidence:
    """Rank confidence of k groups (or needs), the lowest first.

    estimate: k scores. se: their k standard errors, for groups of different people; or covariance: k x k, for
    needs rated by the same people. names: k names. n: answers behind each estimate (a number or k), for how
    many more answers. coverage: of the rank sets. bottom: how many places count as the bottom. power: chance
    with which the more answers would tell two groups apart. prior: "exchangeable" draws the estimates towards
    their mean, as far as their scatter says, which makes the chances honest; "flat" does not, and overstates
    the lowest one's. scatter: the standard deviation of the groups' true values, above 0, where it is known (from
    many earlier waves); by default it is taken from these estimates, as one of any size alike. draws, seed: for
    chances of places and the sets. Calibration in simulation (5 to 30 groups, equal or unequal errors): over
    scatters spread evenly between 0 and 4 standard errors, and at any one scatter that is given, the chances
    come true within 0.02, also by bins. At one scatter that is not given, the chance of the observed lowest is
    on average too high where the groups hardly differ and a little too low where they differ by about one
    standard error, since few groups don't tell which is the case: for 5, 10, 30 groups by +0.13, +0.09, +0.04
    at a scatter of a quarter of the standard error, +0.06, +0.02, 0.00 at half, -0.02, -0.03, -0.02 at once,
    -0.03, -0.01, -0.01 at twice. No prior for the scatter mends this at all scatters: one that takes off at one
    end adds at the other. Assumes roughly normal errors (about 10 answers a group); more answers are counted at
    the observed difference, which for the lowest group tends to be too large, so take them as "at least".
    Raises NotEnoughData for fewer than 2 groups, ArgumentError for other values.

    >>> result = rank_confidence(estimate=[7.1, 6.2, 6.4, 8.0], se=[0.1, 0.15, 0.15, 0.1],
    ...                          names=["seats", "price", "delay", "staff"], n=60)
    >>> result.lowest, round(float(result.chance_lowest[1]), 2), result.ties[0]
    (1, 0.83, (1, 2))
    """
    values, errors, shared = errors_of(estimate, se, covariance)
    k = len(values)
    labels = tuple(names) if names is not None else tuple(f"group {i + 1}" for i in range(k))
    same_length(estimate=values, names=labels)
    fraction("coverage", coverage)
    fraction("power", power)
    one_of("prior", prior, ("exchangeable", "flat"))
    if scatter is not None and not (np.isfinite(scatter) and scatter > 0 and prior == "exchangeable"):
        raise ArgumentError(
            f"scatter must be above 0 and goes with prior 'exchangeable'; got {scatter}, {prior!r}"
        )
    if bottom < 1:
        raise ArgumentError(f"bottom must be at least 1 place; got {bottom}")
    drawn = _drawn(values, errors, shared, prior, scatter, min(draws, max(1000, 4_000_000 // k)), seed)
    together = _sets(values, errors, shared, coverage, seed, simultaneous=True)
    alone = _sets(values, errors, shared, coverage, seed, simultaneous=False)
    below = together.apart.T
    return RankConfidence(
        names=labels,
        estimate=values,
        se=errors,
        shrunk=drawn.mean,
        shrunk_se=drawn.sd,
        place=ranks(-values),
        chance_lowest=_chance_in_bottom(drawn.draws, 1),
        chance_in_bottom=_chance_in_bottom(drawn.draws, min(bottom, k)),
        bottom=min(bottom, k),
        lower=together.lower,
        upper=together.upper,
        lower_alone=alone.lower,
        upper_alone=alone.upper,
        ties=_ties(values, below),
        told_apart=below,
        more_answers=_more_answers(values, errors, shared, below, n, coverage, power),
        coverage=coverage,
        power=power,
        prior=prior,
    )


def errors_of(
    estimate: ArrayLike, se: ArrayLike | None, covariance: ArrayLike | None
) -> tuple[Floats, Floats, Floats | None]:
    """Estimates, their standard errors, and the covariance of their errors where it was given."""
    if (se is None) == (covariance is None):
        raise ArgumentError("give either se (groups of different people) or covariance (rated by the same people)")
    if se is not None:
        return (*check_estimates(estimate, se), None)
    shared = real_array("covariance", covariance if covariance is not None else [], ndim=2)
    values = real_array("estimate", estimate, ndim=1)
    if shared.shape != (len(values), len(values)) or not np.allclose(shared, shared.T):
        raise ArgumentError(
            f"covariance must be symmetric, {len(values)} x {len(values)}; got shape {shared.shape}"
        )
    if np.any(np.diag(shared) < 0):
        raise ArgumentError(f"covariance must have variances of at least 0; got {np.diag(shared).min():g}")
    values, errors = check_estimates(values, np.sqrt(np.diag(shared)))
    return values, errors, shared


def _drawn(
    values: Floats,
    errors: Floats,
    shared: Floats | None,
    prior: Prior,
    scatter: float | None,
    draws: int,
    seed: int,
) -> Posterior:
    """Plausible true values, by the prior."""
    axes = None
    variance = errors**2
    if shared is not None:
        variance, axes = np.linalg.eigh(shared)
        variance = np.maximum(variance, 0.0)
    if prior == "exchangeable":
        return posterior(estimate=values, variance=variance, axes=axes, draws=draws, seed=seed, scatter=scatter)
    noise = np.random.default_rng(seed).standard_normal((draws, len(values))) * np.sqrt(variance)
    apart = float(np.std(values, ddof=1))
    return Posterior(
        draws=values + (noise if axes is None else noise @ axes.T), mean=values, sd=errors, scatter=apart
    )


def _sets(
    values: Floats, errors: Floats, shared: Floats | None, coverage: float, seed: int, *, simultaneous: bool
) -> RankSets:
    if shared is None:
        return rank_confidence_set(
            estimate=values, se=errors, coverage=coverage, simultaneous=simultaneous, first="smallest", seed=seed
        )
    return rank_confidence_set_correlated(
        estimate=values,
        covariance=shared,
        coverage=coverage,
        simultaneous=simultaneous,
        first="smallest",
        seed=seed,
    )


def _chance_in_bottom(drawn: Floats, bottom: int) -> Floats:
    """Share of draws in which each group is among the `bottom` lowest."""
    k = drawn.shape[1]
    if bottom >= k:
        return np.ones(k)
    places = np.argmin(drawn, axis=1) if bottom == 1 else np.argpartition(drawn, bottom, axis=1)[:, :bottom]
    return np.bincount(places.ravel(), minlength=k) / len(drawn)


def _ties(values: Floats, below: Pairs) -> tuple[tuple[int, ...], ...]:
    """The longest runs, in order of the estimates, within which no group is shown to lie below another."""
    order = np.argsort(values, kind="stable")
    told = below[order][:, order]
    k = len(values)
    # For each group the first later one that is told apart from it; then no later start may reach further
    # back.
    first = np.where(told.any(axis=1), np.argmax(told, axis=1), k)
    ends = np.minimum.accumulate(first[::-1])[::-1]
    starts = np.flatnonzero(np.diff(ends, prepend=0) > 0)
    return tuple(tuple(int(i) for i in order[start : ends[start]]) for start in starts)


def _more_answers(
    values: Floats,
    errors: Floats,
    shared: Floats | None,
    below: Pairs,
    n: ArrayLike | None,
    coverage: float,
    power: float,
) -> tuple[int | None, ...]:
    """Answers that every group needs beyond those it has, for each group to be told apart from the lowest."""
    k = len(values)
    if n is None:
        return (None,) * k
    counts = np.broadcast_to(real_array("n", n), (k,))
    if np.any(counts <= 0):
        raise ArgumentError(f"n must be above 0 answers a group; got {counts.min():g}")
    low = int(np.argmin(values))
    variance = errors**2
    of_difference = variance + variance[low] - (0.0 if shared is None else 2 * shared[:, low])
    difference = values - values[low]
    # All pairs are looked at, so each must pass Bonferroni's bar; planned with the chance `power` on top.
    needed = special.ndtri(power) - special.ndtri((1 - coverage) / (k * (k - 1)))
    with np.errstate(divide="ignore", invalid="ignore"):
        times = np.where(difference > 0, of_difference * needed**2 / difference**2, np.inf)
    more = np.ceil(np.maximum(counts, counts[low]) * np.maximum(times - 1, 0))
    apart = below[low]
    return tuple(
        0 if apart[i] else None if i == low or not more[i] <= MOST_MORE_ANSWERS else max(1, int(more[i]))
        for i in range(k)
    )
