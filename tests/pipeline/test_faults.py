"""What is wrong with a cycle in memory: the same as in its folder, without files."""

from pathlib import Path
from typing import Any

import pytest

from builders.folder import write_cycle
from nonagon.deliverables.decisions import Fault
from nonagon.deliverables.plain import plain
from nonagon.pipeline.folder import CycleFile, CycleFolder, faults_of, folder_mistakes, read_folder


@pytest.fixture(scope="module")
def cycle(tmp_path_factory: pytest.TempPathFactory) -> CycleFolder:
    return read_folder(write_cycle(tmp_path_factory.mktemp("faults") / "cycle"))


def head_with(cycle: CycleFolder, **fields: Any) -> CycleFile:
    return CycleFile.model_validate({**plain(cycle.head), **fields})


def documents_with(cycle: CycleFolder, step: int, **fields: Any) -> dict[int, Any]:
    document = cycle.documents[step]
    return {**cycle.documents, step: type(document).model_validate({**plain(document), **fields})}


def test_a_cycle_without_faults(cycle: CycleFolder) -> None:
    assert faults_of(cycle.head, cycle.documents) == {}


def test_the_head(cycle: CycleFolder) -> None:
    items = [plain(one) for one in cycle.head.items]
    items[1] |= {"id": "q_fast", "need": "kin", "scale_min": 5, "scale_max": 5}
    waves = [{"id": "w1"}, {"id": "w1"}]
    assert faults_of(head_with(cycle, items=items, waves=waves), cycle.documents)[0] == [
        Fault(("items", 1, "id"), "the item 'q_fast' stands twice; give each its own id"),
        Fault(("waves", 1, "id"), "the wave 'w1' stands twice; give each its own id"),
        Fault(("items", 1, "scale_min"), "must lie below scale_max (5); got 5"),
        Fault(("items", 1, "need"), "names the unknown need 'kin'; did you mean kind? (known: clean, fast, kind)"),
    ]


def test_the_mapping_of_a_source(cycle: CycleFolder) -> None:
    data = plain(cycle.head)["data"]
    data["shop"]["columns"]["amout"] = data["shop"]["columns"].pop("amount")
    found = faults_of(head_with(cycle, data=data), cycle.documents)
    assert [fault.path for fault in found[0]] == [
        ("data", "shop", "columns", "amout"),
        ("data", "shop", "columns"),
    ]
    assert "did you mean amount?" in found[0][0].message


def test_a_reference_from_one_step_to_another(cycle: CycleFolder) -> None:
    needs = [plain(one) for one in cycle.documents[3].needs if one.id != "kind"]  # type: ignore[attr-defined]
    found = faults_of(cycle.head, documents_with(cycle, 3, needs=needs))
    assert 4 in found
    assert any(
        fault.path[0] == "relationships" and fault.message.startswith("names the unknown need 'kind'")
        for fault in found[4]
    )
    assert 0 in found, "the register asks about the need too"


def test_a_document_that_is_missing_makes_no_faults_elsewhere(cycle: CycleFolder) -> None:
    documents = {number: one for number, one in cycle.documents.items() if number != 3}
    assert faults_of(cycle.head, documents) == {}


def test_the_same_faults_as_the_folder_has(cycle: CycleFolder, tmp_path: Path) -> None:
    folder = write_cycle(tmp_path / "cycle")
    roof = folder / "decisions" / "roof.csv"
    roof.write_text(roof.read_text("utf-8").replace("waiting,training,+", "waiting,weighting,+"), "utf-8")
    (mistake,) = folder_mistakes(folder)
    pairs = [plain(one) for one in cycle.documents[4].roof]  # type: ignore[attr-defined]
    pairs[0]["b"] = "weighting"
    (found,) = faults_of(cycle.head, documents_with(cycle, 4, roof=pairs)).values()
    assert [fault.message for fault in found] == [mistake.message]
    assert found[0].path == ("roof", 0, "b")
