"""Tags that show a step's decisions as editors: `edit_document`, `edit_list`, `edit_fields`."""

import json
import re
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from pydantic import BaseModel

from nonagon.process import documents, registry
from nonagon.ui.fields import Cell, FormField, as_text, cells_of, form_field, form_fields, rows_of, summary
from nonagon.ui.sentences import said_text

register = template.Library()

SIMPLE = {"text", "long", "number", "whole", "flag", "date", "choice", "many"}

Faults = dict[tuple[str | int, ...], list[str]]

NEW = "@new"
"""Stands in the path of a row that is not in the document yet; the grid puts the entry's own key there."""


@register.filter
def as_json(value: Any) -> str:
    """A value as JSON for a data attribute; the template escapes it."""
    return json.dumps(value, ensure_ascii=False)


@register.filter
def dialog_id(path: list[str | int], what: str | int) -> str:
    """An id for the page, made of a path and of what it is for."""
    return "-".join(re.sub(r"[^A-Za-z0-9_]", "_", str(part)) for part in (*path, what))


@register.filter
def in_a_line(value: Any) -> str:
    """A nested value in a line."""
    return summary(value)


@register.simple_tag(takes_context=True)
def edit_document(context: dict[str, Any], *but: str) -> SafeString:
    """Every field of the step's document, but those that are named: single values first, then the lists."""
    model = _model(context)
    fields = [one for one in form_fields(model) if one.name not in but]
    single = [one for one in fields if one.kind in SIMPLE]
    parts = [_fields(context, tuple(single), (), "")] if single else []
    parts += [_one(context, one) for one in fields if one.kind not in SIMPLE]
    return mark_safe("".join(parts))


@register.simple_tag(takes_context=True)
def edit_list(context: dict[str, Any], name: str) -> SafeString:
    """One list of the document as a keyboard grid; `charter.members` is a list inside a part of it."""
    field, path, value = _found(context, name)
    return _list(context, field, path, value or [])


@register.simple_tag(takes_context=True)
def edit_fields(context: dict[str, Any], *names: str) -> SafeString:
    """Single values of the document as a form; a name of a nested model shows its fields.

    `charter.mission` is a value inside a part of it.
    """
    found = [_found(context, name) for name in names]
    faults = _faults(context)
    cells = [
        one
        for field, path, value in found
        if field.kind in SIMPLE
        for one in cells_of((field,), {field.name: value}, tuple(path[:-1]), faults)
    ]
    parts = []
    if cells:
        parts.append(_render(context, "ui/decisions/fields.html", {"cells": cells, "name": cells_name(names)}))
    parts += [_deeper(context, field, path, value) for field, path, value in found if field.kind not in SIMPLE]
    return mark_safe("".join(parts))


def cells_name(names: tuple[str, ...]) -> str:
    """What a form of several values is called on the page: a page may hold several, each by its first value."""
    return f"single-{names[0]}"


def _found(context: dict[str, Any], name: str) -> tuple[FormField, list[str | int], Any]:
    """The field that a dotted name means, its path, and what stands there."""
    first, *below = name.split(".")
    field, value = form_field(_model(context), first), context["content"].get(first)
    path: list[str | int] = [first]
    for part in below:
        field = next(one for one in field.fields if one.name == part)
        value = value.get(part) if isinstance(value, dict) else None
        path.append(part)
    return field, path, value


def _deeper(context: dict[str, Any], field: FormField, path: list[str | int], value: Any) -> str:
    if field.kind == "list":
        return _list(context, field, path, value or [])
    if field.kind == "model":
        return _nested(context, field, path, value)
    return _map(context, field, path, value or {})


@register.simple_tag(takes_context=True)
def cell(context: dict[str, Any], one: Cell, input_id: str = "") -> SafeString:
    """One value's input; with `input_id` a label beside it names it, else it carries its own name."""
    return mark_safe(
        render_to_string(
            "ui/decisions/cell.html", {"cell": one, "may_edit": context.get("may_edit"), "input_id": input_id}
        )
    )


@register.filter
def in_words(choice: str) -> str:
    """`under_way` as people read it."""
    return said_text(choice.replace("_", " "))


def _model(context: dict[str, Any]) -> type[BaseModel]:
    return registry.model_of(context["step"])


def _faults(context: dict[str, Any]) -> Faults:
    found: Faults = {}
    for path, message in (context.get("faults") or {}).items():
        found.setdefault(tuple(path), []).append(message)
    return found


def _one(context: dict[str, Any], field: FormField) -> str:
    return _deeper(context, field, [field.name], context["content"].get(field.name))


def _fields(
    context: dict[str, Any], fields: tuple[FormField, ...], prefix: tuple[str | int, ...], title: str
) -> str:
    value = context["content"]
    cells = list(cells_of(fields, value, prefix, _faults(context)))
    return _render(context, "ui/decisions/fields.html", {"cells": cells, "title": title, "name": "single"})


def _nested(context: dict[str, Any], field: FormField, path: list[str | int], value: Any) -> str:
    """The fields of a nested model; where it may be absent and is, a button that adds it."""
    inner = tuple(one for one in field.fields if one.kind in SIMPLE)
    deeper = [one for one in field.fields if one.kind not in SIMPLE]
    given = value if isinstance(value, dict) else {}
    cells = list(cells_of(inner, given, tuple(path), _faults(context))) if value is not None else []
    more = []
    if value is not None:
        for one in deeper:
            below = [*path, one.name]
            held = given.get(one.name)
            if one.kind == "list":
                more.append(_list(context, one, below, held or []))
            elif one.kind == "model":
                more.append(_nested(context, one, below, held))
            else:
                more.append(_map(context, one, below, held or {}))
    return _render(
        context,
        "ui/decisions/fields.html",
        {
            "cells": cells,
            "title": said_text(field.label),
            "help": said_text(field.help),
            "name": ".".join(map(str, path)),
            "path": path,
            "absent": value is None,
            "optional": field.optional,
            "new_fields": [Cell(one, [*path, one.name], one.default) for one in inner],
            "more": [mark_safe(one) for one in more],
        },
    )


def _list(context: dict[str, Any], field: FormField, path: list[str | int], entries: list[dict[str, Any]]) -> str:
    columns = [one for one in field.fields if one.kind in SIMPLE]
    deeper = [one for one in field.fields if one.kind not in SIMPLE]
    flat = FormField(**{**_as_dict(field), "fields": tuple(columns)})
    rows = []
    for position, (row, entry) in enumerate(zip(rows_of(flat, entries, _faults(context)), entries, strict=True)):
        own = [*path, row.path[-1]]
        cells = [Cell(one.field, [*own, one.field.name], one.value, one.faults) for one in row.cells]
        below = [_below(context, one, [*own, one.name], entry.get(one.name)) for one in deeper]
        rows.append(
            {
                "path": own,
                "name": row.name,
                "cells": cells,
                "faults": row.faults,
                "below": below,
                "position": position,
            }
        )
    return _render(
        context,
        "ui/decisions/list.html",
        {
            "field": field,
            "path": path,
            "columns": columns,
            "deeper": deeper,
            "rows": rows,
            "name": ".".join(map(str, path)),
            "keyed": any(one.name == "id" for one in columns),
            "renames": next((one.gives_id_of for one in columns if one.gives_id_of), ""),
            "new_fields": [Cell(one, [*path, NEW, one.name], one.default) for one in columns],
        },
    )


def _below(context: dict[str, Any], field: FormField, path: list[str | int], value: Any) -> dict[str, Any]:
    if field.kind == "list":
        html = _list(context, field, path, value or [])
    elif field.kind == "model":
        html = _nested(context, field, path, value)
    else:
        html = _map(context, field, path, value or {})
    return {"label": said_text(field.label), "summary": summary(value), "html": mark_safe(html)}


def _map(context: dict[str, Any], field: FormField, path: list[str | int], value: dict[str, Any]) -> str:
    return _render(
        context,
        "ui/decisions/map.html",
        {
            "field": field,
            "path": path,
            "name": ".".join(map(str, path)),
            "entries": [(key, as_text(one)) for key, one in value.items()],
            "flat": all(one.kind in SIMPLE for one in field.fields),
            "value": value,
        },
    )


def _as_dict(field: FormField) -> dict[str, Any]:
    return {name: getattr(field, name) for name in field.__dataclass_fields__}


def _render(context: dict[str, Any], name: str, more: dict[str, Any]) -> str:
    shared = {
        key: context.get(key)
        for key in ("edit_url", "undo_url", "redo_url", "version", "may_edit", "cycle", "step")
    }
    return render_to_string(name, {**shared, **more})


@register.simple_tag(takes_context=True)
def known_ids(context: dict[str, Any]) -> dict[str, list[str]]:
    """Ids that inputs suggest, by kind of record, from all documents of the cycle."""
    head, found, _numbers = documents.all_current(context["cycle"])
    ids: dict[str, list[str]] = {"item": [one.id for one in getattr(head, "items", ())]}
    for step, document in found.items():
        if context.get("sees_plan") or registry.is_open(step):
            for kind, value in document.defines():
                ids.setdefault(kind, []).append(value)
    return {kind: list(dict.fromkeys(values)) for kind, values in ids.items()}
