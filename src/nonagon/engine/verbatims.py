"""Queries on verbatims: the texts themselves, block by block for the coding rules and page by page for people."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

import numpy as np

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

BLOCK = 20_000
"""Verbatims of a block at most, where a thousand records of a file do not hold more by themselves."""
_STRIPE = 1_000
"""Records of a file that stay in one block."""
_BLOCKS_AT_ONCE = 6
"""Blocks that are read by one query: about as many rows as a group of rows in the files of the facts."""
_CODED = ("verbatim_id", "respondent_id", "customer_id", "channel", "language", "text")


def texts(facts: Facts, *, only: "Sequence[str] | ir.Table | None" = None) -> Columns:
    """Verbatims about us, by their ids: verbatim_id, text, and the optional columns (None where blank).

    only: the ids, or a table that has them in `verbatim_id`; None: all, so only where they are known to be few.
    """
    ours = _ours(facts)
    if only is not None:
        ours = ours.semi_join(_ids(only), "verbatim_id")
    wanted = ["verbatim_id", "text", *[name for name, _ in _OPTIONAL]]
    # An id that was given twice: in the order of arrival.
    return facts.collect(ours.order_by(["verbatim_id", "file", "row"]).select(*wanted))


@dataclass(frozen=True, slots=True)
class Stretch:
    """Records of one file that lie together: from the row `first` to before `end`, `rows` verbatims about us."""

    source: str
    file: str
    first: int
    end: int
    rows: int


def stretches(facts: Facts, *, most: int = BLOCK) -> list[Stretch]:
    """The verbatims about us cut into blocks of at most `most`, by where they came from.

    A block holds records of one file, so that the blocks of other files stay what they are when a file is added,
    and those before the end when one grows.
    """
    table = _ours(facts, records=True)
    part = (table.row / _STRIPE).floor().cast("int64")
    counted = table.group_by(source=table.source, file=table.file, part=part).aggregate(n=table.count())
    found = facts.collect(counted, order=["source", "file", "part"])
    blocks: list[Stretch] = []
    for source, file, at, n in zip(
        *(found[name].tolist() for name in ("source", "file", "part", "n")), strict=True
    ):
        stripe = Stretch(source, file, at * _STRIPE, (at + 1) * _STRIPE, n)
        last = blocks[-1] if blocks else None
        if last and (last.source, last.file) == (source, file) and last.rows + n <= most:
            blocks[-1] = Stretch(source, file, last.first, stripe.end, last.rows + n)
        else:
            blocks.append(stripe)
    return blocks


def blocks(facts: Facts, found: Sequence[Stretch]) -> Iterator[Columns]:
    """The verbatims of each stretch, in their order; memory is that of a few blocks.

    Columns: verbatim_id, respondent_id, customer_id, channel, language, text. The customers are those of the
    records, not the people whom several records name.
    """
    for start in range(0, len(found), _BLOCKS_AT_ONCE):
        yield from _read_together(facts, found[start : start + _BLOCKS_AT_ONCE])


def _read_together(facts: Facts, found: Sequence[Stretch]) -> Iterator[Columns]:
    table = _ours(facts, records=True)
    # One range for each file: groups of rows that lie outside of it are not even opened.
    ends: dict[tuple[str, str], tuple[int, int]] = {}
    for one in found:
        first, end = ends.get((one.source, one.file), (one.first, one.end))
        ends[one.source, one.file] = (min(first, one.first), max(end, one.end))
    inside = [
        (table.source == source) & (table.file == file) & (table.row >= first) & (table.row < end)
        for (source, file), (first, end) in ends.items()
    ]
    where = ["source", "file", "row", "verbatim_id", "text"]
    wanted = table.filter(reduce(or_, inside)).select(*dict.fromkeys((*where, *_CODED)))
    rows = facts.collect(wanted, order=where)
    for one in found:
        here = (rows["source"] == one.source) & (rows["file"] == one.file)
        here &= (rows["row"] >= one.first) & (rows["row"] < one.end)
        at = np.flatnonzero(here)
        yield {name: rows[name][at] for name in _CODED}


def page(
    facts: Facts,
    *,
    only: "Sequence[str] | ir.Table | None" = None,
    without: Sequence[str] = (),
    without_those_in: "ir.Table | None" = None,
    containing: str = "",
    first: "ir.Table | None" = None,
    start: int = 0,
    most: int = 50,
) -> tuple[Columns, int]:
    """Some verbatims about us in the order of their ids, without who said them, and how many there are in all.

    only: ids to choose from (None: all), as a list or as a table that has them in `verbatim_id`; without: ids to
    leave out; without_those_in: a table of more of them; containing: text that must stand in them, in any case;
    first: a table of those that go before all others, `verbatim_id` once each with a `score`, the highest first;
    start, most: which part of them. Columns: verbatim_id, text, wave, date, channel, language.
    """
    found = _ours(facts)
    if only is not None:
        found = found.semi_join(_ids(only), "verbatim_id")
    if without:
        found = found.anti_join(_ids(without), "verbatim_id")
    if without_those_in is not None:
        found = found.anti_join(_ids(without_those_in), "verbatim_id")
    if containing:
        found = found.filter(found.text.lower().contains(containing.lower()))
    count = int(facts.collect(found.aggregate(n=found.count()))["n"][0])
    names = ["verbatim_id", "text", "wave", "date", "channel", "language"]
    if first is None:
        shown = found.select(*names).order_by("verbatim_id").limit(most, offset=start)
        return facts.collect(shown, order=["verbatim_id"]), count
    ahead = found.left_join(first, "verbatim_id")
    ahead = ahead.mutate(behind=-ahead.score.fill_null(0.0)).select("behind", *names)
    shown = ahead.order_by(["behind", "verbatim_id"]).limit(most, offset=start)
    rows = facts.collect(shown, order=["behind", "verbatim_id"])
    return {name: rows[name] for name in names}, count


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


def _ours(facts: Facts, *, records: bool = False) -> "ir.Table":
    """Verbatims about us. records: with the customers' records in place of people."""
    table = _complete(facts, records=records)
    return table.filter(table.subject.isnull() | (table.subject == facts.our_subject))


def _ids(some: "Sequence[str] | ir.Table") -> "ir.Table":
    import ibis  # noqa: PLC0415

    if isinstance(some, ibis.Table):
        return some.select("verbatim_id").distinct()
    return ibis.memtable({"verbatim_id": list(some)}, schema=_IDS)


def _complete(facts: Facts, *, records: bool = False) -> "ir.Table":
    import ibis  # noqa: PLC0415

    table = facts.records("verbatims") if records else facts.table("verbatims")
    blanks = {name: ibis.null(kind) for name, kind in _OPTIONAL if name not in table.columns}
    return table.mutate(**blanks) if blanks else table
