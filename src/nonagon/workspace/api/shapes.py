"""What the API takes and gives, where it is no decision document or deliverable of its own."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

Step = Annotated[int, Field(ge=1, le=9)]
AnyStep = Annotated[int, Field(ge=0, le=9)]


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


class RenameIn(Schema):
    """Another id. kind: of the record, such as need; id: the one that it has; to: the new one."""

    kind: Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[a-z_]+$")]
    id: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
    to: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]


class RenamedOut(Schema):
    """After a renaming. versions: the new ones of the documents that changed, by step."""

    kind: str
    id: str
    versions: dict[str, int]


class RenamingOut(Schema):
    """What a renaming would change, counted and in sentences; blocked: why it cannot be done, where it cannot."""

    places: int
    steps: list[int]
    told: str
    sentences: list[str]
    blocked: list[str]


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
    """A record of the trace: everything that it comes from and leads to, by kind.

    verbatims: how many lead to it, of which `back` holds a part.
    """

    kind: str
    id: str
    verbatims: int
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


class PastReaderOut(ReaderOut):
    """Who could see the plan once. removed_at: None for who was let in until a day that is over."""

    removed_at: datetime | None


class PlanCopyIn(Schema):
    """Which copy. reader: for whom, where it is not for you."""

    format: Literal["html", "pdf"] = "pdf"
    reader: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None


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


class PersonOut(Schema):
    """Yourself."""

    name: str
    email: str
    language: str
    has_second_factor: bool


class PersonIn(Schema):
    """What you are called, and the language of your pages (empty: the browser's). What is left out stays."""

    name: Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")] | None = None
    language: Literal["", "en", "ar"] | None = None


class OrganizationSettings(Schema):
    """An organization's settings."""

    name: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
    requires_second_factor: bool


class NextIn(Schema):
    """What the next cycle is called."""

    name: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]


class SeedsOut(Schema):
    """What the next cycle starts from, by step, as its documents hold it."""

    steps: dict[str, dict[str, Any]]


class ItemIn(Schema):
    """A question for the register."""

    id: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
    text: Annotated[str, Field(max_length=2000, pattern=r"^[^\x00]*$")] = ""
    kind: str = "satisfaction"
    scale_min: float = 1
    scale_max: float = 5


class NewItemOut(Schema):
    """A question that the data answer and the register does not hold."""

    id: str
    text: str
    kind: str
    scale_min: float
    scale_max: float
    answers: int


class WaitingFileOut(Schema):
    """A file whose name is taken: it waits for a choice."""

    token: str
    name: str


class ChoiceIn(Schema):
    """What becomes of a file that waits."""

    choice: Literal["replace", "both", "drop"]


class GuessOut(Schema):
    """What a file seems to hold. mapping: as in cycle.toml's [data.*]; comments: what the guess rests on."""

    name: str
    mapping: dict[str, Any]
    comments: dict[str, str]
    notes: list[str]


class TriedOut(Schema):
    """A mapping tried on the first records of its files. whole: all records were read."""

    mistakes: list[str]
    notices: list[str]
    files: int
    of_files: int
    records: int
    with_facts: int
    facts: int
    whole: bool
    rejects: dict[str, int]
    refused: list[dict[str, Any]]
    columns: list[str]
    taken: list[list[str]]


class FolderIn(Schema):
    """A cycle folder on the server, below one of those that are open for it."""

    folder: Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^[^\x00]*$")]


class ImportIn(Schema):
    """strict: sources of which all is taken or nothing."""

    strict: list[str] = Field([], max_length=500)
