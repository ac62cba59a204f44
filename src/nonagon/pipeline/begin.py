"""`nonagon init`: a cycle folder from given data files, with comments, to be edited."""

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from importlib import resources
from itertools import dropwhile
from pathlib import Path

from nonagon.basics.errors import InputError, Mistake
from nonagon.deliverables.decisions import DecisionDocument
from nonagon.pipeline.rooms import ROOMS, Room
from nonagon.pipeline.writing import replace_files


def begin(folder: Path, files: Sequence[Path]) -> list[Path]:
    """Writes cycle.toml, items.csv where questions were found, and a commented decision document a step.

    folder: made where it does not exist; files: data files, read only as far as guessing needs. Gives the
    files written. Raises InputError where a file cannot be read or the folder holds a cycle already.
    """
    from nonagon.imports.guess import guess_cycle

    _refuse_what_exists(folder, files)
    data_folder = Path(os.path.commonpath([str(file.resolve().parent) for file in files]))
    guess = guess_cycle(files, data_folder, name=folder.resolve().name.replace("-", " ").capitalize())
    documents = {"cycle.toml": _with_data_folder(guess.text, folder, data_folder)}
    if guess.items_csv:
        documents["items.csv"] = guess.items_csv
    for room in ROOMS:
        documents[f"decisions/step{room.number}.toml"] = _skeleton(room)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return replace_files(folder, {name: text.encode("utf-8") for name, text in documents.items()})
    except OSError as error:
        message = f"cannot be written: {error.strerror}; give another folder"
        raise InputError([Mistake(folder, None, "", message)]) from error


def _refuse_what_exists(folder: Path, files: Sequence[Path]) -> None:
    mistakes = [Mistake(file, None, "", "does not exist; give data files") for file in files if not file.is_file()]
    if (folder / "cycle.toml").exists():
        mistakes.append(
            Mistake(folder / "cycle.toml", None, "", "exists already; edit it, or give another folder")
        )
    if mistakes:
        raise InputError(mistakes)


def _with_data_folder(text: str, folder: Path, data_folder: Path) -> str:
    """The key that says where the files are, before the first table."""
    relative = os.path.relpath(data_folder, folder.resolve())
    if relative == ".":
        return text
    place = json.dumps(Path(relative).as_posix(), ensure_ascii=False)
    line = f"data_folder = {place}  # what the files below are relative to\n"
    before, language, after = text.partition("\nlanguage = ")
    rest_of_line, newline, below = after.partition("\n")
    return before + language + rest_of_line + newline + line + below


def _skeleton(room: Room) -> str:
    """Every key of the step's decisions: what people decide, which CSV may hold it, and an example to uncomment.

    Single values come before tables, since in TOML a value below a table's header would belong to that table.
    """
    model = room.decisions()
    examples = by_key(example(room))
    names = sorted(model.model_fields, key=lambda name: _has_header(examples.get(name, [])))
    lines = [
        f"# Step {room.number}: {room.title}. What people decide; every key may be left out.",
        "# Lines that begin with # and no blank are an example from elsewhere: take the # away and edit.",
    ]
    for name in names:
        field, beside = model.model_fields[name], model.lists.get(name)
        where = f" (or the file {beside}: {', '.join(_columns(model, name))})" if beside else ""
        lines += ["", f"# {name}: {field.description or ''}{where}"]
        lines += [f"#{line}" if line else "" for line in examples.get(name, ())]
    return "\n".join([*lines, ""])


def example(room: Room) -> str:
    """The example of a step's decisions, the one that its reference page shows."""
    return resources.files(room.package).joinpath("example.toml").read_text(encoding="utf-8")


def by_key(text: str) -> dict[str, list[str]]:
    """The lines of a TOML document by its first keys, the header or the comment above a key with it.

    >>> by_key('# why\\na = 1\\n\\n[[b]]\\nc = 2\\n\\n[b.d]\\ne = 3\\n')
    {'a': ['# why', 'a = 1'], 'b': ['[[b]]', 'c = 2', '', '[b.d]', 'e = 3']}
    """
    found: dict[str, list[str]] = {}
    above: list[str] = []
    key, is_in_table = "", False
    for line in text.splitlines():
        header = re.match(r"\[+([A-Za-z0-9_-]+)", line)
        value = None if is_in_table else re.match(r"([A-Za-z0-9_-]+) *=", line)
        is_in_table = is_in_table or header is not None
        start = header or value
        key = start[1] if start else key
        above.append(line)
        if line and not line.startswith("#"):
            found.setdefault(key, []).extend(above)
            above = []
    return {key: list(dropwhile(_is_blank, lines)) for key, lines in found.items()}


def _has_header(lines: Sequence[str]) -> bool:
    return any(line.startswith("[") for line in lines)


def _is_blank(line: str) -> bool:
    return not line


def next_commands(folder: Path, called: str) -> str:
    """The two commands that come after `nonagon init`, as they can be pasted where it was called.

    called: the program as the shell started it (`sys.argv[0]`): its path is repeated, unless the plain name
    finds the same program.

    >>> next_commands(Path("my cycle"), ".venv/bin/nonagon")
    ".venv/bin/nonagon check 'my cycle'; .venv/bin/nonagon run 'my cycle'"
    """
    program, place = _program(called), _quoted(str(folder))
    return f"{program} check {place}; {program} run {place}"


def _program(called: str) -> str:
    known = shutil.which("nonagon")
    if Path(called).stem != "nonagon" or (known is not None and Path(known).resolve() == Path(called).resolve()):
        return "nonagon"
    return _quoted(called)


def _quoted(text: str) -> str:
    """A word of a command line, in quotes where the shell would split it or read more into it."""
    if os.name == "nt":
        return subprocess.list2cmdline([text])
    return shlex.quote(text)


def _columns(model: type[DecisionDocument], name: str) -> list[str]:
    from nonagon.pipeline.documents import model_of_rows

    return list(model_of_rows(model, name).model_fields)
