"""A source tried on its first records: the same as the import would take, and nothing stored."""

from pathlib import Path

from nonagon.imports.load import load_facts
from nonagon.imports.mapping import Source
from nonagon.imports.trial import as_it_is, trial

SALES = {"table": "sales", "files": "*.csv", "columns": {"sale_id": "No", "date": "Day", "amount": "Sum"}}


def write(folder: Path, name: str, rows: int, bad: int = 0) -> None:
    lines = [f"{n},2025-01-{1 + n % 28:02d},{n}.5" for n in range(rows)]
    lines[rows - bad :] = [f"{n},2025-01-01,much" for n in range(bad)]
    (folder / name).write_text("No,Day,Sum\n" + "".join(f"{line}\n" for line in lines))


def test_all_records_give_what_the_import_gives(tmp_path: Path) -> None:
    write(tmp_path, "a.csv", 50, bad=3)
    write(tmp_path, "b.csv", 20)
    source = Source.model_validate(SALES)
    tried = trial("shop", source, tmp_path)
    imported = load_facts({"shop": source}, tmp_path, tmp_path / "out")
    assert tried.whole
    assert (tried.records, tried.facts, tried.files) == (70, 67, 2)
    assert tried.facts == imported.store.rows("sales")
    assert dict(tried.kinds or {}) == {kind: count for kind, count in imported.kinds.items() if count}
    assert [(one.file, one.line, one.column, one.value) for one in tried.refused] == [
        ("a.csv", line, "Sum", "much") for line in (49, 50, 51)
    ]


def test_only_the_first_records_are_read(tmp_path: Path) -> None:
    write(tmp_path, "a.csv", 500, bad=400)
    tried = trial("shop", Source.model_validate(SALES), tmp_path, records=120)
    assert (tried.records, tried.with_facts, tried.whole) == (120, 100, False)
    assert dict(tried.kinds or {}) == {"refused": 20}
    assert not (tmp_path / "out").exists()


def test_rows_are_shown_as_they_are_and_as_they_would_be_taken(tmp_path: Path) -> None:
    write(tmp_path, "a.csv", 30)
    source = Source.model_validate(SALES)
    raw = as_it_is(tmp_path / "a.csv", "a.csv", source, shown=2)
    assert (raw.columns, raw.lines) == (("No", "Day", "Sum"), (2, 3))
    assert raw.rows[0] == ("0", "2025-01-01", "0.5")
    taken = trial("shop", source, tmp_path, shown=2).taken
    assert taken is not None
    assert taken.columns == ("sale_id", "date", "amount")
    assert taken.rows == (("0", "2025-01-01", "0.5"), ("1", "2025-01-02", "1.5"))


def test_mistakes_stop_the_trial_and_are_all_named(tmp_path: Path) -> None:
    write(tmp_path, "a.csv", 5)
    wrong = {**SALES, "columns": {"sale_id": "Number", "date": "Day", "amount": "Summ"}}
    tried = trial("shop", Source.model_validate(wrong), tmp_path)
    assert {one.key for one in tried.mistakes} == {"data.shop.columns.sale_id", "data.shop.columns.amount"}
    assert tried.taken is None


def test_a_strict_source_is_taken_whole_or_not_at_all(tmp_path: Path) -> None:
    import pytest

    from nonagon.basics.errors import InputError
    from nonagon.facts.store import FactStore

    write(tmp_path, "a.csv", 30, bad=2)
    source = Source.model_validate(SALES)
    with pytest.raises(InputError) as caught:
        load_facts({"shop": source}, tmp_path, tmp_path / "out", strict={"shop"})
    assert [one.line for one in caught.value.mistakes] == [None, 30, 31]
    assert FactStore(tmp_path / "out" / "facts").tables() == ()
    # Another source's strictness does not matter to this one.
    assert load_facts({"shop": source}, tmp_path, tmp_path / "out", strict={"till"}).store.rows("sales") == 28
