"""Factors for control limits: against printed tables, the definition by simulation, and its limits."""

import numpy as np
import pytest

from nonagon.basics.errors import ArgumentError
from nonagon.methods.spc.spc_constants import mean_deviation, mean_range, spc_constants, spread_of_range

# Montgomery, Introduction to Statistical Quality Control, appendix VI (printed to three decimals, c4 to four).
PRINTED = {
    2: {"A2": 1.880, "A3": 2.659, "c4": 0.7979, "B4": 3.267, "d2": 1.128, "d3": 0.853, "D4": 3.267},
    6: {"A2": 0.483, "A3": 1.287, "c4": 0.9515, "B3": 0.030, "d2": 2.534, "d3": 0.848, "D4": 2.004},
    10: {"A2": 0.308, "A3": 0.975, "c4": 0.9727, "B3": 0.284, "d2": 3.078, "d3": 0.797, "D3": 0.223},
    25: {"A2": 0.153, "A3": 0.606, "c4": 0.9896, "B3": 0.565, "d2": 3.931, "d3": 0.708, "D3": 0.459},
}


@pytest.mark.parametrize("n", PRINTED)
def test_printed_table(n: int) -> None:
    found = spc_constants(n=n)
    for name, value in PRINTED[n].items():
        assert getattr(found, name) == pytest.approx(value, abs=6e-4), name


def test_closed_forms_for_two_and_three() -> None:
    # The range of two is |X - Y|, half normal with scale sqrt(2); of three, d2 is 3 / sqrt(pi).
    two, three = spc_constants(n=2), spc_constants(n=3)
    assert two.d2 == pytest.approx(2 / np.sqrt(np.pi), rel=1e-12)
    assert two.d3 == pytest.approx(np.sqrt(2 - 4 / np.pi), rel=1e-12)
    assert three.d2 == pytest.approx(3 / np.sqrt(np.pi), rel=1e-12)


def test_moments_of_simulated_ranges() -> None:
    ranges = np.ptp(np.random.default_rng(11).normal(size=(200_000, 7)), axis=1)
    found = spc_constants(n=7)
    assert found.d2 == pytest.approx(ranges.mean(), abs=4 * ranges.std() / np.sqrt(ranges.size))
    assert found.d3 == pytest.approx(ranges.std(), rel=0.01)


def test_large_subgroups_grow_and_stay_finite() -> None:
    sizes = np.array([2, 5, 25, 100, 1000])
    assert np.all(np.diff(mean_range(sizes)) > 0)
    assert np.all(np.diff(mean_deviation(sizes)) > 0)
    assert np.all(np.isfinite(spread_of_range(sizes)))
    assert mean_deviation(1000.0) == pytest.approx(1 - 1 / (4 * 999), abs=1e-6)  # 1 - 1 / (4 (n - 1))


@pytest.mark.parametrize("n", [1, 0, 2.5])
def test_message(n: float) -> None:
    with pytest.raises(ArgumentError, match="n must be"):
        spc_constants(n=n)


def test_describe_names_the_caveat() -> None:
    assert "normally distributed" in spc_constants(n=4).describe()
