"""The next turn of the nine steps, begun from what this one leaves open."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from nonagon.accounts.access import Actor, Permission, require
from nonagon.deliverables.decisions import DecisionDocument
from nonagon.deliverables.plain import plain
from nonagon.process import audit, documents, registry, results
from nonagon.process.models import Cycle
from nonagon.workspace.services import new_cycle

KEPT_OF_NEEDS = ("needs", "rules", "negation", "proposing", "merged", "interview_channels")
"""Of step 3: the tree and its rules. What was believed, coded and sealed belongs to its own cycle."""
KEPT_OF_RESULTS = ("measure", "top_boxes", "repeat_days")
"""Of step 9: how success is measured, so that the next cycle can be held against this one."""


def seeds(cycle: Cycle) -> dict[int, dict[str, Any]]:
    """What the next cycle starts from, by step, as its documents hold it; steps that start empty are left out.

    Classes and processes (step 1), the need tree with its rules (step 3), what was upgraded and which needs stay
    open with the reason and the remaining gap (step 5), the measure (step 9).
    """
    _head, found, _numbers = documents.all_current(cycle)
    given: dict[int, dict[str, Any]] = {
        1: plain(found[1]),
        3: {name: plain(found[3])[name] for name in KEPT_OF_NEEDS},
        5: _opportunities(cycle, found),
        9: {name: plain(found[9])[name] for name in KEPT_OF_RESULTS},
    }
    return {step: content for step, content in given.items() if _differs(step, content)}


def _differs(step: int, content: dict[str, Any]) -> bool:
    model = registry.model_of(step)
    return bool(model.model_validate(content) != model.model_validate({}))


def _opportunities(cycle: Cycle, found: dict[int, DecisionDocument]) -> dict[str, Any]:
    """Step 5: open needs as opportunities to judge anew, and this cycle's improvements to look back at."""
    needs = {one.id for one in found[3].needs}  # type: ignore[attr-defined]
    gaps = _gaps(cycle)
    said = _("carried over from %(cycle)s: %(reason)s")
    opportunities = [
        {
            "id": f"opp-{one.need}",
            "need": one.need,
            "reason": said
            % {"cycle": cycle.name, "reason": "; ".join(filter(None, (one.reason, gaps.get(one.need))))},
        }
        for one in found[9].carried  # type: ignore[attr-defined]
        if one.need in needs
    ]
    look_back = [
        {
            "id": one.id,
            "name": one.improvement,
            "on": one.start.isoformat(),
            "needs": [one.need] if one.need in needs else [],
        }
        for one in found[9].effects  # type: ignore[attr-defined]
    ]
    unique = {one["need"]: one for one in opportunities}
    return {"opportunities": list(unique.values()), "look_back": look_back, "first_cycle": not look_back}


def _gaps(cycle: Cycle) -> dict[str, str]:
    """How far each need's score stays below the highest one, in words, as step 5 computed it last."""
    from nonagon.charts.wording import short  # noqa: PLC0415
    from nonagon.deliverables.step5 import OpportunitiesDeliverable  # noqa: PLC0415

    computed = results.deliverable(cycle, 5, OpportunitiesDeliverable)
    return {
        one.need: _("remaining gap to the best score: %(gap)s") % {"gap": short(one.gap_to_best, digits=3)}
        for one in (computed.opportunities if computed is not None else ())
        if one.gap_to_best is not None and one.gap_to_best > 0
    }


@transaction.atomic
def next_cycle(*, actor: Actor, cycle: Cycle, name: str) -> Cycle:
    """A new cycle of the same organization with this one's items, classes, needs, measure and open ends.

    Its data are its own: sources are mapped anew, or its archive is brought in. Nothing of the plan goes over.
    """
    require(actor, cycle, Permission.EDIT)
    head, _number = documents.current(cycle, registry.HEAD)
    fresh = head.model_copy(update={"name": name, "data": {}, "waves": (), "period": None})
    decided = {step: registry.model_of(step).model_validate(content) for step, content in seeds(cycle).items()}
    made = new_cycle(actor=actor, organization=cycle.organization, head=fresh, decided=decided)
    audit.note(actor, "cycle.next", cycle=made, subject=name, after=cycle.key)
    return made
