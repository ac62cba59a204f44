"""When step 7 is ready: everything that matters is watched, holds, and is done as planned."""

from nonagon.charts.wording import listed, plural
from nonagon.deliverables.evidence import Criterion
from nonagon.deliverables.step7 import ControlDeliverable, ControlItem
from nonagon.steps.step7_control.decisions import Step7Decisions

VERDICTS = {"not_met": "not met", "not_shown": "not shown"}


def criteria(deliverable: ControlDeliverable, decisions: Step7Decisions) -> tuple[Criterion, ...]:
    """The exit criteria of step 7."""
    return (
        _plan_is_complete(deliverable, decisions),
        _serving_characteristics_are_watched(deliverable),
        _items_have_measurements(deliverable),
        _latest_phase_is_quiet(deliverable),
        _prerequisites_are_met(deliverable),
        _deviations_have_owners(deliverable),
        _nothing_is_overdue(deliverable),
    )


def _plan_is_complete(deliverable: ControlDeliverable, decisions: Step7Decisions) -> Criterion:
    names = {one.id: one.name or one.id for one in deliverable.items}
    gaps = [
        f"{names.get(item.id, item.id)} ({', '.join(missing)})"
        for item in decisions.control_items
        if (
            missing := [
                name for name in ("sample", "frequency", "responder", "reaction") if not getattr(item, name)
            ]
        )
    ]
    complete = f"{plural(len(decisions.control_items), 'row')}, all complete"
    return Criterion(
        id="control_plan",
        sentence="Every row of the control plan says sample, frequency, who reacts and how.",
        met=bool(decisions.control_items) and not gaps,
        reason=listed(gaps, before="incomplete", none=complete)
        if decisions.control_items
        else "the control plan is empty",
        mend="decisions/control_plan.csv",
    )


def _serving_characteristics_are_watched(deliverable: ControlDeliverable) -> Criterion:
    open_ones = deliverable.uncontrolled_names or deliverable.uncontrolled
    return Criterion(
        id="watched",
        sentence="Every characteristic that serves a need is watched.",
        met=bool(deliverable.items) and not open_ones,
        reason=listed(open_ones, before="not watched", none=f"{plural(len(deliverable.items), 'control item')}"),
        mend="decisions/control_plan.csv: add a row for each",
    )


def _items_have_measurements(deliverable: ControlDeliverable) -> Criterion:
    blind = [item.name or item.id for item in deliverable.items if item.stable is None]
    return Criterion(
        id="measured",
        sentence="Every control item has measurements.",
        met=bool(deliverable.items) and not blind,
        reason=listed(blind, before="without a chart", none=f"{plural(len(deliverable.items), 'chart')} drawn"),
        mend="cycle.toml: a source for the table measurements",
    )


def _latest_phase_is_quiet(deliverable: ControlDeliverable) -> Criterion:
    loud = [f"{item.name or item.id} ({_open(item)})" for item in deliverable.items if item.stable is False]
    charted = [item for item in deliverable.items if item.stable is not None]
    return Criterion(
        id="signals",
        sentence="No run of signals in the latest phase is unexplained.",
        met=bool(charted) and not loud,
        reason=listed(loud, before="unexplained signals", none=f"{plural(len(charted), 'chart')} without"),
        mend="decisions/explanations.csv: what was found behind each run, by its first and last day",
    )


def _open(item: ControlItem) -> str:
    if not item.settled:
        return "not stable: find the causes first"
    return plural(len(item.runs) + item.earlier_runs, "run") if item.runs else plural(item.unexplained, "signal")


def _prerequisites_are_met(deliverable: ControlDeliverable) -> Criterion:
    promises = deliverable.prerequisites
    open_ones = [
        f"{one.need_name or one.need} by {one.characteristic_name or one.characteristic} ({VERDICTS[one.verdict]})"
        for one in promises
        if one.verdict != "met"
    ]
    return Criterion(
        id="prerequisites",
        sentence="Every customer requirement is shown to be met.",
        met=bool(promises) and not open_ones,
        reason="; ".join(open_ones) if open_ones else f"{len(promises)} of {len(promises)} met",
        mend="decisions/prerequisites.csv, more measurements, or a better process",
    )


def _deviations_have_owners(deliverable: ControlDeliverable) -> Criterion:
    off_plan = [one for one in deliverable.plan if one.state in {"done_late", "overdue"} or one.deviation]
    ownerless = [one.name or one.activity for one in off_plan if not one.owner]
    activities = plural(len(deliverable.plan), "activity", "activities")
    return Criterion(
        id="owners",
        sentence="Every deviation from the plan has an owner.",
        met=bool(deliverable.plan) and not ownerless,
        reason=listed(
            ownerless, before="without an owner", none=f"{plural(len(off_plan), 'deviation')}, {activities}"
        ),
        mend="decisions/deviations.csv",
    )


def _nothing_is_overdue(deliverable: ControlDeliverable) -> Criterion:
    overdue = [one.name or one.activity for one in deliverable.plan if one.state == "overdue"]
    return Criterion(
        id="done",
        sentence="No activity is overdue.",
        met=bool(deliverable.plan) and not overdue,
        reason=listed(overdue, before=f"overdue on {deliverable.as_of}", none=f"as of {deliverable.as_of}"),
        mend="decisions/activities.csv: status and done_on",
    )
