"""Writing the rows of one table as Parquet, in the order of arrival, while the next ones are still being read.

Files are closed and safe on the disk before anybody names them; what is half written belongs to no version.
"""

import threading
from collections.abc import Mapping
from pathlib import Path
from queue import Empty, Full, Queue
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal

from nonagon.facts.files import fsync

if TYPE_CHECKING:
    import polars as pl

ROWS_A_GROUP = 1 << 17
ROWS_A_FILE = 8_000_000
# Frames that may wait for the disk: what bounds the memory when reading is faster than writing.
WAITING = 2
SAMPLED = 10_000


class TableWriter:
    """Takes frames with the columns of `types` and makes files of them; use it as a context.

    place: the folder, which must be there; stem: what follows the number in each file's name; types: of all
    columns, in their order. Texts may come as String or Enum. At the end of the block `files` has each file with
    its rows; a table without rows has one file, which holds its columns. What the disk refuses is raised as
    OSError by the next call, or at the end of the block.
    """

    def __init__(self, place: Path, stem: str, types: "Mapping[str, pl.DataType]") -> None:
        self.files: list[tuple[Path, int]] = []
        self._place, self._stem, self._types = place, stem, types
        self._queue: Queue[pl.DataFrame | Literal["cut"] | None] = Queue(WAITING)
        self._error: BaseException | None = None
        self._small: list[pl.DataFrame] = []
        self._open: _File | None = None
        self._thread = threading.Thread(target=self._work, name=f"writing {place.name}", daemon=True)

    def __enter__(self) -> "TableWriter":
        self._thread.start()
        return self

    def write(self, frame: "pl.DataFrame") -> None:
        """More rows."""
        if frame.height:
            self._put(frame)

    def cut(self) -> None:
        """What is written from here on stands in other files than what was written before."""
        self._put("cut")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if error is not None:
            self._drop()
        self._put(None)
        self._thread.join()
        if error is None and self._error is not None:
            raise self._error

    def _put(self, frame: "pl.DataFrame | Literal['cut'] | None") -> None:
        """Hands a frame to the thread, and does not wait for one that has given up."""
        while self._thread.is_alive():
            try:
                self._queue.put(frame, timeout=0.2)
                break
            except Full:
                continue
        if self._error is not None and frame is not None:
            raise self._error

    def _drop(self) -> None:
        """What waits is of no use any more."""
        while True:
            try:
                self._queue.get_nowait()
            except Empty:
                return

    # --- in the thread

    def _work(self) -> None:
        try:
            while (frame := self._queue.get()) is not None:
                if isinstance(frame, str):
                    self._write_small()
                    self._finish()
                else:
                    self._take(frame)
            self._write_small()
            if self._open is None and not self.files:
                self._begin()
            self._finish()
        except BaseException as error:
            self._error = error
            self._drop()
        finally:
            if self._open is not None:
                self._open.give_up()

    def _take(self, frame: "pl.DataFrame") -> None:
        """Writes the frame, or keeps it until there is enough for a group."""
        if frame.height >= ROWS_A_GROUP // 2 and not self._small:
            self._write(frame)
            return
        self._small.append(_as_text(frame))
        if sum(piece.height for piece in self._small) >= ROWS_A_GROUP:
            self._write_small()

    def _write_small(self) -> None:
        import polars as pl

        if self._small:
            frame, self._small = pl.concat(self._small), []
            self._write(frame)

    def _write(self, frame: "pl.DataFrame") -> None:
        opened = self._open or self._begin(frame)
        opened.write(frame)
        if opened.rows >= ROWS_A_FILE:
            self._finish()

    def _begin(self, first: "pl.DataFrame | None" = None) -> "_File":
        path = self._place / f"part-{len(self.files):05d}-{self._stem}.parquet"
        self._open = _File(path, self._types, first)
        return self._open

    def _finish(self) -> None:
        if self._open is not None:
            self._open.close()
            self.files.append((self._open.path, self._open.rows))
            self._open = None


def write_frame(frame: "pl.DataFrame", path: Path, types: "Mapping[str, pl.DataType]") -> None:
    """One frame as a file of facts, safe on the disk. Raises OSError."""
    opened = _File(path, types, frame)
    opened.write(frame)
    opened.close()


class _File:
    """One Parquet file: dictionaries where texts repeat, the record's number as differences, zstd."""

    def __init__(self, path: Path, types: "Mapping[str, pl.DataType]", first: "pl.DataFrame | None") -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self.path, self.rows, self._types = path, 0, types
        repeating = _repeating(types, first)
        self._coded = {name for name in repeating if types[name].is_(_string())}
        plain = arrow_schema(types)
        self._schema = pa.schema(
            [
                (field.name, pa.dictionary(pa.int32(), pa.string()) if field.name in self._coded else field.type)
                for field in plain
            ]
        )
        counted = [name for name, dtype in types.items() if dtype.is_integer()]
        self._writer = pq.ParquetWriter(
            path,
            self._schema,
            compression="zstd",
            use_dictionary=sorted(repeating),
            column_encoding=dict.fromkeys(counted, "DELTA_BINARY_PACKED"),
            store_schema=False,  # texts are texts, however they were handed over
        )

    def write(self, frame: "pl.DataFrame") -> None:
        groups = max(1, round(frame.height / ROWS_A_GROUP))
        self._writer.write_table(self._table(frame), row_group_size=max(1, -(-frame.height // groups)))
        self.rows += frame.height

    def _table(self, frame: "pl.DataFrame") -> Any:
        import pyarrow as pa

        columns = [
            self._column(frame[name], field.type) for name, field in zip(self._types, self._schema, strict=True)
        ]
        return pa.Table.from_arrays(columns, schema=self._schema)

    def _column(self, series: "pl.Series", arrow_type: Any) -> Any:
        import polars as pl
        import pyarrow as pa

        dtype = series.dtype
        if isinstance(dtype, pl.Enum) and pa.types.is_dictionary(arrow_type):
            indices = series.to_physical().cast(pl.Int32).to_arrow()
            texts = dtype.categories.to_arrow().cast(pa.string())
            return pa.DictionaryArray.from_arrays(indices, texts)
        found = (series.cast(pl.String) if isinstance(dtype, pl.Enum) else series).to_arrow()
        if pa.types.is_dictionary(arrow_type):
            return found.cast(pa.string()).dictionary_encode()
        return found.cast(arrow_type)

    def close(self) -> None:
        self._writer.close()
        fsync(self.path)

    def give_up(self) -> None:
        """Lets go of the file; what stands in it is no version's."""
        try:
            self._writer.close()
        except Exception:
            return


def _repeating(types: "Mapping[str, pl.DataType]", first: "pl.DataFrame | None") -> set[str]:
    """The columns whose cells repeat, by the first rows; those of whole numbers are written in another way.

    A dictionary of values that hardly repeat, as measured ones, takes more room than they do and most of the time
    of writing them. Numbers and moments are looked at for a whole group, since many of them, as prices, repeat
    less in a few rows than in a group, of which the dictionary is.
    """
    import polars as pl

    if first is None:
        return set()
    found = set()
    for name, dtype in types.items():
        series = first[name]
        if dtype.is_integer():
            continue
        sample = series.head(SAMPLED if dtype == pl.String else ROWS_A_GROUP)
        if isinstance(series.dtype, pl.Enum) or sample.n_unique() <= 0.5 * sample.len():
            found.add(name)
    return found


def arrow_schema(types: "Mapping[str, pl.DataType]") -> Any:
    """The columns as Arrow, and so as Delta and Parquet, know them."""
    import polars as pl
    import pyarrow as pa

    arrow: dict[type[pl.DataType], Any] = {
        pl.String: pa.string(),
        pl.Float64: pa.float64(),
        pl.Int64: pa.int64(),
        pl.Date: pa.date32(),
        pl.Datetime: pa.timestamp("us"),
    }
    return pa.schema([(name, arrow[type(dtype)]) for name, dtype in types.items()])


def _string() -> "pl.DataType":
    import polars as pl

    return pl.String()


def _as_text(frame: "pl.DataFrame") -> "pl.DataFrame":
    import polars as pl

    return frame.with_columns(pl.col(pl.Enum).cast(pl.String))
