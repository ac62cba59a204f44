"""The pages of step 9: the frame with designs and open needs, and the management review."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from nonagon.accounts.access import Permission
from nonagon.process import vault
from nonagon.process.documents import Conflict, DocumentError
from nonagon.process.models import PlanAccess
from nonagon.steps.step9_results import selectors, services
from nonagon.ui.frame import cycle_of, step_context, step_page, url_of_step

STEP = 9


@require_GET
def page(request: HttpRequest, key: str) -> HttpResponse:
    """The frame of the step with its decisions."""
    actor, cycle = cycle_of(request, key)
    context = {
        "designs": selectors.designs(actor, cycle),
        "proposed": selectors.proposed(cycle),
        "review_url": reverse("results:review", kwargs={"key": key}),
    }
    return step_page(request, key, STEP, template="step9/page.html", context=context)


@require_POST
def seal(request: HttpRequest, key: str) -> HttpResponse:
    """Writes down that a design stands, today."""
    actor, cycle = cycle_of(request, key, Permission.EDIT)
    try:
        services.seal_design(actor=actor, cycle=cycle, effect=request.POST.get("effect", ""))
    except (DocumentError, Conflict) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The design stands as of today; later changes of it are shown."))
    return redirect(url_of_step(cycle, STEP) + "#designs")


@require_POST
def carry(request: HttpRequest, key: str) -> HttpResponse:
    """Carries a need into the next cycle."""
    actor, cycle = cycle_of(request, key, Permission.EDIT)
    need, reason = request.POST.get("need", ""), request.POST.get("reason", "")
    try:
        services.carry_on(actor=actor, cycle=cycle, need=need, reason=reason)
    except (DocumentError, Conflict) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Carried into the next cycle."))
    return redirect(url_of_step(cycle, STEP) + "#carried")


@require_GET
def review(request: HttpRequest, key: str) -> HttpResponse:
    """The management review: what the cycle knows under each heading, what people add, what was decided."""
    actor, cycle = cycle_of(request, key)
    context = step_context(actor, cycle, STEP)
    if context["sees_plan"]:
        vault.note(actor, cycle, PlanAccess.Kind.READ, _("management review"))
    context |= {"review": selectors.review(cycle, sees_plan=context["sees_plan"])}
    return render(request, "step9/review.html", context)


@require_POST
def sign_review(request: HttpRequest, key: str) -> HttpResponse:
    """Signs the minutes, or takes the signature back."""
    actor, cycle = cycle_of(request, key, Permission.SIGN)
    try:
        if request.POST.get("withdraw"):
            services.withdraw_signature(actor=actor, cycle=cycle)
            messages.success(request, _("The minutes are open again."))
        else:
            seen, by = request.POST.get("seen", ""), request.POST.get("by", "").strip()
            services.sign_minutes(actor=actor, cycle=cycle, seen=seen, by=by)
            messages.success(request, _("The minutes are signed."))
    except (DocumentError, Conflict) as error:
        messages.error(request, str(error))
    return redirect(reverse("results:review", kwargs={"key": key}) + "#signature")
