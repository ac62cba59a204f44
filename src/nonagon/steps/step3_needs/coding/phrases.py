"""Proposing needs: phrases that many customers use in sentences that no rule knows."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from nonagon.methods.needs.log_likelihood_ratio import log_likelihood_ratio
from nonagon.steps.step3_needs.coding.plain import words

# Words that carry no need: they may stand inside a phrase, not at its ends.
_EMPTY_WORDS = """
a about after again all also am an and any are as at be because been before being but by can could did do does
doing each even every few for from get got had has have he her here him his how i if in into is it its just
like lot made make many me more most much my never no nor not of off on once one only or other our out over
own really said same say she should so some still such than that the their them then there these they thing
things this those through to too two under until up us very was way we were what when where which while who
why will with without would you your yours isn't don't didn't doesn't wasn't can't couldn't won't i'm it's
i've you're aber alle als also am an auch auf aus bei bin bis bitte da damit dann das dass dem den der des die
dies doch du durch ein eine einem einen einer eines er es etwas fur hat hatte habe haben hier ich ihr im immer
in ist ja kann kein keine man mehr mein mich mir mit nach nicht noch nur ob oder ohne schon sehr sein seit
sich sie sind so uber um und uns unter vom von vor war waren was weil wenn wer wie wir wird wo zu zum zur au
aux avec ce ces cette dans de des du elle en est et etait il ils je la le les leur lui ma mais me mes moi mon
ne nous on ou par pas plus pour qu que qui sa sans se ses son sont sur ta te tres tu un une vos votre vous y
c'est j'ai n'est al como con cuando de del desde donde el ella en entre era es esta este esto fue ha hay la
las lo los mas me mi muy no nos o para pero por porque que se ser si sin son su sus te tiene todo un una y ya
في من على الى عن ان انا هو هي هذا هذه ذلك التي الذي كان كانت لا لم ما مع او ثم كل لكن قد عند بعد قبل و يا نحن
"""
EMPTY_WORDS = frozenset(words(_EMPTY_WORDS))

# A phrase must stand out this much (p below 0.001 for one phrase by itself), and at most so many are compared.
LEAST_G2 = 10.83
MOST_CANDIDATES = 400
# Of a candidate's sentences, so many inside a proposal's make it the same proposal said in other words.
SAME_NEED = 0.5
MOST_OTHERS = 5

# A word is a name when it mostly has a capital inside sentences; it takes so many sentences to say so.
MOSTLY = 0.7
LEAST_JUDGED = 3

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Heard:
    """One sentence: who said it, its plain words, and which are capitalized inside it (None: not known)."""

    speaker: str
    words: tuple[str, ...]
    capitals: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class PhraseProposal:
    """A phrase with those that stand in the same sentences, how many customers and sentences, and its G²."""

    phrase: str
    others: tuple[str, ...]
    speakers: int
    sentences: int
    strength: float


@dataclass(slots=True)
class _Group:
    """Phrases for one need, the strongest first, and the sentences that hold any of them."""

    members: list[tuple[float, Phrase]]
    sentences: set[int]


def propose(
    unknown: Sequence[Heard],
    known: Sequence[Heard],
    *,
    least_speakers: int,
    most: int,
    longest: int = 3,
    ignore: Iterable[str] = (),
) -> list[PhraseProposal]:
    """New needs proposed from the sentences `unknown` to all rules, the most outstanding first.

    known: the sentences that rules matched, as the background. A phrase of 1 to `longest` words counts when
    at least `least_speakers` different customers said it, so that no customer can be recognized by it; words
    that are mostly written with a capital inside a sentence are names, and phrases with them do not come up.
    Phrases whose sentences are mostly the same are one proposal. ignore: words and phrases that are no need.
    """
    if not unknown or most == 0:
        return []
    skipped = {tuple(words(one)) for one in ignore}
    frequent = _frequent_words(unknown, least_speakers, skipped)
    places = _places(unknown, frequent, longest, skipped)
    names = {phrase[0] for phrase, at in places.items() if len(phrase) == 1 and _is_name(phrase[0], at, unknown)}
    candidates = [
        (phrase, at)
        for phrase, at in places.items()
        if not names.intersection(phrase) and len({unknown[one].speaker for one in at}) >= least_speakers
    ]
    ranked = _ranked(candidates, unknown, known, longest)
    groups = _grouped(ranked)
    return [_proposal(group, unknown) for group in groups[:most]]


def _frequent_words(heard: Sequence[Heard], least: int, skipped: set[Phrase]) -> set[str]:
    """Words that can carry a need and that at least `least` customers used."""
    speakers: dict[str, set[str]] = {}
    for one in heard:
        for word in one.words:
            found = speakers.setdefault(word, set())
            if len(found) < least:
                found.add(one.speaker)
    return {
        word
        for word, found in speakers.items()
        if len(found) >= least
        and len(word) >= 3
        and word not in EMPTY_WORDS
        and (word,) not in skipped
        and not word.isdigit()
    }


def _places(
    heard: Sequence[Heard], frequent: set[str], longest: int, skipped: set[Phrase]
) -> dict[Phrase, list[int]]:
    """Each phrase with the positions of the sentences that hold it, in order."""
    places: dict[Phrase, list[int]] = {}
    for position, one in enumerate(heard):
        for phrase in set(_phrases(one.words, frequent, longest)):
            if phrase not in skipped:
                places.setdefault(phrase, []).append(position)
    return places


def _phrases(tokens: Sequence[str], frequent: set[str], longest: int) -> Iterator[Phrase]:
    """Runs of words that begin and end with a word that can carry a need."""
    for start, word in enumerate(tokens):
        if word not in frequent:
            continue
        yield (word,)
        for end in range(start + 2, min(start + longest, len(tokens)) + 1):
            if tokens[end - 1] in frequent:
                yield tuple(tokens[start:end])


def _is_name(word: str, at: Sequence[int], heard: Sequence[Heard]) -> bool:
    """Whether a word is mostly written with a capital inside sentences, as names are."""
    judged = named = 0
    for place in at:
        written = heard[place].capitals
        if written is not None and heard[place].words[0] != word:
            judged += 1
            named += word in written
    return judged >= LEAST_JUDGED and named >= MOSTLY * judged


def _ranked(
    candidates: list[tuple[Phrase, list[int]]], unknown: Sequence[Heard], known: Sequence[Heard], longest: int
) -> list[tuple[float, Phrase, list[int]]]:
    """Candidates that stand out against what is coded, strongest first; by frequency where nothing is."""
    if not candidates:
        return []
    if not known:
        found = [(float(len(at)), phrase, at) for phrase, at in candidates]
    else:
        wanted = {phrase for phrase, _ in candidates}
        carrying = {word for phrase in wanted for word in (phrase[0], phrase[-1])}
        background = Counter(
            phrase for one in known for phrase in set(_phrases(one.words, carrying, longest)) if phrase in wanted
        )
        result = log_likelihood_ratio(
            here=[len(at) for _, at in candidates],
            n_here=len(unknown),
            there=[background[phrase] for phrase, _ in candidates],
            n_there=len(known),
        )
        stands_out = result.more_here & (result.g2 >= LEAST_G2)
        found = [
            (float(result.g2[one]), candidates[one][0], candidates[one][1]) for one in np.flatnonzero(stands_out)
        ]
    found.sort(key=lambda one: (-one[0], one[1]))
    return found[:MOST_CANDIDATES]


def _grouped(ranked: list[tuple[float, Phrase, list[int]]]) -> list[_Group]:
    """Phrases joined to the strongest group that holds at least half of their sentences."""
    groups: list[_Group] = []
    for strength, phrase, at in ranked:
        places = set(at)
        home = next((one for one in groups if len(places & one.sentences) >= SAME_NEED * len(places)), None)
        if home is None:
            groups.append(_Group([(strength, phrase)], places))
        else:
            home.members.append((strength, phrase))
            home.sentences |= places
    return groups


def _proposal(group: _Group, heard: Sequence[Heard]) -> PhraseProposal:
    """The group's name says the most among the phrases at least half as strong as the strongest."""
    strongest = group.members[0][0]
    close = [one for one in group.members if one[0] >= strongest / 2]
    name = max(close, key=lambda one: (_content(one[1]), -len(one[1]), one[0]))[1]
    # Parts of a longer phrase that is named say nothing more.
    named: list[Phrase] = [name]
    for _, phrase in group.members:
        if not any(_holds(other, phrase) or _holds(phrase, other) for other in named):
            named.append(phrase)
    return PhraseProposal(
        phrase=" ".join(name),
        others=tuple(" ".join(one) for one in named[1 : 1 + MOST_OTHERS]),
        speakers=len({heard[at].speaker for at in group.sentences}),
        sentences=len(group.sentences),
        strength=strongest,
    )


def _content(phrase: Phrase) -> int:
    """How many words of a phrase can carry a need."""
    return sum(1 for word in phrase if word not in EMPTY_WORDS)


def _holds(whole: Phrase, part: Phrase) -> bool:
    size = len(part)
    return any(whole[at : at + size] == part for at in range(len(whole) - size + 1))
