"""What the doors to decisions answer: 200 with what stands, 409 for a conflict, 422 for wrong values."""

from collections.abc import Callable
from typing import Any

from django.http import JsonResponse
from django.utils.translation import gettext as _

from nonagon.process import documents
from nonagon.ui.sentences import said_text


class BadRequest(Exception):
    """A body that cannot be read; the message says what is wrong with it."""


REFUSALS = (BadRequest, documents.NothingToUndo, documents.Conflict, documents.DocumentError)
"""What `refusal` has an answer for."""


def answer(act: Callable[[], documents.Saved]) -> JsonResponse:
    """Does it and says what came of it: 200 with the new version, 409 for a conflict, 422 for wrong values."""
    try:
        saved = act()
    except REFUSALS as error:
        return refusal(error)
    return JsonResponse(as_json(saved))


def as_json(saved: documents.Saved) -> dict[str, Any]:
    """What stands after an edit, for the scripts that sent it."""
    return {
        "version": saved.version,
        "others": saved.others,
        "base": saved.base or saved.version,
        "faults": [{"path": list(one.path), "message": said_text(one.message)} for one in saved.faults],
        "changed": [{"path": list(one.path), "op": one.op, "value": one.after} for one in saved.changes],
    }


def refusal(error: Exception) -> JsonResponse:
    """Why it was not done, in the one shape that all errors have."""
    if isinstance(error, documents.Conflict):
        return failed(
            409,
            _("Changed meanwhile"),
            str(error),
            "",
            _("Keep theirs, or put yours in its place."),
            conflict={
                "person": error.who,
                "at": error.version.at.isoformat(),
                "path": list(error.change.path),
                "edit": error.edit,
                "theirs": error.change.after,
                "op": error.change.op,
                "version": error.newest,
                "met": list(error.met),
            },
        )
    if isinstance(error, documents.DocumentError):
        return failed(
            422,
            _("Not kept"),
            said_text(error.wrong[0].message),
            "",
            _("Correct it; what stood there before is still in force."),
            mistakes=[{"path": list(one.path), "message": said_text(one.message)} for one in error.wrong],
        )
    if isinstance(error, documents.NothingToUndo):
        return failed(409, _("Undo"), str(error), "", "")
    return failed(400, _("The request"), str(error), "", _("Reload the page and try again."))


def failed(status: int, thing: str, rule: str, received: Any = "", then: str = "", **more: Any) -> JsonResponse:
    """An error in the one shape that all errors have."""
    return JsonResponse(
        {"error": {"thing": thing, "rule": rule, "received": received, "next": then}, **more}, status=status
    )
