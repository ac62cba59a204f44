"""Reads for the page of step 3: verbatims of a need with what coded them, and those that wait to be coded."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from nonagon.deliverables.step3 import NeedsDeliverable
from nonagon.engine import verbatims
from nonagon.engine.facts import Columns
from nonagon.process import documents, results
from nonagon.process.measured import facts_of
from nonagon.process.models import Cycle
from nonagon.steps.step3_needs.coding.rules import CodedSentence, Coder
from nonagon.steps.step3_needs.coding.suggest import Suggester
from nonagon.steps.step3_needs.decisions import Rule, Step3Decisions

STEP = 3
PAGE = 50
QUEUE = 20


@dataclass(frozen=True, slots=True)
class Spoken:
    """One verbatim as the page shows it: never who said it.

    needs: what it is coded to as the decisions stand; by_hand: coders, where people coded it; rules: what matched
    for the need that is looked at; told: wave, day and channel in a line.
    """

    id: str
    text: str
    told: str
    needs: tuple[str, ...] = ()
    by_hand: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the verbatims of a need; count: all that fit; total: all of the need as computed last."""

    spoken: tuple[Spoken, ...]
    count: int
    total: int
    number: int
    pages: int


def deliverable(cycle: Cycle) -> NeedsDeliverable | None:
    """What the step's analysis gave last."""
    return results.deliverable(cycle, STEP, NeedsDeliverable)


def decisions(cycle: Cycle) -> Step3Decisions:
    """The step's decisions as they stand."""
    return cast(Step3Decisions, documents.current(cycle, STEP)[0])


def of_need(cycle: Cycle, need: str, *, containing: str = "", number: int = 1) -> Page:
    """A page of the verbatims that the analysis coded to the need, those coded to it by hand since included."""
    held, found = decisions(cycle), deliverable(cycle)
    result = next((one for one in found.needs if one.id == need), None) if found is not None else None
    by_hand = held.hand_codes()
    computed = result.verbatims if result is not None else ()
    ids = [one for one in computed if one not in by_hand or need in by_hand[one]]
    ids += [one for one, needs in by_hand.items() if need in needs and one not in set(computed)]
    withdrawn = set(held.withdrawn)
    ids = [one for one in ids if one not in withdrawn]
    facts = facts_of(cycle)
    if not ids or not facts.has("verbatims"):
        return Page((), 0, len(ids), 1, 1)
    start = (number - 1) * PAGE
    rows, count = verbatims.page(facts, only=ids, containing=containing, start=start, most=PAGE)
    pages = max(1, -(-count // PAGE))
    return Page(_spoken(rows, held, need), count, len(ids), min(number, pages), pages)


def needs_by_rule(cycle: Cycle, held: Step3Decisions, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """What the rules find in these verbatims."""
    facts = facts_of(cycle)
    if not ids or not facts.has("verbatims"):
        return {}
    rows, _count = verbatims.page(facts, only=ids, most=len(ids))
    coder = coder_of(held)
    return {one: _needs(_sentences(coder, rows, at)) for at, one in enumerate(rows["verbatim_id"])}


def counts(cycle: Cycle) -> dict[str, dict[str, Any]]:
    """For each need as computed last: its name, verbatims coded to it, customers who said it or a part of it."""
    found = deliverable(cycle)
    return {
        one.id: {"name": one.name, "verbatims": len(one.verbatims), "heard": one.heard}
        for one in (found.needs if found is not None else ())
    }


def only_asked(cycle: Cycle) -> list[dict[str, str]]:
    """Needs that questions ask about and the tree does not hold."""
    head, _number = documents.current(cycle, 0)
    known = {one.id for one in decisions(cycle).needs}
    found: dict[str, str] = {}
    for item in getattr(head, "items", ()):
        if item.need is not None and item.need not in known and item.kind == "satisfaction":
            found.setdefault(item.need, item.text)
    return [{"id": need, "name": name or need} for need, name in found.items()]


def queue(cycle: Cycle, *, coder: str = "", check: bool = False, skip: Sequence[str] = ()) -> dict[str, Any]:
    """Verbatims that wait for this coder, with needs that they may speak of, and how many wait in all.

    check: those that others coded by hand and this coder did not, for the agreement of coders; else those that
    neither rules nor people have coded. skip: ids that the coder left for later.
    """
    held, found = decisions(cycle), deliverable(cycle)
    facts = facts_of(cycle)
    if not facts.has("verbatims"):
        return {"left": 0, "verbatims": [], "often": []}
    mine = {one.verbatim for one in held.codes if one.coder == coder}
    others = {one.verbatim for one in held.codes if one.coder != coder}
    left_out = [*held.withdrawn, *skip]
    if check:
        only = sorted(others - mine)
        rows, left = verbatims.page(facts, only=only, without=left_out, most=QUEUE)
    else:
        coded = [one for need in (found.needs if found is not None else ()) for one in need.verbatims]
        rows, left = verbatims.page(facts, without=[*coded, *mine, *others, *left_out], most=QUEUE)
    suggester = Suggester([(one.id, one.name) for one in held.needs], held.rules, coder_of(held))
    return {
        "left": left,
        "often": often(held, found),
        "verbatims": [
            {
                "id": one,
                "text": rows["text"][at],
                "told": _told(rows, at),
                "suggested": suggester.suggest(rows["text"][at] or "", language=rows["language"][at]),
            }
            for at, one in enumerate(rows["verbatim_id"])
        ],
    }


def often(held: Step3Decisions, found: NeedsDeliverable | None) -> list[str]:
    """The needs of the tree that are spoken of most, for those verbatims for which there is no suggestion."""
    spoken: Counter[str] = Counter(one.need for one in held.codes)
    for need in found.needs if found is not None else ():
        spoken[need.id] += len(need.verbatims)
    known = [one.id for one in held.needs]
    return sorted(known, key=lambda need: (-spoken[need], known.index(need)))[:9]


def coder_of(held: Step3Decisions) -> Coder:
    """The rules of the document, ready to read."""
    return Coder(held.rules, negations=held.negation.by_language(), window=held.negation.window)


def _spoken(rows: Columns, held: Step3Decisions, need: str) -> tuple[Spoken, ...]:
    coder, by_hand = coder_of(held), held.hand_codes()
    coders: dict[str, dict[str, None]] = {}
    for one in held.codes:
        coders.setdefault(one.verbatim, {})[one.coder] = None
    found = []
    for at, verbatim in enumerate(rows["verbatim_id"]):
        sentences = _sentences(coder, rows, at)
        found.append(
            Spoken(
                id=verbatim,
                text=rows["text"][at] or "",
                told=_told(rows, at),
                needs=by_hand.get(verbatim, _needs(sentences)),
                by_hand=tuple(coders.get(verbatim, ())),
                rules=() if verbatim in by_hand else _matching(held.rules, sentences, need),
            )
        )
    return tuple(found)


def _sentences(coder: Coder, rows: Mapping[str, Any], at: int) -> list[CodedSentence]:
    return coder.code(rows["text"][at] or "", language=rows["language"][at])


def _needs(sentences: list[CodedSentence]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(need for one in sentences for need in one.needs))


def _matching(rules: Sequence[Rule], sentences: list[CodedSentence], need: str) -> tuple[str, ...]:
    """What of the rules of the need matches, as people wrote it: the rule's first phrases, or its expression."""
    matched = dict.fromkeys(rule for one in sentences if need in one.needs for rule in one.matched)
    return tuple(_called(rules[rule]) for rule in matched if rules[rule].need == need)


def _called(rule: Rule) -> str:
    return ", ".join(rule.phrases[:3]) + (" …" if len(rule.phrases) > 3 else "") if rule.phrases else rule.regex


def _told(rows: Mapping[str, Any], at: int) -> str:
    parts = (rows["channel"][at], rows["date"][at], rows["wave"][at], rows["language"][at])
    return " · ".join(str(one) for one in parts if one is not None)
