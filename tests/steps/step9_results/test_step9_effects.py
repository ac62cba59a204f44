"""Step 9's effects: planted ones are recovered, absent ones are not claimed, and leavers are no success."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from builders.facts import facts_of
from builders.steps import Rows, analysed, bounds, class_of
from nonagon.deliverables.cycle import Cycle, Item
from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.step1 import CustomerClass, CustomersDeliverable
from nonagon.deliverables.step9 import Effect, ResultsDeliverable
from nonagon.engine.facts import Facts
from nonagon.pipeline.run import as_json
from nonagon.steps.step9_results.criteria import criteria
from nonagon.steps.step9_results.decisions import Step9Decisions

CYCLE = Cycle(
    name="c",
    organization="Bus",
    currency="EUR",
    items=(Item(id="q_fast", text="Fast"), Item(id="q_air", text="Air", kind="other")),
)


CLASSES = Earlier(step1=CustomersDeliverable(classes=(class_of("north"), class_of("south"))))
APART = {
    "id": "e",
    "improvement": "Second counter",
    "outcome": "satisfaction",
    "item": "q_fast",
    "design": "difference_in_differences",
    "designed_on": "2025-05-01",
    "start": "2025-06-01",
    "treated": ["north"],
    "control": ["south"],
    "placebo": "2025-03-01",
    "negative_item": "q_air",
}
ALONE = {
    **{key: value for key, value in APART.items() if key not in {"treated", "control", "negative_item"}},
    "design": "interrupted_time_series",
}


def run(facts: Facts, before: Earlier = CLASSES, **document: object) -> ResultsDeliverable:
    found: ResultsDeliverable = analysed(9, facts, before, CYCLE, document)
    return found


def effect_of(facts: Facts, plan: dict[str, Any], before: Earlier = CLASSES) -> Effect:
    found = run(facts, before, effects=[plan])
    (one,) = found.effects
    (said,) = [finding for finding in found.findings if finding.headline == 5]
    # The sign before a number is written as a minus in what is said.
    assert (said.kind, said.sentence.replace("\u2212", "-")) == (
        "shown" if one.shown else "not_shown",
        one.sentence.replace("\u2212", "-"),
    )
    return one


# --- difference in differences on satisfaction


def answers(
    *,
    effect: float = 0.0,
    early: float = 0.0,
    air: float = 0.0,
    each: int = 30,
    seed: int = 1,
    months: Sequence[int] = range(1, 11),
) -> Rows:
    """Ten months in two regions, every month other customers; all are more content by 0.4 from June.

    effect: what the north gains from June, early: from March, air: on the item that cannot have changed.
    """
    chance = np.random.default_rng(seed)
    rows: Rows = []
    for month in months:
        for region in ("north", "south"):
            for at in range(each):
                who = f"{region}-{month}-{at}"
                level = {"q_fast": 5.0, "q_air": 6.0}
                level["q_fast"] += 0.4 * (month >= 6)
                if region == "north":
                    level["q_fast"] += effect * (month >= 6) + early * (month >= 3)
                    level["q_air"] += air * (month >= 6)
                rows += [
                    {
                        "respondent_id": who,
                        "customer_id": who,
                        "date": date(2025, month, 1 + at % 28),
                        "item": item,
                        "value": float(np.clip(np.round(mean + chance.normal(0, 1.2)), 0, 10)),
                    }
                    for item, mean in level.items()
                ]
    return rows


def with_people(folder: Path, rows: Rows) -> Facts:
    """The rows with a register in which a customer's region is the first part of its name."""
    ids = sorted({row["customer_id"] for row in rows})
    people = [{"customer_id": one, "region": one.split("-")[0]} for one in ids]
    return facts_of(folder, customers=people, answers=rows)


def four_cells(
    rows: Rows, item: str, split: date, *, since: date = date(2025, 1, 1), until: date = date(2026, 1, 1)
) -> tuple[float, float, float]:
    """Effect and Welch-Satterthwaite interval of the four cells' means, from the raw rows."""
    cells = [
        [
            row["value"]
            for row in rows
            if row["item"] == item
            and since <= row["date"] < until
            and row["customer_id"].startswith(region)
            and (row["date"] >= split) == after
        ]
        for region, after in (("north", False), ("north", True), ("south", False), ("south", True))
    ]
    means = [np.mean(cell) for cell in cells]
    parts = np.array([np.var(cell, ddof=1) / len(cell) for cell in cells])
    freedom = parts.sum() ** 2 / sum(part**2 / (len(cell) - 1) for part, cell in zip(parts, cells, strict=True))
    effect = float((means[1] - means[0]) - (means[3] - means[2]))
    half = float(stats.t.ppf(0.975, freedom) * parts.sum() ** 0.5)
    return effect, effect - half, effect + half


START, PLACEBO = date(2025, 6, 1), date(2025, 3, 1)


def test_a_planted_effect_is_recovered_with_its_interval(tmp_path: Path) -> None:
    rows = answers(effect=0.8)
    one = effect_of(with_people(tmp_path, rows), APART)
    value, low, high = four_cells(rows, "q_fast", START)
    assert (one.effect.value, *bounds(one.effect), one.effect.n) == pytest.approx((value, low, high, 600))
    assert low < 0.8 < high, "what was planted lies in it"
    assert one.placebo is not None
    placebo = four_cells(rows, "q_fast", PLACEBO, until=START)
    assert (one.placebo.value, *bounds(one.placebo)) == pytest.approx(placebo)
    assert one.negative is not None
    negative = four_cells(rows, "q_air", START)
    assert (one.negative.value, *bounds(one.negative)) == pytest.approx(negative)
    assert one.shown
    assert one.sentence.startswith(f"Second counter raised satisfaction by +{value:.2f} points ({low:+.2f} to ")
    assert "; at a date when nothing was changed (placebo) nothing was shown, " in one.sentence
    assert "; on what it cannot have changed nothing was shown, " in one.sentence


def test_the_means_by_month_of_those_who_got_it(tmp_path: Path) -> None:
    rows = answers(effect=0.8)
    one = effect_of(with_people(tmp_path, rows), APART)
    for point in one.series:
        values = [
            row["value"]
            for row in rows
            if row["item"] == "q_fast"
            and row["customer_id"].startswith("north")
            and row["date"].replace(day=1) == point.period
        ]
        assert point.observed == pytest.approx(np.mean(values))
    assert [point.period.month for point in one.series] == list(range(1, 11))
    few = answers(effect=0.8, each=9)
    assert effect_of(with_people(tmp_path, few), APART).series == (), "months with 9 answers are not drawn"


@pytest.mark.parametrize("seed", range(3))
def test_where_nothing_was_planted_that_is_said(tmp_path: Path, seed: int) -> None:
    one = effect_of(with_people(tmp_path, answers(seed=seed)), APART)
    assert not one.shown
    assert one.sentence.startswith("Second counter: no effect on satisfaction was shown, ")


def test_a_lowered_satisfaction_is_said_as_such(tmp_path: Path) -> None:
    one = effect_of(with_people(tmp_path, answers(effect=-0.8)), APART)
    assert one.shown
    assert one.sentence.startswith("Second counter lowered satisfaction by \u22120.")


def test_what_moved_at_the_placebo_date_is_not_shown(tmp_path: Path) -> None:
    """The north rises from March, before there was a second counter."""
    one = effect_of(with_people(tmp_path, answers(effect=0.5, early=1.0)), APART)
    assert one.effect.beyond_chance
    assert one.placebo is not None
    assert one.placebo.beyond_chance
    assert not one.shown
    assert ", but it moved at a date when nothing was changed (placebo) too, +" in one.sentence
    assert one.sentence.endswith(": the effect is not shown.")


def test_what_moves_the_negative_control_is_not_shown(tmp_path: Path) -> None:
    """The north rises on the air too, which a second counter cannot have changed."""
    one = effect_of(with_people(tmp_path, answers(effect=0.8, air=0.8)), APART)
    assert one.effect.beyond_chance
    assert not one.shown
    assert ", but what it cannot have changed moved too, +" in one.sentence
    without = effect_of(with_people(tmp_path, answers(effect=0.8, air=0.8)), {**APART, "negative_item": None})
    assert without.negative is None
    assert without.shown


def test_the_last_day_counts_and_what_comes_after_does_not(tmp_path: Path) -> None:
    rows = answers(effect=0.8)
    one = effect_of(with_people(tmp_path, rows), {**APART, "end": "2025-08-28"})
    value, low, high = four_cells(rows, "q_fast", START, until=date(2025, 8, 29))
    assert (one.effect.value, *bounds(one.effect), one.effect.n) == pytest.approx((value, low, high, 480))
    assert [point.period.month for point in one.series] == list(range(1, 8)), "August is not whole"


def test_history_counts_from_the_day_that_was_decided(tmp_path: Path) -> None:
    rows = answers(effect=0.8)
    one = effect_of(with_people(tmp_path, rows), {**APART, "begin": "2025-02-01"})
    value, low, high = four_cells(rows, "q_fast", START, since=date(2025, 2, 1))
    assert (one.effect.value, *bounds(one.effect), one.effect.n) == pytest.approx((value, low, high, 540))
    assert one.placebo is not None
    placebo = four_cells(rows, "q_fast", PLACEBO, since=date(2025, 2, 1), until=START)
    assert (one.placebo.value, *bounds(one.placebo)) == pytest.approx(placebo)
    assert [point.period.month for point in one.series] == list(range(2, 11))


@pytest.mark.parametrize(
    ("rows", "plan", "words"),
    [
        (
            answers(each=3, months=[1, 2, 4, 5, 7, 8, 9]),
            APART,
            "each of the four groups needs at least 10 answers to q_fast; got 12, 9, 12, 9",
        ),
        (answers(months=range(1, 6)), APART, "got 150, 0, 150, 0"),
        (answers(), {**APART, "treated": ["east"]}, "the class 'east' is not in step 1's deliverable"),
        (answers(), {**APART, "control": []}, "needs classes that got it and classes that did not"),
        (answers(), {**APART, "control": ["all"]}, "300 customers of all got it too"),
        (answers(), {**APART, "item": "never asked"}, "got 0, 0, 0, 0"),
        ([{**row, "date": None} for row in answers()], APART, "there are no dated answers"),
        ([{**row, "customer_id": "stranger"} for row in answers()], APART, "got 0, 0, 0, 0"),
        (answers(), {**APART, "outcome": "sales"}, "there are no dated sales"),
    ],
)
def test_what_cannot_be_compared_says_why(tmp_path: Path, rows: Rows, plan: dict[str, Any], words: str) -> None:
    classes = (class_of("north"), class_of("south"), CustomerClass(id="all", name="Everybody"))
    before = Earlier(step1=CustomersDeliverable(classes=classes))
    one = effect_of(with_people(tmp_path, rows), plan, before)
    assert words in one.effect.why
    assert one.sentence.startswith("Second counter: its effect on ")
    assert (one.effect.value, one.shown) == (None, False)


def test_a_placebo_or_control_without_answers_says_why(tmp_path: Path) -> None:
    facts = with_people(tmp_path, answers(effect=0.8))
    one = effect_of(facts, {**APART, "placebo": "2025-01-01", "negative_item": "never asked"})
    assert one.placebo is not None
    assert one.placebo.why.startswith("each of the four groups needs at least 10 answers to q_fast; got 0, 150")
    assert one.negative is not None
    assert one.negative.why.startswith("each of the four groups needs at least 10 answers to never asked")
    assert one.shown


def test_without_step_1_there_are_no_classes(tmp_path: Path) -> None:
    one = effect_of(with_people(tmp_path, answers()), APART, Earlier())
    assert one.effect.why == "the class 'north' is not in step 1's deliverable; run step 1 too"


# --- those who left


def asked_twice(north: Sequence[tuple[int, float, float | None]], *, seed: int = 3) -> Rows:
    """Customers asked in February and in August: (how many, score before, score after or None for leavers).

    The south has 200 customers of 2 and 200 of 7 who stay as they are. Every score is off by one or none.
    """
    chance = np.random.default_rng(seed)
    rows: Rows = []
    for region, groups in (("north", north), ("south", [(200, 2.0, 2.0), (200, 7.0, 7.0)])):
        for group, (people, before, after) in enumerate(groups):
            for at in range(people):
                who = f"{region}-{group}-{at}"
                for day, level in ((date(2025, 2, 3), before), (date(2025, 8, 4), after)):
                    if level is not None:
                        value = level + int(chance.integers(-1, 2))
                        answer = {"respondent_id": f"{who}-{day}", "customer_id": who, "date": day, "value": value}
                        rows.append({**answer, "item": "q_fast"})
    return rows


# Of the 200 unhappy ones in the north 160 leave; nobody changes his mind.
FLIGHT = [(160, 2.0, None), (40, 2.0, 2.0), (200, 7.0, 7.0)]
TWICE = {**APART, "placebo": None, "negative_item": None}


def standardised(rows: Rows, region: str) -> tuple[float, float, int]:
    """Change of all who were asked, leavers taken to change as those who stayed with the same answer before; how
    far leaving alone moved the mean; how many left."""
    first = {row["customer_id"]: row["value"] for row in rows if row["date"].month == 2}
    second = {row["customer_id"]: row["value"] for row in rows if row["date"].month == 8}
    first = {who: value for who, value in first.items() if who.startswith(region)}
    stayed = {who for who in first if who in second}
    by_value = {
        value: np.mean([second[who] for who in stayed if first[who] == value]) for value in set(first.values())
    }
    change = np.mean([by_value[value] for value in first.values()]) - np.mean(list(first.values()))
    moved = np.mean([first[who] for who in stayed]) - np.mean(list(first.values()))
    return float(change), float(moved), len(first) - len(stayed)


def test_unhappy_customers_who_leave_are_no_success(tmp_path: Path) -> None:
    rows = asked_twice(FLIGHT)
    one = effect_of(with_people(tmp_path, rows), TWICE)
    # By the means alone it looks like a success: (40 x 2 + 200 x 7) / 240 = 6.17 after 4.50.
    assert one.effect.value == pytest.approx(four_cells(rows, "q_fast", START)[0])
    assert one.effect.value == pytest.approx(5 / 3, abs=0.2)
    assert one.effect.low is not None
    assert one.effect.low > 1
    (north, moved, left), (south, _, _) = standardised(rows, "north"), standardised(rows, "south")
    assert one.adjusted is not None
    assert one.adjusted.value == pytest.approx(north - south)
    assert one.adjusted.low is not None
    assert one.adjusted.high is not None
    assert one.adjusted.low < 0 < one.adjusted.high
    assert one.leavers is not None
    assert (one.leavers.value, one.leavers.n) == (pytest.approx(moved), left)
    assert left == 160
    assert not one.shown
    assert ", but with those who left taken into account it is not shown to have moved so, " in one.sentence


def test_an_effect_beside_leavers_is_still_shown(tmp_path: Path) -> None:
    """The same flight, but who stays gains one point: the effect is that one point, not what the means say."""
    rows = asked_twice([(160, 2.0, None), (40, 2.0, 3.0), (200, 7.0, 8.0)])
    one = effect_of(with_people(tmp_path, rows), TWICE)
    assert one.effect.value == pytest.approx(1 + 5 / 3, abs=0.2)
    assert one.adjusted is not None
    assert one.adjusted.low is not None
    assert one.adjusted.high is not None
    assert one.adjusted.low < 1 < one.adjusted.high < 1.5
    assert one.shown
    assert "; with those who left taken into account, +" in one.sentence


def test_happy_customers_who_leave_hide_an_effect(tmp_path: Path) -> None:
    """The happy leave, (200 x 2 + 40 x 7) / 240 = 2.83 of 4.50; who stays gains 2: the means say +0.33."""
    rows = asked_twice([(200, 2.0, 4.0), (160, 7.0, None), (40, 7.0, 9.0)])
    one = effect_of(with_people(tmp_path, rows), TWICE)
    assert one.leavers is not None
    assert one.leavers.value == pytest.approx(-5 / 3, abs=0.2)
    assert one.effect.value == pytest.approx(1 / 3, abs=0.2)
    assert one.adjusted is not None
    assert one.adjusted.value == pytest.approx(2, abs=0.2)
    assert not one.shown
    assert "no effect on satisfaction was shown, " in one.sentence
    assert "; with those who left taken into account it moved by +" in one.sentence


def test_where_leaving_pushed_the_other_way_it_speaks_against_nothing(tmp_path: Path) -> None:
    """The same flight of the happy; who stays gains three points, so that the means rise in spite of it."""
    one = effect_of(
        with_people(tmp_path, asked_twice([(200, 2.0, 5.0), (160, 7.0, None), (40, 7.0, 10.0)])), TWICE
    )
    assert one.effect.value == pytest.approx(4 / 3, abs=0.2)
    assert one.shown


def few_again(change: float) -> Rows:
    """Thirty of each region, far apart in what they think, answer twice; they change by so much in the north."""
    return [
        {
            "respondent_id": f"{region}-again-{at}-{day}",
            "customer_id": f"{region}-again-{at}",
            "date": day,
            "item": "q_fast",
            "value": 5.0 + (change if region == "north" and day >= START else 0) + 2 * ((at + turn) % 3 - 1),
        }
        for region in ("north", "south")
        for at in range(30)
        for turn, day in enumerate((date(2025, 2, 3), date(2025, 8, 4)))
    ]


def test_a_small_panel_alone_says_nothing_against(tmp_path: Path) -> None:
    """Few answer twice and none of them leaves: that no change of theirs is shown does not undo the effect."""
    one = effect_of(with_people(tmp_path, answers(effect=0.8) + few_again(0.0)), TWICE)
    assert one.adjusted is not None
    assert one.adjusted.value is not None
    assert not one.adjusted.beyond_chance
    assert one.shown


def test_those_who_stayed_and_fell_speak_against_a_rise_by_newcomers(tmp_path: Path) -> None:
    one = effect_of(with_people(tmp_path, answers(effect=0.8) + few_again(-2.0)), TWICE)
    assert one.effect.low is not None
    assert one.effect.low > 0
    assert one.adjusted is not None
    assert one.adjusted.high is not None
    assert one.adjusted.high < 0
    assert not one.shown


def test_the_mean_of_a_few_leavers_cannot_be_worked_out(tmp_path: Path) -> None:
    rows = asked_twice([(9, 2.0, None), (191, 2.0, 3.0), (200, 7.0, 8.0)])
    one = effect_of(with_people(tmp_path, rows), TWICE)
    assert one.leavers is not None
    assert (one.leavers.value, one.leavers.n) == (None, None)
    assert one.leavers.why == "withheld: fewer than 10 customers left"
    assert one.shown


def test_too_few_who_answered_again_cannot_speak_for_the_others(tmp_path: Path) -> None:
    strangers = [
        {"respondent_id": f"s{at}", "customer_id": f"north-s{at}", "date": date(2025, 8, 4), "item": "q_fast"}
        for at in range(40)
    ]
    rows = asked_twice([(160, 2.0, None), (9, 2.0, 2.0)]) + [{**row, "value": 7.0} for row in strangers]
    one = effect_of(with_people(tmp_path, rows), TWICE)
    assert one.adjusted is not None
    assert (one.adjusted.value, one.leavers) == (None, None)
    assert one.adjusted.why == (
        "who left cannot be seen: fewer than 10 customers answered q_fast before and again"
    )


def test_answers_without_customers_know_no_leavers(tmp_path: Path) -> None:
    rows = [{key: value for key, value in row.items() if key != "customer_id"} for row in monthly()]
    one = effect_of(facts_of(tmp_path, without=("customer_id",), answers=rows), ALONE)
    assert (one.adjusted, one.leavers) == (None, None)
    assert one.shown


# --- interrupted time series on satisfaction


def monthly(*, jump: float = 0.8, slope: float = 0.0, start: date = START, each: int = 40, seed: int = 2) -> Rows:
    """Twenty-four months of answers around 5 from July 2024 on; from `start` they are higher by `jump`."""
    chance = np.random.default_rng(seed)
    rows: Rows = []
    for month in range(24):
        for at in range(each):
            day = date(2024 + (6 + month) // 12, (6 + month) % 12 + 1, 1 + at % 28)
            mean = 5 + slope * month + jump * (day >= start)
            who = f"north-{month}-{at}"
            value = float(np.clip(np.round(mean + chance.normal(0, 1)), 0, 10))
            answer = {"respondent_id": who, "customer_id": who, "date": day, "value": value}
            rows += [{**answer, "item": "q_fast"}, {**answer, "item": "q_air", "value": float(at % 5)}]
    return rows


def monthly_means(rows: Rows) -> dict[date, float]:
    found: dict[date, list[float]] = {}
    for row in rows:
        if row["item"] == "q_fast":
            found.setdefault(row["date"].replace(day=1), []).append(row["value"])
    return {month: float(np.mean(values)) for month, values in sorted(found.items())}


def level_change(
    series: dict[date, float], start: date, *, season: int | None = None, trend: bool = True
) -> float:
    """Least squares by numpy: intercept, trend in months, jump, and a level a season where asked for."""
    months = np.array([12 * one.year + one.month for one in series], dtype=float)
    columns = [np.ones(len(months)), np.array([one >= start for one in series], dtype=float)]
    if trend:
        columns.append(months - months[0])
    if season:
        columns += [((months - 1) % season == at).astype(float) for at in range(1, season)]
    coefficients, *_ = np.linalg.lstsq(np.stack(columns, axis=1), np.array(list(series.values())), rcond=None)
    return float(coefficients[1])


def test_a_planted_change_of_level_is_recovered(tmp_path: Path) -> None:
    rows = monthly()
    one = effect_of(facts_of(tmp_path, answers=rows), {**ALONE, "negative_item": "q_air", "placebo": "2025-01-01"})
    assert one.effect.value == pytest.approx(level_change(monthly_means(rows), START))
    assert one.effect.low is not None
    assert one.effect.high is not None
    assert one.effect.low < 0.8 < one.effect.high
    assert one.shown
    before = {month: value for month, value in monthly_means(rows).items() if month < START}
    assert one.placebo is not None
    assert one.placebo.value == pytest.approx(level_change(before, date(2025, 1, 1)))
    assert one.negative is not None
    assert one.negative.value == pytest.approx(0, abs=1e-9), "the same answers to it in every month"
    assert [point.expected is not None for point in one.series] == [False] * 11 + [True] * 13
    assert one.sentence.startswith("Second counter raised satisfaction by +")


def test_no_change_of_level_is_said_with_what_would_have_been_seen(tmp_path: Path) -> None:
    one = effect_of(facts_of(tmp_path, answers=monthly(jump=0.0)), ALONE)
    assert not one.shown
    assert "no effect on satisfaction was shown, " in one.sentence
    assert one.detectable is not None
    assert one.detectable.value is not None
    assert one.sentence.endswith(f"; a change of {one.detectable.value:.2f} points would mostly have been seen.")


def test_a_placebo_date_that_moves_speaks_against_it(tmp_path: Path) -> None:
    """The level rises in January, long before June."""
    rows = monthly(start=date(2025, 1, 1), jump=1.5)
    late = [{**row, "value": row["value"] + 1.5 * (row["date"] >= START)} for row in rows]
    one = effect_of(facts_of(tmp_path, answers=late), {**ALONE, "placebo": "2025-01-01"})
    assert one.placebo is not None
    assert one.placebo.beyond_chance
    assert not one.shown


@pytest.mark.parametrize("slope", [0.0, 0.1])
def test_the_month_in_which_it_started_is_left_out_and_the_trend_runs_on(tmp_path: Path, slope: float) -> None:
    start = date(2025, 6, 15)
    rows = monthly(start=start, slope=slope)
    one = effect_of(facts_of(tmp_path, answers=rows), {**ALONE, "start": start})
    means = monthly_means(rows)
    means.pop(START)
    assert [point.period for point in one.series] == list(means)
    assert one.effect.value == pytest.approx(level_change(means, start))


def test_a_month_with_few_answers_in_between_is_a_reason(tmp_path: Path) -> None:
    rows = [row for row in monthly() if row["date"].replace(day=1) != date(2025, 2, 1) or row["date"].day < 4]
    one = effect_of(facts_of(tmp_path, answers=rows), ALONE)
    assert one.effect.why == (
        "the month from 2025-02-01 has fewer than 10 answers to q_fast; choose a longer unit"
    )
    assert one.series == ()


def test_a_month_without_answers_in_between_is_a_reason(tmp_path: Path) -> None:
    rows = [row for row in monthly() if row["date"].replace(day=1) != date(2025, 2, 1)]
    one = effect_of(facts_of(tmp_path, answers=rows), ALONE)
    assert one.effect.why == "nothing is known between the months from 2025-01-01 and from 2025-03-01"
    assert one.sentence.startswith(
        "Second counter: its effect on satisfaction cannot be estimated: nothing is known"
    )


def test_small_months_at_the_ends_are_left_out(tmp_path: Path) -> None:
    ends = {date(2024, 7, 1), date(2026, 6, 1)}
    rows = [row for row in monthly() if row["date"].replace(day=1) not in ends or row["date"].day < 4]
    one = effect_of(facts_of(tmp_path, answers=rows), ALONE)
    assert (one.series[0].period, one.series[-1].period) == (date(2024, 8, 1), date(2026, 5, 1))


@pytest.mark.parametrize(
    ("start", "words"),
    [
        ("2024-07-10", "at least 2 months are needed before 2024-07-10 and from then on; got 0 and 23"),
        ("2024-08-01", "at least 2 months are needed before 2024-08-01 and from then on; got 1 and 23"),
        ("2026-06-01", "at least 2 months are needed before 2026-06-01 and from then on; got 23 and 1"),
        ("2030-01-01", "at least 2 months are needed before 2030-01-01 and from then on; got 23 and 0"),
    ],
)
def test_too_short_a_series_is_a_reason(tmp_path: Path, start: str, words: str) -> None:
    one = effect_of(facts_of(tmp_path, answers=monthly()), {**ALONE, "start": start, "placebo": None})
    assert one.effect.why == words


def test_unhappy_customers_who_leave_are_no_success_in_a_series(tmp_path: Path) -> None:
    """The same 60 customers every month; from June two thirds of the unhappy half answer no more."""
    chance = np.random.default_rng(7)
    rows: Rows = []
    for month in range(20):
        day = date(2024 + (6 + month) // 12, (6 + month) % 12 + 1, 10)
        for person in range(60):
            if day >= START and person < 20:
                continue
            level = 3 if person < 30 else 7
            rows.append(
                {
                    "respondent_id": f"{day}-{person}",
                    "customer_id": f"c{person}",
                    "date": day,
                    "item": "q_fast",
                    "value": float(level + chance.integers(-1, 2)),
                }
            )
    one = effect_of(facts_of(tmp_path, answers=rows), {**ALONE, "placebo": None})
    assert one.effect.value == pytest.approx(1, abs=0.3), "(10 x 3 + 30 x 7) / 40 = 6, after 5"
    assert one.effect.beyond_chance
    assert one.adjusted is not None
    assert not one.adjusted.beyond_chance
    assert one.leavers is not None
    assert (one.leavers.value, one.leavers.n) == (pytest.approx(1, abs=0.1), 20)
    assert not one.shown


# --- sales


def sold(
    *,
    gain: float = 0.1,
    start: date = START,
    first: date = date(2023, 1, 1),
    last: date = date(2026, 6, 30),
    seasons: Sequence[float] = (0.0,) * 12,
    growth: float = 0.005,
    noise: float = 0.02,
    regions: Sequence[str] = ("north",),
    seed: int = 4,
) -> Rows:
    """A sale every third day and region; from `start` the north buys more by the share `gain`."""
    chance = np.random.default_rng(seed)
    rows: Rows = []
    day = first
    while day <= last:
        month = 12 * (day.year - 2023) + day.month - 1
        level = 100 * np.exp(growth * month + seasons[day.month - 1] + chance.normal(0, noise))
        for region in regions:
            amount = level * (1 + gain * (day >= start and region == "north")) * (2 if region == "south" else 1)
            amount *= np.exp(chance.normal(0, noise))
            rows.append(
                {
                    "sale_id": f"{day}-{region}",
                    "customer_id": f"{region}-{day.day % 7}",
                    "date": day,
                    "amount": round(float(amount), 2),
                }
            )
        day += timedelta(days=3 if day + timedelta(days=3) <= last or day == last else (last - day).days)
    return rows


SOLD = {**ALONE, "outcome": "sales", "item": None, "placebo": "2024-06-01"}


def logs_by_month(rows: Rows, region: str = "north") -> dict[date, float]:
    found: dict[date, float] = {}
    for row in rows:
        if row["customer_id"].startswith(region):
            month = row["date"].replace(day=1)
            found[month] = found.get(month, 0.0) + row["amount"]
    return {month: float(np.log(total)) for month, total in sorted(found.items())}


def test_a_planted_share_of_sales_is_recovered(tmp_path: Path) -> None:
    rows = sold()
    one = effect_of(facts_of(tmp_path, sales=rows), SOLD)
    assert one.effect.unit == "share"
    assert one.effect.value == pytest.approx(np.expm1(level_change(logs_by_month(rows), START)))
    assert one.effect.low is not None
    assert one.effect.high is not None
    assert one.effect.low < 0.1 < one.effect.high
    assert one.shown
    before = {month: value for month, value in logs_by_month(rows).items() if month < START}
    assert one.placebo is not None
    assert one.placebo.value == pytest.approx(np.expm1(level_change(before, date(2024, 6, 1))))
    assert one.sentence.startswith("Second counter raised sales by +")
    assert "\u202f% (+" in one.sentence, "in percent"
    observed = {point.period: point.observed for point in one.series}
    assert observed == pytest.approx({month: np.exp(value) for month, value in logs_by_month(rows).items()})


def test_no_gain_of_sales_is_said(tmp_path: Path) -> None:
    one = effect_of(facts_of(tmp_path, sales=sold(gain=0.0)), SOLD)
    assert not one.shown
    assert "no effect on sales was shown, " in one.sentence
    assert one.detectable is not None
    assert one.detectable.value is not None
    assert f"a change of {100 * one.detectable.value:.1f}\u202f% would mostly have been seen." in one.sentence


@pytest.mark.parametrize("start", [START, date(2025, 6, 17)])
def test_seasons_keep_their_place_when_the_month_of_the_start_is_left_out(tmp_path: Path, start: date) -> None:
    seasons = [0.0, 0.3, -0.2, 0.1, 0.4, -0.3, 0.2, 0.0, -0.1, 0.25, -0.25, 0.5]
    rows = sold(start=start, seasons=seasons)
    one = effect_of(facts_of(tmp_path, sales=rows), {**SOLD, "start": start, "seasonal": True})
    logs = logs_by_month(rows)
    if start.day > 1:
        logs.pop(START)
    assert one.effect.value == pytest.approx(np.expm1(level_change(logs, start, season=12)))
    assert one.effect.low is not None
    assert one.effect.high is not None
    assert one.effect.low < 0.1 < one.effect.high
    assert one.shown


def test_months_covered_in_part_are_left_out(tmp_path: Path) -> None:
    rows = sold(first=date(2023, 1, 10), last=date(2026, 6, 20), start=date(2025, 6, 15))
    one = effect_of(facts_of(tmp_path, sales=rows), {**SOLD, "start": "2025-06-15"})
    logs = logs_by_month(rows)
    for part in (date(2023, 1, 1), date(2025, 6, 1), date(2026, 6, 1)):
        logs.pop(part)
    assert [point.period for point in one.series] == list(logs)
    assert one.effect.value == pytest.approx(np.expm1(level_change(logs, date(2025, 6, 15))))
    plan = {**SOLD, "start": "2025-06-15"}
    late = effect_of(facts_of(tmp_path, sales=rows), {**plan, "begin": "2023-09-10"})
    assert late.series[0].period == date(2023, 10, 1), "September counts in part"
    ended = effect_of(facts_of(tmp_path, sales=rows), {**plan, "end": "2025-12-15"})
    assert ended.series[-1].period == date(2025, 11, 1), "December counts in part"


def test_sales_against_those_who_did_not_get_it(tmp_path: Path) -> None:
    """Everybody's sales double in June; the ratio of the north to the south moves by a tenth."""
    rows = sold(gain=0.1, regions=("north", "south"))
    doubled = [{**row, "amount": row["amount"] * (2 if row["date"] >= START else 1)} for row in rows]
    people = [
        {"customer_id": one, "region": one.split("-")[0]} for one in sorted({r["customer_id"] for r in rows})
    ]
    plan = {**SOLD, "design": "difference_in_differences", "treated": ["north"], "control": ["south"]}
    one = effect_of(facts_of(tmp_path, customers=people, sales=doubled), plan)
    north, south = logs_by_month(doubled), logs_by_month(doubled, "south")
    ratio = {month: north[month] - south[month] for month in north}
    before = [value for month, value in ratio.items() if month < START]
    after = [value for month, value in ratio.items() if month >= START]
    assert one.effect.value == pytest.approx(np.expm1(np.mean(after) - np.mean(before)))
    assert one.effect.low is not None
    assert one.effect.high is not None
    assert one.effect.low < 0.1 < one.effect.high < 0.2
    assert one.shown
    assert one.placebo is not None
    assert not one.placebo.beyond_chance


@pytest.mark.parametrize(
    ("keep", "words"),
    [
        (lambda day: day.month != 3 or day.year != 2024, "nothing is known between the months from 2024-02-01"),
        (lambda day: day < date(2023, 1, 20), "the sales cover no whole month"),
        (lambda day: day < date(2024, 1, 20), "at least 2 months are needed before 2025-06-01"),
    ],
)
def test_sales_that_cannot_be_judged_say_why(tmp_path: Path, keep: Any, words: str) -> None:
    one = effect_of(facts_of(tmp_path, sales=[row for row in sold() if keep(row["date"])]), SOLD)
    assert words in one.effect.why


def test_a_month_in_which_returns_outweigh_sales_is_a_reason(tmp_path: Path) -> None:
    back = {"sale_id": "back", "customer_id": "north-1", "date": date(2024, 3, 5), "amount": -1e6}
    one = effect_of(facts_of(tmp_path, sales=[*sold(), back]), SOLD)
    assert one.effect.why == "revenue must be more than 0 in every month to be compared as a ratio"


# --- when the design was written down


@pytest.mark.parametrize(
    ("designed_on", "before", "warned"),
    [("2025-05-31", True, False), ("2025-06-01", False, True), ("2026-01-01", False, True), (None, None, False)],
)
def test_a_design_after_the_start_is_warned_of(
    tmp_path: Path, designed_on: str | None, before: bool | None, warned: bool
) -> None:
    document = {"effects": [{**ALONE, "designed_on": designed_on}]}
    decisions = Step9Decisions.model_validate(document)
    found = run(facts_of(tmp_path, answers=monthly()), **document)
    assert found.effects[0].designed_before is before
    warnings = [one.sentence for one in found.findings if one.kind == "warning"]
    assert warnings == (["Second counter: the design was not written down before the start."] if warned else [])
    (criterion,) = [one for one in criteria(found, decisions) if one.id == "designed"]
    assert criterion.met is (before is True)


# --- benefit of an effect on sales


def benefit(folder: Path, planned: float, *, rows: Rows | None = None, **more: Any) -> Any:
    document = {"effects": [{**SOLD, **more}], "benefits": [{"project": "p", "planned": planned, "effect": "e"}]}
    (one,) = run(facts_of(folder, sales=rows if rows is not None else sold()), **document).benefits
    return one


@pytest.mark.parametrize(
    ("share_of_year", "verdict"), [(0.01, "reached"), (0.1, "not_shown"), (0.5, "not_reached")]
)
def test_benefit_a_year_of_an_effect(tmp_path: Path, share_of_year: float, verdict: str) -> None:
    rows = sold()
    year = sum(row["amount"] for row in rows if START - timedelta(days=365) <= row["date"] < START)
    one = benefit(tmp_path, share_of_year * year, rows=rows)
    (effect,) = run(facts_of(tmp_path, sales=rows), effects=[SOLD]).effects
    assert effect.effect.value is not None
    assert one.realised.value == pytest.approx(year * effect.effect.value)
    assert (one.realised.low, one.realised.high) == pytest.approx(
        tuple(year * (edge or 0) for edge in bounds(effect.effect))
    )
    assert one.realised.unit == "EUR"
    assert one.verdict == verdict
    said = {
        "reached": "the plan is reached.",
        "not_reached": "the plan is not reached.",
        "not_shown": "whether the plan is reached is not shown.",
    }
    assert one.sentence.endswith(said[verdict])


def test_benefits_together_add_their_intervals_as_independent_ones(tmp_path: Path) -> None:
    benefits = [
        {"project": "p", "planned": 100, "effect": "e"},
        {"project": "q", "planned": 100, "effect": "e"},
        {"project": "r", "planned": 100, "realised": 50},
    ]
    found = run(facts_of(tmp_path, sales=sold()), effects=[SOLD], benefits=benefits)
    one, total = found.benefits[0].realised, found.benefit_total
    assert total is not None
    assert one.value is not None
    assert one.low is not None
    assert one.high is not None
    assert (total.planned, total.unknown) == (300, 0)
    assert total.realised.value == pytest.approx(2 * one.value + 50)
    # two distances of the same size, at right angles
    below, above = 2**0.5 * (one.value - one.low), 2**0.5 * (one.high - one.value)
    assert bounds(total.realised) == pytest.approx((2 * one.value + 50 - below, 2 * one.value + 50 + above))


def test_benefit_of_an_effect_that_is_not_shown(tmp_path: Path) -> None:
    """Sales rise in June, and fall at the placebo date, where nothing happened: no benefit is claimed."""
    rows = sold(gain=0.3)
    early = [{**row, "amount": row["amount"] * (0.9 if row["date"] >= date(2024, 6, 1) else 1)} for row in rows]
    one = benefit(tmp_path, 1.0, rows=early)
    assert (one.realised.value, one.verdict) == (None, "not_shown")
    assert "because sales moved, but an effect of it is not shown" in one.sentence


def test_benefit_a_year_needs_a_year(tmp_path: Path) -> None:
    one = benefit(tmp_path, 1.0, rows=sold(first=date(2024, 9, 1)), placebo=None)
    assert one.realised.why == "sales are not known for the whole year before 2025-06-01"


def test_benefit_of_an_effect_on_satisfaction_is_not_money(tmp_path: Path) -> None:
    one = benefit(tmp_path, 1.0, outcome="satisfaction", item="q_fast")
    assert one.realised.why == "no effect on sales was designed for it, and the books are not named"


# --- the whole


def test_the_same_inputs_give_the_same_bytes(tmp_path: Path) -> None:
    rows = asked_twice(FLIGHT)
    people = [
        {"customer_id": one, "region": one.split("-")[0]} for one in sorted({r["customer_id"] for r in rows})
    ]
    facts = facts_of(tmp_path, customers=people, answers=rows, sales=sold())
    document = {"effects": [TWICE, {**SOLD, "id": "s", "seasonal": True}]}
    one, other = (as_json(run(facts, **document)) for _ in range(2))
    assert one == other


def test_every_effect_opens_to_where_it_comes_from(tmp_path: Path) -> None:
    found = run(with_people(tmp_path, asked_twice(FLIGHT)), effects=[TWICE])
    (one,) = found.effects
    assert found.origins[one.effect.origin].method == "nonagon.methods.effects.diff_in_diff"
    assert found.origins[one.effect.origin].data == ("answers@test", "customers@test")
    assert one.adjusted is not None
    assert found.origins[one.adjusted.origin].method == "nonagon.methods.survey.composition"
