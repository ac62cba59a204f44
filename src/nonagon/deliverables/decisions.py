"""The base of a step's decision document: the TOML of a cycle folder, and later the form and the API."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

from nonagon.deliverables.cycle import Cycle
from nonagon.deliverables.evidence import Value
from nonagon.deliverables.references import Defines, Place, Refers, changed_texts, places


@dataclass(frozen=True, slots=True)
class Known:
    """The ids that the cycle's register and all nine documents define, by kind, for checking references.

    Kinds in use: item, class, need, characteristic, opportunity, project, activity, control_item,
    improvement, process, competitor, product, objective, seller; attribute (what a class rule may ask of
    customers), answers attribute, verbatims attribute, sales attribute, measurements attribute (what is there).

    partial: another document could not be read, so kinds without any id may be defined there.
    """

    ids: dict[str, frozenset[str]] = field(default_factory=dict)
    cycle: Cycle | None = None
    partial: bool = False

    def of(self, kind: str) -> frozenset[str]:
        """The ids of one kind."""
        return self.ids.get(kind, frozenset())


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong inside a document: where (a path of keys and positions, as pydantic's `loc`) and what."""

    path: tuple[str | int, ...]
    message: str


class DecisionDocument(Value):
    """What people decide in one step.

    `lists` names the fields that may stand as CSV beside the TOML: field name -> file name in decisions/.
    A CSV's columns are the fields of the list's model; an empty cell leaves the field out; a field that is a
    tuple of text is written with semicolons between.
    """

    lists: ClassVar[dict[str, str]] = {}

    def places(self) -> Iterator[Place]:
        """Every place that gives or names ids, as it is written."""
        return places(self)

    def defines(self) -> Iterator[tuple[str, str]]:
        """Every (kind, id) that this document defines."""
        return defined_in(self)

    def references(self) -> Iterator[Place]:
        """Every place that names ids, as it is to be read now."""
        return (one for one in self.places() if isinstance(one.mark, Refers))

    def renaming(self, kind: str, old: str, new: str) -> Iterator[tuple[tuple[str | int, ...], Any]]:
        """Where it changes when the record of `kind` named `old` is named `new`, and what stands there then."""
        return changed_texts(self, list(self.places()), kind, old, new)

    def is_spoken_for(self, kind: str, new: str, old: str) -> bool:
        """Whether `new`, though no record has this id, means one here all the same, another than `old`."""
        del kind, new, old
        return False

    def unknown_references(self, known: Known) -> Iterator[Fault]:
        """A fault for each reference to what no document defines."""
        for one in self.references():
            if isinstance(one.mark, Refers) and one.mark.checked:
                yield from _unknown_at(one, known)

    def faults(self, known: Known) -> Iterator[Fault]:
        """What is wrong in view of the other documents: unknown ids, cycles, sums that do not match."""
        del known
        return iter(())


def places_in(document: Value) -> Iterator[Place]:
    """Every place of a document, the cycle's head too, that gives or names ids, as it is written."""
    return document.places() if isinstance(document, DecisionDocument) else places(document)


def defined_in(document: Value) -> Iterator[tuple[str, str]]:
    """Every (kind, id) that a document, the cycle's head too, gives a record."""
    return (found for one in places_in(document) if isinstance(one.mark, Defines) for found in one.ids())


def renaming_in(document: Value, kind: str, old: str, new: str) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Where a document, the cycle's head too, changes when a record has another id, and what stands there then."""
    if isinstance(document, DecisionDocument):
        return document.renaming(kind, old, new)
    return changed_texts(document, list(places(document)), kind, old, new)


def naming(document: Value, kind: str, own: str) -> Iterator[Place]:
    """The places of a document that name the record of `kind` with the id `own`."""
    return (one for one in places_in(document) if isinstance(one.mark, Refers) and (kind, own) in one.ids())


def _unknown_at(place: Place, known: Known) -> Iterator[Fault]:
    for meanings in place.meanings():
        if not any(one in known.of(kind) for kind, one in meanings):
            kind, one = meanings[0]
            yield from unknown(place.path, kind, one, known)


def unknown(path: tuple[str | int, ...], kind: str, value: str, known: Known) -> Iterator[Fault]:
    """A fault when `value` is no known id of `kind`; names the nearest known ids."""
    ids = known.of(kind)
    if value in ids or (known.partial and not ids):
        return
    from difflib import get_close_matches  # noqa: PLC0415  (only needed for the message)

    near = get_close_matches(value, sorted(ids), n=3)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    word = kind.replace("_", " ")
    more = f" and {len(ids) - 8} more" if len(ids) > 8 else ""
    have = (", ".join(sorted(ids)[:8]) or "none") + more
    yield Fault(path, f"names the unknown {word} {value!r}{hint} (known: {have})")


def repeated(path: tuple[str | int, ...], ids: list[str], word: str) -> Iterator[Fault]:
    """A fault for each id that stands twice."""
    seen: set[str] = set()
    for position, value in enumerate(ids):
        if value in seen:
            yield Fault((*path, position, "id"), f"the {word} {value!r} stands twice; give each its own id")
        seen.add(value)
