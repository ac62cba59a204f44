"""How unevenly revenue is spread over customers.

Question: how much of the revenue hangs on the few largest customers?
Used by: step 1.
Source: C. Gini, "Variabilità e mutabilità", 1912; M. O. Lorenz, Publications of the American Statistical
Association 9 (1905), 209-219; G. Deltas, Review of Economics and Statistics 85 (2003), 226-234 (bias of Gini).
Checked against: mean differences and the area under the curve, worked out apart (tests).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nonagon.basics.errors import ArgumentError
from nonagon.methods.checks import Floats, fraction
from nonagon.methods.value.abc_classes import Negative, nonnegative_revenue
from nonagon.methods.value.hhi import hhi


@dataclass(frozen=True, slots=True)
class CustomerConcentration:
    """Concentration of revenue over n customers; shares are fractions of one.

    hhi: sum of squared shares. effective_number: customers of equal size that would give the same index.
    gini: mean absolute difference over twice the mean; gini_unbiased: times n / (n - 1), None for one
    customer. lorenz: share of revenue of the smallest 0, 1, ... n customers (n + 1 numbers from 0 to 1).
    top: share of the N largest customers, by N. top_fraction: the fraction of customers asked for,
    and top_fraction_share: the share of revenue of that fraction of largest customers (rounded up to whole
    customers). order: positions of the customers from the largest down, counted from 0.
    """

    n: int
    total: float
    hhi: float
    effective_number: float
    gini: float
    gini_unbiased: float | None
    lorenz: Floats
    top: dict[int, float]
    top_fraction: float
    top_fraction_share: float
    order: NDArray[np.int64]
    counted_as_zero: int

    def lorenz_curve(self, points: int = 101) -> tuple[Floats, Floats]:
        """The Lorenz curve at evenly spaced shares of customers, for drawing.

        >>> x, y = customer_concentration(revenue=[1, 1, 2]).lorenz_curve(points=3)
        >>> y.tolist()
        [0.0, 0.375, 1.0]
        """
        x = np.linspace(0, 1, points)
        return x, np.interp(x, np.linspace(0, 1, self.n + 1), self.lorenz)

    def describe(self) -> str:
        """One sentence with the headline share and its caveat."""
        return (
            f"The largest {self.top_fraction:.0%} of {self.n} customers bring {self.top_fraction_share:.1%} of "
            f"the revenue (Gini {self.gini:.2f}; as if {self.effective_number:.1f} customers of equal "
            f"size); it "
            "counts the customers who bought in the period, all of them, so it carries no sampling error."
        )


def customer_concentration(
    *,
    revenue: ArrayLike,
    top: tuple[int, ...] = (1, 5, 10, 20),
    top_fraction: float = 0.2,
    negative: Negative = "refuse",
) -> CustomerConcentration:
    """Concentration of revenue: top-N share, index, Gini coefficient and Lorenz curve.

    revenue: one amount a customer in one currency, 0 or more. top: the Ns for which the share of the N
    largest is given (a larger N than customers gives 1). top_fraction: between 0 and 1. negative: net refunds
    are refused, or count "as_zero".
    Raises ArgumentError for a negative revenue, NotEnoughData where all is zero.

    >>> result = customer_concentration(revenue=[50, 30, 10, 5, 5], top=(1, 2))
    >>> result.top, round(result.gini, 2), round(result.hhi, 3)
    ({1: 0.5, 2: 0.8}, 0.46, 0.355)
    """
    amounts, zeroed = nonnegative_revenue(revenue, negative)
    fraction("top_fraction", top_fraction)
    if any(count < 1 for count in top):
        raise ArgumentError(f"top must hold whole numbers of at least 1; got {top!r}")
    n = amounts.size
    share = np.sort(amounts) / amounts.sum()
    lorenz = np.minimum(np.concatenate([[0.0], np.cumsum(share)]), 1.0)
    lorenz[-1] = 1.0
    gini = max(0.0, float(np.sum((2 * np.arange(1, n + 1) - n - 1) * share) / n))
    index = hhi(shares=share)
    many = int(np.ceil(top_fraction * n - 1e-9))
    return CustomerConcentration(
        n=n,
        total=float(amounts.sum()),
        hhi=index.hhi,
        effective_number=index.effective_number,
        gini=gini,
        gini_unbiased=gini * n / (n - 1) if n > 1 else None,
        lorenz=lorenz,
        top={count: float(1 - lorenz[max(0, n - count)]) for count in top},
        top_fraction=top_fraction,
        top_fraction_share=float(1 - lorenz[n - many]),
        order=np.argsort(-amounts, kind="stable"),
        counted_as_zero=zeroed,
    )
