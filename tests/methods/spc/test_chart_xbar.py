"""Charts of subgroup means and spread: qcc's pistonrings, unequal sizes, many charts, limits of the data."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.spc.chart_xbar import chart_r, chart_s, chart_xbar, chart_xbar_r, chart_xbar_s
from nonagon.methods.spc.sigma_within import sigma_within
from nonagon.methods.spc.spc_constants import spc_constants
from nonagon.methods.spc.subgroups import ESTIMATORS

RINGS = Path(__file__).resolve().parents[4] / "shared" / "data" / "spc" / "qcc_pistonrings.txt"
UNEQUAL = [[4.1, 5.0, 4.4], [5.2, 4.9], [4.4, 4.0, 4.6, 5.1], [6.2, 6.0, 6.4], [4.8, 5.3]]


@pytest.mark.shared
@pytest.mark.skipif(not RINGS.exists(), reason="qcc's data are not beside the repository")
def test_pistonrings() -> None:
    # Printed in L. Scrucca, "qcc: an R package for quality control charting", R News 4/1 (2004), page 12:
    # center 74.00118, standard deviation 0.009785039, limits 73.98805 and 74.0143 (25 trial samples).
    rows = [line.split() for line in RINGS.read_text().splitlines()[1:]]
    rings = np.array([float(row[0]) for row in rows]).reshape(-1, 5)
    labels = ["trial"] * 25 + ["new"] * 15
    chart = chart_xbar(subgroups=rings, phases=labels, baseline="trial", printed_constants=True)
    assert float(chart.phases[0].center) == pytest.approx(74.00118, abs=5e-6)
    assert float(chart.phases[0].sigma) == pytest.approx(0.009785039, abs=5e-10)
    assert chart.lcl[0] == pytest.approx(73.98805, abs=5e-6)
    assert chart.ucl[0] == pytest.approx(74.0143, abs=5e-5)
    assert np.flatnonzero(chart.above).tolist() == [36, 37, 38]  # samples 37 to 39, drawn there


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_estimators_agree_with_loops(estimator: str) -> None:
    found = float(sigma_within(subgroups=UNEQUAL, estimator=estimator).sigma)
    factors = [spc_constants(n=len(row)) for row in UNEQUAL]
    ranges = [max(row) - min(row) for row in UNEQUAL]
    deviations = [float(np.std(row, ddof=1)) for row in UNEQUAL]
    if estimator == "rmsdf":
        freedom = sum(len(row) - 1 for row in UNEQUAL)
        square = sum((len(row) - 1) * s * s for row, s in zip(UNEQUAL, deviations, strict=True)) / freedom
        expected = np.sqrt(square) / spc_constants(n=freedom + 1).c4
    else:
        by_range = estimator.endswith("_r")
        mean = [f.d2 if by_range else f.c4 for f in factors]
        error = [f.d3 if by_range else np.sqrt(1 - f.c4**2) for f in factors]
        single = np.divide(ranges if by_range else deviations, mean)
        weights = np.ones(5) if estimator.startswith("uwave") else np.divide(mean, error) ** 2
        expected = np.average(single, weights=weights)
    assert found == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_estimators_are_free_of_bias(estimator: str) -> None:
    values = np.random.default_rng(5).normal(scale=3, size=(4000, 10, 4))
    sizes = np.array([2, 3, 4, 4, 2, 3, 4, 2, 3, 4])
    found = sigma_within(subgroups=values, sizes=sizes, estimator=estimator).sigma
    assert found.mean() == pytest.approx(3, abs=4 * found.std() / np.sqrt(found.size))


def test_limits_for_each_size() -> None:
    chart = chart_xbar(subgroups=UNEQUAL)
    sigma = float(chart.phases[0].sigma)
    flat = np.concatenate(UNEQUAL)
    assert chart.center[0] == pytest.approx(flat.mean())
    expected = flat.mean() + 3 * sigma / np.sqrt([len(row) for row in UNEQUAL])
    assert chart.ucl == pytest.approx(expected)


def test_center_rules_for_unequal_sizes() -> None:
    sizes = np.array([len(row) for row in UNEQUAL])
    ranges = np.array([np.ptp(row) for row in UNEQUAL])
    assert chart_r(subgroups=UNEQUAL).center == pytest.approx(np.full(5, np.average(ranges, weights=sizes)))
    per_point = chart_r(subgroups=UNEQUAL, center_rule="per_point")
    sigma = float(per_point.phases[0].sigma)
    assert per_point.center == pytest.approx([sigma * spc_constants(n=int(n)).d2 for n in sizes])
    by_s = chart_s(subgroups=UNEQUAL, center_rule="per_point")
    assert by_s.center == pytest.approx([float(by_s.phases[0].sigma) * spc_constants(n=int(n)).c4 for n in sizes])


def test_equal_sizes_make_the_rules_one() -> None:
    groups = np.random.default_rng(6).normal(size=(12, 5))
    for function in (chart_r, chart_s):
        one, other = function(subgroups=groups), function(subgroups=groups, center_rule="per_point")
        assert one.ucl == pytest.approx(other.ucl)
    # The textbook factors give the same limits.
    factors, mean_range = spc_constants(n=5), np.ptp(groups, axis=1).mean()
    charts = chart_xbar_r(subgroups=groups)
    assert charts.mean.ucl[0] == pytest.approx(groups.mean() + factors.A2 * mean_range)
    assert charts.spread.ucl[0] == pytest.approx(factors.D4 * mean_range)
    mean_s = groups.std(axis=1, ddof=1).mean()
    by_s = chart_xbar_s(subgroups=groups)
    assert by_s.mean.lcl[0] == pytest.approx(groups.mean() - factors.A3 * mean_s)
    assert by_s.spread.ucl[0] == pytest.approx(factors.B4 * mean_s)


def test_phases_may_take_their_limits_from_each_other() -> None:
    groups = np.random.default_rng(8).normal(size=(20, 4))
    groups[10:] = 5 + 3 * groups[10:]
    swapped = chart_xbar_s(subgroups=groups, phases=["a"] * 10 + ["b"] * 10, baseline={"a": "b", "b": "a"})
    first, second = chart_xbar_s(subgroups=groups[:10]), chart_xbar_s(subgroups=groups[10:])
    for side in ("mean", "spread"):
        expected = np.concatenate([getattr(second, side).ucl, getattr(first, side).ucl])
        assert getattr(swapped, side).ucl == pytest.approx(expected)


def test_known_values_serve_many_charts() -> None:
    groups = np.random.default_rng(9).normal(size=(3, 6, 4))
    chart = chart_xbar(subgroups=groups, center=1.0, sigma=2.0)
    assert chart.ucl == pytest.approx(np.full((3, 6), 1 + 3 * 2 / np.sqrt(4)))
    assert chart.phases[0].sigma.tolist() == [2.0, 2.0, 2.0]


def test_many_charts_with_filling_equal_ragged_lists() -> None:
    random = np.random.default_rng(7)
    sizes = random.integers(2, 6, size=(6, 9))
    values = random.normal(size=(6, 9, 5))
    labels = ["a"] * 5 + ["b"] * 4
    together = chart_xbar_s(subgroups=values, sizes=sizes, phases=labels, baseline="a")
    for chart in range(6):
        ragged = [values[chart, at, : sizes[chart, at]].tolist() for at in range(9)]
        alone = chart_xbar_s(subgroups=ragged, phases=labels, baseline="a")
        assert together.mean.ucl[chart] == pytest.approx(alone.mean.ucl)
        assert together.spread.statistic[chart] == pytest.approx(alone.spread.statistic)
        assert together.spread.lcl[chart] == pytest.approx(alone.spread.lcl)


@settings(max_examples=50)
@given(
    groups=st.lists(st.lists(st.floats(-1e5, 1e5), min_size=2, max_size=6), min_size=1, max_size=10),
    estimator=st.sampled_from(ESTIMATORS),
)
def test_no_nan_and_order_within_subgroups_is_free(groups: list[list[float]], estimator: str) -> None:
    chart = chart_xbar(subgroups=groups, sigma_estimator=estimator)
    turned = chart_xbar(subgroups=[row[::-1] for row in groups], sigma_estimator=estimator)
    assert np.all(np.isfinite(chart.ucl))
    assert np.all(np.isfinite(chart.lcl))
    assert turned.ucl == pytest.approx(chart.ucl, rel=1e-9, abs=1e-9)
    for function in (chart_r, chart_s):
        assert np.all(np.isfinite(function(subgroups=groups).ucl))


def test_equal_values_give_no_signal() -> None:
    charts = chart_xbar_s(subgroups=[[0.1, 0.1, 0.1]] * 5)
    assert not charts.mean.beyond.any()
    assert not charts.spread.beyond.any()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"subgroups": [[1, 2], [3]]}, NotEnoughData, "subgroup 2 has 1"),
        ({"subgroups": []}, NotEnoughData, "got none"),
        ({"subgroups": [[1, 2], [3, float("inf")]]}, ArgumentError, "subgroup 2 must hold finite numbers"),
        ({"subgroups": np.ones(3)}, ArgumentError, r"axes \(..., subgroups, values\); got shape \(3,\)"),
        ({"subgroups": np.ones((2, 3)), "sizes": [2, 4]}, ArgumentError, "integers of at most 3"),
        ({"subgroups": np.ones((2, 3)), "sizes": [2, 2, 2]}, ArgumentError, "sizes must have one number"),
        ({"subgroups": 5}, ArgumentError, "one sequence of numbers a subgroup; got int"),
        ({"subgroups": [[1, 2]], "sigma_estimator": "best"}, ArgumentError, "got 'best'"),
    ],
)
def test_messages(arguments: dict, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        chart_xbar(**arguments)
