"""Derived importance: how much of an outcome each driver accounts for.

Question: which needs carry overall satisfaction, when the needs go together? Used by: steps 3 and 5
(importance derived from answers, not asked). Source: R. H. Lindeman, P. F. Merenda, R. Z. Gold (1980),
averaging over orders (lmg, the Shapley value of R²); J. W. Johnson, Multivariate Behavioral Research 35
(2000), 1-19 (relative weights); J. W. Pratt (1987); U. Grömping, Journal of Statistical Software 17 (2006),
no. 1 (definitions of first and last). Checked against: R's relaimpo (tests/reference) and a loop over all
orders in the tests.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from nonagon.basics.errors import ArgumentError
from nonagon.methods.checks import Floats, fraction, one_of, real_array
from nonagon.methods.drivers.moments import Moments, moments

Measure = Literal["lmg", "first", "last", "pratt", "johnson"]
MEASURES: tuple[Measure, ...] = ("lmg", "first", "last", "pratt", "johnson")
MOST_DRIVERS = 20
# A pivot below this share of a driver's own variance means that the drivers before it already say all it
# says.
NOTHING_LEFT = 1e-10
# How many subset matrices are held at once while resampling (about 200 MB).
SUBSETS_AT_ONCE = 2**21


@dataclass(frozen=True, slots=True)
class DriverImportance:
    """Importance of each of k drivers, in the order of `names`.

    r2: share of the outcome's variance that all drivers account for. lmg: R² shared out by averaging over the
    orders of entry (sums to r2); lmg_share: the same as shares of r2 (sums to 1; zeros where r2 is 0). first:
    R² alone; last: what R² loses without the driver; pratt: beta times correlation (sums to r2, may be
    negative); johnson: relative weights (sum to r2). correlation: each driver with the outcome; beta:
    standardised coefficients. low, high: measure (and lmg_share) -> k interval ends with `confidence`, or
    None where draws is 0; chance_first: the share of draws in which the driver had the largest lmg.
    resampling: how the draws were made.
    """

    names: tuple[str, ...]
    n: float
    r2: float
    lmg: Floats
    lmg_share: Floats
    first: Floats
    last: Floats
    pratt: Floats
    johnson: Floats
    correlation: Floats
    beta: Floats
    low: Mapping[str, Floats] | None
    high: Mapping[str, Floats] | None
    chance_first: Floats | None
    confidence: float
    draws: int
    resampling: Literal["none", "wishart", "rows"]

    @property
    def p(self) -> float:
        """Chance of an R² this large where no driver accounts for anything: the F test of all drivers."""
        drivers, freedom = len(self.names), self.n - len(self.names) - 1
        if freedom <= 0:
            return 1.0
        if self.r2 >= 1:
            return 0.0
        return float(special.fdtrc(drivers, freedom, self.r2 / drivers / ((1 - self.r2) / freedom)))

    def describe(self) -> str:
        """One sentence with the interval and its caveat."""
        top = int(np.argmax(self.lmg))
        text = (
            f"{self.names[top]} accounts for the most: {self.lmg_share[top]:.0%} of the {self.r2:.0%} of the "
            f"outcome's variance that all {len(self.names)} drivers account for (n = {self.n:g})"
        )
        if self.low is not None and self.high is not None and self.chance_first is not None:
            text += (
                f"; its part of the variance lies between {self.low['lmg'][top]:.0%} and "
                f"{self.high['lmg'][top]:.0%} with {self.confidence:.0%} confidence, and it came first in "
                f"{self.chance_first[top]:.0%} of the draws"
            )
        return text + "; this is association in the answers, not proof of cause."


def driver_importance(
    *,
    moments: Moments,
    confidence: float = 0.95,
    draws: int = 0,
    seed: int = 0,
) -> DriverImportance:
    """Importance of drivers from their moments (see `moments` and `moments_of_table`).

    moments: n, means and covariance of the outcome and k drivers, 1 <= k <= 20. confidence: of the intervals.
    draws: how many covariance matrices are drawn for the intervals; 0 for none, 1000 for reporting (cost
    grows with draws times 2**k). seed: same seed, same draws. The draws come from a Wishart distribution,
    which assumes roughly normal answers and independent people; with the rows at hand
    `driver_importance_of_rows` resamples them instead. Intervals are bias-corrected percentiles. Exactly
    collinear drivers share what they account for equally. Not for categories coded as numbers, nor for claims
    of cause. Raises ArgumentError for more than 20 drivers.

    >>> from nonagon.methods.drivers.moments import moments_of_table
    >>> m = moments_of_table(n=80, names=["speed", "price"], mean=[7, 6, 5],
    ...                      covariance=[[4, 2, 1], [2, 4, 1], [1, 1, 4]])
    >>> result = driver_importance(moments=m)
    >>> round(result.r2, 4), result.lmg.round(4).tolist()
    (0.2667, [0.2271, 0.0396])
    """
    fraction("confidence", confidence)
    _check_size(moments, draws)
    resampled = _wishart(moments, draws, seed) if draws else None
    return _importance(moments, resampled, confidence, "wishart" if draws else "none")


def driver_importance_of_rows(
    *,
    y: ArrayLike,
    x: Mapping[str, ArrayLike],
    confidence: float = 0.95,
    draws: int = 0,
    seed: int = 0,
) -> DriverImportance:
    """Importance of drivers from answers, resampling people for the intervals.

    y: n answers; x: driver name -> n answers; no gaps. confidence, draws, seed: as in `driver_importance`;
    the draws resample whole rows, so they hold for answers of any distribution.

    >>> drivers = {"speed": [1, 2, 3, 5, 4], "price": [1, 0, 1, 0, 1]}
    >>> result = driver_importance_of_rows(y=[1, 2, 3, 4, 6], x=drivers)
    >>> bool(abs(result.lmg.sum() - result.r2) < 1e-12)
    True
    """
    fraction("confidence", confidence)
    found = moments(y=y, x=x)
    _check_size(found, draws)
    table = np.stack([real_array("y", y)] + [real_array(name, values) for name, values in x.items()])
    resampled = _rows(table, draws, seed) if draws else None
    return _importance(found, resampled, confidence, "rows" if draws else "none")


def _check_size(found: Moments, draws: int) -> None:
    if len(found.names) > MOST_DRIVERS:
        raise ArgumentError(
            f"moments must hold at most {MOST_DRIVERS} drivers, since all their subsets are weighed; "
            f"got {len(found.names)}: group them or drop some"
        )
    if draws < 0:
        raise ArgumentError(f"draws must be at least 0; got {draws}")


def _importance(
    found: Moments,
    resampled: Floats | None,
    confidence: float,
    resampling: Literal["none", "wishart", "rows"],
) -> DriverImportance:
    measures = _measures(found.covariance[None])
    point = {name: values[0] for name, values in measures.items()}
    r2 = float(point["r2"])
    low: dict[str, Floats] | None = None
    high: dict[str, Floats] | None = None
    chance = None
    if resampled is not None:
        size = max(1, SUBSETS_AT_ONCE // 2 ** len(found.names))
        parts = [_measures(resampled[start : start + size]) for start in range(0, len(resampled), size)]
        drawn = {name: np.concatenate([part[name] for part in parts]) for name in MEASURES}
        ends = {name: bias_corrected(point[name], drawn[name], confidence) for name in MEASURES}
        low = {name: one for name, (one, _) in ends.items()}
        high = {name: other for name, (_, other) in ends.items()}
        # lmg sums to R², so its shares of R² vary less than lmg itself.
        explained = np.maximum(drawn["lmg"].sum(axis=1, keepdims=True), NOTHING_LEFT)
        share = point["lmg"] / r2 if r2 > 0 else np.zeros_like(point["lmg"])
        low["lmg_share"], high["lmg_share"] = bias_corrected(share, drawn["lmg"] / explained, confidence)
        best = np.argmax(drawn["lmg"], axis=1)
        chance = np.bincount(best, minlength=len(found.names)) / len(best)
    return DriverImportance(
        names=found.names,
        n=found.n,
        r2=r2,
        lmg=point["lmg"],
        lmg_share=point["lmg"] / r2 if r2 > 0 else np.zeros_like(point["lmg"]),
        first=point["first"],
        last=point["last"],
        pratt=point["pratt"],
        johnson=point["johnson"],
        correlation=point["correlation"],
        beta=point["beta"],
        low=low,
        high=high,
        chance_first=chance,
        confidence=confidence,
        draws=0 if resampled is None else len(resampled),
        resampling=resampling,
    )


def _measures(covariances: Floats) -> dict[str, Floats]:
    """Every measure for a stack of covariance matrices, the outcome first: arrays of (stack, k)."""
    sd = np.sqrt(np.diagonal(covariances, axis1=1, axis2=2))
    sd = np.where(sd > 0, sd, 1.0)
    correlations = covariances / (sd[:, :, None] * sd[:, None, :])
    r = correlations[:, 1:, 0]
    among = correlations[:, 1:, 1:]
    subsets = _r2_of_subsets(correlations)
    values, vectors = np.linalg.eigh(among)
    kept = values > NOTHING_LEFT
    root = np.sqrt(np.where(kept, values, 0.0))
    inverse_root = np.where(kept, 1 / np.where(kept, root, 1.0), 0.0)
    rotated = np.einsum("bji,bj->bi", vectors, r)
    beta = np.einsum("bij,bj->bi", vectors, inverse_root**2 * rotated)
    # Johnson: regress on the nearest orthogonal variables, then share back by their squared loadings.
    loading = np.einsum("bik,bk,bjk->bij", vectors, root, vectors)
    orthogonal = np.einsum("bik,bk->bi", vectors, inverse_root * rotated)
    johnson = np.einsum("bij,bj->bi", loading**2, orthogonal**2)
    everything = subsets[:, -1]
    return {
        "r2": everything,
        "lmg": _average_over_orders(subsets),
        "first": r**2,
        "last": everything[:, None] - _without_one(subsets),
        "pratt": beta * r,
        "johnson": johnson,
        "correlation": r,
        "beta": beta,
    }


def _r2_of_subsets(correlations: Floats) -> Floats:
    """R² of every subset of drivers, shape (stack, 2**k): driver j is in subset s when bit k-1-j of s is set.

    One driver after the other is either left out or swept out (a Schur complement) of all matrices so far, so
    the 2**k models cost little more than the last doubling.
    """
    stack, size, _ = correlations.shape
    order = [*range(1, size), 0]
    left = correlations[:, order][:, :, order][:, None]
    for _ in range(size - 1):
        pivot = left[:, :, 0, 0]
        useful = pivot > NOTHING_LEFT
        row = left[:, :, 0, 1:]
        scaled = row * np.where(useful, 1 / np.where(useful, pivot, 1.0), 0.0)[..., None]
        rest = left[:, :, 1:, 1:]
        swept = rest - row[..., :, None] * scaled[..., None, :]
        left = np.stack([rest, swept], axis=2).reshape(stack, -1, *rest.shape[2:])
    return np.asarray(np.clip(1 - left[:, :, 0, 0], 0.0, 1.0))


def _average_over_orders(subsets: Floats) -> Floats:
    """The Shapley value of R² for each driver: its average gain over all orders of entry."""
    count = int(np.log2(subsets.shape[1]))
    size = np.bitwise_count(np.arange(subsets.shape[1])).astype(np.intp)
    sizes = np.arange(count)
    # |S|! (k - 1 - |S|)! / k!: how often S comes before a driver that it does not hold.
    share = np.exp(special.gammaln(sizes + 1) + special.gammaln(count - sizes) - special.gammaln(count + 1))
    before = np.concatenate([share, [0.0]])[size]
    after = np.concatenate([[0.0], share])[size]
    gained = subsets * (before + after)
    lost = subsets @ before
    return np.asarray(_sum_with_one(gained, count) - lost[:, None])


def _sum_with_one(values: Floats, count: int) -> Floats:
    """For each driver the sum of `values` over the subsets that hold it."""
    sums = [values.reshape(len(values), 2**j, 2, -1)[:, :, 1].sum(axis=(1, 2)) for j in range(count)]
    return np.stack(sums, axis=1)


def _without_one(subsets: Floats) -> Floats:
    """R² of all drivers but one, for each driver."""
    full = subsets.shape[1] - 1
    count = int(np.log2(subsets.shape[1]))
    return subsets[:, [full - 2 ** (count - 1 - j) for j in range(count)]]


def _wishart(found: Moments, draws: int, seed: int) -> Floats:
    """Covariance matrices as samples of n normal answers would give them (Bartlett's decomposition)."""
    random = np.random.default_rng(seed)
    size = len(found.covariance)
    freedom = found.n - 1
    if freedom < size:
        raise ArgumentError(
            f"draws need more answers than variables; got n = {found.n:g} for {size} variables: set draws=0"
        )
    values, vectors = np.linalg.eigh(found.covariance)
    root = vectors * np.sqrt(np.clip(values, 0, None))
    triangle = np.tril(random.standard_normal((draws, size, size)), -1)
    diagonal = np.sqrt(random.chisquare(freedom - np.arange(size), (draws, size)))
    triangle[:, np.arange(size), np.arange(size)] = diagonal
    half = root @ triangle
    return np.asarray(half @ half.transpose(0, 2, 1) / freedom)


def _rows(table: Floats, draws: int, seed: int) -> Floats:
    """Covariance matrices of resampled people, all from one product of counts and products."""
    random = np.random.default_rng(seed)
    size, count = table.shape
    centred = table - table.mean(axis=1, keepdims=True)
    products = (centred[:, None] * centred[None]).reshape(size * size, count)
    times = random.multinomial(count, np.full(count, 1 / count), size=draws).astype(np.float64)
    mean = times @ centred.T / count
    second = (times @ products.T / count).reshape(draws, size, size)
    return np.asarray((second - mean[:, :, None] * mean[:, None, :]) * count / (count - 1))


def bias_corrected(point: Floats, drawn: Floats, confidence: float) -> tuple[Floats, Floats]:
    """Ends of the bias-corrected percentile interval (B. Efron 1981), for each column of `drawn`."""
    draws = len(drawn)
    below = np.clip((drawn < point).mean(axis=0), 0.5 / draws, 1 - 0.5 / draws)
    shift = 2 * special.ndtri(below)
    z = special.ndtri((1 + confidence) / 2)
    ranked = np.sort(drawn, axis=0)
    ends = [special.ndtr(shift + side * z) * (draws - 1) for side in (-1, 1)]
    columns = np.arange(drawn.shape[1])
    low, high = (
        ranked[np.floor(end).astype(int), columns] * (1 - end % 1)
        + ranked[np.ceil(end).astype(int), columns] * (end % 1)
        for end in ends
    )
    return low, high


def measure(result: DriverImportance, name: str) -> Floats:
    """The measure of that name from a result: lmg, first, last, pratt or johnson.

    >>> r = driver_importance_of_rows(y=[1, 2, 3, 4], x={"a": [1, 2, 3, 5]})
    >>> measure(r, "first").round(3).tolist()
    [0.966]
    """
    return cast(Floats, getattr(result, one_of("name", name, MEASURES)))
