"""When step 6 is ready: what was chosen is planned, owned, paid for, and kept inside the organization."""

from nonagon.charts.wording import amount, listed, plural
from nonagon.deliverables.evidence import Criterion
from nonagon.deliverables.step6 import ImprovementsDeliverable
from nonagon.steps.step6_improvements.decisions import Step6Decisions


def criteria(deliverable: ImprovementsDeliverable, decisions: Step6Decisions) -> tuple[Criterion, ...]:
    """The exit criteria of step 6."""
    return (
        _opportunities_fit(deliverable),
        _planned(deliverable),
        _owned(deliverable),
        _worth_known(deliverable),
        _within_budget(deliverable),
        _money_lasts(deliverable),
        _choice_explained(deliverable, decisions),
        _kept_inside(deliverable),
    )


def _opportunities_fit(deliverable: ImprovementsDeliverable) -> Criterion:
    selected = [one for one in deliverable.projects if one.selected]
    gaps = [f"no project for {', '.join(deliverable.unserved)}"] if deliverable.unserved else []
    gaps += [f"serving nothing chosen: {', '.join(deliverable.unchosen)}"] if deliverable.unchosen else []
    if not deliverable.opportunities_known:
        gaps = ["step 5 has handed on no opportunities"]
    if not selected:
        gaps = ["no project is selected"]
    return Criterion(
        id="opportunities",
        sentence="Every chosen opportunity has a selected project, and every such project serves a chosen one.",
        met=not gaps,
        reason="; ".join(gaps) or f"{plural(len(selected), 'project')}, each for a chosen opportunity",
        mend="decisions/projects.csv: opportunity; decisions/opportunities.csv: chosen",
    )


def _planned(deliverable: ImprovementsDeliverable) -> Criterion:
    bare = [one.name for one in deliverable.projects if one.selected and one.start is None]
    if not deliverable.activities:
        reason = "no activity is planned"
    elif bare:
        reason = f"without dated activities: {', '.join(bare)}"
    else:
        reason = f"{plural(len(deliverable.critical_path), 'activity', 'activities')} on the critical path, "
        reason += f"until {deliverable.finish}"
    return Criterion(
        id="planned",
        sentence="Every selected project has dated activities, and the critical path is known.",
        met=bool(deliverable.critical_path) and not bare,
        reason=reason,
        mend="decisions/activities.csv, and start in decisions/step6.toml",
    )


def _owned(deliverable: ImprovementsDeliverable) -> Criterion:
    chosen = {one.id for one in deliverable.projects if one.selected}
    planned = [one for one in deliverable.activities if one.project in chosen and one.status != "dropped"]
    bare = [one.name for one in planned if not one.owner]
    return Criterion(
        id="owned",
        sentence="Every activity has an owner.",
        met=bool(planned) and not bare,
        reason=listed(
            bare,
            before="without an owner",
            none=f"{plural(len(planned), 'activity', 'activities')} planned, none without an owner",
        ),
        mend="decisions/activities.csv: owner (a role)",
    )


def _worth_known(deliverable: ImprovementsDeliverable) -> Criterion:
    selected = [one for one in deliverable.projects if one.selected]
    bare = [one.name for one in selected if one.npv is None or one.npv.low is None]
    return Criterion(
        id="worth",
        sentence="Every selected project has a low, likely and high benefit, so that its worth has an interval.",
        met=bool(selected) and not bare,
        reason=listed(
            bare, before="without bounds", none=f"{plural(len(selected), 'project')} with a net present value"
        ),
        mend="decisions/projects.csv: benefit_low, benefit_likely, benefit_high",
    )


def _within_budget(deliverable: ImprovementsDeliverable) -> Criterion:
    cost, budget = deliverable.planned_cost, deliverable.budget
    met = cost is not None and budget is not None and cost <= budget + 1e-9
    if cost is None:
        reason = "nothing is planned"
    elif budget is None:
        reason = f"the plan costs {amount(cost)}; no budget is recorded"
    else:
        reason = f"the plan costs {amount(cost)} of {amount(budget)}"
    return Criterion(
        id="budget",
        sentence="The selected projects cost no more than the budget.",
        met=met,
        reason=reason,
        mend="budget in decisions/step6.toml, or the selection",
    )


def _money_lasts(deliverable: ImprovementsDeliverable) -> Criterion:
    known = deliverable.shortfall is not None
    if not known:
        reason = "cost by month and funds are not both known"
    elif deliverable.short_month:
        reason = f"short from {deliverable.short_month} on by up to {amount(deliverable.shortfall)}"
    else:
        over = sum(one.finished for one in deliverable.months)
        passed = f"; {over} are over, reckoned with what was spent" if over else ""
        reason = f"no month of {len(deliverable.months)} ends below zero{passed}"
        if any(one.finished and one.balance < 0 for one in deliverable.months):
            reason = f"no month still to come ends below zero ({over} of {len(deliverable.months)} are over)"
    return Criterion(
        id="cash",
        sentence="The money lasts in every month of the plan.",
        met=known and deliverable.short_month is None,
        reason=reason,
        mend="decisions/funds.csv, or later dates in decisions/activities.csv",
    )


def _choice_explained(deliverable: ImprovementsDeliverable, decisions: Step6Decisions) -> Criterion:
    sets = {one.kind: set(one.projects) for one in deliverable.portfolios}
    best, decided = sets.get("best"), sets.get("decided")
    differs = decided is not None and decided != best
    silent = [
        one.id
        for one in decisions.projects
        if decided is not None and one.id not in decided and best and one.id in best and not one.left_out_reason
    ]
    explained = not differs or (bool(decisions.selected_reason) and not silent)
    if not deliverable.projects:
        reason = "there are no projects"
    elif best is None:
        reason = "no benefit is stated, so that nothing can be compared"
    elif not differs:
        reason = "the plan is the best portfolio by the figures"
    else:
        reason = f"differs: {decisions.selected_reason or 'no reason recorded'}"
        reason += listed(silent, before="; left out without a reason")
    return Criterion(
        id="choice",
        sentence="Where people selected otherwise than the best portfolio, the reason is recorded.",
        met=bool(deliverable.projects) and best is not None and explained,
        reason=reason,
        mend="selected_reason in decisions/step6.toml, left_out_reason in decisions/projects.csv",
    )


def _kept_inside(deliverable: ImprovementsDeliverable) -> Criterion:
    selected = [one for one in deliverable.projects if one.selected]
    outside = [one for one in selected if not one.in_house]
    lacking = [f"{one.name} ({one.outside})" for one in outside if one.outside]
    return Criterion(
        id="in_house",
        sentence="Work is done in-house, or the outside party has a reason, an accepted leak risk and an end.",
        met=bool(selected) and not lacking,
        reason=listed(
            lacking,
            before="not recorded",
            none=f"{len(selected) - len(outside)} of {plural(len(selected), 'project')} in-house",
        ),
        mend="decisions/projects.csv: outside_party, outside_reason, leak_risk_accepted, expires",
    )
