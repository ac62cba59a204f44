"""Step 1's section: classes, key customers, how unevenly revenue is spread, and who supplies whom."""

from nonagon.charts.maps import lorenz
from nonagon.charts.section import Align, Block, Figure, Figures, Heading, Paragraph, Section, Table
from nonagon.charts.wording import estimate, number, percent, plural
from nonagon.deliverables.step1 import Concentration, CustomersDeliverable, KeyCustomers, LifeCycle
from nonagon.steps.step1_customers.analysis.classes import in_words
from nonagon.steps.step1_customers.decisions import Step1Decisions


def section(deliverable: CustomersDeliverable, decisions: Step1Decisions) -> Section:
    """The section of the report, and later of the page."""
    blocks: list[Block] = [_figures(deliverable, decisions)]
    if deliverable.classes:
        blocks.append(_classes(deliverable))
    if deliverable.key_customers is not None:
        blocks += _key(deliverable.key_customers)
    if deliverable.concentration is not None:
        blocks += _concentration(deliverable.concentration)
    if deliverable.value_groups:
        blocks.append(_groups(deliverable, "rfm", "Customers by RFM segment"))
        blocks.append(_groups(deliverable, "abc", "Customers by ABC class"))
    if deliverable.life_cycle is not None:
        blocks.append(_life_cycle(deliverable.life_cycle))
    if deliverable.processes or deliverable.supplies:
        blocks += [Heading("Internal customers"), *_supply_tables(deliverable, decisions)]
    return Section(
        step=1,
        title="Identify customers",
        purpose="Who the customers are, which classes they fall in, and which of them the organization lives on.",
        blocks=tuple(blocks),
    )


def _figures(deliverable: CustomersDeliverable, decisions: Step1Decisions) -> Figures:
    stated = len(decisions.classes) + (decisions.key_customers is not None)
    filled = [one for one in deliverable.classes if one.size]
    origin = "register" if "register" in deliverable.origins else ""
    internal = f"{deliverable.internal_customers} of them internal" if deliverable.internal_customers else ""
    figures = [
        Figure("Customers", number(deliverable.customers, digits=0), internal, origin),
        Figure("Classes with customers", str(len(filled)), f"of {max(stated, len(deliverable.classes))} stated"),
    ]
    key = deliverable.key_customers
    if key is not None:
        share = f"{percent(key.revenue_share.value)} of revenue"
        figures.append(Figure("Key customers", number(key.count.value, digits=0), share, key.count.origin))
        figures.append(
            Figure(
                f"Revenue at risk within {key.horizon_days} days",
                estimate(key.at_risk, digits=0, unit=key.at_risk.unit),
                "if as much leaves as in as many days before",
                key.at_risk.origin,
            )
        )
    return Figures(tuple(figures))


def _classes(deliverable: CustomersDeliverable) -> Table:
    rows = tuple(
        (
            one.name + (" (key)" if one.key else ""),
            one.kind,
            in_words(one.rule),
            number(one.size, digits=0),
            percent(one.share.value) if one.share is not None else "",
            estimate(one.revenue, digits=0),
            percent(one.revenue_share.value) if one.revenue_share is not None else "",
        )
        for one in deliverable.classes
    )
    return Table(
        "Classes of customers; a customer may be in several",
        (
            ("class", "text"),
            ("kind", "text"),
            ("rule", "text"),
            ("customers", "number"),
            ("share", "number"),
            (_in_unit("revenue", deliverable), "number"),
            ("share of revenue", "number"),
        ),
        rows,
        note="A class is live: who is in it follows from the rule and the data of this run.",
        origin="classes",
    )


def _key(key: KeyCustomers) -> list[Block]:
    days = f"the last {key.horizon_days} days"
    rows = (
        ("criteria, all of which must hold", "; ".join(key.criteria)),
        ("customers who meet them", f"{number(key.count.value, digits=0)} ({percent(key.share.value)} of all)"),
        ("their share of revenue", percent(key.revenue_share.value)),
        (f"what they brought in {days}", estimate(key.recent_revenue, digits=0, unit=key.recent_revenue.unit)),
        ("the largest customer's share of revenue", percent(key.largest_share.value)),
        (f"share of revenue that such customers took away in {days}", estimate(key.leaving)),
        ("revenue at risk in as many days to come", estimate(key.at_risk, digits=0, unit=key.at_risk.unit)),
    )
    blocks: list[Block] = [
        Heading("Key customers"),
        Table(
            "Loyal and important by the stated criteria",
            (("what", "text"), ("value", "number")),
            rows,
            note="At risk: the recent revenue times the share that left with customers who met the criteria as "
            "many days ago, as if as much leaves again.",
            origin=key.at_risk.origin,
        ),
    ]
    if key.why:
        blocks.append(Paragraph(f"Why these criteria: {key.why}"))
    return blocks


def _concentration(found: Concentration) -> list[Block]:
    rows = (
        *(
            ("the largest" if one.customers == 1 else f"the {one.customers} largest", percent(one.share.value))
            for one in found.top
        ),
        ("Gini coefficient", estimate(found.gini)),
        ("concentration (HHI)", estimate(found.hhi, digits=4)),
        ("revenue that names no customer", estimate(found.unnamed)),
    )
    table = Table(
        f"Revenue of {number(found.customers, digits=0)} customers",
        (("what", "text"), ("value", "number")),
        rows,
        note="All customers are counted, so there is no sampling error. Gini: 0 where all bring the same, 1 where "
        "one brings all. HHI: the squared shares added up; the same as if "
        f"{plural(round(found.effective_number.value or 0), 'customer')} brought all the revenue in equal parts.",
        origin="concentration",
    )
    curve = lorenz(
        tuple(zip(found.lorenz_customers, found.lorenz_revenue, strict=True)),
        gini=found.gini.value or 0.0,
        title="How unevenly revenue is spread",
        origin="concentration",
    )
    return [Heading("Concentration of revenue"), table, curve]


def _groups(deliverable: CustomersDeliverable, kind: str, caption: str) -> Table:
    rows = tuple(
        (
            one.id,
            number(one.customers.value, digits=0),
            percent(one.customer_share.value),
            estimate(one.revenue, digits=0),
            percent(one.revenue_share.value),
        )
        for one in deliverable.value_groups
        if one.kind == kind
    )
    columns: tuple[tuple[str, Align], ...] = (
        ("group", "text"),
        ("customers", "number"),
        ("share", "number"),
        (_in_unit("revenue", deliverable), "number"),
        ("share of revenue", "number"),
    )
    return Table(caption, columns, rows, origin=kind)


def _life_cycle(found: LifeCycle) -> Table:
    rows = [
        ("customers who bought on one day only", number(found.buyers - found.repeat_buyers, digits=0)),
        ("customers who bought on more days", number(found.repeat_buyers, digits=0)),
        ("of these still customers, expected", estimate(found.alive, digits=0)),
        ("as a share", estimate(found.alive_share)),
    ]
    if found.key_alive is not None:
        rows.append(("share of key customers still alive, expected", estimate(found.key_alive)))
    if found.silent_key is not None:
        rows.append(("key customers more likely gone than not", estimate(found.silent_key, digits=0)))
    return Table(
        "Life cycle by the rhythm of buying (BG/NBD)",
        (("what", "text"), ("value", "number")),
        tuple(rows),
        origin=found.alive.origin,
    )


def _in_unit(heading: str, deliverable: CustomersDeliverable) -> str:
    """A heading of revenue with the currency, where one is stated."""
    amounts = [one.revenue for one in deliverable.classes] + [one.revenue for one in deliverable.value_groups]
    unit = next((one.unit for one in amounts if one is not None), "")
    return f"{heading}, {unit}" if unit else heading


def _supply_tables(deliverable: CustomersDeliverable, decisions: Step1Decisions) -> list[Block]:
    names = {one.id: one.name for one in decisions.suppliers}
    names |= {one.id: one.name for one in deliverable.processes}
    names |= {one.id: one.name for one in deliverable.classes}
    return [_processes(deliverable, names), _supplies(deliverable, names)]


def _processes(deliverable: CustomersDeliverable, names: dict[str, str]) -> Table:
    rows = tuple(
        (
            one.name,
            one.owner or "no owner",
            ", ".join(names.get(by, by) for by in one.supplied_by),
            ", ".join(names.get(to, to) for to in one.supplies),
            ", ".join(names.get(to, to) for to in one.reaches) or "no external customer",
        )
        for one in deliverable.processes
    )
    columns: tuple[tuple[str, Align], ...] = (
        ("process", "text"),
        ("owner", "text"),
        ("supplied by", "text"),
        ("supplies", "text"),
        ("reaches in the end", "text"),
    )
    return Table("Processes and whom they supply", columns, rows, origin="supplies")


def _supplies(deliverable: CustomersDeliverable, names: dict[str, str]) -> Table:
    rows = tuple(
        (
            names.get(one.supplier, one.supplier),
            names.get(one.customer, one.customer),
            one.what,
            one.need,
            ", ".join(need.replace("_", " ") for need in one.serves),
            " → ".join(names.get(at, at) for at in one.path) if one.internal else "the customer itself",
            "traced" if one.traced else "not traced",
        )
        for one in deliverable.supplies
    )
    columns: tuple[tuple[str, Align], ...] = (
        ("supplier", "text"),
        ("customer", "text"),
        ("what", "text"),
        ("need of it", "text"),
        ("serves", "text"),
        ("way to the external customer", "text"),
        ("state", "text"),
    )
    return Table("Who supplies whom (SIPOC)", columns, rows, origin="supplies")
