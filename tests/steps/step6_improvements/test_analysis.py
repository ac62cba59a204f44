"""The plan: choice of projects, dates, money by month, worth, exposure, empty input."""

from datetime import date
from itertools import combinations
from typing import Any

import pytest

from nonagon.deliverables.cycle import Cycle, Settings
from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.step5 import OpportunitiesDeliverable, Opportunity
from nonagon.deliverables.step6 import ImprovementsDeliverable
from nonagon.engine.facts import Facts
from nonagon.steps.step6_improvements.analysis import analyse
from nonagon.steps.step6_improvements.decisions import Step6Decisions

CYCLE = Cycle(name="test", organization="test", currency="EUR", settings=Settings(draws=4000))


def project(one: str, cost: float | None = None, likely: float | None = None, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"id": one, "name": one.upper(), "opportunity": "opp-delay", **more}
    found |= {} if cost is None else {"cost": cost}
    return found | ({} if likely is None else {"benefit_likely": likely})


def activity(one: str, project_id: str, days: float, **more: Any) -> dict[str, Any]:
    return {"id": one, "project": project_id, "name": one.upper(), "duration_days": days, **more}


def run(earlier: Earlier | None = None, **document: Any) -> ImprovementsDeliverable:
    return analyse(
        cycle=CYCLE,
        facts=Facts({}),
        decisions=Step6Decisions.model_validate({"start": "2025-01-15", "discount_rate": 0, **document}),
        earlier=earlier or Earlier(),
    )


def said(result: ImprovementsDeliverable, kind: str) -> str:
    return " ".join(one.sentence for one in result.findings if one.kind == kind)


PROJECTS = [project("a", 60, 30), project("b", 50, 26), project("c", 50, 25), project("d", 20, 5)]


def test_best_portfolio_is_the_best_of_all_subsets() -> None:
    result = run(projects=PROJECTS, budget=100)
    # Apart from the product: all sixteen subsets; three years of benefit without discounting, less the cost.
    worth = {one["id"]: 3 * one["benefit_likely"] - one["cost"] for one in PROJECTS}
    cost = {one["id"]: one["cost"] for one in PROJECTS}
    subsets = [set(some) for size in range(5) for some in combinations(worth, size)]
    best = max(
        (some for some in subsets if sum(cost[one] for one in some) <= 100),
        key=lambda some: sum(worth[one] for one in some),
    )
    assert {one.id for one in result.projects if one.selected} == best == {"b", "c"}
    sets = {one.kind: one for one in result.portfolios}
    assert sets["best"].value == sum(worth[one] for one in best)


def test_each_project_that_is_out_says_why() -> None:
    reasons = {one.id: one.reason for one in run(projects=PROJECTS, budget=100).projects}
    # In with A only: 30 instead of 53 (28 + 25).
    assert (
        reasons["a"]
        == "it would push out B, C, worth more for the same money; putting it in would lose 23 of value"
    )
    assert reasons["d"] == "its expected benefit does not pay back its cost"
    assert reasons["b"] == "in the best portfolio"


@pytest.mark.parametrize(
    ("projects", "reason"),
    [
        ([project("a", 60, 30), project("b")], "no benefit is stated, so it cannot be compared"),
        (
            [project("a", 60, 30), project("b", 10, 10, excludes=["a"])],
            "it excludes A, worth more",
        ),
        ([project("a", 60, 30), project("b", 500, 300)], "it costs 500, more than the budget can pay"),
        (
            [project("a", 60), project("b", 10, 20, requires=["a"])],
            "it requires A, whose benefit is not stated",
        ),
    ],
)
def test_reasons_in_words(projects: list[dict[str, Any]], reason: str) -> None:
    found = {one.id: one for one in run(projects=projects, budget=100).projects}
    assert not found["b"].selected
    assert found["b"].reason.startswith(reason)


def test_peoples_choice_stands_and_its_price_is_said() -> None:
    result = run(projects=PROJECTS, budget=100, selected=["a"], selected_reason="it is the safest")
    assert [one.id for one in result.projects if one.selected] == ["a"]
    assert "takes in A and leaves out B, C, worth −23 EUR" in said(result, "note")
    reasons = {one.id: one.reason for one in result.projects}
    assert reasons["a"].startswith("selected by people (it is the safest); by the figures it would be out")
    assert reasons["b"] == "left out by people (no reason recorded), though it is in the best portfolio"
    assert "no reason is recorded" in said(run(projects=PROJECTS, budget=100, selected=["a"]), "warning")


def test_choice_beyond_the_budget_or_against_itself_is_warned_of() -> None:
    projects = [project("a", 60, 30, requires=["c"]), project("b", 50, 26, excludes=["a"]), project("c", 5, 1)]
    warned = said(run(projects=projects, budget=100, selected=["a", "b"]), "warning")
    assert "costs 110 EUR, more than the budget of 100 EUR" in warned
    assert "A requires C, which is left out." in warned
    assert "B and A exclude each other." in warned


def test_worth_with_interval_by_hand() -> None:
    bounded = project("a", 60, 30, benefit_low=20, benefit_high=60, years=3)
    (found,) = run(projects=[bounded], budget=100).projects
    assert found.npv is not None
    # Expected benefit (20 + 4 x 30 + 60) / 6 = 33.33 a year for three years, less 60.
    assert found.npv.value == pytest.approx(40)
    assert found.npv.low is not None
    assert found.npv.high is not None
    assert 3 * 20 - 60 < found.npv.low < 40 < found.npv.high < 3 * 60 - 60
    assert found.chance_of_loss is not None
    assert found.chance_of_loss.value == 0
    assert found.payback_years == pytest.approx(60 / (200 / 6))


def test_discounting_by_hand() -> None:
    (found,) = run(projects=[project("a", 100, 60, years=2)], budget=100, discount_rate=0.1).projects
    # 60 / 1.1 + 60 / 1.21 - 100.
    assert found.npv is not None
    assert found.npv.value == pytest.approx(4.132231404958678)
    assert found.npv.low is None


PLAN: dict[str, Any] = {
    "projects": [project("p", None, 100), project("q", None, 100)],
    "activities": [
        activity("train", "p", 10, cost=10),
        activity("buy", "p", 20, cost=20),
        activity("fit", "p", 5, after=["train", "buy"], cost=30),
        activity("talk", "q", 1, not_before="2025-02-03", cost=4),
    ],
}


def test_dates_and_critical_path_by_hand() -> None:
    result = run(**PLAN)
    dates = {one.id: (one.start, one.finish) for one in result.activities}
    # From 15 January: 10 days are done on the 24th, 20 days on 3 February; then five days from the 4th to the 8th.
    assert dates == {
        "train": (date(2025, 1, 15), date(2025, 1, 24)),
        "buy": (date(2025, 1, 15), date(2025, 2, 3)),
        "fit": (date(2025, 2, 4), date(2025, 2, 8)),
        "talk": (date(2025, 2, 3), date(2025, 2, 3)),
    }
    assert result.critical_path == ("buy", "fit")
    slack = {one.id: one.slack_days for one in result.activities}
    # TALK may be as late as 8 February.
    assert slack == {"train": 10, "buy": 0, "fit": 0, "talk": 5}
    assert (result.days, result.finish) == (25, date(2025, 2, 8))


def test_a_plan_that_runs_out_of_money_names_the_month() -> None:
    funds = [{"month": "2025-01", "amount": 26}, {"month": "2025-03", "amount": 100}]
    result = run(**PLAN, funds=funds, opening_balance=5)
    # January has 17 of BUY's 20 days: 10 + 17 of 64; February the rest, 3 + 30 + 4.
    assert [(one.month, round(one.planned, 9), one.funds) for one in result.months] == [
        ("2025-01", 27, 26),
        ("2025-02", 37, 0),
        ("2025-03", 0, 100),
    ]
    assert [round(one.balance, 9) for one in result.months] == [4, -33, 67]
    assert (result.short_month, result.shortfall) == ("2025-02", pytest.approx(33))
    assert "runs out of money in 2025-02; at its deepest 33 EUR are missing" in said(result, "warning")


def test_funds_before_the_first_month_are_at_hand() -> None:
    result = run(**PLAN, funds=[{"month": "2024-12", "amount": 100}])
    assert result.short_month is None
    assert "The money lasts: the lowest balance is 36 EUR" in said(result, "note")


@pytest.mark.parametrize(("spending", "january"), [("at_start", 30), ("at_finish", 10)])
def test_when_costs_fall_due(spending: str, january: float) -> None:
    result = run(**PLAN, funds=[{"month": "2025-01", "amount": 100}], spending=spending)
    assert result.months[0].planned == pytest.approx(january)
    assert sum(one.planned for one in result.months) == pytest.approx(64)


def test_what_a_project_costs_beyond_its_activities_is_spread_over_its_time() -> None:
    plan = {**PLAN, "projects": [project("p", 85, 100), project("q", None, 100)]}
    result = run(**plan, funds=[{"month": "2025-01", "amount": 1000}])
    # 25 more over 25 days, 17 of them in January.
    assert result.months[0].planned == pytest.approx(27 + 17)
    assert result.planned_cost == pytest.approx(85 + 4)


def test_a_project_without_activities_falls_due_in_its_month() -> None:
    result = run(projects=[project("p", 40, 100, start="2025-03")], funds=[{"month": "2025-01", "amount": 50}])
    assert {one.month: one.planned for one in result.months}["2025-03"] == 40


def test_activities_do_not_wait_for_what_is_not_in_the_plan() -> None:
    plan: dict[str, Any] = {
        "projects": [project("p", None, 100), project("q", None, 100)],
        "selected": ["p"],
        "activities": [activity("train", "p", 5, after=["talk"]), activity("talk", "q", 30)],
    }
    result = run(**plan)
    assert {one.id: one.start for one in result.activities} == {"train": date(2025, 1, 15), "talk": None}
    assert "TRAIN should wait for TALK, which is not in the plan." in said(result, "warning")


def test_done_later_than_planned() -> None:
    plan = {
        "projects": [project("p", None, 100)],
        "activities": [activity("train", "p", 5, status="done", done_on="2025-01-22", cost=4, cost_actual=6)],
    }
    result = run(**plan)
    (found,) = result.activities
    # Planned from 15 to 19 January.
    assert (found.late_days, found.share_done) == (3, 1)
    assert result.actual_cost == 6
    warned = said(result, "warning")
    assert "1 of 1 finished activity came later than planned, the latest: TRAIN by 3 days." in warned


def test_the_plan_starts_with_its_first_project_or_with_the_cycle() -> None:
    decisions = Step6Decisions.model_validate(
        {"projects": [project("p", 5, 10, start="2025-06")], "activities": [activity("a", "p", 3)]}
    )
    result = analyse(cycle=CYCLE, facts=Facts({}), decisions=decisions, earlier=Earlier())
    assert result.start == date(2025, 6, 1)
    bare = Step6Decisions.model_validate(
        {"projects": [project("p", 5, 10)], "activities": [activity("a", "p", 3)]}
    )
    undated = analyse(cycle=CYCLE, facts=Facts({}), decisions=bare, earlier=Earlier())
    assert undated.start is None
    assert undated.critical_path == ("a",)
    assert any(lack.needs == "start in decisions/step6.toml" for lack in undated.lacks)


def test_outside_parties_and_leak_exposure_by_hand() -> None:
    outside = project("p", 5, 10, in_house=False, outside_party="map supplier", expires="2025-01-16")
    result = run(
        projects=[outside],
        activities=[activity("a", "p", 10)],
        sharing=[
            {"party": "map supplier", "people": 2, "documents": 3, "since": "2025-01-01", "until": "2025-01-10"},
            {"party": "printer", "since": "2025-01-23"},
        ],
    )
    assert result.projects[0].outside == "the reason, the accepted leak risk"
    # 2 people x 3 documents x 10 days, and one person with one document for 23 and 24 January.
    assert result.leak_exposure is not None
    assert result.leak_exposure.value == 60 + 2
    warned = said(result, "warning")
    assert "lets an outside party in; not recorded: the reason, the accepted leak risk." in warned
    assert "access ends on 2025-01-16, before the project does (2025-01-24)" in warned
    assert {one.headline for one in result.findings} >= {9}


def test_opportunities_and_projects_must_meet() -> None:
    step5 = OpportunitiesDeliverable(
        opportunities=(
            Opportunity(id="opp-delay", need="delay", name="Delay", chosen=False),
            Opportunity(id="opp-seat", need="seat", name="Seat", chosen=True),
        )
    )
    result = run(Earlier(step5=step5), projects=[project("p", 5, 10)], budget=10)
    assert (result.unserved, result.unchosen) == (("Seat",), ("P",))
    warned = said(result, "warning")
    assert "P serves “Delay”, which step 5 did not choose." in warned
    assert "No selected project serves the chosen opportunity “Seat”." in warned


def test_links_lead_from_opportunity_to_activity() -> None:
    plan = {**PLAN, "activities": [{**PLAN["activities"][0], "characteristics": ["minutes"]}]}
    links = {(one.from_kind, one.from_id, one.to_kind, one.to_id) for one in run(**plan).links}
    assert ("opportunity", "opp-delay", "project", "p") in links
    assert ("project", "p", "activity", "train") in links
    assert ("characteristic", "minutes", "activity", "train") in links


def test_a_budget_of_nothing_chooses_nothing() -> None:
    result = run(projects=PROJECTS, budget=0)
    assert not any(one.selected for one in result.projects)
    assert all(one.reason for one in result.projects)


def test_nothing_known_is_lacking_not_raising() -> None:
    result = analyse(cycle=CYCLE, facts=Facts({}), decisions=Step6Decisions(), earlier=Earlier())
    assert result.projects == ()
    assert [lack.what for lack in result.lacks] == ["projects"]


def test_same_inputs_give_the_same_bytes() -> None:
    document = {**PLAN, "funds": [{"month": "2025-01", "amount": 26}]}
    assert run(**document).model_dump_json() == run(**document).model_dump_json()


def test_the_order_that_the_money_can_pay_is_the_best_of_all_orders() -> None:
    projects = [
        project("a", 60, 240, years=1, benefit_low=240, benefit_high=240),
        project("b", 30, 180, years=1, benefit_low=180, benefit_high=180),
    ]
    funds = [{"month": f"2025-{month:02d}", "amount": 20} for month in range(1, 7)]
    result = run(projects=projects, funds=funds, start="2025-01-01")
    # Apart from the product: every pair of start months; a month's work each, then the benefit until month twelve,
    # which begun at once makes up the year's.
    money = [20 * min(month + 1, 6) for month in range(12)]

    def worth(a: int, b: int) -> float | None:
        spent = [60 * (month >= a) + 30 * (month >= b) for month in range(12)]
        if any(have < gone for have, gone in zip(money, spent, strict=True)):
            return None
        return 240 / 11 * (11 - a) - 60 + 180 / 11 * (11 - b) - 30

    orders = {(a, b): value for a in range(12) for b in range(12) if (value := worth(a, b)) is not None}
    a, b = max(orders, key=lambda one: orders[one])
    starts = {one.project: one.month for one in result.sequence}
    assert starts == {"a": f"2025-{a + 1:02d}", "b": f"2025-{b + 1:02d}"}
    assert result.sequence_value is not None
    assert result.sequence_value.value == pytest.approx(orders[a, b])
    assert any(one.headline == 14 and "Started in this order" in one.sentence for one in result.findings)


def test_an_order_leaves_out_what_the_money_never_pays() -> None:
    projects = [project("a", 60, 240), project("b", 3000, 9000), project("c", 5, 20, requires=["b"])]
    funds = [{"month": "2025-01", "amount": 100}]
    found = {one.project: one for one in run(projects=projects, funds=funds, selected=["a", "b", "c"]).sequence}
    assert found["a"].month is not None
    assert found["b"].month is None
    assert found["b"].reason == "the cash cannot pay it beside what is started"
    assert found["c"].reason == "waits for B, which is not started"


def test_of_two_that_exclude_each_other_the_better_one_is_ordered() -> None:
    projects = [project("a", 60, 60, excludes=["b"]), project("b", 50, 90)]
    result = run(projects=projects, funds=[{"month": "2025-01", "amount": 200}])
    assert [one.project for one in result.sequence] == ["b"]


def spent_plan(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """Two activities on the same project, falling due in January (20) and in February (30)."""
    return {
        "projects": [project("a", likely=60)],
        "activities": [
            activity("one", "a", 10, cost=20, **first),
            activity("two", "a", 20, cost=30, after=["one"], **second),
        ],
        "spending": "at_finish",
        "opening_balance": 15,
    }


def test_a_finished_month_is_not_short_and_the_balance_takes_what_was_spent() -> None:
    done = {"status": "done", "done_on": "2025-01-24", "cost_actual": 18}
    funds = [{"month": "2025-02", "amount": 40}]
    result = run(**spent_plan(done, {}), funds=funds)
    # 15 - 18 = -3 at the end of January, then 40 - 30 = 10 more.
    assert [(one.planned, one.cost, one.balance, one.finished, one.short) for one in result.months] == [
        (20, 18, -3, True, False),
        (30, 30, 7, False, False),
    ]
    assert (result.short_month, result.shortfall) == (None, 0)
    assert "By the end of 2025-01, which is over, 3 EUR more had been spent than the recorded funds." in said(
        result, "note"
    )
    assert "the lowest balance is 7 EUR, at the end of 2025-02" in said(result, "note")


def test_without_the_actual_cost_a_past_month_stays_short_by_plan() -> None:
    result = run(**spent_plan({"status": "done", "done_on": "2025-01-24"}, {}))
    assert (result.short_month, result.shortfall) == ("2025-01", 35)
    assert not any(one.finished for one in result.months)


def test_what_was_spent_falls_due_when_the_activity_was_done() -> None:
    late = {"status": "done", "done_on": "2025-03-05", "cost_actual": 50}
    result = run(**spent_plan({"status": "done", "done_on": "2025-01-24", "cost_actual": 10}, late))
    assert [(one.month, one.planned, one.cost) for one in result.months] == [
        ("2025-01", 20, 10),
        ("2025-02", 30, 0),
        ("2025-03", 0, 50),
    ]
    assert all(one.finished for one in result.months)
    assert result.short_month is None
    assert "All costs of the plan are spent; −45 EUR are left" in said(result, "note")
