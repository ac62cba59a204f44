"""The columns of the house: the characteristics with their weights, targets and the technical assessment."""

import numpy as np

from nonagon.deliverables.estimates import estimates_of
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.record import Record
from nonagon.deliverables.step4 import Characteristic, TechnicalValue
from nonagon.methods.checks import Floats
from nonagon.steps.step4_characteristics.analysis.weights import Relationships, Weights
from nonagon.steps.step4_characteristics.decisions import CharacteristicDecision, Step4Decisions

_ARITHMETIC = "the 9-3-1 strengths are numbers of which one can be three times the other"


def columns_of(
    record: Record, decisions: Step4Decisions, relationships: Relationships, weights: Weights
) -> tuple[Characteristic, ...]:
    """Every decided characteristic with what it weighs."""
    if weights.classic is not None:
        _explain(record, relationships)
    return tuple(
        _column(record, position, one, decisions, relationships, weights)
        for position, one in enumerate(decisions.characteristics)
    )


def _explain(record: Record, relationships: Relationships) -> None:
    judged = "mean of the judges by Student's t" if len(relationships.judges) > 1 else "one judgement a cell"
    record.origin(
        "classic",
        (),
        "nonagon.methods.priorities.qfd_importance",
        variant="classic",
        assumptions=(_ARITHMETIC,),
    )
    record.origin(
        "weights",
        (),
        "nonagon.methods.priorities.qfd_uncertainty",
        variant=f"classic, {judged}",
        assumptions=(_ARITHMETIC, "importances err independently and normally"),
    )
    record.origin(
        "ratio",
        (),
        "nonagon.methods.priorities.qfd_uncertainty",
        variant=f"ratio scale, {judged}",
        assumptions=("strong, medium and weak weigh 9 : 3.65 : 1.48, from paired comparisons",),
    )


def _column(
    record: Record,
    position: int,
    one: CharacteristicDecision,
    decisions: Step4Decisions,
    relationships: Relationships,
    weights: Weights,
) -> Characteristic:
    mean, subject = relationships.mean, record.cycle.subject
    column = Characteristic(
        **one.model_dump(),
        needs=tuple(need for i, need in enumerate(relationships.needs) if mean[i, position] > 0),
        now=_technical(decisions, one.id, subject),
        competitors=tuple(
            TechnicalValue(subject=rating.subject, value=rating.value)
            for rating in decisions.technical
            if rating.characteristic == one.id and rating.subject not in {subject, "us"}
        ),
    )
    column = column.model_copy(update={"missing": _missing(column)})
    return _weighed(column, position, record.cycle.settings.confidence, weights)


def _weighed(column: Characteristic, position: int, confidence: float, weights: Weights) -> Characteristic:
    if weights.classic is None or weights.sure is None or weights.ratio is None:
        return column
    sure, ratio = weights.sure, weights.ratio
    low, high = _rank_range(sure.p_rank[position], confidence)
    return column.model_copy(
        update={
            "weight": Estimate(value=weights.classic.absolute[position], origin="classic"),
            "relative": estimates_of(sure.weight, sure, unit="share", origin="weights")[position],
            "rank": int(weights.classic.rank[position]),
            "rank_low": low,
            "rank_high": high,
            "chance_first": Estimate(value=sure.p_first[position], unit="share", origin="weights"),
            "group": sure.groups[position],
            "ratio": estimates_of(ratio.weight, ratio, unit="share", origin="ratio")[position],
            "ratio_rank": ratio.rank[position],
        }
    )


def _rank_range(chances: Floats, confidence: float) -> tuple[int, int]:
    """The ranks that remain when equal parts of the chance are cut off at both ends."""
    cumulated = np.cumsum(chances) / chances.sum()
    tail = (1 - confidence) / 2
    low, high = np.searchsorted(cumulated, [tail + 1e-12, 1 - tail - 1e-12])
    return int(low) + 1, int(high) + 1


def _technical(decisions: Step4Decisions, characteristic: str, subject: str) -> float | None:
    return next(
        (
            one.value
            for one in decisions.technical
            if one.characteristic == characteristic and one.subject in {subject, "us"}
        ),
        None,
    )


def _missing(one: Characteristic) -> tuple[str, ...]:
    """What makes a characteristic less than operational, in words."""
    lacking = [
        (not one.unit, "unit"),
        (one.target is None, "target"),
        (not one.definition, "definition of how it is measured"),
        (not one.source and one.measurement is None, "source of its data"),
        (one.direction == "target" and (one.lower_limit is None or one.upper_limit is None), "both limits"),
        (
            one.target is not None and one.lower_limit is not None and one.target < one.lower_limit,
            "a target inside the limits (it lies below the lower one)",
        ),
        (
            one.target is not None and one.upper_limit is not None and one.target > one.upper_limit,
            "a target inside the limits (it lies above the upper one)",
        ),
        (_against_direction(one), "a target that is better than today's value"),
    ]
    return tuple(word for wrong, word in lacking if wrong)


def _against_direction(one: Characteristic) -> bool:
    if one.target is None or one.now is None:
        return False
    return (one.direction == "higher" and one.target < one.now) or (
        one.direction == "lower" and one.target > one.now
    )
