"""Renaming: another short id for a record, with everything that names it, as one."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from nonagon.accounts.access import Actor
from nonagon.deliverables.plain import plain
from nonagon.process import documents, renaming, vault
from nonagon.process.documents import Conflict, DocumentError, NothingToUndo
from nonagon.process.edits import Edit
from nonagon.process.models import AuditEntry, DocumentVersion
from nonagon.steps.step7_control.models import TypedMeasurement

pytestmark = pytest.mark.django_db

# The small cycle (builders/folder.py): fast stands in the register (0), supplies of step 1, steps 3 to 6, cases
# and returns of step 8 and effects of step 9, as tests/steps/step3_needs/test_needs_services.py counts them too.
NAMING_FAST = [0, 1, 3, 4, 5, 6, 8, 9]


@pytest.fixture
def boss(owner: Any) -> Actor:
    """On the plan's team."""
    return Actor(owner)


@pytest.fixture
def analyst(actor_of: Callable[[str], Actor]) -> Actor:
    """May edit, and is not on the plan's team."""
    return actor_of("analyst")


def held(cycle: Any, step: int) -> Any:
    return documents.current(cycle, step)[0]


def contents(cycle: Any) -> list[Any]:
    return [plain(held(cycle, step)) for step in range(10)]


def change(cycle: Any, actor: Actor, *edits: Edit, step: int) -> None:
    base = documents.current(cycle, step)[1]
    documents.edit(actor=actor, cycle=cycle, step=step, edits=list(edits), base=base)


def rename(cycle: Any, actor: Actor, old: str, new: str, kind: str = "need") -> dict[int, documents.Saved]:
    return renaming.rename(actor=actor, cycle=cycle, kind=kind, old=old, new=new)


def test_everything_that_named_it_names_it_by_the_new_id(computed_cycle: Any, boss: Actor) -> None:
    saved = rename(computed_cycle, boss, "fast", "swift")
    assert sorted(saved) == NAMING_FAST
    assert documents.faults(computed_cycle) == {}
    assert [one.id for one in held(computed_cycle, 3).needs] == ["swift", "kind", "clean"]
    assert [one.id for one in held(computed_cycle, 5).opportunities] == ["opp-swift"]
    assert [one.opportunity for one in held(computed_cycle, 6).projects] == ["opp-swift"]
    assert not any('"fast"' in repr(one) or "'fast'" in repr(one) for one in contents(computed_cycle))


def test_back_again_gives_the_same_bytes(computed_cycle: Any, boss: Actor) -> None:
    before = contents(computed_cycle)
    rename(computed_cycle, boss, "fast", "swift")
    assert contents(computed_cycle) != before
    rename(computed_cycle, boss, "swift", "fast")
    assert contents(computed_cycle) == before


@pytest.mark.parametrize(
    ("kind", "old"),
    [
        ("class", "north"),
        ("characteristic", "waiting"),
        ("project", "tills"),
        ("activity", "a1"),
        ("effect", "e1"),
    ],
)
def test_other_kinds_leave_nothing_unknown(computed_cycle: Any, boss: Actor, kind: str, old: str) -> None:
    known = {pair for step in range(1, 10) for pair in held(computed_cycle, step).defines()}
    old = old if (kind, old) in known else next(own for one, own in sorted(known) if one == kind)
    rename(computed_cycle, boss, old, "quite_new", kind)
    assert documents.faults(computed_cycle) == {}
    after = {pair for step in range(1, 10) for pair in held(computed_cycle, step).defines()}
    assert after == (known - {(kind, old)}) | {(kind, "quite_new")}


def test_a_characteristic_is_measured_under_the_name_that_the_data_know(computed_cycle: Any, boss: Actor) -> None:
    change(computed_cycle, boss, Edit("set", ("characteristics", "@waiting", "measurement"), None), step=4)
    rename(computed_cycle, boss, "waiting", "queueing", "characteristic")
    found = {one.id: one.measurement for one in held(computed_cycle, 4).characteristics}
    assert found["queueing"] == "waiting"


def test_typed_measurements_follow_their_control_item_there_and_back(computed_cycle: Any, boss: Actor) -> None:
    from uuid import uuid4

    from django.utils import timezone

    item = held(computed_cycle, 7).control_items[0].id
    row = TypedMeasurement.objects.create(
        cycle=computed_cycle, key=uuid4(), item=item, name="waiting", at=timezone.now(), value=3
    )
    rename(computed_cycle, boss, item, "watched", "control_item")
    row.refresh_from_db()
    assert row.item == "watched"
    documents.undo(actor=boss, cycle=computed_cycle, step=7)
    row.refresh_from_db()
    assert row.item == item


# --- as one ---------------------------------------------------------------------------------------------


def test_it_is_noted_once_and_its_versions_share_a_mark(computed_cycle: Any, boss: Actor) -> None:
    AuditEntry.objects.all().delete()
    rename(computed_cycle, boss, "fast", "swift")
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.subject) == ("decisions.rename", "fast")
    assert entry.detail == {"kind": "need", "new": "swift", "steps": [0, 1, 3, 4, 5, 8, 9]}, "not the plan's step"
    marks = DocumentVersion.objects.filter(cycle=computed_cycle).exclude(joint="").values_list("joint", "step")
    assert sorted(step for _mark, step in marks) == NAMING_FAST
    assert len({mark for mark, _step in marks}) == 1


def test_undo_and_redo_turn_the_whole_from_any_of_its_steps(computed_cycle: Any, boss: Actor) -> None:
    before = contents(computed_cycle)
    rename(computed_cycle, boss, "fast", "swift")
    after = contents(computed_cycle)
    AuditEntry.objects.all().delete()
    documents.undo(actor=boss, cycle=computed_cycle, step=9)
    assert contents(computed_cycle) == before
    documents.redo(actor=boss, cycle=computed_cycle, step=1)
    assert contents(computed_cycle) == after
    documents.undo(actor=boss, cycle=computed_cycle, step=6)
    assert contents(computed_cycle) == before
    assert [one.action for one in AuditEntry.objects.order_by("pk")] == [
        "decisions.undo",
        "decisions.redo",
        "decisions.undo",
    ]
    assert {one.subject for one in AuditEntry.objects.all()} == {"steps 0, 1, 3, 4, 5, 8, 9"}


def test_where_somebody_changed_a_place_since_nothing_is_taken_back(
    computed_cycle: Any, boss: Actor, analyst: Actor
) -> None:
    rename(computed_cycle, boss, "fast", "swift")
    change(computed_cycle, analyst, Edit("set", ("effects", 0, "need"), "kind"), step=9)
    now = contents(computed_cycle)
    with pytest.raises(Conflict):
        documents.undo(actor=boss, cycle=computed_cycle, step=3)
    assert contents(computed_cycle) == now


def test_what_was_changed_beside_it_stays(computed_cycle: Any, boss: Actor, analyst: Actor) -> None:
    rename(computed_cycle, boss, "fast", "swift")
    change(computed_cycle, analyst, Edit("set", ("needs", "@swift", "name"), "Be swift"), step=3)
    documents.undo(actor=boss, cycle=computed_cycle, step=4)
    assert (held(computed_cycle, 3).needs[0].id, held(computed_cycle, 3).needs[0].name) == ("fast", "Be swift")


def test_who_had_the_old_id_on_the_page_is_told(computed_cycle: Any, boss: Actor, analyst: Actor) -> None:
    base = documents.current(computed_cycle, 3)[1]
    rename(computed_cycle, boss, "fast", "swift")
    name = Edit("set", ("needs", "@fast", "name"), "Be fast")
    with pytest.raises(Conflict):
        documents.edit(actor=analyst, cycle=computed_cycle, step=3, edits=[name], base=base)


# --- the seal and the plan ------------------------------------------------------------------------------


def test_a_seal_stays_true_and_its_entries_lead_on(computed_cycle: Any, boss: Actor) -> None:
    from nonagon.steps.step3_needs import services

    services.seal_register(actor=boss, cycle=computed_cycle, base=documents.current(computed_cycle, 3)[1])
    before = contents(computed_cycle)
    rename(computed_cycle, boss, "fast", "swift")
    found = held(computed_cycle, 3)
    assert (plain(found)["assumptions"], found.need_now("fast")) == (before[3]["assumptions"], "swift")
    assert documents.faults(computed_cycle) == {}
    with pytest.raises(DocumentError, match="taken"):  # what was sealed as fast is swift now
        rename(computed_cycle, boss, "kind", "fast")
    rename(computed_cycle, boss, "swift", "speedy")
    assert held(computed_cycle, 3).need_now("fast") == "speedy"
    rename(computed_cycle, boss, "speedy", "swift")
    rename(computed_cycle, boss, "swift", "fast")
    assert contents(computed_cycle) == before


def test_the_plans_places_follow_whoever_asks_and_are_not_told(
    computed_cycle: Any, analyst: Actor, boss: Actor
) -> None:
    assert not vault.may_read(analyst, computed_cycle)
    there, blocked = renaming.foreseen(actor=analyst, cycle=computed_cycle, kind="need", old="fast")
    assert blocked == []
    assert sorted({step for step, _name in there}) == [0, 1, 3, 4, 5, 8, 9]
    of_team, _blocked = renaming.foreseen(actor=boss, cycle=computed_cycle, kind="need", old="fast")
    assert of_team - there == {(6, "projects"): 1}
    saved = rename(computed_cycle, analyst, "fast", "swift")
    assert 6 not in saved
    assert [one.opportunity for one in held(computed_cycle, 6).projects] == ["opp-swift"]


def test_undo_does_not_tell_what_was_changed_in_the_plan(computed_cycle: Any, analyst: Actor, boss: Actor) -> None:
    rename(computed_cycle, analyst, "fast", "swift")
    change(computed_cycle, boss, Edit("set", ("projects", 0, "opportunity"), "opp-kind"), step=6)
    now = contents(computed_cycle)
    with pytest.raises(NothingToUndo, match="What hangs together"):
        documents.undo(actor=analyst, cycle=computed_cycle, step=3)
    assert contents(computed_cycle) == now


def test_projects_are_renamed_by_the_plans_team(computed_cycle: Any, analyst: Actor, boss: Actor) -> None:
    project = held(computed_cycle, 6).projects[0].id
    for act in (
        lambda: rename(computed_cycle, analyst, project, "other", "project"),
        lambda: renaming.foreseen(actor=analyst, cycle=computed_cycle, kind="project", old=project),
    ):
        with pytest.raises(PermissionDenied):
            act()
    AuditEntry.objects.all().delete()
    rename(computed_cycle, boss, project, "other", "project")
    assert [one.action for one in vault.without_plan(boss, AuditEntry.objects.all())] == ["plan.rename"]
    assert not vault.without_plan(analyst, AuditEntry.objects.all()).exists()


@pytest.mark.parametrize("role", ["frontline", "viewer"])
def test_readers_rename_nothing(role: str, computed_cycle: Any, actor_of: Callable[[str], Actor]) -> None:
    with pytest.raises(PermissionDenied):
        rename(computed_cycle, actor_of(role), "fast", "swift")


# --- what is refused ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "old", "new", "said"),
    [
        ("need", "fast", "kind", "taken"),
        ("need", "fast", "fast", "is the id that it has"),
        ("need", "gone", "swift", "Nothing has the id"),
        ("need", "fast", "", "letters and digits"),
        ("need", "fast", "two words", "letters and digits"),
        ("need", "fast", "a/b", "letters and digits"),
        ("need", "fast", "x" * 61, "at most 60"),
        ("need", "fast", "none", "taken"),  # stands for no need where verbatims are coded
        ("planet", "fast", "swift", "Nothing has the id"),
        ("opportunity", "opp-fast", "mine", "stands for the need “fast”"),
    ],
)
def test_what_cannot_be_an_id_is_said(
    computed_cycle: Any, boss: Actor, kind: str, old: str, new: str, said: str
) -> None:
    before = contents(computed_cycle)
    with pytest.raises(DocumentError, match=said):
        rename(computed_cycle, boss, old, new, kind)
    assert contents(computed_cycle) == before


def test_an_id_that_something_names_although_nothing_has_it_is_not_given(computed_cycle: Any, boss: Actor) -> None:
    change(computed_cycle, boss, Edit("add", ("rules",), {"need": "swift", "phrases": ["x"]}), step=3)
    with pytest.raises(DocumentError, match="something names it already"):
        rename(computed_cycle, boss, "fast", "swift")


def test_what_the_data_know_by_its_id_keeps_it(computed_cycle: Any, boss: Actor) -> None:
    item = held(computed_cycle, 0).items[0].id
    _there, blocked = renaming.foreseen(actor=boss, cycle=computed_cycle, kind="item", old=item)
    assert "The data use the id" in blocked[0]


def test_an_id_that_stands_twice_is_not_renamed(computed_cycle: Any, boss: Actor) -> None:
    change(computed_cycle, boss, Edit("set", ("needs", "@kind", "id"), "fast"), step=3)
    with pytest.raises(DocumentError, match="stands twice"):
        rename(computed_cycle, boss, "fast", "swift")
