"""Queries on measurements: the points of a chart, or one row a subgroup."""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nonagon.engine.facts import Columns, Facts, columns_of
from nonagon.engine.periods import period_of

if TYPE_CHECKING:
    import ibis.expr.types as ir

POINT = ("at", "value", "size", "subgroup", "phase")
"""What is known of one measurement."""


def characteristics(facts: Facts) -> Columns:
    """What was measured: characteristic, n, first, last (days), mean, lowest, highest."""
    table = facts.table("measurements")
    grouped = table.group_by("characteristic").aggregate(
        n=table.count(),
        first=table["at"].min(),
        last=table["at"].max(),
        mean=table.value.sum(),
        lowest=table.value.min(),
        highest=table.value.max(),
    )
    found = facts.collect(grouped, order=["characteristic"])
    return found | {
        "first": _days(found["first"]),
        "last": _days(found["last"]),
        "mean": found["mean"] / found["n"],
    }


def _days(moments: NDArray[Any]) -> NDArray[Any]:
    days = np.empty(len(moments), dtype=object)
    days[:] = [moment.date() for moment in moments]
    return days


POINTS_AT_ONCE = 4_000_000
"""Measurements that are held at a time while the points of many characteristics are looked at."""


def points(facts: Facts, names: Sequence[str]) -> Iterator[tuple[str, Columns]]:
    """Every measurement of each characteristic, one after the other: at, value, size, subgroup, phase.

    names: each once; of those that nothing is measured of there are no rows. at: moments as numpy's datetime64 in
    microseconds, in order of time; size is NaN and subgroup and phase are None where the data do not say. The
    table is read once for so many characteristics as have POINTS_AT_ONCE points together.
    """
    for block in _blocks(facts, names):
        yield from _of_block(facts, block)


def _blocks(facts: Facts, names: Sequence[str]) -> Iterator[list[str]]:
    """The names in their order, as many together as their points allow."""
    counted = characteristics(facts)
    sizes = dict(zip(counted["characteristic"].tolist(), counted["n"].tolist(), strict=True))
    block: list[str] = []
    held = 0
    for name in names:
        if block and held + sizes.get(name, 0) > POINTS_AT_ONCE:
            yield block
            block, held = [], 0
        block.append(name)
        held += sizes.get(name, 0)
    if block:
        yield block


def _of_block(facts: Facts, names: Sequence[str]) -> Iterator[tuple[str, Columns]]:
    table = _of(facts, names)
    ordered = table.order_by(["characteristic", "at", "file", "row"])
    rows = facts.opened().run(ordered.select("characteristic", *POINT))
    counts = {str(one["values"]): int(one["counts"]) for one in rows["characteristic"].value_counts().to_pylist()}
    starts = dict(zip(counts, accumulate(counts.values(), initial=0), strict=False))
    for name in names:
        at = starts.get(name, 0)
        yield name, columns_of(rows.slice(at, counts.get(name, 0)).select(POINT))


def subgroups(facts: Facts, characteristic: str) -> Columns:
    """One row a subgroup in order of time: subgroup, at, n, mean, sd, lowest, highest, total, size, phase.

    sd is the sample standard deviation (NaN for a single value); size sums the units inspected.
    """
    table = _of(facts, [characteristic])
    table = table.filter(table.subgroup.notnull())
    grouped = table.group_by("subgroup").aggregate(
        at=table["at"].min(),
        n=table.count(),
        mean=table.value.mean(),
        sd=table.value.std(how="sample"),
        lowest=table.value.min(),
        highest=table.value.max(),
        total=table.value.sum(),
        size=table["size"].sum(),
        phase=table.phase.min(),
    )
    return facts.collect(grouped, order=["at", "subgroup"])


def by_period(facts: Facts, characteristic: str, *, unit: str = "week") -> Columns:
    """One characteristic by calendar period: period, n, mean, total, size; a period is named by its first day."""
    table = _of(facts, [characteristic])
    table = table.mutate(period=period_of(table["at"], unit))
    grouped = table.group_by("period").aggregate(
        n=table.count(), mean=table.value.mean(), total=table.value.sum(), size=table["size"].sum()
    )
    return facts.collect(grouped, order=["period"])


def naming(facts: Facts, *, but: str) -> Columns:
    """How rows are named, without those of the source `but`: characteristic, grouped, phased, phase.

    grouped, phased: whether every row names its subgroup, its phase; phase: the one of the latest row that names
    one, and of several at that moment the last in the order of letters.
    """
    import ibis  # noqa: PLC0415

    table = facts.table("measurements")
    table = table.filter(table.source != but)
    blanks = {name: ibis.null("string") for name in ("subgroup", "phase") if name not in table.columns}
    table = table.mutate(**blanks) if blanks else table
    grouped = table.group_by("characteristic").aggregate(
        grouped=table.subgroup.notnull().all(),
        phased=table.phase.notnull().all(),
    )
    named = table.filter(table.phase.notnull())
    latest = named.group_by(measured="characteristic").aggregate(moment=named["at"].max())
    last = named.semi_join(latest, [named.characteristic == latest.measured, named["at"] == latest.moment])
    last = last.group_by(phased_one="characteristic").aggregate(phase=last.phase.max())
    found = grouped.left_join(last, grouped.characteristic == last.phased_one)
    return facts.collect(found.drop("phased_one"), order=["characteristic"])


def _of(facts: Facts, names: Sequence[str]) -> "ir.Table":
    import ibis  # noqa: PLC0415

    table = facts.table("measurements")
    table = table.filter(table.characteristic.isin(list(names)))
    blanks = {
        name: ibis.null(kind)
        for name, kind in (("size", "float64"), ("subgroup", "string"), ("phase", "string"))
        if name not in table.columns
    }
    return table.mutate(**blanks) if blanks else table
