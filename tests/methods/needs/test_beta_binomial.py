"""The beta-binomial model: direct sums, its own parameters found again, invariances and limits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.needs.beta_binomial import beta_binomial, beta_binomial_coverage
from nonagon.methods.needs.incidence import incidence


@pytest.mark.parametrize(("alpha", "beta"), [(0.9, 2.7), (2.0, 8.0), (5.0, 5.0)])
def test_coverage_is_the_integral_over_the_beta(alpha: float, beta: float) -> None:
    """Independent computation: numerical integration of 1 - (1 - p)^n over the density."""
    for n in (1, 7, 30):
        density = integrate.quad(
            lambda p, n=n: (1 - (1 - p) ** n) * p ** (alpha - 1) * (1 - p) ** (beta - 1), 0, 1
        )[0] / special.beta(alpha, beta)
        assert beta_binomial_coverage(alpha=alpha, beta=beta, interviews=n) == pytest.approx(density, abs=1e-6)


def truncated_loglik(frequency: np.ndarray, n: int, alpha: float, beta: float) -> float:
    """Log-likelihood by direct sums of the beta-binomial's probabilities."""
    f = np.arange(n + 1)
    p = np.exp(
        special.gammaln(n + 1)
        - special.gammaln(f + 1)
        - special.gammaln(n - f + 1)
        + special.betaln(alpha + f, beta + n - f)
        - special.betaln(alpha, beta)
    )
    assert p.sum() == pytest.approx(1)
    return float(np.log(p[frequency] / p[1:].sum()).sum())


def test_fit_is_the_highest_point() -> None:
    random = np.random.default_rng(2)
    frequency = random.binomial(20, random.beta(1.5, 4, 300))
    frequency = frequency[frequency > 0]
    fit = beta_binomial(incidence=incidence(frequency=frequency, n_units=20))
    assert fit.loglik == pytest.approx(truncated_loglik(frequency, 20, fit.alpha, fit.beta))
    for factor in (0.9, 0.99, 1.01, 1.1):
        assert truncated_loglik(frequency, 20, fit.alpha * factor, fit.beta) <= fit.loglik
        assert truncated_loglik(frequency, 20, fit.alpha, fit.beta * factor) <= fit.loglik
    assert (fit.alpha, fit.beta) == pytest.approx((1.5, 4), rel=0.35)
    assert fit.total == pytest.approx(300, rel=0.1)


@settings(max_examples=15, deadline=None)
@given(st.integers(2, 30), st.lists(st.integers(1, 30), min_size=1, max_size=40))
def test_bounds_and_no_nan(n: int, given_frequency: list[int]) -> None:
    frequency = np.minimum(given_frequency, n)
    fit = beta_binomial(incidence=incidence(frequency=frequency, n_units=n))
    assert np.isfinite([fit.alpha, fit.beta, fit.loglik, fit.total, fit.unheard]).all()
    assert fit.total >= len(frequency) - 1e-9
    assert 0 <= fit.unheard <= 1
    assert 0 <= fit.unheard_high <= 1
    assert (fit.total_high is None) == (fit.unbounded is not None)
    if fit.total_high is not None:
        assert fit.total_high >= len(frequency)
        narrow = beta_binomial(incidence=incidence(frequency=frequency, n_units=n), calibration="profile")
        assert narrow.total_high is not None
        assert narrow.total_high <= fit.total_high
    assert "beta" in fit.describe()


def test_messages() -> None:
    with pytest.raises(ArgumentError, match="alpha and beta"):
        beta_binomial_coverage(alpha=0, beta=1, interviews=[1])
    with pytest.raises(ArgumentError, match="interviews"):
        beta_binomial_coverage(alpha=1, beta=1, interviews=[-1])
    with pytest.raises(NotEnoughData, match="at least 2 interviews"):
        beta_binomial(incidence=incidence(frequency=[1], n_units=1))
