"""Doors to the decisions of any step: edit, undo, redo, rename, sign, withdraw."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from nonagon.accounts.access import Permission
from nonagon.process import documents, gates, registry
from nonagon.ui.answers import REFUSALS, answer, refusal
from nonagon.ui.frame import cycle_of, raise_missing, url_of_step
from nonagon.ui.sent import edits_from
from nonagon.workspace.renaming import renamed, renaming_foreseen

HEAD_WORD = "settings"


def step_of(word: str) -> int:
    """The step that a word in an address names; `settings` is the cycle's head. 404 for other words."""
    return registry.HEAD if word == HEAD_WORD else raise_missing(word).number


@require_POST
def edit(request: HttpRequest, key: str, word: str) -> HttpResponse:
    """Applies edits to the newest version."""
    actor, cycle = cycle_of(request, key)
    step = step_of(word)

    def act() -> documents.Saved:
        sent = edits_from(request.body)
        name = request.headers.get("X-Edit-Name", "")[:64]
        return documents.edit(
            actor=actor, cycle=cycle, step=step, edits=sent.edits, base=sent.base, known=sent.known, name=name
        )

    return answer(act)


@require_POST
def undo(request: HttpRequest, key: str, word: str) -> HttpResponse:
    """Takes the person's last edit back."""
    actor, cycle = cycle_of(request, key)
    step = step_of(word)
    return answer(lambda: documents.undo(actor=actor, cycle=cycle, step=step))


@require_POST
def redo(request: HttpRequest, key: str, word: str) -> HttpResponse:
    """Makes it again."""
    actor, cycle = cycle_of(request, key)
    step = step_of(word)
    return answer(lambda: documents.redo(actor=actor, cycle=cycle, step=step))


@require_http_methods(["GET", "POST"])
def rename(request: HttpRequest, key: str) -> HttpResponse:
    """GET `?kind=&id=`: what another id of a record would change. POST `kind`, `id`, `to`: gives it that id."""
    actor, cycle = cycle_of(request, key, Permission.EDIT)
    given = request.GET if request.method == "GET" else request.POST
    kind, old = given.get("kind", ""), given.get("id", "")
    try:
        if request.method == "GET":
            return JsonResponse(renaming_foreseen(actor=actor, cycle=cycle, kind=kind, old=old))
        return JsonResponse(renamed(actor=actor, cycle=cycle, kind=kind, old=old, new=given.get("to", "")))
    except REFUSALS as error:
        return refusal(error)


@require_POST
def sign(request: HttpRequest, key: str, word: str) -> HttpResponse:
    """Signs the step off, or waives with a reason."""
    actor, cycle = cycle_of(request, key)
    room = raise_missing(word)
    try:
        made = gates.sign_off(
            actor=actor,
            cycle=cycle,
            step=room.number,
            evidence=request.POST.get("evidence", ""),
            reason=request.POST.get("reason", ""),
        )
    except gates.GateClosed as error:
        messages.error(request, str(error))
    else:
        said = _("Step %(step)d is signed off.") if made.kind == "signed" else _("Step %(step)d is waived.")
        messages.success(request, said % {"step": room.number})
    return redirect(url_of_step(cycle, room.number) + "#gate")


@require_POST
def withdraw(request: HttpRequest, key: str, word: str) -> HttpResponse:
    """Takes a sign-off back."""
    actor, cycle = cycle_of(request, key)
    room = raise_missing(word)
    try:
        gates.withdraw(actor=actor, cycle=cycle, step=room.number)
    except gates.GateClosed as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The sign-off is withdrawn; it stays in the history."))
    return redirect(url_of_step(cycle, room.number) + "#gate")
