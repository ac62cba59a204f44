"""`nonagon serve`: the database brought up to date, a worker beside the server, the first visitor's way in."""

import contextlib
import os
import secrets
import subprocess
import sys
import threading
import time
from pathlib import Path

import click

EXAMPLE_ADDRESS = "quality@example.org"


def prepare() -> None:
    """Django with our settings, and the database brought up to date."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nonagon.app.settings")
    import django
    from django.core.management import call_command

    django.setup()
    _room_for_static_files()
    call_command("migrate", verbosity=0, interactive=False)


def _room_for_static_files() -> None:
    """The folder that collected files would lie in; ours come from the package."""
    from django.conf import settings

    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


def serve(*, host: str, port: int, example: Path | None, data: Path | None = None) -> None:
    """Serves until it is stopped. example: a cycle folder that is brought in, with a user to try it."""
    prepare()
    base = f"http://{'localhost' if host in {'127.0.0.1', '0.0.0.0', '::1'} else host}:{port}"
    if example is not None:
        _bring_example(example, data)
        click.echo(f"Example user: {EXAMPLE_ADDRESS}  password: {_example_password()}")
    else:
        _invite_first_visitor(base)
    click.echo(f"Nonagon listens at {base}  (Ctrl+C stops it)", err=False)
    os.environ[SERVER] = str(os.getpid())
    stop = threading.Event()
    keeper = threading.Thread(target=_keep_worker, args=(stop,), daemon=True)
    keeper.start()
    try:
        _listen(host, port)
    finally:
        stop.set()
        keeper.join(timeout=15)


def _listen(host: str, port: int) -> None:
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    # One process: SQLite has one writer, and the rate limits count in memory.
    Granian(
        "nonagon.app.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=8,
        respawn_failed_workers=True,
        log_level=LogLevels.error,
    ).serve()


SERVER = "NONAGON_SERVER_PROCESS"
"""Names, for the process that answers requests, the one that has started it."""


def started_by() -> int | None:
    """The `nonagon serve` that started this process; None where another program did."""
    return int(os.environ.get(SERVER, "0")) or None


def end_with_server() -> None:
    """Lets the process that answers requests end when its server was killed: it would keep the port for itself."""
    server = started_by()
    if server is not None:
        threading.Thread(target=_end_without, args=(server,), daemon=True).start()


def _end_without(server: int) -> None:
    while os.getppid() == server:
        time.sleep(1)
    os._exit(1)  # in the middle of a request too: what was not answered was not promised


def _keep_worker(stop: threading.Event) -> None:
    """A worker as a process of its own, started again when it dies."""
    while not stop.is_set():
        worker = subprocess.Popen([sys.executable, "-m", "nonagon.app.command", "worker"])
        while worker.poll() is None and not stop.wait(0.5):
            pass
        if worker.poll() is None:
            worker.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                worker.wait(timeout=10)
            worker.kill()
        stop.wait(1)


def _invite_first_visitor(base: str) -> None:
    from nonagon.accounts.services import first_token

    token = first_token()
    if token is not None:
        click.echo("No account exists yet. Create the owner's here; the link works once:")
        click.echo(f"  {base}/setup/?token={token}")


def _example_password() -> str:
    """Made once for this home; only the example's user has it."""
    from django.conf import settings

    file = Path(settings.HOME) / "example_password"
    if not file.exists():
        with open(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as made:
            made.write(secrets.token_urlsafe(9))
    return file.read_text()


def _bring_example(folder: Path, data: Path | None) -> None:
    from nonagon.accounts.services import example_organization
    from nonagon.workspace.services import import_folder

    actor, organization, is_new = example_organization(EXAMPLE_ADDRESS, _example_password())
    if is_new:
        brought = import_folder(actor=actor, organization=organization, folder=folder, data=data)
        click.echo(f"Brought in {folder} as “{brought.cycle.name}”; it is computed in the background.")
        for one in brought.warnings:
            click.echo(f"  does not fit yet: {one}")
