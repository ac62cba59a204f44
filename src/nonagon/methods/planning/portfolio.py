"""The best set of projects under a budget, and why each other project is out.

Question: which projects together bring most for the money there is?
Used by: step 6.
Source: H. M. Weingartner, "Mathematical Programming and the Analysis of Capital Budgeting Problems", 1963;
solved by the branch-and-cut code HiGHS (Q. Huangfu, J. A. J. Hall, Mathematical Programming Computation 10
(2018), 119-142) through scipy.
Checked against: exhaustive search over all subsets of small cases in the tests.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NoReturn

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.methods.checks import Floats, at_least, real_array
from nonagon.methods.planning.critical_path import find_cycle

Reason = Literal["decision", "no value", "needs what is out", "exclusive", "too costly", "budget"]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Why a project is not in the best set.

    reason: "decision": it was ruled out; "no value": it and what it still needs bring nothing; "needs what is
    out": a project that it needs was ruled out; "exclusive": it excludes one that brings more; "too costly": the
    budget cannot pay it beside what is required; "budget": others bring more for the same money.
    because_of: the projects that the reason names: those it would push out, needs or excludes. loss: by how
    much the whole would be worth less if it were forced in, None where that is impossible or was not computed.
    """

    project: str
    reason: Reason
    because_of: tuple[str, ...]
    loss: float | None

    def describe(self) -> str:
        """One sentence."""
        named = ", ".join(self.because_of)
        loss = "" if self.loss is None else f"; forcing it in would cost {self.loss:,.0f} of value"
        words = {
            "decision": "was ruled out by decision",
            "no value": "brings no value of its own" + (f" with what it needs ({named})" if named else ""),
            "needs what is out": f"needs {named}, which was ruled out",
            "exclusive": f"cannot be done beside {named}, which bring(s) more",
            "too costly": "costs more than the budget can pay" + (f" beside {named}" if named else ""),
            "budget": f"would push {named} out of the budget" if named else "does not fit into the budget",
        }
        return f"{self.project} {words[self.reason]}{loss}."


@dataclass(frozen=True, slots=True)
class Portfolio:
    """The best set of projects.

    chosen: in the order given. value: their value together. cost: by period. budget: by period, and left:
    what of it remains. optimal: proven that no other set is worth more; bound: no set can be worth more than
    this; gap: (bound - value) / |value|, 0 where optimal. left_out: one entry for each project that is not chosen.
    """

    chosen: tuple[str, ...]
    value: float
    cost: Floats
    budget: Floats
    optimal: bool
    bound: float
    gap: float
    left_out: tuple[LeftOut, ...]

    @property
    def left(self) -> Floats:
        """Money that remains, by period."""
        return self.budget - self.cost

    def describe(self) -> str:
        """One sentence with the value, how sure it is the best, and the caveat."""
        best = "no other set is worth more"
        if not self.optimal:
            best = f"a better set may be worth up to {self.gap:.1%} more"
        return (
            f"{len(self.chosen)} of {len(self.chosen) + len(self.left_out)} projects, worth {self.value:,.0f} "
            f"for {self.cost.sum():,.0f} of {self.budget.sum():,.0f}; {best}, if the values and costs "
            "put in are right."
        )


@dataclass(frozen=True, slots=True)
class _Problem:
    """The integer program: maximize value @ x with A x <= b and bounds on each x."""

    names: tuple[str, ...]
    value: Floats
    cost: Floats
    budget: Floats
    needs: dict[str, tuple[str, ...]]
    exclusive: tuple[tuple[str, ...], ...]
    required: tuple[str, ...]
    ruled_out: tuple[str, ...]
    time_limit: float
    index: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Solution:
    chosen: NDArray[np.bool_]
    value: float
    bound: float
    optimal: bool


def portfolio(
    *,
    value: Mapping[str, float],
    cost: Mapping[str, float | Sequence[float]],
    budget: float | Sequence[float],
    required: Iterable[str] = (),
    ruled_out: Iterable[str] = (),
    exclusive: Iterable[Iterable[str]] = (),
    needs: Mapping[str, Iterable[str]] | None = None,
    explain: bool = True,
    time_limit: float = 30.0,
) -> Portfolio:
    """The set of whole projects with the highest value that the budget can pay.

    value: net benefit of each project in one currency (may be negative, for one that others need). cost: of
    each project, one amount or one a period, 0 or more. budget: one amount or one a period; what is left in a
    period is not carried over (make it cumulative to carry it). required, ruled_out: decided in or out.
    exclusive: groups of which at most one may be chosen. needs: for each project those that must be
    chosen with it. explain: also find what each project that fits would push out (one more program a project,
    some 50 milliseconds each). time_limit: seconds for the main program; past it the best set found so far is
    given with its gap.
    Values must not depend on what else is chosen, beyond needs and exclusive groups.
    Raises ArgumentError for unknown names, contradicting decisions, or required projects beyond the budget.

    >>> best = portfolio(value={"a": 60, "b": 50, "c": 50}, cost={"a": 6, "b": 5, "c": 5}, budget=10)
    >>> best.chosen, best.value, best.left_out[0].reason, best.left_out[0].because_of
    (('b', 'c'), 100.0, 'budget', ('b', 'c'))
    """
    problem = _problem(value, cost, budget, required, ruled_out, exclusive, needs, time_limit)
    best = _solve(problem)
    if best is None:
        _refuse(problem)
    chosen = tuple(name for name, taken in zip(problem.names, best.chosen, strict=True) if taken)
    return Portfolio(
        chosen=chosen,
        value=best.value,
        cost=best.chosen @ problem.cost,
        budget=problem.budget,
        optimal=best.optimal,
        bound=best.bound,
        gap=0.0 if best.optimal else (best.bound - best.value) / max(abs(best.value), 1e-9),
        left_out=tuple(_reason(problem, best, name, explain) for name in problem.names if name not in set(chosen)),
    )


@dataclass(frozen=True, slots=True)
class PortfolioStability:
    """How often each project belongs to the best set when values are uncertain.

    p_chosen: share of draws, by project. value_low, value_high: of the best set's value over the draws.
    regret: mean value lost by taking the set that is best at the stated values, instead of the best in each draw.
    """

    p_chosen: dict[str, float]
    base: tuple[str, ...]
    value_low: float
    value_high: float
    regret: float
    draws: int
    seed: int

    def describe(self) -> str:
        """One sentence with the least certain choice and the caveat."""
        unsure = sum(0.1 < share < 0.9 for share in self.p_chosen.values())
        return (
            f"{unsure} of {len(self.p_chosen)} projects are in the best set in some draws and out in others; "
            f"deciding now costs {self.regret:,.0f} on average against knowing the values, if their spread is "
            "right."
        )


def portfolio_stability(
    *,
    value: Mapping[str, float],
    value_se: Mapping[str, float],
    cost: Mapping[str, float | Sequence[float]],
    budget: float | Sequence[float],
    required: Iterable[str] = (),
    ruled_out: Iterable[str] = (),
    exclusive: Iterable[Iterable[str]] = (),
    needs: Mapping[str, Iterable[str]] | None = None,
    draws: int = 100,
    seed: int = 0,
    time_limit: float = 5.0,
) -> PortfolioStability:
    """How stable the best set is when the values scatter normally around the stated ones.

    value_se: standard error of each project's value, 0 or more. draws: programs solved, 10 or more. The other
    arguments are those of `portfolio`; time_limit is for each program.

    >>> result = portfolio_stability(
    ...     value={"a": 9, "b": 5}, value_se={"a": 1, "b": 1}, cost={"a": 1, "b": 1}, budget=1
    ... )
    >>> result.base, result.p_chosen["a"] > 0.9
    (('a',), True)
    """
    problem = _problem(value, cost, budget, required, ruled_out, exclusive, needs, time_limit)
    if set(value_se) != set(problem.names):
        raise ArgumentError("value_se must name the same projects as value; got other names")
    if draws < 10:
        raise ArgumentError(f"draws must be at least 10; got {draws!r}")
    spread = np.array([at_least(f"value_se[{name}]", value_se[name], 0) for name in problem.names])
    base = _solve(problem)
    if base is None:
        _refuse(problem)
    values = problem.value + spread * np.random.default_rng(seed).standard_normal((draws, spread.size))
    picked = np.zeros((draws, spread.size), dtype=bool)
    for row, one in enumerate(values):
        found = _solve(problem, value=one)
        picked[row] = base.chosen if found is None else found.chosen
    best = np.sum(values * picked, axis=1)
    low, high = np.quantile(best, [0.05, 0.95])
    return PortfolioStability(
        p_chosen=dict(zip(problem.names, picked.mean(axis=0).tolist(), strict=True)),
        base=tuple(name for name, taken in zip(problem.names, base.chosen, strict=True) if taken),
        value_low=float(low),
        value_high=float(high),
        regret=max(0.0, float(np.mean(best - values @ base.chosen))),
        draws=draws,
        seed=seed,
    )


def _problem(
    value: Mapping[str, float],
    cost: Mapping[str, float | Sequence[float]],
    budget: float | Sequence[float],
    required: Iterable[str],
    ruled_out: Iterable[str],
    exclusive: Iterable[Iterable[str]],
    needs: Mapping[str, Iterable[str]] | None,
    time_limit: float,
) -> _Problem:
    names = tuple(str(name) for name in value)
    if not names:
        raise NotEnoughData("value is empty: a portfolio needs at least one project")
    if set(map(str, cost)) != set(names):
        odd = ", ".join(sorted(set(map(str, cost)) ^ set(names)))
        raise ArgumentError(f"cost must name the same projects as value; they differ in {odd}")
    money = real_array("budget", np.atleast_1d(np.asarray(budget, dtype=np.float64)), ndim=1)
    found = _Problem(
        names=names,
        value=real_array("value", list(value.values()), ndim=1),
        cost=np.array([_amounts(name, cost[name], money.size) for name in names]),
        budget=money,
        needs=_known_needs(needs or {}, names),
        exclusive=tuple(_known("exclusive", group, names) for group in exclusive),
        required=_known("required", required, names),
        ruled_out=_known("ruled_out", ruled_out, names),
        time_limit=at_least("time_limit", time_limit, 0.01),
        index={name: position for position, name in enumerate(names)},
    )
    both = [name for name in found.required if name in found.ruled_out]
    if both:
        raise ArgumentError(f"{', '.join(both)} is both required and ruled out; decide one")
    return found


def _amounts(name: str, cost: ArrayLike, periods: int) -> Floats:
    amounts = real_array(f"cost[{name}]", np.atleast_1d(np.asarray(cost, dtype=np.float64)), ndim=1)
    if amounts.size != periods:
        raise ArgumentError(
            f"cost[{name}] must have one amount for each of {periods} period(s); got {amounts.size}"
        )
    at_least(f"cost[{name}]", float(amounts.min()), 0)
    return amounts


def _known(argument: str, some: Iterable[str], names: tuple[str, ...]) -> tuple[str, ...]:
    listed = tuple(dict.fromkeys(map(str, some)))
    for name in listed:
        if name not in names:
            raise ArgumentError(f"{argument} names {name!r}, which is no project; known are {', '.join(names)}")
    return listed


def _known_needs(needs: Mapping[str, Iterable[str]], names: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    _known("needs", needs, names)
    found = {str(name): _known(f"needs[{name}]", some, names) for name, some in needs.items()}
    cycle = find_cycle(found)
    if cycle:
        raise ArgumentError(
            f"projects need each other in a circle: {' needs '.join(cycle)}; put them together as one project"
        )
    return found


def _solve(
    problem: _Problem, *, value: Floats | None = None, force: int | None = None, relax: float = 0.0
) -> _Solution | None:
    """The best set, or None where no set satisfies the constraints."""
    worth = problem.value if value is None else value
    count = len(problem.names)
    low, high = np.zeros(count), np.ones(count)
    low[[problem.index[name] for name in problem.required]] = 1
    high[[problem.index[name] for name in problem.ruled_out]] = 0
    if force is not None:
        low[force] = 1
    if (low > high).any():
        return None
    rows, limits = _constraints(problem)
    # Numbers of about a thousand keep the solver's absolute tolerances small against money amounts;
    # powers of two leave their digits as they are.
    money = np.arange(len(rows)) < problem.budget.size
    unit = float(_power_of_two(1000 / max(float(np.abs(worth).max()), 1e-9)))
    row_unit = np.where(money, _power_of_two(1000 / np.maximum(np.abs(rows).max(axis=1), 1e-9)), 1.0)
    answer = optimize.milp(
        -worth * unit,
        integrality=np.ones(count),
        bounds=optimize.Bounds(low, high),
        constraints=optimize.LinearConstraint(rows * row_unit[:, None], -np.inf, limits * row_unit),
        options={"mip_rel_gap": relax, "time_limit": problem.time_limit},
    )
    if answer.x is None:
        return None if answer.status == 2 else _required_only(problem, worth, low)
    chosen = answer.x > 0.5
    total = float(worth @ chosen)
    bound = -float(answer.mip_dual_bound) / unit
    optimal = answer.status == 0 and bound - total <= 1e-6 * max(1.0, abs(total)) + relax * abs(total)
    return _Solution(chosen=chosen, value=total, bound=total if optimal else bound, optimal=optimal)


def _power_of_two(number: ArrayLike) -> Floats:
    power: Floats = np.exp2(np.round(np.log2(number)))
    return power


def _constraints(problem: _Problem) -> tuple[Floats, Floats]:
    rows, limits = [*problem.cost.T], [*problem.budget]
    for group in problem.exclusive:
        row = np.zeros(len(problem.names))
        row[[problem.index[name] for name in group]] = 1
        rows.append(row)
        limits.append(1.0)
    for name, some in problem.needs.items():
        for one in some:
            row = np.zeros(len(problem.names))
            row[problem.index[name]], row[problem.index[one]] = 1, -1
            rows.append(row)
            limits.append(0.0)
    return np.array(rows), np.array(limits)


def _required_only(problem: _Problem, worth: Floats, low: Floats) -> _Solution | None:
    """What can be said when the time ran out before any set was found: the required projects, if they fit."""
    chosen = low > 0.5
    rows, limits = _constraints(problem)
    if (rows @ chosen > limits + 1e-9 * np.maximum(1, np.abs(limits))).any():
        return None
    return _Solution(
        chosen=chosen, value=float(worth @ chosen), bound=float(np.maximum(worth, 0).sum()), optimal=False
    )


def _closure(problem: _Problem, name: str) -> tuple[str, ...]:
    """The project and everything that it needs, directly or through others."""
    found: list[str] = []
    waiting = [name]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.append(one)
            waiting += problem.needs.get(one, ())
    return tuple(found)


def _refuse(problem: _Problem) -> NoReturn:
    must = tuple(dict.fromkeys(one for name in problem.required for one in _closure(problem, name)))
    cost = problem.cost[[problem.index[name] for name in must]].sum(axis=0)
    for period, (needed, there) in enumerate(zip(cost, problem.budget, strict=True)):
        if needed > there:
            raise ArgumentError(
                f"budget must pay for what is required ({', '.join(must) or 'nothing'}): that costs {needed:,.2f} "
                f"in period {period + 1}, the budget is {there:,.2f}; raise it or require less"
            )
    raise ArgumentError(
        f"the required projects ({', '.join(must)}) exclude each other or need one that is ruled out; change one"
    )


def _reason(problem: _Problem, best: _Solution, name: str, explain: bool) -> LeftOut:
    whole = _closure(problem, name)
    taken = {one for one, picked in zip(problem.names, best.chosen, strict=True) if picked}
    if name in problem.ruled_out:
        return LeftOut(name, "decision", (), None)
    missing = tuple(one for one in whole if one in problem.ruled_out)
    if missing:
        return LeftOut(name, "needs what is out", missing, None)
    added = [one for one in whole if one not in taken]
    rivals = _rivals(problem, whole, taken)
    if not rivals and problem.value[[problem.index[one] for one in added]].sum() <= 0:
        return LeftOut(name, "no value", tuple(added[1:]), _loss(problem, best, name)[0] if explain else None)
    loss, displaced = _loss(problem, best, name) if explain else (None, ())
    if explain and loss is None:
        fixed = tuple(one for one in problem.required if one in rivals)
        return LeftOut(name, "exclusive" if fixed else "too costly", fixed or problem.required, None)
    if rivals and (not explain or set(rivals) & set(displaced)):
        return LeftOut(name, "exclusive", rivals, loss)
    return LeftOut(name, "budget", displaced, loss)


def _rivals(problem: _Problem, whole: tuple[str, ...], taken: set[str]) -> tuple[str, ...]:
    """Chosen projects that exclude one of `whole`."""
    found = [
        one
        for group in problem.exclusive
        if set(group) & set(whole)
        for one in group
        if one in taken and one not in whole
    ]
    return tuple(dict.fromkeys(found))


def _loss(problem: _Problem, best: _Solution, name: str) -> tuple[float | None, tuple[str, ...]]:
    """What forcing the project in costs, and which chosen projects it then pushes out."""
    forced = _solve(problem, force=problem.index[name], relax=1e-4)
    if forced is None:
        return None, ()
    gone = best.chosen & ~forced.chosen
    return max(0.0, best.value - forced.value), tuple(
        one for one, out in zip(problem.names, gone, strict=True) if out
    )
