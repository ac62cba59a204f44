"""Differencing: results shown one after the other, attacked by sums and differences of all of them."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError
from nonagon.methods.protection.differencing import differencing, growth_allowed, shown_in_turn


@settings(max_examples=50, deadline=None)
@given(
    cells=st.lists(st.integers(1, 25), min_size=2, max_size=5),
    queries=st.lists(st.lists(st.booleans(), min_size=5, max_size=5), min_size=1, max_size=5),
)
def test_shown_results_never_isolate_a_single_small_cell(cells: list[int], queries: list[list[bool]]) -> None:
    persons = np.array(cells)
    shown: list[list[bool]] = []
    for query in queries:
        asked = query[: len(cells)]
        if any(asked) and differencing(cells=cells, shown=shown, asked=asked).allowed:
            shown.append(asked)
    flags = np.array(shown, dtype=int).reshape(len(shown), len(cells))
    for signs in product((-1, 0, 1), repeat=len(shown)):
        combined = np.array(signs) @ flags if shown else np.zeros(len(cells))
        if (np.abs(combined) > 0).sum() == 1:
            assert persons[np.abs(combined) > 0][0] >= 10


def test_nested_filters() -> None:
    total = [True] * 4
    refused = differencing(cells=[20, 30, 6, 3], shown=[total], asked=[True, True, False, False])
    assert not refused.allowed
    assert refused.smallest_revealed == 9
    allowed = differencing(cells=[20, 30, 6, 4], shown=[total], asked=[True, True, False, False])
    assert allowed.allowed
    assert "no subtraction" in allowed.describe()


def test_a_tracker_over_three_results_is_refused() -> None:
    # A + B and B + C are shown; A + C would give each of the three by halving sums.
    refused = differencing(
        cells=[12, 4, 15], shown=[[True, True, False], [False, True, True]], asked=[True, False, True]
    )
    assert not refused.allowed
    assert refused.smallest_revealed == 4


def test_a_result_of_few_is_refused_and_the_same_again_allowed() -> None:
    assert not differencing(cells=[9, 20], shown=[], asked=[True, False]).allowed
    assert differencing(cells=[12, 20], shown=[[True, False]], asked=[True, False]).allowed


def test_growth() -> None:
    assert growth_allowed(published=[0, 0, 30, 30, 30], now=[9, 10, 30, 39, 40]).tolist() == [
        False,
        True,
        True,
        False,
        True,
    ]
    with pytest.raises(ArgumentError, match="now must be at least published"):
        growth_allowed(published=[5], now=[4])


def test_groups_in_turn_are_each_checked_beside_the_whole_and_those_before() -> None:
    cells = [20, 4, 30]
    groups = [[True, True, False], [True, False, False], [False, False, True], [False, True, True]]
    shown: list[list[bool]] = [[True, True, True]]
    expected = []
    for group in groups:
        expected.append(differencing(cells=cells, shown=shown, asked=group).allowed)
        shown += [group] if expected[-1] else []
    assert shown_in_turn(cells=cells, groups=groups).tolist() == expected
    # The second is the first less 4 persons; the third is the whole less the first; the fourth less it leaves 4.
    assert expected == [True, False, True, False]


def test_a_least_size_of_one_protects_nobody() -> None:
    assert shown_in_turn(cells=[1, 2], groups=[[True, False], [False, True]], threshold=1).tolist() == [True, True]
    with pytest.raises(ArgumentError, match="threshold must be at least 2"):
        shown_in_turn(cells=[1, 2], groups=[[True, False]], threshold=0)


def test_flags_must_fit() -> None:
    with pytest.raises(ArgumentError, match="one flag for each of the 2 cells"):
        differencing(cells=[20, 30], shown=[], asked=[True])
