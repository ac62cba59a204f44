"""The rejects: one row for everything in a file that gave no fact, or gave one with a hole.

Columns: source, file, sheet, line (as an editor or the workbook shows it; empty for Parquet), row (the number
of the record in the file), column (the source's header), value (as it stood), reason, and kind:
`refused` (against a rule), `set_aside` (by a filter), `replaced` (a later row has the same key),
`empty` (the record holds no reading).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nonagon.facts.files import as_os_errors, fsync, write_parquet

if TYPE_CHECKING:
    import polars as pl

REFUSED, SET_ASIDE, REPLACED, EMPTY = "refused", "set_aside", "replaced", "empty"
TEXTS = ("source", "file", "sheet", "column", "value", "reason", "kind")
COLUMNS = ("source", "file", "sheet", "line", "row", "column", "value", "reason", "kind")
LONGEST_VALUE = 1000
HELD = 50_000


def schema() -> "dict[str, pl.DataType]":
    """The columns and their types."""
    import polars as pl

    return {name: pl.String() if name in TEXTS else pl.Int64() for name in COLUMNS}


def none() -> "pl.DataFrame":
    """A table of rejects without rows."""
    import polars as pl

    return pl.DataFrame(schema=schema())


def write_csv(files: Sequence[Path], path: Path) -> None:
    """Writes all rejects as UTF-8 CSV, safe on the disk. Raises OSError.

    files: the rejects of each table, as Parquet.
    """
    import polars as pl

    with as_os_errors():
        if files:
            pl.scan_parquet(list(files)).select(COLUMNS).sink_csv(path, maintain_order=True)
        else:
            none().write_csv(path)
    fsync(path)


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Rows of a Parquet file."""

    path: Path
    first: int
    count: int

    def frames(self) -> "Iterator[pl.DataFrame]":
        """The rows, some at a time."""
        import polars as pl

        for start in range(0, self.count, HELD):
            rows = pl.scan_parquet(self.path).slice(self.first + start, min(HELD, self.count - start))
            yield rows.collect()


class Gathered:
    """The rejects of one table while it is imported, part by part of its files; what is many lies in files.

    folder, stem: where these files may stand, and how their names begin.
    """

    def __init__(self, folder: Path, stem: str) -> None:
        self._folder, self._stem = folder, stem
        self._frames: list[pl.DataFrame] = []
        self._held = 0
        self._files: list[list[_Stretch]] = []
        self._count = 0

    def begin_part(self) -> None:
        """What is added from here on belongs to the next part."""
        self._flush()
        self._files.append([])

    def add(self, frame: "pl.DataFrame") -> None:
        """More rejects of the part, of records behind those before."""
        if frame.height:
            self._frames.append(frame.sort("row", maintain_order=True))
            self._held += frame.height
            if self._held >= HELD:
                self._flush()

    def take_over(self, path: Path, first: int, count: int) -> None:
        """A part of which a file of an earlier version holds the rejects: `count` rows from `first` on."""
        self.begin_part()
        if count:
            self._files[-1].append(_Stretch(path, first, count))

    def of_part(self, number: int) -> "Iterator[pl.DataFrame]":
        """The rejects of a part, in the order of its records."""
        self._flush()
        for stretch in self._files[number]:
            yield from stretch.frames()

    def __len__(self) -> int:
        """How many parts there are."""
        return len(self._files)

    def _flush(self) -> None:
        import polars as pl

        if self._frames:
            path = self._folder / f"{self._stem}-{self._count:06d}.parquet"
            write_parquet(pl.concat(self._frames), path, compression="lz4")
            self._files[-1].append(_Stretch(path, 0, self._held))
            self._frames, self._held, self._count = [], 0, self._count + 1
