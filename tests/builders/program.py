"""A program that calls the REST API with a key."""

import json
from typing import Any

from django.test import Client


class Program:
    """A program with a key."""

    def __init__(self, secret: str) -> None:
        self.headers = {"Authorization": f"Bearer {secret}"}
        self.client = Client()

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """Calls an operation; path: below /api/v1; body: sent as JSON."""
        content = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        return getattr(self.client, method)(f"/api/v1{path}", headers=self.headers, **content, **more)


def error_of(answer: Any) -> Any:
    """The body of an answer that is no success; it must have the one shape of errors."""
    body = answer.json()
    assert set(body["error"]) == {"thing", "rule", "received", "next"}, body
    return body
