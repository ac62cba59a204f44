"""One run over the small cycle: what it writes, that it repeats itself, and that stopping it harms nothing."""

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from conftest import Finished
from nonagon.basics.errors import InputError
from nonagon.pipeline.rooms import ROOMS
from nonagon.pipeline.run import run

DELIVERABLES = [f"deliverables/step{number}.json" for number in range(1, 10)]
RESULTS = [*DELIVERABLES, "deliverables/effectiveness.json", "deliverables/trace.json", "report.html"]


@pytest.fixture
def folder(small_cycle: Finished, tmp_path: Path) -> Path:
    """A copy of the small cycle with its results, to be changed."""
    return Path(shutil.copytree(small_cycle.folder, tmp_path / "copy"))


@pytest.fixture
def quick_report(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page as it is, for tests of other things: drawing all charts again takes seconds."""
    page = (folder / "out" / "report.html").read_text(encoding="utf-8")
    monkeypatch.setattr("nonagon.reports.html.html_report", lambda *_: page)


def results(folder: Path) -> dict[str, bytes]:
    return {name: (folder / "out" / name).read_bytes() for name in RESULTS}


def files_in(folder: Path) -> set[str]:
    return {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}


def message(caught: "pytest.ExceptionInfo[InputError]", folder: Path) -> str:
    return str(caught.value).replace(f"{folder}/", "")


# --- what is written


def test_everything_is_there(small_cycle: Finished) -> None:
    out = small_cycle.folder / "out"
    done = small_cycle.run
    assert (done.out, done.report) == (out, out / "report.html")
    assert [one.relative_to(out).as_posix() for one in done.deliverables] == RESULTS[:-1]
    written = {name for name in files_in(out) if not name.startswith("facts/")}
    assert written == {*RESULTS, "run.json", "rejects.csv"}
    assert list(done.seconds) == [
        "Reading files into facts",
        *[f"Step {room.number}: {room.title}" for room in ROOMS],
        "Writing the report",
    ]


def test_run_json_names_the_fingerprint_of_every_file_and_the_facts(small_cycle: Finished) -> None:
    out = small_cycle.folder / "out"
    record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert record["files"] == {
        name: hashlib.sha256((out / name).read_bytes()).hexdigest() for name in sorted(RESULTS)
    }
    # 60 customers; 240 respondents to four questions and half of them to three about the rival; 60 comments; 500
    # sales; 200 measurements: as tests/builders/folder.py makes them
    assert {name: one["rows"] for name, one in record["facts"].items()} == {
        "customers": 60,
        "answers": 240 * 4 + 120 * 3,
        "verbatims": 60,
        "sales": 500,
        "measurements": 200,
    }
    assert all(one["label"].startswith(f"{name}@") for name, one in record["facts"].items())


@pytest.mark.parametrize("room", ROOMS, ids=[room.word for room in ROOMS])
def test_a_deliverable_comes_back_as_it_was(small_cycle: Finished, room: Any) -> None:
    from nonagon.pipeline.run import as_json

    data = (small_cycle.folder / "out" / "deliverables" / f"step{room.number}.json").read_bytes()
    whole = room.deliverable_model().model_validate_json(data)
    assert whole.step == room.number
    assert as_json(whole) == data
    assert whole.findings or whole.lacks, "a step says something, or what it lacks"


@pytest.mark.parametrize("room", ROOMS, ids=[room.word for room in ROOMS])
def test_every_number_names_an_origin_that_is_there(small_cycle: Finished, room: Any) -> None:
    data = json.loads((small_cycle.folder / "out" / "deliverables" / f"step{room.number}.json").read_text("utf-8"))
    known = set(data["origins"])

    def check(value: Any, path: str) -> None:
        if isinstance(value, dict):
            origin = value.get("origin")
            if isinstance(origin, str) and origin:
                assert origin in known, f"{path}: {origin}"
            if {"value", "low", "high", "why"} <= value.keys():
                assert value["value"] is not None or value["why"], f"{path}: neither a value nor a reason"
                assert value["value"] is None or origin, f"{path}: a value without an origin"
            for key, part in value.items():
                check(part, f"{path}.{key}")
        elif isinstance(value, list):
            for place, part in enumerate(value):
                check(part, f"{path}[{place}]")

    check({key: part for key, part in data.items() if key != "origins"}, f"step{room.number}")


def test_the_chain_of_the_improved_need_reaches_its_result(small_cycle: Finished) -> None:
    found = json.loads((small_cycle.folder / "out" / "deliverables" / "trace.json").read_text("utf-8"))
    fast = next(chain for chain in found["chains"] if chain["need"] == "fast")
    assert fast["verbatims"] > 0
    assert fast["reaches_result"]
    assert fast["forward"]["activity"] == ["a1", "a2"]
    clean = next(chain for chain in found["chains"] if chain["need"] == "clean")
    assert not clean["reaches_result"], "nothing is planned for it"
    assert "No characteristic serves the need clean." in [one["sentence"] for one in found["dead_ends"]]


# --- it repeats itself


def test_a_second_run_gives_the_same_bytes(folder: Path) -> None:
    before = results(folder)
    facts_before = {name for name in files_in(folder / "out") if name.startswith("facts/")}
    run(folder)
    assert results(folder) == before
    assert {name for name in files_in(folder / "out") if name.startswith("facts/")} == facts_before


def test_another_folder_and_other_places_give_the_same_bytes(small_cycle: Finished, tmp_path: Path) -> None:
    for name in ("cycle.toml", "items.csv"):
        shutil.copy(small_cycle.folder / name, tmp_path)
    shutil.copytree(small_cycle.folder / "decisions", tmp_path / "decisions")
    shutil.copytree(small_cycle.folder / "data", tmp_path / "elsewhere" / "data")
    done = run(tmp_path, data=tmp_path / "elsewhere", out=tmp_path / "results", steps=(4, 5, 6, 7))
    assert done.out == tmp_path / "results"
    measured = (tmp_path / "results" / "deliverables" / "step7.json").read_bytes()
    assert (
        json.loads(measured)["items"][0]["points"]
        == json.loads(results(small_cycle.folder)[DELIVERABLES[6]])["items"][0]["points"]
    )


@pytest.mark.usefixtures("quick_report")
def test_some_steps_with_the_others_from_the_run_before(folder: Path) -> None:
    before = results(folder)
    done = run(folder, steps=(3, 4, 5))
    assert results(folder) == before, "nothing has changed, so nothing changes"
    assert done.from_earlier == (1, 2, 6, 7, 8, 9)
    assert done.outdated == ()
    assert [name for name in done.seconds if name.startswith("Step")] == [
        f"Step {room.number}: {room.title}" for room in ROOMS[2:5]
    ]


@pytest.mark.usefixtures("quick_report")
def test_steps_that_rest_on_other_data_are_named(folder: Path) -> None:
    with (folder / "data" / "sales.csv").open("a") as stream:
        stream.write("s999,c001,2025-12-31,new,10\n")
    done = run(folder, steps=(4,))
    assert done.from_earlier == (1, 2, 3, 5, 6, 7, 8, 9)
    assert 1 in done.outdated
    assert 7 not in done.outdated, "step 7 rests on the measurements alone"


def test_one_step_alone(folder: Path) -> None:
    done = run(folder, out=folder / "alone", steps=(7,))
    assert done.from_earlier == ()
    assert "only 1 of nine steps was run" in done.effectiveness.sentence
    assert [one.name for one in done.deliverables] == ["step7.json", "effectiveness.json", "trace.json"]


# --- what cannot be done is said, and harms nothing


def test_a_cycle_without_data_and_decisions_says_what_it_lacks(tmp_path: Path) -> None:
    (tmp_path / "cycle.toml").write_text('name = "n"\norganization = "o"\n')
    done = run(tmp_path)
    assert done.effectiveness.strength == 0
    assert [one.state for one in done.effectiveness.steps] == ["not_started"] * 9
    for room in ROOMS:
        data = (tmp_path / "out" / "deliverables" / f"step{room.number}.json").read_bytes()
        assert room.deliverable_model().model_validate_json(data).lacks, room.word
    again = results(tmp_path)
    run(tmp_path)
    assert results(tmp_path) == again


def test_a_data_file_that_is_not_there(folder: Path) -> None:
    before = results(folder)
    (folder / "data" / "sales.csv").unlink()
    with pytest.raises(InputError) as caught:
        run(folder)
    assert message(caught, folder).startswith("cycle.toml:58: data.shop.files: ")
    assert results(folder) == before


def test_a_damaged_result_of_an_earlier_run(folder: Path) -> None:
    (folder / "out" / "deliverables" / "step3.json").write_text('{"step": 3, "colour": "red"}')
    with pytest.raises(InputError) as caught:
        run(folder, steps=(4,))
    assert message(caught, folder) == (
        "out/deliverables/step3.json: is no deliverable of step 3 as this version writes it; compute step 3 again"
    )


def test_results_in_a_place_that_is_a_file(folder: Path) -> None:
    with pytest.raises(InputError) as caught:
        run(folder, out=folder / "cycle.toml" / "out")
    assert message(caught, folder) == "cycle.toml/out: cannot be made: Not a directory; give another --out"


def test_results_in_a_read_only_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)  # whoever runs this test may be root
    with pytest.raises(InputError) as caught:
        run(folder)
    assert message(caught, folder) == "out: is read-only; give another --out"


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("a bug")])
@pytest.mark.parametrize(
    "place",
    [
        "nonagon.steps.step7_control.analysis.analyse",
        "nonagon.steps.step7_control.section.section",
        "nonagon.reports.html.html_report",
        "nonagon.pipeline.run.replace_files",
    ],
)
def test_stopped_in_the_middle(
    folder: Path, monkeypatch: pytest.MonkeyPatch, place: str, error: BaseException
) -> None:
    before, files = results(folder), files_in(folder)
    with (folder / "decisions" / "control_plan.csv").open("a") as stream:
        stream.write("ci_2,training,imr,,,,,\n")

    def stop(*_: Any, **__: Any) -> None:
        raise error

    if not place.startswith("nonagon.reports"):  # drawing every chart again is not what is tested here
        monkeypatch.setattr("nonagon.reports.html.html_report", lambda *_: "a page")
    monkeypatch.setattr(place, stop)
    with pytest.raises(type(error)):
        run(folder, steps=(7,))
    assert results(folder) == before
    assert files_in(folder) == files, "no file is left behind"


@pytest.mark.usefixtures("quick_report")
def test_stopped_while_reading(folder: Path) -> None:
    before = results(folder)
    manifest = (folder / "out" / "facts" / "facts.json").read_bytes()
    with (folder / "data" / "sales.csv").open("a") as stream:
        stream.write("s999,c001,2025-12-31,new,10\n")

    class Stopping:
        def begin(self, stage: str) -> None: ...

        def advance(self, text: str) -> None:
            if text.startswith("writing"):
                raise KeyboardInterrupt

        def end(self, stage: str, seconds: float) -> None: ...

    with pytest.raises(KeyboardInterrupt):
        run(folder, progress=Stopping())
    assert results(folder) == before
    assert (folder / "out" / "facts" / "facts.json").read_bytes() == manifest
    assert run(folder, steps=(7,)).outdated, "started again it goes through, with the new sale"


def test_a_full_disk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, files = results(folder), files_in(folder)
    monkeypatch.setattr("nonagon.reports.html.html_report", lambda *_: "a page")

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("nonagon.pipeline.writing._write", full)
    with pytest.raises(InputError) as caught:
        run(folder, steps=(7,))
    assert message(caught, folder) == (
        "out: cannot be written: No space left on device; the results before are as they were"
    )
    assert results(folder) == before
    assert files_in(folder) == files
