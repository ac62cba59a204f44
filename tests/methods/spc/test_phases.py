"""Phases: labels, frozen limits, and agreement with charts of each phase alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.spc.chart_imr import chart_imr
from nonagon.methods.spc.chart_p import chart_p
from nonagon.methods.spc.phases import plan_phases


def test_own_limits_equal_the_phases_charted_alone() -> None:
    x = np.random.default_rng(3).normal(size=30)
    x[18:] += 4
    labels = ["before"] * 10 + ["pilot"] * 8 + ["after"] * 12
    together = chart_imr(x=x, phases=labels)
    for start, stop in ((0, 10), (10, 18), (18, 30)):
        alone = chart_imr(x=x[start:stop])
        assert together.individuals.ucl[start:stop] == pytest.approx(alone.individuals.ucl)
        at = (together.moving_range.positions > start) & (together.moving_range.positions < stop)
        assert together.moving_range.statistic[at] == pytest.approx(alone.moving_range.statistic)
    assert together.moving_range.statistic.size == 30 - 3
    assert [row.label for row in together.individuals.phases] == ["before", "pilot", "after"]
    assert [(row.first, row.last) for row in together.individuals.phases] == [(0, 9), (10, 17), (18, 29)]


def test_frozen_limits_come_from_the_baseline_only() -> None:
    x = np.concatenate([np.random.default_rng(4).normal(size=20), np.full(5, 50.0)])
    chart = chart_imr(x=x, phases=["before"] * 20 + ["after"] * 5, baseline="before").individuals
    assert np.unique(chart.ucl).size == 1
    assert chart.ucl[0] == chart_imr(x=x[:20]).individuals.ucl[0]
    assert chart.above[20:].all()
    assert [row.frozen for row in chart.phases] == [False, True]
    assert chart.phases[1].limits_from == "before"
    assert "limits of before" in chart.describe()


def test_baseline_may_differ_by_phase() -> None:
    labels = ["a", "a", "b", "b", "c", "c"]
    chart = chart_p(defectives=[1, 2, 5, 6, 3, 3], n=50, phases=labels, baseline={"c": "a"})
    assert chart.center.tolist() == pytest.approx([0.03, 0.03, 0.11, 0.11, 0.03, 0.03])


def test_a_phase_of_one_point_needs_a_baseline() -> None:
    with pytest.raises(NotEnoughData, match="phase 'new' need at least 2 points; it has 1"):
        chart_imr(x=[1, 2, 3], phases=["old", "old", "new"])
    frozen = chart_imr(x=[1, 2, 3], phases=["old", "old", "new"], baseline="old")
    assert frozen.moving_range.positions.tolist() == [1]


@pytest.mark.parametrize(
    ("labels", "baseline", "message"),
    [
        (["a", "b", "a"], None, "must stand together; 'a' comes back"),
        (["a", "b"], None, "2 labels for 3 points"),
        (["a", "a", "b"], "z", "baseline must name phases that occur"),
        (["a", "a", "b"], {"b": "z"}, "got 'z'"),
    ],
)
def test_messages(labels: list[str], baseline: object, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        plan_phases(points=3, phases=labels, baseline=baseline)


@given(lengths=st.lists(st.integers(1, 5), min_size=1, max_size=6))
def test_every_point_lies_in_its_phase(lengths: list[int]) -> None:
    labels = [label for label, length in enumerate(lengths) for _ in range(length)]
    plan = plan_phases(points=len(labels), phases=labels)
    assert plan.index.tolist() == labels
    assert [phase.points for phase in plan.phases] == lengths
    assert all(plan.first[at] == labels.index(label) for at, label in enumerate(labels))
