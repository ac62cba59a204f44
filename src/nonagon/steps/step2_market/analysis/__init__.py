"""Step 2's analysis: facts and decisions -> shares, comparisons, growth, and the SWOT board."""

from nonagon.deliverables.cycle import Cycle
from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.record import Record
from nonagon.deliverables.step2 import MarketDeliverable
from nonagon.engine.facts import Facts
from nonagon.steps.step2_market.analysis.board import fill_board
from nonagon.steps.step2_market.analysis.comparison import compare
from nonagon.steps.step2_market.analysis.growth import growth_of_parts
from nonagon.steps.step2_market.analysis.outside import outside_segments
from nonagon.steps.step2_market.analysis.perception import perceptual_map
from nonagon.steps.step2_market.analysis.shares import market_shares
from nonagon.steps.step2_market.decisions import Step2Decisions


def analyse(*, cycle: Cycle, facts: Facts, decisions: Step2Decisions, earlier: Earlier) -> MarketDeliverable:
    """Shares, us against each competitor, what grows and falls, SWOT. Never raises for a lack of data."""
    record = Record(facts, cycle)
    classes = earlier.step1.classes if earlier.step1 is not None else ()
    standing = compare(record, decisions)
    markets = market_shares(record, decisions)
    outside = outside_segments(record, markets)
    growth = growth_of_parts(record, decisions, classes, markets)
    swot, tows = fill_board(record, decisions, standing, markets, growth)
    sellers = [one.seller for market in markets for one in market.sellers if not one.ours]
    return MarketDeliverable(
        origins=record.origins,
        findings=tuple(record.findings),
        lacks=tuple(record.lacks),
        competitors=tuple(
            dict.fromkeys([*(one.id for one in decisions.competitors), *standing.competitors, *sellers])
        ),
        comparisons=standing.comparisons,
        adjustment=decisions.adjustment,
        importance_known=standing.importance_known,
        markets=markets,
        outside=outside,
        growth=growth,
        perceptual_map=perceptual_map(record, standing),
        swot=swot,
        tows=tows,
    )
