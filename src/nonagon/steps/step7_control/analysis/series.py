"""The measurements of one control item as a series: points or subgroups in order of time, each with its phase."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nonagon.engine.facts import Columns
from nonagon.steps.step7_control.decisions import ControlItemDecision, PhaseDecision


@dataclass(frozen=True, slots=True)
class Series:
    """What is plotted, point by point, and the single values (or counts and sizes) behind the points."""

    labels: tuple[str, ...]
    days: tuple[date, ...]
    phases: tuple[str, ...]
    values: tuple[NDArray[np.float64], ...]
    sizes: NDArray[np.float64]

    def phase_values(self, label: str) -> NDArray[np.float64]:
        """All single values of a phase, in order of time."""
        return np.concatenate([one for one, phase in zip(self.values, self.phases, strict=True) if phase == label])

    def phase_sizes(self, label: str) -> float:
        """Units inspected in a phase."""
        return float(sum(size for size, phase in zip(self.sizes, self.phases, strict=True) if phase == label))


def series_of(plan: ControlItemDecision, phases: Sequence[PhaseDecision], points: Columns) -> Series:
    """Points of the chart: single values, or subgroups (by the data's column, else by day).

    Counts are summed within their subgroup where the data name one; a count without a size counts one unit.
    """
    named = all(one is not None for one in points["subgroup"])
    grouped = plan.chart.startswith("xbar") or (plan.chart in {"p", "u"} and named)
    keys = points["subgroup"] if grouped else np.arange(len(points["value"]))
    if grouped and not named:
        keys = np.array([str(day) for day in points["day"]], dtype=object)
    units = np.nan_to_num(points["size"], nan=1.0)
    places: dict[Any, list[int]] = {}
    for position, one in enumerate(keys):
        places.setdefault(one, []).append(position)
    rows = list(places.items())
    days = tuple(points["day"][own[0]] for _, own in rows)
    return Series(
        labels=tuple(_label(points, one, own, grouped) for one, own in rows),
        days=days,
        phases=_phase_labels(phases, days, [points["phase"][own[0]] for _, own in rows]),
        values=tuple(np.asarray(points["value"][own], dtype=np.float64) for _, own in rows),
        sizes=np.array([float(units[own].sum()) for _, own in rows]),
    )


def _label(points: Columns, one: Any, own: list[int], grouped: bool) -> str:
    if grouped:
        return str(one)
    at: datetime = points["at"][own[0]]
    return str(at.date()) if at.time() == time() else f"{at:%Y-%m-%d %H:%M}"


def _phase_labels(
    decided: Sequence[PhaseDecision], days: Sequence[date], measured: Sequence[str | None]
) -> tuple[str, ...]:
    """Phases by the decided dates, else by the data's own column, else one."""
    if decided:
        return tuple(
            next((phase.label for phase in reversed(decided) if day >= phase.start), decided[0].label)
            for day in days
        )
    if all(one is not None for one in measured):
        return tuple(str(one) for one in measured)
    return tuple("all" for _ in days)
