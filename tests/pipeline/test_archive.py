"""A cycle out as folder and zip, and in again: nothing lost, and nothing taken from a zip that should not be."""

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import pytest

from conftest import Finished
from nonagon.basics.errors import InputError
from nonagon.engine.facts import Facts
from nonagon.facts.store import FactStore
from nonagon.imports.mapping import Source
from nonagon.pipeline.archive import Limits, data_files, files_below, read_archive, write_archive, write_folder
from nonagon.pipeline.check import mistakes_in
from nonagon.pipeline.compute import compute
from nonagon.pipeline.folder import CycleFile, CycleFolder, read_folder
from nonagon.pipeline.run import result_files, run, run_record

EXAMPLES = Path(__file__).parents[2] / "examples"
HEAD = b'name = "n"\norganization = "o"\n'


@pytest.fixture(scope="module")
def cycle(small_cycle: Finished) -> CycleFolder:
    return read_folder(small_cycle.folder)


def written(cycle: CycleFolder, folder: Path, **more: Any) -> Path:
    files = data_files(cycle.sources, cycle.data_folder)
    return write_folder(folder, head=cycle.head, documents=cycle.documents, files=files, **more)


def said(error: "pytest.ExceptionInfo[InputError]") -> list[str]:
    return [one.message for one in error.value.mistakes]


# --- out as a folder


@pytest.mark.parametrize(("name", "data"), [("bus", "."), ("albany", "data"), ("toronto", "data")])
def test_an_example_reads_back_as_it_was(name: str, data: str, tmp_path: Path) -> None:
    """The sources of the bus name their files from the cycle folder on, as data/...; the others' lie in data/."""
    before = read_folder(EXAMPLES / name)
    after = read_folder(write_folder(tmp_path / "x", head=before.head, documents=before.documents, files={}))
    assert after.head == before.head.model_copy(update={"data_folder": data})
    assert (after.cycle, after.documents) == (before.cycle, before.documents)
    assert {one: fingerprinted(source) for one, source in after.sources.items()} == {
        one: fingerprinted(source) for one, source in before.sources.items()
    }
    assert list(after.sources) == list(before.sources)


def fingerprinted(source: Source) -> str:
    """What imports.load makes a version's fingerprint of: the keys that were set, in their order."""
    return json.dumps(source.model_dump(mode="json", by_alias=True, exclude_unset=True))


def test_the_order_of_columns_stays_where_some_are_tables(tmp_path: Path) -> None:
    columns = {
        "value": "Delay",
        "at": {"day": "Day", "time": {"join": ["Hour", {"constant": "00"}], "with": ":"}},
        "characteristic": ["Kind", "What"],
        "unit": {"from": "Line", "optional": True},
        "subgroup": {"lookup": "lines.csv", "key": "Line", "match": ["id"], "take": "Group"},
    }
    rules = {"value": {"cap": {"at": 999}, "lower": "2026-01-31", "upper": 5}, "at": {"date_order": "day-first"}}
    source = {"table": "measurements", "files": "*.csv", "columns": columns, "values": rules, "header_row": 1}
    head = CycleFile.model_validate({"name": "n", "organization": "o", "data": {"delays": source}})
    after = read_folder(write_folder(tmp_path / "x", head=head, documents={}, files={}))
    assert fingerprinted(after.sources["delays"]) == fingerprinted(head.data["delays"])
    assert list(after.sources["delays"].columns) == list(columns)


def test_the_small_cycle_with_its_data(cycle: CycleFolder, tmp_path: Path) -> None:
    folder = written(cycle, tmp_path / "x")
    assert mistakes_in(folder) == []
    after = read_folder(folder)
    assert after.documents == cycle.documents
    assert after.data_folder == folder
    names = {name for name in files_below(folder) if name.startswith("data/")}
    # the sources name their files from the cycle folder on
    assert names == {f"data/{name}.csv" for name in ("customers", "answers", "comments", "sales", "waiting")}


@pytest.mark.parametrize(
    ("patterns", "files", "place"),
    [
        (["data/a.csv"], ["data/a.csv"], "."),
        (["data/*.csv", "typed/cases.csv"], ["data/a.csv", "data/unread.csv", "typed/cases.csv"], "."),
        (["a.csv"], ["a.csv"], "data"),  # nothing stands in data/
        (["data/a.csv", "*/b.csv"], ["data/a.csv", "x/b.csv"], "data"),  # the pattern would meet decisions/b.csv
        (["data/a.csv", "items.csv"], ["data/a.csv", "items.csv"], "data"),  # the folder has its own items.csv
        (["data/a.csv"], ["data/a.csv", "unread.csv"], "data"),  # found again in the data folder alone
    ],
)
def test_files_that_stand_in_data_already_keep_their_place(
    patterns: list[str], files: list[str], place: str, tmp_path: Path
) -> None:
    given = {}
    for name in files:
        given[name] = tmp_path / "given" / name
        given[name].parent.mkdir(parents=True, exist_ok=True)
        given[name].write_text(name)
    data = {"one": {"table": "sales", "files": patterns}}
    head = CycleFile.model_validate({"name": "n", "organization": "o", "data_folder": "data", "data": data})
    folder = write_folder(tmp_path / "out", head=head, documents={}, files=given)
    after = read_folder(folder)
    assert after.head.data_folder == place
    assert after.sources == dict(head.data)
    assert {name: (after.data_folder / name).read_text() for name in files} == {name: name for name in files}
    assert set(data_files(after.sources, after.data_folder)) == set(data_files(head.data, tmp_path / "given"))


def test_data_files_are_those_that_sources_name_or_look_into(tmp_path: Path) -> None:
    for name in ("a1.csv", "a2.csv", "b.csv", "lines.csv", "stranger.csv"):
        (tmp_path / name).write_text("x\n")
    form = {"lookup": "lines.csv", "key": "x", "match": "id", "take": "group"}
    sources = {
        "a": Source.model_validate({"table": "sales", "files": ["a*.csv", "b.csv"], "columns": {"product": form}}),
        "c": Source.model_validate({"table": "sales", "files": "nothing-*.csv"}),
    }
    found = data_files(sources, tmp_path)
    assert found == {name: tmp_path / name for name in ("a1.csv", "a2.csv", "b.csv", "lines.csv")}
    assert data_files(sources, tmp_path / "nowhere") == {}


def test_only_a_new_or_an_empty_folder_is_filled(cycle: CycleFolder, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    written(cycle, tmp_path / "empty")
    before = files_below(tmp_path / "empty")
    with pytest.raises(InputError) as caught:
        written(cycle, tmp_path / "empty")
    assert said(caught) == ["holds something already; give a new or an empty folder"]
    assert files_below(tmp_path / "empty") == before
    with pytest.raises(InputError, match="holds something already"):
        written(cycle, before["cycle.toml"])


@pytest.mark.parametrize("name", ["../up.csv", "/etc/x", "a/../../b", "a\\b", "C:x", "", "a//b", "a/./b", "a\nb"])
def test_a_data_file_stays_inside(cycle: CycleFolder, tmp_path: Path, name: str) -> None:
    source = tmp_path / "source.csv"
    source.write_text("x\n")
    with pytest.raises(InputError):
        write_folder(tmp_path / "x", head=cycle.head, documents={}, files={name: source})
    assert list(tmp_path.iterdir()) == [source]


def test_a_file_that_is_not_there_leaves_nothing_behind(cycle: CycleFolder, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        write_folder(tmp_path / "x", head=cycle.head, documents={}, files={"a.csv": tmp_path / "a.csv"})
    assert said(caught) == ["cannot be copied: No such file or directory"]
    assert list(tmp_path.iterdir()) == []


# --- there and back


def test_zip_and_back(cycle: CycleFolder, tmp_path: Path) -> None:
    folder = written(cycle, tmp_path / "x")
    archive = write_archive(folder, tmp_path / "x.zip")
    after = read_archive(archive, tmp_path / "y")
    assert {name: file.read_bytes() for name, file in files_below(after).items()} == {
        name: file.read_bytes() for name, file in files_below(folder).items()
    }
    assert read_folder(after).documents == cycle.documents


def test_the_same_cycle_gives_the_same_bytes(cycle: CycleFolder, tmp_path: Path) -> None:
    import os

    first = write_archive(written(cycle, tmp_path / "x"), tmp_path / "x.zip")
    folder = written(cycle, tmp_path / "y")
    for file in files_below(folder).values():
        file.chmod(0o600)
        os.utime(file, (1, 1))
    assert write_archive(folder, tmp_path / "y.zip").read_bytes() == first.read_bytes()
    with ZipFile(first) as zipped:
        assert zipped.namelist() == sorted(files_below(folder), key=lambda name: name.split("/"))
        assert {info.date_time for info in zipped.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_an_archive_with_results_computes_nothing_when_it_is_run(
    small_cycle: Finished, cycle: CycleFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = files_below(small_cycle.folder / "out")
    folder = written(cycle, tmp_path / "x", results=results)
    plain = read_archive(write_archive(folder, tmp_path / "plain.zip"), tmp_path / "plain")
    assert not (plain / "out").exists()
    whole = read_archive(write_archive(folder, tmp_path / "whole.zip", with_results=True), tmp_path / "whole")
    assert files_below(whole / "out").keys() == results.keys()
    assert (whole / "out" / "facts" / "facts.json").is_file()

    monkeypatch.setattr("nonagon.reports.html.html_report", lambda *_: pytest.fail("drawn again"))
    done = run(whole)
    assert done.reused == tuple(range(1, 10))
    assert done.report.read_bytes() == results["report.html"].read_bytes()


def test_results_of_a_stored_cycle_in_an_archive_are_taken_over(
    small_cycle: Finished, cycle: CycleFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FactStore(small_cycle.folder / "out" / "facts")
    found = compute(
        cycle=cycle.cycle, documents=cycle.documents, facts=Facts.stored(store, our_subject=cycle.cycle.subject)
    )
    files = result_files(found, cycle.documents)
    results: dict[str, Path | bytes] = {
        **files,
        **{f"facts/{name}": file for name, file in files_below(store.folder).items()},
        "rejects.csv": small_cycle.folder / "out" / "rejects.csv",
        "run.json": run_record(cycle=cycle.cycle, store=store, found=found, files=files),
    }
    folder = written(cycle, tmp_path / "x", results=results)
    whole = read_archive(write_archive(folder, tmp_path / "x.zip", with_results=True), tmp_path / "y")
    monkeypatch.setattr("nonagon.reports.html.html_report", lambda *_: "a page")
    done = run(whole)
    assert done.reused == tuple(range(1, 10))
    assert done.report.read_text() == "a page", "there was none in the archive"
    for name, content in files.items():
        assert (whole / "out" / name).read_bytes() == content


def test_locks_and_work_in_progress_stay_out(cycle: CycleFolder, tmp_path: Path) -> None:
    folder = written(cycle, tmp_path / "x", results={"run.json": b"{}"})
    for name in (".hidden", "out/.run.lock", "out/.writing-x/new/a", "data/.git/config"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")
    with ZipFile(write_archive(folder, folder / "x.zip", with_results=True)) as zipped:
        names = zipped.namelist()
    assert "out/run.json" in names
    assert "x.zip" not in names
    assert not [name for name in names if "/." in f"/{name}"]
    assert list(folder.glob(".x.zip*")) == []


@pytest.mark.parametrize("target", ["/etc/hostname", "/etc"])
def test_links_are_not_followed(cycle: CycleFolder, tmp_path: Path, target: str) -> None:
    folder = written(cycle, tmp_path / "x")
    (folder / "data" / "link").symlink_to(target)
    with pytest.raises(InputError) as caught:
        write_archive(folder, tmp_path / "x.zip")
    assert said(caught) == ["is a link; put the file itself in its place, since an archive holds files only"]
    assert not (tmp_path / "x.zip").exists()


# --- in, from anybody


def make_zip(path: Path, members: dict[str, bytes], change: Callable[[ZipInfo], None] | None = None) -> Path:
    with ZipFile(path, "w", ZIP_DEFLATED) as zipped:
        for name, content in members.items():
            info = ZipInfo(name)
            info.compress_type = ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            if change and name != "cycle.toml":
                change(info)
            zipped.writestr(info, content)
    return path


def refused(archive: Path, into: Path, **more: Any) -> list[str]:
    """What is said, when nothing is left behind."""
    before = set(into.parent.rglob("*"))
    with pytest.raises(InputError) as caught:
        read_archive(archive, into, **more)
    assert set(into.parent.rglob("*")) == before
    return said(caught)


@pytest.mark.parametrize(
    "members",
    [
        {"cycle.toml": HEAD, "data/a.csv": b"x"},
        {"my cycle/cycle.toml": HEAD, "my cycle/data/a.csv": b"x"},
        {
            "c/": b"",
            "c/cycle.toml": HEAD,
            "c/data/a.csv": b"x",
            "c/.DS_Store": b"x",
            "__MACOSX/c/._cycle.toml": b"x",
        },
    ],
    ids=["at the top", "in one folder", "with what a system adds"],
)
def test_where_the_cycle_stands(tmp_path: Path, members: dict[str, bytes]) -> None:
    folder = read_archive(make_zip(tmp_path / "x.zip", members), tmp_path / "x")
    assert set(files_below(folder)) == {"cycle.toml", "data/a.csv"}
    assert read_folder(folder).cycle.name == "n"


@pytest.mark.parametrize(
    "name",
    [
        "../up.txt",
        "data/../../up.txt",
        "/etc/passwd",
        "data\\..\\..\\up.txt",
        "C:/up.txt",
        "..",
        "data/a\x01b",
        "./x",
        "data//x",
        "d/" + "x" * 256,
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    (message,) = refused(make_zip(tmp_path / "x.zip", {"cycle.toml": HEAD, name: b"x"}), tmp_path / "x")
    assert message.startswith(("leads out of", "is no proper name", "has a name of more than 255 bytes"))
    assert message.endswith("pack the cycle folder anew")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_devices_are_refused(tmp_path: Path, kind: int) -> None:
    def change(info: ZipInfo) -> None:
        info.create_system = 3
        info.external_attr = (kind | 0o777) << 16

    archive = make_zip(tmp_path / "x.zip", {"cycle.toml": HEAD, "data/a.csv": b"/etc/passwd"}, change)
    assert refused(archive, tmp_path / "x") == [
        "is a link, or another thing that is no file; pack the cycle folder anew"
    ]


def test_two_members_of_one_name_are_refused(tmp_path: Path) -> None:
    with ZipFile(tmp_path / "x.zip", "w") as zipped:
        zipped.writestr("cycle.toml", HEAD)
        with pytest.warns(UserWarning, match="Duplicate"):
            zipped.writestr("cycle.toml", b"other")
    assert refused(tmp_path / "x.zip", tmp_path / "x") == ["stands twice; pack the cycle folder anew"]


def test_a_file_in_the_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "x.zip", {"cycle.toml": HEAD, "data": b"x", "data/a.csv": b"x"})
    assert refused(archive, tmp_path / "x") == ["is a file and a folder; pack the cycle folder anew"]


def test_a_password_is_refused(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "x.zip", {"cycle.toml": HEAD})
    content = bytearray(archive.read_bytes())
    place = content.index(b"PK\x01\x02") + 8  # the flags of the member in the directory at the end
    content[place] |= 1
    archive.write_bytes(content)
    assert refused(archive, tmp_path / "x") == ["needs a password; pack the cycle folder anew"]


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "x.zip", {"cycle.toml": HEAD, "../a": b"", "/b": b"", "ok": b""})
    assert len(refused(archive, tmp_path / "x")) == 2


def test_limits(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "x.zip", {"cycle.toml": HEAD, "a": bytes(3 * 2**20), "b": b""})
    assert refused(archive, tmp_path / "x", limits=Limits(files=2)) == ["holds 3 files; at most 2 are taken"]
    assert refused(archive, tmp_path / "x", limits=Limits(size=2**20)) == [
        "unpacks to 3 MB; at most 1 MB are taken"
    ]
    read_archive(archive, tmp_path / "x", limits=Limits(files=3, size=4 * 2**20))


def test_a_size_that_is_not_true(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "x.zip", {"cycle.toml": HEAD, "a": bytes(3 * 2**20)})
    content = bytearray(archive.read_bytes())
    place = content.rindex(b"PK\x01\x02") + 24  # the unpacked size of the last member, in the directory
    content[place : place + 4] = (100).to_bytes(4, "little")
    archive.write_bytes(content)
    (message,) = refused(archive, tmp_path / "x", limits=Limits(size=2**20))
    assert message.startswith(("is damaged", "unpacks to more than"))


def test_no_zip_and_no_cycle(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"no zip at all")
    assert refused(tmp_path / "x.zip", tmp_path / "x")[0].startswith("is damaged, or no zip archive")
    assert refused(tmp_path / "y.zip", tmp_path / "x") == ["cannot be read: No such file or directory"]
    nothing = "holds no cycle.toml at its top; pack the folder that holds cycle.toml"
    for number, members in enumerate(
        ({}, {"a.csv": b""}, {"c/d/cycle.toml": HEAD}, {"c/cycle.toml": HEAD, "d/x": b""})
    ):
        archive = make_zip(tmp_path / f"{number}.zip", members)
        assert refused(archive, tmp_path / "x") == [nothing]


def test_a_damaged_member(tmp_path: Path) -> None:
    with ZipFile(tmp_path / "x.zip", "w", ZIP_STORED) as zipped:
        zipped.writestr("cycle.toml", HEAD)
    content = (tmp_path / "x.zip").read_bytes()
    (tmp_path / "x.zip").write_bytes(content.replace(b'name = "n"', b'name = "m"', 1))
    assert refused(tmp_path / "x.zip", tmp_path / "x")[0].startswith("is damaged, or no zip archive: Bad CRC")


def test_nothing_is_unpacked_over_something(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "mine.txt").write_text("mine")
    archive = make_zip(tmp_path / "x.zip", {"cycle.toml": HEAD})
    assert refused(archive, tmp_path / "x") == ["holds something already; give a new or an empty folder"]


def test_what_is_unpacked_may_not_be_run(tmp_path: Path) -> None:
    def change(info: ZipInfo) -> None:
        info.create_system = 3
        info.external_attr = (stat.S_IFREG | 0o6777) << 16

    folder = read_archive(make_zip(tmp_path / "x.zip", {"cycle.toml": HEAD, "a.sh": b"x"}, change), tmp_path / "x")
    assert not (folder / "a.sh").stat().st_mode & 0o7111
