"""From the files that a cycle names to its fact tables, all five in one step, with nothing lost.

The work of one import: look at all files, and stop with every mistake at once if there is one; read what has
changed since the last import (`runs`), and write it as it is read; take out rows that later ones replace; check
the books; commit the new Delta versions; publish by replacing the manifest. Until that last step the store is what
it was.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from itertools import islice
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from nonagon.basics.errors import InputError, Mistake
from nonagon.facts.files import fsync, replace_file, sync_folder, write_parquet
from nonagon.facts.schemas import SCHEMAS
from nonagon.facts.store import REJECTS, STAGING, FactStore, Run, TableVersion
from nonagon.facts.writer import TableWriter, write_frame
from nonagon.imports import rejects, runs
from nonagon.imports.ahead import ahead
from nonagon.imports.check import Looked, Place, attributes_of_tables, look, place_in
from nonagon.imports.csv_dialect import Unreadable
from nonagon.imports.files import NoFile, matching
from nonagon.imports.lookup import CannotLookUp, path_of
from nonagon.imports.mapping import Source
from nonagon.imports.records import ROW, RecordsLost
from nonagon.imports.rows import FACT_LINE, SHEET, Examples, Plan, fact_types, sort_out
from nonagon.imports.runs import Input, KnownRun, KnownRuns, digest_of
from nonagon.imports.tally import Cells, Tally

if TYPE_CHECKING:
    import polars as pl

Progress = Callable[[str], None]
"""Told in a few words what is being done; at most once a second within a file. It may raise to stop the run."""

FACTS = "facts"
REJECTS_FILE = "rejects.csv"
# Counted up whenever the same files and mapping would give other facts than before.
READING_VERSION = 1
# Keys that are compared at once, of rows that may replace each other.
KEYS_AT_ONCE = 4_000_000
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
    looked_into = _looked_into(sources, data_folder, place)
    digests = _digests([*files.values(), *looked_into.values()])
    fingerprints = _fingerprints(sources, files, looked_into, digests)
    known = _known_versions(store, fingerprints)
    is_current = known.keys() == fingerprints.keys() and known == dict(store.manifest().tables)
    if is_current and rejects_file.exists() and not (store.folder / STAGING).exists():
        return _imported(store, known, tuple(known), rejects_file)
    looked = look(sources, data_folder, place, deep=True)
    if looked.mistakes:
        raise InputError(looked.mistakes)
    with store.writing() as staging:
        readings = _readings(sources, looked_into, digests)
        run = _Run(sources, looked, place, store, staging, progress, readings, digests)
        new = {table: fingerprint for table, fingerprint in fingerprints.items() if table not in known}
        read = {table: run.read_table(table, fingerprint) for table, fingerprint in new.items()}
        run.mistakes += _refused_all(read.values(), strict, place)
        if run.mistakes:
            raise InputError(run.mistakes)
        versions = {
            table: known.get(table) or run.finish_table(read[table], fingerprint)
            for table, fingerprint in fingerprints.items()
        }
        listed = staging / REJECTS_FILE  # written before, so that after publishing nothing needs room on the disk
        rejects.write_csv([store.folder / version.rejects for version in versions.values()], listed)
        store.publish(versions)
        listed.replace(rejects_file)
        sync_folder(out_folder)
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


def _digests(files: Iterable[list[tuple[str, Path]]]) -> dict[Path, str]:
    """SHA-256 of the bytes of each file."""
    return {path: _digest(path) for path in {path for of_source in files for _, path in of_source}}


def _readings(
    sources: Mapping[str, Source],
    looked_into: Mapping[str, list[tuple[str, Path]]],
    digests: Mapping[Path, str],
) -> dict[str, dict[str, Any]]:
    """What the facts of one input file of each source depend on beside its bytes and its name."""
    attributes = attributes_of_tables(sources)
    found = {}
    for name, source in sources.items():
        said = source.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude={"files"})
        found[name] = {
            "reading": READING_VERSION,
            "source": name,
            "mapping": said,
            "columns": [(column.name, column.type) for column in SCHEMAS[source.table].columns],
            "attributes": list(attributes[source.table]),
            "looked_into": [[file, digests[path]] for file, path in looked_into[name]],
        }
    return found


def _fingerprints(
    sources: Mapping[str, Source],
    files_of: Mapping[str, list[tuple[str, Path]]],
    looked_into: Mapping[str, list[tuple[str, Path]]],
    digests: Mapping[Path, str],
) -> dict[str, str]:
    """SHA-256 for each table that has a source: of the mapping, the bytes of the files and the reading version."""
    parts: dict[str, list[object]] = {}
    for name, source in sources.items():
        files = [[file, digests[path]] for file, path in (*files_of[name], *looked_into[name])]
        said = source.model_dump(mode="json", by_alias=True, exclude_unset=True)
        parts.setdefault(source.table, []).append({"name": name, "mapping": said, "files": files})
    found = {}
    for table, entries in parts.items():
        columns = [(column.name, column.type) for column in SCHEMAS[table].columns]
        whole = {"reading": READING_VERSION, "table": table, "columns": columns, "sources": entries}
        found[table] = hashlib.sha256(json.dumps(whole, ensure_ascii=True).encode()).hexdigest()
    return found


def _digest(path: Path) -> str:
    log = path.with_name(f"{path.name}-wal")  # where SQLite keeps what was written last
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256")
        if log.exists():
            digest.update(log.read_bytes())
        return digest.hexdigest()
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
    for table in tables:
        for name in sorted(strict):
            tallies = [tally for tally in table.tallies if tally.source == name]
            count = sum(tally.kinds.get(rejects.REFUSED, 0) for tally in tallies)
            if not count:
                continue
            said = f"{count} cells or rows would be refused, and all or nothing was asked for"
            yield place(("data", name), f"{said}; correct the file or the mapping, or keep the good rows")
            for one in islice(_refused_of(table, name), MOST_NAMED):
                message = f"{one['reason']}; got {one['value'][:80]!r}"
                yield Mistake(one["file"], one["line"] or None, one["column"], message)


def _refused_of(table: "_Table", source: str) -> Iterator[dict[str, Any]]:
    import polars as pl

    for number, (of_source, _, _) in enumerate(table.parts):
        if of_source == source:
            for frame in table.rejects.of_part(number):
                yield from frame.filter(pl.col("kind") == rejects.REFUSED).iter_rows(named=True)


# --- one run --------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Rows:
    """The fact rows of one source among those of its table: `count` of them from `begin` on.

    places: files of the staging folder with sheet and line of each of them, where rows may replace each other.
    """

    source: str
    begin: int
    count: int = 0
    places: list[Path] = field(default_factory=list)


@dataclass(slots=True)
class _Reading:
    """A run of input files while its table is being imported.

    count: its fact rows as read; kept: what the store holds of it already, where it is not read again; files: how
    many files of the table hold its facts.
    """

    source: str
    inputs: list[Input] = field(default_factory=list)
    tallies: list[Tally] = field(default_factory=list)
    count: int = 0
    kept: Run | None = None
    files: int = 0


class _Unlike(Exception):
    """What is kept of earlier versions would have to change: the table is read whole."""


@dataclass(slots=True)
class _Table:
    """One table while it is being imported.

    files: of its facts, each with its rows; rows: by source; parts: source, file and sheet of each part read;
    count: of fact rows so far; runs: of input files; is_in_doubt: a column can't be read, and what is kept of
    earlier versions has no example of it.
    """

    name: str
    attributes: tuple[str, ...]
    rejects: rejects.Gathered
    files: list[tuple[Path, int]] = field(default_factory=list)
    rows: list[_Rows] = field(default_factory=list)
    tallies: list[Tally] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    parts: list[tuple[str, str, str]] = field(default_factory=list)
    count: int = 0
    runs: list[_Reading] = field(default_factory=list)
    is_in_doubt: bool = False

    @property
    def keeps_any(self) -> bool:
        """Whether some of it is not read again."""
        return any(run.kept for run in self.runs)


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
        readings: Mapping[str, Mapping[str, Any]],
        digests: Mapping[Path, str],
    ) -> None:
        self.sources, self.looked, self.place = sources, looked, place
        self.store, self.staging, self.progress = store, staging, progress
        self.mistakes: list[Mistake] = []
        self.attributes = attributes_of_tables(sources)
        self.readings, self.digests = readings, digests
        self.told_at = 0.0

    def read_table(self, name: str, fingerprint: str) -> _Table:
        """Reads the table's sources into files of the store; what is wrong with them is in `mistakes` then."""
        before = len(self.mistakes)
        table = self._read(name, fingerprint, KnownRuns(self.store, name))
        if table.keeps_any and (table.is_in_doubt or len(self.mistakes) > before):
            del self.mistakes[before:]
            table = self._read_whole(name, fingerprint)  # so that a mistake is said as if nothing was kept
        return table

    def _read_whole(self, name: str, fingerprint: str) -> _Table:
        return self._read(name, fingerprint, None)

    def _read(self, name: str, fingerprint: str, known: KnownRuns | None) -> _Table:
        gathered = rejects.Gathered(self.staging, f"{name}-rejects")
        table = _Table(name, self.attributes[name], gathered)
        with self.store.table_writer(name, fingerprint, fact_types(name, table.attributes)) as writer:
            for source_name, source in self.sources.items():
                if source.table == name:
                    self._read_source(source_name, table, writer, known)
        table.files = self._files(table, writer.files)
        return table

    def _files(self, table: _Table, written: list[tuple[Path, int]]) -> list[tuple[Path, int]]:
        """The table's files in the order of arrival: those that are kept, and those that were written."""
        new, found = iter(written), list[tuple[Path, int]]()
        for run in table.runs:
            if run.kept:
                of_run = [(self.store.folder / name, rows) for name, rows in run.kept.files]
            else:
                of_run = list(_of_rows(new, run.count))
            run.files = len(of_run)
            found += of_run
        return found or written  # a table without rows has a file with its columns

    # --- reading

    def _read_source(self, name: str, table: _Table, writer: TableWriter, known: KnownRuns | None) -> None:
        source = self.sources[name]
        table.rows.append(_Rows(name, table.count))
        table.notices.extend(f"{name}: {notice}" for notice in self.looked.notices[name])
        plans = self.looked.plans[name]
        examples: list[Examples] = []
        first_tally = len(table.tallies)
        self._read_runs(name, table, writer, known, examples)
        table.notices.extend(f"{name}: {notice}" for notice in _not_found(plans, table.tallies[first_tally:]))
        self._check_types(name, source, table, table.tallies[first_tally:], examples)

    def _read_runs(
        self, name: str, table: _Table, writer: TableWriter, known: KnownRuns | None, examples: list[Examples]
    ) -> None:
        """Takes over the source's runs that are known, and reads the others."""
        plans: dict[str, list[Plan]] = {}
        for plan in self.looked.plans[name]:
            plans.setdefault(plan.part.file, []).append(plan)
        paths = dict(self.looked.files[name])
        inputs = [(file, self.digests[paths[file]]) for file in plans]
        at = 0
        while at < len(inputs):
            found = known.at(name, self.readings[name], inputs[at:]) if known else None
            run = _Reading(name)
            table.runs.append(run)
            if found:
                self._take_over(found, run, inputs[at:], table)
            while not found and at + len(run.inputs) < len(inputs) and run.count < runs.ROWS_A_RUN:
                one = inputs[at + len(run.inputs)]
                run.inputs.append(one)
                self._read_file(plans[one[0]], run, table, writer, examples)
            writer.cut()
            at += len(run.inputs)

    def _take_over(self, found: KnownRun, run: _Reading, inputs: Sequence[Input], table: _Table) -> None:
        """Puts a known run where it belongs among what is read."""
        rows = table.rows[-1]
        run.inputs, run.kept = list(inputs[: len(found.run.inputs)]), found.run
        run.count, run.tallies = found.facts, found.books()
        table.parts.append((run.source, "", ""))
        table.rejects.take_over(self.store.folder / found.version.rejects, found.first_reject, found.rejects)
        table.tallies.extend(run.tallies)
        if run.count and self._keys(table, rows):
            self._keep_places(table, _no_places(run.count))
        else:
            rows.count += run.count
        table.count += run.count

    def _read_file(
        self, plans: Sequence[Plan], run: _Reading, table: _Table, writer: TableWriter, examples: list[Examples]
    ) -> None:
        before = len(table.tallies)
        try:
            for plan in plans:
                rows = table.count
                self._read_part(plan, table, writer, examples)
                run.count += table.count - rows
        except Unreadable as problem:
            path = self._path(run.source, plan.part.file)
            self.mistakes.append(Mistake(path, problem.line, f"data.{run.source}", str(problem)))
        run.tallies.extend(table.tallies[before:])

    def _read_part(self, plan: Plan, table: _Table, writer: TableWriter, examples: list[Examples]) -> None:
        part, name = plan.part, plan.source_name
        table.parts.append((name, part.file, part.sheet))
        table.rejects.begin_part()
        tally = self._tally(plan, table)
        rows_before = tally.records
        where = f"{part.file}, {part.sheet.strip()}" if part.sheet else part.file
        self._tell(f"reading {where}", at_once=True)
        for chunk in ahead(part.chunks(plan.wanted)):
            result = sort_out(plan, chunk, tally, rows_before=rows_before)
            writer.write(result.facts.drop(SHEET, FACT_LINE))
            table.count += result.facts.height
            self._keep_places(table, result.facts)
            table.rejects.add(result.rejects)
            examples.extend(result.examples[: max(0, 100 - len(examples))])
            self._tell(f"reading {where} ({chunk.done:.0%})")
        for line in part.unclosed:
            message = (
                "a quote opens here and is never closed, so all that follows would be one cell; close it, double "
                'quotes that stand inside a text, or set quote = "" where quotes are ordinary characters'
            )
            self.mistakes.append(Mistake(self._path(name, part.file), line, f"data.{name}", message))

    def _keep_places(self, table: _Table, facts: "pl.DataFrame") -> None:
        """Remembers sheet and line of rows that later ones may replace: facts themselves do not hold them."""
        import polars as pl

        rows = table.rows[-1]
        rows.count += facts.height
        if facts.height and self._keys(table, rows):
            path = self.staging / f"{table.name}-{len(table.rows)}-places-{len(rows.places):06d}.parquet"
            places = facts.select(pl.col(SHEET).cast(pl.String), FACT_LINE)
            write_parquet(places, path, compression="lz4")
            rows.places.append(path)

    def _keys(self, table: _Table, rows: _Rows) -> tuple[str, ...]:
        """The columns by which a later row replaces an earlier one."""
        return UPSERT.get(table.name) or _key_columns(self.sources[rows.source])

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
        self,
        name: str,
        source: Source,
        table: _Table,
        tallies: Sequence[Tally],
        examples: Sequence[Examples],
    ) -> None:
        """A mistake for each column of which more than half can't be read: the mapping is wrong, not the data."""
        from nonagon.imports.hints import advice

        sections = {target: section for section, target, _ in source.forms()}
        for target, cells in _summed(tallies).items():
            if cells.wrong_type * 2 <= cells.wrong_type + cells.values:
                continue
            found = [example for example in examples if example.target.name == target]
            if not found:
                table.is_in_doubt = True
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

    def finish_table(self, table: _Table, fingerprint: str) -> TableVersion:
        """The table's new version, not published yet: without replaced rows, its books checked."""
        self.progress(f"writing {table.name}")
        types = fact_types(table.name, table.attributes)
        try:
            replaced = self._look_at_repetitions(table, types)
        except _Unlike:
            table = self._read_whole(table.name, fingerprint)
            replaced = self._look_at_repetitions(table, types)
        stored = sum(rows for _, rows in table.files)
        expected = sum(tally.facts - tally.replaced for tally in table.tallies)
        if stored != expected:
            raise RecordsLost(
                f"{table.name}: {expected} facts should be stored and {stored} are; please report this"
            )
        kept = self._name_files(table, fingerprint)
        delta_version, files = self.store.commit_table(table.name, table.files, types)
        name = f"{REJECTS}/{table.name}-{fingerprint[:16]}.parquet"
        _write_rejects(table, replaced, self.store.folder / name)
        return TableVersion(
            table=table.name,
            fingerprint=fingerprint,
            delta_version=delta_version,
            files=files,
            rows=stored,
            attributes=table.attributes,
            rejects=name,
            tallies=tuple(tally.as_json() for tally in table.tallies),
            notices=tuple(table.notices),
            runs=kept,
        )

    def _name_files(self, table: _Table, fingerprint: str) -> tuple[Run, ...]:
        """Gives files their names by what their rows come from; gives the runs that a later version can take over.

        A run of which rows were taken out is named by all that the table is made of, and is not taken over.
        """
        found, at = list[Run](), 0
        for run in table.runs:
            of_run, places = table.files[at : at + run.files], slice(at, at + run.files)
            at += run.files
            if run.kept:
                found.append(run.kept)
                continue
            digest = digest_of(self.readings[run.source], run.inputs)
            is_whole = not any(tally.replaced for tally in run.tallies)
            stem = digest if is_whole else hashlib.sha256(f"{digest} {fingerprint}".encode()).hexdigest()
            of_run = [(_named(path, number, stem), rows) for number, (path, rows) in enumerate(of_run)]
            table.files[places] = of_run
            if is_whole:
                files = tuple((f"{table.name}/{path.name}", rows) for path, rows in of_run)
                found.append(Run(digest, run.source, tuple(name for name, _ in run.inputs), files))
        sync_folder(self.store.folder / table.name)
        return tuple(found)

    def _look_at_repetitions(self, table: _Table, types: "Mapping[str, pl.DataType]") -> "pl.DataFrame":
        """Notices names that repeat, and takes out the rows that later ones replace; gives their reject rows."""
        unique = {name for name, source in self.sources.items() if source.unique}
        table.notices.extend(_repeated_names(table, unique))
        return self._take_out_replaced(table, types)

    def _take_out_replaced(self, table: _Table, types: "Mapping[str, pl.DataType]") -> "pl.DataFrame":
        """Writes the files anew that hold replaced rows, without them; gives their reject rows."""
        import polars as pl

        found = [rejects.none()]
        for keys, begin, count, places in self._groups(table):
            keep = last_of_each([path for path, _ in table.files], begin, count, keys)
            if keep.all():
                continue
            if _touches_kept(table, begin, keep):
                raise _Unlike
            whose = pl.scan_parquet(places).filter(~keep).collect()
            found.append(_replaced_rows(_taken_out(table, begin, keep, types), whose, keys))
        replaced = pl.concat(found)
        for (source, file), group in replaced.group_by("source", "file", maintain_order=True):
            tally = next(one for one in table.tallies if (one.source, one.file) == (source, file))
            tally.replaced += group.height
            tally.rejects += group.height
            tally.kinds[rejects.REPLACED] = tally.kinds.get(rejects.REPLACED, 0) + group.height
        return replaced

    def _groups(self, table: _Table) -> Iterator[tuple[tuple[str, ...], int, int, list[Path]]]:
        """Which rows replace each other, the last first: keys, first row, how many, where their lines are.

        Over all sources for a table with a key, else within a source. From behind, since what is taken out of a
        file moves all rows after it.
        """
        if table.name in UPSERT:
            places = [path for rows in table.rows for path in rows.places]
            count = sum(rows.count for rows in table.rows)
            if count:
                yield UPSERT[table.name], 0, count, places
            return
        for rows in reversed(table.rows):
            keys = self._keys(table, rows)
            if keys and rows.count:
                yield keys, rows.begin, rows.count, rows.places


def _of_rows(files: Iterator[tuple[Path, int]], count: int) -> Iterator[tuple[Path, int]]:
    """The next of the files, until they hold `count` rows."""
    while count:
        one = next(files)
        yield one
        count -= one[1]


def _named(path: Path, number: int, digest: str) -> Path:
    """Gives a file its name by what its rows come from. Where a file has that name, it holds the same."""
    target = path.with_name(f"part-{number:05d}-{digest[:16]}.parquet")
    if target.exists():
        path.unlink()
    else:
        path.rename(target)
    return target


def _no_places(count: int) -> "pl.DataFrame":
    """Sheets and lines of rows that stay: nobody asks for them."""
    import polars as pl

    types = {SHEET: pl.String(), FACT_LINE: pl.Int64()}
    return pl.DataFrame([pl.repeat(None, count, dtype=one, eager=True).alias(name) for name, one in types.items()])


def _touches_kept(table: _Table, begin: int, keep: "pl.Series") -> bool:
    """Whether a row would be taken out that stands in files of an earlier version. begin: of `keep`'s rows."""
    at = 0
    for run in table.runs:
        first, last = max(at, begin), min(at + run.count, begin + keep.len())
        if run.kept and first < last and not keep.slice(first - begin, last - first).all():
            return True
        at += run.count
    return False


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


def last_of_each(files: Sequence[Path], begin: int, count: int, keys: Sequence[str]) -> "pl.Series":
    """Whether a row is the last with its key; a row that lacks a part of the key is never replaced.

    files: of facts; begin, count: which of their rows. However many these are, only a share of their keys is in
    memory at once: equal keys have the same hash, so rows are compared within those of similar hashes.
    """
    import numpy as np
    import polars as pl

    rows = pl.scan_parquet(list(files)).slice(begin, count).select(keys).with_row_index("_at")
    keep = np.ones(count, np.bool_)
    shares = -(-count // KEYS_AT_ONCE)
    is_whole = pl.all_horizontal(pl.col(keys).is_not_null())
    for share in range(shares):
        of_share = rows if shares == 1 else rows.filter(pl.struct(keys).hash() % shares == share)
        earlier = of_share.filter(~pl.struct(keys).is_last_distinct() & is_whole).select("_at")
        keep[earlier.collect()["_at"].to_numpy()] = False
    return pl.Series(keep)


def _taken_out(table: _Table, begin: int, keep: "pl.Series", types: "Mapping[str, pl.DataType]") -> "pl.DataFrame":
    """Takes the rows from `begin` on that are not kept out of their files; gives them."""
    import polars as pl

    found, at = [], 0
    for number, (path, rows) in enumerate(table.files):
        first, last = max(begin - at, 0), min(begin + keep.len() - at, rows)
        at += rows
        if first >= last:
            continue
        kept = keep.slice(at - rows + first - begin, last - first)
        if kept.all():
            continue
        mask = pl.concat([_all_kept(first), kept, _all_kept(rows - last)])
        frame = pl.read_parquet(path, schema=dict(types))
        found.append(frame.filter(~mask))
        frame = frame.filter(mask)
        write_frame(frame, path, types)
        table.files[number] = (path, frame.height)
    return pl.concat(found)


def _all_kept(count: int) -> "pl.Series":
    import polars as pl

    return pl.repeat(True, count, dtype=pl.Boolean, eager=True)


def _repeated_names(table: _Table, unique: set[str]) -> Iterator[str]:
    """A notice where the column that names a row names several."""
    name = NAMES_A_ROW.get(table.name)
    for rows in table.rows:
        if name is None or rows.source in unique or not rows.count:
            continue
        keep = last_of_each([path for path, _ in table.files], rows.begin, rows.count, (name,))
        repeated = int((~keep).sum())
        if repeated:
            yield f'{rows.source}: {repeated} rows repeat a {name}; unique = "{name}" keeps the last of each'


def _replaced_rows(facts: "pl.DataFrame", places: "pl.DataFrame", keys: Sequence[str]) -> "pl.DataFrame":
    import polars as pl

    named = " and ".join(keys)
    return facts.hstack(places).select(
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


def _write_rejects(table: _Table, replaced: "pl.DataFrame", path: Path) -> None:
    """The table's rejects in the order of sources, files, sheets and records, as Parquet."""
    import pyarrow.parquet as pq

    schema = rejects.none().to_arrow().schema

    def write(temporary: Path) -> None:
        with pq.ParquetWriter(temporary, schema, compression="zstd") as writer:
            for frame in _in_order(table, replaced):
                writer.write_table(frame.select(rejects.COLUMNS).to_arrow().cast(schema))
        fsync(temporary)

    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, write)


def _in_order(table: _Table, replaced: "pl.DataFrame") -> "Iterator[pl.DataFrame]":
    import polars as pl

    late = replaced.partition_by("source", "file", "sheet", as_dict=True)
    for number, part in enumerate(table.parts):
        if part not in late:
            yield from table.rejects.of_part(number)
        else:
            # After the others of the same record: it was good until a later one came.
            yield pl.concat([*table.rejects.of_part(number), late[part]]).sort(ROW, maintain_order=True)
