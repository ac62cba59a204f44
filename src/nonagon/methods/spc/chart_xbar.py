"""Is the level of a process stable: charts of subgroup means, ranges and standard deviations.

Question: which subgroups' mean or spread does the process's own variation not explain?
Used by: step 7.
Source: W. A. Shewhart (1931); ISO 7870-2; Montgomery, Introduction to Statistical Quality Control, chapter 6.
Checked against: R's qcc 2.7 (tests/reference).
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from nonagon.methods.checks import Floats, one_of
from nonagon.methods.spc.control_chart import ControlChart, Estimated, assemble
from nonagon.methods.spc.phases import Phase, plan_phases
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
    return _mean_chart(
        groups=read_subgroups(subgroups, sizes),
        sigma_estimator=sigma_estimator,
        phases=phases,
        baseline=baseline,
        center=center,
        sigma=sigma,
        width=width,
        printed_constants=printed_constants,
    )


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
    return _range_chart(
        groups=read_subgroups(subgroups, sizes),
        sigma_estimator=sigma_estimator,
        center_rule=center_rule,
        phases=phases,
        baseline=baseline,
        width=width,
        printed_constants=printed_constants,
    )


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
    return _deviation_chart(
        groups=read_subgroups(subgroups, sizes),
        sigma_estimator=sigma_estimator,
        center_rule=center_rule,
        phases=phases,
        baseline=baseline,
        width=width,
        printed_constants=printed_constants,
    )


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
    return MeanAndSpread(
        mean=_mean_chart(
            groups=groups,
            sigma_estimator="uwave_r",
            phases=phases,
            baseline=baseline,
            width=width,
            printed_constants=printed_constants,
        ),
        spread=_range_chart(
            groups=groups,
            sigma_estimator="uwave_r",
            center_rule="weighted",
            phases=phases,
            baseline=baseline,
            width=width,
            printed_constants=printed_constants,
        ),
    )


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
    return MeanAndSpread(
        mean=_mean_chart(groups=groups, sigma_estimator="uwave_sd", phases=phases, baseline=baseline, width=width),
        spread=_deviation_chart(
            groups=groups,
            sigma_estimator="uwave_sd",
            center_rule="weighted",
            phases=phases,
            baseline=baseline,
            width=width,
            printed_constants=False,
        ),
    )


def _mean_chart(
    *,
    groups: Subgroups,
    sigma_estimator: Estimator,
    phases: Sequence[Hashable] | None,
    baseline: Hashable | Mapping[Hashable, Hashable] | None,
    center: float | None = None,
    sigma: float | None = None,
    width: float,
    printed_constants: bool = False,
) -> ControlChart:
    plan = plan_phases(points=groups.count, phases=phases, baseline=baseline)

    def estimate(phase: Phase) -> Estimated:
        part = groups.part(phase.start, phase.stop)
        level = _weighted(part.mean, part.sizes) if center is None else np.full(part.mean.shape[:-1], center)
        if sigma is not None:
            return Estimated(level, np.full(part.mean.shape[:-1], sigma))
        return Estimated(level, within_sigma(part, sigma_estimator, printed=printed_constants))

    return assemble(
        kind="X̄",
        statistic=groups.mean,
        plan=plan,
        estimate=estimate,
        at_points=lambda level, deviation: (level, deviation / np.sqrt(groups.size_at_points)),
        width=width,
        variants=_variants(sigma_estimator, sigma, printed_constants),
    )


def _range_chart(
    *,
    groups: Subgroups,
    sigma_estimator: Estimator,
    center_rule: str,
    phases: Sequence[Hashable] | None,
    baseline: Hashable | Mapping[Hashable, Hashable] | None,
    width: float,
    printed_constants: bool,
) -> ControlChart:
    return _spread_chart(
        kind="R",
        groups=groups,
        statistic=groups.range,
        expected=mean_range(groups.size_at_points, printed=printed_constants),
        error=spread_of_range(groups.size_at_points),
        sigma_estimator=sigma_estimator,
        center_rule=center_rule,
        phases=phases,
        baseline=baseline,
        width=width,
        printed_constants=printed_constants,
    )


def _deviation_chart(
    *,
    groups: Subgroups,
    sigma_estimator: Estimator,
    center_rule: str,
    phases: Sequence[Hashable] | None,
    baseline: Hashable | Mapping[Hashable, Hashable] | None,
    width: float,
    printed_constants: bool,
) -> ControlChart:
    expected = mean_deviation(groups.size_at_points)
    return _spread_chart(
        kind="S",
        groups=groups,
        statistic=groups.deviation,
        expected=expected,
        error=np.sqrt(1 - expected**2),
        sigma_estimator=sigma_estimator,
        center_rule=center_rule,
        phases=phases,
        baseline=baseline,
        width=width,
        printed_constants=printed_constants,
    )


def _spread_chart(
    *,
    kind: str,
    groups: Subgroups,
    statistic: Floats,
    expected: Floats,
    error: Floats,
    sigma_estimator: Estimator,
    center_rule: str,
    phases: Sequence[Hashable] | None,
    baseline: Hashable | Mapping[Hashable, Hashable] | None,
    width: float,
    printed_constants: bool,
) -> ControlChart:
    def estimate(phase: Phase) -> Estimated:
        at = np.s_[..., phase.start : phase.stop]
        part = groups.part(phase.start, phase.stop)
        sigma = within_sigma(part, sigma_estimator, printed=printed_constants)
        return Estimated(_weighted(statistic[at], part.sizes), sigma)

    def at_points(center: Floats, sigma: Floats) -> tuple[Floats, Floats]:
        return (center if center_rule == "weighted" else sigma * expected), sigma * error

    return assemble(
        kind=kind,
        statistic=statistic,
        plan=plan_phases(points=groups.count, phases=phases, baseline=baseline),
        estimate=estimate,
        at_points=at_points,
        bounds=(0.0, np.inf),
        width=width,
        variants=_variants(sigma_estimator, None, printed_constants) | {"center_rule": center_rule},
    )


def _weighted(values: Floats, sizes: Floats) -> Floats:
    if sizes.ndim == 1:
        return np.asarray(values @ sizes / sizes.sum())
    return np.asarray(np.sum(values * sizes, axis=-1) / np.sum(sizes, axis=-1))


def _variants(estimator: Estimator, sigma: float | None, printed: bool) -> dict[str, str]:
    return {
        "sigma": estimator if sigma is None else "given",
        "constants": "printed (three decimals)" if printed else "exact",
    }
