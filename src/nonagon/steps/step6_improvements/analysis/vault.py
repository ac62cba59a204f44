"""Who outside knows of the plan: what each outside party still lacks, and the exposure."""

from nonagon.deliverables.step6 import LeakShare
from nonagon.steps.step6_improvements.analysis.schedule import Schedule
from nonagon.steps.step6_improvements.decisions import ProjectDecision, Step6Decisions


def still_lacking(one: ProjectDecision) -> str:
    """What an outside party needs and has not got, in words; "" where in-house or complete."""
    if one.in_house and not one.outside_party:
        return ""
    lacking = [
        (not one.outside_party, "who it is"),
        (not one.outside_reason, "the reason"),
        (not one.leak_risk_accepted, "the accepted leak risk"),
        (one.expires is None, "the day on which access ends"),
    ]
    return ", ".join(word for missing, word in lacking if missing)


def shares_of(decisions: Step6Decisions, plan: Schedule) -> tuple[LeakShare, ...]:
    """People x documents x days of each document given outside; without a last day, to the end of the plan."""
    found = []
    for one in decisions.sharing:
        last = one.until or plan.finish or one.since
        days = max(0, (last - one.since).days) + 1
        found.append(
            LeakShare(
                party=one.party,
                project=one.project,
                people=one.people,
                documents=one.documents,
                days=days,
                exposure=one.people * one.documents * days,
            )
        )
    return tuple(found)
