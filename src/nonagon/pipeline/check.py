"""`nonagon check`: every mistake of a cycle folder at once, without computing anything."""

from pathlib import Path

from nonagon.basics.errors import Mistake
from nonagon.imports.check import mistakes_of_sources
from nonagon.pipeline.folder import folder_mistakes, read_folder


def mistakes_in(path: Path, data: Path | None = None) -> list[Mistake]:
    """Mistakes in cycle.toml, the decisions and the data files that the sources name."""
    mistakes = folder_mistakes(path)
    if mistakes:
        return mistakes
    folder = read_folder(path)
    return mistakes_of_sources(folder.sources, data or path, file=folder.places.file, text=folder.places.text)
