"""Step 5's exit criteria both ways, and its section."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from builders.rated_needs import need, step3
from nonagon.charts.section import Chart, Table
from nonagon.deliverables.cycle import Cycle, Wave
from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.evidence import Criterion
from nonagon.deliverables.step4 import Characteristic, CharacteristicsDeliverable
from nonagon.deliverables.step5 import OpportunitiesDeliverable
from nonagon.engine.facts import Facts
from nonagon.steps.step5_opportunities.analysis import analyse
from nonagon.steps.step5_opportunities.criteria import criteria
from nonagon.steps.step5_opportunities.decisions import Step5Decisions
from nonagon.steps.step5_opportunities.section import section

CYCLE = Cycle(
    name="test",
    organization="test",
    waves=(Wave(id="w1", date="2025-01-01"), Wave(id="w2", date="2025-05-01")),
)
EARLIER = Earlier(
    step3=step3(
        need("delay", score=(2.5, 0.2), importance=(4.8, 0.2), waves={"w1": (2.0, 0.2), "w2": (2.5, 0.2)}),
        need("seat", score=(3.5, 0.2), importance=(4.0, 0.2), waves={"w1": (3.4, 0.2), "w2": (3.5, 0.2)}),
        waves=("w1", "w2"),
    ),
    step4=CharacteristicsDeliverable(
        characteristics=(
            Characteristic(id="minutes", name="Minutes", unit="min", direction="lower", needs=("delay", "seat")),
        )
    ),
)
CHARTER: dict[str, Any] = {
    "title": "On time",
    "version": "1",
    "approved_by": "board",
    "approved_on": "2025-06-01",
    "mission": "Bring the lowest score up",
    "objectives": [
        {"statement": "Punctual", "measure": "score", "baseline": 2.5, "target": 3, "due": "2026-01-01"}
    ],
    "operating": {
        "authority": "dispatch rules",
        "budget": 10,
        "meetings": "weekly",
        "decision_rule": "consensus",
        "escalation": "sponsor",
        "confidentiality": "team only",
    },
    "sponsor": "head of operations",
    "members": [{"role": "leader", "share_of_time": 0.5}],
    "scope_in": ["intercity"],
    "scope_out": ["city"],
    "start": "2025-07-01",
    "end": "2026-06-30",
}
READY: dict[str, Any] = {
    "opportunities": [{"id": "opp-delay", "need": "delay", "chosen": True}],
    "look_back": [{"id": "u", "name": "Timetable", "on": "2025-03-01"}],
    "charter": CHARTER,
    "objectives": [{"id": "grow", "name": "Grow"}],
    "plan": [{"objective": "grow", "opportunity": "opp-delay", "benefit_likely": 9, "budget": 4}],
}


def result_of(document: dict[str, Any]) -> tuple[OpportunitiesDeliverable, Step5Decisions]:
    decisions = Step5Decisions.model_validate(document)
    return analyse(cycle=CYCLE, facts=Facts({}), decisions=decisions, earlier=EARLIER), decisions


def checked(**document: Any) -> dict[str, Criterion]:
    return {one.id: one for one in criteria(*result_of({**READY, **document}))}


def test_everything_is_met() -> None:
    assert [(one.id, one.reason) for one in checked().values() if not one.met] == []


@pytest.mark.parametrize(
    ("criterion", "document", "reason"),
    [
        ("lowest_first", {"opportunities": []}, "no opportunity is chosen"),
        (
            "lowest_first",
            {"opportunities": [{"id": "opp-seat", "need": "seat", "chosen": True}]},
            "the lowest, Delay, was passed over for Seat without a reason",
        ),
        ("apart", {"not_actionable": [{"need": "seat"}]}, "without a reason: Seat"),
        ("look_back", {"look_back": []}, "no upgrade is recorded"),
        ("charter", {"charter": {**CHARTER, "sponsor": ""}}, "22 of 23 fields; missing: sponsor"),
        ("charter_approved", {"charter": {**CHARTER, "approved_on": None}}, "no approval is recorded"),
        ("plan_linked", {"plan": []}, "objectives without an opportunity: Grow"),
        ("plan_linked", {"objectives": [], "plan": []}, "no strategic objective is recorded"),
        ("plan_figures", {"plan": [{"objective": "grow", "opportunity": "opp-delay"}]}, "without figures"),
    ],
)
def test_each_can_fail(criterion: str, document: dict[str, Any], reason: str) -> None:
    found = checked(**document)[criterion]
    assert not found.met
    assert reason in found.reason
    assert found.mend


def test_a_first_cycle_has_nothing_to_look_back_at() -> None:
    assert checked(look_back=[], first_cycle=True)["look_back"].met


def test_a_reason_for_passing_over_the_lowest_is_enough() -> None:
    chosen = [{"id": "opp-seat", "need": "seat", "chosen": True, "reason": "safety"}]
    assert checked(opportunities=chosen)["lowest_first"].met


def test_a_chosen_need_that_no_characteristic_serves() -> None:
    decisions = Step5Decisions.model_validate(READY)
    bare = analyse(cycle=CYCLE, facts=Facts({}), decisions=decisions, earlier=Earlier(step3=EARLIER.step3))
    assert not {one.id: one for one in criteria(bare, decisions)}["served"].met


def test_nothing_is_met_without_anything() -> None:
    result = analyse(cycle=CYCLE, facts=Facts({}), decisions=Step5Decisions(), earlier=Earlier())
    assert not any(one.met for one in criteria(result, Step5Decisions()))
    assert section(result, Step5Decisions()).blocks


def test_section_shows_scores_gap_map_charter_and_plan() -> None:
    result, decisions = result_of(READY)
    blocks = section(result, decisions).blocks
    charts = [block.title for block in blocks if isinstance(block, Chart)]
    assert charts == [
        "Scores from the lowest up",
        "Highest less lowest score, wave by wave",
        "Importance and performance of the needs",
    ]
    for table in (block for block in blocks if isinstance(block, Table)):
        assert all(len(row) == len(table.columns) for row in table.rows)
        assert table.origin == "" or table.origin in result.origins


def test_the_example_of_the_reference_page_is_valid() -> None:
    page = Path(__file__).parents[3] / "docs/reference/decisions-step5.md"
    text = page.read_text(encoding="utf-8")
    example = text.split("```toml\n")[1].split("```")[0]
    decisions = Step5Decisions.model_validate(tomllib.loads(example))
    assert decisions.charter.operating.budget == 250000
    for name in Step5Decisions.model_fields:
        assert f"`{name}`" in text, f"{name} is not on the page"


def table_of(caption: str, **document: Any) -> Table:
    decisions = Step5Decisions.model_validate(document)
    found = analyse(cycle=CYCLE, facts=Facts({}), decisions=decisions, earlier=EARLIER)
    return next(
        one for one in section(found, decisions).blocks if isinstance(one, Table) and one.caption == caption
    )


def test_small_targets_keep_their_digits_and_shares_are_in_percent() -> None:
    goals = [
        {
            "id": "loyal",
            "name": "Stay",
            "measure": "share who leave in a month",
            "baseline": 0.013,
            "target": 0.01,
        },
        {"id": "quick", "name": "Quick", "measure": "hours", "baseline": 0.0134, "target": 0.01},
    ]
    table = table_of("Strategic objectives and the opportunities that serve them", objectives=goals)
    assert [row[2:4] for row in table.rows] == [("1.3\u202f%", "1\u202f%"), ("0.0134", "0.01")]


def test_the_kano_column_is_left_out_where_no_need_was_classified() -> None:
    table = table_of("What else speaks for each, and what was decided")
    assert [name for name, _ in table.columns] == ["opportunity", "importance", "opportunity score", "decision"]
    assert {len(row) for row in table.rows} == {4}
