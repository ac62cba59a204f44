"""Interrupted time series: planted effects, statsmodels' errors, coverage, power and limits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.effects.interrupted_time_series import (
    detectable_change,
    interrupted_time_series,
    placebo_dates,
)
from nonagon.methods.effects.regression import fit, newey_west


def series(seed: int, n: int, date: int, jump: float, memory: float = 0.0) -> np.ndarray:
    random = np.random.default_rng(seed)
    noise = random.standard_normal(n + 50)
    for t in range(1, n + 50):
        noise[t] += memory * noise[t - 1]
    return 10 + 0.05 * np.arange(n) + jump * (np.arange(n) >= date) + noise[50:]


def test_planted_coefficients_without_noise() -> None:
    t = np.arange(40)
    y = 5 + 0.1 * (t + 1) + 2 * (t >= 25) + 0.3 * np.maximum(0, t - 25)
    result = interrupted_time_series(y=y, first_post=25, lag=2)
    assert result.coef == pytest.approx([5, 0.1, 2, 0.3])
    assert result.level_change == pytest.approx(2)
    assert result.slope_change == pytest.approx(0.3)
    # Mean of 2 + 0.3 (0 .. 14).
    assert result.average_effect == pytest.approx(2 + 0.3 * 7)
    assert result.counterfactual == pytest.approx(5 + 0.1 * (t + 1))
    seasonal = y + np.tile([0, 1, 2, 3], 10)
    with_season = interrupted_time_series(y=seasonal, first_post=25, season=4, lag=2)
    assert with_season.coef == pytest.approx([5, 0.1, 2, 0.3, 1, 2, 3])


@pytest.mark.parametrize("left_out", [1, 2])
def test_periods_left_out_keep_trend_and_seasons_in_place(left_out: int) -> None:
    """The periods before the change are not known, the coefficients are those of the whole calendar."""
    t = np.arange(40)
    y = 5 + 0.1 * (t + 1) + 2 * (t >= 25) + 0.3 * np.maximum(0, t - 25) + np.tile([0, 1, 2, 3], 10)
    known = np.delete(y, range(25 - left_out, 25))
    result = interrupted_time_series(y=known, first_post=25 - left_out, left_out=left_out, season=4)
    assert result.coef == pytest.approx([5, 0.1, 2, 0.3, 1, 2, 3])
    assert result.average_effect == pytest.approx(2 + 0.3 * 7)
    with pytest.raises(ArgumentError, match="left_out must be a whole number of periods of at least 0; got -1"):
        interrupted_time_series(y=known, first_post=10, left_out=-1)


@pytest.mark.parametrize("lag", [0, 1, 4])
def test_newey_west_matches_statsmodels(lag: int) -> None:
    """Independent computation: statsmodels' HAC covariance."""
    sm = pytest.importorskip("statsmodels.api")
    y = series(3, 60, 40, 1.0, 0.5)
    result = interrupted_time_series(y=y, first_post=40, lag=lag)
    t = np.arange(60)
    design = np.column_stack([np.ones(60), t + 1, t >= 40, np.maximum(0, t - 40)]).astype(float)
    model = sm.OLS(y, design).fit(cov_type="HAC", cov_kwds={"maxlags": lag, "use_correction": False})
    assert result.se_newey_west == pytest.approx(model.bse, rel=1e-9)
    small = sm.OLS(y, design).fit(cov_type="HAC", cov_kwds={"maxlags": lag, "use_correction": True})
    assert result.se_newey_west_small_sample == pytest.approx(small.bse, rel=1e-9)
    plain = sm.OLS(y, design).fit()
    assert result.se_ols == pytest.approx(plain.bse, rel=1e-9)
    assert result.durbin_watson == pytest.approx(sm.stats.durbin_watson(plain.resid))


def test_lag_nought_is_white() -> None:
    """With lag 0 Newey and West's is White's: (X'X)^-1 X' diag(e²) X (X'X)^-1."""
    random = np.random.default_rng(0)
    design = np.column_stack([np.ones(30), random.normal(size=30)])
    model = fit(design, random.normal(size=30), ("a", "b"))
    bread = np.linalg.inv(design.T @ design)
    white = bread @ (design.T * model.residuals**2) @ design @ bread
    assert newey_west(model, 0) == pytest.approx(white)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.1, 50), st.floats(-100, 100))
def test_scale_and_shift(seed: int, scale: float, shift: float) -> None:
    y = series(seed, 40, 22, 1.0)
    one = interrupted_time_series(y=y, first_post=22)
    other = interrupted_time_series(y=scale * y + shift, first_post=22)
    assert other.level_change == pytest.approx(scale * one.level_change, rel=1e-6, abs=1e-9)
    assert other.low == pytest.approx(scale * one.low, rel=1e-6, abs=1e-6)
    assert other.lag == one.lag
    assert other.durbin_watson == pytest.approx(one.durbin_watson, rel=1e-6)


def coverage(samples: int, n: int, memory: float) -> float:
    held = 0
    for seed in range(samples):
        result = interrupted_time_series(y=series(seed, n, n // 2, 1.5, memory), first_post=n // 2)
        held += result.average_low <= 1.5 <= result.average_high
    return held / samples


def test_interval_covers_small() -> None:
    assert 0.89 <= coverage(120, 80, 0.3) <= 0.99


@pytest.mark.slow
@pytest.mark.parametrize("memory", [0.0, 0.3, 0.6])
@pytest.mark.parametrize("n", [24, 80, 160])
def test_interval_covers(n: int, memory: float) -> None:
    """1,000 series each; the docstring's claim, within two standard errors of the share."""
    assert 0.916 <= coverage(1000, n, memory) <= 0.99


def test_autoregressive_errors_by_dense_matrices() -> None:
    """Independent computation: every share of the grid by full matrices."""
    from nonagon.methods.effects.regression import SHARES, autoregressive

    random = np.random.default_rng(4)
    n = 40
    design = np.column_stack([np.ones(n), np.arange(n), np.arange(n) >= 20]).astype(float)
    y = random.normal(size=n)
    model = fit(design, y, ("a", "b", "c"))
    found, share = autoregressive(model)
    total, weights = np.zeros((3, 3)), []
    parts = []
    for rho in SHARES:
        correlation = rho ** np.abs(np.subtract.outer(np.arange(n), np.arange(n))) / (1 - rho**2)
        inverse = np.linalg.inv(correlation)
        information = design.T @ inverse @ design
        left = y - design @ np.linalg.solve(information, design.T @ inverse @ y)
        variance = left @ inverse @ left / (n - 3)
        logdet = np.linalg.slogdet(correlation)[1] + np.linalg.slogdet(information)[1]
        weights.append(-0.5 * (logdet + (n - 3) * np.log(variance)))
        influence = model.bread @ design.T
        parts.append(variance * influence @ correlation @ influence.T)
    weight = np.exp(np.array(weights) - max(weights))
    weight /= weight.sum()
    total = np.einsum("g,gij->ij", weight, np.array(parts))
    assert found == pytest.approx(total, rel=1e-8)
    assert share == pytest.approx(weight @ SHARES)


def test_nothing_shown_is_said() -> None:
    quiet = interrupted_time_series(y=series(1, 60, 30, 0.0), first_post=30)
    assert not quiet.shown
    assert "did not move beyond chance" in quiet.describe()
    loud = interrupted_time_series(y=series(1, 60, 30, 5.0), first_post=30, slope_change="none")
    assert loud.shown
    assert loud.p_level < 1e-6


def test_placebo_dates_find_little_where_nothing_was() -> None:
    found = placebo_dates(y=series(2, 60, 40, 6.0), first_post=40)
    assert found.rank_p == pytest.approx(1 / (len(found.dates) + 1))
    assert np.all(np.abs(found.effects) < 4)
    assert "placebo" not in found.describe()
    with pytest.raises(NotEnoughData, match="placebo"):
        placebo_dates(y=series(2, 20, 5, 1.0), first_post=5)


def test_detectable_change_is_found_as_often_as_planned() -> None:
    plan = detectable_change(n_before=30, n_after=15, sigma=1.0, power=0.8)
    found = 0
    for seed in range(120):
        result = interrupted_time_series(
            y=series(seed, 45, 30, plan.jump), first_post=30, slope_change="none", errors="ols"
        )
        found += result.low > 0
    assert 0.68 <= found / 120 <= 0.92
    more_memory = detectable_change(n_before=30, n_after=15, sigma=1.0, autocorrelation=0.5)
    assert more_memory.jump > plan.jump
    assert "would be found" in plan.describe()


def test_limits_and_messages() -> None:
    flat = interrupted_time_series(y=[3.0] * 12, first_post=6)
    assert flat.level_change == pytest.approx(0)
    assert np.isfinite([flat.low, flat.high, flat.p_level, flat.durbin_watson]).all()
    with pytest.raises(ArgumentError, match="inside the series"):
        interrupted_time_series(y=[1, 2, 3], first_post=3)
    with pytest.raises(ArgumentError, match="whole number"):
        interrupted_time_series(y=[1, 2, 3], first_post=1.5)  # type: ignore[arg-type]
    with pytest.raises(NotEnoughData, match="at least 2 values before and after"):
        interrupted_time_series(y=[1, 2, 3, 4], first_post=1)
    with pytest.raises(NotEnoughData, match="can't tell 4 coefficients"):
        interrupted_time_series(y=[1, 2, 3, 4], first_post=2)
    with pytest.raises(ArgumentError, match="lag"):
        interrupted_time_series(y=series(0, 20, 10, 1), first_post=10, lag=20)
    with pytest.raises(ArgumentError, match="season"):
        interrupted_time_series(y=series(0, 20, 10, 1), first_post=10, season=1)
    with pytest.raises(ArgumentError, match="autocorrelation"):
        detectable_change(n_before=5, n_after=5, sigma=1, autocorrelation=1)
    with pytest.raises(ArgumentError, match="sigma"):
        detectable_change(n_before=5, n_after=5, sigma=0)
