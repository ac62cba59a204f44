"""Shifted-beta-geometric: retention of customers under contract, and why it rises with tenure.

Question: what share renews each period, now and later?
Used by: steps 1, 8 and 9.
Source: P. S. Fader, B. G. S. Hardie, Journal of Interactive Marketing 21 (1, 2007), 76-90: each customer
leaves at a renewal with an own constant probability, beta-distributed over customers.
Checked against: R (tests/reference) and the parameters printed in the paper.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, at_least, real_array


@dataclass(frozen=True, slots=True)
class SbgRetention:
    """alpha, beta: of the probability of leaving at a renewal (mean alpha / (alpha + beta)). loglik: where
    survival was given as shares, of one customer. periods: how many renewals were observed.
    """

    alpha: float
    beta: float
    loglik: float
    periods: int
    customers: float
    converged: bool

    def retention(self, periods: int) -> Floats:
        """Share of those still there that renews at the 1st, 2nd, ... renewal.

        >>> sbg_retention(survival=[1, 0.6, 0.45]).retention(3).round(2).tolist()
        [0.6, 0.75, 0.82]
        """
        t = _periods(periods)
        return (self.beta + t - 1) / (self.alpha + self.beta + t - 1)

    def survival(self, periods: int) -> Floats:
        """Share of all still there after the 1st, 2nd, ... renewal."""
        t = _periods(periods)
        share: Floats = np.exp(special.betaln(self.alpha, self.beta + t) - special.betaln(self.alpha, self.beta))
        return share

    def lifetime_value(self, *, margin: float, discount: float, renewals: int = 0) -> float:
        """Value of the margins still to come of a customer who has renewed `renewals` times, the next one
        first due now.

        margin: a period. discount: rate a period as a fraction above 0.
        """
        if not 0 < discount < np.inf:
            raise ArgumentError(f"discount must be a fraction above 0; got {discount!r}")
        n = at_least("renewals", renewals, 0)
        # Equation for the residual lifetime of Fader and Hardie (2010) with n + 1 payments made.
        factor = float(special.hyp2f1(1, self.beta + n, self.alpha + self.beta + n, 1 / (1 + discount)))
        return margin * factor

    def describe(self) -> str:
        """One sentence with first and later retention and the caveat."""
        first, *_, later = self.retention(5).tolist()
        return (
            f"{first:.1%} renew the first time and {later:.1%} of those still there the fifth time, because "
            f"those who "
            "leave easily leave early; it assumes that nobody's own probability of leaving changes."
        )


def sbg_retention(*, survival: ArrayLike, customers: float = 1.0) -> SbgRetention:
    """Maximum-likelihood fit from the shares of a cohort still there after each renewal.

    survival: shares from 1 (before the first renewal) downwards, never rising; fractions, or counts
    starting at the cohort's size. customers: size of the cohort, to scale the log likelihood; the
    parameters do not depend on it.
    Raises ArgumentError for survival that rises, NotEnoughData with fewer than two renewals or where nobody
    left.

    >>> fit = sbg_retention(survival=[1, 0.631, 0.468, 0.382, 0.326, 0.289, 0.262, 0.241])
    >>> round(fit.alpha, 3), round(fit.beta, 3)
    (0.704, 1.182)
    """
    shares = real_array("survival", survival, ndim=1)
    at_least("survival", float(shares.min()), 0)
    at_least("customers", customers, 0)
    if shares.size < 3 or shares[0] <= 0:
        raise NotEnoughData(f"survival needs the start and at least 2 renewals; got {shares.size} number(s)")
    if (np.diff(shares) > 1e-12 * shares[0]).any():
        raise ArgumentError("survival must never rise: nobody who left comes back here; got a rise")
    shares = shares / shares[0]
    if shares[-1] == 1 or shares[1] == 0:
        raise NotEnoughData("survival must fall, and not to 0 at the first renewal, to show how people differ")
    lost = -np.diff(shares)

    def objective(logs: Floats) -> tuple[float, Floats]:
        value, slope = _loglik(logs, lost, float(shares[-1]))
        return -value, -slope

    answer = optimize.minimize(
        objective, np.zeros(2), jac=True, method="L-BFGS-B", bounds=[(-12, 12)] * 2,
        options={"ftol": 1e-15, "gtol": 1e-10, "maxiter": 1000},
    )  # fmt: skip
    alpha, beta = np.exp(answer.x).tolist()
    return SbgRetention(
        alpha=alpha,
        beta=beta,
        loglik=-float(answer.fun) * customers,
        periods=lost.size,
        customers=float(customers),
        converged=bool(np.all(np.abs(answer.x) < 11.99)) and float(np.abs(answer.jac).max()) < 1e-5,
    )


def _loglik(logs: Floats, lost: Floats, left: float) -> tuple[float, Floats]:
    alpha, beta = np.exp(logs)
    t = np.arange(1, lost.size + 1)
    base = special.betaln(alpha, beta)
    gone = special.betaln(alpha + 1, beta + t - 1) - base
    stay = special.betaln(alpha, beta + t[-1]) - base
    value = float(lost @ gone + left * stay)
    psi, whole = special.psi, special.psi(alpha + beta)
    after = psi(alpha + beta + t)
    by_alpha = lost @ (psi(alpha + 1) - after - psi(alpha) + whole) + left * (whole - after[-1])
    by_beta = lost @ (psi(beta + t - 1) - after - psi(beta) + whole) + left * (
        psi(beta + t[-1]) - after[-1] - psi(beta) + whole
    )
    return value, np.array([by_alpha * alpha, by_beta * beta])


def _periods(periods: int) -> Floats:
    return np.arange(1, int(at_least("periods", periods, 1)) + 1, dtype=np.float64)
