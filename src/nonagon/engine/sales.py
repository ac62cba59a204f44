"""Queries on sales: by time, product, version, class and seller; retention and repeat buying."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from nonagon.engine.customers import ClassRule, everybodys_sales, of_classes, own_sales
from nonagon.engine.facts import Columns, Facts
from nonagon.engine.periods import period_of

if TYPE_CHECKING:
    import ibis.expr.types as ir


def by_period(
    facts: Facts,
    *,
    unit: str = "month",
    by: Sequence[str] = (),
    classes: Sequence[ClassRule] = (),
    start: date | None = None,
    end: date | None = None,
) -> Columns:
    """Our sales by calendar period: by..., period, orders, customers, quantity, revenue.

    unit: day, week, month, quarter or year; a period is named by its first day. by: any of class_id (with
    `classes`), product, version; without class_id, `classes` keeps the sales to customers in any of them.
    start, end: first and last day, both included.
    """
    found = _summed(facts, by, classes, start, end, unit).drop("first", "last")
    return facts.collect(found, order=[*by, "period"])


def totals(
    facts: Facts,
    *,
    by: Sequence[str] = ("version",),
    classes: Sequence[ClassRule] = (),
    start: date | None = None,
    end: date | None = None,
) -> Columns:
    """Our sales by group over the whole time: by..., orders, customers, quantity, revenue, first, last."""
    return facts.collect(_summed(facts, by, classes, start, end), order=list(by))


def span(facts: Facts) -> tuple[date | None, date | None]:
    """First and last day of our own sales."""
    own = own_sales(facts)
    row = facts.collect(own.aggregate(first=own.date.min(), last=own.date.max()))
    first, last = row["first"][0], row["last"][0]
    return (first, last) if isinstance(first, date) and isinstance(last, date) else (None, None)


def own_revenue(facts: Facts) -> float:
    """Our revenue over the whole time, returns counted against it."""
    own = own_sales(facts)
    return float(facts.collect(own.aggregate(revenue=own.amount.sum().fill_null(0.0)))["revenue"][0])


def by_seller(facts: Facts, *, unit: str = "quarter") -> Columns:
    """Everybody's sales by seller and period, for market shares: seller, period, revenue, quantity."""
    sales = everybodys_sales(facts)
    sales = sales.mutate(period=period_of(sales.date, unit))
    grouped = sales.group_by("seller", "period").aggregate(
        revenue=sales.amount.sum(), quantity=sales.quantity.sum()
    )
    return facts.collect(grouped, order=["seller", "period"])


def active_customers(facts: Facts, *, unit: str = "quarter", classes: Sequence[ClassRule] = ()) -> Columns:
    """Who bought in a period and again in the next: (class_id,) period, customers, returning, revenue.

    returning: customers of the period who bought in the period after it too; the last period has none
    because what comes after it is not known yet: leave it out.
    """
    by = ("class_id",) if classes else ()
    table = of_classes(facts, own_sales(facts), classes, apart=bool(classes))
    table = table.filter(table.customer_id.notnull() & (table.amount > 0))
    table = table.mutate(period=period_of(table.date, unit))
    active = table.group_by(*by, "customer_id", "period").aggregate(revenue=table.amount.sum())
    following = active.select(*by, "customer_id", before=_previous(active, unit)).distinct()
    keys = [active.customer_id == following.customer_id, active.period == following.before]
    keys += [active[name] == following[name] for name in by]
    joined = active.left_join(following, keys)
    flat = joined.select(*[active[name] for name in active.columns], returned=following.before.notnull())
    grouped = flat.group_by(*by, "period").aggregate(
        customers=flat.customer_id.nunique(),
        returning=flat.returned.cast("int64").sum(),
        revenue=flat.revenue.sum(),
    )
    return facts.collect(grouped, order=[*by, "period"])


def frequencies(facts: Facts, *, start: date, end: date) -> Columns:
    """How many customers made how many orders between two days: orders, customers."""
    table = _dated(facts, start, end)
    table = table.filter(table.customer_id.notnull() & (table.amount > 0))
    each = table.group_by("customer_id").aggregate(orders=table.sale_id.nunique())
    counted = each.group_by("orders").aggregate(customers=each.count())
    return facts.collect(counted, order=["orders"])


def _previous(active: "ir.Table", unit: str) -> "ir.Value":
    import ibis  # noqa: PLC0415

    step = {
        "day": {"days": 1},
        "week": {"weeks": 1},
        "month": {"months": 1},
        "quarter": {"months": 3},
        "year": {"years": 1},
    }
    return (active.period - ibis.interval(**step[unit])).cast("date")


def _summed(
    facts: Facts,
    by: Sequence[str],
    classes: Sequence[ClassRule],
    start: date | None,
    end: date | None,
    unit: str = "",
) -> "ir.Table":
    """Our sales by group: by..., (period,) orders, customers, quantity, revenue, first, last.

    Each customer is summed first and then joined to the classes, so that no engine has to hold what is different
    in a group; an order is a sale_id of one customer.
    """
    table = _dated(facts, start, end)
    own = [name for name in by if name != "class_id"]
    table = table.mutate(**{name: table[name].fill_null("") for name in own})
    if unit:
        table = table.mutate(period=period_of(table.date, unit))
        own.append("period")
    order = table.group_by(*own, "customer_id", "sale_id").aggregate(
        quantity=table.quantity.sum(), revenue=table.amount.sum(), first=table.date.min(), last=table.date.max()
    )
    each = order.group_by(*own, "customer_id").aggregate(orders=order.count(), **_sums(order))
    if classes:
        each = of_classes(facts, facts.computed("buyers", each), classes, apart="class_id" in by)
    groups = [*by, "period"] if unit else list(by)
    return each.group_by(*groups).aggregate(
        orders=each.orders.sum(), customers=each.customer_id.count(), **_sums(each)
    )


def _sums(table: "ir.Table") -> "dict[str, ir.Value]":
    return {
        "quantity": table.quantity.sum(),
        "revenue": table.revenue.sum(),
        "first": table["first"].min(),
        "last": table["last"].max(),
    }


def _dated(facts: Facts, start: date | None, end: date | None) -> "ir.Table":
    """Our own sales between two days."""
    table = own_sales(facts)
    if start is not None:
        table = table.filter(table.date >= start)
    if end is not None:
        table = table.filter(table.date <= end)
    return table
