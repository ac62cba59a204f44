"""What the last upgrade did to needs: the wave before its date against the wave after."""

from collections.abc import Sequence
from datetime import date

from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.estimates import error_of, estimates_of
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.record import Record
from nonagon.deliverables.step3 import NeedResult, NeedsDeliverable
from nonagon.deliverables.step5 import NeedChange, UpgradeReview
from nonagon.engine import answers
from nonagon.methods.survey.multiplicity import multiplicity
from nonagon.methods.survey.standard_error import difference_of_estimates
from nonagon.steps.step5_opportunities.decisions import LookBack, Step5Decisions


def looked_back(record: Record, decisions: Step5Decisions, earlier: Earlier) -> tuple[UpgradeReview, ...]:
    """A review of every upgrade; one without a wave on each side of its date says so in `lacks`."""
    if not decisions.look_back or earlier.step3 is None:
        return ()
    days = _days_of_waves(record)
    reviews = []
    for one in decisions.look_back:
        before, after = _around(one, earlier.step3.waves, days)
        if before is None or after is None:
            side = "before" if before is None else "after"
            record.lack(f"the effect of {one.name}", f"a dated wave {side} {one.on} (or last_wave_before)")
        changes = _changes(record, one, earlier.step3, before, after) if before and after else ()
        reviews.append(
            UpgradeReview(
                id=one.id, name=one.name, on=one.on, wave_before=before, wave_after=after, changes=changes
            )
        )
    return tuple(reviews)


def _days_of_waves(record: Record) -> dict[str, tuple[date, date]]:
    """First and last day of each wave: from the answers, else the date in the register."""
    days = {wave.id: (wave.date, wave.date) for wave in record.cycle.waves if wave.date is not None}
    if record.facts.has("answers", "date"):
        found = answers.waves(record.facts)
        for wave, first, last in zip(found["wave"], found["first"], found["last"], strict=True):
            if first is not None and last is not None:
                days[wave] = (first, last)
    return days


def _around(
    one: LookBack, waves: Sequence[str], days: dict[str, tuple[date, date]]
) -> tuple[str | None, str | None]:
    """The last wave that ended before the day, and the first that began on it or later."""
    if one.last_wave_before is not None and one.last_wave_before in waves:
        position = list(waves).index(one.last_wave_before)
        after = waves[position + 1] if position + 1 < len(waves) else None
        return one.last_wave_before, after
    before = [wave for wave in waves if wave in days and days[wave][1] < one.on]
    later = [wave for wave in waves if wave in days and days[wave][0] >= one.on]
    return before[-1] if before else None, later[0] if later else None


def _changes(
    record: Record, one: LookBack, step3: NeedsDeliverable, before: str, after: str
) -> tuple[NeedChange, ...]:
    pairs = [
        (need, first, second)
        for need in step3.needs
        if (not one.needs or need.id in one.needs)
        and (first := _score(need, before)) is not None
        and (second := _score(need, after)) is not None
    ]
    if not pairs:
        return ()
    found = difference_of_estimates(
        first=[first.value or 0.0 for _, first, _ in pairs],
        first_se=[error_of(first) for _, first, _ in pairs],
        second=[second.value or 0.0 for _, _, second in pairs],
        second_se=[error_of(second) for _, _, second in pairs],
        confidence=record.cycle.settings.confidence,
    )
    stand = multiplicity(p=found.p, adjustment="holm", level=1 - record.cycle.settings.confidence).rejected
    key = record.origin(
        f"look_back.{one.id}",
        (),
        "nonagon.methods.survey.standard_error",
        rows=f"waves {before} and {after}",
        variant="difference of two waves; verdicts adjusted for the number of needs (Holm)",
        assumptions=("the waves asked different people", "nothing else changed between the waves"),
    )
    differences = estimates_of(found.difference, found, unit="points", origin=key)
    return tuple(
        NeedChange(
            need=need.id,
            before=record.carried(first, step3) or first,
            after=record.carried(second, step3) or second,
            difference=differences[i],
            verdict="not_shown" if not stand[i] else "better" if found.difference[i] > 0 else "worse",
        )
        for i, (need, first, second) in enumerate(pairs)
    )


def _score(need: NeedResult, wave: str) -> Estimate | None:
    found = next((one.score for one in need.by_wave if one.wave == wave), None)
    return found if found is not None and found.value is not None and found.low is not None else None
