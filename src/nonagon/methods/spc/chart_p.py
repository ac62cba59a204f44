"""Is the share of defective units stable: charts of shares and of numbers of defectives.

Question: in which period was the share of late, wrong or refused units more than chance explains?
Used by: step 7, step 8 (shares of complaints, low scores).
Source: ISO 7870-2; Montgomery, Introduction to Statistical Quality Control, section 7.2.
Checked against: R's qcc 2.7 (tests/reference).
"""

from collections.abc import Hashable, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, real_array
from nonagon.methods.spc.control_chart import ControlChart, Estimated, assemble
from nonagon.methods.spc.phases import Phase, plan_phases


def chart_p(
    *,
    defectives: ArrayLike,
    n: ArrayLike,
    phases: Sequence[Hashable] | None = None,
    baseline: Hashable | Mapping[Hashable, Hashable] | None = None,
    center: float | None = None,
    width: float = 3.0,
) -> ControlChart:
    """Chart of the share of defective units, with limits for each sample's size.

    defectives: (points,) or (charts, points), numbers of at least 0. n: sample sizes, one for all or one a
    point, more than 0 and at least as many as the defectives. phases, baseline: see plan_phases. center: a
    known share in place of the phase's own. width: limits in standard errors; limits are cut at 0 and 1.
    Assumes independent units with the same chance of a defect; with large samples that is rarely so, and
    chart_laney_p is the better chart.
    Raises ArgumentError for numbers out of range, NotEnoughData without points.

    >>> chart = chart_p(defectives=[12, 8, 30], n=[100, 80, 100])
    >>> chart.statistic.tolist(), [round(float(limit), 3) for limit in chart.ucl]
    ([0.12, 0.1, 0.3], [0.293, 0.307, 0.293])
    """
    counts, sizes = read_counts("defectives", defectives, n, at_most_size=True)
    plan = plan_phases(points=counts.shape[-1], phases=phases, baseline=baseline)
    return assemble(
        kind="p",
        statistic=counts / sizes,
        plan=plan,
        estimate=lambda phase: _share(counts, sizes, phase, center),
        at_points=lambda level, deviation: (level, deviation / np.sqrt(sizes)),
        bounds=(0.0, 1.0),
        width=width,
        variants={"center": "phase mean" if center is None else "given"},
    )


def chart_np(
    *,
    defectives: ArrayLike,
    n: ArrayLike,
    phases: Sequence[Hashable] | None = None,
    baseline: Hashable | Mapping[Hashable, Hashable] | None = None,
    center: float | None = None,
    width: float = 3.0,
) -> ControlChart:
    """Chart of the number of defective units. Arguments as in chart_p; centre and limits are numbers of units.

    >>> chart = chart_np(defectives=[3, 2, 0, 1, 9], n=40)
    >>> float(chart.center[0]), chart.above.tolist()
    (3.0, [False, False, False, False, True])
    """
    counts, sizes = read_counts("defectives", defectives, n, at_most_size=True)
    plan = plan_phases(points=counts.shape[-1], phases=phases, baseline=baseline)
    return assemble(
        kind="np",
        statistic=counts,
        plan=plan,
        estimate=lambda phase: _share(counts, sizes, phase, center),
        at_points=lambda level, deviation: (level * sizes, deviation * np.sqrt(sizes)),
        bounds=(0.0, sizes),
        width=width,
        variants={"center": "phase mean" if center is None else "given"},
    )


def read_counts(
    name: str, counts: ArrayLike, sizes: ArrayLike, *, at_most_size: bool, size_name: str = "n"
) -> tuple[Floats, Floats]:
    """Counts (..., points) and their sizes, broadcast to the same shape."""
    found = real_array(name, counts)
    if found.ndim == 0 or found.shape[-1] == 0:
        raise NotEnoughData(f"{name} must hold at least one point; got none")
    if np.any(found < 0):
        raise ArgumentError(f"{name} must be at least 0; got {found.min():g}")
    size = real_array(size_name, sizes, least=0)
    if np.any(size <= 0):
        raise ArgumentError(
            f"{size_name} must be more than 0; got {size.min():g}: leave periods without units out"
        )
    try:
        size = np.broadcast_to(size, found.shape)
    except ValueError as error:
        raise ArgumentError(
            f"{size_name} must be one number or one a point, shape {found.shape}; got shape {size.shape}"
        ) from error
    if at_most_size and np.any(found > size):
        at = tuple(int(place) for place in np.argwhere(found > size)[0])
        raise ArgumentError(
            f"{name} must be at most {size_name}; got {found[at]:g} of {size[at]:g} at point {at[-1] + 1}"
        )
    return found, size


def _share(counts: Floats, sizes: Floats, phase: Phase, center: float | None) -> Estimated:
    at = np.s_[..., phase.start : phase.stop]
    share = counts[at].sum(axis=-1) / sizes[at].sum(axis=-1)
    if center is not None:
        if not 0 <= center <= 1:
            raise ArgumentError(f"center must be a share from 0 to 1; got {center!r}")
        share = np.full(counts.shape[:-1], center)
    return Estimated(np.asarray(share), np.sqrt(share * (1 - share)))
