"""Market shares and the share relative to the strongest competitor.

Question: how large is our part of the market, and how does it stand against the next one?
Used by: step 2.
Source: B. D. Henderson, "The Product Portfolio", 1970 (relative share); US Department of Justice, Merger
Guidelines (concentration).
Checked against: hand computation in the tests.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import at_least, real_array
from nonagon.methods.value.hhi import hhi


@dataclass(frozen=True, slots=True)
class MarketShare:
    """Shares of a market as fractions of one.

    share: by seller, in the order given. own: which seller we are. relative_share: our share over that of the
    largest competitor, or None without a competitor that sells. hhi: sum of squared shares, 0 to 1; times
    10,000 it is in points. top: share of the largest sellers together, by how many.
    """

    share: dict[str, float]
    own: str
    relative_share: float | None
    hhi: float
    effective_number: float
    top: dict[int, float]
    total: float

    def describe(self) -> str:
        """One sentence with our share and its caveat."""
        against = "no competitor sells here"
        if self.relative_share is not None:
            against = f"{self.relative_share:.2f} times that of the largest competitor"
        return (
            f"{self.own} holds {self.share[self.own]:.1%} of the market of {self.total:,.0f}, {against}; the "
            "figure is as good as the competitors' sales that were put in."
        )


def market_share(
    *, sales: Mapping[str, float], own: str | None = None, top: tuple[int, ...] = (2, 4)
) -> MarketShare:
    """Shares of the sellers in a market.

    sales: sales of each seller in one unit and period, 0 or more, all sellers (put the small ones together).
    own: which seller we are; by default the first. top: for how many of the largest sellers the joint share
    is given.
    Raises ArgumentError for a negative sale or an unknown seller, NotEnoughData where nothing was sold.

    >>> result = market_share(sales={"us": 40, "north": 50, "south": 10})
    >>> result.share["us"], result.relative_share, result.top[2]
    (0.4, 0.8, 0.9)
    """
    names = [str(name) for name in sales]
    amounts = real_array("sales", list(sales.values()), ndim=1)
    at_least("sales", float(amounts.min()), 0)
    total = float(amounts.sum())
    if total == 0:
        raise NotEnoughData("sales are zero for every seller: shares of nothing do not exist")
    own = names[0] if own is None else own
    if own not in names:
        raise ArgumentError(f"own must be one of the sellers {', '.join(names)}; got {own!r}")
    share = amounts / total
    others = np.delete(share, names.index(own))
    largest = float(others.max()) if others.size else 0.0
    index = hhi(shares=share)
    descending = np.sort(share)[::-1]
    return MarketShare(
        share={name: float(one) for name, one in zip(names, share, strict=True)},
        own=own,
        relative_share=float(share[names.index(own)]) / largest if largest > 0 else None,
        hhi=index.hhi,
        effective_number=index.effective_number,
        top={count: float(descending[:count].sum()) for count in top},
        total=total,
    )
