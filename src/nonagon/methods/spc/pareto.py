"""Which few causes make up most of the trouble: the Pareto table.

Question: in which order do causes, complaints or needs count, and how many of them make up most?
Used by: steps 5, 7 and 8.
Source: J. M. Juran, Quality Control Handbook (1951); ISO 13053-2, factsheet Pareto.
Checked against: R's qcc 2.7 pareto.chart (tests/reference).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, fraction, real_array, same_length

OTHER = frozenset({"other", "others"})


@dataclass(frozen=True, slots=True, eq=False)
class Pareto:
    """The causes from most to least; ties in the order given.

    share, cum_share: fractions of one. vital_few: how many of the first causes reach `vital_share`.
    """

    order: tuple[str, ...]
    frequency: Floats
    cum_frequency: Floats
    share: Floats
    cum_share: Floats
    vital_few: int
    vital_share: float
    other_last: bool

    def describe(self) -> str:
        """One sentence with the vital few and its caveat."""
        names = ", ".join(self.order[: self.vital_few])
        share = self.cum_share[self.vital_few - 1]
        return (
            f"{self.vital_few} of {len(self.order)} make up {share:.0%}: {names}; counted as given, which may "
            "differ from their cost or their weight for customers."
        )


def pareto(
    *, labels: Sequence[str], counts: ArrayLike, other_last: bool = False, vital_share: float = 0.8
) -> Pareto:
    """Causes in order of their number, with cumulative shares.

    labels: the causes, each once. counts: (causes,), at least 0 (numbers, cost or weight). other_last: a cause
    called "other" or "others" (any case) stands last whatever its number. vital_share: the share that the
    vital few reach, a fraction of one.
    Raises ArgumentError for values out of range, NotEnoughData where all counts are 0.

    >>> table = pareto(labels=["late", "rude", "wrong"], counts=[27, 5, 68])
    >>> table.order, table.cum_share.round(2).tolist(), table.vital_few
    (('wrong', 'late', 'rude'), [0.68, 0.95, 1.0], 2)
    """
    names = [str(label) for label in labels]
    found = real_array("counts", counts, ndim=1, least=0)
    same_length(labels=names, counts=found)
    vital_share = fraction("vital_share", vital_share, closed=True)
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise ArgumentError(f"labels must each occur once; got {twice!r} more than once: add its counts up first")
    if np.any(found < 0):
        raise ArgumentError(f"counts must be at least 0; got {found.min():g}")
    total = found.sum()
    if not total > 0:
        raise NotEnoughData("counts are all 0: there is nothing to order; count at least one case")
    last = np.array([other_last and name.strip().lower() in OTHER for name in names], dtype=bool)
    at = np.lexsort((-found, last))
    cumulative = np.cumsum(found[at])
    # Rounding must not push a cause that reaches the share exactly behind it.
    reaches = cumulative >= vital_share * total * (1 - 1e-12)
    return Pareto(
        order=tuple(names[place] for place in at),
        frequency=found[at],
        cum_frequency=cumulative,
        share=found[at] / total,
        cum_share=cumulative / total,
        vital_few=int(np.argmax(reaches)) + 1,
        vital_share=vital_share,
        other_last=other_last,
    )
