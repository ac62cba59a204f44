"""Step 6's exit criteria both ways, and its section."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from nonagon.charts.section import Chart, Table
from nonagon.deliverables.cycle import Cycle
from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.evidence import Criterion
from nonagon.deliverables.step5 import OpportunitiesDeliverable, Opportunity
from nonagon.deliverables.step6 import ImprovementsDeliverable
from nonagon.engine.facts import Facts
from nonagon.steps.step6_improvements.analysis import analyse
from nonagon.steps.step6_improvements.criteria import criteria
from nonagon.steps.step6_improvements.decisions import Step6Decisions
from nonagon.steps.step6_improvements.section import section

CYCLE = Cycle(name="test", organization="test", currency="EUR")
EARLIER = Earlier(
    step5=OpportunitiesDeliverable(
        opportunities=(Opportunity(id="opp-delay", need="delay", name="Delay", chosen=True),)
    )
)
PROJECT: dict[str, Any] = {
    "id": "p",
    "name": "Dispatch",
    "opportunity": "opp-delay",
    "benefit_low": 20,
    "benefit_likely": 30,
    "benefit_high": 60,
}
ACTIVITY: dict[str, Any] = {
    "id": "train",
    "project": "p",
    "name": "Train",
    "owner": "dispatch",
    "duration_days": 10,
    "cost": 40,
}
READY: dict[str, Any] = {
    "start": "2025-01-15",
    "projects": [PROJECT],
    "activities": [ACTIVITY],
    "funds": [{"month": "2025-01", "amount": 50}],
}


def result_of(document: dict[str, Any]) -> tuple[ImprovementsDeliverable, Step6Decisions]:
    decisions = Step6Decisions.model_validate(document)
    return analyse(cycle=CYCLE, facts=Facts({}), decisions=decisions, earlier=EARLIER), decisions


def checked(**document: Any) -> dict[str, Criterion]:
    return {one.id: one for one in criteria(*result_of({**READY, **document}))}


def test_everything_is_met() -> None:
    assert [(one.id, one.reason) for one in checked().values() if not one.met] == []


@pytest.mark.parametrize(
    ("criterion", "document", "reason"),
    [
        (
            "opportunities",
            {"projects": [{**PROJECT, "opportunity": "opp-seat"}]},
            "no project for Delay; serving nothing chosen: Dispatch",
        ),
        ("planned", {"activities": []}, "no activity is planned"),
        ("owned", {"activities": [{**ACTIVITY, "owner": ""}]}, "without an owner: Train"),
        ("worth", {"projects": [{**PROJECT, "benefit_low": 30, "benefit_high": 30}]}, "without bounds: Dispatch"),
        ("budget", {"budget": 39, "selected": ["p"]}, "the plan costs 40 of 39"),
        ("cash", {"funds": [{"month": "2025-02", "amount": 50}]}, "short from 2025-01 on by up to 40"),
        ("cash", {"funds": [], "budget": 50}, "cost by month and funds are not both known"),
        ("choice", {"selected": ["q"], "projects": [PROJECT, {**PROJECT, "id": "q", "cost": 2000}]}, "differs"),
        (
            "in_house",
            {"projects": [{**PROJECT, "in_house": False}]},
            "not recorded: Dispatch (who it is, the reason",
        ),
    ],
)
def test_each_can_fail(criterion: str, document: dict[str, Any], reason: str) -> None:
    found = checked(**document)[criterion]
    assert not found.met
    assert reason in found.reason
    assert found.mend


def test_another_choice_with_its_reasons_is_enough() -> None:
    projects = [{**PROJECT, "left_out_reason": "too many changes at once"}, {**PROJECT, "id": "q", "cost": 30}]
    document = {"selected": ["q"], "selected_reason": "smaller first", "projects": projects}
    assert checked(**document)["choice"].met


def test_nothing_is_met_without_anything() -> None:
    result = analyse(cycle=CYCLE, facts=Facts({}), decisions=Step6Decisions(), earlier=Earlier())
    assert not any(one.met for one in criteria(result, Step6Decisions()))
    assert section(result, Step6Decisions()).blocks


def test_section_shows_worth_plan_and_cash() -> None:
    sharing = [{"party": "supplier", "since": "2025-01-01"}]
    result, decisions = result_of({**READY, "sharing": sharing, "projects": [{**PROJECT, "in_house": False}]})
    blocks = section(result, decisions).blocks
    charts = [block.title for block in blocks if isinstance(block, Chart)]
    assert charts == [
        "What each project is worth today",
        "The plan in time",
        "Cost by month against the money that there is",
    ]
    captions = [block.caption for block in blocks if isinstance(block, Table)]
    assert "Outside parties" in captions
    assert "Documents of the plan given outside" in captions
    for table in (block for block in blocks if isinstance(block, Table)):
        assert all(len(row) == len(table.columns) for row in table.rows)
        assert table.origin == "" or table.origin in result.origins


def test_the_example_of_the_reference_page_is_valid() -> None:
    page = Path(__file__).parents[3] / "docs/reference/decisions-step6.md"
    text = page.read_text(encoding="utf-8")
    example = text.split("```toml\n")[1].split("```")[0]
    decisions = Step6Decisions.model_validate(tomllib.loads(example))
    assert len(decisions.activities) == 2
    for name in Step6Decisions.model_fields:
        assert f"`{name}`" in text, f"{name} is not on the page"


def test_each_fact_of_an_activity_stands_in_one_table_only() -> None:
    document = {
        "start": "2025-01-15",
        "projects": [{"id": "a", "name": "A", "opportunity": "opp-delay", "benefit_likely": 9}],
        "activities": [{"id": "one", "project": "a", "name": "Train", "duration_days": 5, "owner": "depot"}],
    }
    decisions = Step6Decisions.model_validate(document)
    found = analyse(cycle=CYCLE, facts=Facts({}), decisions=decisions, earlier=Earlier())
    blocks = section(found, decisions).blocks
    tables = [one.table if isinstance(one, Chart) else one for one in blocks if isinstance(one, (Chart, Table))]
    listing = [one for one in tables if any(row[0] == "Train" for row in one.rows)]
    heads = [[name for name, _ in one.columns if name] for one in listing]
    assert heads == [
        ["activity", "start", "finish", "path"],
        ["activity", "project", "owner", "after", "cost", "spent", "state"],
    ]
