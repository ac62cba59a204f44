"""The trace: verbatim -> need -> characteristic -> opportunity -> project -> activity -> control item ->
follow-up -> result. From any record one can walk it both ways; orphans and dead ends are listed."""

from collections import defaultdict
from collections.abc import Iterable
from typing import get_args

from nonagon.deliverables.evidence import Deliverable, Kind, Link, Value
from nonagon.deliverables.step3 import NeedResult, NeedsDeliverable

KINDS: tuple[Kind, ...] = get_args(Kind)
Record = tuple[Kind, str]


class Broken(Value):
    """A record whose chain ends too early, with the sentence that says so."""

    kind: Kind
    id: str
    sentence: str


class Chain(Value):
    """Everything that one need hangs together with, by kind, in the order of the trace.

    verbatims: how many different ones speak of it, or of a part of it.
    """

    need: str
    forward: dict[Kind, tuple[str, ...]]
    verbatims: int
    reaches_result: bool


class Trace(Value):
    """All links of the cycle, the chain of every need, and where chains break.

    What was said of a need is no link but a count in its chain, since it may be millions: which verbatims they are
    is asked of the codes beside the facts.
    orphans: records that nothing on the customers' side leads to. dead_ends: needs that no characteristic serves,
    and characteristics, opportunities, projects and control items that lead no further; what people chose not to
    take up is none, nor is an activity or a follow-up, whose project and whose items lead to the result.
    """

    links: tuple[Link, ...]
    chains: tuple[Chain, ...]
    orphans: tuple[Broken, ...]
    dead_ends: tuple[Broken, ...]


def trace(deliverables: Iterable[Deliverable]) -> Trace:
    """Joins the links of the nine deliverables."""
    all_of_them = tuple(deliverables)
    links = tuple(dict.fromkeys(link for one in all_of_them for link in one.links))
    forward, backward = _neighbours(links)
    spoken = {need.id: need.verbatims_with_parts for one in all_of_them for need in _needs(one)}
    heard: set[Record] = {("need", need.id) for one in all_of_them for need in _needs(one) if need.verbatims}
    needs = sorted(heard | {record for record in [*forward, *backward] if record[0] == "need"})
    return Trace(
        links=links,
        chains=tuple(_chain(need, forward, spoken.get(need[1], 0)) for need in needs),
        orphans=_orphans(forward, backward),
        dead_ends=_dead_ends(forward, backward, heard, _left(all_of_them)),
    )


def _needs(one: Deliverable) -> tuple[NeedResult, ...]:
    return one.needs if isinstance(one, NeedsDeliverable) else ()


def _left(deliverables: Iterable[Deliverable]) -> set[Record]:
    """Opportunities and projects that people did not take up."""
    fields: tuple[tuple[str, str, Kind], ...] = (
        ("opportunities", "chosen", "opportunity"),
        ("projects", "selected", "project"),
    )
    return {
        (kind, record.id)
        for one in deliverables
        for field, taken, kind in fields
        for record in getattr(one, field, ())
        if getattr(record, taken, True) is False
    }


Neighbours = dict[Record, set[Record]]


def _neighbours(links: Iterable[Link]) -> tuple[Neighbours, Neighbours]:
    forward: Neighbours = defaultdict(set)
    backward: Neighbours = defaultdict(set)
    for link in links:
        one, other = (link.from_kind, link.from_id), (link.to_kind, link.to_id)
        forward[one].add(other)
        backward[other].add(one)
    return dict(forward), dict(backward)


def _reached(start: Record, neighbours: Neighbours) -> set[Record]:
    """Records reached from `start`, never stepping back along the trace (links may join distant kinds)."""
    found: set[Record] = set()
    waiting = [start]
    while waiting:
        for record in neighbours.get(waiting.pop(), ()):
            if record not in found:
                found.add(record)
                waiting.append(record)
    return found - {start}


def _chain(need: Record, forward: Neighbours, verbatims: int) -> Chain:
    ahead = _reached(need, forward)
    by_kind = {
        kind: tuple(sorted(value for at, value in ahead if at == kind))
        for kind in KINDS
        if any(at == kind for at, _ in ahead)
    }
    return Chain(need=need[1], forward=by_kind, verbatims=verbatims, reaches_result="result" in by_kind)


_WORDS = {kind: kind.replace("_", "-") if kind == "follow_up" else kind.replace("_", " ") for kind in KINDS}


def _orphans(forward: Neighbours, backward: Neighbours) -> tuple[Broken, ...]:
    """Records after the needs that no need leads to."""
    found = []
    for kind, value in sorted(set(forward) | set(backward), key=_place):
        if kind in {"verbatim", "need"}:
            continue
        if not any(at == "need" for at, _ in _reached((kind, value), backward)):
            sentence = f"The {_WORDS[kind]} {value} serves no customer need."
            found.append(Broken(kind=kind, id=value, sentence=sentence))
    return tuple(found)


CARRY_ON: tuple[Kind, ...] = ("characteristic", "opportunity", "project", "control_item")


def _dead_ends(
    forward: Neighbours, backward: Neighbours, heard: set[Record], left: set[Record]
) -> tuple[Broken, ...]:
    records = sorted(heard.union(forward, backward), key=_place)
    unserved = {one for one in records if one[0] == "need" and not _is_served(one, forward, backward)}
    found = []
    for record in records:
        kind, value = record
        if record in unserved and not any(wider in unserved for wider in forward.get(record, ())):
            sentence = f"No characteristic serves the need {value}."
            found.append(Broken(kind=kind, id=value, sentence=sentence))
        elif kind in CARRY_ON and record not in left and not forward.get(record):
            sentence = f"Nothing follows from the {_WORDS[kind]} {value}."
            found.append(Broken(kind=kind, id=value, sentence=sentence))
    return tuple(found)


def _is_served(need: Record, forward: Neighbours, backward: Neighbours) -> bool:
    """Whether a characteristic serves the need, a wider need that it is part of, or a part of it."""
    wider = {one for one in _reached(need, forward) if one[0] == "need"}
    parts = {one for one in _reached(need, backward) if one[0] == "need"}
    family = {need} | wider | parts
    return any(kind == "characteristic" for one in family for kind, _ in forward.get(one, ()))


def _place(record: Record) -> tuple[int, str]:
    return KINDS.index(record[0]), record[1]
