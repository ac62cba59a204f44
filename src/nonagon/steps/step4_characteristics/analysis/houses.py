"""The houses after the first: weights carried down to parts, process steps and controls."""

from collections.abc import Sequence

import numpy as np

from nonagon.basics.errors import NotEnoughData
from nonagon.deliverables.record import Record
from nonagon.deliverables.step4 import Characteristic, FurtherCell, FurtherColumn, FurtherHouse
from nonagon.methods.priorities.qfd_importance import qfd_importance
from nonagon.steps.step4_characteristics import decisions as decided


def further_houses(
    record: Record, decisions: decided.Step4Decisions, columns: Sequence[Characteristic]
) -> tuple[FurtherHouse, ...]:
    """Each further house with the weights of the one before as its importances."""
    importance = {
        one.id: one.relative.value if one.relative and one.relative.value is not None else 0.0 for one in columns
    }
    houses = []
    for house in decisions.houses:
        built = _built(house, importance)
        if isinstance(built, str):
            record.lack(f"the house {house.id!r}: {built}", "decisions/step4.toml, houses")
            break
        houses.append(built)
        importance = {column.id: column.relative for column in built.columns}
    return tuple(houses)


def _built(house: decided.FurtherHouse, importance: dict[str, float]) -> FurtherHouse | str:
    rows, columns = list(importance), [column.id for column in house.columns]
    if not rows or not columns:
        return "it has no rows or no columns"
    strengths = np.zeros((len(rows), len(columns)))
    for cell in house.relationships:
        if cell.row in importance and cell.column in columns:
            strengths[rows.index(cell.row), columns.index(cell.column)] = cell.strength
    try:
        found = qfd_importance(relationships=strengths, importance=list(importance.values()))
    except NotEnoughData as problem:
        return str(problem)
    return FurtherHouse(
        id=house.id,
        name=house.name or house.id,
        level=house.level,
        rows=tuple(rows),
        columns=tuple(
            FurtherColumn(
                id=one.id,
                name=one.name,
                unit=one.unit,
                relative=found.relative[position],
                rank=int(found.rank[position]),
            )
            for position, one in enumerate(house.columns)
        ),
        cells=tuple(
            FurtherCell(row=cell.row, column=cell.column, strength=cell.strength)
            for cell in house.relationships
            if cell.strength > 0
        ),
        empty_rows=tuple(rows[index] for index in found.empty_needs),
        empty_columns=tuple(columns[index] for index in found.empty_characteristics),
    )
