"""From a decision model to the form that edits it: annotation -> kind of input, description -> help.

The models of `decisions.py` are the form's only rules; there is no second list of fields.
"""

import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Annotated, Any, Literal

from django.utils.translation import gettext as _
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from nonagon.deliverables.references import Defines, reference_in
from nonagon.process.edits import id_of
from nonagon.ui.sentences import said_text

Kind = Literal[
    "text", "long", "number", "whole", "flag", "date", "choice", "many", "references", "model", "list", "map"
]

SIMPLE: dict[type, Kind] = {bool: "flag", int: "whole", float: "number", date: "date"}

LONG = {"note", "reason", "why", "message", "statement", "mission", "evidence", "action", "plan", "what", "said"}
"""Fields whose text is usually more than a few words."""


@dataclass(frozen=True, slots=True)
class FormField:
    """One field as a form shows it.

    kind: of input; many: a tuple of text; choices: of a choice; required: without a default; optional: may be
    None; reference: kind of record whose ids are suggested; gives_id_of: kind of record whose id it is, where that
    can be renamed; fields: of a nested model or of a list's entries.
    """

    name: str
    label: str
    help: str
    kind: Kind
    required: bool = False
    optional: bool = False
    choices: tuple[str, ...] = ()
    reference: str = ""
    gives_id_of: str = ""
    fields: "tuple[FormField, ...]" = ()
    default: Any = None


@cache
def form_fields(model: type[BaseModel]) -> tuple[FormField, ...]:
    """The fields of a model in their order."""
    return tuple(_field(name, info) for name, info in model.model_fields.items())


def form_field(model: type[BaseModel], name: str) -> FormField:
    """One of them."""
    return next(one for one in form_fields(model) if one.name == name)


def _field(name: str, info: FieldInfo) -> FormField:
    kind, more = _kind(name, info.annotation)
    optional = type(None) in _members(info.annotation)
    default = info.get_default(call_default_factory=True) if not info.is_required() else None
    return FormField(
        name=name,
        label=label_of(name),
        help=info.description or "",
        kind=kind,
        required=info.is_required(),
        optional=optional,
        reference=_kind_named(info) if kind in {"text", "many", "long"} else "",
        gives_id_of=next((one.kind for one in info.metadata if isinstance(one, Defines) and not one.in_data), ""),
        default=default.model_dump(mode="json") if isinstance(default, BaseModel) else default,
        **more,
    )


def _kind_named(info: FieldInfo) -> str:
    """The kind of record that a field names, the first where there are several."""
    refers = reference_in(info.annotation, info.metadata)
    return refers.kinds[0] if refers is not None and refers.kinds else ""


def label_of(name: str) -> str:
    """`cost_actual` as people say it."""
    words = name.removesuffix("_id").replace("_", " ")
    return words[:1].upper() + words[1:]


def _members(annotation: Any) -> tuple[Any, ...]:
    if typing.get_origin(annotation) is Annotated:
        return _members(typing.get_args(annotation)[0])
    if typing.get_origin(annotation) in {typing.Union, types.UnionType}:
        return tuple(member for one in typing.get_args(annotation) for member in _members(one))
    return (annotation,)


def _kind(name: str, annotation: Any) -> tuple[Kind, dict[str, Any]]:
    members = [one for one in _members(annotation) if one is not type(None)]
    first = members[0]
    origin, arguments = typing.get_origin(first), typing.get_args(first)
    if origin is Literal:
        return "choice", {"choices": tuple(str(one) for one in arguments)}
    if origin is tuple:
        return _kind_of_list(arguments[0])
    if origin is dict:
        return "map", {"fields": (_value_of(arguments[1]),)}
    if isinstance(first, type) and issubclass(first, BaseModel):
        return "model", {"fields": form_fields(first)}
    simple = next(
        (kind for known, kind in SIMPLE.items() if isinstance(first, type) and issubclass(first, known)), None
    )
    return simple or ("long" if name in LONG else "text"), {}


def _value_of(annotation: Any) -> FormField:
    """What stands behind each key of a map."""
    kind, more = _kind("value", annotation)
    return FormField(name="value", label="Value", help="", kind=kind, **more)


def _kind_of_list(inner: Any) -> tuple[Kind, dict[str, Any]]:
    member = next(one for one in _members(inner) if one is not type(None))
    if isinstance(member, type) and issubclass(member, BaseModel):
        return "list", {"fields": form_fields(member)}
    if typing.get_origin(member) is Literal:
        return "many", {"choices": tuple(str(one) for one in typing.get_args(member))}
    return "many", {}


@dataclass(frozen=True, slots=True)
class Cell:
    """One value to edit: its field, its path as JSON-ready list, and how it is written in an input."""

    field: FormField
    path: list[str | int]
    value: Any
    faults: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The value as an input holds it."""
        return as_text(self.value)


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of a list: its path, what people call it, and its cells."""

    path: list[str | int]
    name: str
    cells: tuple[Cell, ...]
    faults: tuple[str, ...] = ()


def as_text(value: Any) -> str:
    """A value of a decision as an input holds it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.12g}"
    if isinstance(value, list | tuple):
        return "; ".join(as_text(one) for one in value)
    return str(value)


def rows_of(
    field: FormField, entries: list[dict[str, Any]], faults: dict[tuple[str | int, ...], list[str]]
) -> list[Row]:
    """The entries of a list field, ready to be edited."""
    rows = []
    ids = [id_of(entry) for entry in entries]
    for position, entry in enumerate(entries):
        own = ids[position]  # an id that stands twice names no row: its position does
        path: list[str | int] = [field.name, f"@{own}" if own and ids.count(own) == 1 else position]
        cells = tuple(
            Cell(one, [*path, one.name], entry.get(one.name), _faults_at(faults, (field.name, position, one.name)))
            for one in field.fields
        )
        name = str(entry.get("name") or own or entry.get("need") or entry.get("item") or position + 1)
        rows.append(Row(path, name, cells, tuple(faults.get((field.name, position), ()))))
    return rows


def cells_of(
    fields: tuple[FormField, ...],
    value: dict[str, Any],
    prefix: tuple[str | int, ...],
    faults: dict[tuple[str | int, ...], list[str]],
) -> Iterator[Cell]:
    """The simple fields of a model, those of nested models among them, ready to be edited."""
    for one in fields:
        path = (*prefix, one.name)
        yield Cell(one, list(path), value.get(one.name), _faults_at(faults, path))


def _faults_at(faults: dict[tuple[str | int, ...], list[str]], path: tuple[str | int, ...]) -> tuple[str, ...]:
    return tuple(said for at, messages in faults.items() if at[: len(path)] == path for said in messages)


def summary(value: Any) -> str:
    """A nested value in a line, for cells that are edited in a place of their own."""
    if isinstance(value, dict):
        return ", ".join(
            f"{said_text(label_of(key)).lower()} {as_text(one)}"
            for key, one in value.items()
            if one not in (None, "", [], {})
        )
    if isinstance(value, list):
        return _("%(count)d entries") % {"count": len(value)}
    return as_text(value)
