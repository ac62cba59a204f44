"""Computed results as stored rows: written by the compute job, read by pages."""

import gzip
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from nonagon.process.models import Cycle, Result, Whole


@dataclass(frozen=True, slots=True)
class Fresh:
    """One step's result as computed. content: the deliverable's JSON; the others are plain JSON values."""

    step: int
    key: str
    content: bytes
    document_version: int
    facts: tuple[str, ...]
    section: dict[str, Any]
    criteria: list[dict[str, Any]]
    begun: bool
    public: dict[str, Any] | None = None


def latest(cycle: Cycle, step: int, *, whole: bool = False) -> Result | None:
    """The newest result of a step. whole: with the deliverable itself, which pages do not need."""
    found = Result.objects.filter(cycle=cycle, step=step).order_by("-number")
    return (found if whole else found.defer("deliverable")).first()


def all_latest(cycle: Cycle, *, sections: bool = False) -> dict[int, Result]:
    """The newest result of every step, without deliverables, and without sections unless they are asked for."""
    heavy = ("deliverable", "origins") if sections else ("deliverable", "section", "origins", "public")
    later = Result.objects.filter(cycle=cycle, step=OuterRef("step"), number__gt=OuterRef("number"))
    return {one.step: one for one in Result.objects.filter(~Exists(later), cycle=cycle).defer(*heavy)}


def deliverable_of(result: Result) -> bytes:
    """The deliverable's JSON as it was computed."""
    return gzip.decompress(bytes(result.deliverable))


def trace_of(cycle: Cycle) -> dict[str, Any]:
    """The stored trace; without links where nothing was computed yet."""
    whole = getattr(cycle, "whole", None)
    found: dict[str, Any] = {"links": [], "chains": [], "orphans": [], "dead_ends": []}
    return found | json.loads(gzip.decompress(bytes(whole.trace))) if whole is not None else found


@transaction.atomic
def store(
    *, cycle: Cycle, fresh: Mapping[int, Fresh], whole: dict[str, Any] | None, trace: bytes | None
) -> list[int]:
    """Keeps the results that differ from those before; gives the steps that have new ones."""
    Cycle.objects.select_for_update().get(pk=cycle.pk)
    changed = [step for step, one in sorted(fresh.items()) if _store_one(cycle, one)]
    if whole is not None:
        values = {**whole, "trace": gzip.compress(trace or b"{}", mtime=0), "computed_at": timezone.now()}
        Whole.objects.update_or_create(cycle=cycle, defaults=values)
    return changed


def _store_one(cycle: Cycle, one: Fresh) -> bool:
    before = latest(cycle, one.step)
    evidence = hashlib.sha256(
        one.content + json.dumps(one.criteria, sort_keys=True, ensure_ascii=False).encode()
    ).hexdigest()
    same = before is not None and before.evidence == evidence and before.section == one.section
    if before is not None and same and before.public == one.public:
        Result.objects.filter(pk=before.pk).update(
            key=one.key, document_version=one.document_version, facts=list(one.facts), begun=one.begun
        )
        return False
    said = json.loads(one.content)
    Result.objects.create(
        cycle=cycle,
        step=one.step,
        number=before.number + 1 if before is not None else 1,
        key=one.key,
        evidence=evidence,
        document_version=one.document_version,
        facts=list(one.facts),
        deliverable=gzip.compress(one.content, mtime=0),
        section=one.section,
        origins=said.get("origins", {}),
        findings=said.get("findings", []),
        lacks=said.get("lacks", []),
        criteria=one.criteria,
        public=one.public,
        begun=one.begun,
    )
    return True


def plain(value: Any) -> Any:
    """A dataclass of a section as plain JSON, each block with its kind."""
    found = asdict(value)
    found["blocks"] = [{"kind": type(block).__name__.lower(), **asdict(block)} for block in value.blocks]
    return json.loads(json.dumps(found))
