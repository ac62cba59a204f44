"""Do the same people rate two things differently: the paired t test, from sums of their differences.

Question: is the mean difference of two answers by the same respondents more than chance? Used by: steps 2 and
3 (us against a competitor, expectation against perception). Source: Student, Biometrika 6 (1908), 1-25;
effective number of weighted answers: L. Kish, Survey Sampling (1965). Checked against: scipy.stats.ttest_rel
in the tests.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from nonagon.basics.errors import NotEnoughData
from nonagon.methods.checks import Floats
from nonagon.methods.survey.mean import Mean, mean


@dataclass(frozen=True, slots=True)
class PairedT:
    """Mean differences with their test: arrays with one value a pair of questions (or of shape ()).

    differences: their mean, interval and effective number; t, df, p: Student's statistic, its degrees of
    freedom, and the two-sided p value.
    """

    differences: Mean
    t: Floats
    df: Floats
    p: Floats

    def describe(self) -> str:
        """One sentence with the interval and its caveat."""
        one = self.differences
        if one.mean.size == 1:
            return (
                f"The same {one.n.item():g} respondents differ by {one.mean.item():+.3g} on average ("
                f"{one.confidence:.0%} interval {one.low.item():+.3g} to {one.high.item():+.3g}, p = "
                f"{self.p.item():.3g}), if they are a random sample."
            )
        shown = int(((one.low > 0) | (one.high < 0)).sum())
        return (
            f"Of {one.mean.size} mean differences {shown} are beyond chance at {one.confidence:.0%} confidence "
            "each; among many some are so by chance: adjust with `multiplicity`."
        )


def paired_t(
    *,
    n: ArrayLike,
    total: ArrayLike,
    total_of_squares: ArrayLike,
    total_of_weights: ArrayLike | None = None,
    total_of_squared_weights: ArrayLike | None = None,
    confidence: float = 0.95,
) -> PairedT:
    """Paired t tests from sums over respondents of their differences, for many questions at once.

    n: respondents who answered both, at least 2; total, total_of_squares: sums of (first - second) and of its
    square, weighted where weights are given. Other arguments, assumptions and errors as in `mean`; besides,
    raises NotEnoughData where all respondents differ by the same.

    >>> result = paired_t(n=8, total=-12, total_of_squares=20)
    >>> round(result.t.item(), 3), round(result.p.item(), 6)
    (-7.937, 9.6e-05)
    """
    differences = mean(
        n=n,
        total=total,
        total_of_squares=total_of_squares,
        total_of_weights=total_of_weights,
        total_of_squared_weights=total_of_squared_weights,
        confidence=confidence,
    )
    if np.any(differences.se == 0):
        where = int(np.flatnonzero(np.ravel(differences.se) == 0)[0])
        raise NotEnoughData(
            f"pair {where} (counted from 0): all respondents differ by the same, so there is no standard "
            "error; show the difference without a test"
        )
    t = differences.mean / differences.se
    df = differences.n_effective - 1
    return PairedT(
        differences=differences,
        t=np.asarray(t),
        df=np.asarray(df),
        p=np.asarray(2 * special.stdtr(df, -np.abs(t))),
    )
