"""Keys for programs: the list, a new one, withdrawing one."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from nonagon.accounts import keys, services
from nonagon.accounts.access import Permission, get_or_404, rows
from nonagon.accounts.forms import NewKey
from nonagon.accounts.models import ApiKey
from nonagon.accounts.views.organizations import frame, organization_of


@never_cache
def listed(request: HttpRequest, slug: str) -> HttpResponse:
    """One's own keys; for owners all keys of the organization."""
    actor, organization = organization_of(request, slug)
    context = frame(actor, organization, "keys")
    found = rows(actor, ApiKey).filter(organization=organization).select_related("person")
    if not context["may_manage"]:
        found = found.filter(person=actor.person)
    return render(request, "accounts/keys.html", context | {"keys": found})


@reauthentication_required
@never_cache
def new(request: HttpRequest, slug: str) -> HttpResponse:
    """Makes a key, for who has shown a moment ago that it is them; its secret is shown this once."""
    actor, organization = organization_of(request, slug)
    form = NewKey(request.POST or None, actor=actor, organization=organization)
    context = frame(actor, organization, "keys")
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            key, secret = keys.create_key(
                actor=actor,
                organization=organization,
                name=given["name"],
                scopes=given["scopes"],
                expires_at=given["expires_on"],
            )
        except services.NotPossible as error:
            form.add_error(None, str(error))
        else:
            return render(request, "accounts/key_made.html", context | {"key": key, "secret": secret})
    return render(request, "accounts/new_key.html", context | {"form": form})


@require_POST
def withdraw(request: HttpRequest, slug: str, key_id: int) -> HttpResponse:
    """Ends a key: one's own, or as an owner anybody's."""
    actor, organization = organization_of(request, slug)
    found = get_or_404(actor, ApiKey, Permission.VIEW, pk=key_id, organization=organization)
    try:
        keys.withdraw_key(actor=actor, key=found)
    except services.NotPossible as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("“%(name)s” opens nothing any more.") % {"name": found.name})
    return redirect("organization_keys", slug=slug)
