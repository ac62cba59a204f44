"""The rejects: one row for everything in a file that gave no fact, or gave one with a hole.

Columns: source, file, sheet, line (as an editor or the workbook shows it; empty for Parquet), row (the number
of the record in the file), column (the source's header), value (as it stood), reason, and kind:
`refused` (against a rule), `set_aside` (by a filter), `replaced` (a later row has the same key),
`empty` (the record holds no reading).
"""

from pathlib import Path
from typing import TYPE_CHECKING

from nonagon.facts.files import fsync, replace_file

if TYPE_CHECKING:
    import polars as pl

REFUSED, SET_ASIDE, REPLACED, EMPTY = "refused", "set_aside", "replaced", "empty"
TEXTS = ("source", "file", "sheet", "column", "value", "reason", "kind")
COLUMNS = ("source", "file", "sheet", "line", "row", "column", "value", "reason", "kind")
LONGEST_VALUE = 1000


def schema() -> "dict[str, pl.DataType]":
    """The columns and their types."""
    import polars as pl

    return {name: pl.String() if name in TEXTS else pl.Int64() for name in COLUMNS}


def none() -> "pl.DataFrame":
    """A table of rejects without rows."""
    import polars as pl

    return pl.DataFrame(schema=schema())


def write_rejects(frame: "pl.DataFrame", path: Path) -> None:
    """Writes the rejects as UTF-8 CSV; a reader sees either the old file or the whole new one."""

    def write(temporary: Path) -> None:
        frame.select(COLUMNS).write_csv(temporary)
        fsync(temporary)

    replace_file(path, write)
