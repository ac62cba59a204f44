"""Maximum likelihood by Newton's method in a trust region, for smooth likelihoods with few parameters.

Question: none of its own; it fits the customer-base models of this family.
Used by: bg_nbd, gamma_gamma, pareto_nbd.
Source: J. Nocedal, S. J. Wright, "Numerical Optimization", 2nd edition, 2006, chapter 4 (through scipy).
Checked against: the models' own tests. Each evaluation passes over all customers, so few evaluations
matter: second derivatives by differences of the exact gradient need far fewer than a quasi-Newton search.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import linalg, optimize

from nonagon.methods.checks import Floats

Likelihood = Callable[[Floats], tuple[float, Floats]]
# Beyond e^12 or below e^-12 (in natural units) a parameter has run away: the data do not hold it.
_FAR = 12.0


@dataclass(frozen=True, slots=True)
class Maximum:
    """logs: of the parameters at the maximum. covariance: of the logs, inverse of the observed information,
    None where the likelihood is flat. converged: gradient zero, and no parameter run away.
    """

    logs: Floats
    covariance: Floats | None
    converged: bool


def maximum(*, loglik: Likelihood, start: Floats, size: float) -> Maximum:
    """The maximum of a log likelihood by the logs of its parameters.

    loglik: log likelihood and its gradient. start: logs to begin at. size: number of customers, by which the
    likelihood is scaled.

    >>> found = maximum(loglik=lambda x: (-float(x @ x), -2 * x), start=np.ones(2), size=1)
    >>> bool(np.abs(found.logs).max() < 1e-6), found.converged
    (True, True)
    """

    def objective(logs: Floats) -> tuple[float, Floats]:
        value, slope = loglik(np.clip(logs, -2 * _FAR, 2 * _FAR))
        return -value / size, -slope / size

    def curvature(logs: Floats) -> Floats:
        return _curvature(lambda one: objective(one)[1], logs, 1e-4)

    answer = optimize.minimize(
        objective,
        start,
        jac=True,
        hess=curvature,
        method="trust-exact",
        options={"gtol": 1e-9, "maxiter": 200, "max_trust_radius": 3.0},
    )
    logs = np.asarray(answer.x, dtype=np.float64)
    inside = bool(np.all(np.abs(logs) < _FAR))
    information = curvature(logs) * size
    return Maximum(
        logs=np.clip(logs, -2 * _FAR, 2 * _FAR),
        covariance=_inverse(information) if inside else None,
        converged=inside and float(np.abs(answer.jac).max()) < 1e-6,
    )


def _curvature(gradient: Callable[[Floats], Floats], at: Floats, step: float) -> Floats:
    """Second derivatives by central differences of the gradient."""
    rows = [(gradient(at + shift) - gradient(at - shift)) / (2 * step) for shift in np.eye(at.size) * step]
    matrix = np.array(rows)
    return (matrix + matrix.T) / 2


def _inverse(information: Floats) -> Floats | None:
    values = np.linalg.eigvalsh(information)
    if values[0] <= 1e-10 * abs(values[-1]):
        return None
    inverse: Floats = linalg.inv(information)
    return inverse
