"""The trace as its own drawing: a column a kind of record, from what customers said to the result."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from textwrap import wrap

from nonagon.charts.render import themed
from nonagon.charts.theme import COLOURS, FONT

BOX, GAP, HEIGHT, SPACE, TOP, EDGE = 150.0, 46.0, 42.0, 12.0, 40.0, 8.0
LETTERS = 23
"""Letters on a line of a record's name; two lines fit."""

Key = tuple[str, str]
"""A record: its kind and its id."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record of the trace.

    name: as people know it; url: where its own chain is shown, "" for none; detail: a figure under the name;
    hidden: its name may not be shown to this reader.
    """

    kind: str
    id: str
    name: str
    url: str = ""
    detail: str = ""
    hidden: bool = False

    @property
    def key(self) -> Key:
        """The record in links."""
        return self.kind, self.id


def trace_map(
    kinds: Mapping[str, str],
    records: Sequence[Record],
    links: Sequence[tuple[Key, Key]],
    *,
    selected: Key | None = None,
    label: str = "",
) -> str:
    """The drawing as SVG text, its colours as the page's variables.

    kinds: the columns in order, each with its title; kinds without a record get no column. links: pairs of records
    that are both there. selected: the record that is marked; label: what the drawing shows, for who hears it.

    >>> kinds = {"need": "Needs", "result": "Results"}
    >>> records = [Record("need", "fast", "Serve me fast", "?id=fast"), Record("result", "e1", "Shorter waiting")]
    >>> drawing = trace_map(kinds, records, [(("need", "fast"), ("result", "e1"))], selected=("need", "fast"))
    >>> "Serve me fast" in drawing, drawing.count("<path"), 'aria-current="true"' in drawing
    (True, 1, True)
    """
    shown = [kind for kind in kinds if any(one.kind == kind for one in records)]
    columns = _ordered(shown, records, links)
    places = {
        one.key: (EDGE + column * (BOX + GAP), TOP + row * (HEIGHT + SPACE))
        for column, found in enumerate(columns)
        for row, one in enumerate(found)
    }
    width = 2 * EDGE + len(shown) * BOX + max(0, len(shown) - 1) * GAP
    height = TOP + max((len(found) for found in columns), default=0) * (HEIGHT + SPACE) + EDGE
    size = f'viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}"'
    told = f'role="group" aria-label="{escape(label)}"'
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" {size} {told} font-family="{escape(FONT)}" font-size="12">']
    for column, kind in enumerate(shown):
        x = EDGE + column * (BOX + GAP)
        title, colour = escape(str(kinds[kind])), COLOURS["muted"]
        parts.append(f'<text x="{x:g}" y="20" fill="{colour}" font-weight="bold">{title}</text>')
    parts += [
        _link(places[one], places[other], selected in (one, other))
        for one, other in links
        if _there(one, other, places)
    ]
    parts += [_box(one, *places[one.key], is_selected=one.key == selected) for found in columns for one in found]
    drawing = themed("".join([*parts, "</svg>"]), name="trace")
    # Read, not looked at: the letters keep their size, and the page scrolls.
    return drawing.replace(f"width:100%;max-width:{width:.0f}px", f"width:{width:.0f}px", 1)


def _there(one: Key, other: Key, places: Mapping[Key, tuple[float, float]]) -> bool:
    return one in places and other in places


def _ordered(
    kinds: Sequence[str], records: Sequence[Record], links: Sequence[tuple[Key, Key]]
) -> list[list[Record]]:
    """The columns, each in the order of what leads to its records: lines then cross less."""
    before: dict[Key, list[Key]] = {}
    for start, end in links:
        if start[0] != end[0]:
            before.setdefault(end, []).append(start)
    rows: dict[Key, float] = {}
    columns = []
    for kind in kinds:
        given = [one for one in records if one.kind == kind]
        middle = {}
        for row, one in enumerate(given):
            known = [rows[key] for key in before.get(one.key, ()) if key in rows]
            middle[one.key] = (sum(known) / len(known) if known else float(row), row)
        found = sorted(given, key=lambda one: middle[one.key])
        rows.update({each.key: float(row) for row, each in enumerate(found)})
        columns.append(found)
    return columns


def _link(start: tuple[float, float], end: tuple[float, float], is_marked: bool) -> str:
    x1, y1 = start[0] + BOX, start[1] + HEIGHT / 2
    x2, y2 = end[0], end[1] + HEIGHT / 2
    if start[0] == end[0]:  # a need that is part of a wider one
        x2 = end[0] + BOX
        curve = f"M{x1:g},{y1:g} C{x1 + 28:g},{y1:g} {x2 + 28:g},{y2:g} {x2:g},{y2:g}"
    else:
        bend = (x2 - x1) / 2
        curve = f"M{x1:g},{y1:g} C{x1 + bend:g},{y1:g} {x2 - bend:g},{y2:g} {x2:g},{y2:g}"
    colour, width = (COLOURS["series-1"], 2.2) if is_marked else (COLOURS["muted"], 1)
    return f'<path d="{curve}" fill="none" stroke="{colour}" stroke-width="{width:g}" stroke-opacity="0.7"/>'


def _box(one: Record, x: float, y: float, *, is_selected: bool) -> str:
    edge = COLOURS["series-1"] if is_selected else COLOURS["muted"]
    fill = COLOURS["band"] if is_selected else COLOURS["paper"]
    dashes = ' stroke-dasharray="4 3"' if one.hidden else ""
    shape = (
        f'<rect x="{x:g}" y="{y:g}" width="{BOX:g}" height="{HEIGHT:g}" rx="5" fill="{fill}" stroke="{edge}" '
        f'stroke-width="{2.5 if is_selected else 1:g}"{dashes}/>'
    )
    most = 1 if one.detail else 2
    lines = wrap(one.name, LETTERS - 3 * is_selected, max_lines=most, placeholder="…") or [one.id]
    texts = [(line, COLOURS["ink"], "bold" if is_selected else "normal") for line in lines]
    texts += [(one.detail[: LETTERS + 2], COLOURS["muted"], "normal")] if one.detail else []
    first = y + HEIGHT / 2 + (4 if len(texts) == 1 else -3)
    drawn = "".join(
        f'<text x="{x + 8:g}" y="{first + 15 * place:g}" fill="{colour}" font-weight="{weight}">'
        f"{escape(text)}</text>"
        for place, (text, colour, weight) in enumerate(texts)
    )
    title = f"<title>{escape(one.name)}{escape(f' ({one.detail})') if one.detail else ''}</title>"
    if not one.url:
        return f"<g>{title}{shape}{drawn}</g>"
    current = ' aria-current="true"' if is_selected else ""
    return f'<a href="{escape(one.url)}" data-record="{escape(one.kind)}"{current}>{title}{shape}{drawn}</a>'
