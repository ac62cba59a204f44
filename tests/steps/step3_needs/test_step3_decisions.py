"""The documents of step 3: the tree, the rules, and what is wrong with one."""

import pytest
from pydantic import ValidationError

from nonagon.deliverables.decisions import Fault, Known
from nonagon.steps.step3_needs.decisions import Step3Decisions


def document(**fields: object) -> Step3Decisions:
    return Step3Decisions.model_validate(fields)


def faults(**fields: object) -> list[Fault]:
    one = document(**fields)
    return list(one.faults(Known({"need": frozenset(need for _, need in one.defines())})))


def need(need_id: str, **more: object) -> dict[str, object]:
    return {"id": need_id, "name": need_id.title(), **more}


def test_an_empty_document_is_valid() -> None:
    assert faults() == []


def test_levels_follow_the_tree_unless_stated() -> None:
    one = document(
        needs=[need("a"), need("b", parent="a"), need("c", parent="b"), need("d", parent="c"), need("e", level=2)]
    )
    assert one.levels() == {"a": 1, "b": 2, "c": 3, "d": 3, "e": 2}


@pytest.mark.parametrize(
    ("fields", "path", "words"),
    [
        ({"needs": [need("a"), need("a")]}, ("needs", 1, "id"), "stands twice"),
        (
            {"needs": [need("late", parent="puntual"), need("punctual")]},
            ("needs", 0, "parent"),
            "did you mean punctual",
        ),
        ({"needs": [need("a", level=2), need("b", parent="a", level=1)]}, ("needs", 1, "level"), "give it 3"),
        ({"rules": [{"need": "x", "phrases": ["late"]}]}, ("rules", 0, "need"), "unknown need 'x'"),
        (
            {"needs": [need("a")], "rules": [{"need": "a", "regex": "("}]},
            ("rules", 0, "regex"),
            "no regular expression",
        ),
        ({"needs": [need("a")], "rules": [{"need": "a", "regex": "x*"}]}, ("rules", 0, "regex"), "every text"),
        (
            {"needs": [need("a")], "assumptions": [{"need": "a", "by": "board"}, {"need": "a", "by": "board"}]},
            ("assumptions", 1, "need"),
            "stands twice for board",
        ),
        (
            {
                "needs": [need("a")],
                "double_coding": [{"verbatim": "v", "coder": one, "need": "a"} for one in ("x", "y", "z")],
            },
            ("double_coding", 2, "coder"),
            "third coder 'z'",
        ),
    ],
)
def test_faults(fields: dict[str, object], path: tuple[str | int, ...], words: str) -> None:
    found = faults(**fields)
    assert [one.path for one in found] == [path]
    assert words in found[0].message


def test_a_circle_of_parents_is_named_for_each_need_in_it() -> None:
    found = faults(needs=[need("a", parent="b"), need("b", parent="a"), need("c", parent="a")])
    assert [one.path for one in found] == [("needs", 0, "parent"), ("needs", 1, "parent")]


@pytest.mark.parametrize("rule", [{}, {"phrases": ["  "]}, {"phrases": ["*"]}])
def test_a_rule_asks_for_something(rule: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="needs phrases or a regex"):
        document(rules=[{"need": "a", **rule}])


def test_a_verbatim_may_be_coded_to_none() -> None:
    assert faults(double_coding=[{"verbatim": "v", "coder": "x", "need": "none"}]) == []
