"""From the blocks of a delimited text file to chunks: every record with its number and its line, in order."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from nonagon.imports.csv_dialect import Dialect, reading
from nonagon.imports.csv_exact import Records, read_exactly
from nonagon.imports.csv_quick import Block, Ints, QuickReader
from nonagon.imports.csv_window import Window
from nonagon.imports.records import CELLS_A_CHUNK, LINE, ROW, ROWS_A_CHUNK, Chunk, Damaged, cell_name

FIRST_BLOCK = 1 << 22
SMALLEST_BLOCK = 1 << 16
LARGEST_BLOCK = 1 << 24
CELLS_A_BLOCK = 2_500_000


def chunks_of(
    path: Path, dialect: Dialect, width: int, wanted: tuple[int, ...], unclosed: list[int]
) -> Iterator[Chunk]:
    """The records under the header, a block at a time.

    width: cells that the header has; wanted: positions of those that are read; unclosed: filled with the lines in
    which a quote opens that is never closed.
    """
    quick = QuickReader(dialect, width, wanted)
    with reading(path), Window(path, dialect.encoding) as window:
        blank = _pass_header(window, dialect, width)
        number, size = 0, FIRST_BLOCK
        while not window.is_empty:
            begin = window.line
            records = Records(dialect, width, wanted, unclosed, blank=blank)
            block = _block(quick, window, records, size)
            chunk = _chunk(block, wanted, number, done=1.0 if window.is_empty else min(window.done, 0.99))
            blank = 0
            if chunk.records or chunk.blank_lines:
                yield chunk
            number += chunk.records
            size = _next_size(size, window.line - begin, width)


def _pass_header(window: Window, dialect: Dialect, width: int) -> int:
    """Passes the lines above the header and the header itself; gives the blank lines before it."""
    for _ in range(dialect.header_row - 1):
        window.readline()
    header = Records(replace(dialect, encoding="utf-8"), width, (), [])
    while dialect.header_row > 0 and not (header.rows or header.damaged or window.is_empty):
        read_exactly(window, header, past=window.at)
    return header.blank


def _block(quick: QuickReader, window: Window, records: Records, size: int) -> Block:
    if quick.is_possible:
        return quick.read(window, records, size)
    read_exactly(
        window, records, past=window.at, least=max(1000, min(ROWS_A_CHUNK, CELLS_A_CHUNK // records.width))
    )
    return Block({}, np.empty(0, np.int64), records)


def _next_size(size: int, lines: int, width: int) -> int:
    """The bytes of a block that holds about `CELLS_A_BLOCK` cells."""
    cells = max(lines * width, 1)
    return int(min(max(size * CELLS_A_BLOCK / cells, SMALLEST_BLOCK), 4 * size, LARGEST_BLOCK))


def _chunk(block: Block, wanted: tuple[int, ...], before: int, *, done: float) -> Chunk:
    """The block's records in the order of their lines, numbered on from `before`."""
    records = block.records
    if not records.rows and not records.damaged:
        row = np.arange(before + 1, before + 1 + block.lines.size)
        whole = [*(_with_texts(block.cells.get(place), place, []) for place in wanted), pl.Series(ROW, row)]
        return Chunk(pl.DataFrame([*whole, pl.Series(LINE, block.lines)]), (), records.blank, done)
    lines = np.concatenate([block.lines, np.array(records.lines, np.int64)])
    refused = np.array([line for line, _, _ in records.damaged], np.int64)
    # Every record begins in a line of its own, so lines put all of them in order.
    good = np.sort(lines) if records.lines else lines
    numbers = before + 1 + _rank(good, lines) + np.searchsorted(np.sort(refused), lines)
    cells = [_with_texts(block.cells.get(place), place, records.rows) for place in wanted]
    frame = pl.DataFrame([*cells, pl.Series(ROW, numbers), pl.Series(LINE, lines)])
    damaged = tuple(
        Damaged(int(row), line, text, reason)
        for row, (line, text, reason) in zip(
            before + 1 + np.searchsorted(good, refused) + _rank(np.sort(refused), refused),
            records.damaged,
            strict=True,
        )
    )
    if records.rows:
        frame = frame.sort(LINE)
    return Chunk(frame, tuple(sorted(damaged, key=_row)), records.blank, done)


def _rank(ordered: Ints, lines: Ints) -> Ints:
    """Where each line stands in the order of all."""
    return np.arange(lines.size) if ordered is lines else np.searchsorted(ordered, lines)


def _row(record: Damaged) -> int:
    return record.row


def _with_texts(cells: pl.Series | None, place: int, rows: list[list[str]]) -> pl.Series:
    """A column with what was read exactly after what was split at once."""
    if cells is not None and not rows:
        return cells
    texts = pl.Series(cell_name(place), [row[place] for row in rows], dtype=pl.String)
    if cells is None:
        return texts
    if isinstance(cells.dtype, pl.Enum):
        known = cells.dtype.categories
        wider = pl.Enum(
            pl.concat([known, texts.filter(~texts.is_in(known.implode())).unique(maintain_order=True)])
        )
        return pl.concat([cells.cast(pl.String).cast(wider), texts.cast(wider)])
    return pl.concat([cells, texts])
