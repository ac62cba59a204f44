"""The page of step 3: the tree with what customers said beside it, coding by hand, the sealed register."""

import json
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from nonagon.accounts.access import Permission
from nonagon.process import documents
from nonagon.process.models import Cycle
from nonagon.steps.step3_needs import selectors, services
from nonagon.steps.step3_needs.decisions import NO_NEED
from nonagon.steps.step3_needs.words import WORDS
from nonagon.ui.answers import REFUSALS, BadRequest, answer, as_json, refusal
from nonagon.ui.frame import cycle_of, step_page, url_of_step

STEP = 3


@require_GET
def page(request: HttpRequest, key: str) -> HttpResponse:
    """The frame of the step with its decisions."""
    actor, cycle = cycle_of(request, key)
    held = selectors.decisions(cycle)
    context = {
        "workbench": _workbench(cycle),
        "only_asked": selectors.only_asked(cycle),
        "seal": held.seal,
        "opened": held.unsealed,
        "may_sign": actor.may(Permission.SIGN, cycle.organization_id),
    }
    return step_page(request, key, STEP, template="step3/page.html", context=context)


@require_GET
def tree(request: HttpRequest, key: str) -> HttpResponse:
    """The tree as it stands, with counts as computed last, for the script that draws it."""
    _actor, cycle = cycle_of(request, key)
    return JsonResponse(_workbench(cycle))


@require_GET
def verbatims(request: HttpRequest, key: str) -> HttpResponse:
    """A page of the verbatims of a need, as a part of the page."""
    actor, cycle = cycle_of(request, key)
    need = request.GET.get("need", "")
    containing = request.GET.get("q", "").strip()[:200]
    held = selectors.decisions(cycle)
    shown = selectors.of_need(cycle, need, containing=containing, number=_whole(request.GET.get("page")))
    context = {
        "cycle": cycle,
        "need": need,
        "name": next((one.name for one in held.needs if one.id == need), need),
        "page": shown,
        "q": containing,
        "may_edit": actor.may(Permission.EDIT, cycle.organization_id),
        "names": {one.id: one.name for one in held.needs},
    }
    return render(request, "step3/verbatims.html", context)


@require_GET
def queue(request: HttpRequest, key: str) -> HttpResponse:
    """Verbatims that wait to be coded, with suggestions."""
    _actor, cycle = cycle_of(request, key, Permission.EDIT)
    coder = request.GET.get("coder", "")
    check = request.GET.get("check") == "1"
    skip = [one for one in request.GET.get("skip", "").split("\n") if one]
    return JsonResponse(selectors.queue(cycle, coder=coder, check=check, skip=skip))


@require_POST
def code(request: HttpRequest, key: str) -> HttpResponse:
    """One coder's codes of one verbatim: `{"verbatim", "needs": [...], "coder"}`; no needs: it speaks of none."""
    actor, cycle = cycle_of(request, key)

    def act() -> documents.Saved:
        sent = _sent(request, verbatim=str, needs=list, coder=str)
        needs = [str(one) for one in sent["needs"] if one != NO_NEED]
        return services.code_verbatim(
            actor=actor, cycle=cycle, verbatim=sent["verbatim"], needs=needs, coder=sent["coder"]
        )

    return answer(act)


@require_http_methods(["GET", "POST"])
def merge(request: HttpRequest, key: str) -> HttpResponse:
    """GET: what merging would change. POST `{"need", "into"}`: does it."""
    actor, cycle = cycle_of(request, key)
    if request.method == "GET":
        need, into = request.GET.get("need", ""), request.GET.get("into", "")
        return _told(lambda: services.merging_said(actor=actor, cycle=cycle, need=need, into=into))

    def act() -> dict[int, documents.Saved]:
        sent = _sent(request, need=str, into=str)
        return services.merge_needs(actor=actor, cycle=cycle, need=sent["need"], into=sent["into"])

    return _several(act)


@require_http_methods(["GET", "POST"])
def remove(request: HttpRequest, key: str) -> HttpResponse:
    """GET: what removing would change. POST `{"need"}`: does it."""
    actor, cycle = cycle_of(request, key)
    if request.method == "GET":
        need = request.GET.get("need", "")
        return _told(lambda: services.removal_said(actor=actor, cycle=cycle, need=need))

    def act() -> dict[int, documents.Saved]:
        return services.remove_need(actor=actor, cycle=cycle, need=_sent(request, need=str)["need"])

    return _several(act)


@require_POST
def split(request: HttpRequest, key: str) -> HttpResponse:
    """A new need out of an old one: `{"base", "need", "id", "name", "rules", "verbatims", "beside", "coder"}`."""
    actor, cycle = cycle_of(request, key)

    def act() -> documents.Saved:
        sent = _sent(
            request, base=int, need=str, id=str, name=str, rules=list, verbatims=list, beside=bool, coder=str
        )
        return services.split_need(
            actor=actor,
            cycle=cycle,
            need=sent["need"],
            new_id=sent["id"],
            name=sent["name"],
            rules=[one for one in sent["rules"] if type(one) is int],
            verbatims=[str(one) for one in sent["verbatims"]],
            beside=sent["beside"],
            coder=sent["coder"],
            base=sent["base"],
        )

    return answer(act)


@require_POST
def seal(request: HttpRequest, key: str) -> HttpResponse:
    """Closes the register of assumptions."""
    actor, cycle = cycle_of(request, key)
    by, base = request.POST.get("by", "").strip()[:100], _whole(request.POST.get("base"), 0)
    return _done(
        request,
        cycle,
        lambda: services.seal_register(actor=actor, cycle=cycle, base=base, by=by),
        _("The register is sealed. Its entries stay as they are from now on."),
    )


@require_POST
def open_seal(request: HttpRequest, key: str) -> HttpResponse:
    """Opens a sealed register, with a reason."""
    actor, cycle = cycle_of(request, key)
    reason, by = request.POST.get("reason", ""), request.POST.get("by", "").strip()[:100]
    return _done(
        request,
        cycle,
        lambda: services.open_register(actor=actor, cycle=cycle, reason=reason, by=by),
        _("The register is open again. That, and the reason, stay visible."),
    )


def _workbench(cycle: Cycle) -> dict[str, Any]:
    """What the script of the tree works on: needs and rules as they stand, counts, addresses, sentences."""
    held, version = documents.current(cycle, STEP)
    content = held.model_dump(mode="json", include={"needs", "rules", "merged"})
    names = ("tree", "verbatims", "queue", "code", "merge", "split", "remove")
    return {
        **content,
        "version": version,
        "counts": selectors.counts(cycle),
        "urls": {name: reverse(f"needs:{name}", kwargs={"key": cycle.key}) for name in names},
        "words": {key: str(sentence) for key, sentence in WORDS.items()},
    }


def _whole(text: str | None, least: int = 1) -> int:
    return max(least, int(text)) if text and text.isascii() and text.isdigit() and len(text) < 10 else least


def _sent(request: HttpRequest, **wanted: type) -> dict[str, Any]:
    """The JSON body, which must hold these fields of these types. Raises BadRequest."""
    try:
        sent = json.loads(request.body)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise BadRequest(_("The body must be JSON; %(why)s.") % {"why": error}) from error
    wrong = [
        name for name, kind in wanted.items() if not isinstance(sent, dict) or type(sent.get(name)) is not kind
    ]
    if wrong:
        raise BadRequest(_("The body lacks a right value of %(names)s.") % {"names": ", ".join(wrong)})
    return dict(sent)


def _told(say: Callable[[], tuple[list[str], list[str]]]) -> HttpResponse:
    try:
        sentences, blocked = say()
    except REFUSALS as error:
        return refusal(error)
    return JsonResponse({"sentences": sentences, "blocked": blocked})


def _several(act: Callable[[], dict[int, documents.Saved]]) -> HttpResponse:
    """The answer to a change of several documents: what stands in step 3, and which others changed."""
    try:
        saved = act()
    except REFUSALS as error:
        return refusal(error)
    return JsonResponse({**as_json(saved[STEP]), "steps": sorted(saved)})


def _done(request: HttpRequest, cycle: Cycle, act: Callable[[], Any], said: str) -> HttpResponse:
    """Does it and goes back to the register, with what came of it."""
    try:
        act()
    except documents.DocumentError as error:
        messages.error(request, error.wrong[0].message)
    except documents.Conflict as error:
        messages.error(request, str(error))
    except PermissionDenied:
        raise
    else:
        messages.success(request, said)
    return redirect(url_of_step(cycle, STEP) + "#register")
