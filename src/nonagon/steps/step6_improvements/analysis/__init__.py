"""Step 6's analysis: which projects, in which order, for which money, and who outside knows of it."""

from dataclasses import dataclass

from nonagon.deliverables.cycle import Cycle
from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.evidence import Estimate, Link
from nonagon.deliverables.record import Record
from nonagon.deliverables.step6 import Activity, ImprovementsDeliverable, LeakShare, Project
from nonagon.engine.facts import Facts
from nonagon.steps.step6_improvements.analysis.choice import Choice, choose
from nonagon.steps.step6_improvements.analysis.findings import findings_of
from nonagon.steps.step6_improvements.analysis.money import Money, budget_of, months_of
from nonagon.steps.step6_improvements.analysis.schedule import Schedule, scheduled
from nonagon.steps.step6_improvements.analysis.sequence import sequenced
from nonagon.steps.step6_improvements.analysis.vault import shares_of, still_lacking
from nonagon.steps.step6_improvements.analysis.worth import Worth, together, valued
from nonagon.steps.step6_improvements.decisions import Step6Decisions


def analyse(*, cycle: Cycle, facts: Facts, decisions: Step6Decisions, earlier: Earlier) -> ImprovementsDeliverable:
    """The portfolio, the plan of the selected projects, its money by month and its exposure.

    No facts are queried: projects and activities are decisions, the opportunities come from step 5. What is
    missing is named in `lacks`; nothing is raised for it.
    """
    record = Record(facts, cycle)
    parts = _worked_out(record, decisions)
    order = sequenced(record, decisions, parts.values, parts.choice.best, parts.money.months)
    shares = shares_of(decisions, parts.plan)
    _explain(record, decisions)
    deliverable = _plan_of(record, decisions, parts).model_copy(
        update={
            "sequence": order.projects,
            "sequence_value": order.value,
            "sequence_by_ratio": order.by_ratio,
            "sequence_short": order.chance_short,
            "value": together(record, decisions, parts.values, parts.choice.selected),
            "shares": shares,
            "leak_exposure": _exposure(record, shares),
            "unserved": _unserved(decisions, parts.choice.selected, earlier),
            "unchosen": _unchosen(decisions, parts.choice.selected, earlier),
            "opportunities_known": earlier.step5 is not None and bool(earlier.step5.opportunities),
            "lacks": tuple(record.lacks),
            "links": _links(decisions),
            "origins": record.origins,
        }
    )
    return deliverable.model_copy(update={"findings": findings_of(cycle, decisions, deliverable, earlier)})


def previewed(*, cycle: Cycle, decisions: Step6Decisions) -> ImprovementsDeliverable:
    """The choice, the plan in time and its money alone, for a page that draws them while they are edited.

    The same numbers as `analyse` gives, without what takes longer: the order for the money, the worth of all
    together. The decisions must have no faults.
    """
    record = Record(Facts({}), cycle)
    return _plan_of(record, decisions, _worked_out(record, decisions))


@dataclass(frozen=True, slots=True)
class _Parts:
    """What the plan is made of."""

    values: dict[str, Worth]
    budget: float | None
    choice: Choice
    plan: Schedule
    money: Money


def _worked_out(record: Record, decisions: Step6Decisions) -> _Parts:
    if not decisions.projects:
        record.lack("projects", "decisions/projects.csv")
    values = valued(record, decisions)
    budget = budget_of(record, decisions)
    choice = choose(decisions, values, budget)
    plan = scheduled(record, decisions, choice.selected)
    return _Parts(values, budget, choice, plan, months_of(record, decisions, values, choice.selected, plan))


def _plan_of(record: Record, decisions: Step6Decisions, parts: _Parts) -> ImprovementsDeliverable:
    values, choice, plan = parts.values, parts.choice, parts.plan
    return ImprovementsDeliverable(
        projects=tuple(
            Project(
                id=one.id,
                name=one.name,
                opportunity=one.opportunity,
                cost=values[one.id].cost,
                benefit=values[one.id].benefit,
                npv=values[one.id].npv,
                chance_of_loss=values[one.id].chance_of_loss,
                payback_years=values[one.id].payback_years,
                years=one.years,
                selected=one.id in choice.selected,
                best=one.id in choice.best,
                reason=choice.reasons[one.id],
                cost_actual=values[one.id].cost_actual,
                start=plan.start_of(one.id),
                finish=plan.finish_of(one.id),
                requires=one.requires,
                excludes=one.excludes,
                in_house=one.in_house and not one.outside_party,
                outside_party=one.outside_party,
                outside_reason=one.outside_reason,
                leak_risk_accepted=one.leak_risk_accepted,
                expires=one.expires,
                outside=still_lacking(one),
            )
            for one in decisions.projects
        ),
        activities=plan.activities,
        start=plan.start,
        finish=plan.finish,
        days=plan.days,
        critical_path=plan.critical_path,
        months=parts.money.months,
        short_month=parts.money.short_month,
        shortfall=parts.money.shortfall,
        budget=parts.budget,
        portfolios=choice.portfolios,
        currency=record.cycle.currency,
        planned_cost=sum(values[one].cost for one in choice.selected) if decisions.projects else None,
        actual_cost=_actual(plan.activities, choice.selected),
        lacks=tuple(record.lacks),
    )


def _unserved(decisions: Step6Decisions, selected: frozenset[str], earlier: Earlier) -> tuple[str, ...]:
    """Names of chosen opportunities that no selected project serves."""
    if earlier.step5 is None:
        return ()
    served = {one.opportunity for one in decisions.projects if one.id in selected}
    return tuple(one.name for one in earlier.step5.opportunities if one.chosen and one.id not in served)


def _unchosen(decisions: Step6Decisions, selected: frozenset[str], earlier: Earlier) -> tuple[str, ...]:
    """Names of selected projects whose opportunity was not chosen, or does not exist."""
    if earlier.step5 is None:
        return ()
    chosen = {one.id for one in earlier.step5.opportunities if one.chosen}
    return tuple(one.name for one in decisions.projects if one.id in selected and one.opportunity not in chosen)


def _exposure(record: Record, shares: tuple[LeakShare, ...]) -> Estimate:
    record.decided(
        "leak",
        "decisions/step6.toml: sharing",
        variant="people outside x documents x days",
        assumptions=("only what was recorded counts; both the first and the last day count",),
    )
    return Estimate(
        value=sum(one.exposure for one in shares), unit="person-document-days", n=len(shares), origin="leak"
    )


def _actual(activities: tuple[Activity, ...], selected: frozenset[str]) -> float | None:
    spent = [one.cost_actual for one in activities if one.project in selected and one.cost_actual is not None]
    return sum(spent) if spent else None


def _links(decisions: Step6Decisions) -> tuple[Link, ...]:
    """Opportunity to project to activity, and from the characteristics to the activities that change them."""
    links = [
        Link(from_kind="opportunity", from_id=one.opportunity, to_kind="project", to_id=one.id)
        for one in decisions.projects
    ]
    for activity in decisions.activities:
        links.append(Link(from_kind="project", from_id=activity.project, to_kind="activity", to_id=activity.id))
        links += [
            Link(from_kind="characteristic", from_id=changed, to_kind="activity", to_id=activity.id)
            for changed in activity.characteristics
        ]
    return tuple(links)


def _explain(record: Record, decisions: Step6Decisions) -> None:
    """Origins of the plan's own figures."""
    if decisions.projects:
        record.origin(
            "portfolio",
            (),
            "nonagon.methods.planning.portfolio",
            variant="integer program, expected net present values",
            assumptions=("values do not depend on what else is chosen, beyond requires and excludes",),
        )
    if decisions.activities:
        record.origin(
            "schedule",
            (),
            "nonagon.methods.planning.critical_path",
            variant="calendar days",
            assumptions=("durations are certain", "people are free when their activity can start"),
        )
        record.origin(
            "cash",
            (),
            "nonagon.methods.planning.cash_plan",
            variant=f"costs fall due {decisions.spending.replace('_', ' ')}",
            assumptions=("what a project costs beyond its activities is spread over its time",),
        )
