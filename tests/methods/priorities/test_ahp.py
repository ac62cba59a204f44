"""Analytic hierarchy process: consistent matrices, joining judges, random index."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError
from nonagon.methods.priorities.ahp import ahp

WEIGHTS = st.lists(st.floats(0.5, 9), min_size=2, max_size=9)


@given(weights=WEIGHTS)
def test_consistent_judgements_give_their_weights_back(weights: list[float]) -> None:
    w = np.array(weights) / np.sum(weights)
    result = ahp(matrix=w[:, None] / w)
    assert result.weights_eigen == pytest.approx(w)
    assert result.weights_geometric_mean == pytest.approx(w)
    assert result.consistency_index == pytest.approx(0, abs=1e-9)
    assert (result.consistency_ratio is None) == (len(weights) == 2)


@given(
    judged=st.lists(st.sampled_from([1 / 9, 1 / 5, 1 / 3, 1, 3, 5, 9]), min_size=6, max_size=6),
    seed=st.integers(0, 9),
)
def test_renaming_criteria_renames_the_weights(judged: list[float], seed: int) -> None:
    matrix = np.ones((4, 4))
    matrix[np.triu_indices(4, 1)] = judged
    matrix = np.where(np.tri(4, k=-1) == 1, 1 / matrix.T, matrix)
    order = np.random.default_rng(seed).permutation(4)
    one, other = ahp(matrix=matrix), ahp(matrix=matrix[np.ix_(order, order)])
    assert other.weights == pytest.approx(one.weights[order], abs=1e-9)
    assert other.consistency_ratio == pytest.approx(one.consistency_ratio, abs=1e-9)
    assert one.lambda_max >= 4 - 1e-9


def test_judges_are_joined_by_geometric_means() -> None:
    result = ahp(matrices=[[[1, 2], [0.5, 1]], [[1, 8], [0.125, 1]]])
    assert result.matrix[0, 1] == pytest.approx(4)
    assert result.weights == pytest.approx([0.8, 0.2])
    assert result.judges == 2
    assert result.judge_ratio == (None, None)


def test_random_indices_by_their_tables() -> None:
    # Saaty 1980 prints 0.90 for four criteria; Alonso and Lamata's line at four is (2.7699 x 4 - 4.3513 - 4) / 3.
    matrix = np.ones((4, 4))
    assert ahp(matrix=matrix).random_index_value == 0.90
    assert ahp(matrix=matrix, random_index="alonso_lamata").random_index_value == pytest.approx(0.9094, abs=1e-4)
    with pytest.raises(ArgumentError, match="reaches to 15 criteria; got 16"):
        ahp(matrix=np.ones((16, 16)))


def test_the_judgement_that_contradicts_the_others_is_named() -> None:
    w = np.array([4, 2, 1, 1]) / 8
    matrix = w[:, None] / w
    matrix[2, 3], matrix[3, 2] = 9, 1 / 9
    result = ahp(matrix=matrix)
    assert result.worst_pair == (2, 3)
    assert result.consistency_ratio is not None
    assert result.consistency_ratio > 0.1
    assert "above the usual 0.10" in result.describe()


def test_messages() -> None:
    with pytest.raises(ArgumentError, match="judgements of 1 against 2 and back must be reciprocals; got 3 and 3"):
        ahp(matrix=[[1, 3], [3, 1]])
    with pytest.raises(ArgumentError, match="must be square"):
        ahp(matrix=[[1, 2]])
    with pytest.raises(ArgumentError, match="above 0"):
        ahp(matrix=[[1, 0], [0, 1]])
    with pytest.raises(ArgumentError, match="either matrix"):
        ahp()
