"""The cycle folder: cycle.toml, items.csv, decisions/. Reads all of it and names every mistake at once."""

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from pydantic import Field

from nonagon.basics.errors import InputError, Mistake
from nonagon.deliverables.cycle import Cycle
from nonagon.deliverables.decisions import DecisionDocument, Fault, Known, repeated, unknown
from nonagon.deliverables.step1 import BEHAVIOURS
from nonagon.facts.schemas import SCHEMAS
from nonagon.imports.mapping import Source
from nonagon.pipeline.documents import Places, Reading, read_document
from nonagon.pipeline.rooms import ROOMS


class CycleFile(Cycle):
    """cycle.toml: the cycle, and where its facts come from."""

    data_folder: str = Field(".", description="what the sources' files are relative to, from this folder")
    data: dict[str, Source] = Field(default={}, description="the sources, by a name of your choice")


@dataclass(frozen=True, slots=True)
class CycleFolder:
    """A cycle folder without mistakes: the cycle, its sources, and one decision document a step."""

    path: Path
    cycle: Cycle
    sources: dict[str, Source]
    documents: dict[int, DecisionDocument]
    places: Places
    data_folder: Path


def read_folder(path: Path) -> CycleFolder:
    """Reads a cycle folder. Raises InputError with every mistake of cycle.toml and the decisions."""
    missing = _missing(path)
    if missing:
        raise InputError(missing)
    head, readings = read_cycle(path), _read_decisions(path)
    mistakes = _mistakes(path, head, readings)
    if mistakes or head.value is None:
        raise InputError(mistakes)
    return CycleFolder(
        path=path,
        cycle=_cycle(head.value),
        sources=dict(head.value.data),
        documents={number: one.value for number, one in readings.items() if one.value is not None},
        places=head.places,
        data_folder=path / head.value.data_folder,
    )


def folder_mistakes(path: Path) -> list[Mistake]:
    """Everything that is wrong with cycle.toml and the decisions, in the order of the files."""
    return _missing(path) or _mistakes(path, read_cycle(path), _read_decisions(path))


def _missing(path: Path) -> list[Mistake]:
    """Why there is no cycle to read."""
    if not path.is_dir():
        return [Mistake(path, None, "", "is no folder; give the folder that holds cycle.toml")]
    if not (path / "cycle.toml").is_file():
        return [
            Mistake(path / "cycle.toml", None, "", "is missing; `nonagon init` writes one from your data files")
        ]
    return []


def _mistakes(
    path: Path, head: Reading[CycleFile], readings: dict[int, Reading[DecisionDocument]]
) -> list[Mistake]:
    mistakes = list(head.mistakes)
    for reading in readings.values():
        mistakes += reading.mistakes
    mistakes += _stray_files(path)
    if head.value is None:
        return mistakes
    known = _known(head.value, readings)
    mistakes += _item_mistakes(head, known)
    for reading in readings.values():
        if reading.value is not None:
            mistakes += [reading.places.mistake(one.path, one.message) for one in reading.value.faults(known)]
    return mistakes


def read_cycle(path: Path) -> Reading[CycleFile]:
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
        **_attributes(file),
    }
    for reading in readings.values():
        if reading.value is not None:
            for kind, value in reading.value.defines():
                ids.setdefault(kind, set()).add(value)
    partial = any(reading.value is None for reading in readings.values())
    return Known({kind: frozenset(values) for kind, values in ids.items()}, _cycle(file), partial)


def _attributes(file: CycleFile) -> dict[str, set[str]]:
    """What class rules may ask of customers, and the attributes of the other tables; nothing without customers."""
    found: dict[str, set[str]] = {}
    for source in file.data.values():
        kind = "attribute" if source.table == "customers" else f"{source.table} attribute"
        found.setdefault(kind, set()).update(source.attributes)
    if "attribute" in found:
        found["attribute"] |= {column.name for column in SCHEMAS["customers"].columns} | set(BEHAVIOURS)
    return found


def _item_mistakes(head: Reading[CycleFile], known: Known) -> list[Mistake]:
    """Items and waves that stand twice, items that ask about an unknown need or have an upside-down scale."""
    if head.value is None:
        return []
    faults = [
        *repeated(("items",), [one.id for one in head.value.items], "item"),
        *repeated(("waves",), [one.id for one in head.value.waves], "wave"),
    ]
    for position, item in enumerate(head.value.items):
        if item.scale_min >= item.scale_max:
            message = f"must lie below scale_max ({item.scale_max:g}); got {item.scale_min:g}"
            faults.append(Fault(("items", position, "scale_min"), message))
        if item.need is not None and known.of("need"):
            faults += unknown(("items", position, "need"), "need", item.need, known)
    return [head.places.mistake(fault.path, fault.message) for fault in faults]


def _stray_files(path: Path) -> list[Mistake]:
    """Files in decisions/ that no step reads: a typing error in a name would otherwise go unseen."""
    folder = path / "decisions"
    expected = {f"step{room.number}.toml" for room in ROOMS}
    for room in ROOMS:
        expected |= set(room.decisions().lists.values())
    return [
        Mistake(file, None, "", f"is read by no step{_near(file.name, expected)}")
        for file in sorted(folder.glob("*"))
        if file.suffix in {".toml", ".csv"} and file.name not in expected
    ]


def _near(name: str, expected: set[str]) -> str:
    near = get_close_matches(name, sorted(expected), n=1)
    return f"; did you mean {near[0]}?" if near else f"; known are {', '.join(sorted(expected))}"
