"""Cash-limited sequencing: which activities, in which order, so that the cash never runs out.

Question: with little money and uncertain benefits, what do we start when?
Used by: step 6 (headline 14).
Source: A. A. B. Pritsker, L. J. Waiters, P. M. Wolfe, Management Science 16 (1969), 93-108 (time-indexed
integer program of scheduling); the source text, step 6 (an organization must not spend more than it can
pay). Solved by HiGHS through scipy.
Checked against: exhaustive search over all start months of small cases, and against starting by benefit
over cost, which it never falls behind (tests).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, sparse, special

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, at_least, discount_rate, fraction, real_array
from nonagon.methods.planning.critical_path import find_cycle


@dataclass(frozen=True, slots=True)
class Step:
    """One activity and what it costs and brings.

    cost: over the whole activity, spread evenly over its months, 0 or more. months: how long it takes, 1 or
    more. benefit: expected benefit a month, from the month after it is finished; benefit_se: its standard
    error.
    """

    cost: float
    months: int
    benefit: float
    benefit_se: float = 0.0


@dataclass(frozen=True, slots=True)
class SequencePlan:
    """A plan of starts; months are counted from 0.

    start: month in which each chosen activity starts, earliest first. left_out: why each other activity is
    not started. value: expected net present value over the horizon. bound: no plan can be worth more; gap:
    (bound - value) / |value|; optimal: proven best. balance: expected cash at the end of each month, and
    safe_balance: with benefits counted at their safe level only, which never falls below the reserve.
    ratio_value: what starting by benefit over cost would be worth. value_low, value_high: enclose
    `confidence` of the simulated values. p_loss: chance of a negative value. p_short: chance that the cash
    ends some month below zero.
    """

    start: dict[str, int]
    left_out: dict[str, str]
    value: float
    bound: float
    gap: float
    optimal: bool
    cost: Floats
    balance: Floats
    safe_balance: Floats
    ratio_value: float
    value_low: float
    value_high: float
    p_loss: float
    p_short: float
    confidence: float
    draws: int
    seed: int

    def describe(self) -> str:
        """One sentence with the value, its interval and the caveat."""
        order = ", ".join(f"{name} (month {month + 1})" for name, month in self.start.items()) or "nothing"
        best = "no other order is worth more" if self.optimal else f"another may be worth {self.gap:.1%} more"
        return (
            f"Start {order}: worth {self.value:,.0f} ({self.value_low:,.0f} to {self.value_high:,.0f} in "
            f"{self.confidence:.0%} of outcomes), {best}; the chance of running out of cash is "
            f"{self.p_short:.0%}, if "
            "costs hold and benefits are independent of each other."
        )


@dataclass(frozen=True, slots=True)
class _Plan:
    """Arrays of the problem: activities x start months, and what each start does to each month."""

    names: tuple[str, ...]
    steps: tuple[Step, ...]
    before: tuple[tuple[int, ...], ...]
    funds: Floats
    reserve: float
    discount: Floats
    reinvest: float
    safe: Floats

    @property
    def horizon(self) -> int:
        return self.funds.size

    def costs(self, activity: int, start: int) -> Floats:
        """Cost in each month."""
        step, flow = self.steps[activity], np.zeros(self.horizon)
        flow[start : start + step.months] = step.cost / step.months
        return flow

    def benefits(self, activity: int, start: int, monthly: float) -> Floats:
        """Benefit in each month."""
        flow = np.zeros(self.horizon)
        flow[start + self.steps[activity].months :] = monthly
        return flow

    def value(self, activity: int, start: int) -> float:
        """Expected present value of starting then."""
        flow = self.benefits(activity, start, self.steps[activity].benefit) - self.costs(activity, start)
        return float(flow @ self.discount)

    def cash(self, activity: int, start: int, monthly: float) -> Floats:
        """What the start does to the cash by the end of each month."""
        return np.cumsum(self.reinvest * self.benefits(activity, start, monthly) - self.costs(activity, start))

    def latest(self, activity: int) -> int:
        """Last month in which it can start and still be finished within the horizon."""
        return self.horizon - self.steps[activity].months


def sequencing(
    *,
    steps: Mapping[str, Step],
    funds: ArrayLike,
    predecessors: Mapping[str, Iterable[str]] | None = None,
    required: Iterable[str] = (),
    reserve: float = 0.0,
    reinvest: float = 0.0,
    caution: float = 0.9,
    rate: float = 0.0,
    confidence: float = 0.9,
    draws: int = 4000,
    seed: int = 0,
    time_limit: float = 30.0,
) -> SequencePlan:
    """The start months with the highest expected value that the cash can pay in every month.

    steps: activities by name. funds: money that comes in each month, the opening balance in the first; its
    length is the horizon, and benefits after it do not count. predecessors: which must be finished first.
    required: must be started. reserve: cash that must stay. reinvest: share of the benefits that comes back
    as cash, 0 to 1. caution: benefits count as cash only at the level that they exceed with this
    probability (0.5 to below 1). rate: discount rate a month. confidence, draws, seed: of the simulation,
    which draws each benefit from a normal distribution. time_limit: seconds for the program; past it the
    best plan found is given with its gap. Costs are taken as certain: put a margin into them or into the
    reserve.
    Raises ArgumentError for a cycle, unknown names, or required activities that the cash cannot pay.

    >>> plan = sequencing(
    ...     steps={"training": Step(cost=20, months=1, benefit=15), "system": Step(cost=60, months=2, benefit=25)},
    ...     funds=[30, 10, 10, 10, 10, 10], reinvest=1.0,
    ... )
    >>> plan.start, plan.optimal
    ({'training': 0, 'system': 1}, True)
    """
    plan = _read(steps, funds, predecessors, reserve, reinvest, caution, rate)
    must = _required(required, plan)
    confidence = fraction("confidence", confidence)
    if draws < 100:
        raise ArgumentError(f"draws must be at least 100; got {draws!r}")
    quick = _by_ratio(plan, must)
    found, bound, proven = _solve(plan, must, at_least("time_limit", time_limit, 0.01))
    candidates = [one for one in (found, quick) if one is not None]
    if not candidates:
        raise _refusal(plan, must, proven)
    best = max(candidates, key=lambda one: _worth(plan, one))
    value = _worth(plan, best)
    bound = max(bound, value)
    optimal = proven and bound - value <= 1e-6 * max(1.0, abs(value))
    values, shortest = _simulate(plan, best, draws, seed)
    low, high = np.quantile(values, [(1 - confidence) / 2, (1 + confidence) / 2])
    chosen = sorted(best.items(), key=lambda one: (one[1], one[0]))
    return SequencePlan(
        start={plan.names[activity]: month for activity, month in chosen},
        left_out=_left_out(plan, best),
        value=value,
        bound=value if optimal else bound,
        gap=0.0 if optimal else (bound - value) / max(abs(value), 1e-9),
        optimal=optimal,
        cost=sum((plan.costs(*one) for one in best.items()), np.zeros(plan.horizon)),
        balance=_balance(plan, best, np.array([step.benefit for step in plan.steps])),
        safe_balance=_balance(plan, best, plan.safe),
        ratio_value=0.0 if quick is None else _worth(plan, quick),
        value_low=float(low),
        value_high=float(high),
        p_loss=float(np.mean(values < 0)),
        p_short=float(np.mean(shortest < -1e-9 * max(1.0, float(np.abs(plan.funds).sum())))),
        confidence=confidence,
        draws=draws,
        seed=seed,
    )


def _read(
    steps: Mapping[str, Step],
    funds: ArrayLike,
    predecessors: Mapping[str, Iterable[str]] | None,
    reserve: float,
    reinvest: float,
    caution: float,
    rate: float,
) -> _Plan:
    if not steps:
        raise NotEnoughData("steps is empty: a plan needs at least one activity")
    money = real_array("funds", funds, ndim=1)
    names = tuple(str(name) for name in steps)
    for name, step in steps.items():
        at_least(f"steps[{name}].cost", step.cost, 0)
        at_least(f"steps[{name}].benefit_se", step.benefit_se, 0)
        if step.months != int(step.months) or step.months < 1 or not np.isfinite(step.benefit):
            raise ArgumentError(
                f"steps[{name}] must take whole months from 1 and bring a finite benefit; got {step}"
            )
    if not 0.5 <= caution < 1:
        raise ArgumentError(f"caution must be a probability from 0.5 to below 1; got {caution!r}")
    discount_rate("rate", rate)
    z = float(special.ndtri(caution))
    return _Plan(
        names=names,
        steps=tuple(steps.values()),
        before=_before(names, predecessors or {}),
        funds=money,
        reserve=at_least("reserve", reserve, 0),
        discount=(1 + rate) ** -np.arange(money.size, dtype=np.float64),
        reinvest=fraction("reinvest", reinvest, closed=True),
        safe=np.array([max(0.0, step.benefit - z * step.benefit_se) for step in steps.values()]),
    )


def _before(names: tuple[str, ...], predecessors: Mapping[str, Iterable[str]]) -> tuple[tuple[int, ...], ...]:
    known = {name: tuple(map(str, predecessors.get(name, ()))) for name in names}
    for name, some in [*known.items(), *((str(one), ()) for one in predecessors)]:
        for one in (name, *some):
            if one not in names:
                raise ArgumentError(
                    f"predecessors names {one!r}, which is no activity; known are {', '.join(names)}"
                )
    cycle = find_cycle(known)
    if cycle:
        raise ArgumentError(f"activities wait for each other in a circle: {' waits for '.join(cycle)}")
    return tuple(tuple(names.index(one) for one in known[name]) for name in names)


def _required(required: Iterable[str], plan: _Plan) -> tuple[int, ...]:
    must: list[int] = []
    for name in map(str, required):
        if name not in plan.names:
            raise ArgumentError(
                f"required names {name!r}, which is no activity; known are {', '.join(plan.names)}"
            )
        must.append(plan.names.index(name))
    return tuple(must)


def _solve(plan: _Plan, must: Sequence[int], time_limit: float) -> tuple[dict[int, int] | None, float, bool]:
    """Starts of the best plan (None without one), the bound on its value, and whether the search was
    completed.
    """
    starts = [
        (activity, month) for activity in range(len(plan.names)) for month in range(plan.latest(activity) + 1)
    ]
    if not starts:
        return ({} if not must else None), 0.0, True
    worth = np.array([plan.value(*one) for one in starts])
    matrix, limits = _constraints(plan, starts)
    once = np.zeros((len(plan.names), len(starts)))
    once[[activity for activity, _ in starts], np.arange(len(starts))] = 1
    least = np.isin(np.arange(len(plan.names)), must).astype(np.float64)
    # Powers of two near a thousand keep the solver's absolute tolerances small and the digits as they are.
    unit = float(np.exp2(np.round(np.log2(1000 / max(float(np.abs(worth).max()), 1e-9)))))
    answer = optimize.milp(
        -worth * unit,
        integrality=np.ones(len(starts)),
        bounds=optimize.Bounds(0, 1),
        constraints=[
            optimize.LinearConstraint(matrix, -np.inf, limits),
            optimize.LinearConstraint(once, least, 1),
        ],
        options={"mip_rel_gap": 0, "time_limit": time_limit},
    )
    if answer.status == 2:
        return None, -np.inf, True
    bound = float(np.maximum(once * worth, 0).max(axis=1).sum())
    if answer.mip_dual_bound is not None and np.isfinite(answer.mip_dual_bound):
        bound = min(bound, -float(answer.mip_dual_bound) / unit)
    if answer.x is None:
        return None, bound, False
    found = {activity: month for (activity, month), taken in zip(starts, answer.x, strict=True) if taken > 0.5}
    return found, bound, answer.status == 0


def _constraints(plan: _Plan, starts: Sequence[tuple[int, int]]) -> tuple[sparse.csr_array, Floats]:
    """Cash in every month, and predecessors finished before a start."""
    drains = -np.stack([plan.cash(one, month, float(plan.safe[one])) for one, month in starts], axis=1)
    limits = np.cumsum(plan.funds) - plan.reserve
    scale = 1000 / max(float(np.abs(drains).max()), 1e-9)
    scale = float(np.exp2(np.round(np.log2(scale))))
    rows, ends = [sparse.csr_array(drains * scale)], [limits * scale]
    activity = np.array([one for one, _ in starts])
    month = np.array([one for _, one in starts])
    for later, earlier in ((a, b) for a, some in enumerate(plan.before) for b in some):
        by = np.arange(plan.horizon)[:, None]
        begun = (activity == later) & (month <= by)
        finished = (activity == earlier) & (month + plan.steps[earlier].months <= by)
        rows.append(sparse.csr_array(begun.astype(np.float64) - finished))
        ends.append(np.zeros(plan.horizon))
    return sparse.vstack(rows).tocsr(), np.concatenate(ends)


def _by_ratio(plan: _Plan, must: Sequence[int]) -> dict[int, int] | None:
    """The usual rule: highest benefit for the cost first, each as early as the cash and its predecessors
    allow.
    """
    ratio = [step.benefit * plan.horizon / max(step.cost, 1e-9) for step in plan.steps]
    found: dict[int, int] = {}
    waiting = sorted(range(len(plan.names)), key=lambda one: (one not in must, -ratio[one], one))
    placed = True
    while placed:
        placed = False
        for activity in [one for one in waiting if all(before in found for before in plan.before[one])]:
            ready = max((found[one] + plan.steps[one].months for one in plan.before[activity]), default=0)
            month = next((one for one in range(ready, plan.latest(activity) + 1)
                          if _payable(plan, found | {activity: one})), None)  # fmt: skip
            if month is not None and (activity in must or plan.value(activity, month) > 0):
                found[activity] = month
                waiting.remove(activity)
                placed = True
                break
    return found if all(one in found for one in must) and _payable(plan, found) else None


def _payable(plan: _Plan, starts: Mapping[int, int]) -> bool:
    rounding = 1e-9 * max(1.0, float(np.abs(plan.funds).sum()))
    return bool((_balance(plan, starts, plan.safe) >= plan.reserve - rounding).all())


def _balance(plan: _Plan, starts: Mapping[int, int], monthly: Floats) -> Floats:
    cash = np.cumsum(plan.funds)
    for activity, month in starts.items():
        cash = cash + plan.cash(activity, month, float(monthly[activity]))
    return cash


def _worth(plan: _Plan, starts: Mapping[int, int]) -> float:
    return sum(plan.value(*one) for one in starts.items())


def _simulate(plan: _Plan, starts: Mapping[int, int], draws: int, seed: int) -> tuple[Floats, Floats]:
    """Value of each simulated outcome, and the lowest cash at the end of a month in it."""
    normal = np.random.default_rng(seed).standard_normal((len(plan.names), draws))
    values, cash = np.zeros(draws), np.tile(np.cumsum(plan.funds)[:, None], draws)
    for activity, month in starts.items():
        step = plan.steps[activity]
        monthly = step.benefit + step.benefit_se * normal[activity]
        paid, earned = plan.costs(activity, month), plan.benefits(activity, month, 1.0)
        values += monthly * float(earned @ plan.discount) - float(paid @ plan.discount)
        cash += plan.reinvest * np.cumsum(earned)[:, None] * monthly - np.cumsum(paid)[:, None]
    return values, cash.min(axis=0)


def _left_out(plan: _Plan, starts: Mapping[int, int]) -> dict[str, str]:
    """Why each activity that is not started is out."""
    reasons: dict[str, str] = {}
    for activity, name in enumerate(plan.names):
        if activity in starts:
            continue
        missing = [plan.names[one] for one in plan.before[activity] if one not in starts]
        months = np.arange(plan.latest(activity) + 1)
        if not months.size:
            reasons[name] = f"takes {plan.steps[activity].months} months, longer than the horizon"
        elif max(plan.value(activity, int(month)) for month in months) <= 0:
            reasons[name] = "does not earn its cost back within the horizon"
        elif missing:
            reasons[name] = f"waits for {', '.join(missing)}, which is not started"
        elif not any(_payable(plan, {**starts, activity: int(month)}) for month in months):
            reasons[name] = "the cash cannot pay it beside what is started"
        else:
            reasons[name] = (
                "the cash comes too late: started when it could be paid, it would not earn its cost back"
            )
    return reasons


def _refusal(plan: _Plan, must: Sequence[int], proven: bool) -> ArgumentError | NotEnoughData:
    named = ", ".join(plan.names[one] for one in must) or "nothing"
    if proven:
        return ArgumentError(
            f"funds must keep the reserve of {plan.reserve:,.2f} and pay for what is required ({named}) within "
            f"{plan.horizon} months; they cannot: raise them, require less or lengthen the horizon"
        )
    return NotEnoughData("no plan was found within the time limit: raise time_limit or leave activities out")
