"""How the columns of facts lie in their files: what repeats by a dictionary, what does not as it is."""

from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest

from nonagon.facts.writer import ROWS_A_GROUP, write_frame

ROWS = 20_000


def encodings(column: pl.Series, folder: Path) -> set[str]:
    path = folder / "part.parquet"
    write_frame(column.to_frame("cell"), path, {"cell": column.dtype})
    assert pl.read_parquet(path)["cell"].to_list() == column.to_list()
    return set(pq.ParquetFile(path).metadata.row_group(0).column(0).encodings)


@pytest.mark.parametrize(
    ("column", "has_dictionary"),
    [
        (pl.Series([n / 7 for n in range(ROWS)]), False),
        (pl.Series([float(n % 10) for n in range(ROWS)]), True),
        (pl.Series([f"c{n}" for n in range(ROWS)]), False),
        (pl.Series([f"c{n % 10}" for n in range(ROWS)]), True),
        (pl.Series([None] * ROWS, dtype=pl.Float64), True),
        (pl.Series(range(ROWS)), False),
    ],
    ids=["measured", "marks", "names", "words", "blank", "record"],
)
def test_what_repeats_has_a_dictionary(column: pl.Series, has_dictionary: bool, tmp_path: Path) -> None:
    assert ("RLE_DICTIONARY" in encodings(column, tmp_path)) is has_dictionary


def test_prices_that_repeat_within_a_group_have_a_dictionary(tmp_path: Path) -> None:
    """12,000 prices: the first 10,000 rows repeat none, and a group has each of them ten times."""
    assert ROWS_A_GROUP >= 10 * 12_000
    prices = pl.Series([n % 12_000 / 100 for n in range(120_000)])
    assert prices.head(10_000).n_unique() == 10_000
    assert "RLE_DICTIONARY" in encodings(prices, tmp_path)
