"""`nonagon run`: files -> facts -> nine deliverables -> one report.

The facts are published as one new version beside the earlier ones; everything else is computed before any of
it is written, and then all files take their places as one, `run.json` last, which names the fingerprint of every
other file. Stopped before that, deliverables and report are what they were. Deliverables hold no clock, so
unchanged inputs give the same bytes: what an earlier run computed from the same inputs is taken over.
"""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from nonagon.basics.errors import InputError, Mistake
from nonagon.basics.lock import held
from nonagon.deliverables.plain import plain
from nonagon.engine.backend import DUCKDB, Engine
from nonagon.pipeline.code import ROOMS_OF_REPORT, code_version
from nonagon.pipeline.compute import (
    ALL_STEPS,
    Computed,
    as_json,
    compute,
    data_behind,
    digest,
    effectiveness_of,
    fingerprint,
    labels_of,
    section_of,
)
from nonagon.pipeline.folder import CycleFolder, read_folder
from nonagon.pipeline.progress import Progress, Silent, stage
from nonagon.pipeline.rooms import ROOMS, Room
from nonagon.pipeline.writing import replace_files

if TYPE_CHECKING:
    from nonagon.deliverables.cycle import Cycle
    from nonagon.deliverables.decisions import DecisionDocument
    from nonagon.deliverables.effectiveness import Effectiveness
    from nonagon.deliverables.evidence import Deliverable
    from nonagon.engine.facts import Facts
    from nonagon.facts.store import FactStore
    from nonagon.imports.load import Imported
    from nonagon.reports.formats import FormatName
    from nonagon.reports.inputs import ReportInput

LOCK = ".run.lock"
"""The file in the output folder that holds it for one run."""


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run: where its files are, and what a caller wants to say about it.

    reports: the report in every format that was asked for or is there unchanged; left_over: reports
    in other formats that an earlier run wrote from what has changed since;
    rejected: how many rows and cells were not taken, by kind (refused, set_aside, replaced, empty);
    from_earlier: the steps that were not asked for, whose deliverables an earlier run computed; outdated: those of
    them that rest on other versions of the facts; reused: the steps that were asked for and whose inputs have not
    changed since an earlier run; notices: what the import found that a person should know, empty where the facts
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
    reused: tuple[int, ...] = ()
    notices: tuple[str, ...] = ()
    reports: tuple[Path, ...] = ()
    left_over: tuple[Path, ...] = ()


def run(
    path: Path,
    *,
    data: Path | None = None,
    out: Path | None = None,
    steps: Sequence[int] = ALL_STEPS,
    afresh: bool = False,
    formats: "Sequence[FormatName]" = ("html",),
    language: str = "",
    engine: Engine = DUCKDB,
    progress: Progress | None = None,
) -> Run:
    """Runs the nine analyses over the cycle folder `path`.

    data: the folder that the sources' globs start from (default: the cycle's data_folder); out: where the results
    go (default: `out` in the cycle folder); steps: which steps to compute, the others' deliverables are read
    from an earlier run; afresh: compute `steps` and the report also where nothing has changed since then;
    formats: of the report, html always among them; language: of the report, such as "ar" (default: the cycle's
    where reports can be in it, else English); engine: where the queries run. The output folder is held for
    this run alone. Raises InputError with every mistake of the input, or where another run holds the output
    folder; MissingLibrary where a format or the engine needs one; EngineError where the engine cannot be reached
    or breaks off; and what `progress` raises to stop it, with everything left as it was.
    """
    from nonagon.reports.formats import make_ready
    from nonagon.reports.tongue import Tongue, language_or_english

    engine.make_ready()
    wanted: tuple[FormatName, ...] = ("html", *(one for one in dict.fromkeys(formats) if one != "html"))
    for one in wanted:
        make_ready(one)
    folder = read_folder(path)
    spoken = Tongue(language or language_or_english(folder.cycle.language)).language
    target = out or path / "out"
    _make_writable(target)
    with held(target, LOCK):
        source = data or folder.data_folder
        return _run(folder, source, target, steps, afresh, wanted, spoken, engine, progress or Silent())


def _run(
    folder: CycleFolder,
    data: Path,
    target: Path,
    steps: Sequence[int],
    afresh: bool,
    formats: "Sequence[FormatName]",
    language: str,
    engine: Engine,
    told: Progress,
) -> Run:
    """The run itself, while nobody else writes into `target`."""
    times: dict[str, float] = {}
    from nonagon.engine.facts import Facts

    with stage(told, "Reading files into facts", times):
        imported = _import(folder, data, target, told)
    store, rejected = imported.store, dict(sorted(imported.kinds.items()))
    _find_duplicates(folder, store, engine, told, times)
    facts = Facts.stored(store, our_subject=folder.cycle.subject, engine=engine)
    before = Before.read(target)
    found = compute(
        cycle=folder.cycle,
        documents=folder.documents,
        facts=facts,
        steps=steps,
        known=_known(before, steps, afresh=afresh),
        progress=told,
        times=times,
    )
    deliverables = {number: one.deliverable for number, one in found.items()}
    from_earlier = tuple(number for number in found if number not in steps)
    with stage(told, "Writing the report", times):
        key = _report_key(folder, facts, found, imported.rejects)
        state = effectiveness_of(deliverables, folder.documents)
        files = result_files(found, folder.documents)
        reports = _Reports(folder, facts, deliverables, state, imported.rejects, language, key)
        formats = reports.current(formats, before)
        files |= reports.files(formats, None if afresh else before)
        record = run_record(
            cycle=folder.cycle,
            store=store,
            found=found,
            files=files,
            rejected=rejected,
            seconds=times,
            reports={name: reports.key(name) for name in formats},
        )
        written = _write_all(target, {**files, "run.json": record})
    return Run(
        out=target,
        report=target / "report.html",
        reports=tuple(target / name for name in reports.files_of(formats)),
        left_over=tuple(target / name for name in reports.left_over(formats, before)),
        deliverables=tuple(one for one in written if one.parent.name == "deliverables"),
        effectiveness=state,
        rejected=rejected,
        seconds=times,
        from_earlier=from_earlier,
        outdated=tuple(number for number in from_earlier if _is_outdated(deliverables[number], store)),
        reused=tuple(number for number, one in found.items() if number in steps and one.reused),
        notices=imported.notices,
    )


def _import(folder: CycleFolder, data: Path, target: Path, told: Progress) -> "Imported":
    from nonagon.imports.load import load_facts

    return load_facts(folder.sources, data, target, told.advance, places=folder.places.mistake)


def _find_duplicates(
    folder: CycleFolder, store: "FactStore", engine: Engine, told: Progress, times: dict[str, float]
) -> None:
    """Which records are one customer, where cycle.toml asks for it."""
    from nonagon.pipeline.identity import resolve

    verdicts = getattr(folder.documents.get(1), "duplicates", ())
    if folder.head.identity is None:
        resolve(store, None, ())
        return
    with stage(told, "Finding duplicate customers", times):
        resolve(store, folder.head.identity, verdicts, engine=engine)


# --- what an earlier run left ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Before:
    """The results of the run before, as far as its `run.json` vouches for them."""

    folder: Path
    files: Mapping[str, str]
    keys: Mapping[str, str]

    @classmethod
    def read(cls, folder: Path) -> "Before":
        """Nothing is vouched for where there is no `run.json`, or none that can be read."""
        parts: dict[str, dict[str, Any]] = {"files": {}, "keys": {}}
        with suppress(OSError, ValueError):
            record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
            if isinstance(record, dict):
                parts |= {name: record[name] for name in parts if isinstance(record.get(name), dict)}
        return cls(folder, **parts)

    def file(self, name: str, key: str) -> bytes | None:
        """The file as that run wrote it, where it was made from what `key` stands for; None otherwise."""
        return self._content(name) if self.keys.get(name) == key else None

    def key(self, room: Room, content: bytes) -> str:
        """The key of the step's deliverable; "" where the file is not what that run wrote."""
        vouched = self.files.get(_name(room.number)) == digest(content)
        return str(self.keys.get(str(room.number), "")) if vouched else ""

    def _content(self, name: str) -> bytes | None:
        with suppress(OSError):
            content = (self.folder / name).read_bytes()
            return content if self.files.get(name) == digest(content) else None
        return None


def _known(before: Before, steps: Sequence[int], *, afresh: bool) -> dict[int, Computed]:
    """The deliverables of the run before: of other steps than `steps` as they are, of `steps` with their key."""
    found = {}
    for room in ROOMS:
        file = before.folder / _name(room.number)
        wanted = room.number in steps
        if (wanted and afresh) or not file.is_file():
            continue
        try:
            content = file.read_bytes()
            key = before.key(room, content)
            if key or not wanted:
                deliverable = room.deliverable_model().model_validate_json(content)
                found[room.number] = Computed(room.number, key, deliverable, content, seconds=0.0)
        except (ValidationError, OSError) as error:
            if not wanted:
                message = (
                    f"is no deliverable of step {room.number} as this version writes it; "
                    f"compute step {room.number} again"
                )
                raise InputError([Mistake(file, None, "", message)]) from error
    return found


def _name(step: int) -> str:
    return f"deliverables/step{step}.json"


def _is_outdated(deliverable: "Deliverable", store: "FactStore") -> bool:
    """Whether a number in it rests on a version of the facts that is not the current one."""
    return not data_behind(deliverable) <= set(store.labels().values())


# --- what this run gives --------------------------------------------------------------------------------


def result_files(found: Mapping[int, Computed], documents: "Mapping[int, DecisionDocument]") -> dict[str, bytes]:
    """Every file of the results but the report and `run.json`, by its path below the output folder."""
    from nonagon.deliverables.trace import trace

    deliverables = {number: one.deliverable for number, one in sorted(found.items())}
    files = {_name(number): found[number].content for number in deliverables}
    files["deliverables/effectiveness.json"] = as_json(effectiveness_of(deliverables, documents))
    files["deliverables/trace.json"] = as_json(trace(deliverables.values()))
    return files


def _report_key(folder: CycleFolder, facts: "Facts", found: Mapping[int, Computed], rejects: Path) -> str:
    """Fingerprint of all that the report is made of."""
    return fingerprint(
        {
            "code": code_version(ROOMS_OF_REPORT),
            "cycle": plain(folder.cycle),
            "decisions": {number: plain(one) for number, one in sorted(folder.documents.items())},
            "facts": labels_of(facts),
            "rejects": digest(rejects.read_bytes()) if rejects.is_file() else "",
            "deliverables": {number: digest(one.content) for number, one in sorted(found.items())},
        }
    )


@dataclass(slots=True)
class _Reports:
    """The report in the formats that were asked for, each drawn only where an earlier run's is not the same.

    language: of the report; made_of: fingerprint of all that it is made of.
    """

    folder: CycleFolder
    facts: "Facts"
    deliverables: "Mapping[int, Deliverable]"
    state: "Effectiveness"
    rejects: Path
    language: str
    made_of: str

    def key(self, name: "FormatName") -> str:
        """Fingerprint of all that the file in this format is made of."""
        from nonagon.reports.formats import FORMATS

        libraries = {library: version(library) for library in FORMATS[name].libraries}
        return fingerprint(
            {"report": self.made_of, "format": name, "language": self.language, "libraries": libraries}
        )

    def current(self, formats: "Sequence[FormatName]", before: Before) -> "tuple[FormatName, ...]":
        """These formats, and those in which an earlier run's file still shows what this run found."""
        from nonagon.reports.formats import FORMATS

        there = [one for one in FORMATS.values() if before.file(one.file, self.key(one.name)) is not None]
        return (*formats, *(one.name for one in there if one.name not in formats))

    def files_of(self, formats: "Sequence[FormatName]") -> list[str]:
        """The files' names below the output folder."""
        from nonagon.reports.formats import FORMATS

        return [FORMATS[name].file for name in formats]

    def files(self, formats: "Sequence[FormatName]", before: Before | None) -> dict[str, bytes]:
        """Every file with its content. before: the run whose files are taken over, None to draw all of them."""
        from nonagon.reports.formats import FORMATS, written

        found = {}
        shown: ReportInput | None = None
        for name in formats:
            file = FORMATS[name].file
            content = before.file(file, self.key(name)) if before is not None else None
            if content is None:
                shown = shown or self._input()
                content = written(shown, name)
            found[file] = content
        return found

    def left_over(self, formats: "Sequence[FormatName]", before: Before) -> list[str]:
        """Files in other formats than these, of an earlier run."""
        from nonagon.reports.formats import FORMATS

        return [
            one.file for one in FORMATS.values() if one.name not in formats and (before.folder / one.file).exists()
        ]

    def _input(self) -> "ReportInput":
        from nonagon.deliverables.trace import trace
        from nonagon.pipeline.intake import intake
        from nonagon.reports.inputs import ReportInput

        return ReportInput(
            cycle=self.folder.cycle,
            sections=tuple(
                section_of(number, one, self.folder.documents[number])
                for number, one in sorted(self.deliverables.items())
            ),
            deliverables=dict(self.deliverables),
            effectiveness=self.state,
            trace=trace(self.deliverables.values()),
            versions=labels_of(self.facts),
            intake=intake(self.facts, self.rejects),
            language=self.language,
        )


def run_record(
    *,
    cycle: "Cycle",
    store: "FactStore",
    found: Mapping[int, Computed],
    files: Mapping[str, bytes],
    rejected: Mapping[str, int] | None = None,
    seconds: Mapping[str, float] | None = None,
    reports: Mapping[str, str] | None = None,
) -> bytes:
    """`run.json`: what the results rest on, and the fingerprint of each file of them.

    files: the results by their path below the output folder; reports: the key of the report in each
    format that is there. A run over a folder with this file takes over what has not changed.
    """
    from nonagon import __version__
    from nonagon.reports.formats import format_named

    keys = {str(number): one.key for number, one in sorted(found.items())}
    for name, key in sorted((reports or {}).items()):
        keys[format_named(name).file] = key
    record = {
        "nonagon": __version__,
        "python": platform.python_version(),
        "cycle": cycle.name,
        "facts": {name: {"label": store.label(name), "rows": store.rows(name)} for name in store.tables()},
        "rejected": dict(rejected or {}),
        "seconds": dict(seconds or {}),
        "keys": {name: key for name, key in keys.items() if key},
        "files": {name: digest(content) for name, content in sorted(files.items())},
    }
    return (json.dumps(record, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def _write_all(target: Path, files: Mapping[str, bytes]) -> list[Path]:
    try:
        return replace_files(target, files)
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
