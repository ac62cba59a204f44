"""Opportunity score, importance-performance map, lowest first, failure modes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.priorities.fmea_rpn import fmea_rpn
from nonagon.methods.priorities.gap_priority import gap_priority
from nonagon.methods.priorities.importance_performance import QUADRANTS, importance_performance
from nonagon.methods.priorities.opportunity_score import opportunity_score

PAIRS = st.lists(st.tuples(st.integers(0, 10), st.integers(0, 10)), min_size=1, max_size=25)


@given(pairs=PAIRS)
def test_opportunity_lies_between_importance_and_twice_it(pairs: list[tuple[int, int]]) -> None:
    importance, satisfaction = zip(*pairs, strict=True)
    result = opportunity_score(importance=importance, satisfaction=satisfaction)
    assert (result.score >= result.importance).all()
    assert (result.score <= 2 * result.importance).all()
    assert (np.diff(result.score[result.order]) <= 0).all()


def test_probability_of_being_first() -> None:
    result = opportunity_score(
        importance=[8, 8, 3], satisfaction=[9, 9, 3], importance_se=[0.3, 0.3, 0.1], satisfaction_se=[0.1] * 3
    )
    assert result.p_first is not None
    assert result.p_first == pytest.approx([0.5, 0.5, 0], abs=0.03)
    with pytest.raises(ArgumentError, match="both or neither"):
        opportunity_score(importance=[1], satisfaction=[1], importance_se=[1])


@given(pairs=PAIRS)
def test_every_attribute_has_a_quadrant(pairs: list[tuple[int, int]]) -> None:
    importance, performance = zip(*pairs, strict=True)
    result = importance_performance(importance=importance, performance=performance)
    assert len(result.quadrant) == len(pairs)
    assert set(result.quadrant) <= set(QUADRANTS)


def test_equal_attributes_lie_on_the_cross_hairs_and_count_as_high() -> None:
    # The mean of three times 0.1 is not 0.1 in binary numbers.
    assert set(importance_performance(importance=[0.1] * 3, performance=[0.1] * 3).quadrant) == {"keep up"}


def test_quadrant_probabilities() -> None:
    result = importance_performance(
        importance=[5, 5], performance=[3, 4], cross_importance=4, cross_performance=3,
        importance_se=[0.1, 0.0], performance_se=[0.5, 0.1],
    )  # fmt: skip
    assert result.p_quadrant is not None
    assert result.p_quadrant.sum(axis=1) == pytest.approx([1, 1])
    assert result.p_quadrant[0, :2] == pytest.approx([0.5, 0.5])
    assert result.p_quadrant[1, 1] == pytest.approx(1)


@given(scores=st.lists(st.floats(1, 10), min_size=1, max_size=15))
def test_lowest_first(scores: list[float]) -> None:
    labels = [f"need {index}" for index in range(len(scores))]
    result = gap_priority(labels=labels, scores=scores)
    assert scores[labels.index(result.order[0])] == min(scores)
    assert result.gap_to_best.min() == 0
    assert result.spread == pytest.approx(max(scores) - min(scores))


def test_what_cannot_be_acted_on_is_set_apart_not_hidden() -> None:
    result = gap_priority(labels=["location", "price"], scores=[2, 3], actionable=[False, True])
    assert (result.order, result.first, result.set_apart) == (("location", "price"), "price", ("location",))
    assert "set apart: location" in result.describe()
    assert gap_priority(labels=["a"], scores=[1], actionable=[False]).first is None


def test_gap_messages() -> None:
    with pytest.raises(ArgumentError, match="got 'a' more than once"):
        gap_priority(labels=["a", "a"], scores=[1, 2])
    with pytest.raises(NotEnoughData, match="scores needs at least 1"):
        gap_priority(labels=[], scores=[])


def test_severity_decides_between_equal_risk_numbers() -> None:
    result = fmea_rpn(severity=[4, 8, 10], occurrence=[8, 4, 1], detection=[2, 2, 1])
    assert result.rpn.tolist() == [64, 64, 10]
    assert result.order.tolist() == [1, 0, 2]
    assert result.severe == (2,)
    with pytest.raises(ArgumentError, match="severity must lie from 1 to 10; got 11"):
        fmea_rpn(severity=[11], occurrence=[1], detection=[1])
