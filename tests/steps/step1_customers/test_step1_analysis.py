"""Step 1's analysis against figures computed by hand from a few rows, and with data missing."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from builders.facts import facts_of
from nonagon.charts.section import Figures
from nonagon.deliverables.cycle import Cycle
from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.step1 import CustomersDeliverable, TopShare
from nonagon.engine import customers
from nonagon.engine.facts import Facts
from nonagon.methods.survey.proportion import proportion
from nonagon.steps.step1_customers.analysis import analyse
from nonagon.steps.step1_customers.criteria import criteria
from nonagon.steps.step1_customers.decisions import Step1Decisions
from nonagon.steps.step1_customers.section import section

CYCLE = Cycle(name="c", organization="Bus", currency="EUR")
PEOPLE = [
    {"customer_id": "a", "region": "north"},
    {"customer_id": "b", "region": "north"},
    {"customer_id": "c", "region": "south"},
    {"customer_id": "d", "region": "south"},
    {"customer_id": "driver", "kind": "internal"},
]


def sale(sale_id: str, customer: str | None, day: str, amount: float, **more: Any) -> dict[str, Any]:
    return {"sale_id": sale_id, "customer_id": customer, "date": day, "amount": amount, **more}


# Two years: a buys in both; b brings the most, in the first year only; c once in the second; d returns all.
SALES = [
    sale("1", "a", "2023-02-01", 100.0),
    sale("2", "a", "2023-06-01", 100.0),
    sale("3", "a", "2024-12-31", 200.0),
    sale("4", "b", "2023-03-01", 300.0),
    sale("5", "b", "2023-04-01", 300.0),
    sale("6", "c", "2024-06-01", 100.0),
    sale("7", "d", "2024-06-01", 50.0),
    sale("8", "d", "2024-06-02", -50.0),
    sale("9", None, "2024-06-02", 275.0),
    sale("10", "b", "2024-06-02", 999.0, seller="rail"),
]
KEY = {"loyal": {"orders_at_least": 2}, "important": {"revenue_share_at_least": 0.1}, "why": "they carry us"}


def run(facts: Facts, **document: object) -> CustomersDeliverable:
    decisions = Step1Decisions.model_validate(document)
    found = analyse(cycle=CYCLE, facts=facts, decisions=decisions, earlier=Earlier())
    section(found, decisions)
    for one in criteria(found, decisions):
        assert one.reason
        assert one.mend
    return found


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    return facts_of(tmp_path_factory.mktemp("facts"), customers=PEOPLE, sales=SALES)


def test_classes_by_attribute_segment_and_value(facts: Facts) -> None:
    found = run(
        facts,
        classes=[
            {"id": "north", "name": "North", "rule": [{"field": "region", "one_of": ["north"]}]},
            {"id": "a_class", "name": "A", "abc": "A"},
            {
                "id": "inside",
                "name": "Inside",
                "kind": "internal",
                "rule": [{"field": "kind", "one_of": ["internal"]}],
            },
        ],
    )
    sizes = {one.id: one.size for one in found.classes}
    # Named revenue 1,100: b 600 and a 400 reach 0.55 and 0.91, so both begin below 0.8 and are A.
    assert sizes == {"north": 2, "a_class": 2, "inside": 1}
    north = found.classes[0]
    assert north.revenue is not None
    assert north.revenue_share is not None
    assert (north.revenue.value, north.revenue_share.value) == (1000, pytest.approx(1000 / 1100))
    assert found.unclassified is not None
    assert found.unclassified.value == pytest.approx(2 / 5)
    assert (found.customers, found.internal_customers) == (5, 1)


def test_a_class_that_the_data_cannot_tell_is_a_lack_and_is_not_handed_on(facts: Facts) -> None:
    found = run(facts, classes=[{"id": "x", "name": "Premium", "rule": [{"field": "tier", "one_of": ["gold"]}]}])
    assert found.classes == ()
    assert any(one.what == "the class Premium" and "'tier'" in one.needs for one in found.lacks)


def test_a_class_that_vanishes_is_an_unmet_criterion_and_is_counted_as_stated(facts: Facts) -> None:
    north = {"id": "n", "name": "North", "rule": [{"field": "region", "one_of": ["north"]}]}
    gold = {"id": "g", "name": "Gold", "rule": [{"field": "tier", "one_of": ["gold"]}]}
    decisions = Step1Decisions.model_validate({"classes": [north, gold]})
    found = run(facts, classes=[north, gold])
    told = {one.id: one for one in criteria(found, decisions)}["all_told"]
    assert (told.met, told.reason) == (False, "the data cannot tell: g")
    figures = section(found, decisions).blocks[0]
    assert isinstance(figures, Figures)
    assert ("1", "of 2 stated") in [(one.value, one.detail) for one in figures.figures]
    one = Step1Decisions.model_validate({"classes": [north]})
    assert {one.id: one for one in criteria(run(facts, classes=[north]), one)}["all_told"].met


def test_an_empty_class_is_said(facts: Facts) -> None:
    found = run(facts, classes=[{"id": "x", "name": "West", "rule": [{"field": "region", "one_of": ["west"]}]}])
    assert found.classes[0].size == 0
    assert any(one.kind == "warning" and "Nobody is in the class West" in one.sentence for one in found.findings)


def test_concentration_by_hand(facts: Facts) -> None:
    found = run(facts).concentration
    assert found is not None
    # Revenues 600, 400, 100, 0 of 1,100.
    shares = np.array([600, 400, 100, 0]) / 1100
    assert found.revenue.value == 1100
    assert found.hhi.value == pytest.approx((shares**2).sum())
    assert found.top == (TopShare(customers=1, share=found.top[0].share),)
    assert found.top[0].share.value == pytest.approx(600 / 1100)
    # Gini: mean absolute difference over all pairs, over twice the mean.
    differences = np.abs(np.subtract.outer(shares, shares)).mean()
    assert found.gini.value == pytest.approx(differences / (2 * shares.mean()))
    assert found.lorenz_customers[0] == found.lorenz_revenue[0] == 0
    assert found.lorenz_revenue[-1] == pytest.approx(1)
    assert len(found.lorenz_customers) == 51
    # 275 of 1,375 names nobody; the competitor's sale is not ours.
    assert found.unnamed.value == pytest.approx(0.2)


def test_key_customers_and_revenue_at_risk_by_hand(facts: Facts) -> None:
    found = run(facts, key_customers=KEY)
    key = found.key_customers
    assert key is not None
    assert key.criteria == ("orders at least 2", "revenue share at least 0.1")
    assert (key.count.value, key.revenue_share.value) == (2, pytest.approx(1000 / 1100))
    # Last day 2024-12-31, split 2024-01-01: a and b met the criteria (200 and 600 of 800); b left with 600.
    assert key.recent_revenue.value == 200
    wilson_n = 800**2 / (200**2 + 600**2)
    expected = proportion(x=0.75 * wilson_n, n=wilson_n)
    assert key.leaving.value == pytest.approx(0.75)
    assert (key.leaving.low, key.leaving.high) == pytest.approx((expected.low, expected.high))
    assert key.at_risk.value == pytest.approx(150)
    assert key.at_risk.high == pytest.approx(200 * expected.high)
    assert found.classes[-1].id == "key_customers"
    assert found.classes[-1].key


def test_who_met_the_criteria_a_year_ago_is_judged_by_the_sales_of_then(facts: Facts) -> None:
    one = run(facts, key_customers=KEY).classes[-1]
    row = customers.kept(facts, one, split=date(2023, 3, 31), start=date(2022, 3, 31), end=date(2024, 12, 31))
    # By then a had one order and b one: nobody had two.
    assert (int(row["members"][0]), int(row["lost"][0]), float(row["before"][0])) == (0, 0, 0.0)


def test_short_sales_are_cut_in_halves(tmp_path: Path) -> None:
    rows = [
        sale("1", "a", "2024-01-01", 100.0),
        sale("2", "a", "2024-02-01", 100.0),
        sale("3", "b", "2024-01-10", 100.0),
        sale("4", "b", "2024-02-10", 200.0),
        sale("5", "a", "2024-07-19", 50.0),
    ]
    found = run(facts_of(tmp_path, sales=rows), key_customers=KEY).key_customers
    assert found is not None
    # 200 days: half of them is 100; a (200) came back, b (300) did not.
    assert (found.horizon_days, found.recent_revenue.value) == (100, 50)
    assert found.leaving.value == pytest.approx(0.6)


def test_sales_of_a_few_weeks_say_why_there_is_no_risk(tmp_path: Path) -> None:
    found = run(facts_of(tmp_path, customers=PEOPLE, sales=SALES[5:8]), key_customers=KEY).key_customers
    assert found is not None
    assert found.at_risk.value is None
    assert "fewer than 120 days" in found.at_risk.why


def test_nobody_met_the_criteria_before(tmp_path: Path) -> None:
    rows = [
        sale("1", "a", "2024-01-01", 1.0),
        *(sale(f"x{at}", "b", f"2024-12-{at:02}", 9.0) for at in range(10, 14)),
    ]
    found = run(facts_of(tmp_path, sales=rows), key_customers=KEY).key_customers
    assert found is not None
    assert "nobody met the criteria" in found.at_risk.why


def test_value_groups_hold_everybody_who_bought(facts: Facts) -> None:
    groups = run(facts).value_groups
    rfm = [one for one in groups if one.kind == "rfm"]
    abc = {one.id: one.customers.value for one in groups if one.kind == "abc"}
    assert len(rfm) == 6
    # d's order was returned as another sale, so d bought once and counts among the four buyers.
    assert sum(one.customers.value or 0 for one in rfm) == 4
    assert abc == {"A": 2, "B": 1, "C": 1}


def test_supplies_lead_to_external_customers(facts: Facts) -> None:
    found = run(
        facts,
        classes=[{"id": "north", "name": "North", "rule": [{"field": "region", "one_of": ["north"]}]}],
        processes=[{"id": one, "name": one.title()} for one in ("depot", "drive", "office", "archive")],
        supplies=[
            {
                "id": "s1",
                "supplier": "depot",
                "customer": "drive",
                "what": "bus",
                "need": "in time",
                "serves": ["p"],
            },
            {"id": "s2", "supplier": "drive", "customer": "north", "what": "ride"},
            {
                "id": "s3",
                "supplier": "depot",
                "customer": "archive",
                "what": "papers",
                "need": "legible",
                "serves": ["p"],
            },
            {"id": "s4", "supplier": "office", "customer": "drive", "what": "roster", "need": "early"},
        ],
    )
    by_id = {one.id: one for one in found.supplies}
    assert by_id["s1"].path == ("drive", "north")
    assert [by_id[one].traced for one in ("s1", "s2", "s3", "s4")] == [True, True, False, False]
    assert {one.id: one.reaches for one in found.processes} == {
        "depot": ("north",),
        "drive": ("north",),
        "office": ("north",),
        "archive": (),
    }
    traced = next(one for one in criteria(found, Step1Decisions()) if one.id == "traced")
    assert not traced.met
    assert "2 of 3" in traced.reason


def test_a_circle_of_processes_ends(facts: Facts) -> None:
    found = run(
        facts,
        processes=[{"id": "a", "name": "A"}, {"id": "b", "name": "B"}],
        supplies=[
            {"id": "s1", "supplier": "a", "customer": "b", "what": "x", "need": "n"},
            {"id": "s2", "supplier": "b", "customer": "a", "what": "y"},
        ],
    )
    assert all(not one.traced and one.path == () for one in found.supplies)


def test_life_cycle_tells_the_silent_from_the_active(tmp_path: Path) -> None:
    """Customers buy at random at rates of their own; every third stops for good after 100 of 400 days."""
    random = np.random.default_rng(8)
    rows = []
    for at, rate in enumerate(random.gamma(3, 1 / 30, 150)):
        for day in np.flatnonzero(random.random(400 if at % 3 else 100) < rate):
            date_ = date.fromordinal(date(2024, 1, 1).toordinal() + int(day))
            rows.append(sale(f"{at}-{day}", f"c{at}", date_.isoformat(), 10.0))
    found = run(facts_of(tmp_path, sales=rows), key_customers=KEY | {"important": {"revenue_at_least": 1.0}})
    cycle = found.life_cycle
    assert cycle is not None
    assert cycle.buyers <= 150
    assert cycle.alive_share.value == pytest.approx(2 / 3, abs=0.06)
    assert cycle.alive_share.low is not None
    assert cycle.silent_key is not None
    assert cycle.silent_key.value == pytest.approx(50, abs=8)


def test_sales_without_a_register_still_give_behaviour_classes(tmp_path: Path) -> None:
    found = run(facts_of(tmp_path, sales=SALES), key_customers=KEY)
    assert found.customers == 4
    assert found.classes[0].size == 2
    assert any(one.what == "a register of customers" for one in found.lacks)


def test_sales_that_name_nobody(tmp_path: Path) -> None:
    rows = [{**row, "customer_id": None} for row in SALES]
    found = run(facts_of(tmp_path, sales=rows), key_customers=KEY)
    assert found.concentration is None
    assert found.buyers == 0
    assert any("customer_id in the sales" in one.needs for one in found.lacks)


def test_without_anything_the_criteria_say_what_is_missing(tmp_path: Path) -> None:
    found = run(facts_of(tmp_path))
    assert not any(one.met for one in criteria(found, Step1Decisions()))
    assert len(found.lacks) >= 4


def test_the_criteria_can_all_be_met(facts: Facts) -> None:
    document = {
        "classes": [
            {"id": one, "name": one, "rule": [{"field": "region", "one_of": [one]}]} for one in ("north", "south")
        ]
        + [{"id": "in", "name": "In", "kind": "internal", "rule": [{"field": "kind", "one_of": ["internal"]}]}],
        "key_customers": KEY,
        "processes": [{"id": "depot", "name": "Depot", "owner": "head of depot"}],
        "suppliers": [{"id": "garage", "name": "Garage"}],
        "supplies": [
            {
                "id": "s1",
                "supplier": "garage",
                "customer": "depot",
                "what": "parts",
                "need": "fit",
                "serves": ["p"],
            },
            {"id": "s2", "supplier": "depot", "customer": "north", "what": "bus"},
        ],
    }
    found = run(facts, **document)
    unmet = [one.id for one in criteria(found, Step1Decisions.model_validate(document)) if not one.met]
    assert unmet == []


def test_equal_inputs_give_equal_bytes(facts: Facts) -> None:
    one = run(facts, key_customers=KEY).model_dump_json()
    two = run(facts, key_customers=KEY).model_dump_json()
    assert one == two
