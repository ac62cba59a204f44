"""Columns that are looked up in another file by a key: what is taken, what is missing, what is a mistake."""

import csv
import gzip
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from nonagon.basics.errors import InputError, Mistake
from nonagon.imports.check import mistakes_of_sources, place_in
from nonagon.imports.load import Imported, load_facts
from nonagon.imports.mapping import Lookup, Source
from nonagon.imports.readers import open_parts

TEXT = """\
[data.stays]
table = "sales"
files = "stays.csv"
[data.stays.columns]
sale_id = "No"
date = "Date"
product = "House"
seller = { lookup = "houses.csv", key = "House", match = ["id", "ID"], take = "super" }
amount = { lookup = "houses.csv", key = "House", match = ["id", "ID"], take = "Price" }
[data.stays.values.seller]
map = { t = "us", f = "others" }
[data.stays.values.amount]
strip = ["$"]
thousands = ","
missing = ["?"]
"""
STAYS = """\
No,Date,House
1,2024-01-01,7
2,2024-01-02, 8\x20
3,2024-01-03,7
4,2024-01-04,9
5,2024-01-05,
6,2024-01-06,5
"""
HOUSES = 'ID,super,Price,name\n7,t,"$1,200.00",a\n8,f,$80,b\n5,f,?,c\n'


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "stays.csv").write_text(STAYS)
    (folder / "houses.csv").write_text(HOUSES)
    return folder


def sources(text: str = TEXT) -> dict[str, Source]:
    return {name: Source.model_validate(entry) for name, entry in tomllib.loads(text)["data"].items()}


def load(data: Path, text: str = TEXT) -> Imported:
    return load_facts(sources(text), data, data.parent / "out", places=place_in("cycle.toml", text))


def sales(result: Imported) -> pl.DataFrame:
    return pl.concat([pl.read_parquet(uri) for uri in result.store.uris("sales")])


def rejected(result: Imported) -> list[dict[str, str]]:
    with result.rejects.open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def mistakes(data: Path, text: str = TEXT) -> list[Mistake]:
    with pytest.raises(InputError) as caught:
        load(data, text)
    return list(caught.value.mistakes)


def test_values_are_taken_by_key_and_read_by_the_rules(data: Path) -> None:
    result = load(data)
    assert sales(result).select("sale_id", "seller", "amount").rows() == [
        ("1", "us", 1200.0),
        ("2", "others", 80.0),
        ("3", "us", 1200.0),
    ]
    amount = result.tallies[0].cells["amount"]
    assert (amount.total, amount.values, amount.missing, amount.not_found) == (6, 3, 3, 1)


def test_what_has_no_match_is_missing_and_said(data: Path) -> None:
    result = load(data)
    assert [(row["line"], row["value"], row["kind"], row["reason"]) for row in rejected(result)] == [
        ("5", "9", "empty", "amount is looked up in houses.csv, which lacks this key"),
        ("6", "", "empty", "amount is blank"),
        ("7", "?", "empty", "amount has a marker for missing"),
    ]
    assert {row["column"] for row in rejected(result)} == {"Price in houses.csv by House"}
    assert [notice for notice in result.notices if "lacks" in notice] == [
        "stays: seller: 1 of 6 records have a key that houses.csv lacks",
        "stays: amount: 1 of 6 records have a key that houses.csv lacks",
    ]


def test_a_column_that_is_not_required_keeps_its_record(data: Path) -> None:
    text = TEXT.replace('amount = { lookup = "houses.csv", key = "House", match = ["id", "ID"], take = "Price" }',
                        "amount = { constant = 1 }")  # fmt: skip
    rows = sales(load(data, text)).select("sale_id", "seller").rows()
    assert rows == [("1", "us"), ("2", "others"), ("3", "us"), ("4", None), ("5", None), ("6", "others")]


def test_looked_up_texts_can_be_joined_keyed_and_bucketed(data: Path) -> None:
    (data / "houses.csv").write_text("ID,town,no,opened\n7-A,X,1,3/2/2020\n8-A,Y,2,4/5/2021\n")
    text = """
    [data.stays]
    table = "sales"
    files = "stays.csv"
    [data.stays.columns]
    sale_id = "No"
    date = "Date"
    amount = { constant = 1 }
    product = { join = [{ lookup = "houses.csv", key = { join = ["House", { constant = "A" }] }, match = "ID",
                          take = { join = ["town", "no"], with = "" } }, "No"], with = "/" }
    version = { lookup = "houses.csv", key = { join = ["House", { constant = "A" }] }, match = "ID",
                take = { bucket = "opened", by = "year" } }
    [data.stays.values.version]
    date_order = "day-first"
    """
    rows = sales(
        load(data, text.replace(",\n                ", ", ").replace(",\n                          ", ", "))
    )
    assert rows.select("product", "version").rows()[:4] == [
        ("X1/1", "2020"),
        ("Y2/2", "2021"),
        ("X1/3", "2020"),
        (None, None),
    ]


def test_a_workbook_s_numbers_match_a_text_file_s(data: Path) -> None:
    pl.DataFrame({"ID": [7.0, 8.0, 5.0], "super": ["t", "f", "f"], "Price": [1200.0, 80.0, None]}).write_parquet(
        data / "houses.parquet"
    )
    assert sales(load(data, TEXT.replace("houses.csv", "houses.parquet")))["amount"].to_list() == [1200, 80, 1200]
    assert mistakes_of_sources(sources(TEXT.replace("houses.csv", "houses.parquet")), data) == []


def test_ids_that_went_through_numbers_match_with_the_rule_whole(data: Path) -> None:
    (data / "stays.csv").write_text(STAYS.replace(",7\n", ",7.0\n"))
    assert sales(load(data))["sale_id"].to_list() == ["2"]
    text = TEXT.replace('thousands = ","', 'thousands = ","\nwhole = true')
    assert sales(load(data, text))["sale_id"].to_list() == ["1", "2", "3"]


def test_a_repeated_key_with_the_same_value_is_no_mistake(data: Path) -> None:
    (data / "houses.csv").write_text(HOUSES + '7,t,"$1,200.00",another name\n')
    assert sales(load(data)).height == 3


@pytest.mark.parametrize("other", ["$90", ""])
def test_a_repeated_key_with_different_values_is_a_mistake_that_names_it(data: Path, other: str) -> None:
    (data / "houses.csv").write_text(HOUSES + f"8,f,{other},b\n")
    (mistake,) = mistakes(data)
    assert (mistake.line, mistake.key) == (9, "data.stays.columns.amount")
    shown = repr(other) if other else "nothing"
    assert f"different values under the same key '8': '$80' (line 3) and {shown} (line 5)" in mistake.message
    assert not (data.parent / "out" / "facts" / "facts.json").exists()


def test_a_file_that_is_not_there(data: Path) -> None:
    text = TEXT.replace('amount = { lookup = "houses.csv"', 'amount = { lookup = "house.csv"')
    for (mistake,) in (mistakes(data, text), mistakes_of_sources(sources(text), data, text=text)):
        assert (mistake.line, mistake.key) == (9, "data.stays.columns.amount")
        assert "stays.csv looks into house.csv, which cannot be opened" in mistake.message
        assert "did you mean houses.csv" in mistake.message


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('take = "Price"', 'take = "Prise"'), "looks into houses.csv, which has no column 'Prise'; did you mean"),
        (('match = ["id", "ID"], take = "Price"', 'match = "key", take = "Price"'), "has no column 'key'"),
        (('key = "House", match = ["id", "ID"], take = "Price"', 'key = "Haus", match = "ID", take = "Price"'),
         "stays.csv has no column 'Haus'"),
        (('lookup = "houses.csv", key = "House", match = ["id", "ID"], take = "Price"',
          'lookup = "h*.csv", key = "House", match = "ID", take = "Price"'), "means 2 files; name one"),
    ],
)  # fmt: skip
def test_columns_that_are_not_there(data: Path, change: tuple[str, str], said: str) -> None:
    (data / "h2.csv").write_text("a\n1\n")
    text = TEXT.replace(*change)
    for (mistake,) in (mistakes(data, text), mistakes_of_sources(sources(text), data, text=text)):
        assert (mistake.line, mistake.key) == (9, "data.stays.columns.amount")
        assert said in mistake.message


def test_a_quote_that_is_never_closed_is_named(data: Path) -> None:
    (data / "houses.csv").write_text('ID,super,Price\n7,t,5\n8,f,"6\n5,f,7\n')
    said = mistakes(data)
    assert {mistake.key for mistake in said} == {"data.stays.columns.seller", "data.stays.columns.amount"}
    assert all("a quote that opens in line 3 and is never closed" in mistake.message for mistake in said)


def test_damaged_records_are_said(data: Path) -> None:
    (data / "houses.csv").write_text(HOUSES + "9,t\n")
    result = load(data)
    assert sales(result).height == 3
    (notice,) = [notice for notice in result.notices if "split into cells" in notice]
    assert "houses.csv: 1 records" in notice
    assert "line 5" in notice


def test_the_version_follows_the_bytes_of_the_other_file(data: Path) -> None:
    first = load(data)
    assert load(data).reused == ("sales",)
    (data / "houses.csv").write_text(HOUSES.replace("$80", "$81"))
    second = load(data)
    assert second.reused == ()
    assert second.labels["sales"] != first.labels["sales"]
    assert sales(second)["amount"].to_list() == [1200, 81, 1200]


def test_the_other_file_is_opened_once(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: Counter[str] = Counter()

    def counting(path: Path, file: str, source: Source) -> Any:
        opened[file] += 1
        return open_parts(path, file, source)

    monkeypatch.setattr("nonagon.imports.lookup.open_parts", counting)
    (data / "more.csv").write_text(STAYS.replace("\n1,", "\n11,"))
    load(data, TEXT.replace('files = "stays.csv"', 'files = ["stays.csv", "more.csv"]'))
    assert opened == {"houses.csv": 1}


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"lookup": "../x.csv", "key": "a", "match": "b", "take": "c"}, "inside the data folder"),
        ({"lookup": "x.csv", "key": "a", "match": "b"}, "take"),
        ({"lookup": "x.csv", "key": "a", "match": "b", "take": {"lookup": "y.csv", "key": "c", "match": "d",
          "take": "e"}}, "looks into a further file"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(form: dict[str, object], said: str) -> None:
    entry = {"table": "sales", "files": "a.csv", "columns": {"seller": form}}
    with pytest.raises(ValidationError) as caught:
        Source.model_validate(entry)
    assert said in str(caught.value)


def test_a_look_comes_back_from_json_unchanged() -> None:
    source = sources()["stays"]
    assert Source.model_validate_json(source.model_dump_json(by_alias=True, exclude_unset=True)) == source
    assert isinstance(source.columns["seller"], Lookup)
    assert [name for _, name, _ in source.lookups()] == ["seller", "amount"]


keys = st.one_of(st.none(), st.integers(0, 12).map(str), st.text("ab é", max_size=3))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    own=st.lists(keys, min_size=1, max_size=30),
    other=st.dictionaries(st.integers(0, 12), st.text("xyz", max_size=2)),
)
def test_the_number_of_records_never_changes(
    tmp_path_factory: pytest.TempPathFactory, own: list[str | None], other: dict[int, str]
) -> None:
    """Whatever the keys: as many facts as records, each with what a plain dictionary finds."""
    data = tmp_path_factory.mktemp("look") / "data"
    data.mkdir()
    with (data / "own.csv").open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([["No", "key"], *([number, key or ""] for number, key in enumerate(own))])
    with gzip.open(data / "other.csv.gz", "wt", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([["id", "say"], ["x9", "never"], *([key, say] for key, say in other.items())])
    look = {"lookup": "other.csv.gz", "key": "key", "match": "id", "take": "say"}
    entry = {
        "table": "customers",
        "files": "own.csv",
        "columns": {"customer_id": "No"},
        "attributes": {"say": look},
    }
    result = load_facts({"own": Source.model_validate(entry)}, data, data.parent / "out")
    frame = pl.concat([pl.read_parquet(uri) for uri in result.store.uris("customers")])
    texts = {str(key): say for key, say in other.items()}
    expected = [texts.get((key or "").strip()) or None for key in own]
    assert frame["customer_id"].to_list() == [str(number) for number in range(len(own))]
    assert frame["attribute_say"].to_list() == expected
