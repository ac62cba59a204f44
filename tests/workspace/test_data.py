"""Files in: kept by name, mapped on a page that works without script, imported as the command line would."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from builders.web import Silent

pytestmark = pytest.mark.django_db

SURVEY = (
    "Respondent;Date;Friendly;Fast;Overall;Remark\n"
    + "".join(f"r{n};{1 + n % 28:02d}.03.2025;{1 + n % 5};{5 - n % 5};{1 + n % 5};fine {n}\n" for n in range(40))
    + "r40;31.02.2025;9;2;3;no such day\n"
)
"""Forty good questionnaires on scales of five, and one with a day that does not exist and a code 9."""

TILL = "Invoice,Date,Amount\n" + "".join(f"{n},2025-01-{n:02d},{n}.5\n" for n in range(1, 13))
"""Twelve sales."""


def upload(client: Any, cycle: Any, name: str, text: str | bytes, **more: Any) -> Any:
    """Sends a file as the page's form does."""
    content = text if isinstance(text, bytes) else text.encode()
    return client.post(f"/c/{cycle.key}/data/upload", {"files": SimpleUploadedFile(name, content), **more})


def form_of(page: str) -> dict[str, str]:
    """What a browser would send of the mapping form as it is shown, without script."""
    form = page[page.index('class="map-form"') : page.index("</form>", page.index('class="map-form"'))]
    sent: dict[str, str] = {}
    for tag in re.findall(r"<input\b[^>]*>", form):
        given = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if given.get("type") == "checkbox" and not re.search(r"\schecked[\s>]", tag):
            continue
        if "name" in given:
            sent[unescape(given["name"])] = unescape(given.get("value", ""))
    for name, inside in re.findall(r'<select\b[^>]*\bname="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        options = re.findall(r"<option\b([^>]*)>([^<]*)</option>", inside)
        chosen = next((one for one in options if "selected" in one[0]), options[0])
        value = re.search(r'value="([^"]*)"', chosen[0])
        sent[unescape(name)] = unescape(value[1] if value else chosen[1])
    for name, inside in re.findall(r'<textarea\b[^>]*\bname="([^"]*)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        sent[unescape(name)] = unescape(inside)
    return sent


def mapped(client: Any, cycle: Any, query: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """The mapping page and its form."""
    answer = client.get(f"/c/{cycle.key}/data/map/", query)
    assert answer.status_code == 200
    page = answer.content.decode()
    return page, form_of(page)


def work(cycle: Any) -> None:
    """What the worker does with the waiting imports; the steps are not computed."""
    from nonagon.process.models import Job
    from nonagon.workspace.jobs import import_files

    for job in Job.objects.filter(cycle=cycle, kind="import", state="waiting"):
        import_files(job, Silent())
        Job.objects.filter(pk=job.pk).update(state="done")
    cycle.refresh_from_db()


def rows_of(cycle: Any) -> dict[str, int]:
    return {name: one["rows"] for name, one in cycle.facts.items()}


# --- files ----------------------------------------------------------------------------------------------


def test_a_file_is_kept_and_leads_to_its_mapping(cycle: Any, client_of: Callable[[str], Any]) -> None:
    from nonagon.process.models import AuditEntry
    from nonagon.workspace.places import files_of

    answer = upload(client_of("analyst"), cycle, "survey.csv", SURVEY)
    assert answer.status_code == 302
    assert answer.url == f"/c/{cycle.key}/data/map/?file=survey.csv"
    assert (files_of(cycle) / "survey.csv").read_text() == SURVEY
    entry = AuditEntry.objects.get(cycle=cycle, action="data.file.keep")
    assert (entry.subject, entry.detail["size"]) == ("survey.csv", len(SURVEY))


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../../etc/cron.csv", "cron.csv"),
        ("..\\..\\windows\\win.csv", "win.csv"),
        ("/root/.ssh/keys.csv", "keys.csv"),
        ("..csv", None),
        (".hidden.csv", "hidden.csv"),
        ("a\x00b\n.csv", "a b .csv"),
        ("notes.docx", None),
        ("no ending", None),
        ("ملاحظات العملاء.csv", "ملاحظات العملاء.csv"),
        ("x" * 300 + ".csv", "x" * 146 + ".csv"),
        ("star*[1]?.csv", "star--1--.csv"),
    ],
)
def test_no_name_leads_out_of_the_folder(name: str, kept: str | None) -> None:
    from nonagon.workspace.uploads import Refused, name_of

    if kept is None:
        with pytest.raises(Refused):
            name_of(name)
    else:
        assert name_of(name) == kept


@pytest.mark.parametrize("name", ["../facts.csv", "/etc/passwd", "a/../../b.csv", "", ".", ".hidden/x.csv"])
def test_no_place_lies_outside_of_the_files(cycle: Any, name: str) -> None:
    from nonagon.workspace.uploads import Refused, place_of

    with pytest.raises(Refused):
        place_of(cycle, name)


def test_a_name_that_is_taken_waits_for_a_choice(cycle: Any, client_of: Callable[[str], Any]) -> None:
    from nonagon.workspace import uploads
    from nonagon.workspace.places import files_of

    client = client_of("analyst")
    upload(client, cycle, "a.csv", "x\n1\n")
    upload(client, cycle, "a.csv", "x\n1\n")
    assert uploads.waiting(cycle) == {}  # the same bytes are no other file

    for choice, expected in (
        ("drop", {"a.csv": "x\n1\n"}),
        ("both", {"a.csv": "x\n1\n", "a-2.csv": "x\n2\n"}),
        ("replace", {"a.csv": "x\n2\n", "a-2.csv": "x\n2\n"}),
    ):
        upload(client, cycle, "a.csv", "x\n2\n")
        ((token, name),) = uploads.waiting(cycle).items()
        assert name == "a.csv"
        client.post(f"/c/{cycle.key}/data/settle", {"token": token, "choice": choice})
        assert {path.name: path.read_text() for path in files_of(cycle).iterdir()} == expected
        assert uploads.waiting(cycle) == {}


def test_too_large_a_file_is_refused_and_leaves_nothing(
    cycle: Any, client_of: Callable[[str], Any], settings: Any
) -> None:
    from nonagon.workspace.places import files_of

    settings.UPLOAD_LIMIT = 100_000
    client = client_of("analyst")
    answer = upload(client, cycle, "big.csv", b"x\n" * 100_000)
    page = client.get(answer.url).content.decode()
    assert "is larger than 97.7 KB" in page
    assert list(files_of(cycle).iterdir()) == []
    assert list((settings.HOME / "arriving").iterdir()) == []
    # What fits is taken.
    upload(client, cycle, "small.csv", b"x\n" * 40_000)
    assert (files_of(cycle) / "small.csv").stat().st_size == 80_000


def test_the_cycles_files_have_a_limit_together(
    cycle: Any, client_of: Callable[[str], Any], settings: Any
) -> None:
    from nonagon.workspace.places import files_of

    settings.CYCLE_LIMIT = 100
    client = client_of("analyst")
    upload(client, cycle, "a.csv", b"x\n" * 30)
    answer = upload(client, cycle, "b.csv", b"x\n" * 30)
    assert "at most 100 bytes are kept" in client.get(answer.url).content.decode()
    assert [path.name for path in files_of(cycle).iterdir()] == ["a.csv"]


@pytest.mark.parametrize("role", ["team_member", "frontline", "viewer"])
def test_who_may_not_upload_sees_counts_and_no_rows(
    cycle: Any, client_of: Callable[[str], Any], role: str
) -> None:
    client = client_of(role)
    assert client.get(f"/c/{cycle.key}/data/").status_code == 200
    assert upload(client, cycle, "a.csv", "x\n1\n").status_code == 403
    for part in ("map/?file=a.csv", "rejects/", "rejects.csv"):
        assert client.get(f"/c/{cycle.key}/data/{part}").status_code == 403


# --- mapping --------------------------------------------------------------------------------------------


def test_a_survey_goes_from_file_to_facts_without_script(cycle: Any, client_of: Callable[[str], Any]) -> None:
    from nonagon.process import documents, registry
    from nonagon.process.models import AuditEntry, Job

    client = client_of("analyst")
    upload(client, cycle, "survey.csv", SURVEY)
    page, form = mapped(client, cycle, {"file": "survey.csv"})
    assert (form["table"], form["name"]) == ("answers", "survey")
    assert "r0" in page  # a row as it is
    answer = client.post(f"/c/{cycle.key}/data/map/", {**form, "do": "save"})
    assert answer.status_code == 302
    head, _version = documents.current(cycle, registry.HEAD)
    assert head.data["survey"].table == "answers"
    assert [one.id for one in head.items] == ["friendly", "fast", "overall"]
    assert {(one.scale_min, one.scale_max) for one in head.items} == {(1, 5)}
    assert AuditEntry.objects.filter(cycle=cycle, action="data.import").count() == 1
    assert Job.objects.filter(cycle=cycle, kind="import", state="waiting").count() == 1
    work(cycle)
    # 40 questionnaires with three answers; of the last one 2 and 3 are answers and 9 is none.
    assert rows_of(cycle) == {"answers": 122}


def test_what_is_wrong_is_said_before_the_import(cycle: Any, client_of: Callable[[str], Any]) -> None:
    from nonagon.process import documents, registry

    client = client_of("analyst")
    upload(client, cycle, "survey.csv", SURVEY)
    _page, form = mapped(client, cycle, {"file": "survey.csv"})
    used = next(key for key, value in form.items() if value == "columns.respondent_id")
    answer = client.post(f"/c/{cycle.key}/data/map/", {**form, used: "", "do": "save"})
    assert answer.status_code == 422
    assert "must say where respondent_id comes from" in unescape(answer.content.decode())
    assert documents.current(cycle, registry.HEAD)[0].data == {}


def test_the_trial_says_what_would_be_refused_and_why(cycle: Any, client_of: Callable[[str], Any]) -> None:
    client = client_of("analyst")
    upload(client, cycle, "survey.csv", SURVEY)
    _page, form = mapped(client, cycle, {"file": "survey.csv"})
    page = unescape(client.post(f"/c/{cycle.key}/data/map/", {**form, "do": "look"}).content.decode())
    # The day 31 February stands in the last line: a header and forty questionnaires before it.
    assert "31.02.2025" in page
    row = page[page.index("What would not be taken") :]
    assert re.search(r">42<.*?Date.*?31\.02\.2025", row, re.DOTALL)


def test_all_or_nothing_refuses_the_import_and_says_which_line(
    cycle: Any, client_of: Callable[[str], Any]
) -> None:
    from nonagon.basics.errors import InputError

    client = client_of("analyst")
    upload(client, cycle, "survey.csv", SURVEY)
    _page, form = mapped(client, cycle, {"file": "survey.csv"})
    client.post(f"/c/{cycle.key}/data/map/", {**form, "do": "save", "strict": "yes"})
    with pytest.raises(InputError) as caught:
        work(cycle)
    assert [(one.file, one.line, one.key) for one in caught.value.mistakes][1:] == [("survey.csv", 42, "Date")]
    assert rows_of(cycle) == {}
    # The same file without that line goes in whole.
    good = SURVEY.rsplit("\n", 2)[0] + "\n"
    source = {"files": SimpleUploadedFile("survey.csv", good.encode()), "strict": "yes"}
    from nonagon.process.models import Job

    Job.objects.filter(cycle=cycle).delete()
    client.post(f"/c/{cycle.key}/data/source/survey/newer", source)
    work(cycle)
    assert rows_of(cycle) == {"answers": 120}


def test_a_form_that_is_sent_back_as_it_is_changes_nothing(
    client_of: Callable[[str], Any], cycle: Any, tmp_path: Path
) -> None:
    """For every source of the bus example: alternatives, patterns, caps, maps, filters, formats, joined names."""
    from nonagon.imports.mapping import Source
    from nonagon.pipeline.folder import read_cycle
    from nonagon.process.places import files_of
    from nonagon.workspace import sources

    bus = tmp_path / "bus"
    made = Path(__file__).parents[2] / "examples" / "bus"
    shutil.copytree(made, bus, ignore=shutil.ignore_patterns("data", "out", "__pycache__"))
    subprocess.run([sys.executable, bus / "make.py"], check=True, capture_output=True)
    head = read_cycle(bus).value
    assert head is not None
    (files_of(cycle) / "data").symlink_to(bus / "data")
    for name, source in head.data.items():
        said = sources.as_said(source)
        titles = [(title, "", ()) for title in _header(bus, source)]
        sent = _as_sent(said, titles)
        again = Source.model_validate(sources.from_form(sent, said))
        assert again.model_dump(mode="json") == source.model_dump(mode="json"), name


def _header(bus: Path, source: Any) -> tuple[str, ...]:
    from nonagon.imports.files import matching
    from nonagon.imports.readers import open_parts

    file, path = matching(source.files, bus)[0]
    return open_parts(path, file, source)[0].header


def _as_sent(said: dict[str, Any], titles: list[Any]) -> dict[str, str]:
    """The fields as the template names them."""
    from nonagon.workspace import sources

    sent = {
        "table": said["table"],
        "files": "\n".join([said["files"]] if isinstance(said["files"], str) else said["files"]),
        "encoding": said.get("encoding", ""),
        "delimiter": said.get("delimiter", ""),
        "header_row": str(said.get("header_row", 1)),
        "sheet": sources.in_list(said.get("sheet", "")),
        "unique": sources.in_list(said.get("unique", "")),
    }
    for row in sources.column_rows(said, titles):
        sent |= {f"header.{row.place}": row.title, f"use.{row.place}": row.use, f"as.{row.place}": row.name}
    for special in sources.special_rows(said, [title for title, _about, _some in titles]):
        sent[f"how.{special.section}.{special.name}"] = special.how
        sent[f"what.{special.section}.{special.name}"] = special.what
    for rule in sources.rule_rows(said):
        sent[f"rules.{rule.name}"] = "yes"
        sent |= {f"rule.{rule.name}.{key}": text.replace("\n", "\r\n") for key, text in rule.fields.items()}
    for one in sources.filter_rows(said):
        for key in ("column", "one_of", "none_of", "at_least", "below"):
            sent[f"filter.{one.place}.{key}"] = getattr(one, key)
    return sent


def test_the_mapping_as_text_is_taken(cycle: Any, client_of: Callable[[str], Any]) -> None:
    client = client_of("analyst")
    upload(client, cycle, "till.csv", TILL)
    _page, form = mapped(client, cycle, {"file": "till.csv"})
    text = (
        '[data.till]\ntable = "sales"\nfiles = "till.csv"\n[data.till.columns]\n'
        'sale_id = "Invoice"\ndate = "Date"\namount = { multiply = ["Amount", "Amount"] }\n'
    )
    page = client.post(f"/c/{cycle.key}/data/map/", {**form, "text": text, "do": "text"}).content.decode()
    form = form_of(page)
    assert form["how.columns.amount"] == "written"
    client.post(f"/c/{cycle.key}/data/map/", {**form, "name": "till", "do": "save"})
    work(cycle)
    assert rows_of(cycle) == {"sales": 12}
    bad = client.post(f"/c/{cycle.key}/data/map/", {**form, "text": "table = = 3", "do": "text"})
    assert "neither TOML nor JSON" in bad.content.decode()


def test_a_newer_file_is_imported_by_the_saved_mapping(cycle: Any, client_of: Callable[[str], Any]) -> None:
    client = client_of("analyst")
    upload(client, cycle, "till.csv", TILL)
    _page, form = mapped(client, cycle, {"file": "till.csv"})
    client.post(f"/c/{cycle.key}/data/map/", {**form, "do": "save"})
    work(cycle)
    before = cycle.facts["sales"]
    newer = SimpleUploadedFile("export of today.csv", f"{TILL}13,2025-01-14,7\n".encode())
    client.post(f"/c/{cycle.key}/data/source/{form['name']}/newer", {"files": newer})
    work(cycle)
    assert rows_of(cycle) == {"sales": 13}
    assert cycle.facts["sales"]["label"] != before["label"]
    other = SimpleUploadedFile("export.xlsx", b"PK\x03\x04")
    answer = client.post(f"/c/{cycle.key}/data/source/{form['name']}/newer", {"files": other}, follow=True)
    assert "fits none of the names" in answer.content.decode()


def test_a_newer_file_of_a_pattern_stands_beside_the_others() -> None:
    from nonagon.imports.mapping import Source
    from nonagon.workspace.services import _place_for

    source = Source.model_validate({"table": "sales", "files": ["tills/2025_*.csv", "old.csv"]})
    assert _place_for(source, "2025_03.csv") == "tills/2025_03.csv"
    assert _place_for(source, "old.csv") == "old.csv"
    assert _place_for(source, "2024_03.csv") is None


def test_the_second_editor_of_a_source_is_told(cycle: Any, client_of: Callable[[str], Any]) -> None:
    from nonagon.process import documents, registry

    first, second = client_of("analyst"), client_of("quality_manager")
    upload(first, cycle, "till.csv", TILL)
    _page, mine = mapped(first, cycle, {"file": "till.csv"})
    _page, theirs = mapped(second, cycle, {"file": "till.csv"})
    assert (
        second.post(f"/c/{cycle.key}/data/map/", {**theirs, "unique": "sale_id", "do": "save"}).status_code == 302
    )
    answer = first.post(f"/c/{cycle.key}/data/map/", {**mine, "do": "save"})
    assert answer.status_code == 422
    assert "changed or added by somebody else" in answer.content.decode()
    assert documents.current(cycle, registry.HEAD)[0].data[mine["name"]].unique == ("sale_id",)


def test_questions_that_the_register_lacks_are_offered(cycle: Any, client_of: Callable[[str], Any]) -> None:
    from nonagon.process import documents, registry

    client = client_of("analyst")
    lines = "".join(f"r{n},2025-02-0{1 + n % 9},{q},{n % 11}\n" for n in range(30) for q in ("nps", "Overall"))
    upload(client, cycle, "long.csv", "Respondent,Date,Question,Score\n" + lines)
    _page, form = mapped(client, cycle, {"file": "long.csv"})
    client.post(f"/c/{cycle.key}/data/map/", {**form, "do": "save"})
    work(cycle)
    page = client.get(f"/c/{cycle.key}/data/").content.decode()
    assert "Questions that the register does not know" in page
    sent = {"item": ["nps"], "text.nps": "Would you recommend us?", "kind.nps": "recommend"}
    client.post(f"/c/{cycle.key}/data/items", {**sent, "min.nps": "0", "max.nps": "10"})
    (item,) = documents.current(cycle, registry.HEAD)[0].items
    assert (item.id, item.kind, item.scale_min, item.scale_max) == ("nps", "recommend", 0, 10)
    assert 'value="Overall"' in client.get(f"/c/{cycle.key}/data/").content.decode()


def test_removing_a_source_removes_its_facts_and_leaves_its_file(
    computed_cycle: Any, client_of: Callable[[str], Any]
) -> None:
    from nonagon.workspace.places import files_of

    client = client_of("analyst")
    answer = client.post(f"/c/{computed_cycle.key}/data/remove-file", {"name": "data/sales.csv"}, follow=True)
    assert "remove the source first" in answer.content.decode()
    client.post(f"/c/{computed_cycle.key}/data/source/shop/remove")
    work(computed_cycle)
    assert set(rows_of(computed_cycle)) == {"customers", "answers", "verbatims", "measurements"}
    assert (files_of(computed_cycle) / "data" / "sales.csv").is_file()
    client.post(f"/c/{computed_cycle.key}/data/remove-file", {"name": "data/sales.csv"})
    assert not (files_of(computed_cycle) / "data" / "sales.csv").exists()


def test_the_data_page_of_a_whole_cycle(computed_cycle: Any, client_of: Callable[[str], Any]) -> None:
    page = client_of("viewer").get(f"/c/{computed_cycle.key}/data/").content.decode()
    # builders/folder.py: 60 customers, 500 sales, 200 measurements, 60 comments.
    for rows in (">60<", ">500<", ">200<"):
        assert rows in page
    assert "Bring files in" not in page
    assert "data/sales.csv" in page


# --- rejects --------------------------------------------------------------------------------------------


def test_rejects_are_filtered_shown_and_taken_out(cycle: Any, client_of: Callable[[str], Any]) -> None:
    client = client_of("analyst")
    lines = [f"{n},2025-02-{n:02d},{n}\n" for n in range(13, 29)] + ["29,never,6\n", "30,2025-03-04,=1+1\n"]
    upload(client, cycle, "till.csv", TILL + "".join(lines))
    _page, form = mapped(client, cycle, {"file": "till.csv"})
    client.post(f"/c/{cycle.key}/data/map/", {**form, "do": "save"})
    work(cycle)
    # Of 30 sales one has no day and one an amount that is no number.
    assert rows_of(cycle) == {"sales": 28}
    page = client.get(f"/c/{cycle.key}/data/rejects/", {"q": "never"}).content.decode()
    assert "never" in page
    assert "=1+1" not in page
    text = b"".join(client.get(f"/c/{cycle.key}/data/rejects.csv", {"kind": "refused"})).decode()
    lines = text.splitlines()
    assert lines[0] == "source,file,sheet,line,row,column,value,reason,kind"
    assert len(lines) == 3
    assert ",'=1+1," in text  # a spreadsheet does not compute with it
    assert len(b"".join(client.get(f"/c/{cycle.key}/data/rejects.csv", {"q": "no such text"})).splitlines()) == 1


# --- what people type -----------------------------------------------------------------------------------


def test_rows_that_people_type_are_facts_and_part_of_the_archive(
    cycle: Any, actor_of: Callable[[str], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nonagon.process import documents, jobs, registry
    from nonagon.workspace.places import files_of

    rows: list[tuple[Any, ...]] = [("waiting", "2025-03-01T09:00", 4.5), ("waiting", "2025-03-02T09:00", None)]

    def typed(asked: Any) -> list[registry.TypedRows]:
        columns = ("characteristic", "at", "value")
        return [registry.TypedRows("typed_measurements", "measurements", columns, rows if asked == cycle else [])]

    monkeypatch.setattr(registry, "_typed", [typed])
    jobs.enqueue("import", cycle=cycle, person=actor_of("frontline").person)
    work(cycle)
    assert rows_of(cycle) == {"measurements": 1}  # a row without a value is no measurement
    assert (files_of(cycle) / "typed" / "typed_measurements.csv").read_text().splitlines() == [
        "characteristic,at,value",
        "waiting,2025-03-01T09:00,4.5",
        "waiting,2025-03-02T09:00,",
    ]
    head, version = documents.current(cycle, registry.HEAD)
    assert list(head.data) == ["typed_measurements"]
    # Again without news: neither a new version of the head nor of the facts.
    label = cycle.facts["measurements"]["label"]
    jobs.enqueue("import", cycle=cycle, person=actor_of("frontline").person)
    work(cycle)
    assert documents.current(cycle, registry.HEAD)[1] == version
    assert cycle.facts["measurements"]["label"] == label
    # All taken back: the source goes, and its facts.
    rows.clear()
    jobs.enqueue("import", cycle=cycle, person=actor_of("frontline").person)
    work(cycle)
    assert rows_of(cycle) == {}


def test_one_waiting_import_is_enough(cycle: Any, owner: Any) -> None:
    from nonagon.process import jobs

    first = jobs.enqueue("import", cycle=cycle, person=owner)
    assert jobs.enqueue("import", cycle=cycle, person=owner).pk == first.pk
    strict = jobs.enqueue("import", cycle=cycle, person=owner, arguments={"strict": ["a"]})
    assert strict.pk != first.pk
