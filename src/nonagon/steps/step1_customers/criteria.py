"""When step 1 is ready: customers are known, told apart, and those that the organization lives on are named."""

from nonagon.charts.wording import estimate, listed, percent, plural
from nonagon.deliverables.evidence import Criterion
from nonagon.deliverables.step1 import CustomersDeliverable
from nonagon.steps.step1_customers.decisions import Step1Decisions

MOST_UNCLASSIFIED = 0.10


def criteria(deliverable: CustomersDeliverable, decisions: Step1Decisions) -> tuple[Criterion, ...]:
    """The exit criteria of step 1."""
    return (
        _known(deliverable),
        _told_apart(deliverable),
        _all_told(deliverable, decisions),
        _few_left_over(deliverable),
        _criteria_stated(decisions),
        _key_found(deliverable),
        _concentration(deliverable),
        _risk(deliverable),
        _internal(deliverable),
        _traced(deliverable),
    )


def _known(deliverable: CustomersDeliverable) -> Criterion:
    return Criterion(
        id="known",
        sentence="The organization knows who its customers are.",
        met=deliverable.customers > 0,
        reason=f"{plural(deliverable.customers, 'customer')} known"
        if deliverable.customers
        else "no table names a customer",
        mend="cycle.toml: a source for the customers table",
    )


def _told_apart(deliverable: CustomersDeliverable) -> Criterion:
    filled = [one for one in deliverable.classes if one.size > 0]
    return Criterion(
        id="told_apart",
        sentence="Customers are told apart in at least two classes that have customers.",
        met=len(filled) >= 2,
        reason=f"{len(filled)} of {plural(len(deliverable.classes), 'class', 'classes')} have customers",
        mend="decisions/step1.toml: classes",
    )


def _all_told(deliverable: CustomersDeliverable, decisions: Step1Decisions) -> Criterion:
    """A class whose rule asks for what the data lack would else vanish without a word."""
    told = {one.id for one in deliverable.classes}
    stated = [one.id for one in decisions.classes]
    lost = [one for one in stated if one not in told]
    if not stated:
        reason = "no class is stated"
    else:
        reason = listed(lost, before="the data cannot tell", none=f"all {len(stated)} can be told")
    return Criterion(
        id="all_told",
        sentence="The data can tell who is in every stated class.",
        met=bool(stated) and not lost,
        reason=reason,
        mend="decisions/step1.toml: the rule of the class; cycle.toml: the attribute or sales that it asks for",
    )


def _few_left_over(deliverable: CustomersDeliverable) -> Criterion:
    left = deliverable.unclassified.value if deliverable.unclassified is not None else None
    return Criterion(
        id="few_left_over",
        sentence=f"At most {percent(MOST_UNCLASSIFIED, digits=0)} of the customers are in no class.",
        met=left is not None and left <= MOST_UNCLASSIFIED,
        reason="no class can be evaluated"
        if left is None
        else f"{percent(left)} of the customers are in no class",
        mend="decisions/step1.toml: classes, or the attributes that their rules ask for",
    )


def _criteria_stated(decisions: Step1Decisions) -> Criterion:
    by_class = [one.id for one in decisions.classes if one.key]
    stated = decisions.key_customers is not None
    if stated:
        reason = "criteria of loyalty and of importance are stated"
    elif by_class:
        reason = f"the class {by_class[0]} is held to be key without criteria that the data can check"
    else:
        reason = "no criteria are stated"
    return Criterion(
        id="criteria_stated",
        sentence="Key customers are defined by stated criteria: loyal and important.",
        met=stated,
        reason=reason,
        mend="decisions/step1.toml: key_customers.loyal and key_customers.important",
    )


def _key_found(deliverable: CustomersDeliverable) -> Criterion:
    keys = [one for one in deliverable.classes if one.key and one.size > 0]
    return Criterion(
        id="key_found",
        sentence="At least one customer is a key customer.",
        met=bool(keys),
        reason=", ".join(f"{one.name}: {plural(one.size, 'customer')}" for one in keys)
        or "nobody meets the criteria, or they cannot be evaluated",
        mend="decisions/step1.toml: key_customers; sales that name customers",
    )


def _concentration(deliverable: CustomersDeliverable) -> Criterion:
    found = deliverable.concentration
    return Criterion(
        id="concentration",
        sentence="It is known how far revenue hangs on few customers.",
        met=found is not None,
        reason="no sales name customers"
        if found is None
        else f"the largest customer brings {percent(found.top[0].share.value)}, Gini {estimate(found.gini)}",
        mend="cycle.toml: a source for the sales table with customer_id",
    )


def _risk(deliverable: CustomersDeliverable) -> Criterion:
    key = deliverable.key_customers
    risk = key.at_risk if key is not None else None
    return Criterion(
        id="risk",
        sentence="The revenue at risk if key customers leave is known with its interval.",
        met=risk is not None and risk.value is not None and risk.high is not None,
        reason="no key customers with sales" if risk is None else estimate(risk, digits=0, unit=risk.unit),
        mend="decisions/step1.toml: key_customers; sales of several months",
    )


def _internal(deliverable: CustomersDeliverable) -> Criterion:
    without = [one.id for one in deliverable.processes if not one.owner]
    if not deliverable.processes:
        reason = "no process is named"
    elif without:
        reason = f"{plural(len(without), 'process', 'processes')} without an owner: {', '.join(without[:5])}"
    else:
        reason = f"{plural(len(deliverable.processes), 'process', 'processes')}, each with an owner"
    return Criterion(
        id="internal",
        sentence="Internal customers are named: processes, each with an owner.",
        met=bool(deliverable.processes) and not without,
        reason=reason,
        mend="decisions/processes.csv: id, name, owner",
    )


def _traced(deliverable: CustomersDeliverable) -> Criterion:
    needs = [one for one in deliverable.supplies if one.internal and one.need]
    broken = [one.id for one in needs if not one.traced]
    if not needs:
        reason = "no need of an internal customer is named"
    elif broken:
        reason = f"{len(broken)} of {len(needs)} lead to no external need: {', '.join(broken[:5])}"
    else:
        reason = f"all {len(needs)} lead to an external class and to a need that it serves"
    return Criterion(
        id="traced",
        sentence="Every internal need leads to a need of external customers.",
        met=bool(needs) and not broken,
        reason=reason,
        mend="decisions/supplies.csv: customer, need, serves",
    )
