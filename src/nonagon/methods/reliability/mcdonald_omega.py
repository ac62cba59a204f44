"""How much of a scale's score is one common thing: McDonald's omega.

Question: may the items be added up to one score, and how much of it is general rather than of sub-dimensions or
error?
Used by: step 3 (survey quality sheet), step 9 (index).
Source: R. P. McDonald, Test Theory (1999), chapters 6 and 9; J. Schmid, J. M. Leiman, Psychometrika 22 (1957),
53-61; minimum
residuals: H. H. Harman, W. H. Jones, Psychometrika 31 (1966), 351-368; oblique rotation: C. A. Bernaards, R. I.
Jennrich, Educational and Psychological Measurement 65 (2005), 676-696.
Checked against: R's packages lavaan and psych (tests/reference), and psych's published values for Thurstone's
nine tests.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, real_array
from nonagon.methods.reliability.cfa import Cfa, Divisor, cfa
from nonagon.methods.reliability.cronbach_alpha import cronbach_alpha_from_covariance

_ROUNDS = 5000
_LEAST_UNIQUENESS = 0.005


@dataclass(frozen=True, slots=True)
class McdonaldOmega:
    """Reliability of a sum score under one common factor.

    omega: share of the sum's variance that is the factor's; ave: average variance extracted, the mean squared
    standardized loading; model: the fitted factor model with its fit indices.
    """

    omega: float
    ave: float
    model: Cfa

    def describe(self) -> str:
        """One sentence with the caveat."""
        return (
            f"Omega is {self.omega:.2f}: that share of the summed score's variance comes from one common "
            "factor, if one factor fits "
            f"(CFI {self.model.cfi:.2f}, SRMR {self.model.srmr:.2f}). No interval is given."
        )


@dataclass(frozen=True, slots=True)
class OmegaHierarchical:
    """Reliability of a sum of standardized items under a general factor and group factors.

    omega_h: share of the sum's variance that is the general factor's; omega_total: that of all common factors;
    alpha: standardized;
    guttman_6: Guttman's lambda 6; general, group: Schmid-Leiman loadings (items by 1 and by factors);
    communalities; reversed: which items were turned round since they load negatively on the general factor.
    """

    items: tuple[str, ...]
    factors: int
    omega_h: float
    omega_total: float
    alpha: float
    guttman_6: float
    general: Floats
    group: Floats
    communalities: Floats
    factor_correlation: Floats
    reversed: tuple[bool, ...]

    def describe(self) -> str:
        """One sentence with the caveat."""
        return (
            f"{self.omega_h:.0%} of the summed score's variance is one general factor, {self.omega_total:.0%} "
            f"all {self.factors} common "
            "factors together; the split depends on the number of factors chosen. No interval is given."
        )


def mcdonald_omega(
    *, covariance: ArrayLike, n: float, names: Sequence[str] | None = None, divisor: Divisor = "n - 1"
) -> McdonaldOmega:
    """Omega from a one-factor maximum likelihood fit.

    covariance: k x k, k at least 3, covariances (omega of the plain sum) or correlations (omega of the sum of
    standardized items);
    n, names, divisor, assumptions and errors: as in `cfa`.

    >>> loadings = [0.8, 0.7, 0.6, 0.5]
    >>> exact = [[1 if i == j else a * b for j, b in enumerate(loadings)] for i, a in enumerate(loadings)]
    >>> round(mcdonald_omega(covariance=exact, n=200).omega, 4)
    0.7494
    """
    model = cfa(covariance=covariance, n=n, names=names, divisor=divisor)
    common = float(model.loadings.sum()) ** 2
    return McdonaldOmega(
        omega=common / (common + float(model.uniquenesses.sum())),
        ave=float(np.mean(model.std_loadings**2)),
        model=model,
    )


def omega_hierarchical(
    *, correlation: ArrayLike, factors: int = 3, names: Sequence[str] | None = None
) -> OmegaHierarchical:
    """Omega hierarchical and total: minimum residuals, oblimin rotation, Schmid-Leiman transformation.

    correlation: k x k, correlations or covariances (turned into correlations); factors: 1 or more, at most k /
    2; with 2 the general factor's loadings are set equal, since two factors do not identify them; with 1 the
    one factor is the general one, and omega_h says no more than omega_total. names: of the items.
    Assumes a general factor exists; with unrelated sub-dimensions read omega_total only.
    Raises ArgumentError for values that do not fit, NotEnoughData where no solution is found.

    >>> block = [[1, 0.6, 0.3, 0.3], [0.6, 1, 0.3, 0.3], [0.3, 0.3, 1, 0.6], [0.3, 0.3, 0.6, 1]]
    >>> result = omega_hierarchical(correlation=block, factors=2)
    >>> round(result.omega_h, 3), round(result.omega_total, 3)
    (0.545, 0.818)
    """
    matrix = real_array("correlation", correlation, ndim=2)
    k = len(matrix)
    if matrix.shape != (k, k) or not np.allclose(matrix, matrix.T):
        raise ArgumentError(f"correlation must be square and symmetric; got shape {matrix.shape}")
    if not 1 <= factors <= k / 2:
        raise ArgumentError(f"factors must lie from 1 to half the items ({k // 2}); got {factors!r}")
    if np.any(np.diag(matrix) <= 0) or np.linalg.eigvalsh(matrix)[0] <= 1e-10:
        raise NotEnoughData(
            "correlation must be positive definite: some item has no variation or follows from others"
        )
    named = tuple(names) if names is not None else tuple(f"item {at + 1}" for at in range(k))
    if len(named) != k:
        raise ArgumentError(f"names must name each of the {k} items; got {len(named)}")
    spread = np.sqrt(np.diag(matrix))
    r = matrix / np.outer(spread, spread)
    plain = _varimax(_minimum_residuals(r, factors))
    pattern, between = _oblimin(plain)
    higher = _higher_order(between)
    general = pattern @ higher
    # What a factor keeps when the general factor's part is taken out.
    group = pattern * np.sqrt(np.maximum(0.0, 1 - higher**2))
    communalities = (plain**2).sum(axis=1)
    sign = np.where(general < 0, -1.0, 1.0)
    turned = r * np.outer(sign, sign)
    total = float(turned.sum())
    smc = 1 - 1 / np.diag(np.linalg.inv(turned))
    return OmegaHierarchical(
        items=named,
        factors=factors,
        omega_h=float((general * sign).sum()) ** 2 / total,
        omega_total=(total - float((1 - communalities).sum())) / total,
        alpha=cronbach_alpha_from_covariance(covariance=turned).raw,
        guttman_6=1 - float((1 - smc).sum()) / total,
        general=general * sign,
        group=group * sign[:, None],
        communalities=communalities,
        factor_correlation=between,
        reversed=tuple((sign < 0).tolist()),
    )


def _minimum_residuals(r: Floats, factors: int) -> Floats:
    """Loadings that leave the least squared correlations between items, over uniquenesses from 0.005 to 1."""
    below = np.tril_indices(len(r), -1)

    def loadings(unique: Floats) -> Floats:
        values, vectors = np.linalg.eigh(r - np.diag(unique))
        kept = np.maximum(values[-factors:], 0.0)
        return np.asarray(vectors[:, -factors:] * np.sqrt(kept))

    def residuals(unique: Floats) -> tuple[float, Floats]:
        lam = loadings(unique)
        left = r - np.diag(unique) - lam @ lam.T
        # Half the squared norm of all that is left is a function of the uniquenesses alone, with the diagonal
        # as its slope.
        return float((left**2).sum()) / 2, -np.diag(left)

    start = np.clip(1 / np.diag(np.linalg.inv(r)), _LEAST_UNIQUENESS, 1.0)
    found = optimize.minimize(
        residuals,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(_LEAST_UNIQUENESS, 1.0)] * len(r),
        options={"maxiter": _ROUNDS, "ftol": 1e-15, "gtol": 1e-10},
    )
    if not found.success and float(np.abs(found.jac).max()) > 1e-4:
        raise NotEnoughData(f"no factor solution was found ({found.message}); try fewer factors")
    lam = loadings(found.x)
    if not np.isfinite((r - lam @ lam.T)[below]).all():
        raise NotEnoughData("no factor solution was found; try fewer factors")
    return lam


def _varimax(loadings: Floats) -> Floats:
    """Kaiser's orthogonal rotation, rows scaled to length one meanwhile, columns pointing up."""
    length = np.sqrt((loadings**2).sum(axis=1, keepdims=True))
    scaled = loadings / np.where(length > 0, length, 1.0)
    turn = np.eye(loadings.shape[1])
    before = 0.0
    for _ in range(_ROUNDS):
        moved = scaled @ turn
        slope = scaled.T @ (moved**3 - moved * (moved**2).mean(axis=0))
        left, singular, right = np.linalg.svd(slope)
        turn = left @ right
        if singular.sum() < before * (1 + 1e-14):
            break
        before = float(singular.sum())
    found = loadings @ turn
    return np.asarray(found * np.where(found.sum(axis=0) < 0, -1.0, 1.0))


def _oblimin(loadings: Floats) -> tuple[Floats, Floats]:
    """Direct quartimin by gradient projection: pattern and factor correlations."""
    width = loadings.shape[1]
    turn, length = np.eye(width), 1.0
    pattern, value, slope = _quartimin(loadings, turn)
    for _ in range(_ROUNDS):
        along = slope - turn * (turn * slope).sum(axis=0)
        size = float(np.sqrt((along**2).sum()))
        if size < 1e-9:
            return pattern, turn.T @ turn
        length *= 2
        for _halving in range(60):
            moved = turn - length * along
            moved = moved / np.sqrt((moved**2).sum(axis=0))
            candidate, better, new_slope = _quartimin(loadings, moved)
            if better < value - 0.5 * size**2 * length:
                break
            length /= 2
        else:
            return pattern, turn.T @ turn
        turn, pattern, value, slope = moved, candidate, better, new_slope
    raise NotEnoughData(f"the oblique rotation did not settle in {_ROUNDS} rounds; try fewer factors")


def _quartimin(loadings: Floats, turn: Floats) -> tuple[Floats, float, Floats]:
    """Pattern, criterion and the criterion's slope in the rotation."""
    inverse = np.linalg.inv(turn)
    pattern = loadings @ inverse.T
    squared = pattern**2
    others = squared.sum(axis=1, keepdims=True) - squared
    return pattern, float((squared * others).sum()) / 4, -(pattern.T @ (pattern * others) @ inverse).T


def _higher_order(between: Floats) -> Floats:
    """Loadings of the factors on the general factor."""
    if len(between) == 1:
        return np.ones(1)
    if len(between) == 2:
        equal = float(np.sqrt(abs(between[0, 1])))
        return np.array([equal, np.sign(between[0, 1]) * equal])
    lam = _minimum_residuals(between, 1)[:, 0]
    return np.asarray(lam * (-1.0 if lam.sum() < 0 else 1.0))
