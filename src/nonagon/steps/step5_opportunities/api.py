"""Step 5 for programs: the charter approved. Its versions stand in the document, under `approvals`."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from nonagon.accounts.access import Permission
from nonagon.steps.step5_opportunities import services
from nonagon.ui.answers import as_json
from nonagon.ui.frame import cycle_of
from nonagon.ui.shapes import Line, SavedOut, Version

router = Router(tags=["opportunities"])


class ApprovalIn(Schema):
    """base: the version of the decisions that was read; version: the charter's; approved_by: a role."""

    base: Version
    version: Line
    approved_by: Line


@router.post("/cycles/{key}/opportunities/charter/approve", response=SavedOut, operation_id="approve_charter")
def approve(request: HttpRequest, key: str, sent: ApprovalIn) -> Any:
    """Approves the charter as it stands; 409 where it was changed since `base`."""
    actor, cycle = cycle_of(request, key, Permission.SIGN)
    return as_json(
        services.approve_charter(
            actor=actor, cycle=cycle, version=sent.version, approved_by=sent.approved_by, base=sent.base
        )
    )
