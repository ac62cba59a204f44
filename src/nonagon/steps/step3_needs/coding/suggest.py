"""Which needs a verbatim may speak of, for the person who codes it: a guess by words, to be judged by reading.

Three things speak for a need: a rule of it that matches, even where a denying word set it aside; words that its
name or its rules' phrases have in common with the text; words that are characteristic for it in what people coded
by hand.
"""

import heapq
import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from nonagon.facts.codes import Tally, write_block
from nonagon.steps.step3_needs.coding.blocks import Reader, Rulebook, fingerprint_of
from nonagon.steps.step3_needs.coding.phrases import EMPTY_WORDS
from nonagon.steps.step3_needs.coding.plain import words
from nonagon.steps.step3_needs.coding.rules import CodedSentence, Coder, RuleLike

STEM = 5
"""So many letters of a word count, without the s of a plural: "delayed" and "delays" are one."""
MATCHED = 10.0
"""What a rule that matches counts, even where a denying word set it aside: more than several words do."""
MOST_WORDS = 300
"""Characteristic words that are kept of a need."""
MOST_TEXTS = 20_000
"""Verbatims coded by hand that are learned from, those coded last: more would say the same."""
KEPT = 3
"""Needs that are stored for a verbatim."""
_SAID_TWICE = 2
_FILES = ("plain.py", "rules.py", "blocks.py", "phrases.py", "suggest.py")


@dataclass(frozen=True, slots=True)
class Knowledge:
    """All that suggestions depend on but the texts.

    rulebook: the rules; weights: need -> beginning of a word -> what it counts for the need, above 0. The needs
    are all of the tree, in its order.
    """

    rulebook: Rulebook
    weights: Mapping[str, Mapping[str, float]]

    @classmethod
    def of(
        cls,
        needs: Iterable[tuple[str, str]],
        rulebook: Rulebook,
        coded: Iterable[tuple[str, Sequence[str]]] = (),
    ) -> "Knowledge":
        """From (id, name) of each need, the rules, and (text, needs) of each verbatim coded by hand.

        A word that a need's name or rules hold and that is characteristic for it, too, counts by the larger of the
        two weights: it is said once.
        """
        named = _named(needs, rulebook.rules)
        learned = characteristic(coded)
        weights = {
            need: {
                stem: max(own.get(stem, 0.0), learned.get(need, {}).get(stem, 0.0))
                for stem in sorted({*own, *learned.get(need, ())})
            }
            for need, own in named.items()
        }
        return cls(rulebook, weights)

    @classmethod
    def from_json(cls, content: bytes) -> "Knowledge":
        """What `as_json` wrote."""
        data = json.loads(content)
        return cls(Rulebook.from_json(data["rulebook"].encode()), dict(data["weights"]))

    @property
    def counted(self) -> int:
        """How many needs there are."""
        return len(self.weights)

    def as_json(self) -> bytes:
        """All of it in one line."""
        data = {"rulebook": self.rulebook.as_json().decode(), "weights": list(self.weights.items())}
        return json.dumps(data, ensure_ascii=True, sort_keys=True).encode()

    def fingerprint(self) -> str:
        """Of the rules and weights, and of all that decides what they suggest."""
        return fingerprint_of(self.as_json(), _FILES)

    def suggester(self) -> "Suggester":
        """Ready to suggest."""
        return Suggester(self)

    def reader(self) -> Reader:
        """Who suggests for blocks."""
        return partial(suggest_block, self.suggester())


def _named(needs: Iterable[tuple[str, str]], rules: Iterable[RuleLike]) -> dict[str, dict[str, float]]:
    """What words of a need's name and phrases count: more where fewer needs have them."""
    held = {need: dict.fromkeys(_stems(words(name))) for need, name in needs}
    for rule in rules:
        if rule.need in held:
            held[rule.need].update(
                dict.fromkeys(stem for phrase in rule.phrases for stem in _stems(words(phrase)))
            )
    counts = Counter(stem for stems in held.values() for stem in stems)
    return {need: {stem: math.log(1 + len(held) / counts[stem]) for stem in stems} for need, stems in held.items()}


def characteristic(
    coded: Iterable[tuple[str, Sequence[str]]], *, most: int = MOST_WORDS
) -> dict[str, dict[str, float]]:
    """What the words of verbatims that people coded tell of each need: need -> beginning of a word -> its weight.

    coded: (text, needs) of each verbatim, without needs where it was read and speaks of none. Of the n verbatims
    that speak of the need a have the word, and b of the m others; then

        weight = ln( (a + 1/2) / (n + 1) ) - ln( (b + 1/2) / (m + 1) )

    is the logarithm of how many times as likely the word is where the need is spoken of, a half added to each
    count (Krichevsky and Trofimov's estimate), so that few verbatims say little. Weights of several words add up,
    as if words came by themselves. Kept are, of each need, at most `most` words above 0 that two of its verbatims
    have: those with the largest a x weight, in the order of the alphabet where that is equal.

    >>> read = [("so cold", ["warmth"]), ("cold seats", ["warmth"]), ("fine seats", []), ("a ticket", [])]
    >>> found = characteristic(read)
    >>> {need: {word: round(one, 3) for word, one in own.items()} for need, own in found.items()}
    {'warmth': {'cold': 1.609}}
    """
    total = 0
    having: Counter[str] = Counter()
    speaking: Counter[str] = Counter()
    both: dict[str, Counter[str]] = {}
    for text, needs in coded:
        total += 1
        stems = set(_stems(words(text)))
        having.update(stems)
        for need in set(needs):
            speaking[need] += 1
            both.setdefault(need, Counter()).update(stems)
    return {need: _telling(both[need], speaking[need], having, total, most) for need in sorted(both)}


def _telling(here: Counter[str], n: int, having: Counter[str], total: int, most: int) -> dict[str, float]:
    others = total - n
    if not others:  # nothing that the need could be told from
        return {}
    weights = {
        stem: math.log((a + 0.5) / (n + 1)) - math.log((having[stem] - a + 0.5) / (others + 1))
        for stem, a in here.items()
        if a >= _SAID_TWICE
    }
    above = [stem for stem, weight in weights.items() if weight > 0]
    kept = heapq.nsmallest(most, above, key=lambda stem: (-here[stem] * weights[stem], stem))
    return {stem: weights[stem] for stem in kept}


class Suggester:
    """Suggests needs for texts, by what is known."""

    def __init__(self, known: Knowledge) -> None:
        self.needs = tuple(known.weights)
        self._coder: Coder = known.rulebook.coder()
        self._places = {need: place for place, need in enumerate(self.needs)}
        self._telling: dict[str, list[tuple[int, float]]] = {}
        for place, own in enumerate(known.weights.values()):
            for stem, weight in own.items():
                self._telling.setdefault(stem, []).append((place, weight))

    def suggest(self, text: str, *, language: str | None = None, most: int = 9) -> list[str]:
        """Ids of needs, the likeliest first; none where nothing speaks for any.

        >>> from nonagon.steps.step3_needs.coding.blocks import PlainRule
        >>> rulebook = Rulebook((PlainRule("punctual", ("delayed",), "", (), "", "drop"),), {}, 3)
        >>> needs = [("punctual", "Departs on time"), ("seats", "I can sit well")]
        >>> suggester = Knowledge.of(needs, rulebook).suggester()
        >>> suggester.suggest("Always these delays!"), suggester.suggest("Nowhere to sit"), suggester.suggest("Hm")
        (['punctual'], ['seats'], [])
        """
        return [need for need, _ in self._ranked(self._coder.code(text, language=language))[:most]]

    def of_uncoded(self, text: str, language: str | None) -> list[tuple[str, float]]:
        """Needs with their scores, the likeliest first, where the rules find none in the text; else nothing."""
        found = self._coder.code(text, language=language)
        return [] if any(sentence.needs for sentence in found) else self._ranked(found)

    def _ranked(self, found: Sequence[CodedSentence]) -> list[tuple[str, float]]:
        scores: dict[int, float] = {}
        for rule in dict.fromkeys(rule for sentence in found for rule in sentence.matched):
            place = self._places.get(self._coder.rules[rule].need)
            if place is not None:
                scores[place] = scores.get(place, 0.0) + MATCHED
        # In the order of the text, so that the same sum is made everywhere.
        for stem in dict.fromkeys(stem for sentence in found for stem in _stems(sentence.words)):
            for place, weight in self._telling.get(stem, ()):
                scores[place] = scores.get(place, 0.0) + weight
        order = sorted(scores, key=lambda place: (-scores[place], place))
        return [(self.needs[place], scores[place]) for place in order]


def suggest_block(suggester: Suggester, content: bytes, path: Path) -> Tally:
    """Writes what may be spoken of in the verbatims of a block that have no need by the rules; gives the tally.

    One row for each of them for which something speaks: verbatim_id, need, second, third, score (of `need`, the
    sum of weights, above 0). Raises OSError where the disk refuses.
    """
    block = json.loads(content)
    first = dict.fromkeys(suggester.needs, 0)
    rows: list[tuple[Any, ...]] = []
    for verbatim, language, text in zip(block["verbatim_id"], block["language"], block["text"], strict=True):
        found = suggester.of_uncoded(text or "", language)[:KEPT]
        if found:
            first[found[0][0]] += 1
            needs = [need for need, _ in found]
            rows.append((verbatim, *needs, *[None] * (KEPT - len(needs)), round(found[0][1], 6)))
    names = ("verbatim_id", "need", "second", "third", "score")
    tally = Tally(len(block["text"]), tuple(first.values()))
    write_block(path, {name: [row[at] for row in rows] for at, name in enumerate(names)}, tally)
    return tally


def _stems(spoken: Iterable[str]) -> list[str]:
    return [word.removesuffix("s")[:STEM] for word in spoken if word not in EMPTY_WORDS]
