"""From a method's result to a chart of nonagon.charts, for the pictures in these pages."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from nonagon.charts.bars import Bar, intervals
from nonagon.charts.process import ChartPoint, control_chart
from nonagon.charts.section import Chart


def control(chart: Any, *, title: str, y: str, signals: Any = None) -> Chart:
    """A ControlChart as a picture; signals: RunSignals to mark in place of points beyond the limits."""
    marked = chart.beyond if signals is None else signals.any
    names = [str(row.label) if len(chart.phases) > 1 else "" for row in chart.phases]
    points = [
        ChartPoint(
            label=str(chart.positions[at] + 1),
            value=float(chart.statistic[at]),
            centre=float(chart.center[at]),
            lower=float(chart.lcl[at]) if np.isfinite(chart.lcl[at]) else None,
            upper=float(chart.ucl[at]) if np.isfinite(chart.ucl[at]) else None,
            phase=names[chart.phase_index[at]],
            signals=("signal",) if marked[at] else (),
        )
        for at in range(len(chart.statistic))
    ]
    return control_chart(points, title=title, y=y)


def bars(rows: Iterable[Sequence[Any]], *, title: str, x: str, **options: Any) -> Chart:
    """Rows of label, value, low, high and (if any) the group of ties as values with intervals."""
    found = [
        Bar(str(row[0]), float(row[1]), float(row[2]), float(row[3]), *(str(one) for one in row[4:]))
        for row in rows
    ]
    return intervals(found, title=title, x=x, **options)
