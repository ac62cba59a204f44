"""Charts of a process: control chart with phases and signals, capability histogram."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from nonagon.charts.drawing import Row, data, spec
from nonagon.charts.section import Chart, Table
from nonagon.charts.theme import COLOURS
from nonagon.charts.wording import number, plural

ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?!\d)")
"""A label that begins with a day."""
MOST_MARKS = 300
"""Points that can still be told apart on a chart of the common width: two pixels each."""


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """One point of a control chart: its label, value, centre and limits, phase, and the rules it breaks."""

    label: str
    value: float
    centre: float
    lower: float | None
    upper: float | None
    phase: str = ""
    signals: tuple[str, ...] = ()


def control_chart(
    points: Sequence[ChartPoint], *, title: str, y: str, digits: int = 2, origin: str = "", most_rows: int = 25
) -> Chart:
    """Points in order of time with centre line and limits by phase; points that break a rule are marked.

    More than MOST_MARKS points are drawn as a line alone, with marks where a rule is broken. The table names the
    phases, and the points with signals (at most `most_rows` of them).
    """
    rows = [
        {"n": position, "value": point.value, "phase": point.phase} for position, point in enumerate(points, 1)
    ]
    dated = bool(points) and all(ISO_DAY.match(point.label) for point in points)
    x = alt.X(
        "n:Q",
        title="day" if dated else "point, in order of time",
        axis=_days_axis([point.label[:10] for point in points]) if dated else alt.Axis(tickMinStep=1),
        scale=alt.Scale(nice=False, domain=[0, len(points) + 1]),
    )
    value = alt.Y("value:Q", title=y, scale=alt.Scale(zero=False))
    line = alt.Chart().encode(x=x)
    limits = alt.Chart(data(_turns(points))).encode(x=x)
    detail = alt.Detail("phase:N")
    layers: list[alt.Chart] = [
        limits.mark_line(interpolate="step", color=COLOURS["muted"]).encode(y="centre:Q", detail=detail),
        limits.mark_line(interpolate="step", color=COLOURS["bad"], strokeDash=[5, 3]).encode(
            y=alt.Y("upper:Q", title=y), detail=detail
        ),
        limits.mark_line(interpolate="step", color=COLOURS["bad"], strokeDash=[5, 3]).encode(
            y="lower:Q", detail=detail
        ),
        line.mark_line(strokeWidth=1, opacity=0.7).encode(y=value, detail=detail),
    ]
    if len(points) <= MOST_MARKS:
        layers.append(line.mark_point(size=18).encode(y=value))
    marked = [row for row, point in zip(rows, points, strict=True) if point.signals]
    if marked:
        layers.append(
            alt.Chart(data(marked))
            .mark_point(size=90, shape="diamond", filled=False, strokeWidth=2, color=COLOURS["bad"])
            .encode(x=x, y=value)
        )
    starts = _phase_starts(points)
    if len(starts) > 1:
        source = data([{"n": place, "phase": phase} for place, phase in starts])
        layers.append(alt.Chart(source).mark_rule(strokeDash=[2, 4], color=COLOURS["muted"]).encode(x=x))
        layers.append(
            alt.Chart(source)
            .mark_text(align="left", baseline="top", dx=4, color=COLOURS["muted"])
            .encode(x=x, y=alt.value(0), text="phase:N")
        )
    signals = [point for point in points if point.signals]
    return Chart(
        title=title,
        alt=f"{title}: {plural(len(points), 'point')}, {plural(len(signals), 'signal')}.",
        table=_control_table(points, title, digits, origin, most_rows),
        spec=spec(alt.layer(*layers, data=data(rows))),
    )


def _turns(points: Sequence[ChartPoint]) -> list[Row]:
    """Centre and limits where they turn: of points in a row that share them the first and the last."""
    levels = [
        {"phase": point.phase, "centre": point.centre, "lower": point.lower, "upper": point.upper}
        for point in points
    ]
    neighbours = zip([None, *levels], levels, [*levels[1:], None], strict=False)
    return [
        {"n": position, **here}
        for position, (before, here, after) in enumerate(neighbours, 1)
        if not before == here == after
    ]


def _days_axis(days: Sequence[str], most: int = 7) -> alt.Axis:
    """Every so many-th point is labelled with its day; the points stay evenly spaced, in order of time."""
    step = max(1, -(-len(days) // most))
    labels = {position: days[position - 1] for position in range(1, len(days) + 1, step)}
    return alt.Axis(values=list(labels), labelExpr=f"{json.dumps(labels)}[datum.value]", labelOverlap=True)


def _phase_starts(points: Sequence[ChartPoint]) -> list[tuple[int, str]]:
    starts: list[tuple[int, str]] = []
    for position, point in enumerate(points, 1):
        if not starts or starts[-1][1] != point.phase:
            starts.append((position, point.phase))
    return starts


def _control_table(points: Sequence[ChartPoint], title: str, digits: int, origin: str, most_rows: int) -> Table:
    rows = []
    starts = _phase_starts(points)
    ends = [start for start, _ in starts[1:]] + [len(points) + 1]
    for (start, phase), end in zip(starts, ends, strict=False):  # no points: no phase that could end
        first, last = points[start - 1], points[end - 2]
        limits = (
            f"{number(first.lower, digits=digits) or 'none'} to {number(first.upper, digits=digits) or 'none'}"
        )
        varying = first.upper != last.upper or first.lower != last.lower
        rows.append(
            (
                f"{phase or 'all points'}: {first.label} to {last.label}",
                number(first.centre, digits=digits),
                f"{limits}{' (vary with size)' if varying else ''}",
                plural(end - start, "point"),
            )
        )
    runs = _signal_runs(points)
    rows += [_run_row(run, digits) for run in runs[:most_rows]]
    more = sum(len(run) for run in runs[most_rows:])
    return Table(
        caption=title,
        columns=(("phase or point", "text"), ("centre or value", "number"), ("limits", "number"), ("", "text")),
        rows=tuple(rows),
        note=f"{more} more points with signals are not listed." if more > 0 else "",
        origin=origin,
    )


def _signal_runs(points: Sequence[ChartPoint]) -> list[list[ChartPoint]]:
    """Points of one phase that follow each other and raise the same signals, each run once."""
    runs: list[list[ChartPoint]] = []
    before: ChartPoint | None = None
    for point in points:
        if point.signals and before and (before.phase, before.signals) == (point.phase, point.signals):
            runs[-1].append(point)
        elif point.signals:
            runs.append([point])
        before = point
    return runs


def _run_row(run: Sequence[ChartPoint], digits: int) -> tuple[str, str, str, str]:
    signals = f"signal: {', '.join(run[0].signals)}"
    if len(run) == 1:
        return run[0].label, number(run[0].value, digits=digits), "", signals
    values = [point.value for point in run]
    reach = f"{number(min(values), digits=digits)} to {number(max(values), digits=digits)}"
    return f"{run[0].label} to {run[-1].label}", reach, "", f"{len(run)} points, {signals}"


def capability_histogram(
    edges: Sequence[float],
    counts: Sequence[int],
    *,
    lower_limit: float | None,
    upper_limit: float | None,
    target: float | None,
    title: str,
    x: str,
    digits: int = 2,
    origin: str = "",
) -> Chart:
    """Measurements in classes (edges: one more than counts) with the specification limits and the target."""
    rows = [
        {"from": low, "to": high, "count": count}
        for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True)
    ]
    bars = (
        alt.Chart(data(rows))
        .mark_bar(stroke=COLOURS["paper"])
        .encode(
            x=alt.X("from:Q", title=x, bin="binned", scale=alt.Scale(zero=False)),
            x2="to:Q",
            y=alt.Y("count:Q", title="measurements"),
        )
    )
    named = [
        (label, value)
        for label, value in (("lower limit", lower_limit), ("target", target), ("upper limit", upper_limit))
        if value is not None
    ]
    limits = [{"at": value, "label": label} for label, value in named]
    rules = (
        alt.Chart(data(limits)).mark_rule(color=COLOURS["ink"], strokeWidth=2, strokeDash=[5, 3]).encode(x="at:Q")
    )
    words = (
        alt.Chart(data(limits))
        .mark_text(align="left", baseline="bottom", dx=4, dy=-4)
        .encode(x="at:Q", y=alt.value(0), text="label:N")
    )
    table = Table(
        caption=title,
        columns=(("from", "number"), ("to", "number"), ("measurements", "number")),
        rows=tuple(
            (number(low, digits=digits), number(high, digits=digits), number(count, digits=0))
            for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True)
        ),
        note="; ".join(f"{label} {number(value, digits=digits)}" for label, value in named),
        origin=origin,
    )
    total = sum(counts)
    return Chart(
        title=title,
        alt=f"{title}: {plural(total, 'measurement')} between {number(edges[0], digits=digits)} and "
        f"{number(edges[-1], digits=digits)}.",
        table=table,
        spec=spec(alt.layer(bars, rules, words)),
    )
