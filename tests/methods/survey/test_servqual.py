"""Gap scores: sums against single answers, missing answers, weights."""

import numpy as np
import pytest

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.survey.servqual import servqual, servqual_from_sums

EXPECTED = [[7, 6, 5], [6, 7, 6], [7, 7, 6], [6, 6, 5]]
PERCEIVED = [[5, 6, 5], [4, 7, 5], [6, 6, 6], [3, 5, 6]]
DIMENSIONS = ["reliability", "reliability", "empathy"]


def test_item_tests_equal_those_from_sums() -> None:
    whole = servqual(expectations=EXPECTED, perceptions=PERCEIVED, dimensions=DIMENSIONS)
    gaps = np.array(PERCEIVED) - np.array(EXPECTED)
    sums = servqual_from_sums(
        names=["item 1", "item 2", "item 3"],
        n=[4, 4, 4],
        total=gaps.sum(axis=0),
        total_of_squares=(gaps**2).sum(axis=0),
        dimensions=DIMENSIONS,
    )
    assert sums.items == whole.items
    assert sums.overall == pytest.approx(whole.overall)
    assert sums.dimensions[0].reason is not None
    assert whole.dimensions[0].p is not None


def test_a_missing_answer_leaves_its_pair_out() -> None:
    result = servqual(
        expectations=[[7, 6], [6, None], [7, 7]], perceptions=[[5, 6], [4, 7], [6, 6]], dimensions=["a", "a"]
    )
    # Pairs of item 1: -2, -2, -1; of item 2: 0, -1.
    assert [one.n for one in result.items] == [3, 2]
    assert result.items[0].gap == pytest.approx(-5 / 3)
    assert result.dimensions[0].gap == pytest.approx((-5 / 3 - 0.5) / 2)


def test_weights_are_shares() -> None:
    plain = servqual(
        expectations=EXPECTED,
        perceptions=PERCEIVED,
        dimensions=DIMENSIONS,
        weights={"reliability": 60, "empathy": 40},
    )
    scaled = servqual(
        expectations=EXPECTED,
        perceptions=PERCEIVED,
        dimensions=DIMENSIONS,
        weights={"reliability": 3, "empathy": 2},
    )
    assert plain.weighted_overall == pytest.approx(scaled.weighted_overall)
    by_name = {one.name: one.gap for one in plain.dimensions}
    assert plain.weighted_overall == pytest.approx(0.6 * by_name["reliability"] + 0.4 * by_name["empathy"])


def test_equal_gaps_have_no_test() -> None:
    result = servqual(expectations=[[5], [6]], perceptions=[[4], [5]], dimensions=["a"])
    assert result.items[0].p is None
    assert result.items[0].reason == "all pairs have the same gap"
    assert "interval" not in result.describe()


def test_messages() -> None:
    with pytest.raises(ArgumentError, match="weights must name the dimensions reliability, empathy"):
        servqual(expectations=EXPECTED, perceptions=PERCEIVED, dimensions=DIMENSIONS, weights={"reliability": 1})
    with pytest.raises(NotEnoughData, match="item 2 has no pair"):
        servqual(expectations=[[5, None]], perceptions=[[4, 5]], dimensions=["a", "b"])
