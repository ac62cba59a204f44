"""The drawing of the trace: what stands in it, escaped and in its place."""

import xml.etree.ElementTree as ET

from nonagon.charts.trace import Record, trace_map

KINDS = {"need": "Needs", "characteristic": "Characteristics", "project": "Projects", "result": "Results"}
SVG = "{http://www.w3.org/2000/svg}"


def drawn(
    records: list[Record], links: list[tuple[tuple[str, str], tuple[str, str]]], **more: object
) -> ET.Element:
    return ET.fromstring(trace_map(KINDS, records, links, **more))  # type: ignore[arg-type]


def test_columns_stand_in_the_order_of_the_trace_and_empty_ones_are_left_out() -> None:
    root = drawn([Record("result", "r", "R"), Record("need", "n", "N"), Record("need", "m", "M")], [])
    titles = [one.text for one in root.findall(f"{SVG}text")]
    assert titles == ["Needs", "Results"]
    places = {one.findtext(f".//{SVG}text"): one.find(f".//{SVG}rect").attrib["x"] for one in root.iter(f"{SVG}g")}  # type: ignore[union-attr]
    assert places["N"] == places["M"] != places["R"]


def test_records_are_sorted_so_that_lines_run_straight() -> None:
    records = [
        *(Record("need", f"n{place}", f"N{place}") for place in range(4)),
        *(Record("characteristic", f"c{place}", f"C{place}") for place in range(4)),
    ]
    links = [(("need", f"n{place}"), ("characteristic", f"c{3 - place}")) for place in range(4)]
    root = drawn(records, links)
    column = [one.findtext(f"{SVG}text") for one in root.iter(f"{SVG}g")][4:]
    assert column == ["C3", "C2", "C1", "C0"]


def test_text_is_escaped_and_a_hidden_record_has_no_link() -> None:
    name = '<script>"&'
    records = [Record("need", "n", name, url='/x?a=1&b="2"'), Record("project", "#1", "confidential", hidden=True)]
    root = drawn(records, [(("need", "n"), ("project", "#1"))], selected=("need", "n"))
    (link,) = root.findall(f"{SVG}a")
    assert link.attrib["href"] == '/x?a=1&b="2"'
    assert link.attrib["aria-current"] == "true"
    assert link.findtext(f"{SVG}text") == name
    (group,) = root.findall(f"{SVG}g")
    assert group.find(f"{SVG}rect").attrib["stroke-dasharray"]  # type: ignore[union-attr]


def test_links_to_what_is_not_there_are_not_drawn_and_colours_are_variables() -> None:
    text = trace_map(KINDS, [Record("need", "n", "N")], [(("need", "n"), ("result", "gone"))])
    assert "<path" not in text
    assert "var(--paper" in text
