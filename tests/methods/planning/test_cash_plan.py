"""Cash plan: balances, first short month, cost by month."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError
from nonagon.methods.planning.cash_plan import cash_plan, cost_by_month

MONTHS = st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), min_size=1, max_size=24)


@given(months=MONTHS, opening=st.integers(-50, 200))
def test_balance_by_a_plain_loop(months: list[tuple[int, int]], opening: int) -> None:
    cost, funds = zip(*months, strict=True)
    plan = cash_plan(cost=cost, funds=funds, opening=opening)
    cash, first = opening, None
    for month, (due, money) in enumerate(months):
        cash += money - due
        if cash < 0 and first is None:
            first = month
        assert plan.balance[month] == pytest.approx(cash)
    assert plan.first_short == first
    assert plan.shortfall == pytest.approx(max(0, -plan.balance.min()))
    assert plan.describe()


def test_a_rounding_error_is_no_shortfall() -> None:
    assert cash_plan(cost=[0.1, 0.2], funds=[0.3, 0.0]).first_short is None
    assert "lowest balance" in cash_plan(cost=[0.1], funds=[0.3]).describe()


@given(
    spans=st.lists(st.tuples(st.floats(0, 90), st.floats(0, 60), st.floats(0, 1e5)), min_size=1, max_size=10),
    timing=st.sampled_from(["even", "start", "finish"]),
)
def test_months_add_up_to_the_whole_cost(spans: list[tuple[float, float, float]], timing: str) -> None:
    start, length, cost = (np.array(one) for one in zip(*spans, strict=True))
    by_month = cost_by_month(
        start=start, finish=start + length, cost=cost, month_ends=[30, 60, 90, 120, 151], timing=timing
    )
    assert by_month.sum() == pytest.approx(cost.sum(), abs=1e-6)
    assert (by_month >= -1e-9).all()


def test_a_milestone_costs_at_once() -> None:
    assert cost_by_month(start=[0], finish=[0], cost=[5], month_ends=[30, 60]).tolist() == [5, 0]
    assert cost_by_month(start=[31], finish=[31], cost=[5], month_ends=[30, 60]).tolist() == [0, 5]


def test_messages() -> None:
    with pytest.raises(ArgumentError, match="cost must be at least 0; got -1"):
        cash_plan(cost=[-1], funds=[0])
    with pytest.raises(ArgumentError, match="finish must not be before start; got 5 to 3"):
        cost_by_month(start=[5], finish=[3], cost=[1], month_ends=[30])
    with pytest.raises(ArgumentError, match=r"month_ends must rise .* \(day 40\)"):
        cost_by_month(start=[5], finish=[40], cost=[1], month_ends=[30])
