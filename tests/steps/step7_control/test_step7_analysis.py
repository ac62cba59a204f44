"""Step 7's analysis against figures computed apart from it, and with data missing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from builders.facts import facts_of
from builders.steps import Rows, analysed
from nonagon.deliverables.cycle import Cycle
from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.evidence import Link
from nonagon.deliverables.step3 import NeedResult, NeedsDeliverable
from nonagon.deliverables.step4 import Characteristic, CharacteristicsDeliverable, HouseCell
from nonagon.deliverables.step6 import Activity, ImprovementsDeliverable
from nonagon.deliverables.step7 import ControlDeliverable, ControlItem
from nonagon.engine.facts import Facts
from nonagon.pipeline.run import as_json
from nonagon.steps.step7_control.analysis import FALSE_ALARM_RATES, SPREAD_ALARM_RATES, analyse, most_points
from nonagon.steps.step7_control.criteria import criteria
from nonagon.steps.step7_control.decisions import Step7Decisions

CYCLE = Cycle(name="c", organization="Bus")
START = datetime(2025, 3, 3, 6)
PHASES = [{"label": "before", "start": "2025-03-01"}, {"label": "after", "start": "2025-04-02"}]
CHANGE = date(2025, 4, 2)


def delays(days: int = 60, *, after: float = 4.0) -> Rows:
    """Five departures a day, 6 minutes late on average before the change and `after` minutes after it."""
    chance = np.random.default_rng(7)
    rows: Rows = []
    for day in range(days):
        moment = START + timedelta(days=day)
        mean = 6.0 if moment.date() < CHANGE else after
        for turn in range(5):
            rows.append(
                {
                    "characteristic": "delay",
                    "at": moment + timedelta(hours=turn),
                    "subgroup": f"{moment:%Y-%m-%d}",
                    "value": round(float(chance.normal(mean, 1.0)), 3),
                }
            )
    return rows


def singles(values: Any, name: str = "heat", **more: Any) -> Rows:
    """One measurement a day."""
    return [
        {
            "characteristic": name,
            "at": datetime(2025, 3, 3) + timedelta(days=place),
            "value": float(value),
            **{key: part[place] for key, part in more.items()},
        }
        for place, value in enumerate(values)
    ]


def steady(n: int, mean: float, sd: float, seed: int = 0) -> list[float]:
    """Values with exactly this mean and standard deviation, in a random order that raises no signal."""
    quantiles = stats.norm.ppf((np.arange(n) + 0.5) / n)
    quantiles = (quantiles - quantiles.mean()) / quantiles.std(ddof=1)
    values: list[float] = (mean + sd * np.random.default_rng(seed).permutation(quantiles)).tolist()
    return values


def item(name: str = "ci", characteristic: str = "delay", chart: str = "xbar_s", **more: Any) -> dict[str, Any]:
    return {"id": name, "characteristic": characteristic, "chart": chart, **more}


def characteristic(name: str, **more: Any) -> Characteristic:
    return Characteristic.model_validate(
        {"id": name, "name": name.capitalize(), "unit": "", "direction": "lower"} | more
    )


def earlier(*known: Characteristic, activities: tuple[Activity, ...] = ()) -> Earlier:
    needs = tuple(dict.fromkeys(need for one in known for need in one.needs))
    return Earlier(
        step3=NeedsDeliverable(needs=tuple(NeedResult(id=one, name=one.upper()) for one in needs)),
        step4=CharacteristicsDeliverable(characteristics=known),
        step6=ImprovementsDeliverable(activities=activities),
    )


def run(facts: Facts, before: Earlier | None = None, **document: object) -> ControlDeliverable:
    found: ControlDeliverable = analysed(7, facts, before, CYCLE, document)
    return found


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    return facts_of(tmp_path_factory.mktemp("facts"), measurements=delays())


def only(found: ControlDeliverable) -> ControlItem:
    (one,) = found.items
    return one


# --- charts


def by_phase(rows: Rows) -> tuple[list[list[float]], list[list[float]]]:
    days: dict[date, list[float]] = {}
    for row in rows:
        days.setdefault(row["at"].date(), []).append(row["value"])
    return (
        [values for day, values in days.items() if day < CHANGE],
        [values for day, values in days.items() if day >= CHANGE],
    )


def test_the_planted_shift_is_found(facts: Facts) -> None:
    found = run(facts, earlier(characteristic("delay", unit="min")), control_items=[item()], phases=PHASES)
    shift = only(found).shift
    before, after = ([np.mean(values) for values in phase] for phase in by_phase(delays()))
    # scipy's Welch interval on the means of the days
    low, high = stats.ttest_ind(after, before, equal_var=False).confidence_interval(0.95)
    assert shift is not None
    assert (shift.value, shift.low, shift.high) == pytest.approx((np.mean(after) - np.mean(before), low, high))
    assert shift.low is not None
    assert shift.high is not None
    assert shift.low < -2.0 < shift.high, "two minutes were planted"
    assert found.findings[0].kind == "shown"
    assert found.findings[0].sentence.startswith("Delay: the level moved from before to after by −1.9")
    assert found.origins[shift.origin].method == "nonagon.methods.survey.mean"


def test_where_nothing_was_planted_nothing_is_shown(tmp_path: Path) -> None:
    found = run(facts_of(tmp_path, measurements=delays(after=6.0)), control_items=[item()], phases=PHASES)
    assert found.findings[0].kind == "not_shown"
    assert "no change of the level from before to after was shown" in found.findings[0].sentence


def test_limits_are_those_of_the_textbook_in_each_phase(facts: Facts) -> None:
    """A3 = 1.427 and B4 = 2.089 for subgroups of five: Montgomery, Statistical Quality Control, appendix VI."""
    found = only(run(facts, control_items=[item()], phases=PHASES))
    for label, days in zip(("before", "after"), by_phase(delays()), strict=True):
        mean = np.mean([np.mean(values) for values in days])
        spread = np.mean([np.std(values, ddof=1) for values in days])
        point = next(one for one in found.points if one.phase == label)
        assert point.centre == pytest.approx(mean)
        assert point.upper == pytest.approx(mean + 1.427 * spread, rel=2e-4)
        assert point.lower == pytest.approx(mean - 1.427 * spread, rel=2e-4)
        other = next(one for one in found.spread_points if one.phase == label)
        assert other.upper == pytest.approx(2.089 * spread, rel=2e-4)
        assert other.lower == pytest.approx(0)
    assert [(one.label, one.points) for one in found.phases] == [("before", 30), ("after", 30)]
    assert [one.at for one in found.points[:2]] == ["2025-03-03", "2025-03-04"]


def test_a_baseline_phase_holds_its_limits_for_the_later_ones(facts: Facts) -> None:
    found = only(run(facts, control_items=[item(baseline="before")], phases=PHASES))
    assert len({one.upper for one in found.points}) == 1
    assert found.phases[1].limits_from == "before"
    assert found.unexplained > 20, "two minutes less are signals against the old limits"


def test_phases_come_from_the_data_where_nobody_decided_them(tmp_path: Path) -> None:
    labels = ["old"] * 10 + ["new"] * 10
    rows = singles([5, 6] * 10, phase=labels)
    found = only(
        run(facts_of(tmp_path, measurements=rows), control_items=[item(characteristic="heat", chart="imr")])
    )
    assert [one.label for one in found.phases] == ["old", "new"]


def test_phases_of_one_item_go_before_those_of_all(facts: Facts) -> None:
    own = [
        {"label": "pilot", "start": "2025-03-20", "item": "ci"},
        {"label": "all on", "start": "2025-04-10", "item": "ci"},
    ]
    found = only(run(facts, control_items=[item()], phases=[*PHASES, *own]))
    # days before the first phase count to it
    assert [(one.label, one.points) for one in found.phases] == [("pilot", 38), ("all on", 22)]


def test_subgroups_are_the_days_where_the_data_name_none(facts: Facts, tmp_path: Path) -> None:
    nameless = [{key: value for key, value in row.items() if key != "subgroup"} for row in delays()]
    named = only(run(facts, control_items=[item()], phases=PHASES))
    by_day = only(run(facts_of(tmp_path, measurements=nameless), control_items=[item()], phases=PHASES))
    assert by_day.points == named.points


@pytest.mark.parametrize("rules", ["limits", "western_electric", "nelson"])
def test_a_point_far_out_is_a_signal_until_it_is_explained(tmp_path: Path, rules: str) -> None:
    values = steady(40, 20.0, 1.0, seed=3)
    values[30] = 30.0
    facts = facts_of(tmp_path, measurements=singles(values))
    plan = [item(characteristic="heat", chart="imr", rules=rules)]
    open_one = only(run(facts, control_items=plan))
    assert open_one.stable is False
    assert open_one.points[30].signals
    assert open_one.unexplained >= 1
    day = date(2025, 3, 3) + timedelta(days=30)
    told = {
        "item": "ci",
        "first": day - timedelta(days=9),
        "last": day + timedelta(days=9),
        "cause": "sensor in the sun",
    }
    explained = only(run(facts, control_items=plan, explanations=[told]))
    assert explained.points[30].explained
    assert explained.signals == open_one.signals, "a signal stays one"
    assert explained.unexplained < open_one.unexplained
    assert explained.stable is True


def test_signals_of_an_earlier_phase_do_not_count_against_the_latest(tmp_path: Path) -> None:
    values = steady(60, 20.0, 1.0)
    values[5] = 30.0
    phases = [{"label": "before", "start": "2025-03-01"}, {"label": "after", "start": "2025-03-23"}]
    found = run(
        facts_of(tmp_path, measurements=singles(values)),
        control_items=[item(characteristic="heat", chart="imr", rules="limits")],
        phases=phases,
    )
    assert only(found).stable is True
    assert only(found).signals >= 1


def test_a_share_of_defectives(tmp_path: Path) -> None:
    counts, sizes = [3, 5, 2, 4] * 5, [50, 60, 40, 50] * 5
    facts = facts_of(tmp_path, measurements=singles(counts, "worn", size=sizes))
    found = only(run(facts, control_items=[item(characteristic="worn", chart="p")]))
    x, n = sum(counts), sum(sizes)
    # scipy's Wilson interval
    low, high = stats.binomtest(x, n).proportion_ci(method="wilson")
    assert found.level is not None
    assert (found.level.value, found.level.low, found.level.high) == pytest.approx((x / n, low, high))
    # three standard errors of a share with each day's size: Montgomery, section 7.2.1
    assert found.points[0].upper == pytest.approx(x / n + 3 * np.sqrt(x / n * (1 - x / n) / 50))
    assert found.capability is not None
    assert found.capability.why == "counts have no capability index: see the level"
    assert found.spread_points == ()


def test_a_rate_of_defects_a_thousand_units_in_two_phases(tmp_path: Path) -> None:
    counts, sizes = [12, 9, 11, 10, 4, 5, 3, 6], [1000.0] * 8
    facts = facts_of(tmp_path, measurements=singles(counts, "complaints", size=sizes))
    found = only(
        run(
            facts,
            control_items=[item(characteristic="complaints", chart="u", units=1000)],
            phases=[{"label": "before", "start": "2025-03-01"}, {"label": "after", "start": "2025-03-07"}],
        )
    )
    assert found.level is not None
    assert found.level.value == pytest.approx(18 / 4)
    # the exact interval of a Poisson count of 18, from the chi-squared distribution
    assert found.level.low == pytest.approx(stats.chi2.ppf(0.025, 36) / 2 / 4)
    assert found.level.high == pytest.approx(stats.chi2.ppf(0.975, 38) / 2 / 4)
    assert found.shift is not None
    assert found.shift.value == pytest.approx(18 / 4 - 42 / 4)
    assert found.shift.high is not None
    assert found.shift.high < 0


def test_counts_of_one_subgroup_are_added_up(tmp_path: Path) -> None:
    rows = singles(
        [1, 2, 3, 4] * 4, "worn", size=[10.0, 20.0] * 8, subgroup=[f"w{place // 2}" for place in range(16)]
    )
    found = only(
        run(facts_of(tmp_path, measurements=rows), control_items=[item(characteristic="worn", chart="p")])
    )
    assert [one.value for one in found.points[:2]] == [3 / 30, 7 / 30]


def test_ranges_beside_means(facts: Facts) -> None:
    """D4 = 2.114 for subgroups of five: Montgomery, appendix VI."""
    found = only(run(facts, control_items=[item(chart="xbar_r")], phases=PHASES))
    ranges = [max(values) - min(values) for values in by_phase(delays())[0]]
    assert found.spread_points[0].upper == pytest.approx(2.114 * np.mean(ranges), rel=3e-4)


def test_level_and_capability_of_single_values(tmp_path: Path) -> None:
    values = steady(50, 20.0, 1.0)
    known = earlier(characteristic("heat", direction="target", target=20.0, lower_limit=17.0, upper_limit=24.0))
    found = only(
        run(
            facts_of(tmp_path, measurements=singles(values)),
            known,
            control_items=[item(characteristic="heat", chart="imr")],
        )
    )
    assert found.level is not None
    # Student's t interval of 50 values with mean 20 and standard deviation 1
    half = stats.t.ppf(0.975, 49) / np.sqrt(50)
    assert (found.level.value, found.level.low, found.level.high) == pytest.approx((20, 20 - half, 20 + half))
    # the nearer limit is 3 standard deviations away: 3 / (3 x 1)
    assert found.capability is not None
    assert found.capability.value == pytest.approx(1.0)
    assert found.within is not None
    assert found.within.value == np.mean([17 <= one <= 24 for one in values])
    assert found.histogram is not None
    assert sum(found.histogram.counts) == 50
    assert len(found.histogram.edges) == len(found.histogram.counts) + 1


def test_values_that_are_all_equal_have_no_capability(tmp_path: Path) -> None:
    known = earlier(characteristic("heat", upper_limit=24.0, needs=("warm",)))
    found = run(
        facts_of(tmp_path, measurements=singles([20.0] * 12)),
        known,
        control_items=[item(characteristic="heat", chart="imr")],
    )
    assert only(found).capability is not None
    assert only(found).capability.value is None  # type: ignore[union-attr]
    assert only(found).capability.why  # type: ignore[union-attr]
    assert only(found).histogram is None
    assert found.prerequisites[0].verdict == "not_shown"


# --- promises


def verdict(folder: Path, values: list[float], **promise: Any) -> tuple[str, str]:
    """The verdict on heat of at most 23 degrees, from these values."""
    known = earlier(characteristic("heat", upper_limit=23.0, needs=("warm",)))
    rules = promise.pop("rules", "limits")
    found = run(
        facts_of(folder, measurements=singles(values)),
        known,
        control_items=[item(characteristic="heat", chart="imr", rules=rules)],
        prerequisites=[{"need": "warm", "characteristic": "heat", **promise}] if promise else [],
    )
    (one,) = found.prerequisites
    assert (one.need_name, one.characteristic_name) == ("WARM", "Heat")
    return one.verdict, one.reason


def test_a_capable_and_stable_process_meets_the_promise(tmp_path: Path) -> None:
    # the limit is 2 x 3 standard deviations away: Ppk of 2
    found, reason = verdict(tmp_path, steady(100, 20.0, 0.5))
    assert found == "met"
    assert reason.startswith("Ppk is 2.00 (")
    assert reason.endswith("promised is 1")


def test_a_process_at_its_limit_does_not(tmp_path: Path) -> None:
    found, reason = verdict(tmp_path, steady(100, 22.0, 1.0))
    assert found == "not_met"
    assert reason.startswith("Ppk is 0.33 (")


def test_few_measurements_show_nothing(tmp_path: Path) -> None:
    found, reason = verdict(tmp_path, steady(12, 20.0, 0.9))
    assert found == "not_shown"
    assert reason.endswith("more measurements would tell")


def test_a_higher_promise_may_not_be_met(tmp_path: Path) -> None:
    assert verdict(tmp_path, steady(100, 20.0, 0.5), capability_at_least=1.33)[0] == "met"
    assert verdict(tmp_path, steady(100, 20.0, 0.5), capability_at_least=3.0)[0] == "not_met"


def test_an_unstable_process_shows_nothing_however_capable(tmp_path: Path) -> None:
    values = steady(100, 20.0, 0.1)
    values[60] = 20.8
    found, reason = verdict(tmp_path, values)
    assert found == "not_shown"
    assert reason.endswith("but the chart shows unexplained signals")


@pytest.mark.parametrize(
    ("promise", "expected", "reason"),
    [
        (
            {
                "document": "certificate 12",
                "fulfilled": True,
                "verified_on": "2025-05-01",
                "verified_by": "auditor",
            },
            "met",
            "certificate 12, checked on 2025-05-01 by auditor",
        ),
        (
            {"document": "certificate 12", "fulfilled": False, "verified_on": "2025-05-01"},
            "not_met",
            "certificate 12, checked on 2025-05-01",
        ),
        ({"document": "certificate 12"}, "not_shown", "the document (certificate 12) was not checked yet"),
        ({"fulfilled": True}, "not_shown", "the document (not named) was not checked yet"),
    ],
)
def test_a_promise_by_document(tmp_path: Path, promise: dict[str, Any], expected: str, reason: str) -> None:
    assert verdict(tmp_path, steady(20, 20.0, 1.0), **promise) == (expected, reason)


@pytest.mark.parametrize(
    ("bad", "expected"),
    [(1, "met"), (30, "not_met"), (8, "not_shown")],
    ids=["below", "above", "across the limit"],
)
def test_a_share_against_its_limit(tmp_path: Path, bad: int, expected: str) -> None:
    """At most 2 % of 20 x 50: the whole interval must lie on one side."""
    counts = [bad // 10 + (place < bad % 10) for place in range(10)] * 2
    known = earlier(characteristic("worn", upper_limit=0.02, needs=("seats",)))
    facts = facts_of(tmp_path, measurements=singles(counts, "worn", size=[50.0] * 20))
    found = run(facts, known, control_items=[item(characteristic="worn", chart="p")])
    assert found.prerequisites[0].verdict == expected
    assert "the limit of at most 2\u202f%" in found.prerequisites[0].reason


def test_what_nobody_watches_is_not_shown(facts: Facts) -> None:
    known = earlier(
        characteristic("delay", upper_limit=8.0, needs=("punctual",)),
        characteristic("notice", needs=("punctual", "informed")),
        characteristic("heat", upper_limit=24.0, needs=("warm",)),
        characteristic("colour"),
    )
    found = run(facts, known, control_items=[item(), item("ci_heat", "heat", "imr")])
    reasons = {(one.need, one.characteristic): one.reason for one in found.prerequisites}
    assert list(reasons) == [
        ("punctual", "delay"),
        ("punctual", "notice"),
        ("informed", "notice"),
        ("warm", "heat"),
    ]
    assert reasons["informed", "notice"] == "nobody watches the characteristic: no control item names it"
    assert reasons["warm", "heat"] == "the control item has no measurements"
    assert found.uncontrolled == ("notice",), "a characteristic that serves no need need not be watched"
    assert [one.what for one in found.lacks] == [
        "The control item ci_heat has no chart: nothing is measured under the name 'heat'."
    ]


def test_where_two_items_watch_a_characteristic_the_worse_counts(tmp_path: Path) -> None:
    known = earlier(characteristic("heat", upper_limit=23.0, needs=("warm",)))
    facts = facts_of(
        tmp_path,
        measurements=singles(steady(100, 20.0, 0.5), "north") + singles(steady(100, 22.0, 1.0), "south"),
    )
    plan = [item(f"ci_{line}", "heat", "imr", measurement=line, rules="limits") for line in ("south", "north")]
    for order in (plan, plan[::-1]):
        (one,) = run(facts, known, control_items=order).prerequisites
        assert one.verdict == "not_met"


# --- plan against done


def activity(name: str, **more: Any) -> Activity:
    return Activity.model_validate({"id": name, "project": "p", "name": f"Do {name}", **more})


def test_plan_against_done() -> None:
    done_in_time = activity("a", finish="2025-04-01", status="done", done_on="2025-03-30")
    plan = earlier(
        characteristic("delay", needs=("punctual",)),
        activities=(
            done_in_time,
            activity("b", finish="2025-04-01", status="done", done_on="2025-04-11"),
            activity("c", finish="2025-04-01", status="under_way"),
            activity("d", finish="2025-06-01", status="under_way"),
            activity("e", finish="2025-06-01"),
            activity("f"),
            activity("g", finish="2025-04-01", status="dropped"),
            activity("h", finish="2025-04-01", status="done"),
        ),
    )
    deviation = {"activity": "b", "deviation": "the maker was late", "owner": "head of sales"}
    decisions = Step7Decisions.model_validate({"as_of": "2025-05-01", "deviations": [deviation]})
    found = analyse(cycle=CYCLE, facts=Facts({}), decisions=decisions, earlier=plan)
    assert [(one.activity, one.state) for one in found.plan] == [
        ("a", "done"),
        ("b", "done_late"),
        ("c", "overdue"),
        ("d", "running"),
        ("e", "not_due"),
        ("f", "not_planned"),
        ("h", "done"),
    ]
    assert (found.plan[1].deviation, found.plan[1].owner) == ("the maker was late", "head of sales")
    states = {one.id: one for one in criteria(found, decisions)}
    assert states["owners"].reason == "without an owner: Do c"
    assert states["done"].reason == "overdue on 2025-05-01: Do c"
    assert not states["owners"].met
    assert not states["done"].met


def test_the_day_of_comparing_is_the_last_of_the_measurements(facts: Facts) -> None:
    assert run(facts, control_items=[item()]).as_of == date(2025, 5, 1)


# --- the whole


def test_links_of_the_trace(facts: Facts) -> None:
    known = earlier(
        characteristic("delay", needs=("punctual",)),
        activities=(activity("a", characteristics=("delay",)), activity("b", characteristics=("delay", "heat"))),
    )
    by_plan = run(facts, known, control_items=[item(activity="b")])
    assert by_plan.links == (
        Link(from_kind="activity", from_id="b", to_kind="control_item", to_id="ci"),
        Link(from_kind="characteristic", from_id="delay", to_kind="control_item", to_id="ci"),
    )
    by_characteristic = run(facts, known, control_items=[item()])
    assert [one.from_id for one in by_characteristic.links] == ["a", "b", "delay"]


def test_false_alarms_are_expected_over_all_points_of_all_charts(facts: Facts) -> None:
    found = run(
        facts, control_items=[item(rules="limits"), item("p", "delay", "imr", rules="nelson")], phases=PHASES
    )
    # 60 means and their standard deviations; 300 single values and 298 moving ranges, one less in each phase
    expected = 60 * 0.0027 + 60 * 0.0039 + 300 / 60 + 298 * 0.0092
    assert found.false_alarms is not None
    assert found.false_alarms.value == pytest.approx(expected)
    assert found.false_alarms.n == 60 + 60 + 300 + 298


def test_the_rates_of_false_alarms() -> None:
    """From the distributions of the plotted statistics in a stable normal process, limits known."""
    assert FALSE_ALARM_RATES["limits"] == pytest.approx(2 * stats.norm.sf(3), rel=0.01)
    # Moving ranges of two: |difference| of two values, limit D4 x d2 = 3.267 x 1.128
    assert SPREAD_ALARM_RATES["imr"] == pytest.approx(2 * stats.norm.sf(3.267 * 1.128 / np.sqrt(2)), rel=0.02)
    # Standard deviations of five, limit B6 = 1.964; ranges of five, limit D2 = 4.918
    assert SPREAD_ALARM_RATES["xbar_s"] == pytest.approx(stats.chi2.sf(4 * 1.964**2, 4), rel=0.02)
    assert SPREAD_ALARM_RATES["xbar_r"] == pytest.approx(stats.studentized_range.sf(4.918, 5, 1e6), rel=0.02)


def test_nothing_at_all() -> None:
    found = run(Facts({}))
    assert [one.what for one in found.lacks] == [
        "Nothing is watched.",
        "No customer requirement could be verified.",
    ]
    assert (found.items, found.plan, found.as_of, found.false_alarms) == ((), (), None, None)
    assert not any(one.met for one in criteria(found, Step7Decisions()))


def test_a_plan_without_measurements() -> None:
    found = run(Facts({}), control_items=[item()], phases=PHASES)
    assert only(found).stable is None
    assert found.lacks[0].what == "The control item ci has no chart: there are no measurements."


@pytest.mark.parametrize(
    ("rows", "chart", "why"),
    [
        (singles([5.0]), "imr", "at least 2"),
        (singles([5.0, 6.0], size=[2.0, 2.0]), "p", "5"),
        (singles([-1.0, 2.0], size=[9.0, 9.0]), "u", "-1"),
        (singles([5.0, 6.0]), "xbar_s", ""),
    ],
    ids=["one value", "more defectives than units", "a negative count", "subgroups of one"],
)
def test_measurements_that_make_no_chart(tmp_path: Path, rows: Rows, chart: str, why: str) -> None:
    found = run(facts_of(tmp_path, measurements=rows), control_items=[item(characteristic="heat", chart=chart)])
    assert only(found).stable is None
    reason = only(found).capability.why  # type: ignore[union-attr]
    assert why in reason
    assert reason in found.lacks[0].what


def test_the_same_inputs_give_the_same_bytes(facts: Facts) -> None:
    known = earlier(characteristic("delay", upper_limit=8.0, needs=("punctual",)))
    one, other = (run(facts, known, control_items=[item()], phases=PHASES) for _ in range(2))
    assert as_json(one) == as_json(other)


def test_signals_that_follow_each_other_are_one_run(tmp_path: Path) -> None:
    """Two of 62 days lie far above, one after another: one run, and the process is still worth reading."""
    values = steady(60, 20, 1)
    values[30:30] = [40.0, 40.0]
    found = run(
        facts_of(tmp_path, measurements=singles(values)),
        control_items=[item(characteristic="heat", chart="imr", rules="limits")],
    )
    one = only(found)
    level = [run_ for run_ in one.runs if (run_.first, run_.points) == ("2025-04-02", 2)]
    assert len(level) == 1
    assert level[0].last == "2025-04-03"
    assert one.settled
    assert len(one.runs) < one.unexplained


def test_of_a_long_chart_the_last_points_are_handed_on_and_all_are_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """400 values of which the 10th, the 11th and the 395th were moved far out: two runs on the chart of values."""
    values = steady(400, 20, 1)
    values[9] = values[10] = values[394] = 60.0
    facts = facts_of(tmp_path, measurements=singles(values))
    plan = {"control_items": [item(characteristic="heat", chart="imr", rules="limits")]}
    whole, noted = only(run(facts, **plan)), run(facts, **plan).findings
    monkeypatch.setattr("nonagon.steps.step7_control.analysis.MOST_POINTS", 50)
    found = run(facts, **plan)
    short = only(found)
    assert (short.points, short.spread_points) == (whole.points[-50:], whole.spread_points[-50:])
    assert (short.earlier_points, short.earlier_spread_points) == (350, 349), "moving ranges are one fewer"
    assert (short.plotted, short.plotted_spread) == (400, 399)
    assert [one.first for one in whole.runs][:2] == ["2025-03-12", "2026-04-01"], "9 and 394 days after 3 March"
    apart = {"points", "spread_points", "earlier_points", "earlier_spread_points"}
    assert short.model_dump(exclude=apart) == whole.model_dump(exclude=apart)
    assert found.false_alarms == run(facts, **plan).false_alarms
    said = [one.sentence for one in found.findings if "long chart" in one.sentence]
    assert said == [
        "Of 1 long chart the last 50 points are shown; limits, signals and figures are those of all points."
    ]
    assert not [one for one in noted if "long chart" in one.sentence]


@pytest.mark.parametrize(("charts", "most"), [(1, 2000), (25, 2000), (100, 500), (10_000, 5), (100_000, 5)])
def test_many_charts_hand_on_few_points_each(charts: int, most: int) -> None:
    """50,000 points over all charts: 2,000 of each of 25, 500 of each of 100, and never fewer than five."""
    assert most_points(charts) == most


def test_what_nobody_watches_is_listed_and_charted(tmp_path: Path) -> None:
    found = run(facts_of(tmp_path, measurements=[*singles([1.0, 2.0, 6.0, 3.0]), *delays()]))
    assert [(one.id, one.n) for one in found.measured] == [("delay", 300), ("heat", 4)]
    heat = found.measured[1]
    assert (heat.mean, heat.lowest, heat.highest) == (3.0, 1.0, 6.0)
    assert (heat.first, heat.last) == (date(2025, 3, 3), date(2025, 3, 6))
    assert [(one.name, one.chart, len(one.points)) for one in found.plain] == [
        ("delay", "xbar_s", 60),
        ("heat", "imr", 4),
    ]
    assert found.items == ()


def test_the_level_of_unequal_subgroups_is_the_centre_of_their_chart(tmp_path: Path) -> None:
    """Days of 4 and of 2 values in turn: the mean of all values, not of the days' means."""
    rows = [
        {
            "characteristic": "delay",
            "at": START + timedelta(days=day, hours=turn),
            "value": float(day % 2 * 9 + turn),
        }
        for day in range(20)
        for turn in range(2 if day % 2 else 4)
    ]
    found = only(run(facts_of(tmp_path, measurements=rows), control_items=[item()]))
    assert found.level is not None
    # 4 values that sum to 6 and 2 that sum to 19, in turn
    assert found.level.value == pytest.approx(25 / 6)
    assert found.phases[-1].level == pytest.approx(25 / 6)
    assert found.level.n == 20


def test_only_strong_relationships_are_promises(facts: Facts) -> None:
    known = earlier(characteristic("delay", upper_limit=9.0, needs=("punctual", "kind")))
    assert known.step4 is not None
    cells = (
        HouseCell(need="punctual", characteristic="delay", strength=9),
        HouseCell(need="kind", characteristic="delay", strength=3),
    )
    before = replace(known, step4=known.step4.model_copy(update={"cells": cells}))
    found = run(facts, before, control_items=[item()])
    assert [one.need for one in found.prerequisites] == ["punctual"]


# --- criteria


def test_criteria_when_all_is_well(facts: Facts) -> None:
    known = earlier(
        characteristic("delay", upper_limit=9.0, needs=("punctual",)),
        activities=(activity("a", finish="2025-04-01", status="done", done_on="2025-04-01"),),
    )
    plan = item(
        rules="limits", sample="five", frequency="daily", responder="dispatcher", reaction="look", activity="a"
    )
    decisions = Step7Decisions.model_validate({"control_items": [plan], "phases": PHASES})
    found = analyse(cycle=CYCLE, facts=facts, decisions=decisions, earlier=known)
    assert [(one.id, one.met) for one in criteria(found, decisions)] == [
        ("control_plan", True),
        ("watched", True),
        ("measured", True),
        ("signals", True),
        ("prerequisites", True),
        ("owners", True),
        ("done", True),
    ]


@pytest.mark.parametrize(
    ("change", "failing", "reason"),
    [
        (lambda plan: plan.pop("responder"), "control_plan", "incomplete: Delay (responder)"),
        (lambda plan: plan.update(characteristic="other"), "watched", "not watched: Delay"),
        (lambda plan: plan.update(measurement="nothing"), "measured", "without a chart: Delay"),
        (
            lambda plan: plan.update(baseline="before"),
            "signals",
            "unexplained signals: Delay (not stable: find",
        ),
    ],
)
def test_criteria_when_something_is_open(
    facts: Facts, change: Callable[[dict[str, Any]], Any], failing: str, reason: str
) -> None:
    known = earlier(characteristic("delay", upper_limit=9.0, needs=("punctual",)))
    plan = item(rules="limits", sample="five", frequency="daily", responder="dispatcher", reaction="look")
    change(plan)
    decisions = Step7Decisions.model_validate({"control_items": [plan], "phases": PHASES})
    found = analyse(cycle=CYCLE, facts=facts, decisions=decisions, earlier=known)
    criterion = next(one for one in criteria(found, decisions) if one.id == failing)
    assert not criterion.met
    assert criterion.reason.startswith(reason)
    assert criterion.mend
