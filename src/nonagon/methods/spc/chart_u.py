"""Is the rate of defects stable: charts of defects a unit and of numbers of defects.

Question: in which period were there more complaints, errors or incidents than chance explains?
Used by: step 7, step 8.
Source: ISO 7870-2; Montgomery, Introduction to Statistical Quality Control, section 7.3.
Checked against: R's qcc 2.7 (tests/reference).
"""

from collections.abc import Hashable, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from nonagon.methods.checks import Floats, at_least
from nonagon.methods.spc.chart_p import read_counts
from nonagon.methods.spc.control_chart import ControlChart, Estimated, assemble
from nonagon.methods.spc.phases import Phase, plan_phases


def chart_u(
    *,
    counts: ArrayLike,
    units: ArrayLike,
    phases: Sequence[Hashable] | None = None,
    baseline: Hashable | Mapping[Hashable, Hashable] | None = None,
    center: float | None = None,
    width: float = 3.0,
) -> ControlChart:
    """Chart of defects a unit, with limits for each point's number of units.

    counts: (points,) or (charts, points), numbers of at least 0. units: area of opportunity (units, customers,
    days), one for all or one a point, more than 0. phases, baseline: see plan_phases. center: a known rate in
    place of the phase's own. width: limits in standard errors; the lower one is cut at 0.
    Assumes independent defects at a constant rate; where points scatter more, see chart_laney_u.
    Raises ArgumentError for numbers out of range, NotEnoughData without points.

    >>> chart = chart_u(counts=[10, 12, 8, 14], units=5)
    >>> float(chart.center[0]), round(float(chart.ucl[0]), 3)
    (2.2, 4.19)
    """
    found, sizes = read_counts("counts", counts, units, at_most_size=False, size_name="units")
    plan = plan_phases(points=found.shape[-1], phases=phases, baseline=baseline)
    return assemble(
        kind="u",
        statistic=found / sizes,
        plan=plan,
        estimate=lambda phase: _rate(found, sizes, phase, center),
        at_points=lambda level, deviation: (level, deviation / np.sqrt(sizes)),
        bounds=(0.0, np.inf),
        width=width,
        variants={"center": "phase mean" if center is None else "given"},
    )


def chart_c(
    *,
    counts: ArrayLike,
    phases: Sequence[Hashable] | None = None,
    baseline: Hashable | Mapping[Hashable, Hashable] | None = None,
    center: float | None = None,
    width: float = 3.0,
) -> ControlChart:
    """Chart of numbers of defects in equal areas of opportunity. Arguments as in chart_u.

    >>> chart = chart_c(counts=[21, 24, 16, 12, 39])
    >>> float(chart.center[0]), chart.above.tolist()
    (22.4, [False, False, False, False, True])
    """
    found, sizes = read_counts("counts", counts, 1.0, at_most_size=False, size_name="units")
    return assemble(
        kind="c",
        statistic=found,
        plan=plan_phases(points=found.shape[-1], phases=phases, baseline=baseline),
        estimate=lambda phase: _rate(found, sizes, phase, center),
        bounds=(0.0, np.inf),
        width=width,
        variants={"center": "phase mean" if center is None else "given"},
    )


def _rate(counts: Floats, sizes: Floats, phase: Phase, center: float | None) -> Estimated:
    at = np.s_[..., phase.start : phase.stop]
    rate = counts[at].sum(axis=-1) / sizes[at].sum(axis=-1)
    if center is not None:
        rate = np.full(counts.shape[:-1], at_least("center", center, 0))
    return Estimated(np.asarray(rate), np.sqrt(rate))
