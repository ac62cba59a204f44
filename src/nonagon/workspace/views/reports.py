"""The report as a file to take away."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from nonagon.accounts.access import Permission, get_or_404
from nonagon.process.models import Job
from nonagon.ui.frame import cycle_context, cycle_of
from nonagon.workspace.copies import ENDINGS, Copy, ask_for_copy, copies_of, made_copy


def page(request: HttpRequest, key: str) -> HttpResponse:
    """The formats to choose from, and the copies that were made for this person."""
    actor, cycle = cycle_of(request, key, Permission.EXPORT)
    made = copies_of(actor, cycle)
    context = cycle_context(actor, cycle) | {
        "copies": made,
        "is_open": any(one.is_open for one in made),
        "formats": [
            ("html", _("Web page"), _("One file with all charts; opens in every browser, prints on A4.")),
            ("pdf", _("PDF"), _("For an audit and for paper: page numbers, outline, tagged.")),
            ("xlsx", _("Excel workbook"), _("Every table as a table, with formulas where sums are.")),
            ("pptx", _("Slides"), _("One slide a step, with the method and the data in the notes.")),
        ],
    }
    return render(request, "workspace/reports.html", context)


@require_POST
def make(request: HttpRequest, key: str) -> HttpResponse:
    """Asks for a copy."""
    actor, cycle = cycle_of(request, key, Permission.EXPORT)
    ending = request.POST.get("format", "")
    if ending not in ENDINGS:
        raise Http404
    ask_for_copy(actor=actor, cycle=cycle, ending=ending, plan="plan" in request.POST)
    return redirect("reports", key=key)


def download(request: HttpRequest, key: str, job: int) -> HttpResponse:
    """A copy that was made for this person."""
    actor, cycle = cycle_of(request, key, Permission.EXPORT)
    found = made_copy(actor=actor, job=get_or_404(actor, Job, Permission.EXPORT, pk=job, cycle=cycle))
    if found is None:
        raise Http404
    return as_download(found)


def as_download(copy: Copy) -> HttpResponse:
    """The file as an answer that browsers save."""
    answer = HttpResponse(copy.content, content_type=copy.media_type)
    answer["Content-Disposition"] = f'attachment; filename="{copy.file}"'
    if copy.media_type.startswith("text/html"):
        # The report is one file with its own style sheet and no script.
        answer["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    return answer
