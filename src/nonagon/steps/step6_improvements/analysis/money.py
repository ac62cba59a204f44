"""Cost by month against the money that there is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from nonagon.deliverables.record import Record
from nonagon.deliverables.step6 import PlanMonth
from nonagon.methods.checks import Floats
from nonagon.methods.planning.cash_plan import Timing, cash_plan, cost_by_month
from nonagon.steps.step6_improvements.analysis.schedule import Schedule, first_day
from nonagon.steps.step6_improvements.analysis.worth import Worth
from nonagon.steps.step6_improvements.decisions import ActivityDecision, Step6Decisions

_TIMING: dict[str, Timing] = {"evenly": "even", "at_start": "start", "at_finish": "finish"}


@dataclass(frozen=True, slots=True)
class Money:
    """The plan's months; short_month: the first that ends below zero."""

    months: tuple[PlanMonth, ...] = ()
    short_month: str | None = None
    shortfall: float | None = None


def budget_of(record: Record, decisions: Step6Decisions) -> float | None:
    """What the portfolio may cost: as decided, else all funds with the opening balance."""
    if decisions.budget is not None:
        return decisions.budget
    if decisions.funds:
        return max(0.0, decisions.opening_balance + sum(one.amount for one in decisions.funds))
    if decisions.projects:
        record.lack("the limit of the portfolio", "budget in decisions/step6.toml, or funds.csv")
    return None


def months_of(
    record: Record,
    decisions: Step6Decisions,
    values: Mapping[str, Worth],
    selected: frozenset[str],
    plan: Schedule,
) -> Money:
    """Planned cost of the selected projects, funds and balance of every month of the plan."""
    spendings = list(_spendings(decisions, values, selected, plan))
    if plan.start is None or not spendings:
        return Money()
    months = _months(plan.start, spendings, decisions)
    ends = [(_next(month) - plan.start).days for month in months]
    timing = _TIMING[decisions.spending]
    planned = _by_month([one.planned for one in spendings], ends, timing)
    cost = _by_month([one.spent or one.planned for one in spendings], ends, timing)
    finished = _finished(spendings, ends, timing)
    if not decisions.funds and decisions.opening_balance == 0:
        record.lack("whether the money lasts", "decisions/funds.csv")
        return Money(
            tuple(
                PlanMonth(
                    month=_written(month),
                    planned=planned[i],
                    cost=cost[i],
                    finished=i < finished,
                    funds=0,
                    balance=-cost[: i + 1].sum(),
                )
                for i, month in enumerate(months)
            )
        )
    funds = {one.month: one.amount for one in decisions.funds}
    before = sum(amount for month, amount in funds.items() if first_day(month) < months[0])
    found = cash_plan(
        cost=cost,
        funds=[funds.get(_written(month), 0.0) for month in months],
        opening=decisions.opening_balance + before,
    )
    rows = tuple(
        PlanMonth(
            month=_written(month),
            planned=planned[i],
            cost=found.cost[i],
            finished=i < finished,
            funds=found.funds[i],
            balance=found.balance[i],
            short=i in found.short_months and i >= finished,
        )
        for i, month in enumerate(months)
    )
    short = next((one.month for one in rows if one.short), None)
    return Money(rows, short, max((-one.balance for one in rows if one.short), default=0.0))


def _by_month(amounts: Sequence["_Amount"], month_ends: Sequence[int], timing: Timing) -> Floats:
    return cost_by_month(
        start=[one.begin for one in amounts],
        finish=[one.end for one in amounts],
        cost=[one.cost for one in amounts],
        month_ends=month_ends,
        timing=timing,
    )


def _finished(spendings: Sequence["_Spending"], month_ends: Sequence[int], timing: Timing) -> int:
    """How many months from the first are over: to the last in which something was spent, if nothing is open."""
    known = [one.spent for one in spendings if one.spent is not None and one.spent.cost > 0]
    if not known:
        return 0
    spent = int(np.flatnonzero(_by_month(known, month_ends, timing))[-1]) + 1
    unknown = [one.planned for one in spendings if one.spent is None and one.planned.cost > 0]
    if not unknown:
        return spent
    return min(spent, int(np.flatnonzero(_by_month(unknown, month_ends, timing))[0]))


@dataclass(frozen=True, slots=True)
class _Amount:
    """An amount and the days, from the start of the plan, over which it falls due."""

    begin: float
    end: float
    cost: float


@dataclass(frozen=True, slots=True)
class _Spending:
    """What something costs as planned, and as spent where it is done and its cost known."""

    planned: _Amount
    spent: _Amount | None = None


def _spending(one: ActivityDecision, times: tuple[float, float], start: date) -> _Spending:
    """An activity's cost; what was spent falls due by the day on which it was done."""
    begin, end = times
    planned = _Amount(begin, end, one.cost)
    if one.status != "done" or one.cost_actual is None:
        return _Spending(planned)
    done = max(0.0, float((one.done_on - start).days) + 1) if one.done_on is not None else end
    return _Spending(planned, _Amount(min(begin, done), done, one.cost_actual))


def _spendings(
    decisions: Step6Decisions, values: Mapping[str, Worth], selected: frozenset[str], plan: Schedule
) -> Iterator[_Spending]:
    """The activities' costs, and what a project costs beyond them spread over the project's time."""
    for one in decisions.activities:
        if one.id in plan.times and plan.start is not None:
            yield _spending(one, plan.times[one.id], plan.start)
    for project in decisions.projects:
        if project.id not in selected:
            continue
        own = [one for one in decisions.activities if one.project == project.id and one.id in plan.times]
        rest = values[project.id].cost - sum(one.cost for one in own)
        if rest <= 0:
            continue
        if own:
            times = [plan.times[one.id] for one in own]
            yield _Spending(_Amount(min(begin for begin, _ in times), max(end for _, end in times), rest))
        elif plan.start is not None:
            begins = first_day(project.start) if project.start else plan.start
            day = max(0, (begins - plan.start).days)
            yield _Spending(_Amount(day, day + 1, rest))


def _months(start: date, spendings: list[_Spending], decisions: Step6Decisions) -> list[date]:
    """First days of the months from the plan's start to its last cost, and on to the last funds."""
    last_day = max(part.end for one in spendings for part in (one.planned, one.spent) if part is not None)
    last_funds = max((one.month for one in decisions.funds), default="")
    month = start.replace(day=1)
    months = [month]
    while (_next(month) - start).days < last_day or _written(month) < last_funds:
        month = _next(month)
        months.append(month)
    return months


def _next(month: date) -> date:
    """The first day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def months_after(month: str, later: int) -> str:
    """The month so many months after a month written YYYY-MM.

    >>> months_after("2025-11", 3)
    '2026-02'
    """
    year, number = divmod(int(month[:4]) * 12 + int(month[5:]) - 1 + later, 12)
    return f"{year:04d}-{number + 1:02d}"


def _written(month: date) -> str:
    return f"{month.year:04d}-{month.month:02d}"
