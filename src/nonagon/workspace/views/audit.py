"""The audit log of an organization: who did what, when; to look through and to take away."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import datetime, time
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from nonagon.accounts.access import Actor, Permission, rows
from nonagon.accounts.models import Organization, Person
from nonagon.accounts.views.organizations import frame, organization_of
from nonagon.process import vault
from nonagon.process.audit import note
from nonagon.process.models import AuditEntry, Cycle
from nonagon.ui.sentences import said_text


class Filter(forms.Form):
    """Which entries to show."""

    person = forms.ModelChoiceField(
        Person.objects.none(), label=_("Who"), required=False, empty_label=_("everybody")
    )
    action = forms.ChoiceField(label=_("What"), required=False)
    cycle = forms.ModelChoiceField(Cycle.objects.none(), label=_("Cycle"), required=False, empty_label=_("all"))
    since = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *given: Any, actor: Actor, organization: Organization, **more: Any) -> None:
        super().__init__(*given, **more)
        entries = _entries(actor, organization).order_by()
        self.fields["person"].queryset = Person.objects.filter(pk__in=entries.values("person")).order_by("name")
        self.fields["cycle"].queryset = rows(actor, Cycle).filter(organization=organization)
        actions = entries.values_list("action", flat=True).distinct().order_by("action")
        self.fields["action"].choices = [("", _("everything")), *((one, said_text(one)) for one in actions)]


def _entries(actor: Actor, organization: Organization) -> "QuerySet[AuditEntry]":
    found = rows(actor, AuditEntry, Permission.MANAGE).filter(organization=organization)
    return vault.without_plan(actor, found)


def _chosen(actor: Actor, organization: Organization, form: Filter) -> "QuerySet[AuditEntry]":
    """The entries that the filter lets through; what it does not understand lets nothing through."""
    found = _entries(actor, organization).select_related("person", "cycle")
    if not form.is_valid():
        return found.none()
    given = form.cleaned_data
    for name in ("person", "action", "cycle"):
        if given[name]:
            found = found.filter(**{name: given[name]})
    if given["since"]:
        found = found.filter(at__gte=_moment(given["since"], time.min))
    if given["until"]:
        found = found.filter(at__lte=_moment(given["until"], time.max))
    return found


def _moment(day: Any, at: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, at))


@never_cache
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """The entries, newest first, with filters."""
    actor, organization = organization_of(request, slug, Permission.MANAGE)
    form = Filter(request.GET, actor=actor, organization=organization)
    found = _chosen(actor, organization, form)
    context = frame(actor, organization, "audit") | {
        "form": form,
        "page": Paginator(found, 100).get_page(request.GET.get("page")),
        "query": request.GET.urlencode(),
    }
    return render(request, "workspace/audit.html", context)


@never_cache
def csv_file(request: HttpRequest, slug: str) -> HttpResponse | StreamingHttpResponse:
    """The same entries as a CSV file; that it was taken is an entry itself."""
    actor, organization = organization_of(request, slug, Permission.MANAGE)
    form = Filter(request.GET, actor=actor, organization=organization)
    found = _chosen(actor, organization, form)
    note(actor, "audit.export", organization=organization, entries=found.count())
    answer = StreamingHttpResponse(_lines(found), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="audit-{organization.slug}.csv"'
    return answer


def _lines(found: "QuerySet[AuditEntry]") -> Iterator[str]:
    yield _line(["at", "person", "action", "cycle", "subject", "detail"])
    for one in found.iterator(chunk_size=500):
        yield _line(
            [
                one.at.isoformat(),
                one.person.email if one.person else "",
                one.action,
                one.cycle.key if one.cycle else "",
                one.subject,
                json.dumps(one.detail, ensure_ascii=False, sort_keys=True),
            ]
        )


def _line(cells: list[str]) -> str:
    stream = io.StringIO()
    csv.writer(stream).writerow([_as_text(cell) for cell in cells])
    return stream.getvalue()


def _as_text(cell: str) -> str:
    """A spreadsheet runs cells that begin like a formula; the apostrophe makes them text."""
    return f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell
