"""The paired t test from sums, against scipy's ttest_rel on the rows."""

import numpy as np
import pytest
from scipy.stats import ttest_rel

from nonagon.basics.errors import NotEnoughData
from nonagon.methods.survey.paired_t import paired_t


def test_equals_scipys_paired_test() -> None:
    random = np.random.default_rng(4)
    first = random.normal(size=(40, 3))
    second = first + random.normal(0.3, 0.5, size=(40, 3))
    difference = first - second
    result = paired_t(n=[40] * 3, total=difference.sum(axis=0), total_of_squares=(difference**2).sum(axis=0))
    expected = ttest_rel(first, second)
    assert np.allclose(result.t, expected.statistic)
    assert np.allclose(result.p, expected.pvalue)
    ends = expected.confidence_interval()
    assert np.allclose(result.differences.low, ends.low)


def test_weights_of_one_change_nothing() -> None:
    plain = paired_t(n=8, total=-12, total_of_squares=20)
    weighted = paired_t(n=8, total=-12, total_of_squares=20, total_of_weights=8, total_of_squared_weights=8)
    assert weighted.p == pytest.approx(plain.p)


def test_equal_differences_cannot_be_tested() -> None:
    with pytest.raises(NotEnoughData, match="differ by the same"):
        paired_t(n=5, total=5, total_of_squares=5)


def test_describe_says_that_they_are_the_same_people() -> None:
    assert "The same 8 respondents" in paired_t(n=8, total=-12, total_of_squares=20).describe()
