"""Reading delimited text record by record: slow, and right for whatever stands in the file.

A quoted text may hold delimiters, line ends and doubled quotes. A record that breaks the law of quoting is
refused line by line, and reading goes on after it; a quote that is never closed is reported with the line in
which it opens. A record with too few or too many cells is refused, since nobody can know which cell is missing.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field

from nonagon.imports import csv_dialect
from nonagon.imports.csv_dialect import Dialect
from nonagon.imports.csv_window import Window
from nonagon.imports.encodings import BROKEN

LONGEST_SHOWN = 1000


@dataclass(slots=True)
class Records:
    """Records of one chunk, each with its line. damaged: line, raw text, reason of those that are none.

    width: cells that the header has; wanted: positions of those that are read; unclosed: lines in which a quote
    opens that is never closed.
    """

    dialect: Dialect
    width: int
    wanted: tuple[int, ...]
    unclosed: list[int]
    rows: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    damaged: list[tuple[int, str, str]] = field(default_factory=list)
    blank: int = 0

    def take(self, record: list[str], line: int) -> None:
        """A record that was split into cells."""
        if len(record) != self.width and not self._fits(record):
            cells = "1 cell" if len(record) == 1 else f"{len(record)} cells"
            self.damage(line, self._joined(record), f"has {cells} where the header has {self.width}")
            return
        cells_read = [record[place] for place in self.wanted]
        if any(BROKEN in cell for cell in cells_read):
            reason = f"has bytes that are not {self.dialect.encoding.removesuffix('-sig')}"
            self.damage(line, self._joined(record), reason)
        elif any("\0" in cell for cell in cells_read):
            self.damage(line, self._joined(record), "holds a NUL character, so the file is damaged here")
        else:
            self.rows.append(record)
            self.lines.append(line)

    def _fits(self, record: list[str]) -> bool:
        """Blank cells beyond the last header carry nothing: some tools end every record with a delimiter."""
        if len(record) < self.width or any(cell.strip(" \t") for cell in record[self.width :]):
            return False
        del record[self.width :]
        return True

    def _joined(self, record: list[str]) -> str:
        return self.dialect.delimiter.join(record)

    def damage(self, line: int, text: str, reason: str) -> None:
        """What stands in a line and is no record."""
        self.damaged.append((line, _printable(text), reason))


def read_exactly(window: Window, records: Records, *, past: int, least: int = 1) -> None:
    """Reads records from the window one by one: at least `least`, and on until it stands behind `past`.

    past: an offset in the window's data as it lies when this is called.
    """
    turned, reader_lines = window.turned, _Lines(window)
    csv.field_size_limit(csv_dialect.LONGEST_CELL)
    reader = csv.reader(iter(reader_lines), **records.dialect.options(strict=True))
    count = 0
    while count < least or (window.turned == turned and window.at <= past):
        start = window.line
        reader_lines.pending.clear()
        try:
            record = next(reader, None)
        except csv.Error as error:
            _refuse(records, reader_lines, start, error)
        else:
            if record is None:
                return
            if record:
                records.take(record, start)
            else:
                records.blank += 1
        count += 1


@dataclass(slots=True)
class _Lines:
    """The lines of a window, remembering those of the record that is being read."""

    window: Window
    pending: list[str] = field(default_factory=list)
    exhausted: bool = False

    def __iter__(self) -> Iterator[str]:
        while line := self.window.readline():
            self.pending.append(line)
            yield line
        self.exhausted = True


def _refuse(records: Records, lines: _Lines, start: int, error: csv.Error) -> None:
    """Every line of a record that breaks the law of quoting becomes a damaged record."""
    opened = start
    if lines.exhausted:
        opened = _opening_line(lines.pending, start, records.dialect)
        records.unclosed.append(opened)
        first = f"the quote that opens in line {opened} is never closed"
        others = f"stands inside the quote that opens in line {opened} and is never closed"
    else:
        first = in_words(error)
        others = f"belongs to the record in line {start}: {first}"
    for line, text in enumerate(lines.pending, start):
        records.damage(line, text.rstrip("\r\n"), first if line == opened else others)


def in_words(error: csv.Error) -> str:
    """What the csv module found wrong with a record."""
    text = str(error)
    if "expected after" in text:
        return "a quote inside a quoted text must be doubled, and a closing quote must end the cell"
    if "unexpected end" in text:
        return "a quote opens in it and is never closed"
    if "field larger" in text:
        longest = csv_dialect.LONGEST_CELL
        return f"a cell is longer than {longest:,} characters: probably a quote that is never closed"
    return f"can't be split into cells ({text})"


def _opening_line(pending: list[str], start: int, dialect: Dialect) -> int:
    """The line in which the unclosed quote opens: the last cell of the record reaches from there to the end."""
    found = list(csv.reader(pending, **dialect.options(strict=False)))
    rest = found[-1][-1] if found and found[-1] else ""
    lines_inside = len(list(io.StringIO(rest, newline=""))) or 1
    return start + len(pending) - lines_inside


def _printable(text: str) -> str:
    """Raw text as it can be written to a file and shown: cut, with broken characters marked."""
    return text[:LONGEST_SHOWN].replace(BROKEN, "\ufffd").replace("\0", "\u2400")
