"""Several ways of setting priorities side by side: how stable is the choice?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from nonagon.deliverables.cycle import Cycle
from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.estimates import error_of
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.record import Record
from nonagon.deliverables.step3 import NeedResult
from nonagon.methods.checks import Floats
from nonagon.methods.priorities.importance_performance import QUADRANTS, importance_performance
from nonagon.methods.priorities.opportunity_score import opportunity_score
from nonagon.methods.ranks.rank_confidence import rank_confidence
from nonagon.steps.step5_opportunities.analysis.ranking import Ranking
from nonagon.steps.step5_opportunities.analysis.scores import Scores
from nonagon.steps.step5_opportunities.decisions import Step5Decisions

ULWICK_SCALE = 10.0


@dataclass(frozen=True, slots=True)
class Order:
    """One method's order of needs, first first; chance: that its first is truly first."""

    method: str
    title: str
    needs: tuple[str, ...]
    chance: Estimate | None = None


@dataclass(frozen=True, slots=True)
class Priorities:
    """By need: importance, field on the map, Ulwick's score; and the methods' orders.

    importance: of one kind, so that needs can be compared; shown: of whatever kind is known of a need, which
    `kind` names.
    """

    importance: dict[str, Estimate] = field(default_factory=dict)
    shown: dict[str, Estimate] = field(default_factory=dict)
    kind: dict[str, str] = field(default_factory=dict)
    quadrant: dict[str, str] = field(default_factory=dict)
    quadrant_chance: dict[str, Estimate] = field(default_factory=dict)
    opportunity: dict[str, Estimate] = field(default_factory=dict)
    orders: tuple[Order, ...] = ()
    cross_importance: float | None = None
    cross_performance: float | None = None


def prioritized(
    record: Record,
    decisions: Step5Decisions,
    earlier: Earlier,
    needs: Sequence[NeedResult],
    scores: Scores,
    ranking: Ranking,
    set_apart: Mapping[str, str],
) -> Priorities:
    """Lowest score first, importance-performance, opportunity score, expectation gap, effect for effort.

    Only needs that can be acted on take part in the orders; the map shows all.
    """
    shown, kind = _known_importance(record, earlier, needs)
    importance = _of_one_kind(record, shown, kind, earlier, needs)
    orders = [_lowest_first(scores, ranking, set_apart)] if scores.needs else []
    both = [i for i, need in enumerate(scores.needs) if need in importance]
    found = Priorities(importance=importance, shown=shown, kind=kind, orders=tuple(orders))
    if len(both) >= 2:
        found = _with_importance(
            record,
            found,
            scores.only([need in importance for need in scores.needs]),
            earlier,
            needs,
            set_apart,
        )
    extra = [
        _gap_first(record, needs, set_apart),
        _effect_for_effort(record, decisions, importance, set_apart),
    ]
    return replace(found, orders=(*found.orders, *(one for one in extra if one is not None)))


def _known_importance(
    record: Record, earlier: Earlier, needs: Sequence[NeedResult]
) -> tuple[dict[str, Estimate], dict[str, str]]:
    """Step 4's importances, and step 3's of the needs that its house leaves out; and the kind of each."""
    shown: dict[str, Estimate] = {}
    kind: dict[str, str] = {}
    for row in earlier.step4.rows if earlier.step4 is not None else ():
        one = record.carried(row.importance, earlier.step4) if earlier.step4 is not None else None
        if one is not None and one.value is not None:
            shown[row.need], kind[row.need] = one, row.importance_kind
    housed = next((one for one in kind.values() if one != "decided"), None)
    for need in needs:
        if need.id in shown or earlier.step3 is None:
            continue
        raw, its_kind = _like_the_house(need, housed)
        one = record.carried(raw, earlier.step3)
        if one is not None and one.value is not None:
            shown[need.id], kind[need.id] = one, its_kind
    return shown, kind


def _like_the_house(need: NeedResult, housed: str | None) -> tuple[Estimate | None, str]:
    """Step 3's importance of the kind that the house uses; else the one that step 3 carries over."""
    by_kind = {"stated": need.stated, "derived": need.derived, "frequency": need.said_by}
    found = by_kind.get(housed) if housed is not None else None
    if found is not None and found.value is not None and housed is not None:
        return found, housed
    return need.importance, need.importance_kind


def _of_one_kind(
    record: Record,
    shown: Mapping[str, Estimate],
    kind: Mapping[str, str],
    earlier: Earlier,
    needs: Sequence[NeedResult],
) -> dict[str, Estimate]:
    """The importances that can be compared: as the house has them, with step 3's of the same kind."""
    rows = {row.need for row in earlier.step4.rows} if earlier.step4 is not None else set()
    housed = {kind[need] for need in shown if need in rows}
    kinds = housed or {kind[need] for need in shown}
    if not housed and len(kinds) != 1:
        if needs:
            record.lack("priorities by importance", "importance of one kind for the needs (step 3)")
        return {}
    return {
        need: one for need, one in shown.items() if kind[need] in kinds and (need in rows or kind[need] != "none")
    }


def _lowest_first(scores: Scores, ranking: Ranking, set_apart: Mapping[str, str]) -> Order:
    order = [scores.needs[i] for i in np.argsort(scores.values, kind="stable")]
    order = [need for need in order if need not in set_apart]
    chance = ranking.chance.get(order[0]) if order else None
    return Order("lowest_score", "Lowest score first", tuple(order), chance)


def _with_importance(
    record: Record,
    found: Priorities,
    scores: Scores,
    earlier: Earlier,
    needs: Sequence[NeedResult],
    set_apart: Mapping[str, str],
) -> Priorities:
    wanted = np.array([found.importance[need].value or 0.0 for need in scores.needs])
    wanted_error = np.array([error_of(found.importance[need]) for need in scores.needs])
    place = importance_performance(
        importance=wanted,
        performance=scores.values,
        importance_se=wanted_error,
        performance_se=scores.errors,
    )
    record.origin(
        "map",
        (),
        "nonagon.methods.priorities.importance_performance",
        variant="cross-hairs at the means of the needs",
        assumptions=("importance and score err independently", "the cross-hairs count as fixed"),
    )
    chances = place.p_quadrant if place.p_quadrant is not None else np.zeros((len(scores.needs), 4))
    by_map = sorted(range(len(scores.needs)), key=lambda i: (QUADRANTS.index(place.quadrant[i]), scores.values[i]))
    ulwick = _ulwick(record, scores, wanted, wanted_error, needs, earlier, set_apart)
    orders = (
        *found.orders,
        ulwick[1],
        Order(
            "importance_performance",
            "Importance-performance map",
            tuple(scores.needs[i] for i in by_map if scores.needs[i] not in set_apart),
        ),
    )
    return replace(
        found,
        quadrant=dict(zip(scores.needs, place.quadrant, strict=True)),
        quadrant_chance={
            need: Estimate(value=chances[i][QUADRANTS.index(place.quadrant[i])], unit="share", origin="map")
            for i, need in enumerate(scores.needs)
        },
        opportunity=ulwick[0],
        orders=orders,
        cross_importance=place.cross_importance,
        cross_performance=place.cross_performance,
    )


def _ulwick(
    record: Record,
    scores: Scores,
    wanted: Floats,
    wanted_error: Floats,
    needs: Sequence[NeedResult],
    earlier: Earlier,
    set_apart: Mapping[str, str],
) -> tuple[dict[str, Estimate], Order]:
    """Ulwick's score with both inputs put on 0 to 10."""
    by_id, settings = {need.id: need for need in needs}, record.cycle.settings
    low, high, how = _importance_range(record.cycle, scores.needs, wanted, by_id, earlier)
    importance = np.clip(ULWICK_SCALE * (wanted - low) / (high - low), 0, ULWICK_SCALE)
    satisfaction, satisfaction_error = _satisfaction_of_ten(scores, by_id)
    result = opportunity_score(
        importance=importance,
        satisfaction=satisfaction,
        importance_se=ULWICK_SCALE * wanted_error / (high - low),
        satisfaction_se=satisfaction_error,
        draws=settings.draws,
        seed=settings.seed,
    )
    record.origin(
        "opportunity",
        (),
        "nonagon.methods.priorities.opportunity_score",
        variant=f"satisfaction from its scale to 0-10; importance {how}",
        assumptions=("importance and satisfaction are on comparable scales of 0 to 10",),
    )
    errors = result.se if result.se is not None else np.zeros(len(scores.needs))
    estimates = {
        need: Estimate(value=result.score[i], n=int(scores.answers[i]) or None, origin="opportunity")
        for i, need in enumerate(scores.needs)
    }
    open_ones = [need not in set_apart for need in scores.needs]
    order = tuple(scores.needs[i] for i in result.order if open_ones[i])
    chance = None
    if scores.uncertain and sum(open_ones) >= 2 and (errors > 0).any():
        keep = np.asarray(open_ones)
        again = opportunity_score(
            importance=importance[keep],
            satisfaction=satisfaction[keep],
            importance_se=(ULWICK_SCALE * wanted_error / (high - low))[keep],
            satisfaction_se=satisfaction_error[keep],
            draws=settings.draws,
            seed=settings.seed,
        )
        if again.p_first is not None:
            chance = Estimate(value=again.p_first[again.order[0]], unit="share", origin="opportunity")
    return estimates, Order("opportunity_score", "Opportunity score (Ulwick)", order, chance)


def _importance_range(
    cycle: Cycle,
    ids: Sequence[str],
    wanted: Floats,
    by_id: Mapping[str, NeedResult],
    earlier: Earlier,
) -> tuple[float, float, str]:
    """What counts as 0 and as 10: the importance items' scale, or nothing and the largest importance."""
    decided = earlier.step4 is not None and any(row.importance_kind == "decided" for row in earlier.step4.rows)
    items = [cycle.item_of_need(need, "importance") for need in ids]
    stated = all(need in by_id and by_id[need].importance_kind == "stated" for need in ids)
    scales = {(item.scale_min, item.scale_max) for item in items if item is not None}
    if stated and not decided and len(scales) == 1 and all(items):
        low, high = next(iter(scales))
        if low < high:
            return low, high, "from its items' scale to 0-10"
    largest = float(wanted.max())
    return 0.0, largest if largest > 0 else 1.0, "with the largest as 10"


def _satisfaction_of_ten(scores: Scores, by_id: Mapping[str, NeedResult]) -> tuple[Floats, Floats]:
    """Scores and errors on 0 to 10; points of 100 are tenths already, an unknown scale starts at 0."""
    values, errors = np.zeros(len(scores.needs)), np.zeros(len(scores.needs))
    for i, need_id in enumerate(scores.needs):
        need = by_id[need_id]
        satisfaction = need.satisfaction
        if satisfaction is None or satisfaction.value is None:
            continue
        low = need.scale_min if need.scale_min is not None else 0.0
        high = need.scale_max if need.scale_max is not None else max(float(scores.values.max()), 1.0)
        stretch = ULWICK_SCALE / (high - low) if high > low else 1.0
        values[i] = min(ULWICK_SCALE, max(0.0, (satisfaction.value - low) * stretch))
        errors[i] = error_of(satisfaction) * stretch
    return values, errors


def _gap_first(record: Record, needs: Sequence[NeedResult], set_apart: Mapping[str, str]) -> Order | None:
    """Where perception falls furthest behind expectation."""
    rated = [
        (need.id, need.gap)
        for need in needs
        if need.gap is not None and need.gap.value is not None and need.id not in set_apart
    ]
    if len(rated) < 2:
        return None
    values = np.array([gap.value or 0.0 for _, gap in rated])
    errors = np.array([error_of(gap) for _, gap in rated])
    order = np.argsort(values, kind="stable")
    chance, settings = None, record.cycle.settings
    if (errors > 0).all():
        result = rank_confidence(estimate=values, se=errors, coverage=settings.confidence, seed=settings.seed)
        record.origin(
            "gap",
            (),
            "nonagon.methods.ranks.rank_confidence",
            variant="perception minus expectation, widest gap first",
            assumptions=("the gaps err independently",),
        )
        chance = Estimate(value=result.chance_lowest[order[0]], unit="share", origin="gap")
    return Order("expectation_gap", "Expectation gap", tuple(rated[i][0] for i in order), chance)


def _effect_for_effort(
    record: Record,
    decisions: Step5Decisions,
    importance: Mapping[str, Estimate],
    set_apart: Mapping[str, str],
) -> Order | None:
    """Expected gain in the score times importance, for each unit of effort: as far as people stated both."""
    worth: dict[str, float] = {}
    for one in decisions.opportunities:
        if one.expected_effect is None or not one.effort or one.need in set_apart:
            continue
        weight = importance[one.need].value if one.need in importance else (None if importance else 1.0)
        if weight is not None:
            worth[one.need] = max(worth.get(one.need, -np.inf), weight * one.expected_effect / one.effort)
    if len(worth) < 2:
        return None
    record.decided(
        "effort",
        "decisions/step5.toml: opportunities",
        variant="importance x expected effect / effort",
        assumptions=("expected effect and effort are people's judgements",),
    )
    order = sorted(worth, key=lambda need: -worth[need])
    return Order("effect_for_effort", "Effect for effort", tuple(order))
