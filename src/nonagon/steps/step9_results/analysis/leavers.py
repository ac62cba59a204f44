"""Those who did not answer again: unhappy customers who leave must not look like success."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.record import Record
from nonagon.deliverables.step1 import CustomerClass
from nonagon.engine import answers
from nonagon.methods.survey.composition import Composition, changes_apart, composition
from nonagon.steps.step9_results.decisions import EffectDecision


@dataclass(frozen=True, slots=True)
class Leavers:
    """Those who did not answer again: the effect with them taken into account, and what their leaving did.

    moved: how far leaving alone moved the mean of those who got it; push: the part of the effect that this is.
    """

    adjusted: Estimate | None = None
    moved: Estimate | None = None
    push: float = 0.0


def for_leavers(
    record: Record,
    plan: EffectDecision,
    treated: Sequence[CustomerClass],
    control: Sequence[CustomerClass],
) -> Leavers:
    """The effect on customers who had answered before; without a control it is their change, trend and all."""
    if not record.facts.has("answers", "customer_id"):
        return Leavers()
    key = record.origin(
        f"leavers_{plan.id}",
        ("answers", "customers"),
        "nonagon.methods.survey.composition",
        rows=f"customers who answered {plan.item} before {plan.start}, and those of them who answered again",
        variant="leavers change as those who stayed with the same answer before; interval by Student's t; "
        + ("change of those who got it less that of the others" if control else "change from before to after"),
        assumptions=("Leaving depends on the answer before, and not beyond it on the change.",),
    )
    try:
        got = _panel(record, plan, treated)
        moved, push = got.adjusted, got.selection
        if control:
            did_not = _panel(record, plan, control)
            moved = changes_apart(
                one=got.adjusted, other=did_not.adjusted, confidence=record.cycle.settings.confidence
            )
            push -= did_not.selection
    except (NotEnoughData, ArgumentError) as error:
        return Leavers(Estimate(why=f"who left cannot be seen: {error}", unit="points", origin=key))
    confidence = record.cycle.settings.confidence
    adjusted = Estimate(
        value=moved.change,
        low=moved.low,
        high=moved.high,
        confidence=confidence,
        n=int(got.asked),
        unit="points",
        origin=key,
    )
    return Leavers(adjusted, _moved_by_leaving(record, got, key), push)


def _moved_by_leaving(record: Record, got: Composition, key: str) -> Estimate:
    """Withheld where few left: the mean of those few could be worked out from it."""
    left, least = int(got.asked - got.stayed), record.cycle.settings.group_minimum
    if 0 < left < least:
        return Estimate(why=f"withheld: fewer than {least} customers left", unit="points", origin=key)
    return Estimate(value=got.selection, n=left, unit="points", origin=key)


def _panel(record: Record, plan: EffectDecision, classes: Sequence[CustomerClass]) -> Composition:
    found = answers.before_and_after(
        record.facts, str(plan.item), plan.start, since=plan.begin, end=plan.end, classes=classes
    )
    times = found["n"]
    stayed, least = int(times[~np.isnan(found["second"])].sum()), record.cycle.settings.group_minimum
    if stayed < least:
        raise NotEnoughData(f"fewer than {least} customers answered {plan.item} before and again")
    return composition(
        before=np.repeat(found["first"], times),
        after=np.repeat(found["second"].astype(np.float64), times),
        confidence=record.cycle.settings.confidence,
    )
