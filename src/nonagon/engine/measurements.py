"""Queries on measurements: the points of a chart, or one row a subgroup."""

from typing import TYPE_CHECKING

from nonagon.engine.facts import Columns, Facts
from nonagon.engine.periods import period_of

if TYPE_CHECKING:
    import ibis.expr.types as ir


def characteristics(facts: Facts) -> Columns:
    """What was measured: characteristic, n, first, last (days), mean, lowest, highest."""
    table = facts.table("measurements")
    grouped = table.group_by("characteristic").aggregate(
        n=table.count(),
        first=table["at"].min().cast("date"),
        last=table["at"].max().cast("date"),
        mean=table.value.mean(),
        lowest=table.value.min(),
        highest=table.value.max(),
    )
    return facts.collect(grouped, order=["characteristic"])


def points(facts: Facts, characteristic: str) -> Columns:
    """Every measurement of one characteristic in order of time: at, day, value, size, subgroup, phase.

    at is a moment, day its date; size is NaN and subgroup and phase are None where the data do not say.
    """
    table = _of(facts, characteristic)
    wanted = table.select("at", "value", "size", "subgroup", "phase", "file", "row", day=table["at"].cast("date"))
    return facts.collect(wanted, order=["at", "file", "row"])


def subgroups(facts: Facts, characteristic: str) -> Columns:
    """One row a subgroup in order of time: subgroup, at, n, mean, sd, lowest, highest, total, size, phase.

    sd is the sample standard deviation (NaN for a single value); size sums the units inspected.
    """
    table = _of(facts, characteristic)
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
    table = _of(facts, characteristic)
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


def _of(facts: Facts, characteristic: str) -> "ir.Table":
    import ibis  # noqa: PLC0415

    table = facts.table("measurements")
    table = table.filter(table.characteristic == characteristic)
    blanks = {
        name: ibis.null(kind)
        for name, kind in (("size", "float64"), ("subgroup", "string"), ("phase", "string"))
        if name not in table.columns
    }
    return table.mutate(**blanks) if blanks else table
