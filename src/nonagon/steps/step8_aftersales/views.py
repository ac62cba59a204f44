"""The pages of step 8: the frame, the board of cases, one case, a new one, low scores without a case."""

import uuid
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from nonagon.accounts.access import Actor, Permission
from nonagon.deliverables.plain import plain
from nonagon.process import documents
from nonagon.process.documents import Conflict, DocumentError
from nonagon.process.models import Cycle
from nonagon.steps.step8_aftersales import selectors, services
from nonagon.steps.step8_aftersales.forms import CaseForm
from nonagon.ui.answers import answer
from nonagon.ui.fields import Cell, form_field
from nonagon.ui.frame import cycle_context, cycle_of, step_page
from nonagon.ui.sent import edits_from

STEP = 8
GROUPS = {
    "about": ("kind", "said", "wish", "severity", "need", "version", "customer", "follow_up", "owner"),
    "days": ("opened", "acknowledged", "assessed", "answered", "closed"),
    "cause": ("cause",),
    "action": ("action", "action_due", "action_done"),
    "outcome": ("outcome",),
}
"""The fields of a case as its page groups them; the others have editors of their own."""
LABELS = {
    "kind": gettext_lazy("Kind"),
    "said": gettext_lazy("What the customer said"),
    "wish": gettext_lazy("What the customer asks for"),
    "cause": gettext_lazy("Root cause"),
    "action": gettext_lazy("What is done so that it does not happen again"),
    "action_due": gettext_lazy("To be done by"),
    "action_done": gettext_lazy("Done on"),
    "owner": gettext_lazy("Who handles it"),
    "outcome": gettext_lazy("What came of it"),
}
"""What people call a field where its name says too little."""


@require_GET
def page(request: HttpRequest, key: str) -> HttpResponse:
    """The frame of the step with its decisions."""
    _actor, cycle = cycle_of(request, key)
    found = selectors.cards(cycle)
    opened = [one for one in found if one.is_open]
    context = {
        "cases_open": opened,
        "cases_late": [one for one in opened if one.late_by],
        "cases_count": len(found),
        "board_url": reverse("aftersales:cases", kwargs={"key": key}),
    }
    return step_page(request, key, STEP, template="step8/page.html", context=context)


@require_GET
def cases(request: HttpRequest, key: str) -> HttpResponse:
    """The board: open cases by state, the most urgent first."""
    actor, cycle = cycle_of(request, key)
    kind, search = request.GET.get("kind", ""), request.GET.get("search", "").strip()[:100]
    columns = selectors.board(cycle, kind=kind if kind in selectors.KINDS else "", search=search)
    context = _context(actor, cycle) | {
        "columns": columns,
        "kinds": [(one, str(word)) for one, word in selectors.KINDS.items()],
        "kind": kind,
        "search": search,
        "times": selectors.decisions(cycle).case_times,
        "shown_at_most": selectors.PAGE,
    }
    return render(request, "step8/cases.html", context)


@require_GET
def case(request: HttpRequest, key: str, case: str) -> HttpResponse:
    """One case: its steps against what was promised, causes, corrective action, history."""
    actor, cycle = cycle_of(request, key)
    found = selectors.card(cycle, case)
    if found is None:
        raise Http404
    document, version = documents.current(cycle, STEP)
    values = plain(found.case)
    model = type(found.case)
    path: list[str | int] = ["cases", f"@{case}"]

    def cells(names: tuple[str, ...]) -> list[Cell]:
        fields = {one: form_field(model, one) for one in names}
        named = {one: replace(held, label=str(LABELS.get(one, held.label))) for one, held in fields.items()}
        return [Cell(named[one], [*path, one], values[one]) for one in names]

    faults = [one.message for one in documents.faults_for(actor, cycle, STEP) if _names(one.path, document, case)]
    may_work = actor.may(Permission.MEASURE, cycle.organization_id)
    context = _context(actor, cycle) | {
        "card": found,
        "case": found.case,
        "groups": {name: cells(names) for name, names in GROUPS.items()},
        "whys": [*found.case.whys, *[""] * selectors.WHYS][: max(selectors.WHYS, len(found.case.whys))],
        "branches": [(name, word, "\n".join(held)) for name, word, held in selectors.by_branch(found.case)],
        "history": selectors.history(actor, cycle, case),
        "faults": faults,
        "path": path,
        "version": version,
        "may_edit": may_work,
        "edit_url": reverse("aftersales:edit_cases", kwargs={"key": key}),
        "undo_url": reverse("undo", kwargs={"key": key, "word": "aftersales"}),
        "redo_url": reverse("redo", kwargs={"key": key, "word": "aftersales"}),
    }
    return render(request, "step8/case.html", context)


def _names(path: tuple[Any, ...], document: Any, case: str) -> bool:
    """Whether a fault concerns the case."""
    place = path[1] if len(path) > 1 and path[0] == "cases" else None
    return isinstance(place, int) and place < len(document.cases) and document.cases[place].id == case


def _context(actor: Actor, cycle: Cycle) -> dict[str, Any]:
    return cycle_context(actor, cycle, current=STEP) | {"step": STEP}


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, key: str) -> HttpResponse:
    """A new case, for people at the counter and at the telephone."""
    actor, cycle = cycle_of(request, key, Permission.MEASURE)
    document = selectors.decisions(cycle)
    form = CaseForm(
        request.POST or None,
        initial={"key": uuid.uuid4()},
        needs=selectors.need_names(cycle),
        programmes=[(one.id, one.name or one.id) for one in document.follow_ups],
    )
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        try:
            opened = services.open_case(actor=actor, cycle=cycle, key=given.pop("key"), fields=given)
        except (DocumentError, Conflict) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("The case is opened."))
            return redirect("aftersales:case", key=key, case=opened.id)
    context = _context(actor, cycle) | {"form": form}
    return render(request, "step8/new_case.html", context, status=422 if form.errors else 200)


@require_POST
def edit_cases(request: HttpRequest, key: str) -> HttpResponse:
    """Edits of cases, as the editors send them; also for people who decide nothing else."""
    actor, cycle = cycle_of(request, key, Permission.MEASURE)

    def act() -> documents.Saved:
        sent = edits_from(request.body)
        return services.change_cases(actor=actor, cycle=cycle, edits=sent.edits, base=sent.base, known=sent.known)

    return answer(act)


@require_POST
def take_step(request: HttpRequest, key: str) -> HttpResponse:
    """A case goes a step further, today."""
    actor, cycle = cycle_of(request, key, Permission.MEASURE)
    name, step = request.POST.get("case", ""), request.POST.get("step", "")
    try:
        saved = services.take_step(actor=actor, cycle=cycle, case=name, step=step)
    except (DocumentError, Conflict) as error:
        messages.error(request, str(error))
        return redirect("aftersales:case", key=key, case=name) if name else redirect("aftersales:cases", key=key)
    if saved is not None:
        messages.success(request, f"{selectors.STATES[step]}: {name}")
    if request.POST.get("back") == "case":
        return redirect("aftersales:case", key=key, case=name)
    return redirect("aftersales:cases", key=key)


@require_http_methods(["GET", "POST"])
def low_scores(request: HttpRequest, key: str) -> HttpResponse:
    """Customers' low scores that have no case yet; POST opens cases for those that are chosen."""
    actor, cycle = cycle_of(request, key, Permission.MEASURE)
    if request.method == "POST":
        chosen = [tuple(one.split("\x1f", 1)) for one in request.POST.getlist("score") if "\x1f" in one]
        made = services.open_low_scores(actor=actor, cycle=cycle, scores=chosen)  # type: ignore[arg-type]
        said = ngettext("%(n)d case is opened.", "%(n)d cases are opened.", len(made)) % {"n": len(made)}
        messages.success(request, said) if made else messages.warning(
            request, _("No case was opened: choose some.")
        )
        return redirect("aftersales:cases" if made else "aftersales:low_scores", key=key)
    found = [{"one": one, "value": f"{one.respondent}\x1f{one.item}"} for one in selectors.low_scores(cycle)]
    return render(request, "step8/low_scores.html", _context(actor, cycle) | {"scores": found})
