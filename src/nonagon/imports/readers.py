"""From a file to its parts, by the reader that the source or the file's ending names."""

from pathlib import Path

from nonagon.imports.csv_dialect import Unreadable
from nonagon.imports.csv_reader import open_csv
from nonagon.imports.files import ENDINGS, reader_by_ending
from nonagon.imports.mapping import Reader, Source
from nonagon.imports.records import Part


def reader_of(name: str, source: Source) -> Reader:
    """The reader for a file. Raises Unreadable where neither source nor ending says which."""
    reader = source.reader or reader_by_ending(name)
    if reader is None:
        known = " ".join(ENDINGS)
        raise Unreadable(
            f'has an ending that says nothing (known: {known}); set reader = "csv", "excel", "parquet" or "sqlite"'
        )
    return reader


def open_parts(path: Path, name: str, source: Source) -> list[Part]:
    """The parts of one file. name: relative to the data folder. Raises Unreadable where there are none."""
    reader = reader_of(name, source)
    if reader == "excel":
        from nonagon.imports.excel_reader import open_excel

        return open_excel(path, name, source)
    if reader == "parquet":
        from nonagon.imports.parquet_reader import open_parquet

        return open_parquet(path, name, source)
    if reader == "sqlite":
        from nonagon.imports.database_reader import open_sqlite

        return open_sqlite(path, name, source)
    return open_csv(path, name, source)
