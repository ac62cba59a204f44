"""The report: one self-contained page, well-formed, complete, and safe whatever the texts say."""

import re
from collections import Counter
from functools import cache
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from builders.reports import HOSTILE, hostile_report
from conftest import Finished
from nonagon.charts.section import Section
from nonagon.deliverables.cycle import Cycle, Settings
from nonagon.deliverables.effectiveness import effectiveness, step_state
from nonagon.deliverables.evidence import Deliverable
from nonagon.deliverables.trace import trace
from nonagon.pipeline.rooms import ROOMS
from nonagon.reports.html import html_report
from nonagon.reports.inputs import ReportInput

VOID = {"meta", "br", "hr", "img", "input", "link", "col", "wbr"}


class Page(HTMLParser):
    """A page as parsed: ids, links, text, and what does not close."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.broken: list[str] = []
        self.tags: Counter[str] = Counter()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        for name, value in attrs:
            self.attributes.append((tag, name, value or ""))
            if name == "id":
                self.ids.append(value or "")
            if name == "href":
                self.links.append(value or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1] != tag:
            self.broken.append(f"</{tag}> closes {self.open[-3:]}")
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def finished(small_cycle: Finished) -> str:
    return small_cycle.run.report.read_text(encoding="utf-8")


@cache
def hostile_page(*, language: str = "en", met: bool = False) -> str:
    """Every text that can come from data or decisions is hostile."""
    return html_report(hostile_report(language=language, met=met))


@pytest.fixture(scope="module", params=["finished", "hostile"])
def page(request: pytest.FixtureRequest, finished: str) -> str:
    return finished if request.param == "finished" else hostile_page()


# --- one page, alone


def test_it_needs_no_other_file_and_no_script(page: str) -> None:
    without_namespace = page.replace('xmlns="http://www.w3.org/2000/svg"', "").replace(
        'xmlns:xlink="http://www.w3.org/1999/xlink"', ""
    )
    assert re.findall(r"https?://\S+", without_namespace) == []
    assert "@import" not in page
    assert re.findall(r"url\((?!#)[^)]*\)", page) == []
    parsed = Page(page)
    for tag in ("script", "iframe", "object", "embed", "link", "base", "form", "img"):
        assert parsed.tags[tag] == 0, tag
    assert [one for one in parsed.attributes if one[1].startswith("on")] == []
    assert all(one.startswith("#") for one in parsed.links)


def test_every_tag_closes_every_id_is_unique_every_link_leads_somewhere(page: str) -> None:
    parsed = Page(page)
    assert parsed.broken == []
    assert parsed.open == []
    assert [one for one, count in Counter(parsed.ids).items() if count > 1] == []
    assert {one.removeprefix("#") for one in parsed.links} <= set(parsed.ids)


def test_every_drawing_is_well_formed(page: str) -> None:
    drawings = re.findall(r"<svg\b.*?</svg>", page, flags=re.DOTALL)
    assert drawings
    for drawing in drawings:
        ElementTree.fromstring(drawing)


def test_references_inside_drawings_find_their_ids(page: str) -> None:
    used = set(re.findall(r"url\(#([^)]+)\)", page))
    assert used <= set(Page(page).ids)


def test_everything_that_only_shows_as_colour_is_said_too(page: str) -> None:
    parsed = Page(page)
    labels = [value for tag, name, value in parsed.attributes if name == "aria-label"]
    assert all(labels)
    roles = Counter(value for _, name, value in parsed.attributes if name == "role")
    assert roles["img"] >= 1, "drawings are images with words"
    assert parsed.tags["caption"] == parsed.tags["table"], "every table has a caption"


# --- nothing that is said becomes markup


def test_hostile_texts_are_shown_as_texts() -> None:
    text = hostile_page()
    assert "<script>" not in text
    assert "{{ 7*7 }}" in text
    parsed = Page(text)
    assert parsed.text.count(HOSTILE) > 9 * 15
    assert f"{HOSTILE} · {HOSTILE}" in parsed.text, "the page's title"


def test_hostile_texts_break_no_attribute() -> None:
    labels = [value for _, name, value in Page(hostile_page()).attributes if name == "aria-label"]
    assert HOSTILE in labels


# --- what is on it


def test_nine_sections_in_order_with_contents(finished: str) -> None:
    parsed = Page(finished)
    sections = re.findall(r'<section id="([^"]+)"', finished)
    steps = [f"step-{number}" for number in range(1, 10)]
    assert sections == ["next", "headlines", *steps, "trace", "effectiveness", "versions"]
    for room in ROOMS:
        assert finished.count(room.title) >= 3, "in the contents, as the section's title, in the check"
    assert parsed.links.count("#step-1") >= 3
    assert finished.count("Exit criteria</h3>") == 9
    assert finished.count("Where the numbers come from</h3>") >= 8


def test_it_names_the_cycle_and_the_versions_of_its_data(finished: str) -> None:
    assert "<title>Small cycle · Ticket office</title>" in finished
    assert "Looks at 2025-01-01 to 2025-12-31" in finished
    for table in ("customers", "answers", "verbatims", "sales", "measurements"):
        assert re.search(rf"\b{table}@[0-9a-f]{{12}}\b", finished), table
    assert "Breakdowns of survey results with fewer than 10 answers are not shown." in finished


def test_all_sixteen_headlines_are_there(finished: str) -> None:
    from nonagon.reports.headlines import TITLES

    part = finished[finished.index('id="headlines"') : finished.index('id="step-1"')]
    for title, _ in TITLES.values():
        assert title in part


def test_every_chart_stands_beside_its_table(finished: str) -> None:
    figures = re.findall(r'<figure class="chart">.*?</figure>', finished, flags=re.DOTALL)
    assert len(figures) >= 10
    for figure in figures:
        assert "<svg" in figure
        assert "<table>" in figure
        assert 'role="img" aria-label="' in figure


def test_dark_and_paper_have_their_styles(finished: str) -> None:
    style = finished[finished.index("<style>") : finished.index("</style>")]
    assert "@media screen and (prefers-color-scheme: dark)" in style
    assert "@media print" in style
    assert "@page { size: A4;" in style
    assert '<meta name="color-scheme" content="light dark">' in finished
    dark = style[style.index("prefers-color-scheme: dark") :]
    for token in re.findall(r"--([a-z0-9-]+):", style[: style.index("@media")]):
        assert f"--{token}:" in dark, f"{token} has no dark colour"


def test_the_theme_s_colours_are_the_page_s(finished: str) -> None:
    from nonagon.charts.theme import COLOURS

    for token, colour in COLOURS.items():
        assert f"--{token}: {colour};" in finished


def test_no_names_of_customers(small_cycle: Finished, finished: str) -> None:
    people = {f"c{number:03d}" for number in range(60)}
    assert people.isdisjoint(re.findall(r"\bc\d{3}\b", finished))


@pytest.mark.parametrize("language", ["de", "ar"])
def test_the_words_are_english_and_run_that_way_whatever_the_cycle_s_language(language: str) -> None:
    assert '<html lang="en" dir="ltr">' in hostile_page(language=language)


def test_some_steps_alone_make_a_page_without_dead_links() -> None:
    room = ROOMS[6]
    state = step_state(step=7, word=room.word, title=room.title, criteria=(), begun=True)
    text = html_report(
        ReportInput(
            cycle=Cycle(name="n", organization="o", settings=Settings(group_minimum=7)),
            sections=[Section(7, room.title, "purpose", ())],
            deliverables={7: Deliverable(step=7)},
            effectiveness=effectiveness((state,)),
            trace=trace([]),
            versions=("sales (none)",),
        )
    )
    parsed = Page(text)
    assert {one.removeprefix("#") for one in parsed.links} <= set(parsed.ids)
    assert "only 1 of nine steps was run" in parsed.text
    assert "this report rests on no facts" in parsed.text
    assert "fewer than 7 answers" in parsed.text


def test_a_whole_chain_is_said_to_be_effective() -> None:
    text = hostile_page(met=True)
    assert "All nine steps are ready: 9 of 9 exit criteria are met." in text
    assert '<p class="verdict good">' in text
    assert "the weakest" not in Page(text).text.replace("the weakest step is the strength of the whole", "")


def test_the_same_inputs_give_the_same_text() -> None:
    assert hostile_page.__wrapped__() == hostile_page()
