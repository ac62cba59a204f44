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

# Words of which no single one, and no phrase made of them alone, is a need: what people do and feel in any story,
# when it was, and greetings. A phrase needs one word beside these.
_COMMON_WORDS = """
ask asked ate became become began begin believe bought bring brought buy called came change changed come
comes coming decide decided drove end ended enjoy expect expected fall feel fell felt find forgot found gave
give given gives goes going gone guess happen happened hate hold hope keep keeps kept knew know known leave
leaves leaving left let like liked likes live lives look looked looking looks love loved mean means meet met
miss missed move need needed needs paid play please put ran read remember run sat saw say says see seem
seemed seen sent show sleep spend spent start started stay stayed stood suggest take taken takes talk tell
thank thanks think thought told took tried try turn turned use used visit visited walk walked want wanted
wants watch went wish wonder work worked working works write wrote bad best better big easy fine full good
great happy hard high kind large little long low new nice ok okay old quite right sad small sorry sure well
worse worst wrong again ago always already away day days early evening ever hour hours maybe minute minutes
moment monday month months morning never night now often once perhaps saturday sometimes soon sunday time
times today tomorrow tonight usually week weekend weeks year years yesterday bye cheers dear goodbye hello
hey regards everybody everyone everything man men nobody nothing people person somebody someone something
way woman women alles danke denke fahre fahren finde finden gefahren gefunden gehen geht gekommen gern gerne
gesehen gewesen gib gibt ging glaube grüße guten gut hallo heute ganz gestern jahr jahre jeden jeder jemand
kam kamen kommen kommt komme lassen leute liebe machen macht mal mensch menschen minuten mochte montag
morgen muss mussen nichts sagen sagt schlecht schön sehen sieht soll sollte sonntag stunde stunden tag tage
tschüss viel viele wieder will wissen woche wochen wollen wollte würde zeit aller alors année années aussi
autre beaucoup bien bon bonjour bonne chose chaque demain dire doit donner encore faire fait faut fois gens
hier heure heures jamais jour jours maintenant matin merci mettre mois moins parler personne peut peu
prendre quand quelque rien savoir semaine soir souvent temps toujours tout trop trouver va venir veut voir
vouloir vu ahora alguien año años antes aquí ayer buenas bueno buenos cada casi cosa cosas creo dar decir
después día días gente gracias hace hacer hola hora horas hoy ir llegar mañana mejor mes momento mucho mucha
muchos nada nadie noche nunca otra otro peor poco puede querer quiero saber salir semana siempre tal también
tan tarde tiempo toda todos vamos ver vez
"""
COMMON_WORDS = frozenset(words(_COMMON_WORDS))
LEAST_LETTERS_ALONE = 4

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
    """One sentence: who said it, its plain words, and which are capitalized inside it (None: not known).

    written: the same words as they were written, where they are known.
    """

    speaker: str
    words: tuple[str, ...]
    capitals: frozenset[str] | None = None
    written: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PhraseProposal:
    """A phrase as most write it, those in the same sentences, how many customers and sentences, and its G²."""

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
    A phrase needs a word that is not common in any story (`COMMON_WORDS`), and a single word at least four
    letters or capitals only, such as USB. Phrases whose sentences are mostly the same are one proposal. ignore:
    words and phrases that are no need.
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
        if not names.intersection(phrase)
        and _has_content(phrase, at, unknown)
        and len({unknown[one].speaker for one in at}) >= least_speakers
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


def _has_content(phrase: Phrase, at: Sequence[int], heard: Sequence[Heard]) -> bool:
    """Whether the phrase can name a need: it has a word of its own, and is no short word but an abbreviation."""
    carrying = [word for word in phrase if word not in COMMON_WORDS and word not in EMPTY_WORDS]
    if not carrying:
        return False
    # In scripts without capitals, and in Arabic above all, short words are words like others.
    short = len(phrase) == 1 and len(phrase[0]) < LEAST_LETTERS_ALONE and phrase[0].isascii()
    return not short or _spelling(phrase, at, heard).isupper()


def _spelling(phrase: Phrase, at: Iterable[int], heard: Sequence[Heard]) -> str:
    """The phrase as most write it; small letters come first where two spellings are even."""
    found: Counter[str] = Counter()
    size = len(phrase)
    for place in at:
        one = heard[place]
        if len(one.written) == len(one.words):
            found.update(
                " ".join(one.written[start : start + size])
                for start in range(len(one.words) - size + 1)
                if one.words[start : start + size] == phrase
            )
    return min(found, key=lambda text: (-found[text], text.swapcase()), default=" ".join(phrase))


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
        phrase=_spelling(name, group.sentences, heard),
        others=tuple(_spelling(one, group.sentences, heard) for one in named[1 : 1 + MOST_OTHERS]),
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
