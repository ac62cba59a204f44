"""Calendar periods: every day lies in one, and none is left out between two."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonagon.engine.periods import UNITS, last_day_of, next_period

DAYS = st.dates(date(1990, 1, 1), date(2090, 1, 1))
FIRST_DAYS = {
    "day": lambda day: day,
    "week": lambda day: day - timedelta(days=day.weekday()),
    "month": lambda day: day.replace(day=1),
    "quarter": lambda day: day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1),
    "year": lambda day: day.replace(month=1, day=1),
}


@pytest.mark.parametrize("unit", UNITS)
@given(day=DAYS)
def test_a_period_ends_the_day_before_the_next_begins(unit: str, day: date) -> None:
    first = FIRST_DAYS[unit](day)
    following = next_period(first, unit)
    assert first <= day < following
    assert FIRST_DAYS[unit](following) == following
    assert FIRST_DAYS[unit](last_day_of(first, unit)) == first
    assert last_day_of(first, unit) + timedelta(days=1) == following
