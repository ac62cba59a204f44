"""Anhøj's rules: against a loop, the distribution-free error, phases, limits of the data."""

from itertools import groupby

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from nonagon.basics.errors import NotEnoughData
from nonagon.methods.spc.run_chart_anhoej import run_chart_anhoej


@settings(max_examples=100)
@given(x=st.lists(st.integers(0, 6), min_size=1, max_size=40))
def test_against_a_loop(x: list[int]) -> None:
    chart = run_chart_anhoej(x=x)
    sides = [value > np.median(x) for value in x if value != np.median(x)]
    lengths = [len(list(run)) for _, run in groupby(sides)]
    assert chart.n_useful[0] == len(sides)
    assert chart.longest_run[0] == max(lengths, default=0)
    assert chart.crossings[0] == max(len(lengths) - 1, 0)
    if sides:
        assert chart.longest_run_max[0] == round(np.log2(len(sides))) + 3
        assert chart.crossings_min[0] == stats.binom.ppf(0.05, len(sides) - 1, 0.5)


def test_all_on_the_median() -> None:
    chart = run_chart_anhoej(x=[4, 4, 4, 4])
    assert (int(chart.n_useful[0]), bool(chart.signal[0])) == (0, False)


def test_monotone_change_of_scale_changes_nothing() -> None:
    x = np.random.default_rng(1).normal(size=25)  # odd, so the median is a point
    one, other = run_chart_anhoej(x=x), run_chart_anhoej(x=np.exp(x))
    assert (one.longest_run, one.crossings, one.n_useful) == (other.longest_run, other.crossings, other.n_useful)


def test_stable_series_signal_in_few_cases() -> None:
    # Anhøj and Olesen (2014), figure 3: false signals of the two rules together lie between about 2 and 10 %.
    chart = run_chart_anhoej(x=np.random.default_rng(2).normal(size=(2000, 24)))
    assert 0.01 < chart.signal.mean() < 0.10
    assert "2000 run charts" in chart.describe()


def test_frozen_median_shows_the_shift() -> None:
    x = np.concatenate([np.random.default_rng(3).normal(size=20), np.random.default_rng(4).normal(3, 1, size=12)])
    labels = ["before"] * 20 + ["after"] * 12
    frozen = run_chart_anhoej(x=x, phases=labels, baseline="before")
    own = run_chart_anhoej(x=x, phases=labels)
    assert frozen.signal.tolist() == [False, True]
    assert not own.signal[1]
    assert frozen.median[0] == frozen.median[1]
    assert "after: longest run 12" in frozen.describe()


def test_many_equal_one_at_a_time() -> None:
    x = np.random.default_rng(5).integers(0, 5, size=(30, 21))
    together = run_chart_anhoej(x=x)
    for at, row in enumerate(x):
        alone = run_chart_anhoej(x=row)
        assert together.longest_run[at] == alone.longest_run
        assert together.signal[at] == alone.signal


def test_no_points() -> None:
    with pytest.raises(NotEnoughData, match="x needs at least 1"):
        run_chart_anhoej(x=[])
