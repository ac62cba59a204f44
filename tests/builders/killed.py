"""Imports that are killed at random moments, and what must be true of the store afterwards.

A child imports version after version of the same files and says the number of each that is published. Every fact
of version n holds n, so that a mixture shows; half of the customers' rows replace the other half, so that files
are written anew, too. The answers are waves: each version has one more, and at last one less at the beginning, so
that files of earlier versions are taken over, too. `killed_once` kills it by SIGKILL and checks the store.
"""

import random
import signal
import subprocess
import sys
from pathlib import Path

import polars as pl
from deltalake import DeltaTable

from nonagon.facts.store import FactStore
from nonagon.imports import runs
from nonagon.imports.load import load_facts
from nonagon.imports.mapping import Source

ROWS = 8_000
WAVES = 12
ROWS_A_WAVE = 500
SOURCES = {
    "register": Source.model_validate(
        {
            "table": "customers",
            "files": "customers.csv",
            "columns": {"customer_id": "id"},
            "attributes": {"version": "version"},
        }
    ),
    "till": Source.model_validate(
        {
            "table": "sales",
            "files": "sales.csv",
            "columns": {"sale_id": "id", "date": {"constant": "2025-03-01"}, "amount": "version"},
        }
    ),
    "survey": Source.model_validate(
        {
            "table": "answers",
            "files": "wave-*.csv",
            "columns": {"respondent_id": "id", "item": {"constant": "q1"}, "value": "wave"},
        }
    ),
}


def write_version(data: Path, number: int) -> None:
    """The files of a version: as many sales as `sales_of` says, and customers who all stand there twice."""
    data.mkdir(parents=True, exist_ok=True)
    sales = pl.DataFrame({"id": range(sales_of(number)), "version": [number] * sales_of(number)})
    sales.write_csv(data / "sales.csv")
    once = pl.DataFrame({"id": range(ROWS // 2), "version": [number] * (ROWS // 2)})
    pl.concat([once, once]).write_csv(data / "customers.csv")
    names = [f"wave-{wave:06d}.csv" for wave in waves_of(number)]
    for path in data.glob("wave-*.csv"):
        if path.name not in names:
            path.unlink()
    for wave, name in zip(waves_of(number), names, strict=True):
        if not (data / name).exists():
            pl.DataFrame({"id": range(ROWS_A_WAVE), "wave": [wave] * ROWS_A_WAVE}).write_csv(data / name)


def sales_of(number: int) -> int:
    """How many sales a version has: another number each time."""
    return ROWS + number


def waves_of(number: int) -> list[int]:
    """The waves that a version has."""
    return list(range(max(1, number - WAVES + 1), number + 1))


def import_for_ever(home: Path, number: int) -> None:
    """The child: imports versions from `number` on, and says the number of each that is published."""
    runs.ROWS_A_RUN = 2 * ROWS_A_WAVE  # so that runs of two waves are taken over
    while True:
        write_version(home / "data", number)
        load_facts(SOURCES, home / "data", home / "out")
        print(number, flush=True)
        number += 1


def killed_once(home: Path, last: int, chance: random.Random, *, longest: float = 2.0) -> int:
    """Imports from version `last` + 1 on, kills the child within `longest` seconds, and checks the store.

    Gives the version that the store holds then. Raises AssertionError where something acknowledged is lost,
    something stands twice, or a version is torn.
    """
    command = [sys.executable, __file__, str(home), str(last + 1)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    said = [last, int(child.stdout.readline())]
    try:
        child.wait(chance.uniform(0, longest))
        raise AssertionError(f"the import ended by itself with {child.returncode}")
    except subprocess.TimeoutExpired:
        child.send_signal(signal.SIGKILL)
    said += [int(line) for line in child.stdout]
    assert child.wait() == -signal.SIGKILL
    child.stdout.close()
    return check_store(home, said[-1])


def check_store(home: Path, acknowledged: int) -> int:
    """The version that the store holds: the acknowledged one, whole, or the one after it, whole."""
    store = FactStore(home / "out" / "facts")
    manifest = store.manifest()
    sales = pl.read_parquet(list(store.uris("sales")))
    number = int(sales["amount"][0])
    assert number in (acknowledged, acknowledged + 1)
    assert sales["amount"].unique().to_list() == [number]
    assert (sales.height, sales["sale_id"].n_unique()) == (sales_of(number), sales_of(number))
    customers = pl.read_parquet(list(store.uris("customers")))
    assert customers["attribute_version"].unique().to_list() == [str(number)]
    assert (customers.height, customers["customer_id"].n_unique()) == (ROWS // 2, ROWS // 2)
    answers = pl.read_parquet(list(store.uris("answers")))
    assert answers["value"].to_list() == [wave for wave in waves_of(number) for _ in range(ROWS_A_WAVE)]
    for version in (*manifest.tables.values(), *manifest.earlier):
        table = DeltaTable(str(store.folder / version.table), version=version.delta_version)
        names = [f"{version.table}/{Path(uri).name}" for uri in table.file_uris()]
        assert sorted(names) == sorted(version.files)
        rows = pl.scan_parquet([store.folder / name for name in version.files]).select(pl.len()).collect().item()
        assert rows == version.rows
        assert (store.folder / version.rejects).exists()
    return number


if __name__ == "__main__":
    import_for_ever(Path(sys.argv[1]), int(sys.argv[2]))
