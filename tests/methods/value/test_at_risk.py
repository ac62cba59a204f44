"""Revenue at risk: against the exact distribution of few customers."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.value.at_risk import at_risk


def test_chances_against_all_subsets() -> None:
    revenue, stay, limit = np.array([100.0, 60.0, 30.0]), np.array([0.9, 0.7, 0.8]), 80.0
    over = anybody = 0.0
    for leaves in itertools.product((0, 1), repeat=3):
        gone = np.array(leaves)
        chance = np.prod(np.where(gone == 1, 1 - stay, stay))
        over += chance * (gone @ revenue > limit)
        anybody += chance * gone.any()
    result = at_risk(revenue=revenue, p_stay=stay, threshold=limit, draws=40_000)
    assert result.expected_loss == pytest.approx(10 + 18 + 6)
    assert result.p_over == pytest.approx(over, abs=0.01)
    assert result.p_any == pytest.approx(anybody, abs=0.01)
    assert result.order == (1, 0, 2)


@settings(max_examples=30, deadline=None)
@given(
    revenue=st.lists(st.floats(1, 1e6), min_size=1, max_size=8),
    stay=st.floats(0, 1),
    known=st.one_of(st.none(), st.integers(1, 500)),
)
def test_losses_lie_between_nothing_and_everything(revenue: list[float], stay: float, known: int | None) -> None:
    result = at_risk(revenue=revenue, p_stay=stay, known_from=known, draws=500)
    assert 0 <= result.low <= result.high <= sum(revenue) * (1 + 1e-9)
    assert 0 <= result.expected_loss <= sum(revenue) * (1 + 1e-9)


def test_few_observations_behind_the_chance_widen_the_interval() -> None:
    revenue = np.full(200, 10.0)
    sure = at_risk(revenue=revenue, p_stay=0.8)
    unsure = at_risk(revenue=revenue, p_stay=0.8, known_from=10)
    assert unsure.high - unsure.low > 3 * (sure.high - sure.low)


def test_same_seed_same_result_and_messages() -> None:
    one, other = (at_risk(revenue=[5, 9], p_stay=[0.5, 0.6], seed=4) for _ in range(2))
    assert (one.low, one.high, one.p_any) == (other.low, other.high, other.p_any)
    with pytest.raises(NotEnoughData, match="nothing is at risk"):
        at_risk(revenue=[0], p_stay=0.5)
    with pytest.raises(ArgumentError, match=r"p_stay must lie from 0 to 1.*got 90"):
        at_risk(revenue=[1], p_stay=90)
    with pytest.raises(ArgumentError, match="total must be at least the revenue given"):
        at_risk(revenue=[10], p_stay=0.5, total=5)
