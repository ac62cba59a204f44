"""The slides: what a room can read, nothing out of its box, pictures with words, the rest in the notes."""

import io
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from pptx import Presentation
from pptx.util import Emu

from builders.reports import hostile_report, report_of
from conftest import Finished
from nonagon.charts.section import Chart
from nonagon.reports.canvas import fitted, shortened
from nonagon.reports.inputs import Audience, ReportInput, SignOff
from nonagon.reports.slides import slides_report

WAIVER = "Waived by Ann on 2026-06-02: the money for November is promised"
STALE = "Stale since 2026-06-09: a cost changed"


@pytest.fixture(scope="module")
def small(small_cycle: Finished) -> ReportInput:
    return replace(
        report_of(small_cycle.folder, small_cycle.run.out),
        audience=Audience("Board & Co", date(2026, 11, 24)),
        sign_offs={1: SignOff("Signed off by Ann on 2026-05-02"), 6: SignOff(WAIVER, waived=True, stale=STALE)},
    )


@pytest.fixture(scope="module")
def deck(small: ReportInput) -> Any:
    return opened(slides_report(small))


def opened(content: bytes) -> Any:
    return Presentation(io.BytesIO(content))


def texts(slide: Any) -> list[str]:
    found = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
    tables = [shape.table for shape in slide.shapes if shape.has_table]
    return found + [cell.text for table in tables for row in table.rows for cell in row.cells]


def notes(slide: Any) -> str:
    return str(slide.notes_slide.notes_text_frame.text)


def slide_titled(deck: Any, title: str) -> Any:
    return next(slide for slide in deck.slides if slide.shapes.title.text_frame.text == title)


def test_the_slides_in_order(deck: Any, small: ReportInput) -> None:
    titles = [slide.shapes.title.text_frame.text for slide in deck.slides]
    assert titles[:2] == [small.cycle.name, "Effectiveness check"]
    assert titles[2].startswith("Headlines")
    assert titles[-10:] == [*[section.title for section in small.sections], "Do this next"]
    assert Emu(deck.slide_width) / Emu(deck.slide_height) == pytest.approx(16 / 9, rel=1e-3)


def test_every_slide_says_whose_copy_it_is_and_which_it_is(deck: Any) -> None:
    for number, slide in enumerate(deck.slides, 1):
        shown = texts(slide)
        assert any("Copy for Board & Co, 2026-11-24" in one for one in shown), number
        assert str(number) in shown


def test_a_step_s_slide_says_how_it_stands_what_was_found_and_how_its_gate_was_passed(
    deck: Any, small: ReportInput
) -> None:
    state = small.effectiveness.steps[5]
    shown = "\n".join(texts(slide_titled(deck, small.sections[5].title)))
    assert f"{state.met} of {state.of} exit criteria met" in shown
    assert WAIVER in shown
    assert STALE in shown
    for section in small.sections:
        spoken = notes(slide_titled(deck, section.title))
        for finding in small.deliverables[section.step].findings:
            assert finding.sentence in spoken
        for origin in small.deliverables[section.step].origins.values():
            assert origin.method in spoken
            assert all(label in spoken for label in origin.data)


def test_waivers_stand_in_the_check_too(deck: Any) -> None:
    slide = slide_titled(deck, "Effectiveness check")
    assert {"waived, stale", "signed off"} <= set(texts(slide))
    assert WAIVER in notes(slide)


def test_every_picture_has_words_and_lies_on_its_slide(deck: Any, small: ReportInput) -> None:
    alts = {
        block.alt
        for section in small.sections
        for block in section.blocks
        if isinstance(block, Chart) and block.alt
    }
    pictures = [(slide, shape) for slide in deck.slides for shape in slide.shapes if shape.shape_type == 13]
    assert len(pictures) >= 8
    for slide, shape in pictures:
        alt = shape._element.nvPicPr.cNvPr.get("descr")
        assert alt in alts or alt.startswith("The ring of nine: step 1 "), alt
        assert 0 <= shape.left < shape.left + shape.width <= deck.slide_width
        assert 0 <= shape.top < shape.top + shape.height <= deck.slide_height
        assert slide.shapes.title.text_frame.text


# Widths of Helvetica's letters in thousandths of their size, from Adobe's font metrics (AFM, Core 14): means of
# the classes of letters, since no font need be on the machine. The letters of the slides (Calibri) are narrower.
NARROW, WIDE = "iljtfrI.,:;'|()[]! ", "mwMWGOQ@%—"


def width_of(text: str, size: float) -> float:
    """In inches."""
    units = sum(290 if one in NARROW else 850 if one in WIDE else 690 if one.isupper() else 556 for one in text)
    return units * size / 1000 / 72


def lines_of(text: str, size: float, width: float) -> int:
    lines, filled = 1, 0.0
    for word in text.split(" "):
        wide = width_of(word + " ", size)
        if filled and filled + wide - width_of(" ", size) > width:
            lines, filled = lines + 1, 0.0
        filled += wide
    return lines


def boxes(deck: Any) -> list[tuple[str, float, float, float]]:
    """Text, size of its letters in points, width and height of its box in inches."""
    found = []
    for slide in deck.slides:
        for shape in slide.shapes:
            if shape.has_text_frame and shape.text_frame.text:
                run = shape.text_frame.paragraphs[0].runs[0]
                found.append((run.text, run.font.size.pt, shape.width / 914400, shape.height / 914400))
    return found


@pytest.mark.parametrize("which", ["small", "long", "wide"])
def test_no_text_runs_out_of_its_box(small: ReportInput, which: str) -> None:
    words = {"long": "A sentence that goes on and on, " * 20, "wide": "MAXIMUM WOMEN WAITED " * 30}
    report = small if which == "small" else hostile_report(words[which])
    for text, size, width, height in boxes(opened(slides_report(report))):
        lines = lines_of(text, size, width)
        room = height * 72 / (1.2 * size)
        # Capitals alone are wider than any sentence of ours; they may take a tenth more.
        assert lines <= max(1, room * (1.0 if which != "wide" else 1.5)) + 0.01, (text, lines, room)


def test_letters_are_large_enough_to_read(deck: Any) -> None:
    sizes = [size for text, size, _, _ in boxes(deck) if not text.isdigit() and "Copy for" not in text]
    assert min(sizes) >= 11


def test_what_to_do_next_stands_last(deck: Any, small: ReportInput) -> None:
    unmet = [criterion for one in small.effectiveness.steps for criterion in one.criteria if not criterion.met]
    last = "\n".join(texts(deck.slides[len(deck.slides) - 1]))
    assert all(f": {one.sentence}"[:60] in last for one in unmet[:3])
    done = opened(slides_report(hostile_report("x", met=True)))
    assert any("Every exit criterion is met" in one for one in texts(done.slides[len(done.slides) - 1]))


@pytest.mark.parametrize("text", ["<a:t>&amp; ]]> {x}", "x\x00\x07\x1b\ufffey", "line\nline\tend", "y" * 5_000])
def test_hostile_texts_make_slides_that_open(text: str) -> None:
    made = opened(slides_report(hostile_report(text)))
    assert len(made.slides) == 2 + 4 + 9 + 1
    if text.isprintable() and len(text) < 100:
        assert texts(made.slides[0])[0] == text


def test_the_same_input_gives_the_same_bytes(small: ReportInput) -> None:
    assert slides_report(small) == slides_report(small)


def test_what_is_cut_is_marked_and_cuts_no_interval() -> None:
    sentence = "Waiting time serves customers' needs most: 19.0 % of the weight (18.6 to 19.3 %)"
    for most in range(10, len(sentence)):
        cut = shortened(sentence, most)
        assert len(cut) <= most
        assert cut.endswith("…")
        assert cut.count("(") == cut.count(")")
        assert "19" not in cut or "(18.6" in cut
    assert shortened(sentence, len(sentence)) == sentence
    assert fitted(sentence, width=9, height=1, size=10) == sentence
