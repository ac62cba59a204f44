"""Expectation against perception, and Kano's classes, of the respondents who answered both questions of a pair."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from nonagon.basics.errors import NotEnoughData
from nonagon.charts.wording import signed
from nonagon.deliverables.cycle import ItemKind
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.record import Record
from nonagon.engine import answers
from nonagon.engine.facts import Columns
from nonagon.methods.priorities.kano import CATEGORIES, NAMES, kano, kano_categories
from nonagon.methods.survey.servqual import servqual_from_sums
from nonagon.steps.step3_needs.analysis.scores import Rated

GAPS = "gaps"
KANO = "kano"


@dataclass(frozen=True, slots=True)
class KanoOfNeed:
    """A need's Kano class in words, and how far serving or neglecting it moves satisfaction."""

    name: str
    better: Estimate
    worse: Estimate


def expectation_gaps(record: Record, rated: Rated, names: Mapping[str, str]) -> dict[str, Estimate]:
    """Perception minus expectation by need, of the latest wave that asked both; names: of the needs."""
    least = max(2, record.cycle.settings.group_minimum)
    sums: list[tuple[str, int, float, float]] = []
    found: dict[str, Estimate] = {}
    pairs = _latest_pairs(record, rated, "expectation", "satisfaction")
    for expected in record.cycle.items_of("expectation"):
        perceived = record.cycle.item_of_need(expected.need) if expected.need else None
        if perceived is None or expected.need is None:
            continue
        rows = pairs.get(expected.id)
        if rows is None:
            continue
        n = int(rows["n"].sum())
        difference = rows["second"] - rows["first"]
        if n < least:
            found[expected.need] = Estimate(
                n=n, unit="points", why=f"fewer than {least} respondents answered both", origin=GAPS
            )
        else:
            total = float((rows["n"] * difference).sum())
            sums.append((expected.need, n, total, float((rows["n"] * difference**2).sum())))
    if not sums and not found:
        return {}
    record.origin(
        GAPS,
        ("answers",),
        "nonagon.methods.survey.servqual",
        rows="respondents who answered both questions of a need, in the latest wave that asked both",
        variant="perception minus expectation of the same respondent; unweighted",
        assumptions=("Those who answered both are a random sample of the customers.",),
    )
    if sums:
        found |= _tested(record, sums, names)
    return found


def _tested(
    record: Record, sums: list[tuple[str, int, float, float]], names: Mapping[str, str]
) -> dict[str, Estimate]:
    needs, n, total, squares = zip(*sums, strict=True)
    confidence = record.cycle.settings.confidence
    result = servqual_from_sums(names=needs, n=n, total=total, total_of_squares=squares, confidence=confidence)
    found = {
        one.name: Estimate(
            value=one.gap,
            low=one.low,
            high=one.high,
            confidence=confidence if one.low is not None else None,
            n=int(one.n),
            unit="points",
            origin=GAPS,
        )
        for one in result.items
    }
    worst = min(result.items, key=lambda one: (one.gap, one.name))
    below = [one for one in result.items if one.high is not None and one.high < 0]
    if below:
        widest = f"{signed(worst.gap)} points, in “{names.get(worst.name, worst.name)}”"
        sentence = (
            f"{len(below)} of {len(result.items)} needs are rated below what customers expect, beyond chance for "
            f"each by itself; the widest gap is {widest}."
        )
        record.say("shown", sentence, origin=GAPS)
    else:
        sentence = "No need was shown to be rated below what customers expect."
        record.say("not_shown", sentence, origin=GAPS)
    return found


def kano_classes(record: Record, rated: Rated) -> dict[str, KanoOfNeed]:
    """The Kano class by need, where both questions were asked on the scale 1 (like) to 5 (dislike)."""
    least = max(2, record.cycle.settings.group_minimum)
    found: dict[str, KanoOfNeed] = {}
    pairs = _latest_pairs(record, rated, "kano_functional", "kano_dysfunctional")
    for there in record.cycle.items_of("kano_functional"):
        missing = record.cycle.item_of_need(there.need, "kano_dysfunctional") if there.need else None
        if missing is None or there.need is None:
            continue
        rows = pairs.get(there.id)
        if rows is None:
            continue
        usable = np.isin(rows["first"], (1, 2, 3, 4, 5)) & np.isin(rows["second"], (1, 2, 3, 4, 5))
        counts = rows["n"][usable]
        if counts.sum() < least:
            continue
        letters = kano_categories(functional=rows["first"][usable], dysfunctional=rows["second"][usable])
        try:
            result = kano(
                counts={letter: float(counts[letters == letter].sum()) for letter in CATEGORIES},
                confidence=record.cycle.settings.confidence,
            )
        except NotEnoughData:
            continue
        name = NAMES[result.category]
        if result.ambiguous:
            name = f"{name} or {NAMES[result.second]}"
        found[there.need] = KanoOfNeed(
            name=name,
            better=_part(record, result.better, result.better_interval, int(counts.sum())),
            worse=_part(record, result.worse, result.worse_interval, int(counts.sum())),
        )
    if found:
        record.origin(
            KANO,
            ("answers",),
            "nonagon.methods.priorities.kano",
            rows="respondents who answered both questions of a need, in the latest wave that asked both",
            variant="the most frequent class, or two where they cannot be told apart (Fong); unweighted",
        )
    return found


def _part(record: Record, value: float | None, ends: tuple[float, float] | None, n: int) -> Estimate:
    if value is None or ends is None:
        return Estimate(n=n, why="nobody's answers fall in a class that moves satisfaction", origin=KANO)
    confidence = record.cycle.settings.confidence
    return Estimate(value=value, low=ends[0], high=ends[1], confidence=confidence, n=n, origin=KANO)


def _latest_pairs(record: Record, rated: Rated, first: ItemKind, second: ItemKind) -> dict[str, Columns]:
    """Counts of value pairs by the first item, each in the latest wave whose respondents answered both."""
    asked = []
    for item in record.cycle.items_of(first):
        partner = record.cycle.item_of_need(item.need, second) if item.need else None
        if partner is not None and {item.id, partner.id} <= rated.items:
            asked.append((item.id, partner.id))
    if not asked:
        return {}
    rows = answers.paired_counts(record.facts, asked)
    found: dict[str, Columns] = {}
    for item_id, _ in asked:
        mine = rows["item"] == item_id
        waves = set(rows["wave"][mine])
        latest = next((wave for wave in reversed(rated.waves) if wave in waves), None)
        if latest is not None:
            kept = mine & (rows["wave"] == latest)
            found[item_id] = {name: column[kept] for name, column in rows.items()}
    return found
