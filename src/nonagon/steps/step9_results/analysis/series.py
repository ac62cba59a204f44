"""The series behind an effect: answers or sales, of those who got the improvement and of those who did not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nonagon.basics.errors import NotEnoughData
from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.step1 import CustomerClass
from nonagon.engine import answers, sales
from nonagon.engine.facts import Facts
from nonagon.engine.periods import last_day_of, next_period
from nonagon.methods.survey.mean import mean
from nonagon.steps.step9_results.decisions import EffectDecision

SEASONS = {"week": 52, "month": 12, "quarter": 4}


@dataclass(frozen=True, slots=True)
class Series:
    """Evenly spaced periods, named by their first day, with one value each."""

    periods: tuple[date, ...]
    values: NDArray[np.float64]

    def first_from(self, day: date) -> int:
        """Place of the first period that begins on `day` or later."""
        return sum(one < day for one in self.periods)

    def before(self, day: date) -> "Series":
        """The periods that end before `day`; the one that holds it is left out."""
        place = self.first_from(day)
        kept = place if place < len(self.periods) and self.periods[place] == day else max(0, place - 1)
        return Series(self.periods[:kept], self.values[:kept])

    def without_the_start(self, day: date) -> "Series":
        """Without the period in which `day` lies, unless it is that period's first day."""
        place = self.first_from(day)
        if place == 0 or (place < len(self.periods) and self.periods[place] == day):
            return self
        kept = [at for at in range(len(self.periods)) if at != place - 1]
        return Series(tuple(self.periods[at] for at in kept), self.values[kept])


@dataclass(frozen=True, slots=True)
class Cell:
    """Answers of one group before or after: how many, their mean and standard deviation."""

    n: int
    mean: float
    sd: float


def chosen(earlier: Earlier, ids: Sequence[str]) -> tuple[CustomerClass, ...]:
    """The classes of those ids. Raises NotEnoughData for one that step 1 did not hand on."""
    known = {one.id: one for one in earlier.step1.classes} if earlier.step1 else {}
    missing = [one for one in ids if one not in known]
    if missing:
        raise NotEnoughData(f"the class {missing[0]!r} is not in step 1's deliverable; run step 1 too")
    return tuple(known[one] for one in ids)


def mean_answers(
    facts: Facts, item: str, plan: EffectDecision, classes: Sequence[CustomerClass], *, least: int
) -> Series:
    """Mean answer by period. Raises NotEnoughData where a period in between has fewer than `least` answers."""
    found = answers.by_period(facts, item, unit=plan.unit, classes=classes)
    rows = [
        (period, int(n), float(total))
        for period, n, total in zip(found["period"], found["n"], found["total"], strict=True)
        if (plan.end is None or last_day_of(period, plan.unit) <= plan.end)
        and (plan.begin is None or period >= plan.begin)
    ]
    while rows and rows[-1][1] < least:
        rows.pop()
    while rows and rows[0][1] < least:
        rows.pop(0)
    if not rows:
        raise NotEnoughData(f"the item {item} has no {plan.unit} with at least {least} answers")
    thin = [period for period, n, _ in rows if n < least]
    if thin:
        raise NotEnoughData(
            f"the {plan.unit} from {thin[0]} has fewer than {least} answers to {item}; choose a longer unit"
        )
    series = Series(tuple(row[0] for row in rows), np.array([total / n for _, n, total in rows]))
    _no_gaps(series, plan.unit)
    return series


def revenue(facts: Facts, plan: EffectDecision, classes: Sequence[CustomerClass]) -> Series:
    """Our revenue by whole period: periods that the data cover only in part are left out."""
    first, last = sales.span(facts)
    if first is None or last is None:
        raise NotEnoughData("there are no sales of our own")
    first = max(first, plan.begin) if plan.begin else first
    last = min(last, plan.end) if plan.end else last
    found = sales.by_period(facts, unit=plan.unit, classes=classes)
    rows = [
        (period, float(amount))
        for period, amount in zip(found["period"], found["revenue"], strict=True)
        if period >= first and last_day_of(period, plan.unit) <= last
    ]
    if not rows:
        raise NotEnoughData(f"the sales cover no whole {plan.unit}")
    lowest = min(amount for _, amount in rows)
    if lowest <= 0:
        raise NotEnoughData(f"revenue must be more than 0 in every {plan.unit} to be compared as a ratio")
    series = Series(tuple(row[0] for row in rows), np.array([row[1] for row in rows]))
    _no_gaps(series, plan.unit)
    return series


def cells(
    facts: Facts,
    item: str,
    classes: Sequence[CustomerClass],
    *,
    split: date,
    until: date | None,
    since: date | None = None,
) -> tuple[Cell, Cell]:
    """Answers before `split`, and from then on (before `until`, where given); since: older ones are left out."""
    found = answers.by_day(facts, item, since=since, classes=classes)
    before = np.array([day < split for day in found["date"]], dtype=bool)
    after = np.array([day >= split and (until is None or day < until) for day in found["date"]], dtype=bool)
    return _cell(found, before), _cell(found, after)


def _cell(found: dict[str, NDArray[Any]], chosen_days: NDArray[np.bool_]) -> Cell:
    n = int(found["n"][chosen_days].sum()) if len(chosen_days) else 0
    if n < 2:
        return Cell(n, 0.0, 0.0)
    total, squares = (float(found[name][chosen_days].sum()) for name in ("total", "total_of_squares"))
    result = mean(n=n, total=total, total_of_squares=squares)
    return Cell(n, float(result.mean), float(result.sd))


def _no_gaps(series: Series, unit: str) -> None:
    for one, following in zip(series.periods[:-1], series.periods[1:], strict=True):
        if next_period(one, unit) != following:
            raise NotEnoughData(f"nothing is known between the {unit}s from {one} and from {following}")
