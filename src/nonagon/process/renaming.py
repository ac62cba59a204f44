"""Another short id for a record: everything that names it names it by the new one, in all documents as one."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from nonagon.accounts.access import Actor, Permission, require
from nonagon.deliverables.decisions import DecisionDocument, places_in, renaming_in
from nonagon.deliverables.evidence import Value
from nonagon.deliverables.references import Defines, Place, Refers
from nonagon.process import documents, registry, vault
from nonagon.process.documents import DocumentError, Saved, Wrong
from nonagon.process.edits import Edit
from nonagon.process.models import Cycle
from nonagon.process.veil import PLAN_KINDS

MOST_LETTERS = 60
PROPER = re.compile(r"\w(?:[\w.-]*\w)?")
"""Letters and digits of any script, with _, . and - between: what needs no quotes in a list or an address."""

Documents = Mapping[int, Value]


@dataclass(slots=True)
class Renaming:
    """What a renaming changes: the edits by step, and how many places of which list, its own among them."""

    edits: dict[int, list[Edit]] = field(default_factory=dict)
    places: Counter[tuple[int, str]] = field(default_factory=Counter)


def rename(*, actor: Actor, cycle: Cycle, kind: str, old: str, new: str) -> dict[int, Saved]:
    """Gives the record of `kind` named `old` the id `new`, with all that names it; what stands then, by step.

    kind: as the models define it, such as `need`. One audit entry; taken back as one. References in the
    confidential plan follow whoever asks, since the chain would break otherwise; they are not told to others. The
    plan's own projects and activities are renamed by its team. Raises DocumentError where the id is unknown,
    taken, or the data's own; then nothing is changed.
    """
    _allow(actor, cycle, kind)
    new = new.strip()
    with documents.held(cycle):
        found = documents.by_step(cycle)
        wrong = [*_why_not_from(found, kind, old), *_why_not_to(found, kind, old, new)]
        if wrong:
            raise DocumentError([Wrong((), one) for one in wrong])
        action = "plan.rename" if kind in PLAN_KINDS else "decisions.rename"
        saved = documents.edit_together(
            actor=actor,
            cycle=cycle,
            edits=planned(found, kind, old, new).edits,
            action=action,
            subject=old,
            kind=kind,
            new=new,
        )
    return _told_to(actor, cycle, saved)


def foreseen(*, actor: Actor, cycle: Cycle, kind: str, old: str) -> tuple[Counter[tuple[int, str]], list[str]]:
    """How many places of which step and list would change, as the actor may know it, and why it cannot be done."""
    _allow(actor, cycle, kind)
    found = documents.by_step(cycle)
    wrong = list(_why_not_from(found, kind, old))
    there = planned(found, kind, old, old + "\0").places if not wrong else Counter()
    sees_plan = vault.may_read(actor, cycle)
    return Counter({at: count for at, count in there.items() if sees_plan or registry.is_open(at[0])}), wrong


def planned(found: Documents, kind: str, old: str, new: str) -> Renaming:
    """What changes in which document; `found` holds the ten of them by step."""
    plan = Renaming()
    for step, document in sorted(found.items()):
        changes = dict(renaming_in(document, kind, old, new))
        if not changes:
            continue
        plan.edits[step] = [Edit("set", path, value=value) for path, value in changes.items()]
        for one in places_in(document):
            if (kind, old) in one.ids() and (one.path in changes or one.path[:-1] in changes):
                plan.places[step, str(one.path[0])] += 1
    return plan


def _allow(actor: Actor, cycle: Cycle, kind: str) -> None:
    require(actor, cycle, Permission.EDIT)
    if kind in PLAN_KINDS:
        vault.require_reader(actor, cycle, what=_("renaming in the plan"))


def _told_to(actor: Actor, cycle: Cycle, saved: dict[int, Saved]) -> dict[int, Saved]:
    sees_plan = vault.may_read(actor, cycle)
    return {step: one for step, one in saved.items() if sees_plan or registry.is_open(step)}


# --- why an id cannot be given


def _why_not_from(found: Documents, kind: str, old: str) -> Iterator[str]:
    """What is in the way of giving this record another id, whatever it is."""
    given = {"id": old}
    defining = [one for one in _places(found) if isinstance(one.mark, Defines) and (kind, old) in one.ids()]
    if not defining:
        yield _("Nothing has the id “%(id)s” any more; reload the page.") % given
        return
    if len(defining) > 1:
        yield _("The id “%(id)s” stands twice; give each entry its own first, in the list.") % given
    if any(isinstance(one.mark, Defines) and one.mark.in_data for one in defining):
        yield _("The data use the id “%(id)s”, so it stays; what people read is the name beside it.") % given
    stands_for = _stands_for(found, defining)
    if stands_for:
        yield _("“%(id)s” stands for the need “%(need)s”; rename the need.") % {**given, "need": stands_for}
    others = _kinds_beside(found, kind) - {kind}
    if any((other, old) in _defined(found) for other in others):
        yield _("Another record beside it has the id “%(id)s” too; give that one another id first.") % given


def _why_not_to(found: Documents, kind: str, old: str, new: str) -> Iterator[str]:
    """What is wrong with the new id."""
    given = {"id": new}
    if len(new) > MOST_LETTERS or not PROPER.fullmatch(new):
        yield _("An id has at most %(most)d letters and digits, with _, - or . between them; got “%(id)s”.") % {
            "most": MOST_LETTERS,
            "id": new[:100],
        }
        return
    if new == old:
        yield _("“%(id)s” is the id that it has; give another one.") % given
        return
    kinds = _kinds_beside(found, kind)
    taken = any(meaning in {(one, new) for one in kinds} for meaning in _meant(found))
    spoken_for = any(
        isinstance(one, DecisionDocument) and one.is_spoken_for(kind, new, old) for one in found.values()
    )
    if taken or spoken_for:
        yield _("The id “%(id)s” is taken, or something names it already; choose another one.") % given
    defining = [one for one in _places(found) if (kind, old) in one.ids()]
    stands_for = _stands_for(found, [replace(one, text=one.renamed(kind, old, new)) for one in defining])
    if stands_for:
        yield _("“%(id)s” would stand for the need “%(need)s”; choose another one.") % {
            **given,
            "need": stands_for,
        }


def _stands_for(found: Documents, places: list[Place]) -> str:
    """The need that an opportunity's id is made of, where it is made of one."""
    needs = {own for kind, own in _defined(found) if kind == "need"}
    at = {one.path: one.text for one in places if isinstance(one.mark, Defines)}
    behind = [one for one in _places(found) if isinstance(one.mark, Refers) and one.path in at]
    meant = (pair for one in behind for pair in replace(one, text=at[one.path]).ids())
    return next((own for kind, own in meant if kind == "need" and own in needs), "")


def _places(found: Documents) -> Iterator[Place]:
    for document in found.values():
        yield from places_in(document)


def _defined(found: Documents) -> set[tuple[str, str]]:
    return {pair for one in _places(found) if isinstance(one.mark, Defines) for pair in one.ids()}


def _meant(found: Documents) -> Iterator[tuple[str, str]]:
    """Every id that is given or named in the documents, as it is to be read now."""
    yield from _defined(found)
    for document in found.values():
        named = document.references() if isinstance(document, DecisionDocument) else places_in(document)
        for one in named:
            yield from one.ids()


def _kinds_beside(found: Documents, kind: str) -> set[str]:
    """The kind, and those of records that the same places may name."""
    kinds = {kind}
    for one in _places(found):
        if isinstance(one.mark, Refers) and kind in one.mark.kinds:
            kinds |= set(one.mark.kinds)
    return kinds
