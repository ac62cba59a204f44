"""What the plan says, in plain sentences."""

from collections.abc import Iterator

from nonagon.charts.wording import amount, chance, estimate, number, plural
from nonagon.deliverables.cycle import Cycle
from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.evidence import Finding
from nonagon.deliverables.step6 import ImprovementsDeliverable
from nonagon.steps.step6_improvements.decisions import Step6Decisions

VAULT, SEQUENCE = 9, 14


def findings_of(
    cycle: Cycle, decisions: Step6Decisions, plan: ImprovementsDeliverable, earlier: Earlier
) -> tuple[Finding, ...]:
    """Money first, then the choice, the time, the exposure, and what does not fit together."""
    if not plan.projects:
        return ()
    return (
        *_money(cycle, plan),
        *_order(cycle, plan),
        *_choice(cycle, decisions, plan),
        *_worth(cycle, plan),
        *_time(plan),
        *_exposure(plan),
        *_broken(plan, decisions),
        *_opportunities(plan, earlier),
    )


def _money(cycle: Cycle, plan: ImprovementsDeliverable) -> Iterator[Finding]:
    if not plan.months or plan.shortfall is None:
        return
    for month in plan.months:
        if month.finished and month.balance < 0:
            yield Finding(
                kind="note",
                sentence=f"By the end of {month.month}, which is over, {amount(-month.balance, cycle.currency)} "
                "more had been spent than the recorded funds.",
                headline=SEQUENCE,
                origin="cash",
            )
    if plan.short_month is not None:
        yield Finding(
            kind="warning",
            sentence=f"The plan runs out of money in {plan.short_month}; at its deepest "
            f"{amount(plan.shortfall, cycle.currency)} are missing.",
            headline=SEQUENCE,
            origin="cash",
        )
        return
    ahead = [month for month in plan.months if not month.finished]
    if not ahead:
        yield Finding(
            kind="note",
            sentence=f"All costs of the plan are spent; {amount(plan.months[-1].balance, cycle.currency)} are "
            f"left at the end of {plan.months[-1].month}.",
            headline=SEQUENCE,
            origin="cash",
        )
        return
    lowest = min(ahead, key=lambda month: month.balance)
    yield Finding(
        kind="note",
        sentence=f"The money lasts: the lowest balance is {amount(lowest.balance, cycle.currency)}, "
        f"at the end of {lowest.month}.",
        headline=SEQUENCE,
        origin="cash",
    )


def _order(cycle: Cycle, plan: ImprovementsDeliverable) -> Iterator[Finding]:
    value, short = plan.sequence_value, plan.sequence_short
    started = [one for one in plan.sequence if one.month is not None]
    if value is None or value.value is None or short is None:
        return
    if not started:
        yield Finding(
            kind="warning",
            sentence="No project can be started that the money pays and that earns its cost back in time.",
            headline=SEQUENCE,
            origin="sequence",
        )
        return
    names = {one.id: one.name for one in plan.projects}
    listed = ", ".join(f"{names[one.project]} in {one.month}" for one in started)
    worth = estimate(value, digits=0, unit=cycle.currency)
    besides = [f"That is worth {worth}"]
    chosen = {one.id for one in plan.projects if one.selected}
    at_once = plan.value.value if plan.value and {one.project for one in started} == chosen else None
    if at_once is not None and at_once > value.value + 0.5:
        besides.append(
            f"waiting for money costs {amount(at_once - value.value, cycle.currency)} against starting at once"
        )
    by_ratio = plan.sequence_by_ratio or 0.0
    if by_ratio < value.value - 0.5:
        besides.append(f"started by worth for money alone it would be {amount(by_ratio, cycle.currency)}")
    besides.append(f"the chance of running short is {chance(short.value)}")
    yield Finding(
        kind="note",
        sentence=f"Started in this order the money lasts: {listed}. {'; '.join(besides)}.",
        headline=SEQUENCE,
        origin="sequence",
    )


def _choice(cycle: Cycle, decisions: Step6Decisions, plan: ImprovementsDeliverable) -> Iterator[Finding]:
    sets = {one.kind: one for one in plan.portfolios}
    best, decided = sets.get("best"), sets.get("decided")
    names = {one.id: one.name for one in plan.projects}
    if best is None:
        return
    if decided is None:
        out = [one for one in plan.projects if not one.best]
        yield Finding(
            kind="note",
            sentence=f"The best portfolio has {plural(len(best.projects), 'project')} for "
            f"{amount(best.cost, cycle.currency)}, worth {amount(best.value, cycle.currency)} today; "
            f"{len(out)} of {len(plan.projects)} are out, each with its reason.",
            origin="portfolio",
        )
        return
    if set(decided.projects) == set(best.projects):
        yield Finding(
            kind="note", sentence="What people selected is the best portfolio by the figures.", origin="portfolio"
        )
        return
    added = [names[one] for one in decided.projects if one not in best.projects]
    dropped = [names[one] for one in best.projects if one not in decided.projects]
    differences = [f"takes in {', '.join(added)}"] if added else []
    differences += [f"leaves out {', '.join(dropped)}"] if dropped else []
    why = decisions.selected_reason.rstrip(".")
    yield Finding(
        kind="note" if why else "warning",
        sentence=f"People's choice {' and '.join(differences)}, worth "
        f"{amount(decided.value - best.value, cycle.currency)} against the best portfolio; "
        + (f"reason: {why}." if why else "no reason is recorded."),
        origin="portfolio",
    )
    if plan.budget is not None and decided.cost > plan.budget:
        yield Finding(
            kind="warning",
            sentence=f"People's choice costs {amount(decided.cost, cycle.currency)}, more than the budget of "
            f"{amount(plan.budget, cycle.currency)}.",
            origin="portfolio",
        )


def _worth(cycle: Cycle, plan: ImprovementsDeliverable) -> Iterator[Finding]:
    value = plan.value
    if value is None or value.value is None:
        return
    if value.low is None:
        yield Finding(
            kind="note",
            sentence=f"The selected projects are expected to be worth {amount(value.value, cycle.currency)} "
            "today; without low and high benefits this has no interval.",
            origin=value.origin,
        )
        return
    sure = value.low > 0
    yield Finding(
        kind="shown" if sure else "not_shown",
        sentence=f"The selected projects are worth {estimate(value, digits=0, unit=cycle.currency)} today "
        "by people's own bounds" + ("." if sure else "; that they pay was not shown."),
        origin=value.origin,
    )
    for one in plan.projects:
        loss = one.chance_of_loss
        if one.selected and loss is not None and loss.value is not None and loss.value > 0.25:
            yield Finding(
                kind="warning",
                sentence=f"{one.name} loses money with a chance of {chance(loss.value)}.",
                origin="npv",
            )


def _time(plan: ImprovementsDeliverable) -> Iterator[Finding]:
    names = {one.id: one.name for one in plan.activities}
    if plan.critical_path and plan.days is not None:
        ends = f", until {plan.finish}" if plan.finish else ""
        yield Finding(
            kind="note",
            sentence=f"The plan takes {number(plan.days, digits=0)} days{ends}; if any of these "
            f"takes longer, so does the plan: {', '.join(names[one] for one in plan.critical_path)}.",
            origin="schedule",
        )
    done = [one for one in plan.activities if one.late_days is not None]
    late = sorted((one for one in done if (one.late_days or 0) > 0), key=lambda one: -(one.late_days or 0))
    if late:
        worst = ", ".join(f"{one.name} by {plural(one.late_days or 0, 'day')}" for one in late[:3])
        yield Finding(
            kind="warning",
            sentence=f"{len(late)} of {plural(len(done), 'finished activity', 'finished activities')} came later "
            f"than planned, the latest: {worst}.",
            origin="schedule",
        )


def _exposure(plan: ImprovementsDeliverable) -> Iterator[Finding]:
    exposure = plan.leak_exposure
    if exposure is None or exposure.value is None:
        return
    if not plan.shares:
        yield Finding(
            kind="note",
            sentence="No document of the plan is recorded as given outside: the leak exposure is 0.",
            headline=VAULT,
            origin="leak",
        )
    else:
        people = sum(one.people for one in plan.shares)
        yield Finding(
            kind="note",
            sentence=f"{plural(people, 'person', 'people')} outside can read documents of the plan: the leak "
            f"exposure is {number(exposure.value, digits=0)}, which counts each person, each document and each "
            "day (one person with one document for one day is 1).",
            headline=VAULT,
            origin="leak",
        )
    for one in plan.projects:
        if one.selected and one.outside:
            yield Finding(
                kind="warning",
                sentence=f"{one.name} lets an outside party in; not recorded: {one.outside}.",
                headline=VAULT,
            )
        if one.selected and one.expires and one.finish and one.expires < one.finish:
            yield Finding(
                kind="warning",
                sentence=f"{one.name}: the outside party's access ends on {one.expires}, before the project does "
                f"({one.finish}).",
            )


def _broken(plan: ImprovementsDeliverable, decisions: Step6Decisions) -> Iterator[Finding]:
    chosen = {one.id for one in plan.projects if one.selected}
    names = {one.id: one.name for one in plan.projects}
    for one in plan.projects:
        if one.id not in chosen:
            continue
        for other in one.requires:
            if other not in chosen:
                yield Finding(
                    kind="warning", sentence=f"{one.name} requires {names.get(other, other)}, which is left out."
                )
        for other in one.excludes:
            if other in chosen:
                yield Finding(
                    kind="warning", sentence=f"{one.name} and {names.get(other, other)} exclude each other."
                )
    activities = {one.id: one for one in decisions.activities}
    for activity in plan.activities:
        if activity.project not in chosen or activity.status == "dropped":
            continue
        for before in activity.after:
            waited = activities.get(before)
            if waited is not None and (waited.project not in chosen or waited.status == "dropped"):
                yield Finding(
                    kind="warning",
                    sentence=f"{activity.name} should wait for {waited.name}, which is not in the plan.",
                )


def _opportunities(plan: ImprovementsDeliverable, earlier: Earlier) -> Iterator[Finding]:
    if earlier.step5 is None:
        return
    known = {one.id: one for one in earlier.step5.opportunities}
    for project in plan.projects:
        opportunity = known.get(project.opportunity)
        if project.selected and opportunity is None:
            yield Finding(kind="warning", sentence=f"{project.name} serves no opportunity of step 5.")
        elif project.selected and opportunity is not None and not opportunity.chosen:
            yield Finding(
                kind="warning",
                sentence=f"{project.name} serves “{opportunity.name}”, which step 5 did not choose.",
            )
    for name in plan.unserved:
        yield Finding(kind="warning", sentence=f"No selected project serves the chosen opportunity “{name}”.")
