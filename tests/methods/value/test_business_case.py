"""Net present value, internal rate, payback; lifetime value; wallet allocation."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.value.business_case import business_case, business_case_range
from nonagon.methods.value.clv_simple import clv_simple
from nonagon.methods.value.wallet_allocation import wallet_allocation

MONEY = st.integers(-100_000, 100_000)


@given(outlay=st.integers(1, 100_000), returns=st.lists(st.integers(0, 50_000), min_size=1, max_size=15))
def test_value_is_zero_at_the_internal_rate(outlay: int, returns: list[int]) -> None:
    assume(sum(returns) > 0)
    case = business_case(cash_flows=[-outlay, *returns], rate=0.1)
    assert case.irr is not None
    at_rate = business_case(cash_flows=[-outlay, *returns], rate=case.irr)
    assert at_rate.npv == pytest.approx(0, abs=1e-6 * float(np.abs(at_rate.present_values).sum()))


@given(flows=st.lists(MONEY, min_size=1, max_size=12), rate=st.floats(-0.5, 2))
def test_results_are_finite_and_value_adds_up(flows: list[int], rate: float) -> None:
    case = business_case(cash_flows=flows, rate=rate)
    assert np.isfinite(case.npv)
    assert case.npv == pytest.approx(
        sum(one / (1 + rate) ** year for year, one in enumerate(flows)), rel=1e-9, abs=1e-6
    )
    assert all(np.isfinite(case.irr_all))
    assert case.describe()


def test_two_rates_are_both_named_and_none_is_chosen() -> None:
    # The textbook example -4000, 25000, -25000 breaks even at 25 % and 400 % (Brealey, Myers and Allen).
    case = business_case(cash_flows=[-4000, 25000, -25000], rate=0.1)
    assert case.irr is None
    assert case.irr_all == pytest.approx((0.25, 4.0))
    assert "25.00%, 400.00%" in case.irr_reason


def test_what_never_pays_back_has_no_payback() -> None:
    case = business_case(cash_flows=[-100, 10, 10], rate=0.0)
    assert case.payback is None
    assert business_case(cash_flows=[5, 10], rate=0.1).payback == 0
    assert business_case(cash_flows=[5, 10], rate=0.1).benefit_cost is None
    assert "do not change sign" in business_case(cash_flows=[5, 10], rate=0.1).irr_reason


def test_range_of_values_by_hand() -> None:
    draws = [[-10, gain] for gain in range(0, 21)]
    result = business_case_range(draws=draws, rate=0.0, confidence=0.8)
    assert (result.mean, result.low, result.high) == pytest.approx((0, -8, 8))
    assert result.p_loss == pytest.approx(10 / 21)


@given(retention=st.floats(0, 0.99), discount=st.floats(0.01, 1), margin=st.floats(-1e6, 1e6))
def test_margin_multiple_is_the_sum_of_the_series(retention: float, discount: float, margin: float) -> None:
    years = np.arange(1, 20_000)
    series = margin * np.sum((retention / (1 + discount)) ** years)
    assert clv_simple(margin=margin, retention=retention, discount=discount).clv == pytest.approx(series, rel=1e-6)


def test_a_customer_who_never_leaves_and_no_discount_has_no_value() -> None:
    with pytest.raises(NotEnoughData, match="no limit"):
        clv_simple(margin=1, retention=1, discount=0)
    with pytest.raises(ArgumentError, match=r"retention must lie from 0 to 1.*got 80"):
        clv_simple(margin=1, retention=80, discount=0.1)


@given(n=st.integers(1, 30))
def test_wallet_shares_of_all_ranks_add_up_to_one(n: int) -> None:
    assert wallet_allocation(rank=range(1, n + 1), n=n).share.sum() == pytest.approx(1)


def test_a_rank_beyond_the_brands_is_refused() -> None:
    with pytest.raises(ArgumentError, match=r"rank must lie from 1 to n \(2\); got 3"):
        wallet_allocation(rank=[3], n=2)
