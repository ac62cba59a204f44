"""The pages of step 6: the plan, its preview while it is edited, and who sees it."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from nonagon.accounts.access import Actor, Permission
from nonagon.process import documents, registry, vault
from nonagon.process.models import Cycle, PlanReader
from nonagon.steps.step6_improvements import selectors
from nonagon.steps.step6_improvements.forms import LogFilter, OutsiderForm, TeamForm
from nonagon.ui.answers import BadRequest, failed, refusal
from nonagon.ui.fields import Cell, form_field
from nonagon.ui.frame import closed, cycle_context, cycle_of, step_page
from nonagon.ui.sent import edits_from

STEP = 6
PAGE = 50


@require_GET
@never_cache
def page(request: HttpRequest, key: str) -> HttpResponse:
    """The frame of the step with its plan and its decisions; for others the page that says whom to ask."""
    actor, cycle = cycle_of(request, key)
    context = _page_context(actor, cycle) if vault.may_read(actor, cycle) else {}
    return step_page(request, key, STEP, template="step6/page.html", context=context)


def _page_context(actor: Actor, cycle: Cycle) -> dict[str, Any]:
    plan = selectors.stored(cycle)
    document, _version = documents.current(cycle, STEP)
    return {
        "plan": plan,
        "movable": vault.is_on_team(actor, cycle) and actor.may(Permission.EDIT, cycle.organization_id),
        "board": _board(document, plan),
        "selected_is_stated": bool(document.selected),  # type: ignore[attr-defined]
        "preview_url": reverse("improvements:preview", kwargs={"key": cycle.key}),
        "team": [str(one) for one in vault.readers(cycle).filter(kind=PlanReader.Kind.TEAM)],
        "on_team": vault.is_on_team(actor, cycle),
        "exposure": vault.exposure(cycle),
    }


def _board(document: Any, plan: selectors.Plan | None) -> list[dict[str, Any]]:
    """The projects as decided, each with what was computed of it, and the place where its reason is written."""
    columns = form_field(registry.model_of(STEP), "projects").fields
    field = next(one for one in columns if one.name == "left_out_reason")
    known = {one.id: one for one in plan.choices} if plan is not None else {}
    return [
        {
            "id": one.id,
            "name": one.name,
            "choice": known.get(one.id),
            "cell": Cell(field, ["projects", f"@{one.id}", field.name], one.left_out_reason),
            "field_id": f"left-out-{place}",
        }
        for place, one in enumerate(document.projects)
    ]


@require_POST
def preview(request: HttpRequest, key: str) -> HttpResponse:
    """The plan with what stands on the page, saved or not. The body is an edit's; its base does not matter."""
    actor, cycle = cycle_of(request, key)
    if not vault.may_read(actor, cycle):
        vault.require_reader(actor, cycle, what=_("preview of the plan"))
    vault.note_glance(actor, cycle, _("preview of the plan"))
    try:
        edits = edits_from(request.body).edits
        plan = selectors.preview(cycle, edits)
    except BadRequest as error:
        return refusal(error)
    except selectors.NotYet as error:
        return failed(
            422,
            _("The plan cannot be drawn"),
            error.sentences[0],
            "",
            _("Correct it; the last plan that could be drawn stays."),
            sentences=list(error.sentences),
        )
    movable = vault.is_on_team(actor, cycle) and actor.may(Permission.EDIT, cycle.organization_id)
    html = render_to_string("step6/plan.html", {"plan": plan, "movable": movable}, request=request)
    budget = render_to_string("step6/budget.html", {"plan": plan}, request=request)
    answer = JsonResponse({"html": html, "budget": budget, "said": plan.said, "projects": selectors.as_json(plan)})
    answer["Cache-Control"] = "no-store"
    return answer


# --- who sees the plan ----------------------------------------------------------------------------------


@require_GET
@never_cache
def readers(request: HttpRequest, key: str) -> HttpResponse:
    """Who sees the plan, how far it has spread, who read it; for its team."""
    actor, cycle = cycle_of(request, key)
    if not vault.is_on_team(actor, cycle):
        return closed(request, actor, cycle, STEP)
    return _vault_page(request, actor, cycle)


def _vault_page(
    request: HttpRequest,
    actor: Actor,
    cycle: Cycle,
    *,
    team_form: TeamForm | None = None,
    outsider_form: OutsiderForm | None = None,
    status: int = 200,
) -> HttpResponse:
    form = LogFilter(request.GET)
    mark = request.GET.get("mark", "").strip()
    now = list(vault.readers(cycle).select_related("person", "added_by"))
    context = cycle_context(actor, cycle, current=STEP) | {
        "room": registry.room(STEP),
        "step": STEP,
        "team": [one for one in now if one.kind == PlanReader.Kind.TEAM],
        "outsiders": [one for one in now if one.kind == PlanReader.Kind.OUTSIDER],
        "past": list(vault.past_readers(actor, cycle)),
        "may_admit": vault.may_name_team(actor, cycle),
        "may_copy": actor.may(Permission.EXPORT, cycle.organization_id),
        "team_form": team_form or TeamForm(actor=actor, cycle=cycle),
        "outsider_form": outsider_form or OutsiderForm(actor=actor, cycle=cycle),
        "exposure": vault.exposure(cycle),
        "log_form": form,
        "page": Paginator(_log(actor, cycle, form), PAGE).get_page(request.GET.get("page")),
        "mark": mark,
        "copy": vault.copy_of(actor, cycle, mark) if mark else None,
    }
    return render(request, "step6/vault.html", context, status=status)


def _log(actor: Actor, cycle: Cycle, form: LogFilter) -> Any:
    """The entries that the filter lets through; what it does not understand lets nothing through."""
    found = vault.accesses(actor, cycle)
    if not form.is_valid():
        return found.none()
    given = form.cleaned_data
    if given["kind"]:
        found = found.filter(kind=given["kind"])
    if given["who"]:
        found = found.filter(name__icontains=given["who"].strip())
    if given["since"]:
        found = found.filter(at__date__gte=given["since"])
    if given["until"]:
        found = found.filter(at__date__lte=given["until"])
    return found


@require_POST
def admit(request: HttpRequest, key: str) -> HttpResponse:
    """Takes somebody onto the team; where nobody is on it, whoever signs steps off names the first."""
    actor, cycle = cycle_of(request, key)
    form = TeamForm(request.POST, actor=actor, cycle=cycle)
    if not vault.may_name_team(actor, cycle):
        vault.require_reader(actor, cycle, what=_("admission to the plan"))
    if not form.is_valid():
        if not vault.is_on_team(actor, cycle):
            messages.error(request, _("Choose one of the organization's people."))
            return redirect("improvements:page", key=key)
        return _vault_page(request, actor, cycle, team_form=form, status=422)
    return _admitted(request, actor, cycle, person=form.cleaned_data["person"], kind=PlanReader.Kind.TEAM)


@require_POST
def admit_outsider(request: HttpRequest, key: str) -> HttpResponse:
    """Lets somebody from outside the team see the plan, with reason, accepted risk and last day."""
    actor, cycle = cycle_of(request, key, Permission.EDIT)
    vault.require_reader(actor, cycle, what=_("admission to the plan"))
    form = OutsiderForm(request.POST, actor=actor, cycle=cycle)
    if not form.is_valid():
        return _vault_page(request, actor, cycle, outsider_form=form, status=422)
    return _admitted(request, actor, cycle, kind=PlanReader.Kind.OUTSIDER, **form.cleaned_data)


def _admitted(request: HttpRequest, actor: Actor, cycle: Cycle, **given: Any) -> HttpResponse:
    try:
        made = vault.admit(actor=actor, cycle=cycle, **given)
    except ValueError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("%(who)s may see the plan now.") % {"who": made})
    there = "improvements:vault" if vault.is_on_team(actor, cycle) else "improvements:page"
    return redirect(there, key=cycle.key)


@require_POST
def remove(request: HttpRequest, key: str) -> HttpResponse:
    """Ends somebody's access."""
    actor, cycle = cycle_of(request, key, Permission.EDIT)
    vault.require_reader(actor, cycle, what=_("removal from the plan"))
    try:
        vault.remove(actor=actor, cycle=cycle, reader_id=int(request.POST.get("reader", "0")))
    except ValueError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("They do not see the plan any more; what they did stays in the log."))
    there = "improvements:vault" if vault.is_on_team(actor, cycle) else "improvements:page"
    return redirect(there, key=key)
