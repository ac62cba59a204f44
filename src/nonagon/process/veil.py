"""Decisions as somebody outside the plan's team may see them: what refers to a project or an activity is covered.

The ids of a plan's records are made of their names, and so tell them. What people write into the texts of the open
steps is theirs to tell, and stays on the pages; docs/explanation/who-sees-what.md says where the line is.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from nonagon.accounts.access import Actor
from nonagon.process import registry, vault
from nonagon.process.edits import Change, Edit, Path
from nonagon.process.models import Cycle
from nonagon.process.vault import COVERED

PLAN_KINDS = ("project", "activity")
"""What the confidential plan defines."""
PLAN_FIELDS = frozenset({"project", "projects", "activity", "activities", "after"})
"""Fields of decisions that name records of the plan by their ids."""


def veiled(actor: Actor, cycle: Cycle, step: int, content: Any) -> Any:
    """The content of a step's document for this reader; the plan's own document is not shown to others at all."""
    return content if _sees(actor, cycle, step) else _covered(content)


def veiled_changes(actor: Actor, cycle: Cycle, step: int, changes: Iterable[Any]) -> list[Any]:
    """The changes of a version, as they are stored, for this reader."""
    found = list(changes)
    if not found or _sees(actor, cycle, step):
        return found
    return [_covered_change(one) for one in found]


def shown_changes(actor: Actor, cycle: Cycle, step: int, changes: Iterable[Change]) -> tuple[Change, ...]:
    """Changes for the person who made them, or is told of them."""
    found = tuple(changes)
    told = veiled_changes(actor, cycle, step, [one.as_json() for one in found])
    # Paths as they are: who sent them knows them; those of somebody else's change are covered by `shown_conflict`.
    return tuple(replace(Change.from_json(each), path=one.path) for each, one in zip(told, found, strict=True))


def shown_conflict(actor: Actor, cycle: Cycle, step: int, change: Change, mine: Iterable[Edit]) -> Change:
    """Somebody else's change for the person whose edits met it: of its path, what they did not name is covered."""
    [told] = shown_changes(actor, cycle, step, [change])
    if _sees(actor, cycle, step):
        return told
    known = {part for one in mine for part in one.path}
    path = tuple(one if one in known else covered_part(one) for one in told.path)
    return replace(told, path=path)


def covered_path(step: int, path: Path) -> Path:
    """A path as every reader of the audit log may see it: where entries are named by the plan's ids, covered."""
    if step == registry.HEAD or registry.room(step).confidential:
        return path
    return tuple(map(covered_part, path))


def covered_part(part: str | int) -> str | int:
    """One part of a path.

    >>> covered_part("@activity=train_staff&characteristic=waiting"), covered_part("@k1"), covered_part(3)
    ('@activity=•••&characteristic=waiting', '@k1', 3)
    """
    if not isinstance(part, str) or "=" not in part:
        return part
    return re.sub(rf"(?<=[@&])({'|'.join(sorted(PLAN_FIELDS))})=[^&]*", rf"\1={COVERED}", part)


def without_ids(message: str) -> str:
    """A fault of a reference to the plan without the ids that the sender did not write.

    >>> without_ids("names the unknown activity 'a'; did you mean a1? (known: a1)")
    "names the unknown activity 'a'"
    >>> without_ids("the activity 'train_staff' stands twice; say all of it in one row")
    'the activity ••• stands twice; say all of it in one row'
    """
    kinds = "|".join(PLAN_KINDS)
    known = re.match(rf"(names the unknown (?:{kinds}) (['\"]).*?\2)", message, flags=re.DOTALL)
    return known[1] if known else re.sub(rf"\b({kinds}) (['\"]).*?\2", rf"\1 {COVERED}", message)


def _sees(actor: Actor, cycle: Cycle, step: int) -> bool:
    return step == registry.HEAD or registry.room(step).confidential or vault.may_read(actor, cycle)


def _covered_change(change: Any) -> Any:
    names = [part for part in change["path"] if isinstance(part, str) and not part.startswith("@")]
    cover = _reference if names and names[-1] in PLAN_FIELDS else _covered
    told = {**change, "before": cover(change.get("before")), "after": cover(change.get("after"))}
    for field in ("path", "now"):
        if told.get(field) is not None:
            told[field] = [covered_part(one) for one in told[field]]
    return told


def _covered(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _reference(one) if name in PLAN_FIELDS else _covered(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_covered(one) for one in value]
    return value


def _reference(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [COVERED for _one in value]
    return COVERED if isinstance(value, str) and value else value
