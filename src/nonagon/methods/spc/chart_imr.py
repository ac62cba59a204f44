"""Is a process stable that gives one value at a time: charts of single values and moving ranges.

Question: which single values, and which steps from one to the next, are more than common variation?
Used by: step 7, step 9.
Source: ISO 7870-2; Montgomery, Introduction to Statistical Quality Control, section 6.4; the median moving
range: W. A. Levinson's and Minitab's variant of the same.
Checked against: NIST/SEMATECH e-Handbook 6.3.2.2 and R's qcc 2.7 (tests/reference).
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, one_of, real_array
from nonagon.methods.spc.control_chart import ControlChart, Estimated, assemble
from nonagon.methods.spc.phases import Phase, PhasePlan, plan_phases
from nonagon.methods.spc.spc_constants import mean_deviation, mean_range, spread_of_range
from nonagon.methods.spc.subgroups import freedom_of

SigmaRule = Literal["mean_moving_range", "median_moving_range", "standard_deviation"]
SIGMA_RULES: tuple[SigmaRule, ...] = ("mean_moving_range", "median_moving_range", "standard_deviation")
D2, D3 = float(mean_range(2)), float(spread_of_range(2))
# Median of |X - Y| / sigma for normal X, Y: the difference has standard deviation sqrt(2).
MEDIAN_RANGE = float(np.sqrt(2) * special.ndtri(0.75))


@dataclass(frozen=True, slots=True, eq=False)
class ImrCharts:
    """The chart of single values and that of moving ranges.

    mean_moving_range, median_moving_range: (..., phases), of each phase's own points; 0 where a phase has one.
    A moving range belongs to the later of its two points; none crosses from one phase to the next.
    """

    individuals: ControlChart
    moving_range: ControlChart
    sigma_rule: SigmaRule

    @property
    def mean_moving_range(self) -> Floats:
        """Mean moving range of each phase, (..., phases)."""
        return self._of_each_phase(np.mean)

    @property
    def median_moving_range(self) -> Floats:
        """Median moving range of each phase, (..., phases)."""
        return self._of_each_phase(np.median)

    def _of_each_phase(self, measure: Callable[..., Floats]) -> Floats:
        ranges, phase = self.moving_range.statistic, self.moving_range.phase_index
        columns = [
            measure(ranges[..., phase == row], axis=-1) if np.any(phase == row) else np.zeros(ranges.shape[:-1])
            for row in range(len(self.moving_range.phases))
        ]
        return np.stack(columns, axis=-1)

    def describe(self) -> str:
        """Both charts in two sentences."""
        return f"{self.individuals.describe()} {self.moving_range.describe()}"


def chart_imr(
    *,
    x: ArrayLike,
    sigma_rule: SigmaRule = "mean_moving_range",
    phases: Sequence[Hashable] | None = None,
    baseline: Hashable | Mapping[Hashable, Hashable] | None = None,
    center: float | None = None,
    sigma: float | None = None,
    width: float = 3.0,
) -> ImrCharts:
    """Charts of single values (I) and moving ranges of two (MR).

    x: (points,) or (charts, points) in order of time, any unit. sigma_rule: sigma from the mean moving range
    / d2, from the median moving range (holds against a few jumps), or from the standard deviation / c4 (only
    when the phase is known to be stable). phases, baseline: a label a point and whose limits count (see
    plan_phases). center, sigma: known values in place of estimates. width: limits in standard deviations.
    Assumes independent, roughly normal values; not for values that depend on the ones before.
    Raises NotEnoughData where limits must come from a phase of fewer than 2 points, ArgumentError otherwise.

    >>> charts = chart_imr(x=[49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1])
    >>> round(float(charts.individuals.ucl[0]), 2), round(float(charts.moving_range.ucl[0]), 2)
    (55.8, 6.13)
    """
    one_of("sigma_rule", sigma_rule, SIGMA_RULES)
    values = real_array("x", x)
    if values.ndim == 0 or values.shape[-1] == 0:
        raise NotEnoughData("x must hold at least one point; got none")
    if sigma is not None and not sigma > 0:
        raise ArgumentError(f"sigma must be more than 0; got {sigma!r}")
    plan = plan_phases(points=values.shape[-1], phases=phases, baseline=baseline)
    moving = np.abs(np.diff(values, axis=-1))
    deviations = {at: _sigma(values, moving, plan.phases[at], sigma_rule, sigma) for at in _sources(plan)}

    def of_values(phase: Phase) -> Estimated:
        part = values[..., phase.start : phase.stop]
        level = part.mean(axis=-1) if center is None else np.full(part.shape[:-1], center)
        return Estimated(level, deviations[plan.phases.index(phase)])

    def of_ranges(phase: Phase) -> Estimated:
        deviation = deviations[plan.phases.index(phase)]
        return Estimated(D2 * deviation, deviation)

    alone = len(plan.phases) == 1
    later = np.arange(1, plan.points) if alone else np.flatnonzero(np.arange(plan.points) > plan.first)
    variants: dict[str, str] = {"sigma": sigma_rule if sigma is None else "given"}
    return ImrCharts(
        individuals=assemble(
            kind="I", statistic=values, plan=plan, estimate=of_values, width=width, variants=variants
        ),
        moving_range=assemble(
            kind="MR",
            statistic=moving if alone else moving[..., later - 1],
            plan=plan,
            estimate=of_ranges,
            at_points=lambda level, deviation: (level, D3 * deviation),
            bounds=(0.0, np.inf),
            width=width,
            positions=later,
            variants=variants,
        ),
        sigma_rule=sigma_rule,
    )


def _sources(plan: PhasePlan) -> set[int]:
    return {phase.source for phase in plan.phases}


def _sigma(values: Floats, moving: Floats, phase: Phase, rule: SigmaRule, given: float | None) -> Floats:
    if given is not None:
        return np.full(values.shape[:-1], given)
    if phase.points < 2:
        raise NotEnoughData(
            f"limits from phase {phase.label!r} need at least 2 points; it has {phase.points}: wait for more, "
            "or freeze another phase's limits with baseline"
        )
    if rule == "standard_deviation":
        deviation = np.std(values[..., phase.start : phase.stop], axis=-1, ddof=1)
        return np.asarray(deviation / mean_deviation(phase.points))
    steps = moving[..., phase.start : phase.stop - 1]
    if rule == "median_moving_range":
        return np.asarray(np.median(steps, axis=-1) / MEDIAN_RANGE)
    return np.asarray(steps.mean(axis=-1) / D2)


def freedom_of_moving_ranges(points: int, rule: SigmaRule) -> float:
    """Degrees of freedom of a standard deviation that would scatter as much as this estimate from `points`.

    Neighbouring moving ranges share a value: U = x2 - x1 and V = x3 - x2 have correlation -1/2.

    >>> round(freedom_of_moving_ranges(1001, "mean_moving_range") / 1000, 2)
    0.61
    """
    ranges = points - 1
    if rule == "standard_deviation":
        return float(ranges)
    if rule == "mean_moving_range":
        # E|U||V| = (2 sd sd / pi) (sqrt(1 - r^2) + r asin r), with sd^2 = 2 and r = 1/2 by symmetry.
        together = 4 / np.pi * (np.sqrt(3) / 2 + np.pi / 12) - D2**2
        variance = (ranges * D3**2 + 2 * (ranges - 1) * together) / (ranges * D2) ** 2
    else:
        # Variance of a median: that of the share of ranges below it, over the squared density there.
        edge = special.ndtri(0.75)
        nodes, weights = np.polynomial.legendre.leggauss(40)
        z, root = edge * nodes, np.sqrt(0.75)
        inner = special.ndtr((edge - z / 2) / root) - special.ndtr((-edge - z / 2) / root)
        both = edge * float(weights @ (np.exp(-z * z / 2) * inner)) / np.sqrt(2 * np.pi)
        density = np.sqrt(2) * np.exp(-edge * edge / 2) / np.sqrt(2 * np.pi)
        share = (ranges / 4 + 2 * (ranges - 1) * (both - 0.25)) / ranges**2
        variance = share / (density * MEDIAN_RANGE) ** 2
    return float(freedom_of(np.asarray(variance)))
