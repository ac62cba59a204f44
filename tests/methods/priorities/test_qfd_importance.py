"""House of Quality: textbook arithmetic and normalisations."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.priorities.qfd_importance import planning_weights, qfd_importance

HOUSE = st.integers(2, 5).flatmap(
    lambda rows: st.lists(
        st.lists(st.sampled_from([0, 1, 3, 9]), min_size=3, max_size=3), min_size=rows, max_size=rows
    )
)


@given(house=HOUSE, factor=st.floats(0.1, 50))
def test_the_scale_of_importance_does_not_matter(house: list[list[int]], factor: float) -> None:
    weights = np.arange(1.0, len(house) + 1)
    if not np.any(house):
        with pytest.raises(NotEnoughData, match="enter relationships first"):
            qfd_importance(relationships=house, importance=weights)
        return
    one = qfd_importance(relationships=house, importance=weights)
    other = qfd_importance(relationships=house, importance=weights * factor)
    assert other.relative == pytest.approx(one.relative)
    assert one.relative.sum() == pytest.approx(1)
    assert one.rank.min() == 1


@given(house=HOUSE, seed=st.integers(0, 99))
def test_order_of_needs_does_not_matter(house: list[list[int]], seed: int) -> None:
    if not np.any(house):
        return
    order = np.random.default_rng(seed).permutation(len(house))
    weights = np.arange(1.0, len(house) + 1)
    one = qfd_importance(relationships=house, importance=weights)
    other = qfd_importance(relationships=np.array(house)[order], importance=weights[order])
    assert other.absolute == pytest.approx(one.absolute)


def test_lyman_gives_each_need_its_whole_weight() -> None:
    result = qfd_importance(relationships=[[9, 9, 9], [0, 0, 1]], importance=[3, 1], normalisation="lyman")
    assert result.absolute == pytest.approx([1, 1, 2])
    assert result.normalised is not None
    assert result.normalised.sum(axis=1) == pytest.approx([1, 1])


def test_wasserman_by_hand() -> None:
    # Row (9, 1) times roof ((1, .5), (.5, 1)) is (9.5, 5.5); over its sum 15.
    result = qfd_importance(relationships=[[9, 1]], importance=[2], roof=[[0, 0.5], [0.5, 0]])
    assert result.normalisation == "wasserman"
    assert result.normalised == pytest.approx(np.array([[9.5, 5.5]]) / 15)
    assert result.absolute == pytest.approx([19 / 15, 11 / 15])


def test_wasserman_without_correlations_is_lyman() -> None:
    house, weights = [[9, 3, 1], [0, 3, 9]], [4, 5]
    with_roof = qfd_importance(relationships=house, importance=weights, roof=np.eye(3))
    lyman = qfd_importance(relationships=house, importance=weights, normalisation="lyman")
    assert with_roof.relative == pytest.approx(lyman.relative)


def test_planning_columns_by_hand() -> None:
    result = planning_weights(importance=[5, 4], now=[3, 4], target=[4.5, 4], sales_point=[1.5, 1.2])
    assert result.improvement_ratio == pytest.approx([1.5, 1])
    assert result.raw_weight == pytest.approx([11.25, 4.8])
    house = qfd_importance(
        relationships=[[9, 0], [0, 9]], importance=[5, 4], now=[3, 4], target=[4.5, 4], sales_point=[1.5, 1.2]
    )
    assert house.weights == pytest.approx([11.25, 4.8])


def test_empty_rows_columns_and_ties_are_named() -> None:
    result = qfd_importance(relationships=[[3, 0, 3], [0, 0, 0]], importance=[1, 1])
    assert (result.empty_needs, result.empty_characteristics) == ((1,), (1,))
    assert result.rank.tolist() == [1, 3, 1]
    assert "1 need(s) are served by no characteristic" in result.describe()


def test_messages() -> None:
    with pytest.raises(ArgumentError, match="now must be above 0"):
        planning_weights(importance=[1], now=[0], target=[1])
    with pytest.raises(ArgumentError, match=r"roof must be 2 x 2; got shape \(1, 1\)"):
        qfd_importance(relationships=[[1, 1]], importance=[1], roof=[[1]])
    with pytest.raises(ArgumentError, match="roof must be symmetric"):
        qfd_importance(relationships=[[1, 1]], importance=[1], roof=[[1, 0.5], [0, 1]])
    with pytest.raises(ArgumentError, match="equally long"):
        qfd_importance(relationships=[[1, 1]], importance=[1, 2])
