"""Opportunities: lowest first with its certainty, the gap, other methods, look-back, charter, empty input."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from builders.facts import facts_of
from builders.rated_needs import need, step3
from nonagon.deliverables.cycle import Cycle, Item, Wave
from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.step3 import NeedsDeliverable
from nonagon.deliverables.step4 import Characteristic, CharacteristicsDeliverable, HouseRow
from nonagon.deliverables.step5 import OpportunitiesDeliverable
from nonagon.engine.facts import Facts
from nonagon.steps.step5_opportunities.analysis import analyse
from nonagon.steps.step5_opportunities.decisions import Step5Decisions

CYCLE = Cycle(
    name="test",
    organization="test",
    items=tuple(Item(id=f"i-{one}", text="", kind="importance", need=one) for one in ("delay", "seat", "staff")),
    waves=(Wave(id="w1", date="2025-01-01"), Wave(id="w2", date="2025-05-01")),
)
CLEAR = step3(
    need("delay", score=(2.5, 0.2), importance=(4.8, 0.2), waves={"w1": (2.0, 0.2), "w2": (2.5, 0.2)}),
    need("seat", score=(3.5, 0.2), importance=(4.0, 0.2), waves={"w1": (3.4, 0.2), "w2": (3.5, 0.2)}),
    need("staff", score=(4.0, 0.2), importance=(3.0, 0.2), waves={"w1": (4.2, 0.2), "w2": (4.0, 0.2)}),
    waves=("w1", "w2"),
)


def run(needs: NeedsDeliverable = CLEAR, facts: Facts | None = None, **document: Any) -> OpportunitiesDeliverable:
    return analyse(
        cycle=CYCLE,
        facts=facts or Facts({}),
        decisions=Step5Decisions.model_validate(document),
        earlier=Earlier(step3=needs),
    )


def test_lowest_score_first_with_its_gap() -> None:
    found = run().opportunities
    assert [(one.id, one.rank) for one in found] == [("opp-delay", 1), ("opp-seat", 2), ("opp-staff", 3)]
    assert [one.gap_to_best for one in found] == pytest.approx([1.5, 0.5, 0])
    assert found[0].score is not None
    assert found[0].score.origin == "step3.scores"


def test_the_lowest_is_sure_where_the_intervals_lie_far_apart() -> None:
    result = run()
    lowest = result.opportunities[0]
    assert lowest.chance_lowest is not None
    assert lowest.chance_lowest.value == pytest.approx(1, abs=1e-3)
    assert (lowest.rank_low, lowest.rank_high) == (1, 1)
    assert result.may_be_lowest == ("opp-delay",)
    headline = next(one for one in result.findings if one.headline == 2)
    assert headline.kind == "shown"


def test_close_scores_are_ties_and_say_how_many_answers_more() -> None:
    needs = step3(
        need("delay", score=(3.00, 0.3)), need("seat", score=(3.02, 0.3)), need("staff", score=(4.5, 0.3))
    )
    result = run(needs)
    assert result.may_be_lowest == ("opp-delay", "opp-seat")
    assert ("opp-delay", "opp-seat") in result.ties
    assert result.answers_needed is not None
    # The observed difference is a tenth of a standard error: far more than the hundred answers that there are.
    assert result.answers_needed.value is not None
    assert result.answers_needed.value > 1000
    headline = next(one for one in result.findings if one.headline == 2)
    assert headline.kind == "not_shown"
    assert "cannot be told apart from Seat" in headline.sentence


def test_answers_of_the_same_people_tell_needs_apart_that_strangers_would_not(tmp_path: Path) -> None:
    """Whoever is strict is strict on all: the difference is surer than either score."""
    random = np.random.default_rng(5)
    mood = random.normal(size=100)
    answers = [
        {"respondent_id": f"r{i}", "item": item, "value": float(level + mood[i] + 0.1 * random.normal())}
        for i in range(100)
        for item, level in (("q-delay", 3.0), ("q-seat", 3.2))
    ]
    needs = step3(need("delay", score=(3.0, 0.2)), need("seat", score=(3.2, 0.2)))
    alone = run(needs)
    together = run(needs, facts_of(tmp_path, answers=answers))
    assert alone.may_be_lowest == ("opp-delay", "opp-seat")
    assert any("taken as independent" in lack.what for lack in alone.lacks)
    assert together.may_be_lowest == ("opp-delay",)
    assert together.origins["ranks"].data == ("answers@test",)


def test_what_nobody_can_act_on_stands_apart_in_its_place() -> None:
    result = run(not_actionable=[{"need": "delay", "reason": "roads belong to the city"}])
    first = result.opportunities[0]
    assert (first.id, first.rank, first.actionable, first.chance_lowest) == ("opp-delay", 1, False, None)
    assert result.may_be_lowest == ("opp-seat",)
    assert all("opp-delay" not in one.order for one in result.methods)
    assert any(
        "set apart" in one.sentence and "roads belong to the city" in one.sentence for one in result.findings
    )


def test_the_gap_as_observed_corrected_and_over_the_waves() -> None:
    result = run()
    assert result.spread_observed == pytest.approx(1.5)
    assert result.spread is not None
    assert result.spread.low is not None
    assert result.spread.high is not None
    assert result.spread.low < 1.5 < result.spread.high
    assert [round(one.observed, 6) for one in result.spread_by_wave] == [2.2, 1.5]
    assert result.narrowing is not None
    # Observed 2.2 - 1.5 = 0.7; the correction moves it only a little where the scores are this sure.
    assert result.narrowing.value == pytest.approx(0.7, abs=0.05)
    assert result.narrowing.low is not None
    assert result.narrowing.low > 0
    assert any(one.headline == 7 and one.kind == "shown" for one in result.findings)


def test_picking_extremes_is_corrected() -> None:
    """Eight needs whose scores differ by no more than chance: most of the observed gap is luck."""
    scores = 3 + 0.15 * np.random.default_rng(2).normal(size=8)
    needs = step3(*(need(f"n{i}", score=(float(score), 0.3)) for i, score in enumerate(scores)))
    result = run(needs)
    assert result.spread is not None
    assert result.spread.value is not None
    assert result.spread_observed is not None
    assert result.spread.value < 0.8 * result.spread_observed


def test_opportunity_score_by_hand() -> None:
    found = {one.need: one.opportunity_score for one in run().opportunities}
    # Importance 4.8 on 1 to 5 is 9.5 of ten, satisfaction 2.5 is 3.75: 9.5 + (9.5 - 3.75) = 15.25.
    assert found["delay"] is not None
    assert found["delay"].value == pytest.approx(15.25)
    # 3.0 is 5 of ten, 4.0 is 7.5: importance alone.
    assert found["staff"] is not None
    assert found["staff"].value == pytest.approx(5)


def test_importance_performance_map_by_hand() -> None:
    result = run()
    # Means of importance (4.8 + 4 + 3) / 3 and of scores 10 / 3.
    assert result.cross_importance == pytest.approx(11.8 / 3)
    assert result.cross_performance == pytest.approx(10 / 3)
    assert [one.quadrant for one in result.opportunities] == ["concentrate here", "keep up", "possible overkill"]


def test_importances_come_from_the_house_where_there_is_one() -> None:
    rows = tuple(
        HouseRow(need=one, name=one, importance=Estimate(value=value), importance_kind="decided")
        for one, value in (("delay", 1), ("seat", 2), ("staff", 9))
    )
    house = CharacteristicsDeliverable(
        rows=rows,
        characteristics=(Characteristic(id="c", name="C", unit="", direction="higher", needs=("seat",)),),
    )
    result = analyse(
        cycle=CYCLE, facts=Facts({}), decisions=Step5Decisions(), earlier=Earlier(step3=CLEAR, step4=house)
    )
    found = {one.need: one for one in result.opportunities}
    assert found["staff"].importance is not None
    assert found["staff"].importance.value == 9
    # The largest counts as 10: 2 of 9 is 2.22, below the satisfaction of 6.25.
    assert found["seat"].opportunity_score is not None
    assert found["seat"].opportunity_score.value == pytest.approx(20 / 9)
    assert found["seat"].characteristics == ("c",)
    assert ("characteristic", "c", "opportunity", "opp-seat") in {
        (one.from_kind, one.from_id, one.to_kind, one.to_id) for one in result.links
    }


def test_gap_and_effort_are_methods_of_their_own() -> None:
    needs = step3(
        need("delay", score=(2.5, 0.2), gap=(-0.1, 0.1)),
        need("seat", score=(3.5, 0.2), gap=(-1.5, 0.1)),
        need("staff", score=(4.0, 0.2)),
    )
    stated = [
        {"id": "opp-delay", "need": "delay", "effort": 8, "expected_effect": 0.4},
        {"id": "opp-seat", "need": "seat", "effort": 2, "expected_effect": 0.3},
    ]
    orders = {one.method: one.order for one in run(needs, opportunities=stated).methods}
    assert orders["lowest_score"][0] == "opp-delay"
    assert orders["expectation_gap"] == ("opp-seat", "opp-delay")
    # 0.3 / 2 against 0.4 / 8, no importance being known.
    assert orders["effect_for_effort"] == ("opp-seat", "opp-delay")


def test_scales_that_differ_are_compared_in_points_of_100() -> None:
    needs = step3(need("delay", score=(4.0, 0.2)), need("seat", score=(5.0, 0.2), scale=(0, 10)))
    result = run(needs)
    # 4 on 1 to 5 is 75 of 100, 5 on 0 to 10 is 50: the higher number is the lower score.
    assert [(one.id, one.compared) for one in result.opportunities] == [("opp-seat", 50), ("opp-delay", 75)]
    assert "points of 100" in result.scale


def test_needs_that_were_heard_but_not_rated_come_last() -> None:
    unrated = {"satisfaction": Estimate(why="fewer than 10 answers"), "heard": 3}
    withheld = need("wifi").model_copy(update=unrated)
    result = run(step3(*CLEAR.needs, withheld, waves=("w1", "w2")))
    assert result.opportunities[-1].id == "opp-wifi"
    assert result.opportunities[-1].rank is None
    assert any("heard but not rated" in one.sentence and "Wifi" in one.sentence for one in result.findings)


def test_named_opportunities_take_the_place_of_the_computed_one() -> None:
    named = [
        {"id": "dispatch", "need": "delay", "name": "Dispatch by traffic", "chosen": True, "reason": "lowest"},
        {"id": "lanes", "need": "delay", "name": "Bus lanes"},
    ]
    found = [one.id for one in run(opportunities=named).opportunities]
    assert found == ["dispatch", "lanes", "opp-seat", "opp-staff"]


def test_passing_over_the_lowest_shows_its_reason() -> None:
    chosen = [{"id": "opp-staff", "need": "staff", "chosen": True, "reason": "quick win"}]
    said = [one for one in run(opportunities=chosen).findings if "passed over" in one.sentence]
    assert [(one.kind, "quick win" in one.sentence) for one in said] == [("note", True)]
    chosen[0]["reason"] = ""
    silent = [one for one in run(opportunities=chosen).findings if "passed over" in one.sentence]
    assert [(one.kind, "no reason recorded" in one.sentence) for one in silent] == [("warning", True)]


def test_look_back_by_hand() -> None:
    upgrade = {"id": "timetable", "name": "New timetable", "on": "2025-03-01"}
    (review,) = run(look_back=[upgrade]).look_back
    assert (review.wave_before, review.wave_after) == ("w1", "w2")
    delay = next(one for one in review.changes if one.need == "delay")
    # 0.5; standard errors 0.2 / 1.984 each (Student, 99 df): half width 1.96 x sqrt(2) x 0.1008 = 0.2794.
    assert delay.difference.value == pytest.approx(0.5)
    assert delay.difference.low == pytest.approx(0.5 - 0.2794, abs=1e-4)
    assert [one.verdict for one in review.changes] == ["better", "not_shown", "not_shown"]


def test_look_back_needs_a_wave_on_each_side() -> None:
    late = {"id": "timetable", "name": "New timetable", "on": "2025-06-01"}
    result = run(look_back=[late])
    assert result.look_back[0].changes == ()
    assert any("a dated wave after 2025-06-01" in lack.needs for lack in result.lacks)


def test_waves_without_dates_are_placed_by_hand() -> None:
    cycle = CYCLE.model_copy(update={"waves": ()})
    upgrade = {"id": "u", "name": "U", "on": "2025-03-01", "last_wave_before": "w1"}
    result = analyse(
        cycle=cycle,
        facts=Facts({}),
        decisions=Step5Decisions.model_validate({"look_back": [upgrade]}),
        earlier=Earlier(step3=CLEAR),
    )
    assert (result.look_back[0].wave_before, result.look_back[0].wave_after) == ("w1", "w2")


def test_a_wave_across_the_date_is_neither_before_nor_after(tmp_path: Path) -> None:
    answers = [
        {"respondent_id": f"{wave}{day}", "item": "q-delay", "value": 3.0, "wave": wave, "date": day}
        for wave, days in (("w1", ("2025-01-01", "2025-03-15")), ("w2", ("2025-05-01", "2025-05-02")))
        for day in days
    ]
    upgrade = {"id": "u", "name": "U", "on": "2025-03-01"}
    (review,) = run(facts=facts_of(tmp_path, answers=answers), look_back=[upgrade]).look_back
    assert (review.wave_before, review.wave_after) == (None, "w2")


def test_charter_names_each_missing_field() -> None:
    charter = {
        "title": "On time",
        "mission": "Bring the lowest score up",
        "objectives": [{"statement": "Punctual", "measure": "mean score", "baseline": 2.5}],
        "members": [{"role": "leader"}],
        "operating": {"authority": "dispatch rules"},
    }
    found = run(charter=charter).charter
    assert "target of objective 1" in found.missing
    assert "share of time of member 1 (leader)" in found.missing
    assert "budget" in found.missing
    assert "authority" not in found.missing
    # 18 fields of the charter, 4 of its objective, 1 of its member; filled: title, mission, objectives, measure,
    # baseline, members, authority.
    assert (found.filled, found.fields) == (7, 23)


def test_plan_keeps_peoples_bounds() -> None:
    result = run(
        objectives=[{"id": "grow", "name": "Grow"}, {"id": "idle", "name": "Idle"}],
        plan=[
            {
                "objective": "grow",
                "opportunity": "opp-delay",
                "benefit_low": 1,
                "benefit_likely": 2,
                "benefit_high": 5,
                "budget": 4,
            }
        ],
    )
    (line,) = result.plan
    assert line.benefit is not None
    assert (line.benefit.low, line.benefit.value, line.benefit.high) == (1, 2, 5)
    assert any("No opportunity serves the strategic objective Idle" in one.sentence for one in result.findings)


def test_one_need_has_no_gap_and_no_chance() -> None:
    result = run(step3(need("delay", score=(2.5, 0.2))))
    assert result.opportunities[0].rank == 1
    assert result.opportunities[0].chance_lowest is None
    assert result.spread is None


def test_scores_without_intervals_are_ranked_without_chances() -> None:
    needs = [
        one.model_copy(update={"satisfaction": Estimate(value=one.satisfaction.value), "by_wave": ()})
        for one in CLEAR.needs
        if one.satisfaction is not None
    ]
    result = run(step3(*needs))
    assert [one.rank for one in result.opportunities] == [1, 2, 3]
    assert result.spread is not None
    assert result.spread.why == "the scores have no intervals"


def test_nothing_known_is_lacking_not_raising() -> None:
    result = analyse(cycle=CYCLE, facts=Facts({}), decisions=Step5Decisions(), earlier=Earlier())
    assert result.opportunities == ()
    assert any(lack.what == "scores of needs" for lack in result.lacks)


def test_same_inputs_give_the_same_bytes() -> None:
    assert run().model_dump_json() == run().model_dump_json()


def test_a_need_that_nobody_spoke_of_was_neither_heard_nor_rated() -> None:
    heard = need("wifi").model_copy(update={"heard": 3})
    found = [one.sentence for one in run(step3(*CLEAR.needs, heard, need("toilet"), waves=("w1", "w2"))).findings]
    assert "1 need was heard but not rated, so without a place: Wifi." in found
    assert "1 need was neither heard nor rated, so without a place: Toilet." in found


def test_lowest_is_said_of_what_can_be_acted_on_where_a_lower_score_is_set_apart() -> None:
    apart = [{"need": "delay", "reason": "the rails are not ours"}]
    result = run(not_actionable=apart)
    headline = next(one for one in result.findings if one.headline == 2)
    assert headline.sentence.startswith("“Seat” scores lowest of what can be acted on, 3.50")
    # 0.5 points apart with standard errors of 0.1: 3.5 standard errors of the difference, 99.98 %.
    assert headline.sentence.endswith("with a chance of over 99\u202f%.")
    # What is set apart but scores higher takes nothing from "lowest".
    higher = run(not_actionable=[{"need": "staff", "reason": "not ours"}])
    assert next(one for one in higher.findings if one.headline == 2).sentence.startswith(
        "“Delay” scores lowest, 2.50"
    )


def with_house(*rows: HouseRow) -> OpportunitiesDeliverable:
    return analyse(
        cycle=CYCLE,
        facts=Facts({}),
        decisions=Step5Decisions(),
        earlier=Earlier(step3=CLEAR, step4=CharacteristicsDeliverable(rows=rows)),
    )


def test_needs_outside_the_house_keep_the_importance_that_step_3_knows() -> None:
    row = HouseRow(need="delay", name="Delay", importance=Estimate(value=4.8), importance_kind="stated")
    found = {one.need: one for one in with_house(row).opportunities}
    assert [found[one].importance.value for one in ("delay", "seat", "staff")] == [4.8, 4.0, 3.0]  # type: ignore[union-attr]
    assert all(one.quadrant for one in found.values()), "one kind, so all stand on the map"


def test_importances_of_two_kinds_are_shown_but_not_compared() -> None:
    row = HouseRow(need="delay", name="Delay", importance=Estimate(value=9), importance_kind="decided")
    result = with_house(row)
    kinds = {
        one.need: (one.importance.value if one.importance else None, one.importance_kind)
        for one in result.opportunities
    }
    assert kinds == {"delay": (9, "decided"), "seat": (4.0, "stated"), "staff": (3.0, "stated")}
    assert not any(one.quadrant for one in result.opportunities)
    assert [one.method for one in result.methods] == ["lowest_score"]
