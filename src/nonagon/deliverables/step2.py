"""Step 2 hands on: shares, how we stand against competitors, and strengths, weaknesses, opportunities, threats."""

from typing import Literal

from nonagon.deliverables.evidence import Deliverable, Estimate, Value


class Comparison(Value):
    """Us against one competitor on one item; difference is ours minus theirs, on the item's scale."""

    item: str
    need: str | None = None
    competitor: str
    ours: Estimate
    theirs: Estimate
    difference: Estimate
    verdict: Literal["better", "worse", "not_shown"]


class SwotEntry(Value):
    """One entry of the board, with the figure that it rests on and what people decided about it."""

    id: str
    quadrant: Literal["strength", "weakness", "opportunity", "threat"]
    sentence: str
    evidence: str
    origin: str = ""
    status: Literal["proposed", "accepted", "rejected", "added"] = "proposed"
    reason: str = ""


class MarketDeliverable(Deliverable):
    """Step 2's deliverable. Later steps read `comparisons` and the accepted entries of `swot`."""

    step: int = 2
    competitors: tuple[str, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    swot: tuple[SwotEntry, ...] = ()
