"""Files, sources, imports, facts, long work, archives."""

import tempfile
from pathlib import Path
from typing import Annotated, Any

from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from ninja import Body, File, Query, Router, Status, UploadedFile
from pydantic import Field

from nonagon.accounts.access import Permission, actor_of, get_or_404, rows
from nonagon.accounts.models import Organization
from nonagon.process import jobs
from nonagon.process.models import Job
from nonagon.ui.answers import as_json, failed
from nonagon.workspace import selectors, services, sources, uploads
from nonagon.workspace.api import shapes
from nonagon.workspace.api.reads import cycle_out, job_out, part, the_cycle

router = Router(tags=["data"])
Limit = Annotated[int, Query(ge=1, le=500)]
Offset = Annotated[int, Query(ge=0, le=2**31 - 1)]
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


@router.delete("/cycles/{key}/files", response=shapes.Done, operation_id="remove_file")
def remove_file(request: HttpRequest, key: str, name: Name) -> Any:
    """Removes a file; its facts stay until the next import."""
    actor, cycle = the_cycle(request, key, Permission.UPLOAD)
    uploads.remove(actor=actor, cycle=cycle, name=name)
    return {"done": True}


@router.get("/cycles/{key}/sources", response=dict[str, dict[str, Any]], operation_id="list_sources")
def list_sources(request: HttpRequest, key: str) -> Any:
    """The mappings from files to facts, by name, as in cycle.toml's [data.*]."""
    _actor, cycle = the_cycle(request, key, Permission.UPLOAD)
    return {name: sources.as_said(one) for name, one in sources.sources_of(cycle).items()}


@router.put("/cycles/{key}/sources/{name}", response=shapes.SavedOut, operation_id="put_source")
def put_source(request: HttpRequest, key: str, name: str, sent: Annotated[dict[str, Any], Body()]) -> Any:
    """Saves a mapping under a name."""
    actor, cycle = the_cycle(request, key, Permission.UPLOAD)
    source, wrong = sources.read(sent)
    if source is None:
        mistakes = [{"path": [one.key], "message": one.message} for one in wrong]
        return failed(422, _("The mapping"), wrong[0].message, "", "", mistakes=mistakes)
    was = sources.mark_of(sources.sources_of(cycle).get(name))
    return as_json(services.save_source(actor=actor, cycle=cycle, name=name, mapping=sent, was=was))


@router.delete("/cycles/{key}/sources/{name}", response=shapes.SavedOut, operation_id="remove_source")
def remove_source(request: HttpRequest, key: str, name: str) -> Any:
    """Removes a mapping."""
    actor, cycle = the_cycle(request, key, Permission.UPLOAD)
    return as_json(services.remove_source(actor=actor, cycle=cycle, name=name))


@router.post("/cycles/{key}/import", response={202: shapes.JobOut}, operation_id="import_files")
def import_files(request: HttpRequest, key: str) -> Any:
    """Reads the files into facts and computes the steps, in the background."""
    actor, cycle = the_cycle(request, key, Permission.UPLOAD)
    return Status(202, job_out(services.import_now(actor=actor, cycle=cycle)))


@router.post("/cycles/{key}/compute", response={202: shapes.JobOut}, operation_id="compute")
def compute(request: HttpRequest, key: str) -> Any:
    """Computes what has changed, in the background."""
    actor, cycle = the_cycle(request, key, Permission.EDIT)
    return Status(202, job_out(jobs.enqueue("compute", cycle=cycle, person=actor.person)))


@router.get("/cycles/{key}/jobs", response=shapes.Part[shapes.JobOut], operation_id="list_jobs")
def list_jobs(request: HttpRequest, key: str, limit: Limit = 50, offset: Offset = 0) -> Any:
    """Long work of the cycle, the newest first."""
    actor, cycle = the_cycle(request, key)
    return part(rows(actor, Job).filter(cycle=cycle).order_by("-created_at", "-pk"), limit, offset, job_out)


@router.get("/cycles/{key}/jobs/{job}", response=shapes.JobOut, operation_id="get_job")
def get_job(request: HttpRequest, key: str, job: shapes.Whole) -> Any:
    """How far long work is."""
    actor, cycle = the_cycle(request, key)
    return job_out(get_or_404(actor, Job, Permission.VIEW, pk=job, cycle=cycle))


@router.post("/cycles/{key}/jobs/{job}/cancel", response=shapes.JobOut, operation_id="cancel_job")
def cancel_job(request: HttpRequest, key: str, job: shapes.Whole) -> Any:
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
