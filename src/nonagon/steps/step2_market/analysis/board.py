"""The SWOT board: entries proposed from evidence, what people decided about them, and TOWS pairs."""

from collections.abc import Iterator, Sequence

import numpy as np

from nonagon.charts.wording import change, estimate, number, percent
from nonagon.deliverables.record import Record
from nonagon.deliverables.step2 import Comparison, Growth, Market, SellerShare, SwotEntry, TowsPair
from nonagon.steps.step2_market.analysis.comparison import RATINGS, Standing, short_texts
from nonagon.steps.step2_market.decisions import Step2Decisions

_LETTERS = {"strength": "S", "weakness": "W", "opportunity": "O", "threat": "T"}


def fill_board(
    record: Record,
    decisions: Step2Decisions,
    standing: Standing,
    markets: Sequence[Market],
    growth: Sequence[Growth],
) -> tuple[tuple[SwotEntry, ...], tuple[TowsPair, ...]]:
    """Proposed entries with people's verdicts, added entries, and the pairs among them."""
    proposed = [
        *_from_comparisons(record, standing),
        *_from_lowest(record, standing),
        *_from_markets(markets),
        *_from_growth(growth),
    ]
    board = _decided(record, decisions, proposed)
    if not board:
        record.lack(
            "entries of the SWOT board",
            "ratings of competitors, sales over several periods or a market table; or added entries with evidence",
        )
    return board, _pairs(record, decisions, board)


def _decided(record: Record, decisions: Step2Decisions, proposed: list[SwotEntry]) -> tuple[SwotEntry, ...]:
    verdicts = {one.id: one for one in decisions.swot}
    board = []
    for entry in proposed:
        verdict = verdicts.pop(entry.id, None)
        if verdict is not None:
            status = "accepted" if verdict.decision == "accept" else "rejected"
            entry = entry.model_copy(update={"status": status, "reason": verdict.reason})  # noqa: PLW2901
        board.append(entry)
    if verdicts:
        named = ", ".join(sorted(verdicts)[:5])
        sentence = f"{len(verdicts)} decisions are about entries that the data no longer propose: {named}."
        record.say("warning", sentence)
    board += [
        SwotEntry(
            id=one.id,
            quadrant=one.quadrant,
            sentence=one.sentence,
            evidence=one.evidence,
            status="added",
            need=one.need,
        )
        for one in decisions.added
    ]
    return tuple(board)


def _from_comparisons(record: Record, standing: Standing) -> Iterator[SwotEntry]:
    """Strengths and weaknesses by need: better or worse than a competitor beyond chance."""
    by_item: dict[str, list[Comparison]] = {}
    for one in standing.comparisons:
        by_item.setdefault(one.item, []).append(one)
    text = short_texts(record.cycle)
    for item, found in by_item.items():
        need = found[0].need
        subject = need or item
        better = [one for one in found if one.verdict == "better"]
        worse = [one for one in found if one.verdict == "worse"]
        if worse:
            also = f" (but higher than {_named(better)})" if better else ""
            yield SwotEntry(
                id=f"weakness-{subject}",
                quadrant="weakness",
                sentence=f"{text[item]}: customers rate us lower than {_named(worse)}{also}.",
                evidence=_differences(worse),
                origin=worse[0].difference.origin,
                need=need,
                competitor=worse[0].competitor,
            )
        elif better and (not standing.importance_known or need in standing.important):
            weight = "an important need" if standing.importance_known else "its importance was not asked"
            yield SwotEntry(
                id=f"strength-{subject}",
                quadrant="strength",
                sentence=f"{text[item]}: customers rate us higher than {_named(better)} ({weight}).",
                evidence=_differences(better),
                origin=better[0].difference.origin,
                need=need,
                competitor=better[0].competitor,
            )


def _named(found: list[Comparison]) -> str:
    return " and ".join(one.competitor for one in found)


def _differences(found: list[Comparison]) -> str:
    return "; ".join(f"against {one.competitor} {change(one.difference)}" for one in found)


def _from_lowest(record: Record, standing: Standing) -> Iterator[SwotEntry]:
    """The lowest score, where it lies below the middle of our scores beyond chance."""
    items = {item.id: item for item in record.cycle.items_of("satisfaction")}
    scores = {one: score for one, score in standing.scores.items() if one in items and score.value is not None}
    if len(scores) < 3:
        return
    lowest = min(scores, key=lambda one: (scores[one].value or 0.0, one))
    middle = float(np.median([score.value or 0.0 for score in scores.values()]))
    score, item = scores[lowest], items[lowest]
    if score.high is not None and score.high < middle:
        yield SwotEntry(
            id=f"weakness-lowest-{item.need or item.id}",
            quadrant="weakness",
            sentence=f"{short_texts(record.cycle)[item.id]} has the lowest of our {len(scores)} scores.",
            evidence=f"score {estimate(score)}; the middle of our scores is {number(middle)}",
            origin=RATINGS,
            need=item.need,
        )


def _from_markets(markets: Sequence[Market]) -> Iterator[SwotEntry]:
    """A share that falls is a threat, one of a competitor that falls an opportunity, and the other way round."""
    for market in markets:
        suffix = f"-{_slug(market.segment)}" if market.segment else ""
        where = f" in the segment {market.segment}" if market.segment else ""
        for one in market.sellers:
            if one.verdict == "not_shown":
                continue
            yield _of_share(one, suffix, where)


def _of_share(one: SellerShare, suffix: str, where: str) -> SwotEntry:
    falling = one.verdict == "falling"
    if one.ours:
        entry_id = f"{'threat' if falling else 'strength'}-share{suffix}"
        sentence = f"Our share of the market{where} is {one.verdict}."
    else:
        entry_id = f"{'opportunity' if falling else 'threat'}-competitor-{_slug(one.seller)}{suffix}"
        sentence = f"The share of {one.name}{where} is {one.verdict}."
    return SwotEntry.model_validate(
        {
            "id": entry_id,
            "quadrant": entry_id.split("-", maxsplit=1)[0],
            "sentence": sentence,
            "evidence": f"{percent(one.latest.value)} in the last period, {change(one.trend)} a year",
            "origin": one.trend.origin,
            "competitor": None if one.ours else one.seller,
        }
    )


def _from_growth(growth: Sequence[Growth]) -> Iterator[SwotEntry]:
    for one in growth:
        if one.verdict == "not_shown":
            continue
        quadrant = "opportunity" if one.verdict == "growing" else "threat"
        what = "The market segment" if one.kind == "segment" else f"Our revenue with the {one.kind}"
        yield SwotEntry.model_validate(
            {
                "id": f"{quadrant}-{one.kind}-{_slug(one.id)}",
                "quadrant": quadrant,
                "sentence": f"{what} {one.name} is {one.verdict}.",
                "evidence": f"{estimate(one.growth, sign=True)} a year; {percent(one.share.value)} of the whole",
                "origin": one.growth.origin,
            }
        )


def _slug(text: str) -> str:
    return "-".join(text.casefold().split())


def _pairs(record: Record, decisions: Step2Decisions, board: tuple[SwotEntry, ...]) -> tuple[TowsPair, ...]:
    """Pairs whose entries stand on the board in the quadrants that the pair names; others are said."""
    quadrant = {one.id: _LETTERS[one.quadrant] for one in board if one.status != "rejected"}
    found = []
    for pair in decisions.tows:
        missing = [one for one in pair.entries if one not in quadrant]
        letters = {quadrant[one] for one in pair.entries if one in quadrant}
        if missing:
            sentence = f"The TOWS pair {pair.id} uses {', '.join(missing)}, which does not stand on the board."
            record.say("warning", sentence)
        elif letters != set(pair.kind):
            sentence = (
                f"The TOWS pair {pair.id} is {pair.kind}, but its entries are {' and '.join(sorted(letters))}."
            )
            record.say("warning", sentence)
        else:
            found.append(TowsPair(id=pair.id, kind=pair.kind, entries=pair.entries, action=pair.action))
    return tuple(found)
