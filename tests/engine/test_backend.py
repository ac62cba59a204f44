"""The same queries on DuckDB and on Spark: the same answers."""

import gc
import inspect
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from deltalake import DeltaTable

from builders import queries
from builders.facts import facts_of
from builders.same import assert_same
from conftest import Finished
from nonagon.basics.errors import ArgumentError, EngineError, MissingLibrary
from nonagon.engine import (
    answers,
    backend,
    coding,
    customers,
    identity,
    low_scores,
    measurements,
    sales,
    spans,
    verbatims,
)
from nonagon.engine.backend import DUCKDB, Engine
from nonagon.engine.facts import Facts
from nonagon.facts.store import FactStore
from nonagon.pipeline.run import run

# Spark's Python library leaves its sockets to the collector.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")

MODULES = (answers, coding, customers, identity, low_scores, measurements, sales, spans, verbatims)
SALES = [
    {"sale_id": "1", "date": "2025-01-01", "amount": 2.5},
    {"sale_id": "2", "date": "2025-01-02", "amount": 1.0},
]


@pytest.fixture(scope="module", autouse=True)
def _collected() -> Iterator[None]:
    """What Spark left is collected here, not in the tests of other modules."""
    yield
    gc.collect()


@pytest.fixture(scope="module")
def on_duckdb(tables: Path) -> Facts:
    return queries.write(tables)


@pytest.fixture(scope="module")
def on_spark(tables: Path, on_duckdb: Facts, local_spark: Engine) -> Facts:
    return queries.reopened(tables, engine=local_spark)


# --- the memory of DuckDB -------------------------------------------------------------------------------


def test_what_a_query_needs_beyond_the_memory_goes_to_files_of_this_user_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(backend, "_MOST_MEMORY", 60_000_000)
    opened = DUCKDB.open()
    # Three million groups of 16 bytes and their table: more than the 60 MB, as the files below prove.
    numbers = "select range * 7919 % 3000000 i from range(3000000)"
    count = f"select count(*), sum(n) from (select i, count(*) n from ({numbers}) group by i)"
    (folder,) = tmp_path.iterdir()
    assert folder.stat().st_mode & 0o077 == 0
    assert opened.native.execute(count).fetchall() == [(3_000_000, 3_000_000)]  # 7919 is prime to 3,000,000
    assert list(folder.iterdir()), "nothing was put aside: the query fitted into the memory"
    opened.close()
    assert not list(tmp_path.iterdir())


def test_without_a_folder_for_temporary_files_queries_run_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere/at/all")
    opened = DUCKDB.open()
    assert opened.native.execute("select current_setting('temp_directory')").fetchall() == [("",)]
    assert opened.native.execute("select sum(range) from range(11)").fetchall() == [(55,)]
    opened.close()


# --- every query ----------------------------------------------------------------------------------------


ELSEWHERE = {
    "customers.column_of",  # looks a name up and asks nothing
    "identity.scored_pairs",  # on both engines in test_identity.py; Splink's probabilities agree less closely
}


def _queries_of(module: ModuleType) -> set[str]:
    word = module.__name__.rpartition(".")[2]
    functions = [
        (name, one)
        for name, one in vars(module).items()
        if inspect.isfunction(one) and one.__module__ == module.__name__ and not name.startswith("_")
    ]
    return {
        f"{word}.{name}" for name, one in functions if next(iter(inspect.signature(one).parameters)) == "facts"
    }


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_no_query_is_left_out(module: ModuleType) -> None:
    found = _queries_of(module) - ELSEWHERE
    asked = {name.partition(",")[0] for name in queries.QUERIES}
    assert found
    assert found <= asked


def test_every_module_with_queries_is_looked_through() -> None:
    folder = Path(answers.__file__).parent
    asking = {file.stem for file in folder.glob("*.py") if "facts.collect(" in file.read_text(encoding="utf-8")}
    assert asking <= {module.__name__.rpartition(".")[2] for module in MODULES}


@pytest.mark.spark
@pytest.mark.parametrize("name", queries.QUERIES)
def test_spark_answers_as_duckdb_does(name: str, on_duckdb: Facts, on_spark: Facts) -> None:
    assert_same(queries.QUERIES[name](on_spark), queries.QUERIES[name](on_duckdb), within=1e-12)


def test_the_tables_reach_what_engines_could_differ_on(on_duckdb: Facts) -> None:
    """Else that they agree would say little: rows in every answer, blanks, ties, both truth values."""
    empty = [
        name
        for name, query in queries.QUERIES.items()
        if isinstance(found := query(on_duckdb), dict) and len(next(iter(found.values()))) == 0
    ]
    assert empty == []
    flags = customers.flags(on_duckdb, queries.ALL)
    found = on_duckdb.collect(flags)
    assert all(set(found[f"class_{at}"]) == {True, False} for at in range(len(queries.ALL) - 1))


@pytest.mark.parametrize("engine", [DUCKDB, pytest.param("spark", marks=pytest.mark.spark)])
def test_a_text_is_a_number_where_people_would_say_so(
    tmp_path: Path, engine: Any, request: pytest.FixtureRequest
) -> None:
    """Decided by hand: which of the texts are numbers of at least 5, and which are numbers below 5."""
    engine = request.getfixturevalue("local_spark") if engine == "spark" else engine
    texts = queries.NUMBERS_AS_PEOPLE_WRITE_THEM
    people = [{"customer_id": f"{at:02d}", "size": text} for at, text in enumerate(texts)]
    facts = facts_of(tmp_path, engine=engine, customers=people)
    found = facts.collect(customers.flags(facts, (queries.SIZED, queries.SMALL)), order=["customer_id"])
    large = [text for text, is_large in zip(texts, found["class_0"], strict=True) if is_large]
    small = [text for text, is_small in zip(texts, found["class_1"], strict=True) if is_small]
    assert large == ["17", " 30 ", "+5", "44.5", "7.", "1e1", "2E+1", "65"]
    assert small == ["-4", ".5", "1E-2"]


# --- a whole cycle --------------------------------------------------------------------------------------


def _deliverables(out: Path) -> dict[str, Any]:
    return {file.name: json.loads(file.read_bytes()) for file in sorted((out / "deliverables").iterdir())}


@pytest.mark.spark
def test_nine_steps_on_spark_give_what_duckdb_gives(
    small_cycle: Finished, local_spark: Engine, tmp_path: Path
) -> None:
    done = run(small_cycle.folder, out=tmp_path / "out", engine=local_spark)
    assert done.reused == ()
    found, expected = _deliverables(done.out), _deliverables(small_cycle.run.out)
    assert len(found) == 11  # nine steps, the effectiveness check, the trace
    assert_same(found, expected, within=1e-11)


# --- what the tables are --------------------------------------------------------------------------------


@pytest.mark.spark
def test_spark_reads_a_copy_elsewhere_that_delta_reads_too(
    small_cycle: Finished, local_spark: Engine, tmp_path: Path
) -> None:
    """The facts copied to another place, as into object storage; only the copy is there to be read."""
    kept, mirror = tmp_path / "kept", tmp_path / "mirror"
    shutil.copytree(small_cycle.run.out / "facts", kept)
    shutil.copytree(kept, mirror)
    store = FactStore(kept)
    for file in kept.glob("*/*.parquet"):
        file.unlink()
    facts = Facts.stored(store, engine=Engine(local_spark.word, facts_at=mirror.as_uri()))
    version = store.version("answers")
    assert version is not None
    delta = DeltaTable(str(mirror / "answers"), version=version.delta_version)
    read = delta.to_pyarrow_table()
    counted = answers.item_ranges(facts)
    assert sum(counted["answers"].tolist()) == read.num_rows == version.rows
    assert counted["item"].tolist() == sorted(set(read["item"].to_pylist()))


@pytest.mark.spark
def test_a_copy_that_lacks_a_file_is_named(small_cycle: Finished, local_spark: Engine, tmp_path: Path) -> None:
    store = FactStore(small_cycle.run.out / "facts")
    facts = Facts.stored(store, engine=Engine(local_spark.word, facts_at=str(tmp_path)))
    with pytest.raises(EngineError, match=rf"PATH_NOT_FOUND.*{tmp_path}/answers/part-"):
        answers.subjects(facts)


@pytest.mark.spark
def test_a_list_that_a_query_carried_is_gone_after_it(on_spark: Facts) -> None:
    found, count = verbatims.page(on_spark, only=("v1", "v5"))
    assert (found["verbatim_id"].tolist(), count) == (["v1", "v5"], 2)
    from pyspark.sql import SparkSession

    session = SparkSession.getActiveSession()
    assert session is not None
    left = [view.name for view in session.catalog.listTables() if "memtable" in view.name]
    assert left == []


@pytest.mark.spark
def test_facts_that_are_gone_leave_no_table_behind(local_spark: Engine, tmp_path: Path) -> None:
    from pyspark.sql import SparkSession

    session = SparkSession.getActiveSession()
    assert session is not None
    before = len(session.catalog.listTables())
    facts = facts_of(tmp_path, engine=local_spark, sales=SALES)
    assert sales.own_revenue(facts) == 3.5
    assert len(session.catalog.listTables()) == before + 1
    del facts
    assert len(session.catalog.listTables()) == before


# --- words, and what can go wrong -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "word", ["duckdb", "local[1]", "local[16]", "local[*]", "spark://a:7077", "spark://a:1,b:2"]
)
def test_words_that_name_an_engine(word: str) -> None:
    assert Engine(word).word == word


@pytest.mark.parametrize(
    "word",
    ["", "spark", "DuckDB", "local", "local[0]", "local[2", "spark://a", "spark://:7077", "yarn", "duckdb "],
)
def test_words_that_name_none(word: str) -> None:
    with pytest.raises(ArgumentError, match=r"must be duckdb, local\[N\].*got") as told:
        Engine(word)
    assert repr(word) in str(told.value)


def test_no_java_is_said_before_anything_starts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingLibrary, match=r"needs Java 17 or 21, and no java was found"):
        Engine("local[2]").make_ready()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(MissingLibrary, match="no bin/java in JAVA_HOME"):
        Engine("local[2]").make_ready()


def test_no_pyspark_is_said_with_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingLibrary, match=r"pip install 'nonagon\[spark\]'"):
        Engine("local[2]").make_ready()


def test_a_master_that_does_not_answer(
    small_cycle: Finished, tmp_path: Path, spark_settings: dict[str, str]
) -> None:
    with socket.socket() as taken:  # bound and not listening: nobody else answers there
        taken.bind(("127.0.0.1", 0))
        engine = Engine(f"spark://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(EngineError, match=r"no Spark master answers at spark://127.*Connection refused"):
            run(small_cycle.folder, out=tmp_path / "out", engine=engine)
    assert not (tmp_path / "out").exists(), "told before the files are read"


@pytest.mark.spark
def test_one_process_computes_on_one_spark(local_spark: Engine) -> None:
    with pytest.raises(EngineError, match=r"local\[2\] is open, so local\[1\] cannot be"):
        Engine("local[1]").open()


@pytest.mark.spark
def test_what_spark_says_in_pages_is_one_sentence(local_spark: Engine, tmp_path: Path) -> None:
    facts = facts_of(tmp_path, engine=local_spark, sales=SALES)
    table = facts.table("sales")
    (tmp_path / "sales.parquet").unlink()
    with pytest.raises(EngineError, match=r"Spark could not finish: .*Nothing of this run was written") as told:
        facts.collect(table)
    assert "\n" not in str(told.value)


KILLED = """
import os, signal, sys
from pathlib import Path
from builders.queries import reopened
from nonagon.basics.errors import EngineError
from nonagon.engine.backend import Engine
from nonagon.engine.sales import own_revenue, span
from pyspark import SparkContext

facts = reopened(Path(sys.argv[1]), engine=Engine("local[1]"))
print(own_revenue(facts))
java = SparkContext._gateway.proc
os.kill(java.pid, signal.SIGKILL)
java.wait()
try:
    span(facts)  # what was asked before is remembered
except EngineError as error:
    print(error)
del facts
print(own_revenue(reopened(Path(sys.argv[1]), engine=Engine("local[1]"))))
"""


@pytest.mark.spark
def test_after_spark_has_died_the_next_work_starts_it_anew(
    tables: Path, on_duckdb: Facts, spark_settings: dict[str, str]
) -> None:
    """As in a worker of the application, which lives on."""
    roots = os.pathsep.join(str(Path(__file__).parents[2] / one) for one in ("src", "tests"))
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tables)],
        env={**os.environ, **spark_settings, "PYTHONPATH": roots},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    first, said, again = done.stdout.splitlines()
    assert float(first) == float(again) == pytest.approx(sales.own_revenue(on_duckdb))
    assert said.startswith("Spark could not finish: ")


@pytest.mark.spark
def test_ctrl_c_stays_the_programs_own(local_spark: Engine) -> None:
    """pyspark puts a handler of its own when a session starts; here it started in this thread."""
    assert "pyspark" not in getattr(signal.getsignal(signal.SIGINT), "__module__", "")


class Failing:
    """A connection whose every query ends with the same error."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def to_pyarrow(self, expression: object) -> None:
        raise self.error


def test_ctrl_c_inside_a_query_is_ctrl_c(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = facts_of(tmp_path, sales=SALES)
    backend = DUCKDB.open()
    table = backend.read("sales", [str(tmp_path / "sales.parquet")])
    assert backend.run(table).num_rows == facts.rows("sales")
    backend.close()
    monkeypatch.setattr(backend, "_connection", Failing(RuntimeError("Query interrupted")))
    with pytest.raises(KeyboardInterrupt):
        backend.run(table)
    monkeypatch.setattr(backend, "_connection", Failing(RuntimeError("out of memory")))
    with pytest.raises(RuntimeError, match="out of memory"):
        backend.run(table)
