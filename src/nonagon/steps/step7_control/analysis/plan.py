"""Plan against done: every activity of the plan, whether it is finished, and who owns a deviation."""

from datetime import date

from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.step6 import Activity
from nonagon.deliverables.step7 import PlanCheck
from nonagon.steps.step7_control.decisions import DeviationDecision, Step7Decisions


def plan_checks(decisions: Step7Decisions, earlier: Earlier, as_of: date | None) -> tuple[PlanCheck, ...]:
    """One row an activity that was not dropped, in the plan's order."""
    if earlier.step6 is None:
        return ()
    deviations = {one.activity: one for one in decisions.deviations}
    return tuple(
        _check(one, deviations.get(one.id), as_of) for one in earlier.step6.activities if one.status != "dropped"
    )


def _check(activity: Activity, deviation: DeviationDecision | None, as_of: date | None) -> PlanCheck:
    return PlanCheck.model_validate(
        {
            "activity": activity.id,
            "name": activity.name,
            "planned": activity.finish,
            "done_on": activity.done_on,
            "state": _state(activity, as_of),
            "deviation": deviation.deviation if deviation else "",
            "owner": deviation.owner if deviation else "",
        }
    )


def _state(activity: Activity, as_of: date | None) -> str:
    if activity.finish is None:
        return "not_planned"
    if activity.status == "done":
        late = activity.done_on is not None and activity.done_on > activity.finish
        return "done_late" if late else "done"
    if as_of is not None and activity.finish < as_of:
        return "overdue"
    return "running" if activity.status == "under_way" else "not_due"
