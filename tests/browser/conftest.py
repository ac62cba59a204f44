"""The application in a real browser: Chromium against a running server with a computed cycle.

site: the running application; fresh_cycle: the key of a computed cycle of the test's own, to be changed freely;
page_as("owner"): a page in which a person of that role is signed in. What the browser complains of (errors in
scripts, broken rules of the content security policy, answers 5xx) fails the test, whatever else it asserts.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from builders.site import free_port

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "src" / "nonagon" / "ui" / "static" / "build" / ".ready"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder is a browser test."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.browser)


@dataclass
class Site:
    """A running application. url: without the last slash; key: of the computed cycle, which tests only read."""

    url: str
    key: str
    people: dict[str, str]
    sessions: dict[str, str]
    home: Path
    keeper: Any = field(repr=False)

    def cycle(self, rest: str = "", key: str | None = None) -> str:
        """The address of a page of the cycle, such as `site.cycle("needs/")`."""
        return f"{self.url}/c/{key or self.key}/{rest}"

    def copy(self, name: str) -> str:
        """Another computed cycle of the same content; gives its key."""
        return self._asked(name)

    def doubtful(self) -> str:
        """A computed cycle in whose register some customers stand twice, some of them in doubt; gives its key."""
        return self._asked("doubtful")

    def _asked(self, line: str) -> str:
        self.keeper.stdin.write(line + "\n")
        self.keeper.stdin.flush()
        return str(json.loads(self.keeper.stdout.readline()))


@pytest.fixture(scope="session")
def assets() -> None:
    """The built style sheets and scripts."""
    if not BUILT.exists():
        pytest.skip("the pages' scripts are not built: run make assets")


@pytest.fixture(scope="session")
def site(assets: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The running application, once a session."""
    home = tmp_path_factory.mktemp("site")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NONAGON_")}
    with open(home / "keeper.log", "w") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "builders.site", str(home), str(free_port())],
            env={**environment, "PYTHONPATH": str(ROOT / "tests")},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    said = keeper.stdout.readline() if keeper.stdout else ""
    if not said:
        keeper.wait(timeout=30)
        raise RuntimeError(f"the site did not start:\n{(home / 'keeper.log').read_text()[-3000:]}")
    yield Site(home=home, keeper=keeper, **json.loads(said))
    if keeper.stdin and keeper.stdout:
        keeper.stdin.close()
        keeper.wait(timeout=40)
        keeper.stdout.close()


@pytest.fixture
def fresh_cycle(site: Site, request: pytest.FixtureRequest) -> str:
    """The key of a computed cycle that belongs to the test alone."""
    return site.copy(request.node.name[:40])


@dataclass
class Complaints:
    """What the browser complained of. A test that provokes something says so with `expect`."""

    found: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def expect(self, part: str) -> None:
        """Complaints that hold this text are wanted here."""
        self.expected.append(part)

    def unexpected(self) -> list[str]:
        """The others."""
        return [one for one in self.found if not any(part in one for part in self.expected)]

    def watch(self, page: Any) -> None:
        """Listens to a page."""
        page.on("pageerror", lambda error: self.found.append(f"{page.url}: error in a script: {error}"))
        page.on(
            "console",
            lambda said: self.found.append(f"{page.url}: {said.text}") if said.type == "error" else None,
        )
        page.on(
            "response",
            lambda answer: (
                self.found.append(f"{answer.url} answered {answer.status}") if answer.status >= 500 else None
            ),
        )


@pytest.fixture
def complaints() -> Complaints:
    """What the browser complained of so far."""
    return Complaints()


@pytest.fixture
def context_as(chromium: Any, site: Site, complaints: Complaints) -> Iterator[Callable[..., Any]]:
    """`context_as("analyst", color_scheme="dark")`: the browser of a signed-in person; "" for nobody."""
    opened = []

    def context(role: str = "owner", **options: Any) -> Any:
        made = chromium.new_context(accept_downloads=True, **options)
        made.set_default_timeout(60_000)
        if role:
            made.add_cookies([{"name": "sessionid", "value": site.sessions[role], "url": site.url}])
        made.on("page", complaints.watch)
        opened.append(made)
        return made

    yield context
    for one in opened:
        one.close()
    assert not complaints.unexpected(), "the browser complained:\n" + "\n".join(complaints.unexpected())


@pytest.fixture
def page_as(context_as: Callable[..., Any]) -> Callable[..., Any]:
    """`page_as("owner", viewport={"width": 360, "height": 800})`: a page of that person's own browser."""
    return lambda role="owner", **options: context_as(role, **options).new_page()
