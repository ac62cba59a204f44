"""`nonagon password`: a new password, or a link for one, at the console of the server."""

from typing import Any

import pytest
from click.testing import CliRunner, Result
from django.test import Client

from builders.web import PASSWORD
from nonagon.accounts import console
from nonagon.app import server
from nonagon.app.command import nonagon
from nonagon.process.models import AuditEntry

pytestmark = pytest.mark.django_db
OTHER = "another quiet sentence"


@pytest.fixture(autouse=True)
def _prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's own database is up to date already."""
    monkeypatch.setattr(server, "prepare", lambda: None)


def run(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(nonagon, ["password", *arguments], input=typed)


def signed_in_by_password(person: Any, password: str = PASSWORD) -> Any:
    client = Client()
    client.post("/accounts/login/", {"login": person.email, "password": password})
    client.get("/")  # the first page after it notes the session
    return client


def is_in(client: Any) -> bool:
    return bool(client.get("/").status_code == 200)


def test_a_new_password_is_asked_for_twice_and_ends_all_sessions(person_of: Any, organization: Any) -> None:
    person = person_of("analyst")
    here, there = signed_in_by_password(person), signed_in_by_password(person)
    assert is_in(here)
    assert is_in(there)
    done = run(person.email.upper(), typed=f"{OTHER}\n{OTHER}\n")
    assert done.exit_code == 0, done.output
    assert OTHER not in done.output
    assert not is_in(here)
    assert not is_in(there)
    assert not is_in(signed_in_by_password(person))
    assert is_in(signed_in_by_password(person, OTHER))
    entry = AuditEntry.objects.get(organization=organization, action="person.password_set_at_console")
    assert (entry.person, entry.subject, entry.detail) == (None, person.email, {"sessions_ended": 2})


def test_a_weak_password_is_refused_and_changes_nothing(person_of: Any) -> None:
    person = person_of("analyst")
    client = signed_in_by_password(person)
    refused = run(person.email, typed="1234567890\n1234567890\n")
    assert isinstance(refused.exception, console.AccountError)
    assert "too common" in str(refused.exception)
    assert is_in(client)
    assert not AuditEntry.objects.filter(action="person.password_set_at_console").exists()


def test_a_link_works_once_and_shows_no_password(person_of: Any, organization: Any) -> None:
    person = person_of("analyst")
    client = signed_in_by_password(person)
    made = run(person.email, "--link", "--base", "http://testserver/")
    assert made.exit_code == 0, made.output
    link = made.output.split()[-1]
    assert link.startswith("http://testserver/accounts/password/reset/key/")
    assert not is_in(client)
    visitor = Client()
    form = visitor.get(link)["Location"]
    visitor.post(form, {"password1": OTHER, "password2": OTHER})
    person.refresh_from_db()
    assert person.check_password(OTHER)
    assert visitor.get("/").status_code == 302  # a link alone does not sign anybody in
    again = Client().get(link)
    assert again.status_code == 200  # says that the link is over, and leads to no form
    assert "password1" not in again.content.decode()
    noted = AuditEntry.objects.filter(organization=organization).exclude(action="person.sign_in")
    assert [one.action for one in noted.order_by("pk")] == [
        "person.password_link_at_console",
        "person.password_reset",
    ]


def test_nobody_has_the_address(organization: Any) -> None:
    refused = run("nobody@example.org", "--link")
    assert isinstance(refused.exception, console.AccountError)
    assert "'nobody@example.org'" in str(refused.exception)
