"""Any document of a pydantic model, for property tests: every field within its limits, hostile text and all."""

import datetime
import math
import types
import typing
from typing import Any, Literal

from annotated_types import Ge, Gt, Le, Lt, MinLen
from hypothesis import assume
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from nonagon.deliverables.step1 import Condition
from nonagon.steps.step1_customers.decisions import KeyCriteria
from nonagon.steps.step3_needs.decisions import Rule

PIECES = (
    *"ab1 ;,'\"=+-@#\\/.:[]{}%\n\r\t\0|~*_",
    *"éßΩ—“”\u00a0\u2028\u0085\ufeff\u200f😀ل",
    "25.000",
    "1.234.000",
    '"""',
    "'''",
    "; ",
    "\r\n",
    "true",
    "none",
    "=1+1",
    "-2",
    "--",
    "2026-01-31",
    "\\n",
)
"""What files trip over: separators, quotes, line ends, formulas, numbers and days that are text, other scripts."""

TEXTS = st.lists(st.sampled_from(PIECES), max_size=4).map("".join) | st.text(
    st.characters(codec="utf-8"), max_size=6
)
DAYS = st.dates(datetime.date(1, 1, 1), datetime.date(9999, 12, 31))


def documents(model: type[BaseModel]) -> st.SearchStrategy[Any]:
    """Instances of the model; where its own rules refuse what was drawn, another one is drawn."""
    return _raw(model).map(lambda raw: _taken(model, raw))


def _taken(model: type[BaseModel], raw: dict[str, Any]) -> BaseModel:
    try:
        return model.model_validate(raw)
    except ValidationError:
        assume(False)
        raise


def _raw(model: type[BaseModel]) -> st.SearchStrategy[dict[str, Any]]:
    if model is Condition:
        return _conditions()
    if model is KeyCriteria:
        return _fields(model).map(
            lambda raw: {**raw, "loyal": {"orders_at_least": 2}, "important": {"revenue_at_least": 0.125}}
        )
    if model is Rule:  # it must match something
        return _fields(model).map(lambda raw: {**raw, "regex": raw.get("regex", "").strip() or "x; y"})
    return _fields(model)


def _conditions() -> st.SearchStrategy[dict[str, Any]]:
    texts = st.lists(TEXTS, max_size=3)
    numbers = st.floats(allow_nan=False, allow_infinity=False)
    return st.one_of(
        st.fixed_dictionaries({"field": TEXTS, "one_of": texts}),
        st.fixed_dictionaries({"field": TEXTS, "none_of": texts}),
        st.fixed_dictionaries({"field": TEXTS, "at_least": numbers}, optional={"below": numbers}),
    )


def _fields(model: type[BaseModel]) -> st.SearchStrategy[dict[str, Any]]:
    needed: dict[str, st.SearchStrategy[Any]] = {}
    optional: dict[str, st.SearchStrategy[Any]] = {}
    for name, field in model.model_fields.items():
        values = _values(field.annotation, tuple(field.metadata))
        (needed if field.is_required() else optional)[name] = values
    return st.fixed_dictionaries(needed, optional=optional)


def _values(annotation: Any, metadata: tuple[Any, ...] = ()) -> st.SearchStrategy[Any]:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _values(arguments[0], (*arguments[1:], *metadata))
    if origin in {typing.Union, types.UnionType}:
        return st.one_of(*(_values(one, metadata) for one in arguments))
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin is tuple:
        return st.lists(_values(arguments[0]), min_size=_least(metadata), max_size=3)
    if origin is dict:
        return st.dictionaries(TEXTS, _values(arguments[1]), max_size=3)
    return _plain(annotation, metadata)


def _plain(annotation: Any, metadata: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _raw(annotation)
    if annotation is str:
        pattern = next((one.pattern for one in metadata if getattr(one, "pattern", None)), None)
        if pattern:
            return st.from_regex(pattern, fullmatch=True)
        least = _least(metadata)
        return TEXTS.filter(lambda text: len(text.strip()) >= least)
    if annotation is int:
        return st.integers(*_limits(metadata, whole=True))
    if annotation is float:
        low, high = _limits(metadata, whole=False)
        return st.floats(low, high, allow_nan=False, allow_infinity=False) | _whole(low, high)
    return {bool: st.booleans(), datetime.date: DAYS, type(None): st.none()}[annotation]


def _whole(low: float | None, high: float | None) -> st.SearchStrategy[int]:
    least, most = math.ceil(-(10**6) if low is None else low), math.floor(10**6 if high is None else high)
    return st.integers(least, most) if least <= most else st.nothing()


def _limits(metadata: tuple[Any, ...], *, whole: bool) -> tuple[Any, Any]:
    low: Any = None
    high: Any = None
    for one in metadata:
        if isinstance(one, Ge):
            low = one.ge
        if isinstance(one, Gt):
            low = _next_to(one.gt, math.inf, whole=whole)
        if isinstance(one, Le):
            high = one.le
        if isinstance(one, Lt):
            high = _next_to(one.lt, -math.inf, whole=whole)
    return low, high


def _next_to(limit: Any, towards: float, *, whole: bool) -> float:
    """The number next to a limit that is itself outside."""
    if whole:
        return int(limit) + (1 if towards > 0 else -1)
    return math.nextafter(float(limit), towards)


def _least(metadata: tuple[Any, ...]) -> int:
    return next((one.min_length for one in metadata if isinstance(one, MinLen)), 0)
