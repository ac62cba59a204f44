"""Step 4 for programs: a House of Quality weighed as it is sent; nothing is kept."""

from typing import Any

from django.http import HttpRequest
from ninja import Router

from nonagon.steps.step4_characteristics import preview as weighing
from nonagon.ui.frame import cycle_of

router = Router(tags=["characteristics"])


@router.post("/cycles/{key}/characteristics/preview", response=dict[str, Any], operation_id="preview_house")
def preview(request: HttpRequest, key: str, sent: weighing.HouseAsked) -> Any:
    """Weights and ranks of the house in the body."""
    cycle_of(request, key)
    return weighing.weights_of(sent)


@router.post("/cycles/{key}/characteristics/pairs", response=dict[str, Any], operation_id="preview_pairs")
def pairs(request: HttpRequest, key: str, sent: weighing.PairsAsked) -> Any:
    """Weights and consistency of the paired comparisons in the body."""
    cycle_of(request, key)
    return weighing.pairs_of(sent)
