"""Pareto tables: order, ties, the other class, limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.spc.pareto import pareto


@given(counts=st.lists(st.integers(0, 50), min_size=1, max_size=15).filter(any))
def test_order_and_sums(counts: list[int]) -> None:
    table = pareto(labels=[str(at) for at in range(len(counts))], counts=counts)
    assert table.frequency.tolist() == sorted(counts, reverse=True)
    assert table.cum_share[-1] == pytest.approx(1)
    assert table.cum_share[table.vital_few - 1] >= 0.8 - 1e-9
    assert table.vital_few == 1 or table.cum_share[table.vital_few - 2] < 0.8


def test_ties_keep_the_order_given_and_other_stands_last() -> None:
    table = pareto(labels=["b", "Other", "a", "c"], counts=[2, 9, 2, 1], other_last=True)
    assert table.order == ("b", "a", "c", "Other")
    assert pareto(labels=["b", "Other", "a"], counts=[2, 9, 2]).order == ("Other", "b", "a")


def test_exactly_eighty_percent_is_reached() -> None:
    # 0.1 + 0.2 + ... in floating point must not need one cause more.
    table = pareto(labels=list("abcde"), counts=[0.3, 0.3, 0.2, 0.1, 0.1])
    assert table.vital_few == 3


@pytest.mark.parametrize(
    ("labels", "counts", "error", "message"),
    [
        (["a", "a"], [1, 2], ArgumentError, "'a' more than once"),
        (["a"], [1, 2], ArgumentError, "equally long"),
        (["a"], [-1], ArgumentError, "at least 0; got -1"),
        (["a"], [0], NotEnoughData, "all 0"),
    ],
)
def test_messages(labels: list[str], counts: list[int], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        pareto(labels=labels, counts=counts)


def test_describe() -> None:
    assert "1 of 2 make up 90%: late" in pareto(labels=["late", "rude"], counts=[9, 1]).describe()
