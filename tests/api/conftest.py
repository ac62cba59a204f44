"""A program with a key, for the tests of the API."""

from collections.abc import Callable
from typing import Any

import pytest

from builders.program import Program


@pytest.fixture
def program(person_of: Callable[[str], Any], organization: Any) -> Callable[..., Program]:
    """`program("analyst")`: one whose key acts for that member, with all that the role may do, or some scopes."""
    from nonagon.accounts import keys
    from nonagon.accounts.access import Actor, Permission

    def made(role: str = "owner", scopes: tuple[str, ...] = tuple(keys.SCOPES)) -> Program:
        actor = Actor(person_of(role))
        mine = [one for one in scopes if actor.may(Permission(one), organization.pk)]
        _key, secret = keys.create_key(
            actor=actor, organization=organization, name="test", scopes=mine, expires_at=None
        )
        return Program(secret)

    return made
