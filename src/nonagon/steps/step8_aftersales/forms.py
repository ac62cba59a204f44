"""What people fill in when a customer comes."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from nonagon.steps.step8_aftersales.selectors import KINDS, SEVERITIES


class CaseForm(forms.Form):
    """A new case, with as little as needed."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=_("What it is"), choices=list(KINDS.items()))
    said = forms.CharField(
        label=_("What the customer says"),
        widget=forms.Textarea(attrs={"rows": 4, "autofocus": True}),
        max_length=2000,
        help_text=_("In the customer's own words; no names of persons."),
    )
    wish = forms.CharField(label=_("What the customer asks for"), required=False, max_length=500)
    severity = forms.ChoiceField(label=_("How severe"), choices=list(SEVERITIES.items()), initial="medium")
    need = forms.ChoiceField(label=_("Need that it is about"), required=False)
    customer = forms.CharField(
        label=_("Key of the customer"),
        required=False,
        max_length=200,
        help_text=_("As in the data, so that the customer can be told; a number, not a name."),
    )
    opened = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}))
    owner = forms.CharField(
        label=_("Who handles it"), required=False, max_length=200, help_text=_("A role, no names of persons.")
    )
    follow_up = forms.ChoiceField(label=_("Follow-up programme that it came from"), required=False)
    version = forms.CharField(label=_("Version of the product or service"), required=False, max_length=200)

    def __init__(self, *given: Any, needs: dict[str, str], programmes: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["need"].choices = [("", "–"), *needs.items()]  # type: ignore[attr-defined]
        if programmes:
            self.fields["follow_up"].choices = [("", "–"), *programmes]  # type: ignore[attr-defined]
        else:
            del self.fields["follow_up"]
        self.fields["opened"].initial = timezone.localdate
