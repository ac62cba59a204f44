"""The store by itself: what is published stays readable, and what is not published is nothing."""

import json
from pathlib import Path

import polars as pl
import pytest
from deltalake import DeltaTable

from nonagon.basics.errors import InputError
from nonagon.facts.files import replace_file, replace_text
from nonagon.facts.store import FactStore, TableVersion

TYPES: dict[str, pl.DataType] = {"sale_id": pl.String(), "amount": pl.Float64(), "row": pl.Int64()}


def frame(*rows: tuple[str, float, int]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=TYPES, orient="row")


def publish(store: FactStore, fingerprint: str, *frames: pl.DataFrame) -> TableVersion:
    with store.writing():
        delta, files, rows = store.write_table("sales", fingerprint, iter(frames), TYPES)
        version = TableVersion("sales", fingerprint, delta, files, rows, attributes=("shop",))
        store.publish({"sales": version})
    return version


def test_a_new_store_is_empty(tmp_path: Path) -> None:
    store = FactStore(tmp_path / "facts")
    assert (store.tables(), store.uris("sales"), store.label("sales"), store.rows("sales")) == ((), (), None, 0)
    assert not (tmp_path / "facts").exists()


def test_what_is_published_can_be_read(tmp_path: Path) -> None:
    store = FactStore(tmp_path / "facts")
    publish(store, "a" * 64, frame(("1", 2.5, 1)), frame(("2", -1.0, 2)))
    assert store.tables() == ("sales",)
    assert store.label("sales") == "sales@aaaaaaaaaaaa"
    assert store.labels() == {"sales": "sales@aaaaaaaaaaaa"}
    assert (store.rows("sales"), store.attributes("sales")) == (2, ("shop",))
    (uri,) = store.uris("sales")
    assert Path(uri).is_absolute()
    assert pl.read_parquet(uri).rows() == [("1", 2.5, 1), ("2", -1.0, 2)]


def test_the_delta_table_says_the_same_as_the_manifest(tmp_path: Path) -> None:
    store = FactStore(tmp_path / "facts")
    publish(store, "a" * 64, frame(("1", 2.5, 1)))
    publish(store, "b" * 64, frame(("3", 1.0, 1), ("4", 2.0, 2)))
    for label, rows in (("sales@aaaaaaaaaaaa", 1), ("sales@bbbbbbbbbbbb", 2)):
        version = store.version("sales", label)
        assert version is not None
        table = DeltaTable(str(tmp_path / "facts" / "sales"), version=version.delta_version)
        assert [Path(uri).name for uri in table.file_uris()] == [
            Path(uri).name for uri in store.uris("sales", label)
        ]
        assert table.to_pyarrow_table().num_rows == rows == version.rows


def test_earlier_versions_are_kept_through_cleaning(tmp_path: Path) -> None:
    store = FactStore(tmp_path / "facts")
    publish(store, "a" * 64, frame(("1", 2.5, 1)))
    publish(store, "b" * 64, frame(("3", 1.0, 1)))
    publish(store, "c" * 64, frame(("5", 1.0, 1)))
    assert store.label("sales") == "sales@cccccccccccc"
    assert pl.read_parquet(store.uris("sales", "sales@aaaaaaaaaaaa")).rows() == [("1", 2.5, 1)]
    assert store.uris("sales", "sales@dddddddddddd") == ()


def test_what_was_written_and_not_published_is_removed(tmp_path: Path) -> None:
    store = FactStore(tmp_path / "facts")
    publish(store, "a" * 64, frame(("1", 2.5, 1)))
    with store.writing():
        store.write_table("sales", "b" * 64, iter([frame(("9", 9.0, 9))]), TYPES)
    assert store.label("sales") == "sales@aaaaaaaaaaaa"
    assert [path.name for path in (tmp_path / "facts" / "sales").glob("*.parquet")] == [
        Path(store.uris("sales")[0]).name
    ]
    publish(store, "c" * 64, frame(("7", 7.0, 7)))
    assert pl.read_parquet(store.uris("sales")).rows() == [("7", 7.0, 7)]


def test_a_table_without_rows_still_has_its_columns(tmp_path: Path) -> None:
    store = FactStore(tmp_path / "facts")
    publish(store, "a" * 64)
    (uri,) = store.uris("sales")
    assert pl.read_parquet(uri).schema == pl.Schema(TYPES)
    assert store.rows("sales") == 0


def test_a_large_table_has_several_files_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nonagon.facts.writer.ROWS_A_FILE", 2)
    monkeypatch.setattr("nonagon.facts.writer.ROWS_A_GROUP", 2)
    store = FactStore(tmp_path / "facts")
    publish(store, "a" * 64, *(frame((str(n), float(n), n)) for n in range(5)))
    uris = store.uris("sales")
    assert len(uris) == 3
    assert [row for uri in uris for row in pl.read_parquet(uri)["row"].to_list()] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("content", ["{", '{"format": 99}', '{"format": 1}', "[]"])
def test_a_damaged_manifest_is_said_to_be_damaged(tmp_path: Path, content: str) -> None:
    (tmp_path / "facts.json").write_text(content)
    with pytest.raises(InputError, match="is damaged"):
        FactStore(tmp_path).manifest()


def test_the_manifest_comes_back_unchanged(tmp_path: Path) -> None:
    store = FactStore(tmp_path)
    version = publish(store, "a" * 64, frame(("1", 2.5, 1)))
    assert store.manifest().tables == {"sales": version}
    assert json.loads((tmp_path / "facts.json").read_text())["tables"]["sales"]["label"] == version.label


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    replace_text(path, "old")

    def fails(temporary: Path) -> None:
        temporary.write_text("half")
        raise OSError("no space")

    with pytest.raises(OSError, match="no space"):
        replace_file(path, fails)
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.txt"]
    replace_text(path, "new")
    assert path.read_text() == "new"
