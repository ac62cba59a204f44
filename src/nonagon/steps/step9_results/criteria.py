"""When step 9 is ready: the measure is there, every effect is judged by its design, the review is held."""

from nonagon.charts.wording import listed, plural
from nonagon.deliverables.evidence import Criterion
from nonagon.deliverables.step9 import ResultsDeliverable
from nonagon.steps.step9_results.decisions import Step9Decisions


def criteria(deliverable: ResultsDeliverable, decisions: Step9Decisions) -> tuple[Criterion, ...]:
    """The exit criteria of step 9."""
    return (
        _measure_over_waves(deliverable),
        _effects_designed_before(deliverable),
        _effects_estimated(deliverable),
        _placebos(deliverable),
        _sales_tracked(deliverable),
        _benefit_against_plan(deliverable),
        _carried(deliverable),
        _review(decisions),
    )


def _measure_over_waves(deliverable: ResultsDeliverable) -> Criterion:
    enough = [one for one in deliverable.measures if sum(p.value.value is not None for p in one.points) > 1]
    return Criterion(
        id="measure",
        sentence="A customer-centred measure is tracked over waves.",
        met=bool(enough),
        reason=", ".join(f"{one.name}: {plural(len(one.points), 'wave')}" for one in deliverable.measures)
        or "none",
        mend="items.csv: items of kind recommend, overall or satisfaction; answers of more than one wave",
    )


def _effects_designed_before(deliverable: ResultsDeliverable) -> Criterion:
    late = [one.id for one in deliverable.effects if one.designed_before is not True]
    return Criterion(
        id="designed",
        sentence="The design of every effect was written down before the start.",
        met=bool(deliverable.effects) and not late,
        reason=listed(
            late, before="not before the start, or without a date", none=plural(len(deliverable.effects), "design")
        ),
        mend="decisions/effects.csv: designed_on",
    )


def _effects_estimated(deliverable: ResultsDeliverable) -> Criterion:
    unknown = [one.id for one in deliverable.effects if one.effect.value is None]
    return Criterion(
        id="estimated",
        sentence="Every effect is estimated, also where nothing is shown.",
        met=bool(deliverable.effects) and not unknown,
        reason=listed(unknown, before="cannot be estimated", none=plural(len(deliverable.effects), "effect")),
        mend="decisions/effects.csv, or more data",
    )


def _placebos(deliverable: ResultsDeliverable) -> Criterion:
    without = [one.id for one in deliverable.effects if one.placebo is None or one.placebo.value is None]
    return Criterion(
        id="placebo",
        sentence="Every effect was also looked for at a date on which nothing happened.",
        met=bool(deliverable.effects) and not without,
        reason=listed(without, before="without a placebo", none=plural(len(deliverable.effects), "placebo")),
        mend="decisions/effects.csv: placebo",
    )


def _sales_tracked(deliverable: ResultsDeliverable) -> Criterion:
    tracked = len(deliverable.quarters)
    return Criterion(
        id="sales",
        sentence="Sales, repeat buying and retention are tracked.",
        met=tracked > 1 and deliverable.repeat_rate is not None,
        reason=f"{plural(tracked, 'quarter')}, repeat rate {'known' if deliverable.repeat_rate else 'not known'}",
        mend="cycle.toml: a source for the table sales with customer_id",
    )


def _benefit_against_plan(deliverable: ResultsDeliverable) -> Criterion:
    blind = [one.project for one in deliverable.benefits if one.realised.value is None]
    return Criterion(
        id="benefit",
        sentence="The benefit of every project is held against the business plan.",
        met=bool(deliverable.benefits) and not blind,
        reason=listed(blind, before="benefit not known", none=plural(len(deliverable.benefits), "project")),
        mend="decisions/benefits.csv: effect, or realised with its source",
    )


def _carried(deliverable: ResultsDeliverable) -> Criterion:
    decided = {one.need for one in deliverable.open_needs if one.decided}
    waiting = [one.need for one in deliverable.open_needs if one.need not in decided]
    return Criterion(
        id="carried",
        sentence="What stays open is carried into the next cycle by decision.",
        met=bool(decided) and not waiting,
        reason=listed(waiting, before="proposed and not yet decided", none=plural(len(decided), "need")),
        mend="decisions/carried.csv: need and reason",
    )


def _review(decisions: Step9Decisions) -> Criterion:
    ownerless = [one.decision for one in decisions.review if not one.owner or one.due is None]
    held = decisions.reviewed_on is not None
    reason = f"held on {decisions.reviewed_on}" if held else "not held yet"
    if not decisions.review:
        reason += "; no decisions are recorded"
    elif ownerless:
        reason += f"; without owner or day: {', '.join(ownerless)}"
    return Criterion(
        id="review",
        sentence="The management review is held, and every decision has an owner and a day.",
        met=held and bool(decisions.review) and not ownerless,
        reason=reason,
        mend="decisions/step9.toml: reviewed_on and review",
    )
