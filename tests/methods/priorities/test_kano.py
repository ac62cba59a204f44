"""Kano classes: the evaluation table, known figures, intervals and ambiguity."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.priorities.kano import (
    CATEGORIES,
    kano,
    kano_ambiguity,
    kano_categories,
    kano_continuous,
    kano_counts,
)

COUNTS = st.fixed_dictionaries({letter: st.integers(0, 200) for letter in CATEGORIES}).filter(
    lambda c: sum(c.values())
)
ANSWERS = st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=1, max_size=40)


def test_ski_figures_as_printed() -> None:
    # Matzler and Hinterhuber, Technovation 18 (1998), table 4: percent by need, better and worse to two digits.
    printed = {
        "edge grip": ({"A": 7, "O": 32.3, "M": 49.3, "I": 9.5, "R": 0.3, "Q": 1.5}, "M", 0.40, -0.83),
        "ease of turn": ({"A": 10.4, "O": 45.1, "M": 30.5, "I": 11.5, "R": 1.2, "Q": 1.2}, "O", 0.57, -0.78),
        "service": ({"A": 63.8, "O": 21.6, "M": 2.9, "I": 8.5, "R": 0.7, "Q": 2.5}, "A", 0.88, -0.25),
    }
    for percent, category, better, worse in printed.values():
        result = kano(counts=percent)
        assert result.category == category
        assert result.better == pytest.approx(better, abs=0.006)
        assert result.worse == pytest.approx(worse, abs=0.006)


@given(counts=COUNTS)
def test_coefficients_lie_within_their_intervals_and_ranges(counts: dict[str, int]) -> None:
    result = kano(counts=counts)
    assert 0 <= result.category_strength <= 1
    assert 0 <= result.total_strength <= 1
    assert counts[result.category] == max(counts.values())
    assert result.describe()
    if result.better is None:
        assert counts["A"] + counts["O"] + counts["M"] + counts["I"] == 0
        return
    assert result.worse is not None
    assert result.better_interval is not None
    assert result.worse_interval is not None
    assert 0 <= result.better_interval[0] <= result.better <= result.better_interval[1] <= 1
    assert -1 <= result.worse_interval[0] <= result.worse <= result.worse_interval[1] <= 0


def test_ties_fall_to_the_class_whose_neglect_costs_most() -> None:
    assert kano(counts=dict.fromkeys("AOMI", 10)).category == "M"
    assert kano(counts={"A": 5, "I": 5}).category == "A"


def test_walden_groups_before_choosing() -> None:
    # I is the most frequent letter, yet A, O and M together outnumber I, R and Q.
    result = kano(counts={"A": 20, "O": 19, "M": 18, "I": 30})
    assert (result.category, result.walden_category) == ("I", "A")


@given(answers=ANSWERS)
def test_swapping_the_questions_mirrors_the_table(answers: list[tuple[int, int]]) -> None:
    there, missing = zip(*answers, strict=True)
    one = kano_categories(functional=there, dysfunctional=missing)
    other = kano_categories(functional=missing, dysfunctional=there)
    mirrored = {"Q": "Q", "O": "R", "I": "I"}
    assert all(mirrored[a] == b for a, b in zip(one, other, strict=True) if a in mirrored)
    assert sum(kano_counts(functional=there, dysfunctional=missing).values()) == len(answers)


def test_own_table_and_whole_matrices() -> None:
    pouliot = ["QAAAO", "RQIIM", "RIIIM", "RIIQM", "RRRRQ"]
    letters = kano_categories(functional=[[2, 4], [1, 3]], dysfunctional=[[2, 4], [5, 3]], table=pouliot)
    assert letters.tolist() == [["Q", "Q"], ["O", "I"]]


def test_fong_threshold_by_hand() -> None:
    # 1.65 sqrt(60 x 140 / 200) = 10.69
    threshold, ambiguous = kano_ambiguity(a=36, b=24, n=100)
    assert threshold == pytest.approx(1.65 * np.sqrt(42))
    assert not ambiguous
    assert kano_ambiguity(a=32, b=28, n=100)[1]


def test_continuous_scores_by_hand() -> None:
    # Like 4, expect 2; dislike 4, live with 2 (DuMouchel): means 3 and 3.
    result = kano_continuous(functional=[1, 2], dysfunctional=[5, 4])
    assert (result.functional, result.dysfunctional, result.category) == (3, 3, "O")
    assert sum(result.p_category.values()) == pytest.approx(1)
    assert kano_continuous(functional=[1, 1, 1], dysfunctional=[5, 5, 1]).used == 2


@settings(max_examples=30, deadline=None)
@given(answers=ANSWERS)
def test_continuous_means_lie_on_the_map(answers: list[tuple[int, int]]) -> None:
    there, missing = zip(*answers, strict=True)
    try:
        result = kano_continuous(functional=there, dysfunctional=missing)
    except NotEnoughData:
        return
    assert -2 <= result.functional <= 4
    assert -2 <= result.dysfunctional <= 4
    assert np.isfinite([*result.functional_interval, *result.dysfunctional_interval]).all()


def test_messages() -> None:
    with pytest.raises(ArgumentError, match="by the letters A, O, M, I, R, Q; got X"):
        kano(counts={"X": 1})
    with pytest.raises(NotEnoughData, match="nobody answered"):
        kano(counts={"A": 0})
    with pytest.raises(ArgumentError, match=r"functional must hold whole answers from 1 \(like\) to 5; got 6"):
        kano_categories(functional=[6], dysfunctional=[1])
