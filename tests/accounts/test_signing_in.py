"""Signing in: password, authenticator app, recovery codes, passwords, single sign-on, limits, the audit log."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.core import mail
from django.test import Client
from django.urls import reverse

from builders.signing_in import code_of, enter, set_up_app
from builders.web import PASSWORD, signed_in
from nonagon.accounts import services
from nonagon.accounts.access import Actor
from nonagon.process.models import AuditEntry


def actions(organization: Any) -> list[str]:
    return list(
        AuditEntry.objects.filter(organization=organization).order_by("pk").values_list("action", flat=True)
    )


@pytest.fixture
def analyst(person_of: Callable[[str], Any]) -> Any:
    return person_of("analyst")


@pytest.mark.parametrize("written", [str, str.upper])
def test_sign_in_by_address_and_password(organization: Any, analyst: Any, written: Callable[[str], str]) -> None:
    client = Client()
    client.post("/accounts/login/", {"login": written(analyst.email), "password": PASSWORD})
    assert client.get("/").status_code == 200
    assert actions(organization) == ["person.sign_in"]
    client.post("/accounts/logout/")
    assert client.get("/").status_code == 302
    assert actions(organization) == ["person.sign_in", "person.sign_out"]


def test_sign_in_leads_to_where_one_wanted_to_go_and_to_no_other_host(analyst: Any) -> None:
    given = {"login": analyst.email, "password": PASSWORD}
    assert Client().post("/accounts/login/?next=/profile/", given)["Location"] == "/profile/"
    assert Client().post("/accounts/login/?next=https://evil.example/", given)["Location"] == "/"


def test_a_failed_sign_in_is_written_down_without_the_password(organization: Any, analyst: Any) -> None:
    _client, answer = enter(analyst, "not the password")
    assert answer.status_code == 200
    entry = AuditEntry.objects.get()
    assert (entry.organization, entry.action, entry.subject) == (
        organization,
        "person.sign_in_failed",
        analyst.email,
    )
    assert entry.person is None
    assert entry.detail == {}


@pytest.mark.django_db
def test_a_failed_sign_in_of_nobody_says_the_same(analyst: Any) -> None:
    wrong = enter(analyst, "not the password")[1].content.decode()
    nobody = Client().post("/accounts/login/", {"login": "nobody@example.org", "password": "x"}).content.decode()
    said = [re.findall(r"The email address and/or password[^<]*", text) for text in (wrong, nobody)]
    assert said[0] == said[1] != []
    assert AuditEntry.objects.count() == 1


def test_guessing_passwords_is_limited(analyst: Any) -> None:
    for _attempt in range(5):
        enter(analyst, "guess")
    _client, answer = enter(analyst)
    assert "Too many failed login attempts" in answer.content.decode()
    assert "_auth_user_id" not in _client.session


@pytest.mark.django_db
def test_the_door_itself_is_limited_by_address() -> None:
    client = Client()
    answers = [client.post("/accounts/login/", {}).status_code for _attempt in range(31)]
    assert answers[-1] == 429
    assert "Too many tries" in client.post("/accounts/login/", {}).content.decode()


def test_an_authenticator_app(
    organization: Any, analyst: Any, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        secret = set_up_app(enter(analyst)[0])
    client, answer = enter(analyst)
    assert answer["Location"].startswith("/accounts/2fa/authenticate/")
    assert client.get("/").status_code == 302
    wrong = client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert "Incorrect code" in wrong.content.decode()
    client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert client.get("/").status_code == 200
    assert actions(organization) == [
        "person.sign_in",
        "second_factor.add",
        "second_factor.add",
        "person.second_factor_failed",
        "person.sign_in",
    ]
    kinds = {one.detail["kind"] for one in AuditEntry.objects.filter(action="second_factor.add")}
    assert kinds == {"totp", "recovery_codes"}


def test_a_code_is_not_taken_twice(analyst: Any) -> None:
    secret = set_up_app(enter(analyst)[0])
    code = code_of(secret)
    authenticator = Authenticator.objects.get(type="totp")
    assert TOTP(authenticator).validate_code(code)
    client, _answer = enter(analyst)
    assert "Incorrect code" in client.post("/accounts/2fa/authenticate/", {"code": code}).content.decode()


def test_recovery_codes_work_once_each(analyst: Any) -> None:
    set_up_app(enter(analyst)[0])
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    assert len(codes) == 10
    client, _answer = enter(analyst)
    client.post("/accounts/2fa/authenticate/", {"code": codes[0]})
    assert client.get("/").status_code == 200
    again, _answer = enter(analyst)
    assert "Incorrect code" in again.post("/accounts/2fa/authenticate/", {"code": codes[0]}).content.decode()


def test_changing_how_one_signs_in_takes_the_password_once_more(analyst: Any) -> None:
    client = signed_in(analyst)  # without a password typed just now
    for path in ("/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/add/", "/o/ticket-office/keys/new/"):
        assert client.get(path)["Location"].startswith("/accounts/reauthenticate/")
    wrong = client.post("/accounts/reauthenticate/", {"password": "guess"})
    assert wrong.status_code == 200
    assert client.get("/accounts/2fa/totp/activate/").status_code == 302


def test_a_password_is_changed(organization: Any, analyst: Any) -> None:
    client, _answer = enter(analyst)
    other = "another quiet sentence"
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": other, "password2": other})
    analyst.refresh_from_db()
    assert analyst.check_password(other)
    assert client.get("/").status_code == 200
    assert actions(organization)[-1] == "person.password_change"


def test_a_changed_password_ends_the_other_sessions(analyst: Any) -> None:
    here, there = enter(analyst)[0], enter(analyst)[0]
    other = "another quiet sentence"
    here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": other, "password2": other})
    assert here.get("/").status_code == 200
    assert there.get("/")["Location"].startswith("/accounts/login/")


def test_guessing_second_factors_is_limited(analyst: Any) -> None:
    secret = set_up_app(enter(analyst)[0])
    client, _answer = enter(analyst)
    for _attempt in range(5):
        client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    answer = client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert answer.status_code in {200, 429}
    assert "_auth_user_id" not in client.session


def test_a_password_is_reset_by_mail(organization: Any, analyst: Any) -> None:
    client = Client()
    client.post("/accounts/password/reset/", {"email": analyst.email})
    [sent] = mail.outbox
    link = re.search(r"http://testserver(/accounts/password/reset/key/\S+/)", sent.body)
    assert link is not None
    form = client.get(link[1])["Location"]
    other = "another quiet sentence"
    client.post(form, {"password1": other, "password2": other})
    analyst.refresh_from_db()
    assert analyst.check_password(other)
    assert actions(organization) == ["person.password_reset"]
    assert Client().get(link[1]).status_code == 200  # says that the link is over
    assert analyst.check_password(other)


def test_resetting_tells_nobody_who_has_an_account(analyst: Any) -> None:
    answers = [
        Client().post("/accounts/password/reset/", {"email": email})
        for email in (analyst.email, "nobody@example.org")
    ]
    assert answers[0]["Location"] == answers[1]["Location"]


def test_sessions_are_listed_and_the_others_ended(analyst: Any) -> None:
    here, there = enter(analyst)[0], enter(analyst)[0]
    here.get("/"), there.get("/")
    page = here.get("/accounts/sessions/").content.decode()
    assert page.count("127.0.0.1") == 2
    here.post("/accounts/sessions/")
    assert there.get("/").status_code == 302
    assert here.get("/").status_code == 200


# ---------------------------------------------------------------- a second factor asked of everybody


@pytest.fixture
def strict(organization: Any) -> Any:
    organization.requires_second_factor = True
    organization.save()
    return organization


def test_members_without_a_second_factor_set_one_up_first(strict: Any, analyst: Any) -> None:
    client, _answer = enter(analyst)
    sent = client.get("/", follow=True)
    assert sent.redirect_chain == [("/accounts/2fa/", 302)]
    assert "asks for a second factor" in sent.content.decode()
    part = client.get("/", headers={"HX-Request": "true"})
    assert (part.status_code, part["HX-Redirect"]) == (204, "/accounts/2fa/")
    data = client.get("/api/v1/cycles/")
    assert data.status_code == 403
    assert data.json()["error"]["thing"] == "Second factor"
    set_up_app(client)
    assert client.get("/").status_code == 200


def test_people_of_other_organizations_are_not_asked(strict: Any, stranger_client: Any) -> None:
    assert stranger_client.get("/").status_code == 200


def test_an_owner_asks_it_of_others_after_themselves(organization: Any, owner: Any) -> None:
    given = {"name": organization.name, "requires_second_factor": "on"}
    client, _answer = enter(owner)
    refused = client.post("/o/ticket-office/settings/", given)
    assert "for yourself first" in refused.content.decode()
    with pytest.raises(services.NotPossible):
        services.change_settings(
            actor=Actor(owner), organization=organization, name="x", requires_second_factor=True
        )
    set_up_app(client)
    assert client.post("/o/ticket-office/settings/", given).status_code == 302
    organization.refresh_from_db()
    assert organization.requires_second_factor
    assert client.get("/").status_code == 200


# ---------------------------------------------------------------- single sign-on


@pytest.mark.django_db
def test_single_sign_on_is_offered_where_it_is_set_up(settings: Any) -> None:
    assert "Company login" not in Client().get("/accounts/login/").content.decode()
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "APPS": [
                {
                    "provider_id": "oidc",
                    "name": "Company login",
                    "client_id": "nonagon",
                    "secret": "x",
                    "settings": {"server_url": "https://login.example.org"},
                }
            ]
        }
    }
    page = Client().get("/accounts/login/").content.decode()
    assert "Sign in with Company login" in page
    assert 'href="/accounts/oidc/oidc/login/' in page


# ---------------------------------------------------------------- the pages


class Inline(HTMLParser):
    """What the content security policy would not let run or apply."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.labels: set[str] = set()
        self.inputs: dict[str, dict[str, str | None]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "script" and "src" not in given and given.get("type") != "application/json":
            self.found.append("script")
        if tag == "style":
            self.found.append("style")
        self.found += [name for name in given if name.startswith("on")]
        if tag == "label":
            self.labels.add(given.get("for") or "")
        if tag in {"input", "select", "textarea"} and given.get("type") not in {"hidden", "submit"}:
            self.inputs[given.get("id") or "?"] = given


OUTSIDE = ["account_login", "account_signup", "account_reset_password", "account_reset_password_done"]
INSIDE = [
    "account_email",
    "account_change_password",
    "account_reauthenticate",
    "account_logout",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_list_webauthn",
    "usersessions_list",
    "socialaccount_connections",
    "profile",
]


def looked_at(answer: Any) -> str:
    assert answer.status_code == 200
    text = answer.content.decode()
    found = Inline()
    found.feed(text)
    assert found.found == []
    unlabelled = {
        name
        for name, given in found.inputs.items()
        if name not in found.labels and "hidden" not in given and not given.get("aria-label")
    }
    assert unlabelled == set()
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert 'class="top-bar"' in text
    return text


@pytest.mark.django_db
@pytest.mark.parametrize("name", OUTSIDE)
@pytest.mark.parametrize("language", ["en", "ar"])
def test_pages_at_the_door_are_ours_and_run_nothing_inline(name: str, language: str) -> None:
    text = looked_at(Client(headers={"Accept-Language": language}).get(reverse(name)))
    assert f'lang="{language}"' in text


@pytest.mark.parametrize("name", INSIDE)
def test_pages_of_the_account_are_ours_and_run_nothing_inline(name: str, analyst: Any) -> None:
    client, _answer = enter(analyst)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    looked_at(client.get(reverse(name)))


def test_pages_of_the_second_factor_too(analyst: Any) -> None:
    client, _answer = enter(analyst)
    set_up_app(client)
    for name in ("mfa_index", "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_deactivate_totp"):
        looked_at(client.get(reverse(name)))
    other, _answer = enter(analyst)
    looked_at(other.get("/accounts/2fa/authenticate/"))
