"""Files, sources, imports, facts, long work, archives."""

import dataclasses
import tempfile
from pathlib import Path
from typing import Annotated, Any

from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from ninja import Body, File, Router, Status, UploadedFile
from pydantic import Field

from nonagon.accounts.access import Permission, actor_of, get_or_404, rows
from nonagon.accounts.models import Organization
from nonagon.imports.csv_dialect import Unreadable
from nonagon.imports.guess import guess_file, profile_of
from nonagon.imports.trial import trial
from nonagon.process import documents, jobs, registry
from nonagon.process.models import Job
from nonagon.ui.answers import as_json, failed
from nonagon.ui.shapes import Done, Limit, Offset, Part, SavedOut, Whole, part
from nonagon.workspace import selectors, services, sources, uploads
from nonagon.workspace.api import shapes
from nonagon.workspace.api.reads import cycle_out, job_out, the_cycle
from nonagon.workspace.archive import open_folder
from nonagon.workspace.places import files_of, known_place

router = Router(tags=["data"])
Name = Annotated[str, Field(min_length=1, max_length=200)]


@router.get("/cycles/{key}/facts", response=list[shapes.FactsOut], operation_id="list_facts")
def list_facts(request: HttpRequest, key: str) -> Any:
    """The fact tables as last imported."""
    _actor, cycle = the_cycle(request, key)
    return [
        {"table": name, "rows": one["rows"], "label": one["label"], "attributes": one["attributes"]}
        for name, one in cycle.facts.items()
    ]


@router.get("/cycles/{key}/rejects.csv", operation_id="get_rejects")
def get_rejects(request: HttpRequest, key: str) -> HttpResponse | StreamingHttpResponse:
    """Every row and cell that was not taken, with its reason."""
    _actor, cycle = the_cycle(request, key, Permission.UPLOAD)
    found = selectors.rejects_as_csv(cycle, selectors.Wanted())
    return StreamingHttpResponse(found, content_type="text/csv; charset=utf-8")


@router.get("/cycles/{key}/files", response=list[shapes.FileOut], operation_id="list_files")
def list_files(request: HttpRequest, key: str) -> Any:
    """The files that were brought."""
    _actor, cycle = the_cycle(request, key, Permission.UPLOAD)
    return [{"name": name, "size": file.stat().st_size} for name, file in uploads.stored(cycle)]


@router.post("/cycles/{key}/files", response={201: shapes.FileOut}, operation_id="upload_file")
def upload_file(request: HttpRequest, key: str, file: UploadedFile = File(...), replace: bool = False) -> Any:  # noqa: B008
    """Brings a file. A name that is taken: the same bytes change nothing; others need `replace`, or wait."""
    actor, cycle = the_cycle(request, key, Permission.UPLOAD)
    kept = uploads.keep(actor=actor, cycle=cycle, upload=file, replace=replace)
    return Status(201, {"name": kept.name, "size": file.size or 0, "state": kept.state})


@router.delete("/cycles/{key}/files", response=Done, operation_id="remove_file")
def remove_file(request: HttpRequest, key: str, name: Name) -> Any:
    """Removes a file that no source reads by its name; its facts stay until the next import."""
    actor, cycle = the_cycle(request, key, Permission.UPLOAD)
    sources.refuse_in_use(cycle, name)
    uploads.remove(actor=actor, cycle=cycle, name=name)
    return {"done": True}


@router.get("/cycles/{key}/files/waiting", response=list[shapes.WaitingFileOut], operation_id="list_waiting_files")
def list_waiting(request: HttpRequest, key: str) -> Any:
    """Files whose names are taken, which wait for a choice."""
    _actor, cycle = the_cycle(request, key, Permission.UPLOAD)
    return [{"token": token, "name": name} for token, name in uploads.waiting(cycle).items()]


@router.post("/cycles/{key}/files/waiting/{token}", response=shapes.FileOut, operation_id="settle_file")
def settle_file(request: HttpRequest, key: str, token: str, sent: shapes.ChoiceIn) -> Any:
    """What becomes of a file that waits: in the place of the other, beside it, or thrown away."""
    actor, cycle = the_cycle(request, key, Permission.UPLOAD)
    name = uploads.waiting(cycle).get(token, "")
    kept = uploads.settle(actor=actor, cycle=cycle, token=token, choice=sent.choice)
    if kept is None:
        return {"name": name, "size": 0, "state": "dropped"}
    return {"name": kept.name, "size": uploads.place_of(cycle, kept.name).stat().st_size, "state": kept.state}


@router.get("/cycles/{key}/files/guess", response=list[shapes.GuessOut], operation_id="guess_mapping")
def guess_mapping(request: HttpRequest, key: str, name: Name) -> Any:
    """What a file seems to hold, the likeliest first: mappings to correct and to save as sources."""
    _actor, cycle = the_cycle(request, key, Permission.UPLOAD)
    place = uploads.place_of(cycle, name)
    if not place.is_file():
        return failed(404, _("Nothing here"), _("There is no such file."), name, _("List the files."))
    try:
        found = guess_file(profile_of(place, name))
    except Unreadable as error:
        return failed(422, _("The file"), str(error), name, _("Correct it, and bring it again."))
    names = ("name", "mapping", "comments", "notes")
    return [{field: getattr(one, field) for field in names} for one in found]


@router.post("/cycles/{key}/sources/{name}/try", response=shapes.TriedOut, operation_id="try_mapping")
def try_mapping(request: HttpRequest, key: str, name: str, sent: Annotated[dict[str, Any], Body()]) -> Any:
    """A mapping tried on the first thousand records of its files; nothing is kept."""
    _actor, cycle = the_cycle(request, key, Permission.UPLOAD)
    source, wrong = sources.read(sent)
    if source is None:
        return _wrong_mapping(wrong)
    home = files_of(cycle)
    found = trial(name, source, home)
    counts = ("files", "of_files", "records", "with_facts", "facts", "whole")
    return {
        **{field: getattr(found, field) for field in counts},
        "mistakes": [str(known_place(one, home)) for one in found.mistakes],
        "notices": list(found.notices),
        "rejects": dict(found.kinds or {}),
        "refused": [dataclasses.asdict(one) for one in found.refused],
        "columns": list(found.taken.columns) if found.taken else [],
        "taken": [list(one) for one in found.taken.rows] if found.taken else [],
    }


def _wrong_mapping(wrong: "list[sources.Wrong]") -> HttpResponse:
    mistakes = [{"path": [one.key], "message": one.message} for one in wrong]
    return failed(422, _("The mapping"), wrong[0].message, "", "", mistakes=mistakes)


@router.post("/cycles/{key}/sources/{name}/file", response={202: shapes.JobOut}, operation_id="bring_newer_file")
def bring_newer(
    request: HttpRequest,
    key: str,
    name: str,
    file: UploadedFile = File(...),  # noqa: B008
    strict: bool = False,
) -> Any:
    """A newer file for a source: kept where its mapping finds it, and read into facts at once."""
    actor, cycle = the_cycle(request, key, Permission.UPLOAD)
    services.newer_file(actor=actor, cycle=cycle, source=name, upload=file)
    job = services.import_now(actor=actor, cycle=cycle, strict=[name] if strict else [])
    return Status(202, job_out(job))


@router.get("/cycles/{key}/items/new", response=list[shapes.NewItemOut], operation_id="list_new_items")
def list_new_items(request: HttpRequest, key: str) -> Any:
    """Questions that the data answer and the register does not hold, with a text and a scale to begin with."""
    _actor, cycle = the_cycle(request, key, Permission.UPLOAD)
    head, _version = documents.current(cycle, registry.HEAD)
    return selectors.unknown_items(cycle, head)


@router.post("/cycles/{key}/items", response=SavedOut, operation_id="add_items")
def add_items(request: HttpRequest, key: str, sent: list[shapes.ItemIn]) -> Any:
    """Adds questions to the register; those that it holds already stay as they are."""
    actor, cycle = the_cycle(request, key, Permission.UPLOAD)
    given = [{**one.model_dump(), "text": one.text or one.id} for one in sent]
    saved = services.add_items(actor=actor, cycle=cycle, items=given)
    if saved is None:
        document, version = documents.current(cycle, registry.HEAD)
        saved = documents.Saved(version, document)
    return as_json(saved)


@router.get("/cycles/{key}/sources", response=dict[str, dict[str, Any]], operation_id="list_sources")
def list_sources(request: HttpRequest, key: str) -> Any:
    """The mappings from files to facts, by name, as in cycle.toml's [data.*]."""
    _actor, cycle = the_cycle(request, key, Permission.UPLOAD)
    return {name: sources.as_said(one) for name, one in sources.sources_of(cycle).items()}


@router.put("/cycles/{key}/sources/{name}", response=SavedOut, operation_id="put_source")
def put_source(request: HttpRequest, key: str, name: str, sent: Annotated[dict[str, Any], Body()]) -> Any:
    """Saves a mapping under a name."""
    actor, cycle = the_cycle(request, key, Permission.UPLOAD)
    source, wrong = sources.read(sent)
    if source is None:
        return _wrong_mapping(wrong)
    was = sources.mark_of(sources.sources_of(cycle).get(name))
    return as_json(services.save_source(actor=actor, cycle=cycle, name=name, mapping=sent, was=was))


@router.delete("/cycles/{key}/sources/{name}", response=SavedOut, operation_id="remove_source")
def remove_source(request: HttpRequest, key: str, name: str) -> Any:
    """Removes a mapping."""
    actor, cycle = the_cycle(request, key, Permission.UPLOAD)
    return as_json(services.remove_source(actor=actor, cycle=cycle, name=name))


@router.post("/cycles/{key}/import", response={202: shapes.JobOut}, operation_id="import_files")
def import_files(request: HttpRequest, key: str, sent: shapes.ImportIn | None = None) -> Any:
    """Reads the files into facts and computes the steps, in the background."""
    actor, cycle = the_cycle(request, key, Permission.UPLOAD)
    strict = sent.strict if sent is not None else []
    unknown = sorted(set(strict) - set(sources.sources_of(cycle)))
    if unknown:
        return failed(422, _("Sources"), _("There is no source of this name."), ", ".join(unknown))
    return Status(202, job_out(services.import_now(actor=actor, cycle=cycle, strict=strict)))


@router.post("/cycles/{key}/compute", response={202: shapes.JobOut}, operation_id="compute")
def compute(request: HttpRequest, key: str) -> Any:
    """Computes what has changed, in the background."""
    actor, cycle = the_cycle(request, key, Permission.EDIT)
    return Status(202, job_out(jobs.enqueue("compute", cycle=cycle, person=actor.person)))


@router.get("/cycles/{key}/jobs", response=Part[shapes.JobOut], operation_id="list_jobs")
def list_jobs(request: HttpRequest, key: str, limit: Limit = 50, offset: Offset = 0) -> Any:
    """Long work of the cycle, the newest first."""
    actor, cycle = the_cycle(request, key)
    return part(rows(actor, Job).filter(cycle=cycle).order_by("-created_at", "-pk"), limit, offset, job_out)


@router.get("/cycles/{key}/jobs/{job}", response=shapes.JobOut, operation_id="get_job")
def get_job(request: HttpRequest, key: str, job: Whole) -> Any:
    """How far long work is."""
    actor, cycle = the_cycle(request, key)
    return job_out(get_or_404(actor, Job, Permission.VIEW, pk=job, cycle=cycle))


@router.post("/cycles/{key}/jobs/{job}/cancel", response=shapes.JobOut, operation_id="cancel_job")
def cancel_job(request: HttpRequest, key: str, job: Whole) -> Any:
    """Asks long work to stop."""
    actor, cycle = the_cycle(request, key, Permission.EDIT)
    found = get_or_404(actor, Job, Permission.EDIT, pk=job, cycle=cycle)
    jobs.cancel(actor=actor, job=found)
    found.refresh_from_db()
    return job_out(found)


@router.get("/cycles/{key}/archive.zip", operation_id="export_archive")
def export_archive(request: HttpRequest, key: str) -> Any:
    """The whole cycle as one zip; without the plan for who may not see it."""
    actor, cycle = the_cycle(request, key, Permission.EXPORT)
    with tempfile.TemporaryDirectory() as folder:
        file = services.export_archive(actor=actor, cycle=cycle, into=Path(folder))
        # Opened here, it can be read until the answer is sent although its name is gone.
        opened = file.open("rb")
    return FileResponse(opened, as_attachment=True, filename=f"{cycle.key}.zip", content_type="application/zip")


@router.post("/organizations/{slug}/cycles/import", response={201: shapes.CycleOut}, operation_id="import_archive")
def import_archive(request: HttpRequest, slug: str, file: UploadedFile = File(...)) -> Any:  # noqa: B008
    """A cycle from such a zip."""
    actor = actor_of(request)
    home = get_or_404(actor, Organization, Permission.EDIT, slug=slug)
    arrived = Path(file.temporary_file_path())
    return Status(201, cycle_out(services.import_archive(actor=actor, organization=home, file=arrived).cycle))


@router.post(
    "/organizations/{slug}/cycles/import-folder", response={201: shapes.CycleOut}, operation_id="import_folder"
)
def import_folder(request: HttpRequest, slug: str, sent: shapes.FolderIn) -> Any:
    """A cycle from a cycle folder of the server, where whoever runs the server has opened it for this."""
    actor = actor_of(request)
    home = get_or_404(actor, Organization, Permission.UPLOAD, slug=slug)
    folder = open_folder(sent.folder)
    return Status(201, cycle_out(services.import_folder(actor=actor, organization=home, folder=folder).cycle))
