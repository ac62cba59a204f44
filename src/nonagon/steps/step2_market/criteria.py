"""When step 2 is ready: we know where we stand against whom, and people have decided what follows from it."""

from nonagon.charts.wording import percent, plural
from nonagon.deliverables.evidence import Criterion
from nonagon.deliverables.step2 import MarketDeliverable
from nonagon.steps.step2_market.decisions import Step2Decisions

QUADRANTS = {
    "strength": "strengths",
    "weakness": "weaknesses",
    "opportunity": "opportunities",
    "threat": "threats",
}
LEAST_PERIODS = 4


def criteria(deliverable: MarketDeliverable, decisions: Step2Decisions) -> tuple[Criterion, ...]:
    """The exit criteria of step 2."""
    return (
        _competitors(deliverable),
        _compared(deliverable),
        _shares(deliverable),
        _filled(deliverable),
        _evidence(deliverable),
        _decided(deliverable),
        _still_true(deliverable, decisions),
        _paired(deliverable),
    )


def _competitors(deliverable: MarketDeliverable) -> Criterion:
    return Criterion(
        id="competitors",
        sentence="The competitors are named.",
        met=bool(deliverable.competitors),
        reason=f"{plural(len(deliverable.competitors), 'competitor')}: {', '.join(deliverable.competitors[:5])}"
        if deliverable.competitors
        else "none is named in the data or the decisions",
        mend="decisions/step2.toml: competitors",
    )


def _compared(deliverable: MarketDeliverable) -> Criterion:
    needs = {one.need or one.item for one in deliverable.comparisons}
    against = {one.competitor for one in deliverable.comparisons}
    return Criterion(
        id="compared",
        sentence="Customers compared us with at least one competitor, need by need.",
        met=bool(needs),
        reason=f"{plural(len(needs), 'need')} compared with {plural(len(against), 'competitor')}"
        if needs
        else "no item was rated for a competitor often enough",
        mend="the answers table: subject",
    )


def _shares(deliverable: MarketDeliverable) -> Criterion:
    longest = max((len(one.periods) for one in deliverable.markets), default=0)
    return Criterion(
        id="shares",
        sentence=f"Market shares are known over at least {LEAST_PERIODS} periods.",
        met=longest >= LEAST_PERIODS,
        reason=f"{plural(longest, 'period')} known" if longest else "no market share is known",
        mend="decisions/market.csv, or the sales table: seller",
    )


def _filled(deliverable: MarketDeliverable) -> Criterion:
    standing = {one.quadrant for one in deliverable.swot if one.status in {"accepted", "added"}}
    missing = [word for quadrant, word in QUADRANTS.items() if quadrant not in standing]
    return Criterion(
        id="filled",
        sentence="The board holds strengths, weaknesses, opportunities and threats that people stand by.",
        met=not missing,
        reason=f"no accepted or added {' or '.join(missing)}" if missing else "all four have entries",
        mend="decisions/step2.toml: swot (accept), added",
    )


def _evidence(deliverable: MarketDeliverable) -> Criterion:
    standing = [one for one in deliverable.swot if one.status in {"accepted", "added"}]
    bare = [one.id for one in standing if not one.evidence]
    return Criterion(
        id="evidence",
        sentence="Every entry that stands cites its evidence.",
        met=bool(standing) and not bare,
        reason=f"without evidence: {', '.join(bare[:5])}"
        if bare
        else f"{plural(len(standing), 'entry', 'entries')} with evidence",
        mend="decisions/step2.toml: added.evidence",
    )


def _decided(deliverable: MarketDeliverable) -> Criterion:
    waiting = [one.id for one in deliverable.swot if one.status == "proposed"]
    return Criterion(
        id="decided",
        sentence="Every proposed entry was accepted or rejected.",
        met=bool(deliverable.swot) and not waiting,
        reason=f"{plural(len(waiting), 'entry waits', 'entries wait')}: {', '.join(waiting[:5])}"
        if waiting
        else f"{plural(len(deliverable.swot), 'entry', 'entries')} decided",
        mend="decisions/step2.toml: swot",
    )


def _still_true(deliverable: MarketDeliverable, decisions: Step2Decisions) -> Criterion:
    known = {one.id for one in deliverable.swot}
    gone = [one.id for one in decisions.swot if one.id not in known]
    total = len(decisions.swot)
    if gone:
        reason = f"{len(gone)} of {total} are no longer proposed by the data: {', '.join(gone[:5])}"
    else:
        reason = f"{total} of {total} decisions are about entries that the data propose"
    return Criterion(
        id="still_true",
        sentence="What people decided about is still what the data propose.",
        met=not gone,
        reason=reason,
        mend="decisions/step2.toml: swot",
    )


def _paired(deliverable: MarketDeliverable) -> Criterion:
    accepted = {one.id for one in deliverable.swot if one.status in {"accepted", "added"}}
    sound = [one.id for one in deliverable.tows if set(one.entries) <= accepted]
    share = len(sound) / len(deliverable.tows) if deliverable.tows else None
    return Criterion(
        id="paired",
        sentence="At least one pair of entries says what is to be done about them (TOWS).",
        met=bool(sound),
        reason=f"{plural(len(sound), 'pair')} of entries that stand ({percent(share)} of all pairs)"
        if deliverable.tows
        else "no pair is stated",
        mend="decisions/step2.toml: tows",
    )
