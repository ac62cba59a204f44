"""Revenue at risk: what goes if key customers leave.

Question: which customer's leaving would hurt most, and how much must we expect to lose?
Used by: step 1.
Source: the expectation of independent losses, revenue x (1 - chance of staying); the chance itself from
`bg_nbd`, `sbg_retention` or counted retention.
Checked against: the exact distribution over all subsets for few customers (tests).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, at_least, fraction, real_array, same_length

_LEVELS = 200


@dataclass(frozen=True, slots=True)
class AtRisk:
    """Losses in the currency of the revenue, over the period that the chance of staying is about.

    expected_loss: mean; low and high enclose `confidence` of the simulated losses. p_any: chance that at least
    one customer leaves. p_over: chance that the loss exceeds `threshold`, None without one. by_customer:
    expected loss of each, in the order given, and order: positions from the largest down, counted from 0.
    largest: revenue of the customer who brings most, and largest_share: as a share of `total`: what is gone
    if that one leaves.
    """

    labels: tuple[str, ...]
    revenue: Floats
    p_stay: Floats
    expected_loss: float
    low: float
    high: float
    p_any: float
    threshold: float | None
    p_over: float | None
    by_customer: Floats
    order: tuple[int, ...]
    largest: str
    largest_share: float
    total: float
    confidence: float
    draws: int
    seed: int

    def describe(self) -> str:
        """One sentence with the expected loss, its interval and the caveat."""
        return (
            f"Of {self.total:,.0f} a period, {self.expected_loss:,.0f} are expected to go "
            f"({self.low:,.0f} to {self.high:,.0f} in {self.confidence:.0%} of outcomes); {self.largest} "
            f"alone is "
            f"{self.largest_share:.1%} of it; customers are taken to leave independently of each other."
        )


def at_risk(
    *,
    revenue: ArrayLike,
    p_stay: ArrayLike,
    known_from: ArrayLike | None = None,
    labels: Sequence[str] | None = None,
    total: float | None = None,
    threshold: float | None = None,
    confidence: float = 0.9,
    draws: int = 10_000,
    seed: int = 0,
) -> AtRisk:
    """Expected loss of revenue and its spread, if each customer may leave.

    revenue: of each customer in one period, 0 or more. p_stay: chance of staying through it, 0 to 1, one a
    customer or one for all. known_from: on how many customers like this one each chance rests; with it the
    chance itself is uncertain (beta-distributed), alike for all customers. labels: names, by default "1",
    "2", ... total: revenue of all customers, where these are only the key ones; by default their sum.
    threshold: a loss whose chance is wanted.
    Not for customers who would leave together (one owner, one cause): put those into one.
    Raises ArgumentError for values outside their range, NotEnoughData where there is no revenue.

    >>> result = at_risk(revenue=[100, 50], p_stay=[0.9, 0.8], labels=["north", "south"], threshold=60)
    >>> round(result.expected_loss, 6), result.largest, abs(result.p_over - 0.1) < 0.02
    (20.0, 'north', True)
    """
    amount = real_array("revenue", revenue, ndim=1)
    at_least("revenue", float(amount.min()), 0)
    names = tuple(str(one) for one in (labels if labels is not None else range(1, amount.size + 1)))
    stay = real_array("p_stay", np.atleast_1d(p_stay), ndim=1)
    stay = np.full(amount.size, stay[0]) if stay.size == 1 else stay
    same_length(revenue=amount, p_stay=stay, labels=names)
    for one in (stay.min(), stay.max()):
        fraction("p_stay", float(one), closed=True)
    everything = float(amount.sum()) if total is None else float(total)
    if everything <= 0:
        raise NotEnoughData("revenue is zero for every customer: nothing is at risk")
    if everything < amount.sum() * (1 - 1e-9):
        raise ArgumentError(f"total must be at least the revenue given ({amount.sum():,.2f}); got {total!r}")
    if draws < 100:
        raise ArgumentError(f"draws must be at least 100; got {draws!r}")
    losses, gone = _simulate(amount, stay, known_from, draws, seed)
    confidence = fraction("confidence", confidence)
    low, high = np.quantile(losses, [(1 - confidence) / 2, (1 + confidence) / 2])
    expected = amount * (1 - stay)
    top = int(amount.argmax())
    return AtRisk(
        labels=names,
        revenue=amount,
        p_stay=stay,
        expected_loss=float(expected.sum()),
        low=float(low),
        high=float(high),
        p_any=float(gone.mean()),
        threshold=threshold,
        p_over=None if threshold is None else float(np.mean(losses > threshold)),
        by_customer=expected,
        order=tuple(np.argsort(-expected, kind="stable").tolist()),
        largest=names[top],
        largest_share=float(amount[top]) / everything,
        total=everything,
        confidence=confidence,
        draws=draws,
        seed=seed,
    )


def _simulate(
    amount: Floats, stay: Floats, known_from: ArrayLike | None, draws: int, seed: int
) -> tuple[Floats, Floats]:
    """Loss of each draw, and whether anybody left in it."""
    rng = np.random.default_rng(seed)
    known = None if known_from is None else real_array("known_from", np.atleast_1d(known_from), ndim=1)
    if known is not None:
        known = np.full(amount.size, known[0]) if known.size == 1 else known
        same_length(revenue=amount, known_from=known)
        at_least("known_from", float(known.min()), 1)
    losses, anybody = np.empty(draws), np.empty(draws)
    # One level a draw moves every chance the same way: what we do not know is the retention of all. Evenly
    # spaced levels cover the distribution better than random ones, and few are enough.
    level = rng.permutation(np.arange(draws) % _LEVELS)
    chances = _chances(stay, known)
    step = max(1, 5_000_000 // amount.size)
    for start in range(0, draws, step):
        part = slice(start, min(start + step, draws))
        leaves = rng.random((part.stop - start, amount.size)) >= chances[level[part] if known is not None else [0]]
        losses[part] = leaves @ amount
        anybody[part] = leaves.any(axis=1)
    return losses, anybody


def _chances(stay: Floats, known: Floats | None) -> Floats:
    """Chances of staying, one row a level of what is not known about them."""
    if known is None:
        return stay[None, :]
    # Half a customer added on each side keeps a chance of 0 or 1 from counting as certain (Jeffreys).
    level = (np.arange(_LEVELS) + 0.5)[:, None] / _LEVELS
    pairs, index = np.unique(np.stack([stay, known]), axis=1, return_inverse=True)
    kept, seen = pairs
    chance: Floats = special.betaincinv(kept * seen + 0.5, (1 - kept) * seen + 0.5, level)
    return chance[:, index.ravel()]
