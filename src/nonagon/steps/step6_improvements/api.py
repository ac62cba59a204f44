"""Step 6 for programs, for the plan's readers: the plan weighed as it could be decided."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema
from pydantic import Field

from nonagon.process import vault
from nonagon.steps.step6_improvements import selectors
from nonagon.ui.answers import failed
from nonagon.ui.frame import cycle_of
from nonagon.ui.shapes import EditIn, EditsIn, edits_in

router = Router(tags=["improvements"])


class WishedIn(Schema):
    """Edits of the plan that are only tried."""

    edits: list[EditIn] = Field([], max_length=1000)


class PlanOut(Schema):
    """The plan as it would be. said: in a sentence; projects: what each costs and brings, and whether it is in."""

    said: str
    projects: Any


@router.post("/cycles/{key}/improvements/preview", response=PlanOut, operation_id="preview_plan")
def preview(request: HttpRequest, key: str, sent: WishedIn) -> Any:
    """The plan with these edits; nothing is kept."""
    actor, cycle = cycle_of(request, key)
    if not vault.may_read(actor, cycle):
        vault.require_reader(actor, cycle, what=_("preview of the plan"))
    vault.note_glance(actor, cycle, _("preview of the plan"))
    wished = edits_in(EditsIn.model_construct(base=0, edits=sent.edits))
    try:
        plan = selectors.preview(cycle, wished)
    except selectors.NotYet as error:
        mistakes: list[dict[str, Any]] = [{"path": [], "message": one} for one in error.sentences]
        return failed(
            422, _("The plan cannot be drawn"), error.sentences[0], "", _("Correct it."), mistakes=mistakes
        )
    return {"said": plan.said, "projects": selectors.as_json(plan)}
