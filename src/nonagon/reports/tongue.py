"""The language of a report: its own words and the rooms', said in it. English is said as it is written."""

import re
from dataclasses import dataclass

from nonagon.basics.errors import ArgumentError
from nonagon.ui.catalogue import END, ISOLATE, RIGHT_TO_LEFT, languages, template, translated
from nonagon.ui.drawings import ENDS, RUNS_LEFT

_ISOLATED = re.compile(f"{ISOLATE}([^{ISOLATE}{END}]*){END}")
_SIGNED = re.compile(r"[0-9]")
_LATIN_FIRST = re.compile(r"[^A-Za-z\u0600-\u06ff]*[A-Za-z]")
LEFT = "\u200e"
"""A mark that reads from left to right, for programs that do not know isolation."""


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language that a report can be in.

    language: such as "en" or "ar"; raises ArgumentError for one that no catalogue holds.

    >>> Tongue("en").said("Nothing to show."), Tongue("en").right_to_left, Tongue("ar").direction
    ('Nothing to show.', False, 'rtl')
    """

    language: str = "en"

    def __post_init__(self) -> None:
        if self.language not in languages():
            known = ", ".join(languages())
            raise ArgumentError(f"a report's language must be one of {known}; got {self.language!r}")

    @property
    def right_to_left(self) -> bool:
        """Whether its lines run from right to left."""
        return self.language in RIGHT_TO_LEFT

    @property
    def direction(self) -> str:
        """As HTML writes it: "ltr" or "rtl"."""
        return "rtl" if self.right_to_left else "ltr"

    def said(self, text: str) -> str:
        """A text in this language; as it is where nobody has translated it, such as a name."""
        return text if self.language == "en" else translated(self.language, text) or text

    def apart(self, text: str) -> str:
        """As `said`, for what stands by itself, such as a number with its sign: no neighbour turns it."""
        return self._value(text) if self.right_to_left else self.said(text)

    def runs_otherwise(self, text: str) -> bool:
        """Whether a text runs from left to right where the language does not.

        >>> [Tongue(one).runs_otherwise("Crescent Lines") for one in ("ar", "en")]
        [True, False]
        """
        return self.right_to_left and bool(_LATIN_FIRST.match(text)) and not translated(self.language, text)

    def words(self, text: str, **values: object) -> str:
        """A text with places, which the values fill: each is said too, and stands by itself.

        >>> Tongue().words("{met} of {of}", met=2, of=3)
        '2 of 3'
        """
        if self.language == "en":
            return text.format(**values)
        held = {name: self._value(str(value)) for name, value in values.items()}
        return (template(self.language, text) or text).format(**held)

    def _value(self, text: str) -> str:
        said = translated(self.language, text)
        return said or (f"{ISOLATE}{text}{END}" if text else text)

    def drawn(self, text: str) -> str:
        """A text that was said, as a drawing takes it, which itself runs from left to right."""
        return f"{RUNS_LEFT}{text}{ENDS}" if self.right_to_left else text

    def office(self, text: str) -> str:
        """As `said`, for office programs, which know marks of direction but no isolation."""
        found = self.said(text)
        while ISOLATE in found:
            found = _ISOLATED.sub(lambda one: _marked(one[1]), found)
        return found


def language_or_english(language: str) -> str:
    """The language where reports can be in it, else English; a region is left out.

    >>> language_or_english("ar-EG"), language_or_english("de")
    ('ar', 'en')
    """
    bare = language.partition("-")[0].lower()
    return bare if bare in languages() else "en"


def _marked(text: str) -> str:
    return f"{LEFT}{text}{LEFT}" if _SIGNED.search(text) else text
