"""What customers said, coded to needs by the decisions' rules, and what no rule knows proposed as new needs."""

import re
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from nonagon.basics.errors import NotEnoughData
from nonagon.charts.wording import number, percent, plural
from nonagon.deliverables.estimates import estimate_of, share_estimate
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.record import Record
from nonagon.deliverables.step3 import Coding, Proposal
from nonagon.engine import coding, verbatims
from nonagon.engine.facts import Columns, Facts
from nonagon.facts.codes import CodesVersion
from nonagon.methods.reliability.cohen_kappa import cohen_kappa, cross_table
from nonagon.steps.step3_needs.coding.blocks import Rulebook
from nonagon.steps.step3_needs.coding.phrases import Heard, propose
from nonagon.steps.step3_needs.coding.plain import capitals, spellings
from nonagon.steps.step3_needs.coding.suggest import MOST_TEXTS, Knowledge
from nonagon.steps.step3_needs.coding.whole import codes_of
from nonagon.steps.step3_needs.decisions import DoubleCoding, HandCode, Rule, Step3Decisions

MOST_READ = 100_000
"""Verbatims in which phrases are looked for at most: what more of them would say, so many say already."""


@dataclass(frozen=True, slots=True)
class Said:
    """Everything that was said, coded and ready to be counted; nothing where there are no verbatims."""

    coded: coding.Coded | None = None
    summary: Coding | None = None
    proposals: tuple[Proposal, ...] = ()

    @property
    def speakers(self) -> int:
        """How many said anything."""
        return self.summary.speakers if self.summary is not None else 0

    def by_need(self, parts: Mapping[str, Sequence[str]]) -> dict[str, coding.SaidOfNeed]:
        """How often each need was said. parts: need -> itself and every need below it."""
        return coding.by_need(self.coded, parts) if self.coded is not None else {}


def rulebook_of(decisions: Step3Decisions) -> Rulebook:
    """The document's rules, as codes are named by them."""
    negation = decisions.negation
    return Rulebook.of(decisions.rules, negation.by_language(), negation.window)


def knowledge_of(facts: Facts, decisions: Step3Decisions, *, by_hand: bool = True) -> Knowledge:
    """What tells of which need a verbatim may speak, as the document stands.

    by_hand: also what the verbatims that people coded have in common, of very many those that were coded last.
    """
    needs = [(one.id, one.name) for one in decisions.needs]
    gone = set(decisions.withdrawn)
    codes = [(one, held) for one, held in decisions.hand_codes().items() if one not in gone] if by_hand else []
    latest = dict(codes[-MOST_TEXTS:])
    coded: list[tuple[str, Sequence[str]]] = []
    if latest and facts.has("verbatims"):
        rows = verbatims.texts_of(facts, list(latest))
        coded = [(text or "", latest[one]) for one, text in zip(rows["verbatim_id"], rows["text"], strict=True)]
    return Knowledge.of(needs, rulebook_of(decisions), coded)


def coded_by(facts: Facts, decisions: Step3Decisions) -> tuple[coding.Coded, CodesVersion]:
    """All verbatims about us, coded by the document's rules and people, and the version of the rules' codes."""
    store, version = codes_of(facts, rulebook_of(decisions))
    coded = coding.coded(
        facts,
        version.label,
        store.files(version),
        by_hand=decisions.hand_codes(),
        withdrawn=decisions.withdrawn,
    )
    return coded, version


def code_verbatims(record: Record, decisions: Step3Decisions) -> Said:
    """Codes every verbatim about us; an empty result, with the lack said, where there are none."""
    if not record.facts.has("verbatims"):
        record.lack(
            "what customers said in their own words", "the verbatims table: comments, complaints, interviews"
        )
        return Said()
    if not decisions.rules and not decisions.codes:
        record.lack("verbatims coded to needs", "decisions/rules.csv: phrases or regular expressions a need")
    coded, version = coded_by(record.facts, decisions)
    counts = coding.counts(coded)
    summary = _summary(record, decisions, counts, version)
    said = Said(coded, summary, _proposals(record, decisions, coded, counts))
    _say(record, said)
    return said


def _unmatched(record: Record, decisions: Step3Decisions, version: CodesVersion) -> tuple[str, ...]:
    """Rules that matched nothing, what was withdrawn since set aside."""
    matched = list(version.tally.matched)
    if decisions.withdrawn and matched:
        rows = verbatims.texts(record.facts, only=decisions.withdrawn)
        coder, gone = rulebook_of(decisions).coder(), [0] * len(matched)
        for text, language in zip(rows["text"], rows["language"], strict=True):
            coder.tell(text or "", language=language, matched=gone)
        matched = [one - other for one, other in zip(matched, gone, strict=True)]
    return tuple(_name(rule) for rule, count in zip(decisions.rules, matched, strict=True) if count == 0)


def _speaker(rows: Columns, at: int) -> str:
    """Who spoke: the customer where known, else the respondent, else nobody else said it."""
    customer, respondent = rows["customer_id"][at], rows["respondent_id"][at]
    if customer is not None:
        return f"customer {customer}"
    return f"respondent {respondent}" if respondent is not None else f"verbatim {rows['verbatim_id'][at]}"


def _summary(record: Record, decisions: Step3Decisions, counts: coding.Counts, version: CodesVersion) -> Coding:
    origin = record.origin(
        "coding",
        ("verbatims",),
        "nonagon.steps.step3_needs.coding.rules",
        rows="verbatims about us, withdrawn ones left out",
        variant=f"{len(decisions.rules)} rules of decisions/rules.csv; a denying word within "
        f"{decisions.negation.window} words before a match sets it aside"
        + ("; what a person coded (decisions/codes.csv) counts in place of the rules" if decisions.codes else "")
        + f"; kept as {version.label}",
        assumptions=("A verbatim speaks of a need when a rule of it matches; rules miss what they do not name.",),
    )
    total = counts.verbatims
    return Coding(
        verbatims=total,
        speakers=counts.speakers,
        coded=Estimate(value=counts.coded / total, n=total, unit="share", origin=origin)
        if total
        else Estimate(why="every verbatim is withdrawn", origin=origin),
        by_hand=counts.by_hand,
        negated=counts.negated,
        mentions=counts.mentions,
        unmatched_rules=_unmatched(record, decisions, version),
        agreement=_agreement(record, decisions),
        codes=version.label,
    )


def _name(rule: Rule) -> str:
    return f"{rule.need}: {rule.phrases[0] if rule.phrases else rule.regex}"


def _agreement(record: Record, decisions: Step3Decisions) -> Estimate | None:
    """Kappa of the two coders who share the most verbatims; None where nobody coded for the agreement.

    Codes by hand count only where a second coder has codes too: one coder at work is no lack of agreement.
    """
    codes: dict[str, dict[str, set[str]]] = {}
    given: tuple[DoubleCoding | HandCode, ...] = (*decisions.double_coding, *decisions.codes)
    for one in given:
        codes.setdefault(one.verbatim, {}).setdefault(one.coder, set()).add(one.need)
    pair, shared = _closest_pair(codes)
    if not decisions.double_coding and not shared:
        return None
    both = [found for _, found in sorted(codes.items()) if all(coder in found for coder in pair)]
    origin = record.origin(
        "agreement",
        (),
        "nonagon.methods.reliability.cohen_kappa",
        rows=f"{len(both)} verbatims that two coders coded",
        variant="a verbatim's needs together are one category",
    )
    if not shared:
        return Estimate(why="no verbatim was coded by two coders", origin=origin)
    first, second = ([" + ".join(sorted(found[coder])) for found in both] for coder in pair)
    try:
        _, table = cross_table(first=first, second=second)
        result = cohen_kappa(table=table, confidence=record.cycle.settings.confidence)
    except NotEnoughData as error:
        return Estimate(n=len(both), why=str(error), origin=origin)
    except ValueError:
        return Estimate(n=len(both), why="both coders used a single code", origin=origin)
    return estimate_of(result.kappa, result, n=len(both), origin=origin)


def _closest_pair(codes: Mapping[str, Mapping[str, set[str]]]) -> tuple[tuple[str, ...], int]:
    """The two coders who share the most verbatims, in the order in which they began, and how many those are."""
    coders = list(dict.fromkeys(coder for found in codes.values() for coder in found))
    counts = Counter(pair for found in codes.values() for pair in combinations(sorted(found, key=coders.index), 2))
    if not counts:
        return (), 0
    pair = max(counts, key=lambda one: (counts[one], -coders.index(one[0]), -coders.index(one[1])))
    return pair, counts[pair]


def _heard(
    facts: Facts, decisions: Step3Decisions, coded: coding.Coded, of: int
) -> tuple[list[Heard], list[Heard], int]:
    """Sentences that no rule knows, those that one does, and how many verbatims they were said in.

    Of very many verbatims those that were drawn by their ids: always the same ones, and memory stays bounded.
    """
    rows = verbatims.texts(facts, only=coding.drawn(coded, MOST_READ, of))
    coder = rulebook_of(decisions).coder()
    withdrawn, by_hand = set(decisions.withdrawn), decisions.hand_codes()
    unknown: list[Heard] = []
    known: list[Heard] = []
    read = 0
    for at, verbatim in enumerate(rows["verbatim_id"]):
        if verbatim in withdrawn:
            continue
        read += 1
        speaker = _speaker(rows, at)
        for one in coder.code(rows["text"][at] or "", language=rows["language"][at]):
            # What a person read and coded holds no need that nobody knows.
            if one.known or verbatim in by_hand:
                known.append(Heard(speaker, _each_word_once(one.words)))
            else:
                written = _each_word_once(spellings(one.text))
                unknown.append(Heard(speaker, _each_word_once(one.words), capitals(one.text), written))
    return unknown, known, read


def _each_word_once(words: Sequence[str]) -> tuple[str, ...]:
    """The words, each as the one text that stands for it wherever it is said: a tenth of the memory."""
    return tuple(map(sys.intern, words))


def _proposals(
    record: Record, decisions: Step3Decisions, coded: coding.Coded, counts: coding.Counts
) -> tuple[Proposal, ...]:
    if decisions.proposing.most == 0:
        return ()
    unknown, known, read = _heard(record.facts, decisions, coded, counts.verbatims)
    some = read < counts.verbatims
    least = max(2, record.cycle.settings.group_minimum)
    found = propose(
        unknown,
        known,
        least_speakers=least,
        most=decisions.proposing.most,
        longest=decisions.proposing.words,
        ignore=decisions.proposing.ignore,
    )
    if found:
        record.origin(
            "proposals",
            ("verbatims",),
            "nonagon.methods.needs.log_likelihood_ratio",
            rows=f"{len(unknown)} sentences that no rule matches against {len(known)} that one does"
            + (f", in {read} of {counts.verbatims} verbatims, drawn by their ids" if some else ""),
            variant=f"phrases of up to {decisions.proposing.words} words said by at least {least} customers; "
            "a phrase holds a word that is not common in any story, and a single word at least four letters or "
            "capitals only; "
            "phrases that share half of their sentences are one proposal",
            assumptions=("A frequent phrase is only a proposal; a person decides whether it is a need.",),
        )
    taken: dict[str, int] = {}
    proposals = []
    for one in found:
        slug = re.sub(r"[^\w]+", "-", one.phrase.casefold()).strip("-") or "phrase"
        taken[slug] = taken.get(slug, 0) + 1
        proposals.append(
            Proposal(
                id=slug if taken[slug] == 1 else f"{slug}-{taken[slug]}",
                phrase=one.phrase,
                others=one.others,
                speakers=one.speakers,
                sentences=one.sentences,
                strength=one.strength,
            )
        )
    return tuple(proposals)


def _say(record: Record, said: Said) -> None:
    summary = said.summary
    if summary is None or summary.coded.value is None or not summary.mentions:
        return
    sentence = (
        f"{plural(summary.verbatims, 'verbatim')} of {plural(summary.speakers, 'customer')} were read by rule"
        f"{f' and {summary.by_hand} of them by a person' if summary.by_hand else ''}; "
        f"{percent(summary.coded.value, digits=0)} speak of at least one known need, and "
        f"{plural(summary.negated, 'match was', 'matches were')} set aside since they deny it."
    )
    record.say("note", sentence, origin="coding")
    if said.proposals:
        named = ", ".join(f"“{one.phrase}” ({one.speakers} customers)" for one in said.proposals[:3])
        sentence = f"{len(said.proposals)} frequent phrases belong to no known need; first of them {named}."
        if summary.verbatims > MOST_READ:
            sentence += (
                f" They were looked for in about {number(MOST_READ, digits=0)} verbatims, drawn by their ids."
            )
        record.say("warning", sentence, origin="proposals")


def said_by(record: Record, speakers: int, of: int) -> Estimate:
    """Share of the customers who spoke that said it."""
    origin = "said_by"
    if origin not in record.origins:
        record.origin(
            origin,
            ("verbatims",),
            "nonagon.methods.survey.proportion",
            rows="customers with at least one verbatim about us",
            variant="Wilson",
            assumptions=("Who speaks stands for all who would; silent customers may need other things.",),
        )
    if of < record.cycle.settings.group_minimum:
        return Estimate(
            n=of, why=f"fewer than {record.cycle.settings.group_minimum} customers spoke", origin=origin
        )
    return share_estimate(speakers, of, record.cycle.settings, origin=origin)
