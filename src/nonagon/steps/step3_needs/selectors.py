"""Reads for the page of step 3: verbatims of a need with what coded them, and those that wait to be coded."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from nonagon.deliverables.step3 import NeedsDeliverable
from nonagon.engine import coding, verbatims
from nonagon.engine.facts import Columns, Facts
from nonagon.facts.codes import SUGGESTIONS, CodesStore
from nonagon.process import documents, results
from nonagon.process.measured import facts_of
from nonagon.process.models import Cycle
from nonagon.steps.step3_needs.analysis.verbatims import knowledge_of, rulebook_of
from nonagon.steps.step3_needs.coding.rules import CodedSentence, Coder
from nonagon.steps.step3_needs.coding.whole import codes_of
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


def coded(cycle: Cycle, held: Step3Decisions | None = None) -> coding.Coded | None:
    """The verbatims as the rules coded them when the step was computed last; None before that.

    held: the document whose codes by hand and withdrawals count; None: as it was when the step was computed. What
    the rules found is made again where it is not there any more, as in a cycle that came from an archive.
    """
    found, facts = deliverable(cycle), facts_of(cycle)
    if found is None or found.coding is None or not facts.has("verbatims"):
        return None
    store = CodesStore(facts.home)
    version = store.version(found.coding.codes)
    if version is None or held is None:
        then = _as_computed(cycle)
        held = held or then
        version = version or codes_of(facts, rulebook_of(then))[1]
    return coding.coded(
        facts, version.label, store.files(version), by_hand=held.hand_codes(), withdrawn=held.withdrawn
    )


def _as_computed(cycle: Cycle) -> Step3Decisions:
    """The document from which the step was computed last."""
    newest = results.latest(cycle, STEP)
    number = newest.document_version if newest is not None else 0
    return cast(Step3Decisions, documents.at(cycle, STEP, number))


def said_of(cycle: Cycle, needs: Sequence[str], *, start: int = 0, most: int = PAGE) -> tuple[list[str], int]:
    """A part of the ids of verbatims that speak of any of the needs, in order, and how many there are in all."""
    found = coded(cycle)
    return coding.ids(found, needs, start=start, most=most) if found is not None else ([], 0)


def needs_of(cycle: Cycle, verbatim: str) -> tuple[str, ...]:
    """The needs of the tree that a verbatim speaks of; none where it is not there."""
    found, result = coded(cycle), deliverable(cycle)
    if found is None or result is None:
        return ()
    known = {one.id for one in result.needs}
    return tuple(need for need in coding.needs_of(found, [verbatim]).get(verbatim, ()) if need in known)


def said_like(cycle: Cycle, text: str, *, most: int) -> list[str]:
    """The first ids, in order, of verbatims that speak of a need and whose id holds the text."""
    found = coded(cycle)
    return coding.ids_like(found, text, most=most) if found is not None else []


def of_need(cycle: Cycle, need: str, *, containing: str = "", number: int = 1) -> Page:
    """A page of the verbatims that the analysis coded to the need, those coded to it by hand since included."""
    held, facts = decisions(cycle), facts_of(cycle)
    if not facts.has("verbatims"):
        return Page((), 0, 0, 1, 1)
    found = coded(cycle, held)
    only = coding.with_need(found, [need]) if found is not None else _by_hand(held, need)
    start = (number - 1) * PAGE
    rows, count = verbatims.page(facts, only=only, containing=containing, start=start, most=PAGE)
    total = verbatims.page(facts, only=only, most=0)[1] if containing else count
    pages = max(1, -(-count // PAGE))
    return Page(_spoken(rows, held, need), count, total, min(number, pages), pages)


def _by_hand(held: Step3Decisions, need: str) -> list[str]:
    return [one for one, needs in held.hand_codes().items() if need in needs]


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
        one.id: {"name": one.name, "verbatims": one.verbatims, "heard": one.heard}
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
    neither rules nor people have coded, where suggestions are stored the surest first. skip: ids that the coder
    left for later.
    """
    held, found = decisions(cycle), deliverable(cycle)
    facts = facts_of(cycle)
    if not facts.has("verbatims"):
        return {"left": 0, "verbatims": [], "often": []}
    mine = {one.verbatim for one in held.codes if one.coder == coder}
    others = {one.verbatim for one in held.codes if one.coder != coder}
    left_out = [*held.withdrawn, *skip]
    stored = None if check else _stored(facts)
    if check:
        rows, left = verbatims.page(facts, only=sorted(others - mine), without=left_out, most=QUEUE)
    else:
        known = coded(cycle, held)
        rows, left = verbatims.page(
            facts,
            without=[*mine, *others, *left_out],
            without_those_in=coding.with_need(known) if known is not None else None,
            first=coding.surest(facts, *stored) if stored is not None else None,
            most=QUEUE,
        )
    # A second coder judges by himself: what was learned from codes by hand knows what the first one thought.
    suggested = _suggested(facts, held, rows, stored, by_hand=not check)
    return {
        "left": left,
        "often": often(held, found),
        "verbatims": [
            {
                "id": one,
                "text": rows["text"][at],
                "told": _told(rows, at),
                "suggested": suggested[at],
            }
            for at, one in enumerate(rows["verbatim_id"])
        ],
    }


def _stored(facts: Facts) -> tuple[str, tuple[Path, ...]] | None:
    """The newest stored suggestions, their label and files; None where none were asked for yet.

    They may be older than the facts, the rules and the codes: what they say of a verbatim is a guess all the same.
    """
    store = CodesStore(facts.home, SUGGESTIONS)
    newest = store.newest()
    return (newest.label, store.files(newest)) if newest is not None else None


def _suggested(
    facts: Facts,
    held: Step3Decisions,
    rows: Columns,
    stored: tuple[str, tuple[Path, ...]] | None,
    *,
    by_hand: bool,
) -> list[list[str]]:
    """For each of the rows the needs of the tree that it may speak of: as stored, else by what is known now."""
    ids = rows["verbatim_id"].tolist()
    tree = {one.id for one in held.needs}
    kept = coding.suggested(facts, *stored, ids) if stored is not None else {}
    found = [[need for need in kept.get(one, ()) if need in tree] for one in ids]
    if not all(found):
        suggester = knowledge_of(facts, held, by_hand=by_hand).suggester()
        for at, needs in enumerate(found):
            if not needs:
                found[at] = suggester.suggest(rows["text"][at] or "", language=rows["language"][at])
    return found


def often(held: Step3Decisions, found: NeedsDeliverable | None) -> list[str]:
    """The needs of the tree that are spoken of most, for those verbatims for which there is no suggestion."""
    spoken: Counter[str] = Counter(one.need for one in held.codes)
    for need in found.needs if found is not None else ():
        spoken[need.id] += need.verbatims
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
