"""Brings the documentation up to date with the code, or says what is stale.

    python docs/build.py            runs every example, rewrites outputs, pictures and generated parts
    python docs/build.py --check    writes nothing; fails when something is stale, missing or thin

In any page under docs/, a block that opens with ```python run is executed (the blocks of a page share their
names) and what it prints stands in the ```text block after it. A comment `<!-- picture NAME ... -->` holds the
lines that draw a picture: they bind `chart`, a nonagon.charts Chart; the image and its table are written here.
A page of a method also has a generated part: signatures, docstrings and the fields of results.
"""

import contextlib
import hashlib
import importlib
import io
import json
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS))

import signatures  # noqa: E402

METHODS = DOCS / "reference" / "methods"
SOURCES = DOCS.parent / "src" / "nonagon" / "methods"

INTERNAL = {
    "identity.doubt": "the order of step 1's review queue",
    "spc.absorbing_chain": "the solver under arl_ewma and arl_cusum",
    "spc.control_chart": "the result that every chart shares; its fields stand on each chart's page",
    "spc.moving_filter": "the recursion under chart_ewma",
    "spc.subgroups": "reads subgroups for the charts, capability and sigma_within",
    "rules.windows": "counts in windows for both sets of rules; its result stands on their pages",
    "ranks.pairwise": "critical values under rank_confidence_set, rank_confidence and spread",
    "ranks.shrinkage": "the hierarchical model under rank_confidence and spread",
    "value.newton": "the optimizer under the customer-base models",
    "effects.regression": "least squares and its errors under interrupted_time_series, diff_in_diff and lag",
    "measurement.study": "reads and checks a gauge study for both gauge_rr methods",
}
"""Modules without a page, each with the reason: they hold nothing that a user calls."""

SECTIONS = ("Example", "Variants", "When not to use it")
LEAST_WORDS = 8
BIGGEST_PICTURE = 60_000

_EXAMPLE = re.compile(
    r"^```python run\n(?P<code>.*?)^```\n(?P<shown>\n```text\n.*?^```\n)?", re.MULTILINE | re.DOTALL
)
AS_TABLE = "<details><summary>The picture as a table</summary>"
_PICTURE = re.compile(
    r"^<!-- picture (?P<name>[\w-]+)\n(?P<code>.*?)^-->\n"
    rf"(?P<shown>!\[[^\n]*\]\([^\n]*\)\n(?:\n{AS_TABLE}\n.*?\n</details>\n)?)?",
    re.MULTILINE | re.DOTALL,
)
_BLOCK = re.compile(f"(?:{_EXAMPLE.pattern.replace('P<', 'P<example_')})|(?:{_PICTURE.pattern})", re.M | re.S)
GENERATED = "<!-- generated from the code by docs/build.py; edit the docstrings there -->\n<!-- fmt: off -->\n"
_FAMILY = re.compile(r"^<!-- family (?P<name>\w+) -->\n.*?^<!-- end -->\n", re.MULTILINE | re.DOTALL)


@dataclass
class Outcome:
    """What a page should say, the pictures it draws, and what is wrong with it."""

    text: str
    pictures: dict[Path, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def pages(docs: Path = DOCS) -> list[Path]:
    """Every page of the documentation."""
    return sorted(docs.rglob("*.md"))


def method_modules(sources: Path = SOURCES) -> list[str]:
    """Every module of the methods library as family.name, internal ones included."""
    return sorted(f"{path.parent.name}.{path.stem}" for path in sources.glob("*/*.py") if path.stem != "__init__")


def page_of(module: str) -> Path:
    """Where the page of a method module stands."""
    family, name = module.split(".")
    return METHODS / family / f"{name}.md"


def module_of(page: Path) -> str | None:
    """The method module that a page is about, None for other pages."""
    if page.is_relative_to(METHODS) and page.parent.parent == METHODS:
        return f"{page.parent.name}.{page.stem}"
    return None


def up_to_date(page: Path) -> Outcome:
    """The page as it should be: examples run, generated parts written anew."""
    outcome = Outcome(page.read_text(encoding="utf-8"))
    module = module_of(page)
    if module is not None:
        outcome.text = outcome.text.split(GENERATED)[0].rstrip("\n") + "\n"
        outcome.faults += thin_parts(outcome.text)
    _run_blocks(page, outcome)
    if module is not None:
        outcome.text += f"\n{GENERATED}\n{signatures.reference(f'nonagon.methods.{module}', internal=INTERNAL)}"
    outcome.text = _FAMILY.sub(lambda found: family_part(found["name"]), outcome.text)
    return outcome


def thin_parts(text: str) -> list[str]:
    """What a method's page lacks of the parts that are written by hand."""
    faults = []
    if not re.search(r"^# \S.*\n\n\*\*Question\.\*\* \S", text, re.MULTILINE):
        faults.append("does not open with a title and a line '**Question.** ...'")
    parts = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))
    for name in SECTIONS:
        if len(parts.get(name, "").split()) < LEAST_WORDS:
            faults.append(f"has no part '## {name}' of at least {LEAST_WORDS} words")
    if not _EXAMPLE.search(parts.get("Example", "")):
        faults.append("shows no worked example (```python run)")
    return faults


def family_part(family: str) -> str:
    """The table of a family's methods for the page that helps to choose."""
    intro = importlib.import_module(f"nonagon.methods.{family}").__doc__ or ""
    rows = [
        f"| [{module.split('.')[1]}]({family}/{module.split('.')[1]}.md) | {signatures.summary(module)} |"
        for module in method_modules()
        if module.startswith(f"{family}.") and module not in INTERNAL
    ]
    choosing = intro.split("\n", 1)[1].strip() if "\n" in intro else ""
    choosing = _linked(signatures.prose(re.sub(r"^Choosing[.:] ", "", choosing)))
    table = "\n".join(["| method | answers |", "|---|---|", *rows])
    return f"<!-- family {family} -->\n{choosing}\n\n{table}\n<!-- end -->\n"


def _linked(text: str) -> str:
    """Names of methods in backticks as links, seen from the page that helps to choose."""
    pages = {module.split(".")[1]: page_of(module) for module in method_modules() if module not in INTERNAL}

    def link(found: re.Match[str]) -> str:
        page = pages.get(found[1])
        return found[0] if page is None else f"[`{found[1]}`]({page.relative_to(METHODS)})"

    return re.sub(r"`(\w+)`", link, text)


def _run_blocks(page: Path, outcome: Outcome) -> None:
    names: dict[str, Any] = {"__name__": "example"}

    def run(found: re.Match[str]) -> str:
        line = outcome.text.count("\n", 0, found.start()) + 2
        code = found["code"] if found["name"] else found["example_code"]
        printed = io.StringIO()
        try:
            with contextlib.redirect_stdout(printed):
                exec(compile("\n" * (line - 1) + code, str(page), "exec"), names)
        except Exception as error:  # one broken example must not hide the others
            outcome.faults.append(f"line {line}: the example fails: {type(error).__name__}: {error}")
            return found[0]
        if found["name"]:
            return _picture(page, found["name"], code, names, outcome)
        shown = f"\n```text\n{printed.getvalue()}```\n" if printed.getvalue() else ""
        return f"```python run\n{code}```\n{shown}"

    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        outcome.text = _BLOCK.sub(run, outcome.text)


def _picture(page: Path, name: str, code: str, names: dict[str, Any], outcome: Outcome) -> str:
    path = page.parent.parent / "pictures" / f"{name}.svg" if module_of(page) else page.parent / f"{name}.svg"
    chart = names.pop("chart", None)
    if chart is None:
        outcome.faults.append(f"the picture {name} does not bind `chart`")
        return f"<!-- picture {name}\n{code}-->\n"
    outcome.pictures[path] = chart
    where = f"../pictures/{path.name}" if module_of(page) else path.name
    return f"<!-- picture {name}\n{code}-->\n![{chart.alt}]({where})\n\n{_table(chart.table)}"


def _table(table: Any) -> str:
    """The table that belongs to every chart, folded away: it says the same to those who do not see the picture."""
    heads = [name or " " for name, _ in table.columns]
    ruler = ["--:" if align == "number" else "---" for _, align in table.columns]
    rows = [_row(cells) for cells in (heads, ruler, *table.rows)]
    note = f"\n{table.note}\n" if table.note else ""
    return f"{AS_TABLE}\n\n" + "\n".join(rows) + f"\n{note}\n</details>\n"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def links(text: str) -> list[str]:
    """The files that a page links to, code left out."""
    prose = re.sub(r"```.*?```|`[^`]*`", "", text, flags=re.DOTALL)
    found = re.findall(r"\]\(([^)\s]+)\)", prose)
    return [
        target.split("#")[0] for target in found if "://" not in target and not target.startswith(("#", "mailto:"))
    ]


def fingerprint(chart: Any) -> str:
    """What a picture is drawn from, in a few letters: the same on every machine, whatever its fonts."""
    from nonagon.charts.theme import config  # noqa: PLC0415

    drawn = chart.svg or json.dumps(_rounded([chart.spec, config()]), sort_keys=True)
    return hashlib.sha256(drawn.encode()).hexdigest()[:16]


def _rounded(value: Any) -> Any:
    """Floats to nine digits, so that the last bit of another processor makes no new picture."""
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    return [_rounded(inner) for inner in value] if isinstance(value, list | tuple) else value


def drawing(chart: Any, name: str) -> str:
    """The picture as a file of its own: plain colours on paper, so that it reads in any viewer."""
    from nonagon.charts.render import render, themed  # noqa: PLC0415
    from nonagon.charts.theme import COLOURS  # noqa: PLC0415

    svg = themed(chart.svg, name=name) if chart.svg else render(chart.spec, name=name)
    svg = re.sub(r"var\(--[\w-]+, ?(#[0-9a-fA-F]+)\)", r"\1", svg)
    if "font-family" not in svg:  # a file of its own has no page whose font it could take
        svg = svg.replace("<svg ", '<svg font-family="sans-serif" ', 1)
    opening = re.search(r"<svg\b[^>]*>", svg)
    assert opening is not None, f"{name} is no drawing"
    paper = f'<rect width="100%" height="100%" fill="{COLOURS["paper"]}"/>'
    mark = f"<!-- drawn from {fingerprint(chart)} -->"
    return f"{svg[: opening.end()]}{mark}{paper}{svg[opening.end() :]}\n"


def picture_faults(path: Path, chart: Any) -> list[str]:
    """Why the picture at `path` does not show `chart`, if so."""
    if not path.exists():
        return [f"the picture {path.name} is missing"]
    text = path.read_text(encoding="utf-8")
    if f"drawn from {fingerprint(chart)}" not in text:
        return [f"the picture {path.name} is stale"]
    if len(text.encode()) > BIGGEST_PICTURE:
        return [f"the picture {path.name} has {len(text.encode())} bytes; at most {BIGGEST_PICTURE} are allowed"]
    return []


def coverage_faults() -> list[str]:
    """Modules without a page, pages without a module, and internal ones that are not what they are said to be."""
    modules = method_modules()
    faults = [
        f"{module}: has no page {page_of(module).relative_to(DOCS.parent)}"
        for module in modules
        if module not in INTERNAL and not page_of(module).exists()
    ]
    faults += [
        f"{module}: is named as internal but does not exist" for module in INTERNAL if module not in modules
    ]
    index = (METHODS / "index.md").read_text(encoding="utf-8")
    faults += [
        f"docs/reference/methods/index.md: has no '<!-- family {family} -->'"
        for family in dict.fromkeys(module.split(".")[0] for module in modules)
        if f"<!-- family {family} -->" not in index
    ]
    faults += [f"{module}: is internal but has a page" for module in INTERNAL if page_of(module).exists()]
    faults += [
        f"{page.relative_to(DOCS.parent)}: there is no such method module"
        for page in METHODS.glob("*/*.md")
        if module_of(page) not in modules
    ]
    return faults


def check(outcomes: dict[Path, Outcome]) -> Iterator[str]:
    """Everything that is not as it should be, one line each."""
    yield from coverage_faults()
    drawn: set[Path] = set()
    for page, outcome in outcomes.items():
        name = page.relative_to(DOCS.parent)
        yield from (f"{name}: {fault}" for fault in outcome.faults)
        if outcome.text != page.read_text(encoding="utf-8"):
            yield f"{name}: is stale from line {_first_difference(page, outcome)} on; run make docs"
        for path, chart in outcome.pictures.items():
            drawn.add(path)
            yield from (f"{name}: {fault}" for fault in picture_faults(path, chart))
    for path in sorted((METHODS / "pictures").glob("*.svg")):
        if path not in drawn:
            yield f"{path.relative_to(DOCS.parent)}: no page shows this picture"


def _first_difference(page: Path, outcome: Outcome) -> int:
    old, new = page.read_text(encoding="utf-8").split("\n"), outcome.text.split("\n")
    return next((at for at, (one, other) in enumerate(zip(old, new, strict=False), 1) if one != other), len(old))


def write(outcomes: dict[Path, Outcome], say: Callable[[str], None] = print) -> None:
    """Pages and pictures as they should be; pictures that no page shows are removed."""
    drawn: dict[Path, Any] = {}
    for page, outcome in outcomes.items():
        if outcome.text != page.read_text(encoding="utf-8"):
            page.write_text(outcome.text, encoding="utf-8")
            say(f"wrote {page.relative_to(DOCS.parent)}")
        drawn |= outcome.pictures
    for path, chart in drawn.items():
        if picture_faults(path, chart):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(drawing(chart, path.stem), encoding="utf-8")
            say(f"drew {path.relative_to(DOCS.parent)}")
    for path in set((METHODS / "pictures").glob("*.svg")) - set(drawn):
        path.unlink()
        say(f"removed {path.relative_to(DOCS.parent)}")


def main() -> int:
    """Command line."""
    outcomes = {page: up_to_date(page) for page in pages()}
    if "--check" not in sys.argv[1:]:
        write(outcomes)
    faults = list(check(outcomes))
    for fault in faults:
        print(fault)
    print(f"{len(outcomes)} pages, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
