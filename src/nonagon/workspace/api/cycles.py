"""Cycles, their documents, steps, gates, trace and reports."""

import json
from collections.abc import Collection, Iterable
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router, Status
from pydantic import Field

from nonagon.accounts.access import Actor, Permission, actor_of, get_or_404, rows
from nonagon.accounts.models import Organization
from nonagon.deliverables.trace import KINDS
from nonagon.process import audit, documents, gates, registry, results, vault
from nonagon.process.edits import Edit
from nonagon.process.models import AuditEntry, Cycle, DocumentVersion, Job
from nonagon.process.veil import veiled, veiled_changes
from nonagon.ui.answers import as_json, failed
from nonagon.ui.frame import shown_to
from nonagon.ui.shapes import EditsIn, Id, Limit, Offset, Part, SavedOut, Whole, edits_in, part
from nonagon.workspace import services
from nonagon.workspace.api import shapes
from nonagon.workspace.api.reads import (
    cycle_out,
    document_out,
    gate_out,
    job_out,
    need_plan,
    the_cycle,
)
from nonagon.workspace.copies import ask_for_copy, copies_of, made_copy
from nonagon.workspace.next_cycle import next_cycle, seeds
from nonagon.workspace.renaming import renamed, renaming_foreseen
from nonagon.workspace.tracing import Tracing
from nonagon.workspace.views.reports import as_download

router = Router(tags=["cycles"])
PLAN_KINDS = {"project", "activity"}


@router.get("/cycles", response=Part[shapes.CycleOut], operation_id="list_cycles")
def list_cycles(request: HttpRequest, limit: Limit = 50, offset: Offset = 0, archived: bool = False) -> Any:
    """The cycles that you may see."""
    found = rows(actor_of(request), Cycle).select_related("organization").order_by("name", "key")
    found = found.exclude(archived_at=None) if archived else found.filter(archived_at=None)
    return part(found, limit, offset, cycle_out)


@router.post("/cycles", response={201: shapes.CycleOut}, operation_id="create_cycle")
def create_cycle(request: HttpRequest, sent: shapes.CycleIn) -> Any:
    """Starts a cycle."""
    actor = actor_of(request)
    home = get_or_404(actor, Organization, Permission.EDIT, slug=sent.organization)
    given = {"name": sent.name, "organization": home.name, "scope": sent.scope, "currency": sent.currency}
    head = registry.model_of(registry.HEAD).model_validate(given)
    return Status(201, cycle_out(services.new_cycle(actor=actor, organization=home, head=head)))


@router.get("/cycles/{key}", response=shapes.CycleOut, operation_id="get_cycle")
def get_cycle(request: HttpRequest, key: str) -> Any:
    """One cycle."""
    return cycle_out(the_cycle(request, key)[1])


@router.patch("/cycles/{key}", response=shapes.CycleOut, operation_id="change_cycle")
def change_cycle(request: HttpRequest, key: str, sent: shapes.CycleChange) -> Any:
    """Renames a cycle, archives it, or takes it out of the archive."""
    actor, cycle = the_cycle(request, key, Permission.EDIT)
    if sent.name is not None:
        _document, base = documents.current(cycle, registry.HEAD)
        named = Edit("set", ("name",), sent.name)
        documents.edit(actor=actor, cycle=cycle, step=registry.HEAD, edits=[named], base=base)
        cycle.refresh_from_db()
    if sent.archived is not None and sent.archived != (cycle.archived_at is not None):
        cycle.archived_at = timezone.now() if sent.archived else None
        cycle.save(update_fields=["archived_at"])
        audit.note(actor, "cycle.archive" if sent.archived else "cycle.restore", cycle=cycle, subject=cycle.name)
    return cycle_out(cycle)


@router.get("/cycles/{key}/next", response=shapes.SeedsOut, operation_id="preview_next_cycle")
def preview_next(request: HttpRequest, key: str) -> Any:
    """What the next cycle would start from."""
    _actor, cycle = the_cycle(request, key, Permission.EDIT)
    return {"steps": {str(step): content for step, content in seeds(cycle).items()}}


@router.post("/cycles/{key}/next", response={201: shapes.CycleOut}, operation_id="start_next_cycle")
def start_next(request: HttpRequest, key: str, sent: shapes.NextIn) -> Any:
    """Starts the next cycle with this one's items, classes, needs, measure and open ends."""
    actor, cycle = the_cycle(request, key, Permission.EDIT)
    return Status(201, cycle_out(next_cycle(actor=actor, cycle=cycle, name=sent.name)))


@router.get("/cycles/{key}/overview", response=shapes.OverviewOut, operation_id="get_overview")
def get_overview(request: HttpRequest, key: str) -> Any:
    """Effectiveness, headlines, and where each step stands."""
    actor, cycle = the_cycle(request, key)
    whole = getattr(cycle, "whole", None)
    sees = vault.may_read(actor, cycle)
    headlines = (whole.headlines if sees else whole.public.get("headlines", [])) if whole else []
    effectiveness = whole.effectiveness if whole and sees else None
    if whole and not sees:
        effectiveness = {
            name: whole.effectiveness[name] for name in ("effective", "weakest", "strength", "sentence")
        }
    return {
        "effectiveness": effectiveness,
        "headlines": headlines,
        "steps": [gate_out(one) for one in gates.gates(cycle)],
    }


# --- steps ----------------------------------------------------------------------------------------------


@router.get("/cycles/{key}/steps/{step}", response=shapes.StepOut, operation_id="get_step")
def get_step(request: HttpRequest, key: str, step: shapes.Step) -> Any:
    """A step as its page shows it: section, findings, criteria, origins of its numbers, and its gate."""
    actor, cycle = the_cycle(request, key)
    need_plan(actor, cycle, step, _("step 6 by the API"))
    result = results.latest(cycle, step)
    gate = gates.gate(cycle, step)
    shown = shown_to(result, vault.may_read(actor, cycle))
    return {
        "gate": gate_out(gate),
        "evidence": result.evidence if result else None,
        "computed_at": result.computed_at if result else None,
        "document_version": result.document_version if result else None,
        "facts": result.facts if result else [],
        "section": shown["section"],
        "findings": shown["findings"],
        "lacks": shown["lacks"],
        "criteria": shown.get("criteria", list(gate.criteria)),
        "origins": result.origins if result else {},
    }


@router.get("/cycles/{key}/steps/{step}/deliverable", response=dict[str, Any], operation_id="get_deliverable")
def get_deliverable(request: HttpRequest, key: str, step: shapes.Step) -> Any:
    """What the step hands on, whole. Where it names the confidential plan, only for the plan's readers."""
    actor, cycle = the_cycle(request, key)
    need_plan(actor, cycle, step, _("deliverable of step 6 by the API"))
    result = results.latest(cycle, step, whole=True)
    if result is None:
        return failed(404, _("Nothing here"), _("Nothing is computed for this step yet."), step)
    plan = min(room.number for room in registry.rooms() if room.confidential)
    names_it = result.public is not None or step > plan  # what rests on the plan refers to its records
    if names_it and not vault.may_read(actor, cycle):
        vault.require_reader(actor, cycle, what=_("deliverable that names the plan"))
    return json.loads(results.deliverable_of(result))


@router.post("/cycles/{key}/steps/{step}/sign-off", response={201: shapes.GateOut}, operation_id="sign_step_off")
def sign_off(request: HttpRequest, key: str, step: shapes.Step, sent: shapes.SignIn) -> Any:
    """Signs the step off; with unmet criteria, or before a step ahead of it, this waives and takes a reason."""
    actor, cycle = the_cycle(request, key, Permission.SIGN)
    gates.sign_off(actor=actor, cycle=cycle, step=step, evidence=sent.evidence, reason=sent.reason)
    return Status(201, gate_out(gates.gate(cycle, step)))


@router.delete("/cycles/{key}/steps/{step}/sign-off", response=shapes.GateOut, operation_id="withdraw_sign_off")
def withdraw(request: HttpRequest, key: str, step: shapes.Step) -> Any:
    """Takes a sign-off back; it stays in the history."""
    actor, cycle = the_cycle(request, key, Permission.SIGN)
    gates.withdraw(actor=actor, cycle=cycle, step=step)
    return gate_out(gates.gate(cycle, step))


# --- documents ------------------------------------------------------------------------------------------


@router.get("/documents/{step}/schema", response=dict[str, Any], operation_id="get_document_schema")
def get_schema(request: HttpRequest, step: shapes.AnyStep) -> Any:
    """The JSON schema of a step's decisions (0: the cycle's register and settings)."""
    del request
    return registry.model_of(step).model_json_schema()


@router.get("/cycles/{key}/documents/{step}", response=shapes.DocumentOut, operation_id="get_document")
def get_document(request: HttpRequest, key: str, step: shapes.AnyStep, response: HttpResponse) -> Any:
    """The newest version of a step's decisions, with its number, also as ETag."""
    actor, cycle = the_cycle(request, key)
    need_plan(actor, cycle, step, _("decisions of step 6 by the API"))
    found = document_out(actor, cycle, step)
    response["ETag"] = f'"{found["version"]}"'
    return found


@router.put("/cycles/{key}/documents/{step}", response=SavedOut, operation_id="replace_document")
def replace_document(request: HttpRequest, key: str, step: shapes.AnyStep, sent: shapes.DocumentIn) -> Any:
    """Puts a whole document in the place of the version `base`."""
    actor, cycle = the_cycle(request, key, Permission.EDIT)
    whole = [Edit("replace", (), sent.document)]
    return as_json(documents.edit(actor=actor, cycle=cycle, step=step, edits=whole, base=sent.base))


@router.patch("/cycles/{key}/documents/{step}", response=SavedOut, operation_id="edit_document")
def edit_document(request: HttpRequest, key: str, step: shapes.AnyStep, sent: EditsIn) -> Any:
    """Edits places of a document. 409 where somebody changed the same place since `base`."""
    actor, cycle = the_cycle(request, key, Permission.EDIT)
    return as_json(documents.edit(actor=actor, cycle=cycle, step=step, edits=edits_in(sent), base=sent.base))


@router.post("/cycles/{key}/documents/{step}/undo", response=SavedOut, operation_id="undo_edit")
def undo(request: HttpRequest, key: str, step: shapes.AnyStep) -> Any:
    """Takes your last edit back."""
    actor, cycle = the_cycle(request, key, Permission.EDIT)
    return as_json(documents.undo(actor=actor, cycle=cycle, step=step))


@router.post("/cycles/{key}/documents/{step}/redo", response=SavedOut, operation_id="redo_edit")
def redo(request: HttpRequest, key: str, step: shapes.AnyStep) -> Any:
    """Makes it again."""
    actor, cycle = the_cycle(request, key, Permission.EDIT)
    return as_json(documents.redo(actor=actor, cycle=cycle, step=step))


@router.get("/cycles/{key}/rename", response=shapes.RenamingOut, operation_id="preview_renaming")
def preview_renaming(request: HttpRequest, key: str, kind: Id, id: Id) -> Any:  # noqa: A002
    """What another id of a record (a need, a characteristic, ...) would change in all documents."""
    actor, cycle = the_cycle(request, key, Permission.EDIT)
    return renaming_foreseen(actor=actor, cycle=cycle, kind=kind, old=id)


@router.post("/cycles/{key}/rename", response=shapes.RenamedOut, operation_id="rename_record")
def rename(request: HttpRequest, key: str, sent: shapes.RenameIn) -> Any:
    """Gives a record another id, with everything that names it; undo takes it back in all documents at once."""
    actor, cycle = the_cycle(request, key, Permission.EDIT)
    return renamed(actor=actor, cycle=cycle, kind=sent.kind, old=sent.id, new=sent.to)


@router.get(
    "/cycles/{key}/documents/{step}/versions",
    response=Part[shapes.VersionOut],
    operation_id="list_versions",
)
def list_versions(
    request: HttpRequest, key: str, step: shapes.AnyStep, limit: Limit = 50, offset: Offset = 0
) -> Any:
    """Who changed what, when; the newest first."""
    actor, cycle = the_cycle(request, key)
    need_plan(actor, cycle, step, _("versions of step 6 by the API"))
    found = rows(actor, DocumentVersion).filter(cycle=cycle, step=step).defer("content").order_by("-number")
    return part(found.select_related("person"), limit, offset, lambda one: _version_out(actor, cycle, one))


def _version_out(actor: Actor, cycle: Cycle, one: DocumentVersion) -> dict[str, Any]:
    return {
        "number": one.number,
        "person": str(one.person) if one.person else None,
        "at": one.at,
        "changes": veiled_changes(actor, cycle, one.step, one.changes),
        "undoes": one.undoes,
        "redoes": one.redoes,
    }


@router.get(
    "/cycles/{key}/documents/{step}/versions/{number}", response=shapes.DocumentOut, operation_id="get_version"
)
def get_version(request: HttpRequest, key: str, step: shapes.AnyStep, number: Whole) -> Any:
    """One version as it was."""
    actor, cycle = the_cycle(request, key)
    need_plan(actor, cycle, step, _("a version of step 6 by the API"))
    found = get_or_404(actor, DocumentVersion, Permission.VIEW, cycle=cycle, step=step, number=number)
    return {"step": step, "version": number, "document": veiled(actor, cycle, step, found.content), "faults": []}


# --- trace, reports, audit ------------------------------------------------------------------------------


KIND = Field(pattern="^(verbatim|need|characteristic|opportunity|project|activity|control_item|follow_up|result)$")


@router.get("/cycles/{key}/trace", response=shapes.RecordOut, operation_id="walk_trace")
def walk_trace(
    request: HttpRequest,
    key: str,
    kind: Annotated[str, KIND],
    id: str,  # noqa: A002
    limit: Limit = 50,
    offset: Offset = 0,
) -> Any:
    """From a record both ways to the ends of the chain; of the verbatims that it comes from, a part at a time."""
    actor, cycle = the_cycle(request, key)
    hidden = set() if vault.may_read(actor, cycle) else PLAN_KINDS
    if kind in hidden:
        vault.require_reader(actor, cycle, what=_("trace of the plan"))
    tracing, start = Tracing(cycle, sees_plan=not hidden), (kind, id)
    said, many = ([], 0) if kind == "verbatim" else tracing.verbatims_of(start, start=offset, most=limit)
    back = [*(("verbatim", one) for one in said), *tracing.before(start)]
    ways = {"back": by_kind(back, hidden), "forward": by_kind(tracing.after(start), hidden)}
    return {"kind": kind, "id": id, "verbatims": many, **ways}


def by_kind(records: Iterable[tuple[str, str]], hidden: Collection[str]) -> dict[str, list[str]]:
    """Ids by kind, in the order of the trace, without the kinds that are hidden."""
    found: dict[str, list[str]] = {one: [] for one in KINDS if one not in hidden}
    for kind, own in sorted(records):
        if kind in found:
            found[kind].append(own)
    return {kind: ids for kind, ids in found.items() if ids}


@router.get("/cycles/{key}/trace/breaks", response=shapes.BreaksOut, operation_id="list_breaks")
def list_breaks(request: HttpRequest, key: str) -> Any:
    """Orphans and dead ends."""
    actor, cycle = the_cycle(request, key)
    hidden = set() if vault.may_read(actor, cycle) else PLAN_KINDS
    found = results.trace_of(cycle)
    return {name: [one for one in found[name] if one["kind"] not in hidden] for name in ("orphans", "dead_ends")}


@router.post("/cycles/{key}/reports", response={202: shapes.JobOut}, operation_id="make_report")
def make_report(request: HttpRequest, key: str, sent: shapes.ReportIn) -> Any:
    """Makes the report as html, pdf, xlsx or pptx; with the plan it is marked with your name."""
    actor, cycle = the_cycle(request, key, Permission.EXPORT)
    return Status(202, job_out(ask_for_copy(actor=actor, cycle=cycle, ending=sent.format, plan=sent.plan)))


@router.get("/cycles/{key}/reports", response=list[shapes.JobOut], operation_id="list_reports")
def list_reports(request: HttpRequest, key: str) -> Any:
    """Your copies of the report of the last day, the newest first."""
    actor, cycle = the_cycle(request, key, Permission.EXPORT)
    return [job_out(one) for one in copies_of(actor, cycle)]


@router.get("/cycles/{key}/reports/{job}", operation_id="get_report")
def get_report(request: HttpRequest, key: str, job: Whole) -> HttpResponse:
    """A report that was made for you, once its job is done."""
    actor, cycle = the_cycle(request, key, Permission.EXPORT)
    found = made_copy(actor=actor, job=get_or_404(actor, Job, Permission.EXPORT, pk=job, cycle=cycle))
    if found is None:
        rule = _("There is no such copy of yours: its job is not done, or it is older than a day.")
        return failed(404, _("Nothing here"), rule, job, _("Look at the job, or ask for the report again."))
    return as_download(found)


@router.get("/cycles/{key}/audit", response=Part[shapes.AuditOut], operation_id="list_audit")
def list_audit(request: HttpRequest, key: str, limit: Limit = 50, offset: Offset = 0) -> Any:
    """Who did what; the newest first."""
    actor, cycle = the_cycle(request, key)
    found = rows(actor, AuditEntry).filter(cycle=cycle).select_related("person", "cycle")
    return part(vault.without_plan(actor, found), limit, offset, audit_out)


def audit_out(one: AuditEntry) -> dict[str, Any]:
    """One entry."""
    return {
        "at": one.at,
        "person": str(one.person) if one.person else None,
        "action": one.action,
        "subject": one.subject,
        "cycle": one.cycle.key if one.cycle else None,
        "detail": one.detail,
    }
