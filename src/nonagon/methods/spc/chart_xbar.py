"""Is the level of a process stable: charts of subgroup means, ranges and standard deviations.

Question: which subgroups' mean or spread does the process's own variation not explain?
Used by: step 7.
Source: W. A. Shewhart (1931); ISO 7870-2; Montgomery, Introduction to Statistical Quality Control, chapter 6.
Checked against: R's qcc 2.7 (tests/reference).
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from nonagon.methods.checks import Floats, one_of
from nonagon.methods.spc.control_chart import ControlChart, Estimated, assemble
from nonagon.methods.spc.phases import Phase, PhasePlan, plan_phases
from nonagon.methods.spc.spc_constants import mean_deviation, mean_range, spread_of_range
from nonagon.methods.spc.subgroups import ESTIMATORS, Estimator, Subgroups, read_subgroups, within_sigma

CENTER_RULES = ("weighted", "per_point")


@dataclass(frozen=True, slots=True, eq=False)
class MeanAndSpread:
    """The chart of means and the chart of ranges or standard deviations that belongs to it."""

    mean: ControlChart
    spread: ControlChart

    def describe(self) -> str:
        """Both charts in two sentences; the spread first, since its limits carry those of the means."""
        return f"{self.spread.describe()} {self.mean.describe()}"


def chart_xbar(
    *,
    subgroups: ArrayLike | Sequence[Sequence[float]],
    sizes: ArrayLike | None = None,
    sigma_estimator: Estimator = "uwave_r",
    phases: Sequence[Hashable] | None = None,
    baseline: Hashable | Mapping[Hashable, Hashable] | None = None,
    center: float | None = None,
    sigma: float | None = None,
    width: float = 3.0,
    printed_constants: bool = False,
) -> ControlChart:
    """Chart of subgroup means.

    subgroups: one sequence a subgroup (at least 2 values each; sizes may differ), or an array
    (subgroups, values) or (charts, subgroups, values). sizes: with an array, how many of each subgroup's
    first values count. sigma_estimator: how sigma is taken from within the subgroups (see sigma_within).
    phases, baseline: a label a subgroup and whose limits count (see plan_phases). center, sigma: known values
    in place of estimates. width: limits in standard errors. printed_constants: see sigma_within.
    The centre is the mean of all values of the phase. Assumes independent subgroups; not for values that
    depend on the ones before (they give too many signals).
    Raises NotEnoughData for a subgroup of fewer than 2 values, ArgumentError for values out of range.

    >>> chart = chart_xbar(subgroups=[[5, 7], [6, 6], [4, 6], [9, 11]])
    >>> float(chart.center[0]), chart.above.tolist()
    (6.75, [False, False, False, True])
    """
    one_of("sigma_estimator", sigma_estimator, ESTIMATORS)
    groups = read_subgroups(subgroups, sizes)
    plan = plan_phases(points=groups.count, phases=phases, baseline=baseline)
    return _mean_chart(_within(groups, plan, sigma_estimator, printed_constants, sigma), width, center)


def chart_r(
    *,
    subgroups: ArrayLike | Sequence[Sequence[float]],
    sizes: ArrayLike | None = None,
    sigma_estimator: Estimator = "uwave_r",
    center_rule: str = "weighted",
    phases: Sequence[Hashable] | None = None,
    baseline: Hashable | Mapping[Hashable, Hashable] | None = None,
    width: float = 3.0,
    printed_constants: bool = False,
) -> ControlChart:
    """Chart of subgroup ranges.

    Arguments as in chart_xbar. center_rule: where sizes differ, "weighted" draws one centre, the mean range
    weighted by size (as R's qcc does); "per_point" draws d2(n) * sigma, the range to expect at each size.

    >>> chart = chart_r(subgroups=[[5, 7], [6, 6], [4, 6], [9, 11]])
    >>> float(chart.center[0]), round(float(chart.ucl[0]), 3)
    (1.5, 4.9)
    """
    one_of("sigma_estimator", sigma_estimator, ESTIMATORS)
    one_of("center_rule", center_rule, CENTER_RULES)
    groups = read_subgroups(subgroups, sizes)
    plan = plan_phases(points=groups.count, phases=phases, baseline=baseline)
    return _range_chart(_within(groups, plan, sigma_estimator, printed_constants), width, center_rule)


def chart_s(
    *,
    subgroups: ArrayLike | Sequence[Sequence[float]],
    sizes: ArrayLike | None = None,
    sigma_estimator: Estimator = "uwave_sd",
    center_rule: str = "weighted",
    phases: Sequence[Hashable] | None = None,
    baseline: Hashable | Mapping[Hashable, Hashable] | None = None,
    width: float = 3.0,
    printed_constants: bool = False,
) -> ControlChart:
    """Chart of subgroup standard deviations.

    Arguments as in chart_xbar. center_rule: where sizes differ, "weighted" draws one centre, the mean
    standard deviation weighted by size (as R's qcc does); "per_point" draws c4(n) * sigma.

    >>> chart = chart_s(subgroups=[[5, 7, 6], [6, 6, 9], [4, 6, 5], [9, 11, 10]])
    >>> round(float(chart.center[0]), 3), round(float(chart.ucl[0]), 3)
    (1.183, 3.038)
    """
    one_of("sigma_estimator", sigma_estimator, ESTIMATORS)
    one_of("center_rule", center_rule, CENTER_RULES)
    groups = read_subgroups(subgroups, sizes)
    plan = plan_phases(points=groups.count, phases=phases, baseline=baseline)
    return _deviation_chart(_within(groups, plan, sigma_estimator, printed_constants), width, center_rule)


def chart_xbar_r(
    *,
    subgroups: ArrayLike | Sequence[Sequence[float]],
    sizes: ArrayLike | None = None,
    phases: Sequence[Hashable] | None = None,
    baseline: Hashable | Mapping[Hashable, Hashable] | None = None,
    width: float = 3.0,
    printed_constants: bool = False,
) -> MeanAndSpread:
    """Charts of means and ranges with sigma from ranges (X̄-R), for subgroups of up to about 8 values.

    Arguments as in chart_xbar.

    >>> chart_xbar_r(subgroups=[[5, 7], [6, 6], [4, 6], [9, 11]]).spread.above.any()
    np.False_
    """
    groups = read_subgroups(subgroups, sizes)
    plan = plan_phases(points=groups.count, phases=phases, baseline=baseline)
    within = _within(groups, plan, "uwave_r", printed_constants)
    return MeanAndSpread(mean=_mean_chart(within, width), spread=_range_chart(within, width))


def chart_xbar_s(
    *,
    subgroups: ArrayLike | Sequence[Sequence[float]],
    sizes: ArrayLike | None = None,
    phases: Sequence[Hashable] | None = None,
    baseline: Hashable | Mapping[Hashable, Hashable] | None = None,
    width: float = 3.0,
) -> MeanAndSpread:
    """Charts of means and standard deviations with sigma from standard deviations (X̄-S).

    Arguments as in chart_xbar.

    >>> chart_xbar_s(subgroups=[[5, 7, 6], [6, 6, 7], [4, 6, 5], [9, 11, 9]]).mean.above.tolist()
    [False, False, False, True]
    """
    groups = read_subgroups(subgroups, sizes)
    plan = plan_phases(points=groups.count, phases=phases, baseline=baseline)
    within = _within(groups, plan, "uwave_sd", printed=False)
    return MeanAndSpread(mean=_mean_chart(within, width), spread=_deviation_chart(within, width))


class _Within(NamedTuple):
    """What the charts of one set of subgroups share. sigma: of each phase that gives limits, by its place."""

    groups: Subgroups
    plan: PhasePlan
    sigma: dict[int, Floats]
    printed: bool
    variants: dict[str, str]


def _within(
    groups: Subgroups, plan: PhasePlan, estimator: Estimator, printed: bool, given: float | None = None
) -> _Within:
    """Sigma of each phase that gives limits, estimated once for all charts, unless it is given."""
    sigma = {
        at: within_sigma(groups.part(plan.phases[at].start, plan.phases[at].stop), estimator, printed=printed)
        if given is None
        else np.asarray(given, dtype=np.float64)
        for at in dict.fromkeys(phase.source for phase in plan.phases)
    }
    variants = {
        "sigma": estimator if given is None else "given",
        "constants": "printed (three decimals)" if printed else "exact",
    }
    return _Within(groups, plan, sigma, printed, variants)


def _mean_chart(within: _Within, width: float, center: float | None = None) -> ControlChart:
    groups = within.groups

    def estimate(phase: Phase) -> Estimated:
        level = _weighted(groups.mean, groups, phase) if center is None else np.asarray(center, dtype=np.float64)
        return Estimated(level, within.sigma[within.plan.phases.index(phase)])

    return assemble(
        kind="X̄",
        statistic=groups.mean,
        plan=within.plan,
        estimate=estimate,
        at_points=lambda level, deviation: (level, deviation / np.sqrt(groups.size_at_points)),
        width=width,
        variants=within.variants,
    )


def _range_chart(within: _Within, width: float, center_rule: str = "weighted") -> ControlChart:
    size = within.groups.size_at_points
    expected = mean_range(size, printed=within.printed) if center_rule == "per_point" else None
    return _spread_chart("R", within, within.groups.range, expected, spread_of_range(size)[()], width)


def _deviation_chart(within: _Within, width: float, center_rule: str = "weighted") -> ControlChart:
    mean = mean_deviation(within.groups.size_at_points)
    expected = mean if center_rule == "per_point" else None
    return _spread_chart("S", within, within.groups.deviation, expected, np.sqrt(1 - mean**2), width)


def _spread_chart(
    kind: str,
    within: _Within,
    statistic: Floats,
    expected: Floats | None,
    error: Floats,
    width: float,
) -> ControlChart:
    """expected, error: mean and standard error in units of sigma; without the mean the centre is weighted."""

    def estimate(phase: Phase) -> Estimated:
        return Estimated(_weighted(statistic, within.groups, phase), within.sigma[within.plan.phases.index(phase)])

    def at_points(center: Floats, sigma: Floats) -> tuple[Floats, Floats]:
        return (center if expected is None else sigma * expected), sigma * error

    return assemble(
        kind=kind,
        statistic=statistic,
        plan=within.plan,
        estimate=estimate,
        at_points=at_points,
        bounds=(0.0, np.inf),
        width=width,
        variants=within.variants | {"center_rule": "weighted" if expected is None else "per_point"},
    )


def _weighted(statistic: Floats, groups: Subgroups, phase: Phase) -> Floats:
    """Mean of a phase's points, each counted as often as its subgroup has values."""
    at = np.s_[..., phase.start : phase.stop]
    values, size = statistic[at], groups.size_at_points
    if size.ndim == 0:
        return np.asarray(np.add.reduce(values, -1) / values.shape[-1])
    sizes = size[at]
    return np.asarray(np.sum(values * sizes, axis=-1) / np.sum(sizes, axis=-1))
