"""Charts of amounts and ranks: Pareto, intervals in order, shares."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from nonagon.charts.drawing import data, legend, spec
from nonagon.charts.section import Chart, Column, Table
from nonagon.charts.theme import COLOURS
from nonagon.charts.wording import number, percent


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of an interval chart: its label, value and interval; group: tied rows share a letter."""

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    group: str = ""
    detail: str = ""


def intervals(
    bars: Sequence[Bar],
    *,
    title: str,
    x: str,
    digits: int = 2,
    reference: float | None = None,
    share: bool = False,
    origin: str = "",
) -> Chart:
    """Values with their intervals, one row each, in the order given; rows that share a group are tied.

    reference: a value to compare with, drawn as a rule; share: the values are fractions of one, shown in percent.
    """
    scale = 100.0 if share else 1.0
    rows = [
        {
            "label": bar.label,
            "value": scale * bar.value,
            "low": None if bar.low is None else scale * bar.low,
            "high": None if bar.high is None else scale * bar.high,
            "group": bar.group,
        }
        for bar in bars
        if bar.value is not None
    ]
    order = [bar.label for bar in bars]
    base = alt.Chart(data(rows)).encode(y=alt.Y("label:N", sort=order, title=None))
    grouped = any(bar.group for bar in bars)
    colour = _tied(bars) if grouped else alt.value(COLOURS["series-1"])
    axis = alt.X("value:Q", title=f"{x}, %" if share else x, scale=alt.Scale(zero=False))
    layers: list[alt.Chart] = [
        base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q", title=""), x2="high:Q", color=colour),
        base.mark_point(size=70).encode(x=axis, color=colour),
    ]
    if grouped:
        layers.append(
            base.mark_text(align="left", dx=9, dy=-8, fontSize=11).encode(
                x="value:Q", text="group:N", color=colour
            )
        )
    if reference is not None:
        rule = alt.Chart(data([{"value": scale * reference}]))
        layers.append(rule.mark_rule(strokeDash=[4, 4], color=COLOURS["muted"]).encode(x="value:Q"))
    detailed = any(bar.detail for bar in bars)
    extra: list[Column] = [("tied group", "text")] if grouped else []
    extra += [("", "text")] if detailed else []

    def show(value: float | None) -> str:
        return percent(value) if share else number(value, digits=digits)

    table = Table(
        caption=title,
        columns=(
            ("", "text"),
            (x, "number"),
            ("interval", "number"),
            *extra,
        ),
        rows=tuple(
            (
                bar.label,
                show(bar.value),
                f"{show(bar.low)} to {show(bar.high)}" if bar.low is not None and bar.high is not None else "",
                *([bar.group] if grouped else []),
                *([bar.detail] if detailed else []),
            )
            for bar in bars
        ),
        origin=origin,
    )
    first = next((bar for bar in bars if bar.value is not None), None)
    words = f"{title}: {len(rows)} rows" + (f", first {first.label} at {show(first.value)}." if first else ".")
    return Chart(
        title=title, alt=words, table=table, spec=spec(alt.layer(*layers), height=max(80, 26 * len(rows)))
    )


def _tied(bars: Sequence[Bar]) -> Any:
    """A colour for each group of ties; what is tied with nothing has the plain one and no entry in the legend."""
    groups = sorted({bar.group for bar in bars if bar.group})
    named = alt.Color("group:N", title="cannot be told apart", scale=alt.Scale(domain=groups))
    return alt.condition("datum.group !== ''", named, alt.value(COLOURS["muted"]))


def pareto(labels: Sequence[str], counts: Sequence[float], *, title: str, what: str, origin: str = "") -> Chart:
    """Counts from the largest down, with the share that they make up together."""
    ranked = sorted(zip(labels, counts, strict=True), key=lambda pair: (-pair[1], pair[0]))
    whole = sum(counts) or 1.0
    running, together = 0.0, []
    for _, count in ranked:
        running += count
        together.append(running / whole)
    rows = [
        {"label": label, "count": count, "cumulative": 100 * share}
        for (label, count), share in zip(ranked, together, strict=True)
    ]
    order = [label for label, _ in ranked]
    x = alt.X("label:N", sort=order, title=None, axis=alt.Axis(labelAngle=-35, labelLimit=160))
    bars = alt.Chart(data(rows)).mark_bar().encode(x=x, y=alt.Y("count:Q", title=what))
    line = (
        alt.Chart(data(rows))
        .mark_line(point=True, color=COLOURS["series-2"])
        .encode(
            x=x,
            y=alt.Y("cumulative:Q", title="together, %", scale=alt.Scale(domain=[0, 100])),
        )
    )
    table = Table(
        caption=title,
        columns=(("", "text"), (what, "number"), ("share", "number"), ("together", "number")),
        rows=tuple(
            (label, number(count, digits=0), percent(count / whole), percent(share))
            for (label, count), share in zip(ranked, together, strict=True)
        ),
        origin=origin,
    )
    top = f"{ranked[0][0]} leads with {percent(ranked[0][1] / whole)}" if ranked else "nothing counted"
    drawn = alt.layer(bars, line).resolve_scale(y="independent")
    return Chart(title=title, alt=f"{title}: {top}.", table=table, spec=spec(drawn))


def amounts(
    rows: Sequence[tuple[str, str, float]], *, title: str, x: str, y: str, digits: int = 0, origin: str = ""
) -> Chart:
    """Stacked bars: (place, part, amount) triples, places in the order given."""
    source = [{"place": place, "part": part, "amount": amount} for place, part, amount in rows]
    places = list(dict.fromkeys(place for place, _, _ in rows))
    parts = list(dict.fromkeys(part for _, part, _ in rows))
    chart = (
        alt.Chart(data(source))
        .mark_bar()
        .encode(
            x=alt.X("place:N", sort=places, title=x, axis=alt.Axis(labelAngle=-35 if len(places) > 8 else 0)),
            y=alt.Y("sum(amount):Q", title=y),
            color=alt.Color("part:N", sort=parts, title=None, legend=legend(parts)),
        )
    )
    cells = {(place, part): 0.0 for place in places for part in parts}
    for place, part, amount in rows:
        cells[place, part] += amount
    table = Table(
        caption=title,
        columns=((x, "text"), *[(part, "number") for part in parts]),
        rows=tuple((place, *[number(cells[place, part], digits=digits) for part in parts]) for place in places),
        origin=origin,
    )
    return Chart(
        title=title, alt=f"{title}: {len(places)} bars of {len(parts)} parts.", table=table, spec=spec(chart)
    )
