"""Whether an effect is shown, and the one sentence that says it."""

from dataclasses import dataclass, field

from nonagon.charts.wording import change, estimate, number, percent
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.step9 import SeriesPoint
from nonagon.steps.step9_results.analysis.leavers import Leavers
from nonagon.steps.step9_results.decisions import EffectDecision

PLACEBO = "at a date when nothing was changed (placebo)"


@dataclass(frozen=True, slots=True)
class Found:
    """What a design gives: the effect, the same at the placebo date and on the negative control."""

    effect: Estimate
    placebo: Estimate | None = None
    negative: Estimate | None = None
    leavers: Leavers = field(default_factory=Leavers)
    detectable: Estimate | None = None
    series: tuple[SeriesPoint, ...] = ()


def sentence(plan: EffectDecision, found: Found, shown: bool) -> str:
    """What is known of the effect in one plain sentence, also where nothing was shown or can be estimated."""
    what = "sales" if plan.outcome == "sales" else "satisfaction"
    effect = found.effect
    if effect.value is None:
        return f"{plan.improvement}: its effect on {what} cannot be estimated: {effect.why}."
    interval, adjusted = _interval(effect), found.leavers.adjusted
    if not effect.beyond_chance:
        said = f"{plan.improvement}: no effect on {what} was shown, {interval}"
        if adjusted is not None and adjusted.beyond_chance:
            said += f"; with those who left taken into account it moved by {_interval(adjusted)}"
        if found.detectable is not None and found.detectable.value is not None:
            said += f"; a change of {_size(found.detectable)} would mostly have been seen"
        return said + "."
    direction = "raised" if effect.value > 0 else "lowered"
    if not shown:
        return f"{plan.improvement}: {what} moved by {interval}, but {against(found)}: the effect is not shown."
    said = f"{plan.improvement} {direction} {what} by {interval}"
    if found.placebo is not None and found.placebo.value is not None:
        said += f"; {PLACEBO} nothing was shown, {_interval(found.placebo)}"
    if found.negative is not None and found.negative.value is not None:
        said += f"; on what it cannot have changed nothing was shown, {_interval(found.negative)}"
    if adjusted is not None and adjusted.value is not None:
        said += f"; with those who left taken into account, {_interval(adjusted)}"
    return said + "."


def against(found: Found) -> str:
    """What speaks against taking a change beyond chance for the improvement's effect; "" for nothing."""
    if found.placebo is not None and found.placebo.beyond_chance:
        return f"it moved {PLACEBO} too, {_interval(found.placebo)}"
    if found.negative is not None and found.negative.beyond_chance:
        return f"what it cannot have changed moved too, {_interval(found.negative)}"
    if _leavers_speak_against(found):
        adjusted = _interval(found.leavers.adjusted)
        return f"with those who left taken into account it is not shown to have moved so, {adjusted}"
    return ""


def _leavers_speak_against(found: Found) -> bool:
    """Whether the effect is not there with leavers taken into account, and leaving alone can have made it.

    Leaving can have made it where its part reaches the near end of the effect's interval. In small panels alone
    the adjusted effect is often not beyond chance; that by itself says nothing against.
    """
    effect, adjusted = found.effect, found.leavers.adjusted
    if adjusted is None or adjusted.value is None or not effect.beyond_chance:
        return False
    upwards = effect.low is not None and effect.low > 0
    way, near = (1, effect.low) if upwards else (-1, effect.high)
    if adjusted.beyond_chance:
        return way * adjusted.value < 0
    return near is not None and way * near <= way * found.leavers.push


def _interval(one: Estimate | None) -> str:
    if one is None or one.low is None or one.high is None:
        return "no interval"
    # Sales change by a share of themselves, scores by points.
    return estimate(one, sign=True) if one.unit == "share" else change(one)


def _size(one: Estimate) -> str:
    return percent(one.value) if one.unit == "share" else f"{number(one.value)} points"
