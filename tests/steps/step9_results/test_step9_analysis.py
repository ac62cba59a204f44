"""Step 9: measures, sales, benefit and carry-over against figures computed apart from it; data that lack."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from builders.facts import facts_of
from builders.steps import Rows, analysed, bounds, class_of, judged, sentences
from nonagon.charts.section import Figures
from nonagon.deliverables.cycle import Cycle, Item, Settings, Wave
from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.evidence import Estimate, Link
from nonagon.deliverables.step1 import Condition, CustomerClass, CustomersDeliverable
from nonagon.deliverables.step3 import ClassScore, NeedResult, NeedsDeliverable
from nonagon.deliverables.step5 import CharterObjective, CharterSummary, OpportunitiesDeliverable, Opportunity
from nonagon.deliverables.step6 import ImprovementsDeliverable, Project
from nonagon.deliverables.step7 import ControlDeliverable, Prerequisite
from nonagon.deliverables.step8 import AftersalesDeliverable, FollowUp
from nonagon.deliverables.step8 import Warning as Alarm
from nonagon.deliverables.step9 import Measure, ResultsDeliverable
from nonagon.engine.facts import Facts
from nonagon.pipeline.run import as_json
from nonagon.steps.step9_results.analysis import analyse
from nonagon.steps.step9_results.criteria import criteria
from nonagon.steps.step9_results.decisions import Step9Decisions
from nonagon.steps.step9_results.section import section

CYCLE = Cycle(
    name="c",
    organization="Bus",
    currency="EUR",
    items=(
        Item(id="q_fast", text="Fast", need="fast"),
        Item(id="q_kind", text="Kind", need="kind", scale_min=0, scale_max=10),
        Item(id="overall", text="All in all", kind="overall"),
        Item(id="rec", text="Recommend", kind="recommend", scale_min=0, scale_max=10),
    ),
)


def run(
    facts: Facts, before: Earlier | None = None, *, cycle: Cycle = CYCLE, **document: object
) -> ResultsDeliverable:
    found: ResultsDeliverable = analysed(9, facts, before, cycle, document)
    return found


def given(item: str, wave: str, values: Iterable[float], **more: Any) -> Rows:
    """One answer a respondent of the wave, in order: equal places are the same respondent."""
    return [
        {"respondent_id": f"{wave}-{place}", "wave": wave, "item": item, "value": float(value), **more}
        for place, value in enumerate(values)
    ]


def measure(found: ResultsDeliverable, name: str) -> Measure:
    return next(one for one in found.measures if one.id == name)


# --- net promoter score

REC = {"w1": [10] * 6 + [9] * 4 + [8] * 3 + [7] * 3 + [6, 5, 3, 0], "w2": [10] * 9 + [9] * 7 + [8] * 2 + [4, 2]}


def promoters(values: Iterable[float], weights: Iterable[float] | None = None) -> tuple[float, float, float]:
    """Score, and centre and variance of the adjusted Wald interval (Rocks 2016), from the raw answers."""
    value = np.array(list(values))
    weight = np.ones(len(value)) if weights is None else np.array(list(weights))
    n = weight.sum() ** 2 / (weight**2).sum()
    up, down = weight[value >= 9].sum() / weight.sum(), weight[value <= 6].sum() / weight.sum()
    # 3/4 promoter, 3/2 passives and 3/4 detractor are added before the interval is computed.
    more_up, more_down = (up * n + 0.75) / (n + 3), (down * n + 0.75) / (n + 3)
    centre = more_up - more_down
    return 100 * (up - down), 100 * centre, 1e4 * (more_up + more_down - centre**2) / (n + 3)


def test_promoters_by_wave(tmp_path: Path) -> None:
    rows = [row for wave, values in REC.items() for row in given("rec", wave, values)]
    rival = given("rec", "w2", [0] * 30, subject="rival")
    found = measure(run(facts_of(tmp_path, answers=rows + rival)), "nps")
    assert [(one.wave, one.value.value, one.value.n) for one in found.points] == [
        ("w1", pytest.approx(100 * (10 - 4) / 20), 20),
        ("w2", pytest.approx(100 * (16 - 2) / 20), 20),
    ]
    for point in found.points:
        _, centre, variance = promoters(REC[point.wave])
        half = stats.norm.ppf(0.975) * variance**0.5
        assert bounds(point.value) == pytest.approx((centre - half, centre + half))


def test_the_change_of_the_score(tmp_path: Path) -> None:
    rows = [row for wave, values in REC.items() for row in given("rec", wave, values)]
    found = run(facts_of(tmp_path, answers=rows))
    change = measure(found, "nps").change
    first, second = (promoters(values) for values in REC.values())
    half = stats.norm.ppf(0.975) * (first[2] + second[2]) ** 0.5
    centre = second[1] - first[1]
    assert change is not None
    assert change.value == pytest.approx(40)
    assert bounds(change) == pytest.approx((centre - half, centre + half))
    (sentence,) = [one for one in found.findings if one.origin == "nps"]
    assert sentence.kind == ("shown" if centre - half > 0 else "not_shown")


def test_weighted_answers_count_by_their_weight(tmp_path: Path) -> None:
    weights = [0.5, 2.0, 1.0, 1.5] * 5
    rows = given("rec", "w1", REC["w1"])
    for row, weight in zip(rows, weights, strict=True):
        row["weight"] = weight
    (point,) = measure(run(facts_of(tmp_path, answers=rows)), "nps").points
    score, centre, variance = promoters(REC["w1"], weights)
    half = stats.norm.ppf(0.975) * variance**0.5
    assert (point.value.value, point.value.n) == (pytest.approx(score), 20)
    assert bounds(point.value) == pytest.approx((centre - half, centre + half))


# --- satisfied customers

OVERALL = {"w1": [5, 4, 4, 3, 3, 2, 1, 4, 5, 2, 3, 3], "w2": [5, 5, 5, 4, 4, 4, 4, 5, 5, 2, 3, 5, 4, 4]}


@pytest.mark.parametrize(("top", "edge"), [(2, 4), (1, 5)])
def test_satisfied_customers_by_wave(tmp_path: Path, top: int, edge: int) -> None:
    rows = [row for wave, values in OVERALL.items() for row in given("overall", wave, values)]
    found = measure(run(facts_of(tmp_path, answers=rows), top_boxes=top), "csat")
    wilson = {}
    for point in found.points:
        values = OVERALL[point.wave]
        part = sum(value >= edge for value in values)
        wilson[point.wave] = stats.binomtest(part, len(values)).proportion_ci(method="wilson")
        assert point.value.value == pytest.approx(part / len(values))
        assert bounds(point.value) == pytest.approx((wilson[point.wave].low, wilson[point.wave].high))
    # Newcombe (1998): the interval of a difference from Wilson's limits of both shares.
    (p1, p2), (w1, w2) = [one.value.value for one in found.points], wilson.values()
    assert found.change is not None
    assert found.change.value == pytest.approx(p2 - p1)
    assert bounds(found.change) == pytest.approx(
        (
            p2 - p1 - ((p2 - w2.low) ** 2 + (w1.high - p1) ** 2) ** 0.5,
            p2 - p1 + ((w2.high - p2) ** 2 + (p1 - w1.low) ** 2) ** 0.5,
        )
    )


# --- the index

FAST = {"w1": [2, 3, 2, 4, 3, 2, 1, 3, 2, 4, 3, 2], "w2": [4, 5, 3, 4, 5, 4, 3, 5, 4, 4, 2, 4, 3]}
KIND = {"w1": [6, 7, 5, 8, 9, 4, 6, 7, 5, 8, 10, 3], "w2": [7, 8, 6, 9, 10, 5, 7, 8, 9, 9, 10, 4]}


def both_items() -> Rows:
    """The thirteenth respondent of the second wave leaves one item out: not in the index."""
    return [
        row
        for item, waves in (("q_fast", FAST), ("q_kind", KIND))
        for wave, values in waves.items()
        for row in given(item, wave, values)
    ]


@pytest.mark.parametrize("weights", [(1, 1), (3, 1)])
def test_the_index_of_those_who_answered_all(tmp_path: Path, weights: tuple[int, int]) -> None:
    parts = [{"item": "q_fast", "weight": weights[0]}, {"item": "q_kind", "weight": weights[1]}]
    document = {} if weights == (1, 1) else {"measure": parts}
    found = measure(run(facts_of(tmp_path, answers=both_items()), **document), "index")
    each = {
        wave: [
            # 1 to 5 and 0 to 10, each put on 0 to 100
            (weights[0] * 25 * (fast - 1) + weights[1] * 10 * kind) / sum(weights)
            for fast, kind in zip(FAST[wave], KIND[wave], strict=False)
        ]
        for wave in FAST
    }
    for point in found.points:
        values = each[point.wave]
        interval = stats.ttest_1samp(values, 0).confidence_interval(0.95)
        assert (point.value.value, point.value.n) == (pytest.approx(np.mean(values)), 12)
        assert bounds(point.value) == pytest.approx((interval.low, interval.high))
    welch = stats.ttest_ind(each["w2"], each["w1"], equal_var=False).confidence_interval(0.95)
    assert found.change is not None
    assert found.change.value == pytest.approx(np.mean(each["w2"]) - np.mean(each["w1"]))
    assert bounds(found.change) == pytest.approx((welch.low, welch.high))


def test_an_index_without_spread(tmp_path: Path) -> None:
    rows = [row for item, top in (("q_fast", 5), ("q_kind", 10)) for row in given(item, "w1", [top] * 12)]
    (point,) = measure(run(facts_of(tmp_path, answers=rows)), "index").points
    assert (point.value.value, *bounds(point.value)) == pytest.approx((100, 100, 100))


def test_an_item_that_nobody_was_asked_leaves_no_index(tmp_path: Path) -> None:
    found = run(facts_of(tmp_path, answers=given("q_fast", "w1", FAST["w1"])))
    assert [one.id for one in found.measures] == []
    assert "No satisfaction index." in [one.what for one in found.lacks]


# --- waves and small groups


def test_waves_stand_as_step_3_or_the_cycle_orders_them(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, answers=both_items())
    before = Earlier(step3=NeedsDeliverable(waves=("w2", "w1")))
    named = CYCLE.model_copy(update={"waves": (Wave(id="w2"), Wave(id="w1"))})
    for found in (run(facts, before), run(facts, cycle=named)):
        assert [one.wave for one in measure(found, "index").points] == ["w2", "w1"]
    assert [one.wave for one in measure(run(facts), "index").points] == ["w1", "w2"]


def test_answers_without_a_wave_are_one_measure(tmp_path: Path) -> None:
    rows = [{**row, "wave": None} for row in given("overall", "w", OVERALL["w1"])]
    found = run(facts_of(tmp_path, answers=rows))
    (point,) = measure(found, "csat").points
    assert (point.wave, point.value.n) == ("", 12)
    figures = section(found, Step9Decisions()).blocks[0]
    assert isinstance(figures, Figures)
    assert figures.figures[0].detail == "all answers"


@pytest.mark.parametrize("name", ["nps", "csat", "index"])
def test_a_small_wave_is_withheld_and_so_is_the_change(tmp_path: Path, name: str) -> None:
    rows = [
        row
        for item, values in (("rec", REC["w1"]), ("overall", OVERALL["w1"]))
        for row in given(item, "w1", values) + given(item, "w2", values) + given(item, "w3", values[:9])
    ]
    rows += both_items()
    rows += given("q_fast", "w3", FAST["w1"][:9]) + given("q_kind", "w3", KIND["w1"][:9])
    facts = facts_of(tmp_path, answers=rows)
    found = measure(run(facts), name)
    assert [one.value.value is None for one in found.points] == [False, False, True]
    assert (found.points[-1].value.n, found.points[-1].value.low) == (None, None)
    assert "fewer than 10 answers" in found.points[-1].value.why
    assert found.change is not None
    assert (found.change.value, found.change.n) == (None, None)
    assert not [one for one in run(facts).findings if one.origin == name], "nothing is said of a change"
    open_cycle = CYCLE.model_copy(update={"settings": Settings(group_minimum=1)})
    shown = measure(run(facts, cycle=open_cycle), name)
    assert shown.points[-1].value.value is not None
    assert shown.change is not None
    assert shown.change.value is not None


def asked(**sizes: int) -> tuple[Rows, Rows]:
    """Customers and one wave of `overall`: so many a region, of values 1, 2, 3, 4, 5 in turn."""
    people = [{"customer_id": f"{region}{at}", "region": region} for region, n in sizes.items() for at in range(n)]
    rows = given("overall", "w1", [1 + at % 5 for at in range(len(people))])
    for row, person in zip(rows, people, strict=True):
        row["customer_id"] = person["customer_id"]
    return people, rows


def by_class(folder: Path, *classes: CustomerClass, cycle: Cycle = CYCLE, **sizes: int) -> dict[str, Estimate]:
    people, rows = asked(**sizes)
    before = Earlier(step1=CustomersDeliverable(classes=classes))
    found = run(facts_of(folder, customers=people, answers=rows), before, cycle=cycle)
    return dict(measure(found, "csat").by_class)


NORTH, SOUTH, EAST = class_of("north"), class_of("south"), class_of("east")
CLASSES = Earlier(step1=CustomersDeliverable(classes=(NORTH, SOUTH)))


def test_by_class_in_the_latest_wave(tmp_path: Path) -> None:
    found = by_class(tmp_path, NORTH, SOUTH, north=15, south=12)
    values = [1 + at % 5 for at in range(27)]
    assert found["North"].value == pytest.approx(np.mean(np.array(values[:15]) >= 4))
    assert found["South"].value == pytest.approx(np.mean(np.array(values[15:]) >= 4))
    assert (found["North"].n, found["South"].n) == (15, 12)


def test_a_small_class_is_withheld(tmp_path: Path) -> None:
    found = by_class(tmp_path, NORTH, SOUTH, north=15, south=9, east=12)
    assert found["North"].value is not None
    assert (found["South"].value, found["South"].n) == (None, None)
    assert found["South"].why.startswith("withheld")


def test_a_class_is_withheld_where_subtraction_would_show_a_small_one(tmp_path: Path) -> None:
    """24 of all 30 are in the north: all less the north would be the six others."""
    found = by_class(tmp_path, NORTH, SOUTH, north=24, south=6)
    assert {name: one.value for name, one in found.items()} == {"North": None, "South": None}


def test_a_union_is_withheld_where_its_parts_would_show_a_small_one(tmp_path: Path) -> None:
    """North and south together less the north would be the nine of the south."""
    union = CustomerClass(id="both", name="Both", rule=(Condition(field="region", one_of=("north", "south")),))
    found = by_class(tmp_path, NORTH, union, EAST, north=20, south=9, east=20)
    assert found["North"].value is not None
    assert found["Both"].value is None
    assert found["East"].value is None, "all less north and east would be the nine too"


def test_without_protection_every_class_is_shown(tmp_path: Path) -> None:
    open_cycle = CYCLE.model_copy(update={"settings": Settings(group_minimum=1)})
    found = by_class(tmp_path, NORTH, SOUTH, cycle=open_cycle, north=24, south=6)
    assert {name: one.n for name, one in found.items()} == {"North": 24, "South": 6}


def test_a_class_that_the_customers_cannot_be_sorted_into_is_a_lack(tmp_path: Path) -> None:
    tall = CustomerClass(id="tall", name="Tall", rule=(Condition(field="height", at_least=180),))
    people, rows = asked(north=12)
    before = Earlier(step1=CustomersDeliverable(classes=(tall,)))
    found = run(facts_of(tmp_path, customers=people, answers=rows), before)
    assert measure(found, "csat").by_class == ()
    assert any("'height' is no attribute of customers" in one.needs for one in found.lacks)


# --- sales

SALES: Rows = [
    {"sale_id": "1", "customer_id": "a", "date": "2024-01-10", "amount": 100.0},
    {"sale_id": "2", "customer_id": "b", "date": "2024-02-10", "amount": 50.0},
    {"sale_id": "3", "customer_id": "c", "date": "2024-03-31", "amount": 10.0},
    {"sale_id": "4", "customer_id": "a", "date": "2024-04-01", "amount": 40.0},
    {"sale_id": "5", "customer_id": "a", "date": "2024-05-05", "amount": 60.0},
    {"sale_id": "6", "customer_id": "b", "date": "2024-06-30", "amount": -50.0},
    {"sale_id": "7", "customer_id": "d", "date": "2024-08-01", "amount": 30.0},
    {"sale_id": "8", "customer_id": "a", "date": "2024-08-02", "amount": 70.0},
    {"sale_id": "9", "date": "2024-09-30", "amount": 5.0},
    {"sale_id": "10", "customer_id": "d", "date": "2024-09-30", "amount": 300.0, "seller": "rail"},
    {"sale_id": "11", "customer_id": "d", "date": "2024-05-30", "amount": 150.0, "seller": "rail"},
]


def test_sales_by_quarter(tmp_path: Path) -> None:
    found = run(facts_of(tmp_path, sales=SALES))
    assert [(str(one.period), one.revenue, one.orders, one.customers) for one in found.quarters] == [
        ("2024-01-01", 160.0, 3, 3),
        ("2024-04-01", 50.0, 3, 2),  # a's two orders and b's return; the rail's sale is not ours
        ("2024-07-01", 105.0, 3, 2),
    ]


def test_who_bought_again_in_the_next_quarter(tmp_path: Path) -> None:
    first, second, third = run(facts_of(tmp_path, sales=SALES)).quarters
    # of a, b and c only a bought in the second quarter: b's return is no purchase
    low, high = stats.binomtest(1, 3).proportion_ci(method="wilson")
    assert first.returning is not None
    assert (first.returning.value, first.returning.n) == (pytest.approx(1 / 3), 3)
    assert bounds(first.returning) == pytest.approx((low, high))
    # of the second quarter's only buyer, a, all came back
    assert second.returning is not None
    assert (second.returning.value, second.returning.n) == (1.0, 1)
    assert third.returning is None, "what comes after is not known"


def test_who_comes_back_is_not_said_while_the_next_quarter_runs(tmp_path: Path) -> None:
    """Without the sales of September 30 the third quarter is covered in part: more may still come back."""
    found = run(facts_of(tmp_path, sales=[row for row in SALES if row["date"] != "2024-09-30"]))
    assert [one.returning is not None for one in found.quarters] == [True, False, False]


def test_the_repeat_rate_by_hand(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, sales=SALES)
    year = run(facts).repeat_rate
    # In the 365 days to September 30: a ordered four times, b, c and d once; the return is no order.
    assert year is not None
    assert (year.value, year.n) == (0.25, 4)
    assert bounds(year) == pytest.approx(tuple(stats.binomtest(1, 4).proportion_ci(method="wilson")))
    # In the 60 days from August 2 to September 30: a once.
    short = run(facts, repeat_days=60).repeat_rate
    assert short is not None
    assert (short.value, short.n) == (0.0, 1)
    assert run(facts, repeat_days=61).repeat_rate == short.model_copy(
        update={"n": 2, "high": pytest.approx(stats.binomtest(0, 2).proportion_ci(method="wilson").high)}
    )


def test_the_share_of_the_market_by_hand(tmp_path: Path) -> None:
    share = run(facts_of(tmp_path, sales=SALES)).share
    # July to September: 105 of ours, 300 of the rail
    assert share is not None
    assert share.value == pytest.approx(105 / 405)
    assert share.low is None
    ours = [row for row in SALES if "seller" not in row]
    assert run(facts_of(tmp_path, sales=ours)).share is None


def test_sales_without_customers(tmp_path: Path) -> None:
    rows = [{key: value for key, value in row.items() if key != "customer_id"} for row in SALES]
    found = run(facts_of(tmp_path, without=("customer_id",), sales=rows))
    assert [one.returning for one in found.quarters] == [None] * 3
    assert found.repeat_rate is None
    assert "Who comes back cannot be seen." in [one.what for one in found.lacks]


def test_sales_of_others_alone(tmp_path: Path) -> None:
    plan = {"id": "e", "improvement": "I", "outcome": "sales", "start": "2024-07-01"}
    plan["design"] = "interrupted_time_series"
    facts = facts_of(tmp_path, sales=[row for row in SALES if "seller" in row])
    found = run(facts, effects=[plan])
    assert (found.quarters, found.repeat_rate, found.share) == ((), None, None)
    assert found.effects[0].sentence == (
        "I: its effect on sales cannot be estimated: there are no sales of our own."
    )


# --- what is carried on

NEEDS = NeedsDeliverable(needs=tuple(NeedResult(id=one, name=one.title(), item=f"q_{one}") for one in "abcdefgh"))


def opportunity(need: str, rank: int | None, **more: Any) -> Opportunity:
    return Opportunity(id=f"o-{need}", need=need, name=need, rank=rank, **more)


def test_what_the_next_cycle_starts_from() -> None:
    before = Earlier(
        step3=NEEDS,
        step5=OpportunitiesDeliverable(
            opportunities=(
                opportunity("h", 7),
                opportunity("e", 5),
                opportunity("f", 6),
                opportunity("a", 1, chosen=True),
                opportunity("b", 2),
                opportunity("g", 3, actionable=False),
                opportunity("d", None),
            )
        ),
        step7=ControlDeliverable(
            prerequisites=(
                Prerequisite(need="c", characteristic="x", verdict="not_met", reason="too slow"),
                Prerequisite(need="d", characteristic="x", verdict="met", reason="fast"),
                Prerequisite(need="e", characteristic="x", verdict="not_shown", reason="unknown"),
            )
        ),
        step8=AftersalesDeliverable(
            warnings=(
                Alarm(id="w1", item="q_c", need="c", raised=True, on="2025-09-05", sentence="fell"),
                Alarm(id="w2", item="q_d", need="d", raised=False, sentence="steady"),
                Alarm(id="w3", item="q_x", raised=True, on="2025-09-05", sentence="of no need"),
            )
        ),
    )
    found = run(
        Facts({}), before, carried=[{"need": "b", "reason": "work goes on"}, {"need": "z", "reason": "new"}]
    )
    # Decided first; then warnings, requirements not met, and the three lowest that nobody took up: b, e, f.
    assert [(one.need, one.name, one.decided) for one in found.open_needs] == [
        ("b", "B", True),
        ("z", "z", True),
        ("c", "C", False),
        ("e", "E", False),
        ("f", "F", False),
    ]
    reasons = {one.need: one.reason for one in found.open_needs}
    assert reasons["b"] == "work goes on"
    assert reasons["c"] == "perception fell, warned on 2025-09-05"
    assert reasons["e"] == "score rank 5 from the lowest, not taken up in this cycle"
    assert found.carried == ("b", "z", "c", "e", "f")


# --- links of the trace


def test_links_to_the_result() -> None:
    def plan(name: str, **more: Any) -> dict[str, Any]:
        return {
            "id": name,
            "improvement": name,
            "outcome": "satisfaction",
            "item": "q_z",
            "design": "interrupted_time_series",
            "start": "2025-06-01",
            **more,
        }

    programmes = (
        FollowUp(id="fu_a", name="", days_after=3, items=("q_a", "q_x")),
        FollowUp(id="fu_y", name="", days_after=3, items=("q_y",)),
    )
    found = run(
        Facts({}),
        Earlier(step3=NEEDS, step8=AftersalesDeliverable(follow_ups=programmes)),
        effects=[
            plan("by_need", project="p1", need="a"),
            plan("by_item", project="p2", item="q_y"),
            plan("alone"),
            plan("sold", project="p1", outcome="sales", item=None),
        ],
    )
    assert {(one.from_kind, one.from_id, one.to_id) for one in found.links} == {
        ("project", "p1", "by_need"),
        ("project", "p2", "by_item"),
        ("project", "p1", "sold"),
        ("follow_up", "fu_a", "by_need"),
        ("follow_up", "fu_y", "by_item"),
    }
    assert {one.to_kind for one in found.links} == {"result"}
    assert Link(from_kind="follow_up", from_id="fu_a", to_kind="result", to_id="by_need") in found.links


# --- the whole


def test_nothing_at_all() -> None:
    found = run(Facts({}))
    assert [one.what for one in found.lacks] == [
        "Satisfaction cannot be assessed.",
        "What the improvements brought is not estimated.",
        "Sales cannot be tracked.",
        "Benefit cannot be held against the plan.",
    ]
    assert (found.measures, found.effects, found.quarters, found.benefits) == ((), (), (), ())
    assert (found.repeat_rate, found.share, found.open_needs, found.findings) == (None, None, (), ())
    assert not any(one.met for one in criteria(found, Step9Decisions()))


def test_items_of_no_kind_that_is_measured(tmp_path: Path) -> None:
    bare = CYCLE.model_copy(update={"items": ()})
    found = run(facts_of(tmp_path, answers=both_items()), cycle=bare)
    assert [one.what for one in found.lacks[:3]] == [
        "No net promoter score.",
        "No share of satisfied customers.",
        "No satisfaction index.",
    ]


def test_items_that_nobody_answered(tmp_path: Path) -> None:
    found = run(facts_of(tmp_path, answers=given("other", "w1", [1.0] * 20)))
    assert found.measures == ()
    assert [one.needs for one in found.lacks[:2]] == ["answers to the item rec", "answers to the item overall"]


def test_the_same_inputs_give_the_same_bytes(tmp_path: Path) -> None:
    people, rows = asked(north=40, south=30)
    facts = facts_of(tmp_path, customers=people, answers=rows + both_items(), sales=SALES)
    one, other = (
        run(facts, CLASSES, carried=[{"need": "b", "reason": "r"}], benefits=[{"project": "p", "planned": 1}])
        for _ in range(2)
    )
    assert as_json(one) == as_json(other)


# --- criteria

EFFECT = {
    "id": "e",
    "improvement": "Second counter",
    "outcome": "satisfaction",
    "item": "q_fast",
    "design": "interrupted_time_series",
    "designed_on": "2024-05-01",
    "start": "2024-07-01",
    "placebo": "2024-04-01",
}
WELL: dict[str, Any] = {
    "effects": [EFFECT],
    "benefits": [{"project": "p", "planned": 100, "realised": 120, "source": "books"}],
    "carried": [{"need": "fast", "reason": "still low"}],
    "review": [{"decision": "Go on", "owner": "managing director", "due": "2025-03-01"}],
    "reviewed_on": "2025-01-15",
}


@pytest.fixture(scope="module")
def well(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    chance = np.random.default_rng(1)
    rows = [
        {
            "respondent_id": f"{month}-{at}",
            "wave": "w1" if month < 7 else "w2",
            "date": f"2024-{month:02d}-15",
            "item": "q_fast",
            "value": float(chance.integers(1, 6)),
        }
        for month in range(1, 13)
        for at in range(20)
    ]
    return facts_of(
        tmp_path_factory.mktemp("facts"), sales=SALES, answers=rows + [{**one, "item": "overall"} for one in rows]
    )


def test_criteria_when_all_is_well(well: Facts) -> None:
    assert judged(9, well, CYCLE, WELL) == {
        "measure": (True, "Satisfied customers (CSAT): 2 waves"),
        "designed": (True, "1 design"),
        "estimated": (True, "1 effect"),
        "placebo": (True, "1 placebo"),
        "sales": (True, "3 quarters, repeat rate known"),
        "benefit": (True, "1 project"),
        "carried": (True, "1 need"),
        "review": (True, "held on 2025-01-15"),
    }


def with_effect(**more: Any) -> Callable[[dict[str, Any]], None]:
    return lambda document: document.update(effects=[{**EFFECT, **more}])


@pytest.mark.parametrize(
    ("change", "failing", "reason"),
    [
        (with_effect(designed_on="2024-07-01"), "designed", "not before the start, or without a date: e"),
        (with_effect(designed_on=None), "designed", "not before the start, or without a date: e"),
        (with_effect(start="2026-01-01"), "estimated", "cannot be estimated: e"),
        (with_effect(placebo=None), "placebo", "without a placebo: e"),
        (with_effect(placebo="2024-01-01"), "placebo", "without a placebo: e"),
        (lambda one: one.update(benefits=[]), "benefit", "0 projects"),
        (lambda one: one.update(benefits=[{"project": "p", "planned": 1}]), "benefit", "benefit not known: p"),
        (lambda one: one.update(carried=[]), "carried", "0 needs"),
        (lambda one: one.update(review=[]), "review", "held on 2025-01-15; no decisions are recorded"),
        (
            lambda one: one.update(review=[{"decision": "Go on", "owner": "", "due": "2025-03-01"}]),
            "review",
            "held on 2025-01-15; without owner or day: Go on",
        ),
        (
            lambda one: one.update(review=[{"decision": "Go on", "owner": "director"}]),
            "review",
            "held on 2025-01-15; without owner or day: Go on",
        ),
        (lambda one: one.update(reviewed_on=None), "review", "not held yet"),
    ],
)
def test_criteria_when_something_is_open(
    well: Facts, change: Callable[[dict[str, Any]], Any], failing: str, reason: str
) -> None:
    document = dict(WELL)
    change(document)
    assert judged(9, well, CYCLE, document)[failing] == (False, reason)


def test_what_is_proposed_waits_for_a_decision(well: Facts) -> None:
    decisions = Step9Decisions.model_validate(WELL)
    before = Earlier(step5=OpportunitiesDeliverable(opportunities=(opportunity("kind", 1),)))
    found = analyse(cycle=CYCLE, facts=well, decisions=decisions, earlier=before)
    (carried,) = [one for one in criteria(found, decisions) if one.id == "carried"]
    assert (carried.met, carried.reason) == (False, "proposed and not yet decided: kind")


def test_one_wave_and_one_quarter_are_not_tracking(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, answers=given("overall", "w1", OVERALL["w1"]), sales=SALES[:2])
    found = judged(9, facts, CYCLE, {})
    assert found["measure"] == (False, "Satisfied customers (CSAT): 1 wave")
    assert found["sales"] == (False, "1 quarter, repeat rate known")


# --- benefit against the plan


def test_benefit_from_the_books_and_of_unknown_projects() -> None:
    before = Earlier(
        step6=ImprovementsDeliverable(projects=(Project(id="p", name="Counter", opportunity="o", cost=1),))
    )
    found = run(
        Facts({}),
        before,
        benefits=[
            {"project": "p", "planned": 1000, "realised": 1000, "source": "books"},
            {"project": "q", "planned": 1000, "realised": 999},
            {"project": "r", "planned": 1000},
            {"project": "s", "planned": 1000, "effect": "nothing"},
        ],
    )
    assert [(one.name, one.verdict) for one in found.benefits] == [
        ("Counter", "reached"),
        ("q", "not_reached"),
        ("r", "not_shown"),
        ("s", "not_shown"),
    ]
    unknown = "no effect on sales was designed for it, and the books are not named"
    notes = [one.replace("\u202f", " ") for one in sentences(found, "note")]
    assert notes[:4] == [
        "Counter: planned 1 000 EUR a year, realised 1 000 EUR: the plan is reached.",
        "q: planned 1 000 EUR a year, realised 999 EUR: the plan is not reached.",
        f"r: planned 1 000 EUR a year, realised not known: nothing is shown because {unknown}.",
        f"s: planned 1 000 EUR a year, realised not known: nothing is shown because {unknown}.",
    ]
    assert notes[4].startswith("All projects together: planned 4 000 EUR a year, realised 1 999 EUR: ")
    total = found.benefit_total
    assert total is not None
    assert (total.planned, total.realised.value, total.unknown, total.verdict) == (4000, 1999, 2, "not_shown")
    assert found.origins["benefit_p"].method == "decision"
    assert found.origins["benefit_p"].variant == "books"


def test_objectives_are_held_against_what_is_measured() -> None:
    def goal(measure: str, baseline: float | None, target: float) -> CharterObjective:
        return CharterObjective(statement=measure, measure=measure, baseline=baseline, target=target)

    score = Estimate(value=4.2, low=4.05, high=4.35, confidence=0.95, unit="points")
    north = ClassScore(class_id="north", class_name="North", score=Estimate(value=3.9, low=3.7, high=4.1))
    needs = NeedsDeliverable(
        needs=(NeedResult(id="fast", name="F", item="q_fast", satisfaction=score, by_class=(north,)),)
    )
    goals = (
        goal("mean of q_fast", 3.6, 4.0),
        goal("mean of q_fast, north", 3.6, 4.0),
        goal("highest less lowest score", 2.3, 2.0),
        goal("people who leave", 0.1, 0.05),
        goal("mean of q_fast ", None, 4.0),
    )
    spread = Estimate(value=2.4, low=2.1, high=2.7)
    chances = OpportunitiesDeliverable(charter=CharterSummary(objectives=goals), spread=spread)
    found = run(Facts({}), Earlier(step3=needs, step5=chances))
    assert [one.verdict for one in found.objectives] == [
        "reached",
        "not_shown",
        "not_reached",
        "not_measured",
        "not_shown",
    ]
    assert found.objectives[1].by == "score of “F”, North"


def test_the_total_of_all_projects() -> None:
    """5000 of 4000 planned: the books of two projects."""
    rows = [{"project": name, "planned": 2000, "realised": 2500, "source": "books"} for name in "pq"]
    total = run(Facts({}), benefits=rows).benefit_total
    assert total is not None
    assert (total.planned, total.realised.value, total.verdict) == (4000, 5000, "reached")
