"""Slides in inches: texts that fit their boxes, pictures with words, tables, notes.

No text runs out of its box: its length is estimated from the width of its letters, and what is too long is cut
(the notes hold the whole).
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE
from pptx.util import Inches, Pt

from nonagon.charts.theme import COLOURS
from nonagon.reports.letters import printable
from nonagon.reports.pictures import Picture
from nonagon.reports.tongue import Tongue

WIDTH, HEIGHT = 13.333, 7.5
TITLE_ONLY = 5
"""The layout of the standard template that has a title alone."""

LETTER, LINE = 0.51, 1.22
"""The mean width of a letter and the height of a line, in sizes of the letters; a little on the safe side."""

PANEL, WHITE = "#f3f5f8", "#ffffff"
MOST_NOTES = 12_000

WITH_INTERVAL = re.compile(r"[+−]?\b[0-9][^();:]{0,40}\([^()]*[0-9][^()]*\)")
"""A number, what it counts, and its interval in brackets."""

GOOD_PART = 0.4
"""A text cut behind a clause keeps at least this part of what would fit."""


@dataclass(slots=True)
class Deck:
    """A presentation; mark and name stand at the foot of every slide. tongue: says every text that is written."""

    presentation: Any
    mark: str
    name: str
    tongue: Tongue
    count: int = 0

    def slide(self, title: str, *, size: float = 30, top: float = 0.35, height: float = 0.8) -> "Canvas":
        """A new slide with its title and foot."""
        self.count += 1
        layout = self.presentation.slide_layouts[TITLE_ONLY]
        made = Canvas(self.presentation.slides.add_slide(layout), self.tongue)
        made.title(title, size=size, top=top, height=height)
        foot = " · ".join(one for one in (self.mark, self.name) if one)
        made.text(foot, x=0.7, y=6.95, width=11.0, height=0.3, size=10, colour="muted")
        made.text(str(self.count), x=11.9, y=6.95, width=0.75, height=0.3, size=10, colour="muted", end=True)
        return made


def deck(*, mark: str, name: str, tongue: Tongue) -> Deck:
    """An empty presentation of 16:9. tongue: its language.

    Boxes stand mirrored where its lines run to the left.
    """
    presentation = Presentation()
    presentation.slide_width, presentation.slide_height = Inches(WIDTH), Inches(HEIGHT)
    return Deck(presentation, printable(tongue.office(mark)), printable(name), tongue)


@dataclass(slots=True)
class Canvas:
    """One slide. x, y, width and height are in inches, size in points.

    tongue: says every text; where its lines run to the left, x counts from the right edge.
    """

    slide: Any
    tongue: Tongue

    def _left(self, x: float, width: float) -> Any:
        """The left edge of a box."""
        return Inches(WIDTH - x - width if self.tongue.right_to_left else x)

    def _directed(self, paragraph: Any) -> None:
        """Lines run as the language does."""
        if self.tongue.right_to_left:
            paragraph._p.get_or_add_pPr().set("rtl", "1")

    def title(self, text: str, *, size: float, top: float, height: float) -> None:
        """The slide's title, which readers of the screen and the outline find."""
        shape = self.slide.shapes.title
        left = self._left(0.7, 11.9)
        shape.left, shape.top, shape.width, shape.height = left, Inches(top), Inches(11.9), Inches(height)
        self._write(shape.text_frame, text, (11.9, height), size=size, colour="ink", bold=True, end=False)
        shape.text_frame.vertical_anchor = MSO_ANCHOR.BOTTOM

    def text(
        self,
        text: str,
        *,
        x: float,
        y: float,
        width: float,
        height: float,
        size: float,
        colour: str = "ink",
        bold: bool = False,
        end: bool = False,
    ) -> None:
        """A text in its box, cut where it would run out of it; nothing for no text. end: at the far end."""
        if not text:
            return
        box = self.slide.shapes.add_textbox(self._left(x, width), Inches(y), Inches(width), Inches(height))
        self._write(box.text_frame, text, (width, height), size=size, colour=colour, bold=bold, end=end)

    def _write(
        self, frame: Any, text: str, box: tuple[float, float], *, size: float, colour: str, bold: bool, end: bool
    ) -> None:
        frame.word_wrap = True
        frame.auto_size = MSO_AUTO_SIZE.NONE
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
        paragraph = frame.paragraphs[0]
        # 1 is the left end, 3 the right one (PP_ALIGN).
        paragraph.alignment = 3 if end != self.tongue.right_to_left else 1
        self._directed(paragraph)
        run = paragraph.add_run()
        run.text = fitted(self.tongue.office(text), width=box[0], height=box[1], size=size)
        run.font.size, run.font.bold = Pt(size), bold
        run.font.color.rgb = _rgb(COLOURS[colour])

    def panel(self, *, x: float, y: float, width: float, height: float) -> None:
        """A quiet ground behind texts."""
        self._block(x, y, width, height, PANEL)

    def bar(self, *, x: float, y: float, height: float, colour: str) -> None:
        """A thin bar beside a text."""
        self._block(x, y, 0.05, height, COLOURS[colour])

    def _block(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        shape = self.slide.shapes.add_shape(
            MSO_SHAPE.RECTANGLE, self._left(x, width), Inches(y), Inches(width), Inches(height)
        )
        shape.fill.solid()
        shape.fill.fore_color.rgb = _rgb(colour)
        shape.line.fill.background()
        shape.shadow.inherit = False

    def picture(self, picture: Picture, *, x: float, y: float, width: float, height: float) -> None:
        """A picture as large as its box allows, in its own shape, with the words for who does not see it."""
        scale = min(width / picture.width, height / picture.height)
        wide, high = picture.width * scale, picture.height * scale
        shape = self.slide.shapes.add_picture(
            BytesIO(picture.png), self._left(x + (width - wide) / 2, wide), Inches(y), Inches(wide), Inches(high)
        )
        # The library gives no name to this attribute.
        shape._element.nvPicPr.cNvPr.set("descr", printable(self.tongue.office(picture.alt)))

    def table(
        self, rows: Sequence[Sequence[str]], *, x: float, y: float, widths: Sequence[float], size: float
    ) -> None:
        """A table whose first row is its head."""
        height = 0.45
        frame = self.slide.shapes.add_table(
            len(rows),
            len(widths),
            self._left(x, sum(widths)),
            Inches(y),
            Inches(sum(widths)),
            Inches(height * len(rows)),
        )
        table = frame.table
        if self.tongue.right_to_left:
            table._tbl.tblPr.set("rtl", "1")
        for column, width in enumerate(widths):
            table.columns[column].width = Inches(width)
        for line, row in enumerate(rows):
            table.rows[line].height = Inches(height)
            for column, text in enumerate(row):
                cell = table.cell(line, column)
                cell.margin_top = cell.margin_bottom = Inches(0.02)
                cell.margin_left = cell.margin_right = Inches(0.06)
                cell.vertical_anchor = MSO_ANCHOR.MIDDLE
                cell.fill.solid()
                cell.fill.fore_color.rgb = _rgb(WHITE if line else PANEL)
                paragraph = cell.text_frame.paragraphs[0]
                self._directed(paragraph)
                run = paragraph.add_run()
                run.text = fitted(
                    self.tongue.office(text), width=widths[column] - 0.12, height=height - 0.04, size=size
                )
                run.font.size, run.font.bold = Pt(size), line == 0
                run.font.color.rgb = _rgb(COLOURS["ink"])

    def notes(self, text: str) -> None:
        """What the speaker reads: whole sentences, methods, data versions."""
        frame = self.slide.notes_slide.notes_text_frame
        frame.text = shortened(printable("\n".join(map(self.tongue.office, text.strip().split("\n")))), MOST_NOTES)
        for paragraph in frame.paragraphs:
            self._directed(paragraph)


def fitted(text: str, *, width: float, height: float, size: float) -> str:
    """As much of a text as its box holds, in inches and points.

    >>> fitted("Waiting time serves customers' needs most", width=2, height=0.3, size=12)
    'Waiting time serves…'
    """
    letters = math.floor(width * 72 / (LETTER * size))
    lines = max(1, math.floor(height * 72 / (LINE * size)))
    # A word that does not fit leaves room at the end of its line; a tenth is what that takes on average.
    most = letters if lines == 1 else math.floor(letters * lines * 0.9)
    return shortened(" ".join(printable(text).split(" ")), max(1, most))


def shortened(text: str, most: int) -> str:
    """At most so many letters, cut behind a sentence or a clause where that keeps a good part, else at a word.

    No interval is cut in two: what it belongs to would look surer than it is.

    >>> shortened("the whole sentence", 12), shortened("whole", 5), shortened("undivided", 5)
    ('the whole…', 'whole', 'undi…')
    >>> shortened("It rose by 3 (1 to 5); nothing else did, as far as can be seen", 30)
    'It rose by 3 (1 to 5) …'
    >>> shortened("Scores of all needs rose by 3 (1 to 5)", 36)
    'Scores of all needs rose by…'
    """
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    end = max(cut.rfind("; "), cut.rfind(". "))
    if end >= most * GOOD_PART:
        return f"{cut[:end]} …"
    at_word = cut.rsplit(" ", 1)[0] if " " in cut and text[most - 1] != " " else cut
    for inseparable in WITH_INTERVAL.finditer(text):
        if inseparable.start() < len(at_word) < inseparable.end():
            at_word = text[: inseparable.start()].rstrip()
    return f"{at_word.rstrip(' ,;:.')}…"


def _rgb(colour: str) -> RGBColor:
    """A colour written #rrggbb."""
    return RGBColor(*bytes.fromhex(colour.removeprefix("#")))
