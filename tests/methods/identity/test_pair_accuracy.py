"""Precision and recall against pairs counted one by one."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.identity.pair_accuracy import pair_accuracy

labels = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=25)


@given(labels)
def test_as_pairs_counted_one_by_one(given_labels: list[tuple[int, int]]) -> None:
    pairs = list(combinations(given_labels, 2))
    found = sum(a[0] == b[0] for a, b in pairs)
    true = sum(a[1] == b[1] for a, b in pairs)
    both = sum(a == b for a, b in pairs)
    mine, truth = zip(*given_labels, strict=True)
    if not true:
        with pytest.raises(NotEnoughData, match="no two records are truly the same"):
            pair_accuracy(found=mine, truth=truth)
        return
    result = pair_accuracy(found=mine, truth=truth)
    assert (result.found, result.true, result.both) == (found, true, both)
    assert result.precision == (both / found if found else None)
    assert result.recall == both / true


def test_nothing_found_has_no_precision() -> None:
    result = pair_accuracy(found=[1, 2], truth=[1, 1])
    assert result.precision is None
    assert result.f1 is None
    assert result.describe() == "None of the 1 true pairs were found."


def test_f1_is_the_harmonic_mean() -> None:
    # by hand: found 3, true 2, both 1: P = 1/3, R = 1/2, F1 = 2 P R / (P + R) = 2/5
    assert pair_accuracy(found="aaab", truth="xxyy").f1 == pytest.approx(0.4)


def test_lengths_must_agree() -> None:
    with pytest.raises(ArgumentError, match="equally long"):
        pair_accuracy(found=[1], truth=[1, 2])
