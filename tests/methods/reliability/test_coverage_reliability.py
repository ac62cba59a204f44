"""How often 95 percent intervals of kappa and alpha hold the truth, and where kappa's normal one falls short."""

import numpy as np
import pytest

from nonagon.methods.checks import Floats
from nonagon.methods.reliability.cohen_kappa import KappaInterval, KappaWeights, cohen_kappa
from nonagon.methods.reliability.cronbach_alpha import cronbach_alpha

EVEN = np.array([[0.30, 0.08, 0.02], [0.06, 0.24, 0.05], [0.02, 0.05, 0.18]])
RARE = np.array([[0.85, 0.03, 0.01], [0.02, 0.05, 0.005], [0.005, 0.01, 0.02]])


def held(
    shares: Floats, n: int, samples: int, interval: KappaInterval = "adjusted", weights: KappaWeights = "none"
) -> float:
    """Share of kappa's intervals that hold the truth; tables of a single category give none and are drawn anew."""
    shares = shares / shares.sum()
    truth = cohen_kappa(table=shares, weights=weights).kappa
    tables = np.random.default_rng(1969).multinomial(n, shares.ravel(), 2 * samples).reshape(-1, 3, 3)
    usable = tables[tables.max(axis=(1, 2)) < n][:samples]
    found = [cohen_kappa(table=table, interval=interval, weights=weights) for table in usable]
    return float(np.mean([one.low <= truth <= one.high for one in found]))


@pytest.mark.slow
@pytest.mark.parametrize("shares", [EVEN, RARE], ids=["even", "rare"])
@pytest.mark.parametrize("n", [20, 30, 60, 120, 400])
def test_kappa_covers(shares: Floats, n: int) -> None:
    assert 0.93 <= held(shares, n, 8000) <= 0.97


@pytest.mark.slow
@pytest.mark.parametrize("shares", [EVEN, RARE], ids=["even", "rare"])
@pytest.mark.parametrize("n", [30, 60, 400])
@pytest.mark.parametrize("weights", ["linear", "quadratic"])
def test_weighted_kappa_covers(shares: Floats, n: int, weights: KappaWeights) -> None:
    assert 0.93 <= held(shares, n, 6000, weights=weights) <= 0.975


def test_kappa_covers_small() -> None:
    # Of 600 tables a true 95 percent shows as 0.923 to 0.977 within three standard errors.
    assert all(0.923 <= held(shares, 30, 600) <= 0.977 for shares in (EVEN, RARE))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shares", "n", "least", "most"), [(EVEN, 30, 0.91, 0.94), (RARE, 30, 0.72, 0.81), (RARE, 60, 0.87, 0.93)]
)
def test_normal_kappa_of_few_units_falls_short_as_stated(
    shares: Floats, n: int, least: float, most: float
) -> None:
    assert least <= held(shares, n, 8000, "normal") <= most


@pytest.mark.slow
@pytest.mark.parametrize("n", [15, 40, 200])
def test_alpha_covers(n: int) -> None:
    # Equal loadings of variance one and errors of variance one, five items: alpha is 5 / 6.
    random = np.random.default_rng(1965)
    answers = random.standard_normal((4000, n, 1)) + random.standard_normal((4000, n, 5))
    found = [cronbach_alpha(answers=one) for one in answers]
    assert 0.93 <= np.mean([one.low <= 5 / 6 <= one.high for one in found if one.low and one.high]) <= 0.97
