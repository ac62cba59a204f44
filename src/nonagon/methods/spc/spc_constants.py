"""Which factors turn ranges and standard deviations of small samples into control limits.

Question: how large are the range and the standard deviation of n normal values on average, and how much
do they vary; and which factors for control limits follow?
Used by: step 7 (every chart for measured values).
Source: the definitions: the moments of the range of n standard normal values (L. H. C. Tippett,
Biometrika 17 (1925), 364-387) and of the standard deviation (chi distribution); the factors A to E as in
ISO 7870-2 and Montgomery, Introduction to Statistical Quality Control, appendix VI.
Checked against: R's ptukey with integrate (tests/reference) and the printed tables.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from nonagon.basics.errors import ArgumentError
from nonagon.methods.checks import Floats, at_least

PRINTED_DIGITS = 3
"""Decimals of d2 in the usual printed table; some programs compute with these rounded values."""


@dataclass(frozen=True, slots=True)
class SpcConstants:
    """The factors for subgroups of n values (all without unit).

    d2, d3: mean and standard deviation of the range in units of sigma; c4: mean of the standard deviation
    in units of sigma. A, A2, A3: limits for means from sigma, from the mean range, from the mean standard
    deviation. B3, B4: limits for standard deviations from their mean; B5, B6: from sigma. D1, D2: limits
    for ranges from sigma; D3, D4: from the mean range. E2: limits for single values from the mean range.
    Limits stand three standard errors from the centre; lower limits for spread are not below 0.
    """

    n: int
    d2: float
    d3: float
    c4: float
    A: float
    A2: float
    A3: float
    B3: float
    B4: float
    B5: float
    B6: float
    D1: float
    D2: float
    D3: float
    D4: float
    E2: float

    def describe(self) -> str:
        """One sentence with the meaning of the two main factors and its caveat."""
        return (
            f"In samples of {self.n} the range is on average {self.d2:.4f} and the standard deviation "
            f"{self.c4:.4f} times the process's standard deviation, if the values are normally distributed."
        )


def spc_constants(*, n: int) -> SpcConstants:
    """Factors for control limits, for subgroups of n values.

    n: values in a subgroup, an integer of at least 2. Assumes normally distributed, independent values.
    Raises ArgumentError for another n.

    >>> factors = spc_constants(n=5)
    >>> round(factors.d2, 3), round(factors.A2, 3), round(factors.D4, 3)
    (2.326, 0.577, 2.114)
    """
    n = _size(n)
    d2, d3 = _range_moments(float(n))
    c4 = float(_c4_of(np.array(float(n))))
    s_error = float(np.sqrt(1 - c4 * c4))
    root = float(np.sqrt(n))
    return SpcConstants(
        n=n,
        d2=d2,
        d3=d3,
        c4=c4,
        A=3 / root,
        A2=3 / (d2 * root),
        A3=3 / (c4 * root),
        B3=max(0.0, 1 - 3 * s_error / c4),
        B4=1 + 3 * s_error / c4,
        B5=max(0.0, c4 - 3 * s_error),
        B6=c4 + 3 * s_error,
        D1=max(0.0, d2 - 3 * d3),
        D2=d2 + 3 * d3,
        D3=max(0.0, 1 - 3 * d3 / d2),
        D4=1 + 3 * d3 / d2,
        E2=3 / d2,
    )


def mean_range(n: ArrayLike, *, printed: bool = False) -> Floats:
    """d2 for each n (integers of at least 2); `printed` rounds to the three decimals of printed tables.

    >>> mean_range([2, 4], printed=True)
    array([1.128, 2.059])
    """
    exact = _for_each_size(n, 0)
    return np.round(exact, PRINTED_DIGITS) if printed else exact


def spread_of_range(n: ArrayLike) -> Floats:
    """d3 for each n (integers of at least 2).

    >>> spread_of_range([2, 5]).round(4)
    array([0.8525, 0.8641])
    """
    return _for_each_size(n, 1)


def mean_deviation(n: ArrayLike) -> Floats:
    """c4 for each n (numbers of at least 2).

    >>> mean_deviation([2, 10]).round(4)
    array([0.7979, 0.9727])
    """
    sizes = np.asarray(n, dtype=np.float64)
    if sizes.size and not np.all(sizes >= 2):
        raise ArgumentError(f"n must be at least 2; got {sizes.min():g}")
    return _c4_of(sizes)


def _size(n: float) -> int:
    at_least("n", n, 2)
    if int(n) != n:
        raise ArgumentError(f"n must be an integer (values in a subgroup); got {n!r}")
    return int(n)


def _for_each_size(n: ArrayLike, moment: int) -> Floats:
    sizes: NDArray[np.float64] = np.asarray(n, dtype=np.float64)
    if sizes.ndim == 0:
        return np.asarray(_range_moments(float(sizes))[moment])
    if sizes.size and np.all(sizes == sizes.flat[0]):
        return np.full(sizes.shape, _range_moments(sizes.item(0))[moment])
    different, where = np.unique(sizes, return_inverse=True)
    values = np.array([_range_moments(size)[moment] for size in different.tolist()])
    return np.asarray(values[where].reshape(sizes.shape), dtype=np.float64)


def _c4_of(n: Floats) -> Floats:
    # E(s) / sigma = sqrt(2 / (n - 1)) * gamma(n / 2) / gamma((n - 1) / 2)
    return np.asarray(np.sqrt(2 / (n - 1)) * np.exp(special.gammaln(n / 2) - special.gammaln((n - 1) / 2)))


@lru_cache(maxsize=512)
def _range_moments(size: float) -> tuple[float, float]:
    """Mean and standard deviation of the range of `size` standard normal values."""
    n = _size(size)
    # P(range <= r) = n * integral of phi(x) * (Phi(x + r) - Phi(x))^(n - 1) dx. The trapezoid rule is exact
    # to rounding for such a smooth integrand that dies out at both ends.
    x, step = np.linspace(-9.5, 9.5, 381, retstep=True)
    nodes, weights = np.polynomial.legendre.leggauss(160)
    r, weights = 9.0 * (nodes + 1), 9.0 * weights
    density = n * np.exp(-x * x / 2) / np.sqrt(2 * np.pi)
    inside = special.ndtr(x[:, None] + r) - special.ndtr(x)[:, None]
    beyond = 1 - step * (density @ inside ** (n - 1))
    mean = float(weights @ beyond)
    square = float(2 * weights @ (r * beyond))
    return mean, float(np.sqrt(square - mean * mean))
