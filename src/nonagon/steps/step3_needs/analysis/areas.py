"""The feedback report's end: the areas to improve, each with the reasons that customers gave."""

from nonagon.charts.wording import number, percent
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.record import Record
from nonagon.deliverables.step3 import Area, NeedResult


def areas_to_improve(record: Record, needs: tuple[NeedResult, ...]) -> tuple[Area, ...]:
    """Needs with at least one reason to improve them: most reasons first, then the lowest score."""
    lowest = _lowest_third(needs)
    most_heard = _most_heard(record, needs)
    unasked = _unasked(needs)
    found: list[tuple[tuple[int, float, int, str], Area]] = []
    for one in needs:
        reasons = _reasons(record, one, one.id in lowest, one.id in most_heard, one.id in unasked)
        if reasons:
            height = _height(one)
            place = (-len(reasons), height if height is not None else 2.0, -one.heard, one.id)
            area = Area(
                need=one.id,
                name=one.name,
                reasons=reasons,
                satisfaction=one.satisfaction,
                importance=one.importance,
            )
            found.append((place, area))
    return tuple(area for _, area in sorted(found, key=lambda pair: pair[0]))


def _value(estimate: Estimate | None) -> float | None:
    return estimate.value if estimate is not None else None


def _height(need: NeedResult) -> float | None:
    """The score's place on its scale, 0 to 1, so that scales can be compared."""
    value = _value(need.satisfaction)
    if value is None or need.scale_min is None or need.scale_max is None or need.scale_max <= need.scale_min:
        return None
    return (value - need.scale_min) / (need.scale_max - need.scale_min)


def _lowest_third(needs: tuple[NeedResult, ...]) -> set[str]:
    heights = sorted((height, one.id) for one in needs if (height := _height(one)) is not None)
    return {need for _, need in heights[: (len(heights) + 2) // 3]} if len(heights) > 1 else set()


def _most_heard(record: Record, needs: tuple[NeedResult, ...]) -> set[str]:
    """The third of the needs that most customers speak of, among those that enough customers speak of."""
    least = record.cycle.settings.group_minimum
    said = sorted((-one.heard, one.id) for one in needs if one.verbatims and one.heard >= least)
    return {need for _, need in said[: (len(said) + 2) // 3]}


def _unasked(needs: tuple[NeedResult, ...]) -> set[str]:
    """Needs that no question asks about, neither about them nor about a need above them."""
    by_id = {one.id: one for one in needs}
    found = set()
    for one in needs:
        here: NeedResult | None = one
        seen: set[str] = set()
        while here is not None and here.id not in seen and here.item is None:
            seen.add(here.id)
            here = by_id.get(here.parent) if here.parent is not None else None
        if here is None or here.item is None:
            found.add(one.id)
    return found


def _reasons(record: Record, need: NeedResult, low: bool, often: bool, unasked: bool) -> tuple[str, ...]:
    reasons = []
    satisfaction = _value(need.satisfaction)
    if low and satisfaction is not None:
        reasons.append(f"among the lowest third of scores ({number(satisfaction)})")
    gap = need.gap
    if gap is not None and gap.value is not None and gap.value < 0 and gap.beyond_chance:
        reasons.append(f"below what customers expect by {number(-gap.value)} points, beyond chance")
    share = _value(need.said_by)
    if often and share is not None:
        reasons.append(f"spoken of by {need.heard} customers ({percent(share, digits=0)} of those who spoke)")
    if unasked and need.verbatims and need.heard >= record.cycle.settings.group_minimum:
        reasons.append(f"no question asks about it, yet {need.heard} customers speak of it")
    return tuple(reasons)
