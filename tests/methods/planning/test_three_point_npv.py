"""Net present value from three points: limits, exact moments, simulation, messages."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.planning.three_point_npv import three_point_npv, three_point_sum
from nonagon.methods.value.business_case import business_case

three_points = st.tuples(st.floats(-100, 100), st.floats(-100, 100), st.floats(-100, 100)).map(sorted)


@given(points=three_points, years=st.integers(1, 20), rate=st.floats(0, 0.5))
def test_lies_between_the_business_cases_of_the_bounds(points: list[float], years: int, rate: float) -> None:
    low, likely, high = points
    result = three_point_npv(cost=50, low=low, likely=likely, high=high, years=years, rate=rate)
    worst, best = (business_case(cash_flows=[-50.0, *[benefit] * years], rate=rate).npv for benefit in (low, high))
    assert worst - 1e-6 <= result.low <= result.high <= best + 1e-6
    assert worst - 1e-6 <= result.mean <= best + 1e-6
    assert 0 <= result.p_loss <= 1


def test_certain_benefit_is_the_business_case() -> None:
    result = three_point_npv(cost=100, low=60, likely=60, high=60, years=2, rate=0.1)
    assert result.low == result.mean == result.high
    # 60 / 1.1 + 60 / 1.21 - 100 by hand.
    assert result.mean == pytest.approx(4.132231404958678)
    assert result.p_loss == 0.0
    assert result.payback_years == pytest.approx(100 / 60)


def test_interval_and_loss_agree_with_drawing() -> None:
    low, likely, high, years, rate, cost = 10.0, 20.0, 60.0, 3, 0.08, 55.0
    result = three_point_npv(cost=cost, low=low, likely=likely, high=high, years=years, rate=rate)
    place = (likely - low) / (high - low)
    benefit = low + (high - low) * np.random.default_rng(1).beta(1 + 4 * place, 5 - 4 * place, 400_000)
    value = benefit * sum(1.08**-year for year in (1, 2, 3)) - cost
    # Apart from the product: 400,000 draws by numpy's beta; 0.15 is over five standard errors of their quantiles.
    assert result.mean == pytest.approx(value.mean(), abs=0.15)
    assert (result.low, result.high) == pytest.approx(tuple(np.quantile(value, [0.025, 0.975])), abs=0.3)
    assert result.p_loss == pytest.approx(float(np.mean(value < 0)), abs=0.005)


def test_sum_of_one_project_is_that_project() -> None:
    one = three_point_npv(cost=55, low=10, likely=20, high=60, years=3, rate=0.08)
    together = three_point_sum(
        costs={"a": 55}, benefits={"a": (10, 20, 60)}, years={"a": 3}, rate=0.08, draws=20_000, seed=4
    )
    assert together.mean == pytest.approx(one.mean)
    assert (together.low, together.high) == pytest.approx((one.low, one.high), abs=1.0)


def test_independent_projects_add_up_their_variances() -> None:
    names = [str(i) for i in range(16)]
    many = three_point_sum(
        costs=dict.fromkeys(names, 10.0),
        benefits=dict.fromkeys(names, (0.0, 10.0, 20.0)),
        years=dict.fromkeys(names, 1),
        rate=0.0,
        draws=20_000,
    )
    # Beta(3, 3) has the variance 3 x 3 / (6^2 x 7) = 1/28; sixteen of width 20, summed, are normal enough.
    expected = 2 * 1.959964 * np.sqrt(16 / 28) * 20
    assert many.high - many.low == pytest.approx(expected, rel=0.03)


def test_messages() -> None:
    with pytest.raises(ArgumentError, match="low <= likely <= high; got 5, 4, 6"):
        three_point_npv(cost=1, low=5, likely=4, high=6, years=1, rate=0)
    with pytest.raises(ArgumentError, match="rate must be a fraction above -1"):
        three_point_npv(cost=1, low=1, likely=1, high=1, years=1, rate=-1)
    with pytest.raises(NotEnoughData, match="at least one project"):
        three_point_sum(costs={}, benefits={}, years={}, rate=0)
    with pytest.raises(ArgumentError, match="they differ in"):
        three_point_sum(costs={"a": 1}, benefits={}, years={"a": 1}, rate=0)
