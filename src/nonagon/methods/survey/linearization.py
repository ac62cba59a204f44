"""How much does a survey's estimate vary: variance under strata, clusters and small populations.

Question: what is the standard error when customers were drawn by stratum or in clusters, or a good part of all
was asked?
Used by: `survey_mean`, `raking`, `post_stratification`; steps 3, 5 and 9 through them.
Source: Taylor linearization with ultimate clusters: W. G. Cochran, Sampling Techniques (1977), chapters 5 and
11; K. M. Wolter, Introduction to Variance Estimation (2007), chapter 6. Adjusted interval: R. M. Bell, D. F.
McCaffrey, Survey Methodology 28 (2002), 169-181 (bias and degrees of freedom under a working model); P. Hall,
JRSS B 54 (1992), 221-228 (skewness).
Checked against: R's package survey (tests/reference); the adjusted interval by dense matrices and by coverage in
simulation (tests/methods/survey/test_coverage_design.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, one_of, real_array

LonelyCluster = Literal["fail", "certainty", "adjust", "average"]
LONELY: tuple[LonelyCluster, ...] = ("fail", "certainty", "adjust", "average")
DesignInterval = Literal["adjusted", "t", "normal"]
DESIGN_INTERVALS: tuple[DesignInterval, ...] = ("adjusted", "t", "normal")
Labels = Sequence[object] | NDArray[np.generic]
# A stratum's own scatter counts with its degrees of freedom, that of all strata together with this many.
SHARED_DEGREES = 1.0


@dataclass(frozen=True, slots=True)
class Design:
    """How respondents were drawn.

    stratum, cluster: whole numbers from 0 on, one a respondent, clusters numbered over all strata; population:
    clusters in the whole stratum, one a stratum, None where it does not matter; weights: one a respondent;
    lonely: what a stratum with one cluster adds.
    """

    stratum: NDArray[np.int64]
    cluster: NDArray[np.int64]
    population: Floats | None
    weights: Floats
    lonely: LonelyCluster

    def describe(self) -> str:
        """One sentence with the caveat."""
        return (
            f"{len(self.weights)} respondents in {self.clusters} clusters of {self.strata} strata; intervals rest "
            f"on {self.degrees} degrees of freedom, however many respondents there are."
        )

    @property
    def strata(self) -> int:
        """How many strata."""
        return int(self.stratum.max()) + 1

    @property
    def clusters(self) -> int:
        """How many clusters (respondents, where none were given)."""
        return int(self.cluster.max()) + 1

    @property
    def degrees(self) -> int:
        """Degrees of freedom: clusters less strata."""
        return self.clusters - self.strata


def design(
    *,
    n: int,
    weights: ArrayLike | None = None,
    stratum: Labels | None = None,
    cluster: Labels | None = None,
    population: ArrayLike | None = None,
    lonely: LonelyCluster = "fail",
) -> Design:
    """A sampling design for n respondents.

    weights: more than 0, one a respondent; None for those that follow from `population`, else equal ones.
    stratum, cluster: labels, one a respondent; clusters count within their stratum. population: one a
    respondent, the same within a
    stratum: how many clusters (respondents without clusters) the stratum has in all, or which fraction of them
    was drawn (all at most 1). lonely: what a stratum with a single cluster adds to the variance: "fail" (an
    error), "certainty" (nothing), "adjust" (its distance from the mean of all) or "average" (as much as the
    others on average).
    Raises ArgumentError for lengths or values that do not fit.

    >>> plan = design(n=4, stratum=["a", "a", "b", "b"], population=[20, 20, 40, 40])
    >>> plan.weights.tolist(), plan.degrees
    ([10.0, 10.0, 20.0, 20.0], 2)
    """
    one_of("lonely", lonely, LONELY)
    in_stratum = _numbered("stratum", stratum, n)
    named = np.arange(n) if cluster is None else _numbered("cluster", cluster, n)
    in_cluster = np.unique(in_stratum * n + named, return_inverse=True)[1].reshape(-1).astype(np.int64)
    size = None if population is None else _population(population, in_stratum, in_cluster)
    if weights is not None:
        given = real_array("weights", weights, ndim=1)
        if given.size != n or np.any(given <= 0):
            raise ArgumentError(
                f"weights must be {n} numbers above 0; got {given.size}, the least {given.min():g}"
            )
    elif size is not None:
        given = (size / _clusters_by_stratum(in_stratum, in_cluster))[in_stratum]
    else:
        given = np.ones(n)
    return Design(stratum=in_stratum, cluster=in_cluster, population=size, weights=given, lonely=lonely)


def variance_of_total(*, scores: ArrayLike, plan: Design) -> float:
    """Variance of the sum of `scores` (linearized values times weight, one a respondent) under a design.

    Raises NotEnoughData for a stratum with a single cluster when plan.lonely is "fail", or with one cluster in
    all.

    >>> plan = design(n=4, stratum=["a", "a", "b", "b"])
    >>> variance_of_total(scores=[1.0, 3.0, 2.0, 2.0], plan=plan)
    4.0
    """
    totals, of_cluster, number, left_out = _cluster_totals(real_array("scores", scores, ndim=1), plan)
    lonely = (number == 1) & (left_out > 1e-12)
    if plan.clusters == 1 and lonely.any():
        raise NotEnoughData("there is one cluster in all: its variance cannot be estimated; draw at least two")
    if lonely.any() and plan.lonely == "fail":
        raise NotEnoughData(
            f"{int(lonely.sum())} stratum or strata have a single cluster; join them to others, or choose what "
            "such a stratum adds "
            "by lonely='certainty', 'adjust' or 'average'"
        )
    means = np.bincount(of_cluster, weights=totals, minlength=plan.strata) / number
    if plan.lonely == "adjust":
        means = np.where(lonely, 0.0, means)
    squares = np.bincount(of_cluster, weights=(totals - means[of_cluster]) ** 2, minlength=plan.strata)
    scale = left_out * np.where(number > 1, number / np.maximum(number - 1, 1), 1.0)
    variance = float((scale * squares).sum())
    if plan.lonely == "average" and lonely.any():
        variance *= plan.strata / float((~lonely).sum())
    return variance


@dataclass(frozen=True, slots=True)
class DesignReach:
    """Ends of an interval around an estimate.

    degrees: of the t distribution, None for the normal one; factor: by what the standard error was multiplied
    for its bias in small samples; skewness: estimated skewness of the estimate's error. factor and skewness are 1
    and 0 but for "adjusted".
    """

    low: float
    high: float
    degrees: float | None
    factor: float
    skewness: float

    def describe(self) -> str:
        """One sentence with the interval and its caveat."""
        rests = "the normal distribution" if self.degrees is None else f"{self.degrees:.1f} degrees of freedom"
        return (
            f"The interval goes from {self.low:.4g} to {self.high:.4g}, by {rests}, if clusters were drawn "
            "independently of each other."
        )


def design_interval(
    *,
    estimate: float,
    se: float,
    residuals: Floats,
    weights: Floats,
    columns: Floats,
    fitted_with: Floats,
    plan: Design,
    confidence: float,
    interval: DesignInterval,
) -> DesignReach:
    """Interval around a weighted mean whose standard error came from residuals of a fit.

    residuals: n, of the answers on `columns` (n x p; a column of ones for a plain mean) by least squares with
    weights `fitted_with`; weights: n final weights; se: root of the variance of their product over the sum of
    weights. interval: "normal"; "t" with clusters less strata degrees of freedom; or "adjusted". That one asks
    what the variance estimate would do where the answers scattered about the fit with one variance a stratum
    (drawn towards a common one), alike within a cluster: by its bias the standard error is multiplied, its
    variance gives the degrees of freedom (fewer for uneven weights), and Hall's transformation turns the interval
    towards the long tail, where strata have 3 clusters or more to show one.
    Raises NotEnoughData where "t" or "adjusted" has no more clusters than strata.

    >>> y = np.array([7.0, 9.0, 4.0, 8.0])
    >>> reach = design_interval(estimate=7.0, se=1.08, residuals=y - 7, weights=np.ones(4),
    ...                         columns=np.ones((4, 1)), fitted_with=np.ones(4), plan=design(n=4),
    ...                         confidence=0.95, interval="adjusted")
    >>> round(reach.degrees, 6), round(reach.factor, 6), reach.skewness < 0
    (3.0, 1.0, True)
    """
    p = (1 + confidence) / 2
    if interval == "normal":
        half = float(special.ndtri(p)) * se
        return DesignReach(low=estimate - half, high=estimate + half, degrees=None, factor=1.0, skewness=0.0)
    if plan.degrees < 1:
        raise NotEnoughData(
            f"interval {interval!r} needs more clusters than strata; got {plan.clusters} in {plan.strata}; use "
            "'normal' with care"
        )
    degrees, factor, skewness = float(plan.degrees), 1.0, 0.0
    share = weights / float(weights.sum())
    if interval == "adjusted" and se > 0:
        degrees, factor = _working_model(residuals, share, columns, fitted_with, plan)
        skewness = _skewness(share * residuals, plan)
    reach = float(special.stdtrit(degrees, p))
    se *= factor
    return DesignReach(
        low=estimate - _hall(reach, skewness) * se,
        high=estimate - _hall(-reach, skewness) * se,
        degrees=degrees,
        factor=factor,
        skewness=skewness,
    )


def _hall(reach: float, skewness: float) -> float:
    """The studentized error at which Hall's cubic transformation, free of skewness, gives `reach`."""
    if abs(skewness) < 1e-6:
        return reach
    return float(3 / skewness * (np.cbrt(1 + skewness * (reach - skewness / 6)) - 1))


def _cluster_totals(scores: Floats, plan: Design) -> tuple[Floats, NDArray[np.int64], Floats, Floats]:
    """Each cluster's sum and stratum; each stratum's number of clusters and share of its clusters left out."""
    totals = np.bincount(plan.cluster, weights=scores, minlength=plan.clusters).astype(np.float64)
    of_cluster = np.zeros(plan.clusters, dtype=np.int64)
    of_cluster[plan.cluster] = plan.stratum
    number = np.bincount(of_cluster, minlength=plan.strata).astype(np.float64)
    left_out = np.ones(plan.strata) if plan.population is None else 1 - number / plan.population
    return totals, of_cluster, number, left_out


def _skewness(scores: Floats, plan: Design) -> float:
    """Skewness of the sum of scores from strata with at least 3 clusters, whose third moments are unbiased."""
    totals, at, number, left_out = _cluster_totals(scores, plan)
    away = totals - (np.bincount(at, weights=totals) / number)[at]
    many = number > 2
    room = np.where(many, (number - 1) * np.maximum(number - 2, 1), 1.0)
    # Of a finite population the third moment shrinks by (1 - f)(1 - 2f) for a share f drawn.
    third = np.where(many, left_out * (2 * left_out - 1) * number**2 / room, 0.0) * np.bincount(
        at, weights=away**3
    )
    second = left_out * number / np.maximum(number - 1, 1) * np.bincount(at, weights=away**2)
    spread = float(second.sum())
    return float(third.sum()) / spread**1.5 if spread > 0 else 0.0


def _working_model(
    residuals: Floats, share: Floats, columns: Floats, fitted_with: Floats, plan: Design
) -> tuple[float, float]:
    """Satterthwaite degrees of freedom of the variance estimate, and true over expected standard error.

    Under the working model the clusters' scores have the covariance diag(own) - U B' - B U' + U S U': own
    variances less what the fit took up (p columns), so that traces need no matrix of clusters by clusters.
    """
    scores, at, number, left_out = _cluster_totals(share * residuals, plan)
    scale = np.where(number > 1, left_out * number / np.maximum(number - 1, 1), 0.0)

    def centred(x: Floats) -> Floats:
        means = np.stack([np.bincount(at, weights=one, minlength=plan.strata) for one in x.T], axis=1)
        return scale[at, None] * (x - (means / number[:, None])[at])

    def by_cluster(x: Floats) -> Floats:
        return np.stack([np.bincount(plan.cluster, weights=one, minlength=plan.clusters) for one in x.T], axis=1)

    size = np.bincount(plan.cluster, weights=share, minlength=plan.clusters).astype(np.float64)
    sigma = _scatter_by_stratum(scores, size, at, number, scale)[at]
    pulled = columns.T @ (fitted_with[:, None] * columns)
    taken = by_cluster((fitted_with[:, None] * columns) @ np.linalg.pinv(pulled, hermitian=True))
    own = sigma * size**2
    u, b = by_cluster(share[:, None] * columns), (sigma * size)[:, None] * taken
    s = (taken * sigma[:, None]).T @ taken
    w = np.hstack([u, b])
    p = columns.shape[1]
    kernel = np.block([[s, -np.eye(p)], [-np.eye(p), np.zeros((p, p))]])
    lifted = centred(w)
    inner = kernel @ (w.T @ lifted)
    diagonal = scale * (1 - 1 / number)
    expected = float((diagonal[at] * own).sum() + np.trace(inner))
    sums = np.bincount(at, weights=own, minlength=plan.strata)
    squares = np.bincount(at, weights=own**2, minlength=plan.strata)
    square = float((scale**2 * (squares * (1 - 2 / number) + (sums / number) ** 2)).sum())
    square += 2 * float(np.trace(kernel @ (lifted.T @ (own[:, None] * lifted)))) + float(np.trace(inner @ inner))
    true = float((np.where(scale > 0, left_out, 0.0)[at] * own).sum())
    # Where the columns tell the clusters apart, the residuals say nothing about the clusters' scatter.
    if expected <= 1e-9 * true or square <= 0:
        return float(plan.degrees), 1.0
    return min(float(plan.degrees), max(1.0, expected**2 / square)), float(np.sqrt(true / expected))


def _scatter_by_stratum(
    scores: Floats, size: Floats, at: NDArray[np.int64], number: Floats, scale: Floats
) -> Floats:
    """Each stratum's variance, of weight one, drawn towards the mean of all; strata with one cluster get that."""
    away = scores - (np.bincount(at, weights=scores) / number)[at]
    several = number > 1
    own = number / np.maximum(number - 1, 1) * np.bincount(at, weights=away**2) / np.bincount(at, weights=size**2)
    counted = several & (scale > 0)
    if not counted.any() or not own[counted].any():
        return np.ones(len(number))
    common = float(own[counted].mean())
    return np.where(
        counted, (SHARED_DEGREES * common + (number - 1) * own) / (SHARED_DEGREES + number - 1), common
    )


def _numbered(name: str, labels: Labels | None, n: int) -> NDArray[np.int64]:
    if labels is None:
        return np.zeros(n, dtype=np.int64)
    if len(labels) != n:
        raise ArgumentError(f"{name} must have one label for each of the {n} respondents; got {len(labels)}")
    return np.unique(np.asarray(labels), return_inverse=True)[1].reshape(-1).astype(np.int64)


def _clusters_by_stratum(stratum: NDArray[np.int64], cluster: NDArray[np.int64]) -> Floats:
    first = np.unique(cluster, return_index=True)[1]
    return np.bincount(stratum[first]).astype(np.float64)


def _population(population: ArrayLike, stratum: NDArray[np.int64], cluster: NDArray[np.int64]) -> Floats:
    given = real_array("population", population, ndim=1)
    if given.size != stratum.size:
        raise ArgumentError(
            f"population must be given for each of the {stratum.size} respondents; got {given.size}"
        )
    strata = int(stratum.max()) + 1
    size = np.zeros(strata)
    size[stratum] = given
    if np.any(given <= 0) or np.any(size[stratum] != given):
        raise ArgumentError("population must be above 0 and the same within a stratum; check the strata's sizes")
    drawn = _clusters_by_stratum(stratum, cluster)
    if np.all(size <= 1):
        size = drawn / size
    if np.any(size < drawn):
        at = int(np.flatnonzero(size < drawn)[0])
        raise ArgumentError(
            f"population must be at least the clusters drawn; stratum {at} (counted from 0) has {size[at]:g} "
            f"for {drawn[at]:g} "
            "(or give the fractions drawn, all at most 1)"
        )
    return size
