"""Driver importance against its definition (all orders), its invariances and its limits."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import f

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.drivers.driver_importance import (
    MEASURES,
    driver_importance,
    driver_importance_of_rows,
    measure,
)
from nonagon.methods.drivers.moments import moments, moments_of_table


def made(seed: int, n: int, k: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    random = np.random.default_rng(seed)
    x = random.normal(size=(n, k)) + random.normal(size=(n, 1))
    y = x @ random.normal(size=k) + random.normal(size=n)
    return y, {f"d{j}": x[:, j] for j in range(k)}


def r2_of(y: np.ndarray, columns: list[np.ndarray]) -> float:
    if not columns:
        return 0.0
    design = np.column_stack([np.ones(len(y)), *columns])
    left = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    return 1 - float(left @ left) / float(((y - y.mean()) ** 2).sum())


@pytest.mark.parametrize("k", [1, 2, 4])
def test_lmg_is_the_average_gain_over_all_orders(k: int) -> None:
    """Independent computation: numpy.linalg.lstsq over every order of entry."""
    y, x = made(3, 60, k)
    total = dict.fromkeys(x, 0.0)
    orders = list(permutations(x))
    for order in orders:
        for place, name in enumerate(order):
            before = [x[other] for other in order[:place]]
            total[name] += r2_of(y, [*before, x[name]]) - r2_of(y, before)
    result = driver_importance_of_rows(y=y, x=x)
    assert result.lmg == pytest.approx([total[name] / len(orders) for name in x], abs=1e-12)
    assert result.r2 == pytest.approx(r2_of(y, list(x.values())), abs=1e-12)
    assert result.last == pytest.approx(
        [result.r2 - r2_of(y, [x[other] for other in x if other != name]) for name in x], abs=1e-12
    )


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 6), st.integers(12, 40))
def test_sums_and_invariances(seed: int, k: int, n: int) -> None:
    y, x = made(seed, n, k)
    result = driver_importance_of_rows(y=y, x=x)
    for name in ("lmg", "pratt", "johnson"):
        assert measure(result, name).sum() == pytest.approx(result.r2, abs=1e-9)
    assert result.lmg_share.sum() == pytest.approx(1)
    assert np.all(result.lmg >= -1e-12)
    assert np.all(result.johnson >= -1e-12)
    # Scale and place of any variable change nothing; the order of drivers only their order.
    scaled = driver_importance_of_rows(y=3 * y + 7, x={name: -2 * v + 1 for name, v in x.items()})
    turned = driver_importance_of_rows(y=y, x=dict(reversed(x.items())))
    for name in MEASURES:
        assert measure(scaled, name) == pytest.approx(measure(result, name), abs=1e-9)
        assert measure(turned, name) == pytest.approx(measure(result, name)[::-1], abs=1e-9)


def test_moments_and_rows_agree_and_weights_of_one_change_nothing() -> None:
    y, x = made(1, 50, 3)
    rows = driver_importance_of_rows(y=y, x=x)
    weighted = driver_importance(moments=moments(y=y, x=x, weights=np.ones(50)))
    assert weighted.n == pytest.approx(50)
    assert weighted.lmg == pytest.approx(rows.lmg)


def test_unrelated_drivers_keep_their_own_part() -> None:
    """With uncorrelated drivers every measure is the squared correlation."""
    m = moments_of_table(
        n=100, names=["a", "b"], mean=[0, 0, 0], covariance=[[1, 0.5, 0.3], [0.5, 1, 0], [0.3, 0, 1]]
    )
    result = driver_importance(moments=m)
    for name in MEASURES:
        assert measure(result, name) == pytest.approx([0.25, 0.09])


def test_a_doubled_driver_shares_its_part() -> None:
    y, x = made(2, 40, 2)
    alone = driver_importance_of_rows(y=y, x=x)
    doubled = driver_importance_of_rows(y=y, x=x | {"copy": x["d0"]})
    assert doubled.r2 == pytest.approx(alone.r2, abs=1e-9)
    assert doubled.lmg[0] == pytest.approx(doubled.lmg[2], abs=1e-9)
    assert doubled.last[[0, 2]] == pytest.approx([0, 0], abs=1e-9)
    assert all(np.all(np.isfinite(measure(doubled, name))) for name in MEASURES)


def test_twenty_drivers_are_exact_and_twenty_one_are_refused() -> None:
    y, x = made(4, 300, 20)
    result = driver_importance_of_rows(y=y, x=x)
    assert result.lmg.sum() == pytest.approx(result.r2, abs=1e-9)
    with pytest.raises(ArgumentError, match="at most 20 drivers"):
        driver_importance_of_rows(y=y, x=x | {"more": y * 0 + np.arange(300)})


def test_messages_name_the_thing() -> None:
    with pytest.raises(NotEnoughData, match="speed never varies"):
        driver_importance_of_rows(y=[1, 2, 3, 4], x={"speed": [2, 2, 2, 2]})
    with pytest.raises(NotEnoughData, match="at least 3 answers"):
        driver_importance_of_rows(y=[1, 2], x={"speed": [2, 1]})
    with pytest.raises(ArgumentError, match="equally long"):
        driver_importance_of_rows(y=[1, 2, 3], x={"speed": [2, 1]})
    with pytest.raises(ArgumentError, match="symmetric"):
        moments_of_table(n=10, names=["a"], mean=[0, 0], covariance=[[1, 0.5], [0.4, 1]])


@pytest.mark.parametrize("rows", [False, True])
def test_intervals_repeat_with_the_seed_and_hold_the_estimate(rows: bool) -> None:
    y, x = made(5, 120, 3)

    def run(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        if rows:
            result = driver_importance_of_rows(y=y, x=x, draws=300, seed=seed)
        else:
            result = driver_importance(moments=moments(y=y, x=x), draws=300, seed=seed)
        assert result.low is not None
        assert result.high is not None
        assert result.chance_first is not None
        assert result.chance_first.sum() == pytest.approx(1)
        assert "confidence" in result.describe()
        return result.low["lmg"], result.high["lmg"], result.lmg

    low, high, point = run(1)
    again, _, _ = run(1)
    assert np.array_equal(low, again)
    assert np.all((low <= point) & (point <= high))


def coverage(samples: int, draws: int) -> float:
    """How often the interval of lmg held its true value, over drivers, with normal answers."""
    random = np.random.default_rng(8)
    among = np.array([[1, 0.5, 0.3], [0.5, 1, 0.4], [0.3, 0.4, 1]])
    beta = np.array([0.5, 0.3, 0.1])
    with_y = among @ beta
    total = np.block([[np.array([[beta @ among @ beta + 0.6]]), with_y[None]], [with_y[:, None], among]])
    truth = driver_importance(
        moments=moments_of_table(n=1000, names="abc", mean=np.zeros(4), covariance=total)
    ).lmg
    held = []
    for seed in range(samples):
        rows = random.multivariate_normal(np.zeros(4), total, size=200)
        m = moments(y=rows[:, 0], x=dict(zip("abc", rows[:, 1:].T, strict=True)))
        result = driver_importance(moments=m, draws=draws, seed=seed)
        assert result.low is not None
        assert result.high is not None
        held.append((result.low["lmg"] <= truth) & (truth <= result.high["lmg"]))
    return float(np.mean(held))


def test_intervals_cover_about_as_often_as_they_say() -> None:
    """100 samples of 200 normal answers: 95 percent nominal, allowed within three standard errors."""
    assert 0.91 <= coverage(100, 300) <= 0.99


@pytest.mark.slow
def test_intervals_cover_between_93_and_97_percent() -> None:
    assert 0.93 <= coverage(1000, 1000) <= 0.97


def test_p_is_the_f_test_of_all_drivers() -> None:
    """Independent computation: scipy's F distribution on the R² of numpy.linalg.lstsq."""
    y, x = made(5, 60, 3)
    r2 = r2_of(y, list(x.values()))
    found = driver_importance(moments=moments(y=y, x=x))
    assert found.p == pytest.approx(f.sf(r2 / 3 / ((1 - r2) / 56), 3, 56))
