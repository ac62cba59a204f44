"""When step 4 is ready: every need is served by something that can be measured, and conflicts are settled."""

from nonagon.charts.wording import listed, number, plural, short
from nonagon.deliverables.evidence import Criterion
from nonagon.deliverables.step4 import CharacteristicsDeliverable
from nonagon.steps.step4_characteristics.decisions import Step4Decisions

TENTATIVE_ALPHA = 0.667
"""Krippendorff's lowest alpha for tentative conclusions."""
CONSISTENT = 0.1
"""Saaty's highest consistency ratio."""


def criteria(deliverable: CharacteristicsDeliverable, decisions: Step4Decisions) -> tuple[Criterion, ...]:
    """The exit criteria of step 4."""
    return (
        _rows_have_importance(deliverable),
        _columns_are_operational(deliverable),
        _priorities_are_computed(deliverable),
        _needs_are_served(deliverable, decisions),
        _characteristics_serve(deliverable),
        _conflicts_are_settled(deliverable),
        _judgements_hold(deliverable),
    )


def _rows_have_importance(deliverable: CharacteristicsDeliverable) -> Criterion:
    bare = [row.name for row in deliverable.rows if row.importance is None or row.importance.value is None]
    weighed = f"{plural(len(deliverable.rows), 'need')}, each with its importance"
    reason = listed(bare, before="without importance", none=weighed)
    return Criterion(
        id="importance",
        sentence="Every row of the House of Quality carries its importance to customers.",
        met=bool(deliverable.rows) and not bare,
        reason=reason if deliverable.rows else "the house has no rows",
        mend="importance items in the survey, or decisions/importance.csv",
    )


def _columns_are_operational(deliverable: CharacteristicsDeliverable) -> Criterion:
    gaps = [f"{one.name} lacks {', '.join(one.missing)}" for one in deliverable.characteristics if one.missing]
    if not deliverable.characteristics:
        reason = "no characteristic is defined"
    else:
        reason = (
            "; ".join(gaps) or f"{plural(len(deliverable.characteristics), 'characteristic')}, all operational"
        )
    return Criterion(
        id="operational",
        sentence="Every characteristic says what is measured, in which unit, to which target, from which source.",
        met=bool(deliverable.characteristics) and not gaps,
        reason=reason,
        mend="decisions/characteristics.csv: unit, target, definition, source",
    )


def _priorities_are_computed(deliverable: CharacteristicsDeliverable) -> Criterion:
    weighed = [one for one in deliverable.characteristics if one.relative is not None and one.relative.value]
    ranged = [one for one in weighed if one.relative is not None and one.relative.low is not None]
    return Criterion(
        id="priorities",
        sentence="Technical priorities are computed, with the uncertainty that the survey leaves.",
        met=bool(weighed) and len(ranged) == len(weighed),
        reason=f"{len(weighed)} of {plural(len(deliverable.characteristics), 'characteristic')} with a weight",
        mend="decisions/relationships.csv",
    )


def _needs_are_served(deliverable: CharacteristicsDeliverable, decisions: Step4Decisions) -> Criterion:
    names = {row.need: row.name for row in deliverable.rows}
    open_ones = [names[need] for need in deliverable.empty_rows if not decisions.accepted_empty_rows.get(need)]
    accepted = len(deliverable.empty_rows) - len(open_ones)
    if not deliverable.rows:
        reason = "the house has no rows"
    elif open_ones:
        reason = f"nobody serves {', '.join(open_ones)}"
    else:
        reason = f"every need is served{f', or its empty row is accepted ({accepted})' if accepted else ''}"
    return Criterion(
        id="rows_served",
        sentence="Every need is served by a characteristic, or its empty row is accepted with a reason.",
        met=bool(deliverable.rows) and not open_ones,
        reason=reason,
        mend="decisions/relationships.csv, or accepted_empty_rows in decisions/step4.toml",
    )


def _characteristics_serve(deliverable: CharacteristicsDeliverable) -> Criterion:
    names = {one.id: one.name for one in deliverable.characteristics}
    idle = [names[one] for one in deliverable.empty_columns]
    if not names:
        reason = "no characteristic is defined"
    else:
        reason = listed(idle, before="serving nobody", none="each serves at least one need")
    return Criterion(
        id="columns_serve",
        sentence="Every characteristic serves a need.",
        met=bool(names) and not idle,
        reason=reason,
        mend="decisions/relationships.csv, or take the characteristic out of characteristics.csv",
    )


def _conflicts_are_settled(deliverable: CharacteristicsDeliverable) -> Criterion:
    serious = [one for one in deliverable.conflicts if one.matters]
    open_ones = [f"{one.a}/{one.b}" for one in serious if not one.resolution]
    return Criterion(
        id="conflicts",
        sentence="Every conflict between two characteristics that both matter is settled or accepted.",
        met=bool(deliverable.characteristics) and not open_ones,
        reason=listed(
            open_ones,
            before="open",
            none=f"{plural(len(serious), 'conflict that matters', 'conflicts that matter')}, none open",
        ),
        mend="accepted_conflicts in decisions/step4.toml",
    )


def _judgements_hold(deliverable: CharacteristicsDeliverable) -> Criterion:
    alpha = deliverable.agreement.value if deliverable.agreement else None
    ratio = deliverable.consistency.value if deliverable.consistency else None
    reasons = []
    if alpha is not None:
        reasons.append(f"judges agree with alpha {number(alpha)} (at least {short(TENTATIVE_ALPHA)})")
    if ratio is not None:
        reasons.append(
            f"paired comparisons have the consistency ratio {number(ratio)} (at most {short(CONSISTENT)})"
        )
    met = (alpha is None or alpha >= TENTATIVE_ALPHA) and (ratio is None or ratio <= CONSISTENT)
    return Criterion(
        id="judgements",
        sentence="Where several people judged, they agree; where needs were compared in pairs, it is consistent.",
        met=bool(deliverable.cells) and met,
        reason="; ".join(reasons)
        or ("one judgement of the team a cell" if deliverable.cells else "no relationship has been judged"),
        mend="decisions/relationships.csv: talk about the cells that judges see differently",
    )
