"""Marked copies of the plan to take away."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from nonagon.accounts.access import Actor, Permission
from nonagon.basics.errors import MissingLibrary
from nonagon.process import vault
from nonagon.process.models import Cycle, PlanReader
from nonagon.ui.frame import cycle_of
from nonagon.workspace.plan_copies import ENDINGS, plan_copy


@require_GET
@never_cache
def own_copy(request: HttpRequest, key: str, ending: str) -> HttpResponse:
    """The reader's own copy."""
    actor, cycle = cycle_of(request, key, Permission.EXPORT)
    return _taken(request, actor, cycle, ending)


@require_POST
def copy_for(request: HttpRequest, key: str) -> HttpResponse:
    """A copy for another of the plan's readers, such as an outsider without an account; noted in their name."""
    actor, cycle = cycle_of(request, key, Permission.EXPORT)
    asked = request.POST.get("reader", "")
    reader = vault.reader_of(actor, cycle, int(asked) if asked.isdecimal() else 0)
    if reader is None:
        raise Http404
    return _taken(request, actor, cycle, request.POST.get("ending", "pdf"), reader)


def _taken(
    request: HttpRequest, actor: Actor, cycle: Cycle, ending: str, reader: PlanReader | None = None
) -> HttpResponse:
    if ending not in ENDINGS:
        raise Http404
    try:
        made = plan_copy(actor=actor, cycle=cycle, ending=ending, reader=reader)
    except MissingLibrary as error:
        messages.error(request, str(error))
        return redirect("improvements:page", key=cycle.key)
    if made is None:
        messages.error(request, _("The plan is not computed yet; there is nothing to copy."))
        return redirect("improvements:page", key=cycle.key)
    answer = HttpResponse(made.content, content_type=made.media_type)
    answer["Content-Disposition"] = f'attachment; filename="{made.file}"'
    # One file with its own style sheet and no script.
    answer["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    return answer
