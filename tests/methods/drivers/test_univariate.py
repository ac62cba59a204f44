"""Plain statistics to the last digit: NIST StRD and exact fractions."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.drivers.univariate import alternating, univariate


@pytest.mark.parametrize(
    ("first", "then", "mean", "sd", "lag"),
    [
        # NIST StRD NumAcc2, 3 and 4: certified mean, standard deviation and lag-1 autocorrelation.
        (1.2, [1.1, 1.3], 1.2, 0.1, -0.999),
        (1000000.2, [1000000.1, 1000000.3], 1000000.2, 0.1, -0.999),
        (10000000.2, [10000000.1, 10000000.3], 10000000.2, 0.1, -0.999),
    ],
)
def test_nist_numacc(first: float, then: list[float], mean: float, sd: float, lag: float) -> None:
    series = alternating(first=first, then=then, n=1001)
    exact = univariate(x=series, arithmetic="exact")
    assert (exact.mean, exact.sd, exact.lag1_autocorrelation) == (mean, sd, lag)
    double = univariate(x=series)
    assert double.mean == pytest.approx(mean, rel=1e-15)
    # 10000000.1 itself is off by up to 1e-9 as a double, so 0.1 can be met to 1e-8 only.
    assert double.sd == pytest.approx(sd, rel=1e-8)
    assert double.lag1_autocorrelation == pytest.approx(lag, rel=1e-8)


def test_nist_numacc1() -> None:
    """NIST StRD NumAcc1: 10000001, 10000003, 10000002; certified 10000002, 1, -0.5."""
    result = univariate(x=[10000001, 10000003, 10000002])
    assert (result.mean, result.sd, result.lag1_autocorrelation) == (10000002, 1, -0.5)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(-(10**6), 10**6), min_size=2, max_size=30), st.integers(-(10**9), 10**9))
def test_shift_and_exact_fractions(values: list[int], shift: int) -> None:
    moved = univariate(x=[value + shift for value in values])
    mean = Fraction(sum(values), len(values))
    squares = sum((value - mean) ** 2 for value in values)
    assert moved.mean == pytest.approx(float(mean) + shift, rel=1e-14, abs=1e-9)
    assert moved.sd == pytest.approx(float(squares / (len(values) - 1)) ** 0.5, rel=1e-9, abs=1e-12)
    if squares:
        products = sum((a - mean) * (b - mean) for a, b in pairwise(values))
        assert moved.lag1_autocorrelation == pytest.approx(float(products / squares), rel=1e-7, abs=1e-9)


def test_limits() -> None:
    flat = univariate(x=[0.1, 0.1, 0.1])
    assert (flat.sd, flat.lag1_autocorrelation) == (0, None)
    assert np.isfinite(univariate(x=[1e300, -1e300], arithmetic="exact").sd)
    with pytest.raises(NotEnoughData, match="at least 2 values"):
        univariate(x=[1])
    with pytest.raises(ArgumentError, match="at least 1"):
        alternating(first=1, then=[], n=3)
    assert "3 values" in flat.describe()
