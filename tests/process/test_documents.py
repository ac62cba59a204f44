"""Decisions and their versions: who changes what, what happens when two do, undo, and what is refused."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from nonagon.accounts.access import Actor
from nonagon.process import documents
from nonagon.process.documents import Conflict, DocumentError, NothingToUndo, Saved
from nonagon.process.edits import Edit
from nonagon.process.models import AuditEntry, DocumentVersion, Job, PlanAccess

pytestmark = pytest.mark.django_db
NEEDS = 3

Edits = Callable[..., Saved]


@pytest.fixture
def amira(actor_of: Callable[[str], Actor]) -> Actor:
    return actor_of("analyst")


@pytest.fixture
def ben(actor_of: Callable[[str], Actor]) -> Actor:
    return actor_of("quality_manager")


@pytest.fixture
def edit(cycle: Any) -> Edits:
    """`edit(actor, edit, ..., base=2)`: one request on the needs."""

    def made(actor: Actor, *edits: Edit, base: int, known: Sequence[int] = (), name: str = "") -> Saved:
        return documents.edit(actor=actor, cycle=cycle, step=NEEDS, edits=edits, base=base, known=known, name=name)

    return made


def need(own: str, name: str = "") -> Edit:
    return Edit("add", ("needs",), {"id": own, "name": name or own})


def name_of(own: str, name: str) -> Edit:
    return Edit("set", ("needs", f"@{own}", "name"), name)


def names(cycle: Any) -> list[tuple[str, str]]:
    document: Any = documents.current(cycle, NEEDS)[0]
    return [(one.id, one.name) for one in document.needs]


def versions(cycle: Any) -> list[DocumentVersion]:
    return list(DocumentVersion.objects.filter(cycle=cycle, step=NEEDS).order_by("number"))


# --- versions -------------------------------------------------------------------------------------------


def test_each_edit_is_a_version_with_who_and_what(cycle: Any, edit: Edits, amira: Actor, ben: Actor) -> None:
    assert documents.current(cycle, NEEDS)[1] == 0
    assert edit(amira, need("fast"), base=0).version == 1
    assert edit(ben, name_of("fast", "Serve me fast"), base=1).version == 2
    first, second = versions(cycle)
    assert (first.number, first.person) == (1, amira.person)
    assert (second.number, second.person) == (2, ben.person)
    assert second.changes == [
        {
            "op": "set",
            "path": ["needs", "@fast", "name"],
            "before": "fast",
            "after": "Serve me fast",
            "at": None,
            "to": None,
        }
    ]
    assert names(cycle) == [("fast", "Serve me fast")]
    assert first.content["needs"][0]["name"] == "fast"


def test_several_edits_are_one_version_or_none(cycle: Any, edit: Edits, amira: Actor) -> None:
    edit(amira, need("fast"), need("kind"), name_of("kind", "Be kind"), base=0)
    assert [one.number for one in versions(cycle)] == [1]
    with pytest.raises(DocumentError):
        edit(amira, need("clean"), name_of("nobody", "x"), base=1)
    assert names(cycle) == [("fast", "fast"), ("kind", "Be kind")]
    assert [one.number for one in versions(cycle)] == [1]


def test_each_write_leaves_one_audit_entry_and_what_fails_leaves_none(
    cycle: Any, edit: Edits, amira: Actor, ben: Actor
) -> None:
    AuditEntry.objects.all().delete()
    edit(amira, need("fast"), base=0)
    edit(ben, name_of("fast", "Fast"), base=1)
    documents.undo(actor=ben, cycle=cycle, step=NEEDS)
    documents.redo(actor=ben, cycle=cycle, step=NEEDS)
    for failing in (need("fast"), name_of("none", "x"), Edit("set", ("unknown_limit",), "many")):
        with pytest.raises(DocumentError):
            edit(ben, failing, base=4)
    with pytest.raises(Conflict):
        edit(amira, name_of("fast", "Quick"), base=1)
    entries = list(AuditEntry.objects.order_by("pk").values_list("action", "person", "subject", "detail__version"))
    assert entries == [
        ("decisions.edit", amira.person.pk, "step 3", 1),
        ("decisions.edit", ben.person.pk, "step 3", 2),
        ("decisions.undo", ben.person.pk, "step 3", 3),
        ("decisions.redo", ben.person.pk, "step 3", 4),
    ]


def test_what_changes_nothing_makes_no_version(cycle: Any, edit: Edits, amira: Actor) -> None:
    assert edit(amira, Edit("set", ("unknown_limit",), 0.1), base=0).version == 0
    edit(amira, need("fast"), base=0)
    before = AuditEntry.objects.count()
    assert edit(amira, name_of("fast", "fast"), base=1).version == 1
    assert len(versions(cycle)) == 1
    assert AuditEntry.objects.count() == before


def test_a_whole_document_is_replaced_where_nobody_wrote_meanwhile(
    cycle: Any, edit: Edits, amira: Actor, ben: Actor
) -> None:
    edit(amira, need("fast"), base=0)
    document = documents.current(cycle, NEEDS)[0].model_copy(update={"unknown_limit": 0.5})
    documents.replace(actor=ben, cycle=cycle, step=NEEDS, document=document, base=1)
    assert documents.current(cycle, NEEDS)[0] == document
    with pytest.raises(Conflict):
        documents.replace(actor=amira, cycle=cycle, step=NEEDS, document=document, base=0)


def test_documents_are_apart_by_step_and_by_cycle(cycle: Any, edit: Edits, amira: Actor) -> None:
    edit(amira, need("fast"), base=0)
    limit = Edit("set", ("first_cycle",), True)
    assert documents.edit(actor=amira, cycle=cycle, step=5, edits=[limit], base=0).version == 1
    _head, given, numbers = documents.all_current(cycle)
    assert numbers == {0: 1, 3: 1, 5: 1} | dict.fromkeys((1, 2, 4, 6, 7, 8, 9), 0)
    assert [one.id for one in given[3].needs] == ["fast"]  # type: ignore[attr-defined]
    assert documents.current(cycle, 3)[0] == given[3]


# --- two editors ----------------------------------------------------------------------------------------


def test_edits_of_different_places_both_stand(cycle: Any, edit: Edits, amira: Actor, ben: Actor) -> None:
    edit(amira, need("fast"), need("kind"), base=0)
    edit(amira, name_of("fast", "Fast"), base=1)
    saved = edit(ben, name_of("kind", "Kind"), base=1)
    assert saved.version == 3
    assert names(cycle) == [("fast", "Fast"), ("kind", "Kind")]


def test_the_second_editor_of_a_place_is_told_who_and_what_and_nothing_is_lost(
    cycle: Any, edit: Edits, amira: Actor, ben: Actor
) -> None:
    edit(amira, need("fast"), base=0)
    edit(amira, name_of("fast", "Amira's"), base=1)
    with pytest.raises(Conflict) as told:
        edit(ben, Edit("set", ("unknown_limit",), 0.3), name_of("fast", "Ben's"), base=1)
    conflict = told.value
    assert conflict.who == str(amira.person)
    assert str(amira.person) in str(conflict)
    assert conflict.version.at == versions(cycle)[1].at
    assert (conflict.change.path, conflict.change.after) == (("needs", "@fast", "name"), "Amira's")
    assert conflict.newest == 2
    assert names(cycle) == [("fast", "Amira's")]
    assert documents.current(cycle, NEEDS)[0].unknown_limit == 0.1  # type: ignore[attr-defined]
    edit(ben, name_of("fast", "Ben's"), base=conflict.newest)  # having seen theirs, mine is put
    assert names(cycle) == [("fast", "Ben's")]


def test_what_the_editor_knows_is_no_conflict_and_what_lies_between_still_is(
    cycle: Any, edit: Edits, amira: Actor, ben: Actor
) -> None:
    edit(amira, need("fast"), need("kind"), base=0)
    edit(amira, name_of("fast", "Amira's"), base=1)
    first = edit(ben, name_of("kind", "Kind"), base=1)
    assert (first.version, first.others, first.base) == (3, 1, 1)
    again = edit(ben, name_of("kind", "Kinder"), base=1, known=[3])
    assert (again.version, again.others, again.base) == (4, 1, 1)
    edit(amira, name_of("fast", "Amira's second"), base=4)
    with pytest.raises(Conflict) as told:
        edit(ben, name_of("fast", "Ben's"), base=1, known=[3, 4])
    assert told.value.met == (2, 5)
    assert told.value.change.after == "Amira's second"
    saved = edit(ben, name_of("fast", "Ben's"), base=1, known=[2, 3, 4, 5])
    assert (saved.version, saved.others, saved.base) == (6, 0, 6)


def test_a_position_counts_the_editors_own_later_entries(
    cycle: Any, edit: Edits, amira: Actor, ben: Actor
) -> None:
    edit(amira, need("fast"), need("kind"), base=0)
    edit(amira, Edit("set", ("unknown_limit",), 0.3), base=1)
    edit(ben, Edit("add", ("needs",), {"id": "first", "name": "first"}, 0), base=1)
    edit(ben, Edit("set", ("needs", 1, "name"), "Fast"), base=1, known=[3])
    assert names(cycle) == [("first", "first"), ("fast", "Fast"), ("kind", "kind")]


def test_a_position_means_the_entry_that_the_editor_saw_there(
    cycle: Any, edit: Edits, amira: Actor, ben: Actor
) -> None:
    edit(amira, need("fast"), need("kind"), base=0)
    edit(amira, Edit("add", ("needs",), {"id": "first", "name": "first"}, 0), base=1)
    edit(ben, Edit("set", ("needs", 0, "name"), "Fast"), base=1)
    assert names(cycle) == [("first", "first"), ("fast", "Fast"), ("kind", "kind")]
    with pytest.raises(Conflict):
        edit(amira, Edit("set", ("needs", 1, "name"), "x"), base=2)


def test_an_entry_that_somebody_removed_or_renamed_is_told(
    cycle: Any, edit: Edits, amira: Actor, ben: Actor
) -> None:
    edit(amira, need("fast"), need("kind"), base=0)
    edit(ben, Edit("remove", ("needs", "@fast")), base=1)
    edit(ben, Edit("set", ("needs", "@kind", "id"), "friendly"), base=2)
    for own in ("fast", "kind"):
        with pytest.raises(Conflict) as told:
            edit(amira, name_of(own, "x"), base=1)
        assert told.value.who == str(ben.person)


def test_a_place_that_somebody_named_anew_is_a_conflict_with_both_values(
    cycle: Any, amira: Actor, ben: Actor
) -> None:
    def at_step_4(actor: Actor, *edits: Edit, base: int) -> Saved:
        return documents.edit(actor=actor, cycle=cycle, step=4, edits=edits, base=base)

    at_step_4(amira, Edit("add", ("relationships",), {"need": "m", "characteristic": "u", "strength": 1}), base=0)
    at_step_4(amira, Edit("set", ("relationships", 0, "need"), "n"), base=1)
    other = Edit("set", ("rows",), ["m"])
    mine = Edit("set", ("relationships", "@need=m&characteristic=u", "strength"), 9)
    with pytest.raises(Conflict) as error:
        at_step_4(ben, other, mine, base=1)
    assert (error.value.change.before, error.value.change.after, error.value.edit) == ("m", "n", 1)
    assert documents.current(cycle, 4)[1] == 2


def test_what_the_same_person_did_elsewhere_is_told_too(cycle: Any, edit: Edits, amira: Actor) -> None:
    edit(amira, need("fast"), need("kind"), base=0)
    edit(amira, name_of("fast", "Fast"), base=1)  # by a program, or in another window
    saved = edit(amira, name_of("kind", "Kind"), base=1)
    assert (saved.version, saved.others, saved.base) == (3, 1, 1)
    mine = edit(amira, name_of("kind", "Be kind"), base=1, known=[2, 3])
    assert (mine.version, mine.others, mine.base) == (4, 0, 4)


def test_an_edit_asks_once_for_the_versions_since_its_base(
    cycle: Any, edit: Edits, amira: Actor, ben: Actor
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    edit(amira, need("fast"), need("kind"), base=0)
    edit(amira, name_of("fast", "Fast"), base=1)
    with CaptureQueriesContext(connection) as asked:
        edit(ben, name_of("kind", "Kind"), base=1)
    since = [
        one["sql"] for one in asked if '"number" > 1' in one["sql"] and "process_documentversion" in one["sql"]
    ]
    assert len(since) == 1


@pytest.mark.parametrize("base", [-1, 2, 99])
def test_a_version_that_was_never_there_is_no_base(cycle: Any, edit: Edits, amira: Actor, base: int) -> None:
    edit(amira, need("fast"), base=0)
    with pytest.raises(DocumentError, match=f"no version {base}; the newest is 1"):
        edit(amira, name_of("fast", "x"), base=base)


def test_a_request_that_is_sent_again_is_done_once(cycle: Any, edit: Edits, amira: Actor, ben: Actor) -> None:
    first = edit(amira, need("fast"), base=0, name="r-1")
    again = edit(amira, need("fast"), base=0, name="r-1")
    assert (again.version, again.changes) == (first.version, first.changes)
    assert edit(amira, Edit("remove", ("needs", "@fast")), base=1, name="r-2").version == 2
    assert edit(amira, Edit("remove", ("needs", "@fast")), base=1, name="r-2").version == 2
    assert [one.number for one in versions(cycle)] == [1, 2]
    # Another person's request of the same name is another request.
    assert edit(ben, need("kind"), base=2, name="r-1").version == 3


# --- what is refused ------------------------------------------------------------------------------------


def test_wrong_values_are_all_named_with_their_places(cycle: Any, edit: Edits, amira: Actor) -> None:
    edit(amira, need("fast"), base=0)
    with pytest.raises(DocumentError) as refused:
        edit(amira, Edit("set", ("unknown_limit",), "many"), Edit("set", ("negation", "window"), -1), base=1)
    wrong = {one.path: one.message for one in refused.value.wrong}
    assert set(wrong) == {("unknown_limit",), ("negation", "window")}
    assert "many" in wrong[("unknown_limit",)]
    assert "-1" in wrong[("negation", "window")]
    assert documents.current(cycle, NEEDS)[1] == 1


def test_a_fault_across_documents_is_kept_and_told(cycle: Any, edit: Edits, amira: Actor) -> None:
    saved = edit(amira, Edit("add", ("rules",), {"need": "nobody", "phrases": ["wait"]}), base=0)
    assert saved.version == 1
    assert any("nobody" in one.message for one in saved.faults)
    assert edit(amira, need("nobody"), base=1).faults == ()


@pytest.mark.parametrize("role", ["viewer", "frontline"])
def test_who_may_not_decide_changes_nothing(
    role: str, cycle: Any, edit: Edits, actor_of: Callable[[str], Actor]
) -> None:
    for act in (
        lambda: edit(actor_of(role), need("fast"), base=0),
        lambda: documents.undo(actor=actor_of(role), cycle=cycle, step=NEEDS),
        lambda: documents.redo(actor=actor_of(role), cycle=cycle, step=NEEDS),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert versions(cycle) == []


def test_a_stranger_changes_nothing(edit: Edits, cycle: Any, stranger: Any) -> None:
    with pytest.raises(PermissionDenied):
        edit(Actor(stranger), need("fast"), base=0)
    assert versions(cycle) == []


def test_the_plan_is_edited_by_its_team_alone_and_the_refusal_is_noted(cycle: Any, ben: Actor, owner: Any) -> None:
    budget = Edit("set", ("budget",), 5000)
    with pytest.raises(PermissionDenied, match="confidential"):
        documents.edit(actor=ben, cycle=cycle, step=6, edits=[budget], base=0)
    assert list(PlanAccess.objects.values_list("kind", "person")) == [("refused", ben.person.pk)]
    assert documents.edit(actor=Actor(owner), cycle=cycle, step=6, edits=[budget], base=0).version == 1


# --- undo and redo --------------------------------------------------------------------------------------


def test_undo_goes_back_edit_by_edit_and_redo_forth(cycle: Any, edit: Edits, amira: Actor) -> None:
    edit(amira, need("fast"), base=0)
    edit(amira, name_of("fast", "Fast"), base=1)
    edit(amira, need("kind"), base=2)
    states = [names(cycle)]
    for _step in range(3):
        documents.undo(actor=amira, cycle=cycle, step=NEEDS)
        states.append(names(cycle))
    assert states == [
        [("fast", "Fast"), ("kind", "kind")],
        [("fast", "Fast")],
        [("fast", "fast")],
        [],
    ]
    with pytest.raises(NothingToUndo):
        documents.undo(actor=amira, cycle=cycle, step=NEEDS)
    for state in reversed(states[:-1]):
        documents.redo(actor=amira, cycle=cycle, step=NEEDS)
        assert names(cycle) == state
    with pytest.raises(NothingToUndo):
        documents.redo(actor=amira, cycle=cycle, step=NEEDS)
    documents.undo(actor=amira, cycle=cycle, step=NEEDS)
    assert names(cycle) == [("fast", "Fast")]


def test_each_takes_back_their_own_edits(cycle: Any, edit: Edits, amira: Actor, ben: Actor) -> None:
    edit(amira, need("fast"), base=0)
    edit(ben, need("kind"), base=1)
    edit(amira, need("clean"), base=2)
    documents.undo(actor=ben, cycle=cycle, step=NEEDS)
    assert [own for own, _name in names(cycle)] == ["fast", "clean"]
    documents.undo(actor=amira, cycle=cycle, step=NEEDS)
    assert [own for own, _name in names(cycle)] == ["fast"]
    documents.redo(actor=ben, cycle=cycle, step=NEEDS)
    documents.redo(actor=amira, cycle=cycle, step=NEEDS)
    assert sorted(own for own, _name in names(cycle)) == ["clean", "fast", "kind"]
    with pytest.raises(NothingToUndo):
        documents.redo(actor=ben, cycle=cycle, step=NEEDS)


def test_what_others_built_on_is_not_taken_back_over_their_heads(
    cycle: Any, edit: Edits, amira: Actor, ben: Actor
) -> None:
    edit(amira, need("fast"), base=0)
    edit(ben, name_of("fast", "Ben's"), base=1)
    with pytest.raises(Conflict) as told:
        documents.undo(actor=amira, cycle=cycle, step=NEEDS)
    assert told.value.who == str(ben.person)
    documents.undo(actor=ben, cycle=cycle, step=NEEDS)  # once ben took his back, amira can
    documents.undo(actor=amira, cycle=cycle, step=NEEDS)
    assert names(cycle) == []


def test_a_new_edit_ends_what_can_be_made_again(cycle: Any, edit: Edits, amira: Actor) -> None:
    edit(amira, need("fast"), base=0)
    documents.undo(actor=amira, cycle=cycle, step=NEEDS)
    edit(amira, need("kind"), base=2)
    with pytest.raises(NothingToUndo):
        documents.redo(actor=amira, cycle=cycle, step=NEEDS)
    documents.undo(actor=amira, cycle=cycle, step=NEEDS)
    assert names(cycle) == []


def test_a_renamed_entry_gets_its_name_back(cycle: Any, edit: Edits, amira: Actor) -> None:
    edit(amira, need("fast"), need("kind"), base=0)
    edit(amira, Edit("set", ("needs", "@fast", "id"), "quick"), base=1)
    edit(amira, Edit("move", ("needs", "@quick"), to=1), base=2)
    edit(amira, Edit("remove", ("needs", "@kind")), base=3)
    for _step in range(3):
        documents.undo(actor=amira, cycle=cycle, step=NEEDS)
    assert names(cycle) == [("fast", "fast"), ("kind", "kind")]
    for _step in range(3):
        documents.redo(actor=amira, cycle=cycle, step=NEEDS)
    assert names(cycle) == [("quick", "fast")]


# --- computing follows ----------------------------------------------------------------------------------


def test_many_edits_leave_one_compute_job_waiting(cycle: Any, edit: Edits, amira: Actor) -> None:
    Job.objects.all().delete()
    for number in range(5):
        edit(amira, need(f"n{number}"), base=number)
    assert Job.objects.filter(kind="compute", cycle=cycle, state="waiting").count() == 1
    Job.objects.update(state="running")  # an edit while it runs is not in what it reads: another one waits
    edit(amira, need("later"), base=5)
    assert sorted(Job.objects.values_list("state", flat=True)) == ["running", "waiting"]


def test_what_is_refused_computes_nothing(cycle: Any, edit: Edits, amira: Actor) -> None:
    Job.objects.all().delete()
    with pytest.raises(DocumentError):
        edit(amira, Edit("set", ("unknown_limit",), "many"), base=0)
    assert not Job.objects.exists()
