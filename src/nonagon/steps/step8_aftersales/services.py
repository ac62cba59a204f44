"""Writes of step 8 in its own words: cases are opened, worked on, and taken a step further.

People at the counter work on cases, too: these writes ask for the permission to measure, not to decide, and so
they reach nothing of the document but its cases.
"""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from nonagon.accounts.access import Actor, Permission, require
from nonagon.process import audit, documents
from nonagon.process.documents import DocumentError, Saved, Wrong
from nonagon.process.edits import Edit
from nonagon.process.models import Cycle
from nonagon.steps.step8_aftersales import selectors
from nonagon.steps.step8_aftersales.decisions import CaseDecision, Step8Decisions

STEP = 8
LIST = "cases"
FIXED = {"id"}
"""Fields of a case that stay as they are."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A case that is there. is_new: it was not there before."""

    id: str
    is_new: bool


def open_case(*, actor: Actor, cycle: Cycle, key: uuid.UUID, fields: Mapping[str, Any]) -> Opened:
    """Opens a case. key: made by the page that sent it; the same key again gives the case that is there.

    fields: of CaseDecision, without an id. Raises DocumentError.
    """
    require(actor, cycle, Permission.MEASURE)
    with transaction.atomic():
        document, number = _held(cycle)
        case = f"case-{key.hex[:10]}"
        if any(one.id == case for one in document.cases):
            return Opened(case, False)
        entry = {"opened": timezone.localdate().isoformat(), **_plain(fields), "id": case}
        _save(actor, cycle, [Edit("add", (LIST,), value=entry)], number)
        audit.note(actor, "aftersales.case.open", cycle=cycle, subject=case)
    return Opened(case, True)


def open_low_scores(*, actor: Actor, cycle: Cycle, scores: Sequence[tuple[str, str]]) -> list[str]:
    """Opens a case for each low score, a respondent and an item, that has none yet; gives their ids."""
    require(actor, cycle, Permission.MEASURE)
    wanted = set(scores)
    with transaction.atomic():
        document, number = _held(cycle)
        known = {one.id for one in document.cases}
        found = [one for one in selectors.low_scores(cycle) if (one.respondent, one.item) in wanted]
        entries = [entry for entry in map(_of_score, found) if entry["id"] not in known]
        if entries:
            _save(actor, cycle, [Edit("add", (LIST,), value=entry) for entry in entries], number)
            audit.note(actor, "aftersales.case.open_low", cycle=cycle, subject=f"{len(entries)} cases")
    return [str(entry["id"]) for entry in entries]


def _of_score(one: selectors.LowScore) -> dict[str, Any]:
    own = uuid.uuid5(uuid.NAMESPACE_OID, f"{one.respondent}\x1f{one.item}")
    return {
        "id": f"case-{own.hex[:10]}",
        "kind": "low_score",
        "opened": timezone.localdate().isoformat(),
        "need": one.need,
        "customer": one.customer,
        "respondent": one.respondent,
        "said": _("%(value)s of %(best)s on %(day)s: %(text)s")
        % {"value": one.shown, "best": one.best, "day": one.day.isoformat(), "text": one.text},
    }


def change_cases(
    *, actor: Actor, cycle: Cycle, edits: Sequence[Edit], base: int, known: Collection[int] = ()
) -> Saved:
    """Edits of fields of cases that are there, as the page of a case sends them. Raises Conflict, DocumentError.

    Anything else (other decisions, taking a case away, another id) is refused: that takes who may decide.
    """
    require(actor, cycle, Permission.MEASURE)
    document, _number = documents.current(cycle, STEP)
    ids = {one.id for one in cast(Step8Decisions, document).cases}
    for one in edits:
        if not _is_of_a_case(one, ids, len(ids)):
            said = _("Here only the fields of cases can be changed.")
            raise DocumentError([Wrong(one.path, said)])
    return documents.edit(
        actor=actor,
        cycle=cycle,
        step=STEP,
        edits=edits,
        base=base,
        known=known,
        permission=Permission.MEASURE,
    )


def _is_of_a_case(edit: Edit, ids: Iterable[str], count: int) -> bool:
    path = edit.path
    if edit.op not in {"set", "replace"} or len(path) < 3 or path[0] != LIST or path[2] in FIXED:
        return False
    case = path[1]
    return (isinstance(case, str) and case.removeprefix("@") in ids) or (isinstance(case, int) and case < count)


def take_step(*, actor: Actor, cycle: Cycle, case: str, step: str, on: date | None = None) -> Saved | None:
    """Writes down that a case was acknowledged, assessed, answered or closed; None where it was already.

    Raises DocumentError where the case is not there, or where closing it lacks an outcome.
    """
    require(actor, cycle, Permission.MEASURE)
    with transaction.atomic():
        document, number = _held(cycle)
        found = next((one for one in document.cases if one.id == case), None)
        wrong = _not_yet(found, step)
        if wrong or found is None:
            raise DocumentError([Wrong((LIST, f"@{case}", step), wrong)])
        if getattr(found, step) is not None:
            return None
        day = (on or timezone.localdate()).isoformat()
        saved = _save(actor, cycle, [Edit("set", (LIST, f"@{case}", step), value=day)], number)
        audit.note(actor, f"aftersales.case.{step}", cycle=cycle, subject=case)
    return saved


def _not_yet(case: CaseDecision | None, step: str) -> str:
    if case is None:
        return _("There is no such case any more.")
    if step not in selectors.STEPS:
        return _("A case has no such step.")
    if step == "closed" and not case.cause:
        return _("Write down the root cause before the case is closed.")
    return ""


def _held(cycle: Cycle) -> tuple[Step8Decisions, int]:
    """The document, while nobody else writes to the cycle."""
    Cycle.objects.select_for_update().get(pk=cycle.pk)
    document, number = documents.current(cycle, STEP)
    return cast(Step8Decisions, document), number


def _save(actor: Actor, cycle: Cycle, edits: Sequence[Edit], base: int) -> Saved:
    return documents.edit(
        actor=actor, cycle=cycle, step=STEP, edits=edits, base=base, permission=Permission.MEASURE
    )


def _plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in fields.items()
        if value not in (None, "") and name not in FIXED
    }
