"""How long until customers notice: the lag between a process series and a perception series.

Question: after the process changes, how many periods later does the customers' score move, if it does at all?
Used by: steps 7 and 8 (process to perception).
Source: G. E. P. Box and G. M. Jenkins, Time Series Analysis (1970), chapter 11 (prewhitening); L. D. Haugh,
JASA 71 (1976), 378-385 (cross-correlation of whitened series).
Checked against: simulation: false findings at the stated rate, the true lag inside the stated set.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, at_least, fraction, one_of, real_array, same_length

Direction = Literal["either", "together", "opposite"]


@dataclass(frozen=True, slots=True)
class Lag:
    """What was found.

    shown: whether any lag stands out beyond chance (p at most 1 - confidence). lag: the lag with the largest
    correlation, in periods, perception after process; correlation: there; low, high: smallest and largest lag
    of the set that holds the true one with `confidence`, given that there is one; None in all four where
    nothing was shown. p: chance of so large a correlation anywhere among the lags when the series are
    unrelated. lags, correlations: of the whitened series; order: of the autoregression that whitened them.
    """

    shown: bool
    lag: int | None
    correlation: float | None
    low: int | None
    high: int | None
    p: float
    lags: NDArray[np.int64]
    correlations: Floats
    order: int
    n: int
    direction: Direction
    confidence: float

    def describe(self) -> str:
        """One sentence with the caveat, also when nothing was shown."""
        if not self.shown or self.lag is None or self.correlation is None:
            return (
                f"No lag from the process to the customers' score is shown in {self.n} periods (p = "
                f"{self.p:.2f}): the "
                f"two may be unrelated, or the series too short."
            )
        return (
            f"The customers' score follows the process after about {self.lag} periods ({self.low} to "
            f"{self.high} with "
            f"{self.confidence:.0%} confidence; correlation {self.correlation:+.2f}, p = {self.p:.3f}); "
            "something else that "
            f"moves both would look the same."
        )


def lag(
    *,
    process: ArrayLike,
    perception: ArrayLike,
    most: int,
    least: int = 0,
    direction: Direction = "either",
    order: int | None = None,
    confidence: float = 0.95,
    draws: int = 1000,
    seed: int = 0,
) -> Lag:
    """Lag from a process series to a perception series, or that none is shown.

    process, perception: n values each, evenly spaced and in step, no gaps; n at least 20 and at least 4 times
    `most`. least, most: lags looked at, from 0. direction: whether the score should move "together" with the
    measure, "opposite" to it (delay up, score down), or "either". order: of the autoregression fitted to the
    process and applied to both, or None to choose it by AIC up to 5. confidence, draws, seed: of the test (by
    shuffling the whitened process) and of the set of lags (by resampling what the best lag leaves over).
    Whitening takes the process's own memory out, without which any two slow series seem related. Assumes a
    steady relation and series without trend: take differences of trending ones first.
    Raises NotEnoughData for short or constant series, ArgumentError for other values.

    >>> delay = np.random.default_rng(2).normal(size=60)
    >>> score = 8 - np.concatenate([np.zeros(2), delay[:-2]]) + 0.3 * np.random.default_rng(3).normal(size=60)
    >>> found = lag(process=delay, perception=score, most=6)
    >>> found.lag, found.low, found.high
    (2, 2, 2)
    """
    x, y = real_array("process", process, ndim=1), real_array("perception", perception, ndim=1)
    n = same_length(process=x, perception=y)
    fraction("confidence", confidence)
    one_of("direction", direction, ("either", "together", "opposite"))
    at_least("draws", draws, 100)
    if not 0 <= least <= most:
        raise ArgumentError(f"least and most must be lags with 0 <= least <= most; got {least} and {most}")
    if n < max(20, 4 * most):
        raise NotEnoughData(f"process needs at least {max(20, 4 * most)} periods for lags up to {most}; got {n}")
    for name, series in (("process", x), ("perception", y)):
        if np.ptp(series) == 0:
            raise NotEnoughData(f"{name} never varies: nothing can follow it or be followed")
    weights = _autoregression(x, order)
    white, filtered = _filtered(x, weights), _filtered(y, weights)
    lags = np.arange(least, most + 1)
    correlations = _cross_correlations(white[None], filtered[None], lags)[0]
    size = _sizes(correlations, direction)
    random = np.random.default_rng(seed)
    shuffled = random.permuted(np.broadcast_to(white, (draws, len(white))), axis=1)
    chance = _sizes(_cross_correlations(shuffled, filtered[None], lags), direction).max(axis=1)
    p = float((1 + np.sum(chance >= size.max())) / (draws + 1))
    best = int(np.argmax(size))
    shown = p <= 1 - confidence
    low = high = None
    if shown:
        kept = _plausible(white, filtered, lags, best, direction, confidence, draws, random)
        low, high = int(kept.min()), int(kept.max())
    return Lag(
        shown=shown,
        lag=int(lags[best]) if shown else None,
        correlation=float(correlations[best]) if shown else None,
        low=low,
        high=high,
        p=p,
        lags=lags,
        correlations=correlations,
        order=len(weights),
        n=n,
        direction=direction,
        confidence=confidence,
    )


def _autoregression(x: Floats, order: int | None) -> Floats:
    """Yule-Walker weights of the order given, or of the order with the smallest AIC up to 5."""
    centred = x - x.mean()
    n = len(x)
    top = 5 if order is None else order
    if top < 0 or top > n // 4:
        raise ArgumentError(f"order must be from 0 to a quarter of the periods ({n // 4}); got {order!r}")
    covariance = np.array([centred[: n - k] @ centred[k:] / n for k in range(top + 1)])
    options = range(top + 1) if order is None else [order]
    best: tuple[float, Floats] = (np.inf, np.zeros(0))
    for size in options:
        weights = linalg.solve_toeplitz(covariance[:size], covariance[1 : size + 1]) if size else np.zeros(0)
        left = max(float(covariance[0] - weights @ covariance[1 : size + 1]), 1e-300)
        aic = n * np.log(left) + 2 * size
        if aic < best[0]:
            best = (aic, np.asarray(weights))
    return best[1]


def _filtered(x: Floats, weights: Floats) -> Floats:
    """What the autoregression does not foresee, centred."""
    centred = x - x.mean()
    size = len(weights)
    left = centred[size:].copy()
    for step, weight in enumerate(weights, start=1):
        left -= weight * centred[size - step : len(centred) - step]
    return np.asarray(left - left.mean())


def _cross_correlations(first: Floats, second: Floats, lags: NDArray[np.int64]) -> Floats:
    """Correlation of row i of `first` with row i of `second` so many periods later (a single row is shared)."""
    n = first.shape[1]
    scale = np.sqrt((first**2).sum(axis=1) * (second**2).sum(axis=1))
    products = [(first[:, : n - k] * second[:, k:]).sum(axis=1) for k in lags]
    return np.asarray(np.stack(products, axis=1) / np.maximum(scale, 1e-300)[:, None])


def _sizes(correlations: Floats, direction: Direction) -> Floats:
    if direction == "either":
        return np.abs(correlations)
    return correlations if direction == "together" else -correlations


def _plausible(
    white: Floats,
    filtered: Floats,
    lags: NDArray[np.int64],
    best: int,
    direction: Direction,
    confidence: float,
    draws: int,
    random: np.random.Generator,
) -> NDArray[np.int64]:
    """The lags that together hold what resampling finds with `confidence`, most often found first."""
    k = int(lags[best])
    cause = np.concatenate([np.zeros(k), white[: len(white) - k]])
    slope = float(cause @ filtered) / float(cause @ cause)
    left = filtered - slope * cause
    drawn = slope * cause + random.choice(left, size=(draws, len(left)))
    found = np.argmax(_sizes(_cross_correlations(white[None], drawn, lags), direction), axis=1)
    share = np.bincount(found, minlength=len(lags)) / draws
    order = np.argsort(-share, kind="stable")
    enough = int(np.searchsorted(np.cumsum(share[order]), confidence - 1e-12)) + 1
    return np.asarray(lags[np.append(order[:enough], best)])
