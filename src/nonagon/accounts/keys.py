"""Keys for programs: whom a secret acts for, new ones, their end. A secret is shown once and kept as a hash."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from nonagon.accounts.access import Actor, Permission, require
from nonagon.accounts.events import tell
from nonagon.accounts.models import ApiKey, Organization
from nonagon.accounts.services import NotPossible, hash_of

BEGINNING = "nonagon_"
"""Every secret begins with it, so that a lost one is recognized for what it is."""
SHOWN = 12
"""Characters of the secret that the list of keys shows."""
USED_EVERY = timedelta(minutes=1)
"""`last_used_at` is written at most so often."""
SCOPES = tuple(one for one in Permission if one != Permission.MANAGE)
"""What a key can be allowed. Managing people is not for programs."""


def actor_of_key(secret: str) -> Actor | None:
    """Whom a key acts for, narrowed to its organization and scopes; None where it opens nothing.

    The look-up compares hashes of random secrets, so its time tells nothing about them. Roles are read anew every
    time: a key of somebody who left opens nothing.
    """
    if not secret.startswith(BEGINNING):
        return None
    key = ApiKey.objects.select_related("person").filter(secret_hash=hash_of(secret)).first()
    if key is None or not key.is_in_force or not key.person.is_active:
        return None
    now = timezone.now()
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - USED_EVERY)
    ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)
    known = set(SCOPES)
    return Actor(
        key.person,
        organization_id=key.organization_id,
        scopes=frozenset(Permission(one) for one in key.scopes if one in known),
    )


@transaction.atomic
def create_key(
    *,
    actor: Actor,
    organization: Organization,
    name: str,
    scopes: Collection[str],
    expires_at: datetime | None,
) -> tuple[ApiKey, str]:
    """A key that acts for the actor, and its secret, which is not kept.

    Raises NotPossible for scopes that the actor's own role does not hold, or an expiry that is over.
    """
    require(actor, organization, Permission.VIEW)
    if actor.scopes is not None:
        raise NotPossible(_("A key cannot make keys."))
    chosen = [one for one in SCOPES if one in set(scopes)]
    beyond = [one.value for one in chosen if not actor.may(one, organization.pk)]
    if not chosen or len(chosen) != len(set(scopes)) or beyond:
        raise NotPossible(_("A key holds one or more of the permissions that your own role has."))
    if expires_at is not None and expires_at <= timezone.now():
        raise NotPossible(_("The expiry must lie ahead."))
    secret = BEGINNING + secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        organization=organization,
        person=actor.person,
        name=name,
        prefix=secret[:SHOWN],
        secret_hash=hash_of(secret),
        scopes=[one.value for one in chosen],
        expires_at=expires_at,
    )
    tell(
        organization,
        actor.person,
        "key.new",
        name,
        scopes=key.scopes,
        expires=expires_at.isoformat() if expires_at else None,
    )
    return key, secret


@transaction.atomic
def withdraw_key(*, actor: Actor, key: ApiKey) -> None:
    """Ends a key at once: its own person may, and whoever manages the organization."""
    if key.person_id != actor.person.pk or actor.scopes is not None:
        require(actor, key, Permission.MANAGE)
    if not ApiKey.objects.filter(pk=key.pk, withdrawn_at=None).update(withdrawn_at=timezone.now()):
        raise NotPossible(_("This key is withdrawn already."))
    tell(key.organization, actor.person, "key.withdraw", key.name, of=key.person.email)
