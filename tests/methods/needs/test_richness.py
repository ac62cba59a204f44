"""Richness and rarefaction from mentions: closed forms, drawing, invariances and limits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.needs.rarefaction import rarefaction
from nonagon.methods.needs.richness import richness

COUNTS = st.lists(st.integers(0, 30), min_size=1, max_size=25).filter(any)


def test_closed_forms_by_hand() -> None:
    """f1 = 3, f2 = 2: Chao1 = 6 + 3 2 / (2 3) = 7. ACE: all six rare, 20 mentions, coverage 1 - 3/20."""
    counts = [1, 1, 1, 2, 2, 13]
    result = richness(counts=counts)
    assert result.chao1 == pytest.approx(7)
    assert result.good_turing_coverage == pytest.approx(1 - 3 / 20)
    # Rare needs: five with 7 mentions; coverage 4/7; sum i(i-1) f = 4; variation 5 7/4 4/42 - 1 < 0, so none.
    assert result.ace == pytest.approx(1 + 5 * 7 / 4)
    assert result.coverage == pytest.approx(1 - 3 / 20 * (19 * 3) / (19 * 3 + 4))


def test_standard_error_matches_resampled_classes() -> None:
    """The delta method against drawing each frequency count as Poisson around what was observed."""
    random = np.random.default_rng(1)
    counts = [1] * 40 + [2] * 30 + [5] * 60
    result = richness(counts=counts)
    once, twice, more = random.poisson(40, 20_000), random.poisson(30, 20_000), random.poisson(60, 20_000)
    drawn = once + twice + more + once * (once - 1) / (2 * (twice + 1))
    # Poisson counts let the total vary too: its own variance, the estimate, comes off.
    assert result.chao1_se == pytest.approx(np.sqrt(drawn.var() - result.chao1), rel=0.1)


@settings(max_examples=50, deadline=None)
@given(COUNTS)
def test_bounds_order_and_no_nan(counts: list[int]) -> None:
    result = richness(counts=counts)
    for name in result.__slots__:
        value = getattr(result, name)
        if isinstance(value, float):
            assert np.isfinite(value)
    assert result.observed <= result.low <= result.chao1 <= result.high
    assert richness(counts=[*counts[::-1], 0]).chao1 == result.chao1
    assert (result.ace is None) == (result.ace_reason is not None)
    assert 0 <= result.coverage <= 1


def test_limits() -> None:
    assert richness(counts=[1, 1, 1]).ace is None
    assert richness(counts=[50]).chao1 == 1
    assert "lower bound" in richness(counts=[3, 1]).describe()
    with pytest.raises(NotEnoughData, match="no mention"):
        richness(counts=[0])
    with pytest.raises(ArgumentError, match="whole numbers"):
        richness(counts=[-1])
    with pytest.raises(ArgumentError, match="rare"):
        richness(counts=[1], rare=1)


def test_rarefaction_matches_drawing() -> None:
    """Independent computation: mentions shuffled and cut."""
    random = np.random.default_rng(3)
    counts = [6, 3, 2, 1, 1]
    mentions = np.repeat(np.arange(5), counts)
    drawn = [len(set(random.permutation(mentions)[:5])) for _ in range(6000)]
    result = rarefaction(counts=counts, sizes=[5])
    assert result.expected[0] == pytest.approx(np.mean(drawn), abs=0.05)
    assert result.se[0] == pytest.approx(np.std(drawn), abs=0.05)


@settings(max_examples=40, deadline=None)
@given(COUNTS)
def test_rarefaction_rises_from_one_need_to_all(counts: list[int]) -> None:
    total = sum(counts)
    result = rarefaction(counts=counts, sizes=np.arange(total + 1))
    assert result.expected[0] == pytest.approx(0)
    assert result.expected[1] == pytest.approx(1)
    assert result.expected[-1] == pytest.approx(np.count_nonzero(counts))
    assert np.all(np.diff(result.expected) >= -1e-9)
    assert np.all(np.isfinite(result.se))


def test_rarefaction_messages() -> None:
    with pytest.raises(ArgumentError, match="from 0 to the 3 mentions; got 4"):
        rarefaction(counts=[2, 1], sizes=[4])
    with pytest.raises(NotEnoughData, match="no mention"):
        rarefaction(counts=[0], sizes=[0])
    assert "2 of 3 mentions" in rarefaction(counts=[2, 1], sizes=[2]).describe()
