"""Step 8's analysis against figures computed apart from it, and with data missing."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from builders.facts import facts_of
from builders.steps import Rows, analysed, judged, sentences
from nonagon.deliverables.cycle import Cycle, Item, Settings
from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.evidence import Link
from nonagon.deliverables.step1 import Condition, CustomerClass, CustomersDeliverable
from nonagon.deliverables.step3 import NeedResult, NeedsDeliverable
from nonagon.deliverables.step4 import Characteristic, CharacteristicsDeliverable
from nonagon.deliverables.step7 import ControlDeliverable, ControlItem
from nonagon.deliverables.step8 import AftersalesDeliverable
from nonagon.engine.facts import Facts
from nonagon.pipeline.run import as_json
from nonagon.steps.step8_aftersales.criteria import criteria
from nonagon.steps.step8_aftersales.decisions import Step8Decisions

CYCLE = Cycle(
    name="c",
    organization="Bus",
    currency="EUR",
    items=(
        Item(id="q_fast", text="Fast", need="fast"),
        Item(id="q_kind", text="Kind", need="kind"),
        Item(id="overall", text="All in all", kind="overall"),
        Item(id="e_fast", text="Fast, expected", kind="expectation", need="fast"),
    ),
)


def run(
    facts: Facts, before: Earlier | None = None, *, cycle: Cycle = CYCLE, **document: object
) -> AftersalesDeliverable:
    found: AftersalesDeliverable = analysed(8, facts, before, cycle, document)
    return found


# --- sales

PEOPLE = [{"customer_id": one, "region": "north" if one < "c" else "south"} for one in "abcd"]
SALES: Rows = [
    {"sale_id": "1", "customer_id": "a", "date": "2025-01-01", "version": "old", "amount": 100.0},
    {"sale_id": "1", "customer_id": "a", "date": "2025-01-01", "version": "old", "amount": 50.0},
    {"sale_id": "2", "customer_id": "b", "date": "2025-01-10", "version": "old", "amount": 50.0, "seller": "us"},
    {"sale_id": "3", "customer_id": "c", "date": "2025-02-01", "version": "better", "amount": 300.0},
    {"sale_id": "4", "customer_id": "a", "date": "2025-02-04", "version": "better", "amount": -20.0},
    {
        "sale_id": "5",
        "customer_id": "b",
        "date": "2025-02-02",
        "version": "better",
        "amount": 999.0,
        "seller": "rail",
    },
]
NORTH = CustomerClass(id="north", name="North", rule=(Condition(field="region", one_of=("north",)),))
CLASSES = Earlier(step1=CustomersDeliverable(classes=(NORTH, CustomerClass(id="all", name="Everybody"))))


def test_sales_by_version_in_the_order_of_time(tmp_path: Path) -> None:
    found = run(facts_of(tmp_path, customers=PEOPLE, sales=SALES), CLASSES)
    whole = [one for one in found.versions if one.class_id is None]
    # old: 200 in the ten days to January 10; better: 280 in the four from February 1; the rail's sale is not ours
    assert [(one.version, one.orders, one.customers, one.revenue, one.per_day) for one in whole] == [
        ("old", 2, 2, 200.0, 20.0),
        ("better", 2, 2, 280.0, 70.0),
    ]
    by_class = {(one.class_name, one.version): one.revenue for one in found.versions if one.class_id}
    assert by_class == {
        ("Everybody", "better"): 280.0,
        ("Everybody", "old"): 200.0,
        ("North", "better"): -20.0,
        ("North", "old"): 200.0,
    }
    assert [(one.month, one.version, one.revenue) for one in found.months] == [
        (date(2025, 1, 1), "old", 200.0),
        (date(2025, 2, 1), "better", 280.0),
    ]
    assert found.as_of == date(2025, 2, 4)
    assert sentences(found, "note")[0] == "Revenue by version: old 20 EUR a day, better 70 EUR a day."


def test_sales_without_versions_are_one(tmp_path: Path) -> None:
    rows = [{key: value for key, value in row.items() if key != "version"} for row in SALES]
    found = run(facts_of(tmp_path, customers=PEOPLE, sales=rows), CLASSES)
    assert [(one.version, one.revenue) for one in found.versions] == [("all", 480.0)]
    assert "Sales cannot be told apart by version." in [one.what for one in found.lacks]


def test_some_sales_without_a_version(tmp_path: Path) -> None:
    rows = [*SALES, {"sale_id": "9", "date": "2025-03-01", "amount": 10.0}]
    found = run(facts_of(tmp_path, sales=rows))
    assert [one.version for one in found.versions] == ["old", "better", "not named"]


def test_a_class_that_the_customers_cannot_be_sorted_into_is_a_lack(tmp_path: Path) -> None:
    tall = CustomerClass(id="tall", name="Tall", rule=(Condition(field="height", at_least=180),))
    before = Earlier(step1=CustomersDeliverable(classes=(tall,)))
    found = run(facts_of(tmp_path, customers=PEOPLE, sales=SALES), before)
    assert all(one.class_id is None for one in found.versions)
    lack = next(one for one in found.lacks if one.what == "Sales cannot be told apart by class.")
    assert "'height' is no attribute of customers" in lack.needs


# --- perception


def answers(item: str, wave: str, values: Iterable[float], day: str | None = None) -> Rows:
    return [
        {"respondent_id": f"{wave}-{place}", "wave": wave, "item": item, "value": float(value), "date": day}
        for place, value in enumerate(values)
    ]


FAST = {"w1": [4, 4, 5, 4, 4, 3, 4, 5, 4, 4, 4, 5], "w2": [2, 3, 2, 1, 2, 3, 2, 2, 1, 2, 3, 2, 2]}
KIND = {"w1": [4, 3, 5, 4, 2, 3, 4, 5, 4, 4, 3, 5], "w2": [4, 4, 5, 3, 2, 3, 4, 5, 3, 4, 3, 5, 4]}
TWO_WAVES = [
    row
    for item, waves in (("q_fast", FAST), ("q_kind", KIND))
    for wave, values in waves.items()
    for row in answers(item, wave, values)
]


def test_perception_by_wave_and_its_change(tmp_path: Path) -> None:
    found = run(facts_of(tmp_path, answers=TWO_WAVES))
    fast, kind = found.perceptions
    assert [(one.wave, one.score.value) for one in fast.points] == [
        ("w1", pytest.approx(np.mean(FAST["w1"]))),
        ("w2", pytest.approx(np.mean(FAST["w2"]))),
    ]
    # scipy's Welch interval of the same answers
    low, high = stats.ttest_ind(FAST["w2"], FAST["w1"], equal_var=False).confidence_interval(0.95)
    assert fast.change is not None
    assert (fast.change.low, fast.change.high) == pytest.approx((low, high))
    assert kind.change is not None
    assert kind.change.high is not None
    assert kind.change.high > 0


def test_a_fall_is_said_with_an_interval_that_allows_for_the_items_looked_at(tmp_path: Path) -> None:
    found = run(facts_of(tmp_path, answers=TWO_WAVES))
    # two items: scipy's Welch interval at 97.5 %
    low, high = stats.ttest_ind(FAST["w2"], FAST["w1"], equal_var=False).confidence_interval(0.975)
    change = np.mean(FAST["w1"]) - np.mean(FAST["w2"])
    assert sentences(found, "shown") == [
        f"“Fast” fell from w1 to w2 by {change:.2f} points ({-high:.2f} to {-low:.2f}, allowing for 2 items)."
    ]


def test_where_nothing_fell_that_is_said(tmp_path: Path) -> None:
    rows = [row for wave, values in KIND.items() for row in answers("q_kind", wave, values)]
    found = run(facts_of(tmp_path, answers=rows))
    assert "No fall of perception since the wave before is shown (1 item looked at)." in sentences(
        found, "not_shown"
    )


def test_waves_stand_as_step_3_found_them(tmp_path: Path) -> None:
    before = Earlier(step3=NeedsDeliverable(waves=("w2", "w1")))
    found = run(facts_of(tmp_path, answers=TWO_WAVES), before)
    assert [one.wave for one in found.perceptions[0].points] == ["w2", "w1"]


def test_small_waves_are_withheld(tmp_path: Path) -> None:
    rows = answers("q_fast", "w1", FAST["w1"]) + answers("q_fast", "w2", [1.0] * 9)
    found = run(facts_of(tmp_path, answers=rows))
    last = found.perceptions[0].points[-1].score
    assert (last.value, last.n, last.why) == (None, None, "fewer than 10 answers")
    assert found.perceptions[0].change is not None
    assert found.perceptions[0].change.value is None
    assert sentences(found, "shown") == []


# --- early warning


def daily(levels: Iterable[tuple[str, int, float]], *, each: int = 8, item: str = "q_fast", seed: int = 5) -> Rows:
    """Answers of 1 to 5: (first day, number of days, mean) stretches, `each` answers a day."""
    chance = np.random.default_rng(seed)
    rows: Rows = []
    for first, days, mean in levels:
        for day in range(days):
            moment = date.fromisoformat(first) + timedelta(days=day)
            for turn in range(each):
                value = 1 + chance.binomial(4, (mean - 1) / 4)
                rows.append(
                    {"respondent_id": f"{moment}-{turn}", "date": moment, "item": item, "value": float(value)}
                )
    return rows


WATCH = {"id": "w", "item": "q_fast", "since": "2025-03-01", "responder": "head", "reaction": "ask why"}
GOOD = ("2025-01-01", 59, 4.0)
STEADY = [GOOD, ("2025-03-01", 90, 4.0)]
FALLING = [GOOD, ("2025-03-01", 30, 4.0), ("2025-03-31", 60, 3.2)]


def test_a_planted_fall_is_warned_of_in_time(tmp_path: Path) -> None:
    found = run(facts_of(tmp_path, answers=daily(FALLING)), watches=[WATCH])
    (alarm,) = found.warnings
    assert alarm.raised
    assert alarm.on is not None
    assert date(2025, 3, 31) <= alarm.on <= date(2025, 4, 20), "within three weeks of the fall, and not before it"
    assert alarm.sentence.startswith("“Fast” fell below 3.")
    assert alarm.sentence.endswith("has a chance of at most 5\u202f%.")
    assert sentences(found, "warning") == [alarm.sentence]
    assert alarm.baseline is not None
    baseline = [row["value"] for row in daily(FALLING) if row["date"] < date(2025, 3, 1)]
    assert alarm.baseline.value == pytest.approx(np.mean(baseline))
    assert alarm.baseline.n == len(baseline)
    assert alarm.threshold == 20
    assert any(one.day == alarm.on and one.evidence >= 20 for one in alarm.days)
    assert found.origins[alarm.origin].method == "nonagon.methods.effects.sequential"


@pytest.mark.parametrize("seed", range(4))
def test_a_steady_perception_raises_nothing(tmp_path: Path, seed: int) -> None:
    found = run(facts_of(tmp_path, answers=daily(STEADY, seed=seed)), watches=[WATCH])
    (alarm,) = found.warnings
    assert not alarm.raised
    assert alarm.on is None
    assert alarm.sentence.endswith(
        "is shown after 90 days with answers; the watch goes on and may be read any day."
    )
    assert alarm.sentence in sentences(found, "not_shown")


def test_a_fall_that_does_not_matter_raises_nothing(tmp_path: Path) -> None:
    slightly = [GOOD, ("2025-03-01", 90, 3.7)]
    facts = facts_of(tmp_path, answers=daily(slightly))
    assert run(facts, watches=[WATCH]).warnings[0].raised
    assert not run(facts, watches=[{**WATCH, "fall": 0.5}]).warnings[0].raised


def test_answers_of_others_and_about_others_do_not_count(tmp_path: Path) -> None:
    rival = [{**row, "subject": "rival", "respondent_id": f"x{row['respondent_id']}"} for row in daily(FALLING)]
    found = run(facts_of(tmp_path, answers=daily(STEADY) + rival), watches=[WATCH])
    assert not found.warnings[0].raised


@pytest.mark.parametrize(
    ("in_control", "words"),
    [
        (True, "The process behind it (ci) is in control: the need itself may have moved."),
        (False, "The process behind it (ci) shows signals too: look there first."),
        (None, "has a chance of at most 5\u202f%."),
    ],
)
def test_a_warning_says_how_the_process_behind_it_does(
    tmp_path: Path, in_control: bool | None, words: str
) -> None:
    control = ControlItem(id="ci", characteristic="waiting", chart="imr", stable=in_control)
    before = Earlier(step7=ControlDeliverable(items=(control,)))
    found = run(facts_of(tmp_path, answers=daily(FALLING)), before, watches=[{**WATCH, "control_item": "ci"}])
    assert found.warnings[0].in_control is in_control
    assert found.warnings[0].sentence.endswith(words)
    assert [one.headline for one in found.findings if one.kind == "warning"] == [10]


def test_no_two_days_shown_lie_fewer_answers_apart_than_the_smallest_group(tmp_path: Path) -> None:
    """Running means of two days would otherwise give away by subtraction what a few people said."""
    few = daily([("2025-01-01", 59, 4.0), ("2025-03-01", 80, 3.3)], each=3)
    found = run(facts_of(tmp_path, answers=few), watches=[WATCH])
    counts = [0, *(one.answers for one in found.warnings[0].days)]
    assert len(counts) > 5
    assert min(np.diff(counts)) >= CYCLE.settings.group_minimum
    assert found.warnings[0].on in {one.day for one in found.warnings[0].days}
    open_cycle = CYCLE.model_copy(update={"settings": Settings(group_minimum=1)})
    shown = run(facts_of(tmp_path, answers=few), cycle=open_cycle, watches=[WATCH]).warnings[0].days
    assert len(shown) > 50


def test_a_long_watch_shows_some_sixty_days(tmp_path: Path) -> None:
    long = daily([GOOD, ("2025-03-01", 200, 4.0)], each=12)
    days = run(facts_of(tmp_path, answers=long), watches=[WATCH]).warnings[0].days
    assert 55 <= len(days) <= 62
    assert days[0].day == date(2025, 3, 1)
    assert days[-1].day == date(2025, 3, 1) + timedelta(days=199)
    assert days[-1].answers == 200 * 12


@pytest.mark.parametrize(
    ("rows", "watch", "words"),
    [
        ([], WATCH, "no dated answers, nothing can be watched"),
        (answers("q_fast", "w1", FAST["w1"]), WATCH, "no dated answers, nothing can be watched"),
        (daily([("2025-03-01", 30, 4.0)]), WATCH, "too few answers before 2025-03-01 for a baseline"),
        (daily([GOOD]), WATCH, "no answers since 2025-03-01 yet"),
        (daily(STEADY), {**WATCH, "item": "nothing"}, "no dated answers, nothing can be watched"),
        (daily(STEADY), {**WATCH, "fall": 3.5}, "the baseline lies at the bottom of the scale"),
        (daily(STEADY), {**WATCH, "class_id": "north"}, "the class north is not known from step 1"),
        (
            daily(STEADY),
            {**WATCH, "baseline_from": "2025-02-28"},
            "too few answers before 2025-03-01 for a baseline",
        ),
    ],
)
def test_what_cannot_be_watched_is_said(tmp_path: Path, rows: Rows, watch: dict[str, Any], words: str) -> None:
    facts = facts_of(tmp_path, answers=rows) if rows else Facts({})
    found = run(facts, watches=[watch])
    assert words in found.warnings[0].sentence
    assert not found.warnings[0].raised
    watched = next(
        one for one in criteria(found, Step8Decisions.model_validate({"watches": [watch]})) if one.id == "watched"
    )
    assert not watched.met


def test_a_watch_over_one_class(tmp_path: Path) -> None:
    north = [{**row, "customer_id": "a"} for row in daily(FALLING)]
    south = [{**row, "customer_id": "c", "respondent_id": f"s{row['respondent_id']}"} for row in daily(STEADY)]
    facts = facts_of(tmp_path, customers=PEOPLE, answers=north + south)
    inside = run(facts, CLASSES, watches=[{**WATCH, "class_id": "north"}]).warnings[0]
    assert inside.raised
    assert inside.level is not None
    assert inside.level.n == sum(row["date"] >= date(2025, 3, 1) for row in north)


# --- cases


def case(name: str, opened: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "opened": opened, **more}


CASES = [
    case("k1", "2025-01-01", acknowledged="2025-01-02", closed="2025-01-11", cause="snow", outcome="solved"),
    case("k2", "2025-01-01", acknowledged="2025-01-09", closed="2025-02-10", cause="snow", outcome="not_solved"),
    case("k3", "2025-02-01", acknowledged="2025-02-03", closed="2025-02-06", kind="request", outcome="solved"),
    # 39 days old on March 31, from where the tests look: overdue
    case("k4", "2025-02-20", acknowledged="2025-02-21"),
    # 6 days old, and 1 day old: neither promise is due
    case("k5", "2025-03-25", acknowledged="2025-03-25"),
    case("k6", "2025-03-30"),
    # not opened yet, and not closed yet
    case("k7", "2025-04-05"),
    case("k8", "2025-03-20", acknowledged="2025-03-20", closed="2025-04-02", cause="dirt", outcome="solved"),
]


def test_cases_by_age_and_outcome() -> None:
    found = run(Facts({}), cases=CASES, as_of="2025-03-31")
    summary = found.cases
    assert summary is not None
    assert (summary.opened, summary.open) == (7, 4)
    assert {one.label: one.cases for one in summary.ages} == {
        "up to 7 days": 2,
        "8 to 30 days": 1,
        "31 to 90 days": 1,
        "more than 90 days": 0,
    }
    assert [(one.label, one.cases) for one in summary.outcomes] == [("solved", 2), ("not solved", 1)]
    assert [(one.label, one.cases) for one in summary.kinds] == [("complaint", 6), ("request", 1)]
    assert [(one.label, one.cases) for one in summary.causes] == [("snow", 2), ("dirt", 1)]
    assert summary.overdue == ("k4",)
    assert summary.without_cause == 1, "k3 is closed and has none"


def test_promises_are_judged_on_cases_that_are_old_enough() -> None:
    summary = run(Facts({}), cases=CASES, as_of="2025-03-31").cases
    assert summary is not None
    # acknowledged within 2 days: of k1 to k5 and k8 all but k2; k6 is a day old and not yet due
    assert summary.acknowledged is not None
    assert (summary.acknowledged.value, summary.acknowledged.n) == (pytest.approx(5 / 6), 6)
    # closed within 20 days: k1 and k3 of k1 to k4; k5, k6 and k8 are younger than 20 days
    assert summary.closed_in_time is not None
    assert (summary.closed_in_time.value, summary.closed_in_time.n) == (0.5, 4)
    # scipy's Wilson interval
    low, high = stats.binomtest(2, 4).proportion_ci(method="wilson")
    assert (summary.closed_in_time.low, summary.closed_in_time.high) == pytest.approx((low, high))


def test_median_days_count_open_cases_as_lasting_longer() -> None:
    """Kaplan-Meier by hand: k3 closes after 5 days, k1 after 10, k2 after 40; the open ones leave in between."""
    summary = run(Facts({}), cases=CASES, as_of="2025-03-31").cases
    assert summary is not None
    assert summary.median_days is not None
    survival, median = 1.0, None
    times = [(5, True), (6, False), (10, True), (11, False), (39, False), (40, True), (1, False)]
    for moment, closed in sorted(times):
        at_risk = sum(other >= moment for other, _ in times)
        survival *= 1 - closed / at_risk
        if median is None and survival <= 0.5:
            median = moment
    assert summary.median_days.value == median == 40


def test_too_few_are_asked_whether_they_are_satisfied() -> None:
    some = [case(f"k{n}", "2025-01-01", closed="2025-01-05", satisfied=n % 2 == 0) for n in range(9)]
    held = run(Facts({}), cases=some).cases
    assert held is not None
    assert held.satisfied is not None
    assert (held.satisfied.value, held.satisfied.why) == (None, "fewer than 10 answers")
    one_more = run(Facts({}), cases=[*some, case("k9", "2025-01-01", closed="2025-01-05", satisfied=True)]).cases
    assert one_more is not None
    assert one_more.satisfied is not None
    assert (one_more.satisfied.value, one_more.satisfied.n) == (0.6, 10)


def test_cases_alone_set_the_day() -> None:
    summary = run(Facts({}), cases=[case("k1", "2025-01-01"), case("k2", "2025-01-01", closed="2025-01-31")]).cases
    assert summary is not None
    assert [one.cases for one in summary.ages] == [0, 1, 0, 0]


# --- follow-up programmes, what customers are told, and links of the trace


def test_follow_up_programmes_count_what_came_back(tmp_path: Path) -> None:
    programme = {
        "id": "fu",
        "name": "After the trip",
        "items": ["q_fast"],
        "control_items": ["ci"],
        "owner": "head",
    }
    silent = {"id": "silent", "items": ["never asked"]}
    undated = [{**row, "date": None, "respondent_id": f"u{at}"} for at, row in enumerate(daily([GOOD])[:7])]
    found = run(
        facts_of(tmp_path, answers=[*daily([GOOD])[:25], *undated]),
        follow_ups=[programme, silent],
        cases=[case("k1", "2025-01-01", follow_up="fu")],
    )
    assert [(one.id, one.name, one.answers, one.cases) for one in found.follow_ups] == [
        ("fu", "After the trip", 25, 1),
        ("silent", "silent", 0, 0),
    ]
    assert found.links == (Link(from_kind="control_item", from_id="ci", to_kind="follow_up", to_id="fu"),)


def test_you_said_we_did() -> None:
    needs = (
        NeedResult(id="fast", name="Serve me fast", verbatims=1, verbatims_with_parts=3),
        NeedResult(id="queue", name="No queue", level=2, parent="fast", verbatims=2, verbatims_with_parts=3),
        NeedResult(id="till", name="More tills", level=3, parent="queue", verbatims=1, verbatims_with_parts=1),
    )
    told = {
        "need": "fast",
        "activity": "a1",
        "message": "There is a second counter.",
        "told_on": "2025-05-01",
        "told": 3,
    }
    waiting = {"need": "kind", "activity": "a2", "message": "We trained."}
    found = run(Facts({}), Earlier(step3=NeedsDeliverable(needs=needs)), returns=[told, waiting])
    assert [(one.need_name, one.speakers, one.told) for one in found.returned] == [
        ("Serve me fast", 3, 3),
        ("kind", None, None),
    ]
    (headline,) = [one for one in found.findings if one.headline == 13]
    assert headline.sentence == (
        "You said, we did: for 1 of 2 needs customers were told what became of what they said (3 customers)."
    )


def test_from_process_to_perception(tmp_path: Path) -> None:
    """Waiting grows and shrinks by the week; the score follows it two weeks later, downwards."""
    chance = np.random.default_rng(3)
    weeks = 60
    level = np.cumsum(chance.normal(0, 1, weeks + 2))
    level = 10 + 3 * (level - level.mean()) / level.std()
    monday = datetime(2024, 1, 1)
    measured = [
        {
            "characteristic": "waiting",
            "at": monday + timedelta(weeks=week, hours=9),
            "value": float(level[week + 2]),
        }
        for week in range(weeks)
    ]
    rows: Rows = []
    for week in range(weeks):
        for person in range(12):
            value = np.clip(round(8 - 0.4 * level[week] + chance.normal(0, 0.3)), 1, 7)
            day = (monday + timedelta(weeks=week, days=person % 5)).date()
            rows.append(
                {"respondent_id": f"{week}-{person}", "date": day, "item": "q_fast", "value": float(value)}
            )
    waiting = Characteristic(
        id="waiting", name="Waiting", unit="min", direction="lower", measurement="waiting", needs=("fast",)
    )
    before = Earlier(
        step4=CharacteristicsDeliverable(characteristics=(waiting,)),
        step7=ControlDeliverable(
            items=(ControlItem(id="ci", characteristic="waiting", name="Waiting", chart="imr"),)
        ),
    )
    found = run(facts_of(tmp_path, answers=rows, measurements=measured), before)
    (link,) = found.process_links
    assert link.shown
    assert link.lag.value == 2
    assert link.sentence == "Waiting: “Fast” follows it after 2 (2 to 2) weeks, of 60 weeks looked at."
    assert [one.headline for one in found.findings if one.sentence == link.sentence] == [10]


# --- the whole


def test_nothing_at_all() -> None:
    found = run(Facts({}))
    assert [one.what for one in found.lacks] == [
        "Sales cannot be followed.",
        "Perception cannot be followed.",
        "Nothing is known of cases.",
        "Nobody is warned of a fall.",
    ]
    assert (found.cases, found.as_of, found.versions, found.warnings) == (None, None, (), ())
    assert not any(one.met for one in criteria(found, Step8Decisions()))


def test_sales_of_others_alone(tmp_path: Path) -> None:
    theirs = [{"sale_id": "1", "date": "2025-01-01", "amount": 5.0, "seller": "rail", "version": "x"}]
    found = run(facts_of(tmp_path, sales=theirs))
    assert found.versions == ()
    assert found.months == ()


def test_the_same_inputs_give_the_same_bytes(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, customers=PEOPLE, sales=SALES, answers=daily(FALLING))
    one, other = (run(facts, CLASSES, watches=[WATCH], cases=CASES) for _ in range(2))
    assert as_json(one) == as_json(other)


# --- criteria

WELL: dict[str, Any] = {
    "follow_ups": [{"id": "fu", "items": ["q_fast"], "owner": "head"}],
    "watches": [WATCH],
    "cases": [
        case(f"k{n}", "2025-01-01", acknowledged="2025-01-02", closed="2025-01-05", cause="snow")
        for n in range(40)
    ],
    "returns": [{"need": "fast", "activity": "a", "message": "done", "told_on": "2025-05-01"}],
}


@pytest.fixture(scope="module")
def well(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    waves = [{**row, "wave": "w1" if row["date"] < date(2025, 3, 1) else "w2"} for row in daily(FALLING)]
    return facts_of(tmp_path_factory.mktemp("facts"), customers=PEOPLE, sales=SALES, answers=waves)


def test_criteria_when_all_is_well(well: Facts) -> None:
    assert judged(8, well, CYCLE, WELL) == {
        "sales": (True, "versions: old, better"),
        "perception": (True, "2 waves"),
        "follow_up": (True, "1 programme"),
        "watched": (True, "1 watch"),
        "reaction": (True, "1 warning raised"),
        # Wilson's lower end of 40 of 40: 40 / (40 + 1.96 ** 2)
        "case_times": (
            True,
            "promised 90 %; acknowledged 100.0 % (91.2 to 100.0 %); closed 100.0 % (91.2 to 100.0 %)",
        ),
        "causes": (True, "0 closed cases without"),
        "told": (True, "1 message"),
    }


@pytest.mark.parametrize(
    ("change", "failing", "reason"),
    [
        (lambda one: one.update(follow_ups=[]), "follow_up", "there is no follow-up programme"),
        (
            lambda one: one.update(follow_ups=[{"id": "fu", "items": ["x"]}]),
            "follow_up",
            "without an owner: fu; nothing came back yet: fu",
        ),
        (lambda one: one.update(watches=[]), "reaction", "nothing is watched"),
        (lambda one: one.update(watches=[{**WATCH, "responder": ""}]), "reaction", "nobody reacts to: w"),
        (
            lambda one: one.update(cases=[case("k", "2025-01-01", closed="2025-03-01", cause="x")]),
            "case_times",
            "promised 90 %; acknowledged 0.0 % (0.0 to 79.3 %), which is below the promise; "
            "closed 0.0 % (0.0 to 79.3 %), which is below the promise",
        ),
        (
            # Wilson's lower end of 1 of 1: 1 / (1 + 1.96 ** 2)
            lambda one: one.update(cases=one["cases"][:1]),
            "case_times",
            "promised 90 %; acknowledged 100.0 % (20.7 to 100.0 %), which is not shown: the interval "
            "reaches below it; closed 100.0 % (20.7 to 100.0 %), which is not shown: "
            "the interval reaches below it",
        ),
        (
            lambda one: one.update(cases=[case("k", "2025-01-01", closed="2025-01-02")]),
            "causes",
            "1 closed case without",
        ),
        (
            lambda one: one.update(returns=[{"need": "fast", "activity": "a", "message": "done"}]),
            "told",
            "not told yet: fast",
        ),
    ],
)
def test_criteria_when_something_is_open(
    well: Facts, change: Callable[[dict[str, Any]], Any], failing: str, reason: str
) -> None:
    document = dict(WELL)
    change(document)
    assert judged(8, well, CYCLE, document)[failing] == (False, reason)
