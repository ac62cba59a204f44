"""`nonagon check`: every mistake of a cycle folder at once, without computing anything."""

from pathlib import Path

from nonagon.basics.errors import Mistake
from nonagon.imports.check import mistakes_of_sources
from nonagon.pipeline.folder import folder_mistakes, read_cycle


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
