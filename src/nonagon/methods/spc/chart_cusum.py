"""Has the level shifted a little, and since when: the chart of cumulative sums.

Question: is there a small, lasting shift, upward or downward, and at which point does it show?
Used by: step 7, step 8 (early warning on process data).
Source: E. S. Page, "Continuous Inspection Schemes", Biometrika 41 (1954), 100-115; J. M. Lucas, R. B. Crosier,
"Fast Initial Response for CUSUM Quality-Control Schemes", Technometrics 24 (1982), 199-205.
Checked against: NIST/SEMATECH e-Handbook 6.3.2.3 and R's qcc 2.7 (tests/reference).
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, at_least, one_of
from nonagon.methods.spc.chart_ewma import Readings, read_readings
from nonagon.methods.spc.control_chart import Bools, Estimated, PhaseLimits, phase_table
from nonagon.methods.spc.phases import Ints, Phase, plan_phases
from nonagon.methods.spc.subgroups import ESTIMATORS, Estimator

BLOCK = 1 << 15
"""Numbers worked on at a time: few enough to stay in the processor's memory."""


@dataclass(frozen=True, slots=True, eq=False)
class CusumChart:
    """Upper and lower cumulative sum in standard errors, (..., points), both at least 0.

    above, below: where c_plus or c_minus is more than h. first_signal: position (counted from 0) of the first
    point with either, -1 where there is none; (...). shift_began: estimate of the last point before the
    shift of that first signal (where the sum last was 0; -1: before the first point, or no signal).
    k: allowance, half the shift to find; h: decision interval; headstart: where the sums begin.
    """

    statistic: Floats
    c_plus: Floats
    c_minus: Floats
    above: Bools
    below: Bools
    first_signal: Ints
    shift_began: Ints
    phases: tuple[PhaseLimits, ...]
    phase_index: Ints
    k: float
    h: float
    headstart: float
    variants: dict[str, str]

    def describe(self) -> str:
        """One sentence with the signal and its caveat."""
        caveat = f"sums against k {self.k:g} and h {self.h:g} standard errors, for independent values"
        if self.first_signal.ndim:
            found = int(np.count_nonzero(self.first_signal >= 0))
            return f"{found} of {self.first_signal.size} CUSUM charts signal a shift ({caveat})."
        if self.first_signal < 0:
            return f"The CUSUM chart signals no shift ({caveat})."
        first, began = int(self.first_signal), int(self.shift_began)
        side = "upward" if self.above[first] else "downward"
        return (
            f"The CUSUM chart signals an {side} shift at point {first + 1}, begun about after point {began + 1} "
            f"({caveat})."
        ).replace("an downward", "a downward")


def chart_cusum(
    *,
    x: ArrayLike | None = None,
    subgroups: ArrayLike | Sequence[Sequence[float]] | None = None,
    sizes: ArrayLike | None = None,
    target: float | None = None,
    sigma: float | None = None,
    k: float = 0.5,
    h: float = 5.0,
    headstart: float = 0.0,
    sigma_estimator: Estimator = "uwave_r",
    phases: Sequence[Hashable] | None = None,
    baseline: Hashable | Mapping[Hashable, Hashable] | None = None,
    restart: bool = True,
    printed_constants: bool = False,
) -> CusumChart:
    """Tabular CUSUM: c_plus[t] = max(0, c_plus[t - 1] + z[t] - k), and c_minus with -z[t].

    x: (points,) or (charts, points), or subgroups as in chart_xbar; z is the point's distance from the target
    in standard errors. target, sigma: as in chart_ewma. k, h: in standard errors, at least 0 and more than 0;
    k 0.5 and h 4 to 5 find a shift of one standard error. headstart: where both sums begin, 0 to h (h / 2 for
    the fast initial response). The sums are not set back after a signal. phases, baseline, restart: as in
    chart_ewma. Assumes independent values of known sigma; with sigma from few points false alarms are more
    frequent than arl_cusum says.
    Raises ArgumentError for values out of range, NotEnoughData where sigma is 0 or cannot be estimated.

    >>> chart = chart_cusum(x=[0.2, 1.8, 2.1, 1.7, 2.4], target=0, sigma=1, h=4)
    >>> chart.c_plus.round(1).tolist(), int(chart.first_signal)
    ([0.0, 1.3, 2.9, 4.1, 6.0], 3)
    """
    k, h = at_least("k", k, 0), at_least("h", h, np.nextafter(0, 1))
    if not 0 <= headstart <= h:
        raise ArgumentError(f"headstart must lie from 0 to h ({h:g}); got {headstart!r}")
    one_of("sigma_estimator", sigma_estimator, ESTIMATORS)
    readings = read_readings(x, subgroups, sizes)
    plan = plan_phases(points=readings.value.shape[-1], phases=phases, baseline=baseline)
    found = {
        at: _estimate(readings, plan.phases[at], target, sigma, sigma_estimator, printed=printed_constants)
        for at in dict.fromkeys(phase.source for phase in plan.phases)
    }
    # One array for all three: numpy asks for large pages for large arrays, and small ones are slow to come by.
    z, c_plus, c_minus = np.empty((3, *readings.value.shape))
    for phase in plan.phases:
        at = np.s_[..., phase.start : phase.stop]
        np.subtract(readings.value[at], found[phase.source].center[..., None], out=z[at])
        z[at] /= found[phase.source].sigma[..., None]
    if readings.groups is not None:
        z *= np.sqrt(readings.size)
    stretches = [(phase.start, phase.stop) for phase in plan.phases] if restart else [(0, plan.points)]
    _fill_sums(z, k, stretches, headstart, c_plus, c_minus)
    above, below = c_plus > h, c_minus > h
    first, began = _first_signal(above, below, c_plus, c_minus)
    return CusumChart(
        statistic=z,
        c_plus=c_plus,
        c_minus=c_minus,
        above=above,
        below=below,
        first_signal=first,
        shift_began=began,
        phases=phase_table(plan, found, z.shape[:-1]),
        phase_index=plan.index,
        k=k,
        h=h,
        headstart=headstart,
        variants={
            "restart": "at each phase" if restart else "runs on",
            "sigma": "given" if sigma is not None else sigma_estimator if readings.groups else "mean moving range",
        },
    )


def _estimate(
    readings: Readings,
    origin: Phase,
    target: float | None,
    sigma: float | None,
    estimator: Estimator,
    *,
    printed: bool,
) -> Estimated:
    found = readings.estimate(origin, target, sigma, estimator, printed=printed)
    if np.any(found.sigma <= 0):
        raise NotEnoughData(
            f"the points of phase {origin.label!r} do not vary: without a standard deviation sums have no "
            "unit; give sigma"
        )
    return found


def _fill_sums(
    z: Floats, k: float, stretches: list[tuple[int, int]], headstart: float, c_plus: Floats, c_minus: Floats
) -> None:
    """Fills c_plus with max(0, previous sum + z - k) along the last axis, and c_minus with the same of -z."""
    charts, c_plus, c_minus = (whole.reshape(-1, z.shape[-1]) for whole in (z, c_plus, c_minus))
    for block in _blocks(charts.shape, BLOCK):
        for start, stop in stretches:
            part = charts[block, start:stop]
            # A sum waits for the one before it; as the two parts of a complex number both walks wait only once.
            walks = np.empty(part.shape, dtype=np.complex128)
            np.subtract(part, k, out=walks.real)
            np.subtract(-k, part, out=walks.imag)
            np.cumsum(walks, axis=-1, out=walks)
            _above_lowest(walks.real, headstart, out=c_plus[block, start:stop])
            _above_lowest(walks.imag, headstart, out=c_minus[block, start:stop])


def _above_lowest(walk: Floats, headstart: float, out: Floats) -> None:
    """How far the walk stands above the lowest point that it has reached, at first -headstart."""
    first = walk[:, 0].copy()
    np.minimum(first, -headstart, out=walk[:, 0])
    lowest = np.minimum.accumulate(walk, axis=-1, out=out)
    walk[:, 0] = first
    np.subtract(walk, lowest, out=out)


def _blocks(shape: tuple[int, ...], numbers: int) -> Iterator[slice]:
    """Slices of (charts, points) that hold about so many numbers each, whole charts."""
    together = max(1, numbers // shape[1])
    return (slice(begin, begin + together) for begin in range(0, shape[0], together))


def _first_signal(above: Bools, below: Bools, c_plus: Floats, c_minus: Floats) -> tuple[Ints, Ints]:
    """Where each chart signals first, and where the sum that did was last at 0; (charts, points) in blocks."""
    shape, points = above.shape[:-1], above.shape[-1]
    above, below = above.reshape(-1, points), below.reshape(-1, points)
    c_plus, c_minus = c_plus.reshape(-1, points), c_minus.reshape(-1, points)
    first, began = np.empty(above.shape[0], dtype=np.int64), np.empty(above.shape[0], dtype=np.int64)
    for block in _blocks(above.shape, 8 * BLOCK):  # mostly of one byte each
        first[block], began[block] = _first_of_block(above[block], below[block], c_plus[block], c_minus[block])
    return first.reshape(shape), began.reshape(shape)


def _first_of_block(above: Bools, below: Bools, c_plus: Floats, c_minus: Floats) -> tuple[Ints, Ints]:
    either = above | below
    place = np.argmax(either, axis=-1)
    charts = np.arange(place.size)
    first = np.where(either[charts, place], place, -1)
    began = np.full(first.shape, -1)
    upward = above[charts, place]
    for sums, signals in ((c_plus, upward), (c_minus, (first >= 0) & ~upward)):
        chosen = np.flatnonzero(signals)
        if chosen.size:
            began[chosen] = _last_before((sums <= 0)[chosen], place[chosen])
    return first, began


def _last_before(rests: Bools, place: Ints) -> Ints:
    """The last point before `place` at which the sum rests at 0; -1 where there is none."""
    points = np.arange(rests.shape[1])
    backward = (rests & (points < place[:, None]))[:, ::-1]
    last = np.argmax(backward, axis=-1)
    return np.where(backward[np.arange(last.size), last], points[-1] - last, -1)
