"""Which projects: the best portfolio under the budget, what people decided, and the reason for each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from nonagon.basics.errors import ArgumentError, NotEnoughData
from nonagon.charts.wording import amount
from nonagon.deliverables.step6 import Portfolio
from nonagon.methods.planning.portfolio import LeftOut, portfolio
from nonagon.steps.step6_improvements.analysis.worth import Worth
from nonagon.steps.step6_improvements.decisions import ProjectDecision, Step6Decisions


@dataclass(frozen=True, slots=True)
class Choice:
    """The best set, the selected set (people's where they made one), and each project's reason."""

    best: frozenset[str]
    selected: frozenset[str]
    reasons: dict[str, str]
    portfolios: tuple[Portfolio, ...]


def choose(decisions: Step6Decisions, values: Mapping[str, Worth], budget: float | None) -> Choice:
    """The best portfolio by expected net present value, beside what people decided and a simple rule.

    Projects without a stated benefit cannot be compared: they are in only where people select them.
    """
    worth = {name: one.value for name, one in values.items() if one.value is not None}
    best, left_out = _best(decisions, values, worth, budget)
    selected = frozenset(decisions.selected) & set(values) if decisions.selected else best
    names = {one.id: one.name for one in decisions.projects}
    reasons = {
        one.id: _reason(one, best, selected, left_out.get(one.id), names, decisions, values)
        for one in decisions.projects
    }
    return Choice(best, selected, reasons, _portfolios(decisions, values, worth, budget, best))


def _best(
    decisions: Step6Decisions, values: Mapping[str, Worth], worth: Mapping[str, float], budget: float | None
) -> tuple[frozenset[str], dict[str, LeftOut]]:
    if not worth:
        return frozenset(), {}
    costs = {name: values[name].cost for name in worth}
    known = [one for one in decisions.projects if one.id in worth]
    # A project that needs one without a stated benefit cannot be valued either.
    hopeless = [one.id for one in known if any(other not in worth for other in one.requires)]
    try:
        found = portfolio(
            value=worth,
            cost=costs,
            budget=sum(costs.values()) if budget is None else budget,
            ruled_out=hopeless,
            exclusive=[
                (one.id, other) for one in known for other in one.excludes if other in worth and other != one.id
            ],
            needs={one.id: [other for other in one.requires if other in worth] for one in known},
        )
    except (ArgumentError, NotEnoughData):
        # Nothing can be chosen, such as with a budget of nothing.
        return frozenset(), {}
    return frozenset(found.chosen), {one.project: one for one in found.left_out}


def _reason(
    one: ProjectDecision,
    best: frozenset[str],
    selected: frozenset[str],
    left_out: LeftOut | None,
    names: Mapping[str, str],
    decisions: Step6Decisions,
    values: Mapping[str, Worth],
) -> str:
    computed = "in the best portfolio" if one.id in best else _words(one, left_out, names, values)
    if not decisions.selected:
        return computed
    if one.id in selected and one.id in best:
        return "selected by people, and in the best portfolio"
    why = decisions.selected_reason.rstrip(".")
    if one.id in selected:
        return f"selected by people{f' ({why})' if why else ''}; by the figures it would be out: {computed}"
    stated = one.left_out_reason.rstrip(".") or "no reason recorded"
    if one.id in best:
        return f"left out by people ({stated}), though it is in the best portfolio"
    return f"left out by people ({stated}); by the figures too: {computed}"


def _words(
    one: ProjectDecision, left_out: LeftOut | None, names: Mapping[str, str], values: Mapping[str, Worth]
) -> str:
    """Why a project is not in the best portfolio, with the names of the others."""
    if values[one.id].value is None:
        return "no benefit is stated, so it cannot be compared"
    if left_out is None:
        return "the budget cannot pay it"
    others = ", ".join(names[other] for other in left_out.because_of)
    if left_out.reason == "decision":
        unknown = ", ".join(names[other] for other in one.requires if values[other].value is None)
        return f"it requires {unknown}, whose benefit is not stated"
    if left_out.reason == "needs what is out":
        return f"it requires {others}, which cannot be in"
    loss = "" if left_out.loss is None else f"; putting it in would lose {amount(left_out.loss)} of value"
    words = {
        "no value": "its expected benefit does not pay back its cost"
        + (f", also not together with {others}" if others else ""),
        "exclusive": f"it excludes {others}, worth more{loss}",
        "too costly": f"it costs {amount(values[one.id].cost)}, more than the budget can pay"
        + (f" beside {others}" if others else ""),
        "budget": (
            f"it would push out {others}, worth more for the same money" if others else "the budget is spent"
        )
        + loss,
    }
    return words[left_out.reason]


def _portfolios(
    decisions: Step6Decisions,
    values: Mapping[str, Worth],
    worth: Mapping[str, float],
    budget: float | None,
    best: frozenset[str],
) -> tuple[Portfolio, ...]:
    """The best set, the set by benefit over cost (what people often do by hand), and the decided set."""
    if not decisions.projects:
        return ()
    order = [one.id for one in decisions.projects]
    found = [_portfolio("best", [one for one in order if one in best], values)] if worth else []
    if worth and budget is not None:
        found.append(_portfolio("by_ratio", _by_ratio(decisions, values, worth, budget), values))
    if decisions.selected:
        found.append(_portfolio("decided", [one for one in order if one in decisions.selected], values))
    return tuple(found)


def _portfolio(kind: str, projects: Sequence[str], values: Mapping[str, Worth]) -> Portfolio:
    return Portfolio.model_validate(
        {
            "kind": kind,
            "projects": tuple(projects),
            "cost": sum(values[one].cost for one in projects),
            "value": sum(values[one].value or 0.0 for one in projects),
        }
    )


def _by_ratio(
    decisions: Step6Decisions, values: Mapping[str, Worth], worth: Mapping[str, float], budget: float
) -> list[str]:
    """Worth for money, best first, as long as the budget lasts; a project whose requirements are out waits."""
    by_id = {one.id: one for one in decisions.projects}
    order = sorted(worth, key=lambda name: (-_ratio(worth[name], values[name].cost), name))
    taken: list[str] = []
    spent = 0.0
    for name in order:
        one = by_id[name]
        fits = worth[name] > 0 and spent + values[name].cost <= budget
        if fits and _allowed(one, taken, by_id):
            taken.append(name)
            spent += values[name].cost
    return [one.id for one in decisions.projects if one.id in taken]


def _allowed(one: ProjectDecision, taken: Iterable[str], by_id: Mapping[str, ProjectDecision]) -> bool:
    have = set(taken)
    excluded = set(one.excludes) | {other for other in have if one.id in by_id[other].excludes}
    return set(one.requires) <= have and not excluded & have


def _ratio(value: float, cost: float) -> float:
    return value / cost if cost > 0 else float("inf")
