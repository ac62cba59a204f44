"""What people do on the pages of the rooms, done by programs: measuring, cases, needs, charter, review, data."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from builders.program import error_of
from nonagon.process import documents, vault
from nonagon.process.models import AuditEntry, PlanAccess, PlanReader

pytestmark = pytest.mark.django_db


def key() -> str:
    return str(uuid.uuid4())


@pytest.fixture
def at(computed_cycle):
    """The address of an operation of the cycle."""
    return lambda path: f"/cycles/{computed_cycle.key}{path}"


# --- step 7: measurements ---------------------------------------------------------------------------------


def test_a_value_is_kept_once_corrected_and_withdrawn(program, at):
    frontline = program("frontline")
    first = {"key": key(), "item": "ci_waiting", "value": 4.5, "at": "2026-03-31T14:05:00", "note": "by hand"}
    kept = frontline.call("post", at("/control/measurements"), first)
    assert kept.status_code == 201, kept.content
    assert kept.json()["at"] == "2026-03-31T14:05:00Z"  # the tests' server is at UTC
    assert kept.json()["person"] == "Frontline"
    again = frontline.call("post", at("/control/measurements"), first)
    assert again.json() == kept.json()
    where = at(f"/control/measurements/{first['key']}")
    second = {**first, "key": key(), "value": 5.5, "why": "misread"}
    corrected = frontline.call("put", where, second)
    assert corrected.json()["value"] == 5.5
    withdrawn = frontline.call("post", at(f"/control/measurements/{second['key']}/withdraw"), {"why": "wrong day"})
    assert withdrawn.json()["withdrawn_why"] == "wrong day"
    found = frontline.call("get", at("/control/measurements?item=ci_waiting")).json()
    assert found["count"] == 2
    held = {one["key"]: one for one in found["items"]}
    assert held[first["key"]]["replaced_by"] == second["key"]
    assert frontline.call("put", where, {**second, "key": key()}).status_code == 422  # it counts no more


def test_a_value_outside_names_who_reacts(program, at):
    [item] = [
        one for one in program("viewer").call("get", at("/control/items")).json() if one["id"] == "ci_waiting"
    ]
    sent = {"key": key(), "item": "ci_waiting", "value": 9000}
    told = program("frontline").call("post", at("/control/measurements"), sent).json()
    assert told["verdict"] in {"outside_limits", "outside_specification"}
    assert (told["responder"], told["reaction"]) == ("head of the counter", "open a second counter")
    assert (item["responder"], item["reaction"]) == (told["responder"], told["reaction"])


def test_many_values_are_kept_all_or_none(program, at):
    readings = [{"item": "ci_waiting", "value": 4}, {"item": "none", "value": 4}]
    refused = program("frontline").call(
        "post", at("/control/measurements/many"), {"key": key(), "readings": readings}
    )
    assert refused.status_code == 422
    assert error_of(refused)["mistakes"][0]["path"] == [1, "item"]
    assert program().call("get", at("/control/measurements")).json()["count"] == 0
    sent = {"key": key(), "readings": readings[:1] * 3}
    assert len(program("frontline").call("post", at("/control/measurements/many"), sent).json()) == 3
    assert program("frontline").call("post", at("/control/measurements/many"), sent).status_code == 201
    assert program().call("get", at("/control/measurements?limit=2")).json()["count"] == 3


def test_a_signal_is_explained(program, at, computed_cycle):
    signals = program("viewer").call("get", at("/control/signals"))
    assert signals.status_code == 200
    sent = {
        "item": "ci_waiting",
        "first": "2025-12-01",
        "last": "2025-12-02",
        "kind": "special_cause",
        "cause": "a strike",
    }
    assert program("analyst").call("post", at("/control/explanations"), sent).status_code == 200
    assert documents.current(computed_cycle, 7)[0].explanations[-1].cause == "a strike"
    backwards = program("analyst").call("post", at("/control/explanations"), {**sent, "last": "2025-11-01"})
    assert error_of(backwards)["mistakes"][0]["path"] == ["explanations", "last"]


# --- step 8: cases ----------------------------------------------------------------------------------------


def test_a_case_is_opened_once_worked_on_and_closed(program, at):
    frontline = program("frontline")
    sent = {"key": key(), "kind": "complaint", "said": "no seat", "owner": "head of the hall"}
    opened = frontline.call("post", at("/aftersales/cases"), sent)
    assert opened.status_code == 201, opened.content
    case = opened.json()
    assert (case["state"], case["next_step"]) == ("new", "acknowledged")
    assert frontline.call("post", at("/aftersales/cases"), sent).status_code == 200
    step = at(f"/aftersales/case/step?id={case['id']}")
    refused = frontline.call("post", step, {"step": "closed"})
    assert refused.status_code == 422
    assert "root cause" in error_of(refused)["error"]["rule"]
    change = {"op": "set", "path": ["cases", f"@{case['id']}", "cause"], "value": "too few seats"}
    body = {"base": case["version"], "edits": [change]}
    assert frontline.call("patch", at("/aftersales/cases"), body).status_code == 200
    closed = frontline.call("post", step, {"step": "closed"}).json()
    assert (closed["state"], closed["case"]["cause"]) == ("closed", "too few seats")
    assert frontline.call("post", step, {"step": "closed"}).status_code == 200
    listed = frontline.call("get", at("/aftersales/cases?state=closed&limit=500")).json()
    assert case["id"] in {one["id"] for one in listed["items"]}
    other = {"op": "set", "path": ["case_times", "close_days"], "value": 99}
    assert frontline.call("patch", at("/aftersales/cases"), {**body, "edits": [other]}).status_code == 422


def test_low_scores_become_cases(program, at):
    scores = program("frontline").call("get", at("/aftersales/low-scores")).json()
    assert scores, "the small cycle has low answers of customers who can be answered"
    chosen = {"scores": [{"respondent": scores[0]["respondent"], "item": scores[0]["item"]}]}
    opened = program("frontline").call("post", at("/aftersales/low-scores"), chosen).json()["opened"]
    assert len(opened) == 1
    case = program("viewer").call("get", at(f"/aftersales/case?id={opened[0]}")).json()
    assert (case["case"]["kind"], case["case"]["respondent"]) == ("low_score", scores[0]["respondent"])
    assert program("frontline").call("post", at("/aftersales/low-scores"), chosen).json() == {"opened": []}


# --- steps 1 to 6 -----------------------------------------------------------------------------------------


def test_customers_of_a_rule_are_counted_and_listed(program, at):
    classes = [{"id": "all", "name": "All", "rule": []}]
    [count] = program("analyst").call("post", at("/customers/count"), {"classes": classes}).json()
    listed = program("analyst").call("get", at("/customers/register?limit=3")).json()
    assert listed["count"] == count["of"] > 3
    assert len(listed["rows"]) == 3
    assert program("viewer").call("get", at("/customers/register")).status_code == 403


def test_needs_are_merged_after_one_was_told_what_follows(program, at, computed_cycle):
    analyst = program("analyst")
    told = analyst.call("get", at("/needs/merge?need=clean&into=kind")).json()
    assert told["sentences"]
    assert told["blocked"] == []
    merged = analyst.call("post", at("/needs/merge"), {"need": "clean", "into": "kind"}).json()
    assert 3 in merged["steps"]
    assert "clean" not in {one.id for one in documents.current(computed_cycle, 3)[0].needs}
    assert analyst.call("post", at("/needs/merge"), {"need": "clean", "into": "kind"}).status_code == 422


def test_the_register_is_sealed_by_who_signs_and_opened_with_a_reason(program, at, computed_cycle):
    signer = program("quality_manager")
    base = documents.current(computed_cycle, 3)[1]
    if documents.current(computed_cycle, 3)[0].seal is None:
        assert program("analyst").call("post", at("/needs/seal"), {"base": base}).status_code == 403
        assert signer.call("post", at("/needs/seal"), {"base": base, "by": "head"}).status_code == 200
    assert signer.call("post", at("/needs/open"), {"reason": "short"}).status_code == 422
    assert signer.call("post", at("/needs/open"), {"reason": "sealed by mistake"}).status_code == 200
    assert documents.current(computed_cycle, 3)[0].unsealed[-1].reason == "sealed by mistake"
    again = documents.current(computed_cycle, 3)[1]
    sealed = signer.call("post", at("/needs/seal"), {"base": again, "by": "head of quality"})
    assert sealed.status_code == 200
    assert documents.current(computed_cycle, 3)[0].seal.by == "head of quality"


def test_a_house_is_weighed(program, at):
    """By hand: importance 2 and 1, strengths 9 and 3 by 1 and 9: 2*9 + 1*1 = 19 and 2*3 + 1*9 = 15."""
    sent = {"relationships": [[[9, 3], [1, 9]]], "importance": [2, 1]}
    told = program("viewer").call("post", at("/characteristics/preview"), sent).json()
    assert told["classic"]["absolute"] == pytest.approx([19, 15])


def test_a_charter_is_approved_as_it_was_read(program, at, computed_cycle):
    signer, base = program("quality_manager"), documents.current(computed_cycle, 5)[1]
    edit = {"base": base, "edits": [{"op": "set", "path": ["charter", "mission"], "value": "Shorter waits."}]}
    assert program("analyst").call("patch", at("/documents/5"), edit).status_code == 200
    sent = {"base": base, "version": "9", "approved_by": "managing director"}
    assert signer.call("post", at("/opportunities/charter/approve"), sent).status_code == 409
    assert signer.call("post", at("/opportunities/charter/approve"), {**sent, "base": base + 1}).status_code == 200
    approved = documents.current(computed_cycle, 5)[0].approvals[-1]
    assert (approved.version, approved.charter.mission) == ("9", "Shorter waits.")


def test_copies_of_the_plan_are_marked_and_found_again(program, at, computed_cycle):
    team, other = program(), program("quality_manager")
    assert other.call("post", at("/plan/copies"), {"format": "html"}).status_code == 403
    copy = team.call("post", at("/plan/copies"), {"format": "html"})
    noted = PlanAccess.objects.get(cycle=computed_cycle, kind="export")
    assert noted.mark in copy.content.decode()
    found = team.call("get", at(f"/plan/marks/{noted.mark}")).json()
    assert (found["name"], found["mark"]) == ("Owner", noted.mark)
    reader = vault.readers(computed_cycle).get()
    for_reader = team.call("post", at("/plan/copies"), {"format": "html", "reader": reader.pk})
    assert for_reader.status_code == 200
    assert team.call("get", at("/plan/log?kind=refused")).json()["count"] == 1
    assert other.call("get", at(f"/plan/marks/{noted.mark}")).status_code == 403


def test_who_could_see_the_plan_once_is_listed(program, at, computed_cycle):
    team = program()
    outsider = {
        "kind": "outsider",
        "name": "Map supplier",
        "reason": "the maps",
        "risk_accepted_by": "head",
        "expires_on": "2999-12-31",
    }
    made = team.call("post", at("/plan/readers"), outsider).json()
    assert team.call("get", at("/plan/past-readers")).json() == []
    team.call("delete", at(f"/plan/readers/{made['id']}"))
    [past] = team.call("get", at("/plan/past-readers")).json()
    assert (past["name"], past["removed_at"] is not None) == ("Map supplier", True)
    assert PlanReader.objects.get(pk=made["id"]).removed_at is not None


def test_the_plan_is_tried_and_not_kept(program, at, computed_cycle):
    before = documents.current(computed_cycle, 6)[1]
    told = program().call(
        "post", at("/improvements/preview"), {"edits": [{"op": "set", "path": ["budget"], "value": 1}]}
    )
    assert told.status_code in {200, 422}, told.content
    plain = program().call("post", at("/improvements/preview"), {})
    assert plain.status_code == 200
    assert plain.json()["said"]
    assert documents.current(computed_cycle, 6)[1] == before


# --- step 9 and what comes after it -----------------------------------------------------------------------


def test_the_review_is_signed_as_it_was_read(program, at, computed_cycle):
    signer = program("quality_manager")
    seen = signer.call("get", at("/results/review")).json()
    assert len(seen["headings"]) == 12  # the inputs of ISO 9001:2015, 9.3.2, as step 9 lists them
    assert seen["document"]["effects"][0]["project"] == vault.COVERED
    refused = signer.call("post", at("/results/review/signature"), {"seen": "old", "by": "head"})
    assert "have changed" in error_of(refused)["error"]["rule"]
    base = documents.current(computed_cycle, 9)[1]
    decided = {"decision": "go on", "owner": "head of quality", "due": "2026-12-31"}
    fields = type(documents.current(computed_cycle, 9)[0]).model_fields
    entry_fields = fields["review"].annotation.__args__[0].model_fields
    entry = {name: value for name, value in decided.items() if name in entry_fields}
    needed = {name: "a decision" for name, one in entry_fields.items() if one.is_required() and name not in entry}
    edits = [
        {"op": "set", "path": ["reviewed_on"], "value": "2026-01-31"},
        {"op": "set", "path": ["review"], "value": [{**needed, **entry}]},
    ]
    edited = signer.call("patch", at("/documents/9"), {"base": base, "edits": edits})
    assert edited.status_code == 200, edited.content
    seen = signer.call("get", at("/results/review")).json()["seen"]
    assert signer.call("post", at("/results/review/signature"), {"seen": seen, "by": "head"}).status_code == 200
    assert signer.call("get", at("/results/review")).json()["is_signed"] is True
    assert signer.call("delete", at("/results/review/signature")).status_code == 200
    assert signer.call("get", at("/results/review")).json()["is_signed"] is False


def test_a_need_is_carried_into_the_next_cycle(program, at, organization):
    analyst = program("analyst")
    sent = {"need": "kind", "reason": "no money this year"}
    carried = analyst.call("post", at("/results/carry"), sent)
    assert carried.status_code == 200, carried.content
    seeds = analyst.call("get", at("/next")).json()["steps"]
    assert "kind" in {one["need"] for one in seeds["5"]["opportunities"]}
    made = analyst.call("post", at("/next"), {"name": "Second turn"})
    assert made.status_code == 201
    five = analyst.call("get", f"/cycles/{made.json()['key']}/documents/5").json()["document"]
    assert "kind" in {one["need"] for one in five["opportunities"]}
    assert AuditEntry.objects.filter(organization=organization, action="cycle.next").count() == 1


# --- data, organizations, oneself -------------------------------------------------------------------------


def test_a_file_is_guessed_tried_and_replaced(program, cycle):
    analyst, at = program("analyst"), f"/cycles/{cycle.key}"

    def bring(path, content, **query):
        file = SimpleUploadedFile("sales.csv", content)
        where = f"/api/v1{at}{path}" + "".join(f"?{name}={value}" for name, value in query.items())
        return analyst.client.post(where, {"file": file}, headers=analyst.headers)

    rows = b"No,Customer,Date,Amount\ns1,c1,2025-01-02,10\ns2,c2,2025-01-03,x\n"
    columns = {"sale_id": "No", "customer_id": "Customer", "date": "Date", "amount": "Amount"}
    mapping = {"table": "sales", "files": "sales.csv", "columns": columns}
    assert bring("/files", rows).json()["state"] == "new"
    guesses = analyst.call("get", f"{at}/files/guess?name=sales.csv").json()
    assert {one["mapping"]["files"] for one in guesses} == {"sales.csv"}
    tried = analyst.call("post", f"{at}/sources/shop/try", mapping).json()
    assert (tried["records"], tried["mistakes"]) == (2, []), tried
    assert "x" in {one["value"] for one in tried["refused"]}
    assert analyst.call("put", f"{at}/sources/shop", mapping).status_code == 200
    in_use = analyst.call("delete", f"{at}/files?name=sales.csv")
    assert "remove the source first" in error_of(in_use)["error"]["rule"]
    assert bring("/files", rows + b"s3,c3,2025-01-04,5\n").json()["state"] == "waiting"
    [waiting] = analyst.call("get", f"{at}/files/waiting").json()
    assert waiting["name"] == "sales.csv"
    settled = analyst.call("post", f"{at}/files/waiting/{waiting['token']}", {"choice": "replace"}).json()
    assert settled["state"] == "replaced"
    newer = bring("/sources/shop/file", rows * 2, strict="true")
    assert newer.status_code == 202, newer.content
    assert analyst.call("post", f"{at}/import", {"strict": ["none"]}).status_code == 422
    added = analyst.call("post", f"{at}/items", [{"id": "q99", "text": "How was it?"}])
    assert added.status_code == 200
    again = analyst.call("post", f"{at}/items", [{"id": "q99"}])
    assert (again.status_code, again.json()["version"]) == (200, added.json()["version"])


def test_a_folder_of_the_server_must_be_open(program, organization, settings, small_cycle):
    at = f"/organizations/{organization.slug}/cycles/import-folder"
    refused = program().call("post", at, {"folder": str(small_cycle.folder)})
    assert "not open" in error_of(refused)["error"]["rule"]
    settings.IMPORT_FOLDERS = [small_cycle.folder.parent]
    made = program().call("post", at, {"folder": str(small_cycle.folder)})
    assert made.status_code == 201, made.content


def test_a_key_changes_nothing_of_its_person_and_manages_nothing(program, organization, client_of):
    mine = program()
    assert mine.call("get", "/me").json()["email"] == "owner@ticket-office.example"
    assert mine.call("patch", "/me", {"name": "Eve"}).status_code == 403
    assert mine.call("get", f"/organizations/{organization.slug}").status_code == 403
    owner = client_of("owner")
    changed = owner.patch("/api/v1/me", {"name": "Ada", "language": "ar"}, content_type="application/json")
    assert (changed.json()["name"], changed.json()["language"]) == ("Ada", "ar")
    settings = {"name": "Office", "requires_second_factor": True}
    refused = owner.put(f"/api/v1/organizations/{organization.slug}", settings, content_type="application/json")
    assert refused.status_code == 422  # an owner asks it of themselves first
    settings["requires_second_factor"] = False
    kept = owner.put(f"/api/v1/organizations/{organization.slug}", settings, content_type="application/json")
    assert kept.json()["name"] == "Office"


def test_everybody_may_leave_by_session(client_of, person_of, organization):
    member = person_of("viewer").memberships.get()
    left = client_of("viewer").delete(f"/api/v1/organizations/{organization.slug}/members/{member.pk}")
    assert left.status_code == 200
    assert not person_of("viewer").memberships.exists()
