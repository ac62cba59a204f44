"""The report in a real browser: quiet, alone, readable on a phone, in the dark and on paper."""

import io
from pathlib import Path
from typing import Any

import pytest

from conftest import Finished

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def report(small_cycle: Finished) -> Path:
    return small_cycle.run.report


def opened(chromium: Any, report: Path, **options: Any) -> tuple[Any, list[str], list[str]]:
    """The page, what it complained of, and what it asked for."""
    page = chromium.new_context(**options).new_page()
    complaints: list[str] = []
    requests: list[str] = []
    page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.goto(report.as_uri())
    page.wait_for_load_state("networkidle")
    return page, complaints, requests


def test_it_complains_of_nothing_and_asks_for_nothing(chromium: Any, report: Path) -> None:
    page, complaints, requests = opened(chromium, report)
    page.get_by_role("link", name="Effectiveness check").click()
    assert complaints == []
    assert [one.partition("#")[0] for one in requests] == [report.as_uri()]
    page.close()


def test_it_reads_the_same_without_script(chromium: Any, report: Path) -> None:
    texts = []
    for script in (True, False):
        page, _, _ = opened(chromium, report, java_script_enabled=script)
        texts.append(page.locator("main").inner_text())
        page.close()
    assert texts[0] == texts[1]


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_sticks_out_of_the_page(chromium: Any, report: Path, width: int) -> None:
    page, _, _ = opened(chromium, report, viewport={"width": width, "height": 800})
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width
    page.close()


def test_light_and_dark_can_be_read(chromium: Any, report: Path) -> None:
    """Text against its ground: at least 4.5 to 1 (WCAG 2.2, 1.4.3), for the page and for words in drawings."""
    for scheme in ("light", "dark"):
        page, _, _ = opened(chromium, report, color_scheme=scheme)
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        inks = page.evaluate(
            """() => [
                getComputedStyle(document.body).color,
                getComputedStyle(document.querySelector('.quiet')).color,
                getComputedStyle(document.querySelector('main a')).color,
                ...[...document.querySelectorAll('.drawing svg text')].map(one => getComputedStyle(one).fill),
                ...[...document.querySelectorAll('.state, .mark')].map(one => getComputedStyle(one).color),
            ]"""
        )
        dark = luminance(ground) < 0.2
        assert dark == (scheme == "dark")
        for ink in sorted(set(inks)):
            assert contrast(ink, ground) >= 4.5, f"{ink} on {ground} in {scheme}"
        page.close()


def luminance(colour: str) -> float:
    """Relative luminance of `rgb(r, g, b)`, by WCAG 2.2."""
    parts = [float(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, by WCAG 2.2."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_it_prints_on_paper(chromium: Any, report: Path) -> None:
    from pypdf import PdfReader

    page, _, _ = opened(chromium, report)
    pdf = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    page.close()
    assert len(pdf.pages) > 3
    width, height = (float(side) / 72 * 25.4 for side in pdf.pages[0].mediabox[2:])
    assert (round(width), round(height)) == (210, 297), "A4 in millimetres"
    texts = [one.extract_text().strip() for one in pdf.pages]
    places = [f"{number} / {len(texts)}\n" for number in range(1, len(texts) + 1)]
    assert all(text.startswith(place) for text, place in zip(texts, places, strict=True)), "every page is numbered"
    bodies = [text.removeprefix(place) for text, place in zip(texts, places, strict=True)]
    assert all(bodies), "no page is blank"
    for step in range(1, 10):
        assert any(body.startswith(f"Step {step} ·") for body in bodies), f"step {step} begins on a new page"


def test_a_marked_copy_printed_from_the_browser_has_its_mark_on_every_page(
    chromium: Any, small_cycle: Finished, tmp_path: Path
) -> None:
    from dataclasses import replace
    from datetime import date

    from pypdf import PdfReader

    from builders.reports import report_of
    from nonagon.reports.html import html_report
    from nonagon.reports.inputs import Audience

    own = report_of(small_cycle.folder, small_cycle.run.out)
    copy = tmp_path / "copy.html"
    copy.write_text(html_report(replace(own, audience=Audience("Ann & Bo", date(2026, 11, 24)))), encoding="utf-8")
    page, complaints, _ = opened(chromium, copy)
    pages = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages
    assert complaints == []
    assert len(pages) > 10
    assert all("Copy for Ann & Bo, 2026-11-24" in one.extract_text() for one in pages)
    page.close()
