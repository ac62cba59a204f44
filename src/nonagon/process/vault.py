"""The plan vault: the confidential plan is seen by its team alone; every read and export is noted."""

import re
import secrets
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext as _

from nonagon.accounts.access import Actor, Permission, require
from nonagon.accounts.events import left
from nonagon.accounts.models import Membership, Organization, Person
from nonagon.process import audit
from nonagon.process.models import AuditEntry, Cycle, PlanAccess, PlanReader

AGAIN = timedelta(minutes=5)
"""Within this time the same refusal is noted once."""

COVERED = "•••"
"""Stands for a reference to the plan in what is shown to others; no document takes it."""


def readers(cycle: Cycle) -> "QuerySet[PlanReader]":
    """Who may see the plan today, team first."""
    return PlanReader.objects.filter(_in_force(), cycle=cycle).select_related("person")


def may_read(actor: Actor, cycle: Cycle) -> bool:
    """Whether the actor is on the team, or an outsider whose time has not run out."""
    if not actor.may(Permission.PLAN, cycle.organization_id):
        return False
    return readers(cycle).filter(person=actor.person).exists()


def is_on_team(actor: Actor, cycle: Cycle) -> bool:
    """Whether the actor is on the plan's team: outsiders read, the team edits and decides who reads."""
    return (
        may_read(actor, cycle) and readers(cycle).filter(person=actor.person, kind=PlanReader.Kind.TEAM).exists()
    )


OF_A_PLAN = Q(action__startswith="plan.") | Q(subject="step 6")
"""Entries of the audit log that tell of a plan."""


def without_plan(actor: Actor, entries: "QuerySet[AuditEntry]") -> "QuerySet[AuditEntry]":
    """The entries of the audit log without what was done to plans that the actor may not see."""
    on_it = PlanReader.objects.filter(_in_force(), person=actor.person).values("cycle")
    places = actor.organizations(Permission.PLAN)
    return entries.exclude(OF_A_PLAN & ~Q(cycle__in=on_it, organization__in=places))


def require_reader(actor: Actor, cycle: Cycle, *, what: str) -> None:
    """Raises PermissionDenied for whoever is not on the team; the refusal is noted.

    To be called outside of a transaction that the refusal would take back with it.
    """
    if not is_on_team(actor, cycle):
        refuse(actor, cycle, what)
        raise PermissionDenied(_("The plan is confidential: only its team may do this. Ask a member of the team."))


def note(actor: Actor, cycle: Cycle, kind: Any, what: str, *, mark: str = "", name: str = "") -> PlanAccess:
    """Notes a read, an export or a refusal. name: whose it is, where it is not the actor's own."""
    return PlanAccess.objects.create(
        cycle=cycle, person=actor.person, name=name or str(actor.person), kind=kind, what=what[:200], mark=mark
    )


def refuse(actor: Actor, cycle: Cycle, what: str) -> None:
    """Notes that somebody was refused; the same again within five minutes is one refusal."""
    _note_once(actor, cycle, PlanAccess.Kind.REFUSED, what)


def note_glance(actor: Actor, cycle: Cycle, what: str) -> None:
    """Notes a read that scripts repeat at every key; within five minutes it is one read."""
    _note_once(actor, cycle, PlanAccess.Kind.READ, what)


def _note_once(actor: Actor, cycle: Cycle, kind: Any, what: str) -> None:
    since = timezone.now() - AGAIN
    before = PlanAccess.objects.filter(cycle=cycle, person=actor.person, kind=kind, what=what[:200], at__gt=since)
    if not before.exists():
        note(actor, cycle, kind, what)


def new_mark(actor: Actor, cycle: Cycle, what: str, *, reader: PlanReader | None = None) -> str:
    """The mark of one copy of the plan, noted as an export: who finds a copy can find out whose it was.

    reader: for whom the actor takes it, where it is not for themselves.
    """
    mark = secrets.token_hex(4).upper()
    name = str(reader) if reader is not None else str(actor.person)
    note(actor, cycle, PlanAccess.Kind.EXPORT, what, mark=mark, name=name)
    return f"{name} · {mark}"


def copy_of(actor: Actor, cycle: Cycle, mark: str) -> PlanAccess | None:
    """Whose copy bears the mark: the whole line that stands on its pages, or its code. Raises PermissionDenied."""
    require_reader(actor, cycle, what=_("search for a mark"))
    codes = re.findall(r"[0-9A-F]{8}", mark.upper())
    exports = PlanAccess.objects.filter(cycle=cycle, kind=PlanAccess.Kind.EXPORT).select_related("person")
    return exports.filter(mark__in=codes[-1:]).first()


def accesses(actor: Actor, cycle: Cycle) -> "QuerySet[PlanAccess]":
    """The log of reads, copies and refusals, newest first, for the team. Raises PermissionDenied."""
    require_reader(actor, cycle, what=_("log of the plan"))
    return PlanAccess.objects.filter(cycle=cycle).select_related("person")


def past_readers(actor: Actor, cycle: Cycle) -> "QuerySet[PlanReader]":
    """Who could see the plan once and cannot any more. Raises PermissionDenied."""
    require_reader(actor, cycle, what=_("readers of the plan"))
    return PlanReader.objects.filter(~_in_force(), cycle=cycle).select_related("person", "added_by")


def reader_of(actor: Actor, cycle: Cycle, reader_id: int) -> PlanReader | None:
    """One of today's readers, for the team. Raises PermissionDenied."""
    require_reader(actor, cycle, what=_("readers of the plan"))
    return readers(cycle).filter(pk=reader_id).first()


def has_team(cycle: Cycle) -> bool:
    """Whether somebody of the organization is on the team; who has left it opens nothing."""
    people = Membership.objects.filter(organization=cycle.organization_id, person__is_active=True)
    return readers(cycle).filter(kind=PlanReader.Kind.TEAM, person__in=people.values("person")).exists()


def may_name_team(actor: Actor, cycle: Cycle) -> bool:
    """Whether the actor may let somebody see the plan: the team; where nobody is on it, who signs steps off."""
    if has_team(cycle):
        return is_on_team(actor, cycle) and actor.may(Permission.EDIT, cycle.organization_id)
    return actor.may(Permission.SIGN, cycle.organization_id)


def admit(
    *,
    actor: Actor,
    cycle: Cycle,
    person: Person | None,
    kind: Any,
    name: str = "",
    reason: str = "",
    risk_accepted_by: str = "",
    expires_on: date | None = None,
) -> PlanReader:
    """Lets somebody see the plan. An outsider needs a reason, an accepted risk, and a day on which it ends.

    The team lets in; while nobody is on it, an owner or a quality manager names it. Raises PermissionDenied,
    ValueError.
    """
    if has_team(cycle):
        require(actor, cycle, Permission.EDIT)
        require_reader(actor, cycle, what=_("admission to the plan"))
    else:
        require(actor, cycle, Permission.SIGN)
    _refuse_admission(cycle, person, kind, name, reason, risk_accepted_by, expires_on)
    with transaction.atomic():
        reader = PlanReader.objects.create(
            cycle=cycle,
            kind=kind,
            person=person,
            name=name.strip() or str(person or ""),
            reason=reason.strip(),
            risk_accepted_by=risk_accepted_by.strip(),
            expires_on=expires_on,
            added_by=actor.person,
        )
        audit.note(actor, "plan.admit", cycle=cycle, subject=str(reader), kind=kind, reason=reason.strip())
    return reader


def _refuse_admission(
    cycle: Cycle, person: Person | None, kind: Any, name: str, reason: str, risk: str, expires_on: date | None
) -> None:
    if kind == PlanReader.Kind.TEAM and person is None:
        raise ValueError(_("A member of the team has an account; choose one of the organization's people."))
    if person is None and not name.strip():
        raise ValueError(_("An outsider has a name: a person with a role, or a firm."))
    if person is not None and not Membership.objects.filter(person=person, organization=cycle.organization_id):
        raise ValueError(_("%(who)s is not in this organization; invite them first.") % {"who": person})
    if person is not None and readers(cycle).filter(person=person).exists():
        raise ValueError(_("%(who)s sees the plan already; remove that first.") % {"who": person})
    if kind == PlanReader.Kind.OUTSIDER and not (reason.strip() and risk.strip() and expires_on):
        raise ValueError(
            _("An outsider needs a reason, somebody who accepts the risk of a leak, and a day on which it ends.")
        )
    if expires_on is not None and expires_on < timezone.localdate():
        raise ValueError(_("The day on which it ends must lie ahead; got %(day)s.") % {"day": expires_on})


def remove(*, actor: Actor, cycle: Cycle, reader_id: int) -> None:
    """Ends somebody's access to the plan; what they did stays in the log. The last of the team cannot go.

    Raises PermissionDenied, ValueError.
    """
    require_reader(actor, cycle, what=_("removal from the plan"))
    require(actor, cycle, Permission.EDIT)
    with transaction.atomic():
        Cycle.objects.select_for_update().get(pk=cycle.pk)
        reader = PlanReader.objects.filter(pk=reader_id, cycle=cycle, removed_at=None).first()
        if reader is None:
            raise ValueError(_("There is no such reader any more; reload the page."))
        team = readers(cycle).filter(kind=PlanReader.Kind.TEAM)
        if reader.kind == PlanReader.Kind.TEAM and not team.exclude(pk=reader.pk).exists():
            raise ValueError(_("The last member of the team cannot be removed; add another one first."))
        reader.removed_at = timezone.now()
        reader.save(update_fields=["removed_at"])
        audit.note(actor, "plan.remove", cycle=cycle, subject=str(reader))


@receiver(left)
def end_with_membership(sender: Any, organization: Organization, person: Person, by: Person, **more: Any) -> None:
    """Who leaves the organization leaves the plans too, even as the last of a team: it is then named anew."""
    del sender, more
    held = PlanReader.objects.filter(person=person, cycle__organization=organization, removed_at=None)
    for reader in held.select_related("cycle", "person"):
        reader.removed_at = timezone.now()
        reader.save(update_fields=["removed_at"])
        audit.note(Actor(by), "plan.remove", cycle=reader.cycle, subject=str(reader), left="organization")


def exposure(cycle: Cycle) -> dict[str, Any]:
    """How far the plan has spread: readers, outsiders, copies taken, refusals."""
    accesses = PlanAccess.objects.filter(cycle=cycle)
    now = readers(cycle)
    return {
        "team": now.filter(kind=PlanReader.Kind.TEAM).count(),
        "outsiders": now.filter(kind=PlanReader.Kind.OUTSIDER).count(),
        "people_who_read": accesses.filter(kind=PlanAccess.Kind.READ).values("person").distinct().count(),
        "reads": accesses.filter(kind=PlanAccess.Kind.READ).count(),
        "copies": accesses.filter(kind=PlanAccess.Kind.EXPORT).count(),
        "refused": accesses.filter(kind=PlanAccess.Kind.REFUSED).count(),
    }


def _in_force() -> Q:
    return Q(removed_at=None) & (Q(expires_on=None) | Q(expires_on__gte=timezone.localdate()))
