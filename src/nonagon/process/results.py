"""Computed results as stored rows: written by the compute job, read by pages."""

import gzip
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any, TypeVar, cast

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from pydantic import ValidationError

from nonagon.deliverables.evidence import Deliverable
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


D = TypeVar("D", bound=Deliverable)


@dataclass(frozen=True, slots=True)
class _Stored:
    """A stored deliverable by the fingerprint of what is in it, and the model to read it by."""

    model: type[Deliverable]
    evidence: str
    pk: int = field(compare=False)


def deliverable(cycle: Cycle, step: int, model: type[D]) -> D | None:
    """What the step's analysis gave last; None before that. It is read once, however often pages ask for it.

    None also where another version of the product wrote it in another form: the step is then computed again.
    """
    newest = (
        Result.objects.filter(cycle=cycle, step=step).order_by("-number").values_list("evidence", "pk").first()
    )
    return cast(D | None, _read(_Stored(model, *newest))) if newest is not None else None


@lru_cache(maxsize=16)
def _read(stored: _Stored) -> Deliverable | None:
    content = Result.objects.values_list("deliverable", flat=True).get(pk=stored.pk)
    try:
        return stored.model.model_validate_json(gzip.decompress(bytes(content)))
    except ValidationError:
        return None


def deliverable_of(result: Result) -> bytes:
    """The deliverable's JSON as it was computed."""
    return gzip.decompress(bytes(result.deliverable))


def trace_of(cycle: Cycle) -> dict[str, Any]:
    """The stored trace; without links where nothing was computed yet."""
    whole = getattr(cycle, "whole", None)
    found: dict[str, Any] = {"links": [], "chains": [], "orphans": [], "dead_ends": []}
    return found | json.loads(gzip.decompress(bytes(whole.trace))) if whole is not None else found


def steps_told(cycle: Cycle) -> set[int]:
    """The steps that the whole tells of: those that were computed when it was stored."""
    whole = Whole.objects.filter(cycle=cycle).only("effectiveness").first()
    return {one["step"] for one in whole.effectiveness["steps"]} if whole is not None else set()


def state_of(cycle: Cycle) -> tuple[Any, ...]:
    """What tells the stored results from earlier and later ones: equal only while none is stored anew."""
    whole = Whole.objects.filter(cycle=cycle).values_list("pk", "computed_at").first()
    return (cycle.pk, whole, *sorted((step, one.evidence) for step, one in all_latest(cycle).items()))


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


@transaction.atomic
def confirm(*, cycle: Cycle, documents: Mapping[int, int]) -> None:
    """What is stored holds for these versions of the documents too: step -> number."""
    Cycle.objects.select_for_update().get(pk=cycle.pk)
    for step, number in documents.items():
        newest = latest(cycle, step)
        if newest is not None and newest.document_version != number:
            Result.objects.filter(pk=newest.pk).update(document_version=number)
    Whole.objects.filter(cycle=cycle).update(computed_at=timezone.now())


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
