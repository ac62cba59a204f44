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
WEAK, WEAK_BEHIND = 5, 10
"""Letters of a pattern of bare words below which it is weak: at the beginning of the text, and behind a place."""
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
    r"(?P<closes>\))?(?P<behind>(?: (?:[^ ,;]|,(?=[0-9]))+){0,3})"
)
"""An interval or a part of a whole as `charts.wording` writes it: `4.5 (4.1 to 4.9)`, `8 to 9 min`, `6 of 7`."""
_NUMBER = r"[^A-Za-z();:,]*[0-9][^A-Za-z();:,]*(?<!\.)"
_WHOLE = re.compile(rf"of (?P<whole>{_NUMBER})(?P<unit>[A-Za-z]+)?")
"""The second half of a part of a whole, where it stands by itself: `of 12`."""
_FROM_TO = re.compile(rf"(?P<name>.+) from (?P<low>{_NUMBER}) to (?P<high>{_NUMBER})")
"""How a line of a chart begins and ends: `Our score from 3.62 to 3.84`."""
_WITH_RANGE = re.compile(
    r"(?P<name>[^;]*[^\s0-9(;]) (?P<opens>\()?(?P<range>[-−+]?[0-9][^()]* \([^()]* to [^()]*\))(?(opens)\))"
)
"""A name with an estimate behind it: `Coast Coach +0.46 points (+0.24 to +0.68)`."""
_TAGGED = re.compile(r"(?P<name>.+) \((?P<tag>[a-z][a-z -]*)\)")
"""An entry of a list with a word in brackets: `Clean buses (must-be)`."""
_NO_FIELD = r"(?!(?:the|a|an|it|this|that|there|he|she|who|what|which|my|our|we|one)\b)"
_FIELD = _NO_FIELD + r"[a-z][a-z0-9]*(?: [a-z0-9]+){0,3}"
_BOUND = r"(?:at least|below) [0-9.\s]+"
_CONDITION = re.compile(
    rf"(?P<field>{_FIELD}?) (?:(?P<word>is not|is) (?P<values>.+)|(?P<bounds>{_BOUND}(?: and {_BOUND})*))"
)
"""A condition of a class as step 1 words it: `home line is C1 or C3`, `revenue at least 20 000`."""
_NEXT_CONDITION = re.compile(rf" and (?={_FIELD}? (?:is|at least|below) )|; ")


@dataclass(frozen=True, slots=True)
class Pattern:
    """One f-string of the rooms: how it is recognized, its longest fixed part, what is said in its place."""

    match: re.Pattern[str]
    start: str
    longest: str
    said: str
    places: tuple[str, ...]
    weak: bool = False
    """Whether so little is fixed that a sentence of people could match; see `_is_trusted`."""


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
    return Pattern(
        re.compile(expression, re.DOTALL),
        fixed[0],
        max(fixed, key=len),
        said,
        places,
        "count" not in places and _is_weak(fixed, words),
    )


def _is_weak(fixed: list[str], words: list[str]) -> bool:
    """Whether one short word, or few words behind a place, are all that is fixed: `over {x}`, `{name} a day`."""
    if re.search(r"[^\w\s]", "".join(fixed)):
        return False
    letters = sum(map(len, words))
    return letters < (WEAK_BEHIND if not fixed[0].strip() else WEAK)


def _held(place: str) -> str:
    """What may stand in a place: anything, but no words where it counts, and first a number in a difference."""
    return {"count": "[^A-Za-z]+?", "difference": "[-−+]?[0-9].*?"}.get(place, ".*?")


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
        or _whole_or_list(language, trimmed, known)
        or _range(language, trimmed, known)
        or _in_numbers(language, trimmed, known)
        or _rule(language, trimmed, known)
        or _known_list(language, trimmed)
        or _headed(language, trimmed)
        or _a_mistake(language, trimmed)
        or _ended(language, trimmed)
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


def _in_numbers(language: str, text: str, known: Catalogue) -> str:
    """Small words that tell no pattern from another, but do beside numbers."""
    if found := _WHOLE.fullmatch(text):
        unit = _carried(language, found["unit"] or "")
        return f"{known.fixed['of']} {_number(found['whole'])}{unit}" if "of" in known.fixed else ""
    if (found := _FROM_TO.fullmatch(text)) and {"from", "to"} <= known.fixed.keys():
        if ": " in found["name"] and (headed := _headed(language, text)):
            return headed
        low, high = _number(found["low"]), _number(found["high"])
        name = _carried(language, found["name"])
        return _marked(language, f"{name} {known.fixed['from']} {low} {known.fixed['to']} {high}")
    if found := _WITH_RANGE.fullmatch(text):
        estimate = _range(language, found["range"], known).strip(MARK)
        said = f"({estimate})" if found["opens"] else estimate
        return _marked(language, f"{_carried(language, found['name'])} {said}") if estimate else ""
    return ""


def _rule(language: str, text: str, known: Catalogue) -> str:
    """The rule of a class: names of fields and values stay as they were given, what joins them is said."""
    if not {"is", "is not", "or", "and"} <= known.fixed.keys():
        return ""
    conditions = [_CONDITION.fullmatch(one) for one in _NEXT_CONDITION.split(text)]
    said = [_condition(language, one, known) for one in conditions if one is not None]
    return _marked(language, f" {known.fixed['and']} ".join(said)) if len(said) == len(conditions) else ""


def _condition(language: str, found: re.Match[str], known: Catalogue) -> str:
    field = _carried(language, found["field"])
    if found["bounds"]:
        return f"{field} {_joined(language, 'and', found['bounds'], known)}"
    return f"{field} {known.fixed[found['word']]} {_joined(language, 'or', found['values'], known)}"


def _joined(language: str, word: str, text: str, known: Catalogue) -> str:
    """What stands between the words "and" or "or", each by itself."""
    return f" {known.fixed[word]} ".join(_carried(language, one) for one in text.split(f" {word} "))


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


def _whole_or_list(language: str, text: str, known: Catalogue) -> str:
    """By the pattern of the whole, or part by part where a list says more: a place may have swallowed a part."""
    whole = _by_pattern(language, text, known)
    if "; " not in text or not LATIN_WORD.search(whole):
        return whole
    listed = _known_list(language, text)
    return listed if listed and len(LATIN_WORD.findall(listed)) < len(LATIN_WORD.findall(whole)) else whole


def _by_pattern(language: str, text: str, known: Catalogue) -> str:
    """By the pattern with the most fixed text; sooner by one whose places hold nothing but what is known."""
    first = ""
    for one in known.patterns:
        found = one.match.fullmatch(text) if text.startswith(one.start) and one.longest in text else None
        if found is not None:
            filled = _filled(language, one, found)
            if not LATIN_WORD.search(filled):
                return filled
            first = first or (filled if not one.weak or _is_trusted(language, found) else "")
    return first


def _is_trusted(language: str, found: re.Match[str]) -> bool:
    """Whether a weak pattern carries something known, and beside it names of one word only: a column, an id."""
    unsaid = [one for one in found.groups() if LATIN_WORD.search(one) and not translated(language, one)]
    return len(unsaid) < len(found.groups()) and not any(" " in one for one in unsaid)


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
    said = translated(language, words) or _listed(language, words) or _isolated(words)
    return f"{before}{said}{after}"


def _ended(language: str, text: str) -> str:
    """Known words with the full stop of the sentence that they end."""
    said = translated(language, text[:-1]) if text.endswith(".") and len(text) > 1 else ""
    return f"{said}." if said else ""


def _listed(language: str, words: str) -> str:
    """A list with semicolons, also where parts of it are names; a list of one where a word stands in brackets."""
    if words.endswith("."):
        said = _listed(language, words[:-1])
        return f"{said}." if said else ""
    parts = [translated(language, one) or _tagged(language, one) for one in words.split("; ")]
    if len(parts) == 1:
        return parts[0]
    return "؛ ".join(said or _isolated(one) for said, one in zip(parts, words.split("; "), strict=True))


def _tagged(language: str, words: str) -> str:
    """A name with a known word in brackets."""
    found = _TAGGED.fullmatch(words)
    tag = translated(language, found["tag"]) if found is not None else ""
    return _marked(language, f"{_carried(language, found['name'])} ({tag})") if found is not None and tag else ""


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
