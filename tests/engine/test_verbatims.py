"""Queries on verbatims."""

from datetime import date
from pathlib import Path

import pytest

from builders.facts import facts_of
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


def test_stretches_stay_in_one_file_and_keep_their_place_when_more_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verbatims, "_STRIPE", 10)

    def said(rows: int, file: str) -> list[dict[str, str]]:
        return [{"verbatim_id": f"{file}{at}", "text": "late", "file": file} for at in range(rows)]

    # Rows are numbered from 1 over both files: a has 1 to 45, b 46 to 57; stripes begin at 0, 10, 20, ...
    facts = facts_of(tmp_path, verbatims=[*said(45, "a"), *said(12, "b")])
    found = verbatims.stretches(facts, most=20)
    assert [(one.file, one.first, one.end, one.rows) for one in found] == [
        ("a", 0, 20, 19),
        ("a", 20, 40, 20),
        ("a", 40, 50, 6),
        ("b", 40, 60, 12),
    ]
    read = [columns["verbatim_id"].tolist() for columns in verbatims.blocks(facts, found)]
    assert [len(ids) for ids in read] == [one.rows for one in found]
    assert [one for ids in read for one in ids] == [f"a{at}" for at in range(45)] + [f"b{at}" for at in range(12)]
    later = tmp_path / "later"
    later.mkdir()
    grown = verbatims.stretches(facts_of(later, verbatims=[*said(45, "a"), *said(30, "b")]), most=20)
    assert grown[:3] == found[:3]


def test_blocks_name_records_and_only_those_about_us(tmp_path: Path) -> None:
    facts = facts_of(tmp_path, verbatims=ROWS)
    (columns,) = verbatims.blocks(facts, verbatims.stretches(facts))
    assert columns["verbatim_id"].tolist() == ["v3", "v1", "v4"], "in the order of arrival, v2 being about a rival"
    assert columns["customer_id"].tolist() == ["a", "b", None]


def test_tables_without_the_optional_columns(tmp_path: Path) -> None:
    optional = ("respondent_id", "customer_id", "wave", "date", "channel", "subject", "language")
    facts = facts_of(
        tmp_path, without=optional, verbatims=[{"verbatim_id": "v", "text": "late"}], customers=PEOPLE
    )
    found = verbatims.texts(facts)
    assert list(found) == ["verbatim_id", "text", *optional]
    assert [found[name].tolist() for name in optional] == [[None]] * len(optional)
    assert verbatims.first_day(facts) is None
    (columns,) = verbatims.blocks(facts, verbatims.stretches(facts))
    assert columns["customer_id"].tolist() == [None]


def test_lists_of_ids_do_not_stay_with_the_connection(tmp_path: Path) -> None:
    """Pages keep facts open for hours: what a query carries with it must go when it is answered."""
    facts = facts_of(tmp_path, verbatims=ROWS)
    for _time in range(3):
        found, count = verbatims.page(facts, only=["v1", "v3", "v9"], without=["v3"])
        assert (found["verbatim_id"].tolist(), count) == (["v1"], 1)
    held = facts._open()._connection.con.sql("SELECT table_name FROM information_schema.tables").fetchall()
    assert held == [("verbatims",)]
