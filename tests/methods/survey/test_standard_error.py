"""The standard error behind an interval undoes the interval of the mean."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError
from nonagon.methods.survey.mean import mean
from nonagon.methods.survey.standard_error import difference_of_estimates, standard_error


@given(
    answers=st.lists(st.integers(1, 7), min_size=2, max_size=40).filter(lambda values: len(set(values)) > 1),
    confidence=st.floats(0.5, 0.999),
)
def test_undoes_the_interval_of_a_mean(answers: list[int], confidence: float) -> None:
    values = np.array(answers, dtype=float)
    one = mean(n=[values.size], total=[values.sum()], total_of_squares=[(values**2).sum()], confidence=confidence)
    back = standard_error(low=one.low, high=one.high, confidence=confidence, n=[values.size])
    # The textbook standard error, by numpy, apart from the product.
    assert back[0] == pytest.approx(values.std(ddof=1) / np.sqrt(values.size), rel=1e-9)


def test_normal_quantile_without_n() -> None:
    # 1.959964 is the 97.5 % quantile of the normal distribution (any table).
    assert standard_error(low=[0.0], high=[2 * 1.959964])[0] == pytest.approx(1, abs=1e-6)


def test_refuses_an_interval_that_ends_before_it_begins() -> None:
    with pytest.raises(ArgumentError, match="high must not be below low; got 2 to 1"):
        standard_error(low=[2.0], high=[1.0])


@given(first=st.floats(-5, 5), second=st.floats(-5, 5), one=st.floats(0.01, 2), two=st.floats(0.01, 2))
def test_difference_turned_round_is_its_mirror_image(first: float, second: float, one: float, two: float) -> None:
    there = difference_of_estimates(first=[first], first_se=[one], second=[second], second_se=[two])
    back = difference_of_estimates(first=[second], first_se=[two], second=[first], second_se=[one])
    assert there.low[0] == pytest.approx(-back.high[0])
    assert there.p[0] == pytest.approx(back.p[0])
    assert (there.p[0] < 0.05) == bool(there.low[0] > 0 or there.high[0] < 0)


def test_difference_without_error_is_certain() -> None:
    certain = difference_of_estimates(first=[1.0, 1.0], first_se=[0, 0], second=[2.0, 1.0], second_se=[0, 0])
    assert certain.p.tolist() == pytest.approx([0, 1])
