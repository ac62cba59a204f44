"""The cycle folder: cycle.toml, items.csv, decisions/. Reads all of it and names every mistake at once."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from nonagon.basics.errors import InputError, Mistake
from nonagon.deliverables.cycle import Cycle
from nonagon.deliverables.decisions import DecisionDocument, Known
from nonagon.imports.mapping import Source
from nonagon.pipeline.documents import Places, Reading, read_document
from nonagon.pipeline.rooms import ROOMS


class CycleFile(Cycle):
    """cycle.toml: the cycle, and where its facts come from."""

    data: dict[str, Source] = Field(default={}, description="the sources, by a name of your choice")


@dataclass(frozen=True, slots=True)
class CycleFolder:
    """A cycle folder without mistakes: the cycle, its sources, and one decision document a step."""

    path: Path
    cycle: Cycle
    sources: dict[str, Source]
    documents: dict[int, DecisionDocument]
    places: Places


def read_folder(path: Path) -> CycleFolder:
    """Reads a cycle folder. Raises InputError with every mistake of cycle.toml and the decisions."""
    mistakes = folder_mistakes(path)
    if mistakes:
        raise InputError(mistakes)
    head = _read_cycle(path)
    documents = {number: reading.value for number, reading in _read_decisions(path).items()}
    if head.value is None:
        raise InputError(head.mistakes)
    return CycleFolder(
        path=path,
        cycle=_cycle(head.value),
        sources=dict(head.value.data),
        documents={number: value for number, value in documents.items() if value is not None},
        places=head.places,
    )


def folder_mistakes(path: Path) -> list[Mistake]:
    """Everything that is wrong with cycle.toml and the decisions, in the order of the files."""
    if not path.is_dir():
        return [Mistake(path, None, "", "is no folder; give the folder that holds cycle.toml")]
    if not (path / "cycle.toml").is_file():
        return [
            Mistake(path / "cycle.toml", None, "", "is missing; `nonagon init` writes one from your data files")
        ]
    head = _read_cycle(path)
    readings = _read_decisions(path)
    mistakes = list(head.mistakes)
    for reading in readings.values():
        mistakes += reading.mistakes
    mistakes += _stray_files(path)
    if head.value is None or any(reading.value is None for reading in readings.values()):
        return mistakes
    known = _known(head.value, readings)
    mistakes += _item_mistakes(head, known)
    for reading in readings.values():
        if reading.value is not None:
            mistakes += [reading.places.mistake(one.path, one.message) for one in reading.value.faults(known)]
    return mistakes


def _read_cycle(path: Path) -> Reading[CycleFile]:
    return read_document(CycleFile, path / "cycle.toml", {"items": "items.csv"})


def _read_decisions(path: Path) -> dict[int, Reading[DecisionDocument]]:
    found = {}
    for room in ROOMS:
        model = room.decisions()
        found[room.number] = read_document(model, path / "decisions" / f"step{room.number}.toml", model.lists)
    return found


def _cycle(file: CycleFile) -> Cycle:
    return Cycle(**{name: getattr(file, name) for name in Cycle.model_fields})


def _known(file: CycleFile, readings: dict[int, Reading[DecisionDocument]]) -> Known:
    ids: dict[str, set[str]] = {
        "item": {item.id for item in file.items},
        "wave": {wave.id for wave in file.waves},
    }
    for reading in readings.values():
        if reading.value is not None:
            for kind, value in reading.value.defines():
                ids.setdefault(kind, set()).add(value)
    return Known({kind: frozenset(values) for kind, values in ids.items()}, _cycle(file))


def _item_mistakes(head: Reading[CycleFile], known: Known) -> list[Mistake]:
    """Items that stand twice, ask about an unknown need, or have an upside-down scale."""
    if head.value is None:
        return []
    mistakes = []
    seen: set[str] = set()
    for position, item in enumerate(head.value.items):
        if item.id in seen:
            mistakes.append(head.places.mistake(("items", position, "id"), f"{item.id!r} stands twice"))
        seen.add(item.id)
        if item.scale_min >= item.scale_max:
            message = f"must lie below scale_max ({item.scale_max:g}); got {item.scale_min:g}"
            mistakes.append(head.places.mistake(("items", position, "scale_min"), message))
        needs = known.of("need")
        if item.need is not None and needs and item.need not in needs:
            message = f"names the unknown need {item.need!r}; known are {', '.join(sorted(needs)[:10])}"
            mistakes.append(head.places.mistake(("items", position, "need"), message))
    return mistakes


def _stray_files(path: Path) -> list[Mistake]:
    """Files in decisions/ that no step reads: a typing error in a name would otherwise go unseen."""
    folder = path / "decisions"
    expected = {f"step{room.number}.toml" for room in ROOMS}
    for room in ROOMS:
        expected |= set(room.decisions().lists.values())
    return [
        Mistake(file, None, "", f"is read by no step; known are {', '.join(sorted(expected))}")
        for file in sorted(folder.glob("*"))
        if file.suffix in {".toml", ".csv"} and file.name not in expected
    ]
