"""The formats by name: one list for the command line and the web application."""

import zipfile
from io import BytesIO

import pytest

from builders.reports import hostile_report
from nonagon.basics.errors import ArgumentError
from nonagon.reports.formats import FORMATS, format_named, make_ready, written


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_is_what_its_name_says(name: str) -> None:
    content = written(hostile_report("x"), format_named(name).name)
    if name in {"xlsx", "slides"}:
        inside = zipfile.ZipFile(BytesIO(content)).namelist()
        assert ("xl/workbook.xml" if name == "xlsx" else "ppt/presentation.xml") in inside
    else:
        assert content.startswith({"html": b"<!doctype html>", "pdf": b"%PDF-"}[name])


def test_another_name_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ArgumentError, match="must be one of html, pdf, xlsx, slides; got 'docx'"):
        format_named("docx")


def test_what_a_format_needs_is_there() -> None:
    for name in FORMATS:
        make_ready(name)
