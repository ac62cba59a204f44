"""What the fact tables hold as a whole: how many rows, from which day to which."""

from datetime import date, datetime
from typing import Any

from nonagon.engine.facts import Facts

DATES = {"customers": "since", "answers": "date", "verbatims": "date", "sales": "date", "measurements": "at"}
"""The column that dates a row of each table."""


def span(facts: Facts, table: str) -> tuple[int, date | None, date | None]:
    """Rows, first and last day of one table; None where nothing is dated.

    Raises KeyError for a name that is no fact table.
    """
    column = DATES[table]
    if not facts.has(table, column):
        return facts.rows(table), None, None
    rows = facts.table(table)
    found = facts.collect(rows.aggregate(first=rows[column].min(), last=rows[column].max()))
    return facts.rows(table), _day(found["first"][0]), _day(found["last"][0])


def _day(value: Any) -> date | None:
    return value.date() if isinstance(value, datetime) else value
