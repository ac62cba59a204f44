"""How many of those who bought again and again are still customers.

Question: what share of the repeat buyers is still alive by their rhythm of buying, and how sure is that?
Used by: steps 1 and 8.
Source: `bg_nbd` (P. S. Fader, B. G. S. Hardie, K. L. Lee, Marketing Science 24 (2005), 275-284); the interval
by drawing the parameters from their approximate normal distribution on the log scale.
Checked against: a simulation of the model with known leavers, in the tests.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from nonagon.basics.errors import NotEnoughData
from nonagon.methods.checks import Floats, at_least, fraction, real_array, same_length
from nonagon.methods.value.bg_nbd import BgNbd

DRAWS = 200


@dataclass(frozen=True, slots=True)
class AliveShare:
    """Repeat buyers still alive.

    repeat_buyers: customers with at least one repeat purchase; alive: expected number of them still
    customers; share: of the repeat buyers, between low and high with `confidence` (None where the parameters'
    errors are not known); silent: how many are more likely gone than not.
    """

    repeat_buyers: float
    alive: float
    share: float
    low: float | None
    high: float | None
    silent: float
    confidence: float

    def describe(self) -> str:
        """One sentence with the interval and its caveat."""
        interval = (
            "" if self.low is None else f" ({self.confidence:.0%} interval {self.low:.1%} to {self.high:.1%})"
        )
        return (
            f"Of {self.repeat_buyers:g} repeat buyers about {self.alive:.0f} are still customers, {self.share:.1%}"
            f"{interval}; {self.silent:g} are more likely gone than not, if habits do not change with the season."
        )


def alive_share(
    *,
    fit: BgNbd,
    frequency: ArrayLike,
    recency: ArrayLike,
    T: ArrayLike,
    customers: ArrayLike | None = None,
    confidence: float = 0.95,
    seed: int = 0,
) -> AliveShare:
    """Expected share of repeat buyers still alive, with an interval for the fit's uncertainty.

    fit: from `bg_nbd`, also of a larger group than the customers asked about. frequency, recency, T,
    customers: as there, of the customers asked about; those without a repeat purchase are left out, since the
    model lets customers leave only after one. confidence: a fraction between 0 and 1. seed: same seed, same
    interval. The interval holds the uncertainty of the model's four parameters, not whether the model is
    right. Raises NotEnoughData where nobody bought again.

    >>> from nonagon.methods.value.bg_nbd import bg_nbd
    >>> history = dict(frequency=[0, 1, 0, 3, 7, 0], recency=[0, 12, 0, 25, 30, 0], T=[38, 35, 31, 38, 33, 30])
    >>> result = alive_share(fit=bg_nbd(**history), **history)
    >>> result.repeat_buyers, 0 < result.share < 1
    (3.0, True)
    """
    x = real_array("frequency", frequency, ndim=1)
    t_x, length = real_array("recency", recency, ndim=1), real_array("T", T, ndim=1)
    count = np.ones_like(x) if customers is None else real_array("customers", customers, ndim=1)
    same_length(frequency=x, recency=t_x, T=length, customers=count)
    at_least("customers", float(count.min(initial=0.0)), 0)
    confidence = fraction("confidence", confidence)
    again = (x > 0) & (count > 0)
    if not again.any():
        raise NotEnoughData("frequency is 0 for every customer: nobody bought again")
    x, t_x, length, count = x[again], t_x[again], length[again], count[again]
    alive = fit.p_alive(frequency=x, recency=t_x, T=length)
    total = float(count.sum())
    low = high = None
    if fit.log_covariance is not None:
        random = np.random.default_rng(seed)
        logs = random.multivariate_normal(np.log(fit.parameters), fit.log_covariance, size=DRAWS, method="eigh")
        shares = [
            float(_with(fit, one).p_alive(frequency=x, recency=t_x, T=length) @ count) / total
            for one in np.exp(np.clip(logs, -50, 50))
        ]
        tail = (1 - confidence) / 2
        low, high = (float(end) for end in np.quantile(shares, [tail, 1 - tail]))
    return AliveShare(
        repeat_buyers=total,
        alive=float(alive @ count),
        share=float(alive @ count) / total,
        low=low,
        high=high,
        silent=float(count[alive < 0.5].sum()),
        confidence=confidence,
    )


def _with(fit: BgNbd, parameters: Floats) -> BgNbd:
    """The same fit at other parameters."""
    r, alpha, a, b = (float(one) for one in parameters)
    return BgNbd(
        r=r,
        alpha=alpha,
        a=a,
        b=b,
        loglik=fit.loglik,
        log_covariance=None,
        customers=fit.customers,
        groups=fit.groups,
        converged=fit.converged,
    )
