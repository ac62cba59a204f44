"""Which needs a verbatim may speak of, for the person who codes it: a guess by words, to be judged by reading."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from nonagon.steps.step3_needs.coding.phrases import EMPTY_WORDS
from nonagon.steps.step3_needs.coding.plain import words
from nonagon.steps.step3_needs.coding.rules import Coder, RuleLike

STEM = 5
"""So many letters of a word count, without the s of a plural: "delayed" and "delays" are one."""
MATCHED = 10.0
"""What a rule that matches counts, even where a denying word set it aside: more than any words in common."""


class Suggester:
    """Suggests needs by rules that match and by words that a need's name and phrases share with the text.

    needs: (id, name) of each need of the tree; rules: those of the document.
    """

    def __init__(self, needs: Iterable[tuple[str, str]], rules: Sequence[RuleLike], coder: Coder) -> None:
        self._coder = coder
        self._stems: dict[str, set[str]] = {need: set(_stems(name)) for need, name in needs}
        for rule in rules:
            if rule.need in self._stems:
                self._stems[rule.need].update(stem for phrase in rule.phrases for stem in _stems(phrase))
        counts = Counter(stem for stems in self._stems.values() for stem in stems)
        self._weights = {stem: math.log(1 + len(self._stems) / count) for stem, count in counts.items()}

    def suggest(self, text: str, *, language: str | None = None, most: int = 9) -> list[str]:
        """Ids of needs, the likeliest first; none where no word is shared.

        >>> class Late:
        ...     need, phrases, regex, unless, language, when_negated = "punctual", ("delayed",), "", (), "", "drop"
        >>> needs = [("punctual", "Departs on time"), ("seats", "I can sit well")]
        >>> suggester = Suggester(needs, [Late()], Coder([Late()]))
        >>> suggester.suggest("Always these delays!"), suggester.suggest("Nowhere to sit"), suggester.suggest("Hm")
        (['punctual'], ['seats'], [])
        """
        scores: Counter[str] = Counter()
        found = self._coder.code(text, language=language)
        for rule in {rule for sentence in found for rule in sentence.matched}:
            need = self._coder.rules[rule].need
            if need in self._stems:
                scores[need] += MATCHED  # type: ignore[assignment]
        spoken = set(_stems(text))
        for need, stems in self._stems.items():
            shared = sum(self._weights[stem] for stem in stems & spoken)
            if shared:
                scores[need] += shared  # type: ignore[assignment]
        order = {need: place for place, need in enumerate(self._stems)}
        return sorted(scores, key=lambda need: (-scores[need], order[need]))[:most]


def _stems(text: str) -> list[str]:
    return [word.removesuffix("s")[:STEM] for word in words(text) if word not in EMPTY_WORDS]
