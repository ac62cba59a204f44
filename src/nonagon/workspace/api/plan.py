"""Who may see a plan, who has read it, copies of it; all for its team."""

from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router, Status

from nonagon.accounts.access import Permission, get_or_404, rows
from nonagon.accounts.models import Membership
from nonagon.process import vault
from nonagon.process.models import PlanAccess, PlanReader
from nonagon.ui.answers import failed
from nonagon.ui.shapes import Done, Limit, Line, Offset, Part, Whole, part
from nonagon.workspace.api import shapes
from nonagon.workspace.api.reads import the_cycle
from nonagon.workspace.copies import Copy
from nonagon.workspace.plan_copies import plan_copy
from nonagon.workspace.views.reports import as_download

router = Router(tags=["plan"])


@router.get("/cycles/{key}/plan/readers", response=list[shapes.ReaderOut], operation_id="list_plan_readers")
def list_readers(request: HttpRequest, key: str) -> Any:
    """Who may see the plan; for its team."""
    actor, cycle = the_cycle(request, key)
    vault.require_reader(actor, cycle, what=_("readers of the plan by the API"))
    return [_reader_out(one) for one in vault.readers(cycle)]


def _reader_out(one: PlanReader) -> dict[str, Any]:
    names = ("kind", "reason", "risk_accepted_by", "expires_on")
    return {"id": one.pk, "name": str(one), **{name: getattr(one, name) for name in names}}


@router.post("/cycles/{key}/plan/readers", response={201: shapes.ReaderOut}, operation_id="admit_plan_reader")
def admit(request: HttpRequest, key: str, sent: shapes.ReaderIn) -> Any:
    """Lets somebody see the plan."""
    actor, cycle = the_cycle(request, key, Permission.EDIT)
    person = None
    if sent.email:
        member = (
            rows(actor, Membership)
            .filter(organization=cycle.organization, person__email__iexact=sent.email)
            .select_related("person")
            .first()
        )
        if member is None:
            return failed(422, _("The reader"), _("Nobody in the organization has this address."), sent.email)
        person = member.person
    elif sent.kind == "team":
        return failed(422, _("The reader"), _("A member of the team is named by e-mail address."))
    elif not sent.name.strip():
        return failed(422, _("The reader"), _("An outsider without an account needs a name."))
    try:
        made = vault.admit(
            actor=actor,
            cycle=cycle,
            person=person,
            kind=sent.kind,
            name=sent.name,
            reason=sent.reason,
            risk_accepted_by=sent.risk_accepted_by,
            expires_on=sent.expires_on,
        )
    except ValueError as error:
        return failed(422, _("The reader"), str(error))
    return Status(201, _reader_out(made))


@router.delete("/cycles/{key}/plan/readers/{reader}", response=Done, operation_id="remove_plan_reader")
def remove_reader(request: HttpRequest, key: str, reader: Whole) -> Any:
    """Ends somebody's access to the plan."""
    actor, cycle = the_cycle(request, key, Permission.EDIT)
    vault.require_reader(actor, cycle, what=_("removal from the plan by the API"))
    found = get_or_404(actor, PlanReader, Permission.EDIT, pk=reader, cycle=cycle, removed_at=None)
    try:
        vault.remove(actor=actor, cycle=cycle, reader_id=found.pk)
    except ValueError as error:
        return failed(422, _("The reader"), str(error))
    return {"done": True}


@router.get(
    "/cycles/{key}/plan/past-readers", response=list[shapes.PastReaderOut], operation_id="list_past_plan_readers"
)
def list_past_readers(request: HttpRequest, key: str) -> Any:
    """Who could see the plan once and cannot any more; for its team."""
    actor, cycle = the_cycle(request, key)
    return [{**_reader_out(one), "removed_at": one.removed_at} for one in vault.past_readers(actor, cycle)]


@router.get("/cycles/{key}/plan/log", response=Part[shapes.PlanAccessOut], operation_id="list_plan_accesses")
def list_accesses(
    request: HttpRequest,
    key: str,
    kind: Literal["", "read", "export", "refused"] = "",
    who: Line = "",
    limit: Limit = 50,
    offset: Offset = 0,
) -> Any:
    """Who read the plan, took a copy, or was refused; for its team."""
    actor, cycle = the_cycle(request, key)
    found = vault.accesses(actor, cycle)
    found = found.filter(kind=kind) if kind else found
    found = found.filter(name__icontains=who.strip()) if who.strip() else found
    return part(found, limit, offset, _access_out)


@router.get("/cycles/{key}/plan/marks/{mark}", response=shapes.PlanAccessOut, operation_id="find_plan_copy")
def find_copy(request: HttpRequest, key: str, mark: str) -> Any:
    """Whose copy bears a mark; for the plan's team."""
    actor, cycle = the_cycle(request, key)
    found = vault.copy_of(actor, cycle, mark)
    if found is None:
        return failed(404, _("Nothing here"), _("No copy of this plan bears the mark."), mark)
    return _access_out(found)


def _access_out(one: PlanAccess) -> dict[str, Any]:
    return {name: getattr(one, name) for name in ("name", "kind", "what", "mark", "at")}


@router.post("/cycles/{key}/plan/copies", operation_id="take_plan_copy")
def take_copy(request: HttpRequest, key: str, sent: shapes.PlanCopyIn) -> HttpResponse:
    """A marked copy of the plan: yours, or, taken by the team, another reader's. It is noted in the vault."""
    actor, cycle = the_cycle(request, key, Permission.EXPORT)
    reader = None
    if sent.reader is not None:
        reader = vault.reader_of(actor, cycle, sent.reader)
        if reader is None:
            rule = _("There is no such reader of the plan today.")
            return failed(404, _("Nothing here"), rule, sent.reader, _("Look at the readers."))
    made = plan_copy(actor=actor, cycle=cycle, ending=sent.format, reader=reader)
    if made is None:
        return failed(404, _("Nothing here"), _("The plan is not computed yet; there is nothing to copy."))
    return as_download(Copy(made.content, made.media_type, made.file))


@router.get("/cycles/{key}/plan/exposure", response=shapes.ExposureOut, operation_id="get_plan_exposure")
def get_exposure(request: HttpRequest, key: str) -> Any:
    """How far the plan has spread; for its team."""
    actor, cycle = the_cycle(request, key)
    vault.require_reader(actor, cycle, what=_("exposure of the plan by the API"))
    return vault.exposure(cycle)
