"""`nonagon init`: a cycle folder from given data files, with comments, to be edited."""

import os
from collections.abc import Sequence
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
    line = f'data_folder = "{Path(relative).as_posix()}"  # what the files below are relative to\n'
    place = text.find("\n[")
    return text[: place + 1] + line + text[place + 1 :] if place >= 0 else text + line


def _skeleton(room: Room) -> str:
    """Every key of the step's decisions as a comment: what people decide, and which CSV may hold it."""
    model = room.decisions()
    lines = [f"# Step {room.number}: {room.title}. What people decide; every key may be left out.", ""]
    for name, field in model.model_fields.items():
        beside = model.lists.get(name)
        where = f" (or the file {beside}: {', '.join(_columns(model, name))})" if beside else ""
        lines.append(f"# {name}: {field.description or ''}{where}")
    return "\n".join([*lines, ""])


def _columns(model: type[DecisionDocument], name: str) -> list[str]:
    from nonagon.pipeline.documents import model_of_rows

    return list(model_of_rows(model, name).model_fields)
