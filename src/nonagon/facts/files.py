"""Replacing a file in one step, so that whoever reads it sees the old one or the new one, never a half."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

TEMPORARY = ".writing"


def replace_file(path: Path, write: Callable[[Path], None]) -> None:
    """`write` fills a file beside `path`, which then takes its place; after an error the old file stands.

    write: gets the path to fill; what it leaves there must be on the disk already (fsync).
    """
    temporary = path.with_name(f".{path.name}{TEMPORARY}")
    try:
        write(temporary)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def replace_text(path: Path, text: str) -> None:
    """`path` with `text` in UTF-8, in one step."""

    def write(temporary: Path) -> None:
        with temporary.open("w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())

    replace_file(path, write)


def sync_folder(folder: Path) -> None:
    """Makes a renaming in the folder outlive a loss of power, where the system knows how."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def fsync(path: Path) -> None:
    """Makes a file's content outlive a loss of power."""
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


def write_parquet(frame: "pl.DataFrame", path: Path, *, compression: str = "zstd") -> None:
    """A frame as Parquet. Raises OSError where the system refuses."""
    with as_os_errors():
        frame.write_parquet(path, compression=compression)  # type: ignore[arg-type]


@contextmanager
def as_os_errors() -> Iterator[None]:
    """Where the system refuses, polars says so in its own words: these become OSError."""
    from polars.exceptions import PolarsError

    try:
        yield
    except PolarsError as error:
        raise OSError(str(error).rpartition("IO error: ")[2]) from error
