"""What customers say after the sale, wave by wave."""

import numpy as np

from nonagon.charts.wording import number, plural
from nonagon.deliverables.cycle import Item
from nonagon.deliverables.estimates import VARIANT, difference_estimate, mean_estimate
from nonagon.deliverables.record import Record
from nonagon.deliverables.step8 import Perception, PerceptionPoint
from nonagon.engine import answers
from nonagon.engine.facts import Columns

WATCHED = ("overall", "recommend", "satisfaction")


def perceptions(record: Record, order: tuple[str, ...]) -> tuple[Perception, ...]:
    """Every satisfaction item, overall satisfaction and the likelihood to recommend, by wave in `order`."""
    items = [item for kind in WATCHED for item in record.cycle.items if item.kind == kind]
    if not record.facts.has("answers") or not items:
        record.lack("Perception cannot be followed.", "answers, and items.csv with their kinds")
        return ()
    if len(order) < 2:
        record.lack("Perception was measured in one wave only.", "answers of another wave")
    key = record.origin(
        "perception",
        ("answers",),
        "nonagon.methods.survey.mean",
        rows="answers about us",
        variant=VARIANT,
        assumptions=("Respondents of a wave are a random sample of customers.",),
    )
    found = answers.moments(record.facts, by=("item", "wave"), items=[item.id for item in items])
    rows = [_perception(record, item, found, order, key) for item in items]
    _say_falls(record, found, rows, key)
    return tuple(row for row in rows if row.points)


def _say_falls(record: Record, found: Columns, rows: list[Perception], key: str) -> None:
    """Which items fell in their latest wave, allowing for how many were looked at (Bonferroni's intervals)."""
    followed = [row for row in rows if row.change is not None and row.change.value is not None]
    if not followed:
        return
    settings = record.cycle.settings
    wide = settings.model_copy(update={"confidence": 1 - (1 - settings.confidence) / len(followed)})
    fell = 0
    for row in followed:
        places = {str(found["wave"][place]): int(place) for place in np.flatnonzero(found["item"] == row.item)}
        before, latest = (one.wave for one in row.points[-2:])
        change = difference_estimate(found, places[latest], places[before], wide, origin=key)
        if change.value is None or change.low is None or change.high is None or change.high >= 0:
            continue
        fell += 1
        record.say(
            "shown",
            f"“{row.text}” fell from {before} to {latest} by {number(-change.value)} points "
            f"({number(-change.high)} to {number(-change.low)}, allowing for {plural(len(followed), 'item')}).",
            origin=key,
        )
    if not fell:
        looked = plural(len(followed), "item")
        record.say(
            "not_shown", f"No fall of perception since the wave before is shown ({looked} looked at).", origin=key
        )


def _perception(record: Record, item: Item, found: Columns, order: tuple[str, ...], key: str) -> Perception:
    places = {str(found["wave"][place]): int(place) for place in np.flatnonzero(found["item"] == item.id)}
    settings = record.cycle.settings
    points = tuple(
        PerceptionPoint(wave=wave, score=mean_estimate(found, places[wave], settings, origin=key))
        for wave in order
        if wave in places
    )
    latest = [places[point.wave] for point in points[-2:]]
    change = difference_estimate(found, latest[1], latest[0], settings, origin=key) if len(latest) == 2 else None
    return Perception(item=item.id, text=item.text, points=points, change=change)
