"""The page of step 6: the board of projects, the plan drawn while it is edited, who sees it."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from nonagon.accounts.access import Actor
from nonagon.process import documents, vault
from nonagon.process.edits import Edit
from nonagon.process.models import AuditEntry, DocumentVersion, PlanAccess, PlanReader, Result
from nonagon.steps.step6_improvements import selectors

pytestmark = pytest.mark.django_db

STEP = 6


def at(cycle: Any, rest: str = "") -> str:
    return f"/c/{cycle.key}/improvements/{rest}"


def drawn(client: Any, cycle: Any, *edits: dict[str, Any]) -> Any:
    return client.post(
        at(cycle, "preview"), json.dumps({"base": 0, "edits": edits}), content_type="application/json"
    )


def put(*path: Any, value: Any) -> dict[str, Any]:
    return {"op": "set", "path": list(path), "value": value}


@pytest.fixture
def client(client_of: Callable[[str], Any]) -> Any:
    return client_of("owner")


@pytest.fixture
def outsider(person_of: Callable[[str], Any], owner: Any, computed_cycle: Any) -> PlanReader:
    """A viewer with an account whom the team let in until tomorrow."""
    return vault.admit(
        actor=Actor(owner),
        cycle=computed_cycle,
        person=person_of("viewer"),
        kind="outsider",
        reason="checks the figures",
        risk_accepted_by="head of the hall",
        expires_on=timezone.localdate() + timedelta(days=1),
    )


# --- the page -------------------------------------------------------------------------------------------


def test_the_page_shows_the_projects_the_bars_and_every_editor(client: Any, computed_cycle: Any) -> None:
    text = client.get(at(computed_cycle)).content.decode()
    # tests/builders/folder.py: one project, two activities, from 2025-03-01 for 30 and 10 days
    assert "Second counter" in text
    assert text.count('class="gantt-bar') == 2
    assert 'data-begins="2025-03-31"' in text
    lists = ("projects", "activities", "funds", "sharing")
    assert all(f'id="edit-{name}"' in text for name in lists)
    fields = ("start", "budget", "opening_balance", "reserve", "reinvest", "discount_rate", "spending")
    assert all(f'id="edit-{name}"' in text for name in (*fields, "selected_reason"))


def test_the_page_of_an_empty_cycle_says_what_to_do(client: Any, cycle: Any) -> None:
    answer = client.get(at(cycle))
    assert answer.status_code == 200
    assert "No project yet" in answer.content.decode()


def test_the_page_reads_what_was_stored_and_computes_nothing(
    client: Any, computed_cycle: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nonagon.steps.step6_improvements import analysis

    def refuse(**_given: Any) -> None:
        raise AssertionError("the page must not compute")

    monkeypatch.setattr(analysis, "previewed", refuse)
    monkeypatch.setattr(analysis, "analyse", refuse)
    assert client.get(at(computed_cycle)).status_code == 200


def test_an_outsider_reads_the_plan_and_changes_nothing(
    outsider: PlanReader, computed_cycle: Any, client_of: Callable[[str], Any]
) -> None:
    viewer = client_of("viewer")
    text = viewer.get(at(computed_cycle)).content.decode()
    assert "Second counter" in text
    assert 'role="slider"' not in text
    assert viewer.get(at(computed_cycle, "vault/")).status_code == 403
    body = json.dumps({"base": 1, "edits": [put("budget", value=1)]})
    refused = viewer.post(at(computed_cycle, "edit"), body, content_type="application/json")
    assert refused.status_code == 403


# --- the preview ----------------------------------------------------------------------------------------


def test_a_preview_without_edits_is_the_stored_plan(client: Any, computed_cycle: Any) -> None:
    """Both come from the same functions, so they say the same."""
    stored, fresh = selectors.stored(computed_cycle), selectors.preview(computed_cycle, [])
    assert stored == fresh


def test_a_preview_moves_the_bar_and_what_waits_for_it(client: Any, computed_cycle: Any) -> None:
    answer = drawn(client, computed_cycle, put("activities", "@a1", "duration_days", value=37))
    said = answer.json()
    # a1 begins on 2025-03-01 and takes 37 days, so a2 begins on 2025-04-07 and its 10 days end on 2025-04-16
    assert 'data-activity="a2" data-day="37" data-begins="2025-04-07"' in said["html"]
    assert "The plan ends on 2025-04-16." in said["said"]


def test_a_preview_says_when_the_money_runs_out(client: Any, computed_cycle: Any) -> None:
    """4000 at hand, and the activities cost 2000 and 500: raised to 9000 in all, March already falls short."""
    edits = [
        put("activities", "@a1", "status", value="planned"),
        put("activities", "@a1", "cost", value=8500),
        put("budget", value=20000),
        put("selected", value=["counter"]),
    ]
    said = drawn(client, computed_cycle, *edits).json()
    assert "The money runs out in 2025-03; at most 5\u202f000" in said["said"]
    assert "cash-dot short" in said["html"]


def test_a_preview_tells_why_a_project_is_left_out(client: Any, computed_cycle: Any) -> None:
    edits = [put("budget", value=100)]
    project = drawn(client, computed_cycle, *edits).json()["projects"]["counter"]
    assert project["selected"] is False
    assert "more than the budget can pay" in project["reason"]


def test_a_preview_stores_nothing(client: Any, computed_cycle: Any) -> None:
    before = DocumentVersion.objects.count(), Result.objects.count()
    drawn(client, computed_cycle, put("budget", value=1))
    assert (DocumentVersion.objects.count(), Result.objects.count()) == before


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (put("activities", "@a1", "after", value=["a2"]), "circle"),
        (put("activities", "@a1", "project", value="nobody"), "nobody"),
        (put("budget", value="much"), "budget"),
        (put("activities", "@gone", "cost", value=1), "gone"),
    ],
)
def test_what_cannot_be_drawn_is_said(edit: dict[str, Any], said: str, client: Any, computed_cycle: Any) -> None:
    answer = drawn(client, computed_cycle, edit)
    assert answer.status_code == 422
    assert said in json.dumps(answer.json())


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"base": 0, "edits": [{"op": "burn", "path": []}]}'])
def test_a_body_that_cannot_be_read_is_a_bad_request(body: str, client: Any, computed_cycle: Any) -> None:
    answer = client.post(at(computed_cycle, "preview"), body, content_type="application/json")
    assert answer.status_code == 400
    assert set(answer.json()["error"]) == {"thing", "rule", "received", "next"}


def test_a_preview_is_for_the_plans_readers(computed_cycle: Any, client_of: Callable[[str], Any]) -> None:
    answer = drawn(client_of("quality_manager"), computed_cycle)
    assert answer.status_code == 403
    assert "Second counter" not in answer.content.decode()


def test_a_preview_never_loads_anything_but_the_document(computed_cycle: Any) -> None:
    """Edits are applied to the newest version, not to the one that the page was made from."""
    actor = Actor(computed_cycle.created_by)
    _document, base = documents.current(computed_cycle, STEP)
    edit = Edit("set", ("activities", "@a2", "name"), "Train everybody")
    documents.edit(actor=actor, cycle=computed_cycle, step=STEP, edits=[edit], base=base)
    names = [one.name for one in selectors.preview(computed_cycle, []).picture.bars]
    assert names == ["Build it", "Train everybody"]


# --- who sees it ----------------------------------------------------------------------------------------


def test_the_team_takes_somebody_on_and_lets_them_go(
    client: Any, computed_cycle: Any, client_of: Callable[[str], Any], person_of: Callable[[str], Any]
) -> None:
    analyst = person_of("analyst")
    assert client_of("analyst").get(at(computed_cycle)).status_code == 403
    client.post(at(computed_cycle, "vault/admit"), {"person": analyst.pk})
    assert client_of("analyst").get(at(computed_cycle)).status_code == 200
    reader = vault.readers(computed_cycle).get(person=analyst)
    client.post(at(computed_cycle, "vault/remove"), {"reader": reader.pk})
    assert client_of("analyst").get(at(computed_cycle)).status_code == 403
    assert AuditEntry.objects.filter(action__in=["plan.admit", "plan.remove"]).count() == 2


@pytest.mark.parametrize("missing", ["reason", "risk_accepted_by", "expires_on", "name"])
def test_an_outsider_needs_everything(missing: str, client: Any, computed_cycle: Any) -> None:
    given = {
        "name": "Map supplier",
        "reason": "the maps",
        "risk_accepted_by": "head of the hall",
        "expires_on": (timezone.localdate() + timedelta(days=3)).isoformat(),
    }
    answer = client.post(at(computed_cycle, "vault/outsider"), {**given, missing: ""})
    assert answer.status_code == 422
    assert not PlanReader.objects.filter(kind="outsider").exists()
    client.post(at(computed_cycle, "vault/outsider"), given)
    assert PlanReader.objects.get(kind="outsider").name == "Map supplier"


def test_who_is_not_on_the_team_names_nobody(
    computed_cycle: Any, client_of: Callable[[str], Any], person_of: Callable[[str], Any]
) -> None:
    manager = client_of("quality_manager")
    answer = manager.post(at(computed_cycle, "vault/admit"), {"person": person_of("quality_manager").pk})
    assert answer.status_code == 403
    assert manager.get(at(computed_cycle)).status_code == 403


def test_where_nobody_is_on_the_team_a_quality_manager_names_the_first(
    computed_cycle: Any, owner: Any, client_of: Callable[[str], Any], person_of: Callable[[str], Any]
) -> None:
    owner.memberships.all().delete()
    manager, analyst = client_of("quality_manager"), client_of("analyst")
    assert "Begin the team with me" in manager.get(at(computed_cycle)).content.decode()
    assert "Begin the team with me" not in analyst.get(at(computed_cycle)).content.decode()
    refused = analyst.post(at(computed_cycle, "vault/admit"), {"person": person_of("analyst").pk})
    assert refused.status_code == 403
    manager.post(at(computed_cycle, "vault/admit"), {"person": person_of("quality_manager").pk})
    assert manager.get(at(computed_cycle)).status_code == 200
    assert analyst.post(at(computed_cycle, "vault/admit"), {"person": person_of("analyst").pk}).status_code == 403


def test_the_log_shows_reads_copies_and_refusals_and_can_be_narrowed(
    client: Any, computed_cycle: Any, client_of: Callable[[str], Any]
) -> None:
    client.get(at(computed_cycle))
    client_of("viewer").get(at(computed_cycle))
    everything = client.get(at(computed_cycle, "vault/")).content.decode()
    assert everything.count("<td>read</td>") == 1
    assert everything.count("<td>refused</td>") == 1
    narrowed = client.get(at(computed_cycle, "vault/"), {"kind": "refused", "who": "view"}).content.decode()
    assert "<td>read</td>" not in narrowed
    assert "<td>refused</td>" in narrowed
    assert "<td>refused</td>" not in client.get(at(computed_cycle, "vault/"), {"who": "owner"}).content.decode()
    assert "<td>read</td>" not in client.get(at(computed_cycle, "vault/"), {"since": "soon"}).content.decode()


def test_the_log_has_pages(client: Any, computed_cycle: Any, owner: Any) -> None:
    for place in range(60):
        vault.note(Actor(owner), computed_cycle, PlanAccess.Kind.READ, f"read {place:03d}")
    first = client.get(at(computed_cycle, "vault/")).content.decode()
    second = client.get(at(computed_cycle, "vault/"), {"page": 2}).content.decode()
    assert "read 059" in first
    assert "read 000" not in first
    assert "read 000" in second


# --- copies ---------------------------------------------------------------------------------------------


def test_a_copy_bears_its_readers_mark_and_the_mark_leads_back(client: Any, computed_cycle: Any) -> None:
    answer = client.get(at(computed_cycle, "copy.html"))
    text = answer.content.decode()
    noted = PlanAccess.objects.get(kind="export")
    assert "Second counter" in text
    assert f'<p class="mark-of-copy">Owner · {noted.mark}</p>' in text
    assert "@bottom-left" in text
    found = client.get(at(computed_cycle, "vault/"), {"mark": noted.mark.lower()}).content.decode()
    assert f"{noted.mark} is the copy of Owner" in found
    assert (
        "No copy bears this code"
        in client.get(at(computed_cycle, "vault/"), {"mark": "00000000"}).content.decode()
    )


def test_the_mark_stands_on_every_page_of_a_pdf(client: Any, computed_cycle: Any) -> None:
    pdf = pytest.importorskip("pypdf", reason="reads the text of a PDF's pages")
    import io

    answer = client.get(at(computed_cycle, "copy.pdf"))
    noted = PlanAccess.objects.get(kind="export")
    pages = pdf.PdfReader(io.BytesIO(answer.content)).pages
    assert len(pages) > 1
    assert all(noted.mark in page.extract_text() for page in pages)


def test_an_outsider_without_an_account_gets_a_copy_of_their_own(
    client: Any, computed_cycle: Any, owner: Any
) -> None:
    reader = vault.admit(
        actor=Actor(owner),
        cycle=computed_cycle,
        person=None,
        kind="outsider",
        name="Map supplier",
        reason="the maps",
        risk_accepted_by="head of the hall",
        expires_on=timezone.localdate(),
    )
    answer = client.post(at(computed_cycle, "copy"), {"reader": reader.pk, "ending": "html"})
    noted = PlanAccess.objects.get(kind="export")
    assert f"Map supplier · {noted.mark}" in answer.content.decode()
    assert (noted.name, noted.person) == ("Map supplier", owner)
    found = client.get(at(computed_cycle, "vault/"), {"mark": noted.mark}).content.decode()
    assert "Handed out by Owner" in found


@pytest.mark.parametrize("ending", ["html", "pdf"])
def test_copies_are_for_readers_who_may_take_things_out(
    ending: str, computed_cycle: Any, outsider: PlanReader, client_of: Callable[[str], Any]
) -> None:
    assert client_of("analyst").get(at(computed_cycle, f"copy.{ending}")).status_code == 403
    assert client_of("viewer").get(at(computed_cycle, f"copy.{ending}")).status_code == 403
    assert not PlanAccess.objects.filter(kind="export").exists()


def test_a_copy_for_another_is_handed_out_by_the_team(
    computed_cycle: Any, outsider: PlanReader, client_of: Callable[[str], Any]
) -> None:
    answer = client_of("analyst").post(at(computed_cycle, "copy"), {"reader": outsider.pk})
    assert answer.status_code == 403
    assert client_of("owner").post(at(computed_cycle, "copy"), {"reader": 0}).status_code == 404
