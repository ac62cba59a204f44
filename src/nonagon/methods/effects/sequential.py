"""Early warning: a test of falling perception that may be looked at every day.

Question: has the customers' mean score fallen below the baseline, asked again each day without crying wolf?
Used by: step 8 (early warning), step 7 beside control charts.
Source: I. Waudby-Smith and A. Ramdas, Journal of the Royal Statistical Society B 86 (2024), 1-27 (betting and
empirical Bernstein supermartingales for bounded means); J. Ville (1939); J. Shin, A. Ramdas, A. Rinaldo, New
England Journal of Statistics in Data Science (2023) (restarts for a fall that comes later).
Checked against: simulation of daily looks (tests): the chance of ever warning falsely stays below alpha.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from nonagon.basics.errors import ArgumentError
from nonagon.methods.checks import Floats, at_least, fraction, real_array, same_length

# Bets from cautious to bold, as shares of the largest bet that can't lose everything.
BOLDNESS = np.geomspace(0.01, 0.9, 24)


@dataclass(frozen=True, slots=True)
class SequentialTest:
    """The state after each day.

    n, mean: answers so far and their mean, by day. evidence: the e-value by day: how many times over a bet
    against "the mean is at least the baseline" has been paid back; its running maximum passing 1 / alpha is
    the warning. p: anytime p-value by day (never rises). warned_on: index of the first day of warning, or
    None. upper: by day, the upper end of the mean's confidence sequence with 1 - alpha (from the first day
    on). method: "histogram" (each day's counts a score) or "sums" (n, sum and sum of squares a day).
    """

    baseline: float
    alpha: float
    n: Floats
    mean: Floats
    evidence: Floats
    p: Floats
    upper: Floats
    warned_on: int | None
    method: Literal["histogram", "sums"]

    @property
    def warned(self) -> bool:
        """Whether the warning was given on any day."""
        return self.warned_on is not None

    def describe(self) -> str:
        """One sentence with the caveat, also when nothing was shown."""
        if self.warned_on is not None:
            return (
                f"Perception fell below the baseline of {self.baseline:g}: warned on day "
                f"{self.warned_on + 1} of "
                f"{len(self.n)}; a false warning ever, however often one looks, has a chance of at most "
                f"{self.alpha:.0%}."
            )
        return (
            f"No fall below the baseline of {self.baseline:g} is shown after {len(self.n)} days and "
            f"{self.n[-1]:g} "
            f"answers (anytime p = {self.p[-1]:.2g}); the watch may go on and be looked at any day."
        )


def sequential_test(
    *,
    scores: ArrayLike,
    counts: ArrayLike,
    baseline: float,
    alpha: float = 0.05,
    restarts: bool = True,
) -> SequentialTest:
    """Watch for a fall of the mean score below the baseline, from each day's counts of each score.

    scores: the s possible scores (such as 0..10), at least two different ones. counts: days x s, how many
    gave each score that day; days without answers are rows of 0. baseline: the mean held so far or promised,
    above the lowest score and at most the highest; where it was estimated take the lower end of its interval,
    or luck in the baseline becomes a warning. alpha: the largest chance of ever warning falsely. restarts:
    also bet anew from each later day, so that a late fall is found soon after a long good time. The bets are
    fixed before the day, averaged over 24 sizes; the test holds for any distribution within the scores,
    whatever the number of looks and whenever one stops. Assumes that each day's customers, given the past,
    have a mean of at least the baseline when all is well: a sample whose mix changes breaks that.

    >>> days = [[0, 1, 2, 5, 4]] * 5 + [[6, 3, 2, 1, 0]] * 6
    >>> found = sequential_test(scores=[1, 2, 3, 4, 5], counts=days, baseline=4)
    >>> found.warned_on
    5
    """
    values = real_array("scores", scores, ndim=1, least=2)
    table = _days("counts", counts, len(values))
    low, high = float(values.min()), float(values.max())
    _check_baseline(baseline, low, high, alpha)
    # A bet b pays 1 + b (baseline - score) for each answer; the largest bet loses nearly all on the best
    # score.
    largest = 1 / (high - baseline) if high > baseline else 10 / (high - low)
    bets = BOLDNESS * largest
    gain = table @ np.log1p(np.outer(baseline - values, bets))
    n = table.sum(axis=1).cumsum()
    total = (table @ values).cumsum()
    squares = table @ values**2
    return _result(gain, n, total, squares, table.sum(axis=1), low, high, baseline, alpha, restarts, "histogram")


def sequential_test_of_sums(
    *,
    n: ArrayLike,
    total: ArrayLike,
    squares: ArrayLike,
    lowest: float,
    highest: float,
    baseline: float,
    alpha: float = 0.05,
    restarts: bool = True,
) -> SequentialTest:
    """The same from each day's number of answers, sum of scores and sum of squared scores.

    n, total, squares: one number a day (a day without answers has 0 in all). lowest, highest: bounds of the
    scale. The rest as in `sequential_test`. Needs more answers than with counts a score, since it must allow
    for any distribution with those sums.

    >>> found = sequential_test_of_sums(n=[30] * 20, total=[90] * 20, squares=[300] * 20, lowest=1, highest=5,
    ...                                 baseline=4)
    >>> found.warned
    True
    """
    answers = real_array("n", n, ndim=1)
    sums, second = real_array("total", total, ndim=1), real_array("squares", squares, ndim=1)
    same_length(n=answers, total=sums, squares=second)
    if np.any(answers < 0):
        raise ArgumentError(f"n must be at least 0 answers a day; got {answers.min():g}")
    if not highest > lowest:
        raise ArgumentError(f"highest must be above lowest ({lowest:g}); got {highest:g}")
    _check_baseline(baseline, lowest, highest, alpha)
    slack = 1e-9 * (1 + np.abs(sums))
    if np.any(sums < lowest * answers - slack) or np.any(sums > highest * answers + slack):
        raise ArgumentError(
            f"total must lie between n times {lowest:g} and n times {highest:g} each day; check the scale"
        )
    gain = _bernstein_gain(answers, sums, second, lowest, highest, baseline)
    return _result(
        gain, answers.cumsum(), sums.cumsum(), second, answers, lowest, highest, baseline, alpha, restarts, "sums"
    )


def _check_baseline(baseline: float, low: float, high: float, alpha: float) -> None:
    fraction("alpha", alpha)
    at_least("baseline", baseline, low)
    if not low < baseline <= high:
        raise ArgumentError(f"baseline must lie above {low:g} and at most at {high:g}; got {baseline!r}")


def _days(name: str, values: ArrayLike, width: int) -> Floats:
    table = real_array(name, values, ndim=2)
    if table.shape[1] != width or not len(table):
        raise ArgumentError(
            f"{name} must have one row a day and {width} columns, one a score; got shape {table.shape}"
        )
    if np.any(table < 0):
        raise ArgumentError(f"{name} must be at least 0; got {table.min():g}")
    return table


def _past_means(n: Floats, total: Floats, low: float, high: float) -> Floats:
    """The mean before each day, starting from the middle of the scale as one answer would."""
    before_n = np.concatenate([[0.0], n.cumsum()[:-1]])
    before_total = np.concatenate([[0.0], total.cumsum()[:-1]])
    return np.asarray((before_total + (low + high) / 2) / (before_n + 1))


def _bernstein_gain(n: Floats, total: Floats, squares: Floats, low: float, high: float, baseline: float) -> Floats:
    """Daily log-gain of each bet, by the empirical Bernstein supermartingale on the scale turned to 0..1.

    exp(sum of b (m - x) - psi(b) (x - guess)²) with psi(b) = -log(1 - b) - b and a guess from the days
    before.
    """
    width = high - low
    guess = _past_means(n, total, low, high)
    short = (n * baseline - total) / width
    scatter = (squares - 2 * guess * total + n * guess**2) / width**2
    psi = -np.log1p(-BOLDNESS) - BOLDNESS
    return np.asarray(np.outer(short, BOLDNESS) - np.outer(np.maximum(scatter, 0.0), psi))


def _result(
    gain: Floats,
    n: Floats,
    total: Floats,
    squares: Floats,
    day_n: Floats,
    low: float,
    high: float,
    baseline: float,
    alpha: float,
    restarts: bool,
    method: Literal["histogram", "sums"],
) -> SequentialTest:
    evidence = np.exp(np.minimum(_log_evidence(gain, restarts), 700.0))
    p = np.minimum(1.0, 1 / np.maximum(np.maximum.accumulate(evidence), 1e-300))
    hits = np.flatnonzero(evidence >= 1 / alpha)
    day_total = np.diff(total, prepend=0.0)
    mean = np.where(n > 0, total / np.maximum(n, 1e-300), (low + high) / 2)
    return SequentialTest(
        baseline=float(baseline),
        alpha=alpha,
        n=n,
        mean=mean,
        evidence=evidence,
        p=p,
        upper=_upper_sequence(day_n, day_total, squares, low, high, alpha),
        warned_on=int(hits[0]) if len(hits) else None,
        method=method,
    )


def _log_evidence(gain: Floats, restarts: bool) -> Floats:
    """Log of the average wealth over bet sizes, and over starting days with shares that sum to at most 1."""
    wealth = np.cumsum(gain, axis=0)
    if not restarts:
        return np.asarray(special.logsumexp(wealth, axis=1) - np.log(gain.shape[1]))
    days = len(gain)
    day = np.arange(1, days + 1)
    # Half of the stake bets from the first day; the other half is shared over later starts as 1 / (j (j +
    # 1)).
    share = 0.5 / (day * (day + 1.0))
    share[0] += 0.5
    before = np.vstack([np.zeros(gain.shape[1]), wealth[:-1]])
    started = np.logaddexp.accumulate(np.log(share)[:, None] - before, axis=0) + wealth
    average = special.logsumexp(started, axis=1) - np.log(gain.shape[1])
    # What has not started yet lies idle: 1 minus the shares so far.
    idle = 0.5 / (day + 1.0)
    return np.asarray(np.logaddexp(average, np.log(idle)))


def _upper_sequence(n: Floats, total: Floats, squares: Floats, low: float, high: float, alpha: float) -> Floats:
    """Upper ends of the mean's confidence sequence: the smallest baseline refuted so far, by the Bernstein bets.

    Each bet size b refutes every mean m with b (n m - total) - psi(b) scatter >= log(24 / alpha); the union
    over the 24 sizes costs the log 24.
    """
    width = high - low
    guess = _past_means(n, total, low, high)
    scatter = np.maximum(squares - 2 * guess * total + n * guess**2, 0.0).cumsum() / width**2
    psi = -np.log1p(-BOLDNESS) - BOLDNESS
    so_far = n.cumsum()
    shortfall = (np.outer(scatter, psi) + np.log(len(BOLDNESS) / alpha)) / BOLDNESS
    with np.errstate(divide="ignore", invalid="ignore"):
        bound = (total.cumsum()[:, None] + width * shortfall) / so_far[:, None]
    best = np.where(so_far > 0, bound.min(axis=1), high)
    return np.asarray(np.minimum.accumulate(np.minimum(best, high)))
