"""Duplicate customers: precision and recall on records whose truth is known, and the time that it takes.

Run: .venv/bin/python bench/identity.py FOLDER [engine]
FOLDER holds `historical_figures_with_errors_50k.parquet` (50,578 records of 5,156 people with made errors; column
`cluster` is the truth), `fake_1000.csv` and `fake_1000_labels.csv` (1,000 made ones). engine: duckdb or local[2].
Prints both thresholds with precision, recall and F1 of the scored pairs, and of the clusters that they make.
"""

import resource
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from nonagon.engine.backend import Engine
from nonagon.engine.facts import Facts, FactTable
from nonagon.engine.identity import Kind, Pairs, scored_pairs
from nonagon.facts.schemas import ATTRIBUTE_PREFIX
from nonagon.methods.identity.clusters import clusters
from nonagon.methods.identity.pair_accuracy import PairAccuracy, pair_accuracy

LIMITS = (0.5, 0.8, 0.9, 0.95, 0.99)


@dataclass(frozen=True)
class Labelled:
    """Records with their truth."""

    name: str
    frame: pl.DataFrame
    columns: dict[str, Kind]
    truth: dict[str, str]


def historical(folder: Path) -> Labelled:
    """People of history with errors; `full_name` varies more than a customer's would, first and last do not."""
    frame = pl.read_parquet(folder / "historical_figures_with_errors_50k.parquet")
    columns: dict[str, Kind] = {
        "first_and_surname": "name",
        "dob": "birth_date",
        "birth_place": "place",
        "postcode_fake": "postcode",
        "gender": "text",
        "occupation": "text",
    }
    return _labelled("historical_50k", frame, columns)


def fake(folder: Path) -> Labelled:
    """Made customers with e-mail addresses."""
    frame = pl.read_csv(folder / "fake_1000.csv", infer_schema_length=0)
    columns: dict[str, Kind] = {
        "first_name": "given_name",
        "surname": "family_name",
        "dob": "birth_date",
        "city": "place",
        "email": "email",
    }
    return _labelled("fake_1000", frame, columns)


def _labelled(name: str, frame: pl.DataFrame, columns: dict[str, Kind]) -> Labelled:
    texts = frame.with_columns(pl.all().cast(pl.String))
    return Labelled(name, texts, columns, dict(zip(texts["unique_id"], texts["cluster"], strict=True)))


def facts_of(data: Labelled, folder: Path, engine: Engine) -> Facts:
    """The records as a customers table."""
    place = folder / f"{data.name}.parquet"
    data.frame.select(
        pl.col("unique_id").alias("customer_id"),
        *(pl.col(one).alias(ATTRIBUTE_PREFIX + one) for one in data.columns),
    ).write_parquet(place)
    table = FactTable((str(place),), f"customers@{data.name}", data.frame.height, tuple(data.columns))
    return Facts({"customers": table}, engine=engine)


def accuracy(data: Labelled, pairs: Pairs, limit: float) -> tuple[PairAccuracy, PairAccuracy, int]:
    """Of the pairs alone, of the clusters, and how many clusters there are."""
    place = {own: at for at, own in enumerate(data.truth)}
    truth = list(data.truth.values())
    first = np.array([place[one] for one in pairs.first], dtype=np.int64)
    second = np.array([place[one] for one in pairs.second], dtype=np.int64)
    kept = pairs.probability >= limit
    joined = clusters(
        records=len(place), first=first, second=second, probability=pairs.probability, link_above=limit
    )
    of_clusters = pair_accuracy(found=joined.labels.tolist(), truth=truth)
    right = sum(truth[a] == truth[b] for a, b in zip(first[kept], second[kept], strict=True))
    return PairAccuracy(int(kept.sum()), of_clusters.true, right), of_clusters, joined.count


def measure(data: Labelled, engine: Engine) -> None:
    """Print the table of one set."""
    with tempfile.TemporaryDirectory() as folder:
        facts = facts_of(data, Path(folder), engine)
        started = time.perf_counter()
        pairs = scored_pairs(facts, data.columns)
        seconds = time.perf_counter() - started
    people = len(set(data.truth.values()))
    print(f"{data.name} on {engine.word}: {pairs.records} records of {people} people, {seconds:.1f} s")
    print("                       pairs alone                  clusters")
    print("  limit      found  precision  recall     F1   precision  recall     F1   customers")
    for limit in LIMITS:
        alone, joined, count = accuracy(data, pairs, limit)
        cells = [f"{limit:7.2f} {alone.found:10,}"]
        for one in (alone, joined):
            cells.append(f"{one.precision or 0:9.4f} {one.recall:8.4f} {one.f1 or 0:7.4f}")
        print("  ".join(cells), f"{count:10,}")


def main() -> None:
    """Measure and print."""
    if len(sys.argv) < 2:
        raise SystemExit("give the folder with the labelled records")
    folder, engine = Path(sys.argv[1]), Engine(sys.argv[2] if len(sys.argv) > 2 else "duckdb")
    for data in (fake(folder), historical(folder)):
        measure(data, engine)
    print(f"peak of the process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
