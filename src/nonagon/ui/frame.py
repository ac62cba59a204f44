"""The frame that every step page has: purpose, what came in, section, decisions, criteria, sign-off."""

import re
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from nonagon.accounts.access import Actor, Permission, actor_of, get_or_404
from nonagon.deliverables.plain import plain
from nonagon.process import documents, gates, jobs, registry, results, vault
from nonagon.process.models import Cycle, PlanAccess, Result
from nonagon.process.veil import veiled
from nonagon.ui.sentences import said_text


@dataclass(frozen=True, slots=True)
class NavItem:
    """One step in the navigation of nine."""

    step: int
    word: str
    title: str
    state: str
    state_label: str
    stale: bool
    weakest: bool
    current: bool
    url: str


@dataclass(frozen=True, slots=True)
class CameIn:
    """One thing that the step rests on: what, a figure, where to see it."""

    label: str
    detail: str
    url: str = ""


def cycle_of(request: HttpRequest, key: str, permission: Permission = Permission.VIEW) -> tuple[Actor, Cycle]:
    """The actor and the cycle that the address names; 404 or 403 where it is not theirs."""
    actor = actor_of(request)
    return actor, get_or_404(actor, Cycle, permission, key=key)


def url_of_step(cycle: Cycle, step: int) -> str:
    """The address of a step's page."""
    return reverse(f"{registry.room(step).word}:page", kwargs={"key": cycle.key})


def navigation(cycle: Cycle, known: tuple[gates.StepGate, ...], current: int | None = None) -> list[NavItem]:
    """The nine steps with their states."""
    return [
        NavItem(
            step=one.step,
            word=one.word,
            title=str(_(one.title)),
            state=one.state,
            state_label=one.state_label,
            stale=one.stale,
            weakest=one.weakest,
            current=one.step == current,
            url=url_of_step(cycle, one.step),
        )
        for one in known
    ]


def cycle_context(actor: Actor, cycle: Cycle, *, current: int | None = None) -> dict[str, Any]:
    """What every page of a cycle knows."""
    known = gates.gates(cycle)
    return {
        "cycle": cycle,
        "nav": navigation(cycle, known, current),
        "gates": known,
        "computing": jobs.open_of(cycle),
        "may": {one.value: actor.may(one, cycle.organization_id) for one in Permission},
        "sees_plan": vault.may_read(actor, cycle),
    }


def step_context(actor: Actor, cycle: Cycle, step: int) -> dict[str, Any]:
    """Everything that the frame of a step page shows."""
    room = registry.room(step)
    context = cycle_context(actor, cycle, current=step)
    gate = next(one for one in context["gates"] if one.step == step)
    document, version = documents.current(cycle, step)
    result = results.latest(cycle, step)
    faults = {fault.path: said_text(fault.message) for fault in documents.faults_for(actor, cycle, step)}
    shown = shown_to(result, context["sees_plan"] or room.confidential)
    context |= {
        "room": room,
        "step": step,
        "document": document,
        "content": veiled(actor, cycle, step, plain(document)),
        "version": version,
        "result": result,
        "section": shown["section"],
        "findings": shown["findings"],
        "lacks": shown["lacks"],
        "origins": result.origins if result else {},
        "came_in": came_in(cycle, step),
        "criteria": [with_url(cycle, one) for one in shown.get("criteria", gate.criteria)],
        "gate": gate,
        "ahead_open": gates.unsigned_before(cycle, step, context["gates"]),
        "unmet": [one for one in gate.criteria if not one["met"]],
        "faults": faults,
        "outdated": result is not None and result.document_version < version,
        "edit_url": reverse("edit", kwargs={"key": cycle.key, "word": room.word}),
        "undo_url": reverse("undo", kwargs={"key": cycle.key, "word": room.word}),
        "redo_url": reverse("redo", kwargs={"key": cycle.key, "word": room.word}),
        "may_edit": context["may"]["edit"] and (not room.confidential or vault.is_on_team(actor, cycle)),
        "last_failed": jobs.last_of(cycle, "compute"),
    }
    return context


def shown_to(result: Result | None, sees_plan: bool) -> dict[str, Any]:
    """What of a result this reader sees: what names the plan stays with its team."""
    if result is None:
        return {"section": None, "findings": [], "lacks": []}
    if result.public is not None and not sees_plan:
        return dict(result.public)
    return {"section": result.section, "findings": result.findings, "lacks": result.lacks}


def step_page(
    request: HttpRequest, key: str, step: int, *, template: str, context: dict[str, Any] | None = None
) -> HttpResponse:
    """The page of a step: the frame, with the room's own template for its decisions.

    A confidential step is shown to its team alone; others get a page that says so and whom to ask.
    """
    actor, cycle = cycle_of(request, key)
    if registry.room(step).confidential and not vault.may_read(actor, cycle):
        return closed(request, actor, cycle, step)
    if registry.room(step).confidential:
        vault.note(actor, cycle, PlanAccess.Kind.READ, _("page of the plan"))
    return render(request, template, {**step_context(actor, cycle, step), **(context or {})})


def closed(request: HttpRequest, actor: Actor, cycle: Cycle, step: int) -> HttpResponse:
    """The page of a confidential step for somebody who is not on its team."""
    vault.refuse(actor, cycle, _("page of the plan"))
    context = cycle_context(actor, cycle, current=step) | {
        "room": registry.room(step),
        "team": [str(one) for one in vault.readers(cycle).filter(kind="team")],
        "nobody_yet": not vault.has_team(cycle),
        "may_name_team": vault.may_name_team(actor, cycle),
    }
    return render(request, "ui/closed.html", context, status=403)


def came_in(cycle: Cycle, step: int) -> list[CameIn]:
    """The fact tables and the steps that this one rests on."""
    rows = [
        CameIn(
            name,
            _("%(rows)s rows, version %(version)s")
            % {"rows": f"{one['rows']:,}".replace(",", "\u202f"), "version": one["label"].partition("@")[2]},
            reverse("data", kwargs={"key": cycle.key}),
        )
        for name, one in cycle.facts.items()
    ]
    if step > 1:
        before = registry.room(step - 1)
        rows.append(
            CameIn(_("Step %(number)d") % {"number": step - 1}, str(_(before.title)), url_of_step(cycle, step - 1))
        )
    return rows


def with_url(cycle: Cycle, criterion: dict[str, Any]) -> dict[str, Any]:
    """A criterion with a link to where it can be mended: the key of a document, or the data page."""
    mend = str(criterion.get("mend", ""))
    url = ""
    at = re.search(r"(?:(\w+) in )?decisions/step(\d)\.toml(?::\s*(?:the \w+ of the )?(\w+))?", mend)
    if at is not None:
        field = at[3] or at[1]
        url = url_of_step(cycle, int(at[2])) + (f"#edit-{field}" if field else "#decisions")
    for room in registry.rooms():
        for name, file in room.decisions.lists.items():
            if not url and f"decisions/{file}" in mend:
                url = url_of_step(cycle, room.number) + f"#edit-{name}"
    if not url and ("cycle.toml" in mend or "items.csv" in mend):
        url = reverse("settings", kwargs={"key": cycle.key})
    return {**criterion, "url": url or (reverse("data", kwargs={"key": cycle.key}) if mend else "")}


def raise_missing(word: str) -> registry.Room:
    """The room of a word in an address; 404 where there is none."""
    room = registry.room_of_word(word)
    if room is None:
        raise Http404
    return room


__all__ = ["Actor", "CameIn", "NavItem", "cycle_context", "cycle_of", "jobs", "raise_missing", "step_page"]
