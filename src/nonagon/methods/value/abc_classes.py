"""ABC classes: the few customers (or products, causes) that bring most of the revenue.

Question: who makes the first 80 % of revenue, who the next 15 %, and who the rest?
Used by: steps 1, 2 and 5.
Source: J. M. Juran, "Quality Control Handbook", 1951 (the vital few); H. F. Dickie, Factory Management and
Maintenance 109 (1951), 92-94 (ABC analysis).
Checked against: hand computation in the tests. Textbooks differ on the customer whose revenue crosses the
limit; `crossing` names the rule.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, one_of, real_array

Crossing = Literal["in", "out"]
Negative = Literal["refuse", "as_zero"]


@dataclass(frozen=True, slots=True)
class AbcClasses:
    """The class of each customer, in the order given.

    letter: "A", "B", "C" ... for each customer. rank: 1 for the highest revenue. share: each customer's share
    of revenue. cumulative: the share of all customers up to and including this one, best first.
    limits: the cumulative shares at which classes end. counts and shares: customers and share of revenue
    in each class. counted_as_zero: how many negative revenues were set to zero.
    """

    letter: NDArray[np.str_]
    rank: NDArray[np.int64]
    share: Floats
    cumulative: Floats
    limits: tuple[float, ...]
    crossing: Crossing
    counts: dict[str, int]
    shares: dict[str, float]
    counted_as_zero: int

    def describe(self) -> str:
        """One sentence on class A and its caveat."""
        n = len(self.letter)
        return (
            f"{self.counts['A']} of {n} customers ({self.counts['A'] / n:.1%}) bring {self.shares['A']:.1%} "
            "of the revenue (class A); this is a count of what was sold in the period, not a forecast."
        )


def abc_classes(
    *,
    revenue: ArrayLike,
    limits: tuple[float, ...] = (0.8, 0.95),
    crossing: Crossing = "in",
    negative: Negative = "refuse",
) -> AbcClasses:
    """Classes by cumulative share of revenue, best customer first.

    revenue: one amount a customer, in one currency, 0 or more. limits: rising fractions between 0 and 1; two
    limits make the classes A, B and C. crossing: whether the customer whose revenue crosses a limit belongs
    to the class above it ("in", the default) or below it ("out"). negative: net refunds are refused, or count
    "as_zero". Equal revenues keep the order given.
    Raises ArgumentError for limits that do not rise or a negative revenue, NotEnoughData where all is zero.

    >>> result = abc_classes(revenue=[10, 700, 200, 40, 50])
    >>> "".join(result.letter)
    'CAACB'
    >>> result.counts
    {'A': 2, 'B': 1, 'C': 2}
    """
    amounts, zeroed = nonnegative_revenue(revenue, negative)
    one_of("crossing", crossing, ("in", "out"))
    edges = _limits(limits)
    order = np.argsort(-amounts, kind="stable")
    share = amounts / amounts.sum()
    running = np.minimum(np.cumsum(share[order]), 1.0)
    # Rounding must not decide whether a customer crosses a limit such as 0.8.
    reached = running - share[order] if crossing == "in" else running
    position = np.searchsorted(np.asarray(edges), reached - 1e-12 if crossing == "out" else reached + 1e-12)
    letters = np.array([chr(ord("A") + index) for index in range(len(edges) + 1)])
    letter, cumulative = np.empty(amounts.size, dtype="<U1"), np.empty(amounts.size)
    rank = np.empty(amounts.size, dtype=np.int64)
    letter[order], cumulative[order], rank[order] = letters[position], running, np.arange(1, amounts.size + 1)
    return AbcClasses(
        letter=letter,
        rank=rank,
        share=share,
        cumulative=cumulative,
        limits=edges,
        crossing=crossing,
        counts={str(one): int(np.count_nonzero(letter == one)) for one in letters},
        shares={str(one): float(share[letter == one].sum()) for one in letters},
        counted_as_zero=zeroed,
    )


def nonnegative_revenue(revenue: ArrayLike, negative: Negative) -> tuple[Floats, int]:
    """Revenue of 0 or more, with how many negative amounts were set to zero; some must be above zero.

    >>> nonnegative_revenue([5, -1], "as_zero")
    (array([5., 0.]), 1)
    """
    amounts = real_array("revenue", revenue, ndim=1)
    one_of("negative", negative, ("refuse", "as_zero"))
    below = int(np.count_nonzero(amounts < 0))
    if below and negative == "refuse":
        raise ArgumentError(
            f"revenue must be 0 or more; got {below} negative amount(s), the lowest {amounts.min():g}; "
            'leave those customers out or pass negative="as_zero"'
        )
    amounts = np.maximum(amounts, 0)
    if amounts.sum() == 0:
        raise NotEnoughData("revenue is zero for every customer: shares of nothing do not exist")
    return amounts, below


def _limits(limits: tuple[float, ...]) -> tuple[float, ...]:
    edges = tuple(float(edge) for edge in limits)
    rising = all(one < other for one, other in zip((0.0, *edges), (*edges, 1.0), strict=True))
    if not edges or not rising or len(edges) > 25:
        raise ArgumentError(f"limits must rise between 0 and 1, such as (0.8, 0.95); got {limits!r}")
    return edges
