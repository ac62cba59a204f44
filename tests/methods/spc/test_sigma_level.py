"""Sigma levels, defect rates and yields: relations and limits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.spc.sigma_level import defect_rates, rolled_yield, sigma_level


@given(dpmo=st.floats(1e-3, 999_999), shift=st.floats(0, 3))
def test_level_falls_with_defects(dpmo: float, shift: float) -> None:
    found = sigma_level(dpmo=[dpmo, dpmo * 0.9], shift=shift).sigma
    assert np.all(np.isfinite(found))
    assert found[0] <= found[1]
    assert sigma_level(dpmo=dpmo, shift=0).sigma + shift == pytest.approx(found[0])


def test_half_defective_is_the_shift() -> None:
    assert float(sigma_level(dpmo=500_000).sigma) == pytest.approx(1.5)


def test_rates_without_a_level_say_why() -> None:
    for defects in (0, 50):
        rates = defect_rates(defects=defects, units=10, opportunities=5)
        assert rates.sigma is None
        assert rates.reason is not None
    assert defect_rates(defects=1, units=10).describe().startswith("1 defects in 10 units")


@given(fpy=st.lists(st.floats(0.01, 1), min_size=1, max_size=12))
def test_rolled_yield(fpy: list[float]) -> None:
    found = rolled_yield(fpy=fpy)
    assert 0 < found.rolled <= min(fpy) + 1e-12
    assert found.normalized ** len(fpy) == pytest.approx(found.rolled)
    assert np.exp(-found.total_dpu) == pytest.approx(found.rolled)
    assert rolled_yield(fpy=fpy[::-1]).rolled == pytest.approx(found.rolled)


def test_a_step_without_yield() -> None:
    found = rolled_yield(fpy=[0.5, 0])
    assert (found.rolled, found.total_dpu) == (0, None)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: sigma_level(dpmo=0), ArgumentError, "dpmo must be more than 0.*got 0"),
        (lambda: sigma_level(dpmo=[1, 1e6]), ArgumentError, r"got 1e\+06"),
        (lambda: defect_rates(defects=1, units=0), NotEnoughData, "units is 0"),
        (lambda: defect_rates(defects=11, units=5, opportunities=2), ArgumentError, "must allow for the defects"),
        (lambda: rolled_yield(fpy=[90]), ArgumentError, "fpy must lie from 0 to 1.*got 90"),
        (lambda: rolled_yield(fpy=[]), NotEnoughData, "fpy needs at least 1"),
    ],
)
def test_messages(call: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()
