"""The trace: verbatim -> need -> characteristic -> opportunity -> project -> activity -> control item ->
follow-up -> result. From any record one can walk it both ways; orphans and dead ends are listed."""

from collections import defaultdict
from collections.abc import Iterable
from typing import get_args

from nonagon.deliverables.evidence import Deliverable, Kind, Link, Value

KINDS: tuple[Kind, ...] = get_args(Kind)
Record = tuple[Kind, str]


class Broken(Value):
    """A record whose chain ends too early, with the sentence that says so."""

    kind: Kind
    id: str
    sentence: str


class Chain(Value):
    """Everything that one need hangs together with, by kind, in the order of the trace."""

    need: str
    forward: dict[Kind, tuple[str, ...]]
    verbatims: int
    reaches_result: bool


class Trace(Value):
    """All links of the cycle, the chain of every need, and where chains break.

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
    needs = sorted({record for record in [*forward, *backward] if record[0] == "need"})
    chains = tuple(_chain(need, forward, backward) for need in needs)
    return Trace(
        links=links,
        chains=chains,
        orphans=_orphans(forward, backward),
        dead_ends=_dead_ends(forward, backward, _left(all_of_them)),
    )


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


def walk(links: Iterable[Link], kind: Kind, record_id: str, *, back: bool = False) -> dict[Kind, tuple[str, ...]]:
    """Everything that a record leads to (or, with `back`, comes from), by kind in the order of the trace."""
    forward, backward = _neighbours(links)
    found = _reached((kind, record_id), backward if back else forward)
    return {
        one: tuple(sorted(value for at, value in found if at == one))
        for one in KINDS
        if any(at == one for at, _ in found)
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


def _chain(need: Record, forward: Neighbours, backward: Neighbours) -> Chain:
    ahead = _reached(need, forward)
    by_kind = {
        kind: tuple(sorted(value for at, value in ahead if at == kind))
        for kind in KINDS
        if any(at == kind for at, _ in ahead)
    }
    verbatims = sum(1 for kind, _ in _reached(need, backward) if kind == "verbatim")
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


def _dead_ends(forward: Neighbours, backward: Neighbours, left: set[Record]) -> tuple[Broken, ...]:
    records = sorted(set(forward) | set(backward), key=_place)
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
