"""The documentation says what the code does: every example runs, every output and generated part is current."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_build", ROOT / "docs" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


build = _load()
PAGES = build.pages()
METHOD_PAGES = [page for page in PAGES if build.module_of(page)]


def names(page: Path) -> str:
    return str(page.relative_to(ROOT / "docs"))


@pytest.mark.parametrize("page", PAGES, ids=names)
def test_the_page_shows_what_its_examples_and_the_code_give(page: Path) -> None:
    outcome = build.up_to_date(page)
    assert outcome.faults == []
    assert outcome.text == page.read_text(encoding="utf-8"), "stale: run make docs"
    assert [fault for path, chart in outcome.pictures.items() for fault in build.picture_faults(path, chart)] == []


def test_every_method_module_has_a_page_or_a_reason_for_none() -> None:
    assert build.coverage_faults() == []


def test_each_picture_is_shown_by_a_page() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in METHOD_PAGES)
    shown = {path.name for path in (build.METHODS / "pictures").glob("*.svg")}
    assert shown == {name for name in shown if f"(../pictures/{name})" in text}


def test_links_lead_somewhere() -> None:
    broken = []
    for page in PAGES:
        for target in build.links(page.read_text(encoding="utf-8")):
            if not (page.parent / target).exists():
                broken.append(f"{names(page)} -> {target}")
    assert broken == []


def changed(page: Path, old: str, new: str, tmp_path: Path) -> Any:
    """What the build makes of a page in which one thing was changed."""
    text = page.read_text(encoding="utf-8")
    assert old in text
    copy = tmp_path / page.name
    copy.write_text(text.replace(old, new, 1), encoding="utf-8")
    return copy, build.up_to_date(copy)


PROPORTION = build.METHODS / "survey" / "proportion.md"


def test_an_output_that_is_no_longer_true_is_found(tmp_path: Path) -> None:
    copy, outcome = changed(PROPORTION, "45 of 60 (75.0%)", "45 of 60 (76.0%)", tmp_path)
    assert outcome.text != copy.read_text(encoding="utf-8")
    assert "45 of 60 (75.0%)" in outcome.text


def test_an_example_that_fails_is_named_with_its_line(tmp_path: Path) -> None:
    _, outcome = changed(PROPORTION, "proportion(x=45, n=60)", "proportion(x=45, n=-60)", tmp_path)
    assert len(outcome.faults) >= 1
    assert "the example fails: ArgumentError" in outcome.faults[0]
    assert outcome.faults[0].startswith("line ")


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("**Question.**", "Question:", "does not open with"),
        ("## Variants", "## Other", "'## Variants'"),
        ("## When not to use it", "## End", "'## When not to use it'"),
        ("```python run", "```python", "shows no worked example"),
    ],
)
def test_a_page_without_a_part_written_by_hand_is_found(old: str, new: str, fault: str) -> None:
    text = PROPORTION.read_text(encoding="utf-8").split(build.GENERATED)[0]
    assert build.thin_parts(text) == []
    assert any(fault in one for one in build.thin_parts(text.replace(old, new)))


def test_a_module_without_a_page_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    modules = [*build.method_modules(), "spc.chart_of_tomorrow"]
    monkeypatch.setattr(build, "method_modules", lambda: modules)
    assert any("spc.chart_of_tomorrow: has no page" in fault for fault in build.coverage_faults())


def test_a_family_that_nobody_can_choose_from_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    modules = [*build.method_modules(), "weather.forecast"]
    monkeypatch.setattr(build, "method_modules", lambda: modules)
    assert any("has no '<!-- family weather -->'" in fault for fault in build.coverage_faults())


def test_a_page_without_a_module_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    modules = [one for one in build.method_modules() if one != "survey.proportion"]
    monkeypatch.setattr(build, "method_modules", lambda: modules)
    assert any("proportion.md: there is no such method module" in fault for fault in build.coverage_faults())


def test_a_picture_drawn_from_other_numbers_is_stale() -> None:
    outcome = build.up_to_date(PROPORTION)
    [(path, chart)] = outcome.pictures.items()
    assert build.picture_faults(path, chart) == []
    other = build.up_to_date(build.METHODS / "survey" / "nps.md")
    assert build.picture_faults(path, next(iter(other.pictures.values()))) == [f"the picture {path.name} is stale"]


def test_the_generated_part_names_every_argument_and_field() -> None:
    text = PROPORTION.read_text(encoding="utf-8").split(build.GENERATED)[1]
    for expected in (
        "x: float,",
        "confidence: float = 0.95,",
        "`'wilson'`, `'clopper_pearson'`",
        "| `low` | `float` |",
    ):
        assert expected in text
