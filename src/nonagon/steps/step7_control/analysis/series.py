"""The measurements of one control item as a series: points or subgroups in order of time, each with its phase."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nonagon.engine.facts import Columns
from nonagon.steps.step7_control.decisions import ControlItemDecision, PhaseDecision

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Series:
    """What is plotted, point by point, and the single values (or counts and sizes) behind the points.

    at: the moment of each point, of a subgroup its first one; names: of the subgroups, None where single values
    are plotted; phase: each point's place in phase_labels, which are all different; values: the single values in
    the order of the points; ends: where those of each point end; sizes: units inspected, by point.
    """

    at: NDArray[np.datetime64]
    names: tuple[str, ...] | None
    phase: Ints
    phase_labels: tuple[str, ...]
    values: NDArray[np.float64]
    ends: Ints
    sizes: NDArray[np.float64]

    @property
    def days(self) -> NDArray[np.datetime64]:
        """The day of each point."""
        return self.at.astype("datetime64[D]")

    @property
    def phases(self) -> list[str]:
        """The phase of each point."""
        return [self.phase_labels[at] for at in self.phase.tolist()]

    @property
    def first(self) -> str:
        """The phase of the first point."""
        return self.phase_labels[int(self.phase[0])]

    @property
    def latest(self) -> str:
        """The phase of the last point."""
        return self.phase_labels[int(self.phase[-1])]

    @property
    def groups(self) -> list[NDArray[np.float64]]:
        """The single values of each point."""
        return np.split(self.values, self.ends[:-1])

    @property
    def sums(self) -> NDArray[np.float64]:
        """The sum of the single values of each point."""
        return np.add.reduceat(self.values, self.ends - np.diff(self.ends, prepend=0))

    def of_phase(self, label: str) -> list[NDArray[np.float64]]:
        """The single values of each point of a phase."""
        at = self.phase_labels.index(label)
        return [one for one, phase in zip(self.groups, self.phase.tolist(), strict=True) if phase == at]

    def phase_values(self, label: str) -> NDArray[np.float64]:
        """All single values of a phase, in the order of the points."""
        counts = np.diff(self.ends, prepend=0)
        own = np.repeat(self.phase, counts) == self.phase_labels.index(label)
        return np.asarray(self.values[own], dtype=np.float64)

    def phase_sizes(self, label: str) -> float:
        """Units inspected in a phase."""
        return float(self.sizes[self.phase == self.phase_labels.index(label)].sum())

    def label(self, point: int) -> str:
        """What the point is called: its subgroup, or the moment of its value, to the minute."""
        if self.names is not None:
            return self.names[point]
        at: datetime = self.at[point].item()
        return str(at.date()) if at.time() == time() else f"{at:%Y-%m-%d %H:%M}"


def series_of(plan: ControlItemDecision, phases: Sequence[PhaseDecision], points: Columns) -> Series:
    """Points of the chart: single values, or subgroups (by the data's column, else by day).

    Counts are summed within their subgroup where the data name one; a count without a size counts one unit.
    """
    named = all(one is not None for one in points["subgroup"])
    units = np.nan_to_num(points["size"], nan=1.0)
    names: list[Any] | None = None
    place = np.arange(len(units))
    if named and plan.chart != "imr":
        place, names = _in_groups(points["subgroup"].tolist())
    elif plan.chart.startswith("xbar"):
        place, names = _in_groups(points["at"].astype("datetime64[D]").tolist())
    order = np.argsort(place, kind="stable")
    counts = np.bincount(place)
    first = order[np.cumsum(counts) - counts]
    at = points["at"][first]
    phase, labels = _phases(phases, at.astype("datetime64[D]"), points["phase"][first].tolist())
    return Series(
        at=at,
        names=None if names is None else tuple(str(one) for one in names),
        phase=phase,
        phase_labels=labels,
        values=np.asarray(points["value"][order], dtype=np.float64),
        ends=np.cumsum(counts),
        sizes=np.asarray(np.bincount(place, weights=units), dtype=np.float64),
    )


def _in_groups(keys: list[Any]) -> tuple[Ints, list[Any]]:
    """The group of each row, groups in the order in which they first appear, and the groups."""
    known: dict[Any, int] = {}
    place = np.array([known.setdefault(key, len(known)) for key in keys], dtype=np.int64)
    return place, list(known)


def _phases(
    decided: Sequence[PhaseDecision], days: NDArray[np.datetime64], measured: list[str | None]
) -> tuple[Ints, tuple[str, ...]]:
    """Phases by the decided dates, else by the data's own column, else one."""
    if decided:
        starts = np.array([phase.start for phase in decided], dtype="datetime64[D]")
        # The last of the phases that have begun; before the first of them begins, that one.
        begun = days[:, None] >= starts
        last = np.where(begun.any(axis=1), len(decided) - 1 - begun[:, ::-1].argmax(axis=1), 0)
        return _by_label([decided[at].label for at in last.tolist()])
    if all(one is not None for one in measured):
        return _by_label([str(one) for one in measured])
    return np.zeros(len(days), dtype=np.int64), ("all",)


def _by_label(labels: list[str]) -> tuple[Ints, tuple[str, ...]]:
    place, known = _in_groups(labels)
    return place, tuple(known)
