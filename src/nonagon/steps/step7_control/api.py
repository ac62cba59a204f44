"""Step 7 for programs: measurements typed in, corrected and withdrawn; signals explained; deviations owned."""

import uuid
from datetime import date, datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from pydantic import Field

from nonagon.accounts.access import Actor, Permission, get_or_404
from nonagon.process import vault
from nonagon.process.models import Cycle
from nonagon.steps.step7_control import selectors, services
from nonagon.steps.step7_control.models import TypedMeasurement
from nonagon.ui.answers import as_json
from nonagon.ui.frame import cycle_of
from nonagon.ui.shapes import Day, Id, Limit, Line, Moment, Offset, Part, SavedOut, Text, part

router = Router(tags=["control"])
Finite = Annotated[float, Field(ge=-1e15, le=1e15, allow_inf_nan=False)]


class WatchedOut(Schema):
    """A row of the control plan as people measure by it; limits in words, empty where there are none."""

    id: str
    name: str
    unit: str
    chart: str
    counts: bool
    specification: str
    control: str
    responder: str
    reaction: str


class ReadingIn(Schema):
    """One value. item: of the control plan; at: now where left out; size: units inspected, for counts."""

    item: Id
    value: Finite
    at: Moment | None = None
    subgroup: Annotated[Line, Field(max_length=100)] = ""
    size: Finite | None = None
    note: Line = ""


class MeasurementIn(ReadingIn):
    """key: made anew for each value; the same one sent again is kept once."""

    key: uuid.UUID


class MeasurementsIn(Schema):
    """Many values, kept all or none. key: made anew for the whole."""

    key: uuid.UUID
    readings: list[ReadingIn] = Field(min_length=1, max_length=services.MOST_PASTED)


class CorrectionIn(MeasurementIn):
    """A value that takes the place of another."""

    why: Line = ""


class WithdrawalIn(Schema):
    """Why a value is taken back."""

    why: Line = ""


class MeasurementOut(Schema):
    """A typed value. verdict: inside, outside_limits, outside_specification; empty where it counts no more."""

    key: uuid.UUID
    item: str
    name: str
    at: datetime
    subgroup: str
    value: float
    size: float | None
    note: str
    person: str | None
    typed_at: datetime
    withdrawn_at: datetime | None
    withdrawn_why: str
    replaced_by: uuid.UUID | None
    verdict: str
    sentence: str
    responder: str
    reaction: str


class SignalOut(Schema):
    """Points with signals that follow each other. open: of the latest phase, and not explained."""

    item: str
    name: str
    on_spread: bool
    place: str
    points: int
    rules: list[str]
    phase: str
    open: bool
    first: date | None
    last: date | None
    causes: list[str]


class ExplanationIn(Schema):
    """What was found behind the signals of some days."""

    item: Id
    first: Day
    last: Day
    kind: Literal["special_cause", "common_cause", "false_alarm"]
    cause: Text
    action: Text = ""
    owner: Line = ""
    on: Day | None = None


class DeviationIn(Schema):
    """What is otherwise than planned with an activity, and the role that owns it."""

    activity: Id
    deviation: Text
    owner: Line
    due: Day | None = None


@router.get("/cycles/{key}/control/items", response=list[WatchedOut], operation_id="list_control_items")
def list_items(request: HttpRequest, key: str) -> Any:
    """The control plan as people measure by it."""
    _actor, cycle = cycle_of(request, key)
    names = ("id", "name", "unit", "chart", "counts", "specification", "control")
    return [
        {
            **{name: getattr(one, name) for name in names},
            "responder": one.plan.responder,
            "reaction": one.plan.reaction,
        }
        for one in selectors.watched(cycle)
    ]


@router.get("/cycles/{key}/control/measurements", response=Part[MeasurementOut], operation_id="list_measurements")
def list_measurements(
    request: HttpRequest, key: str, item: Line = "", limit: Limit = 50, offset: Offset = 0
) -> Any:
    """What was typed in, the newest first, withdrawn values among it."""
    actor, cycle = cycle_of(request, key)
    found = selectors.of_person(actor, cycle).select_related("person", "replaced_by")
    plan = {one.id: one for one in selectors.watched(cycle)}
    return part(found.filter(item=item) if item else found, limit, offset, lambda one: _told(one, plan))


@router.post(
    "/cycles/{key}/control/measurements", response={201: MeasurementOut}, operation_id="record_measurement"
)
def record(request: HttpRequest, key: str, sent: MeasurementIn) -> Any:
    """Keeps a value; the facts take it with the import that follows. The same key again is harmless."""
    actor, cycle = cycle_of(request, key, Permission.MEASURE)
    row = services.record(actor=actor, cycle=cycle, key=sent.key, reading=_reading(sent))
    return Status(201, _told_alone(cycle, row))


@router.post(
    "/cycles/{key}/control/measurements/many",
    response={201: list[MeasurementOut]},
    operation_id="record_measurements",
)
def record_many(request: HttpRequest, key: str, sent: MeasurementsIn) -> Any:
    """Keeps many values, or, where one of them is wrong, none."""
    actor, cycle = cycle_of(request, key, Permission.MEASURE)
    readings = [_reading(one) for one in sent.readings]
    made = services.record_many(actor=actor, cycle=cycle, key=sent.key, readings=readings)
    plan = {one.id: one for one in selectors.watched(cycle)}
    return Status(201, [_told(one, plan) for one in made])


@router.put(
    "/cycles/{key}/control/measurements/{typed}", response=MeasurementOut, operation_id="correct_measurement"
)
def correct(request: HttpRequest, key: str, typed: uuid.UUID, sent: CorrectionIn) -> Any:
    """Puts another value in the place of one; the old one stays to be seen."""
    actor, cycle = cycle_of(request, key, Permission.MEASURE)
    held = _held(actor, cycle, typed)
    made = services.correct(actor=actor, cycle=cycle, row=held, key=sent.key, reading=_reading(sent), why=sent.why)
    return _told_alone(cycle, made)


@router.post(
    "/cycles/{key}/control/measurements/{typed}/withdraw",
    response=MeasurementOut,
    operation_id="withdraw_measurement",
)
def withdraw(request: HttpRequest, key: str, typed: uuid.UUID, sent: WithdrawalIn) -> Any:
    """Takes a value out of the facts; it stays to be seen. Twice is harmless."""
    actor, cycle = cycle_of(request, key, Permission.MEASURE)
    row = _held(actor, cycle, typed)
    services.withdraw(actor=actor, cycle=cycle, row=row, why=sent.why)
    row.refresh_from_db()
    return _told_alone(cycle, row)


@router.get("/cycles/{key}/control/signals", response=list[SignalOut], operation_id="list_signals")
def list_signals(request: HttpRequest, key: str) -> Any:
    """All signals of all charts: open ones first, then explained ones, then those of earlier phases."""
    _actor, cycle = cycle_of(request, key)
    names = ("item", "name", "on_spread", "place", "points", "rules", "phase", "open", "first", "last")
    return [
        {**{name: getattr(one, name) for name in names}, "causes": [why.cause for why in one.why]}
        for one in selectors.signals(cycle)
    ]


@router.post("/cycles/{key}/control/explanations", response=SavedOut, operation_id="explain_signal")
def explain(request: HttpRequest, key: str, sent: ExplanationIn) -> Any:
    """Writes down what was found behind the signals of some days."""
    actor, cycle = cycle_of(request, key, Permission.EDIT)
    return as_json(services.explain(actor=actor, cycle=cycle, **sent.model_dump()))


@router.post("/cycles/{key}/control/deviations", response=SavedOut, operation_id="own_deviation")
def deviation(request: HttpRequest, key: str, sent: DeviationIn) -> Any:
    """Gives what is otherwise than planned an owner; for the plan's team."""
    actor, cycle = cycle_of(request, key, Permission.EDIT)
    vault.require_reader(actor, cycle, what=_("deviation from the plan"))
    return as_json(services.own_deviation(actor=actor, cycle=cycle, **sent.model_dump()))


def _reading(sent: ReadingIn) -> services.Reading:
    return services.Reading(
        item=sent.item, value=sent.value, at=sent.at, subgroup=sent.subgroup, size=sent.size, note=sent.note
    )


def _held(actor: Actor, cycle: Cycle, typed: uuid.UUID) -> TypedMeasurement:
    return get_or_404(actor, TypedMeasurement, Permission.MEASURE, cycle=cycle, key=typed)


def _told_alone(cycle: Cycle, row: TypedMeasurement) -> dict[str, Any]:
    one = selectors.watched_one(cycle, row.item)
    return _told(row, {row.item: one} if one is not None else {})


def _told(row: TypedMeasurement, plan: dict[str, selectors.Watched]) -> dict[str, Any]:
    one = plan.get(row.item) if row.withdrawn_at is None else None
    found = selectors.typed(one, row) if one is not None else None
    verdict = found.said.verdict if found is not None and found.said is not None else ""
    is_outside = one is not None and verdict not in {"", "inside"}
    names = ("key", "item", "name", "at", "subgroup", "value", "size", "note", "typed_at")
    return {
        **{name: getattr(row, name) for name in names},
        "person": str(row.person) if row.person else None,
        "withdrawn_at": row.withdrawn_at,
        "withdrawn_why": row.withdrawn_why,
        "replaced_by": row.replaced_by.key if row.replaced_by else None,
        "verdict": verdict,
        "sentence": found.sentence if found is not None else "",
        "responder": one.plan.responder if one is not None and is_outside else "",
        "reaction": one.plan.reaction if one is not None and is_outside else "",
    }
