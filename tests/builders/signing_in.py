"""Signing in as a person does: the password typed, an authenticator app set up and read."""

import re
import time
from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache
from django.test import Client

from builders.web import PASSWORD


def enter(person: Any, password: str = PASSWORD, client: Any = None) -> tuple[Any, Any]:
    """A browser that sends the sign-in form, and the answer."""
    client = client or Client()
    return client, client.post("/accounts/login/", {"login": person.email, "password": password})


def code_of(secret: str) -> str:
    """What an authenticator app shows now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def set_up_app(client: Any) -> str:
    """Sets an authenticator app up as a person does: reads the secret off the page, types the code in."""
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get("/accounts/2fa/totp/activate/").content.decode()
    found = re.search(r'value="([A-Z2-7]{32})"', page)
    assert found is not None
    answer = client.post("/accounts/2fa/totp/activate/", {"code": code_of(found[1])})
    assert answer.status_code == 302
    cache.clear()  # an app's code can be used once; the next sign-in is within the same half minute
    return found[1]
