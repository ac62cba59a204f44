"""Calendar periods: named by their first day."""

from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir

UNITS = {"day": "D", "week": "W", "month": "M", "quarter": "Q", "year": "Y"}
"""A day, a week from Monday, or a calendar month, quarter or year."""

_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def period_of(column: "ir.Value", unit: str) -> "ir.Value":
    """The first day of the period that each date or moment lies in, as a date."""
    # Of a moment, since Spark makes a moment of a date in passing and the cast back would be left out.
    return column.cast("timestamp").truncate(UNITS[unit]).cast("date")


def next_period(first_day: date, unit: str) -> date:
    """The first day of the period after the one that begins on `first_day`.

    >>> next_period(date(2025, 10, 1), "quarter"), next_period(date(2025, 12, 29), "week")
    (datetime.date(2026, 1, 1), datetime.date(2026, 1, 5))
    """
    if unit in {"day", "week"}:
        return first_day + timedelta(days=1 if unit == "day" else 7)
    months = first_day.month - 1 + _MONTHS[unit]
    return date(first_day.year + months // 12, months % 12 + 1, 1)


def last_day_of(first_day: date, unit: str) -> date:
    """The last day of the period that begins on `first_day`.

    >>> last_day_of(date(2024, 2, 1), "month")
    datetime.date(2024, 2, 29)
    """
    return next_period(first_day, unit) - timedelta(days=1)
