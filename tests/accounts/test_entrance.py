"""How people come in: the first owner by the token, the others by invitation, everybody past limits."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from builders.web import PASSWORD, signed_in
from nonagon.accounts import invitations, services
from nonagon.accounts.access import Actor
from nonagon.accounts.models import Invitation, Membership, Organization, Person
from nonagon.process.models import AuditEntry

FIRST = {
    "organization": "Ticket office",
    "name": "Ada",
    "email": "Ada@Example.org",
    "password": "a long and quiet word",
    "again": "a long and quiet word",
}


def actions(organization: Any) -> list[str]:
    return list(
        AuditEntry.objects.filter(organization=organization).order_by("pk").values_list("action", flat=True)
    )


@pytest.mark.django_db
def test_the_first_visitor_creates_the_owner_and_is_signed_in() -> None:
    token = services.first_token()
    client = Client()
    page = client.get("/setup/", {"token": token})
    assert page.status_code == 200
    assert f'value="{token}"' in page.content.decode()
    answer = client.post("/setup/", FIRST | {"token": token})
    assert answer.status_code == 302
    person = Person.objects.get()
    assert (person.email, person.name) == ("ada@example.org", "Ada")
    assert person.check_password(FIRST["password"])
    assert Membership.objects.get().role == "owner"
    assert client.get("/").status_code == 200
    assert actions(Organization.objects.get()) == ["organization.new", "person.sign_in"]


@pytest.mark.django_db
def test_the_token_works_once() -> None:
    token = services.first_token()
    Client().post("/setup/", FIRST | {"token": token})
    again = Client().post("/setup/", FIRST | {"token": token, "email": "eve@example.org"})
    assert again.status_code == 403
    assert "works once" in again.content.decode()
    assert Person.objects.count() == 1
    assert services.first_token() is None


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["", "wrong", "x" * 5000])
def test_a_wrong_token_is_told_so(token: str) -> None:
    services.first_token()
    assert Client().get("/setup/", {"token": token}).status_code == 403
    assert Client().post("/setup/", FIRST | {"token": token}).status_code == 403
    assert not Person.objects.exists()


@pytest.mark.django_db
def test_a_newer_token_ends_the_older() -> None:
    older = services.first_token()
    services.first_token()
    assert Client().get("/setup/", {"token": older}).status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"again": "another one"}, "The two passwords differ."),
        ({"password": "short", "again": "short"}, "too short"),
        ({"password": "password123", "again": "password123"}, "too common"),
        ({"password": "ada@example.org", "again": "ada@example.org"}, "too similar"),
        ({"email": "nobody"}, "valid email"),
        ({"name": ""}, "required"),
    ],
)
def test_what_is_wrong_is_said_and_the_token_still_works(wrong: dict[str, str], said: str) -> None:
    token = services.first_token()
    client = Client()
    answer = client.post("/setup/", FIRST | {"token": token} | wrong)
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert not Person.objects.exists()
    assert client.post("/setup/", FIRST | {"token": token}).status_code == 302


@pytest.mark.django_db
def test_guessing_tokens_is_limited() -> None:
    services.first_token()
    client = Client()
    answers = [client.post("/setup/", {"token": f"guess {number}"}).status_code for number in range(11)]
    assert answers == [403] * 10 + [429]
    limited = client.post("/setup/", {"token": "one more"})
    assert "Too many tries" in limited.content.decode()
    assert limited["Retry-After"] == "300"


def invite(organization: Any, owner: Any, email: str = "new@example.org", role: str = "analyst") -> str:
    return invitations.invite(actor=Actor(owner), organization=organization, email=email, role=role)[1]


def test_an_owner_invites_and_the_link_is_shown_once(organization: Any, client_of: Callable[[str], Any]) -> None:
    client = client_of("owner")
    answer = client.post("/o/ticket-office/invite", {"email": "New@Example.org", "role": "analyst"})
    link = re.search(r'value="http://testserver(/invitation/[^"]+/)"', answer.content.decode())
    assert link is not None
    kept = Invitation.objects.get()
    assert kept.email == "new@example.org"
    assert kept.secret_hash not in link[1]
    assert link[1] not in client.get("/o/ticket-office/").content.decode()
    assert "No mail is set up" in answer.content.decode()
    assert mail.outbox == []
    assert "new@example.org" in client.get("/o/ticket-office/").content.decode()
    assert actions(organization) == ["member.invite"]


def test_the_link_is_mailed_where_mail_is_set_up(
    organization: Any, client_of: Callable[[str], Any], settings: Any
) -> None:
    settings.EMAIL_HOST = "mail.example.org"
    organization.name = "Ticket\noffice"  # a line break must not become a header
    organization.save()
    client_of("owner").post("/o/ticket-office/invite", {"email": "new@example.org", "role": "analyst"})
    [sent] = mail.outbox
    assert sent.to == ["new@example.org"]
    assert sent.subject == "Invitation to Ticket office on Nonagon"
    link = re.search(r"http://testserver(/invitation/\S+/)", sent.body)
    assert link is not None
    assert Client().get(link[1]).status_code == 200


def test_somebody_new_makes_an_account_by_the_link(organization: Any, owner: Any) -> None:
    secret = invite(organization, owner)
    client = Client()
    page = client.get(f"/invitation/{secret}/").content.decode()
    assert "Join Ticket office" in page
    given = {"name": "Bo", "password": PASSWORD, "again": PASSWORD}
    answer = client.post(f"/invitation/{secret}/", given)
    assert answer.status_code == 302
    member = Membership.objects.get(person__email="new@example.org")
    assert (member.organization, member.role, member.person.name) == (organization, "analyst", "Bo")
    assert "as: Analyst" in client.get("/").content.decode()
    assert actions(organization) == ["member.invite", "member.join", "person.sign_in"]
    over = Client().get(f"/invitation/{secret}/")
    assert over.status_code == 404
    assert "This invitation is over" in over.content.decode()


def test_an_existing_account_signs_in_first_and_then_joins(organization: Any, owner: Any, stranger: Any) -> None:
    secret = invite(organization, owner, stranger.email, "viewer")
    page = Client().get(f"/invitation/{secret}/").content.decode()
    assert f"/accounts/login/?next=%2Finvitation%2F{secret}%2F" in page
    assert "password" not in page.lower()
    client = signed_in(stranger)
    assert "Join as Owner" in client.get(f"/invitation/{secret}/").content.decode()
    client.post(f"/invitation/{secret}/")
    assert sorted(stranger.organizations.values_list("slug", flat=True)) == ["elsewhere", "ticket-office"]
    assert Actor(stranger).roles[organization.pk] == "viewer"


def test_who_is_signed_in_under_another_address_is_told(organization: Any, owner: Any, stranger: Any) -> None:
    secret = invite(organization, owner)
    assert (
        "the invitation was for new@example.org"
        in signed_in(stranger).get(f"/invitation/{secret}/").content.decode()
    )


def test_an_account_cannot_be_taken_over_by_an_invitation(organization: Any, owner: Any, stranger: Any) -> None:
    secret = invite(organization, owner, stranger.email)
    Client().post(f"/invitation/{secret}/", {"name": "Eve", "password": "x" * 12, "again": "x" * 12})
    stranger.refresh_from_db()
    assert stranger.check_password(PASSWORD)
    assert not Membership.objects.filter(person=stranger, organization=organization).exists()
    with pytest.raises(services.NotPossible, match="There is an account"):
        invitations.accept_as_new(secret=secret, name="Eve", password="x" * 12)


def test_a_link_ends_when_it_is_withdrawn_runs_out_or_is_replaced(
    organization: Any, owner: Any, client_of: Callable[[str], Any]
) -> None:
    secret = invite(organization, owner)
    newer = invite(organization, owner)
    assert invitations.open_by(secret) is None
    found = invitations.open_by(newer)
    assert found is not None
    client_of("owner").post(f"/o/ticket-office/invitations/{found.pk}/withdraw")
    assert invitations.open_by(newer) is None
    third = invite(organization, owner)
    Invitation.objects.filter(withdrawn_at=None).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert invitations.open_by(third) is None
    with pytest.raises(services.NotPossible, match="over"):
        invitations.accept(secret=third, person=owner)


def test_a_member_who_accepts_keeps_the_role(
    organization: Any, owner: Any, person_of: Callable[[str], Any]
) -> None:
    secret = invite(organization, owner, "other@example.org", "viewer")
    analyst = person_of("analyst")
    assert invitations.accept(secret=secret, person=analyst).role == "analyst"


def test_members_cannot_be_invited_again(
    organization: Any, client_of: Callable[[str], Any], person_of: Any
) -> None:
    answer = client_of("owner").post(
        "/o/ticket-office/invite", {"email": person_of("analyst").email, "role": "viewer"}
    )
    assert answer.status_code == 422
    assert "is a member already" in answer.content.decode()


@pytest.mark.django_db
def test_nobody_signs_up_by_themselves() -> None:
    given = {"email": "eve@example.org", "password1": PASSWORD, "password2": PASSWORD}
    assert "By invitation" in Client().get("/accounts/signup/").content.decode()
    Client().post("/accounts/signup/", given)
    assert not Person.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/o/ticket-office/", "/c/some-cycle/", "/profile/", "/nothing/here/"])
def test_strangers_are_sent_to_sign_in_whatever_they_ask_for(path: str) -> None:
    answer = Client().get(path)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/?next=")
    part = Client().get(path, headers={"HX-Request": "true"})
    assert (part.status_code, part["HX-Redirect"]) == (204, "/accounts/login/")
