"""The API called with whatever its own description allows: no fault of the server, and answers as described."""

from collections.abc import Iterable
from typing import Any

import pytest
import schemathesis
from django.test.client import ClientHandler
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from nonagon.accounts import keys
from nonagon.accounts.access import Actor
from nonagon.workspace.api.root import api

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore::DeprecationWarning:schemathesis.*")]

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
OPERATIONS = sorted((method, path) for path, ways in api.get_openapi_schema()["paths"].items() for method in ways)
HANDLER = ClientHandler(enforce_csrf_checks=False)


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """The application as a WSGI server calls it, on this test's own connection to the database."""
    answer = HANDLER(environ)
    start_response(f"{answer.status_code} {answer.reason_phrase}", list(answer.items()))
    return list(answer.streaming_content) if answer.streaming else [answer.content]


@pytest.fixture
def secret(owner, organization) -> str:
    scopes = [one.value for one in keys.SCOPES]
    return keys.create_key(
        actor=Actor(owner), organization=organization, name="fuzz", scopes=scopes, expires_at=None
    )[1]


def call_freely(method: str, path: str, secret: str, places: dict[str, Any], examples: int) -> None:
    """Calls one operation with many generated requests, most of them at a real cycle."""
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    operation = schema[path][method.upper()]
    headers = {"Authorization": f"Bearer {secret}"}

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), is_real=st.integers(0, 9))
    def one(case: Any, is_real: int) -> None:
        if is_real and case.path_parameters:
            case.path_parameters.update({name: places[name] for name in case.path_parameters if name in places})
        answer = case.call(headers=headers)
        case.validate_response(answer, checks=CHECKS)

    one()


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_no_request_breaks_the_server(method, path, secret, computed_cycle, organization, settings):
    settings.API_RATE = "1000000/m"
    places = {"key": computed_cycle.key, "slug": organization.slug}
    call_freely(method, path, secret, places, examples=5)


@pytest.mark.slow
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_no_request_of_very_many_breaks_the_server(method, path, secret, computed_cycle, organization, settings):
    settings.API_RATE = "1000000/m"
    places = {"key": computed_cycle.key, "slug": organization.slug}
    call_freely(method, path, secret, places, examples=150)
