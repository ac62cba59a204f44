"""The classes: who is in them now, and what they bring."""

from nonagon.basics.errors import ArgumentError
from nonagon.charts.wording import number, percent, plural, short
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.record import Record
from nonagon.deliverables.step1 import Condition, CustomerClass
from nonagon.engine import customers
from nonagon.steps.step1_customers.decisions import Step1Decisions

ORIGIN = "classes"


def describe_classes(
    record: Record, decisions: Step1Decisions, total: int, named_revenue: float | None
) -> tuple[tuple[CustomerClass, ...], Estimate | None]:
    """Every class that the data can tell, the class of key customers last, and who is in no stated class.

    named_revenue: of all customers whom our sales name; None without such sales.
    """
    stated = [
        CustomerClass(id=one.id, name=one.name, kind=one.kind, rule=one.conditions(), key=one.key)
        for one in decisions.classes
    ]
    if not stated:
        record.lack("classes of customers", "decisions/step1.toml: classes, each with a rule")
    wanted = list(stated)
    if decisions.key_customers is not None:
        criteria = decisions.key_customers
        wanted.append(CustomerClass(id=criteria.id, name=criteria.name, rule=criteria.conditions(), key=True))
    if not wanted:
        return (), None
    record.origin(ORIGIN, ("customers", "sales"), "nonagon.engine.customers", rows="our own sales")
    known = [one for one in wanted if _can_be_told(record, one)]
    if not known:
        return (), None
    found = _measured(record, known, total, named_revenue)
    ids = {one.id for one in stated}
    return found, _unclassified(record, [one for one in found if one.id in ids], total)


def _can_be_told(record: Record, one: CustomerClass) -> bool:
    """Whether the data can tell who is in the class; where not, the lack is said."""
    try:
        customers.membership(record.facts, [one])
    except ArgumentError as error:
        record.lack(f"the class {one.name}", str(error))
        return False
    return True


def _measured(
    record: Record, classes: list[CustomerClass], total: int, named_revenue: float | None
) -> tuple[CustomerClass, ...]:
    """The classes with their sizes and what they bring."""
    rows = customers.class_sizes(record.facts, classes)
    place = {class_id: at for at, class_id in enumerate(rows["class_id"])}
    currency = record.cycle.currency
    found = []
    for one in classes:
        at = place.get(one.id)
        size = int(rows["customers"][at]) if at is not None else 0
        brought = float(rows["revenue"][at]) if at is not None else 0.0
        if size == 0:
            sentence = f"Nobody is in the class {one.name} ({in_words(one.rule)})."
            record.say("warning", sentence, origin=ORIGIN)
        update: dict[str, object] = {
            "size": size,
            "share": Estimate(value=size / total, n=total, unit="share", origin=ORIGIN) if total else None,
        }
        if named_revenue is not None:
            update["revenue"] = Estimate(value=brought, n=size, unit=currency, origin=ORIGIN)
            update["revenue_share"] = (
                Estimate(value=brought / named_revenue, n=size, unit="share", origin=ORIGIN)
                if named_revenue > 0
                else Estimate(unit="share", why="no revenue names a customer", origin=ORIGIN)
            )
        found.append(one.model_copy(update=update))
    return tuple(found)


def _unclassified(record: Record, classes: list[CustomerClass], total: int) -> Estimate | None:
    if not classes or not total:
        return None
    left = customers.unclassified(record.facts, classes)
    share = Estimate(value=left / total, n=total, unit="share", origin=ORIGIN)
    if left:
        sentence = (
            f"{number(left, digits=0)} of {plural(total, 'customer')} ({percent(left / total)}) are in no class."
        )
        record.say("note", sentence, origin=ORIGIN)
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
        parts.append(f"at least {short(one.at_least)}")
    if one.below is not None:
        parts.append(f"below {short(one.below)}")
    return f"{name} {' and '.join(parts)}"
