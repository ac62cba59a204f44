"""Step 2's section: us against competitors, shares over time, what grows and falls, and the SWOT board."""

from collections import Counter
from datetime import date

from nonagon.charts.bars import Bar, intervals
from nonagon.charts.lines import Point, trend
from nonagon.charts.maps import Place, correspondence_map
from nonagon.charts.section import Block, Chart, Figure, Figures, Heading, Paragraph, Section, Table
from nonagon.charts.wording import change, estimate, percent
from nonagon.deliverables.step2 import Market, MarketDeliverable, PerceptualMap
from nonagon.steps.step2_market.analysis.outside import in_words
from nonagon.steps.step2_market.analysis.shares import corrected
from nonagon.steps.step2_market.decisions import Step2Decisions

VERDICTS = {"better": "better", "worse": "worse", "not_shown": "not shown"}
KINDS = {"class": "classes", "product": "products", "segment": "segments"}
STATUS = {"accepted": "accepted", "added": "added", "proposed": "waits for a decision", "rejected": "rejected"}


def section(deliverable: MarketDeliverable, decisions: Step2Decisions) -> Section:
    """The section of the report, and later of the page."""
    blocks: list[Block] = []
    if decisions.market_name:
        blocks.append(Paragraph(f"The market: {decisions.market_name}"))
    blocks.append(_figures(deliverable))
    if deliverable.comparisons:
        blocks += [Heading("Us and our competitors"), *_comparisons(deliverable, decisions)]
    if deliverable.perceptual_map is not None:
        blocks.append(_map(deliverable.perceptual_map))
    if deliverable.outside is not None:
        blocks.append(Paragraph(in_words(deliverable.outside), tone="warning"))
    for market in deliverable.markets:
        blocks += _market(market)
    if deliverable.growth:
        blocks += [Heading("What grows and what falls"), _growth(deliverable)]
    if deliverable.swot:
        blocks += [Heading("Strengths, weaknesses, opportunities, threats"), _board(deliverable)]
    if deliverable.tows:
        blocks.append(_pairs(deliverable))
    return Section(
        step=2,
        title="Identify the market",
        purpose="Where we stand against whom, and which strengths, weaknesses, opportunities and threats follow.",
        blocks=tuple(blocks),
    )


def _figures(deliverable: MarketDeliverable) -> Figures:
    figures = [Figure("Competitors", str(len(deliverable.competitors)), ", ".join(deliverable.competitors[:4]))]
    for market in deliverable.markets[:2]:
        ours = next((one for one in market.sellers if one.ours), None)
        if ours is not None:
            where = f"Our share of the segment {market.segment}" if market.segment else "Our share of the market"
            trend_words = f"{change(ours.trend)} a year" if ours.trend.value is not None else ours.trend.why
            figures.append(Figure(where, percent(ours.latest.value), trend_words, ours.latest.origin))
    if deliverable.comparisons:
        better = sum(one.verdict == "better" for one in deliverable.comparisons)
        worse = sum(one.verdict == "worse" for one in deliverable.comparisons)
        total = len(deliverable.comparisons)
        figures.append(
            Figure("Better / worse beyond chance", f"{better} / {worse}", f"of {total} comparisons", "comparison")
        )
    standing = sum(one.status in {"accepted", "added"} for one in deliverable.swot)
    figures.append(Figure("Entries of the board that stand", str(standing), f"of {len(deliverable.swot)}"))
    return Figures(tuple(figures))


def _comparisons(deliverable: MarketDeliverable, decisions: Step2Decisions) -> list[Block]:
    names = {one.id: one.name or one.id for one in decisions.competitors}
    tested = sum(one.adjusted is not None for one in deliverable.comparisons)
    blocks: list[Block] = []
    for other in dict.fromkeys(one.competitor for one in deliverable.comparisons):
        mine = sorted(
            (one for one in deliverable.comparisons if one.competitor == other),
            key=lambda one: one.difference.value or 0.0,
        )
        blocks.append(
            intervals(
                [
                    Bar(
                        one.text or one.item,
                        one.difference.value,
                        one.difference.low,
                        one.difference.high,
                        detail=VERDICTS[one.verdict]
                        + corrected(one.difference, one.verdict, tested, "comparisons"),
                    )
                    for one in mine
                ],
                title=f"Our scores minus those of {names.get(other, other)}",
                x="difference, points",
                reference=0.0,
                origin="comparison",
            )
        )
    method = "Holm" if deliverable.adjustment == "holm" else "Benjamini and Hochberg"
    blocks.append(
        Table(
            "Us against each competitor, item by item",
            (
                ("need", "text"),
                ("competitor", "text"),
                ("ours", "number"),
                ("theirs", "number"),
                ("difference", "number"),
                ("verdict", "text"),
            ),
            tuple(
                (
                    one.text or one.item,
                    names.get(one.competitor, one.competitor),
                    estimate(one.ours),
                    estimate(one.theirs),
                    estimate(one.difference, sign=True),
                    VERDICTS[one.verdict] + corrected(one.difference, one.verdict, tested, "comparisons"),
                )
                for one in deliverable.comparisons
            ),
            note=_difference_note(deliverable)
            + f"Intervals hold each for itself; verdicts are corrected for {tested} comparisons ({method}), among "
            "which some leave 0 out by chance.",
            origin="comparison",
        )
    )
    return blocks


def _difference_note(deliverable: MarketDeliverable) -> str:
    """Why the difference is not that of the two columns before it."""
    paired = sum(one.paired for one in deliverable.comparisons)
    if not paired:
        return ""
    which = "Difference" if paired == len(deliverable.comparisons) else f"Difference, in {paired} rows"
    return (
        f"{which}: of those alone who rated both, so it is not ours minus theirs, which rest on everybody who "
        "rated. "
    )


def _map(found: PerceptualMap) -> Chart:
    kinds = {"subject": "who is rated", "item": "what is rated"}
    return correspondence_map(
        tuple(Place(one.id, one.x, one.y, kinds[one.kind]) for one in found.points),
        title="How customers see us and our competitors",
        inertia=(found.explained[0], found.explained[1]),
        origin=found.origin,
    )


def _market(market: Market) -> list[Block]:
    where = f"the segment {market.segment}" if market.segment else "the market"
    origin = market.size.origin
    tested = sum(one.adjusted is not None for one in market.sellers)
    table = Table(
        f"Sellers in {where}, by {market.source}",
        (
            ("seller", "text"),
            (f"sales in the last period{f', {market.size.unit}' if market.size.unit else ''}", "number"),
            ("share", "number"),
            ("change a year", "number"),
            ("verdict", "text"),
        ),
        tuple(
            (
                one.name + (" (us)" if one.ours else ""),
                estimate(one.amount, digits=0),
                percent(one.latest.value),
                change(one.trend),
                one.verdict.replace("_", " ") + corrected(one.trend, one.verdict, tested, "sellers"),
            )
            for one in market.sellers
        ),
        note=f"Whole periods from {market.periods[0]} to {market.periods[-1]}; size "
        f"{estimate(market.size, digits=0, unit=market.size.unit)} in the last, growth a year "
        f"{estimate(market.growth, sign=True)}; concentration "
        f"(HHI) {estimate(market.hhi)}; our share over the largest competitor's "
        f"{estimate(market.relative_share)}.",
        origin=origin,
    )
    blocks: list[Block] = [Heading(f"Shares of {where}")]
    if len(market.periods) > 1:
        blocks.append(
            trend(
                {
                    one.name: [
                        Point(date.fromisoformat(period), 100 * share if share is not None else None)
                        for period, share in zip(market.periods, one.shares, strict=True)
                    ]
                    for one in market.sellers
                },
                title=f"Shares of {where} over time",
                x="period",
                y="share, %",
                digits=1,
                origin=origin,
            )
        )
    return [*blocks, table]


def _growth(deliverable: MarketDeliverable) -> Table:
    tested = Counter(one.kind for one in deliverable.growth if one.adjusted is not None)
    return Table(
        "Revenue by class, product and market segment",
        (
            ("kind", "text"),
            ("name", "text"),
            ("last year", "number"),
            ("share", "number"),
            ("growth a year", "number"),
            ("verdict", "text"),
        ),
        tuple(
            (
                one.kind,
                one.name,
                estimate(one.revenue, digits=0, unit=one.revenue.unit),
                percent(one.share.value),
                estimate(one.growth, sign=True),
                one.verdict.replace("_", " ")
                + corrected(one.growth, one.verdict, tested[one.kind], KINDS[one.kind]),
            )
            for one in deliverable.growth
        ),
        note="Classes that are defined by what customers bought are left out: they grow by their definition. "
        "Verdicts are corrected for how many of a kind were looked at.",
        origin=deliverable.growth[0].growth.origin,
    )


def _board(deliverable: MarketDeliverable) -> Table:
    order = {"strength": 0, "weakness": 1, "opportunity": 2, "threat": 3}
    entries = sorted(deliverable.swot, key=lambda one: (order[one.quadrant], one.status == "rejected", one.id))
    return Table(
        "The SWOT board: every entry with its evidence, and what people decided",
        (
            ("quadrant", "text"),
            ("entry", "text"),
            ("evidence", "text"),
            ("decision", "text"),
            ("id", "text"),
        ),
        tuple(
            (
                one.quadrant,
                one.sentence,
                one.evidence,
                STATUS[one.status] + (f": {one.reason}" if one.reason else ""),
                one.id,
            )
            for one in entries
        ),
        note="Entries are proposed from the data; only accepted and added ones stand.",
    )


def _pairs(deliverable: MarketDeliverable) -> Table:
    return Table(
        "What follows where entries meet (TOWS)",
        (("kind", "text"), ("entries", "text"), ("what is to be done", "text")),
        tuple((one.kind, ", ".join(one.entries), one.action) for one in deliverable.tows),
        origin="",
    )
