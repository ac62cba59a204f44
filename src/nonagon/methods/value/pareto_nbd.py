"""Pareto/NBD: as BG/NBD, but a customer may leave at any moment, not only after a purchase.

Question: who is still a customer, and what will they buy?
Used by: steps 1, 8 and 9.
Source: D. C. Schmittlein, D. G. Morrison, R. Colombo, Management Science 33 (1987), 1-24; P. S. Fader, B.
G. S. Hardie, "A Note on Deriving the Pareto/NBD Model", 2005 (the likelihood). Its integral over the unseen
moment of leaving is worked out by Gauss's rule, which stays exact where the hypergeometric functions of the
papers overflow. Checked against: numerical integration over rates and lifetimes, and simulation (tests).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from nonagon.basics.errors import NotEnoughData
from nonagon.methods.checks import Floats, at_least, real_array, same_length
from nonagon.methods.value.bg_nbd import _customers, _Grouped
from nonagon.methods.value.newton import maximum

# Gauss-Legendre nodes and weights on 0 to 1.
_NODES = (special.roots_legendre(48)[0] + 1) / 2
_WEIGHTS = special.roots_legendre(48)[1] / 2
# So many customers at a time, which bounds memory.
_CHUNK = 20_000


@dataclass(frozen=True, slots=True)
class ParetoNbd:
    """r, alpha: shape and rate of the purchase rates; s, beta: of the rates of leaving; with the log
    likelihood.
    """

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
            f"While they stay, customers buy {self.r / self.alpha:.3g} times a unit of time and leave at a "
            f"rate of "
            f"{self.s / self.beta:.3g} on average, over {self.customers:g} customers; it assumes that "
            f"habits do not "
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

    scaled = data.over(scale)

    best = maximum(loglik=lambda logs: _loglik(logs, scaled), start=np.zeros(4), size=float(count.sum()))
    logs = best.logs + np.array([0, np.log(scale), 0, np.log(scale)])
    r, alpha, s, beta = np.exp(logs).tolist()
    return ParetoNbd(
        r=r,
        alpha=alpha,
        s=s,
        beta=beta,
        loglik=_loglik(logs, data)[0],
        customers=float(count.sum()),
        groups=data.x.size,
        converged=best.converged,
    )


def _log_parts(logs: Floats, x: Floats, t_x: Floats, length: Floats) -> tuple[Floats, Floats]:
    """Log of the chances, without what is common to both, of still being there and of having left since t_x."""
    r, alpha, s, beta = np.exp(logs)
    alive = -(r + x) * np.log(alpha + length) - s * np.log(beta + length)
    return alive, np.log(s) + _left(r + x, alpha, s + 1, beta, t_x, length)[0]


def _loglik(logs: Floats, data: _Grouped) -> tuple[float, Floats]:
    """Log likelihood and its gradient by the logs of the parameters."""
    r, alpha, s, beta = np.exp(logs)
    x, count = data.x, data.count
    value = float(count @ (special.gammaln(r + x) - special.gammaln(r)))
    value += float(count.sum()) * float(r * np.log(alpha) + s * np.log(beta))
    slope = np.array([
        count @ (special.psi(r + x) - special.psi(r)) + count.sum() * np.log(alpha),
        count.sum() * r / alpha,
        count.sum() * np.log(beta),
        count.sum() * s / beta,
    ])  # fmt: skip
    for start in range(0, x.size, _CHUNK):
        part = slice(start, start + _CHUNK)
        rate, last, end, weight = r + x[part], data.t_x[part], data.length[part], count[part]
        log_integral, log_a, inverse_a, log_b, inverse_b = _left(rate, alpha, s + 1, beta, last, end)
        alive = -rate * np.log(alpha + end) - s * np.log(beta + end)
        gone = np.log(s) + log_integral
        both = np.logaddexp(alive, gone)
        left = np.exp(gone - both)
        kept = 1 - left
        value += float(weight @ both)
        slope += [
            weight @ (-kept * np.log(alpha + end) - left * log_a),
            weight @ (-rate * (kept / (alpha + end) + left * inverse_a)),
            weight @ (-kept * np.log(beta + end) + left * (1 / s - log_b)),
            weight @ (-kept * s / (beta + end) - left * (s + 1) * inverse_b),
        ]
    return value, slope * np.exp(logs)


def _left(
    rate: Floats, alpha: float, power: float, beta: float, last: Floats, end: Floats
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """The integral of (alpha + t)^-rate (beta + t)^-power from `last` to `end`, as a log, and four means
    under it.

    The means are those of log(alpha + t), 1 / (alpha + t), log(beta + t) and 1 / (beta + t). Gauss's rule works
    on v, where t = last + (exp(v) - 1) / fall and `fall` is the rate at which the integrand falls at `last`: in
    v it is smooth whether it falls at once or hardly at all.
    """
    fall = rate / (alpha + last) + power / (beta + last)
    reach = np.log1p(fall * (end - last))
    v = reach[:, None] * _NODES
    t = last[:, None] + np.expm1(v) / fall[:, None]
    log_a, log_b = np.log(alpha + t), np.log(beta + t)
    log_terms = v - rate[:, None] * log_a - power * log_b + np.log(_WEIGHTS)
    top = log_terms.max(axis=1)
    terms = np.exp(log_terms - top[:, None])
    total = terms.sum(axis=1)
    share = terms / total[:, None]
    with_length = np.log(np.maximum(reach / fall, 1e-300))
    log_integral = np.where(reach > 0, top + np.log(total) + with_length, -np.inf)
    means = (np.sum(share * one, axis=1) for one in (log_a, 1 / (alpha + t), log_b, 1 / (beta + t)))
    return log_integral, *means


def _mean_stay(s: float, beta: Floats, t: float) -> Floats:
    """Mean time of staying within `t`, the rate of leaving being gamma-distributed with shape s and rate
    beta.
    """
    if abs(s - 1) < 1e-9:
        short: Floats = beta * np.log1p(t / beta)
        return short
    stay: Floats = beta / (s - 1) * -np.expm1((s - 1) * (np.log(beta) - np.log(beta + t)))
    return stay
