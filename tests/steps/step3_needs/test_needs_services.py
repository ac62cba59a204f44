"""Merging, removing and splitting needs over all documents, coding by hand, and the guarded seal."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from nonagon.accounts.access import Actor
from nonagon.process import documents, vault
from nonagon.process.documents import DocumentError
from nonagon.process.edits import Edit
from nonagon.process.models import AuditEntry
from nonagon.steps.step3_needs import selectors, services
from nonagon.steps.step3_needs.decisions import seal_of

pytestmark = pytest.mark.django_db

# The small cycle (builders/folder.py): needs fast, kind and clean at the top; rule 0 is of fast, 1 of kind.


def held(cycle: Any, step: int = 3) -> Any:
    return documents.current(cycle, step)[0]


def change(cycle: Any, actor: Actor, *edits: Edit, step: int = 3) -> None:
    _document, number = documents.current(cycle, step)
    documents.edit(actor=actor, cycle=cycle, step=step, edits=list(edits), base=number)


def versions(cycle: Any) -> dict[int, int]:
    return documents.all_current(cycle)[2]


@pytest.fixture
def boss(owner: Any) -> Actor:
    return Actor(owner)


# --- merging


def test_everything_that_named_the_need_names_the_other(computed_cycle: Any, boss: Actor) -> None:
    before = versions(computed_cycle)
    saved = services.merge_needs(actor=boss, cycle=computed_cycle, need="fast", into="kind")
    # fast stands in the register, supplies of step 1, steps 3 to 6, cases and returns of 8, effects of 9.
    assert sorted(saved) == [0, 1, 3, 4, 5, 6, 8, 9]
    assert {one: number - before[one] for one, number in versions(computed_cycle).items()} == {
        one: 1 if one in saved else 0 for one in range(10)
    }
    assert documents.faults(computed_cycle) == {}
    assert [one.id for one in held(computed_cycle).needs] == ["kind", "clean"]
    assert [one.need for one in held(computed_cycle).rules] == ["kind", "kind"]
    # both roles' entries: management's own of kind is kept, that of fast is left out
    assert [one.need for one in held(computed_cycle).assumptions] == ["kind", "clean"]
    assert {one.need for one in held(computed_cycle, 0).items} == {"kind", "clean", None}
    assert held(computed_cycle, 1).supplies[0].serves == ("kind",)
    cells = [(one.need, one.characteristic, one.strength) for one in held(computed_cycle, 4).relationships]
    assert cells == [("kind", "waiting", 9), ("kind", "training", 3)]
    (opportunity,) = held(computed_cycle, 5).opportunities
    assert (opportunity.id, opportunity.need, opportunity.chosen) == ("opp-kind", "kind", True)
    assert [one.opportunity for one in held(computed_cycle, 6).projects] == ["opp-kind"]
    assert [one.need for one in held(computed_cycle, 8).cases] == ["kind", "kind", "clean"]
    assert held(computed_cycle, 9).effects[0].need == "kind"


def test_merging_is_told_before_and_noted_after(computed_cycle: Any, boss: Actor) -> None:
    said, blocked = services.merging_said(actor=boss, cycle=computed_cycle, need="fast", into="kind")
    assert blocked == []
    assert "Step 4, relationships: 1 entry follow." in said
    assert any(one.startswith("Step 3, assumptions: 1 entry left out") for one in said)
    assert not AuditEntry.objects.filter(action="needs.merge").exists()
    services.merge_needs(actor=boss, cycle=computed_cycle, need="fast", into="kind")
    entry = AuditEntry.objects.get(action="needs.merge")
    assert (entry.subject, entry.detail["into"], entry.cycle) == ("fast", "kind", computed_cycle)


def test_undo_takes_it_back_in_all_documents_at_once(computed_cycle: Any, boss: Actor) -> None:
    before = [held(computed_cycle, step) for step in range(10)]
    services.merge_needs(actor=boss, cycle=computed_cycle, need="fast", into="kind")
    documents.undo(actor=boss, cycle=computed_cycle, step=8)
    assert [held(computed_cycle, step) for step in range(10)] == before


def test_cells_that_would_stand_twice_are_left_out(computed_cycle: Any, boss: Actor) -> None:
    more = [{"need": "kind", "characteristic": "waiting", "strength": 1}]
    pairs = [{"a": "fast", "b": "kind", "times": 2}, {"a": "fast", "b": "clean", "times": 3}]
    change(
        computed_cycle,
        boss,
        *(Edit("add", ("relationships",), value=one) for one in more),
        Edit("set", ("rows",), value=["fast", "clean", "kind"]),
        Edit("set", ("importance_pairs",), value=pairs),
        Edit("set", ("accepted_empty_rows",), value={"clean": "later"}),
        step=4,
    )
    services.merge_needs(actor=boss, cycle=computed_cycle, need="fast", into="kind")
    found = held(computed_cycle, 4)
    cells = [(one.need, one.characteristic, one.strength) for one in found.relationships]
    assert cells == [("kind", "training", 3), ("kind", "waiting", 1)], "kind's own judgement of waiting stands"
    assert found.rows == ("kind", "clean")
    assert [(one.a, one.b) for one in found.importance_pairs] == [("kind", "clean")], "no need beside itself"
    services.merge_needs(actor=boss, cycle=computed_cycle, need="clean", into="kind")
    assert held(computed_cycle, 4).accepted_empty_rows == {"kind": "later"}
    assert documents.faults(computed_cycle) == {}


def test_children_follow_and_a_descendant_takes_the_place(computed_cycle: Any, boss: Actor) -> None:
    tree = [
        {"id": "queue", "name": "Short queue", "parent": "fast", "level": 2},
        {"id": "till", "name": "Open till", "parent": "queue", "level": 3},
        {"id": "line", "name": "One line", "parent": "fast", "level": 2},
    ]
    change(computed_cycle, boss, *(Edit("add", ("needs",), value=one) for one in tree))
    # till lies two levels below fast: it comes to the top, and the other branches go below it.
    services.merge_needs(actor=boss, cycle=computed_cycle, need="fast", into="till")
    parents = {one.id: (one.parent, one.level) for one in held(computed_cycle).needs}
    assert parents == {
        "kind": (None, None),
        "clean": (None, None),
        "till": (None, None),
        "queue": ("till", None),
        "line": ("till", None),
    }
    assert documents.faults(computed_cycle) == {}


@pytest.mark.parametrize(("need", "into", "words"), [("fast", "fast", "itself"), ("fast", "gone", "'gone'")])
def test_it_must_be_two_needs(computed_cycle: Any, boss: Actor, need: str, into: str, words: str) -> None:
    before = versions(computed_cycle)
    with pytest.raises(DocumentError, match=words):
        services.merge_needs(actor=boss, cycle=computed_cycle, need=need, into=into)
    assert versions(computed_cycle) == before


def test_who_is_not_on_the_plans_team_cannot_change_the_plan_by_merging(
    computed_cycle: Any, actor_of: Callable[[str], Actor]
) -> None:
    analyst = actor_of("analyst")
    assert not vault.is_on_team(analyst, computed_cycle)
    before = versions(computed_cycle)
    said, blocked = services.merging_said(actor=analyst, cycle=computed_cycle, need="fast", into="kind")
    assert not any("Step 6" in one for one in said), "what the plan holds is not told"
    assert "confidential plan" in blocked[0]
    with pytest.raises(DocumentError, match="confidential plan"):
        services.merge_needs(actor=analyst, cycle=computed_cycle, need="fast", into="kind")
    assert versions(computed_cycle) == before
    # no project stands on clean: that is open to everybody who edits
    services.merge_needs(actor=analyst, cycle=computed_cycle, need="clean", into="kind")


@pytest.mark.parametrize("role", ["frontline", "viewer"])
def test_readers_change_nothing(role: str, computed_cycle: Any, actor_of: Callable[[str], Actor]) -> None:
    for act in (
        lambda: services.merge_needs(actor=actor_of(role), cycle=computed_cycle, need="fast", into="kind"),
        lambda: services.remove_need(actor=actor_of(role), cycle=computed_cycle, need="clean"),
        lambda: services.code_verbatim(
            actor=actor_of(role), cycle=computed_cycle, verbatim="v000", needs=["fast"], coder=""
        ),
        lambda: services.seal_register(actor=actor_of(role), cycle=computed_cycle, base=1),
    ):
        with pytest.raises(PermissionDenied):
            act()


# --- removing


def test_a_need_that_people_build_on_is_not_removed(computed_cycle: Any, boss: Actor) -> None:
    _said, blocked = services.removal_said(actor=boss, cycle=computed_cycle, need="fast")
    assert "step 5, 6, 8, 9" in blocked[0]
    with pytest.raises(DocumentError, match="merge it"):
        services.remove_need(actor=boss, cycle=computed_cycle, need="fast")
    assert len(held(computed_cycle).needs) == 3


def test_what_said_something_of_a_removed_need_alone_goes_with_it(computed_cycle: Any, boss: Actor) -> None:
    tree = [
        {"id": "seat", "name": "A seat", "parent": "clean"},
        {"id": "soft", "name": "Soft", "parent": "seat"},
    ]
    change(
        computed_cycle,
        boss,
        *(Edit("add", ("needs",), value=one) for one in tree),
        Edit("add", ("rules",), value={"need": "seat", "phrases": ["seat"]}),
        Edit("add", ("codes",), value={"verbatim": "v000", "need": "seat"}),
    )
    change(
        computed_cycle,
        boss,
        Edit("set", ("rows",), value=["fast", "seat"]),
        Edit("add", ("relationships",), value={"need": "seat", "characteristic": "training", "strength": 1}),
        step=4,
    )
    item = {"id": "q_seat", "text": "I find a seat", "need": "seat"}
    change(computed_cycle, boss, Edit("add", ("items",), value=item), step=0)
    said, blocked = services.removal_said(actor=boss, cycle=computed_cycle, need="seat")
    assert blocked == []
    assert "Step 4, relationships: 1 entry removed." in said
    assert "Items and settings, items: 1 entry no longer name it." in said
    services.remove_need(actor=boss, cycle=computed_cycle, need="seat")
    found = held(computed_cycle)
    assert {one.id: one.parent for one in found.needs if one.parent} == {"soft": "clean"}
    assert [one.id for one in found.needs] == ["fast", "kind", "clean", "soft"]
    assert ([one.need for one in found.rules], found.codes) == (["fast", "kind"], ())
    assert held(computed_cycle, 4).rows == ("fast",)
    assert [one.need for one in held(computed_cycle, 4).relationships] == ["fast", "kind"]
    assert held(computed_cycle, 0).items[-1].need is None
    assert documents.faults(computed_cycle) == {}


# --- splitting


def test_rules_and_chosen_verbatims_go_to_the_new_need(computed_cycle: Any, boss: Actor) -> None:
    change(computed_cycle, boss, Edit("add", ("rules",), value={"need": "fast", "phrases": ["queue"]}))
    _found, number = documents.current(computed_cycle, 3)
    spoken = selectors.of_need(computed_cycle, "fast").spoken
    by_rule = next(one.id for one in spoken if one.text == "long wait")
    change(computed_cycle, boss, Edit("add", ("codes",), value={"verbatim": "v777", "need": "fast", "coder": "b"}))
    services.split_need(
        actor=boss,
        cycle=computed_cycle,
        need="fast",
        new_id="queue",
        name=" A short queue ",
        rules=[2],
        verbatims=[by_rule, "v777"],
        coder="first",
        base=number,
    )
    found = held(computed_cycle)
    assert [(one.id, one.name, one.parent) for one in found.needs][:2] == [
        ("fast", "Serve me fast", None),
        ("queue", "A short queue", None),
    ]
    assert [one.need for one in found.rules] == ["fast", "kind", "queue"]
    assert {(one.verbatim, one.need, one.coder) for one in found.codes} == {
        ("v777", "queue", "b"),
        (by_rule, "queue", "first"),
    }


def test_a_split_names_what_is_wrong(computed_cycle: Any, boss: Actor) -> None:
    _found, number = documents.current(computed_cycle, 3)

    def split(**more: Any) -> None:
        given = {"need": "fast", "new_id": "queue", "name": "Queue", "base": number, **more}
        services.split_need(actor=boss, cycle=computed_cycle, **given)

    with pytest.raises(DocumentError, match="Rule 2 is not the one"):
        split(rules=[1])
    with pytest.raises(DocumentError, match="must have a name"):
        split(name=" ")
    with pytest.raises(DocumentError, match="taken"):
        split(new_id="kind")
    # somebody puts a rule in front meanwhile: position 0 is another one now
    change(computed_cycle, boss, Edit("add", ("rules",), value={"need": "fast", "phrases": ["till"]}, to=0))
    with pytest.raises(DocumentError, match="Rule 1 is not the one"):
        split(rules=[0])


# --- coding by hand


def test_a_coder_codes_again_and_others_stay(computed_cycle: Any, boss: Actor) -> None:
    def code(needs: list[str], coder: str = "first") -> list[tuple[str, str]]:
        services.code_verbatim(actor=boss, cycle=computed_cycle, verbatim="v003", needs=needs, coder=coder)
        return [(one.need, one.coder) for one in held(computed_cycle).codes]

    assert code(["fast", "kind"]) == [("fast", "first"), ("kind", "first")]
    assert code([], "second")[2:] == [("none", "second")]
    assert code(["clean"]) == [("none", "second"), ("clean", "first")]
    with pytest.raises(DocumentError, match="'speed'"):
        code(["speed"])


def test_the_queue_holds_what_nobody_coded_and_then_what_others_did(computed_cycle: Any, boss: Actor) -> None:
    # Comments of the small cycle: four of six sentences match a rule; "no seats" and "cold hall" match none.
    queue = selectors.queue(computed_cycle, coder="first")
    assert {one["text"] for one in queue["verbatims"]} == {"no seats", "cold hall"}
    one = queue["verbatims"][0]["id"]
    services.code_verbatim(actor=boss, cycle=computed_cycle, verbatim=one, needs=[], coder="first")
    after = selectors.queue(computed_cycle, coder="first", skip=[queue["verbatims"][1]["id"]])
    assert after["left"] == queue["left"] - 2
    assert one not in {entry["id"] for entry in after["verbatims"]}
    assert selectors.queue(computed_cycle, coder="first", check=True)["left"] == 0
    check = selectors.queue(computed_cycle, coder="second", check=True)
    assert [entry["id"] for entry in check["verbatims"]] == [one]
    assert not {"customer_id", "respondent_id"} & set(check["verbatims"][0])


def test_verbatims_of_a_need_say_what_coded_them(computed_cycle: Any, boss: Actor) -> None:
    page = selectors.of_need(computed_cycle, "fast")
    assert page.total == page.count == len(page.spoken) > 0
    assert {one.text for one in page.spoken} == {"long wait", "the queue is slow"}
    assert all(one.rules == ("wait, queue, slow",) and not one.by_hand for one in page.spoken)
    only = selectors.of_need(computed_cycle, "fast", containing="QUEUE")
    assert {one.text for one in only.spoken} == {"the queue is slow"}
    gone, kept = page.spoken[0].id, page.spoken[1].id
    services.code_verbatim(actor=boss, cycle=computed_cycle, verbatim=gone, needs=[], coder="first")
    services.code_verbatim(actor=boss, cycle=computed_cycle, verbatim=kept, needs=["fast"], coder="first")
    change(computed_cycle, boss, Edit("set", ("withdrawn",), value=[page.spoken[2].id]))
    again = {one.id: one for one in selectors.of_need(computed_cycle, "fast").spoken}
    assert gone not in again
    assert page.spoken[2].id not in again, "consent was withdrawn"
    assert (again[kept].by_hand, again[kept].rules) == (("first",), ())


# --- the seal


def seal(cycle: Any, actor: Actor) -> None:
    services.seal_register(actor=actor, cycle=cycle, base=documents.current(cycle, 3)[1], by="quality manager")


def test_a_sealed_register_is_refused_every_change(computed_cycle: Any, boss: Actor) -> None:
    seal(computed_cycle, boss)
    found = held(computed_cycle)
    assert found.seal is not None
    assert (found.seal.sealed_on, found.seal.sha256) == (timezone.localdate(), seal_of(found.assumptions))
    raw = found.model_dump(mode="json")
    changes = [
        Edit("set", ("assumptions", 0, "predicted"), value=1.0),
        Edit("remove", ("assumptions", 1)),
        Edit("add", ("assumptions",), value={"need": "clean", "by": "me"}),
        Edit("set", ("seal",), value=None),
        Edit("set", ("seal", "sealed_on"), value="2020-01-01"),
        Edit("set", ("merged",), value={"fast": "kind"}),
        Edit("replace", (), value={**raw, "seal": None, "assumptions": []}),
    ]
    for one in changes:
        with pytest.raises(DocumentError):
            change(computed_cycle, boss, one)
    with pytest.raises(DocumentError, match="sealed"):
        documents.undo(actor=boss, cycle=computed_cycle, step=3)
    assert held(computed_cycle) == found
    change(computed_cycle, boss, Edit("set", ("unknown_limit",), value=0.3))


def test_opening_takes_a_reason_that_stays(computed_cycle: Any, boss: Actor) -> None:
    seal(computed_cycle, boss)
    was = held(computed_cycle).seal
    with pytest.raises(DocumentError, match="ten characters"):
        services.open_register(actor=boss, cycle=computed_cycle, reason="oops")
    services.open_register(actor=boss, cycle=computed_cycle, reason="the board named a need twice")
    found = held(computed_cycle)
    (opened,) = found.unsealed
    assert (found.seal, opened.sha256, opened.reason) == (None, was.sha256, "the board named a need twice")
    change(computed_cycle, boss, Edit("set", ("assumptions", 0, "predicted"), value=1.0))
    for one in (Edit("remove", ("unsealed", 0)), Edit("set", ("unsealed", 0, "reason"), value="nothing happened")):
        with pytest.raises(DocumentError, match="stays as it was written"):
            change(computed_cycle, boss, one)
    assert AuditEntry.objects.get(action="needs.unseal").detail["reason"] == "the board named a need twice"


def test_a_seal_is_todays_true_and_of_somebody_who_may_sign(
    computed_cycle: Any, boss: Actor, actor_of: Callable[[str], Actor]
) -> None:
    sha256 = seal_of(held(computed_cycle).assumptions)
    today = timezone.localdate()
    for day, mark, words in (
        (today - timedelta(days=400), sha256, "today"),
        (today, "0" * 64, "does not belong"),
    ):
        value = {"sealed_on": day.isoformat(), "sha256": mark, "by": ""}
        with pytest.raises(DocumentError, match=words):
            change(computed_cycle, boss, Edit("set", ("seal",), value=value))
    good = {"sealed_on": today.isoformat(), "sha256": sha256, "by": ""}
    with pytest.raises(DocumentError, match="permission to sign"):
        change(computed_cycle, actor_of("analyst"), Edit("set", ("seal",), value=good))
    made_up = {"sealed_on": "2024-01-01", "sha256": sha256, "unsealed_on": "2024-01-02", "reason": "none at all"}
    both = [Edit("set", ("seal",), value=good), Edit("add", ("unsealed",), value=made_up)]
    with pytest.raises(DocumentError, match="not sealed; there is nothing"):
        change(computed_cycle, boss, *both)
    change(computed_cycle, actor_of("quality_manager"), Edit("set", ("seal",), value=good))


def test_what_somebody_seals_is_what_they_saw(computed_cycle: Any, boss: Actor, cycle: Any) -> None:
    _found, number = documents.current(computed_cycle, 3)
    change(computed_cycle, boss, Edit("set", ("unknown_limit",), value=0.3))
    change(computed_cycle, boss, Edit("set", ("assumptions", 0, "predicted"), value=2.0))
    with pytest.raises(DocumentError, match="has changed since"):
        services.seal_register(actor=boss, cycle=computed_cycle, base=number)
    services.seal_register(actor=boss, cycle=computed_cycle, base=number + 2)
    with pytest.raises(DocumentError, match="sealed already"):
        services.seal_register(actor=boss, cycle=computed_cycle, base=number + 3)
    with pytest.raises(DocumentError, match="empty"):
        services.seal_register(actor=boss, cycle=cycle, base=0)


def test_merging_under_a_seal_keeps_the_entries_and_leads_them_on(computed_cycle: Any, boss: Actor) -> None:
    seal(computed_cycle, boss)
    before = held(computed_cycle).assumptions
    with pytest.raises(DocumentError, match="sealed register"):
        services.remove_need(actor=boss, cycle=computed_cycle, need="clean")
    services.merge_needs(actor=boss, cycle=computed_cycle, need="fast", into="kind")
    found = held(computed_cycle)
    assert (found.assumptions, found.merged, found.need_now("fast")) == (before, {"fast": "kind"}, "kind")
    services.merge_needs(actor=boss, cycle=computed_cycle, need="kind", into="clean")
    assert held(computed_cycle).need_now("fast") == "clean"
    assert documents.faults(computed_cycle) == {}
    documents.undo(actor=boss, cycle=computed_cycle, step=3)
    assert held(computed_cycle).merged == {"fast": "kind"}
