"""Difference in differences: arithmetic, statsmodels' clustered errors, coverage, pre-trends and limits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.effects.diff_in_diff import diff_in_diff, diff_in_diff_panel, pre_trend

MEANS = {"treat_pre": 6.0, "treat_post": 7.0, "control_pre": 6.1, "control_post": 6.3}


def panel(
    seed: int, units: int = 20, periods: int = 6, effect: float = 1.0, drift: float = 0.0
) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    unit = np.repeat(np.arange(units), periods)
    time = np.tile(np.arange(periods), units)
    treated = (unit % 2 == 0).astype(float)
    post = (time >= periods // 2).astype(float)
    y = random.normal(size=units)[unit] + 0.3 * time + effect * treated * post + drift * treated * time
    return {"unit": unit, "time": time, "treated": treated, "post": post, "y": y + random.normal(size=len(unit))}


def test_four_means_by_hand() -> None:
    """(7 - 6) - (6.3 - 6.1) = 0.8; standard error the root of four times 2² / 400 = 0.2."""
    result = diff_in_diff(**MEANS, sd=[2, 2, 2, 2], n=[400] * 4)
    assert result.effect == pytest.approx(0.8)
    assert result.se == pytest.approx(0.2)
    assert result.freedom == pytest.approx(1596)
    bare = diff_in_diff(**MEANS)
    assert (bare.se, bare.low, bare.p) == (None, None, None)
    assert "no interval" in bare.describe()


def test_pooled_panel_equals_the_four_means() -> None:
    rows = panel(1)
    cells = {
        f"{who}_{when}": float(rows["y"][(rows["treated"] == t) & (rows["post"] == p)].mean())
        for who, t in (("treat", 1), ("control", 0))
        for when, p in (("pre", 0), ("post", 1))
    }
    pooled = diff_in_diff_panel(**rows, fixed_effects=False)
    assert pooled.effect == pytest.approx(diff_in_diff(**cells).effect)
    # A balanced panel: fixed effects give the same effect.
    assert diff_in_diff_panel(**rows).effect == pytest.approx(pooled.effect)


@pytest.mark.parametrize("fixed_effects", [False, True])
def test_clustered_errors_match_statsmodels(fixed_effects: bool) -> None:
    """Independent computation: statsmodels' cluster covariance with its small-sample factor, which is HC1's."""
    sm = pytest.importorskip("statsmodels.api")
    rows = panel(2)
    both = rows["treated"] * rows["post"]
    columns = [np.ones(len(both)), both]
    if fixed_effects:
        columns += [rows["unit"] == u for u in range(1, 20)] + [rows["time"] == t for t in range(1, 6)]
    else:
        columns += [rows["treated"], rows["post"]]
    design = np.column_stack(columns).astype(float)
    model = sm.OLS(rows["y"], design).fit(cov_type="cluster", cov_kwds={"groups": rows["unit"]})
    result = diff_in_diff_panel(**rows, fixed_effects=fixed_effects, errors="cluster_HC1")
    assert result.effect == pytest.approx(model.params[1])
    assert result.se == pytest.approx(model.bse[1], rel=1e-8)
    assert (result.clusters, result.freedom) == (20, 19)
    # Units' levels lie within the clusters: leaving them out of k only changes the factor.
    nested = diff_in_diff_panel(**rows, fixed_effects=fixed_effects, errors="cluster")
    counted = 1 + 1 + 5 if fixed_effects else 4
    assert nested.se == pytest.approx(result.se * np.sqrt((120 - design.shape[1]) / (120 - counted)))
    plain = diff_in_diff_panel(**rows, fixed_effects=fixed_effects, errors="ols")
    assert plain.se == pytest.approx(sm.OLS(rows["y"], design).fit().bse[1], rel=1e-8)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(-20, 20))
def test_order_labels_and_shift_change_nothing(seed: int, shift: int) -> None:
    rows = panel(seed, units=8, periods=4)
    one = diff_in_diff_panel(**rows)
    order = np.random.default_rng(seed).permutation(len(rows["y"]))
    mixed = {name: column[order] for name, column in rows.items()}
    mixed["unit"] = np.array([f"unit {u}" for u in mixed["unit"]])
    mixed["y"] = mixed["y"] + shift
    other = diff_in_diff_panel(**mixed)
    assert other.effect == pytest.approx(one.effect, abs=1e-8)
    assert other.se == pytest.approx(one.se, abs=1e-8)


def coverage(samples: int) -> float:
    held = 0
    for seed in range(samples):
        result = diff_in_diff_panel(**panel(seed, units=40))
        assert result.low is not None
        assert result.high is not None
        held += result.low <= 1 <= result.high
    return held / samples


def test_interval_covers_small() -> None:
    assert 0.89 <= coverage(200) <= 0.99


@pytest.mark.slow
def test_interval_covers() -> None:
    assert 0.93 <= coverage(1500) <= 0.97


def test_pre_trend_finds_a_drift_and_only_a_drift() -> None:
    drifting = pre_trend(**panel(3, units=40, periods=8, drift=0.8))
    assert drifting.low > 0
    assert drifting.difference_in_trend == pytest.approx(0.8, abs=0.3)
    assert "moved differently" in drifting.describe()
    assert drifting.placebo is not None
    assert drifting.placebo.shown
    found = [pre_trend(**panel(seed, units=30)).p < 0.05 for seed in range(60)]
    assert np.mean(found) <= 0.15


def test_limits_and_messages() -> None:
    rows = panel(0)
    with pytest.raises(ArgumentError, match="treated must hold 0 or 1; got 2"):
        diff_in_diff_panel(**rows | {"treated": rows["treated"] * 2})
    with pytest.raises(NotEnoughData, match="control before"):
        diff_in_diff_panel(**rows | {"treated": np.ones(120)})
    with pytest.raises(ArgumentError, match="both sd and n"):
        diff_in_diff(**MEANS, sd=[1, 1, 1, 1])
    with pytest.raises(NotEnoughData, match="at least 2 answers"):
        diff_in_diff(**MEANS, sd=[1, 1, 1, 1], n=[1, 5, 5, 5])
    with pytest.raises(NotEnoughData, match="2 periods before"):
        pre_trend(**panel(0, periods=2))
    flat = diff_in_diff(**dict.fromkeys(MEANS, 5.0), sd=[0, 0, 0, 0], n=[9] * 4)
    assert (flat.effect, flat.se, flat.p) == (0, 0, 1)
    assert not flat.shown
    assert "not shown" in flat.describe()
