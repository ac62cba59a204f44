"""Reading Parquet: one part a file, columns as the file types them; records have numbers and no lines."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from nonagon.imports.csv_dialect import Unreadable
from nonagon.imports.headers import clean
from nonagon.imports.mapping import Source
from nonagon.imports.records import LINE, ROW, ROWS_A_CHUNK, Chunk, Part
from nonagon.imports.repeated import Repeated


def open_parquet(path: Path, file: str, source: Source) -> list[Part]:
    """The one part of a Parquet file. file: the name that facts and rejects give it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    del source  # nothing of a Parquet file is left to be said
    try:
        with pq.ParquetFile(path) as parquet:
            names = list(parquet.schema_arrow.names)
            records = parquet.metadata.num_rows
    except (pa.ArrowException, OSError) as error:
        reason = str(error).strip().splitlines()[0]
        raise Unreadable(f"is no Parquet file that can be read ({reason}); export it again") from error
    if records == 0:
        raise Unreadable("has columns and no records; leave it out, or export it again")

    def chunks(wanted: Sequence[int]) -> Iterator[Chunk]:
        return _chunks(path, names, records, wanted)

    return [Part(file, "", tuple(clean(name) for name in names), None, chunks, "Parquet")]


def _chunks(path: Path, names: Sequence[str], records: int, wanted: Sequence[int]) -> Iterator[Chunk]:
    import polars as pl
    import pyarrow as pa
    import pyarrow.parquet as pq

    number, repeated = 0, Repeated()
    try:
        with pq.ParquetFile(path) as parquet:
            columns = [names[place] for place in wanted]
            for batch in parquet.iter_batches(batch_size=ROWS_A_CHUNK, columns=columns):
                frame = pl.DataFrame([repeated.series(place, batch.column(names[place])) for place in wanted])
                height = batch.num_rows
                rows = pl.Series(ROW, range(number + 1, number + height + 1), dtype=pl.Int64)
                lines = pl.repeat(None, height, dtype=pl.Int64, eager=True).alias(LINE)
                number += height
                yield Chunk(frame.with_columns(rows, lines), done=number / records)
    except pa.ArrowException as error:
        raise Unreadable(
            f"is damaged after record {number}: {str(error).splitlines()[0]}; export it again"
        ) from error
