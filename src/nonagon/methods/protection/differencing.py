"""May one more result be shown beside those shown already: protection against differencing.

Question: can two filters, or two versions of the same answers, be subtracted so that a handful of persons
remain?
Used by: every page, report, export and interface that lets people filter survey results or look again later.
Source: D. E. Denning, P. J. Denning, M. D. Schwartz, "The Tracker", ACM Transactions on Database Systems 4
(1979), 76-96 (why a least size of a query set alone does not protect); the check over linear combinations by
the row space of what was shown.
Checked against: brute force over sums and differences of results, in the tests.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nonagon.basics.errors import ArgumentError
from nonagon.methods.checks import Floats, real_array
from nonagon.methods.protection.suppression import DEFAULT_THRESHOLD

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Differencing:
    """Whether a further result may be shown.

    allowed: the answer; persons: how many persons the result covers; smallest_revealed: the size of the
    smallest group of persons, below the threshold, whose results would follow from this result and those shown
    before (None when allowed); reason: in words.
    """

    allowed: bool
    persons: float
    threshold: int
    smallest_revealed: float | None
    reason: str

    def describe(self) -> str:
        """One sentence: the answer and why."""
        return f"{'Shown' if self.allowed else 'Not shown'}: {self.reason}."


def differencing(
    *, cells: ArrayLike, shown: ArrayLike, asked: ArrayLike, threshold: int = DEFAULT_THRESHOLD
) -> Differencing:
    """Whether the result of `asked` may be shown beside the results in `shown`.

    cells: persons in each cell, whole numbers of at least 0; cells are the finest groups that filters can tell
    apart, and each person is in exactly one. shown: one row of flags over the cells for each result shown
    before, the total included; an empty list for none. asked: flags over the cells that the further result
    covers. threshold: the least number of persons, at least 2. Refused are a result of fewer persons than the
    threshold; one that, subtracted from a shown one or the other way round, leaves fewer persons than that (but
    more than none); and one that completes any sum and difference of results which isolates cells of fewer
    persons together that no result tells apart. Sums that isolate several distinct small groups at once are not
    looked for.
    Raises ArgumentError for flags that do not fit the cells.

    >>> differencing(cells=[20, 4, 30], shown=[[True, True, True]], asked=[True, False, True]).allowed
    False
    >>> differencing(cells=[20, 14, 30], shown=[[True, True, True]], asked=[True, False, True]).allowed
    True
    """
    persons = real_array("cells", cells, ndim=1)
    if np.any((persons < 0) | (persons != np.round(persons))):
        raise ArgumentError(f"cells must hold whole numbers of at least 0; got {persons.tolist()!r:.80}")
    if threshold < 2:
        raise ArgumentError(f"threshold must be at least 2; got {threshold!r}")
    before = _flags("shown", shown, persons.size)
    wanted = _flags("asked", asked, persons.size)[0]
    covered = float(persons[wanted].sum())
    if covered < threshold:
        return Differencing(
            allowed=False,
            persons=covered,
            threshold=threshold,
            smallest_revealed=covered,
            reason=f"the result covers fewer than {threshold} persons",
        )
    revealed = np.array([*_differences(persons, before, wanted), *_isolated(persons, before, wanted)])
    small = revealed[(revealed > 0) & (revealed < threshold)]
    if small.size:
        return Differencing(
            allowed=False,
            persons=covered,
            threshold=threshold,
            smallest_revealed=float(small.min()),
            reason=f"subtracting results would reveal a group of fewer than {threshold} persons",
        )
    return Differencing(
        allowed=True,
        persons=covered,
        threshold=threshold,
        smallest_revealed=None,
        reason=f"{covered:g} persons, and no subtraction from earlier results leaves fewer than {threshold}",
    )


def shown_in_turn(*, cells: ArrayLike, groups: ArrayLike, threshold: int = DEFAULT_THRESHOLD) -> Flags:
    """Which groups may be shown beside the whole, each beside those that were allowed before it.

    cells: as for `differencing`. groups: one row of flags over the cells a group, in the order in which they are
    wanted; groups may overlap. threshold: at least 1; 1 asks for no protection.
    Raises ArgumentError for flags that do not fit the cells.

    >>> shown_in_turn(cells=[20, 4, 30], groups=[[True, True, False], [True, False, False]]).tolist()
    [True, False]
    """
    persons = real_array("cells", cells, ndim=1)
    wanted = _flags("groups", groups, persons.size)
    if threshold == 1:
        return np.ones(len(wanted), dtype=np.bool_)
    shown = [np.ones(persons.size, dtype=np.bool_)]
    allowed = np.zeros(len(wanted), dtype=np.bool_)
    for at, one in enumerate(wanted):
        allowed[at] = differencing(cells=persons, shown=shown, asked=one, threshold=threshold).allowed
        if allowed[at]:
            shown.append(one)
    return allowed


def growth_allowed(*, published: ArrayLike, now: ArrayLike, threshold: int = DEFAULT_THRESHOLD) -> Flags:
    """Which groups' results may be published anew after further answers came in.

    published: answers behind each group's last published result, 0 where none was; now: answers at hand, at
    least as many. A result is published anew when nothing was added (it is the same) or when at least
    `threshold` answers were added; with fewer, the difference of the two results would be the answers of a
    handful of persons. Until then the last published one stays. Gives flags, one a group. Raises ArgumentError
    where answers were lost.

    >>> growth_allowed(published=[40, 40, 0, 40], now=[40, 44, 12, 50]).tolist()
    [True, False, True, True]
    """
    old, new = real_array("published", published), real_array("now", now)
    if old.shape != new.shape:
        raise ArgumentError(f"published and now must be of one shape; got {old.shape} and {new.shape}")
    if np.any(old < 0) or np.any(new < old):
        raise ArgumentError(
            f"now must be at least published, which is at least 0; got {new!r:.60} after {old!r:.60}"
        )
    added = new - old
    return np.asarray((new >= threshold) & ((added == 0) | (added >= threshold)))


def _flags(name: str, flags: ArrayLike, cells: int) -> Flags:
    array = np.asarray(flags, dtype=bool)
    if array.size == 0:
        return np.zeros((0, cells), dtype=bool)
    array = np.atleast_2d(array)
    if array.ndim != 2 or array.shape[1] != cells:
        raise ArgumentError(
            f"{name} must hold one flag for each of the {cells} cells; got shape {np.shape(flags)}"
        )
    return array


def _differences(persons: Floats, before: Flags, wanted: Flags) -> Floats:
    """Persons left when one of two nested results is subtracted from the other."""
    only_before = (before & ~wanted) @ persons
    only_wanted = (~before & wanted) @ persons
    nested = (only_before == 0) | (only_wanted == 0)
    return np.asarray((only_before + only_wanted)[nested], dtype=np.float64)


def _isolated(persons: Floats, before: Flags, wanted: Flags) -> Floats:
    """Persons in each group of cells that no result tells apart, where its own result follows from all."""
    results = np.vstack([before, wanted])[:, persons > 0]
    alike, at = np.unique(results, axis=1, return_inverse=True)
    sizes = np.bincount(np.ravel(at), weights=persons[persons > 0], minlength=alike.shape[1])
    _, singular, directions = np.linalg.svd(alike.astype(np.float64), full_matrices=True)
    rank = int((singular > 1e-9 * max(float(singular.max(initial=0.0)), 1e-300)).sum())
    free = (np.abs(directions[rank:]) > 1e-9).any(axis=0)
    return np.asarray(sizes[~free], dtype=np.float64)
