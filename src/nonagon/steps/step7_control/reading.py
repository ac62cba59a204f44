"""What people type on the entry page, as readings: numbers in any hand, moments, whole pastes of rows."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _

from nonagon.process.documents import DocumentError, Wrong
from nonagon.steps.step7_control.services import Reading

COLUMNS = ("item", "value", "at", "subgroup", "size", "note")
"""The columns of a paste, in this order where it has no header."""
_ONE_NUMBER = re.compile(r"[-+\u2212]?\d+,\d+")
_SPACES = dict.fromkeys(map(ord, " \t\u00a0\u2009\u202f\u066c"))


def number_of(text: Any) -> float:
    """A number as people type it: a point or a comma before the decimals, thin or other spaces, any digits.

    Raises ValueError.

    >>> number_of("1 234,5"), number_of("-3.25"), number_of("٣٫٥")
    (1234.5, -3.25, 3.5)
    """
    if isinstance(text, int | float) and not isinstance(text, bool):
        return float(text)
    plain = str(text).translate(_SPACES).replace("\u2212", "-").replace("\u066b", ".")
    if plain.count(",") == 1 and "." not in plain:
        plain = plain.replace(",", ".")
    if not plain or "_" in plain:
        raise ValueError(text)
    return float(plain)


def moment_of(text: Any) -> datetime | None:
    """A moment as forms send it, in the server's time zone; None for nothing. Raises ValueError."""
    written = str(text or "").strip()
    if not written:
        return None
    found: datetime | None = parse_datetime(written.replace(" ", "T", 1))
    if found is None:
        day = parse_date(written)
        if day is None:
            raise ValueError(text)
        found = datetime(day.year, day.month, day.day)
    if timezone.is_naive(found):
        found = timezone.make_aware(found, timezone.get_default_timezone())
    return found


def reading_of(sent: Mapping[str, Any]) -> Reading:
    """A reading out of a form or of JSON. Raises DocumentError with everything that cannot be read."""
    wrong: list[Wrong] = []
    value, size, at = float("nan"), None, None
    try:
        value = number_of(sent.get("value", ""))
    except (ValueError, OverflowError):
        wrong.append(_unread("value", sent.get("value"), _("a number such as 3.5")))
    try:
        size = number_of(sent["size"]) if sent.get("size") not in (None, "") else None
    except (ValueError, OverflowError):
        wrong.append(_unread("size", sent.get("size"), _("a number such as 60")))
    try:
        at = moment_of(sent.get("at"))
    except (ValueError, OverflowError):
        wrong.append(_unread("at", sent.get("at"), _("a moment such as 2026-03-31 14:05")))
    if wrong:
        raise DocumentError(wrong)
    words = {name: str(sent.get(name) or "") for name in ("item", "subgroup", "note")}
    return Reading(value=value, size=size, at=at, **words)


def _unread(name: str, got: Any, wanted: str) -> Wrong:
    return Wrong((name,), _("“%(got)s” must be %(wanted)s.") % {"got": got or "", "wanted": wanted})


def pasted(text: str, item: str = "") -> list[Reading]:
    """Rows pasted from a spreadsheet or a CSV: with a header that names the columns, or in the order of COLUMNS.

    item: of rows that name none. Raises DocumentError that names each bad row.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise DocumentError([Wrong((), _("There is nothing in what was pasted."))])
    if all(_ONE_NUMBER.fullmatch(line.strip()) for line in lines):
        rows = [[line] for line in lines]  # one column, with commas before the decimals
    else:
        rows = list(csv.reader(io.StringIO("\n".join(lines)), delimiter=_delimiter(lines[0])))
    head = [one.strip().lower() for one in rows[0]]
    named = "value" in head
    columns: Sequence[str] = head if named else _columns(rows[0], item)
    readings, wrong = [], []
    for place, row in enumerate(rows[1:] if named else rows):
        sent = dict(zip(columns, row, strict=False))
        sent["item"] = (sent.get("item") or "").strip() or item
        try:
            readings.append(reading_of(sent))
        except DocumentError as error:
            wrong += [
                Wrong((place, *one.path), _("row %(row)d: %(why)s") % {"row": place + 1, "why": one.message})
                for one in error.wrong
            ]
    if wrong:
        raise DocumentError(wrong)
    return readings


def _delimiter(line: str) -> str:
    return max("\t;,", key=lambda one: (line.count(one), one == "\t"))


def _columns(first: Sequence[str], item: str) -> tuple[str, ...]:
    """Without a header: a first cell that is a number means that the rows are of the item that is chosen."""
    try:
        number_of(first[0])
    except (ValueError, IndexError):
        return COLUMNS
    return COLUMNS[1:] if item else COLUMNS
