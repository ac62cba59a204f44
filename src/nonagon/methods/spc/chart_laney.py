"""Is a share or rate stable when samples are so large that every wobble counts: Laney's p′ and u′ charts.

Question: which periods stand out, once the ordinary variation between periods is allowed for?
Used by: step 7, step 8 (shares and rates over thousands of customers).
Source: D. B. Laney, "Improved Control Charts for Attributes", Quality Engineering 14 (2002), 531-537.
Checked against: Laney's formulas in R (tests/reference).
"""

from collections.abc import Hashable, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from nonagon.basics.errors import NotEnoughData
from nonagon.methods.checks import Floats
from nonagon.methods.spc.chart_imr import D2
from nonagon.methods.spc.chart_p import read_counts
from nonagon.methods.spc.control_chart import ControlChart, Estimated, assemble
from nonagon.methods.spc.phases import Phase, plan_phases
from nonagon.methods.spc.spc_constants import mean_range


def chart_laney_p(
    *,
    defectives: ArrayLike,
    n: ArrayLike,
    phases: Sequence[Hashable] | None = None,
    baseline: Hashable | Mapping[Hashable, Hashable] | None = None,
    width: float = 3.0,
    printed_constants: bool = False,
) -> ControlChart:
    """Chart of shares whose limits are widened by how much the points really scatter.

    defectives, n, phases, baseline, width: as in chart_p; limits need at least 2 points a phase. In the phase
    table, overdispersion is Laney's sigma_z: the mean moving range of the standardized shares / d2; 1 means a
    plain p chart would do, and below 1 the limits become narrower. printed_constants: d2 as 1.128.
    Not for fewer than about 20 points, nor for small samples where the p chart's own limits fit.
    Raises ArgumentError for numbers out of range; NotEnoughData with fewer than 2 points or when all units are
    alike.

    >>> chart = chart_laney_p(defectives=[96, 150, 70, 165], n=[1200, 1350, 1100, 1500])
    >>> round(float(chart.phases[0].overdispersion), 3), chart.beyond.tolist()
    (4.449, [False, False, False, False])
    """
    counts, sizes = read_counts("defectives", defectives, n, at_most_size=True)
    d2 = float(mean_range(2, printed=True)) if printed_constants else D2

    def estimate(phase: Phase) -> Estimated:
        at = np.s_[..., phase.start : phase.stop]
        share = counts[at].sum(axis=-1) / sizes[at].sum(axis=-1)
        return _widened(counts[at] / sizes[at], sizes[at], share, np.sqrt(share * (1 - share)), phase, d2)

    return assemble(
        kind="p′",
        statistic=counts / sizes,
        plan=plan_phases(points=counts.shape[-1], phases=phases, baseline=baseline),
        estimate=estimate,
        at_points=lambda level, deviation: (level, deviation / np.sqrt(sizes)),
        bounds=(0.0, 1.0),
        width=width,
        variants={"sigma_z": "mean moving range / d2", "constants": _words(printed_constants)},
    )


def chart_laney_u(
    *,
    counts: ArrayLike,
    units: ArrayLike,
    phases: Sequence[Hashable] | None = None,
    baseline: Hashable | Mapping[Hashable, Hashable] | None = None,
    width: float = 3.0,
    printed_constants: bool = False,
) -> ControlChart:
    """Chart of rates whose limits are widened by how much the points really scatter.

    counts, units, phases, baseline, width: as in chart_u; the rest as in chart_laney_p.

    >>> chart = chart_laney_u(counts=[310, 450, 290, 520], units=[100, 120, 95, 130])
    >>> round(float(chart.phases[0].overdispersion), 3)
    3.742
    """
    found, sizes = read_counts("counts", counts, units, at_most_size=False, size_name="units")
    d2 = float(mean_range(2, printed=True)) if printed_constants else D2

    def estimate(phase: Phase) -> Estimated:
        at = np.s_[..., phase.start : phase.stop]
        rate = found[at].sum(axis=-1) / sizes[at].sum(axis=-1)
        return _widened(found[at] / sizes[at], sizes[at], rate, np.sqrt(rate), phase, d2)

    return assemble(
        kind="u′",
        statistic=found / sizes,
        plan=plan_phases(points=found.shape[-1], phases=phases, baseline=baseline),
        estimate=estimate,
        at_points=lambda level, deviation: (level, deviation / np.sqrt(sizes)),
        bounds=(0.0, np.inf),
        width=width,
        variants={"sigma_z": "mean moving range / d2", "constants": _words(printed_constants)},
    )


def _widened(values: Floats, sizes: Floats, level: Floats, sigma: Floats, phase: Phase, d2: float) -> Estimated:
    if phase.points < 2:
        raise NotEnoughData(
            f"limits from phase {phase.label!r} need at least 2 points; it has {phase.points}: wait for more, "
            "or freeze another phase's limits with baseline"
        )
    if np.any(sigma <= 0):
        raise NotEnoughData(
            f"in phase {phase.label!r} every count is 0 or every unit is affected: without variation there is "
            "nothing to standardize by; use chart_p or chart_u, or wait for more points"
        )
    z = (values - level[..., None]) / (sigma[..., None] / np.sqrt(sizes))
    spread = np.asarray(np.abs(np.diff(z, axis=-1)).mean(axis=-1) / d2)
    return Estimated(np.asarray(level), np.asarray(sigma * spread), spread)


def _words(printed: bool) -> str:
    return "printed (three decimals)" if printed else "exact"
