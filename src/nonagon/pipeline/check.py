"""`nonagon check`: every mistake of a cycle folder at once, without computing anything."""

from pathlib import Path

from nonagon.basics.errors import Mistake
from nonagon.imports.check import mistakes_of_sources
from nonagon.pipeline.folder import folder_mistakes, read_cycle
from nonagon.pipeline.rooms import ROOMS


def mistakes_in(path: Path, data: Path | None = None) -> list[Mistake]:
    """Mistakes in cycle.toml, the decisions and the data files that the sources name.

    data: the folder that the sources' files are relative to; the cycle's own data_folder where None.
    """
    mistakes = folder_mistakes(path)
    head = read_cycle(path)
    if head.value is None or not (path / "cycle.toml").is_file():
        return mistakes
    data_folder = data or path / head.value.data_folder
    return mistakes + mistakes_of_sources(
        head.value.data, data_folder, file=head.places.file, text=head.places.text
    )


def documents_of(path: Path) -> list[tuple[int, list[str], list[str]]]:
    """Each step's decision files: the step, those that are there, and those that could be and are not."""
    rows = []
    for room in ROOMS:
        names = [f"step{room.number}.toml", *room.decisions().lists.values()]
        there = [name for name in names if (path / "decisions" / name).is_file()]
        rows.append((room.number, there, [name for name in names if name not in there]))
    return rows
