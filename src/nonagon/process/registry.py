"""The nine rooms as the process sees them. The workspace, which knows them, registers them at start."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from nonagon.deliverables.decisions import DecisionDocument, Fault
from nonagon.deliverables.evidence import Value

HEAD = 0
"""The step number of the cycle's own document: register, settings, sources."""


@dataclass(frozen=True, slots=True)
class Room:
    """One step: number, word (URL, folder), title, model of its decisions; confidential: on need to know."""

    number: int
    word: str
    title: str
    decisions: type[DecisionDocument]
    confidential: bool = False


class Guard(Protocol):
    """A room's own rule on changes of its document: what is wrong with this one; an empty list lets it pass.

    actor: an `accounts.access.Actor`; cycle: a `process.models.Cycle`; before, after: the document.
    """

    def __call__(self, *, actor: Any, cycle: Any, before: Any, after: Any) -> list[Fault]: ...


Faults = Callable[[Any, Mapping[int, DecisionDocument]], dict[int, list[Fault]]]

_rooms: dict[int, Room] = {}
_head: list[type[Value]] = []
_faults: list[Faults] = []
_guards: dict[int, list[Guard]] = {}


def register(*, rooms: tuple[Room, ...], head: type[Value], faults: Faults) -> None:
    """Called once at start. head: the model of document 0; faults: what is wrong across documents."""
    _rooms.clear()
    _rooms.update({room.number: room for room in rooms})
    _head[:] = [head]
    _faults[:] = [faults]


def guard(step: int, rule: Guard) -> None:
    """Called by a room at start: `documents` asks the rule before it keeps any change of the step's document."""
    held = _guards.setdefault(step, [])
    if rule not in held:
        held.append(rule)


def refused(step: int, *, actor: Any, cycle: Any, before: Any, after: Any) -> list[Fault]:
    """What the room's guards have against a change."""
    rules = _guards.get(step, ())
    return [one for rule in rules for one in rule(actor=actor, cycle=cycle, before=before, after=after)]


def rooms() -> tuple[Room, ...]:
    """The nine in order."""
    return tuple(_rooms[number] for number in sorted(_rooms))


def room(step: int) -> Room:
    """One of the nine."""
    return _rooms[step]


def room_of_word(word: str) -> Room | None:
    """The room that an address names."""
    return next((one for one in _rooms.values() if one.word == word), None)


def model_of(step: int) -> type[Value]:
    """The model of a document: 0 the cycle's head, 1 to 9 the steps' decisions."""
    return _head[0] if step == HEAD else _rooms[step].decisions


def faults_of(head: Value, documents: Mapping[int, DecisionDocument]) -> dict[int, list[Fault]]:
    """What is wrong across the documents, by step."""
    return _faults[0](head, documents)


def is_open(step: int) -> bool:
    """Whether everybody in the organization may read the step's decisions; HEAD's too."""
    return step == HEAD or not room(step).confidential


# --- rows that know records by their ids ----------------------------------------------------------------


Follow = Callable[[Any, str, str, str], None]

_follow: list[Follow] = []


def follow_ids(hook: Follow) -> Follow:
    """Declares a function (cycle, kind, old, new): a room's own rows that know a record by its id follow it.

    `documents` calls it whenever a version gives a record another id, by renaming, editing, undo or redo.
    """
    if hook not in _follow:
        _follow.append(hook)
    return hook


def renamed(cycle: Any, kind: str, old: str, new: str) -> None:
    """Tells the rooms that a record has another id now."""
    for hook in _follow:
        hook(cycle, kind, old, new)


# --- rows that people type ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TypedRows:
    """Rows that people typed into a room, as a source of facts.

    name: of the source and of its file, `typed/<name>.csv`, letters, digits and underscores; table: the fact
    table; columns: names of that table's columns, in the order of the cells of each row; None is a blank cell.
    """

    name: str
    table: str
    columns: tuple[str, ...]
    rows: Iterable[Sequence[Any]]


Typed = Callable[[Any], Iterable[TypedRows]]

_typed: list[Typed] = []


def before_import(hook: Typed) -> Typed:
    """Declares a function (cycle) -> what was typed there, which every import asks first.

    The room keeps its rows in the database and, after a change, calls `jobs.enqueue("import", cycle=...,
    person=...)`; the import writes them to `files/typed/<name>.csv`, adds the source to the cycle's head where it
    is not there yet, and reads them like any other file. So they are in the facts, in the archive, and in
    `nonagon run`. Rows that were all taken back still give their table (with no row): the file then goes away.
    """
    if hook not in _typed:
        _typed.append(hook)
    return hook


def typed_rows(cycle: Any) -> list[TypedRows]:
    """What was typed into the rooms of a cycle."""
    return [one for hook in _typed for one in hook(cycle)]
