"""The report in another language: its words, its direction in every format, and English as it was."""

import io
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from pptx import Presentation

from builders.reports import report_of
from conftest import Finished
from nonagon.app.command import nonagon
from nonagon.basics.errors import ArgumentError
from nonagon.reports.excel import excel_report
from nonagon.reports.html import html_report, page
from nonagon.reports.inputs import ReportInput
from nonagon.reports.slides import slides_report
from nonagon.reports.tongue import Tongue


@pytest.fixture(scope="module")
def small(small_cycle: Finished) -> ReportInput:
    return report_of(small_cycle.folder, small_cycle.run.out)


@pytest.fixture(scope="module")
def arabic(small: ReportInput) -> ReportInput:
    return replace(small, language="ar")


def test_a_value_stands_by_itself_in_a_sentence() -> None:
    said = Tongue("ar").words("{met} of {of} criteria are met.", met=2, of=3)
    assert said == "استُوفي \u20682\u2069 من \u20683\u2069 من المعايير."
    # office programs know marks of direction, but no isolation
    assert Tongue("ar").office("4.5 (−1 to 2)") == "\u200e4.5\u200e (\u200e−1\u200e إلى \u200e2\u200e)"
    assert Tongue().words("{met} of {of} criteria are met.", met=2, of=3) == "2 of 3 criteria are met."


def test_a_language_without_a_catalogue_is_refused_with_those_that_there_are(small: ReportInput) -> None:
    with pytest.raises(ArgumentError, match="must be one of en, ar; got 'de'"):
        _ = replace(small, language="de").tongue


def test_the_page_runs_from_right_to_left_and_says_its_words_in_arabic(arabic: ReportInput) -> None:
    text = html_report(arabic)
    assert '<html lang="ar" dir="rtl">' in text
    assert "معايير الخروج" in text
    assert "من هم العملاء، وإلى أي فئات ينقسمون" in text
    for english in ("Exit criteria", "Where the numbers come from", "Nothing to show", "Do this next"):
        assert english not in text
    # a name of people keeps its own direction and letters
    assert f'<h1 dir="ltr">{arabic.cycle.name}</h1>' in text


def test_english_stays_as_it_was_without_a_trace_of_direction(small: ReportInput) -> None:
    text = html_report(small)
    assert '<html lang="en" dir="ltr">' in text
    assert not any(mark in text for mark in ("\u2068", "\u2069", "\u200f", ' dir="ltr">' + small.cycle.name))


def test_drawings_of_a_printed_page_are_pictures_where_letters_join(arabic: ReportInput) -> None:
    printed = page(arabic, printed=True)
    assert "<img alt" in printed
    assert 'src="data:image/png;base64,' in printed
    assert "<text" not in printed


def test_sheets_run_from_right_to_left_with_the_same_numbers(small: ReportInput, arabic: ReportInput) -> None:
    english, other = (openpyxl.load_workbook(io.BytesIO(excel_report(one))) for one in (small, arabic))
    assert all(sheet.sheet_view.rightToLeft for sheet in other)
    assert not any(sheet.sheet_view.rightToLeft for sheet in english)
    assert other.sheetnames[0] == "المحتويات"

    def numbers(book: openpyxl.Workbook) -> list[float]:
        cells = (cell.value for sheet in book for row in sheet for cell in row)
        return [one for one in cells if isinstance(one, int | float)]

    assert numbers(other) == numbers(english)
    assert len(numbers(english)) > 100
    cells = (cell for sheet in other for row in sheet for cell in row)
    links = [cell.hyperlink.location for cell in cells if getattr(cell, "hyperlink", None)]
    assert links
    assert {one.rpartition("!")[0].strip("'").replace("''", "'") for one in links} <= set(other.sheetnames)


def test_slides_stand_mirrored_and_their_paragraphs_run_to_the_left(arabic: ReportInput) -> None:
    deck = Presentation(io.BytesIO(slides_report(arabic)))
    paragraphs = [
        paragraph
        for slide in deck.slides
        for shape in slide.shapes
        if shape.has_text_frame
        for paragraph in shape.text_frame.paragraphs
        if paragraph.text
    ]
    assert paragraphs
    assert all(one._p.pPr.get("rtl") == "1" for one in paragraphs)
    assert any("الخطوة" in one.text for one in paragraphs)
    wide = deck.slide_width
    for slide in deck.slides:
        for shape in slide.shapes:
            assert shape.left >= 0
            assert shape.left + shape.width <= wide


def test_the_command_writes_the_report_in_the_language_that_is_asked_for(
    small_cycle: Finished, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    for language, direction in (("ar", "rtl"), ("en", "ltr")):
        told = CliRunner().invoke(
            nonagon, ["run", str(small_cycle.folder), "--out", str(out), "--language", language]
        )
        assert told.exit_code == 0, told.output
        text = (out / "report.html").read_text("utf-8")
        assert f'<html lang="{language}" dir="{direction}">' in text
    wrong = CliRunner().invoke(nonagon, ["run", str(small_cycle.folder), "--out", str(out), "--language", "tlh"])
    assert wrong.exit_code == 2
    assert "must be one of en, ar; got 'tlh'" in wrong.output


def test_reports_in_any_language_do_without_django() -> None:
    code = (
        "import sys; from nonagon.reports.tongue import Tongue; import nonagon.reports.html; "
        "Tongue('ar').said('Nothing is watched.'); sys.exit('django' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
