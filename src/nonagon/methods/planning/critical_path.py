"""Critical path: when each activity can start, and which ones must not slip.

Question: how long does the plan take, and which activities delay it if they are late?
Used by: step 6.
Source: J. E. Kelley, M. R. Walker, Proceedings of the Eastern Joint Computer Conference, 1959, 160-173;
D. G. Malcolm et al., Operations Research 7 (1959), 646-669 (three-point durations); R. M. Van Slyke,
Operations Research 11 (1963), 839-860 (criticality by simulation).
Checked against: hand-worked networks and exhaustive search over paths in the tests. Times are in days from the
start of the plan at 0; an activity of duration d that starts at s is finished at s + d.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

import numpy as np
from numpy.typing import NDArray

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, at_least, fraction, real_array


@dataclass(frozen=True, slots=True)
class Activity:
    """When one activity runs: earliest and latest start and finish in days from the start of the plan.

    slack: days it may be late without delaying the plan; free_slack: without delaying any other activity.
    """

    duration: float
    predecessors: tuple[str, ...]
    earliest_start: float
    earliest_finish: float
    latest_start: float
    latest_finish: float
    slack: float
    free_slack: float
    critical: bool


@dataclass(frozen=True, slots=True)
class CriticalPath:
    """The schedule of all activities, in an order in which they can be done.

    finish: days the plan takes. path: one longest chain of critical activities, first to last. critical: every
    activity without slack.
    """

    activities: dict[str, Activity]
    finish: float
    path: tuple[str, ...]
    critical: tuple[str, ...]

    def describe(self) -> str:
        """One sentence with the length, the path and the caveat."""
        return (
            f"The plan takes {self.finish:g} days, set by {' → '.join(self.path)}; this takes each duration as "
            "certain and assumes that people are free when their activity can start."
        )


def critical_path(
    *, durations: Mapping[str, float], predecessors: Mapping[str, Iterable[str]] | None = None
) -> CriticalPath:
    """Earliest and latest times, slack and the critical path.

    durations: days of each activity, 0 or more, by a distinct name. predecessors: for each activity the names
    of those that must be finished before it starts; activities without any may be left out.
    Not for plans whose people are scarce: it does not level resources.
    Raises ArgumentError for an unknown predecessor or a cycle (naming its activities), NotEnoughData without
    activities.

    >>> plan = critical_path(durations={"train": 5, "buy": 3, "open": 2}, predecessors={"open": ["train", "buy"]})
    >>> plan.finish, plan.path, plan.activities["buy"].slack
    (7.0, ('train', 'open'), 2.0)
    """
    days = {str(name): at_least(f"durations[{name}]", value, 0) for name, value in durations.items()}
    before = _predecessors(days, predecessors)
    order = _topological_order(before)
    after: dict[str, list[str]] = {name: [] for name in days}
    for name, earlier in before.items():
        for one in earlier:
            after[one].append(name)
    start: dict[str, float] = {}
    for name in order:
        start[name] = max((start[one] + days[one] for one in before[name]), default=0.0)
    finish = max(start[name] + days[name] for name in order)
    latest: dict[str, float] = {}
    for name in reversed(order):
        latest[name] = min((latest[one] for one in after[name]), default=finish) - days[name]
    # Sums of decimals such as 0.1 must not make a critical activity look free.
    tolerance = 1e-9 * max(1.0, finish)
    activities = {}
    for name in order:
        end = start[name] + days[name]
        slack = latest[name] - start[name]
        activities[name] = Activity(
            duration=days[name],
            predecessors=before[name],
            earliest_start=start[name],
            earliest_finish=end,
            latest_start=latest[name],
            latest_finish=latest[name] + days[name],
            slack=slack if slack > tolerance else 0.0,
            free_slack=max(0.0, min((start[one] for one in after[name]), default=finish) - end),
            critical=slack <= tolerance,
        )
    return CriticalPath(
        activities=activities,
        finish=finish,
        path=_longest_chain(activities, finish, tolerance),
        critical=tuple(name for name in order if activities[name].critical),
    )


@dataclass(frozen=True, slots=True)
class ScheduleRisk:
    """The length of the plan when durations are uncertain.

    mean, median, low, high: days to finish, low and high enclosing `confidence` of the simulated plans.
    p_critical: how often each activity was critical. p_on_time: share of plans finished by `deadline`, None
    without one. planned: the length with each duration at its most likely value.
    """

    planned: float
    mean: float
    median: float
    low: float
    high: float
    p_critical: dict[str, float]
    deadline: float | None
    p_on_time: float | None
    confidence: float
    draws: int
    seed: int

    def describe(self) -> str:
        """One sentence with the interval and its caveat."""
        on_time = ""
        if self.p_on_time is not None:
            on_time = f" and is done by day {self.deadline:g} with probability {self.p_on_time:.0%}"
        return (
            f"The plan takes {self.low:.0f} to {self.high:.0f} days ({self.confidence:.0%} of simulated plans; "
            f"{self.planned:g} as planned){on_time}, if the stated ranges are right and delays do not go together."
        )


def schedule_risk(
    *,
    low: Mapping[str, float],
    likely: Mapping[str, float],
    high: Mapping[str, float],
    predecessors: Mapping[str, Iterable[str]] | None = None,
    deadline: float | None = None,
    confidence: float = 0.9,
    draws: int = 4000,
    seed: int = 0,
) -> ScheduleRisk:
    """How long the plan takes when each duration is known only as a range.

    low, likely, high: days of each activity by name, low <= likely <= high; a duration is drawn from the beta
    distribution of the program evaluation and review technique (mean (low + 4 likely + high) / 6).
    predecessors: as for `critical_path`. deadline: days from the start, to get the chance of meeting it.
    Raises ArgumentError where names differ or a range is not in order.

    >>> risk = schedule_risk(low={"a": 2}, likely={"a": 3}, high={"a": 8}, deadline=5)
    >>> 2 <= risk.low <= risk.median <= risk.high <= 8
    True
    """
    plan = critical_path(durations=likely, predecessors=predecessors)
    names = list(plan.activities)
    ranges = _ranges(names, low, likely, high)
    durations = _draw_durations(ranges, draws, seed)
    index = {name: position for position, name in enumerate(names)}
    before = [[index[one] for one in plan.activities[name].predecessors] for name in names]
    total, critical = _simulate(durations, before)
    confidence = fraction("confidence", confidence)
    edges = np.quantile(total, [(1 - confidence) / 2, 0.5, (1 + confidence) / 2])
    return ScheduleRisk(
        planned=plan.finish,
        mean=float(total.mean()),
        median=float(edges[1]),
        low=float(edges[0]),
        high=float(edges[2]),
        p_critical=dict(zip(names, critical.mean(axis=1).tolist(), strict=True)),
        deadline=deadline,
        p_on_time=None if deadline is None else float(np.mean(total <= deadline)),
        confidence=confidence,
        draws=draws,
        seed=seed,
    )


def find_cycle(predecessors: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """The names along one cycle, in the order in which they wait for each other; empty without a cycle.

    >>> find_cycle({"a": ["b"], "b": ["a"]})
    ('a', 'b', 'a')
    """
    try:
        TopologicalSorter({name: list(earlier) for name, earlier in predecessors.items()}).prepare()
    except CycleError as error:
        # The library lists each activity before the one that waits for it; we name who waits first.
        return tuple(str(name) for name in reversed(error.args[1]))
    return ()


def _predecessors(
    days: Mapping[str, float], predecessors: Mapping[str, Iterable[str]] | None
) -> dict[str, tuple[str, ...]]:
    if not days:
        raise NotEnoughData("durations is empty: a plan needs at least one activity")
    before = {str(name): tuple(dict.fromkeys(map(str, one))) for name, one in (predecessors or {}).items()}
    for name, earlier in before.items():
        for one in (name, *earlier):
            if one not in days:
                raise ArgumentError(
                    f"predecessors[{name}] names {one!r}, which is no activity; known are {', '.join(days)}"
                )
    return {name: before.get(name, ()) for name in days}


def _topological_order(before: Mapping[str, tuple[str, ...]]) -> list[str]:
    cycle = find_cycle(before)
    if cycle:
        raise ArgumentError(
            f"activities wait for each other in a circle: {' waits for '.join(cycle)}; "
            "take one of these predecessors out"
        )
    return list(TopologicalSorter(before).static_order())


def _longest_chain(activities: Mapping[str, Activity], finish: float, tolerance: float) -> tuple[str, ...]:
    def ends_at(name: str, moment: float) -> bool:
        one = activities[name]
        return one.critical and abs(one.earliest_finish - moment) <= tolerance

    name = next(one for one in activities if ends_at(one, finish))
    chain = [name]
    while activities[name].predecessors:
        start = activities[name].earliest_start
        name = next(one for one in activities[name].predecessors if ends_at(one, start))
        chain.append(name)
    return tuple(reversed(chain))


def _ranges(
    names: list[str], low: Mapping[str, float], likely: Mapping[str, float], high: Mapping[str, float]
) -> Floats:
    for label, values in (("low", low), ("high", high)):
        if set(map(str, values)) != set(names):
            odd = ", ".join(sorted(set(map(str, values)) ^ set(names)))
            raise ArgumentError(f"{label} must name the same activities as likely; they differ in {odd}")
    ranges = np.array([real_array("durations", [one[name] for name in names]) for one in (low, likely, high)])
    wrong = np.flatnonzero((np.diff(ranges, axis=0) < 0).any(axis=0) | (ranges[0] < 0))
    if wrong.size:
        least, most, greatest = ranges[:, wrong[0]]
        raise ArgumentError(
            f"{names[wrong[0]]}: days must satisfy 0 <= low <= likely <= high; "
            f"got {least:g}, {most:g}, {greatest:g}"
        )
    return ranges


def _draw_durations(ranges: Floats, draws: int, seed: int) -> Floats:
    """Durations, activities x draws, from beta distributions on [low, high] with mode `likely`."""
    if draws < 100:
        raise ArgumentError(f"draws must be at least 100; got {draws!r}")
    low, likely, high = ranges[:, :, None]
    width = high - low
    place = np.divide(likely - low, width, out=np.full_like(low, 0.5), where=width > 0)
    shape = (low.shape[0], draws)
    beta = np.random.default_rng(seed).beta(
        np.broadcast_to(1 + 4 * place, shape), np.broadcast_to(5 - 4 * place, shape)
    )
    durations: Floats = low + width * beta
    return durations


def _simulate(durations: Floats, before: list[list[int]]) -> tuple[Floats, NDArray[np.bool_]]:
    """Finish of each simulated plan, and which activities were critical in it (activities x draws)."""
    start = np.zeros_like(durations)
    for index, earlier in enumerate(before):
        for one in earlier:
            start[index] = np.maximum(start[index], start[one] + durations[one])
    total: Floats = (start + durations).max(axis=0)
    latest = np.broadcast_to(total, durations.shape) - durations
    for index in reversed(range(len(before))):
        for one in before[index]:
            latest[one] = np.minimum(latest[one], latest[index] - durations[one])
    return total, latest - start <= 1e-9 * np.maximum(total, 1)
