"""Do two groups of answers differ in their mean: Welch's t test.

Question: is the mean here different from the mean there, when the spreads may differ?
Used by: steps 2, 3 and 9 where single answers are at hand (from sums: `mean_difference`).
Source: B. L. Welch, "The generalization of Student's problem when several different population variances are
involved", Biometrika 34 (1947), 28-35.
Checked against: R's t.test (tests/reference).
"""

from numpy.typing import ArrayLike

from nonagon.methods.survey.mean import MeanDifference, mean_difference, mean_of


def welch_t(*, a: ArrayLike, b: ArrayLike, confidence: float = 0.95) -> MeanDifference:
    """Mean of a minus mean of b with Welch's test and interval; values of the result have shape ().

    a, b: one-dimensional, at least 2 finite numbers each. confidence: a fraction between 0 and 1.
    Assumes independent answers in two independent groups, near normal or many. For ordinal answers consider
    `mann_whitney`; for the same people asked twice, `mean_of` of the differences.
    Raises ArgumentError for a value outside its range, NotEnoughData for fewer than 2 values or no spread at
    all.

    >>> result = welch_t(a=[1, 2, 3, 4], b=[3, 4, 5, 7])
    >>> round(result.t.item(), 3), round(result.p.item(), 3)
    (-2.102, 0.084)
    """
    return mean_difference(
        one=mean_of(values=a, confidence=confidence),
        two=mean_of(values=b, confidence=confidence),
        confidence=confidence,
    )
