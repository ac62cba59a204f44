"""Cash-limited sequencing: against all start months, cash, order by benefit over cost."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError
from nonagon.methods.planning.sequencing import Step, sequencing

STEP = st.builds(
    Step,
    cost=st.integers(0, 40).map(float),
    months=st.integers(1, 2),
    benefit=st.integers(0, 15).map(float),
    benefit_se=st.sampled_from([0.0, 2.0]),
)


def best_of_all(steps: dict[str, Step], funds: list[float], reinvest: float) -> float:
    """Every combination of start months, b after a; benefits count as cash at their level in the middle."""
    horizon, best = len(funds), 0.0
    for starts in product([None, *range(horizon)], repeat=len(steps)):
        placed = dict(zip(steps, starts, strict=True))
        late = any(month is not None and month + steps[name].months > horizon for name, month in placed.items())
        waits = placed["b"] is not None and (placed["a"] is None or placed["a"] + steps["a"].months > placed["b"])
        if late or waits:
            continue
        cash, value, solvent = 0.0, 0.0, True
        for month in range(horizon):
            cash += funds[month]
            for name, start in placed.items():
                if start is None:
                    continue
                step = steps[name]
                if start <= month < start + step.months:
                    cash -= step.cost / step.months
                    value -= step.cost / step.months
                elif month >= start + step.months:
                    cash += reinvest * step.benefit
                    value += step.benefit
            solvent = solvent and cash >= -1e-9
        if solvent:
            best = max(best, value)
    return best


@settings(max_examples=25, deadline=None)
@given(
    steps=st.fixed_dictionaries({"a": STEP, "b": STEP, "c": STEP}),
    funds=st.lists(st.integers(0, 25).map(float), min_size=5, max_size=5),
    reinvest=st.sampled_from([0.0, 0.5, 1.0]),
)
def test_no_order_is_worth_more(steps: dict[str, Step], funds: list[float], reinvest: float) -> None:
    plan = sequencing(
        steps=steps, funds=funds, predecessors={"b": ["a"]}, reinvest=reinvest, caution=0.5, draws=100
    )
    assert plan.optimal
    assert plan.value == pytest.approx(best_of_all(steps, funds, reinvest), abs=1e-6)
    assert plan.value >= plan.ratio_value - 1e-6
    assert plan.safe_balance.min() >= -1e-6
    assert set(plan.start) | set(plan.left_out) == set(steps)


def test_it_beats_starting_by_benefit_over_cost() -> None:
    # The best ratio takes all the cash for two months; two smaller ones that fit together bring more.
    steps = {
        "big": Step(cost=60, months=1, benefit=14),
        "one": Step(cost=50, months=1, benefit=11),
        "two": Step(cost=50, months=1, benefit=11),
    }
    plan = sequencing(steps=steps, funds=[100, *[0] * 8])
    assert set(plan.start) == {"one", "two"}
    assert plan.value > plan.ratio_value > 0
    assert "cash cannot pay" in plan.left_out["big"]


def test_the_smallest_safe_start_pays_for_the_next() -> None:
    steps = {"small": Step(10, 1, 10), "large": Step(40, 1, 30)}
    plan = sequencing(steps=steps, funds=[10, 0, 0, 0, 0, 0, 0, 0, 0], reinvest=1.0)
    assert plan.start == {"small": 0, "large": 4}


def test_doubt_about_benefits_delays_what_they_pay_for() -> None:
    steps = {"small": Step(10, 1, 10, benefit_se=2), "large": Step(40, 1, 30)}
    funds = [10.0, *[0.0] * 19]
    bold = sequencing(steps=steps, funds=funds, reinvest=1.0, caution=0.5)
    wary = sequencing(steps=steps, funds=funds, reinvest=1.0, caution=0.95)
    assert wary.start["large"] > bold.start["large"]
    assert wary.p_short < bold.p_short
    assert wary.p_short <= 0.05 + 0.01


def test_simulated_values_by_their_exact_moments() -> None:
    plan = sequencing(
        steps={"a": Step(10, 1, 5, benefit_se=1)}, funds=[10, 0, 0, 0, 0], draws=40_000, confidence=0.9
    )
    # Four months of benefit: mean 10, standard deviation 4, so 90 % lie within 1.645 x 4.
    assert (plan.value_low, plan.value_high) == pytest.approx((10 - 6.58, 10 + 6.58), abs=0.2)
    assert plan.p_loss == pytest.approx(0.0062, abs=0.002)


def test_messages() -> None:
    steps = {"a": Step(10, 1, 5), "b": Step(10, 1, 5)}
    with pytest.raises(ArgumentError, match=r"pay for what is required \(a\) within 2 months"):
        sequencing(steps=steps, funds=[1, 1], required=["a"])
    with pytest.raises(ArgumentError, match="wait for each other in a circle"):
        sequencing(steps=steps, funds=[50, 1], predecessors={"a": ["b"], "b": ["a"]})
    with pytest.raises(ArgumentError, match="names 'x', which is no activity"):
        sequencing(steps=steps, funds=[50, 1], predecessors={"a": ["x"]})
    with pytest.raises(ArgumentError, match="must take whole months from 1"):
        sequencing(steps={"a": Step(1, 0, 1)}, funds=[1])
    assert sequencing(steps=steps, funds=[50, 1]).left_out["a"] == "does not earn its cost back within the horizon"
    assert np.isfinite(sequencing(steps=steps, funds=[50, 1]).balance).all()
