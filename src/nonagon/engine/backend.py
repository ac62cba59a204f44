"""Where queries run: DuckDB in this process, or Spark. The one module that knows what either is called.

The word for it is `duckdb`, `local[N]` (Spark in this process, N threads) or `spark://host:port` (a standalone
cluster). Both read the same Parquet files and run the same Ibis expressions; what comes back is Arrow.

DuckDB runs each query on one thread: the order in which floating sums are added is then always the same, so equal
inputs give deliverables that are equal to the byte. Sums of single files (engine/by_file.py) run side by side. It
takes at most 1.5 GB of memory; what a query needs beyond that goes to files in a temporary folder (TMPDIR says
where) that only this user can read. Spark adds in the order in which its tasks end; its sums agree with those of
DuckDB, and with those of its own next run, to about 1e-15 of the sum of absolute values.
"""

import importlib.util
import itertools
import logging
import os
import re
import shutil
import signal
import socket
import tempfile
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from nonagon.basics.errors import ArgumentError, EngineError, MissingLibrary

if TYPE_CHECKING:
    import ibis.expr.types as ir

_DUCKDB = "duckdb"
_LOCAL = re.compile(r"local\[(\*|[1-9][0-9]*)\]")
_CLUSTER = re.compile(r"spark://[^\s:/,]+:[0-9]+(,[^\s:/,]+:[0-9]+)*")
_SECONDS_TO_ANSWER = 10
_MOST_MEMORY = 1_500_000_000
"""Bytes that DuckDB may hold: nine steps on a hundred million answers are to fit into 3 GB with all else."""
_FILES_AT_ONCE = 4
"""Files that are summed side by side: each needs the memory of one block of rows and of its groups."""
_names = itertools.count(1)


class Backend(Protocol):
    """One opened engine: registers files as tables and runs expressions over them.

    dialect: `duckdb` or `spark`; asks_files_apart: whether a sum over a table is better put together from those of
    its files; native: its own connection or session, for libraries that work on that (Splink).
    """

    @property
    def dialect(self) -> str: ...
    @property
    def asks_files_apart(self) -> bool: ...
    @property
    def native(self) -> Any: ...

    def read(self, name: str, uris: Sequence[str]) -> "ir.Table":
        """The Parquet files as one table; name: a word for it in error messages and plans."""

    def run(self, expression: "ir.Table") -> Any:
        """The expression's rows as a pyarrow.Table, in the expression's own order."""

    def run_on_each(self, expression: "ir.Table", name: str, uris: Sequence[str]) -> list[Any]:
        """The expression's rows of each file by itself, as pyarrow.Tables, their rows in no order.

        name: of the table that the expression asks, in whose place each file stands in turn. Only where
        `asks_files_apart`.
        """

    def in_words(self, expression: "ir.Table") -> str:
        """The expression as the engine is asked it, without the names of files: equal questions read alike."""

    def keep(self, name: str, expression: "ir.Table") -> str:
        """Computes the expression once and keeps its rows as a table; gives its name, which begins with `name`."""

    def table(self, name: str) -> "ir.Table":
        """A table that `keep` kept, as an expression."""

    def kept(self, name: str) -> Any:
        """The rows of a table that is in the engine under that name, as a pyarrow.Table."""

    def drop(self, name: str) -> None:
        """Gives back what `keep` kept."""

    def close(self) -> None:
        """Gives back what it holds; nothing can be asked of it afterwards."""


@dataclass(frozen=True, slots=True)
class Engine:
    """Where queries run.

    word: `duckdb`, `local[N]`, `local[*]` or `spark://host:port`, several masters of one cluster with commas
    between; facts_at: the folder or address under which the engine finds the files of the fact tables, such as
    `s3a://quality/bus/facts`, "" where that is where they were written. Raises ArgumentError for another word.

    >>> Engine("local[4]").word
    'local[4]'
    """

    word: str = _DUCKDB
    facts_at: str = ""

    def __post_init__(self) -> None:
        if not (self.word == _DUCKDB or _LOCAL.fullmatch(self.word) or _CLUSTER.fullmatch(self.word)):
            raise ArgumentError(
                f"the engine must be duckdb, local[N] with N threads such as local[4], or spark://host:port such "
                f"as spark://10.0.0.5:7077; got {self.word!r}"
            )

    def make_ready(self) -> None:
        """Looks whether the engine can be opened, so that what is missing is told before long work.

        Raises MissingLibrary where Spark or Java is not on this machine, EngineError where no cluster answers.
        """
        if self.word != _DUCKDB:
            _look_for_spark()
            if not _LOCAL.fullmatch(self.word):
                _look_for_master(self.word)

    def open(self) -> Backend:
        """Opens it. Raises what `make_ready` raises, and EngineError where this process is on another Spark."""
        return _DuckDB() if self.word == _DUCKDB else _Spark(self)


DUCKDB = Engine()
"""The engine that is always there."""


class _DuckDB:
    dialect = _DUCKDB
    asks_files_apart = True

    def __init__(self) -> None:
        import ibis  # noqa: PLC0415  (a second of imports, only for those who query)

        self._beyond_memory = _own_folder()
        self._connection = ibis.duckdb.connect(
            threads=1, memory_limit=f"{_memory()}B", temp_directory=self._beyond_memory
        )

    @property
    def native(self) -> Any:
        return self._connection.con

    def read(self, name: str, uris: Sequence[str]) -> "ir.Table":
        return self._connection.read_parquet(list(uris), table_name=name)

    def run(self, expression: "ir.Table") -> Any:
        try:
            return self._connection.to_pyarrow(expression)
        except RuntimeError as error:
            if "interrupted" in str(error):  # how DuckDB says that Ctrl-C came while it computed
                raise KeyboardInterrupt from error
            raise
        finally:
            self._forget(expression)

    def run_on_each(self, expression: "ir.Table", name: str, uris: Sequence[str]) -> list[Any]:
        # Each file has a thread of its own and is summed by that one: the order of adding stays what it is.
        sql, schema = self.in_words(expression), expression.schema().to_pyarrow()
        pool = ThreadPoolExecutor(min(_FILES_AT_ONCE, os.cpu_count() or 1))
        try:
            return list(pool.map(lambda uri: self._run_on(uri, name, sql).cast(schema), uris))
        finally:
            pool.shutdown(cancel_futures=True)

    def _run_on(self, uri: str, name: str, sql: str) -> Any:
        with self.native.cursor() as cursor:
            # A temporary view is this cursor's alone, and comes before the table of the same name.
            file = uri.replace("'", "''")
            cursor.execute(f"create temp view {name} as select * from read_parquet('{file}')")
            return cursor.sql(sql).to_arrow_table()

    def in_words(self, expression: "ir.Table") -> str:
        return str(self._connection.compile(expression))

    def _forget(self, expression: "ir.Table") -> None:
        """Lists that a query carried with it, which Ibis would keep as long as the connection is open."""
        import ibis.expr.operations as ops  # noqa: PLC0415

        for table in expression.op().find(ops.InMemoryTable):
            self._connection.con.unregister(table.name)
            self._connection._memtables.discard(table)

    def keep(self, name: str, expression: "ir.Table") -> str:
        table = f"{name}_{next(_names)}"
        # A sum of whole numbers would stay one of 128 bits, which no array holds.
        whole = [column for column, kind in expression.schema().items() if kind.is_int64()]
        narrowed = ", ".join(f'"{column}"::bigint as "{column}"' for column in whole)
        columns = f"* replace ({narrowed})" if whole else "*"
        asked = self._connection.compile(expression)
        self.native.execute(f"create temp table {table} as select {columns} from ({asked})")
        return table

    def table(self, name: str) -> "ir.Table":
        return self._connection.table(name, database=("temp", "main"))

    def kept(self, name: str) -> Any:
        return self.native.sql(f"select * from {name}").to_arrow_table()

    def drop(self, name: str) -> None:
        self.native.execute(f"drop table if exists {name}")

    def close(self) -> None:
        self._connection.disconnect()
        if self._beyond_memory:
            shutil.rmtree(self._beyond_memory, ignore_errors=True)


def _memory() -> int:
    """Bytes for DuckDB: on a small machine four fifths of its memory, as DuckDB itself would take."""
    if "SC_PHYS_PAGES" not in getattr(os, "sysconf_names", {}):
        return _MOST_MEMORY
    return min(_MOST_MEMORY, os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") * 4 // 5)


def _own_folder() -> str:
    """A folder that only this user can read; "" where none can be made: queries then have the memory alone."""
    try:
        return tempfile.mkdtemp(prefix="nonagon-")
    except OSError:
        return ""


class _Spark:
    dialect = "spark"
    asks_files_apart = False  # it reads all files at once anyway, and every question costs it a start

    def __init__(self, engine: Engine) -> None:
        self._views: list[str] = []
        self._session = _session.enter(engine)
        import ibis  # noqa: PLC0415

        self._connection = ibis.pyspark.connect(self._session)

    @property
    def native(self) -> Any:
        return self._session

    def read(self, name: str, uris: Sequence[str]) -> "ir.Table":
        # All who compute in this process share one session: each table gets a name of its own.
        view = f"{name}_{next(_names)}"
        with _told():
            self._session.read.parquet(*uris).createOrReplaceTempView(view)
            self._views.append(view)
            return self._connection.table(view)

    def run(self, expression: "ir.Table") -> Any:
        # By Arrow all the way: Ibis's own way goes through pandas, where whole numbers with blanks lose digits.
        with _told(), self._small_tables(expression):
            rows = self._session.sql(self._connection.compile(expression)).toArrow()
        # A part from the middle comes with the numbers of its rows.
        return rows.select(list(expression.columns))

    def run_on_each(self, expression: "ir.Table", name: str, uris: Sequence[str]) -> list[Any]:
        raise NotImplementedError(f"Spark asks all files of {name} at once")

    def in_words(self, expression: "ir.Table") -> str:
        return str(self._connection.compile(expression))

    def keep(self, name: str, expression: "ir.Table") -> str:
        view = f"{name}_{next(_names)}"
        with _told():
            self._session.sql(self._connection.compile(expression)).persist().createOrReplaceTempView(view)
            self._views.append(view)
        return view

    def table(self, name: str) -> "ir.Table":
        with _told():
            return self._connection.table(name)

    def kept(self, name: str) -> Any:
        with _told():
            return self._session.table(name).toArrow()

    def drop(self, name: str) -> None:
        with _told():
            self._session.table(name).unpersist()
            self._session.catalog.dropTempView(name)
            self._views.remove(name)

    @contextmanager
    def _small_tables(self, expression: "ir.Table") -> Iterator[None]:
        """Lists that a query carries with it, such as the ids that it asks for, as tables while it runs."""
        import ibis.expr.operations as ops  # noqa: PLC0415

        held = list(expression.op().find(ops.InMemoryTable))
        for table in held:
            self._session.createDataFrame(table.data.to_pyarrow(table.schema)).createOrReplaceTempView(table.name)
        try:
            yield
        finally:
            for table in held:
                self._session.catalog.dropTempView(table.name)

    def close(self) -> None:
        _session.leave(self._session, self._views)


class _Session:
    """The one Spark session that a process can have: started by the first who needs it, stopped after the last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._master = ""
        self._users = 0
        self._running: Any = None

    def enter(self, engine: Engine) -> Any:
        """The running session, or a new one."""
        with self._lock:
            if self._users and self._master != engine.word:
                raise EngineError(
                    f"one process computes on one Spark: {self._master} is open, so {engine.word} cannot be; "
                    "wait until that work is done"
                )
            if not self._users:
                engine.make_ready()
                self._running = _started(engine.word)
                self._master = engine.word
            self._users += 1
            return self._running

    def leave(self, session: Any, views: Sequence[str]) -> None:
        """One user is done with its tables; the last one puts out the light."""
        with self._lock:
            self._users -= 1
            if self._users == 0:
                self._running = None
                _stopped(session)
            else:
                for view in views:
                    session.catalog.dropTempView(view)


_session = _Session()


def _started(master: str) -> Any:
    from pyspark.sql import SparkSession  # noqa: PLC0415

    # What py4j logs it raises, too; on Ctrl-C pages would stand before our own sentence.
    logging.getLogger("py4j").setLevel(logging.CRITICAL)
    logging.getLogger().addFilter(_is_not_of_py4j)
    builder = SparkSession.builder.master(master).appName("nonagon")
    for name, value in _settings_for(master).items():
        builder = builder.config(name, value)
    with _told(), _own_interrupt():
        return builder.getOrCreate()


def _stopped(session: Any) -> None:
    """Ends the session; where its Java has died, forgets it, so that the next session starts one anew."""
    try:
        with _told():
            session.stop()
    except EngineError:
        from pyspark import SparkContext  # noqa: PLC0415
        from pyspark.sql import SparkSession  # noqa: PLC0415

        SparkContext._gateway = SparkContext._jvm = SparkContext._active_spark_context = None
        SparkSession._instantiatedSession = None
    finally:
        logging.getLogger().removeFilter(_is_not_of_py4j)


def _is_not_of_py4j(record: logging.LogRecord) -> bool:
    return "py4j" not in Path(record.pathname).parts


def _settings_for(master: str) -> dict[str, str]:
    """What the queries need; all else (memory, cores, object storage) is said in Spark's spark-defaults.conf."""
    settings = {
        "spark.sql.session.timeZone": "UTC",
        # Dates and times as the files hold them, without a time zone being put on or taken off.
        "spark.sql.timestampType": "TIMESTAMP_NTZ",
        "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
        # A division by nothing or a number too large is an error, never a quiet blank.
        "spark.sql.ansi.enabled": "true",
        "spark.sql.catalogImplementation": "in-memory",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.defaultJavaOptions": f"-Dlog4j2.configurationFile={_LOGGING.as_uri()}",
    }
    threads = _LOCAL.fullmatch(master)
    hosts = {part.rsplit(":", 1)[0] for part in master.removeprefix("spark://").split(",")}
    if threads or hosts <= {"127.0.0.1", "localhost"}:
        # Nothing on another machine has to reach this process.
        settings |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    if threads:
        parts = os.cpu_count() or 1 if threads[1] == "*" else int(threads[1])
        settings["spark.sql.shuffle.partitions"] = str(2 * parts)
    return settings


_LOGGING = Path(__file__).with_name("spark_logging.properties")


def _look_for_spark() -> None:
    """Says what is missing before Spark's own start would fail with a page of Java."""
    if importlib.util.find_spec("pyspark") is None:
        raise MissingLibrary(
            "computing on Spark needs pyspark, which is not installed: pip install 'nonagon[spark]'"
        )
    home = os.environ.get("JAVA_HOME")
    java = shutil.which("java", path=f"{home}/bin") if home else shutil.which("java")
    if java is None:
        where = (
            f"there is no bin/java in JAVA_HOME, which is {home!r}" if home else "no java was found on the PATH"
        )
        raise MissingLibrary(
            f"computing on Spark needs Java 17 or 21, and {where}: install it (Debian: apt-get install "
            "openjdk-17-jre-headless), or compute with --engine duckdb"
        )


def _look_for_master(master: str) -> None:
    """Spark itself would try for a minute, and then end without a word of what was wrong."""
    reasons = []
    for address in master.removeprefix("spark://").split(","):
        host, _, port = address.rpartition(":")
        try:
            socket.create_connection((host, int(port)), timeout=_SECONDS_TO_ANSWER).close()
        except (OSError, OverflowError) as error:
            reasons.append(f"{address}: {getattr(error, 'strerror', None) or error}")
        else:
            return
    raise EngineError(
        f"no Spark master answers at {master} ({'; '.join(reasons)}): start it, correct the address, "
        "or compute with --engine duckdb"
    )


@contextmanager
def _told() -> Iterator[None]:
    """What Spark says in pages, in one sentence."""
    from py4j.protocol import Py4JError  # noqa: PLC0415
    from pyspark.errors import PySparkException  # noqa: PLC0415

    try:
        yield
    except (Py4JError, PySparkException, ConnectionError) as error:
        raise EngineError(
            f"Spark could not finish: {_first_line(error)}; the logs of its master and workers say more. "
            "Nothing of this run was written; run it again, or with --engine duckdb"
        ) from error


def _first_line(error: BaseException) -> str:
    java = getattr(error, "java_exception", None)
    said = str(java.toString() if java is not None else error).strip()
    return said.splitlines()[0] if said else type(error).__name__


@contextmanager
def _own_interrupt() -> Iterator[None]:
    """Leaves Ctrl-C to whom it belongs: pyspark puts its own handler in the place of the program's."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
