"""Writes about people and organizations. Each tells what happened, in its own transaction."""

import hashlib
import re
import secrets

from allauth.mfa.utils import is_mfa_enabled
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from nonagon.accounts.access import Actor, Permission, require
from nonagon.accounts.events import left, tell
from nonagon.accounts.models import Membership, Organization, Person, Role, Setup

RESERVED = frozenset({"new"})
"""Addresses below /o/ that are pages of ours."""


class NotPossible(Exception):
    """What was asked for breaks a rule; the message says which, and what to do."""


def hash_of(secret: str) -> str:
    """What is kept of a secret that is long and random by itself."""
    return hashlib.sha256(secret.encode()).hexdigest()


def first_token() -> str | None:
    """A new one-time token for the first visitor; None where somebody has an account already."""
    if Person.objects.exists():
        return None
    token = secrets.token_urlsafe(24)
    Setup.objects.filter(used_at=None).delete()
    Setup.objects.create(token_hash=hash_of(token))
    return token


def token_holds(token: str) -> bool:
    """Whether the first visitor may create the owner with this token."""
    found = Setup.objects.filter(token_hash=hash_of(token), used_at=None)
    return found.exists() and not Person.objects.exists()


@transaction.atomic
def set_up(*, token: str, email: str, name: str, password: str, organization: str) -> Person | None:
    """The owner and their organization, by the one-time token; None where the token does not hold."""
    held = Setup.objects.select_for_update().filter(token_hash=hash_of(token), used_at=None).first()
    if held is None or Person.objects.exists():
        return None
    person = Person.objects.create_user(email, password, name=name)
    new_organization(owner=person, name=organization)
    held.used_at = timezone.now()
    held.save(update_fields=["used_at"])
    return person


@transaction.atomic
def new_organization(*, owner: Person, name: str) -> Organization:
    """An organization with its first owner."""
    words = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40].strip("-") or "organization"
    slug = words
    while slug in RESERVED or Organization.objects.filter(slug=slug).exists():
        slug = f"{words}-{secrets.token_hex(2)}"
    made = Organization.objects.create(slug=slug, name=name)
    Membership.objects.create(person=owner, organization=made, role=Role.OWNER)
    tell(made, owner, "organization.new", name)
    return made


def start_organization(*, actor: Actor, name: str) -> Organization:
    """Another organization, of which the actor is the owner. Who owns one here may start one; a key starts none.

    Raises PermissionDenied.
    """
    if actor.scopes is not None or not actor.organizations(Permission.MANAGE):
        raise PermissionDenied(_("Who owns an organization here may start another one; a key starts none."))
    return new_organization(owner=actor.person, name=name)


@transaction.atomic
def example_organization(email: str, password: str) -> tuple[Actor, Organization, bool]:
    """The example's user and organization; the last value says whether they are new."""
    person = Person.objects.filter(email=email).first()
    if person is not None:
        return Actor(person), person.organizations.get(), False
    person = Person.objects.create_user(email, password, name="Quality manager")
    return Actor(person), new_organization(owner=person, name="Example"), True


@transaction.atomic
def change_settings(
    *, actor: Actor, organization: Organization, name: str, requires_second_factor: bool
) -> Organization:
    """The organization's name, and whether everybody in it needs a second factor.

    Raises NotPossible where the actor asks of others what they have not done: they would lock themselves out.
    """
    require(actor, organization, Permission.MANAGE)
    held = _held(organization)
    if requires_second_factor and not held.requires_second_factor and not is_mfa_enabled(actor.person):
        raise NotPossible(_("Set up a second factor for yourself first; then ask it of everybody."))
    before = {"name": held.name, "requires_second_factor": held.requires_second_factor}
    held.name, held.requires_second_factor = name, requires_second_factor
    held.save(update_fields=["name", "requires_second_factor"])
    after = {"name": name, "requires_second_factor": requires_second_factor}
    if after != before:
        tell(held, actor.person, "organization.settings", name, before=before, after=after)
    return held


@transaction.atomic
def set_role(*, actor: Actor, membership: Membership, role: str) -> None:
    """Gives a member another role. Raises NotPossible for the last owner."""
    require(actor, membership, Permission.MANAGE)
    held = _held_member(membership)
    if role not in Role.values:
        raise NotPossible(_("“%(role)s” is no role; choose one of the list.") % {"role": role})
    if held.role == role:
        return
    _keep_an_owner(held)
    before, held.role = held.role, role
    held.save(update_fields=["role"])
    tell(held.organization, actor.person, "member.role", held.person.email, before=before, after=role)


@transaction.atomic
def remove_member(*, actor: Actor, membership: Membership) -> None:
    """Ends a membership: an owner removes anybody, everybody may leave. Raises NotPossible for the last owner.

    The person's keys of this organization are withdrawn, and they see no plan of it any more, also if they come
    back; what they did stays in the history.
    """
    if membership.person_id != actor.person.pk or actor.scopes is not None:
        require(actor, membership, Permission.MANAGE)
    held = _held_member(membership)
    _keep_an_owner(held)
    keys = held.person.api_keys.filter(organization=held.organization, withdrawn_at=None)
    withdrawn = keys.update(withdrawn_at=timezone.now())
    action = "member.leave" if held.person_id == actor.person.pk else "member.remove"
    tell(held.organization, actor.person, action, held.person.email, role=held.role, keys_withdrawn=withdrawn)
    left.send(Organization, organization=held.organization, person=held.person, by=actor.person)
    held.delete()


def set_profile(*, person: Person, name: str, language: str) -> None:
    """What a person is called and which language their pages have ("" for the browser's)."""
    person.name, person.language = name, language
    person.save(update_fields=["name", "language"])


def _held(organization: Organization) -> Organization:
    """The row, while nobody else changes who is in the organization."""
    return Organization.objects.select_for_update().get(pk=organization.pk)


def _held_member(membership: Membership) -> Membership:
    _held(membership.organization)
    found = Membership.objects.select_related("person", "organization").filter(pk=membership.pk).first()
    if found is None:
        raise NotPossible(_("This person is no member any more."))
    return found


def _keep_an_owner(membership: Membership) -> None:
    owners = Membership.objects.filter(organization=membership.organization, role=Role.OWNER)
    if membership.role == Role.OWNER and owners.count() == 1:
        raise NotPossible(_("The last owner cannot go; make somebody else an owner first."))
