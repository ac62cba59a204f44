"""In which order the projects can start so that the money never runs out."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.charts.wording import percent
from nonagon.deliverables.cycle import Cycle
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.record import Record
from nonagon.deliverables.step6 import PlanMonth, SequencedProject
from nonagon.methods.planning.critical_path import critical_path
from nonagon.methods.planning.sequencing import SequencePlan, Step, sequencing
from nonagon.steps.step6_improvements.analysis.money import months_after
from nonagon.steps.step6_improvements.analysis.worth import Worth
from nonagon.steps.step6_improvements.decisions import ProjectDecision, Step6Decisions

DAYS_A_MONTH = 365.25 / 12
MOST_MONTHS = 60
"""Five years: the program grows with the square of the months."""


@dataclass(frozen=True, slots=True)
class Order:
    """The order, what it is worth within the horizon, and the chance of running out of money in it."""

    projects: tuple[SequencedProject, ...] = ()
    value: Estimate | None = None
    by_ratio: float | None = None
    chance_short: Estimate | None = None


def sequenced(
    record: Record,
    decisions: Step6Decisions,
    values: Mapping[str, Worth],
    best: frozenset[str],
    months: Sequence[PlanMonth],
) -> Order:
    """The start months of highest worth that the funds can pay, of what people selected, or of all."""
    candidates = _candidates(decisions, values, best)
    if not candidates or not months or (not decisions.funds and decisions.opening_balance <= 0):
        return Order()
    horizon = min(MOST_MONTHS, max(len(months), 12 * max(one.years for one in candidates)))
    funds = [one.funds for one in months][:horizon]
    funds += [0.0] * (horizon - len(funds))
    # What is at hand at the start: the first month's balance before anything was spent in it.
    funds[0] = months[0].balance + months[0].cost
    names, settings = {one.id for one in candidates}, record.cycle.settings
    try:
        found = sequencing(
            steps={one.id: _step(one, values[one.id], decisions, horizon) for one in candidates},
            funds=funds,
            predecessors={one.id: [other for other in one.requires if other in names] for one in candidates},
            reserve=decisions.reserve,
            reinvest=decisions.reinvest,
            rate=_monthly(decisions),
            confidence=settings.confidence,
            draws=settings.draws,
            seed=settings.seed,
        )
    except (ArgumentError, NotEnoughData) as problem:
        record.lack(f"an order that the money can pay: {problem}", "funds.csv, reserve")
        return Order()
    _explain(record, decisions, horizon)
    return _told(record.cycle, found, candidates, months)


def _candidates(
    decisions: Step6Decisions, values: Mapping[str, Worth], best: frozenset[str]
) -> list[ProjectDecision]:
    """What people selected, or everything with a stated benefit; of two that exclude each other the better one."""
    wanted = set(decisions.selected) or {one.id for one in decisions.projects}
    kept: list[ProjectDecision] = []
    for one in sorted(decisions.projects, key=lambda one: one.id not in best):
        excluded = {other.id for other in kept if one.id in other.excludes or other.id in one.excludes}
        if one.id in wanted and values[one.id].points is not None and not excluded:
            kept.append(one)
    order = [one.id for one in decisions.projects]
    return sorted(kept, key=lambda one: order.index(one.id))


def _step(one: ProjectDecision, worth: Worth, decisions: Step6Decisions, horizon: int) -> Step:
    """A project as the method knows it: begun at once, it is worth its net present value over the horizon.

    So a month of waiting costs a month of the benefit, and an order's worth compares with that of the portfolio.
    """
    low, likely, high = worth.points or (0.0, 0.0, 0.0)
    months = max(1, math.ceil(_days(one, decisions) / DAYS_A_MONTH - 1e-9))
    factor = 1 / (1 + _monthly(decisions))
    earning = sum(factor**month for month in range(months, horizon))
    benefit = ((worth.value or 0.0) + worth.cost) / earning if earning > 0 else 0.0
    mean = (low + 4 * likely + high) / 6
    # The standard deviation of the three-point estimate, as a part of its mean.
    return Step(
        cost=worth.cost,
        months=months,
        benefit=benefit,
        benefit_se=abs(benefit / mean) * (high - low) / 6 if mean != 0 else (high - low) / 6 / 12,
    )


def _monthly(decisions: Step6Decisions) -> float:
    """The discount rate a month."""
    return float((1 + decisions.discount_rate) ** (1 / 12) - 1)


def _days(one: ProjectDecision, decisions: Step6Decisions) -> float:
    """How long the project takes by itself, without waiting for dates or for other projects."""
    own = [
        activity
        for activity in decisions.activities
        if activity.project == one.id and activity.status != "dropped"
    ]
    if not own:
        return 0.0
    ids = {activity.id for activity in own}
    return critical_path(
        durations={activity.id: activity.duration_days for activity in own},
        predecessors={activity.id: [before for before in activity.after if before in ids] for activity in own},
    ).finish


def _told(
    cycle: Cycle, found: SequencePlan, candidates: Sequence[ProjectDecision], months: Sequence[PlanMonth]
) -> Order:
    named = {one.id: one.name for one in candidates}
    starts = [
        SequencedProject(project=project, month=months_after(months[0].month, start))
        for project, start in found.start.items()
    ]
    left = [
        SequencedProject(project=project, month=None, reason=_with_names(reason, named))
        for project, reason in found.left_out.items()
    ]
    return Order(
        projects=(*starts, *left),
        value=Estimate(
            value=found.value,
            low=found.value_low,
            high=found.value_high,
            confidence=found.confidence,
            n=len(found.start),
            unit=cycle.currency,
            origin="sequence",
        ),
        by_ratio=found.ratio_value,
        chance_short=Estimate(value=found.p_short, unit="share", origin="sequence"),
    )


def _with_names(reason: str, named: Mapping[str, str]) -> str:
    """The method's reason, which speaks of ids, with the projects' names."""
    head, waits, rest = reason.partition("waits for ")
    if not waits:
        return reason
    ids, comma, tail = rest.partition(", which")
    return f"{head}{waits}{', '.join(named.get(one, one) for one in ids.split(', '))}{comma}{tail}"


def _explain(record: Record, decisions: Step6Decisions, horizon: int) -> None:
    record.origin(
        "sequence",
        (),
        "nonagon.methods.planning.sequencing",
        variant=f"{horizon} months, discounted at {percent(decisions.discount_rate)} a year",
        assumptions=(
            "a project's cost is spread evenly over its months, its benefit comes every month after it",
            "begun at once a project is worth its net present value; a month of waiting costs a month of benefit",
            f"{percent(decisions.reinvest, digits=0)} of the benefits come back as cash",
            "what a project requires is finished before it starts",
            "benefits are independent of each other",
        ),
    )
