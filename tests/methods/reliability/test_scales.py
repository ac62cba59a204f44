"""Alpha, omega and factor models: published fit, exact models recovered, identities and coverage."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.reliability.cfa import cfa
from nonagon.methods.reliability.cronbach_alpha import cronbach_alpha, cronbach_alpha_from_covariance
from nonagon.methods.reliability.mcdonald_omega import mcdonald_omega, omega_hierarchical

# L. L. Thurstone and T. G. Thurstone (1941): correlations of nine tests, 213 children, as printed in
# R. P. McDonald, Test Theory (1999), p. 188; the lower triangle row by row.
LOWER = [
    [0.828],
    [0.776, 0.779],
    [0.439, 0.493, 0.460],
    [0.432, 0.464, 0.425, 0.674],
    [0.447, 0.489, 0.443, 0.590, 0.541],
    [0.447, 0.432, 0.401, 0.381, 0.402, 0.288],
    [0.541, 0.537, 0.534, 0.350, 0.367, 0.320, 0.555],
    [0.380, 0.358, 0.359, 0.424, 0.446, 0.325, 0.598, 0.452],
]
THURSTONE = np.eye(9)
for at, row in enumerate(LOWER, start=1):
    THURSTONE[at, :at] = THURSTONE[:at, at] = row
THREE = {"verbal": (0, 1, 2), "fluency": (3, 4, 5), "reasoning": (6, 7, 8)}
LOADINGS = st.lists(st.floats(0.35, 0.9), min_size=4, max_size=7)


def implied(loadings: list[float]) -> np.ndarray:
    matrix = np.outer(loadings, loadings)
    np.fill_diagonal(matrix, 1)
    return matrix


def test_thurstone_second_order_fit_as_published() -> None:
    # J. Fox's documentation of the R package sem prints chi-square 38.196 with 24 degrees of freedom for the
    # second-order model, which with three first-order factors fits like correlated factors; sem multiplies by
    # n - 1 = 212, this library by n.
    result = cfa(covariance=THURSTONE, n=213, factors=THREE)
    assert result.chisq * 212 / 213 == pytest.approx(38.196, abs=0.001)
    assert result.degrees == 24
    assert result.proper


def test_thurstone_omega_as_published() -> None:
    # W. Revelle's documentation of the R package psych prints these, to two digits, for omega(Thurstone, 3).
    result = omega_hierarchical(correlation=THURSTONE, factors=3)
    assert (round(result.omega_h, 2), round(result.omega_total, 2)) == (0.74, 0.93)
    assert (round(result.alpha, 2), round(result.guttman_6, 2)) == (0.89, 0.91)
    assert np.round(result.general, 2).tolist() == [0.71, 0.73, 0.68, 0.65, 0.62, 0.56, 0.59, 0.58, 0.54]


@settings(max_examples=25, deadline=None)
@given(loadings=LOADINGS)
def test_an_exact_one_factor_model_is_recovered(loadings: list[float]) -> None:
    result = mcdonald_omega(covariance=implied(loadings), n=150)
    lam = np.array(loadings)
    assert result.model.std_loadings == pytest.approx(lam, abs=1e-4)
    assert result.model.chisq == pytest.approx(0, abs=1e-6)
    assert result.omega == pytest.approx(lam.sum() ** 2 / (lam.sum() ** 2 + (1 - lam**2).sum()), abs=1e-4)
    assert result.omega >= cronbach_alpha_from_covariance(covariance=implied(loadings)).raw - 1e-6
    assert result.model.cfi == pytest.approx(1)
    assert result.model.srmr == pytest.approx(0, abs=1e-4)


@settings(max_examples=15, deadline=None)
@given(scale=st.lists(st.floats(0.1, 20), min_size=9, max_size=9), order=st.permutations(range(9)))
def test_fit_does_not_depend_on_units_or_order(scale: list[float], order: list[int]) -> None:
    plain = cfa(covariance=THURSTONE, n=213, factors=THREE)
    scaled = THURSTONE * np.outer(scale, scale)
    place = {old: new for new, old in enumerate(order)}
    moved = cfa(
        covariance=scaled[np.ix_(order, order)],
        n=213,
        factors={name: [place[item] for item in items] for name, items in THREE.items()},
    )
    assert moved.chisq == pytest.approx(plain.chisq, abs=1e-6)
    assert moved.srmr == pytest.approx(plain.srmr, abs=1e-6)
    assert moved.std_loadings[[place[item] for item in range(9)]] == pytest.approx(plain.std_loadings, abs=1e-4)


def test_likelihood_by_hand_where_the_model_is_exact() -> None:
    matrix, n = implied([0.8, 0.7, 0.6, 0.5]), 100
    result = cfa(covariance=matrix, n=n, divisor="n")
    loglik = -n / 2 * (4 * np.log(2 * np.pi) + np.linalg.slogdet(matrix)[1] + 4)
    assert result.loglik == pytest.approx(loglik)
    assert result.aic == pytest.approx(-2 * loglik + 2 * 8)
    assert result.bic == pytest.approx(-2 * loglik + 8 * np.log(n))


def test_chisq_has_its_degrees_of_freedom_on_average() -> None:
    generator = np.random.default_rng(24)
    root = np.linalg.cholesky(implied([0.8, 0.7, 0.7, 0.6, 0.5]))
    found = [cfa(covariance=np.cov(root @ generator.normal(size=(5, 400))), n=400).chisq for _ in range(150)]
    assert np.mean(found) == pytest.approx(5, abs=0.8)


def test_reversed_items_are_turned_round_and_factors_of_two() -> None:
    sign = np.array([1, 1, -1, 1, 1, 1, -1, 1, 1])
    plain = omega_hierarchical(correlation=THURSTONE)
    turned = omega_hierarchical(correlation=THURSTONE * np.outer(sign, sign))
    assert turned.reversed == tuple((sign < 0).tolist())
    assert turned.omega_h == pytest.approx(plain.omega_h, abs=1e-6)
    two = omega_hierarchical(correlation=THURSTONE, factors=2)
    assert 0 < two.omega_h < two.omega_total < 1


def test_a_single_factor_is_the_general_one() -> None:
    # Exact one-factor correlations: the sum's common variance is the squared sum of the loadings.
    loadings = np.array([0.8, 0.7, 0.7, 0.6, 0.5])
    matrix = np.outer(loadings, loadings)
    np.fill_diagonal(matrix, 1.0)
    one = omega_hierarchical(correlation=matrix, factors=1)
    by_hand = loadings.sum() ** 2 / matrix.sum()
    assert one.omega_h == pytest.approx(by_hand, abs=1e-6)
    assert one.omega_total == pytest.approx(by_hand, abs=1e-6)
    assert one.group == pytest.approx(np.zeros((5, 1)))


@settings(max_examples=30, deadline=None)
@given(data=st.data(), items=st.integers(2, 6))
def test_alpha_is_the_ratio_of_variances(data: st.DataObject, items: int) -> None:
    seed = data.draw(st.integers(0, 10_000))
    generator = np.random.default_rng(seed)
    answers = generator.normal(size=(20, 1)) + generator.normal(size=(20, items))
    result = cronbach_alpha(answers=answers)
    by_hand = items / (items - 1) * (1 - answers.var(axis=0, ddof=1).sum() / answers.sum(axis=1).var(ddof=1))
    assert result.raw == pytest.approx(by_hand)
    rest = answers.sum(axis=1) - answers[:, 0]
    assert result.r_drop[0] == pytest.approx(np.corrcoef(answers[:, 0], rest)[0, 1])
    assert result.low < result.raw < result.high
    if items == 2:
        assert result.if_deleted is None


def test_feldts_interval_covers() -> None:
    # Equal loadings of variance one and errors of variance one, five items: alpha is 5 / 6.
    generator = np.random.default_rng(1965)
    inside = []
    for _ in range(1500):
        result = cronbach_alpha(answers=generator.normal(size=(40, 1)) + generator.normal(size=(40, 5)))
        inside.append(result.low <= 5 / 6 <= result.high)
    assert 0.93 <= np.mean(inside) <= 0.97


def test_messages() -> None:
    with pytest.raises(NotEnoughData, match="item 2 has no variation"):
        cronbach_alpha(answers=[[1, 3], [2, 3], [4, 3]])
    with pytest.raises(ArgumentError, match="factors must place each of the items 0 to 8 exactly once"):
        cfa(covariance=THURSTONE, n=213, factors={"one": (0, 1, 2)})
    with pytest.raises(NotEnoughData, match="needs at least 3 items"):
        cfa(covariance=[[1, 0.5], [0.5, 1]], n=50)
    with pytest.raises(NotEnoughData, match="n must be more than the 9 items"):
        cfa(covariance=THURSTONE, n=9)
    with pytest.raises(ArgumentError, match=r"factors must lie from 1 to half the items \(4\); got 6"):
        omega_hierarchical(correlation=THURSTONE, factors=6)
