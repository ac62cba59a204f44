"""Trends against scipy's linregress, their invariances, and coverage by simulation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import linregress, t

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.effects.linear_trend import linear_trend

SERIES = st.lists(st.floats(0.1, 100), min_size=4, max_size=20)


@settings(max_examples=50, deadline=None)
@given(SERIES, st.sampled_from([1.0, 4.0, 12.0]))
def test_equals_scipys_regression(values: list[float], per_year: float) -> None:
    if np.ptp(values) < 1e-3:
        return
    result = linear_trend(values=values, periods_per_year=per_year)
    expected = linregress(np.arange(len(values)) / per_year, values)
    half = t.ppf(0.975, len(values) - 2) * expected.stderr
    assert float(result.change) == pytest.approx(expected.slope, rel=1e-6, abs=1e-8)
    assert float(result.high) == pytest.approx(expected.slope + half, rel=1e-6, abs=1e-7)
    assert float(result.p) == pytest.approx(expected.pvalue, abs=1e-6)


def test_steady_growth_on_the_log_scale_is_found_exactly() -> None:
    result = linear_trend(values=100 * 1.1 ** (np.arange(12) / 4), periods_per_year=4, scale="log")
    assert float(result.change) == pytest.approx(0.1)
    assert float(result.low) == pytest.approx(0.1)
    assert float(result.p) == pytest.approx(0, abs=1e-9)


def test_a_season_is_set_aside() -> None:
    pattern = np.tile([0.0, 5.0, -3.0, 1.0], 4)
    plain = linear_trend(values=np.arange(16) + pattern, periods_per_year=4)
    seasonal = linear_trend(values=np.arange(16) + pattern, periods_per_year=4, season=4)
    assert float(seasonal.change) == pytest.approx(4)
    assert float(seasonal.high - seasonal.low) < 1e-6 < float(plain.high - plain.low)


def test_many_series_at_once_are_the_same_as_each_alone() -> None:
    table = np.random.default_rng(2).normal(size=(5, 9))
    together = linear_trend(values=table, periods_per_year=12)
    alone = [linear_trend(values=row, periods_per_year=12) for row in table]
    assert np.allclose(together.change, [float(one.change) for one in alone])
    assert np.allclose(together.p, [float(one.p) for one in alone])


def test_a_flat_series_has_no_trend() -> None:
    result = linear_trend(values=[3.0] * 6, periods_per_year=4)
    assert (float(result.change), float(result.low), float(result.high), float(result.p)) == (0, 0, 0, 1)


def test_the_interval_covers() -> None:
    """2,000 series of 10 quarters around a line of slope 2 a year."""
    random = np.random.default_rng(3)
    result = linear_trend(values=np.arange(10) / 2 + random.normal(size=(2000, 10)), periods_per_year=4)
    assert 0.935 <= np.mean((result.low <= 2) & (result.high >= 2)) <= 0.965


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"values": [1, 2, 3]}, NotEnoughData, "at least 4 points"),
        ({"values": [1, 2, 3, 4, 5], "season": 4}, NotEnoughData, "at least 7 points with season 4"),
        ({"values": [1, 2, 0, 4], "scale": "log"}, ArgumentError, "above 0 on the log scale"),
        ({"values": [1, 2, 3, 4], "scale": "cubic"}, ArgumentError, "scale must be one of"),
        ({"values": [1, 2, 3, 4], "season": 0}, ArgumentError, "season must be a whole number"),
    ],
)
def test_messages(arguments: dict[str, object], error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        linear_trend(**({"periods_per_year": 4} | arguments))  # type: ignore[arg-type]


def test_describe_names_interval_and_unit() -> None:
    text = linear_trend(values=[100, 111, 120, 134], periods_per_year=1, scale="log").describe()
    assert "% a year (95% interval" in text


def test_a_series_whose_points_go_together_is_named() -> None:
    # A slow wave around a line: neighbouring residuals nearly equal, lag-one correlation near cos(2 pi / 24).
    wave = np.arange(48) / 10 + np.sin(2 * np.pi * np.arange(48) / 24)
    found = linear_trend(values=wave, periods_per_year=4)
    assert found.memory == pytest.approx(np.cos(2 * np.pi / 24), abs=0.1)
    assert bool(found.remembers)
    assert "neighbouring points go together" in found.describe()
    noise = np.random.default_rng(1).standard_normal((400, 24))
    many = linear_trend(values=noise, periods_per_year=4)
    # One in twenty by chance, less what the fit takes off.
    assert np.mean(many.remembers) <= 0.06
    assert "In " in linear_trend(values=np.stack([wave, wave]), periods_per_year=4).describe()
