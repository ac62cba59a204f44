"""The command line: exit codes, messages, and what is shown."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from builders.folder import write_cycle
from conftest import Finished
from nonagon import __version__
from nonagon.app.command import main, nonagon
from nonagon.basics.errors import EXIT_CODES, Cancelled, InputError, NonagonError, NotEnoughData

PROGRAM = [sys.executable, "-c", "from nonagon.app.command import main; main()"]


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str


Ask = Callable[..., Answer]


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ask:
    """Runs the command inside this process, as the installed script would."""

    def asked(*arguments: str | Path) -> Answer:
        monkeypatch.setattr(sys, "argv", ["nonagon", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return Answer(int(ended.value.code or 0), said.out, said.err)

    return asked


@pytest.fixture
def copy(small_cycle: Finished, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small_cycle.folder, tmp_path / "copy"))


# --- the program itself


def test_the_installed_program_answers(tmp_path: Path) -> None:
    script = Path(sys.executable).with_name("nonagon")
    found = subprocess.run([script, "--version"], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (found.returncode, found.stdout) == (0, f"nonagon, version {__version__}\n")


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["run", "--help"], ["check", "-h"], ["init", "--help"]])
def test_help(ask: Ask, arguments: list[str]) -> None:
    found = ask(*arguments)
    assert found.code == 0
    assert found.out.startswith("Usage: nonagon")
    assert found.err == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Usage: nonagon"),
        (["rum"], "No such command 'rum'"),
        (["run"], "Missing argument 'FOLDER'"),
        (["run", "x", "--stpes", "1"], "No such option '--stpes'"),
        (["init", "x"], "Missing argument 'FILES...'"),
    ],
)
def test_what_is_asked_wrongly(ask: Ask, arguments: list[str], message: str) -> None:
    found = ask(*arguments)
    assert found.code == 2
    assert message in found.err
    assert "Traceback" not in found.err


# --- check


def test_check_of_a_good_folder(ask: Ask, tmp_path: Path) -> None:
    folder = write_cycle(tmp_path / "cycle")
    answer = ask("check", folder)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.endswith(f"{folder}: no mistakes found\n")
    assert [line[:4] for line in answer.out.splitlines()[1:-1]] == [f"  {step} " for step in range(1, 10)]
    assert "relationships.csv" in answer.out, "what could be decided and is not there is named too"


def test_check_names_every_mistake_and_counts_them(ask: Ask, tmp_path: Path) -> None:
    folder = write_cycle(tmp_path / "cycle")
    with (folder / "decisions" / "roof.csv").open("a") as stream:
        stream.write("waiting,nothing,+\n")
    with (folder / "decisions" / "needs.csv").open("a") as stream:
        stream.write("fast,Again\n")
    found = ask("check", folder)
    assert (found.code, found.out) == (2, "")
    lines = found.err.replace(f"{folder}/", "").splitlines()
    assert lines[0].startswith("decisions/needs.csv:5: ")
    assert lines[1].startswith("decisions/roof.csv:3: b: names the unknown characteristic 'nothing'")
    assert lines[2:] == ["2 mistakes; nothing was written"]


def test_one_mistake_is_one(ask: Ask, tmp_path: Path) -> None:
    assert ask("check", tmp_path).err == (
        f"{tmp_path / 'cycle.toml'}: is missing; `nonagon init` writes one from your data files\n"
        "1 mistake; nothing was written\n"
    )


def test_data_in_another_folder(ask: Ask, tmp_path: Path) -> None:
    folder = write_cycle(tmp_path / "cycle")
    shutil.move(folder / "data", tmp_path / "elsewhere" / "data")
    assert ask("check", folder).code == 2
    assert ask("check", folder, "--data", tmp_path / "elsewhere").code == 0


# --- run


def test_run_says_what_it_did_in_plain_lines(ask: Ask, copy: Path) -> None:
    found = ask("run", copy, "--steps", "7", "--out", copy / "new")
    assert found.code == 0
    assert found.err == ""
    plain = re.sub(r"\d+\.\d s", "N s", found.out.replace(f"{copy}/", ""))
    plain = re.sub(r"\d of 7", "N of 7", plain)
    assert plain == (
        "Reading files into facts (N s)\n"
        "Step 7: Control the implementation (N s)\n"
        "Writing the report (N s)\n"
        "\n"
        "  7 Control the implementation                   in work      N of 7 criteria met\n"
        "\n"
        "The chain is not whole yet: N of 7 exit criteria are met; open is step 7 (N of 7); only 1 of nine steps "
        "was run.\n"
        "Deliverables:\n"
        "  new/deliverables/step7.json\n"
        "  new/deliverables/effectiveness.json\n"
        "  new/deliverables/trace.json\n"
        "Report: new/report.html\n"
    )


def test_run_names_what_it_took_over_and_what_it_left_out(ask: Ask, copy: Path) -> None:
    with (copy / "data" / "sales.csv").open("a") as stream:
        stream.write("s999,c001,2025-12-31,new,ten\n")
    found = ask("run", copy, "--steps", "7")
    assert "Taken from an earlier run: steps 1, 2, 3, 4, 5, 6, 8, 9.\n" in found.out
    assert re.search(r"Computed from other data than now: steps 1, .*; run without --steps\.\n", found.out)
    rejects = copy / "out" / "rejects.csv"
    assert f"Not taken: 1 refused; each row and cell with its reason in {rejects}\n" in found.out


def test_strict_exits_with_one_where_criteria_are_open(ask: Ask, copy: Path) -> None:
    found = ask("run", copy, "--steps", "7", "--strict", "--out", copy / "new")
    assert (found.code, found.err) == (1, "")
    assert (copy / "new" / "report.html").is_file()


def test_run_with_wrong_input_exits_with_two_and_writes_nothing(ask: Ask, tmp_path: Path) -> None:
    folder = write_cycle(tmp_path / "cycle")
    (folder / "data" / "waiting.csv").write_text('When,Minutes\n2025-01-01T08:00:00,"5\n')
    found = ask("run", folder)
    assert found.code == 2
    assert "waiting.csv:2" in found.err
    assert "a quote opens here and is never closed" in found.err
    assert found.err.endswith("1 mistake; nothing was written\n")
    assert not (folder / "out" / "report.html").exists()


def test_no_traceback_in_a_real_process(tmp_path: Path) -> None:
    found = subprocess.run([*PROGRAM, "run", str(tmp_path)], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout) == (2, "")
    assert found.stderr.endswith("1 mistake; nothing was written\n")
    assert "Traceback" not in found.stderr


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")
def test_ctrl_c_in_a_real_process(copy: Path) -> None:
    before = {file: file.read_bytes() for file in sorted((copy / "out").glob("*.*")) if file.is_file()}
    process = subprocess.Popen(
        [*PROGRAM, "run", str(copy)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("Reading files into facts")
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.strip() == "Stopped. What was there before is as it was; run the same command to start again."
    assert {file: file.read_bytes() for file in before} == before


# --- errors and their exit codes


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NotEnoughData("only one answer"), 2),
        (Cancelled("stopped"), 130),
        (NonagonError("something else"), 2),
        (KeyboardInterrupt(), 130),
        (click.exceptions.Abort(), 130),
    ],
)
def test_exit_codes(ask: Ask, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int) -> None:
    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr("nonagon.pipeline.check.mistakes_in", fail)
    found = ask("check", "anything")
    assert found.code == code
    assert "Traceback" not in found.err
    if isinstance(error, NonagonError):
        assert found.err == f"Error: {error}\n"


def test_every_error_has_an_exit_code() -> None:
    assert EXIT_CODES[InputError] == 2
    assert all(issubclass(one, NonagonError) for one in EXIT_CODES)


@pytest.mark.parametrize(("option", "afresh"), [([], False), (["--afresh"], True)])
def test_afresh(monkeypatch: pytest.MonkeyPatch, option: list[str], afresh: bool) -> None:
    asked: list[Any] = []

    def remember(folder: Path, **options: Any) -> None:
        asked.append(options["afresh"])
        raise InputError([])

    monkeypatch.setattr("nonagon.pipeline.run.run", remember)
    CliRunner().invoke(nonagon, ["run", "folder", *option])
    assert asked == [afresh]


# --- which steps


@pytest.fixture
def steps_of(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """What `--steps` becomes: the steps, or the message."""

    def parsed(text: str) -> Any:
        asked: list[Any] = []

        def remember(folder: Path, **options: Any) -> None:
            asked.append(options["steps"])
            raise InputError([])

        monkeypatch.setattr("nonagon.pipeline.run.run", remember)
        found = CliRunner().invoke(nonagon, ["run", "folder", "--steps", text])
        return asked[0] if asked else found.output

    return parsed


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("1-9", tuple(range(1, 10))),
        ("3", (3,)),
        ("3-5", (3, 4, 5)),
        ("1,3,7-9", (1, 3, 7, 8, 9)),
        (" 5 , 2-3 ", (2, 3, 5)),
        ("2,2-3", (2, 3)),
    ],
)
def test_steps(steps_of: Callable[[str], Any], text: str, steps: tuple[int, ...]) -> None:
    assert steps_of(text) == steps


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0", "must lie from 1 to 9; got '0'"),
        ("3-10", "must lie from 1 to 9; got '3-10'"),
        ("5-3", "must run upwards, such as 3-5; got '5-3'"),
        ("3-", "must be numbers from 1 to 9 such as 3, 1-5 or 1,3,7-9; got '3-'"),
        ("-3", "must be numbers from 1 to 9 such as 3, 1-5 or 1,3,7-9; got '-3'"),
        ("three", "must be numbers from 1 to 9 such as 3, 1-5 or 1,3,7-9; got 'three'"),
        ("", "must be numbers from 1 to 9 such as 3, 1-5 or 1,3,7-9; got ''"),
        ("1,,2", "must be numbers from 1 to 9 such as 3, 1-5 or 1,3,7-9; got '1,,2'"),
        ("²", "must be numbers from 1 to 9 such as 3, 1-5 or 1,3,7-9; got '²'"),
        ("1-99999999999", "must lie from 1 to 9; got '1-99999999999'"),
    ],
)
def test_steps_that_are_none(steps_of: Callable[[str], Any], text: str, message: str) -> None:
    assert message in steps_of(text)


# --- init


def test_init_writes_a_folder_that_check_accepts(ask: Ask, tmp_path: Path) -> None:
    data = write_cycle(tmp_path / "source") / "data"
    folder = tmp_path / "new-cycle"
    found = ask("init", folder, data / "sales.csv", data / "customers.csv")
    assert found.code == 0
    assert f"wrote {folder / 'cycle.toml'}\n" in found.out
    assert (folder / "decisions" / "step9.toml").is_file()
    assert 'table = "sales"' in (folder / "cycle.toml").read_text(encoding="utf-8")
    checked = ask("check", folder)
    assert (checked.code, checked.err) == (0, "")


def test_init_overwrites_no_cycle_and_needs_files(ask: Ask, tmp_path: Path) -> None:
    folder = write_cycle(tmp_path / "cycle")
    before = (folder / "cycle.toml").read_bytes()
    found = ask("init", folder, tmp_path / "nothing.csv")
    assert found.code == 2
    assert found.err == (
        f"{tmp_path / 'nothing.csv'}: does not exist; give data files\n"
        f"{folder / 'cycle.toml'}: exists already; edit it, or give another folder\n"
        "2 mistakes; nothing was written\n"
    )
    assert (folder / "cycle.toml").read_bytes() == before
