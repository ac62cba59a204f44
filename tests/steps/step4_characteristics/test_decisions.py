"""Step 4's decisions: what is refused, with which message."""

import pytest
from pydantic import ValidationError

from nonagon.deliverables.decisions import Known
from nonagon.steps.step4_characteristics.decisions import Relationship, Step4Decisions

KNOWN = Known({"need": frozenset({"punctual", "seat"}), "characteristic": frozenset({"delay", "pitch"})})
COLUMNS = [{"id": "delay", "name": "Delay"}, {"id": "pitch", "name": "Seat pitch"}]


def faults(**document: object) -> list[str]:
    decisions = Step4Decisions.model_validate({"characteristics": COLUMNS, **document})
    return [f"{'.'.join(map(str, one.path))}: {one.message}" for one in decisions.faults(KNOWN)]


def test_an_empty_document_is_valid() -> None:
    assert list(Step4Decisions().faults(Known())) == []


def test_defines_its_characteristics() -> None:
    decisions = Step4Decisions.model_validate({"characteristics": COLUMNS})
    assert list(decisions.defines()) == [("characteristic", "delay"), ("characteristic", "pitch")]


def test_relationship_with_an_unknown_need_names_the_nearest() -> None:
    (fault,) = faults(relationships=[{"need": "punctal", "characteristic": "delay", "strength": 9}])
    assert fault.startswith("relationships.0.need: names the unknown need 'punctal'; did you mean punctual?")


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (
            {"relationships": [{"need": "seat", "characteristic": "pich", "strength": 9}]},
            "relationships.0.characteristic: names the unknown characteristic 'pich'; did you mean pitch?",
        ),
        (
            {"roof": [{"a": "delay", "b": "delay", "sign": "-"}]},
            "roof.0.b: must differ from a; got 'delay' for both",
        ),
        (
            {"roof": [{"a": "delay", "b": "pitch", "sign": "-"}, {"a": "pitch", "b": "delay", "sign": "+"}]},
            "roof.1: the pair 'pitch' and 'delay' stands twice; keep one row",
        ),
        (
            {"technical": [{"characteristic": "delay", "value": 1}, {"characteristic": "delay", "value": 2}]},
            "technical.1: delay x us stands twice; keep one row",
        ),
        (
            {"importance": [{"need": "seat", "value": 5, "low": 6}]},
            "importance.0.value: must lie between low and high; got 5 outside 6.0 to None",
        ),
        ({"rows": ["legroom"]}, "rows.0: names the unknown need 'legroom' (known: punctual, seat)"),
        (
            {"concepts": [{"id": "c", "ideas": [{"id": "i", "name": "I", "scores": {"price": 1}}]}]},
            "concepts.0.ideas.0.scores.price: scores the unknown criterion 'price' (known: none)",
        ),
        (
            {"concepts": [{"id": "c", "chosen": ["i"]}]},
            "concepts.0.chosen.0: names the unknown idea 'i' (known: none)",
        ),
        (
            {"accepted_conflicts": {"delay/pich": "accepted"}},
            "accepted_conflicts.delay/pich: names the unknown characteristic 'pich'; did you mean pitch? "
            "(known: delay, pitch)",
        ),
    ],
)
def test_faults_name_place_rule_and_value(document: dict[str, object], expected: str) -> None:
    assert any(fault.startswith(expected) for fault in faults(**document)), faults(**document)


def test_one_cell_twice_by_the_same_judge() -> None:
    cell = {"need": "seat", "characteristic": "pitch", "strength": 9, "judge": "driver"}
    (fault,) = faults(relationships=[cell, {**cell, "strength": 3}])
    assert fault == "relationships.1: the cell 'seat' x 'pitch' is judged twice by judge 'driver'; keep one row"


def test_judges_in_some_rows_only() -> None:
    cell = {"need": "seat", "characteristic": "pitch", "strength": 9}
    (fault,) = faults(relationships=[{**cell, "judge": "driver"}, cell])
    assert fault.startswith("relationships.1.judge: is empty although other rows name driver")


def test_limits_the_wrong_way_round() -> None:
    columns = [{"id": "delay", "name": "Delay", "lower_limit": 5, "upper_limit": 5}, COLUMNS[1]]
    assert faults(characteristics=columns) == [
        "characteristics.0.lower_limit: must be below upper_limit (5); got 5"
    ]


def test_a_further_house_stands_on_the_columns_before_it() -> None:
    cells = [
        {"row": "delay", "column": "dispatch", "strength": 9},
        {"row": "seat", "column": "dispatch", "strength": 3},
    ]
    house = {
        "id": "h",
        "level": "process",
        "columns": [{"id": "dispatch", "name": "Dispatch"}],
        "relationships": cells,
    }
    assert faults(houses=[house]) == [
        "houses.0.relationships.1.row: names the unknown row 'seat' (known: delay, pitch)"
    ]


def test_strengths_come_from_csv_cells_as_text() -> None:
    assert Relationship.model_validate({"need": "a", "characteristic": "b", "strength": "9"}).strength == 9
    with pytest.raises(ValidationError, match="Input should be 0, 1, 3 or 9"):
        Relationship.model_validate({"need": "a", "characteristic": "b", "strength": "5"})
