"""Correlation of means: complete answers, missing answers, limits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from nonagon.basics.errors import ArgumentError
from nonagon.methods.survey.mean_correlation import mean_correlation


def _sums(answers: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Pairwise sums as the engine's query gives them."""
    asked = (~np.isnan(answers)).astype(float)
    filled = np.nan_to_num(answers)
    return {"counts": asked.T @ asked, "sums": filled.T @ asked, "products": filled.T @ filled}


@given(seed=st.integers(0, 10_000), n=st.integers(4, 60), k=st.integers(2, 6))
def test_complete_answers_give_numpys_correlation(seed: int, n: int, k: int) -> None:
    answers = np.random.default_rng(seed).normal(size=(n, k))
    assert mean_correlation(**_sums(answers)) == pytest.approx(np.corrcoef(answers.T), abs=1e-9)


@given(seed=st.integers(0, 10_000))
def test_missing_answers_still_give_a_proper_correlation_matrix(seed: int) -> None:
    random = np.random.default_rng(seed)
    answers = random.integers(1, 6, size=(12, 5)).astype(float)
    answers[random.random(answers.shape) < 0.5] = np.nan
    found = mean_correlation(**_sums(answers))
    assert np.diag(found) == pytest.approx(1)
    assert np.linalg.eigvalsh(found).min() > -1e-9


def test_overlap_of_half_the_people_halves_the_correlation_of_means() -> None:
    random = np.random.default_rng(3)
    both = random.multivariate_normal([0, 0], [[1, 0.8], [0.8, 1]], size=20_000)
    both[:5_000, 0], both[15_000:, 1] = np.nan, np.nan
    # 10,000 of 15,000 answered both: 0.8 x 10,000 / 15,000; 0.02 is over five standard errors of the correlation.
    assert mean_correlation(**_sums(both))[0, 1] == pytest.approx(0.8 * 10 / 15, abs=0.02)


def test_equal_answers_and_strangers_count_as_uncorrelated() -> None:
    answers = np.array([[3.0, 1.0, np.nan], [3.0, 2.0, np.nan], [3.0, 5.0, np.nan], [np.nan, np.nan, 4.0]])
    assert mean_correlation(**_sums(answers)).tolist() == np.eye(3).tolist()


def test_shapes() -> None:
    with pytest.raises(ArgumentError, match="must all be 2 x 2"):
        mean_correlation(counts=np.ones((2, 2)), sums=np.ones((2, 3)), products=np.ones((2, 2)))
