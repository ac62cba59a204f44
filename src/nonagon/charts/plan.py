"""Charts of a plan: Gantt with the critical path, and cash by month against what the organization can pay."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import altair as alt

from nonagon.charts.drawing import data, spec
from nonagon.charts.section import Chart, Table
from nonagon.charts.theme import COLOURS, WIDTH
from nonagon.charts.wording import number


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
    """One month: what the plan costs, what comes in, and what is left at its end."""

    month: str
    cost: float
    funds: float
    balance: float


def gantt(
    spans: Sequence[Span], *, title: str, months: Sequence[CashMonth] = (), currency: str = "", origin: str = ""
) -> Chart:
    """One bar an activity in the order given; the critical path is told by colour and in the table.

    months: what is left at the end of each, drawn as a line below on the same time axis, so that one sees
    which activities a short month holds up.
    """
    rows = [
        {
            "label": span.label,
            "start": span.start,
            "finish": span.finish,
            "path": "critical" if span.critical else "has slack",
        }
        for span in spans
    ]
    chart = (
        alt.Chart(data(rows))
        .mark_bar(height=12, cornerRadius=2)
        .encode(
            x=alt.X("start:T", title=None),
            x2="finish:T",
            y=alt.Y("label:N", sort=[span.label for span in spans], title=None),
            color=alt.Color(
                "path:N",
                title=None,
                scale=alt.Scale(
                    domain=["critical", "has slack"], range=[COLOURS["series-2"], COLOURS["series-1"]]
                ),
            ),
        )
    )
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
        origin=origin,
    )
    last = max((span.finish for span in spans), default=None)
    words = f"{title}: {len(spans)} activities" + (f", the last finishes on {last}." if last else ".")
    height = max(90, 22 * len(spans))
    if not months:
        return Chart(title=title, alt=words, table=table, spec=spec(chart, height=height))
    above = chart.properties(width=WIDTH, height=height)
    drawn = alt.vconcat(above, _cash_line(months, currency), spacing=8).resolve_scale(
        x="shared", color="independent"
    )
    short = next((one.month for one in months if one.balance < 0), None)
    words += f" The money runs out in {short}." if short else " The money lasts."
    return Chart(title=title, alt=words, table=table, spec=spec(drawn))


def _cash_line(months: Sequence[CashMonth], currency: str) -> alt.LayerChart:
    """The balance at the end of each month, which falls short below the rule at nothing."""
    rows = [{"at": _month_end(one.month), "balance": one.balance, "short": one.balance < 0} for one in months]
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
    return alt.layer(zero, line, points).properties(width=WIDTH, height=120)


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
            "state": "falls short" if one.balance < 0 else "is paid for",
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
                "falls short" if one.balance < 0 else "",
            )
            for one in months
        ),
        note="Bars are the cost of the month, the line is the balance at its end.",
        origin=origin,
    )
    short = next((one.month for one in months if one.balance < 0), None)
    words = f"{title}: the plan falls short first in {short}." if short else f"{title}: every month is paid for."
    return Chart(title=title, alt=words, table=table, spec=spec(alt.layer(bars, line, zero)))
