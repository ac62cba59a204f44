"""When step 8 is ready: sales are followed, customers are asked again, cases are handled, warnings answered."""

from nonagon.charts.wording import estimate, listed, percent, plural
from nonagon.deliverables.evidence import Criterion, Estimate
from nonagon.deliverables.step8 import AftersalesDeliverable
from nonagon.steps.step8_aftersales.decisions import Step8Decisions


def criteria(deliverable: AftersalesDeliverable, decisions: Step8Decisions) -> tuple[Criterion, ...]:
    """The exit criteria of step 8."""
    return (
        _sales_by_version(deliverable),
        _perception_again(deliverable),
        _programmes(deliverable, decisions),
        _watches(deliverable, decisions),
        _warnings_have_reactions(deliverable),
        _cases_in_time(deliverable, decisions),
        _causes_known(deliverable),
        _customers_told(deliverable),
    )


def _sales_by_version(deliverable: AftersalesDeliverable) -> Criterion:
    versions = [one.version for one in deliverable.versions if one.class_id is None]
    return Criterion(
        id="sales",
        sentence="Sales are told apart by the version before and after the improvement.",
        met=len(versions) >= 2,
        reason=listed(versions, before="versions", none="no sales"),
        mend="cycle.toml: the column version of the table sales",
    )


def _perception_again(deliverable: AftersalesDeliverable) -> Criterion:
    waves = max((len(one.points) for one in deliverable.perceptions), default=0)
    return Criterion(
        id="perception",
        sentence="Customers' perception was measured more than once.",
        met=waves >= 2,
        reason=plural(waves, "wave"),
        mend="cycle.toml: answers of another wave",
    )


def _programmes(deliverable: AftersalesDeliverable, decisions: Step8Decisions) -> Criterion:
    ownerless = [one.id for one in decisions.follow_ups if not one.owner]
    silent = [one.id for one in deliverable.follow_ups if one.cases + one.answers == 0]
    reasons = [
        "" if decisions.follow_ups else "there is no follow-up programme",
        listed(ownerless, before="without an owner"),
        listed(silent, before="nothing came back yet"),
    ]
    reasons = [one for one in reasons if one]
    return Criterion(
        id="follow_up",
        sentence="Follow-up programmes have an owner and bring answers or cases.",
        met=not reasons,
        reason="; ".join(reasons) or plural(len(decisions.follow_ups), "programme"),
        mend="decisions/follow_ups.csv",
    )


def _watches(deliverable: AftersalesDeliverable, decisions: Step8Decisions) -> Criterion:
    blind = [one.id for one in deliverable.warnings if not one.days]
    return Criterion(
        id="watched",
        sentence="Perception is watched continuously, so that a fall is seen in time.",
        met=bool(decisions.watches) and not blind,
        reason=listed(blind, before="cannot be judged", none=plural(len(decisions.watches), "watch", "watches")),
        mend="decisions/watches.csv, and dates in the answers",
    )


def _warnings_have_reactions(deliverable: AftersalesDeliverable) -> Criterion:
    raised = [one for one in deliverable.warnings if one.raised]
    idle = [one.id for one in raised if not (one.responder and one.reaction)]
    return Criterion(
        id="reaction",
        sentence="Every warning that is raised has somebody who reacts, and a reaction.",
        met=bool(deliverable.warnings) and not idle,
        reason=_reacting(deliverable, len(raised), idle),
        mend="decisions/watches.csv: responder and reaction",
    )


def _reacting(deliverable: AftersalesDeliverable, raised: int, idle: list[str]) -> str:
    if not deliverable.warnings:
        return "nothing is watched"
    return listed(idle, before="nobody reacts to", none=f"{plural(raised, 'warning')} raised")


def _cases_in_time(deliverable: AftersalesDeliverable, decisions: Step8Decisions) -> Criterion:
    wanted = decisions.case_times.kept_at_least
    summary = deliverable.cases
    kept = [] if summary is None else [summary.acknowledged, summary.closed_in_time]
    return Criterion(
        id="case_times",
        sentence="Cases are shown to be acknowledged and closed within the promised days.",
        met=bool(kept) and all(one is not None and one.low is not None and one.low >= wanted for one in kept),
        reason=(
            f"promised {percent(wanted, digits=0)}; {_share('acknowledged', kept[0], wanted)}; "
            f"{_share('closed', kept[1], wanted)}"
            if kept
            else "no cases are recorded"
        ),
        mend="decisions/cases.csv, or more hands for cases",
    )


def _share(word: str, one: Estimate | None, wanted: float) -> str:
    if one is None or one.value is None:
        return f"{word} not known"
    said = f"{word} {estimate(one)}"
    if one.low is None or one.low >= wanted:
        return said
    below = one.high is not None and one.high < wanted
    return f"{said}, which is {'below the promise' if below else 'not shown: the interval reaches below it'}"


def _causes_known(deliverable: AftersalesDeliverable) -> Criterion:
    summary = deliverable.cases
    return Criterion(
        id="causes",
        sentence="Every closed case has a root cause.",
        met=summary is not None and summary.without_cause == 0,
        reason="no cases are recorded"
        if summary is None
        else f"{plural(summary.without_cause, 'closed case')} without",
        mend="decisions/cases.csv: cause",
    )


def _customers_told(deliverable: AftersalesDeliverable) -> Criterion:
    waiting = [one.need for one in deliverable.returned if one.told_on is None]
    return Criterion(
        id="told",
        sentence="Customers whose sentence led to a change are told.",
        met=bool(deliverable.returned) and not waiting,
        reason=listed(waiting, before="not told yet", none=plural(len(deliverable.returned), "message")),
        mend="decisions/returns.csv",
    )
