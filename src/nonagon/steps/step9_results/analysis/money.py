"""Sales tracked: revenue by quarter, who comes back, our share of the market, benefit against the plan."""

import math
from datetime import date, timedelta

import numpy as np

from nonagon.charts.wording import amount, estimate, plural
from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.estimates import share_estimate
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.record import Record
from nonagon.deliverables.step9 import Benefit, BenefitTotal, Effect, SalesPeriod
from nonagon.engine import customers, sales
from nonagon.engine.periods import last_day_of, next_period
from nonagon.steps.step9_results.analysis.series import chosen
from nonagon.steps.step9_results.decisions import BenefitDecision, EffectDecision, Step9Decisions


def quarters(record: Record) -> tuple[SalesPeriod, ...]:
    """Revenue, orders and customers by quarter, with the share of customers who bought again in the next."""
    facts = record.facts
    if not facts.has("sales"):
        record.lack("Sales cannot be tracked.", "a source for the table sales")
        return ()
    record.origin("sales", ("sales",), "nonagon.engine.sales", rows="our own sales by quarter")
    found = sales.by_period(facts, unit="quarter")
    back = _returning(record)
    return tuple(
        SalesPeriod(
            period=period,
            revenue=float(found["revenue"][place]),
            orders=int(found["orders"][place]),
            customers=int(found["customers"][place]),
            returning=back.get(period),
        )
        for place, period in enumerate(found["period"])
    )


def _returning(record: Record) -> dict[date, Estimate]:
    facts = record.facts
    if not facts.has("sales", "customer_id"):
        record.lack("Who comes back cannot be seen.", "customer_id in the table sales")
        return {}
    key = record.origin(
        "retention",
        ("sales",),
        "nonagon.methods.survey.proportion",
        rows="customers who bought in the quarter; did they buy in the next one",
        variant="Wilson interval; left out where the data do not cover the whole of the next quarter",
        assumptions=("Customers decide independently.",),
    )
    found = sales.active_customers(facts, unit="quarter")
    _, last = sales.span(facts)
    settings = record.cycle.settings
    return {
        period: share_estimate(
            int(found["returning"][place]), int(found["customers"][place]), settings, origin=key
        )
        for place, period in enumerate(found["period"])
        if last is not None and last_day_of(next_period(period, "quarter"), "quarter") <= last
    }


def repeat_rate(record: Record, decisions: Step9Decisions) -> Estimate | None:
    """Share of the customers of the last `repeat_days` who ordered more than once in that time."""
    last = customers.last_day(record.facts)
    if last is None or not record.facts.has("sales", "customer_id"):
        return None
    start = last - timedelta(days=decisions.repeat_days - 1)
    found = sales.frequencies(record.facts, start=start, end=last)
    total = int(found["customers"].sum())
    if total == 0:
        return None
    key = record.origin(
        "repeat_rate",
        ("sales",),
        "nonagon.methods.survey.proportion",
        rows=f"customers with an order from {start} to {last}",
        variant="more than one order in that time, Wilson interval",
        assumptions=("Customers decide independently.",),
    )
    again = int(found["customers"][found["orders"] > 1].sum())
    return share_estimate(again, total, record.cycle.settings, origin=key)


def market_share(record: Record) -> Estimate | None:
    """Our share of everybody's sales in the latest quarter in which competitors' sales are known."""
    facts = record.facts
    if not facts.has("sales", "seller"):
        return None
    found = sales.by_seller(facts, unit="quarter")
    ours = found["seller"] == facts.our_subject
    both = sorted(set(found["period"][ours]) & set(found["period"][~ours]))
    if not both:
        return None
    latest = found["period"] == both[-1]
    total = float(found["revenue"][latest].sum())
    if total <= 0:
        return None
    key = record.origin(
        "market_share",
        ("sales",),
        "nonagon.engine.sales",
        rows=f"all sellers, quarter from {both[-1]}",
        variant="our amount divided by all amounts known; a full count, so no interval",
        assumptions=("The sellers in the data make up the market.",),
    )
    return Estimate(value=float(found["revenue"][latest & ours].sum()) / total, unit="share", origin=key)


def benefits(
    record: Record, decisions: Step9Decisions, earlier: Earlier, effects: tuple[Effect, ...]
) -> tuple[Benefit, ...]:
    """Benefit a year of each project, from its effect on sales or from the books, against the plan."""
    names = {one.id: one.name for one in earlier.step6.projects} if earlier.step6 else {}
    plans = {one.id: one for one in decisions.effects}
    by_id = {one.id: one for one in effects}
    if not decisions.benefits:
        record.lack("Benefit cannot be held against the plan.", "decisions/benefits.csv")
    rows = []
    for one in decisions.benefits:
        effect = by_id.get(one.effect) if one.effect else None
        plan = plans.get(one.effect) if one.effect else None
        realised = _realised(record, one, effect, plan, earlier)
        rows.append(_benefit(record, one, names.get(one.project, one.project), realised))
    return tuple(rows)


def _realised(
    record: Record,
    benefit: BenefitDecision,
    effect: Effect | None,
    plan: EffectDecision | None,
    earlier: Earlier,
) -> Estimate:
    currency = record.cycle.currency
    if benefit.realised is not None:
        key = record.decided(f"benefit_{benefit.project}", "decisions/benefits.csv", variant=benefit.source)
        return Estimate(value=benefit.realised, unit=currency, origin=key)
    if effect is None or plan is None or effect.outcome != "sales":
        return Estimate(why="no effect on sales was designed for it, and the books are not named", unit=currency)
    share = effect.effect
    if share.value is None or share.low is None or share.high is None:
        return Estimate(why=share.why or "the effect on sales is not known", unit=currency)
    if share.beyond_chance and not effect.shown:
        return Estimate(why="sales moved, but an effect of it is not shown", unit=currency)
    first, _ = sales.span(record.facts)
    if first is None or first > plan.start - timedelta(days=365):
        return Estimate(why=f"sales are not known for the whole year before {plan.start}", unit=currency)
    base = _year_before(record, plan, earlier)
    key = record.origin(
        f"benefit_{benefit.project}",
        ("sales",),
        "nonagon.methods.effects.interrupted_time_series",
        rows=f"our revenue in the 365 days before {plan.start} from those who got it",
        variant="that revenue times the effect as a share; revenue, not margin",
        assumptions=("A year after is like the year before, but for the improvement.",),
    )
    return Estimate(
        value=base * share.value,
        low=base * share.low,
        high=base * share.high,
        confidence=share.confidence,
        unit=currency,
        origin=key,
    )


def _year_before(record: Record, plan: EffectDecision, earlier: Earlier) -> float:
    found = sales.totals(
        record.facts,
        by=("seller",),
        classes=chosen(earlier, plan.treated),
        start=plan.start - timedelta(days=365),
        end=plan.start - timedelta(days=1),
    )
    return float(np.sum(found["revenue"]))


def _benefit(record: Record, benefit: BenefitDecision, name: str, realised: Estimate) -> Benefit:
    planned = benefit.planned
    verdict, words = _verdict(realised, planned)
    currency = record.cycle.currency
    gained = "not known" if realised.value is None else estimate(realised, digits=0, unit=currency)
    reason = f" because {realised.why}" if realised.why else ""
    return Benefit.model_validate(
        {
            "project": benefit.project,
            "name": name,
            "planned": planned,
            "realised": realised,
            "verdict": verdict,
            "sentence": f"{name}: planned {amount(planned, currency)} a year, realised {gained}: {words}{reason}.",
        }
    )


def benefit_total(record: Record, rows: tuple[Benefit, ...]) -> BenefitTotal | None:
    """All projects together; their intervals add up as those of independent estimates. None without projects."""
    if not rows:
        return None
    known = [one.realised for one in rows if one.realised.value is not None]
    unknown, planned = len(rows) - len(known), sum(one.planned for one in rows)
    currency = record.cycle.currency
    realised = _sum(record, known, currency)
    if unknown:
        verdict, words = "not_shown", f"for {unknown} of {plural(len(rows), 'project')} the benefit is not known"
    else:
        verdict, words = _verdict(realised, planned)
    gained = "not known" if realised.value is None else estimate(realised, digits=0, unit=currency)
    return BenefitTotal.model_validate(
        {
            "planned": planned,
            "realised": realised,
            "projects": len(rows),
            "unknown": unknown,
            "verdict": verdict,
            "sentence": f"All projects together: planned {amount(planned, currency)} a year, realised {gained}: "
            f"{words}.",
        }
    )


def _sum(record: Record, known: list[Estimate], currency: str) -> Estimate:
    """The sum; its interval by the square root of the sum of squared distances on either side."""
    if not known:
        return Estimate(why="of no project the benefit is known", unit=currency)
    key = record.origin(
        "benefit_total",
        (),
        "nonagon.steps.step9_results.analysis.money",
        rows="the projects whose benefit is known",
        variant="sum of the projects; interval from the squared distances of the projects' bounds",
        assumptions=("The projects' benefits are estimated independently and do not overlap.",),
    )
    values = [one.value for one in known if one.value is not None]
    below = [one.value - one.low for one in known if one.value is not None and one.low is not None]
    above = [one.high - one.value for one in known if one.value is not None and one.high is not None]
    total = sum(values)
    return Estimate(
        value=total,
        low=total - math.hypot(*below) if below else None,
        high=total + math.hypot(*above) if above else None,
        confidence=next((one.confidence for one in known if one.confidence is not None), None),
        unit=currency,
        origin=key,
    )


def _verdict(realised: Estimate, planned: float) -> tuple[str, str]:
    if realised.value is None:
        return "not_shown", "nothing is shown"
    low = realised.value if realised.low is None else realised.low
    high = realised.value if realised.high is None else realised.high
    if low >= planned:
        return "reached", "the plan is reached"
    if high < planned:
        return "not_reached", "the plan is not reached"
    return "not_shown", "whether the plan is reached is not shown"
