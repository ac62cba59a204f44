"""The classes: who is in them now, and what they bring."""

from nonagon.basics.errors import ArgumentError
from nonagon.deliverables.evidence import Estimate, Finding, Lack
from nonagon.deliverables.record import Record
from nonagon.deliverables.step1 import Condition, CustomerClass
from nonagon.engine import customers
from nonagon.steps.step1_customers.decisions import Step1Decisions

ORIGIN = "classes"


def describe_classes(
    record: Record, decisions: Step1Decisions, total: int
) -> tuple[tuple[CustomerClass, ...], Estimate | None]:
    """Every class that the data can tell, the class of key customers last, and who is in no stated class."""
    stated = [
        CustomerClass(id=one.id, name=one.name, kind=one.kind, rule=one.conditions(), key=one.key)
        for one in decisions.classes
    ]
    if not stated:
        record.lacks.append(
            Lack(what="classes of customers", needs="decisions/step1.toml: classes, each with a rule")
        )
    wanted = list(stated)
    if decisions.key_customers is not None:
        criteria = decisions.key_customers
        wanted.append(CustomerClass(id=criteria.id, name=criteria.name, rule=criteria.conditions(), key=True))
    if not wanted:
        return (), None
    record.origin(ORIGIN, ("customers", "sales"), "nonagon.engine.customers.class_sizes", rows="our own sales")
    revenue = _named_revenue(record)
    found = [one for one in (_measured(record, one, total, revenue) for one in wanted) if one is not None]
    known = [one for one in found if one.id in {own.id for own in stated}]
    return tuple(found), _unclassified(record, known, total)


def _measured(record: Record, one: CustomerClass, total: int, revenue: float | None) -> CustomerClass | None:
    """The class with its size and revenue; None, with the lack said, where the data cannot tell who is in it."""
    try:
        row = customers.class_sizes(record.facts, [one])
    except ArgumentError as error:
        record.lacks.append(Lack(what=f"the class {one.name}", needs=str(error)))
        return None
    empty = len(row["class_id"]) == 0
    size = 0 if empty else int(row["customers"][0])
    brought = 0.0 if empty else float(row["revenue"][0])
    if size == 0:
        sentence = f"Nobody is in the class {one.name} ({in_words(one.rule)})."
        record.findings.append(Finding(kind="warning", sentence=sentence, origin=ORIGIN))
    currency = record.cycle.currency
    update: dict[str, object] = {
        "size": size,
        "share": Estimate(value=size / total, n=total, unit="share", origin=ORIGIN) if total else None,
    }
    if revenue is not None:
        update["revenue"] = Estimate(value=brought, n=size, unit=currency, origin=ORIGIN)
        update["revenue_share"] = (
            Estimate(value=brought / revenue, n=size, unit="share", origin=ORIGIN)
            if revenue > 0
            else Estimate(why="no revenue names a customer", origin=ORIGIN)
        )
    return one.model_copy(update=update)


def _named_revenue(record: Record) -> float | None:
    """Revenue of all customers whom our sales name; None without such sales."""
    if not record.facts.has("sales", "customer_id"):
        return None
    return float(customers.by_customer(record.facts)["revenue"].sum())


def _unclassified(record: Record, classes: list[CustomerClass], total: int) -> Estimate | None:
    if not classes or not total:
        return None
    left = customers.unclassified(record.facts, classes)
    share = Estimate(value=left / total, n=total, unit="share", origin=ORIGIN)
    if left:
        sentence = f"{left} of {total} customers ({left / total:.1%}) are in no class."
        record.findings.append(Finding(kind="note", sentence=sentence, origin=ORIGIN))
    return share


def in_words(rule: tuple[Condition, ...]) -> str:
    """A rule as people say it.

    >>> in_words((Condition(field="orders", at_least=3), Condition(field="abc", one_of=("A",))))
    'orders at least 3 and abc is A'
    """
    return " and ".join(_condition_in_words(one) for one in rule) or "everybody"


def _condition_in_words(one: Condition) -> str:
    name = one.field.replace("_", " ")
    if one.one_of is not None:
        return f"{name} is {' or '.join(one.one_of)}"
    if one.none_of is not None:
        return f"{name} is not {' or '.join(one.none_of)}"
    parts = []
    if one.at_least is not None:
        parts.append(f"at least {one.at_least:g}")
    if one.below is not None:
        parts.append(f"below {one.below:g}")
    return f"{name} {' and '.join(parts)}"
