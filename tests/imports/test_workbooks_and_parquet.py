"""Workbooks and Parquet files made here with other programs' writers, read back as facts."""

from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter

from nonagon.basics.errors import InputError
from nonagon.imports.load import Imported, load_facts
from nonagon.imports.mapping import Source


def load(folder: Path, **source: object) -> Imported:
    return load_facts({"s": Source.model_validate(source)}, folder, folder / "out")


def facts(result: Imported, table: str) -> pl.DataFrame:
    return pl.read_parquet(result.store.uris(table)[0])


MEASURES: dict[str, object] = {
    "table": "measurements",
    "files": "book.xlsx",
    "columns": {
        "characteristic": {"constant": "delay"},
        "at": {"day": "Date", "time": "Time"},
        "phase": {"sheet": r"^(\w+)"},
        "value": ["Min Delay", "Delay"],
    },
    "attributes": {"route": "Route"},
}


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Two sheets with drifting headers, the second one two rows lower, with an error and an empty row."""
    with xlsxwriter.Workbook(str(tmp_path / "book.xlsx")) as workbook:
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        clock = workbook.add_format({"num_format": "hh:mm"})
        before = workbook.add_worksheet("before ")
        before.write_row(0, 0, ["Date", "Time", " Min Delay ", "Route"])
        for row, (minutes, route) in enumerate([(4, 34), (999, 12), (2.5, "express")], start=1):
            before.write_datetime(row, 0, datetime(2018, 1, row), day)
            before.write_datetime(row, 1, datetime(1899, 12, 31, 6, row), clock)
            before.write(row, 2, minutes)
            before.write(row, 3, route)
        after = workbook.add_worksheet("after")
        after.write_row(2, 1, ["Date", "Time", "Delay", "Route"])
        for row in (3, 5):
            after.write_datetime(row, 1, datetime(2019, 1, row), day)
            after.write_string(row, 2, "7:05 pm")
            after.write_number(row, 4, 34)
        after.write_number(3, 3, 8)
        after.write_formula(5, 3, "=1/0", None, "#DIV/0!")
    return tmp_path


def test_all_sheets_of_a_workbook(book: Path) -> None:
    result = load(book, sheet="*", values={"value": {"cap": {"at": 999, "then": "missing"}}}, **MEASURES)
    rows = facts(result, "measurements").select("at", "phase", "value", "attribute_route", "row").rows()
    assert rows == [
        (datetime(2018, 1, 1, 6, 1), "before", 4.0, "34", 1),
        (datetime(2018, 1, 3, 6, 3), "before", 2.5, "express", 3),
        (datetime(2019, 1, 3, 19, 5), "after", 8.0, "34", 4),
    ]
    rejects = pl.read_csv(result.rejects)
    assert rejects.select("sheet", "line", "row", "value", "kind").rows() == [
        ("before ", 3, 2, "999", "empty"),
        ("after", 6, 5, "#ERROR", "refused"),
    ]
    (tally,) = result.tallies
    assert (tally.records, tally.with_facts, tally.blank_lines) == (5, 3, 1)


def test_only_the_first_sheet_is_read_unless_asked_and_that_is_said(book: Path) -> None:
    result = load(book, **MEASURES)
    assert result.tallies[0].records == 3
    assert any("would also read 'after'" in notice for notice in result.notices)


def test_sheets_are_named_without_minding_blanks_and_case(book: Path) -> None:
    result = load(book, sheet=["After"], values={"value": {"missing": "#ERROR"}}, **MEASURES)
    assert facts(result, "measurements")["value"].to_list() == [8.0]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"sheet": "During"}, "has no sheet 'During' (its sheets: 'before ', 'after')"),
        ({"header_row": 9}, "has no header in row 9"),
        ({"files": "fake.xlsx"}, "is no workbook that can be read"),
        ({"files": "fake.xlsx", "reader": "parquet"}, "is no Parquet file that can be read"),
        ({"files": "note.docx"}, "has an ending that says nothing"),
        ({"files": "empty.xlsx"}, "is empty"),
        ({"files": "bare.xlsx"}, "has a header and no records"),
    ],
)
def test_what_cannot_be_read_is_said(book: Path, changes: dict[str, object], said: str) -> None:
    (book / "fake.xlsx").write_text("not a workbook at all")
    (book / "note.docx").write_text("x")
    for name, cells in (("empty", []), ("bare", ["Date", "Time", "Delay", "Route"])):
        with xlsxwriter.Workbook(str(book / f"{name}.xlsx")) as workbook:
            workbook.add_worksheet().write_row(0, 0, cells)
    with pytest.raises(InputError) as caught:
        load(book, **{**MEASURES, **changes})
    assert said in str(caught.value)


def test_a_value_below_the_first_thousand_rows_still_counts(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "book.xlsx")) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["id", "text"])
        for row in range(1, 3001):
            sheet.write_row(row, 0, [row, row if row <= 2000 else f"comment {row}"])
    result = load(tmp_path, table="verbatims", files="book.xlsx", columns={"verbatim_id": "id", "text": "text"})
    texts = facts(result, "verbatims")["text"].to_list()
    assert (texts[0], texts[1999], texts[2999]) == ("1", "2000", "comment 3000")


def test_parquet_keeps_its_own_types(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "InvoiceNo": ["536365", "C536379"],
            "CustomerID": [17850, None],
            "Price": [2.55, -27.5],
            "Pieces": [6, 1],
            "When": [datetime(2010, 12, 1, 8, 26), datetime(2010, 12, 1, 9, 41)],
        }
    )
    frame.write_parquet(tmp_path / "sales.parquet")
    result = load(
        tmp_path,
        table="sales",
        files="sales.parquet",
        columns={
            "sale_id": "InvoiceNo",
            "customer_id": "customerid",
            "date": "When",
            "quantity": "Pieces",
            "amount": {"multiply": ["Pieces", "Price"]},
        },
        # The marks of a text file do not hold for numbers that the file types itself.
        values={"*": {"decimal": ",", "thousands": "."}},
    )
    got = facts(result, "sales").select("sale_id", "customer_id", "date", "amount").rows()
    assert got == [
        ("536365", "17850", date(2010, 12, 1), 6 * 2.55),
        ("C536379", None, date(2010, 12, 1), -27.5),
    ]


def test_a_parquet_file_without_records_is_a_mistake(tmp_path: Path) -> None:
    pl.DataFrame({"id": [], "text": []}).write_parquet(tmp_path / "x.parquet")
    with pytest.raises(InputError, match="has columns and no records"):
        load(tmp_path, table="verbatims", files="x.parquet", columns={"verbatim_id": "id", "text": "text"})
