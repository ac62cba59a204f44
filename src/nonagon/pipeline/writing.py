"""Many files replaced as one: all of the new ones stand, or all of the earlier ones.

A folder beside the files takes the new contents first and the earlier ones while they are moved; after an
error, or Ctrl-C, whatever was moved is moved back. Only a loss of power in the middle leaves a mixture, which
`run.json` shows, since it comes last and names the fingerprint of every other file.
"""

import os
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

PREFIX = ".writing-"


def replace_files(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Puts `files` (path below `folder` -> content) in their places, in their order; gives the places.

    Raises OSError where the system refuses; the files are then what they were.
    """
    for leftover in folder.glob(f"{PREFIX}*"):  # of a process that was killed
        shutil.rmtree(leftover, ignore_errors=True)
    staging = Path(tempfile.mkdtemp(prefix=PREFIX, dir=folder))
    try:
        for name, content in files.items():
            _write(staging / "new" / name, content)
        return _move_in(folder, staging, list(files))
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _write(place: Path, content: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _move_in(folder: Path, staging: Path, names: list[str]) -> list[Path]:
    moved: list[str] = []
    try:
        for name in names:
            place, earlier = folder / name, staging / "earlier" / name
            place.parent.mkdir(parents=True, exist_ok=True)
            if place.exists():
                earlier.parent.mkdir(parents=True, exist_ok=True)
                _keep(place, earlier)
            moved.append(name)
            os.replace(staging / "new" / name, place)
    except BaseException:
        for name in reversed(moved):
            _put_back(folder / name, staging / "earlier" / name, was_moved=not (staging / "new" / name).exists())
        raise
    return [folder / name for name in names]


def _keep(place: Path, earlier: Path) -> None:
    """A second name for the file, so that it is never missing from its place; a copy where there are no links."""
    try:
        os.link(place, earlier)
    except OSError:
        shutil.copy2(place, earlier)


def _put_back(place: Path, earlier: Path, *, was_moved: bool) -> None:
    with suppress(OSError):
        if earlier.exists():
            os.replace(earlier, place)
        elif was_moved:
            place.unlink()
