"""Yourself, organizations, members, invitations, keys."""

from typing import Any

from allauth.account.internal.flows.reauthentication import is_reauthentication_required
from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Status

from nonagon.accounts import invitations, keys
from nonagon.accounts import services as accounts
from nonagon.accounts.access import Permission, actor_of, get_or_404, rows
from nonagon.accounts.models import ApiKey, Invitation, Membership, Organization, Person
from nonagon.process import vault
from nonagon.process.models import AuditEntry
from nonagon.ui.answers import failed
from nonagon.ui.shapes import Done, Limit, Offset, Part, Whole, part
from nonagon.workspace.api import shapes
from nonagon.workspace.api.cycles import audit_out

router = Router(tags=["organizations"])


@router.get("/me", response=shapes.PersonOut, operation_id="get_me")
def get_me(request: HttpRequest) -> Any:
    """Yourself: who is signed in, or whom the key acts for."""
    return _person_out(actor_of(request).person)


@router.patch("/me", response=shapes.PersonOut, operation_id="change_me")
def change_me(request: HttpRequest, sent: shapes.PersonIn) -> Any:
    """What you are called, and the language of your pages. By session: a key changes nothing of its person."""
    actor = actor_of(request)
    if actor.scopes is not None:
        return failed(403, _("Not allowed"), _("A key changes nothing of its person; sign in to do this."))
    person = actor.person
    name = person.name if sent.name is None else sent.name.strip()
    language = person.language if sent.language is None else sent.language
    accounts.set_profile(person=person, name=name, language=language)
    return _person_out(person)


def _person_out(person: Person) -> dict[str, Any]:
    names = ("name", "email", "language")
    return {**{one: getattr(person, one) for one in names}, "has_second_factor": is_mfa_enabled(person)}


@router.get("/organizations", response=list[shapes.OrganizationOut], operation_id="list_organizations")
def list_organizations(request: HttpRequest) -> Any:
    """The organizations that you belong to (a key: its own)."""
    actor = actor_of(request)
    return [
        {"slug": one.slug, "name": one.name, "role": actor.roles[one.pk]}
        for one in rows(actor, Organization).order_by("name")
    ]


@router.post("/organizations", response={201: shapes.OrganizationOut}, operation_id="create_organization")
def create_organization(request: HttpRequest, sent: shapes.OrganizationIn) -> Any:
    """A new organization, yours. For who owns one already; keys belong to one organization and start none."""
    actor = actor_of(request)
    made = accounts.start_organization(actor=actor, name=sent.name)
    return Status(201, {"slug": made.slug, "name": made.name, "role": "owner"})


@router.get("/organizations/{slug}", response=shapes.OrganizationSettings, operation_id="get_organization")
def get_organization(request: HttpRequest, slug: str) -> Any:
    """An organization's settings."""
    return get_or_404(actor_of(request), Organization, Permission.MANAGE, slug=slug)


@router.put("/organizations/{slug}", response=shapes.OrganizationSettings, operation_id="change_organization")
def change_organization(request: HttpRequest, slug: str, sent: shapes.OrganizationSettings) -> Any:
    """The organization's name, and whether everybody in it needs a second factor."""
    actor = actor_of(request)
    home = get_or_404(actor, Organization, Permission.MANAGE, slug=slug)
    return accounts.change_settings(actor=actor, organization=home, **sent.model_dump())


@router.get("/organizations/{slug}/members", response=list[shapes.MemberOut], operation_id="list_members")
def list_members(request: HttpRequest, slug: str) -> Any:
    """Who belongs to the organization."""
    actor = actor_of(request)
    home = get_or_404(actor, Organization, Permission.VIEW, slug=slug)
    found = rows(actor, Membership).filter(organization=home).select_related("person").order_by("person__email")
    return [{"id": one.pk, "name": one.person.name, "email": one.person.email, "role": one.role} for one in found]


@router.put("/organizations/{slug}/members/{member}", response=Done, operation_id="set_role")
def set_role(request: HttpRequest, slug: str, member: Whole, sent: shapes.RoleIn) -> Any:
    """Gives a member another role. The last owner stays one."""
    actor = actor_of(request)
    found = get_or_404(actor, Membership, Permission.MANAGE, pk=member, organization__slug=slug)
    accounts.set_role(actor=actor, membership=found, role=sent.role)
    return {"done": True}


@router.delete("/organizations/{slug}/members/{member}", response=Done, operation_id="remove_member")
def remove_member(request: HttpRequest, slug: str, member: Whole) -> Any:
    """Ends a membership: an owner takes anybody out, everybody may leave, by session."""
    actor = actor_of(request)
    found = get_or_404(actor, Membership, Permission.VIEW, pk=member, organization__slug=slug)
    accounts.remove_member(actor=actor, membership=found)
    return {"done": True}


@router.get(
    "/organizations/{slug}/invitations", response=list[shapes.InvitationOut], operation_id="list_invitations"
)
def list_invitations(request: HttpRequest, slug: str) -> Any:
    """Invitations that are open."""
    actor = actor_of(request)
    home = get_or_404(actor, Organization, Permission.MANAGE, slug=slug)
    found = rows(actor, Invitation, Permission.MANAGE).filter(organization=home).order_by("-created_at")
    return [_invitation_out(one) for one in found if one.is_open]


def _invitation_out(one: Invitation, link: str = "") -> dict[str, Any]:
    return {"id": one.pk, "email": one.email, "role": one.role, "expires_at": one.expires_at, "link": link}


@router.post("/organizations/{slug}/invitations", response={201: shapes.InvitationOut}, operation_id="invite")
def invite(request: HttpRequest, slug: str, sent: shapes.InvitationIn) -> Any:
    """Invites somebody; the link is given once."""
    actor = actor_of(request)
    home = get_or_404(actor, Organization, Permission.MANAGE, slug=slug)
    made, secret = invitations.invite(actor=actor, organization=home, email=sent.email, role=sent.role)
    return Status(201, _invitation_out(made, request.build_absolute_uri(f"/invitation/{secret}/")))


@router.delete("/organizations/{slug}/invitations/{invitation}", response=Done, operation_id="withdraw_invitation")
def withdraw_invitation(request: HttpRequest, slug: str, invitation: Whole) -> Any:
    """Ends an invitation that nobody has accepted."""
    actor = actor_of(request)
    found = get_or_404(actor, Invitation, Permission.MANAGE, pk=invitation, organization__slug=slug)
    invitations.withdraw(actor=actor, invitation=found)
    return {"done": True}


@router.get("/organizations/{slug}/keys", response=list[shapes.KeyOut], operation_id="list_keys")
def list_keys(request: HttpRequest, slug: str) -> Any:
    """Your own keys in the organization."""
    actor = actor_of(request)
    home = get_or_404(actor, Organization, Permission.VIEW, slug=slug)
    found = rows(actor, ApiKey).filter(organization=home, person=actor.person).order_by("-created_at")
    return [_key_out(one) for one in found]


def _key_out(one: ApiKey, secret: str = "") -> dict[str, Any]:
    names = ("name", "prefix", "scopes", "expires_at", "withdrawn_at", "last_used_at")
    return {"id": one.pk, "secret": secret, **{name: getattr(one, name) for name in names}}


@router.post("/organizations/{slug}/keys", response={201: shapes.KeyOut}, operation_id="create_key")
def create_key(request: HttpRequest, slug: str, sent: shapes.KeyIn) -> Any:
    """A new key of yours; the secret is given once. Keys make no keys."""
    actor = actor_of(request)
    home = get_or_404(actor, Organization, Permission.VIEW, slug=slug)
    if actor.scopes is not None:
        return failed(403, _("Not allowed"), _("A key makes no other keys; sign in to make one."))
    if is_reauthentication_required(request, app="allauth.account"):
        rule = _("A key is made by who has typed their password a moment ago.")
        return failed(403, _("Not allowed"), rule, "", _("Type it at /accounts/reauthenticate/, then try again."))
    made, secret = keys.create_key(
        actor=actor, organization=home, name=sent.name, scopes=sent.scopes, expires_at=sent.expires_at
    )
    return Status(201, _key_out(made, secret))


@router.delete("/organizations/{slug}/keys/{key}", response=Done, operation_id="withdraw_key")
def withdraw_key(request: HttpRequest, slug: str, key: Whole) -> Any:
    """Ends a key of yours."""
    actor = actor_of(request)
    mine = get_or_404(actor, ApiKey, Permission.VIEW, pk=key, organization__slug=slug, person=actor.person)
    keys.withdraw_key(actor=actor, key=mine)
    return {"done": True}


@router.get("/organizations/{slug}/audit", response=Part[shapes.AuditOut], operation_id="list_organization_audit")
def list_audit(request: HttpRequest, slug: str, limit: Limit = 50, offset: Offset = 0) -> Any:
    """Who did what in the organization, the newest first; of plans only what their readers see on their pages."""
    actor = actor_of(request)
    home = get_or_404(actor, Organization, Permission.MANAGE, slug=slug)
    found = rows(actor, AuditEntry, Permission.MANAGE).filter(organization=home)
    found = found.exclude(vault.OF_A_PLAN)
    return part(found.select_related("person", "cycle"), limit, offset, audit_out)
