"""The columns of the house: the characteristics with their weights, targets and the technical assessment."""

import numpy as np

from nonagon.deliverables.cycle import Cycle
from nonagon.deliverables.evidence import Estimate, Origin
from nonagon.deliverables.origins import Origins
from nonagon.deliverables.step4 import Characteristic, TechnicalValue
from nonagon.steps.step4_characteristics.analysis.weights import Floats, Relationships, Weights
from nonagon.steps.step4_characteristics.decisions import CharacteristicDecision, Step4Decisions

_ARITHMETIC = "the 9-3-1 strengths are numbers of which one can be three times the other"


def columns_of(
    cycle: Cycle,
    decisions: Step4Decisions,
    relationships: Relationships,
    weights: Weights,
    origins: Origins,
) -> tuple[Characteristic, ...]:
    """Every decided characteristic with what it weighs."""
    if weights.classic is not None:
        _explain(relationships, origins)
    return tuple(
        _column(position, one, cycle, decisions, relationships, weights)
        for position, one in enumerate(decisions.characteristics)
    )


def _explain(relationships: Relationships, origins: Origins) -> None:
    judged = "judges resampled" if len(relationships.judges) > 1 else "one judgement a cell"
    origins.add(
        "classic",
        Origin(method="nonagon.methods.priorities.qfd_importance", variant="classic", assumptions=(_ARITHMETIC,)),
    )
    origins.add(
        "weights",
        Origin(
            method="nonagon.methods.priorities.qfd_uncertainty",
            variant=f"classic, {judged}",
            assumptions=(_ARITHMETIC, "importances err independently and normally"),
        ),
    )
    origins.add(
        "ratio",
        Origin(
            method="nonagon.methods.priorities.qfd_uncertainty",
            variant=f"ratio scale, {judged}",
            assumptions=("strong, medium and weak weigh 9 : 3.65 : 1.48, from paired comparisons",),
        ),
    )


def _column(
    position: int,
    one: CharacteristicDecision,
    cycle: Cycle,
    decisions: Step4Decisions,
    relationships: Relationships,
    weights: Weights,
) -> Characteristic:
    mean = relationships.mean
    column = Characteristic(
        **one.model_dump(),
        needs=tuple(need for i, need in enumerate(relationships.needs) if mean[i, position] > 0),
        now=_technical(decisions, one.id, cycle.subject),
        competitors=tuple(
            TechnicalValue(subject=rating.subject, value=rating.value)
            for rating in decisions.technical
            if rating.characteristic == one.id and rating.subject not in {cycle.subject, "us"}
        ),
    )
    column = column.model_copy(update={"missing": _missing(column)})
    return _weighed(column, position, cycle.settings.confidence, weights)


def _weighed(column: Characteristic, position: int, confidence: float, weights: Weights) -> Characteristic:
    if weights.classic is None or weights.sure is None or weights.ratio is None:
        return column
    sure, ratio = weights.sure, weights.ratio
    low, high = _rank_range(sure.p_rank[position], confidence)
    return column.model_copy(
        update={
            "weight": Estimate(value=weights.classic.absolute[position], origin="classic"),
            "relative": Estimate(
                value=sure.weight[position],
                low=sure.low[position],
                high=sure.high[position],
                confidence=confidence,
                unit="share",
                origin="weights",
            ),
            "rank": int(weights.classic.rank[position]),
            "rank_low": low,
            "rank_high": high,
            "chance_first": Estimate(value=sure.p_first[position], unit="share", origin="weights"),
            "group": sure.groups[position],
            "ratio": Estimate(
                value=ratio.weight[position],
                low=ratio.low[position],
                high=ratio.high[position],
                confidence=confidence,
                unit="share",
                origin="ratio",
            ),
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
