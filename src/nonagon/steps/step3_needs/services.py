"""Writes of step 3 in its own words: merge, split and remove needs, code verbatims, seal the register."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from nonagon.accounts.access import Actor, Permission, require
from nonagon.basics.errors import ArgumentError
from nonagon.deliverables.evidence import Value
from nonagon.process import audit, documents, registry, vault
from nonagon.process.documents import DocumentError, Saved, Wrong
from nonagon.process.edits import Edit
from nonagon.process.measured import facts_of
from nonagon.process.models import Cycle
from nonagon.steps.step3_needs import references, selectors
from nonagon.steps.step3_needs.analysis.verbatims import knowledge_of
from nonagon.steps.step3_needs.coding.whole import suggestions_of
from nonagon.steps.step3_needs.decisions import NO_NEED, Seal, Step3Decisions, Unsealing, seal_of
from nonagon.steps.step3_needs.references import STEP, Plan
from nonagon.ui.fields import label_of

FIRST_AFTER_QUALITY = 5
"""From this step on people build on a need: there it is merged, not removed."""


def merge_needs(*, actor: Actor, cycle: Cycle, need: str, into: str) -> dict[int, Saved]:
    """One need goes into another; everything that names it names the other, in all documents as one.

    Raises DocumentError where that cannot be; then nothing is changed.
    """
    require(actor, cycle, Permission.EDIT)
    with documents.held(cycle):
        found = documents.by_step(cycle)
        _known(found, need, into)
        plan = references.merging(found, need, into)
        return _carried_out(actor, cycle, plan, "needs.merge", need, into=into)


def remove_need(*, actor: Actor, cycle: Cycle, need: str) -> dict[int, Saved]:
    """A need goes, with its rules and what steps 1 to 4 say of it alone; the needs below it move up.

    Raises DocumentError where the sealed register or a step from 5 on names it, or where it is no need.
    """
    require(actor, cycle, Permission.EDIT)
    with documents.held(cycle):
        found = documents.by_step(cycle)
        _known(found, need)
        plan = references.removal(found, need)
        reasons = _why_not(found, need, plan)
        if reasons:
            raise DocumentError([Wrong(("needs", f"@{need}"), one) for one in reasons])
        return _carried_out(actor, cycle, plan, "needs.remove", need)


def split_need(
    *,
    actor: Actor,
    cycle: Cycle,
    need: str,
    new_id: str,
    name: str,
    rules: Sequence[int] = (),
    verbatims: Sequence[str] = (),
    beside: bool = True,
    coder: str = "",
    base: int,
) -> Saved:
    """A new need out of another one: it takes over rules (by position) and verbatims coded by hand.

    beside: the new need stands beside the old one, else below it. verbatims: ids, of which `coder` says from now
    on that they speak of the new need in place of the old one. base: the version that the positions are of.
    """
    require(actor, cycle, Permission.EDIT)
    with transaction.atomic():
        found, number = documents.by_step(cycle), documents.current(cycle, STEP)[1]
        _known(found, need)
        held = cast(Step3Decisions, found[STEP])
        ids = [one.id for one in held.needs]
        old = held.needs[ids.index(need)]
        if not name.strip() or not new_id.strip():
            raise DocumentError([Wrong(("needs",), _("The new need must have a name and a short name."))])
        _same_rules(cast(Step3Decisions, documents.at(cycle, STEP, base)), held, need, rules)
        entry = {"id": new_id, "name": name.strip(), "parent": old.parent if beside else need, "level": None}
        edits = [Edit("add", ("needs",), value=entry, to=ids.index(need) + 1)]
        edits += [Edit("set", ("rules", place, "need"), value=new_id) for place in rules]
        edits += _moved_codes(cycle, held, need, new_id, verbatims, coder)
        return documents.edit(actor=actor, cycle=cycle, step=STEP, edits=edits, base=number)


def code_verbatim(*, actor: Actor, cycle: Cycle, verbatim: str, needs: Sequence[str], coder: str) -> Saved:
    """A coder's codes of one verbatim, in place of the same coder's earlier ones; no need at all is `none`.

    Raises DocumentError for a need that is not in the tree.
    """
    require(actor, cycle, Permission.EDIT)
    with transaction.atomic():
        held, number = documents.current(cycle, STEP)
        document = cast(Step3Decisions, held)
        known = {one.id for one in document.needs}
        strange = [one for one in needs if one not in known]
        if strange or not verbatim:
            said = _("There is no need %(need)s in the tree.") % {"need": ", ".join(map(repr, strange))}
            raise DocumentError([Wrong(("codes",), said if strange else _("Say which verbatim is coded."))])
        old = [
            place for place, one in enumerate(document.codes) if one.verbatim == verbatim and one.coder == coder
        ]
        edits = [Edit("remove", ("codes", place)) for place in reversed(old)]
        edits += _codes(verbatim, list(dict.fromkeys(needs)) or [NO_NEED], coder)
        return documents.edit(actor=actor, cycle=cycle, step=STEP, edits=edits, base=number)


def seal_register(*, actor: Actor, cycle: Cycle, base: int, by: str = "") -> Saved:
    """Closes the register as the person saw it (version `base`): today's day, and a fingerprint of the entries."""
    require(actor, cycle, Permission.SIGN)
    with transaction.atomic():
        held, number = documents.current(cycle, STEP)
        document = cast(Step3Decisions, held)
        if document.seal is not None:
            raise DocumentError([Wrong(("seal",), _("The register is sealed already."))])
        if number != base and _changed_since(cycle, base, document):
            said = _("The register has changed since you opened the page; read it again, then seal it.")
            raise DocumentError([Wrong(("assumptions",), said)])
        seal = Seal(sealed_on=timezone.localdate(), sha256=seal_of(document.assumptions), by=by)
        edit = Edit("set", ("seal",), value=seal.model_dump(mode="json"))
        saved = documents.edit(
            actor=actor, cycle=cycle, step=STEP, edits=[edit], base=number, permission=Permission.SIGN
        )
        audit.note(actor, "needs.seal", cycle=cycle, subject="assumptions", sha256=seal.sha256)
    return saved


def open_register(*, actor: Actor, cycle: Cycle, reason: str, by: str = "") -> Saved:
    """Opens a sealed register; the reason (ten characters at least) stays in the document ever after."""
    require(actor, cycle, Permission.SIGN)
    with transaction.atomic():
        held, number = documents.current(cycle, STEP)
        seal = cast(Step3Decisions, held).seal
        if seal is None:
            raise DocumentError([Wrong(("seal",), _("The register is not sealed."))])
        if len(reason.strip()) < 10:
            raise DocumentError([Wrong(("unsealed",), _("Write why it is opened, ten characters at least."))])
        opened = Unsealing(
            sealed_on=seal.sealed_on,
            sha256=seal.sha256,
            unsealed_on=timezone.localdate(),
            reason=reason.strip(),
            by=by,
        )
        edits = [
            Edit("add", ("unsealed",), value=opened.model_dump(mode="json")),
            Edit("set", ("seal",), value=None),
        ]
        saved = documents.edit(
            actor=actor, cycle=cycle, step=STEP, edits=edits, base=number, permission=Permission.SIGN
        )
        audit.note(actor, "needs.unseal", cycle=cycle, subject="assumptions", reason=reason.strip())
    return saved


# --- what will change, before it is done


def merging_said(*, actor: Actor, cycle: Cycle, need: str, into: str) -> tuple[list[str], list[str]]:
    """What merging would change, in sentences, and why it cannot be done, where it cannot."""
    require(actor, cycle, Permission.EDIT)
    found = documents.by_step(cycle)
    _known(found, need, into)
    plan = references.merging(found, need, into)
    return _said(actor, cycle, plan, merged=True), _kept_from(actor, cycle, plan)


def removal_said(*, actor: Actor, cycle: Cycle, need: str) -> tuple[list[str], list[str]]:
    """What removing would change, in sentences, and why it cannot be done, where it cannot."""
    require(actor, cycle, Permission.EDIT)
    found = documents.by_step(cycle)
    _known(found, need)
    plan = references.removal(found, need)
    reasons = _why_not(found, need, plan, hidden=_hidden(actor, cycle))
    return _said(actor, cycle, plan, merged=False), [*reasons, *_kept_from(actor, cycle, plan)]


def _said(actor: Actor, cycle: Cycle, plan: Plan, *, merged: bool) -> list[str]:
    sentences = []
    hidden = _hidden(actor, cycle)
    for step in sorted({step for step, _name in [*plan.follow, *plan.left_out]} - hidden):
        where = _("Step %(step)d") % {"step": step} if step else _("Items and settings")
        for name in dict.fromkeys(name for at, name in [*plan.follow, *plan.left_out] if at == step):
            follow, left = plan.follow[step, name], plan.left_out[step, name]
            label = label_of(name).lower()
            if follow:
                word = _("follow") if merged else _("no longer name it")
                sentences.append(f"{where}, {label}: {_entries(follow)} {word}.")
            if left and merged:
                why = _("left out, since the need that is kept has its own, or it would compare with itself")
                sentences.append(f"{where}, {label}: {_entries(left)} {why}.")
            elif left:
                sentences.append(f"{where}, {label}: {_entries(left)} {_('removed')}.")
    return sentences


def _entries(count: int) -> str:
    return ngettext("%(count)d entry", "%(count)d entries", count) % {"count": count}


def _hidden(actor: Actor, cycle: Cycle) -> set[int]:
    """Steps that the actor may not change: confidential ones of whose team they are not."""
    if vault.is_on_team(actor, cycle):
        return set()
    return {room.number for room in registry.rooms() if room.confidential}


def _kept_from(actor: Actor, cycle: Cycle, plan: Plan) -> list[str]:
    if not _hidden(actor, cycle) & plan.edits.keys():
        return []
    return [_("The confidential plan builds on this need: somebody of its team has to do this.")]


def _why_not(
    found: dict[int, Value], need: str, plan: Plan, *, hidden: set[int] | frozenset[int] = frozenset()
) -> list[str]:
    reasons = []
    if references.is_sealed(cast(Step3Decisions, found[STEP]), need):
        reasons.append(_("The sealed register of assumptions names this need; merge it into another one."))
    built_on = [step for step in sorted(plan.edits) if step >= FIRST_AFTER_QUALITY and step not in hidden]
    if built_on:
        said = _("People build on this need in step %(steps)s; merge it into another one, or take it out there.")
        reasons.append(said % {"steps": ", ".join(map(str, built_on))})
    return reasons


# --- the parts


@dataclass(frozen=True, slots=True)
class Suggested:
    """How many verbatims were read for suggestions, and for how many of those without a need each is the first."""

    read: int
    first: dict[str, int]


def suggest_needs(*, key: str, tell: Callable[[str], None]) -> Suggested:
    """Stores of which needs the cycle's verbatims without one may speak, by what is known now, for the queue.

    Changes no decision. tell: hears how far it is, and stops it by what it raises. Raises ArgumentError where
    there is no such cycle or nobody said anything in it, InputError where its folder can't be written.
    """
    cycle = Cycle.objects.filter(key=key).first()
    if cycle is None:
        raise ArgumentError(f"cycle must be one of the application, as in the address /c/CYCLE/; got {key!r}")
    facts = facts_of(cycle)
    if not facts.has("verbatims"):
        raise ArgumentError(f"cycle must have verbatims to suggest needs for; {key!r} has none: import some first")
    facts.tell = tell
    known = knowledge_of(facts, selectors.decisions(cycle))
    _store, version = suggestions_of(facts, known)
    return Suggested(version.tally.verbatims, dict(zip(known.weights, version.tally.matched, strict=True)))


def _known(found: dict[int, Value], *needs: str) -> None:
    known = {one.id for one in cast(Step3Decisions, found[STEP]).needs}
    strange = [one for one in needs if one not in known]
    if strange:
        said = _("There is no need %(need)s in the tree any more; reload the page.")
        raise DocumentError([Wrong(("needs",), said % {"need": ", ".join(map(repr, strange))})])
    if len(set(needs)) < len(needs):
        raise DocumentError([Wrong(("needs",), _("A need cannot be merged into itself; choose another one."))])


def _same_rules(seen: Step3Decisions, held: Step3Decisions, need: str, rules: Sequence[int]) -> None:
    """Raises DocumentError for a rule that is another need's, or another one than the person saw in its place."""
    for place in rules:
        then, now = seen.rules[place : place + 1], held.rules[place : place + 1]
        if place < 0 or not now or then != now or now[0].need != need:
            said = _("Rule %(place)d is not the one of this need that you saw; reload the page.")
            raise DocumentError([Wrong(("rules", place), said % {"place": place + 1})])


def _carried_out(
    actor: Actor, cycle: Cycle, plan: Plan, action: str, need: str, **detail: str
) -> dict[int, Saved]:
    reasons = _kept_from(actor, cycle, plan)
    if reasons:
        raise DocumentError([Wrong(("needs",), one) for one in reasons])
    return documents.edit_together(
        actor=actor, cycle=cycle, edits=plan.edits, action=action, subject=need, **detail
    )


def _codes(verbatim: str, needs: Sequence[str], coder: str) -> list[Edit]:
    return [Edit("add", ("codes",), value={"verbatim": verbatim, "need": one, "coder": coder}) for one in needs]


def _moved_codes(
    cycle: Cycle, held: Step3Decisions, need: str, new: str, verbatims: Sequence[str], coder: str
) -> list[Edit]:
    """The chosen verbatims speak of the new need in place of the old one; who coded them by hand did so too."""
    wanted = dict.fromkeys(verbatims)
    by_hand = {one.verbatim for one in held.codes} & wanted.keys()
    edits = [
        Edit("set", ("codes", place, "need"), value=new)
        for place, one in enumerate(held.codes)
        if one.verbatim in wanted and one.need == need
    ]
    by_rule = [one for one in wanted if one not in by_hand]
    for verbatim, needs in selectors.needs_by_rule(cycle, held, by_rule).items():
        edits += _codes(
            verbatim, list(dict.fromkeys(new if one == need else one for one in [*needs, need])), coder
        )
    return edits


def _changed_since(cycle: Cycle, base: int, document: Step3Decisions) -> bool:
    """Whether the register differs from the one of the version that the person saw."""
    seen = documents.at(cycle, STEP, base)
    return cast(Step3Decisions, seen).assumptions != document.assumptions
