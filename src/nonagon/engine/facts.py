"""The fact tables as the nine analyses see them: Ibis tables over files, with a name for their version."""

import shutil
import tempfile
import weakref
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nonagon.engine import by_file
from nonagon.engine.backend import DUCKDB, Backend, Engine
from nonagon.facts.identities import IdentityStore, IdentityVersion
from nonagon.facts.schemas import SCHEMAS
from nonagon.facts.store import SUMS

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from nonagon.facts.store import FactStore, TableVersion

Columns = dict[str, NDArray[Any]]
"""A small result: column name -> array, all of one length."""

MOST_REMEMBERED, MOST_CELLS = 256, 20_000
"""Answers that are remembered while facts are open, and how many numbers one of them may hold."""

MOST_COMPUTED = 16
"""Tables that the engine keeps of what many questions begin with."""


@dataclass(frozen=True, slots=True)
class FactTable:
    """One version of one fact table: its files, its label such as `answers@5f0c2a9be1d3`, its row count.

    sums: the folder in which sums of single files are kept; None: nowhere.
    """

    uris: tuple[str, ...]
    label: str
    rows: int
    attributes: tuple[str, ...] = ()
    sums: Path | None = None


class Facts:
    """The fact tables of one cycle, opened for queries.

    tables: name -> version, of the five names in `facts.schemas`; a table that is not there has no facts.
    our_subject: what `subject` and `seller` call us; blanks count as ours. engine: where the queries run; it is
    opened by the first query and given back with these facts. identities: which records of the customers are one
    person, rows of customer_id, person_id and changes; every table then names people, and the customers have one
    row a person, that of the record which gave the id its name, or else of the first record by key. repeated: how
    many records of the customers name a person once more. home: the folder of their store; None: they have none.
    """

    def __init__(
        self,
        tables: Mapping[str, FactTable],
        *,
        our_subject: str = "us",
        engine: Engine = DUCKDB,
        identities: FactTable | None = None,
        repeated: int = 0,
        home: Path | None = None,
    ) -> None:
        self._tables = {name: table for name, table in tables.items() if table.rows > 0}
        self.our_subject = our_subject
        self._engine = engine
        self._backend: Backend | None = None
        self._opened: dict[str, Any] = {}
        self._remembered: OrderedDict[Any, Columns] = OrderedDict()
        self._computed: OrderedDict[Any, str] = OrderedDict()
        self.identities = identities.label if identities is not None else ""
        self.repeated = repeated
        self._home = home
        self.tell: Callable[[str], None] = _nobody_hears
        """Takes news of long work on these facts; what it raises to stop the work reaches who asked for it."""
        if identities is not None:
            self._tables[_IDENTITIES] = identities

    @classmethod
    def stored(
        cls, store: "FactStore", *, our_subject: str = "us", engine: Engine = DUCKDB, resolved: bool = True
    ) -> "Facts":
        """The fact tables of a store, each in its newest version.

        resolved: with people in the place of records where the store says which records are one person.
        """
        held = store.manifest().tables  # read once: pages open facts on every request
        tables = {name: _published(store, held[name], engine.facts_at) for name in SCHEMAS if name in held}
        known = IdentityStore(store.folder).active() if resolved else None
        people = _people(known, store, engine.facts_at) if known is not None else None
        repeated = known.repeated if known is not None else 0
        return cls(
            tables,
            our_subject=our_subject,
            engine=engine,
            identities=people,
            repeated=repeated,
            home=store.folder,
        )

    def has(self, name: str, *columns: str) -> bool:
        """Whether the table has rows, and at least one value in each of `columns`."""
        if name not in self._tables:
            return False
        if not columns:
            return True
        table = self.table(name)
        if any(column not in table.columns for column in columns):
            return False
        counts = self.collect(table.aggregate(**{column: table[column].count() for column in columns}))
        return all(int(counts[column][0]) > 0 for column in columns)

    def label(self, name: str) -> str:
        """The version's label, such as `answers@5f0c2a9be1d3`; `answers (none)` where there are no facts."""
        return self._tables[name].label if name in self._tables else f"{name} (none)"

    def labels(self, *names: str) -> tuple[str, ...]:
        """The labels of several tables, for `Origin.data`."""
        return tuple(self.label(name) for name in names)

    def rows(self, name: str) -> int:
        """How many rows the table has."""
        rows = self._tables[name].rows if name in self._tables else 0
        return rows - self.repeated if name == "customers" else rows

    def attributes(self, name: str) -> tuple[str, ...]:
        """Names of the table's attributes, without their prefix."""
        return self._tables[name].attributes if name in self._tables else ()

    def table(self, name: str) -> "ir.Table":
        """The table as an Ibis expression. Raises KeyError where it has no facts: ask `has` first."""
        if name not in self._opened:
            self._opened[name] = self._of_people(name, self.records(name))
        return self._opened[name]

    def records(self, name: str) -> "ir.Table":
        """The table as it was imported, with the ids of records in place of people's."""
        key = f"{name} as imported"
        if key not in self._opened:
            self._opened[key] = self._open().read(name, self._tables[name].uris)
        return self._opened[key]

    @property
    def home(self) -> Path:
        """Where what is derived from these facts is kept: their store, or else a folder that goes with them."""
        if self._home is None:
            self._home = Path(tempfile.mkdtemp(prefix="nonagon-"))
            weakref.finalize(self, shutil.rmtree, self._home, True)
        return self._home

    def beside(self, label: str, files: Sequence[Path]) -> "ir.Table":
        """Files that were derived from these facts and lie in `home`, as a table; it names people as all do.

        label: of their content, such as `codes@5f0c2a9be1d3`.
        """
        if label not in self._opened:
            name = label.replace("@", "_")
            self._opened[label] = self._of_people(name, self._derived(name, files))
        return self._opened[label]

    def _derived(self, name: str, files: Sequence[Path]) -> "ir.Table":
        if not self._engine.facts_at:
            return self._open().read(name, [str(file) for file in files])
        # The engine reads a copy of the facts, made before these files were: they go to it with the question.
        import ibis  # noqa: PLC0415
        import pyarrow.parquet as pq  # noqa: PLC0415

        return ibis.memtable(pq.read_table([str(file) for file in files]))

    def _of_people(self, name: str, read: "ir.Table") -> "ir.Table":
        """The one look-up from records to people."""
        if not self._tables.get(_IDENTITIES) or name == _IDENTITIES or "customer_id" not in read.columns:
            return read
        known = self.table(_IDENTITIES)
        moved = known.filter(known.changes).select(record=known.customer_id, person_id=known.person_id)
        joined = read.left_join(moved, read.customer_id == moved.record)
        if name == "customers":
            joined = _one_row_a_person(joined)
        person = joined.person_id.coalesce(joined.customer_id)
        return joined.mutate(customer_id=person).select(*read.columns)

    def collect(self, expression: "ir.Table", *, order: Sequence[str] = ()) -> Columns:
        """Runs an expression; `order` names the columns that make the result's order certain.

        Text and dates come back as object arrays (missing: None), whole numbers as int64, numbers as
        float64 (missing: NaN, which no deliverable takes). The arrays can't be written to: the same question
        asked again, as the steps do, has the same ones for its answer.
        """
        asked = (expression.op(), tuple(order))
        known = self._remembered.get(asked)
        if known is None:
            known = _read_only(self._run(expression, order))
            self._remember(asked, known)
        return dict(known)

    def _run(self, expression: "ir.Table", order: Sequence[str]) -> Any:
        merging = by_file.merging_of(expression)
        table = self._tables.get(merging.table) if merging else None
        if merging and table and table.rows >= by_file.LARGE and self._open().asks_files_apart:
            found = by_file.merged(self._open(), expression, merging, table.uris, table.sums)
            return found.sort_by([(name, "ascending") for name in order]) if order else found
        return self._open().run(expression.order_by(list(order)) if order else expression)

    def _remember(self, asked: Any, answer: Columns) -> None:
        import ibis.expr.operations as ops  # noqa: PLC0415

        small = sum(len(column) for column in answer.values()) <= MOST_CELLS
        # A list that a question carries with it would be held as long as the answer.
        if small and not asked[0].find(ops.InMemoryTable):
            self._remembered[asked] = answer
            while len(self._remembered) > MOST_REMEMBERED:
                self._remembered.popitem(last=False)

    def computed(self, name: str, expression: "ir.Table") -> "ir.Table":
        """The expression's rows, computed once and kept in the engine for all who ask the same of these facts.

        name: a word for it. For what many questions begin with, such as who is in which class. An expression has
        to be asked before so many others are kept that its own are gone (MOST_COMPUTED).
        """
        asked = expression.op()
        if asked not in self._computed:
            self._computed[asked] = self._open().keep(name, expression)
            while len(self._computed) > MOST_COMPUTED:
                self._open().drop(self._computed.popitem(last=False)[1])
        return self._open().table(self._computed[asked])

    def opened(self) -> Backend:
        """The engine that these facts are open in, for what is asked of it otherwise than by an expression."""
        return self._open()

    def _open(self) -> Backend:
        if self._backend is None:
            self._backend = self._engine.open()
            # Closed with the facts: a connection that outlives them is reported as leaked at exit.
            weakref.finalize(self, self._backend.close)
        return self._backend


_IDENTITIES = "identities"


def _nobody_hears(text: str) -> None:
    """Where nobody waits for news."""


def _one_row_a_person(joined: "ir.Table") -> "ir.Table":
    """Of each person's records the one whose key is the person's id, or else the first by key."""
    import ibis  # noqa: PLC0415

    person = joined.person_id.coalesce(joined.customer_id)
    other = (person != joined.customer_id).cast("int64")
    place = ibis.row_number().over(group_by=person, order_by=[other, joined.customer_id])
    ranked = joined.mutate(place=place)
    return ranked.filter(ranked.place == 0).drop("place")


def _people(known: IdentityVersion, store: "FactStore", facts_at: str) -> FactTable | None:
    """The table of people, where any record is one person with another."""
    place = facts_at.rstrip("/") or str(store.folder)
    if not known.joined:
        return None
    return FactTable(tuple(f"{place}/{name}" for name in known.people), known.label, known.joined)


def _published(store: "FactStore", one: "TableVersion", facts_at: str) -> FactTable:
    place = facts_at.rstrip("/") or str(store.folder)
    uris = tuple(f"{place}/{name}" for name in one.files)
    return FactTable(uris, one.label, one.rows, one.attributes, store.folder / SUMS / one.table)


def columns_of(arrow: Any) -> Columns:
    """The rows of a pyarrow.Table as `Facts.collect` gives them, but moments as numpy's datetime64."""
    moments = {name: str(arrow.schema.field(name).type).startswith("timestamp") for name in arrow.column_names}
    return {
        name: arrow[name].to_numpy().astype("datetime64[us]") if moments[name] else _array(arrow[name])
        for name in arrow.column_names
    }


def _read_only(arrow: Any) -> Columns:
    found = {name: _array(arrow.column(name)) for name in arrow.column_names}
    for column in found.values():
        column.flags.writeable = False
    return found


def _array(column: Any) -> NDArray[Any]:
    kind = str(column.type)
    if kind.startswith("int") or kind.startswith("uint"):
        if column.null_count == 0:
            return np.asarray(column.to_numpy(), dtype=np.int64)
        return np.asarray(column.cast("float64").to_numpy(), dtype=np.float64)
    if kind in {"double", "float", "halffloat"} or kind.startswith("decimal"):
        return np.asarray(column.cast("float64").to_numpy(zero_copy_only=False), dtype=np.float64)
    if kind == "bool":
        return np.asarray(column.to_numpy(zero_copy_only=False))
    array = np.empty(len(column), dtype=object)
    array[:] = column.to_pylist()
    return array
