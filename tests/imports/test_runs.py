"""Files that come one after another: what has not changed is not read again, and all is as if read at once."""

import random
from collections.abc import Sequence
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable

from nonagon.basics.errors import InputError
from nonagon.facts.store import TableVersion
from nonagon.imports import runs
from nonagon.imports.load import Imported, load_facts
from nonagon.imports.mapping import Source

Sources = dict[str, dict[str, object]]
TILL: dict[str, object] = {
    "table": "sales",
    "files": "wave*.csv",
    "columns": {"sale_id": "id", "date": {"constant": "2025-03-01"}, "amount": "value"},
}
REGISTER: dict[str, object] = {"table": "customers", "files": "wave*.csv", "columns": {"customer_id": "id"}}
SAID: dict[str, object] = {
    "table": "verbatims",
    "files": "wave*.csv",
    "columns": {"verbatim_id": "id", "text": "value"},
}
TABLES: dict[str, Sources] = {
    "without a key": {"till": TILL},
    "with a key": {"till": {**TILL, "unique": "sale_id"}},
    "customers of two sources": {"register": REGISTER, "again": {**REGISTER, "files": "wave-1.csv"}},
    "names that repeat": {"said": SAID, "once": {**SAID, "unique": "verbatim_id"}},
    "two sources": {"first": {**TILL, "unique": "sale_id"}, "till": TILL},
}
WAVES = {
    "wave-1.csv": "id,value\n1,5\n2,ten\n3,7\n",  # a refused cell
    "wave-2.csv": "id,value\n4,5\n5,6\n6,7\n7,8\n8,9\n",  # a run by itself
    "wave-3.csv": "id,value\n9,5\n9,6\n10\n",  # a key twice, and a damaged record
    "wave-4.csv": "id,value\n11,5\n12,6\n",
    "wave-5.csv": "id,value\n4,50\n13,1\n14,1\n",  # a key of wave 2 again
    "wave-6.csv": "id,value\n,1\n",  # no fact at all
}


@pytest.fixture(autouse=True)
def short_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs that end at four rows, so that small files make several."""
    monkeypatch.setattr(runs, "ROWS_A_RUN", 4)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


def put(data: Path, names: Sequence[str]) -> None:
    """Leaves these waves in the folder, and nothing else."""
    for path in data.iterdir():
        path.unlink()
    for name in names:
        (data / name).write_text(WAVES[name], encoding="utf-8")


def load(data: Path, sources: Sources, out: str = "out", told: list[str] | None = None) -> Imported:
    models = {name: Source.model_validate(source) for name, source in sources.items()}
    said: list[str] = [] if told is None else told
    return load_facts(models, data, data.parent / out, said.append)


def version_of(result: Imported) -> TableVersion:
    (version,) = result.versions.values()
    return version


def assert_same(one: Imported, other: Imported) -> None:
    """Equal in names, in bytes and in books."""
    left, right = version_of(one), version_of(other)
    assert left.files == right.files
    assert (left.label, left.rows, left.runs) == (right.label, right.rows, right.runs)
    for name in left.files:
        assert (one.store.folder / name).read_bytes() == (other.store.folder / name).read_bytes(), name
    assert one.rejects.read_bytes() == other.rejects.read_bytes()
    assert (one.tallies, one.notices, one.kinds) == (other.tallies, other.notices, other.kinds)


def assert_delta_agrees(result: Imported) -> None:
    manifest = result.store.manifest()
    for version in (*manifest.tables.values(), *manifest.earlier):
        table = DeltaTable(str(result.store.folder / version.table), version=version.delta_version)
        names = [f"{version.table}/{Path(uri).name}" for uri in table.file_uris()]
        assert sorted(names) == sorted(version.files)
        assert table.to_pyarrow_table().num_rows == version.rows


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("seed", range(3))
def test_files_in_any_order_of_arrival_give_what_a_whole_import_gives(data: Path, name: str, seed: int) -> None:
    chance = random.Random(seed)
    there: list[str] = ["wave-1.csv"]  # which one of the sources names
    for step in range(8):
        if step:
            wave = chance.choice(list(WAVES)[1:])
            there = [one for one in there if one != wave] if wave in there else sorted([*there, wave])
        put(data, there)
        bit_by_bit = load(data, TABLES[name])
        assert_same(bit_by_bit, load(data, TABLES[name], out=f"whole-{step}"))
        assert_delta_agrees(bit_by_bit)


def test_a_new_wave_is_read_and_the_others_are_left_alone(data: Path) -> None:
    put(data, ["wave-1.csv", "wave-2.csv", "wave-4.csv"])
    before = load(data, TABLES["without a key"])
    # wave 1 has 2 facts and wave 2 has 5: one run, full; wave 4 is alone in the last one and joined by wave 6
    assert [run.inputs for run in version_of(before).runs] == [("wave-1.csv", "wave-2.csv"), ("wave-4.csv",)]
    first = before.store.folder / version_of(before).files[0]
    stood_at = first.stat()
    put(data, ["wave-1.csv", "wave-2.csv", "wave-4.csv", "wave-6.csv"])
    told: list[str] = []
    after = load(data, TABLES["without a key"], told=told)
    assert [text for text in told if text.startswith("reading")] == ["reading wave-4.csv", "reading wave-6.csv"]
    assert version_of(after).files[0] == version_of(before).files[0]
    assert (first.stat().st_ino, first.stat().st_mtime_ns) == (stood_at.st_ino, stood_at.st_mtime_ns)
    assert after.kinds["refused"] == 2  # "ten" of wave 1, which was not read again, and the blank id of wave 6


def test_a_wave_between_others_leaves_the_later_ones_alone(data: Path) -> None:
    put(data, ["wave-2.csv", "wave-5.csv"])
    load(data, TABLES["without a key"])
    put(data, ["wave-1.csv", "wave-2.csv", "wave-5.csv"])
    told: list[str] = []
    load(data, TABLES["without a key"], told=told)
    # wave 1 and wave 2 make a run together; the run of wave 5 is the last, as it was
    assert [text for text in told if text.startswith("reading")] == ["reading wave-1.csv", "reading wave-2.csv"]


def test_a_wave_that_replaces_kept_rows_has_the_table_read_whole(data: Path) -> None:
    put(data, ["wave-2.csv"])
    load(data, TABLES["with a key"])
    put(data, ["wave-2.csv", "wave-5.csv"])
    result = load(data, TABLES["with a key"])
    (row,) = pl.read_csv(result.rejects).rows(named=True)
    assert (row["file"], row["line"], row["kind"], row["value"]) == ("wave-2.csv", 2, "replaced", 4)
    assert [run.inputs for run in version_of(result).runs] == [("wave-5.csv",)]
    put(data, ["wave-2.csv"])
    assert load(data, TABLES["with a key"]).kinds["replaced"] == 0


def test_a_changed_mapping_or_a_changed_file_is_read_again(data: Path) -> None:
    put(data, ["wave-2.csv", "wave-4.csv"])
    load(data, TABLES["without a key"])
    told: list[str] = []
    load(data, {"till": {**TILL, "values": {"amount": {"upper": 8}}}}, told=told)
    (data / "wave-4.csv").write_text("id,value\n11,6\n12,6\n", encoding="utf-8")
    load(data, {"till": {**TILL, "values": {"amount": {"upper": 8}}}}, told=told)
    read = [text for text in told if text.startswith("reading")]
    assert read == ["reading wave-2.csv", "reading wave-4.csv", "reading wave-4.csv"]


def test_a_column_that_mostly_cannot_be_read_is_said_as_if_nothing_was_kept(data: Path) -> None:
    (data / "wave-1.csv").write_text("id,value\n1,one\n2,two\n3,three\n4,4\n5,5\n6,6\n7,7\n", encoding="utf-8")
    (data / "wave-2.csv").write_text("id,value\n8,eight\n", encoding="utf-8")
    load(data, {"till": {**TILL, "files": "wave-1.csv"}})
    (data / "wave-2.csv").write_text("id,value\n8,eight\n9,nine\n", encoding="utf-8")
    with pytest.raises(InputError) as bit_by_bit:
        load(data, TABLES["without a key"])
    with pytest.raises(InputError) as whole:
        load(data, TABLES["without a key"], out="whole")
    assert "5 of 9 cells" in str(whole.value.mistakes[0])  # three words of wave 1 and two of wave 2; four numbers
    assert bit_by_bit.value.mistakes == whole.value.mistakes


def test_a_run_stopped_before_it_is_published_is_as_if_it_never_was(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(data, ["wave-2.csv"])
    load(data, TABLES["without a key"])

    def refuse(*_: object) -> None:
        raise KeyboardInterrupt

    put(data, ["wave-2.csv", "wave-4.csv"])
    with monkeypatch.context() as patch:
        patch.setattr("nonagon.facts.store.FactStore.publish", refuse)
        with pytest.raises(KeyboardInterrupt):
            load(data, TABLES["without a key"])
    put(data, ["wave-2.csv", "wave-4.csv", "wave-5.csv"])
    result = load(data, TABLES["without a key"])
    assert_same(result, load(data, TABLES["without a key"], out="whole"))
    assert_delta_agrees(result)
