"""Step 8 for programs: cases opened, worked on and taken a step further; low scores without a case."""

import uuid
from datetime import date
from typing import Any, Literal

from django.http import Http404, HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from nonagon.accounts.access import Permission
from nonagon.deliverables.plain import plain
from nonagon.process import documents
from nonagon.process.models import Cycle
from nonagon.steps.step8_aftersales import selectors, services
from nonagon.ui.answers import as_json
from nonagon.ui.frame import cycle_of
from nonagon.ui.shapes import Day, EditsIn, Id, Limit, Line, Offset, Part, SavedOut, Text, edits_in, part

router = Router(tags=["aftersales"])


class CaseOut(Schema):
    """A case. version: of the document, for edits; due: what was promised next; case: its fields."""

    id: str
    version: int
    state: str
    title: str
    next_step: str
    due: date | None
    late_by: int
    age: int
    case: dict[str, Any]


class CaseIn(Schema):
    """A new case. key: made anew for each case; the same one sent again opens it once."""

    key: uuid.UUID
    kind: Literal["complaint", "low_score", "request"] = "complaint"
    opened: Day | None = None
    severity: Literal["low", "medium", "high"] = "medium"
    need: Line | None = None
    customer: Line | None = None
    follow_up: Line | None = None
    version: Line = ""
    said: Text = ""
    wish: Text = ""
    owner: Line = ""


class StepIn(Schema):
    """A step that a case takes; on: today where left out."""

    step: Literal["acknowledged", "assessed", "answered", "closed"]
    on: Day | None = None


class LowScoreOut(Schema):
    """A low answer of a customer that has no case yet."""

    respondent: str
    customer: str
    day: date
    item: str
    text: str
    need: str | None
    value: float
    best: str


class ScoreIn(Schema):
    """Which low answer."""

    respondent: Id
    item: Id


class ScoresIn(Schema):
    """Low answers for which a case is opened."""

    scores: list[ScoreIn] = Field(min_length=1, max_length=500)


class OpenedOut(Schema):
    """The cases that were opened."""

    opened: list[str]


@router.get("/cycles/{key}/aftersales/cases", response=Part[CaseOut], operation_id="list_cases")
def list_cases(
    request: HttpRequest,
    key: str,
    state: Literal["", "new", "acknowledged", "assessed", "answered", "closed"] = "",
    limit: Limit = 50,
    offset: Offset = 0,
) -> Any:
    """The cases, the most urgent first, closed ones last."""
    _actor, cycle = cycle_of(request, key)
    _document, version = documents.current(cycle, services.STEP)
    found = [one for one in selectors.cards(cycle) if not state or one.state == state]
    return part(found, limit, offset, lambda one: _told(one, version))


@router.post("/cycles/{key}/aftersales/cases", response={201: CaseOut, 200: CaseOut}, operation_id="open_case")
def open_case(request: HttpRequest, key: str, sent: CaseIn) -> Any:
    """Opens a case: 201; 200 where the same key has opened it before."""
    actor, cycle = cycle_of(request, key, Permission.MEASURE)
    fields = sent.model_dump(exclude={"key"})
    opened = services.open_case(actor=actor, cycle=cycle, key=sent.key, fields=fields)
    return Status(201 if opened.is_new else 200, _one(cycle, opened.id))


@router.get("/cycles/{key}/aftersales/case", response=CaseOut, operation_id="get_case")
def get_case(request: HttpRequest, key: str, id: Id) -> Any:  # noqa: A002
    """One case."""
    _actor, cycle = cycle_of(request, key)
    return _one(cycle, id)


@router.patch("/cycles/{key}/aftersales/cases", response=SavedOut, operation_id="edit_cases")
def edit_cases(request: HttpRequest, key: str, sent: EditsIn) -> Any:
    """Edits of fields of cases, `["cases", "@ID", "cause"]`; also for people who decide nothing else."""
    actor, cycle = cycle_of(request, key, Permission.MEASURE)
    return as_json(services.change_cases(actor=actor, cycle=cycle, edits=edits_in(sent), base=sent.base))


@router.post("/cycles/{key}/aftersales/case/step", response=CaseOut, operation_id="take_case_step")
def take_step(request: HttpRequest, key: str, id: Id, sent: StepIn) -> Any:  # noqa: A002
    """Writes down that a case was acknowledged, assessed, answered or closed; twice is harmless."""
    actor, cycle = cycle_of(request, key, Permission.MEASURE)
    if selectors.card(cycle, id) is None:
        raise Http404
    services.take_step(actor=actor, cycle=cycle, case=id, step=sent.step, on=sent.on)
    return _one(cycle, id)


@router.get("/cycles/{key}/aftersales/low-scores", response=list[LowScoreOut], operation_id="list_low_scores")
def list_low_scores(request: HttpRequest, key: str) -> Any:
    """Low answers of the last ninety days of data that have no case yet, the newest first, a hundred at most."""
    _actor, cycle = cycle_of(request, key, Permission.MEASURE)
    return selectors.low_scores(cycle)


@router.post(
    "/cycles/{key}/aftersales/low-scores", response={201: OpenedOut}, operation_id="open_cases_of_low_scores"
)
def open_low_scores(request: HttpRequest, key: str, sent: ScoresIn) -> Any:
    """Opens a case for each of these low answers that has none yet."""
    actor, cycle = cycle_of(request, key, Permission.MEASURE)
    scores = [(one.respondent, one.item) for one in sent.scores]
    return Status(201, {"opened": services.open_low_scores(actor=actor, cycle=cycle, scores=scores)})


def _one(cycle: Cycle, case: str) -> dict[str, Any]:
    card = selectors.card(cycle, case)
    if card is None:
        raise Http404
    return _told(card, documents.current(cycle, services.STEP)[1])


def _told(card: selectors.Card, version: int) -> dict[str, Any]:
    names = ("id", "state", "title", "next_step", "due", "late_by", "age")
    return {**{name: getattr(card, name) for name in names}, "version": version, "case": plain(card.case)}
