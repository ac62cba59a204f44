"""The person's own page."""

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _

from nonagon.accounts import services
from nonagon.accounts.access import actor_of, rows
from nonagon.accounts.forms import Profile
from nonagon.accounts.models import Membership


def page(request: HttpRequest) -> HttpResponse:
    """Name, language, light or dark, and the ways to what keeps the account safe."""
    actor = actor_of(request)
    form = Profile(request.POST or None, instance=actor.person)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        services.set_profile(person=actor.person, name=given["name"], language=given["language"])
        with translation.override(given["language"] or translation.get_language()):
            messages.success(request, _("Saved."))
        answer = redirect("profile")
        # what was chosen in the top bar of this browser gives way to what the person wants everywhere
        answer.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
        return answer
    return render(
        request,
        "accounts/profile.html",
        {
            "form": form,
            "memberships": rows(actor, Membership).filter(person=actor.person).select_related("organization"),
            "has_second_factor": is_mfa_enabled(actor.person),
        },
    )
