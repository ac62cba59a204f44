"""The engine as users name it: an option of the command, a setting of the application."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from conftest import Finished
from nonagon.app.command import nonagon
from nonagon.basics.errors import ArgumentError, EngineError
from nonagon.engine import backend
from nonagon.engine.backend import DUCKDB, Engine


def _asked(*options: str) -> Result:
    return CliRunner().invoke(nonagon, ["run", "folder", *options])


def _nobody_there() -> str:
    """An address at which no master answers: the port was free a moment ago."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return f"spark://127.0.0.1:{held.getsockname()[1]}"


def test_the_option_reaches_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Engine] = []

    def run(folder: Path, *, engine: Engine, **other: Any) -> None:
        given.append(engine)
        raise EngineError("enough")

    monkeypatch.setattr("nonagon.pipeline.run.run", run)
    _asked()
    _asked("--engine", "local[4]")
    _asked("--engine", "spark://a:7077", "--facts-at", "s3a://quality/facts")
    assert given == [DUCKDB, Engine("local[4]"), Engine("spark://a:7077", "s3a://quality/facts")]


def test_a_word_that_names_no_engine_ends_the_command() -> None:
    found = _asked("--engine", "sparc://a:7077")
    assert isinstance(found.exception, ArgumentError)
    assert "must be duckdb, local[N]" in str(found.exception)


def test_an_engine_that_is_not_there_ends_the_command_with_advice(
    small_cycle: Finished, tmp_path: Path, spark_settings: dict[str, str]
) -> None:
    program = [sys.executable, "-m", "nonagon.app.command", "run", str(small_cycle.folder), "--out", str(tmp_path)]
    found = subprocess.run(
        [*program, "--engine", _nobody_there()], capture_output=True, text=True, check=False, timeout=300
    )
    assert found.returncode == 2
    assert re.fullmatch(
        r"Error: no Spark master answers at spark://127\.0\.0\.1:\d+ \(.*refused\): start it, correct the "
        r"address, or compute with --engine duckdb\n",
        found.stderr,
    )
    assert list(tmp_path.iterdir()) == []


def _engine_of_settings(home: Path, given: str) -> subprocess.CompletedProcess[str]:
    program = "from nonagon.app import settings; print(settings.ENGINE.word)"
    return subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "NONAGON_HOME": str(home), "NONAGON_ENGINE": given},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.mark.parametrize(
    ("given", "engine"), [("", "duckdb"), (" local[2] ", "local[2]"), ("spark://a:1", "spark://a:1")]
)
def test_the_setting(tmp_path: Path, given: str, engine: str) -> None:
    found = _engine_of_settings(tmp_path, given)
    assert (found.stdout, found.returncode) == (f"{engine}\n", 0), found.stderr


def test_a_setting_that_names_none_stops_the_start(tmp_path: Path) -> None:
    found = _engine_of_settings(tmp_path, "hadoop")
    assert found.returncode != 0
    assert "SettingError: NONAGON_ENGINE: the engine must be duckdb" in found.stderr


@pytest.mark.django_db
def test_computations_of_the_application_run_where_the_setting_says(
    computed_cycle: Any, settings: Any, spark_settings: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing answers there, and the computation says so; pages still read their rows by themselves."""
    from nonagon.engine.customers import how_many
    from nonagon.pipeline.progress import Silent
    from nonagon.process import results
    from nonagon.process.measured import facts_of
    from nonagon.process.models import Result as Stored
    from nonagon.workspace.compute import compute_cycle

    # Other tests of this process may have Spark open; the application's process starts without.
    monkeypatch.setattr(backend, "_session", backend._Session())
    settings.ENGINE = Engine(_nobody_there())
    before = results.latest(computed_cycle, 1, whole=True)
    assert before is not None
    Stored.objects.filter(cycle=computed_cycle).update(key="computed from something else")
    with pytest.raises(EngineError, match="no Spark master answers"):
        compute_cycle(computed_cycle, Silent())
    after = results.latest(computed_cycle, 1, whole=True)
    assert after is not None
    assert after.pk == before.pk
    assert how_many(facts_of(computed_cycle))[0] == 60  # as builders.folder makes them
