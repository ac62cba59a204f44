"""Of the needs that many customers share, how many can still be unheard: a bound that no model is needed for.

Question: if a need is one that at least one customer in twenty would mention, may it still be unknown to us?
Used by: step 3 (the unknown-needs meter, where the beta-binomial model sets no upper bound).
Source: own derivation below, from the binomial chances alone; the planning formula is the classic one of
A. Griffin and J. R. Hauser, Marketing Science 12 (1993), 1-27.
Checked against: coverage by simulation in the tests, at the worst case and others.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from nonagon.methods.checks import fraction
from nonagon.methods.needs.incidence import Incidence


@dataclass(frozen=True, slots=True)
class CommonNeeds:
    """The bound.

    common: chance from which a need counts as common; unheard: the largest number of unheard common needs
    that the interviews leave possible, with `confidence`; share: that number among all needs, heard or so
    unheard; missed_each: the largest chance that a common need stays unheard in the interviews held; more:
    how many more interviews until that chance is at most `limit`.
    """

    n_units: int
    observed: int
    once: int
    common: float
    unheard: int
    share: float
    missed_each: float
    limit: float
    more: int
    confidence: float

    def describe(self) -> str:
        """One sentence with its caveat."""
        return (
            f"Of the needs that at least {self.common:.0%} of the customers would mention, at most "
            f"{self.unheard} ({self.share:.0%} of all) are unheard with {self.confidence:.0%} confidence, "
            f"if those asked are a random sample; rarer needs are not counted."
        )


def common_needs(
    *, incidence: Incidence, common: float = 0.05, limit: float = 0.1, confidence: float = 0.95
) -> CommonNeeds:
    """Upper bound of the common needs not heard, from the needs heard once.

    incidence: see `incidence`. common: a need counts as common when a customer mentions it with at least this
    chance. limit: chance of missing a common need aimed at. confidence: of the bound. All fractions of one. A
    need of chance p stays unheard in n interviews with chance (1 - p)^n and is heard once with n p (1 - p)^(n
    - 1). For p of at least `common` the share of the unheard among those heard at most once is therefore at
    most r / (1 + r), with r = (1 - common) / (n common), whatever the chances of the needs; so the unheard
    number follows, at worst, a binomial law given that sum, and the bound is exact. Rare needs heard once
    only widen it.
    Assumes that interviews are a random sample and that needs are mentioned independently of each other.

    >>> from nonagon.methods.needs.incidence import incidence as record
    >>> bound = common_needs(incidence=record(frequency=[1] * 6 + [2] * 6 + [5] * 28, n_units=30))
    >>> bound.unheard, round(bound.share, 2), bound.more
    (9, 0.18, 15)
    """
    fraction("common", common)
    fraction("limit", limit)
    fraction("confidence", confidence)
    n, once = incidence.n_units, incidence.once
    ratio = (1 - common) / (n * common)
    heard_once = 1 / (1 + ratio)
    unheard = _largest(once, heard_once, 1 - confidence)
    missed = (1 - common) ** n
    needed = int(np.ceil(np.log(limit) / np.log1p(-common) - 1e-9))
    return CommonNeeds(
        n_units=n,
        observed=incidence.observed,
        once=once,
        common=common,
        unheard=unheard,
        share=unheard / (unheard + incidence.observed),
        missed_each=float(missed),
        limit=limit,
        more=max(0, needed - n),
        confidence=confidence,
    )


def _largest(once: int, chance: float, alpha: float) -> int:
    """The largest m for which at most `once` of m + once successes of that chance is not rarer than alpha."""
    low, high = 0, 1
    while special.bdtr(once, high + once, chance) >= alpha:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if special.bdtr(once, middle + once, chance) >= alpha else (low, middle)
    return low
