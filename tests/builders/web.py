"""What tests of the web application share: people in their roles, organizations, cycles.

A plugin of tests/conftest.py, so that every folder of tests has these fixtures. Nothing is made, and no database
is opened, before a test asks for one. Django is imported inside the fixtures: tests without it do without it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PASSWORD = "nine steps to better quality"
ROLES = ("owner", "quality_manager", "analyst", "team_member", "frontline", "viewer")


class Silent:
    """Progress that nobody reads."""

    def begin(self, stage: str) -> None: ...

    def advance(self, text: str) -> None: ...

    def end(self, stage: str, seconds: float) -> None: ...

    def count(self, done: int, of: int) -> None: ...


@dataclass(frozen=True)
class Kept:
    """The rows of a computed cycle, taken out of the database, and the folder of its files."""

    cycle: Any
    rows: tuple[Any, ...]
    folder: Path


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """Rate limits count in the cache, and a request leaves its language behind: each test begins anew."""
    from django.core.cache import cache
    from django.utils import translation

    cache.clear()
    translation.deactivate()


@pytest.fixture
def home(settings: Any, tmp_path: Path) -> Path:
    """A NONAGON_HOME of the test's own, for files of cycles."""
    settings.HOME = tmp_path / "home"
    settings.HOME.mkdir()
    return settings.HOME


@pytest.fixture
def organization(db: None) -> Any:
    """An organization; `person_of` and `client_of` give its members."""
    from nonagon.accounts.models import Organization

    return Organization.objects.create(slug="ticket-office", name="Ticket office")


@pytest.fixture
def person_of(organization: Any) -> Callable[[str], Any]:
    """`person_of("analyst")`: the member with that role, the same one however often it is asked for."""
    return lambda role: member(organization, role)


@pytest.fixture
def actor_of(person_of: Callable[[str], Any]) -> Callable[[str], Any]:
    """`actor_of("analyst")`: the same person as services and selectors want to know them."""
    from nonagon.accounts.access import Actor

    return lambda role: Actor(person_of(role))


@pytest.fixture
def client_of(person_of: Callable[[str], Any]) -> Callable[[str], Any]:
    """`client_of("analyst")`: a browser in which that member is signed in."""
    return lambda role: signed_in(person_of(role))


@pytest.fixture
def owner(person_of: Callable[[str], Any]) -> Any:
    """The organization's owner, who made its cycles and is on the team of their plans."""
    return person_of("owner")


@pytest.fixture
def other_organization(db: None) -> Any:
    """Another organization, which must not learn that the first one exists."""
    from nonagon.accounts.models import Organization

    return Organization.objects.create(slug="elsewhere", name="Elsewhere")


@pytest.fixture
def stranger(other_organization: Any) -> Any:
    """The owner of the other organization."""
    return member(other_organization, "owner")


@pytest.fixture
def stranger_client(stranger: Any) -> Any:
    """A browser in which the stranger is signed in."""
    return signed_in(stranger)


@pytest.fixture
def cycle(organization: Any, owner: Any, home: Path) -> Any:
    """A cycle in which nothing is decided yet, made by the owner; its compute job waits and is not run."""
    from nonagon.accounts.access import Actor
    from nonagon.process import registry
    from nonagon.workspace.services import new_cycle

    head = registry.model_of(registry.HEAD).model_validate(
        {"name": "Empty cycle", "organization": "Ticket office"}
    )
    return new_cycle(actor=Actor(owner), organization=organization, head=head)


@pytest.fixture
def computed_cycle(computed_rows: Kept, organization: Any, owner: Any, home: Path) -> Any:
    """The small cycle (builders/folder.py) in the database: files, facts, decisions and results of all nine steps.

    Made by the owner, who alone is on the plan's team. Computed once a session, then copied: quick to ask for.
    """
    import shutil

    from nonagon.workspace.places import folder_of

    cycle = copied(computed_rows.cycle, organization=organization, created_by=owner)
    cycle.save(force_insert=True)
    for row in computed_rows.rows:
        copied(
            row, cycle=cycle, **{name: owner for name in ("person", "added_by") if hasattr(row, f"{name}_id")}
        ).save(force_insert=True)
    shutil.copytree(computed_rows.folder, folder_of(cycle))
    return cycle


@pytest.fixture(scope="session")
def computed_rows(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """The small cycle brought in and computed in a transaction that is taken back: the database stays empty."""
    from django.db import transaction
    from django.test import override_settings

    from builders.folder import write_cycle
    from nonagon.accounts.services import example_organization
    from nonagon.process.models import DocumentVersion, PlanReader, Result, Whole
    from nonagon.workspace.compute import compute_cycle
    from nonagon.workspace.jobs import import_into
    from nonagon.workspace.places import folder_of
    from nonagon.workspace.services import import_folder

    place = tmp_path_factory.mktemp("computed")
    source = write_cycle(place / "small")
    with override_settings(HOME=place / "home"), django_db_blocker.unblock(), transaction.atomic():
        actor, organization, _new = example_organization("small@example.org", PASSWORD)
        cycle = import_folder(actor=actor, organization=organization, folder=source).cycle
        import_into(cycle, Silent())
        cycle.refresh_from_db()
        compute_cycle(cycle, Silent())
        models = (DocumentVersion, Result, Whole, PlanReader)
        kept = Kept(
            cycle, tuple(row for model in models for row in model.objects.filter(cycle=cycle)), folder_of(cycle)
        )
        transaction.set_rollback(True)
    return kept


def member(organization: Any, role: str) -> Any:
    """The person with the role in the organization, made where there is none: <role>@<organization>.example."""
    from nonagon.accounts.models import Membership, Person

    email = f"{role}@{organization.slug}.example"
    found = Person.objects.filter(email=email).first()
    if found is not None:
        return found
    person = Person.objects.create_user(email, PASSWORD, name=role.replace("_", " ").capitalize())
    Membership.objects.create(person=person, organization=organization, role=role)
    return person


def signed_in(person: Any) -> Any:
    """A browser in which the person is signed in."""
    from django.test import Client

    client = Client()
    client.force_login(person)
    return client


def copied(row: Any, **other: Any) -> Any:
    """A row like `row` but for the values given, not saved yet."""
    values = {
        field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if not field.primary_key
    }
    made = type(row)(**values)
    for name, value in other.items():
        setattr(made, name, value)
    return made
