"""Numbers as people read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonagon.charts.wording import (
    MINUS,
    THIN,
    amount,
    change,
    estimate,
    listed,
    number,
    percent,
    plural,
    short,
    signed,
)
from nonagon.deliverables.evidence import Estimate


def read(text: str) -> float:
    return float(text.replace(THIN, "").replace(MINUS, "-"))


@given(st.floats(-1e12, 1e12), st.integers(0, 6))
def test_a_number_can_be_read_back(value: float, digits: int) -> None:
    text = number(value, digits=digits)
    assert read(text) == pytest.approx(round(value, digits), abs=0.51 * 10**-digits, rel=1e-12)
    assert text.replace(THIN, "").replace(MINUS, "").replace(".", "").isdigit()


@given(st.floats(-1e9, 1e9).filter(lambda value: value == 0 or abs(value) > 1e-9), st.integers(1, 9))
def test_a_short_number_is_as_exact_as_it_says(value: float, digits: int) -> None:
    assert read(short(value, digits=digits)) == pytest.approx(value, rel=5.1 * 10**-digits, abs=0.51)
    if abs(value) < 1:
        assert read(short(value, digits=digits)) == pytest.approx(value, rel=5.1 * 10**-digits)
    assert "e" not in short(value, digits=digits)


def test_nothing_breaks_over_lines() -> None:
    assert amount(1234567.8, "EUR") == f"1{THIN}234{THIN}568 EUR"
    assert percent(0.5) == f"50.0{THIN}%"
    assert plural(12345, "row") == f"12{THIN}345 rows"


@pytest.mark.parametrize("value", [0.0, 0.004, -0.004])
def test_what_rounds_to_nothing_has_no_sign(value: float) -> None:
    assert (number(value), signed(value)) == ("0.00", "0.00")


@pytest.mark.parametrize(
    ("value", "text"),
    [(4.5, "4.5"), (1000000, f"1{THIN}000{THIN}000"), (0.000125, "0.000125"), (-20.0, f"{MINUS}20"), (0, "0")],
)
def test_what_people_stated_is_shown_as_they_stated_it(value: float, text: str) -> None:
    assert short(value) == text


def test_an_estimate_without_one_end_says_at_least_or_at_most() -> None:
    assert estimate(Estimate(value=1.2, low=1.0)) == "1.20 (at least 1.00)"
    assert estimate(Estimate(value=0.1, high=0.2, unit="share")) == f"10.0{THIN}% (at most 20.0{THIN}%)"
    assert estimate(Estimate(value=3.0)) == "3.00"


def test_an_estimate_without_a_value_gives_the_reason() -> None:
    held = Estimate(why="fewer than 10 answers")
    assert estimate(held) == change(held) == "fewer than 10 answers"
    assert estimate(Estimate()) == change(Estimate()) == "not known"
    assert estimate(None) == ""


def test_a_change_without_an_interval_keeps_its_sign_and_unit() -> None:
    assert change(Estimate(value=2, unit="points")) == "+2.00 points"
    assert change(Estimate(value=-0.02, unit="share")) == f"{MINUS}2.0 percentage points"
    assert change(Estimate(value=2)) == "+2.00"


def test_names_in_a_row() -> None:
    assert listed(()) == ""
    assert listed(("a", "b", "c"), before="open", most=3) == "open: a, b, c"
    assert listed(name for name in "abc") == "a, b, c"
