"""Decision documents and their versions: the one way to change what people decide.

The database keeps every version with who, when and what changed; that gives undo, the audit log, staleness and
"the second editor is told" once for all nine rooms.
"""

import contextlib
import dataclasses
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
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
from nonagon.deliverables.references import defined_at
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

    change: what they did last, as the editor may see it; version: in which; met: all versions that touched it;
    edit: the position of the editor's edit that it met.
    """

    def __init__(
        self, version: DocumentVersion, change: Change, newest: int, met: tuple[int, ...] = (), edit: int = 0
    ) -> None:
        who = str(version.person) if version.person else _("somebody")
        super().__init__(_("%(who)s has changed the same place meanwhile.") % {"who": who})
        self.version, self.change, self.newest, self.who, self.met = version, change, newest, who, met
        self.edit = edit


class NothingToUndo(Exception):
    """There is no edit of this person that could be taken back or made again."""


@dataclass(frozen=True, slots=True)
class Saved:
    """The document after an edit.

    changes: as the actor may see them; faults: what is wrong in view of the others; it is kept all the same;
    others: versions made elsewhere since the one that the editor saw, at places that did not meet: by other
    people, by programs, or by the same person in another window;
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


def by_step(cycle: Cycle) -> dict[int, Value]:
    """The ten documents as they stand, the cycle's head among them."""
    head, found, _numbers = all_current(cycle)
    return {registry.HEAD: head, **found}


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

    base: the version that the editor saw. known: later ones that the editor made there or was told of; those
    between are unseen, whoever made them. name: of this request, made by who sends it; the same one sent again,
    since its answer was lost, is answered and not done twice. Raises Conflict where somebody touched the same
    place since then, DocumentError where the result would be no document; then nothing is changed.
    """
    _allow(actor, cycle, step, permission)
    _refuse_covered(edits)
    with transaction.atomic():
        newest = _held(cycle, step)
        since = _since(cycle, step, base)
        done = _done_before(actor, cycle, step, name)
        if done is not None:
            told = veil.shown_changes(actor, cycle, step, _changes(done))
            saved = Saved(done.number, current(cycle, step)[0], told, faults_for(actor, cycle, step))
        else:
            meant = _as_seen(actor, cycle, step, edits, base, known, newest, since)
            _refuse_conflict(actor, cycle, step, meant, since, ignoring=known)
            saved = _write(actor, cycle, step, newest, meant, name=name)
            _note_write(actor, "decisions.edit", cycle, step, saved)
        unseen = [one.number for one in since if one.number < saved.version and one.number not in known]
        return dataclasses.replace(
            saved, others=len(unseen), base=min(unseen) - 1 if unseen else max(base, saved.version)
        )


def replace(*, actor: Actor, cycle: Cycle, step: int, document: Value, base: int) -> Saved:
    """Puts a whole document in the place of the newest version, which must be `base`."""
    whole = Edit("replace", (), value=plain(document))
    return edit(actor=actor, cycle=cycle, step=step, edits=[whole], base=base)


@contextlib.contextmanager
def held(cycle: Cycle) -> Iterator[None]:
    """While it lasts, in one transaction, nobody else writes to the cycle."""
    with transaction.atomic():
        Cycle.objects.select_for_update().get(pk=cycle.pk)
        yield


def edit_together(
    *, actor: Actor, cycle: Cycle, edits: Mapping[int, Sequence[Edit]], action: str, subject: str, **detail: Any
) -> dict[int, Saved]:
    """Edits of several documents as one: one audit entry, and taken back together or not at all.

    edits: by step, of the newest versions, as read since the cycle is `held`. The caller has asked for the
    permission: the confidential plan is changed whoever acts, and then not told. Raises DocumentError.
    """
    joint = uuid.uuid4().hex
    saved = {}
    for step, wanted in sorted(edits.items()):
        saved[step] = _write(actor, cycle, step, _newest(cycle, step), wanted, joint=joint)
    audit.note(actor, action, cycle=cycle, subject=subject, steps=_open_steps(saved), **detail)
    return saved


def undo(*, actor: Actor, cycle: Cycle, step: int) -> Saved:
    """Takes the actor's last edit of the document back, as a new version. Raises NothingToUndo, Conflict.

    What was done to several documents as one is taken back in all of them, or nowhere.
    """
    _allow(actor, cycle, step, Permission.EDIT)
    with transaction.atomic():
        _held(cycle, step)
        mine = _to_undo(actor, cycle, step)
        if mine is None:
            raise NothingToUndo(_("There is no edit of yours to take back."))
        return _turned(actor, cycle, mine, _taken_back_as_one, "decisions.undo")


def redo(*, actor: Actor, cycle: Cycle, step: int) -> Saved:
    """Makes the edit again that the actor took back last. Raises NothingToUndo, Conflict."""
    _allow(actor, cycle, step, Permission.EDIT)
    with transaction.atomic():
        _held(cycle, step)
        taken = _to_redo(actor, cycle, step)
        if taken is None:
            raise NothingToUndo(_("There is no edit of yours to make again."))
        return _turned(actor, cycle, taken, _made_again_as_one, "decisions.redo")


Turn = Callable[[Actor, Cycle, DocumentVersion, str], Saved]


def _turned(actor: Actor, cycle: Cycle, version: DocumentVersion, turn: Turn, action: str) -> Saved:
    """Turns a version and those made as one with it, noted once; gives what stands in the version's document."""
    together = [version]
    if version.joint:
        together = list(DocumentVersion.objects.filter(cycle=cycle, joint=version.joint).order_by("step"))
    joint = uuid.uuid4().hex if version.joint else ""
    saved = {one.step: turn(actor, cycle, one, joint) for one in together}
    mine = saved[version.step]
    if len(saved) == 1:
        _note_write(actor, action, cycle, version.step, mine)
    else:
        steps = _open_steps(saved)
        audit.note(actor, action, cycle=cycle, subject="steps " + ", ".join(map(str, steps)), steps=steps)
    return mine


def _taken_back_as_one(actor: Actor, cycle: Cycle, version: DocumentVersion, joint: str) -> Saved:
    edits = inverse(_changes(version))
    _refuse_turn(actor, cycle, version, edits)
    newest = _newest(cycle, version.step)
    return _write(actor, cycle, version.step, newest, edits, undoes=version.number, joint=joint)


def _made_again_as_one(actor: Actor, cycle: Cycle, taken: DocumentVersion, joint: str) -> Saved:
    undone = DocumentVersion.objects.get(cycle=cycle, step=taken.step, number=taken.undoes)
    edits = again(_changes(undone))
    _refuse_turn(actor, cycle, taken, edits)
    newest = _newest(cycle, taken.step)
    return _write(actor, cycle, taken.step, newest, edits, redoes=taken.number, joint=joint)


def _refuse_turn(actor: Actor, cycle: Cycle, version: DocumentVersion, edits: Sequence[Edit]) -> None:
    """Raises Conflict where a place was changed since; of the plan it is not told where, or by whom."""
    step = version.step
    try:
        since = _since(cycle, step, version.number)
        _refuse_conflict(actor, cycle, step, edits, since, ignoring=_settled(cycle, step))
    except Conflict as error:
        if registry.is_open(step) or vault.may_read(actor, cycle):
            raise
        said = _("What hangs together with it was changed since, so it cannot be taken back or made again as one.")
        raise NothingToUndo(said) from error


def _open_steps(saved: Iterable[int]) -> list[int]:
    """The steps of which everybody in the organization may know that they changed."""
    return [one for one in sorted(saved) if registry.is_open(one)]


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
    since: Sequence[DocumentVersion],
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
    for version in since:
        if version.number in known and version.person_id == actor.person.pk:
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


def _since(cycle: Cycle, step: int, number: int) -> list[DocumentVersion]:
    """The versions after `number`, the oldest first, with what they changed; their content is read where asked."""
    found = DocumentVersion.objects.filter(cycle=cycle, step=step, number__gt=number)
    return list(found.select_related("person").defer("content").order_by("number"))


def _changes(version: DocumentVersion) -> list[Change]:
    return [Change.from_json(one) for one in version.changes]


def _refuse_conflict(
    actor: Actor,
    cycle: Cycle,
    step: int,
    edits: Sequence[Edit],
    since: Sequence[DocumentVersion],
    ignoring: Collection[int] = (),
) -> None:
    met = [
        (version, found)
        for version in since
        if version.number not in ignoring and (found := touching(edits, _changes(version))) is not None
    ]
    if met:
        version, (place, change) = met[-1]
        told = veil.shown_conflict(actor, cycle, step, change, edits)
        raise Conflict(version, told, since[-1].number, tuple(one.number for one, _found in met), place)


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
    *,
    undoes: int | None = None,
    redoes: int | None = None,
    name: str = "",
    joint: str = "",
) -> Saved:
    """The next version of a document; the caller notes it in the audit log."""
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
        joint=joint,
    )
    for kind, old, new in _new_ids(model, changes):
        registry.renamed(cycle, kind, old, new)
    if step == registry.HEAD and getattr(document, "name", cycle.name) != cycle.name:
        Cycle.objects.filter(pk=cycle.pk).update(name=document.name)  # type: ignore[attr-defined]
    jobs.enqueue("compute", cycle=cycle, person=actor.person)
    told = veil.shown_changes(actor, cycle, step, changes)
    return Saved(number, document, told, faults_for(actor, cycle, step))


def _new_ids(model: type[Value], changes: Iterable[Change]) -> Iterator[tuple[str, str, str]]:
    """The records that the changes give another id: kind, old, new."""
    for one in changes:
        defined = defined_at(model, one.path) if one.op == "set" else None
        if defined is not None and isinstance(one.before, str) and isinstance(one.after, str):
            yield defined.kind, one.before, one.after


def _note_write(actor: Actor, action: str, cycle: Cycle, step: int, saved: Saved) -> None:
    """One entry for one new version; what changed nothing made none."""
    if saved.changes:
        paths = _paths(step, saved.changes)
        audit.note(actor, action, cycle=cycle, subject=f"step {step}", version=saved.version, paths=paths)


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
