"""What is said of a step 9 document that does not fit the others or itself."""

from typing import Any

import pytest
from pydantic import ValidationError

from nonagon.deliverables.decisions import Known
from nonagon.steps.step9_results.decisions import Step9Decisions

KNOWN = Known(
    {
        "item": frozenset({"q_fast", "q_air"}),
        "class": frozenset({"north", "south"}),
        "need": frozenset({"fast"}),
        "project": frozenset({"counter"}),
        "effect": frozenset({"e", "s"}),
    }
)
EFFECT = {
    "id": "e",
    "improvement": "Second counter",
    "outcome": "satisfaction",
    "item": "q_fast",
    "design": "interrupted_time_series",
    "start": "2025-06-01",
}
APART = {**EFFECT, "design": "difference_in_differences", "treated": ["north"], "control": ["south"]}
SALES = {**EFFECT, "id": "s", "outcome": "sales", "item": None}


def faults(**document: Any) -> list[tuple[str, str]]:
    decisions = Step9Decisions.model_validate(document)
    return [(".".join(map(str, one.path)), one.message) for one in decisions.faults(KNOWN)]


def test_an_empty_document_is_right() -> None:
    assert list(Step9Decisions().faults(Known())) == []


def test_a_full_document_is_right() -> None:
    full = {"project": "counter", "need": "fast", "negative_item": "q_air", "placebo": "2025-05-31"}
    assert (
        faults(
            effects=[{**APART, **full, "end": "2025-06-01"}, SALES],
            measure=[{"item": "q_fast", "weight": 2}, {"item": "q_air"}],
            benefits=[{"project": "counter", "planned": 1000, "effect": "s"}],
            carried=[{"need": "fast", "reason": "still low"}],
            review=[{"decision": "go on"}],
        )
        == []
    )


def test_it_defines_effects() -> None:
    assert list(Step9Decisions.model_validate({"effects": [EFFECT, SALES]}).defines()) == [
        ("effect", "e"),
        ("effect", "s"),
    ]


@pytest.mark.parametrize(
    ("document", "path", "message"),
    [
        (
            {"effects": [EFFECT, EFFECT]},
            "effects.1.id",
            "the effect 'e' stands twice; give each its own id",
        ),
        (
            {"effects": [{**EFFECT, "project": "countre"}]},
            "effects.0.project",
            "names the unknown project 'countre'; did you mean counter? (known: counter)",
        ),
        (
            {"effects": [{**EFFECT, "need": "x"}]},
            "effects.0.need",
            "names the unknown need 'x' (known: fast)",
        ),
        (
            {"effects": [{**EFFECT, "item": "x"}]},
            "effects.0.item",
            "names the unknown item 'x' (known: q_air, q_fast)",
        ),
        (
            {"effects": [{**EFFECT, "item": None}]},
            "effects.0.item",
            "is missing; an effect on satisfaction names the item that measures it",
        ),
        (
            {"effects": [{**EFFECT, "negative_item": "x"}]},
            "effects.0.negative_item",
            "names the unknown item 'x' (known: q_air, q_fast)",
        ),
        (
            {"effects": [{**EFFECT, "negative_item": "q_fast"}]},
            "effects.0.negative_item",
            "is the item of the effect itself; name one that the improvement cannot have changed",
        ),
        (
            {"effects": [{**APART, "treated": ["north", "nord"], "control": ["south"]}]},
            "effects.0.treated.1",
            "names the unknown class 'nord'; did you mean north? (known: north, south)",
        ),
        (
            {"effects": [{**APART, "control": ["x"]}]},
            "effects.0.control.0",
            "names the unknown class 'x' (known: north, south)",
        ),
        (
            {"effects": [{**APART, "control": []}]},
            "effects.0.control",
            "a difference in differences needs classes in treated and in control",
        ),
        (
            {"effects": [{**APART, "treated": []}]},
            "effects.0.control",
            "a difference in differences needs classes in treated and in control",
        ),
        (
            {"effects": [{**APART, "control": ["south", "north"]}]},
            "effects.0.control",
            "the class 'north' stands in treated and in control; keep one",
        ),
        (
            {"effects": [{**EFFECT, "placebo": "2025-06-01"}]},
            "effects.0.placebo",
            "must lie before start (2025-06-01); got 2025-06-01",
        ),
        (
            {"effects": [{**EFFECT, "begin": "2025-06-01"}]},
            "effects.0.begin",
            "must lie before start (2025-06-01); got 2025-06-01",
        ),
        (
            {"effects": [{**EFFECT, "placebo": "2025-03-01", "begin": "2025-03-01"}]},
            "effects.0.begin",
            "must lie before placebo (2025-03-01); got 2025-03-01",
        ),
        (
            {"effects": [{**EFFECT, "end": "2025-05-31"}]},
            "effects.0.end",
            "must not lie before start (2025-06-01); got 2025-05-31",
        ),
        (
            {"measure": [{"item": "x"}]},
            "measure.0.item",
            "names the unknown item 'x' (known: q_air, q_fast)",
        ),
        (
            {"measure": [{"item": "q_fast"}, {"item": "q_air"}, {"item": "q_fast", "weight": 2}]},
            "measure.2.item",
            "the item 'q_fast' stands twice in the measure; give it one weight",
        ),
        (
            {"benefits": [{"project": "x", "planned": 1}]},
            "benefits.0.project",
            "names the unknown project 'x' (known: counter)",
        ),
        (
            {"benefits": [{"project": "counter", "planned": 1, "effect": "x"}]},
            "benefits.0.effect",
            "names the unknown effect 'x' (known: e, s)",
        ),
        (
            {"effects": [EFFECT], "benefits": [{"project": "counter", "planned": 1, "effect": "e"}]},
            "benefits.0.effect",
            "'e' is an effect on satisfaction; money needs one on sales",
        ),
        (
            {"carried": [{"need": "x", "reason": "r"}]},
            "carried.0.need",
            "names the unknown need 'x' (known: fast)",
        ),
    ],
)
def test_a_fault(document: dict[str, Any], path: str, message: str) -> None:
    assert faults(**document) == [(path, message)]


@pytest.mark.parametrize(
    "document",
    [
        {"effects": [{**EFFECT, "outcome": "profit"}]},
        {"effects": [{**EFFECT, "design": "guess"}]},
        {"effects": [{**EFFECT, "unit": "day"}]},
        {"effects": [{key: value for key, value in EFFECT.items() if key != "start"}]},
        {"measure": [{"item": "q_fast", "weight": 0}]},
        {"top_boxes": 0},
        {"repeat_days": 0},
        {"benefits": [{"project": "counter"}]},
        {"sold": True},
    ],
)
def test_what_no_document_may_hold(document: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Step9Decisions.model_validate(document)
