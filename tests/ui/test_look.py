"""The look: colours that agree and can be read, icons and words that are there, a lock file without addresses."""

import json
import re
from pathlib import Path

import pytest

from nonagon.charts.theme import COLOURS
from nonagon.ui.words import WORDS

ROOT = Path(__file__).resolve().parents[2]
ASSETS = ROOT / "assets"
TEMPLATES = sorted((ROOT / "src" / "nonagon").rglob("templates/**/*.html"))
SCRIPTS = sorted(path for path in ASSETS.rglob("*.ts"))
SPEAKING = [
    path for path in SCRIPTS if re.search(r"import \{[^}]*\bsay\b[^}]*\} from", path.read_text(encoding="utf-8"))
]
SHEET = (ASSETS / "css" / "colours.css").read_text(encoding="utf-8")
REPORT = (ROOT / "src" / "nonagon" / "reports" / "templates" / "report.css").read_text(encoding="utf-8")
PAIRS = {
    name: (light, dark)
    for name, light, dark in re.findall(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", SHEET)
}


def tokens(sheet: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", sheet))


def test_light_colours_are_those_of_the_charts() -> None:
    assert {name: PAIRS[name][0] for name in COLOURS} == COLOURS


@pytest.mark.parametrize(("mode", "place"), [("light", 0), ("dark", 1)])
def test_colours_are_those_of_the_report(mode: str, place: int) -> None:
    light, _, dark = REPORT.partition("prefers-color-scheme: dark")
    report = tokens(light if mode == "light" else dark.partition("* {")[0])
    assert len(report) >= len(COLOURS)
    assert {name: PAIRS[name][place] for name in report} == report


def luminance(colour: str) -> float:
    # WCAG 2.2, definition of relative luminance
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_counted_as_the_standard_counts_it() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)  # WCAG 2.2: black on white
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)  # the lightest grey that passes AA


GROUNDS = ("paper", "panel", "raised")
TEXTS = ("ink", "muted", "link", "good", "bad", *(f"series-{place}" for place in range(1, 7)))


@pytest.mark.parametrize("place", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("text", TEXTS)
def test_text_can_be_read(text: str, ground: str, place: int) -> None:
    # WCAG 2.2 AA, 1.4.3: 4.5 to 1 for text
    assert contrast(PAIRS[text][place], PAIRS[ground][place]) >= 4.5


@pytest.mark.parametrize("place", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("filled", ["series-1", "bad", "good"])
def test_text_on_filled_buttons_can_be_read(filled: str, place: int) -> None:
    assert contrast(PAIRS["on-colour"][place], PAIRS[filled][place]) >= 4.5


@pytest.mark.parametrize("place", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ground", GROUNDS)
def test_edges_of_inputs_can_be_seen(ground: str, place: int) -> None:
    # WCAG 2.2 AA, 1.4.11: 3 to 1 for what identifies a control
    assert contrast(PAIRS["edge"][place], PAIRS[ground][place]) >= 3


def named_icons() -> set[str]:
    lines = (ASSETS / "icons.txt").read_text(encoding="utf-8").splitlines()
    return {line.strip() for line in lines if line.strip() and not line.startswith("#")}


def used_icons() -> set[str]:
    found = set()
    for path in TEMPLATES:
        found |= set(re.findall(r"""{% icon(?:_address)? ["']([\w-]+)["']""", path.read_text(encoding="utf-8")))
    for path in SCRIPTS:
        found |= set(re.findall(r"""\bicon\("([\w-]+)"\)""", path.read_text(encoding="utf-8")))
    return found


def test_every_icon_that_is_used_is_named() -> None:
    from nonagon.ui.templatetags.ui_tags import STATE_ICONS

    assert len(used_icons()) > 20
    assert (used_icons() | set(STATE_ICONS.values())) - named_icons() == set()


def test_scripts_say_only_what_the_page_gives_them() -> None:
    said = set()
    for path in SPEAKING:
        said |= set(re.findall(r"""\bsay\("(\w+)\"""", path.read_text(encoding="utf-8")))
    assert len(said) > 40
    assert said - set(WORDS) == set()


@pytest.mark.parametrize("state", ["saved", "saving", "offline", "refused"])
def test_each_state_of_saving_has_words(state: str) -> None:
    # edits.ts, type State; main.ts puts them together with "state_"
    assert f"state_{state}" in WORDS


def test_versions_are_exact_and_the_lock_agrees() -> None:
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    asked = package["devDependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in asked.values())
    assert {name: lock["packages"][f"node_modules/{name}"]["version"] for name in asked} == asked


def test_the_lock_holds_hashes_and_no_addresses() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    entries = {name: one for name, one in lock["packages"].items() if name}
    assert [name for name, one in entries.items() if "resolved" in one or "funding" in one] == []
    assert [name for name, one in entries.items() if not one.get("integrity", "").startswith("sha512-")] == []
