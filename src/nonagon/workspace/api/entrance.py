"""Who may come in: a key in the Authorization header, or the session of a browser; and how often."""

import threading
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja.security import HttpBearer, SessionAuth
from ninja.throttling import BaseThrottle, SimpleRateThrottle

from nonagon.accounts.access import Actor, actor_of
from nonagon.accounts.keys import actor_of_key


class Key(HttpBearer):
    """`Authorization: Bearer nonagon_…`."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        """Whom the key acts for."""
        actor = actor_of_key(token)
        if actor is not None:
            request.actor = actor  # type: ignore[attr-defined]
        return actor


class Session(SessionAuth):
    """The session of somebody who is signed in; unsafe methods take the token against forged requests."""

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        """Who is signed in."""
        del key
        if not request.user.is_authenticated:
            return None
        return actor_of(request)


class Rate(BaseThrottle):
    """So many requests a minute for one person in one organization: NONAGON_API_RATE."""

    def __init__(self) -> None:
        self._of_this_thread = threading.local()

    def allow_request(self, request: HttpRequest) -> bool:
        """Whether there is room for one more."""
        # A counter for each request: ninja's remembers whom it counts, and several threads share this object.
        counter = _Counter(settings.API_RATE)
        allowed = counter.allow_request(request)
        self._of_this_thread.wait = None if allowed else counter.wait()
        return allowed

    def wait(self) -> float | None:
        """Seconds until there is room again."""
        found: float | None = getattr(self._of_this_thread, "wait", None)
        return found


class _Counter(SimpleRateThrottle):
    scope = "api"

    def get_cache_key(self, request: HttpRequest) -> str | None:
        """Whose requests are counted together."""
        actor: Any = getattr(request, "actor", None)
        return None if actor is None else f"api:{actor.person.pk}:{actor.organization_id or 0}"
