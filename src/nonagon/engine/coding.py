"""Queries on coded verbatims: how often each need was said, by how many, in which class; never a row a customer.

What the coding rules found lies in files beside the facts (`facts/codes.py`), one row for each need of a verbatim
and one for a verbatim without a need. What people decided since is joined when it is counted: codes by hand count
in place of the rules, withdrawn verbatims do not count at all. So neither changes a file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from nonagon.engine.customers import ClassRule, membership
from nonagon.engine.facts import Columns, Facts

if TYPE_CHECKING:
    import ibis.expr.types as ir

    Units: TypeAlias = ir.Table
    """Coded rows, each with the `unit` in which it was said."""

_PAIRS = {"verbatim_id": "string", "hand": "string", "hand_once": "int32"}
_WHOLES = {"said": "string", "whole": "string"}
LOTS = 1 << 32
"""Each verbatim draws a lot below this number by its id, for whoever wants some of them."""


@dataclass(frozen=True, slots=True)
class Coded:
    """Coded verbatims, ready to be counted.

    table: one row for each need of a verbatim, need being None where it has none: verbatim_id, respondent_id,
    customer_id, channel, need, speaker; once: 1 in one row of each verbatim, 0 in its others; by_hand: 1 where a
    person coded it; negated: matches of the verbatim that a denying word set aside; lot: from 0 to below `LOTS`.
    """

    facts: Facts
    table: "ir.Table"


@dataclass(frozen=True, slots=True)
class Counts:
    """How many verbatims, customers who spoke, coded verbatims, ... there are."""

    verbatims: int
    speakers: int
    coded: int
    by_hand: int
    mentions: int
    negated: int


@dataclass(frozen=True, slots=True)
class SaidOfNeed:
    """How often a need was said: in how many verbatims; with its parts by how many, in how many different ones."""

    verbatims: int = 0
    speakers: int = 0
    different: int = 0


@dataclass(frozen=True, slots=True)
class Incidence:
    """In how many units each need came up; class_id: None for all units."""

    class_id: str | None
    units: int
    needs: Mapping[str, int]


def coded(
    facts: Facts,
    label: str,
    files: Sequence[Path],
    *,
    by_hand: Mapping[str, Sequence[str]] | None = None,
    withdrawn: Sequence[str] = (),
) -> Coded:
    """The codes in the files, with what people decided: needs by verbatim, and ids that do not count any more.

    label: of the files' content.
    """
    import ibis  # noqa: PLC0415

    found = facts.beside(label, files)
    if withdrawn:
        gone = ibis.memtable({"verbatim_id": list(dict.fromkeys(withdrawn))}, schema={"verbatim_id": "string"})
        found = found.anti_join(gone, "verbatim_id")
    found = found.mutate(by_hand=ibis.literal(0, type="int32"))
    if by_hand:
        found = _with_hands(found, by_hand)
    speaker = ibis.coalesce(
        ibis.literal("customer ") + found.customer_id,
        ibis.literal("respondent ") + found.respondent_id,
        ibis.literal("verbatim ") + found.verbatim_id,
    )
    return Coded(facts, found.mutate(speaker=speaker))


def _with_hands(found: "ir.Table", by_hand: Mapping[str, Sequence[str]]) -> "ir.Table":
    import ibis  # noqa: PLC0415

    pairs = [
        (verbatim, need, int(place == 0))
        for verbatim, needs in by_hand.items()
        for place, need in enumerate(needs or (None,))
    ]
    columns = dict(zip(_PAIRS, (list(column) for column in zip(*pairs, strict=True)), strict=True))
    hands = ibis.memtable(columns, schema=_PAIRS)
    ruled = found.anti_join(hands, "verbatim_id")
    read = found.filter(found.once == 1).inner_join(hands, "verbatim_id")
    read = read.mutate(need=read.hand, once=read.hand_once, by_hand=ibis.literal(1, type="int32"))
    return ruled.union(read.select(*found.columns))


def counts(coded: Coded) -> Counts:
    """The figures of all verbatims."""
    table = coded.table
    found = coded.facts.collect(
        table.aggregate(
            verbatims=_total(table.once),
            speakers=table.speaker.nunique(),
            coded=_total(table.once.cast("int64") * table.need.notnull().cast("int64")),
            by_hand=_total(table.once.cast("int64") * table.by_hand),
            mentions=table.need.count(),
            negated=_total(table.once.cast("int64") * table.negated),
        )
    )
    return Counts(**{name: int(found[name][0]) for name in Counts.__dataclass_fields__})


def _total(column: "ir.Column") -> "ir.Scalar":
    return column.cast("int64").sum().fill_null(0)


def by_need(coded: Coded, parts: Mapping[str, Sequence[str]]) -> dict[str, SaidOfNeed]:
    """How often each need was said. parts: need -> itself and every need below it."""
    import ibis  # noqa: PLC0415

    table = coded.table.filter(coded.table.need.notnull())
    own = coded.facts.collect(table.group_by("need").aggregate(n=table.count()), order=["need"])
    rows = dict(zip(own["need"].tolist(), own["n"].tolist(), strict=True))
    pairs = [(part, whole) for whole, below in parts.items() for part in below if part in rows]
    if not pairs:
        return {need: SaidOfNeed(n) for need, n in rows.items()}
    said, wholes = (list(column) for column in zip(*pairs, strict=True))
    below = ibis.memtable({"said": said, "whole": wholes}, schema=_WHOLES)
    joined = table.inner_join(below, table.need == below.said)
    wide = joined.group_by("whole").aggregate(
        speakers=joined.speaker.nunique(), different=joined.verbatim_id.nunique()
    )
    found = coded.facts.collect(wide, order=["whole"])
    together = zip(*(found[name].tolist() for name in ("whole", "speakers", "different")), strict=True)
    return {need: SaidOfNeed(n) for need, n in rows.items()} | {
        whole: SaidOfNeed(rows.get(whole, 0), speakers, different) for whole, speakers, different in together
    }


def naming(coded: Coded, needs: Sequence[str] | None = None) -> int:
    """How many customers named one of the needs; None: any need."""
    table = coded.table.filter(coded.table.need.notnull())
    if needs is not None:
        if not needs:
            return 0
        table = table.filter(table.need.isin(list(needs)))
    return int(coded.facts.collect(table.aggregate(n=table.speaker.nunique()))["n"][0])


# --- units: interviews, or customers who spoke ------------------------------------------------------------


def interviews(coded: Coded, channels: Sequence[str]) -> "Units | None":
    """The rows of interviews, each with its `unit`; None where fewer than two were held.

    channels: names of those in which interviews are told, in any case. A unit is a respondent, or where none is
    named the speaker.
    """
    table = coded.table
    wanted = {one.casefold() for one in channels}
    there = coded.facts.collect(table.select("channel").distinct(), order=["channel"])["channel"].tolist()
    named = [one for one in there if (one or "").casefold() in wanted]
    if not named:
        return None
    rows = table.filter(table.channel.fill_null("").isin([one or "" for one in named]))
    rows = rows.mutate(unit=rows.respondent_id.coalesce(rows.speaker))
    return rows if _number(coded, rows) >= 2 else None


def speakers(coded: Coded) -> "Units":
    """All rows, each with its `unit`: who spoke."""
    return coded.table.mutate(unit=coded.table.speaker)


def incidence(coded: Coded, units: "Units") -> Incidence:
    """In how many units each need came up."""
    pairs = _pairs(units)
    found = coded.facts.collect(pairs.group_by("need").aggregate(n=pairs.count()), order=["need"])
    needs = dict(zip(found["need"].tolist(), found["n"].tolist(), strict=True))
    return Incidence(None, _number(coded, units), needs)


def incidence_by_class(
    coded: Coded, units: "Units", classes: Sequence[ClassRule], *, apart: bool
) -> dict[str, Incidence]:
    """The same in each class that a unit belongs to, by the class of the unit's customer.

    apart: whether a unit may hold the words of several customers: its customer is then that of its first verbatim.
    Raises ArgumentError for a class whose rule names a field that no customer has.
    """
    members = membership(coded.facts, classes)
    people = _first_of_each(units) if apart else units.select("unit", "customer_id").distinct()
    of_class = people.inner_join(members, people.customer_id == members.customer_id).select("class_id", "unit")
    many = coded.facts.collect(of_class.group_by("class_id").aggregate(n=of_class.count()), order=["class_id"])
    pairs = _pairs(units)
    joined = of_class.inner_join(pairs, "unit")
    said = joined.group_by("class_id", "need").aggregate(n=joined.count())
    found = coded.facts.collect(said, order=["class_id", "need"])
    needs: dict[str, dict[str, int]] = {}
    for class_id, need, n in zip(*(found[name].tolist() for name in ("class_id", "need", "n")), strict=True):
        needs.setdefault(class_id, {})[need] = n
    return {
        class_id: Incidence(class_id, n, needs.get(class_id, {}))
        for class_id, n in zip(many["class_id"].tolist(), many["n"].tolist(), strict=True)
    }


def _number(coded: Coded, units: "Units") -> int:
    return int(coded.facts.collect(units.aggregate(n=units.unit.nunique()))["n"][0])


def _pairs(units: "Units") -> "ir.Table":
    """Each need of each unit, once."""
    return units.filter(units.need.notnull()).select("unit", "need").distinct()


def _first_of_each(units: "Units") -> "ir.Table":
    import ibis  # noqa: PLC0415

    once = units.filter(units.once == 1)
    place = ibis.row_number().over(group_by="unit", order_by=["verbatim_id", "customer_id"])
    ranked = once.mutate(place=place)
    return ranked.filter(ranked.place == 0).select("unit", "customer_id")


# --- single verbatims -------------------------------------------------------------------------------------


def drawn(coded: Coded, most: int, of: int) -> "ir.Table | None":
    """The ids of about `most` verbatims out of `of`, drawn by their ids; None where that is all of them."""
    if of <= most:
        return None
    return coded.table.filter(coded.table.lot < LOTS * most // of).select("verbatim_id")


def with_need(coded: Coded, needs: Sequence[str] | None = None) -> "ir.Table":
    """The ids of verbatims that speak of one of the needs; None: of any."""
    table = coded.table.filter(coded.table.need.notnull())
    return (table if needs is None else table.filter(table.need.isin(list(needs)))).select("verbatim_id")


def ids(coded: Coded, needs: Sequence[str], *, start: int = 0, most: int = 50) -> tuple[list[str], int]:
    """A part of the ids of verbatims that speak of one of the needs, each once and in order, and how many."""
    if not needs:
        return [], 0
    table = with_need(coded, needs).distinct()
    many = int(coded.facts.collect(table.aggregate(n=table.count()))["n"][0])
    found = coded.facts.collect(table.order_by("verbatim_id").limit(most, offset=start), order=["verbatim_id"])
    return [str(one) for one in found["verbatim_id"]], many


def ids_like(coded: Coded, text: str, *, most: int) -> list[str]:
    """The first ids, in order, of verbatims that speak of any need and whose id holds the text, in any case."""
    table = with_need(coded)
    table = table.filter(table.verbatim_id.lower().contains(text.lower())).distinct()
    found = coded.facts.collect(table.order_by("verbatim_id").limit(most), order=["verbatim_id"])
    return [str(one) for one in found["verbatim_id"]]


def surest(facts: Facts, label: str, files: Sequence[Path]) -> "ir.Table":
    """Verbatims for which a need is suggested in the files, each once, with the `score` of its best suggestion."""
    found = facts.beside(label, files)
    return found.group_by("verbatim_id").aggregate(score=found.score.max())


def suggested(facts: Facts, label: str, files: Sequence[Path], some: Sequence[str]) -> dict[str, list[str]]:
    """What the files suggest for a few verbatims, the likeliest first; one without any is left out."""
    found = facts.beside(label, files)
    few = found.filter(found.verbatim_id.isin(list(some)))
    rows = facts.collect(few, order=["verbatim_id", "score", "need"])
    needs = zip(*(rows[name].tolist() for name in ("need", "second", "third")), strict=True)
    # Of an id that was given twice the surer one stays: it comes last.
    return {
        str(verbatim): [need for need in own if need is not None]
        for verbatim, own in zip(rows["verbatim_id"], needs, strict=True)
    }


def needs_of(coded: Coded, verbatims: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The needs of a few verbatims, in the order of their ids; a verbatim that is not there is left out."""
    table = coded.table.filter(coded.table.verbatim_id.isin(list(verbatims)))
    found: Columns = coded.facts.collect(
        table.select("verbatim_id", "need").distinct(), order=["verbatim_id", "need"]
    )
    needs: dict[str, list[str]] = {}
    for verbatim, need in zip(found["verbatim_id"].tolist(), found["need"].tolist(), strict=True):
        needs.setdefault(verbatim, []).extend([need] if need is not None else [])
    return {verbatim: tuple(held) for verbatim, held in needs.items()}
