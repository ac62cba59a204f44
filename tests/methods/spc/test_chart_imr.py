"""Charts of single values: invariances, variants, many charts at once, limits of the data."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.spc.chart_imr import MEDIAN_RANGE, SIGMA_RULES, chart_imr

series = hnp.arrays(np.float64, st.integers(2, 40), elements=st.floats(-1e6, 1e6))


@settings(max_examples=50)
@given(x=series, rule=st.sampled_from(SIGMA_RULES))
def test_no_nan_and_limits_about_the_centre(x: np.ndarray, rule: str) -> None:
    charts = chart_imr(x=x, sigma_rule=rule)
    for chart in (charts.individuals, charts.moving_range):
        for values in (chart.center, chart.lcl, chart.ucl, chart.standard_error):
            assert np.all(np.isfinite(values))
        assert np.all(chart.lcl <= chart.center + 1e-9)
        assert np.all(chart.center <= chart.ucl + 1e-9)


@settings(max_examples=50)
@given(x=series, shift=st.integers(-1000, 1000), scale=st.sampled_from([0.25, 2.0, 8.0]))
def test_change_of_unit(x: np.ndarray, shift: int, scale: float) -> None:
    x = np.round(x)
    one, other = chart_imr(x=x).individuals, chart_imr(x=scale * x + shift).individuals
    assert other.ucl == pytest.approx(scale * one.ucl + shift, rel=1e-9, abs=1e-6)


def test_mirror_image_swaps_the_sides() -> None:
    x = np.random.default_rng(8).standard_t(2, size=60)
    one, other = chart_imr(x=x).individuals, chart_imr(x=-x).individuals
    assert one.above.tolist() == other.below.tolist()
    assert one.beyond.any()


def test_many_charts_equal_one_at_a_time() -> None:
    x = np.random.default_rng(9).normal(size=(7, 25))
    labels = ["a"] * 12 + ["b"] * 13
    together = chart_imr(x=x, phases=labels)
    for at, row in enumerate(x):
        alone = chart_imr(x=row, phases=labels)
        assert together.individuals.ucl[at] == pytest.approx(alone.individuals.ucl, rel=1e-12)
        assert together.moving_range.above[at].tolist() == alone.moving_range.above.tolist()
    assert "7 I charts of 25 points" in together.individuals.describe()


def test_limits_of_many_charts_cost_no_memory() -> None:
    chart = chart_imr(x=np.zeros((100, 50)) + np.arange(50)).individuals
    assert chart.ucl.strides[-1] == 0


def test_median_moving_range_by_hand() -> None:
    # Moving ranges 1, 2, 1, 90: the median is 1.5, the mean 23.5.
    charts = chart_imr(x=[1, 2, 4, 5, 95], sigma_rule="median_moving_range")
    assert charts.individuals.standard_error[0] == pytest.approx(1.5 / MEDIAN_RANGE)
    assert charts.mean_moving_range.tolist() == [23.5]
    assert pytest.approx(0.954, abs=2e-4) == MEDIAN_RANGE  # d4 as printed in Minitab's table for n = 2


def test_equal_values_give_no_signal() -> None:
    charts = chart_imr(x=[0.1] * 7)
    assert not charts.individuals.beyond.any()
    assert not charts.moving_range.beyond.any()


def test_known_center_and_sigma() -> None:
    chart = chart_imr(x=[1.0], center=0, sigma=2).individuals
    assert (chart.lcl[0], chart.ucl[0], chart.variants["sigma"]) == (-6.0, 6.0, "given")


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"x": []}, NotEnoughData, "x needs at least 1"),
        ({"x": [1.0]}, NotEnoughData, "needs? at least 2 points; it has 1"),
        ({"x": [1, float("nan")]}, ArgumentError, "x must hold finite numbers; got nan"),
        ({"x": [1, 2], "sigma_rule": "guess"}, ArgumentError, "sigma_rule must be one of .*got 'guess'"),
        ({"x": [1, 2], "sigma": -1}, ArgumentError, "sigma must be more than 0; got -1"),
        ({"x": [1, 2], "width": -3}, ArgumentError, "width must be at least 0; got -3"),
    ],
)
def test_messages(arguments: dict, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        chart_imr(**arguments)


def test_false_alarms_are_as_rare_as_they_should_be() -> None:
    # Known limits at 3 sigma: 0.27 % of stable points lie beyond them (normal distribution).
    x = np.random.default_rng(12).normal(size=(200, 500))
    share = chart_imr(x=x, center=0, sigma=1).individuals.beyond.mean()
    assert share == pytest.approx(0.0027, abs=4 * np.sqrt(0.0027 / x.size))
