"""Do the items measure what they were written for: confirmatory factor analysis with independent clusters.

Question: do the answers fit the idea that each item belongs to one dimension (satisfaction, trust, value)?
Used by: step 3 (survey quality sheet), step 9 (index).
Source: K. G. Jöreskog, Psychometrika 34 (1969), 183-202 (maximum likelihood); fit: P. M. Bentler, Psychological
Bulletin 107 (1990), 238-246 (CFI, SRMR); L. R. Tucker, C. Lewis, Psychometrika 38 (1973), 1-10 (TLI); J. H.
Steiger, Multivariate Behavioral Research 25 (1990), 173-180 (RMSEA).
Checked against: R's package lavaan (tests/reference), and published fit of Thurstone's nine tests.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, at_least, one_of, real_array

Places = NDArray[np.int64]
Divisor = Literal["n", "n - 1"]
_ROUNDS = 500
_TOLERANCE = 1e-11


@dataclass(frozen=True, slots=True)
class Cfa:
    """Fit of a factor model in which each item belongs to one factor and factors may correlate.

    loadings: of each item on its factor, factors of variance one, in the items' units; std_loadings: with items
    of variance one as well; uniquenesses: the items' error variances; factor_of: each item's factor;
    factor_correlation: between factors.
    chisq, degrees, p: test of the model (p None without degrees of freedom); cfi, tli (None where undefined),
    rmsea, srmr: fit indices; loglik, aic, bic: lower is better. proper: False where an error variance came out
    negative.
    """

    n: float
    items: tuple[str, ...]
    factors: tuple[str, ...]
    factor_of: tuple[int, ...]
    loadings: Floats
    std_loadings: Floats
    uniquenesses: Floats
    factor_correlation: Floats
    chisq: float
    degrees: int
    p: float | None
    cfi: float
    tli: float | None
    rmsea: float | None
    srmr: float
    loglik: float
    aic: float
    bic: float
    proper: bool

    def describe(self) -> str:
        """One sentence with the caveat."""
        error = "" if self.rmsea is None else f", RMSEA {self.rmsea:.3f}"
        caveat = (
            "usual bars are CFI 0.95, RMSEA 0.06, SRMR 0.08"
            if self.proper
            else "an error variance or correlation is impossible, so the model does not hold as it stands"
        )
        return (
            f"The model of {len(self.factors)} factor(s) for {len(self.items)} items has CFI "
            f"{self.cfi:.3f}{error}, SRMR {self.srmr:.3f} "
            f"from {self.n:g} respondents; {caveat}."
        )


def cfa(
    *,
    covariance: ArrayLike,
    n: float,
    factors: Mapping[str, Sequence[int]] | None = None,
    names: Sequence[str] | None = None,
    divisor: Divisor = "n - 1",
) -> Cfa:
    """Maximum likelihood fit of a factor model with independent clusters from covariances (or correlations).

    covariance: k x k, symmetric and positive definite; n: respondents behind it, more than k; divisor: what the
    covariances were divided by ("n - 1" as most programs do; the fit itself uses n). factors: for each factor
    the places (from 0) of its items, each item in exactly one, at least 3 items where there is one factor and 2
    where there are more; None for one factor. names: of the items.
    Assumes answers near normal (many scale points); for few ordered answers the fit indices are rough.
    Raises ArgumentError for values that do not fit; NotEnoughData for too few respondents or where no solution
    is found.

    >>> loadings = [0.8, 0.7, 0.6, 0.5]
    >>> exact = [[1 if i == j else a * b for j, b in enumerate(loadings)] for i, a in enumerate(loadings)]
    >>> result = cfa(covariance=exact, n=200)
    >>> [round(one, 3) for one in result.std_loadings.tolist()], round(result.chisq, 3), result.degrees
    ([0.8, 0.7, 0.6, 0.5], 0.0, 2)
    """
    one_of("divisor", divisor, ("n", "n - 1"))
    n = at_least("n", n, 2)
    sample = _covariance(covariance, n)
    scaled = sample * ((n - 1) / n if divisor == "n - 1" else 1.0)
    k = len(sample)
    named = tuple(names) if names is not None else tuple(f"item {at + 1}" for at in range(k))
    if len(named) != k:
        raise ArgumentError(f"names must name each of the {k} items; got {len(named)}")
    groups = (
        {"factor 1": tuple(range(k))} if factors is None else {name: tuple(at) for name, at in factors.items()}
    )
    factor_of = _places(groups, k)
    scale = np.sqrt(np.diag(scaled))
    correlation = scaled / np.outer(scale, scale)
    loading, unique, between = _fit(correlation, factor_of, len(groups))
    implied = between[np.ix_(factor_of, factor_of)] * np.outer(loading, loading) + np.diag(unique)
    # An item's sign is arbitrary with its factor's: the items' sum points up.
    sign = np.sign([loading[factor_of == at].sum() or 1.0 for at in range(len(groups))])
    loading, between = loading * sign[factor_of], between * np.outer(sign, sign)
    free = 2 * k + len(groups) * (len(groups) - 1) // 2
    return _summary(
        Cfa(
            n=n,
            items=named,
            factors=tuple(groups),
            factor_of=tuple(factor_of.tolist()),
            loadings=loading * scale,
            std_loadings=loading / np.sqrt(np.diag(implied)),
            uniquenesses=unique * scale**2,
            factor_correlation=between,
            chisq=n * max(0.0, _discrepancy(implied, correlation)),
            degrees=k * (k + 1) // 2 - free,
            p=None,
            cfi=1.0,
            tli=None,
            rmsea=None,
            srmr=0.0,
            loglik=0.0,
            aic=0.0,
            bic=0.0,
            proper=bool(np.all(unique >= 0) and np.linalg.eigvalsh(between)[0] >= 0),
        ),
        correlation,
        implied,
        float(np.log(scale).sum()),
        free,
    )


def _covariance(covariance: ArrayLike, n: float) -> Floats:
    matrix = real_array("covariance", covariance, ndim=2)
    if matrix.shape[0] != matrix.shape[1] or not np.allclose(matrix, matrix.T, atol=1e-8 * np.abs(matrix).max()):
        raise ArgumentError(f"covariance must be square and symmetric; got shape {matrix.shape}")
    if n <= len(matrix):
        raise NotEnoughData(f"n must be more than the {len(matrix)} items; got {n:g} respondents")
    matrix = (matrix + matrix.T) / 2
    if np.linalg.eigvalsh(matrix)[0] <= 1e-10 * np.trace(matrix):
        raise NotEnoughData(
            "covariance must be positive definite: some item has no variation or follows from the others; "
            "leave it out"
        )
    return matrix


def _places(groups: Mapping[str, Sequence[int]], k: int) -> Places:
    """Each item's factor, after checking that every item has exactly one and every factor enough."""
    listed = [at for members in groups.values() for at in members]
    if sorted(listed) != list(range(k)):
        raise ArgumentError(
            f"factors must place each of the items 0 to {k - 1} exactly once; got {sorted(listed)}"
        )
    least = 3 if len(groups) == 1 else 2
    for name, members in groups.items():
        if len(members) < least:
            raise NotEnoughData(f"{name} needs at least {least} items to be identified; got {len(members)}")
    factor_of = np.zeros(k, dtype=np.int64)
    for place, members in enumerate(groups.values()):
        factor_of[list(members)] = place
    return factor_of


def _discrepancy(implied: Floats, sample: Floats) -> float:
    """The likelihood's distance between two covariance matrices: 0 when equal, infinite when not definite."""
    sign, logdet = np.linalg.slogdet(implied)
    if sign <= 0 or np.linalg.eigvalsh(implied)[0] <= 0:
        return float("inf")
    return float(logdet - np.linalg.slogdet(sample)[1] + np.trace(np.linalg.solve(implied, sample)) - len(sample))


def _fit(sample: Floats, factor_of: Places, factors: int) -> tuple[Floats, Floats, Floats]:
    """Loadings, error variances and factor correlations of a correlation matrix, by Fisher scoring."""
    k = len(sample)
    upper = np.triu_indices(factors, 1)
    pairs = list(zip(upper[0].tolist(), upper[1].tolist(), strict=True))
    loading, between = _start(sample, factor_of, factors)
    unique = np.maximum(1 - loading**2, 0.2)
    member = np.eye(factors)[factor_of]

    def matrices(theta: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        lam, psi = theta[:k], theta[k : 2 * k]
        phi = np.eye(factors)
        phi[upper] = theta[2 * k :]
        phi.T[upper] = theta[2 * k :]
        design = member * lam[:, None]
        return lam, psi, phi, design @ phi @ design.T + np.diag(psi)

    theta = np.concatenate([loading, unique, between[upper]])
    value = _discrepancy(matrices(theta)[3], sample)
    for _ in range(_ROUNDS):
        lam, _psi, phi, implied = matrices(theta)
        inverse = np.linalg.inv(implied)
        slopes = _slopes(lam, phi, member, pairs)
        # Fisher's information is the inner product of slopes of the implied matrix, weighted by its inverse.
        weighted = inverse @ slopes @ inverse
        score = np.einsum("aij,ij->a", weighted, sample - implied)
        information = np.einsum("aij,bij->ab", weighted, slopes)
        step = np.linalg.lstsq(information, score, rcond=None)[0]
        moved, better = _shortened(theta, step, value, lambda point: _discrepancy(matrices(point)[3], sample))
        gain = float(score @ step)
        theta, value = moved, better
        if gain < _TOLERANCE:
            lam, psi, phi, _ = matrices(theta)
            return lam, psi, phi
    raise NotEnoughData(
        f"no factor solution was found in {_ROUNDS} rounds: the items hardly correlate within a factor, or too "
        "few answered"
    )


def _shortened(
    theta: Floats, step: Floats, value: float, objective: Callable[[Floats], float]
) -> tuple[Floats, float]:
    """The step, halved until the objective does not grow."""
    length = 1.0
    for _ in range(40):
        moved = theta + length * step
        better = objective(moved)
        if better <= value + 1e-14:
            return moved, better
        length /= 2
    return theta, value


def _start(sample: Floats, factor_of: Places, factors: int) -> tuple[Floats, Floats]:
    """First guess: each block's leading direction, and correlations of the blocks' sums pulled towards zero."""
    loading = np.zeros(len(sample))
    for at in range(factors):
        inside = np.flatnonzero(factor_of == at)
        direction = np.linalg.eigh(sample[np.ix_(inside, inside)])[1][:, -1]
        loading[inside] = 0.7 * np.where(direction * np.sign(direction.sum() or 1.0) >= 0, 1.0, -1.0)
    signed = np.eye(factors)[factor_of] * np.sign(loading)[:, None]
    blocks = signed.T @ sample @ signed
    spread = np.sqrt(np.diag(blocks))
    between = 0.8 * blocks / np.outer(spread, spread)
    np.fill_diagonal(between, 1.0)
    return loading, between


def _slopes(lam: Floats, phi: Floats, member: Floats, pairs: list[tuple[int, int]]) -> Floats:
    """Derivatives of the implied matrix: one matrix for each loading, error variance and factor correlation."""
    k = len(lam)
    design = member * lam[:, None]
    reach = member @ phi @ design.T  # row i: how item i's factor reaches every item
    by_loading = np.zeros((k, k, k))
    place = np.arange(k)
    by_loading[place, place, :] += reach
    by_loading[place, :, place] += reach
    by_unique = np.zeros((k, k, k))
    by_unique[place, place, place] = 1.0
    crossed = [np.outer(design[:, one], design[:, two]) for one, two in pairs]
    by_phi = np.array([one + one.T for one in crossed]).reshape(-1, k, k)
    return np.concatenate([by_loading, by_unique, by_phi])


def _summary(fit: Cfa, sample: Floats, implied: Floats, log_scale: float, free: int) -> Cfa:
    """The fit indices, in lavaan's definitions."""
    k, n = len(sample), fit.n
    base_degrees = k * (k - 1) // 2
    base = -n * float(np.linalg.slogdet(sample)[1])
    excess, base_excess = max(fit.chisq - fit.degrees, 0.0), max(base - base_degrees, fit.chisq - fit.degrees, 0.0)
    lower = np.tril_indices(k)
    logdet = float(np.linalg.slogdet(implied)[1]) + 2 * log_scale
    fitted = float(np.trace(np.linalg.solve(implied, sample)))
    loglik = -n / 2 * (k * float(np.log(2 * np.pi)) + logdet + fitted)
    ratio = base / base_degrees
    return Cfa(
        n=n,
        items=fit.items,
        factors=fit.factors,
        factor_of=fit.factor_of,
        loadings=fit.loadings,
        std_loadings=fit.std_loadings,
        uniquenesses=fit.uniquenesses,
        factor_correlation=fit.factor_correlation,
        chisq=fit.chisq,
        degrees=fit.degrees,
        p=float(special.chdtrc(fit.degrees, fit.chisq)) if fit.degrees > 0 else None,
        cfi=1.0 if base_excess == 0 else 1 - excess / base_excess,
        tli=(ratio - fit.chisq / fit.degrees) / (ratio - 1) if fit.degrees > 0 and ratio != 1 else None,
        rmsea=float(np.sqrt(excess / (n * fit.degrees))) if fit.degrees > 0 else None,
        srmr=float(np.sqrt(np.mean((sample - implied)[lower] ** 2))),
        loglik=loglik,
        aic=-2 * loglik + 2 * free,
        bic=-2 * loglik + free * float(np.log(n)),
        proper=fit.proper,
    )
