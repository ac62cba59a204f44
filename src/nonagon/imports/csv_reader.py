"""Reading delimited text exactly: every physical line is a record's, a blank line or accounted for as damaged.

A quoted text may hold delimiters, line ends and doubled quotes. A record that breaks the law of quoting is
refused line by line, and reading goes on after it; a quote that is never closed is reported with the line in
which it opens. A record with too few or too many cells is refused, since nobody can know which cell is missing.
"""

import codecs
import csv
import io
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from nonagon.imports.encodings import BROKEN, encoding_of, open_bytes, open_text
from nonagon.imports.headers import clean
from nonagon.imports.mapping import Source
from nonagon.imports.records import CELLS_A_CHUNK, LINE, ROW, ROWS_A_CHUNK, Chunk, Damaged, Part, cell_name

if TYPE_CHECKING:
    import polars as pl

DELIMITERS = (",", ";", "\t", "|")
# Splits nothing: the delimiter of a file with one column.
NO_DELIMITER = "\x1f"
SNIFFED_CHARACTERS = 1 << 16
SNIFFED_RECORDS = 200
# A quoted text longer than this is a quote that somebody forgot to close.
LONGEST_CELL = 1 << 24
LONGEST_SHOWN = 1000


class Unreadable(Exception):
    """The file as a whole can't be read; line where known."""

    def __init__(self, message: str, line: int | None = None) -> None:
        self.line = line
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file is written: encoding, delimiter, quote ("" for none), escape ("" for none), header's line."""

    encoding: str
    delimiter: str
    quote: str = '"'
    escape: str = ""
    header_row: int = 1

    def options(self, *, strict: bool) -> dict[str, Any]:
        """The csv module's arguments."""
        return {
            "delimiter": self.delimiter,
            "quotechar": self.quote or None,
            "quoting": csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE,
            "escapechar": self.escape or None,
            "doublequote": True,
            "strict": strict,
        }

    def describe(self) -> str:
        """In words, for the report of the import."""
        names = {"\t": "tab", ",": "comma", ";": "semicolon", "|": "bar", NO_DELIMITER: "one column"}
        return f"{self.encoding.removesuffix('-sig')}, {names.get(self.delimiter, self.delimiter)}"


def dialect_of(path: Path, source: Source, *, whole: bool = True) -> Dialect:
    """How the file is written: what the source says, and what it leaves unsaid found from the file.

    whole: find the encoding by all of the file's bytes, not only by its start.
    """
    with _reading(path):
        with open_bytes(path) as stream:
            start = stream.read(8)
        if not start:
            raise Unreadable("is empty; export it again, or leave it out of the source's files")
        if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"PAR1", b"%PDF")):
            raise Unreadable(
                "is no text (it looks like a workbook, an archive or another binary file); say its reader"
            )
        encoding = _with_mark(source.encoding, start) if source.encoding else encoding_of(path, whole=whole)
        dialect = Dialect(encoding, source.delimiter or "", source.quote, source.escape, source.header_row)
        stated = _stated_delimiter(path, dialect) if dialect.header_row == 1 and not source.delimiter else ""
        if stated:
            return replace(dialect, delimiter=stated, header_row=2)
        return dialect if dialect.delimiter else replace(dialect, delimiter=_delimiter_of(path, dialect))


def _stated_delimiter(path: Path, dialect: Dialect) -> str:
    """The delimiter of a first line such as `sep=;`, which spreadsheet programs write and read."""
    with open_text(path, dialect.encoding) as text:
        first = text.readline().rstrip("\r\n")
    return first[4:] if first.lower().startswith("sep=") and len(first) == 5 else ""


def _with_mark(encoding: str, start: bytes) -> str:
    """The stated encoding, reading over a byte order mark that belongs to it."""
    if codecs.lookup(encoding).name == "utf-8" and start.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    return encoding


class _reading:  # noqa: N801  (reads as a sentence: with _reading(path))
    """Turns what the file system and gzip raise into Unreadable."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, EOFError | zlib.error) or type(error).__name__ == "BadGzipFile":
            raise Unreadable(f"is a damaged gzip file ({error}); fetch it again") from error
        if isinstance(error, OSError):
            raise Unreadable(f"can't be read: {error.strerror or error}") from error
        if isinstance(error, UnicodeError):
            raise Unreadable(f"is not written in the stated encoding ({error}); leave encoding out") from error


def _delimiter_of(path: Path, dialect: Dialect) -> str:
    """The delimiter under which most of the first records have as many cells as the header."""
    with open_text(path, dialect.encoding) as text:
        for _ in range(dialect.header_row - 1):
            text.readline()
        sample = text.read(SNIFFED_CHARACTERS)
    best, best_score = NO_DELIMITER, (0.0, 1)
    for delimiter in DELIMITERS:
        widths = _widths(sample, replace(dialect, delimiter=delimiter))
        if not widths or widths[0] < 2:
            continue
        score = (round(widths.count(widths[0]) / len(widths), 2), widths[0])
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _widths(sample: str, dialect: Dialect) -> list[int]:
    csv.field_size_limit(LONGEST_CELL)
    widths: list[int] = []
    reader = csv.reader(io.StringIO(sample, newline=""), **dialect.options(strict=False))
    try:
        for record in reader:
            if record:
                widths.append(len(record))
            if len(widths) > SNIFFED_RECORDS:
                break
    except csv.Error:
        pass
    # The sample may end in the middle of its last record.
    return widths[:-1] if len(widths) > 1 and len(sample) == SNIFFED_CHARACTERS else widths


@dataclass(slots=True)
class _Lines:
    """The lines of a file, remembering those of the record that is being read."""

    text: TextIO
    pending: list[str] = field(default_factory=list)
    exhausted: bool = False

    def __iter__(self) -> Iterator[str]:
        keep = self.pending.append
        for line in self.text:
            keep(line)
            yield line
        self.exhausted = True


def header_of(path: Path, dialect: Dialect) -> tuple[tuple[str, ...], int | None]:
    """The cleaned headers and their line; numbered columns where the file has no header.

    Raises Unreadable where there is no header, or no record under it.
    """
    csv.field_size_limit(LONGEST_CELL)
    with _reading(path), open_text(path, dialect.encoding) as text:
        reader, line = _at_header(text, dialect)
        header = _first_record(reader, line)
        if dialect.header_row == 0 and header:
            return tuple(f"#{place}" for place in range(1, len(header) + 1)), None
        if all(not clean(title) for title in header):
            raise Unreadable(f"has no header in line {line}; set header_row to the line of the headers", line)
        while not clean(header[-1]):  # some tools end every line with a delimiter
            header.pop()
        if next((record for record in text if record.strip("\r\n")), None) is None:
            raise Unreadable("has a header and no records; leave it out, or export it again", line)
    return tuple(clean(title) for title in header), line


def _at_header(text: TextIO, dialect: Dialect) -> tuple[Any, int]:
    """A csv reader whose next record is the header, and the header's line."""
    line = max(dialect.header_row, 1)
    for _ in range(line - 1):
        if not text.readline():
            raise Unreadable(f"has fewer than {line} lines, and header_row is {dialect.header_row}")
    return csv.reader(text, **dialect.options(strict=True)), line


def _first_record(reader: Any, header_line: int) -> list[str]:
    """The first record that is no blank line; an empty one where there is none."""
    try:
        return next((record for record in reader if record), [])
    except csv.Error as error:
        raise Unreadable(f"line {header_line} is the header, and {_in_words(error)}", header_line) from error


def open_csv(path: Path, file: str, source: Source, *, whole: bool = True) -> list[Part]:
    """The one part of a delimited text file. file: the name that facts and rejects give it."""
    dialect = dialect_of(path, source, whole=whole)
    header, header_line = header_of(path, dialect)
    unclosed: list[int] = []

    def chunks(wanted: Sequence[int]) -> Iterator[Chunk]:
        return _chunks(path, dialect, len(header), tuple(wanted), unclosed)

    return [Part(file, "", header, header_line, chunks, dialect.describe(), unclosed)]


def _chunks(
    path: Path, dialect: Dialect, width: int, wanted: tuple[int, ...], unclosed: list[int]
) -> Iterator[Chunk]:
    csv.field_size_limit(LONGEST_CELL)
    with _reading(path), open_text(path, dialect.encoding) as text:
        size = max(1, path.stat().st_size)
        raw = _raw_stream(text)
        batch = _Batch(dialect, width, wanted)
        for lines in _batches(text, dialect, batch, unclosed):
            yield batch.chunk(done=min(1.0, raw.tell() / size) if lines else 1.0)
            batch.clear()


def _raw_stream(text: TextIO) -> Any:
    """The file under the text, whose position says how far reading has come (also inside gzip)."""
    stream: Any = text.buffer
    return getattr(stream, "fileobj", None) or stream


def _batches(text: TextIO, dialect: Dialect, batch: "_Batch", unclosed: list[int]) -> Iterator[bool]:
    """Fills the batch; yields True when it is full and False at the end of the file."""
    before = 0
    for _ in range(dialect.header_row - 1):
        text.readline()
        before += 1
    lines = _Lines(text)
    reader = csv.reader(iter(lines), **dialect.options(strict=True))
    limit = max(1000, min(ROWS_A_CHUNK, CELLS_A_CHUNK // max(batch.width, 1)))
    header_is_due = dialect.header_row > 0
    pending = lines.pending
    start = before + 1
    while True:
        try:
            for record in reader:
                if header_is_due and record:
                    header_is_due = False
                elif record:
                    batch.take(record, start)
                else:
                    batch.blank += 1
                start = before + reader.line_num + 1
                pending.clear()
                if len(batch.rows) >= limit:
                    yield True
            break
        except csv.Error as error:
            _refuse(batch, lines, start, error, dialect, unclosed)
            header_is_due = False
            start = before + reader.line_num + 1
            pending.clear()
    yield False


def _refuse(
    batch: "_Batch", lines: _Lines, start: int, error: csv.Error, dialect: Dialect, unclosed: list[int]
) -> None:
    """Every line of a record that breaks the law of quoting becomes a damaged record."""
    if lines.exhausted:
        opened = _opening_line(lines.pending, start, dialect)
        unclosed.append(opened)
        first = f"the quote that opens in line {opened} is never closed"
        others = f"stands inside the quote that opens in line {opened} and is never closed"
    else:
        first = _in_words(error)
        others = f"belongs to the record in line {start}: {first}"
    for place, line in enumerate(lines.pending):
        is_to_blame = place == 0 if not lines.exhausted else start + place == opened
        batch.damage(start + place, line.rstrip("\r\n"), first if is_to_blame else others)


def _in_words(error: csv.Error) -> str:
    text = str(error)
    if "expected after" in text:
        return "a quote inside a quoted text must be doubled, and a closing quote must end the cell"
    if "unexpected end" in text:
        return "a quote opens in it and is never closed"
    if "field larger" in text:
        return f"a cell is longer than {LONGEST_CELL:,} characters: probably a quote that is never closed"
    return f"can't be split into cells ({text})"


def _opening_line(pending: list[str], start: int, dialect: Dialect) -> int:
    """The line in which the unclosed quote opens: the last cell of the record reaches from there to the end."""
    records = list(csv.reader(pending, **dialect.options(strict=False)))
    rest = records[-1][-1] if records and records[-1] else ""
    lines_inside = len(list(io.StringIO(rest, newline=""))) or 1
    return start + len(pending) - lines_inside


class _Batch:
    """Records that will be one chunk."""

    def __init__(self, dialect: Dialect, width: int, wanted: tuple[int, ...]) -> None:
        self.dialect, self.width, self.wanted = dialect, width, wanted
        self.number = 0
        self.clear()

    def clear(self) -> None:
        """Begin the next chunk; the records' numbers go on."""
        self.rows: list[list[str]] = []
        self.lines: list[int] = []
        self.numbers: list[int] = []
        self.damaged: list[Damaged] = []
        self.blank = 0

    def take(self, record: list[str], line: int) -> None:
        """A record that was split into cells."""
        self.number += 1
        if len(record) != self.width and not self._fits(record):
            cells = "1 cell" if len(record) == 1 else f"{len(record)} cells"
            reason = f"has {cells} where the header has {self.width}"
            self.damaged.append(Damaged(self.number, line, self._shown(record), reason))
            return
        self.rows.append(record)
        self.lines.append(line)
        self.numbers.append(self.number)

    def _fits(self, record: list[str]) -> bool:
        """Blank cells beyond the last header carry nothing: some tools end every record with a delimiter."""
        if len(record) < self.width or any(cell.strip(" \t") for cell in record[self.width :]):
            return False
        del record[self.width :]
        return True

    def damage(self, line: int, text: str, reason: str) -> None:
        """A line that is no record."""
        self.number += 1
        self.damaged.append(Damaged(self.number, line, _printable(text), reason))

    def _shown(self, record: list[str]) -> str:
        return _printable(self.dialect.delimiter.join(record))

    def chunk(self, done: float) -> Chunk:
        """The records as a frame, without those that hold characters which no text holds."""
        import polars as pl

        try:
            frame = self._frame()
        except UnicodeEncodeError:
            self._set_aside(BROKEN, f"has bytes that are not {self.dialect.encoding.removesuffix('-sig')}")
            frame = self._frame()
        if any(frame[name].str.contains("\0", literal=True).any() for name in frame.columns[:-2]):
            self._set_aside("\0", "holds a NUL character, so the file is damaged here")
            frame = self._frame()
        frame = frame.with_columns(pl.col(ROW, LINE).cast(pl.Int64))
        return Chunk(frame, tuple(self.damaged), self.blank, done)

    def _frame(self) -> "pl.DataFrame":
        import polars as pl

        columns: dict[str, Any] = {
            cell_name(place): pl.Series(list(map(itemgetter(place), self.rows)), dtype=pl.String)
            for place in self.wanted
        }
        return pl.DataFrame({**columns, ROW: self.numbers, LINE: self.lines})

    def _set_aside(self, character: str, reason: str) -> None:
        """Records with `character` in any cell become damaged ones."""
        kept = []
        for place, record in enumerate(self.rows):
            if any(character in cell for cell in record):
                self.damaged.append(Damaged(self.numbers[place], self.lines[place], self._shown(record), reason))
            else:
                kept.append(place)
        self.rows = [self.rows[place] for place in kept]
        self.lines = [self.lines[place] for place in kept]
        self.numbers = [self.numbers[place] for place in kept]


def _printable(text: str) -> str:
    """Raw text as it can be written to a file and shown: cut, with broken characters marked."""
    return text[:LONGEST_SHOWN].replace(BROKEN, "\ufffd").replace("\0", "\u2400")
