"""The cells of the house, and what they make the characteristics weigh."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.deliverables.estimates import error_of
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.record import Record
from nonagon.deliverables.step4 import HouseRow, ScaleOrder
from nonagon.methods.checks import Floats
from nonagon.methods.priorities.qfd_importance import QfdImportance, qfd_importance
from nonagon.methods.priorities.qfd_uncertainty import QfdUncertainty, qfd_uncertainty
from nonagon.methods.reliability.krippendorff_alpha import krippendorff_alpha
from nonagon.steps.step4_characteristics.decisions import Step4Decisions


@dataclass(frozen=True, slots=True)
class Relationships:
    """Strengths, judges x needs x characteristics; a cell that a judge left out counts as no relationship."""

    needs: tuple[str, ...]
    characteristics: tuple[str, ...]
    judges: tuple[str, ...]
    strengths: Floats

    @classmethod
    def of(cls, decisions: Step4Decisions, needs: Sequence[str]) -> "Relationships":
        """The decided relationships of the rows of the house."""
        characteristics = tuple(one.id for one in decisions.characteristics)
        judges = tuple(dict.fromkeys(one.judge for one in decisions.relationships)) or ("",)
        strengths = np.zeros((len(judges), len(needs), len(characteristics)))
        row, column = {need: i for i, need in enumerate(needs)}, {one: j for j, one in enumerate(characteristics)}
        for cell in decisions.relationships:
            if cell.need in row and cell.characteristic in column:
                place = judges.index(cell.judge), row[cell.need], column[cell.characteristic]
                strengths[place] = cell.strength
        return cls(tuple(needs), characteristics, judges, strengths)

    @property
    def mean(self) -> Floats:
        """The mean strength over the judges, needs x characteristics."""
        found: Floats = self.strengths.mean(axis=0)
        return found

    @property
    def empty(self) -> bool:
        """Whether there is no house to compute."""
        return self.strengths.size == 0 or not self.strengths.any()


@dataclass(frozen=True, slots=True)
class Weights:
    """What the rows and the columns weigh; classic and sure are None where nothing can be computed."""

    rows: tuple[HouseRow, ...]
    classic: QfdImportance | None = None
    sure: QfdUncertainty | None = None
    ratio: QfdUncertainty | None = None
    by_scale: tuple[ScaleOrder, ...] = ()


def weighed(record: Record, rows: tuple[HouseRow, ...], relationships: Relationships) -> Weights:
    """The classic weights, with the survey's and the judges' uncertainty, and on the ratio scale beside them."""
    rows = tuple(
        row.model_copy(update={"characteristics": _serving(relationships, i)}) for i, row in enumerate(rows)
    )
    importance, errors = _importances(rows)
    if rows and not importance.any():
        record.lack("importance of needs; every row counts the same", "importance from step 3")
        importance = np.ones(len(rows))
    if relationships.empty:
        record.lack("technical priorities", "decisions/relationships.csv with the rows' needs")
        return Weights(rows)
    planning = _planning(rows)
    try:
        classic = qfd_importance(
            relationships=relationships.mean,
            importance=importance,
            now=None if planning is None else planning.now,
            target=None if planning is None else planning.target,
            sales_point=None if planning is None else planning.sales_point,
        )
    except NotEnoughData as problem:
        record.lack(f"technical priorities: {problem}", "decisions/relationships.csv")
        return Weights(_with_shares(record, rows, importance))
    raw = classic.weights
    raw_errors = _raw_errors(rows, importance, errors, raw)
    settings = record.cycle.settings
    sure, ratio = (
        qfd_uncertainty(
            relationships=relationships.strengths,
            importance=raw,
            importance_se=raw_errors,
            scale=scale,
            confidence=settings.confidence,
            draws=settings.draws,
            seed=settings.seed,
        )
        for scale in ("classic", "ratio")
    )
    return Weights(
        _with_shares(record, rows, raw),
        classic,
        sure,
        ratio,
        tuple(
            ScaleOrder(scale=name, order=_in_order(relationships.characteristics, ranks))
            for name, ranks in sure.by_scale.items()
        ),
    )


def agreement_of(record: Record, relationships: Relationships) -> Estimate | None:
    """Krippendorff's alpha of the judges over all cells; None where one judge alone filled the house."""
    judges = len(relationships.judges)
    if judges < 2 or relationships.empty:
        return None
    key = record.origin(
        "agreement",
        (),
        "nonagon.methods.reliability.krippendorff_alpha",
        variant="ordinal",
        assumptions=("a cell that a judge left out means that the judge sees no relationship",),
    )
    cells = relationships.strengths.reshape(judges, -1)
    try:
        return Estimate(
            value=krippendorff_alpha(ratings=cells, level="ordinal").alpha, n=cells.shape[1], origin=key
        )
    except (NotEnoughData, ArgumentError) as problem:
        return Estimate(why=str(problem), n=cells.shape[1], origin=key)


def _serving(relationships: Relationships, row: int) -> tuple[str, ...]:
    mean = relationships.mean
    return tuple(one for j, one in enumerate(relationships.characteristics) if mean[row, j] > 0)


def _importances(rows: Sequence[HouseRow]) -> tuple[Floats, Floats]:
    """Importance and its standard error a row; 0 where unknown, and never below 0."""
    values, errors = np.zeros(len(rows)), np.zeros(len(rows))
    for i, row in enumerate(rows):
        if row.importance is not None and row.importance.value is not None:
            values[i] = max(0.0, row.importance.value)
            errors[i] = error_of(row.importance)
    return values, errors


@dataclass(frozen=True, slots=True)
class _Planning:
    """The planning columns; now is 1 throughout, so that the target is the improvement ratio itself."""

    now: list[float]
    target: list[float]
    sales_point: list[float]


def _planning(rows: Sequence[HouseRow]) -> _Planning | None:
    """The planning columns, where at least one row has a target; rows without one keep their importance."""
    if not any(row.improvement_ratio is not None or (row.sales_point or 1) != 1 for row in rows):
        return None
    return _Planning(
        now=[1.0] * len(rows),
        target=[1.0 if row.improvement_ratio is None else row.improvement_ratio for row in rows],
        sales_point=[row.sales_point or 1.0 for row in rows],
    )


def _raw_errors(rows: Sequence[HouseRow], importance: Floats, errors: Floats, raw: Floats) -> Floats:
    """Standard errors of the raw weights: importance x target / now, both taken from the survey.

    The relative variances of a product and of a quotient add up to first order.
    """
    found = np.zeros(len(rows))
    for i, row in enumerate(rows):
        if importance[i] <= 0:
            continue
        relative = errors[i] / importance[i]
        surveyed = row.ours is not None and row.now is not None and row.now == row.ours.value
        if row.improvement_ratio is not None and surveyed and row.ours is not None and row.now:
            relative = float(np.hypot(relative, error_of(row.ours) / row.now))
        found[i] = raw[i] * relative
    return found


def _with_shares(record: Record, rows: tuple[HouseRow, ...], raw: Floats) -> tuple[HouseRow, ...]:
    total = float(raw.sum())
    if total <= 0:
        return rows
    key = record.origin(
        "rows",
        (),
        "nonagon.methods.priorities.qfd_importance",
        variant="importance x improvement ratio x sales point",
    )
    return tuple(
        row.model_copy(
            update={"raw_weight": weight, "share": Estimate(value=weight / total, unit="share", origin=key)}
        )
        for row, weight in zip(rows, raw.tolist(), strict=True)
    )


def _in_order(ids: Sequence[str], ranks: Sequence[int]) -> tuple[str, ...]:
    return tuple(one for _, one in sorted(zip(ranks, ids, strict=True), key=lambda pair: pair[0]))
