"""The report as one self-contained HTML file: no script, no other file, made for screen and paper."""

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from nonagon import __version__
from nonagon.charts.render import render, themed
from nonagon.charts.section import Chart, Figures, Heading, Paragraph, Table
from nonagon.charts.wording import plural
from nonagon.reports.contents import CHAIN_WORDS, FINDING_WORDS, StepPart, contents
from nonagon.reports.inputs import ReportInput
from nonagon.reports.letters import printable
from nonagon.reports.pictures import SCALE, drawn
from nonagon.reports.ring import STATE_WORDS, ring
from nonagon.reports.tongue import Tongue
from nonagon.ui.drawings import drawing_in, spec_in


@dataclass(frozen=True, slots=True)
class _Part:
    """One block ready for the template: its kind and its content."""

    kind: str
    block: Any
    svg: Markup | None = None


def html_report(inp: ReportInput) -> str:
    """The whole report as text. The same input gives the same text."""
    return page(inp, printed=False)


def page(inp: ReportInput, *, printed: bool) -> str:
    """The report's HTML. printed: drawings in plain colours, for what knows no CSS variables inside a drawing."""
    said, tongue = contents(inp), inp.tongue
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            say=tongue.said,
            words=tongue.words,
            apart=tongue.apart,
            turned=_turned(tongue),
            tongue=tongue,
            cycle=inp.cycle,
            version=__version__,
            versions=inp.versions,
            effectiveness=said.effectiveness,
            state_words=STATE_WORDS,
            finding_words=FINDING_WORDS,
            ring=_drawing(ring_of(inp), printed, tongue),
            headlines=said.headlines,
            silent=said.silent,
            sections=[_prepared(one, printed, tongue) for one in said.steps],
            chain_headings=[CHAIN_WORDS[kind] for kind in said.chain_kinds],
            chains=said.chains,
            orphans=said.orphans,
            dead_ends=said.dead_ends,
            intake=inp.intake,
            next_ones=said.next_ones,
            left_out=said.left_out,
            mark=inp.mark,
            printed=printed,
            sign_offs=inp.sign_offs,
            plural=plural,
        )
    )


def _turned(tongue: Tongue) -> Callable[[str], str]:
    """The attribute of an element whose text runs otherwise than the report."""

    def turned(text: str) -> str:
        return Markup(' dir="ltr"') if tongue.runs_otherwise(text) else ""

    return turned


def ring_of(inp: ReportInput) -> str:
    """The ring of nine as the report's first page shows it."""
    states = {one.step: (one.state, one.title) for one in inp.effectiveness.steps}
    ready = sum(1 for one in inp.effectiveness.steps if one.state == "ready")
    middle = "\n".join(
        map(inp.tongue.drawn, inp.tongue.words("{ready} of 9\nsteps ready", ready=ready).split("\n"))
    )
    return drawing_in(inp.language, themed(ring(states, inp.effectiveness.weakest, middle=middle), name="ring"))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("nonagon.reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["css_string"] = css_string
    return environment


def css_string(text: str) -> Markup:
    """A text as a string of a style sheet, every character but letters, digits and spaces by its code.

    >>> print(css_string("Ann </style>"))
    "Ann \\3c \\2f style\\3e "
    """
    written = "".join(one if one.isalnum() or one == " " else f"\\{ord(one):x} " for one in text)
    return Markup(f'"{written}"')


def _prepared(one: StepPart, printed: bool, tongue: Tongue) -> dict[str, Any]:
    blocks = enumerate(one.section.blocks)
    return {
        "section": one.section,
        "parts": [_part(block, f"s{one.section.step}-{place}", printed, tongue) for place, block in blocks],
        "findings": one.findings,
        "lacks": one.lacks,
        "origins": one.origins,
        "numbers": one.numbers,
        "state": one.state,
        "sign_off": one.sign_off,
    }


def _part(block: Any, name: str, printed: bool, tongue: Tongue) -> _Part:
    if isinstance(block, Chart):
        language = tongue.language
        spec = None if block.spec is None else spec_in(language, block.spec)
        svg = render(spec, name=name) if spec is not None else themed(block.svg, name=name)
        return _Part("chart", block, _drawing(drawing_in(language, svg), printed, tongue))
    kinds = {Heading: "heading", Paragraph: "paragraph", Figures: "figures", Table: "table"}
    return _Part(kinds[type(block)], block)


def _drawing(svg: str, printed: bool, tongue: Tongue) -> Markup:
    if not printed:
        return Markup(svg)
    # What prints sets the letters of a drawing one by one, which joined letters do not bear.
    return _pictured(plain(svg)) if tongue.right_to_left else Markup(printable(plain(svg)))


PAPER = '<rect width="100%" height="100%" fill="#ffffff"/>'


def _pictured(svg: str) -> Markup:
    """A drawing as a picture that holds its own data; the element around it says what it shows."""
    made = drawn(re.sub(r"(<svg\b[^>]*>)", rf"\1{PAPER}", svg, count=1), "")
    data = base64.b64encode(made.png).decode("ascii")
    width = made.width / SCALE
    return Markup('<img alt="" style="width:100%;max-width:{}px" src="data:image/png;base64,{}">').format(
        f"{width:.0f}", data
    )


def plain(svg: str) -> str:
    """A drawing in the light colours themselves instead of CSS variables.

    >>> plain('<path fill="var(--ink, #1d2433)"/>')
    '<path fill="#1d2433"/>'
    """
    return re.sub(r'="var\(--[a-z0-9-]+, (#[0-9a-f]{6})\)"', r'="\1"', svg)
