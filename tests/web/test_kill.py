"""kill -9 at any moment: every acknowledged edit is there afterwards, work goes on, the database is whole.

Real processes: `nonagon serve` with its worker on a home of the test's own, in SQLite. The client notes what was
answered with 200; what was not answered may have been kept or not, but nothing in between.
"""

import http.client
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psutil
import pytest

from builders.site import free_port, serve, wait_for

TOKEN = "t" * 32
"""Against forged requests the cookie and the header must agree; nothing else is asked of them."""
ROWS = 60_000
"""Sales of the cycle: enough for an import to be met in its middle."""
WAIT = 240.0


@dataclass
class Home:
    """A prepared home, and the server on it while one runs."""

    path: Path
    key: str
    session: str
    port: int = 0
    server: Any = None
    lives: int = 0
    acknowledged: list[str] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)

    def start(self) -> None:
        """A server with its worker."""
        self.port, self.lives = free_port(), self.lives + 1
        self.server = serve(self.path, self.port, log=self.path / "server.log")
        wait_for(self.port, self.server)

    def kill(self) -> None:
        """Server and worker at once, as when the machine loses its power."""
        os.killpg(self.server.pid, signal.SIGKILL)
        self.server.wait(timeout=20)

    def post(self, place: str, body: str, kind: str) -> tuple[int, Any]:
        """One request of the owner below the cycle's address."""
        line = http.client.HTTPConnection("localhost", self.port, timeout=30)
        try:
            line.request(
                "POST",
                f"/c/{self.key}/{place}",
                body=body,
                headers={
                    "Content-Type": kind,
                    "Cookie": f"sessionid={self.session}; csrftoken={TOKEN}",
                    "X-CSRFToken": TOKEN,
                },
            )
            answer = line.getresponse()
            said = answer.read()
        finally:
            line.close()
        return answer.status, json.loads(said) if answer.getheader("Content-Type") == "application/json" else said

    def ask(self, place: str, **fields: str) -> None:
        """Sends a form."""
        status, said = self.post(place, urlencode(fields), "application/x-www-form-urlencoded")
        assert status in {200, 204, 302, 303}, (status, said)

    def edit(self, own: str, base: int) -> int:
        """Adds a need; gives the new version once it is acknowledged."""
        self.sent.append(own)
        edits = [{"op": "add", "path": ["needs"], "value": {"id": own, "name": own}}]
        status, said = self.post("needs/edit", json.dumps({"base": base, "edits": edits}), "application/json")
        assert status == 200, (status, said)
        self.acknowledged.append(own)
        return int(said["version"])

    def rows(self, question: str, *given: Any) -> list[Any]:
        """What the database holds."""
        with sqlite3.connect(f"file:{self.path / 'nonagon.sqlite3'}?mode=ro", uri=True, timeout=20) as database:
            found = database.execute(question, given).fetchall()
        database.close()
        return found

    def jobs(self, *states: str) -> int:
        """How many jobs stand so."""
        marks = ", ".join("?" * len(states))
        return int(self.rows(f"SELECT COUNT(*) FROM process_job WHERE state IN ({marks})", *states)[0][0])

    def needs(self) -> list[str]:
        """The ids of the needs that the newest version holds."""
        question = "SELECT content FROM process_documentversion WHERE step = 3 ORDER BY number DESC LIMIT 1"
        return [one["id"] for one in json.loads(self.rows(question)[0][0])["needs"]]

    def version(self) -> int:
        """The newest version of the needs."""
        return int(self.rows("SELECT MAX(number) FROM process_documentversion WHERE step = 3")[0][0])

    def let_leases_run_out(self) -> None:
        """As if the half minute had passed for which a silent worker keeps its job."""
        before = (datetime.now(UTC) - timedelta(seconds=1)).strftime("%Y-%m-%d %H:%M:%S.%f")
        with sqlite3.connect(self.path / "nonagon.sqlite3", timeout=20) as database:
            database.execute("UPDATE process_job SET lease_until = ? WHERE state = 'running'", (before,))
        database.close()

    def is_whole(self) -> None:
        """The database is intact, versions follow each other, each has its audit entry."""
        with sqlite3.connect(self.path / "nonagon.sqlite3", timeout=20) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        database.close()
        numbers = [one for (one,) in self.rows("SELECT number FROM process_documentversion WHERE step = 3")]
        assert sorted(numbers) == list(range(1, len(numbers) + 1))
        audited = self.rows(
            "SELECT json_extract(detail, '$.version') FROM process_auditentry "
            "WHERE action = 'decisions.edit' AND subject = 'step 3'"
        )
        assert sorted(one for (one,) in audited) == list(range(2, len(numbers) + 1))
        results = self.rows("SELECT step, COUNT(*), MAX(number) FROM process_result GROUP BY step")
        assert [step for step, _count, _most in results] == list(range(1, 10))
        assert all(count == most for _step, count, most in results)

    def nothing_is_lost(self) -> None:
        """Every acknowledged edit is there, once; of the others at most the last of each life of the server."""
        kept = [one for one in self.needs() if one.startswith("n")]
        assert len(kept) == len(set(kept))
        assert set(self.acknowledged) <= set(kept)
        unanswered = [one for one in self.sent if one not in self.acknowledged]
        assert set(kept) - set(self.acknowledged) <= set(unanswered)
        assert len(unanswered) <= self.lives


def until(holds: Callable[[], Any], what: str, seconds: float = WAIT) -> None:
    """Waits until something holds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s: {what}")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A home with the small cycle computed, and many sales that wait to be imported."""
    path = tmp_path_factory.mktemp("kill")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NONAGON_")}
    made = subprocess.run(
        [sys.executable, "-m", "builders.site", str(path), "0"],
        env={**environment, "PYTHONPATH": str(Path(__file__).resolve().parents[1])},
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
    )
    assert made.returncode == 0, made.stderr[-3000:]
    told = json.loads(made.stdout)
    found = Home(path, told["key"], told["sessions"]["owner"])
    (sales,) = path.glob("cycles/*/files/**/sales.csv")
    with open(sales, "a", encoding="utf-8") as file:
        for number in range(ROWS):
            file.write(f"x{number},c{number % 60:03d},2025-{number % 12 + 1:02d}-11,,{number % 90 + 1}\n")
    yield found
    if found.server is not None and found.server.poll() is None:
        found.kill()


def work_is_done(home: Home) -> None:
    """All work that was begun or waits ends well."""
    until(lambda: home.jobs("waiting", "running") == 0, "the work is done")
    assert home.jobs("failed", "cancelled") == 0


def round_of(home: Home, moment: str, chance: random.Random) -> None:
    """One life of the server that ends by kill -9 in the middle of an import, a computation, or an edit."""
    home.start()
    stop = threading.Event()

    def type_on() -> None:
        base = home.version()
        number = len(home.sent)
        while not stop.is_set():
            try:
                base = home.edit(f"n{number}", base)
            except (OSError, http.client.HTTPException):
                return
            number += 1

    typist = threading.Thread(target=type_on)
    before = len(home.acknowledged)
    if moment == "import":
        home.ask("data/import")
    else:
        home.edit(f"n{len(home.sent)}", home.version())
    if moment == "edit":
        typist.start()
        until(lambda: len(home.acknowledged) > before + 5, "edits are acknowledged")
        time.sleep(chance.uniform(0, 0.2))
    else:
        running = "SELECT COUNT(*) FROM process_job WHERE state = 'running' AND kind = ? AND stage <> ''"
        until(lambda: home.rows(running, moment)[0][0], f"the {moment} runs")
        time.sleep(chance.uniform(0, 0.4))
    home.kill()
    stop.set()
    if typist.ident is not None:
        typist.join(timeout=40)
    home.is_whole()
    home.nothing_is_lost()
    home.let_leases_run_out()


def test_a_kill_loses_nothing_that_was_acknowledged_and_work_goes_on(home: Home) -> None:
    chance = random.Random(7)
    for moment in ("import", "compute", "edit"):
        round_of(home, moment, chance)
    home.start()
    work_is_done(home)
    home.is_whole()
    home.nothing_is_lost()
    assert len(home.acknowledged) > 5
    facts = json.loads(home.rows("SELECT facts FROM process_cycle")[0][0])
    assert facts["sales"]["rows"] > ROWS
    # What the killed work left behind is what undisturbed work makes: nothing is left to compute.
    home.ask("compute")
    work_is_done(home)
    outcome = home.rows("SELECT outcome FROM process_job WHERE kind = 'compute' ORDER BY id DESC LIMIT 1")
    assert json.loads(outcome[0][0])["computed"] == []
    versions = json.loads(outcome[0][0])["versions"]
    assert versions["3"] == home.version()


def test_a_worker_does_not_outlive_its_server(home: Home) -> None:
    if home.server is None or home.server.poll() is not None:
        home.start()
    family = psutil.Process(home.server.pid).children(recursive=True)
    workers = [one for one in family if "worker" in one.cmdline()[-1:]]
    assert len(workers) == 1
    os.kill(home.server.pid, signal.SIGKILL)  # the server alone: its children hear nothing of it
    home.server.wait(timeout=20)
    gone, alive = psutil.wait_procs(family, timeout=20)
    assert not alive, [one.cmdline() for one in alive]
    assert len(gone) == len(family)
    home.start()
    now = psutil.Process(home.server.pid)
    until(lambda: [one for one in now.children() if "worker" in one.cmdline()[-1:]], "the next worker")
    home.kill()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_many_kills(home: Home, seed: int) -> None:
    chance = random.Random(seed)
    for _round in range(6):
        round_of(home, chance.choice(["import", "compute", "edit"]), chance)
    home.start()
    work_is_done(home)
    home.is_whole()
    home.nothing_is_lost()
    home.kill()
