"""Writing what people decided: one TOML text a document, with its lists as CSV beside it.

The inverse of `documents.read_document`: what is written here reads back as the same document. A list that a
CSV cannot hold without loss, or that a spreadsheet would compute with, stands in the TOML.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from nonagon.deliverables.evidence import Value
from nonagon.pipeline.documents import model_of_rows, rows_of


def texts_of(
    document: Value, name: str, lists: Mapping[str, str] | None = None, *, title: str = ""
) -> dict[str, str]:
    """The document as files: name -> text. Files that would say nothing are left out.

    name: of the TOML; lists: field -> name of its CSV, in the same folder; title: the TOML's first line. Keys
    that say the default are left out.
    """
    import tomli_w

    said = _said(document)
    files = {}
    for field, file_name in (lists or {}).items():
        text = _csv(getattr(document, field), model_of_rows(type(document), field)) if field in said else None
        if text is not None:
            files[file_name] = text
            del said[field]
    if said:
        heading = f"# {title}\n\n" if title else ""
        files[name] = heading + tomli_w.dumps(said, indent=2)
    return dict(sorted(files.items()))


# --- TOML -----------------------------------------------------------------------------------------------


def _said(document: BaseModel) -> dict[str, Any]:
    """What a document says beside its defaults, as TOML can hold it."""
    if not isinstance(document, Value):
        return _mapping(document)
    fields = type(document).model_fields
    values = {name: getattr(document, name) for name in fields}
    return {
        name: _toml(value)
        for name, value in values.items()
        if value is not None
        and (fields[name].is_required() or value != fields[name].get_default(call_default_factory=True))
    }


def _toml(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return _said(value)
    if isinstance(value, tuple | list):
        return [_toml(one) for one in value]
    if isinstance(value, dict):
        return {key: _toml(one) for key, one in value.items()}
    return _short_number(value) if isinstance(value, float) else value


def _short_number(value: float) -> float | int:
    """A whole number without `.0`, as people write it."""
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def source_as_said(source: BaseModel) -> dict[str, Any]:
    """A source as people would write it in TOML: only what was said, in the short forms."""
    return _mapping(source)


def _mapping(source: BaseModel) -> dict[str, Any]:
    """A source of cycle.toml with the keys that were set: the facts' fingerprint is made of just those."""
    said = source.model_dump(by_alias=True, exclude_unset=True, exclude_none=True)
    return {
        name: _in_order(value) if name in {"columns", "attributes", "items"} else value
        for name, value in said.items()
    }


def _in_order(forms: Mapping[str, Any]) -> dict[str, Any]:
    """The forms so that TOML keeps their order, which the facts' fingerprint sees.

    TOML has tables after all other values: where a form is a table, those that follow are written as tables too.
    """
    found: dict[str, Any] = {}
    for name, form in forms.items():
        short = _short_form(form)
        needs_table = any(isinstance(one, dict) for one in found.values()) and not isinstance(short, dict)
        found[name] = {"from": short} if needs_table else short
    return found


def _short_form(form: Any) -> Any:
    """`"Total"` for `{from = ["Total"]}`, as people write it; also inside of other forms."""
    if isinstance(form, tuple | list):
        return [_short_form(one) for one in form]
    if not isinstance(form, dict):
        return form
    if form.keys() == {"from"}:
        names = form["from"]
        return names[0] if len(names) == 1 else list(names)
    # `match` is a list of names, and no form
    return {key: value if key == "match" else _short_form(value) for key, value in form.items()}


# --- CSV ------------------------------------------------------------------------------------------------


def _csv(entries: Sequence[Value], row_model: type[BaseModel]) -> str | None:
    """The list as CSV, or None where a CSV would not read back as the same list, or is no safe one."""
    columns = [
        name
        for name, field in row_model.model_fields.items()
        if field.is_required()
        or any(getattr(one, name) != field.get_default(call_default_factory=True) for one in entries)
    ]
    rows = [[_cell(getattr(one, name)) for name in columns] for one in entries]
    if any(cell is None or _is_computed(cell) for row in rows for cell in row):
        return None
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\n").writerows([columns, *((cell or "" for cell in row) for row in rows)])
    text = stream.getvalue()
    return text if _read_back(text, row_model) == list(entries) else None


def _cell(value: Any) -> str | None:
    """A value in a cell; None where no cell can hold it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(_short_number(value))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple) and all(isinstance(one, str) for one in value):
        return "; ".join(value)
    return str(value) if isinstance(value, str | int) else None


def _is_computed(cell: str) -> bool:
    """Whether a spreadsheet would take a cell for a formula; a sign alone, or before a number, is none."""
    return bool(re.match(r"[=@\t\r]|[+-](?![+-]?$|[\d.]+(e[+-]?\d+)?$)", cell))


def _read_back(text: str, row_model: type[BaseModel]) -> list[BaseModel] | None:
    rows, _, mistakes = rows_of(text, Path(), row_model)
    try:
        return None if mistakes else [row_model.model_validate(row) for row in rows]
    except ValidationError:
        return None
