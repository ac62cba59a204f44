"""The contracts of the house: who may import whom, what starts fast, what no file may hold."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from builders.folder import write_cycle

ROOT = Path(__file__).resolve().parent.parent
HEAVY = ("ibis", "pandas", "scipy.stats", "statsmodels", "polars", "duckdb")
BUILT = {"out", "data", "node_modules", "__pycache__"}


def committed() -> list[Path]:
    """Files that git has or would take; where there is no git, all files outside of what is built."""
    asked = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if asked.returncode == 0:
        named = [ROOT / name for name in asked.stdout.decode().split("\0") if name]
        return [path for path in named if path.is_file()]
    return [
        path
        for path in ROOT.rglob("*")
        if path.is_file()
        and not any(part in BUILT or part.startswith(".") for part in path.parts[len(ROOT.parts) :])
    ]


def test_imports_go_downward_only() -> None:
    found = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo", "--config", "pyproject.toml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout + found.stderr
    assert "0 broken" in found.stdout


def loaded(*arguments: str) -> set[str]:
    """The modules in memory after a command has run."""
    code = (
        "import sys\n"
        "from nonagon.app.command import main\n"
        "try:\n"
        "    main()\n"
        "except SystemExit as ended:\n"
        "    assert not ended.code, ended.code\n"
        "print('\\nMODULES', *sys.modules)\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert found.returncode == 0, found.stderr
    return set(found.stdout.rpartition("\nMODULES ")[2].split())


@pytest.mark.parametrize("command", ["help", "check"])
def test_quick_commands_load_nothing_heavy(tmp_path: Path, command: str) -> None:
    arguments = ["--help"] if command == "help" else ["check", str(write_cycle(tmp_path / "cycle"))]
    modules = loaded(*arguments)
    assert "nonagon.app.command" in modules
    assert ("nonagon.imports.mapping" in modules) == (command == "check")
    assert modules.isdisjoint(HEAVY)


def test_a_lock_file_names_no_address() -> None:
    for path in committed():
        lock = path.name.startswith("requirements") and path.suffix == ".txt"
        if lock or path.name in {"uv.lock", "package-lock.json", ".npmrc", "pip.conf", "uv.toml"}:
            assert "://" not in path.read_text(encoding="utf-8"), path


def test_no_file_names_a_registry() -> None:
    # put together here, so that this file does not name them either
    hosts = [
        "pythonhosted" + ".org",
        "pypi" + ".org",
        "registry.npmjs" + ".org",
        "crates" + ".io",
        "/simple" + "/ ",
    ]
    keys = ["index" + "-url", "extra-index" + "-url", "index_" + "url", "registry" + "="]
    pattern = re.compile("|".join(re.escape(word) for word in hosts + keys).encode(), re.IGNORECASE)
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()[:80]!r}"
        for path in committed()
        for line in path.read_bytes().splitlines()
        if pattern.search(line) and b"--no-emit-" not in line
    ]
    assert found == []


def test_no_room_is_a_drawer_for_everything() -> None:
    drawers = {"utils", "util", "common", "helpers", "helper", "misc", "shared"}
    found = [
        path.relative_to(ROOT).as_posix()
        for path in committed()
        if drawers & ({path.stem} | set(path.relative_to(ROOT).parts[:-1]))
    ]
    assert found == []


def test_every_room_has_the_same_files() -> None:
    rooms = sorted((ROOT / "src" / "nonagon" / "steps").glob("step*"))
    assert len(rooms) == 9
    for room in rooms:
        for name in ("README.md", "decisions", "analysis", "criteria", "section"):
            assert (room / name).exists() or (room / f"{name}.py").exists(), f"{room.name} has no {name}"
