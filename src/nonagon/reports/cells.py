"""Formatted cells read back as numbers, for formats in which a person goes on calculating.

The sections write numbers one way (`charts.wording`): thin spaces between thousands, a minus sign, percent after
a thin space, an interval in brackets. What is written in exactly this way becomes a number with a format that
shows it as before; everything else stays the text that it is.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from nonagon.charts.section import Table
from nonagon.charts.wording import MINUS, THIN

MOST_DIGITS = 15
"""What a double holds exactly; longer numbers are identifiers or would change."""

_NUMBER = re.compile(
    rf"(?P<sign>[+\-{MINUS}]?)(?P<whole>[1-9][0-9]{{0,2}}(?:{THIN}[0-9]{{3}})+|0|[1-9][0-9]*)(?:\.(?P<part>[0-9]+))?"
)
_UNIT = re.compile(r"percentage points|[^\W\d_][\w/°%²³]{0,19}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with the spreadsheet format that shows it as it was written; shares are fractions of one."""

    value: float
    shown_as: str


Cell = Quantity | date | str
"""A number, a day or a text; "" for nothing."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table whose cells are read: headings, each once, and rows as wide as they."""

    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def quantity(text: str) -> Quantity | None:
    """A number as `charts.wording` writes it, with its unit; None for anything else.

    >>> quantity("−1\\u202f234.50"), quantity("12.3\\u202f%"), quantity("4 min"), quantity("2 of 5")
    (Quantity(value=-1234.5, shown_as='#,##0.00'), Quantity(value=0.123, shown_as='0.0%'), Quantity(value=4.0, \
shown_as='0 "min"'), None)
    """
    read = _NUMBER.match(text)
    if read is None:
        return None
    rest = text[read.end() :]
    if rest == f"{THIN}%":
        return _made(read, percent=True)
    if not rest:
        return _made(read)
    unit = rest[1:] if rest[0] == " " else ""
    return _made(read, unit=unit) if _UNIT.fullmatch(unit) else None


def _made(read: re.Match[str], *, percent: bool = False, unit: str = "") -> Quantity | None:
    part = read["part"] or ""
    digits = read["whole"].replace(THIN, "") + part
    if len(digits) > MOST_DIGITS:
        return None
    size = Decimal(digits).scaleb(-len(part) - (2 if percent else 0))
    shown = "#,##0" if THIN in read["whole"] else "0"
    shown += "." + "0" * len(part) if part else ""
    if percent:
        shown += "%"
    if unit:
        shown += f' "{unit}"'
    if read["sign"] == "+":
        shown = f"+{shown};-{shown};{shown}"
    return Quantity(float(-size if read["sign"] in {"-", MINUS} else size), shown)


def grid(table: Table) -> Grid:
    """The table with numbers and days where its cells are such, intervals in columns of their own."""
    columns: list[tuple[str, Sequence[Cell]]] = []
    for place, (heading, align) in enumerate(table.columns):
        cells = [row[place] for row in table.rows]
        if align == "number":
            columns += _number_column(heading, cells)
        else:
            columns.append((heading, [_day(one) for one in cells]))
    headings = each_once([heading for heading, _ in columns])
    return Grid(headings, tuple(tuple(cells[place] for _, cells in columns) for place in range(len(table.rows))))


def _day(text: str) -> Cell:
    if not _DATE.fullmatch(text):
        return text
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return text
    # Spreadsheets count days from 1900 on, the first two months of it wrongly.
    return found if found.year > 1900 else text


def _number_column(heading: str, cells: Sequence[str]) -> list[tuple[str, Sequence[Cell]]]:
    """One column, or several where cells hold an interval or a second number in brackets."""
    read = [_parts(one) for one in cells]
    alone = [(heading, [_first(one, text) for one, text in zip(read, cells, strict=True)])]
    if any(one is not None and (one.low is not None or one.high is not None) for one in read):
        low = [_or_empty(one.low if one else None) for one in read]
        high = [_or_empty(one.high if one else None) for one in read]
        only = all(one is None or one.value is None for one in read)
        kept = [] if only and not any(alone[0][1]) else alone
        return [*kept, (f"{heading}, low", low), (f"{heading}, high", high)]
    if any(one is not None and one.second is not None for one in read):
        return [*alone, (f"{heading}, in brackets", [_or_empty(one.second if one else None) for one in read])]
    return [*alone]


@dataclass(frozen=True, slots=True)
class _Parts:
    """What one cell holds: a value with an interval or with a second number, or an interval alone."""

    value: Quantity | None = None
    low: Quantity | None = None
    high: Quantity | None = None
    second: Quantity | None = None


_BRACKETS = re.compile(r"(?P<value>.+?) \((?P<inside>[^()]+)\)")
_BETWEEN = re.compile(r"(?P<low>[^ ]+) to (?P<high>[^ ]+)")
_BOUND = re.compile(r"(?P<side>at least|at most) (?P<bound>[^ ]+)")


def _parts(text: str) -> _Parts | None:
    """None where the cell stays a text."""
    alone = quantity(text)
    if alone is not None:
        return _Parts(value=alone)
    between = _interval(text)
    if between is not None:
        return between
    read = _BRACKETS.fullmatch(text)
    value = quantity(read["value"]) if read else None
    if read is None or value is None:
        return None
    inside = _interval(read["inside"]) or _one_sided(read["inside"])
    if inside is not None:
        return replace(inside, value=value)
    second = quantity(read["inside"])
    return None if second is None else _Parts(value=value, second=second)


def _interval(text: str) -> _Parts | None:
    read = _BETWEEN.fullmatch(text)
    if read is None:
        return None
    high = quantity(read["high"])
    # The percent sign stands once, behind the upper end, or behind both.
    shared = high is not None and high.shown_as.endswith("%") and not read["low"].endswith("%")
    low = quantity(read["low"] + f"{THIN}%" if shared else read["low"])
    return None if low is None or high is None else _Parts(low=low, high=high)


def _one_sided(text: str) -> _Parts | None:
    read = _BOUND.fullmatch(text)
    bound = quantity(read["bound"]) if read else None
    if read is None or bound is None:
        return None
    return _Parts(low=bound) if read["side"] == "at least" else _Parts(high=bound)


def _first(read: _Parts | None, text: str) -> Cell:
    """The value; what is no number stays as it was written, an interval alone leaves the place empty."""
    if read is None:
        return text
    return "" if read.value is None else read.value


def _or_empty(one: Quantity | None) -> Cell:
    return "" if one is None else one


def each_once(headings: Sequence[str]) -> tuple[str, ...]:
    """Headings as a spreadsheet takes them: on one line, not empty, none twice whatever its case."""
    taken: set[str] = set()
    found = []
    for place, heading in enumerate(headings, 1):
        name = "".join(one if one.isprintable() else " " for one in heading).strip()[:200] or f"column {place}"
        unique, count = name, 1
        while unique.casefold() in taken:
            count += 1
            unique = f"{name} {count}"
        taken.add(unique.casefold())
        found.append(unique)
    return tuple(found)
