"""Charts of what changes over time or with effort: trend with band, before and after, discovery curve."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import altair as alt

from nonagon.charts.drawing import Row, data, legend, spec
from nonagon.charts.section import Chart, Column, Table
from nonagon.charts.theme import COLOURS
from nonagon.charts.wording import number


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a series: where (a date or a label), its value, and its interval if it has one."""

    at: date | str
    value: float | None
    low: float | None = None
    high: float | None = None


def trend(
    series: dict[str, Sequence[Point]],
    *,
    title: str,
    x: str,
    y: str,
    digits: int = 2,
    marks: Sequence[tuple[date | str, str]] = (),
    origin: str = "",
) -> Chart:
    """One line a series with its interval as a band.

    x, y: axis titles with units; digits: decimals in the table; marks: events to draw as vertical rules
    (where, what). Points without a value are left out of the line and say so in the table.
    """
    rows = [
        {"series": name, "at": point.at, "value": point.value, "low": point.low, "high": point.high}
        for name, points in series.items()
        for point in points
        if point.value is not None
    ]
    dated = any(isinstance(row["at"], date) for row in rows)
    horizontal = (
        alt.X("at:T", title=x, scale=alt.Scale(type="utc"), axis=_time_axis(rows))
        if dated
        else alt.X("at:N", title=x, sort=_order(series), axis=alt.Axis(labelAngle=0))
    )
    colour = alt.Color("series:N", title=None, sort=list(series), legend=legend(list(series)))
    base = alt.Chart(data(rows)).encode(x=horizontal, color=colour)
    vertical = alt.Y("value:Q", title=y, scale=alt.Scale(zero=False))
    layers: list[alt.Chart] = []
    if dated:
        layers.append(base.mark_area(opacity=0.18).encode(y=alt.Y("low:Q", title=y), y2="high:Q"))
    else:
        layers.append(base.mark_rule(opacity=0.55, strokeWidth=2).encode(y=alt.Y("low:Q", title=y), y2="high:Q"))
    dash = alt.StrokeDash("series:N", sort=list(series), legend=None)
    layers.append(base.mark_line(point=True).encode(y=vertical, strokeDash=dash))
    if marks:
        layers += _rules(marks, dated)
    table = Table(
        caption=title, columns=_trend_columns(series, x), rows=_trend_rows(series, digits), origin=origin
    )
    ends = [
        f"{name} from {number(first, digits=digits)} to {number(last, digits=digits)}"
        for name, points in series.items()
        if (values := [point.value for point in points if point.value is not None])
        for first, last in [(values[0], values[-1])]
    ]
    return Chart(title=title, alt=f"{title}: {'; '.join(ends[:6])}.", table=table, spec=spec(alt.layer(*layers)))


def _time_axis(rows: Sequence[Row]) -> alt.Axis:
    """Months where every point begins one, else days; few labels, none over another."""
    monthly = all(getattr(row["at"], "day", 1) == 1 for row in rows)
    return alt.Axis(format="%Y-%m" if monthly else "%Y-%m-%d", tickCount=6, labelOverlap=True, labelAngle=0)


def _order(series: dict[str, Sequence[Point]]) -> list[str]:
    return list(dict.fromkeys(str(point.at) for points in series.values() for point in points))


def _trend_columns(series: dict[str, Sequence[Point]], x: str) -> tuple[Column, ...]:
    columns: list[Column] = [(x, "text")]
    for name, points in series.items():
        columns.append((name, "number"))
        if _has_intervals(points):
            columns.append(("interval", "number"))
    return tuple(columns)


def _has_intervals(points: Sequence[Point]) -> bool:
    return any(point.low is not None and point.high is not None for point in points)


def _trend_rows(series: dict[str, Sequence[Point]], digits: int) -> tuple[tuple[str, ...], ...]:
    places = list(dict.fromkeys(point.at for points in series.values() for point in points))
    by_place = {name: {point.at: point for point in points} for name, points in series.items()}
    rows = []
    for place in sorted(places, key=str) if any(isinstance(one, date) for one in places) else places:
        cells = [str(place)]
        for name, points in series.items():
            point = by_place[name].get(place)
            cells.append(number(point.value, digits=digits) if point else "")
            if _has_intervals(points):
                cells.append(_interval(point, digits))
        rows.append(tuple(cells))
    return tuple(rows)


def _interval(point: Point | None, digits: int) -> str:
    if point is None or point.low is None or point.high is None:
        return ""
    return f"{number(point.low, digits=digits)} to {number(point.high, digits=digits)}"


def _rules(marks: Sequence[tuple[date | str, str]], dated: bool) -> list[alt.Chart]:
    source = data([{"at": place, "label": label} for place, label in marks])
    x = alt.X("at:T", scale=alt.Scale(type="utc")) if dated else alt.X("at:N")
    rule = alt.Chart(source).mark_rule(color=COLOURS["muted"], strokeDash=[4, 4]).encode(x=x)
    text = (
        alt.Chart(source)
        .mark_text(align="left", baseline="top", dx=5, color=COLOURS["muted"])
        .encode(x=x, y=alt.value(0), text="label:N")
    )
    return [rule, text]


def amounts_over_time(
    rows: Sequence[tuple[date, str, float]],
    *,
    title: str,
    x: str,
    y: str,
    digits: int = 0,
    origin: str = "",
    most_rows: int = 24,
) -> Chart:
    """Stacked bars by month on a time axis: (first day of the month, part, amount) triples.

    The table names every month, or the years where there are more than `most_rows` months.
    """
    parts = list(dict.fromkeys(part for _, part, _ in rows))
    months = sorted({month for month, _, _ in rows})
    chart = (
        alt.Chart(data([{"at": at, "part": part, "amount": amount} for at, part, amount in rows]))
        .mark_bar()
        .encode(
            x=alt.X(
                "at:T",
                timeUnit="utcyearmonth",
                title=x,
                axis=alt.Axis(format="%Y-%m", tickCount=8, labelOverlap=True, labelAngle=0),
            ),
            y=alt.Y("sum(amount):Q", title=y),
            color=alt.Color("part:N", sort=parts, title=None, legend=legend(parts)),
        )
    )
    by_year = len(months) > most_rows
    cells: dict[tuple[str, str], float] = {}
    for month, part, amount in rows:
        place = f"{month:%Y}" if by_year else f"{month:%Y-%m}"
        cells[place, part] = cells.get((place, part), 0.0) + amount
    table = Table(
        caption=title,
        columns=(("year" if by_year else x, "text"), *[(part, "number") for part in parts]),
        rows=tuple(
            (place, *[number(cells.get((place, part)), digits=digits) for part in parts])
            for place in sorted({place for place, _ in cells})
        ),
        note="Summed by year; the first and the last may be covered in part." if by_year else "",
        origin=origin,
    )
    ends = f", {months[0]:%Y-%m} to {months[-1]:%Y-%m}" if months else ""
    return Chart(title=title, alt=f"{title}: {len(months)} months{ends}.", table=table, spec=spec(chart))


def before_after(
    points: Sequence[Point],
    counterfactual: Sequence[Point],
    *,
    start: date | str,
    title: str,
    x: str,
    y: str,
    digits: int = 2,
    origin: str = "",
) -> Chart:
    """What happened, beside what the series before the start would have led to (the counterfactual)."""
    return trend(
        {"observed": points, "without the improvement": counterfactual},
        title=title,
        x=x,
        y=y,
        digits=digits,
        marks=[(start, "start")],
        origin=origin,
    )


def discovery_curve(
    observed: Sequence[tuple[float, float]],
    expected: Sequence[tuple[float, float]],
    *,
    total: tuple[float | None, float | None],
    title: str,
    origin: str = "",
) -> Chart:
    """Needs heard against interviews held: what was found, what more interviews would find, and the bounds.

    observed, expected: (interviews, needs) pairs; total: lower and upper bound of the number of needs.
    """
    rows = [{"curve": "heard so far", "interviews": at, "needs": needs} for at, needs in observed]
    rows += [
        {"curve": "expected with more interviews", "interviews": at, "needs": needs} for at, needs in expected
    ]
    lines = (
        alt.Chart(data(rows))
        .mark_line()
        .encode(
            x=alt.X("interviews:Q", title="interviews"),
            y=alt.Y("needs:Q", title="different needs heard"),
            color=alt.Color("curve:N", title=None, sort=["heard so far", "expected with more interviews"]),
            strokeDash=alt.StrokeDash(
                "curve:N", sort=["heard so far", "expected with more interviews"], legend=None
            ),
        )
    )
    bounds = [
        {"needs": value, "label": label}
        for value, label in zip(total, ("at least", "at most"), strict=True)
        if value is not None
    ]
    rules = alt.Chart(data(bounds)).mark_rule(color=COLOURS["muted"], strokeDash=[4, 4]).encode(y="needs:Q")
    words = (
        alt.Chart(data(bounds))
        .mark_text(align="left", baseline="bottom", dx=4, color=COLOURS["muted"])
        .encode(y="needs:Q", x=alt.value(0), text="label:N")
    )
    table = Table(
        caption=title,
        columns=(("interviews", "number"), ("needs", "number"), ("", "text")),
        rows=tuple(
            (number(row["interviews"], digits=0), number(row["needs"], digits=1), row["curve"])
            for row in _thinned(rows, 14)
        ),
        origin=origin,
    )
    heard = observed[-1] if observed else (0, 0)
    alt_text = f"{title}: {number(heard[1], digits=0)} needs heard in {number(heard[0], digits=0)} interviews."
    return Chart(title=title, alt=alt_text, table=table, spec=spec(alt.layer(lines, rules, words)))


def _thinned(rows: Sequence[Row], most: int) -> list[Row]:
    """At most `most` rows a curve, evenly, with the first and the last."""
    found: list[Row] = []
    for curve in dict.fromkeys(row["curve"] for row in rows):
        own = [row for row in rows if row["curve"] == curve]
        step = max(1, -(-len(own) // most))
        kept = own[::step]
        found += kept if not own or kept[-1] is own[-1] else [*kept, own[-1]]
    return found
