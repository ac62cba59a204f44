"""Pages for what went wrong."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from nonagon.ui.answers import failed


def _answer(request: HttpRequest, status: int, thing: str, rule: str, then: str) -> HttpResponse:
    if request.path.startswith("/api/") or "application/json" in request.headers.get("Accept", ""):
        return failed(status, thing, rule, request.path, then)
    error = {"thing": thing, "rule": rule, "received": request.path, "next": then}
    return render(request, f"ui/{status}.html", {"error": error}, status=status)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: seen, but not to be done."""
    said = str(exception) if exception and str(exception) else _("Your role does not allow this.")
    return _answer(request, 403, _("Not allowed"), said, _("Ask an owner of the organization."))


def missing(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: not there, or not for this person."""
    del exception
    return _answer(
        request,
        404,
        _("Nothing here"),
        _("There is no such page, or it is not yours to see."),
        _("Check the address, or go back to your cycles."),
    )


def too_many(request: HttpRequest) -> HttpResponse:
    """429: too often in too short a time."""
    answer = _answer(
        request,
        429,
        _("Too many tries"),
        _("This was asked for too often in a short time."),
        _("Wait a few minutes, then try again."),
    )
    answer["Retry-After"] = "300"
    return answer


def broken(request: HttpRequest) -> HttpResponse:
    """500: our fault."""
    return _answer(
        request,
        500,
        _("Something broke"),
        _("The fault is ours; the server's log has the details. What you had saved is safe."),
        _("Try again; if it happens again, tell whoever runs this server."),
    )
