"""The House of Quality's own drawing."""

from xml.etree import ElementTree

import pytest

from nonagon.charts.house import CELL, NAME, SIDE, House, HouseColumn, HouseRow, house_of_quality
from nonagon.charts.render import themed

HOSTILE = "<script>alert('x')</script> & \"y\""
SVG = "{http://www.w3.org/2000/svg}"

COLUMNS = tuple(
    HouseColumn(
        id=f"c{number}",
        name=HOSTILE if number == 2 else f"Characteristic {number} with a long name",
        direction=("lower", "higher", "target", "lower")[number],
        target=("5 min", "0.95", "21 °C", "")[number],
        weight=(0.4, 0.3, 0.2, None)[number],
        low=(0.35, None, 0.1, None)[number],
        high=(0.45, None, 0.3, None)[number],
        rank=(1, 2, 3, None)[number],
    )
    for number in range(4)
)
HOUSE = House(
    rows=(
        HouseRow("punctual", "Buses leave on time", 0.6, ours=3.1, theirs=(3.4, None)),
        HouseRow("hostile", HOSTILE, None, ours=None, theirs=()),
    ),
    columns=COLUMNS,
    strengths={
        ("punctual", "c0"): 9.0,
        ("punctual", "c1"): 3.0,
        ("hostile", "c2"): 1.0,
        ("hostile", "c0"): 2.5,
    },
    roof={("c0", "c1"): "++", ("c3", "c0"): "-", ("c1", "c2"): "--", ("c2", "c3"): "+"},
    competitors=("Coach & Co", "Train"),
)


@pytest.fixture(scope="module")
def tree() -> ElementTree.Element:
    return ElementTree.fromstring(themed(house_of_quality(HOUSE, title="House").svg, name="house"))


def texts(tree: ElementTree.Element) -> list[tuple[str, float, float]]:
    return [
        ("".join(one.itertext()), float(one.attrib["x"]), float(one.attrib["y"]))
        for one in tree.iter(f"{SVG}text")
    ]


def place_of(tree: ElementTree.Element, words: str) -> tuple[float, float]:
    found = [(x, y) for text, x, y in texts(tree) if text == words]
    assert len(found) == 1, (words, found)
    return found[0]


def column_middle(place: int) -> float:
    return NAME + SIDE + CELL * (place + 0.5)


def test_the_drawing_is_well_formed_and_escaped(tree: ElementTree.Element) -> None:
    assert {one.tag for one in tree.iter()} == {f"{SVG}svg", f"{SVG}text", f"{SVG}line"}
    assert any(text.startswith("<script>") for text, _, _ in texts(tree)), "shown as text, not taken as markup"


def test_a_roof_sign_stands_where_the_diagonals_of_its_columns_meet(tree: ElementTree.Element) -> None:
    roof_height = CELL * 4 / 2 + 12
    # between neighbours half a cell above the columns' heads; three columns apart one and a half
    for words, first, second in (("++", 0, 1), ("−−", 1, 2), ("+", 2, 3), ("−", 0, 3)):
        x, y = place_of(tree, words)
        assert x == pytest.approx((column_middle(first) + column_middle(second)) / 2, abs=0.06)
        assert roof_height - y == pytest.approx(CELL * (second - first) / 2 - 4, abs=0.06)


def test_roof_signs_lie_inside_the_roof(tree: ElementTree.Element) -> None:
    lines = [
        tuple(float(one.attrib[name]) for name in ("x1", "y1", "x2", "y2")) for one in tree.iter(f"{SVG}line")
    ]
    peak = min(min(y1, y2) for _, y1, _, y2 in lines)
    for words in ("++", "−−", "+", "−"):
        _, y = place_of(tree, words)
        assert y > peak


def test_strengths_stand_in_their_cells(tree: ElementTree.Element) -> None:
    _, first_row = place_of(tree, "Buses leave on time")
    for words, column, row in (("●", 0, 0), ("○", 1, 0), ("△", 2, 1), ("2.5", 0, 1)):
        x, y = place_of(tree, words)
        assert x == pytest.approx(column_middle(column), abs=0.06)
        assert y == pytest.approx(first_row + 1 + CELL * row, abs=0.06)


def test_ratings_stand_right_of_the_grid(tree: ElementTree.Element) -> None:
    right = NAME + SIDE + CELL * 4
    for words, place in (("3.10", 0), ("3.40", 1)):
        x, _ = place_of(tree, words)
        assert x == pytest.approx(right + SIDE * (place + 0.5), abs=0.06)


def test_everything_lies_inside_the_view_box(tree: ElementTree.Element) -> None:
    _, _, width, height = (float(part) for part in tree.attrib["viewBox"].split())
    for words, x, y in texts(tree):
        assert 0 <= x <= width, words
        assert 0 <= y <= height, words
    for one in tree.iter(f"{SVG}line"):
        assert all(-1 <= float(one.attrib[name]) <= width for name in ("x1", "x2"))
        assert all(-1 <= float(one.attrib[name]) <= height for name in ("y1", "y2"))


def test_the_table_says_what_the_drawing_shows() -> None:
    chart = house_of_quality(HOUSE, title="House", origin="weights")
    assert chart.alt == (
        "House: 2 needs by 4 characteristics with 4 relationships and 4 interactions in the roof."
    )
    table = chart.table
    assert table.origin == "weights"
    assert table.rows[0] == (
        "Characteristic 0 with a long name",
        "lower",
        "5 min",
        "40.0\u202f%",
        "35 to 45\u202f%",
        "1",
        f"Buses leave on time 9, {HOSTILE} 2.5",
    )
    assert table.rows[3][3:] == ("", "", "", "")
    assert table.note.startswith(
        "Roof: Characteristic 0 with a long name and Characteristic 1 with a long name: ++"
    )


def test_a_house_without_anything() -> None:
    chart = house_of_quality(House(rows=(), columns=(), strengths={}, roof={}), title="House")
    ElementTree.fromstring(chart.svg)
    assert chart.table.note == "The roof names no interactions."
    assert chart.alt == "House: 0 needs by 0 characteristics with 0 relationships and 0 interactions in the roof."


def test_the_same_house_is_the_same_to_the_byte() -> None:
    assert house_of_quality(HOUSE, title="House").svg == house_of_quality(HOUSE, title="House").svg


def test_headings_end_below_the_arrow_and_stay_in_their_column() -> None:
    long = HouseColumn(
        "c9", "Share of ticket machines out of order and not mended within two days", "lower", "", None
    )
    house = House(rows=(), columns=(long,), strengths={}, roof={}, competitors=("Regional coach company",))
    svg = house_of_quality(house, title="House").svg
    heads = [
        ("".join(one.itertext()), float(one.attrib["x"]), float(one.attrib["y"]), float(one.attrib["font-size"]))
        for one in ElementTree.fromstring(svg).iter(f"{SVG}text")
        if "rotate" in one.attrib.get("transform", "")
    ]
    own = [one for one in heads if one[1] < NAME + SIDE + CELL]
    assert len(own) == 2, "a long name takes two lines"
    assert own[1][1] - own[0][1] >= own[0][3], "the lines do not touch"
    arrow = next(
        float(one.attrib["y"]) for one in ElementTree.fromstring(svg).iter(f"{SVG}text") if one.text == "↓"
    )
    for words, _, y, size in heads:
        # DejaVu Sans, the widest of the fonts, takes about 0.6 of its size a letter.
        assert y - 0.6 * size * len(words) > arrow, words
    assert "Regional coach company" in {words for words, _, _, _ in heads}
