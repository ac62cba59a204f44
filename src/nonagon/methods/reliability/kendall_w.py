"""Do several judges rank alike: Kendall's coefficient of concordance.

Question: do customers (or team members) put the needs in the same order?
Used by: steps 4, 5 and 6 where several people rank.
Source: M. G. Kendall, B. Babington Smith, Annals of Mathematical Statistics 10 (1939), 275-287.
Checked against: R's package irr (tests/reference).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from nonagon.basics.errors import NotEnoughData
from nonagon.methods.checks import Floats, real_array


@dataclass(frozen=True, slots=True)
class KendallW:
    """Concordance of judges, 0 (none) to 1 (complete). chisq, degrees, p: the test against no concordance."""

    objects: int
    judges: int
    w: float
    chisq: float
    degrees: int
    p: float
    ties_corrected: bool

    def describe(self) -> str:
        """One sentence with the caveat."""
        verdict = "more alike than by chance" if self.p < 0.05 else "no more alike than by chance"
        return (
            f"{self.judges} judges rank {self.objects} objects {verdict}: W {self.w:.2f} (p {self.p:.2g}, "
            "which is rough below 8 "
            "objects)."
        )


def kendall_w(*, ratings: ArrayLike, ties_corrected: bool = True) -> KendallW:
    """Kendall's W from ratings or ranks.

    ratings: objects by judges, at least 2 of each; ranked within each judge, equal ratings get their mean rank.
    ties_corrected: whether ties are taken out of the largest possible concordance (needed for W to reach 1).
    Raises NotEnoughData for fewer than 2 objects or judges, or judges who all tie everything.

    >>> result = kendall_w(ratings=[[1, 2, 1], [2, 1, 2], [3, 3, 3]])
    >>> round(result.w, 3), round(result.p, 3)
    (0.778, 0.097)
    """
    values = real_array("ratings", ratings, ndim=2)
    objects, judges = values.shape
    if objects < 2 or judges < 2:
        raise NotEnoughData(f"ratings need at least 2 objects and 2 judges; got {objects} and {judges}")
    ranks, tied = _ranks(values)
    squares = float(((ranks.sum(axis=1) - judges * (objects + 1) / 2) ** 2).sum())
    largest = judges**2 * (objects**3 - objects) - (judges * tied if ties_corrected else 0)
    if largest <= 0:
        raise NotEnoughData("every judge ties all objects: there is no order to compare")
    w = 12 * squares / largest
    chisq = judges * (objects - 1) * w
    return KendallW(
        objects=objects,
        judges=judges,
        w=w,
        chisq=chisq,
        degrees=objects - 1,
        p=float(special.chdtrc(objects - 1, chisq)),
        ties_corrected=ties_corrected,
    )


def _ranks(values: Floats) -> tuple[Floats, float]:
    """Mean ranks within each judge, and the sum of t^3 - t over all groups of ties."""
    below = (values[:, None, :] > values[None, :, :]).sum(axis=1)
    equal = (values[:, None, :] == values[None, :, :]).sum(axis=1)
    # Each of t tied objects adds t^2 - 1, so a group adds t^3 - t.
    return below + (equal + 1) / 2, float((equal.astype(np.float64) ** 2 - 1).sum())
