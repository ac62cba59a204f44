"""Charts of two dimensions: importance-performance, Kano, correspondence (perceptual) map, Lorenz curve."""

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from nonagon.charts.drawing import data, legend, spec
from nonagon.charts.section import Chart, Column, Table
from nonagon.charts.theme import COLOURS
from nonagon.charts.wording import number, percent


@dataclass(frozen=True, slots=True)
class Place:
    """One labelled place on a map; group colours it."""

    label: str
    x: float
    y: float
    group: str = ""


def importance_performance(
    places: Sequence[Place],
    *,
    centre: tuple[float, float],
    title: str,
    x: str = "importance",
    y: str = "satisfaction",
    origin: str = "",
) -> Chart:
    """Importance across, performance up, cut at `centre` (x, y) into four quadrants named in the group."""
    return _map(places, title=title, x=x, y=y, cuts=centre, origin=origin)


def kano_map(places: Sequence[Place], *, title: str, origin: str = "") -> Chart:
    """Better (satisfaction when there) up and worse (dissatisfaction when missing, as a positive share) across."""
    return _map(
        places,
        title=title,
        x="worse: share dissatisfied without it",
        y="better: share satisfied with it",
        cuts=(0.5, 0.5),
        domain=(0.0, 1.0),
        origin=origin,
    )


def correspondence_map(
    places: Sequence[Place], *, title: str, inertia: tuple[float, float], origin: str = ""
) -> Chart:
    """Rows and columns of a table on two axes; inertia: share of each axis."""
    return _map(
        places,
        title=title,
        x=f"axis 1 ({percent(inertia[0], digits=0)} of inertia)",
        y=f"axis 2 ({percent(inertia[1], digits=0)} of inertia)",
        cuts=(0.0, 0.0),
        origin=origin,
    )


def _map(
    places: Sequence[Place],
    *,
    title: str,
    x: str,
    y: str,
    cuts: tuple[float, float],
    domain: tuple[float, float] | None = None,
    origin: str = "",
) -> Chart:
    rows = [
        {"label": place.label, "x": place.x, "y": place.y, "group": place.group, "number": str(position)}
        for position, place in enumerate(places, 1)
    ]
    scale = alt.Scale(domain=list(domain)) if domain else alt.Scale(zero=False, padding=24)
    grouped = any(place.group for place in places)
    names = legend([place.group for place in places])
    colour = alt.Color("group:N", title=None, legend=names) if grouped else alt.value(COLOURS["series-1"])
    shape = alt.Shape("group:N", title=None, legend=names) if grouped else alt.value("circle")
    base = alt.Chart(data(rows)).encode(x=alt.X("x:Q", title=x, scale=scale), y=alt.Y("y:Q", title=y, scale=scale))
    points = base.mark_point(size=64).encode(color=colour, shape=shape)
    numbers = base.mark_text(align="left", dx=8, dy=-6, fontSize=11).encode(text="number:N")
    vertical = (
        alt.Chart(data([{"x": cuts[0]}])).mark_rule(color=COLOURS["muted"], strokeDash=[4, 4]).encode(x="x:Q")
    )
    level = alt.Chart(data([{"y": cuts[1]}])).mark_rule(color=COLOURS["muted"], strokeDash=[4, 4]).encode(y="y:Q")
    where: list[Column] = [("where", "text")] if grouped else []
    table = Table(
        caption=title,
        columns=(
            ("", "number"),
            ("", "text"),
            (x, "number"),
            (y, "number"),
            *where,
        ),
        rows=tuple(
            (str(position), place.label, number(place.x), number(place.y), *([place.group] if grouped else []))
            for position, place in enumerate(places, 1)
        ),
        note="The numbers in the chart are the rows of this table.",
        origin=origin,
    )
    words = "; ".join(f"{place.label} ({place.group})" if place.group else place.label for place in places[:8])
    drawn = alt.layer(vertical, level, points, numbers)
    return Chart(title=title, alt=f"{title}: {words}.", table=table, spec=spec(drawn, height=360))


def lorenz(points: Sequence[tuple[float, float]], *, gini: float, title: str, origin: str = "") -> Chart:
    """Share of revenue against share of customers, smallest first; the diagonal is perfect equality."""
    rows = [{"customers": 100 * one, "revenue": 100 * other} for one, other in points]
    curve = alt.Chart(data(rows)).mark_area(
        line={"color": COLOURS["series-1"]}, color=COLOURS["band"], opacity=0.6
    )
    curve = curve.encode(
        x=alt.X("customers:Q", title="customers, smallest first, %", scale=alt.Scale(domain=[0, 100])),
        y=alt.Y("revenue:Q", title="their share of revenue, %", scale=alt.Scale(domain=[0, 100])),
    )
    equal = alt.Chart(data([{"customers": 0, "revenue": 0}, {"customers": 100, "revenue": 100}]))
    line = equal.mark_line(color=COLOURS["muted"], strokeDash=[4, 4]).encode(x="customers:Q", y="revenue:Q")
    shown = [
        points[position]
        for position in sorted({round(len(points) * part / 10) for part in range(10)})
        if position < len(points)
    ]
    if points and shown[-1] != points[-1]:
        shown.append(points[-1])
    table = Table(
        caption=title,
        columns=(("customers, smallest first", "number"), ("their share of revenue", "number")),
        rows=tuple((percent(one), percent(other)) for one, other in shown),
        origin=origin,
    )
    return Chart(
        title=title,
        alt=f"{title}: the Gini coefficient is {number(gini)}.",
        table=table,
        spec=spec(alt.layer(curve, line), width=360, height=360),
    )
