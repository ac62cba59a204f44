"""The pages of step 1: the frame with its decisions, live counts of rules, the register of customers."""

import json

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from nonagon.accounts.access import Permission
from nonagon.deliverables.step1 import BEHAVIOURS
from nonagon.process.documents import Conflict, DocumentError
from nonagon.steps.step1_customers import selectors, services
from nonagon.ui.answers import failed
from nonagon.ui.frame import cycle_context, cycle_of, step_page

PAGE = 50
MOST_DIGITS = 10
"""No register has as many pages as a number of so many digits says."""


def page(request: HttpRequest, key: str) -> HttpResponse:
    """The frame of the step with its decisions."""
    _actor, cycle = cycle_of(request, key)
    more = {
        "count_url": reverse("customers:count", kwargs={"key": key}),
        "rule_fields": selectors.rule_fields(cycle),
        "behaviours": BEHAVIOURS,
    }
    return step_page(request, key, 1, template="step1/page.html", context=more)


@require_POST
def count(request: HttpRequest, key: str) -> HttpResponse:
    """How many customers each class takes as it stands on the page, saved or not."""
    _actor, cycle = cycle_of(request, key, Permission.EDIT)
    try:
        sent = json.loads(request.body)
        classes, key_customers = list(sent.get("classes", [])), sent.get("key_customers")
    except (ValueError, AttributeError, TypeError) as error:
        return failed(400, _("The request"), _("The body must be JSON; %(why)s.") % {"why": error}, "", "")
    if not all(isinstance(one, dict) for one in classes) or not isinstance(key_customers, dict | None):
        return failed(400, _("The request"), _("“classes” must be a list of objects."), "", "")
    found = selectors.counts(cycle, classes, key_customers)
    return JsonResponse(
        {
            "counts": [
                {"id": one.id, "customers": one.customers, "sentence": one.sentence, "problem": bool(one.problem)}
                for one in found
            ]
        }
    )


def register(request: HttpRequest, key: str) -> HttpResponse:
    """The register of customers: who may decide may look people up."""
    actor, cycle = cycle_of(request, key, Permission.EDIT)
    asked = request.GET.get("page", "")
    number = int(asked) if asked.isdecimal() and len(asked) < MOST_DIGITS else 1
    ask = {"search": request.GET.get("search", "").strip(), "class_id": request.GET.get("class", "")}
    shown = selectors.register(cycle, **ask, start=max(0, number - 1) * PAGE, length=PAGE)
    if number < 1 or (number > 1 and not shown.rows):  # no such page
        number, shown = 1, selectors.register(cycle, **ask, start=0, length=PAGE)
    context = cycle_context(actor, cycle, current=1) | {
        "page": Paginator(range(shown.count), PAGE).page(number),
        "rows": shown.rows,
        "columns": shown.columns,
        "search": ask["search"],
        "class_id": ask["class_id"],
        "classes": selectors.class_choices(cycle),
    }
    return render(request, "step1/register.html", context)


def duplicates(request: HttpRequest, key: str) -> HttpResponse:
    """Pairs of records that may be one customer, one pair a page, the most doubtful first."""
    actor, cycle = cycle_of(request, key, Permission.EDIT)
    shown = selectors.duplicates(cycle, show=request.GET.get("show", ""), at=_position(request.GET.get("at", "")))
    words = {
        "waiting": _("Waiting for a verdict"),
        "joined": _("Joined without a verdict"),
        "decided": _("Decided"),
    }
    context = cycle_context(actor, cycle, current=1) | {
        "shown": shown,
        "lists": [(name, words[name], shown.counts[name]) for name in selectors.SHOWN],
        "number": shown.at + 1,
        "of": shown.counts[shown.show],
        "later": shown.at + 1 if shown.at + 1 < shown.counts[shown.show] else 0,
    }
    return render(request, "step1/duplicates.html", context)


@require_POST
def decide_duplicate(request: HttpRequest, key: str) -> HttpResponse:
    """Takes a verdict on a pair, or takes one back; shows the next pair of the same list."""
    actor, cycle = cycle_of(request, key, Permission.EDIT)
    sent = {name: request.POST.get(name, "") for name in ("first", "second", "verdict")}
    try:
        services.decide_pair(actor=actor, cycle=cycle, **sent)
    except (DocumentError, Conflict) as error:
        messages.error(request, str(error))
    else:
        said = {
            "same": _("%(first)s and %(second)s are one customer."),
            "different": _("%(first)s and %(second)s are two customers."),
            "": _("The verdict on %(first)s and %(second)s is taken back."),
        }
        messages.success(request, said[sent["verdict"]] % sent)
    show = request.POST.get("show", "")
    show = show if show in selectors.SHOWN else selectors.SHOWN[0]
    at = _position(request.POST.get("at", ""))
    return redirect(f"{reverse('customers:duplicates', kwargs={'key': key})}?show={show}&at={at}")


def _position(asked: str) -> int:
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < MOST_DIGITS else 0
