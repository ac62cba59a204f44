"""Does a run chart show a shift: unusually long runs or unusually few crossings of the median.

Question: without any assumption on the distribution, has the level moved?
Used by: step 7, step 8, step 9 (short series, also before limits can be set).
Source: J. Anhøj, A. V. Olesen, "Run Charts Revisited", PLoS ONE 9 (2014), e113825; M. F. Schilling,
Mathematics Magazine 85 (2012) (longest run); Z. Chen, Quality Engineering 22 (2010) (crossings).
Checked against: R's qicharts2 0.8.1 (tests/reference).
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from nonagon.basics.errors import NotEnoughData
from nonagon.methods.checks import Floats, real_array
from nonagon.methods.spc.phases import Ints, PhasePlan, plan_phases

CHANCE = 0.05
"""Share of stable processes whose crossings are allowed to fall below the limit."""


@dataclass(frozen=True, slots=True, eq=False)
class RunChart:
    """One value a phase, (..., phases): see the fields.

    labels: the phases. median: the centre; n_useful: points not on it; longest_run: most points in a row on
    one side, of longest_run_max allowed; crossings: how often the line crosses, of at least crossings_min;
    signal: whether either limit is broken.
    """

    labels: tuple[Hashable, ...]
    median: Floats
    n_useful: Ints
    longest_run: Ints
    longest_run_max: Ints
    crossings: Ints
    crossings_min: Ints
    signal: NDArray[np.bool_]

    def describe(self) -> str:
        """One sentence with the finding and its caveat."""
        if self.median.ndim > 1:
            found = int(np.count_nonzero(self.signal.any(axis=-1)))
            return f"{found} of {self.median.shape[0]} run charts show more than random variation."
        words = [
            f"{label}: longest run {self.longest_run[at]} of at most {self.longest_run_max[at]}, "
            f"{self.crossings[at]} crossings of at least {self.crossings_min[at]}"
            for at, label in enumerate(self.labels)
        ]
        found_words = "shows a shift" if self.signal.any() else "shows no shift"
        return f"The run chart {found_words} ({'; '.join(words)}). About 1 in 20 stable series signals by chance."


def run_chart_anhoej(
    *,
    x: ArrayLike,
    phases: Sequence[Hashable] | None = None,
    baseline: Hashable | Mapping[Hashable, Hashable] | None = None,
) -> RunChart:
    """Anhøj's two rules for a run chart.

    x: (points,) or (charts, points) in order of time. phases, baseline: a label a point and whose median
    counts (see plan_phases). longest_run_max is log2(n) + 3 rounded (halves to even), crossings_min the 5 %
    quantile of the binomial with n - 1 trials and chance 1/2, n the points not on the median.
    Assumes independent values. Below about 10 useful points nothing can be said; the rules then rarely
    signal.
    Raises NotEnoughData without points, ArgumentError for values that are not finite.

    >>> delays = [12, 15, 11, 14, 16, 13, 12, 17, 18, 19, 18, 20, 19, 21, 18, 20, 22, 19, 21, 20]
    >>> chart = run_chart_anhoej(x=delays)
    >>> int(chart.longest_run[0]), int(chart.crossings[0]), bool(chart.signal[0])
    (9, 1, True)
    """
    values = real_array("x", x)
    if values.ndim == 0 or values.shape[-1] == 0:
        raise NotEnoughData("x must hold at least one point; got none")
    plan = plan_phases(points=values.shape[-1], phases=phases, baseline=baseline)
    median = np.stack([_median_for(values, plan, at) for at in range(len(plan.phases))], axis=-1)
    counts = [
        _runs(np.sign(values[..., phase.start : phase.stop] - median[..., at, None]).astype(np.int8))
        for at, phase in enumerate(plan.phases)
    ]
    useful, longest, crossings = (np.stack(column, axis=-1) for column in zip(*counts, strict=True))
    longest_max = np.where(useful > 0, np.round(np.log2(np.maximum(useful, 1))) + 3, 0).astype(np.int64)
    crossings_min = _crossings_min(useful)
    return RunChart(
        labels=tuple(phase.label for phase in plan.phases),
        median=median,
        n_useful=useful,
        longest_run=longest,
        longest_run_max=longest_max,
        crossings=crossings,
        crossings_min=crossings_min,
        signal=(longest > longest_max) | (crossings < crossings_min),
    )


def _median_for(values: Floats, plan: PhasePlan, at: int) -> Floats:
    origin = plan.origin(plan.phases[at])
    return np.asarray(np.median(values[..., origin.start : origin.stop], axis=-1))


def _runs(side: NDArray[np.int8]) -> tuple[Ints, Ints, Ints]:
    """Useful points, longest run and crossings, points on the median left out."""
    useful = side != 0
    place = np.arange(side.shape[-1])
    seen = np.maximum.accumulate(np.where(useful, place, -1), axis=-1)
    before = np.concatenate([np.full((*side.shape[:-1], 1), -1), seen[..., :-1]], axis=-1)
    last_side = np.where(before >= 0, np.take_along_axis(side, np.maximum(before, 0), axis=-1), 0)
    begins = useful & (last_side != side)
    crossings = np.count_nonzero(begins & (before >= 0), axis=-1)
    count = np.cumsum(useful, axis=-1)
    run_start = np.maximum.accumulate(np.where(begins, count - 1, 0), axis=-1)
    return count[..., -1], np.max(count - run_start, axis=-1), crossings


def _crossings_min(useful: Ints) -> Ints:
    different, where = np.unique(useful, return_inverse=True)
    return np.array([_binomial_quantile(max(int(n) - 1, 0)) for n in different])[where].reshape(useful.shape)


def _binomial_quantile(trials: int) -> int:
    """The least number that a fair coin's count of heads stays at or below with a chance of at least 5 %."""
    return int(np.argmax(special.bdtr(np.arange(trials + 1), trials, 0.5) >= CHANCE)) if trials else 0
