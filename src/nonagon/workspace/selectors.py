"""Reads for the data page: what the data are, what was not taken, which questions are not known yet."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy

from nonagon.facts.schemas import SCHEMAS
from nonagon.facts.store import MANIFEST, FactStore
from nonagon.imports.files import NoFile, matching
from nonagon.imports.mapping import Source
from nonagon.process.models import Cycle
from nonagon.workspace import uploads
from nonagon.workspace.places import files_of, out_of
from nonagon.workspace.sources import sources_of

if TYPE_CHECKING:
    import polars as pl

KINDS = {
    "refused": gettext_lazy("refused"),
    "set_aside": gettext_lazy("set aside by a filter"),
    "replaced": gettext_lazy("replaced by a later row"),
    "empty": gettext_lazy("held nothing to take"),
}
"""What became of what is in no fact, in the words of the report."""
COMPUTED_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""Beginnings of cells with which a spreadsheet would compute."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """One fact table: what it means, its rows, its version, when it was read."""

    name: str
    meaning: str
    rows: int
    version: str
    attributes: tuple[str, ...]
    at: datetime | None


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One source: its table and files, and what the last import took of it. missing: why no file was found."""

    name: str
    table: str
    files: tuple[str, ...]
    found: tuple[str, ...]
    missing: str = ""
    records: int = 0
    facts: int = 0
    kinds: tuple[tuple[str, str, int], ...] = ()
    read: bool = False
    typed: bool = False


def tables(cycle: Cycle) -> list[TableRow]:
    """The fact tables that have rows, in the order of the schemas."""
    manifest = out_of(cycle) / "facts" / MANIFEST
    at = uploads.at_of(manifest) if manifest.is_file() else None
    return [
        TableRow(
            name,
            SCHEMAS[name].meaning,
            int(one["rows"]),
            str(one["label"]).partition("@")[2],
            tuple(one.get("attributes", ())),
            at,
        )
        for name, one in cycle.facts.items()
    ]


def source_rows(cycle: Cycle) -> list[SourceRow]:
    """The sources with their files and what the last import took of each."""
    tallies: dict[str, list[Any]] = {}
    for version in FactStore(out_of(cycle) / "facts").manifest().tables.values():
        for tally in version.tallies:
            tallies.setdefault(tally["source"], []).append(tally)
    return [_source_row(cycle, name, source, tallies.get(name, [])) for name, source in sources_of(cycle).items()]


def _source_row(cycle: Cycle, name: str, source: Source, tallies: Sequence[Any]) -> SourceRow:
    found, missing = files_found(cycle, source)
    kinds: dict[str, int] = {}
    for tally in tallies:
        for kind, count in tally.get("kinds", {}).items():
            kinds[kind] = kinds.get(kind, 0) + count
    return SourceRow(
        name,
        source.table,
        source.files,
        found,
        missing,
        records=sum(one["records"] for one in tallies),
        facts=sum(one["facts"] - one["replaced"] for one in tallies),
        kinds=tuple((kind, str(KINDS.get(kind, kind)), count) for kind, count in sorted(kinds.items())),
        read=bool(tallies),
        typed=source.files == (f"{uploads.TYPED}/{name}.csv",),
    )


def files_found(cycle: Cycle, source: Source) -> tuple[tuple[str, ...], str]:
    """The names of a source's files, or why there is none."""
    home = files_of(cycle)
    try:
        return tuple(name for name, _path in matching(source.files, home)), ""
    except NoFile as problem:
        return (), str(problem).replace(str(home), "files")


def files(cycle: Cycle) -> list[uploads.Stored]:
    """The cycle's files, each with the sources that read it or look into it."""
    readers: dict[str, list[str]] = {}
    for name, source in sources_of(cycle).items():
        looked_into = {look.file for *_rest, look in source.lookups()}
        for file in {*files_found(cycle, source)[0], *looked_into}:
            readers.setdefault(file, []).append(name)
    return [
        uploads.Stored(name, path.stat().st_size, uploads.at_of(path), tuple(sorted(readers.get(name, ()))))
        for name, path in uploads.stored(cycle)
    ]


# --- rejects --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rejects to show; "" for all."""

    kind: str = ""
    source: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Rejects:
    """Rejects that were asked for: how many there are, and those of one page."""

    total: int
    rows: tuple[dict[str, Any], ...]
    kinds: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    reasons: tuple[tuple[str, str, str, int], ...] = field(default=())


def reject_counts(cycle: Cycle) -> list[tuple[str, str, int]]:
    """How many rejects of each kind there are: kind, in words, count. From the books of the import."""
    counts: Counter[str] = Counter()
    for version in FactStore(out_of(cycle) / "facts").manifest().tables.values():
        for tally in version.tallies:
            counts.update(tally.get("kinds", {}))
    return [(kind, str(word), counts[kind]) for kind, word in KINDS.items() if counts[kind]]


def rejects(cycle: Cycle, wanted: Wanted, *, start: int = 0, most: int = 50) -> Rejects:
    """The rejects that `wanted` asks for, from `start`."""
    import polars as pl  # noqa: PLC0415

    frame = _rejects(cycle)
    if frame is None:
        return Rejects(0, ())
    everything = frame.collect()
    found = _wanted(everything, wanted)
    reasons = (
        found.group_by("source", "kind", "reason")
        .len()
        .sort(["len", "source", "reason"], descending=[True, False, False])
    )
    return Rejects(
        total=found.height,
        rows=tuple(
            {**one, "said": str(KINDS.get(one["kind"], one["kind"]))}
            for one in found.slice(start, most).iter_rows(named=True)
        ),
        kinds=tuple(everything["kind"].unique().sort().to_list()),
        sources=tuple(everything["source"].unique().sort().to_list()),
        reasons=tuple(
            (source, str(KINDS.get(kind, kind)), reason, count)
            for source, kind, reason, count in reasons.head(20).select(pl.all()).iter_rows()
        ),
    )


def rejects_as_csv(cycle: Cycle, wanted: Wanted) -> Iterator[str]:
    """The rejects as CSV, in pieces. What a spreadsheet would compute with gets an apostrophe before it."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    frame = _rejects(cycle)
    found = None if frame is None else _wanted(frame.collect(), wanted)
    writer.writerow(["source", "file", "sheet", "line", "row", "column", "value", "reason", "kind"])
    for row in () if found is None else found.iter_rows():
        writer.writerow([_safe(cell) for cell in row])
        if stream.tell() > 1 << 16:
            yield stream.getvalue()
            stream.seek(0)
            stream.truncate()
    yield stream.getvalue()


def _safe(cell: Any) -> str:
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(COMPUTED_STARTS) else text


def _rejects(cycle: Cycle) -> "pl.LazyFrame | None":
    import polars as pl  # noqa: PLC0415

    path: Path = out_of(cycle) / "rejects.csv"
    if not path.is_file():
        return None
    return pl.scan_csv(path, infer_schema=False).fill_null("")


def _wanted(frame: "pl.DataFrame", wanted: Wanted) -> "pl.DataFrame":
    import polars as pl  # noqa: PLC0415

    if wanted.kind:
        frame = frame.filter(pl.col("kind") == wanted.kind)
    if wanted.source:
        frame = frame.filter(pl.col("source") == wanted.source)
    if wanted.text:
        text = wanted.text.casefold()
        anywhere = [pl.col(name).str.to_lowercase().str.contains(text, literal=True) for name in SEARCHED]
        frame = frame.filter(pl.any_horizontal(anywhere))
    return frame


SEARCHED = ("file", "column", "value", "reason", "line")


# --- questions ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NewItem:
    """A question that the data answer and the register does not hold: what it could be there."""

    id: str
    text: str
    kind: str
    scale_min: float
    scale_max: float
    answers: int = 0


SCALES = ((1, 5), (1, 7), (1, 10), (0, 10), (1, 3), (1, 4), (0, 100))


def unknown_items(cycle: Cycle, head: Any) -> list[NewItem]:
    """Items of the answers that are not in the register, with a text and a scale to begin with."""
    known = {one.id for one in head.items}
    unknown = [one for one in cycle.facts.get("answers", {}).get("items", ()) if one[0] not in known]
    texts = _texts_of_items(sources_of(cycle).values()) if unknown else {}
    return [
        NewItem(item, texts.get(item, item), _kind_of(item, texts), *_scale(low, high), count)
        for item, low, high, count in unknown
    ]


def _texts_of_items(sources: Any) -> dict[str, str]:
    """What a wide file calls its questions."""
    texts: dict[str, str] = {}
    for source in sources:
        for item, form in source.items.items():
            names = [name for taken in form.sources() for name in taken.names]
            if names:
                texts.setdefault(item, max(names, key=len))
        for text, item in source.rules_for("item").map.items():
            texts.setdefault(item, text)
    return texts


def _kind_of(item: str, texts: dict[str, str]) -> str:
    from nonagon.imports.guess import kind_of_question  # noqa: PLC0415

    return kind_of_question(texts.get(item, item))


def _scale(low: float, high: float) -> tuple[float, float]:
    """The first usual scale that holds all answers, or what they span."""
    fits = next(((least, most) for least, most in SCALES if least <= low and high <= most), None)
    return fits or (float(low), float(high) if high > low else float(low) + 1)
