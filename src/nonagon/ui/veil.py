"""Decisions as somebody outside the plan's team may see them: what refers to a project or an activity is covered.

The ids of a plan's records are made of their names, and so tell them.
"""

from typing import Any

from nonagon.accounts.access import Actor
from nonagon.process import registry, vault
from nonagon.process.models import Cycle
from nonagon.process.vault import COVERED
from nonagon.ui.fields import REFERENCES

PLAN_KINDS = frozenset({"project", "activity"})


def veiled(actor: Actor, cycle: Cycle, step: int, content: Any) -> Any:
    """The content of a step's document for this reader; the plan's own document is not shown to others at all."""
    if step == registry.HEAD or registry.room(step).confidential or vault.may_read(actor, cycle):
        return content
    return _covered(content)


def veiled_changes(actor: Actor, cycle: Cycle, step: int, changes: Any) -> Any:
    """The changes of a version for this reader."""
    if step == registry.HEAD or registry.room(step).confidential or vault.may_read(actor, cycle):
        return changes
    return [_covered_change(one) for one in changes]


def _covered_change(change: Any) -> Any:
    names = [part for part in change["path"] if isinstance(part, str) and not part.startswith("@")]
    is_reference = bool(names) and _is_plans(names[-1])
    cover = _reference if is_reference else _covered
    return {**change, "before": cover(change.get("before")), "after": cover(change.get("after"))}


def _covered(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _reference(one) if _is_plans(name) else _covered(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_covered(one) for one in value]
    return value


def _is_plans(name: str) -> bool:
    return REFERENCES.get(name) in PLAN_KINDS


def _reference(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [COVERED for _one in value]
    return COVERED if isinstance(value, str) and value else value
