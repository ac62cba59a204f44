"""Real public files, where they stand beside the repository: figures counted apart from the product."""

import csv
import gzip
import math
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from nonagon.imports.load import Imported, load_facts
from nonagon.imports.mapping import Source

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not DATA.is_dir(), reason="the real data are not beside the repository"),
]


def load(out: Path, folder: str, **source: object) -> Imported:
    return load_facts({"real": Source.model_validate(source)}, DATA / folder, out)


def facts(result: Imported, table: str) -> pl.DataFrame:
    return pl.concat([pl.read_parquet(uri) for uri in result.store.uris(table)])


# The headers of four questions over the eight waves of the airport survey, from its code books.
AIRPORT_ITEMS = {
    "art": ["Q6A", "Q8A", "Q8A_ART", "Q7A_ART", "Q7ART"],
    "food": ["Q6B", "Q8B", "Q8B_FOOD", "Q7B_FOOD", "Q7FOOD"],
    "wifi": ["Q7I_WIFI", "Q7WIFI"],
    "whole": ["Q6N", "Q8N", "Q8N_WHOLE", "Q7O_WHOLE", "Q7ALL"],
}


def plain_answers(path: Path) -> Counter[tuple[str, str]]:
    """How many scores 1 to 5, codes that are none and blanks each question has, read with the csv module."""
    with path.open(newline="", encoding="utf-8-sig") as stream:
        rows = list(csv.reader(stream))
    header = [title.strip() for title in rows[0]]
    count: Counter[tuple[str, str]] = Counter()
    for item, names in AIRPORT_ITEMS.items():
        place = next((header.index(name) for name in names if name in header), None)
        for row in rows[1:] if place is not None else ():
            text = row[place].strip()
            kind = "score" if text in ("1", "2", "3", "4", "5") else "code" if text in ("0", "6") else "other"
            count[item, kind] += 1
    return count


def test_eight_waves_of_a_survey_with_drifting_headers(tmp_path: Path) -> None:
    result = load(
        tmp_path,
        "sfo-survey",
        table="answers",
        files="*_SFO_Customer_Survey.csv",
        columns={
            "respondent_id": {"join": [{"file": r"^(\d{4})_"}, ["RESPNUM", "*RESPNUM"]]},
            "wave": {"file": r"^(\d{4})_"},
            "weight": {"from": "WEIGHT", "optional": True},
        },
        items=AIRPORT_ITEMS,
        values={"*": {"not_answers": [0, 6]}},
    )
    frame = facts(result, "answers")
    assert sorted(frame["wave"].unique()) == [str(year) for year in range(2010, 2018)]
    assert frame["value"].is_in([1.0, 2.0, 3.0, 4.0, 5.0]).all()
    for tally in result.tallies:
        expected = plain_answers(DATA / "sfo-survey" / tally.file)
        for item, cells in tally.cells.items():
            if item in AIRPORT_ITEMS:
                assert (cells.values, cells.not_answers) == (expected[item, "score"], expected[item, "code"])
                assert cells.missing + cells.refused == expected[item, "other"]
        stored = frame.filter(pl.col("file") == tally.file)
        assert stored.height == sum(expected[item, "score"] for item in AIRPORT_ITEMS)
    # 2,818 to 3,872 a wave, as the folder's own README has it.
    assert (min(t.records for t in result.tallies), max(t.records for t in result.tallies)) == (2818, 3872)
    assert any("wifi" in notice and "2010" in notice for notice in result.notices)


@pytest.mark.parametrize(("year", "capped"), [(2018, 660), (2019, 231), (2020, 62)])
def test_bus_delays_in_twelve_sheets_with_a_cap(tmp_path: Path, year: int, capped: int) -> None:
    import fastexcel

    file = f"ttc-bus-delay-data-{year}.xlsx"
    workbook = fastexcel.read_excel(DATA / "ttc" / file)
    frames = [workbook.load_sheet(name, schema_sample_rows=None).to_polars() for name in workbook.sheet_names]
    delays = [
        value
        for frame in frames
        for value in frame[next(title for title in frame.columns if title.strip() in ("Min Delay", "Delay"))]
    ]
    # The README of the data counts 999 this often.
    assert delays.count(999) == capped
    above = sum(1 for value in delays if value is not None and value > 999)
    blank = delays.count(None)
    result = load(
        tmp_path,
        "ttc",
        table="measurements",
        files=file,
        sheet="*",
        columns={
            "characteristic": {"constant": "delay"},
            "at": {"day": ["Report Date", "Date"], "time": "Time"},
            "value": ["Min Delay", "Delay"],
        },
        attributes={"route": "Route"},
        values={"value": {"cap": {"at": 999}}},
    )
    frame = facts(result, "measurements")
    assert frame.height == len(delays) - capped - above - blank
    assert result.kinds["refused"] == capped + above
    assert result.kinds["empty"] == blank
    assert math.isclose(frame["value"].sum(), sum(value for value in delays if value is not None and value < 999))
    assert frame["at"].dt.year().unique().to_list() == [year]
    (tally,) = result.tallies
    assert tally.records == len(delays) == {2018: 73927, 2019: 62376, 2020: 36151}[year]


def test_reviews_with_line_ends_inside(tmp_path: Path) -> None:
    with gzip.open(DATA / "airbnb-albany" / "reviews.csv.gz", "rt", encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 25313
    result = load(
        tmp_path,
        "airbnb-albany",
        table="verbatims",
        files="reviews.csv.gz",
        columns={"verbatim_id": "id", "customer_id": "reviewer_id", "date": "date", "text": "comments"},
    )
    frame = facts(result, "verbatims")
    with_text = [row for row in rows if row["comments"].strip()]
    assert frame["verbatim_id"].to_list() == [row["id"] for row in with_text]
    assert frame["customer_id"].n_unique() == len({row["reviewer_id"] for row in with_text})
    assert any("\n" in text for text in frame["text"]) == any("\n" in row["comments"].strip() for row in with_text)
    assert result.kinds["empty"] == len(rows) - len(with_text)
    assert frame["date"].min().isoformat() == min(row["date"] for row in with_text)  # type: ignore[union-attr]


def test_invoices_from_parquet(tmp_path: Path) -> None:
    result = load(
        tmp_path,
        "online-retail",
        table="sales",
        files="online_retail.parquet",
        columns={
            "sale_id": "InvoiceNo",
            "customer_id": "CustomerID",
            "date": "InvoiceDate",
            "product": "StockCode",
            "quantity": "Quantity",
            "amount": {"multiply": ["Quantity", "UnitPrice"]},
        },
        attributes={"country": "Country"},
    )
    frame = facts(result, "sales")
    # 541,909 rows, 4,372 customers, 135,080 rows without one: the folder's README.
    assert frame.height == 541_909
    assert frame["customer_id"].drop_nulls().n_unique() == 4372
    assert frame["customer_id"].null_count() == 135_080
    raw = pl.read_parquet(DATA / "online-retail" / "online_retail.parquet")
    assert math.isclose(frame["amount"].sum(), math.fsum((raw["Quantity"] * raw["UnitPrice"]).to_list()))


def test_the_daily_files_say_what_the_joined_one_says(tmp_path: Path) -> None:
    result = load(
        tmp_path,
        "online-retail",
        table="sales",
        files="by-day/*.csv",
        columns={
            "sale_id": "InvoiceNo",
            "customer_id": "CustomerID",
            "date": "InvoiceDate",
            "amount": {"multiply": ["Quantity", "UnitPrice"]},
        },
    )
    frame = facts(result, "sales")
    days = frame["date"].unique().to_list()
    joined = pl.read_parquet(DATA / "online-retail" / "online_retail.parquet").filter(
        pl.col("InvoiceDate").dt.date().is_in(days)
    )
    assert len(result.tallies) == 12
    assert frame.height == joined.height
    assert math.isclose(frame["amount"].sum(), (joined["Quantity"] * joined["UnitPrice"]).sum())


def test_a_register_whose_hosts_stand_several_times(tmp_path: Path) -> None:
    with gzip.open(DATA / "airbnb-albany" / "listings.csv.gz", "rt", encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    result = load(
        tmp_path,
        "airbnb-albany",
        table="customers",
        files="listings.csv.gz",
        columns={"customer_id": "host_id", "since": "host_since"},
        attributes={"price": "price"},
    )
    frame = facts(result, "customers")
    last = {row["host_id"]: row["price"] for row in rows}
    assert dict(zip(frame["customer_id"], frame["attribute_price"].fill_null(""), strict=True)) == last
    assert result.kinds["replaced"] == len(rows) - len(last) == 421 - 189
