"""Gates: signing on evidence, waiving with a reason, what makes a sign-off stale, and who may."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from nonagon.accounts.access import Actor
from nonagon.process import documents, gates, results
from nonagon.process.edits import Edit
from nonagon.process.gates import GateClosed
from nonagon.process.models import AuditEntry, SignOff

pytestmark = pytest.mark.django_db

Store = Callable[..., str]
REASON = "The survey is still out; it is worth starting."


@pytest.fixture
def signer(actor_of: Callable[[str], Actor]) -> Actor:
    return actor_of("quality_manager")


@pytest.fixture
def store(cycle: Any) -> Store:
    """`store(1, met=False, says="x")`: a result as the compute job would store it; gives its evidence."""

    def stored(
        step: int, *, met: bool = True, says: str = "", version: int = 0, facts: tuple[str, ...] = (), of: int = 2
    ) -> str:
        criteria = [
            {"id": f"k{number}", "sentence": f"Criterion {number} holds", "met": met or number > 0, "reason": ""}
            for number in range(of)
        ]
        fresh = results.Fresh(
            step=step,
            key="k" * 64,
            content=json.dumps({"says": says}).encode(),
            document_version=version,
            facts=facts,
            section={"step": step, "blocks": []},
            criteria=criteria,
            begun=True,
        )
        results.store(cycle=cycle, fresh={step: fresh}, whole=None, trace=None)
        found = results.latest(cycle, step)
        assert found is not None
        return str(found.evidence)

    return stored


def sign(cycle: Any, actor: Actor, step: int, evidence: str, reason: str = "") -> SignOff:
    return gates.sign_off(actor=actor, cycle=cycle, step=step, evidence=evidence, reason=reason)


def test_where_a_step_stands(cycle: Any, signer: Actor, store: Store) -> None:
    assert [one.state for one in gates.gates(cycle)] == ["not_started"] * 9
    store(1, met=False)
    assert (gates.gate(cycle, 1).state, gates.gate(cycle, 1).met, gates.gate(cycle, 1).of) == ("in_work", 1, 2)
    evidence = store(1)
    assert gates.gate(cycle, 1).state == "ready"
    sign(cycle, signer, 1, evidence)
    gate = gates.gate(cycle, 1)
    assert (gate.state, gate.stale, gate.sign_off and gate.sign_off.person) == ("signed", False, signer.person)


def test_a_step_with_all_criteria_met_is_signed(cycle: Any, signer: Actor, store: Store) -> None:
    made = sign(cycle, signer, 1, store(1))
    assert (made.kind, made.reason, made.person) == ("signed", "", signer.person)
    entry = AuditEntry.objects.get(action="step.sign")
    assert (entry.person, entry.subject) == (signer.person, "step 1")
    assert entry.detail["evidence"] == made.result.evidence


@pytest.mark.parametrize("reason", ["", "   ", "too short", " " * 30])
def test_unmet_criteria_take_a_written_reason(cycle: Any, signer: Actor, store: Store, reason: str) -> None:
    evidence = store(1, met=False)
    with pytest.raises(GateClosed, match="1 exit criteria are unmet and 0 steps ahead"):
        sign(cycle, signer, 1, evidence, reason)
    assert not SignOff.objects.exists()
    made = sign(cycle, signer, 1, evidence, REASON)
    assert (made.kind, made.reason) == ("waived", REASON)
    assert gates.gate(cycle, 1).state == "waived"
    entry = AuditEntry.objects.get(action="step.waive")
    assert (entry.detail["unmet"], entry.detail["reason"]) == (["k0"], REASON)


def test_so_do_steps_ahead_that_are_open(cycle: Any, signer: Actor, store: Store) -> None:
    first, third = store(1), store(3)
    with pytest.raises(GateClosed, match="0 exit criteria are unmet and 2 steps ahead"):
        sign(cycle, signer, 3, third)
    sign(cycle, signer, 1, first)
    assert [one.step for one in gates.unsigned_before(cycle, 3)] == [2]
    made = sign(cycle, signer, 3, third, REASON)
    assert made.kind == "waived"
    assert AuditEntry.objects.get(action="step.waive").detail["ahead"] == [2]


def test_nobody_signs_what_they_have_not_seen(cycle: Any, signer: Actor, store: Store) -> None:
    seen = store(1, says="before")
    now = store(1, says="after")
    with pytest.raises(GateClosed, match="changed since you opened the page"):
        sign(cycle, signer, 1, seen)
    sign(cycle, signer, 1, now)


def test_nothing_computed_nothing_signed(cycle: Any, signer: Actor) -> None:
    with pytest.raises(GateClosed, match="Nothing is computed"):
        sign(cycle, signer, 1, "", REASON)


def test_one_sign_off_is_in_force_at_a_time(cycle: Any, signer: Actor, store: Store) -> None:
    evidence = store(1)
    made = sign(cycle, signer, 1, evidence)
    with pytest.raises(GateClosed, match="signed off already"):
        sign(cycle, signer, 1, evidence)
    with pytest.raises(IntegrityError), transaction.atomic():  # the database holds it too
        SignOff.objects.create(cycle=cycle, step=1, kind="signed", person=signer.person, result=made.result)


def test_a_withdrawn_sign_off_stays_in_the_history(
    cycle: Any, signer: Actor, store: Store, actor_of: Callable[[str], Actor]
) -> None:
    evidence = store(1)
    sign(cycle, signer, 1, evidence)
    gates.withdraw(actor=actor_of("owner"), cycle=cycle, step=1)
    assert gates.gate(cycle, 1).state == "ready"
    with pytest.raises(GateClosed, match="nothing to withdraw"):
        gates.withdraw(actor=signer, cycle=cycle, step=1)
    sign(cycle, signer, 1, evidence)
    old, new = SignOff.objects.order_by("at")
    assert (old.withdrawn_by, new.withdrawn_at) == (actor_of("owner").person, None)
    assert [one.action for one in AuditEntry.objects.filter(action__startswith="step.").order_by("pk")] == [
        "step.sign",
        "step.withdraw",
        "step.sign",
    ]


def test_a_sign_off_is_stale_once_its_evidence_has_changed_and_says_what(
    cycle: Any, signer: Actor, store: Store
) -> None:
    documents.edit(actor=signer, cycle=cycle, step=3, edits=[Edit("set", ("unknown_limit",), 0.2)], base=0)
    for step in (1, 2):
        sign(cycle, signer, step, store(step))
    sign(cycle, signer, 3, store(3, version=1, facts=("answers@aaa",)))
    more = [
        Edit("set", ("unknown_limit",), 0.3),
        Edit("add", ("needs",), {"id": "fast", "name": "Fast"}),
        Edit("add", ("needs",), {"id": "kind", "name": "Kind"}),
        Edit("move", ("needs", "@kind"), to=0),
        Edit("remove", ("needs", "@kind")),
        Edit("put", ("merged", "quick"), "fast"),
    ]
    documents.edit(actor=signer, cycle=cycle, step=3, edits=more, base=1)
    assert not gates.gate(cycle, 3).stale  # not before the evidence itself is another one
    store(3, met=False, says="new", version=2, facts=("answers@bbb",))
    gate = gates.gate(cycle, 3)
    who = str(signer.person)
    assert gate.stale
    assert gate.state == "signed"
    assert gate.changes == (
        f"{who} changed unknown_limit",
        f"{who} added an entry to needs",
        f"{who} added an entry to needs",
        f"{who} moved needs.kind",
        f"{who} removed needs.kind",
        f"{who} changed merged.quick",
        "The data are now answers@bbb.",
        "Criterion 0 holds — not met any more",
    )
    assert not gates.gate(cycle, 1).stale


def test_what_came_from_earlier_steps_is_said_too(cycle: Any, signer: Actor, store: Store) -> None:
    sign(cycle, signer, 1, store(1, says="before"))
    store(1, says="after")
    assert gates.gate(cycle, 1).changes == (
        "Earlier steps handed on other results, so the numbers here are others than those signed.",
    )
    store(1, says="before")  # the numbers are those signed again
    assert not gates.gate(cycle, 1).stale


def test_long_lists_of_changes_are_cut_and_counted(cycle: Any, signer: Actor, store: Store) -> None:
    sign(cycle, signer, 1, store(1))
    adds = [Edit("add", ("needs",), {"id": f"n{number}", "name": "x"}) for number in range(12)]
    for step in (2, 3):
        sign(cycle, signer, step, store(step))
    documents.edit(actor=signer, cycle=cycle, step=3, edits=adds, base=0)
    store(3, says="new", version=1)
    changes = gates.gate(cycle, 3).changes
    assert (len(changes), changes[-1]) == (9, "and 4 more changes")


@pytest.mark.parametrize("role", ["analyst", "team_member", "frontline", "viewer"])
def test_who_may_not_sign(
    role: str, cycle: Any, store: Store, actor_of: Callable[[str], Actor], signer: Actor
) -> None:
    evidence = store(1)
    with pytest.raises(PermissionDenied):
        sign(cycle, actor_of(role), 1, evidence)
    sign(cycle, signer, 1, evidence)
    with pytest.raises(PermissionDenied):
        gates.withdraw(actor=actor_of(role), cycle=cycle, step=1)
    assert gates.gate(cycle, 1).state == "signed"


def test_the_weakest_step_is_named_until_all_are_ready(cycle: Any, store: Store) -> None:
    for step in range(1, 10):
        store(step, met=step != 4, of=3)
    assert [one.step for one in gates.gates(cycle) if one.weakest] == [4]
    store(4, of=3)
    assert not any(one.weakest for one in gates.gates(cycle))
