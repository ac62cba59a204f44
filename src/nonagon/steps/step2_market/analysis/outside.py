"""Whether the market's segments add up to the whole market, and what of our sales lies outside them."""

from collections.abc import Sequence

from nonagon.charts.wording import amount, listed, percent
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.record import Record
from nonagon.deliverables.step2 import Market, Outside, SellerShare

ORIGIN = "outside_segments"
# Sums that differ by less than this share differ by rounding and late bookings.
TOLERANCE = 0.01


def outside_segments(record: Record, markets: Sequence[Market]) -> Outside | None:
    """What the segments leave out; None where they add up, or where not both ways of counting are there."""
    whole = next((one for one in markets if not one.segment and one.periods), None)
    parts = [one for one in markets if one.segment]
    if whole is None or not parts or _ours(whole) is None:
        return None
    period = whole.periods[-1]
    if any(not part.periods or part.periods[-1] != period for part in parts):
        return None
    ours, all_ = _amount(_ours(whole)), _amount_of(whole)
    inside = sum(_amount(_ours(part)) for part in parts)
    inside_all = sum(_amount_of(part) for part in parts)
    if ours <= 0 or inside_all <= 0 or (_close(ours, inside) and _close(all_, inside_all)):
        return None
    origin = record.origin(
        ORIGIN,
        ("sales",),
        "nonagon.methods.value.market_share",
        rows=f"the period from {period}; the segments by decisions/market.csv",
        assumptions=("The segments are counted in the same unit as the sales and do not overlap.",),
    )
    unit = record.cycle.currency

    def estimate(value: float, of: str) -> Estimate:
        return Estimate(value=value, unit=of, origin=origin)

    found = Outside(
        period=period,
        segments=tuple(part.segment for part in parts),
        ours=estimate(ours, unit),
        ours_in_segments=estimate(inside, unit),
        ours_outside=estimate(ours - inside, unit),
        share=estimate((ours - inside) / ours, "share"),
        share_whole=estimate(ours / all_, "share"),
        share_segments=estimate(inside / inside_all, "share"),
    )
    record.say("warning", in_words(found), origin=origin)
    return found


def in_words(one: Outside) -> str:
    """The warning in a sentence or two."""
    unit = one.ours.unit
    named = listed(one.segments)
    first = (
        f"The whole market and its segments ({named}) are not the same market: our share is "
        f"{percent(one.share_whole.value)} of the whole and {percent(one.share_segments.value)} of the segments "
        "together."
    )
    left = one.ours_outside.value or 0.0
    if left > 0:
        return (
            f"{first} Of our {amount(one.ours.value, unit)} in the period from {one.period}, {amount(left, unit)} "
            f"({percent(one.share.value)}) lies outside all segments; compare shares only within one of both."
        )
    return (
        f"{first} The segments hold {amount(one.ours_in_segments.value, unit)} of ours where the sales hold "
        f"{amount(one.ours.value, unit)}; compare shares only within one of both."
    )


def _ours(market: Market) -> SellerShare | None:
    return next((one for one in market.sellers if one.ours), None)


def _amount(one: SellerShare | None) -> float:
    return 0.0 if one is None or one.amount.value is None else one.amount.value


def _amount_of(market: Market) -> float:
    return market.size.value or 0.0


def _close(one: float, other: float) -> bool:
    return abs(one - other) <= TOLERANCE * max(abs(one), abs(other))
