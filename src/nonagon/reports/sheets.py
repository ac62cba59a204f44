"""A worksheet filled from the top: texts, real tables, formulas with the number that they give.

No text becomes a formula or a link, whatever it begins with: each is written as text.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from io import BytesIO
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from nonagon.charts.theme import COLOURS
from nonagon.reports.cells import Cell, Grid, Quantity, each_once
from nonagon.reports.letters import printable
from nonagon.reports.tongue import Tongue

MOST_LETTERS = 32_000
"""A cell holds no more than 32,767."""

NARROW, WIDE = 9, 38
TEXT_COLUMNS = 8
"""How many columns a sentence runs across."""

FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f]")


@dataclass(slots=True)
class Book:
    """A workbook in memory with its formats by name and the sheets' names taken so far.

    tongue: says every text that is written; its sheets run as its lines do.
    """

    file: BytesIO
    workbook: Workbook
    mark: str
    tongue: Tongue
    formats: dict[tuple[tuple[str, Any], ...], Format] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)

    def format(self, **properties: Any) -> Format:
        """A format, made once."""
        key = tuple(sorted(properties.items()))
        if key not in self.formats:
            self.formats[key] = self.workbook.add_format({"font_size": 10, "valign": "top", **properties})
        return self.formats[key]

    def said(self, text: str) -> str:
        """As much of a text in the workbook's language as a cell takes."""
        return writable(self.tongue.office(text))

    def sheet(self, name: str, *, title: str) -> "Sheet":
        """A new sheet with its title, the mark of the copy and the frozen head."""
        made = Sheet(self, self.workbook.add_worksheet(sheet_name(self.said(name), self.names)))
        if self.tongue.right_to_left:
            made.sheet.right_to_left()
        made.begin(title)
        return made

    def bytes(self) -> bytes:
        """The finished file."""
        self.workbook.close()
        return self.file.getvalue()


def book(*, title: str, company: str, day: date, mark: str, tongue: Tongue) -> Book:
    """An empty workbook. day: what the file names as the day that it was made on; tongue: its language."""
    file = BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    workbook = xlsxwriter.Workbook(file, options)
    created = datetime(day.year, day.month, day.day)
    about = {"title": writable(title)[:200], "company": writable(company)[:200], "author": "Nonagon"}
    workbook.set_properties({**about, "created": created})
    return Book(file, workbook, writable(tongue.office(mark)), tongue)


def writable(text: str) -> str:
    """As much of a text as a cell takes, without what no cell may hold."""
    return printable(text[:MOST_LETTERS])


def sheet_name(text: str, taken: set[str]) -> str:
    """A name that a spreadsheet takes: up to 31 letters, none forbidden, none twice; it is added to `taken`.

    >>> taken = set()
    >>> [sheet_name(one, taken) for one in ("1: customers/[all]", "'1  CUSTOMERS  ALL'", "History")]
    ['1  customers  all', '1  CUSTOMERS  ALL 2', 'History 2']
    """
    base = FORBIDDEN.sub(" ", text).strip(" '")[:31].strip(" '") or "Sheet"
    # "History" is the name of a sheet of Excel's own.
    name, count = base, 1
    while name.casefold() in taken | {"history"}:
        count += 1
        ending = f" {count}"
        name = base[: 31 - len(ending)].rstrip(" '") + ending
    taken.add(name.casefold())
    return name


def reference(name: str) -> str:
    """A sheet's name as a formula or a link writes it.

    >>> reference("Ann's sheet")
    "'Ann''s sheet'"
    """
    return "'" + name.replace("'", "''") + "'"


@dataclass(slots=True)
class Sheet:
    """A worksheet and the next free row; widths: of the columns, as far as their cells need."""

    book: Book
    sheet: Worksheet
    row: int = 0
    widths: dict[int, float] = field(default_factory=dict)
    lines: list[tuple[int, str, float]] = field(default_factory=list)
    tables: int = 0

    @property
    def name(self) -> str:
        """As it stands on the sheet's tab."""
        return str(self.sheet.get_name())

    def begin(self, title: str) -> None:
        """The head that stays in sight: the title and whose copy it is."""
        self.cell(0, 0, title, bold=True, font_size=14)
        self.cell(1, 0, self.book.mark, font_color=COLOURS["muted"])
        self.row = 2
        self.sheet.freeze_panes(2, 0)
        self.sheet.set_landscape()
        self.sheet.set_paper(9)
        self.sheet.fit_to_pages(1, 0)
        self.sheet.repeat_rows(0)
        self.sheet.hide_gridlines(2)
        # An ampersand begins a code of the footer; it holds up to 255 letters.
        mark = self.book.mark[:100].replace("&", "&&")
        self.sheet.set_footer(f"&L&8{_after_size(mark)}&R&8&P / &N")

    def cell(self, row: int, column: int, text: str, **look: Any) -> None:
        """A text at its place, never anything else than text."""
        if text:
            self.sheet.write_string(row, column, self.book.said(text), self.book.format(**look))

    def line(self, text: str, *, link: str = "", **look: Any) -> None:
        """A sentence across the sheet on the next row, as high as it needs. link: `reference` of a sheet."""
        if not text:
            return
        wrapped = self.book.format(text_wrap=True, **look)
        text = self.book.said(text)
        self.sheet.merge_range(self.row, 0, self.row, TEXT_COLUMNS - 1, "", wrapped)
        if link:
            self.link(self.row, 0, link, text, **look)
        else:
            self.sheet.write_string(self.row, 0, text, wrapped)
        self.lines.append((self.row, text, float(look.get("font_size", 10))))
        self.row += 1

    def heading(self, text: str) -> None:
        """A heading with a free row above."""
        self.row += 1
        self.line(text, bold=True, font_size=12)

    def link(self, row: int, column: int, target: str, text: str, **look: Any) -> None:
        """A text that leads to a place in this file."""
        shown = self.book.format(font_color=COLOURS["series-1"], underline=1, **look)
        self.sheet.write_url(row, column, f"internal:{target}", shown, string=self.book.said(text))

    def table(self, grid: Grid) -> tuple[int, int]:
        """A real table (it sorts and filters); its first and last row of cells."""
        self.head(grid.headings, len(grid.rows))
        first = self.row
        for cells in grid.rows:
            for column, cell in enumerate(cells):
                self.value(self.row, column, cell)
            self.row += 1
        return first, self.row - 1

    def head(self, headings: Sequence[str], rows: int) -> None:
        """A table's head over so many rows, which are written next, a row at a time."""
        said = each_once([self.book.said(one) for one in headings])
        columns = [{"header": one, "header_format": self.book.format(bold=True, text_wrap=True)} for one in said]
        # The name shows in formulas; it is the same for the same input.
        self.tables += 1
        options = {
            "columns": columns,
            "style": "Table Style Light 1",
            "name": f"T{self.book.workbook.worksheets_objs.index(self.sheet) + 1}_{self.tables}",
        }
        self.sheet.add_table(self.row, 0, self.row + max(1, rows), len(headings) - 1, options)
        for column, heading in enumerate(said):
            self._widen(column, min(len(heading), 16) + 3)
        self.row += 1

    def value(self, row: int, column: int, cell: Cell, **look: Any) -> None:
        """A number, a day or a text at its place."""
        if isinstance(cell, Quantity):
            shown = self.book.format(num_format=cell.shown_as, **look)
            self.sheet.write_number(row, column, cell.value, shown)
            self._widen(column, 12)
        elif isinstance(cell, date):
            at = datetime(cell.year, cell.month, cell.day)
            shown = self.book.format(num_format="yyyy-mm-dd", align="left", **look)
            self.sheet.write_datetime(row, column, at, shown)
            self._widen(column, 12)
        elif cell:
            self.cell(row, column, cell, text_wrap=True, **look)
            self._widen(column, len(cell) + 2)

    def number(self, row: int, column: int, value: float | None, shown_as: str = "0.00", **look: Any) -> None:
        """A number at its place; nothing for None."""
        if value is not None:
            self.value(row, column, Quantity(value, shown_as), **look)

    def formula(
        self, row: int, column: int, formula: str, *, gives: float, is_: float, shown_as: str, **look: Any
    ) -> bool:
        """A formula with the number that it gives; whether it was written.

        is_: the stored number, which stands there alone where the formula would give another: the deliverable then
        used another arithmetic.
        """
        same = math.isclose(gives, is_, rel_tol=1e-9, abs_tol=1e-9)
        if same:
            shown = self.book.format(num_format=shown_as, **look)
            self.sheet.write_formula(row, column, formula, shown, is_)
            self._widen(column, 12)
        else:
            self.number(row, column, is_, shown_as, **look)
        return same

    def sum_below(self, column: int, first: int, last: int, total: float, shown_as: str) -> None:
        """The sum of a column's rows in the current row."""
        self.formula(
            self.row,
            column,
            f"=SUM({cells(first, column, last, column)})",
            gives=total,
            is_=total,
            shown_as=shown_as,
            bold=True,
            top=1,
        )

    def finish(self, **widths: float) -> None:
        """The widths as the cells need them, or as given by column letter, and sentences as high as they need."""
        given = {ord(letter) - ord("A"): width for letter, width in widths.items()}
        columns = range(max(TEXT_COLUMNS, *self.widths, *given, 0) + 1)
        found = [given.get(one, min(max(self.widths.get(one, 0), NARROW), WIDE)) for one in columns]
        for column, width in zip(columns, found, strict=True):
            self.sheet.set_column(column, column, width)
        across = sum(found[:TEXT_COLUMNS])
        for row, text, size in self.lines:
            # A width counts digits; letters of a sentence are about as wide.
            rows = sum(max(1, math.ceil(len(part) * size / 10 / across)) for part in text.split("\n"))
            self.sheet.set_row(row, rows * size * 1.4)

    def _widen(self, column: int, width: float) -> None:
        self.widths[column] = max(self.widths.get(column, 0), width)


def _after_size(mark: str) -> str:
    """A space between the size of the letters and a mark that begins with a digit."""
    return f" {mark}" if mark[:1].isdigit() else mark


def place(row: int, column: int) -> str:
    """A cell as a formula names it, counted from 0.

    >>> place(4, 2)
    'C5'
    """
    return str(xl_rowcol_to_cell(row, column))


def cells(first_row: int, first_column: int, last_row: int, last_column: int) -> str:
    """A range as a formula names it, fixed.

    >>> cells(1, 0, 5, 0)
    '$A$2:$A$6'
    """
    return str(xl_range_abs(first_row, first_column, last_row, last_column))
