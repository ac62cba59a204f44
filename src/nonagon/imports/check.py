"""What is wrong with the sources of a cycle, found from their files' headers: all mistakes at once.

`nonagon check` looks at delimited text only, and at its first lines, so that it answers at once. The import
itself looks deeper, at workbooks and Parquet too, before it reads a single record.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nonagon.basics.errors import Mistake
from nonagon.basics.toml_lines import line_of
from nonagon.imports.csv_dialect import Unreadable
from nonagon.imports.csv_reader import open_csv
from nonagon.imports.files import NoFile, matching
from nonagon.imports.lookup import Lookups
from nonagon.imports.mapping import Source
from nonagon.imports.readers import open_parts, reader_of
from nonagon.imports.records import Part
from nonagon.imports.rows import Lacking, Plan, plan_for

Place = Callable[[tuple[str | int, ...], str], Mistake]
"""Makes a mistake of a path of keys in cycle.toml, such as ("data", "sales", "files"), and a message."""


def place_in(file: Path | str = "cycle.toml", text: str = "") -> Place:
    """Mistakes that name the cycle file and, where its TOML is given, the line."""

    def mistake(path: tuple[str | int, ...], message: str) -> Mistake:
        line = line_of(text, path) if text else None
        return Mistake(file, line, ".".join(str(key) for key in path), message)

    return mistake


@dataclass(slots=True)
class Looked:
    """What looking at the sources showed: mistakes, notices, and the plans by which to read them.

    files: by source, each file's name and path; plans: by source, in the order of reading.
    """

    mistakes: list[Mistake] = field(default_factory=list)
    notices: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, list[tuple[str, Path]]] = field(default_factory=dict)
    plans: dict[str, list[Plan]] = field(default_factory=dict)


def mistakes_of_sources(
    sources: Mapping[str, Source], data_folder: Path, *, file: Path | str = "cycle.toml", text: str = ""
) -> list[Mistake]:
    """Every mistake that the mapping and the first lines of the files show.

    sources: by the name in `[data.<name>]`; data_folder: what their files are relative to; file, text: the
    cycle file and its TOML, so that a mistake names file, line and key.
    """
    return look(sources, data_folder, place_in(file, text), deep=False).mistakes


def look(sources: Mapping[str, Source], data_folder: Path, place: Place, *, deep: bool) -> Looked:
    """Looks at the files of all sources. deep: also at workbooks and Parquet, and at whole files' encodings."""
    looked = Looked()
    attributes = attributes_of_tables(sources)
    lookups = Lookups(sources, data_folder, deep=deep)
    for name, source in sources.items():
        faults = list(source.faults())
        looked.mistakes.extend(place(("data", name, *fault.path), fault.message) for fault in faults)
        looked.notices[name], looked.plans[name], looked.files[name] = [], [], []
        try:
            looked.files[name] = matching(source.files, data_folder)
        except NoFile as problem:
            looked.mistakes.append(place(("data", name, "files"), str(problem)))
            continue
        for part in _parts(name, source, looked, place, deep=deep):
            looked.plans[name].append(plan_for(name, source, part, lookups, attributes[source.table]))
        looked.notices[name].extend(lookups.notices(source))
        known_faults = {fault.path[:2] for fault in faults}
        for path, message, is_mistake in _lacks(looked.plans[name]):
            if not is_mistake:
                looked.notices[name].append(message)
            elif path[:2] not in known_faults:
                looked.mistakes.append(place(("data", name, *path), message))
    return looked


def attributes_of_tables(sources: Mapping[str, Source]) -> dict[str, tuple[str, ...]]:
    """The attributes of each table, over all sources that fill it."""
    attributes: dict[str, dict[str, None]] = {}
    for source in sources.values():
        attributes.setdefault(source.table, {}).update(dict.fromkeys(source.attributes))
    return {table: tuple(names) for table, names in attributes.items()}


def _parts(name: str, source: Source, looked: Looked, place: Place, *, deep: bool) -> Iterator[Part]:
    for file, path in looked.files[name]:
        try:
            reader = reader_of(file, source)
        except Unreadable as problem:
            looked.mistakes.append(place(("data", name, "files"), f"{file} {problem}"))
            continue
        try:
            if deep:
                parts = open_parts(path, file, source)
                yield from parts
                if reader == "csv" and source.encoding is None and not parts[0].how.startswith("utf"):
                    encoding = parts[0].how.split(",", maxsplit=1)[0]
                    looked.notices[name].append(f"{file} was taken for {encoding}; set encoding to be sure")
                if reader == "excel" and not source.sheet:
                    looked.notices[name].extend(_sheets_left_out(path, file, source))
            elif reader == "csv":
                yield from open_csv(path, file, source, whole=False)
        except Unreadable as problem:
            looked.mistakes.append(Mistake(path, problem.line, f"data.{name}", str(problem)))


def _sheets_left_out(path: Path, file: str, source: Source) -> Iterator[str]:
    from nonagon.imports.excel_reader import other_sheets

    others = other_sheets(path, source)
    if others:
        yield f'{file}: only the first sheet is read; sheet = "*" would also read {", ".join(map(repr, others))}'


def _lacks(plans: list[Plan]) -> Iterator[tuple[tuple[str | int, ...], str, bool]]:
    """Each name of the mapping that parts lack: its path, the message, and whether it is a mistake.

    A question or an optional column that some parts have is news, not a mistake; one that no part has is.
    """
    lacking: dict[tuple[str, str], list[tuple[Plan, Lacking]]] = {}
    for plan in plans:
        for lack in plan.lacking:
            lacking.setdefault((lack.section, lack.name), []).append((plan, lack))
    for (section, name), found in lacking.items():
        plan, lack = next(((one, missing) for one, missing in found if missing.is_mistake), found[0])
        path: tuple[str | int, ...] = (section, int(name) if section == "filters" else name)
        others = len(found) - 1
        more = f" (and so {others} more of its {len(plans)} files or sheets)" if others else ""
        where = f"{plan.part.file}, sheet {plan.part.sheet!r}," if plan.part.sheet else plan.part.file
        is_mistake = lack.is_mistake or len(found) == len(plans)
        message = f"{where} {lack.message}{more}"
        yield path, message if is_mistake else f"{section}.{name}: {_shortly(message)}", is_mistake


def _shortly(message: str) -> str:
    """Without the list of all headers, which news does not need."""
    before, _, after = message.partition(" (its columns: ")
    return before + after[after.find(" (and so ") :] if " (and so " in after else before
