"""The pages of step 1: the frame with its decisions, live counts of rules, the register of customers."""

import json
from typing import Any

from django.core.paginator import EmptyPage, Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from nonagon.accounts.access import Permission
from nonagon.deliverables.step1 import BEHAVIOURS
from nonagon.steps.step1_customers import selectors
from nonagon.ui.answers import failed
from nonagon.ui.frame import cycle_context, cycle_of, step_page

PAGE = 50


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


class _Register:
    """The register as something that can be paged: only the page that is asked for is read."""

    ordered = True

    def __init__(self, cycle: Any, search: str, class_id: str) -> None:
        self._ask = {"search": search, "class_id": class_id}
        self._cycle = cycle
        self.columns: tuple[str, ...] = ()
        self._count = selectors.register(cycle, **self._ask, start=0, length=1).count

    def count(self) -> int:
        """How many fit."""
        return self._count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, part: slice) -> list[tuple[str, ...]]:
        found = selectors.register(self._cycle, **self._ask, start=part.start, length=part.stop - part.start)
        self.columns = found.columns
        return list(found.rows)


def register(request: HttpRequest, key: str) -> HttpResponse:
    """The register of customers: who may decide may look people up."""
    actor, cycle = cycle_of(request, key, Permission.EDIT)
    search, class_id = request.GET.get("search", "").strip(), request.GET.get("class", "")
    people = _Register(cycle, search, class_id)
    pages = Paginator(people, PAGE)
    try:
        found = pages.page(request.GET.get("page", 1))
    except (EmptyPage, ValueError):
        found = pages.page(1)
    rows = list(found.object_list)
    context = cycle_context(actor, cycle, current=1) | {
        "page": found,
        "rows": rows,
        "columns": people.columns,
        "search": search,
        "class_id": class_id,
        "classes": selectors.class_choices(cycle),
    }
    return render(request, "step1/register.html", context)
