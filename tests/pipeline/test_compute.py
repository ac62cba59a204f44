"""The nine analyses over documents in memory: what is taken over from before, what any change computes anew."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conftest import Finished
from nonagon.deliverables.evidence import Number, Value
from nonagon.deliverables.plain import plain
from nonagon.engine.facts import Facts
from nonagon.facts.store import FactStore
from nonagon.pipeline.code import ROOMS_OF_STEPS, fingerprint_of
from nonagon.pipeline.compute import (
    Computed,
    as_json,
    compute,
    criteria_of,
    effectiveness_of,
    fingerprint,
    key_of,
    section_of,
)
from nonagon.pipeline.folder import CycleFolder, read_folder
from nonagon.pipeline.progress import Cancelled
from nonagon.pipeline.rooms import ROOMS
from nonagon.pipeline.run import run

ALL = tuple(range(1, 10))


@pytest.fixture(scope="module")
def cycle(small_cycle: Finished) -> CycleFolder:
    return read_folder(small_cycle.folder)


@pytest.fixture(scope="module")
def facts(small_cycle: Finished) -> Any:
    return Facts.stored(FactStore(small_cycle.folder / "out" / "facts"))


@pytest.fixture(scope="module")
def results(cycle: CycleFolder, facts: Any) -> dict[int, Computed]:
    return compute(cycle=cycle.cycle, documents=cycle.documents, facts=facts)


@pytest.fixture
def analysed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The steps whose analysis runs from here on, in their order."""
    seen: list[int] = []
    for room in ROOMS:
        whole = room.analyse()

        def noted(*, _whole: Any = whole, _number: int = room.number, **given: Any) -> Any:
            seen.append(_number)
            return _whole(**given)

        monkeypatch.setattr(f"{room.package}.analysis.analyse", noted)
    return seen


def changed(cycle: CycleFolder, step: int, **fields: Any) -> dict[int, Any]:
    """The documents with some fields of one step set."""
    document = cycle.documents[step]
    whole = type(document).model_validate({**plain(document), **fields})
    return {**cycle.documents, step: whole}


# --- the same numbers as from the folder


def test_documents_in_memory_give_the_bytes_of_a_run(
    small_cycle: Finished, results: dict[int, Computed], cycle: CycleFolder
) -> None:
    out = small_cycle.folder / "out" / "deliverables"
    for step, one in results.items():
        assert one.content == (out / f"step{step}.json").read_bytes()
        assert as_json(one.deliverable) == one.content
        assert (one.step, one.reused) == (step, False)
    state = effectiveness_of({step: one.deliverable for step, one in results.items()}, cycle.documents)
    assert as_json(state) == (out / "effectiveness.json").read_bytes()


def test_criteria_and_section_of_a_step(results: dict[int, Computed], cycle: CycleFolder) -> None:
    found = criteria_of(7, results[7].deliverable, cycle.documents[7])
    assert found
    assert found == ROOMS[6].criteria()(results[7].deliverable, cycle.documents[7])
    section = section_of(7, results[7].deliverable, cycle.documents[7])
    assert section == ROOMS[6].section()(results[7].deliverable, cycle.documents[7])


# --- what is taken over


def test_nothing_is_computed_where_nothing_has_changed(
    cycle: CycleFolder, facts: Any, results: dict[int, Computed], analysed: list[int]
) -> None:
    again = compute(cycle=cycle.cycle, documents=cycle.documents, facts=facts, known=results)
    assert analysed == []
    assert again == {step: replace(one, reused=True) for step, one in results.items()}


def test_an_edit_computes_its_step_and_those_after_it_whose_inputs_changed(
    cycle: CycleFolder, facts: Any, results: dict[int, Computed], analysed: list[int]
) -> None:
    documents = changed(cycle, 6, discount_rate=0.03)
    again = compute(cycle=cycle.cycle, documents=documents, facts=facts, known=results)
    assert analysed[0] == 6, "nothing before the edit"
    assert [step for step, one in again.items() if not one.reused] == analysed
    assert again[6].content != results[6].content, "the rate changes the projects' present value"
    afresh = compute(cycle=cycle.cycle, documents=documents, facts=facts)
    assert {step: one.content for step, one in again.items()} == {
        step: one.content for step, one in afresh.items()
    }


def test_a_step_that_says_the_same_as_before_changes_nothing_after_it(
    cycle: CycleFolder, facts: Any, results: dict[int, Computed], analysed: list[int]
) -> None:
    told = {**results, 4: replace(results[4], key="of another code")}
    again = compute(cycle=cycle.cycle, documents=cycle.documents, facts=facts, known=told)
    assert analysed == [4], "computed anew to the same bytes, so 5 to 9 stand"
    assert again[4].content == results[4].content


@pytest.mark.parametrize("step", ALL)
def test_a_changed_decision_changes_the_key_of_its_own_step_only(
    cycle: CycleFolder, facts: Any, results: dict[int, Computed], step: int
) -> None:
    def key(of: int, documents: Any) -> str:
        return key_of(step=of, cycle=cycle.cycle, decisions=documents[of], facts=facts, before=results)

    document = cycle.documents[step]
    whole = {**cycle.documents, step: type(document)()}
    assert whole[step] != document, "the small cycle decides something in every step"
    for other in ALL:
        assert (key(other, whole) == results[other].key) == (other != step)


@pytest.mark.parametrize(
    "change",
    [
        {"settings": {"confidence": 0.9, "draws": 200}},
        {"period": {"start": "2025-01-02", "end": "2025-12-31"}},
        {"subject": "them"},
        {"items": []},
        {"name": "Another name"},
    ],
    ids=["a setting", "the period", "the subject", "the register", "the name"],
)
def test_another_cycle_computes_everything(
    cycle: CycleFolder, facts: Any, results: dict[int, Computed], change: dict[str, Any]
) -> None:
    other = type(cycle.cycle).model_validate({**plain(cycle.cycle), **change})
    for step in ALL:
        key = key_of(step=step, cycle=other, decisions=cycle.documents[step], facts=facts, before=results)
        assert key != results[step].key


def test_another_version_of_any_fact_table_computes_everything(
    cycle: CycleFolder, facts: Any, results: dict[int, Computed]
) -> None:
    from nonagon.engine.facts import Facts, FactTable

    for name in ("customers", "answers", "verbatims", "sales", "measurements"):
        tables = {one: FactTable((), facts.label(one), facts.rows(one)) for one in facts._tables}
        other = Facts({**tables, name: FactTable((), f"{name}@000000000000", 1)})
        keys = {
            step: key_of(
                step=step, cycle=cycle.cycle, decisions=cycle.documents[step], facts=other, before=results
            )
            for step in ALL
        }
        assert not set(keys.values()) & {one.key for one in results.values()}, name


def test_other_code_computes_everything(
    cycle: CycleFolder,
    facts: Any,
    results: dict[int, Computed],
    analysed: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("nonagon.pipeline.compute.code_version", lambda: "other code")
    compute(cycle=cycle.cycle, documents=cycle.documents, facts=facts, known=results, steps=(1, 2))
    assert analysed == [1, 2]


def test_the_last_digit_of_a_decision_counts() -> None:
    class Budget(Value):
        amount: Number = 0

    one, other = Budget(amount=1234567890123.5), Budget(amount=1234567890123.25)
    assert one.model_dump() == other.model_dump(), "what a deliverable keeps of them: twelve digits"
    assert fingerprint(plain(one)) != fingerprint(plain(other))
    assert Budget.model_validate_json(json.dumps(plain(other))) == other


def test_other_steps_are_passed_on_whatever_they_rest_on(
    cycle: CycleFolder, facts: Any, results: dict[int, Computed], analysed: list[int]
) -> None:
    old = {step: replace(one, key="old") for step, one in results.items() if step != 3}
    again = compute(cycle=cycle.cycle, documents=cycle.documents, facts=facts, steps=(4, 9), known=old)
    assert analysed == [4, 9]
    assert list(again) == [1, 2, 4, 5, 6, 7, 8, 9], "nobody knows step 3"
    assert {step: one.key for step, one in again.items() if step not in {4, 9}} == dict.fromkeys(
        (1, 2, 5, 6, 7, 8), "old"
    )


# --- the fingerprint of the code


@pytest.fixture
def package(tmp_path: Path) -> Path:
    for name in ("methods/mean.py", "steps/step1_customers/analysis.py", "engine/facts.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("a = 1\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    "name", ["methods/mean.py", "methods/deep/new.py", "steps/step1_customers/analysis.py", "engine/words.txt"]
)
def test_a_changed_or_new_file_is_other_code(package: Path, name: str) -> None:
    before = fingerprint_of(package, ROOMS_OF_STEPS)
    (package / name).parent.mkdir(parents=True, exist_ok=True)
    (package / name).write_text("a = 2\n", encoding="utf-8")
    assert fingerprint_of(package, ROOMS_OF_STEPS) != before


@pytest.mark.parametrize(
    "name",
    [
        "methods/__pycache__/mean.cpython-311.pyc",
        "methods/README.md",
        "reports/html.py",
        "process/models.py",
        "steps/step1_customers/views.py",
        "steps/step1_customers/views/page.py",
        "steps/step1_customers/templates/step1/page.html",
    ],
)
def test_what_computes_no_deliverable_is_no_other_code(package: Path, name: str) -> None:
    before = fingerprint_of(package, ROOMS_OF_STEPS)
    (package / name).parent.mkdir(parents=True, exist_ok=True)
    (package / name).write_text("a = 2\n", encoding="utf-8")
    assert fingerprint_of(package, ROOMS_OF_STEPS) == before


def test_another_name_or_place_of_the_same_text_is_other_code(package: Path) -> None:
    before = fingerprint_of(package, ROOMS_OF_STEPS)
    (package / "methods" / "mean.py").rename(package / "methods" / "median.py")
    assert fingerprint_of(package, ROOMS_OF_STEPS) != before


# --- `nonagon run`


@pytest.fixture
def folder(small_cycle: Finished, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small_cycle.folder, tmp_path / "copy"))


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A page instead of the report, noted each time that it is made: drawing all charts takes seconds."""
    made: list[str] = []

    def report(*_: Any) -> str:
        made.append(f"page {len(made) + 1}")
        return made[-1]

    monkeypatch.setattr("nonagon.reports.html.html_report", report)
    return made


def contents(folder: Path) -> dict[str, bytes]:
    out = folder / "out"
    names = [*out.glob("deliverables/*.json"), out / "report.html", out / "rejects.csv"]
    return {file.relative_to(out).as_posix(): file.read_bytes() for file in names}


def record(folder: Path) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads((folder / "out" / "run.json").read_text(encoding="utf-8"))
    return whole


def test_run_json_has_the_keys(small_cycle: Finished, results: dict[int, Computed]) -> None:
    keys = record(small_cycle.folder)["keys"]
    assert set(keys) == {*map(str, ALL), "report.html"}
    assert {step: keys[str(step)] for step in ALL} == {step: one.key for step, one in results.items()}


def test_a_second_run_computes_and_draws_nothing(folder: Path, analysed: list[int], pages: list[str]) -> None:
    before, keys = contents(folder), record(folder)["keys"]
    done = run(folder)
    assert (analysed, pages) == ([], [])
    assert done.reused == ALL
    assert done.from_earlier == ()
    assert contents(folder) == before
    assert record(folder)["keys"] == keys
    assert list(done.seconds)[1:10] == [f"Step {room.number}: {room.title}" for room in ROOMS]


def test_afresh_computes_everything_to_the_same_bytes(folder: Path, analysed: list[int]) -> None:
    before, keys = contents(folder), record(folder)["keys"]
    done = run(folder, afresh=True)
    assert analysed == list(ALL)
    assert done.reused == ()
    assert contents(folder) == before, "the report too: drawn again"
    assert record(folder)["keys"] == keys


def test_an_edit_of_one_file(folder: Path, analysed: list[int], pages: list[str]) -> None:
    with (folder / "decisions" / "control_plan.csv").open("a") as stream:
        stream.write("ci_2,training,imr,,,,,\n")
    done = run(folder)
    assert done.reused[:6] == (1, 2, 3, 4, 5, 6)
    assert analysed[0] == 7
    assert pages == ["page 1"]


def edit_data(folder: Path) -> None:
    with (folder / "data" / "sales.csv").open("a") as stream:
        stream.write("s999,c001,2025-12-31,new,10\n")


def edit_settings(folder: Path) -> None:
    text = (folder / "cycle.toml").read_text(encoding="utf-8")
    (folder / "cycle.toml").write_text(text.replace("draws = 200", "draws = 201"), encoding="utf-8")


def forget_the_record(folder: Path) -> None:
    (folder / "out" / "run.json").unlink()


def break_the_record(folder: Path) -> None:
    (folder / "out" / "run.json").write_text('{"keys": 3, "files": [', encoding="utf-8")


def empty_the_record(folder: Path) -> None:
    (folder / "out" / "run.json").write_text('{"keys": 3, "files": []}', encoding="utf-8")


@pytest.mark.parametrize(
    "change", [edit_data, edit_settings, forget_the_record, break_the_record, empty_the_record]
)
def test_nothing_is_taken_over(
    folder: Path, analysed: list[int], pages: list[str], change: Callable[[Path], None]
) -> None:
    change(folder)
    done = run(folder)
    assert analysed == list(ALL)
    assert done.reused == ()
    assert pages == ["page 1"]


def test_a_file_that_is_not_what_the_run_wrote_is_computed_anew(
    folder: Path, analysed: list[int], pages: list[str]
) -> None:
    before = contents(folder)
    third, report = folder / "out" / "deliverables" / "step3.json", folder / "out" / "report.html"
    forged = json.loads(third.read_text(encoding="utf-8"))
    forged["findings"] = []
    third.write_text(json.dumps(forged), encoding="utf-8")
    (folder / "out" / "deliverables" / "step5.json").write_text("{", encoding="utf-8")
    (folder / "out" / "deliverables" / "step8.json").unlink()
    report.write_text("forged", encoding="utf-8")
    run(folder)
    assert analysed == [3, 5, 8]
    assert pages == ["page 1"]
    assert {**contents(folder), "report.html": b""} == {**before, "report.html": b""}


def test_results_of_single_steps_keep_the_key_that_they_have(
    folder: Path, analysed: list[int], pages: list[str]
) -> None:
    keys = record(folder)["keys"]
    edit_settings(folder)
    run(folder, steps=(2,))
    assert analysed == [2]
    mixed = record(folder)["keys"]
    assert [step for step in ALL if mixed[str(step)] != keys[str(step)]] == [2]
    analysed.clear()
    done = run(folder)
    assert 2 in done.reused, "its key is the one of the new settings and of the same step 1"
    assert [step for step in ALL if step not in done.reused] == analysed
    assert analysed[0] == 1


def test_a_stranger_among_single_steps_has_no_key(folder: Path, pages: list[str]) -> None:
    third = folder / "out" / "deliverables" / "step3.json"
    third.write_text(third.read_text(encoding="utf-8") + " ", encoding="utf-8")
    done = run(folder, steps=(4,))
    assert done.from_earlier == (1, 2, 3, 5, 6, 7, 8, 9)
    assert "3" not in record(folder)["keys"]


# --- stopping it


class Stopping:
    """Raises at the given call of `begin` or `advance`, counted from 1."""

    def __init__(self, at: int) -> None:
        self.left = at

    def begin(self, stage: str) -> None:
        self._count()

    def advance(self, text: str) -> None:
        self._count()

    def end(self, stage: str, seconds: float) -> None: ...

    def _count(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Cancelled("stopped")


def test_cancelled_at_any_stage_leaves_everything_as_it_was(folder: Path, pages: list[str]) -> None:
    edit_data(folder)
    edit_settings(folder)
    before, manifest = contents(folder), folder / "out" / "facts" / "facts.json"
    published = manifest.read_bytes()
    names = {file for file in (folder / "out").rglob("*") if "facts" not in file.parts}
    at, stops = 1, 0
    while True:
        try:
            run(folder, steps=(1, 2), progress=Stopping(at))
        except Cancelled:
            stops += 1
            after = contents(folder)
            if manifest.read_bytes() == published:
                assert after == before
            else:  # the facts were published as a new version, whole; their rejects with them
                assert {**after, "rejects.csv": b""} == {**before, "rejects.csv": b""}
            assert {file for file in (folder / "out").rglob("*") if "facts" not in file.parts} == names
            assert not (folder / "out" / "facts" / ".staging").exists()
            at += 1
        else:
            break
    # at least: reading, looking at the files, two steps, the report
    assert stops >= 5
    assert contents(folder) != before
