"""The index from 0 to 100: its ends, its linearity and its interval."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.drivers.acsi_index import acsi_index

SCORES = st.lists(st.integers(1, 10), min_size=2, max_size=20)


@settings(max_examples=50, deadline=None)
@given(SCORES, st.floats(0.1, 5), st.floats(0.1, 5))
def test_bounds_and_weights_by_share_only(scores: list[int], first: float, second: float) -> None:
    items = {"a": scores, "b": scores[::-1]}
    result = acsi_index(items=items, weights=[first, second])
    assert 0 <= result.index <= 100
    assert result.low is not None
    assert result.high is not None
    assert 0 <= result.low <= result.index + 1e-9
    assert result.index - 1e-9 <= result.high <= 100
    assert acsi_index(items=items, weights=[3 * first, 3 * second]).index == pytest.approx(result.index)
    # Both items hold the same scores, so the index is that of one of them: 100 (mean - 1) / 9.
    assert result.index == pytest.approx(100 * (np.mean(scores) - 1) / 9)


def test_ends_of_the_scale() -> None:
    assert acsi_index(items={"a": [10, 10]}).index == 100
    assert acsi_index(items={"a": [0, 0]}, lowest=0).index == 0
    single = acsi_index(items={"a": [7]})
    assert (single.se, single.low) == (None, None)
    assert "66.7 of 100" in single.describe()


def test_messages() -> None:
    with pytest.raises(ArgumentError, match="from 1 to 10; got 11"):
        acsi_index(items={"a": [1, 11]})
    with pytest.raises(ArgumentError, match="weights"):
        acsi_index(items={"a": [1, 2]}, weights=[-1])
    with pytest.raises(ArgumentError, match="highest"):
        acsi_index(items={"a": [1, 2]}, highest=1)
    with pytest.raises(NotEnoughData, match="items"):
        acsi_index(items={})
