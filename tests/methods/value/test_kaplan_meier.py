"""Survival: against empirical shares, known figures and limits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.value.kaplan_meier import kaplan_meier, logrank

OBSERVED = st.lists(st.tuples(st.integers(1, 15), st.integers(0, 1)), min_size=1, max_size=40)

# Freireich et al., Blood 21 (1963): weeks of remission of 21 leukaemia patients on 6-MP and 21 on placebo.
MP6 = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
MP6_EVENT = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


@given(times=st.lists(st.integers(1, 20), min_size=1, max_size=40))
def test_without_anybody_still_there_it_is_the_share_that_stayed_longer(times: list[int]) -> None:
    result = kaplan_meier(time=times, event=[1] * len(times))
    for moment, share in zip(result.time, result.survival, strict=True):
        assert share == pytest.approx(np.mean(np.array(times) > moment), abs=1e-9)
    assert result.greenwood_se[-1] is None


@given(observed=OBSERVED)
def test_survival_falls_and_its_interval_holds_it(observed: list[tuple[int, int]]) -> None:
    time, event = zip(*observed, strict=True)
    result = kaplan_meier(time=time, event=event)
    assert (np.diff(result.survival) <= 1e-12).all()
    for share, low, high in zip(result.survival, result.low, result.high, strict=True):
        assert low is None or (high is not None and 0 <= low <= share <= high <= 1)
    assert result.describe()


def test_leukaemia_figures_as_printed() -> None:
    # Printed in most textbooks of survival analysis: median 23 weeks, survival .857 at 6 and .753 at 10 weeks.
    result = kaplan_meier(time=MP6, event=MP6_EVENT)
    assert result.median == 23
    assert result.survival_at(6) == pytest.approx(0.857, abs=0.0005)
    assert result.survival_at(10) == pytest.approx(0.753, abs=0.0005)
    # Log-rank chi-square 16.79 on one degree of freedom, printed by Kleinbaum and Klein.
    test = logrank(time=MP6 + PLACEBO, event=MP6_EVENT + [1] * 21, group=["6-MP"] * 21 + ["placebo"] * 21)
    assert test.chisq == pytest.approx(16.79, abs=0.005)
    assert test.observed.tolist() == [9, 21]


@given(observed=OBSERVED.filter(lambda some: len(some) > 3), seed=st.integers(0, 9))
def test_logrank_does_not_depend_on_names_or_order(observed: list[tuple[int, int]], seed: int) -> None:
    time, event = (np.array(one) for one in zip(*observed, strict=True))
    group = np.arange(time.size) % 2
    try:
        one = logrank(time=time, event=event, group=group)
    except NotEnoughData:
        return
    order = np.random.default_rng(seed).permutation(time.size)
    other = logrank(time=time[order], event=event[order], group=np.array(["z", "a"])[group[order]])
    assert other.chisq == pytest.approx(one.chisq, abs=1e-9)
    assert 0 <= one.p <= 1
    assert one.observed.sum() == pytest.approx(one.expected.sum())


def test_nobody_left_has_no_median() -> None:
    result = kaplan_meier(time=[3, 4], event=[0, 0])
    assert result.median is None
    assert result.survival.tolist() == [1, 1]
    with pytest.raises(NotEnoughData, match="cannot be compared"):
        logrank(time=[3, 4], event=[0, 0], group=["a", "b"])


def test_messages() -> None:
    with pytest.raises(ArgumentError, match=r"event must be 1 .* or 0 .*; got 2"):
        kaplan_meier(time=[1], event=[2])
    with pytest.raises(NotEnoughData, match="at least 2 different values; got 1"):
        logrank(time=[1, 2], event=[1, 1], group=["a", "a"])
