"""The audit log: one entry for every write, in the write's own transaction."""

from typing import Any

from django.dispatch import receiver

from nonagon.accounts.access import Actor
from nonagon.accounts.events import happened
from nonagon.accounts.models import Organization, Person
from nonagon.process.models import AuditEntry, Cycle


def note(
    actor: Actor | None,
    action: str,
    *,
    organization: Organization | None = None,
    cycle: Cycle | None = None,
    subject: str = "",
    **detail: Any,
) -> AuditEntry:
    """Writes the entry. action: such as `decisions.edit`; subject: what it was done to; detail: plain JSON."""
    home = organization or (cycle.organization if cycle is not None else None)
    if home is None:
        raise ValueError("an audit entry belongs to an organization or a cycle; got neither")
    return AuditEntry.objects.create(
        organization=home,
        cycle=cycle,
        person=actor.person if actor is not None else None,
        action=action,
        subject=subject[:200],
        detail=detail,
    )


@receiver(happened)
def note_of_people(
    sender: Any,
    organization: Organization,
    person: Person | None,
    action: str,
    subject: str,
    detail: dict[str, Any],
    **more: Any,
) -> None:
    """Writes down what the accounts tell."""
    del sender, more
    actor = Actor(person) if person is not None else None
    note(actor, action, organization=organization, subject=subject, **detail)
