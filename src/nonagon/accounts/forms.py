"""What people fill in about themselves and their organization."""

from datetime import datetime, time, timedelta
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_text_html, validate_password
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from nonagon.accounts.access import Actor, Permission
from nonagon.accounts.keys import SCOPES
from nonagon.accounts.models import Organization, Person, Role

SCOPE_LABELS = {
    Permission.VIEW: gettext_lazy("View: cycles, steps, results"),
    Permission.EDIT: gettext_lazy("Edit: decisions, new cycles"),
    Permission.MEASURE: gettext_lazy("Measure: measurements and cases"),
    Permission.SIGN: gettext_lazy("Sign: sign steps off, waive"),
    Permission.UPLOAD: gettext_lazy("Upload: bring data in"),
    Permission.EXPORT: gettext_lazy("Export: reports and archives"),
    Permission.PLAN: gettext_lazy("Plan: the confidential plan, where you are on its team"),
}

help_of_passwords = lazy(password_validators_help_text_html, str)


class NewPassword(forms.Form):
    """A password, typed twice, that the rules allow."""

    password = forms.CharField(
        label=gettext_lazy("Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
        help_text=help_of_passwords(),
    )
    again = forms.CharField(
        label=gettext_lazy("The password once more"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
    )

    def person(self) -> Person:
        """Whom the password is for: it must not be like their name or address."""
        given = self.cleaned_data
        return Person(email=given.get("email", ""), name=given.get("name", ""))

    def clean(self) -> dict[str, Any]:
        """Both the same, and allowed."""
        given: dict[str, Any] = super().clean() or {}
        password = given.get("password")
        if password and given.get("again") and password != given["again"]:
            self.add_error("again", _("The two passwords differ."))
        elif password:
            try:
                validate_password(password, self.person())
            except forms.ValidationError as error:
                self.add_error("password", error)
        return given


class SetUp(NewPassword):
    """The first owner and their organization."""

    organization = forms.CharField(
        label=gettext_lazy("Organization"),
        max_length=200,
        help_text=gettext_lazy("Cycles and people belong to it; you can have more than one later."),
    )
    name = forms.CharField(
        label=gettext_lazy("Your name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email = forms.EmailField(
        label=gettext_lazy("Your e-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    field_order: ClassVar = ["organization", "name", "email", "password", "again"]


class Join(NewPassword):
    """An account for somebody who was invited."""

    name = forms.CharField(
        label=gettext_lazy("Your name"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    field_order: ClassVar = ["name", "password", "again"]

    def __init__(self, *given: Any, email: str, **more: Any) -> None:
        super().__init__(*given, **more)
        self.email = email

    def person(self) -> Person:
        """The address that was invited."""
        return Person(email=self.email, name=self.cleaned_data.get("name", ""))


class Name(forms.Form):
    """The name of an organization."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200)


class OrganizationSettings(forms.ModelForm):
    """What holds for the whole organization."""

    class Meta:
        model = Organization
        fields: ClassVar = ["name", "requires_second_factor"]
        help_texts: ClassVar = {
            "requires_second_factor": gettext_lazy(
                "Members without an authenticator app or passkey are asked to set one up before they go on."
            )
        }


class Invite(forms.Form):
    """Whom to invite, as what."""

    email = forms.EmailField(label=gettext_lazy("E-mail address"))
    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=Role.choices, initial=Role.TEAM_MEMBER)


class NewKey(forms.Form):
    """A key for programs."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=100,
        help_text=gettext_lazy("What uses the key, such as “nightly upload”."),
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What it may do"),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Never more than your own role at that time."),
    )
    expires_on = forms.DateField(
        label=gettext_lazy("Last day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("Without a day it holds until it is withdrawn."),
    )

    def __init__(self, *given: Any, actor: Actor, organization: Organization, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["scopes"].choices = [
            (one.value, SCOPE_LABELS[one]) for one in SCOPES if actor.may(one, organization.pk)
        ]
        self.fields["expires_on"].initial = timezone.localdate() + timedelta(days=90)
        self.initial.setdefault("scopes", [Permission.VIEW.value])

    def clean_expires_on(self) -> datetime | None:
        """The end of the last day."""
        day = self.cleaned_data["expires_on"]
        if day is None:
            return None
        if day < timezone.localdate():
            raise forms.ValidationError(_("The last day must not lie behind us."))
        return timezone.make_aware(datetime.combine(day, time.max))


class Profile(forms.ModelForm):
    """What a person is called, and the language of their pages."""

    language = forms.ChoiceField(label=gettext_lazy("Language"), required=False)

    class Meta:
        model = Person
        fields: ClassVar = ["name", "language"]

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["name"].required = True
        self.fields["language"].choices = [("", _("as the browser asks")), *settings.LANGUAGES]
