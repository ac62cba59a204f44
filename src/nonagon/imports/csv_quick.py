"""Reading delimited text by the block: what is proper is split by Arrow, and only the rest record by record.

A block is searched for places where the two ways of reading could differ: a quote that breaks the law of quoting,
a NUL character, bytes that are no UTF-8, a carriage return alone. The records that hold one are read by
`csv_exact`; all others are cut out and split at once. Arrow hands back each record that has too few or too many
cells, and the records that it found are counted against the line ends that stand outside quotes: the two must
agree, so that nothing can get lost and every record has its physical line.
"""

import csv
import io
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from nonagon.imports import csv_dialect
from nonagon.imports.csv_dialect import Dialect
from nonagon.imports.csv_exact import Records, read_exactly
from nonagon.imports.csv_window import Window, broken_at
from nonagon.imports.records import RecordsLost, cell_name
from nonagon.imports.repeated import Repeated

if TYPE_CHECKING:
    import polars as pl

Ints = np.ndarray[Any, np.dtype[np.int64]]

LINE_FEED, RETURN = 10, 13
_RETURN_ALONE = re.compile(rb"\r(?!\n)")
# Records read exactly at a stretch where troubles come close upon each other.
LONGEST_STRETCH = 100_000
CLOSE = 100


@dataclass(slots=True)
class Block:
    """What was split at once.

    cells: by position, all records' texts (as Enum where few differ); lines: of the records; others, blank: the
    rest of the block, read exactly, and its blank lines.
    """

    cells: "dict[int, pl.Series]"
    lines: Ints
    records: Records


@dataclass(frozen=True, slots=True)
class _Piece:
    """Proper records in a row: bytes `start` to `end` of `data`.

    line: of the first; line_ends: how many, the end of the file among them; quotes: places in `data`.
    """

    data: bytes
    start: int
    end: int
    line: int
    line_ends: int
    quotes: Ints

    @property
    def holds_records(self) -> bool:
        """Whether not all of its lines are blank."""
        return self.end - self.start > 2 * self.line_ends or bool(bytes(self.raw).strip(b"\r\n"))

    @property
    def raw(self) -> memoryview:
        return memoryview(self.data)[self.start : self.end]


@dataclass(slots=True)
class QuickReader:
    """Reads the blocks of one file.

    width: cells that the header has; wanted: positions of those that are read. What is learnt of the file on the
    way: spread, the cells that its records have where each ends with a delimiter; repeated, which columns
    hold texts that repeat.
    """

    dialect: Dialect
    width: int
    wanted: tuple[int, ...]
    spread: int = 0
    repeated: Repeated = field(default_factory=Repeated)
    stretch: int = 1
    exact_at: int = -CLOSE

    @property
    def is_possible(self) -> bool:
        """Whether blocks can be read at all: escapes and marks beyond ASCII are read exactly."""
        marks = self.dialect.delimiter + self.dialect.quote
        return not self.dialect.escape and marks.isascii()

    def read(self, window: Window, records: Records, size: int) -> Block:
        """The next block of about `size` bytes; what must be read exactly goes to `records`."""
        pieces = self._pieces(window, records, size)
        if not any(piece.holds_records for piece in pieces):
            records.blank += sum(_lines_of(piece)[1] for piece in pieces)
            return Block({}, np.empty(0, np.int64), records)
        return self._split(pieces, records)

    # --- what can be split at once

    def _pieces(self, window: Window, records: Records, size: int) -> list[_Piece]:
        """The stretches of proper records in the block; what lies between them is read exactly."""
        window.fill(size)
        pieces: list[_Piece] = []
        marks = _Marks(window, self.dialect)
        while not window.is_empty:
            start, first = window.at, window.line
            cut, trouble = marks.proper_until(start)
            if cut > start:
                data = window.data
                ends = marks.line_feeds_between(start, cut) + (not data.endswith(b"\n", start, cut))
                window.skip_to(cut, ends)
                pieces.append(_Piece(data, start, cut, first, ends, marks.quotes_between(start, cut)))
            if trouble is not None:
                self._read_around(window, records, trouble)
            elif pieces:
                break
            elif len(window.data) - window.at > csv_dialect.LONGEST_CELL:
                read_exactly(window, records, past=window.at)
            else:
                # Not one record ends within the window, or all of it was read exactly.
                window.fill(max(size, 2 * (len(window.data) - window.at)))
                marks = _Marks(window, self.dialect)
                continue
            if marks.turned != window.turned:
                break
        return pieces

    def _read_around(self, window: Window, records: Records, trouble: int) -> None:
        """Reads exactly until behind the trouble, and further where troubles come close upon each other."""
        is_close = window.line - self.exact_at < CLOSE
        self.stretch = min(2 * self.stretch, LONGEST_STRETCH) if is_close else 1
        read_exactly(window, records, past=trouble, least=self.stretch)
        self.exact_at = window.line

    # --- splitting

    def _split(self, pieces: list[_Piece], records: Records) -> Block:
        raw = pieces[0].raw if len(pieces) == 1 else _joined(pieces)
        spread = self.spread = self.spread or self._spread_of(raw)
        places = self.wanted if spread == self.width else tuple(range(spread))
        ragged: list[tuple[int, str]] = []
        has_quotes = any(piece.quotes.size for piece in pieces)
        table = self._table(raw, places or (0,), ragged, has_quotes=has_quotes)
        lines = _lines_for(pieces, table.num_rows + len(ragged), records)
        for number, text in ragged:
            records.take(self._record(text), int(lines[number - 1]))
        if ragged:
            lines = np.delete(lines, [number - 1 for number, _ in ragged])
        cells = {place: self.repeated.series(place, _whole(table.column(at))) for at, place in enumerate(places)}
        if spread > self.width:
            cells, lines = self._without_surplus(cells, lines, records)
        return Block({place: cells[place] for place in self.wanted}, lines, records)

    def _spread_of(self, raw: Any) -> int:
        """How many cells most of the first records have, at least as many as the header."""
        start = io.StringIO(bytes(raw[: 1 << 16]).decode("utf-8", "replace"), newline="")
        csv.field_size_limit(csv_dialect.LONGEST_CELL)
        reader = csv.reader(start, **self.dialect.options(strict=False))
        widths = [len(record) for record, _ in zip(reader, range(9), strict=False) if record]
        return max(self.width, int(np.median(widths)) if widths else 0)

    def _table(self, raw: Any, places: tuple[int, ...], ragged: list[tuple[int, str]], *, has_quotes: bool) -> Any:
        """The records as Arrow splits them; those with another number of cells go to `ragged` with their place."""
        import pyarrow as pa
        from pyarrow import csv as arrow_csv

        names = [cell_name(place) for place in range(self.spread)]
        text, coded = pa.string(), pa.dictionary(pa.int32(), pa.string())

        def set_aside(record: Any) -> str:
            ragged.append((record.number, record.text))
            return "skip"

        return arrow_csv.read_csv(
            pa.BufferReader(raw),
            read_options=arrow_csv.ReadOptions(
                column_names=names, use_threads=False, block_size=memoryview(raw).nbytes + 1
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=self.dialect.delimiter,
                quote_char=self.dialect.quote or False,
                newlines_in_values=has_quotes,
                invalid_row_handler=set_aside,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types={names[place]: coded if self.repeated.known.get(place) else text for place in places},
                include_columns=[names[place] for place in places],
                strings_can_be_null=False,
                check_utf8=False,
            ),
        )

    def _record(self, text: str) -> list[str]:
        """The cells of a record that Arrow handed back."""
        csv.field_size_limit(csv_dialect.LONGEST_CELL)
        return next(csv.reader(io.StringIO(text, newline=""), **self.dialect.options(strict=False)), [])

    def _without_surplus(
        self, cells: "dict[int, pl.Series]", lines: Ints, records: Records
    ) -> "tuple[dict[int, pl.Series], Ints]":
        """Without the records that hold something beyond the header's last column."""
        import polars as pl

        frame = pl.DataFrame([cells[place].cast(pl.String) for place in range(self.spread)])
        beyond = [
            pl.col(cell_name(place)).str.strip_chars(" \t") != "" for place in range(self.width, self.spread)
        ]
        has_more = frame.select(pl.any_horizontal(beyond)).to_series().to_numpy()
        for record, line in zip(frame.filter(has_more).iter_rows(), lines[has_more], strict=True):
            records.take(list(record), int(line))
        kept = {place: series.filter(pl.Series(~has_more)) for place, series in cells.items()}
        return kept, lines[~has_more]


def _whole(column: Any) -> Any:
    """A column of Arrow in one piece."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _joined(pieces: list[_Piece]) -> bytes:
    """The pieces' bytes, each ending its last line."""
    parts: list[bytes | memoryview] = []
    for piece in pieces:
        parts.append(piece.raw)
        if not piece.data.endswith(b"\n", piece.start, piece.end):
            parts.append(b"\n")
    return b"".join(parts)


def _lines_for(pieces: list[_Piece], count: int, records: Records) -> Ints:
    """The line of each of the `count` records that the pieces were split into; blank lines are counted.

    Raises RecordsLost where they are not as many as the line ends outside quotes.
    """
    if count == sum(piece.line_ends for piece in pieces):  # so no line is blank, and none ends inside quotes
        return np.concatenate([np.arange(piece.line, piece.line + piece.line_ends) for piece in pieces])
    found = [_lines_of(piece) for piece in pieces]
    lines = np.concatenate([lines for lines, _ in found])
    if lines.size != count:
        raise RecordsLost(
            f"from line {pieces[0].line} on {lines.size} records were counted and {count} were split; "
            "please report this"
        )
    records.blank += sum(blank for _, blank in found)
    return lines


def _lines_of(piece: _Piece) -> tuple[Ints, int]:
    """The line of each record of a piece, and its blank lines, by the line ends that stand outside quotes."""
    data, start, end = piece.data, piece.start, piece.end
    ends = np.flatnonzero(np.frombuffer(data, np.uint8, end - start, start) == LINE_FEED) + start
    if not data.endswith(b"\n", start, end):
        ends = np.append(ends, end)
    is_outside = np.searchsorted(piece.quotes, ends) % 2 == 0
    after = ends[is_outside]
    begins = np.concatenate([[start], after[:-1] + 1])
    lines = piece.line + np.concatenate([[0], np.flatnonzero(is_outside)[:-1] + 1])
    length = after - begins
    is_blank = length == 0
    one = np.flatnonzero(length == 1)
    is_blank[one] = np.frombuffer(data, np.uint8)[begins[one]] == RETURN
    return lines[~is_blank], int(is_blank.sum())


class _Marks:
    """Where in a window stand the quotes, and what only the exact way of reading understands."""

    def __init__(self, window: Window, dialect: Dialect) -> None:
        self.data, self.ended, self.turned = window.data, window.ended, window.turned
        self.bytes = np.frombuffer(self.data, np.uint8)
        self.quotes: Ints = np.empty(0, np.int64)
        if dialect.quote and self.data.find(dialect.quote.encode(), window.at) >= 0:
            rest = self.bytes[window.at :]
            self.quotes = np.flatnonzero(rest == ord(dialect.quote)) + window.at
        self.ends_cell = np.zeros(256, np.bool_)
        self.ends_cell[[ord(dialect.delimiter), LINE_FEED, RETURN]] = True
        self._wrong: dict[int, Ints] = {}
        self.begin = window.at
        self._next: dict[str, int] = {"NUL": -1, "return": -1, "broken": -1}

    def quotes_between(self, start: int, end: int) -> Ints:
        """The places of the quotes there."""
        first, last = np.searchsorted(self.quotes, [start, end])
        return self.quotes[first:last]

    def line_feeds_between(self, start: int, end: int) -> int:
        """How many line feeds stand there."""
        return int(np.count_nonzero(self.bytes[start:end] == LINE_FEED))

    def proper_until(self, start: int) -> tuple[int, int | None]:
        """How far proper records reach from `start`, the beginning of one; then, where there is, the trouble.

        Without a trouble the last record may go on after the window.
        """
        first = int(np.searchsorted(self.quotes, start))
        quotes = self.quotes[first:]
        found = [self._other_trouble(start), self._wrong_quote(first, start)]
        troubles = [place for place in found if place is not None]
        if troubles:
            return self._last_end(start, min(troubles), quotes), min(troubles)
        if not self.ended:
            return self._last_end(start, len(self.data), quotes), None
        if quotes.size % 2:
            return self._last_end(start, int(quotes[-1]), quotes), int(quotes[-1])
        return len(self.data), None

    def _other_trouble(self, start: int) -> int | None:
        finders = {"NUL": self._nul, "return": self._lone_return, "broken": self._broken}
        for name, find in finders.items():
            if self._next[name] < start:
                place = find(start)
                self._next[name] = len(self.data) if place is None else place
        nearest = min(self._next.values())
        return nearest if nearest < len(self.data) else None

    def _nul(self, start: int) -> int | None:
        place = self.data.find(b"\0", start)
        return place if place >= 0 else None

    def _lone_return(self, start: int) -> int | None:
        if self.data.find(b"\r", start) < 0:
            return None
        found = _RETURN_ALONE.search(self.data, start)
        # At the end of the window its line feed may still come.
        is_open = found is not None and found.start() == len(self.data) - 1 and not self.ended
        return None if found is None or is_open else found.start()

    def _broken(self, start: int) -> int | None:
        if self.data.isascii():
            return None
        return broken_at(self.data, start, ended=self.ended)

    def _wrong_quote(self, first: int, start: int) -> int | None:
        """The first quote from `start` on that neither opens a cell, nor ends one, nor is one of two for one.

        first: the number of the first quote from `start` on, which opens a cell if it is in order.
        """
        parity = first % 2
        if parity not in self._wrong:
            self._wrong[parity] = self._wrong_quotes(parity)
        wrong = self._wrong[parity]
        place = int(np.searchsorted(wrong, start))
        return int(wrong[place]) if place < wrong.size else None

    def _wrong_quotes(self, first: int) -> Ints:
        """All wrong quotes of the window, where the quotes of number `first`, `first` + 2, ... open cells.

        A record begins behind a line end, so what stands before it makes no difference to what follows.
        """
        opening, closing = self.quotes[first::2], self.quotes[first + 1 :: 2]
        last = len(self.data) - 1
        opens = (opening == self.begin) | self.ends_cell[self.bytes[opening - 1]]
        opens[1:] |= opening[1:] == closing[: opening.size - 1] + 1
        closes = (closing == last) | self.ends_cell[self.bytes[np.minimum(closing + 1, last)]]
        both = min(closing.size, opening.size - 1)
        closes[:both] |= opening[1 : both + 1] == closing[:both] + 1
        return np.sort(np.concatenate([opening[~opens], closing[~closes]]))

    def _last_end(self, start: int, limit: int, quotes: Ints) -> int:
        """Where the last record ends that does so before `limit`; `start` where none does."""
        before = int(np.searchsorted(quotes, limit))
        until = limit
        while True:
            if before % 2:
                before -= 1
                until = int(quotes[before])
                continue
            since = int(quotes[before - 1]) + 1 if before else start
            end = self.data.rfind(b"\n", since, until)
            if end >= 0:
                return end + 1
            if not before:
                return start
            before -= 1
            until = int(quotes[before])
