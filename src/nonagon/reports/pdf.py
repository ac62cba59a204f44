"""The report as PDF, laid out by WeasyPrint from the report's own HTML: tagged (PDF/UA), with an outline.

Nothing is fetched: the page holds all that it shows, and any other address is refused.
"""

import hashlib
from typing import Any

from nonagon.basics.errors import MissingLibrary
from nonagon.reports.html import page
from nonagon.reports.inputs import ReportInput

TAGGED = "pdf/ua-1"


def pdf_report(inp: ReportInput) -> bytes:
    """The whole report as a PDF file. The same input gives the same bytes.

    Raises MissingLibrary where WeasyPrint or the system library Pango, with which it sets text, is missing.
    """
    html, fetcher = load()
    text = page(inp, printed=True)
    document = html(string=text, base_url=None, url_fetcher=fetcher)
    fingerprint = hashlib.sha256(text.encode("utf-8")).digest()[:16]
    made: bytes = document.write_pdf(pdf_variant=TAGGED, pdf_identifier=fingerprint)
    return made


def load() -> tuple[Any, Any]:
    """The library's HTML, and a fetcher that takes `data:` addresses only; loaded when first needed."""
    try:
        from weasyprint import HTML  # noqa: PLC0415
        from weasyprint.urls import URLFetcher  # noqa: PLC0415
    except ImportError as error:
        raise MissingLibrary(
            f"the PDF report needs the Python package weasyprint, which cannot be loaded: {error}; "
            "install it with: pip install weasyprint"
        ) from error
    except OSError as error:
        raise MissingLibrary(
            f"the PDF report needs the system library Pango, which cannot be loaded: {error}; install it, such as "
            "with: apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 (Debian, Ubuntu), "
            "dnf install pango (Fedora), brew install pango (macOS)"
        ) from error
    return HTML, URLFetcher(allowed_protocols=("data",), allow_redirects=False)
