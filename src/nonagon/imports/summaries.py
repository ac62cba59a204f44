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
NEARLY = 0.001
ROUNDED = 0.006
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


def kind_without_name(numbers: "Sequence[pl.Series | None]", names: "pl.Series") -> str:
    """What a last row without a name sums up: "total" or "mean"; "" where it is a record like the others.

    numbers: each column's cells as numbers, None for other columns; names: the texts of the column that names the
    records, blank in the last row only. A total must fit in every column that is filled there; a mean, as it is
    rounded, in at least two columns that differ from row to row.
    """
    ends = [(column[:-1].drop_nulls(), column[-1]) for column in numbers if column is not None]
    filled = [(above, float(end)) for above, end in ends if end is not None and above.n_unique() > 1]
    if names[-1] is not None or names[:-1].null_count() or not filled:
        return ""
    if all(abs(end - float(above.sum())) <= NEARLY * abs(float(above.sum())) for above, end in filled):
        return "total"
    means = [(_mean(above), end) for above, end in filled]
    if len(means) > 1 and all(abs(end - mean) <= ROUNDED * max(1.0, abs(mean)) for mean, end in means):
        return "mean"
    return ""


def _mean(values: "pl.Series") -> float:
    return float(values.mean() or 0.0)  # type: ignore[arg-type]
