"""A document as plain values: what JSON can hold, with nothing lost.

`model_dump` writes a deliverable's numbers with twelve digits, so that they are stable between runs. What people
decided is kept as they wrote it: every digit of a number, every field.
"""

from datetime import date
from typing import Any

from pydantic import BaseModel

from nonagon.deliverables.evidence import Value


def plain(document: BaseModel) -> dict[str, Any]:
    """Every field as JSON can hold it: `type(document).model_validate(plain(document))` equals the document.

    Equal documents give equal values: a whole number is written without a point, whether it was read as 5 or 5.0.
    The parts of a mapping (`[data.*]` of cycle.toml) are given with the keys that were set, since a key that was
    left out and one that says the default are two fingerprints of the facts.

    >>> from nonagon.deliverables.cycle import Wave
    >>> plain(Wave(id="w1", date=date(2026, 1, 31)))
    {'id': 'w1', 'date': '2026-01-31'}
    """
    if not isinstance(document, Value):
        return document.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return {name: _plain(getattr(document, name)) for name in type(document).model_fields}


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return plain(value)
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value.isoformat() if isinstance(value, date) else value
