"""A running application to look at with a browser: a home of its own, people of each role, a computed cycle.

Run as a program with the home and a port: `python -m builders.site HOME PORT`. It says in one line of JSON where
the site is and who is signed in how, then answers each line that it is given with the key of another cycle: the
line "doubtful" with one in whose register some customers stand twice, any other with a copy of that name. When
its input ends it stops the server and goes.
"""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def wait_for(port: int, server: "subprocess.Popen[Any]", seconds: float = 60) -> None:
    """Until the server answers; it must not have ended."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if server.poll() is not None:
            raise RuntimeError(f"the server ended with {server.returncode}")
        with socket.socket() as tried:
            tried.settimeout(1)
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"nobody listens at port {port} after {seconds} s")


def serve(home: Path, port: int, *, log: Path | None = None, **more: str) -> "subprocess.Popen[Any]":
    """`nonagon serve` on a home, in a process group of its own, without settings of whoever starts it."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("NONAGON_")}
    with open(log or os.devnull, "a") as written:
        return subprocess.Popen(
            [sys.executable, "-m", "nonagon.app.command", "serve", "--port", str(port)],
            env={**clean, "NONAGON_HOME": str(home), "DJANGO_SETTINGS_MODULE": "nonagon.app.settings", **more},
            stdout=written,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


class Keeper:
    """Makes the home's people and cycles, in this process."""

    def __init__(self, home: Path, source: Path) -> None:
        from builders.web import ROLES, member, signed_in
        from nonagon.accounts.models import Membership, Organization

        self.home = home
        self.organization = Organization.objects.create(slug="ticket-office", name="Ticket office")
        people = {role: member(self.organization, role) for role in ROLES}
        strange = Organization.objects.create(slug="elsewhere", name="Elsewhere")
        people["stranger"] = member(strange, "owner")
        self.owner = people["owner"]
        self.people = {role: person.email for role, person in people.items()}
        self.sessions = {role: signed_in(person).cookies["sessionid"].value for role, person in people.items()}
        self.cycle = self.computed(source)
        assert Membership.objects.count() == len(people)

    def computed(self, source: Path) -> Any:
        """A cycle folder brought in and computed."""
        from builders.web import Silent
        from nonagon.accounts.access import Actor
        from nonagon.workspace.compute import compute_cycle
        from nonagon.workspace.jobs import import_into
        from nonagon.workspace.services import import_folder

        found = import_folder(actor=Actor(self.owner), organization=self.organization, folder=source).cycle
        import_into(found, Silent())
        found.refresh_from_db()
        compute_cycle(found, Silent())
        found.jobs.all().delete()
        return found

    def doubtful(self) -> str:
        """A cycle in whose register some customers stand twice, some of them in doubt; gives its key."""
        from builders.people import doubtful_cycle

        return str(self.computed(doubtful_cycle(self.home / "doubtful")).key)

    def copy(self, name: str) -> str:
        """Another cycle like the first one; gives its key."""
        import shutil

        from django.db import transaction

        from builders.web import copied
        from nonagon.process.models import DocumentVersion, PlanReader, Result, Whole
        from nonagon.workspace.places import folder_of
        from nonagon.workspace.services import new_key

        with transaction.atomic():
            made = copied(self.cycle, key=new_key(name), name=name)
            made.save(force_insert=True)
            for model in (DocumentVersion, Result, Whole, PlanReader):
                for row in model.objects.filter(cycle=self.cycle):
                    copied(row, cycle=made).save(force_insert=True)
            shutil.copytree(folder_of(self.cycle), folder_of(made))
        return str(made.key)


def prepared(home: Path) -> Keeper:
    """The home with its people and its computed cycle."""
    os.environ["NONAGON_HOME"] = str(home)
    os.environ["DJANGO_SETTINGS_MODULE"] = "nonagon.app.settings"
    from builders.folder import write_cycle
    from nonagon.app import server

    server.prepare()
    return Keeper(home, write_cycle(home / "source"))


def main(home: Path, port: int) -> None:
    """Makes the site, tells of it, and keeps it until the input ends. Port 0: makes the home only."""
    keeper = prepared(home)
    told = {
        "url": f"http://localhost:{port}",
        "key": keeper.cycle.key,
        "people": keeper.people,
        "sessions": keeper.sessions,
    }
    if not port:
        print(json.dumps(told), flush=True)
        return
    served = serve(home, port, log=home / "server.log")
    try:
        wait_for(port, served)
        print(json.dumps(told), flush=True)
        for line in sys.stdin:
            wanted = line.strip()
            key = keeper.doubtful() if wanted == "doubtful" else keeper.copy(wanted or "Copy")
            print(json.dumps(key), flush=True)
    finally:
        served.terminate()
        served.wait(timeout=30)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
