"""Counting what happens in the last few points: the floor under all run rules.

Question: how many of the last k points had a property, without looking across the edge of a phase?
Used by: nelson_rules, western_electric.
Source: L. S. Nelson, "The Shewhart Control Chart: Tests for Special Causes", Journal of Quality Technology
16 (1984), 237-239.
Checked against: a plain loop over windows (tests/methods/rules).
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, at_points, real_array
from nonagon.methods.spc.control_chart import ROUNDING
from nonagon.methods.spc.phases import Ints, plan_phases

Bools = NDArray[np.bool_]
BLOCK = 1 << 21
"""Points that are worked on at a time; keeps the memory for many charts bounded."""


@dataclass(frozen=True, slots=True, eq=False)
class RunSignals:
    """Which rule is met at which point.

    rules: the names; meanings: what each says; signals: (rules, ..., points): True where the window that
    ends at the point meets the rule. last_point_in_zone: whether the last point of a window had to be one
    of those that lie in the zone.
    """

    rules: tuple[str, ...]
    meanings: tuple[str, ...]
    signals: Bools
    last_point_in_zone: bool

    @property
    def any(self) -> Bools:
        """Whether any rule is met at each point, (..., points)."""
        return np.asarray(self.signals.any(axis=0))

    def rule(self, name: str) -> Bools:
        """Where one rule is met, (..., points)."""
        if name not in self.rules:
            raise ArgumentError(f"name must be one of {', '.join(self.rules)}; got {name!r}")
        return np.asarray(self.signals[self.rules.index(name)])

    def describe(self) -> str:
        """One sentence with what was met and its caveat."""
        counts = {
            f"{name} ({meaning})": int(np.count_nonzero(flags))
            for name, meaning, flags in zip(self.rules, self.meanings, self.signals, strict=True)
        }
        met = [f"{name} at {count} point{'s' * (count != 1)}" for name, count in counts.items() if count]
        found = "; ".join(met) if met else f"none of the {len(self.rules)} rules is met"
        return f"Run rules: {found}. Each rule in use adds false alarms."


@dataclass(frozen=True, slots=True, eq=False)
class Zones:
    """Points in standard errors from their centre, with where their phase began.

    x, z: (charts, points); since: how many points of the same phase come before each point.
    """

    x: Floats
    z: Floats
    since: Ints

    def of_window(self, flags: Bools, hits: int, window: int, *, last: bool = False) -> Bools:
        """Where at least `hits` of the `window` points that end here are flagged (`last`: this one too)."""
        met = (count_in_window(flags, window) >= hits) & (self.since >= window - 1)
        return met & flags if last else met

    def beyond(self, zone: float, hits: int, window: int, *, last: bool = False) -> Bools:
        """The same for points more than `zone` standard errors from the centre, all on one side."""
        up = self.of_window(self.z > zone, hits, window, last=last)
        return up | self.of_window(self.z < -zone, hits, window, last=last)


def count_in_window(flags: Bools, window: int) -> NDArray[np.int32]:
    """How many of the last `window` points (fewer at the start) are flagged, along the last axis.

    >>> count_in_window(np.array([True, False, True, True]), 2)
    array([1, 1, 1, 2], dtype=int32)
    """
    total = np.cumsum(flags, axis=-1, dtype=np.int32)
    counts = total.copy()
    counts[..., window:] -= total[..., :-window]
    return counts


Rule = Callable[[Zones, bool], Bools]


def apply_rules(
    rules: dict[str, tuple[str, Rule]],
    *,
    x: ArrayLike,
    center: ArrayLike,
    sigma: ArrayLike,
    phases: Sequence[Hashable] | None,
    last_point_in_zone: bool,
) -> RunSignals:
    """Every rule at every point; the arguments as in nelson_rules."""
    values = real_array("x", x)
    if values.ndim == 0 or values.shape[-1] == 0:
        raise NotEnoughData("x must hold at least one point; got none")
    level, spread = at_points("center", center, values), at_points("sigma", sigma, values)
    if np.any(spread < 0):
        raise ArgumentError(f"sigma must be at least 0; got {spread.min():g}")
    plan = plan_phases(points=values.shape[-1], phases=phases)
    since = np.arange(plan.points) - plan.first
    points = values.shape[-1]
    flat = (-1, points)
    x_flat, level, spread = values.reshape(flat), level.reshape(flat), spread.reshape(flat)
    signals = np.empty((len(rules), x_flat.shape[0], points), dtype=np.bool_)
    step = max(1, BLOCK // points)
    for start in range(0, x_flat.shape[0], step):
        block = np.s_[start : start + step]
        zones = Zones(x_flat[block], _in_sigmas(x_flat[block], level[block], spread[block]), since)
        for at, (_, rule) in enumerate(rules.values()):
            signals[at, block] = rule(zones, last_point_in_zone)
    return RunSignals(
        rules=tuple(rules),
        meanings=tuple(meaning for meaning, _ in rules.values()),
        signals=signals.reshape((len(rules), *values.shape)),
        last_point_in_zone=last_point_in_zone,
    )


def _in_sigmas(x: Floats, center: Floats, sigma: Floats) -> Floats:
    distance = x - center
    if np.all(sigma > 0):
        return distance / sigma
    # Without any variation every departure from the centre is beyond every zone, and a point on it lies in none:
    # nothing compares with NaN.
    still = sigma == 0
    away = np.abs(distance) > ROUNDING * np.abs(center)
    far = np.where(away, np.sign(distance) * np.finfo(float).max, np.nan)
    return np.where(still, far, distance / np.where(still, 1.0, sigma))
