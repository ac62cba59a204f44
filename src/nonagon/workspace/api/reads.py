"""Rows of the database as the API gives them, and what several operations ask for first."""

from typing import Any

from django.http import HttpRequest

from nonagon.accounts.access import Actor, Permission, actor_of, get_or_404
from nonagon.deliverables.plain import plain
from nonagon.process import documents, registry, vault
from nonagon.process.gates import StepGate
from nonagon.process.models import Cycle, Job, PlanAccess
from nonagon.process.veil import veiled


def the_cycle(request: HttpRequest, key: str, permission: Permission = Permission.VIEW) -> tuple[Actor, Cycle]:
    """The actor, and the cycle where it is theirs."""
    actor = actor_of(request)
    return actor, get_or_404(actor, Cycle, permission, key=key)


def need_plan(actor: Actor, cycle: Cycle, step: int, what: str) -> None:
    """Lets only the plan's readers at a confidential step; the read is noted."""
    if registry.is_open(step):
        return
    if not vault.may_read(actor, cycle):
        vault.require_reader(actor, cycle, what=what)
    vault.note(actor, cycle, PlanAccess.Kind.READ, what)


def cycle_out(cycle: Cycle) -> dict[str, Any]:
    """A cycle."""
    return {
        "key": cycle.key,
        "name": cycle.name,
        "organization": cycle.organization.slug,
        "created_at": cycle.created_at,
        "archived": cycle.archived_at is not None,
    }


def gate_out(one: StepGate) -> dict[str, Any]:
    """Where a step stands."""
    signed = one.sign_off
    return {
        "step": one.step,
        "word": one.word,
        "title": one.title,
        "state": one.state,
        "met": one.met,
        "of": one.of,
        "weakest": one.weakest,
        "stale": one.stale,
        "changes": list(one.changes),
        "signed_by": str(signed.person) if signed else None,
        "signed_at": signed.at if signed else None,
        "reason": signed.reason if signed else "",
    }


def job_out(job: Job) -> dict[str, Any]:
    """Long work; what broke inside stays in the server's log."""
    names = ("kind", "state", "stage", "done", "of", "message", "created_at", "finished_at")
    outcome = {name: value for name, value in job.outcome.items() if name != "traceback"}
    return {"id": job.pk, **{name: getattr(job, name) for name in names}, "outcome": outcome}


def document_out(actor: Actor, cycle: Cycle, step: int) -> dict[str, Any]:
    """The newest version of a document."""
    document, version = documents.current(cycle, step)
    wrong = documents.faults_for(actor, cycle, step)
    return {
        "step": step,
        "version": version,
        "document": veiled(actor, cycle, step, plain(document)),
        "faults": [{"path": list(one.path), "message": one.message} for one in wrong],
    }
