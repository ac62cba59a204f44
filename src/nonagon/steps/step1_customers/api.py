"""Step 1 for programs: how many customers a rule takes, and the register of customers."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from nonagon.accounts.access import Permission
from nonagon.steps.step1_customers import selectors
from nonagon.ui.frame import cycle_of
from nonagon.ui.shapes import Limit, Line, Offset

router = Router(tags=["customers"])


class ClassesIn(Schema):
    """Classes as they could be decided, saved or not; key_customers: the rule of the key customers."""

    classes: list[dict[str, Any]] = Field(max_length=200)
    key_customers: dict[str, Any] | None = None


class CountOut(Schema):
    """How many customers a class takes. problem: why that cannot be told."""

    id: str
    customers: int | None
    of: int | None
    revenue_share: float | None
    problem: str
    sentence: str


class RegisterOut(Schema):
    """A part of the register. count: customers in all; rows: their cells in the order of columns."""

    columns: list[str]
    rows: list[list[str]]
    count: int


@router.post("/cycles/{key}/customers/count", response=list[CountOut], operation_id="count_customers")
def count(request: HttpRequest, key: str, sent: ClassesIn) -> Any:
    """How many customers each class takes as it was sent; nothing is kept."""
    _actor, cycle = cycle_of(request, key, Permission.EDIT)
    return selectors.counts(cycle, sent.classes, sent.key_customers)


@router.get("/cycles/{key}/customers/register", response=RegisterOut, operation_id="list_customers")
def register(
    request: HttpRequest, key: str, search: Line = "", class_id: Line = "", limit: Limit = 50, offset: Offset = 0
) -> Any:
    """The customers in the order of their ids; for who may decide."""
    _actor, cycle = cycle_of(request, key, Permission.EDIT)
    return selectors.register(cycle, search=search.strip(), class_id=class_id, start=offset, length=limit)
