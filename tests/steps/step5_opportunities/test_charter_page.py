"""The page of step 5: choosing, and a charter that is approved, changed, compared and printed."""

import json
from typing import Any

import pytest
from django.utils import timezone

pytestmark = pytest.mark.django_db


def url(cycle: Any, rest: str = "") -> str:
    return f"/c/{cycle.key}/opportunities/{rest}"


def decisions_of(cycle: Any) -> Any:
    from nonagon.process import documents

    return documents.current(cycle, 5)[0]


def version_of(cycle: Any) -> int:
    from nonagon.process import documents

    return documents.current(cycle, 5)[1]


def edited(client: Any, cycle: Any, *edits: dict[str, Any], base: int | None = None) -> Any:
    body = {"base": version_of(cycle) if base is None else base, "edits": list(edits)}
    return client.post(url(cycle, "edit"), json.dumps(body), content_type="application/json")


def approved(client: Any, cycle: Any, version: str = "1", role: str = "board", base: int | None = None) -> Any:
    sent = {"version": version, "approved_by": role, "base": version_of(cycle) if base is None else base}
    return client.post(url(cycle, "charter/approve"), sent, follow=True)


MISSION = {"op": "set", "path": ["charter", "mission"], "value": "Nobody waits at all."}


def test_the_grid_holds_every_opportunity_with_its_ranks(client_of: Any, computed_cycle: Any) -> None:
    answer = client_of("analyst").get(url(computed_cycle))
    assert answer.status_code == 200
    choice = answer.context["choice"]
    rows = {one["id"]: one for one in choice["rows"]}
    assert rows["opp-fast"]["chosen"]
    assert rows["opp-fast"]["name"] == "Shorter waiting"
    # the small cycle's lowest score is the one that is ranked first by "lowest score first"
    first = next(at for at, one in enumerate(choice["methods"]) if one["title"] == "Lowest score first")
    assert next(one["id"] for one in choice["rows"] if one["ranks"][first] == 1) in choice["lowest"]


def test_an_opportunity_that_nobody_named_is_made_with_its_first_decision(
    client_of: Any, computed_cycle: Any
) -> None:
    edit = {"op": "put", "path": ["opportunities", "@opp-kind"], "value": {"need": "kind", "chosen": True}}
    assert edited(client_of("analyst"), computed_cycle, edit).status_code == 200
    found = {one.id: one for one in decisions_of(computed_cycle).opportunities}
    assert found["opp-kind"].chosen
    assert found["opp-kind"].need == "kind"


def test_an_approval_keeps_the_charter_as_it_stands(client_of: Any, computed_cycle: Any) -> None:
    answer = approved(client_of("owner"), computed_cycle)
    assert answer.status_code == 200
    found = decisions_of(computed_cycle)
    assert (found.charter.version, found.charter.approved_by) == ("1", "board")
    assert found.charter.approved_on == timezone.localdate()
    kept = found.approvals[0]
    assert kept.charter == found.charter
    assert kept.sha256 == found.charter.fingerprint
    assert not found.changed_since_approval


def test_a_later_edit_shows_as_changed_since_the_approval(client_of: Any, computed_cycle: Any) -> None:
    owner = client_of("owner")
    approved(owner, computed_cycle)
    assert "Changed since version" not in owner.get(url(computed_cycle)).text
    assert edited(owner, computed_cycle, MISSION).status_code == 200
    assert decisions_of(computed_cycle).changed_since_approval
    assert "Changed since version 1 was approved" in owner.get(url(computed_cycle)).text


def test_versions_are_read_and_compared_field_by_field(client_of: Any, computed_cycle: Any) -> None:
    owner = client_of("owner")
    approved(owner, computed_cycle)
    edited(owner, computed_cycle, MISSION)
    approved(owner, computed_cycle, "2")
    old = client_of("viewer").get(url(computed_cycle, "charter/1/"))
    assert "Nobody waits long." in old.text
    compared = client_of("viewer").get(url(computed_cycle, "charter/2/?against=1"))
    lines = {one.label: one for one in compared.context["lines"]}
    assert lines["Mission"].differs
    assert (lines["Mission"].before, lines["Mission"].text) == ("Nobody waits long.", "Nobody waits at all.")
    assert not lines["Title"].differs


@pytest.mark.parametrize("rest", ["charter/9/", "charter/now/?against=9"])
def test_a_version_that_is_not_there_is_not_found(client_of: Any, computed_cycle: Any, rest: str) -> None:
    assert client_of("viewer").get(url(computed_cycle, rest)).status_code == 404


def test_who_may_not_sign_does_not_approve(client_of: Any, computed_cycle: Any) -> None:
    assert approved(client_of("analyst"), computed_cycle).status_code == 403
    assert decisions_of(computed_cycle).approvals == ()


def test_a_stranger_does_not_learn_of_the_charter(stranger_client: Any, computed_cycle: Any) -> None:
    assert stranger_client.get(url(computed_cycle, "charter/now/")).status_code == 404
    assert approved(stranger_client, computed_cycle).status_code == 404


def test_nobody_approves_what_they_have_not_read(client_of: Any, computed_cycle: Any) -> None:
    read = version_of(computed_cycle)
    edited(client_of("analyst"), computed_cycle, MISSION)
    answer = approved(client_of("owner"), computed_cycle, base=read)
    assert "Read the charter as it stands now" in answer.text
    assert decisions_of(computed_cycle).approvals == ()


@pytest.mark.parametrize(
    ("version", "role", "said"),
    [("", "board", "Give the version a name"), ("2", " ", "which role"), ("1", "board", "was approved already")],
)
def test_an_approval_that_lacks_something_says_so(
    client_of: Any, computed_cycle: Any, version: str, role: str, said: str
) -> None:
    owner = client_of("owner")
    approved(owner, computed_cycle)
    assert said in approved(owner, computed_cycle, version, role).text
    assert len(decisions_of(computed_cycle).approvals) == 1


def test_an_empty_charter_is_not_approved(client_of: Any, cycle: Any) -> None:
    assert "The charter is empty" in approved(client_of("owner"), cycle).text


def test_approved_versions_stay_as_they_were(client_of: Any, computed_cycle: Any) -> None:
    owner = client_of("owner")
    approved(owner, computed_cycle)
    for edit in (
        {"op": "set", "path": ["approvals", 0, "charter", "mission"], "value": "Something else"},
        {"op": "remove", "path": ["approvals", 0]},
        {"op": "set", "path": ["approvals"], "value": []},
    ):
        answer = edited(owner, computed_cycle, edit)
        assert answer.status_code == 422
        assert "stay as they were approved" in answer.json()["error"]["rule"]
    assert len(decisions_of(computed_cycle).approvals) == 1


def test_an_approval_is_not_forged_by_an_edit(client_of: Any, computed_cycle: Any) -> None:
    charter = decisions_of(computed_cycle).charter
    kept = {
        "version": "1",
        "approved_by": "board",
        "approved_on": "2025-06-01",
        "sha256": charter.fingerprint,
        "charter": charter.model_dump(mode="json"),
    }
    answer = edited(client_of("analyst"), computed_cycle, {"op": "add", "path": ["approvals"], "value": kept})
    assert answer.status_code == 422
    assert "permission" in answer.json()["error"]["rule"]
    assert decisions_of(computed_cycle).approvals == ()


def test_the_criterion_sees_the_change() -> None:
    from nonagon.deliverables.step5 import OpportunitiesDeliverable
    from nonagon.steps.step5_opportunities.criteria import criteria
    from nonagon.steps.step5_opportunities.decisions import Charter, CharterApproval, Step5Decisions

    charter = Charter(mission="Be on time", version="1", approved_by="board", approved_on="2025-06-01")  # type: ignore[arg-type]
    kept = CharterApproval(
        version="1",
        approved_by="board",
        approved_on="2025-06-01",
        sha256=charter.fingerprint,
        charter=charter,  # type: ignore[arg-type]
    )

    def met(now: Charter) -> Any:
        found = criteria(OpportunitiesDeliverable(), Step5Decisions(charter=now, approvals=(kept,)))
        return next(one for one in found if one.id == "charter_approved")

    assert met(charter).met
    changed = met(charter.model_copy(update={"mission": "Be early"}))
    assert not changed.met
    assert changed.reason == "changed since version 1 was approved on 2025-06-01"


def test_an_approval_that_was_tampered_with_is_a_fault() -> None:
    from nonagon.deliverables.decisions import Known
    from nonagon.steps.step5_opportunities.decisions import Charter, CharterApproval, Step5Decisions

    charter = Charter(mission="Be on time")
    kept = CharterApproval(
        version="1",
        approved_by="board",
        approved_on="2025-06-01",
        sha256="0" * 64,
        charter=charter,  # type: ignore[arg-type]
    )
    found = list(Step5Decisions(approvals=(kept,)).faults(Known()))
    assert [one.path for one in found] == [("approvals", 0, "sha256")]
