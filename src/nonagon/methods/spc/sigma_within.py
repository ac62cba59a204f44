"""How much does the process vary by itself: its standard deviation from within subgroups.

Question: how far do single values scatter when nothing special happens?
Used by: step 7 (limits of charts, capability).
Source: Montgomery, Introduction to Statistical Quality Control, chapter 6; SAS/QC, methods for estimating
the standard deviation; the names as in R's qcc.
Checked against: R's qcc 2.7 (tests/reference) and hand computation (tests/methods/spc).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from nonagon.methods.checks import Floats, one_of
from nonagon.methods.spc.subgroups import ESTIMATORS, Estimator, read_subgroups, within_sigma

WORDS: dict[Estimator, str] = {
    "uwave_r": "mean of the subgroups' estimates from ranges",
    "uwave_sd": "mean of the subgroups' estimates from standard deviations",
    "mvlue_r": "mean of the estimates from ranges, weighted by their precision",
    "mvlue_sd": "mean of the estimates from standard deviations, weighted by their precision",
    "rmsdf": "root mean square of the standard deviations, weighted by degrees of freedom",
}


@dataclass(frozen=True, slots=True, eq=False)
class SigmaWithin:
    """sigma: one a chart (an array without axes for a single one), in the unit of the values."""

    sigma: Floats
    estimator: Estimator
    subgroups: int
    printed_constants: bool

    def describe(self) -> str:
        """One sentence with the estimate and its caveat."""
        sigma = f"{float(self.sigma):.6g}" if self.sigma.ndim == 0 else f"{np.min(self.sigma):.6g} and more"
        return (
            f"Within {self.subgroups} subgroups the standard deviation is {sigma} ({WORDS[self.estimator]}); "
            "differences between the subgroups are not in it."
        )


def sigma_within(
    *,
    subgroups: ArrayLike | Sequence[Sequence[float]],
    sizes: ArrayLike | None = None,
    estimator: Estimator = "uwave_r",
    printed_constants: bool = False,
) -> SigmaWithin:
    """Standard deviation of single values, free of bias, from within subgroups.

    subgroups: one sequence a subgroup (at least 2 values each; sizes may differ), or an array
    (..., subgroups, values). sizes: with an array, how many of each subgroup's first values count.
    estimator: uwave_r, uwave_sd (plain means of range/d2 or s/c4), mvlue_r, mvlue_sd (the same, weighted by
    precision), rmsdf (pooled variance, corrected by c4). printed_constants: d2 rounded to three decimals as
    in printed tables and R's qcc.
    Assumes normal, independent values within subgroups. Not for values with a trend inside the subgroup.
    Raises NotEnoughData for a subgroup of fewer than 2 values, ArgumentError for other values.

    >>> float(sigma_within(subgroups=[[4, 6], [5, 8, 7], [6, 5]], estimator="uwave_sd").sigma.round(4))
    1.4608
    """
    one_of("estimator", estimator, ESTIMATORS)
    groups = read_subgroups(subgroups, sizes)
    return SigmaWithin(
        sigma=within_sigma(groups, estimator, printed=printed_constants),
        estimator=estimator,
        subgroups=groups.count,
        printed_constants=printed_constants,
    )
