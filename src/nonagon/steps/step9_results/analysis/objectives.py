"""The objectives of the charter and of the organization against what the cycle measures of them now."""

import re
from collections.abc import Sequence
from typing import Literal

from nonagon.charts.wording import plural
from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.record import Record
from nonagon.deliverables.step3 import NeedResult
from nonagon.deliverables.step5 import CharterObjective, Objective
from nonagon.deliverables.step9 import Measure, ObjectiveCheck

Verdict = Literal["reached", "not_reached", "not_shown", "not_measured"]
Measured = tuple[Estimate, str]
"""Where an objective stands now, and what measured it."""


def objectives(
    record: Record, earlier: Earlier, measures: Sequence[Measure], share: Estimate | None
) -> tuple[ObjectiveCheck, ...]:
    """Every objective with its verdict; `measure` names what measures it (see `_now`)."""
    if earlier.step5 is None:
        return ()
    checks = [
        _check(record, one, one.statement, "charter", earlier, measures, share)
        for one in earlier.step5.charter.objectives
    ]
    checks += [
        _check(record, one, one.name, "organization", earlier, measures, share) for one in earlier.step5.objectives
    ]
    _say(record, checks)
    return tuple(checks)


def _check(
    record: Record,
    one: CharterObjective | Objective,
    statement: str,
    owner: Literal["charter", "organization"],
    earlier: Earlier,
    measures: Sequence[Measure],
    share: Estimate | None,
) -> ObjectiveCheck:
    found = _now(record, one.measure, earlier, measures, share)
    now = found[0] if found is not None and found[0].value is not None else None
    return ObjectiveCheck(
        statement=statement,
        owner=owner,
        measure=one.measure,
        baseline=one.baseline,
        target=one.target,
        due=one.due,
        reached=now,
        by=found[1] if found is not None and now is not None else "",
        verdict=_verdict(one, now),
    )


def _verdict(one: CharterObjective | Objective, now: Estimate | None) -> Verdict:
    """The whole interval on the good side of the target, or on the other; a full count has no interval."""
    if now is None or now.value is None:
        return "not_measured"
    if one.target is None or one.baseline is None or one.baseline == one.target:
        return "not_shown"
    sign = 1 if one.target > one.baseline else -1
    ends = [sign * end for end in (now.low, now.high) if end is not None] or [sign * now.value]
    if min(ends) >= sign * one.target:
        return "reached"
    return "not_reached" if max(ends) < sign * one.target else "not_shown"


def _now(
    record: Record, measure: str, earlier: Earlier, measures: Sequence[Measure], share: Estimate | None
) -> Measured | None:
    """By the words of the measure: NPS or CSAT, the id of an item or need, a characteristic, the spread, a share.

    The id of a class beside an item's or need's takes the score of that class. What no word names is not measured:
    a guess would be worse than none.
    """
    words = set(re.findall(r"\w+", measure.lower()))
    return (
        _by_measure(words, measures)
        or _by_need(record, words, earlier)
        or _by_characteristic(record, measure.lower(), words, earlier)
        or _by_spread(record, words, earlier)
        or _by_share(record, words, earlier, share)
    )


def _by_measure(words: set[str], measures: Sequence[Measure]) -> Measured | None:
    for one in measures:
        if one.id in words and one.id != "index" and one.points:
            point = one.points[-1]
            return point.value, f"{one.name}, {f'wave {point.wave}' if point.wave else 'all answers'}"
    return None


def _by_need(record: Record, words: set[str], earlier: Earlier) -> Measured | None:
    if earlier.step3 is None:
        return None
    for need in earlier.step3.needs:
        if need.id.lower() in words or (need.item is not None and need.item.lower() in words):
            score, who = _score(need, words)
            carried = record.carried(score, earlier.step3)
            return None if carried is None else (carried, f"score of “{need.name}”{who}")
    return None


def _score(need: NeedResult, words: set[str]) -> tuple[Estimate | None, str]:
    for one in need.by_class:
        if one.class_id.lower() in words:
            return one.score, f", {one.class_name or one.class_id}"
    return need.satisfaction, ""


def _by_characteristic(record: Record, measure: str, words: set[str], earlier: Earlier) -> Measured | None:
    if earlier.step4 is None or earlier.step7 is None:
        return None
    for one in earlier.step4.characteristics:
        names = [name.lower() for name in (one.id, one.measurement, one.name) if name]
        spelled = [name.replace("_", " ") for name in names]
        if not any(name in words for name in names) and not any(
            re.search(rf"\b{re.escape(name)}\b", measure) for name in spelled
        ):
            continue
        for item in earlier.step7.items:
            if item.characteristic == one.id and item.level is not None and item.level.value is not None:
                carried = record.carried(item.level, earlier.step7)
                phase = f", {item.phases[-1].label}" if item.phases else ""
                return None if carried is None else (carried, f"level of {item.name or one.name}{phase}")
    return None


def _by_spread(record: Record, words: set[str], earlier: Earlier) -> Measured | None:
    if earlier.step5 is None or not {"highest", "lowest"} <= words:
        return None
    spread = record.carried(earlier.step5.spread, earlier.step5)
    return None if spread is None else (spread, "highest less lowest score of a need")


def _by_share(record: Record, words: set[str], earlier: Earlier, share: Estimate | None) -> Measured | None:
    if not {"share", "market"} <= words:
        return None
    found = earlier.step2
    for market in found.markets if found is not None else ():
        if market.segment and market.segment.lower() in words:
            ours = next((one for one in market.sellers if one.ours), None)
            latest = record.carried(ours.latest, found) if ours is not None and found is not None else None
            return None if latest is None else (latest, f"share of the market {market.segment}, latest period")
    return None if share is None else (share, "share of the market, latest quarter")


def _say(record: Record, checks: Sequence[ObjectiveCheck]) -> None:
    if not checks:
        return
    counts = {name: sum(one.verdict == name for one in checks) for name in ("reached", "not_reached", "not_shown")}
    blind = len(checks) - sum(counts.values())
    record.say(
        "warning" if counts["not_reached"] else "note",
        f"Of {plural(len(checks), 'objective')}, {counts['reached']} are shown to be reached, "
        f"{counts['not_reached']} are not reached, for {counts['not_shown']} neither is shown, "
        f"and {blind} are not measured.",
    )
