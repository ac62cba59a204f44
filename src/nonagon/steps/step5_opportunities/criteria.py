"""When step 5 is ready: the lowest score is taken up, by a team with a charter, within a business plan."""

from nonagon.charts.wording import chance as likely
from nonagon.charts.wording import listed, plural
from nonagon.deliverables.evidence import Criterion
from nonagon.deliverables.step5 import OpportunitiesDeliverable
from nonagon.steps.step5_opportunities.analysis.findings import apart_words, by_score, may_be_lowest, passed_over
from nonagon.steps.step5_opportunities.decisions import Step5Decisions


def criteria(deliverable: OpportunitiesDeliverable, decisions: Step5Decisions) -> tuple[Criterion, ...]:
    """The exit criteria of step 5."""
    return (
        _scored(deliverable),
        _lowest_first(deliverable),
        _served(deliverable),
        _apart_with_reason(deliverable),
        _looked_back(deliverable, decisions),
        _charter_complete(deliverable),
        _charter_approved(decisions),
        _plan_linked(deliverable),
        _plan_in_figures(deliverable),
    )


def _scored(deliverable: OpportunitiesDeliverable) -> Criterion:
    sure = [
        one
        for one in deliverable.opportunities
        if one.score is not None and one.score.value is not None and one.score.low is not None
    ]
    return Criterion(
        id="scored",
        sentence="At least two needs have a score with its interval, so that a lowest one exists.",
        met=len(sure) >= 2,
        reason=f"{len(sure)} of {plural(len(deliverable.opportunities), 'opportunity', 'opportunities')} scored "
        "with an interval",
        mend="satisfaction items for the needs in items.csv, and their answers",
    )


def _lowest_first(deliverable: OpportunitiesDeliverable) -> Criterion:
    chosen = [one for one in deliverable.opportunities if one.chosen]
    over = passed_over(deliverable)
    silent = [one.name for one in over if not one.reason]
    ranked = by_score(deliverable)
    apart = apart_words(deliverable)
    if not chosen:
        reason = "no opportunity is chosen"
    elif not ranked:
        reason = "chosen without scores: there is no lowest"
    elif silent:
        named = ", ".join(silent)
        reason = f"the lowest{apart}, {ranked[0].name}, was passed over for {named} without a reason"
    elif over:
        reason = f"the lowest{apart}, {ranked[0].name}, was passed over with a reason"
    else:
        lowest = set(may_be_lowest(deliverable))
        named = ", ".join(one.name for one in chosen if one.id in lowest)
        chance = ranked[0].chance_lowest
        sure = f"; {ranked[0].name} is the lowest{apart} with a chance of {likely(chance.value)}" if chance else ""
        reason = f"chosen among the lowest: {named}{sure}"
    return Criterion(
        id="lowest_first",
        sentence="The lowest score, or one not told apart from it, is taken up; else the reason is recorded.",
        met=bool(chosen) and bool(ranked) and not silent,
        reason=reason,
        mend="decisions/opportunities.csv: chosen, reason",
    )


def _served(deliverable: OpportunitiesDeliverable) -> Criterion:
    chosen = [one for one in deliverable.opportunities if one.chosen]
    bare = [one.name for one in chosen if not one.characteristics]
    return Criterion(
        id="served",
        sentence="Every chosen opportunity is served by a characteristic of step 4.",
        met=bool(chosen) and not bare,
        reason=listed(
            bare,
            before="served by none",
            none=f"{len(chosen)} chosen, each served" if chosen else "no opportunity is chosen",
        ),
        mend="decisions/relationships.csv (step 4)",
    )


def _apart_with_reason(deliverable: OpportunitiesDeliverable) -> Criterion:
    apart = [one for one in deliverable.opportunities if not one.actionable]
    silent = [one.name for one in apart if not one.why_not]
    return Criterion(
        id="apart",
        sentence="What the organization cannot act on is set apart with a reason.",
        met=bool(deliverable.opportunities) and not silent,
        reason=listed(silent, before="without a reason", none=f"{len(apart)} set apart"),
        mend="decisions/not_actionable.csv: reason",
    )


def _looked_back(deliverable: OpportunitiesDeliverable, decisions: Step5Decisions) -> Criterion:
    seen = [one for one in deliverable.look_back if one.changes]
    if decisions.first_cycle and not deliverable.look_back:
        reason = "no upgrade came before this cycle"
    elif seen:
        reason = f"{plural(len(seen), 'upgrade')} looked back at"
    elif deliverable.look_back:
        reason = "no wave on each side of the upgrade's date"
    else:
        reason = "no upgrade is recorded"
    return Criterion(
        id="look_back",
        sentence="The last upgrade was looked back at: what it did to needs.",
        met=bool(seen) or (decisions.first_cycle and not deliverable.look_back),
        reason=reason,
        mend="look_back in decisions/step5.toml (or first_cycle = true)",
    )


def _charter_complete(deliverable: OpportunitiesDeliverable) -> Criterion:
    charter = deliverable.charter
    missing = listed(charter.missing, before="; missing", most=6)
    return Criterion(
        id="charter",
        sentence="The charter is complete: mission, objectives, operating parameters, members, scope, dates.",
        met=not charter.missing and charter.fields > 0,
        reason=f"{charter.filled} of {charter.fields} fields{missing}",
        mend="charter in decisions/step5.toml",
    )


def _charter_approved(decisions: Step5Decisions) -> Criterion:
    charter = decisions.charter
    approved = bool(charter.approved_by) and charter.approved_on is not None
    reason = "no approval is recorded"
    if approved:
        reason = f"version {charter.version or '(none)'} approved on {charter.approved_on}"
    if decisions.changed_since_approval:
        last = decisions.approvals[-1]
        reason = f"changed since version {last.version} was approved on {last.approved_on}"
    return Criterion(
        id="charter_approved",
        sentence="The charter in force is approved.",
        met=approved and not decisions.changed_since_approval,
        reason=reason,
        mend="charter.approved_by and charter.approved_on in decisions/step5.toml",
    )


def _plan_linked(deliverable: OpportunitiesDeliverable) -> Criterion:
    linked = {line.objective for line in deliverable.plan}
    planned = {line.opportunity for line in deliverable.plan}
    bare = [one.name for one in deliverable.objectives if one.id not in linked]
    loose = [one.name for one in deliverable.opportunities if one.chosen and one.id not in planned]
    gaps = [
        listed(bare, before="objectives without an opportunity"),
        listed(loose, before="chosen opportunities outside the plan"),
    ]
    gaps = [one for one in gaps if one] if deliverable.objectives else ["no strategic objective is recorded"]
    return Criterion(
        id="plan_linked",
        sentence="Every strategic objective is linked to an opportunity, and every chosen one to an objective.",
        met=not gaps,
        reason="; ".join(gaps) or f"{plural(len(deliverable.plan), 'link')}",
        mend="objectives and plan in decisions/step5.toml",
    )


def _plan_in_figures(deliverable: OpportunitiesDeliverable) -> Criterion:
    open_ones = [
        f"{line.objective} to {line.opportunity}"
        for line in deliverable.plan
        if line.benefit is None or line.budget is None
    ]
    return Criterion(
        id="plan_figures",
        sentence="Every line of the business plan has an expected benefit and a budget.",
        met=bool(deliverable.plan) and not open_ones,
        reason=listed(
            open_ones,
            before="without figures",
            none=f"{plural(len(deliverable.plan), 'line')} with benefit and budget",
        ),
        mend="decisions/business_plan.csv: benefit_likely, budget",
    )
