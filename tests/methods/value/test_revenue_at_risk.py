"""Revenue at risk against `proportion`, where all bring the same, and coverage by simulation."""

import numpy as np
import pytest

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.survey.proportion import proportion
from nonagon.methods.value.revenue_at_risk import RevenueAtRisk, revenue_at_risk


def of(revenue: np.ndarray, left: np.ndarray, now: float = 1000.0) -> RevenueAtRisk:
    return revenue_at_risk(
        customers=len(revenue),
        lost=int(left.sum()),
        revenue=float(revenue.sum()),
        revenue_squared=float((revenue**2).sum()),
        revenue_lost=float(revenue[left].sum()),
        revenue_now=now,
    )


def test_equal_customers_give_wilsons_interval_of_the_share_who_left() -> None:
    result = of(np.full(20, 50.0), np.arange(20) < 3)
    wilson = proportion(x=3, n=20)
    assert result.effective == pytest.approx(20)
    assert (result.share, result.low, result.high) == pytest.approx((wilson.p, wilson.low, wilson.high))
    assert (result.at_risk, result.at_risk_low) == pytest.approx((150, 1000 * wilson.low))


def test_few_large_customers_give_a_wide_interval() -> None:
    even = of(np.full(10, 10.0), np.arange(10) < 1)
    uneven = of(np.array([91.0, *[1.0] * 9]), np.arange(10) == 9)
    assert uneven.effective < 1.3 < even.effective
    assert uneven.high > even.high


def test_the_interval_covers() -> None:
    """1,000 samples of 60 customers with lognormal revenues, each leaving with probability 0.2."""
    random = np.random.default_rng(5)
    held = 0
    for _ in range(1000):
        revenue = random.lognormal(0, 0.6, 60)
        left = random.random(60) < 0.2
        result = of(revenue, left)
        held += result.low <= 0.2 <= result.high
    assert 0.93 <= held / 1000 <= 0.975


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"customers": 0, "lost": 0}, NotEnoughData, "customers is 0"),
        ({"lost": 3}, ArgumentError, "lost must lie from 0 to customers"),
        ({"revenue_lost": 11.0}, ArgumentError, "revenue_lost must lie from 0"),
        ({"revenue_squared": 10.0}, ArgumentError, "revenue_squared must lie between"),
        ({"revenue": 0.0}, NotEnoughData, "revenue is 0"),
    ],
)
def test_messages(change: dict[str, float], error: type[Exception], words: str) -> None:
    good: dict[str, float] = {
        "customers": 2,
        "lost": 1,
        "revenue": 10.0,
        "revenue_squared": 60.0,
        "revenue_lost": 4.0,
        "revenue_now": 10.0,
    }
    with pytest.raises(error, match=words):
        revenue_at_risk(**(good | change))  # type: ignore[arg-type]


def test_describe_names_the_interval() -> None:
    assert "95% interval" in of(np.full(20, 50.0), np.arange(20) < 3).describe()
