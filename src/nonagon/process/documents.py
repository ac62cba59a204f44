"""Decision documents and their versions: the one way to change what people decide.

The database keeps every version with who, when and what changed; that gives undo, the audit log, staleness and
"the second editor is told" once for all nine rooms.
"""

import contextlib
import dataclasses
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from pydantic import ValidationError

from nonagon.accounts.access import Actor, Permission, require
from nonagon.deliverables.decisions import DecisionDocument, Fault
from nonagon.deliverables.evidence import Value
from nonagon.deliverables.mistakes import cleaned, said
from nonagon.deliverables.plain import plain
from nonagon.process import audit, jobs, registry, vault, veil
from nonagon.process.edits import Change, Edit, EditError, Path, again, apply, by_id, inverse, touching
from nonagon.process.models import Cycle, DocumentVersion


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that is wrong in what was sent: where, and what."""

    path: Path
    message: str


class DocumentError(Exception):
    """What was sent cannot be kept; `wrong` says everything that is wrong with it."""

    def __init__(self, wrong: Sequence[Wrong]) -> None:
        super().__init__("; ".join(one.message for one in wrong))
        self.wrong = tuple(wrong)


class Conflict(Exception):
    """Somebody else changed the same place since the editor looked. Nothing was changed by this edit.

    change: what they did last, as the editor may see it; version: in which; met: all versions that touched it.
    """

    def __init__(self, version: DocumentVersion, change: Change, newest: int, met: tuple[int, ...] = ()) -> None:
        who = str(version.person) if version.person else _("somebody")
        super().__init__(_("%(who)s has changed the same place meanwhile.") % {"who": who})
        self.version, self.change, self.newest, self.who, self.met = version, change, newest, who, met


class NothingToUndo(Exception):
    """There is no edit of this person that could be taken back or made again."""


@dataclass(frozen=True, slots=True)
class Saved:
    """The document after an edit.

    changes: as the actor may see them; faults: what is wrong in view of the others; it is kept all the same;
    others: versions that other people have made since the one that the editor saw, at places that did not meet;
    base: the version up to which the editor has seen all there is, this edit among it where there are no others.
    """

    version: int
    document: Value
    changes: tuple[Change, ...] = ()
    faults: tuple[Fault, ...] = field(default=())
    others: int = 0
    base: int = 0


def current(cycle: Cycle, step: int) -> tuple[Value, int]:
    """The newest version of a document and its number (0: nothing was decided yet)."""
    newest = _newest(cycle, step)
    content: Any = newest.content if newest is not None else {}
    return registry.model_of(step).model_validate(content), newest.number if newest is not None else 0


def at(cycle: Cycle, step: int, number: int) -> Value:
    """The document as it stood in version `number`; empty for 0 and for a number that never was."""
    found = DocumentVersion.objects.filter(cycle=cycle, step=step, number=number).first()
    return registry.model_of(step).model_validate(found.content if found is not None else {})


def all_current(cycle: Cycle) -> tuple[Value, dict[int, DecisionDocument], dict[int, int]]:
    """The head, the nine documents, and the version numbers of all ten."""
    later = DocumentVersion.objects.filter(cycle=cycle, step=OuterRef("step"), number__gt=OuterRef("number"))
    found = DocumentVersion.objects.filter(~Exists(later), cycle=cycle).defer("changes")
    newest = {one.step: one for one in found}
    values = {
        step: registry.model_of(step).model_validate(newest[step].content if step in newest else {})
        for step in range(1, 10)
    }
    head = registry.model_of(0).model_validate(newest[0].content if 0 in newest else {"name": cycle.name})
    return (
        head,
        cast(dict[int, DecisionDocument], values),
        {step: newest[step].number if step in newest else 0 for step in range(10)},
    )


def faults(cycle: Cycle) -> dict[int, list[Fault]]:
    """What is wrong across the ten documents, by step."""
    head, documents, _numbers = all_current(cycle)
    return registry.faults_of(head, documents)


def faults_for(actor: Actor, cycle: Cycle, step: int) -> tuple[Fault, ...]:
    """What is wrong in a document, as the actor may know it: the ids of the plan are told to its readers alone."""
    found = tuple(faults(cycle).get(step, ()))
    if not found or step == registry.HEAD or registry.room(step).confidential or vault.may_read(actor, cycle):
        return found
    return tuple(dataclasses.replace(one, message=veil.without_ids(one.message)) for one in found)


def edit(
    *,
    actor: Actor,
    cycle: Cycle,
    step: int,
    edits: Sequence[Edit],
    base: int,
    known: Collection[int] = (),
    permission: Permission = Permission.EDIT,
    name: str = "",
) -> Saved:
    """Applies edits to the newest version, in one transaction with one audit entry.

    base: the version that the editor saw. known: later ones that the editor made or was told of; those between
    are others', unseen. name: of this request, made by who sends it; the same one sent again, since its answer was
    lost, is answered and not done twice. Raises Conflict where somebody touched the same place since then,
    DocumentError where the result would be no document; then nothing is changed.
    """
    _allow(actor, cycle, step, permission)
    _refuse_covered(edits)
    with transaction.atomic():
        newest = _held(cycle, step)
        done = _done_before(actor, cycle, step, name)
        if done is not None:
            told = veil.shown_changes(actor, cycle, step, _changes(done))
            saved = Saved(done.number, current(cycle, step)[0], told, faults_for(actor, cycle, step))
        else:
            meant = _as_seen(actor, cycle, step, edits, base, known, newest)
            _refuse_conflict(actor, cycle, step, meant, base, ignoring=known)
            saved = _write(actor, cycle, step, newest, meant, "decisions.edit", name=name)
        unseen = _unseen(actor, cycle, step, after=base, before=saved.version, known=known)
        return dataclasses.replace(
            saved, others=len(unseen), base=min(unseen) - 1 if unseen else max(base, saved.version)
        )


def replace(*, actor: Actor, cycle: Cycle, step: int, document: Value, base: int) -> Saved:
    """Puts a whole document in the place of the newest version, which must be `base`."""
    whole = Edit("replace", (), value=plain(document))
    return edit(actor=actor, cycle=cycle, step=step, edits=[whole], base=base)


def undo(*, actor: Actor, cycle: Cycle, step: int) -> Saved:
    """Takes the actor's last edit of the document back, as a new version. Raises NothingToUndo, Conflict."""
    _allow(actor, cycle, step, Permission.EDIT)
    with transaction.atomic():
        newest = _held(cycle, step)
        mine = _to_undo(actor, cycle, step)
        if mine is None:
            raise NothingToUndo(_("There is no edit of yours to take back."))
        edits = inverse(_changes(mine))
        _refuse_conflict(actor, cycle, step, edits, mine.number, ignoring=_settled(cycle, step))
        return _write(actor, cycle, step, newest, edits, "decisions.undo", undoes=mine.number)


def redo(*, actor: Actor, cycle: Cycle, step: int) -> Saved:
    """Makes the edit again that the actor took back last. Raises NothingToUndo, Conflict."""
    _allow(actor, cycle, step, Permission.EDIT)
    with transaction.atomic():
        newest = _held(cycle, step)
        taken = _to_redo(actor, cycle, step)
        if taken is None:
            raise NothingToUndo(_("There is no edit of yours to make again."))
        undone = DocumentVersion.objects.get(cycle=cycle, step=step, number=taken.undoes)
        edits = again(_changes(undone))
        _refuse_conflict(actor, cycle, step, edits, taken.number, ignoring=_settled(cycle, step))
        return _write(actor, cycle, step, newest, edits, "decisions.redo", redoes=taken.number)


def _allow(actor: Actor, cycle: Cycle, step: int, permission: Permission) -> None:
    require(actor, cycle, permission)
    if step != registry.HEAD and registry.room(step).confidential:
        vault.require_reader(actor, cycle, what=_("edit of the plan"))


def _refuse_covered(edits: Sequence[Edit]) -> None:
    """What was shown covered, since it refers to the confidential plan, is not written back as a value."""
    for one in edits:
        if _holds_covered(one.value):
            said = _("“%(sign)s” stands for what refers to the confidential plan; leave such places as they are.")
            raise DocumentError([Wrong(one.path, said % {"sign": vault.COVERED})])


def _holds_covered(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_holds_covered(one) for one in value.values())
    if isinstance(value, list | tuple):
        return any(_holds_covered(one) for one in value)
    return bool(value == vault.COVERED)


def _held(cycle: Cycle, step: int) -> DocumentVersion | None:
    """The newest version, while nobody else writes to the cycle."""
    Cycle.objects.select_for_update().get(pk=cycle.pk)
    return _newest(cycle, step)


def _newest(cycle: Cycle, step: int) -> DocumentVersion | None:
    return DocumentVersion.objects.filter(cycle=cycle, step=step).order_by("-number").first()


def _done_before(actor: Actor, cycle: Cycle, step: int, name: str) -> DocumentVersion | None:
    """The version that a request of this name has made already."""
    if not name:
        return None
    return DocumentVersion.objects.filter(cycle=cycle, step=step, person=actor.person, request=name).first()


def _as_seen(
    actor: Actor,
    cycle: Cycle,
    step: int,
    edits: Sequence[Edit],
    base: int,
    known: Collection[int],
    newest: DocumentVersion | None,
) -> Sequence[Edit]:
    """The edits with entries named as they stood where the editor saw them: positions may shift.

    That is the version `base` with those `known` later versions that the editor made; what the editor was told of
    a conflict does not move positions on the page.
    """
    number = newest.number if newest is not None else 0
    if not 0 <= base <= number:
        said = _("There is no version %(base)d; the newest is %(number)d. Reload the page.")
        raise DocumentError([Wrong((), said % {"base": base, "number": number})])
    if base == number:
        return edits
    seen = DocumentVersion.objects.filter(cycle=cycle, step=step, number=base).first()
    content = _full(step, seen)
    later = DocumentVersion.objects.filter(cycle=cycle, step=step, number__gt=base, number__in=known)
    for version in later.filter(person=actor.person).order_by("number"):
        with contextlib.suppress(EditError):
            content, _done = apply(content, again(_changes(version)))
    meant = []
    for one in edits:
        meant.append(dataclasses.replace(one, path=by_id(content, one.path, put=one.op == "put")))
        with contextlib.suppress(EditError):
            content, _here = apply(content, [one])
    return meant


def _full(step: int, version: DocumentVersion | None) -> dict[str, Any]:
    """The full content, defaults too: every path that a person can see exists."""
    content: Any = version.content if version is not None else {}
    return plain(registry.model_of(step).model_validate(content)) if content or step != registry.HEAD else {}


def _unseen(
    actor: Actor, cycle: Cycle, step: int, *, after: int, before: int, known: Collection[int]
) -> list[int]:
    """The versions between that other people made and the editor was not told of."""
    between = DocumentVersion.objects.filter(cycle=cycle, step=step, number__gt=after, number__lt=before)
    return list(between.exclude(person=actor.person).exclude(number__in=known).values_list("number", flat=True))


def _changes(version: DocumentVersion) -> list[Change]:
    return [Change.from_json(one) for one in version.changes]


def _refuse_conflict(
    actor: Actor, cycle: Cycle, step: int, edits: Sequence[Edit], base: int, ignoring: Collection[int] = ()
) -> None:
    since = list(
        DocumentVersion.objects.filter(cycle=cycle, step=step, number__gt=base).order_by("number").defer("content")
    )
    met = [
        (version, change)
        for version in since
        if version.number not in ignoring and (change := touching(edits, _changes(version))) is not None
    ]
    if met:
        version, change = met[-1]
        told = veil.shown_conflict(actor, cycle, step, change, edits)
        raise Conflict(version, told, since[-1].number, tuple(one.number for one, _change in met))


def _settled(cycle: Cycle, step: int) -> frozenset[int]:
    """Versions that were taken back, and those that took them back: together they changed nothing."""
    found = DocumentVersion.objects.filter(cycle=cycle, step=step)
    undone = dict(found.exclude(undoes=None).values_list("number", "undoes"))
    made_again = dict(found.exclude(redoes=None).values_list("number", "redoes"))
    settled: set[int] = set()
    for number, taken in undone.items():
        if number not in made_again.values():
            settled |= {number, taken}
    for number, taken in made_again.items():
        settled |= {number, taken} if number not in undone.values() else set()
    return frozenset(settled)


def _write(
    actor: Actor,
    cycle: Cycle,
    step: int,
    newest: DocumentVersion | None,
    edits: Sequence[Edit],
    action: str,
    *,
    undoes: int | None = None,
    redoes: int | None = None,
    name: str = "",
) -> Saved:
    model = registry.model_of(step)
    before: Any = newest.content if newest is not None else {}
    full = _full(step, newest)
    try:
        content, changes = apply(full, edits)
        document = model.model_validate(content)
    except EditError as error:
        raise DocumentError([Wrong(error.path, error.message)]) from error
    except ValidationError as error:
        raise DocumentError(_wrong(model, error)) from error
    held = model.model_validate(before) if before or step != registry.HEAD else document
    refused = registry.refused(step, actor=actor, cycle=cycle, before=held, after=document)
    if refused:
        raise DocumentError([Wrong(one.path, one.message) for one in refused])
    number = newest.number if newest is not None else 0
    if not changes:
        return Saved(number, document, (), faults_for(actor, cycle, step))
    number += 1
    DocumentVersion.objects.create(
        cycle=cycle,
        step=step,
        number=number,
        content=plain(document),
        person=actor.person,
        changes=[one.as_json() for one in changes],
        undoes=undoes,
        redoes=redoes,
        request=name,
    )
    if step == registry.HEAD and getattr(document, "name", cycle.name) != cycle.name:
        Cycle.objects.filter(pk=cycle.pk).update(name=document.name)  # type: ignore[attr-defined]
    audit.note(actor, action, cycle=cycle, subject=f"step {step}", version=number, paths=_paths(step, changes))
    jobs.enqueue("compute", cycle=cycle, person=actor.person)
    told = veil.shown_changes(actor, cycle, step, changes)
    return Saved(number, document, told, faults_for(actor, cycle, step))


def _wrong(model: type[Value], error: ValidationError) -> list[Wrong]:
    return [Wrong(cleaned(one["loc"]), said(model, one)) for one in error.errors()]


def _paths(step: int, changes: Iterable[Change]) -> list[str]:
    return [f"{one.op} {'.'.join(map(str, veil.covered_path(step, one.path)))}" for one in changes][:20]


def _to_undo(actor: Actor, cycle: Cycle, step: int) -> DocumentVersion | None:
    """The actor's last edit that is in force. An undo is taken back by redo, not by undo."""
    found = DocumentVersion.objects.filter(cycle=cycle, step=step)
    taken_back = _taken_back(found)
    mine = found.filter(person=actor.person, undoes=None, redoes=None).order_by("-number")
    return next((one for one in mine if one.changes and one.number not in taken_back), None)


def _taken_back(found: Any) -> set[int]:
    """Numbers of versions that are taken back at present: by an undo that was not made again."""
    made_again = set(found.exclude(redoes=None).values_list("redoes", flat=True))
    undos = found.exclude(undoes=None).values_list("number", "undoes")
    return {undone for number, undone in undos if number not in made_again}


def _to_redo(actor: Actor, cycle: Cycle, step: int) -> DocumentVersion | None:
    """The actor's last undo that was not made again, unless they edited since."""
    found = DocumentVersion.objects.filter(cycle=cycle, step=step, person=actor.person).order_by("-number")
    made_again = set(found.exclude(redoes=None).values_list("redoes", flat=True))
    for one in found:
        if one.undoes is not None and one.number not in made_again:
            return one
        if one.undoes is None and one.redoes is None:
            return None
    return None
