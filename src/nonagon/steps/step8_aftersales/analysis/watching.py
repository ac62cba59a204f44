"""Early warning: series watched by a test that may be looked at every day."""

from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.charts.wording import number, percent, short
from nonagon.deliverables.cycle import Item
from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.estimates import estimate_of
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
    if plan.class_id is not None and not classes:
        why = f"“{blank.text}”: the class {plan.class_id} is not known from step 1, so it cannot be watched."
        return blank.model_copy(update={"sentence": why})
    try:
        days = answers.value_counts(record.facts, by=("date",), items=[item.id], classes=classes)
        return _judged(record, plan, item, blank, days)
    except (ArgumentError, NotEnoughData) as error:
        return blank.model_copy(update={"sentence": f"“{blank.text}”: cannot be judged: {error}"})


def _blank(plan: WatchDecision, item: Item | None, earlier: Earlier) -> Alarm:
    states = {one.id: one.stable for one in earlier.step7.items} if earlier.step7 else {}
    names = {one.id: one.name for one in earlier.step7.items if one.name} if earlier.step7 else {}
    return Alarm(
        id=plan.id,
        item=plan.item,
        text=item.text if item else plan.item,
        need=item.need if item else None,
        control_item=plan.control_item,
        control_name=names.get(plan.control_item, plan.control_item) if plan.control_item else "",
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
    if held <= item.scale_min:
        why = f"“{blank.text}”: the baseline lies at the bottom of the scale, nothing can fall below it."
        return blank.model_copy(update={"sentence": why})
    if not watched:
        return blank.model_copy(update={"sentence": f"“{blank.text}”: no answers since {plan.since} yet."})
    test = sequential_test(scores=scores, counts=counts, baseline=held, alpha=float(plan.error))
    key = record.origin(
        f"watch_{plan.id}",
        ("answers",),
        "nonagon.methods.effects.sequential",
        rows=f"item {item.id} about us, since {plan.since}"
        + (f", class {plan.class_id}" if plan.class_id else ""),
        variant=f"betting test from each day's counts, baseline {short(held, digits=3)} (lower end of the mean "
        f"before{f', less the fall of {short(plan.fall)} that does not matter' if plan.fall else ''}), "
        f"chance of ever warning falsely {short(plan.error)}",
        assumptions=("Each day's respondents are like those of the baseline, if all is well.",),
    )
    raised_on = watched[test.warned_on] if test.warned_on is not None else None
    return blank.model_copy(
        update={
            "raised": test.warned,
            "on": raised_on,
            "sentence": _sentence(blank, test, raised_on, held),
            "baseline": estimate_of(baseline.mean, baseline, n=float(baseline.n), unit="points", origin=key),
            "level": _level(record, scores, counts, key),
            "threshold": 1 / float(plan.error),
            "days": _days(watched, test, settings.group_minimum),
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
    return estimate_of(found.mean, found, n=len(values), unit="points", origin=key)


def _days(watched: list[date], test: SequentialTest, least: int) -> tuple[WatchDay, ...]:
    """At most some sixty days, evenly chosen, with the day of the warning and the last.

    Between any two of them lie at least `least` answers: subtracting one running mean from the next would
    otherwise give away what a few people said.
    """
    count = len(watched)
    even = [round(place * (count - 1) / 59) for place in range(60)] if count > 60 else list(range(count))
    first = [] if test.warned_on is None else [test.warned_on]
    kept: list[int] = []
    for place in (*first, count - 1, *even):
        answers_apart = [abs(test.n[place] - test.n[other]) for other in kept]
        if min([test.n[place], *answers_apart]) >= least:
            kept.append(place)
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
            f"“{blank.text}”: no fall below {number(held)} is shown after {len(test.n)} days with answers; "
            "the watch goes on and may be read any day."
        )
    sentence = (
        f"“{blank.text}” fell below {number(held)}: warned on {raised_on}; a false warning ever, "
        f"however often one looks, has a chance of at most {percent(test.alpha, digits=0)}."
    )
    if blank.in_control is True:
        sentence += f" The process behind it ({blank.control_name}) is in control: the need itself may have moved."
    elif blank.in_control is False:
        sentence += f" The process behind it ({blank.control_name}) shows signals too: look there first."
    return sentence
