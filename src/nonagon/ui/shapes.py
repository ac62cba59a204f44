"""What the operations of the REST API share, in the rooms and over all nine: parts of lists, answers."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Generic, TypeVar

from django.utils import timezone
from ninja import Query, Schema
from pydantic import AfterValidator, Field

from nonagon.process.edits import Edit, Op

Item = TypeVar("Item")

Limit = Annotated[int, Query(ge=1, le=500, description="entries at most")]
Offset = Annotated[int, Query(ge=0, le=2**31 - 1, description="entries that are left out before the first")]
Whole = Annotated[int, Field(ge=1, le=2**31 - 1)]
Version = Annotated[int, Field(ge=0, le=2**31 - 1)]
Line = Annotated[str, Field(max_length=300, pattern=r"^[^\x00]*$")]
Text = Annotated[str, Field(max_length=20_000, pattern=r"^[^\x00]*$")]
Id = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]


def _near(given: date) -> date:
    if not 1900 <= given.year <= 2999:
        raise ValueError(f"must lie in the years 1900 to 2999; got {given.year}")
    return given


Day = Annotated[date, AfterValidator(_near)]


def _in_our_time(given: datetime) -> datetime:
    _near(given)
    return timezone.make_aware(given, timezone.get_default_timezone()) if timezone.is_naive(given) else given


Moment = Annotated[datetime, AfterValidator(_in_our_time)]
"""A moment; without an offset it is in the server's time zone."""


class Part(Schema, Generic[Item]):
    """A part of a list. count: entries in all."""

    count: int
    items: list[Item]


def part(found: Any, limit: int, offset: int, as_item: Callable[[Any], Any]) -> dict[str, Any]:
    """A part of a query or of a sequence, with the count of all."""
    count = len(found) if isinstance(found, Sequence) else found.count()
    return {"count": count, "items": [as_item(one) for one in found[offset : offset + limit]]}


class EditIn(Schema):
    """One change, as the pages make it."""

    op: Op
    path: list[str | int] = Field(max_length=20)
    value: Any = None
    to: int | None = None


class EditsIn(Schema):
    """Changes that are made together or not at all. base: the version that was seen."""

    base: Version
    edits: list[EditIn] = Field(min_length=1, max_length=1000)


def edits_in(sent: EditsIn) -> list[Edit]:
    """Edits as the process knows them."""
    return [Edit(one.op, tuple(one.path), one.value, one.to) for one in sent.edits]


class SavedOut(Schema):
    """After an edit.

    others: how many versions other people have made since `base`, of places that this edit does not touch: read
    the document anew to see them.
    """

    version: int
    others: int = 0
    faults: list[dict[str, Any]]
    changed: list[dict[str, Any]]


class Done(Schema):
    """It is done."""

    done: bool = True


class ToldOut(Schema):
    """What a change would do, in sentences, and why it cannot be done, where it cannot."""

    sentences: list[str]
    blocked: list[str]
