"""Below which value lie so many percent of the answers: quantiles of all nine types.

Question: what do the median customer, the best and the worst tenth experience (waiting times, delays, amounts)?
Used by: steps 1, 7, 8 and 9.
Source: R. J. Hyndman, Y. Fan, "Sample Quantiles in Statistical Packages", The American Statistician 50 (1996),
361-365.
Checked against: R's quantile, types 1 to 9 (tests/reference).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from nonagon.basics.errors import ArgumentError
from nonagon.methods.checks import Floats, real_array

TYPES = tuple(range(1, 10))
# Types 4 to 9: the constants a and b of the plotting position (k - a) / (n + 1 - a - b).
_POSITIONS = {4: (0.0, 1.0), 5: (0.5, 0.5), 6: (0.0, 0.0), 7: (1.0, 1.0), 8: (1 / 3, 1 / 3), 9: (3 / 8, 3 / 8)}
_STEPS = 3


@dataclass(frozen=True, slots=True)
class Percentile:
    """Quantiles of n values: one for each of the shares p, of the named type."""

    n: int
    p: Floats
    values: Floats
    type: int

    def describe(self) -> str:
        """One sentence with the quantiles."""
        pairs = ", ".join(f"{share:.0%} at {value:.4g}" for share, value in zip(self.p, self.values, strict=True))
        return f"Of {self.n} values the quantiles are: {pairs} (type {self.type} of Hyndman and Fan; no interval)."


def percentile(*, x: ArrayLike, p: ArrayLike, type: int = 7) -> Percentile:  # noqa: A002
    """Quantiles of x at the shares p.

    x: one-dimensional, at least one finite number. p: shares from 0 to 1 (fractions of one). type: 1 to 9 as in
    Hyndman and Fan; 7 is the default of R and Excel, 6 that of Minitab and SPSS, 2 that of SAS.
    Raises ArgumentError for a share outside 0 to 1 or an unknown type, NotEnoughData without a value.

    >>> percentile(x=[1, 3, 4, 8, 9, 15, 22, 30], p=[0.25, 0.5]).values.tolist()
    [3.75, 8.5]
    """
    values = np.sort(real_array("x", x, ndim=1))
    shares = np.atleast_1d(real_array("p", p))
    if np.any((shares < 0) | (shares > 1)):
        bad = shares[(shares < 0) | (shares > 1)][0]
        raise ArgumentError(f"p must lie from 0 to 1 (a share is a fraction of one); got {bad:g}")
    if type not in TYPES:
        raise ArgumentError(f"type must be a whole number from 1 to 9; got {type!r}")
    below, step = _step(shares, values.size, type) if type <= _STEPS else _position(shares, values.size, type)
    padded = np.concatenate([values[:1], values, values[-1:]])
    at = np.clip(below, 0, values.size).astype(int)
    low, high = padded[at], padded[np.minimum(at + 1, values.size + 1)]
    found = np.where(step == 1, high, low + step * (high - low))
    return Percentile(n=values.size, p=shares, values=found, type=type)


def _position(shares: Floats, n: int, kind: int) -> tuple[Floats, Floats]:
    """Whole part and fraction of the place at which a continuous type reads the sorted values."""
    a, b = _POSITIONS[kind]
    return _parts(a + shares * (n + 1 - a - b))


def _step(shares: Floats, n: int, kind: int) -> tuple[Floats, Floats]:
    """The same for the types that step from value to value."""
    below, rest = _parts(n * shares - 0.5 if kind == 3 else n * shares)
    if kind == 1:
        return below, (rest > 0).astype(np.float64)
    if kind == 2:
        return below, np.where(rest > 0, 1.0, 0.5)
    return below, ((rest != 0) | (below % 2 == 1)).astype(np.float64)


def _parts(place: Floats) -> tuple[Floats, Floats]:
    # n times a share that is meant to be whole may miss it by rounding.
    slack = 4 * np.finfo(float).eps * np.maximum(1.0, np.abs(place))
    below = np.floor(place + slack)
    rest = place - below
    return below, np.where(np.abs(rest) <= slack, 0.0, rest)
