"""Spread: coverage under several truths, correction of the extremes, narrowing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.ranks.shrinkage import posterior
from nonagon.methods.ranks.spread import Correction, spread, spread_change


def coverage(samples: int, k: int, scatter: float, correction: Correction) -> tuple[float, float, float]:
    """How often the interval held the true spread; mean error of the observed and of the corrected spread."""
    random = np.random.default_rng(6)
    held, observed, corrected = [], [], []
    for seed in range(samples):
        truth = random.normal(7, scatter, k) if scatter else np.full(k, 7.0)
        se = random.uniform(0.1, 0.3, k)
        found = spread(
            estimate=truth + random.standard_normal(k) * se, se=se, draws=1000, seed=seed, correction=correction
        )
        true = float(np.ptp(truth))
        held.append(found.low - 1e-12 <= true <= found.high)
        observed.append(found.observed - true)
        corrected.append(found.value - true)
    return float(np.mean(held)), float(np.mean(observed)), float(np.mean(corrected))


@pytest.mark.parametrize(("k", "scatter"), [(4, 0.0), (8, 0.2)])
def test_interval_covers_and_the_correction_corrects_small(k: int, scatter: float) -> None:
    held, observed, corrected = coverage(60, k, scatter, "shrinkage")
    assert held >= 0.88
    assert abs(corrected) < observed


@pytest.mark.slow
@pytest.mark.parametrize("k", [3, 8, 30])
@pytest.mark.parametrize("scatter", [0.0, 0.1, 0.5])
def test_interval_covers(k: int, scatter: float) -> None:
    held, _, _ = coverage(1000, k, scatter, "shrinkage")
    assert held >= 0.93
    guaranteed, _, _ = coverage(300, k, scatter, "simultaneous")
    assert guaranteed >= 0.93


def coverage_of_change(samples: int, k: int, scatter: float, narrowed: float) -> float:
    """How often the interval held the true change, each group having drawn nearer the mean by one factor."""
    random, inside = np.random.default_rng(12), 0
    se = np.full(k, 0.1)
    for seed in range(samples):
        before = random.normal(7, scatter, k)
        after = 7 + (before - 7) * narrowed
        found = spread_change(
            before=before + se * random.standard_normal(k),
            before_se=se,
            after=after + se * random.standard_normal(k),
            after_se=se,
            draws=1000,
            seed=seed,
        )
        inside += found.low <= np.ptp(after) - np.ptp(before) <= found.high
    return inside / samples


@pytest.mark.slow
@pytest.mark.parametrize("narrowed", [1.0, 0.5])
@pytest.mark.parametrize(("k", "scatter", "most"), [(3, 0.5, 0.98), (8, 0.5, 0.98), (8, 0.1, 1), (8, 0.0, 1)])
def test_change_of_spread_is_held(k: int, scatter: float, most: float, narrowed: float) -> None:
    # Where the groups differ by no more than their errors, the family shrinks and the interval holds more.
    assert 0.93 <= coverage_of_change(800, k, scatter, narrowed) <= most


def test_change_of_spread_is_held_small() -> None:
    # Of 60 samples a true 95 percent shows as 0.866 or more within three standard errors.
    assert coverage_of_change(60, 5, 0.5, 0.5) >= 0.866


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 100), min_size=2, max_size=10), st.integers(1, 30), st.integers(-5, 5))
def test_shift_order_and_bounds(values: list[int], error: int, shift: int) -> None:
    estimate, se = np.array(values) / 10, np.full(len(values), error / 10)
    one = spread(estimate=estimate, se=se, draws=1000)
    assert 0 <= one.low <= one.value <= one.high
    moved = spread(estimate=estimate + shift, se=se, draws=1000)
    assert moved.value == pytest.approx(one.value, abs=1e-6)
    wide = spread(estimate=estimate, se=se, correction="simultaneous", draws=1000)
    assert wide.low <= one.observed <= wide.high
    covariance = np.diag(se**2)
    same = spread(estimate=estimate, covariance=covariance, draws=4000)
    assert same.value == pytest.approx(one.value, rel=0.15, abs=0.15)


def test_known_scatter_shrinks_as_the_closed_form() -> None:
    """Very many groups tell the scatter: each is drawn in by variance / (variance + scatter²)."""
    random = np.random.default_rng(3)
    truth = random.normal(5, 1, 4000)
    estimate = truth + random.normal(0, 1, 4000)
    found = posterior(estimate=estimate, variance=np.ones(4000), axes=None, draws=1500, seed=1)
    assert found.scatter == pytest.approx(1, abs=0.06)
    assert found.mean == pytest.approx(estimate.mean() + 0.5 * (estimate - estimate.mean()), abs=0.2)
    assert found.sd.mean() == pytest.approx(np.sqrt(0.5), abs=0.03)


def test_narrowing() -> None:
    se = [0.1] * 4
    narrowed = spread_change(before=[5, 6, 7, 9], before_se=se, after=[6, 6.5, 7, 7.5], after_se=se)
    assert narrowed.high < 0
    assert narrowed.chance_narrowed > 0.99
    assert "narrowed: by" in narrowed.describe()
    same = spread_change(before=[5, 6, 7, 9], before_se=se, after=[5.05, 6, 7, 9], after_se=se)
    assert same.low < 0 < same.high
    assert "not shown" in same.describe()
    back = spread_change(before=[6, 6.5, 7, 7.5], before_se=se, after=[5, 6, 7, 9], after_se=se)
    assert "widened" in back.describe()


def test_messages_and_describe() -> None:
    with pytest.raises(NotEnoughData, match="at least 2 groups"):
        spread(estimate=[1], se=[1])
    with pytest.raises(ArgumentError, match="correction"):
        spread(estimate=[1, 2], se=[1, 1], correction="none")  # type: ignore[arg-type]
    assert "corrected" in spread(estimate=[1, 2], se=[1, 1]).describe()
    shared = spread(estimate=[1, 2], covariance=np.full((2, 2), 1.0), correction="simultaneous")
    assert (shared.low, shared.high) == (1, 1)
