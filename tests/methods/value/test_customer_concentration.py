"""Concentration of revenue, of shares and of markets."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.value.customer_concentration import customer_concentration
from nonagon.methods.value.hhi import hhi
from nonagon.methods.value.market_share import market_share

REVENUE = st.lists(st.integers(0, 1000), min_size=1, max_size=40).filter(lambda some: sum(some) > 0)


@given(revenue=REVENUE)
def test_gini_is_the_mean_difference_over_twice_the_mean(revenue: list[int]) -> None:
    array = np.array(revenue, dtype=float)
    independent = np.abs(array[:, None] - array).mean() / (2 * array.mean())
    assert customer_concentration(revenue=revenue).gini == pytest.approx(independent, abs=1e-9)


@given(revenue=REVENUE)
def test_gini_is_twice_the_area_between_the_diagonal_and_the_lorenz_curve(revenue: list[int]) -> None:
    result = customer_concentration(revenue=revenue)
    area = np.sum(result.lorenz[1:] + result.lorenz[:-1]) / (2 * result.n)
    assert result.gini == pytest.approx(1 - 2 * area, abs=1e-9)
    assert (np.diff(result.lorenz) >= -1e-12).all()
    assert (result.lorenz[0], result.lorenz[-1]) == (0, 1)


@given(revenue=REVENUE, seed=st.integers(0, 99))
def test_order_and_currency_do_not_matter(revenue: list[int], seed: int) -> None:
    shuffled = np.random.default_rng(seed).permutation(revenue) * 2.5
    one, other = customer_concentration(revenue=revenue), customer_concentration(revenue=shuffled)
    assert other.gini == pytest.approx(one.gini, abs=1e-9)
    assert other.hhi == pytest.approx(one.hhi)
    assert other.top == pytest.approx(one.top)


def test_limits_of_the_index() -> None:
    equal = customer_concentration(revenue=[3, 3, 3, 3])
    assert equal.gini == pytest.approx(0, abs=1e-12)
    assert equal.effective_number == pytest.approx(4)
    alone = customer_concentration(revenue=[3])
    assert (alone.gini, alone.gini_unbiased, alone.hhi) == (0, None, 1)
    one_of_many = customer_concentration(revenue=[0, 0, 0, 8])
    assert one_of_many.gini_unbiased == pytest.approx(1)


def test_top_shares_by_hand() -> None:
    result = customer_concentration(revenue=[40, 30, 20, 10], top=(1, 3, 9), top_fraction=0.5)
    assert result.top == pytest.approx({1: 0.4, 3: 0.9, 9: 1.0})
    assert result.top_fraction_share == pytest.approx(0.7)
    assert result.order.tolist() == [0, 1, 2, 3]
    assert "50% of 4 customers bring 70.0%" in result.describe()


@given(shares=st.lists(st.floats(0.001, 1), min_size=1, max_size=20))
def test_hhi_lies_between_one_over_n_and_one(shares: list[float]) -> None:
    parts = np.array(shares) / np.sum(shares)
    result = hhi(shares=parts)
    assert 1 / len(shares) - 1e-12 <= result.hhi <= 1 + 1e-12
    assert hhi(shares=100 * parts, whole=100).points == pytest.approx(result.points)


def test_shares_beyond_the_whole_are_refused_with_the_way_out() -> None:
    with pytest.raises(ArgumentError, match=r"at most 1; got 100; for percent pass whole=100"):
        hhi(shares=[60, 40])
    assert "cover only 50.0%" in hhi(shares=[0.3, 0.2]).describe()


def test_market_shares_by_hand() -> None:
    result = market_share(sales={"a": 50, "us": 30, "b": 20}, own="us")
    assert result.share == pytest.approx({"a": 0.5, "us": 0.3, "b": 0.2})
    assert result.relative_share == pytest.approx(0.6)
    assert result.hhi == pytest.approx(0.38)
    assert market_share(sales={"us": 5}).relative_share is None
    assert market_share(sales={"us": 5, "b": 0}).relative_share is None


def test_market_messages() -> None:
    with pytest.raises(ArgumentError, match=r"own must be one of the sellers a; got 'b'"):
        market_share(sales={"a": 1}, own="b")
    with pytest.raises(NotEnoughData, match="zero for every seller"):
        market_share(sales={"a": 0})
