"""The ring of nine."""

import math
from xml.etree import ElementTree

import pytest

from nonagon.charts.theme import COLOURS
from nonagon.reports.ring import CENTRE, RADIUS, ring

SVG = "{http://www.w3.org/2000/svg}"
STATES = {step: (("ready", "in_work", "not_started")[step % 3], f"Title <{step}>") for step in range(1, 10)}


@pytest.fixture(scope="module")
def tree() -> ElementTree.Element:
    return ElementTree.fromstring(ring(STATES, (2, 5), middle="3 of 9\nsteps <ready>"))


def test_nine_sides_each_a_link_with_its_words(tree: ElementTree.Element) -> None:
    links = tree.findall(f"{SVG}a")
    assert [one.attrib["href"] for one in links] == [f"#step-{step}" for step in range(1, 10)]
    titles = [one.findtext(f"{SVG}title") for one in links]
    assert titles[:3] == [
        "Step 1, Title <1>: in work",
        "Step 2, Title <2>: not started, the weakest",
        "Step 3, Title <3>: ready",
    ]
    assert tree.attrib["aria-label"].startswith("step 1 in work; step 2 not started; step 3 ready")


def test_state_shows_by_colour_and_by_dash(tree: ElementTree.Element) -> None:
    sides = [one.find(f"{SVG}line") for one in tree.findall(f"{SVG}a")]
    looks = {
        (side.attrib["stroke"], side.attrib.get("stroke-dasharray", "")) for side in sides if side is not None
    }
    assert looks == {(COLOURS["good"], ""), (COLOURS["series-5"], "14 4"), (COLOURS["muted"], "3 5")}


def test_the_weakest_are_circled(tree: ElementTree.Element) -> None:
    circled = [one.find(f"{SVG}circle") is not None for one in tree.findall(f"{SVG}a")]
    assert [place for place, one in enumerate(circled, 1) if one] == [2, 5]


def test_the_first_side_begins_at_twelve_o_clock_and_they_go_round_clockwise(tree: ElementTree.Element) -> None:
    for place, link in enumerate(tree.findall(f"{SVG}a")):
        side = link.find(f"{SVG}line")
        assert side is not None
        x = (float(side.attrib["x1"]) + float(side.attrib["x2"])) / 2
        y = (float(side.attrib["y1"]) + float(side.attrib["y2"])) / 2
        angle = math.degrees(math.atan2(y - CENTRE, x - CENTRE))
        assert angle % 360 == pytest.approx((-90 + 20 + 40 * place) % 360, abs=0.2)
        # the middle of a nonagon's side lies at its inner radius
        assert math.hypot(x - CENTRE, y - CENTRE) == pytest.approx(RADIUS * math.cos(math.pi / 9), abs=0.1)


def test_the_words_inside(tree: ElementTree.Element) -> None:
    assert [one.text for one in tree.findall(f"{SVG}text")] == ["3 of 9", "steps <ready>"]


def test_steps_that_were_not_run_are_no_links() -> None:
    tree = ElementTree.fromstring(ring({7: ("ready", "Control")}, (), middle="1"))
    assert [one.attrib["href"] for one in tree.findall(f"{SVG}a")] == ["#step-7"]
    assert len(list(tree.iter(f"{SVG}line"))) == 9
