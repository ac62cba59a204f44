"""Long work: its progress, and how to stop it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from nonagon.accounts.access import Permission, get_or_404
from nonagon.process import jobs
from nonagon.process.models import Job
from nonagon.ui.frame import cycle_of


def progress(request: HttpRequest, key: str, job: int) -> HttpResponse:
    """How far a job is, for the page that polls it; once it is over the page is asked to load anew."""
    actor, cycle = cycle_of(request, key)
    found = get_or_404(actor, Job, pk=job, cycle=cycle)
    answer = render(request, "ui/progress.html", {"job": found, "cycle": cycle})
    if not found.is_open and request.headers.get("HX-Request"):
        answer["HX-Trigger"] = "job-over"
    return answer


@require_POST
def cancel(request: HttpRequest, key: str, job: int) -> HttpResponse:
    """Asks a job to stop."""
    actor, cycle = cycle_of(request, key, Permission.EDIT)
    found = get_or_404(actor, Job, Permission.EDIT, pk=job, cycle=cycle)
    jobs.cancel(actor=actor, job=found)
    if request.headers.get("HX-Request"):
        return progress(request, key, job)
    return redirect("cycle", key=key)


@require_POST
def compute(request: HttpRequest, key: str) -> HttpResponse:
    """Asks for the steps to be computed, after a failure or a cancel."""
    actor, cycle = cycle_of(request, key, Permission.EDIT)
    jobs.enqueue("compute", cycle=cycle, person=actor.person)
    return redirect(request.headers.get("Referer") or f"/c/{key}/")
