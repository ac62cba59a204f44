"""Critical values for many comparisons of groups at once.

Question: how far apart must two of many groups be, in standard errors of their difference, before chance is
ruled out?
Used by: `rank_confidence_set` and `rank_confidence` (step 5), `spread` (steps 5 and 9).
Source: M. Mogstad, J. P. Romano, A. M. Shaikh, D. Wilhelm, Review of Economic Studies 91 (2024), 476-518.
Checked against: the studentized range (scipy) for equal standard errors, and simulation.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import special

from nonagon.methods.checks import Floats

Pairs = NDArray[np.bool_]
# Gauss-Legendre points over where a standard normal lives: exact to about 1e-8.
POINTS, WEIGHTS = np.polynomial.legendre.leggauss(101)
NORMAL_REACH = 8.5
CHUNK = 2**23


def marginal_critical_values(variance: Floats, above: Pairs, below: Pairs, coverage: float) -> Floats:
    """For each group i the value c with P(no comparison of i is past c) = coverage, for independent estimates.

    variance: k variances of the estimates. above[i, j]: the comparison (estimate i - estimate j) counts;
    below[i, j]: the comparison (estimate j - estimate i) counts. Exact by integration over group i's own
    error. Gives k values; 0 for a group with nothing to compare.
    """
    sides = above.sum(axis=1) + below.sum(axis=1)
    critical = _critical(np.sqrt(variance), np.sqrt(variance), above, below, sides, coverage)
    return np.where(sides > 0, critical, 0.0)


def marginal_critical_values_of_many(variance: Floats, coverage: float) -> Floats:
    """The same for all two-sided comparisons of very many groups: a smooth curve in the group's own error.

    Computed at 20 sizes of the group's own standard error and interpolated; each size is compared with all k
    groups, one more than a group has partners, so the values lie a hair on the safe side.
    """
    sd = np.sqrt(variance)
    least, most = sd[sd > 0].min(), sd.max()
    nodes = np.geomspace(least, most * (1 + 1e-9), 20) if most > least else np.array([most])
    every: Pairs = np.ones((len(nodes), len(sd)), dtype=bool)
    critical = _critical(nodes, sd, every, every, np.full(len(nodes), 2 * len(sd)), coverage)
    return np.asarray(np.interp(np.log(np.maximum(sd, least)), np.log(nodes), critical))


def _critical(
    own: Floats, others: Floats, above: Pairs, below: Pairs, sides: NDArray[np.int64], coverage: float
) -> Floats:
    """Between the value for one comparison and Bonferroni's for all of them, by false position (Illinois)."""
    low = np.full(len(own), float(special.ndtri(coverage)))
    high = -special.ndtri((1 - coverage) / np.maximum(sides, 1)) + 1e-9
    short = _chance_within(own, others, above, below, low) - coverage
    over = _chance_within(own, others, above, below, high) - coverage
    side = np.zeros(len(own))
    critical = high
    for _ in range(30):
        gap = over - short
        middle = np.where(gap > 0, (low * over - high * short) / np.where(gap > 0, gap, 1.0), high)
        done = float(np.max(np.abs(middle - critical))) < 1e-7
        critical = np.clip(middle, low, high)
        if done:
            break
        found = _chance_within(own, others, above, below, critical) - coverage
        enough = found >= 0
        # The end that stays put twice running counts half, so that both ends close in.
        short = np.where(enough, np.where(side > 0, short / 2, short), found)
        over = np.where(enough, found, np.where(side < 0, over / 2, over))
        low, high = np.where(enough, low, critical), np.where(enough, critical, high)
        side = np.where(enough, 1.0, -1.0)
    return np.asarray(critical)


def _chance_within(own: Floats, others: Floats, above: Pairs, below: Pairs, critical: Floats) -> Floats:
    safe = np.where(others > 0, others, 1.0)
    reach = critical[:, None] * np.sqrt(own[:, None] ** 2 + others[None, :] ** 2) / safe
    shift = own[:, None] / safe
    z = POINTS * NORMAL_REACH
    weight = WEIGHTS * NORMAL_REACH * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    chance = np.zeros(len(own))
    size = max(1, CHUNK // (8 * reach.size))
    for start in range(0, len(z), size):
        moved = z[start : start + size, None, None] * shift
        upper = np.where(below, special.ndtr(moved + reach), 1.0)
        lower = np.where(above, special.ndtr(moved - reach), 0.0)
        chance += weight[start : start + size] @ np.prod(upper - lower, axis=2)
    return chance


def largest_difference_quantile(
    errors: Floats, variance: Floats, coverage: float, pairs: Pairs | None = None
) -> float:
    """Quantile, over draws, of the largest (error i - error j) / sd of that difference.

    errors: draws x k errors of independent estimates with the k given variances. pairs[i, j]: which ordered
    pairs count; None for all. For all pairs only those draws' frontier groups are compared (large errors with
    small variances), so 1,000 groups need no million pairs a draw.
    """
    if pairs is not None:
        return largest_listed_quantile(errors, np.sqrt(variance[:, None] + variance), coverage, pairs)
    return float(np.quantile(_frontier_largest(errors, variance), coverage))


def _frontier_largest(errors: Floats, variance: Floats) -> Floats:
    """The largest standardised difference of each draw.

    For a given partner, group i can only win where no group with a smaller variance has a larger error: so
    the winner is a record in order of variance, upward, and its partner a record downward.
    """
    order = np.argsort(variance, kind="stable")
    errors, variance = errors[:, order], variance[order]
    best = np.empty(len(errors))
    size = max(1, CHUNK // (64 * 64))
    for start in range(0, len(errors), size):
        part = errors[start : start + size]
        up, up_variance = _records(part, variance)
        down, down_variance = _records(-part, variance)
        sd = np.sqrt(up_variance[:, :, None] + down_variance[:, None, :])
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = (up[:, :, None] + down[:, None, :]) / sd
        best[start : start + size] = np.nanmax(np.where(np.isfinite(ratio), ratio, -np.inf), axis=(1, 2))
    return best


def _records(values: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Each row's record highs from left to right, packed to the left; unused places hold -inf."""
    highest = np.maximum.accumulate(values, axis=1)
    record = np.ones(values.shape, dtype=bool)
    record[:, 1:] = values[:, 1:] > highest[:, :-1]
    most = int(record.sum(axis=1).max())
    first = np.argsort(~record, axis=1, kind="stable")[:, :most]
    kept = np.take_along_axis(record, first, axis=1)
    packed = np.where(kept, np.take_along_axis(values, first, axis=1), -np.inf)
    return packed, variance[first]


def largest_listed_quantile(errors: Floats, sd: Floats, coverage: float, pairs: Pairs) -> float:
    """The same over listed pairs, with the standard deviation of each difference given (k x k)."""
    return float(np.quantile(_largest(errors, sd, pairs), coverage))


def largest_of_one(errors: Floats, sd: Floats, coverage: float, pairs: Pairs, i: int) -> float:
    """The same, two-sided, over the comparisons of group i alone; 0 where it has none."""
    others = np.flatnonzero(pairs[i])
    if not len(others):
        return 0.0
    away = np.abs(errors[:, [i]] - errors[:, others]) / sd[i, others]
    return float(np.quantile(away.max(axis=1), coverage))


def _largest(errors: Floats, sd: Floats, pairs: Pairs) -> Floats:
    i, j = np.nonzero(pairs)
    best = np.full(len(errors), -np.inf)
    size = max(1, CHUNK // max(1, len(errors)))
    for start in range(0, len(i), size):
        one, other = i[start : start + size], j[start : start + size]
        best = np.maximum(best, ((errors[:, one] - errors[:, other]) / sd[one, other]).max(axis=1))
    return best
