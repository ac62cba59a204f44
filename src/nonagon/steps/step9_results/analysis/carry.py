"""What the next cycle starts from: needs that people carry on, and those that the evidence leaves open."""

from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.step9 import Carried
from nonagon.steps.step9_results.decisions import Step9Decisions

MOST_PROPOSED = 3
"""Of the opportunities that were not taken up, the lowest so many are proposed."""


def open_needs(decisions: Step9Decisions, earlier: Earlier) -> tuple[Carried, ...]:
    """Decided ones first, then what is proposed, each need once with its first reason."""
    names = {one.id: one.name for one in earlier.step3.needs} if earlier.step3 else {}
    rows = [(one.need, one.reason, True) for one in decisions.carried]
    rows += [(need, reason, False) for need, reason in _proposed(earlier)]
    found: dict[str, Carried] = {}
    for need, reason, decided in rows:
        found.setdefault(need, Carried(need=need, name=names.get(need, need), reason=reason, decided=decided))
    return tuple(found.values())


def _proposed(earlier: Earlier) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for alarm in earlier.step8.warnings if earlier.step8 else ():
        if alarm.raised and alarm.need is not None:
            rows.append((alarm.need, f"perception fell, warned on {alarm.on}"))
    for promise in earlier.step7.prerequisites if earlier.step7 else ():
        if promise.verdict == "not_met":
            rows.append((promise.need, f"its requirement is not met: {promise.reason}"))
    waiting = (
        [one for one in earlier.step5.opportunities if one.actionable and not one.chosen] if earlier.step5 else []
    )
    ranked = sorted((one for one in waiting if one.rank is not None), key=lambda one: (one.rank or 0, one.id))
    for one in ranked[:MOST_PROPOSED]:
        rows.append((one.need, f"score rank {one.rank} from the lowest, not taken up in this cycle"))
    return rows
