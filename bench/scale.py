"""How time and memory of the nine steps grow with the facts, and how far each query is from the limit.

Run: make bench, or .venv/bin/python bench/scale.py [--answers 1000000 10000000] [--repeats 3] [--keep]
(--answers 100000000 --repeats 1: an hour, 3 GB of disk). It writes docs/reference/performance.md; what was found
at other sizes stays there with the machine on which it was found (docs/reference/performance.json keeps them).

The facts are the bus company of examples/bus, grown: its customers, questionnaires, sales and comments are taken
over again and again under new keys, part of the values moved by chance (fixed seed), in the order of their days.
For each hundred million answers there are 20 million sales, 5 million comments and 100 million measurements, at
every size of 10,000 characteristics. They are written block by block as Delta tables by the product's own store,
into .cache/bench-scale. The decisions are those of the bus company, with a control chart for each sensor: one for
each thousand answers, at most 10,000.

1. The nine analyses at each size, in a process of its own: seconds on the clock, seconds of processors, the
   largest memory while the step ran (VmHWM, set back before each step), how many queries, their seconds on the
   clock, the rows of the largest answer of one, and the size of the deliverable. Growth is the exponent b in
   time ~ rows^b between two sizes: 1 is linear.
2. Single queries, in turn with the same question as SQL written by hand for DuckDB, with polars, and with decoding
   the same columns (DuckDB: the sum of the numbers, and of the lengths of the texts), and then with chdb
   (ClickHouse, in .cache/bench, where make bench installs it), all on one thread over the same files; the best of
   the repeats in seconds of processors. All answers must be equal to 1e-9. Nothing that was kept helps ours.
   Then, where the table has several files, the query again after its last file was appended, what the others say
   being kept: seconds on the clock against those of the query without anything kept.

Aims: a query at most 1.25 times the SQL by hand; group-bys at most 2.5 times decoding, cross-products at most
4 times, these from 5 million answers on, since building a query takes 10 to 80 ms at any size; nine steps at
100 million answers below 3 GB, growing no faster than linearly.

Exit code 1 where two ways to one answer differ. Aims that are missed are printed, and fail nothing.
"""
# ruff: noqa: PLC0415  (what a child does not measure, it does not load)

import argparse
import hashlib
import json
import math
import os
import platform
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
BUS = ROOT / "examples" / "bus"
HOME = ROOT / ".cache" / "bench-scale"
PAGE = ROOT / "docs" / "reference" / "performance.md"
RECORD = PAGE.with_suffix(".json")
PEERS = ROOT / ".cache" / "bench" / "bin" / "python"

SEED = 20250101
BLOCK = 1_000_000
"""Rows made at a time: what bounds the memory of making them."""
SLICES = 12
"""Parts of the bus company's time; each is grown before the next, as data arrive."""
MOVED = 0.15
"""Share of the answers that are moved by one point."""
SALES, COMMENTS, MEASUREMENTS = 0.2, 0.05, 1.0
"""Rows for each answer."""
CHARACTERISTICS = 10_000
ANSWERS_A_CHART = 1000
"""A control chart for each so many answers, up to one for each sensor."""
AIMS = {"group-by": 2.5, "cross-product": 4.0}
"""At most so many times decoding, by the kind of query."""
BY_HAND = 1.25
"""At most so many times the SQL written by hand."""
CONSTANT = 5_000_000
"""Up to so many answers building a query, the same at every size, is a large part of its time."""
MEMORY = 3000
"""At most so many MB."""
FIRST_MINUTE = datetime(2025, 1, 1)
"""Of the sensors."""


# --- the facts ------------------------------------------------------------------------------------------


def bus_facts() -> Path:
    """The facts folder of the bus company, imported by the product from the exports that its example makes."""
    out = HOME / "bus"
    if not (out / "facts" / "facts.json").is_file():
        from nonagon.imports.load import load_facts
        from nonagon.pipeline.folder import read_folder

        subprocess.run(
            [sys.executable, str(BUS / "make.py"), str(out / "data")], check=True, stdout=subprocess.DEVNULL
        )
        # The sources name data/..., so the folder above stands for the example's.
        load_facts(read_folder(BUS).sources, out, out)
    return out / "facts"


def grown(answers: int, *, keep: bool) -> Path:
    """A facts folder with about that many answers; made where it is not there yet."""
    place = HOME / f"{answers}"
    if not (place / "facts" / "facts.json").is_file() or (not keep and _made_by(place) != _maker()):
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        subprocess.run([sys.executable, __file__, "--make", str(answers)], check=True)
        (place / "maker").write_text(_maker(), encoding="utf-8")
    return place / "facts"


def _made_by(place: Path) -> str:
    file = place / "maker"
    return file.read_text(encoding="utf-8") if file.is_file() else ""


def _maker() -> str:
    """Fingerprint of what the facts are made by."""
    making = Path(__file__).read_text(encoding="utf-8").split("# --- the nine steps")[0]
    files = [*sorted((ROOT / "src" / "nonagon" / "facts").glob("*.py")), BUS / "TRUTH.toml"]
    return hashlib.sha256(making.encode() + b"".join(file.read_bytes() for file in files)).hexdigest()


def make(answers: int) -> None:
    """Writes the five tables, block by block."""
    import numpy as np
    import polars as pl

    from nonagon.facts.store import FactStore, TableVersion

    source, target = FactStore(bus_facts()), FactStore(HOME / f"{answers}" / "facts")
    base = {name: pl.read_parquet(list(source.uris(name))) for name in source.tables()}
    copies = max(1, round(answers / base["answers"].height))
    chance = np.random.default_rng(SEED)
    blocks: dict[str, Iterator[pl.DataFrame]] = {
        "customers": _copied(base["customers"], copies, ("customer_id",), "customer_id"),
        "answers": _moved(
            _copied(base["answers"], copies, ("respondent_id", "customer_id"), "date"), base, chance
        ),
        "verbatims": _comments(base["verbatims"], copies, round(answers * COMMENTS), chance),
        "sales": _thinned(
            _copied(base["sales"], copies, ("sale_id", "customer_id"), "date"),
            answers * SALES / (copies * base["sales"].height),
            chance,
        ),
        "measurements": _measurements(base["measurements"], round(answers * MEASUREMENTS), chance),
    }
    versions = {}
    with target.writing():
        for name, made in blocks.items():
            start = time.perf_counter()
            mark = hashlib.sha256(f"{name} {answers} {_maker()}".encode()).hexdigest()
            types = dict(base[name].schema)
            number, files, rows = target.write_table(name, mark, made, types)
            versions[name] = TableVersion(name, mark, number, files, rows, source.attributes(name))
            print(f"  {rows:>12,} {name:<13}{time.perf_counter() - start:>7.0f} s", flush=True)
        target.publish(versions)
    print(f"  made in at most {peak():,} MB", flush=True)


def _copied(base: Any, copies: int, keys: Sequence[str], order: str) -> Iterator[Any]:
    """The rows once for each copy, the keys of copy 0 as they are and those of the others with its number."""
    import polars as pl

    ordered = base.sort(order, maintain_order=True)
    size = -(-ordered.height // SLICES)
    for start in range(0, ordered.height, size):
        part = ordered.slice(start, size)
        at_once = max(1, BLOCK // part.height)
        for first in range(0, copies, at_once):
            numbers = pl.DataFrame({"copy": range(first, min(first + at_once, copies))})
            suffix = pl.when(pl.col("copy") == 0).then(pl.lit("")).otherwise(pl.format("-{}", "copy"))
            yield (
                numbers.join(part, how="cross")
                .with_columns(pl.col(key) + suffix for key in keys)
                .select(base.columns)
            )


def _moved(blocks: Iterator[Any], base: dict[str, Any], chance: Any) -> Iterator[Any]:
    """Part of the answers one point up or down, inside the item's own range."""
    import polars as pl

    ranges = base["answers"].group_by("item").agg(low=pl.col("value").min(), high=pl.col("value").max())
    for block in blocks:
        drawn = chance.random(block.height)
        step = (drawn < MOVED / 2).astype(float) - (drawn > 1 - MOVED / 2)
        moved = (pl.col("value") + pl.Series("step", step)).clip(pl.col("low"), pl.col("high"))
        yield block.join(ranges, on="item", maintain_order="left").with_columns(value=moved).select(block.columns)


def _thinned(blocks: Iterator[Any], share: float, chance: Any) -> Iterator[Any]:
    """A share of our own sales by chance, and all of the competitors' rows."""
    import polars as pl

    for block in blocks:
        drawn = pl.Series("drawn", chance.random(block.height) < share)
        yield block.filter(drawn | pl.col("seller").is_not_null())


def _comments(base: Any, copies: int, wanted: int, chance: Any) -> Iterator[Any]:
    """The bus company's own, then comments of customers of the copies; in half of them a line and a time."""
    import polars as pl

    yield base
    comments = base.filter(pl.col("channel") != "interview")
    done = base.height
    while done < wanted:
        count = min(BLOCK, wanted - done)
        copy = pl.Series("copy", chance.integers(1, max(2, copies), count))
        line, minute = chance.integers(1, 10, count), chance.integers(0, 1440, count)
        said = pl.DataFrame({"line": line, "hour": minute // 60, "minute": minute % 60}).select(
            pl.format(" (C{}, {}:{})", "line", "hour", pl.col("minute").cast(pl.String).str.zfill(2))
        )
        added = pl.Series("added", chance.random(count) < 0.5)
        row = pl.Series("row", range(done + 1, done + count + 1), dtype=base["row"].dtype)
        number = row.cast(pl.String).str.zfill(9)
        yield (
            comments[chance.integers(0, comments.height, count)]
            .with_columns(
                verbatim_id="W" + number,
                respondent_id=pl.col("respondent_id") + "-" + copy.cast(pl.String),
                customer_id=pl.col("customer_id") + "-" + copy.cast(pl.String),
                text=pl.col("text") + pl.when(added).then(said.to_series()).otherwise(pl.lit("")),
                file=pl.lit("more.csv"),
                row=row,
            )
            .select(base.columns)
        )
        done += count


def _measurements(base: Any, wanted: int, chance: Any) -> Iterator[Any]:
    """Those of the bus company, more often on the same days as there are more; then those of sensors in turn."""
    import polars as pl

    own = base["characteristic"].n_unique()
    times = max(1, round(wanted * own / CHARACTERISTICS / base.height))
    yield base
    measured = pl.col("size").is_null()  # the others are counts
    for second in range(1, times):
        noise = pl.Series("noise", chance.normal(0, 0.5, base.height))
        value = pl.when(measured).then(pl.col("value") + noise).otherwise(pl.col("value"))
        yield base.with_columns(at=pl.col("at") + pl.duration(seconds=second), value=value)
    sensors, done = CHARACTERISTICS - own, times * base.height
    names = pl.Series("characteristic", [f"sensor {number:05d}" for number in range(sensors)])
    while done < wanted:
        count = min(BLOCK, wanted - done)
        number = pl.Series("number", range(done, done + count))
        minute = pl.lit(FIRST_MINUTE) + pl.duration(minutes=pl.lit(number // sensors))
        made = {
            "characteristic": names[number % sensors],
            "at": minute,
            "value": pl.Series("value", chance.normal(10, 1, count)),
            "source": pl.lit("sensors"),
            "file": pl.lit("sensors.parquet"),
            "row": pl.lit(number + 1),
        }
        yield pl.select(
            (made[name] if name in made else pl.lit(None, dtype)).alias(name)
            for name, dtype in base.schema.items()
        )
        done += count


# --- the nine steps -------------------------------------------------------------------------------------


def peak() -> int:
    """The largest memory of this process since it began or since `forget_peak`, in MB."""
    status = Path("/proc/self/status")
    if status.is_file():
        line = next(one for one in status.read_text(encoding="ascii").splitlines() if one.startswith("VmHWM"))
        return round(int(line.split()[1]) / 1000)
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000)


def forget_peak() -> None:
    """Sets back what `peak` measures, where the system can: else it is the largest since the process began."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return


@dataclass
class Asked:
    """What was asked of the engine: queries, their seconds on the clock, rows of the largest answer, files."""

    queries: int = 0
    seconds: float = 0.0
    rows: int = 0
    files: int = 0


class Listening:
    """An engine's backend that counts what is asked of it; all else it passes on."""

    def __init__(self, inner: Any, asked: Asked) -> None:
        self._inner, self._asked = inner, asked

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def run(self, expression: Any) -> Any:
        """Runs the query, and counts it."""
        return self._heard(lambda: self._inner.run(expression), lambda rows: rows.num_rows)

    def run_on_each(self, expression: Any, name: str, uris: Sequence[str]) -> list[Any]:
        """Asks the files one by one, which counts as one query where there are any to ask."""
        if not uris:
            return []
        answers: list[Any] = self._heard(
            lambda: self._inner.run_on_each(expression, name, uris),
            lambda parts: sum(part.num_rows for part in parts),
        )
        self._asked.files += len(uris)
        return answers

    def _heard(self, ask: Callable[[], Any], rows_of: Callable[[Any], int]) -> Any:
        start = time.perf_counter()
        answer = ask()
        self._asked.queries += 1
        self._asked.seconds += time.perf_counter() - start
        self._asked.rows = max(self._asked.rows, rows_of(answer))
        return answer

    def keep(self, name: str, expression: Any) -> str:
        """Computes what several queries begin with, which counts as one query."""
        kept: str = self._heard(lambda: self._inner.keep(name, expression), lambda _: 0)
        return kept


def listened_to(facts_folder: Path, subject: str) -> tuple[Any, Asked]:
    """The facts on DuckDB, and what is asked of them."""
    from nonagon.engine.backend import DUCKDB, Engine
    from nonagon.engine.facts import Facts
    from nonagon.facts.store import FactStore

    asked = Asked()

    class Heard(Engine):
        def open(self) -> Any:
            return Listening(DUCKDB.open(), asked)

    return Facts.stored(FactStore(facts_folder), our_subject=subject, engine=Heard()), asked


def nine_steps(answers: int) -> dict[str, Any]:
    """Computes the nine steps and gives what each took; then again with nothing changed."""
    from nonagon.pipeline.compute import compute
    from nonagon.pipeline.folder import read_folder
    from nonagon.pipeline.progress import Silent

    folder = read_folder(BUS)
    documents = {**folder.documents, 7: with_charts(folder.documents[7], answers)}
    shutil.rmtree(HOME / f"{answers}" / "facts" / "sums", ignore_errors=True)  # nothing is known yet
    facts, asked = listened_to(HOME / f"{answers}" / "facts", folder.cycle.subject)
    facts.has("customers", "customer_id")  # what opening costs is no step's
    steps: list[dict[str, Any]] = []

    class Watch(Silent):
        def begin(self, stage: str) -> None:
            del stage
            forget_peak()
            asked.queries, asked.seconds, asked.rows, asked.files = 0, 0.0, 0, 0
            self.cpu = time.process_time()

        def end(self, stage: str, seconds: float) -> None:
            cpu = time.process_time() - self.cpu
            found = {"step": stage, "clock": seconds, "cpu": round(cpu, 2), "peak": peak(), **vars(asked)}
            steps.append(found)
            print(_line(found), flush=True)

    found = compute(cycle=folder.cycle, documents=documents, facts=facts, progress=Watch())
    for number, one in found.items():
        steps[number - 1]["bytes"] = len(one.content)
    start = time.perf_counter()
    again = compute(cycle=folder.cycle, documents=documents, facts=facts, known=found)
    rows = {name: facts.rows(name) for name in ("customers", "answers", "verbatims", "sales", "measurements")}
    return {
        "rows": rows,
        "charts": len(documents[7].control_items),
        "steps": steps,
        "reused": sum(one.reused for one in again.values()),
        "again": round(time.perf_counter() - start, 2),
    }


def with_charts(document: Any, answers: int) -> Any:
    """The decisions of step 7 with a control chart of single values for each of so many sensors."""
    from nonagon.steps.step7_control.decisions import ControlItemDecision

    count = min(CHARACTERISTICS, answers // ANSWERS_A_CHART) - len(document.control_items)
    names = [f"sensor {number:05d}" for number in range(count)]
    made = tuple(ControlItemDecision(id=name.replace(" ", "_"), characteristic=name) for name in names)
    return document.model_copy(update={"control_items": (*document.control_items, *made)})


def _line(one: dict[str, Any]) -> str:
    return (
        f"  {one['step']:<52}{one['clock']:>8.1f} s{one['cpu']:>8.1f} s{one['peak']:>7,} MB"
        f"{one['seconds']:>8.1f} s in {one['queries']:>3} queries, at most {one['rows']:,} rows"
    )


# --- single queries -------------------------------------------------------------------------------------

RATED = ("r_punctual", "r_information", "r_frequency", "r_seats", "r_temperature", "r_clean", "r_entertainment",
         "r_staff", "r_safety", "r_tickets", "r_price", "r_access")  # fmt: skip
OURS = "coalesce(subject, 'us') = 'us'"


@dataclass(frozen=True)
class Query:
    """One question: of what kind it is, which columns it reads, and three ways to the same rows.

    ours: the product's function; sql: the same by hand, `{answers}` and the like for the files; frames: with
    polars; clickhouse: SQL for chdb, "" where it is not asked.
    """

    name: str
    kind: str
    table: str
    columns: tuple[str, ...]
    ours: Callable[[Any], Any]
    sql: str
    frames: Callable[[dict[str, Any]], Any]
    clickhouse: str = ""


OURS_THERE = "ifNull(subject, 'us') = 'us'"


def queries() -> Iterator[Query]:
    """The questions, of each kind that the nine steps ask."""
    import polars as pl

    from nonagon.engine import answers, measurements, sales

    ours = pl.col("subject").fill_null("us") == "us"
    weight, value = pl.col("weight").fill_null(1.0), pl.col("value")
    yield Query(
        "sums by item and wave",
        "group-by",
        "answers",
        ("item", "wave", "subject", "value", "weight"),
        lambda facts: answers.moments(facts, by=("item", "wave")),
        f"""select item, coalesce(wave, '') wave, count(*) n, sum(w) weights, sum(w * w) weights_squared,
            sum(w * value) total, sum(w * value * value) total_of_squares, min(value) lowest, max(value) highest
            from (select item, wave, value, coalesce(weight, 1) w from {{answers}} where {OURS})
            group by all order by item, wave""",
        lambda tables: (
            tables["answers"]
            .filter(ours)
            .group_by("item", pl.col("wave").fill_null(""))
            .agg(
                n=pl.len(),
                weights=weight.sum(),
                weights_squared=(weight * weight).sum(),
                total=(weight * value).sum(),
                total_of_squares=(weight * value * value).sum(),
                lowest=value.min(),
                highest=value.max(),
            )
            .sort("item", "wave")
        ),
        f"""select item, ifNull(wave, '') as named, count() as n, sum(w), sum(w * w), sum(w * value),
            sum(w * value * value), min(value), max(value)
            from (select item, wave, value, ifNull(weight, 1) as w from {{answers}} where {OURS_THERE})
            group by item, named order by item, named""",
    )
    yield Query(
        "counts of each value by item",
        "group-by",
        "answers",
        ("item", "subject", "value", "weight"),
        answers.value_counts,
        f"""select item, value, count(*) n, sum(w) weights, sum(w * w) weights_squared
            from (select item, value, coalesce(weight, 1) w from {{answers}} where {OURS})
            group by all order by item, value""",
        lambda tables: (
            tables["answers"]
            .filter(ours)
            .group_by("item", "value")
            .agg(n=pl.len(), weights=weight.sum(), weights_squared=(weight * weight).sum())
            .sort("item", "value")
        ),
        f"""select item, value, count() as n, sum(w), sum(w * w)
            from (select item, value, ifNull(weight, 1) as w from {{answers}} where {OURS_THERE})
            group by item, value order by item, value""",
    )
    yield Query(
        "one item by month",
        "group-by",
        "answers",
        ("item", "subject", "value", "date"),
        lambda facts: answers.by_period(facts, "r_punctual"),
        f"""select date_trunc('month', date)::date period, count(*) n, sum(value) total, sum(value * value) squares
            from {{answers}} where {OURS} and item = 'r_punctual' and date is not null group by all order by 1""",
        lambda tables: (
            tables["answers"]
            .filter(ours, pl.col("item") == "r_punctual", pl.col("date").is_not_null())
            .group_by(period=pl.col("date").dt.truncate("1mo"))
            .agg(n=pl.len(), total=value.sum(), squares=(value * value).sum())
            .sort("period")
        ),
        f"""select toStartOfMonth(assumeNotNull(date)) as period, count() as n, sum(value), sum(value * value)
            from {{answers}} where {OURS_THERE} and item = 'r_punctual' and date is not null
            group by period order by period""",
    )
    yield Query(
        "10,000 characteristics: how many, how large",
        "group-by",
        "measurements",
        ("characteristic", "at", "value"),
        measurements.characteristics,
        """select characteristic, count(*) n, min("at")::date "first", max("at")::date "last", avg(value) mean,
            min(value) lowest, max(value) highest from {measurements} group by all order by 1""",
        lambda tables: (
            tables["measurements"]
            .group_by("characteristic")
            .agg(
                n=pl.len(),
                first=pl.col("at").min().dt.date(),
                last=pl.col("at").max().dt.date(),
                mean=value.mean(),
                lowest=value.min(),
                highest=value.max(),
            )
            .sort("characteristic")
        ),
        """select characteristic, count() as n, toDate(min("at")), toDate(max("at")), avg(value), min(value),
            max(value) from {measurements} group by characteristic order by characteristic""",
    )
    yield Query(
        "cross-products of twelve items",
        "cross-product",
        "answers",
        ("respondent_id", "item", "subject", "value"),
        lambda facts: _as_row(answers.cross_products(facts, RATED)),
        _products_sql("count(*)", "max(value) filter (item = '{item}')", OURS),
        lambda tables: (
            tables["answers"]
            .filter(ours, pl.col("item").is_in(RATED))
            .group_by("respondent_id")
            .agg(value.filter(pl.col("item") == item).max().alias(f"x{i}") for i, item in enumerate(RATED))
            .drop_nulls()
            .select(
                pl.len(),
                *[pl.col(f"x{i}").sum().alias(f"s{i}") for i in range(len(RATED))],
                *[
                    (pl.col(f"x{i}") * pl.col(f"x{j}")).sum().alias(f"p{i}_{j}")
                    for i in range(len(RATED))
                    for j in range(i, len(RATED))
                ],
            )
        ),
        _products_sql("count()", "maxOrNullIf(value, item = '{item}')", OURS_THERE),
    )
    yield Query(
        "pairs of answers to two items",
        "by respondent",
        "answers",
        ("respondent_id", "item", "subject", "value", "weight"),
        lambda facts: answers.pair_counts(facts, "r_punctual", "overall"),
        f"""select a, b, count(*) n, sum(w) weights from (
            select max(value) filter (item = 'r_punctual') a, max(value) filter (item = 'overall') b,
            max(coalesce(weight, 1)) w from {{answers}} where {OURS} and item in ('r_punctual', 'overall')
            group by respondent_id) where a is not null and b is not null group by all order by a, b""",
        lambda tables: (
            tables["answers"]
            .filter(ours, pl.col("item").is_in(["r_punctual", "overall"]))
            .group_by("respondent_id")
            .agg(
                a=value.filter(pl.col("item") == "r_punctual").max(),
                b=value.filter(pl.col("item") == "overall").max(),
                w=weight.max(),
            )
            .drop_nulls(["a", "b"])
            .group_by("a", "b")
            .agg(n=pl.len(), weights=pl.col("w").sum())
            .sort("a", "b")
        ),
    )
    own = pl.col("seller").fill_null("us") == "us"
    yield Query(
        "sales by month",
        "distinct counts",
        "sales",
        ("sale_id", "customer_id", "date", "seller", "quantity", "amount"),
        sales.by_period,
        """select date_trunc('month', date)::date period, count(distinct sale_id) orders,
            count(distinct customer_id) customers, sum(coalesce(quantity, 1)) quantity, sum(amount) revenue
            from {sales} where coalesce(seller, 'us') = 'us' group by all order by 1""",
        lambda tables: (
            tables["sales"]
            .filter(own)
            .group_by(period=pl.col("date").dt.truncate("1mo"))
            .agg(
                orders=pl.col("sale_id").drop_nulls().n_unique(),
                customers=pl.col("customer_id").drop_nulls().n_unique(),
                quantity=pl.col("quantity").fill_null(1.0).sum(),
                revenue=pl.col("amount").sum(),
            )
            .sort("period")
        ),
    )
    yield Query(
        "how many customers made how many orders",
        "by customer",
        "sales",
        ("sale_id", "customer_id", "date", "seller", "amount"),
        lambda facts: sales.frequencies(facts, start=date(2025, 1, 1), end=date(2025, 12, 31)),
        """select orders, count(*) customers from (select customer_id, count(distinct sale_id) orders from {sales}
            where coalesce(seller, 'us') = 'us' and customer_id is not null and amount > 0
            and date between date '2025-01-01' and date '2025-12-31' group by 1) group by all order by 1""",
        lambda tables: (
            tables["sales"]
            .filter(own, pl.col("customer_id").is_not_null(), pl.col("amount") > 0)
            .filter(pl.col("date").is_between(date(2025, 1, 1), date(2025, 12, 31)))
            .group_by("customer_id")
            .agg(orders=pl.col("sale_id").n_unique())
            .group_by("orders")
            .agg(customers=pl.len())
            .sort("orders")
        ),
    )


def _products_sql(count: str, largest: str, ours: str) -> str:
    """The cross-products as SQL. count, largest (of an `{item}`), ours: as the engine writes them."""
    places = range(len(RATED))
    sums = [f"sum(x{i})" for i in places]
    products = [f"sum(x{i} * x{j})" for i in places for j in range(i, len(RATED))]
    answers = ", ".join(f"{largest.format(item=item)} as x{i}" for i, item in enumerate(RATED))
    complete = " and ".join(f"x{i} is not null" for i in places)
    return (
        f"select {', '.join([count, *sums, *products])} from (select {answers} from {{answers}} "
        f"where {ours} and item in {RATED} group by respondent_id) where {complete}"
    )


def _as_row(found: Any) -> dict[str, Any]:
    """Count, sums and products, each product once, in the order of the SQL."""
    import numpy as np

    n, sums, products = found
    flat = [n, *sums, *products[np.triu_indices(len(sums))]]
    return {str(number): [one] for number, one in enumerate(flat)}


def single_queries(answers: int, repeats: int) -> list[dict[str, Any]]:
    """Each query, in turn the four ways, then with chdb; the best of the repeats, in seconds of processors."""
    import duckdb
    import polars as pl

    from nonagon.facts.store import FactStore

    store = FactStore(HOME / f"{answers}" / "facts")
    files = {name: list(store.uris(name)) for name in store.tables()}
    by_hand = duckdb.connect(config={"threads": 1})
    tables = {name: pl.scan_parquet(paths) for name, paths in files.items()}
    read = {name: f"read_parquet({paths})" for name, paths in files.items()}
    asked, found = list(queries()), []
    for query in asked:
        decoding = _decoding(query, tables[query.table].collect_schema())
        ways: dict[str, Callable[[], Any]] = {
            "sql": partial(_by_hand, by_hand, query.sql.format(**read)),
            "decode": partial(_by_hand, by_hand, decoding.format(**read)),
            "polars": partial(_by_frames, query, tables),
        }
        taken: dict[str, float] = dict.fromkeys(("ours", *ways), math.inf)
        rows: dict[str, Any] = {}
        for _number in range(repeats):
            facts = _opened(store)
            now: dict[str, Callable[[], Any]] = {"ours": partial(query.ours, facts), **ways}
            for name, act in now.items():
                start = time.process_time()
                rows[name] = act()
                taken[name] = min(taken[name], time.process_time() - start)
        rows["ours"] = list(zip(*rows["ours"].values(), strict=True))
        differ = [name for name in ("sql", "polars") if not _equal(rows["ours"], rows[name])]
        one = {"query": query.name, "kind": query.kind, "rows": facts.rows(query.table), **taken, "differ": differ}
        found.append({**one, "appended": _appended(query, store), "answer": rows["ours"]})
    _with_chdb(asked, found, files, repeats)
    return [{name: value for name, value in one.items() if name != "answer"} for one in found]


def _opened(store: Any, *, sums: Path | None = None, without_last: str = "") -> Any:
    """The facts of which nothing is remembered; what the first query of a connection costs is no query's.

    sums: where sums of single files are kept; without_last: a table that lacks its last file.
    """
    from nonagon.engine.facts import Facts, FactTable

    tables = {}
    for name, one in store.manifest().tables.items():
        uris = store.uris(name)[: -1 if name == without_last else None]
        tables[name] = FactTable(uris, one.label, one.rows, one.attributes, sums / name if sums else None)
    facts = Facts(tables)
    for name in tables:
        facts.has(name, "row")
    return facts


def _appended(query: Query, store: Any) -> dict[str, float] | None:
    """Seconds on the clock of the whole question, and of it again when only the table's last file is not known."""
    if len(store.uris(query.table)) < 2:
        return None
    sums = HOME / "sums"
    shutil.rmtree(sums, ignore_errors=True)
    before = _opened(store, sums=sums, without_last=query.table)
    kept = len(list(sums.glob("*/*/*")))
    query.ours(before)
    if len(list(sums.glob("*/*/*"))) == kept:
        return None  # it was asked of the whole table
    seconds = {}
    for name, kept_in in (("again", sums), ("whole", None)):
        facts = _opened(store, sums=kept_in)
        start = time.perf_counter()
        query.ours(facts)
        seconds[name] = time.perf_counter() - start
    return seconds


CHDB = """
import json, sys, time
from chdb import session
asked = json.load(sys.stdin)
here, found = session.Session(), {}
for name, sql in asked["queries"].items():
    best = None
    for number in range(asked["repeats"]):
        start = time.process_time()
        said = here.query(sql + asked["settings"], "JSONCompact")
        taken = time.process_time() - start
        best = taken if best is None else min(best, taken)
    found[name] = {"seconds": best, "rows": json.loads(str(said))["data"]}
json.dump(found, sys.stdout)
"""
CHDB_SETTINGS = " settings max_threads = 1, output_format_json_quote_64bit_integers = 0"


def _with_chdb(asked: list[Query], found: list[dict[str, Any]], files: dict[str, list[str]], repeats: int) -> None:
    """Adds what chdb took and said, where it is installed."""
    here = [str(PEERS), "-c", "import chdb"]
    if not PEERS.is_file() or subprocess.run(here, check=False, capture_output=True).returncode:
        print("  chdb: LEFT OUT, it is not installed here; make bench sets up .cache/bench with it", flush=True)
        return
    places = {name: f"file('{Path(paths[0]).parent}/part-*.parquet', 'Parquet')" for name, paths in files.items()}
    sql = {one.name: one.clickhouse.format(**places) for one in asked if one.clickhouse}
    done = subprocess.run(
        [str(PEERS), "-c", CHDB],
        input=json.dumps({"queries": sql, "repeats": repeats, "settings": CHDB_SETTINGS}),
        capture_output=True,
        text=True,
        check=True,
    )
    for name, said in json.loads(done.stdout).items():
        one = next(one for one in found if one["query"] == name)
        one["chdb"] = said["seconds"]
        mine = [[str(cell) if isinstance(cell, date) else cell for cell in row] for row in one["answer"]]
        if not _equal(mine, said["rows"]):
            one["differ"].append("chdb")


def _by_hand(connection: Any, sql: str) -> Any:
    return connection.execute(sql).fetchall()


def _by_frames(query: Query, tables: dict[str, Any]) -> Any:
    return query.frames(tables).collect(engine="streaming").rows()


def _decoding(query: Query, types: Any) -> str:
    """SQL that decodes the query's columns and does next to nothing with them."""
    sums = []
    for name in query.columns:
        if types[name].is_numeric():
            sums.append(f'sum("{name}")')
        elif types[name].is_temporal():
            sums.append(f'max("{name}" + interval 1 day)')
        else:
            sums.append(f'sum(strlen("{name}"))')
    return f"select {', '.join(sums)} from {{{query.table}}}"


def _equal(some: Sequence[Sequence[Any]], others: Sequence[Sequence[Any]]) -> bool:
    """Whether the rows are the same, numbers to 1e-9."""
    return len(some) == len(others) and all(
        math.isclose(a, b, rel_tol=1e-9) if isinstance(b, int | float) else a == b
        for one, other in zip(some, others, strict=True)
        for a, b in zip(one, other, strict=True)
    )


# --- what is said ---------------------------------------------------------------------------------------


def child(what: str, answers: int, repeats: int, **environment: str) -> Any:
    """Runs a part of this file in a process of its own and gives what it found."""
    place = HOME / f"{answers}" / f"{what}.json"
    subprocess.run(
        [sys.executable, __file__, "--child", what, "--answers", str(answers), "--repeats", str(repeats)],
        check=True,
        env={**os.environ, **environment},
    )
    return json.loads(place.read_text(encoding="utf-8"))


def in_child(what: str, answers: int, repeats: int) -> None:
    """What the child does."""
    found: Any = nine_steps(answers) if what == "steps" else single_queries(answers, repeats)
    (HOME / f"{answers}" / f"{what}.json").write_text(json.dumps(found), encoding="utf-8")


def growth(small: float, large: float, rows: float) -> float:
    """The exponent b of large = small * rows^b."""
    return math.log(max(large, 1e-3) / max(small, 1e-3)) / math.log(rows)


@dataclass(frozen=True)
class Measured:
    """What was found at one size: asked answers, on which machine, how many processes wanted a processor then."""

    asked: int
    machine: str
    busy: float
    steps: dict[str, Any]
    queries: list[dict[str, Any]]

    @property
    def peak(self) -> int:
        """The largest memory of any step, in MB."""
        return max(int(one["peak"]) for one in self.steps["steps"])

    @property
    def answers(self) -> int:
        """How many answers there are."""
        return int(self.steps["rows"]["answers"])

    def missed(self) -> Iterator[str]:
        """The aims that are missed."""
        if self.peak > MEMORY:
            yield f"{self.answers:,} answers: {self.peak:,} MB, the aim is {MEMORY:,}"
        for one in self.queries if self.answers > CONSTANT else ():
            where = f"{self.answers:,} answers, {one['query']}"
            if one["ours"] > BY_HAND * one["sql"]:
                yield f"{where}: {one['ours'] / one['sql']:.2f} times the SQL by hand, the aim is {BY_HAND}"
            if one["ours"] > AIMS.get(one["kind"], math.inf) * one["decode"]:
                yield f"{where}: {one['ours'] / one['decode']:.1f} times decoding, the aim is {AIMS[one['kind']]}"


def report(found: Sequence[Measured]) -> str:
    """The page of the documentation."""
    lines = [
        "# Time and memory by size",
        "",
        "Written by `bench/scale.py`, which `make bench` runs; its opening says how it measures. How long pages",
        "take stands in [performance-pages.md](performance-pages.md).",
        "",
        "Read the seconds of processors, which other work on the machine hardly changes; seconds on the clock are",
        "given beside them. Each size says on which machine it was measured and how busy that was.",
        "",
    ]
    for number, one in enumerate(found):
        lines += _steps_table(one, found[number - 1] if number else None)
        lines += _queries_table(one)
    largest = max(one.answers for one in found)
    missed = [line for one in found for line in one.missed()]
    lines += ["## Aims", "", f"{__doc__.split('Aims: ')[1].split(chr(10) * 2)[0]}".replace("\n", " "), ""]
    lines += [f"The largest size measured here is {largest:,} answers; nothing is said of larger ones.", ""]
    lines += ["Missed:", "", *[f"- {line}" for line in missed]] if missed else ["All are met at these sizes."]
    return "\n".join(lines) + "\n"


def record(found: Sequence[Measured]) -> list[Measured]:
    """Puts what was found among what is known of other sizes, and gives all of it in the order of size."""
    known = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.is_file() else []
    by_size = {one["asked"]: one for one in known} | {one.asked: vars(one) for one in found}
    everything = [by_size[size] for size in sorted(by_size)]
    RECORD.write_text(json.dumps(everything, indent=1) + "\n", encoding="utf-8")
    return [Measured(**one) for one in everything]


def machine() -> str:
    """The machine and the versions, in a sentence."""
    names = ("duckdb", "polars", "ibis-framework", "deltalake")
    libraries = ", ".join(f"{name} {version(name)}" for name in names)
    return (
        f"{os.cpu_count()} processors ({platform.machine()}), {platform.system()}, Python "
        f"{platform.python_version()}, {libraries}"
    )


def _steps_table(one: Measured, before: Measured | None) -> list[str]:
    sizes = ", ".join(f"{rows:,} {name}" for name, rows in one.steps["rows"].items())
    lines = [
        f"## The nine steps on {one.answers:,} answers",
        "",
        f"The facts: {sizes}; {one.steps['charts']:,} control charts.",
        "",
        f"The machine: {one.machine}. Load before it began: {one.busy:.1f} processes.",
        "",
        "| step | processors, s | clock, s | growth | memory, MB | queries | their clock, s | most rows | "
        "deliverable, kB |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    parts = one.steps["steps"]
    for number, step in enumerate(parts):
        grew = (
            ""
            if before is None
            else f"{growth(before.steps['steps'][number]['cpu'], step['cpu'], one.answers / before.answers):.2f}"
        )
        lines.append(
            f"| {step['step']} | {step['cpu']:.1f} | {step['clock']:.1f} | {grew} | {step['peak']:,} | "
            f"{step['queries']} | {step['seconds']:.1f} | {step['rows']:,} | {step['bytes'] / 1000:,.0f} |"
        )
    cpu = sum(step["cpu"] for step in parts)
    clock = sum(step["clock"] for step in parts)
    grew = (
        ""
        if before is None
        else f"{growth(sum(s['cpu'] for s in before.steps['steps']), cpu, one.answers / before.answers):.2f}"
    )
    lines += [
        f"| All | {cpu:.1f} | {clock:.1f} | {grew} | {one.peak:,} | {sum(step['queries'] for step in parts)} | "
        f"{sum(step['seconds'] for step in parts):.1f} | | {sum(step['bytes'] for step in parts) / 1000:,.0f} |",
        "",
        "Growth is the exponent b in time ~ rows^b against the size before, by seconds of processors: 1 is",
        "linear. Most rows: of the largest answer to a query, which is what a step holds of the facts. Computed",
        f"again with nothing changed: {one.steps['again']} s, {one.steps['reused']} of 9 steps taken over.",
        "",
    ]
    return lines


def _queries_table(one: Measured) -> list[str]:
    lines = [
        f"### Single queries on {one.answers:,} answers",
        "",
        "| query | kind | rows | s | times SQL by hand | times polars | times chdb | times decoding | "
        "after an append |",
        "|---|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for query in one.queries:
        ours = query["ours"]
        lines.append(
            f"| {query['query']} | {query['kind']} | {query['rows']:,} | {ours:.2f} | {ours / query['sql']:.2f} | "
            f"{ours / query['polars']:.2f} | {_times(ours, query.get('chdb'))} | {ours / query['decode']:.1f} | "
            f"{_of_whole(query['appended'])} |"
        )
    return [
        *lines,
        "",
        "After an append: the share of the whole question's seconds on the clock that it takes once the table's",
        "last file is new and what the others say is kept; blank where the question has to be asked of the whole",
        "table, or the table is one file.",
        "",
    ]


def _times(ours: float, theirs: float | None) -> str:
    return f"{ours / theirs:.2f}" if theirs else ""


def _of_whole(seconds: dict[str, float] | None) -> str:
    return f"{seconds['again'] / seconds['whole']:.2f}" if seconds else ""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--answers", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument(
        "--keep", action="store_true", help="facts made by an earlier version of this file will do"
    )
    parser.add_argument("--make", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--child", choices=("steps", "queries"), help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> int:
    """Measures and prints; 1 where two ways to an answer differ."""
    asked = _arguments()
    if asked.make:
        make(asked.make)
        return 0
    if asked.child:
        in_child(asked.child, asked.answers[0], asked.repeats)
        return 0
    found = []
    for answers in asked.answers:
        print(f"{answers:,} answers", flush=True)
        grown(answers, keep=asked.keep)
        busy = round(os.getloadavg()[0], 1)
        steps = child("steps", answers, asked.repeats)
        single = child("queries", answers, asked.repeats, POLARS_MAX_THREADS="1")
        found.append(Measured(answers, machine(), busy, steps, single))
    page = report(record(found))
    print(page)
    PAGE.write_text(page, encoding="utf-8")
    differ = [
        f"{one['query']}: {', '.join(one['differ'])}" for size in found for one in size.queries if one["differ"]
    ]
    print(
        "\n".join(f"DIFFERENT ANSWERS: {line}" for line in differ) if differ else "All ways give the same answers"
    )
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
