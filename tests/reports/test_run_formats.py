"""`nonagon run --formats`: which files are written, taken over, and named as left over."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from conftest import Finished
from nonagon.app.command import nonagon
from nonagon.basics.errors import MissingLibrary
from nonagon.pipeline.run import run


@pytest.fixture(scope="module")
def cycle(small_cycle: Finished, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the small cycle with its finished run."""
    folder = tmp_path_factory.mktemp("formats") / "small"
    shutil.copytree(small_cycle.folder, folder)
    return folder


def test_html_alone_by_default_then_more_then_taken_over_then_left_over(cycle: Path) -> None:
    out = cycle / "out"
    first = run(cycle)
    assert first.reports == (out / "report.html",)
    assert not (out / "report.xlsx").exists()

    second = run(cycle, formats=("xlsx", "slides"))
    assert second.reports == (out / "report.html", out / "report.xlsx", out / "report.pptx")
    record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert {"report.html", "report.xlsx", "report.pptx"} <= set(record["files"]) & set(record["keys"])
    workbook = (out / "report.xlsx").read_bytes()

    # Not asked for, but still what this run found: it stays vouched for.
    third = run(cycle)
    assert third.reports == second.reports
    assert (third.left_over, (out / "report.xlsx").read_bytes()) == ((), workbook)
    record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert "report.xlsx" in record["files"]

    # After an edit the old files no longer show what was found.
    text = (cycle / "cycle.toml").read_text(encoding="utf-8")
    assert 'name = "Small cycle"' in text
    (cycle / "cycle.toml").write_text(text.replace('name = "Small cycle"', 'name = "Other"'), encoding="utf-8")
    fourth = run(cycle)
    assert fourth.reports == (out / "report.html",)
    assert fourth.left_over == (out / "report.xlsx", out / "report.pptx")
    assert "Other" in (out / "report.html").read_text(encoding="utf-8")
    fifth = run(cycle, formats=("xlsx",))
    assert fifth.left_over == (out / "report.pptx",)
    assert (out / "report.xlsx").read_bytes() != workbook


def test_the_command_names_the_files(cycle: Path) -> None:
    answer = CliRunner().invoke(nonagon, ["run", str(cycle), "--formats", "html, slides,slides"])
    assert answer.exit_code == 0, answer.output
    assert answer.output.count("report.pptx") == 1
    assert answer.output.count("report.html") == 1


def test_an_unknown_format_is_refused_with_those_that_there_are(cycle: Path) -> None:
    answer = CliRunner().invoke(nonagon, ["run", str(cycle), "--formats", "html,docx"])
    assert answer.exit_code == 2
    assert "must be one of html, pdf, xlsx, slides; got 'docx'" in answer.output


def test_a_missing_library_is_told_before_anything_is_computed(
    cycle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nonagon.reports import pdf

    def missing() -> None:
        raise MissingLibrary("install pango")

    def never(path: Path) -> None:
        raise AssertionError("the folder was read")

    monkeypatch.setattr(pdf, "load", missing)
    monkeypatch.setattr("nonagon.pipeline.run.read_folder", never)
    with pytest.raises(MissingLibrary, match="install pango"):
        run(cycle, formats=("pdf",))
