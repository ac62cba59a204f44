"""Gamma-gamma: what a customer's purchases are worth on average.

Question: what will the next purchase of this customer be worth, given few purchases so far?
Used by: steps 1 and 9.
Source: P. S. Fader, B. G. S. Hardie, "The Gamma-Gamma Model of Monetary Value", 2013: values of purchases
scatter around a customer's own mean by a gamma distribution (shape p), the means over customers by an
inverse gamma (q, v). Checked against: simulated customers whose parameters it finds again, the gradient by
differences (tests).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, at_least, real_array, same_length
from nonagon.methods.value.newton import maximum


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """Fitted parameters p, q and v, with the log likelihood.

    population_mean: mean value of a purchase over customers, p v / (q - 1); None where q is at most 1, since it
    then has no limit. correlation: between number and mean value of purchases; the model assumes none.
    log_covariance: of the logs of (p, q, v), None where the likelihood is flat there.
    """

    p: float
    q: float
    v: float
    loglik: float
    population_mean: float | None
    correlation: float | None
    log_covariance: Floats | None
    customers: float
    converged: bool

    def expected_value(self, *, mean_value: ArrayLike, frequency: ArrayLike) -> Floats:
        """Expected mean value of a customer's future purchases, given the mean of the past ones.

        mean_value: of past purchases (not read where frequency is 0). frequency: how many purchases it
        averages.
        Raises NotEnoughData where a customer has none and the population has no mean.
        """
        mean = real_array("mean_value", np.atleast_1d(mean_value), ndim=1)
        number = real_array("frequency", np.atleast_1d(frequency), ndim=1)
        same_length(mean_value=mean, frequency=number)
        at_least("frequency", float(number.min()), 0)
        below = self.p * number + self.q - 1
        if (below <= 0).any():
            raise NotEnoughData(
                f"q is {self.q:.3g}, at most 1, so a customer without purchases has no expected value"
            )
        return self.p * (self.v + number * mean) / below

    def describe(self) -> str:
        """One sentence with the population's mean and the caveat."""
        mean = "has no limit" if self.population_mean is None else f"is {self.population_mean:,.2f}"
        tied = "" if self.correlation is None else f" (in these data the correlation is {self.correlation:+.2f})"
        return (
            f"The mean value of a purchase over {self.customers:g} customers {mean}; it assumes that how often "
            f"someone buys says nothing of how much{tied}."
        )


def gamma_gamma(*, mean_value: ArrayLike, frequency: ArrayLike, customers: ArrayLike | None = None) -> GammaGamma:
    """Maximum-likelihood fit of the gamma-gamma model.

    mean_value: mean value of each customer's purchases, above 0. frequency: how many purchases it averages, 1
    or more; leave customers without any out. customers: how many customers each row stands for, 1 by default.
    Raises ArgumentError for values outside their range, NotEnoughData with fewer than three customers or
    where all means are equal.

    >>> fit = gamma_gamma(mean_value=[20, 35, 28, 60, 45, 31], frequency=[2, 3, 1, 2, 5, 4])
    >>> value = fit.expected_value(mean_value=100, frequency=1)
    >>> bool(fit.population_mean < value[0] < 100)
    True
    """
    mean, number = real_array("mean_value", mean_value, ndim=1), real_array("frequency", frequency, ndim=1)
    count = np.ones(mean.size) if customers is None else real_array("customers", customers, ndim=1)
    same_length(mean_value=mean, frequency=number, customers=count)
    if mean.min() <= 0:
        raise ArgumentError(
            f"mean_value must be above 0; got {mean.min():g}; leave refunds and free purchases out"
        )
    at_least("frequency", float(number.min()), 1)
    at_least("customers", float(count.min()), 0)
    if count.sum() < 3 or np.ptp(mean) == 0:
        raise NotEnoughData("the model needs at least 3 customers whose mean values differ")
    # In units of the mean value, so that the search starts near one whatever the currency.
    scale = float(np.average(mean, weights=count))

    scaled = _Purchases.of(mean / scale, number, count)
    best = maximum(
        loglik=lambda logs: _loglik(logs, scaled),
        start=np.array([1.0, 1.0, 0.0]),
        size=float(count.sum()),
    )
    p, q, v = np.exp(best.logs + np.array([0, 0, np.log(scale)])).tolist()
    return GammaGamma(
        p=p,
        q=q,
        v=v,
        loglik=_loglik(np.log([p, q, v]), _Purchases.of(mean, number, count))[0],
        population_mean=p * v / (q - 1) if q > 1 else None,
        correlation=_correlation(mean, number, count),
        log_covariance=best.covariance,
        customers=float(count.sum()),
        converged=best.converged,
    )


@dataclass(frozen=True, slots=True)
class _Purchases:
    """What the likelihood needs again and again: customers, and how many there are for each number of
    purchases.
    """

    mean: Floats
    log_mean: Floats
    number: Floats
    count: Floats
    values: Floats
    size: Floats

    @staticmethod
    def of(mean: Floats, number: Floats, count: Floats) -> "_Purchases":
        values, index = np.unique(number, return_inverse=True)
        size = np.bincount(index, weights=count).astype(np.float64)
        return _Purchases(mean, np.log(mean), number, count, values, size)


def _loglik(logs: Floats, data: _Purchases) -> tuple[float, Floats]:
    """Log likelihood and its gradient by the logs of (p, q, v) (equation 1a of the note)."""
    p, q, v = np.exp(logs)
    # Special functions of the number of purchases alone are worked out once for each distinct number.
    values, size, number, count, log_mean = data.values, data.size, data.number, data.count, data.log_mean
    total = p * values
    spent = v + number * data.mean
    log_spent = np.log(spent)
    by_number = size @ (
        special.gammaln(total + q)
        - special.gammaln(total)
        - special.gammaln(q)
        + q * np.log(v)
        + total * np.log(values)
    )
    value = float(by_number + count @ ((p * number - 1) * log_mean - (p * number + q) * log_spent))
    psi_total = special.psi(total + q)
    by_p = size @ (values * (psi_total - special.psi(total) + np.log(values)))
    by_p += count @ (number * (log_mean - log_spent))
    by_q = size @ (psi_total - special.psi(q) + np.log(v)) - count @ log_spent
    by_v = size.sum() * q / v - count @ ((p * number + q) / spent)
    return value, np.array([by_p * p, by_q * q, by_v * v])


def _correlation(mean: Floats, number: Floats, count: Floats) -> float | None:
    weight = count / count.sum()
    one, other = mean - weight @ mean, number - weight @ number
    spread = float(np.sqrt((weight @ one**2) * (weight @ other**2)))
    return float(weight @ (one * other)) / spread if spread > 0 else None
