"""What is the mean score, and how far may the true mean lie from it: means from sufficient statistics.

Question: what is the mean of each group's answers, and do two means differ?
Used by: steps 3, 5, 8 and 9, from counts, sums and sums of squares that a query computed where the data are.
Source: Student, Biometrika 6 (1908), 1-25; B. L. Welch, Biometrika 34 (1947), 28-35; effective number of
weighted
answers: L. Kish, Survey Sampling (1965), section 11.7.
Checked against: R's t.test (tests/reference through welch_t), coverage by simulation: 95 % intervals held 93 to
95 % for answers spread over the scale from 10 answers up; where three quarters gave the top answer 81 % with 10
answers, 90 % with 20, 91 % with 40 and 93.5 % from 100 on, since sums don't show skewness. With the answers
themselves at hand `survey_mean` allows for it (95 to 96 % from 20 on).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, fraction, real_array

FEW = 100
"""Below so many answers sums leave open whether the interval holds as often as it says: see `describe`."""
# Sums of squares lose digits by cancellation; a variance below this share of the mean square is rounding, not
# spread.
ROUNDING = 1e-13


@dataclass(frozen=True, slots=True)
class Mean:
    """Means of groups: arrays with one value a group (or of shape () for a single group).

    n_effective: Kish's effective number (n without weights); sd: standard deviation with divisor n - 1;
    se: standard error; low, high: Student's t interval with n_effective - 1 degrees of freedom.
    """

    n: Floats
    n_effective: Floats
    mean: Floats
    sd: Floats
    se: Floats
    low: Floats
    high: Floats
    confidence: float

    def describe(self) -> str:
        """One sentence with the interval and its caveat."""
        if self.mean.size == 1:
            return (
                f"The mean is {self.mean.item():.3g} from {self.n.item():g} answers; with "
                f"{self.confidence:.0%} confidence "
                f"it lies between {self.low.item():.3g} and {self.high.item():.3g}, if the answers are a "
                f"random sample.{self._few_words()}"
            )
        lowest = int(np.argmin(self.mean))
        return (
            f"Over {self.mean.size} groups the mean goes from {self.mean.min():.3g} to "
            f"{self.mean.max():.3g}; the lowest has a "
            f"{self.confidence:.0%} interval of {self.low.flat[lowest]:.3g} to {self.high.flat[lowest]:.3g}. "
            f"Each interval holds for its own group, not for all at once.{self._few_words()}"
        )

    def _few_words(self) -> str:
        if float(self.n_effective.min()) >= FEW:
            return ""
        return (
            f" With fewer than {FEW} answers it is too narrow where most of them stand at one end of the scale: "
            "with the answers themselves `survey_mean` allows for that."
        )


@dataclass(frozen=True, slots=True)
class MeanDifference:
    """Differences of means, one minus two: arrays with one value a pair (or of shape ()).

    t, df, p: Welch's statistic, his degrees of freedom and the two-sided p value; low, high: his interval.
    """

    one: Mean
    two: Mean
    difference: Floats
    se: Floats
    t: Floats
    df: Floats
    p: Floats
    low: Floats
    high: Floats
    confidence: float

    def describe(self) -> str:
        """One sentence with the interval and its caveat."""
        shown = (self.low > 0) | (self.high < 0)
        if self.difference.size == 1:
            verdict = "a difference was shown" if bool(shown.all()) else "no difference was shown"
            return (
                f"The means differ by {self.difference.item():+.3g} ({self.confidence:.0%} interval "
                f"{self.low.item():+.3g} to "
                f"{self.high.item():+.3g}): {verdict}, if both are independent random samples."
            )
        return (
            f"Of {self.difference.size} pairs of means, {int(shown.sum())} differ at {self.confidence:.0%} "
            "confidence each; "
            "among many pairs some do so by chance: adjust with `multiplicity`."
        )


def mean(
    *,
    n: ArrayLike,
    total: ArrayLike,
    total_of_squares: ArrayLike,
    total_of_weights: ArrayLike | None = None,
    total_of_squared_weights: ArrayLike | None = None,
    confidence: float = 0.95,
) -> Mean:
    """Means with t intervals from counts, sums and sums of squares, for many groups at once.

    n: number of answers a group, each at least 2; total: their sum; total_of_squares: the sum of their
    squares; all of one shape, or scalars. With weights w: total is sum(w x), total_of_squares is sum(w x^2),
    and total_of_weights = sum(w), total_of_squared_weights = sum(w^2) are given too; the interval then rests
    on Kish's effective number, which holds when the weights are unrelated to the answers within the sample
    (else use `survey_mean`).
    confidence: a fraction between 0 and 1. A group whose answers are all equal gets an interval of no width:
    read it as "no spread seen", not as certainty.
    Assumes independent answers from a random sample, and n large enough that the mean is near normal.
    Raises ArgumentError for a value outside its range, NotEnoughData naming the first group with fewer than 2
    (effective) answers.

    >>> result = mean(n=[4, 4], total=[10, 20], total_of_squares=[30, 104])
    >>> [float(one) for one in result.mean], [round(float(one), 3) for one in result.low]
    ([2.5, 5.0], [0.446, 3.163])
    """
    confidence = fraction("confidence", confidence)
    number = _numbers("n", n)
    sums = real_array("total", total)
    squares = real_array("total_of_squares", total_of_squares)
    if (total_of_weights is None) != (total_of_squared_weights is None):
        raise ArgumentError("total_of_weights and total_of_squared_weights go together; got only one of them")
    weights = number if total_of_weights is None else _numbers("total_of_weights", total_of_weights)
    squared = (
        number
        if total_of_squared_weights is None
        else _numbers("total_of_squared_weights", total_of_squared_weights)
    )
    _one_shape(n=number, total=sums, total_of_squares=squares, total_of_weights=weights, squared=squared)
    _enough(number, "answers")
    effective = np.where(squared > 0, weights**2 / np.where(squared > 0, squared, 1.0), 0.0)
    _enough(effective, "effective answers")
    centre = sums / weights
    mean_square = squares / weights
    variance = mean_square - centre**2
    if np.any(variance < -1e-9 * np.maximum(mean_square, 1e-300)):
        raise ArgumentError(
            f"total_of_squares must be at least total^2 / n; got {squares!r:.80} with total {sums!r:.80}; "
            "check the sums"
        )
    variance = np.where(variance <= ROUNDING * mean_square, 0.0, variance) * effective / (effective - 1)
    se = np.sqrt(variance / effective)
    half = special.stdtrit(effective - 1, (1 + confidence) / 2) * se
    return Mean(
        n=number,
        n_effective=np.asarray(effective),
        mean=np.asarray(centre),
        sd=np.asarray(np.sqrt(variance)),
        se=np.asarray(se),
        low=np.asarray(centre - half),
        high=np.asarray(centre + half),
        confidence=confidence,
    )


def mean_of(*, values: ArrayLike, weights: ArrayLike | None = None, confidence: float = 0.95) -> Mean:
    """Mean with t interval of one group's answers, weighted where weights (more than 0) are given.

    values: at least 2 finite numbers. Other arguments, assumptions and errors as in `mean`.

    >>> result = mean_of(values=[1, 2, 3, 4])
    >>> result.mean.item(), round(result.low.item(), 3)
    (2.5, 0.446)
    """
    x = real_array("values", values, ndim=1, least=2)
    w = np.ones_like(x) if weights is None else real_array("weights", weights, ndim=1)
    if w.shape != x.shape:
        raise ArgumentError(f"weights must be as many as values; got {w.size} for {x.size}")
    if np.any(w <= 0):
        raise ArgumentError(f"weights must be more than 0; got {w.min():g}")
    # Centred first, so that the sums of squares lose no digits.
    shift = float(x.mean())
    centred = x - shift
    moved = mean(
        n=float(x.size),
        total=float((w * centred).sum()),
        total_of_squares=float((w * centred**2).sum()),
        total_of_weights=float(w.sum()),
        total_of_squared_weights=float((w**2).sum()),
        confidence=confidence,
    )
    return Mean(
        n=moved.n,
        n_effective=moved.n_effective,
        mean=moved.mean + shift,
        sd=moved.sd,
        se=moved.se,
        low=moved.low + shift,
        high=moved.high + shift,
        confidence=moved.confidence,
    )


def mean_difference(*, one: Mean, two: Mean, confidence: float = 0.95) -> MeanDifference:
    """Difference of means, one minus two, with Welch's test and interval, for many pairs at once.

    one, two: results of `mean` of the same shape. confidence: a fraction between 0 and 1.
    Assumes two independent samples; for the same people asked twice, take `mean` of their differences.
    Raises ArgumentError for shapes that differ, NotEnoughData naming the first pair in which nobody varies.

    >>> here = mean(n=50, total=200, total_of_squares=850)
    >>> there = mean(n=60, total=210, total_of_squares=800)
    >>> result = mean_difference(one=here, two=there)
    >>> round(result.difference.item(), 2), round(result.p.item(), 4)
    (0.5, 0.0126)
    """
    confidence = fraction("confidence", confidence)
    if one.mean.shape != two.mean.shape:
        raise ArgumentError(f"one and two must be of one shape; got {one.mean.shape} and {two.mean.shape}")
    se = np.hypot(one.se, two.se)
    if np.any(se == 0):
        where = int(np.flatnonzero(np.ravel(se) == 0)[0])
        raise NotEnoughData(
            f"pair {where} (counted from 0): all answers of both groups are equal, so the difference has no "
            "standard error; "
            "show the two means without a test"
        )
    df = se**4 / (one.se**4 / (one.n_effective - 1) + two.se**4 / (two.n_effective - 1))
    difference = one.mean - two.mean
    t = difference / se
    half = special.stdtrit(df, (1 + confidence) / 2) * se
    return MeanDifference(
        one=one,
        two=two,
        difference=np.asarray(difference),
        se=np.asarray(se),
        t=np.asarray(t),
        df=np.asarray(df),
        p=np.asarray(2 * special.stdtr(df, -np.abs(t))),
        low=np.asarray(difference - half),
        high=np.asarray(difference + half),
        confidence=confidence,
    )


def _numbers(name: str, values: ArrayLike) -> Floats:
    array = real_array(name, values)
    if np.any(array < 0):
        raise ArgumentError(f"{name} must be at least 0; got {array.min():g}")
    return array


def _one_shape(**arrays: Floats) -> None:
    shapes = {name: array.shape for name, array in arrays.items()}
    if len(set(shapes.values())) > 1:
        raise ArgumentError(f"these must be of one shape; got {shapes}")


def _enough(number: Floats, what: str) -> None:
    # An effective number of one answer leaves no degree of freedom.
    few = np.ravel(number) <= 1
    if np.any(few):
        where = int(np.flatnonzero(few)[0])
        raise NotEnoughData(
            f"group {where} (counted from 0) has {np.ravel(number)[where]:g} {what}; a mean's interval needs "
            "at least 2; "
            "leave such groups out first"
        )
