"""Spark for the tests: one session in this process for all of them, small and quiet."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from nonagon.engine.backend import Engine

DEFAULTS = """\
spark.driver.memory 1g
spark.executor.memory 512m
spark.sql.shuffle.partitions 4
# Short work: a little of the compiler is enough.
spark.driver.extraJavaOptions -XX:TieredStopAtLevel=1 -XX:+UseSerialGC
spark.executor.extraJavaOptions -XX:TieredStopAtLevel=1 -XX:+UseSerialGC
"""


@pytest.fixture(scope="session")
def spark_settings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment that Spark starts in, here and in processes of its own."""
    if shutil.which("java") is None:
        pytest.skip("no java on this machine, which Spark needs")
    folder = tmp_path_factory.mktemp("spark")
    (folder / "spark-defaults.conf").write_text(DEFAULTS, encoding="utf-8")
    return {"SPARK_CONF_DIR": str(folder), "SPARK_LOCAL_DIRS": str(folder / "local")}


@pytest.fixture(scope="session")
def local_spark(spark_settings: dict[str, str]) -> Iterator[Engine]:
    """Spark in this process; its session stays open until the last test."""
    engine = Engine("local[2]")
    with pytest.MonkeyPatch.context() as environment:
        for name, value in spark_settings.items():
            environment.setenv(name, value)
        held = engine.open()
        yield engine
        held.close()


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for tables that several tests read."""
    return tmp_path_factory.mktemp("tables")
