"""The documents of step 2: what is wrong with one."""

import pytest
from pydantic import ValidationError

from nonagon.deliverables.cycle import Cycle
from nonagon.deliverables.decisions import Fault, Known
from nonagon.steps.step2_market.decisions import Step2Decisions

KNOWN = Known({"need": frozenset({"seats"})}, Cycle(name="c", organization="o", subject="us"))
ROW = {"period": "2025-01-01", "seller": "us", "amount": 5, "source": "report"}


def faults(**document: object) -> list[Fault]:
    return list(Step2Decisions.model_validate(document).faults(KNOWN))


def test_an_empty_document_is_valid() -> None:
    assert faults() == []


def test_competitors_and_sellers_are_defined() -> None:
    document = Step2Decisions.model_validate({"competitors": [{"id": "rail"}], "market": [ROW]})
    assert list(document.defines()) == [("competitor", "rail"), ("seller", "us")]


@pytest.mark.parametrize(
    ("document", "path", "words"),
    [
        ({"swot": [{"id": "x", "decision": "reject"}]}, ("swot", 0, "reason"), "without a reason"),
        ({"market": [ROW, ROW]}, ("market", 1, "seller"), "stands twice"),
        (
            {"competitors": [{"id": "rail"}], "market": [ROW | {"seller": "ral"}]},
            ("market", 0, "seller"),
            "neither us ('us') nor a competitor",
        ),
        (
            {"added": [{"id": "a", "quadrant": "threat", "sentence": "s", "evidence": "e", "need": "seat"}]},
            ("added", 0, "need"),
            "did you mean seats",
        ),
        (
            {
                "swot": [{"id": "a", "decision": "reject", "reason": "r"}],
                "tows": [{"id": "t", "kind": "SO", "entries": ["a", "b"], "action": "x"}],
            },
            ("tows", 0, "entries"),
            "which is rejected",
        ),
        ({"competitors": [{"id": "a"}, {"id": "a"}]}, ("competitors", 1, "id"), "stands twice"),
    ],
)
def test_faults(document: dict[str, object], path: tuple[str | int, ...], words: str) -> None:
    found = faults(**document)
    assert [one.path for one in found] == [path]
    assert words in found[0].message


@pytest.mark.parametrize(
    "document",
    [
        {"market": [ROW | {"amount": -1}]},
        {"added": [{"id": "a", "quadrant": "threat", "sentence": "s", "evidence": ""}]},
        {"tows": [{"id": "t", "kind": "SO", "entries": ["a"], "action": "x"}]},
        {"swot": [{"id": "a", "decision": "maybe"}]},
    ],
)
def test_values_out_of_range(document: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Step2Decisions.model_validate(document)
