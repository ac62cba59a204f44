"""How willing are customers to recommend us: the net promoter score with its interval.

Question: what is the score, how far may the true one lie from it, and did it change between two waves?
Used by: steps 3, 8 and 9.
Source: B. Rocks, "Interval Estimation for the Net Promoter Score", The American Statistician 70 (2016),
365-372 (the adjusted Wald interval adds 3/4 promoter, 3/2 passive and 3/4 detractor); the score itself:
F. F. Reichheld, Harvard Business Review, December 2003. Weighted standard error: Taylor linearization.
Checked against: R's base arithmetic and survey::svymean (tests/reference), coverage by simulation.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, at_least, fraction, one_of, real_array, same_length

NpsInterval = Literal["adjusted_wald", "wald", "t"]
NPS_INTERVALS: tuple[NpsInterval, ...] = ("adjusted_wald", "wald", "t")

# Rocks (2016): the answers added before the interval is computed.
ADDED_PROMOTERS, ADDED_PASSIVES, ADDED_DETRACTORS = 0.75, 1.5, 0.75
ADDED = ADDED_PROMOTERS + ADDED_PASSIVES + ADDED_DETRACTORS


@dataclass(frozen=True, slots=True)
class Nps:
    """A net promoter score with its interval, in points from -100 to 100.

    promoters, passives, detractors: how many of each (weighted sums where answers were weighted);
    n: how many answered; n_effective: Kish's effective number (n without weights); design_effect: n /
    n_effective;
    variance: of one answer counted +1, 0, -1 (divisor n); se: Wald's standard error in points;
    se_unbiased: the same with divisor n - 1, None for a single answer; se_linearized: the survey
    standard error of a weighted score, None where single weights are not known;
    low, high: the interval in points by the named variant.
    """

    promoters: float
    passives: float
    detractors: float
    n: float
    n_effective: float
    design_effect: float
    nps: float
    variance: float
    se: float
    se_unbiased: float | None
    se_linearized: float | None
    low: float
    high: float
    confidence: float
    interval: NpsInterval

    def describe(self) -> str:
        """One sentence with the interval and its caveat."""
        return (
            f"The net promoter score is {self.nps:+.1f} from {self.n:g} answers; with {self.confidence:.0%} "
            f"confidence it lies between {self.low:+.1f} and {self.high:+.1f}, if those who answered are a "
            "random sample of those asked."
        )


@dataclass(frozen=True, slots=True)
class NpsByGroup:
    """Net promoter scores of many groups: arrays of one value a group, in points from -100 to 100."""

    n: Floats
    nps: Floats
    se: Floats
    low: Floats
    high: Floats
    confidence: float
    interval: NpsInterval

    def describe(self) -> str:
        """One sentence over all groups."""
        lowest = int(np.argmin(self.nps))
        return (
            f"Over {len(self.n)} groups the net promoter score goes from {self.nps.min():+.1f} to "
            f"{self.nps.max():+.1f}; the lowest has a {self.confidence:.0%} interval of "
            f"{self.low[lowest]:+.1f} to "
            f"{self.high[lowest]:+.1f}. Each interval holds for its own group, not for all at once."
        )


@dataclass(frozen=True, slots=True)
class NpsDifference:
    """Change of the net promoter score from an earlier group to a later one, in points."""

    earlier: Nps
    later: Nps
    difference: float
    se: float
    z: float | None
    p: float | None
    low: float
    high: float
    confidence: float
    interval: NpsInterval

    def describe(self) -> str:
        """One sentence with the interval and its caveat."""
        verdict = "a change was shown" if self.low > 0 or self.high < 0 else "no change was shown"
        return (
            f"The net promoter score moved by {self.difference:+.1f} points ({self.confidence:.0%} interval "
            f"{self.low:+.1f} to {self.high:+.1f}): {verdict}, if both groups are independent random samples."
        )


def nps(
    *,
    promoters: float,
    passives: float,
    detractors: float,
    confidence: float = 0.95,
    interval: NpsInterval = "adjusted_wald",
    n_effective: float | None = None,
    cap: bool = True,
) -> Nps:
    """Net promoter score from counts.

    promoters, passives, detractors: counts of at least 0 (answers 9-10, 7-8, 0-6), or sums of weights, and
    then n_effective is Kish's effective number of answers. confidence: a fraction between 0 and 1.
    interval: "adjusted_wald" (default: it covers as it says also for few answers and lopsided ones), "wald",
    or "t" (variance with divisor n - 1 and Student's t). cap: whether the interval's ends are held within
    -100 and 100. Scores are in points from -100 to 100.
    Assumes independent answers from a random sample; not for answers clustered in few groups: use
    `survey_mean` on +1, 0, -1 there.
    Raises ArgumentError for a value outside its range; NotEnoughData without an answer, or with fewer than
    two for "t".

    >>> result = nps(promoters=250, passives=150, detractors=100)
    >>> result.nps, round(result.low, 2), round(result.high, 2)
    (30.0, 23.0, 36.65)
    """
    counts = [
        at_least(name, value, 0)
        for name, value in (("promoters", promoters), ("passives", passives), ("detractors", detractors))
    ]
    total = sum(counts)
    if total == 0:
        raise NotEnoughData("promoters, passives and detractors are all 0: a score needs at least one answer")
    confidence = fraction("confidence", confidence)
    one_of("interval", interval, NPS_INTERVALS)
    effective = total if n_effective is None else _positive("n_effective", n_effective)
    _check_t(np.array([effective]), interval)
    score, variance, low, high = _interval(np.array(counts) * (effective / total), confidence, interval, cap=cap)
    return Nps(
        promoters=counts[0],
        passives=counts[1],
        detractors=counts[2],
        n=total,
        n_effective=effective,
        design_effect=total / effective,
        nps=float(score),
        variance=float(variance),
        se=100 * float(np.sqrt(variance / effective)),
        se_unbiased=100 * float(np.sqrt(variance / (effective - 1))) if effective > 1 else None,
        se_linearized=None,
        low=float(low),
        high=float(high),
        confidence=confidence,
        interval=interval,
    )


def nps_from_scores(
    *,
    scores: ArrayLike,
    weights: ArrayLike | None = None,
    confidence: float = 0.95,
    interval: NpsInterval = "adjusted_wald",
) -> Nps:
    """Net promoter score from answers 0 to 10, weighted where `weights` are given.

    scores: one answer a respondent, whole numbers from 0 to 10. weights: as many, more than 0; the interval
    then rests on Kish's effective number of answers, and `se_linearized` is the survey standard error. Other
    arguments, assumptions and errors as in `nps`.

    >>> nps_from_scores(scores=[10, 9, 8, 3]).nps
    25.0
    """
    answers = real_array("scores", scores, ndim=1)
    if np.any((answers < 0) | (answers > 10) | (answers != np.round(answers))):
        bad = answers[(answers < 0) | (answers > 10) | (answers != np.round(answers))][0]
        raise ArgumentError(f"scores must be whole numbers from 0 to 10; got {bad:g}; leave other codes out first")
    given = np.ones_like(answers) if weights is None else real_array("weights", weights, ndim=1)
    same_length(scores=answers, weights=given)
    if np.any(given <= 0):
        raise ArgumentError(f"weights must be more than 0; got {given.min():g}; leave such answers out first")
    signs = np.where(answers >= 9, 1.0, np.where(answers <= 6, -1.0, 0.0))
    sums = [float(given[signs == sign].sum()) for sign in (1.0, 0.0, -1.0)]
    effective = float(given.sum() ** 2 / (given**2).sum())
    from_counts = nps(
        promoters=sums[0],
        passives=sums[1],
        detractors=sums[2],
        confidence=confidence,
        interval=interval,
        n_effective=effective,
    )
    number = len(answers)
    return Nps(
        promoters=sums[0],
        passives=sums[1],
        detractors=sums[2],
        n=number,
        n_effective=effective,
        design_effect=number / effective,
        nps=from_counts.nps,
        variance=from_counts.variance,
        se=from_counts.se,
        se_unbiased=from_counts.se_unbiased,
        se_linearized=_linearized(signs, given) if number > 1 else None,
        low=from_counts.low,
        high=from_counts.high,
        confidence=confidence,
        interval=interval,
    )


def nps_by_group(
    *,
    promoters: ArrayLike,
    passives: ArrayLike,
    detractors: ArrayLike,
    confidence: float = 0.95,
    interval: NpsInterval = "adjusted_wald",
) -> NpsByGroup:
    """Net promoter scores of many groups at once.

    promoters, passives, detractors: equally long arrays of counts, one a group, each group with at least one
    answer. Other arguments, assumptions and errors as in `nps`.

    >>> result = nps_by_group(promoters=[250, 10], passives=[150, 5], detractors=[100, 5])
    >>> [float(score) for score in result.nps]
    [30.0, 25.0]
    """
    arrays = [
        _counts(name, values)
        for name, values in (("promoters", promoters), ("passives", passives), ("detractors", detractors))
    ]
    same_length(promoters=arrays[0], passives=arrays[1], detractors=arrays[2])
    n = arrays[0] + arrays[1] + arrays[2]
    if np.any(n == 0):
        raise NotEnoughData(
            f"group {int(np.flatnonzero(n == 0)[0])} (counted from 0) has no answer: leave empty groups out first"
        )
    confidence = fraction("confidence", confidence)
    one_of("interval", interval, NPS_INTERVALS)
    _check_t(n, interval)
    score, variance, low, high = _interval(np.stack(arrays), confidence, interval, cap=True)
    return NpsByGroup(
        n=n,
        nps=score,
        se=100 * np.sqrt(variance / n),
        low=low,
        high=high,
        confidence=confidence,
        interval=interval,
    )


def nps_difference(
    *, earlier: Nps, later: Nps, confidence: float = 0.95, interval: NpsInterval = "adjusted_wald"
) -> NpsDifference:
    """Change of the score between two independent groups, for example two waves: later minus earlier.

    earlier, later: results of `nps` or `nps_from_scores`. interval: "adjusted_wald" (each group gets the
    three added answers), "wald" (se, z and p are always Wald's), or "t" (Welch's). z and p (two-sided) are
    None where nobody varies in either group.
    Not for the same people asked twice: their answers depend on each other; use `composition` with panel data
    there.
    Raises ArgumentError for a value outside its range, NotEnoughData for "t" with a group of one.

    >>> first = nps(promoters=40, passives=40, detractors=20)
    >>> second = nps(promoters=60, passives=25, detractors=15)
    >>> change = nps_difference(earlier=first, later=second)
    >>> round(change.difference, 1), change.low > 0
    (25.0, True)
    """
    confidence = fraction("confidence", confidence)
    one_of("interval", interval, NPS_INTERVALS)
    difference = later.nps - earlier.nps
    se = float(np.hypot(earlier.se, later.se))
    z = difference / se if se > 0 else None
    low, high = _difference_bounds(earlier, later, confidence, interval)
    return NpsDifference(
        earlier=earlier,
        later=later,
        difference=difference,
        se=se,
        z=z,
        p=None if z is None else float(2 * special.ndtr(-abs(z))),
        low=max(-200.0, low),
        high=min(200.0, high),
        confidence=confidence,
        interval=interval,
    )


def _difference_bounds(earlier: Nps, later: Nps, confidence: float, interval: NpsInterval) -> tuple[float, float]:
    z = float(special.ndtri((1 + confidence) / 2))
    if interval == "wald":
        centre, half = later.nps - earlier.nps, z * float(np.hypot(earlier.se, later.se))
    elif interval == "t":
        _check_t(np.array([earlier.n_effective, later.n_effective]), interval)
        squares = np.array([(one.se_unbiased or 0.0) ** 2 for one in (earlier, later)])
        freedom = np.array([earlier.n_effective, later.n_effective]) - 1
        total = float(squares.sum())
        degrees = total**2 / float((squares**2 / freedom).sum()) if total > 0 else float(freedom.sum())
        centre = later.nps - earlier.nps
        half = float(special.stdtrit(degrees, (1 + confidence) / 2)) * float(np.sqrt(total))
    else:
        moved = [_adjusted(_effective_counts(one)) for one in (earlier, later)]
        centre = moved[1][0] - moved[0][0]
        half = z * float(np.sqrt(moved[0][1] + moved[1][1]))
    return centre - half, centre + half


def _effective_counts(one: Nps) -> tuple[float, float, float]:
    scale = one.n_effective / (one.promoters + one.passives + one.detractors)
    return one.promoters * scale, one.passives * scale, one.detractors * scale


def _adjusted(counts: tuple[float, float, float]) -> tuple[float, float]:
    """Score in points and its squared standard error after adding Rocks's three answers."""
    score, variance, n = _moments(
        counts[0] + ADDED_PROMOTERS, counts[1] + ADDED_PASSIVES, counts[2] + ADDED_DETRACTORS
    )
    return 100 * float(score), 1e4 * float(variance) / float(n)


def _moments(
    promoters: Floats | float, passives: Floats | float, detractors: Floats | float
) -> tuple[Floats, Floats, Floats]:
    """Mean and variance (divisor n) of answers counted +1, 0, -1, and their number."""
    n = np.asarray(promoters + passives + detractors, dtype=np.float64)
    mean = np.asarray((promoters - detractors) / n)
    variance = np.asarray((promoters + detractors) / n - mean**2)
    return mean, np.where(variance < 1e-14, 0.0, variance), n


def _interval(
    counts: Floats, confidence: float, interval: NpsInterval, *, cap: bool
) -> tuple[Floats, Floats, Floats, Floats]:
    """Score in points, variance of one answer, and the interval's ends in points; counts has three rows."""
    promoters, passives, detractors = counts
    mean, variance, n = _moments(promoters, passives, detractors)
    z = special.ndtri((1 + confidence) / 2)
    if interval == "adjusted_wald":
        centre, spread, enlarged = _moments(
            promoters + ADDED_PROMOTERS, passives + ADDED_PASSIVES, detractors + ADDED_DETRACTORS
        )
        half = z * np.sqrt(spread / enlarged)
    elif interval == "wald":
        centre, half = mean, z * np.sqrt(variance / n)
    else:
        centre, half = mean, special.stdtrit(n - 1, (1 + confidence) / 2) * np.sqrt(variance / (n - 1))
    low, high = 100 * (centre - half), 100 * (centre + half)
    if cap:
        low, high = np.maximum(low, -100.0), np.minimum(high, 100.0)
    return 100 * mean, variance, low, high


def _linearized(signs: Floats, weights: Floats) -> float:
    """Standard error in points of a weighted mean by Taylor linearization, respondents as clusters of one."""
    total, number = weights.sum(), len(signs)
    mean = (weights * signs).sum() / total
    return 100 * float(np.sqrt(number / (number - 1) * ((weights * (signs - mean)) ** 2).sum()) / total)


def _check_t(n: Floats, interval: NpsInterval) -> None:
    if interval == "t" and np.any(n <= 1):
        raise NotEnoughData(
            f"interval 't' needs more than one (effective) answer a group; got {n.min():g}; use 'adjusted_wald'"
        )


def _counts(name: str, values: ArrayLike) -> Floats:
    array = real_array(name, values, ndim=1)
    if np.any(array < 0):
        raise ArgumentError(f"{name} must be at least 0; got {array.min():g}")
    return array


def _positive(name: str, value: float) -> float:
    if not value > 0:
        raise ArgumentError(f"{name} must be more than 0; got {value!r}")
    return at_least(name, value, 0)
