"""pydantic's findings in plain words, for readers of files and for the web application alike."""

import datetime
from typing import Any

import pytest
from pydantic import Field, ValidationError

from nonagon.deliverables.evidence import Number, Value
from nonagon.deliverables.mistakes import choice, cleaned, dotted, said


class Cost(Value):
    amount: Number = Field(gt=0)


class Task(Value):
    id: str = Field(pattern=r"^[a-z]+$")
    done: bool = False
    start: datetime.date | None = None
    cost: Cost | None = None


class Plan(Value):
    tasks: tuple[Task, ...] = ()
    by_team: dict[str, Task] = Field(default={})
    after: str | tuple[str, ...] = ""
    files: tuple[str, ...] = Field(("a.csv",), min_length=1)
    parts: tuple[str, ...] = Field(("a", "b"), min_length=2)
    why: str = Field("so", min_length=1)
    code: str = Field("abc", min_length=3)


def findings(raw: dict[str, Any]) -> dict[str, str]:
    """What is said, by the dotted path."""
    with pytest.raises(ValidationError) as caught:
        Plan.model_validate(raw)
    return {dotted(cleaned(one["loc"])): said(Plan, one) for one in caught.value.errors()}


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        ({}, {"tasks[1].id": "is missing; add it"}),
        ({"id": "A"}, {"tasks[1].id": "must look like ^[a-z]+$; got 'A'"}),
        ({"id": 3}, {"tasks[1].id": "must be text, in quotes; got 3"}),
        ({"id": "a", "done": "perhaps"}, {"tasks[1].done": "must be true or false; got 'perhaps'"}),
        ({"id": "a", "start": "soon"}, {"tasks[1].start": "must be a day such as 2026-01-31; got 'soon'"}),
        ({"id": "a", "cost": {"amount": 0}}, {"tasks[1].cost.amount": "must be greater than 0; got 0"}),
        (
            {"id": "a", "cost": {"amount": 1, "amout": 1}},
            {"tasks[1].cost.amout": "is no key here; did you mean amount?"},
        ),
        ({"id": "a", "colour": 1}, {"tasks[1].colour": "is no key here; known are id, done, start, cost"}),
    ],
)
def test_a_finding_in_a_list(task: dict[str, Any], expected: dict[str, str]) -> None:
    assert findings({"tasks": [task]}) == expected


def test_what_is_too_short() -> None:
    assert findings({"files": [], "parts": ["a"], "why": " ", "code": "ab"}) == {
        "files": "must not be empty; give at least one; got []",
        "parts": "must have at least 2 entries; got ['a']",
        "why": "must not be empty; got ' '",
        "code": "must have at least 3 characters; got 'ab'",
    }


def test_a_finding_in_a_table_of_tables() -> None:
    assert findings({"by_team": {"north": {"id": "a", "strat": 1}}}) == {
        "by_team.north.strat": "is no key here; did you mean start?"
    }


def test_the_members_of_a_union_are_not_named() -> None:
    assert set(findings({"after": 3})) == {"after"}
    assert set(findings({"after": [3]})) == {"after", "after[1]"}


def test_a_rule_of_ours_is_said_as_we_wrote_it() -> None:
    assert findings({"tasks": [{"id": "a", "cost": {"amount": float("nan")}}]}) == {
        "tasks[1].cost.amount": "a number in a deliverable must be finite; got nan"
    }


def test_what_may_have_been_meant() -> None:
    assert choice("naem", ["name", "cost"]) == "did you mean name?"
    assert choice("colour", ["name", "cost"]) == "known are name, cost"
