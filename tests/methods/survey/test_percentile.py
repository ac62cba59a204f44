"""Quantiles: ends, order, and the definitions of the stepping types."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError
from nonagon.methods.survey.percentile import TYPES, percentile

NUMPY_NAMES = {
    1: "inverted_cdf",
    2: "averaged_inverted_cdf",
    3: "closest_observation",
    4: "interpolated_inverted_cdf",
    5: "hazen",
    6: "weibull",
    7: "linear",
    8: "median_unbiased",
    9: "normal_unbiased",
}


@given(
    x=st.lists(st.integers(-100, 100), min_size=1, max_size=30),
    p=st.integers(1, 31).map(lambda k: k / 32),
    kind=st.sampled_from([one for one in TYPES if one != 3]),
)
def test_against_numpy(x: list[int], p: float, kind: int) -> None:
    got = percentile(x=x, p=[p], type=kind).values[0]
    assert got == pytest.approx(np.quantile(x, p, method=NUMPY_NAMES[kind]), abs=1e-9)


@given(x=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30), kind=st.sampled_from(TYPES))
def test_ends_and_order(x: list[float], kind: int) -> None:
    found = percentile(x=x, p=np.linspace(0, 1, 21), type=kind).values
    assert found[0] == min(x)
    assert found[-1] == max(x)
    slack = 1e-9 * max(1.0, *map(abs, x))
    assert np.all(np.diff(found) >= -slack)


def test_type_3_takes_the_even_neighbour() -> None:
    # Hyndman and Fan, definition 3: n p = 2.5 is half way from the 2nd to the 3rd value; the even place wins.
    assert percentile(x=[10, 20, 30, 40, 50], p=[0.5], type=3).values[0] == 20


def test_a_share_that_rounds_badly_is_meant_to_be_whole() -> None:
    # 0.55 times 100 is 55.00000000000001 in binary; the 55th value is meant.
    assert percentile(x=np.arange(1, 101), p=[0.55], type=1).values[0] == 55


def test_message() -> None:
    with pytest.raises(ArgumentError, match="type must be a whole number from 1 to 9; got 10"):
        percentile(x=[1], p=[0.5], type=10)
