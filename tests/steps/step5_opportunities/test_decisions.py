"""Step 5's decisions: what is refused, with which message."""

import pytest

from nonagon.deliverables.decisions import Known
from nonagon.steps.step5_opportunities.decisions import Step5Decisions


def faults(**document: object) -> list[str]:
    decisions = Step5Decisions.model_validate(document)
    ids = {"need": frozenset({"delay", "seat"})}
    for kind, one in decisions.defines():
        ids[kind] = ids.get(kind, frozenset()) | {one}
    return [f"{'.'.join(map(str, one.path))}: {one.message}" for one in decisions.faults(Known(ids))]


def test_an_empty_document_is_valid() -> None:
    assert faults() == []


def test_an_opportunity_that_stands_for_a_need_needs_no_entry() -> None:
    goal = [{"id": "grow", "name": "Grow"}]
    assert faults(objectives=goal, plan=[{"objective": "grow", "opportunity": "opp-delay"}]) == []


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (
            {"opportunities": [{"id": "x", "need": "seats"}]},
            "opportunities.0.need: names the unknown need 'seats'; did you mean seat?",
        ),
        (
            {"opportunities": [{"id": "opp-seat", "need": "delay"}]},
            "opportunities.0.need: must be 'seat', since the id 'opp-seat' stands for it; got 'delay'",
        ),
        ({"not_actionable": [{"need": "fog"}]}, "not_actionable.0.need: names the unknown need 'fog'"),
        (
            {"look_back": [{"id": "u", "name": "U", "on": "2025-01-01", "needs": ["fog"]}]},
            "look_back.0.needs.0: names the unknown need 'fog'",
        ),
        (
            {"plan": [{"objective": "grow", "opportunity": "opp-fog"}]},
            "plan.0.objective: names the unknown objective 'grow' (known: none)",
        ),
        (
            {"plan": [{"objective": "grow", "opportunity": "opp-fog"}]},
            "plan.0.opportunity: names the unknown opportunity 'opp-fog' (known: none)",
        ),
        (
            {"charter": {"start": "2025-02-01", "end": "2025-01-01"}},
            "charter.end: must not be before start (2025-02-01); got 2025-01-01",
        ),
        (
            {
                "objectives": [{"id": "grow", "name": "Grow"}],
                "plan": [{"objective": "grow", "opportunity": "opp-seat", "benefit_low": 9, "benefit_likely": 3}],
            },
            "plan.0.benefit_low: must rise from low over likely to high; got [9.0, 3.0]",
        ),
        (
            {
                "objectives": [{"id": "grow", "name": "Grow"}],
                "plan_budget": 5,
                "plan": [{"objective": "grow", "opportunity": "opp-seat", "budget": 9}],
            },
            "plan_budget: must cover the links' budgets, which add up to 9; got 5",
        ),
        (
            {
                "objectives": [{"id": "grow", "name": "Grow"}],
                "plan": [{"objective": "grow", "opportunity": "opp-seat"}] * 2,
            },
            "plan.1: the link 'grow' to 'opp-seat' stands twice; keep one row",
        ),
        (
            {"objectives": [{"id": "grow", "name": "Grow"}] * 2},
            "objectives.1.id: the objective 'grow' stands twice; give each its own id",
        ),
    ],
)
def test_faults_name_place_rule_and_value(document: dict[str, object], expected: str) -> None:
    assert any(fault.startswith(expected) for fault in faults(**document)), faults(**document)
