"""Rank sets: known distributions, coverage by simulation, invariances and limits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.ranks.pairwise import (
    largest_difference_quantile,
    marginal_critical_values,
    marginal_critical_values_of_many,
)
from nonagon.methods.ranks.rank_confidence_set import (
    RankSets,
    rank_confidence_set,
    rank_confidence_set_correlated,
    rank_joint_region,
)

GROUPS = st.integers(2, 8).flatmap(
    lambda k: st.tuples(
        st.lists(st.integers(-50, 50), min_size=k, max_size=k, unique=True),
        st.lists(st.integers(1, 60), min_size=k, max_size=k),
    )
)


def test_critical_value_is_the_studentized_range_for_equal_errors() -> None:
    """scipy's studentized range with infinite degrees of freedom, divided by the root of two."""
    from scipy.stats import studentized_range

    noise = np.random.default_rng(0).standard_normal((60_000, 8))
    found = largest_difference_quantile(noise, np.ones(8), 0.95)
    assert found == pytest.approx(studentized_range.ppf(0.95, 8, np.inf) / np.sqrt(2), abs=0.02)


def test_frontier_finds_the_same_largest_difference_as_all_pairs() -> None:
    random = np.random.default_rng(1)
    variance = random.uniform(0.01, 4, 25)
    noise = random.standard_normal((400, 25)) * np.sqrt(variance)
    every = ~np.eye(25, dtype=bool)
    assert largest_difference_quantile(noise, variance, 0.9) == pytest.approx(
        largest_difference_quantile(noise, variance, 0.9, every), abs=1e-12
    )


def test_marginal_values_match_simulation_and_the_two_group_normal() -> None:
    every = ~np.eye(2, dtype=bool)
    two = marginal_critical_values(np.array([0.3, 2.0]), every, every, 0.95)
    assert two == pytest.approx([1.959964, 1.959964], abs=1e-5)
    random = np.random.default_rng(2)
    variance = random.uniform(0.1, 2, 12)
    every = ~np.eye(12, dtype=bool)
    exact = marginal_critical_values(variance, every, every, 0.95)
    noise = random.standard_normal((60_000, 12)) * np.sqrt(variance)
    for i in (0, 5):
        away = np.abs(noise[:, [i]] - noise) / np.sqrt(variance[i] + variance)
        assert exact[i] == pytest.approx(np.quantile(np.delete(away, i, axis=1).max(axis=1), 0.95), abs=0.025)
    many = marginal_critical_values_of_many(np.tile(variance, 20), 0.95)
    one_by_one = np.ones((240, 240), dtype=bool) ^ np.eye(240, dtype=bool)
    assert many == pytest.approx(
        marginal_critical_values(np.tile(variance, 20), one_by_one, one_by_one, 0.95), abs=0.01
    )


@settings(max_examples=30, deadline=None)
@given(GROUPS, st.booleans())
def test_order_mirror_scale_and_nesting(groups: tuple[list[int], list[int]], simultaneous: bool) -> None:
    estimate, se = np.array(groups[0], dtype=float), np.array(groups[1], dtype=float)

    def run(values: np.ndarray, errors: np.ndarray, **options: object) -> RankSets:
        return rank_confidence_set(
            estimate=values,
            se=errors,
            simultaneous=simultaneous,
            draws=1000,
            **options,  # type: ignore[arg-type]
        )

    sets = run(estimate, se)
    k = len(estimate)
    assert np.all((sets.lower >= 1) & (sets.lower <= sets.rank) & (sets.rank <= sets.upper) & (sets.upper <= k))
    mirrored = run(-estimate, se, first="smallest")
    assert np.array_equal(mirrored.lower, sets.lower)
    assert np.array_equal(mirrored.apart, sets.apart.T)
    scaled = run(4 * estimate + 3, 4 * se)
    assert np.array_equal(scaled.lower, sets.lower)
    plain = run(estimate, se, stepdown=False)
    assert np.all(plain.lower <= sets.lower)
    assert np.all(sets.upper <= plain.upper)


def test_certain_when_errors_are_nothing_and_open_when_they_are_everything() -> None:
    for simultaneous in (True, False):
        sure = rank_confidence_set(estimate=[3, 1, 2], se=[1e-6] * 3, simultaneous=simultaneous, draws=1000)
        assert sure.lower.tolist() == sure.upper.tolist() == [1, 3, 2]
        lost = rank_confidence_set(estimate=[3, 1, 2], se=[1e6] * 3, simultaneous=simultaneous, draws=1000)
        assert (lost.lower.tolist(), lost.upper.tolist()) == ([1, 1, 1], [3, 3, 3])
        equal = rank_confidence_set(estimate=[2, 2], se=[1, 1], simultaneous=simultaneous, draws=1000)
        assert equal.rank.tolist() == [1, 1]
    assert "certain rank" in sure.describe()


def coverage(samples: int, seed: int) -> tuple[float, float, float]:
    """Share of samples in which all simultaneous sets, the joint region, and the first group's own set held."""
    random = np.random.default_rng(seed)
    truth = np.array([7.0, 7.0, 7.1, 7.4, 8.0])
    # Groups that are truly equal may stand in any of their places: the set must hold all of them.
    best = 1 + np.sum(truth[None, :] > truth[:, None], axis=1)
    worst = len(truth) - np.sum(truth[None, :] < truth[:, None], axis=1)
    se = np.array([0.1, 0.2, 0.15, 0.1, 0.3])
    together = joint = alone = 0
    for _ in range(samples):
        estimate = truth + random.standard_normal(5) * se
        sets = rank_confidence_set(estimate=estimate, se=se, draws=1000, seed=int(random.integers(1e6)))
        together += bool(np.all((sets.lower <= best) & (worst <= sets.upper)))
        region = rank_joint_region(estimate=estimate, se=se)
        joint += bool(np.all((region.lower <= best) & (worst <= region.upper)))
        own = rank_confidence_set(estimate=estimate, se=se, simultaneous=False)
        alone += bool(own.lower[2] <= best[2] and worst[2] <= own.upper[2])
    return together / samples, joint / samples, alone / samples


def test_sets_cover_small() -> None:
    together, joint, alone = coverage(60, 3)
    assert min(together, joint, alone) >= 0.9


@pytest.mark.slow
def test_sets_cover_at_least_nominally() -> None:
    together, joint, alone = coverage(1000, 4)
    assert together >= 0.94
    assert joint >= together - 0.01
    assert alone >= 0.94


def test_correlated_errors_sharpen_and_no_correlation_changes_nothing() -> None:
    estimate, se = np.array([7.0, 6.8, 6.5]), np.array([0.1, 0.12, 0.11])
    plain = rank_confidence_set(estimate=estimate, se=se)
    for simultaneous in (True, False):
        same = rank_confidence_set_correlated(
            estimate=estimate, covariance=np.diag(se**2), simultaneous=simultaneous
        )
        assert np.array_equal(same.lower, plain.lower)
    together = np.outer(se, se) * (0.95 + 0.05 * np.eye(3))
    sharp = rank_confidence_set_correlated(estimate=estimate, covariance=together)
    assert np.all(sharp.upper - sharp.lower <= plain.upper - plain.lower)
    assert sharp.upper.tolist() == [1, 2, 3]
    # Errors that are the same for all groups tell any difference apart.
    shared = rank_confidence_set_correlated(estimate=estimate, covariance=np.full((3, 3), 4.0))
    assert shared.upper.tolist() == [1, 2, 3]


def test_joint_region_is_interval_overlap_and_bonferroni_is_wider() -> None:
    """Klein, Wright, Wieczorek: counted here by comparing all pairs of intervals."""
    random = np.random.default_rng(9)
    estimate, se = random.normal(0, 1, 30), random.uniform(0.05, 0.3, 30)
    region = rank_joint_region(estimate=estimate, se=se)
    half = special.ndtri((1 + 0.95 ** (1 / 30)) / 2) * se
    above = [int(np.sum(estimate - half > e + h)) for e, h in zip(estimate, half, strict=True)]
    below = [int(np.sum(estimate + half < e - h)) for e, h in zip(estimate, half, strict=True)]
    assert region.lower.tolist() == [1 + a for a in above]
    assert region.upper.tolist() == [30 - b for b in below]
    wide = rank_joint_region(estimate=estimate, se=se, adjustment="bonferroni")
    assert np.all(wide.lower <= region.lower)
    turned = rank_joint_region(estimate=-estimate, se=se, first="smallest")
    assert np.array_equal(turned.lower, region.lower)


def test_messages() -> None:
    with pytest.raises(NotEnoughData, match="at least 2 groups"):
        rank_confidence_set(estimate=[1], se=[1])
    with pytest.raises(ArgumentError, match="se must be at least 0; got -1"):
        rank_confidence_set(estimate=[1, 2], se=[1, -1])
    with pytest.raises(ArgumentError, match="above 0 for all groups but one"):
        rank_confidence_set(estimate=[1, 2], se=[0, 0])
    with pytest.raises(ArgumentError, match="draws"):
        rank_confidence_set(estimate=[1, 2], se=[1, 1], draws=10)
    with pytest.raises(ArgumentError, match="symmetric"):
        rank_confidence_set_correlated(estimate=[1, 2], covariance=[[1, 0.5], [0.2, 1]])
