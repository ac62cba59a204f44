"""What happens at the door, told to the audit log of every organization of the person."""

import logging
from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as second
from django.contrib.auth.signals import user_login_failed
from django.dispatch import receiver

from nonagon.accounts.events import tell, tell_all
from nonagon.accounts.models import Person

log = logging.getLogger("nonagon.accounts")


@receiver(account.user_logged_in)
def signed_in(sender: Any, user: Person, **more: Any) -> None:
    """Somebody came in."""
    del sender, more
    tell_all(user, "person.sign_in", user.email)


@receiver(account.user_logged_out)
def signed_out(sender: Any, user: Person | None, **more: Any) -> None:
    """Somebody went."""
    del sender, more
    if isinstance(user, Person):
        tell_all(user, "person.sign_out", user.email)


@receiver(user_login_failed)
def sign_in_failed(sender: Any, credentials: dict[str, Any], **more: Any) -> None:
    """A password did not fit. An address that nobody has belongs to no organization: the server's log has it."""
    del sender, more
    address = str(credentials.get("email") or credentials.get("username") or "").strip().lower()[:200]
    person = Person.objects.filter(email=address).first()
    if person is None:
        log.warning("sign-in failed for an address that nobody has")
        return
    for organization in person.organizations.all():
        tell(organization, None, "person.sign_in_failed", address)


@receiver(second.authentication_failed)
def second_factor_failed(sender: Any, user: Person, **more: Any) -> None:
    """The password fitted, the second factor did not."""
    del sender, more
    for organization in user.organizations.all():
        tell(organization, None, "person.second_factor_failed", user.email)


@receiver(second.authenticator_added)
def second_factor_added(sender: Any, user: Person, authenticator: Any, **more: Any) -> None:
    """A new second factor."""
    del sender, more
    tell_all(user, "second_factor.add", user.email, kind=authenticator.type)


@receiver(second.authenticator_removed)
def second_factor_removed(sender: Any, user: Person, authenticator: Any, **more: Any) -> None:
    """A second factor less."""
    del sender, more
    tell_all(user, "second_factor.remove", user.email, kind=authenticator.type)


@receiver(second.authenticator_reset)
def second_factor_reset(sender: Any, user: Person, authenticator: Any, **more: Any) -> None:
    """New recovery codes."""
    del sender, more
    tell_all(user, "second_factor.reset", user.email, kind=authenticator.type)


@receiver(account.password_changed)
@receiver(account.password_set)
def password_changed(sender: Any, user: Person, **more: Any) -> None:
    """A new password, by somebody who was signed in."""
    del sender, more
    tell_all(user, "person.password_change", user.email)


@receiver(account.password_reset)
def password_reset(sender: Any, user: Person, **more: Any) -> None:
    """A new password, by a link that was mailed."""
    del sender, more
    tell_all(user, "person.password_reset", user.email)


@receiver(account.email_changed)
def email_changed(sender: Any, user: Person, from_email_address: Any, to_email_address: Any, **more: Any) -> None:
    """Another address to sign in with."""
    del sender, more
    before = from_email_address.email if from_email_address else ""
    tell_all(user, "person.email_change", to_email_address.email, before=before)
