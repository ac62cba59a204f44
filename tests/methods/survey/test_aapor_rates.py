"""Outcome rates: identities between them, and rates of nobody."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonagon.basics.errors import NotEnoughData
from nonagon.methods.survey.aapor_rates import aapor_rates

COUNT = st.integers(0, 500)


@given(i=st.integers(1, 500), p=COUNT, r=COUNT, nc=COUNT, o=COUNT, uh=COUNT, ne=COUNT)
def test_identities(i: int, p: int, r: int, nc: int, o: int, uh: int, ne: int) -> None:
    given = {"complete": i, "partial": p, "refusal": r, "non_contact": nc, "other": o}
    result = aapor_rates(**given, unknown_household=uh, not_eligible=ne)
    rates = result.rates
    assert rates["RR1"] <= rates["RR3"] <= rates["RR5"]
    assert rates["RR2"] <= rates["RR4"] <= rates["RR6"]
    assert rates["RR1"] == pytest.approx(rates["COOP1"] * rates["CON1"])
    assert rates["RR3"] == pytest.approx(rates["COOP1"] * rates["CON2"])
    assert all(0 <= one <= 1 for one in rates.values())
    all_eligible = aapor_rates(**given, unknown_household=uh, not_eligible=ne, eligibility=1.0).rates
    assert all_eligible["RR3"] == pytest.approx(rates["RR1"])


def test_rates_of_nobody_are_undefined_not_zero() -> None:
    result = aapor_rates(complete=0, unknown_household=20)
    assert result.rates["RR1"] == 0
    assert result.rates["COOP1"] is None
    assert result.eligibility is None
    assert result.rates["RR3"] is None
    with pytest.raises(NotEnoughData, match="at least one invitation"):
        aapor_rates(complete=0, not_eligible=3)
