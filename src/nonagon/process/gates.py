"""Gates on evidence: where each step stands, sign-off and waiver, and staleness with what changed."""

from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from nonagon.accounts.access import Actor, Permission, require
from nonagon.process import audit, registry, results
from nonagon.process.edits import Change
from nonagon.process.models import Cycle, DocumentVersion, Result, SignOff

LABELS = {
    "not_started": gettext_lazy("not started"),
    "in_work": gettext_lazy("in work"),
    "ready": gettext_lazy("ready"),
    "signed": gettext_lazy("signed off"),
    "waived": gettext_lazy("waived"),
}


class GateClosed(Exception):
    """The step cannot be signed off as asked; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class StepGate:
    """Where one step stands.

    state: not_started, in_work, ready, signed or waived; met, of: its criteria; stale: the evidence under the
    sign-off has changed; changes: what changed, in sentences; weakest: it has the smallest share of criteria met.
    """

    step: int
    word: str
    title: str
    state: str
    met: int
    of: int
    sign_off: SignOff | None = None
    stale: bool = False
    changes: tuple[str, ...] = ()
    weakest: bool = False
    criteria: tuple[dict[str, Any], ...] = field(default=())

    @property
    def share(self) -> float:
        """Share of the criteria that are met."""
        return self.met / self.of if self.of else 0.0

    @property
    def state_label(self) -> str:
        """The state in words."""
        return str(LABELS[self.state])


def gates(cycle: Cycle) -> tuple[StepGate, ...]:
    """All nine steps."""
    found = results.all_latest(cycle)
    signed = {one.step: one for one in _in_force(cycle)}
    plain = [_gate(cycle, room, found.get(room.number), signed.get(room.number)) for room in registry.rooms()]
    least = min((one.share for one in plain), default=0.0)
    all_done = all(one.state in {"ready", "signed"} for one in plain)
    return tuple(StepGate(**{**_fields(one), "weakest": not all_done and one.share == least}) for one in plain)


def gate(cycle: Cycle, step: int) -> StepGate:
    """One of them."""
    return next(one for one in gates(cycle) if one.step == step)


def unsigned_before(cycle: Cycle, step: int, known: tuple[StepGate, ...] | None = None) -> list[StepGate]:
    """The steps ahead of this one that are neither signed nor waived."""
    return [one for one in known or gates(cycle) if one.step < step and one.sign_off is None]


@transaction.atomic
def sign_off(*, actor: Actor, cycle: Cycle, step: int, evidence: str, reason: str = "") -> SignOff:
    """Signs a step off on the evidence that the person saw.

    With unmet criteria, or before a step ahead of it, it takes a written reason and becomes a waiver that stays
    visible. Raises GateClosed where the evidence has changed meanwhile or the reason is missing.
    """
    require(actor, cycle, Permission.SIGN)
    Cycle.objects.select_for_update().get(pk=cycle.pk)
    result = results.latest(cycle, step)
    if result is None:
        raise GateClosed(_("Nothing is computed for this step yet; bring data in or record decisions first."))
    if result.evidence != evidence:
        raise GateClosed(_("The evidence has changed since you opened the page; look at it again, then sign."))
    if SignOff.objects.filter(cycle=cycle, step=step, withdrawn_at=None).exists():
        raise GateClosed(_("The step is signed off already; withdraw that first."))
    unmet = [one for one in result.criteria if not one["met"]]
    ahead = unsigned_before(cycle, step)
    if (unmet or ahead) and len(reason.strip()) < 10:
        raise GateClosed(
            _(
                "%(unmet)d exit criteria are unmet and %(ahead)d steps ahead are not signed off. "
                "To go on write a reason of at least ten characters; it stays visible in every report."
            )
            % {"unmet": len(unmet), "ahead": len(ahead)}
        )
    kind = SignOff.Kind.WAIVED if unmet or ahead else SignOff.Kind.SIGNED
    made = SignOff.objects.create(
        cycle=cycle, step=step, kind=kind, reason=reason.strip(), person=actor.person, result=result
    )
    audit.note(
        actor,
        f"step.{'waive' if unmet or ahead else 'sign'}",
        cycle=cycle,
        subject=f"step {step}",
        evidence=evidence,
        unmet=[one["id"] for one in unmet],
        ahead=[one.step for one in ahead],
        reason=reason.strip(),
    )
    return made


@transaction.atomic
def withdraw(*, actor: Actor, cycle: Cycle, step: int) -> None:
    """Takes a sign-off back; it stays in the history."""
    require(actor, cycle, Permission.SIGN)
    held = SignOff.objects.select_for_update().filter(cycle=cycle, step=step, withdrawn_at=None).first()
    if held is None:
        raise GateClosed(_("The step is not signed off; there is nothing to withdraw."))
    held.withdrawn_at, held.withdrawn_by = timezone.now(), actor.person
    held.save(update_fields=["withdrawn_at", "withdrawn_by"])
    audit.note(actor, "step.withdraw", cycle=cycle, subject=f"step {step}")


def _in_force(cycle: Cycle) -> list[SignOff]:
    held = SignOff.objects.filter(cycle=cycle, withdrawn_at=None)
    return list(held.select_related("person", "result").defer("result__deliverable", "result__section"))


def _gate(cycle: Cycle, room: registry.Room, result: Result | None, signed: SignOff | None) -> StepGate:
    criteria = tuple(result.criteria) if result is not None else ()
    met, of = sum(1 for one in criteria if one["met"]), len(criteria)
    if signed is not None:
        state = signed.kind
    elif of and met == of:
        state = "ready"
    else:
        state = "in_work" if result is not None and result.begun else "not_started"
    stale = signed is not None and result is not None and result.evidence != signed.result.evidence
    changes = _what_changed(cycle, signed.result, result) if stale and signed and result else ()
    return StepGate(
        step=room.number,
        word=room.word,
        title=room.title,
        state=state,
        met=met,
        of=of,
        sign_off=signed,
        stale=stale,
        changes=changes,
        criteria=criteria,
    )


def _fields(one: StepGate) -> dict[str, Any]:
    return {name: getattr(one, name) for name in one.__dataclass_fields__}


MOST_CHANGES = 8


def _what_changed(cycle: Cycle, before: Result, now: Result) -> tuple[str, ...]:
    """In sentences: decisions of the step, facts, criteria, and what the steps ahead handed on."""
    said = []
    for version in DocumentVersion.objects.filter(
        cycle=cycle, step=now.step, number__gt=before.document_version, number__lte=now.document_version
    ).select_related("person"):
        for stored in version.changes:
            sentence = _change_said(Change.from_json(stored), version)
            # of the plan it is only told who changed it: once each
            if sentence not in said or not registry.room(now.step).confidential:
                said.append(sentence)
    for label in sorted(set(now.facts) - set(before.facts)):
        said.append(_("The data are now %(label)s.") % {"label": label})
    was = {one["id"]: one["met"] for one in before.criteria}
    for one in now.criteria:
        if was.get(one["id"]) is not None and was[one["id"]] != one["met"]:
            word = _("met now") if one["met"] else _("not met any more")
            said.append(f"{one['sentence']} — {word}")
    if not said:
        said.append(_("Earlier steps handed on other results, so the numbers here are others than those signed."))
    more = len(said) - MOST_CHANGES
    return (*said[:MOST_CHANGES], *([_("and %(more)d more changes") % {"more": more}] if more > 0 else []))


def _change_said(change: Change, version: DocumentVersion) -> str:
    where = ".".join(str(part).lstrip("@") for part in change.path) or _("the whole document")
    who = str(version.person) if version.person else _("somebody")
    if registry.room(version.step).confidential:
        # Sentences of gates stand in reports and lists for everybody; ids of the plan's records tell their names.
        return _("%(who)s changed the plan") % {"who": who}
    words = {
        "set": _("%(who)s changed %(where)s"),
        "replace": _("%(who)s replaced %(where)s"),
        "add": _("%(who)s added an entry to %(where)s"),
        "remove": _("%(who)s removed %(where)s"),
        "move": _("%(who)s moved %(where)s"),
    }
    op = change.op if change.op != "put" else "remove" if change.after is None else "set"
    return words[op] % {"who": who, "where": where}
