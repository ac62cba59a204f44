"""Top boxes: reversal of the scale, agreement with single answers, messages."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.survey.csat_top_box import csat_top_box


@given(counts=st.lists(st.integers(0, 50), min_size=2, max_size=10).filter(any))
def test_reversed_scale_mirrors(counts: list[int]) -> None:
    one, other = csat_top_box(counts=counts, boxes=1), csat_top_box(counts=counts[::-1], boxes=1)
    assert one.top.p == other.bottom.p
    assert one.score == pytest.approx(100 - other.score)
    answers = np.repeat(np.arange(1, len(counts) + 1), counts)
    assert one.mean == pytest.approx(answers.mean())
    if answers.size > 1:
        assert one.sd == pytest.approx(answers.std(ddof=1), abs=1e-9)
    else:
        assert one.sd is None


def test_messages() -> None:
    with pytest.raises(NotEnoughData, match="all 0"):
        csat_top_box(counts=[0, 0, 0, 0, 0])
    with pytest.raises(ArgumentError, match=r"boxes must lie from 1 to half the scale \(2\); got 3"):
        csat_top_box(counts=[1, 2, 3, 4, 5], boxes=3)
