"""What people do in step 5 beyond editing: approving the charter. Approved versions are kept as they were."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from nonagon.accounts.access import Actor, Permission
from nonagon.deliverables.decisions import Fault
from nonagon.process import documents
from nonagon.process.documents import DocumentError, Saved, Wrong
from nonagon.process.edits import Edit
from nonagon.process.models import Cycle
from nonagon.steps.step5_opportunities.decisions import Charter, CharterApproval, Step5Decisions

STEP = 5


def approve_charter(*, actor: Actor, cycle: Cycle, version: str, approved_by: str, base: int) -> Saved:
    """Approves the charter as it stands, as `version`, in the name of a role; takes the permission to sign.

    base: the version of the decisions that the approver read; where the charter was changed since, `Conflict` is
    raised: nobody approves what they have not seen. Raises DocumentError for an empty charter, a missing role or a
    version that was approved before.
    """
    decisions, _number = documents.current(cycle, STEP)
    assert isinstance(decisions, Step5Decisions)
    wrong = list(_objections(decisions, version.strip(), approved_by.strip()))
    if wrong:
        raise DocumentError(wrong)
    today = timezone.localdate()
    approved = decisions.charter.model_copy(
        update={"version": version.strip(), "approved_by": approved_by.strip(), "approved_on": today}
    )
    kept = CharterApproval(
        version=approved.version,
        approved_by=approved.approved_by,
        approved_on=today,
        sha256=approved.fingerprint,
        charter=approved,
    )
    edits = [
        Edit("set", ("charter",), value=approved.model_dump(mode="json")),
        Edit("add", ("approvals",), value=kept.model_dump(mode="json")),
    ]
    return documents.edit(actor=actor, cycle=cycle, step=STEP, edits=edits, base=base, permission=Permission.SIGN)


def _objections(decisions: Step5Decisions, version: str, approved_by: str) -> list[Wrong]:
    wrong = []
    if decisions.charter.fingerprint == Charter().fingerprint:
        wrong.append(
            Wrong(("charter", "mission"), _("The charter is empty; write its mission before it is approved."))
        )
    if not version:
        wrong.append(Wrong(("charter", "version"), _("Give the version a name, such as 2.")))
    if version in {one.version for one in decisions.approvals}:
        said = _("Version %(version)s was approved already; give this one another name.")
        wrong.append(Wrong(("charter", "version"), said % {"version": version}))
    if not approved_by:
        wrong.append(
            Wrong(("charter", "approved_by"), _("Say which role approves it, such as managing director."))
        )
    return wrong


def approvals_stay(*, actor: Any, cycle: Any, before: Any, after: Any) -> list[Fault]:
    """The guard of the document: approved versions are added by who may sign, never changed or taken away."""
    if before == type(before)() or before.approvals == after.approvals:
        return []  # a folder that is brought in may hold approvals from elsewhere
    kept, added = after.approvals[: len(before.approvals)], after.approvals[len(before.approvals) :]
    if kept != before.approvals:
        return [
            Fault(
                ("approvals",), _("Approved versions stay as they were approved; approve a new version instead.")
            )
        ]
    if not actor.may(Permission.SIGN, cycle.organization_id):
        return [Fault(("approvals",), _("To approve the charter takes the permission “sign”."))]
    if [one.sha256 for one in added] != [after.charter.fingerprint]:
        return [Fault(("approvals",), _("Only the charter as it stands can be approved."))]
    return []
