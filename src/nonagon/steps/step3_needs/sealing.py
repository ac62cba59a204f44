"""The sealed register of assumptions: what the document's every change has to respect."""

from django.utils import timezone
from django.utils.translation import gettext as _

from nonagon.accounts.access import Actor, Permission
from nonagon.deliverables.decisions import Fault
from nonagon.process.models import Cycle
from nonagon.steps.step3_needs.decisions import Seal, Step3Decisions, Unsealing, seal_of


def sealed_stays(*, actor: Actor, cycle: Cycle, before: Step3Decisions, after: Step3Decisions) -> list[Fault]:
    """What is wrong with a change: entries under a seal, a seal that is no true one, history that would vanish."""
    return [
        *_history(before, after),
        *_entries(before, after),
        *_merged(before, after),
        *_seal(actor, cycle, before, after),
    ]


def _history(before: Step3Decisions, after: Step3Decisions) -> list[Fault]:
    if after.unsealed[: len(before.unsealed)] == before.unsealed:
        return []
    return [Fault(("unsealed",), _("What was opened when and why stays as it was written; it cannot be changed."))]


def _entries(before: Step3Decisions, after: Step3Decisions) -> list[Fault]:
    if before.seal is None or after.assumptions == before.assumptions:
        return []
    said = _("The register was sealed on %(day)s: its entries cannot be changed. Open it first, and say why.")
    return [Fault(("assumptions",), said % {"day": before.seal.sealed_on})]


def _merged(before: Step3Decisions, after: Step3Decisions) -> list[Fault]:
    """Under a seal an entry goes on under another id only when its need is merged, and back by undo."""
    if before.seal is None or before.merged == after.merged:
        return []
    had, has = ({one.id for one in document.needs} for document in (before, after))
    keys = before.merged.keys() | after.merged.keys()
    changed = [one for one in keys if before.merged.get(one) != after.merged.get(one)]
    if all(
        (one in has and one not in after.merged)
        or (one in had and one not in has and after.merged.get(one) in has)
        for one in changed
    ):
        return []
    said = _("Which need an entry of the sealed register stands for changes only when needs are merged.")
    return [Fault(("merged",), said)]


def _seal(actor: Actor, cycle: Cycle, before: Step3Decisions, after: Step3Decisions) -> list[Fault]:
    more = after.unsealed[len(before.unsealed) :]
    if before.seal == after.seal:
        return [Fault(("unsealed",), _("Only the opening of a sealed register is written here."))] if more else []
    if not actor.may(Permission.SIGN, cycle.organization_id):
        return [Fault(("seal",), _("To seal or open the register takes the permission to sign."))]
    if before.seal is None:
        return _closing(after, more)
    return _opening(before.seal, after, more)


def _closing(after: Step3Decisions, more: tuple[Unsealing, ...]) -> list[Fault]:
    assert after.seal is not None
    if more:
        return [Fault(("unsealed",), _("The register was not sealed; there is nothing that was opened."))]
    if after.seal.sealed_on != timezone.localdate():
        said = _("The day of the seal is today, %(today)s; got %(day)s.")
        return [Fault(("seal", "sealed_on"), said % {"today": timezone.localdate(), "day": after.seal.sealed_on})]
    if not after.assumptions:
        return [Fault(("seal",), _("The register is empty; write down what you assume, then seal it."))]
    if after.seal.sha256 != seal_of(after.assumptions):
        return [Fault(("seal", "sha256"), _("The seal does not belong to these entries; reload the page."))]
    return []


def _opening(seal: Seal, after: Step3Decisions, more: tuple[Unsealing, ...]) -> list[Fault]:
    told = [(one.sealed_on, one.sha256, one.unsealed_on) for one in more]
    if after.seal is None and told == [(seal.sealed_on, seal.sha256, timezone.localdate())]:
        return []
    said = _("The register was sealed on %(day)s. To open it write the reason; it stays visible ever after.")
    return [Fault(("seal",), said % {"day": seal.sealed_on})]
