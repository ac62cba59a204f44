"""Bradley-Terry: printed figures, invariances, when no estimate exists."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.priorities.bradley_terry import bradley_terry, bradley_terry_matrix

TEAMS = ["Milwaukee", "Detroit", "Toronto", "New York", "Boston", "Cleveland", "Baltimore"]
# Agresti, "Categorical Data Analysis", baseball season of 1987, American League East: wins of the row's team.
WINS = [
    [0, 7, 9, 7, 7, 9, 11],
    [6, 0, 7, 5, 11, 9, 9],
    [4, 6, 0, 7, 7, 8, 12],
    [6, 8, 6, 0, 6, 7, 10],
    [6, 2, 6, 7, 0, 7, 12],
    [4, 4, 5, 6, 6, 0, 6],
    [2, 4, 1, 3, 1, 7, 0],
]


def test_baseball_figures_as_printed() -> None:
    result = bradley_terry_matrix(wins=WINS, labels=TEAMS)
    assert result.ability == pytest.approx([1.581, 1.436, 1.294, 1.248, 1.108, 0.684, 0], abs=0.001)
    assert result.deviance == pytest.approx(15.74, abs=0.005)
    assert result.df == 15


def test_rows_of_pairs_say_the_same_as_the_matrix() -> None:
    first, second, won, lost = zip(
        *[(TEAMS[i], TEAMS[j], WINS[i][j], WINS[j][i]) for i in range(7) for j in range(i)], strict=True
    )
    rows = bradley_terry(first=first, second=second, first_wins=won, second_wins=lost, base="Baltimore")
    matrix = bradley_terry_matrix(wins=WINS, labels=TEAMS)
    for name, ability in zip(matrix.items, matrix.ability, strict=True):
        assert rows.ability[rows.items.index(name)] == pytest.approx(ability, abs=1e-8)
    assert rows.share.sum() == pytest.approx(1)


@settings(max_examples=30, deadline=None)
@given(wins=st.lists(st.integers(1, 20), min_size=12, max_size=12), seed=st.integers(0, 9))
def test_renaming_and_the_base_do_not_matter(wins: list[int], seed: int) -> None:
    table = np.zeros((4, 4))
    table[~np.eye(4, dtype=bool)] = wins
    order = np.random.default_rng(seed).permutation(4)
    one = bradley_terry_matrix(wins=table)
    other = bradley_terry_matrix(wins=table[np.ix_(order, order)])
    assert other.share == pytest.approx(one.share[order], abs=1e-8)
    # At the maximum, expected wins equal observed wins.
    chance = 1 / (1 + np.exp(one.ability[None, :] - one.ability[:, None]))
    expected = (chance * (table + table.T)).sum(axis=1)
    assert expected == pytest.approx(table.sum(axis=1), rel=1e-6)


def test_the_worth_of_standing_first() -> None:
    # Equal items, the first one wins three of four: log 3.
    result = bradley_terry(
        first=["a", "b"], second=["b", "a"], first_wins=[30, 30], second_wins=[10, 10], order_effect=True
    )
    assert result.order_effect == pytest.approx(np.log(3))
    assert result.ability == pytest.approx([0, 0], abs=1e-8)


def test_no_estimate_where_somebody_never_wins() -> None:
    with pytest.raises(NotEnoughData, match="2 never beats 1"):
        bradley_terry_matrix(wins=[[0, 3], [0, 0]])
    with pytest.raises(ArgumentError, match="got 'a' twice"):
        bradley_terry(first=["a"], second=["a"], first_wins=[1], second_wins=[1])
