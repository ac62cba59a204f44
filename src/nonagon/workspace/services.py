"""Writes that see the whole cycle: a new one, one from a cycle folder, its sources, its archive."""

import re
import secrets
import shutil
import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from nonagon.accounts.access import Actor, Permission, require
from nonagon.accounts.models import Organization
from nonagon.basics.errors import InputError, Mistake, NonagonError
from nonagon.deliverables.evidence import Value
from nonagon.deliverables.plain import plain
from nonagon.imports.files import reader_by_ending
from nonagon.imports.mapping import Source
from nonagon.process import audit, documents, jobs, registry, results, vault
from nonagon.process.edits import Edit
from nonagon.process.models import Cycle, DocumentVersion, Job, PlanReader
from nonagon.workspace import archive, sources, uploads
from nonagon.workspace.places import files_of, known_place

if TYPE_CHECKING:
    from nonagon.deliverables.decisions import DecisionDocument
    from nonagon.pipeline.folder import CycleFile

DATA = "data"
"""The data folder of every cycle that is kept here, whatever the folder called it that it came from."""


@transaction.atomic
def new_cycle(
    *, actor: Actor, organization: Organization, head: Value, decided: Mapping[int, Value] | None = None
) -> Cycle:
    """A cycle with a register; its maker is the first on the plan's team.

    decided: what it starts from, by step; a document in which nothing is decided has no version yet.
    """
    require(actor, organization, Permission.EDIT)
    name = str(head.name)  # type: ignore[attr-defined]
    cycle = Cycle.objects.create(key=new_key(name), organization=organization, name=name, created_by=actor.person)
    begun = {step: one for step, one in (decided or {}).items() if one != type(one)()}
    for step, document in {registry.HEAD: head, **begun}.items():
        DocumentVersion.objects.create(
            cycle=cycle, step=step, number=1, content=plain(document), person=actor.person
        )
    PlanReader.objects.create(
        cycle=cycle, kind=PlanReader.Kind.TEAM, person=actor.person, name=str(actor.person), added_by=actor.person
    )
    audit.note(actor, "cycle.new", cycle=cycle, subject=name)
    jobs.enqueue("compute", cycle=cycle, person=actor.person)
    return cycle


def new_key(name: str) -> str:
    """An address that nobody can guess from another: the name's words and six random characters."""
    words = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40].strip("-") or "cycle"
    return f"{words}-{secrets.token_hex(3)}"


# --- sources --------------------------------------------------------------------------------------------


class ChangedMeanwhile(NonagonError):
    """Somebody changed the same source since the page was loaded; nothing of it was lost."""


def save_source(
    *, actor: Actor, cycle: Cycle, name: str, mapping: Mapping[str, Any], was: str = "", replaces: str = ""
) -> documents.Saved:
    """Keeps a mapping as the cycle's source `name`.

    was: the mark of the source that the page showed ("" for a new one); replaces: its name before, where it is
    given another. Raises Refused for a wrong or taken name, ChangedMeanwhile, DocumentError for a wrong mapping.
    """
    if not sources.NAME.fullmatch(name):
        raise uploads.Refused(
            _("A source's name must be letters, digits and underscores, a letter first; got “%(name)s”.")
            % {"name": name}
        )
    head, version = documents.current(cycle, registry.HEAD)
    held = head.data  # type: ignore[attr-defined]
    if sources.mark_of(held.get(replaces or name)) != was:
        raise ChangedMeanwhile(
            _("The source “%(name)s” was changed or added by somebody else meanwhile. Load it again to see it.")
            % {"name": replaces or name}
        )
    if replaces and replaces != name and name in held:
        raise uploads.Refused(_("There is a source “%(name)s” already; choose another name.") % {"name": name})
    source = Source.model_validate(dict(mapping))
    # In place of the one that it was made of: sources are read in their order.
    kept = {name if known == replaces else known: one for known, one in held.items()}
    return _write_sources(actor, cycle, {**kept, name: source}, version)


def remove_source(*, actor: Actor, cycle: Cycle, name: str) -> documents.Saved:
    """Removes a source; its files stay, its facts go with the next import."""
    head, version = documents.current(cycle, registry.HEAD)
    held = head.data  # type: ignore[attr-defined]
    if name not in held:
        raise uploads.Refused(_("There is no source “%(name)s” any more.") % {"name": name})
    return _write_sources(actor, cycle, {known: one for known, one in held.items() if known != name}, version)


def _write_sources(actor: Actor, cycle: Cycle, held: Mapping[str, Source], version: int) -> documents.Saved:
    value = {name: plain(one) for name, one in held.items()}
    return documents.edit(
        actor=actor,
        cycle=cycle,
        step=registry.HEAD,
        edits=[Edit("replace", ("data",), value=value)],
        base=version,
        permission=Permission.UPLOAD,
    )


def add_items(*, actor: Actor, cycle: Cycle, items: Sequence[Mapping[str, Any]]) -> documents.Saved | None:
    """Adds questions to the register that it does not hold yet; None where it holds them all."""
    head, version = documents.current(cycle, registry.HEAD)
    known = {one.id for one in head.items}  # type: ignore[attr-defined]
    edits = [Edit("add", ("items",), value=dict(one)) for one in items if one["id"] not in known]
    if not edits:
        return None
    return documents.edit(
        actor=actor, cycle=cycle, step=registry.HEAD, edits=edits, base=version, permission=Permission.UPLOAD
    )


def import_now(*, actor: Actor, cycle: Cycle, strict: Collection[str] = ()) -> Job:
    """Asks for the files to be read into facts. strict: sources of which all is taken or nothing."""
    require(actor, cycle, Permission.UPLOAD)
    arguments = {"strict": sorted(strict)} if strict else {}
    with transaction.atomic():
        job = jobs.enqueue("import", cycle=cycle, person=actor.person, arguments=arguments)
        audit.note(actor, "data.import", cycle=cycle, subject=", ".join(sorted(strict)), job=job.pk)
    return job


def newer_file(*, actor: Actor, cycle: Cycle, source: str, upload: UploadedFile) -> uploads.Kept:
    """Keeps a newer file for a source whose mapping is known.

    A source of one file gets it in the place of that file; a source of a pattern beside the others, where the
    file's own name fits the pattern. Raises Refused where it does not.
    """
    held = sources.sources_of(cycle).get(source)
    if held is None:
        raise uploads.Refused(_("There is no source “%(name)s” any more.") % {"name": source})
    own = uploads.name_of(upload.name or "")
    name = _place_for(held, own)
    if name is None:
        said = _(
            "“%(name)s” fits none of the names of “%(source)s” (%(files)s); rename it, or change the mapping."
        )
        raise uploads.Refused(said % {"name": own, "source": source, "files": ", ".join(held.files)})
    return uploads.keep(actor=actor, cycle=cycle, upload=upload, name=name, replace=True)


def _place_for(source: Source, own: str) -> str | None:
    """The name below the cycle's files that a newer file of a source gets; None where none fits."""
    if len(source.files) == 1 and not any(mark in source.files[0] for mark in "*?["):
        same_kind = reader_by_ending(own) == reader_by_ending(source.files[0])
        is_packed = own.lower().endswith(".gz") == source.files[0].lower().endswith(".gz")
        return source.files[0] if same_kind and is_packed else None
    for pattern in source.files:
        folder, _slash, last = pattern.rpartition("/")
        if not any(mark in folder for mark in "*?[") and fnmatchcase(own, last):
            return f"{folder}/{own}" if folder else own
    return None


# --- archives -------------------------------------------------------------------------------------------


def export_archive(*, actor: Actor, cycle: Cycle, into: Path) -> Path:
    """Writes the whole cycle as a zip below the folder `into`; gives the zip.

    Who may not read the plan gets it without step 6, and without what names it; README.md inside says so. A copy
    with the plan is marked, and noted in its vault. Raises PermissionDenied, InputError.
    """
    from nonagon.pipeline.archive import files_below, write_archive, write_folder  # noqa: PLC0415

    require(actor, cycle, Permission.EXPORT)
    head, given, _numbers = documents.all_current(cycle)
    with_plan = vault.may_read(actor, cycle)
    mark = vault.new_mark(actor, cycle, "archive.zip") if with_plan else ""
    pruned = archive.Pruned(given, ()) if with_plan else archive.without_plan(head, given)
    plan = min(room.number for room in registry.rooms() if room.confidential)
    out = {
        f"deliverables/step{step}.json": results.deliverable_of(one)
        for step in range(1, 10 if with_plan else plan)
        if (one := results.latest(cycle, step, whole=True)) is not None
    }
    folder = into / cycle.key
    write_folder(
        folder,
        head=head,  # type: ignore[arg-type]
        documents=pruned.documents,
        files=files_below(files_of(cycle)),
        results=out,
    )
    (folder / "README.md").write_text(_readme(actor, cycle, mark, pruned), encoding="utf-8")
    made = write_archive(folder, into / f"{cycle.key}.zip", with_results=True)
    shutil.rmtree(folder)
    audit.note(actor, "cycle.export", cycle=cycle, subject="archive.zip", with_plan=with_plan, mark=mark)
    return made


def _readme(actor: Actor, cycle: Cycle, mark: str, pruned: archive.Pruned) -> str:
    places = "\n".join(f"- {one}" for one in pruned.places) or "- nothing"
    more = archive.WITH_PLAN.format(mark=mark) if mark else archive.WITHOUT_PLAN.format(places=places)
    who = str(actor.person)
    return archive.README.format(name=cycle.name, day=timezone.localdate().isoformat(), who=who, more=more)


@dataclass(frozen=True, slots=True)
class Brought:
    """A cycle that was brought in, and what is not right in it yet: it is kept, and its pages show it."""

    cycle: Cycle
    warnings: tuple[Mistake, ...] = ()


def import_archive(*, actor: Actor, organization: Organization, file: Path) -> Brought:
    """A new cycle from a zip that holds a cycle folder. Raises InputError with every mistake of its documents."""
    from nonagon.pipeline.archive import Limits, read_archive  # noqa: PLC0415

    require(actor, organization, Permission.EDIT)
    require(actor, organization, Permission.UPLOAD)
    with tempfile.TemporaryDirectory(dir=_room_for_work()) as beside:
        folder = Path(beside) / "cycle"
        try:
            read_archive(file, folder, limits=Limits(size=settings.CYCLE_LIMIT))
        except InputError as error:
            raise InputError([replace(one, file="the archive") for one in error.mistakes]) from error
        return import_folder(actor=actor, organization=organization, folder=folder)


def import_folder(*, actor: Actor, organization: Organization, folder: Path, data: Path | None = None) -> Brought:
    """A new cycle from a cycle folder, with its data files.

    What is wrong inside a document refuses the cycle; what does not fit together between documents, and data
    files that are missing, are told and can be mended on the pages. The data must stand in the folder, or in
    `data`, which only who runs the server may name. Raises InputError.
    """
    from nonagon.pipeline.check import mistakes_in  # noqa: PLC0415

    require(actor, organization, Permission.EDIT)
    require(actor, organization, Permission.UPLOAD)
    try:
        head, decided = _read(folder)
        files = _files_to_take(head, folder, data)
    except InputError as error:
        raise InputError([known_place(one, folder) for one in error.mistakes]) from error
    warnings = tuple(known_place(one, folder) for one in mistakes_in(folder, data))
    with transaction.atomic():
        kept = head.model_copy(update={"data_folder": DATA})
        cycle = new_cycle(actor=actor, organization=organization, head=kept, decided=decided)
        for name, source in files.items():
            place = uploads.place_of(cycle, name)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, place)
        audit.note(actor, "cycle.import", cycle=cycle, subject=cycle.name, files=len(files))
        jobs.enqueue("import", cycle=cycle, person=actor.person)
    return Brought(cycle, warnings)


def _read(folder: Path) -> "tuple[CycleFile, dict[int, DecisionDocument]]":
    """The head and the decisions of a cycle folder, each right in itself."""
    from nonagon.pipeline.folder import read_cycle, read_decisions  # noqa: PLC0415

    if not (folder / "cycle.toml").is_file():
        raise InputError([Mistake("cycle.toml", None, "", "is missing; give the folder that holds cycle.toml")])
    head, readings = read_cycle(folder), read_decisions(folder)
    mistakes = [*head.mistakes, *(one for reading in readings.values() for one in reading.mistakes)]
    if mistakes or head.value is None:
        raise InputError(mistakes)
    return head.value, {step: one.value for step, one in readings.items() if one.value is not None}


def _files_to_take(head: "CycleFile", folder: Path, data: Path | None) -> dict[str, Path]:
    """The data files by their name below the data folder: those that sources name, and those that none reads yet.

    The latter are all others of the data folder; of its folder `data` where it is the cycle's folder itself; none
    of `data`, since more than this cycle's may be there. Nothing outside may be read: neither by a data folder
    that leads out nor by a link.
    """
    from nonagon.pipeline.archive import data_files, files_below  # noqa: PLC0415

    inside = (data or folder).resolve()
    home = inside if data else (inside / head.data_folder).resolve()
    if not home.is_relative_to(inside):
        message = f"must lie inside of the cycle's folder here; got {head.data_folder!r}"
        raise InputError(
            [Mistake("cycle.toml", None, "data_folder", f"{message}; put the data beside cycle.toml")]
        )
    files = data_files(head.data, home)
    if data is None:
        below = home / DATA if home == inside else home
        files = _unread(files_below(below).values(), home) | files
    strays = [name for name, path in files.items() if not path.resolve().is_relative_to(inside)]
    if strays:
        raise InputError([Mistake(name, None, "", "is a link that leads out of the folder") for name in strays])
    return files


def _unread(places: Iterable[Path], home: Path) -> dict[str, Path]:
    """Those that could be read, by name below the data folder."""
    return {
        place.relative_to(home).as_posix(): place
        for place in places
        if reader_by_ending(place.name) and not place.is_symlink()
    }


def _room_for_work() -> Path:
    """Where large things are unpacked: on the disk of NONAGON_HOME, since that is where they go."""
    place = Path(settings.HOME) / "work"
    place.mkdir(parents=True, exist_ok=True)
    return place
