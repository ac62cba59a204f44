"""The page of step 5, the charter's approval, and its versions to read, compare and print."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from nonagon.accounts.access import Permission
from nonagon.process.documents import Conflict, DocumentError
from nonagon.steps.step5_opportunities import selectors, services
from nonagon.steps.step5_opportunities.words import words
from nonagon.ui.frame import cycle_context, cycle_of, step_page


def page(request: HttpRequest, key: str) -> HttpResponse:
    """The frame of the step with opportunities, charter and business plan."""
    _actor, cycle = cycle_of(request, key)
    decisions = selectors.decisions_of(cycle)
    context = {
        "choice": selectors.choice(cycle),
        "choice_words": words(),
        "charter": decisions.charter,
        "approvals": decisions.approvals[::-1],
        "changed": decisions.changed_since_approval,
        "approved": bool(decisions.charter.approved_by) and decisions.charter.approved_on is not None,
    }
    return step_page(request, key, 5, template="step5/page.html", context=context)


@require_POST
def approve(request: HttpRequest, key: str) -> HttpResponse:
    """Approves the charter as it stands."""
    actor, cycle = cycle_of(request, key, Permission.SIGN)
    base = request.POST.get("base", "")
    try:
        services.approve_charter(
            actor=actor,
            cycle=cycle,
            version=request.POST.get("version", ""),
            approved_by=request.POST.get("approved_by", ""),
            base=int(base) if base.isdecimal() else 0,
        )
    except DocumentError as error:
        messages.error(request, str(error))
    except Conflict as error:
        said = _("%(said)s Read the charter as it stands now, then approve it.")
        messages.error(request, said % {"said": str(error)})
    else:
        messages.success(request, _("The charter is approved; this version is kept as it is."))
    return redirect(reverse("opportunities:page", kwargs={"key": key}) + "#charter")


def charter(request: HttpRequest, key: str, version: str) -> HttpResponse:
    """One version of the charter, to read and to print; with ?against= the fields that differ are marked."""
    actor, cycle = cycle_of(request, key)
    decisions = selectors.decisions_of(cycle)
    shown, other = selectors.version_of(decisions, version), request.GET.get("against", "")
    against = selectors.version_of(decisions, other) if other else None
    if shown is None or (other and against is None):
        raise Http404
    context = {
        **cycle_context(actor, cycle, current=5),
        "version": version,
        "against": other,
        "charter": shown,
        "approval": next((one for one in decisions.approvals if one.version == version), None),
        "changed": decisions.changed_since_approval,
        "lines": selectors.lines_of(shown, against),
        "versions": [one.version for one in decisions.approvals],
    }
    return render(request, "step5/charter.html", context)
