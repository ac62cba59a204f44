"""What the rooms wrote in English, said in the language of the page.

The rooms of the nine steps stand below Django and store what they write: headings, captions, criteria, findings.
The catalogue `sentences` holds their fixed texts and, of texts with numbers and names in them, the pattern of the
f-string ("{met} of {of} have customers"). A stored text is looked up whole, then matched against the patterns;
what stands in the places of a pattern is carried over. What has no translation stays English and is marked so,
for screen readers and for the direction of writing.
"""

import gettext
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

LOCALE = Path(__file__).parent / "locale"
PLACE = re.compile(r"\{(\w+)\}")
LEAST_LETTERS = 4
"""Letters that a pattern must have beside its places; fewer would match anything."""
LONGEST = 4000
"""Characters of a text that is still matched; what is longer was written by people."""
ISOLATE, END = "\u2068", "\u2069"
"""Around what is carried over, so that names and numbers of another direction do not mix with the sentence."""
RIGHT_TO_LEFT, MARK = {"ar"}, "\u200f"
SMALL_WORDS = {
    "a",
    "an",
    "and",
    "are",
    "at",
    "by",
    "for",
    "from",
    "in",
    "is",
    "not",
    "of",
    "on",
    "the",
    "to",
    "with",
}
"""Words that tell no pattern from another."""
_ARABIC = re.compile(r"[\u0600-\u06ff]")
_LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
_BETWEEN = re.compile(r"(?<=[.?!])\s+(?=[A-Z“])")


@dataclass(frozen=True, slots=True)
class Pattern:
    """One f-string of the rooms: how it is recognized, its longest fixed part, what is said in its place."""

    match: re.Pattern[str]
    start: str
    longest: str
    said: str
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Fixed texts and patterns of one language; patterns with more fixed text come first."""

    fixed: dict[str, str]
    patterns: tuple[Pattern, ...]


@cache
def catalogue(language: str) -> Catalogue:
    """The catalogue of a language; an empty one where none was compiled."""
    try:
        found = gettext.translation("sentences", localedir=LOCALE, languages=[language])
    except FileNotFoundError:
        return Catalogue({}, ())
    texts: dict[str, str] = {
        key: said for key, said in getattr(found, "_catalog", {}).items() if isinstance(key, str) and key and said
    }
    made = [_pattern(text, said) for text, said in texts.items() if PLACE.search(text)]
    patterns = sorted((one for one in made if one is not None), key=_weight, reverse=True)
    return Catalogue({key: said for key, said in texts.items() if not PLACE.search(key)}, tuple(patterns))


def _weight(pattern: Pattern) -> tuple[int, str]:
    return (len(pattern.match.pattern) - 6 * len(pattern.places), pattern.match.pattern)


def _pattern(text: str, said: str) -> Pattern | None:
    """Ready for matching; None where it has too little fixed text to be told from others."""
    pieces = PLACE.split(text)
    fixed, places = [_plain(one) for one in pieces[::2]], tuple(pieces[1::2])
    words = [one for one in re.findall(r"[^\W\d_]+", " ".join(fixed)) if one.lower() not in SMALL_WORDS]
    if sum(map(len, words)) < LEAST_LETTERS:
        return None
    expression = "".join(
        re.escape(one) + (f"(?P<{places[at]}>.*?)" if at < len(places) else "") for at, one in enumerate(fixed)
    )
    return Pattern(re.compile(expression, re.DOTALL), fixed[0], max(fixed, key=len), said, places)


def _plain(piece: str) -> str:
    return piece.replace("{{", "{").replace("}}", "}")


def said_text(text: object) -> str:
    """A stored text in the language of the page as plain text; the English where it has no translation."""
    written = str(text or "")
    language = (get_language() or "en").partition("-")[0]
    if language == "en" or not written:
        return written
    return _said(language, written) or written


def is_said(text: str, language: str) -> bool:
    """Whether a text is shown whole in that language: it has a translation, or no word to translate."""
    return not _LATIN_WORD.search(text) or bool(_said(language, text))


def said(text: object) -> SafeString | str:
    """A stored text for a page; sentences without a translation are marked as English."""
    written = str(text or "")
    language = (get_language() or "en").partition("-")[0]
    if language == "en" or not written:
        return written
    whole = _said(language, written)
    if whole:
        return whole
    parts = _BETWEEN.split(written)
    shown = [escape(found) if (found := _said(language, one)) else _in_english(one) for one in parts]
    return mark_safe(" ".join(shown))


def _in_english(text: str) -> str:
    if _ARABIC.search(text) or not _LATIN_WORD.search(text):
        return escape(text)
    return f'<span lang="en" dir="ltr">{escape(text)}</span>'


@lru_cache(maxsize=16384)
def _said(language: str, text: str) -> str:
    """The whole text in that language; "" where a part of it has no translation."""
    known = catalogue(language)
    trimmed = text.strip()
    if trimmed in known.fixed:
        return known.fixed[trimmed]
    if len(trimmed) > 1 and trimmed[0].isupper() and (trimmed[0].lower() + trimmed[1:]) in known.fixed:
        return known.fixed[trimmed[0].lower() + trimmed[1:]]
    sentences = _BETWEEN.split(trimmed)
    if len(sentences) > 1:
        each = [_said(language, one) for one in sentences]
        if all(each):
            return " ".join(each)
    if len(trimmed) > LONGEST:
        return ""
    for pattern in known.patterns:
        if trimmed.startswith(pattern.start) and pattern.longest in trimmed:
            found = pattern.match.fullmatch(trimmed)
            if found is not None:
                return _filled(language, pattern, found)
    return ""


def _filled(language: str, pattern: Pattern, found: re.Match[str]) -> str:
    """The translated pattern with what was carried over, said itself where the catalogue knows it."""
    values = {name: _carried(language, value) for name, value in found.groupdict().items()}
    filled = PLACE.sub(lambda place: values.get(place[1], place[0]), pattern.said)
    # `dir="auto"` looks into what is isolated: a name in front must not turn the sentence round
    return f"{MARK}{filled}" if language in RIGHT_TO_LEFT and filled.startswith(ISOLATE) else filled


def _carried(language: str, value: str) -> str:
    if not value.strip():
        return value
    whole = _said(language, value)
    if not whole and "; " in value:
        whole = "؛ ".join(_said(language, one) or f"{ISOLATE}{one}{END}" for one in value.split("; "))
    return whole or f"{ISOLATE}{value}{END}"
