"""Step 2 hands on: shares, how we stand against competitors, and strengths, weaknesses, opportunities, threats."""

from typing import Literal

from nonagon.deliverables.evidence import Deliverable, Estimate, Number, Value


class Comparison(Value):
    """Us against one competitor on one item; difference is ours minus theirs, on the item's scale.

    paired: both were rated by the same respondents, and the difference is theirs alone: it need not be that of
    `ours` and `theirs`, which rest on everybody who rated; p: two-sided, adjusted: for the number of
    comparisons; verdict: whether a difference stands after that adjustment; text: the item in words, without
    what all questions begin with.
    """

    item: str
    text: str = ""
    need: str | None = None
    competitor: str
    ours: Estimate
    theirs: Estimate
    difference: Estimate
    verdict: Literal["better", "worse", "not_shown"]
    paired: bool = False
    p: Number | None = None
    adjusted: Number | None = None


class SellerShare(Value):
    """One seller's share of a market over the periods, as fractions of one.

    shares: one a period, None where the seller has no sales; latest: share and amount in the last period;
    trend: change of the share in a year by a straight line (share points as a fraction of one); adjusted: its
    p value, adjusted for the number of sellers.
    """

    seller: str
    name: str
    ours: bool
    shares: tuple[Number | None, ...]
    latest: Estimate
    amount: Estimate
    trend: Estimate
    adjusted: Number | None = None
    verdict: Literal["rising", "falling", "not_shown"]


class Market(Value):
    """One market (or one segment of it): who sells how much in it over whole periods.

    source: the sales, or the sources that the market table names; hhi: concentration in the last period;
    relative_share: our share over that of the largest competitor.
    """

    segment: str
    source: str
    periods: tuple[str, ...]
    sellers: tuple[SellerShare, ...]
    size: Estimate
    growth: Estimate
    hhi: Estimate
    relative_share: Estimate


class Outside(Value):
    """How far the segments of the market fall short of the whole market in their last common period.

    ours, ours_in_segments: our sales in the whole market and in the segments together; ours_outside: what lies
    outside the segments (below 0: the segments hold more), share: of all ours; share_whole, share_segments: our
    share of the market by both ways of counting.
    """

    period: str
    segments: tuple[str, ...]
    ours: Estimate
    ours_in_segments: Estimate
    ours_outside: Estimate
    share: Estimate
    share_whole: Estimate
    share_segments: Estimate


class Growth(Value):
    """How one class, product or market segment moves: growth a year as a fraction of one.

    revenue: in the last year of whole periods (all of them where there are fewer); share: of all our revenue
    (of all segments); adjusted: p value of the trend, adjusted for the number of trends of its kind.
    """

    kind: Literal["class", "product", "segment"]
    id: str
    name: str
    revenue: Estimate
    share: Estimate
    growth: Estimate
    verdict: Literal["growing", "falling", "not_shown"]
    adjusted: Number | None = None


class MapPoint(Value):
    """One point of the perceptual map: a subject that was rated, or an item that it was rated on."""

    kind: Literal["subject", "item"]
    id: str
    x: Number
    y: Number


class PerceptualMap(Value):
    """Subjects and items in two dimensions; explained: the share of all differences that each dimension shows."""

    points: tuple[MapPoint, ...]
    explained: tuple[Number, Number]
    origin: str


class SwotEntry(Value):
    """One entry of the board, with the figure that it rests on and what people decided about it.

    evidence: the figure with its interval, or the source of an added entry; need, competitor: whom it
    concerns.
    """

    id: str
    quadrant: Literal["strength", "weakness", "opportunity", "threat"]
    sentence: str
    evidence: str
    origin: str = ""
    status: Literal["proposed", "accepted", "rejected", "added"] = "proposed"
    reason: str = ""
    need: str | None = None
    competitor: str | None = None


class TowsPair(Value):
    """What people make of entries together: SO use a strength for an opportunity, WO, ST, WT likewise."""

    id: str
    kind: Literal["SO", "WO", "ST", "WT"]
    entries: tuple[str, ...]
    action: str


class MarketDeliverable(Deliverable):
    """Step 2's deliverable. Later steps read `comparisons` and the accepted entries of `swot`.

    competitors: every subject or seller in the data that is not us, and those that people named. adjustment:
    how the comparisons were adjusted for their number; importance_known: whether customers were asked how
    important the needs are, so that a strength could be held to that; outside: what of the whole market its
    segments leave out, None where they add up or only one of both is known.
    """

    step: int = 2
    competitors: tuple[str, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    adjustment: str = ""
    importance_known: bool = False
    markets: tuple[Market, ...] = ()
    outside: Outside | None = None
    growth: tuple[Growth, ...] = ()
    perceptual_map: PerceptualMap | None = None
    swot: tuple[SwotEntry, ...] = ()
    tows: tuple[TowsPair, ...] = ()
