"""Rows at the end of a table that are no records: a total, a mean, another figure over the rows above them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nonagon.imports.rules import as_text
from nonagon.imports.spelling import kind_of_summary

if TYPE_CHECKING:
    import polars as pl

MOST_ROWS = 6
FEWEST_RECORDS = 5
_NUMBER = re.compile(r"[-+]?[\d.,' \u00a0\u202f]*\d[\d.,' \u00a0\u202f]*\s?[%€$£]?")


@dataclass(frozen=True, slots=True)
class Summary:
    """One such row. position: of the column that names it; text: what stands there; kind: total, mean or summary.

    row: its place in the frame, from 0.
    """

    position: int
    text: str
    kind: str
    row: int


def summaries(columns: "Sequence[pl.Series]") -> tuple[Summary, ...]:
    """The rows at the end of the columns that sum up the others, in their order.

    Such a row names itself (Total, Mittelwert, ...) by a text that stands nowhere else in its column, and all
    else in it is numbers or blank.

    >>> import polars as pl
    >>> rows = [pl.Series(["a", "b", "c", "d", "e", "Mittelwert"]), pl.Series(["1", "2", "3", "4", "5", "3,0"])]
    >>> [(one.text, one.kind, one.row) for one in summaries(rows)]
    [('Mittelwert', 'mean', 5)]
    """
    height = columns[0].len() if columns else 0
    if height <= FEWEST_RECORDS:
        return ()
    ends = [as_text(column.tail(MOST_ROWS)).to_list() for column in columns]
    found: list[Summary] = []
    for back in range(1, min(MOST_ROWS, height - FEWEST_RECORDS) + 1):
        one = _summary([end[-back] for end in ends], height - back)
        if one is None or one.text in set(as_text(columns[one.position].head(one.row)).to_list()):
            break
        found.insert(0, one)
    return tuple(found)


def _summary(cells: Sequence[str | None], row: int) -> Summary | None:
    filled = [(position, text.strip()) for position, text in enumerate(cells) if text and text.strip()]
    named = [(position, text) for position, text in filled if kind_of_summary(text)]
    others = [text for position, text in filled if (position, text) != (named[0] if named else None)]
    if len(named) != 1 or not others or not all(_NUMBER.fullmatch(text) for text in others):
        return None
    position, text = named[0]
    return Summary(position, text, kind_of_summary(text), row)
