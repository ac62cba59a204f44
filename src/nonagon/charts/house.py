"""The House of Quality as its own drawing: needs down the side, characteristics across, the roof on top."""

from dataclasses import dataclass
from html import escape
from textwrap import wrap

from nonagon.charts.section import Chart, Column, Table
from nonagon.charts.theme import COLOURS
from nonagon.charts.wording import number, percent, short

CELL, NAME, SIDE, TOP = 40.0, 215.0, 66.0, 196.0
# What the line of signs below the house takes; a house of few columns is no wider.
LEGEND = 580.0
HEAD, ROW = 25, 34
"""Letters on a line of a column's heading, which ends below the arrow, and of a row's name."""

SYMBOLS = {9: "●", 3: "○", 1: "△"}
ROOF_SIGNS = {"++": "++", "+": "+", "-": "−", "--": "−−"}


@dataclass(frozen=True, slots=True)
class HouseRow:
    """A need: its importance (a share of one), our rating and the competitors' in the order of the house."""

    id: str
    name: str
    importance: float | None
    ours: float | None = None
    theirs: tuple[float | None, ...] = ()


@dataclass(frozen=True, slots=True)
class HouseColumn:
    """A characteristic: direction, target with unit, weight (a share of one) with interval, rank."""

    id: str
    name: str
    direction: str
    target: str
    weight: float | None
    low: float | None = None
    high: float | None = None
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class House:
    """Everything that the drawing shows.

    strengths: (need id, characteristic id) -> 9, 3 or 1 (any number is printed as it is);
    roof: (characteristic id, characteristic id) -> ++, +, - or --; competitors: their names.
    """

    rows: tuple[HouseRow, ...]
    columns: tuple[HouseColumn, ...]
    strengths: dict[tuple[str, str], float]
    roof: dict[tuple[str, str], str]
    competitors: tuple[str, ...] = ()


def house_of_quality(house: House, *, title: str, origin: str = "") -> Chart:
    """The drawing with the table of relationships, importances and weights."""
    return Chart(
        title=title,
        alt=(
            f"{title}: {len(house.rows)} needs by {len(house.columns)} characteristics with "
            f"{len(house.strengths)} relationships and {len(house.roof)} interactions in the roof."
        ),
        table=_table(house, title, origin),
        svg=_drawing(house),
    )


def _table(house: House, title: str, origin: str) -> Table:
    """One row a characteristic: the drawing in words, narrow enough for paper."""
    columns: tuple[Column, ...] = (
        ("characteristic", "text"),
        ("better is", "text"),
        ("target", "text"),
        ("weight", "number"),
        ("interval", "number"),
        ("rank", "number"),
        ("serves, with strength", "text"),
    )
    rows = tuple(
        (
            column.name,
            column.direction,
            column.target,
            percent(column.weight),
            _interval(column),
            str(column.rank or ""),
            _serves(house, column),
        )
        for column in house.columns
    )
    names = {column.id: column.name for column in house.columns}
    roof = "; ".join(f"{names[one]} and {names[other]}: {sign}" for (one, other), sign in house.roof.items())
    note = f"Roof: {roof}." if roof else "The roof names no interactions."
    return Table(caption=title, columns=columns, rows=rows, note=note, origin=origin)


def _serves(house: House, column: HouseColumn) -> str:
    served = [
        f"{row.name} {short(house.strengths[row.id, column.id])}"
        for row in house.rows
        if (row.id, column.id) in house.strengths
    ]
    return ", ".join(served)


def _padded(row: HouseRow, house: House) -> list[float | None]:
    return [*row.theirs, *[None] * (len(house.competitors) - len(row.theirs))]


def _interval(column: HouseColumn) -> str:
    if column.low is None or column.high is None:
        return ""
    return f"{number(100 * column.low, digits=0)} to {percent(column.high, digits=0)}"


def _span(column: HouseColumn) -> str:
    """The interval of the weight in percent, short enough for a cell of the drawing."""
    if column.low is None or column.high is None:
        return ""
    return f"{number(100 * column.low, digits=0)}–{number(100 * column.high, digits=0)}"


def _drawing(house: House) -> str:
    width = max(LEGEND, NAME + SIDE + CELL * len(house.columns) + SIDE * (1 + len(house.competitors)) + 8)
    roof_height = CELL * len(house.columns) / 2 + 12
    grid_top = roof_height + TOP
    grid_bottom = grid_top + CELL * len(house.rows)
    height = grid_bottom + 4 * CELL + 30
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}" font-size="12" fill="{COLOURS["ink"]}">'
    ]
    parts += _roof(house, roof_height)
    parts += _heads(house, roof_height, grid_top)
    parts += _grid(house, grid_top)
    parts += _basement(house, grid_bottom)
    parts += _legend(grid_bottom + 4 * CELL + 18)
    return "".join([*parts, "</svg>"])


def _left(house: House, place: int) -> float:
    """Where column `place` begins; the competitive columns stand right of the last one."""
    del house
    return NAME + SIDE + CELL * place


def _text(
    x: float,
    y: float,
    words: str,
    *,
    anchor: str = "middle",
    size: float = 12,
    colour: str = "ink",
    extra: str = "",
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size:g}" '
        f'fill="{COLOURS[colour]}"{extra}>{escape(words)}</text>'
    )


def _line(x1: float, y1: float, x2: float, y2: float, colour: str = "grid", stroke: float = 1) -> str:
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
        f'stroke="{COLOURS[colour]}" stroke-width="{stroke:g}"/>'
    )


def _roof(house: House, roof_height: float) -> list[str]:
    """Half a lattice: the cell of two columns lies where their diagonals meet."""
    count = len(house.columns)
    start = _left(house, 0)
    parts = []
    for place in range(count + 1):
        foot = start + CELL * place
        reach_right, reach_left = (count - place) * CELL / 2, place * CELL / 2
        parts.append(_line(foot, roof_height, foot + reach_right, roof_height - reach_right, "grid"))
        parts.append(_line(foot, roof_height, foot - reach_left, roof_height - reach_left, "grid"))
    positions = {column.id: place for place, column in enumerate(house.columns)}
    for (one, other), sign in house.roof.items():
        first, second = sorted((positions[one], positions[other]))
        x = start + CELL * (first + second + 1) / 2
        y = roof_height - CELL * (second - first) / 2
        colour = "bad" if sign.startswith("-") else "good"
        parts.append(
            _text(x, y + 4, ROOF_SIGNS.get(sign, sign), size=12, colour=colour, extra=' font-weight="600"')
        )
    return parts


def _heads(house: House, roof_height: float, grid_top: float) -> list[str]:
    parts = []
    arrows = {"higher": "↑", "lower": "↓", "target": "◎"}
    for place, column in enumerate(house.columns):
        x = _left(house, place) + CELL / 2
        parts.append(_text(x, roof_height + 16, arrows.get(column.direction, ""), size=13))
        parts += _upright(x, grid_top - 8, column.name)
    parts.append(_text(NAME + SIDE - 6, grid_top - 8, "importance", anchor="end", size=11, colour="muted"))
    right = _left(house, len(house.columns))
    for place, name in enumerate(("us", *house.competitors)):
        x = right + SIDE * place + SIDE / 2
        parts += _upright(x, grid_top - 8, name, colour="muted")
    return parts


def _upright(x: float, y: float, words: str, *, colour: str = "ink") -> list[str]:
    """A heading that reads upwards from the grid, on two lines where it is long."""
    lines = _lines(words, HEAD)
    feet = (x + 4,) if len(lines) == 1 else (x - 3, x + 11)
    return [
        _text(
            foot,
            y,
            line,
            anchor="start",
            size=11,
            colour=colour,
            extra=f' transform="rotate(-90 {foot:.1f} {y:.1f})"',
        )
        for foot, line in zip(feet, lines, strict=False)
    ]


def _grid(house: House, top: float) -> list[str]:
    parts = []
    right = _left(house, len(house.columns))
    edge = right + SIDE * (1 + len(house.competitors))
    for place, row in enumerate(house.rows):
        y = top + CELL * place
        parts.append(_line(0, y, edge, y))
        middle = y + CELL / 2 + 4
        lines = _lines(row.name, ROW)
        first = middle - 7 * (len(lines) - 1)
        parts += [_text(0, first + 14 * at, line, anchor="start", size=11.5) for at, line in enumerate(lines)]
        parts.append(_text(NAME + SIDE - 6, middle, percent(row.importance, digits=0), anchor="end"))
        for across, column in enumerate(house.columns):
            strength = house.strengths.get((row.id, column.id))
            if strength is not None:
                words = SYMBOLS.get(int(strength), "") if strength == int(strength) else ""
                parts.append(_text(_left(house, across) + CELL / 2, middle + 1, words or short(strength), size=16))
        for across, value in enumerate([row.ours, *_padded(row, house)]):
            parts.append(_text(right + SIDE * across + SIDE / 2, middle, number(value)))
    bottom = top + CELL * len(house.rows)
    parts.append(_line(0, bottom, edge, bottom, "ink"))
    for across in range(len(house.columns) + 1):
        x = _left(house, across)
        parts.append(_line(x, top - TOP, x, bottom + 4 * CELL))
    return parts


def _basement(house: House, top: float) -> list[str]:
    parts = []
    for place, words in enumerate(("target", "weight", "interval", "rank")):
        y = top + CELL * place + CELL / 2 + 4
        parts.append(_text(NAME + SIDE - 6, y, words, anchor="end", size=11, colour="muted"))
        parts.append(
            _line(NAME, top + CELL * (place + 1), _left(house, len(house.columns)), top + CELL * (place + 1))
        )
    for across, column in enumerate(house.columns):
        x = _left(house, across) + CELL / 2
        cells = (
            _short(column.target.split(" ")[0], 7),
            percent(column.weight, digits=0),
            _span(column),
            str(column.rank or ""),
        )
        for place, words in enumerate(cells):
            parts.append(_text(x, top + CELL * place + CELL / 2 + 4, words, size=10 if place != 1 else 11))
    return parts


def _legend(y: float) -> list[str]:
    signs = (
        "● 9 strong",
        "○ 3 medium",
        "△ 1 weak",
        "↑ higher is better",
        "↓ lower is better",
        "◎ on target",
        "roof: + support, − conflict",
    )
    return [_text(0, y, " · ".join(signs), anchor="start", size=11, colour="muted")]


def _lines(words: str, most: int) -> list[str]:
    """The words on at most two lines."""
    return wrap(words, most, max_lines=2, placeholder="…") or [""]


def _short(words: str, most: int) -> str:
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"
