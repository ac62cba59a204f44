"""The formats of the report, by the name that the command line and the web application use."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Literal, get_args

from nonagon.basics.errors import ArgumentError
from nonagon.reports.inputs import ReportInput

FormatName = Literal["html", "pdf", "xlsx", "slides"]


@dataclass(frozen=True, slots=True)
class Format:
    """One format: its file's name, its media type, and the libraries that its bytes depend on."""

    name: FormatName
    file: str
    media_type: str
    libraries: tuple[str, ...]


_OFFICE = "application/vnd.openxmlformats-officedocument"

FORMATS: dict[FormatName, Format] = {
    one.name: one
    for one in (
        Format("html", "report.html", "text/html; charset=utf-8", ("jinja2",)),
        Format("pdf", "report.pdf", "application/pdf", ("jinja2", "weasyprint")),
        Format("xlsx", "report.xlsx", f"{_OFFICE}.spreadsheetml.sheet", ("xlsxwriter",)),
        Format("slides", "report.pptx", f"{_OFFICE}.presentationml.presentation", ("python-pptx",)),
    )
}


def format_named(name: str) -> Format:
    """The format of that name. Raises ArgumentError for any other name.

    >>> format_named("pdf").file
    'report.pdf'
    """
    if name not in FORMATS:
        raise ArgumentError(f"a report's format must be one of {', '.join(get_args(FormatName))}; got {name!r}")
    return FORMATS[name]


def make_ready(name: FormatName) -> None:
    """Loads what the format needs, so that a missing library is told before long work. Raises MissingLibrary."""
    if name == "pdf":
        from nonagon.reports.pdf import load  # noqa: PLC0415

        load()


def written(inp: ReportInput, name: FormatName) -> bytes:
    """The report's file in that format. Raises MissingLibrary where the PDF's system library is missing."""
    if name == "html":
        from nonagon.reports.html import html_report  # noqa: PLC0415

        return html_report(inp).encode("utf-8")
    modules = {"pdf": "pdf", "xlsx": "excel", "slides": "slides"}
    module = import_module(f"nonagon.reports.{modules[name]}")
    write: Callable[[ReportInput], bytes] = getattr(module, f"{modules[name]}_report")
    return write(inp)
