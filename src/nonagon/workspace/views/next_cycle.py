"""Starting the next cycle from this one."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from nonagon.accounts.access import Permission
from nonagon.process import registry
from nonagon.ui.frame import cycle_context, cycle_of
from nonagon.workspace import next_cycle as services


class NextCycle(forms.Form):
    """What the next cycle is called."""

    name = forms.CharField(label=gettext_lazy("Name of the next cycle"), max_length=200)


@require_http_methods(["GET", "POST"])
def start(request: HttpRequest, key: str) -> HttpResponse:
    """What goes over, and the button that starts it."""
    actor, cycle = cycle_of(request, key, Permission.EDIT)
    proposed = _("%(cycle)s, next cycle") % {"cycle": cycle.name}
    form = NextCycle(request.POST or None, initial={"name": proposed[:200]})
    if request.method == "POST" and form.is_valid():
        made = services.next_cycle(actor=actor, cycle=cycle, name=form.cleaned_data["name"])
        messages.success(request, _("The next cycle has begun. Bring its data in, and listen anew."))
        return redirect("cycle", key=made.key)
    seeds = services.seeds(cycle)
    context = cycle_context(actor, cycle) | {
        "form": form,
        "goes_over": [
            (step, str(_(registry.room(step).title)), _counted(content)) for step, content in sorted(seeds.items())
        ],
        "open_needs": seeds.get(5, {}).get("opportunities", []),
    }
    return render(request, "workspace/next_cycle.html", context, status=422 if form.errors else 200)


def _counted(content: dict[str, object]) -> list[tuple[str, int]]:
    """The lists that go over, with their lengths."""
    return [
        (name.replace("_", " "), len(held)) for name, held in content.items() if isinstance(held, list) and held
    ]
