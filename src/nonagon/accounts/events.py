"""What happens to people and organizations, told to whoever keeps the audit log.

The log is kept by the process, which stands above this room: it listens to `happened` and writes its entry in the
transaction of the thing itself.
"""

from typing import Any

from django.dispatch import Signal

from nonagon.accounts.models import Organization, Person

happened = Signal()
"""Arguments: organization, person (who did it, or None), action, subject, detail."""


left = Signal()
"""Somebody is a member no more. Arguments: organization, person (who left), by (who did it)."""


def tell(organization: Organization, person: Person | None, action: str, subject: str = "", **detail: Any) -> None:
    """Says that something happened. action: such as `member.invite`; subject: to what; detail: plain JSON."""
    happened.send(
        Organization, organization=organization, person=person, action=action, subject=subject, detail=detail
    )


def tell_all(person: Person, action: str, subject: str = "", **detail: Any) -> None:
    """Says it in every organization of the person: what concerns how they sign in concerns all of them."""
    for organization in person.organizations.all():
        tell(organization, person, action, subject, **detail)
