"""Shares: invariances, limits and messages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.survey.proportion import INTERVALS, proportion


@given(n=st.integers(1, 10_000), share=st.floats(0, 1), interval=st.sampled_from(INTERVALS))
def test_mirror_image(n: int, share: float, interval: str) -> None:
    x = round(n * share)
    one, other = proportion(x=x, n=n, interval=interval), proportion(x=n - x, n=n, interval=interval)
    assert one.low == pytest.approx(1 - other.high, abs=1e-9)
    assert 0 <= one.low <= one.p <= one.high <= 1 or interval in {"agresti_coull", "wilson"}


def test_plain_ends_at_none_of_twenty() -> None:
    # Newcombe (1998) prints 0 to .1611 for Wilson's interval of 0 of 20; the others by their formulas.
    plain = {name: proportion(x=0, n=20, interval=name, cap=False) for name in INTERVALS}
    assert plain["wilson"].high == pytest.approx(0.1611, abs=5e-5)
    assert plain["jeffreys"].low == pytest.approx(stats.beta.ppf(0.025, 0.5, 20.5))
    z = stats.norm.ppf(0.975)
    centre = z * z / 2 / (20 + z * z)
    half = z * (centre * (1 - centre) / (20 + z * z)) ** 0.5
    assert plain["agresti_coull"].low == pytest.approx(centre - half)
    assert plain["agresti_coull"].low < 0
    assert all(proportion(x=0, n=20, interval=name).low == pytest.approx(0, abs=1e-15) for name in INTERVALS)
    # Newcombe (1998), 1 of 29: Wald's interval reaches below 0.
    assert proportion(x=1, n=29, interval="wald", cap=False).low == pytest.approx(-0.0319, abs=5e-5)


def test_nobody_asked_is_not_enough_data() -> None:
    with pytest.raises(NotEnoughData, match="n is 0"):
        proportion(x=0, n=0)


def test_message_names_argument_rule_and_value() -> None:
    with pytest.raises(ArgumentError, match=r"confidence must lie between 0 and 1.*got 95"):
        proportion(x=1, n=2, confidence=95)
