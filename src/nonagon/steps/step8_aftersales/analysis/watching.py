"""Early warning: series watched by a test that may be looked at every day."""

from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.deliverables.cycle import Item
from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.record import Record
from nonagon.deliverables.step1 import CustomerClass
from nonagon.deliverables.step8 import Warning as Alarm
from nonagon.deliverables.step8 import WatchDay
from nonagon.engine import answers
from nonagon.engine.facts import Columns
from nonagon.methods.effects.sequential import SequentialTest, sequential_test
from nonagon.methods.survey.mean import Mean, mean_of
from nonagon.steps.step8_aftersales.decisions import WatchDecision


def watch(record: Record, plan: WatchDecision, earlier: Earlier) -> Alarm:
    """One watch; not raised, with the reason in its sentence, where it cannot be judged."""
    item = next((one for one in record.cycle.items if one.id == plan.item), None)
    blank = _blank(plan, item, earlier)
    if item is None or not record.facts.has("answers", "date"):
        return blank.model_copy(update={"sentence": f"“{blank.text}”: no dated answers, nothing can be watched."})
    classes = _classes(plan, earlier)
    try:
        days = answers.value_counts(record.facts, by=("date",), items=[item.id], classes=classes)
        return _judged(record, plan, item, blank, days)
    except (ArgumentError, NotEnoughData) as error:
        return blank.model_copy(update={"sentence": f"“{blank.text}”: cannot be judged: {error}"})


def _blank(plan: WatchDecision, item: Item | None, earlier: Earlier) -> Alarm:
    states = {one.id: one.stable for one in earlier.step7.items} if earlier.step7 else {}
    return Alarm(
        id=plan.id,
        item=plan.item,
        text=item.text if item else plan.item,
        need=item.need if item else None,
        control_item=plan.control_item,
        raised=False,
        sentence="",
        in_control=states.get(plan.control_item) if plan.control_item else None,
        responder=plan.responder,
        reaction=plan.reaction,
    )


def _classes(plan: WatchDecision, earlier: Earlier) -> tuple[CustomerClass, ...]:
    if plan.class_id is None or earlier.step1 is None:
        return ()
    return tuple(one for one in earlier.step1.classes if one.id == plan.class_id)


def _judged(record: Record, plan: WatchDecision, item: Item, blank: Alarm, days: Columns) -> Alarm:
    baseline = _baseline(record, plan, days)
    if baseline is None:
        since = plan.since
        return blank.model_copy(
            update={"sentence": f"“{blank.text}”: too few answers before {since} for a baseline."}
        )
    settings = record.cycle.settings
    held = max(float(baseline.low), float(item.scale_min)) - float(plan.fall)
    watched, scores, counts = _table(days, plan.since, item)
    if not watched or held <= item.scale_min:
        return blank.model_copy(update={"sentence": f"“{blank.text}”: no answers since {plan.since} yet."})
    test = sequential_test(scores=scores, counts=counts, baseline=held, alpha=float(plan.error))
    key = record.origin(
        f"watch_{plan.id}",
        ("answers",),
        "nonagon.methods.effects.sequential",
        rows=f"item {item.id} about us, since {plan.since}"
        + (f", class {plan.class_id}" if plan.class_id else ""),
        variant=f"betting test from each day's counts, baseline {held:.3g} (the lower end of the mean before"
        f"{f', less the fall of {plan.fall:g} that does not matter' if plan.fall else ''}), "
        f"chance of ever warning falsely {plan.error:g}",
        assumptions=("Each day's respondents are like those of the baseline, if all is well.",),
    )
    raised_on = watched[test.warned_on] if test.warned_on is not None else None
    return blank.model_copy(
        update={
            "raised": test.warned,
            "on": raised_on,
            "sentence": _sentence(blank, test, raised_on, held),
            "baseline": Estimate(
                value=float(baseline.mean),
                low=float(baseline.low),
                high=float(baseline.high),
                confidence=settings.confidence,
                n=int(baseline.n),
                unit="points",
                origin=key,
            ),
            "level": _level(record, scores, counts, key),
            "threshold": 1 / float(plan.error),
            "days": _days(watched, test),
            "origin": key,
        }
    )


def _baseline(record: Record, plan: WatchDecision, days: Columns) -> Mean | None:
    before = np.array(
        [
            one is not None and one < plan.since and (plan.baseline_from is None or one >= plan.baseline_from)
            for one in days["date"]
        ],
        dtype=bool,
    )
    if not before.any() or int(days["n"][before].sum()) < max(2, record.cycle.settings.group_minimum):
        return None
    values = np.repeat(days["value"][before], days["n"][before])
    return mean_of(values=values, confidence=record.cycle.settings.confidence)


def _table(days: Columns, since: date, item: Item) -> tuple[list[date], NDArray[np.float64], NDArray[np.float64]]:
    """Days since `since` that had answers, the scores of the scale, and the counts (days x scores)."""
    chosen = [place for place, one in enumerate(days["date"]) if one is not None and one >= since]
    watched = sorted({days["date"][place] for place in chosen})
    seen = {float(days["value"][place]) for place in chosen}
    scores = np.array(sorted(seen | {float(item.scale_min), float(item.scale_max)}))
    row = {day: place for place, day in enumerate(watched)}
    counts = np.zeros((len(watched), len(scores)))
    for place in chosen:
        column = int(np.searchsorted(scores, float(days["value"][place])))
        counts[row[days["date"][place]], column] += float(days["n"][place])
    return watched, scores, counts


def _level(record: Record, scores: NDArray[Any], counts: NDArray[Any], key: str) -> Estimate:
    values = np.repeat(scores, counts.sum(axis=0).astype(np.int64))
    least = record.cycle.settings.group_minimum
    if len(values) < max(2, least):
        return Estimate(why=f"fewer than {least} answers", unit="points", origin=key)
    found = mean_of(values=values, confidence=record.cycle.settings.confidence)
    return Estimate(
        value=float(found.mean),
        low=float(found.low),
        high=float(found.high),
        confidence=found.confidence,
        n=len(values),
        unit="points",
        origin=key,
    )


def _days(watched: list[date], test: SequentialTest) -> tuple[WatchDay, ...]:
    """Every day up to sixty of them, evenly chosen, with the first, the day of the warning and the last."""
    count = len(watched)
    kept = {round(place * (count - 1) / 59) for place in range(60)} if count > 60 else set(range(count))
    if test.warned_on is not None:
        kept.add(test.warned_on)
    return tuple(
        WatchDay(
            day=watched[place],
            answers=int(test.n[place]),
            mean=float(test.mean[place]),
            evidence=min(float(test.evidence[place]), 1e6),
        )
        for place in sorted(kept)
    )


def _sentence(blank: Alarm, test: SequentialTest, raised_on: date | None, held: float) -> str:
    if raised_on is None:
        return (
            f"“{blank.text}”: no fall below {held:.2f} is shown after {len(test.n)} days with answers; "
            "the watch goes on and may be read any day."
        )
    sentence = (
        f"“{blank.text}” fell below {held:.2f}: warned on {raised_on}; a false warning ever, "
        f"however often one looks, has a chance of at most {test.alpha:.0%}."
    )
    if blank.in_control is True:
        sentence += f" The process behind it ({blank.control_item}) is in control: the need itself may have moved."
    elif blank.in_control is False:
        sentence += f" The process behind it ({blank.control_item}) shows signals too: look there first."
    return sentence
