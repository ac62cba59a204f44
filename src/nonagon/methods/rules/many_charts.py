"""Thousands of charts in one call: limits, run rules, capability and trusted signals, as a summary a chart.

Question: of all characteristics that are watched, which need a look, and which can keep their limits?
Used by: step 7 (all control items at once).
Source: see chart_imr, nelson_rules, western_electric, capability and false_alarms, which it agrees with.
Checked against: the same functions called chart by chart (tests/methods/rules); bench/methods_spc.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from nonagon.methods.checks import Floats, real_array
from nonagon.methods.rules.chart_signals import RuleSet, chart_signals
from nonagon.methods.spc.capability import Capability, capability
from nonagon.methods.spc.chart_imr import SigmaRule, chart_imr
from nonagon.methods.spc.false_alarms import FalseAlarms, false_alarms
from nonagon.methods.spc.phases import Ints

BLOCK = 1 << 20
"""Values that are worked on at a time; so memory beyond the input does not grow with the charts."""


@dataclass(frozen=True, slots=True, eq=False)
class ManyCharts:
    """One entry a chart.

    center, sigma, lcl, ucl: of single values; mr_ucl: upper limit of moving ranges. beyond, mr_beyond: points
    beyond these limits. rules: names; signals: (rules, charts), points at which each rule is met;
    first_signal: position (from 0) of the first point that meets any rule, -1 without one. capability: None
    without specification limits. alarms: which charts stand out over all of them.
    """

    center: Floats
    sigma: Floats
    lcl: Floats
    ucl: Floats
    mr_ucl: Floats
    beyond: Ints
    mr_beyond: Ints
    rules: tuple[str, ...]
    signals: Ints
    first_signal: Ints
    capability: Capability | None
    alarms: FalseAlarms

    def describe(self) -> str:
        """What was found over all charts, with its caveat."""
        signalling = int(np.count_nonzero(self.first_signal >= 0))
        return f"{signalling} of {self.center.size} charts meet a run rule. {self.alarms.describe()}"


def many_charts(
    *,
    x: ArrayLike,
    lsl: ArrayLike | None = None,
    usl: ArrayLike | None = None,
    target: ArrayLike | None = None,
    sigma_rule: SigmaRule = "mean_moving_range",
    rule_set: RuleSet = "nelson",
    rules: Sequence[int] | None = None,
    last_point_in_zone: bool = False,
    rate: float = 0.05,
) -> ManyCharts:
    """Charts of single values for every row of x.

    x: (charts, points), at least 2 points. lsl, usl, target: specification, a number or one a chart (see
    capability). sigma_rule: as in chart_imr. rule_set, rules, last_point_in_zone: as in chart_signals. rate: of
    false discoveries over all charts (see false_alarms).
    Works through blocks of charts, so that 10,000 charts of 1,000 points need little more memory than x.
    Raises ArgumentError for values out of range, NotEnoughData for charts without variation.

    >>> rows = np.random.default_rng(1).normal(size=(200, 50))
    >>> rows[7, 30] += 8
    >>> result = many_charts(x=rows, rules=[1])
    >>> result.signals.shape, bool(result.alarms.called[7])
    ((1, 200), True)
    """
    values = real_array("x", x, ndim=2, least=2)
    step = max(1, BLOCK // values.shape[1])
    columns: dict[str, list[Floats]] = {}
    names: tuple[str, ...] = ()
    for start in range(0, values.shape[0], step):
        block = values[start : start + step]
        charts = chart_imr(x=block, sigma_rule=sigma_rule)
        single, moving = charts.individuals, charts.moving_range
        found = chart_signals(chart=single, rule_set=rule_set, rules=rules, last_point_in_zone=last_point_in_zone)
        names, met = found.rules, found.any
        for name, column in {
            "center": single.center[:, 0],
            "sigma": single.standard_error[:, 0],
            "lcl": single.lcl[:, 0],
            "ucl": single.ucl[:, 0],
            "mr_ucl": moving.ucl[:, 0],
            "beyond": np.count_nonzero(single.beyond, axis=1),
            "mr_beyond": np.count_nonzero(moving.beyond, axis=1),
            "signals": np.count_nonzero(found.signals, axis=2),
            "first": np.where(met.any(axis=1), np.argmax(met, axis=1), -1),
        }.items():
            columns.setdefault(name, []).append(np.asarray(column))
    joined = {name: np.concatenate(parts, axis=-1) for name, parts in columns.items()}
    counted = {name: joined[name].astype(np.int64) for name in ("beyond", "mr_beyond", "signals", "first")}
    with_limits = lsl is not None or usl is not None
    return ManyCharts(
        center=joined["center"],
        sigma=joined["sigma"],
        lcl=joined["lcl"],
        ucl=joined["ucl"],
        mr_ucl=joined["mr_ucl"],
        beyond=counted["beyond"],
        mr_beyond=counted["mr_beyond"],
        rules=names,
        signals=counted["signals"],
        first_signal=counted["first"],
        capability=capability(x=values, lsl=lsl, usl=usl, target=target) if with_limits else None,
        alarms=false_alarms(x=values, center=joined["center"], standard_error=joined["sigma"], rate=rate),
    )
