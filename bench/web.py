"""The pages on a large cycle: how long the server takes, page by page, and how often it asks the database.

Run: make bench, or .venv/bin/python bench/web.py [--customers 100000] [--answers 5000000] [--requests 20]

The small cycle of the tests, its customers, answers, sales, comments and measurements grown, is imported and
computed by the product itself, once for each version of the program, into .cache/bench-web. Each page is then
asked for through the whole WSGI stack in this process, in turn with a page that shows next to nothing, and two of
them through the server itself. For each page: the median and the 95th percentile of the requests after the first,
the median as a multiple of the empty page's, and the number of queries.

The time of a request is the time on the clock less the time in which this process was ready to run and the
machine's processors did other work, as Linux counts it: so a busy machine gives the same figures as a quiet one.
What a request waits for otherwise, such as the disk, stays in. Where the system does not count it, it is the time
on the clock.

Aim: every page within 200 ms at the median, whatever the size of the cycle: pages read what is stored. At the full
size the table is also written to docs/reference/performance-pages.md.

Exit code 1 where a page misses the aim, or asks the database more often than bench/web_queries.json holds.
"""
# ruff: noqa: PLC0415  (settings are chosen before Django is loaded)

import argparse
import hashlib
import http.client
import json
import logging
import os
import platform
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

FULL = (100_000, 5_000_000)
"""Customers and answers of the cycle that the documentation speaks of."""
AIM = 0.2
EMPTY = "/accounts/password/reset/done/"
"""A page that shows one sentence and reads nothing of a cycle."""
ITEMS = {"Fast": 3.6, "Kind": 4.1, "Clean": 3.2, "Overall": 3.8}
SAID = ("long wait", "the queue is slow", "friendly people", "rude at the counter", "no seats", "cold hall")
MEASUREMENTS = 1000
READY = "ready.json"
"""Written last: what the home was made by, and what making it took."""


def write_large_cycle(folder: Path, customers: int, answers: int) -> Path:
    """The small cycle's folder with large tables in the place of its small ones, as Parquet.

    For each customer five sales and half a comment; measurements as one a day would give in three years.
    """
    from builders.folder import write_cycle

    write_cycle(folder)
    for name, table in _large_tables(customers, answers):
        table.write_parquet(folder / "data" / f"{name}.parquet")
    head = folder / "cycle.toml"
    text = head.read_text(encoding="utf-8")
    for name in ("customers", "answers", "sales", "comments", "waiting"):
        text = text.replace(f"data/{name}.csv", f"data/{name}.parquet")
    head.write_text(text, encoding="utf-8")
    return folder


def _large_tables(customers: int, answers: int) -> Iterator[tuple[str, Any]]:
    """The tables by name, each row in the order of its day, as data arrive."""
    import numpy as np
    import polars as pl

    chance = np.random.default_rng(20250101)
    people = np.array([f"c{number:07d}" for number in range(customers)])
    first = date(2025, 1, 1)
    register = {
        "Customer": people,
        "Since": [first - timedelta(days=400)] * customers,
        "Region": chance.choice(["north", "south"], customers),
    }
    yield "customers", pl.DataFrame(register)

    respondents = answers // len(ITEMS)
    days = np.arange(respondents) * 360 // respondents
    late = days >= 180
    scores = {
        name: np.clip(np.rint(chance.normal(mean + 0.2 * late, 0.9)), 1, 5).astype(np.int64)
        for name, mean in ITEMS.items()
    }
    asked = {
        "Respondent": np.char.add("r", np.arange(respondents).astype(str)),
        "Customer": people[chance.integers(0, customers, respondents)],
        "Wave": np.where(late, "w2", "w1"),
        "Date": _day(days),
        "Subject": np.where(chance.random(respondents) < 0.1, "rival", "us"),
        **scores,
    }
    yield "answers", pl.DataFrame(asked)

    sales = customers * 5
    days = np.arange(sales) * 360 // sales
    sold = {
        "No": np.char.add("s", np.arange(sales).astype(str)),
        "Customer": people[(customers * chance.random(sales) ** 2).astype(np.int64)],
        "Date": _day(days),
        "Version": np.where(days < 104, "old", "new"),
        "Amount": np.round(chance.uniform(5, 60, sales), 2),
    }
    yield "sales", pl.DataFrame(sold)

    comments = customers // 2
    spoken = {
        "Id": np.char.add("v", np.char.zfill(np.arange(comments).astype(str), 7)),
        "Customer": people[chance.integers(0, customers, comments)],
        "Channel": np.where(np.arange(comments) < 20, "interview", "survey"),
        "Date": _day(np.arange(comments) * 360 // comments),
        "Text": chance.choice(SAID, comments),
    }
    yield "comments", pl.DataFrame(spoken)

    moments = [datetime(2023, 4, 1, 9) + timedelta(days=number) for number in range(MEASUREMENTS)]
    level = np.array([7.0 if moment < datetime(2025, 4, 15) else 5.0 for moment in moments])
    yield "waiting", pl.DataFrame({"When": moments, "Minutes": np.round(chance.normal(level, 1.0), 2)})


def _day(days: Any) -> Any:
    import numpy as np

    return np.datetime64("2025-01-01") + days.astype("timedelta64[D]")


def home_of(customers: int, answers: int) -> Path:
    """Where the cycle of that size is kept."""
    return ROOT / ".cache" / "bench-web" / f"{customers}-{answers}"


def opened(home: Path) -> None:
    """Django on that home."""
    os.environ["NONAGON_HOME"] = str(home)
    os.environ["NONAGON_HOSTS"] = "localhost,testserver"
    os.environ["DJANGO_SETTINGS_MODULE"] = "nonagon.app.settings"
    from nonagon.app import server

    server.prepare()


def computed_home(customers: int, answers: int, *, keep: bool) -> tuple[Path, list[str]]:
    """A home with the large cycle computed, and what making it took, a line each.

    keep: as an earlier version of the program has made it; otherwise it is made anew for each version, by a
    process of its own, so that what it took of memory is not counted to the pages.
    """
    home = home_of(customers, answers)
    ready = home / READY
    made = json.loads(ready.read_text(encoding="utf-8")) if ready.exists() else None
    if made is None or (made["program"] != program() and not keep):
        shutil.rmtree(home, ignore_errors=True)
        (home / "static").mkdir(parents=True)
        sizes = ["--customers", str(customers), "--answers", str(answers)]
        subprocess.run([sys.executable, __file__, "--make", *sizes], check=True)
        made = json.loads(ready.read_text(encoding="utf-8"))
    opened(home)
    return home, made["took"]


def program() -> str:
    """A fingerprint of everything that the large cycle depends on."""
    found = hashlib.sha256()
    files = [Path(__file__), ROOT / "tests" / "builders" / "folder.py", *sorted((ROOT / "src").rglob("*.py"))]
    for file in files:
        found.update(file.read_bytes())
    return found.hexdigest()


def make(customers: int, answers: int) -> None:
    """Imports and computes the cycle, and writes down what each part took."""
    made_by, home = program(), home_of(customers, answers)
    opened(home)
    from builders.web import Silent, member
    from nonagon.accounts.access import Actor
    from nonagon.accounts.models import Organization
    from nonagon.workspace.compute import compute_cycle
    from nonagon.workspace.jobs import import_into
    from nonagon.workspace.services import import_folder

    took = []

    def timed(what: str, act: Callable[[], Any]) -> Any:
        clock, worked = time.perf_counter(), time.process_time()
        made = act()
        clock, worked = time.perf_counter() - clock, time.process_time() - worked
        took.append(
            f"{what}: {clock:.0f} s on the clock, {worked:.0f} s of processors, {peak()} MB at most so far"
        )
        print(took[-1], flush=True)
        return made

    source = timed("Writing the files", lambda: write_large_cycle(home / "source", customers, answers))
    organization = Organization.objects.create(slug="ticket-office", name="Ticket office")
    owner = Actor(member(organization, "owner"))
    cycle = import_folder(actor=owner, organization=organization, folder=source).cycle
    timed("Importing them", lambda: import_into(cycle, Silent()))
    cycle.refresh_from_db()
    timed("Computing the nine steps", lambda: compute_cycle(cycle, Silent()))
    cycle.jobs.all().delete()
    shutil.rmtree(source)
    (home / READY).write_text(json.dumps({"program": made_by, "took": took}), encoding="utf-8")


def peak() -> int:
    """The largest memory that this process had at once, in MB."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000)


class Clock:
    """Measures from its making: seconds on the clock, and those that were the process's own."""

    def __init__(self) -> None:
        self._start, self._queued = time.perf_counter(), queued()

    def wall(self) -> float:
        """Seconds on the clock."""
        return time.perf_counter() - self._start

    def own(self) -> float:
        """Seconds less those in which the process waited for a processor that did other work."""
        return self.wall() - (queued() - self._queued)


def queued() -> float:
    """Seconds in which this thread was ready to run and no processor was free; 0 where nobody counts them."""
    try:
        return int(Path("/proc/thread-self/schedstat").read_bytes().split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0


@dataclass(frozen=True)
class Measured:
    """Seconds of the requests to one page and of those to the empty page between them; queries of one request."""

    own: tuple[float, ...]
    wall: tuple[float, ...]
    empty: tuple[float, ...]
    queries: int = 0

    @property
    def median(self) -> float:
        """Median of the time of a request."""
        return statistics.median(self.own)

    @property
    def high(self) -> float:
        """Its 95th percentile."""
        return sorted(self.own)[max(0, round(0.95 * len(self.own)) - 1)]

    @property
    def multiple(self) -> float:
        """The median as a multiple of the empty page's."""
        return self.median / statistics.median(self.empty)


Found = list[tuple[str, Measured, list[str]]]
"""Each page with its times and the aims that it misses."""


def measured(ask: Callable[[], Any], empty: Callable[[], Any], requests: int, queries: int = 0) -> Measured:
    """Asks for a page and for the empty one in turn, after a first time."""
    ask()
    own, wall, between = [], [], []
    for _number in range(requests):
        clock = Clock()
        empty()
        between.append(clock.own())
        clock = Clock()
        ask()
        own.append(clock.own())
        wall.append(clock.wall())
    return Measured(tuple(own), tuple(wall), tuple(between), queries)


def pages(client: Any, key: str, requests: int) -> Iterator[tuple[str, Measured]]:
    """Each page with its times."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from builders.pages import CHOSEN, addresses, filled

    answered = 0
    for path in (*addresses(), *CHOSEN):
        address = filled(path, key)
        answer = client.get(address)
        if answer.status_code != 200 or not answer.headers.get("Content-Type", "").startswith("text/html"):
            assert path not in CHOSEN, f"{address} answers {answer.status_code}"
            continue
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        asked = len(queries)  # before the log is emptied by the next request
        answered += 1
        yield path, measured(partial(client.get, address), partial(client.get, EMPTY), requests, asked)
    assert answered > len(CHOSEN), "no page answered"


def through_the_server(home: Path, session: str, path: str, requests: int) -> list[float]:
    """Seconds on the clock of a page's requests, as a browser on this machine sees them, over one connection."""
    from builders.site import free_port, serve, wait_for

    port = free_port()
    server = serve(home, port)
    try:
        wait_for(port, server)
        line = http.client.HTTPConnection("localhost", port, timeout=60)

        def ask() -> float:
            start = time.perf_counter()
            line.request("GET", path, headers={"Cookie": f"sessionid={session}"})
            answer = line.getresponse()
            answer.read()
            assert answer.status == 200, answer.status
            return time.perf_counter() - start

        ask()
        taken = [ask() for _number in range(requests)]
        line.close()
    finally:
        server.terminate()
        server.wait(timeout=40)
    return taken


def missed_by(path: str, found: Measured, held: dict[str, int]) -> list[str]:
    """What of its aims a page misses."""
    over = [f"over {AIM * 1000:.0f} ms"] if found.median > AIM else []
    return over + ([f"more than {held[path]} queries"] if found.queries > held.get(path, found.queries) else [])


def machine() -> str:
    """The machine and the versions, in a sentence."""
    import django

    return (
        f"{os.cpu_count()} processors ({platform.machine()}), {platform.system()}, Python "
        f"{platform.python_version()}, Django {django.__version__}, SQLite {sqlite3.sqlite_version}"
    )


def as_document(rows: str, took: list[str], found: Found, closing: list[str]) -> str:
    """The page of the documentation."""
    table = [
        f"| `{path}` | {one.median * 1000:.0f} | {one.high * 1000:.0f} | {one.multiple:.1f} | {one.queries} |"
        for path, one, _over in found
    ]
    return "\n".join(
        [
            "# How long pages take on a large cycle",
            "",
            "Written by `bench/web.py`, which `make bench` runs; its opening says how it measures.",
            "",
            f"The cycle: {rows}. The machine: {machine()}.",
            "",
            *[f"- {one}." for one in took],
            "",
            f"Aim: every page within {AIM * 1000:.0f} ms at the median: pages read what is stored and compute no",
            "statistics. Times are of the server alone, without the time in which the machine's processors did",
            "other work. The last column but one is the median as a multiple of that of a page that shows one",
            f"sentence (`{EMPTY}`), asked for in turn with it. `{{key}}` stands for the cycle,",
            "`{organization}` for the organization.",
            "",
            "| page | median, ms | 95 %, ms | times the empty page | queries |",
            "|---|--:|--:|--:|--:|",
            *table,
            "",
            *[f"- {one}" for one in closing],
            "",
        ]
    )


def _arguments() -> argparse.Namespace:
    given = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    given.add_argument("--customers", type=int, default=FULL[0])
    given.add_argument("--answers", type=int, default=FULL[1])
    given.add_argument("--requests", type=int, default=20)
    given.add_argument("--keep", action="store_true", help="take the cycle as an earlier version has computed it")
    given.add_argument("--make", action="store_true", help="make the cycle and measure nothing")
    return given.parse_args()


def _show(path: str, one: Measured, over: list[str]) -> None:
    times = "".join(f"{seconds * 1000:>9.1f}" for seconds in (one.median, one.high, statistics.median(one.wall)))
    print(f"{path:<50}{times}{one.multiple:>9.1f}{one.queries:>9}  {', '.join(over)}".rstrip(), flush=True)


def main() -> int:
    """Measures and prints; 1 where an aim is missed."""
    asked = _arguments()
    if asked.make:
        make(asked.customers, asked.answers)
        return 0
    logging.disable(logging.WARNING)  # addresses that only take a POST say so
    home, took = computed_home(asked.customers, asked.answers, keep=asked.keep)

    from builders.web import signed_in
    from nonagon.accounts.models import Person
    from nonagon.process.models import Cycle

    cycle = Cycle.objects.get()
    client = signed_in(Person.objects.get(email="owner@ticket-office.example"))
    rows = ", ".join(f"{one['rows']:,} {name}" for name, one in cycle.facts.items())
    print(f"The cycle: {rows}")
    print(f"{'page':<50}{'ms':>9}{'95 %':>9}{'clock':>9}{'x empty':>9}{'queries':>9}")
    held = json.loads((ROOT / "bench" / "web_queries.json").read_text(encoding="utf-8"))
    found: Found = []
    for path, one in pages(client, cycle.key, asked.requests):
        found.append((path, one, missed_by(path, one, held)))
        _show(*found[-1])
    closing = [f"Peak memory of the process that served all of them: {peak()} MB."]
    session = client.cookies["sessionid"].value
    for path in ("/c/{key}/", "/c/{key}/needs/"):
        taken = through_the_server(home, session, path.format(key=cycle.key), asked.requests)
        middle = statistics.median(taken) * 1000
        closing.append(
            f"Through the server, with the machine's other work in it, `{path}`: {middle:.0f} ms at the median."
        )
    print("\n".join(closing))
    if (asked.customers, asked.answers) == FULL:
        document = as_document(rows, took, found, closing)
        (ROOT / "docs" / "reference" / "performance-pages.md").write_text(document, encoding="utf-8")
    missed = [f"{path}: {one}" for path, _one, over in found for one in over]
    print("\n".join(missed) if missed else f"Every page within {AIM * 1000:.0f} ms at the median")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
