"""ABC classes: limits, ties, refunds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.value.abc_classes import abc_classes

REVENUE = st.lists(st.integers(0, 1000), min_size=1, max_size=50).filter(lambda some: sum(some) > 0)


@given(revenue=REVENUE, crossing=st.sampled_from(["in", "out"]))
def test_classes_follow_revenue_and_add_up(revenue: list[int], crossing: str) -> None:
    result = abc_classes(revenue=revenue, crossing=crossing)
    assert sum(result.counts.values()) == len(revenue)
    assert sum(result.shares.values()) == pytest.approx(1)
    best_first = np.argsort(result.rank)
    assert sorted(result.letter) == result.letter[best_first].tolist()
    assert result.cumulative[best_first][-1] == pytest.approx(1)


@given(revenue=REVENUE)
def test_the_crossing_customer_makes_class_a_reach_its_limit(revenue: list[int]) -> None:
    assert abc_classes(revenue=revenue, crossing="in").shares["A"] >= 0.8 - 1e-9
    assert abc_classes(revenue=revenue, crossing="out").shares["A"] <= 0.8 + 1e-9


@given(revenue=REVENUE, factor=st.sampled_from([0.01, 3.0, 1e6]))
def test_currency_does_not_matter(revenue: list[int], factor: float) -> None:
    scaled = abc_classes(revenue=[one * factor for one in revenue])
    assert scaled.letter.tolist() == abc_classes(revenue=revenue).letter.tolist()


def test_a_sum_that_meets_the_limit_exactly_is_not_moved_by_rounding() -> None:
    # 0.1 + 0.7 is 0.7999999999999999 in binary numbers, yet the first two bring exactly 80 %.
    assert "".join(abc_classes(revenue=[7, 1, 1, 1], crossing="in").letter) == "AABB"
    assert "".join(abc_classes(revenue=[7, 1, 1, 1], crossing="out").letter) == "AABC"


def test_refunds_are_refused_or_count_as_zero() -> None:
    with pytest.raises(ArgumentError, match=r"1 negative amount.*lowest -5"):
        abc_classes(revenue=[10, -5])
    assert abc_classes(revenue=[10, -5], negative="as_zero").counted_as_zero == 1


def test_messages() -> None:
    with pytest.raises(NotEnoughData, match="zero for every customer"):
        abc_classes(revenue=[0, 0])
    with pytest.raises(ArgumentError, match="limits must rise"):
        abc_classes(revenue=[1], limits=(0.95, 0.8))
