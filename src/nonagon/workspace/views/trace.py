"""From any record both ways to the ends of the chain."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET

from nonagon.process import vault
from nonagon.process.models import PlanAccess
from nonagon.ui.frame import cycle_context, cycle_of
from nonagon.workspace.tracing import Tracing


@require_GET
def page(request: HttpRequest, key: str) -> HttpResponse:
    """The trace: drawn, as a table, with the customers' words at one end and the amounts at the other."""
    actor, cycle = cycle_of(request, key)
    context = cycle_context(actor, cycle)
    tracing = Tracing(cycle, sees_plan=context["sees_plan"])
    query = request.GET.get("q", "").strip()
    selected = tracing.holds(request.GET.get("kind", ""), request.GET.get("id", ""))
    shown = tracing.shown(selected, query)
    if context["sees_plan"] and any(
        one.kind in {"project", "activity"} for _title, rows in shown.rows for one in rows
    ):
        vault.note(actor, cycle, PlanAccess.Kind.READ, "trace")
    context |= {
        "shown": shown,
        "drawing": mark_safe(shown.drawing),  # our own drawing; every text in it is escaped
        "query": query,
        "is_missing": bool(request.GET.get("id")) and selected is None,
        "is_empty": tracing.is_empty,
    }
    return render(request, "workspace/trace.html", context)
