"""What people fill in on the page of step 7."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from nonagon.steps.step7_control.selectors import CAUSES


class ExplainForm(forms.Form):
    """What was found behind the signals of some days."""

    item = forms.CharField(widget=forms.HiddenInput)
    first = forms.DateField(label=gettext_lazy("First day"), widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label=gettext_lazy("Last day"), widget=forms.DateInput(attrs={"type": "date"}))
    kind = forms.ChoiceField(label=gettext_lazy("What it is"), choices=list(CAUSES.items()))
    cause = forms.CharField(label=gettext_lazy("What was found"), max_length=500)
    action = forms.CharField(label=gettext_lazy("What was done"), max_length=500, required=False)
    owner = forms.CharField(
        label=gettext_lazy("Who sees to it"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("A role, no names of persons."),
    )

    def clean(self) -> dict[str, Any]:
        """The days in their order."""
        given: dict[str, Any] = super().clean() or {}
        first, last = given.get("first"), given.get("last")
        if first and last and last < first:
            self.add_error("last", _("The last day must not lie before the first."))
        return given


class DeviationForm(forms.Form):
    """Who owns what is otherwise than planned."""

    activity = forms.CharField(widget=forms.HiddenInput)
    deviation = forms.CharField(label=gettext_lazy("What is otherwise, and why"), max_length=500)
    owner = forms.CharField(
        label=gettext_lazy("Owner"), max_length=200, help_text=gettext_lazy("A role, no names of persons.")
    )
    due = forms.DateField(
        label=gettext_lazy("Settled by"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
