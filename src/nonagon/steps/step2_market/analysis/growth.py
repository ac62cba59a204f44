"""What grows and what falls: revenue of each class and product, and the size of each market segment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from nonagon.basics.errors import ArgumentError
from nonagon.charts.wording import estimate
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.record import Record
from nonagon.deliverables.step1 import CustomerClass
from nonagon.deliverables.step2 import Growth, Market
from nonagon.engine import sales
from nonagon.engine.customers import BEHAVIOURS
from nonagon.engine.facts import Columns
from nonagon.methods.checks import Floats
from nonagon.methods.survey.multiplicity import multiplicity
from nonagon.steps.step2_market.analysis.shares import (
    PERIODS_PER_YEAR,
    growth_a_year,
    per_year,
    whole_periods,
)
from nonagon.steps.step2_market.decisions import Step2Decisions

MOST_PRODUCTS = 20
Kind = Literal["class", "product", "segment"]


@dataclass(frozen=True, slots=True)
class _Part:
    """Something that grows or falls: amounts by period, so many periods a year."""

    id: str
    name: str
    amounts: Floats
    per_year: float


def growth_of_parts(
    record: Record, decisions: Step2Decisions, classes: Sequence[CustomerClass], markets: Sequence[Market]
) -> tuple[Growth, ...]:
    """Growth of our classes, of our products where asked for, and of the market's segments."""
    found = [*_segments(record, decisions, markets)]
    if not record.facts.has("sales"):
        record.lack("growth of classes and products", "the sales table")
        return tuple(found)
    if classes and record.facts.has("sales", "customer_id"):
        found += _classes(record, decisions, classes)
    elif not classes:
        record.lack("growth by class", "classes of step 1")
    if decisions.product_breakdown and record.facts.has("sales", "product"):
        found += _products(record, decisions)
    return tuple(found)


def _classes(record: Record, decisions: Step2Decisions, classes: Sequence[CustomerClass]) -> list[Growth]:
    # Who is in a class by what was bought lately grew by construction: only classes by attributes are followed.
    # Internal customers buy nothing from us.
    fixed = [
        one for one in classes if one.kind == "external" and not any(test.field in BEHAVIOURS for test in one.rule)
    ]
    if not fixed:
        return []
    try:
        rows = sales.by_period(record.facts, unit=decisions.period, by=("class_id",), classes=fixed)
    except ArgumentError as error:
        record.lack("growth by class", str(error))
        return []
    names = {one.id: one.name for one in fixed}
    parts = _parts(record, decisions, rows, "class_id", names)
    return _of_kind(record, decisions, "class", parts, _own_last_year(record, decisions))


def _products(record: Record, decisions: Step2Decisions) -> list[Growth]:
    rows = sales.by_period(record.facts, unit=decisions.period, by=("product",))
    totals: dict[str, float] = {}
    for product, revenue in zip(rows["product"], rows["revenue"], strict=True):
        totals[product] = totals.get(product, 0.0) + float(revenue)
    largest = sorted((one for one in totals if one), key=lambda one: (-totals[one], one))[:MOST_PRODUCTS]
    names = {one: one for one in largest}
    parts = _parts(record, decisions, rows, "product", names)
    return _of_kind(record, decisions, "product", parts, _own_last_year(record, decisions))


def _own_last_year(record: Record, decisions: Step2Decisions) -> float:
    """All our revenue in the last year of whole periods, with customers and products named or not."""
    rows = sales.by_period(record.facts, unit=decisions.period)
    periods = whole_periods(record, list(rows["period"]), decisions.period)
    last = set(periods[-max(1, int(PERIODS_PER_YEAR[decisions.period])) :])
    return float(sum(one for day, one in zip(rows["period"], rows["revenue"], strict=True) if day in last))


def _last_year(part: _Part) -> float:
    return float(part.amounts[-max(1, int(part.per_year)) :].sum())


def _parts(
    record: Record, decisions: Step2Decisions, rows: Columns, column: str, names: dict[str, str]
) -> list[_Part]:
    """Revenue of each named part over the whole periods, 0 where it sold nothing."""
    periods: list[date] = whole_periods(record, sorted({*rows["period"]}), decisions.period)
    place = {day: at for at, day in enumerate(periods)}
    amounts = {part: np.zeros(len(periods)) for part in names}
    for part, period, revenue in zip(rows[column], rows["period"], rows["revenue"], strict=True):
        if part in amounts and period in place:
            amounts[part][place[period]] = revenue
    a_year = PERIODS_PER_YEAR[decisions.period]
    return [_Part(part, names[part], amounts[part], a_year) for part in names] if periods else []


def _segments(record: Record, decisions: Step2Decisions, markets: Sequence[Market]) -> list[Growth]:
    """Segments of the market table; the whole market is described with its shares."""
    parts: list[_Part] = []
    for market in markets:
        if market.segment:
            rows = [row for row in decisions.market if row.segment == market.segment]
            sizes = [
                sum(row.amount for row in rows if row.period.isoformat() == period) for period in market.periods
            ]
            a_year = per_year(decisions, [date.fromisoformat(period) for period in market.periods])
            parts.append(_Part(market.segment, market.segment, np.asarray(sizes, dtype=np.float64), a_year))
    whole = sum(_last_year(part) for part in parts)
    return _of_kind(record, decisions, "segment", parts, whole)


def _of_kind(
    record: Record, decisions: Step2Decisions, kind: Kind, parts: list[_Part], whole: float
) -> list[Growth]:
    """The parts of one kind, their trends' verdicts adjusted for how many there are."""
    if not parts:
        return []
    origin = record.origin(
        f"growth_{kind}",
        () if kind == "segment" else ("sales", "customers"),
        "nonagon.methods.effects.linear_trend",
        rows="decisions/market.csv" if kind == "segment" else "our own sales, whole periods",
        variant="straight line through the logarithm, the season set aside where two years are there; verdicts "
        f"adjusted over all of a kind by {decisions.adjustment}",
        assumptions=("Periods scatter independently around steady growth.",),
    )
    trends = [growth_a_year(record, part.amounts, part.per_year, origin) for part in parts]
    confidence = record.cycle.settings.confidence
    tested = [at for at, (_, p) in enumerate(trends) if p is not None]
    adjusted: dict[int, float] = {}
    if tested:
        result = multiplicity(
            p=[trends[at][1] or 0.0 for at in tested], adjustment=decisions.adjustment, level=1 - confidence
        )
        adjusted = {at: float(result.adjusted[place]) for place, at in enumerate(tested)}
    unit = "" if kind == "segment" else record.cycle.currency
    found = []
    for at, part in enumerate(parts):
        revenue = _last_year(part)
        growth = trends[at][0]
        stands = at in adjusted and adjusted[at] <= 1 - confidence and growth.value is not None
        found.append(
            Growth(
                kind=kind,
                id=part.id,
                name=part.name,
                revenue=Estimate(value=revenue, unit=unit, origin=origin),
                share=Estimate(value=revenue / whole, unit="share", origin=origin)
                if whole > 0
                else Estimate(unit="share", why="nothing was sold", origin=origin),
                growth=growth,
                verdict=("growing" if (growth.value or 0) > 0 else "falling") if stands else "not_shown",
                adjusted=adjusted.get(at),
            )
        )
    _say(record, kind, found, origin)
    return found


def _say(record: Record, kind: Kind, found: list[Growth], origin: str) -> None:
    for one in found:
        growth = one.growth
        if one.verdict != "not_shown" and growth.value is not None and growth.low is not None:
            sentence = f"The {kind} {one.name} is {one.verdict}: {estimate(growth, sign=True)} a year."
            record.say("shown", sentence, origin=origin)
    if not any(one.verdict != "not_shown" for one in found):
        word = {"class": "classes", "product": "products", "segment": "segments"}[kind]
        record.say("not_shown", f"None of {len(found)} {word} was shown to grow or fall.", origin=origin)
