"""`nonagon run`: files -> facts -> nine deliverables -> one report.

Everything is computed before anything is written; then each file replaces its forerunner atomically, and
`run.json`, which names the fingerprint of every other file, comes last. Stopped before that, the run has
changed nothing; deliverables hold no clock, so unchanged inputs give the same bytes.
"""

import hashlib
import json
import os
import platform
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nonagon.basics.errors import InputError, Mistake
from nonagon.pipeline.folder import CycleFolder, read_folder
from nonagon.pipeline.progress import Progress, Silent, stage
from nonagon.pipeline.rooms import ROOMS, Room

if TYPE_CHECKING:
    from nonagon.charts.section import Section
    from nonagon.deliverables.earlier import Earlier
    from nonagon.deliverables.effectiveness import Effectiveness
    from nonagon.deliverables.evidence import Deliverable
    from nonagon.engine.facts import Facts
    from nonagon.facts.store import FactStore


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run: where its files are, and what a caller wants to say about it."""

    out: Path
    report: Path
    deliverables: tuple[Path, ...]
    effectiveness: "Effectiveness"
    rejected: int
    seconds: dict[str, float]


def run(
    path: Path,
    *,
    data: Path | None = None,
    out: Path | None = None,
    steps: Sequence[int] = tuple(range(1, 10)),
    progress: Progress | None = None,
) -> Run:
    """Runs the nine analyses over the cycle folder `path`.

    data: the folder that the sources' globs start from (default: the cycle folder); out: where the results
    go (default: `out` in the cycle folder); steps: which steps to compute, the others' deliverables are read
    from an earlier run. Raises InputError with every mistake of the input.
    """
    told = progress or Silent()
    times: dict[str, float] = {}
    folder = read_folder(path)
    target = out or path / "out"
    _make_writable(target)
    with stage(told, "Reading files into facts", times):
        store, rejected = _import(folder, data or path, target, told)
    facts = open_facts(store, folder.cycle.subject)
    deliverables: dict[int, Deliverable] = {}
    for room in ROOMS:
        if room.number not in steps:
            deliverables |= _from_earlier_run(room, target)
            continue
        with stage(told, f"Step {room.number}: {room.title}", times):
            deliverables[room.number] = room.analyse()(
                cycle=folder.cycle,
                facts=facts,
                decisions=folder.documents[room.number],
                earlier=_earlier(deliverables),
            )
    with stage(told, "Writing the report", times):
        files, state = _results(folder, facts, deliverables)
        written = _write_all(target, files, _record(folder, store, rejected, times, files))
    return Run(
        out=target,
        report=target / "report.html",
        deliverables=tuple(one for one in written if one.parent.name == "deliverables"),
        effectiveness=state,
        rejected=rejected,
        seconds=times,
    )


def open_facts(store: "FactStore", our_subject: str) -> "Facts":
    """The stored fact tables, opened for queries."""
    from nonagon.engine.facts import Facts, FactTable

    tables = {
        name: FactTable(
            uris=tuple(store.uris(name)),
            label=store.label(name),
            rows=store.rows(name),
            attributes=tuple(store.attributes(name)),
        )
        for name in store.tables()
    }
    return Facts(tables, our_subject=our_subject)


def _import(folder: CycleFolder, data: Path, target: Path, told: Progress) -> tuple["FactStore", int]:
    from nonagon.facts.store import FactStore
    from nonagon.imports.load import load_facts

    imported = load_facts(folder.sources, data, target, told.advance, places=folder.places.mistake)
    return FactStore(target / "facts"), imported.rejected


def _earlier(deliverables: dict[int, Any]) -> "Earlier":
    from nonagon.deliverables.earlier import Earlier

    known = {f"step{number}": value for number, value in deliverables.items() if number < 9}
    return replace(Earlier(), **known)


def _from_earlier_run(room: Room, target: Path) -> dict[int, "Deliverable"]:
    file = target / "deliverables" / f"step{room.number}.json"
    if not file.is_file():
        return {}
    return {room.number: room.deliverable_model().model_validate_json(file.read_bytes())}


def _results(
    folder: CycleFolder, facts: "Facts", deliverables: dict[int, "Deliverable"]
) -> tuple[dict[str, bytes], "Effectiveness"]:
    """Every file of the run by its path below the output folder."""
    from nonagon.deliverables.trace import trace
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
                begun=decisions != room.decisions()() or _holds_results(deliverables[room.number]),
            )
        )
    return effectiveness(tuple(states))


def _holds_results(deliverable: "Deliverable") -> bool:
    return bool(deliverable.findings or deliverable.origins)


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
    folder: CycleFolder, store: "FactStore", rejected: int, times: dict[str, float], files: dict[str, bytes]
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


def _write_all(target: Path, files: dict[str, bytes], record: dict[str, Any]) -> list[Path]:
    """Writes all files beside their places first, then moves them in, run.json last."""
    waiting: list[tuple[Path, Path]] = []
    everything = files | {"run.json": json.dumps(record, ensure_ascii=False, indent=1).encode("utf-8")}
    try:
        for name, content in everything.items():
            place = target / name
            place.parent.mkdir(parents=True, exist_ok=True)
            waiting.append((_write_beside(place, content), place))
        for beside, place in waiting:
            os.replace(beside, place)
    except OSError as error:
        message = f"cannot be written: {error.strerror}; the results before are as they were"
        raise InputError([Mistake(target, None, "", message)]) from error
    finally:
        for beside, _ in waiting:
            beside.unlink(missing_ok=True)
    return [place for _, place in waiting]


def _write_beside(place: Path, content: bytes) -> Path:
    handle, name = tempfile.mkstemp(prefix=f".{place.name}.", dir=place.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(name).chmod(0o644)
    return Path(name)


def _make_writable(target: Path) -> None:
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            [Mistake(target, None, "", f"cannot be made: {error.strerror}; give another --out")]
        ) from error
    if not os.access(target, os.W_OK):
        raise InputError([Mistake(target, None, "", "is read-only; give another --out")])
