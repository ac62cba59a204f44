"""Facts, the control plan and the steps before -> is it under control, and does it keep its promises?"""

from collections.abc import Iterator
from datetime import date

from nonagon.charts.wording import plural, short
from nonagon.deliverables.cycle import Cycle
from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.evidence import Estimate, Link
from nonagon.deliverables.record import Record
from nonagon.deliverables.step4 import Characteristic
from nonagon.deliverables.step7 import ControlDeliverable, ControlItem, Prerequisite
from nonagon.engine import measurements
from nonagon.engine.facts import Columns, Facts
from nonagon.steps.step7_control.analysis.charts import control_item, measured_as
from nonagon.steps.step7_control.analysis.plan import plan_checks
from nonagon.steps.step7_control.analysis.prerequisites import verify
from nonagon.steps.step7_control.analysis.unwatched import unwatched
from nonagon.steps.step7_control.decisions import ControlItemDecision, ExplanationDecision, Step7Decisions

FALSE_ALARM_RATES = {"limits": 0.0027, "western_electric": 1 / 91.75, "nelson": 1 / 60}
"""Signals that a stable normal process raises by chance, a point: 1 - Phi(3) on both sides; Champ and Woodall,
Technometrics 29 (1987), 393-399, for the four rules; about 1 in 60 for all eight of Nelson's."""

SPREAD_ALARM_RATES = {"imr": 0.0092, "xbar_s": 0.0039, "xbar_r": 0.0046}
"""The same for points of the spread chart beyond its limits: moving ranges of two, subgroups of five."""


def analyse(*, cycle: Cycle, facts: Facts, decisions: Step7Decisions, earlier: Earlier) -> ControlDeliverable:
    """Step 7's deliverable; what the data or the decisions do not say stands in its `lacks`."""
    record = Record(facts, cycle)
    items = _items(record, decisions, earlier)
    as_of = decisions.as_of or _last_day(facts)
    checks = plan_checks(decisions, earlier, as_of)
    promises = verify(items, decisions, earlier, record)
    measured, plain = unwatched(record, decisions, earlier)
    open_ones = _uncontrolled(items, earlier)
    if not decisions.control_items:
        record.lack("Nothing is watched.", "decisions/control_plan.csv: one row a control item")
    if not promises:
        record.lack(
            "No customer requirement could be verified.",
            "relationships in step 4, or decisions/prerequisites.csv",
        )
    _say_items(record, items)
    _say_earlier(record, items)
    _say_prerequisites(record, promises)
    return ControlDeliverable(
        items=items,
        prerequisites=promises,
        plan=checks,
        as_of=as_of,
        false_alarms=_false_alarms(items, decisions, record),
        uncontrolled=tuple(one.id for one in open_ones),
        uncontrolled_names=tuple(one.name or one.id for one in open_ones),
        measured=measured,
        plain=plain,
        origins=record.origins,
        findings=tuple(record.findings),
        lacks=tuple(record.lacks),
        links=_links(decisions, earlier),
    )


def _items(record: Record, decisions: Step7Decisions, earlier: Earlier) -> tuple[ControlItem, ...]:
    known = {one.id: one for one in earlier.step4.characteristics} if earlier.step4 else {}
    watching: dict[str, list[ControlItemDecision]] = {}
    for plan in decisions.control_items:
        watching.setdefault(measured_as(plan, known.get(plan.characteristic)), []).append(plan)
    explained: dict[str, list[ExplanationDecision]] = {}
    for one in decisions.explanations:
        explained.setdefault(one.item, []).append(one)
    most = most_points(len(decisions.control_items))
    made = {
        plan.id: control_item(
            plan,
            decisions.phases_of(plan.id),
            explained.get(plan.id, ()),
            known.get(plan.characteristic),
            points,
            most=most,
            record=record,
        )
        for name, points in _measured(record.facts, list(watching))
        for plan in watching[name]
    }
    found = []
    for plan in decisions.control_items:
        item = made[plan.id]
        if item.stable is None:
            why = item.capability.why if item.capability else ""
            record.lack(f"The control item {plan.id} has no chart: {why}.", "measurements")
        found.append(item)
    return tuple(found)


def _measured(facts: Facts, names: list[str]) -> Iterator[tuple[str, Columns | None]]:
    if facts.has("measurements"):
        yield from measurements.points(facts, names)
    else:
        yield from ((name, None) for name in names)


MOST_POINTS, LEAST_POINTS, ALL_POINTS = 2000, 5, 50_000
"""Points of a chart that are handed on: at most and at least, and so many about over all charts."""


def most_points(charts: int) -> int:
    """How many points of each chart are handed on where there are so many charts: the latest.

    >>> most_points(10), most_points(500), most_points(10_000)
    (2000, 100, 5)
    """
    return max(LEAST_POINTS, min(MOST_POINTS, ALL_POINTS // max(charts, 1)))


def _say_earlier(record: Record, items: tuple[ControlItem, ...]) -> None:
    """Where a chart has more points than are shown."""
    long = [one for one in items if one.earlier_points]
    if long:
        most = max(len(one.points) for one in long)
        record.say(
            "note",
            f"Of {plural(len(long), 'long chart')} the last {plural(most, 'point')} are shown; limits, signals "
            "and figures are those of all points.",
        )


def _last_day(facts: Facts) -> date | None:
    if not facts.has("measurements"):
        return None
    days = measurements.characteristics(facts)["last"]
    return max((day for day in days if day is not None), default=None)


def _false_alarms(items: tuple[ControlItem, ...], decisions: Step7Decisions, record: Record) -> Estimate | None:
    """How many of the signals chance alone would raise: many charts looked at for a long time raise some."""
    rules = {plan.id: plan.rules for plan in decisions.control_items}
    charted = [item for item in items if item.points]
    if not charted:
        return None
    key = record.origin(
        "false_alarms",
        ("measurements",),
        "nonagon.methods.rules.chart_signals",
        variant="points times the chance of a signal a point in a stable process",
        assumptions=("Points are independent and normal.",),
    )
    expected = sum(
        item.plotted * FALSE_ALARM_RATES[rules[item.id]]
        + item.plotted_spread * SPREAD_ALARM_RATES.get(item.chart, 0.0)
        for item in charted
    )
    points = sum(item.plotted + item.plotted_spread for item in charted)
    return Estimate(value=expected, n=points, unit="signals", origin=key)


def _uncontrolled(items: tuple[ControlItem, ...], earlier: Earlier) -> tuple[Characteristic, ...]:
    """Characteristics that serve a need and that nobody watches."""
    if earlier.step4 is None:
        return ()
    watched = {item.characteristic for item in items}
    return tuple(one for one in earlier.step4.characteristics if one.needs and one.id not in watched)


def _say_items(record: Record, items: tuple[ControlItem, ...]) -> None:
    for item in items:
        if item.stable is None:
            continue
        _say_shift(record, item)
        if item.stable:
            sentence = f"{item.name}: no unexplained signal in the latest phase; that does not prove stability."
            record.say("note", sentence, origin=item.origin)
        else:
            who = item.responder or "nobody yet"
            record.say("warning", f"{item.name}: {_open_signals(item)}; to react: {who}.", origin=item.origin)


def _open_signals(item: ControlItem) -> str:
    """Signals that follow each other count as one run; where too many are raised they are not read one by one."""
    signals = plural(item.unexplained, "unexplained signal")
    count = len(item.runs) + item.earlier_runs
    runs = f" in {plural(count, 'run')}" if count < item.unexplained else ""
    if item.settled:
        return f"{signals}{runs} in the latest phase"
    points = item.phases[-1].points
    return (
        f"not stable: {signals}{runs} at {plural(points, 'point')} of the latest phase; find the causes first, "
        "limits and capability say little until then"
    )


def _say_shift(record: Record, item: ControlItem) -> None:
    shift = item.shift
    if shift is None or shift.low is None or shift.high is None:
        return
    first, last = item.phases[0].label, item.phases[-1].label
    interval = _moved(shift, item.unit)
    if shift.beyond_chance:
        sentence = f"{item.name}: the level moved from {first} to {last} by {interval}."
        record.say("shown", sentence, origin=shift.origin)
    else:
        sentence = f"{item.name}: no change of the level from {first} to {last} was shown ({interval})."
        record.say("not_shown", sentence, origin=shift.origin)


def _moved(shift: Estimate, unit: str) -> str:
    """The change with its interval, however small; of a share in percentage points."""
    share = shift.unit == "share"
    ends = [one for one in (shift.value, shift.low, shift.high) if one is not None]
    value, low, high = (short(100 * one if share else one, digits=3, sign=True) for one in ends)
    said = f"{value} {'percentage points' if share else unit}".rstrip()
    return f"{said} ({low} to {high})"


def _say_prerequisites(record: Record, promises: tuple[Prerequisite, ...]) -> None:
    if not promises:
        return
    counts = {
        verdict: sum(one.verdict == verdict for one in promises) for verdict in ("met", "not_met", "not_shown")
    }
    record.say(
        "warning" if counts["not_met"] else "note",
        f"Of {len(promises)} customer requirements traced to a characteristic, {counts['met']} are met, "
        f"{counts['not_met']} are not met and for {counts['not_shown']} nothing is shown.",
    )


def _links(decisions: Step7Decisions, earlier: Earlier) -> tuple[Link, ...]:
    """Activity -> control item, as the plan says; else every activity that works on the characteristic."""
    activities = earlier.step6.activities if earlier.step6 else ()
    links = []
    for plan in decisions.control_items:
        sources = (
            [plan.activity]
            if plan.activity is not None
            else [one.id for one in activities if plan.characteristic in one.characteristics]
        )
        links += [
            Link(from_kind="activity", from_id=one, to_kind="control_item", to_id=plan.id) for one in sources
        ]
        links.append(
            Link(from_kind="characteristic", from_id=plan.characteristic, to_kind="control_item", to_id=plan.id)
        )
    return tuple(dict.fromkeys(links))
