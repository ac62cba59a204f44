"""Single sign-on through the whole flow, against a small OpenID Connect provider that the test itself starts."""

import base64
import hashlib
import json
import secrets
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.cache import cache
from django.test import Client

from builders.signing_in import code_of, enter, set_up_app
from nonagon.accounts.models import Membership, Person
from nonagon.app import settings as app_settings
from nonagon.process.models import AuditEntry

pytestmark = pytest.mark.django_db
CLIENT_ID, SECRET, KID = "nonagon", "the secret of the client", "key-1"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Provider:
    """An identity provider: discovery, authorize, token, keys, userinfo. What it says of the person can be set."""

    claims: dict[str, Any] = field(default_factory=dict)
    token_claims: dict[str, Any] = field(default_factory=dict)
    """claims of the ID token that are otherwise than they should be"""
    denies: str = ""
    url: str = ""
    given: dict[str, dict[str, str]] = field(default_factory=dict)
    """code: what it was asked for with"""
    asked: list[str] = field(default_factory=list)

    def configuration(self) -> dict[str, Any]:
        names = {
            "authorization_endpoint": "authorize",
            "token_endpoint": "token",
            "userinfo_endpoint": "userinfo",
            "jwks_uri": "jwks",
        }
        return {
            "issuer": self.url,
            **{name: f"{self.url}/{path}" for name, path in names.items()},
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        }

    def keys(self) -> dict[str, Any]:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
        return {"keys": [{**public, "kid": KID, "use": "sig", "alg": "RS256"}]}

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the browser is sent back to."""
        assert asked["client_id"] == CLIENT_ID
        assert asked["response_type"] == "code"
        assert "openid" in asked["scope"].split()
        if self.denies:
            return f"{asked['redirect_uri']}?{urlencode({'error': self.denies, 'state': asked['state']})}"
        code = secrets.token_urlsafe(8)
        self.given[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token(self, asked: dict[str, str]) -> dict[str, Any] | None:
        """The tokens for a code: once, for who asked for it, and who knows the secret."""
        before = self.given.pop(asked.get("code", ""), None)
        if before is None or (asked.get("client_id"), asked.get("client_secret")) != (CLIENT_ID, SECRET):
            return None
        digest = hashlib.sha256(asked.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != before["code_challenge"]:
            return None
        now = int(time.time())
        said = {
            "iss": self.url,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            **self.claims,
            **self.token_claims,
        }
        token = jwt.encode(said, KEY, algorithm="RS256", headers={"kid": KID})
        return {"access_token": "access", "token_type": "Bearer", "expires_in": 300, "id_token": token}


class Handler(BaseHTTPRequestHandler):
    """Answers for the provider."""

    provider: Provider

    def do_GET(self) -> None:
        path = urlsplit(self.path)
        self.provider.asked.append(path.path)
        if path.path == "/authorize":
            asked = {name: values[0] for name, values in parse_qs(path.query).items()}
            self.send_response(302)
            self.send_header("Location", self.provider.authorize(asked))
            self.end_headers()
            return
        if path.path == "/userinfo" and self.headers["Authorization"] != "Bearer access":
            self._send(None)
            return
        answers = {
            "/.well-known/openid-configuration": self.provider.configuration,
            "/jwks": self.provider.keys,
            "/userinfo": lambda: self.provider.claims,
        }
        self._send(answers[path.path]())

    def do_POST(self) -> None:
        self.provider.asked.append(self.path)
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self._send(self.provider.token({name: values[0] for name, values in parse_qs(body).items()}))

    def _send(self, found: Any) -> None:
        self.send_response(200 if found is not None else 401)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(found if found is not None else {"error": "invalid_grant"}).encode())

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002  (the library's own name)
        """Says nothing."""


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Provider]:
    """The provider, running, and Nonagon set up for it by its environment variables."""
    made = Provider(claims={"sub": "u-1", "email": "analyst@ticket-office.example", "email_verified": True})
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Own", (Handler,), {"provider": made}))
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    given = {"SERVER": made.url, "CLIENT_ID": CLIENT_ID, "SECRET": SECRET, "NAME": "Company login"}
    for name, value in given.items():
        monkeypatch.setenv(f"NONAGON_OIDC_{name}", value)
    settings.SOCIALACCOUNT_PROVIDERS = app_settings._single_sign_on()
    yield made
    server.shutdown()
    server.server_close()


class Stay(urllib.request.HTTPRedirectHandler):
    """A browser that does not follow by itself."""

    def redirect_request(self, *given: Any) -> None:
        return None


def sent_back(address: str) -> str:
    """Where the provider sends the browser after its sign-in page."""
    try:
        urllib.request.build_opener(Stay).open(address, timeout=10)
    except urllib.error.HTTPError as answer:
        return str(answer.headers["Location"])
    raise AssertionError("the provider did not send the browser back")


def set_out(client: Any, then: str = "") -> str:
    """Presses the button on the sign-in page; gives the provider's address."""
    answer = client.post(f"/accounts/oidc/oidc/login/{then}")
    assert answer.status_code == 302
    return str(answer["Location"])


def come_back(client: Any, address: str) -> Any:
    """Opens the address that the provider sent the browser to."""
    back = urlsplit(address)
    assert back.path == "/accounts/oidc/oidc/login/callback/"
    return client.get(f"{back.path}?{back.query}")


def is_in(client: Any) -> bool:
    return "_auth_user_id" in client.session


def test_a_known_person_comes_in_and_it_is_written_down(
    provider: Provider, person_of: Any, organization: Any
) -> None:
    person, client = person_of("analyst"), Client()
    assert 'href="/accounts/oidc/oidc/login/' in client.get("/accounts/login/").content.decode()
    address = set_out(client, "?next=/profile/")
    assert address.startswith(f"{provider.url}/authorize?")
    asked = parse_qs(urlsplit(address).query)
    assert asked["code_challenge_method"] == ["S256"]
    answer = come_back(client, sent_back(address))
    assert answer["Location"] == "/profile/"
    assert client.session["_auth_user_id"] == str(person.pk)
    assert {"/token", "/userinfo"} <= set(provider.asked)
    assert "person.sign_in" in AuditEntry.objects.filter(organization=organization).values_list(
        "action", flat=True
    )
    again = Client()
    come_back(again, sent_back(set_out(again)))
    assert again.session["_auth_user_id"] == str(person.pk)
    assert Person.objects.count() == 1


def test_who_cancels_at_the_provider_is_told_and_stays_outside(provider: Provider, person_of: Any) -> None:
    person_of("analyst")
    provider.denies, client = "access_denied", Client()
    answer = come_back(client, sent_back(set_out(client)))
    assert answer["Location"] == "/accounts/3rdparty/login/cancelled/"
    assert client.get(answer["Location"]).status_code == 200
    assert not is_in(client)


def test_an_error_of_the_provider_lets_nobody_in(provider: Provider, person_of: Any) -> None:
    person_of("analyst")
    provider.denies, client = "server_error", Client()
    assert come_back(client, sent_back(set_out(client))).status_code == 401
    assert not is_in(client)


def test_a_state_that_was_not_given_here_lets_nobody_in(provider: Provider, person_of: Any) -> None:
    """Somebody else's answer of the provider, put under a visitor's hand: another state, or another browser."""
    person_of("analyst")
    client, other = Client(), Client()
    back = sent_back(set_out(client))
    code = parse_qs(urlsplit(back).query)["code"][0]
    callback = "/accounts/oidc/oidc/login/callback/"
    assert client.get(f"{callback}?{urlencode({'code': code, 'state': 'forged'})}").status_code == 401
    assert come_back(other, back).status_code == 401
    assert not is_in(client)
    assert not is_in(other)
    assert "/token" not in provider.asked


def test_a_code_that_another_browser_was_given_lets_nobody_in(provider: Provider, person_of: Any) -> None:
    """With a state of its own, but a stolen code: the proof key of the one that asked does not fit."""
    person_of("analyst")
    victim, thief = Client(), Client()
    stolen = parse_qs(urlsplit(sent_back(set_out(victim))).query)["code"][0]
    state = parse_qs(urlsplit(set_out(thief)).query)["state"][0]
    answer = thief.get(f"/accounts/oidc/oidc/login/callback/?{urlencode({'code': stolen, 'state': state})}")
    assert answer.status_code == 401
    assert not is_in(thief)


@pytest.mark.parametrize(
    "wrong", [{"aud": "another client"}, {"iss": "https://elsewhere.example"}, {"exp": int(time.time()) - 3600}]
)
def test_a_token_for_somebody_else_or_over_lets_nobody_in(
    provider: Provider, person_of: Any, wrong: dict[str, Any]
) -> None:
    person_of("analyst")
    provider.token_claims, client = wrong, Client()
    assert come_back(client, sent_back(set_out(client))).status_code == 401
    assert not is_in(client)


def test_an_unknown_person_is_refused_and_gets_no_account(provider: Provider, organization: Any) -> None:
    provider.claims["email"], client = "stranger@example.org", Client()
    answer = come_back(client, sent_back(set_out(client)))
    assert answer.status_code in {200, 302}
    assert not is_in(client)
    assert client.get("/").status_code == 302
    assert not Person.objects.exists()
    assert not Membership.objects.exists()


def test_an_address_that_the_provider_does_not_vouch_for_is_nobodys(provider: Provider, person_of: Any) -> None:
    person_of("analyst")
    provider.claims["email_verified"], client = False, Client()
    come_back(client, sent_back(set_out(client)))
    assert not is_in(client)


def test_a_second_factor_is_asked_for_after_it(provider: Provider, person_of: Any) -> None:
    secret, client = set_up_app(enter(person_of("analyst"))[0]), Client()
    answer = come_back(client, sent_back(set_out(client)))
    assert answer["Location"].startswith("/accounts/2fa/authenticate/")
    assert not is_in(client)
    cache.clear()
    client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert is_in(client)
