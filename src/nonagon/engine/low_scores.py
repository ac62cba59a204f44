"""Low scores of customers who can be answered: single answers, for those who work on cases."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from nonagon.engine.answers import answers
from nonagon.engine.facts import Columns, Facts

if TYPE_CHECKING:
    import ibis.expr.types as ir


FEW_DAYS = 7
"""Asked first: files are written as answers arrive, so that days long before the last ones are not even opened."""


def low_scores(facts: Facts, *, highest: Mapping[str, float], most: int = 100, days: int = 90) -> Columns:
    """The newest low answers about us of known customers: respondent_id, customer_id, date, item, value.

    highest: item -> the highest answer that counts as low, at least one item; days: counted back from the newest
    answer that names its day. Answers without customer or day are left out: nobody can be told what became of
    them. Newest first.
    """
    table = answers(facts, items=list(highest), subjects=[facts.our_subject])
    table = table.filter(table.customer_id.notnull(), table.date.notnull())
    last = _newest(facts, table)
    few = facts.collect(_low(table, highest, most, last, min(days, FEW_DAYS)))
    return few if len(few["value"]) == most else facts.collect(_low(table, highest, most, last, days))


def _low(table: "ir.Table", highest: Mapping[str, float], most: int, last: date | None, days: int) -> "ir.Table":
    """The newest low answers of so many days up to `last`; none where there is no last day."""
    import ibis  # noqa: PLC0415

    limits = ibis.cases(*((table.item == item, limit) for item, limit in highest.items()), else_=float("-inf"))
    low = table.filter(table.value <= limits).filter(table.date >= _before(last, days))
    wanted = low.select("respondent_id", "customer_id", "date", "item", "value")
    return wanted.order_by([ibis.desc("date"), "respondent_id", "item", "value"]).limit(most)


def _newest(facts: Facts, table: "ir.Table") -> date | None:
    """The newest day in `table`, a part of the answers; None where it is empty.

    The newest day of all answers stands in the head of their files, and most often the part has answers in the
    few days before that one too.
    """
    latest = _last(facts, facts.table("answers"))
    if latest is None:
        return None
    return _last(facts, table.filter(table.date >= _before(latest, FEW_DAYS))) or _last(facts, table)


def _last(facts: Facts, table: "ir.Table") -> date | None:
    if "date" not in table.columns:
        return None
    day = facts.collect(table.aggregate(newest=table.date.max()))["newest"][0]
    return day if isinstance(day, date) else None


def _before(day: date | None, days: int) -> Any:
    import ibis  # noqa: PLC0415

    return ibis.literal(day - timedelta(days=days) if day is not None else None, type="date")
