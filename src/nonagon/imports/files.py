"""Which files a source means, and what stands in the folder instead when there are none."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path

from nonagon.imports.mapping import Reader

ENDINGS: dict[str, Reader] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".txt": "csv",
    ".xlsx": "excel",
    ".xlsm": "excel",
    ".xlsb": "excel",
    ".xls": "excel",
    ".ods": "excel",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".sqlite": "sqlite",
    ".sqlite3": "sqlite",
}


class NoFile(Exception):
    """A name or glob that matches nothing; the message says what the folder holds."""


def matching(names: Sequence[str], folder: Path) -> list[tuple[str, Path]]:
    """The files of a source: name relative to the folder, and path; each once, a glob's in order of name.

    Raises NoFile when the folder is not there or a name matches nothing.
    """
    if not folder.is_dir():
        raise NoFile(f"the data folder {folder} is not there; name it with --data, or make it")
    found: dict[str, Path] = {}
    for name in names:
        here = {path.relative_to(folder).as_posix(): path for path in _glob(name, folder)}
        if not here:
            raise NoFile(_nothing(name, folder))
        for key in sorted(here):
            found.setdefault(key, here[key])
    return list(found.items())


def _glob(name: str, folder: Path) -> Iterator[Path]:
    plain = folder / name
    if plain.is_file():
        yield plain
    elif any(character in name for character in "*?["):
        yield from (path for path in folder.glob(name) if path.is_file())


def _nothing(name: str, folder: Path) -> str:
    if (folder / name).is_dir():
        return f"{name!r} is a folder; name the files in it, such as {name.rstrip('/')}/*.csv"
    kind = "pattern" if any(character in name for character in "*?[") else "file"
    here = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    near = get_close_matches(name, here, n=3)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    shown = ", ".join(here[:15]) + (f" and {len(here) - 15} more" if len(here) > 15 else "")
    verb = "matches nothing" if kind == "pattern" else "is not there"
    return f"the {kind} {name!r} {verb}{hint} (in {folder}: {shown or 'no files'})"


def reader_by_ending(name: str) -> Reader | None:
    """The reader that a file's ending asks for; None where the ending says nothing.

    >>> reader_by_ending("reviews.csv.gz"), reader_by_ending("delays.XLSX"), reader_by_ending("notes.docx")
    ('csv', 'excel', None)
    """
    lower = name.lower().removesuffix(".gz")
    return next((reader for ending, reader in ENDINGS.items() if lower.endswith(ending)), None)
