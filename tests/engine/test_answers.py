"""Queries on answers, each against plain Python over the same rows."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from builders import random_rows
from builders.facts import facts_of
from nonagon.basics.errors import ArgumentError
from nonagon.deliverables.step1 import Condition, CustomerClass
from nonagon.engine import answers
from nonagon.engine.facts import Columns, Facts

Row = dict[str, Any]
Key = tuple[Any, ...]

NORTH = CustomerClass(id="north", name="North", rule=(Condition(field="region", one_of=("north",)),))
ADULTS = CustomerClass(id="adults", name="Adults", rule=(Condition(field="age", at_least=18),))
EVERYBODY = CustomerClass(id="everybody", name="Everybody")
CLASSES = (NORTH, ADULTS, EVERYBODY)

PEOPLE = random_rows.customers(7)
ROWS = [
    {**row, "subject": row["subject"] or "us", "wave": row["wave"] or "", "weight": row["weight"] or 1.0}
    for row in random_rows.answers(11)
]
OURS = [row for row in ROWS if row["subject"] == "us"]


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    folder = tmp_path_factory.mktemp("facts")
    return facts_of(folder, customers=PEOPLE, answers=random_rows.answers(11))


def members(one: CustomerClass) -> set[str]:
    """By hand: who is in the class."""
    tests: dict[str, Callable[[Row], bool]] = {
        "north": lambda row: row["region"] == "north",
        "adults": lambda row: row["age"] in {"30", "44", "65"},
        "everybody": lambda row: True,
    }
    return {row["customer_id"] for row in PEOPLE if tests[one.id](row)}


def in_classes(rows: Iterable[Row], classes: Iterable[CustomerClass]) -> list[Row]:
    """One row a class that the respondent's customer is in."""
    return [{**row, "class_id": one.id} for row in rows for one in classes if row["customer_id"] in members(one)]


def grouped(rows: Iterable[Row], *keys: str) -> dict[Key, list[Row]]:
    found: dict[Key, list[Row]] = defaultdict(list)
    for row in rows:
        found[tuple(row[key] for key in keys)].append(row)
    return dict(sorted(found.items()))


def check(found: Columns, keys: tuple[str, ...], expected: dict[Key, dict[str, float]]) -> None:
    """The query's rows are the expected ones, in the order of their keys."""
    assert list(zip(*(found[key] for key in keys), strict=True)) == list(expected)
    for name in next(iter(expected.values())):
        np.testing.assert_allclose(found[name], [values[name] for values in expected.values()], rtol=1e-12)


def sums(rows: list[Row]) -> dict[str, float]:
    return {
        "n": len(rows),
        "weights": sum(row["weight"] for row in rows),
        "weights_squared": sum(row["weight"] ** 2 for row in rows),
        "total": sum(row["weight"] * row["value"] for row in rows),
        "total_of_squares": sum(row["weight"] * row["value"] ** 2 for row in rows),
        "lowest": min(row["value"] for row in rows),
        "highest": max(row["value"] for row in rows),
    }


# --- sums


@pytest.mark.parametrize("by", [("item",), ("wave",), ("item", "wave"), ("wave", "item")])
def test_moments_of_ours(facts: Facts, by: tuple[str, ...]) -> None:
    expected = {key: sums(rows) for key, rows in grouped(OURS, *by).items()}
    check(answers.moments(facts, by=by), by, expected)


def test_moments_by_subject_count_everybody(facts: Facts) -> None:
    by = ("subject", "item")
    expected = {key: sums(rows) for key, rows in grouped(ROWS, *by).items()}
    check(answers.moments(facts, by=by), by, expected)


def test_moments_narrowed_to_items_subjects_and_waves(facts: Facts) -> None:
    kept = [
        row
        for row in ROWS
        if row["item"] in {"q1", "q3"} and row["subject"] == "rival" and row["wave"] in {"w2", ""}
    ]
    expected = {key: sums(rows) for key, rows in grouped(kept, "item").items()}
    found = answers.moments(facts, items=("q1", "q3"), subjects=("rival",), waves=("w2", ""))
    check(found, ("item",), expected)


def test_moments_by_overlapping_classes_count_an_answer_in_each(facts: Facts) -> None:
    assert members(NORTH) & members(ADULTS), "the classes of this test must overlap"
    by = ("class_id", "item")
    expected = {key: sums(rows) for key, rows in grouped(in_classes(OURS, CLASSES), *by).items()}
    check(answers.moments(facts, by=by, classes=CLASSES), by, expected)


def test_moments_of_classes_together_count_an_answer_once(facts: Facts) -> None:
    either = members(NORTH) | members(ADULTS)
    kept = [row for row in OURS if row["customer_id"] in either]
    expected = {key: sums(rows) for key, rows in grouped(kept, "item").items()}
    check(answers.moments(facts, classes=(NORTH, ADULTS)), ("item",), expected)


@pytest.mark.parametrize("by", [("item",), ("class_id", "item", "wave")])
def test_value_counts(facts: Facts, by: tuple[str, ...]) -> None:
    rows = in_classes(OURS, CLASSES) if "class_id" in by else OURS
    keys = (*by, "value")
    expected = {
        key: {name: value for name, value in sums(own).items() if name in {"n", "weights", "weights_squared"}}
        for key, own in grouped(rows, *keys).items()
    }
    classes = CLASSES if "class_id" in by else ()
    check(answers.value_counts(facts, by=by, classes=classes), keys, expected)


# --- waves and days


def test_waves_stand_in_the_order_of_their_first_date(facts: Facts) -> None:
    expected = []
    for (wave,), rows in grouped(ROWS, "wave").items():
        days = [row["date"] for row in rows if row["date"]]
        expected.append((min(days), wave, max(days), len({row["respondent_id"] for row in rows}), len(rows)))
    expected.sort()
    found = answers.waves(facts)
    assert list(found["wave"]) == [one[1] for one in expected] == ["w1", "w2", "w3", ""]
    assert list(found["first"]) == [one[0] for one in expected]
    assert list(found["last"]) == [one[2] for one in expected]
    assert found["respondents"].tolist() == [one[3] for one in expected]
    assert found["answers"].tolist() == [one[4] for one in expected]


def test_waves_without_dates_stand_in_the_order_of_their_names(tmp_path: Path) -> None:
    rows = [{"respondent_id": f"r{n}", "item": "q", "value": 1.0, "wave": wave} for n, wave in enumerate("bab")]
    for without in ((), ("date",)):
        found = answers.waves(facts_of(tmp_path, without=without, answers=rows))
        assert found["wave"].tolist() == ["a", "b"]
        assert found["first"].tolist() == [None, None]
        assert found["answers"].tolist() == [1, 2]


def test_subjects_and_first_day(facts: Facts) -> None:
    assert answers.subjects(facts) == ("rival", "us")
    assert answers.first_day(facts) == min(row["date"] for row in ROWS if row["date"])


def test_by_day_leaves_undated_answers_out(facts: Facts) -> None:
    rows = [row for row in OURS if row["item"] == "q2" and row["date"] and row["date"] >= date(2025, 6, 5)]
    expected = {
        key: {
            "n": len(own),
            "total": sum(row["value"] for row in own),
            "total_of_squares": sum(row["value"] ** 2 for row in own),
        }
        for key, own in grouped(rows, "date").items()
    }
    check(answers.by_day(facts, "q2", since=date(2025, 6, 5)), ("date",), expected)


@pytest.mark.parametrize(
    ("unit", "first_day"),
    [
        ("month", lambda day: day.replace(day=1)),
        ("quarter", lambda day: date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)),
        ("year", lambda day: date(day.year, 1, 1)),
        ("week", lambda day: date.fromordinal(day.toordinal() - day.weekday())),
        ("day", lambda day: day),
    ],
)
def test_by_period_names_a_period_by_its_first_day(
    facts: Facts, unit: str, first_day: Callable[[date], date]
) -> None:
    rows = [{**row, "period": first_day(row["date"])} for row in OURS if row["item"] == "q1" and row["date"]]
    expected = {
        key: {"n": len(own), "total": sum(row["value"] for row in own)}
        for key, own in grouped(rows, "period").items()
    }
    check(answers.by_period(facts, "q1", unit=unit), ("period",), expected)


def test_by_period_and_class(facts: Facts) -> None:
    rows = [
        {**row, "period": row["date"].replace(day=1)}
        for row in in_classes(OURS, CLASSES)
        if row["item"] == "q1" and row["date"]
    ]
    keys = ("class_id", "period")
    expected = {
        key: {"n": len(own), "total": sum(row["value"] for row in own)}
        for key, own in grouped(rows, *keys).items()
    }
    check(answers.by_period(facts, "q1", by=("class_id",), classes=CLASSES), keys, expected)


def test_by_period_of_classes_together_counts_an_answer_once(facts: Facts) -> None:
    found = answers.by_period(facts, "q1", classes=(NORTH, EVERYBODY))
    known = [
        row for row in OURS if row["item"] == "q1" and row["date"] and row["customer_id"] in members(EVERYBODY)
    ]
    assert found["n"].sum() == len(known)


# --- two answers of one person


def wide(rows: Iterable[Row]) -> dict[str, Row]:
    """One row a respondent: item -> value, with the weight and the customer."""
    found: dict[str, Row] = {}
    for row in rows:
        one = found.setdefault(row["respondent_id"], {"weight": row["weight"], "wave": row["wave"]})
        one[row["item"]] = row["value"]
    return found


def test_subject_pairs_of_those_who_rated_both(facts: Facts) -> None:
    pairs: dict[Key, list[tuple[float, float]]] = defaultdict(list)
    for (_, item, wave), rows in grouped(ROWS, "respondent_id", "item", "wave").items():
        by_subject = {row["subject"]: row for row in rows}
        if len(by_subject) == 2:
            difference = by_subject["us"]["value"] - by_subject["rival"]["value"]
            pairs[item, wave].append((by_subject["us"]["weight"], difference))
    expected = {
        key: {
            "n": len(own),
            "weights": sum(weight for weight, _ in own),
            "weights_squared": sum(weight**2 for weight, _ in own),
            "total": sum(weight * value for weight, value in own),
            "total_of_squares": sum(weight * value**2 for weight, value in own),
        }
        for key, own in sorted(pairs.items())
    }
    check(answers.subject_pairs(facts, "rival"), ("item", "wave"), expected)


@pytest.mark.parametrize("by", [(), ("wave",), ("class_id",)])
def test_pair_counts(facts: Facts, by: tuple[str, ...]) -> None:
    rows = in_classes(OURS, CLASSES) if by == ("class_id",) else OURS
    counted: dict[Key, list[float]] = defaultdict(list)
    for key, own in grouped(rows, "respondent_id", *by).items():
        one = {row["item"]: row["value"] for row in own}
        if "q1" in one and "q2" in one:
            counted[*key[1:], one["q1"], one["q2"]].append(own[0]["weight"])
    expected = {key: {"n": len(own), "weights": sum(own)} for key, own in sorted(counted.items())}
    classes = CLASSES if by == ("class_id",) else ()
    found = answers.pair_counts(facts, "q1", "q2", by=by, classes=classes)
    check(found, (*by, "first", "second"), expected)


def test_cross_products_of_complete_cases(facts: Facts) -> None:
    items = ["q1", "q3", "q4"]
    complete = [[one[item] for item in items] for one in wide(OURS).values() if all(item in one for item in items)]
    matrix = np.array(complete)
    n, total, products = answers.cross_products(facts, items)
    assert n == len(complete)
    np.testing.assert_allclose(total, matrix.sum(axis=0))
    np.testing.assert_allclose(products, matrix.T @ matrix)


def test_cross_products_where_nobody_answered_all(facts: Facts) -> None:
    n, total, products = answers.cross_products(facts, ["q1", "never asked"])
    assert n == 0
    assert total.tolist() == [0, 0]
    assert products.tolist() == [[0, 0], [0, 0]]


def test_pairwise_products_of_whoever_answered_both(facts: Facts) -> None:
    items = ["q1", "q2", "q3", "never asked"]
    people = wide(OURS).values()
    counts, totals, products = answers.pairwise_products(facts, items)
    for (i, one), (j, other) in product(enumerate(items), repeat=2):
        both = [(row[one], row[other]) for row in people if one in row and other in row]
        assert counts[i, j] == len(both)
        assert totals[i, j] == pytest.approx(sum(value for value, _ in both))
        assert products[i, j] == pytest.approx(sum(value * second for value, second in both))


def test_class_cells_are_the_finest_groups(facts: Facts) -> None:
    cells: dict[Key, set[str]] = defaultdict(set)
    for row in OURS:
        flags = tuple(int(row["customer_id"] in members(one)) for one in CLASSES)
        cells[(row["item"], *flags)].add(row["respondent_id"])
    expected = {key: {"persons": len(own)} for key, own in sorted(cells.items())}
    check(answers.class_cells(facts, CLASSES), ("item", "class_0", "class_1", "class_2"), expected)


def test_before_and_after_of_each_customer(tmp_path: Path) -> None:
    def row(customer: str | None, day: str | None, value: float, item: str = "q") -> Row:
        respondent = f"{customer}-{day}-{value}"
        return {"respondent_id": respondent, "customer_id": customer, "date": day, "item": item, "value": value}

    rows = [
        row("a", "2025-01-10", 2),
        row("a", "2025-03-01", 4),  # the day itself counts as after
        row("b", "2025-01-10", 2),
        row("b", "2025-03-02", 3),
        row("b", "2025-04-02", 5),  # twice after: the mean, 4
        row("c", "2025-02-28", 1),  # not seen again
        row("d", "2025-03-05", 5),  # not asked before
        row("a", "2025-01-10", 5, item="other"),
        row(None, "2025-01-10", 5),
        row("e", None, 5),
    ]
    found = answers.before_and_after(facts_of(tmp_path, answers=rows), "q", date(2025, 3, 1))
    assert found["first"].tolist() == [1.0, 2.0]
    assert found["second"].tolist() == pytest.approx([np.nan, 4.0], nan_ok=True)
    assert found["n"].tolist() == [1, 2]
    # until March 1 only a has answered again
    early = answers.before_and_after(facts_of(tmp_path, answers=rows), "q", date(2025, 3, 1), end=date(2025, 3, 1))
    assert early["first"].tolist() == [1.0, 2.0, 2.0]
    assert early["second"].tolist() == pytest.approx([np.nan, 4.0, np.nan], nan_ok=True)
    assert early["n"].tolist() == [1, 1, 1]
    # from January 11 on only c was asked before
    late = answers.before_and_after(
        facts_of(tmp_path, answers=rows), "q", date(2025, 3, 1), since=date(2025, 1, 11)
    )
    assert (late["first"].tolist(), late["n"].tolist()) == ([1.0], [1])


# --- blanks and mistakes


def test_tables_without_the_optional_columns(tmp_path: Path) -> None:
    rows = [
        {"respondent_id": "a", "item": "q1", "value": 2.0},
        {"respondent_id": "a", "item": "q2", "value": 5.0},
        {"respondent_id": "b", "item": "q1", "value": 4.0},
    ]
    bare = facts_of(
        tmp_path, without=("customer_id", "wave", "date", "subject", "weight"), answers=rows, customers=PEOPLE
    )
    found = answers.moments(bare, by=("subject", "wave", "item"))
    assert list(zip(found["subject"], found["wave"], found["item"], found["n"], strict=True)) == [
        ("us", "", "q1", 2),
        ("us", "", "q2", 1),
    ]
    assert found["weights"].tolist() == [2.0, 1.0]
    assert answers.first_day(bare) is None
    assert len(answers.by_day(bare, "q1")["n"]) == 0
    assert len(answers.by_period(bare, "q1")["n"]) == 0
    assert len(answers.before_and_after(bare, "q1", date(2025, 1, 1))["n"]) == 0
    assert len(answers.moments(bare, by=("class_id", "item"), classes=CLASSES)["n"]) == 0


def test_blank_subjects_are_ours_by_whatever_name(tmp_path: Path) -> None:
    rows = [
        {"respondent_id": "a", "item": "q1", "value": 2.0, "subject": "Crescent"},
        {"respondent_id": "b", "item": "q1", "value": 4.0},
        {"respondent_id": "c", "item": "q1", "value": 1.0, "subject": "us"},
    ]
    found = answers.moments(facts_of(tmp_path, our_subject="Crescent", answers=rows))
    assert (found["n"].tolist(), found["total"].tolist()) == ([2], [6.0])


def test_an_unknown_attribute_is_named_with_those_that_there_are(facts: Facts) -> None:
    tall = CustomerClass(id="tall", name="Tall", rule=(Condition(field="height", at_least=180),))
    with pytest.raises(ArgumentError, match="'height' is no attribute of customers; it has: age, region"):
        answers.moments(facts, by=("class_id",), classes=(tall,))


def test_the_same_question_gives_the_same_bytes(facts: Facts, tmp_path: Path) -> None:
    again = facts_of(tmp_path, customers=PEOPLE, answers=random_rows.answers(11))
    by = ("class_id", "wave", "item")
    first, second = (answers.moments(one, by=by, classes=CLASSES) for one in (facts, again))
    for name, column in first.items():
        same = column.tolist() == second[name].tolist()
        assert same, name
