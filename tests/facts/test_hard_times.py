"""The store when the power fails, the disk is full, or the folder may not be written: what was published stays."""

import os
import random
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from builders.killed import SOURCES, check_store, killed_once, write_version
from nonagon.basics.errors import InputError
from nonagon.imports.load import load_facts

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals, limits and mounts are those of POSIX")


def test_an_import_killed_at_any_moment_loses_nothing_doubles_nothing_tears_nothing(tmp_path: Path) -> None:
    chance, held = random.Random(20250301), 0
    for _ in range(3):  # bench/imports.py does twenty
        held = killed_once(tmp_path, held, chance, longest=1.0)
    # The next run takes away what the killed ones left, and goes on.
    write_version(tmp_path / "data", held + 1)
    load_facts(SOURCES, tmp_path / "data", tmp_path / "out")
    assert check_store(tmp_path, held + 1) == held + 1
    facts = tmp_path / "out" / "facts"
    assert not (facts / ".staging").exists()
    there = {f"{path.parent.name}/{path.name}" for path in facts.glob("*/*.parquet")}
    assert there == _named(tmp_path)


def _named(home: Path) -> set[str]:
    from nonagon.facts.store import FactStore

    manifest = FactStore(home / "out" / "facts").manifest()
    versions = (*manifest.tables.values(), *manifest.earlier)
    return {name for version in versions for name in (*version.files, version.rejects)}


def published(home: Path) -> None:
    """Version 1 in the store, version 2 in the files."""
    write_version(home / "data", 1)
    load_facts(SOURCES, home / "data", home / "out")
    write_version(home / "data", 2)


IMPORT = """
    import resource, signal, sys
    from pathlib import Path
    from builders.killed import SOURCES
    from nonagon.basics.errors import InputError
    from nonagon.imports.load import load_facts
    if {limit}:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
    try:
        load_facts(SOURCES, Path({home!r}) / "data", Path({home!r}) / "out")
    except InputError as error:
        print("InputError:", error)
"""


def imported_by_another(home: Path, *before: str, limit: int = 0) -> str:
    """What an import in a process of its own says. limit: bytes that a file may have; 0 for no limit."""
    code = textwrap.dedent(IMPORT.format(limit=limit, home=str(home)))
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(
        [*before, sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("limit", [500, 5_000])
def test_where_the_disk_gives_out_the_old_version_stays(tmp_path: Path, limit: int) -> None:
    published(tmp_path)
    said = imported_by_another(tmp_path, limit=limit)
    assert said.startswith("InputError:")
    assert "can't be written" in said
    assert check_store(tmp_path, 1) == 1
    assert imported_by_another(tmp_path) == ""
    assert check_store(tmp_path, 2) == 2


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of three megabytes, where one may be mounted."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no disk may be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=False)


def test_a_full_disk_is_named_with_what_to_do_and_the_old_version_stays(tmp_path: Path, small_disk: Path) -> None:
    published(tmp_path)
    shutil.copytree(tmp_path / "out", small_disk / "out")
    free = shutil.disk_usage(small_disk).free
    (small_disk / "filler").write_bytes(b"x" * (free - 40_000))
    with pytest.raises(InputError, match=r"No space left on device.*free some space"):
        load_facts(SOURCES, tmp_path / "data", small_disk / "out")
    assert check_store(small_disk, 1) == 1
    (small_disk / "filler").unlink()
    load_facts(SOURCES, tmp_path / "data", small_disk / "out")
    assert check_store(small_disk, 2) == 2


def test_a_read_only_folder_is_named_and_the_old_version_stays(tmp_path: Path) -> None:
    published(tmp_path)
    if os.geteuid():
        bound = []
    elif shutil.which("setpriv"):  # the administrator may write everywhere, unless that is taken from him
        bound = ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"]
    else:
        pytest.skip("whoever runs this may write everywhere")
    folders = [path for path in (tmp_path / "out").rglob("*") if path.is_dir()]
    for folder in folders:
        folder.chmod(0o555)
    try:
        said = imported_by_another(tmp_path, *bound)
        assert said.startswith("InputError:")
        assert "can't be written: Permission denied" in said
        assert check_store(tmp_path, 1) == 1
    finally:
        for folder in folders:
            folder.chmod(0o755)
    assert imported_by_another(tmp_path, *bound) == ""
    assert check_store(tmp_path, 2) == 2
