"""From sums of answers, and from a method's result, to estimates."""

import numpy as np
import pytest
from scipy import stats

from nonagon.basics.errors import NotEnoughData
from nonagon.deliverables.cycle import Settings
from nonagon.deliverables.estimates import (
    Sums,
    difference_estimate,
    effective,
    enough,
    error_of,
    estimate_of,
    mean_estimate,
    mean_estimates,
    means,
    share_estimate,
)
from nonagon.deliverables.evidence import Estimate

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
    found = mean_estimate(sums_of(OTHER, ONE), 1, SETTINGS, origin="scores")
    # scipy's one-sample t interval of the same seven answers
    low, high = stats.ttest_1samp(ONE, 0).confidence_interval(0.95)
    assert found.value == pytest.approx(np.mean(ONE))
    assert (found.low, found.high) == pytest.approx((low, high))
    assert (found.n, found.confidence, found.unit, found.origin) == (7, 0.95, "points", "scores")


def test_a_difference_has_welch_s_interval() -> None:
    found = difference_estimate(sums_of(ONE, OTHER), 0, 1, SETTINGS, origin="scores")
    # scipy's Welch interval of the same answers
    low, high = stats.ttest_ind(ONE, OTHER, equal_var=False).confidence_interval(0.95)
    assert found.value == pytest.approx(np.mean(ONE) - np.mean(OTHER))
    assert (found.low, found.high) == pytest.approx((low, high))
    assert found.n == 13


def test_equal_weights_of_any_size_change_nothing() -> None:
    plain = mean_estimate(sums_of(ONE), 0, SETTINGS, origin="")
    scaled = mean_estimate(sums_of(ONE, weights=[[2.5] * len(ONE)]), 0, SETTINGS, origin="")
    assert (plain.value, plain.low, plain.high) == pytest.approx((scaled.value, scaled.low, scaled.high))


def test_weights_move_the_mean_and_widen_the_interval() -> None:
    weights = [[4.0, 1, 1, 4, 1, 1, 1]]
    found, plain = (mean_estimate(sums_of(ONE, weights=one), 0, SETTINGS, origin="") for one in (weights, None))
    assert found.value == pytest.approx(np.average(ONE, weights=weights[0]))
    assert (found.high or 0) - (found.low or 9) > (plain.high or 9) - (plain.low or 0)


def test_small_groups_are_withheld() -> None:
    sums = sums_of(ONE, OTHER[:4])
    held = mean_estimate(sums, 1, SETTINGS, origin="scores")
    assert (held.value, held.low, held.n, held.why) == (None, None, None, "fewer than 5 answers")
    apart = difference_estimate(sums, 0, 1, SETTINGS, origin="scores")
    assert (apart.value, apart.n, apart.why) == (None, None, "fewer than 5 answers")
    just_enough = mean_estimate(sums_of([1.0, 2, 3, 4, 5]), 0, SETTINGS, origin="scores")
    assert just_enough.value == 3.0


def test_one_answer_has_no_interval_and_says_so() -> None:
    loose = Settings(group_minimum=1)
    alone = mean_estimate(sums_of([4.0]), 0, loose, origin="")
    assert (alone.value, alone.why) == (None, "fewer than 2 answers")
    with pytest.raises(NotEnoughData):
        means(sums_of([4.0]), [0], 0.95)
    both = difference_estimate(sums_of([4.0], ONE), 0, 1, loose, origin="")
    assert (both.value, both.why) == (None, "fewer than 2 answers")


def test_weights_that_rest_on_one_answer_have_no_interval() -> None:
    lopsided = sums_of([4.0, 1.0, 2.0, 3.0, 5.0], weights=[[1e9, 1e-9, 1e-9, 1e-9, 1e-9]])
    assert effective(lopsided) == pytest.approx([1.0])
    assert enough(lopsided, SETTINGS).tolist() == [False]
    assert mean_estimate(lopsided, 0, SETTINGS, origin="").why == "the weights rest on a single answer"


def test_many_groups_are_as_each_alone() -> None:
    sums = sums_of(ONE, OTHER[:4], OTHER)
    alone = [mean_estimate(sums, place, SETTINGS, origin="scores") for place in range(3)]
    assert mean_estimates(sums, SETTINGS, origin="scores") == alone
    assert [one.value is None for one in alone] == [False, True, False]


def test_a_share_has_wilson_s_interval() -> None:
    found = share_estimate(3, 20, SETTINGS, origin="o")
    low, high = stats.binomtest(3, 20).proportion_ci(method="wilson")
    assert (found.value, found.low, found.high) == pytest.approx((0.15, low, high))
    assert (found.n, found.unit) == (20, "share")
    weighted = share_estimate(3.2, 17.5, SETTINGS, origin="o", n=40)
    assert (weighted.value, weighted.n) == (pytest.approx(3.2 / 17.5), 40)
    assert share_estimate(0, 0, SETTINGS, origin="o", why="nobody was asked").why == "nobody was asked"


def test_an_estimate_of_a_result_keeps_its_interval() -> None:
    result = means(sums_of(ONE), [0], 0.9)
    found = estimate_of(result.mean, result, n=7.0, unit="points", origin="o")
    low, high = stats.ttest_1samp(ONE, 0).confidence_interval(0.9)
    assert (found.value, found.low, found.high) == pytest.approx((np.mean(ONE), low, high))
    assert (found.confidence, found.n, found.unit, found.origin) == (0.9, 7, "points", "o")


def test_the_standard_error_comes_back_out_of_an_interval() -> None:
    found = mean_estimate(sums_of(ONE), 0, SETTINGS, origin="")
    assert error_of(found) == pytest.approx(stats.sem(ONE))
    assert error_of(Estimate(value=3.0)) == 0.0
