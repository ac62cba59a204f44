"""Small fact tables for tests, written as Parquet and opened by the engine."""

from collections.abc import Collection
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from nonagon.engine.backend import DUCKDB, Engine
from nonagon.engine.facts import Facts, FactTable
from nonagon.facts.schemas import ATTRIBUTE_PREFIX, ORIGIN_COLUMNS, SCHEMAS

_TYPES = {
    "text": pa.string(),
    "number": pa.float64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
}


def facts_of(
    folder: Path,
    *,
    our_subject: str = "us",
    without: Collection[str] = (),
    engine: Engine = DUCKDB,
    home: Path | None = None,
    **tables: list[dict[str, Any]],
) -> Facts:
    """Facts from rows given as dicts; keys outside the schema become attributes.

    without: optional columns that the tables shall lack altogether, as data of another origin may;
    engine: where the queries run; home: where what is derived from them is kept, as beside a store.

    `facts_of(tmp_path, answers=[{"respondent_id": "r1", "item": "q1", "value": 4}])`
    """
    found = {name: _table(folder, name, rows, without) for name, rows in tables.items()}
    return Facts(found, our_subject=our_subject, engine=engine, home=home)


def _table(folder: Path, name: str, rows: list[dict[str, Any]], without: Collection[str]) -> FactTable:
    schema = SCHEMAS[name]
    columns_here = [
        column for column in (*schema.columns, *ORIGIN_COLUMNS) if column.required or column.name not in without
    ]
    known = {column.name: column.type for column in columns_here}
    used = {key for row in rows for key in row}
    attributes = sorted(used - set(known) - set(without))
    fields = [pa.field(key, _TYPES[kind]) for key, kind in known.items()]
    fields += [pa.field(f"{ATTRIBUTE_PREFIX}{key}", pa.string()) for key in attributes]
    columns: dict[str, list[Any]] = {
        field.name: [_cell(row, index, field.name) for index, row in enumerate(rows)] for field in fields
    }
    path = folder / f"{name}.parquet"
    pq.write_table(pa.table(columns, schema=pa.schema(fields)), path)
    return FactTable((str(path),), f"{name}@test", len(rows), tuple(attributes))


def _cell(row: dict[str, Any], index: int, name: str) -> Any:
    if name == "row":
        return float(index + 1)
    if name in {"source", "file"}:
        return row.get(name, "test")
    value = row.get(name.removeprefix(ATTRIBUTE_PREFIX))
    if isinstance(value, str) and name in {"date", "since"}:
        return date.fromisoformat(value)
    if isinstance(value, str) and name == "at":
        return datetime.fromisoformat(value)
    if name.startswith(ATTRIBUTE_PREFIX) and value is not None:
        return str(value)
    return value
