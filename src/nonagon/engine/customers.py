"""Queries on customers: behaviour, and who belongs to which class."""

from collections.abc import Sequence
from datetime import date
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from nonagon.basics.errors import ArgumentError
from nonagon.engine.facts import Columns, Facts

if TYPE_CHECKING:
    import ibis.expr.types as ir

BEHAVIOURS = ("orders", "revenue", "days_since_last", "days_since_first", "revenue_share", "rfm_segment", "abc")
"""Fields that a class rule may use beside the customers' attributes; computed from our own sales."""

VALUED = ("revenue_share", "rfm_segment", "abc")
"""Those behaviours that depend on all other customers too."""

_OPTIONAL = (
    ("customer_id", "string"),
    ("product", "string"),
    ("version", "string"),
    ("seller", "string"),
    ("quantity", "float64"),
)

_NUMBER = r"^ *[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})? *$"
"""A decimal number as people and programs write it, with a point."""


class Condition(Protocol):
    """One test of a class rule, as `deliverables.step1.Condition` states it."""

    @property
    def field(self) -> str: ...
    @property
    def one_of(self) -> tuple[str, ...] | None: ...
    @property
    def none_of(self) -> tuple[str, ...] | None: ...
    @property
    def at_least(self) -> float | None: ...
    @property
    def below(self) -> float | None: ...


class ClassRule(Protocol):
    """A named set of customers: all its conditions must hold."""

    @property
    def id(self) -> str: ...
    @property
    def rule(self) -> Sequence[Condition]: ...


def everybodys_sales(facts: Facts) -> "ir.Table":
    """All sales with blanks filled in (seller: us, quantity: 1) and every optional column there."""
    import ibis  # noqa: PLC0415

    sales = facts.table("sales")
    blanks = {name: ibis.null(kind) for name, kind in _OPTIONAL if name not in sales.columns}
    sales = sales.mutate(**blanks) if blanks else sales
    return sales.mutate(seller=sales.seller.fill_null(facts.our_subject), quantity=sales.quantity.fill_null(1.0))


def own_sales(facts: Facts) -> "ir.Table":
    """Our own sales: the seller is us, or not named."""
    sales = everybodys_sales(facts)
    return sales.filter(sales.seller == facts.our_subject)


def last_day(facts: Facts) -> date | None:
    """The last day on which we sold something; None where nothing was sold."""
    if not facts.has("sales"):
        return None
    day = facts.collect(own_sales(facts).aggregate(day=lambda sales: sales.date.max()))["day"][0]
    return day if isinstance(day, date) else None


def behaviour(facts: Facts, *, as_of: date | None = None) -> "ir.Table":
    """One row a customer with own sales: orders, revenue, days since the first and the last order.

    An order is a sale_id whose rows add up to more than nothing; revenue counts returns against sales.
    as_of: the day to count from, later sales left out; the last day of the sales where None.
    """
    import ibis  # noqa: PLC0415

    sales = own_sales(facts)
    sales = sales.filter(sales.customer_id.notnull())
    if as_of is not None:
        sales = sales.filter(sales.date <= as_of)
    orders = sales.group_by("customer_id", "sale_id").aggregate(amount=sales.amount.sum(), date=sales.date.min())
    bought = orders.amount > 0
    day = ibis.literal(as_of if as_of is not None else last_day(facts), type="date")
    acts = orders.group_by("customer_id").aggregate(
        orders=bought.cast("int64").sum(),
        revenue=orders.amount.sum(),
        days_since_last=day.delta(orders.date.max(where=bought), unit="day"),
        days_since_first=day.delta(orders.date.min(where=bought), unit="day"),
    )
    return facts.computed("behaviour", acts)


def valued(facts: Facts, *, as_of: date | None = None) -> "ir.Table":
    """`behaviour` with what a customer is worth among all: revenue_share, rfm_segment, abc.

    RFM: scores of five groups, 1 + floor(5 x share of buyers strictly below), and the segments of
    `methods.value.rfm` (its convention `ties_together`); who never completed an order has no segment. ABC: as
    `methods.value.abc_classes`, limits 0.8 and 0.95, the customer who crosses a limit in the class above it;
    negative revenue counts as 0.
    """
    import ibis  # noqa: PLC0415

    acts = behaviour(facts, as_of=as_of)
    acts = acts.mutate(positive=ibis.greatest(acts.revenue, 0.0))
    total = acts.positive.sum().over(ibis.window())
    acts = acts.mutate(revenue_share=ibis.ifelse(total > 0, acts.positive / total.nullif(0.0), 0.0))
    downwards = ibis.cumulative_window(order_by=[ibis.desc("positive"), "customer_id"])
    # Before this customer: what the larger ones bring. Rounding must not decide who crosses a limit.
    reached = acts.revenue_share.sum().over(downwards) - acts.revenue_share + 1e-12
    acts = acts.mutate(abc=ibis.cases((reached <= 0.8, "A"), (reached <= 0.95, "B"), else_="C")).drop("positive")
    buyers = acts.filter(acts.orders > 0)
    people = buyers.count().over(ibis.window())
    recency, frequency, monetary = (
        ibis.rank().over(order_by=order) * 5 // people + 1
        for order in (ibis.desc(buyers.days_since_last), buyers.orders, buyers.revenue)
    )
    buyers = buyers.select(buyer_id=buyers.customer_id, lately=recency, much=frequency + monetary)
    segment = ibis.cases(
        ((buyers.lately >= 4) & (buyers.much >= 8), "champions"),
        ((buyers.lately >= 3) & (buyers.much >= 6), "loyal"),
        ((buyers.lately >= 4) & (buyers.much < 6), "new or promising"),
        ((buyers.lately >= 3) & (buyers.much < 6), "needs attention"),
        (buyers.much >= 6, "at risk"),
        else_="sleeping",
    )
    buyers = buyers.select("buyer_id", rfm_segment=segment)
    worth = acts.left_join(buyers, acts.customer_id == buyers.buyer_id).drop("buyer_id")
    return facts.computed("valued", worth)


def everybody(facts: Facts) -> "ir.Table":
    """The customers: the register, or where there is none, whomever sales, answers or verbatims name.

    Raises ArgumentError where no table names a customer.
    """
    if facts.has("customers"):
        return facts.table("customers")
    parts = [facts.table(name) for name in ("sales", "answers", "verbatims") if facts.has(name, "customer_id")]
    named = [part.filter(part.customer_id.notnull()).select("customer_id") for part in parts]
    if not named:
        raise ArgumentError("no table names a customer; add the customers table, or customer_id to another table")
    return reduce(lambda above, below: above.union(below), named).distinct()


def revenues(facts: Facts) -> Columns:
    """What each customer with own sales brought, in the order of the customers, who are not named: revenue."""
    return facts.collect(behaviour(facts).order_by("customer_id").select("revenue"))


def membership(facts: Facts, classes: Sequence[ClassRule], *, as_of: date | None = None) -> "ir.Table":
    """Who belongs to which class: rows (class_id, customer_id), one a pair.

    A class without conditions holds everybody. Fields are the customers' attributes, their columns, or
    one of BEHAVIOURS. Raises ArgumentError for a field that neither has.
    """
    import ibis  # noqa: PLC0415

    marked = flags(facts, classes, as_of=as_of)
    # One look at the customers, each spread over the classes that they are in.
    ids = [
        ibis.ifelse(marked[f"class_{at}"], ibis.literal(one.id, type="string"), ibis.null("string"))
        for at, one in enumerate(classes)
    ]
    spread = marked.select("customer_id", class_id=ibis.array(ids).unnest())
    return spread.filter(spread.class_id.notnull()).select("class_id", "customer_id")


def of_classes(facts: Facts, table: "ir.Table", classes: Sequence[ClassRule], *, apart: bool) -> "ir.Table":
    """The table's rows that belong to customers in any of the classes; all rows where none is named.

    apart: a row for every class that its customer is in, with its class_id; otherwise every row once.
    """
    if not classes:
        return table
    members = membership(facts, classes)
    if not apart:
        anyone = members.select("customer_id").distinct()
        return table.semi_join(anyone, table.customer_id == anyone.customer_id)
    joined = table.inner_join(members, table.customer_id == members.customer_id)
    return joined.select(*[table[name] for name in table.columns], class_id=members.class_id)


def flags(facts: Facts, classes: Sequence[ClassRule], *, as_of: date | None = None) -> "ir.Table":
    """Every customer with one flag a class: customer_id, class_0, class_1, ... in the order of the classes."""
    if not classes:
        raise ArgumentError("classes must name at least one class; got none")
    people = described(facts, classes, as_of=as_of)
    marked = people.select(
        "customer_id", **{f"class_{at}": _holds(facts, people, one) for at, one in enumerate(classes)}
    )
    return facts.computed("classes", marked)


def described(facts: Facts, classes: Sequence[ClassRule], *, as_of: date | None = None) -> "ir.Table":
    """Customers with everything that the rules of `classes` ask of them."""
    wanted = {condition.field for one in classes for condition in one.rule}
    customers = everybody(facts)
    if not wanted & set(BEHAVIOURS):
        return customers
    if not facts.has("sales", "customer_id"):
        field = sorted(wanted & set(BEHAVIOURS))[0]
        why = "names no customer" if facts.has("sales") else "has no facts"
        raise ArgumentError(f"the class rule field {field!r} needs the sales table; it {why}")
    worth = sorted(wanted & set(VALUED))
    acts = valued(facts, as_of=as_of) if worth else behaviour(facts, as_of=as_of)
    joined = customers.left_join(acts, customers.customer_id == acts.customer_id)
    return joined.select(
        *[customers[name] for name in customers.columns],
        orders=acts.orders.fill_null(0),
        revenue=acts.revenue.fill_null(0.0),
        days_since_last=acts.days_since_last,
        days_since_first=acts.days_since_first,
        **{name: acts[name] for name in worth},
    )


def class_sizes(facts: Facts, classes: Sequence[ClassRule], *, as_of: date | None = None) -> Columns:
    """Customers and own revenue of each class: class_id, customers, revenue (0 where nothing was sold).

    One look at the customers for all classes together; a class without customers is left out.
    """
    people = described(facts, classes, as_of=as_of)
    if facts.has("sales", "customer_id"):
        if "revenue" not in people.columns:
            acts = behaviour(facts, as_of=as_of).select(buyer_id="customer_id", revenue="revenue")
            people = people.left_join(acts, people.customer_id == acts.buyer_id).drop("buyer_id")
        people = people.mutate(brought=people.revenue.fill_null(0.0))
    else:
        people = people.mutate(brought=0.0)
    people = people.mutate(**{f"class_{at}": _holds(facts, people, one) for at, one in enumerate(classes)})
    sums = {f"customers_{at}": people[f"class_{at}"].cast("int64").sum() for at in range(len(classes))}
    brought = {f"revenue_{at}": people.brought.sum(where=people[f"class_{at}"]) for at in range(len(classes))}
    row = facts.collect(people.aggregate(**sums, **brought))
    found = sorted(
        (one.id, int(row[f"customers_{at}"][0]), float(np.nan_to_num(row[f"revenue_{at}"][0])))
        for at, one in enumerate(classes)
        if np.nan_to_num(row[f"customers_{at}"][0])
    )
    return {
        "class_id": np.array([one for one, _, _ in found], dtype=object),
        "customers": np.array([count for _, count, _ in found], dtype=np.int64),
        "revenue": np.array([revenue for _, _, revenue in found], dtype=np.float64),
    }


def value_groups(facts: Facts, field: str, *, as_of: date | None = None) -> Columns:
    """Customers and revenue by `rfm_segment` or `abc`: value, customers, revenue; those without one left out."""
    acts = valued(facts, as_of=as_of)
    acts = acts.filter(acts[field].notnull())
    grouped = acts.group_by(value=acts[field]).aggregate(customers=acts.count(), revenue=acts.revenue.sum())
    return facts.collect(grouped, order=["value"])


def unclassified(facts: Facts, classes: Sequence[ClassRule]) -> int:
    """How many customers are in none of the classes."""
    people = flags(facts, classes)
    nowhere = reduce(and_, [~people[f"class_{at}"] for at in range(len(classes))])
    found = facts.collect(people.aggregate(customers=nowhere.cast("int64").sum()))
    return int(np.nan_to_num(found["customers"][0]))


def in_both(facts: Facts, some: Sequence[ClassRule], others: Sequence[ClassRule]) -> int:
    """How many customers are in any of `some` and in any of `others`."""
    people = flags(facts, [*some, *others])
    names = [f"class_{at}" for at in range(len(some) + len(others))]
    one, other = (
        reduce(or_, [people[name] for name in part]) for part in (names[: len(some)], names[len(some) :])
    )
    found = facts.collect(people.aggregate(customers=(one & other).cast("int64").sum()))
    return int(np.nan_to_num(found["customers"][0]))


def how_many(facts: Facts) -> tuple[int, int]:
    """How many customers there are, and how many of them are internal."""
    customers = everybody(facts)
    internal = (
        (customers["kind"] == "internal").fill_null(False).cast("int64").sum()
        if "kind" in customers.columns
        else (customers.count() - customers.count())
    )
    found = facts.collect(customers.aggregate(customers=customers.count(), internal=internal))
    return int(found["customers"][0]), int(found["internal"][0])


def rhythms(facts: Facts, one: ClassRule | None = None) -> Columns:
    """How customers buy, for BG/NBD, in days: frequency, recency, length, customers who share these three.

    frequency: days with a purchase after the first; recency: from the first to the last of them; length: from
    the first to the last day of our sales. one: only members of a class.
    """
    import ibis  # noqa: PLC0415

    sales = own_sales(facts)
    sales = sales.filter(sales.customer_id.notnull() & (sales.amount > 0))
    if one is not None:
        members = membership(facts, [one])
        sales = sales.semi_join(members, sales.customer_id == members.customer_id)
    each = sales.group_by("customer_id").aggregate(
        days=sales.date.nunique(), first=sales.date.min(), latest=sales.date.max()
    )
    day = ibis.literal(last_day(facts), type="date")
    histories = each.select(
        frequency=each.days - 1,
        recency=each.latest.delta(each["first"], unit="day"),
        length=day.delta(each["first"], unit="day"),
    )
    grouped = histories.group_by("frequency", "recency", "length").aggregate(customers=histories.count())
    return facts.collect(grouped, order=["frequency", "recency", "length"])


def kept(facts: Facts, one: ClassRule, *, split: date, start: date, end: date) -> Columns:
    """What became of those who were in the class on the day `split`, one row.

    members: customers in it by the sales up to `split` (with revenue between `start` and it); lost: those of
    them without an order after it up to `end`; before: revenue from the day after `start` to `split`;
    before_squared: the sum of its squares; before_lost: the revenue of the lost.
    """
    members = membership(facts, [one], as_of=split)
    sales = own_sales(facts)
    sales = sales.filter(sales.customer_id.notnull() & (sales.date > start) & (sales.date <= end))
    each = sales.group_by("customer_id").aggregate(
        before=sales.amount.sum(where=sales.date <= split).fill_null(0.0),
        orders_after=((sales.date > split) & (sales.amount > 0)).cast("int64").sum(),
    )
    joined = members.inner_join(each, members.customer_id == each.customer_id).select(
        each.before, each.orders_after
    )
    joined = joined.filter(joined.before > 0)
    lost = joined.orders_after == 0
    return facts.collect(
        joined.aggregate(
            members=joined.count(),
            lost=lost.cast("int64").sum().fill_null(0),
            before=joined.before.sum().fill_null(0.0),
            before_squared=(joined.before * joined.before).sum().fill_null(0.0),
            before_lost=joined.before.sum(where=lost).fill_null(0.0),
        )
    )


def revenue_of(facts: Facts, one: ClassRule, *, start: date, end: date) -> float:
    """Our revenue from the class's members of today, from the day after `start` to `end`."""
    members = membership(facts, [one])
    sales = own_sales(facts)
    sales = sales.filter((sales.date > start) & (sales.date <= end))
    joined = sales.inner_join(members, sales.customer_id == members.customer_id)
    return float(facts.collect(joined.aggregate(revenue=joined.amount.sum().fill_null(0.0)))["revenue"][0])


def counts_by(facts: Facts, field: str) -> Columns:
    """How many customers have each value of a column or an attribute: value, customers."""
    customers = facts.table("customers")
    column = customers[column_of(facts, "customers", field)]
    counted = customers.group_by(value=column.cast("string")).aggregate(customers=customers.count())
    return facts.collect(counted, order=["value"])


def register(
    facts: Facts, *, search: str = "", one: ClassRule | None = None, start: int = 0, length: int = 50
) -> tuple[Columns, int]:
    """A part of the register in the order of ids, as text, and how many customers fit.

    search: a part of the id or of an attribute's value, in any case; one: only members of that class.
    """
    customers = facts.table("customers")
    names = {
        "customer_id": "customer_id",
        **{name: column_of(facts, "customers", name) for name in facts.attributes("customers")},
    }
    if "kind" in customers.columns:
        names["kind"] = "kind"
    people = customers.select(**{name: customers[column].cast("string") for name, column in names.items()})
    if one is not None:
        members = membership(facts, [one])
        people = people.semi_join(members, people.customer_id == members.customer_id)
    if search:
        wanted = search.lower()
        people = people.filter(
            reduce(or_, [people[name].lower().contains(wanted).fill_null(False) for name in names])
        )
    everybody_fits = one is None and not search  # then the files' heads say how many they are
    count = facts.rows("customers") if everybody_fits else _count(facts, people)
    part = people.order_by("customer_id").limit(length, offset=start)
    return facts.collect(part, order=["customer_id"]), count


def _count(facts: Facts, people: "ir.Table") -> int:
    return int(facts.collect(people.aggregate(customers=people.count()))["customers"][0])


def column_of(facts: Facts, table: str, field: str) -> str:
    """The column that a field means: the attribute of that name, or the column itself."""
    if field in facts.attributes(table):
        return f"attribute_{field}"
    # Without a register the customers are known by their id alone: see `everybody`.
    columns = facts.table(table).columns if facts.has(table) else ("customer_id",)
    if field in columns:
        return field
    known = ", ".join([*facts.attributes(table), *BEHAVIOURS]) or "none"
    raise ArgumentError(f"the field {field!r} is no attribute of {table}; it has: {known}")


def _holds(facts: Facts, people: "ir.Table", one: ClassRule) -> Any:
    import ibis  # noqa: PLC0415

    tests = [_test(facts, people, condition) for condition in one.rule]
    return reduce(and_, tests) if tests else ibis.literal(True)


def _test(facts: Facts, people: "ir.Table", condition: Condition) -> Any:
    name = condition.field if condition.field in BEHAVIOURS else column_of(facts, "customers", condition.field)
    column = people[name]
    if condition.one_of is not None:
        return column.cast("string").isin(list(condition.one_of)).fill_null(False)
    if condition.none_of is not None:
        return ~column.cast("string").isin(list(condition.none_of)).fill_null(False)
    number = _number_in(column) if column.type().is_string() else column.cast("float64")
    tests = []
    if condition.at_least is not None:
        tests.append((number >= condition.at_least).fill_null(False))
    if condition.below is not None:
        tests.append((number < condition.below).fill_null(False))
    if not tests:
        raise ArgumentError(
            f"the condition on {condition.field!r} tests nothing; set one_of, none_of, at_least or below"
        )
    return reduce(and_, tests)


def _number_in(text: Any) -> Any:
    """The number that a text holds, None where it holds none. Engines would differ on `12d`, `1_000` and `inf`."""
    import ibis  # noqa: PLC0415

    return ibis.ifelse(text.re_search(_NUMBER), text, ibis.null("string")).try_cast("float64")
