"""The reference page of step 8: its example is valid and uses everything, and every key stands on it."""

import tomllib
from pathlib import Path

from nonagon.deliverables.decisions import Known
from nonagon.steps.step8_aftersales.decisions import (
    CaseDecision,
    CaseTimes,
    FollowUpDecision,
    ReturnDecision,
    Step8Decisions,
    WatchDecision,
)

PAGE = (Path(__file__).parents[3] / "docs/reference/decisions-step8.md").read_text(encoding="utf-8")
MODELS = (Step8Decisions, FollowUpDecision, WatchDecision, CaseDecision, ReturnDecision, CaseTimes)


def example() -> Step8Decisions:
    return Step8Decisions.model_validate(tomllib.loads(PAGE.split("```toml\n")[1].split("```")[0]))


def test_the_example_is_valid_and_uses_every_key() -> None:
    decisions = example()
    known = Known(
        {
            "item": frozenset({"pulse_punctual"}),
            "class": frozenset({"commuters"}),
            "need": frozenset({"punctual"}),
            "activity": frozenset({"longer_turns"}),
            "control_item": frozenset({"ci_delay"}),
            "follow_up": frozenset({"after_trip"}),
        }
    )
    assert [one.message for one in decisions.faults(known)] == []
    assert decisions.model_fields_set == set(Step8Decisions.model_fields)
    assert decisions.case_times.model_fields_set == set(CaseTimes.model_fields)
    for name in Step8Decisions.lists:
        rows = getattr(decisions, name)
        said = {key for row in rows for key in row.model_fields_set}
        assert said >= set(type(rows[0]).model_fields) - {"class_id"}, name


def test_every_key_is_explained() -> None:
    for model in MODELS:
        for name, field in model.model_fields.items():
            start, end = f"| `{name}` |", f"| {field.description} |"
            row = next(line for line in PAGE.splitlines() if line.startswith(start) and line.endswith(end))
            assert ("| required |" in row) == field.is_required(), name


def test_every_list_names_its_file() -> None:
    for name, file in Step8Decisions.lists.items():
        assert f"`{name}` in `decisions/{file}`" in PAGE
