"""The perceptual map: how customers see us and our competitors, from the shares of high ratings."""

import numpy as np

from nonagon.basics.errors import NotEnoughData
from nonagon.deliverables.cycle import Item
from nonagon.deliverables.record import Record
from nonagon.deliverables.step2 import MapPoint, PerceptualMap
from nonagon.engine import answers
from nonagon.methods.checks import Floats
from nonagon.methods.priorities.correspondence_analysis import correspondence_analysis
from nonagon.steps.step2_market.analysis.comparison import Standing, short_texts

ORIGIN = "perceptual_map"
# High: in the top quarter of the scale, such as 4 and 5 of 1 to 5, or 6 and 7 of 1 to 7.
TOP = 0.75


def perceptual_map(record: Record, standing: Standing) -> PerceptualMap | None:
    """The map over items that all subjects were rated on; None with fewer than three subjects or items."""
    others = sorted({one.competitor for one in standing.comparisons})
    if len(others) < 2:
        return None
    common = [
        item
        for item in record.cycle.items_of("satisfaction")
        if {one.competitor for one in standing.comparisons if one.item == item.id} == set(others)
    ]
    if len(common) < 3:
        return None
    subjects = (record.facts.our_subject, *others)
    table = _high_ratings(record, subjects, common)
    kept = table.sum(axis=0) > 0
    try:
        result = correspondence_analysis(table=table[:, kept])
    except NotEnoughData:
        return None
    if len(result.explained) < 2:
        return None
    record.origin(
        ORIGIN,
        ("answers",),
        "nonagon.methods.priorities.correspondence_analysis",
        rows="high ratings (top quarter of the scale) of items that all subjects were rated on, all waves",
        assumptions=("Ratings by one respondent are treated as independent.",),
    )
    text = short_texts(record.cycle)
    names = {record.facts.our_subject: record.cycle.organization}
    points = [
        MapPoint(kind="subject", id=names.get(one, one), x=float(x), y=float(y))
        for one, (x, y) in zip(subjects, result.row_principal[:, :2], strict=True)
    ]
    items = [item for item, keep in zip(common, kept, strict=True) if keep]
    points += [
        MapPoint(kind="item", id=text[item.id], x=float(x), y=float(y))
        for item, (x, y) in zip(items, result.column_principal[:, :2], strict=True)
    ]
    return PerceptualMap(
        points=tuple(points), explained=(float(result.explained[0]), float(result.explained[1])), origin=ORIGIN
    )


def _high_ratings(record: Record, subjects: tuple[str, ...], items: list[Item]) -> Floats:
    """How many high ratings each subject (rows) got on each item (columns)."""
    rows = answers.value_counts(
        record.facts, by=("subject", "item"), items=[item.id for item in items], subjects=subjects
    )
    high = {item.id: item.scale_min + TOP * (item.scale_max - item.scale_min) for item in items}
    row_of = {subject: at for at, subject in enumerate(subjects)}
    column_of = {item.id: at for at, item in enumerate(items)}
    table = np.zeros((len(subjects), len(items)))
    for subject, item, value, count in zip(rows["subject"], rows["item"], rows["value"], rows["n"], strict=True):
        if value >= high[item]:
            table[row_of[subject], column_of[item]] += count
    return table
