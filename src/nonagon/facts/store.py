"""The store of facts: five Delta tables and one manifest that says which version of each is the current one.

    facts/
      facts.json            the manifest; replacing it is what publishes, in one step for all five tables
      answers/              a Delta table, append-only in its log, unpartitioned, zstd and dictionaries
      rejects/              the rejects of each published version, as Parquet
      sums/                 what single files said before (engine/by_file.py); it can be removed at any time

A run that dies before the manifest is replaced leaves the old manifest and all that it names untouched; what it
wrote is removed by the next run. A version that was published once is kept, since stored results name it.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Any

from nonagon.basics.errors import InputError, Mistake
from nonagon.basics.lock import held
from nonagon.facts.files import TEMPORARY, replace_text
from nonagon.facts.schemas import SCHEMAS
from nonagon.facts.writer import TableWriter, arrow_schema

if TYPE_CHECKING:
    import polars as pl
    from deltalake import DeltaTable
    from deltalake.transaction import AddAction, RemoveAction

MANIFEST = "facts.json"
LOCK = ".lock"
STAGING = ".staging"
REJECTS = "rejects"
SUMS = "sums"
FORMAT = 1
LABEL_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Run:
    """Input files of one source, one after the other, whose facts stand in Parquet files of their own.

    digest: SHA-256 over the inputs' bytes, the mapping and all else that the facts depend on; inputs: names
    relative to the data folder; files: relative to the store, in the order of arrival, each with its rows.
    """

    digest: str
    source: str
    inputs: tuple[str, ...]
    files: tuple[tuple[str, int], ...]

    def as_json(self) -> dict[str, Any]:
        """For the manifest."""
        return {
            "digest": self.digest,
            "source": self.source,
            "inputs": list(self.inputs),
            "files": [list(one) for one in self.files],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Run":
        """From the manifest."""
        files = tuple((name, int(rows)) for name, rows in data["files"])
        return cls(data["digest"], data["source"], tuple(data["inputs"]), files)


@dataclass(frozen=True, slots=True)
class TableVersion:
    """One published version of one table.

    fingerprint: SHA-256 over the mapping, the bytes of the input files and the code's schema version;
    delta_version: of the Delta table; files: relative to the store, in the order of arrival; attributes:
    without their prefix; rejects: the Parquet file of the rejects, relative to the store; tallies: the
    books of the import, as JSON; runs: the inputs whose files a later version can take over as they are.
    """

    table: str
    fingerprint: str
    delta_version: int
    files: tuple[str, ...]
    rows: int
    attributes: tuple[str, ...] = ()
    rejects: str = ""
    tallies: tuple[Mapping[str, Any], ...] = ()
    notices: tuple[str, ...] = ()
    runs: tuple[Run, ...] = ()

    @property
    def label(self) -> str:
        """The name that results give this version, such as `answers@5f0c2a9be1d3`."""
        return f"{self.table}@{self.fingerprint[:LABEL_DIGITS]}"

    def as_json(self) -> dict[str, Any]:
        """For the manifest; the label stands in it for the reader."""
        return {
            "label": self.label,
            "fingerprint": self.fingerprint,
            "delta_version": self.delta_version,
            "files": list(self.files),
            "rows": self.rows,
            "attributes": list(self.attributes),
            "rejects": self.rejects,
            "tallies": list(self.tallies),
            "notices": list(self.notices),
            "runs": [run.as_json() for run in self.runs],
        }

    @classmethod
    def from_json(cls, table: str, data: Mapping[str, Any]) -> "TableVersion":
        """From the manifest."""
        return cls(
            table=table,
            fingerprint=data["fingerprint"],
            delta_version=data["delta_version"],
            files=tuple(data["files"]),
            rows=data["rows"],
            attributes=tuple(data["attributes"]),
            rejects=data.get("rejects", ""),
            tallies=tuple(data.get("tallies", ())),
            notices=tuple(data.get("notices", ())),
            runs=tuple(Run.from_json(run) for run in data.get("runs", ())),
        )


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the store holds: the current version of each table, and every version published before."""

    tables: Mapping[str, TableVersion] = field(default_factory=dict)
    earlier: tuple[TableVersion, ...] = ()

    def version(self, label: str) -> TableVersion | None:
        """The version with that label, current or earlier."""
        versions = (*self.tables.values(), *reversed(self.earlier))
        return next((version for version in versions if version.label == label), None)

    def published(self, table: str, fingerprint: str) -> TableVersion | None:
        """The version of a table with that fingerprint, if it was published once."""
        versions = (*self.tables.values(), *reversed(self.earlier))
        return next((one for one in versions if one.table == table and one.fingerprint == fingerprint), None)


class FactStore:
    """The facts of one cycle. folder: the `facts` folder of a cycle's output; it may not be there yet."""

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder).resolve()

    # --- reading

    def manifest(self) -> Manifest:
        """What is published; nothing where nothing was yet. Raises InputError for a damaged manifest."""
        path = self.folder / MANIFEST
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            if data["format"] != FORMAT:
                raise ValueError(f"its format is {data['format']}, this program reads {FORMAT}")
            tables = {name: TableVersion.from_json(name, entry) for name, entry in data["tables"].items()}
            earlier = tuple(TableVersion.from_json(entry["table"], entry) for entry in data["earlier"])
        except FileNotFoundError:
            return Manifest()
        except OSError as error:
            raise _not_possible(path, "read", error) from error
        except (ValueError, KeyError, TypeError) as error:
            message = f"is damaged ({error}); remove the folder, the next run makes it anew"
            raise InputError([Mistake(path, None, "", message)]) from error
        return Manifest(tables, earlier)

    def tables(self) -> tuple[str, ...]:
        """The tables that have been imported, in the order of the schemas."""
        held = self.manifest().tables
        return tuple(name for name in SCHEMAS if name in held)

    def version(self, table: str, label: str | None = None) -> TableVersion | None:
        """The current version of a table, or the one with `label`; None where there is none."""
        manifest = self.manifest()
        return manifest.version(label) if label else manifest.tables.get(table)

    def uris(self, table: str, label: str | None = None) -> tuple[str, ...]:
        """Absolute paths of the table's Parquet files, in the order of arrival; none where it was not imported.

        A table that was imported and holds no row has one file with its columns.
        label: of an earlier version, as a stored result names it; by default the current one.
        """
        version = self.version(table, label)
        return tuple(str(self.folder / name) for name in version.files) if version else ()

    def label(self, table: str) -> str | None:
        """The current version's label, such as `answers@5f0c2a9be1d3`; None where it was not imported."""
        version = self.version(table)
        return version.label if version else None

    def labels(self) -> dict[str, str]:
        """The labels of all tables that have been imported."""
        held = self.manifest().tables
        return {name: held[name].label for name in SCHEMAS if name in held}

    def rows(self, table: str) -> int:
        """How many facts the table has."""
        version = self.version(table)
        return version.rows if version else 0

    def attributes(self, table: str) -> tuple[str, ...]:
        """Names of the attributes beside the table's columns, without the prefix `attribute_`."""
        version = self.version(table)
        return version.attributes if version else ()

    # --- writing

    @contextmanager
    def writing(self) -> Iterator[Path]:
        """The store held against another run; gives an empty folder for what is not published yet.

        Removes what an earlier run left unpublished. Raises InputError where another run holds the store, or
        where the folder can't be written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with held(self.folder, LOCK):
                yield from self._staging()
        except OSError as error:
            raise _not_possible(self.folder, "written", error) from error

    def _staging(self) -> Iterator[Path]:
        """An empty folder for what is not published yet; it and all else unpublished are removed at the end."""
        staging = self.folder / STAGING
        try:
            self._clean()
            staging.mkdir()
            yield staging
        finally:
            with suppress(OSError):
                self._clean()

    def write_table(
        self, table: str, fingerprint: str, batches: "Iterator[pl.DataFrame]", types: "Mapping[str, pl.DataType]"
    ) -> tuple[int, tuple[str, ...], int]:
        """A new Delta version of `table`, not published yet: its version, files and rows.

        batches: frames with the columns of `types` in that order.
        """
        with self.table_writer(table, fingerprint, types) as writer:
            for batch in batches:
                writer.write(batch)
        version, files = self.commit_table(table, writer.files, types)
        return version, files, sum(rows for _, rows in writer.files)

    @contextmanager
    def table_writer(
        self, table: str, fingerprint: str, types: "Mapping[str, pl.DataType]"
    ) -> Iterator[TableWriter]:
        """A writer of rows for a new version of `table`. Raises InputError where the disk refuses.

        The files are written here and only then committed to the table, since the Delta writer would hand the
        rows to several threads and lose the order of arrival.
        """
        place = self.folder / table
        try:
            place.mkdir(exist_ok=True)
            with TableWriter(place, fingerprint[:16], types) as writer:
                yield writer
        except OSError as error:
            raise _not_possible(place, "written", error) from error

    def commit_table(
        self, table: str, files: list[tuple[Path, int]], types: "Mapping[str, pl.DataType]"
    ) -> tuple[int, tuple[str, ...]]:
        """The files as the table's newest Delta version, not published yet: its number, and their names."""
        from deltalake.exceptions import DeltaError

        place = self.folder / table
        try:
            version = _commit(place, files, arrow_schema(types))
        except (DeltaError, OSError) as error:
            raise _not_possible(place, "written", error) from error
        return version, tuple(f"{table}/{path.name}" for path, _ in files)

    def publish(self, versions: Mapping[str, TableVersion]) -> Manifest:
        """Makes `versions` the current ones, all in one step; tables that are not named have no facts then."""
        before = self.manifest()
        kept = {version.label for version in versions.values()}
        earlier = {one.label: one for one in (*before.earlier, *before.tables.values()) if one.label not in kept}
        manifest = Manifest(dict(versions), tuple(earlier.values()))
        data = {
            "format": FORMAT,
            "tables": {name: versions[name].as_json() for name in SCHEMAS if name in versions},
            "earlier": [{"table": one.table, **one.as_json()} for one in manifest.earlier],
        }
        try:
            replace_text(self.folder / MANIFEST, json.dumps(data, ensure_ascii=False, indent=1) + "\n")
        except OSError as error:
            raise _not_possible(self.folder / MANIFEST, "written", error) from error
        return manifest

    def _clean(self) -> None:
        """Removes what no published version names: leftovers of runs that did not come to their end."""
        _remove(self.folder / STAGING)
        manifest = self.manifest()
        versions = (*manifest.tables.values(), *manifest.earlier)
        named = {name for version in versions for name in (*version.files, version.rejects)}
        for table in (*SCHEMAS, REJECTS):
            for path in (self.folder / table).glob("*.parquet"):
                if f"{table}/{path.name}" not in named:
                    path.unlink()
        for folder in (self.folder / SUMS).glob("*/*"):
            if f"{folder.parent.name}/{folder.name}.parquet" not in named:
                _remove(folder)
        for path in self.folder.glob(f".*{TEMPORARY}"):
            path.unlink()


def _commit(place: Path, files: list[tuple[Path, int]], schema: Any) -> int:
    """The files as the table's newest version, which takes the place of the one before; gives its number.

    Files that the version before has too are neither added nor removed, so Delta's log says what changed. Where
    the version before was never published, its files may be gone, or written anew under the same name: those are
    removed in a version of their own, since no version may both remove and add a name.
    """
    from deltalake import DeltaTable, Schema
    from deltalake.transaction import create_table_with_add_actions

    wanted = {path.name: (path, rows) for path, rows in files}
    delta_schema = Schema.from_arrow(schema)
    before = DeltaTable(str(place)) if DeltaTable.is_deltatable(str(place)) else None
    if before is None or before.schema() != delta_schema:
        actions = [_added(path, rows) for path, rows in files]
        create_table_with_add_actions(str(place), delta_schema, actions, mode="overwrite")
        return int(DeltaTable(str(place)).version())
    held = _files_in(before)
    same = {name for name, size in held.items() if name in wanted and wanted[name][0].stat().st_size == size}
    gone = held.keys() - same
    if gone & wanted.keys():
        before.create_write_transaction([_removed(name) for name in sorted(gone)], "append", delta_schema)
        before, gone = DeltaTable(str(place)), set()
    added = [_added(path, rows) for name, (path, rows) in wanted.items() if name not in same]
    before.create_write_transaction([*added, *map(_removed, sorted(gone))], "append", delta_schema)
    return int(DeltaTable(str(place)).version())


def _files_in(table: "DeltaTable") -> dict[str, int]:
    """The names of a table's files, each with its bytes."""
    import pyarrow as pa

    held = pa.table(table.get_add_actions(flatten=True))
    return dict(zip(held["path"].to_pylist(), held["size_bytes"].to_pylist(), strict=True))


def _added(path: Path, rows: int) -> "AddAction":
    from deltalake.transaction import AddAction

    about = path.stat()
    return AddAction(
        path=path.name,
        size=about.st_size,
        partition_values={},
        modification_time=int(about.st_mtime * 1000),
        data_change=True,
        stats=json.dumps({"numRecords": rows}),
    )


def _removed(name: str) -> "RemoveAction":
    from deltalake.transaction import RemoveAction

    return RemoveAction(name, True, int(time() * 1000))


def _remove(folder: Path) -> None:
    import shutil

    shutil.rmtree(folder, ignore_errors=True)


def _not_possible(path: Path, what: str, error: BaseException) -> InputError:
    reason = getattr(error, "strerror", None) or str(error).strip().splitlines()[0]
    advice = "free some space" if getattr(error, "errno", None) == 28 or "No space left" in str(error) else ""
    advice = advice or "check that the folder is yours to write in, or name another with --out"
    return InputError([Mistake(path, None, "", f"can't be {what}: {reason}; {advice}")])
