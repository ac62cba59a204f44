"""`nonagon init`: every step's document holds an example that is valid once its comment signs are taken away."""

import os
import re
import tomllib
from pathlib import Path

import pytest

from nonagon.pipeline.begin import begin, by_key, example, next_commands
from nonagon.pipeline.documents import read_document
from nonagon.pipeline.rooms import ROOMS, Room

PAGES = Path(__file__).parents[2] / "docs" / "reference"
rooms = pytest.mark.parametrize("room", ROOMS, ids=[room.word for room in ROOMS])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("begin")
    data = place / "sales.csv"
    data.write_text("Receipt,Date,Amount\n" + "".join(f"R{n},2025-01-{n:02d},{n}.5\n" for n in range(1, 29)))
    begin(place / "cycle", [data])
    return place / "cycle"


@rooms
def test_the_example_is_valid_and_holds_every_key(room: Room) -> None:
    found = tomllib.loads(example(room))
    room.decisions().model_validate(found)
    assert sorted(found) == sorted(room.decisions().model_fields)


@rooms
def test_the_reference_page_shows_the_same_example(room: Room) -> None:
    page = PAGES / f"decisions-step{room.number}.md"
    assert f"```toml\n{example(room)}```" in page.read_text(encoding="utf-8")


@rooms
def test_the_skeleton_without_its_signs_says_what_the_example_says(room: Room, folder: Path) -> None:
    text = (folder / "decisions" / f"step{room.number}.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text) == {}, "as written, nothing is decided"
    uncommented = "\n".join(line[1:] if re.match(r"#(?! \S)", line) else line for line in text.splitlines())
    assert tomllib.loads(uncommented) == tomllib.loads(example(room))
    for name, described in room.decisions().model_fields.items():
        assert f"# {name}: {described.description}" in text


@rooms
def test_the_skeleton_is_an_empty_document(room: Room, folder: Path) -> None:
    model = room.decisions()
    read = read_document(model, folder / "decisions" / f"step{room.number}.toml", model.lists)
    assert read.mistakes == ()
    assert read.value == model()


def test_a_table_of_several_lines_stays_whole() -> None:
    text = "a = 1\n\n[[b]]\nc = [\n    1,\n]\n\n# of d\n[d]\n\n[[b]]\nc = []\n"
    assert by_key(text) == {
        "a": ["a = 1"],
        "b": ["[[b]]", "c = [", "    1,", "]", "", "[[b]]", "c = []"],
        "d": ["# of d", "[d]"],
    }


@pytest.mark.skipif(os.name == "nt", reason="the quotes of POSIX shells")
def test_the_next_commands_can_be_pasted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert next_commands(Path("it's new"), "my venv/bin/nonagon") == (
        "'my venv/bin/nonagon' check 'it'\"'\"'s new'; 'my venv/bin/nonagon' run 'it'\"'\"'s new'"
    )
    program = tmp_path / "bin" / "nonagon"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    assert next_commands(Path("x"), str(program)) == "nonagon check x; nonagon run x", "the shell finds it by name"
    assert next_commands(Path("x"), ".venv/bin/nonagon") == ".venv/bin/nonagon check x; .venv/bin/nonagon run x"
    assert next_commands(Path("x"), "/lib/pytest/__main__.py") == "nonagon check x; nonagon run x"


@pytest.mark.skipif(os.name == "nt", reason="the quotes of POSIX shells")
def test_init_closes_with_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from click.testing import CliRunner

    from nonagon.app.command import nonagon

    data = tmp_path / "sales.csv"
    data.write_text("Receipt,Date,Amount\nR1,2025-01-02,3.5\n")
    monkeypatch.setattr("sys.argv", [".venv/bin/nonagon", "init"])
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(nonagon, ["init", "my cycle", "sales.csv"], standalone_mode=False)
    assert result.output.splitlines()[-1] == (
        "Read and correct my cycle/cycle.toml, then: "
        ".venv/bin/nonagon check 'my cycle'; .venv/bin/nonagon run 'my cycle'"
    )


def test_the_data_folder_stands_in_the_head_before_every_table(tmp_path: Path) -> None:
    data = tmp_path / 'my "exports"' / "sales.csv"
    data.parent.mkdir()
    data.write_text("Receipt,Date,Amount\nR1,2025-01-02,3.5\n")
    begin(tmp_path / "cycle", [data])
    text = (tmp_path / "cycle" / "cycle.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text)["data_folder"] == '../my "exports"'
    assert text.index("data_folder") < text.index("# --- sales")
