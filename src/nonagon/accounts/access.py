"""The only way from a person to a row.

Every model that belongs to an organization names the path to it (`organization_path`); `rows` and `get_or_404`
follow it. What may not be known to exist answers 404, what may be seen but not done answers 403.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from nonagon.accounts.models import Membership, Person, Role

Row = TypeVar("Row", bound=Model)


class Permission(StrEnum):
    """What can be allowed; also the scopes of a key."""

    VIEW = "view"
    """see cycles, steps, results"""
    EDIT = "edit"
    """decide: edit decisions, start cycles"""
    MEASURE = "measure"
    """type in measurements, work on cases"""
    SIGN = "sign"
    """sign steps off, waive, approve charters"""
    UPLOAD = "upload"
    """bring data in"""
    EXPORT = "export"
    """take reports and archives out"""
    PLAN = "plan"
    """see the confidential plan of step 6, for those whom its vault names; narrows keys only"""
    MANAGE = "manage"
    """invite people, set roles, keys, see the audit log"""


_EVERYTHING = frozenset(Permission)
ALLOWED: dict[Any, frozenset[Permission]] = {
    Role.OWNER: _EVERYTHING,
    Role.QUALITY_MANAGER: _EVERYTHING - {Permission.MANAGE},
    Role.ANALYST: frozenset(
        {
            Permission.VIEW,
            Permission.EDIT,
            Permission.MEASURE,
            Permission.UPLOAD,
            Permission.EXPORT,
            Permission.PLAN,
        }
    ),
    Role.TEAM_MEMBER: frozenset({Permission.VIEW, Permission.EDIT, Permission.MEASURE, Permission.PLAN}),
    Role.FRONTLINE: frozenset({Permission.VIEW, Permission.MEASURE, Permission.PLAN}),
    Role.VIEWER: frozenset({Permission.VIEW, Permission.PLAN}),
}
"""What each role may do in its organization."""


@dataclass(frozen=True)
class Actor:
    """Who acts: a person, and, where a key acts for them, the key's organization and scopes.

    organization_id None: all organizations of the person; scopes None: all that the role allows.
    """

    person: Person
    organization_id: int | None = None
    scopes: frozenset[Permission] | None = None

    @cached_property
    def roles(self) -> dict[int, str]:
        """The actor's role by organization."""
        found = Membership.objects.filter(person=self.person, person__is_active=True)
        if self.organization_id is not None:
            found = found.filter(organization_id=self.organization_id)
        return dict(found.values_list("organization_id", "role"))

    def may(self, permission: Permission, organization_id: int) -> bool:
        """Whether the actor has the permission in the organization."""
        role = self.roles.get(organization_id)
        allowed = ALLOWED.get(role or "", frozenset())
        return permission in allowed and (self.scopes is None or permission in self.scopes)

    def organizations(self, permission: Permission) -> list[int]:
        """Where the actor has the permission."""
        return [one for one in self.roles if self.may(permission, one)]


def actor_of(request: HttpRequest) -> Actor:
    """Who makes the request. Raises PermissionDenied for a stranger (views are behind sign-in)."""
    given = getattr(request, "actor", None)
    if isinstance(given, Actor):
        return given
    if not isinstance(request.user, Person):
        raise PermissionDenied(_("Please sign in first."))
    actor = Actor(request.user)
    request.actor = actor  # type: ignore[attr-defined]
    return actor


def rows(actor: Actor, model: type[Row], permission: Permission = Permission.VIEW) -> "QuerySet[Row]":
    """The rows of a model on which the actor has the permission."""
    path = f"{model.organization_path}__in"  # type: ignore[attr-defined]
    found: QuerySet[Row] = model._default_manager.filter(**{path: actor.organizations(permission)})
    return found


def get_or_404(actor: Actor, model: type[Row], permission: Permission = Permission.VIEW, /, **lookup: Any) -> Row:
    """One row: 404 where the actor may not see it, PermissionDenied where they may see it and not do this."""
    row = rows(actor, model, Permission.VIEW).filter(**lookup).first()
    if row is None:
        raise Http404
    require(actor, row, permission)
    return row


def require(actor: Actor, row: Model, permission: Permission) -> None:
    """Raises PermissionDenied where the actor lacks the permission on the row."""
    if not actor.may(permission, organization_of(row)):
        said = _("Your role does not allow this here; it takes the permission “%(permission)s”.")
        raise PermissionDenied(said % {"permission": permission.value})


def organization_of(row: Model) -> int:
    """The id of the organization that the row belongs to."""
    value: Any = row
    for part in row.organization_path.split("__"):  # type: ignore[attr-defined]
        value = getattr(value, part)
    return value if isinstance(value, int) else value.pk


def asked_for_second_factor(person: Person) -> bool:
    """Whether an organization of the person asks everybody for a second factor."""
    return Membership.objects.filter(person=person, organization__requires_second_factor=True).exists()
