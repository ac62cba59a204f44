"""One run at a time: the lock names its holder, ends with its process, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nonagon.basics.errors import InputError
from nonagon.basics.lock import held

pytest.importorskip("fcntl")

HOLDS = """
import sys, time
from pathlib import Path
from nonagon.basics.lock import held
with held(Path(sys.argv[1]), ".lock"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path: Path) -> "Iterator[subprocess.Popen[str]]":
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(tmp_path)], stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_the_second_stops_and_is_told_who_holds_it(tmp_path: Path, holder: "subprocess.Popen[str]") -> None:
    with pytest.raises(InputError) as caught, held(tmp_path, ".lock"):
        pytest.fail("both hold it")
    said = str(caught.value)
    assert said.startswith(f"{tmp_path}: is in use by another run (process {holder.pid}, since 20")
    assert said.endswith("which holds the lock .lock; wait for it to end, or give this run another --out")


def test_a_killed_process_leaves_a_file_that_blocks_nobody(
    tmp_path: Path, holder: "subprocess.Popen[str]"
) -> None:
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    assert (tmp_path / ".lock").is_file(), "killed, it could not remove its file"
    with held(tmp_path, ".lock"):
        assert f"process {os.getpid()}," in (tmp_path / ".lock").read_text(encoding="utf-8")
    assert list(tmp_path.iterdir()) == []


def test_it_is_given_back_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), held(tmp_path, ".lock"):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []
    with held(tmp_path, ".lock"):
        pass


def test_a_file_that_its_holder_removed_meanwhile_is_not_taken_for_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one before us ends between our opening its file and our locking it."""
    from nonagon.basics import lock as module

    take, calls = module._take, []

    def removed_first(lock: object, path: Path) -> None:
        if not calls:
            path.unlink()
        calls.append(path)
        take(lock, path)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "_take", removed_first)
    with held(tmp_path, ".lock"):
        assert (tmp_path / ".lock").is_file()
        assert len(calls) == 2
        with pytest.raises(InputError), held(tmp_path, ".lock"):
            pytest.fail("both hold it")


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    message = r"\.lock: can't be written: No such file or directory"
    with pytest.raises(InputError, match=message), held(tmp_path / "nowhere", ".lock"):
        pytest.fail("held without a folder")
