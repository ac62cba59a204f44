"""What a chart of an item shows: its points with their signals, counted over all and handed on for the latest."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nonagon.deliverables.step7 import ControlPoint, PhaseSummary, SignalRun
from nonagon.methods.rules.chart_signals import chart_signals
from nonagon.methods.spc.control_chart import ControlChart
from nonagon.steps.step7_control.analysis.series import Series
from nonagon.steps.step7_control.decisions import ExplanationDecision, RuleSet

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Plotted:
    """A chart with its signals.

    meanings: of the rules; broken: (rules, points), whether a point breaks a rule; raised: (points,), whether it
    breaks any; explained: (points,), whether somebody found out why.
    """

    chart: ControlChart
    series: Series
    meanings: tuple[str, ...]
    broken: Bools
    raised: Bools
    explained: Bools

    @property
    def count(self) -> int:
        """How many points there are."""
        return len(self.raised)

    @property
    def unexplained(self) -> Bools:
        """Points with signals that nobody explained."""
        return self.raised & ~self.explained

    def of_phase(self, label: str) -> Bools:
        """Whether each point is of the phase."""
        found = self.series.phase[self.chart.positions] == self.series.phase_labels.index(label)
        return np.asarray(found)

    def points(self, most: int) -> tuple[ControlPoint, ...]:
        """The latest points, at most so many, in order of time."""
        begin = max(0, self.count - most)
        chart, positions = self.chart, self.chart.positions
        columns = (chart.statistic, chart.center, chart.lcl, chart.ucl)
        values = zip(*(column[begin:].tolist() for column in columns), strict=True)
        return tuple(
            ControlPoint(
                at=self.series.label(int(positions[at])),
                value=value,
                centre=centre,
                lower=lower,
                upper=upper,
                phase=self.series.phase_labels[int(self.series.phase[positions[at]])],
                signals=self._signals_of(at) if self.raised[at] else (),
                explained=bool(self.explained[at]),
            )
            for at, (value, centre, lower, upper) in enumerate(values, begin)
        )

    def _signals_of(self, at: int) -> tuple[str, ...]:
        return tuple(meaning for meaning, broken in zip(self.meanings, self.broken[:, at], strict=True) if broken)

    def runs(self) -> tuple[SignalRun, ...]:
        """Points with unexplained signals that follow each other, of the latest phase, each run once."""
        latest = self.series.phase_labels[int(self.series.phase[self.chart.positions[-1]])]
        open_ones = np.concatenate([[False], self.unexplained & self.of_phase(latest), [False]])
        edges = np.flatnonzero(open_ones[1:] != open_ones[:-1])
        return tuple(self._run(int(first), int(stop)) for first, stop in edges.reshape(-1, 2))

    def _run(self, first: int, stop: int) -> SignalRun:
        positions = self.chart.positions
        broken = self.broken[:, first:stop]
        # In the order in which they were first raised.
        rules = sorted(np.flatnonzero(broken.any(axis=1)).tolist(), key=lambda rule: int(broken[rule].argmax()))
        return SignalRun(
            first=self.series.label(int(positions[first])),
            last=self.series.label(int(positions[stop - 1])),
            points=stop - first,
            signals=tuple(self.meanings[rule] for rule in rules),
        )

    def phases(self) -> tuple[PhaseSummary, ...]:
        """One row a phase of the chart."""
        rows = []
        for row in self.chart.phases:
            own = self.of_phase(str(row.label))
            rows.append(
                PhaseSummary(
                    label=str(row.label),
                    points=int(own.sum()),
                    level=float(row.center),
                    sigma=float(row.sigma),
                    limits_from=str(row.limits_from),
                    signals=int(self.raised[own].sum()),
                )
            )
        return tuple(rows)


def plotted_on(
    chart: ControlChart, series: Series, explanations: Sequence[ExplanationDecision], rules: RuleSet
) -> Plotted:
    """The chart with its signals and what explains them. rules: those that raise a signal."""
    meanings, broken = _broken(chart, rules)
    days = series.days[chart.positions]
    explained = np.zeros(len(days), dtype=np.bool_)
    for one in explanations:
        explained |= (days >= np.datetime64(one.first)) & (days <= np.datetime64(one.last))
    return Plotted(chart, series, meanings, broken, np.asarray(broken.any(axis=0)), explained)


def _broken(chart: ControlChart, rules: RuleSet) -> tuple[tuple[str, ...], Bools]:
    if rules == "limits":
        return ("beyond limits",), chart.beyond[None]
    found = chart_signals(chart=chart, rule_set=rules)
    return found.meanings, found.signals
