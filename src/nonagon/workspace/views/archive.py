"""A whole cycle out as a zip, and in again."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET

from nonagon.accounts.access import Actor, Permission, actor_of, rows
from nonagon.accounts.models import Organization
from nonagon.basics.errors import InputError, Mistake
from nonagon.ui.frame import cycle_of
from nonagon.workspace import services, uploads
from nonagon.workspace.archive import open_folder

MOST_WARNINGS = 20


@require_GET
def take(request: HttpRequest, key: str) -> FileResponse:
    """The cycle as a zip; without the plan for who is not on its team."""
    actor, cycle = cycle_of(request, key, Permission.EXPORT)
    work = Path(settings.HOME) / "work"
    work.mkdir(parents=True, exist_ok=True)
    into = Path(tempfile.mkdtemp(dir=work))
    try:
        made = services.export_archive(actor=actor, cycle=cycle, into=into)
        stream = made.open("rb")
    finally:
        shutil.rmtree(into)  # what is open can still be read to its end
    return FileResponse(stream, as_attachment=True, filename=f"{cycle.key}.zip", content_type="application/zip")


class BringCycle(forms.Form):
    """Where a cycle comes from."""

    organization = forms.ModelChoiceField(Organization.objects.none(), label=gettext_lazy("Organization"))
    file = forms.FileField(
        label=gettext_lazy("Archive"),
        required=False,
        help_text=gettext_lazy("A zip of a cycle folder: cycle.toml at its top, decisions and data beside it."),
    )
    folder = forms.CharField(
        label=gettext_lazy("Folder on the server"),
        required=False,
        help_text=gettext_lazy("Below one of the folders that whoever runs the server has opened for this."),
    )

    def __init__(self, *given: Any, actor: Actor, **more: Any) -> None:
        super().__init__(*given, **more)
        field = self.fields["organization"]
        field.queryset = rows(actor, Organization, Permission.UPLOAD)
        if field.queryset.count() == 1:
            field.initial = field.queryset.first()
        if not settings.IMPORT_FOLDERS:
            del self.fields["folder"]

    def clean(self) -> dict[str, Any]:
        """One of the two, and the folder one that is open."""
        given: dict[str, Any] = super().clean() or {}
        if bool(given.get("file")) == bool(given.get("folder")):
            raise forms.ValidationError(
                _("Give an archive.") if "folder" not in self.fields else _("Give one of the two.")
            )
        if given.get("folder"):
            try:
                given["folder"] = open_folder(given["folder"])
            except uploads.Refused as error:
                raise forms.ValidationError(str(error)) from error
        return given


def bring(request: HttpRequest) -> HttpResponse:
    """A new cycle from an archive, or from a folder of the server; every mistake is named."""
    actor = actor_of(request)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = BringCycle(*sent, actor=actor)
    mistakes: tuple[Mistake, ...] = ()
    stopped = getattr(request, "too_large", "")
    if stopped:
        messages.error(request, stopped)
    elif request.method == "POST" and form.is_valid():
        try:
            brought = _brought(actor, form.cleaned_data)
        except InputError as error:
            mistakes = error.mistakes
        else:
            _tell(request, brought)
            return redirect("cycle", key=brought.cycle.key)
    context = {"form": form, "mistakes": mistakes, "limit": uploads.size_in_words(uploads.limit())}
    is_wrong = bool(mistakes or stopped or form.errors)
    return render(request, "workspace/archive_bring.html", context, status=422 if is_wrong else 200)


def _brought(actor: Actor, given: dict[str, Any]) -> services.Brought:
    if given.get("folder"):
        return services.import_folder(actor=actor, organization=given["organization"], folder=given["folder"])
    place = Path(given["file"].temporary_file_path())
    return services.import_archive(actor=actor, organization=given["organization"], file=place)


def _tell(request: HttpRequest, brought: services.Brought) -> None:
    messages.success(
        request, _("The cycle is there. Its files are read and its steps computed in the background.")
    )
    if brought.warnings:
        count = len(brought.warnings)
        said = ngettext("%(n)d thing does not fit yet:", "%(n)d things do not fit yet:", count) % {"n": count}
        listed = "\n".join(str(one) for one in brought.warnings[:MOST_WARNINGS])
        messages.warning(request, f"{said}\n{listed}")
