"""The PDF: the whole report, tagged, with outline and running heads, from nothing but its own page."""

import builtins
import io
import re
from dataclasses import replace
from datetime import date
from typing import Any

import pypdf
import pytest

from builders.reports import HOSTILE, hostile_report, report_of
from conftest import Finished
from nonagon.basics.errors import MissingLibrary
from nonagon.charts.section import Chart, Section, Table
from nonagon.deliverables.cycle import Cycle
from nonagon.deliverables.effectiveness import effectiveness, step_state
from nonagon.deliverables.evidence import Deliverable
from nonagon.deliverables.trace import trace
from nonagon.reports.html import page
from nonagon.reports.inputs import Audience, ReportInput
from nonagon.reports.pdf import pdf_report

MARK = "Copy for Ann & Co <b>, 2026-11-24"


def one_step(*blocks: Any, name: str = "Cycle") -> ReportInput:
    state = step_state(step=2, word="market", title="Identify the market", criteria=(), begun=True)
    return ReportInput(
        cycle=Cycle(name=name, organization="We"),
        sections=[Section(2, "Identify the market", "Purpose.", blocks)],
        deliverables={2: Deliverable(step=2)},
        effectiveness=effectiveness((state,)),
        trace=trace([]),
        versions=(),
    )


def opened(content: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(content))


def words(text: str) -> str:
    """Without line ends, which stand where lines break."""
    return " ".join(text.split())


@pytest.fixture(scope="module")
def small(small_cycle: Finished) -> ReportInput:
    marked = Audience("Ann & Co <b>", date(2026, 11, 24))
    return replace(report_of(small_cycle.folder, small_cycle.run.out), audience=marked)


@pytest.fixture(scope="module")
def printed(small: ReportInput) -> pypdf.PdfReader:
    return opened(pdf_report(small))


def outline_of(reader: pypdf.PdfReader) -> list[str]:
    def flat(entries: Any) -> list[str]:
        return [title for one in entries for title in (flat(one) if isinstance(one, list) else [str(one.title)])]

    return flat(reader.outline)


def test_every_page_says_whose_copy_it_is_which_page_and_which_cycle(
    printed: pypdf.PdfReader, small: ReportInput
) -> None:
    count = len(printed.pages)
    assert count > 20
    for number, one in enumerate(printed.pages, 1):
        text = words(one.extract_text())
        assert MARK in text, number
        assert f"{number} / {count}" in text
        assert small.cycle.name in text


def test_the_outline_leads_to_every_section(printed: pypdf.PdfReader, small: ReportInput) -> None:
    titles = outline_of(printed)
    assert {section.title for section in small.sections} <= set(titles)
    assert {"Headlines", "Effectiveness check", "What went in"} <= set(titles)
    charts = {block.title for section in small.sections for block in section.blocks if isinstance(block, Chart)}
    assert all(any(words(title).startswith(words(chart)) for title in titles) for chart in charts)


def test_it_is_tagged_and_names_itself(printed: pypdf.PdfReader, small: ReportInput) -> None:
    root: Any = printed.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/StructTreeRoot"]
    assert root["/Lang"] == "en"
    assert printed.metadata is not None
    assert printed.metadata.title == f"{small.cycle.name} · {small.cycle.organization}"
    assert b"pdfuaid" in root["/Metadata"].get_data()


def test_it_holds_what_the_page_holds(printed: pypdf.PdfReader, small: ReportInput) -> None:
    text = words(" ".join(one.extract_text() for one in printed.pages))
    for deliverable in small.deliverables.values():
        for finding in deliverable.findings:
            assert finding.sentence.split()[0] in text
    for one in small.effectiveness.steps:
        assert f"{one.met} of {one.of} criteria are met." in text


def test_drawings_stand_in_their_own_colours(small: ReportInput) -> None:
    """WeasyPrint knows no variables in a drawing and would paint all of it black."""
    drawings = re.findall(r"<svg\b.*?</svg>", page(small, printed=True), flags=re.DOTALL)
    assert len(drawings) > 10
    assert all("var(" not in drawing for drawing in drawings)
    assert "#2b63c6" in "".join(drawings)


def test_the_heads_of_a_long_table_repeat() -> None:
    rows = tuple((f"row {number}", str(number)) for number in range(150))
    reader = opened(pdf_report(one_step(Table("Long", (("the need", "text"), ("its score", "number")), rows))))
    holding = [text for text in (one.extract_text() for one in reader.pages) if re.search(r"\brow \d", text)]
    assert len(holding) >= 3
    assert all("its score" in text for text in holding)


def test_a_wide_table_stays_within_the_page() -> None:
    columns = tuple((f"column number {number}", "text") for number in range(12))
    rows = (tuple(f"some words {number}" for number in range(12)),)
    reader = opened(pdf_report(one_step(Table("Wide", columns, rows))))  # type: ignore[arg-type]
    page_width = float(reader.pages[0].mediabox.width)
    starts: list[float] = []

    def note(text: str, cm: Any, tm: Any, font: Any, size: Any) -> None:
        if "column" in text or "words" in text:
            starts.append(tm[4] * cm[0] + cm[4])

    for one in reader.pages:
        one.extract_text(visitor_text=note)
    # The margin is 15 mm; the last column still needs room for its words.
    assert max(starts) < page_width - 15 / 25.4 * 72 - 20


def test_the_same_input_gives_the_same_bytes() -> None:
    report = hostile_report()
    assert pdf_report(report) == pdf_report(report)


# --- it fetches nothing


def test_no_text_makes_it_fetch_or_read_anything(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    from weasyprint import urls

    secret = tmp_path / "secret.css"
    secret.write_text("body { display: none }", encoding="utf-8")
    asked: list[str] = []
    before = urls.request.OpenerDirector.open
    monkeypatch.setattr(
        urls.request.OpenerDirector, "open", lambda self, *a, **k: (asked.append(str(a)), before(self, *a, **k))[1]
    )
    text = f'<img src="https://example.org/x.png"><link rel="stylesheet" href="{secret.as_uri()}">'
    content = pdf_report(one_step(name=text))
    assert asked == []
    assert "example.org/x.png" in words(opened(content).pages[0].extract_text())


def test_an_address_in_a_drawing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if a drawing held one, which ours never do."""
    from weasyprint import urls

    opened_addresses: list[str] = []
    monkeypatch.setattr(urls.request.OpenerDirector, "open", lambda self, *a, **k: opened_addresses.append(str(a)))
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" width="9" height="9">'
        '<image href="file:///etc/hostname" width="9" height="9"/>'
        '<image href="http://example.org/a.png" width="9" height="9"/></svg>'
    )
    pdf_report(one_step(Chart("Title", "alt", Table("t", (("a", "text"),), ()), svg=svg)))
    assert opened_addresses == []


def test_hostile_texts_are_shown_as_texts() -> None:
    text = words(" ".join(one.extract_text() for one in opened(pdf_report(hostile_report())).pages))
    assert text.count("{{ 7*7 }}") > 50
    assert "<script>alert('x')</script>" in text
    assert HOSTILE.split(" ", maxsplit=1)[0] in text


# --- without the library it says what to do


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (ImportError("No module named 'weasyprint'"), "pip install weasyprint"),
        (OSError("cannot load library 'libpango-1.0-0'"), "apt install libpango-1.0-0"),
    ],
)
def test_a_missing_library_is_named_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch, error: Exception, advice: str
) -> None:
    real = builtins.__import__

    def refuse(name: str, *args: Any, **more: Any) -> Any:
        if name == "weasyprint":
            raise error
        return real(name, *args, **more)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(MissingLibrary, match=advice):
        pdf_report(one_step())
