"""Queries on sales, each against plain Python over the same rows."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from builders import random_rows
from builders.facts import facts_of
from nonagon.deliverables.step1 import Condition, CustomerClass
from nonagon.engine import sales
from nonagon.engine.facts import Columns, Facts

Row = dict[str, Any]
Key = tuple[Any, ...]

PEOPLE = random_rows.customers(3)
SALES = [
    {**row, "seller": row["seller"] or "us", "quantity": row["quantity"] or 1.0} for row in random_rows.sales(8)
]
OWN = [row for row in SALES if row["seller"] == "us"]
NORTH = CustomerClass(id="north", name="North", rule=(Condition(field="region", one_of=("north",)),))
EVERYBODY = CustomerClass(id="everybody", name="Everybody")
IN_NORTH = {who["customer_id"] for who in PEOPLE if who["region"] == "north"}

FIRST_DAYS: dict[str, Callable[[date], date]] = {
    "month": lambda day: day.replace(day=1),
    "quarter": lambda day: date(day.year, 3 * ((day.month - 1) // 3) + 1, 1),
    "year": lambda day: date(day.year, 1, 1),
    "week": lambda day: date.fromordinal(day.toordinal() - day.weekday()),
    "day": lambda day: day,
}


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    return facts_of(tmp_path_factory.mktemp("facts"), customers=PEOPLE, sales=random_rows.sales(8))


def grouped(rows: Iterable[Row], *keys: str) -> dict[Key, list[Row]]:
    found: dict[Key, list[Row]] = defaultdict(list)
    for row in rows:
        found[tuple(row[key] for key in keys)].append(row)
    return dict(sorted(found.items()))


def in_classes(rows: Iterable[Row]) -> list[Row]:
    named = [row for row in rows if row["customer_id"] is not None]
    north = [{**row, "class_id": "north"} for row in named if row["customer_id"] in IN_NORTH]
    return north + [{**row, "class_id": "everybody"} for row in named]


def summed(rows: list[Row]) -> dict[str, float]:
    return {
        "orders": len({row["sale_id"] for row in rows}),
        "customers": len({row["customer_id"] for row in rows if row["customer_id"]}),
        "quantity": sum(row["quantity"] for row in rows),
        "revenue": sum(row["amount"] for row in rows),
    }


def check(found: Columns, keys: tuple[str, ...], expected: dict[Key, dict[str, float]]) -> None:
    assert list(zip(*(found[key] for key in keys), strict=True)) == list(expected)
    for name in next(iter(expected.values())):
        np.testing.assert_allclose(found[name], [one[name] for one in expected.values()], rtol=1e-12, err_msg=name)


@pytest.mark.parametrize("unit", FIRST_DAYS)
def test_by_period(facts: Facts, unit: str) -> None:
    rows = [{**row, "period": FIRST_DAYS[unit](row["date"])} for row in OWN]
    expected = {key: summed(own) for key, own in grouped(rows, "period").items()}
    check(sales.by_period(facts, unit=unit), ("period",), expected)


def test_by_period_product_and_days(facts: Facts) -> None:
    start, end = date(2024, 6, 1), date(2025, 3, 31)
    rows = [
        {**row, "period": row["date"].replace(day=1), "product": row["product"] or ""}
        for row in OWN
        if start <= row["date"] <= end
    ]
    keys = ("product", "period")
    expected = {key: summed(own) for key, own in grouped(rows, *keys).items()}
    check(sales.by_period(facts, by=("product",), start=start, end=end), keys, expected)


def test_by_period_of_classes_apart_and_together(facts: Facts) -> None:
    rows = [{**row, "period": FIRST_DAYS["quarter"](row["date"])} for row in in_classes(OWN)]
    expected = {key: summed(own) for key, own in grouped(rows, "class_id", "period").items()}
    found = sales.by_period(facts, unit="quarter", by=("class_id",), classes=(NORTH, EVERYBODY))
    check(found, ("class_id", "period"), expected)
    together = sales.by_period(facts, unit="quarter", classes=(NORTH, EVERYBODY))
    once = [row for row in rows if row["class_id"] == "everybody"]
    check(together, ("period",), {key: summed(own) for key, own in grouped(once, "period").items()})


@pytest.mark.parametrize("by", [("version",), ("seller",), ("product", "version"), ("class_id", "version")])
def test_totals(facts: Facts, by: tuple[str, ...]) -> None:
    source = in_classes(OWN) if "class_id" in by else OWN
    rows = [{**row, "version": row["version"] or "", "product": row["product"] or ""} for row in source]
    expected = {key: summed(own) for key, own in grouped(rows, *by).items()}
    found = sales.totals(facts, by=by, classes=(NORTH, EVERYBODY) if "class_id" in by else ())
    check(found, by, expected)
    for name, pick in (("first", min), ("last", max)):
        assert list(found[name]) == [pick(row["date"] for row in own) for own in grouped(rows, *by).values()]


def test_totals_by_seller_are_one_row_whether_or_not_we_are_named(facts: Facts) -> None:
    """Half of the rows of these data name us and the others leave the seller blank: both are ours."""
    found = sales.totals(facts, by=("seller",))
    assert found["seller"].tolist() == ["us"]
    assert found["revenue"][0] == pytest.approx(sum(row["amount"] for row in OWN))


def test_span_and_own_revenue(facts: Facts, tmp_path: Path) -> None:
    days = [row["date"] for row in OWN]
    assert sales.span(facts) == (min(days), max(days))
    assert sales.own_revenue(facts) == pytest.approx(sum(row["amount"] for row in OWN))
    theirs = facts_of(tmp_path, sales=[{"sale_id": "1", "date": "2025-01-01", "amount": 5.0, "seller": "rival"}])
    assert sales.span(theirs) == (None, None)
    assert sales.own_revenue(theirs) == 0.0


def test_by_seller(facts: Facts) -> None:
    rows = [{**row, "period": FIRST_DAYS["quarter"](row["date"])} for row in SALES]
    keys = ("seller", "period")
    expected = {
        key: {"revenue": summed(own)["revenue"], "quantity": summed(own)["quantity"]}
        for key, own in grouped(rows, *keys).items()
    }
    check(sales.by_seller(facts), keys, expected)


@pytest.mark.parametrize("by_class", [False, True])
@pytest.mark.parametrize("unit", ["month", "quarter", "year"])
def test_active_customers_who_come_back_in_the_next_period(facts: Facts, unit: str, by_class: bool) -> None:
    source = in_classes(OWN) if by_class else [{**row, "class_id": ""} for row in OWN]
    bought = [row for row in source if row["customer_id"] and row["amount"] > 0]
    rows = [{**row, "period": FIRST_DAYS[unit](row["date"])} for row in bought]
    here = {(row["class_id"], row["customer_id"], row["period"]) for row in rows}
    keys = ("class_id", "period") if by_class else ("period",)
    expected = {}
    for key, own in grouped(rows, *keys).items():
        period = key[-1]
        months = {"month": 1, "quarter": 3, "year": 12}[unit]
        month = period.month - 1 + months
        following = date(period.year + month // 12, month % 12 + 1, 1)
        people = {(row["class_id"], row["customer_id"]) for row in own}
        expected[key] = {
            "customers": len(people),
            "returning": sum((*one, following) in here for one in people),
            "revenue": sum(row["amount"] for row in own),
        }
    assert any(one["returning"] for one in expected.values())
    classes = (NORTH, EVERYBODY) if by_class else ()
    check(sales.active_customers(facts, unit=unit, classes=classes), keys, expected)


def test_frequencies(facts: Facts) -> None:
    start, end = date(2024, 3, 1), date(2025, 9, 30)
    orders: dict[str, set[str]] = defaultdict(set)
    for row in OWN:
        if row["customer_id"] and row["amount"] > 0 and start <= row["date"] <= end:
            orders[row["customer_id"]].add(row["sale_id"])
    expected = sorted(Counter(len(own) for own in orders.values()).items())
    found = sales.frequencies(facts, start=start, end=end)
    assert list(zip(found["orders"].tolist(), found["customers"].tolist(), strict=True)) == expected


def test_tables_without_the_optional_columns(tmp_path: Path) -> None:
    rows = [
        {"sale_id": "1", "date": "2025-01-10", "amount": 5.0},
        {"sale_id": "1", "date": "2025-01-10", "amount": 2.0},
        {"sale_id": "2", "date": "2025-04-10", "amount": -1.0},
    ]
    bare = facts_of(
        tmp_path, without=("customer_id", "product", "version", "seller", "quantity"), sales=rows, customers=PEOPLE
    )
    whole = sales.totals(bare, by=("version",))
    assert (whole["version"].tolist(), whole["revenue"].tolist(), whole["quantity"].tolist()) == (
        [""],
        [6.0],
        [3.0],
    )
    assert (whole["orders"].tolist(), whole["customers"].tolist()) == ([2], [0])
    assert sales.by_seller(bare)["seller"].tolist() == ["us", "us"]
    assert len(sales.active_customers(bare)["period"]) == 0
    assert len(sales.by_period(bare, by=("class_id",), classes=(EVERYBODY,))["period"]) == 0
