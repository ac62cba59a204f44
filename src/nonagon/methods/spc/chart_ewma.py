"""Has the level drifted a little: the chart of exponentially weighted moving averages.

Question: is there a small, lasting shift that single points do not show?
Used by: step 7, step 8.
Source: S. W. Roberts, "Control Chart Tests Based on Geometric Moving Averages", Technometrics 1 (1959),
239-250; J. M. Lucas, M. S. Saccucci, Technometrics 32 (1990), 1-12.
Checked against: NIST/SEMATECH e-Handbook 6.3.2.4 and R's qcc 2.7 (tests/reference).
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, at_least, one_of, real_array
from nonagon.methods.spc.chart_imr import D2
from nonagon.methods.spc.control_chart import ControlChart, Estimated, assemble
from nonagon.methods.spc.moving_filter import decaying_sum
from nonagon.methods.spc.phases import Phase, plan_phases
from nonagon.methods.spc.subgroups import ESTIMATORS, Estimator, Subgroups, read_subgroups, within_sigma

LIMITS = ("exact", "asymptotic")


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """What EWMA and CUSUM charts run on: one value a point, its subgroup size, and the subgroups if any.

    size: to be broadcast over the points: one without axes where all are equal.
    """

    value: Floats
    size: Floats
    groups: Subgroups | None

    def estimate(
        self, phase: Phase, target: float | None, sigma: float | None, estimator: Estimator, *, printed: bool
    ) -> Estimated:
        """Centre and standard deviation of single values from a phase, unless they are given for all charts."""
        value = self.value[..., phase.start : phase.stop]
        level = self._level(phase) if target is None else np.asarray(target, dtype=np.float64)
        if sigma is not None:
            return Estimated(level, np.asarray(sigma, dtype=np.float64))
        if self.groups is not None:
            part = self.groups.part(phase.start, phase.stop)
            return Estimated(level, within_sigma(part, estimator, printed=printed))
        if phase.points < 2:
            raise NotEnoughData(
                f"sigma from phase {phase.label!r} needs at least 2 points; it has {phase.points}: give sigma, or "
                "freeze another phase's limits with baseline"
            )
        return Estimated(level, np.asarray(np.abs(np.diff(value, axis=-1)).mean(axis=-1) / D2))

    def _level(self, phase: Phase) -> Floats:
        """Mean of all single values of a phase."""
        at = np.s_[..., phase.start : phase.stop]
        if self.size.ndim == 0:
            return np.asarray(self.value[at].mean(axis=-1))
        return np.asarray(np.sum(self.value[at] * self.size[at], axis=-1) / self.size[at].sum(axis=-1))


def read_readings(
    x: ArrayLike | None, subgroups: ArrayLike | Sequence[Sequence[float]] | None, sizes: ArrayLike | None
) -> Readings:
    """Single values or subgroups, whichever was given."""
    if (x is None) == (subgroups is None):
        raise ArgumentError("give the values in one way: x for single values, or subgroups")
    if subgroups is not None:
        groups = read_subgroups(subgroups, sizes)
        return Readings(groups.mean, groups.size_at_points, groups)
    values = real_array("x", x if x is not None else [])
    if values.ndim == 0 or values.shape[-1] == 0:
        raise NotEnoughData("x must hold at least one point; got none")
    return Readings(values, np.asarray(1.0), None)


def chart_ewma(
    *,
    x: ArrayLike | None = None,
    subgroups: ArrayLike | Sequence[Sequence[float]] | None = None,
    sizes: ArrayLike | None = None,
    weight: float = 0.2,
    target: float | None = None,
    sigma: float | None = None,
    sigma_estimator: Estimator = "uwave_r",
    limits: str = "exact",
    phases: Sequence[Hashable] | None = None,
    baseline: Hashable | Mapping[Hashable, Hashable] | None = None,
    restart: bool = True,
    width: float = 3.0,
    printed_constants: bool = False,
) -> ControlChart:
    """EWMA chart: z[t] = weight * x[t] + (1 - weight) * z[t - 1], z[0] = target.

    x: (points,) or (charts, points), or subgroups as in chart_xbar (then their means run). weight: lambda,
    more than 0 and at most 1; small weights find small shifts. target: where the chart starts and its centre,
    the phase's mean when not given; sigma: of single values, from moving ranges or within subgroups when not
    given. limits: "exact" widen over the first points as the variance of z does, "asymptotic" are constant.
    phases, baseline: see plan_phases; restart: whether the average starts anew at each phase or runs on.
    width: L, limits in standard errors of z.
    Assumes independent values. Run rules do not apply: the points depend on each other.
    Raises ArgumentError for values out of range, NotEnoughData where sigma cannot be estimated.

    >>> chart = chart_ewma(x=[52, 47, 53, 49.3], weight=0.3, target=50, sigma=2.0539, limits="asymptotic")
    >>> chart.statistic.round(3).tolist(), round(float(chart.ucl[0]), 3)
    ([50.6, 49.52, 50.564, 50.185], 52.588)
    """
    if not 0 < weight <= 1:
        raise ArgumentError(f"weight must be more than 0 and at most 1; got {weight!r}")
    if sigma is not None:
        at_least("sigma", sigma, 0)
    one_of("limits", limits, LIMITS)
    one_of("sigma_estimator", sigma_estimator, ESTIMATORS)
    readings = read_readings(x, subgroups, sizes)
    plan = plan_phases(points=readings.value.shape[-1], phases=phases, baseline=baseline)
    estimates = {
        at: readings.estimate(plan.phases[at], target, sigma, sigma_estimator, printed=printed_constants)
        for at in {phase.source for phase in plan.phases}
    }
    keep = 1 - weight
    stretches = _stretches(plan.phases, restart=restart)
    averages = [
        decaying_sum(readings.value[..., start:stop], keep, estimates[source].center, gain=weight)
        for start, stop, source in stretches
    ]
    if limits == "exact":
        shrink = _joined([_shrink(readings.size, weight, start, stop) for start, stop, _ in stretches])
    else:
        shrink = weight / (2 - weight) / readings.size
    return assemble(
        kind="EWMA",
        statistic=_joined(averages),
        plan=plan,
        estimate=lambda phase: estimates[plan.phases.index(phase)],
        at_points=lambda level, deviation: (level, deviation * np.sqrt(shrink)),
        width=width,
        variants={
            "weight": f"{weight:g}",
            "limits": limits,
            "restart": "at each phase" if restart else "runs on",
            "sigma": "given" if sigma is not None else sigma_estimator if readings.groups else "mean moving range",
        },
    )


def _shrink(size: Floats, weight: float, start: int, stop: int) -> Floats:
    """Variance of z over that of single values, for the points from start to stop (excluded).

    It follows the recursion of z: v[t] = (1 - w)^2 v[t - 1] + w^2 / n[t]; where all n are equal, a closed form.
    """
    keep = 1 - weight
    if size.ndim == 0:
        return np.asarray(weight / (2 - weight) * (1 - keep ** (2.0 * np.arange(1, stop - start + 1))) / size)
    return decaying_sum(weight**2 / size[..., start:stop], keep**2, 0.0)


def _joined(stretches: list[Floats]) -> Floats:
    return stretches[0] if len(stretches) == 1 else np.concatenate(stretches, axis=-1)


def _stretches(phases: tuple[Phase, ...], *, restart: bool) -> list[tuple[int, int, int]]:
    """Start, stop and source of each stretch over which the average runs without starting anew."""
    if restart:
        return [(phase.start, phase.stop, phase.source) for phase in phases]
    return [(0, phases[-1].stop, phases[0].source)]
