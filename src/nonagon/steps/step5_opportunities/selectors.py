"""What the page of step 5 reads: opportunities with what each method says of them, the charter, its versions."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from nonagon.charts.wording import chance, estimate, number
from nonagon.deliverables.step5 import OpportunitiesDeliverable, Opportunity
from nonagon.process import documents, results
from nonagon.process.models import Cycle
from nonagon.steps.step5_opportunities.decisions import Charter, OpportunityDecision, Step5Decisions
from nonagon.ui.fields import label_of

STEP = 5


def decisions_of(cycle: Cycle) -> Step5Decisions:
    """The newest decisions."""
    found, _number = documents.current(cycle, STEP)
    assert isinstance(found, Step5Decisions)
    return found


def choice(cycle: Cycle) -> dict[str, Any]:
    """The grid of opportunities: rows, methods with their stability, the budget of each row, the whole budget."""
    decisions, found = decisions_of(cycle), results.deliverable(cycle, STEP, OpportunitiesDeliverable)
    methods = found.methods if found is not None else ()
    computed = {one.id: one for one in found.opportunities} if found is not None else {}
    decided = {one.id: one for one in decisions.opportunities}
    order = [*computed, *(one for one in decided if one not in computed)]
    places = [{one: place for place, one in enumerate(method.order, start=1)} for method in methods]
    return {
        "methods": [
            {"title": method.title, "stable": chance(method.chance_first.value) if method.chance_first else ""}
            for method in methods
        ],
        "rows": [
            _row(one, computed.get(one), decided.get(one), [places_of.get(one) for places_of in places], decisions)
            for one in order
        ],
        "lowest": list(found.may_be_lowest) if found is not None else [],
        "plan_budget": decisions.plan_budget,
    }


def _row(
    key: str,
    computed: Opportunity | None,
    decided: OpportunityDecision | None,
    ranks: list[int | None],
    decisions: Step5Decisions,
) -> dict[str, Any]:
    lines = [one for one in decisions.plan if one.opportunity == key]
    need = decided.need if decided is not None else (computed.need if computed is not None else "")
    apart = next((one for one in decisions.not_actionable if one.need == need), None)
    place = ""
    if computed is not None and computed.rank is not None:
        place = str(computed.rank)
        if computed.rank_low is not None and (computed.rank_low, computed.rank_high) != (
            computed.rank,
            computed.rank,
        ):
            place = f"{computed.rank} ({computed.rank_low}–{computed.rank_high})"
    return {
        "id": key,
        "need": need,
        "name": (decided.name if decided is not None else "") or (computed.name if computed is not None else key),
        "score": estimate(computed.score) if computed is not None else "",
        "score_value": computed.score.value if computed is not None and computed.score is not None else None,
        "place": place,
        "rank": computed.rank if computed is not None else None,
        "ranks": ranks,
        "apart": apart is not None,
        "why_not": apart.reason if apart is not None else "",
        "kept": decided is not None,
        "chosen": decided.chosen if decided is not None else False,
        "reason": decided.reason if decided is not None else "",
        "effort": decided.effort if decided is not None else None,
        "expected_effect": decided.expected_effect if decided is not None else None,
        "budget": sum(one.budget or 0 for one in lines),
        "benefit": [sum(getattr(one, name) or 0 for one in lines) for name in _BENEFITS],
    }


_BENEFITS = ("benefit_low", "benefit_likely", "benefit_high")


@dataclass(frozen=True, slots=True)
class CharterLine:
    """One field of a charter in words; before: what the version compared with says, where it differs."""

    label: str
    text: str
    before: str = ""
    differs: bool = False


def lines_of(charter: Charter, against: Charter | None = None) -> list[CharterLine]:
    """The charter field by field; `against`: the version it is compared with."""
    mine = dict(_said(charter))
    theirs = dict(_said(against)) if against is not None else mine
    return [
        CharterLine(
            label, mine.get(label, ""), theirs.get(label, ""), mine.get(label, "") != theirs.get(label, "")
        )
        for label in [*mine, *(one for one in theirs if one not in mine)]
    ]


def version_of(decisions: Step5Decisions, name: str) -> Charter | None:
    """The charter of an approved version, or the one in work (`now`)."""
    if name == "now":
        return decisions.charter
    return next((one.charter for one in decisions.approvals if one.version == name), None)


def _said(charter: Charter) -> Iterator[tuple[str, str]]:
    """Label and text of every field, lists item by item."""
    for name, value in charter:
        if name == "objectives":
            for place, one in enumerate(charter.objectives, start=1):
                yield _("Objective %(number)d") % {"number": place}, _objective(one)
        elif name == "members":
            for place, member in enumerate(charter.members, start=1):
                parts = [member.role, member.department]
                if member.share_of_time is not None:
                    parts.append(
                        _("%(share)s %% of the time") % {"share": number(100 * member.share_of_time, digits=0)}
                    )
                yield _("Member %(number)d") % {"number": place}, ", ".join(one for one in parts if one)
        elif name == "operating":
            for inner, said in charter.operating:
                yield label_of(inner), _text(said)
        else:
            yield label_of(name), _text(value)


def _objective(one: Any) -> str:
    parts = [one.statement, one.measure]
    if one.baseline is not None or one.target is not None:
        parts.append(
            _("from %(baseline)s to %(target)s") % {"baseline": _text(one.baseline), "target": _text(one.target)}
        )
    if one.due is not None:
        parts.append(_("by %(day)s") % {"day": _text(one.due)})
    return "; ".join(part for part in parts if part)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return date_format(value, "DATE_FORMAT")
    if isinstance(value, tuple):
        return "; ".join(str(one) for one in value)
    return f"{value:,.12g}".replace(",", "\u202f") if isinstance(value, float) else str(value)
