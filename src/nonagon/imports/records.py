"""What a reader gives: parts (a file, or one sheet of it) and their records in chunks.

Every reader keeps one law: a record is either in a chunk's frame or among its damaged records, and each
has its number and, where the format has lines, its line.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nonagon.basics.errors import NonagonError

if TYPE_CHECKING:
    import polars as pl

ROW, LINE = "row", "line"
CELLS_A_CHUNK = 1_000_000
ROWS_A_CHUNK = 100_000


class RecordsLost(NonagonError):
    """The books of an import do not balance: a fault of Nonagon, never of the file."""


@dataclass(frozen=True, slots=True)
class Damaged:
    """A record that could not be split into cells; `value` is its raw text."""

    row: int
    line: int | None
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some records in the order of the file.

    frame: a column `c<n>` for each wanted position of the header, text (as Enum where few differ) or native, with
    `row` (from 1) and `line` (from 1, null where the format has no lines); damaged: the records between them that
    are none; blank_lines: lines without any character; done: the share of the part that is read.
    """

    frame: "pl.DataFrame"
    damaged: tuple[Damaged, ...] = ()
    blank_lines: int = 0
    done: float = 1.0

    @property
    def plain(self) -> "pl.DataFrame":
        """The frame with all its texts as String."""
        import polars as pl

        return self.frame.with_columns(pl.col(pl.Enum).cast(pl.String))

    @property
    def records(self) -> int:
        """How many records: good and damaged."""
        return self.frame.height + len(self.damaged)


@dataclass(frozen=True, slots=True)
class Part:
    """One table of cells. `chunks` reads the columns at the wanted positions.

    file: as the user knows it; sheet: "" where the format has none; header: trimmed names; header_line:
    the line of the header, None where there is none; unclosed: filled while reading, when a quote is
    never closed: the line in which it opens.
    """

    file: str
    sheet: str
    header: tuple[str, ...]
    header_line: int | None
    chunks: "Callable[[Sequence[int]], Iterator[Chunk]]"
    how: str = ""
    unclosed: list[int] = field(default_factory=list)


def cell_name(position: int) -> str:
    """The name of the frame's column for the header's position."""
    return f"c{position}"
