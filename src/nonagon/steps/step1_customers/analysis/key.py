"""The key customers: loyal and important, what they bring, and what must be expected to go."""

from datetime import date, timedelta

from nonagon.basics.errors import NotEnoughData
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.record import Record
from nonagon.deliverables.step1 import Concentration, CustomerClass, KeyCustomers
from nonagon.engine import customers
from nonagon.methods.value.revenue_at_risk import RevenueAtRisk, revenue_at_risk
from nonagon.steps.step1_customers.analysis.classes import in_words
from nonagon.steps.step1_customers.decisions import Step1Decisions

YEAR = timedelta(days=365)


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
        "nonagon.engine.customers.class_sizes",
        rows=f"customers with {in_words(one.rule)}",
        variant="criteria of decisions/step1.toml",
    )
    yearly, leaving, at_risk = _at_risk(record, one)
    key = KeyCustomers(
        class_id=one.id,
        criteria=tuple(in_words((condition,)) for condition in one.rule),
        why=criteria.why,
        count=Estimate(value=one.size, unit="customers", origin=origin),
        share=one.share.model_copy(update={"origin": origin}),
        revenue_share=(one.revenue_share or Estimate()).model_copy(update={"origin": origin}),
        yearly_revenue=yearly,
        largest_share=concentration.top[0].share,
        leaving=leaving,
        at_risk=at_risk,
    )
    _say(record, key, one)
    return key


def _at_risk(record: Record, one: CustomerClass) -> tuple[Estimate, Estimate, Estimate]:
    """Revenue of the last year, the share that left a year before, and the amount that this puts at risk."""
    last = customers.last_day(record.facts)
    assert last is not None  # there are sales, or there were no concentration
    split = last - YEAR
    unit = record.cycle.currency
    yearly_origin = record.origin(
        "key_yearly",
        ("customers", "sales"),
        "nonagon.engine.customers.revenue_of",
        rows=f"our own sales to key customers after {split} up to {last}",
    )
    now = customers.revenue_of(record.facts, one, start=split, end=last)
    yearly = Estimate(value=now, n=one.size, unit=unit, origin=yearly_origin)
    origin = record.origin(
        "at_risk",
        ("customers", "sales"),
        "nonagon.methods.value.revenue_at_risk",
        rows=f"who met the criteria on {split}; lost: no order after it up to {last}",
        assumptions=(
            "Customers leave independently of each other.",
            "Key customers leave as often in the coming year as in the last.",
        ),
    )
    try:
        result = _leaving(record, one, split, last, max(now, 0.0))
    except NotEnoughData:
        missing = Estimate(why="nobody met the criteria a year before the last day of the sales", origin=origin)
        return yearly, missing, missing
    confidence = record.cycle.settings.confidence
    leaving = Estimate(
        value=result.share,
        low=result.low,
        high=result.high,
        confidence=confidence,
        n=result.customers,
        unit="share",
        origin=origin,
    )
    amount = Estimate(
        value=result.at_risk,
        low=result.at_risk_low,
        high=result.at_risk_high,
        confidence=confidence,
        n=result.customers,
        unit=unit,
        origin=origin,
    )
    return yearly, leaving, amount


def _leaving(record: Record, one: CustomerClass, split: date, last: date, now: float) -> RevenueAtRisk:
    row = customers.kept(record.facts, one, split=split, start=split - YEAR, end=last)
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
        f"{one.size} key customers ({key.share.value:.1%} of all) bring {key.revenue_share.value:.1%} of the "
        "revenue that names a customer."
    )
    record.say("note", sentence, origin="key_customers")
    if key.at_risk.value is None or key.at_risk.low is None or key.at_risk.high is None:
        return
    currency = record.cycle.currency
    sentence = (
        f"If key customers leave as often as in the last year, {key.at_risk.value:,.0f} {currency} a year goes "
        f"with them (between {key.at_risk.low:,.0f} and {key.at_risk.high:,.0f})."
    ).replace("  ", " ")
    record.say("note", sentence, origin="at_risk")
