"""What every control chart hands back: points, limits for each of them, and the table of phases.

Question: which points does common cause variation not explain?
Used by: step 7, step 9; charts/ draws it; the run rules read it.
Source: W. A. Shewhart, Economic Control of Quality of Manufactured Product (1931); ISO 7870-2.
Checked against: R's qcc 2.7 (tests/reference).
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nonagon.methods.checks import Floats, at_least
from nonagon.methods.spc.phases import Ints, Phase, PhasePlan

Bools = NDArray[np.bool_]
NO_LOWEST, NO_HIGHEST = -np.inf, np.inf
BLOCK = 1 << 14
ROUNDING = 1e-13
"""A point beyond its limit by less than this share of it lies on it: the rest is rounding."""


class Estimated(NamedTuple):
    """What a phase's points give: centre and standard deviation, one a chart or one for all; see PhaseLimits."""

    center: Floats
    sigma: Floats
    overdispersion: Floats | None = None


Estimate = Callable[[Phase], Estimated]
AtPoints = Callable[[Floats, Floats], tuple[Floats, Floats]]
"""From centre and sigma at each point: the plotted statistic's centre and standard error there."""


@dataclass(frozen=True, slots=True, eq=False)
class PhaseLimits:
    """One row of the phase table.

    label: the phase; first, last: its first and last point, counted from 0; limits_from: the phase whose
    points gave center and sigma; frozen: whether that is another phase. center, sigma: one a chart (an
    array without axes for a single chart); sigma is that of a single value, not of the plotted statistic.
    overdispersion: on Laney's charts, how many times the points vary more than binomial or Poisson counts
    would; it is already contained in sigma.
    """

    label: Hashable
    first: int
    last: int
    limits_from: Hashable
    frozen: bool
    center: Floats
    sigma: Floats
    overdispersion: Floats | None = None


class Lines(NamedTuple):
    """What a chart's points are held against, where all points share it a single number or a last axis of one."""

    center: Floats
    lcl: Floats
    ucl: Floats
    standard_error: Floats


@dataclass(frozen=True, slots=True, eq=False)
class ControlChart:
    """A chart, or many charts of equally many points (then the arrays have a leading axis of charts).

    kind: what is plotted. statistic: one a point. lines: centre, limits and standard error, as short as they
    can be said; center, lcl, ucl and standard_error give each of them a point. above, below: whether the point
    lies beyond its limit. plan: which points belong together; estimates: what each phase that gives limits has
    given, by its place in the plan (phases is the table of both). width: how many standard errors the limits
    stand off. places: where the points stand in the input if not all of it is plotted (see positions).
    variants: the choices that programs differ in.
    """

    kind: str
    statistic: Floats
    lines: Lines
    above: Bools
    below: Bools
    plan: PhasePlan
    estimates: Mapping[int, Estimated]
    width: float
    places: Ints | None = None
    variants: dict[str, str] = field(default_factory=dict)

    @property
    def center(self) -> Floats:
        """The statistic's centre, one a point."""
        return _at_every_point(self.lines.center, self.statistic.shape)

    @property
    def lcl(self) -> Floats:
        """The lower limit, one a point."""
        return _at_every_point(self.lines.lcl, self.statistic.shape)

    @property
    def ucl(self) -> Floats:
        """The upper limit, one a point."""
        return _at_every_point(self.lines.ucl, self.statistic.shape)

    @property
    def standard_error(self) -> Floats:
        """Of the plotted statistic under common causes: ucl = center + width * standard_error before bounds."""
        return _at_every_point(self.lines.standard_error, self.statistic.shape)

    @property
    def positions(self) -> Ints:
        """The place of each point in the input, counted from 0."""
        return np.arange(self.statistic.shape[-1]) if self.places is None else self.places

    @property
    def phase_index(self) -> Ints:
        """Each point's row in the phase table."""
        return self.plan.index if self.places is None else self.plan.index[self.places]

    @property
    def phases(self) -> tuple[PhaseLimits, ...]:
        """The phase table: one row a phase."""
        return phase_table(self.plan, self.estimates, self.statistic.shape[:-1])

    @property
    def beyond(self) -> Bools:
        """Whether each point lies above its upper or below its lower limit."""
        return self.above | self.below

    @property
    def charts(self) -> int:
        """How many charts this holds."""
        return int(np.prod(self.statistic.shape[:-1], dtype=np.int64))

    def describe(self) -> str:
        """One sentence with the limits and the caveat."""
        points = self.statistic.shape[-1]
        beyond = int(np.count_nonzero(self.beyond))
        if self.statistic.ndim > 1:
            return (
                f"{self.charts} {self.kind} charts of {points} points: {beyond} points lie beyond their limits; "
                f"with so many charts some do so by chance alone (see false_alarms)."
            )
        parts = "; ".join(self._phase_words(row) for row in self.phases)
        found = "no point lies" if beyond == 0 else f"{beyond} of {points} points lie"
        return (
            f"{self.kind} chart: {found} beyond the limits of {self.width:g} standard errors ({parts}). "
            "A point within them does not prove a stable process."
        )

    def _phase_words(self, row: PhaseLimits) -> str:
        positions = self.positions
        at = slice(int(np.searchsorted(positions, row.first)), int(np.searchsorted(positions, row.last, "right")))
        if at.start == at.stop:
            return f"{row.label}: no points"
        low, high = float(np.min(self.lcl[at])), float(np.max(self.ucl[at]))
        source = f", limits of {row.limits_from}" if row.frozen else ""
        return f"{row.label}: centre {float(row.center):.6g}, limits {low:.6g} to {high:.6g}{source}"


def assemble(
    *,
    kind: str,
    statistic: Floats,
    plan: PhasePlan,
    estimate: Estimate,
    at_points: AtPoints = lambda center, sigma: (center, sigma),
    bounds: tuple[Floats | float, Floats | float] = (NO_LOWEST, NO_HIGHEST),
    limits: AtPoints | None = None,
    width: float = 3.0,
    positions: Ints | None = None,
    variants: dict[str, str] | None = None,
) -> ControlChart:
    """Limits for each point out of each phase's centre and standard deviation.

    statistic: (..., points). estimate: what a phase's points give. at_points: turns centre and sigma (each
    broadcasting over the points) into the statistic's centre and standard error. bounds: the smallest and
    largest value that the statistic can take. limits: lower and upper limit from the statistic's centre and
    standard error, where they are not `width` standard errors off. positions, width, variants: as in ControlChart.
    """
    width = at_least("width", width, 0)
    found = {phase.source: estimate(plan.origin(phase)) for phase in plan.phases}
    center, error = at_points(*_per_point(plan, found, positions))
    lcl, ucl = _symmetric(center, width * error) if limits is None else limits(center, error)
    lcl = lcl if bounds[0] is NO_LOWEST else np.maximum(lcl, bounds[0])
    ucl = ucl if bounds[1] is NO_HIGHEST else np.minimum(ucl, bounds[1])
    return ControlChart(
        kind=kind,
        statistic=statistic,
        lines=Lines(center, lcl, ucl, error),
        above=_beyond(np.greater, statistic, ucl, ROUNDING),
        below=_beyond(np.less, statistic, lcl, -ROUNDING),
        plan=plan,
        estimates=found,
        width=width,
        places=positions,
        variants=variants or {},
    )


def phase_table(
    plan: PhasePlan, found: Mapping[int, Estimated], charts: tuple[int, ...]
) -> tuple[PhaseLimits, ...]:
    """One row a phase. found: what each phase that gives limits has given; charts: the shape of the charts."""
    rows = []
    for phase in plan.phases:
        origin, given = plan.origin(phase), found[phase.source]
        rows.append(
            PhaseLimits(
                label=phase.label,
                first=phase.start,
                last=phase.stop - 1,
                limits_from=origin.label,
                frozen=origin is not phase,
                center=_of_every_chart(given.center, charts),
                sigma=_of_every_chart(given.sigma, charts),
                overdispersion=given.overdispersion,
            )
        )
    return tuple(rows)


def _of_every_chart(value: Floats, charts: tuple[int, ...]) -> Floats:
    value = np.asarray(value)
    return value if value.shape == charts else np.broadcast_to(value, charts)


def _symmetric(center: Floats, half: Floats) -> tuple[Floats, Floats]:
    """Both limits; the upper one where `half` is, when it fits: large new arrays cost more than the sums."""
    lower = center - half
    fits = half.ndim > 0 and half.shape == lower.shape
    return lower, np.add(center, half, out=half) if fits else center + half


def _beyond(compare: np.ufunc, statistic: Floats, limit: Floats, rounding: float) -> Bools:
    """Whether each point lies beyond the limit by more than rounding; some charts at a time, for the cache."""
    if limit.ndim < 2 or limit.shape[-1] == 1:
        return np.asarray(compare(statistic, limit + rounding * abs(limit)))
    limit = np.broadcast_to(limit, statistic.shape)
    result = np.empty(statistic.shape, dtype=np.bool_)
    together = max(1, BLOCK // max(1, statistic[0].size))
    for begin in range(0, statistic.shape[0], together):
        at = np.s_[begin : begin + together]
        compare(statistic[at], limit[at] + rounding * abs(limit[at]), out=result[at])
    return result


def _at_every_point(line: Floats, shape: tuple[int, ...]) -> Floats:
    """The line with a value for each point: views, which take no memory."""
    return line if line.shape == shape else np.broadcast_to(line, shape)


def _per_point(plan: PhasePlan, found: Mapping[int, Estimated], positions: Ints | None) -> tuple[Floats, Floats]:
    """Centre and sigma at each point; where all share one, a last axis of one point, or a number for one chart."""
    if len(plan.phases) == 1:
        return _of_all_points(found[0].center), _of_all_points(found[0].sigma)
    index = plan.index if positions is None else plan.index[positions]
    by_phase = [found[phase.source] for phase in plan.phases]
    center = np.stack([one.center for one in by_phase], axis=-1)
    return center[..., index], np.stack([one.sigma for one in by_phase], axis=-1)[..., index]


def _of_all_points(value: Floats) -> Floats:
    return value[..., None] if value.ndim else value[()]
