"""Step 9 for programs: designs sealed, needs carried on, the management review read and signed."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema

from nonagon.accounts.access import Permission
from nonagon.deliverables.plain import plain
from nonagon.process import vault
from nonagon.process.models import PlanAccess
from nonagon.process.veil import veiled
from nonagon.steps.step9_results import selectors, services
from nonagon.ui.answers import as_json
from nonagon.ui.frame import cycle_of
from nonagon.ui.shapes import Id, Line, SavedOut, Text

router = Router(tags=["results"])


class ChangedOut(Schema):
    """A change of a design after it had been written down."""

    at: datetime
    person: str
    field: str


class DesignOut(Schema):
    """The design of an effect. in_time: written down before the start; rules: what convinces."""

    effect: str
    design: str
    in_time: bool | None
    rules: dict[str, bool]
    changed: list[ChangedOut]


class SealIn(Schema):
    """Which effect."""

    effect: Id


class CarryIn(Schema):
    """A need that stays open for the next cycle, and why."""

    need: Id
    reason: Text


class ProposedOut(Schema):
    """A need that the evidence leaves open and that nobody has decided on."""

    need: str
    reason: str


class HeadingOut(Schema):
    """An input of the review (ISO 9001, 9.3.2). findings: what the cycle measured; said: what people add."""

    input: str
    title: str
    findings: list[str]
    said: str


class ReviewOut(Schema):
    """The minutes as they stand. seen: their fingerprint, which a signature names."""

    seen: str
    is_signed: bool
    changed_since: bool
    headings: list[HeadingOut]
    document: dict[str, Any]


class SignatureIn(Schema):
    """seen: the fingerprint of the minutes that were read; by: the role that signs."""

    seen: Line
    by: Line


@router.get("/cycles/{key}/results/designs", response=list[DesignOut], operation_id="list_designs")
def list_designs(request: HttpRequest, key: str) -> Any:
    """The designs of effects, and whether they hold."""
    actor, cycle = cycle_of(request, key)
    return [
        {
            "effect": one.effect.id,
            "design": one.effect.design,
            "in_time": one.in_time,
            "rules": dict(one.rules),
            "changed": [{"at": at, "person": who, "field": field} for at, who, field in one.changed],
        }
        for one in selectors.designs(actor, cycle)
    ]


@router.post("/cycles/{key}/results/seal", response=SavedOut, operation_id="seal_design")
def seal(request: HttpRequest, key: str, sent: SealIn) -> Any:
    """Writes today as the day on which a design stood; later changes of it are shown."""
    actor, cycle = cycle_of(request, key, Permission.EDIT)
    return as_json(services.seal_design(actor=actor, cycle=cycle, effect=sent.effect))


@router.get("/cycles/{key}/results/open-needs", response=list[ProposedOut], operation_id="list_open_needs")
def list_open_needs(request: HttpRequest, key: str) -> Any:
    """Needs that the evidence leaves open and that nobody has decided on."""
    _actor, cycle = cycle_of(request, key)
    return [{"need": one.need, "reason": one.reason} for one in selectors.proposed(cycle)]


@router.post("/cycles/{key}/results/carry", response=SavedOut, operation_id="carry_need")
def carry(request: HttpRequest, key: str, sent: CarryIn) -> Any:
    """Carries a need into the next cycle."""
    actor, cycle = cycle_of(request, key, Permission.EDIT)
    return as_json(services.carry_on(actor=actor, cycle=cycle, need=sent.need, reason=sent.reason))


@router.get("/cycles/{key}/results/review", response=ReviewOut, operation_id="get_review")
def get_review(request: HttpRequest, key: str) -> Any:
    """The management review: what the cycle knows under each heading, what people add, what was decided."""
    actor, cycle = cycle_of(request, key)
    sees_plan = vault.may_read(actor, cycle)
    if sees_plan:
        vault.note(actor, cycle, PlanAccess.Kind.READ, _("management review"))
    found = selectors.review(cycle, sees_plan=sees_plan)
    return {
        "seen": found.fingerprint,
        "is_signed": found.is_signed,
        "changed_since": found.changed_since,
        "headings": [
            {
                "input": one.input,
                "title": one.title,
                "findings": [sentence for _step, sentence in one.findings],
                "said": one.said,
            }
            for one in found.headings
        ],
        "document": veiled(actor, cycle, services.STEP, plain(found.document)),
    }


@router.post("/cycles/{key}/results/review/signature", response=SavedOut, operation_id="sign_review")
def sign(request: HttpRequest, key: str, sent: SignatureIn) -> Any:
    """Signs the minutes as they were read."""
    actor, cycle = cycle_of(request, key, Permission.SIGN)
    return as_json(services.sign_minutes(actor=actor, cycle=cycle, seen=sent.seen, by=sent.by.strip()))


@router.delete("/cycles/{key}/results/review/signature", response=SavedOut, operation_id="withdraw_signature")
def withdraw(request: HttpRequest, key: str) -> Any:
    """Opens the minutes again; that they were signed stays in the history."""
    actor, cycle = cycle_of(request, key, Permission.SIGN)
    return as_json(services.withdraw_signature(actor=actor, cycle=cycle))
