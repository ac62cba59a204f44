"""Suppression: attackers who subtract, tried exhaustively on small tables."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError
from nonagon.methods.protection.suppression import suppression, suppression_table

COUNTS = st.lists(st.integers(0, 30), min_size=1, max_size=7)
TABLES = st.tuples(st.integers(1, 4), st.integers(1, 4)).flatmap(
    lambda shape: st.lists(
        st.lists(st.sampled_from([0, 1, 4, 9, 10, 11, 25, 60]), min_size=shape[1], max_size=shape[1]),
        min_size=shape[0],
        max_size=shape[0],
    )
)


def follows(equations: np.ndarray, wanted: np.ndarray) -> bool:
    """Whether `wanted` is a sum of multiples of the equations (least squares)."""
    solution = np.linalg.lstsq(equations.T, wanted, rcond=None)[0]
    return bool(np.allclose(equations.T @ solution, wanted, atol=1e-8))


@given(counts=COUNTS)
def test_no_subtraction_reveals_a_small_group(counts: list[int]) -> None:
    result = suppression(counts=counts, threshold=10)
    persons = np.array(counts)
    if not result.total_shown:
        assert persons.sum() < 10
        assert not result.shown.any()
        return
    for size in range(len(counts) + 1):
        for chosen in combinations(np.flatnonzero(result.shown), size):
            rest = persons.sum() - persons[list(chosen)].sum()
            assert rest == 0 or rest >= 10


@given(counts=COUNTS)
def test_hides_nothing_needlessly(counts: list[int]) -> None:
    result = suppression(counts=counts, threshold=10)
    persons = np.array(counts)
    extra = np.flatnonzero(result.complementary)
    if result.total_shown and extra.size:
        largest = extra[np.argmax(persons[extra])]
        hidden = ~result.shown
        hidden[largest] = False
        assert 0 < persons[hidden].sum() < 10


@given(counts=COUNTS, data=st.data())
def test_order_of_groups_changes_only_ties(counts: list[int], data: st.DataObject) -> None:
    order = data.draw(st.permutations(range(len(counts))))
    one = suppression(counts=counts, threshold=10)
    other = suppression(counts=[counts[at] for at in order], threshold=10)
    assert sorted(one.counts[one.shown]) == sorted(other.counts[other.shown])


@settings(max_examples=50, deadline=None)
@given(table=TABLES)
def test_no_combination_of_margins_reveals_a_small_set_of_cells(table: list[list[int]]) -> None:
    result = suppression_table(counts=table, threshold=10)
    persons = np.array(table)
    if not result.total_shown:
        assert not result.shown.any()
        return
    rows, columns = persons.shape
    known = [np.eye(rows * columns)[at] for at in np.flatnonzero(result.shown.ravel() | (persons.ravel() == 0))]
    for row in np.flatnonzero(result.rows_shown):
        known.append((np.arange(rows)[:, None] == row).repeat(columns, axis=1).ravel())
    for column in np.flatnonzero(result.columns_shown):
        known.append((np.arange(columns)[None, :] == column).repeat(rows, axis=0).ravel())
    equations = np.array([*known, np.ones(rows * columns)], dtype=float)
    small = [at for at in range(rows * columns) if 0 < persons.ravel()[at] < 10]
    assert not result.shown.ravel()[small].any()
    for size in (1, 2, 3):
        for chosen in combinations(small, size):
            if persons.ravel()[list(chosen)].sum() < 10:
                wanted = np.zeros(rows * columns)
                wanted[list(chosen)] = 1
                assert not follows(equations, wanted), f"cells {chosen} of {table} are revealed"


def test_each_line_hiding_two_cells_is_not_enough() -> None:
    # Two closed paths joined by the cell of 4: every line through it holds two more hidden cells, yet without a
    # further cell it would follow from the totals (rows 0 and 1 less columns 0 and 1).
    table = np.full((4, 4), 90)
    table[:2, :2] = table[2:, 2:] = 5
    table[1, 2] = 4
    result = suppression_table(counts=table, threshold=10)
    hidden = ~result.shown
    assert hidden.sum() > 9
    assert result.rows_shown is not None
    assert result.rows_shown.all()


def test_the_next_smallest_group_is_hidden_with_a_lone_small_one() -> None:
    result = suppression(counts=[50, 8, 30, 11], threshold=10)
    assert result.shown.tolist() == [True, False, True, False]
    assert result.complementary.tolist() == [False, False, False, True]
    assert "1 more are hidden" in result.describe()


def test_too_few_in_all_shows_nothing() -> None:
    result = suppression(counts=[4, 5], threshold=10)
    assert not result.shown.any()
    assert not result.total_shown
    assert "Nothing is shown" in result.describe()


@pytest.mark.parametrize(("counts", "threshold"), [([3.5, 20], 10), ([-1, 20], 10), ([20, 20], 1)])
def test_messages(counts: list[float], threshold: int) -> None:
    with pytest.raises(ArgumentError, match="must"):
        suppression(counts=counts, threshold=threshold)
