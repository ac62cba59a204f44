"""Whether two results say the same, as far as sums that were added in another order can."""

from typing import Any

import numpy as np


def assert_same(one: Any, other: Any, *, within: float, place: str = "") -> None:
    """Everything is equal, also in type and order; floating numbers to `within` of their size."""
    __tracebackhide__ = True
    assert type(one) is type(other), f"{place}: {one!r} and {other!r}"
    if isinstance(one, dict):
        assert list(one) == list(other), place
        for name in one:
            assert_same(one[name], other[name], within=within, place=f"{place}/{name}")
    elif isinstance(one, list | tuple):
        assert len(one) == len(other), place
        for at, (mine, theirs) in enumerate(zip(one, other, strict=True)):
            assert_same(mine, theirs, within=within, place=f"{place}/{at}")
    elif isinstance(one, np.ndarray):
        assert (one.dtype, one.shape) == (other.dtype, other.shape), place
        assert_same(one.tolist(), other.tolist(), within=within, place=place)
    elif isinstance(one, float):
        np.testing.assert_allclose(one, other, rtol=within, err_msg=place)
    else:
        assert one == other, f"{place}: {one!r} and {other!r}"
