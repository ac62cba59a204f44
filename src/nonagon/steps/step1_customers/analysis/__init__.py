"""Step 1's analysis: facts and decisions -> who the customers are and which of them we live on."""

from nonagon.basics.errors import ArgumentError
from nonagon.charts.wording import number, percent
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
    _say_duplicates(record, total)
    if internal == 0 and record.facts.has("customers"):
        message = "No customer in the register is internal; the processes' own customers are not listed there."
        record.say("note", message, origin="register")
    return total, internal


def _say_duplicates(record: Record, people: int) -> None:
    """How many records of the register are a customer whom another record names already."""
    if not record.facts.identities:
        return
    again = record.facts.repeated
    records = people + again
    record.origin(
        "duplicates",
        ("customers",),
        "nonagon.engine.identity",
        variant=record.facts.identities,
        assumptions=(
            "Columns of different records of one customer err independently of one another.",
            "Pairs at or above link_above are joined without being asked; people's verdicts go before.",
        ),
    )
    record.say(
        "shown",
        f"{number(records, digits=0)} records in the register are {number(people, digits=0)} customers; "
        f"{number(again, digits=0)} name somebody once more, {percent(again / records)} of all.",
        origin="duplicates",
    )


def _revenue_by_customer(record: Record) -> Floats | None:
    """What each customer whom our sales name brought; None, with the lack said, where they name nobody."""
    if not record.facts.has("sales", "customer_id"):
        missing = "customer_id in the sales table" if record.facts.has("sales") else "the sales table"
        record.lack("revenue by customer, RFM, ABC and concentration", missing)
        return None
    revenue = customers.revenues(record.facts)["revenue"]
    return revenue if len(revenue) else None
