"""The page of step 2: the SWOT board shows proposals with the decisions as they stand."""

import json

import pytest

from nonagon.process import documents
from nonagon.steps.step2_market import selectors

pytestmark = pytest.mark.django_db


def edit(client, cycle, *edits):
    _document, base = documents.current(cycle, 2)
    body = json.dumps({"base": base, "edits": list(edits)})
    return client.post(f"/c/{cycle.key}/market/edit", body, content_type="application/json")


def entries(cycle):
    return {one.id: one for found in selectors.board(cycle).values() for one in found}


def added(**more):
    value = {"id": "own", "quadrant": "threat", "sentence": "A tram is planned.", "evidence": "Plan of May, p. 3"}
    return {"op": "add", "path": ["added"], "value": {**value, **more}}


def test_an_added_entry_stands_with_its_evidence(client_of, computed_cycle):
    assert edit(client_of("team_member"), computed_cycle, added()).status_code == 200
    own = entries(computed_cycle)["own"]
    assert own.stands
    assert own.evidence == "Plan of May, p. 3"


def test_an_entry_without_evidence_is_refused(client_of, computed_cycle):
    answer = edit(client_of("team_member"), computed_cycle, added(evidence=""))
    assert answer.status_code == 422
    assert answer.json()["mistakes"][0]["path"][-1] == "evidence"
    assert "own" not in entries(computed_cycle)


def test_a_verdict_is_put_changed_and_taken_back(client_of, computed_cycle):
    proposed = [one for one in entries(computed_cycle).values() if not one.added]
    if not proposed:
        pytest.skip("the small cycle's data propose no entry")
    client, own = client_of("team_member"), proposed[0].id
    path = ["swot", f"@{own}"]
    edit(client, computed_cycle, {"op": "put", "path": path, "value": {"decision": "accept", "reason": ""}})
    assert entries(computed_cycle)[own].decision == "accept"
    edit(client, computed_cycle, {"op": "put", "path": path, "value": {"decision": "reject", "reason": "no"}})
    assert entries(computed_cycle)[own].reason == "no"
    edit(client, computed_cycle, {"op": "put", "path": path, "value": None})
    assert entries(computed_cycle)[own].decision == ""


def test_a_rejection_without_a_reason_is_kept_and_said_to_be_incomplete(client_of, computed_cycle):
    put = {"op": "put", "path": ["swot", "@any"], "value": {"decision": "reject", "reason": ""}}
    answer = edit(client_of("team_member"), computed_cycle, put)
    assert answer.status_code == 200
    assert any("without a reason" in one["message"] for one in answer.json()["faults"])


def test_the_page_shows_the_board(client_of, computed_cycle):
    edit(client_of("team_member"), computed_cycle, added())
    text = client_of("viewer").get(f"/c/{computed_cycle.key}/market/").content.decode()
    assert "A tram is planned." in text
    assert "data-decide" not in text  # a viewer decides nothing
