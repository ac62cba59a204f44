"""The share of repeat buyers still alive, against a simulation of the model in which the leavers are known."""

import numpy as np
import pytest

from nonagon.basics.errors import NotEnoughData
from nonagon.methods.value.alive_share import alive_share
from nonagon.methods.value.bg_nbd import bg_nbd

R, ALPHA, A, B, WEEKS = 1.2, 6.0, 0.8, 2.5, 60.0


def simulated(customers: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Frequency, recency, T and whether still alive, drawn as Fader, Hardie and Lee's assumptions say."""
    random = np.random.default_rng(seed)
    rows = []
    for rate, leave in zip(random.gamma(R, 1 / ALPHA, customers), random.beta(A, B, customers), strict=True):
        time, frequency, recency, alive = 0.0, 0, 0.0, True
        while alive:
            time += random.exponential(1 / rate)
            if time > WEEKS:
                break
            frequency, recency = frequency + 1, time
            alive = random.random() > leave
        rows.append((frequency, recency, WEEKS, alive))
    x, t_x, length, alive_at_end = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    return x, t_x, length, alive_at_end


def test_the_share_is_that_of_the_simulation() -> None:
    x, t_x, length, alive = simulated(3000, seed=1)
    result = alive_share(fit=bg_nbd(frequency=x, recency=t_x, T=length), frequency=x, recency=t_x, T=length)
    truth = alive[x > 0].mean()
    assert result.repeat_buyers == (x > 0).sum()
    assert result.low is not None
    assert result.high is not None
    # Known leavers scatter around their expectation too: three standard errors of their share.
    slack = 3 * np.sqrt(truth * (1 - truth) / result.repeat_buyers)
    assert result.low - slack <= truth <= result.high + slack
    assert result.share == pytest.approx(truth, abs=0.04)


def test_equal_histories_may_be_put_together() -> None:
    x, t_x, length, _ = simulated(300, seed=2)
    fit = bg_nbd(frequency=x, recency=t_x, T=length)
    one = alive_share(fit=fit, frequency=x, recency=t_x, T=length)
    two = alive_share(fit=fit, frequency=x, recency=t_x, T=length, customers=np.full(300, 2))
    assert two.share == pytest.approx(one.share)
    assert two.alive == pytest.approx(2 * one.alive)
    assert two.silent == 2 * one.silent


def test_nobody_bought_again() -> None:
    x, t_x, length, _ = simulated(300, seed=3)
    fit = bg_nbd(frequency=x, recency=t_x, T=length)
    with pytest.raises(NotEnoughData, match="nobody bought again"):
        alive_share(fit=fit, frequency=[0, 0], recency=[0, 0], T=[5, 9])
