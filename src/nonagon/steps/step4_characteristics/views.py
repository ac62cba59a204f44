"""The page of step 4, and the weights of a house that is being typed."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from pydantic import BaseModel, ValidationError

from nonagon.deliverables.mistakes import dotted, said
from nonagon.steps.step4_characteristics import preview as weighing
from nonagon.steps.step4_characteristics.selectors import house
from nonagon.steps.step4_characteristics.words import words
from nonagon.ui.frame import cycle_of, step_page

Asked = TypeVar("Asked", bound=BaseModel)


def page(request: HttpRequest, key: str) -> HttpResponse:
    """The frame of the step with the House of Quality."""
    _actor, cycle = cycle_of(request, key)
    context = {"house": house(cycle), "house_words": words()}
    return step_page(request, key, 4, template="step4/page.html", context=context)


@require_POST
def preview(request: HttpRequest, key: str) -> HttpResponse:
    """Weights and ranks of the house in the body; nothing is stored."""
    return _weighed(request, key, weighing.HouseAsked, weighing.weights_of)


@require_POST
def pairs(request: HttpRequest, key: str) -> HttpResponse:
    """Weights and consistency of the paired comparisons in the body; nothing is stored."""
    return _weighed(request, key, weighing.PairsAsked, weighing.pairs_of)


def _weighed(
    request: HttpRequest, key: str, model: type[Asked], weigh: Callable[[Asked], dict[str, Any]]
) -> JsonResponse:
    cycle_of(request, key)
    try:
        asked = model.model_validate_json(request.body)
    except ValidationError as error:
        first = error.errors()[0]
        where = dotted(tuple(first["loc"])) or _("The body")
        rule = said(model, first) if first["loc"] else str(first["msg"])
        told = {"thing": where, "rule": rule, "received": "", "next": _("Reload the page and try again.")}
        return JsonResponse({"error": told}, status=422)
    return JsonResponse(weigh(asked))
