"""What one value says by itself, the moment it is measured: inside the specification, inside the control limits?

Control limits are those of the chart as computed last. They are compared only where a single value is a point of
the chart: a chart of means judges a subgroup, and that once it is whole. No Django here.
"""

import math
from dataclasses import dataclass
from typing import Literal

from nonagon.deliverables.step7 import ControlItem

Verdict = Literal["inside", "outside_limits", "outside_specification"]


@dataclass(frozen=True, slots=True)
class Limits:
    """The control limits that hold for one value. Either may be missing."""

    lower: float | None
    upper: float | None


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of one value. plotted: as the chart plots it: a count as a share or as a rate."""

    verdict: Verdict
    plotted: float
    limits: Limits | None
    specification: Limits


def judge(*, item: ControlItem, value: float, size: float | None = None, per_units: float = 1) -> Said:
    """Compares a value with the item's specification and with the control limits of its latest phase.

    value: the measurement, or a count; size: units inspected, for counts; per_units: a u chart's rate is given per
    so many units. Specification comes first: a customer meets it.

    >>> from nonagon.deliverables.step7 import ControlItem, ControlPoint
    >>> point = ControlPoint(at="2026-01-01", value=4, centre=5, lower=3, upper=7, phase="all")
    >>> item = ControlItem(id="c", characteristic="c", chart="imr", upper_limit=9, points=(point,))
    >>> [judge(item=item, value=x).verdict for x in (5, 8, 10)]
    ['inside', 'outside_limits', 'outside_specification']
    """
    plotted = as_plotted(chart=item.chart, value=value, size=size, per_units=per_units)
    specification = Limits(item.lower_limit, item.upper_limit)
    limits = control_limits(item=item, size=size, per_units=per_units)
    if _outside(plotted, specification):
        return Said("outside_specification", plotted, limits, specification)
    beyond = limits is not None and _outside(plotted, limits)
    return Said("outside_limits" if beyond else "inside", plotted, limits, specification)


def as_plotted(*, chart: str, value: float, size: float | None = None, per_units: float = 1) -> float:
    """A count as the share (p) or the rate (u) that its chart plots; other values as they are.

    >>> as_plotted(chart="p", value=3, size=60), as_plotted(chart="u", value=4, size=2000, per_units=1000)
    (0.05, 2.0)
    """
    if chart == "p":
        return value / (size or 1.0)
    return value / ((size or 1.0) / per_units) if chart == "u" else value


def control_limits(*, item: ControlItem, size: float | None = None, per_units: float = 1) -> Limits | None:
    """The limits that hold for one value; None where the chart has none, or plots means of subgroups.

    Counts: the centre with three standard errors for this value's own size (Montgomery, Introduction to
    Statistical Quality Control, the p chart and the u chart with variable sample size).
    """
    if not item.points or item.chart.startswith("xbar"):
        return None
    latest = item.points[-1]
    if item.chart == "imr":
        return Limits(latest.lower, latest.upper)
    centre, units = float(latest.centre), size or 1.0
    if item.chart == "p":
        spread = 3 * math.sqrt(max(centre * (1 - centre), 0.0) / units)
        return Limits(max(centre - spread, 0.0), min(centre + spread, 1.0))
    spread = 3 * math.sqrt(max(centre, 0.0) / (units / per_units))
    return Limits(max(centre - spread, 0.0), centre + spread)


def _outside(value: float, limits: Limits) -> bool:
    below = limits.lower is not None and value < limits.lower
    return below or (limits.upper is not None and value > limits.upper)
