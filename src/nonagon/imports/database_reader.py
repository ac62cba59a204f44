"""Reading tables of databases by ADBC: whole columns at a time, as the database types them.

A SQLite file is read like a workbook, each table or view a sheet. Rows of any other database that has a driver
here are fetched into a Parquet file first, so that the facts are made of bytes that stay as they are.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from nonagon.basics.errors import InputError, Mistake
from nonagon.imports.ahead import ahead
from nonagon.imports.csv_dialect import Unreadable
from nonagon.imports.headers import clean
from nonagon.imports.mapping import EVERY, Source
from nonagon.imports.records import LINE, ROW, Chunk, Part
from nonagon.imports.repeated import Repeated

ROWS_A_BATCH = 1 << 17
POSTGRESQL = ("postgresql://", "postgres://")
SQLITE = "sqlite:///"
TEXT = "''"
# By the words that a declared type holds, in SQLite's own order: the value that stands for the type.
_SAMPLES = (("INT", "0"), ("CHAR", TEXT), ("CLOB", TEXT), ("TEXT", TEXT), ("REAL", "0.0"), ("FLOA", "0.0"),
            ("DOUB", "0.0"), ("DEC", "0.0"), ("NUM", "0.0"))  # fmt: skip


@contextmanager
def connected(address: str) -> Iterator[Any]:
    """A connection (DB-API with Arrow) that is closed at the end. address: `postgresql://...` or `sqlite:///path`.

    A SQLite file is opened for reading only. Raises ValueError for any other address.
    """
    if address.startswith(POSTGRESQL):
        from adbc_driver_postgresql import dbapi as postgresql  # type: ignore[import-untyped]

        connection = postgresql.connect(address)
    elif address.startswith(SQLITE):
        from adbc_driver_sqlite import dbapi

        path = Path(address.removeprefix(SQLITE)).resolve()
        connection = dbapi.connect(f"file:{quote(str(path))}?mode=ro")
    else:
        raise ValueError(f"a database must be named as postgresql://... or sqlite:///path; got {address[:40]!r}")
    with connection:
        yield connection


def batches(connection: Any, query: str) -> Iterator[Any]:
    """The rows of a query as Arrow record batches, read as they are asked for."""
    is_sqlite = connection.adbc_get_info().get("vendor_name") == "SQLite"
    options = {"adbc.sqlite.query.batch_rows": str(ROWS_A_BATCH)} if is_sqlite else {}
    with connection.cursor(adbc_stmt_kwargs=options) as cursor:
        cursor.execute(query)
        with cursor.fetch_record_batch() as reader:
            yield from reader


# --- SQLite as a source ---------------------------------------------------------------------------------


def open_sqlite(path: Path, file: str, source: Source) -> list[Part]:
    """One part for each table or view that `sheet` names. file: the name that facts and rejects give it.

    Raises Unreadable where the file is no such database, or it has no such table.
    """
    address = f"{SQLITE}{path}"
    with _reading(), connected(address) as connection:
        tables = _column(connection, "select name from sqlite_schema where type in ('table', 'view') "
                                     "and name not like 'sqlite~_%' escape '~' order by name")  # fmt: skip
        return [_part(connection, address, file, name) for name in _wanted(source.sheet, tables)]


def _wanted(names: Sequence[str], tables: Sequence[str]) -> list[str]:
    if EVERY in names or (not names and len(tables) == 1):
        return list(tables)
    shown = ", ".join(map(repr, tables)) or "none"
    if not names:
        raise Unreadable(f'has {len(tables)} tables ({shown}); say which with sheet = "..."')
    missing = [name for name in names if name not in tables]
    if missing:
        raise Unreadable(f'has no table {missing[0]!r} (its tables: {shown}); sheet = "*" takes all')
    return list(names)


def _part(connection: Any, address: str, file: str, table: str) -> Part:
    names = _column(connection, f"select name from pragma_table_xinfo({_text(table)}) order by cid")
    types = _column(connection, f"select type from pragma_table_xinfo({_text(table)}) order by cid")
    kind = _column(connection, f"select type from sqlite_schema where name = {_text(table)}")[0]
    count = int(_column(connection, f"select count(*) from {_name(table)}")[0])
    if not count:
        raise Unreadable(f"table {table!r} has columns and no rows; leave it out by naming the other tables")

    def chunks(wanted: Sequence[int]) -> Iterator[Chunk]:
        columns = [(names[place], _sample(types[place] or "")) for place in wanted]
        query = _query(table, columns, is_table=kind == "table")
        return _chunks(address, query, wanted, [sample for _, sample in columns], count)

    return Part(file, table, tuple(clean(name) for name in names), None, chunks, f"SQLite table {table!r}")


def _query(table: str, columns: Sequence[tuple[str, str]], *, is_table: bool) -> str:
    """The columns in the order of rows, under a first row that shows the type of each.

    columns: each with the sample of its type. The driver takes a column's type from its first values; without
    that row, a column that begins with blanks or with whole numbers would get the wrong one. What is declared as
    neither number nor text may hold both: it is read as text. `not indexed` keeps SQLite from reading the rows in
    the order of an index.
    """
    taken = [f"cast({_name(name)} as text)" if sample == TEXT else _name(name) for name, sample in columns]
    head = ", ".join(f"{sample} as c{place}" for place, (_, sample) in enumerate(columns)) or "0 as c0"
    return f"select {head} union all select {', '.join(taken) or '0'} from {_name(table)}" + (
        " not indexed" if is_table else ""
    )


def _sample(declared: str) -> str:
    upper = declared.upper()
    return next((sample for word, sample in _SAMPLES if word in upper), TEXT)


def _chunks(
    address: str, query: str, wanted: Sequence[int], samples: Sequence[str], count: int
) -> Iterator[Chunk]:
    import polars as pl
    import pyarrow as pa

    repeated = Repeated()
    number = -1  # the row that shows the types counts for nothing
    with _reading(), connected(address) as connection:
        for batch in batches(connection, query):
            for field, sample in zip(batch.schema, samples, strict=False):
                if pa.types.is_string(field.type) and sample != TEXT:
                    raise OSError(f"Type mismatch in column {field.name[1:]}")  # as the driver does further down
            rows = pl.Series(ROW, range(number + 1, number + batch.num_rows + 1), dtype=pl.Int64)
            lines = pl.repeat(None, batch.num_rows, dtype=pl.Int64, eager=True).alias(LINE)
            cells = [repeated.series(place, column) for place, column in zip(wanted, batch.columns, strict=False)]
            frame = pl.DataFrame([*cells, rows, lines])
            number += batch.num_rows
            yield Chunk(frame.filter(pl.col(ROW) > 0), done=min(1.0, number / count))


@contextmanager
def _reading() -> Iterator[None]:
    """Turns what the driver raises into Unreadable."""
    from adbc_driver_manager import Error

    try:
        yield
    except (Error, OSError) as error:
        reason = str(error).strip().splitlines()[0]
        if "Type mismatch" in reason:
            raise Unreadable(
                f"has texts in a column that is declared as numbers ({reason}); read it through a view with "
                "cast(... as text), or correct the rows"
            ) from error
        raise Unreadable(f"is no SQLite database that can be read ({reason}); copy it again") from error


def _column(connection: Any, query: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute("pragma trusted_schema = off")  # a file from elsewhere calls no functions of its own
        cursor.execute(query)
        return [row[0] for row in cursor.fetchall()]


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


# --- rows of any database as a file ---------------------------------------------------------------------


def fetch(address: str, query: str, file: Path) -> int:
    """Writes the rows of a query as a Parquet file, in the place of the old one, in one step; gives how many.

    address: `postgresql://...`, `sqlite:///path`, or `env:NAME` for what the environment variable NAME holds, so
    that a password stands in no command. Raises InputError, which never shows the address.
    """
    import pyarrow.parquet as pq
    from adbc_driver_manager import Error

    from nonagon.facts.files import fsync, replace_file

    count = 0

    def write(temporary: Path) -> None:
        nonlocal count
        with connected(_looked_up(address)) as connection:
            writer = None
            for batch in ahead(batches(connection, query)):
                writer = writer or pq.ParquetWriter(temporary, batch.schema, compression="zstd")
                writer.write_batch(batch)
                count += batch.num_rows
            if writer is None:
                raise InputError([Mistake(file, None, "", "the query gives no rows; nothing was written")])
            writer.close()
        fsync(temporary)

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        replace_file(file, write)
    except Error as error:
        reason = str(error).strip().splitlines()[0]
        message = f"the database refused: {reason}; correct the query or the address"
        raise InputError([Mistake(file, None, "", message)]) from error
    except (OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        raise InputError([Mistake(file, None, "", f"can't be fetched: {reason}")]) from error
    return count


def _looked_up(address: str) -> str:
    if not address.startswith("env:"):
        return address
    name = address.removeprefix("env:")
    if name not in os.environ:
        raise ValueError(
            f"the environment variable {name} is not set; set it to postgresql://... or sqlite:///path"
        )
    return os.environ[name]
