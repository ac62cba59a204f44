"""Sums of a table out of those of its files: the same numbers, and after an append only the new file is read."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
import pytest

from builders import queries
from builders.same import assert_same
from nonagon.engine import answers, by_file, measurements
from nonagon.engine.backend import DUCKDB
from nonagon.engine.facts import Facts, FactTable

if TYPE_CHECKING:
    import ibis.expr.types as ir

TABLES = ("customers", "answers", "verbatims", "sales", "measurements")


@pytest.fixture(autouse=True)
def _every_table_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_file, "LARGE", 1)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tables of the queries, each as one file."""
    folder = tmp_path_factory.mktemp("whole")
    queries.write(folder)
    return folder


@pytest.fixture(scope="module")
def parts(whole: Path) -> Path:
    """The same tables, each as three files, in the order of their rows."""
    folder = whole / "parts"
    folder.mkdir()
    for name in TABLES:
        table = pq.read_table(whole / f"{name}.parquet")
        third = -(-table.num_rows // 3)
        for part in range(3):
            pq.write_table(table.slice(part * third, third), folder / f"{name}-{part}.parquet")
    return folder


def _opened(parts: Path, sums: Path | None = None, count: int = 3) -> Facts:
    tables = {}
    for name in TABLES:
        files = tuple(str(parts / f"{name}-{part}.parquet") for part in range(count))
        attributes = ("age", "region", "size") if name == "customers" else ()
        tables[name] = FactTable(
            files, f"{name}@test", len(queries.rows()[name]), attributes, sums / name if sums else None
        )
    return Facts(tables)


@pytest.fixture(scope="module")
def one_by_one(parts: Path) -> Facts:
    return _opened(parts)


@pytest.fixture(scope="module")
def at_once(whole: Path) -> Facts:
    return queries.reopened(whole, engine=DUCKDB)


@pytest.mark.parametrize("name", queries.QUERIES)
def test_every_query_says_the_same_file_by_file(
    name: str, one_by_one: Facts, at_once: Facts, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = queries.QUERIES[name](one_by_one)
    monkeypatch.setattr(by_file, "LARGE", 10**9)
    assert_same(found, queries.QUERIES[name](at_once), within=1e-12)


# --- what is read again ---------------------------------------------------------------------------------


def _read_from(facts: Facts, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that are asked from now on."""
    backend = facts.opened()
    asked: list[str] = []
    run = backend.run_on_each

    def listened(expression: "ir.Table", name: str, uris: Sequence[str]) -> list[Any]:
        asked.extend(Path(uri).name for uri in uris)
        return run(expression, name, uris)

    monkeypatch.setattr(backend, "run_on_each", listened)
    return asked


def test_after_an_append_only_the_new_file_is_read(
    parts: Path, at_once: Facts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sums = tmp_path / "sums"
    answers.moments(_opened(parts, sums, count=2), by=("item", "wave"))
    appended = _opened(parts, sums)
    asked = _read_from(appended, monkeypatch)
    found = answers.moments(appended, by=("item", "wave"))
    assert asked == ["answers-2.parquet"]
    monkeypatch.setattr(by_file, "LARGE", 10**9)
    assert_same(found, answers.moments(at_once, by=("item", "wave")), within=1e-12)


def test_the_same_files_give_the_same_bytes_whether_appended_or_read_at_once(parts: Path, tmp_path: Path) -> None:
    sums = tmp_path / "sums"
    answers.moments(_opened(parts, sums, count=1))
    appended, afresh = answers.moments(_opened(parts, sums)), answers.moments(_opened(parts))
    assert {name: column.tolist() for name, column in appended.items()} == {
        name: column.tolist() for name, column in afresh.items()
    }


def test_another_question_is_not_answered_with_what_is_kept(
    parts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = _opened(parts, tmp_path / "sums")
    every = answers.value_counts(facts)
    asked = _read_from(facts, monkeypatch)
    some = answers.value_counts(facts, items=queries.ITEMS[:1])
    assert len(asked) == 3
    assert set(some["item"]) == {queries.ITEMS[0]} < set(every["item"])


@pytest.mark.parametrize("damage", [b"", b"torn apart"])
def test_a_damaged_entry_is_asked_again(
    parts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: bytes
) -> None:
    sums = tmp_path / "sums"
    before = measurements.characteristics(_opened(parts, sums))
    entries = sorted(sums.rglob("*.sums"))
    entries[0].write_bytes(entries[0].read_bytes()[:-1] + damage)
    facts = _opened(parts, sums)
    asked = _read_from(facts, monkeypatch)
    assert_same(measurements.characteristics(facts), before, within=0)
    assert asked == ["measurements-0.parquet"]


def test_where_nothing_can_be_kept_the_numbers_are_the_same(parts: Path, tmp_path: Path) -> None:
    (tmp_path / "sums").write_text("a file where the folder would be", encoding="utf-8")
    found = answers.moments(_opened(parts, tmp_path / "sums"))
    assert_same(found, answers.moments(_opened(parts)), within=0)


def test_old_answers_go_when_there_are_too_many(
    parts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(by_file, "MOST_KEPT", 2)
    facts = _opened(parts, tmp_path)
    for item in queries.ITEMS[:3]:
        answers.value_counts(facts, items=[item])
    assert {len(list(folder.iterdir())) for folder in (tmp_path / "answers").iterdir()} == {2}


# --- which questions merge ------------------------------------------------------------------------------


def test_what_does_not_add_up_is_asked_of_the_whole(parts: Path) -> None:
    facts = _opened(parts)
    table = facts.table("answers")
    by_item = table.group_by("item")
    sums = by_item.aggregate(n=table.count(), total=table.value.sum(), least=table.value.min())
    assert by_file.merging_of(sums) == by_file.Merging(
        "answers", ("item",), {"n": "sum", "total": "sum", "least": "min"}
    )
    within = by_item.aggregate(n=table.count()).group_by("n").aggregate(items=lambda one: one.count())
    others = facts.table("customers")
    for question in (
        by_item.aggregate(persons=table.respondent_id.nunique()),
        by_item.aggregate(mean=table.value.mean()),
        by_item.aggregate(twice=table.value.sum() * 2),
        table.semi_join(others, "customer_id").group_by("item").aggregate(n=lambda one: one.count()),
        table.mutate(place=table.value.rank()).group_by("item").aggregate(top=lambda one: one.place.max()),
        table.limit(5).group_by("item").aggregate(n=lambda one: one.count()),
        within,
        table,
    ):
        assert by_file.merging_of(question) is None


def test_a_group_of_blanks_and_a_sum_of_nothing_stay_blank(parts: Path) -> None:
    facts = _opened(parts)
    table = facts.table("measurements")
    found = facts.collect(
        table.group_by("subgroup").aggregate(n=table.count(), size=table["size"].sum()), order=["subgroup"]
    )
    whole = pq.read_table([str(parts / f"measurements-{part}.parquet") for part in range(3)]).to_pylist()
    blanks = [row for row in whole if row["subgroup"] is None]
    assert (found["subgroup"][-1], found["n"][-1]) == (None, len(blanks))
    without_size = {
        name
        for name in {row["subgroup"] for row in whole}
        if all(row["size"] is None for row in whole if row["subgroup"] == name)
    }
    assert without_size
    assert {
        name for name, size in zip(found["subgroup"], found["size"], strict=True) if math.isnan(size)
    } == without_size


# --- questions asked again ------------------------------------------------------------------------------


def test_the_same_question_is_asked_once(parts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = _opened(parts)
    first = answers.waves(facts)
    monkeypatch.setattr(facts.opened(), "run", None)  # whoever asks now fails
    again = answers.waves(facts)
    assert all(again[name] is first[name] for name in first)
    assert again is not first, "who adds a column adds it to a dict of its own"
    with pytest.raises(ValueError, match="read-only"):
        again["answers"][0] = 1
