"""Customer-base models: likelihoods against integration, parameters found again in simulated customers,
limits.
"""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, optimize, special

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.value import bg_bb as bb
from nonagon.methods.value import bg_nbd as bg
from nonagon.methods.value import gamma_gamma as gg
from nonagon.methods.value import pareto_nbd as pareto
from nonagon.methods.value.sbg_retention import sbg_retention

# Parameters near those that Fader, Hardie and Lee (2005) print for the compact disc data.
TRUE_BG = (0.243, 4.414, 0.793, 2.426)


def simulate_bg(n: int, seed: int, t_end: float = 38.0) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Frequency, recency, T and whether still a customer, drawn from the BG/NBD story itself."""
    rng = np.random.default_rng(seed)
    r, alpha, a, b = TRUE_BG
    rate, leave = rng.gamma(r, 1 / alpha, n), rng.beta(a, b, n)
    T, now = np.full(n, t_end), np.zeros(n)
    x, t_x, alive = np.zeros(n), np.zeros(n), np.ones(n, dtype=bool)
    going = alive.copy()
    while going.any():
        who = np.flatnonzero(going)
        now[who] += rng.exponential(1 / rate[who])
        bought = who[now[who] < T[who]]
        going[np.setdiff1d(who, bought)] = False
        x[bought] += 1
        t_x[bought] = now[bought]
        left = bought[rng.random(bought.size) < leave[bought]]
        alive[left] = going[left] = False
    return x, t_x, T, alive


def test_bg_nbd_likelihood_by_integration_over_rates_and_leaving() -> None:
    r, alpha, a, b = 0.8, 3.0, 0.9, 2.5
    # Gauss's rules whose weight functions are the gamma and the beta distribution themselves.
    rate, rate_weight = special.roots_genlaguerre(80, r - 1)
    rate = rate[:, None] / alpha
    leave, leave_weight = special.roots_sh_jacobi(30, a + b - 1, a)
    for x, t_x, length in ((0, 0.0, 5.0), (1, 2.0, 5.0), (4, 4.5, 6.0)):
        stays = (1 - leave) ** x * rate**x * np.exp(-rate * length)
        left = leave * (1 - leave) ** (x - 1) * rate**x * np.exp(-rate * t_x) if x else 0.0
        whole = rate_weight @ (stays + left) @ leave_weight / rate_weight.sum() / leave_weight.sum()
        got = bg.bg_nbd_loglik(r=r, alpha=alpha, a=a, b=b, frequency=[x], recency=[t_x], T=[length])
        assert got == pytest.approx(np.log(whole), abs=1e-6)


@settings(max_examples=30, deadline=None)
@given(logs=st.lists(st.floats(-2, 2), min_size=4, max_size=4), seed=st.integers(0, 50))
def test_gradients_are_those_of_the_likelihoods(logs: list[float], seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 9, 12).astype(float)
    T = rng.uniform(5, 40, 12)
    t_x = np.where(x > 0, rng.uniform(0, 1, 12) * T, 0)
    data = bg._Grouped.of(x, t_x, T, np.ones(12))
    for loglik in (bg._loglik, pareto._loglik):
        slope = loglik(np.array(logs), data)[1]
        numeric = optimize.approx_fprime(np.array(logs), lambda one, f=loglik: f(one, data)[0], 1e-6)
        assert slope == pytest.approx(numeric, rel=2e-3, abs=2e-3)
    bought = gg._Purchases.of(rng.uniform(5, 60, 12), x + 1, np.ones(12))
    slope = gg._loglik(np.array(logs[:3]), bought)[1]
    numeric = optimize.approx_fprime(np.array(logs[:3]), lambda one: gg._loglik(one, bought)[0], 1e-6)
    assert slope == pytest.approx(numeric, rel=2e-3, abs=2e-3)


def test_bg_nbd_finds_its_parameters_and_the_leavers_again() -> None:
    x, t_x, T, alive = simulate_bg(20_000, seed=1)
    fit = bg.bg_nbd(frequency=x, recency=t_x, T=T)
    assert fit.converged
    intervals = fit.intervals(confidence=0.999)
    assert intervals is not None
    for name, true in zip(("r", "alpha", "a", "b"), TRUE_BG, strict=True):
        assert intervals[name][0] < true < intervals[name][1]
    # Calibration: among customers with chance p of being there, a share p is.
    chance = fit.p_alive(frequency=x, recency=t_x, T=T)
    assert chance.mean() == pytest.approx(alive.mean(), abs=0.01)
    assert chance[(x > 0) & ~alive].mean() < chance[(x > 0) & alive].mean() - 0.2


def test_bg_nbd_expectations_by_simulation() -> None:
    x, _, _, _ = simulate_bg(200_000, seed=2, t_end=39.0)
    fit = bg.BgNbd(*TRUE_BG, loglik=0, log_covariance=None, customers=1, groups=1, converged=True)
    error = x.std() / np.sqrt(x.size)
    assert abs(fit.expected_new_customer(t=39) - x.mean()) < 4 * error


def test_bg_nbd_example_customer_of_the_paper() -> None:
    # Fader, Hardie and Lee print 1.226 purchases in 39 weeks for x = 2, t_x = 30.43, T = 38.86 in their note on
    # the spreadsheet implementation (2005).
    fit = bg.BgNbd(*TRUE_BG, loglik=0, log_covariance=None, customers=1, groups=1, converged=True)
    got = fit.expected_purchases(t=39, frequency=2, recency=30.43, T=38.86)
    assert got[0] == pytest.approx(1.226, abs=0.001)


def test_rows_that_stand_for_many_customers_equal_the_customers() -> None:
    x, t_x, T, _ = simulate_bg(300, seed=3)
    t_x = np.ceil(t_x)
    once = bg.bg_nbd(frequency=x, recency=t_x, T=T)
    twice = bg.bg_nbd(frequency=x, recency=t_x, T=T, customers=np.full(x.size, 2.0))
    assert twice.parameters == pytest.approx(once.parameters, rel=1e-5)
    assert twice.loglik == pytest.approx(2 * once.loglik)
    assert once.groups < x.size


@pytest.mark.parametrize("unit", [1 / 7, 52.0, 365.0])
def test_the_unit_of_time_changes_alpha_alone(unit: float) -> None:
    x, t_x, T, _ = simulate_bg(2000, seed=4)
    one = bg.bg_nbd(frequency=x, recency=t_x, T=T)
    other = bg.bg_nbd(frequency=x, recency=t_x * unit, T=T * unit)
    assert other.parameters == pytest.approx(one.parameters * np.array([1, unit, 1, 1]), rel=1e-4)


@settings(max_examples=40, deadline=None)
@given(a=st.sampled_from([0.4, 1.0, 1.0 + 1e-12, 3.0]), x=st.integers(0, 400), t=st.floats(0, 500))
def test_expected_purchases_are_finite_and_not_negative(a: float, x: int, t: float) -> None:
    fit = bg.BgNbd(0.3, 4.0, a, 2.0, loglik=0, log_covariance=None, customers=1, groups=1, converged=True)
    got = fit.expected_purchases(t=t, frequency=x, recency=30 if x else 0, T=35)
    assert np.isfinite(got).all()
    assert got[0] >= 0


def test_bg_nbd_messages() -> None:
    with pytest.raises(ArgumentError, match="recency must not lie beyond T; row 1 has 9 beyond 5"):
        bg.bg_nbd(frequency=[1], recency=[9], T=[5])
    with pytest.raises(ArgumentError, match="recency must be 0 where frequency is 0"):
        bg.bg_nbd(frequency=[0], recency=[2], T=[5])
    with pytest.raises(NotEnoughData, match="needs repeat purchases"):
        bg.bg_nbd(frequency=[0, 0], recency=[0, 0], T=[5, 6])


def test_summary_of_purchases_by_hand() -> None:
    who, x, t_x, T = bg.repeat_summary(customer=np.array([7, 7, 7, 9, 9]), moment=[10, 10, 14, 3, 99], end=20)
    assert (who.tolist(), x.tolist(), t_x.tolist(), T.tolist()) == ([7, 9], [1, 0], [4, 0], [10, 17])


def test_pareto_nbd_integral_against_adaptive_quadrature() -> None:
    for rate, alpha, power, beta, last, end in (
        (0.6, 10.6, 1.6, 11.7, 0, 38),
        (30.5, 0.3, 1.2, 90, 29, 31),
        (2, 5, 3, 5, 1, 1e4),
    ):
        got = pareto._left(
            np.array([float(rate)]), alpha, power, beta, np.array([float(last)]), np.array([float(end)])
        )[0][0]
        edges = [last, *[one for one in (last + 0.1, last + 1, last + 10, last + 100) if one < end], end]
        whole = sum(
            integrate.quad(lambda t: (alpha + t) ** -rate * (beta + t) ** -power, one, other, epsabs=0)[0]  # noqa: B023
            for one, other in itertools.pairwise(edges)
        )
        assert got == pytest.approx(np.log(whole), abs=1e-8)


def test_pareto_nbd_finds_its_parameters_and_the_leavers_again() -> None:
    rng = np.random.default_rng(5)
    n, true = 3_000, np.array([0.55, 10.6, 0.61, 11.7])
    rate, leave = rng.gamma(true[0], 1 / true[1], n), rng.gamma(true[2], 1 / true[3], n)
    T = rng.uniform(27, 39, n)
    life = rng.exponential(1 / leave)
    active = np.minimum(life, T)
    x = rng.poisson(rate * active).astype(float)
    t_x = np.where(x > 0, active * rng.random(n) ** (1 / np.maximum(x, 1)), 0)
    fit = pareto.pareto_nbd(frequency=x, recency=t_x, T=T)
    assert fit.converged
    assert fit.r / fit.alpha == pytest.approx(true[0] / true[1], rel=0.1)
    assert fit.p_alive(frequency=x, recency=t_x, T=T).mean() == pytest.approx(np.mean(life > T), abs=0.04)
    later = rng.poisson(rate * np.clip(life - T, 0, 20))
    assert fit.expected_purchases(t=20, frequency=x, recency=t_x, T=T).mean() == pytest.approx(
        later.mean(), rel=0.06
    )


def test_gamma_gamma_finds_its_parameters_again() -> None:
    rng = np.random.default_rng(6)
    p, q, v, n = 6.25, 3.74, 15.44, 30_000
    x = rng.geometric(0.3, n).astype(float)
    mean = rng.gamma(p * x, 1 / rng.gamma(q, 1 / v, n)) / x
    fit = gg.gamma_gamma(mean_value=mean, frequency=x)
    assert fit.converged
    assert (fit.p, fit.q, fit.v) == pytest.approx((p, q, v), rel=0.08)
    assert fit.population_mean == pytest.approx(p * v / (q - 1), rel=0.02)
    assert fit.correlation == pytest.approx(0, abs=0.03)


@pytest.mark.parametrize("currency", [0.001, 1000.0])
def test_currency_changes_v_alone(currency: float) -> None:
    rng = np.random.default_rng(7)
    mean, x = rng.gamma(3, 10, 500), rng.integers(1, 9, 500)
    one = gg.gamma_gamma(mean_value=mean, frequency=x)
    other = gg.gamma_gamma(mean_value=mean * currency, frequency=x)
    assert (other.p, other.q, other.v) == pytest.approx((one.p, one.q, one.v * currency), rel=1e-3)


def test_expected_value_lies_between_the_customer_and_the_population() -> None:
    fit = gg.GammaGamma(6.25, 3.74, 15.44, 0, 6.25 * 15.44 / 2.74, None, None, 1, True)
    few, many = fit.expected_value(mean_value=[100, 100], frequency=[1, 50])
    assert fit.population_mean is not None
    assert fit.population_mean < few < many < 100
    heavy = gg.GammaGamma(6.25, 0.9, 15.44, 0, None, None, None, 1, True)
    with pytest.raises(NotEnoughData, match="at most 1"):
        heavy.expected_value(mean_value=0, frequency=0)
    assert "no limit" in heavy.describe()


def test_gamma_gamma_messages() -> None:
    with pytest.raises(ArgumentError, match="mean_value must be above 0; got -3"):
        gg.gamma_gamma(mean_value=[5, -3, 2], frequency=[1, 1, 1])
    with pytest.raises(NotEnoughData, match="at least 3 customers whose mean values differ"):
        gg.gamma_gamma(mean_value=[5, 5, 5], frequency=[1, 2, 1])


def test_bg_bb_probabilities_of_all_histories_add_up_to_one() -> None:
    n = 6
    logs = np.log([1.2, 0.75, 0.66, 2.78])
    total = 0.0
    for x in range(n + 1):
        for t_x in range(x, n + 1):
            if (x == 0) == (t_x == 0):
                # Ways to place the other x - 1 purchases before the last one.
                ways = special.comb(t_x - 1, x - 1) if x else 1
                total += (
                    ways * np.exp(bb._log_histories(logs, *(np.array([float(one)]) for one in (x, t_x, n))))[0]
                )
    assert total == pytest.approx(1)


def test_bg_bb_finds_its_customers_again() -> None:
    rng = np.random.default_rng(8)
    n, many = 6, 40_000
    buy, leave = rng.beta(1.2, 0.75, many), rng.beta(0.66, 2.78, many)
    there = rng.random((many, n + 3)) >= leave[:, None]
    there = np.cumprod(there, axis=1).astype(bool)
    bought = there & (rng.random((many, n + 3)) < buy[:, None])
    x = bought[:, :n].sum(axis=1)
    t_x = np.where(x > 0, n - bought[:, :n][:, ::-1].argmax(axis=1), 0)
    fit = bb.bg_bb(x=x, t_x=t_x, n=np.full(many, n))
    seen = {"x": x, "t_x": t_x, "n": np.full(many, n)}
    assert fit.alpha / (fit.alpha + fit.beta) == pytest.approx(1.2 / 1.95, abs=0.02)
    assert fit.p_alive(**seen).mean() == pytest.approx(there[:, n].mean(), abs=0.015)
    later = bought[:, n:].sum(axis=1)
    assert fit.expected_purchases(occasions=3, **seen).mean() == pytest.approx(later.mean(), rel=0.03)


def test_bg_bb_refuses_histories_that_cannot_be() -> None:
    with pytest.raises(ArgumentError, match="row 2 has x 3, t_x 2, n 6"):
        bb.bg_bb(x=[1, 3], t_x=[1, 2], n=[6, 6])
    with pytest.raises(NotEnoughData, match="x is 0 for every customer"):
        bb.bg_bb(x=[0], t_x=[0], n=[6])


def test_sbg_gives_back_a_curve_that_it_made() -> None:
    made = sbg_retention(survival=[1, 0.869, 0.743, 0.653, 0.593, 0.551, 0.517, 0.491])
    # Fader and Hardie (2007) print alpha .668 and beta 3.806 for these "high end" customers.
    assert (made.alpha, made.beta) == pytest.approx((0.668, 3.806), abs=0.001)
    again = sbg_retention(survival=np.concatenate([[1], made.survival(7)]))
    assert (again.alpha, again.beta) == pytest.approx((made.alpha, made.beta), rel=1e-4)
    assert np.cumprod(made.retention(20)) == pytest.approx(made.survival(20))
    assert (np.diff(made.retention(20)) > 0).all()


def test_sbg_lifetime_value_is_the_discounted_sum() -> None:
    fit = sbg_retention(survival=[1, 0.631, 0.468, 0.382, 0.326])
    years = np.arange(0, 2_000)
    staying = np.concatenate([[1.0], fit.survival(1_999)])
    for renewals in (0, 2):
        ahead = staying[renewals:] / staying[renewals]
        value = np.sum(ahead[1:] / 1.1 ** years[1 : ahead.size])
        assert fit.lifetime_value(margin=1, discount=0.1, renewals=renewals) == pytest.approx(1 + value, rel=1e-6)


def test_sbg_messages() -> None:
    with pytest.raises(ArgumentError, match="must never rise"):
        sbg_retention(survival=[1, 0.5, 0.6])
    with pytest.raises(NotEnoughData, match="must fall"):
        sbg_retention(survival=[1, 1, 1])
