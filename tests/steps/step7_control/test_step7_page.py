"""The reference page of step 7: its example is valid and uses everything, and every key stands on it."""

import tomllib
from pathlib import Path

from nonagon.deliverables.decisions import Known
from nonagon.steps.step7_control.decisions import (
    ControlItemDecision,
    DeviationDecision,
    ExplanationDecision,
    PhaseDecision,
    PrerequisiteDecision,
    Step7Decisions,
)

PAGE = (Path(__file__).parents[3] / "docs/reference/decisions-step7.md").read_text(encoding="utf-8")
MODELS = (
    Step7Decisions,
    ControlItemDecision,
    PhaseDecision,
    ExplanationDecision,
    PrerequisiteDecision,
    DeviationDecision,
)


def example() -> Step7Decisions:
    return Step7Decisions.model_validate(tomllib.loads(PAGE.split("```toml\n")[1].split("```")[0]))


def test_the_example_is_valid_and_uses_every_key() -> None:
    decisions = example()
    known = Known(
        {
            "characteristic": frozenset({"departure_delay", "complaints", "brakes"}),
            "activity": frozenset({"longer_turns", "displays"}),
            "need": frozenset({"punctual", "safe"}),
            "control_item": frozenset({"ci_delay", "ci_complaints"}),
        }
    )
    assert [one.message for one in decisions.faults(known)] == []
    assert decisions.model_fields_set == set(Step7Decisions.model_fields)
    for name in Step7Decisions.lists:
        rows = getattr(decisions, name)
        said = {key for row in rows for key in row.model_fields_set}
        assert said == set(type(rows[0]).model_fields), name


def test_every_key_is_explained() -> None:
    for model in MODELS:
        for name, field in model.model_fields.items():
            start, end = f"| `{name}` |", f"| {field.description} |"
            row = next(line for line in PAGE.splitlines() if line.startswith(start) and line.endswith(end))
            assert ("| required |" in row) == field.is_required(), name


def test_every_list_names_its_file() -> None:
    for name, file in Step7Decisions.lists.items():
        assert f"`{name}` in `decisions/{file}`" in PAGE
