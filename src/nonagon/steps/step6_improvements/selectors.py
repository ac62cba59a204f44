"""Reads for the page of step 6: the plan as stored, the plan as it is being edited."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from pydantic import ValidationError

from nonagon.charts.wording import amount, chance, estimate
from nonagon.deliverables.cycle import Cycle as Register
from nonagon.deliverables.evidence import Value
from nonagon.deliverables.mistakes import cleaned, dotted, said
from nonagon.deliverables.plain import plain
from nonagon.deliverables.step6 import ImprovementsDeliverable, Project
from nonagon.process import documents, registry, results
from nonagon.process.edits import Edit, EditError, apply
from nonagon.process.models import Cycle
from nonagon.steps.step6_improvements.drawing import Picture, picture

STEP = 6


class NotYet(Exception):
    """The decisions as they stand on the page cannot be planned; `sentences` say why."""

    def __init__(self, sentences: Sequence[str]) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = tuple(sentences)


@dataclass(frozen=True, slots=True)
class Choice:
    """One project on the board: what it costs and brings, whether it is in the plan, and why."""

    id: str
    name: str
    cost: str
    benefit: str
    worth: str
    chance_of_loss: str
    selected: bool
    best: bool
    reason: str
    pilots: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan for a page. spent: share of the budget that it takes, at most one; None without a budget."""

    picture: Picture
    choices: tuple[Choice, ...]
    currency: str
    cost: str
    budget: str
    left: str
    spent: float | None
    over: bool
    short_month: str
    shortfall: str
    critical: tuple[str, ...]
    finish: str
    funds_known: bool
    said: str


def stored(cycle: Cycle) -> Plan | None:
    """The plan as last computed; None where it was not."""
    found = results.deliverable(cycle, STEP, ImprovementsDeliverable)
    return plan_of(found) if found is not None else None


def preview(cycle: Cycle, edits: Sequence[Edit]) -> Plan:
    """The plan with the newest decisions and edits that are not saved yet. Raises NotYet. Nothing is stored."""
    from nonagon.steps.step6_improvements.analysis import previewed  # noqa: PLC0415

    head, given, _numbers = documents.all_current(cycle)
    document = _edited(given[STEP], edits)
    faults = registry.faults_of(head, {**given, STEP: document}).get(STEP, [])  # type: ignore[dict-item]
    if faults:
        raise NotYet([f"{dotted(one.path)}: {one.message}" for one in faults])
    return plan_of(previewed(cycle=_register(head), decisions=document))  # type: ignore[arg-type]


def _edited(document: Value, edits: Sequence[Edit]) -> Value:
    model = type(document)
    try:
        content, _changes = apply(plain(document), edits)
        return model.model_validate(content)
    except EditError as error:
        raise NotYet([error.message]) from error
    except ValidationError as error:
        raise NotYet([f"{dotted(cleaned(one['loc']))}: {said(model, one)}" for one in error.errors()]) from error


def _register(head: Value) -> Register:
    """The part of the head that the analysis sees."""
    return Register(**{name: getattr(head, name) for name in Register.model_fields})


def plan_of(found: ImprovementsDeliverable) -> Plan:
    """What the page shows of a plan."""
    names = {one.id: one.name for one in found.activities}
    drawn = picture(found)
    cost, budget, currency = found.planned_cost, found.budget, found.currency
    over = cost is not None and budget is not None and cost > budget + 1e-9
    return Plan(
        picture=drawn,
        choices=tuple(_choice(one, found) for one in found.projects),
        currency=currency,
        cost="" if cost is None else amount(cost, currency),
        budget="" if budget is None else amount(budget, currency),
        left="" if cost is None or budget is None else amount(abs(budget - cost), currency),
        spent=None if cost is None or budget is None else _share(cost, budget),
        over=over,
        short_month=found.short_month or "",
        shortfall="" if found.shortfall is None else amount(found.shortfall, currency),
        critical=tuple(names.get(one, one) for one in found.critical_path),
        finish="" if found.finish is None else found.finish.isoformat(),
        funds_known=found.shortfall is not None,
        said=_said(found),
    )


def _share(cost: float, budget: float) -> float:
    if budget <= 0:
        return 1.0 if cost > 0 else 0.0
    return min(1.0, cost / budget)


def _choice(one: Project, found: ImprovementsDeliverable) -> Choice:
    loss = one.chance_of_loss.value if one.chance_of_loss is not None else None
    pilots = [
        each.name
        for each in found.activities
        if each.project == one.id and each.kind == "pilot" and each.status != "dropped"
    ]
    return Choice(
        id=one.id,
        name=one.name,
        cost=amount(one.cost),
        benefit=estimate(one.benefit, digits=0),
        worth=estimate(one.npv, digits=0),
        chance_of_loss=chance(loss),
        selected=one.selected,
        best=one.best,
        reason=one.reason,
        pilots=tuple(pilots),
    )


def _said(found: ImprovementsDeliverable) -> str:
    """The plan in a line, for who hears it read out after a change."""
    parts = []
    if found.finish is not None:
        parts.append(_("The plan ends on %(day)s.") % {"day": found.finish.isoformat()})
    if found.short_month:
        places = {"month": found.short_month, "amount": amount(found.shortfall, found.currency)}
        parts.append(_("The money runs out in %(month)s; at most %(amount)s are missing.") % places)
    elif found.shortfall is not None:
        parts.append(_("The money lasts."))
    if found.planned_cost is not None and found.budget is not None and found.planned_cost > found.budget + 1e-9:
        over = amount(found.planned_cost - found.budget, found.currency)
        parts.append(_("It costs %(amount)s more than the budget.") % {"amount": over})
    return " ".join(parts)


def as_json(plan: Plan) -> dict[str, Any]:
    """What scripts put into the board of projects."""
    return {
        one.id: {
            "selected": one.selected,
            "best": one.best,
            "reason": one.reason,
            "cost": one.cost,
            "benefit": one.benefit,
            "worth": one.worth,
        }
        for one in plan.choices
    }
