"""The reference page of step 2's document: its example is valid, and every key stands on it."""

import tomllib
from pathlib import Path

from nonagon.deliverables.decisions import Known
from nonagon.steps.step2_market.decisions import AddedEntry, MarketRow, Step2Decisions

PAGE = (Path(__file__).parents[3] / "docs/reference/decisions-step2.md").read_text(encoding="utf-8")


def test_the_example_is_valid() -> None:
    decisions = Step2Decisions.model_validate(tomllib.loads(PAGE.split("```toml\n")[1].split("```")[0]))
    assert list(decisions.faults(Known())) == []
    assert decisions.tows


def test_every_key_is_explained() -> None:
    for name in [*Step2Decisions.model_fields, *MarketRow.model_fields, *AddedEntry.model_fields]:
        assert f"| `{name}` |" in PAGE, name
