"""The REST API: keys and scopes, documents, gates, data, reports; errors in one shape."""

import io
import json
import uuid

import pytest
from django.test import Client

from builders.program import Program, error_of
from builders.web import PASSWORD
from nonagon.accounts import keys
from nonagon.accounts.access import Actor
from nonagon.accounts.models import Role
from nonagon.process import documents, jobs, vault
from nonagon.process.models import PlanReader

pytestmark = pytest.mark.django_db


def test_without_a_key_nothing_opens(cycle):
    for secret in ("", "nonagon_wrong", "other"):
        answer = Program(secret).call("get", f"/cycles/{cycle.key}")
        assert answer.status_code == 401
        error_of(answer)


def test_a_session_opens_reads_and_needs_the_token_for_writes(client_of, cycle):
    assert client_of("viewer").get(f"/api/v1/cycles/{cycle.key}").status_code == 200
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client_of("owner").cookies
    answer = strict.post(f"/api/v1/cycles/{cycle.key}/compute")
    assert answer.status_code == 403


def test_a_key_is_narrowed_to_its_scopes(program, cycle):
    narrow = program("owner", ["view"])
    assert narrow.call("get", f"/cycles/{cycle.key}").status_code == 200
    answer = narrow.call("patch", f"/cycles/{cycle.key}", {"name": "Other"})
    assert answer.status_code == 403
    assert "edit" in error_of(answer)["error"]["rule"]


def test_cycles_of_others_do_not_exist(program, other_organization, stranger, cycle):
    _key, secret = keys.create_key(
        actor=Actor(stranger), organization=other_organization, name="x", scopes=["view"], expires_at=None
    )
    assert Program(secret).call("get", f"/cycles/{cycle.key}").status_code == 404
    assert Program(secret).call("get", "/cycles").json() == {"count": 0, "items": []}


def test_a_cycle_is_started_renamed_and_archived(program, organization):
    mine = program()
    made = mine.call("post", "/cycles", {"organization": organization.slug, "name": "By a program"})
    assert made.status_code == 201, made.content
    key = made.json()["key"]
    assert mine.call("patch", f"/cycles/{key}", {"name": "Renamed"}).json()["name"] == "Renamed"
    assert mine.call("patch", f"/cycles/{key}", {"archived": True}).json()["archived"]
    assert key not in [one["key"] for one in mine.call("get", "/cycles").json()["items"]]
    assert key in [one["key"] for one in mine.call("get", "/cycles?archived=true").json()["items"]]


def test_a_document_is_read_edited_and_taken_back(program, cycle):
    mine, path = program(), f"/cycles/{cycle.key}/documents/1"
    before = mine.call("get", path)
    assert before["ETag"] == f'"{before.json()["version"]}"'
    entry = {"id": "regulars", "name": "Regulars"}
    edit = {"base": before.json()["version"], "edits": [{"op": "add", "path": ["classes"], "value": entry}]}
    saved = mine.call("patch", path, edit)
    assert saved.status_code == 200, saved.content
    assert mine.call("get", path).json()["document"]["classes"][0]["name"] == "Regulars"
    assert mine.call("post", f"{path}/undo").status_code == 200
    assert mine.call("get", path).json()["document"]["classes"] == []
    assert mine.call("post", f"{path}/redo").status_code == 200
    versions = mine.call("get", f"{path}/versions").json()
    assert [one["number"] for one in versions["items"]] == list(range(versions["count"], 0, -1))
    first = mine.call("get", f"{path}/versions/{saved.json()['version']}").json()
    assert first["document"]["classes"][0]["id"] == "regulars"


def test_the_second_editor_is_told_who_was_first(program, cycle):
    first, second, path = program("owner"), program("analyst"), f"/cycles/{cycle.key}/documents/2"
    base = first.call("get", path).json()["version"]
    for name, who in (("One", first), ("Two", second)):
        edit = {"base": base, "edits": [{"op": "set", "path": ["market_name"], "value": name}]}
        answer = who.call("patch", path, edit)
    assert answer.status_code == 409
    conflict = error_of(answer)["conflict"]
    assert conflict["theirs"] == "One"
    assert conflict["person"]
    assert first.call("get", path).json()["document"]["market_name"] == "One"


def test_wrong_values_are_named_with_their_place(program, cycle):
    mine, path = program(), f"/cycles/{cycle.key}/documents/2"
    base = mine.call("get", path).json()["version"]
    answer = mine.call("put", path, {"base": base, "document": {"period": "decade", "colour": 1}})
    assert answer.status_code == 422
    assert {tuple(one["path"]) for one in error_of(answer)["mistakes"]} == {("period",), ("colour",)}


def test_a_whole_document_goes_out_and_in_unchanged(program, computed_cycle):
    mine = program()
    _let_read_the_plan(mine, computed_cycle)
    for step in range(10):
        path = f"/cycles/{computed_cycle.key}/documents/{step}"
        found = mine.call("get", path)
        assert found.status_code == 200, (step, found.content)
        sent = {"base": found.json()["version"], "document": found.json()["document"]}
        saved = mine.call("put", path, sent)
        assert saved.status_code == 200, (step, saved.content)
        assert saved.json()["changed"] == []
        assert mine.call("get", path).json()["document"] == found.json()["document"]


def _let_read_the_plan(mine, cycle):
    person = keys.actor_of_key(mine.headers["Authorization"].removeprefix("Bearer ")).person
    if not vault.readers(cycle).filter(person=person).exists():
        PlanReader.objects.create(cycle=cycle, kind="team", person=person, name=str(person))


def test_steps_show_what_the_pages_show(program, computed_cycle):
    mine = program()
    _let_read_the_plan(mine, computed_cycle)
    overview = mine.call("get", f"/cycles/{computed_cycle.key}/overview").json()
    assert [one["step"] for one in overview["steps"]] == list(range(1, 10))
    assert len(overview["headlines"]) > 3
    for step in range(1, 10):
        found = mine.call("get", f"/cycles/{computed_cycle.key}/steps/{step}").json()
        assert found["section"]["step"] == step
        assert found["evidence"]
        deliverable = mine.call("get", f"/cycles/{computed_cycle.key}/steps/{step}/deliverable").json()
        assert deliverable["step"] == step


def test_the_plan_is_for_its_team_alone(program, computed_cycle):
    outside = program("analyst")
    for path in (
        "/steps/6",
        "/steps/6/deliverable",
        "/documents/6",
        "/documents/6/versions",
        "/plan/readers",
        "/plan/log",
        "/plan/exposure",
        "/trace?kind=project&id=any",
    ):
        answer = outside.call("get", f"/cycles/{computed_cycle.key}{path}")
        assert answer.status_code == 403, path
        error_of(answer)
    assert computed_cycle.plan_accesses.filter(kind="refused").count() >= 8


def test_a_step_is_signed_off_on_what_was_seen(program, computed_cycle):
    mine, path = program(), f"/cycles/{computed_cycle.key}/steps/1"
    evidence = mine.call("get", path).json()["evidence"]
    assert mine.call("post", f"{path}/sign-off", {"evidence": "other"}).status_code == 409
    signed = mine.call(
        "post", f"{path}/sign-off", {"evidence": evidence, "reason": "Agreed by the whole team in May."}
    )
    assert signed.status_code == 201, signed.content
    assert signed.json()["state"] in {"signed", "waived"}
    assert mine.call("delete", f"{path}/sign-off").status_code == 200
    assert mine.call("delete", f"{path}/sign-off").status_code == 409
    assert program("analyst").call("post", f"{path}/sign-off", {"evidence": evidence}).status_code == 403


def test_a_file_is_brought_once(program, cycle):
    mine, path = program(), f"/cycles/{cycle.key}/files"

    def bring(content, **query):
        file = io.BytesIO(content)
        file.name = "people.csv"
        return mine.client.post(f"/api/v1{path}", {"file": file}, headers=mine.headers, query_params=query)

    assert bring(b"id,name\n1,A\n").json()["state"] == "new"
    assert bring(b"id,name\n1,A\n").json()["state"] == "same"
    assert bring(b"id,name\n2,B\n").json()["state"] == "waiting"
    assert bring(b"id,name\n2,B\n", replace="true").json()["state"] == "replaced"
    assert [one["name"] for one in mine.call("get", path).json()] == ["people.csv"]
    assert mine.call("delete", f"{path}?name=people.csv").status_code == 200
    assert mine.call("delete", f"{path}?name=people.csv").status_code == 422
    assert mine.call("delete", f"{path}?name=../../secret_key").status_code == 422


def test_a_mapping_is_saved_and_a_wrong_one_named(program, cycle):
    mine, path = program(), f"/cycles/{cycle.key}/sources/people"
    wrong = mine.call("put", path, {"table": "nonsense", "files": "people.csv"})
    assert wrong.status_code == 422
    assert "table" in json.dumps(error_of(wrong)["mistakes"])
    right = {"table": "customers", "files": "people.csv", "columns": {"customer_id": "id"}}
    assert mine.call("put", path, right).status_code == 200
    assert mine.call("get", f"/cycles/{cycle.key}/sources").json()["people"]["table"] == "customers"
    assert mine.call("delete", path).status_code == 200


def test_long_work_is_listed_and_cancelled(program, cycle):
    mine = program()
    job = mine.call("post", f"/cycles/{cycle.key}/compute")
    assert job.status_code == 202
    again = mine.call("post", f"/cycles/{cycle.key}/compute")
    assert again.json()["id"] == job.json()["id"]  # one that waits is enough
    gone = mine.call("post", f"/cycles/{cycle.key}/jobs/{job.json()['id']}/cancel")
    assert gone.json()["state"] == "cancelled"


def test_a_report_is_made_for_its_reader(program, computed_cycle):
    mine, other = program("owner"), program("analyst")
    job = mine.call("post", f"/cycles/{computed_cycle.key}/reports", {"format": "html"})
    assert job.status_code == 202, job.content
    path = f"/cycles/{computed_cycle.key}/reports/{job.json()['id']}"
    assert mine.call("get", path).status_code == 404  # not yet
    jobs.work(once=True)
    found = mine.call("get", path)
    assert found.status_code == 200
    assert b"<!doctype html>" in found.content[:100].lower()
    assert other.call("get", path).status_code == 404


def test_nobody_makes_keys_or_manages_people_by_a_key(program, organization):
    mine = program()
    made = mine.call("post", f"/organizations/{organization.slug}/keys", {"name": "k", "scopes": ["view"]})
    assert made.status_code == 403
    invited = {"email": "a@example.org", "role": Role.VIEWER.value}
    assert mine.call("post", f"/organizations/{organization.slug}/invitations", invited).status_code == 403


def test_an_owner_manages_people_by_session(client_of, organization):
    owner = client_of("owner")
    base = f"/api/v1/organizations/{organization.slug}"
    invited = owner.post(
        f"{base}/invitations",
        json.dumps({"email": "new@example.org", "role": "viewer"}),
        content_type="application/json",
    )
    assert invited.status_code == 201, invited.content
    assert "/invitation/" in invited.json()["link"]
    assert [one["email"] for one in owner.get(f"{base}/invitations").json()] == ["new@example.org"]
    assert owner.delete(f"{base}/invitations/{invited.json()['id']}").status_code == 200
    asked = json.dumps({"name": "k", "scopes": ["view"]})
    assert owner.post(f"{base}/keys", asked, content_type="application/json").status_code == 403
    owner.post("/accounts/reauthenticate/", {"password": PASSWORD})
    key = owner.post(
        f"{base}/keys", json.dumps({"name": "k", "scopes": ["view"]}), content_type="application/json"
    )
    assert key.json()["secret"].startswith("nonagon_")
    assert owner.delete(f"{base}/keys/{key.json()['id']}").status_code == 200
    assert Program(key.json()["secret"]).call("get", "/cycles").status_code == 401


def test_the_archive_goes_out_and_in(program, computed_cycle, organization):
    mine = program()
    answer = mine.call("get", f"/cycles/{computed_cycle.key}/archive.zip")
    assert answer.status_code == 200
    content = io.BytesIO(b"".join(answer.streaming_content))
    content.name = "cycle.zip"
    brought = mine.client.post(
        f"/api/v1/organizations/{organization.slug}/cycles/import", {"file": content}, headers=mine.headers
    )
    assert brought.status_code == 201, brought.content
    mine.call("get", f"/cycles/{brought.json()['key']}")
    for step in (1, 2, 3, 4):
        one = documents.current(computed_cycle, step)[0]
        other = mine.call("get", f"/cycles/{brought.json()['key']}/documents/{step}").json()["document"]
        assert type(one).model_validate(other) == one


def test_every_operation_says_its_errors_and_has_its_own_name(client_of):
    schema = client_of("viewer").get("/api/v1/openapi.json").json()
    operations = [one for path in schema["paths"].values() for one in path.values()]
    names = [one["operationId"] for one in operations]
    assert len(set(names)) == len(names) > 45
    assert all({"401", "403", "404", "422"} <= set(one["responses"]) for one in operations)
    assert all(one.get("description") or one.get("summary") for one in operations)


@pytest.mark.parametrize("path", [f"/cycles/{uuid.UUID(int=4).hex}", "/cycles/x/steps/4", "/nothing"])
def test_what_is_not_there_answers_in_the_one_shape(program, path):
    answer = program().call("get", path)
    assert answer.status_code == 404
    error_of(answer)


@pytest.mark.parametrize("step", ["0", "10", "x"])
def test_a_step_is_a_number_from_one_to_nine(program, cycle, step):
    answer = program().call("get", f"/cycles/{cycle.key}/steps/{step}")
    assert answer.status_code == 422
    error_of(answer)


def test_so_many_requests_a_minute_and_no_more(program, cycle, settings):
    settings.API_RATE = "3/m"
    mine, others = program(), program("viewer")
    answers = [mine.call("get", f"/cycles/{cycle.key}") for _time in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    error_of(answers[-1])
    assert 0 < int(answers[-1]["Retry-After"]) <= 60
    assert others.call("get", f"/cycles/{cycle.key}").status_code == 200
