"""Templates: nothing that the content security policy forbids; blocks of a section come out as they should."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.template.loader import get_template, render_to_string

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(
    path
    for path in (ROOT / "src" / "nonagon").rglob("templates/**/*.html")
    # A copy of the plan is a file to keep, with its own style sheet and policy, as the report is.
    if "reports" not in path.parts and path.name != "plan_copy.html"
)


def named(path: Path) -> str:
    return path.relative_to(ROOT / "src" / "nonagon").as_posix()


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_it_compiles_and_holds_nothing_that_the_policy_forbids(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    name = named(path).partition("templates/")[2]
    get_template(name)
    assert not re.search(r"<style\b", text)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text), "an on… handler"
    assert not re.search(r"\bhx-on", text)
    assert not re.search(r"\b(?:src|href|action)\s*=\s*[\"'](?:https?:)?//", text), "an address of another host"
    for tag in re.findall(r"<script\b[^>]*>", text):
        assert "src=" in tag or "application/json" in tag, f"inline script: {tag}"


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_sides_are_logical(path: Path) -> None:
    # pages read from right to left too: start and end, never left and right
    wrong = re.findall(
        r"\b(?:float-left|float-right|text-left|text-right|ml-\d|mr-\d|pl-\d|pr-\d)\b", path.read_text()
    )
    assert wrong == []


def test_style_sheets_are_logical() -> None:
    physical = (
        r"(?<![\w-])(?:margin|padding|border)-(?:left|right)\b"
        r"|(?<![\w-])(?:left|right):|text-align: (?:left|right)"
    )
    found = {
        path.name: re.findall(physical, path.read_text(encoding="utf-8"))
        for path in (ROOT / "assets" / "css").glob("*.css")
    }
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


ORIGINS = {
    "rate": {
        "data": ["answers@5f0c2a9be1d3"],
        "filter": "wave 2",
        "method": "nonagon.methods.survey.mean",
        "variant": "weighted",
        "assumptions": ["People answered independently."],
    }
}

BLOCKS: list[dict[str, Any]] = [
    {"kind": "heading", "text": "Scores <by need>"},
    {"kind": "paragraph", "text": "Look at this.", "tone": "warning"},
    {
        "kind": "figures",
        "figures": [{"label": "Mean", "value": "−0.43", "detail": "of 40 answers", "origin": "rate"}],
    },
    {
        "kind": "table",
        "caption": "A row a need",
        "columns": [["need", "text"], ["score", "number"]],
        "rows": [["Punctual", "3.84"], ["Clean", ""]],
        "note": "Of those who answered.",
        "origin": "rate",
    },
    {
        "kind": "chart",
        "title": "Scores",
        "alt": "Punctual 3.84",
        "spec": {"mark": "bar", "data": {"values": [{"a": "</script><b>"}]}},
        "svg": "<svg viewBox='0 0 1 1'></svg>",
        "table": {
            "caption": "As numbers",
            "columns": [["need", "text"]],
            "rows": [["Punctual"]],
            "note": "",
            "origin": "",
        },
    },
]


class Elements(HTMLParser):
    """The elements of a text with their attributes, in order, and the text of all."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.said = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.said += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


@pytest.fixture(scope="module")
def section() -> Elements:
    return Elements(render_to_string("ui/blocks.html", {"blocks": BLOCKS, "origins": ORIGINS}))


def test_text_is_escaped(section: Elements) -> None:
    assert "Scores <by need>" in section.said
    assert section.all("by") == []
    assert section.all("b") == []


def test_numbers_are_told_from_text(section: Elements) -> None:
    heads = [one.get("class") for one in section.all("th") if one.get("scope") == "col"]
    assert heads == [None, "number", None]
    assert [one.get("class") for one in section.all("td")] == ["number", "number"]
    assert [one.get("scope") for one in section.all("th")].count("row") == 3  # each row is named by its first cell


def test_every_origin_can_be_opened(section: Elements) -> None:
    # one at the figure, one at the table
    assert sum(1 for one in section.all("details") if one.get("class") == "origin") == 2
    for part in ("answers@5f0c2a9be1d3", "wave 2", "nonagon.methods.survey.mean", "weighted", "independently"):
        assert section.said.count(part) == 2


def test_a_chart_keeps_picture_specification_and_table(section: Elements) -> None:
    figure = section.all("figure")[0]
    assert figure["data-alt"] == "Punctual 3.84"
    assert "data-chart" in figure
    scripts = section.all("script")
    assert [one["type"] for one in scripts] == ["application/json"]
    assert len(section.all("svg")) >= 1
    assert sum(1 for one in section.all("details") if one.get("class") == "told") == 1


def test_a_chart_without_specification_is_not_drawn_again() -> None:
    chart = {**BLOCKS[4], "spec": None}
    assert "data-chart" not in Elements(render_to_string("ui/chart.html", {"chart": chart})).all("figure")[0]


def test_a_key_without_origin_shows_nothing() -> None:
    assert render_to_string("ui/origin.html", {"key": "gone", "origins": ORIGINS}).strip() == ""


@pytest.mark.parametrize(
    ("language", "direction", "sheet"), [("en", "ltr", "main.css"), ("ar", "rtl", "main.rtl.css")]
)
def test_the_page_has_its_direction_and_sheet(language: str, direction: str, sheet: str, rf: Any) -> None:
    from django.contrib.auth.models import AnonymousUser
    from django.utils import translation

    request = rf.get("/")
    with translation.override(language):
        page = Elements(render_to_string("ui/404.html", {"user": AnonymousUser(), "error": {}}, request=request))
    html = page.all("html")[0]
    assert (html["lang"], html["dir"]) == (language, direction)
    assert f"/static/build/{sheet}" in [one["href"] for one in page.all("link") if one.get("rel") == "stylesheet"]


def test_words_reach_the_scripts_in_the_language_of_the_page() -> None:
    from django.utils import translation

    from nonagon.ui.words import words

    with translation.override("en"):
        assert words()["state_saved"] == "Saved"


def test_a_form_field_is_tied_to_its_help_and_its_mistake() -> None:
    from django import forms

    class Trial(forms.Form):
        name = forms.CharField(label="Name", help_text="Short.")
        agreed = forms.BooleanField(label="Agreed")

    form = Trial(data={})
    page = Elements(render_to_string("ui/form.html", {"field": form["name"]}))
    given = page.all("input")[0]
    assert given["aria-invalid"] == "true"
    assert (given["aria-describedby"] or "").split() == ["id_name_help", "id_name_error"]
    assert {"id_name_help", "id_name_error"} <= {one.get("id") for _, one in page.found}
    assert page.all("label")[0]["for"] == given["id"]
    box = Elements(render_to_string("ui/form.html", {"field": form["agreed"]}))
    assert box.all("input")[0]["type"] == "checkbox"
    assert box.all("label")[0]["for"] == box.all("input")[0]["id"]
