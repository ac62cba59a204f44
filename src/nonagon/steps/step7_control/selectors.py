"""Reads for the pages of step 7: the plan as people measure by it, what one value says, signals, deviations."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from nonagon.accounts.access import Actor, Permission, rows
from nonagon.charts.wording import percent, short
from nonagon.deliverables.step7 import ControlDeliverable, ControlItem, ControlPoint, PlanCheck
from nonagon.process import documents, results
from nonagon.process.measured import facts_of
from nonagon.process.models import Cycle
from nonagon.steps.step7_control.decisions import ControlItemDecision, ExplanationDecision, Step7Decisions
from nonagon.steps.step7_control.limits import Limits, Said, judge
from nonagon.steps.step7_control.models import TypedMeasurement

STEP, CHARACTERISTICS = 7, 4
LAST = 10
"""How many of the last values the entry page shows."""
CHARTS = {
    "imr": gettext_lazy("single values"),
    "xbar_s": gettext_lazy("means of subgroups"),
    "xbar_r": gettext_lazy("means of subgroups"),
    "p": gettext_lazy("share of defectives"),
    "u": gettext_lazy("defects a unit"),
}
CAUSES = {
    "special_cause": gettext_lazy("special cause found"),
    "common_cause": gettext_lazy("common cause: the process itself"),
    "false_alarm": gettext_lazy("false alarm"),
}


def decisions(cycle: Cycle) -> Step7Decisions:
    """The document as it stands."""
    return cast(Step7Decisions, documents.current(cycle, STEP)[0])


def deliverable(cycle: Cycle) -> ControlDeliverable | None:
    """Step 7 as computed last; None before that."""
    return results.deliverable(cycle, STEP, ControlDeliverable)


# --- measuring ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Watched:
    """One row of the control plan as people measure by it. name: of the characteristic; item: as computed last."""

    plan: ControlItemDecision
    name: str
    unit: str
    item: ControlItem

    @property
    def id(self) -> str:
        """Key of the control item."""
        return self.plan.id

    @property
    def counts(self) -> bool:
        """Whether defectives or defects are counted."""
        return self.plan.chart in {"p", "u"}

    @property
    def grouped(self) -> bool:
        """Whether the chart plots means of subgroups."""
        return self.plan.chart.startswith("xbar")

    @property
    def chart(self) -> str:
        """The kind of chart in words."""
        return str(CHARTS[self.plan.chart])

    @property
    def specification(self) -> str:
        """The specification limits in words; empty where there are none."""
        return limits_in_words(Limits(self.item.lower_limit, self.item.upper_limit), self.plan.chart, self.unit)

    @property
    def control(self) -> str:
        """The chart's limits in words; empty where nothing is computed yet."""
        if not self.item.points:
            return ""
        latest = self.item.points[-1]
        return limits_in_words(Limits(latest.lower, latest.upper), self.plan.chart, self.unit)


def watched(cycle: Cycle) -> list[Watched]:
    """The control plan in its order."""
    computed = deliverable(cycle)
    known = {one.id: one for one in computed.items} if computed else {}
    characteristics = {one.id: one for one in _characteristics(cycle)}
    found = []
    for plan in decisions(cycle).control_items:
        item = known.get(plan.id)
        if item is None or item.chart != plan.chart:  # not computed since the plan changed
            item = ControlItem(id=plan.id, characteristic=plan.characteristic, chart=plan.chart)
        characteristic = characteristics.get(plan.characteristic)
        if characteristic is not None:  # limits as decided now, not as of the last computation
            limits = ("unit", "lower_limit", "upper_limit", "target")
            item = item.model_copy(update={name: getattr(characteristic, name) for name in limits})
        name = getattr(characteristic, "name", "") or item.name or plan.characteristic
        found.append(Watched(plan, name, item.unit, item))
    return found


def watched_one(cycle: Cycle, item: str) -> Watched | None:
    """One row of the plan."""
    return next((one for one in watched(cycle) if one.id == item), None)


def measured_name(cycle: Cycle, plan: ControlItemDecision) -> str:
    """What the item is called in the table of measurements: as the analysis looks for it."""
    characteristic = next((one for one in _characteristics(cycle) if one.id == plan.characteristic), None)
    return plan.measurement or getattr(characteristic, "measurement", None) or plan.characteristic


def _characteristics(cycle: Cycle) -> Sequence[Any]:
    document, _number = documents.current(cycle, CHARACTERISTICS)
    return getattr(document, "characteristics", ())


@dataclass(frozen=True, slots=True)
class Typed:
    """A typed value with what is said of it."""

    row: TypedMeasurement
    said: Said | None
    sentence: str
    unit: str

    @property
    def shown(self) -> str:
        """The value as it was typed, for counts with the units inspected."""
        count = short(self.row.value, digits=8)
        return f"{count} / {short(self.row.size, digits=8)}" if self.row.size is not None else count


def of_person(actor: Actor, cycle: Cycle, permission: Permission = Permission.VIEW) -> QuerySet[TypedMeasurement]:
    """The typed measurements of a cycle that the actor may see, or do something with."""
    return rows(actor, TypedMeasurement, permission).filter(cycle=cycle)


def last_typed(actor: Actor, cycle: Cycle, one: Watched, count: int = LAST) -> list[Typed]:
    """The last values typed for a control item, withdrawn ones among them, newest first."""
    found = of_person(actor, cycle).filter(item=one.id).select_related("person", "replaced_by")[:count]
    return [typed(one, row) for row in found]


def typed(one: Watched, row: TypedMeasurement) -> Typed:
    """A row with its verdict."""
    said = judge(item=one.item, value=row.value, size=row.size, per_units=float(one.plan.units))
    return Typed(row, said, sentence(one, said), one.unit)


def sentence(one: Watched, said: Said) -> str:
    """The verdict in words."""
    shown = _amount(said.plotted, one.plan.chart, one.unit)
    if said.verdict == "outside_specification":
        limits = limits_in_words(said.specification, one.plan.chart, one.unit)
        return _("%(value)s is outside the specification: %(limits)s.") % {"value": shown, "limits": limits}
    if said.verdict == "outside_limits" and said.limits is not None:
        limits = limits_in_words(said.limits, one.plan.chart, one.unit)
        return _("%(value)s is outside the control limits: %(limits)s.") % {"value": shown, "limits": limits}
    if said.limits is not None:
        return _("%(value)s is inside the control limits.") % {"value": shown}
    return _("%(value)s is kept.") % {"value": shown}


def limits_in_words(limits: Limits, chart: str, unit: str) -> str:
    """Limits as people say them; empty where there are none."""
    lower = None if limits.lower is None else _amount(limits.lower, chart, unit)
    upper = None if limits.upper is None else _amount(limits.upper, chart, unit)
    if lower is not None and upper is not None:
        return _("%(lower)s to %(upper)s") % {"lower": lower, "upper": upper}
    if lower is not None:
        return _("at least %(lower)s") % {"lower": lower}
    return _("at most %(upper)s") % {"upper": upper} if upper is not None else ""


def _amount(value: float, chart: str, unit: str) -> str:
    if chart == "p":
        return percent(value)
    return f"{short(value, digits=4)} {unit}".strip()


@dataclass(frozen=True, slots=True)
class Manner:
    """How imported rows of a characteristic are named: all by subgroup? the last phase, where all have one."""

    has_subgroups: bool = False
    phase: str | None = None


def manners(cycle: Cycle, *, but: str) -> dict[str, Manner]:
    """By characteristic, of the facts without the source `but`."""
    from nonagon.engine.measurements import naming  # noqa: PLC0415

    facts = facts_of(cycle)
    if not facts.has("measurements"):
        return {}
    found = naming(facts, but=but)
    return {
        str(name): Manner(bool(grouped), str(phase) if named else None)
        for name, grouped, named, phase in zip(
            found["characteristic"], found["grouped"], found["phased"], found["phase"], strict=True
        )
    }


# --- signals --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SignalGroup:
    """Points with signals that follow each other on one chart: most likely one cause.

    first, last: days, None where the points say none; place: as the chart names them; open: of the latest phase
    and not explained; why: what was found.
    """

    item: str
    name: str
    on_spread: bool
    place: str
    points: int
    rules: tuple[str, ...]
    phase: str
    open: bool
    first: date | None = None
    last: date | None = None
    why: tuple[ExplanationDecision, ...] = field(default=())

    @property
    def anchor(self) -> str:
        """A name for the page."""
        return f"signal-{self.item}-{'spread' if self.on_spread else 'level'}-{self.place.split(' ')[0]}"

    @property
    def kinds(self) -> list[str]:
        """What was found, by kind, in words."""
        return [str(CAUSES[one.kind]) for one in self.why]


def signals(cycle: Cycle) -> list[SignalGroup]:
    """All signals of all charts: open ones first, then explained ones, then those of earlier phases."""
    computed = deliverable(cycle)
    if computed is None:
        return []
    document = decisions(cycle)
    found = [
        one
        for item in computed.items
        for spread, points in ((False, item.points), (True, item.spread_points))
        for one in _groups(item, spread, points, document, _days(cycle, item, points))
    ]
    latest = {item.id: item.points[-1].phase for item in computed.items if item.points}
    return sorted(found, key=lambda one: (not one.open, not one.why, one.phase != latest.get(one.item)))


def _groups(
    item: ControlItem,
    spread: bool,
    points: Sequence[ControlPoint],
    document: Step7Decisions,
    days: Mapping[str, date],
) -> Iterator[SignalGroup]:
    run: list[ControlPoint] = []
    for point in (*points, None):
        same = point is not None and bool(point.signals) and (not run or run[-1].phase == point.phase)
        if run and not same:
            yield _group(item, spread, run, points[-1].phase, document, days)
            run = []
        if point is not None and point.signals:
            run.append(point)


def _group(
    item: ControlItem,
    spread: bool,
    run: Sequence[ControlPoint],
    latest: str,
    document: Step7Decisions,
    days: Mapping[str, date],
) -> SignalGroup:
    first, last = days.get(run[0].at), days.get(run[-1].at)
    why = tuple(
        one
        for one in document.explanations
        if one.item == item.id and first and last and one.first <= last and one.last >= first
    )
    whole = bool(first and last) and all(
        any(one.first <= days[point.at] <= one.last for one in why) for point in run if point.at in days
    )
    place = run[0].at if len(run) == 1 else _("%(first)s to %(last)s") % {"first": run[0].at, "last": run[-1].at}
    return SignalGroup(
        item=item.id,
        name=item.name or item.id,
        on_spread=spread,
        place=place,
        points=len(run),
        rules=tuple(dict.fromkeys(rule for point in run for rule in point.signals)),
        phase=run[0].phase,
        open=run[0].phase == latest and not whole,
        first=first,
        last=last,
        why=why,
    )


def _days(cycle: Cycle, item: ControlItem, points: Sequence[ControlPoint]) -> dict[str, date]:
    """The day of each point with a signal: its name says it, or, where subgroups have other names, the data do."""
    found: dict[str, date] = {}
    nameless = False
    for point in points:
        if not point.signals:
            continue
        try:
            found[point.at] = date.fromisoformat(point.at[:10])
        except ValueError:
            nameless = True
    return found | (_days_of_subgroups(cycle, item) if nameless else {})


def _days_of_subgroups(cycle: Cycle, item: ControlItem) -> dict[str, date]:
    from nonagon.engine.measurements import subgroups  # noqa: PLC0415

    plan = next((one for one in decisions(cycle).control_items if one.id == item.id), None)
    facts = facts_of(cycle)
    if plan is None or not facts.has("measurements"):
        return {}
    rows_ = subgroups(facts, measured_name(cycle, plan))
    return {str(name): at.date() for name, at in zip(rows_["subgroup"], rows_["at"], strict=True)}


# --- plan against done ----------------------------------------------------------------------------------

STATES = {
    "done_late": gettext_lazy("done late"),
    "overdue": gettext_lazy("overdue"),
    "not_planned": gettext_lazy("not planned"),
}


@dataclass(frozen=True, slots=True)
class OffPlan:
    """An activity that is otherwise than planned and that nobody owns yet."""

    check: PlanCheck

    @property
    def state(self) -> str:
        """In words."""
        return str(STATES.get(self.check.state, self.check.state))


def off_plan(cycle: Cycle) -> list[OffPlan]:
    """Activities late or overdue whose deviation has no owner: names out of the plan, so for its readers only."""
    computed = deliverable(cycle)
    owned = {one.activity for one in decisions(cycle).deviations if one.owner}
    checks = computed.plan if computed else ()
    return [OffPlan(one) for one in checks if one.state in {"done_late", "overdue"} and one.activity not in owned]
