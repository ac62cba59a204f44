"""Is it rising or falling: a straight line through a series, with the interval of its slope.

Question: by how much a year does a share or a revenue change, and is that more than chance?
Used by: steps 2, 8 and 9.
Source: ordinary least squares on time, with dummies for the season where wanted; N. R. Draper, H. Smith,
Applied Regression Analysis (1998), chapters 1 and 14.
Checked against: scipy.stats.linregress, and coverage by simulation, in the tests.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, at_least, fraction, one_of, real_array

Scale = Literal["linear", "log"]
# Residuals below this share of the values are rounding, not scatter.
ROUNDING = 1e-12


@dataclass(frozen=True, slots=True)
class LinearTrend:
    """Trends of series: arrays with one value a series (or of shape () for a single one).

    change: change in a year; on the linear scale in the values' own unit, on the log scale as a share of the
    level (0.1 is ten percent growth a year); low, high: its interval with `confidence`; p: two-sided, that there
    is no trend. n: points of a series; season: periods in a season whose pattern was set aside, 1 for none.
    memory: correlation of neighbouring residuals; remembers: whether it is larger than chance gives in one of
    twenty series, so that the interval is too narrow.
    """

    change: Floats
    low: Floats
    high: Floats
    p: Floats
    memory: Floats
    remembers: NDArray[np.bool_]
    n: int
    scale: Scale
    season: int
    confidence: float

    def describe(self) -> str:
        """One sentence with the interval and its caveat."""
        form = "+.1%" if self.scale == "log" else "+.3g"
        caveat = "if the points scatter independently around a straight line"
        if self.change.size == 1:
            ends = f"{self.low.item():{form}} to {self.high.item():{form}}"
            return (
                f"Over {self.n} periods it changes by {self.change.item():{form}} a year "
                f"({self.confidence:.0%} interval {ends}), {caveat}.{self._memory_words()}"
            )
        shown = int(((self.low > 0) | (self.high < 0)).sum())
        return (
            f"Of {self.change.size} series {shown} rise or fall ({self.confidence:.0%} confidence each), {caveat}."
            f"{self._memory_words()}"
        )

    def _memory_words(self) -> str:
        many = int(np.count_nonzero(self.remembers))
        if not many:
            return ""
        if self.change.size == 1:
            return (
                f" They do not: neighbouring points go together (correlation {self.memory.item():.2f}), and the "
                "interval is too narrow."
            )
        return f" In {many} of them neighbouring points go together, and the interval is too narrow."


def linear_trend(
    *,
    values: ArrayLike,
    periods_per_year: float,
    scale: Scale = "linear",
    season: int = 1,
    confidence: float = 0.95,
) -> LinearTrend:
    """Yearly change of one or many series by a straight line.

    values: one series of n points a period apart, or series in rows (k x n); n at least 4, and at least
    season + 3. periods_per_year: such as 4 for quarters, above 0. scale: "linear" for shares and scores;
    "log" for amounts that grow by a share of themselves (all values above 0). season: number of periods in a
    season whose pattern is estimated and set aside (4 for quarters), 1 for none. confidence: of the
    intervals, a fraction between 0 and 1.
    Assumes that points scatter independently around the line; where good periods follow good ones the interval
    is too narrow (of 95 % intervals 86 % held the slope where 0.3 of an error is handed on, 69 % where 0.6 is;
    the description then says so), use `interrupted_time_series` with Newey-West errors then. Not for a series
    with a known break.
    Raises ArgumentError for a value outside its range, NotEnoughData for too few points.

    >>> result = linear_trend(values=[0.50, 0.49, 0.49, 0.47, 0.47, 0.46], periods_per_year=4)
    >>> round(float(result.change), 4), round(float(result.high), 4)
    (-0.032, -0.0201)
    """
    series = real_array("values", values)
    if series.ndim not in {1, 2}:
        raise ArgumentError(f"values must be one series or series in rows; got shape {series.shape}")
    at_least("periods_per_year", periods_per_year, 1e-9)
    one_of("scale", scale, ("linear", "log"))
    confidence = fraction("confidence", confidence)
    if season != int(season) or season < 1:
        raise ArgumentError(f"season must be a whole number of at least 1; got {season!r}")
    rows = np.atleast_2d(series)
    n = rows.shape[1]
    least = max(4, int(season) + 3)
    if n < least:
        raise NotEnoughData(f"a trend needs at least {least} points with season {season}; got {n}")
    if scale == "log" and np.any(rows <= 0):
        raise ArgumentError(f"values must be above 0 on the log scale; got {rows.min():g}")
    slope, se, df, residual = _slopes(np.log(rows) if scale == "log" else rows, periods_per_year, int(season))
    half = special.stdtrit(df, (1 + confidence) / 2) * se
    t = np.where(se > 0, slope / np.where(se > 0, se, 1.0), np.where(slope == 0, 0.0, np.sign(slope) * 1e12))
    ends = [slope, slope - half, slope + half]
    if scale == "log":
        ends = [np.expm1(one) for one in ends]
    shape = () if series.ndim == 1 else (len(rows),)
    change, low, high, p = (one.reshape(shape) for one in (*ends, 2 * special.stdtr(df, -np.abs(t))))
    memory = _memory(residual)
    return LinearTrend(
        change=change,
        low=low,
        high=high,
        p=p,
        memory=memory.reshape(shape),
        # The residuals' own correlation lies below 0 by about the coefficients over n, which this leaves standing:
        # the check errs by silence in short series rather than by alarm.
        remembers=(memory > special.ndtri(0.95) / np.sqrt(n)).reshape(shape),
        n=n,
        scale=scale,
        season=int(season),
        confidence=confidence,
    )


def _memory(residual: Floats) -> Floats:
    """Correlation of each series' neighbouring residuals; 0 where there are none."""
    together, alone = (residual[:, 1:] * residual[:, :-1]).sum(axis=1), (residual**2).sum(axis=1)
    return np.asarray(np.where(alone > 0, together / np.where(alone > 0, alone, 1.0), 0.0))


def _slopes(rows: Floats, periods_per_year: float, season: int) -> tuple[Floats, Floats, int, Floats]:
    """Slope a year, its standard error, the degrees of freedom and the residuals, for series in rows."""
    n = rows.shape[1]
    time = np.arange(n) / periods_per_year
    dummies = [(np.arange(n) % season == one).astype(np.float64) for one in range(1, season)]
    design = np.column_stack([np.ones(n), time - time.mean(), *dummies])
    inverse = np.linalg.inv(design.T @ design)
    coefficients = rows @ design @ inverse
    residual = rows - coefficients @ design.T
    df = n - design.shape[1]
    level = np.abs(rows).max(axis=1)
    spread = np.sqrt((residual**2).sum(axis=1) / df)
    spread = np.where(spread <= ROUNDING * np.maximum(level, 1e-300), 0.0, spread)
    slope = np.where(np.abs(coefficients[:, 1]) <= ROUNDING * level, 0.0, coefficients[:, 1])
    residual = np.where(spread[:, None] > 0, residual, 0.0)
    return slope, spread * np.sqrt(inverse[1, 1]), df, residual
