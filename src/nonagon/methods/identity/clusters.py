"""Clusters of records out of pairs that may be the same.

Question: which records belong to one customer, when pairs were scored and people have decided some of them?
Used by: step 1.
Source: single linkage, i.e. the connected components of the pairs at or above a limit; under the constraint of
pairs that must not meet, pairs are joined in falling order of probability (constrained agglomeration: K. Wagstaff
and C. Cardie, ICML 2000, "must-link" and "cannot-link").
Checked against: scipy's connected components where nobody decided anything; that the order of records does not
matter (tests/methods/identity).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nonagon.basics.errors import ArgumentError
from nonagon.methods.checks import real_array

Ints = NDArray[np.int64]
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Clusters:
    """labels: the cluster of each record, the position of its first record; link_above: the limit.

    parted: scored pairs at or above the limit that stay apart because people said that some of their records are
    different; contradicted: decisions "same" that stay apart because others say "different".
    """

    labels: Ints
    link_above: float
    parted: tuple[Pair, ...]
    contradicted: tuple[Pair, ...]

    @property
    def count(self) -> int:
        """How many clusters there are, those of one record among them."""
        return len(np.unique(self.labels))

    def describe(self) -> str:
        """One sentence with what was joined and the caveat."""
        said = f"; {len(self.contradicted)} decisions contradict one another" if self.contradicted else ""
        return (
            f"{len(self.labels)} records are {self.count} customers, if pairs of a probability of at least "
            f"{self.link_above:g} are the same{said}; a chain of such pairs joins its ends, too."
        )


def clusters(
    *,
    records: int,
    first: ArrayLike,
    second: ArrayLike,
    probability: ArrayLike,
    link_above: float,
    same: Iterable[Pair] = (),
    different: Iterable[Pair] = (),
) -> Clusters:
    """Joins records into clusters.

    records: how many there are; first, second (pairs,): positions of the records of each pair, from 0;
    probability (pairs,): that both are the same, 0 to 1; link_above: pairs at or above it are joined, 0 to 1;
    same, different: pairs of positions that people decided, which go before every probability; where they
    contradict one another, different wins. Pairs of equal probability are joined in the order of their positions.
    Raises ArgumentError for positions outside of the records and limits outside of 0 to 1.

    When not to use it: where one wrong pair must never join two large clusters; raise the limit then.

    >>> clusters(records=4, first=[0, 1], second=[1, 2], probability=[0.99, 0.97], link_above=0.95).labels
    array([0, 0, 0, 3])
    >>> found = clusters(
    ...     records=3, first=[0, 1], second=[1, 2], probability=[0.99, 0.97], link_above=0.95, different=[(0, 2)]
    ... )
    >>> found.labels, found.parted
    (array([0, 0, 2]), ((1, 2),))
    """
    if not 0 <= link_above <= 1:
        raise ArgumentError(f"link_above must lie from 0 to 1; got {link_above!r}")
    chance = real_array("probability", probability, ndim=1, least=0)
    left, right = _positions("first", first, records), _positions("second", second, records)
    if not len(left) == len(right) == len(chance):
        raise ArgumentError(
            f"first, second and probability must be equally long; got {len(left)}, {len(right)}, {len(chance)}"
        )
    told, apart = _decided("same", same, records), _decided("different", different, records)
    kept = chance >= link_above
    left, right, chance = left[kept], right[kept], chance[kept]
    order = np.lexsort((np.maximum(left, right), np.minimum(left, right), -chance))
    groups = _Groups(records, apart)
    contradicted = tuple(pair for pair in told if not groups.join(*pair))
    pairs = zip(left[order].tolist(), right[order].tolist(), strict=True)
    parted = tuple(pair for pair in pairs if not groups.join(*pair))
    return Clusters(groups.labels(), float(link_above), parted, contradicted)


class _Groups:
    """Disjoint sets of records, each named by its smallest; enemies may not come into one set."""

    def __init__(self, records: int, apart: Sequence[Pair]) -> None:
        self._above = list(range(records))
        self._enemies: dict[int, set[int]] = {}
        for one, other in apart:
            self._enemies.setdefault(one, set()).add(other)
            self._enemies.setdefault(other, set()).add(one)

    def join(self, one: int, other: int) -> bool:
        """Whether both are in one set now; False where that would bring enemies together."""
        low, high = sorted((self._top(one), self._top(other)))
        if low == high:
            return True
        if high in self._enemies.get(low, ()):
            return False
        self._above[high] = low
        for enemy in self._enemies.pop(high, set()):
            self._enemies[enemy].discard(high)
            self._enemies[enemy].add(low)
            self._enemies.setdefault(low, set()).add(enemy)
        return True

    def _top(self, one: int) -> int:
        above = self._above
        while above[one] != one:
            above[one] = above[above[one]]
            one = above[one]
        return one

    def labels(self) -> Ints:
        return np.array([self._top(one) for one in range(len(self._above))], dtype=np.int64)


def _positions(name: str, values: ArrayLike, records: int) -> Ints:
    found = np.asarray(values)
    if found.size and not np.issubdtype(found.dtype, np.integer):
        raise ArgumentError(f"{name} must hold whole positions of records; got {found.dtype}")
    if found.size and (found.min() < 0 or found.max() >= records):
        raise ArgumentError(f"{name} must lie from 0 to {records - 1}; got {found.min()} to {found.max()}")
    return found.astype(np.int64)


def _decided(name: str, pairs: Iterable[Pair], records: int) -> list[Pair]:
    """Each pair once, in the order of its positions, so that the order of deciding does not matter."""
    found = sorted({(min(pair), max(pair)) for pair in pairs})
    for one, other in found:
        if not 0 <= one < other < records:
            raise ArgumentError(
                f"{name} must hold pairs of two positions from 0 to {records - 1}; got ({one}, {other})"
            )
    return found
