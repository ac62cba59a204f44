"""What is measured although no control item watches it: so that a file that was read is never invisible."""

import numpy as np

from nonagon.charts.wording import listed, plural
from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.record import Record
from nonagon.deliverables.step4 import Characteristic
from nonagon.deliverables.step7 import ControlItem, Measured
from nonagon.engine import measurements
from nonagon.engine.facts import Columns
from nonagon.steps.step7_control.analysis.charts import control_item
from nonagon.steps.step7_control.decisions import ControlItemDecision, Step7Decisions

MOST_CHARTS, MOST_PLAIN = 5, 1000
"""Plain charts, and the points of each of them that are shown."""


def unwatched(
    record: Record, decisions: Step7Decisions, earlier: Earlier
) -> tuple[tuple[Measured, ...], tuple[ControlItem, ...]]:
    """Everything measured that no control item names, most measured first, and a plain chart of the first five."""
    if not record.facts.has("measurements"):
        return (), ()
    known = {one.measurement or one.id: one for one in earlier.step4.characteristics} if earlier.step4 else {}
    names = {one.id: one.measurement or one.id for one in known.values()}
    watched = {
        one.measurement or names.get(one.characteristic, one.characteristic) for one in decisions.control_items
    }
    found = measurements.characteristics(record.facts)
    places = [at for at, name in enumerate(found["characteristic"]) if str(name) not in watched]
    places.sort(key=lambda at: (-int(found["n"][at]), str(found["characteristic"][at])))
    rows = tuple(_measured(found, at, known) for at in places)
    first = {row.id: row for row in rows[:MOST_CHARTS]}
    charts = [
        _plain(record, first[name], known.get(name), points)
        for name, points in measurements.points(record.facts, list(first))
    ]
    _say(record, rows)
    return rows, tuple(one for one in charts if one is not None and one.points)


def _measured(found: Columns, at: int, known: dict[str, Characteristic]) -> Measured:
    name = str(found["characteristic"][at])
    characteristic = known.get(name)
    return Measured(
        id=name,
        name=characteristic.name if characteristic else name,
        unit=characteristic.unit if characteristic else "",
        n=int(found["n"][at]),
        first=found["first"][at],
        last=found["last"][at],
        mean=float(found["mean"][at]),
        lowest=float(found["lowest"][at]),
        highest=float(found["highest"][at]),
    )


def _plain(
    record: Record, row: Measured, characteristic: Characteristic | None, points: Columns
) -> ControlItem | None:
    """Means by subgroup or by day where there are several values in each, else single values; limits only.

    Counts with a number of units inspected are left out: on which chart they belong is for people to say.
    """
    if np.isfinite(np.asarray(points["size"], dtype=np.float64)).any():
        return None
    named = all(one is not None for one in points["subgroup"])
    groups = len(set(points["subgroup"].tolist() if named else points["at"].astype("datetime64[D]").tolist()))
    plan = ControlItemDecision(
        id=f"measured_{row.id}",
        characteristic=row.id,
        measurement=row.id,
        chart="xbar_s" if row.n >= 2 * groups else "imr",
        rules="limits",
    )
    chart = control_item(plan, (), (), characteristic, points, most=MOST_PLAIN, record=record)
    return chart.model_copy(update={"name": row.name})


def _say(record: Record, rows: tuple[Measured, ...]) -> None:
    if not rows:
        return
    values = plural(sum(one.n for one in rows), "measurement")
    names = listed((one.name for one in rows), most=5)
    record.say("note", f"Measured, but watched by no control item: {names} ({values} in all).")
