"""Writes of step 7 in its own words: measurements typed in, corrected, withdrawn; signals explained.

A measurement is a row of this room's own before it is a fact: once `record` has answered, it is in the database,
whatever happens to the server after that. The next import takes all rows into the facts (`typed_rows`).
"""

import math
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from nonagon.accounts.access import Actor, Permission, require
from nonagon.process import audit, documents, jobs
from nonagon.process.documents import DocumentError, Saved, Wrong
from nonagon.process.edits import Edit
from nonagon.process.models import Cycle
from nonagon.process.registry import TypedRows
from nonagon.steps.step7_control import selectors
from nonagon.steps.step7_control.decisions import ControlItemDecision, Step7Decisions
from nonagon.steps.step7_control.models import TypedMeasurement

STEP = 7
SOURCE = "typed_measurements"
"""Name of the source, and of its file, by which typed measurements become facts."""
MOST_PASTED = 5000
"""Rows of one paste; more is a file to upload."""
COLUMNS = ("characteristic", "at", "subgroup", "phase", "value", "size")
COUNTS = {"p", "u"}
TYPED = ("name", "item", "at", "subgroup", "value", "size")
"""What a typed measurement gives to a fact: only these are read, as rows and not as models, and one by one."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One value as somebody typed it. at: None for now; size: units inspected, for counts."""

    item: str
    value: float
    at: datetime | None = None
    subgroup: str = ""
    size: float | None = None
    note: str = ""


def follow_item(cycle: Cycle, kind: str, old: str, new: str) -> None:
    """What was typed for a control item stays with it when it gets another id."""
    if kind == "control_item":
        TypedMeasurement.objects.filter(cycle=cycle, item=old).update(item=new)


def record(*, actor: Actor, cycle: Cycle, key: uuid.UUID, reading: Reading) -> TypedMeasurement:
    """Keeps a measurement. The same key again gives the row that is there: a repeat is harmless.

    Raises DocumentError where the value cannot be one of its control item.
    """
    require(actor, cycle, Permission.MEASURE)
    with transaction.atomic():
        _hold(cycle)
        held = TypedMeasurement.objects.filter(cycle=cycle, key=key).first()
        if held is not None:
            return held
        made = _kept(actor, cycle, key, reading)
        audit.note(actor, "control.measure", cycle=cycle, subject=reading.item, value=reading.value)
        jobs.enqueue("import", cycle=cycle, person=actor.person)
    return made


def record_many(
    *, actor: Actor, cycle: Cycle, key: uuid.UUID, readings: Sequence[Reading]
) -> list[TypedMeasurement]:
    """Keeps many, or, where one of them is wrong, none. key: of the whole; each row's own is made of it."""
    require(actor, cycle, Permission.MEASURE)
    if len(readings) > MOST_PASTED:
        said = _("At most %(most)d rows are taken at once; got %(got)d. Upload them as a file.")
        raise DocumentError([Wrong((), said % {"most": MOST_PASTED, "got": len(readings)})])
    with transaction.atomic():
        _hold(cycle)
        keys = [uuid.uuid5(key, str(place)) for place in range(len(readings))]
        held = list(TypedMeasurement.objects.filter(cycle=cycle, key__in=keys))
        if held:
            return held
        wrong = [
            Wrong((place, *one.path), _("row %(row)d: %(why)s") % {"row": place + 1, "why": one.message})
            for place, reading in enumerate(readings)
            for one in _faults(_planned(cycle, reading.item), reading)
        ]
        if wrong:
            raise DocumentError(wrong)
        made = [_kept(actor, cycle, own, one) for own, one in zip(keys, readings, strict=True)]
        audit.note(actor, "control.measure_many", cycle=cycle, subject=f"{len(made)} values")
        jobs.enqueue("import", cycle=cycle, person=actor.person)
    return made


def correct(
    *, actor: Actor, cycle: Cycle, row: TypedMeasurement, key: uuid.UUID, reading: Reading, why: str = ""
) -> TypedMeasurement:
    """Puts another value in the place of one; the old one stays to be seen. Raises DocumentError."""
    require(actor, cycle, Permission.MEASURE)
    with transaction.atomic():
        _hold(cycle)
        repeated = TypedMeasurement.objects.filter(cycle=cycle, key=key).first()
        if repeated is not None:
            return repeated
        held = _in_force(row)
        made = _kept(actor, cycle, key, reading)
        _withdraw(actor, held, why or _("corrected"))
        held.replaced_by = made
        held.save(update_fields=["replaced_by"])
        audit.note(
            actor, "control.correct", cycle=cycle, subject=held.item, before=held.value, after=made.value, why=why
        )
        jobs.enqueue("import", cycle=cycle, person=actor.person)
    return made


def withdraw(*, actor: Actor, cycle: Cycle, row: TypedMeasurement, why: str = "") -> None:
    """Takes a value out of the facts; it stays to be seen. Withdrawing twice changes nothing."""
    require(actor, cycle, Permission.MEASURE)
    with transaction.atomic():
        _hold(cycle)
        held = TypedMeasurement.objects.get(pk=row.pk)
        if held.withdrawn_at is not None:
            return
        _withdraw(actor, held, why)
        audit.note(actor, "control.withdraw", cycle=cycle, subject=held.item, value=held.value, why=why)
        jobs.enqueue("import", cycle=cycle, person=actor.person)


def explain(
    *,
    actor: Actor,
    cycle: Cycle,
    item: str,
    first: date,
    last: date,
    kind: str,
    cause: str,
    action: str = "",
    owner: str = "",
    on: date | None = None,
) -> Saved:
    """Writes down what was found behind the signals of some days. Raises DocumentError."""
    entry = {
        "item": item,
        "first": first.isoformat(),
        "last": last.isoformat(),
        "kind": kind,
        "cause": cause,
        "action": action,
        "owner": owner,
        "on": (on or timezone.localdate()).isoformat(),
    }
    with transaction.atomic():
        document, number = documents.current(cycle, STEP)
        if not cause.strip():
            raise DocumentError([Wrong(("explanations", "cause"), _("Say what was found."))])
        if item not in {one.id for one in cast(Step7Decisions, document).control_items}:
            raise DocumentError([Wrong(("explanations", "item"), _("There is no such control item."))])
        if last < first:
            said = _("The last day must not lie before the first.")
            raise DocumentError([Wrong(("explanations", "last"), said)])
        return documents.edit(
            actor=actor,
            cycle=cycle,
            step=STEP,
            edits=[Edit("add", ("explanations",), value=entry)],
            base=number,
        )


def own_deviation(
    *, actor: Actor, cycle: Cycle, activity: str, deviation: str, owner: str, due: date | None = None
) -> Saved:
    """Says what is otherwise than planned with an activity, and who owns it; one row an activity."""
    entry = {"activity": activity, "deviation": deviation, "owner": owner, "due": due.isoformat() if due else None}
    with transaction.atomic():
        document, number = documents.current(cycle, STEP)
        held = cast(Step7Decisions, document).deviations
        place = next((at for at, one in enumerate(held) if one.activity == activity), None)
        edits = (
            [Edit("add", ("deviations",), value=entry)]
            if place is None
            else [Edit("set", ("deviations", place, name), value=value) for name, value in entry.items()]
        )
        return documents.edit(actor=actor, cycle=cycle, step=STEP, edits=edits, base=number)


def typed_rows(cycle: Cycle) -> Iterable[TypedRows]:
    """What was typed here, as a source of facts: those that count, in order of time.

    A cycle in which nothing was ever typed gives nothing. A chart of subgroups falls apart where some of its rows
    name none, and phases that the data name hold only where every row names one: so rows without are given the
    day as their subgroup and the data's last phase, where the other rows of their characteristic have them.
    """
    found = TypedMeasurement.objects.filter(cycle=cycle)
    if not found.exists():
        return []
    manners = selectors.manners(cycle, but=SOURCE)
    plan = {one.id: one for one in selectors.decisions(cycle).control_items}
    counting = found.filter(withdrawn_at=None).order_by("at", "pk").values_list(*TYPED).iterator()
    rows = [_as_fact(one, plan, manners) for one in counting]
    return [TypedRows(SOURCE, "measurements", COLUMNS, rows)]


def _as_fact(
    row: tuple[Any, ...], plan: Mapping[str, ControlItemDecision], manners: Mapping[str, selectors.Manner]
) -> tuple[Any, ...]:
    name, item_id, moment, given, value, size = row
    manner = manners.get(name, selectors.Manner())
    item = plan.get(item_id)
    at = timezone.localtime(moment, timezone.get_default_timezone())
    grouped = manner.has_subgroups or (item is not None and item.chart.startswith("xbar"))
    subgroup = given or (at.date().isoformat() if grouped else None)
    return name, f"{at:%Y-%m-%d %H:%M:%S}", subgroup, manner.phase, value, size


def _hold(cycle: Cycle) -> None:
    """Nobody else writes to the cycle meanwhile: two repeats of one entry come one after the other."""
    Cycle.objects.select_for_update().get(pk=cycle.pk)


def _planned(cycle: Cycle, item: str) -> ControlItemDecision | None:
    return next((one for one in selectors.decisions(cycle).control_items if one.id == item), None)


def _kept(actor: Actor, cycle: Cycle, key: uuid.UUID, reading: Reading) -> TypedMeasurement:
    plan = _planned(cycle, reading.item)
    wrong = _faults(plan, reading)
    if wrong or plan is None:
        raise DocumentError(wrong)
    return TypedMeasurement.objects.create(
        cycle=cycle,
        key=key,
        item=reading.item,
        name=selectors.measured_name(cycle, plan),
        at=reading.at or timezone.now(),
        subgroup=reading.subgroup.strip()[:100],
        value=reading.value,
        size=reading.size if plan.chart in COUNTS else None,
        note=reading.note.strip()[:300],
        person=actor.person,
    )


def _faults(plan: ControlItemDecision | None, reading: Reading) -> list[Wrong]:
    """What is wrong with a reading of a control item."""
    if plan is None:
        said = _("There is no control item “%(item)s” in the control plan.")
        return [Wrong(("item",), said % {"item": reading.item})]
    wrong: list[Wrong] = []
    if not math.isfinite(reading.value):
        return [Wrong(("value",), _("The value must be a number."))]
    if reading.at is not None and reading.at > timezone.now() + timedelta(days=1):
        said = _("The time must not lie in the future; got %(at)s.")
        wrong.append(Wrong(("at",), said % {"at": f"{reading.at:%Y-%m-%d %H:%M}"}))
    if plan.chart in COUNTS:
        wrong += _count_faults(plan.chart, reading)
    return wrong


def _count_faults(chart: str, reading: Reading) -> list[Wrong]:
    value, size = reading.value, reading.size
    if value < 0 or not float(value).is_integer():
        return [Wrong(("value",), _("A count must be a whole number from 0; got %(got)g.") % {"got": value})]
    if size is None and chart == "p":
        return [Wrong(("size",), _("Say how many units were inspected."))]
    if size is not None and not (math.isfinite(size) and size > 0):
        return [Wrong(("size",), _("Units inspected must be a number above 0; got %(got)g.") % {"got": size})]
    if chart == "p" and size is not None and value > size:
        said = _("More defectives (%(count)g) than units inspected (%(size)g).")
        return [Wrong(("value",), said % {"count": value, "size": size})]
    return []


def _in_force(row: TypedMeasurement) -> TypedMeasurement:
    held = TypedMeasurement.objects.get(pk=row.pk)
    if held.withdrawn_at is not None:
        said = _("This value was withdrawn or corrected meanwhile; reload the page.")
        raise DocumentError([Wrong((), said)])
    return held


def _withdraw(actor: Actor, row: TypedMeasurement, why: str) -> None:
    row.withdrawn_at, row.withdrawn_by, row.withdrawn_why = timezone.now(), actor.person, why.strip()[:300]
    row.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_why"])
