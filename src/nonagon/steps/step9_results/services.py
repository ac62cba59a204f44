"""Writes of step 9 in its own words: designs sealed, needs carried on, the minutes of the review signed."""

from typing import Any, cast

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from nonagon.accounts.access import Actor, Permission, require
from nonagon.deliverables.decisions import Fault
from nonagon.process import audit, documents
from nonagon.process.documents import DocumentError, Saved, Wrong
from nonagon.process.edits import Edit
from nonagon.process.models import Cycle
from nonagon.steps.step9_results.decisions import ReviewApproval, Step9Decisions, fingerprint_of

STEP = 9


def seal_design(*, actor: Actor, cycle: Cycle, effect: str) -> Saved:
    """Writes today as the day on which the design of an effect was written down. Raises DocumentError.

    What can be asked of a design is asked before: a placebo date, and what the design itself needs.
    """
    require(actor, cycle, Permission.EDIT)
    with transaction.atomic():
        document, number = _held(cycle)
        found = next((one for one in document.effects if one.id == effect), None)
        if found is None:
            raise DocumentError([Wrong(("effects",), _("There is no such effect any more."))])
        path = ("effects", f"@{effect}")
        if found.designed_on is not None:
            said = _("The design was written down on %(day)s already.")
            raise DocumentError([Wrong((*path, "designed_on"), said % {"day": found.designed_on})])
        if found.placebo is None:
            said = _("Name a placebo date first: a day before the start on which nothing happened.")
            raise DocumentError([Wrong((*path, "placebo"), said)])
        day = timezone.localdate().isoformat()
        saved = documents.edit(
            actor=actor,
            cycle=cycle,
            step=STEP,
            edits=[Edit("set", (*path, "designed_on"), value=day)],
            base=number,
        )
        audit.note(actor, "results.design.seal", cycle=cycle, subject=effect)
    return saved


def carry_on(*, actor: Actor, cycle: Cycle, need: str, reason: str) -> Saved:
    """Decides that a need stays open for the next cycle. Raises DocumentError."""
    require(actor, cycle, Permission.EDIT)
    with transaction.atomic():
        document, number = _held(cycle)
        if not reason.strip():
            raise DocumentError(
                [Wrong(("carried", "reason"), _("Say why it stays open, and what is to be done."))]
            )
        if any(one.need == need for one in document.carried):
            raise DocumentError([Wrong(("carried", "need"), _("The need is carried on already."))])
        entry = {"need": need, "reason": reason.strip()}
        edits = [Edit("add", ("carried",), value=entry)]
        return documents.edit(actor=actor, cycle=cycle, step=STEP, edits=edits, base=number)


def sign_minutes(*, actor: Actor, cycle: Cycle, seen: str, by: str) -> Saved:
    """Signs the minutes of the review as the person saw them (`seen`, their fingerprint). Raises DocumentError."""
    require(actor, cycle, Permission.SIGN)
    with transaction.atomic():
        document, number = _held(cycle)
        wrong = _not_ready(document, seen, by)
        if wrong:
            raise DocumentError([Wrong(("review_approval",), one) for one in wrong])
        approval = ReviewApproval(by=by, on=timezone.localdate(), sha256=seen)
        edit = Edit("set", ("review_approval",), value=approval.model_dump(mode="json"))
        saved = documents.edit(
            actor=actor, cycle=cycle, step=STEP, edits=[edit], base=number, permission=Permission.SIGN
        )
        audit.note(actor, "results.review.sign", cycle=cycle, subject="management review", sha256=seen, by=by)
    return saved


def _not_ready(document: Step9Decisions, seen: str, by: str) -> list[str]:
    wrong = []
    if fingerprint_of(document) != seen:
        wrong.append(_("The minutes have changed since you opened the page; read them again, then sign."))
    if document.reviewed_on is None:
        wrong.append(_("Say on which day the review was held."))
    if not document.review:
        wrong.append(_("A review has outputs: write down what was decided."))
    if any(not one.owner or one.due is None for one in document.review):
        wrong.append(_("Every decision needs an owner and a day."))
    if not by.strip():
        wrong.append(_("Say in which role you sign."))
    return wrong


def withdraw_signature(*, actor: Actor, cycle: Cycle) -> Saved:
    """Opens the minutes again; that they were signed stays in the history."""
    require(actor, cycle, Permission.SIGN)
    with transaction.atomic():
        _document, number = _held(cycle)
        saved = documents.edit(
            actor=actor,
            cycle=cycle,
            step=STEP,
            edits=[Edit("set", ("review_approval",), value=None)],
            base=number,
            permission=Permission.SIGN,
        )
        audit.note(actor, "results.review.withdraw", cycle=cycle, subject="management review")
    return saved


def only_signers_sign(*, actor: Any, cycle: Any, before: Any, after: Any) -> list[Fault]:
    """Refuses a change of the signature, by whatever door, from somebody who may not sign."""
    if before.review_approval == after.review_approval or actor.may(Permission.SIGN, cycle.organization_id):
        return []
    said = _("Who may sign off signs the minutes, on the page of the management review.")
    return [Fault(("review_approval",), said)]


def _held(cycle: Cycle) -> tuple[Step9Decisions, int]:
    """The document, while nobody else writes to the cycle."""
    Cycle.objects.select_for_update().get(pk=cycle.pk)
    document, number = documents.current(cycle, STEP)
    return cast(Step9Decisions, document), number
