"""Where a cycle's files lie below NONAGON_HOME: what people brought, and the facts made of it."""

from pathlib import Path

from django.conf import settings

from nonagon.process.models import Cycle


def folder_of(cycle: Cycle) -> Path:
    """The cycle's own folder."""
    return Path(settings.HOME) / "cycles" / cycle.key


def files_of(cycle: Cycle) -> Path:
    """What people brought; the sources' globs start here."""
    found = folder_of(cycle) / "files"
    found.mkdir(parents=True, exist_ok=True)
    return found


def out_of(cycle: Cycle) -> Path:
    """What the import makes: facts/ and rejects.csv."""
    found = folder_of(cycle) / "out"
    found.mkdir(parents=True, exist_ok=True)
    return found
