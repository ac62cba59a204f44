"""Declared references: on documents of any content, a renaming leaves nothing unknown and can be turned back."""

import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.documents import documents
from nonagon.deliverables.cycle import Cycle, Item
from nonagon.deliverables.decisions import DecisionDocument, Known, defined_in, naming, places_in, renaming_in
from nonagon.deliverables.evidence import Value
from nonagon.deliverables.references import Defines, Place, Refers, reference_in
from nonagon.pipeline.rooms import ROOMS
from nonagon.process.veil import PLAN_FIELDS, PLAN_KINDS

Ids = dict[str, list[str]]
Contents = dict[int, dict[str, Any]]


def model_of(step: int) -> type[Value]:
    return Cycle if step == 0 else next(room.decisions() for room in ROOMS if room.number == step)


def with_value(content: dict[str, Any], path: tuple[str | int, ...], value: Any) -> None:
    here: Any = content
    for part in path[:-1]:
        here = here[part]
    here[path[-1]] = value


@st.composite
def cycles(draw: st.DrawFn) -> dict[int, Value]:
    """Ten documents of any content whose references name what one of them defines, wherever there is something."""
    found = {0: draw(documents(Cycle)), **{room.number: draw(documents(room.decisions())) for room in ROOMS}}
    contents: Contents = {step: json.loads(one.model_dump_json()) for step, one in found.items()}
    for one in contents[4]["characteristics"]:  # what is measured under its own id keeps that name: tested apart
        one["measurement"] = one["measurement"] or "m"
    ids: Ids = {}
    for step, document in found.items():
        for place in places_in(document):
            if isinstance(place.mark, Defines):
                own = f"{place.mark.kind}{len(ids.setdefault(place.mark.kind, []))}"
                ids[place.mark.kind].append(own)
                with_value(contents[step], place.path, own)
    for step, document in found.items():
        tables: dict[tuple[str | int, ...], dict[str, Any]] = {}
        for place in places_in(document):
            if isinstance(place.mark, Refers):
                text = draw(named(place, ids))
                if place.is_key:
                    value = found_at(contents[step], place.path)
                    tables.setdefault(place.path[:-1], {})[text] = value
                elif place.mark.kinds:  # an opportunity keeps the id that it was given
                    with_value(contents[step], place.path, text)
        for path, table in tables.items():
            with_value(contents[step], path, table)
    if ids.get("need"):
        contents[3]["merged"] = draw(st.sampled_from([{}, {"gone": ids["need"][0]}]))
    return {step: model_of(step).model_validate(one) for step, one in contents.items()}


def found_at(content: Any, path: tuple[str | int, ...]) -> Any:
    for part in path:
        content = content[part]
    return content


def named(place: Place, ids: Ids) -> st.SearchStrategy[str]:
    """A text for the place: ids of the kinds that it may name, bare or behind a prefix."""
    assert isinstance(place.mark, Refers)
    own = [one for kind in place.mark.kinds for one in ids.get(kind, [])]
    own += [prefix + one for prefix, kind in place.mark.behind for one in ids.get(kind, [])]
    if not own:
        return st.just(place.text)
    if place.mark.between:
        return st.tuples(st.sampled_from(own), st.sampled_from(own)).map(place.mark.between.join)
    return st.sampled_from([*own, *place.mark.besides])


def renamed(found: Mapping[int, Value], kind: str, old: str, new: str) -> dict[int, Value]:
    changed = {}
    for step, document in found.items():
        content = json.loads(document.model_dump_json())
        for path, value in renaming_in(document, kind, old, new):
            with_value(content, path, deepcopy(value))
        changed[step] = type(document).model_validate(content)
    return changed


def unknown(found: Mapping[int, Value]) -> list[tuple[int, tuple[str | int, ...]]]:
    ids: dict[str, set[str]] = {}
    for document in found.values():
        for kind, own in defined_in(document):
            ids.setdefault(kind, set()).add(own)
    known = Known({kind: frozenset(some) for kind, some in ids.items()})
    return [
        (step, tuple("key" if part == one.path[-1] and isinstance(part, str) else part for part in one.path))
        for step, document in found.items()
        if isinstance(document, DecisionDocument)
        for one in document.unknown_references(known)
    ]


@settings(max_examples=60, deadline=None)
@given(st.data(), cycles())
def test_after_a_renaming_nothing_is_unknown_that_was_known_and_back_again_all_is_as_before(
    data: st.DataObject, found: dict[int, Value]
) -> None:
    defined = sorted({pair for document in found.values() for pair in defined_in(document)})
    if not defined:
        return
    kind, old = data.draw(st.sampled_from(defined))
    after = renamed(found, kind, old, "quite-new")
    assert unknown(after) == unknown(found)
    assert {pair for one in after.values() for pair in defined_in(one)} == {*defined} - {(kind, old)} | {
        (kind, "quite-new")
    }
    sealed = found[3].seal is not None  # type: ignore[attr-defined]
    left = [(step, one.path[0]) for step, document in after.items() for one in naming(document, kind, old)]
    assert all(sealed and at == (3, "assumptions") for at in left), "only what was sealed keeps the old id"
    back = renamed(after, kind, "quite-new", old)
    assert {step: one.model_dump_json() for step, one in back.items()} == {
        step: one.model_dump_json() for step, one in found.items()
    }


def test_lists_and_tables_keep_their_order() -> None:
    step4 = model_of(4).model_validate(
        {"rows": ["a", "b", "c"], "accepted_empty_rows": {"c": "later", "b": "never", "a": "soon"}}
    )
    assert dict(renaming_in(step4, "need", "b", "x")) == {
        ("rows",): ["a", "x", "c"],
        ("accepted_empty_rows",): {"c": "later", "x": "never", "a": "soon"},
    }


def test_a_conflict_of_two_characteristics_is_one_text_with_two_ids() -> None:
    step4 = model_of(4).model_validate({"accepted_conflicts": {"a/b": "bigger tank", "b / ab": "no"}})
    assert dict(renaming_in(step4, "characteristic", "b", "x")) == {
        ("accepted_conflicts",): {"a/x": "bigger tank", "x / ab": "no"}
    }


def test_rows_of_the_first_further_house_are_characteristics_and_those_of_the_next_are_not() -> None:
    houses = [
        {"id": f"h{place}", "level": "parts", "relationships": [{"row": "a", "column": "k", "strength": 9}]}
        for place in range(2)
    ]
    step4 = model_of(4).model_validate({"houses": houses})
    assert dict(renaming_in(step4, "characteristic", "a", "x")) == {("houses", 0, "relationships", 0, "row"): "x"}


@pytest.mark.parametrize("verdict", ["strength-fast", "weakness-fast", "weakness-lowest-fast"])
def test_verdicts_on_proposals_about_a_need_follow_it(verdict: str) -> None:
    step2 = model_of(2).model_validate({"swot": [{"id": verdict, "decision": "accept"}]})
    assert dict(renaming_in(step2, "need", "fast", "swift")) == {
        ("swot", 0, "id"): verdict.replace("fast", "swift")
    }


def test_the_head_names_needs_by_its_items() -> None:
    head = Cycle(name="c", organization="o", items=(Item(id="q", text="?", need="fast"),))
    assert dict(renaming_in(head, "need", "fast", "swift")) == {("items", 0, "need"): "swift"}


def test_what_is_covered_for_others_is_what_names_the_plan() -> None:
    """The veil covers fields by their names: every field that names a project or an activity is among them."""
    fields = {
        name
        for room in ROOMS
        if room.number != 6
        for model in [room.decisions(), *models_below(room.decisions())]
        for name, one in model.model_fields.items()
        if (refers := reference_in(one.annotation, one.metadata)) is not None
        and set(refers.kinds) & set(PLAN_KINDS)
    }
    assert fields
    assert fields <= PLAN_FIELDS


def models_below(model: Any) -> list[Any]:
    import typing

    found: list[Any] = []
    waiting = [one.annotation for one in model.model_fields.values()]
    while waiting:
        annotation = waiting.pop()
        if isinstance(annotation, type) and issubclass(annotation, Value):
            found += [annotation]
            waiting += [one.annotation for one in annotation.model_fields.values()]
        waiting += [one for one in typing.get_args(annotation) if one is not Ellipsis]
    return found


NO_REFERENCES = {
    "verbatim",  # the data's own
    "seller",
    "name",
    "merged",  # what was sealed leads on by it; step 3 renames it itself
    "entries",  # of step 2's board; those about a need are declared behind their words
    "withdrawn",  # verbatims
    "first",  # records of the data
    "second",
    "chosen",  # ideas of the same comparison
    "column",  # of the same house
    "row",  # of the house before; declared for the first house by its document
    "id",
}
"""Fields whose help speaks of an id and that name nothing that one document defines for the others."""


def test_a_field_whose_help_says_that_it_holds_an_id_declares_it() -> None:
    models = {model for room in ROOMS for model in [room.decisions(), *models_below(room.decisions())]}
    forgotten = [
        f"{model.__name__}.{name}"
        for model in models
        for name, one in model.model_fields.items()
        if "id" in (one.description or "").replace("ids", "id").split() and name not in NO_REFERENCES
        if reference_in(one.annotation, one.metadata) is None
    ]
    assert forgotten == []
