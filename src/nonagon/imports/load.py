"""From the files that a cycle names to its fact tables, all five in one step, with nothing lost.

The work of one run: look at all files, and stop with every mistake at once if there is one; read what has
changed since the last run into a staging folder; write it as new Delta versions; check the books; publish by
replacing the manifest. Until that last step the store is what it was.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from nonagon.basics.errors import InputError, Mistake
from nonagon.facts.files import fsync, replace_file, write_parquet
from nonagon.facts.schemas import SCHEMAS
from nonagon.facts.store import REJECTS, STAGING, FactStore, TableVersion
from nonagon.imports import rejects
from nonagon.imports.check import Looked, Place, attributes_of_tables, look, place_in
from nonagon.imports.csv_reader import Unreadable
from nonagon.imports.files import NoFile, matching
from nonagon.imports.lookup import CannotLookUp, path_of
from nonagon.imports.mapping import Source
from nonagon.imports.records import ROW, RecordsLost
from nonagon.imports.rows import FACT_LINE, SHEET, Examples, Plan, fact_types, sort_out
from nonagon.imports.tally import Cells, Tally

if TYPE_CHECKING:
    import polars as pl

Progress = Callable[[str], None]
"""Told in a few words what is being done; at most once a second within a file. It may raise to stop the run."""

FACTS = "facts"
REJECTS_FILE = "rejects.csv"
# Counted up whenever the same files and mapping would give other facts than before.
READING_VERSION = 1
ROWS_STAGED = 250_000
# The column that names a row, though its rows may repeat: a repetition is worth a notice.
NAMES_A_ROW = {"verbatims": "verbatim_id"}
# The key of a table whose repeated rows are always replaced by the last one.
UPSERT = {"customers": ("customer_id",)}


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import gave.

    store: where the facts are; versions: the current version of each table that has facts; reused: the tables
    whose files and mapping had not changed; rejects: the CSV file of the rejects; rejected: how many rows it
    has; kinds: how many of each kind; tallies: the books, one for each file of each source; notices: what a
    person should know.
    """

    store: FactStore
    versions: Mapping[str, TableVersion]
    reused: tuple[str, ...]
    rejects: Path
    rejected: int
    kinds: Mapping[str, int]
    tallies: tuple[Tally, ...]
    notices: tuple[str, ...]

    @property
    def labels(self) -> dict[str, str]:
        """The data version of each table, such as `answers@5f0c2a9be1d3`."""
        return {table: version.label for table, version in self.versions.items()}


def silent(text: str) -> None:
    """Progress that nobody looks at."""


def load_facts(
    sources: Mapping[str, Source],
    data_folder: Path,
    out_folder: Path,
    progress: Progress = silent,
    *,
    places: Place | None = None,
    strict: Collection[str] = (),
) -> Imported:
    """Reads the sources' files into the fact tables below `out_folder`/facts.

    sources: by the name in `[data.<name>]`, in their order; data_folder: what their files are relative to;
    places: makes a mistake of a path of keys in cycle.toml, so that it names a line (by default it names the
    key only); strict: names of sources of which nothing may be refused: all of their rows or none. Writes
    `out_folder`/rejects.csv.
    A table whose mapping and files are unchanged keeps its version, and nothing of it is written.

    Raises InputError, with every mistake found, when the mapping does not fit the files, a quote is never
    closed, most of a column is of the wrong type, or the output can't be written; nothing is published then.
    """
    data_folder, out_folder = Path(data_folder), Path(out_folder)
    place = places or place_in()
    progress("looking at the files")
    store = FactStore(out_folder / FACTS)
    rejects_file = out_folder / REJECTS_FILE
    files = _files_of(sources, data_folder, place)
    fingerprints = _fingerprints(sources, files, _looked_into(sources, data_folder, place))
    known = _known_versions(store, fingerprints)
    is_current = known.keys() == fingerprints.keys() and known == dict(store.manifest().tables)
    if is_current and rejects_file.exists() and not (store.folder / STAGING).exists():
        return _imported(store, known, tuple(known), rejects_file)
    looked = look(sources, data_folder, place, deep=True)
    if looked.mistakes:
        raise InputError(looked.mistakes)
    with store.writing() as staging:
        run = _Run(sources, looked, place, store, staging, progress)
        read = {table: run.read_table(table) for table in fingerprints if table not in known}
        run.mistakes += _refused_all(read.values(), strict, place)
        if run.mistakes:
            raise InputError(run.mistakes)
        versions = {
            table: known.get(table) or run.write_table(read[table], fingerprint)
            for table, fingerprint in fingerprints.items()
        }
        store.publish(versions)
        rejects.write_rejects(_all_rejects(store, versions), rejects_file)
    progress("facts are ready")
    return _imported(store, versions, tuple(known), rejects_file)


# --- versions -------------------------------------------------------------------------------------------


def _files_of(sources: Mapping[str, Source], data_folder: Path, place: Place) -> dict[str, list[tuple[str, Path]]]:
    """The files of each source. Where some are missing, everything else that is wrong is said with it."""
    try:
        return {name: matching(source.files, data_folder) for name, source in sources.items()}
    except NoFile:
        raise InputError(look(sources, data_folder, place, deep=True).mistakes) from None


def _looked_into(
    sources: Mapping[str, Source], data_folder: Path, place: Place
) -> dict[str, list[tuple[str, Path]]]:
    """The files that each source looks into; what is missing is said as in `_files_of`."""
    try:
        return {
            name: [
                (file, path_of(file, data_folder)) for file in sorted({look.file for *_, look in source.lookups()})
            ]
            for name, source in sources.items()
        }
    except CannotLookUp:
        raise InputError(look(sources, data_folder, place, deep=True).mistakes) from None


def _fingerprints(
    sources: Mapping[str, Source],
    files_of: Mapping[str, list[tuple[str, Path]]],
    looked_into: Mapping[str, list[tuple[str, Path]]],
) -> dict[str, str]:
    """SHA-256 for each table that has a source: of the mapping, the bytes of the files and the reading version."""
    parts: dict[str, list[object]] = {}
    digests: dict[Path, str] = {}
    for name, source in sources.items():
        files = []
        for file, path in (*files_of[name], *looked_into[name]):
            digests[path] = digests.get(path) or _digest(path)
            files.append([file, digests[path]])
        said = source.model_dump(mode="json", by_alias=True, exclude_unset=True)
        parts.setdefault(source.table, []).append({"name": name, "mapping": said, "files": files})
    found = {}
    for table, entries in parts.items():
        columns = [(column.name, column.type) for column in SCHEMAS[table].columns]
        whole = {"reading": READING_VERSION, "table": table, "columns": columns, "sources": entries}
        found[table] = hashlib.sha256(json.dumps(whole, ensure_ascii=True).encode()).hexdigest()
    return found


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise InputError([Mistake(path, None, "", f"can't be read: {error.strerror or error}")]) from error


def _known_versions(store: FactStore, fingerprints: Mapping[str, str]) -> dict[str, TableVersion]:
    """The tables whose version was published before and is still whole."""
    manifest = store.manifest()
    known = {}
    for table, fingerprint in fingerprints.items():
        version = manifest.published(table, fingerprint)
        if version and all((store.folder / name).exists() for name in (*version.files, version.rejects)):
            known[table] = version
    return known


def _all_rejects(store: FactStore, versions: Mapping[str, TableVersion]) -> "pl.DataFrame":
    import polars as pl

    frames = [pl.read_parquet(store.folder / version.rejects) for version in versions.values()]
    return pl.concat(frames) if frames else rejects.none()


def _imported(
    store: FactStore, versions: Mapping[str, TableVersion], reused: tuple[str, ...], rejects_file: Path
) -> Imported:
    tallies = tuple(Tally.from_json(dict(data)) for version in versions.values() for data in version.tallies)
    notices = tuple(notice for version in versions.values() for notice in version.notices)
    kinds: dict[str, int] = dict.fromkeys((rejects.REFUSED, rejects.SET_ASIDE, rejects.REPLACED, rejects.EMPTY), 0)
    for tally in tallies:
        for kind, count in tally.kinds.items():
            kinds[kind] += count
    return Imported(store, dict(versions), reused, rejects_file, sum(kinds.values()), kinds, tallies, notices)


MOST_NAMED = 20


def _refused_all(tables: "Iterable[_Table]", strict: Collection[str], place: Place) -> Iterator[Mistake]:
    """A mistake for each of the first refused rows of sources that are taken whole or not at all."""
    import polars as pl

    for table in tables:
        frame = pl.concat([rejects.none(), *table.reject_frames])
        for name in sorted(strict):
            is_refused = (pl.col("source") == name) & (pl.col("kind") == rejects.REFUSED)
            found = frame.filter(is_refused).sort("file", "sheet", ROW, maintain_order=True)
            if found.is_empty():
                continue
            said = f"{found.height} cells or rows would be refused, and all or nothing was asked for"
            yield place(("data", name), f"{said}; correct the file or the mapping, or keep the good rows")
            for one in found.head(MOST_NAMED).iter_rows(named=True):
                message = f"{one['reason']}; got {one['value'][:80]!r}"
                yield Mistake(one["file"], one["line"] or None, one["column"], message)


# --- one run --------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Staged:
    """Fact rows of one source, waiting in files of the staging folder."""

    source: str
    files: list[tuple[Path, int]] = field(default_factory=list)


@dataclass(slots=True)
class _Table:
    """One table while it is being imported."""

    name: str
    attributes: tuple[str, ...]
    staged: list[_Staged] = field(default_factory=list)
    tallies: list[Tally] = field(default_factory=list)
    reject_frames: list["pl.DataFrame"] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    # The place of each part in the order of reading, for putting late rejects where they belong.
    order: dict[tuple[str, str, str], int] = field(default_factory=dict)


class _Run:
    """The reading of all tables that have changed."""

    def __init__(
        self,
        sources: Mapping[str, Source],
        looked: Looked,
        place: Place,
        store: FactStore,
        staging: Path,
        progress: Progress,
    ) -> None:
        self.sources, self.looked, self.place = sources, looked, place
        self.store, self.staging, self.progress = store, staging, progress
        self.mistakes: list[Mistake] = []
        self.attributes = attributes_of_tables(sources)
        self.told_at = 0.0

    def read_table(self, name: str) -> _Table:
        """Reads the table's sources into the staging folder; what is wrong with them is in `mistakes` then."""
        table = _Table(name, self.attributes[name])
        for source_name, source in self.sources.items():
            if source.table == name:
                self._read_source(source_name, table)
        return table

    # --- reading

    def _read_source(self, name: str, table: _Table) -> None:
        source = self.sources[name]
        staged = _Staged(name)
        table.staged.append(staged)
        table.notices.extend(f"{name}: {notice}" for notice in self.looked.notices[name])
        plans = self.looked.plans[name]
        writer = _Stager(self.staging, f"{table.name}-{len(table.staged)}", staged)
        examples: list[Examples] = []
        first_tally = len(table.tallies)
        try:
            for plan in plans:
                self._read_part(plan, table, writer, examples)
        except Unreadable as problem:
            path = self._path(name, plan.part.file)
            self.mistakes.append(Mistake(path, problem.line, f"data.{name}", str(problem)))
        writer.flush()
        table.notices.extend(f"{name}: {notice}" for notice in _not_found(plans, table.tallies[first_tally:]))
        self._check_types(name, source, table.tallies[first_tally:], examples)

    def _read_part(self, plan: Plan, table: _Table, writer: "_Stager", examples: list[Examples]) -> None:
        part, name = plan.part, plan.source_name
        table.order[(name, part.file, part.sheet)] = len(table.order)
        tally = self._tally(plan, table)
        rows_before = tally.records
        where = f"{part.file}, {part.sheet.strip()}" if part.sheet else part.file
        self._tell(f"reading {where}", at_once=True)
        for chunk in part.chunks(plan.wanted):
            result = sort_out(plan, chunk, tally, rows_before=rows_before)
            writer.add(result.facts)
            if result.rejects.height:
                table.reject_frames.append(result.rejects)
            examples.extend(result.examples[: max(0, 100 - len(examples))])
            self._tell(f"reading {where} ({chunk.done:.0%})")
        for line in part.unclosed:
            message = (
                "a quote opens here and is never closed, so all that follows would be one cell; close it, double "
                'quotes that stand inside a text, or set quote = "" where quotes are ordinary characters'
            )
            self.mistakes.append(Mistake(self._path(name, part.file), line, f"data.{name}", message))

    def _tell(self, text: str, *, at_once: bool = False) -> None:
        """News, not more often than a person can read."""
        now = monotonic()
        if at_once or now - self.told_at >= 1:
            self.told_at = now
            self.progress(text)

    def _tally(self, plan: Plan, table: _Table) -> Tally:
        """The books of the part's file: sheets of one workbook share them."""
        last = table.tallies[-1] if table.tallies else None
        if last and (last.source, last.file) == (plan.source_name, plan.part.file):
            last.how = "several sheets"
            return last
        table.tallies.append(Tally(plan.source_name, table.name, plan.part.file, plan.part.how))
        return table.tallies[-1]

    def _path(self, name: str, file: str) -> Path | str:
        return next((path for known, path in self.looked.files[name] if known == file), file)

    def _check_types(
        self, name: str, source: Source, tallies: Sequence[Tally], examples: Sequence[Examples]
    ) -> None:
        """A mistake for each column of which more than half can't be read: the mapping is wrong, not the data."""
        from nonagon.imports.hints import advice

        sections = {target: section for section, target, _ in source.forms()}
        for target, cells in _summed(tallies).items():
            if cells.wrong_type * 2 <= cells.wrong_type + cells.values:
                continue
            found = [example for example in examples if example.target.name == target]
            if not found:
                continue
            texts = list(dict.fromkeys(text for example in found for text in example.texts))
            first = found[0]
            where = f"{first.file}:{first.line}" if first.line else first.file
            kind = {"number": "numbers", "text": "allowed texts"}.get(first.target.type, "dates")
            message = (
                f"{cells.wrong_type} of {cells.wrong_type + cells.values} cells of the column "
                f"{first.target.bound.label!r} are no {kind}, such as {texts[0]!r} ({where}); "
                f"{advice(first.target, texts)}"
            )
            self.mistakes.append(self.place(("data", name, sections[target], target), message))

    # --- writing

    def write_table(self, table: _Table, fingerprint: str) -> TableVersion:
        """Writes the table's new version, not published yet, and checks its books."""
        types = fact_types(table.name, table.attributes)
        self.progress(f"writing {table.name}")
        replaced: list[pl.DataFrame] = []
        batches = self._batches(table, list(types), replaced)
        delta_version, files, rows = self.store.write_table(table.name, fingerprint, batches, types)
        self._book_replaced(table, replaced)
        unique = {name for name, source in self.sources.items() if source.unique}
        table.notices.extend(_repeated_names(table, unique))
        expected = sum(tally.facts - tally.replaced for tally in table.tallies)
        if rows != expected:
            raise RecordsLost(
                f"{table.name}: {expected} facts should be stored and {rows} are; please report this"
            )
        frame = _in_order(table)
        _count_kinds(table, frame)
        name = f"{REJECTS}/{table.name}-{fingerprint[:16]}.parquet"
        _write_parquet(frame, self.store.folder / name)
        return TableVersion(
            table=table.name,
            fingerprint=fingerprint,
            delta_version=delta_version,
            files=files,
            rows=rows,
            attributes=table.attributes,
            rejects=name,
            tallies=tuple(tally.as_json() for tally in table.tallies),
            notices=tuple(table.notices),
        )

    def _batches(
        self, table: _Table, columns: list[str], replaced: "list[pl.DataFrame]"
    ) -> "Iterator[pl.DataFrame]":
        """The staged facts in the order of arrival, without those that a later row replaces."""
        import polars as pl

        for keys, staged in self._groups(table):
            files = [entry for one in staged for entry in one.files]
            keep = _last_of_each(files, keys) if keys else None
            begin = 0
            for path, rows in files:
                frame = pl.read_parquet(path)
                if keep is not None:
                    mask = keep.slice(begin, rows)
                    replaced.append(_replaced_rows(frame.filter(~mask), keys))
                    frame = frame.filter(mask)
                begin += rows
                if frame.height:
                    yield frame.select(columns)

    def _groups(self, table: _Table) -> list[tuple[tuple[str, ...], list[_Staged]]]:
        """Which rows replace each other: over all sources for a table with a key, else within a source."""
        if table.name in UPSERT:
            return [(UPSERT[table.name], table.staged)]
        return [(_key_columns(self.sources[one.source]), [one]) for one in table.staged]

    def _book_replaced(self, table: _Table, replaced: "list[pl.DataFrame]") -> None:
        for frame in replaced:
            if frame.height == 0:
                continue
            table.reject_frames.append(frame)
            for (source, file), group in frame.group_by("source", "file", maintain_order=True):
                tally = next(one for one in table.tallies if (one.source, one.file) == (source, file))
                tally.replaced += group.height
                tally.rejects += group.height


def _not_found(plans: Sequence[Plan], tallies: Sequence[Tally]) -> Iterator[str]:
    """A notice for each column whose keys another file lacks."""
    files = {
        target.name: target.bound.looks_into
        for plan in plans
        for target in (*plan.targets, *plan.items)
        if target.bound.looks_into
    }
    for target, cells in _summed(tallies).items():
        if cells.not_found:
            yield f"{target}: {cells.not_found} of {cells.total} records have a key that {files[target]} lacks"


def _summed(tallies: Sequence[Tally]) -> dict[str, Cells]:
    total: dict[str, Cells] = {}
    for tally in tallies:
        for name, cells in tally.cells.items():
            one = total.setdefault(name, Cells())
            for part in fields(Cells):
                setattr(one, part.name, getattr(one, part.name) + getattr(cells, part.name))
    return total


def _key_columns(source: Source) -> tuple[str, ...]:
    """The fact columns of the source's `unique`."""
    from nonagon.facts.schemas import ATTRIBUTE_PREFIX

    return tuple(name if name in source.columns else ATTRIBUTE_PREFIX + name for name in source.unique)


def _last_of_each(files: Sequence[tuple[Path, int]], keys: Sequence[str]) -> "pl.Series":
    """Whether a row is the last with its key; a row that lacks a part of the key is never replaced."""
    import polars as pl

    frames = [pl.read_parquet(path, columns=list(keys)) for path, _ in files]
    if not frames:
        return pl.Series(dtype=pl.Boolean)
    rows = pl.concat(frames)
    is_whole = pl.all_horizontal(pl.col(keys).is_not_null())
    return rows.select(pl.struct(keys).is_last_distinct() | ~is_whole).to_series()


def _repeated_names(table: _Table, unique: set[str]) -> Iterator[str]:
    """A notice where the column that names a row names several."""
    import polars as pl

    name = NAMES_A_ROW.get(table.name)
    for staged in table.staged:
        if name is None or staged.source in unique:
            continue
        frames = [pl.read_parquet(path, columns=[name]) for path, _ in staged.files]
        names = pl.concat(frames).to_series() if frames else pl.Series(dtype=pl.String)
        repeated = names.len() - names.n_unique()
        if repeated:
            yield f'{staged.source}: {repeated} rows repeat a {name}; unique = "{name}" keeps the last of each'


def _replaced_rows(frame: "pl.DataFrame", keys: Sequence[str]) -> "pl.DataFrame":
    import polars as pl

    named = " and ".join(keys)
    return frame.select(
        "source",
        "file",
        pl.col(SHEET).alias("sheet"),
        pl.col(FACT_LINE).alias("line"),
        ROW,
        pl.lit(named).alias("column"),
        pl.concat_str([pl.col(key).cast(pl.String) for key in keys], separator=", ").alias("value"),
        pl.lit(f"a later row has the same {named}, and the last one counts").alias("reason"),
        pl.lit(rejects.REPLACED).alias("kind"),
    )


def _in_order(table: _Table) -> "pl.DataFrame":
    """The table's rejects in the order of sources, files, sheets and records."""
    import polars as pl

    frame = pl.concat([rejects.none(), *table.reject_frames])
    place = pl.DataFrame(
        [(*key, number) for key, number in table.order.items()],
        schema={"source": pl.String, "file": pl.String, "sheet": pl.String, "_part": pl.Int64},
        orient="row",
    )
    ordered = frame.join(place, on=["source", "file", "sheet"], how="left", maintain_order="left")
    return ordered.sort("_part", ROW, maintain_order=True).select(rejects.COLUMNS)


def _count_kinds(table: _Table, frame: "pl.DataFrame") -> None:
    import polars as pl

    for tally in table.tallies:
        own = frame.filter((pl.col("source") == tally.source) & (pl.col("file") == tally.file))
        tally.kinds = dict(sorted(own["kind"].value_counts().iter_rows()))


def _write_parquet(frame: "pl.DataFrame", path: Path) -> None:
    def write(temporary: Path) -> None:
        write_parquet(frame, temporary)
        fsync(temporary)

    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, write)


class _Stager:
    """Gathers fact rows and puts them into files of a good size."""

    def __init__(self, folder: Path, stem: str, staged: _Staged) -> None:
        self.folder, self.stem, self.staged = folder, stem, staged
        self.frames: list[pl.DataFrame] = []
        self.rows = 0

    def add(self, facts: "pl.DataFrame") -> None:
        """More fact rows."""
        if facts.height:
            self.frames.append(facts)
            self.rows += facts.height
        if self.rows >= ROWS_STAGED:
            self.flush()

    def flush(self) -> None:
        """Writes what was gathered."""
        import polars as pl

        if not self.frames:
            return
        path = self.folder / f"{self.stem}-{len(self.staged.files):06d}.parquet"
        write_parquet(pl.concat(self.frames), path, compression="lz4")
        self.staged.files.append((path, self.rows))
        self.frames, self.rows = [], 0
