"""Queries on verbatims: the texts themselves, in a certain order, for the coding rules."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from nonagon.engine.customers import ClassRule, membership
from nonagon.engine.facts import Columns, Facts

if TYPE_CHECKING:
    import ibis.expr.types as ir

_OPTIONAL = (
    ("respondent_id", "string"),
    ("customer_id", "string"),
    ("wave", "string"),
    ("date", "date"),
    ("channel", "string"),
    ("subject", "string"),
    ("language", "string"),
)
_IDS = {"verbatim_id": "string"}


def texts(facts: Facts) -> Columns:
    """Every verbatim about us, by its id: verbatim_id, text, and the optional columns (None where blank)."""
    table = _complete(facts)
    ours = table.filter(table.subject.isnull() | (table.subject == facts.our_subject))
    wanted = ["verbatim_id", "text", *[name for name, _ in _OPTIONAL]]
    # An id that was given twice: in the order of arrival.
    return facts.collect(ours.order_by(["verbatim_id", "file", "row"]).select(*wanted))


def page(
    facts: Facts,
    *,
    only: Sequence[str] | None = None,
    without: Sequence[str] = (),
    containing: str = "",
    start: int = 0,
    most: int = 50,
) -> tuple[Columns, int]:
    """Some verbatims about us in the order of their ids, without who said them, and how many there are in all.

    only: ids to choose from (None: all); without: ids to leave out; containing: text that must stand in them, in
    any case; start, most: which part of them. Columns: verbatim_id, text, wave, date, channel, language.
    """
    import ibis  # noqa: PLC0415

    table = _complete(facts)
    found = table.filter(table.subject.isnull() | (table.subject == facts.our_subject))
    if only is not None:
        found = found.semi_join(ibis.memtable({"verbatim_id": list(only)}, schema=_IDS), "verbatim_id")
    if without:
        found = found.anti_join(ibis.memtable({"verbatim_id": list(without)}, schema=_IDS), "verbatim_id")
    if containing:
        found = found.filter(found.text.lower().contains(containing.lower()))
    count = int(facts.collect(found.aggregate(n=found.count()))["n"][0])
    shown = found.select("verbatim_id", "text", "wave", "date", "channel", "language")
    return facts.collect(shown.order_by("verbatim_id").limit(most, offset=start), order=["verbatim_id"]), count


def texts_of(facts: Facts, ids: Sequence[str]) -> Columns:
    """The texts of a few verbatims, by their ids: verbatim_id, text."""
    table = _complete(facts)
    wanted = table.filter(table.verbatim_id.isin(list(ids)))
    return facts.collect(wanted.select("verbatim_id", "text"), order=["verbatim_id", "text"])


def first_day(facts: Facts) -> date | None:
    """The day of the first verbatim; None where none is dated."""
    table = _complete(facts)
    day = facts.collect(table.aggregate(day=table.date.min()))["day"][0]
    return day if isinstance(day, date) else None


def speakers(facts: Facts, classes: Sequence[ClassRule]) -> Columns:
    """Which class each speaking customer is in: class_id, customer_id, one row a pair."""
    table = _complete(facts)
    speaking = table.filter(table.customer_id.notnull()).select("customer_id").distinct()
    members = membership(facts, classes)
    joined = members.inner_join(speaking, members.customer_id == speaking.customer_id)
    return facts.collect(joined.select(members.class_id, members.customer_id), order=["class_id", "customer_id"])


def _complete(facts: Facts) -> "ir.Table":
    import ibis  # noqa: PLC0415

    table = facts.table("verbatims")
    blanks = {name: ibis.null(kind) for name, kind in _OPTIONAL if name not in table.columns}
    return table.mutate(**blanks) if blanks else table
