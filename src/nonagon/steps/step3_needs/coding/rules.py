"""Finding needs in sentences by rules: phrases, regular expressions, and words that deny them."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from nonagon.steps.step3_needs.coding.plain import forms, plain, sentences, words, words_of_plain

# "Not only late" does not deny that it was late.
_NO_DENIAL = {("not", "only"), ("not", "just"), ("nicht", "nur"), ("pas", "seulement"), ("no", "solo")}
_SHORT_NOT = "n't"
_MOST_WORDS = 200_000
"""Different words that are remembered; in millions of comments there is no end to names and misspellings."""


class RuleLike(Protocol):
    """A rule as `decisions.Rule` states it."""

    @property
    def need(self) -> str: ...
    @property
    def phrases(self) -> tuple[str, ...]: ...
    @property
    def regex(self) -> str: ...
    @property
    def unless(self) -> tuple[str, ...]: ...
    @property
    def language(self) -> str: ...
    @property
    def when_negated(self) -> str: ...


@dataclass(frozen=True, slots=True)
class CodedSentence:
    """One sentence: as written, its plain words, the needs found in it, and whether any rule knew it.

    negated: how many matches a denying word set aside; known: a rule matched, denied or not; matched:
    positions of the rules that matched.
    """

    text: str
    words: tuple[str, ...]
    needs: tuple[str, ...]
    negated: int
    known: bool
    matched: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Phrase:
    """A phrase of a rule: the parts after its first, and which rule it belongs to."""

    rest: tuple[int, ...]
    length: int
    rule: int


class Coder:
    """Codes sentences by rules.

    rules: see `decisions.Rule`; negations: denying words by language code; window: how many words before a
    match may deny it. Each word of the corpus is compared with the rules once, so the cost grows with
    different words, and afterwards each sentence takes time in proportion to its length.
    """

    def __init__(
        self, rules: Sequence[RuleLike], *, negations: Mapping[str, Iterable[str]] | None = None, window: int = 3
    ) -> None:
        self.rules = tuple(rules)
        self.window = window
        self._exact: dict[str, int] = {}
        self._prefixes: dict[str, int] = {}
        self._begins: dict[int, list[_Phrase]] = {}
        self._excludes: dict[int, list[_Phrase]] = {}
        self._parts_of_word: dict[str, tuple[int, ...]] = {}
        self._searched = [
            (position, re.compile(rule.regex, re.IGNORECASE), "-" in rule.regex and "(?" in rule.regex)
            for position, rule in enumerate(self.rules)
            if rule.regex
        ]
        for position, rule in enumerate(self.rules):
            for phrase in rule.phrases:
                self._add(phrase, position, self._begins)
            for phrase in rule.unless:
                self._add(phrase, position, self._excludes)
        self._denials = {
            language: {tuple(words(phrase)) for phrase in phrases}
            for language, phrases in (negations or {}).items()
        }
        self._all_denials = set().union(*self._denials.values()) if self._denials else set()

    def code(self, text: str, *, language: str | None = None) -> list[CodedSentence]:
        """The sentences of a text with what the rules find in them; language: its code, where known."""
        spoken = _language(language)
        return [self._sentence(one, spoken) for one in sentences(text)]

    def tell(self, text: str, *, language: str | None, matched: list[int]) -> tuple[tuple[str, ...], int]:
        """The needs of a text in the order in which they are found, and how many matches a denying word set aside.

        The same as `code` tells, for when nothing else is asked of it. matched: gets one more at the rule's place
        for each sentence in which it matched.
        """
        needs: dict[str, None] = {}
        negated = 0
        spoken = _language(language)
        for sentence in sentences(text):
            tokens, parts, hits = self._read(sentence)
            if hits:
                found, here, denied = self._judge(tokens, parts, hits, spoken)
                needs.update(found)
                negated += denied
                for rule in here:
                    matched[rule] += 1
        return tuple(needs), negated

    def _sentence(self, sentence: str, language: str) -> CodedSentence:
        tokens, parts, hits = self._read(sentence)
        needs, matched, negated = self._judge(tokens, parts, hits, language)
        return CodedSentence(sentence, tuple(tokens), tuple(needs), negated, bool(matched), tuple(matched))

    def _read(self, sentence: str) -> tuple[list[str], list[tuple[int, ...]], list[tuple[int, int]]]:
        """The plain words of a sentence, the parts of phrases that each can be, what matches from which word."""
        flat = plain(sentence)
        tokens = words_of_plain(flat)
        if len(self._parts_of_word) > _MOST_WORDS:
            self._parts_of_word.clear()
        known = self._parts_of_word.get
        parts = [self._parts(token) if (found := known(token)) is None else found for token in tokens]
        hits = list(_matches(parts, self._begins)) if any(parts) else []
        if self._searched:
            hits += self._regex_hits(sentence, flat)
        return tokens, parts, hits

    def _judge(
        self, tokens: list[str], parts: list[tuple[int, ...]], hits: list[tuple[int, int]], language: str
    ) -> tuple[dict[str, None], dict[int, None], int]:
        """Of what matches: the needs that it speaks of, the rules that know it, and how many are denied."""
        ruled_out = {rule for rule, _ in _matches(parts, self._excludes)} if hits else ()
        needs: dict[str, None] = {}
        matched: dict[int, None] = {}
        negated = 0
        for rule, start in hits:
            if rule in ruled_out or not _speaks(self.rules[rule].language, language):
                continue
            matched[rule] = None
            if self.rules[rule].when_negated == "drop" and self._denied(tokens, start, language):
                negated += 1
            else:
                needs[self.rules[rule].need] = None
        return needs, matched, negated

    def _add(self, phrase: str, rule: int, index: dict[int, list[_Phrase]]) -> None:
        parts = [self._part(word) for word in phrase.split()]
        flat = tuple(part for found in parts for part in found)
        if flat:
            index.setdefault(flat[0], []).append(_Phrase(flat[1:], len(flat), rule))

    def _part(self, word: str) -> tuple[int, ...]:
        """Numbers of the word's parts: one, or several where it is written with a hyphen, none for punctuation."""
        cleaned = words(word)
        if not cleaned:
            return ()
        kinds = [self._exact] * (len(cleaned) - 1) + [self._prefixes if word.endswith("*") else self._exact]
        return tuple(
            kind.setdefault(part, len(self._exact) + len(self._prefixes))
            for part, kind in zip(cleaned, kinds, strict=True)
        )

    def _parts(self, token: str) -> tuple[int, ...]:
        found: dict[int, None] = {}
        for form in forms(token):
            if form in self._exact:
                found[self._exact[form]] = None
            for prefix, number in self._prefixes.items():
                if form.startswith(prefix):
                    found[number] = None
        known = self._parts_of_word[token] = tuple(found)
        return known

    def _regex_hits(self, sentence: str, flat: str) -> Iterator[tuple[int, int]]:
        # Where only the case is different, a pattern that does not look at the case finds the same in both.
        same = flat == sentence.lower() and sentence.isascii()
        for position, pattern, looks_at_case in self._searched:
            found, within = pattern.search(sentence), sentence
            if found is None and (looks_at_case or not same):
                found, within = pattern.search(flat), flat
            if found is not None:
                yield position, len(words(within[: found.start()]))

    def _denied(self, tokens: Sequence[str], start: int, language: str) -> bool:
        if self.window == 0:
            return False
        denials = self._denials.get(language, self._all_denials)
        first = max(0, start - self.window)
        for at in range(first, start):
            if tuple(tokens[at : at + 2]) in _NO_DENIAL:
                continue
            if tokens[at].endswith(_SHORT_NOT):
                return True
            if any(tuple(tokens[at : at + size]) in denials for size in (1, 2, 3) if at + size <= start):
                return True
        return False


def _matches(parts: Sequence[tuple[int, ...]], index: Mapping[int, list[_Phrase]]) -> Iterator[tuple[int, int]]:
    """Every (rule, position of its first word) whose phrase stands in the words."""
    for at, here in enumerate(parts):
        for part in here:
            for phrase in index.get(part, ()):
                ahead = parts[at + 1 : at + phrase.length]
                if len(ahead) == len(phrase.rest) and all(
                    wanted in found for wanted, found in zip(phrase.rest, ahead, strict=True)
                ):
                    yield phrase.rule, at


def _language(code: str | None) -> str:
    return (code or "").casefold().replace("_", "-").split("-")[0]


def _speaks(wanted: str, spoken: str) -> bool:
    return not wanted or not spoken or _language(wanted) == spoken
