"""Data in: files, sources with their mapping, what was taken and what was not."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from nonagon.accounts.access import Actor, Permission, rows
from nonagon.imports.csv_dialect import Unreadable
from nonagon.imports.files import ENDINGS
from nonagon.imports.guess import GuessedSource, guess_file, guess_item, guess_table, profile_of
from nonagon.imports.mapping import Source
from nonagon.imports.profile import Profile
from nonagon.imports.trial import Grid, Trial, as_it_is, trial
from nonagon.process import documents, registry
from nonagon.process.models import Cycle, Job
from nonagon.ui.frame import cycle_context, cycle_of
from nonagon.workspace import selectors, services, sources, uploads
from nonagon.workspace.places import files_of, known_place
from nonagon.workspace.sources import Said, Wrong

EXAMPLES = 3
TRIALS = (100, 1000, 10_000, 100_000)
PROBLEMS = (uploads.Refused, services.ChangedMeanwhile, documents.DocumentError, documents.Conflict)


@require_GET
def page(request: HttpRequest, key: str) -> HttpResponse:
    """What is there: facts, rejects, sources, files; and the ways to bring more."""
    actor, cycle = cycle_of(request, key)
    context = cycle_context(actor, cycle)
    head, _version = documents.current(cycle, registry.HEAD)
    may = context["may"]["upload"]
    context |= {
        "tables": selectors.tables(cycle),
        "rejects": selectors.reject_counts(cycle),
        "sources": selectors.source_rows(cycle),
        "files": selectors.files(cycle),
        "waiting": uploads.waiting(cycle) if may else {},
        "new_items": selectors.unknown_items(cycle, head) if may else [],
        "item_kinds": sources.item_kinds(),
        "last": rows(actor, Job).filter(cycle=cycle, kind="import").order_by("-created_at").first(),
        "limit": uploads.size_in_words(uploads.limit()),
        "endings": ", ".join(f"{ending},{ending}.gz" for ending in ENDINGS),
        "known_endings": " ".join(ENDINGS),
    }
    return render(request, "workspace/data.html", context)


def _back(cycle: Cycle, part: str = "") -> HttpResponse:
    return redirect(reverse("data", kwargs={"key": cycle.key}) + part)


def _tell(request: HttpRequest, act: Callable[[], str]) -> bool:
    """Does it and says what came of it; whether it was done."""
    try:
        said = act()
    except PROBLEMS as problem:
        messages.error(request, str(problem))
        return False
    if said:
        messages.success(request, said)
    return True


# --- files ----------------------------------------------------------------------------------------------


@require_POST
def upload(request: HttpRequest, key: str) -> HttpResponse:
    """Keeps the files that were sent, each by its name; one alone leads on to its mapping."""
    actor, cycle = cycle_of(request, key, Permission.UPLOAD)
    kept, refused = [], []
    for one in request.FILES.getlist("files"):
        try:
            kept.append(uploads.keep(actor=actor, cycle=cycle, upload=one))
        except uploads.Refused as problem:
            refused.append(str(problem))
    stopped = getattr(request, "too_large", "")
    if stopped:
        refused.append(stopped)
    if not kept and not refused:
        refused.append(_("No file was chosen."))
    following = _after_upload(cycle, kept, refused)
    for said in refused:
        messages.error(request, said)
    for one in kept:
        _say_kept(request, one)
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse({"kept": [one.name for one in kept], "refused": refused, "next": following})
    return redirect(following)


def _say_kept(request: HttpRequest, one: uploads.Kept) -> None:
    said = {
        "new": _("“%(name)s” is there."),
        "same": _("“%(name)s” was there already, the same to the last byte."),
        "replaced": _("“%(name)s” is now in the place of the earlier file of that name."),
        "waiting": "",
    }[one.state]
    if said:
        messages.success(request, said % {"name": one.name})


def _after_upload(cycle: Cycle, kept: list[uploads.Kept], refused: list[str]) -> str:
    """Where to go: to the mapping of the one new file, else back to the data page."""
    home = reverse("data", kwargs={"key": cycle.key})
    readers = {one.name: one.sources for one in selectors.files(cycle)}
    new = [one for one in kept if one.state in {"new", "same"} and not readers.get(one.name)]
    if len(kept) == len(new) == 1 and not refused:
        return map_address(cycle, file=new[0].name)
    return f"{home}#files"


def map_address(cycle: Cycle, **query: Any) -> str:
    """The address of the mapping page of a file or a source."""
    return reverse("data_map", kwargs={"key": cycle.key}) + "?" + urlencode(query)


@require_POST
def settle(request: HttpRequest, key: str) -> HttpResponse:
    """What becomes of a file whose name is taken: replace, keep both, or drop."""
    actor, cycle = cycle_of(request, key, Permission.UPLOAD)

    def act() -> str:
        found = uploads.settle(
            actor=actor, cycle=cycle, token=request.POST.get("token", ""), choice=request.POST.get("choice", "")
        )
        if found is None:
            return _("The file that you brought was dropped; the one that was there stays.")
        _say_kept(request, found)
        return ""

    _tell(request, act)
    return _back(cycle, "#files")


@require_POST
def remove_file(request: HttpRequest, key: str) -> HttpResponse:
    """Removes a file that no source reads by its name."""
    actor, cycle = cycle_of(request, key, Permission.UPLOAD)
    name = request.POST.get("name", "")

    def act() -> str:
        sources.refuse_in_use(cycle, name)
        uploads.remove(actor=actor, cycle=cycle, name=name)
        return _("“%(name)s” was removed. Import again to take what was read of it out of the facts.") % {
            "name": name
        }

    _tell(request, act)
    return _back(cycle, "#files")


@require_POST
def newer(request: HttpRequest, key: str, source: str) -> HttpResponse:
    """A newer file for a source: kept where its mapping finds it, and imported at once."""
    actor, cycle = cycle_of(request, key, Permission.UPLOAD)

    def act() -> str:
        given = request.FILES.getlist("files")
        if getattr(request, "too_large", ""):
            raise uploads.Refused(request.too_large)  # type: ignore[attr-defined]
        if not given:
            raise uploads.Refused(_("No file was chosen."))
        kept = [services.newer_file(actor=actor, cycle=cycle, source=source, upload=one) for one in given]
        strict = [source] if request.POST.get("strict") else []
        services.import_now(actor=actor, cycle=cycle, strict=strict)
        names = ", ".join(one.name for one in kept)
        return _("%(names)s: kept, and read into facts in the background by the saved mapping.") % {"names": names}

    done = _tell(request, act)
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse({"next": reverse("data", kwargs={"key": key}), "kept": done, "refused": []})
    return _back(cycle)


# --- sources --------------------------------------------------------------------------------------------


@require_POST
def import_now(request: HttpRequest, key: str) -> HttpResponse:
    """Reads all files into facts."""
    actor, cycle = cycle_of(request, key, Permission.UPLOAD)
    strict = list(sources.sources_of(cycle)) if request.POST.get("strict") else []
    services.import_now(actor=actor, cycle=cycle, strict=strict)
    messages.success(request, _("The files are read into facts in the background."))
    return _back(cycle)


@require_POST
def remove_source(request: HttpRequest, key: str, source: str) -> HttpResponse:
    """Removes a source and, by the import that follows, its facts."""
    actor, cycle = cycle_of(request, key, Permission.UPLOAD)

    def act() -> str:
        services.remove_source(actor=actor, cycle=cycle, name=source)
        services.import_now(actor=actor, cycle=cycle)
        return _("The source “%(name)s” was removed; its files stay, its facts go.") % {"name": source}

    _tell(request, act)
    return _back(cycle, "#sources")


@require_POST
def add_items(request: HttpRequest, key: str) -> HttpResponse:
    """Adds the questions that were ticked to the register."""
    actor, cycle = cycle_of(request, key, Permission.UPLOAD)
    sent = request.POST
    items = [
        {
            "id": one,
            "text": sent.get(f"text.{one}", one),
            "kind": sent.get(f"kind.{one}", "satisfaction"),
            "scale_min": sent.get(f"min.{one}", "1"),
            "scale_max": sent.get(f"max.{one}", "5"),
        }
        for one in sent.getlist("item")
    ]

    def act() -> str:
        services.add_items(actor=actor, cycle=cycle, items=items)
        return ngettext("%(n)d question added.", "%(n)d questions added.", len(items)) % {"n": len(items)}

    _tell(request, act)
    return _back(cycle)


# --- mapping --------------------------------------------------------------------------------------------


@dataclass
class Draft:
    """The mapping page between two looks: what is being mapped, and what was wrong with what was sent."""

    name: str
    mapping: Said
    original: str = ""
    was: str = ""
    file: str = ""
    notes: tuple[str, ...] = ()
    problem: str = ""
    wrong: tuple[Wrong, ...] = ()


def mapping(request: HttpRequest, key: str) -> HttpResponse:
    """The mapping of a file or a source: guessed, corrected, tried, imported. Works without script."""
    actor, cycle = cycle_of(request, key, Permission.UPLOAD)
    if request.method != "POST":
        draft = _draft(request, cycle)
        return draft if isinstance(draft, HttpResponse) else _shown(request, actor, cycle, draft)
    draft, do = _sent(request, cycle), request.POST.get("do", "look")
    if not draft.problem and do == "save":
        saved = _save(request, actor, cycle, draft)
        if saved is not None:
            return saved
    return _shown(request, actor, cycle, draft, status=422 if do == "save" else 200)


def _draft(request: HttpRequest, cycle: Cycle) -> "Draft | HttpResponse":
    """What the page begins with: a source as it is, or a guess at a file."""
    held = sources.sources_of(cycle)
    name = request.GET.get("source", "")
    if name in held:
        return Draft(name, sources.as_said(held[name]), name, sources.mark_of(held[name]))
    file = request.GET.get("file", "")
    try:
        found = profile_of(uploads.place_of(cycle, file), file)
        guesses = guess_file(found)
    except uploads.Refused as problem:
        messages.error(request, str(problem))
        return _back(cycle, "#files")
    except Unreadable as problem:
        blank: Said = {"table": "answers", "files": file}
        return Draft(
            _fresh(held, sources.plain_name(file.partition(".")[0]) or "data"), blank, problem=str(problem)
        )
    wanted = request.GET.get("as", "0")
    guess = guesses[min(int(wanted) if wanted.isdigit() else 0, len(guesses) - 1)]
    return Draft(_fresh(held, guess.name), guess.mapping, file=file, notes=_comments(guess))


def _fresh(held: Mapping[str, Any], name: str) -> str:
    number, fresh = 2, name
    while fresh in held:
        number, fresh = number + 1, f"{name}_{number}"
    return fresh


def _comments(guess: GuessedSource) -> tuple[str, ...]:
    """What the guess rests on."""
    said = [f"{key}: {comment}" for key, comment in guess.comments.items()]
    return (*said, *guess.notes)


def _sent(request: HttpRequest, cycle: Cycle) -> Draft:
    """What was sent, as a mapping."""
    sent = request.POST
    try:
        base = json.loads(sent.get("base", "{}"))
    except json.JSONDecodeError:
        base = {}
    draft = Draft(
        name=sent.get("name", "").strip(),
        mapping=base if isinstance(base, dict) else {},
        original=sent.get("original", ""),
        was=sent.get("was", ""),
        file=sent.get("file", ""),
    )
    try:
        if sent.get("do") == "text":
            draft.mapping = sources.from_text(sent.get("text", ""))
        else:
            draft.mapping = sources.from_form({name: sent[name] for name in sent}, draft.mapping)
    except uploads.Refused as problem:
        draft.problem = str(problem)
    if sent.get("do") == "table":
        _guess_again(cycle, draft)
    return draft


def _guess_again(cycle: Cycle, draft: Draft) -> None:
    """Another kind of table was chosen: what fits it in the file, under the file's own settings."""
    source, _wrong = sources.read({**draft.mapping, "columns": {}, "attributes": {}, "items": {}, "values": {}})
    if source is None:
        return
    for name, path in _paths(cycle, source):
        try:
            guess = guess_table(profile_of(path, name, source), source.table)
        except Unreadable:
            return
        if guess is not None:
            kept = [key for key in ("files", "delimiter", "header_row") if key in draft.mapping]
            draft.mapping = {**guess.mapping, **{key: draft.mapping[key] for key in kept}}
        return


def _paths(cycle: Cycle, source: Source) -> list[tuple[str, Any]]:
    home = files_of(cycle)
    return [(name, home / name) for name in selectors.files_found(cycle, source)[0]]


def _save(request: HttpRequest, actor: Actor, cycle: Cycle, draft: Draft) -> HttpResponse | None:
    """Keeps the source, adds its questions, and asks for the import; None where something is wrong."""
    source, wrong = sources.read(draft.mapping)
    draft.wrong = tuple(wrong)
    if source is None or wrong:
        return None

    def act() -> str:
        services.save_source(
            actor=actor,
            cycle=cycle,
            name=draft.name,
            mapping=draft.mapping,
            was=draft.was,
            replaces=draft.original,
        )
        if request.POST.get("add_items"):
            services.add_items(actor=actor, cycle=cycle, items=_items(cycle, source))
        services.import_now(actor=actor, cycle=cycle, strict=[draft.name] if request.POST.get("strict") else [])
        return _("“%(name)s” is kept; its files are read into facts in the background.") % {"name": draft.name}

    return _back(cycle) if _tell(request, act) else None


def _items(cycle: Cycle, source: Source) -> list[dict[str, Any]]:
    """The questions of a wide source as the register would hold them."""
    if not source.items:
        return []
    for name, path in _paths(cycle, source):
        found = _profile(path, name, source)
        if found is None:
            continue
        by_item = sources.columns_of_items(source, {one.name: one for one in found.columns})
        guessed = [guess_item(item, column) for item, column in by_item.items()]
        return [
            {
                "id": one.id,
                "text": one.text,
                "kind": one.kind,
                "scale_min": one.scale_min,
                "scale_max": one.scale_max,
            }
            for one in guessed
            if one.scale_min < one.scale_max
        ]
    return []


def _profile(path: Any, name: str, source: Source) -> Profile | None:
    try:
        return profile_of(path, name, source)
    except Unreadable:
        return None


def _shown(request: HttpRequest, actor: Actor, cycle: Cycle, draft: Draft, *, status: int = 200) -> HttpResponse:
    """The mapping page for a draft: the file as it is, as it would be taken, and what is wrong."""
    source, wrong = sources.read(draft.mapping)
    bare, _faults = sources.read({key: draft.mapping[key] for key in sources.WRITTEN if key in draft.mapping})
    paths = _paths(cycle, bare) if bare is not None else []
    chosen = next(((name, path) for name, path in paths if name == request.POST.get("preview")), None)
    name, path = chosen or (paths[0] if paths else ("", None))
    raw, found, unreadable = _file_as_it_is(path, name, bare)
    tried = _tried(request, cycle, draft, source if not wrong else None)
    shown = [(one.name, one.describe(), _examples(one)) for one in found.columns] if found else []
    known = {one[0] for one in shown}
    if raw is not None:
        shown += [(title, "", ()) for title in raw.columns if title not in known]
    titles = [title for title, _about, _some in shown]
    head, _version = documents.current(cycle, registry.HEAD)
    in_register = {one.id for one in head.items}  # type: ignore[attr-defined]
    specials = sources.special_rows(draft.mapping, titles)
    context = cycle_context(actor, cycle) | {
        "draft": draft,
        "base": json.dumps(draft.mapping, ensure_ascii=False),
        "text": sources.to_toml(draft.mapping),
        "source": source,
        "wrong": [*draft.wrong, *(one for one in wrong if one not in draft.wrong)],
        "missing": "" if paths or bare is None else selectors.files_found(cycle, bare)[1],
        "unreadable": unreadable,
        "paths": [one for one, _path in paths],
        "preview": name,
        "raw": raw,
        "trial": tried,
        "trial_kinds": [(selectors.KINDS[kind], count) for kind, count in (tried.kinds or {}).items()]
        if tried
        else [],
        "refused": [(one, selectors.KINDS[one.kind]) for one in tried.refused] if tried else [],
        "trials": TRIALS,
        "trial_size": _trial_size(request),
        "tables": sources.TABLES,
        "targets": sources.targets(draft.mapping),
        "columns": sources.column_rows(draft.mapping, shown),
        "specials": specials,
        "specials_needed": any(one.required and not one.how for one in specials),
        "header_row": draft.mapping.get("header_row", 1),
        "rules": sources.rule_rows(draft.mapping, request.POST.getlist("more_rules")),
        "rule_names": sources.names_of(draft.mapping),
        "filters": sources.filter_rows(draft.mapping),
        "hows": sources.HOWS,
        "encodings": list(dict.fromkeys([*sources.ENCODINGS, str(draft.mapping.get("encoding") or "utf-8")])),
        "delimiters": sources.DELIMITERS,
        "files_text": "\n".join(bare.files) if bare else "",
        "sheet_text": sources.in_list(draft.mapping.get("sheet", "")),
        "unique_text": sources.in_list(draft.mapping.get("unique", "")),
        "guesses": _other_guesses(cycle, draft) if not draft.original else [],
        "new_items": [one for one in (source.items if source else ()) if one not in in_register],
        "strict": bool(request.POST.get("strict")),
        "add_items": request.method != "POST" or bool(request.POST.get("add_items")),
    }
    return render(request, "workspace/data_map.html", context, status=status)


def _file_as_it_is(path: Any, name: str, source: Source | None) -> tuple[Grid | None, Profile | None, str]:
    """The file's first rows and what its columns hold, or why it cannot be read."""
    if path is None or source is None:
        return None, None, ""
    try:
        return as_it_is(path, name, source), profile_of(path, name, source), ""
    except Unreadable as problem:
        return None, None, f"{name} {problem}"


def _examples(column: Any) -> tuple[str, ...]:
    found = column.texts.drop_nulls().unique(maintain_order=True).head(EXAMPLES).to_list()
    return tuple(one if len(one) <= 40 else f"{one[:39]}…" for one in found)


def _trial_size(request: HttpRequest) -> int:
    wanted = request.POST.get("records", "")
    return int(wanted) if wanted.isdigit() and int(wanted) in TRIALS else 1000


def _tried(request: HttpRequest, cycle: Cycle, draft: Draft, source: Source | None) -> Trial | None:
    """The source tried on its files' first records, places named as people know them."""
    if source is None:
        return None
    home = files_of(cycle)
    found = trial(draft.name or "source", source, home, records=_trial_size(request))
    return replace(found, mistakes=tuple(known_place(one, home) for one in found.mistakes))


def _other_guesses(cycle: Cycle, draft: Draft) -> list[dict[str, Any]]:
    """The other things that the file seems to hold, each a source of its own."""
    if not draft.file:
        return []
    try:
        found = guess_file(profile_of(uploads.place_of(cycle, draft.file), draft.file))
    except (Unreadable, uploads.Refused):
        return []
    if len(found) < 2:
        return []
    return [
        {
            "what": sources.TABLES[one.mapping["table"]],
            "why": one.comments.get("table", ""),
            "url": map_address(cycle, file=draft.file, **{"as": place}),
        }
        for place, one in enumerate(found)
    ]


# --- rejects --------------------------------------------------------------------------------------------


def _wanted(request: HttpRequest) -> selectors.Wanted:
    return selectors.Wanted(
        kind=request.GET.get("kind", ""),
        source=request.GET.get("source", ""),
        text=request.GET.get("q", "").strip(),
    )


@require_GET
def rejects(request: HttpRequest, key: str) -> HttpResponse:
    """What was not taken, row by row: for those who may bring data, since it shows what stood in the files."""
    actor, cycle = cycle_of(request, key, Permission.UPLOAD)
    wanted, each = _wanted(request), 50
    number = request.GET.get("page", "1")
    start = (max(int(number), 1) - 1) * each if number.isdigit() else 0
    found = selectors.rejects(cycle, wanted, start=start, most=each)
    pages = Paginator(range(found.total), each)
    context = cycle_context(actor, cycle) | {
        "found": found,
        "wanted": wanted,
        "page": pages.get_page(number),
        "kinds": [(kind, selectors.KINDS.get(kind, kind)) for kind in found.kinds],
    }
    return render(request, "workspace/data_rejects.html", context)


@require_GET
def rejects_csv(request: HttpRequest, key: str) -> StreamingHttpResponse:
    """The same as a file."""
    _actor, cycle = cycle_of(request, key, Permission.UPLOAD)
    answer = StreamingHttpResponse(selectors.rejects_as_csv(cycle, _wanted(request)), content_type="text/csv")
    answer["Content-Disposition"] = f'attachment; filename="{cycle.key}-rejects.csv"'
    return answer
