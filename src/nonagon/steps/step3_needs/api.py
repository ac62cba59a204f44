"""Step 3 for programs: the tree's needs merged, split and removed, verbatims coded, the register sealed."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from nonagon.accounts.access import Permission
from nonagon.process import documents
from nonagon.steps.step3_needs import selectors, services
from nonagon.steps.step3_needs.decisions import NO_NEED
from nonagon.ui.answers import as_json
from nonagon.ui.frame import cycle_of
from nonagon.ui.shapes import Id, Line, SavedOut, Text, ToldOut, Version, Whole

router = Router(tags=["needs"])
STEP = 3


class SpokenOut(Schema):
    """A verbatim; never who said it. by_hand: coders, where people coded it; rules: what matched."""

    id: str
    text: str
    told: str
    needs: list[str]
    by_hand: list[str]
    rules: list[str]


class VerbatimsOut(Schema):
    """A page of the verbatims of a need. count: those that contain the text; total: all of the need."""

    count: int
    total: int
    number: int
    pages: int
    spoken: list[SpokenOut]


class WaitingOut(Schema):
    """Verbatims that wait for a coder. left: in all; often: the needs that are spoken of most."""

    left: int
    often: list[str]
    verbatims: list[dict[str, Any]]


class CodesIn(Schema):
    """What a coder says of a verbatim; no need: it speaks of none."""

    verbatim: Id
    needs: list[Id] = Field(max_length=50)
    coder: Line = ""


class MergeIn(Schema):
    """A need that goes into another."""

    need: Id
    into: Id


class RemoveIn(Schema):
    """A need that goes."""

    need: Id


class SplitIn(Schema):
    """A new need out of another one. rules: positions, in version `base`, of the rules that go over."""

    base: Version
    need: Id
    id: Id
    name: Id
    rules: list[Version] = Field([], max_length=1000)
    verbatims: list[Id] = Field([], max_length=1000)
    beside: bool = True
    coder: Line = ""


class SealIn(Schema):
    """base: the version of the register that was read; by: the role that seals it."""

    base: Version
    by: Line = ""


class OpenIn(Schema):
    """Why a sealed register is opened; by: the role that opens it."""

    reason: Text
    by: Line = ""


class SeveralOut(SavedOut):
    """After a change of several documents: what stands in step 3, and the steps that changed."""

    steps: list[int]


@router.get("/cycles/{key}/needs/verbatims", response=VerbatimsOut, operation_id="list_verbatims")
def list_verbatims(request: HttpRequest, key: str, need: Id, containing: Line = "", page: Whole = 1) -> Any:
    """The verbatims that speak of a need, fifty a page."""
    _actor, cycle = cycle_of(request, key)
    return selectors.of_need(cycle, need, containing=containing.strip(), number=min(page, 10**6))


@router.get("/cycles/{key}/needs/queue", response=WaitingOut, operation_id="list_uncoded_verbatims")
def list_uncoded(request: HttpRequest, key: str, coder: Line = "", check: bool = False) -> Any:
    """Verbatims that wait for this coder; `check`: those that others coded, for their agreement."""
    _actor, cycle = cycle_of(request, key, Permission.EDIT)
    return selectors.queue(cycle, coder=coder, check=check)


@router.post("/cycles/{key}/needs/codes", response=SavedOut, operation_id="code_verbatim")
def code(request: HttpRequest, key: str, sent: CodesIn) -> Any:
    """A coder's codes of a verbatim, in place of the same coder's earlier ones."""
    actor, cycle = cycle_of(request, key, Permission.EDIT)
    needs = [one for one in sent.needs if one != NO_NEED]
    return as_json(
        services.code_verbatim(actor=actor, cycle=cycle, verbatim=sent.verbatim, needs=needs, coder=sent.coder)
    )


@router.get("/cycles/{key}/needs/merge", response=ToldOut, operation_id="preview_merge")
def preview_merge(request: HttpRequest, key: str, need: Id, into: Id) -> Any:
    """What merging a need into another would change."""
    actor, cycle = cycle_of(request, key, Permission.EDIT)
    return _told(services.merging_said(actor=actor, cycle=cycle, need=need, into=into))


@router.post("/cycles/{key}/needs/merge", response=SeveralOut, operation_id="merge_needs")
def merge(request: HttpRequest, key: str, sent: MergeIn) -> Any:
    """Merges a need into another, in all documents at once."""
    actor, cycle = cycle_of(request, key, Permission.EDIT)
    return _several(services.merge_needs(actor=actor, cycle=cycle, need=sent.need, into=sent.into))


@router.get("/cycles/{key}/needs/remove", response=ToldOut, operation_id="preview_removal")
def preview_removal(request: HttpRequest, key: str, need: Id) -> Any:
    """What removing a need would change."""
    actor, cycle = cycle_of(request, key, Permission.EDIT)
    return _told(services.removal_said(actor=actor, cycle=cycle, need=need))


@router.post("/cycles/{key}/needs/remove", response=SeveralOut, operation_id="remove_need")
def remove(request: HttpRequest, key: str, sent: RemoveIn) -> Any:
    """Removes a need, with its rules; refused where a step from 5 on builds on it."""
    actor, cycle = cycle_of(request, key, Permission.EDIT)
    return _several(services.remove_need(actor=actor, cycle=cycle, need=sent.need))


@router.post("/cycles/{key}/needs/split", response=SavedOut, operation_id="split_need")
def split(request: HttpRequest, key: str, sent: SplitIn) -> Any:
    """A new need out of another one, with some of its rules and verbatims."""
    actor, cycle = cycle_of(request, key, Permission.EDIT)
    given = sent.model_dump(exclude={"id"})
    return as_json(services.split_need(actor=actor, cycle=cycle, new_id=sent.id, **given))


@router.post("/cycles/{key}/needs/seal", response=SavedOut, operation_id="seal_assumptions")
def seal(request: HttpRequest, key: str, sent: SealIn) -> Any:
    """Closes the register of assumptions before research begins."""
    actor, cycle = cycle_of(request, key, Permission.SIGN)
    return as_json(services.seal_register(actor=actor, cycle=cycle, base=sent.base, by=sent.by.strip()[:100]))


@router.post("/cycles/{key}/needs/open", response=SavedOut, operation_id="open_assumptions")
def open_seal(request: HttpRequest, key: str, sent: OpenIn) -> Any:
    """Opens a sealed register; the reason stays visible."""
    actor, cycle = cycle_of(request, key, Permission.SIGN)
    return as_json(services.open_register(actor=actor, cycle=cycle, reason=sent.reason, by=sent.by.strip()[:100]))


def _told(said: tuple[list[str], list[str]]) -> dict[str, Any]:
    return {"sentences": said[0], "blocked": said[1]}


def _several(saved: dict[int, documents.Saved]) -> dict[str, Any]:
    return {**as_json(saved[STEP]), "steps": sorted(saved)}
