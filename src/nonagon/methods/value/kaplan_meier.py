"""How long customers stay (or cases stay open) when many have not left yet.

Question: what share is still there after a given time, and do groups differ?
Used by: steps 1, 8 and 9.
Source: E. L. Kaplan, P. Meier, JASA 53 (1958), 457-481; M. Greenwood, Reports on Public Health 33 (1926);
N. Mantel, Cancer Chemotherapy Reports 50 (1966), 163-170 (log-rank); R. Brookmeyer, J. Crowley, Biometrics 38
(1982), 29-41 (interval of the median).
Checked against: R's survfit (tests/reference) and the printed figures of Freireich's leukaemia trial (tests).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg, special

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, at_least, fraction, real_array, same_length


@dataclass(frozen=True, slots=True)
class KaplanMeier:
    """Survival at each distinct time at which someone left or was last seen.

    at_risk, events: how many were still there just before, and how many left then. survival: share that stays
    longer. greenwood_se: its standard error, None where nobody is left (survival 0). low, high: interval on
    the complementary log-log scale, None where survival is 0 or 1. median: time by which half have left, with
    its interval; None where the curve or its limit does not come down to a half.
    """

    time: Floats
    at_risk: NDArray[np.int64]
    events: NDArray[np.int64]
    survival: Floats
    greenwood_se: tuple[float | None, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]
    median: float | None
    median_low: float | None
    median_high: float | None
    n: int
    confidence: float

    def survival_at(self, moment: float) -> float:
        """Share that stays longer than `moment`.

        >>> kaplan_meier(time=[1, 2, 3], event=[1, 0, 1]).survival_at(2.5)
        0.6666666666666667
        """
        place = int(np.searchsorted(self.time, moment, side="right"))
        return 1.0 if place == 0 else float(self.survival[place - 1])

    def describe(self) -> str:
        """One sentence with the median, its interval and caveat."""
        left = int(self.events.sum())
        if self.median is None:
            return (
                f"Of {self.n}, {left} left; more than half were still there at the end of the observation, "
                f"so the "
                "median stay cannot be stated; those last seen are assumed to go on like the others."
            )
        upper = "no upper limit" if self.median_high is None else f"{self.median_high:g}"
        lower = "no lower limit" if self.median_low is None else f"{self.median_low:g}"
        return (
            f"Half of {self.n} have left by {self.median:g} ({lower} to {upper} at {self.confidence:.0%}); "
            f"those "
            "last seen before are assumed to go on like the others."
        )


@dataclass(frozen=True, slots=True)
class Logrank:
    """Do groups leave at the same pace: chi-square, degrees of freedom and p-value of the log-rank test.

    groups: names; observed and expected: events in each group, and what equal pace would give.
    """

    groups: tuple[str, ...]
    observed: Floats
    expected: Floats
    chisq: float
    df: int
    p: float

    def describe(self) -> str:
        """One sentence with the p-value and its caveat."""
        return (
            f"The chance of a difference between {len(self.groups)} groups as large as this, were their pace "
            f"equal, is "
            f"{self.p:.3g}; a large chance does not prove equality, and crossing curves may hide a "
            f"difference."
        )


def kaplan_meier(*, time: ArrayLike, event: ArrayLike, confidence: float = 0.95) -> KaplanMeier:
    """The Kaplan-Meier estimate of staying.

    time: how long each was observed, 0 or more, in one unit. event: 1 where they left then, 0 where they were
    last seen then and may go on. confidence: of the intervals. Where the curve runs exactly at a half, the
    median is the middle of that stretch, as in R.
    Assumes that being last seen has nothing to do with being about to leave.
    Raises ArgumentError for events other than 0 and 1, NotEnoughData without observations.

    >>> result = kaplan_meier(time=[2, 3, 3, 5], event=[1, 1, 0, 1])
    >>> result.survival.tolist(), result.median
    ([0.75, 0.5, 0.0], 4.0)
    """
    confidence = fraction("confidence", confidence)
    moments, left = _observations(time, event)
    times, index = np.unique(moments, return_inverse=True)
    events = np.bincount(index, weights=left).astype(np.int64)
    at_risk = np.cumsum(np.bincount(index)[::-1])[::-1].astype(np.int64)
    survival: Floats = np.cumprod(1 - events / at_risk).astype(np.float64)
    remaining = at_risk - events
    terms = np.divide(events, at_risk * remaining, out=np.zeros(times.size), where=remaining > 0)
    spread: Floats = np.sqrt(np.cumsum(terms))
    somebody = survival > 0
    low, high = _interval(survival, spread, confidence)
    return KaplanMeier(
        time=times,
        at_risk=at_risk,
        events=events,
        survival=survival,
        greenwood_se=_only(survival * spread, somebody),
        low=_only(low, somebody & (survival < 1)),
        high=_only(high, somebody & (survival < 1)),
        median=_crossing(times, survival),
        median_low=_crossing(times, low),
        median_high=_crossing(times, high),
        n=moments.size,
        confidence=confidence,
    )


def logrank(*, time: ArrayLike, event: ArrayLike, group: Sequence[object] | ArrayLike) -> Logrank:
    """The log-rank test of equal survival in two groups or more.

    time, event: as for `kaplan_meier`. group: which group each belongs to.
    Not for curves that cross: the test looks at the difference over the whole time.
    Raises NotEnoughData with one group or where nobody left while others were there.

    >>> result = logrank(time=[1, 2, 3, 4], event=[1, 1, 1, 1], group=["a", "a", "b", "b"])
    >>> round(result.chisq, 4), result.df
    (2.8824, 1)
    """
    moments, left = _observations(time, event)
    names, member = np.unique(np.asarray(group), return_inverse=True)
    same_length(time=moments, group=member.tolist())
    if names.size < 2:
        raise NotEnoughData(f"group needs at least 2 different values; got {names.size}")
    times, index = np.unique(moments, return_inverse=True)
    shape = (times.size, names.size)
    leaving, events = np.zeros(shape), np.zeros(shape)
    np.add.at(leaving, (index, member), 1)
    np.add.at(events, (index, member), left)
    at_risk = np.cumsum(leaving[::-1], axis=0)[::-1]
    total, gone = at_risk.sum(axis=1), events.sum(axis=1)
    share = at_risk / total[:, None]
    expected = gone[:, None] * share
    # Hypergeometric variance of the events in each group at each time; nothing varies where one is left.
    factor = np.divide(gone * (total - gone), total - 1, out=np.zeros(times.size), where=total > 1)
    covariance = np.diag(factor @ share) - (factor[:, None] * share).T @ share
    difference = (events - expected).sum(axis=0)
    kept = expected.sum(axis=0) > 0
    df = int(kept.sum()) - 1
    if df < 1 or not np.any(factor > 0):
        raise NotEnoughData("nobody left while members of two groups were there, so their pace cannot be compared")
    some = np.flatnonzero(kept)[:-1]
    solved = linalg.lstsq(covariance[np.ix_(some, some)], difference[some])[0]
    chisq = float(difference[some] @ solved)
    return Logrank(
        groups=tuple(str(name) for name in names),
        observed=events.sum(axis=0),
        expected=expected.sum(axis=0),
        chisq=chisq,
        df=df,
        p=float(special.chdtrc(df, chisq)),
    )


def _observations(time: ArrayLike, event: ArrayLike) -> tuple[Floats, Floats]:
    moments, left = real_array("time", time, ndim=1), real_array("event", event, ndim=1)
    same_length(time=moments, event=left)
    at_least("time", float(moments.min()), 0)
    if not np.isin(left, (0, 1)).all():
        raise ArgumentError(f"event must be 1 (left) or 0 (last seen); got {left[~np.isin(left, (0, 1))][0]:g}")
    return moments, left


def _interval(survival: Floats, spread: Floats, confidence: float) -> tuple[Floats, Floats]:
    """Limits on the scale log(-log(survival)), which keeps them between 0 and 1; 1 where nobody left yet."""
    inside = (survival > 0) & (survival < 1)
    log = np.log(np.where(inside, survival, 0.5))
    half = special.ndtri((1 + confidence) / 2) * spread / np.abs(log)
    low = np.where(inside, np.exp(log * np.exp(half)), survival)
    high = np.where(inside, np.exp(log * np.exp(-half)), survival)
    return low, high


def _crossing(times: Floats, curve: Floats) -> float | None:
    """Where a falling curve first comes down to a half; the middle of a stretch that runs at a half."""
    tolerance = 1e-12
    down = np.flatnonzero(curve <= 0.5 + tolerance)
    if not down.size:
        return None
    first = int(down[0])
    below = np.flatnonzero(curve < 0.5 - tolerance)
    if abs(curve[first] - 0.5) <= tolerance and below.size:
        return float(times[first] + times[below[0]]) / 2
    return float(times[first])


def _only(values: Floats, where: NDArray[np.bool_]) -> tuple[float | None, ...]:
    return tuple(float(one) if known else None for one, known in zip(values, where, strict=True))
