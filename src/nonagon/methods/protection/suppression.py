"""Which groups of a breakdown may be shown: a least group size, and complementary suppression.

Question: which groups are too small to show, and which others must be hidden so that subtracting the shown
groups from the total does not give the hidden ones away?
Used by: every step that breaks survey answers down (2, 3, 5, 8 and 9), pages, reports and exports.
Source: A. Hundepool et al., Statistical Disclosure Control (2012), chapter 4 (primary and secondary
suppression); the rule that the hidden groups together must also reach the least size; determined cells by the
null space of the totals' equations.
Checked against: brute force over all subsets of shown groups, in the tests.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nonagon.basics.errors import ArgumentError
from nonagon.methods.checks import Floats, real_array

Flags = NDArray[np.bool_]
DEFAULT_THRESHOLD = 10
_NO_LIMIT = 1e15


@dataclass(frozen=True, slots=True)
class Suppression:
    """Which groups may be shown.

    counts: persons a group, as given; shown: True where the group may be shown; too_small: hidden since the
    group itself has fewer than `threshold` persons; complementary: hidden only so that subtraction reveals
    nothing; total_shown: whether the total (and, for a table, rows_shown and columns_shown: which margins) may
    stand beside the groups.
    """

    counts: Floats
    threshold: int
    shown: Flags
    too_small: Flags
    complementary: Flags
    total_shown: bool
    rows_shown: Flags | None = None
    columns_shown: Flags | None = None

    def describe(self) -> str:
        """One sentence: how many groups are hidden and why."""
        if not self.total_shown:
            return f"Nothing is shown: fewer than {self.threshold} persons answered in all."
        return (
            f"{int(self.shown.sum())} of {self.shown.size} groups are shown; {int(self.too_small.sum())} have "
            "fewer than "
            f"{self.threshold} persons, and {int(self.complementary.sum())} more are hidden so that the small "
            "ones cannot be found "
            "by subtraction. This holds for one breakdown: check further filters with `differencing`."
        )


def suppression(*, counts: ArrayLike, threshold: int = DEFAULT_THRESHOLD) -> Suppression:
    """Which groups of a breakdown may be shown when their total is shown as well.

    counts: one-dimensional, persons a group, whole numbers of at least 0; each person is in exactly one group.
    threshold: the least number of persons, at least 2.
    A group below the threshold is hidden. Total minus shown groups is the answer of all hidden persons
    together: while these are fewer than the threshold (a single hidden group is always), the next smallest
    shown group is hidden as well. A group of nobody is hidden too, but protects nothing. Where the whole has
    fewer persons than the threshold, the total is not shown either.
    Raises ArgumentError for a count that is negative or not whole, or a threshold below 2.

    >>> suppression(counts=[40, 3, 12, 25]).shown.tolist()
    [True, False, False, True]
    >>> suppression(counts=[40, 6, 7, 25]).shown.tolist()
    [True, False, False, True]
    """
    persons = _persons("counts", counts, ndim=1)
    least = _threshold(threshold)
    too_small = persons < least
    if persons.sum() < least:
        return _nothing(persons, least)
    hidden = too_small.copy()
    # Smallest first, so that as few persons as possible are hidden; the stable order makes the choice
    # repeatable.
    for candidate in np.argsort(persons, kind="stable"):
        if not 0 < persons[hidden].sum() < least:
            break
        hidden[candidate] = True
    return Suppression(
        counts=persons,
        threshold=least,
        shown=~hidden,
        too_small=too_small,
        complementary=hidden & ~too_small,
        total_shown=True,
    )


def suppression_table(*, counts: ArrayLike, threshold: int = DEFAULT_THRESHOLD) -> Suppression:
    """Which cells of a table may be shown when row totals, column totals and the grand total are shown as well.

    counts: two-dimensional, persons a cell, whole numbers of at least 0. threshold: the least number of
    persons, at least 2. Row totals among themselves, and column totals, are protected as by `suppression`; a
    row or column whose total is hidden shows no cell. Then further cells (and totals, where cells do not
    suffice) are hidden until no sum or difference of what is shown is the result of fewer persons than the
    threshold. Who attacks is taken to know which cells are empty. The cells hidden are few, but not always the
    fewest possible.
    Raises ArgumentError as `suppression` does.

    >>> result = suppression_table(counts=[[20, 30, 4], [25, 35, 40], [22, 18, 60]])
    >>> result.shown.tolist()
    [[False, True, False], [False, True, False], [True, True, True]]
    """
    persons = _persons("counts", counts, ndim=2)
    least = _threshold(threshold)
    if persons.sum() < least:
        return _nothing(persons, least)
    rows = suppression(counts=persons.sum(axis=1), threshold=least).shown.copy()
    columns = suppression(counts=persons.sum(axis=0), threshold=least).shown.copy()
    too_small = persons < least
    hidden = too_small | ~rows[:, None] | ~columns[None, :]
    # Hiding more never reveals more, so each small cell needs to be protected only once.
    for row, column in np.argwhere(too_small & (persons > 0)):
        _protect(persons, hidden, least, (rows, columns), (int(row), int(column)))
    return Suppression(
        counts=persons,
        threshold=least,
        shown=~hidden,
        too_small=too_small,
        complementary=hidden & ~too_small,
        total_shown=True,
        rows_shown=rows,
        columns_shown=columns,
    )


def _protect(
    persons: Floats, hidden: Flags, least: int, margins: tuple[Flags, Flags], cell: tuple[int, int]
) -> None:
    """Hides further cells and totals (in place) until no small group that holds `cell` can be computed.

    Rows and columns are nodes, hidden cells the links between them; two more nodes stand for the line of column
    totals and the line of row totals. A group of hidden cells can be computed exactly when the nodes fall in
    two sides such that the group's links all lead from rows on the first to columns on the second and no hidden
    cell or total leads back. So the smallest such group around a cell is a minimum cut, and one more way from
    its row to its column widens it.
    """
    rows, columns = margins
    start, end = cell[0], persons.shape[0] + cell[1]
    while True:
        room = _room(persons, hidden, rows, columns)
        if _flow(room, start, end, least) >= least:
            return
        way = _cheapest_way(_price(persons, hidden, room, rows, columns), start, end)
        for one, other in pairwise(way):
            _hide_link(persons.shape, hidden, rows, columns, frozenset((one, other)))


def _room(persons: Floats, hidden: Flags, rows: Flags, columns: Flags) -> Floats:
    """What each link carries: a hidden cell its persons from row to column, no limit back; a hidden total none."""
    height, width = persons.shape
    room = np.zeros((height + width + 2, height + width + 2))
    linked = hidden & (persons > 0)
    room[:height, height : height + width] = np.where(linked, persons, 0.0)
    room[height : height + width, :height] = np.where(linked.T, _NO_LIMIT, 0.0)
    row_totals, column_totals = height + width, height + width + 1
    at = np.flatnonzero(~rows)
    room[at, row_totals] = room[row_totals, at] = _NO_LIMIT
    at = height + np.flatnonzero(~columns)
    room[at, column_totals] = room[column_totals, at] = _NO_LIMIT
    return room


def _flow(room: Floats, start: int, end: int, enough: float) -> float:
    """The largest flow from start to end (Edmonds and Karp), or `enough` once reached; `room` keeps the rest."""
    total = 0.0
    while total < enough:
        before = _reached(room, start)
        if before[end] < 0:
            return total
        way = _way(before, start, end)
        links = list(pairwise(way))
        amount = min(room[link] for link in links)
        for one, other in links:
            room[one, other] -= amount
            room[other, one] += amount
        total += amount
    return total


def _reached(room: Floats, start: int) -> NDArray[np.int64]:
    """For each node the one before it on a shortest way from start over links with room; -1 where none."""
    before = np.full(len(room), -1, dtype=np.int64)
    before[start] = start
    front = [start]
    while front:
        following = []
        for node in front:
            fresh = np.flatnonzero((room[node] > 0) & (before < 0))
            before[fresh] = node
            following += fresh.tolist()
        front = following
    return before


def _way(before: NDArray[np.int64], start: int, end: int) -> list[int]:
    way = [end]
    while way[-1] != start:
        way.append(int(before[way[-1]]))
    return way[::-1]


def _price(persons: Floats, hidden: Flags, room: Floats, rows: Flags, columns: Flags) -> Floats:
    """What each link costs: nothing where room is left, else the persons newly hidden; infinite where none can be.

    A total costs more than all cells together, so that totals are hidden only where cells do not suffice.
    """
    height, width = persons.shape
    price = np.where(room > 0, 0.0, np.inf)
    cells = np.where(~hidden & (persons > 0), persons, np.inf)
    price[:height, height : height + width] = np.minimum(price[:height, height : height + width], cells)
    price[height : height + width, :height] = np.minimum(price[height : height + width, :height], cells.T)
    dear = float(persons.sum())
    for at, node, totals in (
        (np.flatnonzero(rows), height + width, persons.sum(axis=1)[rows]),
        (height + np.flatnonzero(columns), height + width + 1, persons.sum(axis=0)[columns]),
    ):
        price[at, node] = price[node, at] = dear + totals
    return price


def _cheapest_way(price: Floats, start: int, end: int) -> list[int]:
    """The way from start to end with the least sum of prices (Dijkstra, on a dense matrix)."""
    cost = np.full(len(price), np.inf)
    before = np.full(len(price), -1, dtype=np.int64)
    done = np.zeros(len(price), dtype=bool)
    cost[start], before[start] = 0.0, start
    while not done[end]:
        node = int(np.argmin(np.where(done, np.inf, cost)))
        done[node] = True
        better = ~done & (cost[node] + price[node] < cost)
        cost[better] = cost[node] + price[node][better]
        before[better] = node
    return _way(before, start, end)


def _hide_link(shape: tuple[int, ...], hidden: Flags, rows: Flags, columns: Flags, link: frozenset[int]) -> None:
    height, width = shape
    low, high = sorted(link)
    if high < height + width:
        hidden[low, high - height] = True
    elif high == height + width:
        rows[low] = False
        hidden[low, :] = True
    else:
        columns[low - height] = False
        hidden[:, low - height] = True


def _nothing(persons: Floats, least: int) -> Suppression:
    none = np.zeros(persons.shape, dtype=bool)
    table = persons.ndim == 2
    return Suppression(
        counts=persons,
        threshold=least,
        shown=none,
        too_small=persons < least,
        complementary=persons >= least,
        total_shown=False,
        rows_shown=np.zeros(persons.shape[0], dtype=bool) if table else None,
        columns_shown=np.zeros(persons.shape[1], dtype=bool) if table else None,
    )


def _persons(name: str, counts: ArrayLike, *, ndim: int) -> Floats:
    array = real_array(name, counts, ndim=ndim)
    if np.any((array < 0) | (array != np.round(array))):
        bad = array[(array < 0) | (array != np.round(array))].flat[0]
        raise ArgumentError(f"{name} must hold whole numbers of at least 0 (persons, not weights); got {bad:g}")
    return array


def _threshold(threshold: int) -> int:
    if threshold != int(threshold) or threshold < 2:
        raise ArgumentError(f"threshold must be a whole number of at least 2; got {threshold!r}")
    return int(threshold)
