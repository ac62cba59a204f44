"""Every error in one shape: what it is about, the rule, what was received, what to do next."""

import math
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, Throttled
from ninja.errors import ValidationError as RequestError
from pydantic import Field

from nonagon.accounts.services import NotPossible
from nonagon.basics.errors import InputError, NonagonError
from nonagon.process.documents import Conflict, DocumentError, NothingToUndo
from nonagon.process.gates import GateClosed
from nonagon.ui.answers import failed, refusal
from nonagon.workspace.uploads import Refused


class Problem(Schema):
    """What went wrong."""

    thing: str = Field(description="what it is about")
    rule: str = Field(description="what holds there")
    received: Any = Field("", description="what was received")
    next: str = Field("", description="what to do next")


class Mistake(Schema):
    """One thing that is wrong in what was sent."""

    path: list[str | int] = Field(description="where")
    message: str = Field(description="what is wrong")


class Error(Schema):
    """An answer that is no success."""

    error: Problem
    mistakes: list[Mistake] = Field([], description="each wrong place, where there are several")
    conflict: dict[str, Any] | None = Field(None, description="who changed what meanwhile, with status 409")


def answer_errors(api: NinjaAPI) -> None:
    """Gives each kind of error its answer."""

    def of(*kinds: type[Exception]) -> Any:
        def declare(function: Any) -> Any:
            for kind in kinds:
                api.add_exception_handler(kind, function)
            return function

        return declare

    @of(Http404)
    def missing(request: HttpRequest, error: Http404) -> HttpResponse:
        del error
        rule = _("There is no such thing, or it is not yours to see.")
        return failed(
            404, _("Nothing here"), rule, request.path, _("Check the address and your key's organization.")
        )

    @of(PermissionDenied)
    def forbidden(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
        return failed(403, _("Not allowed"), str(error), request.path, _("Ask an owner of the organization."))

    @of(AuthenticationError)
    def unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        del request, error
        rule = _("This takes a key in the header “Authorization: Bearer …”, or a session with its CSRF token.")
        return failed(401, _("Who are you?"), rule, "", _("Make a key on the organization's page."))

    @of(Throttled)
    def too_often(request: HttpRequest, error: Throttled) -> HttpResponse:
        del request
        answer = failed(
            429, _("Too many requests"), _("A key may ask so many times a minute only."), "", _("Wait.")
        )
        answer["Retry-After"] = str(math.ceil(error.wait or 60))
        return answer

    @of(RequestError)
    def malformed(request: HttpRequest, error: RequestError) -> HttpResponse:
        del request
        mistakes: list[dict[str, Any]] = [
            {"path": list(one["loc"]), "message": str(one["msg"])} for one in error.errors
        ]
        rule = mistakes[0]["message"] if mistakes else _("It does not fit the description of the API.")
        return failed(422, _("The request"), rule, "", _("See /api/v1/openapi.json."), mistakes=mistakes)

    @of(RequestDataTooBig)
    def too_large(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
        del request
        return failed(413, _("The request"), str(error), "", _("Send less at a time."))

    @of(HttpError)
    def said(request: HttpRequest, error: HttpError) -> HttpResponse:
        del request
        return failed(error.status_code, _("The request"), str(error))

    @of(Conflict, DocumentError, NothingToUndo)
    def not_kept(request: HttpRequest, error: Exception) -> HttpResponse:
        del request
        return refusal(error)

    @of(GateClosed)
    def closed(request: HttpRequest, error: GateClosed) -> HttpResponse:
        del request
        return failed(409, _("The gate stays closed"), str(error))

    @of(NotPossible, Refused)
    def refused(request: HttpRequest, error: Exception) -> HttpResponse:
        del request
        return failed(422, _("Not possible"), str(error))

    @of(InputError)
    def wrong_input(request: HttpRequest, error: InputError) -> HttpResponse:
        del request
        mistakes = [
            {"path": [Path(one.file).name, *([one.line] if one.line else []), one.key], "message": one.message}
            for one in error.mistakes
        ]
        return failed(422, _("The files"), str(error.mistakes[0]), "", _("Mend each of them."), mistakes=mistakes)

    @of(NonagonError)
    def known(request: HttpRequest, error: NonagonError) -> HttpResponse:
        del request
        return failed(422, _("Not possible"), str(error))
