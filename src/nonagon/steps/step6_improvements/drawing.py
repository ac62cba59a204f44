"""The plan as a page draws it: bars and balances as parts of the whole time. Geometry only, no words but names."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from nonagon.deliverables.step6 import Activity, ImprovementsDeliverable, PlanMonth

MOST_LABELS = 12
"""Months that are labelled on the axis at most."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One activity. begin, length: parts of the whole time in percent; day: days from the first of the axis."""

    id: str
    name: str
    project: str
    owner: str
    status: str
    first: date
    last: date
    begin: float
    length: float
    day: int
    critical: bool
    slack: int
    duration: float
    is_pilot: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """A month on the axis; label: empty where there are too many."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Balance:
    """What is left at the end of a month; at: percent of the whole time, height: percent from above."""

    month: str
    at: float
    height: float
    planned: float
    cost: float
    funds: float
    balance: float
    short: bool
    finished: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything that is drawn. days: of the axis; line: points of the balances in a field of 1000 by 100; zero:
    height of nothing left, percent from above; undated: activities of the plan without dates."""

    first: date | None
    days: int
    ticks: tuple[Tick, ...] = ()
    bars: tuple[Bar, ...] = ()
    balances: tuple[Balance, ...] = ()
    line: str = ""
    zero: float = 100.0
    undated: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()

    @property
    def last_day(self) -> int:
        """The last day of the axis, counted from its first."""
        return max(0, self.days - 1)


def picture(plan: ImprovementsDeliverable) -> Picture:
    """The plan's activities over time, and the balance below on the same axis.

    Activities of projects that are not in the plan have no dates and no bar.
    """
    selected = {one.id for one in plan.projects if one.selected}
    wanted = [one for one in plan.activities if one.project in selected and one.status != "dropped"]
    dated = [one for one in wanted if one.start is not None and one.finish is not None]
    undated = tuple(one.name for one in wanted if one.start is None)
    outside = tuple(one.name for one in plan.activities if one.project not in selected)
    if not dated:
        return Picture(first=None, days=0, undated=undated, outside=outside)
    first, days = _axis(dated, plan.months)
    names = {one.id: one.name for one in plan.projects}
    ordered = sorted(dated, key=lambda one: (one.start or first, one.finish or first, one.id))
    heights = _heights(plan.months)
    balances = tuple(_balances(plan.months, heights, first, days))
    zero = _height(0.0, plan.months)
    return Picture(
        first=first,
        days=days,
        ticks=tuple(_ticks(first, days)),
        bars=tuple(_bar(one, names, first, days) for one in ordered),
        balances=balances,
        line=" ".join(f"{one.at * 10:.1f},{one.height:.1f}" for one in balances),
        zero=zero,
        undated=undated,
        outside=outside,
    )


def _axis(dated: Sequence[Activity], months: Sequence[PlanMonth]) -> tuple[date, int]:
    """The first of the month in which the plan begins, and the days to the end of the last month drawn."""
    begin = min(one.start for one in dated if one.start is not None).replace(day=1)
    end = month_end(max(one.finish for one in dated if one.finish is not None))
    if months:
        begin = min(begin, date.fromisoformat(f"{months[0].month}-01"))
        end = max(end, month_end(date.fromisoformat(f"{months[-1].month}-01")))
    return begin, (end - begin).days + 1


def month_end(day: date) -> date:
    """The last day of the day's month.

    >>> month_end(date(2024, 2, 3))
    datetime.date(2024, 2, 29)
    """
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _ticks(first: date, days: int) -> Iterator[Tick]:
    starts = list(_month_starts(first, days))
    every = next(step for step in (1, 2, 3, 6, 12, 24, 60, len(starts) + 1) if len(starts) / step <= MOST_LABELS)
    for place, start in enumerate(starts):
        label = f"{start:%Y-%m}" if place % every == 0 else ""
        yield Tick(at=100 * (start - first).days / days, label=label)


def _month_starts(first: date, days: int) -> Iterator[date]:
    month = first
    while (month - first).days < days:
        yield month
        month = month_end(month) + timedelta(days=1)


def _bar(one: Activity, names: dict[str, str], first: date, days: int) -> Bar:
    if one.start is None or one.finish is None:
        raise ValueError("a bar has a start and a finish")
    day = (one.start - first).days
    return Bar(
        id=one.id,
        name=one.name,
        project=names.get(one.project, one.project),
        owner=one.owner,
        status=one.status,
        first=one.start,
        last=one.finish,
        begin=100 * day / days,
        length=100 * ((one.finish - one.start).days + 1) / days,
        day=day,
        critical=one.critical,
        slack=round(one.slack_days or 0),
        duration=one.duration_days,
        is_pilot=one.kind == "pilot",
    )


def _balances(months: Sequence[PlanMonth], heights: Iterable[float], first: date, days: int) -> Iterator[Balance]:
    for one, height in zip(months, heights, strict=True):
        end = month_end(date.fromisoformat(f"{one.month}-01"))
        yield Balance(
            month=one.month,
            at=100 * ((end - first).days + 1) / days,
            height=height,
            planned=one.planned,
            cost=one.cost,
            funds=one.funds,
            balance=one.balance,
            short=one.short,
            finished=one.finished,
        )


def _heights(months: Sequence[PlanMonth]) -> list[float]:
    return [_height(one.balance, months) for one in months]


def _height(amount: float, months: Sequence[PlanMonth]) -> float:
    """Where an amount lies between the largest balance and the smallest, and zero: percent from above."""
    top = max([0.0, *(one.balance for one in months)])
    bottom = min([0.0, *(one.balance for one in months)])
    return 100.0 * (top - amount) / (top - bottom) if top > bottom else 50.0
