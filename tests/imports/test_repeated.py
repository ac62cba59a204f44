"""Texts that repeat are kept once, whatever they are; everything else stays as it is."""

import polars as pl
import pyarrow as pa
import pytest

from nonagon.imports.repeated import Repeated


@pytest.mark.parametrize(
    ("cells", "dtype"),
    [
        (pa.array(["a", None, "b"] * 20), pl.Enum(["a", "b"])),
        (pa.array([None] * 20, pa.string()), pl.Enum([])),
        (pa.array([f"text {n}" for n in range(20)]), pl.String()),
        (pa.array([1, 2, 3]), pl.Int64()),
        (pa.array(["a", "b"] * 20).dictionary_encode(), pl.Enum(["a", "b"])),
        (pa.array([1.5] * 20).dictionary_encode(), None),
        (pa.array([f"text {n}" for n in range(300)] * 11), pl.Enum([f"text {n}" for n in range(300)])),
    ],
)
def test_cells_come_back_as_they_were(cells: pa.Array, dtype: pl.DataType | None) -> None:
    found = Repeated().series(3, cells)
    assert found.name == "c3"
    assert dtype is None or found.dtype == dtype
    assert found.cast(pl.String).to_list() == pl.Series(cells.to_pylist()).cast(pl.String).to_list()


def test_texts_that_cease_to_repeat_are_no_longer_kept_once() -> None:
    repeated = Repeated()
    assert isinstance(repeated.series(0, pa.array(["a"] * 5000)).dtype, pl.Enum)
    many = pa.array([f"text {n}" for n in range(5000)])
    assert repeated.series(0, many).to_list() == many.to_pylist()
    assert repeated.known == {0: False}
