"""Many files replaced as one, whatever happens in the middle."""

import os
from pathlib import Path
from typing import Any

import pytest

from nonagon.pipeline import writing
from nonagon.pipeline.writing import PREFIX, replace_files

OLD = {"a.json": b"old a", "deep/b.json": b"old b"}
NEW = {"a.json": b"new a", "deep/b.json": b"new b", "deep/new/c.json": b"new c", "run.json": b"new run"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    replace_files(tmp_path, OLD)
    return tmp_path


def content(folder: Path) -> dict[str, bytes]:
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def test_all_files_take_their_places(folder: Path) -> None:
    assert content(folder) == OLD
    assert replace_files(folder, NEW) == [folder / name for name in NEW]
    assert content(folder) == NEW, "and nothing else is left behind"


def test_files_that_are_not_named_stay(folder: Path) -> None:
    replace_files(folder, {"a.json": b"new a"})
    assert content(folder) == {"a.json": b"new a", "deep/b.json": b"old b"}


def test_what_a_killed_run_left_is_removed(folder: Path) -> None:
    leftover = folder / f"{PREFIX}abc" / "new"
    leftover.mkdir(parents=True)
    (leftover / "a.json").write_bytes(b"half")
    replace_files(folder, NEW)
    assert content(folder) == NEW
    assert not leftover.parent.exists()


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(28, "No space left on device")])
@pytest.mark.parametrize("at", range(4))
def test_stopped_while_writing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, at: int
) -> None:
    write, calls = writing._write, iter(range(10))

    def failing(place: Path, data: bytes) -> None:
        if next(calls) == at:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data[:2])
            raise error
        write(place, data)

    monkeypatch.setattr(writing, "_write", failing)
    with pytest.raises(type(error)):
        replace_files(folder, NEW)
    assert content(folder) == OLD


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(5, "Input/output error")])
@pytest.mark.parametrize("moved_before", [False, True])
@pytest.mark.parametrize("at", range(4))
def test_stopped_while_moving_in(
    folder: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, at: int, moved_before: bool
) -> None:
    """Before or after the move itself: the earlier files are put back, new ones taken away again."""
    replace, calls = os.replace, iter(range(100))

    def failing(source: Any, target: Any) -> None:
        if next(calls) != at:
            replace(source, target)
            return
        if moved_before:
            replace(source, target)
        raise error

    monkeypatch.setattr(os, "replace", failing)
    with pytest.raises(type(error)):
        replace_files(folder, NEW)
    assert content(folder) == OLD


def test_a_folder_in_the_place_of_a_file(folder: Path) -> None:
    (folder / "run.json").mkdir()
    with pytest.raises(OSError, match=r"run\.json"):
        replace_files(folder, NEW)
    assert content(folder) == OLD


def test_a_disk_without_hard_links(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_links(source: Any, target: Any) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    replace_files(folder, NEW)
    assert content(folder) == NEW
