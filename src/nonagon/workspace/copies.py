"""Copies of the report to take away: marked with their reader, without the plan for who is not on its team.

A copy takes seconds, a PDF of a large cycle half a minute: it is made by a job and kept for its reader for a day.
"""

import dataclasses
from datetime import timedelta
from pathlib import Path

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from nonagon.accounts.access import Actor, Permission, require, rows
from nonagon.accounts.models import Person
from nonagon.process import audit, gates, jobs, results, vault
from nonagon.process.models import Cycle, Job
from nonagon.process.places import folder_of
from nonagon.reports.formats import FORMATS, FormatName, written
from nonagon.reports.inputs import Audience, SignOff
from nonagon.reports.tongue import language_or_english
from nonagon.ui.sentences import page_language
from nonagon.workspace.compute import stored_input

ENDINGS: dict[str, FormatName] = {one.file.rpartition(".")[2]: name for name, one in FORMATS.items()}
"""The ending of a report's address -> the format."""


@dataclasses.dataclass(frozen=True, slots=True)
class Copy:
    """A report as a file."""

    content: bytes
    media_type: str
    file: str


KEPT_FOR = timedelta(days=1)
"""How long a copy can be fetched; then it is made anew, from what stands then."""


def ask_for_copy(*, actor: Actor, cycle: Cycle, ending: str, plan: bool = True) -> Job:
    """A job that makes the copy for the actor, in the language of the page. ending: one of ENDINGS.

    Raises PermissionDenied.
    """
    require(actor, cycle, Permission.EXPORT)
    if ending not in ENDINGS:
        raise ValueError(f"a report ends in one of {', '.join(ENDINGS)}; got {ending!r}")
    may = plan and vault.may_read(actor, cycle)
    arguments = {"ending": ending, "plan": may, "language": page_language()}
    return jobs.enqueue("report", cycle=cycle, person=actor.person, arguments=arguments)


def make_copy(job: Job) -> Copy:
    """Does such a job: the copy lies in the cycle's folder until it is fetched or too old."""
    if job.cycle is None or not isinstance(job.person, Person):
        raise ValueError("a copy is made of a cycle, for a person")
    with translation.override(job.arguments.get("language", "en")):
        made = report_copy(
            actor=Actor(job.person), cycle=job.cycle, ending=job.arguments["ending"], plan=job.arguments["plan"]
        )
    place = _place(job)
    place.parent.mkdir(parents=True, exist_ok=True)
    _clear_old(place.parent)
    place.write_bytes(made.content)
    return made


def made_copy(*, actor: Actor, job: Job) -> Copy | None:
    """What the job made, for the person who asked for it; None where it is not (any more) there."""
    if job.kind != "report" or job.person_id != actor.person.pk or job.cycle is None:
        return None
    require(actor, job.cycle, Permission.EXPORT)
    place = _place(job)
    if job.state != Job.State.DONE or not place.is_file():
        return None
    if job.arguments["plan"] and not vault.may_read(actor, job.cycle):
        return None
    name = ENDINGS[job.arguments["ending"]]
    return Copy(place.read_bytes(), FORMATS[name].media_type, f"{job.cycle.key}.{job.arguments['ending']}")


def copies_of(actor: Actor, cycle: Cycle) -> list[Job]:
    """The actor's copies of a day, the newest first."""
    found = rows(actor, Job, Permission.EXPORT).filter(cycle=cycle, kind="report", person=actor.person)
    return list(found.filter(created_at__gte=timezone.now() - KEPT_FOR).order_by("-created_at", "-pk"))


def _place(job: Job) -> Path:
    if job.cycle is None:
        raise ValueError("a copy is made of a cycle")
    return folder_of(job.cycle) / "copies" / f"{job.pk}.{job.arguments['ending']}"


def _clear_old(folder: Path) -> None:
    oldest = (timezone.now() - KEPT_FOR).timestamp()
    for file in folder.iterdir():
        if file.stat().st_mtime < oldest:
            file.unlink(missing_ok=True)


def report_copy(*, actor: Actor, cycle: Cycle, ending: str, plan: bool = True) -> Copy:
    """The report of the stored results, in the language of the page and the format of the ending, one of ENDINGS.

    plan: with the plan of step 6, where the actor may see it; such a copy is noted in its vault. The audit log
    holds every copy. Raises PermissionDenied, MissingLibrary.
    """
    require(actor, cycle, Permission.EXPORT)
    found = {step: results.latest(cycle, step, whole=True) for step in range(1, 10)}
    with_plan = plan and vault.may_read(actor, cycle)
    reader = vault.new_mark(actor, cycle, f"report.{ending}") if with_plan else str(actor.person)
    inp = dataclasses.replace(
        stored_input(cycle, {step: one for step, one in found.items() if one is not None}),
        audience=Audience(reader, timezone.localdate()),
        without_plan=not with_plan,
        sign_offs={one.step: _sign_off(one) for one in gates.gates(cycle) if one.sign_off is not None},
        language=language_or_english(page_language()),
    )
    name = ENDINGS[ending]
    made = Copy(written(inp, name), FORMATS[name].media_type, f"{cycle.key}.{ending}")
    audit.note(actor, "report.export", cycle=cycle, subject=ending, with_plan=with_plan, mark=reader)
    return made


def _sign_off(gate: gates.StepGate) -> SignOff:
    signed = gate.sign_off
    if signed is None:
        raise ValueError("only a step that is signed off or waived has a sentence about it")
    said = (
        _("Signed off by %(who)s on %(day)s")
        if gate.state == "signed"
        else _("Waived by %(who)s on %(day)s: %(reason)s")
    )
    places = {"who": signed.person, "day": signed.at.date().isoformat(), "reason": signed.reason}
    return SignOff(sentence=said % places, waived=gate.state == "waived", stale="; ".join(gate.changes))
