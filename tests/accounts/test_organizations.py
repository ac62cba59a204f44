"""Members, roles, settings, keys, the audit log: who may do what, and what is written down."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from builders.web import PASSWORD, ROLES, signed_in
from nonagon.accounts import keys, services
from nonagon.accounts.access import ALLOWED, Actor, Permission, rows
from nonagon.accounts.models import ApiKey, Membership, Organization, Person, Role
from nonagon.process.models import AuditEntry, Cycle


def membership(person: Any, organization: Any) -> Any:
    return Membership.objects.get(person=person, organization=organization)


def last_entry(organization: Any) -> Any:
    return AuditEntry.objects.filter(organization=organization).latest("pk")


@pytest.mark.parametrize("role", ROLES)
def test_everybody_sees_the_members_and_owners_alone_can_change_them(
    role: str, organization: Any, client_of: Callable[[str], Any], person_of: Callable[[str], Any]
) -> None:
    person_of("viewer")
    page = client_of(role).get("/o/ticket-office/")
    text = page.content.decode()
    assert page.status_code == 200
    assert "viewer@ticket-office.example" in text
    assert ("Invite somebody" in text) == (role == "owner")
    assert ("/audit/" in text) == (role == "owner")


def test_an_owner_changes_a_role(organization: Any, client_of: Any, person_of: Any) -> None:
    held = membership(person_of("viewer"), organization)
    client_of("owner").post(f"/o/ticket-office/members/{held.pk}/role", {"role": "analyst"})
    held.refresh_from_db()
    assert held.role == "analyst"
    entry = last_entry(organization)
    assert (entry.action, entry.subject) == ("member.role", "viewer@ticket-office.example")
    assert entry.detail == {"before": "viewer", "after": "analyst"}
    assert entry.person == person_of("owner")


def test_no_role_that_does_not_exist(organization: Any, client_of: Any, person_of: Any) -> None:
    held = membership(person_of("viewer"), organization)
    answer = client_of("owner").post(f"/o/ticket-office/members/{held.pk}/role", {"role": "king"}, follow=True)
    assert "is no role" in answer.content.decode()
    held.refresh_from_db()
    assert held.role == "viewer"


@pytest.mark.parametrize("role", [one for one in ROLES if one != "owner"])
def test_others_cannot_raise_themselves(role: str, organization: Any, client_of: Any, person_of: Any) -> None:
    held = membership(person_of(role), organization)
    assert client_of(role).post(f"/o/ticket-office/members/{held.pk}/role", {"role": "owner"}).status_code == 403
    held.refresh_from_db()
    assert held.role == role


def test_the_last_owner_cannot_go(organization: Any, client_of: Any, person_of: Any) -> None:
    held = membership(person_of("owner"), organization)
    client = client_of("owner")
    for answer in (
        client.post(f"/o/ticket-office/members/{held.pk}/role", {"role": "viewer"}, follow=True),
        client.post(f"/o/ticket-office/members/{held.pk}/remove", follow=True),
    ):
        assert "The last owner cannot go" in answer.content.decode()
    held.refresh_from_db()
    assert held.role == "owner"
    Membership.objects.filter(person=person_of("viewer")).update(role="owner")
    client.post(f"/o/ticket-office/members/{held.pk}/remove")
    assert not Membership.objects.filter(pk=held.pk).exists()
    assert last_entry(organization).action == "member.leave"


def test_removing_ends_access_and_keys_at_once(
    organization: Any, cycle: Any, client_of: Any, person_of: Any
) -> None:
    analyst = person_of("analyst")
    _key, secret = keys.create_key(
        actor=Actor(analyst), organization=organization, name="k", scopes=["view"], expires_at=None
    )
    theirs = client_of("analyst")
    assert theirs.get(f"/c/{cycle.key}/").status_code == 200
    client_of("owner").post(f"/o/ticket-office/members/{membership(analyst, organization).pk}/remove")
    assert theirs.get(f"/c/{cycle.key}/").status_code == 404
    assert theirs.get("/o/ticket-office/").status_code == 404
    assert keys.actor_of_key(secret) is None
    assert last_entry(organization).detail == {"role": "analyst", "keys_withdrawn": 1}


def test_everybody_may_leave_but_not_send_others_away(organization: Any, client_of: Any, person_of: Any) -> None:
    viewer, analyst = (membership(person_of(one), organization) for one in ("viewer", "analyst"))
    client = client_of("viewer")
    assert client.post(f"/o/ticket-office/members/{analyst.pk}/remove").status_code == 403
    assert client.post(f"/o/ticket-office/members/{viewer.pk}/remove").status_code == 302
    assert list(organization.people.all()) == [analyst.person]


def test_members_of_another_organization_cannot_be_reached(
    organization: Any, other_organization: Any, stranger: Any, client_of: Any
) -> None:
    theirs = membership(stranger, other_organization)
    client = client_of("owner")
    assert client.post(f"/o/ticket-office/members/{theirs.pk}/remove").status_code == 404
    assert client.post(f"/o/elsewhere/members/{theirs.pk}/remove").status_code == 404
    assert membership(stranger, other_organization)


def test_settings_change_the_name_and_say_so(organization: Any, client_of: Any) -> None:
    client_of("owner").post("/o/ticket-office/settings/", {"name": "Box office"})
    organization.refresh_from_db()
    assert (organization.name, organization.slug) == ("Box office", "ticket-office")
    assert last_entry(organization).detail["before"]["name"] == "Ticket office"


def test_one_person_in_two_organizations(organization: Any, other_organization: Any, person_of: Any) -> None:
    person = person_of("viewer")
    Membership.objects.create(person=person, organization=other_organization, role=Role.ANALYST)
    actor = Actor(person)
    assert actor.may(Permission.EDIT, other_organization.pk)
    assert not actor.may(Permission.EDIT, organization.pk)
    assert rows(actor, Organization, Permission.EDIT).get() == other_organization


def test_an_owner_starts_another_organization(organization: Any, client_of: Any, person_of: Any) -> None:
    client = client_of("owner")
    answer = client.post("/o/new/", {"name": "New"})
    made = Organization.objects.exclude(pk=organization.pk).get()
    assert answer["Location"] == f"/o/{made.slug}/"
    assert made.slug not in {"new", "ticket-office"}
    assert client.get(f"/o/{made.slug}/").status_code == 200
    assert client_of("viewer").post("/o/new/", {"name": "Mine"}).status_code == 403


def test_names_that_give_no_address_of_their_own_get_one(db: None) -> None:
    person = Person.objects.create_user("a@example.org", None)
    slugs = [services.new_organization(owner=person, name=name).slug for name in ("مكتب", "Büro 1", "Büro 1")]
    assert slugs[:2] == ["organization", "b-ro-1"]
    assert slugs[2].startswith("b-ro-1-")


def test_profile_keeps_name_and_language(organization: Any, client_of: Any, person_of: Any) -> None:
    client = client_of("analyst")
    assert client.get("/profile/").status_code == 200
    client.post("/profile/", {"name": "Noor", "language": "ar"})
    person = Person.objects.get(pk=person_of("analyst").pk)
    assert (person.name, person.language) == ("Noor", "ar")
    assert 'dir="rtl"' in client.get("/profile/").content.decode()
    assert 'dir="rtl"' in client.get("/o/ticket-office/").content.decode()
    client.post("/i18n/setlang/", {"language": "en", "next": "/profile/"})
    assert 'dir="ltr"' in client.get("/profile/").content.decode()


# ---------------------------------------------------------------- keys


@pytest.fixture
def analyst(person_of: Callable[[str], Any]) -> Any:
    return Actor(person_of("analyst"))


def test_a_key_acts_for_its_person_within_its_scopes(
    organization: Any, other_organization: Any, analyst: Any
) -> None:
    Membership.objects.create(person=analyst.person, organization=other_organization, role=Role.OWNER)
    key, secret = keys.create_key(
        actor=analyst, organization=organization, name="upload", scopes=["view", "upload"], expires_at=None
    )
    assert secret.startswith("nonagon_")
    assert secret not in repr(vars(key))
    actor = keys.actor_of_key(secret)
    assert actor is not None
    assert actor.person == analyst.person
    assert actor.may(Permission.UPLOAD, organization.pk)
    assert not actor.may(Permission.EDIT, organization.pk)
    assert not actor.may(Permission.VIEW, other_organization.pk)
    assert list(rows(actor, Organization)) == [organization]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "secret", ["", "nonagon_", "nonagon_wrong", "wrong", "é" * 40, "nonagon_" + "x" * 100_000]
)
def test_other_secrets_open_nothing(secret: str) -> None:
    assert keys.actor_of_key(secret) is None


def test_a_key_loses_what_its_person_loses(organization: Any, analyst: Any) -> None:
    _key, secret = keys.create_key(
        actor=analyst, organization=organization, name="k", scopes=["view", "edit"], expires_at=None
    )
    Membership.objects.filter(person=analyst.person).update(role=Role.VIEWER)
    actor = keys.actor_of_key(secret)
    assert actor is not None
    assert not actor.may(Permission.EDIT, organization.pk)
    Person.objects.filter(pk=analyst.person.pk).update(is_active=False)
    assert keys.actor_of_key(secret) is None


def test_a_key_ends_by_its_expiry_or_when_it_is_withdrawn(organization: Any, analyst: Any) -> None:
    soon = timezone.now() + timedelta(minutes=1)
    key, secret = keys.create_key(
        actor=analyst, organization=organization, name="k", scopes=["view"], expires_at=soon
    )
    assert keys.actor_of_key(secret) is not None
    ApiKey.objects.filter(pk=key.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert keys.actor_of_key(secret) is None
    ApiKey.objects.filter(pk=key.pk).update(expires_at=None)
    assert keys.actor_of_key(secret) is not None
    keys.withdraw_key(actor=analyst, key=key)
    assert keys.actor_of_key(secret) is None
    with pytest.raises(services.NotPossible):
        keys.withdraw_key(actor=analyst, key=key)


def test_last_used_is_written_at_most_once_a_minute(organization: Any, analyst: Any) -> None:
    key, secret = keys.create_key(
        actor=analyst, organization=organization, name="k", scopes=["view"], expires_at=None
    )
    keys.actor_of_key(secret)
    key.refresh_from_db()
    first = key.last_used_at
    keys.actor_of_key(secret)
    key.refresh_from_db()
    assert key.last_used_at == first
    ApiKey.objects.filter(pk=key.pk).update(last_used_at=first - timedelta(minutes=2))
    keys.actor_of_key(secret)
    key.refresh_from_db()
    assert key.last_used_at >= first


@pytest.mark.parametrize(
    ("scopes", "role"),
    [
        ([], "owner"),
        (["manage"], "owner"),
        (["view", "manage"], "owner"),
        (["nothing"], "owner"),
        (["edit"], "viewer"),
    ],
)
def test_keys_hold_no_more_than_the_role(scopes: list[str], role: str, organization: Any, person_of: Any) -> None:
    with pytest.raises(services.NotPossible):
        keys.create_key(
            actor=Actor(person_of(role)), organization=organization, name="k", scopes=scopes, expires_at=None
        )


def test_a_key_cannot_make_keys_nor_remove_its_person(organization: Any, analyst: Any) -> None:
    _key, secret = keys.create_key(
        actor=analyst, organization=organization, name="k", scopes=["view"], expires_at=None
    )
    actor = keys.actor_of_key(secret)
    assert actor is not None
    with pytest.raises(services.NotPossible, match="cannot make keys"):
        keys.create_key(actor=actor, organization=organization, name="2", scopes=["view"], expires_at=None)
    with pytest.raises(PermissionDenied):
        services.remove_member(actor=actor, membership=membership(analyst.person, organization))


def test_the_secret_is_shown_once_to_who_has_just_signed_in(
    organization: Any, client_of: Any, person_of: Any
) -> None:
    client = client_of("analyst")
    asked = client.get("/o/ticket-office/keys/new/")
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    back = client.post("/accounts/reauthenticate/?next=/o/ticket-office/keys/new/", {"password": PASSWORD})
    assert back["Location"] == "/o/ticket-office/keys/new/"
    page = client.get("/o/ticket-office/keys/new/").content.decode()
    assert 'value="upload"' in page
    assert 'value="sign"' not in page
    made = client.post(
        "/o/ticket-office/keys/new/", {"name": "nightly", "scopes": ["view"], "expires_on": "2999-01-31"}
    )
    key = ApiKey.objects.get()
    assert key.prefix in made.content.decode()
    assert made["Cache-Control"].startswith("max-age=0")
    assert timezone.localtime(key.expires_at).date().isoformat() == "2999-01-31"
    text = client.get("/o/ticket-office/keys/").content.decode()
    assert f"{key.prefix}…" in text
    assert last_entry(organization).action == "key.new"


def test_members_see_and_end_their_own_keys_and_owners_all(
    organization: Any, client_of: Any, analyst: Any
) -> None:
    key, secret = keys.create_key(
        actor=analyst, organization=organization, name="nightly", scopes=["view"], expires_at=None
    )
    assert "nightly" not in client_of("viewer").get("/o/ticket-office/keys/").content.decode()
    assert client_of("viewer").post(f"/o/ticket-office/keys/{key.pk}/withdraw").status_code == 403
    assert "nightly" in client_of("owner").get("/o/ticket-office/keys/").content.decode()
    client_of("owner").post(f"/o/ticket-office/keys/{key.pk}/withdraw")
    assert keys.actor_of_key(secret) is None


# ---------------------------------------------------------------- the audit log


def test_the_audit_log_is_filtered_and_exported(
    organization: Any, cycle: Any, client_of: Any, person_of: Any
) -> None:
    client = client_of("owner")
    client.post("/o/ticket-office/invite", {"email": "new@example.org", "role": "viewer"})
    held = membership(person_of("viewer"), organization)
    client.post(f"/o/ticket-office/members/{held.pk}/role", {"role": "analyst"})
    everything = client.get("/o/ticket-office/audit/").content.decode()
    assert all(action in everything for action in ("cycle.new", "member.invite", "member.role"))
    some = client.get("/o/ticket-office/audit.csv", {"action": "member.role"})
    lines = b"".join(some.streaming_content).decode().splitlines()
    assert lines[0] == "at,person,action,cycle,subject,detail"
    assert [line.split(",")[1:5] for line in lines[1:]] == [
        ["owner@ticket-office.example", "member.role", "", "viewer@ticket-office.example"]
    ]
    assert last_entry(organization).action == "audit.export"
    of_the_cycle = client.get("/o/ticket-office/audit/", {"cycle": cycle.pk}).content.decode()
    assert "<bdi>cycle.new</bdi>" in of_the_cycle
    assert "<bdi>member.role</bdi>" not in of_the_cycle
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    assert (
        "Nothing fits this filter" in client.get("/o/ticket-office/audit/", {"since": tomorrow}).content.decode()
    )
    assert "Nothing fits this filter" in client.get("/o/ticket-office/audit/", {"person": "x"}).content.decode()


def test_cells_that_a_spreadsheet_would_run_become_text(organization: Any, client_of: Any) -> None:
    client = client_of("owner")
    client.post("/o/ticket-office/settings/", {"name": '=HYPERLINK("http://evil.example")'})
    lines = b"".join(client.get("/o/ticket-office/audit.csv").streaming_content).decode()
    assert "\"'=HYPERLINK(" in lines


def test_the_audit_log_is_not_for_others(organization: Any, client_of: Any, stranger_client: Any) -> None:
    for path in ("/o/ticket-office/audit/", "/o/ticket-office/audit.csv"):
        assert client_of("quality_manager").get(path).status_code == 403
        assert stranger_client.get(path).status_code == 404


def test_what_was_done_to_a_plan_is_shown_to_its_team_only(
    organization: Any, cycle: Any, owner: Any, client_of: Any
) -> None:
    from nonagon.process import vault
    from nonagon.process.audit import note

    note(Actor(owner), "decisions.edit", cycle=cycle, subject="step 6", paths=["set projects.@secret.cost"])
    assert "projects.@secret.cost" in client_of("owner").get("/o/ticket-office/audit/").content.decode()
    other = Person.objects.create_user("second@ticket-office.example")
    Membership.objects.create(person=other, organization=organization, role=Role.OWNER)
    assert not vault.may_read(Actor(other), cycle)
    client = signed_in(other)
    assert "projects.@secret.cost" not in client.get("/o/ticket-office/audit/").content.decode()
    assert b"secret" not in b"".join(client.get("/o/ticket-office/audit.csv").streaming_content)


def test_every_permission_belongs_to_some_role_and_the_owner_has_all() -> None:
    assert ALLOWED[Role.OWNER] == frozenset(Permission)
    assert set(ALLOWED) == set(Role)
    assert all(Permission.VIEW in allowed for allowed in ALLOWED.values())
    assert [role for role in Role if Permission.MANAGE in ALLOWED[role]] == [Role.OWNER]


def test_cycles_are_reached_through_the_organization_only(cycle: Any, stranger: Any) -> None:
    assert not rows(Actor(stranger), Cycle).exists()
