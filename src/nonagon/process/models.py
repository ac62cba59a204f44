"""What a cycle is in the database: versions of documents, computed results, sign-offs, jobs, the audit log."""

import json
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from nonagon.accounts.models import Organization

PERSON = settings.AUTH_USER_MODEL


class OrderedJSON(models.TextField):
    """JSON kept as the text that it is.

    PostgreSQL's own kind sorts the keys of objects, and the order of a source's columns is part of the facts'
    fingerprint.
    """

    def from_db_value(self, value: str | None, *_given: Any) -> Any:
        """What the text says."""
        return None if value is None else json.loads(value)

    def to_python(self, value: Any) -> Any:
        """As it is: a value is no text here, even where it is a string."""
        return value

    def get_prep_value(self, value: Any) -> str | None:
        """The text."""
        return None if value is None else json.dumps(value, ensure_ascii=False)


class Cycle(models.Model):
    """One turn of the nine steps. Its register, settings and sources are document 0 of its documents."""

    key = models.SlugField(max_length=60, unique=True, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="cycles")
    name = models.CharField(_("name"), max_length=200)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(PERSON, on_delete=models.SET_NULL, null=True, related_name="+")
    archived_at = models.DateTimeField(null=True, editable=False)
    facts = models.JSONField(default=dict, editable=False)
    """Label, rows and attributes of each fact table as last imported."""

    organization_path = "organization"

    class Meta:
        ordering: ClassVar = ["name", "key"]

    def __str__(self) -> str:
        return self.name


class DocumentVersion(models.Model):
    """One version of one step's decisions (step 0: the cycle's register and settings). Never changed again.

    changes: the edits that made it, with what stood there before; undoes: the number of the version that this one
    takes back, where it is an undo; request: its name, given by who sent it, by which a repetition is told; joint:
    the mark of versions of several documents that were made as one, and are taken back as one.
    """

    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="versions")
    step = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    content = OrderedJSON()
    person = models.ForeignKey(PERSON, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    changes = models.JSONField(default=list)
    undoes = models.PositiveIntegerField(null=True)
    redoes = models.PositiveIntegerField(null=True)
    request = models.CharField(max_length=64, blank=True)
    joint = models.CharField(max_length=32, blank=True)

    organization_path = "cycle__organization"

    class Meta:
        ordering: ClassVar = ["cycle", "step", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["cycle", "step", "number"], name="one_version_a_number")
        ]

    def __str__(self) -> str:
        return f"{self.cycle_id} step {self.step} version {self.number}"


class Result(models.Model):
    """What one step's analysis gave, ready for pages: they read it and compute nothing.

    key: the fingerprint of everything that it was computed from; evidence: the fingerprint of what came out;
    document_version: of the decisions that were read; facts: labels of the fact tables.
    """

    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="results")
    step = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    key = models.CharField(max_length=64)
    evidence = models.CharField(max_length=64)
    document_version = models.PositiveIntegerField()
    facts = models.JSONField(default=list)
    deliverable = models.BinaryField()
    section = models.JSONField()
    origins = models.JSONField(default=dict)
    findings = models.JSONField(default=list)
    lacks = models.JSONField(default=list)
    criteria = models.JSONField(default=list)
    public = models.JSONField(null=True)
    """Section, findings, lacks and criteria for who is not on the plan's team; None where they are the same."""
    begun = models.BooleanField(default=False)
    computed_at = models.DateTimeField(default=timezone.now)

    organization_path = "cycle__organization"

    class Meta:
        ordering: ClassVar = ["cycle", "step", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["cycle", "step", "number"], name="one_result_a_number")
        ]

    def __str__(self) -> str:
        return f"{self.cycle_id} step {self.step} result {self.number}"


class Whole(models.Model):
    """What all nine steps say together: effectiveness, headlines, trace."""

    cycle = models.OneToOneField(Cycle, on_delete=models.CASCADE, related_name="whole")
    effectiveness = models.JSONField()
    headlines = models.JSONField()
    public = models.JSONField(default=dict)
    """Headlines and effectiveness for who is not on the plan's team."""
    intake = models.JSONField(default=list)
    trace = models.BinaryField()
    computed_at = models.DateTimeField(default=timezone.now)

    organization_path = "cycle__organization"

    def __str__(self) -> str:
        return f"{self.cycle_id} as a whole"


class SignOff(models.Model):
    """Who signed a step off, or waived its criteria, when, on what evidence. Withdrawn, never deleted."""

    class Kind(models.TextChoices):
        """Signed: all criteria met, steps before it signed. Waived: not so, with a written reason."""

        SIGNED = "signed", _("signed off")
        WAIVED = "waived", _("waived")

    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="sign_offs")
    step = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    reason = models.TextField(_("reason"), blank=True)
    person = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    result = models.ForeignKey(Result, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")

    organization_path = "cycle__organization"

    class Meta:
        ordering: ClassVar = ["cycle", "step", "at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["cycle", "step"], condition=models.Q(withdrawn_at=None), name="one_sign_off_in_force"
            )
        ]

    def __str__(self) -> str:
        return f"{self.cycle_id} step {self.step} {self.kind}"


class PlanReader(models.Model):
    """Somebody who may see the confidential plan: a member of its team, or an outsider with reason and expiry.

    person: empty for an outsider who has no account, who is known by `name` and receives marked copies only.
    """

    class Kind(models.TextChoices):
        """On the team, or from outside it."""

        TEAM = "team", _("team")
        OUTSIDER = "outsider", _("outsider")

    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="plan_readers")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.TEAM)
    person = models.ForeignKey(PERSON, on_delete=models.CASCADE, null=True, related_name="+")
    name = models.CharField(_("name"), max_length=200, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    risk_accepted_by = models.CharField(_("leak risk accepted by"), max_length=200, blank=True)
    expires_on = models.DateField(_("expires on"), null=True, blank=True)
    added_by = models.ForeignKey(PERSON, on_delete=models.SET_NULL, null=True, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True)

    organization_path = "cycle__organization"

    class Meta:
        ordering: ClassVar = ["kind", "added_at"]

    def __str__(self) -> str:
        return self.name or str(self.person)


class PlanAccess(models.Model):
    """One time that somebody read the confidential plan, took a copy of it, or was refused."""

    class Kind(models.TextChoices):
        """What was done."""

        READ = "read", _("read")
        EXPORT = "export", _("export")
        REFUSED = "refused", _("refused")

    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="plan_accesses")
    person = models.ForeignKey(PERSON, on_delete=models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    what = models.CharField(max_length=200)
    mark = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    organization_path = "cycle__organization"

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.kind} by {self.name}"


class AuditEntry(models.Model):
    """One thing that somebody did. Written in the transaction of the thing itself; never changed."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="audit")
    cycle = models.ForeignKey(Cycle, on_delete=models.SET_NULL, null=True, related_name="audit")
    person = models.ForeignKey(PERSON, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now, db_index=True)
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=200, blank=True)
    detail = models.JSONField(default=dict)

    organization_path = "organization"

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"


class Job(models.Model):
    """Long work in the background. A worker holds it by a lease; when the lease runs out it is offered again."""

    class State(models.TextChoices):
        """Where the job stands."""

        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    kind = models.CharField(max_length=40)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="jobs")
    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, null=True, related_name="jobs")
    person = models.ForeignKey(PERSON, on_delete=models.SET_NULL, null=True, related_name="+")
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING, db_index=True)
    stage = models.CharField(max_length=200, blank=True)
    done = models.PositiveIntegerField(default=0)
    of = models.PositiveIntegerField(default=0)
    message = models.TextField(blank=True)
    outcome = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    worker = models.CharField(max_length=60, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    cancel_asked = models.BooleanField(default=False)

    organization_path = "organization"

    class Meta:
        ordering: ClassVar = ["created_at", "pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}: {self.state}"

    @property
    def is_open(self) -> bool:
        """Whether it still waits or runs."""
        return self.state in {self.State.WAITING, self.State.RUNNING}

    @property
    def share(self) -> float:
        """How much of it is done, as a fraction of one."""
        return self.done / self.of if self.of else 0.0
