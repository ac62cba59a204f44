"""Drawings in the page's colours, with ids of their own."""

import re
from xml.etree import ElementTree

from nonagon.charts.bars import Bar, amounts, intervals
from nonagon.charts.lines import Point, trend
from nonagon.charts.maps import Place, correspondence_map
from nonagon.charts.render import render, themed
from nonagon.charts.theme import COLOURS

# Clipped marks are drawn with a clip path, which has an id that others refer to.
CLIPPED = {
    "data": {"values": [{"x": 1, "y": 2}, {"x": 2, "y": 9}]},
    "mark": {"type": "line", "clip": True},
    "encoding": {
        "x": {"field": "x", "type": "quantitative"},
        "y": {"field": "y", "type": "quantitative", "scale": {"domain": [0, 5]}},
    },
}
CHART = intervals([Bar("a", 1.0, 0.5, 1.5), Bar("b", 2.0, 1.5, 2.5)], title="Scores", x="mean")


def ids(svg: str) -> list[str]:
    return re.findall(r'\bid="([^"]+)"', svg)


def test_ids_are_unique_over_a_page_and_every_reference_finds_its_own() -> None:
    page = "".join(render(CLIPPED, name=name) for name in ("s1-1", "s1-2", "s2-1"))
    found = ids(page)
    assert len(found) == len(set(found)) > 0
    references = re.findall(r"url\(#([^)]+)\)", page) + re.findall(r'href="#([^"]+)"', page)
    assert set(references) == set(found)


def test_ids_do_not_depend_on_what_was_drawn_before() -> None:
    first = render(CLIPPED, name="x")
    for _ in range(3):
        render(CLIPPED, name="y")
    assert render(CLIPPED, name="x") == first


def test_ids_are_counted_behind_the_name() -> None:
    svg = '<svg><g id="clip7"/><g id="a"/><use href="#clip7"/><g clip-path="url(#a)"/><a href="#step-1"/></svg>'
    assert themed(svg, name="n") == (
        '<svg><g id="n-1"/><g id="n-2"/><use href="#n-1"/><g clip-path="url(#n-2)"/><a href="#step-1"/></svg>'
    )


def test_every_colour_of_the_theme_becomes_a_variable() -> None:
    svg = "".join(f'<path fill="{colour}" stroke="{colour.upper()}"/>' for colour in COLOURS.values())
    assert themed(svg, name="n") == "".join(
        f'<path fill="var(--{token}, {colour})" stroke="var(--{token}, {colour})"/>'
        for token, colour in COLOURS.items()
    )


def test_colours_in_words_are_left_alone() -> None:
    words = f"<text>{COLOURS['ink']}</text>"
    assert themed(words, name="n") == words


def test_a_drawing_scales_with_the_page() -> None:
    svg = '<svg width="300" height="100.5" viewBox="0 0 300 100"><rect width="10" height="10"/></svg>'
    assert themed(svg, name="n") == (
        '<svg style="width:100%;max-width:300px" viewBox="0 0 300 100"><rect width="10" height="10"/></svg>'
    )
    without_box = '<svg width="300"><rect/></svg>'
    assert themed(without_box, name="n") == without_box
    assert themed("no drawing", name="n") == "no drawing"


def test_the_drawing_is_well_formed() -> None:
    assert CHART.spec is not None
    root = ElementTree.fromstring(render(CHART.spec, name="x"))
    assert "max-width" in root.attrib["style"]
    assert "width" not in root.attrib


def test_numbers_along_an_axis_are_written_as_in_sentences() -> None:
    chart = intervals([Bar("a", -2000.0), Bar("b", 4000.0)], title="Worth", x="money")
    assert chart.spec is not None
    drawn = render(chart.spec, name="x")
    assert "4\u202f000" in drawn
    assert "\u22122\u202f000" in drawn


SIX = [f"Passengers of line {place} and its accounts" for place in range(1, 7)]
PERIODS = [Point(f"w{place}", float(place)) for place in range(1, 4)]


def width_of(svg: str) -> int:
    found = re.search(r"max-width:(\d+)px", svg)
    assert found
    return int(found[1])


def test_many_long_names_in_a_legend_do_not_widen_the_drawing() -> None:
    """A wider drawing is scaled down on the page and on paper: what is written in it would become small."""

    def drawn(names: list[str]) -> str:
        return render(trend(dict.fromkeys(names, PERIODS), title="Scores", x="wave", y="mean").spec, name="x")

    alone, many = drawn(SIX[:1]), drawn(SIX)
    assert width_of(many) == width_of(alone)
    assert all(name in many for name in SIX)
    assert width_of(drawn(["ours", "theirs"])) == width_of(alone)


def test_groups_on_a_map_and_parts_of_a_bar_are_named_in_columns_too() -> None:
    on_map = correspondence_map(
        [Place(name, at, at, group=name) for at, name in enumerate(SIX)], title="Map", inertia=(0.6, 0.3)
    )
    bars = amounts([("2025", name, 1.0) for name in SIX], title="Sales", x="year", y="EUR")
    # Plots are 620 wide; the axis and its labels stand beside.
    assert width_of(render(on_map.spec, name="x")) < 720
    assert width_of(render(bars.spec, name="x")) < 720
