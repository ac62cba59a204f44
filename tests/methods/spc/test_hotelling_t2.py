"""T² charts: invariance, relation to the chart of one variable, false alarms, limits of the data."""

import numpy as np
import pytest

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.spc.hotelling_t2 import hotelling_t2


def test_any_linear_change_of_variables_leaves_t2() -> None:
    random = np.random.default_rng(1)
    x = random.normal(size=(30, 4, 3))
    mix = random.normal(size=(3, 3))
    one, other = hotelling_t2(x=x), hotelling_t2(x=x @ mix + 5)
    assert one.t2 == pytest.approx(other.t2, rel=1e-8)
    assert one.phase1_ucl == other.phase1_ucl


def test_contribution_is_what_t2_loses_without_the_variable() -> None:
    x = np.random.default_rng(2).normal(size=(25, 3))
    full = hotelling_t2(x=x)
    for variable in range(3):
        rest = hotelling_t2(x=np.delete(x, variable, axis=1))
        assert full.contributions[:, variable] == pytest.approx(full.t2 - rest.t2, abs=1e-9)


def test_single_points_by_hand() -> None:
    x = np.random.default_rng(3).normal(size=(12, 2))
    found = hotelling_t2(x=x, new=[[9.0, -9.0]], confidence=0.99)
    inverse = np.linalg.inv(np.cov(x.T))
    off = x - x.mean(axis=0)
    assert found.t2 == pytest.approx(np.einsum("ij,jk,ik->i", off, inverse, off))
    assert found.new_beyond is not None
    assert found.new_beyond.tolist() == [True]
    # The sum of T² over the points that made the estimates is p (m - 1).
    assert found.t2.sum() == pytest.approx(2 * 11)
    assert found.t2.max() <= 11**2 / 12


def test_default_confidence_follows_the_number_of_variables() -> None:
    found = hotelling_t2(x=np.random.default_rng(4).normal(size=(20, 3)))
    assert found.confidence == pytest.approx((1 - 0.0027) ** 3)


def test_share_of_false_alarms() -> None:
    random = np.random.default_rng(5)
    first = [hotelling_t2(x=random.normal(size=(20, 2)), confidence=0.9).beyond.mean() for _ in range(400)]
    later = [
        hotelling_t2(x=random.normal(size=(20, 3, 2)), new=random.normal(size=(20, 3, 2)), confidence=0.9)
        for _ in range(400)
    ]
    assert np.mean(first) == pytest.approx(0.1, abs=0.012)
    assert np.mean([one.new_beyond for one in later]) == pytest.approx(0.1, abs=0.012)
    assert np.mean([one.beyond for one in later]) == pytest.approx(0.1, abs=0.012)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"x": [[1, 2], [2, 3], [3, 5]]}, NotEnoughData, "more points than this for 2 variables; got 3"),
        ({"x": [[1, 2], [2, 4], [3, 6], [4, 8], [7, 14]]}, NotEnoughData, "singular"),
        ({"x": [[1, 2], [1, 4], [1, 3], [1, 8], [1, 1]]}, NotEnoughData, "variable 1 does not vary"),
        ({"x": [1, 2, 3]}, ArgumentError, r"axes \(points, variables\)"),
        ({"x": np.eye(6)[:, :2], "new": [[1, 2, 3]]}, ArgumentError, "new must hold points like those of x"),
    ],
)
def test_messages(arguments: dict, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        hotelling_t2(**arguments)


def test_describe() -> None:
    assert "T² above" in hotelling_t2(x=np.random.default_rng(6).normal(size=(9, 2))).describe()
