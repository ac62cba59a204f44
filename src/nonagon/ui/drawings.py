"""A chart in another language: the words of its Vega-Lite specification, and of a finished drawing. No Django.

Positions stay: axes are numbers and time, which run from left to right in every language.
"""

import re
from collections.abc import Iterator, Mapping
from html import escape, unescape
from typing import Any

from nonagon.ui.catalogue import LATIN_WORD, RIGHT_TO_LEFT, translated

_TEXT = re.compile(r"(<(?:text|tspan|title)\b[^>]*>)([^<]*[A-Za-z]{2}[^<]*)(?=</)")
_TOLD = re.compile(r'(<svg\b[^>]*\baria-label=")([^"]+)(")')
RUNS_LEFT, ENDS = "\u202b", "\u202c"
"""Around a text that runs to the left: a drawing runs to the right, and not all that draws knows isolation."""
DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
TITLES = ("title", "description", "text")
"""Keys of a specification whose text is read."""
SAID_FIELD = "_said"
"""The field of what letters say, beside the data's own fields."""


def drawing_in(language: str, svg: str) -> str:
    """A drawing whose texts are said in that language where the catalogue knows them.

    >>> drawing_in("en", "<svg><text>score</text></svg>")
    '<svg><text>score</text></svg>'
    """
    if language == "en":
        return svg
    told = _TOLD.sub(lambda found: f"{found[1]}{_told(language, found[2])}{found[3]}", svg, count=1)
    return _TEXT.sub(lambda found: f"{found[1]}{_said(language, found[2])}", told)


def _told(language: str, written: str) -> str:
    return escape(translated(language, unescape(written))) or written


def _said(language: str, written: str) -> str:
    return escape(_directed(language, translated(language, unescape(written)))) or written


def _directed(language: str, found: str) -> str:
    return f"{RUNS_LEFT}{found}{ENDS}" if found and language in RIGHT_TO_LEFT else found


def spec_in(language: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    """A Vega-Lite specification with its titles in that language, and words for the values along its scales.

    The data keep their values, so that conditions over them hold; a scale gets a `labelExpr` that says them.
    """
    if language == "en":
        return dict(spec)
    words = {one: found for one in set(_values(spec)) if (found := _word(language, one))}
    return {key: _changed(language, key, value, words) for key, value in spec.items()}


def times_in(language: str) -> dict[str, Any]:
    """How moments along axes are written in that language, as d3's time format takes it; {} leaves them English.

    Dates are ISO in every language but English, and the names of days and months are not shortened.

    >>> times_in("en")
    {}
    """
    days, months = ([translated(language, one) for one in names] for names in (DAYS, MONTHS))
    if not all((*days, *months)):
        return {}
    return {
        "dateTime": "%Y-%m-%d %H:%M:%S",
        "date": "%Y-%m-%d",
        "time": "%H:%M:%S",
        "periods": ["AM", "PM"],
        "days": days,
        "shortDays": days,
        "months": months,
        "shortMonths": months,
    }


def _values(node: Any) -> Iterator[str]:
    """Every text among the data and the domains."""
    if isinstance(node, Mapping):
        for one in node.values():
            yield from _values(one)
    elif isinstance(node, list | tuple):
        for one in node:
            yield from _values(one)
    elif isinstance(node, str):
        yield node


def _word(language: str, value: str) -> str:
    return (
        _directed(language, translated(language, value)) if LATIN_WORD.search(value) and len(value) < 200 else ""
    )


def _changed(language: str, key: str, value: Any, words: Mapping[str, str]) -> Any:
    if key in {"data", "datasets", "transform", "params", "scale", "condition", "test"}:
        return value
    if key in TITLES and isinstance(value, str):
        return _directed(language, translated(language, value)) or value
    if key in TITLES and isinstance(value, list | tuple):
        return [_changed(language, "title", one, words) for one in value]
    if isinstance(value, Mapping):
        changed = {name: _changed(language, name, one, words) for name, one in value.items()}
        changed = _lettered(changed, words)
        return _labelled(key, changed, words) if _is_named(changed) else changed
    if isinstance(value, list | tuple):
        return [_changed(language, "", one, words) for one in value]
    return value


def _lettered(view: dict[str, Any], words: Mapping[str, str]) -> dict[str, Any]:
    """A view whose marks are letters: they are taken from a field beside the data's own that says them."""
    encoding = view.get("encoding")
    if not words or not isinstance(encoding, Mapping):
        return view
    channel = encoding.get("text")
    if not isinstance(channel, Mapping) or not _is_named(channel):
        return view
    field = f"datum[{_quoted(channel['field'])}]"
    calculated = {"calculate": f"{_lookup(words)}[{field}] || {field}", "as": SAID_FIELD}
    said = {**encoding, "text": {**channel, "field": SAID_FIELD}}
    return {**view, "encoding": said, "transform": [*view.get("transform", ()), calculated]}


def _is_named(channel: Mapping[str, Any]) -> bool:
    """Whether a channel shows names rather than numbers."""
    return channel.get("type") in {"nominal", "ordinal"} and "field" in channel


def _labelled(channel: str, found: dict[str, Any], words: Mapping[str, str]) -> dict[str, Any]:
    """A channel whose axis or legend says the values that the catalogue knows."""
    guide = {"x": "axis", "y": "axis", "row": "header", "column": "header"}.get(channel, "legend")
    held = found.get(guide, {})
    if channel in {"detail", "order", "tooltip", "text", "key", "url", "href"} or not words:
        return found
    if held is None or "labelExpr" in held:
        return found
    return {**found, guide: {**held, "labelExpr": f"{_lookup(words)}[datum.value] || datum.label"}}


def _lookup(words: Mapping[str, str]) -> str:
    """An object of Vega's expressions: value -> what is said for it."""
    return f"{{{', '.join(f'{_quoted(one)}: {_quoted(word)}' for one, word in sorted(words.items()))}}}"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"
