"""The rows of the house: which needs, how important, how rated, with their planning columns."""

from collections.abc import Sequence
from typing import Literal, get_args

from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.need_tree import asked_needs
from nonagon.deliverables.record import Record
from nonagon.deliverables.step3 import NeedResult, NeedsDeliverable
from nonagon.deliverables.step4 import HouseRow, Rating
from nonagon.methods.priorities.ahp import Ahp, ahp
from nonagon.steps.step4_characteristics.decisions import NeedTarget, Step4Decisions

Kind = Literal["stated", "derived", "frequency"]
_WORDS = {
    "stated": "stated by customers",
    "derived": "derived from overall satisfaction",
    "frequency": "how many said it",
}


def rows_of(record: Record, decisions: Step4Decisions, earlier: Earlier) -> tuple[HouseRow, ...]:
    """The rows in order, with importance, the customers' assessment and the planning columns."""
    found = {need.id: need for need in earlier.step3.needs} if earlier.step3 else {}
    if not found:
        record.lack("importance and ratings of the rows", "needs from step 3")
    ids = _row_ids(decisions, earlier.step3)
    decided = {one.need for one in decisions.importance}
    kind = _kind([found[one] for one in ids if one in found and one not in decided])
    rows = [_row(record, one, found.get(one), kind, decisions, earlier) for one in ids]
    rows = _with_paired_importance(record, rows, decisions)
    bare = [row.need for row in rows if row.importance is None or row.importance.value is None]
    if bare and found:
        words = f" ({_WORDS[kind]}, as the other rows have it)" if kind else ""
        record.lack(
            f"the importance{words} of {', '.join(bare)}; their rows weigh nothing",
            "importance items or overall satisfaction in the survey, or decisions/importance.csv",
        )
    return _with_competitors(record, rows, earlier)


def _row_ids(decisions: Step4Decisions, step3: NeedsDeliverable | None) -> list[str]:
    """As decided; else the needs that customers were asked about; those that only a relationship names last."""
    if decisions.rows:
        return list(dict.fromkeys(decisions.rows))
    related = [one.need for one in decisions.relationships]
    if step3 is None:
        return list(dict.fromkeys(related))
    asked = [need.id for need in asked_needs(step3.needs)]
    return list(dict.fromkeys([*asked, *related]))


def _kind(needs: Sequence[NeedResult]) -> Kind | None:
    """The one kind of importance that most rows have: kinds on different scales must not be mixed."""
    kinds: tuple[Kind, ...] = get_args(Kind)
    have = {kind: sum(_of_kind(need, kind) is not None for need in needs) for kind in kinds}
    best = max(kinds, key=lambda kind: have[kind])
    return best if have[best] > 0 else None


def _of_kind(need: NeedResult, kind: Kind) -> Estimate | None:
    if need.importance_kind == kind:
        found = need.importance
    else:
        found = {"stated": need.stated, "derived": need.derived, "frequency": need.said_by}[kind]
    return found if found is not None and found.value is not None else None


def _row(
    record: Record,
    need_id: str,
    need: NeedResult | None,
    kind: Kind | None,
    decisions: Step4Decisions,
    earlier: Earlier,
) -> HouseRow:
    row = HouseRow(need=need_id, name=need.name if need else need_id)
    if need is not None and earlier.step3 is not None:
        importance = _of_kind(need, kind) if kind else None
        row = row.model_copy(
            update={
                "importance": record.carried(importance, earlier.step3),
                "importance_kind": kind if importance else "none",
                "ours": record.carried(need.satisfaction, earlier.step3),
                "scale_min": need.scale_min,
                "scale_max": need.scale_max,
            }
        )
    decided = next((one for one in decisions.importance if one.need == need_id), None)
    if decided is not None:
        key = record.decided("importance.decided", "decisions/step4.toml: importance")
        row = row.model_copy(
            update={
                "importance": Estimate(value=decided.value, low=decided.low, high=decided.high, origin=key),
                "importance_kind": "decided",
                "importance_reason": decided.reason,
            }
        )
    planned = next((one for one in decisions.need_targets if one.need == need_id), None)
    return _planned(row, planned) if planned is not None else row


def _planned(row: HouseRow, planned: NeedTarget) -> HouseRow:
    now = planned.now
    if now is None and row.ours is not None and row.ours.value is not None and row.ours.value > 0:
        now = row.ours.value
    ratio = planned.target / now if planned.target is not None and now is not None else None
    return row.model_copy(
        update={
            "now": now,
            "target": planned.target,
            "improvement_ratio": ratio,
            "sales_point": planned.sales_point,
        }
    )


def _with_paired_importance(record: Record, rows: list[HouseRow], decisions: Step4Decisions) -> list[HouseRow]:
    """Weights from paired comparisons, where every pair of rows was compared and no importance was decided."""
    if not decisions.importance_pairs or decisions.importance:
        return rows
    result = _paired(decisions, [row.need for row in rows])
    if result is None:
        record.lack("weights from paired comparisons", "a comparison of every pair of rows (importance_pairs)")
        return rows
    key = record.origin(
        "importance.paired",
        (),
        "nonagon.methods.priorities.ahp",
        variant="principal eigenvector",
        assumptions=("the team's paired judgements are on a ratio scale",),
    )
    return [
        row.model_copy(
            update={
                "importance": Estimate(value=weight, unit="share", origin=key),
                "importance_kind": "decided",
                "importance_reason": "paired comparisons by the team",
            }
        )
        for row, weight in zip(rows, result.weights.tolist(), strict=True)
    ]


def consistency_of(record: Record, decisions: Step4Decisions, needs: Sequence[str]) -> Estimate | None:
    """The consistency ratio of the paired comparisons; up to 0.1 is usual."""
    result = _paired(decisions, needs) if decisions.importance_pairs else None
    if result is None:
        return None
    key = record.origin("consistency", (), "nonagon.methods.priorities.ahp", variant="consistency ratio")
    if result.consistency_ratio is None:
        return Estimate(why="two needs are always consistent", origin=key)
    return Estimate(value=result.consistency_ratio, n=len(decisions.importance_pairs), origin=key)


def _paired(decisions: Step4Decisions, needs: Sequence[str]) -> Ahp | None:
    times = {(one.a, one.b): one.times for one in decisions.importance_pairs}
    times |= {(b, a): 1 / value for (a, b), value in times.items()} | {(need, need): 1.0 for need in needs}
    if len(needs) < 2 or any((a, b) not in times for a in needs for b in needs):
        return None
    return ahp(matrix=[[times[a, b] for b in needs] for a in needs])


def _with_competitors(record: Record, rows: list[HouseRow], earlier: Earlier) -> tuple[HouseRow, ...]:
    """The customers' competitive assessment, from step 2's comparisons."""
    if earlier.step2 is None:
        return tuple(rows)
    need_of_item = {item.id: item.need for item in record.cycle.items if item.kind == "satisfaction"}
    rated: dict[str, list[Rating]] = {}
    for one in earlier.step2.comparisons:
        need = one.need or need_of_item.get(one.item)
        rating = record.carried(one.theirs, earlier.step2)
        if need is not None and rating is not None:
            rated.setdefault(need, []).append(Rating(subject=one.competitor, rating=rating))
    return tuple(row.model_copy(update={"competitors": tuple(rated.get(row.need, ()))}) for row in rows)
