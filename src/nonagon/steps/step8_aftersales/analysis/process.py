"""From process to perception: does a characteristic's series lead the customers' series, and by how long?"""

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.charts.wording import number
from nonagon.deliverables.cycle import Item
from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.record import Record
from nonagon.deliverables.step4 import Characteristic
from nonagon.deliverables.step7 import ControlItem
from nonagon.deliverables.step8 import ProcessLink
from nonagon.engine import answers, measurements
from nonagon.methods.effects.lag import Direction, lag

LONGEST_LAG = 8
"""Weeks by which perception may follow the process."""
LEAST_ANSWERS = 5
"""Answers a week below which a week's mean says too little to be set beside the process."""
DIRECTIONS: dict[str, Direction] = {"higher": "together", "lower": "opposite", "target": "either"}


def process_links(record: Record, earlier: Earlier) -> tuple[ProcessLink, ...]:
    """Each control item beside each item that asks about a need its characteristic serves."""
    pairs = list(_pairs(record, earlier))
    if not pairs:
        return ()
    found = [_link(record, *pair) for pair in pairs]
    links = tuple(one for one in found if one is not None)
    if not links:
        record.lack(
            "No process series could be set beside a perception series.",
            "measurements and answers to the same need in at least 20 weeks one after another",
        )
    for one in links:
        if one.shown:
            record.say("shown", one.sentence, origin=one.lag.origin, headline=10)
    _say_without(record, [one for one in links if not one.shown])
    return links


def _say_without(record: Record, links: list[ProcessLink]) -> None:
    """One sentence for all pairs in which the perception is not shown to follow the process."""
    if len(links) == 1:
        record.say("not_shown", links[0].sentence, origin=links[0].lag.origin, headline=10)
    elif links:
        pairs = "; ".join(f"{one.control_item} and “{one.item}”" for one in links)
        record.say(
            "not_shown",
            f"For {len(links)} pairs of a process and what customers say of it, it is not shown that one follows "
            f"the other within {LONGEST_LAG} weeks: {pairs}.",
            origin=links[0].lag.origin,
            headline=10,
        )


def _pairs(record: Record, earlier: Earlier) -> list[tuple[ControlItem, Characteristic, Item]]:
    if earlier.step4 is None or earlier.step7 is None:
        return []
    if not record.facts.has("measurements") or not record.facts.has("answers", "date"):
        return []
    known = {one.id: one for one in earlier.step4.characteristics}
    return [
        (control, known[control.characteristic], item)
        for control in earlier.step7.items
        if control.characteristic in known
        for need in known[control.characteristic].needs
        for item in record.cycle.items
        if item.kind in {"satisfaction", "other"} and item.need == need
    ]


def _link(record: Record, control: ControlItem, characteristic: Characteristic, item: Item) -> ProcessLink | None:
    name = characteristic.measurement or characteristic.id
    process = _process(record, name, control.chart)
    perception = _perception(record, item)
    weeks = _longest_run(sorted(set(process) & set(perception)))
    if len(weeks) < max(20, 4 * LONGEST_LAG):
        return None
    key = record.origin(
        f"lag_{control.id}_{item.id}",
        ("measurements", "answers"),
        "nonagon.methods.effects.lag",
        rows=f"{name} and item {item.id} by week, {weeks[0]} to {weeks[-1]}",
        variant=f"cross-correlation of whitened series, lags from 0 to {LONGEST_LAG} weeks, shuffling test",
        assumptions=("The relation is steady over the time.",),
    )
    settings = record.cycle.settings
    try:
        result = lag(
            process=_values(process, weeks),
            perception=_values(perception, weeks),
            most=LONGEST_LAG,
            direction=DIRECTIONS[characteristic.direction],
            confidence=settings.confidence,
            draws=settings.draws,
            seed=settings.seed,
        )
    except (NotEnoughData, ArgumentError):
        return None
    found = Estimate(
        value=None if result.lag is None else float(result.lag),
        low=None if result.low is None else float(result.low),
        high=None if result.high is None else float(result.high),
        confidence=settings.confidence,
        n=result.n,
        unit="weeks",
        why="" if result.shown else "no lag is shown",
        origin=key,
    )
    return ProcessLink(
        control_item=control.name or control.id,
        item=item.text,
        need=item.need or "",
        lag=found,
        shown=result.shown,
        sentence=_sentence(control, item, found, len(weeks)),
    )


def _sentence(control: ControlItem, item: Item, found: Estimate, weeks: int) -> str:
    if found.value is None:
        return (
            f"{control.name}: over {weeks} weeks it is not shown that “{item.text}” follows it "
            f"within {LONGEST_LAG} weeks."
        )
    later = number(found.value, digits=0)
    if found.low is not None and found.high is not None:
        later += f" ({number(found.low, digits=0)} to {number(found.high, digits=0)})"
    return f"{control.name}: “{item.text}” follows it after {later} weeks, of {weeks} weeks looked at."


def _process(record: Record, name: str, chart: str) -> dict[date, float]:
    found = measurements.by_period(record.facts, name, unit="week")
    counted = chart in {"p", "u"}
    values = {}
    for period, mean, total, size in zip(
        found["period"], found["mean"], found["total"], found["size"], strict=True
    ):
        if counted and not (np.isfinite(size) and size > 0):
            continue
        values[period] = float(total / size) if counted else float(mean)
    return values


def _perception(record: Record, item: Item) -> dict[date, float]:
    found = answers.by_period(record.facts, item.id, unit="week")
    return {
        period: float(total / n)
        for period, n, total in zip(found["period"], found["n"], found["total"], strict=True)
        if n >= LEAST_ANSWERS
    }


def _longest_run(weeks: list[date]) -> list[date]:
    """The longest stretch of weeks without a gap."""
    best: list[date] = []
    run: list[date] = []
    for week in weeks:
        run = [*run, week] if run and week - run[-1] == timedelta(days=7) else [week]
        best = run if len(run) > len(best) else best
    return best


def _values(series: dict[date, float], weeks: list[date]) -> NDArray[np.float64]:
    return np.array([series[week] for week in weeks])
