"""Step 1's analysis: facts and decisions -> who the customers are and which of them we live on."""

from nonagon.basics.errors import ArgumentError
from nonagon.deliverables.cycle import Cycle
from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.evidence import Finding, Lack
from nonagon.deliverables.record import Record
from nonagon.deliverables.step1 import CustomersDeliverable
from nonagon.engine import customers
from nonagon.engine.facts import Facts
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
    classes, unclassified = describe_classes(record, decisions, total)
    buyers = _sales_are_named(record)
    concentration = describe_concentration(record) if buyers else None
    groups = describe_value_groups(record) if buyers else ()
    key = describe_key_customers(record, decisions, classes, concentration)
    life_cycle = describe_life_cycle(record, key, classes) if buyers else None
    processes, supplies = describe_supplies(record, decisions)
    return CustomersDeliverable(
        origins=record.origins,
        findings=tuple(record.findings),
        lacks=tuple(record.lacks),
        classes=classes,
        customers=total,
        internal_customers=internal,
        buyers=buyers,
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
        record.lacks.append(Lack(what="a register of customers", needs="the customers table"))
    try:
        total, internal = customers.how_many(record.facts)
    except ArgumentError:
        return 0, 0
    record.origin("register", ("customers",), "nonagon.engine.customers.how_many")
    if internal == 0 and record.facts.has("customers"):
        message = "No customer in the register is internal; the processes' own customers are not listed there."
        record.findings.append(Finding(kind="note", sentence=message, origin="register"))
    return total, internal


def _sales_are_named(record: Record) -> int:
    """How many customers bought; 0, with the lack said, where no sale names one."""
    facts = record.facts
    if not facts.has("sales"):
        record.lacks.append(Lack(what="revenue by customer, RFM, ABC and concentration", needs="the sales table"))
        return 0
    if not facts.has("sales", "customer_id"):
        record.lacks.append(
            Lack(what="revenue by customer, RFM, ABC and concentration", needs="customer_id in the sales table")
        )
        return 0
    return len(customers.by_customer(facts)["customer_id"])
