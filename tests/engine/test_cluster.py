"""A standalone cluster, one master and two workers started from the pyspark wheel: the same answers as DuckDB."""

import json
import os
import pickle
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from builders import queries
from builders.same import assert_same
from conftest import Finished

pytestmark = pytest.mark.spark

SECONDS_TO_START = 180
SECONDS_TO_COMPUTE = 900


@dataclass(frozen=True)
class Cluster:
    """master: its address; page: its web page, which tells its state; workers: a folder a worker."""

    master: str
    page: str
    workers: tuple[Path, ...]
    environment: dict[str, str]

    def state(self) -> dict[str, Any]:
        """What the master says of its workers and applications."""
        with urlopen(f"{self.page}/json/", timeout=10) as answer:
            return dict(json.load(answer))

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """A process that computes on the cluster."""
        return subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=SECONDS_TO_COMPUTE, check=False
        )


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, spark_settings: dict[str, str]) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("cluster")
    places = tuple(folder / f"worker{number}" for number in range(2))
    port, page = _free_port(), _free_port()
    environment = {
        **os.environ,
        **spark_settings,
        "PYTHONPATH": os.pathsep.join(str(Path(__file__).parents[2] / one) for one in ("src", "tests")),
        "SPARK_NO_DAEMONIZE": "1",
        "SPARK_DAEMON_MEMORY": "256m",
    }
    found = Cluster(f"spark://127.0.0.1:{port}", f"http://127.0.0.1:{page}", places, environment)
    with ExitStack() as stack:
        here = ("--host", "127.0.0.1")
        master = ("org.apache.spark.deploy.master.Master", *here, "--port", str(port), "--webui-port", str(page))
        stack.enter_context(_daemon(master, environment, folder / "master.log"))
        for place in places:
            size = ("--cores", "1", "--memory", "1g", "--webui-port", "0", "--work-dir", str(place))
            worker = ("org.apache.spark.deploy.worker.Worker", *here, *size, found.master)
            stack.enter_context(_daemon(worker, environment, folder / f"{place.name}.log"))
        _wait_for_workers(found, len(places), folder)
        yield found


@contextmanager
def _daemon(command: tuple[str, ...], environment: dict[str, str], log: Path) -> Iterator[None]:
    import pyspark

    spark_class = Path(pyspark.__file__).parent / "bin" / "spark-class"
    with log.open("wb") as said:
        started = subprocess.Popen([str(spark_class), *command], env=environment, stdout=said, stderr=said)
        try:
            yield
        finally:
            started.terminate()
            started.wait(timeout=60)


def _free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


def _wait_for_workers(cluster: Cluster, count: int, logs: Path) -> None:
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until:
        with suppress(OSError, ValueError):
            if cluster.state()["aliveworkers"] == count:
                return
        time.sleep(1)
    said = "\n".join(log.read_text(errors="replace")[-2000:] for log in sorted(logs.glob("*.log")))
    pytest.fail(f"the cluster was not there after {SECONDS_TO_START} s:\n{said}")


def _were_used(place: Path) -> set[str]:
    """The applications that had an executor on the worker."""
    return {one.name for one in place.glob("app-*") if any(one.iterdir())}


def test_every_query_on_a_cluster(cluster: Cluster, tmp_path: Path) -> None:
    on_duckdb = queries.write(tmp_path)
    file = tmp_path / "answers.pickle"
    done = cluster.run(sys.executable, queries.__file__, str(tmp_path), cluster.master, str(file))
    assert done.returncode == 0, done.stderr
    found = pickle.loads(file.read_bytes())
    assert list(found) == list(queries.QUERIES)
    for name, query in queries.QUERIES.items():
        assert_same(found[name], query(on_duckdb), within=1e-12, place=name)
    first, second = (_were_used(place) for place in cluster.workers)
    assert first
    assert first == second, "both workers computed"


def test_nine_steps_on_a_cluster_by_the_command(cluster: Cluster, small_cycle: Finished, tmp_path: Path) -> None:
    before = len(cluster.state()["completedapps"])
    out = tmp_path / "out"
    program = (sys.executable, "-m", "nonagon.app.command")
    done = cluster.run(
        *program, "run", str(small_cycle.folder), "--out", str(out), "--engine", cluster.master, "--steps", "1-9"
    )
    assert done.returncode == 0, done.stderr
    assert len(cluster.state()["completedapps"]) == before + 1
    for number in range(1, 10):
        name = f"deliverables/step{number}.json"
        mine, theirs = (json.loads((place / name).read_bytes()) for place in (out, small_cycle.run.out))
        assert_same(mine, theirs, within=1e-11, place=name)
