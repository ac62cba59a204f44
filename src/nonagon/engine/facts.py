"""The fact tables as the nine analyses see them: Ibis tables over files, with a name for their version.

Only this folder names a backend. DuckDB runs on one thread by default: the order in which floating sums
are added is then always the same, so equal inputs give deliverables that are equal to the byte.
"""

import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from nonagon.facts.store import FactStore

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
    our_subject: what `subject` and `seller` call us; blanks count as ours.
    """

    def __init__(self, tables: Mapping[str, FactTable], *, our_subject: str = "us") -> None:
        self._tables = {name: table for name, table in tables.items() if table.rows > 0}
        self.our_subject = our_subject
        self._connection: Any = None
        self._opened: dict[str, Any] = {}

    @classmethod
    def stored(cls, store: "FactStore", *, our_subject: str = "us") -> "Facts":
        """The fact tables of a store, each in its newest version."""
        tables = {
            name: FactTable(store.uris(name), store.label(name) or name, store.rows(name), store.attributes(name))
            for name in store.tables()
        }
        return cls(tables, our_subject=our_subject)

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
        return self._tables[name].rows if name in self._tables else 0

    def attributes(self, name: str) -> tuple[str, ...]:
        """Names of the table's attributes, without their prefix."""
        return self._tables[name].attributes if name in self._tables else ()

    def table(self, name: str) -> "ir.Table":
        """The table as an Ibis expression. Raises KeyError where it has no facts: ask `has` first."""
        if name not in self._opened:
            self._opened[name] = self._connect().read_parquet(list(self._tables[name].uris), table_name=name)
        return self._opened[name]

    def collect(self, expression: "ir.Table", *, order: Sequence[str] = ()) -> Columns:
        """Runs an expression; `order` names the columns that make the result's order certain.

        Text and dates come back as object arrays (missing: None), whole numbers as int64, numbers as
        float64 (missing: NaN, which no deliverable takes).
        """
        if order:
            expression = expression.order_by(list(order))
        try:
            arrow = self._connect().to_pyarrow(expression)
        except RuntimeError as error:
            if "interrupted" in str(error):  # how DuckDB says that Ctrl-C came while it computed
                raise KeyboardInterrupt from error
            raise
        return {name: _array(arrow.column(name)) for name in arrow.column_names}

    def _connect(self) -> Any:
        if self._connection is None:
            import ibis  # noqa: PLC0415  (a second of imports, only for those who query)

            self._connection = ibis.duckdb.connect(threads=1)
            # Closed with the facts: a connection that outlives them is reported as leaked at exit.
            weakref.finalize(self, self._connection.disconnect)
        return self._connection


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
