"""Wallet allocation rule: share of wallet from the rank that a customer gives a brand.

Question: what part of a customer's spending in a category goes to us, by our rank among the brands used?
Used by: steps 2 and 9.
Source: T. L. Keiningham, L. Aksoy, A. Buoye, B. Cooil, Harvard Business Review 89 (10, 2011), 29-31:
share = (1 - rank / (number + 1)) x 2 / number.
Checked against: the rule itself, whose shares of all ranks add up to one (tests).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from nonagon.basics.errors import ArgumentError
from nonagon.methods.checks import Floats, real_array


@dataclass(frozen=True, slots=True)
class WalletAllocation:
    """share: of wallet, one for each rank given, as fractions of one; n: brands used in the category."""

    rank: Floats
    n: Floats
    share: Floats

    def describe(self) -> str:
        """One sentence with the mean share and its caveat."""
        return (
            f"By its rank the brand gets {self.share.mean():.1%} of the wallet on average over {self.share.size} "
            "answer(s); the rule is an approximation and carries no interval."
        )


def wallet_allocation(*, rank: ArrayLike, n: ArrayLike) -> WalletAllocation:
    """Share of wallet by rank.

    rank: the brand's rank by satisfaction, 1 the best; brands that tie share the mean of their ranks. n: number of
    brands the customer uses, one number or one for each rank.
    Raises ArgumentError for a rank below 1 or above n.

    >>> wallet_allocation(rank=[1, 2], n=2).share.round(4).tolist()
    [0.6667, 0.3333]
    """
    ranks = real_array("rank", np.atleast_1d(rank), ndim=1)
    try:
        brands = np.broadcast_to(real_array("n", np.atleast_1d(n), ndim=1), ranks.shape)
    except ValueError as error:
        raise ArgumentError(f"n must be one number or one for each of {ranks.size} ranks; got {n!r}") from error
    outside = (ranks < 1) | (ranks > brands)
    if outside.any():
        where = int(np.flatnonzero(outside)[0])
        raise ArgumentError(f"rank must lie from 1 to n ({brands[where]:g}); got {ranks[where]:g}")
    return WalletAllocation(rank=ranks, n=brands, share=(1 - ranks / (brands + 1)) * 2 / brands)
