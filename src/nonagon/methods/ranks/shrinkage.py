"""What the groups' true values may be, given that extremes among many are partly luck.

Question: the lowest of many scores is low partly by chance: what may the true scores be?
Used by: `rank_confidence` and `spread` (steps 5 and 9).
Source: the normal hierarchical model; B. Efron and C. Morris, JASA 70 (1975), 311-319; A. Gelman, Bayesian
Analysis 1 (2006), 515-534 (the uniform prior on the scatter between groups).
Checked against: the closed form for a known scatter, and calibration by simulation
(tests/methods/ranks/test_coverage_ranks.py).
"""

from dataclasses import dataclass

import numpy as np

from nonagon.methods.checks import Floats

SCATTERS = 80


@dataclass(frozen=True, slots=True)
class Posterior:
    """Plausible true values of k groups.

    draws: draws x k. mean, sd: k each. scatter: mean of the standard deviation between groups.
    """

    draws: Floats
    mean: Floats
    sd: Floats
    scatter: float


def posterior(
    *,
    estimate: Floats,
    variance: Floats,
    axes: Floats | None,
    draws: int,
    seed: int,
    scatter: float | None = None,
) -> Posterior:
    """Draws of the true values under an exchangeable normal prior with unknown mean and scatter.

    estimate: k values. variance: the variances of k independent errors; with correlated errors the
    eigenvalues of their covariance, whose eigenvectors are the columns of axes. The mean has a flat prior,
    the scatter a uniform one (cut off well above what the estimates show), or the value `scatter` where it is
    known.

    >>> p = posterior(estimate=np.array([1.0, 2.0, 6.0]), variance=np.full(3, 1.0), axes=None, draws=2000, seed=1)
    >>> bool(1 < p.mean[0] < 2), bool(5 < p.mean[2] < 6)
    (True, True)
    """
    x = estimate if axes is None else axes.T @ estimate
    one = np.ones(len(x)) if axes is None else axes.sum(axis=0)
    variance = np.maximum(variance, 0.0)
    widest = 4 * float(np.std(estimate)) + 2 * float(np.sqrt(variance.mean())) + 1e-300
    # Squares of even steps: fine near 0 also where one uncertain group sets the reach.
    step = (np.arange(SCATTERS) + 0.5) / SCATTERS
    tau = widest * step**2 if scatter is None else np.array([scatter])
    total = variance + tau[:, None] ** 2
    precision = (one**2 / total).sum(axis=1)
    centre = (one * x / total).sum(axis=1) / precision
    rest = ((x - centre[:, None] * one) ** 2 / total).sum(axis=1)
    log_weight = -0.5 * (np.log(total).sum(axis=1) + np.log(precision) + rest)
    weight = np.exp(log_weight - log_weight.max()) * (step if scatter is None else 1.0)
    weight /= weight.sum()

    random = np.random.default_rng(seed)
    chosen = random.choice(len(tau), size=draws, p=weight)
    middle = centre[chosen] + random.standard_normal(draws) / np.sqrt(precision[chosen])
    own = variance / total[chosen]
    sd = np.sqrt(own) * tau[chosen, None]
    drawn = (1 - own) * x + own * middle[:, None] * one + sd * random.standard_normal((draws, len(x)))
    if axes is not None:
        drawn = drawn @ axes.T
    return Posterior(
        draws=drawn, mean=drawn.mean(axis=0), sd=drawn.std(axis=0, ddof=1), scatter=float(weight @ tau)
    )
