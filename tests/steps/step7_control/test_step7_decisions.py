"""What is said of a step 7 document that does not fit the others."""

from typing import Any

import pytest

from nonagon.deliverables.decisions import Known
from nonagon.steps.step7_control.decisions import Step7Decisions

KNOWN = Known(
    {
        "characteristic": frozenset({"delay", "heat"}),
        "activity": frozenset({"a1"}),
        "need": frozenset({"punctual"}),
        "control_item": frozenset({"ci"}),
    }
)
PLAN = [{"id": "ci", "characteristic": "delay"}]


def faults(**document: Any) -> list[tuple[str, str]]:
    decisions = Step7Decisions.model_validate({"control_items": PLAN, **document})
    return [(".".join(map(str, one.path)), one.message) for one in decisions.faults(KNOWN)]


def test_an_empty_document_is_right() -> None:
    assert list(Step7Decisions().faults(Known())) == []
    assert list(Step7Decisions().defines()) == []


def test_a_full_document_is_right() -> None:
    assert (
        faults(
            control_items=[{"id": "ci", "characteristic": "delay", "activity": "a1", "baseline": "before"}],
            phases=[{"label": "before", "start": "2025-01-01"}, {"label": "after", "start": "2025-02-01"}],
            explanations=[{"item": "ci", "first": "2025-01-05", "last": "2025-01-05", "cause": "snow"}],
            prerequisites=[{"need": "punctual", "characteristic": "delay"}],
            deviations=[{"activity": "a1", "deviation": "later"}],
        )
        == []
    )


def test_it_defines_control_items() -> None:
    assert list(Step7Decisions.model_validate({"control_items": PLAN}).defines()) == [("control_item", "ci")]


@pytest.mark.parametrize(
    ("document", "path", "message"),
    [
        (
            {"control_items": [*PLAN, *PLAN]},
            "control_items.1.id",
            "the control item 'ci' stands twice; give each its own id",
        ),
        (
            {"control_items": [{"id": "ci", "characteristic": "dealy"}]},
            "control_items.0.characteristic",
            "names the unknown characteristic 'dealy'; did you mean delay? (known: delay, heat)",
        ),
        (
            {"control_items": [{"id": "ci", "characteristic": "heat", "activity": "a2"}]},
            "control_items.0.activity",
            "names the unknown activity 'a2' (known: a1)",
        ),
        (
            {
                "control_items": [{"id": "ci", "characteristic": "heat", "baseline": "befor"}],
                "phases": [{"label": "before", "start": "2025-01-01"}],
            },
            "control_items.0.baseline",
            "names the unknown phase 'befor' (known: before)",
        ),
        (
            {
                "phases": [
                    {"label": "before", "start": "2025-01-01"},
                    {"label": "pilot", "start": "2024-06-01", "item": "ci"},
                    {"label": "after", "start": "2025-01-01"},
                ]
            },
            "phases.2.start",
            "must lie after the phase before (2025-01-01); got 2025-01-01",
        ),
        (
            {"phases": [{"label": "before", "start": "2025-01-01", "item": "co"}]},
            "phases.0.item",
            "names the unknown control item 'co' (known: ci)",
        ),
        (
            {"explanations": [{"item": "ci", "first": "2025-02-01", "last": "2025-01-01", "cause": "snow"}]},
            "explanations.0.last",
            "must not lie before first (2025-02-01); got 2025-01-01",
        ),
        (
            {"explanations": [{"item": "x", "first": "2025-01-01", "last": "2025-01-01", "cause": "snow"}]},
            "explanations.0.item",
            "names the unknown control item 'x' (known: ci)",
        ),
        (
            {"prerequisites": [{"need": "puncture", "characteristic": "delay"}]},
            "prerequisites.0.need",
            "names the unknown need 'puncture'; did you mean punctual? (known: punctual)",
        ),
        (
            {"prerequisites": [{"need": "punctual", "characteristic": "delay"}] * 2},
            "prerequisites.1.need",
            "the promise punctual by delay stands twice; keep one",
        ),
        (
            {"deviations": [{"activity": "a1", "deviation": "later"}, {"activity": "a1", "deviation": "dearer"}]},
            "deviations.1.activity",
            "the activity 'a1' stands twice; say all of it in one row",
        ),
        (
            {"deviations": [{"activity": "b1", "deviation": "later"}]},
            "deviations.0.activity",
            "names the unknown activity 'b1' (known: a1)",
        ),
    ],
)
def test_a_fault(document: dict[str, Any], path: str, message: str) -> None:
    assert faults(**document) == [(path, message)]
