"""G² against scipy's likelihood-ratio test of a two-by-two table."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.needs.log_likelihood_ratio import log_likelihood_ratio


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_equals_scipys_test(data: st.DataObject) -> None:
    n_here, n_there = data.draw(st.integers(2, 500)), data.draw(st.integers(2, 500))
    here = data.draw(st.integers(1, n_here - 1))
    there = data.draw(st.integers(0, n_there - 1))
    result = log_likelihood_ratio(here=[here], n_here=n_here, there=[there], n_there=n_there)
    table = [[here, n_here - here], [there, n_there - there]]
    expected = chi2_contingency(table, correction=False, lambda_="log-likelihood")
    assert result.g2[0] == pytest.approx(expected.statistic, abs=1e-9)
    assert result.p[0] == pytest.approx(expected.pvalue, abs=1e-9)
    assert bool(result.more_here[0]) == (here / n_here > there / n_there)


def test_a_phrase_said_by_nobody_or_by_all_says_nothing() -> None:
    result = log_likelihood_ratio(here=[0, 50], n_here=50, there=[0, 70], n_there=70)
    assert np.array_equal(result.g2, [0, 0])
    assert not result.more_here.any()


@pytest.mark.parametrize(
    ("here", "n_here", "error", "words"),
    [([5], 4, ArgumentError, "here must lie from 0 to 4"), ([0], 0, NotEnoughData, "n_here is 0")],
)
def test_messages(here: list[int], n_here: int, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        log_likelihood_ratio(here=here, n_here=n_here, there=[1], n_there=10)


def test_describe_names_the_strongest() -> None:
    result = log_likelihood_ratio(here=[1, 30], n_here=100, there=[1, 5], n_there=100)
    assert "number 2 stands out most" in result.describe()
