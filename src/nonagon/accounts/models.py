"""People, the organizations that they belong to, and what they may do there."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class PersonManager(BaseUserManager["Person"]):
    """Makes people by their e-mail address."""

    def create_user(self, email: str, password: str | None = None, **more: Any) -> "Person":
        """A person who signs in with `email`; without a password only by other means."""
        person = self.model(email=self.normalize_email(email).lower(), **more)
        person.set_password(password)
        person.save(using=self._db)
        return person


class Person(AbstractUser):
    """Somebody who signs in. The e-mail address is the name to sign in with."""

    username = None
    first_name = None
    last_name = None
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=200, blank=True)
    language = models.CharField(_("language"), max_length=8, blank=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = PersonManager()

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        """The name, or the address where none was given."""
        return str(self)

    get_short_name = get_full_name


class Role(models.TextChoices):
    """What a person is in an organization; `access.ALLOWED` says what each may do."""

    OWNER = "owner", _("Owner")
    QUALITY_MANAGER = "quality_manager", _("Quality manager")
    ANALYST = "analyst", _("Analyst")
    TEAM_MEMBER = "team_member", _("Team member")
    FRONTLINE = "frontline", _("Frontline")
    VIEWER = "viewer", _("Viewer")


class Organization(models.Model):
    """A house of its own: nothing is shared between two."""

    slug = models.SlugField(_("address"), unique=True)
    name = models.CharField(_("name"), max_length=200)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    requires_second_factor = models.BooleanField(_("everybody needs a second factor"), default=False)
    people = models.ManyToManyField(Person, through="Membership", related_name="organizations")

    organization_path = "pk"

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """One person in one organization."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="memberships")
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=20, choices=Role.choices, default=Role.VIEWER)
    since = models.DateTimeField(default=timezone.now, editable=False)

    organization_path = "organization"

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "organization"], name="one_membership_each")
        ]

    def __str__(self) -> str:
        return f"{self.person} ({self.get_role_display()})"


class Invitation(models.Model):
    """An address that was asked to join. The link's secret is kept as a hash only."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(_("e-mail address"))
    role = models.CharField(_("role"), max_length=20, choices=Role.choices, default=Role.TEAM_MEMBER)
    secret_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, editable=False)

    organization_path = "organization"

    class Meta:
        ordering: ClassVar = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.email

    @property
    def is_open(self) -> bool:
        """Whether its link still lets somebody in."""
        return self.accepted_at is None and self.withdrawn_at is None and self.expires_at > timezone.now()


class ApiKey(models.Model):
    """A key for programs: acts as its person in one organization, narrowed to its scopes."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="api_keys")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(_("name"), max_length=100)
    prefix = models.CharField(max_length=12, editable=False)
    secret_hash = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(_("scopes"), default=list)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, editable=False)

    organization_path = "organization"

    class Meta:
        ordering: ClassVar = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def is_in_force(self) -> bool:
        """Whether it opens anything: neither withdrawn nor run out."""
        return self.withdrawn_at is None and (self.expires_at is None or self.expires_at > timezone.now())


class Setup(models.Model):
    """The one-time token with which the first visitor of an empty database creates the owner."""

    token_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    used_at = models.DateTimeField(null=True, editable=False)

    def __str__(self) -> str:
        return f"setup of {self.created_at:%Y-%m-%d}"
