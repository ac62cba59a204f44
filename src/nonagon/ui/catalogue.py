"""A stored English text in another language: the catalogue `sentences`, without Django.

The rooms of the nine steps, the readers of files and the methods write English and know nothing of languages. The
catalogue holds their fixed texts and, of texts with numbers and names in them, the pattern of the f-string
("{met} of {of} have customers"). A text is looked up whole, then matched against the patterns; what stands in the
places of a pattern is carried over. Pages reach it through `ui/sentences.py`, reports through `reports/tongue.py`.
"""

import gettext
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

LOCALE = Path(__file__).parent / "locale"
PLACE = re.compile(r"\{(\w+)\}")
LEAST_LETTERS = 2
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

LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
BETWEEN = re.compile(r"(?<=[.?!])\s+(?=[A-Z“])")
"""Between two sentences."""
_MISTAKE = re.compile(r"(?P<place>[^\s:]+(?::\d+)?: (?:[\w.\[\]@]+: )?)(?P<words>.+)")
"""A mistake as one line: the file and the line, the key, and what is wrong."""
_LISTED = re.compile(r", | and ")
_RANGE = re.compile(
    r"(?P<value>[^A-Za-z]*?)(?P<unit>(?: [A-Za-z][^()]*)? )?(?P<opens>\()?"
    r"(?P<low>[^A-Za-z()]*[0-9…][^A-Za-z()]*) (?P<word>to|of) (?P<high>[^A-Za-z()]*[0-9…][^A-Za-z()]*)"
    r"(?P<closes>\))?(?P<behind>(?: [^ ,;]+){0,3})"
)
"""An interval or a part of a whole as `charts.wording` writes it: `4.5 (4.1 to 4.9)`, `8 to 9 min`, `6 of 7`."""


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
def languages() -> tuple[str, ...]:
    """The languages in which the rooms' sentences can be said, English first."""
    return ("en", *sorted(one.name for one in LOCALE.iterdir() if one.is_dir()))


@cache
def catalogue(language: str) -> Catalogue:
    """The catalogue of a language; an empty one where none was compiled."""
    texts = templates(language)
    made = [pattern(text, said) for text, said in texts.items() if PLACE.search(text)]
    patterns = sorted((one for one in made if one is not None), key=_weight, reverse=True)
    return Catalogue({key: said for key, said in texts.items() if not PLACE.search(key)}, tuple(patterns))


def _weight(one: Pattern) -> tuple[int, str]:
    return (len(one.match.pattern) - 6 * len(one.places), one.match.pattern)


def pattern(text: str, said: str) -> Pattern | None:
    """A text with places ready for matching; None where it has too little fixed text to be told from others.

    text: such as "{met} of {of} are met"; said: the same places in the other language.

    >>> pattern("{met} of {of} are met", "{of}: {met}").places
    ('met', 'of')
    >>> pattern("{low} to {high}", "{low} - {high}") is None
    True
    """
    pieces = PLACE.split(text)
    fixed, places = [_plain(one) for one in pieces[::2]], tuple(pieces[1::2])
    words = [one for one in re.findall(r"[^\W\d_]+", " ".join(fixed)) if one.lower() not in SMALL_WORDS]
    if sum(map(len, words)) < LEAST_LETTERS:
        return None
    expression = "".join(
        re.escape(one) + (f"(?P<{places[at]}>{_held(places[at])})" if at < len(places) else "")
        for at, one in enumerate(fixed)
    )
    return Pattern(re.compile(expression, re.DOTALL), fixed[0], max(fixed, key=len), said, places)


def _held(place: str) -> str:
    """What may stand in a place: anything, but no words where it counts."""
    return "[^A-Za-z]+?" if place == "count" else ".*?"


def _plain(piece: str) -> str:
    return piece.replace("{{", "{").replace("}}", "}")


def template(language: str, text: str) -> str:
    """A text with places as such, in that language with the same places; "" where it has no translation.

    For who fills the places: nothing has to be matched.

    >>> template("en", "{met} of {of}")
    ''
    """
    return templates(language).get(text.strip(), "")


@cache
def templates(language: str) -> dict[str, str]:
    """Every text of the catalogue as it stands there, with its places."""
    try:
        found = gettext.translation("sentences", localedir=LOCALE, languages=[language])
    except FileNotFoundError:
        return {}
    held = getattr(found, "_catalog", {}).items()
    return {key.strip(): said.strip() for key, said in held if isinstance(key, str) and key and said}


@lru_cache(maxsize=16384)
def translated(language: str, text: str) -> str:
    """The whole text in that language; "" where a part of it has no translation.

    >>> translated("xx", "Nothing is watched.")
    ''
    """
    known = catalogue(language)
    trimmed = text.strip()
    if trimmed in known.fixed:
        return known.fixed[trimmed]
    if len(trimmed) > 1 and trimmed[0].isupper() and (trimmed[0].lower() + trimmed[1:]) in known.fixed:
        return known.fixed[trimmed[0].lower() + trimmed[1:]]
    if len(trimmed) > LONGEST:
        return ""
    return (
        _in_parts(language, trimmed)
        or _by_pattern(language, trimmed, known)
        or _range(language, trimmed, known)
        or _known_list(language, trimmed)
        or _headed(language, trimmed)
        or _a_mistake(language, trimmed)
    )


def _range(language: str, text: str, known: Catalogue) -> str:
    """Numbers with the word between them; each stands by itself, so that a minus sign stays on its side."""
    found = _RANGE.fullmatch(text)
    if found is None or found["word"] not in known.fixed or bool(found["opens"]) != bool(found["closes"]):
        return ""
    value, low, high = (_number(found[one]) for one in ("value", "low", "high"))
    unit, behind = (_carried(language, found[one] or "") for one in ("unit", "behind"))
    opens, closes = found["opens"] or "", found["closes"] or ""
    said = f"{value}{unit}{opens}{low} {known.fixed[found['word']]} {high}{closes}{behind}"
    # A unit such as EUR is the first letter that `dir="auto"` meets.
    return _marked(language, said) if LATIN_WORD.search(unit) else said


def _number(text: str) -> str:
    """What is written of numbers and signs, isolated, with the spaces around it left outside."""
    bare = text.strip()
    return text.replace(bare, _isolated(bare)) if bare else text


def _in_parts(language: str, text: str) -> str:
    """Lines, or sentences one after another, each of which is known."""
    for between, join in ((re.compile(r"\n+"), "\n"), (BETWEEN, " ")):
        parts = between.split(text)
        if len(parts) > 1:
            each = [translated(language, one) for one in parts]
            if all(each):
                return join.join(each)
    return ""


def _by_pattern(language: str, text: str, known: Catalogue) -> str:
    """By the pattern with the most fixed text; sooner by one whose places hold nothing but what is known."""
    first = ""
    for one in known.patterns:
        found = one.match.fullmatch(text) if text.startswith(one.start) and one.longest in text else None
        if found is not None:
            filled = _filled(language, one, found)
            if not LATIN_WORD.search(filled):
                return filled
            first = first or filled
    return first


def _a_mistake(language: str, text: str) -> str:
    """`cycle.toml:3: currency: is missing; add it`: the place stays, the words are said."""
    found = _MISTAKE.fullmatch(text)
    words = translated(language, found["words"]) if found is not None else ""
    return _marked(language, f"{_isolated(found['place'].strip())} {words}") if found is not None and words else ""


def _headed(language: str, text: str) -> str:
    """Known words before a colon or a unit: `without an owner: Sales, Depot`; `share of the weight, %`."""
    for sign, said in ((": ", ": "), (", ", "، ")):
        before, found, after = text.partition(sign)
        words = translated(language, before) if found else ""
        if words:
            return f"{words}{said}{_carried(language, after)}"
    return ""


def _filled(language: str, one: Pattern, found: re.Match[str]) -> str:
    """The translated pattern with what was carried over, said itself where the catalogue knows it."""
    values = {name: _carried(language, value) for name, value in found.groupdict().items()}
    return _marked(language, _plain(PLACE.sub(lambda place: values.get(place[1], place[0]), one.said)))


def _marked(language: str, said: str) -> str:
    """Behind a mark where a name stands in front: `dir="auto"` looks into what is isolated."""
    return f"{MARK}{said}" if language in RIGHT_TO_LEFT and said.startswith(ISOLATE) else said


def _carried(language: str, value: str) -> str:
    """What stands in a place: said where it is known, alone or as a list, with the spaces around it."""
    words = value.strip()
    if not words:
        return value
    before, after = value[: len(value) - len(value.lstrip())], value[len(value.rstrip()) :]
    return f"{before}{translated(language, words) or _listed(language, words) or _isolated(words)}{after}"


def _listed(language: str, words: str) -> str:
    """A list with semicolons, also where parts of it are names."""
    if "; " not in words:
        return ""
    return "؛ ".join(translated(language, one) or _isolated(one) for one in words.split("; "))


def _known_list(language: str, text: str) -> str:
    """A list of which everything is known."""
    for between, join in ((re.compile(r" · "), " · "), (re.compile(r"; "), "؛ "), (_LISTED, "، ")):
        parts = between.split(text)
        if len(parts) > 1:
            each = [translated(language, one) for one in parts]
            return join.join(each) if all(each) else ""
    return ""


def _isolated(words: str) -> str:
    return f"{ISOLATE}{words}{END}"
