"""How many needs are there, at least: richness from how often each need was mentioned.

Question: given how often each need was mentioned in all, how many needs exist beyond those heard?
Used by: step 3, where only mentions are known and not in which interviews (else `incidence_richness`).
Source: A. Chao, Scandinavian Journal of Statistics 11 (1984), 265-270 (Chao1); A. Chao and S.-M. Lee, JASA 87
(1992), 210-217 (ACE); A. Chao and L. Jost, Ecology 93 (2012), 2533-2547 (coverage); I. J. Good, Biometrika 40
(1953).
Checked against: R's vegan (tests/reference).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import fraction
from nonagon.methods.needs.incidence import whole_numbers


@dataclass(frozen=True, slots=True)
class Richness:
    """How many needs, from counts of mentions.

    n: mentions; observed: needs heard; once, twice: needs mentioned once, twice. chao1: bias-corrected lower
    bound of the number of needs with chao1_se and a log-transformed interval low, high; ace: abundance-based
    coverage estimator with needs of at most `rare` mentions as the rare ones, or None where all rare needs
    were mentioned once (the reason in ace_reason). good_turing_coverage: 1 - once / n; coverage: Chao and
    Jost's.
    """

    n: int
    observed: int
    once: int
    twice: int
    chao1: float
    chao1_se: float
    low: float
    high: float
    ace: float | None
    ace_reason: str | None
    rare: int
    good_turing_coverage: float
    coverage: float
    confidence: float

    def describe(self) -> str:
        """One sentence with the interval and its caveat."""
        return (
            f"{self.observed} needs in {self.n} mentions; at least about {self.chao1:.0f} exist (Chao1, "
            f"{self.low:.0f} to "
            f"{self.high:.0f}, nominally with {self.confidence:.0%} confidence), a lower bound that assumes "
            "mentions "
            f"are independent; {self.coverage:.0%} of future mentions will be of needs already heard."
        )


def richness(*, counts: ArrayLike, confidence: float = 0.95, rare: int = 10) -> Richness:
    """Richness from counts of mentions.

    counts: mentions of each need, whole numbers of at least 0; zeros are dropped. confidence: of Chao1's
    interval. rare: the largest count that ACE treats as rare, at least 2. The standard error is that of the
    bias-corrected form itself (delta method over all counts), as R's vegan has it since version 2.6. Mentions
    by one talkative customer are not independent: use `incidence_richness` then.
    Raises NotEnoughData where nothing was mentioned.

    >>> found = richness(counts=[31, 18, 12, 9, 7, 5, 4, 3, 3, 2, 2, 2, 1, 1, 1, 1, 1, 1])
    >>> found.chao1, round(found.chao1_se, 3), round(found.ace, 3)
    (21.75, 4.195, 24.498)
    """
    fraction("confidence", confidence)
    if rare < 2:
        raise ArgumentError(f"rare must be at least 2; got {rare}")
    given = whole_numbers("counts", counts)
    heard = given[given > 0]
    if not len(heard):
        raise NotEnoughData("counts holds no mention of any need; code some answers first")
    n, observed = int(heard.sum()), len(heard)
    once, twice = int(np.sum(heard == 1)), int(np.sum(heard == 2))
    unseen = once * (once - 1) / (2 * (twice + 1))
    variance = _chao1_variance(observed, once, twice)
    low, high = _log_interval(observed, unseen, variance, confidence)
    ace, reason = _ace(heard, rare)
    return Richness(
        n=n,
        observed=observed,
        once=once,
        twice=twice,
        chao1=observed + unseen,
        chao1_se=float(np.sqrt(variance)),
        low=low,
        high=high,
        ace=ace,
        ace_reason=reason,
        rare=rare,
        good_turing_coverage=1 - once / n,
        coverage=_coverage(n, once, twice),
        confidence=confidence,
    )


def _chao1_variance(observed: int, once: int, twice: int) -> float:
    """Delta method: sum f g² - (sum f g)² / S with g the derivative of the estimate by each frequency count."""
    by_once = (2 * once - 1) / (2 * (twice + 1))
    by_twice = -once * (once - 1) / (2 * (twice + 1) ** 2)
    total = observed + once * (once - 1) / (2 * (twice + 1))
    shift = once * by_once + twice * by_twice
    squares = observed + 2 * shift + once * by_once**2 + twice * by_twice**2
    return max(0.0, squares - (observed + shift) ** 2 / total)


def _log_interval(observed: int, unseen: float, variance: float, confidence: float) -> tuple[float, float]:
    if unseen <= 0 or variance <= 0:
        return float(observed), float(observed)
    z = float(special.ndtri((1 + confidence) / 2))
    spread = float(np.exp(z * np.sqrt(np.log1p(variance / unseen**2))))
    return observed + unseen / spread, observed + unseen * spread


def _ace(heard: NDArray[np.int64], rare: int) -> tuple[float | None, str | None]:
    few = heard[heard <= rare]
    abundant = len(heard) - len(few)
    if not len(few):
        return float(abundant), None
    mentions, once = int(few.sum()), int(np.sum(few == 1))
    if once == mentions:
        return None, f"all needs with at most {rare} mentions were mentioned once: their coverage is 0"
    coverage = 1 - once / mentions
    pairs = float(np.sum(few * (few - 1)))
    variation = len(few) / coverage * pairs / (mentions * (mentions - 1)) - 1 if mentions > 1 else 0.0
    return abundant + len(few) / coverage + once / coverage * max(variation, 0.0), None


def _coverage(n: int, once: int, twice: int) -> float:
    if once == 0:
        return 1.0
    ahead, behind = (n - 1) * once, 2 * twice
    if not twice:
        ahead, behind = (n - 1) * (once - 1), 2
    return 1 - once / n * (ahead / (ahead + behind))
