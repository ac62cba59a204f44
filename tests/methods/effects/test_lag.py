"""The lag: false findings at the stated rate, the true lag in the set, and what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.effects.lag import lag


def remembering(random: np.random.Generator, n: int, memory: float) -> np.ndarray:
    x = random.standard_normal(n + 50)
    for t in range(1, n + 50):
        x[t] += memory * x[t - 1]
    return x[50:]


def following(seed: int, n: int, k: int, strength: float, memory: float = 0.7) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    x = remembering(random, n + k, memory)
    y = -strength * x[:n] + remembering(random, n, 0.3)
    return x[k:], 8 + y


def rates(samples: int, n: int) -> tuple[float, float]:
    """Share of unrelated pairs in which a lag was shown; share of related ones whose set held the true lag."""
    false, held, shown = 0, 0, 0
    for seed in range(samples):
        random = np.random.default_rng(10_000 + seed)
        unrelated = lag(
            process=remembering(random, n, 0.8),
            perception=remembering(random, n, 0.8),
            most=6,
            draws=200,
            seed=seed,
        )
        false += unrelated.shown
        x, y = following(seed, n, 3, 0.5)
        related = lag(process=x, perception=y, most=6, draws=200, seed=seed)
        if related.shown:
            shown += 1
            held += related.low <= 3 <= related.high  # type: ignore[operator]
    return false / samples, held / max(shown, 1)


def test_rates_small() -> None:
    false, held = rates(60, 80)
    assert false <= 0.15
    assert held >= 0.88


@pytest.mark.slow
def test_rates() -> None:
    false, held = rates(800, 120)
    assert false <= 0.075
    assert held >= 0.93


def held_by_sets(samples: int, n: int, strength: float) -> tuple[float, float]:
    """Share of related pairs in which a lag was shown, and share of their sets that hold the true one, 3."""
    shown, inside = 0, 0
    for seed in range(samples):
        x, y = following(seed, n, 3, strength)
        found = lag(process=x, perception=y, most=6, draws=200, seed=seed)
        if found.low is not None and found.high is not None:
            shown += 1
            inside += found.low <= 3 <= found.high
    return shown / samples, inside / max(shown, 1)


@pytest.mark.slow
@pytest.mark.parametrize(("n", "strength"), [(60, 0.4), (120, 0.3), (120, 0.4), (240, 0.25)])
def test_sets_hold_the_lag_as_stated(n: int, strength: float) -> None:
    # Lags are whole periods, so that a set holds the true one at least as often as said, and with a clear
    # relation nearly always, being that lag alone.
    shown, inside = held_by_sets(800, n, strength)
    assert shown > 0.3
    assert 0.93 <= inside <= 1


def test_slow_series_that_are_unrelated_would_fool_plain_correlation() -> None:
    """With strong memory the plain correlation often passes 2 / sqrt(n), the whitened rarely."""
    plain, whitened = 0, 0
    for seed in range(60):
        random = np.random.default_rng(seed)
        x, y = remembering(random, 80, 0.95), remembering(random, 80, 0.95)
        plain += abs(np.corrcoef(x, y)[0, 1]) > 2 / np.sqrt(80)
        whitened += lag(process=x, perception=y, most=0, draws=200).shown
    assert plain / 60 > 0.3
    assert whitened / 60 < 0.2


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 500), st.floats(0.5, 20), st.floats(-50, 50))
def test_scale_and_shift_change_nothing(seed: int, scale: float, shift: float) -> None:
    x, y = following(seed, 60, 2, 2.0)
    one = lag(process=x, perception=y, most=5, draws=200)
    other = lag(process=scale * x + shift, perception=scale * y - shift, most=5, draws=200)
    assert other.correlations == pytest.approx(one.correlations, abs=1e-8)
    assert (other.lag, other.order) == (one.lag, one.order)
    assert np.all(np.abs(one.correlations) <= 1 + 1e-9)


def test_direction() -> None:
    x, y = following(1, 120, 3, 2.0)
    opposite = lag(process=x, perception=y, most=6, direction="opposite")
    assert opposite.lag == 3
    assert opposite.correlation is not None
    assert opposite.correlation < 0
    assert "after about 3 periods" in opposite.describe()
    together = lag(process=x, perception=y, most=6, direction="together")
    assert together.lag != 3


def test_nothing_shown_and_messages() -> None:
    random = np.random.default_rng(6)
    nothing = lag(process=random.normal(size=40), perception=random.normal(size=40), most=4)
    assert not nothing.shown
    assert (nothing.lag, nothing.low) == (None, None)
    assert "No lag" in nothing.describe()
    with pytest.raises(NotEnoughData, match="at least 20 periods"):
        lag(process=[1, 2, 3], perception=[1, 2, 3], most=1)
    with pytest.raises(NotEnoughData, match="perception never varies"):
        lag(process=random.normal(size=30), perception=[1] * 30, most=2)
    with pytest.raises(ArgumentError, match="least and most"):
        lag(process=random.normal(size=30), perception=random.normal(size=30), most=1, least=2)
    with pytest.raises(ArgumentError, match="order"):
        lag(process=random.normal(size=30), perception=random.normal(size=30), most=1, order=20)
