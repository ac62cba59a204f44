"""Weights that make the sample look like the customers: post-stratification to known group sizes.

Question: what are the total and the mean when the true size of each group of customers is known?
Used by: steps 3 and 9.
Source: D. Holt, T. M. F. Smith, "Post Stratification", JRSS A 142 (1979), 33-46; standard error by residuals
from the groups' means.
Checked against: R's package survey, postStratify (tests/reference).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from nonagon.methods.checks import Floats, fraction
from nonagon.methods.survey.linearization import DesignInterval, Labels, LonelyCluster, design, variance_of_total
from nonagon.methods.survey.raking import raking


@dataclass(frozen=True, slots=True)
class PostStratification:
    """Post-stratified weights, with the totals' sum, and total and mean of y under them (None without y)."""

    weights: Floats
    n_effective: float
    total: float | None
    total_se: float | None
    mean: float | None
    mean_se: float | None
    low: float | None
    high: float | None
    confidence: float

    def describe(self) -> str:
        """One sentence with the interval and its caveat."""
        cost = f"Weighted to known group sizes, {self.weights.size} answers count like {self.n_effective:.0f}"
        if self.mean is None or self.low is None or self.high is None:
            return f"{cost}; weights mend only what the groups explain."
        return (
            f"{cost}; the mean is {self.mean:.3g} ({self.confidence:.0%} interval {self.low:.3g} to "
            f"{self.high:.3g}), if within "
            "the groups those who answered are like those who did not."
        )


def post_stratification(
    *,
    group: Labels,
    totals: Mapping[str, float],
    base_weights: ArrayLike | None = None,
    y: ArrayLike | None = None,
    stratum: Labels | None = None,
    cluster: Labels | None = None,
    population: ArrayLike | None = None,
    lonely: LonelyCluster = "fail",
    confidence: float = 0.95,
    interval: DesignInterval = "adjusted",
) -> PostStratification:
    """Weights whose sum in each group is the group's known size.

    group: the label of each respondent; totals: how many customers each group has, above 0, for exactly the
    labels that occur. Other arguments, the assumption and the errors are as in `raking` with one margin; low
    and high enclose the mean.

    >>> result = post_stratification(group=["E", "E", "H"], totals={"E": 40, "H": 10}, y=[6, 8, 3])
    >>> result.weights.tolist(), result.mean
    ([20.0, 20.0, 10.0], 6.2)
    """
    confidence = fraction("confidence", confidence)
    raked = raking(
        variables={"group": group},
        margins={"group": totals},
        base_weights=base_weights,
        y=y,
        confidence=confidence,
        stratum=stratum,
        cluster=cluster,
        population=population,
        lonely=lonely,
        interval=interval,
    )
    total = total_se = None
    if y is not None:
        answers = np.asarray(y, dtype=np.float64)
        plan = design(
            n=answers.size,
            weights=base_weights,
            stratum=stratum,
            cluster=cluster,
            population=population,
            lonely=lonely,
        )
        at = np.unique(np.asarray(group), return_inverse=True)[1].reshape(-1)
        sizes = np.bincount(at, weights=plan.weights)
        means = np.bincount(at, weights=plan.weights * answers) / sizes
        total = float(raked.weights @ answers)
        residuals = raked.weights * (answers - means[at])
        total_se = float(np.sqrt(variance_of_total(scores=residuals, plan=plan)))
    return PostStratification(
        weights=raked.weights,
        n_effective=raked.n_effective,
        total=total,
        total_se=total_se,
        mean=raked.mean,
        mean_se=raked.se,
        low=raked.low,
        high=raked.high,
        confidence=confidence,
    )
