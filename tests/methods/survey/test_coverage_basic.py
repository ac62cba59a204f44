"""How often 95 percent intervals of shares, means, scores, rates and their differences hold the truth.

Shares and means of whole-number answers have a chance of coverage that jumps with n; the large simulations are
about answers on a scale, as customers give them.
"""

import numpy as np
import pytest
from scipy.stats import binom

from nonagon.methods.checks import Floats
from nonagon.methods.survey.mean import Mean, mean, mean_difference, mean_of
from nonagon.methods.survey.nps import nps, nps_difference
from nonagon.methods.survey.proportion import proportion
from nonagon.methods.survey.rate import rate, rate_difference
from nonagon.methods.survey.servqual import servqual_from_sums
from nonagon.methods.survey.two_proportions import two_proportions

MANY = 4000
SCALE = np.arange(1.0, 6.0)
SPREAD = np.array([0.05, 0.1, 0.2, 0.4, 0.25])
SATISFIED = np.array([0.01, 0.02, 0.05, 0.17, 0.75])


def held(low: Floats, truth: float, high: Floats) -> float:
    """Share of intervals that hold the truth."""
    return float(np.mean((low <= truth) & (truth <= high)))


def means(random: np.random.Generator, shares: Floats, n: int, samples: int) -> Mean:
    """Means of samples of n answers."""
    counts = random.multinomial(n, shares, samples).astype(float)
    return mean(n=np.full(samples, n), total=counts @ SCALE, total_of_squares=counts @ SCALE**2)


@pytest.mark.slow
@pytest.mark.parametrize("n", [10, 20, 40, 100, 400])
def test_mean_covers(n: int) -> None:
    found = means(np.random.default_rng(n), SPREAD, n, 40_000)
    assert 0.93 <= held(found.low, float(SPREAD @ SCALE), found.high) <= 0.97


@pytest.mark.slow
@pytest.mark.parametrize(("n", "least", "most"), [(20, 0.88, 0.93), (40, 0.90, 0.935), (150, 0.93, 0.97)])
def test_mean_of_skewed_answers_falls_short_as_stated(n: int, least: float, most: float) -> None:
    found = means(np.random.default_rng(n), SATISFIED, n, 40_000)
    assert least <= held(found.low, float(SATISFIED @ SCALE), found.high) <= most


@pytest.mark.slow
@pytest.mark.parametrize(("n", "uneven"), [(30, 0.5), (30, 1.0), (100, 1.0)])
def test_weighted_mean_covers(n: int, uneven: float) -> None:
    random, inside = np.random.default_rng(1965), 0
    for _ in range(MANY):
        weights = np.exp(np.sqrt(np.log1p(uneven**2)) * random.standard_normal(n))
        found = mean_of(values=random.choice(SCALE, n, p=SPREAD), weights=weights)
        inside += held(found.low, float(SPREAD @ SCALE), found.high) > 0
    assert 0.93 <= inside / MANY <= 0.97


@pytest.mark.slow
@pytest.mark.parametrize(("n", "other"), [(15, 30), (40, 40), (40, 200)])
@pytest.mark.parametrize("shares", [SPREAD, SATISFIED], ids=["spread", "satisfied"])
def test_difference_of_means_covers(n: int, other: int, shares: Floats) -> None:
    random = np.random.default_rng(n + other)
    found = mean_difference(one=means(random, shares, n, 20_000), two=means(random, SPREAD[::-1], other, 20_000))
    truth = float((shares - SPREAD[::-1]) @ SCALE)
    assert 0.93 <= held(found.low, truth, found.high) <= 0.97


@pytest.mark.slow
@pytest.mark.parametrize("n", [20, 50, 200, 1000])
def test_share_covers_on_average_over_shares(n: int) -> None:
    # Exact: the chance of each count, averaged over shares from 2 to 98 percent.
    every = [proportion(x=x, n=n) for x in range(n + 1)]
    low, high = np.array([one.low for one in every]), np.array([one.high for one in every])
    shares = np.linspace(0.02, 0.98, 500)
    inside = (low <= shares[:, None]) & (shares[:, None] <= high)
    chance = (binom.pmf(np.arange(n + 1), n, shares[:, None]) * inside).sum(axis=1)
    assert 0.94 <= chance.mean() <= 0.96
    # At single shares it jumps; 5th and 95th of a hundred stay near.
    assert np.quantile(chance, 0.05) >= 0.915
    assert np.quantile(chance, 0.95) <= 0.985


@pytest.mark.slow
@pytest.mark.parametrize(("n", "other"), [(30, 30), (50, 200), (400, 400)])
def test_difference_of_shares_covers_on_average_over_shares(n: int, other: int) -> None:
    random, inside = np.random.default_rng(1998), 0
    for _ in range(MANY):
        one, two = random.uniform(0.05, 0.95, 2)
        found = two_proportions(x1=random.binomial(n, one), n1=n, x2=random.binomial(other, two), n2=other)
        inside += found.low <= one - two <= found.high
    assert 0.93 <= inside / MANY <= 0.97


@pytest.mark.slow
@pytest.mark.parametrize(("n", "other"), [(20, 30), (60, 200), (400, 400)])
def test_change_of_the_promoter_score_covers_on_average_over_shares(n: int, other: int) -> None:
    random, inside = np.random.default_rng(365), 0
    for _ in range(MANY):
        was, became = random.dirichlet([2, 2, 2], 2)
        first, second = random.multinomial(n, was), random.multinomial(other, became)
        earlier, later = (nps(promoters=p, passives=q, detractors=d) for p, q, d in (first, second))
        found = nps_difference(earlier=earlier, later=later)
        inside += found.low <= 100 * (became[0] - became[2] - was[0] + was[2]) <= found.high
    assert 0.93 <= inside / MANY <= 0.97


@pytest.mark.slow
def test_rate_covers_on_average_over_rates() -> None:
    # Exact limits of a Poisson count hold at least 95 percent at each rate: too many where few events are counted.
    random = np.random.default_rng(1936)
    for least, most, highest in ((3, 10, 0.99), (20, 60, 0.97), (100, 300, 0.97)):
        expected = random.uniform(least, most, MANY)
        found = [rate(count=int(count), units=1) for count in random.poisson(expected)]
        inside = np.mean([one.low <= true <= one.high for one, true in zip(found, expected, strict=True)])
        assert 0.945 <= inside <= highest


@pytest.mark.slow
@pytest.mark.parametrize(
    ("one", "other", "units", "most"), [(12, 20, 1, 0.975), (3, 30, 5, 0.975), (100, 120, 1, 0.97)]
)
def test_difference_of_rates_covers(one: int, other: int, units: int, most: float) -> None:
    random, inside = np.random.default_rng(7), 0
    for _ in range(MANY):
        found = rate_difference(
            count=int(random.poisson(one)),
            units=1,
            other_count=int(random.poisson(other * units)),
            other_units=units,
        )
        inside += found.low <= one - other <= found.high
    assert 0.93 <= inside / MANY <= most


@pytest.mark.slow
@pytest.mark.parametrize("n", [20, 100])
def test_servqual_gap_covers(n: int) -> None:
    # Perception less expectation from -4 to 4, mostly a little below 0.
    gaps, shares = np.arange(-4.0, 5.0), np.array([1, 3, 8, 20, 40, 18, 7, 2, 1]) / 100
    random, inside = np.random.default_rng(1988), 0
    for _ in range(MANY):
        drawn = random.choice(gaps, n, p=shares)
        found = servqual_from_sums(
            names=["seat"], n=[n], total=[drawn.sum()], total_of_squares=[(drawn**2).sum()], dimensions=["comfort"]
        ).items[0]
        assert found.low is not None
        assert found.high is not None
        inside += found.low <= gaps @ shares <= found.high
    assert 0.93 <= inside / MANY <= 0.97


def test_means_and_differences_cover_small() -> None:
    random = np.random.default_rng(2)
    one, two = means(random, SPREAD, 30, 600), means(random, SPREAD[::-1], 50, 600)
    # Of 600 samples a true 95 percent shows as 0.923 to 0.977 within three standard errors.
    assert 0.92 <= held(one.low, float(SPREAD @ SCALE), one.high) <= 0.98
    found = mean_difference(one=one, two=two)
    assert 0.92 <= held(found.low, float((SPREAD - SPREAD[::-1]) @ SCALE), found.high) <= 0.98
