"""Every chart: its specification draws, its table is complete, its words say what it shows."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from xml.etree import ElementTree

import altair as alt
import pytest

from nonagon.charts.bars import Bar, amounts, intervals, pareto
from nonagon.charts.lines import Point, amounts_over_time, before_after, discovery_curve, trend
from nonagon.charts.maps import Place, correspondence_map, importance_performance, kano_map, lorenz
from nonagon.charts.plan import CashMonth, Span, cash, gantt
from nonagon.charts.process import MOST_MARKS, ChartPoint, capability_histogram, control_chart
from nonagon.charts.render import render
from nonagon.charts.section import Chart
from nonagon.charts.theme import COLOURS

HOSTILE = "<script>alert(\"x\")</script> & 'y' ]]> {{ 7*7 }} \u202e"
SVG = "{http://www.w3.org/2000/svg}"

BARS = [
    Bar("Punctuality", 3.1, 2.9, 3.3, group="a"),
    Bar("Seats", 3.25, 3.0, 3.5, group="a", detail="120 answers"),
    Bar(HOSTILE, 4.0, 3.9, 4.1, group="b"),
    Bar("Withheld", None, detail="fewer than 10 answers"),
]
DAYS = [
    Point(date(2025, 1, 1) + timedelta(days=day), 4 - day / 10, 3.5 - day / 10, 4.5 - day / 10) for day in range(9)
]
WAVES = [Point("w1", 3.5, 3.2, 3.8), Point("w2", None), Point(HOSTILE, 3.9, 3.6, 4.2)]
PLACES = [
    Place("Punctuality", 0.4, 3.1, "improve first"),
    Place(HOSTILE, 0.1, 4.2, "keep"),
    Place("Seats", 0.3, 3.9),
]


def points(count: int) -> list[ChartPoint]:
    return [
        ChartPoint(
            label=f"day {n}" if n != 3 else HOSTILE,
            value=5 + n % 3 - (2 if n > 10 else 0),
            centre=5.5 if n <= 10 else 3.5,
            lower=2.0 if n <= 10 else None,
            upper=9.0 if n <= 10 else 7.0 + n / 100,
            phase="before" if n <= 10 else "after",
            signals=("beyond limits",) if n in {3, 12} else (),
        )
        for n in range(1, count + 1)
    ]


CHARTS: dict[str, Callable[[], Chart]] = {
    "intervals": lambda: intervals(BARS, title="Scores", x="mean", reference=3.5, origin="o"),
    "intervals of shares": lambda: intervals(
        [Bar("NPS", 0.25, 0.2, 0.3), Bar(HOSTILE, -0.1)], title="Shares", x="share", share=True, origin="o"
    ),
    "pareto": lambda: pareto([HOSTILE, "late", "dirty"], [3, 8, 3], title="Causes", what="cases", origin="o"),
    "amounts": lambda: amounts(
        [("2025-01", "old", 10), ("2025-01", HOSTILE, 5), ("2025-02", "old", 7), ("2025-01", "old", 1)],
        title="Sales",
        x="month",
        y="EUR",
        origin="o",
    ),
    "trend by day": lambda: trend(
        {"score": DAYS}, title="Trend", x="day", y="points", marks=[(date(2025, 1, 5), HOSTILE)], origin="o"
    ),
    "trend by wave": lambda: trend(
        {"us": WAVES, HOSTILE: WAVES[:2]},
        title="Waves",
        x="wave",
        y="points",
        marks=[("w2", "change")],
        origin="o",
    ),
    "before and after": lambda: before_after(
        DAYS, DAYS[4:], start=date(2025, 1, 5), title="Effect", x="day", y="points", origin="o"
    ),
    "discovery curve": lambda: discovery_curve(
        [(n, 10 - 10 / n) for n in range(1, 40)],
        [(39, 9.7), (80, 10.2)],
        total=(11.0, None),
        title="Needs heard",
        origin="o",
    ),
    "importance and performance": lambda: importance_performance(
        PLACES, centre=(0.25, 3.7), title="Map", origin="o"
    ),
    "kano": lambda: kano_map([Place("a", 0.6, 0.2), Place("b", 0.1, 0.9)], title="Kano", origin="o"),
    "correspondence": lambda: correspondence_map(PLACES, title="Map", inertia=(0.7, 0.2), origin="o"),
    "lorenz": lambda: lorenz([(n / 50, (n / 50) ** 3) for n in range(51)], gini=0.5, title="Lorenz", origin="o"),
    "gantt": lambda: gantt(
        [
            Span("Training", date(2025, 1, 1), date(2025, 2, 1), critical=True, detail="owner: depot"),
            Span(HOSTILE, date(2025, 1, 15), date(2025, 1, 20)),
        ],
        title="Plan",
        origin="o",
    ),
    "gantt with cash": lambda: gantt(
        [Span("Train", date(2025, 1, 1), date(2025, 2, 1), critical=True)],
        title="Plan",
        months=[CashMonth("2025-01", 10, 20, 10), CashMonth("2025-02", 30, 0, -20)],
        currency="EUR",
        origin="o",
    ),
    "cash": lambda: cash(
        [CashMonth("2025-01", 10, 30, 20), CashMonth("2025-02", 40, 0, -20)],
        title="Cash",
        currency="EUR",
        origin="o",
    ),
    "control chart": lambda: control_chart(points(24), title="Delay", y="minutes", origin="o"),
    "histogram": lambda: capability_histogram(
        [0, 1, 2, 3],
        [4, 9, 2],
        lower_limit=0.5,
        upper_limit=None,
        target=1.5,
        title="Delay",
        x="minutes",
        origin="o",
    ),
}
EMPTY: dict[str, Callable[[], Chart]] = {
    "intervals": lambda: intervals([], title="Scores", x="mean"),
    "pareto": lambda: pareto([], [], title="Causes", what="cases"),
    "amounts": lambda: amounts([], title="Sales", x="month", y="EUR"),
    "trend": lambda: trend({}, title="Trend", x="day", y="points"),
    "trend without values": lambda: trend({"us": [Point("w1", None)]}, title="Trend", x="day", y="points"),
    "discovery curve": lambda: discovery_curve([], [], total=(None, None), title="Needs heard"),
    "map": lambda: importance_performance([], centre=(0, 0), title="Map"),
    "lorenz": lambda: lorenz([], gini=0, title="Lorenz"),
    "gantt": lambda: gantt([], title="Plan"),
    "cash": lambda: cash([], title="Cash", currency="EUR"),
    "control chart": lambda: control_chart([], title="Delay", y="minutes"),
    "histogram": lambda: capability_histogram(
        [0, 1], [0], lower_limit=None, upper_limit=None, target=None, title="Delay", x="minutes"
    ),
}


def drawn(chart: Chart) -> str:
    assert chart.spec is not None
    return render(chart.spec, name="t")


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_draws_in_the_page_s_colours_alone(name: str) -> None:
    svg = drawn(CHARTS[name]())
    tree = ElementTree.fromstring(svg)
    assert tree.tag == f"{SVG}svg"
    assert [one.tag for one in tree.iter() if "script" in one.tag] == []
    used = set(re.findall(r'\b(?:fill|stroke)="([^"]+)"', svg))
    known = {f"var(--{token}, {colour})" for token, colour in COLOURS.items()}
    assert used - known <= {"none", "transparent"}, "a colour that the dark page could not change"


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_has_words_and_a_whole_table(name: str) -> None:
    chart = CHARTS[name]()
    assert chart.title
    assert chart.alt.startswith(f"{chart.title}: ")
    assert chart.alt.endswith(".")
    table = chart.table
    assert table.caption == chart.title
    assert table.origin == "o"
    assert table.rows
    for row in table.rows:
        assert len(row) == len(table.columns)
        assert all(isinstance(cell, str) for cell in row)
        assert not any(word in cell for cell in row for word in ("None", "nan"))


@pytest.mark.parametrize("name", EMPTY)
def test_a_chart_of_nothing_draws_too(name: str) -> None:
    chart = EMPTY[name]()
    ElementTree.fromstring(drawn(chart))
    assert chart.alt.startswith(f"{chart.title}: ")
    assert all(len(row) == len(chart.table.columns) for row in chart.table.rows)


def test_the_same_chart_is_the_same_to_the_byte() -> None:
    first = [drawn(CHARTS[name]()) for name in ("trend by day", "kano", "trend by day")]
    again = [drawn(CHARTS[name]()) for name in ("trend by day", "kano", "trend by day")]
    assert first[0] == first[2] == again[0]
    assert first[1] == again[1]


# --- what the tables say


def rows(name: str) -> list[tuple[str, ...]]:
    return list(CHARTS[name]().table.rows)


def test_intervals_say_ties_and_what_is_withheld() -> None:
    chart = CHARTS["intervals"]()
    assert [heading for heading, _ in chart.table.columns] == ["", "mean", "interval", "tied group", ""]
    assert chart.table.rows == (
        ("Punctuality", "3.10", "2.90 to 3.30", "a", ""),
        ("Seats", "3.25", "3.00 to 3.50", "a", "120 answers"),
        (HOSTILE, "4.00", "3.90 to 4.10", "b", ""),
        ("Withheld", "", "", "", "fewer than 10 answers"),
    )
    assert chart.alt == "Scores: 3 rows, first Punctuality at 3.10."
    assert rows("intervals of shares") == [
        ("NPS", "25.0\u202f%", "20.0\u202f% to 30.0\u202f%"),
        (HOSTILE, "−10.0\u202f%", ""),
    ]


def test_pareto_ranks_and_adds_up() -> None:
    assert rows("pareto") == [
        ("late", "8", "57.1\u202f%", "57.1\u202f%"),
        (HOSTILE, "3", "21.4\u202f%", "78.6\u202f%"),
        ("dirty", "3", "21.4\u202f%", "100.0\u202f%"),
    ]


def test_amounts_add_up_in_each_place() -> None:
    chart = CHARTS["amounts"]()
    assert [heading for heading, _ in chart.table.columns] == ["month", "old", HOSTILE]
    assert chart.table.rows == (("2025-01", "11", "5"), ("2025-02", "7", "0"))


def test_trend_shows_every_place_and_intervals_where_there_are_some() -> None:
    chart = CHARTS["trend by wave"]()
    assert chart.table.rows[0] == ("w1", "3.50", "3.20 to 3.80", "3.50", "3.20 to 3.80")
    assert chart.table.rows[1] == ("w2", "", "", "", "")
    bare = trend({"score": [Point("w1", 1.0), Point("w2", 2.0)]}, title="Trend", x="wave", y="points")
    assert [heading for heading, _ in bare.table.columns] == ["wave", "score"]
    assert bare.table.rows == (("w1", "1.00"), ("w2", "2.00"))
    assert bare.alt == "Trend: score from 1.00 to 2.00."


def test_trend_by_day_stands_in_the_order_of_time() -> None:
    chart = trend({"a": DAYS[4:], "b": DAYS[:5]}, title="Trend", x="day", y="points")
    days = [row[0] for row in chart.table.rows]
    assert days == sorted(days)
    assert len(days) == 9


def test_discovery_curve_thins_its_table_and_keeps_the_ends() -> None:
    found = rows("discovery curve")
    heard = [row for row in found if row[2] == "heard so far"]
    assert len(heard) <= 15
    assert heard[0][0] == "1"
    assert heard[-1][0] == "39"
    assert ("80", "10.2", "expected with more interviews") in found


def test_a_map_numbers_its_places() -> None:
    chart = CHARTS["importance and performance"]()
    assert chart.table.rows[0] == ("1", "Punctuality", "0.40", "3.10", "improve first")
    assert [row[0] for row in chart.table.rows] == ["1", "2", "3"]


def test_lorenz_runs_from_nothing_to_everything() -> None:
    found = rows("lorenz")
    assert found[0] == ("0.0\u202f%", "0.0\u202f%")
    assert found[-1] == ("100.0\u202f%", "100.0\u202f%")


def test_cash_names_the_month_that_falls_short() -> None:
    chart = CHARTS["cash"]()
    assert chart.alt == "Cash: the plan falls short first in 2025-02."
    assert chart.table.rows[1] == ("2025-02", "40", "0", "−20", "falls short")


def test_control_chart_names_phases_limits_and_signals() -> None:
    chart = CHARTS["control chart"]()
    assert chart.alt == "Delay: 24 points, 2 signals."
    assert chart.table.rows == (
        ("before: day 1 to day 10", "5.50", "2.00 to 9.00", "10 points"),
        ("after: day 11 to day 24", "3.50", "none to 7.11 (vary with size)", "14 points"),
        (HOSTILE, "5.00", "", "signal: beyond limits"),
        ("day 12", "3.00", "", "signal: beyond limits"),
    )


def layers(chart: Chart, mark: str) -> list[dict[str, Any]]:
    """The layers of a chart that draw with such a mark."""
    assert chart.spec is not None
    return [one for one in chart.spec["layer"] if one["mark"]["type"] == mark]


def test_control_chart_holds_each_point_once_and_limits_where_they_turn() -> None:
    chart = CHARTS["control chart"]()
    assert chart.spec is not None
    assert [row["n"] for row in chart.spec["data"]["values"]] == list(range(1, 25))
    *limits, values = layers(chart, "line")
    assert "data" not in values
    # points(): ten points share their limits, of the fourteen after them each has its own upper one
    turns = [1, 10, *range(11, 25)]
    assert [[row["n"] for row in one["data"]["values"]] for one in limits] == [turns] * 3
    assert [one["encoding"]["y"]["field"] for one in limits] == ["centre", "upper", "lower"]


@pytest.mark.parametrize(("count", "marks"), [(MOST_MARKS, MOST_MARKS), (MOST_MARKS + 1, 0)])
def test_control_chart_of_very_many_points_marks_signals_alone(count: int, marks: int) -> None:
    svg = drawn(control_chart(points(count), title="Delay", y="minutes"))
    symbols = re.findall(
        r"<path[^>]*>", "".join(re.findall(r'<g class="mark-symbol[^>]*>(.*?)</g>', svg, re.DOTALL))
    )
    assert len(symbols) == marks + 2  # points() has two with signals


def test_control_chart_lists_so_many_signals_and_counts_the_rest() -> None:
    many = [
        ChartPoint(
            label=f"day {n}", value=9, centre=5, lower=1, upper=8, signals=("beyond limits",) if n % 2 else ()
        )
        for n in range(1, 61)
    ]
    table = control_chart(many, title="Delay", y="minutes", most_rows=25).table
    assert len(table.rows) == 1 + 25
    assert table.note == "5 more points with signals are not listed."


def test_signals_that_follow_each_other_are_one_row_and_days_name_the_axis() -> None:
    loud = [
        ChartPoint(
            label=f"2025-03-{n:02d}", value=n, centre=5, lower=1, upper=8, signals=("high",) if n > 8 else ()
        )
        for n in range(1, 13)
    ]
    chart = control_chart(loud, title="Delay", y="minutes")
    assert chart.table.rows[1:] == (("2025-03-09 to 2025-03-12", "9.00 to 12.00", "", "4 points, signal: high"),)
    text = str(chart.spec)
    assert "2025-03-01" in text
    assert "'title': 'day'" in text


def test_many_months_stand_on_a_time_axis_and_in_years_in_the_table() -> None:
    months = [(date(2023 + n // 12, n % 12 + 1, 1), "v1", 10.0) for n in range(30)]
    chart = amounts_over_time(months, title="Sales", x="month", y="EUR")
    assert chart.table.rows == (("2023", "120"), ("2024", "120"), ("2025", "60"))
    assert "yearmonth" in str(chart.spec)
    assert amounts_over_time(months[:2], title="Sales", x="month", y="EUR").table.rows[0] == ("2023-01", "10")


def test_histogram_notes_the_limits() -> None:
    chart = CHARTS["histogram"]()
    assert chart.table.note == "lower limit 0.50; target 1.50"
    assert chart.table.rows[1] == ("1.00", "2.00", "9")
    assert chart.alt == "Delay: 15 measurements between 0.00 and 3.00."


@pytest.mark.parametrize("name", CHARTS)
def test_a_specification_is_valid_vega_lite(name: str) -> None:
    spec = CHARTS[name]().spec
    assert spec is not None
    top = alt.LayerChart if "layer" in spec else alt.Chart
    top.from_dict(spec)  # raises where Vega-Lite's schema does not allow it


def test_specifications_are_plain_data() -> None:
    def plain(value: Any) -> bool:
        if isinstance(value, dict):
            return all(isinstance(key, str) and plain(one) for key, one in value.items())
        if isinstance(value, list):
            return all(plain(one) for one in value)
        return value is None or isinstance(value, str | int | float | bool)

    for name, make in CHARTS.items():
        assert plain(make().spec), name


def test_what_is_tied_with_nothing_has_no_entry_in_the_legend() -> None:
    bars = [Bar("A", 1, group="A"), Bar("B", 2, group="AB"), Bar("C", 9)]
    drawn = intervals(bars, title="Scores", x="mean").spec or {}
    assert len(drawn["layer"]) == 3
    for layer in drawn["layer"]:
        assert layer["encoding"]["color"]["condition"]["scale"]["domain"] == ["A", "AB"]


def test_a_brief_activity_is_a_diamond_that_the_note_explains() -> None:
    year = Span("Year", date(2025, 1, 1), date(2025, 12, 31))
    chart = gantt([year, Span("Day", date(2025, 6, 1), date(2025, 6, 2))], title="Plan")
    drawn = chart.spec or {}
    source = (drawn if "data" in drawn else drawn["layer"][0])["data"]["values"]
    # 2 % of 364 days are a good week.
    assert [row["brief"] for row in source] == [False, True]
    assert chart.table.note == "A diamond is an activity too brief to show as a bar."
    assert gantt([year], title="Plan").table.note == ""
    assert drawn["width"] <= 440, "with its names no wider than A4's text"


def test_a_month_that_is_over_is_not_said_to_fall_short() -> None:
    chart = cash([CashMonth("2025-01", 10, 0, -10, finished=True)], title="Cash", currency="EUR")
    assert chart.table.rows[0][-1] == "spent"
    assert chart.alt == "Cash: every month is paid for."
