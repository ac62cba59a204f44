"""Interrupted time series: what an improvement did to the level and the slope of a series.

Question: after the change at this date, did the measure move beyond where it was heading?
Used by: step 9 (effect of each improvement), step 8.
Source: A. K. Wagner et al., Journal of Clinical Pharmacy and Therapeutics 27 (2002), 299-309 (segmented
regression); W. K. Newey and K. D. West (1987), and restricted likelihood of an autoregression (D. A.
Harville, JASA 72, 1977, 320-338), for the errors; J. Durbin and G. S. Watson (1950).
Checked against: R's lm and sandwich (tests/reference); statsmodels, coverage and power in the tests.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, fraction, one_of, real_array
from nonagon.methods.effects.regression import (
    Fit,
    automatic_lag,
    autoregressive,
    durbin_watson,
    fit,
    newey_west,
)

Errors = Literal["autoregressive", "newey_west_small_sample", "newey_west", "ols"]
ERRORS: tuple[Errors, ...] = ("autoregressive", "newey_west_small_sample", "newey_west", "ols")
TrendChange = Literal["ramp", "none"]


SHORT, LONG = 24, 80
MEMORY, STRONG_MEMORY = 0.4, 0.65
"""The description warns of series shorter than SHORT from MEMORY on, and than LONG from STRONG_MEMORY on."""


@dataclass(frozen=True, slots=True)
class InterruptedTimeSeries:
    """A segmented fit.

    names, coef: the coefficients (intercept, trend, level_change, slope_change, then season_2 ...); se: by
    the errors chosen; se_ols, se_newey_west, se_newey_west_small_sample: by each. level_change with low and
    high: the jump at the first observation after the change; slope_change with slope_low, slope_high (None
    without a ramp): change of slope a period; average_effect with average_low, average_high: mean difference
    from the counterfactual over the periods after. p_level: two-sided p-value of the jump. fitted,
    counterfactual: n each (the counterfactual equals the fit before the change); durbin_watson: of the
    residuals; autocorrelation: the share of its error that a period hands to the next, as estimated; lag:
    that of Newey and West; freedom: n minus coefficients.
    """

    y: Floats
    first_post: int
    names: tuple[str, ...]
    coef: Floats
    se: Floats
    se_ols: Floats
    se_newey_west: Floats
    se_newey_west_small_sample: Floats
    level_change: float
    low: float
    high: float
    p_level: float
    slope_change: float | None
    slope_low: float | None
    slope_high: float | None
    average_effect: float
    average_low: float
    average_high: float
    fitted: Floats
    counterfactual: Floats
    durbin_watson: float
    autocorrelation: float
    sigma: float
    lag: int
    freedom: int
    errors: Errors
    confidence: float

    @property
    def shown(self) -> bool:
        """Whether the average effect's interval leaves 0 out."""
        return self.average_low > 0 or self.average_high < 0

    def describe(self) -> str:
        """One sentence with the interval and its caveat, also when nothing was shown."""
        said = "moved by" if self.shown else "did not move beyond chance:"
        return (
            f"After the change the measure {said} {self.average_effect:+.3g} on average "
            f"({self.average_low:+.3g} to "
            f"{self.average_high:+.3g} with {self.confidence:.0%} confidence) against where it was heading, "
            "over "
            f"{len(self.y) - self.first_post} periods; whatever else happened at that date is in it too."
            f"{self._memory_words()}"
        )

    def _memory_words(self) -> str:
        # Where simulation found 95 percent intervals to hold less than 93 (see interrupted_time_series).
        n = len(self.y)
        if self.autocorrelation < (STRONG_MEMORY if n >= SHORT else MEMORY) or n >= LONG:
            return ""
        return (
            f" Periods go together (correlation {self.autocorrelation:.2f}) and are few: the interval is somewhat "
            "too narrow; wait for more periods."
        )


def interrupted_time_series(
    *,
    y: ArrayLike,
    first_post: int,
    lag: int | None = None,
    season: int | None = None,
    season_start: int = 0,
    left_out: int = 0,
    slope_change: TrendChange = "ramp",
    trend: bool = True,
    errors: Errors = "autoregressive",
    confidence: float = 0.95,
) -> InterruptedTimeSeries:
    """Level and slope change of an evenly spaced series at a known date.

    y: n values in order of time, one a period, no gaps. first_post: index, from 0, of the first value after
    the change; at least 2 values before and after (3 with a ramp to be of use). lag: how many neighbours'
    correlations the errors allow for; None for Newey and West's automatic choice. season: periods a year (12
    for months) for season dummies, or None; season_start: which season the first value is in, from 0.
    left_out: how many periods right before first_post are not in y, such as the one in which the change came;
    trend and seasons run on through them, the errors take the values on both sides for neighbours.
    slope_change: "ramp" adds max(0, t - first_post), "none" looks for a jump only. trend: whether the series
    had a trend of its own. errors: which standard errors the intervals use. "autoregressive" lets each period
    hand on a share of its error and is the default, since its 95 percent intervals covered 93 to 98 percent
    in simulated series of 24 to 160 periods in which up to 0.6 of an error is handed on, where Newey and West's
    covered 57 to 88; with 12 or 16 periods 97 to 99 for unrelated errors and 91 to 93 where 0.6 is handed on, and
    with 0.8 handed on 86 to 91 up to 24 periods and 94 to 97 from 48 on.
    "newey_west_small_sample" multiplies the variance of "newey_west" by n / (n - k), as R's sandwich does;
    "ols" takes errors as unrelated. Intervals use Student's t with n - k degrees of freedom. The coefficients
    are those of least squares with any.
    Assumes that nothing else happened at that date and that the trend would have gone on: look at a placebo
    date and a control series (`placebo_dates`, `diff_in_diff`).
    Raises ArgumentError for a date outside the series, NotEnoughData where periods are too few.

    >>> result = interrupted_time_series(y=[5, 6, 5, 6, 5, 6, 9, 8, 9, 8, 9, 8], first_post=6, slope_change="none",
    ...                                  trend=False, lag=1)
    >>> round(result.level_change, 3), bool(result.low > 2)
    (3.0, True)
    """
    series = real_array("y", y, ndim=1)
    fraction("confidence", confidence)
    one_of("errors", errors, ERRORS)
    one_of("slope_change", slope_change, ("ramp", "none"))
    n = len(series)
    _check_date(n, first_post)
    if left_out != int(left_out) or left_out < 0:
        raise ArgumentError(f"left_out must be a whole number of periods of at least 0; got {left_out!r}")
    time = np.arange(n) + int(left_out) * (np.arange(n) >= first_post)
    design, names = _design(time, first_post, season, season_start, slope_change, trend)
    model = fit(design, series, names)
    used = automatic_lag(model) if lag is None else _checked_lag(lag, n)
    plain = newey_west(model, used)
    remembering, memory = autoregressive(model)
    covariances: dict[Errors, Floats] = {
        "autoregressive": remembering,
        "ols": model.covariance,
        "newey_west": plain,
        "newey_west_small_sample": plain * n / model.freedom,
    }
    covariance = covariances[errors]
    t = float(special.stdtrit(model.freedom, (1 + confidence) / 2))
    jump = names.index("level_change")
    slope = names.index("slope_change") if "slope_change" in names else None
    change = np.zeros(len(names))
    change[jump] = 1.0
    if slope is not None:
        change[slope] = design[first_post:, slope].mean()
    ses = {name: _roots(matrix) for name, matrix in covariances.items()}
    level, half = float(model.coef[jump]), t * float(ses[errors][jump])
    average, average_half = (
        float(change @ model.coef),
        t * float(np.sqrt(max(0.0, float(change @ covariance @ change)))),
    )
    slope_value = None if slope is None else float(model.coef[slope])
    slope_half = 0.0 if slope is None else t * float(ses[errors][slope])
    return InterruptedTimeSeries(
        y=series,
        first_post=first_post,
        names=names,
        coef=model.coef,
        se=ses[errors],
        se_ols=ses["ols"],
        se_newey_west=ses["newey_west"],
        se_newey_west_small_sample=ses["newey_west_small_sample"],
        level_change=level,
        low=level - half,
        high=level + half,
        p_level=_p_value(level, float(ses[errors][jump]), model.freedom),
        slope_change=slope_value,
        slope_low=None if slope_value is None else slope_value - slope_half,
        slope_high=None if slope_value is None else slope_value + slope_half,
        average_effect=average,
        average_low=average - average_half,
        average_high=average + average_half,
        fitted=model.fitted,
        counterfactual=_counterfactual(model, names),
        durbin_watson=durbin_watson(model.residuals),
        autocorrelation=memory,
        sigma=float(np.sqrt(model.sigma2)),
        lag=used,
        freedom=model.freedom,
        errors=errors,
        confidence=confidence,
    )


def _check_date(n: int, first_post: int) -> None:
    if not isinstance(first_post, int | np.integer):
        raise ArgumentError(f"first_post must be a whole number (an index from 0); got {first_post!r}")
    if not 0 < first_post < n:
        raise ArgumentError(f"first_post must lie inside the series, from 1 to {n - 1}; got {first_post}")
    if first_post < 2 or n - first_post < 2:
        raise NotEnoughData(
            f"y needs at least 2 values before and after the change; got {first_post} and {n - first_post}"
        )


def _checked_lag(lag: int, n: int) -> int:
    if lag != int(lag) or not 0 <= lag < n:
        raise ArgumentError(f"lag must be a whole number from 0 to {n - 1}; got {lag!r}")
    return int(lag)


def _design(
    time: NDArray[np.int64],
    first_post: int,
    season: int | None,
    season_start: int,
    slope_change: TrendChange,
    trend: bool,
) -> tuple[Floats, tuple[str, ...]]:
    columns: dict[str, Floats] = {"intercept": np.ones(len(time))}
    if trend:
        columns["trend"] = np.asarray(time + 1, dtype=np.float64)
    columns["level_change"] = np.asarray(np.arange(len(time)) >= first_post, dtype=np.float64)
    if slope_change == "ramp":
        columns["slope_change"] = np.asarray(np.maximum(0.0, time - time[first_post]), dtype=np.float64)
    if season is not None:
        if season != int(season) or season < 2:
            raise ArgumentError(f"season must be a whole number of at least 2 periods; got {season!r}")
        position = (time + season_start) % int(season)
        columns |= {f"season_{s + 1}": (position == s).astype(np.float64) for s in range(1, int(season))}
    return np.stack(list(columns.values()), axis=1), tuple(columns)


def _counterfactual(model: Fit, names: tuple[str, ...]) -> Floats:
    kept = np.array([0.0 if name in {"level_change", "slope_change"} else 1.0 for name in names])
    return np.asarray(model.design @ (model.coef * kept))


def _roots(matrix: Floats) -> Floats:
    return np.sqrt(np.maximum(np.diag(matrix), 0.0))


def _p_value(value: float, se: float, freedom: float) -> float:
    if se == 0:
        return 1.0 if value == 0 else 0.0
    return float(2 * special.stdtr(freedom, -abs(value / se)))


@dataclass(frozen=True, slots=True)
class PlaceboDates:
    """The same analysis at dates when nothing was done.

    dates: indexes from 0; effects: level change at each, from values before the true change only; effect: at
    the true date; rank_p: share of placebo effects (with the true one) at least as large in size.
    """

    dates: NDArray[np.int64]
    effects: Floats
    standardised: Floats
    effect: float
    rank_p: float

    def describe(self) -> str:
        """One sentence with its caveat."""
        return (
            f"At {len(self.dates)} dates when nothing was done the jump was as large as at the true one (in "
            "standard "
            f"errors) with a share of {self.rank_p:.0%}; a small share speaks for the change."
        )


def placebo_dates(
    *,
    y: ArrayLike,
    first_post: int,
    least: int = 4,
    lag: int | None = None,
    slope_change: TrendChange = "none",
    trend: bool = True,
) -> PlaceboDates:
    """Jumps at dates before the true one, where there should be none.

    y, first_post, lag, slope_change, trend: as in `interrupted_time_series`. least: values kept on each side
    of a placebo date. Uses only values before the change. Raises NotEnoughData where no date fits.

    >>> series = [5, 6, 5, 6, 5, 6, 5, 6, 5, 6, 9, 8, 9, 8, 9, 8]
    >>> found = placebo_dates(y=series, first_post=10, trend=False)
    >>> found.dates.tolist(), bool(abs(found.effects).max() < 1)
    ([4, 5, 6], True)
    """
    series = real_array("y", y, ndim=1)
    dates = np.arange(least, first_post - least + 1)
    if not len(dates):
        raise NotEnoughData(
            f"first_post must leave at least {2 * least} values before it for a placebo date; got {first_post}"
        )
    true = interrupted_time_series(
        y=series, first_post=first_post, lag=lag, slope_change=slope_change, trend=trend
    )
    before = series[:first_post]
    found = [
        interrupted_time_series(y=before, first_post=int(date), lag=lag, slope_change=slope_change, trend=trend)
        for date in dates
    ]
    effects = np.array([one.level_change for one in found])
    sizes = np.array([_size(one) for one in found])
    as_large = int(np.sum(np.abs(sizes) >= abs(_size(true)))) + 1
    return PlaceboDates(dates, effects, sizes, true.level_change, as_large / (len(dates) + 1))


def _size(result: InterruptedTimeSeries) -> float:
    """The jump in standard errors; 0 where the series never varied."""
    se = float(result.se[result.names.index("level_change")])
    return result.level_change / se if se > 1e-12 * (abs(result.level_change) + result.sigma) else 0.0


@dataclass(frozen=True, slots=True)
class DetectableChange:
    """What a planned series can show: the smallest jump detected with chance `power`, in the series' own unit."""

    jump: float
    sigma: float
    autocorrelation: float
    n_before: int
    n_after: int
    power: float
    alpha: float

    def describe(self) -> str:
        """One sentence."""
        return (
            f"With {self.n_before} periods before and {self.n_after} after, a jump of {self.jump:.3g} would "
            "be found with "
            f"a chance of {self.power:.0%} (scatter {self.sigma:.3g}, neighbours' correlation "
            f"{self.autocorrelation:.2f})."
        )


def detectable_change(
    *,
    n_before: int,
    n_after: int,
    sigma: float,
    autocorrelation: float = 0.0,
    power: float = 0.8,
    alpha: float = 0.05,
    slope_change: TrendChange = "none",
    trend: bool = True,
) -> DetectableChange:
    """Smallest jump that a series of planned length detects: plan before the change.

    n_before, n_after: periods, at least 2 each. sigma: standard deviation of a period about its trend.
    autocorrelation: of neighbouring periods, above -1 and below 1. power, alpha: fractions of one.

    >>> plan = detectable_change(n_before=24, n_after=12, sigma=1.0, trend=False)
    >>> round(plan.jump, 2)
    1.02
    """
    fraction("power", power)
    fraction("alpha", alpha)
    if n_before < 2 or n_after < 2:
        raise NotEnoughData(f"n_before and n_after must be at least 2 periods; got {n_before} and {n_after}")
    if not (sigma > 0 and np.isfinite(sigma)):
        raise ArgumentError(f"sigma must be above 0; got {sigma!r}")
    if not -1 < autocorrelation < 1:
        raise ArgumentError(f"autocorrelation must lie between -1 and 1; got {autocorrelation!r}")
    n = n_before + n_after
    design, names = _design(np.arange(n), n_before, None, 0, slope_change, trend)
    apart = np.abs(np.subtract.outer(np.arange(n), np.arange(n))).astype(np.float64)
    covariance = sigma**2 * np.power(autocorrelation, apart)
    model = fit(design, np.zeros(n), names)
    meat = model.bread @ design.T @ covariance @ design @ model.bread
    jump = names.index("level_change")
    freedom = model.freedom
    needed = special.stdtrit(freedom, 1 - alpha / 2) + special.stdtrit(freedom, power)
    return DetectableChange(
        jump=float(needed * np.sqrt(meat[jump, jump])),
        sigma=sigma,
        autocorrelation=autocorrelation,
        n_before=n_before,
        n_after=n_after,
        power=power,
        alpha=alpha,
    )
