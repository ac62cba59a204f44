"""A cycle as a folder, and the folder as a zip: out for keeping and handing on, in again without trust.

`write_folder` and `folder.read_folder` are inverses: the cycle that is read is the one that was written.
"""

import os
import re
import shutil
import stat
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from nonagon.basics.errors import InputError, Mistake
from nonagon.deliverables.decisions import DecisionDocument
from nonagon.pipeline.rooms import ROOMS
from nonagon.pipeline.texts import texts_of

if TYPE_CHECKING:
    from nonagon.imports.mapping import Source
    from nonagon.pipeline.folder import CycleFile

DATA = "data"
RESULTS = "out"
OF_THE_FOLDER = frozenset({"cycle.toml", "items.csv", "decisions", RESULTS, "README.md"})
"""What stands at the top of a cycle folder beside the data."""
MOST_MISTAKES = 20
LONGEST_PART = 255
OLDEST_DATE = (1980, 1, 1, 0, 0, 0)
"""The date that every member of a zip gets, the oldest that a zip can hold: the same folder, the same bytes."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an archive from elsewhere may unpack to. files: members; size: bytes in all, unpacked."""

    files: int = 20_000
    size: int = 4 * 2**30


# --- a cycle -> a folder --------------------------------------------------------------------------------


def write_folder(
    folder: Path,
    *,
    head: "CycleFile",
    documents: Mapping[int, DecisionDocument],
    files: Mapping[str, Path],
    results: Mapping[str, Path | bytes] | None = None,
) -> Path:
    """Writes the cycle as a cycle folder; gives the folder. All of it is there afterwards, or nothing.

    folder: new, or empty; head: its data_folder becomes `data`, or `.` where the files' names begin with `data/`
    themselves; files: the data files, by their name relative to the data folder (`data_files` finds them);
    results: what goes into out/, by the name below it. Raises InputError where a name leads out of the folder, a
    file cannot be read, or the folder holds something.
    """
    _refuse_names(folder, [*files, *(results or {})])
    data_folder = _data_folder_for(head.data, files)
    texts = _texts(head.model_copy(update={"data_folder": data_folder}), documents)
    with _made_whole(folder) as staging:
        for name, text in texts.items():
            _put(staging / name, text.encode("utf-8"))
        for name, source in files.items():
            _put(staging / data_folder / name, source)
        for name, content in (results or {}).items():
            _put(staging / RESULTS / name, content)
    return folder


def _data_folder_for(sources: "Mapping[str, Source]", files: Iterable[str]) -> str:
    """What the files' names are relative to: the folder itself where they stand in `data/` already, else `data`.

    Names are kept as they are, since the sources name them. In the folder itself no pattern may meet what is no
    data, so there each file lies in `data/`, or is one that a source names in full and that nothing else is.
    """
    named = {name for source in sources.values() for name in _names_in(source)}
    in_full = {name for name in named if not any(mark in name for mark in "*?[")}
    names = {*files, *named}
    already = {name for name in names if name.startswith(f"{DATA}/")}
    others = names - already
    stays = others <= in_full and not {PurePosixPath(name).parts[0] for name in others} & OF_THE_FOLDER
    return "." if already and stays else DATA


def _names_in(source: "Source") -> tuple[str, ...]:
    """The names and patterns of the files that a source reads or looks into."""
    return (*source.files, *(one.file for *_, one in source.lookups()))


def data_files(sources: "Mapping[str, Source]", data_folder: Path) -> dict[str, Path]:
    """Every file that the sources name or look into, by its name relative to the data folder.

    A source whose files are not there adds none: `nonagon check` says what is missing.
    """
    from nonagon.imports.files import NoFile, matching

    found: dict[str, Path] = {}
    for source in sources.values():
        for name in _names_in(source):
            try:
                found |= dict(matching([name], data_folder))
            except NoFile:
                continue
    return dict(sorted(found.items()))


def files_below(folder: Path) -> dict[str, Path]:
    """The files below a folder by their name relative to it, without hidden ones: locks, work in progress."""
    return {name: place for name, place in _below(folder) if place.is_file()}


def _below(folder: Path) -> Iterator[tuple[str, Path]]:
    """Whatever stands below a folder and is not hidden, in the order of names."""
    for place in sorted(folder.rglob("*")):
        relative = place.relative_to(folder)
        if not any(part.startswith(".") for part in relative.parts):
            yield relative.as_posix(), place


def _texts(head: "CycleFile", documents: Mapping[int, DecisionDocument]) -> dict[str, str]:
    """Every text of the cycle folder by its name."""
    texts = texts_of(head, "cycle.toml", {"items": "items.csv"}, title=" ".join(head.name.split()))
    for room in ROOMS:
        if room.number in documents:
            document = documents[room.number]
            title = f"Step {room.number}: {room.title}. What people decided."
            found = texts_of(document, f"step{room.number}.toml", type(document).lists, title=title)
            texts |= {f"decisions/{name}": text for name, text in found.items()}
    return texts


def _put(place: Path, content: Path | bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        place.write_bytes(content)
        return
    try:
        shutil.copyfile(content, place)
    except OSError as error:
        raise InputError([Mistake(content, None, "", f"cannot be copied: {error.strerror or error}")]) from error


@contextmanager
def _made_whole(folder: Path) -> Iterator[Path]:
    """A folder to fill, which takes the place of `folder` when all went well, and vanishes otherwise."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError([Mistake(folder, None, "", "holds something already; give a new or an empty folder")])
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=".making-", dir=folder.parent))
    except OSError as error:
        raise InputError([Mistake(folder, None, "", f"cannot be made: {error.strerror}")]) from error
    try:
        (beside / "new").mkdir()
        yield beside / "new"
        if folder.exists():
            folder.rmdir()
        os.replace(beside / "new", folder)
    except OSError as error:
        message = f"cannot be written: {error.strerror or error}; nothing was left behind"
        raise InputError([Mistake(folder, None, "", message)]) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


# --- a folder -> a zip ----------------------------------------------------------------------------------


def write_archive(folder: Path, archive: Path, *, with_results: bool = False) -> Path:
    """Writes a cycle folder as a zip; gives the zip. The same folder gives the same bytes.

    with_results: with out/, so that who unpacks it need not compute anything. Hidden files stay out. Data that
    stand outside of the folder are not in it: `write_folder` first brings them in. Raises InputError for links.
    """
    members = {
        name: place
        for name, place in _below(folder)
        if (with_results or PurePosixPath(name).parts[0] != RESULTS) and place != archive
    }
    links = [place for place in members.values() if place.is_symlink()]
    if links:
        message = "is a link; put the file itself in its place, since an archive holds files only"
        raise InputError([Mistake(place, None, "", message) for place in links])
    written = archive.with_name(f".{archive.name}.writing")
    try:
        with ZipFile(written, "w", ZIP_DEFLATED, compresslevel=6) as zipped:
            for name, place in members.items():
                if place.is_file():
                    _add(zipped, name, place)
        os.replace(written, archive)
    except OSError as error:
        raise InputError([Mistake(archive, None, "", f"cannot be written: {error.strerror or error}")]) from error
    finally:
        written.unlink(missing_ok=True)
    return archive


def _add(zipped: ZipFile, name: str, file: Path) -> None:
    info = ZipInfo(name, OLDEST_DATE)
    info.compress_type, info.create_system = ZIP_DEFLATED, 3  # 3: permissions as Unix has them
    info.external_attr = (stat.S_IFREG | 0o644) << 16
    info.file_size = file.stat().st_size  # known beforehand, for files above what a plain zip can hold
    with file.open("rb") as source, zipped.open(info, "w") as member:
        shutil.copyfileobj(source, member, 1 << 20)


# --- a zip -> a folder ----------------------------------------------------------------------------------


def read_archive(archive: Path, into: Path, *, limits: Limits | None = None) -> Path:
    """Unpacks a zip that holds a cycle folder; gives the folder, `into`. All of it is there, or nothing.

    into: new, or empty. The zip may come from anybody: names that lead out of the folder, links, passwords, two
    members of one name, and more than `limits` are refused. cycle.toml stands at its top, or in the one
    folder that is there. What the cycle says is not looked at: `read_folder` and `nonagon check` do. Raises
    InputError.
    """
    limits = limits or Limits()
    try:
        with ZipFile(archive) as zipped:
            members = _members(archive, zipped.infolist(), limits)
            top = _top(archive, members)
            with _made_whole(into) as staging:
                _unpack(
                    archive, zipped, {name[len(top) :]: info for name, info in members.items()}, staging, limits
                )
    except (BadZipFile, zlib.error, EOFError) as error:
        raise _wrong(archive, f"is damaged, or no zip archive: {error}") from error
    except NotImplementedError as error:
        raise _wrong(archive, f"is packed in a way that is not read here: {error}; pack it anew") from error
    except OSError as error:
        raise _wrong(archive, f"cannot be read: {error.strerror or error}") from error
    return into


def _members(archive: Path, infos: list[ZipInfo], limits: Limits) -> dict[str, ZipInfo]:
    """The files of the zip by name; everything that may not be is named at once."""
    if len(infos) > limits.files:
        raise _wrong(archive, f"holds {len(infos)} files; at most {limits.files} are taken")
    size = sum(info.file_size for info in infos)
    if size > limits.size:
        raise _wrong(archive, f"unpacks to {_megabytes(size)}; at most {_megabytes(limits.size)} are taken")
    found: dict[str, ZipInfo] = {}
    mistakes = []
    for info in infos:
        name = info.orig_filename
        problem = _problem(name.rstrip("/")) or _problem_of_kind(info) or ("stands twice" if name in found else "")
        if problem:
            mistakes.append(Mistake(archive, None, ascii(name)[1:-1], f"{problem}; pack the cycle folder anew"))
        elif not info.is_dir() and not _is_of_the_system(name):
            found[name] = info
    folders = {parent.as_posix() for name in found for parent in PurePosixPath(name).parents}
    mistakes += [
        Mistake(archive, None, name, "is a file and a folder; pack the cycle folder anew")
        for name in found
        if name in folders
    ]
    if mistakes:
        raise InputError(mistakes[:MOST_MISTAKES])
    return found


def _problem(name: str) -> str:
    """Why a name may not be the place of a file below a folder; "" where it may."""
    parts = name.split("/")
    if not name or name.startswith("/") or re.match(r"[A-Za-z]:", name) or ".." in parts or "\\" in name:
        return "leads out of the folder"
    if any(part in {"", "."} for part in parts) or any(ord(one) < 32 or ord(one) == 127 for one in name):
        return "is no proper name of a file"
    if any(len(part.encode("utf-8", "surrogatepass")) > LONGEST_PART for part in parts):
        return f"has a name of more than {LONGEST_PART} bytes"
    return ""


def _problem_of_kind(info: ZipInfo) -> str:
    if info.flag_bits & 0x1:
        return "needs a password"
    kind = stat.S_IFMT(info.external_attr >> 16) if info.create_system == 3 else 0
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        return "is a link, or another thing that is no file"
    return ""


def _is_of_the_system(name: str) -> bool:
    """What some systems put beside the files when they pack a folder."""
    parts = PurePosixPath(name).parts
    return parts[0] == "__MACOSX" or parts[-1] in {".DS_Store", "Thumbs.db", "desktop.ini"}


def _top(archive: Path, members: Mapping[str, ZipInfo]) -> str:
    """What stands before `cycle.toml` in its name: nothing, or one folder."""
    if "cycle.toml" in members:
        return ""
    tops = {name.partition("/")[0] for name in members}
    top = next(iter(tops)) + "/" if len(tops) == 1 else ""
    if not top or f"{top}cycle.toml" not in members:
        raise _wrong(archive, "holds no cycle.toml at its top; pack the folder that holds cycle.toml")
    return top


def _unpack(archive: Path, zipped: ZipFile, members: Mapping[str, ZipInfo], folder: Path, limits: Limits) -> None:
    """Copies the files out, counting what really comes: the sizes that a zip states may be wrong."""
    left = limits.size
    for name, info in members.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        with zipped.open(info) as source, place.open("wb") as file:
            while piece := source.read(1 << 20):
                left -= len(piece)
                if left < 0:
                    raise _wrong(
                        archive, f"unpacks to more than {_megabytes(limits.size)}, the most that is taken"
                    )
                file.write(piece)


def _refuse_names(folder: Path, names: list[str]) -> None:
    mistakes = [Mistake(folder / name, None, "", problem) for name in names if (problem := _problem(name))]
    if mistakes:
        raise InputError(mistakes)


def _megabytes(size: int) -> str:
    return f"{size / 2**20:,.0f} MB".replace(",", " ")


def _wrong(archive: Path, message: str) -> InputError:
    return InputError([Mistake(archive, None, "", message)])
