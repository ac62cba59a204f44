"""Everything is behind sign-in but what says otherwise, and behind a second factor where one is asked for."""

from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from nonagon.accounts.access import asked_for_second_factor
from nonagon.accounts.models import Person

OPEN = ("/accounts/", "/static/", "/setup/", "/invitation/", "/i18n/", "/api/", "/health", "/favicon.ico")
"""Beginnings of addresses that strangers may ask for. The API asks for a key or a session itself."""


class SignInFirst:
    """Sends strangers to the sign-in page; an address that is not theirs tells them nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated or request.path.startswith(OPEN):
            return self.get_response(request)
        if request.headers.get("HX-Request"):
            answer = HttpResponse(status=204)
            answer["HX-Redirect"] = reverse("account_login")
            return answer
        return redirect_to_login(request.get_full_path())


FREE_OF_SECOND_FACTOR = ("/accounts/", "/static/", "/setup/", "/invitation/", "/i18n/", "/health", "/favicon.ico")
"""Beginnings of addresses that members reach before they have set up the second factor that is asked of them."""


class SecondFactorFirst:
    """Sends members of an organization that asks for a second factor to set one up before anything else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if not isinstance(user, Person) or request.path.startswith(FREE_OF_SECOND_FACTOR):
            return self.get_response(request)
        if not asked_for_second_factor(user) or is_mfa_enabled(user):
            return self.get_response(request)
        said = _("An organization of yours asks for a second factor: set up an authenticator app or a passkey.")
        if request.path.startswith("/api/"):
            then = _("Sign in on the pages and set one up.")
            error = {"thing": _("Second factor"), "rule": said, "received": request.path, "next": then}
            return JsonResponse({"error": error}, status=403)
        messages.warning(request, said)
        answer: HttpResponse = redirect("mfa_index")
        if request.headers.get("HX-Request"):
            answer = HttpResponse(status=204)
            answer["HX-Redirect"] = reverse("mfa_index")
        return answer


class LanguageOfPerson:
    """Pages in the language that the person chose, unless this browser was told another one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if isinstance(user, Person) and user.language and not request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME):
            translation.activate(user.language)
            request.LANGUAGE_CODE = translation.get_language()  # type: ignore[attr-defined]
        return self.get_response(request)
