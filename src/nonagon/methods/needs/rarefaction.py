"""How many needs fewer mentions would have brought: rarefaction.

Question: two classes of customers talked to different extents; which of them named more different needs?
Used by: step 3 (comparing classes at equal numbers of mentions).
Source: S. H. Hurlbert, Ecology 52 (1971), 577-586; K. L. Heck, G. van Belle, D. Simberloff, Ecology 56 (1975)
(variance).
Checked against: R's vegan (tests/reference) and drawing without replacement in the tests.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, real_array
from nonagon.methods.needs.incidence import whole_numbers


@dataclass(frozen=True, slots=True)
class Rarefaction:
    """Expected numbers of needs in random parts of the mentions.

    sizes: mentions drawn; expected: needs among them; se: standard deviation over the draws. n, observed: the
    whole.
    """

    sizes: Floats
    expected: Floats
    se: Floats
    n: int
    observed: int

    def describe(self) -> str:
        """One sentence."""
        return (
            f"{self.sizes[-1]:g} of {self.n} mentions would hold {self.expected[-1]:.1f} of the "
            f"{self.observed} needs on "
            f"average (standard deviation {self.se[-1]:.1f})."
        )


def rarefaction(*, counts: ArrayLike, sizes: ArrayLike) -> Rarefaction:
    """Expected number of needs in so many mentions drawn without replacement.

    counts: mentions of each need, whole numbers of at least 0. sizes: numbers of mentions drawn, from 0 to
    all.
    Raises ArgumentError for sizes beyond the mentions, NotEnoughData where nothing was mentioned.

    >>> rarefaction(counts=[3, 2, 1], sizes=[1, 6]).expected.round(6).tolist()
    [1.0, 3.0]
    """
    given = whole_numbers("counts", counts)
    heard = given[given > 0].astype(np.float64)
    if not len(heard):
        raise NotEnoughData("counts holds no mention of any need; code some answers first")
    n = float(heard.sum())
    m = real_array("sizes", sizes, ndim=1)
    if np.any((m < 0) | (m > n)):
        bad = m[(m < 0) | (m > n)][0]
        raise ArgumentError(f"sizes must lie from 0 to the {n:g} mentions; got {bad:g}")
    missed = _chance_missed(n, heard[:, None], m)
    both = _chance_missed(n, (heard[:, None] + heard[None, :])[:, :, None], m)
    pairs = both - missed[:, None] * missed[None, :]
    own = np.arange(len(heard))
    pairs[own, own] = missed * (1 - missed)
    return Rarefaction(
        sizes=m,
        expected=len(heard) - missed.sum(axis=0),
        se=np.sqrt(np.maximum(pairs.sum(axis=(0, 1)), 0.0)),
        n=int(n),
        observed=len(heard),
    )


def _chance_missed(n: float, without: Floats, drawn: Floats) -> Floats:
    """Chance that a draw of so many of n mentions holds none of `without` of them."""
    possible = n - without >= drawn
    left = np.where(possible, n - without - drawn, 0.0)
    log_chance = (
        special.gammaln(n - without + 1)
        - special.gammaln(left + 1)
        - special.gammaln(n + 1)
        + special.gammaln(n - drawn + 1)
    )
    return np.where(possible, np.exp(log_chance), 0.0)
