"""How much of the measured variation comes from measuring: gauge R&R by analysis of variance.

Question: can the gauge tell parts apart, and is it the instrument or the people that scatter?
Used by: step 7 (before any control chart is trusted).
Source: AIAG, Measurement Systems Analysis, 4th edition (2010), chapter III section B; R. K. Burdick, C. M. Borror,
D. C. Montgomery, Journal of Quality Technology 35 (2003), 342-354.
Checked against: R's SixSigma 0.11.1 ss.rr (tests/reference).
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from nonagon.basics.errors import NotEnoughData
from nonagon.methods.checks import Floats, fraction
from nonagon.methods.measurement.study import read_study

CATEGORY_FACTOR = 1.41
"""AIAG's rounded square root of 2 in the number of distinct categories."""


@dataclass(frozen=True, slots=True)
class GaugeRrAnova:
    """Sums of squares, the test of the interaction, and components of variance (unit of y squared).

    interaction_kept: whether the interaction stayed in the model (p_interaction at most alpha_interaction, or
    always asked for); if not, its squares join the repeatability. f_interaction and p_interaction are None,
    with `reason`, for one operator or where repeated measurements are all alike. contribution_grr: share of
    the variance, study_variation_grr: share of the standard deviation, that measuring makes (fractions of
    one); low, high: its generalized confidence interval. ndc: number of distinct categories, at least 1.
    """

    parts: int
    operators: int
    trials: int
    ss_part: float
    ss_operator: float
    ss_interaction: float
    ss_repeatability: float
    f_interaction: float | None
    p_interaction: float | None
    interaction_kept: bool
    var_repeatability: float
    var_operator: float
    var_interaction: float
    var_reproducibility: float
    var_grr: float
    var_part: float
    var_total: float
    contribution_grr: float
    study_variation_grr: float
    low: float
    high: float
    confidence: float
    ndc: int
    alpha_interaction: float
    reason: str | None

    def describe(self) -> str:
        """One sentence with the share and its caveat."""
        interval = f"{self.confidence:.0%} interval {self.low:.1%} to {self.high:.1%}"
        size = f"{self.parts} parts, {self.operators} operators and {self.trials} trials"
        return (
            f"Measuring makes {self.study_variation_grr:.1%} of the study variation ({interval}; AIAG calls under "
            f"10% good and over 30% too much) and tells {self.ndc} categories apart; the {size} must stand for "
            "the process's own."
        )


@dataclass(frozen=True, slots=True)
class _Components:
    """Components of variance; numbers, or arrays of draws."""

    repeatability: Floats
    operator: Floats
    interaction: Floats
    part: Floats

    @property
    def reproducibility(self) -> Floats:
        return self.operator + self.interaction

    @property
    def grr(self) -> Floats:
        return self.repeatability + self.reproducibility

    @property
    def total(self) -> Floats:
        return self.grr + self.part


def gauge_rr_anova(
    *,
    part: Sequence[Hashable],
    operator: Sequence[Hashable],
    y: ArrayLike,
    alpha_interaction: float = 0.05,
    keep_interaction: bool | None = None,
    confidence: float = 0.95,
    draws: int = 20_000,
    seed: int = 0,
) -> GaugeRrAnova:
    """Gauge repeatability and reproducibility of a crossed, balanced study.

    part, operator, y: one entry a measurement, any order; every operator measures every part equally often, at
    least twice; at least 2 parts. With one operator only repeatability is split off. alpha_interaction: the
    interaction of parts and operators stays in the model when its p-value is at most this (0.05 as R's
    SixSigma, 0.25 as Minitab); keep_interaction: True or False decides it beforehand. Negative components are
    set to 0. confidence, draws, seed: of the interval, by the generalized pivotal quantities of each mean
    square.
    Assumes parts and operators drawn from those of the process, and normal effects. Not for destructive
    measurement.
    Raises ArgumentError for values out of range, NotEnoughData for an incomplete study or one in which all
    measurements agree.

    >>> result = gauge_rr_anova(
    ...     part=["a", "a", "a", "a", "b", "b", "b", "b", "c", "c", "c", "c"],
    ...     operator=["x", "x", "y", "y"] * 3,
    ...     y=[10.1, 10.2, 10.0, 10.2, 12.0, 12.1, 12.2, 12.1, 14.0, 14.2, 14.1, 13.9],
    ... )
    >>> result.interaction_kept, round(result.study_variation_grr, 3), result.ndc
    (False, 0.056, 25)
    """
    alpha = fraction("alpha_interaction", alpha_interaction, closed=True)
    confidence = fraction("confidence", confidence)
    study = read_study(part=part, operator=operator, y=y)
    a, b, n = study.values.shape
    squares = _sums_of_squares(study.values)
    freedom = np.array([a - 1, b - 1, (a - 1) * (b - 1), a * b * (n - 1)])
    if squares.sum() <= 0:
        raise NotEnoughData("all measurements are equal: there is no variation to split; measure finer")
    f_value, p_value, reason = _interaction_test(squares, freedom)
    kept = (p_value is not None and p_value <= alpha) if keep_interaction is None else keep_interaction
    kept = kept and b > 1
    if not kept:
        # The interaction's squares join the repeatability.
        pooled = np.array([squares[0], squares[1], 0.0, squares[2] + squares[3]])
        left = np.array([freedom[0], freedom[1], 0, freedom[2] + freedom[3]])
    else:
        pooled, left = squares, freedom
    means = np.divide(pooled, left, out=np.zeros(4), where=left > 0)
    found = _components(means[:, None], a, b, n, kept=kept)
    low, high = _interval(means, left, (a, b, n), kept, confidence, draws, seed)
    grr, total, between = float(found.grr[0]), float(found.total[0]), float(found.part[0])
    return GaugeRrAnova(
        parts=a,
        operators=b,
        trials=n,
        ss_part=float(squares[0]),
        ss_operator=float(squares[1]),
        ss_interaction=float(squares[2]),
        ss_repeatability=float(squares[3]),
        f_interaction=f_value,
        p_interaction=p_value,
        interaction_kept=kept,
        var_repeatability=float(found.repeatability[0]),
        var_operator=float(found.operator[0]),
        var_interaction=float(found.interaction[0]),
        var_reproducibility=float(found.reproducibility[0]),
        var_grr=grr,
        var_part=between,
        var_total=total,
        contribution_grr=grr / total,
        study_variation_grr=float(np.sqrt(grr / total)),
        low=low,
        high=high,
        confidence=confidence,
        ndc=distinct_categories(between, grr),
        alpha_interaction=alpha,
        reason=reason,
    )


def distinct_categories(var_part: float, var_grr: float) -> int:
    """1.41 times the ratio of the parts' to the gauge's standard deviation, cut to an integer of at least 1.

    A gauge without any variation tells all values apart; the count is then bounded by 10,000.

    >>> distinct_categories(4.0, 1.0)
    2
    """
    if var_grr <= 0:
        return 10_000
    return int(np.clip(np.floor(CATEGORY_FACTOR * np.sqrt(var_part / var_grr)), 1, 10_000))


def _sums_of_squares(values: Floats) -> Floats:
    """Of parts, operators, their interaction, and repeated measurements."""
    a, b, n = values.shape
    mean = values.mean()
    cells = values.mean(axis=2)
    parts, operators = cells.mean(axis=1), cells.mean(axis=0)
    mixed = cells - parts[:, None] - operators + mean
    return np.array(
        [
            b * n * np.sum((parts - mean) ** 2),
            a * n * np.sum((operators - mean) ** 2),
            n * np.sum(mixed**2),
            np.sum((values - cells[..., None]) ** 2),
        ]
    )


def _interaction_test(squares: Floats, freedom: Floats) -> tuple[float | None, float | None, str | None]:
    if freedom[2] == 0:
        return None, None, "with one operator there is no interaction"
    if squares[3] <= 0:
        return None, None, "repeated measurements are all alike, so the interaction cannot be tested"
    f_value = float((squares[2] / freedom[2]) / (squares[3] / freedom[3]))
    return f_value, float(special.fdtrc(freedom[2], freedom[3], f_value)), None


def _components(means: Floats, a: int, b: int, n: int, *, kept: bool) -> _Components:
    """From mean squares (4, draws), by their expectations in the random effects model."""
    part, operator, interaction, repeat = means
    error = interaction if kept else repeat
    zero = np.zeros_like(repeat)
    return _Components(
        repeatability=repeat,
        operator=np.maximum((operator - error) / (a * n), 0) if b > 1 else zero,
        interaction=np.maximum((interaction - repeat) / n, 0) if kept else zero,
        part=np.maximum((part - error) / (b * n), 0),
    )


def _interval(
    means: Floats,
    freedom: Floats,
    shape: tuple[int, int, int],
    kept: bool,
    confidence: float,
    draws: int,
    seed: int,
) -> tuple[float, float]:
    random = np.random.default_rng(seed)
    # A mean square times its degrees of freedom over its expectation is chi square: draw the expectation.
    expected = np.zeros((4, draws))
    for at in range(4):
        if freedom[at] > 0:
            expected[at] = means[at] * freedom[at] / random.chisquare(freedom[at], draws)
    found = _components(expected, *shape, kept=kept)
    ratio = np.sqrt(found.grr / np.maximum(found.total, np.finfo(float).tiny))
    low, high = np.quantile(ratio, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)
