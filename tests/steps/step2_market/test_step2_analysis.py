"""Step 2's analysis against scipy's tests on the rows and figures planted in made data, and with data missing."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import ttest_ind, ttest_rel

from builders.facts import facts_of
from nonagon.charts.section import Paragraph, Table
from nonagon.deliverables.cycle import Cycle, Item, Settings
from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.step1 import Condition, CustomerClass, CustomersDeliverable
from nonagon.deliverables.step2 import MarketDeliverable
from nonagon.engine.facts import Facts
from nonagon.steps.step2_market.analysis import analyse
from nonagon.steps.step2_market.analysis.comparison import short_texts
from nonagon.steps.step2_market.criteria import criteria
from nonagon.steps.step2_market.decisions import Step2Decisions
from nonagon.steps.step2_market.section import section

NEEDS = ("delay", "seats", "price")
ITEMS = tuple(Item(id=f"s_{one}", text=one.title(), need=one) for one in NEEDS)
IMPORTANCE = tuple(Item(id=f"i_{one}", text="", kind="importance", need=one) for one in NEEDS)
CYCLE = Cycle(name="c", organization="Bus", currency="EUR", items=ITEMS)
RANDOM = np.random.default_rng(11)
OURS = {
    "delay": RANDOM.normal(2.5, 0.8, 60),
    "seats": RANDOM.normal(4.2, 0.6, 60),
    "price": RANDOM.normal(3, 1, 60),
}
# The same 60 people rated the railway; 50 others rated the coach firm.
RAIL = {
    "delay": OURS["delay"] + RANDOM.normal(1, 0.5, 60),
    "seats": OURS["seats"] - 0.8 + RANDOM.normal(0, 0.4, 60),
}
RAIL["price"] = OURS["price"] + RANDOM.normal(0, 0.5, 60)
COACH = {one: RANDOM.normal(3, 0.9, 50) for one in NEEDS}


def ratings() -> list[dict[str, Any]]:
    rows = []
    for subject, scores, prefix in ((None, OURS, "r"), ("rail", RAIL, "r"), ("coach", COACH, "x")):
        for need in NEEDS:
            rows += [
                {"respondent_id": f"{prefix}{at}", "item": f"s_{need}", "subject": subject, "value": value}
                for at, value in enumerate(scores[need])
            ]
    return rows


def run(
    facts: Facts, *, cycle: Cycle = CYCLE, earlier: Earlier | None = None, **document: object
) -> MarketDeliverable:
    decisions = Step2Decisions.model_validate(document)
    found = analyse(cycle=cycle, facts=facts, decisions=decisions, earlier=earlier or Earlier())
    section(found, decisions)
    for one in criteria(found, decisions):
        assert one.reason
        assert one.mend
    return found


@pytest.fixture(scope="module")
def rated(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    return facts_of(tmp_path_factory.mktemp("rated"), answers=ratings())


def test_the_same_people_are_compared_in_pairs_others_by_welch(rated: Facts) -> None:
    found = {(one.competitor, one.need): one for one in run(rated).comparisons}
    assert len(found) == 6
    for need in NEEDS:
        pair = found["rail", need]
        expected = ttest_rel(OURS[need], RAIL[need])
        assert pair.paired
        assert pair.p == pytest.approx(expected.pvalue)
        assert pair.difference.low == pytest.approx(expected.confidence_interval().low)
        other = found["coach", need]
        welch = ttest_ind(OURS[need], COACH[need], equal_var=False)
        assert not other.paired
        assert other.p == pytest.approx(welch.pvalue)
        assert other.difference.high == pytest.approx(welch.confidence_interval().high)


def test_verdicts_are_adjusted_by_holm(rated: Facts) -> None:
    found = run(rated).comparisons
    p = np.array([one.p for one in found], dtype=float)
    order = np.argsort(p)
    holm = np.minimum(1, np.maximum.accumulate(p[order] * (len(p) - np.arange(len(p)))))
    for place, at in enumerate(order):
        assert found[at].adjusted == pytest.approx(holm[place])
        assert (found[at].verdict != "not_shown") == (holm[place] <= 0.05)


def test_strengths_and_weaknesses_are_proposed_and_decided(rated: Facts) -> None:
    board = {
        one.id: one
        for one in run(
            rated,
            swot=[
                {"id": "strength-seats", "decision": "accept"},
                {"id": "weakness-delay", "decision": "reject", "reason": "the railway is no choice here"},
                {"id": "threat-share", "decision": "accept"},
            ],
            added=[{"id": "own", "quadrant": "threat", "sentence": "New firm", "evidence": "press, May"}],
        ).swot
    }
    assert board["strength-seats"].status == "accepted"
    assert "rail" in board["strength-seats"].evidence
    assert (board["weakness-delay"].status, board["weakness-delay"].reason) == (
        "rejected",
        "the railway is no choice here",
    )
    assert board["weakness-lowest-delay"].status == "proposed"
    assert board["own"].status == "added"
    assert "threat-share" not in board


def test_a_decision_about_an_entry_that_is_gone_is_said(rated: Facts) -> None:
    document = {"swot": [{"id": "threat-share", "decision": "accept"}]}
    found = run(rated, **document)
    assert any(one.kind == "warning" and "threat-share" in one.sentence for one in found.findings)
    unmet = {one.id for one in criteria(found, Step2Decisions.model_validate(document)) if not one.met}
    assert "still_true" in unmet


def test_a_strength_must_be_important_where_importance_was_asked(tmp_path: Path) -> None:
    importance = {"delay": 5.0, "seats": 1.0, "price": 4.0}
    rows = ratings() + [
        {"respondent_id": f"r{at}", "item": f"i_{need}", "value": value + 0.1 * (at % 2)}
        for need, value in importance.items()
        for at in range(30)
    ]
    cycle = CYCLE.model_copy(update={"items": (*ITEMS, *IMPORTANCE)})
    found = run(facts_of(tmp_path, answers=rows), cycle=cycle)
    assert found.importance_known
    ids = {one.id for one in found.swot}
    assert "strength-seats" not in ids
    assert "weakness-delay" in ids


def test_pairs_must_fit_their_quadrants(rated: Facts) -> None:
    found = run(
        rated,
        added=[{"id": "own", "quadrant": "opportunity", "sentence": "New line", "evidence": "study"}],
        tows=[
            {"id": "good", "kind": "SO", "entries": ["strength-seats", "own"], "action": "advertise seats"},
            {"id": "bad", "kind": "ST", "entries": ["strength-seats", "own"], "action": "x"},
            {"id": "lost", "kind": "SO", "entries": ["strength-moon", "own"], "action": "x"},
        ],
    )
    assert [one.id for one in found.tows] == ["good"]
    warned = " ".join(one.sentence for one in found.findings if one.kind == "warning")
    assert "bad is ST" in warned
    assert "strength-moon" in warned


def test_few_answers_are_not_compared(tmp_path: Path) -> None:
    few = [row for row in ratings() if row["subject"] != "rail" or int(row["respondent_id"][1:]) < 9]
    found = run(facts_of(tmp_path, answers=few))
    assert {one.competitor for one in found.comparisons} == {"coach"}
    assert any("comparison with rail" in one.what for one in found.lacks)


def test_equal_answers_have_no_chance_and_no_verdict(tmp_path: Path) -> None:
    rows = [
        {"respondent_id": f"{subject}{at}", "item": "s_delay", "subject": subject, "value": value}
        for subject, value in (("us", 4.0), ("rail", 3.0))
        for at in range(20)
    ]
    (one,) = run(facts_of(tmp_path, answers=rows)).comparisons
    assert (one.difference.value, one.p, one.verdict) == (1.0, None, "not_shown")
    assert "all answers are equal" in one.difference.why


def test_the_map_lays_subjects_where_their_high_ratings_are(rated: Facts) -> None:
    found = run(rated).perceptual_map
    assert found is not None
    place = {one.id: np.array([one.x, one.y]) for one in found.points}
    assert sum(found.explained) == pytest.approx(1)
    # We are rated high on seats, the railway on delay.
    assert place["Bus"] @ place["Seats"] > 0 > place["Bus"] @ place["Delay"]
    assert place["rail"] @ place["Delay"] > 0


def sales(months: int = 24) -> list[dict[str, Any]]:
    """We lose and the railway gains, 600 against 300, minus and plus 5 a month; one of two customers grows."""
    rows: list[dict[str, Any]] = []
    for month in range(months):
        day = date(2023 + month // 12, month % 12 + 1, 1)
        last = date(day.year + day.month // 12, day.month % 12 + 1, 1).toordinal() - 1
        parts = (("a", 100.0 * 1.02**month), ("b", 500.0 - 5 * month - 100.0 * 1.02**month + 100))
        for customer, amount in parts:
            for at, when in enumerate((day, date.fromordinal(last))):
                rows.append(
                    {
                        "sale_id": f"{month}{customer}{at}",
                        "customer_id": customer,
                        "date": when,
                        "amount": amount / 2,
                    }
                )
        rows.append({"sale_id": f"{month}r", "date": day, "seller": "rail", "amount": 300.0 + 5 * month})
    return rows


CLASSES = CustomersDeliverable(
    classes=tuple(
        CustomerClass(id=one, name=one.upper(), rule=(Condition(field="customer_id", one_of=(one,)),))
        for one in ("a", "b")
    )
)


def test_shares_over_whole_months(tmp_path: Path) -> None:
    found = run(facts_of(tmp_path, sales=sales()), period="month")
    (market,) = found.markets
    ours = next(one for one in market.sellers if one.ours)
    rail = next(one for one in market.sellers if not one.ours)
    assert len(market.periods) == 24
    # Month 23: (600 - 115) of 900, which never changes; so the share falls by 5 / 900 a month.
    assert ours.latest.value == pytest.approx(485 / 900)
    assert ours.trend.value == pytest.approx(-12 * 5 / 900)
    assert (ours.verdict, rail.verdict) == ("falling", "rising")
    assert market.relative_share.value == pytest.approx(485 / 415)
    assert market.hhi.value == pytest.approx((485**2 + 415**2) / 900**2)
    assert {"threat-share", "threat-competitor-rail"} <= {one.id for one in found.swot}
    assert found.competitors == ("rail",)


def test_a_period_that_is_not_whole_is_left_out(tmp_path: Path) -> None:
    rows = [row for row in sales() if row["date"] <= date(2024, 12, 5)]
    (market,) = run(facts_of(tmp_path, sales=rows), period="month").markets
    assert market.periods[-1] == "2024-11-01"
    quarters = run(facts_of(tmp_path, sales=rows), period="quarter").markets[0]
    assert quarters.periods[-1] == "2024-07-01"


def test_a_period_without_a_sellers_figure_is_left_out(tmp_path: Path) -> None:
    rows = [row for row in sales() if row.get("seller") != "rail" or row["date"] < date(2024, 12, 1)]
    found = run(facts_of(tmp_path, sales=rows), period="month")
    assert found.markets[0].periods[-1] == "2024-11-01"
    assert any("lack a seller's figure" in one.sentence for one in found.findings)


def test_growth_of_classes(tmp_path: Path) -> None:
    people = [{"customer_id": one} for one in "ab"]
    found = run(
        facts_of(tmp_path, sales=sales(), customers=people), earlier=Earlier(step1=CLASSES), period="month"
    )
    growth = {one.id: one for one in found.growth}
    assert growth["a"].growth.value == pytest.approx(1.02**12 - 1)
    assert (growth["a"].verdict, growth["b"].verdict) == ("growing", "falling")
    whole = sum(600 - 5 * month for month in range(12, 24))
    mine = sum(100 * 1.02**month for month in range(12, 24))
    assert growth["a"].share.value == pytest.approx(mine / whole)
    assert {"opportunity-class-a", "threat-class-b"} <= {one.id for one in found.swot}


def test_classes_by_behaviour_are_not_followed(tmp_path: Path) -> None:
    classes = CustomersDeliverable(
        classes=(CustomerClass(id="top", name="Top", rule=(Condition(field="orders", at_least=1),)),)
    )
    assert run(facts_of(tmp_path, sales=sales()), earlier=Earlier(step1=classes)).growth == ()


def test_products_are_followed_when_asked(tmp_path: Path) -> None:
    rows = [{**row, "product": "day" if row.get("customer_id") == "a" else "month"} for row in sales()]
    facts = facts_of(tmp_path, sales=rows)
    assert run(facts, period="month").growth == ()
    assert {one.id for one in run(facts, period="month", product_breakdown=True).growth} == {"day", "month"}


def test_the_market_table_by_segment(tmp_path: Path) -> None:
    rows = [
        {
            "period": f"{2020 + at}-01-01",
            "segment": "tourists",
            "seller": one,
            "amount": amount,
            "source": "Report",
        }
        for at in range(5)
        for one, amount in (("us", 100 - 4 * at + at % 2), ("rail", 300 + 20 * at))
    ]
    found = run(facts_of(tmp_path), market=rows)
    (market,) = found.markets
    assert (market.segment, market.source) == ("tourists", "Report")
    assert market.sellers[0].trend.value == pytest.approx(
        np.polyfit(range(5), [(100 - 4 * at + at % 2) / (400 + 16 * at + at % 2) for at in range(5)], 1)[0]
    )
    assert [one.kind for one in found.growth] == ["segment"]
    assert found.growth[0].growth.value == market.growth.value


def _segments(ours: float, rail: float, last: str = "12") -> list[dict[str, Any]]:
    """Two segments in which we and the railway sell so much together in the last month of `sales`."""
    return [
        {
            "period": f"2024-{last}-01",
            "segment": segment,
            "seller": seller,
            "amount": amount / 2,
            "source": "Report",
        }
        for segment in ("city", "coast")
        for seller, amount in (("us", ours), ("rail", rail))
    ]


def test_sales_outside_the_segments_are_named(tmp_path: Path) -> None:
    """In the last month we sell 485, the railway 415 (`test_shares_over_whole_months`); 185 is left out."""
    found = run(facts_of(tmp_path, sales=sales()), period="month", market=_segments(300, 415))
    assert found.outside is not None
    assert found.outside.segments == ("city", "coast")
    assert found.outside.ours_outside.value == pytest.approx(185)
    assert found.outside.share.value == pytest.approx(185 / 485)
    assert found.outside.share_whole.value == pytest.approx(485 / 900)
    assert found.outside.share_segments.value == pytest.approx(300 / 715)
    (said,) = [one.sentence for one in found.findings if "not the same market" in one.sentence]
    assert "185 EUR (38.1\u202f%) lies outside all segments" in said
    texts = [one.text for one in section(found, Step2Decisions()).blocks if isinstance(one, Paragraph)]
    assert said in texts


def test_segments_that_add_up_or_end_earlier_need_no_warning(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, sales=sales())
    assert run(facts, period="month", market=_segments(485, 415)).outside is None
    assert run(facts, period="month", market=_segments(300, 415, last="11")).outside is None
    assert run(facts, period="month").outside is None


def test_segments_that_hold_more_than_the_sales_are_said(tmp_path: Path) -> None:
    found = run(facts_of(tmp_path, sales=sales()), period="month", market=_segments(970, 415))
    assert any("hold 970 EUR of ours where the sales hold 485 EUR" in one.sentence for one in found.findings)


def _comparisons(*ones: dict[str, Any]) -> Table:
    known = {"value": 4.0, "unit": "points"}
    rows = [{"item": "i", "competitor": "rail", "ours": known, "theirs": known} | one for one in ones]
    found = MarketDeliverable.model_validate({"comparisons": rows, "adjustment": "holm"})
    return next(one for one in section(found, Step2Decisions()).blocks if isinstance(one, Table))


def test_a_verdict_agrees_with_its_interval_or_says_why_not() -> None:
    table = _comparisons(
        {"difference": {"value": 0.3, "low": 0.1, "high": 0.5}, "verdict": "not_shown", "adjusted": 0.07},
        {"difference": {"value": 0.3, "low": -0.1, "high": 0.7}, "verdict": "not_shown", "adjusted": 0.9},
        {"difference": {"value": 0.9, "low": 0.7, "high": 1.1}, "verdict": "better", "adjusted": 0.001},
    )
    assert [row[-1] for row in table.rows] == [
        "not shown after correcting for 3 comparisons",
        "not shown",
        "better",
    ]


def test_the_note_says_that_differences_are_of_those_who_rated_both() -> None:
    one = {"difference": {"value": 0.3}, "verdict": "not_shown"}
    assert "of those alone who rated both" in _comparisons(one | {"paired": True}).note
    assert "Difference, in 1 rows" in _comparisons(one | {"paired": True}, one).note
    assert "rated both" not in _comparisons(one).note


def test_what_all_questions_begin_with_is_left_out() -> None:
    items = tuple(Item(id=f"s{at}", text=f"How we do: {one}") for at, one in enumerate(("on time", "clean")))
    assert short_texts(CYCLE.model_copy(update={"items": items})) == {"s0": "On time", "s1": "Clean"}
    mixed = (*items, Item(id="s2", text="Seats"))
    assert short_texts(CYCLE.model_copy(update={"items": mixed}))["s0"] == "How we do: on time"
    # Only the questions of the same kind say what is common.
    asked = (*items, Item(id="o", text="All in all", kind="overall"))
    assert short_texts(CYCLE.model_copy(update={"items": asked}))["o"] == "All in all"


def test_without_anything(tmp_path: Path) -> None:
    found = run(facts_of(tmp_path))
    assert {one.what for one in found.lacks} >= {"market shares over time", "entries of the SWOT board"}
    unmet = {one.id for one in criteria(found, Step2Decisions()) if not one.met}
    assert unmet == {"competitors", "compared", "shares", "filled", "evidence", "decided", "paired"}


def test_a_survey_without_competitors_still_names_the_lowest(tmp_path: Path) -> None:
    found = run(facts_of(tmp_path, answers=[row for row in ratings() if row["subject"] is None]))
    assert [one.id for one in found.swot] == ["weakness-lowest-delay"]
    assert any("ask customers to rate competitors" in one.needs for one in found.lacks)


def test_the_criteria_can_all_be_met(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, answers=ratings(), sales=sales())
    proposed = [one.id for one in run(facts, period="month").swot]
    document: dict[str, Any] = {
        "period": "month",
        "swot": [{"id": one, "decision": "accept"} for one in proposed],
        "added": [{"id": "own", "quadrant": "opportunity", "sentence": "New line", "evidence": "study"}],
        "tows": [{"id": "t", "kind": "SO", "entries": ["strength-seats", "own"], "action": "advertise"}],
    }
    found = run(facts, **document)
    assert [one.id for one in criteria(found, Step2Decisions.model_validate(document)) if not one.met] == []


def test_equal_inputs_give_equal_bytes(rated: Facts) -> None:
    assert run(rated).model_dump_json() == run(rated).model_dump_json()


def test_confidence_is_the_cycles(rated: Facts) -> None:
    cycle = CYCLE.model_copy(update={"settings": Settings(confidence=0.8)})
    narrow, wide = run(rated, cycle=cycle).comparisons[0], run(rated).comparisons[0]
    assert narrow.difference.confidence == 0.8
    assert (narrow.difference.low or 0) > (wide.difference.low or 0)
