"""Copies for others, in every format: marked, without the plan where it is not for them, waivers in sight."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from html import unescape
from itertools import chain

import openpyxl
import pypdf
import pytest
from pptx import Presentation

from builders.reports import report_of
from conftest import Finished
from nonagon.deliverables.step6 import ImprovementsDeliverable
from nonagon.reports.contents import LEFT_OUT, contents
from nonagon.reports.excel import excel_report
from nonagon.reports.headlines import TITLES
from nonagon.reports.html import css_string, html_report
from nonagon.reports.inputs import Audience, ReportInput, SignOff
from nonagon.reports.pdf import pdf_report
from nonagon.reports.slides import slides_report

SIGNED, WAIVED = "Signed off by Ann on 2026-05-02", "Waived by Bo on 2026-06-02: the money is promised"
STALE = "Stale since 2026-06-09: a cost changed."
AUDIENCE = Audience("Council", date(2026, 11, 24))


def _of_html(report: ReportInput) -> str:
    return unescape(html_report(report))


def _of_pdf(report: ReportInput) -> str:
    return " ".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(pdf_report(report))).pages)


def _of_excel(report: ReportInput) -> str:
    book = openpyxl.load_workbook(io.BytesIO(excel_report(report)))
    return " ".join(str(cell.value) for sheet in book for cell in chain.from_iterable(sheet) if cell.value)


def _of_slides(report: ReportInput) -> str:
    found = []
    for slide in Presentation(io.BytesIO(slides_report(report))).slides:
        found += [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
        tables = [shape.table for shape in slide.shapes if shape.has_table]
        found += [cell.text for table in tables for row in table.rows for cell in row.cells]
        found.append(slide.notes_slide.notes_text_frame.text)
        pictures = [shape for shape in slide.shapes if shape.shape_type == 13]
        found += [shape._element.nvPicPr.cNvPr.get("descr") for shape in pictures]
    return " ".join(found)


FORMATS = {"html": _of_html, "pdf": _of_pdf, "xlsx": _of_excel, "slides": _of_slides}


@pytest.fixture(scope="module")
def small(small_cycle: Finished) -> ReportInput:
    return report_of(small_cycle.folder, small_cycle.run.out)


@pytest.fixture(scope="module", params=FORMATS)
def copy(request: pytest.FixtureRequest, small: ReportInput) -> str:
    """What a reader outside the team sees, on one line."""
    signed = {1: SignOff(SIGNED), 6: SignOff(WAIVED, waived=True, stale=STALE)}
    report = replace(small, audience=AUDIENCE, without_plan=True, sign_offs=signed)
    read: Callable[[ReportInput], str] = FORMATS[request.param]
    return " ".join(read(report).split())


def test_the_copy_is_marked_with_its_reader(copy: str) -> None:
    assert "Copy for Council, 2026-11-24" in copy


def test_sign_offs_waivers_and_what_is_stale_stay_in_sight(copy: str) -> None:
    assert SIGNED in copy
    assert WAIVED in copy
    assert STALE in copy


def test_it_says_that_the_plan_is_left_out(copy: str) -> None:
    assert LEFT_OUT in copy


def test_nothing_of_the_plan_is_in_it(copy: str, small: ReportInput) -> None:
    plan = small.deliverables[6]
    assert isinstance(plan, ImprovementsDeliverable)
    assert plan.activities
    assert plan.findings
    for activity in plan.activities:
        assert activity.name not in copy
    for finding in plan.findings:
        assert finding.sentence not in copy
    for criterion in small.effectiveness.steps[5].criteria:
        assert criterion.reason not in copy or criterion.reason in " ".join(
            each.reason for one in small.effectiveness.steps if one.step != 6 for each in one.criteria
        )
    for number, (title, step) in TITLES.items():
        if step == 6:
            assert f"{number} {title}" not in copy
            assert title.lower() not in copy.lower()


def test_the_rest_is_there(copy: str, small: ReportInput) -> None:
    for section in small.sections:
        assert section.title in copy
    for finding in small.deliverables[3].findings:
        assert finding.sentence[:30] in copy


def test_the_team_s_own_report_holds_the_plan_and_no_mark(small: ReportInput) -> None:
    text = _of_html(small)
    plan = small.deliverables[6]
    assert isinstance(plan, ImprovementsDeliverable)
    assert all(activity.name in text for activity in plan.activities)
    assert "Copy for" not in text
    assert LEFT_OUT not in text
    assert "mark-of-copy" not in text


def test_what_a_copy_hides_is_only_the_plan(small: ReportInput) -> None:
    whole, copy = contents(small), contents(replace(small, without_plan=True))
    assert [one.section.title for one in copy.steps] == [one.section.title for one in whole.steps]
    for mine, theirs in zip(whole.steps, copy.steps, strict=True):
        if mine.section.step not in {6, 7, 9}:
            assert theirs.section.blocks == mine.section.blocks, mine.section.step
            assert theirs.findings == mine.findings
    assert {one.number for one in whole.headlines} - {one.number for one in copy.headlines} == {9, 14}
    assert "project" not in copy.chain_kinds
    assert "activity" not in copy.chain_kinds


@pytest.mark.parametrize("name", ['Ann "Q" </style><script>x</script>', "a\\9 b\n}", "Übung 会 %"])
def test_the_mark_breaks_no_style_sheet(small: ReportInput, name: str) -> None:
    text = html_report(replace(small, audience=Audience(name, date(2026, 11, 24))))
    assert "<script>" not in text
    assert text.count("</style>") == 1
    inside = str(css_string(name)).strip('"')
    assert not set('"\n\r<}') & set(inside)
