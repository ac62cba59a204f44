"""The fact tables as the nine analyses see them: Ibis tables over files, with a name for their version."""

import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nonagon.engine.backend import DUCKDB, Backend, Engine
from nonagon.facts.identities import IdentityStore, IdentityVersion
from nonagon.facts.schemas import SCHEMAS

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from nonagon.facts.store import FactStore, TableVersion

Columns = dict[str, NDArray[Any]]
"""A small result: column name -> array, all of one length."""


@dataclass(frozen=True, slots=True)
class FactTable:
    """One version of one fact table: its files, its label such as `answers@5f0c2a9be1d3`, its row count."""

    uris: tuple[str, ...]
    label: str
    rows: int
    attributes: tuple[str, ...] = ()


class Facts:
    """The fact tables of one cycle, opened for queries.

    tables: name -> version, of the five names in `facts.schemas`; a table that is not there has no facts.
    our_subject: what `subject` and `seller` call us; blanks count as ours. engine: where the queries run; it is
    opened by the first query and given back with these facts. identities: which records of the customers are one
    person, rows of customer_id, person_id and changes; every table then names people, and the customers have one
    row a person, that of the record which gave the id its name, or else of the first record by key. repeated: how
    many records of the customers name a person once more.
    """

    def __init__(
        self,
        tables: Mapping[str, FactTable],
        *,
        our_subject: str = "us",
        engine: Engine = DUCKDB,
        identities: FactTable | None = None,
        repeated: int = 0,
    ) -> None:
        self._tables = {name: table for name, table in tables.items() if table.rows > 0}
        self.our_subject = our_subject
        self._engine = engine
        self._backend: Backend | None = None
        self._opened: dict[str, Any] = {}
        self.identities = identities.label if identities is not None else ""
        self.repeated = repeated
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
        return cls(tables, our_subject=our_subject, engine=engine, identities=people, repeated=repeated)

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
            read = self._open().read(name, self._tables[name].uris)
            self._opened[name] = self._of_people(name, read)
        return self._opened[name]

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
        float64 (missing: NaN, which no deliverable takes).
        """
        if order:
            expression = expression.order_by(list(order))
        arrow = self._open().run(expression)
        return {name: _array(arrow.column(name)) for name in arrow.column_names}

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
    return FactTable(tuple(f"{place}/{name}" for name in one.files), one.label, one.rows, one.attributes)


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
