"""Queries on customers, each against plain Python over the same rows."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from builders import random_rows
from builders.facts import facts_of
from nonagon.basics.errors import ArgumentError
from nonagon.deliverables.step1 import Condition, CustomerClass
from nonagon.engine import customers
from nonagon.engine.facts import Facts
from nonagon.methods.value.abc_classes import abc_classes
from nonagon.methods.value.rfm import rfm

Row = dict[str, Any]

PEOPLE = random_rows.customers(3)
SALES = random_rows.sales(5)
OWN = [row for row in SALES if row["seller"] in {None, "us"}]
LAST = max(row["date"] for row in OWN)


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    return facts_of(tmp_path_factory.mktemp("facts"), customers=PEOPLE, sales=SALES)


def acts(as_of: date | None = None) -> dict[str, Row]:
    """By hand: orders and revenue of each customer; an order counts where its rows add up to more than nothing."""
    orders: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in OWN:
        if row["customer_id"] is not None and (as_of is None or row["date"] <= as_of):
            orders[row["customer_id"], row["sale_id"]].append(row)
    found: dict[str, Row] = {}
    for (who, _), rows in orders.items():
        amount = sum(row["amount"] for row in rows)
        one = found.setdefault(who, {"orders": 0, "revenue": 0.0, "days": []})
        one["revenue"] += amount
        if amount > 0:
            one["orders"] += 1
            one["days"].append(rows[0]["date"])
    return dict(sorted(found.items()))


def rule(identifier: str, *conditions: Condition) -> CustomerClass:
    return CustomerClass(id=identifier, name=identifier, rule=conditions)


def ids(facts: Facts, one: CustomerClass, as_of: date | None = None) -> set[str]:
    found = facts.collect(customers.membership(facts, [one], as_of=as_of), order=["customer_id"])
    assert set(found["class_id"]) <= {one.id}
    assert list(found["customer_id"]) == sorted(set(found["customer_id"])), "each customer once"
    return set(found["customer_id"])


# --- behaviour


@pytest.mark.parametrize("as_of", [None, date(2025, 3, 31)])
def test_behaviour(facts: Facts, as_of: date | None) -> None:
    expected, day = acts(as_of), as_of or LAST
    found = facts.collect(customers.behaviour(facts, as_of=as_of), order=["customer_id"])
    assert list(found["customer_id"]) == list(expected)
    assert found["orders"].tolist() == [one["orders"] for one in expected.values()]
    np.testing.assert_allclose(found["revenue"], [one["revenue"] for one in expected.values()])
    for name, pick in (("days_since_last", max), ("days_since_first", min)):
        days = [(day - pick(one["days"])).days if one["days"] else np.nan for one in expected.values()]
        np.testing.assert_array_equal(np.asarray(found[name], dtype=float), days)


def test_revenues_are_in_the_order_of_the_customers(facts: Facts) -> None:
    np.testing.assert_allclose(customers.revenues(facts)["revenue"], [one["revenue"] for one in acts().values()])


def test_last_day_is_of_our_own_sales(facts: Facts, tmp_path: Path) -> None:
    assert customers.last_day(facts) == LAST
    rows = [
        {"sale_id": "1", "date": "2025-01-01", "amount": 1.0},
        {"sale_id": "2", "date": "2025-02-01", "amount": 1.0, "seller": "rival"},
    ]
    assert customers.last_day(facts_of(tmp_path, sales=rows)) == date(2025, 1, 1)
    assert customers.last_day(facts_of(tmp_path, customers=PEOPLE)) is None


def test_value_agrees_with_the_methods_for_rfm_and_abc(facts: Facts) -> None:
    found = facts.collect(customers.valued(facts), order=["customer_id"])
    expected = acts()
    revenue = np.array([one["revenue"] for one in expected.values()])
    assert revenue.min() < 0, "the data of this test hold a customer who brought back more than was bought"
    positive = np.maximum(revenue, 0)
    np.testing.assert_allclose(found["revenue_share"], positive / positive.sum())
    assert list(found["abc"]) == abc_classes(revenue=revenue, negative="as_zero").letter.tolist()
    buyers = [one for one in expected.values() if one["orders"]]
    scores = rfm(
        recency_days=[(LAST - max(one["days"])).days for one in buyers],
        frequency=[one["orders"] for one in buyers],
        monetary=[one["revenue"] for one in buyers],
    )
    segments = iter(scores.segment.tolist())
    assert list(found["rfm_segment"]) == [next(segments) if one["orders"] else None for one in expected.values()]
    assert len(buyers) < len(expected), "the data of this test hold a customer without a completed order"


@pytest.mark.parametrize("seed", range(6))
def test_value_agrees_with_the_methods_on_other_data(tmp_path: Path, seed: int) -> None:
    rows = random_rows.sales(100 + seed, orders=40)
    facts = facts_of(tmp_path, sales=rows)
    found = facts.collect(customers.valued(facts), order=["customer_id"])
    revenue = found["revenue"]
    assert list(found["abc"]) == abc_classes(revenue=revenue, negative="as_zero").letter.tolist()
    bought = found["orders"] > 0
    scores = rfm(
        recency_days=np.asarray(found["days_since_last"], dtype=float)[bought],
        frequency=found["orders"][bought],
        monetary=revenue[bought],
    )
    assert found["rfm_segment"][bought].tolist() == scores.segment.tolist()


def test_value_groups(facts: Facts) -> None:
    by_customer = facts.collect(customers.valued(facts), order=["customer_id"])
    for field in ("rfm_segment", "abc"):
        sizes = Counter(value for value in by_customer[field] if value is not None)
        found = customers.value_groups(facts, field)
        assert dict(zip(found["value"], found["customers"].tolist(), strict=True)) == dict(sorted(sizes.items()))
        assert list(found["value"]) == sorted(sizes)
        for value, revenue in zip(found["value"], found["revenue"], strict=True):
            own = by_customer["revenue"][by_customer[field] == value]
            assert revenue == pytest.approx(own.sum())


def test_nothing_sold_for_more_than_nothing_makes_no_shares(tmp_path: Path) -> None:
    rows = [
        {"sale_id": f"{n}", "customer_id": f"c{n}", "date": "2025-01-01", "amount": -1.0 * n} for n in range(1, 4)
    ]
    facts = facts_of(tmp_path, sales=rows)
    found = facts.collect(customers.valued(facts), order=["customer_id"])
    assert found["revenue_share"].tolist() == [0.0, 0.0, 0.0]
    assert found["rfm_segment"].tolist() == [None, None, None]


# --- classes

NUMERIC = {"17": 17.0, "30": 30.0, "44": 44.0, "65": 65.0}
Test = Callable[[Row, Row], bool]
RULES: list[tuple[CustomerClass, Test]] = [
    (rule("all"), lambda who, act: True),
    (
        rule("north", Condition(field="region", one_of=("north", "west"))),
        lambda who, act: who["region"] == "north",
    ),
    # who has no region is in none of the regions
    (
        rule("not_north", Condition(field="region", none_of=("north",))),
        lambda who, act: who["region"] != "north",
    ),
    # text that is no number is neither at least nor below anything
    (rule("adult", Condition(field="age", at_least=18)), lambda who, act: NUMERIC.get(who["age"], 0) >= 18),
    (rule("young", Condition(field="age", below=30)), lambda who, act: NUMERIC.get(who["age"], 99) < 30),
    (
        rule("middle", Condition(field="age", at_least=30, below=65)),
        lambda who, act: 30 <= NUMERIC.get(who["age"], 0) < 65,
    ),
    (rule("inside", Condition(field="kind", one_of=("internal",))), lambda who, act: who["kind"] == "internal"),
    (rule("twice", Condition(field="orders", at_least=2)), lambda who, act: act["orders"] >= 2),
    (rule("never", Condition(field="orders", below=1)), lambda who, act: act["orders"] == 0),
    (
        rule("spent", Condition(field="revenue", at_least=100), Condition(field="region", one_of=("south",))),
        lambda who, act: act["revenue"] >= 100 and who["region"] == "south",
    ),
    (
        rule("lately", Condition(field="days_since_last", below=120)),
        lambda who, act: bool(act["days"]) and (LAST - max(act["days"])).days < 120,
    ),
    (
        rule("long", Condition(field="days_since_first", at_least=500)),
        lambda who, act: bool(act["days"]) and (LAST - min(act["days"])).days >= 500,
    ),
]


@pytest.mark.parametrize(("one", "holds"), RULES, ids=[one.id for one, _ in RULES])
def test_who_is_in_a_class(facts: Facts, one: CustomerClass, holds: Test) -> None:
    nothing: Row = {"orders": 0, "revenue": 0.0, "days": []}
    behaviour = acts()
    expected = {who["customer_id"] for who in PEOPLE if holds(who, behaviour.get(who["customer_id"], nothing))}
    assert ids(facts, one) == expected


def test_classes_by_value(facts: Facts) -> None:
    by_customer = facts.collect(customers.valued(facts), order=["customer_id"])
    best = rule("best", Condition(field="abc", one_of=("A",)))
    assert ids(facts, best) == set(by_customer["customer_id"][by_customer["abc"] == "A"])
    large = rule("large", Condition(field="revenue_share", at_least=0.1))
    assert ids(facts, large) == set(by_customer["customer_id"][by_customer["revenue_share"] >= 0.1])


def test_classes_of_an_earlier_day(facts: Facts) -> None:
    day = date(2024, 6, 30)
    expected = {who for who, one in acts(day).items() if one["orders"] >= 2}
    assert ids(facts, rule("twice", Condition(field="orders", at_least=2)), as_of=day) == expected


def test_an_unknown_field(facts: Facts) -> None:
    tall = rule("tall", Condition(field="height", at_least=1))
    with pytest.raises(ArgumentError, match="'height' is no attribute of customers; it has: age, region, orders"):
        customers.membership(facts, [tall])


def test_classes_without_a_register(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, sales=SALES)
    behaviour = acts()
    twice = rule("twice", Condition(field="orders", at_least=2))
    assert ids(facts, twice) == {who for who, one in behaviour.items() if one["orders"] >= 2}
    named = rule("named", Condition(field="customer_id", one_of=("c01", "c02")))
    assert ids(facts, named) == {"c01", "c02"}
    with pytest.raises(ArgumentError, match="'region' is no attribute of customers; it has: orders"):
        customers.membership(facts, [RULES[1][0]])


def test_no_class_and_no_sales_are_named(facts: Facts, tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="at least one class; got none"):
        customers.membership(facts, [])
    alone = facts_of(tmp_path, customers=PEOPLE)
    with pytest.raises(ArgumentError, match="'orders' needs the sales table; it has no facts"):
        customers.membership(alone, [rule("x", Condition(field="orders", at_least=1))])


def test_class_sizes_with_revenue(facts: Facts, tmp_path: Path) -> None:
    classes = [one for one, _ in RULES[:4]]
    behaviour = acts()
    found = customers.class_sizes(facts, classes)
    assert list(found["class_id"]) == sorted(one.id for one in classes)
    for name, size, revenue in zip(found["class_id"], found["customers"], found["revenue"], strict=True):
        own = ids(facts, next(one for one in classes if one.id == name))
        assert size == len(own)
        assert revenue == pytest.approx(sum(behaviour[who]["revenue"] for who in own if who in behaviour))
    alone = customers.class_sizes(facts_of(tmp_path, customers=PEOPLE), classes[:1])
    assert (alone["customers"].tolist(), alone["revenue"].tolist()) == ([30], [0.0])


def test_unclassified_and_how_many(facts: Facts) -> None:
    north, adult = RULES[1][0], RULES[3][0]
    assert customers.unclassified(facts, [north, adult]) == 30 - len(ids(facts, north) | ids(facts, adult))
    internal = sum(who["kind"] == "internal" for who in PEOPLE)
    assert customers.how_many(facts) == (30, internal)


def test_customers_in_both(facts: Facts) -> None:
    """Against the sets of ids."""
    some, others = [RULES[1][0]], [RULES[2][0], RULES[3][0]]
    shared = ids(facts, some[0]) & (ids(facts, others[0]) | ids(facts, others[1]))
    assert customers.in_both(facts, some, others) == len(shared) > 0
    nowhere = rule("x", Condition(field="region", one_of=("moon",)))
    assert customers.in_both(facts, some, [nowhere]) == 0


def test_counts_by_a_column_or_an_attribute(facts: Facts) -> None:
    for field in ("region", "kind"):
        expected = Counter(who[field] for who in PEOPLE)
        found = customers.counts_by(facts, field)
        assert dict(zip(found["value"], found["customers"].tolist(), strict=True)) == expected


def test_everybody_without_a_register(tmp_path: Path) -> None:
    def named(facts: Facts) -> list[str]:
        return list(facts.collect(customers.everybody(facts), order=["customer_id"])["customer_id"])

    sales = [
        {"sale_id": "1", "customer_id": "a", "date": "2025-01-01", "amount": 1.0},
        {"sale_id": "2", "customer_id": None, "date": "2025-01-01", "amount": 1.0},
    ]
    answers = [{"respondent_id": "r", "customer_id": "b", "item": "q", "value": 1.0}]
    verbatims = [{"verbatim_id": "v", "customer_id": "a", "text": "late"}]
    facts = facts_of(tmp_path, sales=sales, answers=answers, verbatims=verbatims)
    assert named(facts) == ["a", "b"]
    assert customers.how_many(facts) == (2, 0)
    nobody = facts_of(tmp_path, answers=[{"respondent_id": "r", "item": "q", "value": 1.0}])
    with pytest.raises(ArgumentError, match="no table names a customer; add the customers table"):
        customers.everybody(nobody)


# --- what became of them


def own_between(after: date, until: date) -> Iterable[Row]:
    return (row for row in OWN if row["customer_id"] is not None and after < row["date"] <= until)


def test_kept_and_lost(facts: Facts) -> None:
    start, split, end = date(2024, 3, 31), date(2025, 3, 31), date(2025, 8, 31)
    loyal = rule("loyal", Condition(field="orders", at_least=2))
    inside = ids(facts, loyal, as_of=split)
    before: dict[str, float] = defaultdict(float)
    came_back = set()
    for row in own_between(start, end):
        if row["date"] <= split:
            before[row["customer_id"]] += row["amount"]
        elif row["amount"] > 0:
            came_back.add(row["customer_id"])
    members = {who: amount for who, amount in before.items() if who in inside and amount > 0}
    lost = members.keys() - came_back
    assert lost, "somebody must be lost in the data of this test"
    found = {
        name: column[0] for name, column in customers.kept(facts, loyal, split=split, start=start, end=end).items()
    }
    assert found["members"] == len(members)
    assert found["lost"] == len(lost)
    assert found["before"] == pytest.approx(sum(members.values()))
    assert found["before_squared"] == pytest.approx(sum(value**2 for value in members.values()))
    assert found["before_lost"] == pytest.approx(sum(members[who] for who in lost))


def test_kept_of_nobody(facts: Facts) -> None:
    nobody = rule("nobody", Condition(field="orders", at_least=1000))
    found = customers.kept(
        facts, nobody, split=LAST, start=LAST - timedelta(days=365), end=LAST + timedelta(days=1)
    )
    assert [column.tolist() for column in found.values()] == [[0], [0], [0.0], [0.0], [0.0]]


def test_revenue_of_a_class(facts: Facts) -> None:
    start, end = date(2024, 6, 30), date(2025, 6, 30)
    north = RULES[1][0]
    inside = ids(facts, north)
    expected = sum(row["amount"] for row in own_between(start, end) if row["customer_id"] in inside)
    assert customers.revenue_of(facts, north, start=start, end=end) == pytest.approx(expected)
