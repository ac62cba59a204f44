"""From sums of answers to estimates."""

import numpy as np
import pytest
from scipy import stats

from nonagon.basics.errors import NotEnoughData
from nonagon.deliverables.cycle import Settings
from nonagon.deliverables.means import Sums, difference, means, score

SETTINGS = Settings(group_minimum=5)


def sums_of(*groups: list[float], weights: list[list[float]] | None = None) -> Sums:
    """What the engine hands on of each group's answers."""
    weights = weights or [[1.0] * len(group) for group in groups]
    pairs = [(np.array(group), np.array(own)) for group, own in zip(groups, weights, strict=True)]
    return {
        "n": np.array([len(values) for values, _ in pairs]),
        "weights": np.array([own.sum() for _, own in pairs]),
        "weights_squared": np.array([(own**2).sum() for _, own in pairs]),
        "total": np.array([(own * values).sum() for values, own in pairs]),
        "total_of_squares": np.array([(own * values**2).sum() for values, own in pairs]),
    }


ONE, OTHER = [3.0, 4, 5, 2, 4, 4, 5], [2.0, 3, 3, 1, 2, 4]


def test_a_score_has_student_s_interval() -> None:
    found = score(sums_of(OTHER, ONE), 1, SETTINGS, origin="scores")
    # scipy's one-sample t interval of the same seven answers
    low, high = stats.ttest_1samp(ONE, 0).confidence_interval(0.95)
    assert found.value == pytest.approx(np.mean(ONE))
    assert (found.low, found.high) == pytest.approx((low, high))
    assert (found.n, found.confidence, found.unit, found.origin) == (7, 0.95, "points", "scores")


def test_a_difference_has_welch_s_interval() -> None:
    found = difference(sums_of(ONE, OTHER), 0, 1, SETTINGS, origin="scores")
    # scipy's Welch interval of the same answers
    low, high = stats.ttest_ind(ONE, OTHER, equal_var=False).confidence_interval(0.95)
    assert found.value == pytest.approx(np.mean(ONE) - np.mean(OTHER))
    assert (found.low, found.high) == pytest.approx((low, high))
    assert found.n == 13


def test_equal_weights_of_any_size_change_nothing() -> None:
    plain = score(sums_of(ONE), 0, SETTINGS, origin="")
    scaled = score(sums_of(ONE, weights=[[2.5] * len(ONE)]), 0, SETTINGS, origin="")
    assert (plain.value, plain.low, plain.high) == pytest.approx((scaled.value, scaled.low, scaled.high))


def test_weights_move_the_mean_and_widen_the_interval() -> None:
    weights = [[4.0, 1, 1, 4, 1, 1, 1]]
    found, plain = (score(sums_of(ONE, weights=one), 0, SETTINGS, origin="") for one in (weights, None))
    assert found.value == pytest.approx(np.average(ONE, weights=weights[0]))
    assert (found.high or 0) - (found.low or 9) > (plain.high or 9) - (plain.low or 0)


def test_small_groups_are_withheld() -> None:
    sums = sums_of(ONE, OTHER[:4])
    held = score(sums, 1, SETTINGS, origin="scores")
    assert (held.value, held.low, held.n, held.why) == (None, None, None, "fewer than 5 answers")
    apart = difference(sums, 0, 1, SETTINGS, origin="scores")
    assert (apart.value, apart.n, apart.why) == (None, None, "fewer than 5 answers")
    just_enough = score(sums_of([1.0, 2, 3, 4, 5]), 0, SETTINGS, origin="scores")
    assert just_enough.value == 3.0


def test_one_answer_has_no_interval_and_says_so() -> None:
    alone = score(sums_of([4.0]), 0, Settings(group_minimum=1), origin="")
    assert alone.value is None
    assert alone.why
    with pytest.raises(NotEnoughData):
        means(sums_of([4.0]), [0], 0.95)
    both = difference(sums_of([4.0], ONE), 0, 1, Settings(group_minimum=1), origin="")
    assert both.value is None
    assert both.why
