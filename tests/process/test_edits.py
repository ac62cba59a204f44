"""Edits as plain values: what is done can be taken back, and what meets is found, on documents of any content."""

import json
from copy import deepcopy
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders.documents import documents
from nonagon.deliverables.plain import plain
from nonagon.pipeline.rooms import ROOMS
from nonagon.process.edits import Change, Edit, EditError, apply, by_id, inverse, touching
from nonagon.process.edits import again as made_again

IDS = st.sampled_from(["p1", "p2", "p3", "a=b", "", "ü"])
WORDS = st.sampled_from(["seat", "pitch", "x", "", None, 0, 3, 2.5, True])
ENTRIES = st.fixed_dictionaries(
    {"id": IDS, "name": WORDS, "tags": st.lists(st.sampled_from("abc"), max_size=3)},
    optional={"parts": st.lists(st.fixed_dictionaries({"id": IDS, "cost": WORDS}), max_size=3)},
)
CELLS = st.fixed_dictionaries(
    {"need": st.sampled_from("mno"), "characteristic": st.sampled_from("uv"), "strength": WORDS}
)
CONTENTS = st.fixed_dictionaries(
    {
        "title": WORDS,
        "projects": st.lists(ENTRIES, max_size=4),
        "cells": st.lists(CELLS, max_size=4),
        "scores": st.dictionaries(st.sampled_from(["a", "b", "c"]), WORDS, max_size=3),
        "nested": st.fixed_dictionaries({"why": WORDS, "times": st.none() | st.integers(0, 9)}),
    }
)
"""Documents with everything that the rooms' own have: ids (also one twice, also blank), entries without, maps."""


def paths(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every path below a value; entries by position and by every name that they have."""
    found: list[tuple[Any, ...]] = []
    if isinstance(value, dict):
        for name, one in value.items():
            found += [(*here, name), *paths(one, (*here, name))]
    if isinstance(value, list):
        for at, one in enumerate(value):
            names: list[Any] = [at]
            if isinstance(one, dict) and one.get("id"):
                names.append(f"@{one['id']}")
            fields = (
                {key: text for key, text in one.items() if isinstance(text, str)} if isinstance(one, dict) else {}
            )
            if len(fields) > 1 and "id" not in fields:
                names.append("@" + urlencode(dict(list(fields.items())[:2])))
            for name in names:
                found += [(*here, name), *paths(one, (*here, name))]
    return found


VALUES = WORDS | ENTRIES | CELLS | st.lists(WORDS, max_size=2)


@st.composite
def edits(draw: st.DrawFn, content: dict[str, Any]) -> Edit:
    """One edit that may or may not be possible there."""
    known = paths(content)
    path = draw(st.sampled_from(known)) if known else ("title",)
    op = draw(st.sampled_from(["set", "replace", "add", "remove", "move", "put"]))
    if op == "put":
        path = draw(
            st.sampled_from(
                [
                    path,
                    ("cells", "@need=m&characteristic=u"),
                    ("cells", "@characteristic=v&need=o"),
                    ("scores", "b"),
                    ("projects", "@p2"),
                ]
            )
        )
        return Edit(
            "put", path, value=draw(st.none() | WORDS | CELLS | ENTRIES), to=draw(st.none() | st.integers(0, 5))
        )
    if op == "add":
        return Edit("add", path, value=draw(ENTRIES | CELLS | WORDS), to=draw(st.none() | st.integers(0, 4)))
    if op == "move":
        return Edit("move", path, to=draw(st.integers(0, 4)))
    return Edit(op, path, value=None if op == "remove" else draw(VALUES))  # type: ignore[arg-type]


@st.composite
def edited(draw: st.DrawFn, content: dict[str, Any], most: int = 4) -> tuple[dict[str, Any], list[Edit]]:
    """The content after some edits that were possible one after the other, and these."""
    now, done = content, []
    for _number in range(draw(st.integers(0, most))):
        edit = draw(edits(now))
        try:
            now, _changes = apply(now, [edit])
        except EditError:
            continue
        done.append(edit)
    return now, done


def stored(changes: list[Change]) -> list[Change]:
    """As they come back from the database."""
    return [Change.from_json(json.loads(json.dumps(one.as_json()))) for one in changes]


@settings(max_examples=150, deadline=None)
@given(st.data(), CONTENTS)
def test_taking_back_gives_what_was_there_and_making_again_what_came_of_it(
    data: st.DataObject, content: dict[str, Any]
) -> None:
    kept = deepcopy(content)
    after, done = data.draw(edited(content))
    new, changes = apply(content, done)
    assert content == kept
    assert new == after
    back, taken = apply(new, inverse(stored(changes)))
    assert back == content
    again, _once_more = apply(back, made_again(stored(changes)))
    assert again == new
    forth, _twice = apply(back, inverse(stored(taken)))
    assert forth == new


@pytest.mark.parametrize("room", ROOMS, ids=[room.word for room in ROOMS])
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_so_it_is_on_the_documents_of_the_rooms(room: Any, data: st.DataObject) -> None:
    content = json.loads(json.dumps(plain(data.draw(documents(room.decisions())))))
    after, done = data.draw(edited(content, most=3))
    new, changes = apply(content, done)
    assert new == after
    back, _taken = apply(new, inverse(stored(changes)))
    assert back == content
    assert apply(back, made_again(stored(changes)))[0] == new


@settings(max_examples=150, deadline=None)
@given(st.data(), CONTENTS)
def test_who_is_not_told_of_a_conflict_overwrites_only_what_they_saw(
    data: st.DataObject, content: dict[str, Any]
) -> None:
    theirs = data.draw(edits(content))
    mine = data.draw(edits(content))
    try:
        after_theirs, changes = apply(content, [theirs])
        _after_mine, alone = apply(content, [mine])
    except EditError:
        return
    own = replace(mine, path=by_id(content, mine.path, put=mine.op == "put"))
    if touching([own], changes) is not None:
        return
    try:
        _both, after = apply(after_theirs, [own])
    except EditError as error:  # what both made or moved is said, and nothing is done
        if "is taken" in error.message or "position must lie" in error.message:
            return
        raise
    assert [one.before for one in after] == [one.before for one in alone]
    assert [one.after for one in after] == [one.after for one in alone]


TWO = {"projects": [{"id": "p1", "cost": 1}, {"id": "p2", "cost": 2}], "cells": [], "limit": 0.1}


def _meets(mine: Edit, theirs: Edit, content: dict[str, Any] = TWO) -> bool:
    _after, changes = apply(content, [theirs])
    own = Edit(mine.op, by_id(content, mine.path, put=mine.op == "put"), mine.value, mine.to)
    return touching([own], changes) is not None


COST = Edit("set", ("projects", "@p1", "cost"), 9)


@pytest.mark.parametrize(
    ("mine", "theirs", "meet"),
    [
        (COST, Edit("set", ("projects", "@p1", "cost"), 8), True),
        (COST, Edit("set", ("projects", 0, "cost"), 8), True),  # the same place by another name
        (COST, Edit("set", ("projects", "@p2", "cost"), 8), False),
        (COST, Edit("set", ("projects", 1, "cost"), 8), False),
        (COST, Edit("set", ("limit",), 0.2), False),
        (COST, Edit("remove", ("projects", "@p1")), True),
        (COST, Edit("remove", ("projects", "@p2")), False),
        (COST, Edit("set", ("projects", "@p1", "id"), "p7"), True),
        (COST, Edit("replace", ("projects",), []), True),
        (COST, Edit("replace", (), {"limit": 1}), True),
        (COST, Edit("move", ("projects", "@p1"), to=1), False),
        (COST, Edit("add", ("projects",), {"id": "p3"}, 0), False),
        (Edit("add", ("projects",), {"id": "p4"}), Edit("add", ("projects",), {"id": "p3"}), False),
        (Edit("add", ("projects",), {"id": "p4"}), Edit("replace", ("projects",), []), True),
        (Edit("replace", ("projects",), []), Edit("add", ("projects",), {"id": "p3"}), True),
        (Edit("set", ("projects",), []), Edit("move", ("projects", "@p1"), to=1), True),
        (Edit("remove", ("projects", "@p1")), Edit("remove", ("projects", "@p1")), True),
        (Edit("put", ("cells", "@a=1&b=2"), {"s": 1}), Edit("put", ("cells", "@b=2&a=1"), {"s": 3}), True),
        (Edit("put", ("cells", "@a=1&b=2"), {"s": 1}), Edit("put", ("cells", "@a=1&b=3"), {"s": 3}), False),
        (Edit("put", ("cells", "@a=1&b=2"), {"s": 1}), Edit("add", ("cells",), {"a": "1", "b": "2"}), True),
        (Edit("put", ("cells", "@a=1&b=2"), {"s": 1}), Edit("add", ("cells",), {"a": "1", "b": "4"}), False),
        # one makes the entry that the other takes away, whatever name it goes by
        (Edit("put", ("cells", "@a=1&b=2"), None), Edit("put", ("cells", "@a=3&b=2"), {"a": "1"}), True),
    ],
)
def test_what_meets(mine: Edit, theirs: Edit, meet: bool) -> None:
    assert _meets(mine, theirs) is meet


def test_who_changes_an_entry_meets_who_gave_it_another_name() -> None:
    content = {"cells": [{"need": "m", "judge": "x", "strength": 1}, {"need": "n", "judge": "x", "strength": 3}]}
    mine = Edit("set", ("cells", "@need=m&judge=x", "strength"), 9)
    assert _meets(mine, Edit("set", ("cells", 0, "need"), "o"), content), "by position: the name leads nowhere now"
    assert _meets(mine, Edit("set", ("cells", 1, "need"), "m"), content), "the name leads to two entries now"
    assert not _meets(mine, Edit("set", ("cells", 1, "need"), "o"), content)


def test_positions_meet_whatever_shifts_them() -> None:
    content = {"cells": [{"a": "1"}, {"a": "2"}]}
    second = Edit("set", ("cells", 1, "a"), "9")
    assert _meets(second, Edit("remove", ("cells", 0)), content)
    assert _meets(second, Edit("add", ("cells",), {"a": "0"}, 0), content)
    assert _meets(second, Edit("move", ("cells", 0), to=1), content)
    assert _meets(Edit("set", ("cells", "@a=2", "a"), "9"), Edit("set", ("cells", 1, "a"), "7"), content)


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (Edit("set", ("none",), 1), "there is no 'none' here; known are cells, limit, projects"),
        (Edit("set", ("projects", 5, "cost"), 1), "there is no entry at position 5; the list holds 2"),
        (Edit("set", ("projects", "@p9", "cost"), 1), "there is no entry 'p9' any more; reload the page"),
        (Edit("remove", ("limit",)), "only an entry of a list can be removed; this is a field"),
        (Edit("add", ("limit",), 1), "entries can only be added to a list"),
        (Edit("add", ("projects",), {"id": "p1"}), "the id 'p1' is taken; give the new entry another"),
        (Edit("move", ("projects", "@p1"), to=7), "the position must lie between 0 and 1; got 7"),
        (Edit("remove", ()), "the whole document can only be replaced, by an object of its fields"),
        (Edit("set", ("limit", "x"), 1), "nothing stands below limit"),
    ],
)
def test_what_cannot_be_done_is_said(edit: Edit, said: str) -> None:
    with pytest.raises(EditError) as error:
        apply(TWO, [edit])
    assert error.value.message == said


def test_an_entry_with_an_id_of_another_is_edited_by_its_position() -> None:
    content = {"projects": [{"id": "p1", "cost": 1}, {"id": "p1", "cost": 2}]}
    new, changes = apply(content, [Edit("set", ("projects", 1, "cost"), 3)])
    assert [one["cost"] for one in new["projects"]] == [1, 3]
    assert changes[0].path == ("projects", 1, "cost")
