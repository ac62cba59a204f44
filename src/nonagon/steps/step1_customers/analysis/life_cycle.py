"""Life cycle: who is still a customer by the rhythm of buying, in all and among the key customers."""

import numpy as np

from nonagon.basics.errors import NotEnoughData
from nonagon.charts.wording import number
from nonagon.deliverables.estimates import estimate_of
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.record import Record
from nonagon.deliverables.step1 import CustomerClass, KeyCustomers, LifeCycle
from nonagon.engine import customers
from nonagon.engine.facts import Columns
from nonagon.methods.checks import Floats
from nonagon.methods.value.alive_share import AliveShare, alive_share
from nonagon.methods.value.bg_nbd import BgNbd, bg_nbd

LEAST_REPEAT_BUYERS = 50
LEAST_DAYS = 180
DAYS_A_WEEK = 7
ORIGIN = "life_cycle"


def describe_life_cycle(
    record: Record, key: KeyCustomers | None, classes: tuple[CustomerClass, ...]
) -> LifeCycle | None:
    """The life cycle; None, with the lack said, where the sales do not carry the model."""
    rows = customers.rhythms(record.facts)
    again = rows["frequency"] > 0
    repeat = int(rows["customers"][again].sum())
    span = int(rows["length"].max(initial=0))
    if repeat < LEAST_REPEAT_BUYERS or span < LEAST_DAYS:
        record.lack(
            "who is still a customer, by the rhythm of buying",
            f"at least {LEAST_REPEAT_BUYERS} customers who bought again, over {LEAST_DAYS} days; there are "
            f"{repeat} over {span}",
        )
        return None
    frequency, recency, length = _in_weeks(rows)
    fit = bg_nbd(frequency=frequency, recency=recency, T=length, customers=rows["customers"])
    if not fit.converged:
        record.lack("who is still a customer, by the rhythm of buying", "sales whose rhythm the BG/NBD model fits")
        return None
    record.origin(
        ORIGIN,
        ("sales",),
        "nonagon.methods.value.alive_share",
        rows="our own sales that name a customer; returns are left out",
        variant="BG/NBD; days with a purchase, in weeks; those who bought on one day only are left out",
        assumptions=(
            "Each customer buys at random at a rate of their own and may leave after a purchase.",
            "Habits do not change with the season.",
        ),
    )
    found = _alive(record, fit, rows)
    of_key = _key_alive(record, fit, key, classes)
    _say(record, found)
    return LifeCycle(
        buyers=int(rows["customers"].sum()),
        repeat_buyers=repeat,
        alive=Estimate(value=found.alive, n=repeat, unit="customers", origin=ORIGIN),
        alive_share=_share(found),
        key_alive=_share(of_key) if of_key is not None else None,
        silent_key=Estimate(value=of_key.silent, n=int(of_key.repeat_buyers), unit="customers", origin=ORIGIN)
        if of_key is not None
        else None,
    )


def _in_weeks(rows: Columns) -> tuple[Floats, Floats, Floats]:
    """Frequency, recency and T in weeks, as the model takes them."""
    return (
        np.asarray(rows["frequency"], dtype=np.float64),
        rows["recency"] / DAYS_A_WEEK,
        rows["length"] / DAYS_A_WEEK,
    )


def _alive(record: Record, fit: BgNbd, rows: Columns) -> AliveShare:
    frequency, recency, length = _in_weeks(rows)
    return alive_share(
        fit=fit,
        frequency=frequency,
        recency=recency,
        T=length,
        customers=rows["customers"],
        confidence=record.cycle.settings.confidence,
        seed=record.cycle.settings.seed,
    )


def _key_alive(
    record: Record, fit: BgNbd, key: KeyCustomers | None, classes: tuple[CustomerClass, ...]
) -> AliveShare | None:
    one = next((known for known in classes if key is not None and known.id == key.class_id), None)
    if one is None or one.size == 0:
        return None
    rows = customers.rhythms(record.facts, one)
    try:
        return _alive(record, fit, rows)
    except NotEnoughData:
        return None


def _share(found: AliveShare) -> Estimate:
    return estimate_of(found.share, found, n=found.repeat_buyers, unit="share", origin=ORIGIN)


def _say(record: Record, found: AliveShare) -> None:
    sentence = (
        f"By their rhythm of buying about {number(found.alive, digits=0)} of "
        f"{number(found.repeat_buyers, digits=0)} repeat buyers are still "
        f"customers; {number(found.silent, digits=0)} are more likely gone than not."
    )
    record.say("note", sentence, origin=ORIGIN)
