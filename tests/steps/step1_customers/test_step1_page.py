"""The reference page of step 1's document: its example is valid, and every key stands on it."""

import tomllib
from pathlib import Path

from nonagon.deliverables.decisions import Known
from nonagon.steps.step1_customers.decisions import KeyCriteria, Step1Decisions

PAGE = (Path(__file__).parents[3] / "docs/reference/decisions-step1.md").read_text(encoding="utf-8")


def test_the_example_is_valid() -> None:
    decisions = Step1Decisions.model_validate(tomllib.loads(PAGE.split("```toml\n")[1].split("```")[0]))
    assert list(decisions.faults(Known({"need": frozenset({"punctual"})}))) == []
    assert decisions.key_customers is not None


def test_every_key_is_explained() -> None:
    for name in [*Step1Decisions.model_fields, *KeyCriteria.model_fields]:
        assert f"| `{name}` |" in PAGE, name
