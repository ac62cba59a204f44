"""Reading what people wrote: one TOML document, with long lists as CSV beside it, and where each key stands.

Every mistake is found in one reading and named with file, line and key.
"""

import csv
import io
import re
import tomllib
import types
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from nonagon.basics.errors import Mistake
from nonagon.basics.toml_lines import line_of
from nonagon.deliverables.mistakes import choice, cleaned, dotted, said

Model = TypeVar("Model", bound=BaseModel)
Path_ = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Places:
    """Where the keys of a document stand: in the TOML's text, or in a CSV's rows."""

    file: Path
    text: str = ""
    lists: dict[str, tuple[Path, tuple[int, ...]]] = field(default_factory=dict)

    def mistake(self, path: Path_, message: str) -> Mistake:
        """A mistake at a path of keys and positions."""
        head = path[0] if path else ""
        if isinstance(head, str) and head in self.lists:
            file, lines = self.lists[head]
            position = path[1] if len(path) > 1 and isinstance(path[1], int) else None
            line = lines[position] if position is not None and position < len(lines) else None
            return Mistake(file, line, ".".join(str(part) for part in path[2:]), message)
        return Mistake(self.file, line_of(self.text, path), dotted(path), message)


@dataclass(frozen=True, slots=True)
class Reading(Generic[Model]):
    """A document as read: the value (None when it is wrong), where its keys stand, and what is wrong."""

    value: Model | None
    places: Places
    mistakes: tuple[Mistake, ...] = ()


def read_document(model: type[Model], file: Path, lists: dict[str, str] | None = None) -> Reading[Model]:
    """Reads `file` (a missing one counts as empty) and the CSV lists beside it into `model`.

    lists: field name -> CSV file name in the same folder.
    """
    text, raw, mistakes = _read_toml(file)
    is_toml = raw is not None
    raw = raw or {}
    found: dict[str, tuple[Path, tuple[int, ...]]] = {}
    for name, file_name in (lists or {}).items():
        beside = file.parent / file_name
        if not beside.exists():
            continue
        if name in raw:
            message = f"stands here and in {file_name}; keep one of them"
            mistakes.append(Mistake(file, line_of(text, (name,)), name, message))
            continue
        rows, lines, wrong = _read_list(beside, model_of_rows(model, name))
        raw[name] = rows
        found[name] = (beside, lines)
        mistakes += wrong
    places = Places(file, text, found)
    value = None
    if is_toml:  # what a broken file leaves out would only give mistakes that are none
        try:
            value = model.model_validate(raw)
        except ValidationError as error:
            mistakes += [places.mistake(cleaned(one["loc"]), said(model, one)) for one in error.errors()]
    return Reading(None if mistakes else value, places, tuple(_without_repeats(mistakes)))


def _read_toml(file: Path) -> tuple[str, dict[str, Any] | None, list[Mistake]]:
    """The text, what it says (None where it is no TOML), and what is wrong."""
    if not file.exists():
        return "", {}, []
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = file.read_bytes()[: error.start].count(b"\n") + 1
        return "", None, [Mistake(file, line, "", f"is not UTF-8 text: {error.reason}; save the file as UTF-8")]
    except OSError as error:
        return "", None, [Mistake(file, None, "", f"cannot be read: {error.strerror}")]
    try:
        return text, tomllib.loads(text), []
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"at line (\d+)", str(error))
        line = int(place.group(1)) if place else text.count("\n") + 1
        message = re.sub(r" \(at .*\)$", "", str(error))
        return text, None, [Mistake(file, line, "", f"is not valid TOML here: {message}")]


def _read_list(
    file: Path, row_model: type[BaseModel]
) -> tuple[list[dict[str, Any]], tuple[int, ...], list[Mistake]]:
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = file.read_bytes()[: error.start].count(b"\n") + 1
        return [], (), [Mistake(file, line, "", f"is not UTF-8 text: {error.reason}; save the file as UTF-8")]
    except OSError as error:
        return [], (), [Mistake(file, None, "", f"cannot be read: {error.strerror}")]
    return rows_of(text, file, row_model)


def rows_of(
    text: str, file: Path, row_model: type[BaseModel]
) -> tuple[list[dict[str, Any]], tuple[int, ...], list[Mistake]]:
    """The rows of a CSV list as `row_model` takes them, the line of each, and what is wrong with the table.

    file: what mistakes name as their place.
    """
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=_delimiter(text))
    rows: list[dict[str, Any]] = []
    lines: list[int] = []
    mistakes: list[Mistake] = []
    start = 1
    header: list[str] = []
    try:
        for cells in reader:
            line, start = start, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if not header:
                header = [cell.strip() for cell in cells]
                mistakes += _header_mistakes(file, line, header, row_model)
                if any(name not in header for name in _required(row_model)):
                    return [], (), mistakes
            elif len(cells) != len(header):
                word = "cell" if len(cells) == 1 else "cells"
                message = f"has {len(cells)} {word}, but the header has {len(header)} columns"
                mistakes.append(Mistake(file, line, "", message))
            else:
                rows.append(_row(header, cells, row_model))
                lines.append(line)
    except csv.Error as error:
        mistakes.append(Mistake(file, start, "", f"is not valid CSV: {error}; is a quote left open?"))
    if not header:
        mistakes.append(Mistake(file, None, "", "is empty; the first line must name the columns"))
    mistakes += _doubtful(rows, file, lines, row_model)
    return rows, tuple(lines), mistakes


def _delimiter(text: str) -> str:
    """A comma, or what a spreadsheet writes in its place where the comma divides decimals."""
    header = text.lstrip("\n\r").partition("\n")[0]
    return max((",", ";", "\t"), key=lambda one: (header.count(one), one == ","))


def _row(header: list[str], cells: list[str], row_model: type[BaseModel]) -> dict[str, Any]:
    """The cells that say something, by column; columns that the model does not know are left out."""
    row: dict[str, Any] = {}
    for name, cell in zip(header, cells, strict=True):
        text, wanted = cell.strip(), row_model.model_fields.get(name)
        if text and wanted is not None:
            row[name] = _parts(text) if _holds_tuple(wanted.annotation) else text
    return row


def _doubtful(
    rows: list[dict[str, Any]], file: Path, lines: list[int], row_model: type[BaseModel]
) -> list[Mistake]:
    """Numbers such as 25.000, which some write for twenty-five thousand: nobody should have to guess."""
    return [
        Mistake(
            file, line, name, f"may mean {text.replace('.', '')} or {text.split('.')[0]}; write it without points"
        )
        for row, line in zip(rows, lines, strict=True)
        for name, text in row.items()
        if isinstance(text, str)
        and re.fullmatch(r"[1-9]\d{0,2}(\.\d{3})*\.000", text)
        and "float" in str(row_model.model_fields[name].annotation)
    ]


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _holds_tuple(annotation: Any) -> bool:
    if typing.get_origin(annotation) is tuple:
        return True
    if typing.get_origin(annotation) in {typing.Union, types.UnionType}:
        return any(_holds_tuple(part) for part in typing.get_args(annotation))
    return False


def _header_mistakes(file: Path, line: int, header: list[str], row_model: type[BaseModel]) -> list[Mistake]:
    known = list(row_model.model_fields)
    found = [
        Mistake(file, line, name, "is a column that must be there; add it")
        for name in _required(row_model)
        if name not in header
    ]
    for name in header:
        if name not in known:
            found.append(Mistake(file, line, name, f"is no column here; {choice(name, known)}"))
        elif header.count(name) > 1:
            found.append(Mistake(file, line, name, "stands twice in the header; keep one"))
    return _without_repeats(found)


def _required(row_model: type[BaseModel]) -> list[str]:
    return [name for name, one in row_model.model_fields.items() if one.is_required()]


def model_of_rows(model: type[BaseModel], name: str) -> type[BaseModel]:
    """The model of one entry of the list `name`."""
    row = typing.get_args(model.model_fields[name].annotation)[0]
    if not (isinstance(row, type) and issubclass(row, BaseModel)):
        raise TypeError(f"{model.__name__}.{name} must be a tuple of models to stand as CSV")
    return row


def _without_repeats(mistakes: list[Mistake]) -> list[Mistake]:
    return list(dict.fromkeys(mistakes))
