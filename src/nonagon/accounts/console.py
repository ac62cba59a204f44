"""What whoever runs the server may do for an account at its console. No password is shown: none is kept."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.usersessions.models import UserSession
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse

from nonagon.accounts.events import tell
from nonagon.accounts.models import Person
from nonagon.basics.errors import NonagonError


class AccountError(NonagonError):
    """What was asked for an account cannot be done; the message says why, and what to do."""


def person_with(email: str) -> Person:
    """Whose account it is. Raises AccountError."""
    person = Person.objects.filter(email=email.strip().lower()).first()
    if person is None:
        raise AccountError(f"nobody has an account with the address {email!r}; look at the organization's members")
    return person


@transaction.atomic
def set_password(*, person: Person, password: str) -> None:
    """Gives the person another password and ends all their sessions. Raises AccountError for a weak one."""
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise AccountError(" ".join(error.messages)) from error
    person.set_password(password)
    person.save(update_fields=["password"])
    _told(person, "person.password_set_at_console")


@transaction.atomic
def password_link(*, person: Person, base: str) -> str:
    """A link with which the person sets a password of their own, once; ends all their sessions.

    base: the address of the server, such as `https://quality.example.org`. The link is over after three days, with
    the next sign-in, and once a password was set.
    """
    key = f"{user_pk_to_url_str(person)}-{default_token_generator.make_token(person)}"
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
    _told(person, "person.password_link_at_console")
    return base.rstrip("/") + path.replace("UID-KEY", key)


def _told(person: Person, action: str) -> None:
    ended = 0
    for session in UserSession.objects.filter(user=person):
        session.end()
        ended += 1
    for organization in person.organizations.all():
        tell(organization, None, action, person.email, sessions_ended=ended)
