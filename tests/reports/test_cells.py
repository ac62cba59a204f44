"""Formatted cells read back: exactly what `charts.wording` writes, and nothing else."""

import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonagon.charts.section import Table
from nonagon.charts.wording import MINUS, THIN, amount, estimate, measured, number, percent, short, signed
from nonagon.deliverables.evidence import Estimate
from nonagon.reports.cells import Grid, Quantity, grid, quantity

values = st.floats(min_value=-1e9, max_value=1e9, allow_nan=False)


def of_columns(*columns: tuple[str, str], rows: tuple[tuple[str, ...], ...]) -> Grid:
    return grid(Table("caption", columns, rows))  # type: ignore[arg-type]


def shown(found: Quantity) -> str:
    """The number as a spreadsheet shows it with its format: written here again, from the format alone."""
    form = found.shown_as.split(";")
    chosen = form[0] if found.value > 0 or len(form) == 1 else form[1] if found.value < 0 else form[2]
    plus = "+" if chosen.startswith("+") else ""
    core, _, unit = chosen.lstrip("+-").partition(' "')
    share = core.endswith("%")
    digits = len(core.rstrip("%").partition(".")[2])
    value = abs(found.value) * (100 if share else 1)
    text = f"{value:,.{digits}f}" if core.startswith("#") else f"{value:.{digits}f}"
    sign = MINUS if found.value < 0 else plus
    ending = f"{THIN}%" if share else f" {unit.rstrip(chr(34))}" if unit else ""
    return f"{sign}{text.replace(',', THIN)}{ending}"


# --- what is written comes back


@given(values, st.integers(0, 5))
def test_a_number_comes_back_as_far_as_it_was_written(value: float, digits: int) -> None:
    text = number(value, digits=digits)
    found = quantity(text)
    assert found is not None
    assert math.isclose(found.value, value, abs_tol=0.5000001 * 10**-digits, rel_tol=1e-12)
    assert shown(found) == text


@given(values, st.integers(0, 4))
def test_a_difference_keeps_its_sign(value: float, digits: int) -> None:
    text = signed(value, digits=digits)
    found = quantity(text)
    assert found is not None
    assert shown(found) == text


@given(st.floats(-10, 10), st.integers(0, 3))
def test_a_share_comes_back_as_a_fraction_of_one(value: float, digits: int) -> None:
    text = percent(value, digits=digits)
    found = quantity(text)
    assert found is not None
    assert math.isclose(found.value, value, abs_tol=0.5000001 * 10 ** -(digits + 2))
    assert shown(found) == text


@given(values.filter(lambda value: value == 0 or abs(value) > 1e-6))
def test_money_and_measurements_come_back_with_their_unit(value: float) -> None:
    for text in (amount(value, "EUR"), measured(value, "min"), short(value), measured(value, "share")):
        found = quantity(text)
        assert found is not None, text
        assert shown(found) == text


@given(st.text(max_size=20))
def test_whatever_is_read_is_shown_as_it_was_written(text: str) -> None:
    found = quantity(text)
    assert found is None or shown(found) == text.replace("-", MINUS)


# --- what is not such a number stays a text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2 of 5",
        "under 1\u202f%",
        "007",
        "1,234",
        "1 234",  # an ordinary space between thousands is not how we write them
        f"1{THIN}23",
        f"12{THIN}3456",
        "1e5",
        "=1+1",
        "+",
        "-",
        "NaN",
        "inf",
        "1.",
        ".5",
        "1.5.2",
        "2025-01",
        "12345678901234567",  # an identifier: a double would change it
        '5 "or" 6',
        "5 [Red]",
        "３",  # a digit, but not one of ours
    ],
)
def test_anything_else_is_no_number(text: str) -> None:
    assert quantity(text) is None


def test_a_column_of_texts_is_never_read_as_numbers() -> None:
    found = of_columns(("code", "text"), rows=(("12",), ("007",)))
    assert found.rows == (("12",), ("007",))


def test_days_become_days_and_months_stay_texts() -> None:
    found = of_columns(("from", "text"), rows=(("2025-02-28",), ("2025-02-30",), ("2025-02",), ("1899-12-31",)))
    assert found.rows == ((date(2025, 2, 28),), ("2025-02-30",), ("2025-02",), ("1899-12-31",))


# --- intervals have columns of their own


def test_an_estimate_becomes_value_low_and_high() -> None:
    share = estimate(Estimate(value=0.5, low=0.4, high=0.6, unit="share"))
    effect = estimate(Estimate(value=0.042, low=-0.01, high=0.094, unit="share"), sign=True)
    one_sided = estimate(Estimate(value=3.5, low=2.25))
    why = estimate(Estimate(why="fewer than 10 answers"))
    found = of_columns(
        ("need", "text"),
        ("score", "number"),
        rows=(("a", share), ("b", effect), ("c", one_sided), ("d", why), ("e", "")),
    )
    assert found.headings == ("need", "score", "score, low", "score, high")
    low, high = "+0.0%;-0.0%;0.0%", "+0.0%;-0.0%;0.0%"
    assert found.rows == (
        ("a", Quantity(0.5, "0.0%"), Quantity(0.4, "0.0%"), Quantity(0.6, "0.0%")),
        ("b", Quantity(0.042, low), Quantity(-0.01, "0.0%"), Quantity(0.094, high)),
        ("c", Quantity(3.5, "0.00"), Quantity(2.25, "0.00"), ""),
        ("d", "fewer than 10 answers", "", ""),
        ("e", "", "", ""),
    )


def test_an_interval_alone_becomes_low_and_high() -> None:
    found = of_columns(
        ("interval", "number"), rows=(("3.32 to 8.69",), (f"19 to 20{THIN}%",), (f"1{THIN}% to 2{THIN}%",))
    )
    assert found.headings == ("interval, low", "interval, high")
    assert [tuple(one.value for one in row if isinstance(one, Quantity)) for row in found.rows] == [
        (3.32, 8.69),
        (0.19, 0.20),
        (0.01, 0.02),
    ]


def test_a_second_number_in_brackets_has_its_column_and_a_remark_leaves_the_cell_alone() -> None:
    found = of_columns(
        ("said by", "number"), rows=((f"1{THIN}229 (41.5{THIN}%)",), ("0.00 to 0.02 (vary with size)",))
    )
    assert found.headings == ("said by", "said by, in brackets")
    assert found.rows == (
        (Quantity(1229, "#,##0"), Quantity(0.415, "0.0%")),
        ("0.00 to 0.02 (vary with size)", ""),
    )


def test_headings_are_there_and_each_once() -> None:
    found = of_columns(("", "text"), ("Need", "text"), ("need", "text"), ("a\nb\x07", "text"), rows=())
    assert found.headings == ("column 1", "Need", "need 2", "a b")
