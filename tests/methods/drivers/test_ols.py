"""Least squares to the last digit: NIST's hard cases, exact fractions and a plain computation."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.drivers.moments import moments
from nonagon.methods.drivers.ols import ols, ols_of_moments

# NIST StRD Longley: number employed; deflator, GNP, unemployed, armed forces, population, year (public
# domain).
LONGLEY_Y = [
    60323,
    61122,
    60171,
    61187,
    63221,
    63639,
    64989,
    63761,
    66019,
    67857,
    68169,
    66513,
    68655,
    69564,
    69331,
]
LONGLEY_Y += [70551]
LONGLEY_X = {
    "deflator": [
        83,
        88.5,
        88.2,
        89.5,
        96.2,
        98.1,
        99,
        100,
        101.2,
        104.6,
        108.4,
        110.8,
        112.6,
        114.2,
        115.7,
        116.9,
    ],
    "gnp": [
        *[234289, 259426, 258054, 284599, 328975, 346999, 365385, 363112],
        *[397469, 419180, 442769, 444546, 482704, 502601, 518173, 554894],
    ],
    "unemployed": [2356, 2325, 3682, 3351, 2099, 1932, 1870, 3578, 2904, 2822, 2936, 4681, 3813, 3931, 4806, 4007],
    "forces": [1590, 1456, 1616, 1650, 3099, 3594, 3547, 3350, 3048, 2857, 2798, 2637, 2552, 2514, 2572, 2827],
    "population": [
        *[107608, 108632, 109773, 110929, 112075, 113270, 115094, 116219],
        *[117388, 118734, 120445, 121950, 123366, 125368, 127852, 130081],
    ],
    "year": list(range(1947, 1963)),
}
# Certified values of NIST StRD (Longley.dat).
LONGLEY_COEF = [
    *[-3482258.63459582, 15.0618722713733, -0.358191792925910e-1, -2.02022980381683],
    *[-1.03322686717359, -0.511041056535807e-1, 1829.15146461355],
]
LONGLEY_SIGMA = 304.854073561965
LONGLEY_R2 = 0.995479004577296


def test_longley_certified() -> None:
    result = ols(y=LONGLEY_Y, x=LONGLEY_X)
    assert result.coef == pytest.approx(LONGLEY_COEF, rel=2e-14)
    assert result.sigma == pytest.approx(LONGLEY_SIGMA, rel=1e-13)
    assert result.r2 == pytest.approx(LONGLEY_R2, rel=1e-14)


@pytest.mark.parametrize(("number", "coefficient"), [(1, 1.0), (2, None)])
def test_wampler_polynomials_of_degree_five(number: int, coefficient: float | None) -> None:
    """NIST StRD Wampler1 and 2: y is the polynomial itself, coefficients 1 or 0.1 to the power j."""
    x = np.arange(21.0)
    truth = np.array([coefficient or 0.1**j for j in range(6)])
    y = sum(truth[j] * x**j for j in range(6))
    result = ols(y=y, x={f"x{j}": x**j for j in range(1, 6)})
    assert result.coef == pytest.approx(truth, rel=1e-9 if number == 2 else 1e-12)
    assert result.r2 == pytest.approx(1, abs=1e-15)


def test_wampler_four_with_large_residuals() -> None:
    """NIST StRD Wampler4: certified coefficients 1 and sigma 236014.502379268, R² 0.957478440825662.

    y = sum of powers plus delta times 100 with NIST's deltas.
    """
    delta = [759, -2048, 2048, -2048, 2523, -2048, 2048, -2048, 1838, -2048, 2048]
    delta += [-2048, 1838, -2048, 2048, -2048, 2523, -2048, 2048, -2048, 759]
    x = np.arange(21.0)
    y = sum(x**j for j in range(6)) + 100 * np.array(delta)
    result = ols(y=y, x={f"x{j}": x**j for j in range(1, 6)})
    assert result.coef == pytest.approx(np.ones(6), rel=1e-8)
    assert result.sigma == pytest.approx(236014.502379268, rel=1e-13)
    assert result.r2 == pytest.approx(0.957478440825662, rel=1e-13)


def in_fractions(columns: list[np.ndarray], y: np.ndarray) -> list[float]:
    """The normal equations of the doubles as they are, by Gauss in fractions."""
    rows = [[Fraction(float(v)) for v in column] for column in columns]
    target = [Fraction(float(v)) for v in y]
    table = [
        [sum(a * b for a, b in zip(one, other, strict=True)) for other in rows]
        + [sum(a * b for a, b in zip(one, target, strict=True))]
        for one in rows
    ]
    k = len(rows)
    for i in range(k):
        for j in range(i + 1, k):
            times = table[j][i] / table[i][i]
            table[j] = [a - times * b for a, b in zip(table[j], table[i], strict=True)]
    found = [Fraction(0)] * k
    for i in reversed(range(k)):
        known = sum(table[i][j] * found[j] for j in range(i + 1, k))
        found[i] = (table[i][k] - known) / table[i][i]
    return [float(v) for v in found]


def test_polynomial_of_degree_ten_matches_exact_fractions() -> None:
    """The shape of NIST's Filip (degree ten, x near -9 to -3), against the same doubles solved in fractions."""
    random = np.random.default_rng(0)
    x = np.round(np.linspace(-8.8, -3.1, 40), 3)
    y = np.round(0.8 + 0.01 * np.cos(x) + 0.003 * random.normal(size=40), 4)
    powers = {f"x{j}": x**j for j in range(1, 11)}
    expected = in_fractions([np.ones(40), *powers.values()], y)
    assert ols(y=y, x=powers).coef == pytest.approx(expected, rel=1e-14)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 4))
def test_against_numpy_and_moments(seed: int, k: int) -> None:
    """Independent computation: numpy.linalg.lstsq and the inverse of X'X."""
    random = np.random.default_rng(seed)
    n = 25
    x = {f"d{j}": random.normal(size=n) for j in range(k)}
    y = random.normal(size=n) + sum(x.values())
    result = ols(y=y, x=x, errors="equal")
    design = np.column_stack([np.ones(n), *x.values()])
    coef = np.linalg.lstsq(design, y, rcond=None)[0]
    left = y - design @ coef
    sigma = np.sqrt(left @ left / (n - k - 1))
    assert result.coef == pytest.approx(coef, abs=1e-9)
    assert result.se == pytest.approx(sigma * np.sqrt(np.diag(np.linalg.inv(design.T @ design))), rel=1e-7)
    assert np.all((result.low <= result.coef) & (result.coef <= result.high))
    if k:
        from_moments = ols_of_moments(moments=moments(y=y, x=x))
        for name in ("coef", "se", "r2", "sigma"):
            assert getattr(from_moments, name) == pytest.approx(getattr(result, name), rel=1e-6, abs=1e-9)


def test_limits_and_messages() -> None:
    with pytest.raises(NotEnoughData, match="more than 3 rows"):
        ols(y=[1, 2, 3], x={"a": [1, 2, 3], "b": [3, 1, 2]})
    with pytest.raises(NotEnoughData, match="b says nothing"):
        ols(y=[1, 2, 3, 5], x={"a": [1, 2, 3, 4], "b": [2, 4, 6, 8]})
    with pytest.raises(NotEnoughData, match="b says nothing"):
        ols(y=[1, 2, 3, 5], x={"a": [1, 2, 3, 4], "b": [2, 4, 6, 8]}, arithmetic="exact")
    with pytest.raises(ArgumentError, match="finite"):
        ols(y=[1, 2, float("nan")], x={"a": [1, 2, 3]})
    flat = ols(y=[2, 2, 2, 2], x={"a": [1, 2, 3, 4]})
    assert flat.r2 == 0
    assert np.all(np.isfinite(flat.se))
    assert "none" in flat.describe()
