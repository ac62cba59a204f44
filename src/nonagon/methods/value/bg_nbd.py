"""BG/NBD: how many purchases a customer will still make, and whether they are still a customer at all.

Question: customers do not say when they leave; who has left, and what will the others buy?
Used by: steps 1, 8 and 9.
Source: P. S. Fader, B. G. S. Hardie, K. L. Lee, Marketing Science 24 (2005), 275-284: purchases come at
random at a customer's own rate (rates gamma-distributed, r and alpha); after each purchase a customer
leaves with an own probability (beta-distributed, a and b).
Checked against: integration over rates and leaving, simulated customers, and the customer worked out in the
authors' note on the spreadsheet (tests).
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, at_least, fraction, real_array, same_length
from nonagon.methods.value.newton import maximum


@dataclass(frozen=True, slots=True)
class BgNbd:
    """Fitted parameters and how well they are known.

    r, alpha: shape and rate of the purchase rates (mean r / alpha a unit of time). a, b: of the probability
    of leaving after a purchase (mean a / (a + b)). loglik: log likelihood. log_covariance: of the logs of
    (r, alpha, a, b), None where the likelihood is flat there. customers: how many; groups: different
    (frequency, recency, T).
    """

    r: float
    alpha: float
    a: float
    b: float
    loglik: float
    log_covariance: Floats | None
    customers: float
    groups: int
    converged: bool

    @property
    def parameters(self) -> Floats:
        """(r, alpha, a, b)."""
        return np.array([self.r, self.alpha, self.a, self.b])

    def intervals(self, confidence: float = 0.95) -> dict[str, tuple[float, float]] | None:
        """Interval of each parameter, on the log scale; None where the likelihood is flat.

        >>> fit = bg_nbd(frequency=[0, 0, 2, 5], recency=[0, 0, 20, 30], T=[38, 30, 38, 31])
        >>> found = fit.intervals()
        >>> found is None or found["r"][0] < fit.r < found["r"][1]
        True
        """
        if self.log_covariance is None:
            return None
        half = special.ndtri((1 + fraction("confidence", confidence)) / 2) * np.sqrt(np.diag(self.log_covariance))
        middle = np.log(self.parameters)
        low, high = np.exp(np.clip(middle - half, -300, 300)), np.exp(np.clip(middle + half, -300, 300))
        return {
            name: (float(one), float(other))
            for name, one, other in zip(("r", "alpha", "a", "b"), low, high, strict=True)
        }

    def p_alive(self, *, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> Floats:
        """Chance that each customer is still one; 1 without a repeat purchase, since leaving follows a
        purchase.
        """
        x, t_x, length = _customers(frequency, recency, T)
        log_odds = (
            np.log(self.a)
            - np.log(self.b + np.maximum(x, 1) - 1)
            + (self.r + x) * (np.log(self.alpha + length) - np.log(self.alpha + t_x))
        )
        alive: Floats = np.where(x > 0, special.expit(-log_odds), 1.0)
        return alive

    def expected_purchases(self, *, t: float, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> Floats:
        """Expected number of purchases of each customer in the next `t` units of time, given the past."""
        x, t_x, length = _customers(frequency, recency, T)
        t = at_least("t", t, 0)
        mean = _expected(self.parameters, x, length, t)
        return mean * self.p_alive(frequency=x, recency=t_x, T=length)

    def expected_new_customer(self, *, t: float) -> float:
        """Expected number of repeat purchases of a new customer in the first `t` units of time."""
        t = at_least("t", t, 0)
        zero = np.zeros(1)
        return float(_expected(self.parameters, zero, zero, t)[0])

    def describe(self) -> str:
        """One sentence with the rates and the caveat."""
        leave = self.a / (self.a + self.b)
        return (
            f"While they stay, customers buy {self.r / self.alpha:.3g} times a unit of time on average and "
            f"leave after a "
            f"purchase with probability {leave:.1%}, over {self.customers:g} customers; it assumes that "
            f"habits do "
            "not change with season or age."
        )


def bg_nbd(
    *,
    frequency: ArrayLike,
    recency: ArrayLike,
    T: ArrayLike,
    customers: ArrayLike | None = None,
    penalty: float = 0.0,
) -> BgNbd:
    """Maximum-likelihood fit of the BG/NBD model.

    frequency: repeat purchases of each customer (the first one not counted), 0 or more; count periods with a
    purchase, not receipts of one day. recency: time of the last repeat purchase since the first one, 0 for
    none. T: time since the first purchase; all in one unit. customers: how many customers each row stands
    for, 1 by default; equal rows are put together anyway, so a million customers take seconds. penalty:
    weight of the squared logs of the parameters, 0 for plain maximum likelihood; above 0 keeps small data
    from running away.
    Not for contracts (use `sbg_retention`) or where customers buy at fixed occasions (use `bg_bb`).
    Raises ArgumentError for recency beyond T, NotEnoughData without a repeat purchase.

    >>> fit = bg_nbd(frequency=[0, 1, 0, 3, 7, 0], recency=[0, 12, 0, 25, 30, 0], T=[38, 35, 31, 38, 33, 30])
    >>> bool(fit.p_alive(frequency=7, recency=30, T=33)[0] > fit.p_alive(frequency=7, recency=10, T=33)[0])
    True
    """
    x, t_x, length = _customers(frequency, recency, T)
    count = np.ones(x.size) if customers is None else real_array("customers", customers, ndim=1)
    same_length(frequency=x, customers=count)
    at_least("customers", float(count.min()), 0)
    at_least("penalty", penalty, 0)
    if x.max() == 0:
        raise NotEnoughData("frequency is 0 for every customer: the model needs repeat purchases")
    data = _Grouped.of(x, t_x, length, count)
    # Time in units of the mean length, so that the search starts at parameters near one whatever the unit.
    scale = float(np.average(length, weights=count)) or 1.0
    scaled = data.over(scale)

    def penalised(logs: Floats) -> tuple[float, Floats]:
        value, slope = _loglik(logs, scaled)
        return value - penalty * float(logs @ logs), slope - 2 * penalty * logs

    best = maximum(loglik=penalised, start=np.array([0.0, 0.0, 0.0, 0.7]), size=float(count.sum()))
    logs = best.logs + np.array([0, np.log(scale), 0, 0])
    r, alpha, a, b = np.exp(logs).tolist()
    return BgNbd(
        r=r,
        alpha=alpha,
        a=a,
        b=b,
        loglik=_loglik(logs, data)[0],
        log_covariance=best.covariance,
        customers=float(count.sum()),
        groups=data.x.size,
        converged=best.converged,
    )


def bg_nbd_loglik(
    *, r: float, alpha: float, a: float, b: float, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike
) -> float:
    """Log likelihood at given parameters, such as published ones; all four above 0.

    >>> round(bg_nbd_loglik(r=1, alpha=1, a=1, b=1, frequency=[0], recency=[0], T=[1]), 6)
    -0.693147
    """
    for name, value in (("r", r), ("alpha", alpha), ("a", a), ("b", b)):
        if not 0 < value < np.inf:
            raise ArgumentError(f"{name} must be above 0; got {value!r}")
    x, t_x, length = _customers(frequency, recency, T)
    return _loglik(np.log([r, alpha, a, b]), _Grouped.of(x, t_x, length, np.ones(x.size)))[0]


@dataclass(frozen=True, slots=True)
class _Grouped:
    """Customers with equal histories put together, and how many there are for each number of purchases."""

    x: Floats
    t_x: Floats
    length: Floats
    count: Floats
    values: Floats
    number: Floats

    def over(self, unit: float) -> "_Grouped":
        """The same histories with time in another unit."""
        return replace(self, t_x=self.t_x / unit, length=self.length / unit)

    @staticmethod
    def of(x: Floats, t_x: Floats, length: Floats, count: Floats) -> "_Grouped":
        order = np.lexsort((length, t_x, x))
        rows = np.stack([x, t_x, length])[:, order]
        first = np.concatenate([[True], (np.diff(rows, axis=1) != 0).any(axis=0)])
        starts = np.flatnonzero(first)
        repeats, together = rows[0, starts], np.add.reduceat(count[order], starts)
        values, index = np.unique(repeats, return_inverse=True)
        number = np.bincount(index, weights=together).astype(np.float64)
        return _Grouped(repeats, rows[1, starts], rows[2, starts], together, values, number)


def _customers(frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> tuple[Floats, Floats, Floats]:
    x = real_array("frequency", np.atleast_1d(frequency), ndim=1)
    t_x = real_array("recency", np.atleast_1d(recency), ndim=1)
    length = real_array("T", np.atleast_1d(T), ndim=1)
    same_length(frequency=x, recency=t_x, T=length)
    at_least("frequency", float(x.min()), 0)
    at_least("recency", float(t_x.min()), 0)
    late = t_x > length + 1e-9
    if late.any():
        where = int(np.flatnonzero(late)[0])
        raise ArgumentError(
            f"recency must not lie beyond T; row {where + 1} has {t_x[where]:g} beyond {length[where]:g}"
        )
    if ((x == 0) & (t_x > 0)).any():
        raise ArgumentError(
            "recency must be 0 where frequency is 0: without a repeat purchase there is no last one"
        )
    return x, t_x, length


def _loglik(logs: Floats, data: _Grouped) -> tuple[float, Floats]:
    """Log likelihood and its gradient by the logs of the parameters (equation 6 of the paper)."""
    r, alpha, a, b = np.exp(logs)
    x, count = data.x, data.count
    # What depends on the number of purchases alone is summed over its few distinct values.
    values, number = data.values, data.number
    parts = (
        special.gammaln(r + values) - special.gammaln(r) + r * np.log(alpha)
        + special.betaln(a, b + values) - special.betaln(a, b)
    )  # fmt: skip
    joint = special.psi(a + b) - special.psi(a + b + values)
    by_r = number @ (special.psi(r + values) - special.psi(r) + np.log(alpha))
    by_alpha = number.sum() * r / alpha
    by_a, by_b = number @ joint, number @ (joint + special.psi(b + values) - special.psi(b))
    # Still there: (alpha + T)^-(r + x); left after the last purchase: a / (b + x - 1) (alpha + t_x)^-(r + x).
    log_length, log_last = np.log(alpha + data.length), np.log(alpha + data.t_x)
    stays = -(r + x) * log_length
    repeat = x > 0
    base = np.where(repeat, b + x - 1, 1.0)
    leaves = np.where(repeat, np.log(a) - np.log(np.maximum(base, 1e-300)) - (r + x) * log_last, -np.inf)
    both = np.logaddexp(stays, leaves)
    left = np.exp(leaves - both)
    kept = 1 - left
    by_r += count @ (-kept * log_length - left * log_last)
    by_alpha += count @ (-(r + x) * (kept / (alpha + data.length) + left / (alpha + data.t_x)))
    by_a += count @ left / a
    by_b -= count @ (left / base)
    value = float(number @ parts + count @ both)
    return value, np.array([by_r * r, by_alpha * alpha, by_a * a, by_b * b])


def _expected(parameters: Floats, x: Floats, length: Floats, t: float) -> Floats:
    """Expected purchases in (length, length + t] of someone still a customer (equation 10, without its
    denominator).
    """
    r, alpha, a, b = parameters
    if abs(a - 1) < 1e-6:
        return _expected_at_one(parameters, x, length, t)
    share = t / (alpha + length + t)
    # Euler's transformation takes the number of purchases out of the numerator of the series, where many overflow.
    series = special.hyp2f1(a + b - 1 - r, a - 1, a + b + x - 1, share) * (1 - share) ** (a - 1)
    mean: Floats = (a + b + x - 1) / (a - 1) * (1 - series)
    return np.maximum(mean, 0.0)


def _expected_at_one(parameters: Floats, x: Floats, length: Floats, t: float) -> Floats:
    """The limit at a = 1 by the mean of the two sides."""
    r, alpha, a, b = parameters
    above, below = np.array([r, alpha, a + 1e-5, b]), np.array([r, alpha, a - 1e-5, b])
    return (_expected(above, x, length, t) + _expected(below, x, length, t)) / 2


def repeat_summary(
    *, customer: NDArray[np.int64], moment: ArrayLike, end: float
) -> tuple[NDArray[np.int64], Floats, Floats, Floats]:
    """Frequency, recency and T of each customer from the moments of their purchases up to `end`.

    customer: who bought, one a purchase. moment: when, in any unit; purchases at the same moment count once.
    Returns the customers, sorted, with their frequency, recency and T.

    >>> who, x, t_x, T = repeat_summary(customer=np.array([1, 1, 2, 1]), moment=[0, 5, 3, 5], end=10)
    >>> who.tolist(), x.tolist(), t_x.tolist(), T.tolist()
    ([1, 2], [1.0, 0.0], [5.0, 0.0], [10.0, 7.0])
    """
    when = real_array("moment", moment, ndim=1)
    same_length(customer=customer.tolist(), moment=when)
    seen = when <= end
    pairs = np.unique(np.stack([customer[seen].astype(np.float64), when[seen]]), axis=1)
    if not pairs.size:
        raise NotEnoughData(f"no purchase lies at or before the end ({end:g})")
    who, start, number = np.unique(pairs[0], return_index=True, return_counts=True)
    first, last = pairs[1][start], pairs[1][start + number - 1]
    return who.astype(np.int64), (number - 1).astype(np.float64), last - first, end - first
