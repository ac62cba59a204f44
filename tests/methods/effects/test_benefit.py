"""Benefit: the product's moments, its interval, and its limits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError
from nonagon.methods.effects.benefit import benefit


@settings(max_examples=25, deadline=None)
@given(st.floats(-3, 3), st.floats(0, 2), st.floats(-30, 30), st.floats(0, 20), st.floats(0, 500))
def test_moments_and_order(
    effect: float, effect_se: float, slope: float, slope_se: float, customers: float
) -> None:
    found = benefit(
        effect=effect, effect_se=effect_se, slope=slope, slope_se=slope_se, customers=customers, draws=4000
    )
    assert found.value == pytest.approx(effect * slope * customers)
    assert found.low <= found.high
    # Goodman: variance of a product of independent estimates.
    variance = effect**2 * slope_se**2 + slope**2 * effect_se**2 + effect_se**2 * slope_se**2
    assert found.se == pytest.approx(customers * np.sqrt(variance))
    half = benefit(
        effect=effect,
        effect_se=effect_se,
        slope=slope,
        slope_se=slope_se,
        customers=customers,
        draws=4000,
        adjustment=0.5,
    )
    assert half.low == pytest.approx(found.low / 2)


def test_interval_covers() -> None:
    random = np.random.default_rng(0)
    held = 0
    for seed in range(200):
        found = benefit(
            effect=random.normal(0.5, 0.2),
            effect_se=0.2,
            slope=random.normal(20, 5),
            slope_se=5,
            draws=4000,
            seed=seed,
        )
        held += found.low <= 10 <= found.high
    assert held / 200 >= 0.9


def test_said_plainly() -> None:
    sure = benefit(effect=1, effect_se=0.1, slope=10, slope_se=1, customers=100, plan=900)
    assert sure.shown
    assert sure.chance_of_plan == pytest.approx(0.75, abs=0.1)
    assert "is worth 1,000" in sure.describe()
    unsure = benefit(effect=0.1, effect_se=0.5, slope=10, slope_se=1)
    assert not unsure.shown
    assert "not shown" in unsure.describe()
    with pytest.raises(ArgumentError, match="adjustment"):
        benefit(effect=1, effect_se=1, slope=1, slope_se=1, adjustment=1.5)
    with pytest.raises(ArgumentError, match="effect_se"):
        benefit(effect=1, effect_se=-1, slope=1, slope_se=1)
