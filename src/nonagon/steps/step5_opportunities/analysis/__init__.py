"""Step 5's analysis: lowest score first with its certainty, other priorities beside it, charter, business plan."""

from collections.abc import Mapping, Sequence

from nonagon.deliverables.cycle import Cycle
from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.evidence import Estimate, Link
from nonagon.deliverables.need_tree import common_wave
from nonagon.deliverables.record import Record
from nonagon.deliverables.step3 import NeedResult
from nonagon.deliverables.step5 import (
    Objective,
    OpportunitiesDeliverable,
    Opportunity,
    PlanLine,
    PriorityMethod,
)
from nonagon.engine.facts import Facts
from nonagon.steps.step5_opportunities.analysis.charter import summed_up
from nonagon.steps.step5_opportunities.analysis.findings import findings_of
from nonagon.steps.step5_opportunities.analysis.lookback import looked_back
from nonagon.steps.step5_opportunities.analysis.priorities import Priorities, prioritized
from nonagon.steps.step5_opportunities.analysis.ranking import Ranking, ranked
from nonagon.steps.step5_opportunities.analysis.scores import Scale, Scores, latest_scores, rated_needs
from nonagon.steps.step5_opportunities.analysis.spreads import spreads_of
from nonagon.steps.step5_opportunities.decisions import (
    DEFAULT_PREFIX,
    OpportunityDecision,
    PlanLink,
    Step5Decisions,
)


def analyse(
    *, cycle: Cycle, facts: Facts, decisions: Step5Decisions, earlier: Earlier
) -> OpportunitiesDeliverable:
    """Opportunities from step 3's scores, lowest first, with how sure the order is and what people chose.

    The answers are queried only for how the errors of the needs' scores go together. What is missing is
    named in `lacks`; nothing is raised for it.
    """
    needs = rated_needs(earlier)
    wave = common_wave(needs)
    record = Record(
        facts,
        cycle,
        data=facts.labels("answers") if facts.has("answers") else (),
        rows=f"our satisfaction items, wave {wave}" if wave else "our satisfaction items",
    )
    scale = Scale.of(needs)
    if not any(need.satisfaction is not None and need.satisfaction.value is not None for need in needs):
        record.lack("scores of needs", "satisfaction items in the survey (step 3)")
    scores = latest_scores(record, earlier, scale)
    set_apart = _set_apart(decisions, needs)
    ranking = ranked(record, scores, set_apart)
    waves = earlier.step3.waves if earlier.step3 else ()
    spreads = spreads_of(record, scores, needs, waves, scale)
    priorities = prioritized(record, decisions, earlier, needs, scores, ranking, set_apart)
    opportunities = _opportunities(record, decisions, earlier, needs, scores, ranking, priorities, set_apart)
    if not decisions.plan:
        record.lack("the business plan", "objectives and plan in decisions/step5.toml")
    deliverable = OpportunitiesDeliverable(
        opportunities=opportunities,
        spread=spreads.latest,
        spread_observed=spreads.observed,
        spread_by_wave=spreads.by_wave,
        narrowing=spreads.narrowing,
        wave=wave,
        answers_needed=ranking.answers_needed,
        may_be_lowest=_ids_of(ranking.may_be_lowest, opportunities),
        ties=tuple(_ids_of(run, opportunities) for run in ranking.ties),
        scale=scale.words if scores.needs else "",
        methods=_methods(priorities, opportunities),
        cross_importance=priorities.cross_importance,
        cross_performance=priorities.cross_performance,
        look_back=looked_back(record, decisions, earlier),
        charter=summed_up(decisions.charter),
        objectives=tuple(Objective(**one.model_dump()) for one in decisions.objectives),
        plan=tuple(_plan_line(record, one) for one in decisions.plan),
        plan_budget=decisions.plan_budget,
        lacks=tuple(record.lacks),
        links=_links(opportunities),
        origins=record.origins,
    )
    return deliverable.model_copy(update={"findings": findings_of(cycle, decisions, deliverable, earlier)})


def _set_apart(decisions: Step5Decisions, needs: Sequence[NeedResult]) -> dict[str, str]:
    """Needs that the organization cannot act on, with the reason."""
    known = {need.id for need in needs}
    return {one.need: one.reason for one in decisions.not_actionable if one.need in known}


def _opportunities(
    record: Record,
    decisions: Step5Decisions,
    earlier: Earlier,
    needs: Sequence[NeedResult],
    scores: Scores,
    ranking: Ranking,
    priorities: Priorities,
    set_apart: Mapping[str, str],
) -> tuple[Opportunity, ...]:
    """One opportunity a need, or those that people named for it; by place, the unscored ones last."""
    serving = _serving(earlier)
    best = float(scores.values.max()) if scores.needs else 0.0
    compared = dict(zip(scores.needs, scores.values.tolist(), strict=True))
    found = []
    for need in needs:
        low, high = ranking.between.get(need.id, (None, None))
        base = Opportunity(
            id=f"{DEFAULT_PREFIX}{need.id}",
            need=need.id,
            name=need.name,
            score=record.carried(need.satisfaction, earlier.step3) if earlier.step3 else None,
            rank=ranking.place.get(need.id),
            rank_low=low,
            rank_high=high,
            chance_lowest=ranking.chance.get(need.id),
            more_answers=ranking.more_answers.get(need.id),
            actionable=need.id not in set_apart,
            why_not=set_apart.get(need.id, ""),
            characteristics=serving.get(need.id, ()),
            scale_min=need.scale_min,
            scale_max=need.scale_max,
            compared=compared.get(need.id),
            gap_to_best=best - compared[need.id] if need.id in compared else None,
            importance=priorities.shown.get(need.id),
            importance_kind=priorities.kind.get(need.id, ""),
            quadrant=priorities.quadrant.get(need.id, ""),
            quadrant_chance=priorities.quadrant_chance.get(need.id),
            opportunity_score=priorities.opportunity.get(need.id),
            kano=need.kano,
        )
        named = [one for one in decisions.opportunities if one.need == need.id]
        found += [_named(base, one, decisions) for one in named] or [base]
    scored = {need.id for need in needs}
    found += [
        _named(
            Opportunity(id=one.id, need=one.need, name=one.id, characteristics=serving.get(one.need, ())),
            one,
            decisions,
        )
        for one in decisions.opportunities
        if one.need not in scored
    ]
    return tuple(sorted(found, key=lambda one: (one.rank is None, one.rank or 0)))


def _named(base: Opportunity, one: OpportunityDecision, decisions: Step5Decisions) -> Opportunity:
    return base.model_copy(
        update={
            "id": one.id,
            "name": one.name or base.name,
            "chosen": one.chosen,
            "reason": one.reason,
            "effort": one.effort,
            "expected_effect": one.expected_effect,
            "objectives": tuple(link.objective for link in decisions.plan if link.opportunity == one.id),
        }
    )


def _serving(earlier: Earlier) -> dict[str, tuple[str, ...]]:
    """The characteristics that serve each need, from step 4."""
    if earlier.step4 is None:
        return {}
    return {
        need: tuple(one.id for one in earlier.step4.characteristics if need in one.needs)
        for need in sorted({need for one in earlier.step4.characteristics for need in one.needs})
    }


def _methods(priorities: Priorities, opportunities: Sequence[Opportunity]) -> tuple[PriorityMethod, ...]:
    chosen = {one.need for one in opportunities if one.chosen}
    return tuple(
        PriorityMethod(
            method=order.method,
            title=order.title,
            order=_ids_of(order.needs, opportunities),
            chance_first=order.chance,
            chosen_first=bool(order.needs) and order.needs[0] in chosen,
        )
        for order in priorities.orders
    )


def _ids_of(needs: Sequence[str], opportunities: Sequence[Opportunity]) -> tuple[str, ...]:
    """The opportunities of needs, in the needs' order."""
    return tuple(one.id for need in needs for one in opportunities if one.need == need)


def _plan_line(record: Record, one: PlanLink) -> PlanLine:
    key = record.decided("plan", "decisions/step5.toml: plan", variant="people's bounds, a year")
    benefit = None
    if one.benefit_likely is not None:
        benefit = Estimate(
            value=one.benefit_likely,
            low=one.benefit_low,
            high=one.benefit_high,
            unit=record.cycle.currency,
            origin=key,
        )
    return PlanLine(
        objective=one.objective,
        opportunity=one.opportunity,
        benefit=benefit,
        budget=one.budget,
        note=one.note,
    )


def _links(opportunities: Sequence[Opportunity]) -> tuple[Link, ...]:
    """Need to opportunity, and from each characteristic that serves the need to the opportunity."""
    links = []
    for one in opportunities:
        links.append(Link(from_kind="need", from_id=one.need, to_kind="opportunity", to_id=one.id))
        links += [
            Link(from_kind="characteristic", from_id=serving, to_kind="opportunity", to_id=one.id)
            for serving in one.characteristics
        ]
    return tuple(links)
