"""How much does a survey's estimate vary: variance under strata, clusters and small populations.

Question: what is the standard error when customers were drawn by stratum or in clusters, or a good part of all
was asked?
Used by: `survey_mean`, `raking`, `post_stratification`; steps 3, 5 and 9 through them.
Source: Taylor linearization with ultimate clusters: W. G. Cochran, Sampling Techniques (1977), chapters 5 and
11; K. M. Wolter, Introduction to Variance Estimation (2007), chapter 6.
Checked against: R's package survey (tests/reference).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, one_of, real_array

LonelyCluster = Literal["fail", "certainty", "adjust", "average"]
LONELY: tuple[LonelyCluster, ...] = ("fail", "certainty", "adjust", "average")
Labels = Sequence[object] | NDArray[np.generic]


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
    values = real_array("scores", scores, ndim=1)
    totals = np.bincount(plan.cluster, weights=values, minlength=plan.clusters)
    of_cluster = np.zeros(plan.clusters, dtype=np.int64)
    of_cluster[plan.cluster] = plan.stratum
    number = np.bincount(of_cluster, minlength=plan.strata).astype(np.float64)
    left_out = np.ones(plan.strata) if plan.population is None else 1 - number / plan.population
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
