"""Invitations: a link with a secret, shown once, that lets one person join. Kept as a hash only."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from nonagon.accounts.access import Actor, Permission, require
from nonagon.accounts.events import tell
from nonagon.accounts.models import Invitation, Membership, Organization, Person, Role
from nonagon.accounts.services import NotPossible, hash_of

LASTS = timedelta(days=14)
"""How long a link lets somebody in."""


@transaction.atomic
def invite(*, actor: Actor, organization: Organization, email: str, role: str) -> tuple[Invitation, str]:
    """An invitation and its link's secret, which is not kept. An open one to the same address ends.

    Raises NotPossible for somebody who is a member already.
    """
    require(actor, organization, Permission.MANAGE)
    address = email.strip().lower()
    if role not in Role.values:
        raise NotPossible(_("“%(role)s” is no role; choose one of the list.") % {"role": role})
    if Membership.objects.filter(organization=organization, person__email=address).exists():
        raise NotPossible(_("%(email)s is a member already.") % {"email": address})
    open_ones = Invitation.objects.filter(organization=organization, email=address, accepted_at=None)
    open_ones.filter(withdrawn_at=None).update(withdrawn_at=timezone.now())
    secret = secrets.token_urlsafe(32)
    made = Invitation.objects.create(
        organization=organization,
        email=address,
        role=role,
        secret_hash=hash_of(secret),
        invited_by=actor.person,
        expires_at=timezone.now() + LASTS,
    )
    tell(organization, actor.person, "member.invite", address, role=role)
    return made, secret


@transaction.atomic
def withdraw(*, actor: Actor, invitation: Invitation) -> None:
    """Ends an invitation that nobody has accepted."""
    require(actor, invitation, Permission.MANAGE)
    found = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, withdrawn_at=None)
    if not found.update(withdrawn_at=timezone.now()):
        raise NotPossible(_("This invitation is over already."))
    tell(invitation.organization, actor.person, "member.uninvite", invitation.email)


def open_by(secret: str) -> Invitation | None:
    """The invitation whose link holds the secret, where it still lets somebody in."""
    found = Invitation.objects.select_related("organization", "invited_by").filter(secret_hash=hash_of(secret))
    invitation = found.first()
    return invitation if invitation is not None and invitation.is_open else None


@transaction.atomic
def accept(*, secret: str, person: Person) -> Membership:
    """Makes the person a member; who is one keeps their role. Raises NotPossible for a link that is over."""
    held = Invitation.objects.select_for_update().filter(secret_hash=hash_of(secret)).first()
    if held is None or not held.is_open:
        raise NotPossible(_("This invitation is over: it was used, withdrawn, or has run out. Ask for a new one."))
    member, is_new = Membership.objects.get_or_create(
        person=person, organization=held.organization, defaults={"role": held.role}
    )
    held.accepted_at = timezone.now()
    held.save(update_fields=["accepted_at"])
    tell(held.organization, person, "member.join", person.email, invited=held.email, role=member.role, new=is_new)
    return member


@transaction.atomic
def accept_as_new(*, secret: str, name: str, password: str) -> Membership:
    """An account for the address that was invited, and the membership. Raises NotPossible where there is one."""
    held = open_by(secret)
    if held is None:
        raise NotPossible(_("This invitation is over: it was used, withdrawn, or has run out. Ask for a new one."))
    if Person.objects.filter(email=held.email).exists():
        raise NotPossible(
            _("There is an account for %(email)s: sign in, then open the link again.") % {"email": held.email}
        )
    person = Person.objects.create_user(held.email, password, name=name)
    return accept(secret=secret, person=person)


def mail_is_set() -> bool:
    """Whether this server can send mail."""
    return bool(settings.EMAIL_HOST)


def send(invitation: Invitation, link: str) -> bool:
    """Sends the link to the address that was invited; False where no mail is set up or it could not be sent."""
    if not mail_is_set():
        return False
    words = {
        "who": invitation.invited_by or _("Somebody"),
        "organization": invitation.organization.name,
        "link": link,
        "day": invitation.expires_at.date().isoformat(),
    }
    subject = _("Invitation to %(organization)s on Nonagon") % words
    text = _(
        "%(who)s invites you to %(organization)s on Nonagon.\n\n"
        "Open this link to join; it works once, until %(day)s:\n%(link)s\n"
    )
    try:
        return bool(send_mail(" ".join(subject.split()), text % words, None, [invitation.email]))
    except OSError:  # smtplib's errors too
        return False
