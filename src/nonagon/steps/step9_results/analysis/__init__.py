"""Facts, designs and the steps before -> what the cycle brought, and what the next one starts from."""

from nonagon.charts.wording import change
from nonagon.deliverables.cycle import Cycle
from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.evidence import Link
from nonagon.deliverables.record import Record
from nonagon.deliverables.step9 import Effect, Measure, ResultsDeliverable
from nonagon.engine.facts import Facts
from nonagon.steps.step9_results.analysis.carry import open_needs
from nonagon.steps.step9_results.analysis.effects import effects
from nonagon.steps.step9_results.analysis.measures import measures
from nonagon.steps.step9_results.analysis.money import benefit_total, benefits, market_share, quarters, repeat_rate
from nonagon.steps.step9_results.analysis.objectives import objectives
from nonagon.steps.step9_results.decisions import Step9Decisions


def analyse(*, cycle: Cycle, facts: Facts, decisions: Step9Decisions, earlier: Earlier) -> ResultsDeliverable:
    """Step 9's deliverable; what the data or the decisions do not say stands in its `lacks`."""
    record = Record(facts, cycle)
    measured = measures(record, decisions, earlier)
    found = effects(record, decisions, earlier)
    sold = quarters(record)
    repeated = repeat_rate(record, decisions)
    share = market_share(record)
    gained = benefits(record, decisions, earlier, found)
    total = benefit_total(record, gained)
    goals = objectives(record, earlier, measured, share)
    carried = open_needs(decisions, earlier)
    _say_measures(record, measured)
    _say_effects(record, found)
    for one in gained:
        record.say("note", one.sentence, origin=one.realised.origin)
    if total is not None and total.projects > 1:
        record.say("note", total.sentence, origin=total.realised.origin)
    return ResultsDeliverable(
        measures=measured,
        effects=found,
        quarters=sold,
        repeat_rate=repeated,
        share=share,
        benefits=gained,
        benefit_total=total,
        objectives=goals,
        open_needs=carried,
        carried=tuple(one.need for one in carried),
        origins=record.origins,
        findings=tuple(record.findings),
        lacks=tuple(record.lacks),
        links=_links(found, decisions, earlier),
    )


def _say_measures(record: Record, measured: tuple[Measure, ...]) -> None:
    for one in measured:
        moved = one.change
        if moved is None or moved.low is None or moved.high is None:
            continue
        interval = change(moved, digits=1)
        if moved.beyond_chance:
            record.say("shown", f"{one.name} moved by {interval} since the wave before.", origin=moved.origin)
        else:
            sentence = f"{one.name}: no change since the wave before was shown, {interval}."
            record.say("not_shown", sentence, origin=moved.origin)


def _say_effects(record: Record, found: tuple[Effect, ...]) -> None:
    for one in found:
        record.say("shown" if one.shown else "not_shown", one.sentence, origin=one.effect.origin, headline=5)
        if one.designed_before is False:
            record.say("warning", f"{one.improvement}: the design was not written down before the start.")


def _links(found: tuple[Effect, ...], decisions: Step9Decisions, earlier: Earlier) -> tuple[Link, ...]:
    """Project -> result, and follow-up -> result where the programme asks the item that the effect is seen in."""
    links = [
        Link(from_kind="project", from_id=one.project, to_kind="result", to_id=one.id)
        for one in found
        if one.project is not None
    ]
    programmes = earlier.step8.follow_ups if earlier.step8 else ()
    needs = {need.id: need.item for need in earlier.step3.needs} if earlier.step3 else {}
    for one in decisions.effects:
        seen_in = {one.item, needs.get(one.need) if one.need else None} - {None}
        links += [
            Link(from_kind="follow_up", from_id=programme.id, to_kind="result", to_id=one.id)
            for programme in programmes
            if seen_in & set(programme.items)
        ]
    return tuple(dict.fromkeys(links))
