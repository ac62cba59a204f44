"""Whether stated chances of being the lowest come true: on average, by bins, at one scatter and over many.

Sets are drawn from the model (normal truths, normal errors); chances come from `posterior`, as in
`rank_confidence` (the last test ties the two). What a given scatter states is exact but for chance; all else
comes from not knowing it.
"""

from dataclasses import dataclass

import numpy as np
import pytest

from nonagon.basics.errors import ArgumentError
from nonagon.methods.checks import Floats
from nonagon.methods.ranks.rank_confidence import rank_confidence
from nonagon.methods.ranks.shrinkage import posterior

BINS = np.array([0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9])


@dataclass(frozen=True)
class Stated:
    """Chances of each group in each set, and which group was the lowest, by truth and as observed."""

    chance: Floats
    truly: np.ndarray
    observed: np.ndarray

    def excess(self) -> float:
        """Mean stated chance of the observed lowest, less how often it was the lowest."""
        sets = np.arange(len(self.truly))
        return float(self.chance[sets, self.observed].mean() - np.mean(self.truly == self.observed))

    def excess_by_bin(self) -> tuple[Floats, Floats]:
        """Per bin of stated chances (all groups): mean stated less share true, and the standard error of that."""
        hit = np.zeros(self.chance.shape)
        hit[np.arange(len(self.truly)), self.truly] = 1
        at = np.searchsorted(BINS, self.chance).ravel()
        number = np.maximum(np.bincount(at, minlength=len(BINS) + 1), 1)
        stated = np.bincount(at, self.chance.ravel(), minlength=len(BINS) + 1) / number
        true = np.bincount(at, hit.ravel(), minlength=len(BINS) + 1) / number
        return stated - true, np.sqrt(np.maximum(stated * (1 - stated), 1e-4) / number)


def simulate(k: int, scatter: float | None, sets: int, unequal: bool = False, known: bool = False) -> Stated:
    """Sets of k groups. scatter: in standard errors; None for one drawn evenly from 0 to 4 for each set."""
    random = np.random.default_rng(k)
    chance, truly, observed = np.empty((sets, k)), np.empty(sets, dtype=int), np.empty(sets, dtype=int)
    for i in range(sets):
        # Unequal: from 10 to 400 answers a group, with a mean variance of 1.
        variance = 1 / random.uniform(10, 400, k) if unequal else np.ones(k)
        variance /= variance.mean()
        wide = random.uniform(0, 4) if scatter is None else scatter
        truth = random.normal(0, wide, k)
        estimate = truth + random.standard_normal(k) * np.sqrt(variance)
        drawn = posterior(
            estimate=estimate, variance=variance, axes=None, draws=400, seed=i, scatter=wide if known else None
        ).draws
        chance[i] = np.bincount(drawn.argmin(axis=1), minlength=k) / len(drawn)
        truly[i], observed[i] = truth.argmin(), estimate.argmin()
    return Stated(chance, truly, observed)


def check(found: Stated, allowed: float) -> None:
    """Average within `allowed`, bins within that and three standard errors of their share."""
    assert abs(found.excess()) <= allowed
    away, error = found.excess_by_bin()
    assert np.all(np.abs(away) <= allowed + 3 * error)


@pytest.mark.slow
@pytest.mark.parametrize("unequal", [False, True])
@pytest.mark.parametrize("k", [5, 10, 30])
def test_chances_come_true_over_many_scatters(k: int, unequal: bool) -> None:
    check(simulate(k, None, 8000, unequal), 0.02)


@pytest.mark.slow
@pytest.mark.parametrize("scatter", [0.25, 0.5, 1.0, 1.2, 2.0, 4.0])
@pytest.mark.parametrize("k", [5, 10, 30])
def test_chances_come_true_at_a_scatter_that_is_known(k: int, scatter: float) -> None:
    check(simulate(k, scatter, 4000, unequal=k == 10, known=True), 0.02)


# What the docstring states for a scatter that is not known: mean stated chance less how often it came true.
STATED = {0.25: (0.13, 0.09, 0.04), 0.5: (0.06, 0.02, 0.0), 1.0: (-0.02, -0.03, -0.02), 2.0: (-0.03, -0.01, -0.01)}


@pytest.mark.slow
@pytest.mark.parametrize("scatter", STATED)
@pytest.mark.parametrize("k", [5, 10, 30])
def test_error_at_one_unknown_scatter_is_as_stated(k: int, scatter: float) -> None:
    # Against the chances of the same sets with the scatter given, which are exact: far less noise than counting.
    unknown, known = simulate(k, scatter, 4000), simulate(k, scatter, 4000, known=True)
    sets = np.arange(4000)
    excess = (unknown.chance - known.chance)[sets, unknown.observed].mean()
    assert excess == pytest.approx(STATED[scatter][(5, 10, 30).index(k)], abs=0.015)


def test_chances_come_true_small() -> None:
    found = simulate(10, None, 300)
    # Two and a half standard errors of a share from 300 sets.
    assert abs(found.excess()) <= 0.07
    away, error = found.excess_by_bin()
    assert np.all(np.abs(away) <= 0.02 + 4 * error)


def test_one_very_uncertain_group_does_not_blur_the_scatter_of_the_others() -> None:
    """Its error sets how far scatters are tried; the others' scatter, well known, must still be met."""
    random = np.random.default_rng(5)
    truth = random.normal(0, 0.3, 200)
    variance = np.full(200, 0.05**2)
    variance[0] = 40.0**2
    estimate = truth + random.standard_normal(200) * np.sqrt(variance)
    found = posterior(estimate=estimate, variance=variance, axes=None, draws=1000, seed=1)
    assert found.scatter == pytest.approx(np.std(truth[1:]), rel=0.15)


def test_given_scatter_reaches_the_chances() -> None:
    estimate, se = [1.0, 1.5, 2.0, 4.0], [0.5] * 4
    near, far = (rank_confidence(estimate=estimate, se=se, scatter=tau) for tau in (0.1, 10.0))
    assert near.chance_lowest[0] < 0.4 < far.chance_lowest[0]
    # Nearly no shrinking: as with the flat prior.
    flat = rank_confidence(estimate=estimate, se=se, prior="flat")
    assert far.chance_lowest == pytest.approx(flat.chance_lowest, abs=0.02)
    with pytest.raises(ArgumentError, match="scatter must be above 0"):
        rank_confidence(estimate=estimate, se=se, scatter=0)
    with pytest.raises(ArgumentError, match="scatter must be above 0"):
        rank_confidence(estimate=estimate, se=se, scatter=1, prior="flat")


def test_rank_confidence_states_what_the_posterior_says() -> None:
    estimate, se = np.array([1.0, 1.5, 2.0, 4.0]), np.full(4, 0.5)
    drawn = posterior(estimate=estimate, variance=se**2, axes=None, draws=10_000, seed=0).draws
    stated = rank_confidence(estimate=estimate, se=se).chance_lowest
    assert stated == pytest.approx(np.bincount(drawn.argmin(axis=1), minlength=4) / 10_000)
