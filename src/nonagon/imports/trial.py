"""A source tried on the first records of its files: what would be taken, what refused and why. Nothing is stored.

The records go the same way as in the import, `rows.sort_out`; only where rows replace each other by a key
(`unique`, the customers' id) the import may still take fewer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nonagon.basics.errors import Mistake
from nonagon.imports import rejects
from nonagon.imports.check import look, place_in
from nonagon.imports.csv_dialect import Unreadable
from nonagon.imports.csv_reader import open_csv
from nonagon.imports.lookup import Lookups
from nonagon.imports.mapping import Source
from nonagon.imports.readers import open_parts, reader_of
from nonagon.imports.records import LINE, ROW, Chunk, Part, cell_name
from nonagon.imports.rows import fact_types, plan_for, sort_out
from nonagon.imports.tally import Tally

FIRST_RECORDS = 1000
SHOWN = 20
MOST_REJECTS = 200


@dataclass(frozen=True, slots=True)
class Grid:
    """Some rows as text. lines: where each stands in its file; of facts, the number of the record."""

    columns: tuple[str, ...]
    lines: tuple[int | None, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """One reject of the trial, as rejects.csv would say it."""

    file: str
    sheet: str
    line: int | None
    row: int
    column: str
    value: str
    reason: str
    kind: str


@dataclass(frozen=True, slots=True)
class Trial:
    """What a trial showed.

    mistakes: why the import would stop; notices: what a person should know; files: how many were looked at, of
    `of_files`; records: how many were read; with_facts: those that gave facts; facts: fact rows; kinds: rejects by
    kind; refused: the first of them; taken: the first fact rows; whole: all records of all files were read.
    """

    mistakes: tuple[Mistake, ...] = ()
    notices: tuple[str, ...] = ()
    files: int = 0
    of_files: int = 0
    records: int = 0
    with_facts: int = 0
    facts: int = 0
    kinds: Mapping[str, int] | None = None
    refused: tuple[Refused, ...] = ()
    taken: Grid | None = None
    whole: bool = False


def as_it_is(path: Path, file: str, source: Source, *, shown: int = SHOWN) -> Grid:
    """The first rows of a file as they stand, by the source's delimiter, encoding and header row.

    Raises Unreadable.
    """
    part = _parts(path, file, source)[0]
    places = [place for place, title in enumerate(part.header) if title]
    frame = next(iter(part.chunks(places))).plain.head(shown)
    return Grid(
        tuple(part.header[place] for place in places),
        tuple(frame[LINE].to_list()),
        tuple(tuple(map(_text, row)) for row in frame.select(cell_name(place) for place in places).iter_rows()),
    )


def trial(
    name: str,
    source: Source,
    data_folder: Path,
    *,
    records: int = FIRST_RECORDS,
    files: int = 12,
    shown: int = SHOWN,
) -> Trial:
    """Tries `source` on the first `records` records of each of the first `files` files.

    Every mistake that the mapping and the headers show is found before; with one there is nothing to try.
    """
    import polars as pl

    looked = look({name: source}, data_folder, place_in(), deep=True)
    notices = tuple(looked.notices.get(name, ()))
    found = looked.files.get(name, [])
    if looked.mistakes:
        return Trial(tuple(looked.mistakes), notices, of_files=len(found))
    lookups = Lookups({name: source}, data_folder, deep=True)
    facts: list[pl.DataFrame] = []
    refused: list[pl.DataFrame] = []
    tallies, mistakes, is_whole = [], [], True
    for file, path in found[:files]:
        tally = Tally(name, source.table, file)
        tallies.append(tally)
        try:
            for part in _parts(path, file, source):
                is_whole &= _try_part(name, source, part, lookups, tally, records, facts, refused)
        except Unreadable as problem:
            mistakes.append(Mistake(path, problem.line, f"data.{name}", str(problem)))
    rows = pl.concat(refused) if refused else rejects.none()
    return Trial(
        mistakes=tuple(mistakes),
        notices=notices,
        files=len(found[:files]),
        of_files=len(found),
        records=sum(one.records for one in tallies),
        with_facts=sum(one.with_facts for one in tallies),
        facts=sum(one.facts for one in tallies),
        kinds=dict(sorted(rows["kind"].value_counts().iter_rows())),
        refused=_refused(rows),
        taken=_taken(source, facts, shown),
        whole=is_whole and len(found) <= files and not mistakes,
    )


def _try_part(
    name: str,
    source: Source,
    part: Part,
    lookups: Lookups,
    tally: Tally,
    most: int,
    facts: list[Any],
    refused: list[Any],
) -> bool:
    """Sorts the first records of a part; whether these were all."""
    import polars as pl

    plan = plan_for(name, source, part, lookups)
    before, seen = tally.records, 0
    for chunk in part.chunks(plan.wanted):
        piece, is_cut = _first(replace(chunk, frame=chunk.plain), most - seen, seen)
        found = sort_out(plan, piece, tally, rows_before=before)
        seen += piece.records
        facts.append(found.facts.with_columns(pl.col(pl.Enum).cast(pl.String)))
        refused.append(found.rejects)
        if is_cut or seen >= most:
            return not is_cut and chunk.done >= 1
    return True


def _first(chunk: Chunk, most: int, seen: int) -> tuple[Chunk, bool]:
    """The first records of a chunk, and whether some were left."""
    if chunk.records <= most:
        return chunk, False
    frame = chunk.frame.filter(chunk.frame[ROW] <= seen + most)
    damaged = tuple(one for one in chunk.damaged if one.row <= seen + most)
    return replace(chunk, frame=frame, damaged=damaged), True


def _refused(rows: Any) -> tuple[Refused, ...]:
    """The first rejects, those against a rule before those by choice."""
    names = ("file", "sheet", "line", "row", "column", "value", "reason", "kind")
    first = rows.filter(rows["kind"] == rejects.REFUSED).head(MOST_REJECTS)
    others = rows.filter(rows["kind"] != rejects.REFUSED).head(MOST_REJECTS - first.height)
    return tuple(Refused(*row) for one in (first, others) for row in one.select(names).iter_rows())


def _taken(source: Source, facts: Sequence[Any], shown: int) -> Grid | None:
    """The first fact rows, in the columns that the source fills."""
    import polars as pl

    some = [one for one in facts if one.height]
    if not some:
        return None
    frame = pl.concat([one.head(shown) for one in some]).head(shown)
    names = [
        one for one in fact_types(source.table, tuple(source.attributes)) if one not in {"source", "file", ROW}
    ]
    filled = [name for name in names if frame[name].null_count() < frame.height]
    return Grid(
        tuple(filled),
        tuple(frame[ROW].to_list()),
        tuple(tuple(map(_text, row)) for row in frame.select(filled).iter_rows()),
    )


def _parts(path: Path, file: str, source: Source) -> list[Part]:
    """The parts, of delimited text without reading all of it first."""
    if reader_of(file, source) == "csv":
        return open_csv(path, file, source, whole=False)
    return open_parts(path, file, source)


def _text(value: Any) -> str:
    """A cell as people read it."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    return str(value)
