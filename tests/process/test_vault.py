"""The plan vault: who reads the plan, what is noted, and that nobody else sees a word of it anywhere."""

import json
import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from django.utils.html import escape

from builders.web import ROLES, Silent
from nonagon.accounts import services as accounts
from nonagon.accounts.access import Actor, Permission
from nonagon.accounts.models import Membership, Person
from nonagon.process import documents, vault
from nonagon.process.edits import Edit, Path
from nonagon.process.models import AuditEntry, PlanAccess, PlanReader
from nonagon.workspace.compute import compute_cycle
from nonagon.workspace.copies import report_copy
from nonagon.workspace.services import export_archive, import_archive

pytestmark = pytest.mark.django_db

PROJECT, ACTIVITY = "Zanzibar counter", "Quokka schooling"
PROJECT_ID, ACTIVITY_ID = "zanzibar_counter", "quokka_schooling"
PLANTED = re.compile("zanzibar|quokka", re.IGNORECASE)
"""Words of the plan that stand nowhere else in the cycle."""

OTHERS = [role for role in ROLES if role != "owner"]


@pytest.fixture
def team(owner: Any) -> Actor:
    """The one who made the cycle, who is on the plan's team."""
    return Actor(owner)


def outsider(team: Actor, cycle: Any, **given: Any) -> PlanReader:
    """Somebody from outside, complete but for what is given."""
    complete = {
        "person": None,
        "kind": "outsider",
        "name": "Map supplier",
        "reason": "the maps",
        "risk_accepted_by": "head of the hall",
        "expires_on": timezone.localdate(),
    }
    return vault.admit(actor=team, cycle=cycle, **{**complete, **given})


# --- who may ---------------------------------------------------------------------------------------------


def test_whoever_makes_a_cycle_is_the_first_on_its_team(cycle: Any, team: Actor) -> None:
    assert [one.person for one in vault.readers(cycle)] == [team.person]
    assert vault.may_read(team, cycle)
    assert vault.is_on_team(team, cycle)


@pytest.mark.parametrize("role", OTHERS)
def test_no_role_opens_the_plan(role: str, cycle: Any, actor_of: Callable[[str], Actor]) -> None:
    assert not vault.may_read(actor_of(role), cycle)


def test_an_owner_who_is_not_on_the_team_reads_nothing(
    cycle: Any, team: Actor, actor_of: Callable[[str], Actor], person_of: Callable[[str], Any]
) -> None:
    vault.admit(actor=team, cycle=cycle, person=person_of("analyst"), kind="team")
    reader = vault.readers(cycle).get(person=team.person)
    vault.remove(actor=actor_of("analyst"), cycle=cycle, reader_id=reader.pk)
    assert not vault.may_read(team, cycle)


def test_a_key_without_the_scope_of_the_plan_does_not_open_it(cycle: Any, team: Actor, organization: Any) -> None:
    narrowed = Actor(team.person, organization.pk, frozenset(Permission) - {Permission.PLAN})
    assert not vault.may_read(narrowed, cycle)


def test_an_outsider_reads_until_the_last_day_and_is_not_on_the_team(
    cycle: Any, team: Actor, person_of: Callable[[str], Any], actor_of: Callable[[str], Actor]
) -> None:
    reader = outsider(team, cycle, person=person_of("viewer"))
    assert vault.may_read(actor_of("viewer"), cycle)
    assert not vault.is_on_team(actor_of("viewer"), cycle)
    PlanReader.objects.filter(pk=reader.pk).update(expires_on=timezone.localdate() - timedelta(days=1))
    assert not vault.may_read(actor_of("viewer"), cycle)
    assert list(vault.past_readers(team, cycle)) == [reader]


@pytest.mark.parametrize("missing", ["reason", "risk_accepted_by", "name"])
def test_an_outsider_without_a_reason_a_risk_taker_or_a_name_is_not_let_in(
    missing: str, cycle: Any, team: Actor
) -> None:
    with pytest.raises(ValueError, match="outsider"):
        outsider(team, cycle, **{missing: "  "})
    assert vault.readers(cycle).count() == 1


def test_an_outsiders_day_is_needed_and_lies_ahead(cycle: Any, team: Actor) -> None:
    with pytest.raises(ValueError, match="a day on which it ends"):
        outsider(team, cycle, expires_on=None)
    with pytest.raises(ValueError, match="must lie ahead"):
        outsider(team, cycle, expires_on=timezone.localdate() - timedelta(days=1))


def test_strangers_and_people_who_see_it_already_are_not_let_in(cycle: Any, team: Actor, stranger: Any) -> None:
    with pytest.raises(ValueError, match="not in this organization"):
        vault.admit(actor=team, cycle=cycle, person=stranger, kind="team")
    with pytest.raises(ValueError, match="sees the plan already"):
        vault.admit(actor=team, cycle=cycle, person=team.person, kind="team")


def test_the_last_of_the_team_stays(cycle: Any, team: Actor) -> None:
    with pytest.raises(ValueError, match="last member"):
        vault.remove(actor=team, cycle=cycle, reader_id=vault.readers(cycle).get().pk)


def test_who_is_not_on_the_team_names_nobody_whatever_the_role(
    cycle: Any, actor_of: Callable[[str], Actor], person_of: Callable[[str], Any]
) -> None:
    for role in OTHERS:
        with pytest.raises(PermissionDenied):
            vault.admit(actor=actor_of(role), cycle=cycle, person=person_of(role), kind="team")
    assert vault.readers(cycle).count() == 1


def test_a_team_that_has_left_the_organization_is_named_anew_by_who_signs(
    cycle: Any, owner: Any, actor_of: Callable[[str], Actor], person_of: Callable[[str], Any]
) -> None:
    owner.memberships.all().delete()
    for role in ("analyst", "team_member", "frontline", "viewer"):
        with pytest.raises(PermissionDenied):
            vault.admit(actor=actor_of(role), cycle=cycle, person=person_of(role), kind="team")
    vault.admit(actor=actor_of("quality_manager"), cycle=cycle, person=person_of("quality_manager"), kind="team")
    assert vault.may_read(actor_of("quality_manager"), cycle)


def test_who_leaves_the_organization_is_not_on_the_team_when_they_come_back(
    cycle: Any, team: Actor, organization: Any, person_of: Callable[[str], Any], actor_of: Callable[[str], Actor]
) -> None:
    analyst = person_of("analyst")
    vault.admit(actor=team, cycle=cycle, person=analyst, kind="team")
    accounts.remove_member(
        actor=team, membership=Membership.objects.get(person=analyst, organization=organization)
    )
    assert [one.person for one in vault.readers(cycle)] == [team.person]
    entry = AuditEntry.objects.get(cycle=cycle, action="plan.remove")
    assert (entry.person, entry.subject, entry.detail) == (team.person, "Analyst", {"left": "organization"})
    Membership.objects.create(person=analyst, organization=organization, role="analyst")
    assert not vault.may_read(actor_of("analyst"), cycle)


def test_who_leaves_one_organization_keeps_the_plans_of_another(
    cycle: Any, owner: Any, other_organization: Any
) -> None:
    elsewhere = Membership.objects.create(person=owner, organization=other_organization, role="owner")
    Membership.objects.create(
        person=Person.objects.create_user("second@elsewhere.example"),
        organization=other_organization,
        role="owner",
    )
    accounts.remove_member(actor=Actor(owner), membership=elsewhere)
    assert vault.may_read(Actor(owner), cycle)


# --- what is noted ---------------------------------------------------------------------------------------


def test_a_refusal_is_noted_once_in_five_minutes(
    cycle: Any, client_of: Callable[[str], Any], person_of: Callable[[str], Any]
) -> None:
    refused = PlanAccess.objects.filter(kind="refused", person=person_of("viewer"))
    for _time in range(3):
        answer = client_of("viewer").get(f"/c/{cycle.key}/improvements/")
        assert answer.status_code == 403
        assert "Owner" in answer.content.decode()  # whom to ask
    assert refused.count() == 1
    refused.update(at=timezone.now() - timedelta(minutes=6))
    client_of("viewer").get(f"/c/{cycle.key}/improvements/")
    assert refused.count() == 2
    client_of("analyst").get(f"/c/{cycle.key}/improvements/")
    assert PlanAccess.objects.filter(kind="refused").count() == 3


def test_a_refused_edit_is_noted_and_changes_nothing(cycle: Any, actor_of: Callable[[str], Actor]) -> None:
    with pytest.raises(PermissionDenied):
        documents.edit(actor=actor_of("analyst"), cycle=cycle, step=6, edits=[Edit("set", ("budget",), 5)], base=0)
    assert PlanAccess.objects.filter(kind="refused").count() == 1
    assert documents.current(cycle, 6)[1] == 0


def test_every_read_of_the_page_is_noted(cycle: Any, client_of: Callable[[str], Any]) -> None:
    for _time in range(2):
        client_of("owner").get(f"/c/{cycle.key}/improvements/")
    assert PlanAccess.objects.filter(kind="read").count() == 2


def test_exposure_counts_readers_reads_copies_and_refusals(
    cycle: Any, team: Actor, actor_of: Callable[[str], Actor]
) -> None:
    outsider(team, cycle)
    for _time in range(2):
        vault.note(team, cycle, PlanAccess.Kind.READ, "page")
    vault.new_mark(team, cycle, "copy")
    vault.refuse(actor_of("viewer"), cycle, "page")
    assert vault.exposure(cycle) == {
        "team": 1,
        "outsiders": 1,
        "people_who_read": 1,
        "reads": 2,
        "copies": 1,
        "refused": 1,
    }


def test_a_mark_leads_to_the_copy_and_only_in_its_own_cycle(cycle: Any, computed_cycle: Any, team: Actor) -> None:
    line = vault.new_mark(team, cycle, "copy", reader=outsider(team, cycle))
    found = vault.copy_of(team, cycle, line)
    assert found is not None
    assert found.name == "Map supplier"
    assert vault.copy_of(team, cycle, line.rpartition(" ")[2].lower()) == found
    assert vault.copy_of(team, computed_cycle, line) is None
    assert vault.copy_of(team, cycle, "nothing of the kind") is None


@pytest.mark.parametrize("ask", [vault.accesses, vault.past_readers])
def test_the_log_and_the_past_are_the_teams(
    ask: Callable[..., Any], cycle: Any, team: Actor, actor_of: Callable[[str], Actor], person_of: Any
) -> None:
    outsider(team, cycle, person=person_of("viewer"))
    for role in ("viewer", "quality_manager"):
        with pytest.raises(PermissionDenied):
            ask(actor_of(role), cycle)
    assert list(ask(team, cycle)) is not None


# --- nothing of it is seen elsewhere ----------------------------------------------------------------------


@pytest.fixture
def planted(computed_cycle: Any, team: Actor) -> Any:
    """The computed cycle with a plan of words that stand nowhere else, to which steps 7, 8 and 9 refer."""
    from nonagon.deliverables.plain import plain

    def change(step: int, *renamed: tuple[str, str], **more: Any) -> None:
        document, base = documents.current(computed_cycle, step)
        text = json.dumps(plain(document), ensure_ascii=False)
        for old, new in renamed:
            text = text.replace(f'"{old}"', f'"{new}"')
        whole = Edit("replace", (), value={**json.loads(text), **more})
        documents.edit(actor=team, cycle=computed_cycle, step=step, edits=[whole], base=base)

    project, activity = ("counter", PROJECT_ID), ("a2", ACTIVITY_ID)
    names = (project, activity, ("Second counter", PROJECT), ("Train staff", ACTIVITY))
    # without an owner, money and a lower bound, so that criteria and findings have reasons that name the plan
    missing = (("head of the counter", ""), ("done", "planned"))
    change(6, *names, *missing, budget=100, selected=[PROJECT_ID])
    change(7, activity)
    change(8, activity)
    change(9, project)
    compute_cycle(computed_cycle, Silent())
    # an edit by its place, so that the audit log has a path that names the plan
    place = ("activities", f"@{ACTIVITY_ID}", "cost")
    base = documents.current(computed_cycle, 6)[1]
    documents.edit(actor=team, cycle=computed_cycle, step=6, edits=[Edit("set", place, 501)], base=base)
    return computed_cycle


def test_the_planted_words_are_on_the_teams_own_page(planted: Any, client_of: Callable[[str], Any]) -> None:
    """Else the test below could not fail."""
    text = client_of("owner").get(f"/c/{planted.key}/improvements/").content.decode()
    assert all(word in text for word in (PROJECT, ACTIVITY, PROJECT_ID, ACTIVITY_ID))
    noted = AuditEntry.objects.filter(cycle=planted, subject="step 6")
    assert any(ACTIVITY_ID in json.dumps(one.detail) for one in noted)


def test_nobody_else_sees_a_word_of_the_plan_at_any_address(
    planted: Any, organization: Any, client_of: Callable[[str], Any]
) -> None:
    told: list[str] = []
    for role in OTHERS:
        client, answered = client_of(role), 0
        for address in addresses(planted, organization):
            answer = client.get(address)
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content
            answered += answer.status_code == 200
            # what somebody wrote into the address themselves comes back in the page's own forms
            content = content.replace(escape(address).encode(), b"")
            told += [f"{role} {address}: {found}" for found in _found(content)]
        assert answered > 20, role
    assert not told, "\n".join(told)


def _found(content: bytes) -> Iterator[str]:
    """Where the words stand in an answer, inside the files of a zip too."""
    import io
    import zipfile

    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            for name in packed.namelist():
                yield from (f"{name}: {one}" for one in _found(packed.read(name)))
        return
    text = content.decode("utf-8", "replace")
    for found in PLANTED.finditer(text):
        yield text[max(0, found.start() - 80) : found.end() + 40].replace("\n", " ")


def addresses(cycle: Any, organization: Any) -> Iterator[str]:
    """Every address that can be asked for of the cycle, of its organization, and of the person; API included.

    Made of the URL patterns themselves, so that a page that is new is asked for as well.
    """
    values = {
        "key": [cycle.key],
        "slug": [organization.slug],
        "word": ["control"],
        "step": [str(step) for step in range(1, 10)],
        "number": ["1", "2", "3"],
        "version": ["1", "2", "3"],
        "ending": ["html", "pdf", "xlsx", "pptx"],
        "case": ["k1"],
        "case_id": ["k1"],
        "item": ["ci_waiting"],
        "job": [str(one.pk) for one in cycle.jobs.all()] or ["1"],
        "reader": ["1"],
        "source": ["survey"],
        "table": ["customers"],
        "kind": ["need", "project", "activity", "result"],
        "id": ["fast", PROJECT_ID, ACTIVITY_ID, "e1"],
    }
    for pattern in _patterns(get_resolver().url_patterns, ""):
        if pattern.startswith(("accounts/", "static/")):
            continue
        names = re.findall(r"<(?:\w+:)?(\w+)>", pattern)
        if not all(name in values for name in names):
            continue
        yield from _filled(pattern, names, values)
    yield f"/c/{cycle.key}/trace/?kind=project&id={PROJECT_ID}"
    yield f"/c/{cycle.key}/trace/?kind=need&id=fast"
    yield f"/api/v1/cycles/{cycle.key}/trace?kind=need&id=fast"
    yield f"/c/{cycle.key}/trace/?q=zan"
    yield f"/o/{organization.slug}/audit/?action=decisions.edit"


def _filled(pattern: str, names: list[str], values: dict[str, list[str]]) -> Iterator[str]:
    if not names:
        yield "/" + pattern
        return
    for value in values[names[0]]:
        one = re.sub(rf"<(?:\w+:)?{names[0]}>", value, pattern, count=1)
        yield from _filled(one, names[1:], values)


def _patterns(found: list[URLPattern | URLResolver], before: str) -> Iterator[str]:
    for one in found:
        here = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _patterns(one.url_patterns, here)
        else:
            yield here.replace("^", "").replace("$", "")


def test_faults_reports_and_archives_tell_nothing_either(
    planted: Any, client_of: Callable[[str], Any], actor_of: Callable[[str], Actor], tmp_path: Any
) -> None:
    """A reference to what is not there is answered with the known ids, but to the team."""
    analyst = client_of("analyst")
    places: list[tuple[int, str, list[str | int]]] = [
        (7, "control", ["control_items", "@ci_waiting", "activity"]),
        (8, "aftersales", ["returns", 0, "activity"]),
        (9, "results", ["effects", "@e1", "project"]),
    ]
    for ending in ("html", "xlsx", "pptx"):
        made = report_copy(actor=actor_of("analyst"), cycle=planted, ending=ending)
        assert not list(_found(made.content)), ending
    archive = export_archive(actor=actor_of("analyst"), cycle=planted, into=tmp_path)
    assert not list(_found(archive.read_bytes()))
    for step, word, path in places:
        base = documents.current(planted, step)[1]
        body = json.dumps({"base": base, "edits": [{"op": "set", "path": path, "value": "quok"}]})
        answer = analyst.post(f"/c/{planted.key}/{word}/edit", body, content_type="application/json")
        assert answer.status_code == 200, answer.content
        assert answer.json()["faults"]
        assert not PLANTED.findall(answer.content.decode()), word
        assert not PLANTED.findall(analyst.get(f"/c/{planted.key}/{word}/").content.decode()), word


def test_what_is_covered_is_not_written_back(planted: Any, client_of: Callable[[str], Any]) -> None:
    analyst = client_of("analyst")
    found = analyst.get(f"/api/v1/cycles/{planted.key}/documents/9").json()
    assert found["document"]["effects"][0]["project"] == vault.COVERED
    sent = {"base": found["version"], "document": found["document"]}
    answer = analyst.put(f"/api/v1/cycles/{planted.key}/documents/9", sent, content_type="application/json")
    assert answer.status_code == 422
    assert documents.current(planted, 9)[1] == found["version"]


def test_answers_to_edits_tell_nothing(
    planted: Any, team: Actor, client_of: Callable[[str], Any], actor_of: Callable[[str], Actor]
) -> None:
    """What an edit, an undo and a conflict answer to somebody outside the team; the team is told all of it."""
    where = f"/c/{planted.key}/results"
    sent = {"op": "set", "path": ["effects", "@e1", "project"], "value": None}

    def post(client: Any, way: str, body: Any) -> Any:
        return client.post(f"{where}/{way}", json.dumps(body), content_type="application/json")

    base = documents.current(planted, 9)[1]
    analyst, other = client_of("analyst"), client_of("team_member")
    assert post(analyst, "edit", {"base": base, "edits": [sent]}).status_code == 200
    back = post(analyst, "undo", {})
    assert [one["value"] for one in back.json()["changed"]] == [vault.COVERED]
    taken = post(other, "edit", {"base": base + 1, "edits": [{**sent, "value": "mine"}]})
    assert taken.status_code == 409
    assert taken.json()["conflict"]["theirs"] == vault.COVERED
    for answer in (back, taken):
        assert not PLANTED.findall(answer.content.decode())
    edits = [Edit("set", ("effects", "@e1", "project"), "ours")]
    with pytest.raises(documents.Conflict) as told:
        documents.edit(actor=team, cycle=planted, step=9, edits=edits, base=base + 1)
    assert told.value.change.after == PROJECT_ID


def test_names_of_entries_are_covered_in_paths(planted: Any, team: Actor, client_of: Callable[[str], Any]) -> None:
    """A row of a list is named by what makes it one of a kind, here the plan's activity."""
    base = documents.current(planted, 7)[1]
    row = ("deviations", f"@activity={ACTIVITY_ID}")
    for owner in ("shift lead", "head of the hall"):
        put = Edit("put", row, {"activity": ACTIVITY_ID, "deviation": "late", "owner": owner})
        documents.edit(actor=team, cycle=planted, step=7, edits=[put], base=documents.current(planted, 7)[1])
    body = {"base": base, "edits": [{"op": "set", "path": ["deviations"], "value": []}]}
    answer = client_of("analyst").post(
        f"/c/{planted.key}/control/edit", json.dumps(body), content_type="application/json"
    )
    assert answer.status_code == 409
    assert answer.json()["conflict"]["path"] == ["deviations", f"@activity={vault.COVERED}"]
    noted = AuditEntry.objects.filter(cycle=planted, subject="step 7")
    assert not [one for one in noted if PLANTED.search(json.dumps(one.detail))]


def test_a_copy_for_others_leaves_names_of_the_plan_out_of_texts(
    planted: Any, team: Actor, actor_of: Callable[[str], Actor], organization: Any, tmp_path: Any
) -> None:
    """The team wrote names of the plan into texts of steps 7 to 9, in other letters and over two lines."""
    said = f"Since the {PROJECT.upper()} opened, and after {ACTIVITY.replace(' ', chr(10))}."
    places: list[tuple[int, Path]] = [
        (7, ("control_items", "@ci_waiting", "reaction")),
        (8, ("cases", "@k1", "said")),
        (9, ("effects", "@e1", "improvement")),
    ]
    for step, path in places:
        base = documents.current(planted, step)[1]
        documents.edit(actor=team, cycle=planted, step=step, edits=[Edit("set", path, said)], base=base)
    made = export_archive(actor=actor_of("analyst"), cycle=planted, into=tmp_path)
    assert not list(_found(made.read_bytes()))
    with zipfile.ZipFile(made) as packed:
        texts = "\n".join(packed.read(one).decode() for one in packed.namelist() if "data/" not in one)
    assert "Since the […] opened, and after […]." in texts
    assert "decisions/step9.toml: effects.0.improvement" in texts
    brought = import_archive(actor=actor_of("analyst"), organization=organization, file=made)
    assert brought.warnings == ()
    whole = export_archive(actor=team, cycle=planted, into=tmp_path)
    assert PROJECT.upper() in "".join(_found(whole.read_bytes()))


def test_a_name_that_the_open_steps_use_stays_in_copies(
    planted: Any, team: Actor, actor_of: Callable[[str], Actor], tmp_path: Any
) -> None:
    """The charter names the project: its name tells nothing of the plan any more, the activity's does."""
    mission = Edit("set", ("charter", "mission"), f"We open the {PROJECT}.")
    said = Edit("set", ("cases", "@k1", "said"), f"the {PROJECT}, not the {ACTIVITY}")
    for step, one in ((5, mission), (8, said)):
        base = documents.current(planted, step)[1]
        documents.edit(actor=team, cycle=planted, step=step, edits=[one], base=base)
    made = export_archive(actor=actor_of("analyst"), cycle=planted, into=tmp_path)
    with zipfile.ZipFile(made) as packed:
        cases = "".join(packed.read(one).decode() for one in packed.namelist() if "decisions/" in one)
    assert f"the {PROJECT}, not the […]" in cases
