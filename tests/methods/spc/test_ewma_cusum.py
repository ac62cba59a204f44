"""EWMA and CUSUM charts: against the recursions point by point, phases, variants, limits of the data."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.spc.chart_cusum import chart_cusum
from nonagon.methods.spc.chart_ewma import chart_ewma
from nonagon.methods.spc.moving_filter import decaying_sum

series = hnp.arrays(np.float64, st.integers(1, 200), elements=st.floats(-100, 100))


@settings(max_examples=50)
@given(x=series, keep=st.floats(0, 1), start=st.floats(-10, 10))
def test_filter_is_the_recursion(x: np.ndarray, keep: float, start: float) -> None:
    expected, last = [], start
    for value in x:
        last = keep * last + value
        expected.append(last)
    assert decaying_sum(x, keep, start) == pytest.approx(expected, rel=1e-9, abs=1e-7)


@settings(max_examples=30)
@given(x=series, weight=st.floats(0.01, 1))
def test_ewma_point_by_point(x: np.ndarray, weight: float) -> None:
    chart = chart_ewma(x=x, weight=weight, target=1, sigma=2)
    average, variance = 1.0, 0.0
    for at, value in enumerate(x):
        average = weight * value + (1 - weight) * average
        variance = (1 - weight) ** 2 * variance + weight**2 * 4
        assert chart.statistic[at] == pytest.approx(average, rel=1e-9, abs=1e-9)
        assert chart.ucl[at] == pytest.approx(1 + 3 * np.sqrt(variance))
    # Closed form of the variance (Roberts 1959).
    last = 4 * weight / (2 - weight) * (1 - (1 - weight) ** (2 * x.size))
    assert variance == pytest.approx(last)


def test_ewma_with_weight_one_is_the_shewhart_chart() -> None:
    groups = np.random.default_rng(1).normal(size=(20, 4))
    chart = chart_ewma(subgroups=groups, weight=1)
    assert chart.statistic == pytest.approx(groups.mean(axis=1))
    assert np.ptp(chart.ucl) == pytest.approx(0, abs=1e-12)


@settings(max_examples=40)
@given(x=series, k=st.floats(0, 2), headstart=st.floats(0, 5))
def test_cusum_point_by_point(x: np.ndarray, k: float, headstart: float) -> None:
    chart = chart_cusum(x=x, target=0, sigma=1, k=k, h=5, headstart=headstart)
    up = down = headstart
    for at, value in enumerate(x):
        up, down = max(0.0, up + value - k), max(0.0, down - value - k)
        assert chart.c_plus[at] == pytest.approx(up, abs=1e-7)
        assert chart.c_minus[at] == pytest.approx(down, abs=1e-7)


def test_shift_began_where_the_sum_that_signals_was_last_at_rest() -> None:
    x = np.random.default_rng(6).normal(size=(150, 300))  # more numbers than are worked on at a time
    chart = chart_cusum(x=x, target=0, sigma=1, h=3)
    assert (chart.first_signal < 0).any()
    assert (chart.shift_began >= 0).any()
    for at, first in enumerate(chart.first_signal):
        beyond = np.flatnonzero(chart.above[at] | chart.below[at])
        assert first == (beyond[0] if beyond.size else -1)
        sums = chart.c_plus[at] if chart.above[at, first] else chart.c_minus[at]
        rests = np.flatnonzero(sums[: max(first, 0)] == 0)
        assert chart.shift_began[at] == (rests[-1] if rests.size else -1)


def test_mirror_image_and_unit() -> None:
    x = np.random.default_rng(2).normal(size=50)
    one = chart_cusum(x=x, target=0, sigma=1)
    other = chart_cusum(x=10 - 3 * x, target=10, sigma=3)
    assert one.c_plus == pytest.approx(other.c_minus)


def test_phases_restart_with_their_own_target() -> None:
    x = np.random.default_rng(3).normal(size=40)
    x[20:] += 5
    labels = ["before"] * 20 + ["after"] * 20
    chart = chart_ewma(x=x, phases=labels)
    alone = chart_ewma(x=x[20:])
    assert chart.statistic[20:] == pytest.approx(alone.statistic)
    assert chart.ucl[20:] == pytest.approx(alone.ucl)
    sums = chart_cusum(x=x, phases=labels)
    assert sums.c_plus[20:] == pytest.approx(chart_cusum(x=x[20:]).c_plus)


def test_frozen_limits_find_the_shift_and_its_beginning() -> None:
    x = np.random.default_rng(4).normal(size=80)
    x[50:] += 1.5
    labels = ["before"] * 40 + ["after"] * 40
    chart = chart_cusum(x=x, phases=labels, baseline="before", restart=False)
    assert 50 <= chart.first_signal <= 60
    assert abs(int(chart.shift_began) - 49) <= 6
    assert "upward shift" in chart.describe()
    assert chart.phases[1].limits_from == "before"
    ewma = chart_ewma(x=x, phases=labels, baseline="before", restart=False)
    assert ewma.above[50:].any()
    assert np.flatnonzero(ewma.beyond).min() >= 40


def test_no_signal_is_minus_one() -> None:
    chart = chart_cusum(x=[0.0, 0.1, -0.1], target=0, sigma=1)
    assert (int(chart.first_signal), int(chart.shift_began)) == (-1, -1)
    assert "no shift" in chart.describe()


def test_many_charts_equal_one_at_a_time() -> None:
    x = np.random.default_rng(5).normal(size=(6, 150))
    x[2, 70:] += 2
    sums, averages = chart_cusum(x=x), chart_ewma(x=x)
    for at, row in enumerate(x):
        assert sums.c_minus[at] == pytest.approx(chart_cusum(x=row).c_minus)
        assert sums.first_signal[at] == chart_cusum(x=row).first_signal
        assert averages.ucl[at] == pytest.approx(chart_ewma(x=row).ucl)
    assert "of 6 CUSUM charts" in sums.describe()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: chart_ewma(x=[1, 2], weight=0), ArgumentError, "weight must be more than 0.*got 0"),
        (lambda: chart_ewma(x=[1, 2], subgroups=[[1, 2]]), ArgumentError, "in one way"),
        (lambda: chart_ewma(x=[1]), NotEnoughData, "at least 2 points; it has 1"),
        (lambda: chart_ewma(x=[1, 2], limits="none"), ArgumentError, "limits must be one of"),
        (lambda: chart_cusum(x=[1, 1, 1]), NotEnoughData, "do not vary"),
        (lambda: chart_cusum(x=[1, 2], h=0), ArgumentError, "h must be at least"),
        (
            lambda: chart_cusum(x=[1, 2], headstart=9),
            ArgumentError,
            r"headstart must lie from 0 to h \(5\); got 9",
        ),
        (lambda: chart_cusum(x=[1, 2], k=-1), ArgumentError, "k must be at least 0; got -1"),
    ],
)
def test_messages(call: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()
