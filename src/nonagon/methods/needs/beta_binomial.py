"""How many needs there are when their chances of being mentioned follow a beta distribution.

Question: how many needs will so many interviews bring to light, and how many are there in all?
Used by: step 3 (unknown needs: the upper bound and the interviews still needed).
Source: A. Griffin and J. R. Hauser, Marketing Science 12 (1993), 1-27 (the model); J. K. Ord and G. P.
Patil's truncated likelihood; profile likelihood for the number of classes as in J. L. Norris and K. H.
Pollock, Environmental and Ecological Statistics 5 (1998), 391-402.
Checked against: R's lbeta (tests/reference), a direct sum in the tests, and simulation.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, fraction, real_array
from nonagon.methods.needs.incidence import Incidence

# Beyond these the data cannot tell the beta from its limits (all needs alike; a rare tail without end).
LOG_ALPHA = (-6.0, 6.0)
LOG_BETA = (-5.0, 12.0)
GRID = 70
# The likelihood ratio's own limit covered 70 to 100 percent for a nominal 95 with 20 to 80 needs and 10 to 40
# interviews, beta and other distributions; so widened it covered at least 95 (tests/methods/needs).
WIDENING = 2.75
# A total this many times what was heard stands for "no upper bound".
MOST_TIMES_HEARD = 200.0


def beta_binomial_coverage(*, alpha: float, beta: float, interviews: ArrayLike) -> Floats:
    """Share of all needs that so many interviews bring to light: E[1 - (1 - p)^n] with p ~ Beta(alpha, beta).

    alpha, beta: above 0. interviews: numbers of interviews of at least 0, any shape. Gives shares of one.

    >>> beta_binomial_coverage(alpha=0.9, beta=2.7, interviews=[1, 10, 30]).round(3).tolist()
    [0.25, 0.755, 0.896]
    """
    if not (alpha > 0 and beta > 0 and np.isfinite(alpha) and np.isfinite(beta)):
        raise ArgumentError(f"alpha and beta must be above 0; got {alpha!r} and {beta!r}")
    n = real_array("interviews", interviews)
    if np.any(n < 0):
        raise ArgumentError(f"interviews must be at least 0; got {n.min():g}")
    return np.asarray(-np.expm1(special.betaln(alpha, beta + n) - special.betaln(alpha, beta)))


@dataclass(frozen=True, slots=True)
class BetaBinomialRichness:
    """The fitted model.

    alpha, beta: the fitted distribution of a need's chance to come up in an interview. loglik: log-likelihood
    of the frequencies given that a need was heard (binomial coefficients included). total: estimated number
    of needs; unheard: the share of them not heard. total_high, unheard_high: upper bounds with `confidence`
    (one-sided), or None and 1 with the reason in `unbounded` where the data set no upper bound.
    at_bound_alpha, at_bound_beta: the parameters on the upper bound.
    """

    n_units: int
    observed: int
    alpha: float
    beta: float
    loglik: float
    total: float
    unheard: float
    total_high: float | None
    unheard_high: float
    alpha_high: float | None
    beta_high: float | None
    confidence: float
    calibration: Literal["profile", "widened"]
    unbounded: str | None

    def coverage_after(self, interviews: ArrayLike) -> Floats:
        """Share of all needs known after so many interviews in all, by the fitted model."""
        return beta_binomial_coverage(alpha=self.alpha, beta=self.beta, interviews=interviews)

    def describe(self) -> str:
        """One sentence with the bound and its caveat."""
        most = (
            f"at most {self.total_high:.0f} with {self.confidence:.0%} confidence"
            if self.total_high is not None
            else f"without an upper bound ({self.unbounded})"
        )
        return (
            f"{self.observed} needs were heard in {self.n_units} interviews; the beta-binomial model puts "
            "their "
            f"number at about {self.total:.0f}, {most}, if chances of being mentioned follow a beta "
            "distribution."
        )


def beta_binomial(
    *,
    incidence: Incidence,
    confidence: float = 0.95,
    calibration: Literal["profile", "widened"] = "widened",
) -> BetaBinomialRichness:
    """Beta-binomial richness by maximum likelihood, with a one-sided upper bound by profile likelihood.

    incidence: see `incidence`; at least 2 interviews. confidence: of the upper bound. calibration: "profile"
    takes the likelihood ratio's own limit (chi-square, one degree of freedom); "widened" takes 2.75
    times that, which keeps the bound's coverage at least nominal in the simulations named in `unknown_needs`.
    Raises NotEnoughData for fewer than 2 interviews.

    >>> from nonagon.methods.needs.incidence import incidence as record
    >>> heard = [1] * 6 + [2] * 6 + [3] * 7 + [5] * 9 + [8] * 8 + [12] * 4
    >>> fit = beta_binomial(incidence=record(frequency=heard, n_units=30))
    >>> round(fit.total), round(fit.total_high)
    (45, 74)
    """
    fraction("confidence", confidence)
    n, heard = incidence.n_units, incidence.observed
    if n < 2:
        raise NotEnoughData(f"n_units must be at least 2 interviews for this model; got {n}")
    seen, times = np.unique(incidence.frequency, return_counts=True)
    surface = _surface(seen, times, n)
    point, loglik = _fit(surface, seen, times, n)
    alpha, beta = (float(one) for one in np.exp(point))
    known = float(beta_binomial_coverage(alpha=alpha, beta=beta, interviews=n))
    limit = float(special.ndtri(confidence)) ** 2 / 2 * (WIDENING if calibration == "widened" else 1)
    high, at_high = _upper_total(surface, limit)
    reason = None if high is not None else f"even {MOST_TIMES_HEARD:.0f} times what was heard fits the data"
    return BetaBinomialRichness(
        n_units=n,
        observed=heard,
        alpha=alpha,
        beta=beta,
        loglik=loglik,
        total=heard / known,
        unheard=1 - known,
        total_high=high,
        unheard_high=1.0 if high is None else 1 - heard / high,
        alpha_high=None if at_high is None else at_high[0],
        beta_high=None if at_high is None else at_high[1],
        confidence=confidence,
        calibration=calibration,
        unbounded=reason,
    )


@dataclass(frozen=True, slots=True)
class _Surface:
    """Log-likelihood terms over a grid of (alpha, beta), for any total number of needs."""

    heard: int
    alpha: Floats
    beta: Floats
    frequencies: Floats
    log_unheard: Floats

    def profile(self, totals: Floats) -> tuple[Floats, NDArray[np.intp]]:
        """The best log-likelihood of each total (up to a constant), and where on the grid it lies."""
        ways = special.gammaln(totals + 1) - special.gammaln(totals - self.heard + 1)
        values = self.frequencies + (totals - self.heard)[:, None] * self.log_unheard
        best = np.argmax(values, axis=1)
        return ways + values[np.arange(len(totals)), best], best


def _surface(seen: NDArray[np.int64], times: NDArray[np.int64], n: int) -> _Surface:
    log_alpha, log_beta = np.meshgrid(np.linspace(*LOG_ALPHA, GRID), np.linspace(*LOG_BETA, GRID))
    alpha, beta = np.exp(log_alpha).ravel(), np.exp(log_beta).ravel()
    return _Surface(int(times.sum()), alpha, beta, *_terms(alpha, beta, seen, times, n))


def _terms(
    alpha: Floats, beta: Floats, seen: NDArray[np.int64], times: NDArray[np.int64], n: int
) -> tuple[Floats, Floats]:
    """Log-probability of all heard frequencies (binomial coefficients included), and of a need staying unheard."""
    base = special.betaln(alpha, beta)
    choose = special.gammaln(n + 1) - special.gammaln(seen + 1) - special.gammaln(n - seen + 1)
    each = special.betaln(alpha[..., None] + seen, beta[..., None] + n - seen) - base[..., None] + choose
    return each @ times, special.betaln(alpha, beta + n) - base


def _fit(surface: _Surface, seen: NDArray[np.int64], times: NDArray[np.int64], n: int) -> tuple[Floats, float]:
    """Log alpha and log beta of the highest log-likelihood, given that each need was heard, and its value."""
    heard = int(times.sum())

    def loglik(alpha: Floats, beta: Floats) -> Floats:
        frequencies, log_unheard = _terms(alpha, beta, seen, times, n)
        return np.asarray(frequencies - heard * np.log(np.maximum(-np.expm1(log_unheard), 1e-300)))

    start = int(np.argmax(loglik(surface.alpha, surface.beta)))
    bounds = [LOG_ALPHA, LOG_BETA]

    def objective(point: Floats) -> float:
        alpha, beta = np.exp(np.clip(point, *np.transpose(bounds)))
        return -float(loglik(np.asarray(alpha), np.asarray(beta)))

    found = optimize.minimize(
        objective,
        np.log([surface.alpha[start], surface.beta[start]]),
        method="Nelder-Mead",
        bounds=bounds,
        options={"xatol": 1e-10, "fatol": 1e-12, "maxiter": 1000},
    )
    return found.x, -float(found.fun)


def _upper_total(surface: _Surface, limit: float) -> tuple[float | None, tuple[float, float] | None]:
    """The largest total whose profile log-likelihood lies within `limit` of the best, and its parameters."""
    heard = surface.heard
    totals = heard * np.geomspace(1.0, MOST_TIMES_HEARD, 240)
    value, where = surface.profile(totals)
    fits = np.flatnonzero(value >= value.max() - limit)
    last = int(fits[-1])
    if last == len(totals) - 1:
        return None, None
    # The true end lies before the next step, so that step is a safe (slightly wide) bound: 2 percent at most.
    at = where[last + 1]
    return float(totals[last + 1]), (float(surface.alpha[at]), float(surface.beta[at]))
