"""Shares: invariances, limits and messages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.survey.proportion import INTERVALS, proportion


@given(n=st.integers(1, 10_000), share=st.floats(0, 1), interval=st.sampled_from(INTERVALS))
def test_mirror_image(n: int, share: float, interval: str) -> None:
    x = round(n * share)
    one, other = proportion(x=x, n=n, interval=interval), proportion(x=n - x, n=n, interval=interval)
    assert one.low == pytest.approx(1 - other.high, abs=1e-9)
    assert 0 <= one.low <= one.p <= one.high <= 1 or interval in {"agresti_coull", "wilson"}


def test_nobody_asked_is_not_enough_data() -> None:
    with pytest.raises(NotEnoughData, match="n is 0"):
        proportion(x=0, n=0)


def test_message_names_argument_rule_and_value() -> None:
    with pytest.raises(ArgumentError, match=r"confidence must lie between 0 and 1.*got 95"):
        proportion(x=1, n=2, confidence=95)
