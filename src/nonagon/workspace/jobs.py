"""The kinds of long work: importing files into facts, computing the nine steps."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from nonagon.accounts.access import Actor, Permission
from nonagon.basics.errors import InputError
from nonagon.process import documents, jobs, registry
from nonagon.process.edits import Edit
from nonagon.process.measured import facts_of
from nonagon.process.models import Cycle, Job
from nonagon.workspace.compute import compute_cycle
from nonagon.workspace.copies import make_copy
from nonagon.workspace.places import files_of, known_place, out_of
from nonagon.workspace.uploads import TYPED, source_of, write_rows


@jobs.handler("compute")
def compute(job: Job, progress: jobs.JobProgress) -> dict[str, Any]:
    """Computes what changed since the stored results."""
    if job.cycle is None:
        raise ValueError("a compute job names its cycle")
    return compute_cycle(job.cycle, progress)


@jobs.handler("report")
def report(job: Job, progress: jobs.JobProgress) -> dict[str, Any]:
    """Makes a copy of the report."""
    progress.begin("writing the report")
    return {"bytes": len(make_copy(job).content)}


@jobs.handler("import")
def import_files(job: Job, progress: jobs.JobProgress) -> dict[str, Any]:
    """Reads the cycle's files into facts, as its head's sources say, then lets the steps be computed.

    arguments: `strict`, the names of sources of which all is taken or nothing.
    """
    if job.cycle is None:
        raise ValueError("an import job names its cycle")
    take_typed(job.cycle, job.person or job.cycle.created_by)
    outcome = import_into(job.cycle, progress, strict=job.arguments.get("strict", ()))
    jobs.enqueue("compute", cycle=job.cycle, person=job.person)
    return outcome


def take_typed(cycle: Cycle, person: Any) -> None:
    """Writes what was typed into the rooms as files, and adds their sources to the head where they are missing."""
    for typed in registry.typed_rows(cycle):
        rows = list(typed.rows)
        head, version = documents.current(cycle, registry.HEAD)
        held = {name: one.model_dump(mode="json") for name, one in head.data.items()}  # type: ignore[attr-defined]
        wanted = {name: one for name, one in held.items() if name != typed.name}
        if rows:
            write_rows(cycle, replace(typed, rows=rows))
            wanted = {**held, typed.name: held.get(typed.name, source_of(typed))}
        else:
            (files_of(cycle) / TYPED / f"{typed.name}.csv").unlink(missing_ok=True)
        if wanted != held and person is not None:
            documents.edit(
                actor=Actor(person),
                cycle=cycle,
                step=registry.HEAD,
                edits=[Edit("replace", ("data",), value=wanted)],
                base=version,
                permission=Permission.MEASURE,
            )


def import_into(cycle: Cycle, progress: Any, *, strict: Collection[str] = ()) -> dict[str, Any]:
    """Publishes the files' records as a new version of the facts; unchanged tables keep theirs.

    Raises InputError, whose places are named as people know them, below the cycle's files.
    """
    from nonagon.imports.load import load_facts  # noqa: PLC0415

    progress.begin(_("reading files into facts"))
    head, _number = documents.current(cycle, registry.HEAD)
    home = files_of(cycle)
    try:
        imported = load_facts(dict(head.data), home, out_of(cycle), progress.advance, strict=strict)  # type: ignore[attr-defined]
    except InputError as error:
        raise InputError([known_place(one, home) for one in error.mistakes]) from error
    store = imported.store
    facts: dict[str, dict[str, Any]] = {
        name: {"label": store.label(name), "rows": store.rows(name), "attributes": list(store.attributes(name))}
        for name in store.tables()
    }
    if "answers" in facts:
        facts["answers"]["items"] = _items(cycle, str(facts["answers"]["label"]))
    Cycle.objects.filter(pk=cycle.pk).update(facts=facts)
    return {
        "facts": {name: one["rows"] for name, one in facts.items()},
        "rejected": dict(imported.kinds),
        "notices": list(imported.notices),
        "unchanged": list(imported.reused),
    }


def _items(cycle: Cycle, label: str) -> list[list[Any]]:
    """The items that were answered: id, lowest, highest, answers. Pages ask the register against them."""
    from nonagon.engine.answers import item_ranges  # noqa: PLC0415

    known = cycle.facts.get("answers", {})
    if known.get("label") == label and "items" in known:
        return list(known["items"])
    found = item_ranges(facts_of(cycle))
    columns = (found["item"], found["lowest"], found["highest"], found["answers"])
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [list(row) for row in rows][:MOST_ITEMS]


MOST_ITEMS = 500
"""More different items than any questionnaire has: then a free text was taken for the name of a question."""
