"""Portfolio: against all subsets, reasons for what is left out, size."""

import time
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError
from nonagon.methods.planning.portfolio import portfolio, portfolio_stability

NAMES = ("a", "b", "c", "d", "e")


def best_of_all(value: dict[str, int], cost: dict[str, int], budget: int, needs: dict[str, list[str]]) -> float:
    best = 0.0
    for picks in product((0, 1), repeat=len(NAMES)):
        chosen = {name for name, pick in zip(NAMES, picks, strict=True) if pick}
        fits = sum(cost[name] for name in chosen) <= budget and not {"a", "b"} <= chosen
        if fits and all(one in chosen for name in chosen for one in needs.get(name, [])):
            best = max(best, sum(value[name] for name in chosen))
    return best


@settings(max_examples=40, deadline=None)
@given(
    value=st.fixed_dictionaries({name: st.integers(-20, 50) for name in NAMES}),
    cost=st.fixed_dictionaries({name: st.integers(0, 20) for name in NAMES}),
    budget=st.integers(0, 60),
)
def test_no_subset_is_worth_more(value: dict[str, int], cost: dict[str, int], budget: int) -> None:
    needs = {"c": ["d"], "e": ["c"]}
    result = portfolio(value=value, cost=cost, budget=budget, exclusive=[["a", "b"]], needs=needs)
    assert result.optimal
    assert result.value == pytest.approx(best_of_all(value, cost, budget, needs))
    assert (result.left >= -1e-6).all()
    assert {*result.chosen, *(one.project for one in result.left_out)} == set(NAMES)
    assert all(one.loss is None or one.loss >= 0 for one in result.left_out)
    assert all(one.describe() for one in result.left_out)


def reason(result: object, name: str) -> tuple[str, tuple[str, ...], float | None]:
    one = next(one for one in result.left_out if one.project == name)  # type: ignore[attr-defined]
    return one.reason, one.because_of, one.loss


def test_each_reason_by_an_example() -> None:
    result = portfolio(
        value={"a": 60, "b": 50, "c": 50, "loss": -3, "twin": 40, "ruled": 9, "needs ruled": 9, "huge": 500},
        cost={"a": 6, "b": 5, "c": 5, "loss": 1, "twin": 5, "ruled": 1, "needs ruled": 1, "huge": 11},
        budget=10,
        ruled_out=["ruled"],
        exclusive=[["b", "twin"]],
        needs={"needs ruled": ["ruled"]},
    )
    assert result.chosen == ("b", "c")
    assert reason(result, "a")[:2] == ("budget", ("b", "c"))
    assert reason(result, "a")[2] == pytest.approx(40)
    assert reason(result, "loss")[0] == "no value"
    assert reason(result, "twin")[:2] == ("exclusive", ("b",))
    assert reason(result, "twin")[2] == pytest.approx(10)
    assert reason(result, "ruled")[0] == "decision"
    assert reason(result, "needs ruled")[:2] == ("needs what is out", ("ruled",))
    assert reason(result, "huge")[0] == "too costly"


def test_a_project_of_no_value_is_chosen_where_a_better_one_needs_it() -> None:
    result = portfolio(
        value={"base": -5, "top": 20}, cost={"base": 3, "top": 3}, budget=6, needs={"top": ["base"]}
    )
    assert result.chosen == ("base", "top")
    alone = portfolio(value={"base": -5, "top": 4}, cost={"base": 3, "top": 3}, budget=6, needs={"top": ["base"]})
    assert alone.chosen == ()
    assert reason(alone, "top")[:2] == ("no value", ("base",))


def test_budgets_of_several_periods() -> None:
    result = portfolio(value={"a": 10, "b": 9}, cost={"a": [5, 5], "b": [5, 0]}, budget=[10, 4])
    assert result.chosen == ("b",)
    assert reason(result, "a")[0] == "too costly"


def test_two_hundred_projects_are_solved_to_proof() -> None:
    rng = np.random.default_rng(1)
    value = {f"p{index}": float(one) for index, one in enumerate(rng.integers(1000, 100_000, 200))}
    cost = {f"p{index}": float(one) for index, one in enumerate(rng.integers(1000, 80_000, 200))}
    begin = time.perf_counter()
    result = portfolio(value=value, cost=cost, budget=2_000_000, explain=False, needs={"p3": ["p4"]})
    assert time.perf_counter() - begin < 20
    assert result.optimal
    assert result.gap == 0
    # The linear relaxation by benefit over cost bounds every set; one project is the most that rounding costs.
    order = sorted(value, key=lambda name: -value[name] / cost[name])
    spent = np.cumsum([cost[name] for name in order])
    fitting = [name for name, total in zip(order, spent, strict=True) if total <= 2_000_000]
    assert result.value >= sum(value[name] for name in fitting) - max(value.values())


def test_stability_of_a_close_choice() -> None:
    given_case = {"value": {"a": 10, "b": 10}, "cost": {"a": 1, "b": 1}, "budget": 1}
    close = portfolio_stability(**given_case, value_se={"a": 2, "b": 2}, draws=60)
    assert 0.25 < close.p_chosen["a"] < 0.75
    assert close.regret > 0
    certain = portfolio_stability(**given_case, value_se={"a": 0, "b": 0}, draws=10)
    assert certain.regret == 0


def test_messages() -> None:
    value, cost = {"a": 1, "b": 1}, {"a": 5, "b": 5}
    with pytest.raises(ArgumentError, match=r"costs 10\.00 in period 1, the budget is 6\.00"):
        portfolio(value=value, cost=cost, budget=6, required=["a", "b"])
    with pytest.raises(ArgumentError, match="exclude each other"):
        portfolio(value=value, cost=cost, budget=60, required=["a", "b"], exclusive=[["a", "b"]])
    with pytest.raises(ArgumentError, match="both required and ruled out"):
        portfolio(value=value, cost=cost, budget=6, required=["a"], ruled_out=["a"])
    with pytest.raises(ArgumentError, match="needs names 'x', which is no project"):
        portfolio(value=value, cost=cost, budget=6, needs={"x": ["a"]})
    with pytest.raises(ArgumentError, match="need each other in a circle"):
        portfolio(value=value, cost=cost, budget=6, needs={"a": ["b"], "b": ["a"]})
    with pytest.raises(ArgumentError, match="cost must name the same projects as value; they differ in b"):
        portfolio(value=value, cost={"a": 1}, budget=6)
