"""What is the mean score of all customers, when they were drawn by stratum or in clusters, with weights.

Question: what is the mean, and how sure, under the way the sample was drawn?
Used by: steps 3, 5 and 9.
Source: Taylor linearization of a ratio of totals: see `linearization`.
Checked against: R's package survey, svymean (tests/reference); coverage by simulation.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from nonagon.methods.checks import fraction, one_of, real_array
from nonagon.methods.survey.linearization import (
    DESIGN_INTERVALS,
    DesignInterval,
    Labels,
    LonelyCluster,
    design,
    design_interval,
    variance_of_total,
)


@dataclass(frozen=True, slots=True)
class SurveyMean:
    """A weighted mean with the standard error of the design.

    degrees: clusters less strata; n_effective: Kish's effective number of the weights; low, high: as `interval`
    says; interval_degrees: degrees of freedom that the interval used, None for the normal one.
    """

    n: int
    clusters: int
    strata: int
    degrees: int
    interval_degrees: float | None
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
    interval: DesignInterval = "adjusted",
) -> SurveyMean:
    """Weighted mean with its standard error under a sampling design.

    y: one answer a respondent. weights, stratum, cluster, population, lonely: as in `linearization.design`;
    without any of them the mean of a simple random sample. interval: "adjusted" for small samples, uneven
    weights and skewed answers (see `linearization.design_interval`); "t" with clusters less strata degrees of
    freedom, as R's confint with df = degf does; or "normal" as R's confint does.
    Coverage of 95 % intervals in simulation (answers of 1 to 5, three quarters of them 5; uneven weights; 10 or
    more clusters, or 20 or more persons): "adjusted" 93.5 to 97 %, but 92 to 93 % with two clusters a stratum
    in few strata, which show no skewness; "t" 90 to 93 %, and 86 to 89 % where weights differ between strata as
    well. Assumes clusters drawn independently within strata (with replacement, or a small part of the whole where
    population is not given).
    Raises ArgumentError for lengths or values that do not fit, NotEnoughData where clusters are too few.

    >>> result = survey_mean(y=[7, 9, 4, 8], stratum=["a", "a", "b", "b"], weights=[10, 10, 30, 30])
    >>> result.mean, round(result.se, 4)
    (6.5, 1.5207)
    """
    one_of("interval", interval, DESIGN_INTERVALS)
    confidence = fraction("confidence", confidence)
    answers = real_array("y", y, ndim=1)
    plan = design(
        n=answers.size, weights=weights, stratum=stratum, cluster=cluster, population=population, lonely=lonely
    )
    total = float(plan.weights.sum())
    centre = float(plan.weights @ answers) / total
    se = float(np.sqrt(variance_of_total(scores=plan.weights * (answers - centre) / total, plan=plan)))
    reach = design_interval(
        estimate=centre,
        se=se,
        residuals=answers - centre,
        weights=plan.weights,
        columns=np.ones((answers.size, 1)),
        fitted_with=plan.weights,
        plan=plan,
        confidence=confidence,
        interval=interval,
    )
    return SurveyMean(
        n=answers.size,
        clusters=plan.clusters,
        strata=plan.strata,
        degrees=plan.degrees,
        interval_degrees=reach.degrees,
        n_effective=total**2 / float(plan.weights @ plan.weights),
        mean=centre,
        se=se,
        low=reach.low,
        high=reach.high,
        confidence=confidence,
        interval=interval,
    )
