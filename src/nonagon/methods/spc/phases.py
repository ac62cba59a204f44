"""Phases of a control chart: which points belong together and whose limits each of them is held against.

Question: did the process change between before, pilot and after, and which limits count for which points?
Used by: step 7 (every chart), step 9 (before and after).
Source: ISO 7870-2 (estimating limits and using them are two things); D. J. Wheeler, Understanding Variation.
Checked against: charts computed phase by phase on their own (tests/methods/spc/test_phases.py).
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from nonagon.basics.errors import ArgumentError

Ints = NDArray[np.int64]
ONLY = "all"
"""The label of the one phase of a chart without phases."""


@dataclass(frozen=True, slots=True)
class Phase:
    """Points start to stop (counted from 0, stop excluded) under one label; limits come from `source`."""

    label: Hashable
    start: int
    stop: int
    source: int

    @property
    def points(self) -> int:
        """How many points the phase holds."""
        return self.stop - self.start


@dataclass(frozen=True, slots=True)
class PhasePlan:
    """The phases in order. A phase's `source` is the place in `phases` of the one that its limits come from."""

    phases: tuple[Phase, ...]

    def describe(self) -> str:
        """One sentence."""
        parts = ", ".join(
            f"{phase.label} ({phase.points} points, limits of {self.origin(phase).label})" for phase in self.phases
        )
        return f"{len(self.phases)} phases: {parts}; limits of few points are rough."

    @property
    def points(self) -> int:
        """How many points all phases hold."""
        return self.phases[-1].stop

    @property
    def index(self) -> Ints:
        """For each point, the place of its phase in `phases`."""
        if len(self.phases) == 1:
            return np.zeros(self.points, dtype=np.int64)
        return np.repeat(np.arange(len(self.phases)), [phase.points for phase in self.phases])

    @property
    def first(self) -> Ints:
        """For each point, the position of its phase's first point."""
        return np.repeat([phase.start for phase in self.phases], [phase.points for phase in self.phases])

    def origin(self, phase: Phase) -> Phase:
        """The phase whose points give the limits of `phase`."""
        return self.phases[phase.source]


def plan_phases(
    *,
    points: int,
    phases: Sequence[Hashable] | None = None,
    baseline: Hashable | Mapping[Hashable, Hashable] | None = None,
) -> PhasePlan:
    """The phases of `points` points.

    phases: a label a point; the points of a phase must stand together. Without it all points are one phase.
    baseline: None computes each phase's limits from its own points; a label freezes the limits of that phase
    for every phase; a mapping names, for the phases it holds, the phase whose limits they take.
    Raises ArgumentError when the labels are not one a point, a label comes back after another one, or the
    baseline names a phase that does not occur.

    >>> plan = plan_phases(points=4, phases=["before", "before", "after", "after"], baseline="before")
    >>> [(phase.label, phase.start, phase.stop, phase.source) for phase in plan.phases]
    [('before', 0, 2, 0), ('after', 2, 4, 0)]
    """
    if phases is None and baseline is None:
        return _one_phase(points)
    labels = [ONLY] * points if phases is None else list(phases)
    if len(labels) != points:
        raise ArgumentError(f"phases must name one phase a point; got {len(labels)} labels for {points} points")
    starts = [at for at in range(points) if at == 0 or labels[at] != labels[at - 1]]
    order = [labels[at] for at in starts]
    twice = [label for at, label in enumerate(order) if label in order[:at]]
    if twice:
        raise ArgumentError(
            f"the points of a phase must stand together; {twice[0]!r} comes back after another phase: "
            "give the later points a label of their own"
        )
    stops = [*starts[1:], points]
    sources = _sources(order, baseline)
    return PhasePlan(
        tuple(
            Phase(label=label, start=start, stop=stop, source=source)
            for label, start, stop, source in zip(order, starts, stops, sources, strict=True)
        )
    )


@lru_cache(maxsize=64)
def _one_phase(points: int) -> PhasePlan:
    return PhasePlan((Phase(label=ONLY, start=0, stop=points, source=0),))


def _sources(order: list[Hashable], baseline: Hashable | Mapping[Hashable, Hashable] | None) -> list[int]:
    if baseline is None:
        return list(range(len(order)))
    wanted = baseline if isinstance(baseline, Mapping) else dict.fromkeys(order, baseline)
    unknown = [label for pair in wanted.items() for label in pair if label not in order]
    if unknown:
        raise ArgumentError(f"baseline must name phases that occur ({order}); got {unknown[0]!r}")
    return [order.index(wanted.get(label, label)) for label in order]
