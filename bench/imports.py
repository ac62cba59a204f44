"""How fast files and databases become facts, in how much memory, and what is left of an import that is killed.

Run: make bench, or .venv/bin/python bench/imports.py [--megabytes 1000] [--rows 5000000] [--rounds 20]
[--repeats 2] (a minute with --megabytes 50 --rows 300000 --rounds 2).

1. A CSV file of answers, one record in ten thousand bad in one of seven ways, some cells with line ends inside.
   The import reads every column that the mapping names, judges each cell, finds each bad record with its physical
   line, and writes facts (Delta, zstd) and rejects. Compared with polars on the same file without the bad records,
   each in a process of its own, in turn, the best of the repeats: `read` is `polars.read_csv`, all columns into
   memory, types inferred, nothing stored; `stored` is `scan_csv` to `sink_parquet` (zstd): read, typed and stored
   like facts, but nothing judged. `keyed` is the import where the last of several records with one key counts.
   Aim: at most 1.5 times polars. The ratio of processor seconds stands beside that of the clock.
2. The same records in files of a megabyte each, imported in one go (`together`), and then once more with one more
   file (`appended`, the second import alone). Beside it polars' read of all of them by their glob (`globbed`).
3. Rows of a SQLite file (ADBC) become facts; rows of PostgreSQL are fetched (ADBC, binary COPY) into a Parquet
   file. Beside the former what the driver alone takes to hand the rows over, by one connection, in smaller and in
   larger batches, and by two connections in threads that each read half of the keys; and what `nonagon fetch`
   takes. Aim: 2 million rows a second from SQLite. The ratio to the driver alone, of clock and of processor
   seconds, says what is ours where other work runs on the machine.
4. Imports killed by SIGKILL at random moments; after each the store is checked (tests/builders/killed.py).

Times are wall time with the start of Python and its imports taken off; memory is the process's peak (ru_maxrss).
Exit code 1 where a bad record is not found where it stands, or a store does not stand the check.
"""
# ruff: noqa: PLC0415  (what a child does not measure, it does not load)

import argparse
import json
import random
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

HEADER = "respondent,customer,wave,date,item,subject,value,weight,comment"
ONE_BAD_IN = 10_000
SURVEY: dict[str, Any] = {
    "table": "answers",
    "columns": {
        "respondent_id": "respondent",
        "customer_id": "customer",
        "wave": "wave",
        "date": "date",
        "item": "item",
        "subject": "subject",
        "value": "value",
        "weight": "weight",
    },
    "values": {"value": {"lower": 1, "upper": 10}},
}


# --- the files ------------------------------------------------------------------------------------------


def write_answers(path: Path, megabytes: int, *, with_bad: bool) -> tuple[int, set[int]]:
    """A long survey; gives its records and the physical lines of the bad ones."""
    import numpy as np
    import polars as pl

    chance = np.random.default_rng(20250101)
    words = np.array(["", "", "", "", "late again", '"clean, and quiet"', '"kind ""as ever"""'])
    number, line, bad = 0, 2, set[int]()
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.write(HEADER + "\n")
        while stream.tell() < megabytes * 1_000_000:
            count = 200_000
            at = np.arange(number, number + count)
            days = np.datetime64("2015-01-01") + chance.integers(0, 3650, count)
            comments = words[chance.integers(0, len(words), count)]
            comments[chance.integers(0, count, 200)] = '"two\nlines"'
            frame = pl.DataFrame(
                {
                    "respondent": pl.Series(at // 8).cast(pl.String).str.zfill(9),
                    "customer": pl.Series(chance.integers(0, 1_000_000, count)),
                    "wave": pl.Series(2015 + at // 3_000_000),
                    "date": days.astype("datetime64[D]"),
                    "item": pl.Series(at % 8 + 1),
                    "subject": pl.Series(np.array(["us", "rival"])[chance.integers(0, 2, count)]),
                    "value": chance.integers(1, 11, count),
                    "weight": np.round(chance.uniform(0.5, 2, count), 3),
                    "comment": pl.Series(comments),
                }
            )
            made = pl.format("r{},c{},w{},{},q{},{},{},{},{}", *frame.columns)
            records: list[str] = frame.select(made).to_series().to_list()
            spans = 1 + np.char.count(comments, "\n")
            if with_bad:
                for place in chance.integers(0, count - 1, count // ONE_BAD_IN):
                    _spoil(records, spans, int(place), int(chance.integers(0, 7)))
            starts = line + np.concatenate([[0], np.cumsum(spans)[:-1]])
            bad |= {int(starts[place]) for place, text in enumerate(records) if text.startswith("!")}
            stream.write("\n".join(text.lstrip("!") for text in records) + "\n")
            number, line = number + count, line + int(spans.sum())
    return number, bad


def _spoil(records: list[str], spans: Any, place: int, kind: int) -> None:
    """Makes a record bad in one of seven ways, and marks it with `!` (and the next, where it is swallowed)."""
    if records[place].startswith("!") or records[place + 1].startswith("!"):
        return
    cells = records[place].split(",")[:8]
    spans[place] = 1
    if kind == 0:
        cells[6] = "many"
    elif kind == 1:
        cells[6] = "11"
    elif kind == 2:
        cells[3] = "2025-02-30"
    elif kind == 3:
        cells = cells[:5]
    elif kind == 4:
        cells += ["fine", "more"]
    elif kind == 5:
        cells.append('"he said "hi" to me"')
    else:
        cells.append('"never closed')
        following = records[place + 1].split(",")[:8]
        records[place + 1] = "!" + ",".join([*following, '"closed"'])
        spans[place + 1] = 1
    if kind in (0, 1, 2):
        cells.append("")
    records[place] = "!" + ",".join(cells)


def write_tickets(path: Path, rows: int) -> None:
    """A table of operations as a till or a machine keeps it: key, name, moment, subgroup, value."""
    import numpy as np

    values = np.random.default_rng(20250102).normal(10, 1, rows).tolist()
    moments = [f"2025-{month:02}-{day:02} {hour:02}:00:00" for month in range(1, 13) for day in range(1, 29)
               for hour in range(24)]  # fmt: skip
    with sqlite3.connect(path) as connection:
        connection.execute(
            "create table reading "
            "(id integer primary key, name varchar(50), at datetime, lot varchar(20), value real)"
        )
        connection.executemany(
            "insert into reading values (?, ?, ?, ?, ?)",
            (
                (n, f"width {n % 50}", moments[n % len(moments)], f"lot {n % 1000}", v)
                for n, v in enumerate(values)
            ),
        )


# --- what is measured, each in a process of its own -----------------------------------------------------


def read(path: Path, _: Path) -> int:
    """polars into memory."""
    import polars as pl

    return pl.read_csv(path).height


def stored(path: Path, out: Path) -> int:
    """polars to Parquet."""
    import polars as pl

    pl.scan_csv(path).sink_parquet(out / "stored.parquet", compression="zstd")
    return int(pl.scan_parquet(out / "stored.parquet").select(pl.len()).collect().item())


def imported(path: Path, out: Path) -> int:
    """The import."""
    return _import({**SURVEY, "files": path.name}, path, out)


def keyed(path: Path, out: Path) -> int:
    """The import, where the last of several records with the same key counts."""
    return _import({**SURVEY, "files": path.name, "unique": ["respondent_id", "item"]}, path, out)


def tickets(path: Path, out: Path) -> int:
    """Rows of SQLite to facts."""
    columns = {"characteristic": "name", "at": "at", "subgroup": "lot", "value": "value"}
    return _import({"table": "measurements", "files": path.name, "columns": columns}, path, out)


READINGS = "select name, at, lot, value from reading"


def handed_over(path: Path, _: Path) -> int:
    """The same rows by the driver alone."""
    return _by_the_driver(path, READINGS)


def in_small(path: Path, _: Path) -> int:
    """By the driver alone, in batches of a thousand rows."""
    return _by_the_driver(path, READINGS, rows_a_batch=1 << 10)


def in_large(path: Path, _: Path) -> int:
    """By the driver alone, in batches of a million rows."""
    return _by_the_driver(path, READINGS, rows_a_batch=1 << 20)


def in_halves(path: Path, _: Path) -> int:
    """By the driver alone, two connections in threads, each with half of the keys."""
    from concurrent.futures import ThreadPoolExecutor

    with sqlite3.connect(path) as connection:
        (middle,) = connection.execute("select max(id) / 2 from reading").fetchone()
    halves = [f"{READINGS} where id <= {middle}", f"{READINGS} where id > {middle}"]
    with ThreadPoolExecutor(2) as threads:
        return sum(threads.map(lambda query: _by_the_driver(path, query), halves))


def fetched(path: Path, out: Path) -> int:
    """By `nonagon fetch` into a Parquet file."""
    from nonagon.imports.database_reader import fetch

    return fetch(f"sqlite:///{path}", READINGS, out / "readings.parquet")


def _by_the_driver(path: Path, query: str, rows_a_batch: int | None = None) -> int:
    from nonagon.imports import database_reader

    database_reader.ROWS_A_BATCH = rows_a_batch or database_reader.ROWS_A_BATCH
    with database_reader.connected(f"sqlite:///{path}") as connection:
        return sum(batch.num_rows for batch in database_reader.batches(connection, query))


def globbed(path: Path, _: Path) -> int:
    """polars into memory, of all files of a folder."""
    import polars as pl

    return pl.scan_csv(path / "wave*.csv").collect().height


def together(path: Path, out: Path) -> int:
    """The import of all files of a folder."""
    return _import({**SURVEY, "files": "wave*.csv"}, path / "any", out)


def _import(mapping: dict[str, Any], path: Path, out: Path) -> int:
    from nonagon.imports.load import load_facts
    from nonagon.imports.mapping import Source

    source = Source.model_validate(mapping)
    return load_facts({"bench": source}, path.parent, out).store.rows(source.table)


WORK: dict[str, Callable[[Path, Path], int]] = {
    one.__name__: one
    for one in (
        read,
        stored,
        imported,
        keyed,
        globbed,
        together,
        tickets,
        handed_over,
        in_small,
        in_large,
        in_halves,
        fetched,
    )
}


def in_a_child(name: str, path: Path, out: Path, *, anew: bool = True) -> dict[str, float]:
    """Seconds, megabytes and rows of one kind of work. anew: whether `out` is emptied before."""
    if anew:
        shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [sys.executable, __file__, "--child", name, str(path), str(out)],
        check=True,
        capture_output=True,
        text=True,
    )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def child(name: str, path: Path, out: Path) -> None:
    """The measured process: libraries first, then the clock."""
    import adbc_driver_sqlite.dbapi  # noqa: F401  (it loads pandas, more than a second where no bytecode is kept)
    import deltalake.transaction  # noqa: F401
    import pyarrow.csv
    import pyarrow.parquet  # noqa: F401

    import nonagon.imports.csv_chunks
    import nonagon.imports.load  # noqa: F401

    start, begun = time.perf_counter(), time.process_time()
    rows = WORK[name](path, out)
    seconds, busy = time.perf_counter() - start, time.process_time() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "busy": busy, "megabytes": peak, "rows": rows}))


def best(name: str, path: Path, out: Path, found: dict[str, dict[str, float]]) -> None:
    """Keeps the quickest of the repeats."""
    now = in_a_child(name, path, out)
    if name not in found or now["seconds"] < found[name]["seconds"]:
        found[name] = now


# --- the four parts -------------------------------------------------------------------------------------


def csv_part(folder: Path, megabytes: int, repeats: int) -> bool:
    """Prints the ratios; whether each bad record was found in its line."""
    import polars as pl

    clean, spoilt = folder / "clean.csv", folder / "spoilt.csv"
    write_answers(clean, megabytes, with_bad=False)
    records, bad = write_answers(spoilt, megabytes, with_bad=True)
    size = spoilt.stat().st_size / 1e6
    print(f"CSV of {size:,.0f} MB, {records:,} records, {len(bad):,} of them bad", flush=True)
    found: dict[str, dict[str, float]] = {}
    out = folder / "out"
    for _ in range(repeats):
        for name, path in (("read", clean), ("stored", clean), ("keyed", spoilt), ("imported", spoilt)):
            best(name, path, out, found)
    print(
        f"{'':<12}{'s':>8}{'MB/s':>8}{'CPU s':>8}{'peak MB':>9}{'to read':>9}{'to stored':>11}{'CPU to read':>13}"
    )
    for name in ("read", "stored", "imported", "keyed"):
        one = found[name]
        to_read, to_stored = (one["seconds"] / found[peer]["seconds"] for peer in ("read", "stored"))
        busy_to_read = one["busy"] / found["read"]["busy"]
        print(
            f"{name:<12}{one['seconds']:>8.2f}{size / one['seconds']:>8.0f}{one['busy']:>8.2f}"
            f"{one['megabytes']:>9.0f}{to_read:>9.2f}{to_stored:>11.2f}{busy_to_read:>13.2f}",
            flush=True,
        )
    lines = set(pl.read_csv(out / "rejects.csv", infer_schema=False)["line"].cast(pl.Int64).to_list())
    right = lines == bad
    print(
        f"bad records found in their physical lines: {len(lines & bad):,} of {len(bad):,}, "
        f"{len(lines - bad)} others"
    )
    return right


def write_waves(folder: Path, clean: Path) -> int:
    """The records of a file in files of about a megabyte; gives how many files."""
    folder.mkdir()
    count = 0
    with clean.open(encoding="utf-8", newline="") as stream:
        header = stream.readline()
        while lines := stream.readlines(1_000_000):
            while lines[-1].count('"') % 2:  # the last record goes on in the next line
                lines.append(stream.readline())
            (folder / f"wave{count:05}.csv").write_text(header + "".join(lines), encoding="utf-8")
            count += 1
    return count


def many_part(folder: Path, repeats: int) -> None:
    """Prints what many files in one go take, and one more file after them."""
    waves, out = folder / "waves", folder / "out"
    count = write_waves(waves, folder / "clean.csv")
    last = waves / f"wave{count - 1:05}.csv"
    kept = last.rename(folder / "last.csv")
    found: dict[str, dict[str, float]] = {}
    for _ in range(repeats):
        last.unlink(missing_ok=True)
        best("globbed", waves, out, found)
        best("together", waves, out, found)
        shutil.copyfile(kept, last)
        now = in_a_child("together", waves, out, anew=False)
        if "appended" not in found or now["seconds"] < found["appended"]["seconds"]:
            found["appended"] = now
    print(f"{count - 1:,} files of a megabyte")
    for name in ("globbed", "together", "appended"):
        one, peer = found[name], found["globbed"]
        print(
            f"{name:<12}{one['seconds']:>8.2f} s{one['busy']:>8.2f} CPU s{one['megabytes']:>7.0f} MB peak"
            f"{one['seconds'] / peer['seconds']:>7.2f} times globbed, {one['busy'] / peer['busy']:.2f} in CPU",
            flush=True,
        )


SAID = {
    "handed_over": "SQLite, the driver alone",
    "in_small": "the same, batches of a thousand",
    "in_large": "the same, batches of a million",
    "in_halves": "the same, two connections in threads",
    "fetched": "SQLite to a Parquet file",
    "tickets": "SQLite to facts",
}


def database_part(folder: Path, rows: int, repeats: int) -> None:
    """Prints rows a second from SQLite and PostgreSQL."""
    path = folder / "tickets.sqlite"
    write_tickets(path, rows)
    found: dict[str, dict[str, float]] = {}
    for _ in range(repeats):
        for name in SAID:
            best(name, path, folder / "out", found)
    alone = found["handed_over"]
    for name, said in SAID.items():
        one = found[name]
        by_clock, by_processor = (one["rows"] / one[unit] / 1e6 for unit in ("seconds", "busy"))
        to_alone, to_alone_busy = (one[unit] / alone[unit] for unit in ("seconds", "busy"))
        print(
            f"{said:<40}{one['rows']:>12,.0f} rows{by_clock:>7.2f} million a second,{by_processor:>6.2f} a CPU "
            f"second,{to_alone:>6.2f} times the driver, {to_alone_busy:.2f} in CPU, "
            f"{one['megabytes']:.0f} MB peak",
            flush=True,
        )
    _postgres(folder, rows)


def _postgres(folder: Path, rows: int) -> None:
    from nonagon.imports.database_reader import connected, fetch
    from postgres import NoServer, running

    query = (
        "create table reading as select n as id, 'width ' || n % 50 as name, "
        "timestamp '2025-01-01' + n * interval "
        f"'1 minute' as at, 'lot ' || n % 1000 as lot, random() as value from generate_series(1, {rows}) n"
    )
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
    try:
        with running() as address:
            with connected(address) as connection, connection.cursor() as cursor:
                cursor.execute(query)
                connection.commit()
            start, begun = time.perf_counter(), time.process_time()
            count = fetch(address, READINGS, folder / "readings.parquet")
            by_clock = count / (time.perf_counter() - start) / 1e6
            by_processor = count / (time.process_time() - begun) / 1e6
            print(
                f"{'PostgreSQL to a Parquet file':<40}{count:>12,.0f} rows{by_clock:>7.2f} million a second,"
                f"{by_processor:>6.2f} a CPU second of ours (the server's not counted)"
            )
    except NoServer as problem:
        print(f"PostgreSQL: left out, {problem}")


def kill_part(folder: Path, rounds: int) -> bool:
    """Prints what the killed imports left; whether every store stood the check."""
    from builders.killed import killed_once

    chance, held, ahead = random.Random(20250103), 0, 0
    for done in range(rounds):
        before = held
        try:
            held = killed_once(folder / "killed", held, chance)
        except AssertionError as error:
            print(f"round {done + 1}: the store does not stand the check: {error}")
            return False
        ahead += held - before
    print(f"{rounds} imports killed at random moments: {ahead} versions published, nothing lost, doubled or torn")
    return True


def main() -> int:
    """Prints the four parts."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        child(given.child[0], Path(given.child[1]), Path(given.child[2]))
        return 0
    with tempfile.TemporaryDirectory(prefix="nonagon-imports-") as name:
        folder = Path(name)
        right = csv_part(folder, given.megabytes, given.repeats)
        many_part(folder, given.repeats)
        database_part(folder, given.rows, given.repeats)
        stands = kill_part(folder, given.rounds)
    return 0 if right and stands else 1


if __name__ == "__main__":
    sys.exit(main())
