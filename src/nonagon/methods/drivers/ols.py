"""Least squares with all its digits: coefficients, R² and the residual standard deviation.

Question: how does an outcome move with its drivers, one unit at a time?
Used by: steps 3, 5 and 9.
Source: G. H. Golub and C. F. Van Loan, Matrix Computations; Å. Björck, BIT 7 (1967), 257-278 (iterative
refinement); J. G. MacKinnon, H. White, Journal of Econometrics 29 (1985), 305-325 (HC3); R. M. Bell, D. F.
McCaffrey, Survey Methodology 28 (2002), 169-181 (its degrees of freedom).
Checked against: NIST StRD linear regression (Longley, Filip, Wampler1-5, Norris, Pontius) and
tests/reference.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import linalg, special

from nonagon.basics.errors import NotEnoughData
from nonagon.methods.checks import Floats, fraction, one_of, real_array, same_length
from nonagon.methods.drivers.moments import Moments

OlsErrors = Literal["robust", "equal"]
OLS_ERRORS: tuple[OlsErrors, ...] = ("robust", "equal")
# A pivot of unit columns below this leaves refinement in extended precision fewer than 12 digits; then small
# problems are solved with the doubles taken as exact fractions.
NEARLY_DEPENDENT = 1e-7
MOST_EXACT = 100_000


@dataclass(frozen=True, slots=True)
class Ols:
    """A linear model.

    names, coef, se, low, high: intercept first (when there is one), then the drivers. r2: share of the outcome's
    variance accounted for; sigma: residual standard deviation with n - k; freedom: n - k; n. arithmetic:
    "double" or "exact". errors: what se, low and high rest on; interval_freedom: the degrees of freedom of each
    interval.
    """

    names: tuple[str, ...]
    coef: Floats
    se: Floats
    low: Floats
    high: Floats
    r2: float
    sigma: float
    freedom: float
    n: float
    confidence: float
    arithmetic: Literal["double", "exact"]
    errors: OlsErrors
    interval_freedom: Floats

    def describe(self) -> str:
        """One sentence with the caveat."""
        shown = [name for name, a, b in zip(self.names, self.low, self.high, strict=True) if a > 0 or b < 0]
        named = ", ".join(name for name in shown if name != "(Intercept)") or "none"
        return (
            f"{len(self.names) - 1} drivers account for {self.r2:.0%} of the outcome's variance (n = "
            f"{self.n:g}); shown to "
            f"matter with {self.confidence:.0%} confidence given the others: {named}; association, not proof "
            f"of cause.{self._equal_words()}"
        )

    def _equal_words(self) -> str:
        if self.errors == "robust":
            return ""
        return (
            " The intervals hold if the outcome scatters alike everywhere; where it does not they are too narrow."
        )


def ols(
    *,
    y: ArrayLike,
    x: Mapping[str, ArrayLike],
    intercept: bool = True,
    confidence: float = 0.95,
    errors: OlsErrors = "robust",
    arithmetic: Literal["double", "exact"] = "double",
) -> Ols:
    """Least squares from rows.

    y: n values; x: name -> n values, no gaps; an empty mapping gives the mean. intercept: whether there is
    one (without, R² is about 0). arithmetic: "double" solves by QR of scaled columns and refines the solution
    with residuals in extended precision (nearly dependent columns of small tables as exact fractions);
    "exact" reads each value as the shortest decimal that stands for it and solves with fractions: slow, for
    checking and for hopelessly ill-conditioned polynomials of up to a few hundred rows.
    errors: "robust" (HC3, with Bell and McCaffrey's degrees of freedom) allows for a scatter that differs from
    row to row; "equal" takes it as the same everywhere, as R's lm does. Where a row alone decides a coefficient,
    where columns are nearly dependent and with "exact" arithmetic, errors are "equal" (see the result's
    `errors`). Of 95 % intervals "robust" held the truth 94 to 98 % of the time with normal errors from 15 rows
    up, and 93 to 95 % for the coefficient of a column with which the scatter grows; "equal" held it 94.5 to 96 %
    and 61 to 74 %. Rows are taken to be unrelated to each other.
    Raises NotEnoughData where rows are too few or a column says nothing new.

    >>> result = ols(y=[1, 3, 2, 5], x={"speed": [1, 2, 3, 4]})
    >>> float(result.coef[1].round(6)), round(result.r2, 6), round(result.sigma, 6)
    (1.1, 0.691429, 1.161895)
    """
    fraction("confidence", confidence)
    one_of("arithmetic", arithmetic, ("double", "exact"))
    one_of("errors", errors, OLS_ERRORS)
    outcome = real_array("y", y, ndim=1)
    columns = {name: real_array(f"x[{name}]", values, ndim=1) for name, values in x.items()}
    same_length(y=outcome, **{f"x[{name}]": column for name, column in columns.items()})
    design = [*([np.ones(len(outcome))] if intercept else []), *columns.values()]
    names = (*(("(Intercept)",) if intercept else ()), *columns)
    if not names:
        raise NotEnoughData("x must hold a column where there is no intercept; got none")
    if len(outcome) <= len(names):
        raise NotEnoughData(f"y needs more than {len(names)} rows for as many coefficients; got {len(outcome)}")
    solve = _solve_exact if arithmetic == "exact" else _solve_double
    columns_of_all = np.stack(design, axis=1)
    coef, rss, tss, diagonal = solve(columns_of_all, outcome, intercept, names)
    freedom = len(outcome) - len(names)
    sigma = float(np.sqrt(rss / freedom))
    spread = _robust(columns_of_all, outcome - columns_of_all @ coef)
    if errors == "equal" or arithmetic == "exact" or spread is None:
        spread, errors = (sigma * np.sqrt(diagonal), np.full(len(names), float(freedom))), "equal"
    return _result(names, coef, spread, rss, tss, sigma, freedom, len(outcome), confidence, arithmetic, errors)


def _robust(design: Floats, residual: Floats) -> tuple[Floats, Floats] | None:
    """HC3 standard errors, and for each the degrees of freedom that HC2 would have were all errors alike.

    None where columns are nearly dependent, or a row alone decides a coefficient and so hides its error.
    """
    scale = np.sqrt((design**2).sum(axis=0))
    q, r = np.linalg.qr(design / scale)
    if np.min(np.abs(np.diag(r))) < NEARLY_DEPENDENT:
        return None
    left = 1 - (q**2).sum(axis=1)
    if np.min(left) < 1e-9:
        return None
    # A coefficient is the sum of the outcomes, each times what it counts for.
    counts = (q @ linalg.solve_triangular(r, np.eye(len(scale)), trans="N").T) / scale
    se = np.sqrt((counts**2).T @ (residual / left) ** 2)
    weights = counts**2 / left[:, None]
    shared = np.stack([(q.T * weight) @ q for weight in weights.T])
    # Trace of the squared covariance of the weighted residuals: (1 - h) on the diagonal, -h beside it.
    square = (weights**2).T @ (2 * left - 1) + (shared * shared).sum(axis=(1, 2))
    return se, (weights.T @ left) ** 2 / square


def ols_of_moments(*, moments: Moments, confidence: float = 0.95) -> Ols:
    """Least squares with intercept from moments (see `moments`), for data too large to hold.

    Loses digits where drivers are nearly collinear (the condition number counts twice); use `ols` on rows
    there. Errors are "equal": moments do not show where the outcome scatters more.

    >>> from nonagon.methods.drivers.moments import moments as of
    >>> result = ols_of_moments(moments=of(y=[1, 3, 2, 5], x={"speed": [1, 2, 3, 4]}))
    >>> float(result.coef[1].round(6)), round(result.r2, 6)
    (1.1, 0.691429)
    """
    fraction("confidence", confidence)
    n, k = moments.n, len(moments.names) + 1
    if n <= k:
        raise NotEnoughData(f"n must be more than {k} answers for as many coefficients; got {n:g}")
    sd = np.sqrt(np.diag(moments.covariance))
    correlations = moments.covariance / np.outer(sd, sd)
    try:
        factor = linalg.cho_factor(correlations[1:, 1:])
    except linalg.LinAlgError as error:
        raise NotEnoughData("a driver says nothing that the others do not: leave it out") from error
    if np.min(np.diag(factor[0])) < 1e-7:
        raise NotEnoughData("a driver says nothing that the others do not: leave it out")
    beta = linalg.cho_solve(factor, correlations[1:, 0])
    slopes = beta * sd[0] / sd[1:]
    tss = float(moments.covariance[0, 0]) * (n - 1)
    rss = tss * max(0.0, 1 - float(beta @ correlations[1:, 0]))
    inverse = linalg.cho_solve(factor, np.eye(k - 1)) / np.outer(sd[1:], sd[1:]) / (n - 1)
    means = moments.mean[1:]
    coef = np.concatenate([[moments.mean[0] - means @ slopes], slopes])
    diagonal = np.concatenate([[1 / n + means @ inverse @ means], np.diag(inverse)])
    sigma = float(np.sqrt(rss / (n - k)))
    names = ("(Intercept)", *moments.names)
    spread = sigma * np.sqrt(diagonal), np.full(k, float(n - k))
    return _result(names, coef, spread, rss, tss, sigma, n - k, n, confidence, "double", "equal")


def _result(
    names: tuple[str, ...],
    coef: Floats,
    spread: tuple[Floats, Floats],
    rss: float,
    tss: float,
    sigma: float,
    freedom: float,
    n: float,
    confidence: float,
    arithmetic: Literal["double", "exact"],
    errors: OlsErrors,
) -> Ols:
    """spread: standard error and degrees of freedom of each coefficient."""
    se, degrees = spread
    half = special.stdtrit(degrees, (1 + confidence) / 2) * se
    r2 = 1 - rss / tss if tss > 0 else 0.0
    return Ols(
        names, coef, se, coef - half, coef + half, r2, sigma, freedom, n, confidence, arithmetic, errors, degrees
    )


Solved = tuple[Floats, float, float, Floats]


def _solve_double(design: Floats, y: Floats, intercept: bool, names: tuple[str, ...]) -> Solved:
    """QR with scaled columns; then the solution and the residual are refined together in extended precision."""
    n, k = design.shape
    scale = 2.0 ** np.round(np.log2(np.maximum(np.sqrt((design**2).sum(axis=0)), 1e-300)))
    scaled = design / scale
    q, r = np.linalg.qr(scaled)
    weak = np.abs(np.diag(r)) <= 1e-15 * n
    if weak.any():
        raise NotEnoughData(
            f"{names[int(np.argmax(weak))]} says nothing that the columns before it do not: leave it out"
        )
    if np.min(np.abs(np.diag(r))) < NEARLY_DEPENDENT and n * k * k <= MOST_EXACT:
        return _solve_fractions(design, y, intercept, names, Fraction)
    wide = scaled.astype(np.longdouble)
    target = y.astype(np.longdouble)
    coef = np.zeros(k, dtype=np.longdouble)
    residual = target.copy()
    for _ in range(12):
        # Björck: the equations residual + X coef = y and X' residual = 0, corrected by their own errors.
        first = (target - residual - wide @ coef).astype(np.float64)
        second = (-(wide.T @ residual)).astype(np.float64)
        inner = linalg.solve_triangular(r, second, trans="T")
        outer = q.T @ first
        step = linalg.solve_triangular(r, outer - inner)
        move = first - q @ (outer - inner)
        coef = coef + step
        residual = residual + move
        if np.max(np.abs(step)) <= 1e-18 * float(np.max(np.abs(coef)) + 1e-300):
            break
    residual = target - wide @ coef
    rss = float(residual @ residual)
    centred = target - target.mean() if intercept else target
    inverse = linalg.solve_triangular(r, np.eye(k)) / scale[:, None]
    return (coef / scale).astype(np.float64), rss, float(centred @ centred), (inverse**2).sum(axis=1)


def _solve_exact(design: Floats, y: Floats, intercept: bool, names: tuple[str, ...]) -> Solved:
    """In fractions, each value read as the shortest decimal that stands for it."""
    return _solve_fractions(design, y, intercept, names, lambda value: Fraction(repr(value)))


def _solve_fractions(
    design: Floats, y: Floats, intercept: bool, names: tuple[str, ...], read: Callable[[float], Fraction]
) -> Solved:
    """The normal equations in fractions, by elimination."""
    rows = [[read(value) for value in row] for row in design.tolist()]
    target = [read(value) for value in y.tolist()]
    k = len(names)
    system = [
        [sum((row[i] * row[j] for row in rows), Fraction(0)) for j in range(k)]
        + [sum((row[i] * value for row, value in zip(rows, target, strict=True)), Fraction(0))]
        + [Fraction(int(i == j)) for j in range(k)]
        for i in range(k)
    ]
    for i in range(k):
        if system[i][i] == 0:
            raise NotEnoughData(f"{names[i]} says nothing that the columns before it do not: leave it out")
        pivot = system[i][i]
        system[i] = [value / pivot for value in system[i]]
        for j in range(k):
            if j != i and system[j][i] != 0:
                times = system[j][i]
                system[j] = [a - times * b for a, b in zip(system[j], system[i], strict=True)]
    coef = [row[k] for row in system]
    left = [
        value - sum((a * b for a, b in zip(row, coef, strict=True)), Fraction(0))
        for row, value in zip(rows, target, strict=True)
    ]
    mean = sum(target, Fraction(0)) / len(target) if intercept else Fraction(0)
    rss = sum((value * value for value in left), Fraction(0))
    tss = sum(((value - mean) ** 2 for value in target), Fraction(0))
    diagonal = np.array([float(system[i][k + 1 + i]) for i in range(k)])
    return np.array([float(value) for value in coef]), float(rss), float(tss), diagonal
