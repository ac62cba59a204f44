"""What all tests share: a home for the web application, its fixtures, one finished run of the small cycle."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from builders.folder import write_cycle
from nonagon.pipeline.run import Run, run

# Before pytest-django loads the settings, which read the environment once. Nothing of the caller's own is touched.
_HOME = tempfile.mkdtemp(prefix="nonagon-tests-")
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)
for _name in [name for name in os.environ if name.startswith("NONAGON_")]:
    if _name not in {"NONAGON_DATABASE", "NONAGON_TEST_SQLITE"}:
        del os.environ[_name]
os.environ["NONAGON_HOME"] = _HOME
os.environ["DJANGO_SETTINGS_MODULE"] = "builders.settings"
# pytest-django sets Django up where it finds the settings loaded, before test modules are imported.
assert settings.DATABASES

pytest_plugins = ["builders.web"]

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)


@dataclass(frozen=True)
class Finished:
    """The small cycle's folder and the run over it. Not to be written to: tests that change files copy it."""

    folder: Path
    run: Run


@pytest.fixture(scope="session")
def small_cycle(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    folder = write_cycle(tmp_path_factory.mktemp("cycle") / "small")
    return Finished(folder, run(folder))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser: one for all tests, since its driver can be started once in a thread."""
    if CHROMIUM is None:
        pytest.skip("no chromium, chromium-browser or google-chrome on this machine")
    from playwright.sync_api import sync_playwright

    # The driver runs an event loop in this thread; Django would refuse its database to the tests after it.
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Each process of a run with `-n` makes its own home and loads the settings after that, above."""
    del os.environ["DJANGO_SETTINGS_MODULE"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--only-database", action="store_true", help="only tests that use the database; see tests/postgres.py"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--only-database"):
        return
    wanted = [
        one
        for one in items
        if one.get_closest_marker("django_db")
        or {"db", "transactional_db"} & set(getattr(one, "fixturenames", ()))
    ]
    config.hook.pytest_deselected(items=[one for one in items if one not in wanted])
    items[:] = wanted
