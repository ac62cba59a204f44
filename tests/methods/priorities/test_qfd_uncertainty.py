"""House of Quality with uncertainty: limits, moments, coverage."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.priorities.ahp import ahp
from nonagon.methods.priorities.qfd_importance import qfd_importance
from nonagon.methods.priorities.qfd_uncertainty import RATIO_STRENGTHS, qfd_uncertainty

HOUSE = [[9, 3, 0, 1], [3, 9, 1, 0], [0, 3, 9, 0]]


def test_without_uncertainty_it_is_the_classic_house() -> None:
    classic = qfd_importance(relationships=HOUSE, importance=[5, 4, 3])
    result = qfd_uncertainty(relationships=HOUSE, importance=[5, 4, 3])
    assert result.weight == pytest.approx(classic.relative)
    assert result.low == pytest.approx(classic.relative)
    assert result.high == pytest.approx(classic.relative)
    assert result.rank == tuple(classic.rank.tolist())
    assert result.p_rank[np.arange(4), np.array(result.rank) - 1] == pytest.approx(np.ones(4))


@settings(max_examples=30, deadline=None)
@given(
    house=st.lists(st.lists(st.sampled_from([0, 1, 3, 9]), min_size=3, max_size=3), min_size=2, max_size=4),
    se=st.floats(0, 3),
)
def test_probabilities_add_up_and_nothing_is_undefined(house: list[list[int]], se: float) -> None:
    importance = np.arange(3.0, 3.0 + len(house))
    if not np.any(house):
        with pytest.raises(NotEnoughData):
            qfd_uncertainty(relationships=house, importance=importance)
        return
    result = qfd_uncertainty(
        relationships=house, importance=importance, importance_se=np.full(len(house), se), draws=200
    )
    assert result.p_rank.sum(axis=0) == pytest.approx(np.ones(3))
    assert result.p_rank.sum(axis=1) == pytest.approx(np.ones(3))
    assert result.p_higher + result.p_higher.T == pytest.approx(np.ones((3, 3)))
    assert np.isfinite([result.low, result.high, result.se]).all()
    assert result.describe()


def test_spread_of_one_weight_by_the_delta_method() -> None:
    # Two needs, one characteristic each: the weight a / (a + b) has standard error b s_a / (a + b)^2 from a alone.
    result = qfd_uncertainty(
        relationships=[[1, 0], [0, 1]], importance=[50, 50], importance_se=[1, 0], draws=40_000
    )
    assert result.se[0] == pytest.approx(50 / 100**2, rel=0.02)


def test_judges_who_disagree_widen_the_interval_by_the_error_of_their_mean() -> None:
    rng = np.random.default_rng(1)
    judges = np.stack([np.array([[5 + noise, 5.0]]) for noise in rng.uniform(-1, 1, 8)])
    resampled = qfd_uncertainty(relationships=judges, importance=[1], judge_draws="resample", draws=40_000)
    mean, error = judges[:, 0, 0].mean(), judges[:, 0, 0].std(ddof=1) / np.sqrt(8)
    assert resampled.judges == 8
    assert resampled.se[0] == pytest.approx(5 * error / (mean + 5) ** 2, rel=0.05)
    # Student's t with 7 degrees of freedom has the variance 7 / 5 and the 97.5 percent quantile 2.365.
    student = qfd_uncertainty(relationships=judges, importance=[1], draws=40_000)
    assert student.se[0] == pytest.approx(np.sqrt(7 / 5) * resampled.se[0], rel=0.05)
    half = 2.365 * 5 * error / (mean + 5) ** 2
    assert (student.high[0] - student.low[0]) / 2 == pytest.approx(half, rel=0.05)


def test_ratio_scale_is_the_eigenvector_of_its_judgements() -> None:
    weights = ahp(matrix=[[1, 3, 5], [1 / 3, 1, 3], [1 / 5, 1 / 3, 1]]).weights
    assert list(RATIO_STRENGTHS.values()) == pytest.approx((9 * weights / weights[0]).tolist())
    result = qfd_uncertainty(relationships=[[9, 3, 1]], importance=[1], scale="ratio")
    assert result.weight == pytest.approx(weights)
    assert set(result.by_scale) == {"9-3-1", "5-3-1", "4-2-1", "ratio"}


def test_scales_may_turn_the_order_round() -> None:
    # Four weak relations against one moderate one: 4 > 3 on 9-3-1, 4 x 1.48 > 3.65 too, yet one strong beats
    # three moderate ones only where strong is more than three times moderate.
    result = qfd_uncertainty(relationships=[[9, 3], [0, 3], [0, 3]], importance=[1, 1, 1])
    assert result.by_scale["9-3-1"] == (1, 1)
    assert result.by_scale["5-3-1"] == (2, 1)


def test_groups_hold_together_what_cannot_be_told_apart() -> None:
    house = [[9, 0, 0], [0, 9, 0], [0, 0, 9]]
    result = qfd_uncertainty(relationships=house, importance=[10, 9.9, 2], importance_se=[0.5, 0.5, 0.1])
    assert result.groups == (1, 1, 2)
    assert "1 other(s) cannot be told apart" in result.describe()


def test_a_characteristic_that_may_be_first_stands_in_the_group_of_the_first() -> None:
    # Both judges put the second characteristic below the first; they are at odds over the third, which one of
    # them puts first.
    judges = [[[9, 8, 3]], [[9, 8, 10]]]
    result = qfd_uncertainty(relationships=judges, importance=[4.0], judge_draws="resample")
    assert result.rank == (1, 2, 3)
    assert result.p_higher[0, 1] == 1.0
    assert 0.4 < result.p_first[2] < 0.6
    assert result.groups == (1, 2, 1)
    assert "1 other(s) cannot be told apart" in result.describe()


def test_intervals_cover_the_true_weight() -> None:
    rng = np.random.default_rng(3)
    true, se = np.array([8.0, 6.0, 7.0]), np.array([0.4, 0.6, 0.5])
    weight = qfd_importance(relationships=HOUSE, importance=true).relative
    hits = []
    for seed in range(150):
        result = qfd_uncertainty(
            relationships=HOUSE, importance=rng.normal(true, se), importance_se=se, draws=500, seed=seed
        )
        hits.append((result.low <= weight) & (weight <= result.high))
    assert 0.9 <= np.mean(hits) <= 0.985


def test_draws_keep_the_correlation_between_needs() -> None:
    level = np.random.default_rng(4).uniform(1, 9, 2000)
    together = np.column_stack([level, level])
    result = qfd_uncertainty(relationships=[[9, 0], [0, 3]], importance_draws=together)
    assert result.se == pytest.approx([0, 0], abs=1e-12)


def test_same_seed_same_result_and_messages() -> None:
    given_house = {"relationships": HOUSE, "importance": [5, 4, 3], "importance_se": [1, 1, 1]}
    one, other = qfd_uncertainty(**given_house, seed=9), qfd_uncertainty(**given_house, seed=9)
    assert one.low.tolist() == other.low.tolist()
    with pytest.raises(ArgumentError, match=r"either importance .* or importance_draws"):
        qfd_uncertainty(relationships=HOUSE)
    with pytest.raises(ArgumentError, match="0 or one of 9, 3, 1 on this scale; got 4"):
        qfd_uncertainty(relationships=[[4]], importance=[1], scale="ratio")
    with pytest.raises(ArgumentError, match="judge_draws must be one of student, resample; got 'bootstrap'"):
        qfd_uncertainty(relationships=HOUSE, importance=[1, 2, 3], judge_draws="bootstrap")
    with pytest.raises(ArgumentError, match="one number for each of 3 needs; got 2"):
        qfd_uncertainty(relationships=HOUSE, importance=[1, 2])
