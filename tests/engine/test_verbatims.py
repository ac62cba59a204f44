"""Queries on verbatims."""

from datetime import date
from pathlib import Path

from builders.facts import facts_of
from nonagon.deliverables.step1 import Condition, CustomerClass
from nonagon.engine import verbatims

PEOPLE = [
    {"customer_id": "a", "region": "north"},
    {"customer_id": "b", "region": "south"},
    {"customer_id": "silent", "region": "north"},
]
ROWS = [
    {"verbatim_id": "v3", "text": "late again", "customer_id": "a", "date": "2025-03-01", "language": "en"},
    {"verbatim_id": "v1", "text": "متأخر", "customer_id": "b", "date": "2025-02-01", "subject": "us"},
    {"verbatim_id": "v2", "text": "their seats are better", "customer_id": "a", "subject": "rival"},
    {"verbatim_id": "v4", "text": "no name", "date": "2025-01-15"},
]


def test_texts_about_us_by_their_id(tmp_path: Path) -> None:
    found = verbatims.texts(facts_of(tmp_path, verbatims=ROWS))
    assert found["verbatim_id"].tolist() == ["v1", "v3", "v4"]
    assert found["text"].tolist() == ["متأخر", "late again", "no name"]
    assert found["customer_id"].tolist() == ["b", "a", None]
    assert found["language"].tolist() == [None, "en", None]


def test_first_day(tmp_path: Path) -> None:
    assert verbatims.first_day(facts_of(tmp_path, verbatims=ROWS)) == date(2025, 1, 15)
    undated = [{"verbatim_id": "v", "text": "late"}]
    assert verbatims.first_day(facts_of(tmp_path, verbatims=undated)) is None


def test_speakers_by_class(tmp_path: Path) -> None:
    north = CustomerClass(id="north", name="North", rule=(Condition(field="region", one_of=("north",)),))
    everybody = CustomerClass(id="everybody", name="Everybody")
    facts = facts_of(tmp_path, customers=PEOPLE, verbatims=ROWS)
    found = verbatims.speakers(facts, (north, everybody))
    pairs = list(zip(found["class_id"], found["customer_id"], strict=True))
    assert pairs == [("everybody", "a"), ("everybody", "b"), ("north", "a")]


def test_tables_without_the_optional_columns(tmp_path: Path) -> None:
    optional = ("respondent_id", "customer_id", "wave", "date", "channel", "subject", "language")
    facts = facts_of(
        tmp_path, without=optional, verbatims=[{"verbatim_id": "v", "text": "late"}], customers=PEOPLE
    )
    found = verbatims.texts(facts)
    assert list(found) == ["verbatim_id", "text", *optional]
    assert [found[name].tolist() for name in optional] == [[None]] * len(optional)
    assert verbatims.first_day(facts) is None
    assert len(verbatims.speakers(facts, (CustomerClass(id="all", name="All"),))["class_id"]) == 0


def test_lists_of_ids_do_not_stay_with_the_connection(tmp_path: Path) -> None:
    """Pages keep facts open for hours: what a query carries with it must go when it is answered."""
    facts = facts_of(tmp_path, verbatims=ROWS)
    for _time in range(3):
        found, count = verbatims.page(facts, only=["v1", "v3", "v9"], without=["v3"])
        assert (found["verbatim_id"].tolist(), count) == (["v1"], 1)
    held = facts._open()._connection.con.sql("SELECT table_name FROM information_schema.tables").fetchall()
    assert held == [("verbatims",)]
