"""Lowest score first, and whether the lowest is truly the lowest."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from nonagon.deliverables.cycle import Cycle
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.record import Record
from nonagon.methods.ranks.rank_confidence import RankConfidence, rank_confidence
from nonagon.steps.step5_opportunities.analysis.scores import Scores


@dataclass(frozen=True, slots=True)
class Ranking:
    """By need: place among all, the places it may have; and among those that can be acted on: the chances.

    ties: needs that cannot be told apart, among those that can be acted on; may_be_lowest: the lowest and its
    rivals; answers_needed: more answers a need that tell the lowest from all of them.
    """

    place: dict[str, int] = field(default_factory=dict)
    between: dict[str, tuple[int, int]] = field(default_factory=dict)
    chance: dict[str, Estimate] = field(default_factory=dict)
    more_answers: dict[str, int] = field(default_factory=dict)
    ties: tuple[tuple[str, ...], ...] = ()
    may_be_lowest: tuple[str, ...] = ()
    answers_needed: Estimate | None = None


def ranked(record: Record, scores: Scores, set_apart: Mapping[str, str]) -> Ranking:
    """Places with their certainty; without errors (one need, or scores without intervals) only the places."""
    if not scores.needs:
        return Ranking()
    order = np.argsort(scores.values, kind="stable")
    place = {scores.needs[index]: 1 + int((scores.values < scores.values[index]).sum()) for index in order}
    if not scores.uncertain:
        return Ranking(place)
    record.origin(
        "ranks",
        (),
        "nonagon.methods.ranks.rank_confidence",
        variant="sets for all needs together; chances with scores drawn towards their mean",
        assumptions=("the scores err roughly normally", "respondents are a random sample"),
    )
    everyone = _confidence(record.cycle, scores)
    between = {need: (int(everyone.lower[i]), int(everyone.upper[i])) for i, need in enumerate(scores.needs)}
    open_ones = scores.only([need not in set_apart for need in scores.needs])
    if not open_ones.uncertain:
        return Ranking(place, between)
    result = everyone if len(open_ones.needs) == len(scores.needs) else _confidence(record.cycle, open_ones)
    return Ranking(
        place,
        between,
        {
            need: Estimate(value=result.chance_lowest[i], unit="share", origin="ranks")
            for i, need in enumerate(open_ones.needs)
        },
        {need: more for need, more in zip(open_ones.needs, result.more_answers, strict=True) if more is not None},
        tuple(tuple(open_ones.needs[i] for i in run) for run in result.ties if len(run) > 1),
        tuple(open_ones.needs[i] for i in result.may_be_lowest),
        _needed(result),
    )


def _needed(result: RankConfidence) -> Estimate:
    rivals = [i for i in result.may_be_lowest if i != result.lowest]
    if not rivals:
        return Estimate(value=0, unit="answers a need", origin="ranks")
    # The farthest rival is told apart first, the nearest last: only then is the lowest certain.
    more = [result.more_answers[i] for i in rivals]
    if any(one is None for one in more):
        return Estimate(why="the scores are too close for a figure", unit="answers a need", origin="ranks")
    return Estimate(value=max(one for one in more if one is not None), unit="answers a need", origin="ranks")


def _confidence(cycle: Cycle, scores: Scores) -> RankConfidence:
    known = bool((scores.answers > 0).all())
    return rank_confidence(
        estimate=scores.values,
        covariance=scores.covariance,
        names=scores.needs,
        n=scores.answers if known else None,
        coverage=cycle.settings.confidence,
        seed=cycle.settings.seed,
    )
