"""How people come in: the first owner by the token on the console, everybody else by invitation."""

from allauth.account.utils import perform_login
from allauth.core.ratelimit import consume_or_429
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from nonagon.accounts import invitations, services
from nonagon.accounts.forms import Join, SetUp
from nonagon.accounts.models import Invitation, Membership, Person


@sensitive_post_parameters("password", "again")
@never_cache
def set_up(request: HttpRequest) -> HttpResponse:
    """The first visitor creates the owner and the organization; the token works once."""
    limited = consume_or_429(request, action="setup")
    if limited:
        return limited
    token = request.POST.get("token") or request.GET.get("token", "")
    if not services.token_holds(token):
        return render(request, "accounts/set_up_over.html", status=403)
    form = SetUp(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        person = services.set_up(
            token=token,
            email=given["email"],
            name=given["name"],
            password=given["password"],
            organization=given["organization"],
        )
        if person is None:
            return render(request, "accounts/set_up_over.html", status=403)
        messages.success(request, _("Welcome. Start with a cycle, or invite the others."))
        return _signed_in(request, person)
    return render(request, "accounts/set_up.html", {"form": form, "token": token})


@sensitive_post_parameters("password", "again")
@never_cache
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """Accepts an invitation: by a new account, or as who is signed in."""
    limited = consume_or_429(request, action="invitation")
    if limited:
        return limited
    found = invitations.open_by(secret)
    if found is None:
        return render(request, "accounts/invitation_over.html", status=404)
    try:
        if isinstance(request.user, Person):
            return _join(request, found, secret)
        return _join_as_new(request, found, secret)
    except services.NotPossible as error:
        messages.error(request, str(error))
        return redirect(request.path)


def _join(request: HttpRequest, found: Invitation, secret: str) -> HttpResponse:
    """The person who is signed in."""
    if request.method == "POST":
        return _welcome(request, invitations.accept(secret=secret, person=request.user))
    return render(request, "accounts/invitation.html", {"invitation": found})


def _join_as_new(request: HttpRequest, found: Invitation, secret: str) -> HttpResponse:
    """Somebody who has no account here, or is not signed in."""
    if Person.objects.filter(email=found.email).exists():
        there = urlencode({"next": request.path})
        return render(request, "accounts/invitation.html", {"invitation": found, "sign_in": there})
    form = Join(request.POST or None, email=found.email)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        member = invitations.accept_as_new(secret=secret, name=given["name"], password=given["password"])
        _signed_in(request, member.person)
        return _welcome(request, member)
    return render(request, "accounts/invitation.html", {"invitation": found, "form": form})


def _welcome(request: HttpRequest, member: Membership) -> HttpResponse:
    said = _("You are in %(organization)s now, as: %(role)s.")
    messages.success(request, said % {"organization": member.organization, "role": member.get_role_display()})
    return redirect("home")


def _signed_in(request: HttpRequest, person: Person) -> HttpResponse:
    """Signs the person in as if they had typed their password at the door."""
    answer: HttpResponse = perform_login(request, person, email_verification="none", redirect_url="/")
    return answer
