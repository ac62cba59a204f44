"""What customers said, coded to needs by the decisions' rules, and what no rule knows proposed as new needs."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations

from nonagon.basics.errors import NotEnoughData
from nonagon.charts.wording import percent, plural
from nonagon.deliverables.estimates import estimate_of, share_estimate
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.record import Record
from nonagon.deliverables.step3 import Coding, Proposal
from nonagon.engine import verbatims
from nonagon.engine.facts import Columns
from nonagon.methods.reliability.cohen_kappa import cohen_kappa, cross_table
from nonagon.steps.step3_needs.coding.phrases import Heard, propose
from nonagon.steps.step3_needs.coding.plain import capitals, spellings
from nonagon.steps.step3_needs.coding.rules import Coder
from nonagon.steps.step3_needs.decisions import DoubleCoding, HandCode, Rule, Step3Decisions


@dataclass(slots=True)
class Spoken:
    """One verbatim after coding: who said it, where, and of which needs it speaks."""

    id: str
    speaker: str
    respondent: str | None
    customer: str | None
    channel: str | None
    needs: tuple[str, ...]


@dataclass(slots=True)
class Said:
    """Everything that was said: verbatims in the order of their ids, and what coding made of them."""

    spoken: list[Spoken] = field(default_factory=list)
    coding: Coding | None = None
    proposals: tuple[Proposal, ...] = ()

    def speakers(self) -> set[str]:
        """Who said anything."""
        return {one.speaker for one in self.spoken}

    def by_need(self) -> dict[str, list[Spoken]]:
        """The verbatims of each need, in order."""
        found: dict[str, list[Spoken]] = {}
        for one in self.spoken:
            for need in one.needs:
                found.setdefault(need, []).append(one)
        return found


def code_verbatims(record: Record, decisions: Step3Decisions) -> Said:
    """Codes every verbatim about us; an empty result, with the lack said, where there are none."""
    if not record.facts.has("verbatims"):
        record.lack(
            "what customers said in their own words", "the verbatims table: comments, complaints, interviews"
        )
        return Said()
    if not decisions.rules and not decisions.codes:
        record.lack("verbatims coded to needs", "decisions/rules.csv: phrases or regular expressions a need")
    rows = verbatims.texts(record.facts)
    coder = Coder(decisions.rules, negations=decisions.negation.by_language(), window=decisions.negation.window)
    withdrawn = set(decisions.withdrawn)
    by_hand = decisions.hand_codes()
    spoken: list[Spoken] = []
    unknown: list[Heard] = []
    known: list[Heard] = []
    matched = [0] * len(decisions.rules)
    negated = 0
    for at, verbatim in enumerate(rows["verbatim_id"]):
        if verbatim in withdrawn:
            continue
        speaker = _speaker(rows, at)
        sentences = coder.code(rows["text"][at] or "", language=rows["language"][at])
        for one in sentences:
            negated += one.negated
            for rule in one.matched:
                matched[rule] += 1
            # What a person read and coded holds no need that nobody knows.
            if one.known or verbatim in by_hand:
                known.append(Heard(speaker, one.words))
            else:
                unknown.append(Heard(speaker, one.words, capitals(one.text), spellings(one.text)))
        by_rule = tuple(dict.fromkeys(need for one in sentences for need in one.needs))
        needs = by_hand.get(verbatim, by_rule)
        spoken.append(
            Spoken(
                verbatim, speaker, rows["respondent_id"][at], rows["customer_id"][at], rows["channel"][at], needs
            )
        )
    said = Said(spoken=spoken)
    said.coding = _summary(record, decisions, said, by_hand, matched, negated)
    said.proposals = _proposals(record, decisions, unknown, known)
    _say(record, said)
    return said


def _speaker(rows: Columns, at: int) -> str:
    """Who spoke: the customer where known, else the respondent, else nobody else said it."""
    customer, respondent = rows["customer_id"][at], rows["respondent_id"][at]
    if customer is not None:
        return f"customer {customer}"
    return f"respondent {respondent}" if respondent is not None else f"verbatim {rows['verbatim_id'][at]}"


def _summary(
    record: Record,
    decisions: Step3Decisions,
    said: Said,
    by_hand: Mapping[str, tuple[str, ...]],
    matched: list[int],
    negated: int,
) -> Coding:
    origin = record.origin(
        "coding",
        ("verbatims",),
        "nonagon.steps.step3_needs.coding.rules",
        rows="verbatims about us, withdrawn ones left out",
        variant=f"{len(decisions.rules)} rules of decisions/rules.csv; a denying word within "
        f"{decisions.negation.window} words before a match sets it aside"
        + ("; what a person coded (decisions/codes.csv) counts in place of the rules" if by_hand else ""),
        assumptions=("A verbatim speaks of a need when a rule of it matches; rules miss what they do not name.",),
    )
    total = len(said.spoken)
    coded = sum(1 for one in said.spoken if one.needs)
    return Coding(
        verbatims=total,
        speakers=len(said.speakers()),
        coded=Estimate(value=coded / total, n=total, unit="share", origin=origin)
        if total
        else Estimate(why="every verbatim is withdrawn", origin=origin),
        by_hand=sum(1 for one in said.spoken if one.id in by_hand),
        negated=negated,
        mentions=sum(len(one.needs) for one in said.spoken),
        unmatched_rules=tuple(
            _name(rule) for rule, count in zip(decisions.rules, matched, strict=True) if count == 0
        ),
        agreement=_agreement(record, decisions),
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


def _proposals(
    record: Record, decisions: Step3Decisions, unknown: list[Heard], known: list[Heard]
) -> tuple[Proposal, ...]:
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
            rows=f"{len(unknown)} sentences that no rule matches against {len(known)} that one does",
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
    coding = said.coding
    if coding is None or coding.coded.value is None or not coding.mentions:
        return
    sentence = (
        f"{plural(coding.verbatims, 'verbatim')} of {plural(coding.speakers, 'customer')} were read by rule"
        f"{f' and {coding.by_hand} of them by a person' if coding.by_hand else ''}; "
        f"{percent(coding.coded.value, digits=0)} speak of at least one known need, and "
        f"{plural(coding.negated, 'match was', 'matches were')} set aside since they deny it."
    )
    record.say("note", sentence, origin="coding")
    if said.proposals:
        named = ", ".join(f"“{one.phrase}” ({one.speakers} customers)" for one in said.proposals[:3])
        sentence = f"{len(said.proposals)} frequent phrases belong to no known need; first of them {named}."
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
