"""An organization's pages: who is in it, what holds for it, a new one."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from nonagon.accounts import invitations, services
from nonagon.accounts.access import Actor, Permission, actor_of, get_or_404, rows
from nonagon.accounts.forms import Invite, Name, OrganizationSettings
from nonagon.accounts.models import Invitation, Membership, Organization, Role


def organization_of(
    request: HttpRequest, slug: str, permission: Permission = Permission.VIEW
) -> tuple[Actor, Organization]:
    """The actor and the organization that the address names; 404 or 403 where it is not theirs."""
    actor = actor_of(request)
    return actor, get_or_404(actor, Organization, permission, slug=slug)


def frame(actor: Actor, organization: Organization, tab: str) -> dict[str, Any]:
    """What every page of an organization knows."""
    return {
        "organization": organization,
        "tab": tab,
        "may_manage": actor.may(Permission.MANAGE, organization.pk),
        "my_role": Role(actor.roles[organization.pk]).label,
    }


@never_cache
def overview(request: HttpRequest, slug: str) -> HttpResponse:
    """The members and their roles; for its owners also who was invited, and a form to invite."""
    actor, organization = organization_of(request, slug)
    return _overview(request, actor, organization, Invite())


def _overview(
    request: HttpRequest,
    actor: Actor,
    organization: Organization,
    form: Invite,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    context = frame(actor, organization, "members")
    members = rows(actor, Membership).filter(organization=organization).select_related("person")
    found = [
        {
            "member": one,
            "is_me": one.person_id == actor.person.pk,
            "second_factor": is_mfa_enabled(one.person),
            "remove_id": f"remove-{one.pk}",
        }
        for one in members.order_by("person__name", "person__email")
    ]
    asked = rows(actor, Invitation, Permission.MANAGE).filter(organization=organization, accepted_at=None)
    context |= {
        "members": found,
        "invitations": asked.filter(withdrawn_at=None).select_related("invited_by"),
        "roles": Role.choices,
        "form": form,
    }
    return render(request, "accounts/organization.html", context | more, status=status)


@require_POST
@never_cache
def invite(request: HttpRequest, slug: str) -> HttpResponse:
    """Invites an address; the answer shows the link, which is not kept."""
    actor, organization = organization_of(request, slug, Permission.MANAGE)
    form = Invite(request.POST)
    if not form.is_valid():
        return _overview(request, actor, organization, form, status=422)
    given = form.cleaned_data
    try:
        made, secret = invitations.invite(
            actor=actor, organization=organization, email=given["email"], role=given["role"]
        )
    except services.NotPossible as error:
        form.add_error("email", str(error))
        return _overview(request, actor, organization, form, status=422)
    link = request.build_absolute_uri(reverse("invitation", kwargs={"secret": secret}))
    return _overview(
        request,
        actor,
        organization,
        Invite(),
        invited=made,
        link=link,
        mailed=invitations.send(made, link),
        mail_is_set=invitations.mail_is_set(),
    )


@require_POST
def uninvite(request: HttpRequest, slug: str, invitation: int) -> HttpResponse:
    """Ends an invitation."""
    actor, organization = organization_of(request, slug, Permission.MANAGE)
    found = get_or_404(actor, Invitation, Permission.MANAGE, pk=invitation, organization=organization)
    said = _("The link for %(email)s does not work any more.") % {"email": found.email}
    _try(request, lambda: invitations.withdraw(actor=actor, invitation=found), said)
    return redirect("organization", slug=slug)


@require_POST
def set_role(request: HttpRequest, slug: str, member: int) -> HttpResponse:
    """Gives a member another role."""
    actor, organization = organization_of(request, slug, Permission.MANAGE)
    found = get_or_404(actor, Membership, Permission.MANAGE, pk=member, organization=organization)
    role = request.POST.get("role", "")
    said = _("%(who)s has another role now.") % {"who": found.person}
    _try(request, lambda: services.set_role(actor=actor, membership=found, role=role), said)
    return redirect("organization", slug=slug)


@require_POST
def remove(request: HttpRequest, slug: str, member: int) -> HttpResponse:
    """Ends a membership: an owner removes anybody, everybody may leave."""
    actor, organization = organization_of(request, slug)
    found = get_or_404(actor, Membership, pk=member, organization=organization)
    is_me = found.person_id == actor.person.pk
    said = _("You have left %(organization)s.") if is_me else _("%(who)s is out of %(organization)s.")
    words = {"who": found.person, "organization": organization}
    done = _try(request, lambda: services.remove_member(actor=actor, membership=found), said % words)
    return redirect("home") if done and is_me else redirect("organization", slug=slug)


@never_cache
def settings(request: HttpRequest, slug: str) -> HttpResponse:
    """Name, and whether everybody needs a second factor."""
    actor, organization = organization_of(request, slug, Permission.MANAGE)
    form = OrganizationSettings(request.POST or None, instance=organization)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_settings(actor=actor, organization=organization, **form.cleaned_data)
        except services.NotPossible as error:
            form.add_error("requires_second_factor", str(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("organization_settings", slug=slug)
    organization.refresh_from_db()
    context = frame(actor, organization, "settings") | {"form": form}
    return render(request, "accounts/organization_settings.html", context)


def new(request: HttpRequest) -> HttpResponse:
    """A new organization, whose owner is who makes it. For people who own one already."""
    actor = actor_of(request)
    form = Name(request.POST or None)
    may = bool(actor.organizations(Permission.MANAGE))
    if request.method == "POST" and may and form.is_valid():
        made = services.start_organization(actor=actor, name=form.cleaned_data["name"])
        messages.success(request, _("The organization is there. Invite the others, or start a cycle."))
        return redirect("organization", slug=made.slug)
    return render(
        request, "accounts/new_organization.html", {"form": form, "may": may}, status=200 if may else 403
    )


def _try(request: HttpRequest, act: Callable[[], None], said: str) -> bool:
    try:
        act()
    except services.NotPossible as error:
        messages.error(request, str(error))
        return False
    messages.success(request, said)
    return True
