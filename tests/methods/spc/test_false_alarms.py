"""False discoveries over many charts: held rates, power, limits of the data."""

import numpy as np
import pytest
from scipy import stats

from nonagon.basics.errors import ArgumentError
from nonagon.methods.spc.false_alarms import ADJUSTMENTS, false_alarms


def test_p_value_is_the_chance_of_the_farthest_point() -> None:
    x = np.random.default_rng(1).normal(size=(20_000, 25))
    found = false_alarms(x=x, center=0, standard_error=1)
    # p-values of stable charts are uniform.
    assert stats.kstest(found.p_value, "uniform").pvalue > 0.01
    assert found.beyond_three == pytest.approx(found.expected_by_chance, rel=0.06)


def rates(runs: int, seed: int, adjustment: str) -> tuple[float, float, float]:
    """Share of runs with a call when all are stable; share of false calls, and of shifted charts found."""
    random = np.random.default_rng(seed)
    any_call, false_share, found_share = [], [], []
    for _ in range(runs):
        x = random.normal(size=(100, 20))
        any_call.append(
            false_alarms(x=x, center=0, standard_error=1, rate=0.1, adjustment=adjustment).called.any()
        )
        x[:15, 10] += 5
        called = false_alarms(x=x, center=0, standard_error=1, rate=0.1, adjustment=adjustment).called
        false_share.append(called[15:].sum() / max(called.sum(), 1))
        found_share.append(called[:15].mean())
    return float(np.mean(any_call)), float(np.mean(false_share)), float(np.mean(found_share))


@pytest.mark.parametrize("adjustment", ADJUSTMENTS)
def test_false_calls_are_held_down(adjustment: str) -> None:
    any_call, false_share, found = rates(400, 2, adjustment)
    assert any_call <= 0.1 + 0.045  # three standard errors of 400 runs
    assert false_share <= 0.1 + 0.02
    assert found > 0.5


def test_few_degrees_of_freedom_make_fewer_calls() -> None:
    x = np.random.default_rng(3).normal(size=(50, 20))
    x[0, 5] = 6
    known = false_alarms(x=x, center=0, standard_error=1)
    estimated = false_alarms(x=x, center=0, standard_error=1, freedom=12)
    assert known.called[0]
    assert not estimated.called[0]
    assert np.all(estimated.p_value >= known.p_value)


def test_extreme_points_stay_finite() -> None:
    found = false_alarms(x=[[0.0, 1e200], [0.0, 0.0]], center=0, standard_error=1e-9)
    assert np.all(np.isfinite(found.adjusted))
    assert np.all(np.isfinite(found.distance))
    assert found.called.tolist() == [True, False]
    assert "2 charts" in found.describe()


def test_one_a_chart_and_one_a_point_agree() -> None:
    x = np.random.default_rng(4).normal(size=(6, 9))
    level, error = x.mean(axis=1), x.std(axis=1)
    one = false_alarms(x=x, center=level, standard_error=error)
    other = false_alarms(
        x=x, center=np.repeat(level[:, None], 9, axis=1), standard_error=np.repeat(error[:, None], 9, axis=1)
    )
    assert one.p_value.tolist() == other.p_value.tolist()


def test_messages() -> None:
    with pytest.raises(ArgumentError, match="standard_error must be more than 0; got 0"):
        false_alarms(x=[[1, 2]], center=0, standard_error=0)
    with pytest.raises(ArgumentError, match=r"rate must lie between 0 and 1.*got 5"):
        false_alarms(x=[[1, 2]], center=0, standard_error=1, rate=5)
    with pytest.raises(ArgumentError, match="center must be one number"):
        false_alarms(x=[[1, 2, 3]], center=[1, 2], standard_error=1)
