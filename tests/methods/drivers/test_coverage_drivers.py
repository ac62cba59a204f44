"""How often 95 percent intervals of regression coefficients hold the truth, and where they do not."""

import numpy as np
import pytest

from nonagon.methods.drivers.ols import ols


def held(n: int, errors: str, samples: int) -> tuple[float, float]:
    """Share of intervals of two coefficients that hold the truth; the second column is skewed.

    errors: "normal", "skewed", or "growing" (with the second column).
    """
    random, inside = np.random.default_rng(n), np.zeros(2)
    for _ in range(samples):
        one, two = random.standard_normal(n), random.exponential(size=n)
        noise = random.exponential(size=n) - 1 if errors == "skewed" else random.standard_normal(n)
        y = 1 + 0.5 * one + 0.3 * two + noise * (0.3 + two if errors == "growing" else 1.0)
        found = ols(y=y, x={"one": one, "two": two})
        inside += (found.low[1:] <= [0.5, 0.3]) & (found.high[1:] >= [0.5, 0.3])
    first, second = (inside / samples).tolist()
    return first, second


@pytest.mark.slow
@pytest.mark.parametrize("errors", ["normal", "skewed"])
@pytest.mark.parametrize("n", [15, 50, 200])
def test_coefficients_cover(n: int, errors: str) -> None:
    assert all(0.93 <= share <= 0.97 for share in held(n, errors, 4000))


@pytest.mark.slow
def test_errors_that_grow_with_a_column_break_its_interval_as_stated() -> None:
    other, own = held(100, "growing", 3000)
    assert 0.93 <= other <= 0.97
    assert 0.55 <= own <= 0.75


def test_coefficients_cover_small() -> None:
    # Of 300 samples a true 95 percent shows as 0.91 to 0.99 within three standard errors.
    assert all(0.91 <= share <= 0.99 for share in held(30, "normal", 300))
