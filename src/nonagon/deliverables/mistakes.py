"""What pydantic finds wrong in what people wrote, in plain words.

The readers of files and the web application name the same mistake with the same sentence.
"""

import re
import typing
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel

WORDS = {
    "string_pattern_mismatch": "must look like {pattern}",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "float_parsing": "must be a number with a point for decimals",
    "int_parsing": "must be a whole number",
    "date_from_datetime_parsing": "must be a day such as 2026-01-31",
    "date_parsing": "must be a day such as 2026-01-31",
    "string_type": "must be text, in quotes",
}
"""What pydantic finds, by its kind, in our words."""


def said(model: type[BaseModel], error: Mapping[str, Any]) -> str:
    """One of pydantic's findings in our words: the thing, the rule, the value received, what to do next.

    model: the model that was validated; error: an entry of `ValidationError.errors()`.

    >>> from pydantic import ValidationError
    >>> class Task(BaseModel, extra="forbid"):
    ...     days: int = 1
    >>> def first_error(raw):
    ...     try:
    ...         Task.model_validate(raw)
    ...     except ValidationError as error:
    ...         return error.errors()[0]
    >>> said(Task, first_error({"days": "two"}))
    "must be a whole number; got 'two'"
    >>> said(Task, first_error({"dayz": 2}))
    'is no key here; did you mean days?'
    """
    kind, got = error["type"], error.get("input")
    if kind == "missing":
        return "is missing; add it"
    if kind == "extra_forbidden":
        known = _fields_at(model, cleaned(error["loc"])[:-1])
        name = str(error["loc"][-1])
        return f"is no key here; {choice(name, known)}" if known else "is no key here; remove it"
    if kind in WORDS:
        rule = WORDS[kind].format(**(error.get("ctx") or {}))
        return f"{rule}; got {got!r:.100}"
    if kind in {"too_short", "string_too_short"}:
        return f"{_enough(kind, error['ctx']['min_length'])}; got {got!r:.100}"
    message = str(error["msg"])
    message = message.removeprefix("Value error, ").removeprefix("Input should be ").strip()
    if kind == "value_error":  # ours: says already what it got, where that matters
        return message if "got " in message else f"{message}; got {got!r:.100}"
    return f"must be {message}; got {got!r:.100}"


def cleaned(loc: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """pydantic's location without the names it adds for members of a union.

    >>> cleaned(("tasks", 0, "after", "tuple[str, ...]", 1))
    ('tasks', 0, 'after', 1)
    """
    return tuple(
        part
        for part in loc
        if isinstance(part, int) or not re.search(r"[\[\(]|^(constrained-)?(str|int|float|bool|tuple|dict)$", part)
    )


def dotted(path: Sequence[str | int]) -> str:
    """A path of keys and positions as people read it: positions counted from 1.

    >>> dotted(("projects", 1, "cost"))
    'projects[2].cost'
    """
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            text += f".{part}" if text else part
    return text


def choice(name: str, known: Sequence[str]) -> str:
    """What could have been meant by an unknown name: the nearest known one, or all of them.

    >>> choice("curency", ["name", "currency"])
    'did you mean currency?'
    >>> choice("x", ["name", "currency"])
    'known are name, currency'
    """
    near = get_close_matches(name, known, n=1)
    return f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"


def _enough(kind: str, least: int) -> str:
    if least == 1:
        return "must not be empty" if kind == "string_too_short" else "must not be empty; give at least one"
    return f"must have at least {least} {'characters' if kind == 'string_too_short' else 'entries'}"


def _fields_at(model: type[BaseModel], path: tuple[str | int, ...]) -> list[str]:
    """Field names of the model at a path below `model`; empty where the path leaves the models."""
    here: Any = model
    for part in path:
        here = _below(here, part)
    here = _model_in(here)
    return [] if here is None else list(here.model_fields)


def _below(annotation: Any, part: str | int) -> Any:
    """What stands at `part` of a value so annotated: an entry of a tuple or a dict, or a field of a model."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is tuple:
        return arguments[0] if arguments and isinstance(part, int) else None
    if origin is dict:
        return arguments[1]
    if origin is not None:
        found = (_below(one, part) for one in arguments)
        return next((one for one in found if one is not None), None)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        wanted = annotation.model_fields.get(str(part))
        return None if wanted is None else wanted.annotation
    return None


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model that a value so annotated may be, such as `Row | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if typing.get_origin(annotation) in {tuple, dict}:
        return None
    found = (_model_in(one) for one in typing.get_args(annotation))
    return next((one for one in found if one is not None), None)
