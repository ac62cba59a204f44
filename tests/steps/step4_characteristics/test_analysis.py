"""The House of Quality: known answers, uncertainty, holes, conflicts, empty input."""

from typing import Any

import numpy as np
import pytest

from builders.rated_needs import need, points, step3
from nonagon.deliverables.cycle import Cycle, Settings
from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.evidence import Estimate, Origin
from nonagon.deliverables.step2 import Comparison, MarketDeliverable
from nonagon.deliverables.step4 import CharacteristicsDeliverable
from nonagon.engine.facts import Facts
from nonagon.steps.step4_characteristics.analysis import analyse
from nonagon.steps.step4_characteristics.decisions import Step4Decisions

CYCLE = Cycle(name="test", organization="test", settings=Settings(draws=4000))
NEEDS = (
    need("punctual", score=(3.0, 0.2), importance=(5, 0.2)),
    need("seat", score=(3.0, 0.2), importance=(4, 0.2)),
    need("bored", score=(2.5, 0.2), importance=(3, 0.2)),
)
HOUSE: dict[str, Any] = {
    "characteristics": [
        {"id": "delay", "name": "Delay", "direction": "lower"},
        {"id": "pitch", "name": "Seat pitch"},
        {"id": "screens", "name": "Screens"},
    ],
    "relationships": [
        {"need": "punctual", "characteristic": "delay", "strength": 9},
        {"need": "seat", "characteristic": "pitch", "strength": 9},
        {"need": "seat", "characteristic": "delay", "strength": 1},
        {"need": "bored", "characteristic": "screens", "strength": 3},
    ],
}


def run(earlier: Earlier | None = None, **document: Any) -> CharacteristicsDeliverable:
    return analyse(
        cycle=CYCLE,
        facts=Facts({}),
        decisions=Step4Decisions.model_validate({**HOUSE, **document}),
        earlier=Earlier(step3=step3(*NEEDS)) if earlier is None else earlier,
    )


def by_id(result: CharacteristicsDeliverable) -> dict[str, Any]:
    return {one.id: one for one in result.characteristics}


def test_classic_weights_by_hand() -> None:
    columns = by_id(run())
    # 5 x 9 + 4 x 1, 4 x 9, 3 x 3; the sum is 94.
    assert [columns[one].weight.value for one in ("delay", "pitch", "screens")] == [49, 36, 9]
    assert columns["delay"].relative.value == pytest.approx(49 / 94)
    assert [columns[one].rank for one in ("delay", "pitch", "screens")] == [1, 2, 3]


def test_planning_columns_by_hand() -> None:
    result = run(need_targets=[{"need": "seat", "target": 4, "sales_point": 1.5}])
    row = next(row for row in result.rows if row.need == "seat")
    # Improvement ratio 4 / 3 (now is step 3's score), raw weight 4 x 4/3 x 1.5 = 8, of 5 + 8 + 3 in all.
    assert row.improvement_ratio == pytest.approx(4 / 3)
    assert row.raw_weight == pytest.approx(8)
    assert row.share is not None
    assert row.share.value == pytest.approx(0.5)
    assert by_id(result)["pitch"].weight.value == pytest.approx(72)


def test_interval_agrees_with_drawing_the_importances() -> None:
    relative = by_id(run())["delay"].relative
    # Apart from the product: 400,000 normal draws; half width 0.2 over Student's 97.5 % quantile of 99 df, 1.984.
    random = np.random.default_rng(7)
    importance = np.array([5, 4, 3]) + 0.2 / 1.984 * random.standard_normal((400_000, 3))
    weights = importance @ np.array([[9, 0, 0], [1, 9, 0], [0, 0, 3]])
    share = weights[:, 0] / weights.sum(axis=1)
    assert (relative.low, relative.high) == pytest.approx(tuple(np.quantile(share, [0.025, 0.975])), abs=0.002)


def test_planning_makes_the_weights_less_sure_when_today_is_a_survey_score() -> None:
    plain = by_id(run())["pitch"].relative
    planned = by_id(run(need_targets=[{"need": "seat", "target": 3}]))["pitch"].relative
    assert planned.value == pytest.approx(plain.value)
    assert planned.high - planned.low > plain.high - plain.low


def test_disagreeing_judges_widen_the_interval() -> None:
    # Importances without any error: what is left is the judges' disagreement.
    certain = Earlier(step3=step3(*(one.model_copy(update={"importance": Estimate(value=4)}) for one in NEEDS)))
    cells = [
        {"need": "punctual", "characteristic": "delay", "strength": strength, "judge": judge}
        for judge, strength in (("driver", 9), ("planner", 1))
    ]
    cells += [
        {"need": "seat", "characteristic": "pitch", "strength": 9, "judge": judge}
        for judge in ("driver", "planner")
    ]
    result = run(certain, relationships=cells)
    delay = by_id(result)["delay"]
    # The mean of 9 and 1 is 5, beside 9: 5 / 14. Its standard error is 4, and t of one degree of freedom reaches
    # 12.7 of them: below nothing on one side, 5 + 12.7 * 4 beside 9 on the other.
    assert delay.relative.value == pytest.approx(5 / 14)
    assert delay.relative.low == 0
    assert delay.relative.high == pytest.approx(55.8 / (55.8 + 9), abs=0.02)
    assert result.judges == ("driver", "planner")
    assert result.agreement is not None
    assert result.agreement.value is not None
    cell = next(one for one in result.cells if one.characteristic == "delay")
    assert (cell.strength, cell.by_judge) == (5, (9, 1))


def test_ratio_scale_stands_beside_the_classic_one() -> None:
    delay = by_id(run())["delay"]
    assert delay.ratio.value != pytest.approx(delay.relative.value)
    assert delay.ratio_rank == 1


def test_holes_are_called_out() -> None:
    result = run(relationships=HOUSE["relationships"][:3])
    assert result.empty_rows == ("bored",)
    assert result.empty_columns == ("screens",)
    said = {finding.sentence for finding in result.findings if finding.kind == "warning"}
    assert "No characteristic serves the need “Bored”." in said
    accepted = run(relationships=HOUSE["relationships"][:3], accepted_empty_rows={"bored": "next cycle"})
    assert "No characteristic serves the need “Bored”: next cycle." in {
        finding.sentence for finding in accepted.findings if finding.kind == "note"
    }


def test_a_conflict_matters_where_both_carry_an_even_share() -> None:
    result = run(
        roof=[{"a": "delay", "b": "pitch", "sign": "--"}, {"a": "delay", "b": "screens", "sign": "-"}],
        accepted_conflicts={"pitch/delay": "measured apart"},
    )
    heavy, light = result.conflicts
    # Shares 49, 36 and 9 of 94 against an even third of 31.3.
    assert (heavy.matters, heavy.resolution) == (True, "measured apart")
    assert light.matters is False


def test_one_measurement_asked_to_go_both_ways() -> None:
    columns = [
        {"id": "delay", "name": "Delay", "direction": "lower", "measurement": "minutes"},
        {"id": "pitch", "name": "Rest at stops", "direction": "higher", "measurement": "minutes"},
    ]
    (conflict,) = run(characteristics=columns, relationships=HOUSE["relationships"][:3]).conflicts
    assert "wants the same measurement to go the other way" in conflict.sentence


def test_target_worse_than_today_or_behind_a_competitor() -> None:
    columns = [{"id": "delay", "name": "Delay", "direction": "lower", "target": 6, "unit": "min"}]
    result = run(
        characteristics=columns,
        relationships=HOUSE["relationships"][:1],
        technical=[
            {"characteristic": "delay", "value": 5},
            {"characteristic": "delay", "subject": "train", "value": 3},
        ],
    )
    assert "a target that is better than today's value" in result.characteristics[0].missing
    assert any("stays behind train" in finding.sentence for finding in result.findings)


def test_decided_importance_takes_the_place_of_the_survey() -> None:
    result = run(importance=[{"need": "bored", "value": 20, "reason": "strategy"}])
    row = next(row for row in result.rows if row.need == "bored")
    assert (row.importance_kind, row.importance_reason) == ("decided", "strategy")
    assert by_id(result)["screens"].weight.value == 60


def test_kinds_of_importance_are_not_mixed() -> None:
    mixed = need("wifi", score=(3, 0.2))
    mixed = mixed.model_copy(update={"importance": points(0.3, 0.1), "importance_kind": "derived"})
    result = run(Earlier(step3=step3(*NEEDS, mixed)))
    row = next(row for row in result.rows if row.need == "wifi")
    assert row.importance is None
    assert any("stated by customers" in lack.what and "wifi" in lack.what for lack in result.lacks)


def test_paired_comparisons_weigh_the_rows() -> None:
    pairs = [
        {"a": "punctual", "b": "seat", "times": 2},
        {"a": "punctual", "b": "bored", "times": 4},
        {"a": "seat", "b": "bored", "times": 2},
    ]
    result = run(importance_pairs=pairs)
    # Perfectly consistent judgements 4 : 2 : 1.
    values = [row.importance.value for row in result.rows if row.importance is not None]
    assert values == pytest.approx([4 / 7, 2 / 7, 1 / 7])
    assert result.consistency is not None
    assert result.consistency.value == pytest.approx(0, abs=1e-9)
    assert run(importance_pairs=pairs[:2]).consistency is None


def test_parents_are_no_rows_and_competitors_stand_beside_ours() -> None:
    comfort = need("comfort")
    legroom = need("legroom", score=(3, 0.2), importance=(4, 0.2), parent="comfort")
    detail = need("knees", parent="legroom")
    comparison = Comparison(
        item="q-bored",
        need="bored",
        competitor="train",
        ours=points(2.5),
        theirs=points(4.5, origin="theirs"),
        difference=points(-2),
        verdict="worse",
    )
    market = MarketDeliverable(
        comparisons=(comparison,),
        origins={"theirs": Origin(data=("answers@test",), method="nonagon.methods.survey.mean")},
    )
    result = run(Earlier(step2=market, step3=step3(*NEEDS, comfort, legroom, detail)))
    assert [row.need for row in result.rows] == ["punctual", "seat", "bored", "legroom"]
    bored = result.rows[2]
    assert [one.subject for one in bored.competitors] == ["train"]
    assert bored.competitors[0].rating.origin == "step2.theirs"
    assert result.origins["step2.theirs"].data == ("answers@test",)


def test_weights_are_carried_down_the_houses() -> None:
    house = {
        "id": "process",
        "level": "process",
        "columns": [{"id": "dispatch", "name": "Dispatch"}, {"id": "cleaning", "name": "Cleaning"}],
        "relationships": [
            {"row": "delay", "column": "dispatch", "strength": 9},
            {"row": "pitch", "column": "cleaning", "strength": 3},
        ],
    }
    (built,) = run(houses=[house]).houses
    # 49 x 9 against 36 x 3.
    assert built.columns[0].relative == pytest.approx(441 / 549)
    assert built.empty_rows == ("screens",)


def test_pugh_matrix_by_hand() -> None:
    concepts = {
        "id": "boredom",
        "criteria": [{"name": "cost", "weight": 2}, {"name": "joy", "weight": 3}],
        "ideas": [
            {"id": "read", "name": "Reading", "scores": {"cost": 0, "joy": 1}},
            {"id": "tv", "name": "Screens", "scores": {"cost": -1, "joy": 2}},
        ],
        "chosen": ["tv"],
    }
    (result,) = run(concepts=[concepts]).concepts
    # 2 x 0 + 3 x 1 = 3 against 2 x -1 + 3 x 2 = 4.
    assert [(idea.id, idea.score, idea.rank, idea.chosen) for idea in result.ideas] == [
        ("tv", 4, 1, True),
        ("read", 3, 2, False),
    ]


def test_links_lead_from_needs_to_characteristics() -> None:
    links = [(one.from_kind, one.from_id, one.to_kind, one.to_id) for one in run().links]
    assert ("need", "bored", "characteristic", "screens") in links
    assert len(links) == 4


def test_every_number_can_be_opened() -> None:
    result = run()
    for column in result.characteristics:
        for one in (column.weight, column.relative, column.ratio, column.chance_first):
            assert one is not None
            assert result.origins[one.origin].data == ("answers@test",)


def test_nothing_known_is_lacking_not_raising() -> None:
    result = analyse(cycle=CYCLE, facts=Facts({}), decisions=Step4Decisions(), earlier=Earlier())
    assert {lack.needs for lack in result.lacks} >= {"needs from step 3", "decisions/characteristics.csv"}
    assert result.characteristics == ()


def test_relationships_without_step_3_count_every_row_the_same() -> None:
    result = run(Earlier())
    assert [by_id(result)[one].weight.value for one in ("delay", "pitch", "screens")] == [10, 9, 3]
    assert any("every row counts the same" in lack.what for lack in result.lacks)


def test_same_inputs_give_the_same_bytes() -> None:
    assert run().model_dump_json() == run().model_dump_json()
