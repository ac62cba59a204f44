"""Rank sum test: against all arrangements, against scipy, mirrored groups."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.survey.mann_whitney import mann_whitney

SCALE = st.lists(st.integers(1, 5), min_size=1, max_size=25)


@pytest.mark.parametrize("values", [[3, 5, 6, 1, 2, 4, 7], [1, 2, 3, 4, 5, 6, 7], [7, 1, 4, 2, 6, 3, 5]])
def test_exact_p_counts_all_arrangements(values: list[int]) -> None:
    a, b = values[:3], values[3:]
    w = np.array([sum(chosen) - 6 for chosen in combinations(range(1, 8), 3)])
    result = mann_whitney(a=a, b=b)
    tail = min(np.mean(w <= result.w), np.mean(w >= result.w))
    assert result.test == "exact"
    assert result.p == pytest.approx(min(1, 2 * tail))


@given(a=SCALE, b=SCALE)
def test_normal_approximation_against_scipy(a: list[int], b: list[int]) -> None:
    if len({*a, *b}) == 1:
        with pytest.raises(NotEnoughData, match="all answers are equal"):
            mann_whitney(a=a, b=b)
        return
    result = mann_whitney(a=a, b=b, test="normal", continuity=False)
    other = mannwhitneyu(a, b, method="asymptotic", use_continuity=False)
    assert result.w == other.statistic
    assert result.p == pytest.approx(other.pvalue, abs=1e-12)
    mirrored = mann_whitney(a=b, b=a, test="normal", continuity=False)
    assert mirrored.superiority == pytest.approx(1 - result.superiority)
    assert mirrored.p == pytest.approx(result.p)


def test_exact_up_to_49_answers_against_scipy() -> None:
    generator = np.random.default_rng(50)
    a, b = generator.normal(0, 1, 49), generator.normal(0.5, 1, 45)
    assert mann_whitney(a=a, b=b).p == pytest.approx(mannwhitneyu(a, b, method="exact").pvalue, rel=1e-9)


def test_exact_with_ties_is_refused() -> None:
    with pytest.raises(ArgumentError, match="ties"):
        mann_whitney(a=[1, 2], b=[2, 3], test="exact")
