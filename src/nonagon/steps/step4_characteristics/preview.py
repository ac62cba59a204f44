"""The weights of a house as it is being typed: the methods of the analysis on the numbers that were sent."""

from typing import Annotated, Any

from pydantic import Field, model_validator

from nonagon.basics.errors import NotEnoughData
from nonagon.deliverables.evidence import Number, Value
from nonagon.methods.priorities.ahp import ahp
from nonagon.methods.priorities.qfd_importance import qfd_importance
from nonagon.methods.priorities.qfd_uncertainty import qfd_uncertainty

MOST = 200
"""Rows and columns of a house that is still drawn on one page."""

Weight = Annotated[Number, Field(ge=0)]
Strengths = Annotated[tuple[Weight, ...], Field(max_length=MOST)]


class HouseAsked(Value):
    """A house in numbers: strengths judges x needs x characteristics, and one entry a need in all others.

    now, target: the planning columns, both None for a need without a target; sales_point: 1 for none.
    """

    relationships: tuple[Annotated[tuple[Strengths, ...], Field(max_length=MOST)], ...] = Field(max_length=50)
    importance: tuple[Weight, ...]
    improvement_ratio: tuple[Annotated[Number, Field(ge=0)] | None, ...] = ()
    sales_point: tuple[Annotated[Number, Field(ge=0)] | None, ...] = ()

    @model_validator(mode="after")
    def _fits(self) -> "HouseAsked":
        needs = len(self.importance)
        columns = {len(row) for judge in self.relationships for row in judge}
        if any(len(judge) != needs for judge in self.relationships) or len(columns) > 1:
            raise ValueError("relationships must hold one row a need, all of one length, for each judge")
        for given in (self.improvement_ratio, self.sales_point):
            if given and len(given) != needs:
                raise ValueError("improvement_ratio and sales_point must hold one entry a need")
        return self


class PairsAsked(Value):
    """Paired comparisons of `needs` needs: (a, b, how many times as important a is as b), by position."""

    needs: int = Field(ge=2, le=60)
    pairs: tuple[tuple[int, int, Annotated[Number, Field(ge=1 / 9 - 1e-9, le=9)]], ...] = Field(max_length=2000)

    @model_validator(mode="after")
    def _known(self) -> "PairsAsked":
        if any(not (0 <= a < self.needs and 0 <= b < self.needs and a != b) for a, b, _ in self.pairs):
            raise ValueError("each pair must name two different needs by their positions")
        return self


def weights_of(asked: HouseAsked) -> dict[str, Any]:
    """Absolute and relative weights with ranks, classic and on the ratio scale; and the rows' raw weights.

    `why` says what is missing where nothing can be weighed. As in the analysis, every row counts the same where
    no row has an importance.

    >>> weights_of(HouseAsked(relationships=[[[9, 3], [0, 9]]], importance=[5, 3]))["classic"]["absolute"]
    [45.0, 42.0]
    """
    importance: tuple[float, ...] = asked.importance
    if importance and not any(importance):
        importance = (1.0,) * len(importance)
    ratio = [1.0 if one is None else one for one in asked.improvement_ratio]
    points = [1.0 if one is None else one for one in asked.sales_point]
    planned = any(one is not None for one in asked.improvement_ratio) or any(one != 1 for one in points)
    strengths = [[list(row) for row in judge] for judge in asked.relationships]
    if not strengths or not importance or not strengths[0][0]:
        return {"why": "no rows or no columns"}
    mean = [
        [sum(judge[i][j] for judge in strengths) / len(strengths) for j in range(len(strengths[0][i]))]
        for i in range(len(importance))
    ]
    try:
        classic = qfd_importance(
            relationships=mean,
            importance=importance,
            now=[1.0] * len(importance) if planned else None,
            target=(ratio or [1.0] * len(importance)) if planned else None,
            sales_point=(points or None) if planned else None,
        )
        scaled = qfd_uncertainty(relationships=strengths, importance=classic.weights, scale="ratio", draws=100)
    except NotEnoughData as problem:
        return {"why": str(problem)}
    return {
        "raw": classic.weights.tolist(),
        "share": (classic.weights / classic.weights.sum()).tolist(),
        "classic": {
            "absolute": classic.absolute.tolist(),
            "relative": classic.relative.tolist(),
            "rank": classic.rank.tolist(),
        },
        "ratio": {"relative": scaled.weight.tolist(), "rank": list(scaled.rank)},
        "by_scale": {name: list(ranks) for name, ranks in scaled.by_scale.items()},
        "empty_needs": list(classic.empty_needs),
        "empty_characteristics": list(classic.empty_characteristics),
    }


def pairs_of(asked: PairsAsked) -> dict[str, Any]:
    """Weights of the needs and the consistency ratio; `missing` counts the pairs that are not compared yet.

    >>> found = pairs_of(PairsAsked(needs=3, pairs=[(0, 1, 3), (1, 2, 3), (0, 2, 9)]))
    >>> found["consistency_ratio"] < 1e-9, [round(one, 3) for one in found["weights"]]
    (True, [0.692, 0.231, 0.077])
    """
    size = asked.needs
    times = {(a, b): value for a, b, value in asked.pairs}
    times |= {(b, a): 1 / value for (a, b), value in times.items()} | {(i, i): 1.0 for i in range(size)}
    missing = sum((a, b) not in times for a in range(size) for b in range(a + 1, size))
    if missing:
        return {"missing": missing}
    result = ahp(matrix=[[times[a, b] for b in range(size)] for a in range(size)])
    return {
        "missing": 0,
        "weights": result.weights.tolist(),
        "consistency_ratio": result.consistency_ratio,
        "worst_pair": list(result.worst_pair),
        "worst_factor": result.worst_factor,
    }
