"""Cases by age and outcome: promises kept, time to closing, root causes, satisfaction with the handling."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

import numpy as np

from nonagon.basics.errors import NotEnoughData
from nonagon.deliverables.estimates import share_estimate
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.record import Record
from nonagon.deliverables.step8 import CaseSummary, Count
from nonagon.methods.value.kaplan_meier import kaplan_meier
from nonagon.steps.step8_aftersales.decisions import CaseDecision, Step8Decisions

AGES = ((7, "up to 7 days"), (30, "8 to 30 days"), (90, "31 to 90 days"), (10**9, "more than 90 days"))


def summarise(record: Record, decisions: Step8Decisions, as_of: date | None) -> CaseSummary | None:
    """The cases opened until `as_of`; None, with the lack said, where there are none."""
    if not decisions.cases:
        record.lack("Nothing is known of cases.", "decisions/cases.csv: complaints, low scores, requests")
        return None
    day = as_of or max(max(one.closed or one.opened, one.opened) for one in decisions.cases)
    cases = [one for one in decisions.cases if one.opened <= day]
    still_open = [one for one in cases if one.closed is None or one.closed > day]
    closed = [one for one in cases if one.closed is not None and one.closed <= day]
    times = decisions.case_times
    return CaseSummary(
        opened=len(cases),
        open=len(still_open),
        ages=_ages(still_open, day),
        outcomes=_counted([one.outcome for one in closed]),
        kinds=_counted([one.kind for one in cases]),
        causes=_counted([one.cause for one in cases]),
        needs=_counted([one.need for one in cases]),
        acknowledged=_kept(
            record, "acknowledged", [(one.opened, one.acknowledged) for one in cases], times.acknowledge_days, day
        ),
        closed_in_time=_kept(
            record, "closed_in_time", [(one.opened, one.closed) for one in cases], times.close_days, day
        ),
        satisfied=_satisfied(record, closed),
        median_days=_median_days(record, cases, day),
        overdue=tuple(one.id for one in still_open if (day - one.opened).days > times.close_days),
        without_cause=sum(1 for one in closed if not one.cause),
        acknowledge_days=times.acknowledge_days,
        close_days=times.close_days,
    )


def _counted(labels: Sequence[str | None]) -> tuple[Count, ...]:
    """Most frequent first; blanks are not counted."""
    found = Counter(label for label in labels if label)
    return tuple(
        Count(label=label.replace("_", " "), cases=count)
        for label, count in sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
    )


def _ages(cases: Sequence[CaseDecision], day: date) -> tuple[Count, ...]:
    ages = [(day - one.opened).days for one in cases]
    rows, lower = [], -1
    for upper, label in AGES:
        rows.append(Count(label=label, cases=sum(lower < age <= upper for age in ages)))
        lower = upper
    return tuple(rows)


def _kept(
    record: Record, name: str, dates: Sequence[tuple[date, date | None]], days: int, day: date
) -> Estimate | None:
    """Share of cases handled within `days`, of those opened longer ago than that.

    Of the younger ones only the quick are done yet; counting those would flatter.
    """
    decided = [(opened, done) for opened, done in dates if (day - opened).days > days]
    if not decided:
        return None
    in_time = sum(done is not None and (done - opened).days <= days for opened, done in decided)
    key = record.origin(
        f"cases_{name}",
        (),
        "nonagon.methods.survey.proportion",
        rows=f"cases of decisions/cases.csv opened more than {days} days before {day}",
        variant="Wilson interval",
        assumptions=("Later cases are handled as these were.",),
    )
    return share_estimate(in_time, len(decided), record.cycle.settings, origin=key)


def _satisfied(record: Record, cases: Sequence[CaseDecision]) -> Estimate | None:
    """Share satisfied with the handling: answers of customers, so the smallest group holds."""
    asked = [one.satisfied for one in cases if one.satisfied is not None]
    if not asked:
        return None
    least = record.cycle.settings.group_minimum
    if len(asked) < least:
        return Estimate(why=f"fewer than {least} answers", unit="share")
    key = record.origin(
        "cases_satisfied",
        (),
        "nonagon.methods.survey.proportion",
        rows="cases of decisions/cases.csv whose customer was asked",
        variant="Wilson interval",
        assumptions=("Those who answered are like those who did not.",),
    )
    return share_estimate(sum(asked), len(asked), record.cycle.settings, origin=key)


def _median_days(record: Record, cases: Sequence[CaseDecision], day: date) -> Estimate | None:
    """Days until half of the cases are closed; open cases count as lasting longer than they have."""
    closed = [one.closed is not None and one.closed <= day for one in cases]
    days = [
        ((one.closed if done and one.closed is not None else day) - one.opened).days
        for one, done in zip(cases, closed, strict=True)
    ]
    key = record.origin(
        "cases_median",
        (),
        "nonagon.methods.value.kaplan_meier",
        rows="cases of decisions/cases.csv",
        variant="median of the Kaplan-Meier curve, open cases censored, Brookmeyer and Crowley's interval",
        assumptions=("Open cases go on as closed ones of the same age did.",),
    )
    try:
        curve = kaplan_meier(
            time=np.array(days, dtype=np.float64),
            event=np.array(closed, dtype=np.float64),
            confidence=record.cycle.settings.confidence,
        )
    except NotEnoughData as error:
        return Estimate(why=str(error), unit="days")
    if curve.median is None:
        return Estimate(why="half of the cases are not closed yet", n=len(cases), unit="days", origin=key)
    return Estimate(
        value=curve.median,
        low=curve.median_low,
        high=curve.median_high,
        confidence=curve.confidence,
        n=len(cases),
        unit="days",
        origin=key,
    )
