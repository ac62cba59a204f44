"""TURF and correspondence analysis."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.priorities import turf as module
from nonagon.methods.priorities.correspondence_analysis import correspondence_analysis
from nonagon.methods.priorities.turf import turf

WANTS = st.lists(st.lists(st.integers(0, 1), min_size=5, max_size=5), min_size=1, max_size=25)


@settings(max_examples=40, deadline=None)
@given(wants=WANTS)
def test_reach_is_the_best_of_all_sets_and_grows(wants: list[list[int]]) -> None:
    matrix = np.array(wants)
    result = turf(matrix=matrix, most=5)
    for one in result.sets:
        best = max(matrix[:, list(some)].any(axis=1).mean() for some in combinations(range(5), one.size))
        assert one.reach == pytest.approx(best)
        assert matrix[:, list(one.items)].any(axis=1).mean() == pytest.approx(best)
    reaches = [one.reach for one in result.sets]
    assert (np.diff(reaches) >= -1e-12).all()
    assert reaches[-1] == pytest.approx(result.reachable)


def test_the_program_finds_what_looking_at_all_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    matrix = (np.random.default_rng(1).random((150, 12)) < 0.2).astype(int)
    every = turf(matrix=matrix, most=4)
    monkeypatch.setattr(module, "_LOOK_AT_ALL", 0)
    program = turf(matrix=matrix, most=4)
    for one, other in zip(every.sets, program.sets, strict=True):
        assert other.reach == pytest.approx(one.reach)
        assert other.frequency == pytest.approx(one.frequency)
        assert other.optimal


def test_weights_count_people() -> None:
    assert turf(matrix=[[1, 0], [0, 1]], weights=[1, 3]).sets[0].items == (1,)
    with pytest.raises(ArgumentError, match="weights must be above 0; got -1"):
        turf(matrix=[[1, 0], [0, 1]], weights=[1, -1])
    with pytest.raises(ArgumentError, match=r"most must be from 1 to 2 items; got 3"):
        turf(matrix=[[1, 0]], most=3)


def test_nobody_wants_anything() -> None:
    result = turf(matrix=[[0, 0], [0, 0]])
    assert result.reachable == 0
    assert result.sets[0].reach == 0


TABLE = np.array([[40, 22, 8], [12, 35, 30], [15, 10, 38], [9, 9, 9]])


def test_distances_between_rows_are_chi_square_distances() -> None:
    result = correspondence_analysis(table=TABLE)
    profile = TABLE / TABLE.sum(axis=1, keepdims=True)
    mass = TABLE.sum(axis=0) / TABLE.sum()
    for i, j in combinations(range(4), 2):
        expected = np.sqrt(np.sum((profile[i] - profile[j]) ** 2 / mass))
        assert np.linalg.norm(result.row_principal[i] - result.row_principal[j]) == pytest.approx(expected)
    assert result.explained.sum() == pytest.approx(1)
    assert result.row_mass @ result.row_principal == pytest.approx(np.zeros(2), abs=1e-12)


def test_chi_square_by_its_own_formula() -> None:
    expected = np.outer(TABLE.sum(axis=1), TABLE.sum(axis=0)) / TABLE.sum()
    result = correspondence_analysis(table=TABLE)
    assert result.chisq == pytest.approx(np.sum((TABLE - expected) ** 2 / expected))
    assert result.df == 6


@given(factor=st.integers(2, 50), seed=st.integers(0, 20))
def test_map_depends_neither_on_size_nor_on_order(factor: int, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(4)
    one, other = correspondence_analysis(table=TABLE), correspondence_analysis(table=TABLE[order] * factor)
    assert other.principal_inertia == pytest.approx(one.principal_inertia)
    assert abs(other.row_principal) == pytest.approx(abs(one.row_principal[order]), abs=1e-9)


def test_map_messages() -> None:
    with pytest.raises(NotEnoughData, match="none of them empty"):
        correspondence_analysis(table=[[1, 2], [0, 0]])
    with pytest.raises(NotEnoughData, match="nothing to map"):
        correspondence_analysis(table=[[1, 2], [2, 4]])
