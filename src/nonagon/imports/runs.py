"""Runs of input files whose facts share Parquet files, and which of them stand in the store already.

A run is some input files of one source, one after the other. It ends with the file that brings it to `ROWS_A_RUN`
rows, or with the source's last file; so the cuts follow from the inputs alone, whatever was imported before. A
run whose inputs and mapping are the same as in a published version is not read again: its facts, rejects and books
stand in the store. What follows from several runs at once (a row that a later one replaces, a column that mostly
can't be read) is looked at anew each time.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nonagon.facts.store import FactStore, Run, TableVersion
from nonagon.imports.tally import Tally

ROWS_A_RUN = 100_000

Input = tuple[str, str]
"""An input file: its name relative to the data folder, and the SHA-256 of its bytes."""


def digest_of(reading: Mapping[str, Any], inputs: Sequence[Input]) -> str:
    """SHA-256 of all that the facts of these inputs depend on.

    reading: what else they depend on (the mapping, the table's columns, the files that are looked into).

    >>> digest_of({"table": "sales"}, [("a.csv", "1")]) == digest_of({"table": "sales"}, [("a.csv", "2")])
    False
    """
    whole = {**reading, "inputs": [list(one) for one in inputs]}
    return hashlib.sha256(json.dumps(whole, ensure_ascii=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class KnownRun:
    """A run of a published version.

    tallies: the books of its inputs; first_reject: where its rejects begin among those of the version.
    """

    run: Run
    version: TableVersion
    tallies: tuple[Mapping[str, Any], ...]
    first_reject: int

    @property
    def facts(self) -> int:
        """Its rows."""
        return sum(rows for _, rows in self.run.files)

    @property
    def rejects(self) -> int:
        """How many rejects its inputs gave."""
        return sum(int(tally["rejects"]) for tally in self.tallies)

    def books(self) -> list[Tally]:
        """The tallies, to be carried on."""
        return [Tally.from_json(dict(tally)) for tally in self.tallies]


class KnownRuns:
    """The runs of one table in all of its published versions that are whole. store: of the facts."""

    def __init__(self, store: FactStore, table: str) -> None:
        self._by_first: dict[tuple[str, str], list[KnownRun]] = {}
        manifest = store.manifest()
        for version in (*manifest.tables.values(), *reversed(manifest.earlier)):
            if version.table == table and (store.folder / version.rejects).is_file():
                for known in _runs_of(version):
                    if all((store.folder / name).is_file() for name, _ in known.run.files):
                        key = (known.run.source, known.run.inputs[0])
                        self._by_first.setdefault(key, []).append(known)

    def at(self, source: str, reading: Mapping[str, Any], inputs: Sequence[Input]) -> KnownRun | None:
        """The known run that begins with the first of `inputs`, which are all that are left of the source."""
        for known in self._by_first.get((source, inputs[0][0]), ()):
            count = len(known.run.inputs)
            ends = known.facts >= ROWS_A_RUN or count == len(inputs)
            if ends and known.run.digest == digest_of(reading, inputs[:count]):
                return known
        return None


def _runs_of(version: TableVersion) -> list[KnownRun]:
    """The runs of a version. Its rejects stand in the order of its tallies."""
    first, places = 0, dict[tuple[str, str], tuple[int, Mapping[str, Any]]]()
    for tally in version.tallies:
        places[tally["source"], tally["file"]] = (first, tally)
        first += int(tally["rejects"])
    found = []
    for run in version.runs:
        of_run = [places[run.source, name] for name in run.inputs]
        found.append(KnownRun(run, version, tuple(tally for _, tally in of_run), of_run[0][0]))
    return found
