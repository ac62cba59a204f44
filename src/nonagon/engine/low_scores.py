"""Low scores of customers who can be answered: single answers, for those who work on cases."""

from collections.abc import Mapping
from datetime import timedelta

from nonagon.engine.answers import answers
from nonagon.engine.facts import Columns, Facts


def low_scores(facts: Facts, *, highest: Mapping[str, float], most: int = 100, days: int = 90) -> Columns:
    """The newest low answers about us of known customers: respondent_id, customer_id, date, item, value.

    highest: item -> the highest answer that counts as low, at least one item; days: counted back from the newest
    answer that names its day. Answers without customer or day are left out: nobody can be told what became of
    them. Newest first.
    """
    import ibis  # noqa: PLC0415

    table = answers(facts, items=list(highest), subjects=[facts.our_subject])
    table = table.filter(table.customer_id.notnull(), table.date.notnull())
    last = facts.collect(table.aggregate(newest=table.date.max()))["newest"][0]
    since = last - timedelta(days=days) if last is not None else None
    limits = ibis.cases(*((table.item == item, limit) for item, limit in highest.items()), else_=float("-inf"))
    low = table.filter(table.value <= limits)
    low = low.filter(low.date >= ibis.literal(since, type="date"))
    wanted = low.select("respondent_id", "customer_id", "date", "item", "value")
    return facts.collect(wanted.order_by([ibis.desc("date"), "respondent_id", "item"]).limit(most))
