"""Mean, standard deviation and lag-1 autocorrelation to the last digit.

Question: what are the plain statistics of a series, when its digits nearly cancel?
Used by: every step that shows a mean; `lag1_autocorrelation` before control charts (step 7).
Source: the definitions; T. F. Chan, G. H. Golub, R. J. LeVeque, The American Statistician 37 (1983), 242-247
(why two passes).
Checked against: NIST StRD univariate data sets (NumAcc1 to 4, Michelso, Lew) and exact fractions in the
tests.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from numpy.typing import ArrayLike

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import one_of, real_array


@dataclass(frozen=True, slots=True)
class Univariate:
    """Plain statistics of n values.

    mean; sd: standard deviation with divisor n - 1; lag1_autocorrelation: sum of products of neighbours'
    deviations over the sum of squared deviations, or None where all values are equal. arithmetic: "double" or
    "exact".
    """

    n: int
    mean: float
    sd: float
    lag1_autocorrelation: float | None
    arithmetic: Literal["double", "exact"]

    def describe(self) -> str:
        """One sentence."""
        return f"{self.n} values with a mean of {self.mean:.6g} and a standard deviation of {self.sd:.6g}."


def univariate(*, x: ArrayLike, arithmetic: Literal["double", "exact"] = "double") -> Univariate:
    """Mean, standard deviation and lag-1 autocorrelation of a series.

    x: n values in order, n of at least 2. arithmetic: "double" sums without loss (correctly rounded sums
    about the mean); "exact" reads each value as the shortest decimal that stands for it and calculates with
    fractions, for checking: slow, and right to the last digit for data typed as decimals.
    Raises NotEnoughData for fewer than 2 values.

    >>> found = univariate(x=[1, 3, 2, 4])
    >>> found.mean, round(found.sd, 6), round(found.lag1_autocorrelation, 6)
    (2.5, 1.290994, -0.35)
    """
    one_of("arithmetic", arithmetic, ("double", "exact"))
    values = real_array("x", x, ndim=1)
    if len(values) < 2:
        raise NotEnoughData(f"x needs at least 2 values for a standard deviation; got {len(values)}")
    numbers = values.tolist()
    return _exact(numbers) if arithmetic == "exact" else _double(numbers)


def alternating(*, first: float, then: Sequence[float], n: int) -> list[float]:
    """A series of n values: `first`, then the values of `then` in turn, as NIST's NumAcc sets are built.

    >>> alternating(first=2, then=[1, 3], n=5)
    [2, 1, 3, 1, 3]
    """
    if n < 1 or not len(then):
        raise ArgumentError(f"n must be at least 1 and then must not be empty; got {n} and {then!r}")
    return [first, *(then[i % len(then)] for i in range(n - 1))]


def _double(x: list[float]) -> Univariate:
    n = len(x)
    rough = math.fsum(x) / n
    # The mean as a double is rounded; the sum of what is left over corrects for it.
    mean = rough + math.fsum(value - rough for value in x) / n
    deviations = [value - mean for value in x]
    left = math.fsum(deviations)
    squares = math.fsum(d * d for d in deviations) - left * left / n
    products = math.fsum(a * b for a, b in pairwise(deviations))
    flat = squares <= 0
    return Univariate(
        n, mean, math.sqrt(max(squares, 0.0) / (n - 1)), None if flat else products / squares, "double"
    )


def _exact(x: list[float]) -> Univariate:
    numbers = [Fraction(repr(value)) for value in x]
    n = len(numbers)
    mean = sum(numbers, Fraction(0)) / n
    deviations = [value - mean for value in numbers]
    squares = sum((d * d for d in deviations), Fraction(0))
    products = sum((a * b for a, b in pairwise(deviations)), Fraction(0))
    lag = None if squares == 0 else float(products / squares)
    return Univariate(n, float(mean), _root(squares / (n - 1)), lag, "exact")


def _root(value: Fraction) -> float:
    """The square root as a double, without losing digits first."""
    scale = 10**40
    return math.isqrt(int(value * scale * scale)) / scale if value else 0.0
