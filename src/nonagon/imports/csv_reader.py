"""Reading delimited text: every physical line is a record's, a blank line or accounted for as damaged.

How the file is written is found out here, and its header is read; the records are read by the block
(`csv_quick`), and where a block is out of order, one by one (`csv_exact`). Both give the same.
"""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

from nonagon.imports import csv_dialect
from nonagon.imports.csv_dialect import NO_DELIMITER, Dialect, Unreadable, reading
from nonagon.imports.encodings import encoding_of, open_bytes, open_text
from nonagon.imports.headers import clean
from nonagon.imports.mapping import Source
from nonagon.imports.records import Chunk, Part

DELIMITERS = (",", ";", "\t", "|")
SNIFFED_CHARACTERS = 1 << 16
SNIFFED_RECORDS = 200


def dialect_of(path: Path, source: Source, *, whole: bool = True) -> Dialect:
    """How the file is written: what the source says, and what it leaves unsaid found from the file.

    whole: find the encoding by all of the file's bytes, not only by its start.
    """
    with reading(path):
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
    csv.field_size_limit(csv_dialect.LONGEST_CELL)
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


def header_of(path: Path, dialect: Dialect) -> tuple[tuple[str, ...], int | None]:
    """The cleaned headers and their line; numbered columns where the file has no header.

    Raises Unreadable where there is no header, or no record under it.
    """
    csv.field_size_limit(csv_dialect.LONGEST_CELL)
    with reading(path), open_text(path, dialect.encoding) as text:
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
        from nonagon.imports.csv_exact import in_words

        raise Unreadable(f"line {header_line} is the header, and {in_words(error)}", header_line) from error


def open_csv(path: Path, file: str, source: Source, *, whole: bool = True) -> list[Part]:
    """The one part of a delimited text file. file: the name that facts and rejects give it."""
    dialect = dialect_of(path, source, whole=whole)
    header, header_line = header_of(path, dialect)
    unclosed: list[int] = []

    def chunks(wanted: Sequence[int]) -> Iterator[Chunk]:
        from nonagon.imports.csv_chunks import chunks_of

        return chunks_of(path, dialect, len(header), tuple(wanted), unclosed)

    return [Part(file, "", header, header_line, chunks, dialect.describe(), unclosed)]
