"""Difference in differences: what an improvement did, against customers who did not get it.

Question: did those who got the improvement change more than those who did not?
Used by: step 9 (effect of each improvement on satisfaction and on sales).
Source: J. D. Angrist and J.-S. Pischke, Mostly Harmless Econometrics (2009), chapter 5; D. Card and A. B.
Krueger, American Economic Review 84 (1994), 772-793 (the worked example); R. M. Bell, D. F. McCaffrey, Survey
Methodology 28 (2002), 169-181 (bias of clustered errors with few units); B. L. Welch, Biometrika 34 (1947),
28-35 (degrees of freedom where both sides differ in scatter).
Checked against: R's lm and sandwich::vcovCL (tests/reference); the standard error of Welch for the units'
changes; coverage by simulation (tests/methods/effects/test_coverage_effects.py).
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, fraction, one_of, real_array, same_length
from nonagon.methods.effects.regression import Fit, clustered, fit

Labels = Sequence[Hashable] | ArrayLike
PanelErrors = Literal["cluster_adjusted", "cluster", "cluster_HC1", "ols"]
FEW_TREATED = 4
"""Below so many treated units the description warns."""


@dataclass(frozen=True, slots=True)
class DiffInDiff:
    """An effect with its interval.

    effect: change of the treated minus change of the control; se, low, high, p: None where only means were
    given. design: "means" (four means), "pooled" (regression on group, period and both) or "two_way" (fixed
    effects of unit and time). errors: "none", "independent", or one of those of `diff_in_diff_panel`; freedom of
    Student's t (clusters minus one for clustered errors but adjusted ones), None without an interval.
    treated_units: how many units got it, None where units are not known.
    """

    effect: float
    se: float | None
    low: float | None
    high: float | None
    p: float | None
    n: int | None
    clusters: int | None
    freedom: float | None
    design: Literal["means", "pooled", "two_way"]
    errors: Literal["none", "independent", "cluster_adjusted", "cluster", "cluster_HC1", "ols"]
    confidence: float
    treated_units: int | None = None

    @property
    def shown(self) -> bool:
        """Whether the interval leaves 0 out."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)

    def describe(self) -> str:
        """One sentence with the interval and its caveat, also when nothing was shown."""
        if self.low is None or self.high is None:
            return f"The treated changed by {self.effect:+.3g} more than the others; without counts no interval."
        said = "changed by" if self.shown else "are not shown to have changed more than the others:"
        return (
            f"Those who got it {said} {self.effect:+.3g} against the others ({self.low:+.3g} to "
            f"{self.high:+.3g} with "
            f"{self.confidence:.0%} confidence), if both would have moved alike without it.{self._few_words()}"
        )

    def _few_words(self) -> str:
        if self.treated_units is None or self.treated_units >= FEW_TREATED:
            return ""
        if self.treated_units == 1:
            return (
                " Only one unit got it: nothing shows how such a unit moves by itself, and the interval takes it "
                "to move like the others."
            )
        return (
            f" Only {self.treated_units} units got it, too few to show well how such units move by themselves: "
            "the interval is a rough one."
        )


def diff_in_diff(
    *,
    treat_pre: float,
    treat_post: float,
    control_pre: float,
    control_post: float,
    sd: ArrayLike | None = None,
    n: ArrayLike | None = None,
    confidence: float = 0.95,
) -> DiffInDiff:
    """Difference in differences from four means (different people in each cell).

    treat_pre, treat_post, control_pre, control_post: cell means, in that order. sd, n: the four standard
    deviations (at least 0) and numbers of answers (at least 2), or None for the effect alone. Independent
    cells; for panels of the same people use `diff_in_diff_panel`.

    >>> found = diff_in_diff(treat_pre=6.0, treat_post=7.0, control_pre=6.1, control_post=6.3,
    ...                      sd=[2, 2, 2, 2], n=[400] * 4)
    >>> round(found.effect, 2), round(found.se, 2)
    (0.8, 0.2)
    """
    means = real_array("means", [treat_pre, treat_post, control_pre, control_post])
    fraction("confidence", confidence)
    effect = float((means[1] - means[0]) - (means[3] - means[2]))
    if (sd is None) != (n is None):
        raise ArgumentError("give both sd and n, or neither; got one")
    if sd is None or n is None:
        return DiffInDiff(effect, None, None, None, None, None, None, None, "means", "none", confidence)
    deviations, counts = real_array("sd", sd, ndim=1), real_array("n", n, ndim=1)
    if len(deviations) != 4 or len(counts) != 4:
        raise ArgumentError(f"sd and n must hold the four cells; got {len(deviations)} and {len(counts)}")
    if np.any(deviations < 0):
        raise ArgumentError(f"sd must be at least 0; got {deviations.min():g}")
    if np.any(counts < 2):
        raise NotEnoughData(f"n must be at least 2 answers in each of the four cells; got {counts.min():g}")
    parts = deviations**2 / counts
    se = float(np.sqrt(parts.sum()))
    # Welch and Satterthwaite's degrees of freedom for four cells.
    freedom = float(parts.sum() ** 2 / np.sum(parts**2 / (counts - 1))) if se > 0 else float(counts.sum() - 4)
    return _with_interval(effect, se, freedom, int(counts.sum()), None, "means", "independent", confidence)


def diff_in_diff_panel(
    *,
    unit: Labels,
    time: Labels,
    treated: ArrayLike,
    post: ArrayLike,
    y: ArrayLike,
    fixed_effects: bool = True,
    errors: PanelErrors = "cluster_adjusted",
    confidence: float = 0.95,
) -> DiffInDiff:
    """Difference in differences from rows of a panel.

    unit, time: labels of n rows (who or which group; which period). treated: 1 for units that get it, else 0;
    post: 1 for periods after the start, else 0; y: n measurements. fixed_effects: a level for each unit and
    period ("two_way"), else the pooled regression on treated, post and their product. errors: clustered by
    unit. "cluster_adjusted", the default, takes off the bias that the clustered variance would have were the
    errors unrelated, and has Welch's degrees of freedom from the treated and the other units: few, where few
    units are treated and their part of the error is large.
    "cluster" and "cluster_HC1" have the factor G / (G - 1) times (n - 1) / (n - k) and G - 1 degrees of
    freedom; the first leaves the units' own levels out of k, since they lie within the clusters, the second
    counts them, as R's sandwich does with dummies, and is wider; or "ols".
    Coverage of 95 % intervals in simulation with errors that have a memory: adjusted 94 to 97 % with 4 or more
    units treated, also where their errors are three times as large as the others', where "cluster" covered 90 to
    93 % with a fifth of the units treated; with 2 or 3 treated it takes the fewer degrees of freedom of those seen
    and those were all units alike, which covers at least 94 % and is wide (98 % and more with 2).
    With a single treated unit nothing shows how such a unit moves: the interval takes it to move like the others.
    Raises ArgumentError for values other than 0 and 1, NotEnoughData where a cell is empty.

    >>> found = diff_in_diff_panel(unit=[1, 1, 2, 2, 3, 3, 4, 4], time=[0, 1] * 4, treated=[1] * 4 + [0] * 4,
    ...                            post=[0, 1] * 4, y=[5, 8, 6, 8, 5, 6, 7, 7])
    >>> round(found.effect, 6)
    2.0
    """
    values = real_array("y", y, ndim=1)
    fraction("confidence", confidence)
    got, after = _zeros_and_ones("treated", treated), _zeros_and_ones("post", post)
    units, times = _codes(unit), _codes(time)
    same_length(unit=units, time=times, treated=got, post=after, y=values)
    _check_cells(got, after)
    both = got * after
    if fixed_effects:
        model, taken = _within(np.column_stack([both]), values, units, times)
        place = 0
    else:
        names = ("intercept", "effect", "treated", "post")
        model, taken = fit(np.stack([np.ones(len(values)), both, got, after], axis=1), values, names), 0
        place = 1
    effect = float(model.coef[place])
    design: Literal["two_way", "pooled"] = "two_way" if fixed_effects else "pooled"
    if errors == "ols":
        freedom = _freedom(model, taken)
        se = float(np.sqrt(model.covariance[place, place] * model.freedom / freedom))
        return _with_interval(effect, se, freedom, len(values), None, design, "ols", confidence)
    one_of("errors", errors, ("cluster_adjusted", "cluster", "cluster_HC1", "ols"))
    if errors == "cluster_adjusted":
        se, left, groups = _adjusted(model, place, units, got)
        found = _with_interval(effect, se, left, len(values), groups, design, errors, confidence)
        return replace(found, treated_units=_treated(units, got))
    # One of the levels stands for the intercept, which lies within no cluster.
    counted = min(1, taken) if errors == "cluster" else taken
    covariance, groups = clustered(model, units, taken=counted)
    se = float(np.sqrt(max(0.0, covariance[place, place])))
    found = _with_interval(effect, se, groups - 1, len(values), groups, design, errors, confidence)
    return replace(found, treated_units=_treated(units, got))


def _within(columns: Floats, y: Floats, units: Floats, times: Floats) -> tuple[Fit, int]:
    """Least squares with a level for each unit and period, and how many coefficients the units' levels took.

    The units' levels are taken out by centring each unit (Frisch and Waugh), so that many units cost no
    columns.
    """
    codes = units.astype(np.intp)
    counts = np.bincount(codes)

    def centred(column: Floats) -> Floats:
        return np.asarray(column - (np.bincount(codes, weights=column) / counts)[codes])

    periods = [centred(dummy) for dummy in _dummies(times)]
    design = np.column_stack([*(centred(column) for column in columns.T), *periods])
    names = ("effect", *(f"period {i + 2}" for i in range(len(periods))))
    if len(y) <= len(counts) + design.shape[1]:
        raise NotEnoughData(f"{len(y)} rows can't tell {len(counts) + design.shape[1]} coefficients; add periods")
    return fit(design, centred(y), names), len(counts)


def _treated(units: Floats, got: Floats) -> int:
    return len(np.unique(units[got == 1]))


def _adjusted(model: Fit, place: int, units: Floats, got: Floats) -> tuple[float, float, int]:
    """Standard error, degrees of freedom and number of units.

    The coefficient's error is a sum of scores, one a unit. With residuals instead of unrelated errors the scores
    have the covariance diag(own) - U (X'X)^-1 U', whose diagonal shows by how much each squared score falls short.
    """
    codes = np.unique(units, return_inverse=True)[1]
    # The column less what the others explain of it, over its sum of squares, gives the coefficient.
    pick = model.design @ model.bread[:, place]
    own = np.bincount(codes, weights=pick**2)
    scores = np.bincount(codes, weights=pick * model.residuals)
    taken = np.stack([np.bincount(codes, weights=pick * column) for column in model.design.T], axis=1)
    each = ((taken @ model.bread) * taken).sum(axis=1)
    groups = len(own)
    if groups < 2:
        raise NotEnoughData("unit must name at least 2 units; got 1")
    left = own - each
    expected = float(left.sum())
    # With a single unit on each side all residuals are 0, and nothing shows how a unit moves.
    if expected <= 1e-9 * own.sum():
        return float(np.sqrt(scores @ scores)), float(groups - 1), groups
    # Each unit's squared score is set right by itself; where one unit alone is treated, its score is 0 and
    # those of the others must stand for it.
    alone = bool(np.any(left <= 1e-9 * own))
    scale = np.full(groups, own.sum() / expected) if alone else own / left
    parts = scale * scores**2
    treated = np.bincount(codes, weights=got) > 0
    freedom = _welch(np.asarray(parts, dtype=np.float64), treated)
    if 1 < min(np.count_nonzero(treated), np.count_nonzero(~treated)) < FEW_TREATED:
        # So few units do not show whether they scatter as the others do: the worse of what is seen and of alike.
        freedom = min(freedom, _welch(np.asarray(own, dtype=np.float64), treated))
    return float(np.sqrt(parts.sum())), freedom, groups


def _welch(parts: Floats, treated: NDArray[np.bool_]) -> float:
    """Welch's degrees of freedom for a variance that is a sum of parts, one a unit, of two kinds of units."""
    variances = np.array([parts[treated].sum(), parts[~treated].sum()])
    freedoms = np.array([np.count_nonzero(treated), np.count_nonzero(~treated)]) - 1.0
    shown = freedoms > 0
    weighed = float((variances[shown] ** 2 / freedoms[shown]).sum())
    # Where no unit moved by itself at all, there is nothing to weigh.
    return float(variances.sum() ** 2 / weighed) if weighed > 0 else float(max(1.0, len(parts) - 2))


def _freedom(model: Fit, taken: int) -> int:
    """Degrees of freedom left, when `taken` levels were centred out before the fit."""
    left = model.freedom - taken
    if left < 1:
        raise NotEnoughData("y needs more rows than the model has coefficients; add periods or units")
    return left


def _with_interval(
    effect: float,
    se: float,
    freedom: float,
    n: int,
    clusters: int | None,
    design: Literal["means", "pooled", "two_way"],
    errors: Literal["independent"] | PanelErrors,
    confidence: float,
) -> DiffInDiff:
    half = float(special.stdtrit(freedom, (1 + confidence) / 2)) * se
    p = float(2 * special.stdtr(freedom, -abs(effect) / se)) if se > 0 else float(effect == 0)
    return DiffInDiff(
        effect, se, effect - half, effect + half, p, n, clusters, freedom, design, errors, confidence
    )


def _zeros_and_ones(name: str, values: ArrayLike) -> Floats:
    array = real_array(name, values, ndim=1)
    if not np.all((array == 0) | (array == 1)):
        raise ArgumentError(f"{name} must hold 0 or 1; got {array[(array != 0) & (array != 1)][0]:g}")
    return array


def _codes(labels: Labels) -> Floats:
    return np.unique(np.asarray(labels), return_inverse=True)[1].astype(np.float64)


def _dummies(codes: Floats) -> list[Floats]:
    return [(codes == code).astype(np.float64) for code in np.unique(codes)[1:]]


def _check_cells(got: Floats, after: Floats) -> None:
    for name, mask in {
        "treated before": (got == 1) & (after == 0),
        "treated after": (got == 1) & (after == 1),
        "control before": (got == 0) & (after == 0),
        "control after": (got == 0) & (after == 1),
    }.items():
        if not mask.any():
            raise NotEnoughData(f"no rows are {name}: all four cells are needed")


@dataclass(frozen=True, slots=True)
class PreTrend:
    """Whether treated and control moved alike before the start.

    difference_in_trend: slope of the treated minus slope of the control a period, before the start; se, low,
    high, p; periods: how many before the start; placebo: the effect of pretending that the start was in the
    middle of them.
    """

    difference_in_trend: float
    se: float
    low: float
    high: float
    p: float
    periods: int
    placebo: DiffInDiff | None
    confidence: float

    def describe(self) -> str:
        """One sentence with its caveat."""
        said = "moved differently" if self.low > 0 or self.high < 0 else "are not shown to have moved differently"
        return (
            f"Before the start treated and control {said}: slopes apart by {self.difference_in_trend:+.3g} a "
            "period "
            f"({self.low:+.3g} to {self.high:+.3g} with {self.confidence:.0%} confidence); a wide interval "
            "shows "
            f"little either way."
        )


def pre_trend(
    *,
    unit: Labels,
    time: ArrayLike,
    treated: ArrayLike,
    post: ArrayLike,
    y: ArrayLike,
    confidence: float = 0.95,
) -> PreTrend:
    """Test of equal trends before the start, and the effect at a placebo date, from rows of a panel.

    time: numbers in order (periods); the rest as in `diff_in_diff_panel`. Errors "cluster_adjusted". Needs at
    least 2 periods before the start; 3 or more for a test worth its name (with 2 the placebo date is the
    second).

    >>> found = pre_trend(unit=[1] * 4 + [2] * 4 + [3] * 4 + [4] * 4, time=[0, 1, 2, 3] * 4,
    ...                   treated=[1] * 8 + [0] * 8, post=[0, 0, 0, 1] * 4,
    ...                   y=[1, 2, 3, 6, 2, 3, 4, 7, 1, 2, 3, 4, 3, 4, 5.1, 6])
    >>> round(found.difference_in_trend, 3), found.periods
    (-0.025, 3)
    """
    values, moment = real_array("y", y, ndim=1), real_array("time", time, ndim=1)
    fraction("confidence", confidence)
    got, after = _zeros_and_ones("treated", treated), _zeros_and_ones("post", post)
    units = _codes(unit)
    same_length(unit=units, time=moment, treated=got, post=after, y=values)
    _check_cells(got, after)
    before = after == 0
    periods = np.unique(moment[before])
    if len(periods) < 2:
        raise NotEnoughData(f"time must hold at least 2 periods before the start; got {len(periods)}")
    apart = (got * (moment - periods.mean()))[before]
    levels = _codes(units[before])
    model, _ = _within(np.column_stack([apart]), values[before], levels, moment[before])
    se, freedom, groups = _adjusted(model, 0, levels, got[before])
    slope = _with_interval(
        float(model.coef[0]), se, freedom, int(before.sum()), groups, "two_way", "cluster_adjusted", confidence
    )
    fake = (moment >= periods[len(periods) // 2]).astype(np.float64)
    placebo = diff_in_diff_panel(
        unit=units[before],
        time=moment[before],
        treated=got[before],
        post=fake[before],
        y=values[before],
        confidence=confidence,
    )
    return PreTrend(
        difference_in_trend=slope.effect,
        se=se,
        low=slope.low if slope.low is not None else slope.effect,
        high=slope.high if slope.high is not None else slope.effect,
        p=slope.p if slope.p is not None else 1.0,
        periods=len(periods),
        placebo=placebo,
        confidence=confidence,
    )
