"""Organizations, members, invitations, keys, and who may see a plan."""

from typing import Annotated, Any

from allauth.account.internal.flows.reauthentication import is_reauthentication_required
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router, Status

from nonagon.accounts import invitations, keys
from nonagon.accounts import services as accounts
from nonagon.accounts.access import Permission, actor_of, get_or_404, rows
from nonagon.accounts.models import ApiKey, Invitation, Membership, Organization
from nonagon.process import vault
from nonagon.process.models import AuditEntry, PlanAccess, PlanReader
from nonagon.ui.answers import failed
from nonagon.workspace.api import shapes
from nonagon.workspace.api.cycles import audit_out
from nonagon.workspace.api.reads import part, the_cycle

router = Router(tags=["organizations"])
Limit = Annotated[int, Query(ge=1, le=500)]
Offset = Annotated[int, Query(ge=0, le=2**31 - 1)]


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


@router.get("/organizations/{slug}/members", response=list[shapes.MemberOut], operation_id="list_members")
def list_members(request: HttpRequest, slug: str) -> Any:
    """Who belongs to the organization."""
    actor = actor_of(request)
    home = get_or_404(actor, Organization, Permission.VIEW, slug=slug)
    found = rows(actor, Membership).filter(organization=home).select_related("person").order_by("person__email")
    return [{"id": one.pk, "name": one.person.name, "email": one.person.email, "role": one.role} for one in found]


@router.put("/organizations/{slug}/members/{member}", response=shapes.Done, operation_id="set_role")
def set_role(request: HttpRequest, slug: str, member: shapes.Whole, sent: shapes.RoleIn) -> Any:
    """Gives a member another role. The last owner stays one."""
    actor = actor_of(request)
    found = get_or_404(actor, Membership, Permission.MANAGE, pk=member, organization__slug=slug)
    accounts.set_role(actor=actor, membership=found, role=sent.role)
    return {"done": True}


@router.delete("/organizations/{slug}/members/{member}", response=shapes.Done, operation_id="remove_member")
def remove_member(request: HttpRequest, slug: str, member: shapes.Whole) -> Any:
    """Takes a member out."""
    actor = actor_of(request)
    found = get_or_404(actor, Membership, Permission.MANAGE, pk=member, organization__slug=slug)
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


@router.delete(
    "/organizations/{slug}/invitations/{invitation}", response=shapes.Done, operation_id="withdraw_invitation"
)
def withdraw_invitation(request: HttpRequest, slug: str, invitation: shapes.Whole) -> Any:
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


@router.delete("/organizations/{slug}/keys/{key}", response=shapes.Done, operation_id="withdraw_key")
def withdraw_key(request: HttpRequest, slug: str, key: shapes.Whole) -> Any:
    """Ends a key of yours."""
    actor = actor_of(request)
    mine = get_or_404(actor, ApiKey, Permission.VIEW, pk=key, organization__slug=slug, person=actor.person)
    keys.withdraw_key(actor=actor, key=mine)
    return {"done": True}


@router.get(
    "/organizations/{slug}/audit", response=shapes.Part[shapes.AuditOut], operation_id="list_organization_audit"
)
def list_audit(request: HttpRequest, slug: str, limit: Limit = 50, offset: Offset = 0) -> Any:
    """Who did what in the organization, the newest first; of plans only what their readers see on their pages."""
    actor = actor_of(request)
    home = get_or_404(actor, Organization, Permission.MANAGE, slug=slug)
    found = rows(actor, AuditEntry, Permission.MANAGE).filter(organization=home)
    found = found.exclude(vault.OF_A_PLAN)
    return part(found.select_related("person", "cycle"), limit, offset, audit_out)


# --- the plan's vault -----------------------------------------------------------------------------------


@router.get("/cycles/{key}/plan/readers", response=list[shapes.ReaderOut], operation_id="list_plan_readers")
def list_readers(request: HttpRequest, key: str) -> Any:
    """Who may see the plan; for its team."""
    actor, cycle = the_cycle(request, key)
    vault.require_reader(actor, cycle, what=_("readers of the plan by the API"))
    return [_reader_out(one) for one in vault.readers(cycle)]


def _reader_out(one: PlanReader) -> dict[str, Any]:
    names = ("kind", "reason", "risk_accepted_by", "expires_on")
    return {"id": one.pk, "name": str(one), **{name: getattr(one, name) for name in names}}


@router.post("/cycles/{key}/plan/readers", response={201: shapes.ReaderOut}, operation_id="admit_plan_reader")
def admit(request: HttpRequest, key: str, sent: shapes.ReaderIn) -> Any:
    """Lets somebody see the plan."""
    actor, cycle = the_cycle(request, key, Permission.EDIT)
    person = None
    if sent.email:
        member = (
            rows(actor, Membership)
            .filter(organization=cycle.organization, person__email__iexact=sent.email)
            .select_related("person")
            .first()
        )
        if member is None:
            return failed(422, _("The reader"), _("Nobody in the organization has this address."), sent.email)
        person = member.person
    elif sent.kind == "team":
        return failed(422, _("The reader"), _("A member of the team is named by e-mail address."))
    elif not sent.name.strip():
        return failed(422, _("The reader"), _("An outsider without an account needs a name."))
    try:
        made = vault.admit(
            actor=actor,
            cycle=cycle,
            person=person,
            kind=sent.kind,
            name=sent.name,
            reason=sent.reason,
            risk_accepted_by=sent.risk_accepted_by,
            expires_on=sent.expires_on,
        )
    except ValueError as error:
        return failed(422, _("The reader"), str(error))
    return Status(201, _reader_out(made))


@router.delete("/cycles/{key}/plan/readers/{reader}", response=shapes.Done, operation_id="remove_plan_reader")
def remove_reader(request: HttpRequest, key: str, reader: shapes.Whole) -> Any:
    """Ends somebody's access to the plan."""
    actor, cycle = the_cycle(request, key, Permission.EDIT)
    vault.require_reader(actor, cycle, what=_("removal from the plan by the API"))
    found = get_or_404(actor, PlanReader, Permission.EDIT, pk=reader, cycle=cycle, removed_at=None)
    try:
        vault.remove(actor=actor, cycle=cycle, reader_id=found.pk)
    except ValueError as error:
        return failed(422, _("The reader"), str(error))
    return {"done": True}


@router.get(
    "/cycles/{key}/plan/log", response=shapes.Part[shapes.PlanAccessOut], operation_id="list_plan_accesses"
)
def list_accesses(request: HttpRequest, key: str, limit: Limit = 50, offset: Offset = 0) -> Any:
    """Who read the plan, took a copy, or was refused; for its team."""
    actor, cycle = the_cycle(request, key)
    vault.require_reader(actor, cycle, what=_("log of the plan by the API"))
    found = rows(actor, PlanAccess).filter(cycle=cycle)
    names = ("name", "kind", "what", "mark", "at")
    return part(found, limit, offset, lambda one: {name: getattr(one, name) for name in names})


@router.get("/cycles/{key}/plan/exposure", response=shapes.ExposureOut, operation_id="get_plan_exposure")
def get_exposure(request: HttpRequest, key: str) -> Any:
    """How far the plan has spread; for its team."""
    actor, cycle = the_cycle(request, key)
    vault.require_reader(actor, cycle, what=_("exposure of the plan by the API"))
    return vault.exposure(cycle)
