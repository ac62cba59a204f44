"""A cycle out as a zip and in again: the same to the last byte, without the plan for who is not on its team."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from builders.folder import write_cycle
from builders.web import Silent

pytestmark = pytest.mark.django_db


def deliverables(cycle: Any) -> dict[int, bytes]:
    """The stored deliverables as they were computed."""
    from nonagon.process import results

    found = {step: results.latest(cycle, step, whole=True) for step in range(1, 10)}
    return {step: results.deliverable_of(one) for step, one in found.items() if one is not None}


def computed(cycle: Any) -> dict[int, bytes]:
    """Imports and computes a cycle as the worker would."""
    from nonagon.workspace.compute import compute_cycle
    from nonagon.workspace.jobs import import_into

    import_into(cycle, Silent())
    cycle.refresh_from_db()
    compute_cycle(cycle, Silent())
    return deliverables(cycle)


def zipped(folder: Path) -> io.BytesIO:
    """A folder packed by the standard library, without Nonagon."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file() and "out" not in file.relative_to(folder).parts:
                archive.write(file, file.relative_to(folder).as_posix())
    made.seek(0)
    made.name = "cycle.zip"
    return made


def test_out_and_in_again_and_run_on_the_folder_give_the_same_bytes(
    computed_cycle: Any, actor_of: Callable[[str], Any], organization: Any, tmp_path: Path
) -> None:
    from nonagon.pipeline.archive import read_archive
    from nonagon.pipeline.run import run
    from nonagon.workspace import services

    before = deliverables(computed_cycle)
    made = services.export_archive(actor=actor_of("owner"), cycle=computed_cycle, into=tmp_path)
    assert set(before) == set(range(1, 10))

    brought = services.import_archive(actor=actor_of("owner"), organization=organization, file=made)
    assert brought.warnings == ()
    assert computed(brought.cycle) == before

    folder = read_archive(made, tmp_path / "unpacked")
    finished = run(folder)
    on_the_command_line = {
        step: (finished.out / "deliverables" / f"step{step}.json").read_bytes() for step in range(1, 10)
    }
    assert on_the_command_line == before


def test_the_archive_holds_what_was_computed_and_is_marked(
    computed_cycle: Any, client_of: Callable[[str], Any]
) -> None:
    from nonagon.process.models import PlanAccess

    answer = client_of("owner").get(f"/c/{computed_cycle.key}/archive.zip")
    archive = zipfile.ZipFile(io.BytesIO(answer.getvalue()))
    names = archive.namelist()
    assert {"cycle.toml", "items.csv", "decisions/projects.csv", "data/answers.csv"} <= set(names)
    assert [f"out/deliverables/step{step}.json" in names for step in range(1, 10)] == [True] * 9
    access = PlanAccess.objects.get(cycle=computed_cycle, kind="export")
    assert access.what == "archive.zip"
    assert access.mark in archive.read("README.md").decode()


def test_who_is_not_on_the_team_gets_it_without_the_plan(
    computed_cycle: Any, client_of: Callable[[str], Any], actor_of: Callable[[str], Any], tmp_path: Path
) -> None:
    from nonagon.process.models import PlanAccess
    from nonagon.workspace import services

    content = client_of("analyst").get(f"/c/{computed_cycle.key}/archive.zip").getvalue()
    archive = zipfile.ZipFile(io.BytesIO(content))
    names = archive.namelist()
    assert not [name for name in names if "step6" in name or "projects" in name or "activities" in name]
    assert [name for name in names if name.startswith("out/deliverables")] == [
        f"out/deliverables/step{step}.json" for step in range(1, 6)
    ]
    # The small cycle's decisions name the activities a1, a2 and the project "counter" (builders/folder.py).
    text = "\n".join(archive.read(name).decode() for name in names if name.startswith("decisions/"))
    assert "Build it" not in text
    assert "a2" not in text
    assert "The plan of step 6 is not in this copy" in archive.read("README.md").decode()
    assert not PlanAccess.objects.filter(cycle=computed_cycle, kind="export").exists()
    # It is a whole cycle all the same: it can be brought in, and nothing in it refers to what is not there.
    place = tmp_path / "without.zip"
    place.write_bytes(content)
    brought = services.import_archive(
        actor=actor_of("owner"), organization=computed_cycle.organization, file=place
    )
    assert brought.warnings == ()


def test_a_viewer_may_not_take_it_and_a_stranger_learns_nothing(
    computed_cycle: Any, client_of: Callable[[str], Any], stranger_client: Any
) -> None:
    address = f"/c/{computed_cycle.key}/archive.zip"
    assert client_of("viewer").get(address).status_code == 403
    assert stranger_client.get(address).status_code == 404


def test_bringing_in_names_every_mistake(
    organization: Any, client_of: Callable[[str], Any], home: Path, tmp_path: Path
) -> None:
    from nonagon.process.models import Cycle

    folder = write_cycle(tmp_path / "small")
    (folder / "decisions" / "step6.toml").write_text("start = 3\nbudgit = 5\n")
    (folder / "cycle.toml").write_text((folder / "cycle.toml").read_text().replace("draws = 200", "draws = true"))
    answer = client_of("analyst").post(
        "/cycles/import/", {"organization": organization.pk, "file": zipped(folder)}
    )
    text = answer.content.decode()
    assert answer.status_code == 422
    assert [word in text for word in ("step6.toml", "budgit", "start", "draws")] == [True] * 4
    assert not Cycle.objects.exists()


def test_an_archive_brought_in_by_its_page_is_a_cycle(
    organization: Any, client_of: Callable[[str], Any], home: Path, tmp_path: Path
) -> None:
    from nonagon.process.models import Cycle, Job

    folder = write_cycle(tmp_path / "small")
    answer = client_of("analyst").post(
        "/cycles/import/", {"organization": organization.pk, "file": zipped(folder)}
    )
    cycle = Cycle.objects.get()
    assert answer.status_code == 302
    assert answer.url == f"/c/{cycle.key}/"
    assert Job.objects.filter(cycle=cycle, kind="import").count() == 1


def test_a_folder_in_the_form_of_older_archives_comes_in(
    organization: Any, actor_of: Callable[[str], Any], home: Path, tmp_path: Path
) -> None:
    """Until version 0.1 an archive kept data/answers.csv as data/data/answers.csv, with data_folder = "data"."""
    from nonagon.workspace import services, uploads

    folder = write_cycle(tmp_path / "small")
    (folder / "data").rename(folder / "inner")
    (folder / "data").mkdir()
    (folder / "inner").rename(folder / "data" / "data")
    (folder / "cycle.toml").write_text('data_folder = "data"\n' + (folder / "cycle.toml").read_text())
    brought = services.import_folder(actor=actor_of("owner"), organization=organization, folder=folder)
    assert brought.warnings == ()
    names = [f"data/{name}.csv" for name in ("answers", "comments", "customers", "sales", "waiting")]
    assert [name for name, _file in uploads.stored(brought.cycle)] == names


def test_files_that_are_looked_into_and_those_not_read_yet_come_along(
    organization: Any, actor_of: Callable[[str], Any], home: Path, tmp_path: Path
) -> None:
    from nonagon.workspace import services, uploads

    folder = write_cycle(tmp_path / "small")
    head = (folder / "cycle.toml").read_text()
    looked = 'region = { lookup = "regions.csv", key = "Region", match = "id", take = "name" }'
    (folder / "cycle.toml").write_text(head.replace('region = "Region"', looked))
    (folder / "regions.csv").write_text("id,name\nnorth,north\nsouth,south\n")
    (folder / "data" / "later.csv").write_text("a\n1\n")
    (folder / "beside.csv").write_text("a\n1\n")
    brought = services.import_folder(actor=actor_of("owner"), organization=organization, folder=folder)
    assert brought.warnings == ()
    names = [name for name, _file in uploads.stored(brought.cycle)]
    assert {"regions.csv", "data/later.csv", "data/customers.csv"} <= set(names)
    assert "beside.csv" not in names


def test_data_that_who_runs_the_server_names_may_stand_anywhere(
    organization: Any, actor_of: Callable[[str], Any], home: Path, tmp_path: Path
) -> None:
    from nonagon.workspace import services, uploads

    folder = write_cycle(tmp_path / "small")
    (tmp_path / "elsewhere").mkdir()
    (folder / "data").rename(tmp_path / "elsewhere" / "data")
    (tmp_path / "elsewhere" / "others.csv").write_text("a\n1\n")
    brought = services.import_folder(
        actor=actor_of("owner"), organization=organization, folder=folder, data=tmp_path / "elsewhere"
    )
    assert brought.warnings == ()
    names = [f"data/{name}.csv" for name in ("answers", "comments", "customers", "sales", "waiting")]
    assert [name for name, _file in uploads.stored(brought.cycle)] == names


def test_a_data_folder_that_leads_out_is_refused(
    organization: Any, actor_of: Callable[[str], Any], home: Path, tmp_path: Path
) -> None:
    from nonagon.basics.errors import InputError
    from nonagon.workspace import services

    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "passwords.csv").write_text("Customer\nroot\n")
    folder = write_cycle(tmp_path / "small")
    head = (folder / "cycle.toml").read_text()
    (folder / "cycle.toml").write_text('data_folder = "../secret"\n' + head)
    with pytest.raises(InputError, match="inside of the cycle's folder"):
        services.import_folder(actor=actor_of("owner"), organization=organization, folder=folder)


def test_a_folder_of_the_server_must_be_open_for_it(
    organization: Any, client_of: Callable[[str], Any], home: Path, tmp_path: Path, settings: Any
) -> None:
    from nonagon.process.models import Cycle

    folder = write_cycle(tmp_path / "open" / "small")
    sent = {"organization": organization.pk, "folder": str(folder)}
    # Not even a field for it where nothing is open.
    assert client_of("owner").post("/cycles/import/", sent).status_code == 422
    settings.IMPORT_FOLDERS = [tmp_path / "elsewhere"]
    assert client_of("owner").post("/cycles/import/", sent).status_code == 422
    assert not Cycle.objects.exists()
    settings.IMPORT_FOLDERS = [tmp_path / "open"]
    assert client_of("owner").post("/cycles/import/", sent).status_code == 302
    assert Cycle.objects.get().name == "Small cycle"
