"""The fact tables as the analyses see them."""

import math
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from builders.facts import facts_of
from nonagon.engine.facts import Facts, FactTable

SALES = [
    {"sale_id": "1", "date": "2025-01-01", "amount": 2.5, "product": "pass", "channel": "web"},
    {"sale_id": "2", "date": "2025-01-02", "amount": 1.0},
]


def test_has_asks_for_rows_and_for_values(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, without=("quantity",), sales=SALES)
    assert facts.has("sales")
    assert facts.has("sales", "product", "amount")
    assert not facts.has("sales", "version"), "the column is there and holds nothing"
    assert not facts.has("sales", "quantity"), "the column is not there"
    assert not facts.has("answers")
    assert not facts.has("answers", "item")


def test_a_table_without_rows_is_no_table() -> None:
    facts = Facts({"sales": FactTable((), "sales@0", 0)})
    assert not facts.has("sales")
    assert (facts.label("sales"), facts.rows("sales"), facts.attributes("sales")) == ("sales (none)", 0, ())


def test_labels_rows_and_attributes(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, sales=SALES)
    assert facts.labels("sales", "answers") == ("sales@test", "answers (none)")
    assert (facts.rows("sales"), facts.rows("answers")) == (2, 0)
    assert facts.attributes("sales") == ("channel",)
    with pytest.raises(KeyError):
        facts.table("answers")


def test_collect_gives_plain_arrays(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, sales=SALES)
    table = facts.table("sales")
    found = facts.collect(
        table.select("sale_id", "date", "product", "amount", "quantity", large=table.amount > 2), order=["sale_id"]
    )
    assert found["date"].tolist() == [date(2025, 1, 1), date(2025, 1, 2)]
    assert found["product"].tolist() == ["pass", None]
    assert found["amount"].dtype == np.float64
    assert [math.isnan(value) for value in found["quantity"]] == [True, True]
    assert found["large"].tolist() == [True, False]
    counts = facts.collect(table.aggregate(n=table.count(), none=table.quantity.count()))
    assert (counts["n"].dtype, counts["n"].tolist(), counts["none"].tolist()) == (np.int64, [2], [0])


def test_a_table_of_several_files_is_read_as_one(tmp_path: Path) -> None:
    uris = []
    for number in range(2):
        folder = tmp_path / str(number)
        folder.mkdir()
        facts_of(folder, sales=[{**SALES[number], "channel": "web"}])
        uris.append(str(folder / "sales.parquet"))
    facts = Facts({"sales": FactTable(tuple(uris), "sales@two", 2, ("channel",))})
    assert facts.collect(facts.table("sales"), order=["sale_id"])["sale_id"].tolist() == ["1", "2"]
