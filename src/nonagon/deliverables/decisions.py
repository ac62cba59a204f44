"""The base of a step's decision document: the TOML of a cycle folder, and later the form and the API."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from nonagon.deliverables.cycle import Cycle
from nonagon.deliverables.evidence import Value


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

    def defines(self) -> Iterator[tuple[str, str]]:
        """Every (kind, id) that this document defines."""
        return iter(())

    def faults(self, known: Known) -> Iterator[Fault]:
        """What is wrong in view of the other documents: unknown ids, cycles, sums that do not match."""
        del known
        return iter(())


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
