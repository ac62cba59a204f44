"""What customers bring: RFM segments, ABC classes, and how unevenly revenue is spread."""

from typing import Literal

import numpy as np

from nonagon.basics.errors import NotEnoughData
from nonagon.charts.wording import percent, plural
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.record import Record
from nonagon.deliverables.step1 import Concentration, TopShare, ValueGroup
from nonagon.engine import customers, sales
from nonagon.methods.checks import Floats
from nonagon.methods.value.customer_concentration import CustomerConcentration, customer_concentration
from nonagon.methods.value.rfm import SEGMENTS

TOP = (1, 5, 10, 20)
LORENZ_POINTS = 51


def describe_value_groups(record: Record) -> tuple[ValueGroup, ...]:
    """Each RFM segment and each ABC class with its customers and revenue, empty ones included."""
    rfm = record.origin(
        "rfm",
        ("sales",),
        "nonagon.methods.value.rfm",
        rows="our own sales that name a customer with at least one order",
        variant="five groups, ties together; recency counted from the last day of the sales",
        assumptions=("Scores rank these customers against each other; they say nothing of the whole base.",),
    )
    abc = record.origin(
        "abc",
        ("sales",),
        "nonagon.methods.value.abc_classes",
        rows="our own sales that name a customer",
        variant="limits 0.8 and 0.95; who crosses a limit is in the class above it; negative revenue counts as 0",
    )
    return (
        *_groups(record, "rfm", "rfm_segment", SEGMENTS, rfm),
        *_groups(record, "abc", "abc", ("A", "B", "C"), abc),
    )


def _groups(
    record: Record, kind: Literal["rfm", "abc"], field: str, names: tuple[str, ...], origin: str
) -> tuple[ValueGroup, ...]:
    rows = customers.value_groups(record.facts, field)
    counts = dict(zip(rows["value"], rows["customers"], strict=True))
    brought = dict(zip(rows["value"], rows["revenue"], strict=True))
    people, revenue = int(rows["customers"].sum()), float(rows["revenue"].sum())
    if people == 0:
        return ()
    currency = record.cycle.currency
    found = []
    for name in names:
        count, amount = int(counts.get(name, 0)), float(brought.get(name, 0.0))
        share = (
            Estimate(value=amount / revenue, n=count, unit="share", origin=origin)
            if revenue > 0
            else Estimate(why="no revenue above nothing", origin=origin)
        )
        found.append(
            ValueGroup(
                kind=kind,
                id=name,
                customers=Estimate(value=count, n=people, origin=origin),
                customer_share=Estimate(value=count / people, n=people, unit="share", origin=origin),
                revenue=Estimate(value=amount, n=count, unit=currency, origin=origin),
                revenue_share=share,
            )
        )
    return tuple(found)


def describe_concentration(record: Record, revenue: Floats) -> Concentration | None:
    """How unevenly revenue is spread; None, with the lack said, where nothing above nothing was sold."""
    try:
        result = customer_concentration(revenue=revenue, top=TOP, negative="as_zero")
    except NotEnoughData as error:
        record.lack("the concentration of revenue", str(error))
        return None
    origin = record.origin(
        "concentration",
        ("sales",),
        "nonagon.methods.value.customer_concentration",
        rows="our own sales that name a customer; negative revenue counts as 0",
        assumptions=("All customers of the period are counted, so these figures carry no sampling error.",),
    )
    _say_concentration(record, result, origin)
    x, y = result.lorenz_curve(points=LORENZ_POINTS)
    return Concentration(
        customers=result.n,
        revenue=Estimate(value=result.total, n=result.n, unit=record.cycle.currency, origin=origin),
        hhi=Estimate(value=result.hhi, n=result.n, origin=origin),
        effective_number=Estimate(value=result.effective_number, n=result.n, unit="customers", origin=origin),
        gini=Estimate(value=result.gini, n=result.n, origin=origin),
        top=tuple(
            TopShare(customers=count, share=Estimate(value=share, n=result.n, unit="share", origin=origin))
            for count, share in result.top.items()
            if count <= result.n
        ),
        lorenz_customers=tuple(float(one) for one in x),
        lorenz_revenue=tuple(float(one) for one in np.round(y, 12)),
        unnamed=_unnamed(record, float(revenue.sum())),
    )


def _say_concentration(record: Record, result: CustomerConcentration, origin: str) -> None:
    count = max((one for one in result.top if one <= result.n // 4), default=1)
    one_or_more = "largest customer brings" if count == 1 else f"{count} largest customers bring"
    sentence = f"The {one_or_more} {percent(result.top[count])} of the revenue of {plural(result.n, 'customer')}."
    record.say("note", sentence, origin=origin)


def _unnamed(record: Record, named: float) -> Estimate:
    origin = record.origin("unnamed", ("sales",), "nonagon.engine.sales", rows="our own sales")
    all_sales = sales.own_revenue(record.facts)
    if all_sales <= 0:
        return Estimate(why="nothing was sold above returns", origin=origin)
    share = 1 - named / all_sales
    if abs(share) < 1e-9:
        return Estimate(value=0.0, unit="share", origin=origin)
    if share > 0.05:
        sentence = f"{percent(share)} of our revenue names no customer; what follows leaves it out."
        record.say("warning", sentence, origin=origin)
    return Estimate(value=share, unit="share", origin=origin)
