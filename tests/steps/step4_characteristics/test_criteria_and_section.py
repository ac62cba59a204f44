"""Step 4's exit criteria both ways, and its section."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from builders.rated_needs import need, step3
from nonagon.charts.section import Chart, Table
from nonagon.deliverables.cycle import Cycle
from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.evidence import Criterion
from nonagon.engine.facts import Facts
from nonagon.steps.step4_characteristics.analysis import analyse
from nonagon.steps.step4_characteristics.criteria import criteria
from nonagon.steps.step4_characteristics.decisions import Step4Decisions
from nonagon.steps.step4_characteristics.section import section

CYCLE = Cycle(name="test", organization="test")
EARLIER = Earlier(
    step3=step3(
        need("punctual", score=(3.0, 0.2), importance=(5, 0.2)),
        need("seat", score=(3.5, 0.2), importance=(4, 0.2)),
    )
)
READY: dict[str, Any] = {
    "characteristics": [
        {
            "id": "delay",
            "name": "Delay",
            "unit": "min",
            "direction": "lower",
            "target": 5,
            "definition": "actual less planned departure",
            "source": "dispatch log",
        },
        {
            "id": "pitch",
            "name": "Seat pitch",
            "unit": "cm",
            "target": 80,
            "definition": "distance of two seats",
            "source": "data sheet",
        },
    ],
    "relationships": [
        {"need": "punctual", "characteristic": "delay", "strength": 9},
        {"need": "seat", "characteristic": "pitch", "strength": 9},
    ],
    "roof": [{"a": "delay", "b": "pitch", "sign": "+"}],
}


def checked(**document: Any) -> dict[str, Criterion]:
    decisions = Step4Decisions.model_validate({**READY, **document})
    result = analyse(cycle=CYCLE, facts=Facts({}), decisions=decisions, earlier=EARLIER)
    return {one.id: one for one in criteria(result, decisions)}


def test_everything_is_met() -> None:
    assert [one.id for one in checked().values() if not one.met] == []


@pytest.mark.parametrize(
    ("criterion", "document", "reason"),
    [
        (
            "operational",
            {"characteristics": [{**READY["characteristics"][0], "unit": ""}, READY["characteristics"][1]]},
            "Delay lacks unit",
        ),
        ("rows_served", {"relationships": READY["relationships"][:1]}, "nobody serves Seat"),
        ("columns_serve", {"relationships": READY["relationships"][:1]}, "serving nobody: Seat pitch"),
        ("priorities", {"relationships": []}, "0 of 2 characteristics with a weight"),
        (
            "judgements",
            {
                "relationships": [
                    {"need": "punctual", "characteristic": "delay", "strength": 9, "judge": "a"},
                    {"need": "seat", "characteristic": "delay", "strength": 9, "judge": "b"},
                ]
            },
            "judges agree with alpha",
        ),
    ],
)
def test_each_can_fail(criterion: str, document: dict[str, Any], reason: str) -> None:
    found = checked(**document)[criterion]
    assert not found.met
    assert reason in found.reason
    assert found.mend


def test_a_conflict_between_weighty_columns_is_open_until_settled() -> None:
    # Equal importances and strengths: each carries an even half.
    equal = Earlier(step3=step3(need("punctual", importance=(4, 0.1)), need("seat", importance=(4, 0.1))))
    for accepted, met in (({}, False), ({"delay/pitch": "pilot decides"}, True)):
        decisions = Step4Decisions.model_validate(
            {**READY, "roof": [{"a": "delay", "b": "pitch", "sign": "-"}], "accepted_conflicts": accepted}
        )
        result = analyse(cycle=CYCLE, facts=Facts({}), decisions=decisions, earlier=equal)
        found = {one.id: one for one in criteria(result, decisions)}["conflicts"]
        assert found.met is met


def test_nothing_is_met_without_anything() -> None:
    result = analyse(cycle=CYCLE, facts=Facts({}), decisions=Step4Decisions(), earlier=Earlier())
    assert not any(one.met for one in criteria(result, Step4Decisions()))
    assert section(result, Step4Decisions()).blocks


def test_section_draws_the_house_with_what_the_deliverable_holds() -> None:
    decisions = Step4Decisions.model_validate(READY)
    result = analyse(cycle=CYCLE, facts=Facts({}), decisions=decisions, earlier=EARLIER)
    found = section(result, decisions)
    house = next(block for block in found.blocks if isinstance(block, Chart) and block.svg)
    assert "Seat pitch" in house.svg
    tables = [block for block in found.blocks if isinstance(block, Table)]
    for table in tables:
        assert all(len(row) == len(table.columns) for row in table.rows)
        assert table.origin == "" or table.origin in result.origins


def test_the_example_of_the_reference_page_is_valid() -> None:
    page = Path(__file__).parents[3] / "docs/reference/decisions-step4.md"
    text = page.read_text(encoding="utf-8")
    example = text.split("```toml\n")[1].split("```")[0]
    decisions = Step4Decisions.model_validate(tomllib.loads(example))
    assert decisions.characteristics
    for name in Step4Decisions.model_fields:
        assert f"`{name}`" in text, f"{name} is not on the page"
