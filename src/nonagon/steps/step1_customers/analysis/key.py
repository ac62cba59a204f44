"""The key customers: loyal and important, what they bring, and what must be expected to go."""

from dataclasses import dataclass
from datetime import date, timedelta

from nonagon.basics.errors import NotEnoughData
from nonagon.charts.wording import amount, number, percent
from nonagon.deliverables.estimates import estimate_of
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.record import Record
from nonagon.deliverables.step1 import Concentration, CustomerClass, KeyCustomers
from nonagon.engine import customers, sales
from nonagon.methods.value.revenue_at_risk import RevenueAtRisk, revenue_at_risk
from nonagon.steps.step1_customers.analysis.classes import in_words
from nonagon.steps.step1_customers.decisions import Step1Decisions

YEAR = 365
# So many days of sales must stand before the year that is looked at; shorter sales are cut in halves.
HISTORY_BEFORE = 180
LEAST_SALES = 120


def describe_key_customers(
    record: Record,
    decisions: Step1Decisions,
    classes: tuple[CustomerClass, ...],
    concentration: Concentration | None,
) -> KeyCustomers | None:
    """The class that the stated criteria define; None, with the lack said, without criteria or without sales."""
    criteria = decisions.key_customers
    if criteria is None:
        if not any(one.key for one in classes):
            record.lack(
                "key customers",
                "decisions/step1.toml: key_customers (loyal and important), or a class with key = true",
            )
        return None
    one = next((known for known in classes if known.id == criteria.id), None)
    if one is None or one.revenue is None or concentration is None or one.share is None:
        return None
    origin = record.origin(
        "key_customers",
        ("customers", "sales"),
        "nonagon.engine.customers",
        rows=f"customers with {in_words(one.rule)}",
        variant="criteria of decisions/step1.toml",
    )
    outlook = _outlook(record, one)
    key = KeyCustomers(
        class_id=one.id,
        criteria=tuple(in_words((condition,)) for condition in one.rule),
        why=criteria.why,
        count=Estimate(value=one.size, unit="customers", origin=origin),
        share=one.share.model_copy(update={"origin": origin}),
        revenue_share=(one.revenue_share or Estimate()).model_copy(update={"origin": origin}),
        largest_share=concentration.top[0].share,
        horizon_days=outlook.days,
        recent_revenue=outlook.revenue,
        leaving=outlook.leaving,
        at_risk=outlook.at_risk,
    )
    _say(record, key, one)
    return key


@dataclass(frozen=True, slots=True)
class _Outlook:
    """What is at risk within `days`."""

    days: int
    revenue: Estimate
    leaving: Estimate
    at_risk: Estimate


def _outlook(record: Record, one: CustomerClass) -> _Outlook:
    """Revenue of the last days, the share that left meanwhile, and the amount that this puts at risk."""
    first, last = sales.span(record.facts)
    if first is None or last is None or (last - first).days < LEAST_SALES:
        why = f"the sales cover fewer than {LEAST_SALES} days"
        missing = Estimate(why=why, origin="key_customers")
        return _Outlook(0, missing, missing, missing)
    history = (last - first).days
    days = YEAR if history >= YEAR + HISTORY_BEFORE else history // 2
    split = last - timedelta(days=days)
    unit = record.cycle.currency
    recent = record.origin(
        "key_revenue",
        ("customers", "sales"),
        "nonagon.engine.customers",
        rows=f"our own sales to key customers after {split} up to {last}",
    )
    now = customers.revenue_of(record.facts, one, start=split, end=last)
    revenue = Estimate(value=now, n=one.size, unit=unit, origin=recent)
    origin = record.origin(
        "at_risk",
        ("customers", "sales"),
        "nonagon.methods.value.revenue_at_risk",
        rows=f"who met the criteria on {split}; lost: no order after it up to {last}",
        assumptions=(
            "Customers leave independently of each other.",
            f"Key customers leave as often in the coming {days} days as in the last.",
        ),
    )
    try:
        result = _leaving(record, one, split, last, max(now, 0.0))
    except NotEnoughData:
        missing = Estimate(why=f"nobody met the criteria {days} days before the last sale", origin=origin)
        return _Outlook(days, revenue, missing, missing)
    leaving = estimate_of(result.share, result, n=result.customers, unit="share", origin=origin)
    at_risk = Estimate(
        value=result.at_risk,
        low=result.at_risk_low,
        high=result.at_risk_high,
        confidence=result.confidence,
        n=result.customers,
        unit=unit,
        origin=origin,
    )
    return _Outlook(days, revenue, leaving, at_risk)


def _leaving(record: Record, one: CustomerClass, split: date, last: date, now: float) -> RevenueAtRisk:
    row = customers.kept(
        record.facts, one, split=split, start=split - (last - split) - timedelta(days=1), end=last
    )
    return revenue_at_risk(
        customers=int(row["members"][0]),
        lost=int(row["lost"][0]),
        revenue=float(row["before"][0]),
        revenue_squared=float(row["before_squared"][0]),
        revenue_lost=float(row["before_lost"][0]),
        revenue_now=now,
        confidence=record.cycle.settings.confidence,
    )


def _say(record: Record, key: KeyCustomers, one: CustomerClass) -> None:
    if one.size == 0 or key.revenue_share.value is None or key.share.value is None:
        return
    sentence = (
        f"{number(one.size, digits=0)} key customers ({percent(key.share.value)} of all) bring "
        f"{percent(key.revenue_share.value)} of the revenue that names a customer."
    )
    record.say("note", sentence, origin="key_customers")
    if key.at_risk.value is None or key.at_risk.low is None or key.at_risk.high is None:
        return
    currency = record.cycle.currency
    when = "a year" if key.horizon_days == YEAR else f"within {key.horizon_days} days"
    sentence = (
        f"If key customers leave as often as before, {amount(key.at_risk.value, currency)} goes with them {when} "
        f"(between {amount(key.at_risk.low)} and {amount(key.at_risk.high, currency)})."
    )
    record.say("note", sentence, origin="at_risk")
