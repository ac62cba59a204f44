"""TURF: the set of offers (or improvements) that reaches most people.

Question: if we can do only so many, which together leave fewest customers with nothing they want?
Used by: steps 4 and 5.
Source: W. G. Miaoulis, V. Free, H. Parsons, Marketing Research 2 (1, 1990), 28-40 (total unduplicated reach and
frequency); the maximal covering location problem of R. Church, C. ReVelle, Papers of the Regional Science
Association 32 (1974), 101-118.
Checked against: exhaustive search in the tests.
"""

from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, sparse

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, real_array, same_length

# Up to so many sets every one is looked at; beyond, an integer program finds the best reach.
_LOOK_AT_ALL = 50_000


@dataclass(frozen=True, slots=True)
class Reach:
    """The best set of one size: items counted from 0, reach as a fraction of (weighted) people, frequency:
    mean number of wanted items a person, optimal: proven best; ties: how many other sets reach as many,
    None where not counted.
    """

    size: int
    items: tuple[int, ...]
    reach: float
    frequency: float
    optimal: bool
    ties: int | None


@dataclass(frozen=True, slots=True)
class Turf:
    """sets: the best set of each size, from one item up. people: how many answered. item_reach: of each
    item alone. reachable: share of people who want any item at all.
    """

    sets: tuple[Reach, ...]
    people: int
    item_reach: Floats
    reachable: float

    def describe(self) -> str:
        """One sentence with the largest set and its caveat."""
        best = self.sets[-1]
        named = ", ".join(str(item + 1) for item in best.items)
        return (
            f"The {best.size} items {named} together reach {best.reach:.1%} of {self.people} people; sets that "
            f"differ "
            "by little may change places in another sample."
        )


def turf(*, matrix: ArrayLike, most: int | None = None, weights: ArrayLike | None = None) -> Turf:
    """The best set of each size by reach, then by frequency.

    matrix: people x items, 1 where the person wants the item, else 0. most: the largest set looked for, by
    default all items or the size at which everybody reachable is reached. weights: of people, above 0.
    Among sets of equal reach and frequency the one with the earliest items is given.
    Raises ArgumentError for other entries than 0 and 1, NotEnoughData without people.

    >>> result = turf(matrix=[[1, 1, 0], [1, 0, 0], [0, 0, 1]])
    >>> [(one.items, round(one.reach, 3)) for one in result.sets]
    [((0,), 0.667), ((0, 2), 1.0)]
    """
    wants = real_array("matrix", matrix, ndim=2)
    if not np.isin(wants, (0, 1)).all():
        raise ArgumentError("matrix must hold 1 (wants it) and 0; got other numbers: choose a cut first")
    people, items = wants.shape
    if people == 0:
        raise NotEnoughData("matrix has no rows: nobody answered")
    weight = np.ones(people) if weights is None else real_array("weights", weights, ndim=1)
    same_length(matrix=wants, weights=weight)
    if (weight <= 0).any():
        raise ArgumentError(f"weights must be above 0; got {weight.min():g}")
    if most is not None and not 1 <= most <= items:
        raise ArgumentError(f"most must be from 1 to {items} items; got {most!r}")
    share = weight / weight.sum()
    patterns, index = np.unique(wants.astype(bool), axis=0, return_inverse=True)
    mass = np.bincount(index.ravel(), weights=share).astype(np.float64)
    reachable = float(mass[patterns.any(axis=1)].sum())
    found: list[Reach] = []
    for size in range(1, (most or items) + 1):
        found.append(_best(patterns, mass, size))
        if most is None and found[-1].reach >= reachable - 1e-12:
            break
    return Turf(sets=tuple(found), people=people, item_reach=share @ wants, reachable=reachable)


def _best(patterns: NDArray[np.bool_], mass: Floats, size: int) -> Reach:
    items = patterns.shape[1]
    if comb(items, size) <= _LOOK_AT_ALL:
        return _look_at_all(patterns, mass, size)
    return _by_program(patterns, mass, size)


def _look_at_all(patterns: NDArray[np.bool_], mass: Floats, size: int) -> Reach:
    sets = np.array(list(combinations(range(patterns.shape[1]), size)))
    reach = np.empty(len(sets))
    step = max(1, 20_000_000 // max(1, patterns.shape[0] * size))
    for start in range(0, len(sets), step):
        reach[start : start + step] = mass @ patterns[:, sets[start : start + step]].any(axis=2)
    frequency = (mass @ patterns)[sets].sum(axis=1)
    top = np.flatnonzero(reach >= reach.max() - 1e-12)
    best = int(top[np.argmax(np.round(frequency[top], 12))])
    return Reach(
        size=size,
        items=tuple(sets[best].tolist()),
        reach=min(1.0, float(reach[best])),
        frequency=float(frequency[best]),
        optimal=True,
        ties=len(top) - 1,
    )


def _by_program(patterns: NDArray[np.bool_], mass: Floats, size: int) -> Reach:
    """Choose `size` items to cover most mass; frequency breaks ties through a small bonus."""
    rows, items = patterns.shape
    wanted = mass @ patterns
    bonus = 1e-7 * wanted / max(float(wanted.sum()), 1e-300)
    covers = sparse.hstack([-sparse.csr_array(patterns.astype(np.float64)), sparse.eye_array(rows)])
    exactly = np.concatenate([np.ones(items), np.zeros(rows)])[None, :]
    answer = optimize.milp(
        -np.concatenate([bonus, mass]),
        integrality=np.concatenate([np.ones(items), np.zeros(rows)]),
        bounds=optimize.Bounds(0, 1),
        constraints=[
            optimize.LinearConstraint(covers, -np.inf, 0),
            optimize.LinearConstraint(exactly, size, size),
        ],
        options={"mip_rel_gap": 0, "time_limit": 30},
    )
    if answer.x is None:
        raise NotEnoughData(f"no best set of {size} items was found within 30 seconds: ask for a smaller set")
    chosen = np.flatnonzero(answer.x[:items] > 0.5)
    return Reach(
        size=size,
        items=tuple(chosen.tolist()),
        reach=min(1.0, float(mass @ patterns[:, chosen].any(axis=1))),
        frequency=float(wanted[chosen].sum()),
        optimal=answer.status == 0,
        ties=None,
    )
