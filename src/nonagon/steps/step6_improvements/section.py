"""Step 6's section: the choice of projects, the plan in time, its money by month, its exposure."""

from nonagon.charts.bars import Bar, intervals
from nonagon.charts.plan import CashMonth, Span, cash, gantt
from nonagon.charts.section import Block, Chart, Figure, Figures, Section, Table
from nonagon.charts.wording import amount, chance, estimate, number, percent, plural
from nonagon.deliverables.step6 import Activity, ImprovementsDeliverable
from nonagon.steps.step6_improvements.decisions import Step6Decisions

KINDS = {"best": "best by the figures", "by_ratio": "by worth for money", "decided": "as decided"}
STATES = {"planned": "planned", "under_way": "under way", "done": "done", "dropped": "dropped"}


def section(deliverable: ImprovementsDeliverable, decisions: Step6Decisions) -> Section:
    """The section of the report, and later of the page."""
    del decisions
    currency = deliverable.currency
    blocks: list[Block] = [_figures(deliverable, currency)]
    if deliverable.projects:
        blocks += [_projects(deliverable, currency), _reasons(deliverable)]
    if any(one.npv is not None for one in deliverable.projects):
        blocks.append(_worth(deliverable, currency))
    if len(deliverable.portfolios) > 1:
        blocks.append(_portfolios(deliverable, currency))
    dated = [one for one in deliverable.activities if one.start is not None and one.finish is not None]
    if dated:
        blocks.append(_gantt(deliverable, dated, currency))
    if deliverable.activities:
        blocks.append(_activities(deliverable))
    if deliverable.months:
        blocks.append(_cash(deliverable, currency))
    if deliverable.sequence:
        blocks.append(_sequence(deliverable))
    if deliverable.shares or any(not one.in_house for one in deliverable.projects):
        blocks += _exposure(deliverable)
    return Section(
        step=6,
        title="Improve products and services",
        purpose="Which projects are done, in which order, for which money, and who outside knows of it.",
        blocks=tuple(blocks),
    )


def _figures(deliverable: ImprovementsDeliverable, currency: str) -> Figures:
    selected = sum(one.selected for one in deliverable.projects)
    figures = [Figure("Projects", f"{selected} of {len(deliverable.projects)}", "in the plan")]
    if deliverable.planned_cost is not None:
        budget = "" if deliverable.budget is None else f"of {amount(deliverable.budget, currency)}"
        figures.append(Figure("Cost", amount(deliverable.planned_cost, currency), budget, "cash"))
    if deliverable.value is not None:
        figures.append(
            Figure("Worth today", estimate(deliverable.value, digits=0), currency, deliverable.value.origin)
        )
    if deliverable.days is not None:
        ends = f"until {deliverable.finish}" if deliverable.finish else ""
        figures.append(Figure("Duration", plural(round(deliverable.days), "day"), ends, "schedule"))
    if deliverable.shortfall is not None:
        short = deliverable.short_month
        detail = f"short by up to {amount(deliverable.shortfall, currency)}" if short else "no month falls short"
        figures.append(Figure("First month short", short or "none", detail, "cash"))
    if deliverable.leak_exposure is not None:
        figures.append(
            Figure(
                "Leak exposure",
                number(deliverable.leak_exposure.value, digits=0),
                "people outside × documents × days",
                deliverable.leak_exposure.origin,
            )
        )
    return Figures(tuple(figures))


def _projects(deliverable: ImprovementsDeliverable, currency: str) -> Table:
    return Table(
        caption="Projects: what they cost and are worth",
        columns=(
            ("project", "text"),
            (f"cost, {currency}".rstrip(", "), "number"),
            ("benefit a year", "number"),
            ("worth today", "number"),
            ("chance of a loss", "number"),
            ("years to pay back", "number"),
        ),
        rows=tuple(
            (
                one.name,
                amount(one.cost),
                estimate(one.benefit, digits=0),
                estimate(one.npv, digits=0),
                chance(one.chance_of_loss.value) if one.chance_of_loss else "",
                number(one.payback_years, digits=1),
            )
            for one in deliverable.projects
        ),
        note="Benefits are people's low and high; worth today is the net present value.",
        origin="npv",
    )


def _reasons(deliverable: ImprovementsDeliverable) -> Table:
    return Table(
        caption="Why each project is in the plan or out of it",
        columns=(("project", "text"), ("in the plan", "text"), ("why", "text")),
        rows=tuple((one.name, "yes" if one.selected else "no", one.reason) for one in deliverable.projects),
        origin="portfolio",
    )


def _worth(deliverable: ImprovementsDeliverable, currency: str) -> Chart:
    valued = [one for one in deliverable.projects if one.npv is not None and one.npv.value is not None]
    ranked = sorted(valued, key=lambda one: -(one.npv.value or 0.0) if one.npv else 0.0)
    return intervals(
        [
            Bar(
                label=one.name,
                value=one.npv.value if one.npv else None,
                low=one.npv.low if one.npv else None,
                high=one.npv.high if one.npv else None,
                detail="in the plan" if one.selected else "out",
            )
            for one in ranked
        ],
        title="What each project is worth today",
        x=f"net present value, {currency}".rstrip(", "),
        digits=0,
        reference=0,
        origin="npv",
    )


def _portfolios(deliverable: ImprovementsDeliverable, currency: str) -> Table:
    names = {one.id: one.name for one in deliverable.projects}
    return Table(
        caption="The same money, chosen in several ways",
        columns=(
            ("choice", "text"),
            ("projects", "text"),
            (f"cost, {currency}".rstrip(", "), "number"),
            ("worth today", "number"),
        ),
        rows=tuple(
            (KINDS[one.kind], ", ".join(names[name] for name in one.projects), amount(one.cost), amount(one.value))
            for one in deliverable.portfolios
        ),
        origin="portfolio",
    )


def _gantt(deliverable: ImprovementsDeliverable, dated: list[Activity], currency: str) -> Chart:
    names = {one.id: one.name for one in deliverable.projects}
    ordered = sorted(dated, key=lambda one: (one.start is None, one.start, one.finish, one.id))
    repeated = {one.name for one in ordered if [other.name for other in ordered].count(one.name) > 1}
    return gantt(
        [
            Span(
                label=f"{one.name} ({names.get(one.project, one.project)})" if one.name in repeated else one.name,
                start=one.start,
                finish=one.finish,
                critical=one.critical,
                detail=f"slack {number(one.slack_days, digits=0)} days" if one.slack_days else "",
            )
            for one in ordered
            if one.start is not None and one.finish is not None
        ],
        title="The plan in time",
        months=_months(deliverable),
        currency=currency,
        origin="schedule",
    )


def _activities(deliverable: ImprovementsDeliverable) -> Table:
    """What the plan in time does not say: dates and slack stand there."""
    names = {one.id: one.name for one in deliverable.projects}
    waits = {one.id: one.name for one in deliverable.activities}
    return Table(
        caption="Activities: by whom, after what, for how much",
        columns=(
            ("activity", "text"),
            ("project", "text"),
            ("owner", "text"),
            ("after", "text"),
            ("cost", "number"),
            ("spent", "number"),
            ("state", "text"),
        ),
        rows=tuple(
            (
                one.name,
                names.get(one.project, one.project),
                one.owner,
                ", ".join(waits.get(before, before) for before in one.after),
                amount(one.cost),
                amount(one.cost_actual),
                _state(one),
            )
            for one in deliverable.activities
        ),
        origin="schedule",
    )


def _state(one: Activity) -> str:
    if one.status == "done" and one.late_days:
        return f"done, {plural(abs(one.late_days), 'day')} {'late' if one.late_days > 0 else 'early'}"
    if one.status == "under_way" and one.share_done is not None:
        return f"under way, {percent(one.share_done, digits=0)} done"
    return STATES[one.status]


def _cash(deliverable: ImprovementsDeliverable, currency: str) -> Chart:
    return cash(
        _months(deliverable),
        title="Cost by month against the money that there is",
        currency=currency or "money",
        origin="cash",
    )


def _months(deliverable: ImprovementsDeliverable) -> list[CashMonth]:
    return [
        CashMonth(one.month, one.cost, one.funds, one.balance, finished=one.finished) for one in deliverable.months
    ]


def _sequence(deliverable: ImprovementsDeliverable) -> Table:
    names = {one.id: one.name for one in deliverable.projects}
    return Table(
        caption="In which order the projects can start so that the money never runs out",
        columns=(("project", "text"), ("start", "text"), ("why not", "text")),
        rows=tuple(
            (names.get(one.project, one.project), one.month or "not within the plan", one.reason)
            for one in deliverable.sequence
        ),
        note=f"Worth {estimate(deliverable.sequence_value, digits=0)} within the horizon; chance of running short "
        f"{chance(deliverable.sequence_short.value) if deliverable.sequence_short else 'not known'}.",
        origin="sequence",
    )


def _exposure(deliverable: ImprovementsDeliverable) -> list[Block]:
    names = {one.id: one.name for one in deliverable.projects}
    blocks: list[Block] = []
    outside = [one for one in deliverable.projects if not one.in_house]
    if outside:
        blocks.append(
            Table(
                caption="Outside parties",
                columns=(
                    ("project", "text"),
                    ("party", "text"),
                    ("reason", "text"),
                    ("leak risk accepted", "text"),
                    ("access ends", "text"),
                    ("still missing", "text"),
                ),
                rows=tuple(
                    (
                        one.name,
                        one.outside_party,
                        one.outside_reason,
                        "yes" if one.leak_risk_accepted else "no",
                        str(one.expires or ""),
                        one.outside,
                    )
                    for one in outside
                ),
            )
        )
    if deliverable.shares:
        blocks.append(
            Table(
                caption="Documents of the plan given outside",
                columns=(
                    ("party", "text"),
                    ("project", "text"),
                    ("people", "number"),
                    ("documents", "number"),
                    ("days", "number"),
                    ("exposure", "number"),
                ),
                rows=tuple(
                    (
                        one.party,
                        names.get(one.project, one.project) if one.project else "the whole plan",
                        str(one.people),
                        str(one.documents),
                        str(one.days),
                        number(one.exposure, digits=0),
                    )
                    for one in deliverable.shares
                ),
                origin="leak",
            )
        )
    return blocks
