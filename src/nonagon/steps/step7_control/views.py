"""The pages of step 7: the plan and its signals, and the entry page for measurements."""

import json
import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from nonagon.accounts.access import Actor, Permission, get_or_404
from nonagon.process import vault
from nonagon.process.documents import Conflict, DocumentError
from nonagon.process.models import Cycle
from nonagon.steps.step7_control import reading, selectors, services
from nonagon.steps.step7_control.forms import DeviationForm, ExplainForm
from nonagon.steps.step7_control.models import TypedMeasurement
from nonagon.ui.answers import BadRequest, refusal
from nonagon.ui.frame import cycle_context, cycle_of, step_page, url_of_step

STEP = 7


@require_GET
def page(request: HttpRequest, key: str) -> HttpResponse:
    """The frame of the step with its decisions."""
    return _page(request, key)


def _page(
    request: HttpRequest, key: str, *, wrong: ExplainForm | DeviationForm | None = None, anchor: str = ""
) -> HttpResponse:
    actor, cycle = cycle_of(request, key)
    may_edit = actor.may(Permission.EDIT, cycle.organization_id)
    found = [
        {"signal": one, "form": _explain_form(one, wrong, anchor) if may_edit else None}
        for one in selectors.signals(cycle)
    ]
    off_plan = [
        {"one": one, "form": _deviation_form(one, wrong) if may_edit else None}
        for one in (selectors.off_plan(cycle) if vault.may_read(actor, cycle) else ())
    ]
    context = {
        "signals_open": [one for one in found if one["signal"].open],  # type: ignore[union-attr]
        "signals_settled": [one for one in found if not one["signal"].open],  # type: ignore[union-attr]
        "off_plan": off_plan,
        "opened": anchor,
        "measure_url": reverse("control:measure", kwargs={"key": key}),
    }
    answer = step_page(request, key, STEP, template="step7/page.html", context=context)
    if wrong is not None:
        answer.status_code = 422
    return answer


def _explain_form(one: selectors.SignalGroup, wrong: Any, anchor: str) -> ExplainForm:
    if isinstance(wrong, ExplainForm) and anchor == one.anchor:
        return wrong
    given = {"item": one.item, "first": one.first, "last": one.last, "kind": "special_cause"}
    return ExplainForm(initial=given, auto_id=f"id_%s_{one.anchor}")


def _deviation_form(one: selectors.OffPlan, wrong: Any) -> DeviationForm:
    if isinstance(wrong, DeviationForm) and wrong.data.get("activity") == one.check.activity:
        return wrong
    given = {"activity": one.check.activity, "deviation": one.check.deviation}
    return DeviationForm(initial=given, auto_id=f"id_%s_{one.check.activity}")


@require_POST
def explain(request: HttpRequest, key: str) -> HttpResponse:
    """Writes down what was found behind a signal."""
    actor, cycle = cycle_of(request, key, Permission.EDIT)
    anchor = request.POST.get("anchor", "")
    form = ExplainForm(request.POST, auto_id=f"id_%s_{anchor}")
    if form.is_valid():
        try:
            services.explain(actor=actor, cycle=cycle, **form.cleaned_data)
        except (DocumentError, Conflict) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Written down. The charts are computed again in the background."))
            return redirect(url_of_step(cycle, STEP) + "#signals")
    return _page(request, key, wrong=form, anchor=anchor)


@require_POST
def deviation(request: HttpRequest, key: str) -> HttpResponse:
    """Gives what is otherwise than planned an owner."""
    actor, cycle = cycle_of(request, key, Permission.EDIT)
    vault.require_reader(actor, cycle, what=_("deviation from the plan"))
    form = DeviationForm(request.POST, auto_id=f"id_%s_{request.POST.get('activity', '')}")
    if form.is_valid():
        try:
            services.own_deviation(actor=actor, cycle=cycle, **form.cleaned_data)
        except (DocumentError, Conflict) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Written down."))
            return redirect(url_of_step(cycle, STEP) + "#off-plan")
    return _page(request, key, wrong=form)


# --- measuring ------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def measure(request: HttpRequest, key: str) -> HttpResponse:
    """The entry page, for people at the place of work; POST keeps one value.

    A script sends JSON and gets JSON; without one the form comes back as a page. The answer comes after the row is
    in the database, so what was told to be kept is kept.
    """
    actor, cycle = cycle_of(request, key, Permission.MEASURE)
    if request.method == "GET":
        return _entry(request, actor, cycle)
    by_script = request.content_type == "application/json"
    try:
        sent = _sent(request)
        row = _keep(actor, cycle, sent)
    except (BadRequest, DocumentError) as error:
        if by_script:
            return refusal(error)
        wrong = error.wrong if isinstance(error, DocumentError) else ()
        said = [one.message for one in wrong] or [str(error)]
        return _entry(request, actor, cycle, sent=request.POST, wrong=said)
    one = selectors.watched_one(cycle, row.item)
    found = selectors.typed(one, row) if one is not None else None
    if by_script:
        return JsonResponse(_told(found, one, row))
    verdict = found.said.verdict if found is not None and found.said is not None else "inside"
    (messages.success if verdict == "inside" else messages.warning)(
        request, found.sentence if found is not None else _("Kept.")
    )
    return redirect(f"{reverse('control:measure', kwargs={'key': key})}?item={row.item}&last={row.key}")


def _sent(request: HttpRequest) -> dict[str, Any]:
    if request.content_type != "application/json":
        return dict(request.POST.items())
    try:
        sent = json.loads(request.body)
    except ValueError as error:
        raise BadRequest(_("The body must be JSON; %(why)s.") % {"why": error}) from error
    if not isinstance(sent, dict):
        raise BadRequest(_("The body must be one JSON object."))
    return sent


def _key(sent: Any) -> uuid.UUID:
    try:
        return uuid.UUID(str(sent))
    except ValueError as error:
        said = _("“key” must be a UUID, made anew for each value, so that a repeat is kept once.")
        raise BadRequest(said) from error


def _keep(actor: Actor, cycle: Cycle, sent: dict[str, Any]) -> TypedMeasurement:
    made, given = _key(sent.get("key")), reading.reading_of(sent)
    if sent.get("corrects"):
        held = get_or_404(actor, TypedMeasurement, Permission.MEASURE, cycle=cycle, key=_key(sent["corrects"]))
        return services.correct(
            actor=actor, cycle=cycle, row=held, key=made, reading=given, why=str(sent.get("why") or "")
        )
    return services.record(actor=actor, cycle=cycle, key=made, reading=given)


def _told(found: selectors.Typed | None, one: selectors.Watched | None, row: TypedMeasurement) -> dict[str, Any]:
    verdict = found.said.verdict if found is not None and found.said is not None else "inside"
    return {
        "key": str(row.key),
        "item": row.item,
        "value": row.value,
        "at": row.at.isoformat(),
        "verdict": verdict,
        "sentence": found.sentence if found is not None else _("Kept."),
        "responder": one.plan.responder if one is not None and verdict != "inside" else "",
        "reaction": one.plan.reaction if one is not None and verdict != "inside" else "",
    }


def _entry(
    request: HttpRequest, actor: Actor, cycle: Cycle, *, sent: Any = None, wrong: list[str] | None = None
) -> HttpResponse:
    plan = selectors.watched(cycle)
    asked = (sent or request.GET).get("item", "")
    one = next((found for found in plan if found.id == asked), plan[0] if plan and not asked else None)
    last = selectors.last_typed(actor, cycle, one) if one is not None else []
    newest = next((found for found in last if str(found.row.key) == request.GET.get("last")), None)
    corrected = next(
        (found for found in last if str(found.row.key) == (sent or request.GET).get("corrects")), None
    )
    context = cycle_context(actor, cycle, current=STEP) | {
        "step": STEP,
        "plan": plan,
        "one": one,
        "last": last,
        "newest": newest,
        "corrects": corrected,
        "sent": sent or {},
        "wrong": wrong or [],
        "fresh_key": uuid.uuid4(),
        "now": timezone.localtime(timezone.now(), timezone.get_default_timezone()),
        "zone": timezone.get_default_timezone_name(),
        "words": _words(),
    }
    return render(request, "step7/measure.html", context, status=422 if wrong else 200)


def _words() -> dict[str, str]:
    """What the script of the entry page says."""
    return {
        "sending": _("Sending {value} …"),
        "waits": _("No connection. What you typed is kept on this device and sent as soon as there is one."),
        "waiting": _("{count} waiting to be sent"),
        "refused": _("Not kept: {why}"),
        "signed_out": _("You are signed out. Sign in in another tab; what you typed is kept here."),
        "again": _("Send again"),
        "drop": _("Throw away"),
        "reacts": _("Who reacts: {who}"),
        "kept": _("Kept."),
    }


@require_POST
def paste(request: HttpRequest, key: str) -> HttpResponse:
    """Keeps many values that were pasted, or none of them."""
    actor, cycle = cycle_of(request, key, Permission.MEASURE)
    item = request.POST.get("item", "")
    try:
        readings = reading.pasted(request.POST.get("rows", ""), item)
        made = services.record_many(actor=actor, cycle=cycle, key=_key(request.POST.get("key")), readings=readings)
    except (BadRequest, DocumentError) as error:
        wrong = [one.message for one in error.wrong] if isinstance(error, DocumentError) else [str(error)]
        return _entry(request, actor, cycle, sent=request.POST, wrong=wrong[:20])
    count = len(made)
    messages.success(request, ngettext("%(n)d value is kept.", "%(n)d values are kept.", count) % {"n": count})
    return redirect(f"{reverse('control:measure', kwargs={'key': key})}?item={item}")


@require_POST
def withdraw(request: HttpRequest, key: str, typed: uuid.UUID) -> HttpResponse:
    """Takes a value back; it stays to be seen."""
    actor, cycle = cycle_of(request, key)
    row = get_or_404(actor, TypedMeasurement, Permission.MEASURE, cycle=cycle, key=typed)
    services.withdraw(actor=actor, cycle=cycle, row=row, why=request.POST.get("why", ""))
    messages.success(request, _("The value is withdrawn; it stays to be seen."))
    return redirect(f"{reverse('control:measure', kwargs={'key': key})}?item={row.item}")
