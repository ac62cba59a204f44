"""Step 3's analysis against scipy and numpy on the rows, planted needs, and with data missing."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import t, ttest_rel

from builders.codes import said as ids_of
from builders.facts import facts_of
from nonagon.charts.section import Table
from nonagon.charts.wording import percent
from nonagon.deliverables.cycle import Cycle, Item, Settings, Wave
from nonagon.deliverables.earlier import Earlier
from nonagon.deliverables.evidence import Estimate
from nonagon.deliverables.step1 import Condition, CustomerClass, CustomersDeliverable
from nonagon.deliverables.step3 import NeedResult, NeedsDeliverable, SurveyQuality, UnknownNeeds
from nonagon.engine.facts import Facts
from nonagon.methods.drivers.driver_importance import driver_importance_of_rows
from nonagon.methods.needs.incidence import incidence
from nonagon.methods.needs.unknown_needs import unknown_needs
from nonagon.methods.reliability.cronbach_alpha import cronbach_alpha
from nonagon.methods.survey.proportion import proportion
from nonagon.steps.step3_needs.analysis import analyse
from nonagon.steps.step3_needs.criteria import criteria
from nonagon.steps.step3_needs.decisions import Step3Decisions
from nonagon.steps.step3_needs.section import section

NEEDS = ("delay", "seats", "price")
ITEMS = (
    *(Item(id=f"s_{one}", text=one.title(), need=one, scale_max=7) for one in NEEDS),
    *(Item(id=f"e_{one}", text="", kind="expectation", need=one, scale_max=7) for one in NEEDS),
    *(Item(id=f"i_{one}", text="", kind="importance", need=one) for one in NEEDS),
    Item(id="kf", text="", kind="kano_functional", need="delay"),
    Item(id="kd", text="", kind="kano_dysfunctional", need="delay"),
    Item(id="overall", text="Overall", kind="overall", scale_max=7),
)
CYCLE = Cycle(name="c", organization="Bus", items=ITEMS, settings=Settings(draws=300))
PEOPLE = 80
RANDOM = np.random.default_rng(7)
MOOD = RANDOM.normal(size=PEOPLE)
SCORES = {one: 3 + place + 0.7 * MOOD + RANDOM.normal(0, 0.8, PEOPLE) for place, one in enumerate(NEEDS)}
EXPECTED = {one: 5 + RANDOM.normal(0, 0.8, PEOPLE) for one in NEEDS}
IMPORTANCE = {"delay": RANDOM.normal(4.5, 0.3, PEOPLE), "seats": RANDOM.normal(3, 0.3, PEOPLE)}
IMPORTANCE["price"] = RANDOM.normal(3.6, 0.3, PEOPLE)
OVERALL = 0.8 * SCORES["delay"] + 0.2 * SCORES["price"] + RANDOM.normal(0, 0.5, PEOPLE)
WEIGHTS = RANDOM.uniform(0.5, 2, PEOPLE)


def answers(
    *, weighted: bool = False, shift: float = 0.0, wave: str | None = "w1", day: str = "2025-03-01"
) -> list[dict[str, Any]]:
    columns = {
        **{f"s_{one}": SCORES[one] + shift for one in NEEDS},
        **{f"e_{one}": EXPECTED[one] for one in NEEDS},
        **{f"i_{one}": IMPORTANCE[one] for one in NEEDS},
        "overall": OVERALL + shift,
    }
    return [
        {
            "respondent_id": f"{wave}r{at}",
            "customer_id": f"c{at}",
            "wave": wave,
            "date": day,
            "item": item,
            "value": values[at],
            "weight": WEIGHTS[at] if weighted else None,
        }
        for item, values in columns.items()
        for at in range(PEOPLE)
    ]


def run(
    facts: Facts, *, cycle: Cycle = CYCLE, earlier: Earlier | None = None, **document: object
) -> NeedsDeliverable:
    decisions = Step3Decisions.model_validate(document)
    found = analyse(cycle=cycle, facts=facts, decisions=decisions, earlier=earlier or Earlier())
    section(found, decisions)
    for one in criteria(found, decisions):
        assert one.reason
        assert one.mend
    return found


def need(found: NeedsDeliverable, need_id: str) -> NeedResult:
    return next(one for one in found.needs if one.id == need_id)


@pytest.fixture(scope="module")
def rated(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    return facts_of(tmp_path_factory.mktemp("rated"), answers=answers())


def test_scores_are_means_with_students_interval(rated: Facts) -> None:
    found = run(rated)
    for one in NEEDS:
        score = need(found, one).satisfaction
        values = SCORES[one]
        half = t.ppf(0.975, PEOPLE - 1) * values.std(ddof=1) / np.sqrt(PEOPLE)
        assert score is not None
        assert (score.value, score.low) == pytest.approx((values.mean(), values.mean() - half))
        assert score.n == PEOPLE
    assert (found.wave, found.waves) == ("w1", ("w1",))
    assert [one.item for one in found.overall] == ["overall"]


def test_weighted_scores_use_kishs_effective_number(tmp_path: Path) -> None:
    score = need(run(facts_of(tmp_path, answers=answers(weighted=True))), "delay").satisfaction
    mean = np.average(SCORES["delay"], weights=WEIGHTS)
    effective = WEIGHTS.sum() ** 2 / (WEIGHTS**2).sum()
    spread = np.average((SCORES["delay"] - mean) ** 2, weights=WEIGHTS) * effective / (effective - 1)
    half = t.ppf(0.975, effective - 1) * np.sqrt(spread / effective)
    assert score is not None
    assert (score.value, score.high) == pytest.approx((mean, mean + half))


def test_waves_follow_the_cycle_then_time(tmp_path: Path) -> None:
    rows = answers(wave="b", day="2025-01-01") + answers(wave="a", day="2025-06-01", shift=0.5)
    facts = facts_of(tmp_path, answers=rows)
    found = run(facts)
    assert (found.waves, found.wave) == (("b", "a"), "a")
    by_wave = [one.score.value for one in need(found, "delay").by_wave]
    assert by_wave == pytest.approx([SCORES["delay"].mean(), SCORES["delay"].mean() + 0.5])
    turned = run(facts, cycle=CYCLE.model_copy(update={"waves": (Wave(id="a"), Wave(id="b"))}))
    assert turned.waves == ("a", "b")
    assert turned.quality is not None
    assert turned.quality.waves[0].first == date(2025, 6, 1)


def test_answers_without_waves_are_one_wave(tmp_path: Path) -> None:
    found = run(facts_of(tmp_path, answers=answers(wave=None)))
    assert (found.waves, found.wave) == (("",), "")
    assert need(found, "delay").satisfaction is not None


def test_a_competitors_answers_are_not_ours(tmp_path: Path) -> None:
    other = [row | {"subject": "rail", "value": 1.0} for row in answers()]
    score = need(run(facts_of(tmp_path, answers=answers() + other)), "delay").satisfaction
    assert score is not None
    assert score.value == pytest.approx(SCORES["delay"].mean())


def test_the_gap_is_the_paired_difference(rated: Facts) -> None:
    gap = need(run(rated), "delay").gap
    expected = ttest_rel(SCORES["delay"], EXPECTED["delay"])
    assert gap is not None
    assert gap.value == pytest.approx((SCORES["delay"] - EXPECTED["delay"]).mean())
    assert gap.low == pytest.approx(expected.confidence_interval().low)


def test_derived_importance_is_the_share_of_lmg(rated: Facts) -> None:
    found = run(rated)
    expected = driver_importance_of_rows(y=OVERALL, x=SCORES)
    for place, one in enumerate(NEEDS):
        derived = need(found, one).derived
        assert derived is not None
        assert derived.value == pytest.approx(expected.lmg_share[place])
        assert derived.low is not None
        assert derived.high is not None
        assert derived.low <= (derived.value or 0) <= derived.high
    assert found.explained is not None
    assert found.explained.value == pytest.approx(expected.r2)


def test_importance_carried_over_is_stated_where_asked(rated: Facts, tmp_path: Path) -> None:
    one = need(run(rated), "delay")
    assert one.importance_kind == "stated"
    assert one.importance is not None
    assert one.importance.value == pytest.approx(IMPORTANCE["delay"].mean())
    unasked = [row for row in answers() if not row["item"].startswith("i_")]
    found = run(facts_of(tmp_path, answers=unasked))
    assert {one.importance_kind for one in found.needs} == {"derived"}
    assert need(found, "delay").importance == need(found, "delay").derived


def test_reliability_is_cronbachs_alpha(rated: Facts) -> None:
    quality = run(rated).quality
    expected = cronbach_alpha(answers=np.column_stack(list(SCORES.values())))
    assert quality is not None
    assert quality.reliability.value == pytest.approx(expected.raw)
    assert quality.reliability.low == pytest.approx(expected.low)
    assert (quality.waves[0].respondents, quality.waves[0].answers) == (PEOPLE, 10 * PEOPLE)


def test_kano_classes_from_pairs(tmp_path: Path) -> None:
    pairs = [(1, 5)] * 30 + [(1, 3)] * 6 + [(2, 5)] * 4 + [(9, 9)] * 5
    rows = [
        {"respondent_id": f"r{at}", "item": item, "value": float(value)}
        for at, pair in enumerate(pairs)
        for item, value in zip(("kf", "kd"), pair, strict=True)
    ] + answers()
    one = need(run(facts_of(tmp_path, answers=rows)), "delay")
    # 30 one-dimensional, 6 attractive, 4 must-be; 9 is no answer.
    assert one.kano == "one-dimensional"
    assert one.better is not None
    assert one.worse is not None
    assert (one.better.value, one.worse.value) == pytest.approx((36 / 40, -34 / 40))


CLASSES = CustomersDeliverable(
    classes=tuple(
        CustomerClass(id=one, name=one, rule=(Condition(field="line", one_of=(one,)),))
        for one in ("city", "coast", "night")
    )
)


def of_lines(tmp_path: Path, lines: list[str]) -> Facts:
    people = [{"customer_id": f"c{at}", "line": line} for at, line in enumerate(lines)]
    return facts_of(tmp_path, answers=answers(), customers=people)


def test_scores_by_class_in_the_latest_wave(tmp_path: Path) -> None:
    facts = of_lines(tmp_path, ["city"] * 50 + ["coast"] * 30)
    scores = {
        one.class_id: one.score for one in need(run(facts, earlier=Earlier(step1=CLASSES)), "delay").by_class
    }
    assert set(scores) == {"city", "coast"}
    assert scores["city"].value == pytest.approx(SCORES["delay"][:50].mean())


def test_a_small_class_is_withheld_and_cannot_be_found_by_subtraction(tmp_path: Path) -> None:
    facts = of_lines(tmp_path, ["city"] * 50 + ["coast"] * 26 + ["night"] * 4)
    scores = {
        one.class_id: one.score for one in need(run(facts, earlier=Earlier(step1=CLASSES)), "delay").by_class
    }
    assert scores["night"].value is None
    assert "fewer than 10" in scores["night"].why
    # City and coast together leave the four of night: one of them must go too.
    assert sorted(scores[one].value is None for one in ("city", "coast")) == [False, True]


def test_answers_that_name_no_customer_have_no_classes(tmp_path: Path) -> None:
    rows = [{**row, "customer_id": None} for row in answers()]
    found = run(facts_of(tmp_path, answers=rows), earlier=Earlier(step1=CLASSES))
    assert all(one.by_class == () for one in found.needs)
    assert any(one.what == "scores by class" for one in found.lacks)


def test_few_answers_are_withheld(tmp_path: Path) -> None:
    few = [row for row in answers() if int(row["respondent_id"][3:]) < 9]
    found = run(facts_of(tmp_path, answers=few))
    score = need(found, "delay").satisfaction
    assert score is not None
    assert score.value is None
    assert "fewer than 10" in score.why


# --- what was said

RULES = [
    {"need": "late", "phrases": ["late"]},
    {"need": "hard", "phrases": ["hard seat*"]},
    {"need": "room", "phrases": ["leg room"], "when_negated": "keep"},
    {"need": "dirty", "phrases": ["dirty"]},
]
TREE = [
    {"id": "punctual", "name": "Be on time"},
    {"id": "late", "name": "Leave on time", "parent": "punctual"},
    {"id": "comfort", "name": "Sit well"},
    {"id": "hard", "name": "Soft seats", "parent": "comfort"},
    {"id": "room", "name": "Leg room", "parent": "comfort"},
    {"id": "dirty", "name": "A clean bus"},
]


def spoken() -> Iterator[dict[str, Any]]:
    """40 interviews, and 60 comments of which 24 ask for charging sockets, which no rule knows."""
    for at in range(40):
        parts = ["it was late"] if at % 2 == 0 else ["all is well here"]
        parts += ["the seats are hard, a hard seat"] if at % 8 == 1 else []
        parts += ["no leg room"] if at in {3, 4} else []
        parts += ["dirty"] if at == 5 else []
        for place, text in enumerate(parts):
            yield {
                "verbatim_id": f"i{at:02}-{place}",
                "respondent_id": f"r{at}",
                "customer_id": f"c{at}",
                "channel": "interview",
                "date": "2025-02-01",
                "text": text,
            }
    for at in range(60):
        text = "please fit a charging socket" if at < 24 else f"comment {at} is not late"
        yield {"verbatim_id": f"x{at:02}", "customer_id": f"c{at % 30}", "channel": "review", "text": text}


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    return facts_of(tmp_path_factory.mktemp("said"), verbatims=list(spoken()), answers=answers())


def test_verbatims_are_coded_and_linked(said: Facts) -> None:
    found = run(said, needs=TREE, rules=RULES)
    late = need(found, "late")
    ids = ids_of(said, Step3Decisions.model_validate({"needs": TREE, "rules": RULES}))
    assert ids["late"] == tuple(f"i{at:02}-0" for at in range(0, 40, 2))
    punctual = need(found, "punctual")
    assert (late.verbatims, late.heard, late.verbatims_with_parts) == (20, 20, 20)
    assert (punctual.verbatims, punctual.heard, punctual.verbatims_with_parts) == (0, 20, 20)
    # Hard seats: 1, 9, 17, 25, 33; leg room: 3 and 4.
    assert need(found, "comfort").heard == 7
    assert sum(one.verbatims for one in found.needs) == 20 + 5 + 2 + 1
    assert not [one for one in found.links if one.from_kind == "verbatim"], "they may be millions"
    wider = {(one.from_id, one.to_id) for one in found.links if one.from_kind == "need"}
    assert wider == {("late", "punctual"), ("hard", "comfort"), ("room", "comfort")}
    assert found.coding is not None
    assert (found.coding.negated, found.coding.speakers) == (36, 40)


def test_said_by_is_a_share_of_customers_who_spoke(said: Facts) -> None:
    share = need(run(said, needs=TREE, rules=RULES), "late").said_by
    expected = proportion(x=20, n=40)
    assert share is not None
    assert (share.value, share.low, share.high) == pytest.approx((0.5, expected.low, expected.high))


def test_a_need_that_no_rule_knows_is_proposed(said: Facts) -> None:
    found = run(said, needs=TREE, rules=RULES)
    charging = found.proposals[0]
    assert charging.id == "charging-socket"
    assert (charging.speakers, charging.sentences) == (24, 24)
    rules = [*RULES, {"need": "dirty", "phrases": ["charging socket"]}]
    assert all("charging" not in one.phrase for one in run(said, needs=TREE, rules=rules).proposals)


def test_withdrawn_verbatims_are_gone(said: Facts) -> None:
    found = run(said, needs=TREE, rules=RULES, withdrawn=["i00-0"])
    assert (need(found, "late").verbatims, need(found, "late").heard) == (19, 19)
    assert found.coding is not None
    # 40 interviews of two verbatims or three, and 60 comments, but for the one that is withdrawn.
    assert found.coding.verbatims == len(list(spoken())) - 1


def test_the_meter_counts_needs_by_interview(said: Facts) -> None:
    found = run(said, needs=TREE, rules=RULES)
    (meter,) = found.unknown
    expected = unknown_needs(incidence=incidence(frequency=[20, 5, 2, 1], n_units=40))
    assert (meter.unit, meter.units, meter.heard, meter.heard_once, meter.heard_twice) == (
        "interviews",
        40,
        4,
        1,
        1,
    )
    assert meter.unheard_at_least.value == pytest.approx(expected.unheard_at_least)
    assert meter.unheard_at_most.value == pytest.approx(expected.unheard_at_most)
    assert meter.least_total.value == pytest.approx(expected.total_at_least)
    assert (meter.more_units.value, meter.more_units.low) == (expected.more, expected.more_at_least)
    assert meter.curve[0].units == 1
    assert next(one.known for one in meter.curve if one.units == 40) == pytest.approx(4)
    assert percent(expected.chao2_coverage[0], digits=0) in meter.coverage
    assert any(one.headline == 1 for one in found.findings)


def test_without_interviews_customers_are_the_units(tmp_path: Path) -> None:
    rows = [row for row in spoken() if row["channel"] == "review"]
    facts = facts_of(tmp_path, verbatims=rows)
    rules = [
        {"need": "late", "phrases": ["late"], "when_negated": "keep"},
        {"need": "dirty", "phrases": ["socket"]},
    ]
    (meter,) = run(facts, needs=TREE, rules=rules).unknown
    assert (meter.unit, meter.units, meter.heard) == ("customers", 30, 2)


def test_the_meter_by_class(tmp_path: Path) -> None:
    people = [
        {"customer_id": f"c{at}", "line": "city" if at < 25 else "night" if at < 30 else "coast"}
        for at in range(40)
    ]
    facts = facts_of(tmp_path, verbatims=list(spoken()), customers=people)
    found = run(facts, needs=TREE, rules=RULES, earlier=Earlier(step1=CLASSES)).unknown
    # Night has five interviews, coast ten of which five were late ones and one about seats.
    assert [(one.class_id, one.units, one.heard) for one in found] == [
        (None, 40, 4),
        ("city", 25, 4),
        ("coast", 10, 2),
    ]


def test_two_coders_agree_by_kappa(said: Facts) -> None:
    codes = [("a", "a")] * 20 + [("a", "b")] * 5 + [("b", "a")] * 10 + [("b", "b")] * 15
    names = {"a": "late", "b": "none"}
    rows = [
        {"verbatim": f"v{at}", "coder": coder, "need": names[code]}
        for at, pair in enumerate(codes)
        for coder, code in zip(("one", "two"), pair, strict=True)
    ]
    coding = run(said, needs=TREE, rules=RULES, double_coding=rows).coding
    assert coding is not None
    assert coding.agreement is not None
    # Agreement 0.7 where chance gives 0.5.
    assert coding.agreement.value == pytest.approx(0.4)


# --- what management believed


def test_the_audit_finds_blind_wrong_and_right(said: Facts) -> None:
    mean = float(SCORES["delay"].mean())
    assumptions = [
        {"need": "delay", "importance_rank": 1, "predicted": mean, "by": "board", "stated_on": "2025-01-31"},
        {"need": "seats", "importance_rank": 2, "predicted": 7, "by": "board", "stated_on": "2025-01-31"},
        {"need": "punctual", "importance_rank": 3, "by": "board", "stated_on": "2025-02-01"},
        {"need": "magazines", "by": "board"},
    ]
    tree = [*TREE, {"id": "magazines", "name": "Magazines"}]
    found = run(said, needs=tree, rules=RULES, assumptions=assumptions)
    audit = found.audit
    assert audit is not None
    by_need = {one.need: one for one in audit.beliefs}
    assert [one.verdict for one in audit.beliefs] == ["right", "wrong", "unrated", "unheard"]
    # The first verbatim is of 1 February.
    assert [one.sealed for one in audit.beliefs] == [True, True, False, False]
    assert audit.first_heard == date(2025, 2, 1)
    # Stated importance: delay 4.5, price 3.6, seats 3.
    assert (by_need["delay"].actual_rank, by_need["seats"].actual_rank) == (1, 3)
    assert by_need["seats"].error is not None
    assert by_need["seats"].error.value == pytest.approx(7 - SCORES["seats"].mean())
    # Heard are late (listed through punctual), hard, room and dirty.
    assert audit.blind == ("hard", "room", "dirty")
    expected = proportion(x=3, n=4)
    assert (audit.blind_share.value, audit.blind_share.low) == pytest.approx((0.75, expected.low))
    # Customers who named a need: 20 late ones, and 1, 9, 17, 25, 33, 3 and 5; 4 spoke of leg room too.
    assert audit.blind_mentions.value == pytest.approx(8 / 27)
    assert audit.error.value == pytest.approx((7 - SCORES["seats"].mean()) / 2)
    assert any(one.headline == 6 and one.kind == "warning" for one in found.findings)


def test_believed_importance_gives_ranks(said: Facts) -> None:
    assumptions = [{"need": "delay", "importance": 3}, {"need": "seats", "importance": 5}]
    audit = run(said, assumptions=assumptions).audit
    assert audit is not None
    assert [one.believed_rank for one in audit.beliefs] == [2, 1]


def test_areas_to_improve_have_their_reasons(said: Facts) -> None:
    tree = [*TREE, *({"id": one, "name": one.title()} for one in NEEDS)]
    areas = run(said, needs=tree, rules=RULES).areas
    assert areas[0].need == "delay"
    assert "lowest third" in areas[0].reasons[0]
    assert "below what customers expect" in areas[0].reasons[1]
    assert any(one.need == "late" and "20 customers" in one.reasons[0] for one in areas)


# --- with data missing


def test_without_anything(tmp_path: Path) -> None:
    found = run(facts_of(tmp_path), cycle=Cycle(name="c", organization="o"))
    assert found.needs == ()
    assert not any(one.met for one in criteria(found, Step3Decisions()))
    assert {one.what for one in found.lacks} >= {"what customers said in their own words", "how customers rate us"}


def test_a_register_without_answers(tmp_path: Path) -> None:
    found = run(facts_of(tmp_path))
    assert [one.id for one in found.needs] == list(NEEDS)
    assert all(one.satisfaction is None for one in found.needs)


def test_answers_without_a_register(rated: Facts) -> None:
    found = run(rated, cycle=Cycle(name="c", organization="o"))
    assert found.needs == ()
    assert any("items.csv" in one.needs for one in found.lacks)
    assert found.quality is not None


def test_items_that_the_register_does_not_know_are_said(rated: Facts) -> None:
    cycle = CYCLE.model_copy(update={"items": ITEMS[:1]})
    warned = [one.sentence for one in run(rated, cycle=cycle).findings if one.kind == "warning"]
    assert any("9 items of the answers are not in items.csv" in one for one in warned)


def test_an_item_that_all_answer_alike_is_no_driver(tmp_path: Path) -> None:
    rows = [row | ({"value": 4.0} if row["item"] == "s_seats" else {}) for row in answers()]
    found = run(facts_of(tmp_path, answers=rows))
    assert need(found, "seats").derived is None
    assert need(found, "delay").derived is not None
    assert found.quality is not None
    assert "no variation" in found.quality.reliability.why


def test_the_criteria_can_all_be_met(said: Facts) -> None:
    document: dict[str, Any] = {
        "needs": [*TREE, *({"id": one, "name": one.title()} for one in NEEDS)],
        "rules": [*RULES, {"need": "dirty", "phrases": ["charging", "comment"]}],
        "assumptions": [{"need": "delay", "stated_on": "2025-01-01"}],
        "unknown_limit": 0.2,
    }
    found = run(said, **document)
    unmet = [one.id for one in criteria(found, Step3Decisions.model_validate(document)) if not one.met]
    # Interviews of so few needs have no upper bound: that few are unheard is not shown.
    assert unmet == ["reliable", "unheard_known", "unheard"]
    accepted = document | {"accepted_unheard": {"up_to": 1.0, "why": "more interviews follow in spring"}}
    unmet = [one.id for one in criteria(found, Step3Decisions.model_validate(accepted)) if not one.met]
    assert unmet == ["reliable", "unheard_known"]


def _meter(most: float | None) -> UnknownNeeds:
    share = {"value": 1.0, "why": "no bound"} if most is None else {"value": most}
    return UnknownNeeds.model_validate(
        {
            "unit": "interviews",
            "units": 32,
            "heard": 42,
            "heard_once": 4,
            "heard_twice": 3,
            "least_total": {"value": 43.5},
            "unheard_at_least": {"value": 0.036},
            "unheard": {"value": 0.08},
            "unheard_at_most": share,
            "new_in_next": {"value": 0.1},
            "coverage": "",
            "limit": 0.1,
            "more_units": {"value": 0, "high": 1116},
        }
    )


@pytest.mark.parametrize(
    ("most", "up_to", "known", "met", "reason"),
    [
        (0.08, None, True, True, "at most 8.0\u202f% are unheard"),
        (0.386, None, True, False, "not shown: at most 38.6\u202f% are unheard"),
        (0.386, 0.3, True, False, "not shown: at most 38.6\u202f% are unheard"),
        (0.386, 0.4, True, True, "not shown: at most 38.6\u202f% are unheard; up to 40\u202f% accepted: enough"),
        (None, 0.4, False, False, "not shown: no upper bound"),
        (None, 1.0, False, True, "not shown: no upper bound; up to 100\u202f% accepted: enough"),
    ],
)
def test_the_upper_bound_decides_how_much_is_unheard(
    most: float | None, up_to: float | None, known: bool, met: bool, reason: str
) -> None:
    accepted = {} if up_to is None else {"accepted_unheard": {"up_to": up_to, "why": "enough"}}
    found = NeedsDeliverable(unknown=(_meter(most),))
    by_id = {one.id: one for one in criteria(found, Step3Decisions.model_validate(accepted))}
    assert (by_id["unheard_known"].met, by_id["unheard"].met) == (known, met)
    assert by_id["unheard"].reason == reason


@pytest.mark.parametrize(
    ("low", "met", "reason"),
    [(0.71, True, "alpha 0.75 (0.71 to 0.80)"), (0.66, False, "not shown: alpha 0.75 (0.66 to 0.80)")],
)
def test_alpha_counts_by_its_interval(low: float, met: bool, reason: str) -> None:
    alpha = Estimate(value=0.75, low=low, high=0.80, confidence=0.95)
    found = NeedsDeliverable(quality=SurveyQuality(reliability=alpha))
    one = next(one for one in criteria(found, Step3Decisions()) if one.id == "reliable")
    assert (one.met, one.reason) == (met, reason)


def test_importance_that_chance_could_give_is_not_told(tmp_path: Path) -> None:
    """Overall answers drawn apart from all ratings, so that nothing goes with them but by chance."""
    noise = np.random.default_rng(3).normal(4, 1, PEOPLE)
    rows = answers()
    people = iter(noise)
    rows = [row | ({"value": float(next(people))} if row["item"] == "overall" else {}) for row in rows]
    found = run(facts_of(tmp_path, answers=rows))
    assert all(one.derived is None for one in found.needs)
    assert any(one.kind == "not_shown" and "no more than chance gives" in one.sentence for one in found.findings)
    assert not any(one.sentence.startswith("What goes most") for one in found.findings)


def test_the_question_is_named_that_was_asked(tmp_path: Path) -> None:
    asked = Item(id="overall", text="Would you recommend us?", kind="recommend", scale_max=7)
    cycle = CYCLE.model_copy(update={"items": (*ITEMS[:-1], asked)})
    found = run(facts_of(tmp_path, answers=answers()), cycle=cycle)
    (sentence,) = [one.sentence for one in found.findings if one.sentence.startswith("What goes most")]
    assert "how likely customers are to recommend us (“Would you recommend us?”) is “Delay”" in sentence


def test_needs_stand_right_under_what_they_are_part_of(rated: Facts) -> None:
    names = [("a", None), ("b", None), ("a1", "a"), ("b1", "b"), ("a11", "a1"), ("a2", "a")]
    tree = [{"id": one, "name": one, "parent": parent} for one, parent in names]
    shown = section(run(rated, needs=tree), Step3Decisions())
    table = next(
        one for one in shown.blocks if isinstance(one, Table) and one.caption.startswith("Needs as a tree")
    )
    deep = [row[0].replace("\u2003", ">") for row in table.rows]
    assert deep[:6] == ["a", ">a1", ">>a11", ">a2", "b", ">b1"]


def test_no_table_of_waves_or_classes_is_wider_than_a_sheet(tmp_path: Path) -> None:
    waves = [f"w{at}" for at in range(6)]
    rows = [
        row | {"respondent_id": f"{wave}-{row['respondent_id']}"}
        for at, wave in enumerate(waves)
        for row in answers(wave=wave, day=f"2025-0{at + 1}-01")
    ]
    shown = section(run(facts_of(tmp_path, answers=rows)), Step3Decisions())
    tables = [
        one for one in shown.blocks if isinstance(one, Table) and one.caption.startswith("Satisfaction by wave")
    ]
    assert [name for one in tables for name, _ in one.columns[1:]] == waves
    assert max(len(one.columns) for one in tables) <= 5


def test_equal_inputs_give_equal_bytes(said: Facts) -> None:
    one, two = (run(said, needs=TREE, rules=RULES).model_dump_json() for _ in range(2))
    assert one == two
