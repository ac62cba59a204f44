"""Critical path: against the longest of all paths, cycles, risk."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.planning.critical_path import critical_path, find_cycle, schedule_risk


@st.composite
def plans(draw: st.DrawFn) -> tuple[dict[str, int], dict[str, list[str]]]:
    names = [f"a{index}" for index in range(draw(st.integers(1, 8)))]
    durations = {name: draw(st.integers(0, 9)) for name in names}
    before = {
        name: draw(st.lists(st.sampled_from(names[:index]), unique=True)) if index else []
        for index, name in enumerate(names)
    }
    return durations, before


def longest(durations: dict[str, int], before: dict[str, list[str]], name: str) -> int:
    return durations[name] + max((longest(durations, before, one) for one in before[name]), default=0)


@given(plan=plans())
def test_the_plan_takes_as_long_as_its_longest_path(plan: tuple[dict[str, int], dict[str, list[str]]]) -> None:
    durations, before = plan
    result = critical_path(durations=durations, predecessors=before)
    assert result.finish == max(longest(durations, before, name) for name in durations)
    assert sum(durations[name] for name in result.path) == result.finish
    assert set(result.path) <= set(result.critical)
    for name, one in result.activities.items():
        assert one.earliest_finish == longest(durations, before, name)
        assert 0 <= one.free_slack <= one.slack + 1e-9


@given(plan=plans())
def test_slack_is_what_an_activity_may_be_late(plan: tuple[dict[str, int], dict[str, list[str]]]) -> None:
    durations, before = plan
    result = critical_path(durations=durations, predecessors=before)
    for name, one in result.activities.items():
        late = critical_path(durations={**durations, name: durations[name] + one.slack}, predecessors=before)
        later = critical_path(durations={**durations, name: durations[name] + one.slack + 1}, predecessors=before)
        assert late.finish == pytest.approx(result.finish)
        assert later.finish == pytest.approx(result.finish + 1)


def test_decimals_do_not_hide_a_critical_activity() -> None:
    names = [f"a{index}" for index in range(10)]
    chain = {name: [other] for other, name in pairwise(names)}
    result = critical_path(durations={**dict.fromkeys(names, 0.1), "whole": 1.0}, predecessors=chain)
    assert set(result.critical) == {*names, "whole"}


def test_a_cycle_is_named_in_the_order_of_waiting() -> None:
    waits = {"a": ["b"], "b": ["c"], "c": ["a"], "d": ["a"]}
    cycle = find_cycle(waits)
    assert cycle[0] == cycle[-1]
    assert set(cycle) == {"a", "b", "c"}
    assert all(later in waits[one] for one, later in pairwise(cycle))
    with pytest.raises(ArgumentError, match=r"wait for each other in a circle: .* waits for "):
        critical_path(durations=dict.fromkeys("abcd", 1), predecessors=waits)


def test_messages() -> None:
    with pytest.raises(ArgumentError, match=r"predecessors\[a\] names 'x', which is no activity; known are a"):
        critical_path(durations={"a": 1}, predecessors={"a": ["x"]})
    with pytest.raises(NotEnoughData, match="at least one activity"):
        critical_path(durations={})


def test_mean_of_one_uncertain_activity() -> None:
    # The beta distribution of program evaluation and review has mean (low + 4 likely + high) / 6.
    result = schedule_risk(low={"a": 2}, likely={"a": 5}, high={"a": 14}, draws=40_000)
    assert result.mean == pytest.approx(6, rel=0.01)
    assert result.planned == 5


@settings(max_examples=20, deadline=None)
@given(plan=plans())
def test_certain_durations_give_the_critical_path(plan: tuple[dict[str, int], dict[str, list[str]]]) -> None:
    durations, before = plan
    exact = critical_path(durations=durations, predecessors=before)
    result = schedule_risk(
        low=durations, likely=durations, high=durations, predecessors=before, draws=100, deadline=exact.finish
    )
    assert (result.low, result.high) == pytest.approx((exact.finish, exact.finish))
    assert {name for name, share in result.p_critical.items() if share == 1} == set(exact.critical)
    assert result.p_on_time == 1


def test_two_equal_branches_finish_later_than_planned() -> None:
    names = ("a", "b")
    result = schedule_risk(
        low=dict.fromkeys(names, 1), likely=dict.fromkeys(names, 5), high=dict.fromkeys(names, 9)
    )
    assert result.mean > 5.3
    assert result.p_critical["a"] == pytest.approx(0.5, abs=0.05)
    with pytest.raises(ArgumentError, match="a: days must satisfy 0 <= low <= likely <= high; got 5, 3, 9"):
        schedule_risk(low={"a": 5}, likely={"a": 3}, high={"a": 9})
    assert np.isfinite([result.low, result.high]).all()
