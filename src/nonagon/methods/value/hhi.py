"""The Herfindahl-Hirschman index: how much of a whole few hold.

Question: is the market (or the revenue) spread over many or held by few?
Used by: steps 1 and 2.
Source: O. C. Herfindahl, "Concentration in the Steel Industry", 1950; A. O. Hirschman, American Economic
Review 54 (1964), 761; M. A. Adelman, Review of Economics and Statistics 51 (1969), 99-101 (effective number).
Checked against: the example 30, 30, 20, 20 = 2600 of the United States merger guidelines (tests/reference).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from nonagon.basics.errors import ArgumentError
from nonagon.methods.checks import Floats, at_least, real_array


@dataclass(frozen=True, slots=True)
class Hhi:
    """The sum of squared shares.

    hhi: in the unit of `whole` squared: 0 to 1 where shares are fractions, 0 to 10,000 points where they are
    percent. effective_number: how many holders of equal size would give the same index. covered: the part of
    the whole that the shares given add up to, as a fraction.
    """

    shares: Floats
    whole: float
    hhi: float
    effective_number: float
    covered: float

    @property
    def points(self) -> float:
        """The index in points, 0 to 10,000."""
        return 10_000 * self.hhi / self.whole**2

    def describe(self) -> str:
        """One sentence with the index and its caveat."""
        known = "" if self.covered > 1 - 1e-9 else f"; the shares given cover only {self.covered:.1%} of the whole"
        return (
            f"The concentration index is {self.points:,.0f} of 10,000 points, as if "
            f"{self.effective_number:.1f} holders had equal shares{known}."
        )


def hhi(*, shares: ArrayLike, whole: float = 1.0) -> Hhi:
    """The Herfindahl-Hirschman index of shares.

    shares: one share a holder, 0 or more, together at most `whole`. whole: what the shares are parts of:
    1 for fractions (the default), 100 for percent. Shares that add up to less leave small holders out, whose
    squares hardly count.
    Raises ArgumentError for a negative share or a sum above the whole, NotEnoughData without shares.

    >>> round(hhi(shares=[0.3, 0.3, 0.2, 0.2]).points)
    2600
    >>> hhi(shares=[30, 30, 20, 20], whole=100).hhi
    2600.0
    """
    array = real_array("shares", shares, ndim=1)
    at_least("shares", float(array.min()), 0)
    if not whole > 0:
        raise ArgumentError(f"whole must be above 0 (1 for fractions, 100 for percent); got {whole!r}")
    total = float(array.sum())
    if not 0 < total <= whole * (1 + 1e-9):
        raise ArgumentError(
            f"shares must add up to more than 0 and at most {whole:g}; got {total:g}; for percent pass whole=100"
        )
    index = float(np.sum(array**2))
    return Hhi(
        shares=array,
        whole=float(whole),
        hhi=index,
        effective_number=whole**2 / index,
        covered=min(1.0, total / whole),
    )
