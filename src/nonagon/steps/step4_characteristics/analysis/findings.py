"""What the House of Quality says, in plain sentences."""

from collections.abc import Iterator

from nonagon.charts.wording import chance as likely
from nonagon.charts.wording import measured, number, percent
from nonagon.deliverables.cycle import Cycle
from nonagon.deliverables.evidence import Finding
from nonagon.deliverables.step4 import Characteristic, CharacteristicsDeliverable
from nonagon.steps.step4_characteristics.decisions import Step4Decisions

HEADLINE = 8


def findings_of(cycle: Cycle, decisions: Step4Decisions, house: CharacteristicsDeliverable) -> tuple[Finding, ...]:
    """Priorities with their certainty first, then holes and conflicts."""
    return (
        *_leading(cycle, house),
        *_other_scales(house),
        *_holes(decisions, house),
        *_conflicts(house),
        *_behind_competitors(house),
        *_judges(house),
    )


def _leading(cycle: Cycle, house: CharacteristicsDeliverable) -> Iterator[Finding]:
    ranked = [one for one in house.characteristics if one.rank is not None]
    if not ranked:
        return
    first = min(ranked, key=lambda one: one.rank or 0)
    relative, chance = first.relative, first.chance_first
    if relative is None or chance is None or chance.value is None:
        return
    peers = [one.name for one in ranked if one.group == first.group and one.id != first.id]
    weight = f"{percent(relative.value)} of the weight ({percent(relative.low)} to {percent(relative.high)})"
    if chance.value >= cycle.settings.confidence:
        yield Finding(
            kind="shown",
            sentence=f"{first.name} serves customers' needs most: {weight}; "
            f"it comes first with a chance of {likely(chance.value)}.",
            headline=HEADLINE,
            origin="weights",
        )
    else:
        tied = f" It cannot be told apart from {', '.join(peers)}." if peers else ""
        yield Finding(
            kind="not_shown",
            sentence=f"{first.name} has the highest weight: {weight}; that it truly comes first was not "
            f"shown (chance {likely(chance.value)}).{tied}",
            headline=HEADLINE,
            origin="weights",
        )


def _other_scales(house: CharacteristicsDeliverable) -> Iterator[Finding]:
    if not house.by_scale:
        return
    names = {one.id: one.name for one in house.characteristics}
    first = house.by_scale[0].order[0]
    others = [f"{names[one.order[0]]} on {one.scale}" for one in house.by_scale if one.order[0] != first]
    if others:
        yield Finding(
            kind="warning",
            sentence=f"Which characteristic comes first depends on the scale of strengths: {names[first]} on "
            f"{house.by_scale[0].scale}, but {', '.join(others)}.",
            origin="weights",
        )
    elif len(names) > 1:
        scales = ", ".join(one.scale for one in house.by_scale)
        yield Finding(
            kind="note",
            sentence=f"{names[first]} comes first whichever scale of strengths is used ({scales}).",
            origin="weights",
        )


def _holes(decisions: Step4Decisions, house: CharacteristicsDeliverable) -> Iterator[Finding]:
    names = {row.need: row.name for row in house.rows}
    for need in house.empty_rows if house.characteristics else ():
        reason = decisions.accepted_empty_rows.get(need)
        yield Finding(
            kind="note" if reason else "warning",
            sentence=f"No characteristic serves the need “{names[need]}”" + (f": {reason}." if reason else "."),
        )
    called = {one.id: one.name for one in house.characteristics}
    for column in house.empty_columns:
        yield Finding(
            kind="warning", sentence=f"{called[column]} serves no need: measure it for another reason, or drop it."
        )


def _conflicts(house: CharacteristicsDeliverable) -> Iterator[Finding]:
    for one in house.conflicts:
        open_one = one.matters and not one.resolution
        resolved = f" Settled: {one.resolution.rstrip('.')}." if one.resolution else ""
        yield Finding(kind="warning" if open_one else "note", sentence=f"{one.sentence}{resolved}")


def _behind_competitors(house: CharacteristicsDeliverable) -> Iterator[Finding]:
    for one in house.characteristics:
        better = [rival for rival in one.competitors if _better(one, rival.value, one.now)]
        unmatched = [rival for rival in better if one.target is not None and _better(one, rival.value, one.target)]
        if unmatched:
            who = ", ".join(rival.subject for rival in unmatched)
            yield Finding(
                kind="warning",
                sentence=f"{one.name}: even the target ({measured(one.target, one.unit)}) stays behind {who}.",
            )


def _better(one: Characteristic, theirs: float, ours: float | None) -> bool:
    if ours is None or one.direction == "target":
        return False
    return theirs > ours if one.direction == "higher" else theirs < ours


def _judges(house: CharacteristicsDeliverable) -> Iterator[Finding]:
    agreement = house.agreement
    if agreement is None or agreement.value is None:
        return
    # Krippendorff's own bounds: from 0.8 reliable, from 0.667 for tentative conclusions.
    enough = agreement.value >= 0.667
    yield Finding(
        kind="note" if enough else "warning",
        sentence=f"{len(house.judges)} judges agree on relationships with an alpha of {number(agreement.value)}"
        + ("." if enough else ", which is low: talk about the cells that they see differently."),
        origin="agreement",
    )
