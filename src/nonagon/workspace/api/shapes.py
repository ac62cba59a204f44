"""What the API takes and gives, where it is no decision document or deliverable of its own."""

from datetime import date, datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

from ninja import Schema
from pydantic import Field

Item = TypeVar("Item")
Step = Annotated[int, Field(ge=1, le=9)]
AnyStep = Annotated[int, Field(ge=0, le=9)]
Whole = Annotated[int, Field(ge=1, le=2**31 - 1)]


class Part(Schema, Generic[Item]):
    """A part of a list. count: entries in all."""

    count: int
    items: list[Item]


class OrganizationOut(Schema):
    """An organization and what one is there."""

    slug: str
    name: str
    role: str


class OrganizationIn(Schema):
    """A new organization."""

    name: str = Field(min_length=1, max_length=200)


class MemberOut(Schema):
    """A member."""

    id: int
    name: str
    email: str
    role: str


class RoleIn(Schema):
    """Another role."""

    role: Literal["owner", "quality_manager", "analyst", "team_member", "frontline", "viewer"]


class InvitationIn(Schema):
    """Whom to invite."""

    email: str = Field(max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
    role: Literal["owner", "quality_manager", "analyst", "team_member", "frontline", "viewer"]


class InvitationOut(Schema):
    """An invitation. link: shown once, when it is made."""

    id: int
    email: str
    role: str
    expires_at: datetime
    link: str = ""


class KeyIn(Schema):
    """A new key."""

    name: str = Field(min_length=1, max_length=100)
    scopes: list[str] = Field(min_length=1)
    expires_at: datetime | None = None


class KeyOut(Schema):
    """A key. secret: shown once, when it is made."""

    id: int
    name: str
    prefix: str
    scopes: list[str]
    expires_at: datetime | None
    withdrawn_at: datetime | None
    last_used_at: datetime | None
    secret: str = ""


class CycleOut(Schema):
    """A cycle."""

    key: str
    name: str
    organization: str
    created_at: datetime
    archived: bool


class CycleIn(Schema):
    """A new cycle."""

    organization: str = Field(description="address (slug) of the organization")
    name: str = Field(min_length=1, max_length=200)
    scope: str = ""
    currency: str = Field("EUR", max_length=8)


class CycleChange(Schema):
    """What to change; what is left out stays."""

    name: str | None = Field(None, min_length=1, max_length=200)
    archived: bool | None = None


class GateOut(Schema):
    """Where a step stands."""

    step: int
    word: str
    title: str
    state: str
    met: int
    of: int
    weakest: bool
    stale: bool
    changes: list[str]
    signed_by: str | None
    signed_at: datetime | None
    reason: str


class StepOut(Schema):
    """A step as its page shows it. evidence: what a sign-off rests on."""

    gate: GateOut
    evidence: str | None
    computed_at: datetime | None
    document_version: int | None
    facts: list[str]
    section: dict[str, Any] | None
    findings: list[dict[str, Any]]
    lacks: list[dict[str, Any]]
    criteria: list[dict[str, Any]]
    origins: dict[str, Any]


class SignIn(Schema):
    """A sign-off. evidence: of the step as it was seen; reason: needed where criteria are unmet."""

    evidence: str = Field(max_length=64)
    reason: str = ""


class OverviewOut(Schema):
    """What all nine say together."""

    effectiveness: dict[str, Any] | None
    headlines: list[dict[str, Any]]
    steps: list[GateOut]


class DocumentOut(Schema):
    """A decision document. faults: what does not fit the other documents."""

    step: int
    version: int
    document: dict[str, Any]
    faults: list[dict[str, Any]]


class DocumentIn(Schema):
    """A whole document. base: the version that was seen."""

    base: int = Field(ge=0, le=2**31 - 1)
    document: dict[str, Any]


class EditIn(Schema):
    """One change, as the pages make it."""

    op: Literal["set", "add", "remove", "move", "replace", "put"]
    path: list[str | int] = Field(max_length=20)
    value: Any = None
    to: int | None = None


class EditsIn(Schema):
    """Changes that are made together or not at all. base: the version that was seen."""

    base: int = Field(ge=0, le=2**31 - 1)
    edits: list[EditIn] = Field(min_length=1, max_length=1000)


class SavedOut(Schema):
    """After an edit."""

    version: int
    faults: list[dict[str, Any]]
    changed: list[dict[str, Any]]


class VersionOut(Schema):
    """One version of a document."""

    number: int
    person: str | None
    at: datetime
    changes: list[dict[str, Any]]
    undoes: int | None
    redoes: int | None


class JobOut(Schema):
    """Long work."""

    id: int
    kind: str
    state: str
    stage: str
    done: int
    of: int
    message: str
    created_at: datetime
    finished_at: datetime | None
    outcome: dict[str, Any]


class FactsOut(Schema):
    """A fact table as last imported."""

    table: str
    rows: int
    label: str
    attributes: list[str]


class FileOut(Schema):
    """A file that was brought. state: of an upload: new, replaced, same, waiting."""

    name: str
    size: int
    state: str = ""


class ReportIn(Schema):
    """Which report. plan: with the confidential plan, where you may see it."""

    format: Literal["html", "pdf", "xlsx", "pptx"]
    plan: bool = False


class RecordOut(Schema):
    """A record of the trace: everything that it comes from and leads to, by kind."""

    kind: str
    id: str
    back: dict[str, list[str]]
    forward: dict[str, list[str]]


class BreaksOut(Schema):
    """Where chains break."""

    orphans: list[dict[str, Any]]
    dead_ends: list[dict[str, Any]]


class ReaderIn(Schema):
    """Somebody who may see the plan. An outsider needs reason, accepted risk and a last day."""

    email: str = ""
    name: str = Field("", max_length=200)
    kind: Literal["team", "outsider"] = "team"
    reason: str = ""
    risk_accepted_by: str = Field("", max_length=200)
    expires_on: date | None = None


class ReaderOut(Schema):
    """Who may see the plan."""

    id: int
    name: str
    kind: str
    reason: str
    risk_accepted_by: str
    expires_on: date | None


class PlanAccessOut(Schema):
    """One time that the plan was read, taken or refused."""

    name: str
    kind: str
    what: str
    mark: str
    at: datetime


class ExposureOut(Schema):
    """How far the plan has spread."""

    team: int
    outsiders: int
    people_who_read: int
    reads: int
    copies: int
    refused: int


class AuditOut(Schema):
    """One thing that somebody did."""

    at: datetime
    person: str | None
    action: str
    subject: str
    cycle: str | None
    detail: dict[str, Any]


class Done(Schema):
    """It is done."""

    done: bool = True
