"""Rates: the exact limits by the Poisson distribution itself, limits, symmetry, coverage."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from nonagon.basics.errors import NotEnoughData
from nonagon.methods.survey.rate import rate, rate_difference


@given(count=st.integers(1, 400), units=st.floats(0.1, 1000))
def test_limits_leave_half_the_error_in_each_tail(count: int, units: float) -> None:
    # By the definition of Garwood's interval, with the Poisson distribution function pdtr.
    result = rate(count=count, units=units)
    assert special.pdtr(count, result.high * units) == pytest.approx(0.025, abs=1e-9)
    assert 1 - special.pdtr(count - 1, result.low * units) == pytest.approx(0.025, abs=1e-9)


def test_no_event_at_all() -> None:
    # Upper limit of an expected count when none was seen: -log(0.025).
    result = rate(count=0, units=1)
    assert (result.low, result.high) == (0.0, pytest.approx(-np.log(0.025)))


def test_no_exposure() -> None:
    with pytest.raises(NotEnoughData, match="units is 0"):
        rate(count=3, units=0)


@given(one=st.integers(0, 200), other=st.integers(0, 200))
def test_difference_mirrors(one: int, other: int) -> None:
    there = rate_difference(count=one, units=3, other_count=other, other_units=5)
    back = rate_difference(count=other, units=5, other_count=one, other_units=3)
    assert there.difference == pytest.approx(-back.difference)
    assert there.low == pytest.approx(-back.high)


def test_difference_covers() -> None:
    random = np.random.default_rng(7)
    counts = random.poisson([12.0, 20.0], size=(2000, 2))
    covered = 0
    for one, other in counts:
        found = rate_difference(count=int(one), units=1, other_count=int(other), other_units=1)
        covered += found.low <= -8 <= found.high
    assert 0.94 <= covered / 2000 <= 0.985
