"""Which of many findings stand: p values adjusted for their number.

Question: after looking at many groups or items, which differences are still more than chance?
Used by: steps 2, 3, 5, 7, 8 and 9, wherever many tests stand side by side.
Source: Y. Benjamini, Y. Hochberg, JRSS B 57 (1995), 289-300; Y. Benjamini, D. Yekutieli, Annals of Statistics
29 (2001), 1165-1188; S. Holm, Scandinavian Journal of Statistics 6 (1979), 65-70.
Checked against: R's p.adjust (tests/reference).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nonagon.basics.errors import ArgumentError
from nonagon.methods.checks import Floats, fraction, one_of, real_array

Adjustment = Literal["BH", "BY", "holm", "bonferroni"]
ADJUSTMENTS: tuple[Adjustment, ...] = ("BH", "BY", "holm", "bonferroni")
_MEANING = {
    "BH": "among those named, the expected share of false ones is at most",
    "BY": "among those named, the expected share of false ones, under any dependence, is at most",
    "holm": "the chance of naming even one false one is at most",
    "bonferroni": "the chance of naming even one false one is at most",
}


@dataclass(frozen=True, slots=True)
class Multiplicity:
    """Adjusted p values and which tests are rejected at `level`, in the order given."""

    p: Floats
    adjusted: Floats
    rejected: NDArray[np.bool_]
    level: float
    adjustment: Adjustment

    def describe(self) -> str:
        """One sentence with the guarantee."""
        return (
            f"{int(self.rejected.sum())} of {self.p.size} findings stand after adjusting for their number "
            f"({self.adjustment}); {_MEANING[self.adjustment]} {self.level:.0%}."
        )


def multiplicity(*, p: ArrayLike, adjustment: Adjustment = "BH", level: float = 0.05) -> Multiplicity:
    """Adjust p values for the number of tests.

    p: one p value a test, each from 0 to 1, in any order; a table (two dimensions) is adjusted row by row.
    adjustment: "BH" (false discovery rate, independent or positively dependent tests; the default for
    screening), "BY" (false discovery rate under any dependence), "holm" or "bonferroni" (chance of even one
    false finding).
    level: the rate that `rejected` keeps, a fraction between 0 and 1.
    Raises ArgumentError for a p value outside 0 to 1, NotEnoughData without one.

    >>> result = multiplicity(p=[0.01, 0.04, 0.03, 0.5])
    >>> [round(float(one), 4) for one in result.adjusted], [bool(one) for one in result.rejected]
    ([0.04, 0.0533, 0.0533, 0.5], [True, False, False, False])
    """
    values = real_array("p", p)
    if values.ndim == 0:
        values = values.reshape(1)
    if np.any((values < 0) | (values > 1)):
        bad = values[(values < 0) | (values > 1)].flat[0]
        raise ArgumentError(f"p must hold values from 0 to 1; got {bad:g}")
    level = fraction("level", level)
    one_of("adjustment", adjustment, ADJUSTMENTS)
    adjusted = _adjust(values, adjustment)
    return Multiplicity(
        p=values, adjusted=adjusted, rejected=adjusted <= level, level=level, adjustment=adjustment
    )


def _adjust(p: Floats, adjustment: Adjustment) -> Floats:
    tests = p.shape[-1]
    order = np.argsort(p, axis=-1, kind="stable")
    ordered = np.take_along_axis(p, order, axis=-1)
    rank = np.arange(1, tests + 1)
    if adjustment == "bonferroni":
        steps = ordered * tests
    elif adjustment == "holm":
        steps = np.maximum.accumulate(ordered * (tests - rank + 1), axis=-1)
    else:
        dependence = float((1 / rank).sum()) if adjustment == "BY" else 1.0
        scaled = ordered * tests * dependence / rank
        steps = np.minimum.accumulate(scaled[..., ::-1], axis=-1)[..., ::-1]
    adjusted = np.empty_like(p)
    np.put_along_axis(adjusted, order, np.minimum(1.0, steps), axis=-1)
    return adjusted
