"""Two runs into one folder at once: the second stops before it reads or writes anything."""

import os
import shutil
from pathlib import Path

import pytest

from conftest import Finished
from nonagon.basics.errors import InputError
from nonagon.basics.lock import held
from nonagon.pipeline.run import LOCK, run

pytest.importorskip("fcntl")


@pytest.fixture
def folder(small_cycle: Finished, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small_cycle.folder, tmp_path / "copy"))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def test_a_run_stops_where_another_holds_the_folder(folder: Path) -> None:
    with held(folder / "out", LOCK):
        before = contents(folder)
        with pytest.raises(InputError) as caught:
            run(folder, steps=(7,))
        assert contents(folder) == before
    assert f"out: is in use by another run (process {os.getpid()}, since " in str(caught.value)
    assert f"which holds the lock {LOCK}" in str(caught.value)


def test_the_lock_is_held_from_reading_to_writing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second run is tried at each stage of the first: facts, a step, the report."""
    monkeypatch.setattr("nonagon.reports.html.html_report", lambda *_: "a page")
    refused: list[str] = []

    class Intruder:
        def begin(self, stage: str) -> None:
            with pytest.raises(InputError, match="in use by another run"):
                run(folder, steps=(7,))
            refused.append(stage)

        def advance(self, text: str) -> None: ...

        def end(self, stage: str, seconds: float) -> None: ...

    run(folder, steps=(7,), progress=Intruder())
    assert [stage.split(":")[0] for stage in refused] == [
        "Reading files into facts",
        "Step 7",
        "Writing the report",
    ]
    assert not (folder / "out" / LOCK).exists()


def test_two_runs_into_two_folders_do_not_meet(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nonagon.reports.html.html_report", lambda *_: "a page")
    with held(folder / "out", LOCK):
        assert run(folder, out=folder / "other", steps=(7,)).out == folder / "other"


def test_a_lock_file_of_a_killed_run_blocks_nobody(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nonagon.reports.html.html_report", lambda *_: "a page")
    (folder / "out" / LOCK).write_text("process 1, since 2020-01-01 00:00:00\n")
    run(folder, steps=(7,))
    assert not (folder / "out" / LOCK).exists()
