"""Who sells how much: shares over whole periods and their trend, from the sales or from the market table."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np

from nonagon.basics.errors import NotEnoughData
from nonagon.charts.wording import change, percent
from nonagon.deliverables.estimates import estimates_of
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.record import Record
from nonagon.deliverables.step2 import Market, SellerShare
from nonagon.engine import sales
from nonagon.engine.periods import last_day_of
from nonagon.methods.checks import Floats
from nonagon.methods.effects.linear_trend import LinearTrend, linear_trend
from nonagon.methods.survey.multiplicity import multiplicity
from nonagon.methods.value.market_share import market_share
from nonagon.steps.step2_market.decisions import Step2Decisions

PERIODS_PER_YEAR = {"month": 12.0, "quarter": 4.0, "year": 1.0}
# A period counts as whole when our sales begin or end at most so many days inside it.
TOLERANCE = {"month": timedelta(days=3), "quarter": timedelta(days=7), "year": timedelta(days=31)}
ORIGIN = "market"


@dataclass(frozen=True, slots=True)
class _Table:
    """Amounts by seller (rows) and period (columns); NaN where a seller has none."""

    segment: str
    source: str
    sellers: list[str]
    periods: list[date]
    amounts: Floats
    from_sales: bool


def market_shares(record: Record, decisions: Step2Decisions) -> tuple[Market, ...]:
    """The market by our sales table where it holds other sellers, then each segment of the market table."""
    tables = [*_of_sales(record, decisions), *_of_table(decisions)]
    if not tables:
        record.lack(
            "market shares over time", "sales with a seller column that names competitors, or decisions/market.csv"
        )
    found = [_market(record, decisions, table) for table in tables]
    markets = tuple(one for one in found if one is not None)
    for market in markets:
        _say(record, market)
    return markets


def corrected(one: Estimate, verdict: str, tested: int, word: str) -> str:
    """What to add to "not shown" where the interval by itself leaves 0 out: that many were looked at.

    >>> corrected(Estimate(value=2, low=1, high=3), "not_shown", 24, "comparisons")
    ' after correcting for 24 comparisons'
    >>> corrected(Estimate(value=2, low=-1, high=5), "not_shown", 24, "comparisons")
    ''
    """
    return f" after correcting for {tested} {word}" if verdict == "not_shown" and one.beyond_chance else ""


def whole_periods(record: Record, periods: list[date], unit: Literal["month", "quarter", "year"]) -> list[date]:
    """Those of the periods that our own sales cover from end to end."""
    first, last = sales.span(record.facts)
    if first is None or last is None:
        return []
    slack = TOLERANCE[unit]
    return [one for one in periods if one >= first - slack and last_day_of(one, unit) <= last + slack]


def _of_sales(record: Record, decisions: Step2Decisions) -> list[_Table]:
    facts = record.facts
    if not facts.has("sales", "seller"):
        return []
    rows = sales.by_seller(facts, unit=decisions.period)
    names = sorted({*rows["seller"]}, key=lambda seller: (seller != facts.our_subject, seller))
    if len(names) < 2:
        return []
    periods = whole_periods(record, sorted({*rows["period"]}), decisions.period)
    amounts = _spread(zip(rows["seller"], rows["period"], rows["revenue"], strict=True), names, periods)
    return [_Table("", "the sales table", names, periods, amounts, from_sales=True)]


def _of_table(decisions: Step2Decisions) -> list[_Table]:
    found = []
    for segment in sorted({row.segment for row in decisions.market}):
        rows = [row for row in decisions.market if row.segment == segment]
        names = list(dict.fromkeys(row.seller for row in rows))
        periods = sorted({row.period for row in rows})
        amounts = _spread(((row.seller, row.period, row.amount) for row in rows), names, periods)
        source = "; ".join(dict.fromkeys(row.source for row in rows))
        found.append(_Table(segment, source, names, periods, amounts, from_sales=False))
    return found


def _spread(rows: Iterable[tuple[str, date, float]], names: list[str], periods: list[date]) -> Floats:
    amounts = np.full((len(names), len(periods)), np.nan)
    row_of, column_of = {name: at for at, name in enumerate(names)}, {day: at for at, day in enumerate(periods)}
    for seller, period, amount in rows:
        if period in column_of:
            amounts[row_of[seller], column_of[period]] = amount
    return amounts


def _market(record: Record, decisions: Step2Decisions, table: _Table) -> Market | None:
    """The market over the periods in which everybody who usually sells has a figure."""
    named = f"the market{f' segment {table.segment}' if table.segment else ''}"
    if not table.periods:
        record.lack(f"shares of {named}", "at least one whole period of our own sales")
        return None
    present = ~np.isnan(table.amounts)
    usual = present.mean(axis=1) >= 0.5
    kept = present[usual].all(axis=0) & (np.nansum(table.amounts, axis=0) > 0)
    if not kept.any():
        record.lack(f"shares of {named}", "a period in which every usual seller has a figure above 0")
        return None
    if not kept.all():
        sentence = f"{int((~kept).sum())} periods of {named} lack a seller's figure and are left out."
        record.say("warning", sentence, origin=ORIGIN)
    amounts = np.maximum(np.nan_to_num(table.amounts[:, kept]), 0.0)
    periods = [day for day, keep in zip(table.periods, kept, strict=True) if keep]
    origin = record.origin(
        f"{ORIGIN}_{table.segment}" if table.segment else ORIGIN if table.from_sales else f"{ORIGIN}_table",
        ("sales",) if table.from_sales else (),
        "nonagon.methods.value.market_share",
        rows="whole periods; a seller's returns beyond its sales count as 0"
        if table.from_sales
        else "decisions/market.csv",
        variant="trend: straight line (nonagon.methods.effects.linear_trend), verdicts "
        f" adjusted over the sellers by {decisions.adjustment}",
        assumptions=(
            "All sellers of the market are in the table.",
            "Shares scatter independently around a straight line (for the trend).",
        ),
    )
    return _described(record, decisions, table, amounts, periods, origin)


def _described(
    record: Record, decisions: Step2Decisions, table: _Table, amounts: Floats, periods: list[date], origin: str
) -> Market:
    us = record.facts.our_subject
    shares = amounts / amounts.sum(axis=0)
    latest = {seller: float(amounts[at, -1]) for at, seller in enumerate(table.sellers)}
    own = us if us in latest else None
    result = market_share(sales=latest, own=own or table.sellers[0])
    a_year = per_year(decisions, periods)
    trends, p = _trends(record, decisions, shares, a_year, origin)
    names = {one.id: one.name or one.id for one in decisions.competitors}
    unit = record.cycle.currency if table.from_sales else ""
    sellers = tuple(
        SellerShare(
            seller=seller,
            name=record.cycle.organization if seller == us else names.get(seller, seller),
            ours=seller == us,
            shares=tuple(float(one) for one in shares[at]),
            latest=Estimate(value=float(shares[at, -1]), unit="share", origin=origin),
            amount=Estimate(value=latest[seller], unit=unit, origin=origin),
            trend=trends[at],
            adjusted=p[at],
            verdict=_direction(record, trends[at], p[at]),
        )
        for at, seller in enumerate(table.sellers)
    )
    relative = (
        Estimate(value=result.relative_share, origin=origin)
        if own is not None and result.relative_share is not None
        else Estimate(why="our own sales or a competitor's are not in the table", origin=origin)
    )
    if own is None:
        record.lack("our share of the market", f"rows of the market table whose seller is {us!r}")
    return Market(
        segment=table.segment,
        source=table.source,
        periods=tuple(day.isoformat() for day in periods),
        sellers=sellers,
        size=Estimate(value=result.total, unit=unit, origin=origin),
        growth=growth_a_year(record, amounts.sum(axis=0), a_year, origin)[0],
        hhi=Estimate(value=result.hhi, origin=origin),
        relative_share=relative,
    )


def per_year(decisions: Step2Decisions, periods: list[date]) -> float:
    """Periods in a year: as the table's own dates are spaced, which in sales is the chosen period."""
    if len(periods) < 2:
        return PERIODS_PER_YEAR[decisions.period]
    days = np.diff([day.toordinal() for day in periods])
    return float(np.round(365.25 / np.median(days))) or 1.0


def _trends(
    record: Record, decisions: Step2Decisions, shares: Floats, a_year: float, origin: str
) -> tuple[list[Estimate], list[float | None]]:
    confidence = record.cycle.settings.confidence
    try:
        result = linear_trend(values=shares, periods_per_year=a_year, confidence=confidence)
    except NotEnoughData as error:
        missing = Estimate(n=shares.shape[1], unit="share", why=str(error), origin=origin)
        return [missing] * len(shares), [None] * len(shares)
    adjusted = multiplicity(p=result.p, adjustment=decisions.adjustment, level=1 - confidence).adjusted
    return _changes(result, origin), [float(one) for one in adjusted]


def _changes(result: LinearTrend, origin: str) -> list[Estimate]:
    n = np.full(len(result.change), result.n)
    return estimates_of(result.change, result, n=n, unit="share", origin=origin)


def _direction(record: Record, trend: Estimate, p: float | None) -> Literal["rising", "falling", "not_shown"]:
    if p is None or trend.value is None or trend.value == 0 or p > 1 - record.cycle.settings.confidence:
        return "not_shown"
    return "rising" if trend.value > 0 else "falling"


def growth_a_year(record: Record, amounts: Floats, a_year: float, origin: str) -> tuple[Estimate, float | None]:
    """Growth a year as a share, with its p value; the season is set aside where two whole years are there."""
    season = int(a_year) if a_year in {4.0, 12.0} and len(amounts) >= 2 * a_year else 1
    confidence = record.cycle.settings.confidence
    if np.any(amounts <= 0):
        return Estimate(unit="share", why="a period without sales above 0", origin=origin), None
    try:
        result = linear_trend(
            values=amounts[None, :], periods_per_year=a_year, scale="log", season=season, confidence=confidence
        )
    except NotEnoughData as error:
        return Estimate(n=len(amounts), unit="share", why=str(error), origin=origin), None
    return _changes(result, origin)[0], float(result.p[0])


def _say(record: Record, market: Market) -> None:
    ours = next((one for one in market.sellers if one.ours), None)
    if ours is None or ours.latest.value is None:
        return
    where = f"In the segment {market.segment} our" if market.segment else "Our"
    now = percent(ours.latest.value)
    trend = ours.trend
    if trend.value is None or trend.low is None or trend.high is None:
        sentence = f"{where} share is {now} in the last period; {trend.why}."
        record.say("note", sentence, origin=ours.latest.origin)
        return
    interval = f"{change(trend)} a year"
    if ours.verdict == "not_shown":
        tested = sum(one.adjusted is not None for one in market.sellers)
        more = corrected(trend, ours.verdict, tested, "sellers")
        sentence = f"{where} share is {now}; no trend was shown{more}: {interval}."
        record.say("not_shown", sentence, origin=ours.latest.origin)
    else:
        sentence = f"{where} share is {now} and {ours.verdict}: {interval}."
        record.say("shown", sentence, origin=ours.latest.origin)
