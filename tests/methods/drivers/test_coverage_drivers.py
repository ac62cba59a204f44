"""How often 95 percent intervals of regression coefficients hold the truth, and where plain ones do not."""

import numpy as np
import pytest

from nonagon.methods.drivers.acsi_index import acsi_index
from nonagon.methods.drivers.ols import OlsErrors, ols


def held(n: int, errors: str, samples: int, rests_on: OlsErrors = "robust") -> tuple[float, float]:
    """Share of intervals of two coefficients that hold the truth; the second column is skewed.

    errors: "normal", "skewed", or "growing" (with the second column).
    """
    random, inside = np.random.default_rng(n), np.zeros(2)
    for _ in range(samples):
        one, two = random.standard_normal(n), random.exponential(size=n)
        noise = random.exponential(size=n) - 1 if errors == "skewed" else random.standard_normal(n)
        y = 1 + 0.5 * one + 0.3 * two + noise * (0.3 + two if errors == "growing" else 1.0)
        found = ols(y=y, x={"one": one, "two": two}, errors=rests_on)
        inside += (found.low[1:] <= [0.5, 0.3]) & (found.high[1:] >= [0.5, 0.3])
    first, second = (inside / samples).tolist()
    return first, second


@pytest.mark.slow
@pytest.mark.parametrize("errors", ["normal", "skewed"])
@pytest.mark.parametrize("n", [15, 50, 200])
def test_plain_intervals_cover_where_errors_are_alike(n: int, errors: str) -> None:
    assert all(0.93 <= share <= 0.97 for share in held(n, errors, 4000, "equal"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "errors", "most"),
    [
        (15, "normal", 0.99),
        (15, "growing", 0.995),
        (50, "normal", 0.975),
        (50, "skewed", 0.975),
        (50, "growing", 0.985),
        (200, "normal", 0.97),
        (200, "growing", 0.97),
    ],
)
def test_robust_intervals_cover(n: int, errors: str, most: float) -> None:
    # Of few rows with one far out they are wider than they need be: 0.98 with 15 rows.
    assert all(0.925 <= share <= most for share in held(n, errors, 4000))


@pytest.mark.slow
def test_errors_that_grow_with_a_column_break_its_plain_interval_as_stated() -> None:
    other, own = held(100, "growing", 3000, "equal")
    assert 0.93 <= other <= 0.97
    assert 0.55 <= own <= 0.75


def test_coefficients_cover_small() -> None:
    # Of 300 samples a true 95 percent shows as 0.91 to 0.99 within three standard errors.
    assert all(0.91 <= share <= 0.99 for share in held(30, "normal", 300))
    assert held(60, "growing", 300)[1] >= 0.90


def test_robust_errors_by_the_matrices_they_are_defined_by() -> None:
    """Independent computation: HC3 and Bell and McCaffrey's degrees of freedom with matrices of rows by rows."""
    random = np.random.default_rng(3)
    x, y = random.exponential(size=(12, 2)), random.standard_normal(12)
    design = np.column_stack([np.ones(12), x])
    bread = np.linalg.inv(design.T @ design)
    maker = np.eye(12) - design @ bread @ design.T
    residual, left = maker @ y, np.diag(maker)
    covariance = bread @ design.T @ np.diag((residual / left) ** 2) @ design @ bread
    found = ols(y=y, x={"one": x[:, 0], "two": x[:, 1]})
    assert found.se == pytest.approx(np.sqrt(np.diag(covariance)))
    for place, counts in enumerate((design @ bread).T):
        inner = np.diag(counts / np.sqrt(left)) @ maker @ np.diag(counts / np.sqrt(left))
        assert found.interval_freedom[place] == pytest.approx(np.trace(inner) ** 2 / np.trace(inner @ inner))
    assert found.errors == "robust"


def test_a_row_that_decides_a_coefficient_alone_leaves_plain_errors_and_says_so() -> None:
    alone = {"speed": [1, 2, 3, 4, 5], "strike": [0, 0, 0, 0, 1]}
    found = ols(y=[1, 3, 2, 5, 9], x=alone)
    assert found.errors == "equal"
    assert "scatters alike everywhere" in found.describe()


SPREAD = [0.05, 0.05, 0.1, 0.1, 0.15, 0.15, 0.15, 0.1, 0.1, 0.05]
CROWDED = [0.02, 0.01, 0.01, 0.02, 0.02, 0.03, 0.05, 0.09, 0.15, 0.6]
"""Shares of the ten answers: over the whole scale, and six in ten at its top."""


def held_by_index(shares: list[float], n: int, samples: int) -> float:
    """Share of index intervals that hold the index of the population that the customers are drawn from.

    Two items: the second repeats the first for half of the customers, so that a customer's answers go together.
    """
    random, inside = np.random.default_rng(n), 0
    truth = 100 * float(np.arange(10) @ np.array(shares)) / 9  # of each item, so of any weights
    for _ in range(samples):
        first, own = random.choice(np.arange(1, 11), (2, n), p=shares)
        second = np.where(random.random(n) < 0.5, first, own)
        found = acsi_index(items={"overall": first, "expected": second}, weights=[0.6, 0.4])
        assert found.low is not None
        assert found.high is not None
        inside += found.low <= truth <= found.high
    return inside / samples


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shares", "n"), [(SPREAD, 10), (SPREAD, 50), (SPREAD, 200), (CROWDED, 40), (CROWDED, 100), (CROWDED, 400)]
)
def test_the_index_covers(shares: list[float], n: int) -> None:
    assert 0.93 <= held_by_index(shares, n, 6000) <= 0.97


def test_the_index_covers_small() -> None:
    # Of 300 samples a true 95 percent shows as 0.912 to 0.988 within three standard errors.
    assert 0.912 <= held_by_index(SPREAD, 50, 300) <= 0.988
