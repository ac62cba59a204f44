"""Files that people bring: written to disk piece by piece, kept by name, never outside of the cycle's folder."""

import contextlib
import csv
import hashlib
import os
import re
import secrets
import shutil
import tempfile
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler
from django.utils.translation import gettext as _

from nonagon.accounts.access import Actor, Permission, require
from nonagon.basics.errors import NonagonError
from nonagon.imports.files import ENDINGS, reader_by_ending
from nonagon.process import audit
from nonagon.process.models import Cycle
from nonagon.process.registry import TypedRows
from nonagon.workspace.places import files_of, folder_of

LONGEST_NAME = 150
SPARE = 256 * 2**20
"""Bytes that must stay free on the disk: the database and the facts need room, too."""
TYPED = "typed"
"""The folder of what people typed into the rooms; the import writes it anew each time."""


class Refused(NonagonError):
    """A file that is not taken; the message says which, why, and what to do."""


# --- arriving -------------------------------------------------------------------------------------------


class LimitedUpload(TemporaryFileUploadHandler):
    """Writes what arrives to disk, below NONAGON_HOME, and stops at the limit or where the disk is nearly full."""

    arrived = 0

    def new_file(self, *given: Any, **more: Any) -> None:
        """A file begins: in our own folder, so that keeping it is a move and no copy."""
        super(TemporaryFileUploadHandler, self).new_file(*given, **more)
        self.arrived = 0
        self.file = _Arriving(self.file_name or "", self.content_type or "")  # type: ignore[assignment]

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """A piece of the file."""
        self.arrived += len(raw_data)
        if self.arrived > settings.UPLOAD_LIMIT:
            self._stop(
                _("“%(name)s” is larger than %(limit)s, the most that is taken; split it, or pack it (.gz).")
                % {"name": self.file_name, "limit": size_in_words(settings.UPLOAD_LIMIT)}
            )
        if start % (64 * 2**20) < len(raw_data) and shutil.disk_usage(settings.HOME).free < SPARE:
            self._stop(_("The server's disk is nearly full; tell whoever runs it. Nothing was kept."))
        super().receive_data_chunk(raw_data, start)

    def _stop(self, why: str) -> None:
        self.request.too_large = why  # type: ignore[union-attr]
        self.file.close()
        raise StopUpload(connection_reset=False)


class _Arriving(UploadedFile):
    """A file that is being written; its temporary file vanishes with it."""

    def __init__(self, name: str, content_type: str) -> None:
        folder = Path(settings.HOME) / "arriving"
        folder.mkdir(parents=True, exist_ok=True)
        file = tempfile.NamedTemporaryFile(dir=folder, suffix=".part")  # noqa: SIM115  (closed by Django)
        super().__init__(file, name, content_type, 0, None, None)

    def temporary_file_path(self) -> str:
        """Where it is written to."""
        return str(self.file.name)

    def close(self) -> None:
        """Removes it, unless it was moved away."""
        with contextlib.suppress(FileNotFoundError):
            self.file.close()


def size_in_words(size: int) -> str:
    """A size as people say it.

    >>> size_in_words(1_500_000)
    '1.4 MB'
    """
    for limit, word in ((2**30, _("GB")), (2**20, _("MB")), (2**10, _("KB"))):
        if size >= limit:
            return f"{size / limit:.1f} {word}"
    return _("%(count)d bytes") % {"count": size}


# --- names ----------------------------------------------------------------------------------------------


def name_of(given: str) -> str:
    """The name under which a file is kept: the last part of what was given, without what no name may hold.

    Raises Refused for a name of which nothing is left, and for a kind of file that is not read.

    >>> name_of("../../etc/Umfrage  2025.csv")
    'Umfrage 2025.csv'
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", given))[-1]
    plain = "".join(one if unicodedata.category(one)[0] not in "CZ" else " " for one in last)
    name = re.sub(r'[<>:"|?*\[\]]', "-", " ".join(plain.split())).lstrip(".- ")
    stem, dot, ending = name.rpartition(".")
    if not dot or not stem.strip(" .-"):
        said = _("A file needs a name with an ending, such as survey.csv; got “%(name)s”.")
        raise Refused(said % {"name": given})
    while len(name.encode()) > LONGEST_NAME:
        stem = stem[:-1]
        name = f"{stem}.{ending}"
    if reader_by_ending(name) is None:
        said = _("“%(name)s” is of a kind that is not read. Known are %(known)s, and each of them packed as .gz.")
        raise Refused(said % {"name": name, "known": " ".join(ENDINGS)})
    return name


def place_of(cycle: Cycle, name: str) -> Path:
    """Where a file of that name stands. Raises Refused for a name that leads out of the cycle's files."""
    home = files_of(cycle).resolve()
    place = (home / name).resolve()
    is_hidden = any(part.startswith(".") for part in Path(name).parts)
    if not name or not place.is_relative_to(home) or place == home or is_hidden:
        raise Refused(_("“%(name)s” is no file of this cycle.") % {"name": name})
    return place


# --- keeping --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stored:
    """A file of the cycle. name: below the cycle's files; sources: the names of those that read it."""

    name: str
    size: int
    at: datetime
    sources: tuple[str, ...] = ()

    @property
    def said_size(self) -> str:
        """Its size as people say it."""
        return size_in_words(self.size)


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a file: new, as before, replaced, or waiting for a choice since its name is taken."""

    name: str
    state: Literal["new", "same", "replaced", "waiting"]
    token: str = ""


def keep(*, actor: Actor, cycle: Cycle, upload: UploadedFile, name: str = "", replace: bool = False) -> Kept:
    """Keeps a file that arrived, under `name` or its own.

    A name that is taken already: the same bytes change nothing; other bytes take its place where `replace`, and
    else wait, so that the person chooses. Raises Refused.
    """
    require(actor, cycle, Permission.UPLOAD)
    if not name:
        name = name_of(upload.name or "")
    place = place_of(cycle, name)
    size, arrived = upload.size or 0, Path(upload.temporary_file_path())  # type: ignore[attr-defined]
    if not size:
        raise Refused(_("“%(name)s” is empty; export it again.") % {"name": name})
    _refuse_too_much(cycle, size)
    if place.is_file() and _digest(place) == _digest(arrived):
        return Kept(name, "same")
    if place.exists() and not replace:
        token = secrets.token_hex(8)
        _move(arrived, _waiting(cycle) / token / name)
        return Kept(name, "waiting", token)
    return Kept(name, _put(actor, cycle, name, arrived))


def settle(*, actor: Actor, cycle: Cycle, token: str, choice: str) -> Kept | None:
    """What becomes of a file that waits: `replace` the one of its name, keep `both`, or anything else: drop it."""
    require(actor, cycle, Permission.UPLOAD)
    name = waiting(cycle).get(token)
    if name is None:
        raise Refused(_("That file does not wait any more."))
    folder = _waiting(cycle) / token
    arrived = folder / name
    try:
        if choice == "replace":
            return Kept(name, _put(actor, cycle, name, arrived))
        if choice == "both":
            fresh = _fresh_name(cycle, name)
            return Kept(fresh, _put(actor, cycle, fresh, arrived))
        return None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def waiting(cycle: Cycle) -> dict[str, str]:
    """Files that wait for a choice: token -> name."""
    return {
        file.relative_to(_waiting(cycle)).parts[0]: Path(*file.relative_to(_waiting(cycle)).parts[1:]).as_posix()
        for file in sorted(_waiting(cycle).rglob("*"))
        if file.is_file()
    }


def remove(*, actor: Actor, cycle: Cycle, name: str) -> None:
    """Removes a file. What was read of it stays in the facts until the next import."""
    require(actor, cycle, Permission.UPLOAD)
    place = place_of(cycle, name)
    if not place.is_file():
        raise Refused(_("“%(name)s” is not there any more.") % {"name": name})
    digest = _digest(place)
    place.unlink()
    audit.note(actor, "data.file.remove", cycle=cycle, subject=name, sha256=digest)


def stored(cycle: Cycle) -> list[tuple[str, Path]]:
    """The cycle's files by name."""
    home = files_of(cycle)
    found = sorted(file for file in home.rglob("*") if file.is_file())
    named = [(file.relative_to(home), file) for file in found]
    return [(name.as_posix(), file) for name, file in named if not any(one.startswith(".") for one in name.parts)]


def at_of(file: Path) -> datetime:
    """When a file was last written."""
    return datetime.fromtimestamp(file.stat().st_mtime, UTC)


def _put(actor: Actor, cycle: Cycle, name: str, arrived: Path) -> Literal["new", "replaced"]:
    place = place_of(cycle, name)
    before = _digest(place) if place.is_file() else ""
    after, size = _digest(arrived), arrived.stat().st_size
    _move(arrived, place)
    audit.note(actor, "data.file.keep", cycle=cycle, subject=name, sha256=after, before=before, size=size)
    return "replaced" if before else "new"


def _move(arrived: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    os.chmod(arrived, 0o640)
    os.replace(arrived, place)


def _waiting(cycle: Cycle) -> Path:
    return folder_of(cycle) / "waiting"


def _fresh_name(cycle: Cycle, name: str) -> str:
    stem, _dot, endings = name.partition(".")
    number = 2
    while place_of(cycle, f"{stem}-{number}.{endings}").exists():
        number += 1
    return f"{stem}-{number}.{endings}"


def _refuse_too_much(cycle: Cycle, size: int) -> None:
    waits = [file for file in _waiting(cycle).rglob("*") if file.is_file()]
    held = sum(file.stat().st_size for file in (*waits, *(file for _name, file in stored(cycle))))
    if held + size > settings.CYCLE_LIMIT:
        said = _("The cycle's files would take %(size)s; at most %(limit)s are kept. Remove some first.")
        raise Refused(said % {"size": size_in_words(held + size), "limit": size_in_words(settings.CYCLE_LIMIT)})


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


# --- what people type -----------------------------------------------------------------------------------


def write_rows(cycle: Cycle, typed: TypedRows) -> Path:
    """Writes rows that were typed into a room as the file `typed/<name>.csv`; gives the file.

    All of the rows each time: the room's own rows are the truth, and the same rows give the same bytes.
    """
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", typed.name):
        raise ValueError(f"a source's name must be letters, digits and underscores; got {typed.name!r}")
    place = files_of(cycle) / TYPED / f"{typed.name}.csv"
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = place.with_name(f".{place.name}.writing")
    with beside.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(typed.columns)
        writer.writerows(["" if cell is None else cell for cell in row] for row in typed.rows)
    os.replace(beside, place)
    return place


def source_of(typed: TypedRows) -> dict[str, Any]:
    """The mapping of a typed file: its columns are named as those of the fact table."""
    return {
        "table": typed.table,
        "files": [f"{TYPED}/{typed.name}.csv"],
        "encoding": "utf-8",
        "delimiter": ",",
        "columns": {name: {"from": [name]} for name in typed.columns},
    }


def limit() -> int:
    """The largest file that is taken, in bytes."""
    return int(settings.UPLOAD_LIMIT)
