"""The cycle folder: cycle.toml, items.csv, decisions/. Reads all of it and names every mistake at once."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from pydantic import Field

from nonagon.basics.errors import InputError, Mistake
from nonagon.deliverables.cycle import Cycle
from nonagon.deliverables.decisions import DecisionDocument, Fault, Known, defined_in, repeated, unknown
from nonagon.deliverables.identity import Identity
from nonagon.deliverables.step1 import BEHAVIOURS
from nonagon.engine.identity import TELLING
from nonagon.facts.schemas import SCHEMAS
from nonagon.imports.mapping import Source
from nonagon.pipeline.documents import Places, Reading, read_document
from nonagon.pipeline.rooms import ROOMS


class CycleFile(Cycle):
    """cycle.toml: the cycle, and where its facts come from."""

    data_folder: str = Field(".", description="what the sources' files are relative to, from this folder")
    data: dict[str, Source] = Field(default={}, description="the sources, by a name of your choice")
    identity: Identity | None = Field(
        None, description="how records of the customers are recognized as one customer; none: each is its own"
    )


@dataclass(frozen=True, slots=True)
class CycleFolder:
    """A cycle folder without mistakes: the cycle, its sources, and one decision document a step.

    head: cycle.toml as it was read, of which `cycle` and `sources` are the two halves.
    """

    path: Path
    head: CycleFile
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
    head, readings = read_cycle(path), read_decisions(path)
    mistakes = _mistakes(path, head, readings)
    if mistakes or head.value is None:
        raise InputError(mistakes)
    return CycleFolder(
        path=path,
        head=head.value,
        cycle=cycle_of(head.value),
        sources=dict(head.value.data),
        documents={number: one.value for number, one in readings.items() if one.value is not None},
        places=head.places,
        data_folder=path / head.value.data_folder,
    )


def folder_mistakes(path: Path) -> list[Mistake]:
    """Everything that is wrong with cycle.toml and the decisions, in the order of the files."""
    return _missing(path) or _mistakes(path, read_cycle(path), read_decisions(path))


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
    documents = {number: one.value for number, one in readings.items() if one.value is not None}
    known = known_ids(head.value, documents.values(), partial=len(documents) < len(readings))
    mistakes += [head.places.mistake(one.path, one.message) for one in _register_faults(head.value, known)]
    for number, document in documents.items():
        places = readings[number].places
        mistakes += [places.mistake(one.path, one.message) for one in document.faults(known)]
    return mistakes


def faults_of(head: CycleFile, documents: Mapping[int, DecisionDocument]) -> dict[int, list[Fault]]:
    """What is wrong with a cycle in memory, by step; 0 is the cycle's head. Steps without a fault are left out.

    documents: one decision document a step; a step that is not there counts as one that could not be read, so
    that references to what it may define are no faults. Data files are not looked at: of the sources it says
    what their mapping alone shows.
    """
    known = known_ids(head, documents.values(), partial=len(documents) < len(ROOMS))
    found = {0: [*_register_faults(head, known), *_source_faults(head)]}
    for number, document in sorted(documents.items()):
        found[number] = list(document.faults(known))
    return {number: faults for number, faults in found.items() if faults}


def read_cycle(path: Path) -> Reading[CycleFile]:
    """cycle.toml, with its items where they stand in items.csv."""
    return read_document(CycleFile, path / "cycle.toml", {"items": "items.csv"})


def read_decisions(path: Path) -> dict[int, Reading[DecisionDocument]]:
    """The decision document of each step, as it stands in its files; empty where there are none."""
    found = {}
    for room in ROOMS:
        model = room.decisions()
        found[room.number] = read_document(model, path / "decisions" / f"step{room.number}.toml", model.lists)
    return found


def cycle_of(head: CycleFile) -> Cycle:
    """What the nine analyses know of the head: all of it but where the facts come from."""
    return Cycle(**{name: getattr(head, name) for name in Cycle.model_fields})


def known_ids(head: CycleFile, documents: Iterable[DecisionDocument], *, partial: bool = False) -> Known:
    """What the cycle's head and its decision documents define; partial: documents are missing."""
    ids: dict[str, set[str]] = {"item": set(), "wave": set(), **_attributes(head)}
    for kind, value in (*defined_in(head), *(one for document in documents for one in document.defines())):
        ids.setdefault(kind, set()).add(value)
    return Known({kind: frozenset(values) for kind, values in ids.items()}, cycle_of(head), partial)


def _attributes(head: CycleFile) -> dict[str, set[str]]:
    """What class rules may ask of customers, and the attributes of the other tables; nothing without customers."""
    found: dict[str, set[str]] = {}
    for source in head.data.values():
        kind = "attribute" if source.table == "customers" else f"{source.table} attribute"
        found.setdefault(kind, set()).update(source.attributes)
    if "attribute" in found:
        found["attribute"] |= {column.name for column in SCHEMAS["customers"].columns} | set(BEHAVIOURS)
    return found


def _register_faults(head: CycleFile, known: Known) -> Iterator[Fault]:
    """Items and waves that stand twice, items that ask about an unknown need or have an upside-down scale."""
    yield from repeated(("items",), [one.id for one in head.items], "item")
    yield from repeated(("waves",), [one.id for one in head.waves], "wave")
    if head.identity is not None:
        yield from _identity_faults(head, head.identity)
    for position, item in enumerate(head.items):
        if item.scale_min >= item.scale_max:
            message = f"must lie below scale_max ({item.scale_max:g}); got {item.scale_min:g}"
            yield Fault(("items", position, "scale_min"), message)
        if item.need is not None and known.of("need"):
            yield from unknown(("items", position, "need"), "need", item.need, known)


def _identity_faults(head: CycleFile, identity: Identity) -> Iterator[Fault]:
    """Columns that no source of customers fills; too few columns that tell anybody apart."""
    sources = [one for one in head.data.values() if one.table == "customers"]
    have = {name for one in sources for name in one.attributes}
    for name in identity.columns:
        if name not in have:
            message = (
                f"names {name!r}, which no source of customers has among its attributes "
                f"(known: {', '.join(sorted(have)) or 'none'}); add it there, or correct the name"
            )
            yield Fault(("identity", "columns", name), message)
    if len(identity.telling) < 2:
        message = (
            f"needs at least two columns of the kinds {', '.join(TELLING)}; "
            f"got {', '.join(identity.telling) or 'none'}"
        )
        yield Fault(("identity", "columns"), message)


def _source_faults(head: CycleFile) -> Iterator[Fault]:
    """What the mapping of each source alone shows; `nonagon check` says it together with what its files show."""
    for name, source in head.data.items():
        for fault in source.faults():
            yield Fault(("data", name, *fault.path), fault.message)


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
