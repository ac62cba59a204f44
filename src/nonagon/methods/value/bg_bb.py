"""BG/BB: purchases at fixed occasions (a yearly donation, a weekly market), by customers who may leave unseen.

Question: who is still a customer, and at how many of the next occasions will they buy?
Used by: steps 1, 8 and 9.
Source: P. S. Fader, B. G. S. Hardie, J. Shang, Marketing Science 29 (2010), 1086-1108: a customer buys at
each occasion with an own probability (beta: alpha, beta) and leaves before one with another (beta: gamma,
delta). Checked against: exhaustive sums over all histories, and simulated customers (tests).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, at_least, real_array, same_length


@dataclass(frozen=True, slots=True)
class BgBb:
    """alpha, beta: of the probability of buying at an occasion; gamma, delta: of leaving before one; with
    the log likelihood over all customers.
    """

    alpha: float
    beta: float
    gamma: float
    delta: float
    loglik: float
    customers: float
    converged: bool

    @property
    def parameters(self) -> Floats:
        """(alpha, beta, gamma, delta)."""
        return np.array([self.alpha, self.beta, self.gamma, self.delta])

    def p_alive(self, *, x: ArrayLike, t_x: ArrayLike, n: ArrayLike) -> Floats:
        """Chance that each customer is still one at the next occasion, n + 1."""
        x, t_x, n = _histories(x, t_x, n)
        alpha, beta, gamma, delta = self.parameters
        log_alive = (
            special.betaln(alpha + x, beta + n - x) - special.betaln(alpha, beta)
            + special.betaln(gamma, delta + n + 1) - special.betaln(gamma, delta)
        )  # fmt: skip
        alive: Floats = np.exp(log_alive - _log_histories(np.log(self.parameters), x, t_x, n))
        return alive

    def expected_purchases(self, *, occasions: int, x: ArrayLike, t_x: ArrayLike, n: ArrayLike) -> Floats:
        """Expected number of the next `occasions` at which each customer buys."""
        bought, last, seen = _histories(x, t_x, n)
        alpha, beta, gamma, delta = self.parameters
        ahead = np.arange(1, int(at_least("occasions", occasions, 1)) + 1)[:, None]
        # Chance of being there at n + k, summed over k.
        there = special.betaln(gamma, delta + seen + ahead) - special.betaln(gamma, delta)
        buys = special.betaln(alpha + bought + 1, beta + seen - bought) - special.betaln(alpha, beta)
        past = _log_histories(np.log(self.parameters), bought, last, seen)
        total: Floats = np.exp(there + buys - past).sum(axis=0)
        return total

    def describe(self) -> str:
        """One sentence with the mean probabilities and the caveat."""
        buys, leaves = self.alpha / (self.alpha + self.beta), self.gamma / (self.gamma + self.delta)
        return (
            f"A customer buys at {buys:.1%} of the occasions while there and leaves before {leaves:.1%} of "
            f"them, on "
            f"average over {self.customers:g} customers; it assumes that habits do not change."
        )


def bg_bb(*, x: ArrayLike, t_x: ArrayLike, n: ArrayLike, customers: ArrayLike | None = None) -> BgBb:
    """Maximum-likelihood fit of the BG/BB model.

    x: at how many occasions each customer bought (the first purchase not counted), t_x: the last of them,
    counted from 1, 0 for none; n: how many occasions there were. customers: how many customers each row
    stands for, 1 by default.
    Raises ArgumentError for histories that cannot be, NotEnoughData without a purchase.

    >>> fit = bg_bb(x=[3, 2, 1, 0, 0], t_x=[3, 3, 1, 0, 0], n=[3, 3, 3, 3, 3], customers=[9, 6, 8, 20, 1])
    >>> bool(fit.p_alive(x=2, t_x=3, n=3)[0] > fit.p_alive(x=2, t_x=2, n=3)[0])
    True
    """
    bought, last, seen = _histories(x, t_x, n)
    count = np.ones(bought.size) if customers is None else real_array("customers", customers, ndim=1)
    same_length(x=bought, customers=count)
    at_least("customers", float(count.min()), 0)
    if float(count @ bought) == 0:
        raise NotEnoughData("x is 0 for every customer: the model needs purchases after the first")
    rows, index = np.unique(np.stack([bought, last, seen]), axis=1, return_inverse=True)
    number = np.bincount(index.ravel(), weights=count)

    def objective(logs: Floats) -> float:
        return -float(number @ _log_histories(logs, *rows)) / float(number.sum())

    answer = min(
        (
            optimize.minimize(
                objective, start, method="L-BFGS-B", bounds=[(-8, 12)] * 4,
                options={"ftol": 1e-15, "gtol": 1e-9, "maxiter": 2000},
            )
            for start in (np.zeros(4), np.array([0.0, 0.0, -0.5, 1.0]))
        ),
        key=lambda one: float(one.fun),
    )  # fmt: skip
    alpha, beta, gamma, delta = np.exp(answer.x).tolist()
    return BgBb(
        alpha=alpha,
        beta=beta,
        gamma=gamma,
        delta=delta,
        loglik=-float(answer.fun) * float(number.sum()),
        customers=float(count.sum()),
        converged=bool(np.all((answer.x > -7.99) & (answer.x < 11.99))),
    )


def _histories(x: ArrayLike, t_x: ArrayLike, n: ArrayLike) -> tuple[Floats, Floats, Floats]:
    bought = real_array("x", np.atleast_1d(x), ndim=1)
    last = real_array("t_x", np.atleast_1d(t_x), ndim=1)
    seen = real_array("n", np.atleast_1d(n), ndim=1)
    same_length(x=bought, t_x=last, n=seen)
    if (np.stack([bought, last, seen]) % 1 != 0).any():
        raise ArgumentError("x, t_x and n must be whole numbers of occasions; got fractions")
    possible = (bought >= 0) & (bought <= last) & (last <= seen) & ((bought > 0) | (last == 0))
    if not possible.all():
        row = int(np.flatnonzero(~possible)[0])
        raise ArgumentError(
            f"a history must have 0 <= x <= t_x <= n, and t_x 0 where x is 0; row {row + 1} has "
            f"x {bought[row]:g}, t_x {last[row]:g}, n {seen[row]:g}"
        )
    return bought, last, seen


def _log_histories(logs: Floats, x: Floats, t_x: Floats, n: Floats) -> Floats:
    """Log probability of each history (equation 5 of the paper)."""
    alpha, beta, gamma, delta = np.exp(logs)
    base = special.betaln(alpha, beta) + special.betaln(gamma, delta)
    terms = [special.betaln(alpha + x, beta + n - x) + special.betaln(gamma, delta + n)]
    for gap in range(int((n - t_x).max())):
        # Left before occasion t_x + gap + 1, having been there without buying for `gap` occasions.
        possible = t_x + gap < n
        term = special.betaln(alpha + x, beta + t_x - x + gap) + special.betaln(gamma + 1, delta + t_x + gap)
        terms.append(np.where(possible, term, -np.inf))
    total: Floats = special.logsumexp(np.stack(terms), axis=0) - base
    return total
