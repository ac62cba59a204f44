"""What is said of a step 8 document that does not fit the others."""

from typing import Any

import pytest

from nonagon.deliverables.decisions import Known
from nonagon.steps.step8_aftersales.decisions import Step8Decisions

KNOWN = Known(
    {
        "item": frozenset({"q_fast"}),
        "class": frozenset({"north"}),
        "need": frozenset({"fast"}),
        "activity": frozenset({"a1"}),
        "control_item": frozenset({"ci"}),
        "follow_up": frozenset({"fu"}),
    }
)
WATCH = {"id": "w", "item": "q_fast", "since": "2025-03-01"}


def faults(**document: Any) -> list[tuple[str, str]]:
    decisions = Step8Decisions.model_validate(document)
    return [(".".join(map(str, one.path)), one.message) for one in decisions.faults(KNOWN)]


def test_an_empty_document_is_right() -> None:
    assert list(Step8Decisions().faults(Known())) == []


def test_a_full_document_is_right() -> None:
    assert (
        faults(
            follow_ups=[{"id": "fu", "control_items": ["ci"], "items": ["q_fast"], "class_id": "north"}],
            watches=[{**WATCH, "class_id": "north", "control_item": "ci"}],
            cases=[
                {
                    "id": "k",
                    "opened": "2025-01-01",
                    "closed": "2025-01-01",
                    "outcome": "solved",
                    "need": "fast",
                    "follow_up": "fu",
                }
            ],
            returns=[{"need": "fast", "activity": "a1", "message": "done"}],
        )
        == []
    )


def test_it_defines_programmes_and_cases() -> None:
    document = {"follow_ups": [{"id": "fu"}], "cases": [{"id": "k", "opened": "2025-01-01"}]}
    assert list(Step8Decisions.model_validate(document).defines()) == [("follow_up", "fu"), ("case", "k")]


@pytest.mark.parametrize(
    ("document", "path", "message"),
    [
        (
            {"follow_ups": [{"id": "fu"}, {"id": "fu"}]},
            "follow_ups.1.id",
            "the follow-up 'fu' stands twice; give each its own id",
        ),
        (
            {"watches": [WATCH, WATCH]},
            "watches.1.id",
            "the watch 'w' stands twice; give each its own id",
        ),
        (
            {"cases": [{"id": "k", "opened": "2025-01-01"}] * 2},
            "cases.1.id",
            "the case 'k' stands twice; give each its own id",
        ),
        (
            {"follow_ups": [{"id": "fu", "control_items": ["ci", "cx"]}]},
            "follow_ups.0.control_items.1",
            "names the unknown control item 'cx' (known: ci)",
        ),
        (
            {"follow_ups": [{"id": "fu", "items": ["q_fats"]}]},
            "follow_ups.0.items.0",
            "names the unknown item 'q_fats'; did you mean q_fast? (known: q_fast)",
        ),
        (
            {"follow_ups": [{"id": "fu", "class_id": "nord"}]},
            "follow_ups.0.class_id",
            "names the unknown class 'nord'; did you mean north? (known: north)",
        ),
        (
            {"watches": [{**WATCH, "item": "x"}]},
            "watches.0.item",
            "names the unknown item 'x' (known: q_fast)",
        ),
        (
            {"watches": [{**WATCH, "class_id": "x"}]},
            "watches.0.class_id",
            "names the unknown class 'x' (known: north)",
        ),
        (
            {"watches": [{**WATCH, "control_item": "x"}]},
            "watches.0.control_item",
            "names the unknown control item 'x' (known: ci)",
        ),
        (
            {"watches": [{**WATCH, "baseline_from": "2025-03-01"}]},
            "watches.0.baseline_from",
            "must lie before since (2025-03-01); got 2025-03-01",
        ),
        (
            {"cases": [{"id": "k", "opened": "2025-01-01", "need": "x"}]},
            "cases.0.need",
            "names the unknown need 'x' (known: fast)",
        ),
        (
            {"cases": [{"id": "k", "opened": "2025-01-01", "follow_up": "x"}]},
            "cases.0.follow_up",
            "names the unknown follow up 'x' (known: fu)",
        ),
        (
            {"cases": [{"id": "k", "opened": "2025-01-02", "answered": "2025-01-01"}]},
            "cases.0.answered",
            "must not lie before opened (2025-01-02); got 2025-01-01",
        ),
        (
            {"cases": [{"id": "k", "opened": "2025-01-01", "outcome": "solved"}]},
            "cases.0.outcome",
            "needs a day in closed; got solved for an open case",
        ),
        (
            {"returns": [{"need": "x", "activity": "a1", "message": "m"}]},
            "returns.0.need",
            "names the unknown need 'x' (known: fast)",
        ),
        (
            {"returns": [{"need": "fast", "activity": "x", "message": "m"}]},
            "returns.0.activity",
            "names the unknown activity 'x' (known: a1)",
        ),
    ],
)
def test_a_fault(document: dict[str, Any], path: str, message: str) -> None:
    assert faults(**document) == [(path, message)]
