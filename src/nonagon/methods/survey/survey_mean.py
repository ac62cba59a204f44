"""What is the mean score of all customers, when they were drawn by stratum or in clusters, with weights.

Question: what is the mean, and how sure, under the way the sample was drawn?
Used by: steps 3, 5 and 9.
Source: Taylor linearization of a ratio of totals: see `linearization`.
Checked against: R's package survey, svymean (tests/reference).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from nonagon.basics.errors import NotEnoughData
from nonagon.methods.checks import fraction, one_of, real_array
from nonagon.methods.survey.linearization import Labels, LonelyCluster, design, variance_of_total

DesignInterval = Literal["t", "normal"]


@dataclass(frozen=True, slots=True)
class SurveyMean:
    """A weighted mean with the standard error of the design.

    degrees: clusters less strata; n_effective: Kish's effective number of the weights; low, high: the interval
    by Student's t with `degrees`, or by the normal distribution.
    """

    n: int
    clusters: int
    strata: int
    degrees: int
    n_effective: float
    mean: float
    se: float
    low: float
    high: float
    confidence: float
    interval: DesignInterval

    def describe(self) -> str:
        """One sentence with the interval and its caveat."""
        return (
            f"The weighted mean is {self.mean:.3g} from {self.n} answers in {self.clusters} clusters and "
            f"{self.strata} strata; with "
            f"{self.confidence:.0%} confidence it lies between {self.low:.3g} and {self.high:.3g}, if the "
            "design is as stated."
        )


def survey_mean(
    *,
    y: ArrayLike,
    weights: ArrayLike | None = None,
    stratum: Labels | None = None,
    cluster: Labels | None = None,
    population: ArrayLike | None = None,
    lonely: LonelyCluster = "fail",
    confidence: float = 0.95,
    interval: DesignInterval = "t",
) -> SurveyMean:
    """Weighted mean with its standard error under a sampling design.

    y: one answer a respondent. weights, stratum, cluster, population, lonely: as in `linearization.design`;
    without any of them the mean of a simple random sample. interval: "t" with clusters less strata degrees of
    freedom, or "normal" as R's confint does.
    Assumes clusters drawn independently within strata (with replacement, or a small part of the whole where
    population is not given).
    Raises ArgumentError for lengths or values that do not fit, NotEnoughData where clusters are too few.

    >>> result = survey_mean(y=[7, 9, 4, 8], stratum=["a", "a", "b", "b"], weights=[10, 10, 30, 30])
    >>> result.mean, round(result.se, 4)
    (6.5, 1.5207)
    """
    one_of("interval", interval, ("t", "normal"))
    confidence = fraction("confidence", confidence)
    answers = real_array("y", y, ndim=1)
    plan = design(
        n=answers.size, weights=weights, stratum=stratum, cluster=cluster, population=population, lonely=lonely
    )
    total = float(plan.weights.sum())
    centre = float(plan.weights @ answers) / total
    se = float(np.sqrt(variance_of_total(scores=plan.weights * (answers - centre) / total, plan=plan)))
    if interval == "t" and plan.degrees < 1:
        raise NotEnoughData(
            f"interval 't' needs more clusters than strata; got {plan.clusters} in {plan.strata}; use 'normal' "
            "with care"
        )
    p = (1 + confidence) / 2
    reach = float(special.stdtrit(plan.degrees, p) if interval == "t" else special.ndtri(p))
    return SurveyMean(
        n=answers.size,
        clusters=plan.clusters,
        strata=plan.strata,
        degrees=plan.degrees,
        n_effective=total**2 / float(plan.weights @ plan.weights),
        mean=centre,
        se=se,
        low=centre - reach * se,
        high=centre + reach * se,
        confidence=confidence,
        interval=interval,
    )
