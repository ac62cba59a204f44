"""Richness from interviews: all orders by brute force, closed forms by hand, invariances and limits."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError
from nonagon.methods.needs.incidence import incidence
from nonagon.methods.needs.incidence_richness import accumulation, incidence_richness, units_for_share

RECORDS = st.integers(2, 12).flatmap(
    lambda n: st.tuples(st.just(n), st.lists(st.integers(1, n), min_size=1, max_size=25))
)
MATRIX = np.array(
    [
        *[[1, 1, 0, 0, 1, 0, 0, 0], [1, 0, 1, 0, 0, 0, 0, 1], [1, 1, 0, 1, 0, 0, 0, 0]],
        *[[0, 1, 1, 0, 0, 1, 0, 0], [1, 1, 0, 0, 0, 0, 1, 0]],
    ]
)


def test_accumulation_is_the_mean_over_all_choices_of_interviews() -> None:
    """Independent computation: every subset of the five interviews."""
    curve = accumulation(incidence=incidence(matrix=MATRIX))
    for size in range(1, 6):
        counts = [int(MATRIX[list(chosen)].any(axis=0).sum()) for chosen in combinations(range(5), size)]
        assert curve.expected[size - 1] == pytest.approx(np.mean(counts))


def test_closed_forms_by_hand() -> None:
    """Five interviews, eight needs: f1 = 5, f2 = 1; Chao2 = 8 + 4/5 25/2 = 18; jackknife 8 + 5 4/5 = 12.

    The second jackknife: 8 + 5 7/5 - 9/20 = 14.55. Each interview alone brought one need: no scatter (Heltshe
    and Forrester); vegan takes off f1/n = 1 instead of f1²/n = 5: (5 - 1) 4/5 = 3.2.
    """
    record = incidence(matrix=MATRIX)
    result = incidence_richness(incidence=record)
    assert (result.chao2, result.jackknife1, result.jackknife2) == pytest.approx((18, 12, 14.55))
    assert result.jackknife1_se == 0
    vegan = incidence_richness(incidence=record, jackknife_variance="vegan")
    assert vegan.jackknife1_se == pytest.approx(3.2**0.5)
    # 15 mentions: Turing's coverage is 1 - 5/15; Chao and Jost's 1 - 5/15 (4 5) / (4 5 + 2).
    assert result.turing == pytest.approx(2 / 3)
    assert result.coverage == pytest.approx(1 - 1 / 3 * 20 / 22)


def test_bootstrap_matches_resampling() -> None:
    """Smith and van Belle's estimate: what the bootstrap's samples miss, added to what was seen."""
    random = np.random.default_rng(0)
    seen = [MATRIX[random.integers(0, 5, 5)].any(axis=0).sum() for _ in range(4000)]
    result = incidence_richness(incidence=incidence(matrix=MATRIX))
    assert result.bootstrap == pytest.approx(8 + (8 - np.mean(seen)), abs=0.06)
    assert result.bootstrap_se == pytest.approx(np.std(seen), abs=0.05)


@settings(max_examples=50, deadline=None)
@given(RECORDS)
def test_bounds_order_and_no_nan(record: tuple[int, list[int]]) -> None:
    n, frequency = record
    given_record = incidence(frequency=frequency, n_units=n)
    result = incidence_richness(incidence=given_record)
    numbers = [getattr(result, name) for name in result.__slots__]
    assert all(np.isfinite(value) for value in numbers if value is not None)
    assert result.observed <= result.low <= result.chao2 <= result.high
    assert 0 <= result.coverage <= 1
    again = incidence_richness(incidence=incidence(frequency=frequency[::-1], n_units=n))
    assert again.chao2 == result.chao2
    curve = accumulation(incidence=given_record, up_to=2 * n)
    assert np.all(np.diff(curve.expected) >= -1e-9)
    assert curve.expected[n - 1] == pytest.approx(result.observed)
    assert curve.expected[-1] <= result.chao2 + 1e-9
    assert np.all(np.isfinite(curve.se))


@settings(max_examples=30, deadline=None)
@given(RECORDS, st.floats(0.5, 0.99))
def test_units_for_share_is_where_the_curve_gets_there(record: tuple[int, list[int]], share: float) -> None:
    n, frequency = record
    given_record = incidence(frequency=frequency, n_units=n)
    more = units_for_share(incidence=given_record, share=share)
    if more > 3000:
        return
    curve = accumulation(incidence=given_record, up_to=n + more + 1).expected
    goal = share * incidence_richness(incidence=given_record).chao2
    assert curve[n + more - 1] >= goal - 1e-6
    if more > 0:
        assert curve[n + more - 2] < goal + 1e-6


def test_limits() -> None:
    alone = incidence_richness(incidence=incidence(frequency=[1, 1], n_units=1))
    assert (alone.chao2, alone.jackknife2) == (2, None)
    full = incidence_richness(incidence=incidence(frequency=[4, 4], n_units=4))
    assert (full.chao2, full.low, full.high, full.coverage) == (2, 2, 2, 1)
    assert "lower bound" in full.describe()
    with pytest.raises(ArgumentError, match="up_to"):
        accumulation(incidence=incidence(frequency=[1], n_units=2), up_to=0)
    with pytest.raises(ArgumentError, match="jackknife_variance"):
        incidence_richness(incidence=incidence(frequency=[1], n_units=2), jackknife_variance="other")  # type: ignore[arg-type]
