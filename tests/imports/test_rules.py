"""Each value rule by itself: texts whose meaning a person can say, and properties over many."""

import math
from datetime import date, datetime, time

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonagon.imports.dates import moments, times_of_day
from nonagon.imports.mapping import Rules
from nonagon.imports.numbers import numbers
from nonagon.imports.rules import Code, as_text, outcome, reasons


def read(cells: list[object], type: str = "number", **rules: object) -> list[tuple[object, str]]:  # noqa: A002
    result = outcome(pl.Series(cells), type=type, rules=Rules.model_validate(rules))  # type: ignore[arg-type]
    return list(zip(result.value.to_list(), [Code(code).name for code in result.code], strict=True))


def test_blank_is_missing_in_all_its_spellings() -> None:
    assert [code for _, code in read(["", "  ", "\t", "\u00a0", None])] == ["BLANK"] * 5


def test_markers_of_the_missing_match_as_text_and_as_number() -> None:
    got = read(["NA", "-9", "-9.0", "9", "na"], missing=["NA", -9])
    assert got == [(None, "MARKER"), (None, "MARKER"), (None, "MARKER"), (9.0, "VALUE"), (None, "NO_NUMBER")]


def test_codes_that_are_no_answer_are_told_from_missing() -> None:
    got = read(["0", "6", "5", "99"], not_answers=[0, 6], missing=[99])
    assert got == [(None, "NOT_AN_ANSWER"), (None, "NOT_AN_ANSWER"), (5.0, "VALUE"), (None, "MARKER")]


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        ("refuse", [(998.0, "VALUE"), (None, "OVER_CAP"), (None, "OVER_CAP")]),
        ("missing", [(998.0, "VALUE"), (None, "CAPPED"), (None, "CAPPED")]),
        ("limit", [(998.0, "VALUE"), (999.0, "LIMITED"), (999.0, "LIMITED")]),
    ],
)
def test_cap(then: str, expected: list[tuple[object, str]]) -> None:
    assert read(["998", "999", "2030"], cap={"at": 999, "then": then}) == expected


def test_limits_are_inclusive() -> None:
    got = read(["0.9", "1", "5", "5.1"], lower=1, upper=5)
    assert [code for _, code in got] == ["TOO_LOW", "VALUE", "VALUE", "TOO_HIGH"]


def test_limits_of_dates() -> None:
    got = read(
        ["2017-12-31", "2018-01-01", "2019-01-01"], "date", lower=date(2018, 1, 1), upper=date(2018, 12, 31)
    )
    assert [code for _, code in got] == ["TOO_LOW", "VALUE", "TOO_HIGH"]


def test_map_goes_before_the_type() -> None:
    got = read(["Yes", "No", "3", "Maybe"], map={"Yes": 1, "No": 0})
    assert got == [(1.0, "VALUE"), (0.0, "VALUE"), (3.0, "VALUE"), (None, "NO_NUMBER")]


def test_text_is_trimmed_and_kept() -> None:
    assert read([" a b ", "7"], "text") == [("a b", "VALUE"), ("7", "VALUE")]


def test_ids_that_took_a_detour_over_numbers() -> None:
    got = read(["17850.0", "17850", "1.5", "A1.0"], "text", whole=True)
    assert [value for value, _ in got] == ["17850", "17850", "1.5", "A1.0"]


def test_choices() -> None:
    got = outcome(
        pl.Series(["external", "Internal", ""]), type="text", rules=Rules(), choices=("external", "internal")
    )
    assert [Code(code).name for code in got.code] == ["VALUE", "NO_CHOICE", "BLANK"]
    assert got.value.to_list() == ["external", None, None]


# --- numbers


@pytest.mark.parametrize(
    ("text", "rules", "value"),
    [
        ("5", {}, 5.0),
        ("+5.25", {}, 5.25),
        ("-.5", {}, -0.5),
        ("1e3", {}, 1000.0),
        ("\u22127", {}, -7.0),
        ("1,234", {}, None),
        ("1_000", {}, None),
        ("0x10", {}, None),
        ("nan", {}, None),
        ("inf", {}, None),
        ("1e999", {}, None),
        ("five", {}, None),
        ("$70.00", {}, None),
        ("$70.00", {"strip": ["$"]}, 70.0),
        ("45 %", {"strip": ["%"]}, 45.0),
        ("1,234.5", {"thousands": ","}, 1234.5),
        ("12,34.5", {"thousands": ","}, None),
        ("1,23,456", {"thousands": ","}, 123456.0),
        ("1.234.567,5", {"decimal": ",", "thousands": "."}, 1234567.5),
        ("1.5", {"decimal": ",", "thousands": "."}, None),
        ("1.5", {"decimal": ","}, None),
        ("1,5", {"decimal": ","}, 1.5),
        ("1\u00a0234,5", {"decimal": ",", "thousands": " "}, 1234.5),
        ("1\u202f234,5", {"decimal": ",", "thousands": " "}, 1234.5),
        ("1\u2019234.5", {"thousands": "'"}, 1234.5),
        ("$1,234", {"strip": ["$"], "thousands": ","}, 1234.0),
        ("-$5", {"strip": ["$"]}, -5.0),
    ],
)
def test_numbers(text: str, rules: dict[str, object], value: float | None) -> None:
    assert numbers(pl.Series([text]), Rules.model_validate(rules)).to_list() == [value]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_finite_number_comes_back_exactly(value: float) -> None:
    assert numbers(pl.Series([repr(value)]), Rules()).to_list() == [value]
    assert numbers(pl.Series([repr(value).replace(".", ",")]), Rules(decimal=",")).to_list() == [value]


@given(st.integers(-(10**12), 10**12), st.sampled_from([(".", ","), (",", "."), (",", " "), (".", "'")]))
def test_grouped_numbers_come_back(value: int, marks: tuple[str, str]) -> None:
    decimal, thousands = marks
    text = f"{value:,}".replace(",", thousands) + decimal + "5"
    expected = value + math.copysign(0.5, value) if value else 0.5
    rules = Rules.model_validate({"decimal": decimal, "thousands": thousands})
    assert numbers(pl.Series([text]), rules).to_list() == [expected]


@given(st.lists(st.text(max_size=8), min_size=1, max_size=20))
def test_a_number_is_finite_or_there_is_none(texts: list[str]) -> None:
    for value in numbers(pl.Series(texts), Rules(decimal=",", thousands=".", strip=("%",))).to_list():
        assert value is None or math.isfinite(value)


# --- dates


@pytest.mark.parametrize(
    ("text", "order", "expected"),
    [
        ("2018-02-03", None, datetime(2018, 2, 3)),
        ("2018/2/3", None, datetime(2018, 2, 3)),
        ("20180203", None, datetime(2018, 2, 3)),
        ("2018-02-03T14:05:06", None, datetime(2018, 2, 3, 14, 5, 6)),
        ("2018-02-03 14:05:06.25", None, datetime(2018, 2, 3, 14, 5, 6, 250000)),
        ("2018-02-03T14:05:00Z", None, datetime(2018, 2, 3, 14, 5)),
        ("2018-02-03T14:05:00+02:00", None, datetime(2018, 2, 3, 14, 5)),
        ("03/02/2018", "day-first", datetime(2018, 2, 3)),
        ("03/02/2018", "month-first", datetime(2018, 3, 2)),
        ("3.2.18", "day-first", datetime(2018, 2, 3)),
        ("3.2.69", "day-first", datetime(1969, 2, 3)),
        ("18-02-03", "year-first", datetime(2018, 2, 3)),
        ("2018-02-03", "day-first", datetime(2018, 2, 3)),
        ("2/3/2018 2:05 PM", "month-first", datetime(2018, 2, 3, 14, 5)),
        ("2/3/2018 12:05 am", "month-first", datetime(2018, 2, 3, 0, 5)),
        ("3 Feb 2018", None, datetime(2018, 2, 3)),
        ("03-Feb-18", None, datetime(2018, 2, 3)),
        ("February 3, 2018", None, datetime(2018, 2, 3)),
        ("3 Sept 2018", None, datetime(2018, 9, 3)),
        ("03/02/2018", None, None),
        ("31/02/2018", "day-first", None),
        ("13/13/2018", "day-first", None),
        ("2018-02-30", None, None),
        ("2018-02-03 25:00", None, None),
        ("2018-02-03 13:05 pm", None, None),
        ("3 Foo 2018", None, None),
        ("0018-02-03", None, None),
        ("201-02-03", None, None),
        ("yesterday", None, None),
        ("2018-02-03x", None, None),
    ],
)
def test_dates(text: str, order: str | None, expected: datetime | None) -> None:
    assert moments(pl.Series([text]), Rules.model_validate({"date_order": order})).to_list() == [expected]


def test_formats_go_before_all_orders() -> None:
    rules = Rules(formats=("%d%m%Y", "%Y week %j", "%d.%m.%Y %H:%M"))
    got = moments(pl.Series(["03022018", "3.2.2018 14:05", "2018-02-03"]), rules).to_list()
    assert got == [datetime(2018, 2, 3), datetime(2018, 2, 3, 14, 5), None]


def test_serial_days_of_workbooks() -> None:
    # 43134 is 2018-02-03 in every spreadsheet program that counts from 1900; .5 is noon.
    got = moments(pl.Series(["43134", "43134.5", "-1", "x"]), Rules(formats=("excel-serial",))).to_list()
    assert got == [datetime(2018, 2, 3), datetime(2018, 2, 3, 12), None, None]


@given(st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 31)))
def test_every_moment_comes_back(moment: datetime) -> None:
    assert moments(pl.Series([moment.isoformat(sep=" ")]), Rules()).to_list() == [moment]
    day = f"{moment.day}/{moment.month}/{moment.year:04d}"
    assert moments(pl.Series([day]), Rules(date_order="day-first")).to_list() == [
        datetime(*moment.timetuple()[:3])
    ]


def test_an_open_order_is_said_to_be_open() -> None:
    assert [code for _, code in read(["03/02/2018", "tomorrow"], "date")] == ["NO_ORDER", "NO_DATE"]


def test_distinct_dates_and_repeated_dates_read_alike() -> None:
    texts = ["1/2/2018", "bad", None, "2018-03-04"]
    rules = Rules(date_order="day-first")
    assert moments(pl.Series(texts * 50), rules).to_list() == moments(pl.Series(texts), rules).to_list() * 50


def test_times_of_day() -> None:
    got = times_of_day(pl.Series(["14:05", "2:05:30 pm", "24:00", "12:00 am", ""])).to_list()
    seconds = [None if value is None else value.total_seconds() for value in got]
    assert seconds == [14 * 3600 + 300, 14 * 3600 + 330, None, 0, None]


# --- native cells


def test_native_cells_as_text() -> None:
    assert as_text(pl.Series([94.0, 0.1, 1e20, float("nan"), None])).to_list() == [
        "94",
        "0.1",
        "1e+20",
        None,
        None,
    ]
    assert as_text(pl.Series([1, -2])).to_list() == ["1", "-2"]
    assert as_text(pl.Series([True, False])).to_list() == ["true", "false"]
    assert as_text(pl.Series([datetime(2018, 1, 2), datetime(2018, 1, 2, 3, 4)])).to_list() == [
        "2018-01-02",
        "2018-01-02 03:04:00",
    ]
    assert as_text(pl.Series([date(2018, 1, 2)])).to_list() == ["2018-01-02"]
    assert as_text(pl.Series([time(3, 4)])).to_list()[0].startswith("03:04:00")


def test_the_files_marks_do_not_hold_in_native_cells() -> None:
    assert read([1234.5, 2.0], decimal=",", thousands=".", strip=["1"]) == [(1234.5, "VALUE"), (2.0, "VALUE")]
    assert read([datetime(2018, 2, 3, 4)], "date", formats=["%d%m%Y"]) == [(date(2018, 2, 3), "VALUE")]


def test_native_infinity_is_no_number_and_nan_is_blank() -> None:
    assert [code for _, code in read([float("inf"), float("nan")])] == ["NO_NUMBER", "BLANK"]


def test_every_code_that_is_no_value_has_a_sentence() -> None:
    for kind in ("text", "number", "date", "timestamp"):
        sentences = reasons("value", kind, Rules.model_validate({"cap": {"at": 9}, "lower": 1, "upper": 9}))
        assert all(sentences[code] for code in Code if code not in (Code.VALUE, Code.LIMITED))


cells = st.one_of(
    st.none(), st.text(max_size=10), st.integers(-99, 99).map(str), st.sampled_from(["NA", "6", "1/2/18"])
)


@given(st.lists(cells, min_size=1, max_size=30), st.sampled_from(["text", "number", "date", "timestamp"]))
def test_a_cell_is_a_value_or_says_why_not(texts: list[str | None], kind: str) -> None:
    rules = Rules.model_validate(
        {"missing": "NA", "not_answers": 6, "cap": {"at": 50, "then": "limit"}, "lower": -50}
    )
    result = outcome(pl.Series(texts, dtype=pl.String), type=kind, rules=rules)  # type: ignore[arg-type]
    for value, code in zip(result.value, result.code, strict=True):
        assert (value is not None) == (code in (Code.VALUE, Code.LIMITED))
