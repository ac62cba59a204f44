"""What the plan's team fills in to let somebody see the plan."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from nonagon.accounts.access import Actor, rows
from nonagon.accounts.models import Membership, Person
from nonagon.process import vault
from nonagon.process.models import Cycle, PlanAccess


def people_of(actor: Actor, cycle: Cycle, *, but_readers: bool = True) -> Any:
    """The organization's people, without those who see the plan already."""
    members = rows(actor, Membership).filter(organization=cycle.organization_id, person__is_active=True)
    found = Person.objects.filter(pk__in=members.values("person"))
    if but_readers:
        found = found.exclude(pk__in=vault.readers(cycle).exclude(person=None).values("person"))
    return found.order_by("name", "email")


class TeamForm(forms.Form):
    """A new member of the team."""

    person = forms.ModelChoiceField(
        Person.objects.none(), label=gettext_lazy("Person"), empty_label=gettext_lazy("Choose")
    )

    def __init__(self, *given: Any, actor: Actor, cycle: Cycle, **more: Any) -> None:
        super().__init__(*given, auto_id="id_team_%s", **more)
        self.fields["person"].queryset = people_of(actor, cycle)


class OutsiderForm(forms.Form):
    """Somebody from outside the team: everything but the account is needed."""

    person = forms.ModelChoiceField(
        Person.objects.none(),
        label=gettext_lazy("Account"),
        required=False,
        empty_label=gettext_lazy("none: marked copies only"),
        help_text=gettext_lazy("Who has an account reads the plan here until the last day."),
    )
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("A person with a role, or a firm. Needed where there is no account."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Why they need to see it"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    risk_accepted_by = forms.CharField(
        label=gettext_lazy("Who accepts the risk of a leak"),
        max_length=200,
        help_text=gettext_lazy("The person of the organization who answers for it."),
    )
    expires_on = forms.DateField(
        label=gettext_lazy("Last day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *given: Any, actor: Actor, cycle: Cycle, **more: Any) -> None:
        super().__init__(*given, auto_id="id_outsider_%s", **more)
        self.fields["person"].queryset = people_of(actor, cycle)

    def clean(self) -> dict[str, Any]:
        """A name or an account, and a day that lies ahead."""
        given: dict[str, Any] = super().clean() or {}
        if not given.get("person") and not (given.get("name") or "").strip():
            self.add_error("name", _("Give a name, or choose an account."))
        if given.get("expires_on") and given["expires_on"] < timezone.localdate():
            self.add_error("expires_on", _("The day must lie ahead."))
        return given


class LogFilter(forms.Form):
    """Which entries of the log to show."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What"),
        required=False,
        choices=[("", gettext_lazy("everything")), *PlanAccess.Kind.choices],
    )
    who = forms.CharField(label=gettext_lazy("Who"), required=False, max_length=200)
    since = forms.DateField(
        label=gettext_lazy("From"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    until = forms.DateField(
        label=gettext_lazy("To"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
