"""Home, the cycle's page, its register and settings, its history."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from nonagon.accounts.access import Actor, Permission, actor_of, get_or_404, rows
from nonagon.accounts.models import Organization
from nonagon.deliverables.plain import plain
from nonagon.process import documents, gates, registry, vault
from nonagon.process.models import AuditEntry, Cycle, DocumentVersion, Job, SignOff
from nonagon.ui.drawings import drawing_in
from nonagon.ui.frame import cycle_context, cycle_of, url_of_step
from nonagon.ui.sentences import page_language, said_text
from nonagon.workspace import services


def home(request: HttpRequest) -> HttpResponse:
    """The cycles that the person may see, by organization."""
    actor = actor_of(request)
    cycles = rows(actor, Cycle).filter(archived_at=None).select_related("organization", "whole")
    return render(
        request,
        "workspace/home.html",
        {
            "cycles": [_card(cycle) for cycle in cycles.order_by("organization__name", "name")],
            "organizations": rows(actor, Organization).order_by("name"),
            "may_start": rows(actor, Organization, Permission.EDIT).exists(),
        },
    )


def _card(cycle: Cycle) -> dict[str, Any]:
    known = gates.gates(cycle)
    whole = getattr(cycle, "whole", None)
    return {
        "cycle": cycle,
        "ring": _ring(cycle, known),
        "done": sum(1 for one in known if one.sign_off is not None),
        "ready": sum(1 for one in known if one.state in {"ready", "signed", "waived"}),
        "stale": sum(1 for one in known if one.stale),
        "sentence": whole.effectiveness["sentence"] if whole else "",
    }


RING_STATES = {"signed": "ready", "waived": "in_work"}


def _ring(cycle: Cycle, known: tuple[gates.StepGate, ...]) -> str:
    """The ring of nine as SVG; on the cycle's page each side leads to its step."""
    from nonagon.charts.render import themed  # noqa: PLC0415
    from nonagon.reports.ring import ring  # noqa: PLC0415

    states = {one.step: (RING_STATES.get(one.state, one.state), str(_(one.title))) for one in known}
    # what nobody has begun is not weak
    weakest = tuple(one.step for one in known if one.weakest and one.state != "not_started")
    signed = sum(1 for one in known if one.sign_off is not None)
    drawn = themed(
        ring(states, weakest, middle=_("%(count)d of 9\nsigned off") % {"count": signed}), name=f"r{cycle.pk}"
    )
    for step in range(1, 10):
        drawn = drawn.replace(f'href="#step-{step}"', f'href="{url_of_step(cycle, step)}"')
    # an image holds no links for screen readers; a group does
    return mark_safe(drawing_in(page_language(), drawn.replace(' role="img"', ' role="group"', 1)))


def page(request: HttpRequest, key: str) -> HttpResponse:
    """The cycle's first page: ring, headlines, what waits for me."""
    actor, cycle = cycle_of(request, key)
    context = cycle_context(actor, cycle)
    whole = getattr(cycle, "whole", None)
    headlines = []
    if whole is not None:
        headlines = whole.headlines if context["sees_plan"] else whole.public.get("headlines", [])
    context |= {
        "ring": _ring(cycle, context["gates"]),
        "whole": whole,
        "begun": any(one.state != "not_started" for one in context["gates"]),
        "headlines": [{**one, "url": url_of_step(cycle, one["step"]) if one["step"] else ""} for one in headlines],
        "waiting": waiting_for(cycle, context),
        "recent": rows(actor, AuditEntry).filter(cycle=cycle).select_related("person")[:8],
        "last": rows(actor, Job).filter(cycle=cycle).order_by("-created_at").first(),
    }
    return render(request, "workspace/cycle.html", context)


def waiting_for(cycle: Cycle, context: dict[str, Any]) -> list[dict[str, str]]:
    """What this person could do next, in the order of the chain."""
    found = []
    if not cycle.facts and context["may"]["upload"]:
        found.append(
            {
                "what": _("Bring data in: no fact table has a row yet."),
                "url": reverse("data", kwargs={"key": cycle.key}),
            }
        )
    wrong = documents.faults(cycle)
    for step, faults in sorted(wrong.items()):
        if faults and step and context["may"]["edit"] and _may_see(step, context):
            said = _("Step %(step)d: %(count)d decisions do not fit together; computing waits for them.")
            found.append({"what": said % {"step": step, "count": len(faults)}, "url": url_of_step(cycle, step)})
    for one in context["gates"]:
        url = url_of_step(cycle, one.step)
        if one.stale and context["may"]["sign"]:
            found.append(
                {
                    "what": _("Step %(step)d changed after its sign-off: look again.") % {"step": one.step},
                    "url": url,
                }
            )
        elif one.state == "ready" and context["may"]["sign"]:
            found.append({"what": _("Step %(step)d is ready to be signed off.") % {"step": one.step}, "url": url})
        elif one.state == "in_work" and context["may"]["edit"] and _may_see(one.step, context):
            unmet = next((each for each in one.criteria if not each["met"]), None)
            if unmet:
                found.append(
                    {
                        "what": _("Step %(step)d: %(what)s")
                        % {"step": one.step, "what": said_text(unmet["sentence"])},
                        "url": url,
                    }
                )
    return found[:6]


def _may_see(step: int, context: dict[str, Any]) -> bool:
    return registry.is_open(step) or bool(context["sees_plan"])


class NewCycle(forms.Form):
    """What a cycle starts with."""

    organization = forms.ModelChoiceField(Organization.objects.none(), label=gettext_lazy("Organization"))
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=200,
        help_text=gettext_lazy("The product or service and the time, such as “City lines, autumn 2026”."),
    )
    scope = forms.CharField(
        label=gettext_lazy("Scope"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("What this cycle is about, and what it leaves out."),
    )
    currency = forms.CharField(label=gettext_lazy("Currency"), max_length=8, required=False, initial="EUR")

    def __init__(self, *given: Any, actor: Actor, **more: Any) -> None:
        super().__init__(*given, **more)
        field = self.fields["organization"]
        field.queryset = rows(actor, Organization, Permission.EDIT)
        if field.queryset.count() == 1:
            field.initial = field.queryset.first()


def new(request: HttpRequest) -> HttpResponse:
    """Starts a cycle."""
    actor = actor_of(request)
    form = NewCycle(request.POST or None, actor=actor)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        head = registry.model_of(0).model_validate(
            {
                "name": given["name"],
                "organization": given["organization"].name,
                "scope": given["scope"],
                "currency": given["currency"],
            }
        )
        cycle = services.new_cycle(actor=actor, organization=given["organization"], head=head)
        messages.success(request, _("The cycle is there. Next: bring data in."))
        return redirect("cycle", key=cycle.key)
    return render(request, "workspace/new_cycle.html", {"form": form})


def settings(request: HttpRequest, key: str) -> HttpResponse:
    """The register of questions, the waves, and the settings that hold for all steps: document 0."""
    actor, cycle = cycle_of(request, key)
    document, version = documents.current(cycle, registry.HEAD)
    context = cycle_context(actor, cycle) | {
        "step": registry.HEAD,
        "document": document,
        "content": plain(document),
        "version": version,
        "faults": {one.path: said_text(one.message) for one in documents.faults(cycle).get(0, ())},
        "edit_url": request.path.replace("/settings/", "/settings/edit"),
        "undo_url": request.path.replace("/settings/", "/settings/undo"),
        "redo_url": request.path.replace("/settings/", "/settings/redo"),
    }
    context["may_edit"] = context["may"]["edit"]
    return render(request, "workspace/settings.html", context)


def history(request: HttpRequest, key: str) -> HttpResponse:
    """Who did what, when: the audit log of the cycle, its document versions and its sign-offs."""
    actor, cycle = cycle_of(request, key)
    context = cycle_context(actor, cycle)
    entries = rows(actor, AuditEntry).filter(cycle=cycle).select_related("person")
    entries = vault.without_plan(actor, entries)
    return render(
        request,
        "workspace/history.html",
        context
        | {
            "page": Paginator(entries, 50).get_page(request.GET.get("page")),
            "sign_offs": rows(actor, SignOff)
            .filter(cycle=cycle)
            .select_related("person", "withdrawn_by")
            .order_by("-at"),
        },
    )


def version(request: HttpRequest, key: str, step: int, number: int) -> HttpResponse:
    """One version of a document: what was changed."""
    actor, cycle = cycle_of(request, key)
    found = get_or_404(actor, DocumentVersion, cycle=cycle, step=step, number=number)
    return render(request, "workspace/version.html", cycle_context(actor, cycle) | {"version": found})
