"""Pareto/NBD: as BG/NBD, but a customer may leave at any moment, not only after a purchase.

Question: who is still a customer, and what will they buy?
Used by: steps 1, 8 and 9.
Source: D. C. Schmittlein, D. G. Morrison, R. Colombo, Management Science 33 (1987), 1-24; P. S. Fader, B. G. S. Hardie,
"A Note on Deriving the Pareto/NBD Model", 2005 (the likelihood by hypergeometric functions).
Checked against: numerical integration over rates and lifetimes, and simulation (tests).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from nonagon.basics.errors import NotEnoughData
from nonagon.methods.checks import Floats, at_least, real_array, same_length
from nonagon.methods.value.bg_nbd import _customers, _Grouped


@dataclass(frozen=True, slots=True)
class ParetoNbd:
    """r, alpha: shape and rate of the purchase rates; s, beta: of the rates of leaving; with the log likelihood."""

    r: float
    alpha: float
    s: float
    beta: float
    loglik: float
    customers: float
    groups: int
    converged: bool

    @property
    def parameters(self) -> Floats:
        """(r, alpha, s, beta)."""
        return np.array([self.r, self.alpha, self.s, self.beta])

    def p_alive(self, *, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> Floats:
        """Chance that each customer is still one."""
        x, t_x, length = _customers(frequency, recency, T)
        alive, gone = _log_parts(np.log(self.parameters), x, t_x, length)
        chance: Floats = special.expit(alive - gone)
        return chance

    def expected_purchases(self, *, t: float, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> Floats:
        """Expected number of purchases of each customer in the next `t` units of time, given the past."""
        x, t_x, length = _customers(frequency, recency, T)
        t = at_least("t", t, 0)
        rate = (self.r + x) / (self.alpha + length)
        return rate * _mean_stay(self.s, self.beta + length, t) * self.p_alive(frequency=x, recency=t_x, T=length)

    def expected_new_customer(self, *, t: float) -> float:
        """Expected number of repeat purchases of a new customer in the first `t` units of time."""
        t = at_least("t", t, 0)
        return self.r / self.alpha * float(_mean_stay(self.s, np.array([self.beta]), t)[0])

    def describe(self) -> str:
        """One sentence with the rates and the caveat."""
        return (
            f"While they stay, customers buy {self.r / self.alpha:.3g} times a unit of time and leave at a rate of "
            f"{self.s / self.beta:.3g} on average, over {self.customers:g} customers; it assumes that habits do not "
            "change with season or age."
        )


def pareto_nbd(
    *, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike, customers: ArrayLike | None = None
) -> ParetoNbd:
    """Maximum-likelihood fit of the Pareto/NBD model.

    frequency, recency, T, customers: as for `bg_nbd`, which is faster and nearly always says the same.
    Raises ArgumentError for recency beyond T, NotEnoughData without a repeat purchase.

    >>> fit = pareto_nbd(frequency=[0, 1, 0, 3, 7, 0], recency=[0, 12, 0, 25, 30, 0], T=[38, 35, 31, 38, 33, 30])
    >>> bool(fit.p_alive(frequency=7, recency=30, T=33)[0] > fit.p_alive(frequency=7, recency=10, T=33)[0])
    True
    """
    x, t_x, length = _customers(frequency, recency, T)
    count = np.ones(x.size) if customers is None else real_array("customers", customers, ndim=1)
    same_length(frequency=x, customers=count)
    at_least("customers", float(count.min()), 0)
    if x.max() == 0:
        raise NotEnoughData("frequency is 0 for every customer: the model needs repeat purchases")
    data = _Grouped.of(x, t_x, length, count)
    scale = float(np.average(length, weights=count)) or 1.0

    def objective(logs: Floats) -> float:
        alive, gone = _log_parts(logs, data.x, data.t_x / scale, data.length / scale)
        return -float(data.count @ np.logaddexp(alive, gone)) / float(data.count.sum())

    answer = optimize.minimize(
        objective, np.zeros(4), method="L-BFGS-B", bounds=[(-8, 8)] * 4,
        options={"ftol": 1e-14, "gtol": 1e-8, "maxiter": 1000},
    )  # fmt: skip
    logs = answer.x + np.array([0, np.log(scale), 0, np.log(scale)])
    alive, gone = _log_parts(logs, data.x, data.t_x, data.length)
    r, alpha, s, beta = np.exp(logs).tolist()
    return ParetoNbd(
        r=r,
        alpha=alpha,
        s=s,
        beta=beta,
        loglik=float(data.count @ np.logaddexp(alive, gone)),
        customers=float(count.sum()),
        groups=data.x.size,
        converged=bool(np.all(np.abs(answer.x) < 7.99)),
    )


def _log_parts(logs: Floats, x: Floats, t_x: Floats, length: Floats) -> tuple[Floats, Floats]:
    """Log likelihood of the history and being there at T, and of the history and having left between t_x and T."""
    r, alpha, s, beta = np.exp(logs)
    both = r + s + x
    base = special.gammaln(r + x) - special.gammaln(r) + r * np.log(alpha) + s * np.log(beta)
    alive = base - (r + x) * np.log(alpha + length) - s * np.log(beta + length)
    # The series is taken around the larger of alpha and beta, where its argument lies between 0 and 1.
    top = max(alpha, beta)
    second = s + 1 if alpha >= beta else r + x
    near, far = (_series(both, second, abs(alpha - beta), top + time) for time in (t_x, length))
    difference = near + np.log1p(-np.exp(np.minimum(far - near, -1e-300)))
    gone = base + np.log(s) - np.log(both) + difference
    return alive, np.where(length - t_x > 0, gone, -np.inf)


def _series(both: Floats, second: Floats | float, gap: float, point: Floats) -> Floats:
    """log of 2F1(both, second; both + 1; gap / point) / point ** both.

    Euler's transformation makes the series' third parameter outgrow the others, so that it stays near one
    where the first form overflows for many purchases.
    """
    share = gap / point
    value = special.hyp2f1(1.0, both + 1 - second, both + 1, share)
    total: Floats = np.log(value) - second * np.log1p(-share) - both * np.log(point)
    return total


def _mean_stay(s: float, beta: Floats, t: float) -> Floats:
    """Mean time of staying within `t`, the rate of leaving being gamma-distributed with shape s and rate beta."""
    if abs(s - 1) < 1e-9:
        short: Floats = beta * np.log1p(t / beta)
        return short
    stay: Floats = beta / (s - 1) * -np.expm1((s - 1) * (np.log(beta) - np.log(beta + t)))
    return stay
