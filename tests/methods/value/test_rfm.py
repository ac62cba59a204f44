"""Scores of recency, frequency and value: conventions, ties, order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.value.rfm import CONVENTIONS, SEGMENTS, rfm, score_groups

NUMBERS = st.lists(st.integers(0, 30), min_size=1, max_size=60)


@given(values=NUMBERS, groups=st.integers(2, 7), convention=st.sampled_from(CONVENTIONS))
def test_scores_rise_with_the_values(values: list[int], groups: int, convention: str) -> None:
    scores = score_groups(values=values, groups=groups, convention=convention)
    assert scores.min() >= 1
    assert scores.max() <= groups
    assert (np.diff(scores[np.argsort(values, kind="stable")]) >= 0).all()


@given(values=NUMBERS, convention=st.sampled_from(["ties_together", "quantile_left", "quantile_right"]))
def test_equal_customers_get_equal_scores(values: list[int], convention: str) -> None:
    scores = score_groups(values=values, convention=convention)
    for value in set(values):
        assert len(set(scores[np.array(values) == value].tolist())) == 1


@given(values=NUMBERS, groups=st.integers(2, 7))
def test_ntile_groups_differ_by_at_most_one_and_the_first_are_larger(values: list[int], groups: int) -> None:
    sizes = np.bincount(score_groups(values=values, groups=groups, convention="ntile"), minlength=groups + 1)[1:]
    assert sizes.max() - sizes.min() <= 1
    assert (np.diff(sizes) <= 0).all()


def test_ntile_of_seven_in_three_as_dplyr_documents_it() -> None:
    # dplyr's ntile puts the larger groups first: sizes 3, 2, 2.
    assert score_groups(values=[1, 2, 3, 4, 5, 6, 7], groups=3, convention="ntile").tolist() == [
        1,
        1,
        1,
        2,
        2,
        3,
        3,
    ]


def test_a_value_on_a_cut_goes_above_or_below_by_the_convention() -> None:
    # The median of 1, 2, 3 is 2, so 2 lies on the only cut.
    left = score_groups(values=[1, 2, 3], groups=2, convention="quantile_left")
    right = score_groups(values=[1, 2, 3], groups=2, convention="quantile_right")
    assert (left.tolist(), right.tolist()) == ([1, 2, 2], [1, 1, 2])


def test_ties_are_parted_by_the_tie_break() -> None:
    assert score_groups(values=[5, 5], groups=2, convention="ntile", tie_break=[9, 1]).tolist() == [2, 1]


def test_low_recency_is_good_and_every_customer_has_a_segment() -> None:
    result = rfm(recency_days=range(20), frequency=range(20, 0, -1), monetary=range(20, 0, -1))
    assert result.recency[0] == 5
    assert result.combined[0] == 555
    assert sum(result.segment_counts().values()) == 20
    assert set(result.segment.tolist()) <= set(SEGMENTS)
    assert "of 20 customers" in result.describe()


def test_one_customer_has_a_score() -> None:
    assert rfm(recency_days=[3], frequency=[1], monetary=[10]).combined.tolist() == [111]


def test_messages() -> None:
    with pytest.raises(NotEnoughData, match="recency_days"):
        rfm(recency_days=[], frequency=[], monetary=[])
    with pytest.raises(ArgumentError, match=r"groups must be .* 2 to 99; got 1"):
        score_groups(values=[1, 2], groups=1)
    with pytest.raises(ArgumentError, match="frequency must be at least 0; got -1"):
        rfm(recency_days=[1], frequency=[-1], monetary=[1])
