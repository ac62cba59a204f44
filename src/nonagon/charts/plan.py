"""Charts of a plan: Gantt with the critical path, and cash by month against what the organization can pay."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import altair as alt

from nonagon.charts.drawing import data, spec
from nonagon.charts.section import Chart, Table
from nonagon.charts.theme import COLOURS
from nonagon.charts.wording import number

GANTT_WIDTH, LABEL = 420, 230
"""Plot and names together are no wider than A4's text, so that nothing is shrunk on paper."""

BRIEF = 0.02
"""The part of the whole time below which a bar is too thin to see."""


@dataclass(frozen=True, slots=True)
class Span:
    """One activity on the time axis."""

    label: str
    start: date
    finish: date
    critical: bool = False
    detail: str = ""


@dataclass(frozen=True, slots=True)
class CashMonth:
    """One month: what it costs, what comes in, what is left at its end; finished: it is over, so never short."""

    month: str
    cost: float
    funds: float
    balance: float
    finished: bool = False


def gantt(
    spans: Sequence[Span], *, title: str, months: Sequence[CashMonth] = (), currency: str = "", origin: str = ""
) -> Chart:
    """One bar an activity in the order given; the critical path is told by colour and in the table.

    months: what is left at the end of each, drawn as a line below on the same time axis, so that one sees
    which activities a short month holds up.
    """
    last = max((span.finish for span in spans), default=None)
    whole = (last - min(span.start for span in spans)).days if last is not None else 0
    rows = [
        {
            "label": span.label,
            "start": span.start,
            "finish": span.finish,
            "path": "critical" if span.critical else "has slack",
            "brief": (span.finish - span.start).days < BRIEF * whole,
        }
        for span in spans
    ]
    base = alt.Chart(data(rows)).encode(
        y=alt.Y("label:N", sort=[span.label for span in spans], title=None, axis=alt.Axis(labelLimit=LABEL)),
        color=alt.Color(
            "path:N",
            title=None,
            scale=alt.Scale(domain=["critical", "has slack"], range=[COLOURS["series-2"], COLOURS["series-1"]]),
        ),
    )
    bars = base.mark_bar(height=14, cornerRadius=2).encode(x=alt.X("start:T", title=None), x2="finish:T")
    # On paper a day out of a year is a hairline: a diamond stands where a bar would be that thin.
    diamonds = base.transform_filter("datum.brief").mark_point(shape="diamond", size=110, filled=True, opacity=1)
    chart = alt.layer(bars, diamonds.encode(x="start:T"))
    table = Table(
        caption=title,
        columns=(("activity", "text"), ("start", "text"), ("finish", "text"), ("path", "text"), ("", "text")),
        rows=tuple(
            (
                span.label,
                span.start.isoformat(),
                span.finish.isoformat(),
                "critical" if span.critical else "",
                span.detail,
            )
            for span in spans
        ),
        note="A diamond is an activity too brief to show as a bar." if any(row["brief"] for row in rows) else "",
        origin=origin,
    )
    words = f"{title}: {len(spans)} activities" + (f", the last finishes on {last}." if last else ".")
    height = max(90, 24 * len(spans))
    if not months:
        return Chart(title=title, alt=words, table=table, spec=spec(chart, width=GANTT_WIDTH, height=height))
    above = chart.properties(width=GANTT_WIDTH, height=height)
    drawn = alt.vconcat(above, _cash_line(months, currency), spacing=8).resolve_scale(
        x="shared", color="independent"
    )
    short = next((one.month for one in months if _short(one)), None)
    words += f" The money runs out in {short}." if short else " The money lasts."
    return Chart(title=title, alt=words, table=table, spec=spec(drawn))


def _cash_line(months: Sequence[CashMonth], currency: str) -> alt.LayerChart:
    """The balance at the end of each month, which falls short below the rule at nothing."""
    rows = [{"at": _month_end(one.month), "balance": one.balance, "short": _short(one)} for one in months]
    base = alt.Chart(data(rows)).encode(
        x=alt.X("at:T", title=None), y=alt.Y("balance:Q", title=f"left, {currency}" if currency else "left")
    )
    line = base.mark_line(color=COLOURS["ink"])
    points = base.mark_point(size=46).encode(
        color=alt.Color(
            "short:N",
            legend=None,
            scale=alt.Scale(domain=[False, True], range=[COLOURS["series-1"], COLOURS["bad"]]),
        )
    )
    zero = alt.Chart(data([{"zero": 0}])).mark_rule(color=COLOURS["muted"]).encode(y="zero:Q")
    return alt.layer(zero, line, points).properties(width=GANTT_WIDTH, height=120)


def _short(one: CashMonth) -> bool:
    return one.balance < 0 and not one.finished


def _month_end(month: str) -> date:
    """The last day of a month written YYYY-MM."""
    place = int(month[:4]) * 12 + int(month[5:7])
    return date(place // 12, place % 12 + 1, 1) - timedelta(days=1)


def cash(months: Sequence[CashMonth], *, title: str, currency: str, origin: str = "") -> Chart:
    """Cost a month as bars and the balance as a line; months that fall short are marked."""
    rows = [
        {
            "month": one.month,
            "cost": one.cost,
            "balance": one.balance,
            "state": "falls short" if _short(one) else "is paid for",
        }
        for one in months
    ]
    x = alt.X("month:N", title=None, sort=[one.month for one in months], axis=alt.Axis(labelAngle=-35))
    base = alt.Chart(data(rows)).encode(x=x)
    bars = base.mark_bar().encode(
        y=alt.Y("cost:Q", title=currency),
        color=alt.Color(
            "state:N",
            title=None,
            scale=alt.Scale(domain=["is paid for", "falls short"], range=[COLOURS["series-1"], COLOURS["bad"]]),
        ),
    )
    line = base.mark_line(point=True, color=COLOURS["ink"]).encode(y=alt.Y("balance:Q", title=currency))
    zero = alt.Chart(data([{"zero": 0}])).mark_rule(color=COLOURS["muted"]).encode(y="zero:Q")
    table = Table(
        caption=title,
        columns=(
            ("month", "text"),
            (f"cost, {currency}", "number"),
            (f"funds, {currency}", "number"),
            (f"balance, {currency}", "number"),
            ("", "text"),
        ),
        rows=tuple(
            (
                one.month,
                number(one.cost, digits=0),
                number(one.funds, digits=0),
                number(one.balance, digits=0),
                "falls short" if _short(one) else "spent" if one.finished else "",
            )
            for one in months
        ),
        note="Bars are the cost of the month (spent, where known); the line is the balance at its end.",
        origin=origin,
    )
    short = next((one.month for one in months if _short(one)), None)
    words = f"{title}: the plan falls short first in {short}." if short else f"{title}: every month is paid for."
    return Chart(title=title, alt=words, table=table, spec=spec(alt.layer(bars, line, zero)))
