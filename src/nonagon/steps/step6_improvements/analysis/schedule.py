"""When each activity of the selected projects runs, and which of them must not slip."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from nonagon.deliverables.record import Record
from nonagon.deliverables.step6 import Activity
from nonagon.methods.planning.critical_path import CriticalPath, critical_path
from nonagon.steps.step6_improvements.decisions import ActivityDecision, Step6Decisions

_WAIT = "wait until "
"""Before the id of an activity that must not start before a date stands a wait of that many days."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """The plan of the selected projects; times: start and finish of each of its activities in days."""

    start: date | None
    activities: tuple[Activity, ...]
    times: dict[str, tuple[float, float]]
    days: float | None
    critical_path: tuple[str, ...]

    @property
    def finish(self) -> date | None:
        """The last day of the plan."""
        return max((one.finish for one in self.activities if one.finish is not None), default=None)

    def start_of(self, project: str) -> date | None:
        """First day of a project's activities."""
        return min(
            (one.start for one in self.activities if one.project == project and one.start is not None),
            default=None,
        )

    def finish_of(self, project: str) -> date | None:
        """Last day of a project's activities."""
        return max(
            (one.finish for one in self.activities if one.project == project and one.finish is not None),
            default=None,
        )


def scheduled(record: Record, decisions: Step6Decisions, selected: frozenset[str]) -> Schedule:
    """The critical path over the activities of the selected projects, with dates where the plan has a start.

    Dropped activities and those of projects that are out keep their place in the list without dates; an
    activity does not wait for them.
    """
    start = decisions.start or _earliest_month(decisions, selected)
    if start is None and record.cycle.period is not None:
        start = record.cycle.period.start
    planned = [one for one in decisions.activities if one.project in selected and one.status != "dropped"]
    if not planned:
        if decisions.projects:
            record.lack("the schedule", "activities of the selected projects (activities.csv)")
        return Schedule(start, tuple(_bare(one) for one in decisions.activities), {}, None, ())
    if start is None:
        record.lack("the dates of the activities", "start in decisions/step6.toml")
    durations, before = _network(decisions, planned, start)
    network = critical_path(durations=durations, predecessors=before)
    times = {
        one.id: (network.activities[one.id].earliest_start, network.activities[one.id].earliest_finish)
        for one in planned
    }
    return Schedule(
        start=start,
        activities=tuple(_placed(one, network, start) for one in decisions.activities),
        times=times,
        days=max(finish for _, finish in times.values()),
        critical_path=tuple(name for name in network.path if name in times),
    )


def first_day(month: str) -> date:
    """The first day of a month written YYYY-MM."""
    return date.fromisoformat(f"{month}-01")


def _earliest_month(decisions: Step6Decisions, selected: frozenset[str]) -> date | None:
    months = [one.start for one in decisions.projects if one.id in selected and one.start is not None]
    return first_day(min(months)) if months else None


def _network(
    decisions: Step6Decisions, planned: Sequence[ActivityDecision], start: date | None
) -> tuple[dict[str, float], dict[str, list[str]]]:
    """Durations and predecessors; an earliest date becomes a wait from the plan's start."""
    ids = {one.id for one in planned}
    durations = {one.id: float(one.duration_days) for one in planned}
    before = {one.id: [other for other in one.after if other in ids] for one in planned}
    months = {one.id: one.start for one in decisions.projects}
    for one in planned:
        month = months.get(one.project)
        dates = [one.not_before, first_day(month) if month else None]
        earliest = max((day for day in dates if day is not None), default=None)
        if start is not None and earliest is not None and earliest > start:
            durations[_WAIT + one.id] = float((earliest - start).days)
            before[one.id].append(_WAIT + one.id)
    return durations, before


def _bare(one: ActivityDecision) -> Activity:
    return Activity(
        id=one.id,
        project=one.project,
        name=one.name,
        kind=one.kind,
        owner=one.owner,
        duration_days=one.duration_days,
        after=one.after,
        cost=one.cost,
        cost_actual=one.cost_actual,
        characteristics=one.characteristics,
        status=one.status,
        done_on=one.done_on,
        share_done=1.0 if one.status == "done" else one.share_done,
    )


def _placed(one: ActivityDecision, network: CriticalPath, start: date | None) -> Activity:
    bare = _bare(one)
    if one.id not in network.activities:
        return bare
    place = network.activities[one.id]
    bare = bare.model_copy(update={"slack_days": place.slack, "critical": place.critical})
    if start is None:
        return bare
    first, last = dates_of(start, place.earliest_start, place.earliest_finish)
    late = (one.done_on - last).days if one.done_on is not None else None
    return bare.model_copy(update={"start": first, "finish": last, "late_days": late})


def dates_of(start: date, begin: float, end: float) -> tuple[date, date]:
    """First and last day of something that takes from `begin` to `end`, in days from the start of the plan."""
    first = start + timedelta(days=math.floor(begin + 1e-9))
    last = start + timedelta(days=math.ceil(end - 1e-9) - 1)
    return first, max(first, last)
