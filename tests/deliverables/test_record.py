"""What the parts of an analysis write into while they work."""

from pathlib import Path

from builders.facts import facts_of
from nonagon.deliverables.cycle import Cycle, Item
from nonagon.deliverables.evidence import Deliverable, Estimate, Finding, Lack, Origin
from nonagon.deliverables.record import DECISION, Record, data_behind

CYCLE = Cycle(
    name="c",
    organization="o",
    items=(
        Item(id="q1", text="On time", need="punctual"),
        Item(id="e1", text="On time, expected", kind="expectation", need="punctual"),
        Item(id="q2", text="Seats", need="comfort"),
    ),
)
EARLIER = Deliverable(
    step=3, origins={"scores": Origin(data=("answers@1",), method="nonagon.methods.survey.mean")}
)


def test_a_record_keeps_what_was_said(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, answers=[{"respondent_id": "r", "item": "q1", "value": 1.0}])
    record = Record(facts, CYCLE)
    key = record.origin(
        "k", ("answers", "sales"), "nonagon.methods.x", rows="ours", variant="v", assumptions=("a",)
    )
    record.say("shown", "It fell.", origin=key, headline=2)
    record.lack("No sales.", "a source for sales")
    assert record.origins == {
        "k": Origin(
            data=("answers@test", "sales (none)"),
            filter="ours",
            method="nonagon.methods.x",
            variant="v",
            assumptions=("a",),
        )
    }
    assert record.findings == [Finding(kind="shown", sentence="It fell.", headline=2, origin="k")]
    assert record.lacks == [Lack(what="No sales.", needs="a source for sales")]


def test_an_earlier_number_keeps_its_origin(tmp_path: Path) -> None:
    record = Record(facts_of(tmp_path), CYCLE)
    assert record.carried(Estimate(value=4.0, origin="scores"), EARLIER) == Estimate(
        value=4.0, origin="step3.scores"
    )
    assert record.origins == {"step3.scores": EARLIER.origins["scores"]}
    nameless = Estimate(value=4.0, origin="not there")
    assert record.carried(nameless, EARLIER) == nameless
    assert record.carried(None, EARLIER) is None


def test_a_method_without_tables_rests_on_what_the_earlier_numbers_rest_on(tmp_path: Path) -> None:
    record = Record(facts_of(tmp_path), CYCLE, data=("answers@1",), rows="ours")
    record.origin("rank", (), "nonagon.methods.ranks.rank_confidence")
    record.origin("part", (), "nonagon.methods.ranks.spread", rows="two needs")
    assert (record.origins["rank"].data, record.origins["rank"].filter) == (("answers@1",), "ours")
    assert (record.origins["part"].data, record.origins["part"].filter) == (("answers@1",), "two needs")


def test_what_people_decided_rests_on_no_data(tmp_path: Path) -> None:
    record = Record(facts_of(tmp_path), CYCLE, data=("answers@1",), rows="ours")
    assert record.decided("effort", "decisions/opportunities.csv: effort") == "effort"
    assert record.origins["effort"] == Origin(method=DECISION, filter="decisions/opportunities.csv: effort")


def test_data_behind_earlier_numbers() -> None:
    estimates = [Estimate(value=1, origin="scores"), None, Estimate(value=2, origin="scores"), Estimate(value=3)]
    assert data_behind(EARLIER, estimates) == ("answers@1",)
    assert data_behind(None, estimates) == ()


def test_items_by_kind_and_need() -> None:
    assert [one.id for one in CYCLE.items_of("satisfaction")] == ["q1", "q2"]
    expected = CYCLE.item_of_need("punctual", "expectation")
    assert expected is not None
    assert expected.id == "e1"
    assert CYCLE.item_of_need("quiet") is None
