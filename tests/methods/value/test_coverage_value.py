"""How often 95 percent intervals of survival hold the truth."""

import numpy as np
import pytest

from nonagon.methods.value.kaplan_meier import kaplan_meier


def held(n: int, samples: int) -> tuple[float, float]:
    """Share of intervals of survival past 8, where there is one, and of the median, that hold the truth.

    Customers stay for an exponential time of mean 10 and are watched for 2 to 30.
    """
    random, survival, median, with_interval = np.random.default_rng(1958), 0, 0, 0
    for _ in range(samples):
        stay, watched = random.exponential(10, n), random.uniform(2, 30, n)
        found = kaplan_meier(time=np.minimum(stay, watched), event=(stay <= watched).astype(int))
        at = int(np.searchsorted(found.time, 8, side="right")) - 1
        low, high = found.low[at], found.high[at]
        if low is not None and high is not None:
            with_interval += 1
            survival += low <= np.exp(-0.8) <= high
        least = 0.0 if found.median_low is None else found.median_low
        most = np.inf if found.median_high is None else found.median_high
        median += least <= 10 * np.log(2) <= most
    assert with_interval > 0.98 * samples
    return survival / with_interval, median / samples


@pytest.mark.slow
@pytest.mark.parametrize("n", [20, 50, 200])
def test_survival_and_median_cover(n: int) -> None:
    for share in held(n, 4000):
        assert 0.93 <= share <= 0.97


def test_survival_covers_small() -> None:
    # Of 250 samples a true 95 percent shows as 0.91 to 0.99 within three standard errors.
    assert all(0.905 <= share <= 0.995 for share in held(50, 250))
