"""Precision and recall of duplicates that were found, against records whose truth is known.

Question: of the pairs called the same, how many are; and of those that are, how many were found?
Used by: step 1 (its benchmark and the share of people's verdicts that agree with the machine).
Source: C. J. van Rijsbergen, "Information Retrieval", 2nd edition, 1979, chapter 7 (precision, recall, F).
Checked against: counts of the same pairs done by hand (tests/methods/identity).
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nonagon.basics.errors import NotEnoughData
from nonagon.methods.checks import same_length


@dataclass(frozen=True, slots=True)
class PairAccuracy:
    """Counts of pairs of records, and the shares made of them.

    found: pairs called the same; true: pairs that are; both: pairs that are and were called so; precision: both of
    found, None where nothing was found; recall: both of true; f1: their harmonic mean, None with precision. Pairs
    of one cluster hang together, so the counts give no honest interval; none is stated.
    """

    found: int
    true: int
    both: int

    @property
    def precision(self) -> float | None:
        return self.both / self.found if self.found else None

    @property
    def recall(self) -> float:
        return self.both / self.true

    @property
    def f1(self) -> float | None:
        return 2 * self.both / (self.found + self.true) if self.found else None

    def describe(self) -> str:
        """One sentence with both shares and their caveat."""
        if self.precision is None:
            return f"None of the {self.true:,} true pairs were found."
        return (
            f"Of {self.found:,} pairs called the same {self.precision:.1%} are, and {self.recall:.1%} of the "
            f"{self.true:,} true pairs were found (F1 {self.f1:.3f}), on these labelled records."
        )


def pair_accuracy(*, found: Sequence[Hashable], truth: Sequence[Hashable]) -> PairAccuracy:
    """Compares two clusterings of the same records, pair by pair.

    found, truth (records,): the cluster of each record as found, and as it is. All pairs of a cluster count, so
    large clusters weigh more than small ones. Raises ArgumentError for lengths that differ, NotEnoughData where no
    two records are truly the same.

    >>> one = pair_accuracy(found=["a", "a", "a", "b"], truth=[1, 1, 2, 2])
    >>> one.found, one.true, one.both
    (3, 2, 1)
    >>> one.recall
    0.5
    """
    same_length(found=found, truth=truth)
    mine, theirs = _codes(found), _codes(truth)
    true = _pairs(theirs)
    if not true:
        raise NotEnoughData(
            "no two records are truly the same, so recall does not exist; give labelled duplicates"
        )
    crossed = mine * (int(theirs.max()) + 1) + theirs
    return PairAccuracy(found=_pairs(mine), true=true, both=_pairs(crossed))


def _codes(values: Sequence[Hashable]) -> NDArray[np.int64]:
    place: dict[Hashable, int] = {}
    return np.array([place.setdefault(one, len(place)) for one in values], dtype=np.int64)


def _pairs(codes: NDArray[np.int64]) -> int:
    """Pairs of equal codes."""
    if not codes.size:
        return 0
    sizes = np.unique(codes, return_counts=True)[1]
    return int(np.sum(sizes * (sizes - 1) // 2))
