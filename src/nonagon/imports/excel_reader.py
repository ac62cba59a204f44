"""Reading workbooks: one part a sheet, cells as the workbook types them, row numbers as the workbook shows them.

A cell that holds an error (such as a division by zero) is kept as the text "#ERROR", so that the value rules
refuse it instead of taking it for a blank. Numbers in a column that also holds text are read with at most nine
decimals, since the workbook reader hands them over as text.
"""

import logging
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nonagon.imports.csv_dialect import Unreadable
from nonagon.imports.headers import clean
from nonagon.imports.mapping import EVERY, Source
from nonagon.imports.records import LINE, ROW, ROWS_A_CHUNK, Chunk, Part, cell_name

if TYPE_CHECKING:
    import polars as pl

ERROR = "#ERROR"


def open_excel(path: Path, file: str, source: Source) -> list[Part]:
    """One part for each sheet that the source means. file: the name that facts and rejects give it."""
    import fastexcel

    # A column without values is no news: the value rules count its blanks.
    logging.getLogger("fastexcel").setLevel(logging.ERROR)
    try:
        workbook = fastexcel.read_excel(path)
    except fastexcel.FastExcelError as error:
        raise Unreadable(
            f"is no workbook that can be read ({_first_line(error)}); save it again as .xlsx"
        ) from error
    names = _wanted_sheets(source.sheet, workbook.sheet_names)
    return [_part(workbook, path, file, name, source) for name in names]


def other_sheets(path: Path, source: Source) -> list[str]:
    """The sheets that the source does not mean."""
    import fastexcel

    names = fastexcel.read_excel(path).sheet_names
    wanted = _wanted_sheets(source.sheet, names)
    return [name for name in names if name not in wanted]


def _wanted_sheets(wanted: Sequence[str], names: Sequence[str]) -> list[str]:
    if EVERY in wanted:
        return list(names)
    if not wanted:
        return list(names[:1])
    by_name = {clean(name).casefold(): name for name in reversed(names)}
    missing = [name for name in wanted if clean(name).casefold() not in by_name]
    if missing:
        shown = ", ".join(map(repr, names))
        raise Unreadable(f'has no sheet {missing[0]!r} (its sheets: {shown}); sheet = "*" takes all')
    return [by_name[clean(name).casefold()] for name in wanted]


def _part(workbook: Any, path: Path, file: str, name: str, source: Source) -> Part:
    offset = _first_row(path, workbook.sheet_names.index(name))
    header_row = source.header_row
    top = workbook.load_sheet(
        name, header_row=None, n_rows=max(header_row - offset, 0) + 1, schema_sample_rows=None
    )
    rows = top.to_polars().rows()
    place = header_row - 1 - offset
    if not rows:
        raise Unreadable(f"sheet {name!r} is empty; leave it out by naming the other sheets")
    if header_row == 0:
        header = tuple(f"#{position}" for position in range(1, top.width + 1))
    else:
        place = max(place, 0)
        header = tuple(clean(title) for title in rows[place]) if place < len(rows) else ()
    if not any(header):
        raise Unreadable(
            f"sheet {name!r} has no header in row {header_row}; set header_row to the row of the headers"
        )
    header_line = None if header_row == 0 else offset + place + 1

    def chunks(wanted: Sequence[int]) -> Iterator[Chunk]:
        return _chunks(workbook, name, offset + place if header_row else None, (header_line or offset) + 1, wanted)

    return Part(file, name, header, header_line, chunks, f"sheet {name!r}")


def _first_row(path: Path, index: int) -> int:
    """How many empty rows stand above the first used one, which the workbook reader leaves out.

    Read from the sheet's own XML where the workbook is .xlsx; 0 for the older formats.
    """
    if not zipfile.is_zipfile(path):
        return 0
    with zipfile.ZipFile(path) as archive:
        sheet = _sheet_file(archive, index)
        if sheet is None:
            return 0
        with archive.open(sheet) as stream:
            start = stream.read(1 << 18)
    first = re.search(rb"<row\b[^>]*?\br=\"(\d+)\"", start)
    return int(first[1]) - 1 if first else 0


def _sheet_file(archive: zipfile.ZipFile, index: int) -> str | None:
    try:
        book = archive.read("xl/workbook.xml").decode("utf-8", "replace")
        links = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
    except KeyError:
        return None
    ids = re.findall(r"<sheet\b[^>]*?\br:id=\"([^\"]+)\"", book)
    if index >= len(ids):
        return None
    for link in re.findall(r"<Relationship\b[^>]*>", links):
        target = re.search(r"\bTarget=\"([^\"]+)\"", link)
        if re.search(rf"\bId=\"{re.escape(ids[index])}\"", link) and target:
            name = target[1].lstrip("/")
            name = name if name.startswith("xl/") else f"xl/{name}"
            return name if name in archive.namelist() else None
    return None


def _chunks(
    workbook: Any, name: str, header_row: int | None, first_line: int, wanted: Sequence[int]
) -> Iterator[Chunk]:
    """The sheet's records; a row without any value is a blank line."""
    import polars as pl

    frame, errors = _cells(workbook, name, header_row)
    for place in sorted({place for _, place in errors}):
        rows = {row for row, at in errors if at == place}
        frame = _with_errors(frame, place, rows)
    lines = pl.Series(LINE, range(first_line, first_line + frame.height), dtype=pl.Int64)
    has_value = frame.select(pl.any_horizontal(pl.all().is_not_null())).to_series()
    blank = frame.height - int(has_value.sum())
    frame = frame.with_columns(lines).filter(has_value)
    frame = frame.with_columns(pl.Series(ROW, range(1, frame.height + 1), dtype=pl.Int64))
    frame = frame.select(*(cell_name(place) for place in wanted), ROW, LINE)
    if not frame.height:
        raise Unreadable(f"sheet {name!r} has a header and no records; leave it out by naming the other sheets")
    for begin in range(0, frame.height, ROWS_A_CHUNK):
        piece = frame.slice(begin, ROWS_A_CHUNK)
        yield Chunk(piece, (), blank if begin == 0 else 0, min(1.0, (begin + ROWS_A_CHUNK) / frame.height))


def _cells(workbook: Any, name: str, header_row: int | None) -> tuple["pl.DataFrame", set[tuple[int, int]]]:
    """All cells under the header, columns named by place, and the (row, column) of those that hold errors."""
    import fastexcel
    import polars as pl

    # All rows decide a column's type: one decided by the first thousand would lose what comes later.
    try:
        sheet = workbook.load_sheet(name, header_row=header_row, schema_sample_rows=None)
    except (fastexcel.FastExcelError, OSError) as error:
        raise Unreadable(f"sheet {name!r} can't be read: {_first_line(error)}; save the workbook again") from error
    if sheet.height == 0:
        return pl.DataFrame({cell_name(place): [] for place in range(sheet.width)}), set()
    batch, cell_errors = sheet.to_arrow_with_errors()
    frame = pl.DataFrame(pl.from_arrow(batch))
    frame.columns = [cell_name(place) for place in range(frame.width)]
    found = cell_errors.errors if cell_errors is not None else []
    return frame, {error.offset_position for error in found}


def _with_errors(frame: "pl.DataFrame", place: int, rows: set[int]) -> "pl.DataFrame":
    import polars as pl

    from nonagon.imports.rules import as_text

    name = cell_name(place)
    text = as_text(frame[name]).to_list()
    for row in rows:
        text[row] = ERROR
    return frame.with_columns(pl.Series(name, text, dtype=pl.String))


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
