"""What a renaming would change and what it changed, for the pages and the API."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from nonagon.accounts.access import Actor
from nonagon.process import registry, renaming
from nonagon.process.models import Cycle
from nonagon.ui.fields import label_of
from nonagon.ui.sentences import said_text


def renaming_foreseen(*, actor: Actor, cycle: Cycle, kind: str, old: str) -> dict[str, Any]:
    """How many places in how many documents, the same in sentences, and why it cannot be done, where it cannot."""
    there, blocked = renaming.foreseen(actor=actor, cycle=cycle, kind=kind, old=old)
    steps = {step for step, _name in there}
    places = ngettext("%(count)d place", "%(count)d places", there.total()) % {"count": there.total()}
    within = ngettext("%(count)d step", "%(count)d steps", len(steps)) % {"count": len(steps)}
    return {
        "places": there.total(),
        "steps": sorted(steps),
        "told": _("%(places)s in %(steps)s") % {"places": places, "steps": within},
        "sentences": [_sentence(step, name, count) for (step, name), count in sorted(there.items())],
        "blocked": blocked,
    }


def _sentence(step: int, name: str, count: int) -> str:
    where = _("Items and settings") if step == registry.HEAD else _("Step %(step)d") % {"step": step}
    places = ngettext("%(count)d place", "%(count)d places", count) % {"count": count}
    what = {"where": where, "list": said_text(label_of(name)).lower(), "places": places}
    return _("%(where)s, %(list)s: %(places)s") % what


def renamed(*, actor: Actor, cycle: Cycle, kind: str, old: str, new: str) -> dict[str, Any]:
    """Does it. versions: the new ones of the documents that changed, by step, as far as the actor may know it."""
    saved = renaming.rename(actor=actor, cycle=cycle, kind=kind, old=old, new=new)
    return {"kind": kind, "id": new.strip(), "versions": {str(step): one.version for step, one in saved.items()}}
