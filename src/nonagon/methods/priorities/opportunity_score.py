"""Opportunity score: important and badly served needs first.

Question: where is importance high and satisfaction low?
Used by: step 5.
Source: A. W. Ulwick, Harvard Business Review 80 (1, 2002), 91-97: importance + max(importance - satisfaction, 0).
Checked against: R (tests/reference). The score adds ordinal ratings, so look at its rank, not at its size;
the probability of coming first shows what the sampling error leaves of the order.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nonagon.basics.errors import ArgumentError
from nonagon.methods.checks import Floats, at_least, real_array, same_length


@dataclass(frozen=True, slots=True)
class OpportunityScore:
    """score: of each need, in the order given; order: positions from the best opportunity down, counted from 0
    (equal scores keep the order given). se: standard error of each score and p_first: probability that the
    need has the highest true score; both None without the standard errors of the inputs.
    """

    importance: Floats
    satisfaction: Floats
    score: Floats
    order: NDArray[np.int64]
    se: Floats | None
    p_first: Floats | None

    def describe(self) -> str:
        """One sentence with the best opportunity and its caveat."""
        best = int(self.order[0])
        sure = "how sure that is was not computed, since no standard errors were given"
        if self.p_first is not None:
            sure = f"the chance that it truly comes first is {self.p_first[best]:.0%}"
        return f"Need {best + 1} of {self.score.size} has the highest score ({self.score[best]:.1f}); {sure}."


def opportunity_score(
    *,
    importance: ArrayLike,
    satisfaction: ArrayLike,
    importance_se: ArrayLike | None = None,
    satisfaction_se: ArrayLike | None = None,
    draws: int = 4000,
    seed: int = 0,
) -> OpportunityScore:
    """Importance + max(importance - satisfaction, 0) for each need.

    importance, satisfaction: one mean (or 10 x top-box share) a need, both on the same scale from 0 up;
    usual is 0 to 10. importance_se, satisfaction_se: standard errors, 0 or more, both or none. draws, seed: of the
    simulation that turns them into probabilities.
    Raises ArgumentError for unequal lengths or negative values.

    >>> result = opportunity_score(importance=[9, 5], satisfaction=[4, 8])
    >>> result.score.tolist(), result.order.tolist()
    ([14.0, 5.0], [0, 1])
    """
    wanted = real_array("importance", importance, ndim=1)
    served = real_array("satisfaction", satisfaction, ndim=1)
    same_length(importance=wanted, satisfaction=served)
    at_least("importance", float(wanted.min()), 0)
    at_least("satisfaction", float(served.min()), 0)
    score = _score(wanted, served)
    se = p_first = None
    if (importance_se is None) != (satisfaction_se is None):
        raise ArgumentError("importance_se and satisfaction_se must be given both or neither; got only one")
    if importance_se is not None and satisfaction_se is not None:
        spread = [real_array(name, one, ndim=1) for name, one in
                  (("importance_se", importance_se), ("satisfaction_se", satisfaction_se))]  # fmt: skip
        same_length(importance=wanted, importance_se=spread[0], satisfaction_se=spread[1])
        at_least("standard errors", float(np.min(spread)), 0)
        normal = np.random.default_rng(seed).standard_normal((2, draws, wanted.size))
        simulated = _score(wanted + spread[0] * normal[0], served + spread[1] * normal[1])
        se = simulated.std(axis=0)
        p_first = np.bincount(simulated.argmax(axis=1), minlength=wanted.size) / draws
    return OpportunityScore(
        importance=wanted,
        satisfaction=served,
        score=score,
        order=np.argsort(-np.round(score, 12), kind="stable"),
        se=se,
        p_first=p_first,
    )


def _score(importance: Floats, satisfaction: Floats) -> Floats:
    return importance + np.maximum(importance - satisfaction, 0)
