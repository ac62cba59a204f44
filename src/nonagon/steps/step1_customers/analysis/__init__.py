"""Step 1's analysis: facts and decisions -> who the customers are and which of them we live on."""

from nonagon.basics.errors import ArgumentError
from nonagon.deliverables.cycle import Cycle
from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.record import Record
from nonagon.deliverables.step1 import CustomersDeliverable
from nonagon.engine import customers
from nonagon.engine.facts import Facts
from nonagon.methods.checks import Floats
from nonagon.steps.step1_customers.analysis.classes import describe_classes
from nonagon.steps.step1_customers.analysis.key import describe_key_customers
from nonagon.steps.step1_customers.analysis.life_cycle import describe_life_cycle
from nonagon.steps.step1_customers.analysis.supply import describe_supplies
from nonagon.steps.step1_customers.analysis.value import describe_concentration, describe_value_groups
from nonagon.steps.step1_customers.decisions import Step1Decisions


def analyse(*, cycle: Cycle, facts: Facts, decisions: Step1Decisions, earlier: Earlier) -> CustomersDeliverable:
    """Classes, key customers, concentration and the supply map. Never raises for a lack of data."""
    del earlier
    record = Record(facts, cycle)
    total, internal = _count_customers(record)
    revenue = _revenue_by_customer(record)
    named_revenue = float(revenue.sum()) if revenue is not None else None
    classes, unclassified = describe_classes(record, decisions, total, named_revenue)
    concentration = describe_concentration(record, revenue) if revenue is not None else None
    groups = describe_value_groups(record) if revenue is not None else ()
    key = describe_key_customers(record, decisions, classes, concentration)
    life_cycle = describe_life_cycle(record, key, classes) if revenue is not None else None
    processes, supplies = describe_supplies(record, decisions)
    return CustomersDeliverable(
        origins=record.origins,
        findings=tuple(record.findings),
        lacks=tuple(record.lacks),
        classes=classes,
        customers=total,
        internal_customers=internal,
        buyers=len(revenue) if revenue is not None else 0,
        unclassified=unclassified,
        value_groups=groups,
        concentration=concentration,
        key_customers=key,
        life_cycle=life_cycle,
        processes=processes,
        supplies=supplies,
    )


def _count_customers(record: Record) -> tuple[int, int]:
    if not record.facts.has("customers"):
        record.lack("a register of customers", "the customers table")
    try:
        total, internal = customers.how_many(record.facts)
    except ArgumentError:
        return 0, 0
    record.origin("register", ("customers",), "nonagon.engine.customers", variant="how many there are")
    if internal == 0 and record.facts.has("customers"):
        message = "No customer in the register is internal; the processes' own customers are not listed there."
        record.say("note", message, origin="register")
    return total, internal


def _revenue_by_customer(record: Record) -> Floats | None:
    """What each customer whom our sales name brought; None, with the lack said, where they name nobody."""
    if not record.facts.has("sales", "customer_id"):
        missing = "customer_id in the sales table" if record.facts.has("sales") else "the sales table"
        record.lack("revenue by customer, RFM, ABC and concentration", missing)
        return None
    revenue = customers.by_customer(record.facts)["revenue"]
    return revenue if len(revenue) else None
