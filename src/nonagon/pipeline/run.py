"""`nonagon run`: files -> facts -> nine deliverables -> one report.

The facts are published as one new version beside the earlier ones; everything else is computed before any of
it is written, and then all files take their places as one, `run.json` last, which names the fingerprint of every
other file. Stopped before that, deliverables and report are what they were. Deliverables hold no clock, so
unchanged inputs give the same bytes.
"""

import hashlib
import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from nonagon.basics.errors import InputError, Mistake
from nonagon.basics.lock import held
from nonagon.pipeline.folder import CycleFolder, read_folder
from nonagon.pipeline.progress import Progress, Silent, stage
from nonagon.pipeline.rooms import ROOMS, Room
from nonagon.pipeline.writing import replace_files

if TYPE_CHECKING:
    from nonagon.charts.section import Section
    from nonagon.deliverables.earlier import Earlier
    from nonagon.deliverables.effectiveness import Effectiveness
    from nonagon.deliverables.evidence import Deliverable
    from nonagon.engine.facts import Facts
    from nonagon.facts.store import FactStore
    from nonagon.imports.load import Imported

LOCK = ".run.lock"
"""The file in the output folder that holds it for one run."""


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run: where its files are, and what a caller wants to say about it.

    rejected: how many rows and cells were not taken, by kind (refused, set_aside, replaced, empty);
    from_earlier: the steps whose deliverables an earlier run computed; outdated: those of them that rest on
    other versions of the facts; notices: what the import found that a person should know, empty where the facts
    were there already.
    """

    out: Path
    report: Path
    deliverables: tuple[Path, ...]
    effectiveness: "Effectiveness"
    rejected: dict[str, int]
    seconds: dict[str, float]
    from_earlier: tuple[int, ...] = ()
    outdated: tuple[int, ...] = ()
    notices: tuple[str, ...] = ()


def run(
    path: Path,
    *,
    data: Path | None = None,
    out: Path | None = None,
    steps: Sequence[int] = tuple(range(1, 10)),
    progress: Progress | None = None,
) -> Run:
    """Runs the nine analyses over the cycle folder `path`.

    data: the folder that the sources' globs start from (default: the cycle's data_folder); out: where the results
    go (default: `out` in the cycle folder); steps: which steps to compute, the others' deliverables are read
    from an earlier run. The output folder is held for this run alone. Raises InputError with every mistake of
    the input, or where another run holds the output folder.
    """
    folder = read_folder(path)
    target = out or path / "out"
    _make_writable(target)
    with held(target, LOCK):
        return _run(folder, data or folder.data_folder, target, steps, progress or Silent())


def _run(folder: CycleFolder, data: Path, target: Path, steps: Sequence[int], told: Progress) -> Run:
    """The run itself, while nobody else writes into `target`."""
    times: dict[str, float] = {}
    with stage(told, "Reading files into facts", times):
        imported = _import(folder, data, target, told)
    store, rejected = imported.store, dict(sorted(imported.kinds.items()))
    facts = open_facts(store, folder.cycle.subject)
    deliverables: dict[int, Deliverable] = {}
    for room in ROOMS:
        if room.number not in steps:
            deliverables |= _from_earlier_run(room, target)
            continue
        with stage(told, f"Step {room.number}: {room.title}", times):
            computed = room.analyse()(
                cycle=folder.cycle,
                facts=facts,
                decisions=folder.documents[room.number],
                earlier=_earlier(deliverables),
            )
            # As it will be read back: a later run of single steps then gives the same bytes as this one.
            deliverables[room.number] = room.deliverable_model().model_validate_json(as_json(computed))
    from_earlier = tuple(number for number in deliverables if number not in steps)
    with stage(told, "Writing the report", times):
        files, state = _results(folder, facts, deliverables, target / "rejects.csv")
        written = _write_all(target, files, _record(folder, store, rejected, times, files))
    return Run(
        out=target,
        report=target / "report.html",
        deliverables=tuple(one for one in written if one.parent.name == "deliverables"),
        effectiveness=state,
        rejected=rejected,
        seconds=times,
        from_earlier=from_earlier,
        outdated=tuple(number for number in from_earlier if _is_outdated(deliverables[number], store)),
        notices=imported.notices,
    )


def open_facts(store: "FactStore", our_subject: str) -> "Facts":
    """The stored fact tables, opened for queries."""
    from nonagon.engine.facts import Facts, FactTable

    tables = {
        name: FactTable(
            uris=store.uris(name),
            label=store.label(name) or name,
            rows=store.rows(name),
            attributes=store.attributes(name),
        )
        for name in store.tables()
    }
    return Facts(tables, our_subject=our_subject)


def _import(folder: CycleFolder, data: Path, target: Path, told: Progress) -> "Imported":
    from nonagon.imports.load import load_facts

    return load_facts(folder.sources, data, target, told.advance, places=folder.places.mistake)


def _earlier(deliverables: dict[int, Any]) -> "Earlier":
    from nonagon.deliverables.earlier import Earlier

    known = {f"step{number}": value for number, value in deliverables.items() if number < 9}
    return replace(Earlier(), **known)


def _from_earlier_run(room: Room, target: Path) -> dict[int, "Deliverable"]:
    file = target / "deliverables" / f"step{room.number}.json"
    if not file.is_file():
        return {}
    try:
        return {room.number: room.deliverable_model().model_validate_json(file.read_bytes())}
    except (ValidationError, OSError) as error:
        message = (
            f"is no deliverable of step {room.number} as this version writes it; compute step {room.number} again"
        )
        raise InputError([Mistake(file, None, "", message)]) from error


def _is_outdated(deliverable: "Deliverable", store: "FactStore") -> bool:
    """Whether a number in it rests on a version of the facts that is not the current one."""
    return not _data_behind(deliverable) <= set(store.labels().values())


def _data_behind(deliverable: "Deliverable") -> set[str]:
    """Labels of the fact tables that its numbers rest on; tables without facts have none."""
    labels = {label for origin in deliverable.origins.values() for label in origin.data}
    return {label for label in labels if "@" in label}


def _results(
    folder: CycleFolder, facts: "Facts", deliverables: dict[int, "Deliverable"], rejects: Path
) -> tuple[dict[str, bytes], "Effectiveness"]:
    """Every file of the run by its path below the output folder."""
    from nonagon.deliverables.trace import trace
    from nonagon.pipeline.intake import intake
    from nonagon.reports.html import report

    state = _effectiveness(folder, deliverables)
    chain = trace(deliverables.values())
    sections = _sections(folder, deliverables)
    files = {f"deliverables/step{number}.json": as_json(one) for number, one in sorted(deliverables.items())}
    files["deliverables/effectiveness.json"] = as_json(state)
    files["deliverables/trace.json"] = as_json(chain)
    page = report(
        cycle=folder.cycle,
        sections=sections,
        deliverables=deliverables,
        effectiveness=state,
        trace=chain,
        versions=facts.labels("customers", "answers", "verbatims", "sales", "measurements"),
        intake=intake(facts, rejects),
    )
    files["report.html"] = page.encode("utf-8")
    return files, state


def _effectiveness(folder: CycleFolder, deliverables: dict[int, "Deliverable"]) -> "Effectiveness":
    from nonagon.deliverables.effectiveness import effectiveness, step_state

    states = []
    for room in ROOMS:
        if room.number not in deliverables:
            continue
        decisions = folder.documents[room.number]
        states.append(
            step_state(
                step=room.number,
                word=room.word,
                title=room.title,
                criteria=room.criteria()(deliverables[room.number], decisions),
                begun=decisions != room.decisions()() or bool(_data_behind(deliverables[room.number])),
            )
        )
    return effectiveness(tuple(states))


def _sections(folder: CycleFolder, deliverables: dict[int, "Deliverable"]) -> "tuple[Section, ...]":
    return tuple(
        room.section()(deliverables[room.number], folder.documents[room.number])
        for room in ROOMS
        if room.number in deliverables
    )


def as_json(value: Any) -> bytes:
    """A deliverable as the bytes that are stored: stable in order and in the digits of numbers."""
    return (json.dumps(value.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def _record(
    folder: CycleFolder,
    store: "FactStore",
    rejected: dict[str, int],
    times: dict[str, float],
    files: dict[str, bytes],
) -> dict[str, Any]:
    from nonagon import __version__

    return {
        "nonagon": __version__,
        "python": platform.python_version(),
        "cycle": folder.cycle.name,
        "facts": {name: {"label": store.label(name), "rows": store.rows(name)} for name in store.tables()},
        "rejected": rejected,
        "seconds": times,
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())},
    }


def _write_all(target: Path, files: Mapping[str, bytes], record: dict[str, Any]) -> list[Path]:
    run_file = {"run.json": (json.dumps(record, ensure_ascii=False, indent=1) + "\n").encode("utf-8")}
    try:
        return replace_files(target, {**files, **run_file})
    except OSError as error:
        message = f"cannot be written: {error.strerror}; the results before are as they were"
        raise InputError([Mistake(error.filename2 or target, None, "", message)]) from error


def _make_writable(target: Path) -> None:
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            [Mistake(target, None, "", f"cannot be made: {error.strerror}; give another --out")]
        ) from error
    if not os.access(target, os.W_OK):
        raise InputError([Mistake(target, None, "", "is read-only; give another --out")])
