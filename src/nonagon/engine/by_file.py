"""Sums of a large table out of the sums of each of its files, which are kept: only new files are read.

The files of a fact table never change. Counts, sums, least and largest values of two parts of the rows merge into
those of the whole, so a query that asks for nothing else is asked of each file by itself. What a file says is kept
in the store, `facts/sums/<table>/<file>/`, under the digest of the query; after an append the new files alone are
asked. All else (distinct counts, joins, what is put together by respondent or customer) is asked of the whole.

What is kept is a convenience and never needed: a folder that can't be written or a damaged entry costs time only.
"""

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from nonagon.engine.backend import Backend

LARGE = 1_000_000
"""Rows from which on a table is asked file by file: a smaller one is read before its files would be opened."""
MOST_KEPT = 500
"""Answers kept for each file; the oldest go first, such as those of decisions that nobody holds any more."""
MOST_ROWS = 100_000
"""Rows of an answer that is kept."""
_DIGEST = 32


@dataclass(frozen=True, slots=True)
class Merging:
    """How the answers of single files become that of the table.

    table: the name of the one table that is asked; groups: the columns that name a group; ways: for each other
    column how two of its values merge: `sum`, `min` or `max`.
    """

    table: str
    groups: tuple[str, ...]
    ways: Mapping[str, str]


def merging_of(expression: "ir.Table") -> Merging | None:
    """How the expression merges; None where it has to be asked of the whole table.

    It merges where it groups rows of one stored table, narrowed and computed on row by row, and asks of each group
    for nothing but counts, sums, least and largest values.
    """
    import ibis.expr.operations as ops  # noqa: PLC0415

    whole = expression.op()
    if not isinstance(whole, ops.Aggregate):
        return None
    tables = whole.find(ops.DatabaseTable)
    row_by_row = (ops.Project, ops.Filter, ops.DatabaseTable)
    others = [one for one in whole.find(ops.Relation) if one is not whole and not isinstance(one, row_by_row)]
    known = {ops.CountStar: "sum", ops.Count: "sum", ops.Sum: "sum", ops.Min: "min", ops.Max: "max"}
    ways = {name: known.get(type(one)) for name, one in whole.metrics.items()}
    reductions = whole.find(ops.Reduction)
    looks_around = whole.find((ops.WindowFunction, ops.Unnest, ops.Subquery, ops.Impure))
    if len(tables) != 1 or others or looks_around or len(reductions) != len(set(whole.metrics.values())):
        return None
    if None in ways.values() or not ways:
        return None
    return Merging(tables[0].name, tuple(whole.groups), {name: way for name, way in ways.items() if way})


def merged(
    backend: "Backend", expression: "ir.Table", merging: Merging, uris: Sequence[str], kept_in: Path | None
) -> Any:
    """The expression's rows as a pyarrow.Table, in no order, out of those of each file.

    uris: the files of the table that the expression asks, in the order of arrival: partial sums are added in
    that order, so that equal files give equal bytes. kept_in: where what they say is kept; None: nowhere.
    """
    key = _key(backend, expression)
    places = [kept_in / Path(uri).stem / f"{key}.sums" if kept_in else None for uri in uris]
    found = {uri: known for uri, place in zip(uris, places, strict=True) if (known := _read(place)) is not None}
    asked = [uri for uri in uris if uri not in found]
    for uri, answer in zip(asked, backend.run_on_each(expression, merging.table, asked), strict=True):
        found[uri] = answer
        _keep(answer, places[list(uris).index(uri)])
    return _put_together([found[uri] for uri in uris], merging)


def _put_together(answers: list[Any], merging: Merging) -> Any:
    import pyarrow as pa  # noqa: PLC0415

    rows = pa.concat_tables(answers)
    # One thread: sums are added in the order of the files.
    grouped = rows.group_by(list(merging.groups), use_threads=False)
    summed = grouped.aggregate(list(merging.ways.items()))
    names = {f"{name}_{way}": name for name, way in merging.ways.items()}
    renamed = summed.rename_columns([names.get(name, name) for name in summed.column_names])
    return renamed.select(rows.column_names).cast(rows.schema)


def _key(backend: "Backend", expression: "ir.Table") -> str:
    said = f"{backend.dialect} {version('duckdb')}\n{expression.schema()}\n{backend.in_words(expression)}"
    return hashlib.sha256(said.encode()).hexdigest()


def _read(place: Path | None) -> Any:
    """What is kept there; None where nothing is, or not all of it."""
    import pyarrow as pa  # noqa: PLC0415

    if place is None:
        return None
    try:
        content = place.read_bytes()
    except OSError:
        return None
    mark, body = content[:_DIGEST], content[_DIGEST:]
    return pa.ipc.open_stream(body).read_all() if hashlib.sha256(body).digest() == mark else None


def _keep(answer: Any, place: Path | None) -> None:
    from nonagon.facts.files import TEMPORARY  # noqa: PLC0415

    if place is None or answer.num_rows > MOST_ROWS:
        return
    with suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        temporary = place.with_name(f".{place.name}{TEMPORARY}")
        # Not forced onto the disk: an entry that a loss of power tore apart is known by its digest.
        body = _as_bytes(answer)
        temporary.write_bytes(hashlib.sha256(body).digest() + body)
        temporary.replace(place)
        _bound(place.parent)


def _as_bytes(answer: Any) -> bytes:
    import pyarrow as pa  # noqa: PLC0415

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, answer.schema) as writer:
        writer.write_table(answer)
    return bytes(sink.getvalue().to_pybytes())


def _bound(folder: Path) -> None:
    entries = list(folder.glob("*.sums"))
    if len(entries) > MOST_KEPT:
        for oldest in sorted(entries, key=lambda path: path.stat().st_mtime)[: len(entries) - MOST_KEPT]:
            oldest.unlink(missing_ok=True)
